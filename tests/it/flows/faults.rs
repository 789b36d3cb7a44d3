//! What the person sees when AWS is slow, refuses, throttles or does not answer. Never a wrong zero.

use std::time::Duration;

use sagedeck::fleet::ProblemKind;
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::scenario::Scenario;

use super::bench::{Bench, Setup};

#[tokio::test(start_paused = true)]
async fn f19_one_denied_list_is_named_and_the_rest_works() {
    let mut bench = Bench::cold(Setup::default());
    bench.sim.with_world(|world| world.deny("sagemaker:ListSpaces"));
    bench.settle().await;
    bench.shows(&["anna-k"]);
    bench.press("4");
    bench.shows(&["no access"]);
    let problems: Vec<_> =
        bench.console.fleet.listings().filter_map(|(_, list)| list.problem.clone()).collect();
    assert!(!problems.is_empty());
    for problem in problems {
        assert_eq!(problem.kind, ProblemKind::AccessDenied);
        assert!(problem.to_string().contains("sagemaker:ListSpaces"), "{problem}");
        assert!(problem.request_id.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn f49_a_list_that_is_not_complete_cannot_be_marked_as_all() {
    let mut bench = Bench::cold(Setup::default());
    let fault = Fault::Refuse("InternalFailure".into(), "not today".into());
    bench.sim.faults().add(Target::operation("ListApps").in_region("us-east-1"), fault);
    bench.wait(Duration::from_mins(4)).await;
    bench.press("ctrl-a");
    assert!(bench.console.table().unwrap().marks.is_empty());
    bench.shows(&["not complete"]);
}

#[tokio::test(start_paused = true)]
async fn f12_a_region_that_never_answers_does_not_hold_up_the_others() {
    let mut bench = Bench::cold(Setup::default());
    bench.sim.faults().add(Target::all().in_region("us-east-1"), Fault::BlackHole);
    bench.wait(Duration::from_secs(5)).await;
    bench.shows(&["anna-k"]);
    bench.press("j j / \"anna\" enter");
    bench.shows(&["anna-k"]);
}

#[tokio::test(start_paused = true)]
async fn expired_credentials_stop_all_asking_until_the_person_says_so() {
    let mut bench = Bench::demo().await;
    let expired = bench.sim.faults().add(Target::all(), Fault::ExpiredCredentials);
    bench.press("r");
    bench.wait(Duration::from_secs(5)).await;
    let asked = bench.sim.requests().total();
    bench.wait(Duration::from_mins(5)).await;
    assert_eq!(bench.sim.requests().total(), asked, "asking on could lock the person out");
    bench.shows(&["anna-k"]);
    assert!(bench.console.loads.stopped.is_some());
    bench.sim.faults().remove(expired);
    bench.press("r");
    bench.settle().await;
    assert!(bench.console.loads.stopped.is_none());
    assert!(bench.sim.requests().total() > asked);
}

#[tokio::test(start_paused = true)]
async fn f02_a_throttled_walk_completes_and_never_starts_over() {
    let mut bench = Bench::cold(Setup::default());
    bench.sim.faults().add(Target::operation("List*"), Fault::Throttle(0.5));
    bench.wait(Duration::from_mins(10)).await;
    assert!(bench.console.fleet.listings().all(|(_, list)| list.is_complete()));
    assert!(bench.console.fleet.apps.len() > 80);
}

#[tokio::test(start_paused = true)]
async fn f80_hostile_names_and_broken_answers_reach_the_screen_as_visible_text() {
    let setup = Setup { scenario: Scenario::Broken, size: (160, 48), ..Setup::default() };
    let mut bench = Bench::cold(setup);
    bench.wait(Duration::from_mins(5)).await;
    for keys in ["1", "2", "3", "4", "5", "5 d", "esc 4 ctrl-w", "ctrl-z"] {
        bench.press(keys);
        let screen = bench.screen();
        let hostile = screen.chars().find(|c| *c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'..='\u{200f}' | '\u{2066}'..='\u{2069}')));
        assert_eq!(hostile, None, "after {keys}:\n{screen}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_account_says_so_and_shows_no_zero_it_does_not_know() {
    let mut bench = Bench::start(Setup { scenario: Scenario::Empty, ..Setup::default() }).await;
    bench.press("2");
    bench.shows(&["domains (all domains) [0]"]);
    bench.press("ctrl-d");
    assert!(bench.console.dialogs.is_empty());
}
