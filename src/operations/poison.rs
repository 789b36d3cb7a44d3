//! What locks all changes for the rest of a session: a write or flush of a journal or the audit trail that failed.
//! Knows no file and no plan.

use std::sync::{Arc, OnceLock};

use super::commit::WriteFailed;
use super::records::unwritable;
use crate::fleet::Problem;

/// Whether this session may still write things down, and with that change anything. All clones are one.
///
/// After a failed flush nobody knows what the disk holds, and the kernel may tell the next one that all is well.
/// So no other operation begins, goes on or is taken up either, until the program is started anew and reads what
/// is there. A full disk is the exception: nothing is in doubt then, and the person can make room.
#[derive(Debug, Clone, Default)]
pub(super) struct Poison(Arc<OnceLock<WriteFailed>>);

impl Poison {
    /// Takes note of a failure. The first one stays.
    pub(super) fn note(&self, failure: &WriteFailed) {
        if failure.is_in_doubt() {
            // Another one before is as good a reason.
            let _ = self.0.set(failure.clone());
        }
    }

    /// What failed, if anything did.
    pub(super) fn failure(&self) -> Option<&WriteFailed> {
        self.0.get()
    }

    /// Refuses what would have to be written down.
    pub(super) fn refuse(&self) -> Result<(), Problem> {
        match self.failure() {
            None => Ok(()),
            Some(failure) => Err(Problem {
                hint: "See to the disk, then start sagedeck again: it reads what was written, and goes on from there"
                    .to_owned(),
                ..unwritable(failure)
            }),
        }
    }
}
