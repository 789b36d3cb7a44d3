//! `domains edit`, `users edit --set`, `spaces create|edit`: from the words of the command line to the wire.

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use serde_json::{Value, json};

use super::{Home, Served};

fn served() -> Served {
    Served::new(SimulatedAws::builder().speed(600.0).build())
}

/// What the last request of an operation said.
fn sent(served: &Served, operation: &str) -> Value {
    let writes = served.aws.requests().writes();
    let last = writes.iter().rev().find(|request| request.operation == operation);
    last.unwrap_or_else(|| panic!("{operation} was sent")).body.clone()
}

#[test]
fn a_domain_is_edited_with_what_was_before_and_only_what_is_named() {
    let (served, home) = (served(), Home::new());
    let edit = [
        "domains",
        "edit",
        "research",
        "--idle-minutes",
        "120",
        "--set",
        "TagPropagation=ENABLED",
        "--share-output",
        "on",
        "--share-s3-path",
        "s3://bucket/shared",
    ];
    let shown = served.shown(&home, &[&edit[..], &["-o", "json"]].concat()).json();
    assert_eq!(shown["steps"][0]["operation"], "UpdateDomain", "{shown}");
    assert!(shown["steps"][0]["before"].is_object() && shown["carried_out"] == false, "{shown}");
    let outcome = served.run(&home, &[&edit[..], &["--yes", "-o", "json"]].concat()).with_code(0).json();
    assert_eq!((&outcome["steps"][0]["state"], &outcome["tally"]["done"]), (&json!("done"), &json!(1)));
    assert_eq!(served.writes(), ["UpdateDomain"]);
    let body = sent(&served, "UpdateDomain");
    assert_eq!(body["TagPropagation"], "ENABLED", "{body}");
    let settings = &body["DefaultUserSettings"];
    assert_eq!(settings["SharingSettings"]["S3OutputPath"], "s3://bucket/shared", "{body}");
    let idle = &settings["CodeEditorAppSettings"]["AppLifecycleManagement"]["IdleSettings"];
    assert_eq!(idle["IdleTimeoutInMinutes"], 120, "{body}");
    assert!(settings.get("ExecutionRole").is_none() && body.get("SubnetIds").is_none(), "{body}");
}

#[test]
fn what_cannot_be_changed_of_a_domain_is_named_with_what_to_do() {
    let (served, home) = (served(), Home::new());
    for (arguments, told) in [
        (&["--set", "AuthMode=SSO"][..], "fixed when a domain is created"),
        (&["--set", "TagPropagatoin=ENABLED"], "TagPropagation"),
        (&["--set", "TagPropagation"], "MEMBER=VALUE"),
        (&["--network", "VpcOnyl"], "did you mean `VpcOnly`?"),
        (&["--share-s3-path", "s3://bucket"], "--share-output"),
        (&["--idle-minutes", "5"], "60"),
        (&[], "say what to change"),
    ] {
        let ran = served.run(&home, &[&["domains", "edit", "research"], arguments].concat()).with_code(2);
        assert!(ran.err.contains(told), "{arguments:?}: {}", ran.err);
    }
    assert!(served.aws.requests().all().is_empty(), "nothing was asked either");
    // Apps are running, and AWS changes the network only while none is.
    let network = ["domains", "edit", "research", "--network", "vpconly", "--yes"];
    served.refuses(&home, &network, "stop them first");
    served.refuses(
        &home,
        &["domains", "edit", "reserch", "--idle-minutes", "90"],
        "did you mean `research`?",
    );
}

#[test]
fn prices_that_cannot_be_read_keep_nobody_from_editing_a_domain() {
    let (served, home) = (served(), Home::new());
    let denied = Fault::Refuse("AccessDeniedException".into(), "no".into());
    served.aws.faults().add(Target::operation("GetProducts"), denied);
    let edit = ["domains", "edit", "research", "--idle-minutes", "120", "--yes"];
    served.run(&home, &edit).with_code(0);
    let again = served.run(&home, &edit).with_code(0);
    assert!(again.err.contains("there is nothing to change"), "{}", again.err);
    let attach = ["lifecycle", "attach", "auto-stop-idle", "--domain", "research", "--user", "hugo-t"];
    served.run(&home, &attach).with_code(0);
}

#[test]
fn a_list_that_the_edit_does_not_need_may_be_missing() {
    let (served, home) = (served(), Home::new());
    let denied = Fault::Refuse("AccessDeniedException".into(), "no".into());
    served.aws.faults().add(Target::operation("ListSpaces"), denied);
    let edit = ["domains", "edit", "research", "--set", "TagPropagation=ENABLED", "--yes"];
    served.run(&home, &edit).with_code(0);
    assert_eq!(served.writes(), ["UpdateDomain"]);
}

#[test]
fn any_setting_of_users_is_set_in_the_names_of_aws() {
    let (served, home) = (served(), Home::new());
    let edit = [
        "users",
        "edit",
        "elena-r",
        "hugo-t",
        "--domain",
        "research",
        "--set",
        "StudioWebPortalSettings.HiddenAppTypes=[\"RStudioServerPro\"]",
        "--space-size",
        "20:100",
    ];
    served.shown(&home, &edit);
    served.run(&home, &[&edit[..], &["--yes"]].concat()).with_code(0);
    assert_eq!(served.writes(), ["UpdateUserProfile", "UpdateUserProfile"]);
    let body = sent(&served, "UpdateUserProfile");
    let settings = &body["UserSettings"];
    assert_eq!(settings["StudioWebPortalSettings"]["HiddenAppTypes"], json!(["RStudioServerPro"]), "{body}");
    let sizes = &settings["SpaceStorageSettings"]["DefaultEbsStorageSettings"];
    assert_eq!(sizes["MaximumEbsVolumeSizeInGb"], 100, "{body}");
}

#[test]
fn a_space_is_created_for_a_user_and_refused_where_something_speaks_against_it() {
    let (served, home) = (served(), Home::new());
    let create = [
        "spaces",
        "create",
        "elena-r-second",
        "--domain",
        "research",
        "--owner",
        "elena-r",
        "--app-type",
        "codeeditor",
        "--size",
        "30",
        "--instance",
        "ml.t3.medium",
        "--idle-minutes",
        "90",
        "--tag",
        "team=nlp",
    ];
    served.shown(&home, &create);
    let outcome = served.run(&home, &[&create[..], &["--yes", "-o", "json"]].concat()).with_code(0).json();
    assert_eq!(outcome["steps"][0]["state"], "done", "{outcome}");
    assert_eq!(served.writes(), ["CreateSpace"]);
    let body = sent(&served, "CreateSpace");
    assert_eq!(body["OwnershipSettings"]["OwnerUserProfileName"], "elena-r", "{body}");
    assert_eq!(body["SpaceSharingSettings"]["SharingType"], "Private", "{body}");
    assert_eq!(body["SpaceSettings"]["AppType"], "CodeEditor", "{body}");
    let storage = &body["SpaceSettings"]["SpaceStorageSettings"]["EbsStorageSettings"];
    assert_eq!(storage["EbsVolumeSizeInGb"], 30, "{body}");
    assert_eq!(body["Tags"][0]["Key"], "team", "{body}");

    served.refuses(&home, &[&create[..], &["--yes"]].concat(), "exists already");
    let other = |name: &'static str, owner: &'static str| {
        ["spaces", "create", name, "--domain", "research", "--owner", owner, "--yes"]
    };
    served.refuses(&home, &other("x", "nobody-x"), "the user profile nobody-x, is not there");
    served.refuses(&home, &other("a_b", "elena-r"), "has only letters");
    for (arguments, told) in [
        (&["--app-type", "Canvas"][..], "there are JupyterLab, CodeEditor"),
        (&["--size", "3"], "5 to 16384"),
        (&["--idle-minutes", "5"], "60"),
        (&["--tag", "x"], "KEY=VALUE"),
    ] {
        let base = ["spaces", "create", "y", "--domain", "research", "--owner", "elena-r"];
        let ran = served.run(&home, &[&base[..], arguments].concat()).with_code(2);
        assert!(ran.err.contains(told), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn a_space_grows_while_nothing_runs_and_is_edited_otherwise() {
    let (served, home) = (served(), Home::new());
    let edit =
        |with: &[&'static str]| [&["spaces", "edit", "elena-r-lab", "--domain", "research"], with].concat();
    // Its app is running, so that the volume cannot grow now; that is said, and nothing is sent.
    let grow = edit(&["--size", "900", "--yes"]);
    let ran = served.refuses(&home, &grow, "the space elena-r-lab ");
    assert!(ran.out.contains("only while nothing runs: stop JupyterLab default first"), "{}", ran.out);
    assert!(served.writes().is_empty());
    let renamed = edit(&["--display-name", "Lab of Elena", "--remote-access", "on"]);
    let shown = served.shown(&home, &[&renamed[..], &["-o", "json"]].concat()).json();
    assert_eq!(shown["steps"][0]["operation"], "UpdateSpace", "{shown}");
    served.run(&home, &[&renamed[..], &["--yes"]].concat()).with_code(0);
    let body = sent(&served, "UpdateSpace");
    assert_eq!(body["SpaceDisplayName"], "Lab of Elena", "{body}");
    assert_eq!(body["SpaceSettings"]["RemoteAccess"], "ENABLED", "{body}");

    served.run(&home, &["apps", "stop", "-f", "space:elena-r-lab status:inservice", "--yes"]).with_code(0);
    served.run(&home, &grow).with_code(0);
    let storage = sent(&served, "UpdateSpace")["SpaceSettings"]["SpaceStorageSettings"].clone();
    assert_eq!(storage["EbsStorageSettings"]["EbsVolumeSizeInGb"], 900);
    served.refuses(&home, &edit(&["--size", "10", "--yes"]), "never shrinks to 10 GB. Nothing was changed");
    // Of several that a filter shows, each as far as it goes: nobody has named it.
    let filtered = ["spaces", "edit", "--filter", "name:elena-r-lab", "--domain", "research", "--size", "10"];
    let shrink = served.run(&home, &[&filtered[..], &["--yes"]].concat()).with_code(0);
    assert!(shrink.out.contains("never shrinks to 10 GB"), "{}", shrink.out);
    let ran = served.run(&home, &edit(&[])).with_code(2);
    assert!(ran.err.contains("say what to change"), "{}", ran.err);
}
