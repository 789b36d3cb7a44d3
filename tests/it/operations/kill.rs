//! Programs that are killed, and power that is cut, at every write of an operation.

use std::sync::Arc;

use sagedeck::aws::Gateway;
use sagedeck::fleet::StepState;
use sagedeck::operations::{Disk, Fault};
use sagedeck::sim::SimulatedAws;

use super::state::{Oracle, begin, folder, journals, recorded, started, until_killed};
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
        let mut running = begin(&gateway, &executor, plan(&sim, &spaces(40)));
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

#[tokio::test(start_paused = true)]
async fn f55_after_a_failed_flush_nothing_is_sent_in_the_whole_session_and_a_full_disk_holds_up_its_own_only()
{
    for (fault, is_locked) in [(Fault::Broken, true), (Fault::Full, false)] {
        let sim = sim_with_apps(40);
        let slow = sagedeck::sim::faults::Fault::Latency(std::time::Duration::from_secs(2));
        sim.faults().add(sagedeck::sim::faults::Target::operation("DeleteApp"), slow);
        let gateway = gateway(&sim).await;
        let state = folder();
        // It fails once and works again, as a disk does that has lost what it could not write.
        let disk = Disk::failing_once(30, fault);
        let executor = started(&gateway, state.path(), &disk);
        let plans =
            [&spaces(40)[..18], &spaces(40)[18..36], &spaces(40)[36..]].map(|spaces| plan(&sim, spaces));
        let [one, other, third] = plans;
        let (mut one, mut other) = (begin(&gateway, &executor, one), begin(&gateway, &executor, other));
        let first = tokio::select! { reason = one.paused() => reason, reason = other.paused() => reason };
        assert!(first.contains("could not be"), "{first}");
        tokio::time::sleep(std::time::Duration::from_hours(1)).await;
        let sent = sim.requests().count("DeleteApp");
        let lease = gateway.lift_for(&third).unwrap();
        let (progress, _news) = tokio::sync::mpsc::channel(10_000);
        let order = sagedeck::operations::Order::new(Arc::new(third.clone()));
        let begun = executor.carry_out(order, lease, super::now(), progress).await;
        if is_locked {
            assert!(sent < 36, "both are locked: {sent} were sent");
            let refused = begun.unwrap_err();
            assert_eq!(refused.kind, sagedeck::fleet::ProblemKind::Refused);
            assert!(
                refused.message.contains("could not be") && refused.hint.contains("start sagedeck again")
            );
            assert_eq!(sim.requests().count("DeleteApp"), sent, "nothing more is sent");
            for running in [&one, &other] {
                let lease = gateway.lift_for(&running.plan).unwrap();
                let refused = executor.go_on(&running.plan.id, lease).await.unwrap_err();
                assert_eq!(refused.kind, sagedeck::fleet::ProblemKind::Refused, "{refused}");
            }
        } else {
            assert_eq!(begun.map(|tally| tally.succeeded()), Ok(4), "there is room again");
        }
        for running in [one, other] {
            executor.leave(&running.plan.id);
            running.tally().await;
        }
        drop(executor);
        // A new session reads what was written, and goes on from there.
        let again = started(&gateway, state.path(), &Disk::default());
        for left in again.unfinished().await.unwrap() {
            let lease = gateway.lift_for(&left.plan).unwrap();
            let tally = until_killed(&again, Some(&left.journal), &left.plan, lease).await;
            assert_eq!(tally.map(|tally| tally.succeeded()), Some(18));
        }
        assert!(spaces(36).iter().all(|space| is_gone(&sim, space)));
    }
}
