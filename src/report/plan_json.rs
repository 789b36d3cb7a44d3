//! A plan, and what became of it, as JSON: names that scripts rely on, and what they mean.

use std::io;

use serde_json::{Value, json};

use super::difference::difference_json;
use super::homes::homes_json;
use super::json;
use super::plan::{Outcome, Place, STATES, count, instant, reason, state_word};
use crate::fleet::{Difference, Homes, Plan};

/// The members of a plan as JSON, with what they mean. The names stay as scripts know them.
pub const JSON_MEMBERS: [(&str, &str); 47] = [
    ("plan", "the plan's hash, by which its operation is known"),
    ("title", "what it does"),
    ("verb", "what it does, in a word"),
    ("made_at", "when it was made; it can be carried out for 15 minutes"),
    ("carried_out", "whether it was carried out"),
    ("saves_per_hour", "dollars, as far as prices are known"),
    ("unknown_prices", "how many steps save something that is not known"),
    ("steps[].change", "what is done, in a word: `stop`, `create`, `delete`, `change`, `tag` ..."),
    ("steps[].kind", "to what kind of object"),
    ("steps[].operation", "the AWS operation"),
    ("steps[].arn", "the object"),
    ("steps[].account", "its account"),
    ("steps[].region", "its region"),
    ("steps[].domain", "the id of its domain; one that begins with `new:` is made by the plan"),
    ("steps[].owner", "the space or user of an app"),
    ("steps[].type", "the type of an app"),
    ("steps[].name", "its name"),
    (
        "steps[].created",
        "when it was created: one re-created since is left alone; `null` for what is not there yet",
    ),
    ("steps[].after", "positions of the steps that have to be done before"),
    ("steps[].request", "what is sent besides the names, in AWS's own spelling"),
    ("steps[].before", "the same as it was, for what is changed"),
    ("steps[].saves_per_hour", "dollars; `null` if not known"),
    ("steps[].warning", "what should be known before"),
    ("steps[].cli", "the same with the AWS CLI"),
    (
        "steps[].state",
        "`done`, `already-done`, `skipped`, `failed`, `unknown`, or `waiting`, `checking`, `sending`, `verifying` if it was left; once carried out",
    ),
    ("steps[].reason", "why, in AWS's own words where they are its; once carried out"),
    ("steps[].request_id", "AWS's request id; once carried out"),
    ("excluded[].arn", "what was asked for and is left out"),
    ("excluded[].reason", "why"),
    ("loses", "what is lost, as sentences"),
    ("keeps", "what is kept"),
    ("warnings", "what should be known of the plan as a whole"),
    ("confirm", "what `--confirm` has to say"),
    ("rows[].line", "line of the roster; only for onboarding, like all of `rows`"),
    ("rows[].name", "the user profile"),
    ("rows[].arn", "its ARN"),
    ("rows[].standing", "`create`, `assign`, `tag`, `equal`, `differs` or `invalid`"),
    ("rows[].problems", "what is wrong, with line and column"),
    ("rows[].members", "members that differ: `member`, `before`, `after`"),
    ("rows[].notes", "what should be known"),
    ("tally", "number of steps by state; once carried out"),
    ("paused", "why it was left before its end, or `null`; once carried out"),
    ("link", "the sign-in link, of `users link`"),
    ("operation", "`standing`, `who`, `reason`, `started`, `ended`; of `operations show`"),
    ("operation.standing", "`running`, `unfinished`, `done`, `some`, `none`"),
    (
        "homes",
        "where the home directories (EFS) are after a restore: `old_file_system`, `new_file_system`, `to_copy` (how many), `rows`, `advice` (what to do, as sentences); of `domains restore`",
    ),
    (
        "homes.rows",
        "one each: `kind`, `name`, `old_uid`, `new_uid`, `old_path`, `new_path`; a `new_uid` that is `null` is not there yet",
    ),
];

/// A plan and, once it was carried out, its outcome, as JSON. Where what is wanted was compared with what is there,
/// its member `rows` has each comparison; of a restore, `homes` has the old and new ids of home directories.
///
/// # Errors
///
/// If the writer refuses, which it does for no plan.
pub fn plan_json(
    plan: &Plan,
    differences: &[Difference],
    homes: Option<&Homes>,
    outcome: Option<&Outcome<'_>>,
) -> io::Result<String> {
    let steps = plan.steps.iter().enumerate().map(|(at, step)| {
        let place = Place::of(&step.change.target());
        let mut value = json!({
            "change": step.change.verb(),
            "kind": place.kind,
            "operation": step.change.operation(),
            "arn": step.change.target().arn(),
            "account": place.account,
            "region": place.region,
            "domain": place.domain,
            "owner": place.owner,
            "type": place.app_type,
            "name": place.name,
            "created": step.bound.created().map(instant),
            "after": step.after,
            "request": step.change.document(),
            "before": step.before,
            "saves_per_hour": step.saves_per_hour.map_or(Value::Null, json::number),
            "warning": step.warning,
            "cli": step.change.cli_line(),
        });
        if let Some((state, id)) = outcome.and_then(|outcome| outcome.steps.get(at)) {
            value["state"] = json!(state_word(state));
            value["reason"] = json!(reason(state));
            value["request_id"] = json!(id);
        }
        value
    });
    let excluded = plan.excluded.iter().map(|left| json!({"arn": left.target.arn(), "reason": left.reason}));
    let saving = plan.saving();
    let mut value = json!({
        "plan": &*plan.id.0,
        "title": plan.title,
        "verb": &*plan.verb,
        "made_at": instant(plan.made_at),
        "carried_out": outcome.is_some(),
        "saves_per_hour": json::number(saving.per_hour),
        "unknown_prices": saving.unknown,
        "steps": steps.collect::<Vec<_>>(),
        "excluded": excluded.collect::<Vec<_>>(),
        "loses": plan.loses,
        "keeps": plan.keeps,
        "warnings": plan.warnings,
        "confirm": plan.phrases.iter().map(|phrase| phrase.text.as_str()).collect::<Vec<_>>(),
    });
    if !differences.is_empty() {
        value["rows"] = differences.iter().map(difference_json).collect();
    }
    if let Some(outcome) = outcome {
        let tally: serde_json::Map<String, Value> =
            STATES.iter().map(|word| ((*word).to_owned(), json!(count(outcome, word)))).collect();
        value["tally"] = Value::Object(tally);
        value["paused"] = json!(outcome.paused);
        if let Some(link) = outcome.link {
            value["link"] = json!(link.reveal());
        }
        if let Some(record) = outcome.record {
            value["operation"] = json!({
                "standing": record.standing,
                "who": record.who,
                "reason": record.reason,
                "started": instant(record.started),
                "ended": record.ended.map(instant),
            });
        }
    }
    if let Some(homes) = homes {
        value["homes"] = homes_json(homes);
    }
    json::print(&value)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fleet::{Problem, ProblemKind, Secret, StepState, Timestamp};
    use crate::report::plan::sample::plan;
    use crate::report::plan::{OperationRecord, outcome_sheet, outcome_text};

    #[test]
    fn an_outcome_has_the_state_and_the_reason_of_every_step() {
        let problem = Problem::new(ProblemKind::AccessDenied, "no", "ask");
        let steps = [(StepState::Done, Some(Arc::from("r-1"))), (StepState::Failed(problem), None)];
        let outcome = Outcome { steps: &steps, ..Outcome::default() };
        let value: Value =
            serde_json::from_str(&plan_json(&plan(), &[], None, Some(&outcome)).unwrap()).unwrap();
        assert_eq!(value["carried_out"], true);
        assert_eq!((&value["saves_per_hour"], &value["unknown_prices"]), (&json!(1.5), &json!(1)));
        assert_eq!(value["steps"][0]["state"], "done");
        assert_eq!(value["steps"][0]["request_id"], "r-1");
        assert_eq!(value["steps"][1]["saves_per_hour"], Value::Null);
        assert_eq!(value["steps"][1]["reason"], "no. ask");
        assert_eq!(value["excluded"][0]["reason"], "is already stopped");
        let text = outcome_text(&plan(), &outcome);
        assert!(text.starts_with("Plan 0123456789ab: 1 done, 1 failed\n"), "{text}");
        assert!(text.contains("no. ask"), "{text}");
        assert_eq!((&value["tally"]["done"], &value["tally"]["failed"]), (&json!(1), &json!(1)));
        let sheet = outcome_sheet(&plan(), &outcome);
        assert!(sheet.rows.iter().all(|row| row.len() == sheet.columns.len()));
    }

    #[test]
    fn a_plan_that_was_not_carried_out_has_no_states() {
        let value: Value = serde_json::from_str(&plan_json(&plan(), &[], None, None).unwrap()).unwrap();
        assert_eq!(value["carried_out"], false);
        assert!(value["steps"][0].get("state").is_none());
    }

    #[test]
    fn the_names_of_members_stay_as_scripts_know_them() {
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        let shown: Value = serde_json::from_str(&plan_json(&plan(), &[], None, None).unwrap()).unwrap();
        let plan_members = "plan title verb made_at carried_out saves_per_hour unknown_prices steps excluded \
                            loses keeps warnings confirm";
        let step_members = "change kind operation arn account region domain owner type name created after request \
                            before saves_per_hour warning cli";
        assert_eq!(names(&shown), plan_members);
        assert_eq!(names(&shown["steps"][0]), step_members);
        assert_eq!(names(&shown["excluded"][0]), "arn reason");
        let steps = [(StepState::Done, None), (StepState::Waiting, None)];
        let record = OperationRecord {
            standing: "unfinished",
            who: vec!["arn".to_owned()],
            reason: None,
            started: Timestamp::UNIX_EPOCH,
            ended: None,
        };
        let link = Secret::new("https://example.invalid");
        let outcome =
            Outcome { steps: &steps, paused: Some("wait"), link: Some(&link), record: Some(&record) };
        let homes = Homes { old_file_system: None, new_file_system: None, rows: Vec::new() };
        let text = plan_json(&plan(), &[], Some(&homes), Some(&outcome)).unwrap();
        let done: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(names(&done), format!("{plan_members} tally paused link operation homes"));
        assert_eq!(names(&done["homes"]), "old_file_system new_file_system to_copy rows advice");
        assert_eq!(names(&done["steps"][0]), format!("{step_members} state reason request_id"));
        assert_eq!(names(&done["tally"]), STATES.join(" "));
        assert_eq!(names(&done["operation"]), "standing who reason started ended");
        // The table of the README is made from these.
        let told = |prefix: &str| {
            let inner = JSON_MEMBERS.iter().filter_map(|(name, _)| name.strip_prefix(prefix));
            inner.filter(|name| !name.contains(['[', '.'])).collect::<Vec<_>>()
        };
        assert_eq!(told("steps[]."), names(&done["steps"][0]).split(' ').collect::<Vec<_>>());
        for name in names(&done).split(' ') {
            let begins = |(told, _): &(&str, &str)| *told == name || told.starts_with(&format!("{name}[]"));
            assert!(JSON_MEMBERS.iter().any(begins), "{name}");
        }
    }
}
