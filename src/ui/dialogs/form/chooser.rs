//! The list of options over a form, below its field or above it.

use ratatui::layout::Rect;

use crate::console::{Chooser, Control, Field, Target};

use super::super::super::canvas::{Canvas, Frame};
use super::super::super::theme::Role;
use super::super::super::{first_row, text};

/// How many entries are shown at most.
const MOST: u16 = 12;

/// Draws the list of a field whose value stands at `anchor`, within `bounds`.
pub(super) fn draw(canvas: &mut Canvas<'_>, field: &Field, chooser: &Chooser, anchor: Rect, bounds: Rect) {
    let Some(options) = field.options() else { return };
    let chosen: &[String] = match &field.control {
        Control::Several { chosen, .. } => chosen,
        Control::Choice { value, .. } => std::slice::from_ref(value),
        _ => &[],
    };
    let several = matches!(field.control, Control::Several { .. });
    let count = chooser.count();
    let wanted = (count as u16).clamp(1, MOST) + 2;
    let (below, above) = (bounds.bottom().saturating_sub(anchor.y + 1), anchor.y.saturating_sub(bounds.y));
    // Where it fits, below the field, as one expects it.
    let height = wanted.min(below.max(above));
    let y = if wanted <= below || below >= above { anchor.y + 1 } else { anchor.y - height };
    let x = anchor.x.saturating_sub(2).max(bounds.x);
    let area = Rect { x, y, width: bounds.right().saturating_sub(x), height };
    let ground = canvas.style(Role::Fg).patch(canvas.style(Role::Popup));
    canvas.fill(area, ground);
    let counts = format!("{}/{}", chooser.shown.len(), options.items.len());
    let foot = vec![canvas.span(counts, Role::Subtle)];
    let inner = canvas.frame(area, &Frame { foot_aside: foot, popup: true, ..Frame::default() });
    let visible = usize::from(inner.height);
    canvas.drawn.lines = visible;
    canvas.drawn.all_lines = count;
    if count == 0 {
        let says = match options.state() {
            Some((_, state)) => state.to_owned(),
            None if options.items.is_empty() => "there is nothing to choose from".to_owned(),
            None => "nothing is called that".to_owned(),
        };
        canvas.put(inner.x + 1, inner.y, inner.width.saturating_sub(1), &says, canvas.style(Role::Muted));
        return;
    }
    let entries = chooser.shown.iter().filter_map(|at| options.items.get(*at));
    let names = entries.map(|item| text::width(&item.label)).max().unwrap_or(0);
    let names = (names as u16).min(inner.width.saturating_sub(6) * 3 / 5);
    let first = first_row(0, chooser.cursor, visible, count);
    for (row, at) in (first..count).take(visible).enumerate() {
        let place = Rect { y: inner.y + row as u16, height: 1, ..inner };
        let item = chooser.shown.get(at).and_then(|at| options.items.get(*at));
        if let Some(item) = item {
            let is_chosen = chosen.contains(&item.value);
            let tick = if is_chosen { canvas.symbols().marked } else { " " };
            let tick = if several { format!("[{tick}]") } else { format!(" {tick} ") };
            canvas.put(place.x, place.y, 3, &tick, canvas.style(Role::Marked));
            let role = if is_chosen { Role::Marked } else { Role::Fg };
            canvas.put(place.x + 4, place.y, names, &item.label, canvas.style(role));
            let x = place.x + 4 + names + 2;
            let glyph = text::glyph(item.tone, canvas.symbols());
            let note = glyph.map_or_else(|| item.note.clone(), |glyph| format!("{glyph} {}", item.note));
            canvas.put(x, place.y, place.right().saturating_sub(x), &note, canvas.tone(item.tone));
        } else {
            let typed = chooser.typed.as_deref().unwrap_or_default();
            let says = format!("take `{typed}` as it is typed");
            let wide = place.width.saturating_sub(4);
            canvas.put(place.x + 4, place.y, wide, &says, canvas.style(Role::Muted));
        }
        if at == chooser.cursor {
            canvas.restyle(place, canvas.style(Role::Selection));
        }
        canvas.click(place, Target::Row(at));
    }
    canvas.scrollbar(area.right().saturating_sub(1), inner.y, inner.height, count, visible, first);
}
