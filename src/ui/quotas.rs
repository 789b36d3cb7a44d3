//! The quotas pane.

use ratatui::layout::Rect;

use crate::console::Console;

use super::canvas::{Canvas, Frame, spans_width};
use super::theme::Role;
use super::{banner, ledger};

/// Draws the pane.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    let pane = &console.quotas;
    let mut title = vec![canvas.span(console.pane.title(), Role::Title)];
    title.extend(ledger::filter_spans(canvas, &pane.ledger.filter, area.width));
    let used = spans_width(&title);
    let room = area.width.saturating_sub(used + 9);
    let aside = ledger::fitting(canvas, ledger::sort_span(canvas, &pane.ledger), room);
    let editing = pane.ledger.filter.editing;
    let foot_aside = ledger::place_spans(canvas, &pane.ledger);
    let focused = console.dialogs.is_empty();
    let inner = canvas.frame(
        area,
        &Frame {
            title,
            aside: if editing { Vec::new() } else { aside },
            foot_aside,
            focused,
            ..Frame::default()
        },
    );
    if editing {
        super::table::edit_line(canvas, &pane.ledger.filter, "%>80 instance:ml.g*", area, used);
    }
    if pane.ledger.is_empty() {
        let style = canvas.style(Role::Muted);
        return banner::centred(canvas, inner, &[("nothing was read yet".to_owned(), style)]);
    }
    ledger::rows(canvas, console, &pane.ledger, inner, &|_| None);
}
