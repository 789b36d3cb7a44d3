//! The state of the simulated AWS: accounts, regions and what is in them, and what will happen next.
//! Knows no wire format and no HTTP; time enters through [`World::advance`].

mod agenda;
mod app;
mod directory;
mod entities;
mod keys;
mod library;
mod network;
pub mod quota;
mod replace;
mod table;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub use agenda::{Next, Subject};
pub use app::{Activity, App, AppKey, AppType, EndedRun, HEALTH_CHECK_PERIOD, Owner};
pub use directory::{Application, IdentityCenter, IdentityUser};
pub use entities::{Domain, EndedVolume, Name, Profile, Settings, Space, Status, Tags};
pub use keys::{Keys, Principal};
pub use library::{AppImageConfig, Image, ImageVersion, LifecycleConfig, TrackingServer};
pub use network::{
    FileSystem, MANAGED_BY, MountTarget, Network, NetworkInterface, Peer, Rule, SecurityGroup, Subnet, Vpc,
    id_of, nfs_group_names,
};
pub use quota::{QuotaDesk, QuotaRequest, Verdict, quota_of, quotas};
pub use table::{Id, Position, Row, Table};

use crate::sim::billing::Billing;
use crate::sim::clock::{HOUR, MINUTE, Millis, SECOND};
use crate::sim::cost_explorer::Kept;
use crate::sim::iam::Iam;
use crate::sim::life::Life;
use crate::sim::pricing::PriceTable;

/// How long the metadata of a stopped app is kept (aws.md 1.2).
pub const DELETED_APP_KEPT: Millis = 24 * HOUR;

/// An account and a region of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The 12 digits of the account.
    pub account: Name,
    /// The region's code.
    pub region: Name,
}

impl Scope {
    /// The scope of an account and a region.
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: account.into(), region: region.into() }
    }

    /// The ARN of a `SageMaker` resource, from its tail such as `domain/d-1`.
    pub fn sagemaker_arn(&self, tail: &str) -> String {
        format!("arn:aws:sagemaker:{}:{}:{tail}", self.region, self.account)
    }
}

/// How long the service takes for what it does asynchronously.
#[derive(Clone, Copy, Debug)]
pub struct Delays {
    /// App: `Pending` to `InService` or `Failed`.
    pub app_start: Millis,
    /// App: `Deleting` to `Deleted`.
    pub app_stop: Millis,
    /// User profile or space: any passing state.
    pub small: Millis,
    /// Domain: any passing state.
    pub domain: Millis,
    /// Image or image version: any passing state.
    pub image: Millis,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            app_start: 90 * SECOND,
            app_stop: 60 * SECOND,
            small: 6 * SECOND,
            domain: 4 * MINUTE,
            image: 8 * SECOND,
        }
    }
}

/// Something the callers may not do.
#[derive(Clone, Debug)]
pub struct Denial {
    /// The action, such as `sagemaker:ListSpaces`; a `*` at the end stands for anything.
    pub action: Name,
    /// Only in this account.
    pub account: Option<Name>,
    /// Only in this region.
    pub region: Option<Name>,
}

impl Denial {
    fn covers(&self, action: &str, scope: &Scope) -> bool {
        let named = match self.action.strip_suffix('*') {
            Some(start) => action.starts_with(start),
            None => action == &*self.action,
        };
        named
            && self.account.as_ref().is_none_or(|account| *account == scope.account)
            && self.region.as_ref().is_none_or(|region| *region == scope.region)
    }
}

/// What one region of one account holds.
#[derive(Debug, Default)]
pub struct Region {
    /// Domains by id.
    pub domains: BTreeMap<Name, Domain>,
    /// User profiles.
    pub profiles: Table<Profile>,
    /// Spaces.
    pub spaces: Table<Space>,
    /// Apps, also those `Deleted` in the last 24 hours.
    pub apps: Table<App>,
    /// Studio lifecycle configurations by name.
    pub lifecycle_configs: BTreeMap<Name, LifecycleConfig>,
    /// Custom images by name.
    pub images: BTreeMap<Name, Image>,
    /// App image configurations by name.
    pub app_image_configs: BTreeMap<Name, AppImageConfig>,
    /// `MLflow` tracking servers by name; they belong to the region, to no domain.
    pub tracking_servers: BTreeMap<Name, TrackingServer>,
    /// The runs of apps that are over, beyond the last one of each app that is still there.
    pub ended_runs: Vec<EndedRun>,
    /// The volumes of spaces that are gone, and those of spaces as they were before they grew.
    pub ended_volumes: Vec<EndedVolume>,
    /// VPCs, security groups and file systems.
    pub network: Network,
    /// The instance of Identity Center, if people sign in with it here.
    pub identity_center: Option<IdentityCenter>,
    /// How many apps may run at once, by quota name as [`quota_of`] gives it; see [`World::limit`] for what is
    /// absent.
    pub app_quotas: HashMap<Name, usize>,
    /// How many of anything else there may be, by quota name such as [`quotas::DOMAINS`].
    pub quotas: HashMap<Name, usize>,
    /// What Service Quotas knows besides the limits.
    pub quota_desk: QuotaDesk,
    /// Instance types of which there are none left: an app that asks for one becomes `Failed`.
    pub no_capacity: BTreeSet<Name>,
}

impl Region {
    /// The live apps of a user profile or space: they block its deletion.
    pub fn live_apps_of(&self, domain: &Name, owner: &Owner) -> impl Iterator<Item = (Id, &App)> {
        self.apps_of(domain, owner).filter(|(_, app)| app.is_live())
    }

    /// How many live apps of a kind run on an instance type: what its quota counts.
    pub fn live_apps_on(&self, app_type: AppType, instance_type: &str) -> usize {
        let fits = |app: &App| {
            app.is_live() && app.identity().app_type == app_type && app.instance_type() == Some(instance_type)
        };
        self.apps.iter().filter(|(_, app)| fits(app)).count()
    }

    /// All apps of a user profile or space.
    pub fn apps_of(&self, domain: &Name, owner: &Owner) -> impl Iterator<Item = (Id, &App)> {
        use std::ops::Bound;
        let key = |app_type, name: &str| AppKey {
            domain: domain.clone(),
            owner: owner.clone(),
            app_type,
            name: name.into(),
        };
        // The first kind and the last, between which all others lie, with names before and after all.
        let from = Bound::Included(key(AppType::JupyterServer, ""));
        let to = Bound::Included(key(AppType::Unheard("~"), "~"));
        self.apps.range(from, to)
    }

    /// The spaces that a user profile owns.
    pub fn spaces_owned_by(&self, domain: &str, profile: &str) -> impl Iterator<Item = (Id, &Space)> {
        self.spaces.listing(Some(domain), None, false).filter(move |(_, space)| {
            space.owner.as_deref().is_some_and(|owner| owner.eq_ignore_ascii_case(profile))
        })
    }
}

/// One account.
#[derive(Debug, Default)]
pub struct Account {
    /// Its alias.
    pub alias: Option<Name>,
    /// Roles, policies.
    pub iam: Iam,
    /// Its regions by code; one that is absent is empty.
    pub regions: BTreeMap<Name, Region>,
}

/// Everything.
#[derive(Debug)]
pub struct World {
    now: Millis,
    /// Accounts by their 12 digits.
    pub accounts: BTreeMap<Name, Account>,
    /// The account of callers whose access key names none.
    pub default_account: Name,
    /// What callers may not do.
    pub denials: Vec<Denial>,
    /// How long asynchronous work takes.
    pub delays: Delays,
    /// What things cost.
    pub prices: PriceTable,
    /// The people at work, if anything is to happen by itself.
    pub life: Option<Life>,
    /// Whose the access keys are, and how long they are good.
    pub keys: Keys,
    /// Whether what has no limit of its own has that of every new account; otherwise it has none.
    pub has_default_quotas: bool,
    /// What is on the bill, and for whom.
    pub billing: Billing,
    /// The last answer of Cost Explorer that has several pages.
    pub(in crate::sim) kept_costs: Option<Arc<Kept>>,
    agenda: agenda::Agenda,
    serial: u64,
}

impl World {
    /// A world with one empty account.
    pub fn new(default_account: &str, now: Millis) -> Self {
        Self {
            now,
            accounts: BTreeMap::from([(default_account.into(), Account::default())]),
            default_account: default_account.into(),
            denials: Vec::new(),
            delays: Delays::default(),
            prices: PriceTable::default(),
            life: None,
            keys: Keys::default(),
            has_default_quotas: false,
            billing: Billing::new(default_account),
            kept_costs: None,
            agenda: agenda::Agenda::default(),
            serial: 0,
        }
    }

    /// The time up to which everything has happened.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// An account, made if it is new.
    pub fn account_mut(&mut self, account: &str) -> &mut Account {
        self.accounts.entry(account.into()).or_default()
    }

    /// A region, made if it is new.
    pub fn region_mut(&mut self, scope: &Scope) -> &mut Region {
        self.accounts
            .entry(scope.account.clone())
            .or_default()
            .regions
            .entry(scope.region.clone())
            .or_default()
    }

    /// A region, if anything was ever made in it.
    pub fn region(&self, scope: &Scope) -> Option<&Region> {
        self.accounts.get(&scope.account)?.regions.get(&scope.region)
    }

    /// Forbids an action everywhere, such as `sagemaker:ListSpaces` or `iam:*`.
    pub fn deny(&mut self, action: &str) {
        self.denials.push(Denial { action: action.into(), account: None, region: None });
    }

    /// Whether an action is forbidden.
    pub fn is_denied(&self, action: &str, scope: &Scope) -> bool {
        self.denials.iter().any(|denial| denial.covers(action, scope))
    }

    /// The next of a series of numbers that never repeats, for ids.
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Lets happen all that is due up to `now`, in order.
    pub fn advance(&mut self, now: Millis) {
        loop {
            let event = self.agenda.next_due();
            let act = self.life.as_ref().and_then(Life::next_due);
            let next = [event, act].into_iter().flatten().min();
            let Some(due) = next.filter(|due| *due <= now) else { break };
            self.now = self.now.max(due);
            if event == Some(due) {
                self.happen();
            } else if let Some(mut life) = self.life.take() {
                life.act(self, due);
                self.life = Some(life);
            }
        }
        self.now = self.now.max(now);
    }

    /// Stores an app and, if it is `Deleted` already, plans its disappearance; `None` if the key is taken.
    pub fn insert_app(&mut self, scope: &Scope, app: App) -> Option<Id> {
        let (status, ended, generation) = (app.status, app.ended, app.generation);
        let id = self.region_mut(scope).apps.insert(app)?;
        if status == Status::Deleted {
            let due = ended.unwrap_or(self.now) + DELETED_APP_KEPT;
            self.plan(due, scope, Subject::App(id), generation, Next::Vanish);
        }
        Some(id)
    }

    /// Starts an app: a new row, or a new run of one that stopped or failed (aws.md 1.2: `CreationTime`
    /// is kept). `None` if it is live.
    pub fn start_app(&mut self, scope: &Scope, mut app: App) -> Option<Id> {
        let now = self.now;
        let instance_type = app.instance_type().unwrap_or_default().to_owned();
        let region = self.region_mut(scope);
        let failure = region.no_capacity.contains(&*instance_type).then(|| {
            let reason = format!(
                "InsufficientCapacityError: Unable to provision requested ML compute capacity. \
                 There is not enough capacity of {instance_type}; retry later or use another instance type."
            );
            Name::from(reason)
        });
        app.started = now;
        app.set_status(Status::Pending, now);
        let id = if let Some(id) = region.apps.find(app.identity()) {
            let row = region.apps.get_mut(id).filter(|row| !row.is_live())?;
            region.ended_runs.extend(row.ended_run());
            row.started = now;
            row.failure = None;
            row.spec = app.spec;
            row.activity = app.activity;
            row.recovery_mode = app.recovery_mode;
            row.tags = app.tags;
            row.set_status(Status::Pending, now);
            id
        } else {
            region.apps.insert(app)?
        };
        let generation = region.apps.get(id).map_or(0, |app| app.generation);
        let next = failure.map_or(Next::Become(Status::InService), |why| Next::Fail(Status::Failed, why));
        self.plan(now + self.delays.app_start, scope, Subject::App(id), generation, next);
        Some(id)
    }

    /// Stops an app; false if it does not run.
    pub fn stop_app(&mut self, scope: &Scope, id: Id) -> bool {
        let now = self.now;
        let Some(app) = self.region_mut(scope).apps.get_mut(id) else { return false };
        if !matches!(app.status, Status::InService | Status::Pending | Status::Unheard(_)) {
            return false;
        }
        app.set_status(Status::Deleting, now);
        let generation = app.generation;
        self.plan(
            now + self.delays.app_stop,
            scope,
            Subject::App(id),
            generation,
            Next::Become(Status::Deleted),
        );
        true
    }

    /// Plans what becomes of something, unless its state changes before: `generation` is its present one.
    pub fn plan(&mut self, due: Millis, scope: &Scope, subject: Subject, generation: u32, next: Next) {
        self.agenda.add(due, agenda::Event { scope: scope.clone(), subject, generation, next });
    }

    fn happen(&mut self) {
        let Some((due, event)) = self.agenda.pop() else { return };
        let region = self.region_mut(&event.scope);
        let deleted = matches!(event.next, Next::Become(Status::Deleted));
        let Some(generation) = event.apply(region, due) else { return };
        if deleted {
            self.plan(due + DELETED_APP_KEPT, &event.scope, event.subject, generation, Next::Vanish);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world_with_app() -> (World, Scope, App) {
        let key = AppKey {
            domain: "d-1".into(),
            owner: Owner::Space("s".into()),
            app_type: AppType::JupyterLab,
            name: "default".into(),
        };
        let spec = Settings::new(serde_json::json!({"InstanceType": "ml.t3.medium"}));
        (
            World::new("123456789012", 1_000),
            Scope::new("123456789012", "eu-west-1"),
            App::new(key, spec, 1_000),
        )
    }

    fn status(world: &World, scope: &Scope, id: Id) -> Option<Status> {
        world.region(scope)?.apps.get(id).map(|app| app.status)
    }

    #[test]
    fn an_app_starts_stops_lingers_a_day_and_vanishes() {
        let (mut world, scope, app) = world_with_app();
        let id = world.start_app(&scope, app).unwrap();
        assert_eq!(status(&world, &scope, id), Some(Status::Pending));
        world.advance(1_000 + world.delays.app_start);
        assert_eq!(status(&world, &scope, id), Some(Status::InService));
        assert!(world.stop_app(&scope, id));
        assert!(!world.stop_app(&scope, id), "a stopping app cannot be stopped again");
        let stopped = world.now() + world.delays.app_stop;
        world.advance(stopped + DELETED_APP_KEPT - 1);
        assert_eq!(status(&world, &scope, id), Some(Status::Deleted));
        world.advance(stopped + DELETED_APP_KEPT);
        assert_eq!(status(&world, &scope, id), None);
    }

    #[test]
    fn an_app_started_again_keeps_its_creation_time_and_does_not_vanish() {
        let (mut world, scope, app) = world_with_app();
        let id = world.start_app(&scope, app.clone()).unwrap();
        world.advance(HOUR);
        world.stop_app(&scope, id);
        world.advance(2 * HOUR);
        let again = App::new(app.identity().clone(), app.spec.clone(), 2 * HOUR);
        assert_eq!(world.start_app(&scope, again.clone()), Some(id));
        assert_eq!(world.start_app(&scope, again), None, "a live app cannot be started");
        world.advance(60 * HOUR);
        let row = world.region(&scope).unwrap().apps.get(id).unwrap();
        assert_eq!((row.status, row.created(), row.started), (Status::InService, 1_000, 2 * HOUR));
    }

    #[test]
    fn without_capacity_an_app_fails_and_says_why() {
        let (mut world, scope, app) = world_with_app();
        world.region_mut(&scope).no_capacity.insert("ml.t3.medium".into());
        let id = world.start_app(&scope, app).unwrap();
        world.advance(HOUR);
        let row = world.region(&scope).unwrap().apps.get(id).unwrap();
        assert_eq!(row.status, Status::Failed);
        assert!(row.failure.as_deref().unwrap().contains("ml.t3.medium"));
    }

    #[test]
    fn denials_cover_a_prefix_and_only_their_own_scope() {
        let (mut world, scope, _) = world_with_app();
        world.denials.push(Denial {
            action: "sagemaker:List*".into(),
            account: None,
            region: Some("eu-west-1".into()),
        });
        assert!(world.is_denied("sagemaker:ListApps", &scope));
        assert!(!world.is_denied("sagemaker:DescribeApp", &scope));
        assert!(!world.is_denied("sagemaker:ListApps", &Scope::new("123456789012", "us-east-1")));
    }

    #[test]
    fn only_live_apps_of_the_owner_are_counted() {
        let (mut world, scope, app) = world_with_app();
        let owner = app.identity().owner.clone();
        let domain = app.identity().domain.clone();
        let id = world.start_app(&scope, app).unwrap();
        let region = world.region_mut(&scope);
        assert_eq!(region.live_apps_of(&domain, &owner).count(), 1);
        assert_eq!(region.live_apps_of(&domain, &Owner::User("s".into())).count(), 0);
        region.apps.get_mut(id).unwrap().set_status(Status::Failed, 5);
        assert_eq!(region.live_apps_of(&domain, &owner).count(), 0);
    }
}
