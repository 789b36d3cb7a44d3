//! Nothing that changes anything leaves without permission, and nothing at all goes to an endpoint that is not secure.

use std::time::Duration;

use sagedeck::aws::{Gateway, LockState, NotTaken, Settings};
use sagedeck::fleet::{AccountId, Bound, Change, Plan, ProblemKind, Query, Step, Timestamp};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::Scenario;
use tokio::time::Instant;

use super::{ACCOUNT, app_key, domain, gateway, load, profile, scope, settings, sim_of, sim_with_apps};

fn plan() -> Plan {
    let change = Change::StopApp(app_key("space-0000"));
    let step = Step::new(change, Bound::Created(Timestamp::UNIX_EPOCH));
    Plan::new("Stop 1 app", "stop", Timestamp::UNIX_EPOCH, vec![step])
}

fn mutating(sim: &SimulatedAws) -> Vec<String> {
    let reads = ["List", "Describe", "Get"];
    sim.requests()
        .counts()
        .into_keys()
        .filter(|name| !reads.iter().any(|read| name.starts_with(read)))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn reading_everything_sends_nothing_that_changes_anything() {
    let sim = sim_of(Scenario::Small);
    let gateway = gateway(&sim).await;
    for query in [
        Query::Identity(profile()),
        Query::Alias(AccountId::new(ACCOUNT)),
        Query::Domains(scope()),
        Query::Users(domain()),
        Query::Spaces(domain()),
        Query::Apps(domain()),
        Query::Domain(domain()),
        Query::App(app_key("space-0000")),
        Query::Prices(AccountId::new(ACCOUNT), scope().region().clone()),
    ] {
        load(&gateway, &query).await;
    }
    assert!(sim.requests().total() > 9);
    assert_eq!(mutating(&sim), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn i9_a_locked_account_is_not_changed_even_with_a_permission_from_before() {
    let sim = sim_with_apps(1);
    let gateway = gateway(&sim).await;
    assert_eq!(gateway.lock_state(&AccountId::new(ACCOUNT)), LockState::Locked);
    assert_eq!(gateway.lease(&plan()).unwrap_err().kind, ProblemKind::Refused);
    gateway.unlock(&AccountId::new(ACCOUNT), Instant::now() + Duration::from_mins(10)).unwrap();
    let lease = gateway.lease(&plan()).unwrap();
    gateway.lock();
    let refused = gateway.apply(&plan().steps[0].change, &lease).await.unwrap_err();
    assert!(matches!(refused, NotTaken::Refused(problem) if problem.kind == ProblemKind::Refused));
    assert_eq!(mutating(&sim), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_permission_for_one_account_does_not_hold_for_another() {
    let sim = sim_with_apps(1);
    let gateway = gateway(&sim).await;
    let mut elsewhere = plan();
    let Change::StopApp(key) = &mut elsewhere.steps[0].change else { panic!("it stops an app") };
    key.scope = sagedeck::fleet::Scope::new(AccountId::new("210987654321"), scope().region().clone());
    let lease = gateway.lift_for(&elsewhere).unwrap();
    assert!(lease.holds());
    let refused = gateway.apply(&plan().steps[0].change, &lease).await.unwrap_err();
    assert!(matches!(refused, NotTaken::Refused(problem) if problem.kind == ProblemKind::Refused));
    assert_eq!(mutating(&sim), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_permission_lets_exactly_the_change_pass() {
    let sim = sim_with_apps(1);
    let gateway = gateway(&sim).await;
    let lease = gateway.lift_for(&plan()).unwrap();
    let taken = gateway.apply(&plan().steps[0].change, &lease).await.unwrap();
    assert!(taken.request_id.is_some());
    assert_eq!(mutating(&sim), ["DeleteApp"]);
    let body = &sim.requests().of("DeleteApp")[0].body;
    assert_eq!((&body["SpaceName"], &body["DomainId"]), (&"space-0000".into(), &"d-one".into()));
}

#[tokio::test(start_paused = true)]
async fn a_read_only_session_gives_no_permission() {
    let sim = sim_with_apps(1);
    let gateway = Gateway::new(Settings { read_only: true, ..settings(&sim, "AKIADEFAULT") });
    assert_eq!(gateway.lock_state(&AccountId::new(ACCOUNT)), LockState::ReadOnly);
    assert!(gateway.lift_for(&plan()).is_err());
    assert!(gateway.unlock(&AccountId::new(ACCOUNT), Instant::now() + Duration::from_mins(1)).is_err());
}

#[tokio::test(start_paused = true)]
async fn plain_http_to_another_machine_is_refused_before_a_byte_is_sent() {
    for (url, sent) in [
        ("http://127.0.0.1:4566", true),
        ("http://localhost:4566/path", true),
        ("https://vpce-1.sagemaker.example", true),
        ("http://aws.example", false),
        ("http://10.1.2.3:80", false),
        ("http://localhost@aws.example", false),
    ] {
        let sim = sim_with_apps(0);
        let endpoint_url = Some(url.to_owned());
        let gateway = Gateway::new(Settings { endpoint_url, ..settings(&sim, "AKIADEFAULT") });
        let answer = gateway.ask(&Query::Identity(profile())).await;
        assert_eq!(sim.requests().total() > 0, sent, "{url}");
        match answer {
            Ok(_) => assert!(sent && gateway.foreign_endpoints()[0].1.starts_with("http"), "{url}"),
            Err(problem) => {
                assert_eq!((sent, problem.kind), (false, ProblemKind::Refused), "{url}: {problem}");
            }
        }
    }
}
