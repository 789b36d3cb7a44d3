//! Lines of facts that scroll, as layers show them.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::console::Line;

use super::super::canvas::Canvas;
use super::super::text;

/// Continued lines of facts begin where their values do.
const VALUES: u16 = 21;

/// Draws the lines from one on, and notes how many were seen.
pub(super) fn draw(canvas: &mut Canvas<'_>, lines: &[Line], scroll: usize, inner: Rect) {
    let place = Rect { x: inner.x + 1, width: inner.width.saturating_sub(3), ..inner };
    let visible = usize::from(inner.height);
    let first = scroll.min(lines.len().saturating_sub(1));
    let (mut y, mut shown) = (inner.y, 0);
    for line in lines.iter().skip(first) {
        if y >= inner.bottom() {
            break;
        }
        let used = draw_line(canvas, line, Rect { y, height: inner.bottom() - y, ..place });
        // A line cut off at the end was not seen whole, so one can still scroll to it.
        shown += usize::from(y + used <= inner.bottom());
        y += used;
    }
    canvas.drawn.lines = shown.max(1);
    canvas.drawn.all_lines = lines.len();
    let bar = inner.right().saturating_sub(1);
    canvas.scrollbar(bar, inner.y, inner.height, lines.len(), visible.min(shown.max(1)), first);
}

/// Draws one line, its last part broken where it is too long, and gives how many rows it took.
fn draw_line(canvas: &mut Canvas<'_>, line: &Line, place: Rect) -> u16 {
    let Some((last, before)) = line.spans.split_last() else { return 1 };
    let mut x = place.x;
    for span in before {
        let style = canvas.tone(span.tone);
        x += canvas.put(x, place.y, place.right().saturating_sub(x), &span.text, style);
    }
    let mut style = canvas.tone(last.tone);
    if line.heading {
        style = style.add_modifier(Modifier::BOLD);
    }
    let from = if before.is_empty() { place.x } else { x.max(place.x + VALUES) };
    let wrapped = text::wrap(&last.text, usize::from(place.right().saturating_sub(from)));
    for (row, part) in (0..place.height).zip(&wrapped) {
        canvas.put(from, place.y + row, place.right().saturating_sub(from), part, style);
    }
    wrapped.len().max(1) as u16
}
