//! The people of the demo: in virtual time they start apps, work, leave and forget. Deterministic from its
//! seed, and applied only when time is read, so that a world nobody asks costs nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::clock::{HOUR, MINUTE, Millis, SECOND};
use super::rng::Rng;
use super::world::{
    Activity, App, AppKey, AppType, Domain, Id, Name, Next, Owner, Profile, Region, Row, Scope, Settings,
    Status, Subject, World, quota_of,
};

/// Apps that life itself leaves stuck at any time.
const MOST_STUCK: usize = 2;
/// People whom life itself takes on.
const MOST_NEWCOMERS: usize = 24;

const CAPACITY: &str = "InsufficientCapacityError: Unable to provision requested ML compute capacity. Please retry \
                        using a different ML instance type.";
const TIMEOUT: &str = "InternalFailure: The app did not become healthy in time. Please try again.";

/// The people at work.
#[derive(Debug)]
pub struct Life {
    rng: Rng,
    next: Millis,
    /// Live apps that life does not go beyond: a tenth more than when it began.
    ceiling: Option<usize>,
    /// The domains that were there when it began: in what callers make since, they alone act.
    home: Option<Arc<BTreeSet<Name>>>,
    /// When each app that life left stuck gives up.
    stuck: Vec<Millis>,
    newcomers: usize,
}

/// What somebody does.
#[derive(Clone, Copy)]
enum Act {
    Start,
    StartInVain,
    StartAndHang,
    Stop,
    Leave,
    Return,
    Resize,
    Onboard,
}

impl Life {
    /// People who first do something soon after a time.
    pub fn new(seed: u64, from: Millis) -> Self {
        Self {
            rng: Rng::new(seed ^ 0x11FE),
            next: from + 4 * SECOND,
            ceiling: None,
            home: None,
            stuck: Vec::new(),
            newcomers: 0,
        }
    }

    /// When somebody does something next.
    pub fn next_due(&self) -> Option<Millis> {
        Some(self.next)
    }

    /// Lets somebody do something that was due at a time.
    pub fn act(&mut self, world: &mut World, due: Millis) {
        self.next = due + 5 * SECOND + self.rng.below(15_000).cast_signed();
        self.stuck.retain(|until| *until > due);
        let home = || {
            let regions = world.accounts.values().flat_map(|account| account.regions.values());
            Arc::new(regions.flat_map(|region| region.domains.keys().cloned()).collect())
        };
        self.home.get_or_insert_with(home);
        let Some(scope) = self.scope(world) else { return };
        let act = match self.rng.below(100) {
            0..=29 => Act::Start,
            30..=33 => Act::StartInVain,
            34..=36 => Act::StartAndHang,
            37..=54 => Act::Stop,
            55..=72 => Act::Leave,
            95..=97 => Act::Resize,
            98 => Act::Onboard,
            _ => Act::Return,
        };
        let act = match act {
            Act::Start | Act::StartInVain | Act::StartAndHang if self.is_full(world) => Act::Return,
            Act::StartAndHang if self.stuck.len() >= MOST_STUCK => Act::Start,
            Act::Onboard if self.newcomers >= MOST_NEWCOMERS => Act::Return,
            act => act,
        };
        // What nobody can do here and now is replaced by something somebody can.
        for act in [act, Act::Leave, Act::Return, Act::Resize] {
            if self.happens(act, world, &scope, due) {
                break;
            }
        }
    }

    /// Lets somebody in a region do something; false if there is nobody who could.
    fn happens(&mut self, act: Act, world: &mut World, scope: &Scope, due: Millis) -> bool {
        let done = match act {
            Act::Start | Act::StartInVain | Act::StartAndHang => self.start(world, scope, act, due),
            Act::Stop => self.stop(world, scope),
            Act::Leave => self.leave(world, scope, due),
            Act::Return => self.come_back(world, scope, due),
            Act::Resize => self.resize(world, scope, due),
            Act::Onboard => self.onboard(world, scope, due),
        };
        done.is_some()
    }

    /// Whether as many apps live as life allows. Counted only before a start: it costs a walk.
    fn is_full(&mut self, world: &World) -> bool {
        let live = live_apps(world);
        live >= *self.ceiling.get_or_insert(live + live / 10 + 2)
    }

    /// A region at random: the more apps it has, the more happens there.
    fn scope(&mut self, world: &World) -> Option<Scope> {
        let regions = || {
            world
                .accounts
                .iter()
                .flat_map(|(account, held)| held.regions.iter().map(move |region| (account, region)))
        };
        let mut left = self.rng.below(regions().map(|(_, (_, region))| region.apps.len() as u64).sum());
        regions().find_map(|(account, (code, region))| {
            let apps = region.apps.len() as u64;
            if left < apps {
                return Some(Scope { account: account.clone(), region: code.clone() });
            }
            left -= apps;
            None
        })
    }

    fn home(&self) -> Arc<BTreeSet<Name>> {
        self.home.clone().unwrap_or_default()
    }

    /// The first number that fits, from one at random on.
    fn choose<T>(&mut self, bound: u32, fits: impl Fn(u32) -> Option<T>) -> Option<T> {
        let start = self.rng.below(u64::from(bound)) as u32;
        (start..bound).chain(0..start).find_map(fits)
    }

    /// An app in service that fits.
    fn app(&mut self, region: &Region, fits: impl Fn(&App) -> bool) -> Option<Id> {
        let home = self.home();
        self.choose(region.apps.id_bound(), |id| {
            let app = region.apps.get(id).filter(|app| app.status == Status::InService)?;
            home.get(app.domain())?;
            let is_persons = app.identity().app_type != AppType::RStudioServerPro;
            (is_persons && fits(app)).then_some(id)
        })
    }

    /// A space in which an app could be started: the app's key and the instance type it would get.
    fn idle_space(&mut self, region: &Region) -> Option<(AppKey, Option<Name>)> {
        let home = self.home();
        self.choose(region.spaces.id_bound(), |id| {
            let space = region.spaces.get(id).filter(|space| space.status == Status::InService)?;
            let domain = home.get(space.domain())?;
            let owner = Owner::Space(space.name().clone());
            let app_type = AppType::parse(space.app_type()?)?;
            let is_busy = region.live_apps_of(domain, &owner).next().is_some();
            if is_busy || !matches!(app_type, AppType::JupyterLab | AppType::CodeEditor) {
                return None;
            }
            if space.owner.as_ref().is_some_and(|owner| is_shut_out(region, domain, owner)) {
                return None;
            }
            let kind = format!("{}AppSettings", app_type.as_str());
            let instance = &space.settings.as_ref()?[kind.as_str()]["DefaultResourceSpec"]["InstanceType"];
            let key = AppKey { domain: domain.clone(), owner, app_type, name: "default".into() };
            Some((key, instance.as_str().map(Name::from)))
        })
    }

    fn start(&mut self, world: &mut World, scope: &Scope, act: Act, due: Millis) -> Option<()> {
        let region = world.region(scope)?;
        let (key, instance) = self.idle_space(region)?;
        // Somebody who starts again keeps the image; others take what is usual in the region.
        let before = region.apps.find(&key).and_then(|id| region.apps.get(id));
        let instance = instance.unwrap_or_else(|| "ml.t3.medium".into());
        let limit = world.limit(scope, &quota_of(key.app_type, &instance));
        if limit.is_some_and(|most| region.live_apps_on(key.app_type, &instance) >= most) {
            return None;
        }
        let alike = || {
            let fits = |app: &&App| {
                app.identity().app_type == key.app_type && app.instance_type() == Some(&*instance)
            };
            region.apps.iter().map(|(_, app)| app).find(fits)
        };
        let spec = before.or_else(alike).map_or_else(
            || Settings::new(serde_json::json!({"InstanceType": &*instance})),
            |app| app.spec.clone(),
        );
        let mut app = App::new(key, spec, due);
        if matches!(act, Act::Start) {
            app.activity = Activity::AtWork;
            return world.start_app(scope, app).map(|_| ());
        }
        let id = world.start_app(scope, app)?;
        let app = world.region_mut(scope).apps.get_mut(id)?;
        // A new generation voids what the world has planned: this start shall not end well.
        app.set_status(Status::Pending, due);
        let generation = app.generation;
        let (delay, reason) = if matches!(act, Act::StartAndHang) {
            ((25 + self.rng.below(30).cast_signed()) * MINUTE, TIMEOUT)
        } else {
            (45 * SECOND, CAPACITY)
        };
        if matches!(act, Act::StartAndHang) {
            self.stuck.push(due + delay);
        }
        world.plan(
            due + delay,
            scope,
            Subject::App(id),
            generation,
            Next::Fail(Status::Failed, reason.into()),
        );
        Some(())
    }

    fn stop(&mut self, world: &mut World, scope: &Scope) -> Option<()> {
        let now = world.now();
        let region = world.region(scope)?;
        // Those who forgot their app go on forgetting it: the demo keeps what it has to show.
        let id = match self.app(region, |app| left_within(app, now, 2 * HOUR)) {
            Some(id) => id,
            None => self.app(region, |app| app.activity == Activity::AtWork)?,
        };
        world.stop_app(scope, id).then_some(())
    }

    fn leave(&mut self, world: &mut World, scope: &Scope, due: Millis) -> Option<()> {
        let id = self.app(world.region(scope)?, |app| app.activity == Activity::AtWork)?;
        world.region_mut(scope).apps.get_mut(id)?.activity = Activity::At(due);
        Some(())
    }

    fn come_back(&mut self, world: &mut World, scope: &Scope, due: Millis) -> Option<()> {
        let id = self.app(world.region(scope)?, |app| left_within(app, due, 3 * HOUR))?;
        world.region_mut(scope).apps.get_mut(id)?.activity = Activity::AtWork;
        Some(())
    }

    fn resize(&mut self, world: &mut World, scope: &Scope, due: Millis) -> Option<()> {
        let delay = world.delays.small;
        let home = self.home();
        let region = world.region_mut(scope);
        let id = self.choose(region.spaces.id_bound(), |id| {
            let space = region.spaces.get(id).filter(|space| space.status == Status::InService)?;
            home.get(space.domain()).map(|_| id)
        })?;
        let space = region.spaces.get_mut(id)?;
        space.set_status(Status::Updating, due);
        let generation = space.generation;
        world.plan(due + delay, scope, Subject::Space(id), generation, Next::Become(Status::InService));
        Some(())
    }

    fn onboard(&mut self, world: &mut World, scope: &Scope, due: Millis) -> Option<()> {
        let (delay, home) = (world.delays.small, self.home());
        let region = world.region_mut(scope);
        let open = |domain: &&Domain| domain.status == Status::InService && home.contains(&domain.id);
        let domains: Vec<_> = region.domains.values().filter(open).collect();
        let domain = domains.get(self.rng.below(domains.len() as u64) as usize)?;
        let name: Name = format!("newcomer-{}", self.newcomers + 1).into();
        let mut profile = Profile::new(domain.id.clone(), name.clone(), due);
        profile.sso_user = domain.sso.then(|| format!("{name}@example.com").into());
        profile.uid = 300_000 + self.newcomers as u32;
        profile.set_status(Status::Pending, due);
        let generation = profile.generation;
        if let (Some(center), Some(user)) = (&mut region.identity_center, &profile.sso_user) {
            // Whoever takes somebody on by the API may forget the assignment, and nobody can sign in.
            center.add_user(user);
        }
        let id = region.profiles.insert(profile)?;
        self.newcomers += 1;
        world.plan(due + delay, scope, Subject::Profile(id), generation, Next::Become(Status::InService));
        Some(())
    }
}

/// Whether the portal is closed to a user, who then starts nothing.
fn is_shut_out(region: &Region, domain: &Name, owner: &Name) -> bool {
    let profile =
        region.profiles.find(&Profile::key_of(domain, owner)).and_then(|id| region.profiles.get(id));
    let portal = profile.and_then(|profile| profile.settings.as_ref()?.get("StudioWebPortal")?.as_str());
    portal == Some("DISABLED")
}

/// Whether its user left it no longer ago than this.
fn left_within(app: &App, now: Millis, limit: Millis) -> bool {
    matches!(app.activity, Activity::At(at) if now - at < limit)
}

fn live_apps(world: &World) -> usize {
    let regions = world.accounts.values().flat_map(|account| account.regions.values());
    regions.map(|region| region.apps.iter().filter(|(_, app)| app.is_live()).count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::faults::Faults;
    use crate::sim::scenario::{ACCOUNT, Scenario};
    use crate::sim::world::Space;

    const NOW: Millis = 1_795_000_000_000;

    fn alive(seed: u64) -> World {
        let mut world = World::new(ACCOUNT, NOW);
        Scenario::Small.populate(seed, &mut world, &Faults::new(seed));
        world.life = Some(Life::new(seed, NOW));
        world
    }

    fn picture(world: &World) -> String {
        let regions = world.accounts.values().flat_map(|account| account.regions.values());
        let parts: Vec<_> = regions
            .map(|region| {
                let apps: Vec<_> =
                    region.apps.iter().map(|(_, app)| (app.status, app.activity, app.started)).collect();
                let spaces: Vec<_> = region.spaces.iter().map(|(_, space)| space.status).collect();
                (apps, spaces, region.profiles.len())
            })
            .collect();
        format!("{parts:?}")
    }

    #[test]
    fn the_screen_is_never_dead_for_a_minute() {
        let mut world = alive(3);
        for minute in 1..120 {
            let before = picture(&world);
            world.advance(NOW + minute * MINUTE);
            assert!(picture(&world) != before, "nothing changed in minute {minute}");
        }
    }

    #[test]
    fn the_same_seed_lives_the_same_life_however_time_is_cut() {
        let (mut at_once, mut by_steps) = (alive(5), alive(5));
        at_once.advance(NOW + 6 * HOUR);
        for step in 1..=600 {
            by_steps.advance(NOW + step * 36 * SECOND);
        }
        assert!(picture(&at_once) == picture(&by_steps), "time cut into steps leads elsewhere");
    }

    #[test]
    fn what_callers_make_is_left_to_them() {
        let mut world = alive(4);
        world.advance(NOW + MINUTE);
        let scope = Scope::new(ACCOUNT, "eu-west-1");
        let region = world.region_mut(&scope);
        region.domains.insert("d-mine".into(), Domain::new("d-mine", "mine", NOW));
        for index in 0..400 {
            let mut space = Space::new("d-mine".into(), format!("space-{index}").into(), NOW);
            space.settings = Some(Settings::new(serde_json::json!({"AppType": "JupyterLab"})));
            region.spaces.insert(space);
        }
        world.advance(NOW + 12 * HOUR);
        let region = world.region(&scope).unwrap();
        assert_eq!(region.apps.listing(Some("d-mine"), None, false).count(), 0);
        assert!(region.spaces.listing(Some("d-mine"), None, false).all(|(_, space)| space.modified == NOW));
        assert_eq!(region.profiles.listing(Some("d-mine"), None, false).count(), 0);
    }

    #[test]
    fn a_user_to_whom_the_portal_is_closed_starts_nothing() {
        let mut world = alive(4);
        world.advance(NOW + MINUTE);
        for region in world.accounts.values_mut().flat_map(|account| account.regions.values_mut()) {
            for id in 0..region.profiles.id_bound() {
                if let Some(profile) = region.profiles.get_mut(id) {
                    let mut settings =
                        profile.settings.as_ref().map_or(serde_json::json!({}), |old| (**old).clone());
                    settings["StudioWebPortal"] = serde_json::json!("DISABLED");
                    profile.settings = Some(Settings::new(settings));
                }
            }
        }
        let runs_of_owned = |world: &World| -> usize {
            let regions = world.accounts.values().flat_map(|account| account.regions.values());
            let started = |region: &Region| {
                let apps = region.apps.iter().filter(|(_, app)| app.started > NOW + 2 * MINUTE);
                let owned = apps.filter(|(_, app)| match &app.identity().owner {
                    Owner::Space(space) => {
                        let mut spaces = region.spaces.iter();
                        spaces.any(|(_, row)| {
                            row.domain() == app.domain() && row.name() == space && row.owner.is_some()
                        })
                    }
                    Owner::User(_) => false,
                });
                owned.count()
            };
            regions.map(started).sum()
        };
        world.advance(NOW + 12 * HOUR);
        assert_eq!(runs_of_owned(&world), 0);
    }

    #[test]
    fn the_fleet_stays_in_bounds_and_keeps_running_for_days() {
        let mut world = alive(11);
        let before = live_apps(&world);
        let mut least = before;
        for hour in 1..=72 {
            world.advance(NOW + hour * HOUR);
            let live = live_apps(&world);
            assert!(live <= before + before / 10 + 2, "{live} live apps after {hour} h, {before} at first");
            least = least.min(live);
        }
        assert!(least * 2 > before, "only {least} of {before} live apps were left");
        let rows: usize =
            world.accounts.values().flat_map(|account| account.regions.values()).map(|r| r.apps.len()).sum();
        assert!(rows < 3 * before, "{rows} rows");
    }

    #[test]
    fn apps_start_get_stuck_fail_and_are_left_and_the_long_idle_stay_so() {
        let mut world = alive(2);
        let idle = |world: &World| -> BTreeSet<String> {
            let rows = world
                .accounts
                .values()
                .flat_map(|account| account.regions.values())
                .flat_map(|r| r.apps.iter());
            rows.filter(|(_, app)| {
                matches!(app.activity, Activity::At(at) if at < NOW - 8 * HOUR)
                    && app.status == Status::InService
            })
            .map(|(_, app)| format!("{:?}", app.identity()))
            .collect()
        };
        let long_idle = idle(&world);
        let mut seen = BTreeSet::new();
        let mut stuck = 0;
        for step in 1..=4 * 360 {
            world.advance(NOW + step * 10 * SECOND);
            for (_, app) in world
                .accounts
                .values()
                .flat_map(|account| account.regions.values())
                .flat_map(|r| r.apps.iter())
            {
                if app.started > NOW {
                    seen.insert(app.status);
                    stuck +=
                        usize::from(app.status == Status::Pending && world.now() - app.started > 10 * MINUTE);
                }
            }
        }
        for status in [Status::Pending, Status::InService, Status::Failed, Status::Deleting] {
            assert!(seen.contains(&status), "{status:?} never seen among {seen:?}");
        }
        assert!(stuck > 0, "nothing was ever stuck");
        assert!(idle(&world).is_superset(&long_idle), "what was idle for long came back to life by itself");
    }
}
