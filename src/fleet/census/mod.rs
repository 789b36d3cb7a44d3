//! What the fleet adds up to, counted in one pass over its rows; by position, so that it stays small.
//!
//! A census holds for the fleet it was taken of. Rows that came later have no figures in it; once rows have gone
//! from a shelf ([`Shelf::layout`](super::Shelf::layout)), its figures of that shelf are not given any more.

mod count;
mod passing;
mod places;
mod sum;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{AppStatus, Fleet, IdleRule, ObjectAt, ObjectKey, ObjectKind, Rate, Status, Timestamp};

pub use passing::{DELETING_LIMIT, PENDING_LIMIT, Stuck};
pub use sum::Sum;
pub(super) use sum::is_running;

/// How many rows the lists of the greatest have.
pub const TOP: usize = 10;

/// Figures of a fleet at one time.
#[derive(Debug, Clone, Default)]
pub struct Census {
    at: Timestamp,
    revision: u64,
    layouts: [u64; 4],
    rule: IdleRule,
    apps: Vec<AppFigures>,
    domains: Vec<Sum>,
    users: Vec<Sum>,
    spaces: Vec<Sum>,
    space_apps: Vec<u32>,
    lists: Vec<Lists>,
    totals: Totals,
    passing: HashMap<ObjectKey, passing::Seen>,
}

/// Figures of one app.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AppFigures {
    /// What it costs per hour.
    pub rate: Rate,
    /// The position of its domain, if that is known.
    pub domain: Option<u32>,
    /// The position of the user profile it belongs to, directly or as the owner of its space.
    pub user: Option<u32>,
    /// The position of the space it runs in.
    pub space: Option<u32>,
}

/// Which lists of a domain were seen to their end at least once, so that their counts are no guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lists {
    /// `ListUserProfiles`.
    pub users: bool,
    /// `ListSpaces`.
    pub spaces: bool,
    /// `ListApps`.
    pub apps: bool,
}

/// Figures of the whole fleet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Totals {
    /// Everything added up.
    pub all: Sum,
    /// How many domains there are.
    pub domains: u32,
    /// Domains by status.
    pub domain_status: BTreeMap<Status, u32>,
    /// User profiles by status.
    pub user_status: BTreeMap<Status, u32>,
    /// Spaces by status.
    pub space_status: BTreeMap<Status, u32>,
    /// Apps by status, those already stopped too.
    pub app_status: BTreeMap<AppStatus, u32>,
    /// What has failed and waits for a person.
    pub faults: Vec<ObjectAt>,
    /// What has been in a passing state for too long, the longest first.
    pub stuck: Vec<Stuck>,
    /// The domains that cost most per hour, with their dollars.
    pub top_domains: Vec<(u32, f64)>,
    /// The user profiles that cost most per hour, with their dollars.
    pub top_users: Vec<(u32, f64)>,
    /// The spaces that cost most per hour, with their dollars.
    pub top_spaces: Vec<(u32, f64)>,
    /// The apps proven idle for longest, with the seconds proven.
    pub longest_idle: Vec<(u32, f64)>,
    /// What runs, by instance type, the dearest first; an app without a type is under `unknown`.
    pub instances: Vec<InstanceSum>,
}

/// What runs on one instance type.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceSum {
    /// The instance type.
    pub instance: Arc<str>,
    /// Apps that run on it.
    pub running: u32,
    /// Dollars per hour, as far as prices are known.
    pub burn: f64,
    /// Running apps whose price is not known.
    pub unknown_prices: u32,
}

impl Census {
    /// Counts a fleet. `previous` is the last census of the same fleet: it knows since when something is passing,
    /// which AWS does not tell.
    pub fn take(fleet: &Fleet, now: Timestamp, rule: IdleRule, previous: Option<&Self>) -> Self {
        count::count(fleet, now, rule, previous)
    }

    /// When it was taken.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The revision of the fleet it was taken of.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// By which rule it judged idleness.
    pub fn rule(&self) -> &IdleRule {
        &self.rule
    }

    /// Figures of the whole fleet.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Figures of the app at a position.
    pub fn app(&self, fleet: &Fleet, position: usize) -> Option<&AppFigures> {
        self.holds(fleet, ObjectKind::App).then(|| self.apps.get(position)).flatten()
    }

    /// Figures of the domain at a position.
    pub fn domain(&self, fleet: &Fleet, position: usize) -> Option<&Sum> {
        self.holds(fleet, ObjectKind::Domain).then(|| self.domains.get(position)).flatten()
    }

    /// Figures of the user profile at a position.
    pub fn user(&self, fleet: &Fleet, position: usize) -> Option<&Sum> {
        self.holds(fleet, ObjectKind::User).then(|| self.users.get(position)).flatten()
    }

    /// Figures of the space at a position.
    pub fn space(&self, fleet: &Fleet, position: usize) -> Option<&Sum> {
        self.holds(fleet, ObjectKind::Space).then(|| self.spaces.get(position)).flatten()
    }

    /// The position of the app in the space at a position: the one that is not over, or else the newest.
    pub fn space_app(&self, fleet: &Fleet, position: usize) -> Option<usize> {
        let holds = self.holds(fleet, ObjectKind::Space) && self.holds(fleet, ObjectKind::App);
        let app = holds.then(|| self.space_apps.get(position)).flatten()?;
        (*app != places::NOWHERE).then_some(*app as usize)
    }

    /// Which lists of the domain at a position were seen to their end.
    pub fn lists(&self, fleet: &Fleet, domain: usize) -> Lists {
        let lists = self.holds(fleet, ObjectKind::Domain).then(|| self.lists.get(domain)).flatten();
        lists.copied().unwrap_or_default()
    }

    /// What was in a passing state when the census was taken, in no order.
    pub fn passing(&self) -> impl Iterator<Item = &ObjectKey> {
        self.passing.keys()
    }

    /// Whether positions on all shelves are still those of when the census was taken.
    pub fn places_hold(&self, fleet: &Fleet) -> bool {
        self.layouts == layouts(fleet)
    }

    /// Whether positions on a shelf are still those of when the census was taken.
    fn holds(&self, fleet: &Fleet, kind: ObjectKind) -> bool {
        self.layouts[kind as usize] == layouts(fleet)[kind as usize]
    }
}

/// The layouts of the shelves, in the order of [`ObjectKind`].
fn layouts(fleet: &Fleet) -> [u64; 4] {
    [fleet.domains.layout(), fleet.users.layout(), fleet.spaces.layout(), fleet.apps.layout()]
}

#[cfg(test)]
mod tests;
