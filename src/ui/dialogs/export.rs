//! Writing what is shown to a file: the format, and where.

use ratatui::layout::Rect;

use crate::console::{Console, Export, Exported, Operation};
use crate::fleet::SheetFormat;

use super::super::canvas::Canvas;
use super::super::text;
use super::super::theme::Role;
use super::{Popup, open, title};

/// Draws the dialog.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, export: &Export, body: Rect) {
    let (what, rows) = match &export.what {
        Exported::Rows => ("what is shown", console.shown_rows()),
        Exported::Sheet(what, sheet) => (*what, sheet.rows.len()),
        Exported::Report(operation) => return as_report(canvas, export, operation, body),
    };
    let keys = [("tab", "format"), ("enter", "write"), ("esc", "close")];
    let popup = Popup { title: title(canvas, format!("export {what}")), keys: &keys, inside: (64, 6) };
    let inner = open(canvas, &popup, body);
    let mut x = inner.x;
    for (format, name) in
        [(SheetFormat::Csv, " CSV "), (SheetFormat::Json, " JSON "), (SheetFormat::Markdown, " Markdown ")]
    {
        let chosen = format == export.format;
        let style = canvas.style(if chosen { Role::Selection } else { Role::Muted });
        x += canvas.put(x, inner.y, inner.right().saturating_sub(x), name, style) + 1;
    }
    let about = match export.format {
        SheetFormat::Csv => "for spreadsheets; no cell can run as a formula",
        SheetFormat::Json => "exact values, for programs",
        SheetFormat::Markdown => "a table, for a ticket or a chat",
        SheetFormat::Table => "aligned text",
    };
    let says = format!("{} with the columns on screen; {about}", text::counted(rows, "row"));
    canvas.put(inner.x, inner.y + 2, inner.width, &says, canvas.style(Role::Muted));
    path(canvas, export, inner.x, inner.y + 4, inner.width);
}

/// Draws the dialog for a report, which has one format.
fn as_report(canvas: &mut Canvas<'_>, export: &Export, operation: &Operation, body: Rect) {
    let keys = [("enter", "write"), ("esc", "close")];
    let popup = Popup { title: title(canvas, "write the report"), keys: &keys, inside: (64, 3) };
    let inner = open(canvas, &popup, body);
    let says = format!(
        "{} as Markdown; a file that exists is never overwritten",
        text::counted(operation.states.len(), "step")
    );
    canvas.put(inner.x, inner.y, inner.width, &says, canvas.style(Role::Muted));
    path(canvas, export, inner.x, inner.y + 2, inner.width);
}

/// The field for the path.
fn path(canvas: &mut Canvas<'_>, export: &Export, x: u16, y: u16, wide: u16) {
    canvas.put(x, y, 5, "file", canvas.style(Role::Muted));
    canvas.input(x + 5, y, wide.saturating_sub(5), &export.path, "the name of a new file", true);
}
