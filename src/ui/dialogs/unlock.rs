//! Unlocking writing: in which account, for how long, and what has to be typed.

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::console::{Console, Unlock};

use super::super::canvas::Canvas;
use super::super::text;
use super::super::theme::Role;
use super::{Popup, open};

/// Draws the dialog.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, unlock: &Unlock, body: Rect) {
    let label = console.fleet.account_label(&unlock.account);
    let account = if label == unlock.account.as_str() {
        label.to_owned()
    } else {
        format!("{label} ({})", unlock.account)
    };
    let says = format!(
        "Changes become possible in account {account} for 15 minutes, and every use renews them. \
         Each change is still a plan first, and you confirm it."
    );
    let wide = super::room(body).min(66);
    let lines = text::wrap(&says, usize::from(wide));
    let popup = Popup {
        title: vec![canvas.span("unlock writing", Role::Danger)],
        keys: &[("enter", "unlock"), ("esc", "stay locked")],
        inside: (wide, lines.len() as u16 + 5),
    };
    let inner = open(canvas, &popup, body);
    let mut y = inner.y;
    for line in &lines {
        if y + 3 >= inner.bottom() {
            break;
        }
        canvas.put(inner.x, y, inner.width, line, canvas.style(Role::Fg));
        y += 1;
    }
    let y = (y + 1).min(inner.bottom().saturating_sub(3));
    let phrase = canvas.span(unlock.phrase.clone(), Role::Danger);
    prompt(canvas, Rect { y, ..inner }, phrase, &unlock.input, unlock.hint.as_deref());
}

/// What has to be typed, the field for it, and why the last try was not it.
pub(super) fn prompt(
    canvas: &mut Canvas<'_>,
    place: Rect,
    phrase: Span<'static>,
    input: &tui_input::Input,
    hint: Option<&str>,
) {
    let spans = [canvas.span("type ", Role::Muted), phrase, canvas.span(" to go ahead", Role::Muted)];
    canvas.spans(place.x, place.y, place.width, &spans);
    let arrow = canvas.symbols().cursor;
    canvas.put(place.x, place.y + 1, 1, arrow, canvas.style(Role::Key));
    canvas.input(place.x + 2, place.y + 1, place.width.saturating_sub(2), input, "", true);
    if let Some(hint) = hint {
        let text = format!("{} {hint}", canvas.symbols().warn);
        canvas.put(place.x, place.y + 2, place.width, &text, canvas.style(Role::Warn));
    }
}
