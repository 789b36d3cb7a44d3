//! One operation in full: what it has left behind, and every step, with AWS's words where it said any.

use std::ops::Range;
use std::sync::Arc;

use ratatui::layout::Rect;

use crate::console::{Action, Console, Operation, Restored, Tone};
use crate::fleet::{PlanId, Step, StepState};

use super::canvas::{Canvas, Frame};
use super::naming::target_name;
use super::operations::outcome;
use super::theme::Role;
use super::{banner, text};

/// What AWS called a request, before its id.
const REQUEST: &str = "request ";

/// Draws an operation, from the line `scroll` on.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, id: &PlanId, scroll: usize, area: Rect) {
    let Some(operation) = console.operations.get(id) else { return };
    let title = vec![
        canvas.span(operation.plan.title.clone(), Role::Title),
        canvas.span(format!(" [{}]", text::counted(operation.states.len(), "step")), Role::Number),
    ];
    let (word, tone) = outcome(operation);
    let aside = vec![canvas.span(word, text::role(tone))];
    let foot_aside = vec![canvas.span("<esc>", Role::Key), canvas.span(" back", Role::Muted)];
    let inner = canvas.frame(area, &Frame { title, aside, foot_aside, ..Frame::default() });
    if operation.plan.steps.is_empty() {
        banner::centred(canvas, inner, &[("this plan has no steps".to_owned(), canvas.style(Role::Muted))]);
    }
    let visible = usize::from(inner.height);
    let columns = usize::from(inner.width.saturating_sub(6));
    let mut page = Page { inner, shown: scroll..scroll + visible, line: 0 };
    leftovers(canvas, operation, &mut page, columns);
    homes(canvas, console, operation, &mut page, columns);
    for (index, (step, state)) in operation.plan.steps.iter().zip(&operation.states).enumerate() {
        if let Some(y) = page.next() {
            draw_step(canvas, console, step, state, Rect { y, height: 1, ..inner });
        }
        let Some(says) = Said::of(operation, index, state) else { continue };
        // Of thousands of steps a screenful is worded.
        let high = says.height(columns);
        if page.skips(high) {
            continue;
        }
        for line in text::wrap(&says.text(), columns) {
            if let Some(y) = page.next() {
                canvas.put(inner.x + 5, y, columns as u16, &line, canvas.style(Role::Muted));
            }
        }
    }
    canvas.drawn.lines = visible;
    canvas.drawn.all_lines = page.line;
    let bar = inner.right().saturating_sub(1);
    canvas.scrollbar(bar, inner.y, inner.height, page.line, visible, scroll);
}

/// Lines that a reason takes at most where steps are shown in brief.
const REASON: usize = 2;

/// Draws what matters most of an operation's steps: those that failed, are unknown or under way first, with why.
pub(super) fn brief(canvas: &mut Canvas<'_>, console: &Console, operation: &Operation, area: Rect) {
    let symbols = canvas.symbols();
    let rule = canvas.style(Role::Border);
    canvas.repeat(area.x + 1, area.y, area.width.saturating_sub(2), symbols.border.horizontal_top, rule);
    let key = console.keymap.label(Action::OperationDetails);
    let spans = [
        canvas.span(" steps", Role::Title),
        canvas.span(format!(" [{}]", text::count(operation.states.len())), Role::Number),
        canvas.span(format!(" <{key}>"), Role::Key),
        canvas.span(" all of them, in their order ", Role::Muted),
    ];
    canvas.spans(area.x + 3, area.y, area.width.saturating_sub(4), &spans);
    let mut order: Vec<usize> = (0..operation.states.len().min(operation.plan.steps.len())).collect();
    order.sort_by_key(|at| urgency(&operation.states[*at]));
    let columns = usize::from(area.width.saturating_sub(6));
    let (mut y, end) = (area.y + 1, area.bottom());
    for (shown, at) in order.iter().enumerate() {
        let (step, state) = (&operation.plan.steps[*at], &operation.states[*at]);
        // The last line says how many there are no lines for.
        if y + 1 >= end && order.len() - shown > 1 {
            let more = format!("and {}", text::counted(order.len() - shown, "more step"));
            canvas.put(area.x + 3, y, area.width.saturating_sub(4), &more, canvas.style(Role::Muted));
            return;
        }
        draw_step(canvas, console, step, state, Rect { y, height: 1, ..area });
        y += 1;
        let says = match state {
            StepState::Failed(_) | StepState::Unknown(_) | StepState::Skipped(_) => {
                Said::of(operation, *at, state)
            }
            _ => None,
        };
        for line in says.iter().flat_map(|says| text::wrap(&says.text(), columns)).take(REASON) {
            if y + 1 < end {
                canvas.put(area.x + 5, y, columns as u16, &line, canvas.style(Role::Muted));
                y += 1;
            }
        }
        if y >= end {
            return;
        }
    }
}

/// What a person has to know first.
fn urgency(state: &StepState) -> u8 {
    match state {
        StepState::Failed(_) => 0,
        StepState::Unknown(_) => 1,
        StepState::Checking | StepState::Sending | StepState::Verifying => 2,
        StepState::Skipped(_) => 3,
        StepState::Waiting => 4,
        StepState::Done | StepState::AlreadyDone => 5,
    }
}

/// Lines one after the other, of which those that are scrolled to have a place on the screen.
struct Page {
    inner: Rect,
    shown: Range<usize>,
    line: usize,
}

impl Page {
    /// Where the next line is on the screen, if it is.
    fn next(&mut self) -> Option<u16> {
        let line = self.line;
        self.line += 1;
        self.shown.contains(&line).then(|| self.inner.y + (line - self.shown.start) as u16)
    }

    /// Passes over so many lines if none of them is on the screen.
    fn skips(&mut self, lines: usize) -> bool {
        let hidden = self.line >= self.shown.end || self.line + lines <= self.shown.start;
        if hidden {
            self.line += lines;
        }
        hidden
    }
}

/// What stays behind of what was deleted, as it was found when that was planned.
fn leftovers(canvas: &mut Canvas<'_>, operation: &Operation, page: &mut Page, columns: usize) {
    let sentences = operation.leftovers();
    if sentences.is_empty() {
        return;
    }
    let x = page.inner.x;
    if let Some(y) = page.next() {
        let wide = page.inner.width.saturating_sub(2);
        canvas.put(
            x + 1,
            y,
            wide,
            "stays behind, as far as the plan could tell",
            canvas.style(Role::Heading),
        );
    }
    for sentence in sentences {
        for (row, line) in text::wrap(sentence, columns).iter().enumerate() {
            let Some(y) = page.next() else { continue };
            if row == 0 {
                canvas.put(x + 3, y, 1, canvas.symbols().separator, canvas.style(Role::Subtle));
            }
            canvas.put(x + 5, y, columns as u16, line, canvas.style(Role::Fg));
        }
    }
    page.next();
}

/// Who had which id on the home file system before a restore, and has which now; and what is to be done about it.
fn homes(canvas: &mut Canvas<'_>, console: &Console, operation: &Operation, page: &mut Page, columns: usize) {
    let Some(homes) = operation.homes(&console.fleet) else { return };
    let (x, arrow) = (page.inner.x, canvas.symbols().arrow);
    if let Some(y) = page.next() {
        canvas.put(
            x + 1,
            y,
            page.inner.width.saturating_sub(2),
            &homes.heading(),
            canvas.style(Role::Heading),
        );
    }
    let longest = homes.rows.iter().map(|home| text::width(home.name.as_str())).max().unwrap_or_default();
    let name_width = longest.min(columns / 2) as u16;
    for home in &homes.rows {
        let Some(y) = page.next() else { continue };
        let is_moved = home.moved(&homes);
        let role = if is_moved { Role::Fg } else { Role::Muted };
        canvas.put(x + 5, y, 12, home.kind, canvas.style(Role::Muted));
        canvas.put(x + 18, y, name_width, home.name.as_str(), canvas.style(role));
        let id = |id: &Option<Arc<str>>| id.as_deref().unwrap_or("unknown").to_owned();
        let ids = format!("{} {arrow} {}", id(&home.old_uid), id(&home.new_uid));
        let at = x + 20 + name_width;
        canvas.put(at, y, page.inner.right().saturating_sub(at + 1), &ids, canvas.style(role));
    }
    let mut advice = homes.advice();
    if operation.restored.as_ref().is_some_and(Restored::is_reading) {
        advice = vec!["The new ids are being read.".to_owned()];
    }
    for sentence in &advice {
        for line in text::wrap(sentence, columns) {
            if let Some(y) = page.next() {
                canvas.put(x + 5, y, columns as u16, &line, canvas.style(Role::Muted));
            }
        }
    }
    page.next();
}

/// How far a step is, and what it does to what.
fn draw_step(canvas: &mut Canvas<'_>, console: &Console, step: &Step, state: &StepState, place: Rect) {
    let (word, tone) = word(state);
    let style = canvas.tone(tone);
    let symbols = canvas.symbols();
    let glyph = text::glyph(tone, symbols).unwrap_or(symbols.separator);
    canvas.put(place.x + 1, place.y, 1, glyph, style);
    canvas.put(place.x + 3, place.y, 13, word, style);
    let target = step.change.target();
    let name = target_name(console, &target, symbols.separator);
    let spans = [
        canvas.span(format!("{} {} ", step.change.verb(), target.kind()), Role::Muted),
        canvas.span(name, Role::Fg),
    ];
    canvas.spans(place.x + 17, place.y, place.width.saturating_sub(19), &spans);
}

/// How far a step is, in a word.
fn word(state: &StepState) -> (&'static str, Tone) {
    match state {
        StepState::Waiting => ("waiting", Tone::Muted),
        StepState::Checking => ("checking", Tone::Pending),
        StepState::Sending => ("sending", Tone::Pending),
        StepState::Verifying => ("verifying", Tone::Pending),
        StepState::Done => ("done", Tone::Ok),
        StepState::AlreadyDone => ("already done", Tone::Ok),
        StepState::Skipped(_) => ("skipped", Tone::Warn),
        StepState::Failed(_) => ("failed", Tone::Error),
        StepState::Unknown(_) => ("unknown", Tone::Unknown),
    }
}

/// What is to be said about a step beside its state.
enum Said<'a> {
    /// Why it is not done, in our words or AWS's.
    Why(String),
    /// Which request it was.
    Request(&'a str),
}

impl<'a> Said<'a> {
    fn of(operation: &'a Operation, index: usize, state: &StepState) -> Option<Self> {
        match state {
            StepState::Skipped(reason) => Some(Self::Why(reason.to_string())),
            StepState::Failed(problem) | StepState::Unknown(problem) => Some(Self::Why(problem.to_string())),
            _ => Some(Self::Request(operation.request_ids.get(index)?.as_deref()?)),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Why(text) => text.clone(),
            Self::Request(id) => format!("{REQUEST}{id}"),
        }
    }

    /// How many lines of so many columns it takes.
    fn height(&self, columns: usize) -> usize {
        match self {
            Self::Request(id) if REQUEST.len() + text::width(id) <= columns => 1,
            said => text::wrap(&said.text(), columns).len(),
        }
    }
}
