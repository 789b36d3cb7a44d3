//! Writing is locked until a person unlocks it, and nothing mutating leaves the process before.

use std::time::Duration;

use sagedeck::console::{Action, Context, Course, Dialog, Message, WriteMode};

use super::bench::{Bench, Setup};

/// The operations of AWS that change nothing, by the first word of their names.
const READS: [&str; 3] = ["List", "Describe", "Get"];

fn mutations(bench: &Bench) -> Vec<String> {
    let counts = bench.sim.requests().counts();
    counts.into_keys().filter(|operation| !READS.iter().any(|read| operation.starts_with(read))).collect()
}

fn locked(write: WriteMode) -> Setup {
    Setup { write, ..Setup::default() }
}

#[tokio::test(start_paused = true)]
async fn while_locked_a_plan_is_shown_and_its_confirmation_refused() {
    let mut bench = Bench::start(locked(WriteMode::Locked)).await;
    bench.shows(&["LOCKED"]);
    bench.press("ctrl-d");
    bench.wait(Duration::from_millis(600)).await;
    bench.press("y");
    bench.shows(&["LOCKED", "shift-u"]);
    bench.wait(Duration::from_secs(10)).await;
    assert_eq!(mutations(&bench), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn unlocking_takes_the_account_alias_and_lasts_fifteen_minutes() {
    let mut bench = Bench::start(locked(WriteMode::Locked)).await;
    bench.press("shift-u \"prod\" enter");
    bench.shows(&["that is not it"]);
    bench.give(Message::Paste("-ml".to_owned()));
    bench.press("enter");
    assert_eq!(bench.console.session.write, WriteMode::Locked, "a paste does not unlock");
    bench.press("\"-ml\" enter");
    bench.wait(Duration::from_secs(1)).await;
    assert!(matches!(bench.console.session.write, WriteMode::Unlocked { .. }));
    bench.shows(&["WRITE"]);
    bench.press("ctrl-d");
    bench.wait(Duration::from_millis(600)).await;
    bench.press("y");
    bench.wait(Duration::from_secs(30)).await;
    assert_eq!(mutations(&bench), ["DeleteApp"]);
    bench.wait(Duration::from_mins(16)).await;
    assert_eq!(bench.console.session.write, WriteMode::Locked);
    bench.shows(&["LOCKED"]);
}

#[tokio::test(start_paused = true)]
async fn i9_no_key_in_any_pane_sends_a_mutating_request_while_locked() {
    for write in [WriteMode::Locked, WriteMode::ReadOnly] {
        let mut bench = Bench::start(locked(write)).await;
        let keys: Vec<String> = Action::ALL
            .iter()
            // An export writes a file, which is no business of AWS.
            .filter(|action| !matches!(action, Action::Quit | Action::Export | Action::WriteReport))
            .filter(|action| action.context() != Context::Details)
            .flat_map(|action| action.default_keys().iter().map(|key| (*key).to_owned()))
            .collect();
        for pane in ["1", "2", "3", "4", "5", "9"] {
            for key in &keys {
                bench.press(pane);
                bench.press(key);
                if !bench.console.dialogs.is_empty() {
                    bench.wait(Duration::from_millis(600)).await;
                }
                // Whatever came up is answered in every way that could be a yes.
                bench.press("y enter");
                while !bench.console.dialogs.is_empty() {
                    bench.press("esc");
                }
                if bench.console.table().is_some_and(|table| table.filter.editing) {
                    bench.press("esc");
                }
            }
        }
        bench.wait(Duration::from_secs(5)).await;
        assert_eq!(mutations(&bench), Vec::<String>::new());
        assert!(bench.console.operations.list.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_only_console_says_why_it_does_not_unlock() {
    let mut bench = Bench::start(locked(WriteMode::ReadOnly)).await;
    bench.press("shift-u");
    bench.shows(&["read-only"]);
    assert!(!matches!(bench.console.dialogs.last(), Some(Dialog::Unlock(_))));
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_may_not_be_sent_says_why_after_all_else() {
    let mut bench = Bench::start(locked(WriteMode::ReadOnly)).await;
    let account = bench.console.fleet.accounts.keys().next().unwrap().clone();
    let until = bench.console.now + Duration::from_mins(10);
    // The screen believes that it may; what guards the wire knows better.
    bench.console.session.write = WriteMode::Unlocked { account, until };
    bench.press("ctrl-d");
    bench.wait(Duration::from_millis(600)).await;
    bench.press("y");
    bench.settle().await;
    assert!(matches!(bench.console.operations.list[0].course, Course::Ended));
    bench.shows(&["read-only"]);
    bench.hides(&["0 done"]);
    assert_eq!(mutations(&bench), Vec::<String>::new());
}
