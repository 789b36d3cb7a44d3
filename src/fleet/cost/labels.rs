//! What lines of the bill have in common, and what a person calls it.

use std::collections::HashMap;
use std::sync::Arc;

use super::owners::{Payer, among_users};
use super::report::RowName;
use super::{CostGroup, CostKind, CostLine, CostPart, CostRow, CostView, Usage, object_of};
use crate::fleet::{AccountId, DomainKey, Fleet, ObjectKey};

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

/// The name of a domain, with its region where another one has the same, as copies in two regions do; with its id where
/// even that is not enough.
fn domain_name(key: &DomainKey, fleet: &Fleet) -> String {
    let label = fleet.domain_label(key);
    let namesakes = || fleet.domains.iter().map(|domain| &domain.key).filter(|other| *other != key);
    let alike = || namesakes().filter(|other| fleet.domain_label(other) == label);
    if alike().next().is_none() {
        return label.to_owned();
    }
    let region = key.scope.region();
    let place =
        if alike().any(|other| other.scope.region() == region) { key.id.as_str() } else { region.as_str() };
    format!("{label} · {place}")
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
                    (domain_name(&key, fleet), None, Some(ObjectKey::Domain(key)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Answer, Domain, DomainId, Name, Page, Query, Region, Scope, sample};

    #[test]
    fn domains_of_one_name_are_told_apart_by_region_and_within_one_by_id() {
        let domain = |region: &str, id: &str, name: &str| Domain {
            key: DomainKey {
                scope: Scope::new(sample::scope().account().clone(), Region::new(region)),
                id: DomainId::new(id),
            },
            name: Some(Name::new(name)),
            ..sample::domain()
        };
        let domains = [
            domain("eu-west-1", "d-one", "vision"),
            domain("us-east-1", "d-two", "vision"),
            domain("us-east-1", "d-three", "nlp"),
            domain("us-east-1", "d-four", "nlp"),
            domain("us-east-1", "d-five", "fraud"),
        ];
        let mut fleet = Fleet::default();
        for region in ["eu-west-1", "us-east-1"] {
            let rows = domains.iter().filter(|domain| domain.key.scope.region().as_str() == region);
            let page = Page { rows: rows.cloned().collect(), first: true, last: true };
            let scope = Scope::new(sample::scope().account().clone(), Region::new(region));
            fleet.absorb(&Query::Domains(scope), Answer::Domains(page), sample::now());
        }
        let names = domains.iter().map(|domain| domain_name(&domain.key, &fleet));
        assert_eq!(
            names.collect::<Vec<_>>(),
            ["vision · eu-west-1", "vision · us-east-1", "nlp · d-three", "nlp · d-four", "fraud"]
        );
    }
}
