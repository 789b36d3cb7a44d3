//! What is on record of earlier operations, read for the console: journals become operations, lines of the audit
//! trail become rows; and an operation as a report to keep. Changes no file.

use std::path::Path;
use std::sync::Arc;

use crate::console::{Course, Operation};
use crate::fleet::AuditRow;
use crate::operations::{
    Executor, Logged, Search, Standing, Unfinished, audit_path, read_audit, verify_audit,
};
use crate::report::{OperationRecord, Outcome, operation_markdown};

/// How many finished operations are shown; those that are unfinished always are.
const FINISHED: usize = 200;
/// How many lines of the audit trail are shown at once.
const LINES: usize = 2_000;

/// Earlier operations, the newest first, and what could not be read, as sentences.
pub(super) async fn earlier(executor: &Executor) -> (Vec<Operation>, Vec<String>) {
    let listed = match executor.history().await {
        Ok(listed) => listed,
        Err(problem) => return (Vec::new(), vec![problem.to_string()]),
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
        match executor.recorded(one.path).await {
            Ok(recorded) => operations.push(operation(recorded, course)),
            Err(problem) => unreadable.push(problem.to_string()),
        }
    }
    (operations, unreadable)
}

fn operation(recorded: Unfinished, course: Course) -> Operation {
    let reason = recorded.reason.as_deref().map(crate::fleet::harmless);
    let is_running = course == Course::Elsewhere;
    Operation {
        states: recorded.states,
        request_ids: recorded.request_ids,
        domains: recorded.domains,
        ended: recorded.closed.or((!is_running).then_some(recorded.last)),
        course,
        ..Operation::new(Arc::unwrap_or_clone(recorded.plan), reason, recorded.began)
    }
}

/// An operation as Markdown, as the command line would print it from its journal.
pub(super) fn report(operation: &Operation) -> String {
    let tally = operation.tally();
    let standing = match operation.course {
        Course::Running | Course::Paused(_) | Course::Elsewhere => "running",
        Course::Interrupted => "unfinished",
        Course::Ended if tally.is_complete() => "done",
        Course::Ended if tally.succeeded() > 0 => "some",
        Course::Ended => "none",
    };
    let record = OperationRecord {
        standing,
        who: Vec::new(),
        reason: operation.reason.as_deref().map(str::to_owned),
        started: operation.started,
        ended: operation.ended,
    };
    let steps: Vec<_> = operation.states.iter().cloned().zip(operation.request_ids.iter().cloned()).collect();
    let paused = match &operation.course {
        Course::Paused(reason) => Some(&**reason),
        _ => None,
    };
    let outcome = Outcome { steps: &steps, paused, record: Some(&record), ..Outcome::default() };
    operation_markdown(&operation.plan, &outcome)
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
        Ok(summary) => match summary.torn_end() {
            None => (true, format!("whole: {} lines", summary.entries)),
            Some(told) => (true, format!("whole: {} lines; {told}", summary.entries)),
        },
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
