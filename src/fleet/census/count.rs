//! The pass over the rows.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::passing::Watch;
use super::places::{NOWHERE, Places, somewhere};
use super::sum::{AppShare, Sum, is_running};
use super::{AppFigures, Census, InstanceSum, Lists, TOP, Totals, layouts};
use crate::fleet::burn::{Billed, SharedInstance, billed, shared_instance};
use crate::fleet::quick_hash::QuickMap;
use crate::fleet::{
    App, AppType, Fleet, IdleRule, Known, NoPrice, ObjectAt, ObjectKind, Owner, Query, Rate, Status,
    Timestamp, hourly_price, storage_price, verdict,
};

pub(super) fn count(fleet: &Fleet, now: Timestamp, rule: IdleRule, previous: Option<&Census>) -> Census {
    let mut places = Places::of(fleet);
    let mut totals = Totals { domains: position(fleet.domains.len()), ..Totals::default() };
    let mut watch = Watch {
        now,
        previous: previous.map(|census| &census.passing),
        seen: HashMap::new(),
        stuck: Vec::new(),
    };
    let mut domains = vec![Sum::default(); fleet.domains.len()];
    let mut users = vec![Sum::default(); fleet.users.len()];
    let mut spaces = vec![Sum::default(); fleet.spaces.len()];
    let mut space_apps = vec![NOWHERE; fleet.spaces.len()];
    let mut space_owners = vec![NOWHERE; fleet.spaces.len()];

    for (at, domain) in objects(ObjectKind::Domain).zip(fleet.domains.iter()) {
        tally(&mut totals.domain_status, &domain.status);
        note_fault(&mut totals.faults, at, &domain.status);
        watch.domain(at, domain);
    }
    for (at, user) in objects(ObjectKind::User).zip(fleet.users.iter()) {
        tally(&mut totals.user_status, &user.status);
        note_fault(&mut totals.faults, at, &user.status);
        watch.user(at, user);
        let domain = places.domain(&user.key.scope, &user.key.domain);
        totals.all.users += 1;
        if let Some(sum) = domains.get_mut(domain as usize) {
            sum.users += 1;
        }
    }
    for (at, space) in objects(ObjectKind::Space).zip(fleet.spaces.iter()) {
        tally(&mut totals.space_status, &space.status);
        note_fault(&mut totals.faults, at, &space.status);
        watch.space(at, space);
        let domain = places.domain(&space.key.scope, &space.key.domain);
        let owner = space.owner.as_ref().map_or(NOWHERE, |name| places.user(domain, name));
        let dollars = match space.ebs_gb {
            Some(gb) => storage_price(fleet, space.key.scope.region(), gb),
            None => Known::Absent,
        };
        let own = at.position as usize;
        space_owners[own] = owner;
        totals.all.add_space(space.ebs_gb, dollars);
        let sums = [domains.get_mut(domain as usize), users.get_mut(owner as usize), spaces.get_mut(own)];
        for sum in sums.into_iter().flatten() {
            sum.add_space(space.ebs_gb, dollars);
        }
    }

    let placed: Vec<Placed> =
        fleet.apps.iter().map(|app| Placed::of(app, &mut places, &space_owners)).collect();
    let carried = carried(fleet, &placed);
    let mut prices = Prices { fleet, known: QuickMap::default() };
    let mut instances = Instances::default();
    let mut apps = Vec::with_capacity(fleet.apps.len());
    for (at, app) in objects(ObjectKind::App).zip(fleet.apps.iter()) {
        tally(&mut totals.app_status, &app.status);
        if app.status.is_fault() {
            totals.faults.push(at);
        }
        watch.app(at, app);
        let Placed { domain, user, space } = placed[at.position as usize];
        let rate = match carried.get(at.position as usize) {
            Some(true) => Rate::Shared,
            _ => prices.rate(app),
        };
        let verdict = verdict(app, now, &rule);
        let share = AppShare::of(app, rate, verdict, &rule);
        totals.all.add(&share);
        let sums =
            [domains.get_mut(domain as usize), users.get_mut(user as usize), spaces.get_mut(space as usize)];
        for sum in sums.into_iter().flatten() {
            sum.add(&share);
        }
        if is_running(&app.status) {
            instances.add(app, rate);
        }
        if let Some(proven) = verdict.proven() {
            keep_top(&mut totals.longest_idle, at.position, proven.as_secs_f64());
        }
        if let Some(current) = space_apps.get_mut(space as usize) {
            *current = latest(fleet, *current, at.position);
        }
        apps.push(AppFigures {
            rate,
            domain: somewhere(domain),
            user: somewhere(user),
            space: somewhere(space),
        });
    }

    for (sums, top) in [
        (&domains, &mut totals.top_domains),
        (&users, &mut totals.top_users),
        (&spaces, &mut totals.top_spaces),
    ] {
        for (position, sum) in (0..).zip(sums).filter(|(_, sum)| sum.burn > 0.0) {
            keep_top(top, position, sum.burn);
        }
    }
    watch.stuck.sort_by_key(|stuck| stuck.since);
    totals.stuck = watch.stuck;
    totals.instances = instances.sorted();
    let lists = fleet.domains.iter().map(|domain| {
        let seen = |query: &Query| fleet.listing(query).is_some_and(|listing| listing.complete_at.is_some());
        Lists {
            users: seen(&Query::Users(domain.key.clone())),
            spaces: seen(&Query::Spaces(domain.key.clone())),
            apps: seen(&Query::Apps(domain.key.clone())),
        }
    });
    Census {
        at: now,
        revision: fleet.revision(),
        layouts: layouts(fleet),
        rule,
        apps,
        lists: lists.collect(),
        domains,
        users,
        spaces,
        space_apps,
        totals,
        passing: watch.seen,
    }
}

/// The places on a shelf.
fn objects(kind: ObjectKind) -> impl Iterator<Item = ObjectAt> {
    (0..).map(move |position| ObjectAt { kind, position })
}

/// A count or position; a fleet of four billion rows is not foreseen, and would be cut off here.
fn position(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn tally<K: Ord + Clone>(counts: &mut BTreeMap<K, u32>, status: &K) {
    match counts.get_mut(status) {
        Some(count) => *count += 1,
        None => {
            counts.insert(status.clone(), 1);
        }
    }
}

fn note_fault(faults: &mut Vec<ObjectAt>, at: ObjectAt, status: &Status) {
    if status.is_fault() {
        faults.push(at);
    }
}

/// The positions of what an app belongs to.
#[derive(Clone, Copy)]
struct Placed {
    domain: u32,
    user: u32,
    space: u32,
}

impl Placed {
    fn of<'a>(app: &'a App, places: &mut Places<'a>, space_owners: &[u32]) -> Self {
        let domain = places.domain(&app.key.scope, &app.key.domain);
        match &app.key.owner {
            Owner::User(name) => Self { domain, user: places.user(domain, name), space: NOWHERE },
            Owner::Space(name) => {
                let space = places.space(domain, name);
                let user = space_owners.get(space as usize).copied().unwrap_or(NOWHERE);
                Self { domain, user, space }
            }
        }
    }
}

/// An app's shared instance, found by the position of its owner.
#[derive(PartialEq, Eq)]
struct Sharing<'a> {
    instance: SharedInstance<'a>,
    owner: (u32, u32),
}

impl Hash for Sharing<'_> {
    /// Equal owners have equal positions, and few instances each. Owners that are on no shelf, as while lists are
    /// still on their way, are told apart by their names.
    fn hash<H: Hasher>(&self, state: &mut H) {
        if self.owner == (NOWHERE, NOWHERE) {
            self.instance.hash(state);
        } else {
            self.owner.hash(state);
        }
    }
}

/// Marks the apps whose instance is counted with another app: of those that share one, all but the first by
/// creation, then by name.
fn carried(fleet: &Fleet, placed: &[Placed]) -> Vec<bool> {
    let mut carried = vec![false; fleet.apps.len()];
    let mut carriers: QuickMap<Sharing<'_>, usize> = QuickMap::default();
    let order = |position: usize| {
        fleet.apps.at(position).map(|app| (app.created.is_none(), app.created, &app.key.name))
    };
    for (position, (app, placed)) in fleet.apps.iter().zip(placed).enumerate() {
        let Some(instance) = shared_instance(app) else { continue };
        let owner = match app.key.owner {
            Owner::User(_) => (placed.user, NOWHERE),
            Owner::Space(_) => (NOWHERE, placed.space),
        };
        match carriers.entry(Sharing { instance, owner }) {
            Entry::Vacant(entry) => {
                entry.insert(position);
            }
            Entry::Occupied(mut entry) if order(position) < order(*entry.get()) => {
                carried[entry.insert(position)] = true;
            }
            Entry::Occupied(_) => carried[position] = true,
        }
    }
    carried
}

/// The app of a space that matters: one that is not over before one that is, then the newer one.
fn latest(fleet: &Fleet, current: u32, other: u32) -> u32 {
    let order =
        |position: u32| fleet.apps.at(position as usize).map(|app| (!app.status.is_gone(), app.created));
    if current == NOWHERE || order(other) > order(current) { other } else { current }
}

/// Puts a value among the greatest, if it is one of them.
fn keep_top(top: &mut Vec<(u32, f64)>, position: u32, value: f64) {
    if top.len() == TOP && top.last().is_some_and(|(_, least)| *least >= value) {
        return;
    }
    let place = top.partition_point(|(_, other)| *other >= value);
    top.insert(place, (position, value));
    top.truncate(TOP);
}

/// Prices, looked up once for each instance text, app type and region.
struct Prices<'a> {
    fleet: &'a Fleet,
    known: QuickMap<(*const str, *const str, u8), Result<f64, NoPrice>>,
}

impl Prices<'_> {
    fn rate(&mut self, app: &App) -> Rate {
        match billed(app) {
            Billed::Stopped => Rate::Stopped,
            Billed::Free => Rate::Free,
            Billed::Unknown(reason) => Rate::Unknown(reason),
            Billed::Instance(instance) => {
                let region = app.key.scope.region();
                let kind = match app.key.app_type {
                    AppType::JupyterLab => 0,
                    AppType::CodeEditor => 1,
                    _ => 2,
                };
                // Names are shared, so the same text is nearly always at the same address; the fleet is borrowed,
                // so no address comes to hold another text.
                let key = (std::ptr::from_ref(instance), std::ptr::from_ref(region.as_str()), kind);
                let price = || hourly_price(self.fleet, region, &app.key.app_type, instance);
                match *self.known.entry(key).or_insert_with(price) {
                    Ok(dollars) => Rate::Dollars(dollars),
                    Err(reason) => Rate::Unknown(reason),
                }
            }
        }
    }
}

/// What runs by instance type.
#[derive(Default)]
struct Instances<'a> {
    rows: QuickMap<&'a str, InstanceSum>,
}

impl<'a> Instances<'a> {
    fn add(&mut self, app: &'a App, rate: Rate) {
        let name = app.instance.as_deref().unwrap_or("unknown");
        let row = self.rows.entry(name).or_insert_with(|| InstanceSum {
            instance: app.instance.clone().unwrap_or_else(|| Arc::from(name)),
            running: 0,
            burn: 0.0,
            unknown_prices: 0,
        });
        row.running += 1;
        match rate.dollars() {
            Known::Value(dollars) => row.burn += dollars,
            Known::Absent | Known::Unknown => row.unknown_prices += 1,
        }
    }

    fn sorted(self) -> Vec<InstanceSum> {
        let mut rows: Vec<_> = self.rows.into_values().collect();
        rows.sort_by(|a, b| b.burn.total_cmp(&a.burn).then_with(|| a.instance.cmp(&b.instance)));
        rows
    }
}
