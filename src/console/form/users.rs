//! The form that changes settings of user profiles: one, or all that are marked.

use super::{Form, Known, Subject, newcomer, settings};
use crate::fleet::wording::Counted;
use crate::fleet::{Intent, Query, UserKey, UserSettings};

/// What holds where a field is left empty.
const LEFT: &str = "leave as it is";

/// The form for these users.
pub(super) fn form(users: Vec<UserKey>) -> Form {
    let title = match &users[..] {
        [one] => format!("edit {}", one.name),
        many => format!("edit {}", Counted(many.len(), "user")),
    };
    Form::new(Subject::Users(users), title, settings::fields(LEFT))
}

/// The users in full, to show what they have, and what settings refer to.
pub(super) fn needs(users: &[UserKey]) -> Vec<Query> {
    let Some(first) = users.first() else { return Vec::new() };
    let mut needs = settings::needs(&first.scope);
    needs.push(Query::Domain(first.domain_key()));
    needs.extend(users.iter().cloned().map(Query::User));
    needs
}

/// Brings what is offered up to date, and says what the users have now.
pub(super) fn refresh(form: &mut Form, users: &[UserKey], known: Known<'_>) {
    let Some(first) = users.first() else { return };
    let vpc = newcomer::vpc(known, &first.domain_key());
    settings::refresh(form, known, Some(&first.scope), &vpc);
    let rows = users.iter().filter_map(|user| known.fleet.users.get(user));
    let now: Vec<&UserSettings> = rows.filter_map(|user| Some(&user.detail.as_ref()?.settings)).collect();
    // Part of the truth would be taken for all of it.
    if now.len() == users.len() {
        settings::note_now(form, &now, "as the domain says");
    }
}

/// The edit; a form in which nothing is filled in changes nothing.
pub(super) fn intent(form: &Form, users: &[UserKey], known: Known<'_>) -> Result<Intent, String> {
    let first = users.first().ok_or("there is no user to edit")?;
    let edit = settings::edit(form, known, &first.scope);
    if edit.is_empty() {
        return Err("nothing is filled in yet: what is left empty stays as it is".to_owned());
    }
    Ok(Intent::EditUsers { users: users.to_vec(), edit })
}
