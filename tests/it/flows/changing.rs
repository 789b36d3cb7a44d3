//! Deleting, suspending, undoing and signing in: from the key to the requests, and back to the screen.

use std::time::Duration;

use sagedeck::console::{Course, Dialog};
use sagedeck::fleet::{Change, HomeFiles, StepState, Tag};
use sagedeck::sim::faults::{Fault, Target};

use super::bench::{Bench, NOW, Setup};

/// Types what the plan on screen asks for.
async fn confirm(bench: &mut Bench) {
    bench.wait(Duration::from_millis(600)).await;
    let Some(Dialog::Confirm(dialog)) = bench.console.dialogs.last() else {
        panic!("no plan is shown:\n{}", bench.screen())
    };
    match dialog.confirmation.ask.clone() {
        sagedeck::fleet::Ask::Nothing => panic!("the plan has no steps:\n{}", bench.screen()),
        sagedeck::fleet::Ask::Key(key) => bench.press(&key.to_string()),
        sagedeck::fleet::Ask::Phrases(phrases) => {
            for phrase in phrases {
                bench.press(&format!("\"{}\" enter", phrase.text));
            }
        }
    }
}

/// Lets an operation come to its end.
async fn carried_out(bench: &mut Bench) {
    for _ in 0..60 {
        bench.wait(Duration::from_mins(1)).await;
        if bench.console.operations.list.first().is_some_and(|operation| operation.course == Course::Ended) {
            return bench.settle().await;
        }
    }
    panic!("the operation does not end: {:?}", bench.console.operations.list.first());
}

fn all_done(bench: &Bench) {
    let operation = &bench.console.operations.list[0];
    assert!(operation.tally().is_complete(), "{:#?}", operation.states);
}

#[tokio::test(start_paused = true)]
async fn offboarding_stops_apps_deletes_spaces_and_then_the_profile() {
    let mut bench = Bench::demo().await;
    bench.press("3 / \"domain:research apps>0\" enter");
    bench.press("ctrl-d");
    bench.settle().await;
    let Some(Dialog::Confirm(dialog)) = bench.console.dialogs.last() else { panic!("{}", bench.screen()) };
    let changes: Vec<Change> = dialog.plan.steps.iter().map(|step| step.change.clone()).collect();
    assert!(matches!(changes.last(), Some(Change::DeleteUser(_))), "{changes:#?}");
    assert!(changes.iter().any(|change| matches!(change, Change::StopApp(_))));
    bench.shows(&["delete", "user profile", "kept", "EFS"]);
    assert_eq!(bench.sent("DeleteUserProfile"), 0);
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    all_done(&bench);
    let spaces = changes.iter().filter(|change| matches!(change, Change::DeleteSpace(_))).count() as u64;
    assert_eq!((bench.sent("DeleteSpace"), bench.sent("DeleteUserProfile")), (spaces, 1));
}

#[tokio::test(start_paused = true)]
async fn a_space_is_deleted_with_its_app_and_the_plan_says_what_is_lost() {
    let mut bench = Bench::demo().await;
    bench.press("4 / \"domain:research\" enter ctrl-d");
    bench.settle().await;
    bench.shows(&["delete", "space", "GB"]);
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    all_done(&bench);
    assert_eq!(bench.sent("DeleteSpace"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_suspended_user_is_closed_out_and_let_in_again() {
    let mut bench = Bench::demo().await;
    bench.press("3 / \"domain:research\" enter s");
    bench.settle().await;
    bench.shows(&["StudioWebPortal", "DISABLED"]);
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    all_done(&bench);
    assert_eq!((bench.sent("UpdateUserProfile"), bench.sent("AddTags")), (1, 1));
    bench.press("w");
    bench.settle().await;
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    all_done(&bench);
    assert_eq!((bench.sent("UpdateUserProfile"), bench.sent("DeleteTags")), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_link_is_given_to_who_asked_and_shown_nowhere() {
    let mut bench = Bench::demo().await;
    bench.press("3 / \"domain:research\" enter l");
    bench.settle().await;
    bench.shows(&["acting as"]);
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    assert_eq!(bench.sent("CreatePresignedDomainUrl"), 1);
    let Some(Dialog::Link(shown)) = bench.console.dialogs.last() else { panic!("{}", bench.screen()) };
    let link = shown.link.reveal().to_owned();
    assert!(link.starts_with("https://"), "{link}");
    bench.hides(&["https://", "token"]);
    bench.shows(&["sign-in link", "valid for"]);
    bench.press("c");
    assert_eq!(bench.copied, std::slice::from_ref(&link));
    bench.press("esc 9 a");
    bench.settle().await;
    bench.shows(&["audit trail", "CreatePresignedDomainUrl", "whole"]);
    for file in bench.files() {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains(&link), "the link is in {}", file.display());
    }
    assert!(!format!("{:?}", bench.console).contains(&link));
}

#[tokio::test(start_paused = true)]
async fn a_domain_goes_with_everything_in_it_and_its_files_stay() {
    let mut bench = Bench::demo().await;
    bench.press("2 / \"name:risk*\" enter ctrl-d");
    bench.settle().await;
    let Some(Dialog::Confirm(dialog)) = bench.console.dialogs.last() else { panic!("{}", bench.screen()) };
    let last = dialog.plan.steps.last().map(|step| step.change.clone());
    assert!(matches!(last, Some(Change::DeleteDomain(_, HomeFiles::Retain))), "{last:?}");
    let sagedeck::fleet::Ask::Phrases(phrases) = &dialog.confirmation.ask else {
        panic!("a phrase is asked")
    };
    assert!(phrases[0].text.contains("prod-ml"), "the alias of the account is asked for: {phrases:?}");
    bench.shows(&["delete 1 domain", "kept"]);
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    all_done(&bench);
    assert_eq!(bench.sent("DeleteDomain"), 1);
    bench.press("9");
    // This domain has no home file system, and so none that is billed on.
    bench.shows(&["stays behind: Execution roles"]);
    // Its apps were stopped too, but there is nothing left to start them in.
    bench.hides(&["undo"]);
    bench.press("u");
    bench.shows(&["has stopped no app that could be started again"]);
    bench.press("d");
    bench.shows(&["stays behind, as far as the plan could tell", "Execution roles"]);
    bench.press("esc 2 esc");
    bench.settle().await;
    bench.hides(&["risk-analytics"]);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_app_is_started_again_as_it_was() {
    let mut bench = Bench::demo().await;
    bench.press("/ \"type:JupyterLab status:InService instance:ml.t3.medium\" enter ctrl-d");
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    bench.press("9 u");
    bench.settle().await;
    bench.shows(&["start"]);
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    all_done(&bench);
    assert_eq!((bench.sent("DeleteApp"), bench.sent("CreateApp")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_protected_account_asks_why_and_the_audit_trail_keeps_it() {
    let mut bench = Bench::start(Setup { protected: vec!["prod-ml".to_owned()], ..Setup::default() }).await;
    bench.press("ctrl-d");
    bench.wait(Duration::from_millis(600)).await;
    bench.shows(&["say why"]);
    bench.press("y");
    bench.press("enter");
    bench.shows(&["so that others understand"]);
    bench.press("\"es, ticket 4711\" enter");
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    bench.press("9 a");
    bench.settle().await;
    bench.shows(&["yes, ticket 4711", "DeleteApp"]);
}

#[tokio::test(start_paused = true)]
async fn an_operation_is_paused_and_goes_on() {
    let mut bench = Bench::demo().await;
    bench.sim.faults().add(Target::operation("DeleteApp"), Fault::RateLimit(1.0));
    bench.press("/ \"status:InService\" enter ctrl-a ctrl-d");
    confirm(&mut bench).await;
    bench.press("9 p");
    bench.wait(Duration::from_secs(30)).await;
    bench.shows(&["paused"]);
    let sent = bench.sent("DeleteApp");
    bench.wait(Duration::from_mins(3)).await;
    assert_eq!(bench.sent("DeleteApp"), sent, "nothing is sent while it is paused");
    bench.press("p");
    carried_out(&mut bench).await;
    assert!(bench.sent("DeleteApp") > sent);
    let states = &bench.console.operations.list[0].states;
    assert!(states.iter().all(StepState::is_final));
}

#[tokio::test(start_paused = true)]
async fn a_lifecycle_configuration_is_shown_and_deleted() {
    let mut bench = Bench::demo().await;
    bench.press("2 shift-l");
    bench.settle().await;
    bench.shows(&["lifecycle configurations of prod-ml"]);
    bench.press("enter");
    bench.settle().await;
    bench.shows(&["#!"]);
    let mut planned = false;
    // Some are attached, and then the plan says so; the first that is not goes.
    for _ in 0..12 {
        bench.press("ctrl-d");
        bench.settle().await;
        planned = matches!(bench.console.dialogs.last(), Some(Dialog::Confirm(_)));
        if planned {
            break;
        }
        bench.press("j");
    }
    assert!(planned, "none can be deleted:\n{}", bench.screen());
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    all_done(&bench);
    assert_eq!(bench.sent("DeleteStudioLifecycleConfig"), 1);
}

#[tokio::test(start_paused = true)]
async fn f42_what_carries_a_protected_tag_is_left_out_with_the_reason() {
    let mut bench = Bench::start(Setup {
        protected_tags: vec![Tag { key: "team".into(), value: "".into() }],
        ..Setup::default()
    })
    .await;
    bench.press("3 / \"domain:research\" enter ctrl-a ctrl-d");
    bench.settle().await;
    bench.shows(&["left out", "protected by the tag team="]);
    bench.press("esc");
    assert_eq!(bench.sent("DeleteUserProfile"), 0);
}

#[tokio::test(start_paused = true)]
async fn f48_what_is_carried_out_is_what_was_shown_whatever_the_rows_do_meanwhile() {
    let mut bench = Bench::start(Setup { life: true, ..Setup::default() }).await;
    bench.press("/ \"status:InService\" enter ctrl-a ctrl-d");
    bench.settle().await;
    let Some(Dialog::Confirm(dialog)) = bench.console.dialogs.last() else { panic!("{}", bench.screen()) };
    let shown = dialog.plan.clone();
    let revision = bench.console.fleet.revision();
    bench.wait(Duration::from_mins(5)).await;
    assert_ne!(bench.console.fleet.revision(), revision, "the fleet was read again meanwhile");
    let Some(Dialog::Confirm(dialog)) = bench.console.dialogs.last() else { panic!("{}", bench.screen()) };
    assert_eq!(dialog.plan, shown);
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    assert_eq!(bench.console.operations.list[0].plan, shown);
    let planned: std::collections::BTreeSet<String> = shown
        .steps
        .iter()
        .map(|step| {
            step.change.request().values().filter_map(|value| value.as_str()).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let sent = bench.sim.requests().writes();
    let stopped: Vec<_> = sent.iter().filter(|one| &*one.operation == "DeleteApp").collect();
    assert!(!stopped.is_empty() && stopped.len() <= shown.steps.len());
    for request in stopped {
        let target = request.target();
        assert!(
            planned.iter().any(|plan| plan.split(' ').all(|part| target.contains(part))),
            "{target} was not in the plan"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_onboarding_ends_with_its_hand_over_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hand-over.csv");
    let mut bench = Bench::demo().await;
    bench.press("9 h");
    bench.shows(&["there is no operation"]);
    bench.press("3 / \"domain:research\" enter shift-i");
    bench.settle().await;
    bench.press("tab tab");
    bench.give(sagedeck::console::Message::Paste("new-one\nnew-two\n".to_owned()));
    bench.settle().await;
    bench.press("ctrl-s");
    bench.settle().await;
    confirm(&mut bench).await;
    carried_out(&mut bench).await;
    all_done(&bench);
    bench.press("9 h");
    bench.shows(&["export the hand-over sheet", "2 rows"]);
    bench.press(&format!("ctrl-u \"{}\" enter", file.display()));
    bench.settle().await;
    let sheet = std::fs::read_to_string(&file).unwrap();
    assert!(sheet.contains("new-one") && sheet.contains("new-two") && sheet.contains("research"), "{sheet}");
    assert!(!sheet.contains("token="), "no link is in it");
}

#[tokio::test(start_paused = true)]
async fn f29_credentials_that_end_before_the_plan_does_are_told_before_it_is_confirmed() {
    for (minutes, told) in [(2, true), (60, false)] {
        let keys_end =
            Some(sagedeck::fleet::Timestamp::from_second(NOW).unwrap() + Duration::from_mins(minutes));
        let mut bench = Bench::start(Setup { keys_end, ..Setup::default() }).await;
        bench.press("ctrl-d");
        bench.wait(Duration::from_secs(1)).await;
        if told {
            bench.shows(&["The credentials for", "sign in again before"]);
        } else {
            bench.hides(&["The credentials for"]);
        }
        assert_eq!(bench.sent("DeleteApp"), 0);
    }
}
