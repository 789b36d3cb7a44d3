//! Settings as the command line says them: of user profiles and of a domain's defaults, in AWS's own names, by app
//! type. Knows no command.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::arguments::SettingsArguments;
use super::failure::Failure;
use super::setup::Setup;
use super::templates::{own_templates, template};
use crate::fleet::{AppType, Document, IdleSettings, UserEdit, settings_member, suggestion};

/// The app types that an instance or idle minutes without an app type are for.
const BOTH: [AppType; 2] = [AppType::JupyterLab, AppType::CodeEditor];

/// What is to be set, with its template.
///
/// # Errors
///
/// What is not understood, or what is wrong with the template.
pub(super) fn user_edit(arguments: &SettingsArguments, setup: &Setup) -> Result<UserEdit, Failure> {
    let edit = wanted(arguments)?;
    match &arguments.template {
        Some(name) => Ok(edit.over(&template(&own_templates(setup), name)?.edit)),
        None => Ok(edit),
    }
}

/// Members as `--set` gives them: a path with dots, and a value that is JSON or else a text.
///
/// # Errors
///
/// What is not understood, or is given twice.
pub(super) fn members(texts: &[String]) -> Result<Document, Failure> {
    let mut members = Document::new();
    for text in texts {
        let wrong = |what: &str| Failure::usage(format!("--set: `{text}` {what}"));
        let (path, value) = text
            .split_once('=')
            .filter(|(path, _)| path.split('.').all(|name| !name.is_empty()))
            .ok_or_else(|| wrong("is no member; write MEMBER=VALUE, such as StudioWebPortal=DISABLED"))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        if value.is_null() {
            return Err(wrong("is null, and AWS has no way to unset a member"));
        }
        if !put(&mut members, path, value) {
            return Err(wrong("sets what another --set sets already"));
        }
    }
    Ok(members)
}

/// Puts a value where a path leads; says whether there was place for it.
fn put(members: &mut Map<String, Value>, path: &str, value: Value) -> bool {
    match path.split_once('.') {
        None => members.insert(path.to_owned(), value).is_none(),
        Some((name, rest)) => {
            let inner = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
            inner.as_object_mut().is_some_and(|inner| put(inner, rest, value))
        }
    }
}

/// One of several app types, in any case; `is_none` says what one that is not among them is not.
///
/// # Errors
///
/// If it is none of them; which there are is said.
pub(super) fn app_type(flag: &str, text: &str, known: &[AppType], is_none: &str) -> Result<AppType, Failure> {
    if let Some(app) = known.iter().find(|app| app.as_str().eq_ignore_ascii_case(text)) {
        return Ok(app.clone());
    }
    let names: Vec<&str> = known.iter().map(AppType::as_str).collect();
    let hint = suggestion(text, names.iter().copied());
    Err(Failure::usage(format!("{flag}: `{text}` {is_none}{hint}; there are {}", names.join(", "))))
}

fn wanted(arguments: &SettingsArguments) -> Result<UserEdit, Failure> {
    let mut edit = UserEdit {
        role: arguments.role.as_deref().map(Arc::from),
        landing: arguments.landing.as_deref().map(Arc::from),
        space_ebs_gb: arguments.space_size.as_deref().map(sizes).transpose()?,
        ..UserEdit::default()
    };
    if !arguments.security_group.is_empty() {
        edit.security_groups =
            Some(arguments.security_group.iter().map(|id| Arc::from(id.as_str())).collect());
    }
    for text in &arguments.instance {
        match text.split_once('=') {
            Some((app, instance)) => {
                let known: Vec<AppType> =
                    AppType::KNOWN.iter().filter(|app| settings_member(app).is_some()).cloned().collect();
                let app = app_type("--instance", app, &known, "is no app type with an instance")?;
                edit.instances.insert(app, Arc::from(instance));
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

/// The usual and the greatest size of a volume.
fn sizes(text: &str) -> Result<(u32, u32), Failure> {
    let parsed =
        text.split_once(':').and_then(|(usual, most)| Some((usual.parse().ok()?, most.parse().ok()?)));
    parsed.ok_or_else(|| {
        Failure::usage(format!(
            "--space-size: `{text}` is no pair of sizes in GB; write 20:100, such as USUAL:GREATEST"
        ))
    })
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
        wanted(&arguments.settings)
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

    #[test]
    fn members_are_set_by_their_path_as_json_or_text() {
        let set = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            members(&texts).map(Value::Object).map_err(|failure| failure.message)
        };
        let all = set(&["A.B=ENABLED", "A.C=[1]", "D=true", "E=\"5\""]).unwrap();
        assert_eq!(all, serde_json::json!({"A": {"B": "ENABLED", "C": [1]}, "D": true, "E": "5"}));
        for (texts, told) in [
            (&["A"][..], "MEMBER=VALUE"),
            (&["=x"], "MEMBER=VALUE"),
            (&["A..B=x"], "MEMBER=VALUE"),
            (&["A=null"], "no way to unset"),
            (&["A=x", "A=y"], "another --set"),
            (&["A=x", "A.B=y"], "another --set"),
        ] {
            assert!(set(texts).unwrap_err().contains(told), "{texts:?}");
        }
        assert_eq!(parsed("--space-size 20:100").unwrap().space_ebs_gb, Some((20, 100)));
        assert!(parsed("--space-size 20").unwrap_err().message.contains("20:100"));
    }
}
