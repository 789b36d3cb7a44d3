//! Programs that are killed, and power that is cut, at every write of an operation.

use std::sync::Arc;

use sagedeck::aws::Gateway;
use sagedeck::fleet::StepState;
use sagedeck::operations::{Disk, Fault};
use sagedeck::sim::SimulatedAws;

use super::state::{Oracle, folder, journals, recorded, started, until_killed};
use super::{is_gone, plan, spaces};
use crate::wire::{gateway, sim_with_apps};

/// Carries a plan out by programs of which the n-th is killed at its disk's `at(n)`-th call, until one comes to the
/// end. Checks the invariants after each; gives how many programs it took.
async fn killed_again_and_again(
    sim: &SimulatedAws,
    gateway: &Gateway,
    steps: usize,
    at: impl Fn(u64) -> (u64, Fault),
) -> u64 {
    let (state, plan) = (folder(), Arc::new(plan(sim, &spaces(steps))));
    let (mut oracle, mut programs) = (Oracle::default(), 0);
    loop {
        let (at, fault) = at(programs);
        let disk = Disk::failing(at, fault);
        let journal = journals(state.path()).pop();
        let executor = started(gateway, state.path(), &disk);
        let lease = gateway.lift_for(&plan).unwrap();
        let tally = until_killed(&executor, journal.as_deref(), &plan, lease).await;
        programs += 1;
        let recorded = oracle.check(sim, state.path(), &plan);
        if let Some(tally) = tally {
            assert_eq!(tally.succeeded(), steps, "{tally:?}");
        }
        match recorded {
            Some(recorded) if recorded.closed.is_some() => break,
            // Killed before its plan was on disk: it never begins, and another plan has to be made.
            None if !journals(state.path()).is_empty() => {
                assert_eq!(oracle.sent(), 0);
                return programs;
            }
            _ => {}
        }
        assert!(programs < 20 * steps as u64 + 100, "it does not come forward");
    }
    assert!(spaces(steps).iter().all(|space| is_gone(sim, space)));
    assert!(oracle.sent() >= u32::try_from(steps).unwrap());
    let recorded = recorded(state.path());
    for step in 0..steps {
        let sagedeck::operations::StepStanding::Ended { state, .. } = recorded.step(step).standing else {
            panic!("step {step} has no end")
        };
        let state: StepState = serde_json::from_value(state).unwrap();
        assert!(state.is_done(), "{state:?}");
    }
    programs
}

#[tokio::test(start_paused = true)]
async fn f52_killed_at_every_write_of_an_operation_nothing_is_sent_unwritten_or_twice() {
    // In the first calls journal and audit trail are made: a program killed in them has not begun.
    for at in 1..45 {
        let sim = sim_with_apps(4);
        let gateway = gateway(&sim).await;
        let fault = if at % 2 == 0 { Fault::Killed } else { Fault::PowerCut(at) };
        let programs = killed_again_and_again(&sim, &gateway, 4, |program| {
            if program == 0 { (at, fault) } else { (u64::MAX, Fault::Killed) }
        })
        .await;
        assert!(programs <= 2, "killed once, then resumed");
    }
}

#[tokio::test(start_paused = true)]
async fn f52_f53_two_hundred_steps_come_to_their_end_however_often_the_program_is_killed() {
    let sim = sim_with_apps(200);
    let gateway = gateway(&sim).await;
    let programs = killed_again_and_again(&sim, &gateway, 200, |program| {
        let fault = if program % 3 == 0 { Fault::PowerCut(program) } else { Fault::Killed };
        // From each program's first writes to some steps later.
        (if program == 0 { 12 } else { 2 + program * 7 % 41 }, fault)
    })
    .await;
    assert!(programs > 30, "{programs} programs are too few to have been killed everywhere");
}

#[tokio::test(start_paused = true)]
async fn f54_f55_nothing_is_sent_after_a_write_that_failed_and_the_rest_is_resumed_with_a_good_disk() {
    for fault in [Fault::Full, Fault::Broken] {
        let sim = sim_with_apps(40);
        let gateway = gateway(&sim).await;
        let state = folder();
        let disk = Disk::failing(30, fault);
        let executor = started(&gateway, state.path(), &disk);
        let mut running = super::state::begin(&gateway, &executor, plan(&sim, &spaces(40)));
        let plan = Arc::clone(&running.plan);
        let reason = running.paused().await;
        assert!(reason.contains("could not be"), "{reason}");
        let sent = sim.requests().count("DeleteApp");
        assert!(sent < 40);
        tokio::time::sleep(std::time::Duration::from_hours(1)).await;
        assert_eq!(sim.requests().count("DeleteApp"), sent, "nothing more was sent");
        let lease = gateway.lift_for(&plan).unwrap();
        assert!(executor.go_on(&plan.id, lease).await.is_err(), "what cannot be written down cannot go on");
        executor.leave(&plan.id);
        let left = running.tally().await;
        assert!(left.waiting > 0 && left.failed == 0, "{left:?}");
        drop(executor);
        let again = started(&gateway, state.path(), &Disk::default());
        let unfinished = again.unfinished().await.unwrap();
        let [one] = &unfinished[..] else { panic!("{unfinished:?}") };
        assert_eq!(*one.plan, *plan);
        let tally = one.tally();
        assert_eq!(tally.succeeded() + tally.unknown + tally.waiting, 40, "done, unknown, not begun");
        let lease = gateway.lift_for(&plan).unwrap();
        let journal = one.journal.clone();
        let tally = until_killed(&again, Some(&journal), &plan, lease).await;
        assert_eq!(tally.map(|tally| tally.succeeded()), Some(40));
        assert!(again.unfinished().await.unwrap().is_empty());
    }
}
