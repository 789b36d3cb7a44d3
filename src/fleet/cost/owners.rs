//! To whom a line of the bill belongs. Studio bills kernels and jobs by the tag of the user, but apps in a space and
//! its volume by the tag of the space: who owns that is known from the fleet, as long as the space is there.

use std::sync::Arc;

use super::{CostGroup, CostKind, CostReport, Nanos, object_of};
use crate::fleet::{AccountId, DomainKey, Fleet, ObjectKey, Query, Sharing, SpaceKey, UserKey};

/// To whom a line belongs, by its two tags. A line that has both is the user's alone, so that nothing counts twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Payer {
    /// The user profile of its own tag.
    User(UserKey),
    /// The user profile that owns the private space of its tag.
    Owner(UserKey),
    /// A shared space.
    Shared(SpaceKey),
    /// A space that is not in the fleet, or that names no owner.
    Ownerless(SpaceKey),
    /// A tag that is no ARN of a user or a space.
    Odd,
    /// It has neither tag.
    Nobody,
}

impl Payer {
    /// By the values of a line's user and space tags.
    pub(super) fn of(user: &str, space: &str, fleet: &Fleet) -> Self {
        match (object_of(user), object_of(space)) {
            (Some(ObjectKey::User(key)), _) => Self::User(key),
            (_, Some(ObjectKey::Space(key))) if user.is_empty() => Self::of_space(key, fleet),
            _ if user.is_empty() && space.is_empty() => Self::Nobody,
            _ => Self::Odd,
        }
    }

    fn of_space(key: SpaceKey, fleet: &Fleet) -> Self {
        let known = fleet.spaces.get(&key);
        match known.map(|space| (space.sharing.as_ref(), &space.owner)) {
            Some((Some(Sharing::Shared), _)) => Self::Shared(key),
            Some((_, Some(owner))) => Self::Owner(UserKey {
                scope: key.scope.clone(),
                domain: key.domain.clone(),
                name: owner.clone(),
            }),
            Some((_, None)) | None => Self::Ownerless(key),
        }
    }

    fn domain(&self) -> Option<DomainKey> {
        match self {
            Self::User(key) | Self::Owner(key) => Some(key.domain_key()),
            Self::Shared(key) | Self::Ownerless(key) => Some(key.domain_key()),
            Self::Odd | Self::Nobody => None,
        }
    }

    /// What the line is in a grouping of the first level, and the value it has there.
    pub(super) fn value(
        &self,
        group: &CostGroup,
        account: &AccountId,
        (user, space): (&Arc<str>, &Arc<str>),
    ) -> (CostKind, Arc<str>) {
        let group_of = |value: Arc<str>| (CostKind::Group, value);
        let untagged = || (CostKind::Untagged, Arc::from(""));
        match group {
            CostGroup::Account => group_of(Arc::clone(account.shared())),
            CostGroup::Domain => {
                self.domain().map_or_else(untagged, |domain| group_of(ObjectKey::Domain(domain).arn().into()))
            }
            CostGroup::Region => {
                self.domain().map_or_else(untagged, |domain| group_of(domain.scope.region().as_str().into()))
            }
            CostGroup::Space if !space.is_empty() => group_of(Arc::clone(space)),
            CostGroup::Space if !user.is_empty() => (CostKind::NoSpace, Arc::from("")),
            _ => match self {
                Self::Owner(key) => group_of(key.arn().into()),
                Self::Shared(_) => (CostKind::SharedSpace, Arc::clone(space)),
                Self::Ownerless(_) => (CostKind::OwnerlessSpace, Arc::clone(space)),
                Self::Odd if user.is_empty() => group_of(Arc::clone(space)),
                Self::User(_) | Self::Odd => group_of(Arc::clone(user)),
                Self::Nobody => untagged(),
            },
        }
    }
}

/// What a person calls a space that stands among users.
pub(super) fn among_users(key: &SpaceKey, fleet: &Fleet) -> String {
    match fleet.spaces.get(key) {
        Some(space) if space.sharing == Some(Sharing::Shared) => format!("shared space {}", key.name),
        Some(_) => format!("space {} (without owner)", key.name),
        None => {
            let listing = fleet.listing(&Query::Spaces(key.domain_key()));
            // Where the domain itself is gone, so are all its spaces.
            let domains = fleet.listing(&Query::Domains(key.scope.clone()));
            let is_gone = listing.map_or_else(
                || {
                    fleet.domains.get(&key.domain_key()).is_none()
                        && domains.is_some_and(crate::fleet::Listing::is_complete)
                },
                crate::fleet::Listing::is_complete,
            );
            let why = if is_gone { "owner not known" } else { "owner not read" };
            format!("space {} ({why})", key.name)
        }
    }
}

/// By which tags what was used came to users, in one currency. The parts and what is untagged are the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attributed {
    /// By the user's own tag: kernels of Studio Classic, jobs.
    pub by_tag: Nanos,
    /// By the tag of a private space, through its owner.
    pub by_space: Nanos,
    /// Of shared spaces, which belong to nobody alone.
    pub shared: Nanos,
    /// Of spaces whose owner is not known.
    pub ownerless: Nanos,
}

impl CostReport {
    /// How the rows of a currency came to users; `None` where it is not grouped by users through their spaces.
    pub fn attributed(&self, currency: &str) -> Option<Attributed> {
        let mut sums = Attributed::default();
        for row in self.rows.iter().filter(|row| *row.currency == *currency) {
            match row.kind {
                CostKind::Group => {
                    sums.by_tag += row.sums.cost - row.through_spaces;
                    sums.by_space += row.through_spaces;
                }
                CostKind::SharedSpace => sums.shared += row.sums.cost,
                CostKind::OwnerlessSpace => sums.ownerless += row.sums.cost,
                _ => {}
            }
        }
        self.by_owner.then_some(sums)
    }
}

/// What is untagged in a grouping, and how it becomes less.
pub fn untagged_reason(group: &CostGroup, by_owner: bool) -> String {
    match group {
        CostGroup::Tag(tag) => format!(
            "untagged is what was billed without `{tag}`: tag users, spaces or domains, restart their apps, and have the \
             tag activated; file systems (EFS) are not billed by tag"
        ),
        CostGroup::User if by_owner => "untagged has neither the tag of a user nor that of a space: jobs and endpoints made \
                                        outside of Studio, and what was billed before the tags were activated"
            .to_owned(),
        CostGroup::User => "on two levels there is room for the user's own tag alone, and apps in spaces have the tag of \
                            the space: group by user on one level, or by user and then by space"
            .to_owned(),
        _ => "untagged is what was billed before the tag was activated, and what Studio does not tag: jobs and endpoints \
              made outside of Studio, file systems (EFS)"
            .to_owned(),
    }
}
