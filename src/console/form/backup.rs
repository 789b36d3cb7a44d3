//! The form that writes the configuration of a domain to a file. It reads everything first: there are no partial
//! backups.

use super::{Field, FieldId, Form, Known, Subject};
use crate::fleet::wording::Counted;
use crate::fleet::{Backup, DomainKey, Query, Timestamp, backup_needs};

/// What is said to have written a backup.
const MADE_BY: &str = concat!("sagedeck ", env!("CARGO_PKG_VERSION"));

/// The form for a domain.
pub(super) fn form(key: &DomainKey, label: &str, now: Timestamp) -> Form {
    let path = format!("{label}-backup-{}.json", now.strftime("%Y%m%d-%H%M%S"));
    let fields = vec![
        Field::fixed(FieldId::Domain, "Domain", label, "").help(
            "In the file: the domain, its user profiles with their ids on the home file system, its spaces, the \
             lifecycle configurations and images of the region, and all tags. Not in it: the files of home \
             directories (EFS) and of spaces (EBS).",
        ),
        Field::line(FieldId::File, "File").required().with(&path).help("The name of a new file."),
    ];
    let mut form = Form::new(Subject::BackUp(key.clone()), format!("back up domain {label}"), fields);
    form.go_to(1);
    form
}

/// Everything that is in it.
pub(super) fn needs(key: &DomainKey, known: Known<'_>) -> Vec<Query> {
    backup_needs(known.fleet, key)
}

/// Says how far reading is.
pub(super) fn refresh(form: &mut Form, key: &DomainKey, known: Known<'_>) {
    let (asked, answered) = (form.asked.len(), form.answered.len());
    // Taking a backup is work: it is tried once nothing more is under way.
    let note = if asked == 0 || answered < asked {
        format!("reading: {answered} of {} so far", Counted(asked, "part"))
    } else {
        match missing(form, key, known).len() {
            0 => "everything is read".to_owned(),
            left => format!("{} not read", Counted(left, "part")),
        }
    };
    if let Some(field) = form.field_mut(FieldId::Domain) {
        field.note = Some(note);
    }
}

fn missing(form: &Form, key: &DomainKey, known: Known<'_>) -> Vec<String> {
    Backup::take(known.fleet, &form.documents, key, MADE_BY, known.now).err().unwrap_or_default()
}

/// The text of the backup.
///
/// # Errors
///
/// What is missing, the first of it in full.
pub(super) fn text(form: &Form, key: &DomainKey, known: Known<'_>) -> Result<String, String> {
    match Backup::take(known.fleet, &form.documents, key, MADE_BY, known.now) {
        Ok(backup) => Ok(backup.to_text()),
        Err(missing) => {
            let first = missing.first().map(String::as_str).unwrap_or_default();
            Err(match missing.len() {
                0 | 1 => format!("not everything is read: {first}"),
                more => format!("not everything is read: {first} (and {} more)", more - 1),
            })
        }
    }
}
