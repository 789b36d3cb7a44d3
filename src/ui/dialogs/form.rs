//! A form: fields below each other, what is wrong under each, help for the one under the cursor, the button at the
//! bottom. On a wide terminal the help stands beside the fields.

mod chooser;
mod field;

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::console::{Field, Form, Target, TextArea};

use super::super::canvas::Canvas;
use super::super::text;
use super::super::theme::Role;
use super::{Popup, open, room, title};

/// The greatest width of the dialog inside.
const WIDE: u16 = 132;
/// From this width on the help stands beside the fields.
const BESIDE: u16 = 104;
/// Columns of the help beside the fields.
const ASIDE: u16 = 40;
/// Columns of the labels at most.
const LABEL: u16 = 24;
/// Lines of a text or of what was found at most.
const MOST: usize = 40;
/// Lines of the help below the fields.
const HELP: u16 = 2;

/// One line of the form.
#[derive(Debug, Clone, PartialEq)]
enum Line {
    Blank,
    Section(&'static str),
    /// A field's label and value.
    Field(usize),
    /// A line of the text of an area, by position.
    Text(usize, usize),
    /// A row of tags.
    Pair(usize, usize),
    /// A row of what was found out, by position.
    Found(usize, usize),
    /// What is said below a field, in which role.
    Said(usize, String, Role),
}

impl Line {
    /// The field it belongs to.
    fn field(&self) -> Option<usize> {
        match self {
            Self::Field(at)
            | Self::Text(at, _)
            | Self::Pair(at, _)
            | Self::Found(at, _)
            | Self::Said(at, ..) => Some(*at),
            Self::Blank | Self::Section(_) => None,
        }
    }
}

/// Draws the form.
pub(super) fn draw(canvas: &mut Canvas<'_>, form: &Form, body: Rect) {
    let wide = room(body).min(WIDE);
    let beside = wide >= BESIDE;
    let columns = if beside { wide - ASIDE - 3 } else { wide };
    let labels = label_columns(form);
    // The text of an area takes what room there is; elsewhere the form is as high as its fields.
    let foot = if beside { 2 } else { 2 + HELP };
    let most = body.height.saturating_sub(2 + foot);
    let lines = lines(form, labels, columns, usize::from(most));
    let high =
        u16::try_from(lines.len()).unwrap_or(u16::MAX).max(if beside { 12 } else { 1 }).saturating_add(foot);
    let keys: &[(&str, &str)] = if form.chooser.is_some() {
        &[("up down", "move"), ("enter", "take"), ("esc", "close the list")]
    } else {
        &[("tab", "next"), ("ctrl-s", "go on"), ("esc", "leave")]
    };
    let popup = Popup { title: title(canvas, form.title.clone()), keys, inside: (wide, high) };
    let inner = open(canvas, &popup, body);
    let foot = foot.min(inner.height.saturating_sub(1));
    let list = Rect { height: inner.height - foot, width: columns.min(inner.width), ..inner };
    let visible = usize::from(list.height);
    let first = first_line(form, &lines, visible);
    let mut anchor = None;
    for (y, line) in (list.y..list.bottom()).zip(lines.iter().skip(first)) {
        let place = Rect { y, height: 1, ..list };
        field::draw(canvas, form, line, labels, place);
        if let Some(at) = line.field() {
            if at == form.cursor && anchor.is_none() {
                anchor = Some(place);
            }
            if form.chooser.is_none() {
                canvas.click(place, Target::Row(at));
            }
        }
    }
    canvas.drawn.lines = visible;
    canvas.drawn.all_lines = lines.len();
    let rail = if beside { list.right() } else { inner.right() };
    canvas.scrollbar(rail, list.y, list.height, lines.len(), visible, first);
    let below = Rect { y: list.bottom(), height: foot, ..inner };
    if beside {
        let x = list.right() + 2;
        aside(canvas, form, Rect { x, width: inner.right().saturating_sub(x), ..list });
    } else {
        help_below(canvas, form, below);
    }
    button(canvas, form, below);
    if let (Some(chooser), Some(current), Some(anchor)) = (&form.chooser, form.current(), anchor) {
        let x = anchor.x + labels;
        let place = Rect { x, width: list.right().saturating_sub(x), ..anchor };
        chooser::draw(canvas, current, chooser, place, inner);
    }
}

/// Columns before the values: the widest label, its mark and a gap.
fn label_columns(form: &Form) -> u16 {
    let widest = form.fields.iter().filter(|field| !field.hidden).map(|field| text::width(field.label)).max();
    (widest.unwrap_or(0) as u16).min(LABEL) + 5
}

/// All lines; areas get what is left of `most` beside the rest.
fn lines(form: &Form, labels: u16, columns: u16, most: usize) -> Vec<Line> {
    let room = usize::from(columns.saturating_sub(labels));
    let mut lines = Vec::new();
    let mut section = "";
    let shown = || form.fields.iter().enumerate().filter(|(_, field)| !field.hidden);
    let areas = shown().filter(|(_, field)| field.area().is_some() || field.found().is_some()).count();
    let others = shown().count() + shown().filter(|(_, field)| form.complaint(field).is_some()).count();
    let each = (most.saturating_sub(others + 2) / areas.max(1)).clamp(4, MOST);
    for (at, field) in shown() {
        if field.section != section {
            section = field.section;
            if !lines.is_empty() {
                lines.push(Line::Blank);
            }
            if !section.is_empty() {
                lines.push(Line::Section(section));
            }
        }
        lines.push(Line::Field(at));
        if let Some(area) = field.area() {
            let cursor = area.cursor().0;
            let all = area.lines().len();
            let first = cursor.saturating_sub(each / 2).min(all.saturating_sub(each));
            // A short text has room to grow: it is what the form is about.
            lines.extend((first..first + each).map(|line| Line::Text(at, line)));
        }
        if let Some(found) = field.found() {
            let all = found.rows.len();
            let first = found.cursor.saturating_sub(each / 2).min(all.saturating_sub(each));
            lines.extend((first..(first + each).min(all)).map(|row| Line::Found(at, row)));
        }
        if let Some(pairs) = field.tags() {
            lines.extend((1..pairs.rows.len()).map(|row| Line::Pair(at, row)));
        }
        let said = |text: &str, role: Role| {
            let wrapped = text::wrap(text, room.saturating_sub(2)).into_iter().take(3);
            wrapped
                .enumerate()
                .map(move |(row, line)| Line::Said(at, indent(row, line), role))
                .collect::<Vec<_>>()
        };
        if let Some(complaint) = form.complaint(field) {
            lines.extend(said(complaint, Role::Error));
        } else if let Some(fault) = field.area().filter(|_| at == form.cursor).and_then(TextArea::fault_here)
        {
            lines.extend(said(&fault.placed(), Role::Error));
        }
        if let Some((failed, state)) = field.options().and_then(crate::console::Options::state) {
            let typing = if failed { "; type it by hand" } else { "" };
            // What is being read is said where one waits for it; what failed, everywhere.
            if failed || at == form.cursor {
                let role = if failed { Role::Warn } else { Role::Pending };
                lines.extend(said(&format!("{}{typing}", state.trim_end_matches('.')), role));
            }
        }
        // What was found says its count beside its label; an empty field has room for what holds now.
        let beside = field.found().is_some() || is_beside(field, room);
        if let Some(note) = field.note.as_ref().filter(|_| !beside) {
            lines.extend(said(note, Role::Muted));
        }
    }
    lines
}

/// Whether the note of a field stands beside its value.
fn is_beside(field: &Field, room: usize) -> bool {
    let note = field.note.as_deref().map_or(0, text::width);
    field.is_empty() && field.area().is_none() && text::width(field.empty) + note + 5 <= room
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if clause.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

fn indent(row: usize, line: String) -> String {
    if row == 0 { line } else { format!("  {line}") }
}

/// The first line shown: the cursor's line stays in the middle where there is more above and below.
fn first_line(form: &Form, lines: &[Line], visible: usize) -> usize {
    let within = |line: &Line| match line {
        Line::Text(at, text) => {
            *at == form.cursor
                && form.current().and_then(Field::area).is_some_and(|area| area.cursor().0 == *text)
        }
        Line::Pair(at, row) => {
            *at == form.cursor && form.current().and_then(Field::tags).is_some_and(|tags| tags.at.0 == *row)
        }
        Line::Found(at, row) => {
            *at == form.cursor
                && form.current().and_then(Field::found).is_some_and(|found| found.cursor == *row)
        }
        _ => false,
    };
    let exact = lines.iter().position(within);
    let start = lines.iter().position(|line| line.field() == Some(form.cursor));
    let at = exact.or(start).unwrap_or(lines.len());
    at.saturating_sub(visible / 2).min(lines.len().saturating_sub(visible))
}

/// The help of the field under the cursor, in lines of so many columns.
fn help_of(form: &Form) -> String {
    let Some(field) = form.current() else {
        return "Shows what would be done. Nothing is sent before you confirm it.".to_owned();
    };
    match (field.reason(), field.help) {
        ("", help) => help.to_owned(),
        (reason, help) => format!("{} {help}", sentence(reason)),
    }
}

/// Help beside the fields.
fn aside(canvas: &mut Canvas<'_>, form: &Form, place: Rect) {
    let rule = canvas.symbols().border.vertical_left;
    for y in place.y..place.bottom() {
        canvas.put(place.x, y, 1, rule, canvas.style(Role::Border));
    }
    let (x, wide) = (place.x + 2, place.width.saturating_sub(2));
    let mut y = place.y;
    if let Some(field) = form.current() {
        canvas.put(x, y, wide, field.label, canvas.style(Role::Heading));
        y += 2;
    }
    let mut paragraphs = vec![(help_of(form), Role::Fg)];
    if let Some(field) = form.current() {
        if field.required {
            paragraphs.push(("It is needed.".to_owned(), Role::Muted));
        }
        paragraphs.push((keys_of(field).to_owned(), Role::Muted));
    }
    for (paragraph, role) in paragraphs.iter().filter(|(text, _)| !text.is_empty()) {
        for line in text::wrap(paragraph, usize::from(wide)) {
            if y >= place.bottom() {
                return;
            }
            canvas.put(x, y, wide, &line, canvas.style(*role));
            y += 1;
        }
        y += 1;
    }
}

/// What one can press in a field beyond typing.
fn keys_of(field: &Field) -> &'static str {
    use crate::console::Control;
    match &field.control {
        Control::Choice { .. } => "Enter opens the list; typing narrows it.",
        Control::Several { .. } => "Enter opens the list; space ticks.",
        Control::Switch { .. } => "Space switches.",
        Control::Area(_) => "Type or paste; tab goes on. Ctrl-u takes a line away.",
        Control::Pairs(_) => "Tab or = goes on to the value; ctrl-x takes a row away.",
        Control::Findings(_) => "Up and down move through the rows.",
        Control::Text { .. } | Control::Number { .. } | Control::Fixed { .. } => "",
    }
}

/// Help below the fields, two lines of it.
fn help_below(canvas: &mut Canvas<'_>, form: &Form, place: Rect) {
    let style = canvas.style(Role::Muted);
    let mut lines = text::wrap(&help_of(form), usize::from(place.width));
    let fits = usize::from(place.height.saturating_sub(2).min(HELP));
    if lines.len() > fits
        && let Some(last) = lines.get_mut(fits.saturating_sub(1))
    {
        last.push_str(canvas.symbols().ellipsis);
    }
    for (row, line) in lines.iter().take(fits).enumerate() {
        canvas.put(place.x, place.y + 1 + row as u16, place.width, line, style);
    }
}

/// The line above the help, what is wrong in all, and the button.
fn button(canvas: &mut Canvas<'_>, form: &Form, place: Rect) {
    if place.height == 0 {
        return;
    }
    let border = canvas.style(Role::Border);
    if place.height > 1 {
        canvas.repeat(place.x, place.y, place.width, canvas.symbols().border.horizontal_top, border);
    }
    let y = place.bottom() - 1;
    let go = format!("[ {} ]", form.subject.button());
    let cancel = "[ Cancel ]";
    let on_button = form.cursor == form.fields.len();
    let wrong: Vec<&str> = form.wrong().map(|field| field.label).collect();
    let possible = wrong.is_empty();
    let mut style = canvas.style(if possible { Role::Key } else { Role::Disabled });
    if on_button {
        style = canvas.style(Role::Selection).add_modifier(Modifier::BOLD);
    }
    let (go_wide, cancel_wide) = (text::width(&go) as u16, text::width(cancel) as u16);
    let cancel_x = place.right().saturating_sub(cancel_wide);
    let go_x = cancel_x.saturating_sub(go_wide + 2);
    canvas.put(cancel_x, y, cancel_wide, cancel, canvas.style(Role::Muted));
    canvas.put(go_x, y, go_wide, &go, style);
    let count = form.fields.len();
    if form.chooser.is_none() {
        canvas.click(Rect::new(go_x, y, go_wide, 1), Target::Row(count));
        canvas.click(Rect::new(cancel_x, y, cancel_wide, 1), Target::Row(count + 1));
    }
    let room = go_x.saturating_sub(place.x + 2);
    let warn = canvas.symbols().warn;
    if let Some(hint) = &form.hint {
        canvas.put(place.x, y, room, &format!("{warn} {hint}"), canvas.style(Role::Warn));
    } else if !possible {
        let needs = if wrong.len() == 1 { "needs" } else { "need" };
        let says =
            format!("{warn} {} {needs} a look: {}", text::counted(wrong.len(), "field"), wrong.join(", "));
        canvas.put(place.x, y, room, &says, canvas.style(Role::Warn));
    }
}
