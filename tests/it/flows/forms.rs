//! Forms: from the keys that fill them in to the requests on the wire, and what is wrong named where it is wrong.

use std::fmt::Write as _;
use std::time::Duration;

use sagedeck::console::{Course, Dialog, FieldId, Form, Message};
use sagedeck::fleet::{Ask, Change, ObjectKey, Plan};
use serde_json::{Value, json};

use super::bench::{Bench, Setup};

fn form(bench: &Bench) -> &Form {
    match bench.console.dialogs.last() {
        Some(Dialog::Form(form)) => form,
        other => panic!("no form is open but {other:?}"),
    }
}

/// Goes to a field by the tab key.
#[track_caller]
fn go_to(bench: &mut Bench, id: FieldId) {
    bench.press("home");
    for _ in 0..60 {
        if form(bench).current().is_some_and(|field| field.id == id) {
            return;
        }
        bench.press("tab");
    }
    panic!("no field {id:?} is shown:\n{}", bench.screen());
}

/// Types into a field.
#[track_caller]
fn fill(bench: &mut Bench, id: FieldId, text: &str) {
    go_to(bench, id);
    bench.press(&format!("\"{text}\""));
}

/// Chooses in a field what the typed text finds first.
#[track_caller]
fn choose(bench: &mut Bench, id: FieldId, text: &str) {
    fill(bench, id, text);
    bench.press("enter");
}

/// Submits, and gives the plan that is shown for it.
async fn plan(bench: &mut Bench) -> Plan {
    bench.press("ctrl-s");
    bench.settle().await;
    match bench.console.dialogs.last() {
        Some(Dialog::Confirm(confirm)) => confirm.plan.clone(),
        _ => panic!("no plan is shown:\n{}", bench.screen()),
    }
}

/// Confirms the plan on screen, and lets it come to its end.
async fn carry_out(bench: &mut Bench) {
    bench.wait(Duration::from_millis(600)).await;
    let Some(Dialog::Confirm(dialog)) = bench.console.dialogs.last() else { panic!("no plan is shown") };
    match dialog.confirmation.ask.clone() {
        Ask::Nothing => panic!("the plan has no steps:\n{}", bench.screen()),
        Ask::Key(key) => bench.press(&key.to_string()),
        Ask::Phrases(phrases) => {
            for phrase in phrases {
                bench.press(&format!("\"{}\" enter", phrase.text));
            }
        }
    }
    let open =
        bench.console.dialogs.iter().any(|dialog| matches!(dialog, Dialog::Form(_) | Dialog::Confirm(_)));
    assert!(!open, "the form is done:\n{}", bench.screen());
    for _ in 0..60 {
        bench.wait(Duration::from_mins(1)).await;
        if bench.console.operations.list.first().is_some_and(|operation| operation.course == Course::Ended) {
            bench.settle().await;
            let operation = &bench.console.operations.list[0];
            assert!(operation.tally().is_complete(), "{:#?}", operation.states);
            return;
        }
    }
    panic!("the operation does not end: {:?}", bench.console.operations.list.first());
}

/// The bodies of the requests of an operation.
fn bodies(bench: &Bench, operation: &str) -> Vec<Value> {
    bench.sim.requests().of(operation).into_iter().map(|request| request.body).collect()
}

async fn wide() -> Bench {
    Bench::start(Setup { size: (160, 48), ..Setup::default() }).await
}

#[tokio::test(start_paused = true)]
async fn tags_of_five_marked_spaces_are_set_and_removed_by_one_plan() {
    let mut bench = Bench::demo().await;
    bench.press("4 space space space space space t");
    bench.settle().await;
    bench.shows(&["tags of 5 spaces", "Set", "Remove"]);
    bench.press("\"aws:x=1\"");
    bench.shows(&["row 1, key:"]);
    bench.press("ctrl-s");
    assert!(
        matches!(bench.console.dialogs.last(), Some(Dialog::Form(_))),
        "nothing is planned on a wrong tag"
    );
    bench.press("ctrl-x \"cost-center=cc-9\"");
    go_to(&mut bench, FieldId::RemoveTags);
    bench.press("enter");
    bench.shows(&["type to narrow", "of 5"]);
    bench.press("\"team\" enter");
    let shown = plan(&mut bench).await;
    let set = shown.steps.iter().filter(|step| matches!(step.change, Change::AddTags(..))).count();
    assert_eq!(set, 5, "{:?}", shown.steps);
    assert!(
        shown.steps.iter().all(|step| matches!(step.change.target().object(), Some(ObjectKey::Space(_))))
    );
    bench.press("esc");
    bench.shows(&["cc-9"]);
    bench.press("esc");
    bench.shows(&["esc once more leaves"]);
    plan(&mut bench).await;
    carry_out(&mut bench).await;
    let sent = bodies(&bench, "AddTags");
    assert_eq!(sent.len(), 5);
    assert!(sent.iter().all(|body| body["Tags"] == json!([{ "Key": "cost-center", "Value": "cc-9" }])));
    assert!(bodies(&bench, "DeleteTags").iter().all(|body| body["TagKeys"] == json!(["team"])));
    assert!(bench.sent("DeleteTags") > 0);
}

#[tokio::test(start_paused = true)]
async fn one_user_is_onboarded_into_an_iam_domain_with_role_instance_idle_shutdown_and_tags() {
    let mut bench = Bench::start(Setup { size: (80, 24), ..Setup::default() }).await;
    bench.press("3 n");
    bench.settle().await;
    bench.shows(&["onboard a user", "Domain"]);
    choose(&mut bench, FieldId::Domain, "research");
    fill(&mut bench, FieldId::Name, "anna_k");
    bench.shows(&["character 5 is `_`"]);
    bench.press("backspace backspace \"-k\"");
    bench.shows(&["exists already in research"]);
    bench.press("ctrl-s");
    bench.shows(&["1 field needs a look: Name"]);
    bench.press("\"2\"");
    bench.settle().await;
    choose(&mut bench, FieldId::Role, "SharedSpaces");
    bench.shows(&["trusts SageMaker"]);
    choose(&mut bench, FieldId::JupyterLab, "ml.t3.large");
    choose(&mut bench, FieldId::Idle, "on");
    fill(&mut bench, FieldId::IdleMinutes, "30");
    bench.shows(&["must be 60 to 525600 minutes"]);
    bench.press("ctrl-u \"90\"");
    fill(&mut bench, FieldId::Tags, "team=nlp");
    let shown = plan(&mut bench).await;
    assert_eq!(shown.steps.len(), 1, "{:?}", shown.steps);
    assert_eq!(bench.sent("CreateUserProfile"), 0, "a plan alone sends nothing");
    carry_out(&mut bench).await;
    let [body] = &bodies(&bench, "CreateUserProfile")[..] else { panic!("one request") };
    assert_eq!(body["UserProfileName"], "anna-k2");
    assert_eq!(body["Tags"], json!([{ "Key": "team", "Value": "nlp" }]));
    let settings = &body["UserSettings"];
    assert!(settings["ExecutionRole"].as_str().unwrap().ends_with("ml/StudioSharedSpaces"), "{settings}");
    let lab = &settings["JupyterLabAppSettings"];
    assert_eq!(lab["DefaultResourceSpec"]["InstanceType"], "ml.t3.large");
    assert_eq!(
        lab["AppLifecycleManagement"]["IdleSettings"],
        json!({ "LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 90 })
    );
    assert!(body.get("SingleSignOnUserValue").is_none());
}

#[tokio::test(start_paused = true)]
async fn one_user_is_onboarded_into_an_sso_domain_and_assigned_to_its_application() {
    let mut bench = wide().await;
    bench.press("3 n");
    choose(&mut bench, FieldId::Domain, "nlp");
    bench.settle().await;
    fill(&mut bench, FieldId::Name, "ada-l");
    bench.press("ctrl-s");
    bench.shows(&["Identity Center user", "is needed"]);
    fill(&mut bench, FieldId::SsoUser, "ada-l@example.com");
    let shown = plan(&mut bench).await;
    assert!(
        matches!(&shown.steps[..], [create, assign]
            if matches!(create.change, Change::CreateUser(..))
                && matches!(assign.change, Change::AssignApplication(_))
                && assign.after == [0]),
        "{:?}",
        shown.steps
    );
    carry_out(&mut bench).await;
    let [body] = &bodies(&bench, "CreateUserProfile")[..] else { panic!("one request") };
    assert_eq!(body["SingleSignOnUserIdentifier"], "UserName");
    assert_eq!(body["SingleSignOnUserValue"], "ada-l@example.com");
    assert_eq!(bench.sent("CreateApplicationAssignment"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_person_whom_identity_center_does_not_know_is_not_onboarded() {
    let mut bench = wide().await;
    bench.press("3 n");
    choose(&mut bench, FieldId::Domain, "nlp");
    bench.settle().await;
    fill(&mut bench, FieldId::Name, "nobody");
    fill(&mut bench, FieldId::SsoUser, "nobody@example.com");
    bench.press("ctrl-s");
    bench.settle().await;
    bench.shows(&["nobody@example.com"]);
    assert!(matches!(bench.console.dialogs.last(), Some(Dialog::Form(_))), "there is nothing to confirm");
    assert_eq!(bench.sent("CreateUserProfile"), 0);
}

#[tokio::test(start_paused = true)]
async fn thirty_pasted_people_are_compared_row_by_row_and_two_wrong_ones_stop_no_other() {
    let mut bench = wide().await;
    bench.press("3 shift-i");
    go_to(&mut bench, FieldId::Rows);
    let mut text = String::from("name,domain,tag:team\r\n");
    for at in 1..=30 {
        let name = match at {
            7 => "no_underscores".to_owned(),
            12 => "anna-k".to_owned(),
            19 => "new-3".to_owned(),
            at => format!("new-{at}"),
        };
        let _ = write!(text, "{name},research,nlp\r\n");
    }
    bench.give(Message::Paste(text));
    bench.settle().await;
    bench.shows(&["30 rows: 27 create, 1 exists, 2 invalid", "column 3"]);
    let shown = plan(&mut bench).await;
    assert_eq!(shown.steps.len(), 27);
    let reasons: Vec<&str> = shown.excluded.iter().map(|excluded| &*excluded.reason).collect();
    for line in ["line 8: ", "line 13: exists", "line 20: "] {
        assert!(reasons.iter().any(|reason| reason.starts_with(line)), "{line}: {reasons:?}");
    }
    bench.press("esc");
    bench.shows(&["30 rows: 27 create, 1 differs, 2 invalid"]);
    plan(&mut bench).await;
    carry_out(&mut bench).await;
    let sent = bodies(&bench, "CreateUserProfile");
    assert_eq!(sent.len(), 27);
    assert!(sent.iter().all(|body| body["Tags"] == json!([{ "Key": "team", "Value": "nlp" }])));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_is_refused_with_line_and_column_and_nothing_is_planned() {
    let mut bench = wide().await;
    bench.press("3 shift-i");
    go_to(&mut bench, FieldId::Rows);
    bench.give(Message::Paste("name,nmae\nanna,x\n".to_owned()));
    bench.settle().await;
    bench.shows(&["line 1, column 6", "nmae"]);
    bench.press("ctrl-s");
    assert!(matches!(bench.console.dialogs.last(), Some(Dialog::Form(_))));
    bench.shows(&["1 field needs a look: List"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_is_read_from_a_file_and_a_wrong_file_is_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("team.csv"), "name;domain\nlea-x;research\nleo-x;research\n").unwrap();
    std::fs::write(path("latin.csv"), b"name\nan\xeda\n").unwrap();
    std::fs::write(path("large.csv"), vec![b'x'; 4 * 1024 * 1024 + 1]).unwrap();
    let mut bench = wide().await;
    bench.press("3 shift-i");
    for (name, said) in
        [("none.csv", "was not read"), ("latin.csv", "UTF-8"), ("large.csv", "more than 4 MiB")]
    {
        go_to(&mut bench, FieldId::File);
        bench.press(&format!("ctrl-u \"{}\" enter", path(name)));
        // Files are read in real time.
        std::thread::sleep(Duration::from_millis(50));
        bench.settle().await;
        let hint = form(&bench).hint.clone().unwrap_or_default();
        assert!(hint.contains(said), "{name}: {hint}");
    }
    bench.press(&format!("ctrl-u \"{}\" enter", path("team.csv")));
    bench.settle().await;
    bench.shows(&["2 rows: 2 create", "from "]);
    assert_eq!(plan(&mut bench).await.steps.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_role_of_three_marked_users_is_changed_and_nothing_else_of_them() {
    let mut bench = wide().await;
    bench.press("3 / \"domain:research apps:0\" enter space space space e");
    bench.settle().await;
    bench.shows(&["edit 3 users", "leave as it is", "now "]);
    bench.press("ctrl-s");
    bench.shows(&["nothing is filled in yet"]);
    choose(&mut bench, FieldId::Role, "SharedSpaces");
    let shown = plan(&mut bench).await;
    assert_eq!(shown.steps.len(), 3, "{:?} {:?}", shown.steps, shown.excluded);
    bench.shows(&["ExecutionRole"]);
    carry_out(&mut bench).await;
    let sent = bodies(&bench, "UpdateUserProfile");
    assert_eq!(sent.len(), 3);
    for body in sent {
        let role = body["UserSettings"]["ExecutionRole"].as_str().unwrap_or_default().to_owned();
        assert!(role.ends_with("ml/StudioSharedSpaces"), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_does_not_trust_sagemaker_is_refused_in_the_form() {
    let mut bench = wide().await;
    bench.press("3 n");
    choose(&mut bench, FieldId::Domain, "research");
    bench.settle().await;
    go_to(&mut bench, FieldId::Role);
    bench.press("\"does not trust\"");
    bench.shows(&["does not trust SageMaker"]);
    bench.press("enter");
    bench.shows(&["AWS would refuse it"]);
}

#[tokio::test(start_paused = true)]
async fn options_that_cannot_be_read_are_said_to_be_and_typed_by_hand() {
    let mut bench = Bench::cold(Setup { size: (160, 48), ..Setup::default() });
    bench.sim.faults().add(
        sagedeck::sim::faults::Target::operation("ListRoles"),
        sagedeck::sim::faults::Fault::Refuse("AccessDenied".into(), "not authorized".into()),
    );
    bench.settle().await;
    bench.press("3 n");
    choose(&mut bench, FieldId::Domain, "research");
    bench.settle().await;
    bench.shows(&["the roles of 123456789012 could not be read"]);
    fill(&mut bench, FieldId::Role, "arn:aws:iam::123456789012:role/Other");
    bench.shows(&["as it is typed"]);
    bench.press("enter");
    assert_eq!(form(&bench).text(FieldId::Role), "arn:aws:iam::123456789012:role/Other");
}

#[tokio::test(start_paused = true)]
async fn a_domain_is_created_from_a_guided_form_and_its_network_belongs_together() {
    let mut bench = wide().await;
    bench.press("2 n");
    bench.settle().await;
    bench.shows(&["create a domain", "Identity", "Network", "Storage", "Sharing"]);
    choose(&mut bench, FieldId::Scope, "eu-west-1");
    bench.settle().await;
    fill(&mut bench, FieldId::Name, "vision");
    choose(&mut bench, FieldId::Role, "SharedSpaces");
    go_to(&mut bench, FieldId::Network);
    bench.press("right");
    assert_eq!(form(&bench).text(FieldId::Network), "VpcOnly");
    go_to(&mut bench, FieldId::Vpc);
    bench.press("enter enter");
    go_to(&mut bench, FieldId::Subnets);
    bench.press("enter space down space esc");
    go_to(&mut bench, FieldId::Groups);
    bench.press("enter space esc");
    choose(&mut bench, FieldId::Output, "Allowed");
    fill(&mut bench, FieldId::OutputPath, "bucket/folder");
    bench.shows(&["s3://"]);
    go_to(&mut bench, FieldId::OutputPath);
    bench.press("ctrl-u \"s3://shared-notebooks/vision\"");
    let shown = plan(&mut bench).await;
    assert!(matches!(&shown.steps[..], [step] if matches!(step.change, Change::CreateDomain(..))));
    carry_out(&mut bench).await;
    let [body] = &bodies(&bench, "CreateDomain")[..] else { panic!("one request") };
    assert_eq!((&body["DomainName"], &body["AuthMode"]), (&json!("vision"), &json!("IAM")));
    assert_eq!(body["AppNetworkAccessType"], "VpcOnly");
    assert_eq!(body["SubnetIds"].as_array().map(Vec::len), Some(2), "{body}");
    let defaults = &body["DefaultUserSettings"];
    assert_eq!(defaults["SharingSettings"]["S3OutputPath"], "s3://shared-notebooks/vision");
    assert_eq!(defaults["SecurityGroups"].as_array().map(Vec::len), Some(1));
    let known = bench
        .console
        .fleet
        .domains
        .iter()
        .any(|domain| domain.name.as_ref().is_some_and(|name| name.as_str() == "vision"));
    assert!(known, "the new domain is in the table");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_changed_about_a_domain_is_shown_with_the_reason() {
    let mut bench = wide().await;
    bench.press("2 / \"name:research\" enter e");
    bench.settle().await;
    bench.shows(&["edit domain research", "Fixed when it was created"]);
    go_to(&mut bench, FieldId::Auth);
    bench.press("\"x\" space");
    bench.shows(&["How people sign in is fixed", "restore it into a new one", "IAM"]);
    choose(&mut bench, FieldId::Propagation, "ENABLED");
    plan(&mut bench).await;
    carry_out(&mut bench).await;
    let [body] = &bodies(&bench, "UpdateDomain")[..] else { panic!("one request") };
    assert_eq!(body["TagPropagation"], "ENABLED");
    assert!(body.get("SubnetIds").is_none() && body.get("AppNetworkAccessType").is_none(), "{body}");
}

#[tokio::test(start_paused = true)]
async fn a_space_grows_and_never_shrinks() {
    let mut bench = wide().await;
    bench.press("4 / \"bianca\" enter e");
    bench.settle().await;
    bench.shows(&["edit space bianca-f-lab", "leave as it is", "now 20 GB"]);
    fill(&mut bench, FieldId::SpaceSize, "1");
    bench.shows(&["must be 5 to 16384 GB"]);
    let size = bench.console.selected().and_then(|key| match key {
        ObjectKey::Space(key) => bench.console.fleet.spaces.get(&key).and_then(|space| space.ebs_gb),
        _ => None,
    });
    let size = size.expect("the space has a volume");
    bench.press(&format!("ctrl-u \"{}\"", (size - 1).max(5)));
    if size > 5 {
        bench.shows(&["a volume can only grow"]);
    }
    bench.press(&format!("ctrl-u \"{}\"", size + 50));
    plan(&mut bench).await;
    carry_out(&mut bench).await;
    let [body] = &bodies(&bench, "UpdateSpace")[..] else { panic!("one request") };
    let storage = &body["SpaceSettings"]["SpaceStorageSettings"]["EbsStorageSettings"];
    assert_eq!(storage["EbsVolumeSizeInGb"], size + 50);
}

#[tokio::test(start_paused = true)]
async fn a_space_is_created_for_an_owner() {
    let mut bench = wide().await;
    bench.press("4 n");
    choose(&mut bench, FieldId::Domain, "research");
    bench.settle().await;
    fill(&mut bench, FieldId::Name, "anna-k-new");
    choose(&mut bench, FieldId::Owner, "anna-k");
    fill(&mut bench, FieldId::SpaceSize, "20");
    plan(&mut bench).await;
    carry_out(&mut bench).await;
    let [body] = &bodies(&bench, "CreateSpace")[..] else { panic!("one request") };
    assert_eq!(body["OwnershipSettings"]["OwnerUserProfileName"], "anna-k");
    assert_eq!(body["SpaceSharingSettings"]["SharingType"], "Private");
    assert_eq!(body["SpaceSettings"]["AppType"], "JupyterLab");
}

#[tokio::test(start_paused = true)]
async fn a_lifecycle_configuration_is_created_from_a_pasted_script() {
    let mut bench = wide().await;
    bench.press("2 shift-l");
    bench.settle().await;
    bench.press("n");
    bench.settle().await;
    bench.shows(&["create a lifecycle configuration"]);
    fill(&mut bench, FieldId::Name, "install-extensions");
    bench.shows(&["exists already, and AWS has no way to change one"]);
    bench.press("\"-2\"");
    go_to(&mut bench, FieldId::Script);
    bench.give(Message::Paste("x".repeat(20_000)));
    bench.shows(&["16384"]);
    bench.press("ctrl-u");
    bench.give(Message::Paste("#!/bin/bash\nset -eu\npip install black\n".to_owned()));
    plan(&mut bench).await;
    carry_out(&mut bench).await;
    let [body] = &bodies(&bench, "CreateStudioLifecycleConfig")[..] else { panic!("one request") };
    assert_eq!(body["StudioLifecycleConfigName"], "install-extensions-2");
    let script = "IyEvYmluL2Jhc2gKc2V0IC1ldQpwaXAgaW5zdGFsbCBibGFjawo=";
    assert_eq!(body["StudioLifecycleConfigContent"], script);
}

#[tokio::test(start_paused = true)]
async fn a_form_is_filled_in_with_the_mouse_as_well() {
    use sagedeck::console::{Mouse, Target};
    let mut bench = wide().await;
    bench.press("3 n");
    bench.settle().await;
    bench.draw();
    let place = |bench: &Bench, wanted: usize| {
        let area = bench.console.drawn.areas.iter().find(|(_, target)| *target == Target::Row(wanted));
        area.map(|(area, _)| (area.x, area.y)).expect("it can be clicked")
    };
    let (x, y) = place(&bench, 0);
    bench.give(Message::Mouse(Mouse::Click { x, y }));
    bench.draw();
    assert!(form(&bench).chooser.is_some(), "a click on the field under the cursor opens its list");
    let at = form(&bench).fields[0].options().unwrap().items.iter().position(|item| item.label == "research");
    let (x, y) = place(&bench, at.unwrap());
    bench.give(Message::Mouse(Mouse::Click { x, y }));
    bench.draw();
    assert!(form(&bench).chooser.is_none());
    bench.shows(&["research"]);
    bench.give(Message::Mouse(Mouse::Wheel(1)));
    assert_eq!(form(&bench).cursor, 1);
    let count = form(&bench).fields.len();
    bench.draw();
    let (x, y) = place(&bench, count);
    bench.give(Message::Mouse(Mouse::Click { x, y }));
    bench.shows(&["is needed"]);
}

#[tokio::test(start_paused = true)]
async fn a_broken_paste_is_named_and_nothing_of_it_is_taken() {
    let mut bench = wide().await;
    bench.press("3 shift-i");
    go_to(&mut bench, FieldId::Rows);
    bench.give(Message::PasteBroken { lines: 812 });
    bench.shows(&["the paste broke off after 812 lines"]);
    assert!(form(&bench).text(FieldId::Rows).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_domain_is_backed_up_to_a_file_and_restored_from_it_as_a_clone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("risk.json").display().to_string();
    let mut bench = wide().await;
    bench.press("2 / \"name:risk-analytics\" enter shift-b");
    bench.settle().await;
    bench.shows(&["back up domain risk-analytics", "everything is read"]);
    go_to(&mut bench, FieldId::File);
    bench.press(&format!("ctrl-u \"{path}\" ctrl-s"));
    assert!(bench.console.dialogs.is_empty(), "{}", bench.screen());
    std::thread::sleep(Duration::from_millis(100));
    bench.settle().await;
    let text = std::fs::read_to_string(&path).expect("the backup is written");
    assert!(text.contains("uma-r") && text.contains("HomeEfsFileSystemUid"), "{text}");
    bench.press(": \"restore\" enter");
    go_to(&mut bench, FieldId::File);
    bench.press(&format!("\"{path}\" enter"));
    std::thread::sleep(Duration::from_millis(100));
    bench.settle().await;
    bench.shows(&["risk-analytics, taken "]);
    choose(&mut bench, FieldId::Domain, "a new domain");
    choose(&mut bench, FieldId::Scope, "us-east-1");
    fill(&mut bench, FieldId::Name, "risk-clone");
    bench.settle().await;
    let shown = plan(&mut bench).await;
    assert!(matches!(&shown.steps[0].change, Change::CreateDomain(..)), "{:?}", shown.steps[0]);
    let users = shown.steps.iter().filter(|step| matches!(step.change, Change::CreateUser(..))).count();
    assert!(users >= 10, "{users}");
    assert_eq!(bench.sent("CreateDomain"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_clone_of_an_sso_domain_lets_everybody_in_and_shows_their_old_and_new_ids_once_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nlp.json").display().to_string();
    let mut bench = wide().await;
    bench.press("2 / \"name:nlp\" enter shift-b");
    bench.settle().await;
    go_to(&mut bench, FieldId::File);
    bench.press(&format!("ctrl-u \"{path}\" ctrl-s"));
    std::thread::sleep(Duration::from_millis(100));
    bench.settle().await;
    bench.press(": \"restore\" enter");
    go_to(&mut bench, FieldId::File);
    bench.press(&format!("\"{path}\" enter"));
    std::thread::sleep(Duration::from_millis(100));
    bench.settle().await;
    choose(&mut bench, FieldId::Domain, "a new domain");
    choose(&mut bench, FieldId::Scope, "eu-west-1");
    fill(&mut bench, FieldId::Name, "nlp-2");
    bench.settle().await;
    let shown = plan(&mut bench).await;
    let count =
        |wanted: fn(&Change) -> bool| shown.steps.iter().filter(|step| wanted(&step.change)).count() as u64;
    let users = count(|change| matches!(change, Change::CreateUser(..)));
    let assigned = count(|change| change.awaits_application().is_some());
    assert!(users > 5 && assigned > 3, "{users} users, {assigned} assigned");
    carry_out(&mut bench).await;
    assert_eq!(bench.sent("CreateApplicationAssignment"), assigned);
    let made = bench.sim.with_world(|world| {
        let region = world.region(&sagedeck::sim::world::Scope::new("123456789012", "eu-west-1")).unwrap();
        let domain = region.domains.values().find(|domain| &*domain.name == "nlp-2").unwrap();
        let applications = &region.identity_center.as_ref().unwrap().applications;
        applications[domain.sso_application_arn.as_ref().unwrap()].assigned.len() as u64
    });
    assert_eq!(made, assigned, "everybody who could sign in can do so there");
    bench.settle().await;
    bench.press(": \"operations\" enter");
    bench.shows(&["Home directories (EFS) old ids on fs-", "to copy; d shows whose"]);
    bench.press("d");
    bench.shows(&["Home directories (EFS) old ids on fs-", "user profile", "→"]);
    bench.hides(&["are being read", "→ unknown"]);
}
