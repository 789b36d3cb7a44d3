//! Which form an action opens, for what is chosen.

use super::{Form, newcomer, roster, tags};
use crate::console::{Action, Console, Effect, Tone, Within};
use crate::fleet::wording::Counted;
use crate::fleet::{DomainKey, ObjectKey, ObjectKind, UserKey};

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
            (Action::New, Some(ObjectKind::User)) | (Action::Onboard, _) => None,
            (Action::Clone, Some(ObjectKind::User)) => no_row().or_else(|| self.one_only()),
            (Action::Tags, _) => no_row(),
            _ => Some("this cannot be done with what is chosen".to_owned()),
        }
    }

    /// Why something that is about one row cannot be done with several.
    fn one_only(&self) -> Option<String> {
        (self.chosen().len() > 1).then(|| "this is done with one row: take the marks away".to_owned())
    }

    fn form_of(&self, action: Action) -> Result<Form, String> {
        if let Some(reason) = self.why_no_form(action) {
            return Err(reason);
        }
        let chosen = self.chosen();
        match (action, self.kind()) {
            (Action::New, Some(ObjectKind::User)) => Ok(newcomer::form(self.domain_here().as_ref(), None)),
            (Action::Onboard, _) => Ok(roster::form(self.domain_here().as_ref())),
            (Action::Clone, Some(ObjectKind::User)) => {
                let like = users_of(&chosen).into_iter().next().ok_or("there is no user to be like")?;
                Ok(newcomer::form(Some(&like.domain_key()), Some(&like)))
            }
            (Action::Tags, kind) => Ok(tags::form(chosen, kind.unwrap_or(ObjectKind::App))),
            _ => Err("this cannot be done with what is chosen".to_owned()),
        }
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
