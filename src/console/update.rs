//! The one way in: a message changes the console and gives the effects it asks for.

use std::collections::BTreeSet;

use crate::fleet::{Change, Event, ObjectKey, ObjectKind, Plan, Progress, Query, Target};

use super::drawn::Target as Clicked;
use super::{
    Action, Console, Dialog, Effect, Key, KeyCode, Message, Mouse, Operation, Pane, Tone, WriteMode,
};

impl Console {
    /// Takes one message.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let mut effects = Vec::new();
        let typing = message.is_input();
        match message {
            Message::Tick(now) | Message::At(now) => self.tick(now, &mut effects),
            Message::Key(key) => self.key(key, &mut effects),
            Message::Paste(text) => self.paste(&text, &mut effects),
            Message::PasteBroken { lines } => self.paste_broken(lines),
            Message::Mouse(mouse) => self.mouse(mouse, &mut effects),
            Message::Resize { width, height } => self.size = (width, height),
            Message::Focus(focused) => self.focused = focused,
            Message::Loaded { epoch, query, result } => self.loaded(epoch, &query, result, &mut effects),
            Message::Progress(progress) => self.progress(progress),
            Message::History { operations, unreadable } => self.history_read(operations, unreadable),
            Message::BurnKept { history, skipped } => self.burn_read(history, skipped),
            Message::CostsKept { answers, today } => self.costs_recalled(answers, today),
            Message::Audit { search, rows, verdict } => self.audit_read(&search, rows, verdict),
            Message::PlanEnded(id) => self.plan_ended(&id, &mut effects),
            Message::WriteLock(state) => self.write_lock(state),
            Message::FileRead { form, path, result } => {
                self.file_read(form, &path, result, &mut effects);
            }
            Message::Paid { requests, today } => self.note_paid(requests, today),
            Message::Done(text) => self.say(Tone::Ok, text),
            Message::Failed(text) => self.say(Tone::Error, text),
        }
        self.refresh_view(typing);
        self.follow_form(&mut effects);
        self.schedule(typing, &mut effects);
        self.watch_burn(typing, &mut effects);
        effects
    }

    fn tick(&mut self, now: crate::fleet::Timestamp, effects: &mut Vec<Effect>) {
        self.now = now;
        if let WriteMode::Unlocked { until, .. } = &self.session.write
            && *until <= now
        {
            self.session.write = WriteMode::Locked;
            self.say(Tone::Warn, "writing is locked again: the 15 minutes are over");
            effects.push(Effect::Lock);
        }
        if self.loads.sent == 0 {
            self.ask_identities(effects);
            effects.push(Effect::ReadHistory);
        }
    }

    fn key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        self.notices.dismiss();
        if self.dialogs.is_empty() && self.filter().is_some_and(|filter| filter.editing) {
            self.filter_key(key, effects);
        } else if self.dialogs.is_empty() {
            if let Some(action) = self.keymap.resolve(self.context(), key) {
                self.act(action, effects);
            }
        } else {
            self.layer_key(key, effects);
        }
    }

    /// Keys while the filter is typed: it works live; enter keeps it, esc takes it away.
    fn filter_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let Some(filter) = self.filter_mut() else { return };
        match key.code {
            KeyCode::Enter => {
                filter.editing = false;
                self.amend_history();
            }
            KeyCode::Esc => {
                filter.editing = false;
                filter.set("");
                self.amend_history();
            }
            KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown => {
                if let Some(action) = self.keymap.resolve(self.context(), key) {
                    self.act(action, effects);
                }
            }
            KeyCode::Char('c') if key.ctrl => self.act(Action::Quit, effects),
            _ => {
                if super::layers::edit(&mut filter.input, key) {
                    filter.parse();
                }
            }
        }
        self.show_rows();
    }

    fn paste(&mut self, text: &str, effects: &mut Vec<Effect>) {
        if matches!(self.dialogs.last(), Some(Dialog::Form(_))) {
            return self.form_paste(text, effects);
        }
        // A text field is one line; a paste of pages is an accident.
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(2_000).collect();
        if let Some(dialog) = self.dialogs.last_mut() {
            super::layers::paste(dialog, &line);
            self.refresh_layer(effects);
            return;
        }
        if let Some(filter) = self.filter_mut()
            && filter.editing
        {
            super::layers::insert(&mut filter.input, &line);
            filter.parse();
            self.show_rows();
        } else {
            self.say(Tone::Muted, "pasted text is not taken as commands");
        }
    }

    /// A part of a list would be taken for all of it: better nothing.
    fn paste_broken(&mut self, lines: usize) {
        let lines = crate::fleet::wording::Counted(lines, "line");
        let text = format!(
            "the paste broke off after {lines}, so nothing of it was taken; paste it again, or read it from a file"
        );
        if let Some(Dialog::Form(form)) = self.dialogs.last_mut() {
            form.hint = Some(text);
        } else {
            self.say(Tone::Warn, text);
        }
    }

    fn mouse(&mut self, mouse: Mouse, effects: &mut Vec<Effect>) {
        match mouse {
            Mouse::Wheel(steps) => {
                if self.dialogs.is_empty() {
                    self.move_cursor(isize::from(steps) * 3);
                } else {
                    self.layer_scroll(isize::from(steps) * 3);
                }
            }
            Mouse::Click { x, y } => {
                let Some(target) = self.drawn.at(x, y).cloned() else { return };
                self.click(&target, effects);
            }
        }
    }

    fn click(&mut self, target: &Clicked, effects: &mut Vec<Effect>) {
        if !self.dialogs.is_empty() {
            if let Clicked::Row(row) = target {
                self.layer_click(*row, effects);
            }
            return;
        }
        match target {
            Clicked::Pane(pane) => self.act(pane.action(), effects),
            Clicked::Row(row) => self.click_row(*row, effects),
            Clicked::Column(column) => {
                if let Some(ledger) = self.ledger_mut() {
                    if let Some(column) = ledger.all_columns().get(*column) {
                        ledger.sort_by(column.field);
                    }
                } else if let Some(table) = self.table_mut() {
                    table.sort_by_position(*column);
                }
                self.show_rows();
            }
            Clicked::Tile(tile, line) => {
                let again = self.overview.cursor == (*tile, *line);
                self.overview.cursor = (*tile, *line);
                if again {
                    self.act(Action::Enter, effects);
                }
            }
        }
    }

    /// A click selects a row; a click on the selected row opens it.
    fn click_row(&mut self, row: usize, effects: &mut Vec<Effect>) {
        if self.pane == Pane::Operations {
            self.operations.cursor = row.min(self.operations.list.len().saturating_sub(1));
            return;
        }
        let cursor = match (self.ledger(), self.table()) {
            (Some(_), _) if self.shows_matrix() => self.quotas.cell.0,
            (Some(ledger), _) => ledger.cursor_row(),
            (None, Some(table)) => table.cursor_row(),
            (None, None) => return,
        };
        if row == cursor {
            self.act(Action::Enter, effects);
        } else {
            self.put_cursor(row);
        }
    }

    fn progress(&mut self, news: Progress) {
        self.operations.progress(&news);
        match news.event {
            Event::Step { step, produced: Some(produced), .. } => {
                self.show_produced(&news.plan, step, produced);
            }
            Event::Paused(pause) => {
                let key = self.keymap.label(Pane::Operations.action());
                self.say(Tone::Warn, format!("paused: {}; {key} shows it, and lets it go on", pause.reason));
            }
            Event::Step { .. } | Event::Resumed => {}
        }
    }

    /// What earlier runs have left unfinished is offered, and never goes on by itself.
    fn history_read(&mut self, operations: Vec<Operation>, unreadable: Vec<String>) {
        self.operations.remember(operations);
        self.operations.unreadable = unreadable;
        let unfinished = self.operations.interrupted().count();
        if unfinished > 0 {
            let key = self.keymap.label(Pane::Operations.action());
            let were = if unfinished == 1 { "1 operation was" } else { "some operations were" };
            self.say(
                Tone::Warn,
                format!("{were} broken off when the program last ended; {key} shows what is done"),
            );
        } else if let Some(first) = self.operations.unreadable.first() {
            let text = first.clone();
            self.say(Tone::Warn, text);
        }
    }

    fn plan_ended(&mut self, id: &crate::fleet::PlanId, effects: &mut Vec<Effect>) {
        let Some(operation) = self.operations.end(id, self.now) else { return };
        let tally = operation.tally();
        let title = operation.plan.title.clone();
        let whole = tally.is_complete();
        let text = if whole {
            format!("{title}: all {} done", tally.succeeded())
        } else {
            format!(
                "{title}: {} done, {} skipped, {} failed, {} unknown; see operations",
                tally.succeeded(),
                tally.skipped,
                tally.failed,
                tally.unknown
            )
        };
        let again = changed(&operation.plan);
        self.say(if whole { Tone::Ok } else { Tone::Warn }, text);
        self.read_homes(id, effects);
        for query in again {
            if query.is_paid() {
                self.ask_paid(query, true, effects);
            } else {
                self.ask(query, effects);
            }
        }
    }

    fn write_lock(&mut self, state: Option<(crate::fleet::AccountId, crate::fleet::Timestamp)>) {
        if matches!(self.session.write, WriteMode::ReadOnly | WriteMode::Demo) {
            return;
        }
        self.session.write = match state {
            Some((account, until)) => WriteMode::Unlocked { account, until },
            None => WriteMode::Locked,
        };
    }

    /// Leaves, unless plans are under way: then asks first.
    pub(super) fn quit(&mut self, effects: &mut Vec<Effect>) {
        if self.operations.running().next().is_some() && !matches!(self.dialogs.last(), Some(Dialog::Leave)) {
            self.dialogs.push(Dialog::Leave);
        } else {
            effects.push(Effect::Quit);
        }
    }

    /// The kind of the rows of the pane, for what all tables share.
    pub(super) fn kind(&self) -> Option<ObjectKind> {
        self.pane.kind()
    }
}

/// The lists and objects that a plan has changed, to be read again.
fn changed(plan: &Plan) -> BTreeSet<Query> {
    let mut again = BTreeSet::new();
    for step in &plan.steps {
        match step.change.target() {
            Target::LifecycleConfig(key) => drop(match &step.change {
                Change::AddTags(..) | Change::RemoveTags(..) => again.insert(Query::ConfigTags(key)),
                _ => again.insert(Query::LifecycleConfigs(key.scope)),
            }),
            Target::Quota(key) => {
                again.insert(Query::QuotaRequests(key.scope.clone()));
                again.insert(Query::Quota(key));
            }
            Target::CostTags(scope) => drop(again.insert(Query::CostTags(scope.account().clone()))),
            Target::Object(ObjectKey::Domain(key)) => {
                again.insert(Query::Domains(key.scope.clone()));
                if !key.id.is_to_be() && !step.change.is_destructive() {
                    again.insert(Query::Domain(key));
                }
            }
            Target::Object(object) => {
                let domain = object.domain_key();
                if domain.id.is_to_be() {
                    again.insert(Query::Domains(domain.scope));
                    continue;
                }
                match (&step.change, &object) {
                    (Change::AddTags(..) | Change::RemoveTags(..), _) => {
                        again.insert(Query::Tags(object));
                        continue;
                    }
                    (Change::UpdateUser(key, _), _) => drop(again.insert(Query::User(key.clone()))),
                    (Change::UpdateSpace(key, _), _) => drop(again.insert(Query::Space(key.clone()))),
                    _ => {}
                }
                match object {
                    ObjectKey::User(_) => drop(again.insert(Query::Users(domain))),
                    ObjectKey::Space(_) => drop(again.insert(Query::Spaces(domain))),
                    _ => drop(again.insert(Query::Apps(domain))),
                }
            }
        }
    }
    again
}
