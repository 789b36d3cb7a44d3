//! The burn over time and what it is of, in place of the pane: a chart, what it can and cannot show, a table.

use jiff::ToSpan as _;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::console::{BurnView, Console};
use crate::fleet::{Past, Trace};

use super::super::canvas::{Canvas, Frame};
use super::super::theme::Role;
use super::super::{banner, curve, ledger, text};

/// Below so many rows there is no room for a chart beside the table.
const LEAST_WITH_CHART: u16 = 12;

/// Draws the layer in the place of the pane.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, view: &BurnView, area: Rect) {
    let mut aside = Vec::new();
    for past in Past::ALL {
        let style = if past == view.past {
            canvas.style(Role::Title).patch(canvas.style(Role::Selection))
        } else {
            canvas.style(Role::Muted)
        };
        aside.push(Span::styled(format!(" {} ", past.title()), style));
    }
    let keys = [
        ("t", "time"),
        ("g", "group"),
        ("m", "billed"),
        ("enter", "its apps"),
        ("ctrl-s", "export"),
        ("esc", "back"),
    ];
    let pairs: Vec<(String, String)> =
        keys.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect();
    let foot_aside = super::footer::keys(canvas, &pairs);
    let title = vec![canvas.span("burn by ", Role::Title), canvas.span(view.group.title(), Role::Accent)];
    let mut foot = Vec::new();
    if let Some(own) = &console.burn.ledger {
        foot = ledger::place_spans(canvas, own);
    }
    let inner = canvas.frame(area, &Frame { title, aside, foot, foot_aside, ..Frame::default() });
    if inner.width < 4 || inner.height < 3 {
        return;
    }
    let chart = if inner.height < LEAST_WITH_CHART { 0 } else { (inner.height * 2 / 5).clamp(5, 16) };
    if chart > 0 {
        draw_past(canvas, console, view.past, Rect { height: chart, ..inner });
    }
    let rest = Rect { y: inner.y + chart, height: inner.height - chart, ..inner };
    match &console.burn.ledger {
        Some(own) if !own.is_empty() => ledger::rows(canvas, console, own, rest, &|_| [None, None]),
        _ => {
            let line = ("nothing runs that is known of".to_owned(), canvas.style(Role::Muted));
            banner::centred(canvas, rest, &[line]);
        }
    }
}

/// The chart, and under it what it is made of.
fn draw_past(canvas: &mut Canvas<'_>, console: &Console, past: Past, place: Rect) {
    let trace = console.burn.trace(past).filter(|trace| trace.top().is_some());
    let Some(trace) = trace else {
        let lines = [
            (format!("{}: not watched yet", past.title()), canvas.style(Role::Fg)),
            (
                "sampled every 5 minutes while a console runs and all lists are complete".to_owned(),
                canvas.style(Role::Muted),
            ),
        ];
        return banner::centred(canvas, place, &lines);
    };
    let plot =
        Rect { height: place.height - 1, x: place.x + 1, width: place.width.saturating_sub(2), ..place };
    curve::area(canvas, trace, plot, &ticks(console, past, trace));
    let symbols = canvas.symbols();
    let watched = (trace.watched(console.now) * 100.0).floor();
    let mut parts = vec![
        canvas.span(format!("{} proven idle", symbols.idle), Role::Idle),
        canvas.span(format!("{} the rest", symbols.levels[8]), Role::Money),
        canvas.span(format!("blank: not watched; {watched:.0}% was"), Role::Muted),
    ];
    if trace.slots.iter().flatten().any(|level| level.at_least) {
        parts.push(canvas.span("without what has no known price", Role::Unknown));
    }
    if console.burn.skipped > 0 {
        let lines = text::counted(console.burn.skipped, "damaged line");
        parts.push(canvas.span(format!("{lines} skipped"), Role::Warn));
    }
    let room = place.width.saturating_sub(3);
    let spans = ledger::fitting(canvas, parts, room);
    canvas.spans(place.x + 2, place.bottom() - 1, room, &spans);
}

/// What stands under the chart, and where, as shares of its width.
fn ticks(console: &Console, past: Past, trace: &Trace) -> Vec<(f64, String)> {
    let all = trace.slot.as_secs_f64() * trace.slots.len() as f64;
    let start = trace.from.to_zoned(console.zone.clone());
    let (step, count, form) = match past {
        Past::Today => (6.hours(), 4, "%H:%M"),
        Past::Week => (1.day(), 7, "%a %d"),
        Past::Month => (5.days(), 6, "%d %b"),
    };
    let mut ticks = Vec::new();
    let mut at = start;
    for _ in 0..count {
        let share = at.timestamp().duration_since(trace.from).as_secs_f64() / all.max(1.0);
        ticks.push((share, at.strftime(form).to_string()));
        match at.checked_add(step) {
            Ok(next) => at = next,
            Err(_) => break,
        }
    }
    ticks
}
