//! What keys and pastes do to a form. Pure.

use tui_input::Input;

use super::{Chooser, Control, Field, Form};
use crate::console::layers::{edit, insert, moved};
use crate::console::{Key, KeyCode};

/// Of so many options at most, left and right choose without opening the list.
const FEW: usize = 6;
/// How many fields or lines a page is.
const PAGE: isize = 10;

/// What a key came to, for the console to follow up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing is different but the cursor.
    Moved,
    /// Something was filled in.
    Changed,
    /// The form is complete, says the person.
    Submit,
    /// The person wants to leave.
    Leave,
    /// The file named in the field under the cursor is to be read.
    Read,
}

impl Form {
    /// A key.
    pub(super) fn key(&mut self, key: Key) -> Heard {
        if key.code != KeyCode::Esc {
            self.leaving = false;
        }
        self.hint = None;
        if self.chooser.is_some() {
            return self.chooser_key(key);
        }
        match (key.code, key.ctrl) {
            (KeyCode::Char('s'), true) => return Heard::Submit,
            (KeyCode::Esc, _) => return Heard::Leave,
            (KeyCode::Tab, _) => return self.tab(false),
            (KeyCode::BackTab, _) => return self.tab(true),
            _ => {}
        }
        let heard = match self.current().map(|field| &field.control) {
            None => {
                let pressed = matches!(key.code, KeyCode::Enter | KeyCode::Char(' '));
                pressed.then_some(Heard::Submit)
            }
            Some(Control::Text { .. } | Control::Number { .. }) => self.line_key(key),
            Some(Control::Choice { .. }) => self.choice_key(key),
            Some(Control::Several { .. }) => self.several_key(key),
            Some(Control::Switch { .. }) => self.switch_key(key),
            Some(Control::Area(_)) => self.area_key(key),
            Some(Control::Pairs(_)) => self.pairs_key(key),
            Some(Control::Findings(_)) => self.findings_key(key),
            Some(Control::Fixed { .. }) => None,
        };
        let heard = heard.unwrap_or_else(|| self.moving_key(key));
        if heard == Heard::Changed {
            self.touched = true;
            if let Some(field) = self.current_mut() {
                field.touched = true;
            }
        }
        heard
    }

    /// Text that was pasted. It goes where text belongs and does nothing else.
    pub(super) fn paste(&mut self, text: &str) -> Heard {
        self.hint = None;
        let line = || {
            let text = text.trim_matches(['\n', '\r']);
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>()
        };
        if let Some(chooser) = &mut self.chooser {
            insert(&mut chooser.input, &line());
            if let Some(field) = self.fields.get(self.cursor) {
                chooser.narrow(field);
            }
            return Heard::Moved;
        }
        let Some(field) = self.fields.get_mut(self.cursor) else { return Heard::Moved };
        match &mut field.control {
            Control::Text { input } | Control::Number { input, .. } => insert(input, &line()),
            Control::Area(area) => {
                if let Err(reason) = area.insert(text) {
                    self.hint = Some(reason);
                    return Heard::Moved;
                }
            }
            Control::Pairs(pairs) => paste_pairs(pairs, text, &line()),
            Control::Choice { .. } | Control::Several { .. } => {
                self.chooser = Some(Chooser::of(field, &line()));
                return Heard::Moved;
            }
            Control::Switch { .. } | Control::Fixed { .. } | Control::Findings(_) => {
                self.hint = Some("this field takes no text".to_owned());
                return Heard::Moved;
            }
        }
        field.touched = true;
        self.touched = true;
        Heard::Changed
    }

    /// To the next field or back; within pairs to the next cell.
    fn tab(&mut self, back: bool) -> Heard {
        if let Some(Field { control: Control::Pairs(pairs), .. }) = self.current_mut() {
            let (row, on_value) = pairs.at;
            let last = pairs.rows.len() - 1;
            match (back, on_value) {
                // The empty row at the end is left by one tab.
                (false, false)
                    if row < last || pairs.input().is_some_and(|input| !input.value().is_empty()) =>
                {
                    pairs.at.1 = true;
                    return Heard::Moved;
                }
                (false, true) if row < last => {
                    pairs.at = (row + 1, false);
                    return Heard::Moved;
                }
                (true, true) => {
                    pairs.at.1 = false;
                    return Heard::Moved;
                }
                (true, false) if row > 0 => {
                    pairs.at = (row - 1, true);
                    return Heard::Moved;
                }
                _ => {}
            }
        }
        self.step(back);
        Heard::Moved
    }

    /// The keys that every field has.
    fn moving_key(&mut self, key: Key) -> Heard {
        match key.code {
            KeyCode::Up => self.step(true),
            KeyCode::Down | KeyCode::Enter => self.step(false),
            KeyCode::PageUp | KeyCode::PageDown => {
                for _ in 0..PAGE / 2 {
                    self.step(key.code == KeyCode::PageUp);
                }
            }
            KeyCode::Home => self.go_to(0),
            KeyCode::End => self.go_to(self.fields.len()),
            _ => {}
        }
        Heard::Moved
    }

    /// What a click on the field under the cursor does: opens its options, or turns its switch.
    pub(super) fn press(&mut self) -> Heard {
        match self.current().map(|field| &field.control) {
            Some(Control::Choice { .. } | Control::Several { .. } | Control::Switch { .. }) => {
                self.key(Key::plain(KeyCode::Char(' ')))
            }
            _ => Heard::Moved,
        }
    }

    /// The wheel: over the open list, over the text under the cursor, or over the fields.
    pub(super) fn scroll(&mut self, by: isize) {
        if let Some(chooser) = &mut self.chooser {
            chooser.cursor = moved(chooser.cursor, by, chooser.count());
        } else if let Some(Field { control: Control::Area(area), .. }) = self.current_mut() {
            area.vertically(by);
        } else if let Some(Field { control: Control::Findings(found), .. }) = self.current_mut() {
            found.cursor = moved(found.cursor, by, found.rows.len());
        } else {
            self.step(by < 0);
        }
    }

    fn line_key(&mut self, key: Key) -> Option<Heard> {
        // A file is read into the text of the form, where it has one.
        let has_text = self.fields.iter().any(|field| field.area().is_some());
        let field = self.current_mut()?;
        let is_file = field.id == super::FieldId::File && has_text;
        let (Control::Text { input } | Control::Number { input, .. }) = &mut field.control else {
            return None;
        };
        if is_file && key.code == KeyCode::Enter && !input.value().trim().is_empty() {
            return Some(Heard::Read);
        }
        edited(input, key)
    }

    fn choice_key(&mut self, key: Key) -> Option<Heard> {
        let field = self.fields.get_mut(self.cursor)?;
        let Control::Choice { value, options } = &mut field.control else { return None };
        let count = options.items.len();
        match key.code {
            KeyCode::Left | KeyCode::Right if count <= FEW && count > 0 => {
                let at = options.items.iter().position(|item| item.value == *value);
                let at = match (at, key.code) {
                    (None, _) => 0,
                    (Some(at), KeyCode::Left) => (at + count - 1) % count,
                    (Some(at), _) => (at + 1) % count,
                };
                options.items[at].value.clone_into(value);
                return Some(Heard::Changed);
            }
            KeyCode::Backspace | KeyCode::Delete => {
                if value.is_empty() {
                    return Some(Heard::Moved);
                }
                value.clear();
                return Some(Heard::Changed);
            }
            _ => {}
        }
        self.open_list(key)
    }

    fn several_key(&mut self, key: Key) -> Option<Heard> {
        let field = self.fields.get_mut(self.cursor)?;
        if let (Control::Several { chosen, .. }, KeyCode::Backspace | KeyCode::Delete) =
            (&mut field.control, key.code)
        {
            return Some(if chosen.pop().is_some() { Heard::Changed } else { Heard::Moved });
        }
        self.open_list(key)
    }

    /// Enter or space opens the options; a letter opens them narrowed by it.
    fn open_list(&mut self, key: Key) -> Option<Heard> {
        let field = self.fields.get(self.cursor)?;
        let typed = match (key.code, key.typed()) {
            (KeyCode::Enter | KeyCode::Char(' '), _) => String::new(),
            (_, Some(c)) => c.to_string(),
            _ => return None,
        };
        self.chooser = Some(Chooser::of(field, &typed));
        Some(Heard::Moved)
    }

    fn chooser_key(&mut self, key: Key) -> Heard {
        let Some(chooser) = &mut self.chooser else { return Heard::Moved };
        let Some(field) = self.fields.get_mut(self.cursor) else { return Heard::Moved };
        let several = matches!(field.control, Control::Several { .. });
        let by = match key.code {
            KeyCode::Up => -1,
            KeyCode::Down => 1,
            KeyCode::PageUp => -PAGE,
            KeyCode::PageDown => PAGE,
            KeyCode::Esc => {
                self.chooser = None;
                return Heard::Moved;
            }
            KeyCode::Char(' ') if several && key.typed().is_some() => return self.take(),
            KeyCode::Enter | KeyCode::Tab if several => {
                // What was typed and found is meant, even if it was not ticked.
                let meant = !chooser.input.value().trim().is_empty();
                let heard = if meant && key.code == KeyCode::Enter { self.take() } else { Heard::Moved };
                self.chooser = None;
                if key.code == KeyCode::Tab {
                    self.step(false);
                }
                return heard;
            }
            KeyCode::Enter | KeyCode::Tab => {
                let heard = self.take();
                if key.code == KeyCode::Tab {
                    self.step(false);
                }
                return heard;
            }
            _ => {
                if edit(&mut chooser.input, key) {
                    chooser.cursor = 0;
                    chooser.narrow(field);
                }
                return Heard::Moved;
            }
        };
        chooser.cursor = moved(chooser.cursor, by, chooser.count());
        Heard::Moved
    }

    /// Takes the entry under the cursor of the list: chooses it, or ticks it on or off.
    pub(super) fn take(&mut self) -> Heard {
        let (Some(chooser), Some(field)) = (&mut self.chooser, self.fields.get_mut(self.cursor)) else {
            return Heard::Moved;
        };
        let Some(taken) = chooser.value(field) else {
            self.chooser = None;
            return Heard::Moved;
        };
        match &mut field.control {
            Control::Choice { value, .. } => {
                *value = taken;
                self.chooser = None;
            }
            Control::Several { chosen, .. } => {
                match chosen.iter().position(|value| *value == taken) {
                    Some(at) => drop(chosen.remove(at)),
                    None => chosen.push(taken),
                }
                chooser.input = Input::default();
                chooser.narrow(field);
            }
            _ => return Heard::Moved,
        }
        field.touched = true;
        self.touched = true;
        Heard::Changed
    }

    fn findings_key(&mut self, key: Key) -> Option<Heard> {
        let Some(Field { control: Control::Findings(found), .. }) = self.current_mut() else { return None };
        let by = match key.code {
            KeyCode::Up if found.cursor > 0 => -1,
            KeyCode::Down if found.cursor + 1 < found.rows.len() => 1,
            KeyCode::PageUp => -PAGE,
            KeyCode::PageDown => PAGE,
            _ => return None,
        };
        found.cursor = moved(found.cursor, by, found.rows.len());
        Some(Heard::Moved)
    }

    fn switch_key(&mut self, key: Key) -> Option<Heard> {
        let Some(Field { control: Control::Switch { on }, .. }) = self.current_mut() else { return None };
        *on = match key.code {
            KeyCode::Char(' ') | KeyCode::Left | KeyCode::Right => !*on,
            KeyCode::Char('y') => true,
            KeyCode::Char('n') => false,
            _ => return None,
        };
        Some(Heard::Changed)
    }

    fn area_key(&mut self, key: Key) -> Option<Heard> {
        let Some(Field { control: Control::Area(area), .. }) = self.current_mut() else { return None };
        let before = area.revision();
        let last = area.lines().len() - 1;
        let heard = match (key.code, key.ctrl) {
            (KeyCode::Char('u'), true) => {
                area.delete_line();
                Ok(())
            }
            (KeyCode::Enter, _) => area.insert("\n"),
            (KeyCode::Char(c), false) if !key.alt => area.insert(c.encode_utf8(&mut [0; 4])),
            (code, ctrl) => {
                match (code, ctrl) {
                    (KeyCode::Backspace, _) => area.backspace(),
                    (KeyCode::Delete, _) => area.delete(),
                    (KeyCode::Left, _) => area.horizontally(true),
                    (KeyCode::Right, _) => area.horizontally(false),
                    (KeyCode::Home, true) => area.go_to_line(0),
                    (KeyCode::End, true) => area.go_to_line(last),
                    (KeyCode::Home, _) => area.go_to_end(true),
                    (KeyCode::End, _) => area.go_to_end(false),
                    (KeyCode::PageUp, _) => drop(area.vertically(-PAGE)),
                    (KeyCode::PageDown, _) => drop(area.vertically(PAGE)),
                    (KeyCode::Up, _) if area.vertically(-1) => {}
                    (KeyCode::Down, _) if area.vertically(1) => {}
                    // Over its first and last line one leaves it.
                    _ => return None,
                }
                Ok(())
            }
        };
        let changed = area.revision() != before;
        if let Err(reason) = heard {
            self.hint = Some(reason);
        }
        Some(if changed { Heard::Changed } else { Heard::Moved })
    }

    fn pairs_key(&mut self, key: Key) -> Option<Heard> {
        let Some(Field { control: Control::Pairs(pairs), .. }) = self.current_mut() else { return None };
        let (row, on_value) = pairs.at;
        match (key.code, key.ctrl) {
            (KeyCode::Up, _) if row > 0 => pairs.at.0 -= 1,
            (KeyCode::Down, _) if row + 1 < pairs.rows.len() => pairs.at.0 += 1,
            (KeyCode::Enter, _) => return Some(self.tab(false)),
            (KeyCode::Char('x'), true) => {
                pairs.remove();
                return Some(Heard::Changed);
            }
            // As one writes a tag: the sign goes on to the value.
            (KeyCode::Char('='), false) if !on_value && !key.alt => pairs.at.1 = true,
            _ => {
                let heard = edited(pairs.input()?, key)?;
                if heard == Heard::Changed {
                    pairs.tidy();
                }
                return Some(heard);
            }
        }
        Some(Heard::Moved)
    }
}

/// Pastes `key=value` lines as pairs, and anything else into the cell under the cursor.
fn paste_pairs(pairs: &mut super::Pairs, text: &str, line: &str) {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let split: Option<Vec<(String, String)>> = lines
        .iter()
        .map(|line| {
            line.split_once(['=', '\t']).map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        })
        .collect();
    match split {
        Some(found) if !pairs.at.1 && !found.is_empty() => {
            pairs.add(found);
            pairs.at = (pairs.rows.len() - 1, false);
        }
        _ => {
            if let Some(input) = pairs.input() {
                insert(input, line);
            }
            pairs.tidy();
        }
    }
}

/// Edits a line by a key; nothing if the key is none of editing.
fn edited(input: &mut Input, key: Key) -> Option<Heard> {
    if matches!(key.code, KeyCode::Up | KeyCode::Down | KeyCode::Enter | KeyCode::PageUp | KeyCode::PageDown)
    {
        return None;
    }
    Some(if edit(input, key) { Heard::Changed } else { Heard::Moved })
}
