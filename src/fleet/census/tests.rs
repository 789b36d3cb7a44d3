//! Censuses of small fleets, and the time one of a great fleet takes.

use std::sync::Arc;

use super::*;
use crate::fleet::{AppType, Known, Name, Owner, Query, Sharing, sample};

fn take(fleet: &Fleet) -> Census {
    Census::take(fleet, sample::now(), IdleRule::default(), None)
}

fn classic(user: &str, name: &str, instance: &str, minutes: i64) -> crate::fleet::App {
    let mut app = sample::app(user, AppType::KernelGateway, name);
    app.instance = Some(Arc::from(instance));
    app.created = Some(sample::minutes_ago(minutes));
    app
}

#[test]
fn classic_apps_of_one_user_on_one_instance_type_are_counted_once() {
    let mut stopped = classic("anna", "first", "ml.g5.xlarge", 900);
    stopped.status = AppStatus::Deleted;
    let mut in_space = classic("anna", "pt", "ml.g5.xlarge", 300);
    in_space.key.owner = Owner::Space(Name::new("ours"));
    let apps = vec![
        classic("anna", "younger", "ml.g5.xlarge", 100),
        classic("anna", "older", "ml.g5.xlarge", 200),
        classic("anna", "other-type", "ml.g5.2xlarge", 100),
        classic("bo", "other-user", "ml.g5.xlarge", 100),
        in_space,
        stopped,
        sample::app("anna", AppType::JupyterLab, "lab-is-not-classic"),
    ];
    let users = vec![sample::user("anna"), sample::user("bo")];
    let fleet = sample::fleet(users, vec![sample::space("ours", "bo", Sharing::Shared)], apps);
    let census = take(&fleet);
    let rates: Vec<_> = (0..7).map(|position| census.app(&fleet, position).unwrap().rate).collect();
    assert_eq!(
        rates,
        [
            Rate::Shared,
            Rate::Dollars(1.0),
            Rate::Dollars(2.0),
            Rate::Dollars(1.0),
            Rate::Dollars(1.0),
            Rate::Stopped,
            Rate::Dollars(1.0)
        ]
    );
    assert_eq!(census.totals().all.known_burn(), Known::Value(6.0));
    assert_eq!(census.totals().top_users, [(0, 4.0), (1, 2.0)], "the shared space counts with its owner, bo");
}

#[test]
fn an_unknown_price_makes_a_sum_unknown_and_leaves_its_known_part() {
    let mut odd = sample::app("anna", AppType::JupyterLab, "odd");
    odd.instance = Some(Arc::from("ml.p9.mega"));
    let apps = vec![sample::app("anna", AppType::JupyterLab, "lab"), odd];
    let fleet = sample::fleet(vec![sample::user("anna"), sample::user("bo")], vec![], apps);
    let census = take(&fleet);
    let anna = census.user(&fleet, 0).unwrap();
    assert_eq!((anna.known_burn(), anna.unknown_prices), (Known::Unknown, 1));
    assert!((anna.burn - 1.0).abs() < 1e-9);
    assert_eq!(census.user(&fleet, 1).unwrap().known_burn(), Known::Value(0.0));
    let instances: Vec<_> =
        census.totals().instances.iter().map(|row| (&*row.instance, row.unknown_prices)).collect();
    assert_eq!(instances, [("ml.g5.xlarge", 0), ("ml.p9.mega", 1)]);
}

#[test]
fn sums_of_domain_user_and_space_count_what_is_theirs() {
    let mut idle = sample::space_app("mine");
    idle.activity = Some(sample::activity(540, 2));
    let mut used = sample::space_app("ours");
    used.activity = Some(sample::activity(10, 2));
    let mut failed = sample::app("anna", AppType::KernelGateway, "broken");
    failed.status = AppStatus::Failed;
    let spaces =
        vec![sample::space("mine", "anna", Sharing::Private), sample::space("ours", "bo", Sharing::Shared)];
    let fleet =
        sample::fleet(vec![sample::user("anna"), sample::user("bo")], spaces, vec![idle, used, failed]);
    let census = take(&fleet);
    let domain = census.domain(&fleet, 0).unwrap();
    assert_eq!((domain.users, domain.spaces, domain.apps, domain.running, domain.failed), (2, 2, 3, 2, 1));
    assert_eq!((domain.idle, domain.active, domain.ebs_gb), (1, 1, 100));
    assert!((domain.burn - 2.0).abs() < 1e-9 && (domain.idle_burn - 1.0).abs() < 1e-9);
    assert_eq!(domain.known_storage(), Known::Value(10.0));
    let anna = census.user(&fleet, 0).unwrap();
    assert_eq!((anna.spaces, anna.apps, anna.running), (1, 2, 1));
    assert_eq!(anna.known_use(), Known::Value(sample::minutes_ago(540)));
    assert_eq!(census.space(&fleet, 1).unwrap().known_use(), Known::Value(sample::minutes_ago(10)));
    assert_eq!(census.space_app(&fleet, 1), Some(1));
    let totals = census.totals();
    assert_eq!(totals.longest_idle, [(0, 538.0 * 60.0)]);
    assert_eq!(totals.app_status, BTreeMap::from([(AppStatus::InService, 2), (AppStatus::Failed, 1)]));
    assert_eq!(totals.faults, [ObjectAt { kind: ObjectKind::App, position: 2 }]);
    assert_eq!(census.lists(&fleet, 0), Lists { users: true, spaces: true, apps: true });
}

#[test]
fn what_passes_too_slowly_is_stuck_by_what_aws_tells_or_by_what_was_watched() {
    let mut starting = sample::app("anna", AppType::JupyterLab, "starting");
    starting.status = AppStatus::Pending;
    starting.created = Some(sample::minutes_ago(16));
    let mut young = sample::app("anna", AppType::JupyterLab, "young");
    young.status = AppStatus::Pending;
    young.created = Some(sample::minutes_ago(14));
    let mut going = sample::app("anna", AppType::JupyterLab, "going");
    going.status = AppStatus::Deleting;
    let fleet = sample::fleet(vec![], vec![], vec![starting, young, going]);
    let first = take(&fleet);
    let stuck = |census: &Census| {
        census.totals().stuck.iter().map(|stuck| (stuck.object.position, stuck.watched)).collect::<Vec<_>>()
    };
    assert_eq!(stuck(&first), [(0, false)], "of the one that goes, nothing tells since when");
    let later = sample::minutes_ago(-21);
    let second = Census::take(&fleet, later, IdleRule::default(), Some(&first));
    assert_eq!(stuck(&second), [(0, true), (1, true), (2, true)]);
    assert_eq!(second.totals().stuck[2].since, sample::now());
}

#[test]
fn figures_are_not_given_for_rows_that_may_have_moved() {
    let apps =
        vec![sample::app("anna", AppType::JupyterLab, "a"), sample::app("anna", AppType::JupyterLab, "b")];
    let mut fleet = sample::fleet(vec![], vec![], apps);
    let census = take(&fleet);
    assert!(census.app(&fleet, 1).is_some());
    let gone = Query::App(fleet.apps.at(0).unwrap().key.clone());
    fleet.fail(&gone, crate::fleet::Problem::new(crate::fleet::ProblemKind::NotFound, "gone", ""));
    assert!(census.app(&fleet, 0).is_none(), "b stands where a stood");
}

#[test]
fn classic_apps_are_counted_once_also_while_their_owners_are_not_listed_yet() {
    let apps = (0..4_000)
        .map(|index| classic(&format!("user-{}", index / 2), &format!("pt-{index}"), "ml.g5.xlarge", index));
    let fleet = sample::fleet(vec![], vec![], apps.collect());
    let start = std::time::Instant::now();
    assert_eq!(take(&fleet).totals().all.known_burn(), Known::Value(2_000.0));
    assert!(start.elapsed().as_secs() < 5, "counting is linear, whoever is listed");
}

#[test]
fn the_greatest_are_kept_in_order() {
    let apps = (0..30).map(|index: i64| {
        let mut app = sample::app("anna", AppType::JupyterLab, &format!("app-{index}"));
        app.activity = Some(sample::activity(100 + index * 37 % 30, 2));
        app
    });
    let fleet = sample::fleet(vec![], vec![], apps.collect());
    let longest: Vec<f64> =
        take(&fleet).totals().longest_idle.iter().map(|(_, seconds)| seconds / 60.0).collect();
    assert_eq!(longest, (118..128).rev().map(f64::from).collect::<Vec<_>>());
}
