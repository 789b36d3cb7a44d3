//! `audit list|verify`.

use std::io;
use std::path::Path;

use super::arguments::{AuditCommand, AuditListArguments, AuditVerifyArguments, Output};
use super::exit::Exit;
use super::failure::{Failure, note, print};
use super::file::{self, Sort};
use super::list::format;
use super::setup::Setup;
use super::state::StateFolder;
use crate::fleet::wording::Counted;
use crate::fleet::{FieldKind, Sheet, SheetColumn, SheetValue};
use crate::operations::{Head, Logged, Search, audit_path, read_audit, verify_audit};
use crate::{report, store};

const HEAD: Sort = Sort { what: "kept head", largest: 4 << 10 };

/// `audit ...`.
///
/// # Errors
///
/// If the trail cannot be read, or is not as it was written.
pub(super) fn run(command: &AuditCommand, setup: &Setup) -> Result<Exit, Failure> {
    let state = StateFolder::of(setup)?;
    let trail = audit_path(state.path());
    match command {
        AuditCommand::List(arguments) => list(arguments, &trail),
        AuditCommand::Verify(arguments) => verify(arguments, &trail),
    }
}

fn list(arguments: &AuditListArguments, trail: &Path) -> Result<Exit, Failure> {
    let search = Search { text: arguments.words.join(" "), before: None, limit: arguments.limit };
    let found = read_audit(trail, &search).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    match arguments.output.output {
        // In full, as they stand in the file.
        Output::Json => {
            let text = serde_json::to_string_pretty(&found.entries).map_err(io::Error::from)?;
            print(&format!("{text}\n"))?;
        }
        output => print(&report::render(&sheet(&found.entries), format(output))?)?,
    }
    if found.has_more {
        note("note", "there are older entries; --limit kept them back");
    }
    if found.unreadable > 0 {
        let lines = Counted(usize::try_from(found.unreadable).unwrap_or(usize::MAX), "line");
        note(
            "not complete",
            &format!("{lines} cannot be read; `sagedeck audit verify` tells a torn end from an edited line"),
        );
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}

fn sheet(entries: &[Logged]) -> Sheet {
    let column = |name| SheetColumn { name, kind: FieldKind::Text };
    let columns = [
        "sequence",
        "time",
        "what",
        "object",
        "outcome",
        "who",
        "account",
        "region",
        "reason",
        "plan",
        "request_ids",
    ];
    let rows = entries.iter().map(|logged| {
        let entry = &logged.entry;
        let text = |text: &str| {
            if text.is_empty() { SheetValue::Absent } else { SheetValue::Text(text.to_owned()) }
        };
        vec![
            text(&logged.sequence.to_string()),
            text(&entry.time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            text(&entry.what),
            text(&entry.object),
            text(&entry.outcome),
            text(&entry.who),
            text(entry.account.as_str()),
            text(entry.region.as_str()),
            text(entry.reason.as_deref().unwrap_or_default()),
            text(entry.plan.as_deref().unwrap_or_default()),
            text(&entry.request_ids.join(" ")),
        ]
    });
    Sheet { columns: columns.map(column).to_vec(), rows: rows.collect() }
}

fn verify(arguments: &AuditVerifyArguments, trail: &Path) -> Result<Exit, Failure> {
    let kept = arguments.head.as_deref().map(kept).transpose()?.flatten();
    if !trail.exists() {
        if let Some(kept) = kept {
            let message = format!("{} is not there, but had {} entries", trail.display(), kept.sequence);
            return Err(Failure::new(Exit::Failed, message));
        }
        print("there is no audit trail yet\n")?;
        return Ok(Exit::Done);
    }
    let verified =
        verify_audit(trail, kept.as_ref()).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let summary = match verified {
        Ok(summary) => summary,
        Err(bad) => return Err(Failure::new(Exit::Failed, format!("{}: {bad}", trail.display()))),
    };
    let lines = Counted(usize::try_from(summary.entries).unwrap_or(usize::MAX), "line");
    print(&format!("{lines}, as written\n"))?;
    if let Some(told) = summary.torn_end() {
        note("note", &told);
    }
    if let (Some(file), Some(head)) = (&arguments.head, &summary.head) {
        let text = serde_json::to_string(head).map_err(io::Error::from)?;
        store::replace(file, format!("{text}\n").as_bytes())
            .map_err(|error| Failure::new(Exit::Failed, format!("{}: {error}", file.display())))?;
    }
    Ok(Exit::Done)
}

/// The head that was kept in a file; `None` where there is no such file yet.
fn kept(path: &Path) -> Result<Option<Head>, Failure> {
    let failed = |what: String| Failure::new(Exit::Failed, format!("{}: {what}", path.display()));
    let text = match file::text(path, HEAD) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|error| failed(error.to_string()))?,
    };
    serde_json::from_str(&text).map(Some).map_err(|error| failed(format!("it holds no kept head: {error}")))
}
