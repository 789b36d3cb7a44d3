//! An operation as a Markdown report, to be kept or sent: what was meant, what became of it, and what AWS said.

use std::fmt::Write as _;

use super::plan::{Outcome, address, instant, outcome_sheet, sums};
use crate::fleet::wording::Money;
use crate::fleet::{Plan, StepState};

/// The columns of steps that a report shows.
const SHOWN: [&str; 9] =
    ["change", "kind", "account", "region", "domain", "owner", "name", "state", "reason"];

/// A plan and what became of it.
pub fn operation_markdown(plan: &Plan, outcome: &Outcome<'_>) -> String {
    let mut out = format!("# {}\n\n", escaped(&plan.title));
    let mut fact = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "- {name}: {}", escaped(value));
    };
    fact("Plan", &plan.id.0);
    if let Some(record) = outcome.record {
        fact("Standing", record.standing);
        fact("Started", &instant(record.started));
        if let Some(ended) = record.ended {
            fact("Ended", &instant(ended));
        }
        record.who.iter().for_each(|who| fact("By", who));
        if let Some(reason) = &record.reason {
            fact("Reason", reason);
        }
    }
    if let Some(paused) = outcome.paused {
        fact("Paused", paused);
    }
    fact("Steps", &sums(outcome));
    if let Some(saved) = saved(plan, outcome) {
        fact("Saves", &saved);
    }
    let mut sheet = outcome_sheet(plan, outcome);
    let shown: Vec<usize> = SHOWN
        .iter()
        .filter_map(|name| sheet.columns.iter().position(|column| column.name == *name))
        .collect();
    sheet.columns = shown.iter().map(|at| sheet.columns[*at]).collect();
    for row in &mut sheet.rows {
        *row = shown.iter().map(|at| row[*at].clone()).collect();
    }
    let _ = write!(out, "\n## Steps\n\n{}", super::markdown::render(&sheet));
    for (title, lines) in [("Lost", &plan.loses), ("Kept", &plan.keeps), ("Notes", &plan.warnings)] {
        list(&mut out, title, lines.iter().map(String::as_str));
    }
    let left: Vec<String> =
        plan.excluded.iter().map(|left| format!("{} {}", address(&left.target), left.reason)).collect();
    list(&mut out, "Left out", left.iter().map(String::as_str));
    out
}

/// What the steps that are done save; nothing where the plan is not about that.
fn saved(plan: &Plan, outcome: &Outcome<'_>) -> Option<String> {
    let states = plan.steps.iter().zip(outcome.steps);
    let done = states.filter(|(_, (state, _))| matches!(state, StepState::Done)).map(|(step, _)| step);
    let (mut known, mut unknown) = (0.0, 0_usize);
    for step in done {
        match step.saves_per_hour {
            Some(dollars) => known += dollars,
            None => unknown += 1,
        }
    }
    match (known > 0.0, unknown) {
        (false, 0) => None,
        (true, 0) => Some(format!("{}/h", Money(known))),
        (_, unknown) => Some(format!("{}/h and what {unknown} of unknown price cost", Money(known))),
    }
}

fn list<'a>(out: &mut String, title: &str, lines: impl Iterator<Item = &'a str>) {
    for (at, line) in lines.enumerate() {
        if at == 0 {
            let _ = writeln!(out, "\n## {title}\n");
        }
        let _ = writeln!(out, "- {}", escaped(line));
    }
}

/// Text in which nothing is taken for Markdown that was not meant as such.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|') {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fleet::{
        AccountId, Bound, Change, DomainId, Excluded, Name, ObjectKey, Region, Scope, Step, StepState,
        Target, Timestamp, UserKey,
    };
    use crate::report::OperationRecord;

    fn user(name: &str) -> UserKey {
        UserKey {
            scope: Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1")),
            domain: DomainId::new("d-one"),
            name: Name::new(name),
        }
    }

    #[test]
    fn a_report_tells_what_was_meant_who_did_it_and_what_became_of_each_step() {
        let step = Step::new(Change::DeleteUser(user("anna_k")), Bound::Created(Timestamp::UNIX_EPOCH));
        let plan = Plan {
            keeps: vec!["The home directory.".to_owned()],
            excluded: vec![Excluded {
                target: Target::Object(ObjectKey::User(user("ben"))),
                reason: Arc::from("is protected"),
                is_so: false,
            }],
            ..Plan::new("Offboard anna_k", "offboard", Timestamp::UNIX_EPOCH, vec![step])
        };
        let plan = Plan { steps: vec![Step { saves_per_hour: Some(1.5), ..plan.steps[0].clone() }], ..plan };
        let record = OperationRecord {
            standing: "done",
            who: vec!["arn:aws:iam::123456789012:user/admin".to_owned()],
            reason: Some("left the company".to_owned()),
            started: Timestamp::UNIX_EPOCH,
            ended: None,
        };
        let steps = [(StepState::Done, None)];
        let outcome = Outcome { steps: &steps, record: Some(&record), ..Outcome::default() };
        let report = operation_markdown(&plan, &outcome);
        for said in [
            "# Offboard anna\\_k\n",
            "- By: arn:aws:iam::123456789012:user/admin\n",
            "- Reason: left the company\n",
            "- Steps: 1 done\n",
            "- Saves: $1.50/h\n",
            "| delete | user profile | 123456789012 | eu-west-1 | d-one |",
            "## Kept\n\n- The home directory.\n",
            "## Left out\n\n- eu-west-1 123456789012 user-profile/d-one/ben is protected\n",
        ] {
            assert!(report.contains(said), "{said}\nin\n{report}");
        }
        assert!(!report.contains("## Lost"), "{report}");
    }
}
