//! One line of a form: a label and its value, a line of text, a row of tags, or what is said of a field.

use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

use crate::console::{Control, Field, Finding, Form, Options, Pair, TextArea};

use super::super::super::canvas::Canvas;
use super::super::super::text;
use super::super::super::theme::Role;
use super::Line;

/// Columns of a tag's key.
const KEY: u16 = 24;

/// Draws a line; values begin after so many columns.
pub(super) fn draw(canvas: &mut Canvas<'_>, form: &Form, line: &Line, labels: u16, place: Rect) {
    let value = Rect { x: place.x + labels, width: place.width.saturating_sub(labels), ..place };
    match line {
        Line::Blank => {}
        Line::Section(name) => {
            let style = canvas.style(Role::Accent).add_modifier(Modifier::BOLD);
            let used = canvas.put(place.x, place.y, place.width, name, style) + 1;
            let rule = canvas.symbols().border.horizontal_top;
            let border = canvas.style(Role::Border);
            canvas.repeat(place.x + used, place.y, place.width.saturating_sub(used), rule, border);
        }
        Line::Field(at) => {
            let Some(field) = form.fields.get(*at) else { return };
            let current = *at == form.cursor;
            label(canvas, form, field, current, place, labels);
            draw_value(canvas, form, field, current, value);
            draw_note(canvas, form, field, current, value);
        }
        Line::Text(at, row) => {
            let Some(area) = form.fields.get(*at).and_then(Field::area) else { return };
            draw_text(
                canvas,
                area,
                *row,
                *at == form.cursor,
                Rect { x: place.x + 2, width: place.width.saturating_sub(2), ..place },
            );
        }
        Line::Pair(at, row) => {
            let Some(tags) = form.fields.get(*at).and_then(Field::tags) else { return };
            let Some(pair) = tags.rows.get(*row) else { return };
            let cursor = (*at == form.cursor && tags.at.0 == *row).then_some(tags.at.1);
            draw_pair(canvas, pair, cursor, "", value);
        }
        Line::Found(at, row) => {
            let Some(found) = form.fields.get(*at).and_then(Field::found) else { return };
            let Some(finding) = found.rows.get(*row) else { return };
            let place = Rect { x: place.x + 2, width: place.width.saturating_sub(2), ..place };
            draw_finding(canvas, finding, place);
            if *at == form.cursor && found.cursor == *row {
                canvas.restyle(place, canvas.style(Role::Selection));
            }
        }
        Line::Said(_, text, role) => {
            let glyph = match role {
                Role::Error => canvas.symbols().error,
                Role::Warn => canvas.symbols().warn,
                Role::Pending => canvas.symbols().pending,
                _ => canvas.symbols().separator,
            };
            let glyph = if text.starts_with("  ") { " " } else { glyph };
            let style = canvas.style(*role);
            canvas.put(value.x, value.y, 1, glyph, style);
            canvas.put(value.x + 2, value.y, value.width.saturating_sub(2), text.trim_start(), style);
        }
    }
}

fn label(canvas: &mut Canvas<'_>, form: &Form, field: &Field, current: bool, place: Rect, labels: u16) {
    let (x, y) = (place.x, place.y);
    if current {
        canvas.put(x, y, 1, canvas.symbols().cursor, canvas.style(Role::Key));
    }
    let role = match (current, &field.control) {
        (true, _) => Role::Accent,
        (false, Control::Fixed { .. }) => Role::Disabled,
        (false, _) => Role::Heading,
    };
    let mut style = canvas.style(role);
    if current {
        style = style.add_modifier(Modifier::BOLD);
    }
    let used = canvas.put(x + 2, y, labels.saturating_sub(4), field.label, style);
    if form.complaint(field).is_some() {
        canvas.put(x + 2 + used, y, 2, &format!(" {}", canvas.symbols().error), canvas.style(Role::Error));
    } else if field.is_missing() {
        canvas.put(x + 2 + used, y, 2, " *", canvas.style(Role::Warn));
    }
}

fn draw_value(canvas: &mut Canvas<'_>, form: &Form, field: &Field, current: bool, place: Rect) {
    let (x, y, wide) = (place.x, place.y, place.width);
    match &field.control {
        Control::Text { input } => canvas.input(x, y, wide, input, field.empty, current),
        Control::Number { input, unit, .. } => {
            canvas.input(x, y, wide, input, field.empty, current);
            let used = (text::width(input.value()) as u16 + 1).min(wide);
            if !field.is_empty() {
                canvas.put(x + used, y, wide.saturating_sub(used), unit, canvas.style(Role::Subtle));
            }
        }
        Control::Choice { value, options } => match form.chooser.as_ref().filter(|_| current) {
            Some(chooser) => canvas.input(x, y, wide, &chooser.input, "type to narrow", true),
            None => chosen(canvas, field, value, options, current, place),
        },
        Control::Several { chosen, options, .. } => match form.chooser.as_ref().filter(|_| current) {
            Some(chooser) => canvas.input(x, y, wide, &chooser.input, "type to narrow", true),
            None => several(canvas, field, chosen, options, current, place),
        },
        Control::Switch { on } => {
            let tick = if *on { canvas.symbols().marked } else { " " };
            let word = if *on { "yes" } else { "no" };
            canvas.put(x, y, wide, &format!("[{tick}] {word}"), canvas.style(Role::Input));
        }
        Control::Area(area) => {
            let says = match (&area.from, area.is_blank()) {
                (Some(from), _) => format!("{} from {from}", text::counted(area.lines().len(), "line")),
                (None, true) => field.empty.to_owned(),
                (None, false) => text::counted(area.lines().len(), "line"),
            };
            canvas.put(x, y, wide, &says, canvas.style(Role::Placeholder));
        }
        Control::Pairs(tags) => {
            let Some(pair) = tags.rows.first() else { return };
            let cursor = (current && tags.at.0 == 0).then_some(tags.at.1);
            draw_pair(canvas, pair, cursor, field.empty, place);
        }
        Control::Findings(_) => {
            let says = field.note.as_deref().unwrap_or_default();
            canvas.put(x, y, wide, says, canvas.style(Role::Fg));
        }
        Control::Fixed { value, .. } => {
            let says = if value.is_empty() { canvas.symbols().dash } else { value };
            canvas.put(x, y, wide, says, canvas.style(Role::Disabled));
        }
    }
}

/// What holds now, beside an empty field.
fn draw_note(canvas: &mut Canvas<'_>, form: &Form, field: &Field, current: bool, place: Rect) {
    let choosing = current && form.chooser.is_some();
    let Some(note) = field.note.as_ref().filter(|_| !choosing && field.found().is_none()) else { return };
    if super::is_beside(field, usize::from(place.width)) {
        let mark = u16::from(current) * 2;
        let used = text::width(field.empty) as u16 + mark + 1;
        let says = format!("{} {note}", canvas.symbols().separator);
        let wide = place.width.saturating_sub(used);
        canvas.put(place.x + used, place.y, wide, &says, canvas.style(Role::Muted));
    }
}

/// What is chosen, what is known of it, and that there is a list.
fn chosen(
    canvas: &mut Canvas<'_>,
    field: &Field,
    value: &str,
    options: &Options,
    current: bool,
    place: Rect,
) {
    let wide = place.width.saturating_sub(2);
    let mut used = if value.is_empty() {
        canvas.put(place.x, place.y, wide, field.empty, canvas.style(Role::Placeholder))
    } else {
        canvas.put(place.x, place.y, wide, options.label(value), canvas.style(Role::Input))
    };
    if let Some(item) = options.item(value).filter(|item| !item.note.is_empty() && used + 4 < wide) {
        let style = canvas.tone(item.tone);
        let glyph = text::glyph(item.tone, canvas.symbols());
        let note = glyph.map_or_else(|| item.note.clone(), |glyph| format!("{glyph} {}", item.note));
        used += 2 + canvas.put(place.x + used + 2, place.y, wide - used - 2, &note, style);
    }
    mark_list(canvas, current, place, used);
}

fn several(
    canvas: &mut Canvas<'_>,
    field: &Field,
    chosen: &[String],
    options: &Options,
    current: bool,
    place: Rect,
) {
    let wide = place.width.saturating_sub(2);
    let used = if chosen.is_empty() {
        canvas.put(place.x, place.y, wide, field.empty, canvas.style(Role::Placeholder))
    } else {
        let names: Vec<&str> = chosen.iter().map(|value| options.label(value)).collect();
        let names = names.join(", ");
        let says = if text::width(&names) > usize::from(wide) {
            format!("{}: {names}", chosen.len())
        } else {
            names
        };
        canvas.put(place.x, place.y, wide, &says, canvas.style(Role::Input))
    };
    mark_list(canvas, current, place, used);
}

/// The mark that enter opens a list here; the terminal's cursor rests on it.
fn mark_list(canvas: &mut Canvas<'_>, current: bool, place: Rect, used: u16) {
    if current {
        let x = place.x + used + u16::from(used > 0);
        canvas.put(x, place.y, 1, canvas.symbols().sort_down, canvas.style(Role::Key));
        canvas.cursor = Some(Position::new(x, place.y));
    }
}

/// A line of the text with its number; a wrong one is marked.
fn draw_text(canvas: &mut Canvas<'_>, area: &TextArea, row: usize, current: bool, place: Rect) {
    let digits = area.lines().len().max(100).to_string().len() as u16;
    let Some(line) = area.lines().get(row) else {
        canvas.put(place.x + digits, place.y, 1, canvas.symbols().separator, canvas.style(Role::Subtle));
        return;
    };
    let wrong = area.faults.iter().any(|fault| fault.line == row + 1);
    let style = canvas.style(if wrong { Role::Error } else { Role::Subtle });
    canvas.put_right(place.x + digits, place.y, digits, &(row + 1).to_string(), style);
    let glyph = if wrong { canvas.symbols().error } else { canvas.symbols().separator };
    canvas.put(place.x + digits + 1, place.y, 1, glyph, style);
    let x = place.x + digits + 3;
    let wide = place.width.saturating_sub(digits + 3);
    let (at, column) = area.cursor();
    let here = current && at == row;
    let column = if here { column } else { 0 };
    let shown = line.replace('\t', " ");
    let input = tui_input::Input::new(shown).with_cursor(column);
    canvas.input(x, place.y, wide, &input, "", here);
}

/// A row of a list: its line, its name, what would be done, and why not.
fn draw_finding(canvas: &mut Canvas<'_>, finding: &Finding, place: Rect) {
    let (y, right) = (place.y, place.right());
    let style = canvas.tone(finding.tone);
    canvas.put_right(place.x + 6, y, 6, &finding.line.to_string(), canvas.style(Role::Subtle));
    let glyph = text::glyph(finding.tone, canvas.symbols()).unwrap_or(canvas.symbols().separator);
    canvas.put(place.x + 7, y, 1, glyph, style);
    let name = (place.width / 4).clamp(12, 24);
    canvas.put(place.x + 9, y, name, &finding.name, canvas.style(Role::Fg));
    let x = place.x + 9 + name + 1;
    canvas.put(x, y, right.saturating_sub(x).min(8), finding.verdict, style);
    let x = x + 9;
    canvas.put(x, y, right.saturating_sub(x), &finding.says, canvas.style(Role::Muted));
}

fn draw_pair(canvas: &mut Canvas<'_>, pair: &Pair, cursor: Option<bool>, hint: &str, place: Rect) {
    let key = KEY.min(place.width / 2);
    let is_new = pair.key.value().is_empty() && pair.value.value().is_empty();
    let hint = if is_new { hint } else { "" };
    let (key_hint, value_hint) =
        hint.split_once('=').map_or((hint, ""), |(key, value)| (key.trim(), value.trim()));
    canvas.input(place.x, place.y, key, &pair.key, key_hint, cursor == Some(false));
    let sign = canvas.style(if is_new && cursor.is_none() { Role::Subtle } else { Role::Muted });
    canvas.put(place.x + key, place.y, 1, "=", sign);
    let x = place.x + key + 2;
    canvas.input(
        x,
        place.y,
        place.width.saturating_sub(key + 2),
        &pair.value,
        value_hint,
        cursor == Some(true),
    );
}
