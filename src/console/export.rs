//! Asking for an export of what is shown; and the report of an operation.

use std::fmt::Write as _;

use tui_input::Input;

use crate::fleet::wording::Money;
use crate::fleet::{
    AuditRow, Change, FieldKind, Sheet, SheetColumn, SheetFormat, SheetValue, StepState, handover,
};

use super::layers::edit;
use super::{Console, Dialog, Effect, Export, Exported, Key, KeyCode, Operation, Tone};

/// The formats offered; the aligned table is for the command line.
const FORMATS: [SheetFormat; 3] = [SheetFormat::Csv, SheetFormat::Json, SheetFormat::Markdown];

impl Console {
    pub(super) fn open_export(&mut self) {
        let path = self.export_path(self.pane.title(), SheetFormat::Csv.ending());
        self.ask_where(Exported::Rows, SheetFormat::Csv, path);
    }

    /// Writes other rows than those shown.
    pub(super) fn open_sheet_export(&mut self, what: &'static str, name: &str, sheet: Sheet) {
        let path = self.export_path(name, SheetFormat::Csv.ending());
        self.ask_where(Exported::Sheet(what, Box::new(sheet)), SheetFormat::Csv, path);
    }

    /// Writes text as it is.
    pub(super) fn open_text_export(&mut self, what: &'static str, name: &str, ending: &str, text: &str) {
        let path = self.export_path(name, ending);
        self.ask_where(Exported::Text(what, text.into()), SheetFormat::Markdown, path);
    }

    /// Writes the report of the operation under the cursor.
    pub(super) fn open_report_export(&mut self) {
        if let Some(operation) = self.operations.selected() {
            let (text, id) = (report(operation), operation.plan.id.0.clone());
            self.open_text_export("the report", &format!("report-{id}"), "md", &text);
        }
    }

    /// Writes for whom the operation under the cursor has made a user profile, and how each signs in.
    pub(super) fn open_hand_over(&mut self) {
        if let Some(operation) = self.operations.selected() {
            let sheet = handover(&operation.plan, &operation.states, &self.fleet);
            self.open_sheet_export("the hand-over sheet", "hand-over", sheet);
        }
    }

    /// Why there is no hand-over sheet of the operation under the cursor.
    pub(super) fn why_no_hand_over(&self) -> Option<String> {
        let onboards = |operation: &Operation| {
            operation.plan.steps.iter().any(|step| matches!(step.change, Change::CreateUser(..)))
        };
        match self.operations.selected() {
            None => Some("there is no operation".to_owned()),
            Some(operation) if !onboards(operation) => Some("this operation has onboarded nobody".to_owned()),
            Some(_) => None,
        }
    }

    /// Writes lines of the audit trail.
    pub(super) fn open_audit_export(&mut self, rows: &[AuditRow]) {
        self.open_sheet_export("the audit trail", "audit", audit_sheet(rows));
    }

    fn ask_where(&mut self, what: Exported, format: SheetFormat, path: String) {
        self.dialogs.push(Dialog::Export(Export { what, format, path: Input::new(path) }));
    }

    fn export_path(&self, name: &str, ending: &str) -> String {
        let stamp = self.now.to_zoned(self.zone.clone()).strftime("%Y%m%d-%H%M%S").to_string();
        format!("sagedeck-{name}-{stamp}.{ending}")
    }

    pub(super) fn export_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let Some(Dialog::Export(export)) = self.dialogs.last_mut() else { return };
        match key.code {
            KeyCode::Esc => self.close_layer(),
            KeyCode::Tab | KeyCode::Up | KeyCode::Down if !matches!(export.what, Exported::Text(..)) => {
                let at = FORMATS.iter().position(|format| *format == export.format).unwrap_or(0);
                let by = if key.code == KeyCode::Up { FORMATS.len() - 1 } else { 1 };
                let format = FORMATS[(at + by) % FORMATS.len()];
                let ending = format!(".{}", export.format.ending());
                let path = match export.path.value().strip_suffix(&ending) {
                    Some(stem) => format!("{stem}.{}", format.ending()),
                    None => export.path.value().to_owned(),
                };
                export.format = format;
                export.path = Input::new(path);
            }
            KeyCode::Enter => {
                let (format, path) = (export.format, export.path.value().trim().to_owned());
                if path.is_empty() {
                    return self.say(Tone::Warn, "give the file a name, or press esc");
                }
                let what = export.what.clone();
                self.close_layer();
                effects.push(match what {
                    Exported::Rows => Effect::Export { path, format, sheet: self.sheet() },
                    Exported::Sheet(_, sheet) => Effect::Export { path, format, sheet: *sheet },
                    Exported::Text(what, text) => Effect::Write { path, what, text },
                });
            }
            _ => {
                edit(&mut export.path, key);
            }
        }
    }
}

/// Lines of the audit trail as rows.
fn audit_sheet(rows: &[AuditRow]) -> Sheet {
    const COLUMNS: [&str; 10] =
        ["time", "who", "account", "region", "operation", "arn", "outcome", "reason", "plan", "request_id"];
    let text = |text: &str| SheetValue::Text(text.to_owned());
    let maybe = |given: &Option<std::sync::Arc<str>>| given.as_deref().map_or(SheetValue::Absent, text);
    Sheet {
        columns: COLUMNS.map(|name| SheetColumn { name, kind: FieldKind::Text }).to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                vec![
                    text(&row.at.to_string()),
                    text(&row.who),
                    text(&row.account),
                    text(&row.region),
                    text(&row.operation),
                    text(&row.arn),
                    text(&row.outcome),
                    maybe(&row.reason),
                    text(&row.plan),
                    maybe(&row.request_id),
                ]
            })
            .collect(),
    }
}

fn markdown(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut out = String::new();
    let mut line = |cells: &[String]| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    };
    line(&heads.iter().map(|head| (*head).to_owned()).collect::<Vec<_>>());
    line(&vec!["---".to_owned(); heads.len()]);
    for row in rows {
        line(&row.iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>());
    }
    out
}

/// What a step came to, in words.
pub fn outcome(state: &StepState) -> String {
    match state {
        StepState::Waiting => "waiting".to_owned(),
        StepState::Checking => "checking".to_owned(),
        StepState::Sending => "sending".to_owned(),
        StepState::Verifying => "verifying".to_owned(),
        StepState::Done => "done".to_owned(),
        StepState::AlreadyDone => "was gone already".to_owned(),
        StepState::Skipped(reason) => format!("skipped: {reason}"),
        StepState::Failed(problem) => format!("failed: {problem}"),
        StepState::Unknown(problem) => format!("unknown: {problem}"),
    }
}

/// An operation as Markdown, for a ticket or a hand-over.
pub(super) fn report(operation: &Operation) -> String {
    let tally = operation.tally();
    let mut out = format!("# {}\n\n", operation.plan.title);
    let mut say = |line: String| {
        out.push_str(&line);
        out.push('\n');
    };
    say(format!("- plan {}", operation.plan.id.0));
    say(format!("- confirmed {}", operation.started));
    if let Some(reason) = &operation.reason {
        say(format!("- reason: {reason}"));
    }
    if let Some(ended) = operation.ended {
        say(format!("- ended {ended}"));
    }
    say(format!(
        "- {} done, {} skipped, {} failed, {} unknown",
        tally.succeeded(),
        tally.skipped,
        tally.failed,
        tally.unknown
    ));
    say(format!("- saves {}/h", Money(operation.saved_per_hour())));
    say(String::new());
    let rows = operation.plan.steps.iter().zip(&operation.states).zip(&operation.request_ids);
    let heads = ["change", "object", "outcome", "request id"];
    for (heading, sentences) in
        [("lost", &operation.plan.loses), ("kept", &operation.plan.keeps), ("note", &operation.plan.warnings)]
    {
        for sentence in sentences {
            say(format!("- {heading}: {sentence}"));
        }
    }
    for left in &operation.plan.excluded {
        say(format!("- left out: {} {}", left.target.arn(), left.reason));
    }
    say(String::new());
    out.push_str(&markdown(
        &heads,
        rows.map(|((step, state), id)| {
            vec![
                step.change.verb().to_owned(),
                step.change.target().arn(),
                outcome(state),
                id.as_deref().unwrap_or_default().to_owned(),
            ]
        }),
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_cells_cannot_break_the_table() {
        let text = markdown(&["a", "b"], [vec!["x|y".to_owned(), "z".to_owned()]].into_iter());
        assert_eq!(text, "| a | b |\n| --- | --- |\n| x\\|y | z |\n");
    }
}
