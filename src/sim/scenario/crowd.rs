//! Many people at their usual work: how domains are filled, in the large fleets and around the exhibits of
//! the small one. Knows no request.

use super::network;
use super::people::{self, SHARED, WORK};
use super::shelf;
use super::site::{Run, Site, Stock, days};
use crate::sim::clock::{DAY, HOUR, MINUTE};
use crate::sim::rng::Rng;
use crate::sim::world::{AppType, Name, Owner, World, quota_of};

/// The regions of the huge fleet, in each of its two accounts.
pub(super) const HUGE_REGIONS: [&str; 10] = [
    "eu-west-1",
    "us-east-1",
    "us-west-2",
    "eu-central-1",
    "us-east-2",
    "ap-northeast-1",
    "ap-southeast-2",
    "eu-north-1",
    "ca-central-1",
    "eu-west-2",
];

const DOMAINS: usize = 10;
const USERS: usize = 250;
const APPS: usize = 500;

const CAPACITY: &str = "InsufficientCapacityError: Unable to provision requested ML compute capacity. Please retry \
                        using a different ML instance type.";
const LIFECYCLE: &str = "ConfigurationError: The Lifecycle Configuration script exited with a non-zero status. View \
                         the CloudWatch logs for more details.";
const IMAGE: &str = "ConfigurationError: Unable to pull the image. Make sure that it exists and that the execution \
                     role may read it.";

/// Instance types by how often people choose them.
const INSTANCES: [(&str, u64); 22] = [
    ("ml.t3.medium", 30),
    ("ml.t3.large", 9),
    ("ml.t3.xlarge", 5),
    ("ml.m5.large", 7),
    ("ml.m5.xlarge", 8),
    ("ml.m5.2xlarge", 6),
    ("ml.m5.4xlarge", 2),
    ("ml.m5d.2xlarge", 1),
    ("ml.c5.xlarge", 3),
    ("ml.c5.4xlarge", 1),
    ("ml.r5.large", 3),
    ("ml.r5.4xlarge", 2),
    ("ml.m7i.xlarge", 2),
    ("ml.g4dn.xlarge", 9),
    ("ml.g4dn.2xlarge", 3),
    ("ml.g4dn.12xlarge", 1),
    ("ml.g5.xlarge", 6),
    ("ml.g5.2xlarge", 3),
    ("ml.g5.12xlarge", 1),
    ("ml.g6.xlarge", 3),
    ("ml.g6.2xlarge", 1),
    ("ml.p3.2xlarge", 1),
];

/// An instance type, chosen as often as people do.
pub(super) fn instance(site: &mut Site<'_>) -> &'static str {
    let total = INSTANCES.iter().map(|(_, weight)| weight).sum();
    let mut left = site.rng.below(total);
    for (name, weight) in INSTANCES {
        if left < weight {
            return name;
        }
        left -= weight;
    }
    INSTANCES[0].0
}

/// A stage of an app's life, as often as it is met.
pub(super) fn run(site: &mut Site<'_>) -> Run {
    let up = site.between(20, 600) * MINUTE;
    match site.rng.below(200) {
        0..=79 => Run::AtWork(up),
        80..=119 => Run::Idle { up: up + 9 * HOUR, idle: site.between(25, 540) * MINUTE },
        120..=133 => {
            let idle = site.between(10, 80) * HOUR;
            Run::Idle { up: idle + up, idle }
        }
        134..=163 => Run::Unknown(up + site.between(0, 30) * HOUR),
        164..=165 => Run::Starting,
        166 => Run::Stopping,
        167..=170 => {
            let reason = site.pick(&[CAPACITY, LIFECYCLE, IMAGE]);
            Run::Failed(site.between(5, 1_400) * MINUTE, reason)
        }
        _ => Run::Stopped(site.between(5, 1_430) * MINUTE),
    }
}

/// The size of a volume, in GB.
pub(super) fn volume(site: &mut Site<'_>) -> u32 {
    site.pick(&[5, 5, 5, 5, 10, 10, 20, 20, 30, 50, 50, 100, 100, 200, 500])
}

/// A private space of a person with an app in it, or without one.
pub(super) fn private_space(
    site: &mut Site<'_>,
    domain: &Name,
    person: &Name,
    (number, team): (usize, usize),
    stage: Option<Run>,
) {
    let kind = if site.rng.below(5) == 0 { AppType::CodeEditor } else { AppType::JupyterLab };
    let work = WORK[number % WORK.len()];
    let round = number / WORK.len();
    let name = if round == 0 { format!("{person}-{work}") } else { format!("{person}-{work}-{}", round + 1) };
    let instance = instance(site);
    let gigabytes = volume(site);
    let age = days(site.between(31, 380));
    let tags = site.team_tags(team);
    let space = site.space(domain, &name, kind, (instance, gigabytes), age, |space| {
        space.owner = Some(person.clone());
        space.tags = tags.clone();
    });
    if let Some(run) = stage {
        site.refined_app(domain, Owner::Space(space), kind, "default", instance, run, |app| app.tags = tags);
    }
}

/// Fills every region of every account with the same number of domains, people and apps.
pub(super) fn populate(rng: &mut Rng, world: &mut World, accounts: &[&str], regions: &[&str]) {
    let mut stock = Stock::new();
    for account in accounts {
        for region in regions {
            let mut site = Site::new(world, rng, &mut stock, account, region);
            shelf::fill(&mut site, 14, 12);
            quotas(&mut site);
            for index in 0..DOMAINS {
                fill_domain(&mut site, index);
            }
            for team in ["shared", "fraud", "vision"] {
                shelf::add_tracking_server(&mut site, &format!("{team}-tracking"), "Created", None);
            }
        }
    }
}

fn quotas(site: &mut Site<'_>) {
    let region = site.region();
    for kind in [AppType::JupyterLab, AppType::CodeEditor, AppType::KernelGateway] {
        for (name, limit) in [("ml.p4d.24xlarge", 0), ("ml.p5.48xlarge", 0), ("ml.g5.48xlarge", 2)] {
            region.app_quotas.insert(quota_of(kind, name).into(), limit);
        }
    }
}

fn fill_domain(site: &mut Site<'_>, index: usize) {
    let age = days(site.between(400, 900));
    let mut domain = site.domain(people::DOMAINS[index], age);
    domain.tags = site.team_tags(index);
    domain.vpc_only = index % 2 == 1;
    if index % 5 == 1 {
        domain.sso = true;
        domain.sso_application_arn = Some(
            format!(
                "arn:aws:sso::{}:application/ssoins-7223b1e0a4c9d5f6/apl-{index:016x}",
                site.scope.account
            )
            .into(),
        );
    }
    let sso = domain.sso;
    let id = site.add_domain(domain);
    let users: Vec<Name> = (0..USERS)
        .map(|number| {
            let name = people::name(index * USERS + number);
            let age = days(site.between(32, 399)) + site.between(0, DAY / 1_000) * 1_000;
            let tags = site.team_tags(index);
            let user = site.name(&format!("{name}@example.com"));
            site.person(&id, &name, age, |profile| {
                profile.tags = tags;
                profile.sso_user = sso.then_some(user);
            })
        })
        .collect();

    // Two who have a profile and cannot sign in.
    if sso {
        for user in [17, 117] {
            network::forget(site.region(), &format!("{}@example.com", users[user]));
        }
    }
    // Every eighth person has nothing running; the others share the apps unevenly.
    let busy = USERS - USERS / 8;
    let mut numbers = vec![0_usize; USERS];
    for count in 0..APPS {
        let user = if count < busy { count } else { site.rng.below(busy as u64) as usize };
        let person = users[user].clone();
        let stage = run(site);
        let number = numbers[user];
        numbers[user] += 1;
        match count % 50 {
            // Classic, which nobody can start any more: two kernels of one person on one instance.
            47 => classic(site, &id, &person, number, stage),
            48 => site.app(
                &id,
                Owner::User(person),
                AppType::Canvas,
                &format!("canvas-{count}"),
                "system",
                stage,
            ),
            49 => shared_space(site, &id, (count / 50, index), Some(stage)),
            _ => private_space(site, &id, &person, (number, index), Some(stage)),
        }
    }
    // Spaces that only cost storage.
    for user in (0..USERS).step_by(9) {
        let person = users[user].clone();
        private_space(site, &id, &person, (numbers[user], index), None);
    }
}

fn classic(site: &mut Site<'_>, domain: &Name, person: &Name, number: usize, run: Run) {
    let instance = site.pick(&["ml.t3.medium", "ml.m5.large", "ml.g4dn.xlarge"]);
    let name = kernel_name(site, instance);
    let owner = Owner::User(person.clone());
    if number == 0 {
        site.app(domain, owner, AppType::JupyterServer, "default", "system", run);
    } else {
        site.app(domain, owner, AppType::KernelGateway, &name, instance, run);
    }
}

/// The name Studio Classic gives a kernel's app.
pub(super) fn kernel_name(site: &mut Site<'_>, instance: &str) -> String {
    let image = if instance.contains(".g") { "pytorch-1-13-gpu-py39" } else { "sagemaker-data-scien" };
    let hash = site.rng.next_u64();
    format!("{image}-{}-{:012x}", instance.replace('.', "-"), hash >> 16)
}

/// A shared space, with an app in it or without.
pub(super) fn shared_space(
    site: &mut Site<'_>,
    domain: &Name,
    (number, team): (usize, usize),
    stage: Option<Run>,
) {
    let (base, round) = (SHARED[number % SHARED.len()], number / SHARED.len());
    let name = if round == 0 { base.to_owned() } else { format!("{base}-{}", round + 1) };
    let owner =
        site.region().profiles.listing(Some(domain), None, false).next().map(|(_, row)| row.name().clone());
    let (instance, age) = (instance(site), days(site.between(31, 300)));
    let tags = site.team_tags(team);
    let space = site.space(domain, &name, AppType::JupyterLab, (instance, 100), age, |space| {
        space.shared = Some(true);
        space.owner = owner;
        space.tags = tags.clone();
    });
    if let Some(run) = stage {
        let owner = Owner::Space(space);
        site.refined_app(domain, owner, AppType::JupyterLab, "default", instance, run, |app| app.tags = tags);
    }
}
