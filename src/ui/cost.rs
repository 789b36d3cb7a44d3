//! The cost pane: what it comes to in words, the chart of its days, the table; and why there is none of these.

mod chart;

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::console::{Action, Console, CostFace};
use crate::fleet::wording::{Ago, Money};
use crate::fleet::{Billed, CostGroup, CostReport, CostTotal, Nanos, REQUEST_PRICE};

use super::canvas::{Canvas, Frame, spans_width};
use super::theme::Role;
use super::{banner, ledger, spinner, text};

/// From which part on what is untagged makes a grouping say little.
const MOSTLY: f64 = 0.5;
/// Rows of the table that are left whatever the chart would like to have.
const LEAST_ROWS: u16 = 6;

/// Draws the pane.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    let pane = &console.cost;
    let mut title = heading(canvas, console);
    title.extend(ledger::filter_spans(canvas, &pane.ledger.filter, area.width));
    let used = spans_width(&title);
    let editing = pane.ledger.filter.editing;
    let room = area.width.saturating_sub(used + 9);
    let aside = if editing { Vec::new() } else { aside(canvas, console, room) };
    let foot_aside = ledger::place_spans(canvas, &pane.ledger);
    let focused = console.dialogs.is_empty();
    let inner = canvas.frame(area, &Frame { title, aside, foot_aside, focused, ..Frame::default() });
    if editing {
        super::table::edit_line(canvas, &pane.ledger.filter, "cost>100 change>0 name:anna*", area, used);
    }
    match console.cost_face() {
        CostFace::Loading if pane.report.is_none() => {
            let text = format!("{} asking Cost Explorer", spinner(console, canvas.symbols()));
            let style = canvas.style(Role::Pending);
            banner::centred(canvas, inner, &[(text, style)]);
        }
        CostFace::Never(requests) => never(canvas, console, requests, inner),
        CostFace::Failed(problem) => {
            let key = console.keymap.label(Action::Refresh);
            let mut lines: Vec<(String, Style)> = Vec::new();
            let columns = usize::from(inner.width.saturating_sub(4));
            let warn = canvas.style(Role::Warn);
            lines.extend(text::wrap(&problem.to_string(), columns).into_iter().map(|line| (line, warn)));
            let muted = canvas.style(Role::Muted);
            if !problem.hint.is_empty() && !problem.to_string().contains(&problem.hint) {
                lines.extend(text::wrap(&problem.hint, columns).into_iter().map(|line| (line, muted)));
            }
            lines.push((format!("<{key}> asks again; nothing is asked by itself"), muted));
            banner::centred(canvas, inner, &lines);
        }
        CostFace::Rows | CostFace::Loading => {
            if let Some(report) = &pane.report {
                rows(canvas, console, report, inner);
            }
        }
    }
}

/// What is grouped by, and over which days.
fn heading(canvas: &Canvas<'_>, console: &Console) -> Vec<Span<'static>> {
    let view = console.cost_view();
    let mut by = format!(" by {}", view.group);
    if let Some(then) = &view.then {
        by = format!("{by}, {then}");
    }
    let days = view.period.days(view.today);
    let mut spans = vec![
        canvas.span(console.pane.title(), Role::Title),
        canvas.span(by, Role::Accent),
        canvas.span(format!(" {days}"), Role::Muted),
    ];
    if let Some(whose) = console.cost_of_whom() {
        spans.push(canvas.span(format!(" of {whose}"), Role::Accent));
    }
    let (shown, all) = (console.cost.ledger.len(), console.cost.ledger.all().len());
    if all > 0 {
        let counts = if shown == all {
            format!(" [{}]", text::count(all))
        } else {
            format!(" [{}/{}]", text::count(shown), text::count(all))
        };
        spans.push(canvas.span(counts, Role::Number));
    }
    spans
}

/// How old the data is, and what asking has cost today.
fn aside(canvas: &Canvas<'_>, console: &Console, room: u16) -> Vec<Span<'static>> {
    let mut parts = Vec::new();
    if let Some(at) = console.cost_asked_at() {
        let age = if at > console.now {
            // A clock that was set back: its ages mean nothing.
            "asked later than now".to_owned()
        } else {
            format!("asked {}", Ago::since(at, console.now))
        };
        parts.push(canvas.span(age, Role::Muted));
    }
    let requests = console.cost.requests_today;
    if requests > 0 {
        let spent = Money(f64::from(requests) * REQUEST_PRICE);
        let noun = if requests == 1 { "request" } else { "requests" };
        parts.push(canvas.span(format!("{requests} {noun} today, {spent}"), Role::Muted));
    }
    parts.extend(ledger::sort_span(canvas, &console.cost.ledger));
    ledger::fitting(canvas, parts, room)
}

/// Nothing was asked yet, because it costs.
fn never(canvas: &mut Canvas<'_>, console: &Console, requests: usize, area: Rect) {
    let key = |action: Action| format!("<{}>", console.keymap.label(action));
    let (fg, muted) = (canvas.style(Role::Fg), canvas.style(Role::Muted));
    let mut lines = if requests == 0 {
        vec![("the account is not known yet".to_owned(), muted)]
    } else {
        vec![
            ("Cost Explorer was not asked: each request costs".to_owned(), fg),
            (format!("{} asks it: {}", key(Action::Refresh), Console::cost_of(requests)), muted),
        ]
    };
    lines.extend(others(console).map(|told| (told, muted)));
    banner::centred(canvas, area, &lines);
}

/// That other accounts are in view, whose bill was not asked, and what they would cost.
fn others(console: &Console) -> Option<String> {
    let (shown, all) = (console.cost_accounts().len(), console.fleet.accounts.len());
    let key = console.keymap.label(Action::CostAccount);
    (shown > 0 && shown < all).then(|| {
        let price = console.price_of_all();
        format!("{shown} of {all} accounts; <{key}> chooses; all of them: {price}")
    })
}

/// Sums, chart and table, as far as there is room.
fn rows(canvas: &mut Canvas<'_>, console: &Console, report: &CostReport, area: Rect) {
    let mut y = area.y;
    let left = |y: u16| area.bottom().saturating_sub(y);
    let room = usize::from(area.width.saturating_sub(2));
    let lines = told(canvas, console, report);
    for line in &lines {
        if left(y) <= LEAST_ROWS {
            break;
        }
        for spans in wrap_spans(line, room) {
            canvas.spans(area.x + 1, y, room as u16, &spans);
            y += 1;
        }
    }
    let series =
        chart::Series::new(canvas, report, if console.cost.single { console.cost_row() } else { None });
    let high = left(y).saturating_sub(LEAST_ROWS.max(left(y) / 2));
    if high >= 5 && report.days.len() > 1 {
        chart::draw(canvas, report, &series, Rect { y, height: high.min(14), ..area });
        y += high.min(14);
    }
    let table = Rect { y, height: left(y), ..area };
    if report.rows.is_empty() {
        let style = canvas.style(Role::Fg);
        let text = format!("nothing was billed in {}", report.looked);
        return banner::centred(canvas, table, &[(text, style)]);
    }
    if console.cost.ledger.is_empty() {
        let style = canvas.style(Role::Fg);
        return banner::centred(canvas, table, &[("no row matches the filter".to_owned(), style)]);
    }
    ledger::rows(canvas, console, &console.cost.ledger, table, &|row| {
        [row.key.parse().ok().and_then(|at| series.mark(at)), None]
    });
}

/// What it comes to: by currency, against the month before, and what has to be known beside.
fn told(canvas: &Canvas<'_>, console: &Console, report: &CostReport) -> Vec<Vec<Span<'static>>> {
    let mut lines: Vec<Vec<Span<'static>>> =
        report.totals.iter().map(|total| total_line(canvas, console, report, total)).collect();
    lines.extend(report.totals.iter().filter_map(|total| attribution_line(canvas, report, total)));
    if report.totals.len() > 1 {
        lines.push(vec![canvas.span("currencies are not added up", Role::Warn)]);
    }
    lines.extend(others(console).map(|told| vec![canvas.span(told, Role::Muted)]));
    let warn = canvas.symbols().warn;
    for (label, problem) in console.cost_gaps() {
        lines.push(vec![canvas.span(format!("{warn} {label} is missing: {}", problem.message), Role::Warn)]);
    }
    if report.unreadable > 0 {
        let text = format!("{warn} {} amounts could not be read: sums are too low", report.unreadable);
        lines.push(vec![canvas.span(text, Role::Warn)]);
    }
    if report.untagged_share() >= MOSTLY && !report.has_no_tagged() {
        let key = console.keymap.label(Action::Enter);
        let share = report.untagged_share() * 100.0;
        let text = format!("{share:.0}% is untagged; <{key}> on that row tells how it can become less");
        lines.push(vec![canvas.span(text, Role::Warn)]);
    }
    let view = console.cost_view();
    if view.by_months {
        let text =
            "by months, for days would take many requests: nothing is compared; group by domain for that";
        lines.push(vec![canvas.span(text, Role::Muted)]);
    }
    let is_of_users = view.group == CostGroup::User || view.then == Some(CostGroup::User);
    if is_of_users && !console.cost_question(&view).is_by_owner() {
        let text =
            "users by their own tag alone: apps in spaces have the tag of the space, and are untagged here";
        lines.push(vec![canvas.span(text, Role::Warn)]);
    }
    if report.has_no_tagged() {
        let key = console.keymap.label(Action::CostTags);
        let text = match console.inactive_tags() {
            Some(tags) if tags.iter().any(|(_, missing)| !missing.is_empty()) => {
                format!("{warn} bills do not carry this tag: it is not activated; <{key}> shows how to")
            }
            Some(_) => format!("{warn} nothing billed has this tag in these days"),
            None => format!("{warn} nothing has a value of this tag; <{key}> asks whether it is activated"),
        };
        lines.push(vec![canvas.span(text, Role::Warn)]);
    }
    lines
}

fn total_line(
    canvas: &Canvas<'_>,
    console: &Console,
    report: &CostReport,
    total: &CostTotal,
) -> Vec<Span<'static>> {
    let currency = &*total.currency;
    let told = |amount: Nanos| Billed(amount, currency).to_string();
    let gap = || canvas.span(format!(" {} ", canvas.symbols().separator), Role::Subtle);
    let mut spans = vec![
        canvas.span(if report.usage_only { "used " } else { "gross " }, Role::Muted),
        canvas.span(told(total.gross.cost), Role::Money),
    ];
    for (name, amount) in [("credits", total.credits), ("refunds", total.refunds), ("tax", total.tax)] {
        if amount != Nanos::ZERO {
            spans.push(gap());
            spans.push(canvas.span(format!("{name} {}", told(amount)), Role::Muted));
        }
    }
    if !report.usage_only && total.net != total.gross.cost {
        spans.push(gap());
        spans.push(canvas.span("net ", Role::Muted));
        spans.push(canvas.span(told(total.net), Role::Money));
    }
    if let Some((now, before)) = report.compared {
        let change = total.gross.change();
        let sign = if change > Nanos::ZERO { "+" } else { "" };
        let percent = total.gross.growth().map(|growth| format!(" ({:+.0}%)", growth * 100.0));
        let text = format!("{sign}{}{} {now} against {before}", told(change), percent.unwrap_or_default());
        spans.push(gap());
        spans.push(canvas.span(text, if change > Nanos::ZERO { Role::Warn } else { Role::Muted }));
    }
    let view = console.cost_view();
    // By months another line says why.
    if report.compared.is_none() && !view.by_months {
        spans.push(gap());
        spans.push(canvas.span(view.period.why_not_compared(view.today), Role::Muted));
    }
    if report.has_forecast {
        spans.push(gap());
        spans.push(canvas.span(format!("our forecast {}", told(total.gross.forecast)), Role::Muted));
        if let Some((whole, forecast)) =
            console.cost_forecast().filter(|(_, forecast)| *forecast.currency == *currency)
        {
            spans.push(gap());
            let between = forecast.between.map_or(String::new(), |(low, high)| {
                let so_far = whole - forecast.mean;
                format!(" (80%: {} to {})", told(so_far + low), told(so_far + high))
            });
            spans.push(canvas.span(format!("AWS's forecast {}{between}", told(whole)), Role::Money));
        }
    }
    spans
}

/// By which tags users came to what they cost.
fn attribution_line(
    canvas: &Canvas<'_>,
    report: &CostReport,
    total: &CostTotal,
) -> Option<Vec<Span<'static>>> {
    let currency = &*total.currency;
    let parts = report.attributed(currency)?;
    let mut spans = vec![canvas.span("users ", Role::Muted)];
    for (name, amount) in [
        // So short that 80 columns have room for the three that are usual.
        ("by own spaces", parts.by_space),
        ("by own tag", parts.by_tag),
        ("shared", parts.shared),
        ("owner not known", parts.ownerless),
    ] {
        if amount != Nanos::ZERO {
            if spans.len() > 1 {
                spans.push(canvas.span(format!(" {} ", canvas.symbols().separator), Role::Subtle));
            }
            spans.push(canvas.span(format!("{} {name}", Billed(amount, currency)), Role::Muted));
        }
    }
    (spans.len() > 1).then_some(spans)
}

fn is_separator(span: &Span<'_>) -> bool {
    span.content.trim().chars().count() <= 1
}

/// Pieces of text over as many lines as they need, broken between pieces.
fn wrap_spans(spans: &[Span<'static>], room: usize) -> Vec<Vec<Span<'static>>> {
    let mut lines: Vec<Vec<Span<'static>>> = vec![Vec::new()];
    let mut used = 0;
    for span in spans {
        let wide = text::width(&span.content);
        if used + wide > room && used > 0 {
            // One at the end of a line does not either.
            if let Some(line) = lines.last_mut()
                && line.last().is_some_and(is_separator)
            {
                line.pop();
            }
            lines.push(Vec::new());
            used = 0;
            // A separator at the beginning of a line separates nothing.
            if is_separator(span) {
                continue;
            }
        }
        used += wide;
        if let Some(line) = lines.last_mut() {
            line.push(span.clone());
        }
    }
    lines
}
