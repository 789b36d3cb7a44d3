//! Which objects a command changes: by name, by filter, or by both; and never more than could be seen.

use super::arguments::Chosen;
use super::exit::Exit;
use super::failure::Failure;
use super::gather::Gathered;
use super::list::Selection;
use super::setup::Setup;
use crate::aws::Gateway;
use crate::fleet::{Fleet, ObjectKey, ObjectKind, suggestion};

/// Reads the lists and gives the objects that are meant.
///
/// # Errors
///
/// If nothing says which objects are meant, a list is not complete, or a name is that of no object or of several.
pub(super) async fn choose(
    chosen: &Chosen,
    kind: ObjectKind,
    gateway: &Gateway,
    setup: &Setup,
) -> Result<(Gathered, Vec<ObjectKey>), Failure> {
    let filter = chosen.filter.as_deref().unwrap_or_default();
    if chosen.names.is_empty() && filter.trim().is_empty() {
        let (what, by_name) = match kind {
            ObjectKind::App => ("apps", ""),
            kind => (kind.plural(), "by name or "),
        };
        return Err(Failure::usage(format!(
            "say which {what}, {by_name}with --filter; an empty filter would mean all of them"
        )));
    }
    let selection = Selection::for_plan(kind, filter, chosen.domain.as_deref())?;
    let selected = selection.gather(gateway, setup).await?;
    selected.tell_gaps(kind);
    if selected.exit != Exit::Done {
        return Err(Failure::refused(format!(
            "not everything could be read, so which {} are meant is not known; nothing was changed",
            kind.plural()
        )));
    }
    let shown: Vec<ObjectKey> = selected.rows(kind).map(|row| row.key()).collect();
    let keys = if chosen.names.is_empty() {
        shown
    } else {
        named(&chosen.names, kind, &shown, &selected.gathered.fleet)?
    };
    Ok((selected.gathered, keys))
}

/// The objects of these names among those that are shown, in the order of the names.
fn named(
    names: &[String],
    kind: ObjectKind,
    shown: &[ObjectKey],
    fleet: &Fleet,
) -> Result<Vec<ObjectKey>, Failure> {
    let mut keys: Vec<ObjectKey> = Vec::new();
    for name in names {
        let found: Vec<&ObjectKey> = shown.iter().filter(|key| is_called(key, name, fleet)).collect();
        match found.as_slice() {
            [one] if keys.contains(one) => {}
            [one] => keys.push((*one).clone()),
            [] => {
                let hint = suggestion(name, shown.iter().map(ObjectKey::name));
                let (what, end) = (kind.singular(), if hint.is_empty() { ". " } else { " " });
                return Err(Failure::refused(format!(
                    "there is no {what} `{name}` among those that are looked at{hint}{end}Nothing was changed"
                )));
            }
            several => {
                let places: Vec<String> =
                    several.iter().map(|key| format!("{} in {}", key.domain_key().id, key.scope())).collect();
                return Err(Failure::refused(format!(
                    "there are {} {} `{name}`: {}; give the id of a domain with --domain. Nothing was changed",
                    several.len(),
                    kind.plural(),
                    places.join(", "),
                )));
            }
        }
    }
    Ok(keys)
}

/// Whether an object has this name; a domain goes by its id as well.
fn is_called(key: &ObjectKey, name: &str, fleet: &Fleet) -> bool {
    match key {
        ObjectKey::Domain(domain) => domain.id.as_str() == name || fleet.domain_label(domain) == name,
        key => key.name() == name,
    }
}
