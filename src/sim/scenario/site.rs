//! Building one region of one account: domains, people, spaces and apps from a few words each.
//! What recurs (names, settings, tags) is stored once, so that a hundred thousand apps stay small.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::accounts::{BROAD_ROLE, SHARED_ROLE, role_arn};
use super::network;
use crate::sim::clock::{DAY, HOUR, MINUTE, Millis, SECOND};
use crate::sim::rng::Rng;
use crate::sim::world::{
    Activity, App, AppKey, AppType, Domain, Name, Next, Owner, Profile, Region, Scope, Settings, Space,
    Status, Subject, Tags, World,
};

/// Where an app stands in its life. Times are how long ago.
#[derive(Clone, Copy, Debug)]
pub(super) enum Run {
    /// Its user is at work; it has been up so long.
    AtWork(Millis),
    /// Up so long, unused so long.
    Idle { up: Millis, idle: Millis },
    /// Up so long, and only health checks are seen.
    Unknown(Millis),
    /// It will be in service soon.
    Starting,
    /// `Pending` for so long and for ever.
    Stuck(Millis),
    /// It will be gone soon.
    Stopping,
    /// It failed so long ago, for a reason.
    Failed(Millis, &'static str),
    /// It was stopped so long ago.
    Stopped(Millis),
}

/// What shared values are found again by.
type Shared<K, V> = HashMap<K, V>;

/// What all sites of a scenario share.
#[derive(Debug)]
pub(super) struct Stock {
    names: Shared<String, Name>,
    specs: Shared<(AppType, String, String), Settings>,
    spaces: Shared<(AppType, String, u32), Settings>,
    tags: Shared<(usize, u64), Tags>,
}

impl Stock {
    pub(super) fn new() -> Self {
        Self { names: HashMap::new(), specs: HashMap::new(), spaces: HashMap::new(), tags: HashMap::new() }
    }
}

/// One region of one account under construction.
#[derive(Debug)]
pub(super) struct Site<'a> {
    pub(super) world: &'a mut World,
    pub(super) rng: &'a mut Rng,
    stock: &'a mut Stock,
    pub(super) scope: Scope,
    pub(super) now: Millis,
    uids: u32,
}

impl<'a> Site<'a> {
    pub(super) fn new(
        world: &'a mut World,
        rng: &'a mut Rng,
        stock: &'a mut Stock,
        account: &str,
        region: &str,
    ) -> Self {
        let now = world.now();
        Self { world, rng, stock, scope: Scope::new(account, region), now, uids: 200_000 }
    }

    pub(super) fn region(&mut self) -> &mut Region {
        self.world.region_mut(&self.scope)
    }

    /// A name that is stored once.
    pub(super) fn name(&mut self, text: &str) -> Name {
        if let Some(name) = self.stock.names.get(text) {
            return name.clone();
        }
        let name = Name::from(text);
        self.stock.names.insert(text.to_owned(), name.clone());
        name
    }

    /// A random id such as `subnet-0f3a...`: 17 hexadecimal digits after the prefix.
    pub(super) fn hex_id(&mut self, prefix: &str) -> Name {
        let (high, low) = (self.rng.next_u64() >> 32, self.rng.next_u64() >> 28);
        format!("{prefix}-{high:08x}{low:09x}").into()
    }

    /// A number in `low..high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.rng.below((high - low).max(1).cast_unsigned()).cast_signed()
    }

    /// One of several.
    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.rng.below(of.len() as u64) as usize]
    }

    /// The ARN of a role of this account.
    pub(super) fn role(&self, role: &str) -> String {
        role_arn(&self.scope.account, role)
    }

    /// The tags of a team; `sort` tells teams' tag sets apart. One in four has none.
    pub(super) fn team_tags(&mut self, team: usize) -> Tags {
        let kind = self.rng.below(8);
        if kind < 2 {
            return Tags::default();
        }
        if let Some(tags) = self.stock.tags.get(&(team, kind)) {
            return tags.clone();
        }
        let (name, project, cost) = super::people::TEAMS[team % super::people::TEAMS.len()];
        let mut tags = std::collections::BTreeMap::from([(self.name("team"), self.name(name))]);
        if kind > 2 {
            tags.insert(self.name("project"), self.name(project));
        }
        if kind > 3 {
            tags.insert(self.name("cost-center"), self.name(cost));
        }
        let tags = Tags::new(tags);
        self.stock.tags.insert((team, kind), tags.clone());
        tags
    }

    /// A domain with IAM sign-in, a public network and a file system, to be refined and then
    /// [added](Self::add_domain).
    pub(super) fn domain(&mut self, name: &str, age: Millis) -> Domain {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let id: String = (0..12).map(|_| char::from(self.pick(ALPHABET))).collect();
        let mut domain = Domain::new(&format!("d-{id}"), name, self.now - age);
        domain.modified = self.now - age / 3;
        domain.vpc_id = Some(self.hex_id("vpc"));
        domain.subnet_ids = vec![self.hex_id("subnet"), self.hex_id("subnet")];
        domain.efs_id = Some(self.hex_id("fs"));
        domain.boundary_group = Some(self.hex_id("sg"));
        domain.user_settings = Settings::new(self.user_settings(BROAD_ROLE));
        domain.space_settings = Some(Settings::new(json!({
            "ExecutionRole": self.role(SHARED_ROLE),
            "SecurityGroups": [&*self.hex_id("sg")],
        })));
        domain.domain_settings = Some(Settings::new(json!({
            "ExecutionRoleIdentityConfig": "USER_PROFILE_NAME",
            "DockerSettings": {"EnableDockerAccess": "DISABLED"},
        })));
        domain
    }

    /// Default user settings with a role.
    pub(super) fn user_settings(&mut self, role: &str) -> Value {
        let region = self.scope.region.clone();
        json!({
            "ExecutionRole": self.role(role),
            "SecurityGroups": [&*self.hex_id("sg")],
            "SharingSettings": {
                "NotebookOutputOption": "Allowed",
                "S3OutputPath": format!("s3://sagemaker-studio-{region}-{}/sharing", self.scope.account),
            },
            "JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}},
            "CodeEditorAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}},
            "SpaceStorageSettings": {
                "DefaultEbsStorageSettings": {"DefaultEbsVolumeSizeInGb": 5, "MaximumEbsVolumeSizeInGb": 1000},
            },
            "DefaultLandingUri": "studio::",
            "StudioWebPortal": "ENABLED",
        })
    }

    /// Stores a domain with what it stands on; gives its id.
    pub(super) fn add_domain(&mut self, domain: Domain) -> Name {
        let id = domain.id.clone();
        let scope = self.scope.clone();
        let region = self.region();
        network::settle(region, &scope, &domain);
        region.domains.insert(id.clone(), domain);
        id
    }

    /// Stores a user profile made so long ago and refined; gives its name.
    pub(super) fn person(
        &mut self,
        domain: &Name,
        name: &str,
        age: Millis,
        refine: impl FnOnce(&mut Profile),
    ) -> Name {
        let name = self.name(name);
        let mut profile = Profile::new(domain.clone(), name.clone(), self.now - age);
        profile.modified = self.now - age + 7 * SECOND;
        self.uids += 1;
        profile.uid = self.uids;
        refine(&mut profile);
        if let Some(user) = profile.sso_user.clone() {
            network::assign(self.region(), domain, &user);
        }
        self.region().profiles.insert(profile);
        name
    }

    /// Stores a space of a kind of app made so long ago and refined; gives its name.
    pub(super) fn space(
        &mut self,
        domain: &Name,
        name: &str,
        kind: AppType,
        (instance, gigabytes): (&str, u32),
        age: Millis,
        refine: impl FnOnce(&mut Space),
    ) -> Name {
        let name = self.name(name);
        let mut space = Space::new(domain.clone(), name.clone(), self.now - age);
        space.modified = self.now - age / 2;
        space.settings = Some(self.space_settings(kind, instance, gigabytes));
        space.shared = Some(false);
        self.uids += 1;
        space.uid = self.uids;
        refine(&mut space);
        self.region().spaces.insert(space);
        name
    }

    fn space_settings(&mut self, kind: AppType, instance: &str, gigabytes: u32) -> Settings {
        let key = (kind, instance.to_owned(), gigabytes);
        if let Some(settings) = self.stock.spaces.get(&key) {
            return settings.clone();
        }
        let mut settings = json!({
            "AppType": kind.as_str(),
            "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": gigabytes}},
        });
        let spec = json!({"DefaultResourceSpec": {"InstanceType": instance}});
        match kind {
            AppType::CodeEditor => settings["CodeEditorAppSettings"] = spec,
            _ => settings["JupyterLabAppSettings"] = spec,
        }
        let settings = Settings::new(settings);
        self.stock.spaces.insert(key, settings.clone());
        settings
    }

    /// The `ResourceSpec` of a kind of app on an instance type.
    pub(super) fn spec(&mut self, kind: AppType, instance: &str) -> Settings {
        let key = (kind, instance.to_owned(), self.scope.region.to_string());
        if let Some(spec) = self.stock.specs.get(&key) {
            return spec.clone();
        }
        let spec = Settings::new(resource_spec(kind, instance, &self.scope.region));
        self.stock.specs.insert(key, spec.clone());
        spec
    }

    /// Stores an app and plans what becomes of it. It does nothing if the app exists already.
    pub(super) fn app(
        &mut self,
        domain: &Name,
        owner: Owner,
        kind: AppType,
        name: &str,
        instance: &str,
        run: Run,
    ) {
        self.refined_app(domain, owner, kind, name, instance, run, |_| {});
    }

    /// Like [`Self::app`], with a last change before it is stored.
    #[expect(clippy::too_many_arguments, reason = "an app's key has four parts, and all of them matter here")]
    pub(super) fn refined_app(
        &mut self,
        domain: &Name,
        owner: Owner,
        kind: AppType,
        name: &str,
        instance: &str,
        run: Run,
        refine: impl FnOnce(&mut App),
    ) {
        let now = self.now;
        let spec = self.spec(kind, instance);
        let key = AppKey { domain: domain.clone(), owner, app_type: kind, name: self.name(name) };
        let up = match run {
            Run::AtWork(up) | Run::Idle { up, .. } | Run::Unknown(up) => up,
            Run::Starting => self.between(10, 70) * SECOND,
            Run::Stuck(since) => since,
            Run::Stopping => self.between(60, 600) * MINUTE,
            Run::Failed(ago, _) => ago + 3 * MINUTE,
            Run::Stopped(ago) => ago + self.between(20, 600) * MINUTE,
        };
        // One app in four was created for an earlier run (aws.md 1.2).
        let earlier = if self.rng.below(4) == 0 { self.between(8, 30) * HOUR } else { 0 };
        let mut app = App::new(key, spec, now - up - earlier);
        app.started = now - up;
        app.activity = match run {
            Run::AtWork(_) | Run::Starting => Activity::AtWork,
            Run::Idle { idle, .. } => Activity::At(now - idle.min(up)),
            Run::Stopped(ago) => Activity::At(now - ago - (up - ago) / 5),
            _ => Activity::HealthCheckOnly,
        };
        match run {
            Run::AtWork(_) | Run::Idle { .. } | Run::Unknown(_) => {}
            Run::Starting | Run::Stuck(_) => app.set_status(Status::Pending, now - up),
            Run::Stopping => app.set_status(Status::Deleting, now - 20 * SECOND),
            Run::Failed(ago, reason) => {
                app.set_status(Status::Pending, now - up);
                app.set_status(Status::Failed, now - ago);
                app.failure = Some(self.name(reason));
            }
            Run::Stopped(ago) => app.set_status(Status::Deleted, now - ago),
        }
        refine(&mut app);
        let generation = app.generation;
        let scope = self.scope.clone();
        let Some(id) = self.world.insert_app(&scope, app) else { return };
        let next = match run {
            Run::Starting => Next::Become(Status::InService),
            Run::Stopping => Next::Become(Status::Deleted),
            _ => return,
        };
        let due = now + self.between(15, 90) * SECOND;
        self.world.plan(due, &scope, Subject::App(id), generation, next);
    }
}

/// `ResourceSpec` as Studio fills it: AWS's own images live in an account of AWS in each region.
fn resource_spec(kind: AppType, instance: &str, region: &str) -> Value {
    let distribution = if region == "eu-west-1" { "819792524951" } else { "885854791233" };
    let classic = if region == "eu-west-1" { "470317259841" } else { "081325390199" };
    let gpu = instance.starts_with("ml.g") || instance.starts_with("ml.p");
    let image = |account: &str, name: &str| format!("arn:aws:sagemaker:{region}:{account}:image/{name}");
    match kind {
        AppType::JupyterLab | AppType::CodeEditor => json!({
            "SageMakerImageArn": image(distribution, if gpu { "sagemaker-distribution-gpu" } else { "sagemaker-distribution-cpu" }),
            "SageMakerImageVersionAlias": if instance == "ml.t3.large" { "1.12.0" } else { "3.2.0" },
            "InstanceType": instance,
        }),
        AppType::KernelGateway => json!({
            "SageMakerImageArn": image(classic, if gpu { "pytorch-1.13-gpu-py39" } else { "sagemaker-data-science-310-v1" }),
            "InstanceType": instance,
        }),
        AppType::JupyterServer => {
            json!({"SageMakerImageArn": image(classic, "jupyter-server-3"), "InstanceType": instance})
        }
        _ => json!({"InstanceType": instance}),
    }
}

/// How old things are: a number of days.
pub(super) fn days(count: i64) -> Millis {
    count * DAY
}
