//! What lines of the bill have in common, and what a person calls it.

use std::collections::HashMap;
use std::sync::Arc;

use super::owners::{Payer, among_users};
use super::report::RowName;
use super::{CostGroup, CostKind, CostLine, CostPart, CostRow, CostView, Usage, object_of};
use crate::fleet::{AccountId, Fleet, ObjectKey};

/// Values that lines have in common, kept once.
#[derive(Default)]
pub(super) struct Texts {
    /// Regions and instances by usage type.
    known: HashMap<(bool, Arc<str>), Arc<str>>,
    empty: Option<Arc<str>>,
}

impl Texts {
    pub(super) fn empty(&mut self) -> Arc<str> {
        Arc::clone(self.empty.get_or_insert_with(|| Arc::from("")))
    }

    /// Which row a line belongs to, and whether it came there through a space that a user owns.
    pub(super) fn name(
        &mut self,
        view: &CostView,
        part: &CostPart<'_>,
        line: &CostLine,
        fleet: &Fleet,
    ) -> (RowName, bool) {
        let currency = Arc::clone(&line.currency);
        if let (true, [user, space, ..]) = (part.question.is_by_owner(), line.keys.as_slice()) {
            let payer = Payer::of(user, space, fleet);
            let value = |group: &CostGroup| payer.value(group, part.account, (user, space));
            let (kind, first) = value(&view.group);
            let second = view.then.as_ref().map(|then| value(then).1);
            return ((kind, first, second, currency), matches!(payer, Payer::Owner(_)));
        }
        let first = self.value(&view.group, part, &line.keys);
        let second = view.then.as_ref().map(|then| self.value(then, part, &line.keys));
        let kind = match (view.group.tag(), first.is_empty()) {
            (Some(_), true) => CostKind::Untagged,
            _ => CostKind::Group,
        };
        ((kind, first, second, currency), false)
    }

    /// The value of a group on a line with these keys.
    fn value(&mut self, group: &CostGroup, part: &CostPart<'_>, keys: &[Arc<str>]) -> Arc<str> {
        let Some(key) = part.question.place_of(group).and_then(|at| keys.get(at)) else {
            return match group {
                CostGroup::Account => Arc::clone(part.account.shared()),
                _ => self.empty(),
            };
        };
        match group {
            CostGroup::Instance | CostGroup::Region => {
                let is_region = *group == CostGroup::Region;
                let known = self.known.entry((is_region, Arc::clone(key))).or_insert_with(|| {
                    let usage = Usage::of(key);
                    match (is_region, usage.region()) {
                        (false, _) => usage.instance.unwrap_or(usage.kind()).into(),
                        (true, Some(region)) => region.into(),
                        (true, None) => format!("unknown ({})", usage.prefix).into(),
                    }
                });
                Arc::clone(known)
            }
            _ => Arc::clone(key),
        }
    }
}

/// Gives a row the names a person knows.
pub(super) fn name_row(row: &mut CostRow, view: &CostView, fleet: &Fleet) {
    if !row.kind.is_gross() {
        row.kind.name().clone_into(&mut row.name);
        return;
    }
    let (name, domain, object) = told(&view.group, &row.value, fleet);
    row.name = match row.kind {
        CostKind::Untagged | CostKind::NoSpace => row.kind.name().to_owned(),
        _ => name,
    };
    (row.domain, row.object) = (domain, object);
    if let (Some(then), Some(value)) = (&view.then, &row.second_value) {
        let (name, domain, object) = told(then, value, fleet);
        let is_users = matches!(view.group, CostGroup::User) && row.kind == CostKind::Group;
        row.second = Some(match then {
            CostGroup::Space if value.is_empty() && is_users => "in no space".to_owned(),
            _ if value.is_empty() && then.tag().is_some() => CostKind::Untagged.name().to_owned(),
            _ => name,
        });
        row.domain = row.domain.take().or(domain);
        row.object = object.or(row.object.take());
    }
}

/// A value as a person calls it, the domain it is in, and the object it is of.
fn told(group: &CostGroup, value: &Arc<str>, fleet: &Fleet) -> (String, Option<String>, Option<ObjectKey>) {
    match group {
        CostGroup::Account => {
            let account = AccountId::from(Arc::clone(value));
            (fleet.account_label(&account).to_owned(), None, None)
        }
        CostGroup::Instance | CostGroup::UsageType | CostGroup::Region if value.is_empty() => {
            ("not said".to_owned(), None, None)
        }
        CostGroup::Instance | CostGroup::UsageType | CostGroup::Region => (value.to_string(), None, None),
        CostGroup::Tag(_) | CostGroup::Domain | CostGroup::User | CostGroup::Space => {
            match object_of(value) {
                Some(ObjectKey::Domain(key)) => {
                    (fleet.domain_label(&key).to_owned(), None, Some(ObjectKey::Domain(key)))
                }
                Some(object) => {
                    let domain = fleet.domain_label(&object.domain_key()).to_owned();
                    let name = match (&object, group) {
                        (ObjectKey::Space(key), CostGroup::User) => among_users(key, fleet),
                        _ => object.name().to_owned(),
                    };
                    (name, Some(domain), Some(object))
                }
                None => (value.to_string(), None, None),
            }
        }
    }
}
