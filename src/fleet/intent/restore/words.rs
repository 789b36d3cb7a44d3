//! What a restore says about itself.

use serde_json::Value;

use super::RestoreInto;
use super::adapt::Adapter;
use crate::fleet::images::{Images, refers_to_images};
use crate::fleet::wording::Counted;
use crate::fleet::{AuthMode, Backup, Change, Scope, Step};

/// What a restore with these steps leaves alone, as a sentence.
pub(super) fn keeps(steps: &[Step]) -> &'static str {
    if steps.iter().any(|step| matches!(step.change, Change::AddTags(..))) {
        "Everything that is there already, as it is but for the tags that are set: a restore deletes nothing."
    } else {
        "Everything that is there already, as it is: a restore changes and deletes nothing."
    }
}

/// What should be known of a restore as a whole.
pub(super) fn warnings(
    backup: &Backup,
    into: &RestoreInto,
    images: &Result<Value, String>,
    steps: &[Step],
) -> Vec<String> {
    if steps.is_empty() {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    let creates = |wanted: fn(&Change) -> bool| steps.iter().filter(|step| wanted(&step.change)).count();
    if creates(|change| matches!(change, Change::CreateDomain(..))) > 0 {
        warnings.push(
            "The new domain has a new and empty home file system: files are copied from the old one, by the table of \
             old and new ids."
                .to_owned(),
        );
    }
    let users = creates(|change| matches!(change, Change::CreateUser(..)));
    if users > 0 {
        let (who, finds) = match users {
            1 => ("1 user profile gets a new id".to_owned(), "finds"),
            users => (format!("{} get new ids", Counted(users, "user profile")), "find"),
        };
        warnings.push(format!(
            "{who} on the home file system, and {finds} the old files only once those are copied and given to the new \
             id. The operation has the table of old and new ids once it has ended, and on the command line the same \
             restore into the domain shows it again."
        ));
    }
    let spaces = creates(|change| matches!(change, Change::CreateSpace(..)));
    if spaces > 0 {
        warnings.push(format!(
            "{} begin empty: the contents of volumes are in no backup.",
            Counted(spaces, "space")
        ));
    }
    let is_sso = backup.document.get("AuthMode").and_then(Value::as_str) == Some("SSO");
    if let RestoreInto::New { changes, .. } = into {
        let mode = changes.auth_mode.clone();
        if mode.unwrap_or(if is_sso { AuthMode::Sso } else { AuthMode::Iam }) == AuthMode::Sso {
            warnings.extend(about_assignments(backup, steps));
        }
    }
    warnings.extend(about_images(images, into.scope(), steps));
    warnings.extend(Adapter::new(backup, into).warnings());
    warnings
}

/// Who of those who could sign in to the old domain can do so in the new one, where anybody could.
fn about_assignments(backup: &Backup, steps: &[Step]) -> Option<String> {
    let made = steps.iter().filter(|step| matches!(step.change, Change::AssignApplication(_))).count();
    match (made, backup.assigned.len()) {
        (0, 0) => None,
        (0, _) => Some(
            "None of those who could sign in to the old domain are known at Identity Center by the same id here: \
             nobody is assigned to the new domain."
                .to_owned(),
        ),
        (made, _) => Some(format!(
            "{} assigned to the new domain's application, whose ARN AWS gives with the domain: it is read from there.",
            match made {
                1 => "1 user profile is".to_owned(),
                made => format!("{} are", Counted(made, "user profile")),
            }
        )),
    }
}

/// Which custom images the steps refer to that are not there, or that this is not known.
fn about_images(images: &Result<Value, String>, scope: &Scope, steps: &[Step]) -> Option<String> {
    let documents = steps.iter().filter_map(|step| step.change.document());
    let known = match images {
        Ok(known) => Images::of(known),
        Err(why) => {
            return documents.into_iter().any(|document| refers_to_images(document, scope)).then(|| {
                format!("Whether the images are there that this refers to is not known: they {why}.")
            });
        }
    };
    let mut missing: Vec<String> = Vec::new();
    for one in documents.flat_map(|document| known.lacking(document, scope)) {
        if !missing.contains(&one) {
            missing.push(one);
        }
    }
    (!missing.is_empty()).then(|| {
        let missing = missing.join(", ");
        format!("Images that are not there: {missing}. AWS refuses what refers to them until they are made.")
    })
}
