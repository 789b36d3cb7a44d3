//! Stopping apps: from the key to the requests, and back to the screen.

use std::time::Duration;

use sagedeck::console::{Dialog, Message};
use sagedeck::fleet::{Bound, ObjectKey, PlanId, StepState};
use sagedeck::sim::faults::{Fault, Target};

use super::bench::{Bench, Setup};

/// Lets the deaf time of a dialog pass.
async fn read_it(bench: &mut Bench) {
    bench.wait(Duration::from_millis(600)).await;
}

#[tokio::test(start_paused = true)]
async fn one_app_is_stopped_with_one_key_after_its_plan_was_shown() {
    let mut bench = Bench::demo().await;
    let Some(ObjectKey::App(key)) = bench.console.selected() else { panic!("the cursor is on an app") };
    bench.press("ctrl-d");
    bench.shows(&["Stop", "kept", "lost", "$"]);
    assert_eq!(bench.sent("DeleteApp"), 0, "a plan alone sends nothing");
    read_it(&mut bench).await;
    bench.press("y");
    bench.wait(Duration::from_secs(5)).await;
    assert_eq!(bench.sent("DeleteApp"), 1);
    bench.press("9");
    bench.wait(Duration::from_mins(15)).await;
    bench.settle().await;
    let operation = &bench.console.operations.list[0];
    assert_eq!(operation.states, [StepState::Done]);
    assert!(operation.request_ids[0].is_some(), "AWS's request id is kept");
    let gone = bench.console.fleet.apps.get(&key).is_none_or(|app| app.status.is_gone());
    assert!(gone, "the table knows that it is stopped");
    bench.shows(&["1 done"]);
}

#[tokio::test(start_paused = true)]
async fn idle_gpus_are_filtered_marked_and_stopped_and_one_failure_stops_nothing_else() {
    let mut bench = Bench::demo().await;
    let denied = bench.sim.faults();
    denied.add_times(
        Target::operation("DeleteApp"),
        Fault::Refuse("AccessDeniedException".into(), "no, not this one".into()),
        1,
    );
    bench.press("/ \"idle>2h instance:ml.g*\" enter ctrl-a");
    let marked = bench.console.table().unwrap().marks.len();
    assert!(marked >= 4, "{marked}");
    bench.shows(&["marked · stopping them saves $"]);
    bench.press("ctrl-d");
    let Some(Dialog::Confirm(confirm)) = bench.console.dialogs.last() else { panic!("a plan is shown") };
    let (steps, count) = (confirm.plan.steps.len(), confirm.confirmation.count);
    assert_eq!(steps, marked);
    read_it(&mut bench).await;
    bench.press("\"stop 1\" enter");
    assert_eq!(bench.sent("DeleteApp"), 0, "the wrong word confirms nothing");
    bench.press("ctrl-u");
    bench.press(&format!("\"stop {steps}\" enter"));
    if let Some(count) = count {
        assert_eq!(bench.sent("DeleteApp"), 0, "above a ceiling the number is asked for, too");
        bench.press(&format!("\"{count}\" enter"));
    }
    bench.wait(Duration::from_mins(25)).await;
    bench.settle().await;
    let tally = bench.console.operations.list[0].tally();
    assert_eq!((tally.done, tally.failed), (steps - 1, 1), "{:?}", bench.console.operations.list[0].states);
    bench.press("9");
    bench.shows(&["failed"]);
    bench.press("d");
    bench.shows(&["no, not this one"]);
}

#[tokio::test(start_paused = true)]
async fn f50_keys_typed_ahead_and_pastes_never_confirm() {
    let mut bench = Bench::demo().await;
    bench.press("ctrl-d y y y");
    assert!(matches!(bench.console.dialogs.last(), Some(Dialog::Confirm(_))));
    read_it(&mut bench).await;
    bench.give(Message::Paste("y".to_owned()));
    bench.give(Message::Paste("y\n".to_owned()));
    bench.wait(Duration::from_secs(5)).await;
    assert_eq!(bench.sent("DeleteApp"), 0);
    bench.press("enter");
    assert!(bench.console.dialogs.is_empty(), "cancel has the focus");
    bench.wait(Duration::from_secs(5)).await;
    assert_eq!(bench.sent("DeleteApp"), 0);
}

#[tokio::test(start_paused = true)]
async fn f36_an_app_that_was_replaced_meanwhile_is_left_alone() {
    let mut bench = Bench::demo().await;
    let Some(ObjectKey::App(key)) = bench.console.selected() else { panic!("the cursor is on an app") };
    bench.press("ctrl-d");
    read_it(&mut bench).await;
    let Some(Dialog::Confirm(confirm)) = bench.console.dialogs.last_mut() else { panic!("a plan is shown") };
    // The plan was made for a run that began at another time than the one AWS now shows under the same name.
    let mut plan = confirm.plan.clone();
    let created = plan.steps[0].bound.created().unwrap();
    plan.steps[0].bound = Bound::Created(created - Duration::from_hours(1));
    plan.id = PlanId::of(&plan.steps, plan.made_at);
    confirm.plan = plan;
    bench.press("y");
    bench.wait(Duration::from_mins(1)).await;
    bench.settle().await;
    assert_eq!(bench.sent("DeleteApp"), 0);
    assert!(matches!(bench.console.operations.list[0].states[0], StepState::Skipped(_)));
    assert!(bench.console.fleet.apps.get(&key).is_some());
}

#[tokio::test(start_paused = true)]
async fn f14_a_lost_answer_is_looked_up_and_not_sent_again() {
    let mut bench = Bench::demo().await;
    bench.sim.faults().add_times(Target::operation("DeleteApp"), Fault::LoseAnswer, 1);
    bench.press("ctrl-d");
    read_it(&mut bench).await;
    bench.press("y");
    bench.wait(Duration::from_mins(20)).await;
    bench.settle().await;
    assert_eq!(bench.sent("DeleteApp"), 1);
    assert!(
        matches!(bench.console.operations.list[0].states[0], StepState::Done | StepState::AlreadyDone),
        "{:?}",
        bench.console.operations.list[0].states
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_app_says_why_it_cannot_be_stopped() {
    let mut bench = Bench::demo().await;
    bench.press("/ \"status:Failed\" enter ctrl-d");
    bench.shows(&["Failed"]);
    assert!(bench.console.dialogs.is_empty());
    assert_eq!(bench.sent("DeleteApp"), 0);
}

#[tokio::test(start_paused = true)]
async fn the_menu_says_what_the_key_that_stops_means_for_each_kind() {
    let mut bench = Bench::start(Setup { size: (140, 40), ..Setup::default() }).await;
    for (pane, says) in [
        ("2", "Delete the domain with everything in it"),
        ("3", "Offboard 1 user"),
        ("4", "Delete 1 space with all files"),
        ("5", "Stop 1 app"),
    ] {
        bench.press(&format!("{pane} a"));
        bench.shows(&[says]);
        bench.press("esc");
        assert_eq!(bench.sent("DeleteApp"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn leaving_while_a_plan_runs_asks_first() {
    let mut bench = Bench::demo().await;
    bench.press("ctrl-d");
    read_it(&mut bench).await;
    bench.press("y q");
    assert!(!bench.left);
    assert!(matches!(bench.console.dialogs.last(), Some(Dialog::Leave)));
    bench.press("enter");
    assert!(bench.console.dialogs.is_empty() && !bench.left);
    bench.press("q y");
    assert!(bench.left);
}
