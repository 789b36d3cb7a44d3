//! The quotas pane: its table, or its matrix of app types and instance types.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::console::{Action, Console, LedgerRow, Matrix, QuotaFace, Target, Title, Tone};
use crate::fleet::{AppType, Field};

use super::canvas::{Canvas, Frame, spans_width};
use super::theme::Role;
use super::{banner, first_row, ledger, spinner, table, text};

/// What the empty filter offers to type.
const HINT: &str = "percent>75 type:JupyterLab instance:ml.g*";
/// The least and the greatest width of a column of the matrix.
const CELL: (u16, u16) = (12, 20);

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
            // Heat is told by a glyph as well as by colour; an open request also where its column has no room.
            let symbols = canvas.symbols();
            let marks = move |row: &LedgerRow| {
                let heat = match heat_of(row) {
                    "hot" => Some((symbols.error, Role::Error)),
                    "warm" => Some((symbols.warn, Role::Warn)),
                    _ => None,
                };
                [heat, is_asked_for(row).then_some((symbols.pending, Role::Pending))]
            };
            ledger::rows(canvas, console, &pane.ledger, body, &marks);
        }
        QuotaFace::Matrix => matrix(canvas, console, &console.quota_matrix(), body),
    }
}

fn heat_of(row: &LedgerRow) -> &str {
    row.cell(Field::Heat).map_or("", |cell| cell.text.as_str())
}

/// Whether a request for more is open.
fn is_asked_for(row: &LedgerRow) -> bool {
    row.cell(Field::Request).is_some_and(|cell| cell.tone == Tone::Pending)
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
    let first = &matrix.lines[0].scope;
    let many = matrix.lines.iter().any(|line| line.scope != *first);
    let accounts = matrix.lines.iter().any(|line| line.scope.account() != first.account());
    let label = |line: &crate::console::MatrixLine| match (many, accounts) {
        (false, _) => line.instance.to_string(),
        (true, false) => format!("{} {}", line.scope.region(), line.instance),
        // What is cut off is the end, and the instance type must not be.
        (true, true) => {
            let account = console.fleet.account_label(line.scope.account());
            format!("{} {account} {}", line.instance, line.scope.region())
        }
    };
    let widest = matrix.lines.iter().map(|line| text::width(&label(line))).max().unwrap_or(0) as u16;
    let first_width = widest.min(area.width / 3);
    let room = area.width.saturating_sub(first_width + 5);
    let (cursor_line, cursor_kind) = console.quotas.cell;
    let (cursor_line, cursor_kind) =
        (cursor_line.min(matrix.lines.len() - 1), cursor_kind.min(matrix.kinds.len().saturating_sub(1)));
    let across = Across::new(matrix, cursor_kind, room);
    let kinds = across.shown.clone();
    let column = |at: usize| area.x + 3 + first_width + 1 + across.left(at);
    let wide = |at: usize| across.widths[at];

    let head = canvas.style(Role::Heading);
    canvas.put(area.x + 3, area.y, first_width, "INSTANCE", head);
    for at in kinds.clone() {
        let style = if at == cursor_kind { canvas.style(Role::Accent) } else { head };
        let name = matrix.kinds[at].as_str();
        let cut = text::cut(name, usize::from(wide(at) - 2), canvas.symbols().ellipsis);
        canvas.put_right(column(at) + wide(at) - 1, area.y, wide(at) - 1, &cut, style);
    }
    let foot = u16::from(matrix.hidden > 0 || kinds.len() < matrix.kinds.len());
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
        for kind in kinds.clone() {
            let place = Rect { x: column(kind), y, width: wide(kind), height: 1 };
            cell(canvas, console, line.cells.get(kind).copied().flatten(), place);
        }
        if at == cursor_line {
            canvas.put(area.x, y, 1, canvas.symbols().cursor, canvas.style(Role::Accent));
            canvas.restyle(whole, canvas.style(Role::Selection));
            let place = Rect { x: column(cursor_kind), width: wide(cursor_kind), ..whole };
            let chosen = Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
            canvas.restyle(place, chosen);
        }
        canvas.click(whole, Target::Row(at));
    }
    if foot > 0 {
        let spans = foot_spans(canvas, console, matrix, &kinds);
        let y = area.bottom().saturating_sub(1);
        canvas.spans(area.x + 3, y, area.width.saturating_sub(4), &spans);
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

/// Which app types stand side by side, and how wide each is: as its head and its figures need.
struct Across {
    widths: Vec<u16>,
    shown: Range<usize>,
}

impl Across {
    /// As many as there is room for, the one under the cursor among them; what is over goes to all alike.
    fn new(matrix: &Matrix, cursor: usize, room: u16) -> Self {
        let head = |kind: &AppType| (text::width(kind.as_str()) as u16 + 2).clamp(CELL.0, CELL.1);
        let mut widths: Vec<u16> = matrix.kinds.iter().map(head).collect();
        let mut shown = cursor..(cursor + 1).min(widths.len());
        let used = |widths: &[u16], range: &Range<usize>| widths[range.clone()].iter().sum::<u16>();
        // From the first one on, as long as the cursor stays in sight.
        while shown.start > 0 && used(&widths, &(shown.start - 1..shown.end)) <= room {
            shown.start -= 1;
        }
        while shown.end < widths.len() && used(&widths, &(shown.start..shown.end + 1)) <= room {
            shown.end += 1;
        }
        let left = room.saturating_sub(used(&widths, &shown)) / (shown.len().max(1) as u16);
        for width in &mut widths {
            *width = (*width + left).min(CELL.1).max(*width);
        }
        Self { widths, shown }
    }

    /// How far from the first shown one another begins.
    fn left(&self, at: usize) -> u16 {
        self.widths[self.shown.start..at].iter().sum()
    }
}

/// What the matrix does not show: app types there is no room for, and instance types of which there is nothing.
fn foot_spans(
    canvas: &Canvas<'_>,
    console: &Console,
    matrix: &Matrix,
    kinds: &Range<usize>,
) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    if kinds.len() < matrix.kinds.len() {
        let key = |action: Action| console.keymap.label(action);
        let text = format!(
            "app types {}-{} of {}, <{}> <{}>",
            kinds.start + 1,
            kinds.end,
            matrix.kinds.len(),
            key(Action::QuotaLeft),
            key(Action::QuotaRight)
        );
        spans.push(canvas.span(text, Role::Accent));
    }
    if matrix.hidden > 0 {
        if !spans.is_empty() {
            spans.push(canvas.span(format!(" {} ", canvas.symbols().separator), Role::Subtle));
        }
        let text = format!("{} hidden, none may start", text::counted(matrix.hidden, "instance type"));
        spans.push(canvas.span(text, Role::Muted));
    }
    spans
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
