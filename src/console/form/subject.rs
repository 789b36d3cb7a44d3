//! What a form is about: which file knows its fields.

use super::{
    FieldId, Form, Known, backup, domain, domain_edit, lifecycle, newcomer, quota, restore, roster, settings,
    space, tags, users,
};
use crate::fleet::{DomainKey, Intent, LifecycleConfigKey, ObjectKey, Query, QuotaKey, SpaceKey, UserKey};

/// What a form is about, with what was chosen when it was opened.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// Onboarding one user.
    Newcomer,
    /// Onboarding many users from a list.
    Roster,
    /// Changing settings of these users.
    Users(Vec<UserKey>),
    /// Setting and removing tags of these objects.
    Tags(Vec<ObjectKey>),
    /// Creating a domain.
    NewDomain,
    /// Changing a domain.
    Domain(DomainKey),
    /// Creating a space.
    NewSpace,
    /// Changing these spaces.
    Spaces(Vec<SpaceKey>),
    /// Creating a lifecycle configuration.
    NewLifecycleConfig,
    /// Attaching a lifecycle configuration.
    Attach {
        /// Which.
        config: LifecycleConfigKey,
        /// To what; to domains that are chosen in the form where this is empty.
        objects: Vec<ObjectKey>,
    },
    /// Requesting more of a quota.
    Quota(QuotaKey),
    /// Writing the configuration of a domain to a file.
    BackUp(DomainKey),
    /// Restoring a domain, or cloning it.
    Restore,
}

/// What a form comes to.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Something to be planned.
    Plan(Intent),
    /// A text to be written to a new file, by its path.
    Write(String, String),
}

impl Subject {
    /// What has to be read for the form as it is filled in now.
    pub(super) fn needs(&self, form: &Form, known: Known<'_>) -> Vec<Query> {
        match self {
            Self::Newcomer => newcomer::needs(form, known),
            Self::Roster => roster::needs(form, known),
            Self::Users(users) => users::needs(users),
            Self::Tags(objects) => tags::needs(objects),
            Self::NewDomain => domain::needs(form, known),
            Self::Domain(key) => domain_edit::needs(key),
            Self::NewSpace => space::new_needs(form, known),
            Self::Spaces(spaces) => space::edit_needs(spaces),
            Self::NewLifecycleConfig => lifecycle::new_needs(form, known),
            Self::Attach { .. } => Vec::new(),
            Self::Quota(key) => quota::needs(key),
            Self::BackUp(key) => backup::needs(key, known),
            Self::Restore => restore::needs(form, known),
        }
    }

    /// Brings what is offered and shown up to date.
    pub(super) fn refresh(&self, form: &mut Form, known: Known<'_>) {
        match self {
            Self::Newcomer => newcomer::refresh(form, known),
            Self::Roster => roster::refresh(form, known),
            Self::Users(users) => users::refresh(form, users, known),
            Self::Tags(objects) => tags::refresh(form, objects, known),
            Self::NewDomain => domain::refresh(form, known),
            Self::Domain(key) => domain_edit::refresh(form, key, known),
            Self::NewSpace => space::new_refresh(form, known),
            Self::Spaces(spaces) => space::edit_refresh(form, spaces, known),
            Self::NewLifecycleConfig => lifecycle::new_refresh(form, known),
            Self::Attach { config, .. } => lifecycle::attach_refresh(form, config, known),
            Self::Quota(key) => quota::refresh(form, key, known),
            Self::BackUp(key) => backup::refresh(form, key, known),
            Self::Restore => restore::refresh(form, known),
        }
    }

    /// Names what only the fields together show to be wrong.
    pub(super) fn check(&self, form: &mut Form, known: Known<'_>) {
        match self {
            Self::Newcomer => newcomer::check(form, known),
            Self::Users(_) => settings::check(form),
            Self::Tags(_) => tags::check(form),
            Self::NewDomain => domain::check(form, known),
            Self::Domain(_) => domain_edit::check(form),
            Self::NewSpace => space::new_check(form, known),
            Self::Spaces(spaces) => space::edit_check(form, spaces, known),
            Self::NewLifecycleConfig => lifecycle::new_check(form, known),
            Self::Quota(key) => quota::check(form, key, known),
            Self::Roster | Self::Attach { .. } | Self::BackUp(_) | Self::Restore => {}
        }
    }

    /// What the form comes to.
    ///
    /// # Errors
    ///
    /// What is missing, as a sentence, where that is not the matter of one field.
    pub(super) fn outcome(&self, form: &Form, known: Known<'_>) -> Result<Outcome, String> {
        let intent = match self {
            Self::Newcomer => newcomer::intent(form, known),
            Self::Roster => roster::intent(form),
            Self::Users(users) => users::intent(form, users, known),
            Self::Tags(objects) => tags::intent(form, objects),
            Self::NewDomain => domain::intent(form, known),
            Self::Domain(key) => domain_edit::intent(form, key, known),
            Self::NewSpace => space::new_intent(form, known),
            Self::Spaces(spaces) => space::edit_intent(form, spaces),
            Self::NewLifecycleConfig => lifecycle::new_intent(form, known),
            Self::Attach { config, objects } => lifecycle::attach_intent(form, config, objects, known),
            Self::Quota(key) => quota::intent(form, key),
            Self::BackUp(key) => {
                let path = form.text(FieldId::File);
                return backup::text(form, key, known).map(|text| Outcome::Write(path, text));
            }
            Self::Restore => restore::intent(form, known),
        };
        intent.map(Outcome::Plan)
    }

    /// What the button says.
    pub fn button(&self) -> &'static str {
        match self {
            Self::BackUp(_) => "Write the file",
            _ => "Show the plan",
        }
    }
}
