//! Operations that are paused, go on, are left and resumed; and who may do so.

use std::sync::Arc;
use std::time::Duration;

use sagedeck::aws::Gateway;
use sagedeck::fleet::{Bound, Change, Event, ObjectKey, Plan, ProblemKind, Step, StepState, Tag, Tally};
use sagedeck::operations::{Disk, Executor, Standing, StepStanding};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::world::Principal;
use tokio::sync::mpsc;

use super::state::{begin, folder, journals, recorded, started, until_killed};
use super::{is_gone, now, plan, spaces};
use crate::wire::{ACCOUNT, domain, gateway, sim_with_apps};

const KEY: &str = "AKIADEFAULT";

/// An AWS with so many apps that takes two seconds for each deletion, and who carries out plans there.
async fn slowly(apps: i64) -> (SimulatedAws, Gateway, Arc<Executor>) {
    let sim = sim_with_apps(apps);
    sim.faults().add(Target::operation("DeleteApp"), Fault::Latency(Duration::from_secs(2)));
    let gateway = gateway(&sim).await;
    let executor = Arc::new(Executor::new(gateway.clone(), None));
    (sim, gateway, executor)
}

#[tokio::test(start_paused = true)]
async fn f27_f28_credentials_run_out_half_way_and_only_the_same_principal_goes_on() {
    let sim = sim_with_apps(1_000);
    let role = |role: &str, session: &str| Principal::role(ACCOUNT, role, session);
    sim.with_world(|world| world.keys.renew_as(KEY, role("Admin", "anna")));
    let gateway = gateway(&sim).await;
    let executor = Arc::new(Executor::new(gateway.clone(), None));
    let mut running = begin(&gateway, &executor, plan(&sim, &spaces(1_000)));
    sim.with_world(|world| world.keys.expire_after(KEY, 1_000));
    let reason = running.paused().await;
    assert!(reason.contains("sign in again"), "{reason}");
    let id = running.plan.id.clone();
    let lease = || gateway.lift_for(&running.plan).unwrap();
    tokio::time::sleep(Duration::from_mins(5)).await;
    let sent = sim.requests().count("DeleteApp");
    assert!((300..700).contains(&sent), "{sent} of 1,000 were sent");
    assert_eq!(executor.go_on(&id, lease()).await.unwrap_err().kind, ProblemKind::ExpiredCredentials);
    for other in [role("Other", "anna"), Principal::role("210987654321", "Admin", "anna")] {
        sim.with_world(|world| world.keys.renew_as(KEY, other));
        let refused = executor.go_on(&id, lease()).await.unwrap_err();
        assert_eq!(refused.kind, ProblemKind::Refused, "{refused}");
    }
    assert_eq!(sim.requests().count("DeleteApp"), sent, "nobody else sends anything");
    sim.with_world(|world| world.keys.renew_as(KEY, role("Admin", "anna-again")));
    executor.go_on(&id, lease()).await.unwrap();
    assert_eq!(running.tally().await, Tally { done: 1_000, ..Tally::default() });
    let taken = sim.requests().writes().iter().filter(|request| request.was_carried_out()).count();
    assert_eq!(taken, 1_000, "each once");
}

#[tokio::test(start_paused = true)]
async fn an_operation_is_resumed_after_a_restart_only_as_the_same_principal() {
    let sim = sim_with_apps(30);
    let state = folder();
    let first = gateway(&sim).await;
    let executor = started(&first, state.path(), &Disk::default());
    let mut running = begin(&first, &executor, plan(&sim, &spaces(30)));
    running.ended(5).await;
    let plan = Arc::clone(&running.plan);
    executor.leave(&plan.id);
    let left = running.tally().await;
    assert!(left.waiting > 0, "{left:?}");
    let sent = sim.requests().count("DeleteApp");
    drop(executor);

    let resume = async |gateway: &Gateway| {
        let executor = started(gateway, state.path(), &Disk::default());
        let unfinished = executor.unfinished().await.unwrap();
        let lease = gateway.lift_for(&plan).unwrap();
        let (progress, _news) = mpsc::channel(10_000);
        executor.resume(&unfinished[0].journal, lease, now(), progress).await
    };
    sim.with_world(|world| world.keys.renew_as(KEY, Principal::role(ACCOUNT, "Other", "x")));
    let refused = resume(&gateway(&sim).await).await.unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Refused, "{refused}");
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(sim.requests().count("DeleteApp"), sent, "nothing starts by itself");
    sim.with_world(|world| world.keys = sagedeck::sim::world::Keys::default());
    let again = gateway(&sim).await;
    assert_eq!(resume(&again).await.unwrap().succeeded(), 30);
    assert_eq!(sim.requests().count("DeleteApp"), 30, "none was sent twice");
    let executor = started(&again, state.path(), &Disk::default());
    let history = executor.history().await.unwrap();
    assert!(matches!(&history[..], [one] if matches!(one.standing, Standing::Closed { .. })), "{history:?}");
    let lease = again.lift_for(&plan).unwrap();
    let (progress, _news) = mpsc::channel(10);
    let order = sagedeck::operations::Order::new(Arc::clone(&plan));
    let twice = executor.carry_out(order, lease, now(), progress).await;
    assert_eq!(twice.unwrap_err().kind, ProblemKind::Refused, "F45: applied in an earlier session");
}

#[tokio::test(start_paused = true)]
async fn f62_an_operation_that_is_running_cannot_be_resumed_by_a_second_console() {
    let sim = sim_with_apps(10);
    let state = folder();
    let gateway = gateway(&sim).await;
    let executor = started(&gateway, state.path(), &Disk::default());
    let mut running = begin(&gateway, &executor, plan(&sim, &spaces(10)));
    running.ended(1).await;
    let other = started(&gateway, state.path(), &Disk::default());
    assert!(other.unfinished().await.unwrap().is_empty(), "it is not offered either");
    let lease = gateway.lift_for(&running.plan).unwrap();
    let journal = journals(state.path()).pop().unwrap();
    assert_eq!(until_killed(&other, Some(&journal), &running.plan, lease).await, None);
    assert_eq!(running.tally().await.succeeded(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_paused_plan_sends_nothing_until_it_goes_on() {
    let (sim, gateway, executor) = slowly(40).await;
    let mut running = begin(&gateway, &executor, plan(&sim, &spaces(40)));
    tokio::time::sleep(Duration::from_secs(5)).await;
    executor.pause(&running.plan.id);
    assert!(running.paused().await.contains("by hand"));
    tokio::time::sleep(Duration::from_hours(1)).await;
    let sent = sim.requests().count("DeleteApp");
    assert!((4..=16).contains(&sent), "{sent}");
    let lease = gateway.lift_for(&running.plan).unwrap();
    executor.go_on(&running.plan.id, lease).await.unwrap();
    assert_eq!(executor.running().len(), 1);
    assert_eq!(running.tally().await, Tally { done: 40, ..Tally::default() });
    assert!(executor.running().is_empty());
}

#[tokio::test(start_paused = true)]
async fn locking_everything_pauses_and_a_new_lease_goes_on() {
    let (sim, gateway, executor) = slowly(40).await;
    let mut running = begin(&gateway, &executor, plan(&sim, &spaces(40)));
    tokio::time::sleep(Duration::from_secs(5)).await;
    gateway.lock();
    assert!(running.paused().await.contains("locked"));
    let lease = gateway.lift_for(&running.plan).unwrap();
    executor.go_on(&running.plan.id, lease).await.unwrap();
    assert_eq!(running.tally().await, Tally { done: 40, ..Tally::default() });
}

#[tokio::test(start_paused = true)]
async fn f33_a_clock_that_jumps_pauses_before_the_next_change() {
    let (sim, gateway, executor) = slowly(40).await;
    let mut running = begin(&gateway, &executor, plan(&sim, &spaces(40)));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let sent = sim.requests().count("DeleteApp");
    tokio::time::advance(Duration::from_hours(8)).await;
    assert!(running.paused().await.contains("stood still"));
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(sim.requests().count("DeleteApp") <= sent + 4, "only what was on its way");
    executor.stop(&running.plan.id);
    let tally = running.tally().await;
    assert!(tally.skipped > 20 && tally.waiting == 0, "{tally:?}");
}

#[tokio::test(start_paused = true)]
async fn f22_an_aws_that_is_away_is_probed_slowly_and_then_paused_for() {
    let sim = sim_with_apps(100);
    let gateway = gateway(&sim).await;
    let away = sim.faults().add(Target::all(), Fault::Status(503));
    let executor = Arc::new(Executor::new(gateway.clone(), None));
    let started = tokio::time::Instant::now();
    let mut running = begin(&gateway, &executor, plan(&sim, &spaces(100)));
    let reason = running.paused().await;
    assert!(reason.contains("has not answered"), "{reason}");
    assert!(started.elapsed() < Duration::from_mins(8), "{:?}", started.elapsed());
    let asked = sim.requests().total();
    assert!(asked < 150, "{asked} requests to an AWS that is away");
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert!(sim.requests().total() <= asked + 20, "nobody asks while it is paused");
    sim.faults().remove(away);
    let lease = gateway.lift_for(&running.plan).unwrap();
    executor.go_on(&running.plan.id, lease).await.unwrap();
    assert_eq!(running.tally().await, Tally { done: 100, ..Tally::default() });
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_made_again_when_asked_for_while_the_rest_goes_on() {
    let (sim, gateway, executor) = slowly(30).await;
    let broken = Fault::Refuse("ResourceInUse".into(), "is being updated".into());
    sim.faults().add_times(Target::operation("DeleteApp"), broken, 2);
    let mut running = begin(&gateway, &executor, plan(&sim, &spaces(30)));
    running.ended(2).await;
    assert!(executor.retry(&running.plan.id));
    let id = running.plan.id.clone();
    assert_eq!(running.tally().await, Tally { done: 30, ..Tally::default() });
    assert!(!executor.retry(&id), "what is over goes into a new plan");
}

#[tokio::test(start_paused = true)]
async fn f52_a_step_in_doubt_that_is_made_again_is_in_doubt_on_disk_until_it_was_looked_at() {
    let sim = sim_with_apps(1);
    let lost = sim.faults().add(Target::operation("DeleteApp"), Fault::Disconnect);
    // What keeps the operation from being over.
    let slow = sim.faults().add(Target::operation("AddTags"), Fault::Throttle(1.0));
    let state = folder();
    let gateway = gateway(&sim).await;
    let executor = started(&gateway, state.path(), &Disk::default());
    let mut steps = plan(&sim, &spaces(1)).steps;
    let tag = Tag { key: "team".into(), value: "nlp".into() };
    steps.push(Step::new(Change::AddTags(ObjectKey::Domain(domain()).into(), vec![tag]), Bound::Unbound));
    let mut running = begin(&gateway, &executor, Plan::new("Stop and tag", "stop", now(), steps));
    running.ended(1).await;
    let plan = Arc::clone(&running.plan);
    executor.pause(&plan.id);
    running.paused().await;
    assert!(executor.retry(&plan.id));
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Killed before it is looked at.
    running.work.abort();
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop((running, executor));
    let standing = recorded(state.path()).step(0).standing;
    assert!(matches!(standing, StepStanding::Intended { .. }), "{standing:?}");

    let again = started(&gateway, state.path(), &Disk::default());
    let left = again.unfinished().await.unwrap().remove(0);
    assert!(matches!(left.states[0], StepState::Unknown(_)), "{:?}", left.states);
    sim.faults().remove(lost);
    sim.faults().remove(slow);
    sim.requests().clear();
    let lease = gateway.lift_for(&plan).unwrap();
    let tally = until_killed(&again, Some(&left.journal), &plan, lease).await;
    assert_eq!(tally, Some(Tally { done: 2, ..Tally::default() }));
    let asked: Vec<String> = sim.requests().all().into_iter().map(|request| request.operation).collect();
    let place = |operation: &str| asked.iter().position(|asked| asked == operation);
    assert!(place("DescribeApp") < place("DeleteApp"), "looked at before it is sent again: {asked:?}");
}

#[tokio::test(start_paused = true)]
async fn several_plans_are_carried_out_at_once_and_stopped_one_by_one() {
    let (sim, gateway, executor) = slowly(40).await;
    let one = begin(&gateway, &executor, plan(&sim, &spaces(20)));
    let other = begin(&gateway, &executor, plan(&sim, &spaces(40)[20..]));
    tokio::time::sleep(Duration::from_secs(3)).await;
    executor.stop(&one.plan.id);
    let stopped = one.tally().await;
    assert!(stopped.skipped > 0 && stopped.done > 0, "{stopped:?}");
    assert_eq!(other.tally().await, Tally { done: 20, ..Tally::default() });
    assert!(spaces(40)[20..].iter().all(|space| is_gone(&sim, space)));
}

#[tokio::test(start_paused = true)]
async fn f47_two_administrators_who_stop_the_same_apps_both_hear_the_truth() {
    let sim = sim_with_apps(30);
    sim.faults().add(Target::operation("DeleteApp"), Fault::Latency(Duration::from_millis(300)));
    let (one, other) = (gateway(&sim).await, gateway(&sim).await);
    let executors = [&one, &other].map(|gateway| Arc::new(Executor::new(gateway.clone(), None)));
    let first = begin(&one, &executors[0], plan(&sim, &spaces(30)));
    let mut second = begin(&other, &executors[1], plan(&sim, &spaces(30)));
    let mut ends = Vec::new();
    while let Some(news) = second.news.recv().await {
        if let Event::Step { state, .. } = news.event
            && state.is_final()
        {
            ends.push(state);
        }
    }
    let (first, second) = (first.tally().await, second.tally().await);
    assert_eq!((first.succeeded(), second.succeeded()), (30, 30), "{first:?} {second:?}");
    assert!(ends.iter().all(StepState::is_done) && ends.len() == 30);
    let taken = sim.requests().writes().iter().filter(|request| request.was_carried_out()).count();
    assert_eq!(taken, 30, "each was stopped once");
}

#[tokio::test(start_paused = true)]
async fn f56_where_no_journal_can_be_made_nothing_is_sent_and_reading_goes_on() {
    let sim = sim_with_apps(3);
    let gateway = gateway(&sim).await;
    let home = folder();
    // A file where the folder of state should be: nobody, not even root, makes a folder there.
    let state = home.path().join("state");
    std::fs::write(&state, "not a folder").unwrap();
    let executor = started(&gateway, &state, &Disk::default());
    let running = begin(&gateway, &executor, plan(&sim, &spaces(3)));
    let refused = running.work.await.unwrap().unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Refused);
    assert!(
        refused.message.contains("could not be written down") && refused.message.contains("state"),
        "{refused}"
    );
    assert_eq!(sim.requests().count("DeleteApp"), 0);
    let list = gateway.ask(&sagedeck::fleet::Query::Apps(crate::wire::domain())).await;
    assert!(list.is_ok(), "{list:?}");
    // Once there is a place, it goes on: nothing was in doubt.
    std::fs::remove_file(&state).unwrap();
    let again = plan(&sim, &spaces(2));
    assert_eq!(begin(&gateway, &executor, again).tally().await.succeeded(), 2);
}
