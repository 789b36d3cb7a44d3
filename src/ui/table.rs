//! A table of the fleet. Only the visible rows are built; widths come from the columns' bounds and a sample.

pub(super) mod widths;

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::Span;

use crate::console::{Align, Cell, Column, Console, FilterBox, Sort, Table, Target, Title};
use crate::fleet::Field;

use super::canvas::{Canvas, Frame, spans_width};
use super::theme::Role;
use super::{banner, first_row, spinner, text};

/// Columns before the first cell: the cursor's glyph, the mark's glyph, a blank.
pub(super) const GUTTER: u16 = 3;

/// Draws the table of the pane.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    let (Some(title), Some(table)) = (console.title(), console.table()) else { return };
    let heading = heading(canvas, console, &title, table, area.width);
    let aside = aside(canvas, console, &title, table, area.width, spans_width(&heading));
    let edited = table.filter.editing.then(|| spans_width(&heading));
    let place = format!("{}/{}", text::count(table.cursor_row() + 1), text::count(table.rows.len()));
    let inner = canvas.frame(
        area,
        &Frame {
            title: heading,
            aside: if edited.is_some() { Vec::new() } else { aside },
            foot_aside: if table.rows.is_empty() {
                Vec::new()
            } else {
                vec![canvas.span(place, Role::Subtle)]
            },
            focused: console.dialogs.is_empty(),
            ..Frame::default()
        },
    );
    if let Some(used) = edited {
        edit_line(canvas, &table.filter, "idle>2h instance:ml.g* tag.team:nlp", area, used);
    }
    let body = banner::problem(canvas, &title, inner);
    canvas.drawn.rows = usize::from(body.height.saturating_sub(1));
    if table.rows.is_empty() {
        banner::no_rows(canvas, console, &title, table, body);
        return;
    }
    rows(canvas, console, table, body);
}

/// What is shown: pane, under which object, how many of how many, marks, filter.
fn heading(
    canvas: &Canvas<'_>,
    console: &Console,
    title: &Title,
    table: &Table,
    width: u16,
) -> Vec<Span<'static>> {
    let mut spans = vec![canvas.span(console.pane.title(), Role::Title)];
    spans.push(canvas.span(format!(" ({})", title.within), Role::Muted));
    // A number that may grow any moment says so.
    let more = if title.partial.is_some() || title.loading && title.never { "+" } else { "" };
    let counts = if title.shown == title.total {
        format!(" [{}{more}]", text::count(title.total))
    } else {
        format!(" [{}/{}{more}]", text::count(title.shown), text::count(title.total))
    };
    spans.push(canvas.span(counts, Role::Number));
    if table.faults_only {
        spans.push(canvas.span(" faults only", Role::Warn));
    }
    let filter = table.filter.text();
    if table.filter.editing {
        spans.push(canvas.span(" /", Role::Key));
    } else if !filter.is_empty() {
        let columns = usize::from(width / 2);
        let shown = text::cut(filter, columns, canvas.symbols().ellipsis);
        let role = if table.filter.error.is_some() { Role::Error } else { Role::Accent };
        spans.push(canvas.span(format!(" </{shown}>"), role));
    }
    spans
}

/// What the list is missing and how it is sorted, in the longest form that fits beside the heading.
fn aside(
    canvas: &Canvas<'_>,
    console: &Console,
    title: &Title,
    table: &Table,
    width: u16,
    used: u16,
) -> Vec<Span<'static>> {
    let symbols = canvas.symbols();
    let room = width.saturating_sub(used + 9);
    let column = console.columns().into_iter().find(|column| column.field == table.sort.column);
    let arrow = if table.sort.descending { symbols.sort_down } else { symbols.sort_up };
    let sort = column.map(|column| canvas.span(format!("sort {} {arrow}", column.title), Role::Accent));
    let busy = title.loading.then(|| canvas.span(spinner(console, symbols), Role::Pending));
    let partial = |text: String| canvas.span(format!("{} {text}", symbols.warn), Role::Warn);
    let long = title.partial.as_ref().map(|reason| partial(format!("partial: {reason}")));
    let short = title.partial.as_ref().map(|_| partial("partial".to_owned()));
    for parts in
        [[busy.clone(), long, sort.clone()], [busy.clone(), short.clone(), sort.clone()], [busy, short, None]]
    {
        let mut spans = Vec::new();
        for part in parts.into_iter().flatten() {
            if !spans.is_empty() {
                spans.push(canvas.span(format!(" {} ", symbols.separator), Role::Subtle));
            }
            spans.push(part);
        }
        if spans_width(&spans) <= room {
            return spans;
        }
    }
    Vec::new()
}

/// The filter being typed, on the upper edge; the part that is wrong is underlined.
pub(super) fn edit_line(canvas: &mut Canvas<'_>, filter: &FilterBox, hint: &str, area: Rect, used: u16) {
    let x = area.x + 3 + used;
    let Some(columns) = area.right().checked_sub(x + 2).filter(|columns| *columns > 0) else { return };
    let blank = canvas.style(Role::Input);
    canvas.repeat(x, area.y, columns, " ", blank);
    canvas.input(x, area.y, columns, &filter.input, hint, true);
    let text = filter.text();
    if let Some(error) = &filter.error
        && text::width(text) < usize::from(columns)
        && let (Some(before), Some(wrong)) = (text.get(..error.span.start), text.get(error.span.clone()))
    {
        let at = x + text::width(before) as u16;
        let wide = text::width(wrong).max(1) as u16;
        let style = canvas.style(Role::Error).add_modifier(Modifier::UNDERLINED);
        canvas.restyle(Rect { x: at, y: area.y, width: wide, height: 1 }, style);
    }
}

/// The column headings and the visible rows.
fn rows(canvas: &mut Canvas<'_>, console: &Console, table: &Table, area: Rect) {
    let visible = usize::from(area.height.saturating_sub(1));
    let first = first_row(table.offset, table.cursor_row(), visible, table.rows.len());
    let last = (first + visible).min(table.rows.len());
    canvas.drawn.rows = visible;
    canvas.drawn.first = first;
    let columns = console.columns();
    let shown: Vec<Vec<Cell>> = table.rows[first..last]
        .iter()
        .map(|position| columns.iter().map(|column| console.cell(column, *position)).collect())
        .collect();
    // The last column is for the scroll bar and a blank before it.
    let room = area.width.saturating_sub(GUTTER + 2);
    let places = widths::places(console, table, &columns, &shown, area.x + GUTTER, room);
    headings(canvas, console, (table.sort, table.chosen_column), &columns, &places, area);
    for (index, cells) in shown.iter().enumerate() {
        let y = area.y + 1 + index as u16;
        let row = Rect { x: area.x, y, width: area.width, height: 1 };
        let place = first + index;
        let key = table.rows.get(place).and_then(|at| console.object_at(table.kind, *at as usize));
        let marked = key.is_some_and(|key| table.is_marked(&key));
        for (at, (cell, column)) in cells.iter().zip(&columns).enumerate() {
            if let Some((x, wide)) = places[at] {
                draw_cell(canvas, column, cell, Rect { x, y, width: wide, height: 1 }, marked && at == 0);
            }
        }
        if marked {
            let style = canvas.style(Role::Marked);
            canvas.put(area.x + 1, y, 1, canvas.symbols().marked, style);
        }
        if place == table.cursor_row() {
            let style = canvas.style(Role::Accent);
            canvas.put(area.x, y, 1, canvas.symbols().cursor, style);
            canvas.restyle(row, canvas.style(Role::Selection));
        }
        canvas.click(row, Target::Row(place));
    }
    let bar = area.right().saturating_sub(1);
    canvas.scrollbar(bar, area.y + 1, area.height.saturating_sub(1), table.rows.len(), visible, first);
}

/// The heads of the columns: which is sorted by, which is chosen, where a click sorts.
pub(super) fn headings(
    canvas: &mut Canvas<'_>,
    console: &Console,
    (sort, chosen_column): (Sort, Option<Field>),
    columns: &[&'static Column],
    places: &[Option<(u16, u16)>],
    area: Rect,
) {
    for (column, place) in columns.iter().zip(places) {
        let Some((x, wide)) = *place else { continue };
        let sorted = sort.column == column.field;
        let chosen = chosen_column == Some(column.field);
        let mut style = canvas.style(if sorted || chosen { Role::Accent } else { Role::Heading });
        if chosen {
            style = style.add_modifier(Modifier::UNDERLINED | Modifier::BOLD);
        }
        let symbols = canvas.symbols();
        let arrow = if sort.descending { symbols.sort_down } else { symbols.sort_up };
        let title = widths::head(column.title, usize::from(wide).saturating_sub(if sorted { 2 } else { 0 }));
        let text = if sorted { format!("{title} {arrow}") } else { title.to_owned() };
        match column.align {
            Align::Left => {
                canvas.put(x, area.y, wide, &text, style);
            }
            Align::Right => canvas.put_right(x + wide, area.y, wide, &text, style),
        }
        let target = Target::Column(console.column_position(column));
        canvas.click(Rect { x, y: area.y, width: wide, height: 1 }, target);
    }
}

/// A cell in its place.
pub(super) fn draw_cell(canvas: &mut Canvas<'_>, column: &Column, cell: &Cell, place: Rect, marked: bool) {
    let style = if marked { canvas.style(Role::Marked) } else { canvas.tone(cell.tone) };
    let mut x = place.x;
    let mut wide = place.width;
    if let Some(glyph) = state_glyph(canvas, column, cell) {
        let used = canvas.put(x, place.y, wide, glyph, canvas.tone(cell.tone)) + 1;
        x += used;
        wide = wide.saturating_sub(used);
    }
    match column.align {
        Align::Left => {
            canvas.put(x, place.y, wide, &cell.text, style);
        }
        Align::Right => canvas.put_right(x + wide, place.y, wide, &cell.text, style),
    }
}

/// The glyph before a state: only the column of states has them, elsewhere the words are enough.
fn state_glyph(canvas: &Canvas<'_>, column: &Column, cell: &Cell) -> Option<&'static str> {
    if column.field == Field::Status { text::glyph(cell.tone, canvas.symbols()) } else { None }
}
