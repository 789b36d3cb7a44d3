//! Plans, operations and the audit trail on the screen.

use std::sync::Arc;

use super::fixture::{console, press, scope};
use super::{draw, screen, text, theme, with_operation, with_plan};
use crate::console::{AuditView, Console, Course, Dialog, Message, Mouse, Pane};
use crate::fleet::{
    AuditRow, Bound, Change, Document, DomainId, Name, Plan, Step, StepState, Timestamp, UserKey,
};
use crate::ui::theme::Role;

fn user() -> UserKey {
    UserKey { scope: scope(), domain: DomainId::new("d-research01"), name: Name::new("anna-k") }
}

/// A console that shows this plan in the place of the one it made.
fn showing(plan: Plan) -> Console {
    let mut console = with_plan();
    let Some(Dialog::Confirm(confirm)) = console.dialogs.last_mut() else { panic!("no plan is shown") };
    confirm.plan = plan;
    console
}

#[test]
fn the_evidence_of_an_app_is_of_that_app_whichever_pane_is_below() {
    for width in [80, 160] {
        let mut console = with_plan();
        let facts = ["InService", "ml.p4d.24xlarge", "active"];
        let above_apps = screen(&mut console, width, 30);
        console.pane = Pane::Users;
        let above_users = screen(&mut console, width, 30);
        for fact in facts {
            let count = |shown: &str| shown.lines().filter(|line| line.contains(fact)).count();
            assert!(count(&above_apps) > 0 && count(&above_users) > 0, "{fact}:\n{above_users}");
        }
    }
}

#[test]
fn only_what_cannot_be_taken_back_is_titled_as_dangerous() {
    let create = Step::new(Change::CreateUser(user(), Document::new()), Bound::Absent);
    let delete = Step::new(Change::DeleteUser(user()), Bound::Created(Timestamp::UNIX_EPOCH));
    let theme = theme();
    for (step, role) in [(create, Role::Title), (delete, Role::Danger)] {
        let title = "Change one thing";
        let mut console = showing(Plan::new(title, "change", Timestamp::UNIX_EPOCH, vec![step]));
        let (buffer, ..) = draw(&mut console, &theme, 120, 30);
        let shown = text(&buffer);
        let (y, line) = shown.lines().enumerate().find(|(_, line)| line.contains(title)).expect("a title");
        let x = line[..line.find(title).unwrap()].chars().count();
        let cell = &buffer[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())];
        assert_eq!(cell.style().fg, theme.style(role).fg, "{role:?}");
    }
}

#[test]
fn the_outcome_of_a_change_is_on_its_line_at_every_width() {
    let row = |operation: &str, outcome: &str| AuditRow {
        at: crate::ui::tests::fixture::now(),
        who: Arc::from("arn:aws:sts::123456789012:assumed-role/MLAdmin/anna"),
        account: Arc::from("123456789012"),
        region: Arc::from("eu-west-1"),
        operation: Arc::from(operation),
        arn: Arc::from(
            "arn:aws:sagemaker:eu-west-1:123456789012:app/d-research01/chloe-with-a-long-name/JupyterLab/default",
        ),
        outcome: Arc::from(outcome),
        succeeded: outcome == "done",
        reason: None,
        plan: Arc::from("0123456789ab"),
        request_id: None,
    };
    let view = AuditView {
        rows: vec![
            row("DeleteApp", "done"),
            row("CreatePresignedDomainUrl", "done"),
            row("DeleteUserProfile", "failed: not authorized to perform sagemaker:DeleteUserProfile"),
        ],
        loaded: true,
        verdict: Some((true, "whole: 3 lines".to_owned())),
        ..AuditView::default()
    };
    let mut console = console(Pane::Operations);
    console.dialogs.push(Dialog::Audit(view));
    for width in [60, 80, 120, 200] {
        let shown = screen(&mut console, width, 12);
        let line = |operation: &str| shown.lines().find(|line| line.contains(operation)).unwrap().to_owned();
        assert!(line("DeleteApp").contains("default  done"), "{shown}");
        assert!(line("CreatePresignedDomainUrl").contains("  done"), "{shown}");
        assert!(line("DeleteUserProfile").contains("failed: not authorized"), "{shown}");
    }
    // The trail alone: what stands over it is the matter of other pictures.
    let shown = screen(&mut console, 80, 12);
    insta::assert_snapshot!(shown.lines().skip(2).collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_stays_behind_is_on_the_screen_of_the_operation_once_it_has_ended() {
    let mut console = with_operation();
    let step = Step::new(Change::DeleteUser(user()), Bound::Created(Timestamp::UNIX_EPOCH));
    let billed = "The file system fs-1 (EFS), 12 GB, with the home directories: it is billed on.";
    let plan = Plan {
        keeps: vec![billed.to_owned(), "Execution roles.".to_owned()],
        ..Plan::new("Delete domain research", "delete", Timestamp::UNIX_EPOCH, vec![step])
    };
    console.operations.start(plan, None, console.now);
    assert!(!screen(&mut console, 120, 20).contains("stays behind"), "it has not ended");
    console.operations.list[0].states[0] = StepState::Done;
    console.operations.list[0].course = Course::Ended;
    let shown = screen(&mut console, 120, 20);
    assert!(shown.contains("stays behind: The file system fs-1") && shown.contains("1 more"), "{shown}");
    press(&mut console, "d");
    let shown = screen(&mut console, 120, 20);
    assert!(shown.contains(billed) && shown.contains("Execution roles."), "{shown}");
    let at = |text: &str| shown.find(text).unwrap();
    assert!(at(billed) < at("delete user profile"), "what costs on comes first:\n{shown}");
}

#[test]
fn the_keys_of_an_operation_are_those_that_do_something_now() {
    let mut console = with_operation();
    let last = |console: &mut Console| screen(console, 120, 16).lines().last().unwrap().to_owned();
    let running = last(&mut console);
    assert!(running.contains("<p> pause") && !running.contains("<t> retry"), "{running}");
    console.operations.list[0].course = Course::Ended;
    let ended = last(&mut console);
    assert!(ended.contains("<t> retry") && ended.contains("<u> undo"), "{ended}");
    assert!(!ended.contains("<p> pause") && !ended.contains("<h> hand-over"), "{ended}");
}

#[test]
fn the_wheel_moves_through_the_menu_as_the_keys_do() {
    let mut console = console(Pane::Apps);
    press(&mut console, "a");
    let _ = console.update(Message::Mouse(Mouse::Wheel(1)));
    assert!(
        matches!(console.dialogs.last(), Some(Dialog::Menu { cursor: 3 })),
        "{:?}",
        console.dialogs.last()
    );
}
