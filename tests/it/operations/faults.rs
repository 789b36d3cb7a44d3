//! Plans while AWS, the network or the credentials fail.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sagedeck::aws::{Gateway, Settings, StaticKeys};
use sagedeck::fleet::{
    AccountId, Bound, Change, DomainId, Event, Fleet, Plan, ProblemKind, Query, Step, StepState, Tally,
};
use sagedeck::operations::Executor;
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::world;

use super::state::begin;
use super::{carried_out, created, end_of, is_gone, now, pauses, plan, spaces};
use crate::wire::{ACCOUNT, REGION, app_key, gateway, profile, settings, sim_with_apps, world_key};

#[tokio::test(start_paused = true)]
async fn f14_a_lost_answer_is_looked_after_and_not_sent_again() {
    let sim = sim_with_apps(30);
    sim.faults().add(Target::operation("DeleteApp"), Fault::LoseAnswer);
    let (_, tally) = carried_out(&gateway(&sim).await, plan(&sim, &spaces(30))).await;
    assert_eq!(tally, Ok(Tally { done: 30, ..Tally::default() }), "AWS took them, so they are done");
    assert_eq!(sim.requests().count("DeleteApp"), 30);
}

#[tokio::test(start_paused = true)]
async fn f13_a_request_lost_on_its_way_is_sent_once_more_after_looking_and_then_no_more() {
    let sim = sim_with_apps(2);
    sim.faults().add_times(Target::operation("DeleteApp"), Fault::Disconnect, 1);
    let gateway = gateway(&sim).await;
    let (_, tally) = carried_out(&gateway, plan(&sim, &spaces(1))).await;
    assert_eq!(tally, Ok(Tally { done: 1, ..Tally::default() }));
    assert_eq!(sim.requests().count("DeleteApp"), 2);
    sim.faults().add(Target::operation("DeleteApp"), Fault::Disconnect);
    let (news, tally) = carried_out(&gateway, plan(&sim, &spaces(2)[1..])).await;
    assert_eq!(tally, Ok(Tally { unknown: 1, ..Tally::default() }));
    assert!(matches!(end_of(&news, 0), StepState::Unknown(problem) if problem.kind == ProblemKind::Network));
    assert_eq!(sim.requests().count("DeleteApp"), 4);
    assert!(!is_gone(&sim, "space-0001"));
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_cannot_be_seen_is_unknown_and_neither_done_nor_failed() {
    let sim = sim_with_apps(1);
    sim.faults().add(Target::operation("DeleteApp"), Fault::LoseAnswer);
    let denied = Fault::Refuse("AccessDeniedException".into(), "no".into());
    sim.faults().schedule(Target::operation("DescribeApp"), denied, 1, u64::MAX);
    let (_, tally) = carried_out(&gateway(&sim).await, plan(&sim, &spaces(1))).await;
    assert_eq!(tally, Ok(Tally { unknown: 1, ..Tally::default() }));
}

#[tokio::test(start_paused = true)]
async fn f41_not_being_shown_an_app_while_waiting_is_no_evidence_that_it_is_gone() {
    let sim = sim_with_apps(2);
    let denied = || Fault::Refuse("AccessDeniedException".into(), "not just now".into());
    // Each is looked at once before it is stopped; then AWS shows nothing for a while.
    sim.faults().schedule(Target::operation("DescribeApp"), denied(), 2, 20);
    let gateway = gateway(&sim).await;
    let (_, tally) = carried_out(&gateway, plan(&sim, &spaces(2))).await;
    assert_eq!(tally, Ok(Tally { done: 2, ..Tally::default() }));
    let sim = sim_with_apps(1);
    sim.faults().schedule(Target::operation("DescribeApp"), denied(), 1, u64::MAX);
    let (_, tally) = carried_out(&self::gateway(&sim).await, plan(&sim, &spaces(1))).await;
    assert_eq!(tally, Ok(Tally { unknown: 1, ..Tally::default() }), "never shown again: nobody knows");
}

#[tokio::test(start_paused = true)]
async fn an_app_that_somebody_starts_again_while_its_end_is_watched_is_not_waited_for() {
    let sim = sim_with_apps(2);
    let restart = tokio::spawn({
        let sim = sim.clone();
        async move {
            while !is_gone(&sim, "space-0000") {
                tokio::time::sleep(Duration::from_millis(500)).await;
                // Time passes in the simulation when it is asked for.
                sim.with_world(|_| ());
            }
            sim.with_world(|world| {
                let scope = world::Scope::new(ACCOUNT, REGION);
                let apps = &mut world.region_mut(&scope).apps;
                let app = apps.find(&world_key("space-0000")).and_then(|id| apps.get(id)).unwrap().clone();
                assert!(world.start_app(&scope, app).is_some());
            });
        }
    });
    let plan = plan(&sim, &spaces(2));
    let began = tokio::time::Instant::now();
    let (news, tally) = carried_out(&gateway(&sim).await, plan).await;
    restart.await.unwrap();
    assert_eq!(tally, Ok(Tally { failed: 1, done: 1, ..Tally::default() }));
    let StepState::Failed(problem) = end_of(&news, 0) else { panic!("{:?}", end_of(&news, 0)) };
    assert!(problem.message.contains("somebody has started it again"), "{problem}");
    assert!(began.elapsed() < Duration::from_mins(10), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn f3_throttled_changes_are_all_made_in_the_end_and_lists_stay_fast() {
    let sim = sim_with_apps(100);
    sim.faults().add(Target::operation("DeleteApp"), Fault::Throttle(0.5));
    let gateway = gateway(&sim).await;
    let (_, tally) = carried_out(&gateway, plan(&sim, &spaces(100))).await;
    assert_eq!(tally, Ok(Tally { done: 100, ..Tally::default() }));
    let rates = gateway.rates();
    let rate = |name: &str| rates.iter().find(|rate| rate.partition.operation == name).unwrap();
    assert!(rate("DeleteApp").throttled > 10 && rate("DescribeApp").throttled == 0);
}

#[tokio::test(start_paused = true)]
async fn f20_what_cannot_be_looked_at_is_not_deleted() {
    let sim = sim_with_apps(10);
    sim.with_world(|world| world.deny("sagemaker:DescribeApp"));
    let (news, tally) = carried_out(&gateway(&sim).await, plan(&sim, &spaces(10))).await;
    let tally = tally.unwrap();
    assert_eq!((tally.done, tally.failed + tally.waiting), (0, 10));
    assert!(pauses(&news).iter().any(|reason| reason.contains("DescribeApp")));
    assert_eq!(sim.requests().count("DeleteApp"), 0);
}

#[tokio::test(start_paused = true)]
async fn f21_three_like_denials_pause_the_rest() {
    let sim = sim_with_apps(100);
    sim.with_world(|world| world.deny("sagemaker:DeleteApp"));
    let (news, tally) = carried_out(&gateway(&sim).await, plan(&sim, &spaces(100))).await;
    let tally = tally.unwrap();
    assert!((3..=6).contains(&tally.failed) && tally.failed + tally.waiting == 100, "{tally:?}");
    assert!(sim.requests().count("DeleteApp") <= 6);
    assert!(pauses(&news).iter().any(|reason| reason.contains("DeleteApp was denied 3 times")));
}

#[tokio::test(start_paused = true)]
async fn f27_credentials_that_run_out_half_way_leave_the_rest_alone() {
    let sim = sim_with_apps(100);
    sim.faults().schedule(Target::operation("D*"), Fault::ExpiredCredentials, 60, u64::MAX);
    let (news, tally) = carried_out(&gateway(&sim).await, plan(&sim, &spaces(100))).await;
    let tally = tally.unwrap();
    assert!(tally.waiting >= 50 && tally.failed == 0, "{tally:?}");
    assert!(pauses(&news).iter().any(|reason| reason.contains("sign in again")));
    let refused = sim.requests().of("DeleteApp").iter().filter(|request| request.status == Some(403)).count();
    assert!(refused <= 4, "{refused} requests with credentials known to be over");
}

#[tokio::test(start_paused = true)]
async fn a_black_hole_behind_delete_ends_in_bounded_time() {
    let sim = sim_with_apps(1);
    sim.faults().add(Target::operation("DeleteApp"), Fault::BlackHole);
    let gateway = gateway(&sim).await;
    let started = tokio::time::Instant::now();
    let (_, tally) = carried_out(&gateway, plan(&sim, &spaces(1))).await;
    assert_eq!(tally, Ok(Tally { unknown: 1, ..Tally::default() }));
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn f25_a_quota_that_is_used_up_fails_its_step_by_name_and_is_not_asked_again() {
    let sim = sim_with_apps(1);
    let quota = "Studio JupyterLab Apps running on ml.g5.12xlarge instances";
    sim.with_world(|world| {
        world.region_mut(&world::Scope::new(ACCOUNT, REGION)).app_quotas.insert(quota.into(), 0);
        let space = world::Space::new("d-one".into(), "wide".into(), world.now() - 7_000_000);
        world.region_mut(&world::Scope::new(ACCOUNT, REGION)).spaces.insert(space).unwrap();
    });
    let serde_json::Value::Object(spec) =
        serde_json::json!({ "ResourceSpec": { "InstanceType": "ml.g5.12xlarge" } })
    else {
        panic!("an object")
    };
    let create = Step::new(Change::CreateApp(app_key("wide"), spec), Bound::Absent);
    let stop = Step::new(Change::StopApp(app_key("space-0000")), Bound::Created(created(&sim, "space-0000")));
    let plan = Plan::new("Start one, stop one", "change", now(), vec![create, stop]);
    let (news, tally) = carried_out(&gateway(&sim).await, plan).await;
    assert_eq!(tally, Ok(Tally { failed: 1, done: 1, ..Tally::default() }), "the other goes on");
    let StepState::Failed(problem) = end_of(&news, 0) else { panic!("{:?}", end_of(&news, 0)) };
    assert_eq!(problem.kind, ProblemKind::Limit);
    assert!(problem.message.contains(quota), "in AWS's own words: {problem}");
    assert!(problem.hint.contains("Service Quotas"), "{}", problem.hint);
    assert_eq!(sim.requests().count("CreateApp"), 1);
}

#[tokio::test(start_paused = true)]
async fn f26_what_a_list_still_shows_and_describe_does_not_is_gone_and_nothing_is_sent() {
    let sim = sim_with_apps(10);
    let plan = plan(&sim, &spaces(10));
    let gone = Fault::Refuse("ResourceNotFound".into(), "App does not exist.".into());
    sim.faults().add(Target::operation("DescribeApp"), gone);
    let gateway = gateway(&sim).await;
    let list = gateway.ask(&Query::Apps(crate::wire::domain())).await.unwrap();
    assert!(
        matches!(list, sagedeck::fleet::Answer::Apps(page) if page.rows.len() == 10),
        "the list has them all"
    );
    let (_, tally) = carried_out(&gateway, plan).await;
    assert_eq!(tally, Ok(Tally { already_done: 10, ..Tally::default() }));
    assert_eq!(sim.requests().count("DeleteApp"), 0);
}

#[tokio::test(start_paused = true)]
async fn f40_apps_of_one_name_are_waited_for_each_by_itself() {
    // The same spaces with the same apps, all named `default`, in a second domain, where they are gone already.
    let sim = sim_with_apps(30);
    let scope = world::Scope::new(ACCOUNT, REGION);
    sim.with_world(|world| {
        let now = world.now();
        world.region_mut(&scope).domains.insert("d-two".into(), world::Domain::new("d-two", "two", now));
        let spec = world::Settings::new(serde_json::json!({ "InstanceType": "ml.t3.medium" }));
        for space in spaces(30) {
            let key = world::AppKey { domain: "d-two".into(), ..world_key(&space) };
            let app = world.insert_app(&scope, world::App::new(key, spec.clone(), now - 10_000_000)).unwrap();
            assert!(world.stop_app(&scope, app));
        }
    });
    tokio::time::sleep(Duration::from_mins(5)).await;
    let gateway = gateway(&sim).await;
    let executor = Arc::new(Executor::new(gateway.clone(), None));
    let two = |space: &String| {
        let key = sagedeck::fleet::AppKey { domain: DomainId::new("d-two"), ..app_key(space) };
        let ms = sim.with_world(|world| {
            let apps = &world.region_mut(&scope).apps;
            let key = world::AppKey { domain: "d-two".into(), ..world_key(space) };
            apps.find(&key).and_then(|id| apps.get(id)).map(world::Row::created)
        });
        ms.map(|ms| {
            let created = sagedeck::fleet::Timestamp::from_millisecond(ms).unwrap();
            Step::new(Change::StopApp(key), Bound::Created(created))
        })
    };
    let mut steps = plan(&sim, &spaces(20)).steps;
    let first = steps.len();
    steps.extend(spaces(20).iter().filter_map(two));
    assert!(steps.len() > first, "AWS still shows the others as deleted");
    let mut running = begin(&gateway, &executor, Plan::new("Stop them", "stop", now(), steps));
    let mut done = 0;
    while let Some(one) = running.news.recv().await {
        let Event::Step { step, state, .. } = one.event else { panic!("it does not pause") };
        if !state.is_final() {
            continue;
        }
        if step < first {
            assert_eq!(state, StepState::Done);
            assert!(
                is_gone(&sim, &spaces(20)[step]),
                "step {step} is called done while its own app is there"
            );
            done += 1;
        } else {
            assert_eq!(state, StepState::AlreadyDone, "step {step}");
        }
    }
    assert_eq!(done, 20);
    running.tally().await;
    assert!(spaces(30)[20..].iter().all(|space| !is_gone(&sim, space)), "those of other spaces stay");
    assert_eq!(sim.requests().count("DeleteApp"), 20);
}

#[tokio::test(start_paused = true)]
async fn f29_a_plan_that_outlives_the_credentials_says_so_and_pauses_when_they_end() {
    let sim = sim_with_apps(300);
    let end = now() + Duration::from_mins(5);
    let mut settings: Settings = settings(&sim, "AKIASHORT");
    let keys = StaticKeys { access_key: "AKIASHORT".into(), secret_key: "secret".into(), end: Some(end) };
    settings.keys = BTreeMap::from([(profile(), keys)]);
    let gateway = Gateway::new(settings);
    let mut fleet = Fleet::default();
    let account = AccountId::new(ACCOUNT);
    for query in [Query::Identity(profile()), Query::CredentialsEnd(account)] {
        fleet.absorb(&query, gateway.ask(&query).await.unwrap(), now());
    }
    let whole = plan(&sim, &spaces(300));
    let warnings = whole.outlives_credentials(&fleet, now());
    assert!(warnings.len() == 1 && warnings[0].contains("in 5m"), "{warnings:?}");
    assert_eq!(plan(&sim, &spaces(20)).outlives_credentials(&fleet, now()), [""; 0], "few of them fit");
    sim.with_world(|world| world.keys.expire_at("AKIASHORT", end.as_millisecond()));
    sim.faults().add(Target::operation("DeleteApp"), Fault::Latency(Duration::from_secs(5)));
    let executor = Arc::new(Executor::new(gateway.clone(), None));
    let mut running = begin(&gateway, &executor, whole);
    let reason = running.paused().await;
    assert!(reason.contains("sign in again"), "what was told came to pass: {reason}");
    sim.with_world(|world| world.keys.renew("AKIASHORT"));
    let lease = gateway.lift_for(&running.plan).unwrap();
    executor.go_on(&running.plan.id, lease).await.unwrap();
    assert_eq!(running.tally().await, Tally { done: 300, ..Tally::default() });
}
