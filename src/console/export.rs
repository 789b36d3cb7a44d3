//! Asking for an export: of what is shown, of the audit trail, of an operation.

use tui_input::Input;

use crate::fleet::{AuditRow, Change, FieldKind, Sheet, SheetColumn, SheetFormat, SheetValue, handover};

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

    /// Writes the report of the operation under the cursor.
    pub(super) fn open_report_export(&mut self) {
        if let Some(operation) = self.operations.selected() {
            let what = Exported::Report(Box::new(operation.clone()));
            let path = self.export_path(&format!("report-{}", operation.plan.id.0), "md");
            self.ask_where(what, SheetFormat::Markdown, path);
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
            KeyCode::Tab | KeyCode::Up | KeyCode::Down if !matches!(export.what, Exported::Report(_)) => {
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
                    Exported::Report(operation) => Effect::WriteReport { path, operation },
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
