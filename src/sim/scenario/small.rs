//! The fleet of the demo: small enough to read, with every state and pathology on show.

use std::sync::Arc;

use serde_json::json;

use super::accounts::{ADMIN_ROLE, NARROW_ROLE, RSTUDIO_ROLE};
use super::crowd::{self, kernel_name};
use super::network;
use super::shelf;
use super::site::{Run, Site, Stock, days};
use super::{ACCOUNT, OTHER_ACCOUNT};
use crate::sim::clock::{DAY, HOUR, MINUTE, SECOND};
use crate::sim::rng::Rng;
use crate::sim::world::{
    AppKey, AppType, Name, Next, Owner, Settings, Status, Subject, Tags, World, quota_of,
};

const NO_CAPACITY: &str = "InsufficientCapacityError: Unable to provision requested ML compute capacity for \
                           ml.p4d.24xlarge in eu-west-1a. Please retry using a different ML instance type.";
const BAD_SCRIPT: &str = "ConfigurationError: The Lifecycle Configuration script install-extensions exited with \
                          status 1. View the CloudWatch logs /aws/sagemaker/studio for more details.";
const NO_ADDRESS: &str = "InternalError: There are not enough free addresses in subnet subnet-0d5f1b7a2c9e4f603 to \
                          start the app. Please free addresses or add a subnet.";

/// Fills the two accounts of the demo.
pub(super) fn populate(rng: &mut Rng, world: &mut World) {
    let mut stock = Stock::new();
    let mut ireland = Site::new(world, rng, &mut stock, ACCOUNT, "eu-west-1");
    shelf::fill(&mut ireland, 5, 4);
    quotas(&mut ireland);
    research(&mut ireland);
    nlp(&mut ireland);
    let mut virginia = Site::new(world, rng, &mut stock, ACCOUNT, "us-east-1");
    shelf::fill(&mut virginia, 2, 2);
    quotas(&mut virginia);
    risk(&mut virginia);
    let mut other = Site::new(world, rng, &mut stock, OTHER_ACCOUNT, "eu-west-1");
    sandbox(&mut other);
}

fn quotas(site: &mut Site<'_>) {
    let region = site.region();
    for (kind, instance, limit) in [
        (AppType::JupyterLab, "ml.g5.xlarge", 4),
        (AppType::JupyterLab, "ml.g5.12xlarge", 2),
        (AppType::JupyterLab, "ml.g4dn.xlarge", 8),
        (AppType::JupyterLab, "ml.p4d.24xlarge", 1),
        (AppType::JupyterLab, "ml.p5.48xlarge", 0),
        (AppType::CodeEditor, "ml.p5.48xlarge", 0),
        (AppType::CodeEditor, "ml.g5.2xlarge", 2),
        (AppType::JupyterLab, "ml.t3.medium", 60),
    ] {
        region.app_quotas.insert(quota_of(kind, instance).into(), limit);
    }
}

/// People of one domain under construction; those who are an exhibit get nothing by chance.
struct Staff<'s, 'w> {
    site: &'s mut Site<'w>,
    domain: Name,
    team: usize,
}

impl Staff<'_, '_> {
    fn person(&mut self, name: &str) -> Name {
        let sso = self.site.region().domains.get(&self.domain).is_some_and(|domain| domain.sso);
        let tags = self.site.team_tags(self.team);
        let age = days(self.site.between(31, 390)) + self.site.between(0, 86_000) * SECOND;
        let address: Name = format!("{name}@example.com").into();
        let domain = self.domain.clone();
        self.site.person(&domain, name, age, |profile| {
            profile.tags = tags;
            profile.sso_user = sso.then_some(address);
        })
    }

    /// A person with one private space and an app in it.
    fn works(
        &mut self,
        name: &str,
        kind: AppType,
        (instance, gigabytes): (&str, u32),
        run: Run,
    ) -> (Name, Name) {
        let person = self.person(name);
        let suffix = if kind == AppType::CodeEditor { "code" } else { "lab" };
        let (space, tags) = self.space(&person, suffix, kind, (instance, gigabytes));
        let domain = self.domain.clone();
        let owner = Owner::Space(space.clone());
        self.site.refined_app(&domain, owner, kind, "default", instance, run, |app| app.tags = tags);
        (person, space)
    }

    fn space(&mut self, person: &Name, suffix: &str, kind: AppType, size: (&str, u32)) -> (Name, Tags) {
        let tags = self.site.team_tags(self.team);
        let age = days(self.site.between(31, 200));
        let domain = self.domain.clone();
        let name = format!("{person}-{suffix}");
        let space = self.site.space(&domain, &name, kind, size, age, |space| {
            space.owner = Some(person.clone());
            space.tags = tags.clone();
        });
        (space, tags)
    }

    /// A shared space of a person with an app in it.
    fn shares(&mut self, person: &Name, name: &str, (instance, gigabytes): (&str, u32), run: Run) {
        let domain = self.domain.clone();
        let tags = self.site.team_tags(self.team);
        let kind = AppType::JupyterLab;
        let space = self.site.space(&domain, name, kind, (instance, gigabytes), days(90), |space| {
            space.shared = Some(true);
            space.owner = Some(person.clone());
            space.tags = tags.clone();
            space.display_name = Some(format!("{} of the team", name.replace('-', " ")).into());
        });
        self.site
            .refined_app(&domain, Owner::Space(space), kind, "default", instance, run, |app| app.tags = tags);
    }

    /// An app of a person, outside of any space.
    fn app(&mut self, person: &Name, kind: AppType, name: &str, instance: &str, run: Run) {
        let domain = self.domain.clone();
        self.site.app(&domain, Owner::User(person.clone()), kind, name, instance, run);
    }

    /// People at their usual work, with up to three private spaces each.
    fn crowd(&mut self, names: &[&str]) {
        for name in names {
            let person = self.person(name);
            let domain = self.domain.clone();
            for number in 0..=self.site.rng.below(3) as usize {
                let run = crowd::run(self.site);
                crowd::private_space(self.site, &domain, &person, (number, self.team), Some(run));
            }
        }
    }

    /// People who have a profile and nothing else.
    fn idlers(&mut self, names: &[&str]) {
        for name in names {
            self.person(name);
        }
    }
}

const fn up(hours: i64, minutes: i64) -> i64 {
    hours * HOUR + minutes * MINUTE
}

/// IAM sign-in, public network, a careless role, Classic apps that still run, GPUs that nobody uses.
fn research(site: &mut Site<'_>) {
    let mut domain = site.domain("research", days(612));
    domain.tags = tags(&[("team", "research"), ("cost-center", "cc-4100"), ("env", "prod")]);
    let mut settings = site.user_settings(super::accounts::BROAD_ROLE);
    let arn = |name: &str| site.scope.sagemaker_arn(&format!("studio-lifecycle-config/{name}"));
    settings["JupyterLabAppSettings"] = json!({
        "DefaultResourceSpec": {"InstanceType": "ml.t3.medium"},
        "LifecycleConfigArns": [arn("install-extensions"), arn("auto-stop-idle")],
        "CustomImages": [{"ImageName": "pytorch-cuda12", "AppImageConfigName": "pytorch-cuda12-config"}],
    });
    settings["KernelGatewayAppSettings"] = json!({
        "CustomImages": [{"ImageName": "risk-python", "AppImageConfigName": "risk-python-config"}],
        "LifecycleConfigArns": [arn("mirror-pip")],
    });
    domain.user_settings = Settings::new(settings);
    let custom_image = site.scope.sagemaker_arn("image/pytorch-cuda12");
    let script = arn("install-extensions");
    let id = site.add_domain(domain);
    let mut staff = Staff { site, domain: id.clone(), team: 0 };
    let lab = AppType::JupyterLab;

    // Idle GPUs: nine hours, and since Friday.
    let idle_day = Run::Idle { up: up(28, 14), idle: up(9, 3) };
    let (anna, _) = staff.works("anna-k", lab, ("ml.g5.12xlarge", 200), idle_day);
    let idle_weekend = Run::Idle { up: up(81, 40), idle: up(74, 5) };
    staff.works("felix-z", lab, ("ml.p3.2xlarge", 500), idle_weekend);
    staff.works("hugo-t", lab, ("ml.g5.xlarge", 100), Run::Idle { up: up(33, 2), idle: up(22, 31) });
    // On an own image, with a script of their own.
    let (maria, space) = staff.works("maria-s", lab, ("ml.g5.xlarge", 100), Run::AtWork(up(5, 12)));
    let spec = json!({
        "SageMakerImageArn": custom_image,
        "SageMakerImageVersionArn": format!("{}/12", staff.site.scope.sagemaker_arn("image-version/pytorch-cuda12")),
        "InstanceType": "ml.g5.xlarge",
        "LifecycleConfigArn": script,
    });
    respecify(staff.site, &id, Owner::Space(space), lab, &Settings::new(spec));
    // Nobody can tell whether they are used.
    staff.works("olivia-n", lab, ("ml.g4dn.2xlarge", 50), Run::Unknown(up(41, 9)));
    staff.works("noah-b", AppType::CodeEditor, ("ml.m5.2xlarge", 50), Run::Unknown(up(11, 52)));
    // Starting, stuck, stopping, failed.
    staff.works("leo-d", lab, ("ml.m5.xlarge", 20), Run::Starting);
    staff.works("ravi-p", lab, ("ml.g5.2xlarge", 100), Run::Stuck(40 * MINUTE));
    staff.works("greta-w", lab, ("ml.t3.xlarge", 20), Run::Stopping);
    staff.works("wei-l", lab, ("ml.p4d.24xlarge", 1_000), Run::Failed(35 * MINUTE, NO_CAPACITY));
    staff.works("ines-c", AppType::CodeEditor, ("ml.t3.medium", 10), Run::Failed(up(3, 20), BAD_SCRIPT));
    staff.works("jonas-m", lab, ("ml.m5.4xlarge", 50), Run::Stopped(up(2, 11)));

    // Classic: two kernels of one person on one instance, which is billed once.
    let classic = staff.person("karl-h");
    staff.app(&classic, AppType::JupyterServer, "default", "system", Run::Unknown(up(190, 0)));
    for _ in 0..2 {
        let name = kernel_name(staff.site, "ml.g4dn.xlarge");
        staff.app(&classic, AppType::KernelGateway, &name, "ml.g4dn.xlarge", Run::Unknown(up(66, 30)));
    }
    let name = kernel_name(staff.site, "ml.t3.medium");
    staff.app(
        &anna,
        AppType::JupyterServer,
        "default",
        "system",
        Run::Idle { up: up(90, 0), idle: up(71, 0) },
    );
    staff.app(
        &anna,
        AppType::KernelGateway,
        &name,
        "ml.t3.medium",
        Run::Idle { up: up(90, 0), idle: up(71, 0) },
    );
    staff.app(&maria, AppType::Canvas, "default", "system", Run::Unknown(up(7, 45)));

    staff.shares(
        &maria,
        "benchmarks",
        ("ml.g5.4xlarge", 1_000),
        Run::Idle { up: up(52, 0), idle: up(26, 18) },
    );
    staff.shares(&anna, "model-review", ("ml.m5.2xlarge", 200), Run::AtWork(up(4, 2)));
    // A volume that nobody has used for months.
    staff.space(&anna, "imagenet", lab, ("ml.t3.medium", 4_000));
    // A change that failed.
    let (broken, _) = staff.space(&maria, "resized", lab, ("ml.t3.medium", 500));
    let region = staff.site.region();
    if let Some(space) = region.spaces.find(&(id.clone(), broken)).and_then(|id| region.spaces.get_mut(id)) {
        space.status = Status::UpdateFailed;
        space.failure = Some("ValidationError: The volume cannot be made smaller than 500 GB.".into());
    }
    staff.crowd(&[
        "carla-v", "david-g", "elena-r", "henry-f", "katrin-o", "nils-a", "paul-e", "sofia-i", "thomas-y",
    ]);
    staff.idlers(&["quentin-x", "zuzana-u", "irene-j"]);
    shelf::add_tracking_server(site, "research-tracking", "Created", Some((id, maria)));
}

/// SSO sign-in, private network, native idle shutdown, an administrator as execution role, `RStudio`.
fn nlp(site: &mut Site<'_>) {
    let mut domain = site.domain("nlp", days(288));
    domain.sso = true;
    domain.vpc_only = true;
    domain.tag_propagation = true;
    domain.kms_key_id = Some(kms_key(site));
    domain.group_management = Some("Service".into());
    domain.sso_application_arn = Some(
        format!(
            "arn:aws:sso::{}:application/ssoins-7223b1e0a4c9d5f6/apl-1b2c3d4e5f607182",
            site.scope.account
        )
        .into(),
    );
    domain.tags = tags(&[("team", "nlp"), ("project", "assistant"), ("cost-center", "cc-4110")]);
    let mut settings = site.user_settings(ADMIN_ROLE);
    let idle = json!({"IdleSettings": {
        "LifecycleManagement": "ENABLED",
        "IdleTimeoutInMinutes": 180,
        "MinIdleTimeoutInMinutes": 60,
        "MaxIdleTimeoutInMinutes": 720,
    }});
    for kind in ["JupyterLabAppSettings", "CodeEditorAppSettings"] {
        settings[kind]["AppLifecycleManagement"] = idle.clone();
    }
    settings["CanvasAppSettings"] = json!({"ModelRegisterSettings": {"Status": "ENABLED"}});
    domain.user_settings = Settings::new(settings);
    domain.domain_settings = Some(Settings::new(json!({
        "SecurityGroupIds": [&*site.hex_id("sg")],
        "RStudioServerProDomainSettings": {
            "DomainExecutionRoleArn": site.role(RSTUDIO_ROLE),
            "RStudioConnectUrl": "https://connect.example.com",
            "DefaultResourceSpec": {"InstanceType": "ml.c5.4xlarge"},
        },
        "ExecutionRoleIdentityConfig": "DISABLED",
        "DockerSettings": {"EnableDockerAccess": "ENABLED", "VpcOnlyTrustedAccounts": ["123456789012"]},
    })));
    let id = site.add_domain(domain);
    let mut staff = Staff { site, domain: id.clone(), team: 1 };
    let lab = AppType::JupyterLab;

    staff.app(
        &"domain-shared".into(),
        AppType::RStudioServerPro,
        "default",
        "ml.c5.4xlarge",
        Run::Unknown(up(720, 0)),
    );
    let rita = staff.person("rita-q");
    staff.app(&rita, AppType::RSessionGateway, "rsession-a41f09c2", "ml.m5.xlarge", Run::AtWork(up(3, 48)));
    let omar = staff.person("omar-h");
    staff.app(
        &omar,
        AppType::RSessionGateway,
        "rsession-77be102d",
        "ml.r5.4xlarge",
        Run::Idle { up: up(30, 0), idle: up(25, 40) },
    );
    staff.app(&rita, AppType::Canvas, "default", "system", Run::AtWork(up(1, 15)));

    let (_, _) = staff.works("vera-m", lab, ("ml.g5.12xlarge", 500), Run::AtWork(up(12, 33)));
    let (lena, _) =
        staff.works("lena-f", lab, ("ml.g5.xlarge", 100), Run::Idle { up: up(15, 0), idle: up(11, 20) });
    staff.works("amir-t", AppType::CodeEditor, ("ml.g5.2xlarge", 200), Run::AtWork(up(2, 9)));
    staff.works(
        "pia-w",
        AppType::CodeEditor,
        ("ml.g5.2xlarge", 100),
        Run::Idle { up: up(9, 30), idle: up(2, 40) },
    );
    staff.works("yuki-s", lab, ("ml.g4dn.xlarge", 50), Run::Idle { up: up(77, 0), idle: up(69, 15) });
    staff.works("tobias-k", lab, ("ml.g6.2xlarge", 100), Run::Unknown(up(20, 45)));
    staff.works("fatima-b", lab, ("ml.g4dn.xlarge", 50), Run::Failed(12 * MINUTE, NO_ADDRESS));
    staff.shares(
        &lena,
        "nlp-shared",
        ("ml.g4dn.12xlarge", 2_000),
        Run::Idle { up: up(60, 0), idle: up(47, 30) },
    );
    staff.shares(&lena, "annotation", ("ml.t3.large", 100), Run::AtWork(up(6, 6)));
    // A profile that could not be made.
    let failed = staff.person("gustav-n");
    let region = staff.site.region();
    if let Some(profile) =
        region.profiles.find(&(id.clone(), failed)).and_then(|id| region.profiles.get_mut(id))
    {
        profile.status = Status::Failed;
        profile.failure = Some("ValidationError: The execution role may not be assumed by SageMaker.".into());
    }
    // A profile that is just being made.
    let person = staff.person("sara-d");
    let scope = staff.site.scope.clone();
    let found = staff.site.region().profiles.find(&(id.clone(), person));
    if let Some(found) = found {
        let generation = staff.site.region().profiles.get_mut(found).map_or(0, |profile| {
            profile.status = Status::Pending;
            profile.generation
        });
        let due = staff.site.now + 25 * SECOND;
        staff.site.world.plan(
            due,
            &scope,
            Subject::Profile(found),
            generation,
            Next::Become(Status::InService),
        );
    }
    staff.crowd(&["bruno-c", "chloe-g", "dina-e", "emil-j", "hannah-o", "kai-v", "mateo-y"]);
    staff.idlers(&["robin-x", "stella-p"]);
    shelf::add_tracking_server(site, "nlp-experiments", "Stopped", Some((id.clone(), lena)));
    sign_in(site, &id);
}

/// The people of the company who are not in Studio yet, two who are and were not assigned, and a subnet that
/// is almost full.
fn sign_in(site: &mut Site<'_>, domain: &Name) {
    let region = site.region();
    if let Some(center) = &mut region.identity_center {
        for name in ["ada-l", "alan-t", "barbara-l", "edsger-d", "grace-h", "katherine-j", "noor-a", "tim-b"]
        {
            center.add_user(&format!("{name}@example.com"));
        }
    }
    for name in ["robin-x", "gustav-n"] {
        network::forget(region, &format!("{name}@example.com"));
    }
    let subnet = region.domains.get(domain).and_then(|domain| domain.subnet_ids.first()).cloned();
    if let Some(subnet) = subnet.and_then(|id| region.network.subnets.get_mut(&id)) {
        subnet.free_addresses = 6;
    }
}

/// IAM sign-in, private network, no home file system, a narrow role: how it should be, mostly.
fn risk(site: &mut Site<'_>) {
    let mut domain = site.domain("risk-analytics", days(131));
    domain.vpc_only = true;
    domain.efs_id = None;
    domain.kms_key_id = Some(kms_key(site));
    domain.group_management = Some("Customer".into());
    domain.tags =
        tags(&[("team", "risk"), ("project", "credit-scoring"), ("cost-center", "cc-5200"), ("env", "prod")]);
    let mut settings = site.user_settings(NARROW_ROLE);
    settings["StudioWebPortalSettings"] = json!({"HiddenAppTypes": ["JupyterServer", "KernelGateway"]});
    settings["AutoMountHomeEFS"] = json!("Disabled");
    domain.user_settings = Settings::new(settings);
    let id = site.add_domain(domain);
    let mut staff = Staff { site, domain: id.clone(), team: 3 };
    let lab = AppType::JupyterLab;

    let (uma, _) = staff.works("uma-r", lab, ("ml.m5.4xlarge", 100), Run::AtWork(up(7, 30)));
    staff.works("simon-d", lab, ("ml.r5.4xlarge", 200), Run::Idle { up: up(49, 0), idle: up(31, 25) });
    staff.works("teresa-o", AppType::CodeEditor, ("ml.t3.medium", 10), Run::AtWork(up(1, 55)));
    staff.works("marco-l", lab, ("ml.t3.medium", 5), Run::Starting);
    staff.works("bianca-f", lab, ("ml.m5.large", 20), Run::Stopped(23 * HOUR + 40 * MINUTE));
    staff.works("edgar-v", lab, ("ml.c5.4xlarge", 50), Run::Unknown(up(16, 20)));
    staff.shares(&uma, "onboarding", ("ml.t3.large", 50), Run::Unknown(up(100, 0)));
    // One profile has a role of its own, broader than its domain's.
    let own_role = staff.site.role(ADMIN_ROLE);
    let region = staff.site.region();
    if let Some(profile) = region.profiles.find(&(id, uma)).and_then(|id| region.profiles.get_mut(id)) {
        profile.settings = Some(Settings::new(json!({"ExecutionRole": own_role})));
    }
    staff.crowd(&["celia-t", "daniel-a", "flora-g", "ida-n", "jana-s", "laura-k", "otto-p"]);
    staff.idlers(&["georg-i", "willem-u"]);
}

/// The other account: one small domain.
fn sandbox(site: &mut Site<'_>) {
    let mut domain = site.domain("sandbox", days(54));
    domain.tags = tags(&[("env", "dev")]);
    domain.modified = site.now - DAY;
    let id = site.add_domain(domain);
    let mut staff = Staff { site, domain: id, team: 7 };
    staff.works(
        "ole-b",
        AppType::JupyterLab,
        ("ml.g4dn.xlarge", 50),
        Run::Idle { up: up(120, 0), idle: up(98, 0) },
    );
    staff.crowd(&["priya-c", "theo-m", "yasmin-h"]);
    staff.idlers(&["wim-z"]);
}

fn kms_key(site: &mut Site<'_>) -> Name {
    let (high, low) = (site.rng.next_u64(), site.rng.next_u64());
    format!(
        "arn:aws:kms:{}:{}:key/{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        site.scope.region,
        site.scope.account,
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFF,
        low >> 52,
        low & 0xFFFF_FFFF_FFFF
    )
    .into()
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    Arc::new(pairs.iter().map(|(key, value)| (Name::from(*key), Name::from(*value))).collect())
}

/// Gives the app `default` of an owner another `ResourceSpec`.
fn respecify(site: &mut Site<'_>, domain: &Name, owner: Owner, kind: AppType, spec: &Settings) {
    let key = AppKey { domain: domain.clone(), owner, app_type: kind, name: "default".into() };
    let region = site.region();
    if let Some(app) = region.apps.find(&key).and_then(|id| region.apps.get_mut(id)) {
        app.spec = spec.clone();
    }
}
