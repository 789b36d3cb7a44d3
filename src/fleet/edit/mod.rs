//! What a person wants set of a user profile, a domain's defaults or a space, and what AWS's document is with it.

mod domain;
mod space;
mod user;

pub use domain::{DomainEdit, FIXED, NewDomain, SharingOutput};
pub use space::{NewSpace, SpaceEdit};
pub use user::{LifecycleEdit, UserEdit, settings_member};

use serde_json::Value;

use super::Document;

/// Changes the structure at a path, which is made where it is not there.
fn within<F: FnOnce(&mut Document)>(document: &mut Document, path: &[&str], change: F) {
    let Some((first, rest)) = path.split_first() else { return change(document) };
    let slot = document.entry((*first).to_owned()).or_insert(Value::Null);
    let mut inner = match slot.take() {
        Value::Object(inner) => inner,
        _ => Document::new(),
    };
    within(&mut inner, rest, change);
    *slot = Value::Object(inner);
}

/// The structure of a member; an empty one where there is none.
pub(super) fn structure(document: &Document, name: &str) -> Document {
    document.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
}
