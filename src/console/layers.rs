//! Keys, pastes and clicks in the layers over a pane. The topmost layer has them all.

use tui_input::{Input, InputRequest};

use super::{Action, Console, Context, DetailsTab, Dialog, Effect, Key, KeyCode, Pane, ReconcileView, Tone};

/// Edits a text field by a key; whether its text changed.
pub(super) fn edit(input: &mut Input, key: Key) -> bool {
    let before = input.value().to_owned();
    let request = match (key.code, key.ctrl, key.alt) {
        (KeyCode::Char(c), false, false) => InputRequest::InsertChar(c),
        (KeyCode::Backspace, false, false) | (KeyCode::Char('h'), true, _) => InputRequest::DeletePrevChar,
        (KeyCode::Backspace, ..) | (KeyCode::Char('w'), true, _) => InputRequest::DeletePrevWord,
        (KeyCode::Delete, ..) => InputRequest::DeleteNextChar,
        (KeyCode::Char('u'), true, _) => InputRequest::DeleteLine,
        (KeyCode::Left, false, _) => InputRequest::GoToPrevChar,
        (KeyCode::Right, false, _) => InputRequest::GoToNextChar,
        (KeyCode::Left, true, _) | (KeyCode::Char('b'), _, true) => InputRequest::GoToPrevWord,
        (KeyCode::Right, true, _) | (KeyCode::Char('f'), _, true) => InputRequest::GoToNextWord,
        (KeyCode::Home, ..) | (KeyCode::Char('a'), true, _) => InputRequest::GoToStart,
        (KeyCode::End, ..) | (KeyCode::Char('e'), true, _) => InputRequest::GoToEnd,
        _ => return false,
    };
    input.handle(request);
    input.value() != before
}

/// Inserts pasted text at the cursor of a text field.
pub(super) fn insert(input: &mut Input, text: &str) {
    for c in text.chars() {
        input.handle(InputRequest::InsertChar(c));
    }
}

/// Pastes into the text field of a layer. What confirms a change takes no paste.
pub(super) fn paste(dialog: &mut Dialog, text: &str) {
    match dialog {
        Dialog::Palette(palette) => insert(&mut palette.input, text),
        Dialog::Picker(picker) => insert(&mut picker.input, text),
        Dialog::Export(export) => insert(&mut export.path, text),
        Dialog::Details(details) if details.searching => insert(&mut details.search, text),
        // A reason is text like any other; what confirms is not.
        Dialog::Confirm(confirm) if confirm.asks_reason && confirm.reason.is_none() => {
            insert(&mut confirm.input, text);
        }
        Dialog::Audit(audit) if audit.searching => insert(&mut audit.search, text),
        Dialog::Confirm(confirm) => {
            confirm.hint = Some("pasted text does not confirm; type it".to_owned());
        }
        Dialog::Unlock(unlock) => {
            unlock.hint = Some("pasted text does not unlock; type it".to_owned());
        }
        Dialog::Help { .. }
        | Dialog::Menu { .. }
        | Dialog::Details(_)
        | Dialog::Preparing(_)
        | Dialog::Link(_)
        | Dialog::Audit(_)
        | Dialog::Burn(_)
        | Dialog::Reconcile(_)
        | Dialog::LifecycleConfigs { .. }
        | Dialog::Form(_)
        | Dialog::Leave
        | Dialog::Quota { .. }
        | Dialog::Steps { .. } => {}
    }
}

impl Console {
    /// A key while a layer is open.
    pub(super) fn layer_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        // Ctrl-c leaves whatever is open; esc closes one layer.
        if key.ctrl && key.code == KeyCode::Char('c') {
            return self.quit(effects);
        }
        match self.dialogs.last() {
            Some(Dialog::Quota { .. }) => self.quota_key(key, effects),
            Some(Dialog::Help { .. } | Dialog::Steps { .. }) => self.reading_key(key),
            Some(Dialog::Details(_)) => self.details_key(key, effects),
            Some(Dialog::Palette(_)) => self.palette_key(key, effects),
            Some(Dialog::Picker(_)) => self.picker_key(key, effects),
            Some(Dialog::Menu { .. }) => self.menu_key(key, effects),
            Some(Dialog::Preparing(_)) => {
                if matches!(key.code, KeyCode::Esc | KeyCode::Char('q')) {
                    self.close_layer();
                }
            }
            Some(Dialog::Form(_)) => self.form_key(key, effects),
            Some(Dialog::Confirm(_)) => self.confirm_key(key, effects),
            Some(Dialog::Link(_)) => self.link_key(key, effects),
            Some(Dialog::Audit(_)) => self.audit_key(key, effects),
            Some(Dialog::Burn(_)) => self.burn_key(key, effects),
            Some(Dialog::Reconcile(_)) => self.reconcile_key(key, effects),
            Some(Dialog::LifecycleConfigs { .. }) => self.lifecycle_key(key, effects),
            Some(Dialog::Unlock(_)) => self.unlock_key(key, effects),
            Some(Dialog::Export(_)) => self.export_key(key, effects),
            Some(Dialog::Leave) => self.leave_key(key, effects),
            None => {}
        }
    }

    /// Closes the topmost layer.
    pub(super) fn close_layer(&mut self) {
        self.dialogs.pop();
    }

    /// Layers that are only read: scrolling and closing.
    pub(super) fn reading_key(&mut self, key: Key) {
        match (self.keymap.resolve(Context::Everywhere, key), key.code) {
            (_, KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q')) | (Some(Action::Help), _) => {
                self.close_layer();
            }
            (Some(action), _) => {
                self.scroll_by_action(action);
            }
            _ => {}
        }
    }

    /// Moves the text of the layer; whether the action is one of moving.
    pub(super) fn scroll_by_action(&mut self, action: Action) -> bool {
        let page = isize::try_from(self.drawn.lines.max(2)).unwrap_or(isize::MAX) - 1;
        let by = match action {
            Action::Up => -1,
            Action::Down => 1,
            Action::PageUp => -page,
            Action::PageDown => page,
            Action::Top => isize::MIN,
            Action::Bottom => isize::MAX,
            _ => return false,
        };
        self.layer_scroll(by);
        true
    }

    /// Scrolls the topmost layer, within what was drawn of it.
    pub(super) fn layer_scroll(&mut self, by: isize) {
        let last = self.drawn.all_lines.saturating_sub(self.drawn.lines);
        let entries = match self.dialogs.last() {
            Some(Dialog::Menu { .. }) => self.menu().len(),
            Some(Dialog::LifecycleConfigs { scope, .. }) => {
                self.fleet.library.lifecycle_configs.get(scope).map_or(0, Vec::len)
            }
            _ => 0,
        };
        let scroll = match self.dialogs.last_mut() {
            Some(Dialog::Menu { cursor } | Dialog::LifecycleConfigs { cursor, .. }) => {
                *cursor = moved(*cursor, by, entries);
                return;
            }
            Some(
                Dialog::Help { scroll }
                | Dialog::Steps { scroll, .. }
                | Dialog::Quota { scroll, .. }
                | Dialog::Reconcile(ReconcileView { scroll, .. }),
            ) => scroll,
            Some(Dialog::Details(details)) => &mut details.scroll,
            Some(Dialog::Confirm(confirm)) => &mut confirm.scroll,
            Some(Dialog::Audit(audit)) => &mut audit.scroll,
            Some(Dialog::Picker(picker)) => {
                picker.cursor = moved(picker.cursor, by, picker.shown.len());
                return self.preview_theme();
            }
            Some(Dialog::Palette(palette)) => {
                palette.cursor = moved(palette.cursor, by, palette.items.len());
                return;
            }
            Some(Dialog::Form(_)) => return self.form_scroll(by.signum()),
            Some(Dialog::Burn(_)) => return self.move_burn(by),
            _ => return,
        };
        *scroll = scroll.saturating_add_signed(by).min(last);
    }

    fn details_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let Some(Dialog::Details(details)) = self.dialogs.last_mut() else { return };
        if details.searching {
            match key.code {
                KeyCode::Enter => details.searching = false,
                KeyCode::Esc => {
                    details.searching = false;
                    details.search = Input::default();
                }
                _ => {
                    edit(&mut details.search, key);
                }
            }
            details.hit = 0;
            return self.scroll_to_hit();
        }
        if key.code == KeyCode::Esc || key.code == KeyCode::Char('q') {
            return self.close_layer();
        }
        if key.code == KeyCode::Char('d') && !key.ctrl {
            details.tab = DetailsTab::Facts;
            details.scroll = 0;
            return;
        }
        if let Some(action) = self.keymap.resolve(Context::Details, key)
            && !self.scroll_by_action(action)
        {
            match action {
                Action::Help | Action::Palette | Action::Themes => self.act(action, effects),
                action if action.context() == Context::Details => self.details_action(action, effects),
                _ => {}
            }
        }
    }

    /// The actions of the details view.
    pub(super) fn details_action(&mut self, action: Action, effects: &mut Vec<Effect>) {
        let Some(Dialog::Details(details)) = self.dialogs.last_mut() else { return };
        match action {
            Action::Search => {
                details.searching = true;
                details.search = Input::default();
            }
            Action::SearchNext => {
                details.hit = details.hit.wrapping_add(1);
                self.scroll_to_hit();
            }
            Action::SearchPrevious => {
                details.hit = details.hit.wrapping_sub(1);
                self.scroll_to_hit();
            }
            Action::OtherFormat => {
                details.scroll = 0;
                details.tab = match details.tab {
                    DetailsTab::Json => DetailsTab::Yaml,
                    DetailsTab::Facts | DetailsTab::Yaml => DetailsTab::Json,
                };
            }
            Action::CopyText => {
                let text = self.details_text();
                effects.push(Effect::Copy(text));
            }
            _ => {}
        }
    }

    /// Scrolls to the match that is chosen; matches wrap around.
    fn scroll_to_hit(&mut self) {
        let searches = self.details().is_some_and(|details| !details.search.value().is_empty());
        let hits = if searches { self.details_hits(&self.details_lines()) } else { Vec::new() };
        let lines = self.drawn.lines.max(1);
        let Some(Dialog::Details(details)) = self.dialogs.last_mut() else { return };
        if hits.is_empty() {
            return;
        }
        details.hit = if details.hit > usize::MAX / 2 { hits.len() - 1 } else { details.hit % hits.len() };
        let line = hits[details.hit];
        if line < details.scroll || line >= details.scroll + lines {
            details.scroll = line.saturating_sub(lines / 3);
        }
    }

    fn menu_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let Some(Dialog::Menu { cursor }) = self.dialogs.last() else { return };
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.layer_scroll(-1),
            KeyCode::Down | KeyCode::Char('j') => self.layer_scroll(1),
            KeyCode::Enter => self.choose_entry(*cursor, effects),
            KeyCode::Esc | KeyCode::Char('q') => self.close_layer(),
            _ => {
                let action = self.keymap.resolve(Context::Table, key);
                if let Some(at) = self.menu().iter().position(|entry| Some(entry.action) == action) {
                    self.choose_entry(at, effects);
                }
            }
        }
    }

    fn choose_entry(&mut self, at: usize, effects: &mut Vec<Effect>) {
        let Some(entry) = self.menu().get(at).cloned() else { return };
        if let Some(reason) = entry.why_not {
            self.say(Tone::Warn, reason);
            return;
        }
        self.close_layer();
        self.act(entry.action, effects);
    }

    fn leave_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        match key.code {
            KeyCode::Char('y') => effects.push(Effect::Quit),
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('n' | 'q') => self.close_layer(),
            KeyCode::Char('9') => {
                self.close_layer();
                self.act(Pane::Operations.action(), effects);
            }
            _ => {}
        }
    }

    /// A click on a row of the topmost layer.
    pub(super) fn layer_click(&mut self, row: usize, effects: &mut Vec<Effect>) {
        match self.dialogs.last_mut() {
            Some(Dialog::Menu { .. }) => self.choose_entry(row, effects),
            Some(Dialog::LifecycleConfigs { cursor, .. }) => *cursor = row,
            Some(Dialog::Form(_)) => self.form_click(row, effects),
            Some(Dialog::Burn(_)) => self.click_burn(row),
            Some(Dialog::Palette(palette)) => {
                palette.cursor = row.min(palette.items.len().saturating_sub(1));
                self.run_palette(effects);
            }
            Some(Dialog::Picker(picker)) => {
                picker.cursor = row.min(picker.shown.len().saturating_sub(1));
                self.toggle_choice();
                self.preview_theme();
            }
            _ => {}
        }
    }

    /// Brings the topmost layer up to date with its text field.
    pub(super) fn refresh_layer(&mut self, effects: &mut Vec<Effect>) {
        match self.dialogs.last() {
            Some(Dialog::Palette(_)) => self.refresh_palette(),
            Some(Dialog::Picker(_)) => self.refresh_picker(),
            Some(Dialog::Details(_)) => self.scroll_to_hit(),
            Some(Dialog::Audit(view)) if view.searching => self.search_audit(effects),
            _ => {}
        }
    }
}

/// A cursor moved within a list of so many entries.
pub(super) fn moved(cursor: usize, by: isize, count: usize) -> usize {
    cursor.saturating_add_signed(by).min(count.saturating_sub(1))
}
