//! The foot of the screen: what was just said or what is marked at the left, the keys that matter here at the
//! right. A message too long for one line gets more of them, since its end says what to do.

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::console::{Console, Place, Within};

use super::canvas::{Canvas, spans_width};
use super::text;
use super::theme::Role;

/// More lines than this are not a message but a report.
const LINES: usize = 3;

/// How many rows the foot takes.
pub(super) fn height(console: &Console, screen: Rect) -> u16 {
    if screen.height < 14 {
        return 1;
    }
    message(console, screen.width).map_or(1, |lines| lines.len().clamp(1, LINES) as u16)
}

/// The lines of the message that is shown.
fn message(console: &Console, width: u16) -> Option<Vec<String>> {
    let notice = console.notices.shown()?;
    Some(text::wrap(&notice.text, usize::from(width.saturating_sub(4))))
}

/// Draws the foot.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    let left = area.x + 1;
    let room = area.width.saturating_sub(2);
    if let (Some(notice), Some(lines)) = (console.notices.shown(), message(console, area.width)) {
        let style = canvas.tone(notice.tone);
        let glyph = text::glyph(notice.tone, canvas.symbols()).unwrap_or(canvas.symbols().separator);
        canvas.put(left, area.y, 1, glyph, style);
        let rows = usize::from(area.height);
        let mut used = 0;
        for (row, line) in lines.iter().take(rows).enumerate() {
            let y = area.y + row as u16;
            used = canvas.put(left + 2, y, room.saturating_sub(2), line, style) + 2;
            if row + 1 == rows && lines.len() > rows {
                let ellipsis = canvas.symbols().ellipsis;
                canvas.put_right(area.right().saturating_sub(1), y, 1, ellipsis, style);
            }
        }
        if lines.len() == 1 {
            hints(canvas, console, area, used);
        }
        return;
    }
    let wrong = console.filter().and_then(|filter| filter.error.as_ref());
    let said = if let Some(error) = wrong.filter(|_| console.dialogs.is_empty()) {
        let glyph = canvas.symbols().error;
        vec![canvas.span(format!("{glyph} filter: {error}"), Role::Error)]
    } else if let Some(summary) = marked(console) {
        let glyph = canvas.symbols().marked;
        vec![canvas.span(format!("{glyph} {summary}"), Role::Marked)]
    } else {
        crumbs(canvas, console)
    };
    let used = canvas.spans(left, area.y, room, &said);
    hints(canvas, console, area, used);
}

/// What the marked rows come to; a dialog over them has the figures itself.
fn marked(console: &Console) -> Option<String> {
    if console.dialogs.is_empty() { console.marked_summary() } else { None }
}

/// The way here, the latest steps of it.
fn crumbs(canvas: &Canvas<'_>, console: &Console) -> Vec<Span<'static>> {
    let trail = console.history.trail();
    if trail.len() < 2 || !console.dialogs.is_empty() {
        return Vec::new();
    }
    let mut spans = Vec::new();
    let first = trail.len().saturating_sub(4);
    if first > 0 {
        spans.push(canvas.span(format!("{} ", canvas.symbols().ellipsis), Role::Subtle));
    }
    for (index, place) in trail.iter().enumerate().skip(first) {
        if index > first {
            spans.push(canvas.span(format!(" {} ", canvas.symbols().arrow), Role::Subtle));
        }
        let role = if index + 1 == trail.len() { Role::Muted } else { Role::Subtle };
        spans.push(canvas.span(crumb(console, place), role));
    }
    spans
}

fn crumb(console: &Console, place: &Place) -> String {
    let pane = place.pane.title();
    match &place.within {
        Within::Everything => pane.to_owned(),
        Within::Domain(key) => format!("{pane} of {}", console.fleet.domain_label(key)),
        Within::User(key) => format!("{pane} of {}", key.name),
        Within::Space(key) => format!("{pane} of {}", key.name),
    }
}

/// The keys that matter here, as many as fit beside what is said; the last one, help, stays longest.
fn hints(canvas: &mut Canvas<'_>, console: &Console, area: Rect, used: u16) {
    let mut pairs = pairs(console);
    let free = area.width.saturating_sub(used + 4);
    let wide = |pairs: &[(String, String)]| -> usize {
        pairs.iter().map(|(key, word)| text::width(key) + text::width(word) + 5).sum()
    };
    while !pairs.is_empty() && wide(&pairs) > usize::from(free) {
        let at = pairs.len().saturating_sub(2);
        pairs.remove(at);
    }
    let spans = keys(canvas, &pairs);
    let wide = spans_width(&spans);
    canvas.spans_right(area.right().saturating_sub(1), area.y, wide, &spans);
}

fn pairs(console: &Console) -> Vec<(String, String)> {
    let fixed = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect()
    };
    if console.dialogs.is_empty() && console.filter().is_some_and(|filter| filter.editing) {
        return fixed(&[("enter", "keep"), ("up down", "move"), ("esc", "clear")]);
    }
    // A layer that is not the details says its keys on its own edge.
    let in_details = console.context() == crate::console::Context::Details;
    if !console.dialogs.is_empty() && !in_details {
        return Vec::new();
    }
    let footer = console.footer();
    let pairs = footer.into_iter().map(|action| (console.keymap.label(action), action.short().to_owned()));
    pairs.filter(|(key, _)| !key.is_empty()).collect()
}

/// Keys with what they do: `<d> details <?> help`.
pub(super) fn keys(canvas: &Canvas<'_>, pairs: &[(String, String)]) -> Vec<Span<'static>> {
    let mut spans = Vec::with_capacity(pairs.len() * 2);
    for (index, (key, word)) in pairs.iter().enumerate() {
        let gap = if index == 0 { "" } else { "  " };
        spans.push(canvas.span(format!("{gap}<{key}>"), Role::Key));
        spans.push(canvas.span(format!(" {word}"), Role::Muted));
    }
    spans
}
