//! The journal of an operation: what was meant, what was sent and what came of it, on disk before each call, so
//! that a crash at any moment leaves no doubt that was not written down. Knows no executor, no AWS and no screen.
//!
//! ```text
//! STATE/operations/20261122T101500Z-<plan id>.journal       mode 0600, in a folder of mode 0700
//!
//! 1f0c…e2 {"n":1,"durable":0,"at":"…","is":{"opened":{"format":1,"program":"0.1.0",…}}}
//! 77ab…01 {"n":2,"durable":0,"at":"…","is":{"planned":{…the plan…}}}
//! 90de…4c {"n":3,"durable":2,"at":"…","is":{"intent":{"step":0,"attempt":1}}}
//! ```
//!
//! Each line is a checksum, a blank and a record as JSON. Why so much:
//! - the **checksum** finds bits that have flipped and lines that were torn when the program or the power went;
//! - the **number** finds lines that are missing, doubled or moved;
//! - **durable** is the number up to which everything had been flushed when the line was written. A power cut may
//!   lose any block of what was not flushed yet, not only the end of it; a line that no later one vouches for was
//!   never acted upon and can be dropped, while one that was vouched for and is bad is damage, and is told.
//!
//! The first two records are flushed together, with the file's name, before [`Journal::create`] returns: a journal
//! without its plan is one of an operation that never sent anything.

#[cfg(test)]
mod crashes;
mod history;
mod read;
mod record;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tokio::task::spawn_blocking;

pub use history::{Listed, Standing, history, was_begun};
pub use read::{JournalError, Recorded, StepRecord, StepStanding, Torn};
pub use record::{FORMAT, Opening, Principal};

use self::record::{Line, Record};
use super::audit::{redacted, redacted_text};
use super::commit::{Commits, FLUSHED, WRITTEN, WriteFailed, Written};
use super::disk::{Disk, DiskFile};
use crate::fleet::Timestamp;

/// The journal of an operation that this program carries out: open to be appended to, and locked, so that no
/// other program can. It stays so until the last clone is dropped.
///
/// Every method that records something hands it in at once and returns a [`Written`], which resolves when the
/// record is on disk. What is handed in together shares one flush. The first failure ends it for good: every
/// later call fails with the same words, and the operation must send nothing more. What the disk then holds is
/// found by reading it again, with [`Journal::resume`].
#[derive(Debug, Clone)]
pub struct Journal {
    path: Arc<Path>,
    commits: Arc<Commits<(Timestamp, Record)>>,
}

impl Journal {
    /// Begins the journal of a plan in `dir`, the folder of operations, which is made if it is not there.
    /// Opening and plan are on disk when this returns.
    ///
    /// # Errors
    ///
    /// When the plan's id is no plain word, when the same operation has a journal already, or when the file cannot
    /// be written. Then nothing may be sent.
    pub async fn create(
        dir: &Path,
        disk: &Disk,
        opening: Opening,
        plan: &impl Serialize,
    ) -> Result<Self, JournalError> {
        let path: Arc<Path> = Arc::from(dir.join(file_name(&opening)?));
        let plan =
            serde_json::to_value(plan).map_err(|error| WriteFailed::when(&path, WRITTEN)(error.into()))?;
        let opening = Opening { reason: opening.reason.as_deref().map(redacted_text), ..opening };
        let (file, disk) = (Arc::clone(&path), disk.clone());
        blocking(&path, move || Pen::begin(&file, &disk, opening, plan))
            .await
            .map(|pen| Self::with(path, pen))
    }

    /// Takes over a journal that was left unfinished, and what it records. A torn end is cut off; nothing else is
    /// changed until something is recorded.
    ///
    /// # Errors
    ///
    /// When another program runs the operation, when it is finished, or when the journal is damaged or newer than
    /// this program. Then it is left exactly as it is.
    pub async fn resume(path: &Path, disk: &Disk) -> Result<(Self, Recorded), JournalError> {
        let path: Arc<Path> = Arc::from(path);
        let (file, disk) = (Arc::clone(&path), disk.clone());
        let (pen, recorded) = blocking(&path, move || Pen::resume(&file, &disk)).await?;
        Ok((Self::with(path, pen), recorded))
    }

    /// Reads a journal, in use or not, and changes nothing. It blocks while it reads.
    ///
    /// # Errors
    ///
    /// As [`resume`](Self::resume), but for journals in use and finished ones, which can be read.
    pub fn read(path: &Path) -> Result<Recorded, JournalError> {
        let file = fs::File::open(path).map_err(WriteFailed::when(&Arc::from(path), "read"))?;
        read::read(path, &file)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why nothing can be recorded any more, if so. Then nothing may be sent either.
    pub fn failure(&self) -> Option<WriteFailed> {
        self.commits.failure()
    }

    /// The step is about to be sent. **The call may be made only after this has resolved.**
    pub fn intent(&self, step: usize, attempt: u32, at: Timestamp) -> Written {
        self.record(Record::Intent { step, attempt }, at)
    }

    /// AWS took the step: its request id, and what it made that later steps need, such as the id of a new domain.
    pub fn answer(
        &self,
        step: usize,
        request_id: Option<&str>,
        produced: Option<Value>,
        at: Timestamp,
    ) -> Written {
        let produced = produced.map(redacted);
        self.record(Record::Answer { step, request_id: request_id.map(str::to_owned), produced }, at)
    }

    /// The step has come to an end, which is told in the caller's terms.
    pub fn end(&self, step: usize, state: Value, at: Timestamp) -> Written {
        self.record(Record::End { step, state: redacted(state) }, at)
    }

    /// Nothing more is sent for now, and why.
    pub fn paused(&self, why: &str, at: Timestamp) -> Written {
        self.record(Record::Paused { why: redacted_text(why) }, at)
    }

    /// It goes on, as these principals.
    pub fn resumed(&self, who: Vec<Principal>, at: Timestamp) -> Written {
        self.record(Record::Resumed { who }, at)
    }

    /// These steps, which had ended and are known not to have been carried out, are made again.
    pub fn retry(&self, steps: Vec<usize>, at: Timestamp) -> Written {
        self.record(Record::Retry { steps }, at)
    }

    /// Nothing more will happen to the operation. `outcome` is what the history shows of it; a few hundred bytes
    /// are meant.
    pub fn close(&self, outcome: Value, at: Timestamp) -> Written {
        self.record(Record::Closed { outcome: redacted(outcome) }, at)
    }

    fn record(&self, record: Record, at: Timestamp) -> Written {
        self.commits.submit((at, record))
    }

    fn with(path: Arc<Path>, mut pen: Pen) -> Self {
        let commits = Commits::new(Arc::clone(&path), move |records| pen.write(records));
        Self { path, commits: Arc::new(commits) }
    }
}

/// The end of a journal, at which records are appended.
#[derive(Debug)]
struct Pen {
    path: Arc<Path>,
    file: DiskFile,
    /// The number of the next record.
    next: u64,
    /// The number of the last record that has been flushed.
    durable: u64,
}

impl Pen {
    fn begin(path: &Arc<Path>, disk: &Disk, opening: Opening, plan: Value) -> Result<Self, JournalError> {
        let dir = path.parent().unwrap_or_else(|| Path::new("."));
        crate::store::private_folder(dir).map_err(WriteFailed::when(path, "made"))?;
        let mut pen = Self::create(path, disk)?;
        let at = opening.started;
        let begun = pen
            .write(vec![(at, Record::Opened(opening)), (at, Record::Planned(plan))])
            .and_then(|()| disk.sync_folder(dir).map_err(WriteFailed::when(path, FLUSHED)));
        if let Err(failure) = begun {
            // Nothing was sent: there is nothing to remember but the failure. Left behind, it would be listed as an
            // operation that never began, which is true, too.
            if let Err(error) = disk.remove(path) {
                tracing::warn!(path = %path.display(), %error, "a journal that was not begun is left behind");
            }
            return Err(failure.into());
        }
        Ok(pen)
    }

    fn create(path: &Arc<Path>, disk: &Disk) -> Result<Self, JournalError> {
        let file = disk.create(path).map_err(WriteFailed::when(path, "made"))?;
        if !file.try_own().map_err(WriteFailed::when(path, "locked"))? {
            return Err(JournalError::InUse { path: path.to_path_buf() });
        }
        Ok(Self { path: Arc::clone(path), file, next: 1, durable: 0 })
    }

    fn resume(path: &Arc<Path>, disk: &Disk) -> Result<(Self, Recorded), JournalError> {
        let mut file = disk.open(path).map_err(WriteFailed::when(path, "opened"))?;
        if !file.try_own().map_err(WriteFailed::when(path, "locked"))? {
            return Err(JournalError::InUse { path: path.to_path_buf() });
        }
        if file.keep_private().map_err(WriteFailed::when(path, "kept private"))? {
            tracing::warn!(path = %path.display(), "others could read this journal; it is private again");
        }
        // Read under the lock: until now its owner may have been writing.
        let recorded = read::read(path, file.file())?;
        if recorded.closed.is_some() {
            return Err(JournalError::Closed { path: path.to_path_buf() });
        }
        if let Some(torn) = &recorded.torn {
            file.truncate(torn.from).map_err(WriteFailed::when(path, "cut off at its torn end"))?;
        }
        // What is there may never have been flushed, by a program that was killed: from here on it is vouched for.
        file.sync().map_err(WriteFailed::when(path, FLUSHED))?;
        let last = recorded.records;
        Ok((Self { path: Arc::clone(path), file, next: last + 1, durable: last }, recorded))
    }

    /// Writes records with one call and flushes them with another.
    fn write(&mut self, records: Vec<(Timestamp, Record)>) -> Result<(), WriteFailed> {
        let mut text = String::new();
        let mut next = self.next;
        for (at, is) in records {
            Line { n: next, durable: self.durable, at, is }
                .append_to(&mut text)
                .map_err(|error| WriteFailed::when(&self.path, WRITTEN)(error.into()))?;
            next += 1;
        }
        self.file.append(text.as_bytes()).map_err(WriteFailed::when(&self.path, WRITTEN))?;
        self.file.sync().map_err(WriteFailed::when(&self.path, FLUSHED))?;
        self.next = next;
        self.durable = next - 1;
        Ok(())
    }
}

/// The name of an operation's file: sorted by name is sorted by time.
fn file_name(opening: &Opening) -> Result<PathBuf, JournalError> {
    let id = &opening.plan_id;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || id.len() > 100 || !id.chars().all(is_plain) {
        return Err(JournalError::NoName { plan_id: id.clone() });
    }
    Ok(PathBuf::from(format!("{}-{id}.journal", opening.started.strftime("%Y%m%dT%H%M%SZ"))))
}

async fn blocking<T: Send + 'static>(
    path: &Arc<Path>,
    work: impl FnOnce() -> Result<T, JournalError> + Send + 'static,
) -> Result<T, JournalError> {
    match spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(WriteFailed::when(path, "opened")(std::io::Error::other(error)).into()),
    }
}
