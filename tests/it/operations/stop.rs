//! Stopping apps when nothing fails, and what a plan may not do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sagedeck::fleet::{Event, Tally};
use sagedeck::fleet::{ProblemKind, StepState, Timestamp};
use sagedeck::operations::{Executor, Order};
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::world;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{carried_out, created, end_of, is_gone, now, plan, spaces, states_of, with_created};
use crate::wire::{ACCOUNT, REGION, gateway, sim_with_apps, world_key};

#[tokio::test(start_paused = true)]
async fn apps_are_looked_at_stopped_and_watched_until_they_are_gone() {
    let sim = sim_with_apps(20);
    let (news, tally) = carried_out(&gateway(&sim).await, plan(&sim, &spaces(14))).await;
    assert_eq!(tally, Ok(Tally { done: 14, ..Tally::default() }));
    let expected = [StepState::Checking, StepState::Sending, StepState::Verifying, StepState::Done];
    assert_eq!(states_of(&news, 3), expected);
    assert!(spaces(14).iter().all(|space| is_gone(&sim, space)));
    assert!(!is_gone(&sim, "space-0014"), "what is not in the plan is left alone");
    assert_eq!(sim.requests().count("DeleteApp"), 14);
    let last = news.iter().rev().find_map(|one| match &one.event {
        Event::Step { step: 3, request_id, .. } => Some(request_id.clone()),
        _ => None,
    });
    assert!(last.unwrap().is_some(), "the request id of the change is told");
}

#[tokio::test(start_paused = true)]
async fn no_app_is_deleted_without_having_been_looked_at_just_before() {
    let sim = sim_with_apps(10);
    carried_out(&gateway(&sim).await, plan(&sim, &spaces(10))).await.1.unwrap();
    let requests = sim.requests().all();
    for space in spaces(10) {
        let of_space: Vec<_> =
            requests.iter().filter(|request| request.body["SpaceName"] == *space).collect();
        let delete = of_space.iter().position(|request| request.operation == "DeleteApp").unwrap();
        assert_eq!(of_space[delete - 1].operation, "DescribeApp");
    }
}

#[tokio::test(start_paused = true)]
async fn i2_an_app_created_anew_since_the_plan_was_made_is_left_alone() {
    let sim = sim_with_apps(3);
    let later = created(&sim, "space-0001") + Duration::from_millis(1);
    let plan = with_created(plan(&sim, &spaces(3)), 1, later);
    let (news, tally) = carried_out(&gateway(&sim).await, plan).await;
    assert_eq!(tally, Ok(Tally { done: 2, skipped: 1, ..Tally::default() }));
    assert!(matches!(end_of(&news, 1), StepState::Skipped(reason) if reason.contains("created anew")));
    assert!(!is_gone(&sim, "space-0001"));
}

#[tokio::test(start_paused = true)]
async fn an_app_that_is_gone_or_leaving_already_is_not_sent_anything() {
    let sim = sim_with_apps(3);
    let plan = plan(&sim, &spaces(3));
    sim.with_world(|world| {
        let scope = world::Scope::new(ACCOUNT, REGION);
        let [first, second] = ["space-0000", "space-0001"].map(world_key);
        let leaving = world.region(&scope).unwrap().apps.find(&first).unwrap();
        assert!(world.stop_app(&scope, leaving));
        let apps = &mut world.region_mut(&scope).apps;
        apps.remove(apps.find(&second).unwrap());
    });
    let (news, tally) = carried_out(&gateway(&sim).await, plan).await;
    assert_eq!(tally, Ok(Tally { done: 1, already_done: 2, ..Tally::default() }));
    assert_eq!(end_of(&news, 0), StepState::AlreadyDone);
    assert_eq!(sim.requests().count("DeleteApp"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_failure_does_not_stop_the_rest() {
    let sim = sim_with_apps(10);
    let broken = Fault::Refuse("ResourceInUse".into(), "is being updated".into());
    sim.faults().add_times(Target::operation("DeleteApp"), broken, 1);
    let (news, tally) = carried_out(&gateway(&sim).await, plan(&sim, &spaces(10))).await;
    assert_eq!(tally, Ok(Tally { done: 9, failed: 1, ..Tally::default() }));
    let failed = (0..10).map(|step| end_of(&news, step)).find_map(|state| match state {
        StepState::Failed(problem) => Some(problem),
        _ => None,
    });
    assert_eq!(failed.unwrap().kind, ProblemKind::Conflict);
}

#[tokio::test(start_paused = true)]
async fn at_most_four_changes_are_on_their_way_at_once() {
    let sim = sim_with_apps(40);
    sim.faults().add(Target::operation("DeleteApp"), Fault::Latency(Duration::from_secs(2)));
    let plan = plan(&sim, &spaces(40));
    let gateway = gateway(&sim).await;
    let started = Instant::now();
    carried_out(&gateway, plan).await.1.unwrap();
    assert!(
        started.elapsed() >= Duration::from_secs(20),
        "40 changes of 2 s each by four: {:?}",
        started.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn f45_a_plan_is_carried_out_once_and_only_while_it_is_fresh() {
    let sim = sim_with_apps(2);
    let gateway = gateway(&sim).await;
    let executor = Executor::new(gateway.clone(), None);
    let (progress, _news) = mpsc::channel(1_000);
    let plan = Arc::new(plan(&sim, &spaces(2)));
    for (minutes, allowed) in [(16, false), (14, true), (14, false)] {
        let later = now() + Duration::from_secs(minutes * 60);
        let lease = gateway.lift_for(&plan).unwrap();
        let result = executor.carry_out(Order::new(Arc::clone(&plan)), lease, later, progress.clone()).await;
        assert_eq!(result.is_ok(), allowed, "{minutes} min: {result:?}");
    }
    assert_eq!(sim.requests().count("DeleteApp"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_plan_whose_steps_are_not_those_that_were_confirmed_is_not_carried_out() {
    let sim = sim_with_apps(2);
    let mut confirmed = plan(&sim, &spaces(1));
    confirmed.steps.extend(plan(&sim, &spaces(2)[1..]).steps);
    let (_, tally) = carried_out(&gateway(&sim).await, confirmed).await;
    assert_eq!(tally.unwrap_err().kind, ProblemKind::Refused);
    assert_eq!(sim.requests().count("DeleteApp"), 0);
}

#[tokio::test(start_paused = true)]
async fn stopping_a_plan_sends_nothing_more_and_watches_what_was_sent() {
    let sim = sim_with_apps(50);
    sim.faults().add(Target::operation("DeleteApp"), Fault::Latency(Duration::from_secs(2)));
    let gateway = gateway(&sim).await;
    let executor = Arc::new(Executor::new(gateway.clone(), None));
    let plan = Arc::new(plan(&sim, &spaces(50)));
    let (progress, mut news) = mpsc::channel(10_000);
    let lease = gateway.lift_for(&plan).unwrap();
    let running = tokio::spawn({
        let (executor, plan) = (Arc::clone(&executor), Arc::clone(&plan));
        async move { executor.carry_out(Order::new(plan), lease, now(), progress).await }
    });
    tokio::time::sleep(Duration::from_secs(5)).await;
    executor.stop(&plan.id);
    let tally = running.await.unwrap().unwrap();
    assert!(tally.done >= 4 && tally.skipped >= 30 && tally.done + tally.skipped == 50, "{tally:?}");
    assert_eq!(sim.requests().count("DeleteApp") as usize, tally.done);
    let mut ended = 0;
    while let Some(one) = news.recv().await {
        ended += usize::from(matches!(&one.event, Event::Step { state, .. } if state.is_final()));
    }
    assert_eq!(ended, 50, "every step has an end");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_apps_under_a_limit_of_ten_per_second_take_little_longer_than_they_must() {
    let sim = sim_with_apps(1_000);
    // Half of all requests are throttled by chance, and what is left beyond ten a second.
    sim.faults().add(Target::operation("DeleteApp"), Fault::Throttle(0.5));
    sim.faults().add(Target::operation("DeleteApp"), Fault::RateLimit(10.0));
    let plan = plan(&sim, &spaces(1_000));
    let gateway = gateway(&sim).await;
    let started = Instant::now();
    let (news, tally) = carried_out(&gateway, plan).await;
    assert_eq!(tally, Ok(Tally { done: 1_000, ..Tally::default() }));
    assert!(news.len() >= 4_000);
    let sent = sim.requests().writes();
    assert_eq!(
        sent.iter().filter(|request| request.status == Some(200)).count(),
        1_000,
        "none was sent twice"
    );
    let first = sent.first().unwrap().at;
    let took = (sent.last().unwrap().at - first) as f64 / 1000.0;
    assert!(took <= 120.0, "sending took {took} s where 100 s are possible");
    assert!(started.elapsed() < Duration::from_mins(20));
    let looks = sim.requests().count("DescribeApp");
    let attempts = sim.requests().count("DeleteApp");
    assert!(looks <= attempts + 500, "{looks} looks: watching a thousand apps is done with lists");
    let mut looked = BTreeMap::new();
    let mut waits = Vec::new();
    let mut sent = BTreeSet::new();
    for request in sim.requests().all() {
        let Some(space) = request.body["SpaceName"].as_str().map(str::to_owned) else { continue };
        match request.operation.as_str() {
            "DescribeApp" => drop(looked.insert(space, request.at)),
            "DeleteApp" => match looked.remove(&space) {
                Some(at) => {
                    sent.insert(space);
                    waits.push(request.at - at);
                }
                // The log does not go back to its beginning.
                None => assert!(!sent.contains(&space), "{space} was sent twice without a look between"),
            },
            _ => {}
        }
    }
    waits.sort_unstable();
    let p99 = waits[waits.len() * 99 / 100];
    assert!(p99 <= 250, "F36: {p99} ms from the look to the change");
}

#[tokio::test(start_paused = true)]
async fn the_time_of_creation_is_compared_as_aws_gives_it() {
    let sim = sim_with_apps(1);
    // A list and a description may differ below the millisecond, because both are floating-point numbers.
    let nearly = Timestamp::from_nanosecond(created(&sim, "space-0000").as_nanosecond() + 120).unwrap();
    let plan = with_created(plan(&sim, &spaces(1)), 0, nearly);
    assert_eq!(carried_out(&gateway(&sim).await, plan).await.1.unwrap().done, 1);
}
