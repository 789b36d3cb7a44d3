//! The fleet that tests how much a client bears: hostile texts wherever AWS lets people write, members that
//! are missing, values nobody has heard of, and regions that refuse, throttle, dawdle or never answer.

use std::time::Duration;

use serde_json::json;

use super::crowd;
use super::site::{Run, Site, Stock, days};
use super::{ACCOUNT, people};
use crate::sim::clock::{HOUR, MINUTE};
use crate::sim::faults::{Fault, Faults, Target};
use crate::sim::rng::Rng;
use crate::sim::world::{
    Activity, AppType, Denial, Domain, Image, Name, Owner, Settings, Status, Tags, World,
};

/// The regions: hostile texts, `ListSpaces` refused, throttled, slow, and one that never answers.
pub(super) const REGIONS: [&str; 5] =
    ["us-east-1", "eu-west-1", "eu-central-1", "ap-northeast-1", "us-west-2"];

/// Texts that would take over a terminal or hide what they say.
const HOSTILE: [&str; 10] = [
    "\u{1b}]0;owned\u{7}title",
    "\u{1b}[2J\u{1b}[Hcleared",
    "\u{1b}]52;c;cm0gLXJmIC8=\u{7}clipboard",
    "\u{1b}]8;;https://evil.example.com\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{202e}txet desrever",
    "zero\u{200b}width\u{200d}joined\u{feff}",
    "\u{9b}31mC1 red",
    "tab\there and\rback",
    "a\u{0301}\u{0302}\u{0303}\u{0304}\u{0305}\u{0306} stacked",
    "\u{2066}isolated\u{2069} 家族 👩‍👩‍👧",
];

/// Fills the regions.
pub(super) fn populate(rng: &mut Rng, world: &mut World) {
    let mut stock = Stock::new();
    for region in REGIONS {
        let mut site = Site::new(world, rng, &mut stock, ACCOUNT, region);
        ordinary(&mut site);
        if region == "us-east-1" {
            hostile(&mut site);
            incomplete(&mut site);
            unheard(&mut site);
        }
    }
    world.denials.push(Denial {
        action: "sagemaker:ListSpaces".into(),
        account: None,
        region: Some("eu-west-1".into()),
    });
    world.prices.withheld.insert("ml.g6.2xlarge".into());
}

/// Switches on what goes wrong on the way.
pub(super) fn inject(faults: &Faults) {
    let everything = |region| Target::all().in_region(region);
    faults.add(everything("eu-central-1"), Fault::Throttle(0.4));
    faults.add(everything("ap-northeast-1"), Fault::Latency(Duration::from_millis(1_500)));
    faults.add(everything("us-west-2"), Fault::BlackHole);
    faults.add(Target::operation("DescribeApp").in_region("us-east-1"), Fault::Status(500));
}

/// A domain with a dozen people, as everywhere.
fn ordinary(site: &mut Site<'_>) {
    let domain = site.domain("everyday", days(200));
    let id = site.add_domain(domain);
    for number in 0..12 {
        let person = site.person(&id, &people::name(number), days(90), |_| {});
        let run = crowd::run(site);
        crowd::private_space(site, &id, &person, (number, number), Some(run));
    }
}

/// Every text that people or the service write freely is hostile.
fn hostile(site: &mut Site<'_>) {
    let mut domain = site.domain("hostile", days(40));
    domain.status = Status::UpdateFailed;
    domain.failure = Some(HOSTILE[1].into());
    domain.tags = odd_tags();
    let id = site.add_domain(domain);
    for (index, text) in HOSTILE.into_iter().enumerate() {
        let person = site.person(&id, &format!("guest-{index}"), days(30), |profile| {
            profile.tags = odd_tags();
            profile.sso_user = Some(text.into());
            profile.failure = Some(text.into());
            profile.status = if index % 2 == 0 { Status::Failed } else { Status::InService };
        });
        let size = ("ml.t3.medium", 5);
        let space =
            site.space(&id, &format!("guest-{index}-lab"), AppType::JupyterLab, size, days(20), |space| {
                space.owner = Some(person.clone());
                space.display_name = Some(text.chars().take(64).collect::<String>().into());
                space.failure = Some(text.into());
                space.tags = odd_tags();
            });
        let owner = Owner::Space(space);
        let run = Run::Failed(HOUR, text);
        site.app(&id, owner, AppType::JupyterLab, "default", "ml.t3.medium", run);
    }
    let named = |text: &str| Tags::new([("Name".into(), text.into())].into());
    for vpc in site.region().network.vpcs.values_mut() {
        vpc.tags = named(HOSTILE[4]);
    }
    for subnet in site.region().network.subnets.values_mut() {
        subnet.tags = named(HOSTILE[5]);
    }
    let role = site.role(super::accounts::BROAD_ROLE);
    let mut image = Image::new("hostile", &role, site.now - days(3));
    image.display_name = Some("\u{202e}egami".into());
    image.description = Some(HOSTILE[0].into());
    image.status = Status::Failed;
    image.failure = Some(HOSTILE[2].into());
    site.region().images.insert(image.name.clone(), image);
}

/// Tags within what AWS allows: letters and separators of every script.
fn odd_tags() -> Tags {
    let tags: [(Name, Name); 4] = [
        ("team".into(), "مرحبا".into()),
        ("owner\u{2028}line".into(), "x\u{2029}y".into()),
        ("=cmd".into(), "=1+1".into()),
        ("empty".into(), "".into()),
    ];
    Tags::new(tags.into())
}

/// Whatever may be missing is missing.
fn incomplete(site: &mut Site<'_>) {
    let mut domain = Domain::new("d-unifiedstudio", "a", site.now - days(2));
    domain.user_settings = Settings::new(json!({}));
    domain.domain_settings = Some(Settings::new(
        json!({"UnifiedStudioSettings": {"StudioWebPortalAccess": "DISABLED", "DomainId": "dzd-4x5y6z"}}),
    ));
    let id = site.add_domain(domain);
    let longest = "m".repeat(63);
    let person = site.person(&id, &longest, days(1), |_| {});
    let space =
        site.space(&id, &"s".repeat(63), AppType::JupyterLab, ("ml.t3.medium", 5), days(1), |space| {
            space.settings = None;
            space.owner = None;
            space.shared = None;
        });
    let bare = |app: &mut crate::sim::world::App| {
        app.spec = Settings::new(json!({}));
        app.activity = Activity::Absent;
    };
    let run = Run::Unknown(3 * HOUR);
    site.refined_app(&id, Owner::Space(space), AppType::JupyterLab, "default", "ml.t3.medium", run, bare);
    site.refined_app(&id, Owner::User(person), AppType::Canvas, &"c".repeat(63), "system", run, bare);
    // An app whose space and domain are gone, as a listing in the middle of a deletion shows it.
    let gone: Name = "d-gone00000000".into();
    site.app(&gone, Owner::Space("left-behind".into()), AppType::JupyterLab, "default", "ml.t3.medium", run);
}

/// Values that newer versions of the service may come up with.
fn unheard(site: &mut Site<'_>) {
    let mut domain = site.domain("tomorrow", days(3));
    domain.status = Status::Unheard("Migrating");
    let id = site.add_domain(domain);
    let person =
        site.person(&id, "early-adopter", days(3), |profile| profile.status = Status::Unheard("Invited"));
    let kind = AppType::Unheard("Marimo");
    let owner = Owner::User(person.clone());
    site.app(&id, owner, kind, "default", "ml.q1.metal", Run::AtWork(35 * MINUTE));
    let size = ("ml.q1.metal", 5);
    let space = site.space(&id, "early-adopter-lab", AppType::JupyterLab, size, days(1), |space| {
        space.owner = Some(person);
        space.status = Status::Unheard("Snapshotting");
    });
    let run = Run::AtWork(50 * MINUTE);
    site.refined_app(&id, Owner::Space(space), AppType::JupyterLab, "default", "ml.q1.metal", run, |app| {
        app.status = Status::Unheard("Hibernating");
    });
}
