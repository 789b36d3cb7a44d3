//! The command palette: a line to type in, and what it found.

use ratatui::layout::Rect;

use crate::console::{Console, Palette, PaletteItem, Target};

use super::super::canvas::Canvas;
use super::super::naming::{kind_of, name_of};
use super::super::theme::Role;
use super::super::{first_row, text};
use super::{Popup, open, title};

/// Columns of the kind before an item.
const KIND: u16 = 9;

/// Draws the palette.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, palette: &Palette, body: Rect) {
    let keys = [("enter", "run"), ("tab", "complete"), ("up", "history"), ("esc", "close")];
    // The height does not depend on what was found, or the dialog would jump while one types.
    let popup = Popup { title: title(canvas, "command"), keys: &keys, inside: (100, 18) };
    let inner = open(canvas, &popup, body);
    canvas.put(inner.x, inner.y, 1, ":", canvas.style(Role::Key));
    let hint = "a command, a pane with a filter (apps idle>2h), or the name of anything";
    canvas.input(inner.x + 2, inner.y, inner.width.saturating_sub(2), &palette.input, hint, true);
    let list = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    let visible = usize::from(list.height);
    canvas.drawn.lines = visible;
    canvas.drawn.all_lines = palette.items.len();
    if palette.items.is_empty() {
        canvas.put(list.x, list.y, list.width, "nothing is called that", canvas.style(Role::Muted));
        return;
    }
    let first = first_row(0, palette.cursor, visible, palette.items.len());
    for (row, (at, item)) in palette.items.iter().enumerate().skip(first).take(visible).enumerate() {
        let place = Rect { y: list.y + row as u16, height: 1, ..list };
        draw_item(canvas, console, item, place);
        if at == palette.cursor {
            canvas.restyle(place, canvas.style(Role::Selection));
        }
        canvas.click(place, Target::Row(at));
    }
    canvas.scrollbar(inner.right(), list.y, list.height, palette.items.len(), visible, first);
}

fn draw_item(canvas: &mut Canvas<'_>, console: &Console, item: &PaletteItem, place: Rect) {
    let separator = canvas.symbols().separator;
    let (kind, says, aside) = match item {
        PaletteItem::Action(action) => ("command", action.help().to_owned(), console.keymap.label(*action)),
        PaletteItem::Object(key) => {
            let scope = key.scope();
            let place = format!("{} {}", console.fleet.account_label(scope.account()), scope.region());
            (kind_of(key), name_of(console, key, separator), place)
        }
        PaletteItem::View(pane, filter) if filter.is_empty() => {
            ("pane", pane.title().to_owned(), String::new())
        }
        PaletteItem::View(pane, filter) => ("pane", format!("{} /{filter}", pane.title()), String::new()),
        PaletteItem::Saved(name, place) => {
            ("view", name.clone(), format!("{} /{}", place.pane.title(), place.filter))
        }
    };
    let role = if matches!(item, PaletteItem::Action(_)) { Role::Key } else { Role::Muted };
    let wide = (text::width(&aside) as u16).min(place.width / 2);
    canvas.put(place.x, place.y, KIND - 1, kind, canvas.style(Role::Muted));
    let room = place.width.saturating_sub(KIND + wide + 2);
    canvas.put(place.x + KIND, place.y, room, &says, canvas.style(Role::Fg));
    canvas.put_right(place.right(), place.y, wide, &aside, canvas.style(role));
}
