//! The layers over a pane. Placing, clearing and dimming happen here once; each file draws what is inside.
//! Details and steps take the place of the pane; all others lie over it.

mod audit;
mod burn;
mod change;
mod confirm;
mod details;
mod export;
mod form;
mod help;
mod leave;
mod lines;
mod menu;
mod palette;
mod picker;
mod quota;
mod reconcile;
mod unlock;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::console::{Choice, Console, Dialog};

use super::canvas::{Canvas, Frame};
use super::theme::Role;
use super::{footer, steps};

/// Draws the topmost layer that takes the place of the pane; whether there is one.
pub(super) fn cover(canvas: &mut Canvas<'_>, console: &Console, body: Rect) -> bool {
    for dialog in console.dialogs.iter().rev() {
        match dialog {
            Dialog::Details(dialog) => {
                details::draw(canvas, console, dialog, body);
                return true;
            }
            Dialog::Audit(view) => {
                audit::draw(canvas, console, view, body);
                return true;
            }
            Dialog::Quota { id, scroll } => {
                quota::draw(canvas, console, id, *scroll, body);
                return true;
            }
            Dialog::Burn(view) => {
                burn::draw(canvas, console, view, body);
                return true;
            }
            Dialog::Reconcile(view) => {
                reconcile::draw(canvas, console, view.scroll, body);
                return true;
            }
            Dialog::Steps { operation, scroll } => {
                steps::draw(canvas, console, operation, *scroll, body);
                return true;
            }
            _ => {}
        }
    }
    false
}

/// Draws the layers that lie over the pane, the topmost last.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, body: Rect) {
    let mut dimmed = false;
    for dialog in &console.dialogs {
        if matches!(
            dialog,
            Dialog::Details(_)
                | Dialog::Quota { .. }
                | Dialog::Steps { .. }
                | Dialog::Audit(_)
                | Dialog::Burn(_)
                | Dialog::Reconcile(_)
        ) {
            continue;
        }
        // What lies under a dialog cannot be clicked, least of all taken for one of its rows.
        canvas.drawn.areas.clear();
        canvas.drawn.lines = 0;
        canvas.drawn.all_lines = 0;
        canvas.cursor = None;
        // A theme is looked at while it is chosen.
        let looked_at = matches!(dialog, Dialog::Picker(picker) if picker.choice == Choice::Theme);
        if !dimmed && !looked_at {
            let ground = canvas.style(Role::Bg).patch(canvas.style(Role::Subtle));
            canvas.restyle(body, Style::new().remove_modifier(Modifier::all()));
            canvas.restyle(body, ground);
            dimmed = true;
        }
        match dialog {
            Dialog::Help { scroll } => help::draw(canvas, console, *scroll, body),
            Dialog::Palette(palette) => palette::draw(canvas, console, palette, body),
            Dialog::Picker(picker) => picker::draw(canvas, picker, body),
            Dialog::Menu { cursor } => menu::draw(canvas, console, *cursor, body),
            Dialog::Preparing(dialog) => change::preparing(canvas, console, dialog, body),
            Dialog::Link(dialog) => change::link(canvas, console, dialog, body),
            Dialog::LifecycleConfigs { scope, cursor } => {
                change::lifecycle_configs(canvas, console, scope, *cursor, body);
            }
            Dialog::Form(form) => form::draw(canvas, form, body),
            Dialog::Confirm(confirm) => confirm::draw(canvas, console, confirm, body),
            Dialog::Unlock(unlock) => unlock::draw(canvas, console, unlock, body),
            Dialog::Export(export) => export::draw(canvas, console, export, body),
            Dialog::Leave => leave::draw(canvas, console, body),
            // Drawn in the place of the pane; see `cover`.
            Dialog::Details(_)
            | Dialog::Quota { .. }
            | Dialog::Steps { .. }
            | Dialog::Audit(_)
            | Dialog::Burn(_)
            | Dialog::Reconcile(_) => {}
        }
    }
}

/// How a dialog is placed and framed.
struct Popup<'a> {
    title: Vec<Span<'static>>,
    /// Keys and what they do, on the lower edge.
    keys: &'a [(&'a str, &'a str)],
    /// Columns and rows wanted inside the frame.
    inside: (u16, u16),
}

/// How many columns a dialog may have inside; on a narrow terminal it covers the pane's frame as well.
fn room(body: Rect) -> u16 {
    body.width.saturating_sub(if body.width < 90 { 4 } else { 10 })
}

/// Clears the middle of the body, frames it, and gives the area inside, one column from the frame.
fn open(canvas: &mut Canvas<'_>, popup: &Popup<'_>, body: Rect) -> Rect {
    let width = popup.inside.0.saturating_add(4).min(body.width);
    let height = popup.inside.1.saturating_add(2).min(body.height);
    let x = body.x + (body.width - width) / 2;
    // A little above the middle, where one looks.
    let y = body.y + (body.height - height) / 3;
    let area = Rect { x, y, width, height };
    let ground = canvas.style(Role::Fg).patch(canvas.style(Role::Popup));
    canvas.fill(area, ground);
    let pairs: Vec<(String, String)> =
        popup.keys.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect();
    let foot_aside = footer::keys(canvas, &pairs);
    let frame = Frame { title: popup.title.clone(), foot_aside, popup: true, ..Frame::default() };
    let inner = canvas.frame(area, &frame);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// The title of a dialog.
fn title(canvas: &Canvas<'_>, text: impl Into<String>) -> Vec<Span<'static>> {
    vec![canvas.span(text.into(), Role::Title)]
}
