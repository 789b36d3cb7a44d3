//! The quotas pane: its table, or its matrix of app types and instance types.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::console::{Action, Console, LedgerRow, Matrix, QuotaFace, Target, Title};

use super::canvas::{Canvas, Frame, spans_width};
use super::theme::Role;
use super::{banner, first_row, ledger, spinner, table, text};

/// What the empty filter offers to type.
const HINT: &str = "percent>75 type:JupyterLab instance:ml.g*";
/// The least and the greatest width of a column of the matrix.
const CELL: (u16, u16) = (10, 18);

/// Draws the pane.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    let pane = &console.quotas;
    let title = console.quota_title();
    let heading = heading(canvas, console, &title, area.width);
    let used = spans_width(&heading);
    let editing = pane.ledger.filter.editing;
    let aside = if editing { Vec::new() } else { aside(canvas, console, &title, area.width, used) };
    let foot_aside = match pane.face {
        QuotaFace::Table => ledger::place_spans(canvas, &pane.ledger),
        QuotaFace::Matrix => Vec::new(),
    };
    let focused = console.dialogs.is_empty();
    let inner = canvas.frame(area, &Frame { title: heading, aside, foot_aside, focused, ..Frame::default() });
    if editing {
        table::edit_line(canvas, &pane.ledger.filter, HINT, area, used);
    }
    let body = banner::problem(canvas, &title, inner);
    canvas.drawn.rows = usize::from(body.height.saturating_sub(1));
    if pane.ledger.is_empty() {
        return no_rows(canvas, console, &title, body);
    }
    match pane.face {
        QuotaFace::Table => {
            // Heat is told by a glyph as well as by colour.
            let hot = canvas.symbols().error;
            let warm = canvas.symbols().warn;
            let marks = move |row: &LedgerRow| match heat_of(row) {
                "hot" => Some((hot, Role::Error)),
                "warm" => Some((warm, Role::Warn)),
                _ => None,
            };
            ledger::rows(canvas, console, &pane.ledger, body, &marks);
        }
        QuotaFace::Matrix => matrix(canvas, console, &console.quota_matrix(), body),
    }
}

fn heat_of(row: &LedgerRow) -> &str {
    row.cell(crate::fleet::Field::Heat).map_or("", |cell| cell.text.as_str())
}

fn heading(canvas: &Canvas<'_>, console: &Console, title: &Title, width: u16) -> Vec<Span<'static>> {
    let pane = &console.quotas;
    let mut spans = vec![canvas.span(console.pane.title(), Role::Title)];
    if !title.within.is_empty() {
        spans.push(canvas.span(format!(" ({})", title.within), Role::Muted));
    }
    let counts = if title.shown == title.total {
        format!(" [{}]", text::count(title.total))
    } else {
        format!(" [{}/{}]", text::count(title.shown), text::count(title.total))
    };
    spans.push(canvas.span(counts, Role::Number));
    spans.extend(ledger::filter_spans(canvas, &pane.ledger.filter, width));
    spans
}

/// How hot it is, what is missing and how it is sorted, as far as there is room.
fn aside(canvas: &Canvas<'_>, console: &Console, title: &Title, width: u16, used: u16) -> Vec<Span<'static>> {
    let symbols = canvas.symbols();
    let (hot, warm) = console.quotas.heats;
    let mut parts = Vec::new();
    if title.loading {
        parts.push(canvas.span(spinner(console, symbols), Role::Pending));
    }
    if hot > 0 {
        parts.push(canvas.span(format!("{} {hot} hot", symbols.error), Role::Error));
    }
    if warm > 0 {
        parts.push(canvas.span(format!("{} {warm} warm", symbols.warn), Role::Warn));
    }
    if let Some(reason) = &title.partial {
        parts.push(canvas.span(format!("{} partial: {reason}", symbols.warn), Role::Warn));
    }
    if console.quotas.face == QuotaFace::Table {
        parts.extend(ledger::sort_span(canvas, &console.quotas.ledger));
    }
    ledger::fitting(canvas, parts, width.saturating_sub(used + 9))
}

fn no_rows(canvas: &mut Canvas<'_>, console: &Console, title: &Title, area: Rect) {
    let key = |action: Action| format!("<{}>", console.keymap.label(action));
    let (fg, muted) = (canvas.style(Role::Fg), canvas.style(Role::Muted));
    let filter = console.quotas.ledger.filter.text();
    let lines: Vec<(String, Style)> = if title.total == 0 && (title.loading || console.loads.in_flight() > 0)
    {
        let spinner = spinner(console, canvas.symbols());
        vec![(format!("{spinner} reading quotas from AWS"), canvas.style(Role::Pending))]
    } else if title.total == 0 && title.problem.is_some() {
        let again = format!("{} tries again", key(Action::Refresh));
        vec![("nothing could be read".to_owned(), fg), (again, muted)]
    } else if title.total == 0 {
        let read = format!("{} reads them", key(Action::Refresh));
        vec![("nothing was read yet".to_owned(), fg), (read, muted)]
    } else {
        vec![
            (format!("none of {} limits matches", text::count(title.total)), fg),
            (format!("/{filter}"), canvas.style(Role::Match)),
            (format!("{} clears the filter", key(Action::Back)), muted),
        ]
    };
    banner::centred(canvas, area, &lines);
}

/// Instance types down, app types across.
fn matrix(canvas: &mut Canvas<'_>, console: &Console, matrix: &Matrix, area: Rect) {
    if matrix.lines.is_empty() {
        let style = canvas.style(Role::Muted);
        let line = format!(
            "no app runs and none may start: no limit above 0 in {}",
            text::counted(matrix.hidden, "instance type")
        );
        return banner::centred(canvas, area, &[(line, style)]);
    }
    let many = matrix.lines.iter().any(|line| line.scope != matrix.lines[0].scope);
    let label = |line: &crate::console::MatrixLine| {
        if many { format!("{} {}", line.scope.region(), line.instance) } else { line.instance.to_string() }
    };
    let widest = matrix.lines.iter().map(|line| text::width(&label(line))).max().unwrap_or(0) as u16;
    let first_width = widest.min(area.width / 3);
    let room = area.width.saturating_sub(first_width + 5);
    let wide = (room / matrix.kinds.len().max(1) as u16).clamp(CELL.0, CELL.1);
    // The column of the cursor stays in sight where there is no room for all.
    let fit = usize::from((room / wide).max(1));
    let (cursor_line, cursor_kind) = console.quotas.cell;
    let (cursor_line, cursor_kind) =
        (cursor_line.min(matrix.lines.len() - 1), cursor_kind.min(matrix.kinds.len().saturating_sub(1)));
    let first_kind = first_row(0, cursor_kind, fit, matrix.kinds.len());
    let kinds: Vec<usize> = (first_kind..matrix.kinds.len()).take(fit).collect();
    let column = |at: usize| area.x + 3 + first_width + 1 + (at - first_kind) as u16 * wide;

    let head = canvas.style(Role::Heading);
    canvas.put(area.x + 3, area.y, first_width, "INSTANCE", head);
    for at in &kinds {
        let style = if *at == cursor_kind { canvas.style(Role::Accent) } else { head };
        let name = matrix.kinds[*at].as_str();
        let cut = text::cut(name, usize::from(wide - 2), canvas.symbols().ellipsis);
        canvas.put_right(column(*at) + wide - 1, area.y, wide - 1, &cut, style);
    }
    let foot = u16::from(matrix.hidden > 0);
    let visible = usize::from(area.height.saturating_sub(1 + foot));
    let first = first_row(0, cursor_line, visible, matrix.lines.len());
    canvas.drawn.rows = visible;
    canvas.drawn.first = first;
    for (row, (at, line)) in matrix.lines.iter().enumerate().skip(first).take(visible).enumerate() {
        let y = area.y + 1 + row as u16;
        let whole = Rect { x: area.x, y, width: area.width.saturating_sub(1), height: 1 };
        let ellipsis = canvas.symbols().ellipsis;
        let name = label(line);
        let name = text::cut(&name, usize::from(first_width), ellipsis);
        canvas.put(area.x + 3, y, first_width, &name, canvas.style(Role::Accent));
        for kind in &kinds {
            let place = Rect { x: column(*kind), y, width: wide, height: 1 };
            cell(canvas, console, line.cells.get(*kind).copied().flatten(), place);
        }
        if at == cursor_line {
            canvas.put(area.x, y, 1, canvas.symbols().cursor, canvas.style(Role::Accent));
            canvas.restyle(whole, canvas.style(Role::Selection));
            let place = Rect { x: column(cursor_kind), width: wide, ..whole };
            let chosen = Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
            canvas.restyle(place, chosen);
        }
        canvas.click(whole, Target::Row(at));
    }
    if foot > 0 {
        let line =
            format!("{} of which none may start not shown", text::counted(matrix.hidden, "instance type"));
        let y = area.bottom().saturating_sub(1);
        canvas.put(area.x + 3, y, area.width.saturating_sub(4), &line, canvas.style(Role::Muted));
    }
    let bar = area.right().saturating_sub(1);
    canvas.scrollbar(
        bar,
        area.y + 1,
        area.height.saturating_sub(1 + foot),
        matrix.lines.len(),
        visible,
        first,
    );
}

/// `▲ 5/6`: the glyph says what the colour says.
fn cell(canvas: &mut Canvas<'_>, console: &Console, at: Option<usize>, place: Rect) {
    let right = place.right().saturating_sub(1);
    let Some(at) = at else {
        let dash = canvas.symbols().dash;
        let style = canvas.style(Role::Subtle);
        return canvas.put_right(right, place.y, place.width.saturating_sub(1), dash, style);
    };
    let (figure, tone) = console.quota_cell(at);
    let style = canvas.tone(tone);
    let glyph = text::glyph(tone, canvas.symbols());
    let shown = match glyph {
        Some(glyph) => format!("{glyph} {figure}"),
        None => figure,
    };
    let shown = text::cut(&shown, usize::from(place.width.saturating_sub(1)), canvas.symbols().ellipsis);
    canvas.put_right(right, place.y, place.width.saturating_sub(1), &shown, style);
}
