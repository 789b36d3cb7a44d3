//! Plans while AWS, the network or the credentials fail.

use std::time::Duration;

use sagedeck::fleet::Tally;
use sagedeck::fleet::{ProblemKind, StepState};
use sagedeck::sim::faults::{Fault, Target};

use super::{carried_out, end_of, is_gone, pauses, plan, spaces};
use crate::wire::{gateway, sim_with_apps};

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
