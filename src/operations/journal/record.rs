//! The records of a journal, and the lines they are written as. Knows no file.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::seal::{sha256, visible};
use crate::fleet::{AccountId, Timestamp};

/// The format this program writes, and the newest it reads. It grows with every new kind or member of a record
/// that an older program must not overlook. The first record of a journal keeps its place and the member
/// `format` in every format to come, and every line begins with its checksum, the first one after it with
/// `{"n":1,`.
pub const FORMAT: u32 = 1;

/// Characters of the checksum before each record: the first 64 bits of the SHA-256 of the JSON after it.
pub(super) const CHECKSUM: usize = 16;

/// Who acts in an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Principal {
    /// The account.
    pub account: AccountId,
    /// The ARN that STS (`GetCallerIdentity`) names.
    pub arn: String,
}

/// What an operation is, as its journal begins; enough to list it without reading its plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The format of the journal; [`FORMAT`] when this program writes it.
    pub format: u32,
    /// The version of the program that began it.
    pub program: String,
    /// The plan's hash.
    pub plan_id: String,
    /// The plan's heading: "Stop 14 apps".
    pub title: String,
    /// How many steps the plan has.
    pub steps: usize,
    /// Who carries it out, in each account it touches.
    pub who: Vec<Principal>,
    /// Why, in the person's words, where a reason was asked for.
    pub reason: Option<String>,
    /// When it was begun.
    pub started: Timestamp,
}

impl Opening {
    /// The opening of an operation of this program.
    pub fn new(plan_id: &str, title: &str, steps: usize, started: Timestamp) -> Self {
        Self {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            plan_id: plan_id.to_owned(),
            title: title.to_owned(),
            steps,
            who: Vec::new(),
            reason: None,
            started,
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    Opened(Opening),
    Planned(Value),
    Intent { step: usize, attempt: u32 },
    Answer { step: usize, request_id: Option<String>, produced: Option<Value> },
    End { step: usize, state: Value },
    Paused { why: String },
    Resumed { who: Vec<Principal> },
    Retry { steps: Vec<usize> },
    Closed { outcome: Value },
}

/// A record in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) n: u64,
    /// The last record that had been flushed when this one was written.
    pub(super) durable: u64,
    pub(super) at: Timestamp,
    pub(super) is: Record,
}

/// What the first line says, whatever format it is in.
#[derive(Debug, Deserialize)]
struct AnyLine {
    is: AnyOpening,
}

#[derive(Debug, Deserialize)]
struct AnyOpening {
    opened: AnyFormat,
}

#[derive(Debug, Deserialize)]
struct AnyFormat {
    format: u32,
    #[serde(default)]
    program: Option<String>,
}

/// Why a line could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BadLine {
    /// It is not what was written.
    Checksum,
    /// It is what was written, by a newer program.
    Newer { format: u32, program: String },
    /// It is what was written, but not in any format this program knows.
    Unknown(String),
}

impl Line {
    /// Appends the line, with its checksum and line break.
    pub(super) fn append_to(&self, text: &mut String) -> serde_json::Result<()> {
        let json = visible(serde_json::to_string(self)?);
        text.push_str(&checksum(json.as_bytes()));
        text.push(' ');
        text.push_str(&json);
        text.push('\n');
        Ok(())
    }

    /// Reads a line, given without its line break.
    pub(super) fn parse(line: &[u8]) -> Result<Self, BadLine> {
        let json = match line.split_at_checked(CHECKSUM) {
            Some((sum, [b' ', json @ ..])) if sum == checksum(json).as_bytes() => json,
            _ => return Err(BadLine::Checksum),
        };
        if json.starts_with(br#"{"n":1,"#)
            && let Ok(any) = serde_json::from_slice::<AnyLine>(json)
            && any.is.opened.format > FORMAT
        {
            let program = any.is.opened.program.unwrap_or_else(|| "unknown".to_owned());
            return Err(BadLine::Newer { format: any.is.opened.format, program });
        }
        serde_json::from_slice(json).map_err(|error| BadLine::Unknown(error.to_string()))
    }
}

fn checksum(json: &[u8]) -> String {
    let mut sum = sha256(json);
    sum.truncate(CHECKSUM);
    sum
}
