//! The plans of this run and of earlier ones, newest first: how far each is, and what it saved.

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::console::{Action, Console, Course, Operation, Target, Tone};

use super::canvas::{Canvas, Frame, spans_width};
use super::theme::Role;
use super::{banner, first_row, spinner, steps, text};

/// Rows of one operation: its heading, its bar, a blank.
const ROWS: u16 = 3;

/// With fewer rows free the steps would only crowd the list.
const STEPS: u16 = 8;

/// Draws the list of operations.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    let list = &console.operations.list;
    let running = console.operations.running().count();
    let mut title = vec![canvas.span("operations", Role::Title)];
    title.push(canvas.span(format!(" [{}]", text::count(list.len())), Role::Number));
    let mut aside = Vec::new();
    if running > 0 {
        let busy = spinner(console, canvas.symbols());
        aside.push(canvas.span(format!("{busy} {running} running"), Role::Pending));
    }
    let focused = console.dialogs.is_empty();
    let inner = canvas.frame(area, &Frame { title, aside, focused, ..Frame::default() });
    if list.is_empty() {
        let stop = console.keymap.label(Action::Stop);
        let mark = console.keymap.label(Action::Mark);
        let lines = [
            ("no plan was carried out yet".to_owned(), canvas.style(Role::Fg)),
            (
                format!("mark apps with <{mark}>, then <{stop}> shows the plan that stops them"),
                canvas.style(Role::Muted),
            ),
        ];
        return banner::centred(canvas, inner, &lines);
    }
    let inner = with_steps(canvas, console, inner);
    let visible = usize::from((inner.height / ROWS).max(1));
    let cursor = console.operations.cursor;
    let first = first_row(0, cursor, visible, list.len());
    canvas.drawn.rows = visible;
    canvas.drawn.first = first;
    for (row, (at, operation)) in list.iter().enumerate().skip(first).take(visible).enumerate() {
        let y = inner.y + row as u16 * ROWS;
        let high = ROWS.min(inner.bottom().saturating_sub(y));
        let place = Rect { y, height: high, width: inner.width.saturating_sub(1), ..inner };
        draw_operation(canvas, console, operation, place, at == cursor);
        canvas.click(place, Target::Row(at));
    }
    let bar = inner.right().saturating_sub(1);
    canvas.scrollbar(bar, inner.y, inner.height, list.len(), visible, first);
}

/// Shows the steps of the operation under the cursor where the list leaves room; gives the room that is left to it.
fn with_steps(canvas: &mut Canvas<'_>, console: &Console, inner: Rect) -> Rect {
    let used = u16::try_from(console.operations.list.len()).unwrap_or(u16::MAX).saturating_mul(ROWS);
    let free = inner.height.saturating_sub(used);
    if let Some(operation) = console.operations.selected().filter(|_| free >= STEPS) {
        steps::brief(canvas, console, operation, Rect { y: inner.y + used, height: free, ..inner });
        return Rect { height: used, ..inner };
    }
    inner
}

fn draw_operation(
    canvas: &mut Canvas<'_>,
    console: &Console,
    operation: &Operation,
    place: Rect,
    under_cursor: bool,
) {
    let (word, tone) = outcome(operation);
    let symbols = canvas.symbols();
    let glyph = if operation.course == Course::Running {
        spinner(console, symbols)
    } else {
        text::glyph(tone, symbols).unwrap_or(symbols.separator)
    };
    let style = canvas.tone(tone);
    let (left, right) = (place.x + 2, place.right().saturating_sub(1));
    canvas.put(left, place.y, 1, glyph, style);
    let until = operation.ended.unwrap_or(console.now);
    let seconds = until.as_second() - operation.started.as_second();
    // The day matters only where it is another one.
    let (started, today) =
        (operation.started.to_zoned(console.zone.clone()), console.now.to_zoned(console.zone.clone()));
    let format = if started.date() == today.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
    let when = started.strftime(format).to_string();
    // While it runs every second counts; afterwards nobody reads how many there were.
    let long =
        if operation.is_running() { text::clock(seconds) } else { format!("took {}", text::span(seconds)) };
    let aside = [
        canvas.span(format!("{word}  "), text::role(tone)),
        canvas.span(format!("{when} {} {long}", symbols.separator), Role::Time),
    ];
    let wide = spans_width(&aside);
    let room = right.saturating_sub(left + 2);
    canvas.put(
        left + 2,
        place.y,
        room.saturating_sub(wide + 2),
        &operation.plan.title,
        canvas.style(Role::Title),
    );
    canvas.spans_right(right, place.y, wide.min(room), &aside);
    if under_cursor {
        canvas.put(place.x, place.y, 1, symbols.cursor, canvas.style(Role::Accent));
        canvas.restyle(Rect { height: 1, ..place }, canvas.style(Role::Selection));
    }
    if place.height > 1 {
        progress(canvas, operation, seconds, Rect { y: place.y + 1, height: 1, ..place });
    }
    if place.height > 2
        && let Some((says, role)) = advice(console, operation)
    {
        canvas.put(left + 2, place.y + 2, room.saturating_sub(2), &says, canvas.style(role));
    }
}

/// Why it stands still and what makes it go on; or what it has left behind.
fn advice(console: &Console, operation: &Operation) -> Option<(String, Role)> {
    let key = |action: Action| console.keymap.label(action);
    match (&operation.course, operation.leftovers()) {
        (Course::Paused(reason), _) => {
            Some((format!("{reason}; {} lets it go on", key(Action::Pause)), Role::Warn))
        }
        (Course::Interrupted, _) => {
            let says = format!(
                "the program ended before it did: {} looks at what is unknown, then goes on with the rest",
                key(Action::Pause)
            );
            Some((says, Role::Warn))
        }
        (Course::Ended, _) if operation.can_retry() => {
            Some((format!("{} tries again what did not come about", key(Action::Retry)), Role::Warn))
        }
        (Course::Ended, []) if operation.restored.is_some() => {
            let homes = operation.homes(&console.fleet)?;
            Some((format!("{}; {} shows whose", homes.heading(), key(Action::OperationDetails)), Role::Muted))
        }
        (Course::Ended, [first, rest @ ..]) => {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(" ({} shows {more} more)", key(Action::OperationDetails)),
            };
            Some((format!("stays behind: {}{more}", first.trim_end_matches('.')), Role::Muted))
        }
        _ => None,
    }
}

/// Bar, counts, rate and what is saved.
fn progress(canvas: &mut Canvas<'_>, operation: &Operation, seconds: i64, place: Rect) {
    let tally = operation.tally();
    let steps = operation.states.len();
    let finished = tally.succeeded() + tally.skipped + tally.failed + tally.unknown;
    let share = if steps == 0 { 1.0 } else { finished as f64 / steps as f64 };
    let role = if tally.failed + tally.unknown > 0 { Role::Warn } else { Role::GaugeFill };
    let bar = (place.width / 4).clamp(8, 40);
    canvas.gauge(place.x + 4, place.y, bar, share, role);
    let mut parts = vec![(format!("{}/{}", text::count(finished), text::count(steps)), Role::Number)];
    let counts = [
        (tally.running, "running", Tone::Pending),
        (tally.skipped, "skipped", Tone::Muted),
        (tally.failed, "failed", Tone::Error),
        (tally.unknown, "unknown", Tone::Unknown),
    ];
    for (number, word, tone) in counts {
        if number > 0 {
            parts.push((format!("{} {word}", text::count(number)), text::role(tone)));
        }
    }
    let saved = operation.saved_per_hour();
    if saved > 0.0 {
        parts.push((format!("saves {}/h", text::money(saved)), Role::Money));
    }
    if tally.waiting > 0 && operation.course != Course::Running {
        parts.push((format!("{} not begun", text::count(tally.waiting)), Role::Muted));
    }
    if operation.course == Course::Running && seconds > 0 && finished > 0 {
        let rate = finished as f64 / seconds as f64;
        let left = ((steps - finished) as f64 / rate).ceil() as i64;
        parts.push((format!("{rate:.1}/s, about {} left", text::span(left)), Role::Muted));
    }
    let mut spans: Vec<Span<'_>> = Vec::new();
    for (part, role) in parts {
        if !spans.is_empty() {
            spans.push(canvas.span(format!(" {} ", canvas.symbols().separator), Role::Subtle));
        }
        spans.push(canvas.span(part, role));
    }
    let x = place.x + 4 + bar + 2;
    canvas.spans(x, place.y, place.right().saturating_sub(x + 1), &spans);
}

/// How an operation stands, in a word.
pub(super) fn outcome(operation: &Operation) -> (&'static str, Tone) {
    let tally = operation.tally();
    match (&operation.course, operation.cancelled) {
        (Course::Running, true) => ("cancelling", Tone::Warn),
        (Course::Running, false) => ("running", Tone::Pending),
        (Course::Paused(_), _) => ("paused", Tone::Warn),
        (Course::Interrupted, _) => ("broken off", Tone::Warn),
        (Course::Elsewhere, _) => ("in another console", Tone::Pending),
        (Course::Ended, true) => ("cancelled", Tone::Warn),
        (Course::Ended, false) if tally.failed + tally.unknown > 0 => ("ended with failures", Tone::Error),
        (Course::Ended, false) if tally.skipped > 0 => ("done, some skipped", Tone::Warn),
        (Course::Ended, false) => ("done", Tone::Ok),
    }
}
