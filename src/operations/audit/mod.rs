//! The audit trail: who changed what, why, and what came of it, as lines that are only ever appended and each
//! vouch for the one before. Knows no executor and no screen.
//!
//! `STATE/audit.jsonl`, mode 0600: one JSON object per line, the members of [`Entry`] between `sequence` and the three
//! that seal the line: `flushed`, the number of the last entry that was safely on disk when this one was written;
//! `prev`, the hash of the line before (64 zeros in the first); and `hash`, the SHA-256 of the line without its last
//! member, that is of its text up to `,"hash":` and a closing brace.
//!
//! A power cut may leave zeros in any line that was not flushed, and later lines of the same flush whole. Such an end
//! was confirmed to nobody and is cut off with the next entry. Zeros in a line that a later one knows as flushed are
//! none of the power's doing.
//!
//! The chain shows what was edited, removed, moved or put in between. It cannot show that somebody who may write
//! the file has made all of it anew, or cut lines off its end: for that a [`Head`] has to be kept elsewhere, and
//! be given to [`verify_audit`].
//!
//! A line is 500 to 700 bytes, so that 1,000 changes make about 0.6 MB; an edit adds its two documents. The file is
//! never rotated and never shortened; whoever moves it away begins a new chain.

mod backwards;
mod read;
mod redact;
#[cfg(test)]
mod tests;
mod verify;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::spawn_blocking;

use self::backwards::Backwards;
pub use self::read::{Found, Search, read_audit};
pub(super) use self::redact::{redacted, redacted_text};
pub use self::verify::{FirstBad, Summary, Wrong, verify_audit};
use super::commit::{Commits, FLUSHED, WRITTEN, WriteFailed, Written};
use super::disk::{Disk, DiskFile};
use super::seal::{is_beginning, sha256, visible};
use crate::fleet::{AccountId, Region, Timestamp};

/// What the first line gives as the hash of the line before.
const NONE_BEFORE: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// What stands between a line's text and its hash.
const HASH: &str = ",\"hash\":\"";
/// How often the file is opened again when it is moved away at this very moment.
const OPENINGS: u32 = 3;

/// An event: a change that was made, or was to be made. The names of the members are those in the file, and stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When it came to its end.
    pub time: Timestamp,
    /// The ARN of the principal that made it.
    pub who: String,
    /// The account it was made in.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The AWS operation: `DeleteApp`.
    pub what: String,
    /// The ARN of the object, or its names where AWS gives it none.
    pub object: String,
    /// The identity the change was bound to: when the object was created. `None` where it did not exist before,
    /// or AWS keeps no such time.
    pub bound: Option<Timestamp>,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// The hash of the plan it belongs to; `None` for what needs no plan, such as a sign-in link.
    pub plan: Option<String>,
    /// AWS's request ids, by which CloudTrail knows the same event.
    pub request_ids: Vec<String>,
    /// The object's settings as they were.
    pub before: Option<Value>,
    /// The settings that were asked for.
    pub after: Option<Value>,
    /// What came of it: "done", "already done", or "skipped", "failed", "unknown" with the reason.
    pub outcome: String,
}

impl Entry {
    /// The same without secrets: passwords, keys and sign-in links do not come as far as the queue to the disk.
    fn redacted(self) -> Self {
        Self {
            object: redacted_text(&self.object),
            reason: self.reason.as_deref().map(redacted_text),
            before: self.before.map(redacted),
            after: self.after.map(redacted),
            outcome: redacted_text(&self.outcome),
            ..self
        }
    }
}

/// An entry as it stands in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logged {
    /// Its number, from 1.
    pub sequence: u64,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
    /// The number of the last entry that was safely on disk when this one was written; in trails of older versions
    /// nothing tells.
    #[serde(default)]
    pub flushed: Option<u64>,
    /// The hash of the line before.
    pub prev: String,
    /// The hash of this line.
    pub hash: String,
}

/// A place in the chain. Kept elsewhere, it proves that everything up to there is still as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The number of the last entry.
    pub sequence: u64,
    /// Its hash.
    pub hash: String,
}

/// The audit trail, to be added to. Several programs may do so at once: each takes the file's lock, looks how the
/// chain ends, adds to it and lets go.
#[derive(Debug, Clone)]
pub struct Audit {
    path: Arc<Path>,
    commits: Arc<Commits<Entry>>,
    note: Option<String>,
}

/// Where the audit trail is, in the folder of state.
pub fn audit_path(state: &Path) -> PathBuf {
    state.join("audit.jsonl")
}

impl Audit {
    /// Opens the audit trail in the folder of state; makes both where they are not there.
    ///
    /// # Errors
    ///
    /// When it cannot be written, when others may write to it, or when its last line is not one of ours, so that
    /// nothing can be added to the chain. Then nothing may be changed.
    pub async fn open(state: &Path, disk: &Disk) -> Result<Self, WriteFailed> {
        let path: Arc<Path> = Arc::from(audit_path(state));
        let (ours, disk) = (Arc::clone(&path), disk.clone());
        let mut trail = Trail { path: Arc::clone(&path), disk, flushed: None };
        let opened = spawn_blocking(move || {
            if let Some(dir) = ours.parent() {
                crate::store::private_folder(dir).map_err(WriteFailed::when(&ours, "made"))?;
            }
            let (mut file, was_open) = trail.open()?;
            trail.end(&mut file)?;
            Ok((trail, was_open))
        });
        let (mut trail, was_open) = match opened.await {
            Ok(outcome) => outcome?,
            Err(error) => return Err(WriteFailed::when(&path, "opened")(io::Error::other(error))),
        };
        let note = was_open.then(|| {
            format!("{} could be read by other users of this machine; now only by you", path.display())
        });
        let commits = Commits::new(Arc::clone(&path), move |entries: Vec<Entry>| trail.add(entries));
        Ok(Self { path, commits: Arc::new(commits), note })
    }

    /// Adds an event, without the secrets in it. Resolves when it is on disk; entries handed in together share one
    /// flush. The first failure is the last word, and then nothing more may be changed.
    pub fn append(&self, entry: Entry) -> Written {
        self.commits.submit(entry.redacted())
    }

    /// What the person should be told about the file as it was found, if anything.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Why nothing can be added any more, if so.
    pub fn failure(&self) -> Option<WriteFailed> {
        self.commits.failure()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The file and the disk it is on. It is opened for each batch, so that it may be moved away between two.
#[derive(Debug)]
struct Trail {
    path: Arc<Path>,
    disk: Disk,
    /// The end of the chain as far as it is known to be flushed.
    flushed: Option<Head>,
}

impl Trail {
    fn add(&mut self, entries: Vec<Entry>) -> Result<(), WriteFailed> {
        let (mut file, _) = self.open()?;
        let end = self.end(&mut file)?;
        let mut text = String::new();
        if end.lacks_break {
            text.push('\n');
        }
        let mut head = end.head;
        let flushed = head.as_ref().map_or(0, |head| head.sequence);
        for entry in entries {
            let line = seal(entry, head.as_ref(), flushed)
                .map_err(|error| WriteFailed::when(&self.path, WRITTEN)(error.into()))?;
            text.push_str(&line.text);
            text.push('\n');
            head = Some(line.head);
        }
        file.append(text.as_bytes()).map_err(WriteFailed::when(&self.path, WRITTEN))?;
        file.sync().map_err(WriteFailed::when(&self.path, FLUSHED))?;
        self.flushed = head;
        Ok(())
    }

    /// The file, locked until it is dropped, and whether others could read it until now.
    fn open(&self) -> Result<(DiskFile, bool), WriteFailed> {
        for _ in 0..OPENINGS {
            let file = match self.disk.open(&self.path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => match self.make() {
                    // Another program was first.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                    made => made.map_err(WriteFailed::when(&self.path, "made"))?,
                },
                opened => opened.map_err(WriteFailed::when(&self.path, "opened"))?,
            };
            file.own().map_err(WriteFailed::when(&self.path, "locked"))?;
            if file.is_at_its_path().map_err(WriteFailed::when(&self.path, "opened"))? {
                let was_open = file.keep_private().map_err(WriteFailed::when(&self.path, "relied on"))?;
                return Ok((file, was_open));
            }
        }
        let error = io::Error::other("the path does not lead to the file itself; it may be a link");
        Err(WriteFailed::when(&self.path, "opened")(error))
    }

    fn make(&self) -> io::Result<DiskFile> {
        let file = self.disk.create(&self.path)?;
        self.disk.sync_folder(self.path.parent().unwrap_or_else(|| Path::new(".")))?;
        Ok(file)
    }

    /// How the chain ends, which is flushed then. A torn end, of a program or machine that went while it wrote, is cut
    /// off: it was never confirmed to anyone.
    fn end(&mut self, file: &mut DiskFile) -> Result<End, WriteFailed> {
        let read = |error| WriteFailed::when(&self.path, "read")(error);
        let length = file.file().metadata().map_err(read)?.len();
        let mut lines = Backwards::new(file.file(), length);
        let mut end = End { head: None, lacks_break: false };
        let mut torn_from = None;
        // All lines of the last flush are looked at: of those, any may be torn.
        let mut flushed_before = None;
        while let Some(line) = lines.next().map_err(read)? {
            match unsealed(&line.text) {
                Some(seal) => {
                    let sequence = seal.head.sequence;
                    if end.head.is_none() {
                        // A whole line whose break did not arrive, or was taken away by an editor.
                        end = End { head: Some(seal.head), lacks_break: !line.is_terminated };
                    }
                    if sequence <= *flushed_before.get_or_insert(seal.flushed) + 1 {
                        break;
                    }
                }
                None if looks_torn(&line.text, line.is_terminated) => {
                    torn_from = Some(line.from);
                    end = End { head: None, lacks_break: false };
                }
                None => {
                    return Err(WriteFailed::when(&self.path, "added to")(io::Error::other(
                        "its last line is not as it was written; verify it, and move it away to begin a new one",
                    )));
                }
            }
        }
        if let Some(from) = torn_from {
            tracing::warn!(path = %self.path.display(), from, "the audit trail has a torn end");
            file.truncate(from).map_err(WriteFailed::when(&self.path, "cut off at its torn end"))?;
        }
        if end.head != self.flushed {
            // By another program, which may have been killed before it could flush.
            file.sync().map_err(WriteFailed::when(&self.path, FLUSHED))?;
            self.flushed.clone_from(&end.head);
        }
        Ok(end)
    }
}

/// Whether a line that is not whole is what a crash leaves of one that was never confirmed: its beginning, or a line
/// with the zeros of a block that did not reach the disk, whose end may have.
fn looks_torn(line: &[u8], is_terminated: bool) -> bool {
    if is_terminated { line.windows(2).any(|pair| pair == [0, 0]) } else { is_beginning(line) }
}

/// How the file ends.
struct End {
    head: Option<Head>,
    lacks_break: bool,
}

/// A line with its place in the chain.
struct Sealed {
    text: String,
    head: Head,
}

/// What seals a line that is whole.
struct Seal {
    /// The last entry that was flushed when it was written.
    flushed: u64,
    prev: String,
    head: Head,
}

/// Writes an entry as the line after another, when that many were flushed.
fn seal(entry: Entry, after: Option<&Head>, flushed: u64) -> serde_json::Result<Sealed> {
    #[derive(Serialize)]
    struct Unsealed<'a> {
        sequence: u64,
        #[serde(flatten)]
        entry: Entry,
        flushed: u64,
        prev: &'a str,
    }
    let sequence = after.map_or(1, |head| head.sequence + 1);
    let prev = after.map_or(NONE_BEFORE, |head| head.hash.as_str());
    let mut text = visible(serde_json::to_string(&Unsealed { sequence, entry, flushed, prev })?);
    let hash = sha256(text.as_bytes());
    // Before the closing brace.
    text.pop();
    text.push_str(HASH);
    text.push_str(&hash);
    text.push_str("\"}");
    Ok(Sealed { text, head: Head { sequence, hash } })
}

/// The seal of a line, given without its line break; `None` when the line is not what its hash was made over.
fn unsealed(line: &[u8]) -> Option<Seal> {
    #[derive(Deserialize)]
    struct Place {
        sequence: u64,
        #[serde(default)]
        flushed: Option<u64>,
        prev: String,
    }
    let start = line.len().checked_sub(HASH.len() + 64 + 2)?;
    let (text, rest) = line.split_at(start);
    let hash = rest.strip_prefix(HASH.as_bytes())?.strip_suffix(b"\"}")?;
    let mut text = text.to_vec();
    text.push(b'}');
    let found = sha256(&text);
    if found.as_bytes() != hash {
        return None;
    }
    let place: Place = serde_json::from_slice(&text).ok()?;
    // A line of an older version vouches for all before it.
    let flushed = place.flushed.unwrap_or(place.sequence.saturating_sub(1));
    Some(Seal { flushed, prev: place.prev, head: Head { sequence: place.sequence, hash: found } })
}
