//! What is on record of earlier operations, read for the console: journals become operations, lines of the audit
//! trail become rows. Changes no file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::console::{Course, Operation};
use crate::fleet::{AuditRow, Plan, Problem, ProblemKind, StepState};
use crate::operations::{
    Journal, Logged, Recorded, Search, Standing, StepStanding, audit_path, history, read_audit, verify_audit,
};

/// How many finished operations are shown; those that are unfinished always are.
const FINISHED: usize = 200;
/// How many lines of the audit trail are shown at once.
const LINES: usize = 2_000;

/// The folder of the journals, in the folder of state.
pub(super) fn journals(state: &Path) -> PathBuf {
    state.join("operations")
}

/// Earlier operations, the newest first, and what could not be read, as sentences. Blocks while it reads.
pub(super) fn earlier(state: &Path) -> (Vec<Operation>, Vec<String>) {
    let listed = match history(&journals(state)) {
        Ok(listed) => listed,
        Err(error) => return (Vec::new(), vec![error.to_string()]),
    };
    let (mut operations, mut unreadable, mut finished) = (Vec::new(), Vec::new(), 0);
    for one in listed {
        let course = match one.standing {
            Standing::Running => Course::Elsewhere,
            Standing::Unfinished => Course::Interrupted,
            Standing::Closed { .. } => {
                finished += 1;
                if finished > FINISHED {
                    continue;
                }
                Course::Ended
            }
            Standing::Unreadable(error) => {
                unreadable.push(format!("an operation on record cannot be read: {error}"));
                continue;
            }
        };
        match Journal::read(&one.path) {
            Ok(recorded) => match operation(&recorded, course) {
                Ok(operation) => operations.push(operation),
                Err(error) => unreadable
                    .push(format!("the plan in {} cannot be understood: {error}", one.path.display())),
            },
            Err(error) => unreadable.push(format!("an operation on record cannot be read: {error}")),
        }
    }
    (operations, unreadable)
}

fn operation(recorded: &Recorded, course: Course) -> Result<Operation, serde_json::Error> {
    let plan: Plan = recorded.plan()?;
    let steps = plan.steps.len();
    let mut operation =
        Operation::new(plan, recorded.opening.reason.as_deref().map(Arc::from), recorded.opening.started);
    operation.course = course;
    operation.ended = match (&recorded.closed, &operation.course) {
        (Some((at, _)), _) => Some(*at),
        (None, Course::Interrupted) => Some(recorded.last),
        (None, _) => None,
    };
    for step in 0..steps {
        let record = recorded.step(step);
        operation.states[step] = state(record.standing);
        operation.request_ids[step] = record.request_ids.last().map(|id| Arc::from(id.as_str()));
    }
    Ok(operation)
}

fn state(standing: StepStanding) -> StepState {
    let open = |what: &str| {
        StepState::Unknown(Problem::new(
            ProblemKind::Unexpected,
            format!("{what}, and the program ended before it saw what became of it"),
            "Let the operation go on: it looks first",
        ))
    };
    match standing {
        StepStanding::NotBegun => StepState::Waiting,
        StepStanding::Intended { .. } => open("it may have been sent"),
        StepStanding::Answered { .. } => open("AWS took it"),
        StepStanding::Ended { state, .. } => serde_json::from_value(state).unwrap_or_else(|error| {
            StepState::Unknown(Problem::new(
                ProblemKind::Unexpected,
                format!("its end on record cannot be understood: {error}"),
                "",
            ))
        }),
    }
}

/// The newest lines of the audit trail that contain all words of a text, and whether the trail is whole. Blocks
/// while it reads.
///
/// # Errors
///
/// Why the trail cannot be read.
pub(super) fn audit(state: &Path, text: &str) -> Result<(Vec<AuditRow>, (bool, String)), String> {
    let path = audit_path(state);
    let search = Search { text: text.to_owned(), before: None, limit: Some(LINES) };
    let found = read_audit(&path, &search).map_err(|error| error.to_string())?;
    let verdict = match verify_audit(&path, None).map_err(|error| error.to_string())? {
        Ok(summary) => (true, format!("whole: {} lines", summary.entries)),
        Err(bad) => (false, bad.to_string()),
    };
    Ok((found.entries.iter().map(row).collect(), verdict))
}

fn row(logged: &Logged) -> AuditRow {
    let entry = &logged.entry;
    let arc = |text: &str| crate::fleet::harmless(text);
    AuditRow {
        at: entry.time,
        who: arc(&entry.who),
        account: arc(entry.account.as_str()),
        region: arc(entry.region.as_str()),
        operation: arc(&entry.what),
        arn: arc(&entry.object),
        outcome: arc(&entry.outcome),
        succeeded: matches!(entry.outcome.as_str(), "done" | "already done"),
        reason: entry.reason.as_deref().map(arc),
        plan: arc(entry.plan.as_deref().unwrap_or("")),
        request_id: entry.request_ids.last().map(|id| arc(id)),
    }
}
