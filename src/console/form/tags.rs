//! The form of tags: which are set and which are removed, on one object or on all that are marked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Field, FieldId, Form, Item, Known, Options, Subject, launch};
use crate::console::Tone;
use crate::fleet::rules::is_reserved_key;
use crate::fleet::wording::Counted;
use crate::fleet::{Intent, ObjectKey, ObjectKind, Query, Tag};

/// The form for these objects.
pub(super) fn form(objects: Vec<ObjectKey>, kind: ObjectKind) -> Form {
    let what = launch::what(&objects, kind);
    let fields = vec![
        Field::pairs(FieldId::Tags, "Set")
            .help(
                "Tags to set, as key = value. A key that is there already gets the new value. Apps that run \
                 already keep their tags: AWS gives new ones to apps started from now on.",
            )
            .empty("key = value"),
        Field::several(FieldId::RemoveTags, "Remove", 50, Options::only(Vec::new()))
            .help("Keys to take away, with the values they have now and on how many of the objects.")
            .empty("none"),
    ];
    Form::new(Subject::Tags(objects), format!("tags of {what}"), fields)
}

/// The tags of all of them.
pub(super) fn needs(objects: &[ObjectKey]) -> Vec<Query> {
    objects.iter().cloned().map(Query::Tags).collect()
}

/// The keys that are there, each with its values and on how many objects.
pub(super) fn refresh(form: &mut Form, objects: &[ObjectKey], known: Known<'_>) {
    let mut keys: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let (mut read, mut failed) = (0, None);
    for object in objects {
        match known.fleet.tags.get(object) {
            Some(tags) => {
                read += 1;
                for tag in tags {
                    *keys.entry(&tag.key).or_default().entry(&tag.value).or_default() += 1;
                }
            }
            None => failed = failed.or_else(|| known.fleet.failure(&Query::Tags(object.clone()))),
        }
    }
    let items = keys.iter().map(|(key, values)| {
        let on: usize = values.values().sum();
        let mut words: Vec<String> = values
            .iter()
            .map(|(value, count)| match values.len() {
                1 => (*value).to_owned(),
                _ => format!("{value} ({count})"),
            })
            .collect();
        if words.len() > 4 {
            words.truncate(3);
            words.push("...".to_owned());
        }
        let note = format!("{} on {on} of {}", words.join(", "), objects.len());
        let is_own = !is_reserved_key(key);
        let tone = if is_own { Tone::Muted } else { Tone::Warn };
        Item { tone, ..Item::plain(key, &note) }
    });
    let options = Options::only(items.collect()).free(read < objects.len());
    let total = Counted(objects.len(), "object");
    let note = match (read == objects.len(), failed) {
        (true, _) => None,
        (false, None) => Some(format!("reading the tags of {total}: {read} done")),
        (false, Some(problem)) => {
            Some(format!("the tags of some of {total} could not be read ({problem}); type the keys by hand"))
        }
    };
    form.offer(FieldId::RemoveTags, options);
    if let Some(field) = form.field_mut(FieldId::RemoveTags) {
        field.note = note;
    }
}

/// A key cannot be both set and removed.
pub(super) fn check(form: &mut Form) {
    let removed = form.list(FieldId::RemoveTags);
    let both = form.pairs(FieldId::Tags).into_iter().find(|(key, _)| removed.contains(key));
    if let Some((key, _)) = both {
        form.refuse(FieldId::RemoveTags, format!("{key} is to be set as well: choose one"));
    }
    if let Some(key) = removed.iter().find(|key| is_reserved_key(key)) {
        form.refuse(FieldId::RemoveTags, format!("{key} is AWS's own tag and cannot be removed"));
    }
}

/// What it comes to.
pub(super) fn intent(form: &Form, objects: &[ObjectKey]) -> Result<Intent, String> {
    let set: Vec<Tag> = form
        .pairs(FieldId::Tags)
        .into_iter()
        .map(|(key, value)| Tag { key: key.into(), value: value.into() })
        .collect();
    let removed: Vec<Arc<str>> = form.list(FieldId::RemoveTags).into_iter().map(Into::into).collect();
    let objects = objects.to_vec();
    match (set.is_empty(), removed.is_empty()) {
        (true, true) => Err("there is no tag to set or remove yet".to_owned()),
        (false, true) => Ok(Intent::SetTags(objects, set)),
        (true, false) => Ok(Intent::RemoveTags(objects, removed)),
        (false, false) => Ok(Intent::Together(vec![
            Intent::SetTags(objects.clone(), set),
            Intent::RemoveTags(objects, removed),
        ])),
    }
}
