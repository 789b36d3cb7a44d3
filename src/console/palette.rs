//! The command palette: actions, panes with a filter, saved views, and objects of every kind.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

use crate::fleet::{ObjectKey, ObjectKind};

use super::layers::{edit, moved};
use super::{Action, Console, Dialog, Effect, Key, KeyCode, Palette, PaletteItem, Pane, Place, Tone, Within};

/// How many items are offered at most; nobody reads further, they type on.
const OFFERED: usize = 50;
/// From how many letters on objects are searched, since one letter finds half the fleet.
const OBJECTS_FROM: usize = 2;

impl Console {
    fn open_palette(&mut self) -> Option<&mut Palette> {
        match self.dialogs.last_mut() {
            Some(Dialog::Palette(palette)) => Some(palette),
            _ => None,
        }
    }

    pub(super) fn palette_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let commands = self.commands.len();
        let Some(palette) = self.open_palette() else { return };
        match key.code {
            KeyCode::Esc => self.close_layer(),
            KeyCode::Enter => self.run_palette(effects),
            KeyCode::Up if palette.cursor == 0 && commands > 0 => self.recall(1),
            KeyCode::Down if palette.recalled.is_some() => self.recall(-1),
            KeyCode::Up => palette.cursor = moved(palette.cursor, -1, palette.items.len()),
            KeyCode::Down => palette.cursor = moved(palette.cursor, 1, palette.items.len()),
            KeyCode::Tab => {
                if let Some(item) = palette.items.get(palette.cursor) {
                    palette.input = Input::new(completed(item));
                    self.refresh_palette();
                }
            }
            _ => {
                if edit(&mut palette.input, key) {
                    palette.recalled = None;
                    self.refresh_palette();
                }
            }
        }
    }

    /// Brings back a command typed earlier.
    fn recall(&mut self, older: isize) {
        let count = self.commands.len();
        let Some(palette) = self.open_palette() else { return };
        let at = match palette.recalled {
            None => 0,
            Some(at) => {
                let Some(at) = at.checked_add_signed(older) else {
                    palette.recalled = None;
                    palette.input = Input::default();
                    return self.refresh_palette();
                };
                at.min(count.saturating_sub(1))
            }
        };
        palette.recalled = Some(at);
        let command = self.commands[count - 1 - at].clone();
        if let Some(palette) = self.open_palette() {
            palette.input = Input::new(command);
        }
        self.refresh_palette();
    }

    /// Finds what matches the text, the best first.
    pub(super) fn refresh_palette(&mut self) {
        let Some(Dialog::Palette(palette)) = self.dialogs.last() else { return };
        let text = palette.input.value().trim().to_owned();
        let mut items = self.views(&text);
        let pattern = Pattern::parse(&text, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, PaletteItem)> = Vec::new();
        let mut score = |words: &str| pattern.score(Utf32Str::new(words, &mut buffer), &mut matcher);
        for action in Action::ALL {
            if matches!(action.context(), super::Context::Details) {
                continue;
            }
            if let Some(points) = score(&format!("{} {}", action.id(), action.help())) {
                // What is done outranks what is looked at when both match as well.
                scored.push((points + 20, PaletteItem::Action(*action)));
            }
        }
        if text.chars().count() >= OBJECTS_FROM {
            for (position, domain) in self.fleet.domains.iter().enumerate() {
                let words = format!("{} {}", self.fleet.domain_label(&domain.key), domain.key.id);
                if let Some(points) = score(&words)
                    && let Some(key) = self.object_at(ObjectKind::Domain, position)
                {
                    scored.push((points + 10, PaletteItem::Object(key)));
                }
            }
            for user in self.fleet.users.iter() {
                if let Some(points) = score(user.key.name.as_str()) {
                    scored.push((points, PaletteItem::Object(ObjectKey::User(user.key.clone()))));
                }
            }
            for space in self.fleet.spaces.iter() {
                if let Some(points) = score(space.key.name.as_str()) {
                    scored.push((points, PaletteItem::Object(ObjectKey::Space(space.key.clone()))));
                }
            }
            for app in self.fleet.apps.iter() {
                // Most apps are called `default`; a name of its own is what one searches for.
                if app.key.name.as_str() != "default"
                    && let Some(points) = score(app.key.name.as_str())
                {
                    scored.push((points, PaletteItem::Object(ObjectKey::App(app.key.clone()))));
                }
            }
        }
        scored.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
        items.extend(scored.into_iter().take(OFFERED).map(|(_, item)| item));
        if let Some(palette) = self.open_palette() {
            palette.items = items;
            palette.cursor = 0;
        }
    }

    /// `apps idle>2h` is a pane with a filter; a saved view has a name.
    fn views(&self, text: &str) -> Vec<PaletteItem> {
        let mut items = Vec::new();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if let Some(pane) = Pane::by_title(first) {
            items.push(PaletteItem::View(pane, rest.trim().trim_start_matches('/').to_owned()));
        }
        for (name, place) in &self.session.saved {
            if !text.is_empty() && name.contains(text) {
                items.push(PaletteItem::Saved(name.clone(), place.clone()));
            }
        }
        items
    }

    /// Runs the item under the cursor.
    pub(super) fn run_palette(&mut self, effects: &mut Vec<Effect>) {
        let Some(palette) = self.open_palette() else { return };
        let text = palette.input.value().trim().to_owned();
        let Some(item) = palette.items.get(palette.cursor).cloned() else {
            self.say(Tone::Warn, format!("nothing is called `{text}`"));
            return;
        };
        self.close_layer();
        if !text.is_empty() {
            self.commands.retain(|known| *known != text);
            self.commands.push(text);
        }
        match item {
            PaletteItem::Action(action) => self.run_action(action, effects),
            PaletteItem::View(pane, filter) => {
                self.go(Place { pane, within: Within::Everything, filter });
                if pane == Pane::Cost {
                    self.ask_costs(effects);
                }
                self.report_filter();
            }
            PaletteItem::Saved(_, place) => {
                self.go(place);
                self.report_filter();
            }
            PaletteItem::Object(key) => self.go_to(&key),
        }
    }

    /// An action chosen by name works where its key would, and says so elsewhere.
    fn run_action(&mut self, action: Action, effects: &mut Vec<Effect>) {
        let here = match action.context() {
            super::Context::Rows => self.table().is_some() || self.ledger().is_some(),
            super::Context::Table => self.table().is_some(),
            super::Context::Cost => self.pane == Pane::Cost,
            super::Context::Quotas => self.pane == Pane::Quotas,
            super::Context::Operations => self.pane == Pane::Operations,
            super::Context::Details | super::Context::Everywhere => true,
        };
        if here {
            self.act(action, effects);
        } else {
            let place = match action.context() {
                super::Context::Rows => "a table",
                super::Context::Table => "a table of the fleet",
                super::Context::Cost => "the cost pane",
                super::Context::Quotas => "the quotas pane",
                _ => "operations",
            };
            self.say(Tone::Warn, format!("`{}` works in {place}", action.id()));
        }
    }

    fn report_filter(&mut self) {
        let error = self.filter().and_then(|filter| filter.error.clone());
        if let Some(error) = error {
            self.say(Tone::Error, format!("filter: {error}"));
        }
    }

    /// Shows the table of an object with the cursor on it.
    pub(super) fn go_to(&mut self, key: &ObjectKey) {
        let pane = Pane::of(key.kind());
        self.go(Place { pane, within: Within::Everything, filter: String::new() });
        if let Some(table) = self.table_mut() {
            table.faults_only = false;
        }
        self.show_rows();
        if let Some(row) = self.row_of(key) {
            self.put_cursor(row);
        }
    }
}

/// What tab makes of an item.
fn completed(item: &PaletteItem) -> String {
    match item {
        PaletteItem::Action(action) => action.id().to_owned(),
        PaletteItem::Object(key) => key.name().to_owned(),
        PaletteItem::View(pane, filter) => format!("{} {filter}", pane.title()),
        PaletteItem::Saved(name, _) => name.clone(),
    }
}
