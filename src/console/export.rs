//! Asking for an export of what is shown; and the report of an operation.

use std::fmt::Write as _;

use tui_input::Input;

use crate::fleet::wording::Money;
use crate::fleet::{SheetFormat, StepState};

use super::layers::edit;
use super::{Console, Dialog, Effect, Export, Key, KeyCode, Operation, Tone};

/// The formats offered; the aligned table is for the command line.
const FORMATS: [SheetFormat; 3] = [SheetFormat::Csv, SheetFormat::Json, SheetFormat::Markdown];

impl Console {
    pub(super) fn open_export(&mut self) {
        let path = self.export_path(SheetFormat::Csv);
        self.dialogs.push(Dialog::Export(Export { format: SheetFormat::Csv, path: Input::new(path) }));
    }

    fn export_path(&self, format: SheetFormat) -> String {
        let stamp = self.now.to_zoned(self.zone.clone()).strftime("%Y%m%d-%H%M%S").to_string();
        format!("sagedeck-{}-{stamp}.{}", self.pane.title(), format.ending())
    }

    pub(super) fn export_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let Some(Dialog::Export(export)) = self.dialogs.last_mut() else { return };
        match key.code {
            KeyCode::Esc => self.close_layer(),
            KeyCode::Tab | KeyCode::Up | KeyCode::Down => {
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
                self.close_layer();
                effects.push(Effect::Export { path, format, sheet: self.sheet() });
            }
            _ => {
                edit(&mut export.path, key);
            }
        }
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
        StepState::Verifying => "stopping".to_owned(),
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
    let heads = ["object", "outcome", "request id"];
    out.push_str(&markdown(
        &heads,
        rows.map(|((step, state), id)| {
            vec![step.change.target().arn(), outcome(state), id.as_deref().unwrap_or_default().to_owned()]
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
