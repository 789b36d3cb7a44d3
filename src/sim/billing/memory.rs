//! What the fleet's present tells of its past: who has the habit of starting what. Knows no bill.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::{Day, day_of, start_of};
use super::habit::{Habit, Work};
use crate::sim::clock::{DAY, Millis};
use crate::sim::query::fingerprint;
use crate::sim::rng::Rng;
use crate::sim::world::{AppKey, AppType, Name, Owner, Region, Row, Scope, Space, Tags};

/// What training jobs run on.
const TRAINING: [&str; 3] = ["ml.m5.xlarge", "ml.g4dn.xlarge", "ml.g5.2xlarge"];

/// One region that remembers.
struct Memory<'a> {
    scope: &'a Scope,
    since: Day,
    rng: Rng,
    names: BTreeMap<String, Name>,
    habits: &'a mut Vec<Habit>,
}

/// Adds the habits of a region's people up to now, none older than a day.
pub(super) fn remember(
    scope: &Scope,
    region: &Region,
    (since, now): (Day, Millis),
    seed: u64,
    habits: &mut Vec<Habit>,
) {
    let rng = Rng::new(seed ^ fingerprint(&[&scope.account, &scope.region]));
    let mut memory = Memory { scope, since, rng, names: BTreeMap::new(), habits };
    for (_, space) in region.spaces.iter() {
        memory.of_space(region, space, now);
    }
    let mut classic = BTreeSet::new();
    for (_, app) in region.apps.iter() {
        let (key, seed) = (app.identity(), memory.rng.next_u64());
        let (Owner::User(_), Some(instance)) = (&key.owner, app.instance_type()) else { continue };
        // Classic apps of one user on one type share one instance.
        if key.app_type == AppType::KernelGateway && classic.insert((&key.domain, &key.owner, instance)) {
            let until = app.started.min(app.created());
            let work = (Work::App(key.app_type), instance);
            memory.add((&key.domain, &key.owner), work, &app.tags, (start_of(since), until), seed);
        }
    }
    for (_, profile) in region.profiles.iter() {
        let seed = memory.rng.next_u64();
        if seed.is_multiple_of(4) {
            let work = (Work::Training, TRAINING[(seed / 4 % 3) as usize]);
            let owner = Owner::User(profile.name().clone());
            memory.add((profile.domain(), &owner), work, &profile.tags, (profile.created(), now), seed);
        }
    }
}

impl Memory<'_> {
    fn of_space(&mut self, region: &Region, space: &Space, now: Millis) {
        let seed = self.rng.next_u64();
        let Some((kind, instance)) = usual(space) else { return };
        let owner = Owner::Space(space.name().clone());
        let (domain, name) = (space.domain().clone(), "default".into());
        let key = AppKey { domain, owner, app_type: kind, name };
        let app = region.apps.find(&key).and_then(|id| region.apps.get(id));
        // Whoever has no app now has not been seen for a while.
        let long_ago = now - (10 + (seed % 80).cast_signed()) * DAY;
        let until = app.map_or(long_ago, |app| app.started.min(app.created()));
        let work = (Work::App(kind), app.and_then(|app| app.instance_type()).unwrap_or(instance));
        self.add((&key.domain, &key.owner), work, &space.tags, (space.created(), until), seed);
    }

    fn add(
        &mut self,
        (domain, owner): (&Name, &Owner),
        (work, instance): (Work, &str),
        tags: &Tags,
        (from, until): (Millis, Millis),
        seed: u64,
    ) {
        let instance_type = self.names.entry(instance.to_owned()).or_insert_with(|| instance.into()).clone();
        self.habits.push(Habit {
            account: self.scope.account.clone(),
            region: self.scope.region.clone(),
            domain: domain.clone(),
            owner: owner.clone(),
            work,
            instance_type,
            tags: tags.clone(),
            // Nobody starts to work in the middle of a day.
            from: start_of(day_of(from).max(self.since) + 1),
            until,
            seed,
        });
    }
}

/// What is usually started in a space.
fn usual(space: &Space) -> Option<(AppType, &str)> {
    let kind = AppType::parse(space.app_type()?)?;
    let settings = &space.settings.as_ref()?[format!("{}AppSettings", kind.as_str()).as_str()];
    Some((kind, settings["DefaultResourceSpec"]["InstanceType"].as_str()?))
}
