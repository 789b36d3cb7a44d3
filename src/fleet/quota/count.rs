//! How much of each limit the fleet uses, counted as AWS counts.
//!
//! The rules, each tested below: an app counts from `Pending` until it is `Deleted`, so also while it starts and while
//! it is being deleted; a failed one does not. Quotas of apps count apps, not instances ("... is 2 Apps, with current
//! utilization of 2 Apps"), so Classic kernels that share an instance count one each. Domains, user profiles and spaces
//! count in every state until they are gone. Where a list was not read to its end the count is a least one.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::addresses::rooms;
use super::limited::{Limited, instance_of};
use crate::fleet::{
    App, AppStatus, AppType, DomainKey, Fleet, Known, Listing, Name, Owner, Query, Scope, Sharing, SpaceKey,
};

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Used {
    /// So many.
    pub count: u64,
    /// Whether there may be more: a list was not read to its end, or AWS does not say what an app runs on.
    pub at_least: bool,
}

impl std::fmt::Display for Used {
    /// `3`, `≥3`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.at_least { "≥" } else { "" };
        f.pad(&format!("{sign}{}", crate::fleet::wording::Count(self.count)))
    }
}

/// What the fleet uses of every limit, counted in one pass.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    counts: HashMap<(Scope, Limited), u64>,
    /// What may be more than was counted, since an app is in a state this program does not know.
    odd: HashSet<(Scope, Limited)>,
    /// App types of which one runs on an instance that AWS does not tell.
    vague: HashSet<(Scope, AppType)>,
    lists: HashMap<Scope, Lists>,
    addresses: HashMap<(Scope, Limited), u64>,
}

/// How far the lists of a scope were read.
#[derive(Debug, Clone, Copy, Default)]
struct Lists {
    domains: Extent,
    users: Extent,
    spaces: Extent,
    apps: Extent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Extent {
    #[default]
    Nothing,
    Part,
    All,
}

impl Extent {
    fn of(listing: Option<&Listing>) -> Self {
        match listing {
            Some(listing) if listing.is_complete() => Self::All,
            Some(listing) if listing.rows > 0 || listing.complete_at.is_some() => Self::Part,
            _ => Self::Nothing,
        }
    }

    /// Of two lists that belong together.
    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Part }
    }
}

impl Uses {
    /// Counts a fleet.
    pub fn count(fleet: &Fleet) -> Self {
        let mut uses = Self::default();
        for (query, _) in fleet.listings() {
            if let Query::Domains(scope) = query {
                uses.lists.insert(scope.clone(), lists_of(fleet, scope));
            }
        }
        for domain in fleet.domains.iter() {
            uses.add(&domain.key.scope, Limited::Domains, 1);
        }
        for user in fleet.users.iter() {
            uses.add(&user.key.scope, Limited::Users, 1);
        }
        for space in fleet.spaces.iter() {
            let scope = &space.key.scope;
            uses.add(scope, Limited::Spaces, 1);
            match space.ebs_gb {
                Some(gb) => uses.add(scope, Limited::SpaceStorage, u64::from(gb)),
                // Shared spaces of Studio Classic have no volume of their own.
                None if space.app_type.as_ref().is_none_or(AppType::is_classic) => {}
                None => drop(uses.odd.insert((scope.clone(), Limited::SpaceStorage))),
            }
        }
        // By borrowed parts first, so that not every app needs a key of its own.
        let mut apps: HashMap<(&Scope, &AppType, Option<&str>), [u64; 2]> = HashMap::new();
        for app in fleet.apps.iter() {
            let counts = match holds(app) {
                Known::Absent => continue,
                Known::Value(()) => [1, 0],
                Known::Unknown => [0, 1],
            };
            let sums = apps.entry((&app.key.scope, &app.key.app_type, instance_of(app))).or_default();
            sums[0] += counts[0];
            sums[1] += counts[1];
        }
        for ((scope, app_type, instance), [certain, odd]) in apps {
            uses.add_apps(scope, app_type, instance, certain, odd);
        }
        for room in rooms(fleet) {
            if let (Some(total), Some(free)) = (room.total, room.free) {
                let key = (room.scope.clone(), Limited::Addresses(room.subnet.clone()));
                uses.addresses.insert(key, u64::from(total.saturating_sub(free)));
            }
        }
        uses
    }

    /// How much is used of a limit; `None` if nothing is known of it.
    pub fn of(&self, scope: &Scope, limited: &Limited) -> Option<Used> {
        if let Limited::Addresses(_) = limited {
            let count = *self.addresses.get(&(scope.clone(), limited.clone()))?;
            return Some(Used { count, at_least: false });
        }
        let lists = self.lists.get(scope).copied().unwrap_or_default();
        let extent = match limited {
            Limited::Domains => lists.domains,
            Limited::Users => lists.users,
            Limited::Spaces | Limited::SpaceStorage => lists.spaces,
            Limited::Apps(..) | Limited::RunningApps | Limited::Addresses(_) => lists.apps,
        };
        let key = (scope.clone(), limited.clone());
        let count = self.counts.get(&key).copied().unwrap_or(0);
        let is_vague = match limited {
            Limited::Apps(app_type, _) => self.vague.contains(&(scope.clone(), app_type.clone())),
            _ => false,
        };
        let at_least = extent != Extent::All || is_vague || self.odd.contains(&key);
        // "At least none" says nothing.
        (count > 0 || extent != Extent::Nothing).then_some(Used { count, at_least })
    }

    /// Everything of a scope of which some is used.
    pub(super) fn used(&self, scope: &Scope) -> impl Iterator<Item = &Limited> {
        self.counts.keys().filter(move |(at, _)| at == scope).map(|(_, limited)| limited)
    }

    /// The scopes that something was read of.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.lists.keys()
    }

    fn add(&mut self, scope: &Scope, limited: Limited, count: u64) {
        let sum = self.counts.entry((scope.clone(), limited)).or_default();
        *sum = sum.saturating_add(count);
    }

    /// Apps of one type on one instance type: so many that count for sure, and so many that may.
    fn add_apps(
        &mut self,
        scope: &Scope,
        app_type: &AppType,
        instance: Option<&str>,
        certain: u64,
        odd: u64,
    ) {
        self.add(scope, Limited::RunningApps, certain);
        if odd > 0 {
            self.odd.insert((scope.clone(), Limited::RunningApps));
        }
        let Some(instance) = instance else {
            self.vague.insert((scope.clone(), app_type.clone()));
            return;
        };
        let limited = Limited::Apps(app_type.clone(), instance.into());
        if odd > 0 {
            self.odd.insert((scope.clone(), limited.clone()));
        }
        self.add(scope, limited, certain);
    }
}

/// Whether an app counts: unknown where its state is not one this program knows.
fn holds(app: &App) -> Known<()> {
    match app.status {
        AppStatus::Pending | AppStatus::InService | AppStatus::Deleting => Known::Value(()),
        AppStatus::Failed | AppStatus::Deleted => Known::Absent,
        AppStatus::Other(_) => Known::Unknown,
    }
}

fn lists_of(fleet: &Fleet, scope: &Scope) -> Lists {
    let domains = Extent::of(fleet.listing(&Query::Domains(scope.clone())));
    if domains == Extent::Nothing {
        return Lists::default();
    }
    let keys: Vec<&DomainKey> =
        fleet.domains.iter().map(|domain| &domain.key).filter(|key| key.scope == *scope).collect();
    let under = |query: &dyn Fn(DomainKey) -> Query| {
        let each = keys.iter().map(|key| Extent::of(fleet.listing(&query((*key).clone()))));
        // Of no domain there is nothing more to be read.
        each.reduce(Extent::and).map_or(domains, |all| match (all, domains) {
            (Extent::All, Extent::All) => Extent::All,
            (Extent::Nothing, _) => Extent::Nothing,
            _ => Extent::Part,
        })
    };
    Lists { domains, users: under(&Query::Users), spaces: under(&Query::Spaces), apps: under(&Query::Apps) }
}

/// Who uses a part of a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The domain.
    pub domain: DomainKey,
    /// The user profile, or the shared space; none where whole domains are counted.
    pub owner: Option<Owner>,
    /// How much.
    pub count: u64,
    /// On how many instances, where that is fewer than apps: Classic kernels of one owner share them.
    pub instances: u64,
}

/// Who uses a limit, the greatest part first.
pub fn holders(fleet: &Fleet, scope: &Scope, limited: &Limited) -> Vec<Holder> {
    let mut parts: BTreeMap<(DomainKey, Option<Owner>), Part> = BTreeMap::new();
    match limited {
        Limited::Apps(..) | Limited::RunningApps => {
            for app in fleet.apps.iter().filter(|app| app.key.scope == *scope) {
                let is_meant = match limited {
                    Limited::Apps(app_type, instance) => {
                        app.key.app_type == *app_type && instance_of(app) == Some(instance)
                    }
                    _ => true,
                };
                if is_meant && holds(app) == Known::Value(()) {
                    let part = parts.entry((app.key.domain_key(), Some(owner_of(fleet, app)))).or_default();
                    part.count += 1;
                    part.instances.insert(instance_id(app));
                }
            }
        }
        Limited::Domains => {
            for domain in fleet.domains.iter().filter(|domain| domain.key.scope == *scope) {
                parts.entry((domain.key.clone(), None)).or_default().count += 1;
            }
        }
        Limited::Users => {
            for user in fleet.users.iter().filter(|user| user.key.scope == *scope) {
                parts.entry((user.key.domain_key(), None)).or_default().count += 1;
            }
        }
        Limited::Spaces | Limited::SpaceStorage => {
            for space in fleet.spaces.iter().filter(|space| space.key.scope == *scope) {
                let owner = match &space.owner {
                    Some(name) => Owner::User(name.clone()),
                    None => Owner::Space(space.key.name.clone()),
                };
                let count =
                    if *limited == Limited::Spaces { 1 } else { u64::from(space.ebs_gb.unwrap_or(0)) };
                parts.entry((space.key.domain_key(), Some(owner))).or_default().count += count;
            }
        }
        Limited::Addresses(subnet) => {
            let room = rooms(fleet).into_iter().find(|room| room.scope == *scope && room.subnet == *subnet);
            for domain in room.into_iter().flat_map(|room| room.domains) {
                let live = fleet.apps.iter().filter(|app| app.key.domain_key() == domain);
                let live = live.filter(|app| holds(app) == Known::Value(())).count();
                parts.entry((domain, None)).or_default().count += live as u64;
            }
        }
    }
    let mut all: Vec<Holder> = parts
        .into_iter()
        .filter(|(_, part)| part.count > 0 || matches!(limited, Limited::Addresses(_)))
        .map(|((domain, owner), part)| {
            let instances = if part.instances.is_empty() { part.count } else { part.instances.len() as u64 };
            Holder { domain, owner, count: part.count, instances }
        })
        .collect();
    all.sort_by_key(|holder| std::cmp::Reverse(holder.count));
    all
}

/// Who holds each quota of apps, the greatest part first: user profiles, and shared spaces, by name.
pub fn leading(fleet: &Fleet) -> HashMap<(Scope, Limited), Vec<(Name, u64)>> {
    let mut parts: HashMap<(&Scope, &AppType, &str), HashMap<Name, u64>> = HashMap::new();
    for app in fleet.apps.iter() {
        if let (Known::Value(()), Some(instance)) = (holds(app), instance_of(app)) {
            let owners = parts.entry((&app.key.scope, &app.key.app_type, instance)).or_default();
            *owners.entry(owner_of(fleet, app).name().clone()).or_default() += 1;
        }
    }
    let ordered = |owners: HashMap<Name, u64>| {
        let mut owners: Vec<(Name, u64)> = owners.into_iter().collect();
        owners.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        owners
    };
    let limited = |app_type: &AppType, instance: &str| Limited::Apps(app_type.clone(), instance.into());
    parts
        .into_iter()
        .map(|((scope, app_type, instance), owners)| {
            ((scope.clone(), limited(app_type, instance)), ordered(owners))
        })
        .collect()
}

#[derive(Default)]
struct Part {
    count: u64,
    instances: HashSet<(Option<Name>, String)>,
}

/// Tells instances of one owner apart: a Classic kernel shares the one of its type, any other app has its own.
fn instance_id(app: &App) -> (Option<Name>, String) {
    let instance = instance_of(app).unwrap_or_default().to_owned();
    if app.key.app_type == AppType::KernelGateway {
        (None, instance)
    } else {
        (Some(app.key.owner.name().clone()), format!("{} {} {instance}", app.key.app_type, app.key.name))
    }
}

/// The user profile behind an app, or the shared space it runs in.
fn owner_of(fleet: &Fleet, app: &App) -> Owner {
    match &app.key.owner {
        Owner::User(_) => app.key.owner.clone(),
        Owner::Space(name) => {
            let space: Option<SpaceKey> = app.key.space_key();
            let space = space.and_then(|key| fleet.spaces.get(&key));
            // A shared space has somebody who made it, and is nobody's.
            let private = space.filter(|space| space.sharing != Some(Sharing::Shared));
            let owner = private.and_then(|space| space.owner.clone());
            owner.map_or_else(|| Owner::Space(name.clone()), Owner::User)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Answer, Page, Problem, ProblemKind, sample};

    fn used(fleet: &Fleet, limited: &Limited) -> String {
        Uses::count(fleet).of(&sample::scope(), limited).map_or("unknown".to_owned(), |used| used.to_string())
    }

    fn apps(app_type: AppType, instance: &str) -> Limited {
        Limited::Apps(app_type, instance.into())
    }

    fn with(status: AppStatus, instance: Option<&str>) -> App {
        App { status, instance: instance.map(Into::into), ..sample::space_app("lab") }
    }

    fn fleet(apps: Vec<App>) -> Fleet {
        sample::fleet(vec![], vec![], apps)
    }

    #[test]
    fn an_app_counts_from_pending_until_it_is_deleted() {
        let quota = apps(AppType::JupyterLab, "ml.g5.xlarge");
        for (status, expected) in [
            (AppStatus::Pending, "1"),
            (AppStatus::InService, "1"),
            (AppStatus::Deleting, "1"),
            (AppStatus::Failed, "0"),
            (AppStatus::Deleted, "0"),
            (AppStatus::Other("Hibernating".into()), "≥0"),
        ] {
            let fleet = fleet(vec![with(status.clone(), Some("ml.g5.xlarge"))]);
            assert_eq!(used(&fleet, &quota), expected, "{status}");
            assert_eq!(used(&fleet, &Limited::RunningApps), expected, "{status}");
            assert_eq!(used(&fleet, &apps(AppType::CodeEditor, "ml.g5.xlarge")), "0");
            assert_eq!(used(&fleet, &apps(AppType::JupyterLab, "ml.g5.2xlarge")), "0");
        }
    }

    #[test]
    fn classic_kernels_that_share_an_instance_count_one_each_and_say_on_how_many_instances() {
        // Two images of anna's on one instance are two apps of the quota, and one instance on the bill.
        let quota = apps(AppType::KernelGateway, "ml.g5.xlarge");
        let kernel = |user: &str, name: &str| sample::app(user, AppType::KernelGateway, name);
        let fleet = fleet(vec![kernel("anna", "one"), kernel("anna", "two"), kernel("ben", "one")]);
        assert_eq!(used(&fleet, &quota), "3");
        assert_eq!(used(&fleet, &Limited::RunningApps), "3");
        let held: Vec<_> = holders(&fleet, &sample::scope(), &quota)
            .into_iter()
            .map(|holder| (holder.owner.unwrap().name().to_string(), holder.count, holder.instances))
            .collect();
        assert_eq!(held, [("anna".to_owned(), 2, 1), ("ben".to_owned(), 1, 1)]);
    }

    #[test]
    fn the_system_of_a_classic_kernel_counts_as_the_instance_it_stands_for() {
        let mut kernel = sample::app("anna", AppType::KernelGateway, "one");
        kernel.instance = Some("system".into());
        let mut server = sample::app("anna", AppType::JupyterServer, "default");
        server.instance = Some("system".into());
        let fleet = fleet(vec![kernel, server]);
        assert_eq!(used(&fleet, &apps(AppType::KernelGateway, "ml.t3.medium")), "1");
        assert_eq!(used(&fleet, &apps(AppType::KernelGateway, "system")), "0");
        assert_eq!(used(&fleet, &apps(AppType::JupyterServer, "system")), "1");
        assert_eq!(used(&fleet, &Limited::RunningApps), "2");
    }

    #[test]
    fn an_app_whose_instance_is_not_told_makes_every_count_of_its_type_a_least_one() {
        let fleet = fleet(vec![with(AppStatus::InService, None)]);
        assert_eq!(used(&fleet, &apps(AppType::JupyterLab, "ml.g5.xlarge")), "≥0");
        assert_eq!(used(&fleet, &apps(AppType::CodeEditor, "ml.g5.xlarge")), "0");
        assert_eq!(used(&fleet, &Limited::RunningApps), "1", "that it runs is known");
    }

    #[test]
    fn what_was_not_read_is_unknown_and_what_was_read_in_part_is_a_least_count() {
        let nothing = Fleet::default();
        assert_eq!(used(&nothing, &Limited::RunningApps), "unknown");
        let mut part = fleet(vec![with(AppStatus::InService, Some("ml.g5.xlarge"))]);
        part.fail(&Query::Apps(sample::domain_key()), Problem::new(ProblemKind::Throttled, "slow down", ""));
        assert_eq!(used(&part, &Limited::RunningApps), "≥1");
        assert_eq!(used(&part, &Limited::Domains), "1", "the other lists are whole");
        let mut unread = Fleet::default();
        let domains = Page { rows: vec![sample::domain()], first: true, last: true };
        unread.absorb(&Query::Domains(sample::scope()), Answer::Domains(domains), sample::now());
        assert_eq!(used(&unread, &Limited::RunningApps), "unknown", "no list of apps was read");
        assert_eq!(used(&unread, &Limited::Domains), "1");
    }

    #[test]
    fn an_account_without_domains_uses_nothing_and_that_is_known() {
        let mut empty = Fleet::default();
        let none = Page { rows: vec![], first: true, last: true };
        empty.absorb(&Query::Domains(sample::scope()), Answer::Domains(none), sample::now());
        for limited in Limited::account_wide() {
            assert_eq!(used(&empty, &limited), "0", "{limited}");
        }
    }

    #[test]
    fn profiles_and_spaces_count_in_every_state_and_volumes_by_their_size() {
        let mut deleting = sample::user("ben");
        deleting.status = crate::fleet::Status::Deleting;
        let mut unsized_space = sample::space("odd", "ben", Sharing::Private);
        unsized_space.ebs_gb = None;
        let spaces = vec![
            sample::space("lab", "anna", Sharing::Private),
            sample::space("hut", "anna", Sharing::Private),
        ];
        let users = vec![sample::user("anna"), deleting];
        let fleet = sample::fleet(users.clone(), spaces.clone(), vec![]);
        assert_eq!(used(&fleet, &Limited::Users), "2");
        assert_eq!(used(&fleet, &Limited::Spaces), "2");
        assert_eq!(used(&fleet, &Limited::SpaceStorage), "100");
        let all = [spaces, vec![unsized_space]].concat();
        let fleet = sample::fleet(users, all, vec![]);
        assert_eq!(used(&fleet, &Limited::SpaceStorage), "≥100");
        let held = holders(&fleet, &sample::scope(), &Limited::SpaceStorage);
        assert_eq!((held.len(), held[0].count), (1, 100));
    }

    #[test]
    fn apps_of_private_spaces_are_held_by_their_users_and_those_of_shared_ones_by_the_space() {
        let spaces = vec![
            sample::space("lab", "anna", Sharing::Private),
            sample::space("hut", "anna", Sharing::Shared),
        ];
        let fleet = sample::fleet(vec![], spaces, vec![sample::space_app("lab"), sample::space_app("hut")]);
        let held = holders(&fleet, &sample::scope(), &Limited::RunningApps);
        let owners: Vec<_> = held.into_iter().map(|holder| holder.owner.unwrap()).collect();
        assert_eq!(owners, [Owner::User(Name::new("anna")), Owner::Space(Name::new("hut"))]);
    }
}
