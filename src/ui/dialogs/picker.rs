//! Choosing profiles, regions or the theme from a list that narrows as one types.

use ratatui::layout::Rect;

use crate::console::{Choice, Picker, Target};

use super::super::canvas::Canvas;
use super::super::theme::Role;
use super::super::{first_row, text};
use super::{Popup, open, title};

const CHOOSE: &[(&str, &str)] = &[("enter", "take"), ("esc", "leave")];

/// Draws the picker.
pub(super) fn draw(canvas: &mut Canvas<'_>, picker: &Picker, body: Rect) {
    let (heading, keys): (&str, &[(&str, &str)]) = match picker.choice {
        Choice::Profiles => ("AWS profiles", &[("space", "choose"), ("enter", "use"), ("esc", "leave")]),
        Choice::Regions => ("regions", &[("space", "choose"), ("enter", "use"), ("esc", "leave")]),
        Choice::Theme => ("theme", &[("up down", "look"), ("enter", "keep"), ("esc", "as before")]),
        Choice::CostGroup => ("group costs by", CHOOSE),
        Choice::CostThen => ("then group by", CHOOSE),
        Choice::CostPeriod => ("days", CHOOSE),
        Choice::CostAccount => ("whose bill", CHOOSE),
    };
    let several = picker.choice.takes_several();
    let high = (picker.entries.len() as u16).clamp(4, 20) + 2;
    let popup = Popup { title: title(canvas, heading), keys, inside: (60, high) };
    let inner = open(canvas, &popup, body);
    canvas.put(inner.x, inner.y, 1, "/", canvas.style(Role::Key));
    let hint = match picker.choice {
        Choice::CostGroup | Choice::CostThen => "type to narrow, or tag:KEY",
        Choice::CostPeriod => "or 2026-10-01 2026-11-01 (end excluded)",
        _ if several => "type to narrow; several can be chosen",
        _ => "type to narrow",
    };
    let counts = format!("{}/{}", picker.shown.len(), picker.entries.len());
    let wide = text::width(&counts) as u16;
    canvas.put_right(inner.right(), inner.y, wide, &counts, canvas.style(Role::Subtle));
    canvas.input(inner.x + 2, inner.y, inner.width.saturating_sub(wide + 4), &picker.input, hint, true);
    let list = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    let visible = usize::from(list.height);
    canvas.drawn.lines = visible;
    canvas.drawn.all_lines = picker.shown.len();
    if picker.shown.is_empty() {
        canvas.put(list.x, list.y, list.width, "nothing is called that", canvas.style(Role::Muted));
        return;
    }
    let names = picker.entries.iter().map(|(value, _)| text::width(value)).max().unwrap_or(0);
    let names = (names as u16).min(list.width / 2);
    let first = first_row(0, picker.cursor, visible, picker.shown.len());
    let rows = picker.shown.iter().enumerate().skip(first).take(visible);
    for (row, (at, entry)) in rows.enumerate() {
        let Some((value, says)) = picker.entries.get(*entry) else { continue };
        let place = Rect { y: list.y + row as u16, height: 1, ..list };
        let chosen = picker.chosen.contains(value);
        let tick = if chosen { canvas.symbols().marked } else { " " };
        let (tick, name) = if several {
            (format!("[{tick}]"), if chosen { Role::Marked } else { Role::Fg })
        } else {
            let now = if *value == picker.before { canvas.symbols().ok } else { " " };
            (format!(" {now} "), Role::Fg)
        };
        canvas.put(place.x, place.y, 3, &tick, canvas.style(Role::Marked));
        canvas.put(place.x + 4, place.y, names, value, canvas.style(name));
        let x = place.x + 4 + names + 2;
        canvas.put(x, place.y, place.right().saturating_sub(x), says, canvas.style(Role::Muted));
        if at == picker.cursor {
            canvas.restyle(place, canvas.style(Role::Selection));
        }
        canvas.click(place, Target::Row(at));
    }
    canvas.scrollbar(inner.right(), list.y, list.height, picker.shown.len(), visible, first);
}
