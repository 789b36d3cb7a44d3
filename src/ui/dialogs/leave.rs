//! Leaving while plans are under way: what that means, and staying as the easy way.

use ratatui::layout::Rect;

use crate::console::{Console, Pane};

use super::super::canvas::Canvas;
use super::super::text;
use super::super::theme::Role;
use super::{Popup, open};

/// Draws the dialog.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, body: Rect) {
    let running: Vec<_> = console.operations.running().collect();
    let waiting: usize = running.iter().map(|operation| operation.tally().waiting).sum();
    let under_way: usize = running.iter().map(|operation| operation.tally().running).sum();
    let says = format!(
        "{} under way: {} not begun, {under_way} sent and not yet seen to have happened. \
         What has not begun will not be done; what AWS has taken happens all the same.",
        text::counted(running.len(), "plan"),
        text::counted(waiting, "step"),
    );
    let wide = super::room(body).min(62);
    let lines = text::wrap(&says, usize::from(wide));
    let operations = console.keymap.label(Pane::Operations.action());
    let popup = Popup {
        title: vec![canvas.span("leave now?", Role::Danger)],
        keys: &[("y", "leave"), (operations.as_str(), "operations"), ("esc", "stay")],
        inside: (wide, lines.len() as u16 + 2),
    };
    let inner = open(canvas, &popup, body);
    for (y, line) in (inner.y..inner.bottom()).zip(&lines) {
        canvas.put(inner.x, y, inner.width, line, canvas.style(Role::Fg));
    }
    let style = canvas.style(Role::Selection);
    let stay = "[ Stay ]";
    canvas.put(inner.x, inner.bottom().saturating_sub(1), inner.width, stay, style);
}
