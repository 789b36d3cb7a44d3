//! Reading a journal back: what is certain, what is not, and what is damaged. Changes no file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::commit::WriteFailed;
use super::super::seal::is_beginning;
use super::record::{BadLine, CHECKSUM, FORMAT, Line, Opening, Principal, Record};
use crate::fleet::Timestamp;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The operating system refused.
    #[error(transparent)]
    Failed(#[from] WriteFailed),
    /// Another console, or this one, carries the operation out at this moment.
    #[error("{}: this operation is being carried out by another sagedeck", path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// The operation is finished; there is nothing to resume.
    #[error("{}: this operation is finished", path.display())]
    Closed {
        /// The journal.
        path: PathBuf,
    },
    /// The file holds what was not written to it. It is never changed again; what happened after the named line
    /// cannot be told from it.
    #[error("{}:{line}: the journal is damaged: {what}; it is left as it is", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The first bad line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A newer sagedeck began it, in a format this one cannot read.
    #[error("{}: written by sagedeck {program} in format {format}; this one reads up to {FORMAT}", path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
        /// Its format.
        format: u32,
        /// The version of the program.
        program: String,
    },
    /// The program or the power went before the plan was on disk: nothing was sent.
    #[error("{}: the operation never began; nothing was sent", path.display())]
    NeverBegun {
        /// The journal.
        path: PathBuf,
    },
    /// The plan has an id that cannot be part of a file's name.
    #[error("the plan has an id that cannot name a file: {plan_id:?}")]
    NoName {
        /// The id.
        plan_id: String,
    },
}

/// What a journal records.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The file.
    pub path: PathBuf,
    /// What the operation is.
    pub opening: Opening,
    /// The plan, as it was given.
    pub plan: Value,
    /// What is known of each step, by position; a step that is missing was not begun. See [`step`](Self::step).
    pub steps: BTreeMap<usize, StepRecord>,
    /// Why it is paused, if it is.
    pub paused: Option<String>,
    /// Who carried it out last, in each account: at first those of the opening.
    pub who: Vec<Principal>,
    /// When it was finished, and its outcome in the caller's terms.
    pub closed: Option<(Timestamp, Value)>,
    /// When the last thing was recorded.
    pub last: Timestamp,
    /// How many records there are.
    pub records: u64,
    /// What was dropped at the end because it never was whole.
    pub torn: Option<Torn>,
}

/// The end of a journal that was being written when the program or the power went. Nothing that it held can have
/// been acted upon: it had not been flushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The line, from 1.
    pub line: u64,
    /// Where it begins, in bytes.
    pub from: u64,
    /// How many bytes were dropped.
    pub bytes: u64,
}

/// What is known of a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StepRecord {
    /// How often it was about to be sent.
    pub attempts: u32,
    /// AWS's request ids, of all attempts that were answered.
    pub request_ids: Vec<String>,
    /// What it made that later steps need.
    pub produced: Option<Value>,
    /// How far it is.
    pub standing: StepStanding,
}

/// How far a step is, as far as its journal knows.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum StepStanding {
    /// Nothing was sent.
    #[default]
    NotBegun,
    /// It was about to be sent, and may have been: what became of it must be read from AWS.
    Intended {
        /// When.
        at: Timestamp,
    },
    /// AWS took it; whether it has come about was not seen.
    Answered {
        /// When.
        at: Timestamp,
    },
    /// It has come to an end.
    Ended {
        /// When.
        at: Timestamp,
        /// How, in the caller's terms.
        state: Value,
    },
}

impl Recorded {
    /// The plan as the type it was given as.
    ///
    /// # Errors
    ///
    /// When it is not of that type.
    pub fn plan<P: DeserializeOwned>(&self) -> Result<P, serde_json::Error> {
        P::deserialize(&self.plan)
    }

    /// What is known of a step.
    pub fn step(&self, step: usize) -> StepRecord {
        self.steps.get(&step).cloned().unwrap_or_default()
    }

    /// The steps that may have been sent and whose end is not known: they must be read from AWS before anything
    /// else is done to them.
    pub fn unknown(&self) -> BTreeSet<usize> {
        let is_unknown = |step: &StepRecord| {
            matches!(step.standing, StepStanding::Intended { .. } | StepStanding::Answered { .. })
        };
        self.steps.iter().filter(|(_, step)| is_unknown(step)).map(|(at, _)| *at).collect()
    }

    fn new(path: &Path, opening: Opening, plan: Value) -> Self {
        Self {
            path: path.to_owned(),
            plan,
            steps: BTreeMap::new(),
            paused: None,
            who: opening.who.clone(),
            closed: None,
            last: opening.started,
            opening,
            records: 2,
            torn: None,
        }
    }

    fn add(&mut self, line: Line) -> Result<(), &'static str> {
        if self.closed.is_some() {
            return Err("it stands after the end of the operation");
        }
        let at = line.at;
        match line.is {
            Record::Opened(_) | Record::Planned(_) => return Err("it begins the operation a second time"),
            Record::Intent { step, attempt } => {
                let known = self.steps.entry(step).or_default();
                // The same one again says that it is in doubt once more, and is no further one.
                known.attempts = known.attempts.max(attempt);
                known.standing = StepStanding::Intended { at };
            }
            Record::Answer { step, request_id, produced } => {
                let known = self.steps.entry(step).or_default();
                known.request_ids.extend(request_id);
                known.produced = produced.or(known.produced.take());
                known.standing = StepStanding::Answered { at };
            }
            Record::End { step, state } => {
                self.steps.entry(step).or_default().standing = StepStanding::Ended { at, state };
            }
            Record::Paused { why } => self.paused = Some(why),
            Record::Resumed { who } => {
                self.paused = None;
                self.who = who;
            }
            Record::Retry { steps } => {
                for step in steps {
                    self.steps.entry(step).or_default().standing = StepStanding::NotBegun;
                }
            }
            Record::Closed { outcome } => self.closed = Some((at, outcome)),
        }
        self.last = at;
        self.records = line.n;
        Ok(())
    }
}

/// Reads a journal from its first byte.
pub(super) fn read(path: &Path, file: &File) -> Result<Recorded, JournalError> {
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(0)).map_err(WriteFailed::when(&Arc::from(path), "read"))?;
    read_from(path, &mut reader)
}

/// Reads a journal from its bytes; the path is for the errors.
pub(super) fn read_from(path: &Path, reader: &mut impl BufRead) -> Result<Recorded, JournalError> {
    scan(path, reader).map_err(WriteFailed::when(&Arc::from(path), "read"))?
}

/// The first line that is not as it was written.
struct Bad {
    line: u64,
    from: u64,
    what: String,
    /// Whether it looks like something that was on its way to the disk: without its end, or with the zeros of a
    /// block that did not arrive.
    looks_torn: bool,
}

fn scan(path: &Path, reader: &mut impl BufRead) -> io::Result<Result<Recorded, JournalError>> {
    let damaged =
        |line, what: &str| Err(JournalError::Damaged { path: path.to_owned(), line, what: what.to_owned() });
    let mut opening = None;
    let mut recorded: Option<Recorded> = None;
    let mut bad: Option<Bad> = None;
    let (mut number, mut offset) = (0, 0);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        let from = offset;
        offset += line.len() as u64;
        let whole = line.strip_suffix(b"\n");
        let parsed = whole.map_or(Err(BadLine::Checksum), Line::parse);
        if let Some(first) = &bad {
            // A later line that is whole may vouch for the bad one.
            if let Ok(later) = parsed
                && later.durable >= first.line
            {
                return Ok(damaged(first.line, &first.what));
            }
        } else {
            match parsed {
                Ok(read) if read.n != number => {
                    return Ok(damaged(number, &format!("record {} stands where {number} belongs", read.n)));
                }
                Ok(read) => {
                    if let Err(what) = take(path, read, &mut opening, &mut recorded) {
                        return Ok(damaged(number, what));
                    }
                }
                Err(BadLine::Newer { format, program }) => {
                    return Ok(Err(JournalError::Newer { path: path.to_owned(), format, program }));
                }
                Err(BadLine::Unknown(what)) => {
                    return Ok(damaged(number, &format!("a record this version does not know ({what})")));
                }
                Err(BadLine::Checksum) => {
                    bad = Some(Bad {
                        line: number,
                        from,
                        what: "its checksum does not fit".to_owned(),
                        looks_torn: looks_torn(&line),
                    });
                }
            }
        }
        line.clear();
    }
    let torn = match bad {
        Some(bad) if !bad.looks_torn => return Ok(damaged(bad.line, &bad.what)),
        Some(bad) => Some(Torn { line: bad.line, from: bad.from, bytes: offset - bad.from }),
        None => None,
    };
    Ok(recorded
        .map(|recorded| Recorded { torn, ..recorded })
        .ok_or_else(|| JournalError::NeverBegun { path: path.to_owned() }))
}

/// Whether a line is what a crash leaves of one of ours that was being written. With its line break, only zeros
/// can have made it bad: a block that did not reach the disk, while a later one did.
fn looks_torn(line: &[u8]) -> bool {
    match line.last() {
        Some(b'\n') => line.windows(2).any(|pair| pair == [0, 0]),
        _ => {
            line.contains(&0)
                || line.get(CHECKSUM + 1..).is_none_or(is_beginning)
                || Line::parse(line).is_ok()
        }
    }
}

/// Adds a good line to what is known so far.
fn take(
    path: &Path,
    line: Line,
    opening: &mut Option<Opening>,
    recorded: &mut Option<Recorded>,
) -> Result<(), &'static str> {
    match (recorded, line.is) {
        (Some(recorded), is) => recorded.add(Line { is, ..line })?,
        (None, Record::Opened(found)) if opening.is_none() => *opening = Some(found),
        (recorded, Record::Planned(plan)) => match opening.take() {
            Some(opening) => *recorded = Some(Recorded::new(path, opening, plan)),
            None => return Err("the plan stands before the opening"),
        },
        (None, _) => return Err("the operation's opening and plan do not stand before it"),
    }
    Ok(())
}
