//! `users edit`.

use std::sync::Arc;

use super::arguments::EditArguments;
use super::change::{Asked, may_apply};
use super::exit::Exit;
use super::failure::{Failure, note};
use super::setup::Setup;
use super::templates::{template, templates};
use super::users::users;
use crate::aws::Gateway;
use crate::fleet::{AppType, IdleSettings, Intent, UserEdit, settings_member, suggestion};

/// The app types that an instance or idle minutes without an app type are for.
const BOTH: [AppType; 2] = [AppType::JupyterLab, AppType::CodeEditor];

/// `users edit`.
///
/// # Errors
///
/// If nothing is to be changed, something would be refused by AWS, or why the plan is not carried out.
pub(super) async fn edit(arguments: &EditArguments, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let mut edit = wanted(arguments)?;
    if let Some(name) = &arguments.template {
        let folder = setup.paths.as_ref().map(|paths| paths.config.join("templates"));
        let (templates, problems) = folder.map(|folder| templates(&folder)).unwrap_or_default();
        for problem in &problems {
            note("note", problem);
        }
        edit = edit.over(&template(&templates, name)?.edit);
    }
    if edit.is_empty() {
        return Err(Failure::usage("say what to change, such as --role or --idle-minutes; see --help"));
    }
    if let Some(flaw) = edit.flaws().first() {
        return Err(Failure::usage(flaw.clone()));
    }
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, users) = users(&arguments.chosen, &gateway, setup).await?;
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: false, is_aside: false };
    Ok(asked.apply(gathered, &Intent::EditUsers { users, edit }).await?.exit)
}

fn wanted(arguments: &EditArguments) -> Result<UserEdit, Failure> {
    let mut edit = UserEdit {
        role: arguments.role.as_deref().map(Arc::from),
        landing: arguments.landing.as_deref().map(Arc::from),
        ..UserEdit::default()
    };
    if !arguments.security_group.is_empty() {
        edit.security_groups =
            Some(arguments.security_group.iter().map(|id| Arc::from(id.as_str())).collect());
    }
    for text in &arguments.instance {
        match text.split_once('=') {
            Some((app, instance)) => {
                edit.instances.insert(app_type(app)?, Arc::from(instance));
            }
            None => {
                edit.instances.extend(BOTH.map(|app| (app, Arc::from(text.as_str()))));
            }
        }
    }
    if let Some(text) = &arguments.idle_minutes {
        let idle = idle(text)?;
        edit.idle.extend(BOTH.map(|app| (app, idle)));
    }
    Ok(edit)
}

/// An app type that has settings, in any case.
fn app_type(text: &str) -> Result<AppType, Failure> {
    let known = AppType::KNOWN.iter().filter(|app| settings_member(app).is_some());
    if let Some(app) = known.clone().find(|app| app.as_str().eq_ignore_ascii_case(text)) {
        return Ok(app.clone());
    }
    let names: Vec<&str> = known.map(AppType::as_str).collect();
    let hint = suggestion(text, names.iter().copied());
    Err(Failure::usage(format!(
        "--instance: `{text}` is no app type with an instance{hint}; there are {}",
        names.join(", ")
    )))
}

fn idle(text: &str) -> Result<IdleSettings, Failure> {
    if text.eq_ignore_ascii_case("off") {
        return Ok(IdleSettings { enabled: Some(false), ..IdleSettings::default() });
    }
    match text.parse() {
        Ok(minutes) => Ok(IdleSettings {
            enabled: Some(true),
            timeout_minutes: Some(minutes),
            ..IdleSettings::default()
        }),
        Err(_) => Err(Failure::usage(format!(
            "--idle-minutes: `{text}` is no whole number of minutes, and not `off`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::arguments::{Arguments, Command, UsersCommand};

    fn parsed(line: &str) -> Result<UserEdit, Failure> {
        let words = ["sagedeck", "users", "edit", "x"].into_iter().chain(line.split_whitespace());
        let Some(Command::Users(UsersCommand::Edit(arguments))) = Arguments::parse_from(words).command else {
            panic!("{line}");
        };
        wanted(&arguments)
    }

    #[test]
    fn instances_and_idle_minutes_are_for_both_apps_unless_one_is_named() {
        let edit =
            parsed("--instance ml.t3.large --instance codeeditor=ml.m5.large --idle-minutes 120").unwrap();
        assert_eq!(edit.instances[&AppType::JupyterLab].as_ref(), "ml.t3.large");
        assert_eq!(edit.instances[&AppType::CodeEditor].as_ref(), "ml.m5.large");
        assert_eq!(edit.idle[&AppType::CodeEditor].timeout_minutes, Some(120));
        assert_eq!(parsed("--idle-minutes off").unwrap().idle[&AppType::JupyterLab].enabled, Some(false));
        assert!(parsed("--instance jupyterlb=x").unwrap_err().message.contains("did you mean `JupyterLab`?"));
        assert!(parsed("--idle-minutes soon").unwrap_err().message.contains("`soon`"));
        assert!(parsed("").unwrap().is_empty());
    }
}
