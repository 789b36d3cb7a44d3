//! What the keys that change things want: an intent from what is chosen, or why there is none; and the layers that
//! belong to it: the sign-in link, the lifecycle configurations, the audit trail.

use crate::fleet::wording::Counted;
use crate::fleet::{
    AppKey, AppStatus, AuditRow, Change, Document, DomainKey, HomeFiles, Intent, LifecycleConfigKey,
    ObjectKey, ObjectKind, Plan, Produced, Query, Scope, SpaceKey, UserKey, spec_of,
};

use super::layers::edit;
use super::{Action, AuditView, Console, Course, Dialog, Effect, Key, KeyCode, Link, Operation, Tone};

impl Console {
    /// Why an action that changes things cannot be done with what is chosen; `None` if it can.
    pub(super) fn why_no_change(&self, action: Action) -> Option<String> {
        let several = self.chosen_count() > 1;
        let reason = match (action, self.kind()) {
            _ if self.chosen_count() == 0 => "there is no row to do this with",
            (Action::Stop | Action::DeleteFiles, Some(ObjectKind::Domain)) if several => {
                "a domain is deleted by itself: take the marks away but one"
            }
            (Action::SignIn, Some(ObjectKind::User)) if several => {
                "a sign-in link is made for one user at a time"
            }
            (Action::Undo, Some(ObjectKind::App)) if !self.any_chosen(|key| self.is_stopped(key)) => {
                "only what is stopped can be started again"
            }
            (Action::Stop, Some(_))
            | (Action::DeleteFiles, Some(ObjectKind::Domain))
            | (Action::Suspend | Action::Unsuspend | Action::SignIn, Some(ObjectKind::User))
            | (Action::Restart | Action::Undo, Some(ObjectKind::App)) => return None,
            (Action::Suspend | Action::Unsuspend | Action::SignIn, _) => {
                "this is done with users; their pane is 3"
            }
            (Action::Restart | Action::Undo, _) => "this is done with apps; their pane is 5",
            _ => "this cannot be done with what is chosen",
        };
        Some(reason.to_owned())
    }

    fn is_stopped(&self, key: &ObjectKey) -> bool {
        let ObjectKey::App(key) = key else { return false };
        self.fleet.apps.get(key).is_some_and(|app| app.status == AppStatus::Deleted)
    }

    /// The intent of an action that changes what is chosen.
    ///
    /// # Errors
    ///
    /// Why it cannot be done with what is chosen, as a sentence.
    fn intent(&self, action: Action) -> Result<Intent, String> {
        if let Some(reason) = self.why_no_change(action) {
            return Err(reason);
        }
        let (apps, spaces, users, domains) = sorted(self.chosen());
        let (user, domain) = (users.first().cloned(), domains.into_iter().next());
        let intent = match (action, self.kind()) {
            (Action::Stop, Some(ObjectKind::App)) => Some(Intent::Stop(apps)),
            (Action::Stop, Some(ObjectKind::Space)) => Some(Intent::DeleteSpaces(spaces)),
            (Action::Stop, Some(ObjectKind::User)) => Some(Intent::Offboard(users)),
            (Action::Stop, _) => domain.map(|key| Intent::DeleteDomain(key, HomeFiles::Retain)),
            (Action::DeleteFiles, _) => domain.map(|key| Intent::DeleteDomain(key, HomeFiles::Delete)),
            (Action::Suspend, _) => Some(Intent::Suspend(users)),
            (Action::Unsuspend, _) => Some(Intent::Resume(users)),
            (Action::SignIn, _) => user.map(Intent::SignInLink),
            (Action::Restart, _) => Some(Intent::Restart(apps)),
            (Action::Undo, _) => Some(self.undo_of(&apps)),
            _ => None,
        };
        intent.ok_or_else(|| "this cannot be done with what is chosen".to_owned())
    }

    /// Starting apps again that were stopped, from what their rows still show: AWS lists stopped apps for a day.
    fn undo_of(&self, apps: &[AppKey]) -> Intent {
        let stopped = apps.iter().filter_map(|key| self.fleet.apps.get(key));
        let stopped = stopped.filter(|app| app.status == AppStatus::Deleted);
        Intent::Undo(stopped.map(|app| (app.key.clone(), spec_of(app))).collect())
    }

    /// Plans what an action wants, and shows the plan.
    pub(super) fn change(&mut self, action: Action, effects: &mut Vec<Effect>) {
        match self.intent(action) {
            Ok(intent) => self.prepare(intent, effects),
            Err(reason) => self.say(Tone::Warn, reason),
        }
    }

    /// What an action that changes things would do to what is chosen, for the menu.
    pub(super) fn change_effect(&self, action: Action) -> String {
        let count = self.chosen_count();
        let kind = self.kind();
        let what = match kind {
            Some(ObjectKind::Domain) => Counted(count, "domain").to_string(),
            Some(ObjectKind::User) => Counted(count, "user").to_string(),
            Some(ObjectKind::Space) => Counted(count, "space").to_string(),
            Some(ObjectKind::App) | None => Counted(count, "app").to_string(),
        };
        match (action, kind) {
            (Action::Stop, Some(ObjectKind::Space)) => format!("Delete {what} with all files in them"),
            (Action::Stop, Some(ObjectKind::User)) => {
                format!("Offboard {what}: their apps, their spaces, their profiles")
            }
            (Action::Stop, Some(ObjectKind::Domain)) => {
                "Delete the domain with everything in it; its home files (EFS) stay".to_owned()
            }
            (Action::Stop, _) => self.stop_effect(),
            (Action::Suspend, _) => format!("Suspend {what}: stop their apps, keep their data, close Studio"),
            (Action::Unsuspend, _) => format!("Open Studio again to {what}"),
            (Action::Restart, _) => format!("Stop {what} and start them again as they were"),
            (Action::Undo, _) => format!("Start {what} again as they were"),
            _ => action.help().to_owned(),
        }
    }

    /// Lets a paused or interrupted operation go on, or pauses one that runs.
    pub(super) fn pause_or_go_on(&mut self, effects: &mut Vec<Effect>) {
        let Some(operation) = self.operations.selected() else { return };
        let id = operation.plan.id.clone();
        if !operation.is_waiting() {
            effects.push(Effect::Pause(id));
            return self
                .say(Tone::Pending, "pausing: what was sent is watched to its end, nothing more is sent");
        }
        if let Some(reason) = self.why_locked(&operation.plan.clone()) {
            return self.say(Tone::Warn, reason);
        }
        effects.push(Effect::GoOn(id));
    }

    /// Plans anew what the operation under the cursor has not done; it is confirmed like any other plan.
    pub(super) fn retry(&mut self, effects: &mut Vec<Effect>) {
        let Some(operation) = self.operations.selected() else { return };
        let rest = operation.plan.rest(&operation.states, &operation.domains, self.now);
        if let Some(plan) = rest {
            let restored = operation.restored_again();
            self.show_plan(plan, restored, effects);
        }
    }

    /// Starts the apps again that the operation under the cursor stopped.
    pub(super) fn undo_operation(&mut self, effects: &mut Vec<Effect>) {
        let Some(operation) = self.operations.selected() else { return };
        let stopped = stopped_by(operation).map(|(key, spec)| (key.clone(), spec.clone())).collect();
        self.prepare(Intent::Undo(stopped), effects);
    }

    /// Why an operation cannot be undone.
    pub(super) fn why_not_undo(&self) -> Option<String> {
        match self.operations.selected() {
            None => Some("there is no operation".to_owned()),
            Some(operation) if stopped_by(operation).next().is_none() => Some(
                "this operation has stopped no app that could be started again; what was deleted is gone"
                    .to_owned(),
            ),
            Some(_) => None,
        }
    }

    /// Why nothing of a plan may be sent now; `None` if it may.
    pub fn why_locked(&self, plan: &Plan) -> Option<String> {
        let mut seen = None;
        let locked = plan.steps.iter().map(|step| step.change.scope().account()).find(|account| {
            // Thousands of steps are of a few accounts, one after the other.
            let is_new = seen.replace(*account) != Some(*account);
            is_new && !self.session.may_write(account, self.now)
        })?;
        let key = self.keymap.label(Action::Lock);
        Some(match self.session.write {
            super::WriteMode::ReadOnly => "this console was started read-only: nothing is sent".to_owned(),
            _ => format!(
                "writing is LOCKED in {}: unlock it with {key} first",
                self.fleet.account_label(locked)
            ),
        })
    }

    /// Shows the link that AWS has given, to the one who asked for it.
    pub(super) fn show_produced(&mut self, plan: &crate::fleet::PlanId, step: usize, produced: Produced) {
        let Produced::Link(link) = produced else { return };
        let now = self.now;
        let step = self.operations.find(plan).and_then(|operation| operation.plan.steps.get(step));
        let Some(Change::SignInLink(user, seconds)) = step.map(|step| &step.change) else { return };
        let valid = jiff::SignedDuration::from_secs(i64::from(*seconds));
        let (user, until) = (user.clone(), now.checked_add(valid).unwrap_or(now));
        self.dialogs.push(Dialog::Link(Link { user, link, until, hint: None }));
    }

    pub(super) fn link_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let Some(Dialog::Link(shown)) = self.dialogs.last_mut() else { return };
        match key.code {
            KeyCode::Char('b' | 'o') => {
                effects.push(Effect::OpenSecret(shown.link.clone()));
                shown.hint = Some("handed to the browser".to_owned());
            }
            KeyCode::Char('c') => {
                effects.push(Effect::CopySecret(shown.link.clone()));
                shown.hint = Some("copied; whoever pastes it is this user".to_owned());
            }
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => self.close_layer(),
            _ => {}
        }
    }

    /// Shows the audit trail.
    pub(super) fn open_audit(&mut self, effects: &mut Vec<Effect>) {
        self.dialogs.push(Dialog::Audit(AuditView::default()));
        effects.push(Effect::ReadAudit(String::new()));
    }

    /// Takes in lines of the audit trail, if they are still those that are asked for.
    pub(super) fn audit_read(&mut self, search: &str, rows: Vec<AuditRow>, verdict: (bool, String)) {
        for dialog in &mut self.dialogs {
            if let Dialog::Audit(view) = dialog
                && view.search.value() == search
            {
                view.rows = rows;
                view.loaded = true;
                view.verdict = Some(verdict);
                return;
            }
        }
    }

    /// Reads the audit trail again for the text that is searched for now.
    pub(super) fn search_audit(&mut self, effects: &mut Vec<Effect>) {
        let Some(Dialog::Audit(view)) = self.dialogs.last_mut() else { return };
        view.scroll = 0;
        view.loaded = false;
        effects.push(Effect::ReadAudit(view.search.value().to_owned()));
    }

    pub(super) fn audit_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let Some(Dialog::Audit(view)) = self.dialogs.last_mut() else { return };
        if view.searching {
            let changed = match key.code {
                KeyCode::Enter => {
                    view.searching = false;
                    false
                }
                KeyCode::Esc => {
                    view.searching = false;
                    !std::mem::take(&mut view.search).value().is_empty()
                }
                _ => edit(&mut view.search, key),
            };
            // Reading means checking the whole trail: not more often than there is something else to look for.
            if changed {
                self.search_audit(effects);
            }
            return;
        }
        match key.code {
            KeyCode::Char('/') => view.searching = true,
            KeyCode::Char('s') if key.ctrl => {
                let rows = view.rows.clone();
                self.open_audit_export(&rows);
            }
            KeyCode::Esc | KeyCode::Char('q') => self.close_layer(),
            _ => {
                if let Some(action) = self.keymap.resolve(super::Context::Everywhere, key) {
                    self.scroll_by_action(action);
                }
            }
        }
    }

    /// Opens the lifecycle configurations of where the row under the cursor is.
    pub(super) fn open_lifecycle_configs(&mut self, effects: &mut Vec<Effect>) {
        let of_row = self.selected().map(|key| key.scope().clone());
        let first = || self.session.scopes(self.fleet.accounts.keys()).into_iter().next();
        let Some(scope) = of_row.or_else(first) else {
            return self.say(Tone::Warn, "the account is not known yet");
        };
        self.ask(Query::LifecycleConfigs(scope.clone()), effects);
        self.dialogs.push(Dialog::LifecycleConfigs { scope, cursor: 0 });
    }

    /// The lifecycle configuration under the cursor of its layer.
    fn lifecycle_config_at(&self, scope: &Scope, cursor: usize) -> Option<LifecycleConfigKey> {
        Some(self.fleet.library.lifecycle_configs.get(scope)?.get(cursor)?.key.clone())
    }

    pub(super) fn lifecycle_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let Some(Dialog::LifecycleConfigs { scope, cursor }) = self.dialogs.last() else { return };
        let (scope, cursor) = (scope.clone(), *cursor);
        let count = self.fleet.library.lifecycle_configs.get(&scope).map_or(0, Vec::len);
        // One may have been deleted since the cursor was put there.
        let under = self.lifecycle_config_at(&scope, cursor.min(count.saturating_sub(1)));
        match (key.code, under) {
            (KeyCode::Up | KeyCode::Char('k'), _) => self.layer_scroll(-1),
            (KeyCode::Down | KeyCode::Char('j'), _) => self.layer_scroll(1),
            (KeyCode::PageUp, _) => self.layer_scroll(-10),
            (KeyCode::PageDown, _) => self.layer_scroll(10),
            (KeyCode::Esc | KeyCode::Char('q'), _) => self.close_layer(),
            (KeyCode::Enter, Some(config)) => self.ask(Query::LifecycleConfig(config), effects),
            (KeyCode::Char('n'), _) => self.open_new_lifecycle_config(&scope, effects),
            (KeyCode::Char('a'), Some(config)) => self.open_attach(config, effects),
            (KeyCode::Char('d'), Some(config)) if key.ctrl => {
                self.prepare(Intent::DeleteLifecycleConfigs(vec![config]), effects);
            }
            _ => {}
        }
    }
}

/// What is chosen, by kind.
fn sorted(chosen: Vec<ObjectKey>) -> (Vec<AppKey>, Vec<SpaceKey>, Vec<UserKey>, Vec<DomainKey>) {
    let (mut apps, mut spaces, mut users, mut domains) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for key in chosen {
        match key {
            ObjectKey::App(key) => apps.push(key),
            ObjectKey::Space(key) => spaces.push(key),
            ObjectKey::User(key) => users.push(key),
            ObjectKey::Domain(key) => domains.push(key),
        }
    }
    (apps, spaces, users, domains)
}

/// The apps that an operation has stopped, with what they ran on; not those that were stopped to be deleted with what
/// they were in.
fn stopped_by(operation: &Operation) -> impl Iterator<Item = (&AppKey, &Document)> {
    let runs = operation.course == Course::Running;
    let mut has_nowhere = vec![false; operation.plan.steps.len()];
    for step in operation.deletions() {
        for at in &step.after {
            if let Some(gone) = has_nowhere.get_mut(*at) {
                *gone = true;
            }
        }
    }
    let steps = operation.plan.steps.iter().zip(&operation.states).zip(has_nowhere);
    steps.filter(move |((_, state), gone)| !runs && !gone && state.is_done()).filter_map(|((step, _), _)| {
        match (&step.change, &step.before) {
            (Change::StopApp(key), Some(spec)) => Some((key, spec)),
            _ => None,
        }
    })
}
