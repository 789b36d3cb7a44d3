//! The operations there have been, from their journals: cheap for hundreds, hiding none. Changes no file.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::super::commit::WriteFailed;
use super::super::disk::is_in_use;
use super::read::{JournalError, read};
use super::record::{BadLine, Line, Opening, Record};
use crate::fleet::Timestamp;

/// The longest opening that is read: it holds a title, a reason and an ARN per account.
const HEAD: u64 = 1024 * 1024;
/// How much of the end is read to see whether an operation is finished.
const TAIL: u64 = 8 * 1024;

/// An operation, as far as its journal tells at a glance.
#[derive(Debug)]
pub struct Listed {
    /// The journal.
    pub path: PathBuf,
    /// What it is; `None` when its beginning cannot be read.
    pub opening: Option<Opening>,
    /// How it stands.
    pub standing: Standing,
}

/// How an operation stands.
#[derive(Debug)]
pub enum Standing {
    /// It is being carried out, by this console or another.
    Running,
    /// It was left before its end: [`Journal::read`](super::Journal::read) tells what is known of its steps.
    Unfinished,
    /// It is finished.
    Closed {
        /// When.
        at: Timestamp,
        /// What came of it, in the terms of whoever carried it out.
        outcome: Value,
    },
    /// The journal cannot be read; nothing is known of it but what the error says.
    Unreadable(JournalError),
}

/// The operations with a journal in `dir`, newest first. It blocks while it reads.
///
/// Of a finished operation only the first and last lines are read, so damage between them is found by
/// [`Journal::read`](super::Journal::read) only.
///
/// # Errors
///
/// When the folder cannot be read. One that is not there holds no operations.
pub fn history(dir: &Path) -> Result<Vec<Listed>, WriteFailed> {
    let mut paths = journals(dir).map_err(WriteFailed::when(&Arc::from(dir), "read"))?;
    // The names begin with the time.
    paths.sort_unstable_by(|a, b| b.file_name().cmp(&a.file_name()));
    Ok(paths.into_iter().map(list).collect())
}

/// Whether a plan has a journal in `dir`: it was begun once, and must not be applied again.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn was_begun(dir: &Path, plan_id: &str) -> Result<bool, WriteFailed> {
    let end = format!("-{plan_id}.journal");
    let paths = journals(dir).map_err(WriteFailed::when(&Arc::from(dir), "read"))?;
    Ok(paths.iter().filter_map(|path| path.file_name()?.to_str()).any(|name| name.ends_with(&end)))
}

fn journals(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "journal") {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn list(path: PathBuf) -> Listed {
    match glance(&path) {
        Ok((opening, standing)) => Listed { path, opening, standing },
        Err(error) => {
            let error = WriteFailed::when(&Arc::from(path.as_path()), "read")(error);
            Listed { path, opening: None, standing: Standing::Unreadable(error.into()) }
        }
    }
}

fn glance(path: &Path) -> io::Result<(Option<Opening>, Standing)> {
    let mut file = File::open(path)?;
    let opening = match head(&file) {
        // Windows lets nobody read what another program has locked.
        Err(_) if is_in_use(&file) => return Ok((None, Standing::Running)),
        read => read?,
    };
    if opening.is_some()
        && let Some(closed) = tail(&mut file)?
    {
        return Ok((opening, closed));
    }
    if is_in_use(&file) {
        return Ok((opening, Standing::Running));
    }
    // Few are unfinished, and those are worth being read in full.
    Ok(match read(path, &file) {
        Ok(recorded) => (Some(recorded.opening), recorded.closed.map_or(Standing::Unfinished, finished)),
        Err(error) => (opening, Standing::Unreadable(error)),
    })
}

fn finished((at, outcome): (Timestamp, Value)) -> Standing {
    Standing::Closed { at, outcome }
}

fn head(file: &File) -> io::Result<Option<Opening>> {
    let mut line = Vec::new();
    BufReader::new(file).take(HEAD).read_until(b'\n', &mut line)?;
    let line = line.strip_suffix(b"\n").map_or(Err(BadLine::Checksum), Line::parse);
    Ok(line.ok().and_then(|line| if let Record::Opened(opening) = line.is { Some(opening) } else { None }))
}

/// How the operation ended, if the last line says so and is whole.
fn tail(file: &mut File) -> io::Result<Option<Standing>> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let last = end.strip_suffix(b"\n").and_then(|end| end.rsplit(|byte| *byte == b'\n').next());
    Ok(last.and_then(|line| Line::parse(line).ok()).and_then(|line| match line.is {
        Record::Closed { outcome } => Some(finished((line.at, outcome))),
        _ => None,
    }))
}
