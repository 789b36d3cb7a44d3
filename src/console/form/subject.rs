//! What a form is about: which file knows its fields.

use super::{Form, Known, newcomer, roster, tags};
use crate::fleet::{Intent, ObjectKey, Query};

/// What a form is about, with what was chosen when it was opened.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// Onboarding one user.
    Newcomer,
    /// Onboarding many users from a list.
    Roster,
    /// Setting and removing tags of these objects.
    Tags(Vec<ObjectKey>),
}

impl Subject {
    /// What has to be read for the form as it is filled in now.
    pub(super) fn needs(&self, form: &Form, known: Known<'_>) -> Vec<Query> {
        match self {
            Self::Newcomer => newcomer::needs(form, known),
            Self::Roster => roster::needs(form, known),
            Self::Tags(objects) => tags::needs(objects),
        }
    }

    /// Brings what is offered and shown up to date.
    pub(super) fn refresh(&self, form: &mut Form, known: Known<'_>) {
        match self {
            Self::Newcomer => newcomer::refresh(form, known),
            Self::Roster => roster::refresh(form, known),
            Self::Tags(objects) => tags::refresh(form, objects, known),
        }
    }

    /// Names what only the fields together show to be wrong.
    pub(super) fn check(&self, form: &mut Form, known: Known<'_>) {
        match self {
            Self::Newcomer => newcomer::check(form, known),
            Self::Roster => {}
            Self::Tags(_) => tags::check(form),
        }
    }

    /// What the form comes to.
    ///
    /// # Errors
    ///
    /// What is missing, as a sentence, where that is not the matter of one field.
    pub(super) fn intent(&self, form: &Form, known: Known<'_>) -> Result<Intent, String> {
        match self {
            Self::Newcomer => newcomer::intent(form, known),
            Self::Roster => roster::intent(form),
            Self::Tags(objects) => tags::intent(form, objects),
        }
    }

    /// What the button says.
    pub fn button(&self) -> &'static str {
        "Show the plan"
    }
}
