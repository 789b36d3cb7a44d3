//! Cost allocation tags: which keys the bill shows, and from which day on. Knows no request.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Billing;
use super::calendar::{Day, day_of};
use crate::sim::clock::{DAY, HOUR, Millis};
use crate::sim::world::{Name, Row, Tags, World};

/// The tags that Studio sets itself (aws.md 6).
pub(super) const SYSTEM: [&str; 3] =
    ["sagemaker:domain-arn", "sagemaker:user-profile-arn", "sagemaker:space-arn"];
/// How long it takes until a bill is written with a tag that was activated (aws.md 6).
const ACTIVATION: Millis = 24 * HOUR;
/// How long the bills of the past take to be written anew.
const BACKFILL: Millis = 6 * HOUR;

/// A cost allocation tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostTag {
    /// `Type` is `AWSGenerated`, not `UserDefined`.
    pub is_generated: bool,
    /// When it was activated; `None` if it is `Inactive`.
    pub active_since: Option<Millis>,
    /// From which day on it counts once a backfill is done, and when that is.
    pub backfilled: Option<(Day, Millis)>,
    /// `LastUpdatedDate`.
    pub updated: Option<Millis>,
    /// `LastUsedDate`.
    pub used: Option<Millis>,
}

impl CostTag {
    /// A tag that somebody uses and nobody has activated.
    pub fn inactive() -> Self {
        Self { is_generated: false, active_since: None, backfilled: None, updated: None, used: None }
    }

    /// A tag that is active since a time.
    pub fn active(since: Millis) -> Self {
        Self { active_since: Some(since), updated: Some(since), ..Self::inactive() }
    }
}

/// A request for tags to count in the past too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// From which day on.
    pub from: Day,
    /// When it was asked for.
    pub requested: Millis,
}

impl Backfill {
    /// When the bills are written anew.
    pub fn completed(&self) -> Millis {
        self.requested + BACKFILL
    }
}

impl Billing {
    /// The first day on whose lines the bill shows a tag; `None` if it shows it on none.
    pub(in crate::sim) fn counts_from(&self, key: &str, now: Millis) -> Option<Day> {
        let tag = self.tags.get(key)?;
        let since = tag.active_since?;
        let first = day_of(since + ACTIVATION);
        let early = tag.backfilled.filter(|(_, done)| *done <= now).map_or(first, |(day, _)| day);
        // Not before the first bill with it is written, however early it counts.
        (since + ACTIVATION <= now).then_some(first.min(early))
    }

    /// Switches a tag on or off.
    pub(in crate::sim) fn set_active(&mut self, key: &str, active: bool, now: Millis) {
        if let Some(tag) = self.tags.get_mut(key).filter(|tag| tag.active_since.is_some() != active) {
            tag.active_since = active.then_some(now);
            tag.backfilled = None;
            tag.updated = Some(now);
        }
    }

    /// Asks for all tags that are active to count from an earlier day on.
    pub(in crate::sim) fn backfill(&mut self, from: Day, now: Millis) {
        let request = Backfill { from, requested: now };
        for tag in self.tags.values_mut().filter(|tag| tag.active_since.is_some()) {
            tag.backfilled = Some((from, request.completed()));
        }
        self.backfills.push(request);
    }
}

impl World {
    /// Adds the keys in use that cost allocation does not know yet, as it does within a day.
    pub(in crate::sim) fn discover_cost_tags(&mut self) {
        let now = self.now();
        let mut known: BTreeSet<*const ()> = BTreeSet::new();
        let mut found: BTreeSet<Name> = BTreeSet::new();
        let mut add = |tags: &Tags, created: Millis| {
            if created + DAY <= now && known.insert(Arc::as_ptr(tags).cast()) {
                found.extend(tags.keys().cloned());
            }
        };
        for region in self.accounts.values().flat_map(|account| account.regions.values()) {
            region.domains.values().for_each(|domain| add(&domain.tags, domain.created));
            region.profiles.iter().for_each(|(_, profile)| add(&profile.tags, profile.created()));
            region.spaces.iter().for_each(|(_, space)| add(&space.tags, space.created()));
            region.apps.iter().for_each(|(_, app)| add(&app.tags, app.created()));
        }
        let mut regions = self.accounts.values().flat_map(|account| account.regions.values());
        if regions.any(|region| region.domains.values().any(|domain| domain.created + DAY <= now)) {
            found.extend(SYSTEM.map(Name::from));
        }
        for key in found {
            let tag = self.billing.tags.entry(key).or_insert_with(CostTag::inactive);
            tag.used = Some(now);
        }
    }
}
