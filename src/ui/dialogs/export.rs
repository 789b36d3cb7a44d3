//! Writing what is shown to a file: the format, and where.

use ratatui::layout::Rect;

use crate::console::{Console, Export, Exported};
use crate::fleet::SheetFormat;

use super::super::canvas::Canvas;
use super::super::text;
use super::super::theme::Role;
use super::{Popup, open, title};

/// Draws the dialog.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, export: &Export, body: Rect) {
    let (what, rows) = match &export.what {
        Exported::Rows => ("what is shown", console.table().map_or(0, |table| table.rows.len())),
        Exported::Sheet(what, sheet) => (*what, sheet.rows.len()),
        Exported::Text(what, text) => return as_text(canvas, export, what, text, body),
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

/// Draws the dialog for text, which has one format.
fn as_text(canvas: &mut Canvas<'_>, export: &Export, what: &str, text: &str, body: Rect) {
    let keys = [("enter", "write"), ("esc", "close")];
    let popup = Popup { title: title(canvas, format!("write {what}")), keys: &keys, inside: (64, 3) };
    let inner = open(canvas, &popup, body);
    let says = format!(
        "{} of text; a file that exists is never overwritten",
        text::counted(text.lines().count(), "line")
    );
    canvas.put(inner.x, inner.y, inner.width, &says, canvas.style(Role::Muted));
    path(canvas, export, inner.x, inner.y + 2, inner.width);
}

/// The field for the path.
fn path(canvas: &mut Canvas<'_>, export: &Export, x: u16, y: u16, wide: u16) {
    canvas.put(x, y, 5, "file", canvas.style(Role::Muted));
    canvas.input(x + 5, y, wide.saturating_sub(5), &export.path, "the name of a new file", true);
}
