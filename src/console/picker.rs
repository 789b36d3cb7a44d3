//! Choosing profiles, regions and the theme.

use tui_input::Input;

use crate::fleet::{ProfileName, REGIONS, Region};

use super::layers::{edit, moved};
use super::{Choice, Console, Dialog, Effect, Key, KeyCode, Picker, Tone};

impl Console {
    pub(super) fn open_profiles(&mut self) {
        let entries = self
            .session
            .known_profiles
            .iter()
            .map(|profile| {
                let account = self
                    .fleet
                    .accounts
                    .values()
                    .find(|account| account.identity.profile == *profile)
                    .map(|account| format!("{} {}", account.label(), account.identity.account))
                    .unwrap_or_default();
                let name = if profile.as_str().is_empty() { "(default chain)" } else { profile.as_str() };
                (name.to_owned(), account)
            })
            .collect();
        let chosen =
            self.session
                .profiles
                .iter()
                .map(|profile| {
                    if profile.as_str().is_empty() {
                        "(default chain)".to_owned()
                    } else {
                        profile.to_string()
                    }
                })
                .collect();
        self.open_picker(Choice::Profiles, entries, chosen);
    }

    pub(super) fn open_regions(&mut self) {
        let mut entries: Vec<(String, String)> =
            REGIONS.iter().map(|region| (region.code.to_owned(), region.place.to_owned())).collect();
        for region in &self.session.regions {
            if !entries.iter().any(|(code, _)| code == region.as_str()) {
                entries.push((region.to_string(), "as given at the start".to_owned()));
            }
        }
        let chosen = self.session.regions.iter().map(ToString::to_string).collect();
        self.open_picker(Choice::Regions, entries, chosen);
    }

    pub(super) fn open_themes(&mut self) {
        let entries = self.session.themes.iter().map(|name| (name.clone(), String::new())).collect();
        let chosen = vec![self.theme.clone()];
        self.open_picker(Choice::Theme, entries, chosen);
    }

    fn open_picker(&mut self, choice: Choice, entries: Vec<(String, String)>, chosen: Vec<String>) {
        let cursor = entries.iter().position(|(value, _)| chosen.contains(value)).unwrap_or(0);
        let shown = (0..entries.len()).collect();
        let before = self.theme.clone();
        let input = Input::default();
        self.dialogs.push(Dialog::Picker(Picker { choice, input, entries, shown, cursor, chosen, before }));
    }

    /// A list of which one entry is chosen.
    pub(super) fn open_choice(&mut self, choice: Choice, entries: Vec<(String, String)>, chosen: String) {
        self.open_picker(choice, entries, vec![chosen.clone()]);
        if let Some(picker) = self.picker() {
            picker.before = chosen;
        }
    }

    fn picker(&mut self) -> Option<&mut Picker> {
        match self.dialogs.last_mut() {
            Some(Dialog::Picker(picker)) => Some(picker),
            _ => None,
        }
    }

    pub(super) fn picker_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let page = isize::try_from(self.drawn.lines.max(2)).unwrap_or(2);
        let Some(picker) = self.picker() else { return };
        let by = match key.code {
            KeyCode::Up => -1,
            KeyCode::Down => 1,
            KeyCode::PageUp => -page,
            KeyCode::PageDown => page,
            KeyCode::Home => isize::MIN,
            KeyCode::End => isize::MAX,
            KeyCode::Enter => return self.accept_picker(effects),
            KeyCode::Esc => return self.leave_picker(),
            KeyCode::Char(' ') if picker.choice.takes_several() => return self.toggle_choice(),
            _ => {
                if edit(&mut picker.input, key) {
                    self.refresh_picker();
                    self.preview_theme();
                }
                return;
            }
        };
        picker.cursor = moved(picker.cursor, by, picker.shown.len());
        self.preview_theme();
    }

    /// Narrows the entries to those that contain what was typed.
    pub(super) fn refresh_picker(&mut self) {
        let Some(picker) = self.picker() else { return };
        let wanted = picker.input.value().to_lowercase();
        picker.shown = picker
            .entries
            .iter()
            .enumerate()
            .filter(|(_, (value, text))| {
                value.to_lowercase().contains(&wanted) || text.to_lowercase().contains(&wanted)
            })
            .map(|(position, _)| position)
            .collect();
        picker.cursor = picker.cursor.min(picker.shown.len().saturating_sub(1));
    }

    pub(super) fn toggle_choice(&mut self) {
        let Some(picker) = self.picker() else { return };
        let Some(value) = picker.value() else { return };
        if !picker.choice.takes_several() {
            picker.chosen = vec![value];
        } else if let Some(at) = picker.chosen.iter().position(|chosen| *chosen == value) {
            picker.chosen.remove(at);
        } else {
            picker.chosen.push(value);
        }
    }

    /// Shows the theme under the cursor at once.
    pub(super) fn preview_theme(&mut self) {
        if let Some(picker) = self.picker()
            && picker.choice == Choice::Theme
            && let Some(value) = picker.value()
        {
            self.theme = value;
        }
    }

    fn leave_picker(&mut self) {
        if let Some(picker) = self.picker()
            && picker.choice == Choice::Theme
        {
            self.theme = picker.before.clone();
        }
        self.close_layer();
    }

    fn accept_picker(&mut self, effects: &mut Vec<Effect>) {
        let Some(picker) = self.picker() else { return };
        let value = picker.value();
        let (choice, mut chosen) = (picker.choice, picker.chosen.clone());
        if choice.is_of_costs() {
            let typed = picker.input.value().trim().to_owned();
            return self.choose_cost(choice, value.as_deref(), &typed, effects);
        }
        if choice == Choice::Theme {
            if value.is_none() {
                return;
            }
            self.close_layer();
            effects.push(Effect::KeepTheme(self.theme.clone()));
            return;
        }
        // Enter with nothing marked beyond what was in force takes the entry under the cursor alone.
        if chosen.is_empty() {
            chosen.extend(value);
        }
        if chosen.is_empty() {
            self.say(Tone::Warn, "choose at least one with space, or press esc");
            return;
        }
        self.close_layer();
        match choice {
            Choice::Profiles => {
                self.session.profiles = chosen
                    .iter()
                    .map(|name| ProfileName::new(if name == "(default chain)" { "" } else { name }))
                    .collect();
            }
            Choice::Regions => self.session.regions = chosen.iter().map(|code| Region::new(code)).collect(),
            Choice::Theme
            | Choice::CostGroup
            | Choice::CostThen
            | Choice::CostPeriod
            | Choice::CostAccount => {}
        }
        self.reconnect(choice, effects);
    }

    /// Starts anew with the chosen profiles and regions. What is known of the scopes that stay is kept.
    fn reconnect(&mut self, choice: Choice, effects: &mut Vec<Effect>) {
        self.epoch += 1;
        self.loads.reset();
        if choice == Choice::Profiles {
            self.fleet.accounts.clear();
        }
        let scopes = self.session.scopes(self.fleet.accounts.keys().collect::<Vec<_>>().into_iter());
        self.fleet.retain_scopes(&scopes);
        if matches!(self.session.write, super::WriteMode::Unlocked { .. }) {
            self.session.write = super::WriteMode::Locked;
            effects.push(Effect::Lock);
        }
        effects.push(Effect::Connect {
            profiles: self.session.profiles.clone(),
            regions: self.session.regions.clone(),
            epoch: self.epoch,
        });
        for table in self.tables.values_mut() {
            table.marks.clear();
        }
        self.ask_identities(effects);
        self.show_rows();
    }
}

impl Picker {
    /// The value under the cursor.
    pub fn value(&self) -> Option<String> {
        self.shown
            .get(self.cursor)
            .and_then(|position| self.entries.get(*position))
            .map(|(value, _)| value.clone())
    }
}
