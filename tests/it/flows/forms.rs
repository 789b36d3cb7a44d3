//! Forms: from the keys that fill them in to what is planned and sent, and what is wrong named where it is wrong.

use std::time::Duration;

use sagedeck::console::{Dialog, Message};
use sagedeck::fleet::{Change, ObjectKey, Plan};

use super::bench::{Bench, Setup};

/// Lets the deaf time of a dialog pass.
async fn read_it(bench: &mut Bench) {
    bench.wait(Duration::from_millis(600)).await;
}

/// The plan that is shown, once what it needs has come.
#[track_caller]
fn shown_plan(bench: &Bench) -> &Plan {
    match bench.console.dialogs.last() {
        Some(Dialog::Confirm(confirm)) => &confirm.plan,
        other => panic!("no plan is shown but {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn tags_of_five_marked_spaces_are_set_and_removed_by_one_plan() {
    let mut bench = Bench::demo().await;
    bench.press("4 space space space space space t");
    bench.settle().await;
    bench.shows(&["tags of 5 spaces", "Set", "Remove", "of 5"]);
    bench.press("\"aws:x=1\"");
    bench.shows(&["row 1, key:"]);
    bench.press("ctrl-s");
    assert!(
        matches!(bench.console.dialogs.last(), Some(Dialog::Form(_))),
        "nothing is planned on a wrong tag"
    );
    bench.press("ctrl-x \"cost-center=cc-9\" tab tab");
    bench.press("enter");
    bench.shows(&["type to narrow", "on "]);
    bench.press("\"team\" enter ctrl-s");
    bench.settle().await;
    read_it(&mut bench).await;
    let plan = shown_plan(&bench);
    let set = plan.steps.iter().filter(|step| matches!(step.change, Change::AddTags(..))).count();
    assert_eq!(set, 5, "{:?}", plan.steps);
    assert!(plan.steps.iter().any(|step| matches!(step.change, Change::RemoveTags(..))));
    assert!(plan.steps.iter().all(|step| matches!(step.change.target().object(), Some(ObjectKey::Space(_)))));
    bench.press("esc");
    bench.shows(&["cc-9"]);
    bench.press("esc");
    bench.shows(&["esc once more leaves"]);
    bench.press("esc");
    assert!(bench.console.dialogs.is_empty());
}

#[tokio::test(start_paused = true)]
async fn thirty_pasted_people_are_compared_row_by_row_and_two_wrong_ones_are_left_out_with_their_places() {
    let mut bench = Bench::start(Setup { size: (160, 48), ..Setup::default() }).await;
    bench.press("3 shift-i tab tab");
    let mut text = String::from("name,domain,tag:team\r\n");
    for at in 1..=30 {
        let name = match at {
            7 => "no_underscores".to_owned(),
            12 => "anna-k".to_owned(),
            19 => "new-3".to_owned(),
            at => format!("new-{at}"),
        };
        text.push_str(&format!("{name},research,nlp\r\n"));
    }
    bench.give(Message::Paste(text));
    bench.settle().await;
    bench.shows(&["30 rows: 27 create, 1 exists, 2 invalid", "column 3"]);
    bench.press("ctrl-s");
    bench.settle().await;
    let plan = shown_plan(&bench);
    assert_eq!(plan.steps.len(), 27);
    assert!(plan.steps.iter().all(|step| matches!(step.change, Change::CreateUser(..))));
    let reasons: Vec<&str> = plan.excluded.iter().map(|excluded| &*excluded.reason).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.starts_with("line 8: ")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.starts_with("line 20: ")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.starts_with("line 13: exists")), "{reasons:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_is_refused_with_line_and_column_and_nothing_is_planned() {
    let mut bench = Bench::start(Setup { size: (160, 48), ..Setup::default() }).await;
    bench.press("3 shift-i tab tab");
    bench.give(Message::Paste("name,nmae\nanna,x\n".to_owned()));
    bench.settle().await;
    bench.shows(&["line 1, column 6", "nmae"]);
    bench.press("ctrl-s");
    assert!(matches!(bench.console.dialogs.last(), Some(Dialog::Form(_))));
    bench.shows(&["1 field needs a look: List"]);
}

#[tokio::test(start_paused = true)]
async fn a_name_is_checked_as_it_is_typed_and_one_that_is_taken_is_said_to_be() {
    let mut bench = Bench::start(Setup { size: (80, 24), ..Setup::default() }).await;
    bench.press("3 n");
    bench.settle().await;
    bench.shows(&["onboard a user", "Domain"]);
    bench.press("\"research\" enter tab \"anna_k\"");
    bench.shows(&["character 5 is `_`"]);
    bench.press("backspace backspace \"-k\"");
    bench.shows(&["exists already in research"]);
    bench.press("\"2\" ctrl-s");
    bench.settle().await;
    let plan = shown_plan(&bench);
    assert!(
        matches!(&plan.steps[..], [step] if matches!(&step.change, Change::CreateUser(user, _)
            if user.name.as_str() == "anna-k2")),
        "{:?}",
        plan.steps
    );
}
