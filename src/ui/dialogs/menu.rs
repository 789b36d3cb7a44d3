//! What can be done with the row or the marked rows; what cannot be done now is grey, with the reason.

use ratatui::layout::Rect;

use crate::console::{Console, Target};

use super::super::canvas::Canvas;
use super::super::first_row;
use super::super::theme::Role;
use super::{Popup, open, title};

/// Columns of the key before an entry.
const KEY: u16 = 10;

/// Draws the menu.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, cursor: usize, body: Rect) {
    let entries = console.menu();
    let heights: Vec<u16> = entries.iter().map(|entry| 1 + u16::from(entry.why_not.is_some())).collect();
    let chosen = console.chosen_count();
    let heading = if chosen > 1 { format!("actions for {chosen} marked rows") } else { "actions".to_owned() };
    let popup = Popup {
        title: title(canvas, heading),
        keys: &[("enter", "do"), ("esc", "close")],
        inside: (84, heights.iter().sum()),
    };
    let inner = open(canvas, &popup, body);
    // Where every entry had two lines, this many would be visible for certain.
    let visible = if heights.iter().sum::<u16>() <= inner.height {
        entries.len()
    } else {
        usize::from(inner.height / 2)
    };
    let first = first_row(0, cursor, visible, entries.len());
    let mut y = inner.y;
    for (at, entry) in entries.iter().enumerate().skip(first) {
        let place = Rect { y, height: heights[at].min(inner.bottom().saturating_sub(y)), ..inner };
        if place.height == 0 {
            break;
        }
        let possible = entry.why_not.is_none();
        let (key, says) = if possible { (Role::Key, Role::Fg) } else { (Role::Disabled, Role::Disabled) };
        let label = console.keymap.label(entry.action);
        canvas.put(place.x, y, KEY - 1, &label, canvas.style(key));
        canvas.put(place.x + KEY, y, place.width.saturating_sub(KEY), &entry.effect, canvas.style(says));
        if let Some(reason) = entry.why_not.as_ref().filter(|_| place.height > 1) {
            let text = format!("{} {reason}", canvas.symbols().dash);
            let columns = place.width.saturating_sub(KEY);
            canvas.put(place.x + KEY, y + 1, columns, &text, canvas.style(Role::Disabled));
        }
        if at == cursor {
            canvas.restyle(place, canvas.style(Role::Selection));
        }
        canvas.click(place, Target::Row(at));
        y += place.height;
    }
    canvas.drawn.lines = visible;
    canvas.drawn.all_lines = entries.len();
}
