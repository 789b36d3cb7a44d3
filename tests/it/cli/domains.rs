//! `domains create|backup|restore`, `users edit` and `lifecycle`: settings and what they are kept in.

use sagedeck::sim::SimulatedAws;
use serde_json::Value;

use super::{Home, Served};

fn served() -> Served {
    Served::new(SimulatedAws::builder().speed(600.0).build())
}

fn file(home: &Home, name: &str, content: &str) -> String {
    let path = home.path().join(name);
    std::fs::write(&path, content).expect("a file");
    path.display().to_string()
}

#[test]
fn a_domain_is_backed_up_whole_and_restored_where_something_is_missing() {
    let (served, home) = (served(), Home::new());
    let to = home.path().join("research.json").display().to_string();
    let ran = served.run(&home, &["domains", "backup", "research", "--to", &to]).with_code(0);
    assert!(ran.out.is_empty() && ran.err.contains("25 user profiles"), "{ran:?}");
    assert!(served.aws.requests().writes().is_empty());
    let nowhere = home.path().join("none").join("x.json").display().to_string();
    let ran = served.run(&home, &["domains", "backup", "research", "--to", &nowhere]).with_code(2);
    assert!(ran.err.contains("--to: there is no folder"), "{}", ran.err);
    let again = served.run(&home, &["domains", "backup", "research", "--to", &to]).with_code(2);
    assert!(again.err.contains("is there already"), "{}", again.err);

    let offboard = ["users", "offboard", "elena-r", "--domain", "research", "--yes", "--confirm", "elena-r"];
    served.run(&home, &offboard).with_code(0);
    let before = served.writes().len();
    let restore = ["domains", "restore", &to, "--into", "research"];
    served.shown(&home, &restore);
    let outcome = served.run(&home, &[&restore[..], &["--yes", "-o", "json"]].concat()).json();
    let made: Vec<String> = served.writes().split_off(before);
    assert!(
        made.contains(&"CreateUserProfile".to_owned()) && made.contains(&"CreateSpace".to_owned()),
        "{made:?}"
    );
    assert_eq!(outcome["steps"][0]["name"], "elena-r", "{outcome}");

    // Her files are under the old id still; which that was, and which she has now, is said.
    let homes = |outcome: &Value| {
        let rows = outcome["homes"]["rows"].as_array().expect("rows").clone();
        let of = |name: &str| rows.iter().find(|row| row["name"] == name).cloned().expect("a row");
        (of("elena-r"), of("hugo-t"))
    };
    let (elena, hugo) = homes(&outcome);
    assert!(elena["old_uid"].is_string() && elena["new_uid"].is_string(), "{elena}");
    assert_ne!(elena["old_uid"], elena["new_uid"], "AWS gives another one");
    assert_eq!(hugo["old_uid"], hugo["new_uid"], "who stayed has the same");
    let told = outcome["homes"].to_string();
    assert!(told.contains("chown -R NEW_UID") && outcome["homes"]["to_copy"].as_u64() > Some(0), "{told}");
    // The same restore, with nothing left to create, says it again, in every format for people.
    let again = served.run(&home, &[&restore[..], &["-o", "json"]].concat()).with_code(0).json();
    assert_eq!(homes(&again), (elena.clone(), hugo));
    let (old, new) = (elena["old_uid"].as_str().expect("an id"), elena["new_uid"].as_str().expect("an id"));
    for (format, row) in [
        ("markdown", format!("user profile | elena-r | {old} | {new} | /{old} | /{new}")),
        ("table", format!("user profile elena-r {old} {new} /{old} /{new}")),
    ] {
        let ran = served.run(&home, &[&restore[..], &["-o", format]].concat()).with_code(0);
        let lines: Vec<String> =
            ran.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert!(lines.iter().any(|line| line.contains(&row)), "{row}\nin\n{}", ran.out);
        assert!(ran.out.contains("chown"), "{}", ran.out);
    }
}

#[test]
fn what_a_backup_leaves_out_is_said_and_is_not_all_of_it() {
    let (served, home) = (Served::new(SimulatedAws::builder().build()), Home::new());
    served.aws.with_world(|world| {
        let region = world.region_mut(&sagedeck::sim::world::Scope::new("123456789012", "eu-west-1"));
        let domain = region.domains.values().find(|domain| domain.name.as_ref() == "research").expect("one");
        let space = region.spaces.find(&(domain.id.clone(), "elena-r-lab".into())).expect("a space");
        region.spaces.get_mut(space).expect("a space").status = sagedeck::sim::world::Status::Deleting;
    });
    let told = "The space elena-r-lab was being deleted.";
    let backup = ["domains", "backup", "research"];
    let ran = served.run(&home, &backup).with_code(4);
    assert!(ran.err.contains(told), "{}", ran.err);
    assert_eq!(ran.json()["left_out"][0], told, "the backup itself says so too");
    for (format, at) in [("json", "/left_out/0"), ("table", ""), ("csv", "")] {
        let to = home.path().join(format).display().to_string();
        let ran = served.run(&home, &[&backup[..], &["--to", &to, "-o", format]].concat()).with_code(4);
        assert!(ran.err.contains(told), "{}", ran.err);
        match format {
            "json" => assert_eq!(ran.json().pointer(at), Some(&Value::from(told)), "{}", ran.out),
            "csv" => assert!(ran.out.contains(told), "{}", ran.out),
            _ => assert!(ran.out.is_empty(), "{}", ran.out),
        }
    }
    served.run(&home, &[&backup[..], &["-o", "csv"]].concat()).with_code(2);
}

#[test]
fn a_domain_made_anew_tells_the_ids_on_its_own_file_system() {
    let (served, home) = (served(), Home::with_config("[limits]\nsteps = 1000\npercent = 100\n"));
    let backup = served.run(&home, &["domains", "backup", "nlp"]).with_code(0);
    let path = file(&home, "nlp.json", &backup.out);
    let restore = ["domains", "restore", &path, "--new", "nlp-2"];
    let shown = served.shown(&home, &[&restore[..], &["-o", "json"]].concat()).json();
    assert!(shown.get("homes").is_none(), "there is no file system yet");
    let ran = served.run(&home, &[&restore[..], &["--yes", "-o", "json"]].concat());
    assert!(ran.code == 0 || ran.code == 4, "{ran:?}");
    let assigned = served.aws.with_world(|world| {
        let region =
            world.region(&sagedeck::sim::world::Scope::new("123456789012", "eu-west-1")).expect("one");
        let center = region.identity_center.as_ref().expect("people sign in there");
        ["nlp", "nlp-2"].map(|name| {
            let domain =
                region.domains.values().find(|domain| domain.name.as_ref() == name).expect("a domain");
            center.applications[domain.sso_application_arn.as_ref().expect("an application")].assigned.clone()
        })
    });
    assert!(assigned[1].len() > 3, "{assigned:?}");
    assert_eq!(assigned[0], assigned[1], "one run is enough");
    let homes = ran.json()["homes"].clone();
    assert!(homes["old_file_system"].is_string() && homes["new_file_system"].is_string(), "{homes}");
    assert_ne!(homes["old_file_system"], homes["new_file_system"]);
    let known =
        homes["rows"].as_array().expect("rows").iter().filter(|row| row["new_uid"].is_string()).count();
    assert_eq!(homes["to_copy"].as_u64(), u64::try_from(known).ok(), "another file system: all of them");
    assert!(known > 10, "{homes}");
}

#[test]
fn a_backup_that_is_none_is_named_with_its_place() {
    let (served, home) = (served(), Home::new());
    let path = file(&home, "broken.json", "{\n  \"format\": 1,\n  x\n}\n");
    let ran = served.run(&home, &["domains", "restore", &path, "--into", "research"]).with_code(2);
    assert!(ran.err.contains("broken.json: ") && ran.err.contains("line 3"), "{}", ran.err);
    let ran = served.run(&home, &["domains", "restore", &path]).with_code(2);
    assert!(ran.err.contains("--into"), "{}", ran.err);
    assert!(served.aws.requests().all().is_empty());
}

#[test]
fn a_domain_is_created_as_its_file_describes_it() {
    let (served, home) = (served(), Home::new());
    let described = served.aws.with_world(|world| {
        let scope = sagedeck::sim::world::Scope::new("123456789012", "eu-west-1");
        let region = world.region(&scope).expect("a region");
        let domain = region.domains.values().find(|domain| domain.name.as_ref() == "research").expect("one");
        let role = domain.user_settings["ExecutionRole"].as_str().expect("a role").to_owned();
        let subnets: Vec<String> = domain.subnet_ids.iter().map(|id| format!("\"{id}\"")).collect();
        format!(
            "name = \"lab\"\nauth_mode = \"IAM\"\nnetwork = \"VpcOnly\"\nvpc = \"{}\"\nsubnets = [{}]\nrole = \"{role}\"\n",
            domain.vpc_id.as_ref().expect("a VPC"),
            subnets.join(", "),
        )
    });
    let path = file(&home, "lab.toml", &described);
    let create = ["domains", "create", "--file", &path];
    served.shown(&home, &create);
    served.run(&home, &[&create[..], &["--yes"]].concat()).with_code(0);
    assert_eq!(served.writes(), ["CreateDomain"]);
    let listed = served.run(&home, &["domains", "list", "-f", "name:lab", "-o", "json"]).with_code(0).json();
    assert_eq!(listed[0]["status"], "InService", "{listed}");

    let wrong = file(&home, "wrong.toml", &described.replace("auth_mode", "auth_mod"));
    let ran = served.run(&home, &["domains", "create", "--file", &wrong]).with_code(2);
    assert!(ran.err.contains("wrong.toml:2:1: ") && ran.err.contains("`auth_mode`"), "{}", ran.err);
}

#[test]
fn users_are_edited_with_what_was_before() {
    let (served, home) = (served(), Home::new());
    let edit = ["users", "edit", "elena-r", "--domain", "research", "--idle-minutes", "120"];
    let shown = served.shown(&home, &[&edit[..], &["-o", "json"]].concat()).json();
    assert_eq!(shown["steps"][0]["operation"], "UpdateUserProfile", "{shown}");
    assert!(shown["steps"][0]["before"].is_object(), "{shown}");
    served.run(&home, &[&edit[..], &["--yes"]].concat()).with_code(0);
    assert_eq!(served.writes(), ["UpdateUserProfile"]);
    let again = served.run(&home, &[&edit[..], &["--yes"]].concat()).with_code(0);
    assert!(again.err.contains("there is nothing to"), "{}", again.err);
    for (arguments, told) in [
        (&["--idle-minutes", "5"][..], "60"),
        (&["--idle-minutes", "soon"], "`soon`"),
        (&["--instance", "jupyterlb=ml.t3.medium"], "did you mean `JupyterLab`?"),
        (&[], "say what to change"),
    ] {
        let ran = served.run(&home, &[&["users", "edit", "elena-r"], arguments].concat()).with_code(2);
        assert!(ran.err.contains(told), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn a_lifecycle_configuration_is_created_attached_shown_and_deleted_once_nobody_uses_it() {
    let (served, home) = (served(), Home::new());
    let script = file(&home, "script.sh", "#!/bin/bash\necho hello\n");
    let create = ["lifecycle", "create", "greeting", "--app-type", "jupyterlab", "--script", &script];
    served.shown(&home, &create);
    served.run(&home, &[&create[..], &["--yes"]].concat()).with_code(0);
    assert_eq!(served.writes(), ["CreateStudioLifecycleConfig"]);
    let listed = served.run(&home, &["lifecycle", "list", "-o", "json"]).with_code(0).json();
    let found = listed.as_array().expect("rows").iter().find(|row| row["name"] == "greeting").cloned();
    assert_eq!(found.expect("it is listed")["app_type"], "JupyterLab");
    let shown = served.run(&home, &["lifecycle", "show", "greeting"]).with_code(0);
    assert_eq!(shown.out, "#!/bin/bash\necho hello\n");

    let on = ["greeting", "--domain", "research", "--user", "elena-r", "--yes"];
    served.run(&home, &[&["lifecycle", "attach"][..], &on].concat()).with_code(0);
    let delete = ["lifecycle", "delete", "greeting", "--yes"];
    let ran = served.run(&home, &delete).with_code(5);
    assert!(ran.out.contains("UserProfile(s) are associated with it"), "in AWS's own words: {ran:?}");
    served.run(&home, &[&["lifecycle", "detach"][..], &on].concat()).with_code(0);
    served.run(&home, &delete).with_code(0);
    assert_eq!(served.writes().last().map(String::as_str), Some("DeleteStudioLifecycleConfig"));

    served.refuses(&home, &["lifecycle", "show", "greetin"], "there is no lifecycle configuration `greetin`");
    let wrong = ["lifecycle", "create", "x", "--app-type", "Canvas", "--script", &script];
    let ran = served.run(&home, &wrong).with_code(2);
    assert!(ran.err.contains("starts with no lifecycle configuration"), "{}", ran.err);
}

#[test]
fn a_clone_is_planned_into_a_new_domain() {
    let (served, home) = (served(), Home::new());
    let backup = served.run(&home, &["domains", "backup", "research"]).with_code(0);
    let document: Value = serde_json::from_str(&backup.out).expect("a backup is JSON");
    assert!(document.is_object());
    let path = file(&home, "research.json", &backup.out);
    let json =
        served.shown(&home, &["domains", "restore", &path, "--new", "research-2", "-o", "json"]).json();
    let operations: Vec<&str> = json["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .filter_map(|step| step["operation"].as_str())
        .collect();
    let count = |name: &str| operations.iter().filter(|operation| **operation == name).count();
    assert_eq!((count("CreateDomain"), count("CreateUserProfile")), (1, 25), "{operations:?}");
}
