//! The audit trail: who changed what, when, why, and what came of it; and whether the trail is whole.

use std::fmt::Write as _;

use ratatui::layout::Rect;

use crate::console::{AuditView, Console};
use crate::fleet::AuditRow;

use super::super::canvas::{Canvas, Frame};
use super::super::theme::Role;
use super::super::{banner, spinner, text};

/// Rows of one line of the trail.
const ROWS: usize = 2;

/// So many columns of an object tell it from most others: the end of `app/d-abcdef123456/anna-k/JupyterLab/default`.
const OBJECT: usize = 24;

/// Draws the trail in the place of the pane.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, view: &AuditView, area: Rect) {
    let mut title = vec![canvas.span("audit trail", Role::Title)];
    if view.loaded {
        title.push(canvas.span(format!(" [{}]", text::count(view.rows.len())), Role::Number));
    }
    if view.searching || !view.search.value().is_empty() {
        title.push(canvas.span(format!(" </{}>", view.search.value()), Role::Accent));
    }
    let aside = match &view.verdict {
        Some((true, says)) => vec![canvas.span(says.clone(), Role::Ok)],
        Some((false, says)) => vec![canvas.span(says.clone(), Role::Danger)],
        None => vec![canvas.span(format!("{} reading", spinner(console, canvas.symbols())), Role::Pending)],
    };
    let foot_aside = vec![
        canvas.span("</>", Role::Key),
        canvas.span(" search  ", Role::Muted),
        canvas.span("<ctrl-s>", Role::Key),
        canvas.span(" export  ", Role::Muted),
        canvas.span("<esc>", Role::Key),
        canvas.span(" back", Role::Muted),
    ];
    let inner = canvas.frame(area, &Frame { title, aside, foot_aside, focused: true, ..Frame::default() });
    if view.rows.is_empty() {
        let says = if !view.loaded {
            "reading the trail"
        } else if let Some((false, problem)) = &view.verdict {
            problem
        } else if view.search.value().is_empty() {
            "nothing was changed yet from this machine"
        } else {
            "no line contains that"
        };
        let lines = text::wrap(says, usize::from(inner.width.saturating_sub(4)));
        let lines: Vec<_> = lines.into_iter().map(|line| (line, canvas.style(Role::Muted))).collect();
        return banner::centred(canvas, inner, &lines);
    }
    let visible = usize::from(inner.height);
    let all = view.rows.len() * ROWS;
    let first = view.scroll.min(all.saturating_sub(visible));
    for line in first..all.min(first + visible) {
        let place = Rect {
            y: inner.y + (line - first) as u16,
            height: 1,
            x: inner.x + 1,
            width: inner.width.saturating_sub(3),
        };
        let Some(row) = view.rows.get(line / ROWS) else { break };
        if line % ROWS == 0 { what(canvas, console, row, place) } else { who(canvas, row, place) }
    }
    canvas.drawn.lines = visible;
    canvas.drawn.all_lines = all;
    let bar = inner.right().saturating_sub(1);
    canvas.scrollbar(bar, inner.y, inner.height, all, visible, first);
}

/// When, what, and what came of it. Where there is no room for all of it the outcome stays: first the object loses
/// what it has in common with others, then the time its year and seconds.
fn what(canvas: &mut Canvas<'_>, console: &Console, row: &AuditRow, place: Rect) {
    // The part of an ARN that differs between objects.
    let object = row.arn.splitn(6, ':').nth(5).unwrap_or(&row.arn);
    let (glyph, role) =
        if row.succeeded { (canvas.symbols().ok, Role::Ok) } else { (canvas.symbols().warn, Role::Warn) };
    let room = usize::from(place.width);
    // What AWS said may be long; half of a line of it says what it is about.
    let outcome = text::width(&row.outcome).min(room / 2);
    let local = row.at.to_zoned(console.zone.clone());
    let (mut when, mut left) = (String::new(), 0);
    for format in ["%Y-%m-%d %H:%M:%S  ", "%m-%d %H:%M  ", ""] {
        when = local.strftime(format).to_string();
        left = room.saturating_sub(2 + when.len() + text::width(&row.operation) + 1 + 2 + outcome);
        if left >= text::width(object).min(OBJECT) {
            break;
        }
    }
    let spans = [
        canvas.span(format!("{glyph} "), role),
        canvas.span(when, Role::Time),
        canvas.span(format!("{} ", row.operation), Role::Title),
        canvas.span(text::cut_front(object, left, canvas.symbols().ellipsis), Role::Fg),
        canvas.span(format!("  {}", row.outcome), role),
    ];
    canvas.spans(place.x, place.y, place.width, &spans);
}

/// Who, where, why, and by which plan and request.
fn who(canvas: &mut Canvas<'_>, row: &AuditRow, place: Rect) {
    let person = row.who.rsplit('/').next().unwrap_or(&row.who).to_owned();
    let mut says = person;
    if let Some(reason) = &row.reason {
        says.push_str(": ");
        says.push_str(reason);
    }
    // Writing to a String cannot fail.
    let _ = write!(says, "  {}/{}  plan {}", row.account, row.region, row.plan);
    if let Some(id) = &row.request_id {
        let _ = write!(says, "  request {id}");
    }
    canvas.put(place.x + 2, place.y, place.width.saturating_sub(2), &says, canvas.style(Role::Muted));
}
