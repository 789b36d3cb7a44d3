//! The bill against the world that it follows from.

use super::*;
use crate::sim::clock::DAY;
use crate::sim::faults::Faults;
use crate::sim::scenario::{ACCOUNT, OTHER_ACCOUNT, Scenario};
use crate::sim::world::{App, AppKey, AppType, Owner, Settings};

const NOW: Millis = 1_795_000_000_000;

fn world(scenario: Scenario) -> World {
    let mut world = World::new(ACCOUNT, NOW);
    scenario.populate(1, &mut world, &Faults::new(1));
    world
}

fn total(lines: &[Line], wanted: impl Fn(&Line) -> bool) -> Amount {
    lines.iter().filter(|line| wanted(line)).map(|line| line.cost).sum()
}

fn dates(from: i64, until: i64) -> (String, String) {
    (date_of(day_of(NOW) + from).to_string(), date_of(day_of(NOW) + until).to_string())
}

fn lines(world: &World, account: &str, from: i64, until: i64) -> Vec<Line> {
    let (from, until) = dates(from, until);
    world.billed_lines(account, &from, &until)
}

fn start(world: &mut World, scope: &Scope, owner: Owner, app_type: AppType, name: &str, instance: &str) {
    let key = AppKey { domain: "d-1".into(), owner, app_type, name: name.into() };
    let spec = Settings::new(serde_json::json!({ "InstanceType": instance }));
    world.start_app(scope, App::new(key, spec, NOW));
}

fn sorted(lines: &[Line]) -> Vec<String> {
    let mut sorted: Vec<String> = lines.iter().map(|line| format!("{line:?}")).collect();
    sorted.sort_unstable();
    sorted
}

#[test]
fn the_bill_of_the_demo_is_the_same_whenever_it_is_read() {
    let mut world = world(Scenario::Small);
    let before = lines(&world, ACCOUNT, -90, -2);
    world.advance(NOW + 5 * DAY);
    let after = lines(&world, ACCOUNT, -90, -2);
    assert!(before.len() > 5_000, "{} lines", before.len());
    assert!(sorted(&before) == sorted(&after), "the past has changed");
    assert!(lines(&world, OTHER_ACCOUNT, -30, -2).iter().all(|line| &*line.account == OTHER_ACCOUNT));
}

#[test]
fn deleting_everything_does_not_change_what_it_has_cost() {
    let mut world = world(Scenario::Small);
    let before = lines(&world, ACCOUNT, -40, -2);
    let scopes: Vec<Scope> = world
        .accounts
        .iter()
        .flat_map(|(account, held)| held.regions.keys().map(|code| Scope::new(account, code)))
        .collect();
    for scope in &scopes {
        let apps: Vec<_> = world.region_mut(scope).apps.iter().map(|(id, _)| id).collect();
        for id in apps {
            world.stop_app(scope, id);
        }
        let spaces: Vec<_> =
            world.region_mut(scope).spaces.iter().map(|(id, space)| (id, space.generation)).collect();
        for (id, generation) in spaces {
            world.plan(
                NOW + HOUR,
                scope,
                crate::sim::world::Subject::Space(id),
                generation,
                crate::sim::world::Next::Vanish,
            );
        }
    }
    world.advance(NOW + 3 * DAY);
    assert!(scopes.iter().all(|scope| world.region(scope).is_none_or(|region| region.spaces.is_empty())));
    let after = lines(&world, ACCOUNT, -40, -2);
    assert!(sorted(&before) == sorted(&after), "the past has changed");
    let studio = |line: &Line| line.usage_type.contains("Studio");
    assert!(total(&lines(&world, ACCOUNT, -1, 1), studio) > 0);
    assert_eq!(total(&lines(&world, ACCOUNT, 2, 3), studio), 0, "nothing is left to pay for");
}

#[test]
fn what_was_used_lately_is_not_on_the_bill_yet() {
    let mut world = World::new(ACCOUNT, NOW);
    let scope = Scope::new(ACCOUNT, "us-east-1");
    start(&mut world, &scope, Owner::Space("lab".into()), AppType::JupyterLab, "default", "ml.g5.xlarge");
    let hours = |world: &World| lines(world, ACCOUNT, 0, 9).iter().map(|line| line.quantity).sum::<Amount>();
    world.advance(NOW + 6 * HOUR);
    assert_eq!(hours(&world), 0);
    world.advance(NOW + 48 * HOUR);
    let settled = Billing::settled(world.now());
    assert!((8 * HOUR..=16 * HOUR).contains(&(world.now() - settled)));
    assert!((hours(&world) - amount::hours(settled - NOW)).abs() < 4, "rounding only");
    let line = &lines(&world, ACCOUNT, 1, 2)[0];
    assert_eq!(
        (line.usage_type.as_str(), line.unit.as_str()),
        ("USE1-Studio:JupyterLab-ml.g5.xlarge", "Hrs")
    );
    assert_eq!(amount_text(line.cost), "33.792", "24 hours at $1.408");
    assert_eq!(
        line.all_tags["sagemaker:space-arn"],
        "arn:aws:sagemaker:us-east-1:123456789012:space/d-1/lab".into()
    );
    assert!(line.tags.is_empty(), "no tag is active");
}

#[test]
fn classic_apps_of_one_user_on_one_type_are_billed_once() {
    let mut world = World::new(ACCOUNT, NOW);
    let scope = Scope::new(ACCOUNT, "us-east-1");
    for (user, kind, name, instance) in [
        ("anna", AppType::KernelGateway, "one", "ml.t3.medium"),
        ("anna", AppType::KernelGateway, "two", "ml.t3.medium"),
        ("anna", AppType::KernelGateway, "three", "ml.m5.large"),
        ("bert", AppType::KernelGateway, "one", "ml.t3.medium"),
        ("anna", AppType::JupyterServer, "default", "system"),
    ] {
        start(&mut world, &scope, Owner::User(user.into()), kind, name, instance);
    }
    world.advance(NOW + 4 * DAY);
    let lines = lines(&world, ACCOUNT, 1, 2);
    let shown: Vec<_> =
        lines.iter().map(|line| (line.usage_type.as_str(), amount_text(line.quantity))).collect();
    let day = "24".to_owned();
    assert_eq!(
        shown,
        [
            ("USE1-Studio:KernelGateway-ml.m5.large", day.clone()),
            ("USE1-Studio:KernelGateway-ml.t3.medium", day.clone()),
            ("USE1-Studio:KernelGateway-ml.t3.medium", day)
        ]
    );
}

#[test]
fn what_never_got_into_service_costs_nothing() {
    let mut world = World::new(ACCOUNT, NOW);
    let scope = Scope::new(ACCOUNT, "us-east-1");
    world.region_mut(&scope).no_capacity.insert("ml.g5.xlarge".into());
    start(&mut world, &scope, Owner::Space("lab".into()), AppType::JupyterLab, "default", "ml.g5.xlarge");
    world.advance(NOW + 4 * DAY);
    assert!(lines(&world, ACCOUNT, 0, 4).is_empty());
}

#[test]
fn the_demo_has_every_kind_of_line() {
    let world = world(Scenario::Small);
    let lines = lines(&world, ACCOUNT, -90, 1);
    for record in [Record::Usage, Record::Credit, Record::Refund, Record::Tax] {
        assert!(lines.iter().any(|line| line.record == record), "{record:?}");
    }
    assert!(total(&lines, |line| line.record == Record::Credit) == -250 * ONE);
    for part in [
        "Studio:JupyterLab",
        "Studio:CodeEditor",
        "Studio:KernelGateway",
        "Studio:VolumeUsage.gp3",
        "Train:",
        "Host:",
    ] {
        assert!(lines.iter().any(|line| line.usage_type.contains(part)), "{part}");
    }
    let taxes = lines.iter().filter(|line| line.record == Record::Tax);
    assert!(taxes.clone().count() >= 2 && taxes.clone().all(|line| line.day.ends_with("-01")));
}
