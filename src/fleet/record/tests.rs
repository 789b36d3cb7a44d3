//! Filters over rows of a fleet, and the time they take over a great one.

use std::sync::Arc;

use super::*;
use crate::fleet::{
    Answer, AppStatus, AppType, Filter, IdleRule, Problem, ProblemKind, Query, Sharing, Tag, fields, sample,
};

fn names(fleet: &Fleet, kind: ObjectKind, filter: &str) -> Vec<String> {
    let census = Census::take(fleet, sample::now(), IdleRule::default(), None);
    let rows = Rows { fleet, census: &census, now: sample::now() };
    let filter = Filter::parse(filter, fields(kind)).unwrap();
    rows.of(kind).filter(|row| filter.matches(row)).map(|row| row.key().name().to_owned()).collect()
}

fn office() -> Fleet {
    let mut lab = sample::space_app("mine");
    lab.key.name = Name::new("lab");
    lab.activity = Some(sample::activity(540, 2));
    let mut shared = sample::space_app("ours");
    shared.key.name = Name::new("shared");
    shared.instance = Some(Arc::from("ml.g5.2xlarge"));
    let mut over = sample::app("bo", AppType::KernelGateway, "over");
    over.status = AppStatus::Deleted;
    let mut failed = sample::app("bo", AppType::KernelGateway, "failed");
    failed.status = AppStatus::Failed;
    let mut odd = sample::app("bo", AppType::KernelGateway, "odd");
    odd.instance = Some(Arc::from("ml.p9.mega"));
    odd.activity = Some(sample::activity(10, 2));
    let mut large = sample::space("ours", "bo", Sharing::Shared);
    large.ebs_gb = Some(500);
    let spaces = vec![sample::space("mine", "anna", Sharing::Private), large];
    sample::fleet(
        vec![sample::user("anna"), sample::user("bo")],
        spaces,
        vec![lab, shared, over, failed, odd],
    )
}

#[test]
fn filters_find_apps_by_every_sort_of_field() {
    let fleet = office();
    for (filter, expected) in [
        ("", &["lab", "shared", "over", "failed", "odd"][..]),
        ("owner:anna", &["lab"]),
        ("owner:ours", &["shared"]),
        ("user:bo", &["shared", "over", "failed", "odd"]),
        ("space:*", &["lab", "shared"]),
        ("domain:research type:kernel*", &["over", "failed", "odd"]),
        ("domain-id:d-res*", &["lab", "shared", "over", "failed", "odd"]),
        ("idle>2h", &["lab"]),
        ("idle:idle", &["lab"]),
        ("idle:active", &["odd"]),
        ("idle:unknown", &["shared"]),
        ("!idle:idle", &["over", "failed", "odd"]),
        ("idle:\"\"", &["over", "failed"]),
        ("cost>=2", &["shared"]),
        ("cost:unknown", &["odd"]),
        ("cost:0", &["over", "failed"]),
        ("idlecost>0", &["lab"]),
        ("uptime>1d", &["lab", "shared", "odd"]),
        ("age<3d status:deleted", &["over"]),
        ("activity<1h", &["odd"]),
        ("reason:unknown", &["failed"]),
        ("sharing:private", &["lab"]),
        ("region:us-east-1 account:123456789012 g52x", &["shared"]),
        ("us-east odd", &["odd"]),
        ("ebs>100", &["shared"]),
    ] {
        assert_eq!(names(&fleet, ObjectKind::App, filter), expected, "{filter}");
    }
}

#[test]
fn filters_find_spaces_users_and_domains() {
    let fleet = office();
    for (kind, filter, expected) in [
        (ObjectKind::Space, "ebs>100", &["ours"][..]),
        (ObjectKind::Space, "storage>=50", &["ours"]),
        (ObjectKind::Space, "owner:anna app:inservice", &["mine"]),
        (ObjectKind::Space, "instance:ml.g5.2xlarge", &["ours"]),
        (ObjectKind::Space, "activity>2h", &["mine"]),
        (ObjectKind::User, "apps>1", &["bo"]),
        (ObjectKind::User, "cost:1", &["anna"]),
        (ObjectKind::User, "cost:unknown", &["bo"]),
        (ObjectKind::User, "activity:unknown", &["bo"]),
        (ObjectKind::User, "role:unknown shutdown:unknown", &["anna", "bo"]),
        (ObjectKind::User, "idlecost>0.5", &["anna"]),
        (ObjectKind::Domain, "users:2 spaces:2 apps:3 all-apps:4", &["d-research"]),
        (ObjectKind::Domain, "auth:unknown", &["d-research"]),
        (ObjectKind::Domain, "idlecost>0", &[]),
        (ObjectKind::Domain, "name:research", &["d-research"]),
    ] {
        assert_eq!(names(&fleet, kind, filter), expected, "{kind:?} {filter}");
    }
}

#[test]
fn a_count_from_a_list_that_was_never_finished_is_unknown_and_still_ranks() {
    let mut fleet = Fleet::default();
    let page = crate::fleet::Page { rows: vec![sample::domain()], first: true, last: true };
    fleet.absorb(&Query::Domains(sample::scope()), Answer::Domains(page), sample::now());
    let apps = vec![sample::app("anna", AppType::JupyterLab, "lab")];
    let query = Query::Apps(sample::domain_key());
    let page = |last| Answer::Apps(crate::fleet::Page { rows: apps.clone(), first: true, last });
    fleet.absorb(&query, page(false), sample::now());
    assert_eq!(names(&fleet, ObjectKind::Domain, "apps:unknown"), ["d-research"]);
    let census = Census::take(&fleet, sample::now(), IdleRule::default(), None);
    let rows = Rows { fleet: &fleet, census: &census, now: sample::now() };
    assert_eq!(rows.row(ObjectKind::Domain, 0).unwrap().rank(Field::Apps), Some(1.0));
    fleet.absorb(&query, page(true), sample::now());
    fleet.fail(&query, Problem::new(ProblemKind::Throttled, "slow down", ""));
    assert_eq!(
        names(&fleet, ObjectKind::Domain, "apps:1"),
        ["d-research"],
        "a list once finished still counts"
    );
}

#[test]
fn tags_are_unknown_until_read_and_their_keys_are_forgiving() {
    let mut fleet = office();
    assert_eq!(names(&fleet, ObjectKind::App, "tag.team:unknown").len(), 5);
    let key = ObjectKey::App(fleet.apps.at(0).unwrap().key.clone());
    let tags = vec![Tag { key: "Team".into(), value: "nlp".into() }];
    fleet.absorb(&Query::Tags(key), Answer::Tags(tags), sample::now());
    assert_eq!(names(&fleet, ObjectKind::App, "tag.team:nlp"), ["lab"]);
    assert_eq!(names(&fleet, ObjectKind::App, "!tag.other:*"), ["lab"]);
}

#[test]
fn rows_that_arrived_after_the_census_are_unknown_where_it_counts() {
    let mut fleet = office();
    let census = Census::take(&fleet, sample::now(), IdleRule::default(), None);
    let late = sample::app("anna", AppType::JupyterLab, "late");
    let query = Query::App(late.key.clone());
    fleet.absorb(&query, Answer::App(Box::new(late), Arc::from("{}")), sample::now());
    let rows = Rows { fleet: &fleet, census: &census, now: sample::now() };
    let row = rows.row(ObjectKind::App, 5).unwrap();
    assert_eq!(row.number(Field::Cost), Known::Unknown);
    assert_eq!(row.text(Field::Domain), known("research"));
}
