//! The command line as clap sees it. Help, completions and the man page are made from the same definition.
//! Knows words only: what they lead to is decided elsewhere.

mod burn;
mod change;
mod cost;
mod domain;
mod quotas;
mod records;
mod settings;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{FalseyValueParser, PossibleValuesParser};
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

pub use self::burn::BurnArguments;
pub use self::change::{
    AppsChange, AppsCommand, ChangeArguments, Chosen, ChosenChange, EditArguments, Kind, LinkArguments,
    OnboardArguments, RosterKind, SpaceCreate, SpaceEditArguments, SpacesCommand, TaggedArguments,
    TagsCommand, UsersCommand,
};
pub use self::cost::{
    CostCommand, CostGranularity, CostReportArguments, CostTagsActivateArguments, CostTagsCommand,
    CostTagsListArguments,
};
pub use self::domain::{
    DomainBackup, DomainCreate, DomainDelete, DomainEditArguments, DomainRestore, DomainsCommand,
    LifecycleAttach, LifecycleCommand, LifecycleCreate, LifecycleDelete, LifecycleDetach,
};
pub use self::quotas::{QuotaHistoryArguments, QuotaListArguments, QuotaRequestArguments, QuotasCommand};
pub use self::records::{
    AuditCommand, AuditListArguments, AuditVerifyArguments, OperationArguments, OperationsCommand,
    ResumeArguments, UndoArguments,
};
pub use self::settings::{SettingsArguments, SpaceSettingsArguments, Switch};

/// The fleets `--demo` and `sim` know, the usual one first.
pub const SCENARIOS: [&str; 5] = ["small", "large", "huge", "empty", "broken"];

const AFTER_HELP: &str = "\
Without a command the console starts. AWS's own variables and files mean what they mean to the AWS CLI.
Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 credentials, 4 some steps of a plan, 5 none, 6 refused.";

/// A terminal administration console for Amazon SageMaker Studio fleets.
#[derive(Debug, Clone, Parser)]
#[command(name = "sagedeck", version, after_help = AFTER_HELP, disable_help_subcommand = true)]
#[command(max_term_width = 100)]
pub struct Arguments {
    /// What every command understands.
    #[command(flatten)]
    pub common: Common,
    /// What only the console understands.
    #[command(flatten)]
    pub console: ConsoleArguments,
    /// What to do instead of starting the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Whose fleet, where, and whether anything may be changed.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// Use the embedded simulated AWS: no account, no network
    #[arg(long, global = true, value_name = "SCENARIO", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = SCENARIOS[0], value_parser = PossibleValuesParser::new(SCENARIOS))]
    #[arg(conflicts_with_all = ["profile", "endpoint_url"])]
    pub demo: Option<String>,
    /// Profile of the AWS configuration; may be given several times
    #[arg(long, short, global = true, value_name = "PROFILE")]
    pub profile: Vec<String>,
    /// Region to look at; may be given several times, or as a list with commas
    #[arg(long, short, global = true, value_name = "REGION", value_delimiter = ',')]
    pub region: Vec<String>,
    /// Address to ask instead of AWS's own, such as that of `sagedeck sim`
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Change nothing, and do not let it be unlocked
    #[arg(long, global = true, env = "SAGEDECK_READ_ONLY", hide_env_values = true)]
    #[arg(value_parser = FalseyValueParser::new())]
    pub read_only: bool,
    /// Configuration file
    #[arg(long, global = true, value_name = "FILE", env = "SAGEDECK_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub color: ColorChoice,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// As the terminal and `NO_COLOR` say.
    #[default]
    Auto,
    /// Always, whatever `NO_COLOR` says.
    Always,
    /// Never.
    Never,
}

/// How the console starts.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Console")]
pub struct ConsoleArguments {
    /// Pane or saved view to start with
    #[arg(long, value_name = "VIEW")]
    pub view: Option<String>,
    /// Filter of the view to start with
    #[arg(long, value_name = "FILTER")]
    pub filter: Option<String>,
    /// Theme
    #[arg(long, value_name = "THEME", env = "SAGEDECK_THEME", hide_env_values = true)]
    pub theme: Option<String>,
    /// Leave the mouse to the terminal, so that it selects text
    #[arg(long)]
    pub no_mouse: bool,
    /// Draw with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
}

/// A command.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// List domains; create, edit, back up, restore and delete them
    #[command(subcommand, visible_alias = "domain")]
    Domains(DomainsCommand),
    /// List user profiles; onboard, edit, suspend, resume and offboard users; sign in as one
    #[command(subcommand, visible_alias = "user")]
    Users(UsersCommand),
    /// List spaces; create, edit, resize and delete them
    #[command(subcommand, visible_alias = "space")]
    Spaces(SpacesCommand),
    /// List apps, stop and restart them
    #[command(subcommand, visible_alias = "app")]
    Apps(AppsCommand),
    /// Print what runs now and what it costs, by whose it is or where
    Burn(BurnArguments),
    /// Set and remove the tags of many objects at once
    #[command(subcommand, visible_alias = "tag")]
    Tags(TagsCommand),
    /// List lifecycle configurations, create, attach and delete them
    #[command(subcommand)]
    Lifecycle(LifecycleCommand),
    /// List quotas with how much of them is used, request more, and list the requests
    #[command(subcommand, visible_alias = "quota")]
    Quotas(QuotasCommand),
    /// Print what AWS has billed, by tag, domain, user, instance type and more
    #[command(subcommand, visible_alias = "costs")]
    Cost(CostCommand),
    /// List the plans that were carried out, and look into them
    #[command(subcommand, visible_alias = "operation")]
    Operations(OperationsCommand),
    /// Search the audit trail, and verify it
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Serve the simulated AWS over loopback HTTP, for the AWS CLI, boto3 or training
    Sim(SimArguments),
    /// Show, check or explain the configuration file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// List the themes
    #[command(subcommand)]
    Themes(ThemesCommand),
    /// Print the keys in force
    Keys(OutputArguments),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

impl Command {
    /// Whether AWS, or the simulated one, is asked.
    pub fn asks_aws(&self) -> bool {
        match self {
            Self::Domains(_)
            | Self::Users(_)
            | Self::Spaces(_)
            | Self::Apps(_)
            | Self::Burn(_)
            | Self::Tags(_)
            | Self::Lifecycle(_)
            | Self::Quotas(_)
            | Self::Cost(_)
            | Self::Operations(OperationsCommand::Resume(_) | OperationsCommand::Undo(_)) => true,
            Self::Operations(_)
            | Self::Audit(_)
            | Self::Sim(_)
            | Self::Config(_)
            | Self::Themes(_)
            | Self::Keys(_)
            | Self::Completions { .. }
            | Self::Man => false,
        }
    }
}

/// Which rows, in which order, with which columns.
#[derive(Debug, Clone, Default, Args)]
pub struct ListArguments {
    /// Print only the rows that this filter shows
    #[arg(long, short, value_name = "FILTER", default_value = "")]
    pub filter: String,
    /// Column to sort by; with `:asc` or `:desc` for the order
    #[arg(long, short, value_name = "COLUMN")]
    pub sort: Option<String>,
    /// Columns to print, in this order; `all` for every one
    #[arg(long, short, value_name = "COLUMN", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// How to print
    #[command(flatten)]
    pub output: OutputArguments,
}

/// How to print.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct OutputArguments {
    /// Format of what is printed
    #[arg(long, short, value_name = "FORMAT", value_enum, default_value_t)]
    pub output: Output,
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Output {
    /// Aligned columns for people.
    #[default]
    Table,
    /// An array of objects.
    Json,
    /// Comma-separated values, safe to open in a spreadsheet.
    Csv,
    /// A Markdown table.
    Markdown,
}

/// The simulated AWS to serve.
#[derive(Debug, Clone, Args)]
pub struct SimArguments {
    /// Loopback address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Fleet to start with
    #[arg(long, value_name = "SCENARIO", default_value = SCENARIOS[0])]
    #[arg(value_parser = PossibleValuesParser::new(SCENARIOS))]
    pub scenario: String,
    /// Number that chance follows: the same one gives the same fleet
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// How many times as fast as real the virtual time runs
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// How long each answer takes, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub latency: u64,
}

/// What can be done with the configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Print every key with its meaning and its default
    Template,
    /// Print where the file is looked for
    Path,
    /// Check the file and the themes beside it
    Check,
}

/// What can be done with themes.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ThemesCommand {
    /// Print the themes there are
    List(OutputArguments),
}

/// The arguments, or the clap error or help to print instead.
///
/// # Errors
///
/// What clap has to say: the help, the version, or what is wrong with an argument.
pub fn parse<I>(arguments: I) -> Result<Arguments, clap::Error>
where
    I: IntoIterator,
    I::Item: Into<std::ffi::OsString> + Clone,
{
    let parsed = Arguments::try_parse_from(arguments)?;
    let misplaced = parsed.console.given().filter(|_| parsed.command.is_some());
    match misplaced {
        Some(flag) => Err(wrong(format!("`{flag}` is of the console; give it without a command"))),
        None => Ok(parsed),
    }
}

/// An error of usage, printed as clap prints its own.
pub fn wrong(message: String) -> clap::Error {
    Arguments::command().error(clap::error::ErrorKind::ArgumentConflict, message)
}

impl ConsoleArguments {
    /// A flag of these that was given, in a place where an ignored one would deceive. The theme may come from
    /// the environment, and changes nothing that is done.
    fn given(&self) -> Option<&'static str> {
        [
            (self.filter.is_some(), "--filter"),
            (self.view.is_some(), "--view"),
            (self.no_mouse, "--no-mouse"),
            (self.ascii, "--ascii"),
        ]
        .into_iter()
        .find_map(|(given, flag)| given.then_some(flag))
    }
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed >= 0.0 => Ok(speed),
        _ => Err("a number that is not negative is expected, such as 60".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, clap::Error> {
        parse(std::iter::once("sagedeck").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definition_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn flags_are_understood_before_and_after_the_command() {
        for line in [
            "--demo=large --region eu-west-1,us-east-1 apps list -f idle>2h -o json",
            "apps list --demo=large --region eu-west-1 --region us-east-1 --filter idle>2h --output json",
        ] {
            let arguments = parsed(line).unwrap();
            assert_eq!(arguments.common.demo.as_deref(), Some("large"), "{line}");
            assert_eq!(arguments.common.region, ["eu-west-1", "us-east-1"], "{line}");
            let Some(Command::Apps(AppsCommand::List(list))) = arguments.command else { panic!("{line}") };
            assert_eq!((list.filter.as_str(), list.output.output), ("idle>2h", Output::Json), "{line}");
        }
    }

    #[test]
    fn demo_needs_no_scenario_and_takes_no_word_that_follows_it() {
        let arguments = parsed("--demo apps list").unwrap();
        assert_eq!(arguments.common.demo.as_deref(), Some("small"));
        assert!(matches!(arguments.command, Some(Command::Apps(AppsCommand::List(_)))));
        assert!(parsed("--view apps --filter x").unwrap().command.is_none());
    }

    #[test]
    fn wrong_arguments_are_named_with_what_to_do() {
        for (line, told) in [
            ("--demoo", "--demo"),
            ("apps lst", "list"),
            ("apps stop", "--filter"),
            ("--demo=tiny", "small, large, huge, empty, broken"),
            ("--demo --profile x", "cannot be used with"),
            ("apps list -o xml", "table, json, csv, markdown"),
            ("sim --speed=-1", "--speed"),
            ("sim --speed=nan", "not negative"),
            ("sim --listen localhost", "--listen"),
            ("--filter x apps list", "`--filter` is of the console"),
            ("--ascii keys", "`--ascii` is of the console"),
        ] {
            let error = parsed(line).unwrap_err();
            assert!(error.to_string().contains(told), "{line}: {error}");
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn help_and_version_are_no_failures() {
        for line in ["--help", "--version", "apps stop --help"] {
            assert_eq!(parsed(line).unwrap_err().exit_code(), 0, "{line}");
        }
    }
}
