//! Plans before they are carried out, and unlocking. What is confirmed is exactly what was shown.

use tui_input::Input;

use crate::fleet::wording::{Counted, Money};
use crate::fleet::{Ask, ObjectKind, Phrase, until_monday};

use super::layers::edit;
use super::{Console, Dialog, Effect, Key, KeyCode, Operation, Pane, Tone, Unlock, WriteMode};

/// For how many milliseconds a dialog that confirms takes no key: what was typed ahead was not meant for it.
const DEAF: i64 = 500;
/// For how many minutes unlocking lasts.
const UNLOCKED_MINUTES: u32 = 15;
/// The fewest letters of a reason.
const SHORTEST_REASON: usize = 3;

impl Console {
    /// What stopping would do to what is chosen, for the menu.
    pub(super) fn stop_effect(&self) -> String {
        match self.chosen_saving() {
            Some((count, saving)) => {
                format!("Stop {}: saves {}/h", Counted(count, "app"), Money(saving))
            }
            None => "Stop apps".to_owned(),
        }
    }

    /// How many apps are chosen, and what stopping them saves per hour as far as prices are known.
    fn chosen_saving(&self) -> Option<(usize, f64)> {
        if self.kind() != Some(ObjectKind::App) {
            return None;
        }
        // The marks themselves are asked, not a sorted copy: there may be thousands, and this is asked often.
        let marks = self.table().map(|table| &table.marks).filter(|marks| !marks.is_empty());
        let (count, mut positions): (usize, Vec<usize>) = if let Some(marks) = marks {
            (marks.len(), marks.iter().filter_map(|key| self.position_of(key)).collect())
        } else {
            let selected = self.selected();
            let position = selected.as_ref().and_then(|key| self.position_of(key));
            (usize::from(selected.is_some()), position.into_iter().collect())
        };
        // A sum of floating-point numbers depends on their order.
        positions.sort_unstable();
        Some((count, positions.into_iter().filter_map(|position| self.price_of(position)).sum()))
    }

    /// What the marked rows come to, for the footer.
    pub fn marked_summary(&self) -> Option<String> {
        let table = self.table().filter(|table| !table.marks.is_empty())?;
        let count = table.marks.len();
        let Some((_, saving)) = self.chosen_saving() else {
            return Some(format!("{count} marked"));
        };
        let until = until_monday(self.now, &self.zone)
            .map(|hours| format!(" ({} until Mon 08:00)", Money(hours * saving)))
            .unwrap_or_default();
        Some(format!("{count} marked · stopping them saves {}/h{until}", Money(saving)))
    }

    pub(super) fn confirm_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let now = self.now;
        let Some(Dialog::Confirm(confirm)) = self.dialogs.last_mut() else { return };
        match key.code {
            KeyCode::Esc => return self.close_layer(),
            KeyCode::Up => return self.layer_scroll(-1),
            KeyCode::Down => return self.layer_scroll(1),
            KeyCode::PageUp => return self.layer_scroll(-10),
            KeyCode::PageDown => return self.layer_scroll(10),
            _ => {}
        }
        // The clock may have been set back; a dialog that never hears again would be as bad as one too eager.
        let open_for = now.as_millisecond().saturating_sub(confirm.opened.as_millisecond());
        if (0..DEAF).contains(&open_for) {
            confirm.hint = Some("that key came before this could be read; once more, please".to_owned());
            return;
        }
        if confirm.asks_reason && confirm.reason.is_none() && confirm.confirmation.ask != Ask::Nothing {
            return self.reason_key(key);
        }
        match (confirm.confirmation.ask.clone(), key.code) {
            // Nothing can be done; any key that would confirm closes.
            (Ask::Nothing, KeyCode::Enter | KeyCode::Char('q')) => self.close_layer(),
            (Ask::Nothing, _) => {}
            (Ask::Key(asked), KeyCode::Char(c)) if c == asked && key.typed().is_some() => {
                self.carry_out(effects);
            }
            // Cancel has the focus.
            (Ask::Key(_), KeyCode::Enter | KeyCode::Char('n' | 'q')) => self.close_layer(),
            (Ask::Key(asked), _) => {
                confirm.hint = Some(format!("press `{asked}` to go ahead, or esc"));
            }
            (Ask::Phrases(_), KeyCode::Enter) if confirm.input.value().is_empty() => self.close_layer(),
            (Ask::Phrases(phrases), KeyCode::Enter) => self.typed_phrase(&phrases, effects),
            (Ask::Phrases(_), _) => {
                edit(&mut confirm.input, key);
                confirm.hint = None;
            }
        }
    }

    /// An account is marked as protected: what is done there has a reason, and the audit trail keeps it.
    fn reason_key(&mut self, key: Key) {
        let Some(Dialog::Confirm(confirm)) = self.dialogs.last_mut() else { return };
        if key.code != KeyCode::Enter {
            edit(&mut confirm.input, key);
            confirm.hint = None;
            return;
        }
        let reason = confirm.input.value().trim().to_owned();
        if reason.is_empty() {
            return self.close_layer();
        }
        if reason.chars().count() < SHORTEST_REASON {
            confirm.hint = Some("say it so that others understand it later".to_owned());
            return;
        }
        confirm.reason = Some(reason);
        confirm.input = Input::default();
        confirm.hint = None;
    }

    /// A phrase was typed; where more are asked for, the next one is.
    fn typed_phrase(&mut self, phrases: &[Phrase], effects: &mut Vec<Effect>) {
        let Some(Dialog::Confirm(confirm)) = self.dialogs.last_mut() else { return };
        let at = confirm.typed.len();
        let Some(asked) = phrases.get(at) else { return };
        let typed = confirm.input.value().trim().to_owned();
        if typed != asked.text {
            let wanted = if at == 0 { asked.text.clone() } else { asked.what.clone() };
            confirm.hint = Some(format!("type `{wanted}` to go ahead, or press esc"));
            return;
        }
        confirm.typed.push(typed);
        confirm.input = Input::default();
        if confirm.confirmation.accepts(&confirm.typed) {
            self.carry_out(effects);
        } else if let Some(next) = phrases.get(at + 1) {
            let why = if next.why.is_empty() { String::new() } else { format!("{}; ", next.why) };
            confirm.hint = Some(format!("{why}type {}: {}", next.what, next.text));
        }
    }

    /// Hands the confirmed plan over, if writing is allowed in every account it touches.
    fn carry_out(&mut self, effects: &mut Vec<Effect>) {
        let Some(Dialog::Confirm(confirm)) = self.dialogs.last_mut() else { return };
        if confirm.plan.is_stale(self.now) {
            confirm.hint = Some("this plan is older than 15 minutes; close it and make it anew".to_owned());
            return;
        }
        let plan = confirm.plan.clone();
        if let Some(hint) = self.why_locked(&plan) {
            if let Some(Dialog::Confirm(confirm)) = self.dialogs.last_mut() {
                confirm.hint = Some(hint);
                confirm.input = Input::default();
                confirm.typed.clear();
            }
            return;
        }
        let Some(Dialog::Confirm(confirm)) = self.dialogs.pop() else { return };
        if let WriteMode::Unlocked { account, .. } = &self.session.write {
            // Use renews the time.
            effects.push(Effect::Unlock { account: account.clone(), minutes: UNLOCKED_MINUTES });
        }
        self.close_forms();
        let title = confirm.plan.title.clone();
        let reason: Option<std::sync::Arc<str>> = confirm.reason.map(Into::into);
        let operation = Operation::new(confirm.plan.clone(), reason.clone(), self.now);
        self.operations.begin(Operation { restored: confirm.restored, ..operation });
        effects.push(Effect::CarryOut(Box::new(confirm.plan), reason));
        if let Some(table) = self.table_mut() {
            table.marks.clear();
            table.mark_anchor = None;
        }
        let key = self.keymap.label(Pane::Operations.action());
        self.say(Tone::Pending, format!("{title}: under way; {key} shows how far it is"));
    }

    /// The account that unlocking would be about: of the row under the cursor, or the only one there is.
    pub(super) fn account_here(&self) -> Option<crate::fleet::AccountId> {
        let of_row = self.selected().map(|key| key.scope().account().clone());
        of_row.or_else(|| self.fleet.accounts.keys().next().cloned())
    }

    pub(super) fn open_unlock(&mut self) {
        let Some(account) = self.account_here() else { return };
        let phrase = self.fleet.account_label(&account).to_owned();
        self.dialogs.push(Dialog::Unlock(Unlock { account, phrase, input: Input::default(), hint: None }));
    }

    pub(super) fn unlock_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let Some(Dialog::Unlock(unlock)) = self.dialogs.last_mut() else { return };
        match key.code {
            KeyCode::Esc => self.close_layer(),
            KeyCode::Enter if unlock.input.value() == unlock.phrase => {
                let account = unlock.account.clone();
                self.close_layer();
                effects.push(Effect::Unlock { account, minutes: UNLOCKED_MINUTES });
                self.say(
                    Tone::Warn,
                    "writing is unlocked for 15 minutes; every change is still a plan first",
                );
            }
            KeyCode::Enter if unlock.input.value().is_empty() => self.close_layer(),
            KeyCode::Enter => {
                unlock.hint = Some(format!("that is not it; type `{}`, or press esc", unlock.phrase));
            }
            _ => {
                edit(&mut unlock.input, key);
                unlock.hint = None;
            }
        }
    }
}
