//! Everything about one limit, in place of the pane.

use ratatui::layout::Rect;

use crate::console::Console;

use super::super::canvas::{Canvas, Frame};
use super::super::theme::Role;
use super::lines;

/// Draws the facts.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, id: &str, scroll: usize, area: Rect) {
    let limited = console.quota_row(id).map(|row| row.limited.to_string()).unwrap_or_default();
    let title = vec![canvas.span("quota ", Role::Muted), canvas.span(limited, Role::Title)];
    let foot_aside = vec![canvas.span("<esc>", Role::Key), canvas.span(" back", Role::Muted)];
    let inner = canvas.frame(area, &Frame { title, foot_aside, ..Frame::default() });
    lines::draw(canvas, &console.quota_lines(id), scroll, inner);
}
