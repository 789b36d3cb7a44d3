//! A table of rows that are no objects of the fleet. Only the visible rows are built; the pane around it draws its
//! own title, chart and faces.

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::console::{Cell, Column, Console, FilterBox, Ledger, LedgerRow, Target};

use super::canvas::{Canvas, spans_width};
use super::table::widths;
use super::table::{GUTTER, draw_cell, headings};
use super::theme::Role;
use super::{first_row, text};

/// The filter of a pane, for the heading: being typed, in force, wrong.
pub(super) fn filter_spans(canvas: &Canvas<'_>, filter: &FilterBox, width: u16) -> Vec<Span<'static>> {
    if filter.editing {
        return vec![canvas.span(" /", Role::Key)];
    }
    if filter.text().is_empty() {
        return Vec::new();
    }
    let shown = text::cut(filter.text(), usize::from(width / 2), canvas.symbols().ellipsis);
    let role = if filter.error.is_some() { Role::Error } else { Role::Accent };
    vec![canvas.span(format!(" </{shown}>"), role)]
}

/// How the rows are sorted, for the heading.
pub(super) fn sort_span(canvas: &Canvas<'_>, ledger: &Ledger) -> Option<Span<'static>> {
    let column = ledger.columns().into_iter().find(|column| column.field == ledger.sort.column)?;
    let symbols = canvas.symbols();
    let arrow = if ledger.sort.descending { symbols.sort_down } else { symbols.sort_up };
    Some(canvas.span(format!("sort {} {arrow}", column.title), Role::Accent))
}

/// `3/1,204`: the cursor among the rows, for the lower edge.
pub(super) fn place_spans(canvas: &Canvas<'_>, ledger: &Ledger) -> Vec<Span<'static>> {
    if ledger.is_empty() {
        return Vec::new();
    }
    let place = format!("{}/{}", text::count(ledger.cursor_row() + 1), text::count(ledger.len()));
    vec![canvas.span(place, Role::Subtle)]
}

/// As many of the parts, in order, as fit into so many columns, with separators between them.
pub(super) fn fitting(
    canvas: &Canvas<'_>,
    parts: impl IntoIterator<Item = Span<'static>>,
    room: u16,
) -> Vec<Span<'static>> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    for part in parts {
        let mut more = spans.clone();
        if !more.is_empty() {
            more.push(canvas.span(format!(" {} ", canvas.symbols().separator), Role::Subtle));
        }
        more.push(part);
        if spans_width(&more) <= room {
            spans = more;
        }
    }
    spans
}

/// What may stand before a row: glyphs with their roles.
pub(super) type Marks = [Option<(&'static str, Role)>; 2];

/// Draws headings and the visible rows; `marks` may put glyphs before a row, as a legend does.
pub(super) fn rows(
    canvas: &mut Canvas<'_>,
    console: &Console,
    ledger: &Ledger,
    area: Rect,
    marks: &dyn Fn(&LedgerRow) -> Marks,
) {
    let visible = usize::from(area.height.saturating_sub(1));
    let first = first_row(ledger.offset, ledger.cursor_row(), visible, ledger.len());
    let last = (first + visible).min(ledger.len());
    canvas.drawn.rows = visible;
    canvas.drawn.first = first;
    let columns = ledger.columns();
    let shown: Vec<&LedgerRow> = (first..last).filter_map(|place| ledger.row(place)).collect();
    let room = area.width.saturating_sub(GUTTER + 2);
    let widest = widest(ledger, &columns, &shown);
    let places = widths::lay(ledger.sort.column, &columns, &widest, area.x + GUTTER, room);
    headings(canvas, console, (ledger.sort, ledger.chosen_column), &columns, &places, area);
    for (index, row) in shown.into_iter().enumerate() {
        let y = area.y + 1 + index as u16;
        let line = Rect { x: area.x, y, width: area.width, height: 1 };
        for (column, place) in columns.iter().zip(&places) {
            if let Some((x, width)) = *place {
                cell(canvas, column, row, Rect { x, y, width, height: 1 });
            }
        }
        for (x, mark) in (area.x + 1..).zip(marks(row)) {
            let Some((glyph, role)) = mark else { continue };
            let style = canvas.style(role);
            canvas.put(x, y, 1, glyph, style);
        }
        if first + index == ledger.cursor_row() {
            let style = canvas.style(Role::Accent);
            canvas.put(area.x, y, 1, canvas.symbols().cursor, style);
            canvas.restyle(line, canvas.style(Role::Selection));
        }
        canvas.click(line, Target::Row(first + index));
    }
    let bar = area.right().saturating_sub(1);
    canvas.scrollbar(bar, area.y + 1, area.height.saturating_sub(1), ledger.len(), visible, first);
}

/// The widest cell of each column among the visible rows and a sample of all. A bar takes what there is.
fn widest(ledger: &Ledger, columns: &[&'static Column], shown: &[&LedgerRow]) -> Vec<usize> {
    let sample: Vec<&LedgerRow> =
        widths::sample(ledger.len()).filter_map(|place| ledger.row(place)).collect();
    let measure = |column: &Column, row: &LedgerRow| {
        let cell = row.cell(column.field);
        let bar = if cell.is_some_and(|cell| cell.share.is_some()) { BAR } else { 0 };
        bar + text::width(&Ledger::cell(column, row).text)
    };
    columns
        .iter()
        .map(|column| shown.iter().chain(&sample).map(|row| measure(column, row)).max().unwrap_or(0))
        .collect()
}

/// How many columns a bar takes, with the blank after it.
const BAR: usize = 9;
/// How many a figure beside a bar takes: `>999%`. Figures of one column have one width, so that their bars begin and end
/// alike.
const FIGURE: u16 = 5;

fn cell(canvas: &mut Canvas<'_>, column: &Column, row: &LedgerRow, place: Rect) {
    let cell = Ledger::cell(column, row);
    let share = row.cell(column.field).and_then(|cell| cell.share);
    let used = text::width(&cell.text) as u16;
    let figure = used.max(FIGURE);
    if let Some(share) = share
        && place.width >= figure + 4
    {
        let bar = place.width.saturating_sub(figure + 1);
        canvas.gauge(place.x, place.y, bar, share, super::text::role(cell.tone));
        let rest = Rect { x: place.x + bar + 1, width: figure, ..place };
        draw_cell(canvas, column, &Cell { text: cell.text, tone: cell.tone }, rest, false);
        return;
    }
    draw_cell(canvas, column, &cell, place, false);
}
