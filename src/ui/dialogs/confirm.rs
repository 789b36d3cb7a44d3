//! A plan before it is carried out: what it does and saves, what is lost and kept, every step with its
//! evidence, what is left out and why, and what has to be typed. Cancel is the easy way out.

use std::fmt::Write as _;
use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::Span;

use crate::console::{Cell, Confirm, Console, Tone};
use crate::fleet::{Ask, Change, Field, ObjectKey, ObjectKind, Plan, Saving, Shown, Step, Target};

use super::super::canvas::Canvas;
use super::super::naming::target_name;
use super::super::text;
use super::super::theme::Role;
use super::{Popup, open, room, unlock};

/// The greatest width of the dialog inside.
const WIDE: u16 = 124;
/// From this width on a step and its evidence stand on one line.
const BESIDE: usize = 96;
/// Columns that the evidence of a step rarely exceeds.
const EVIDENCE: u16 = 48;
/// Of more steps than this the lines for the AWS CLI are not shown.
const CLI_LINES: usize = 50;

/// A line of what scrolls.
enum Row {
    Blank,
    /// A glyph, a word before the text, the text, and what the first two mean.
    Note(&'static str, &'static str, String, Role),
    Heading(String),
    /// A step, and how deep in the tree of what is deleted it is.
    Step(usize, u16),
    /// The evidence of a step, where it has no room beside the name.
    Evidence(usize),
    Warning(usize, u16),
    /// What a step changes in an object, or gives a new one: of which step, and which of its changes.
    Delta(usize, usize),
    Excluded(usize),
    Cli(String),
}

/// The lines that scroll: all of them are counted, only those on screen are made.
struct Lines {
    wanted: Range<usize>,
    count: usize,
    shown: Vec<Row>,
}

impl Lines {
    fn push(&mut self, row: impl FnOnce() -> Row) {
        if self.wanted.contains(&self.count) {
            self.shown.push(row());
        }
        self.count += 1;
    }
}

/// Draws the dialog.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, confirm: &Confirm, body: Rect) {
    let wide = room(body).min(WIDE);
    // Nearly always these are the lines on screen: a plan of thousands of steps is gone through once for each frame.
    let wanted = confirm.scroll..confirm.scroll + usize::from(body.height);
    let mut lines = lines_of(canvas, console, confirm, usize::from(wide), wanted);
    let all = lines.count;
    let (foot, keys): (u16, &[(&str, &str)]) = match confirm.confirmation.ask {
        Ask::Nothing => (3, &[("esc", "close")]),
        Ask::Key(_) if !confirm.asks_reason || confirm.reason.is_some() => {
            (3, &[("up down", "scroll"), ("esc", "cancel")])
        }
        Ask::Key(_) | Ask::Phrases(_) => {
            (4, &[("up down", "scroll"), ("enter", "confirm what was typed"), ("esc", "cancel")])
        }
    };
    let high = u16::try_from(all).unwrap_or(u16::MAX).saturating_add(foot);
    let weight = if is_dangerous(&confirm.plan) { Role::Danger } else { Role::Title };
    let heading = vec![canvas.span(confirm.plan.title.clone(), weight)];
    let inner = open(canvas, &Popup { title: heading, keys, inside: (wide, high) }, body);
    let foot = foot.min(inner.height.saturating_sub(1));
    let list = Rect { height: inner.height - foot, ..inner };
    let visible = usize::from(list.height);
    let first = confirm.scroll.min(all.saturating_sub(visible));
    if first != confirm.scroll {
        lines = lines_of(canvas, console, confirm, usize::from(wide), first..first + visible);
    }
    for (y, row) in (list.y..list.bottom()).zip(&lines.shown) {
        let place = Rect { y, height: 1, width: list.width.saturating_sub(1), ..list };
        draw_row(canvas, console, confirm, row, place);
    }
    canvas.drawn.lines = visible;
    canvas.drawn.all_lines = all;
    canvas.scrollbar(inner.right(), list.y, list.height, all, visible, first);
    let place = Rect { y: list.bottom(), height: foot, ..inner };
    let hidden = all.saturating_sub(first + visible);
    question(canvas, console, confirm, place, hidden);
}

/// Whether something of the plan cannot simply be taken back.
fn is_dangerous(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| step.change.is_destructive())
}

/// The lower part, which does not scroll: what has to be pressed or typed.
fn question(canvas: &mut Canvas<'_>, console: &Console, confirm: &Confirm, place: Rect, hidden: usize) {
    if place.height == 0 {
        return;
    }
    let style = canvas.style(Role::Border);
    canvas.repeat(place.x, place.y, place.width, canvas.symbols().border.horizontal_top, style);
    if hidden > 0 {
        let more = format!(" {} more below ", text::counted(hidden, "line"));
        canvas.put_right(
            place.right().saturating_sub(1),
            place.y,
            place.width,
            &more,
            canvas.style(Role::Warn),
        );
    }
    let bottom = place.bottom().saturating_sub(1);
    let said = confirm.hint.clone().or_else(|| console.why_locked(&confirm.plan));
    let said = said.map(|said| format!("{} {said}", canvas.symbols().warn));
    let warn = canvas.style(Role::Warn);
    let weight = if is_dangerous(&confirm.plan) { Role::Danger } else { Role::Key };
    let mut cancel = "[ Cancel ]";
    match &confirm.confirmation.ask {
        Ask::Nothing => {
            cancel = "[ Close ]";
            canvas.put(
                place.x,
                bottom,
                place.width,
                "nothing of this can be done",
                canvas.style(Role::Muted),
            );
        }
        Ask::Key(_) | Ask::Phrases(_) if confirm.asks_reason && confirm.reason.is_none() => {
            let spans = [canvas.span("the account is protected: say why, for the audit trail", Role::Muted)];
            canvas.spans(place.x, place.y + 1, place.width, &spans);
            let arrow = canvas.symbols().cursor;
            canvas.put(place.x, place.y + 2, 1, arrow, canvas.style(Role::Key));
            canvas.input(place.x + 2, place.y + 2, place.width.saturating_sub(2), &confirm.input, "", true);
            if let Some(said) = &said {
                canvas.put(place.x, bottom, place.width.saturating_sub(12), said, warn);
            }
        }
        Ask::Key(key) => {
            let spans = [
                canvas.span("press ", Role::Muted),
                canvas.span(format!("<{key}>"), weight),
                canvas.span(" to go ahead", Role::Muted),
            ];
            canvas.spans(place.x, bottom, place.width, &spans);
            if let Some(said) = said.as_ref().filter(|_| place.height > 2) {
                canvas.put(place.x, bottom - 1, place.width, said, warn);
            }
        }
        Ask::Phrases(phrases) => {
            let asked = phrases.get(confirm.typed.len()).map(|phrase| phrase.text.clone());
            let asked = canvas.span(asked.unwrap_or_default(), weight);
            unlock::prompt(canvas, Rect { y: place.y + 1, ..place }, asked, &confirm.input, None);
            if let Some(said) = &said {
                canvas.put(place.x, bottom, place.width.saturating_sub(12), said, warn);
            }
        }
    }
    let focused = canvas.style(Role::Selection).add_modifier(Modifier::BOLD);
    canvas.put_right(place.right(), bottom, place.width, cancel, focused);
}

/// Everything that scrolls, from what matters most to what is there to check.
fn lines_of(
    canvas: &Canvas<'_>,
    console: &Console,
    confirm: &Confirm,
    wide: usize,
    wanted: Range<usize>,
) -> Lines {
    let plan = &confirm.plan;
    let symbols = canvas.symbols();
    let mut lines = Lines { wanted, count: 0, shown: Vec::new() };
    let mut note = |glyph: &'static str, word: &'static str, text: &str, role: Role| {
        let columns = wide.saturating_sub(3 + word.len());
        for (index, line) in text::wrap(text, columns).into_iter().enumerate() {
            lines.push(|| {
                if index == 0 {
                    Row::Note(glyph, word, line, role)
                } else {
                    Row::Note(" ", "", format!("{:indent$}{line}", "", indent = word.len()), Role::Fg)
                }
            });
        }
    };
    if !plan.steps.is_empty() {
        let mut says = counted(plan);
        let saving = saving(console, plan);
        let role = if saving.is_some() { Role::Money } else { Role::Title };
        if let Some(saving) = saving {
            says.push_str("; ");
            says.push_str(&saving);
        }
        note(symbols.arrow, "", &says, role);
    }
    for text in plan.warnings.iter().chain(&confirm.credentials) {
        note(symbols.warn, "", text, Role::Warn);
    }
    let active = confirm.confirmation.active.len();
    if active > 0 {
        let are = if active == 1 { "is" } else { "are" };
        let says = format!("{} of these apps {are} in use now", text::count(active));
        note(symbols.warn, "", &says, Role::Danger);
    }
    if let Some(count) = confirm.confirmation.count {
        let says = format!("this is a large part of what runs: the number {count} is asked for as well");
        note(symbols.warn, "", &says, Role::Warn);
    }
    let warned = plan.steps.iter().filter(|step| step.warning.is_some()).count();
    if warned > 0 {
        let looks = if warned == 1 { "needs" } else { "need" };
        let says = format!("{} {looks} a look, below", text::counted(warned, "step"));
        note(symbols.warn, "", &says, Role::Warn);
    }
    for text in &plan.loses {
        note(symbols.error, "lost  ", text, Role::Danger);
    }
    for text in &plan.keeps {
        note(symbols.ok, "kept  ", text, Role::Ok);
    }
    if !plan.steps.is_empty() {
        lines.push(|| Row::Blank);
        lines.push(|| Row::Heading(text::counted(plan.steps.len(), "step")));
    }
    for (at, depth) in order(plan) {
        let Some(step) = plan.steps.get(at) else { continue };
        lines.push(|| Row::Step(at, depth));
        if wide < BESIDE && matches!(step.change, Change::StopApp(_)) {
            lines.push(|| Row::Evidence(at));
        }
        for delta in 0..confirm.deltas.get(at).map_or(0, Vec::len) {
            lines.push(|| Row::Delta(at, delta));
        }
        if step.warning.is_some() {
            lines.push(|| Row::Warning(at, depth));
        }
    }
    if !plan.excluded.is_empty() {
        lines.push(|| Row::Blank);
        lines.push(|| Row::Heading(format!("{} left out", text::count(plan.excluded.len()))));
        for at in 0..plan.excluded.len() {
            lines.push(|| Row::Excluded(at));
        }
    }
    if !plan.steps.is_empty() && plan.steps.len() <= CLI_LINES {
        lines.push(|| Row::Blank);
        lines.push(|| Row::Heading("the same with the AWS CLI".to_owned()));
        for step in &plan.steps {
            for line in text::wrap(&step.change.cli_line(), wide.saturating_sub(5)) {
                lines.push(|| Row::Cli(line));
            }
        }
    }
    lines
}

/// The steps in the order they are shown, each with its depth: of a deletion as a tree, from the domain down to the
/// apps, which is how a person checks it; of anything else as they stand.
fn order(plan: &Plan) -> Vec<(usize, u16)> {
    let is_cascade = |step: &Step| {
        !step.after.is_empty()
            && matches!(
                step.change,
                Change::DeleteUser(_) | Change::DeleteSpace(_) | Change::DeleteDomain(..)
            )
    };
    if !plan.steps.iter().any(is_cascade) {
        return (0..plan.steps.len()).map(|at| (at, 0)).collect();
    }
    let mut waited_for = vec![false; plan.steps.len()];
    for before in plan.steps.iter().flat_map(|step| &step.after) {
        if let Some(waited) = waited_for.get_mut(*before) {
            *waited = true;
        }
    }
    let mut placed = vec![false; plan.steps.len()];
    let mut order = Vec::with_capacity(plan.steps.len());
    let roots = (0..plan.steps.len()).filter(|at| !waited_for[*at]);
    let mut stack: Vec<(usize, u16)> = roots.map(|at| (at, 0)).collect();
    stack.reverse();
    while let Some((at, depth)) = stack.pop() {
        // What two steps wait for stands under the first.
        if std::mem::replace(&mut placed[at], true) {
            continue;
        }
        order.push((at, depth));
        stack.extend(plan.steps[at].after.iter().rev().map(|before| (*before, depth + 1)));
    }
    order
}

/// What the plan does, counted: "stop 12 apps, delete 8 spaces".
fn counted(plan: &Plan) -> String {
    let counts = plan.counts().into_iter();
    counts
        .map(|(verb, kind, count)| format!("{verb} {}", text::counted(count, kind)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What the plan saves, as far as prices are known; nothing where it is not about that.
fn saving(console: &Console, plan: &Plan) -> Option<String> {
    let saving = plan.saving();
    saved(&saving, saving.until_monday(console.now, &console.zone))
}

fn saved(saving: &Saving, until_monday: Option<f64>) -> Option<String> {
    if saving.per_hour == 0.0 && saving.unknown == 0 {
        return None;
    }
    if saving.per_hour == 0.0 {
        return Some(format!("what it saves is not known ({} of unknown price)", saving.unknown));
    }
    let mut text = format!("saves {}/h", text::money(saving.per_hour));
    // Writing to a String cannot fail.
    if let Some(dollars) = until_monday {
        let _ = write!(text, ", {} until Mon 08:00", text::money(dollars));
    }
    if saving.unknown > 0 {
        let _ = write!(text, " ({} of unknown price not counted)", saving.unknown);
    }
    Some(text)
}

fn draw_row(canvas: &mut Canvas<'_>, console: &Console, confirm: &Confirm, row: &Row, place: Rect) {
    let plan = &confirm.plan;
    let (x, y, wide) = (place.x, place.y, place.width);
    let symbols = canvas.symbols();
    match row {
        Row::Blank => {}
        Row::Note(glyph, word, text, role) => {
            let style = canvas.style(*role);
            canvas.put(x, y, 1, glyph, style);
            let used = canvas.put(x + 2, y, wide.saturating_sub(2), word, style);
            let style = if used > 0 { canvas.style(Role::Fg) } else { style };
            canvas.put(x + 2 + used, y, wide.saturating_sub(2 + used), text, style);
        }
        Row::Heading(text) => {
            canvas.put(x, y, wide, text, canvas.style(Role::Heading));
        }
        Row::Step(at, depth) => {
            if let Some(step) = plan.steps.get(*at) {
                let indent = (depth * 2).min(place.width / 2);
                let place = Rect { x: x + indent, width: wide - indent, ..place };
                draw_step(canvas, console, step, &*plan.verb == "stop", place);
            }
        }
        Row::Evidence(at) => {
            if let Some(step) = plan.steps.get(*at) {
                let evidence = evidence(canvas, console, &step.change.target());
                canvas.spans(x + 4, y, wide.saturating_sub(4), &evidence);
            }
        }
        Row::Warning(at, depth) => {
            if let Some(warning) = plan.steps.get(*at).and_then(|step| step.warning.as_ref()) {
                let text = format!("{} {warning}", symbols.warn);
                let indent = 4 + (depth * 2).min(place.width / 2);
                canvas.put(x + indent, y, wide.saturating_sub(indent), &text, canvas.style(Role::Warn));
            }
        }
        Row::Delta(at, delta) => {
            let Some(delta) = confirm.deltas.get(*at).and_then(|deltas| deltas.get(*delta)) else { return };
            let mut spans = vec![canvas.span(format!("{} ", delta.member), Role::Muted)];
            if delta.before.is_some() {
                spans.push(canvas.span(Shown(delta.before.as_ref()).to_string(), Role::Subtle));
                spans.push(canvas.span(format!(" {} ", symbols.arrow), Role::Muted));
            }
            spans.push(canvas.span(Shown(delta.after.as_ref()).to_string(), Role::Fg));
            canvas.spans(x + 4, y, wide.saturating_sub(4), &spans);
        }
        Row::Excluded(at) => {
            if let Some(excluded) = plan.excluded.get(*at) {
                let name = target_name(console, &excluded.target, symbols.separator);
                let spans = [
                    canvas.span(name, Role::Muted),
                    canvas.span(format!(" {} ", symbols.dash), Role::Subtle),
                    canvas.span(excluded.reason.to_string(), Role::Fg),
                ];
                canvas.spans(x + 2, y, wide.saturating_sub(2), &spans);
            }
        }
        Row::Cli(text) => {
            canvas.put(x + 2, y, wide.saturating_sub(2), text, canvas.style(Role::Subtle));
        }
    }
}

/// A step: what is done to whose app or to what else; for an app whether anyone uses it and what stopping saves.
fn draw_step(canvas: &mut Canvas<'_>, console: &Console, step: &Step, all_stop: bool, place: Rect) {
    let target = step.change.target();
    let saves = match step.saves_per_hour {
        Some(dollars) if dollars > 0.0 => (format!("{}/h", text::money(dollars)), Role::Money),
        Some(_) => (String::new(), Role::Muted),
        None => ("unknown price".to_owned(), Role::Unknown),
    };
    // Prices of any length leave the evidence in one column.
    let wide = (text::width(&saves.0) as u16).max(10);
    canvas.put_right(place.right(), place.y, wide, &saves.0, canvas.style(saves.1));
    let room = place.width.saturating_sub(wide + 4);
    let is_stop = matches!(step.change, Change::StopApp(_));
    let beside = is_stop && usize::from(place.width) + 1 >= BESIDE;
    let names = if beside { room.saturating_sub(EVIDENCE).max(room / 2) } else { room };
    let name = target_name(console, &target, canvas.symbols().separator);
    let mut spans = Vec::new();
    // Where everything is stopped the heading has said so.
    if !all_stop {
        let role = if step.change.is_destructive() { Role::Danger } else { Role::Ok };
        spans.push(canvas.span(format!("{} ", step.change.verb()), role));
        spans.push(canvas.span(format!("{} ", target.kind()), Role::Muted));
    }
    spans.push(canvas.span(name, Role::Fg));
    canvas.spans(place.x + 2, place.y, names, &spans);
    if beside {
        let evidence = evidence(canvas, console, &target);
        canvas.spans(place.x + 3 + names, place.y, room.saturating_sub(names + 1), &evidence);
    }
}

/// What is known of the app now, one fact after the other.
fn evidence(canvas: &Canvas<'_>, console: &Console, target: &Target) -> Vec<Span<'static>> {
    let symbols = canvas.symbols();
    let mut spans: Vec<Span<'static>> = Vec::new();
    for cell in facts(console, target) {
        if !spans.is_empty() {
            spans.push(canvas.span(format!(" {} ", symbols.separator), Role::Subtle));
        }
        let glyph = text::glyph(cell.tone, symbols).map(|glyph| format!("{glyph} ")).unwrap_or_default();
        spans.push(canvas.span(format!("{glyph}{}", cell.text), text::role(cell.tone)));
    }
    spans
}

/// State, idle verdict and instance of the app, as the table shows them.
fn facts(console: &Console, target: &Target) -> Vec<Cell> {
    let Target::Object(ObjectKey::App(key)) = target else { return Vec::new() };
    let Some(position) = console.fleet.apps.position(key) else {
        return vec![Cell { text: "gone".to_owned(), tone: Tone::Deleted }];
    };
    [Field::Status, Field::Idle, Field::Instance]
        .into_iter()
        .filter_map(|field| console.cell_of(ObjectKind::App, field, position as u32))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_to_be_saved_is_not_told_as_nothing() {
        let told = |per_hour, unknown| saved(&Saving { per_hour, unknown }, Some(10.0 * per_hour));
        assert_eq!(told(0.0, 0), None);
        assert_eq!(told(0.0, 3).as_deref(), Some("what it saves is not known (3 of unknown price)"));
        assert_eq!(told(1.5, 0).as_deref(), Some("saves $1.50/h, $15.00 until Mon 08:00"));
        let partly = "saves $1.50/h, $15.00 until Mon 08:00 (2 of unknown price not counted)";
        assert_eq!(told(1.5, 2).as_deref(), Some(partly));
    }
}
