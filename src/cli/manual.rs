//! What documents itself: the keys, the shell completions, the man page.

use clap::CommandFactory as _;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::arguments::{Arguments, Output};
use super::config::Config;
use super::exit::Exit;
use super::failure::{Failure, print};
use super::list::format;
use super::logging;
use crate::console::{Action, Context, Keymap};
use crate::fleet::{FieldKind, Sheet, SheetColumn, SheetValue};
use crate::report;

/// The keys in force: which, where, what they do, and the action's id in the configuration.
///
/// # Errors
///
/// If the configuration's keys cannot be used.
pub fn keys(config: &Config) -> Result<Sheet, Failure> {
    let keymap = Keymap::new(&config.keys).map_err(|error| Failure::usage(error.to_string()))?;
    let columns = ["keys", "where", "what", "action"];
    let rows = Action::ALL.iter().map(|action| {
        let keys: Vec<String> = keymap.keys(*action).iter().map(ToString::to_string).collect();
        let keys = if keys.is_empty() { SheetValue::Absent } else { SheetValue::Text(keys.join(" ")) };
        let place = match action.context() {
            Context::Everywhere => "everywhere",
            Context::Rows => "tables",
            Context::Table => "fleet",
            Context::Cost => "cost",
            Context::Quotas => "quotas",
            Context::Details => "details",
            Context::Operations => "operations",
        };
        let text = |text: &str| SheetValue::Text(text.to_owned());
        vec![keys, text(place), text(action.help()), text(action.id())]
    });
    Ok(Sheet {
        columns: columns.map(|name| SheetColumn { name, kind: FieldKind::Text }).to_vec(),
        rows: rows.collect(),
    })
}

/// `keys`.
///
/// # Errors
///
/// If the configuration's keys cannot be used.
pub(super) fn print_keys(config: &Config, output: Output) -> Result<Exit, Failure> {
    print(&report::render(&keys(config)?, format(output))?)?;
    Ok(Exit::Done)
}

/// `completions`.
///
/// # Errors
///
/// If it cannot be printed.
pub(super) fn print_completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "sagedeck", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}

/// `man`.
///
/// # Errors
///
/// If it cannot be printed.
pub(super) fn print_man() -> Result<Exit, Failure> {
    print(&String::from_utf8_lossy(&man()?))?;
    Ok(Exit::Done)
}

/// The man page: the program, each command, and what clap does not know.
fn man() -> std::io::Result<Vec<u8>> {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    let whole = Man::new(command.clone());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    let mut commands = Roff::new();
    commands.control("SH", ["COMMANDS"]);
    commands.to_writer(&mut page)?;
    for inner in command.get_subcommands() {
        describe(inner, "sagedeck", &mut page)?;
    }
    let mut rest = Roff::new();
    rest.control("SH", ["EXIT STATUS"]);
    for exit in Exit::ALL {
        rest.control("TP", []);
        rest.text([bold(exit.code().to_string())]);
        rest.text([roman(exit.meaning().replace('`', ""))]);
    }
    rest.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in [
        ("SAGEDECK_CONFIG", "The configuration file, as --config."),
        ("SAGEDECK_THEME", "The theme, as --theme."),
        ("SAGEDECK_READ_ONLY", "Change nothing, as --read-only."),
        ("SAGEDECK_STATE", "The folder of log, journals and audit trail."),
        (logging::VARIABLE, "How much is logged: off, error, warn, info, debug or trace."),
        ("NO_COLOR", "No colour, unless --color always is given."),
        ("AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and others", "As in the AWS CLI."),
    ] {
        rest.control("TP", []);
        rest.text([bold(name)]);
        rest.text([roman(meaning)]);
    }
    rest.control("SH", ["FILES"]);
    for (name, meaning) in [
        ("$XDG_CONFIG_HOME/sagedeck/config.toml", "Configuration; `sagedeck config path` names it."),
        ("$XDG_CONFIG_HOME/sagedeck/themes/", "Themes of your own."),
        ("$XDG_CONFIG_HOME/sagedeck/templates/", "Templates for onboarding."),
        (
            "$XDG_STATE_HOME/sagedeck/",
            "The log, journals of operations, the audit trail, what is remembered.",
        ),
    ] {
        rest.control("TP", []);
        rest.text([bold(name)]);
        rest.text([roman(meaning)]);
    }
    rest.to_writer(&mut page)?;
    Ok(page)
}

/// A command with its own options, and those under it.
fn describe(command: &clap::Command, path: &str, page: &mut Vec<u8>) -> std::io::Result<()> {
    let path = format!("{path} {}", command.get_name());
    if command.has_subcommands() {
        for inner in command.get_subcommands() {
            describe(inner, &path, page)?;
        }
        return Ok(());
    }
    let mut roff = Roff::new();
    roff.control("SS", [path.as_str()]);
    if let Some(about) = command.get_about() {
        roff.text([roman(about.to_string())]);
    }
    for argument in command.get_arguments().filter(|argument| !argument.is_global_set()) {
        if matches!(argument.get_id().as_str(), "help" | "version") {
            continue;
        }
        let names = argument
            .get_value_names()
            .filter(|_| argument.get_action().takes_values())
            .map(|names| names.join(" "))
            .unwrap_or_default();
        let short = argument.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
        let long = argument.get_long().map(|long| format!("--{long} ")).unwrap_or_default();
        roff.control("TP", []);
        roff.text([bold(format!("{short}{long}{names}").trim().to_owned())]);
        roff.text([roman(argument.get_help().map(ToString::to_string).unwrap_or_default())]);
    }
    roff.to_writer(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_man_page_has_every_command_exit_code_and_flag() {
        let page = String::from_utf8(man().unwrap()).unwrap().replace("\\-", "-");
        for said in
            ["sagedeck apps stop", "--count", "--filter", "EXIT STATUS", "143", "SAGEDECK_LOG", "--demo"]
        {
            assert!(page.contains(said), "{said}");
        }
    }

    #[test]
    fn the_keys_in_force_are_those_of_the_configuration() {
        let config =
            Config { keys: [("stop".to_owned(), vec!["ctrl-t".to_owned()])].into(), ..Config::default() };
        let table = report::render(&keys(&config).unwrap(), format(Output::Csv)).unwrap();
        assert!(
            table.lines().any(|line| line.starts_with("\"ctrl-t\"") && line.ends_with("\"stop\"")),
            "{table}"
        );
    }
}
