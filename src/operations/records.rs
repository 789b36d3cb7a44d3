//! What is written down of one operation: its journal, and its part of the audit trail. Knows no AWS.

use std::path::Path;

use serde_json::Value;

use super::audit::{Audit, Entry};
use super::commit::WriteFailed;
use super::disk::Disk;
use super::journal::{Journal, JournalError, Principal, Recorded};
use crate::fleet::{DomainId, Plan, Problem, ProblemKind, StepState, Tally, Timestamp};

/// The folder of journals in the folder of state.
pub(super) const JOURNALS: &str = "operations";

/// The records of one operation.
#[derive(Debug)]
pub(super) struct Records {
    journal: Journal,
    audit: Audit,
}

impl Records {
    /// Begins the records of a plan.
    pub(super) async fn begin(
        state: &Path,
        disk: &Disk,
        opening: super::journal::Opening,
        plan: &Plan,
    ) -> Result<Self, JournalError> {
        // The audit trail first: where it cannot be written, no operation is begun.
        let audit = Audit::open(state, disk).await?;
        let journal = Journal::create(&state.join(JOURNALS), disk, opening, plan).await?;
        Ok(Self { journal, audit })
    }

    /// Takes up the records of an operation that was left unfinished.
    pub(super) async fn resume(
        state: &Path,
        disk: &Disk,
        path: &Path,
    ) -> Result<(Self, Recorded), JournalError> {
        let audit = Audit::open(state, disk).await?;
        let (journal, recorded) = Journal::resume(path, disk).await?;
        Ok((Self { journal, audit }, recorded))
    }

    /// What the person should be told about the files.
    pub(super) fn note(&self) -> Option<&str> {
        self.audit.note()
    }

    /// A step is about to be sent. It may be sent only when this has returned without an error.
    pub(super) async fn intent(&self, step: usize, attempt: u32, at: Timestamp) -> Result<(), WriteFailed> {
        // An operation that cannot be audited is not carried on either.
        if let Some(failure) = self.audit.failure() {
            return Err(failure);
        }
        self.journal.intent(step, attempt, at).await
    }

    /// AWS took a step. It is on disk before anything that builds on it is sent, since intents come after it.
    pub(super) fn answer(
        &self,
        step: usize,
        request_id: Option<&str>,
        domain: Option<&DomainId>,
        at: Timestamp,
    ) {
        let produced = domain.map(|id| Value::from(id.as_str()));
        drop(self.journal.answer(step, request_id, produced, at));
    }

    /// A step that was sent has come to its end, which is in the audit trail when this returns. A crash before
    /// the journal has it too makes the step be looked at again and audited twice; the other way round its entry
    /// could be lost.
    pub(super) async fn end(
        &self,
        step: usize,
        state: &StepState,
        entry: Option<Entry>,
        at: Timestamp,
    ) -> Result<(), WriteFailed> {
        if let Some(entry) = entry {
            self.audit.append(entry).await?;
        }
        // Plain values: serialising them to memory does not fail, and if it did, the step would be looked at again.
        let state = serde_json::to_value(state).unwrap_or_default();
        self.journal.end(step, state, at).await
    }

    /// Nothing more is sent for now.
    pub(super) fn paused(&self, why: &str, at: Timestamp) {
        drop(self.journal.paused(why, at));
    }

    /// It goes on.
    pub(super) fn resumed(&self, who: Vec<Principal>, at: Timestamp) {
        drop(self.journal.resumed(who, at));
    }

    /// These steps, which AWS has not carried out, are made again; and so are those `in_doubt`, each with the number
    /// of its last attempt. Of them it stays on record that they may have been sent: whoever takes the operation up
    /// looks at them before anything else.
    pub(super) fn retry(&self, steps: Vec<usize>, in_doubt: &[(usize, u32)], at: Timestamp) {
        for &(step, attempt) in in_doubt {
            drop(self.journal.intent(step, attempt, at));
        }
        if !steps.is_empty() {
            drop(self.journal.retry(steps, at));
        }
    }

    /// The operation is over.
    pub(super) async fn close(&self, tally: Tally, at: Timestamp) -> Result<(), WriteFailed> {
        self.journal.close(serde_json::to_value(tally).unwrap_or_default(), at).await
    }
}

/// Why nothing is sent when nothing can be written down.
pub(super) fn unwritable(error: &impl std::fmt::Display) -> Problem {
    Problem::new(
        ProblemKind::Refused,
        format!("nothing was sent, because it could not be written down: {error}"),
        "Mend that, then try again",
    )
}
