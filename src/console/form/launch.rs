//! Which form an action opens, for what is chosen.

use super::{
    Form, backup, domain, domain_edit, lifecycle, newcomer, quota, restore, roster, space, tags, users,
};
use crate::console::{Action, Console, Effect, Tone, Within};
use crate::fleet::wording::Counted;
use crate::fleet::{DomainKey, LifecycleConfigKey, ObjectKey, ObjectKind, Scope, SpaceKey, UserKey};

impl Console {
    /// Opens the form of an action, or says why there is none.
    pub(in crate::console) fn open_form_of(&mut self, action: Action, effects: &mut Vec<Effect>) {
        match self.form_of(action) {
            Ok(form) => self.open_form(form, effects),
            Err(reason) => self.say(Tone::Warn, reason),
        }
    }

    /// Why an action has no form to open now; `None` if it has one.
    pub(in crate::console) fn why_no_form(&self, action: Action) -> Option<String> {
        if self.fleet.accounts.is_empty() {
            return Some("the account is not known yet".to_owned());
        }
        let kind = self.kind();
        let selected = self.selected();
        let no_row = || selected.is_none().then(|| "there is no row to do this with".to_owned());
        match (action, kind) {
            (Action::New, Some(ObjectKind::Domain | ObjectKind::User | ObjectKind::Space))
            | (Action::Onboard | Action::Restore, _) => None,
            (Action::Edit, Some(ObjectKind::User | ObjectKind::Space)) | (Action::Tags, _) => no_row(),
            (Action::Edit | Action::BackUp, Some(ObjectKind::Domain))
            | (Action::Clone, Some(ObjectKind::User)) => no_row().or_else(|| self.one_only()),
            (Action::BackUp, _) => Some("only a domain is backed up: go to the domains".to_owned()),
            (Action::New, _) => {
                Some("apps are started by their users; create a space or onboard a user instead".to_owned())
            }
            (Action::Edit, _) => {
                Some("an app has no settings of its own: edit its space or its user".to_owned())
            }
            (Action::Clone, Some(ObjectKind::Domain)) => {
                Some("back the domain up, then restore the file into a new domain".to_owned())
            }
            (Action::Clone, _) => Some("only users and domains are cloned".to_owned()),
            _ => Some("this cannot be done with what is chosen".to_owned()),
        }
    }

    /// Why something that is about one row cannot be done with several.
    fn one_only(&self) -> Option<String> {
        (self.chosen_count() > 1).then(|| "this is done with one row: take the marks away".to_owned())
    }

    fn form_of(&self, action: Action) -> Result<Form, String> {
        if let Some(reason) = self.why_no_form(action) {
            return Err(reason);
        }
        let chosen = self.chosen();
        let domain = self.domain_here();
        match (action, self.kind()) {
            (Action::New, Some(ObjectKind::User)) => Ok(newcomer::form(domain.as_ref(), None)),
            (Action::New, Some(ObjectKind::Domain)) => {
                Ok(domain::form(domain.as_ref().map(|domain| &domain.scope)))
            }
            (Action::New, Some(ObjectKind::Space)) => {
                let owner = match self.table().map(|table| &table.within) {
                    Some(Within::User(key)) => Some(key.name.clone()),
                    _ => None,
                };
                Ok(space::new(domain.as_ref(), owner.as_ref()))
            }
            (Action::Onboard, _) => Ok(roster::form(domain.as_ref())),
            (Action::Restore, _) => Ok(restore::form(None)),
            (Action::BackUp, _) => {
                let key = domain.ok_or("there is no domain to back up")?;
                Ok(backup::form(&key, self.fleet.domain_label(&key), self.now))
            }
            (Action::Clone, Some(ObjectKind::User)) => {
                let like = users_of(&chosen).into_iter().next().ok_or("there is no user to be like")?;
                Ok(newcomer::form(Some(&like.domain_key()), Some(&like)))
            }
            (Action::Edit, Some(ObjectKind::User)) => Ok(users::form(users_of(&chosen))),
            (Action::Edit, Some(ObjectKind::Space)) => Ok(space::edit(spaces_of(&chosen))),
            (Action::Edit, Some(ObjectKind::Domain)) => {
                let key = domain.ok_or("there is no domain to edit")?;
                Ok(domain_edit::form(&key, self.fleet.domain_label(&key)))
            }
            (Action::Tags, kind) => Ok(tags::form(chosen, kind.unwrap_or(ObjectKind::App))),
            _ => Err("this cannot be done with what is chosen".to_owned()),
        }
    }

    /// Opens the form that requests more of the limit under the cursor.
    pub(in crate::console) fn open_quota_request(&mut self, effects: &mut Vec<Effect>) {
        if let Some(form) = self.selected_quota().and_then(quota::form) {
            self.open_form(form, effects);
        }
    }

    /// Opens the form of a new lifecycle configuration.
    pub(in crate::console) fn open_new_lifecycle_config(&mut self, scope: &Scope, effects: &mut Vec<Effect>) {
        self.open_form(lifecycle::new(Some(scope)), effects);
    }

    /// Opens the form that attaches a lifecycle configuration: to the marked domains or users of its place, or else
    /// to domains that are chosen.
    pub(in crate::console) fn open_attach(&mut self, config: LifecycleConfigKey, effects: &mut Vec<Effect>) {
        let marked = self.table().is_some_and(|table| !table.marks.is_empty());
        let mut objects = if marked { self.chosen() } else { Vec::new() };
        objects.retain(|key| {
            matches!(key, ObjectKey::Domain(_) | ObjectKey::User(_)) && *key.scope() == config.scope
        });
        self.open_form(lifecycle::attach(config, objects), effects);
    }

    /// The domain one is in: drilled into, or of the row under the cursor.
    fn domain_here(&self) -> Option<DomainKey> {
        match self.table().map(|table| &table.within) {
            Some(Within::Domain(key)) => Some(key.clone()),
            Some(Within::User(key)) => Some(key.domain_key()),
            Some(Within::Space(key)) => Some(key.domain_key()),
            _ => self.selected().map(|key| key.domain_key()),
        }
    }
}

/// The user profiles among these.
fn users_of(chosen: &[ObjectKey]) -> Vec<UserKey> {
    let users = chosen.iter().filter_map(|key| match key {
        ObjectKey::User(key) => Some(key.clone()),
        _ => None,
    });
    users.collect()
}

/// The spaces among these.
fn spaces_of(chosen: &[ObjectKey]) -> Vec<SpaceKey> {
    let spaces = chosen.iter().filter_map(|key| match key {
        ObjectKey::Space(key) => Some(key.clone()),
        _ => None,
    });
    spaces.collect()
}

/// What is chosen, in words: its name, or how many there are.
pub(super) fn what(chosen: &[ObjectKey], kind: ObjectKind) -> String {
    let noun = match kind {
        ObjectKind::Domain => "domain",
        ObjectKind::User => "user profile",
        ObjectKind::Space => "space",
        ObjectKind::App => "app",
    };
    match chosen {
        [one] => format!("{noun} {}", one.name()),
        many => Counted(many.len(), noun).to_string(),
    }
}
