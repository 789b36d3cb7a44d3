//! The commands that change users, domains, spaces, apps and tags: nothing without `--yes`, with it exactly the
//! plan, and refused where something speaks against it.

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use serde_json::Value;

use super::{Home, Served};

/// Virtual time that flies, so that what is deleted is gone at the first look.
fn served() -> Served {
    Served::new(SimulatedAws::builder().speed(600.0).build())
}

fn states(outcome: &Value) -> Vec<String> {
    let steps = outcome["steps"].as_array().expect("steps");
    steps.iter().map(|step| step["state"].as_str().expect("a state").to_owned()).collect()
}

#[test]
fn a_user_is_offboarded_with_apps_and_spaces_once_the_phrase_is_given() {
    let (served, home) = (served(), Home::new());
    let offboard = ["users", "offboard", "elena-r", "--domain", "research"];
    let ran = served.shown(&home, &offboard);
    assert!(ran.out.starts_with("Offboard elena-r"), "{}", ran.out);
    assert!(ran.err.contains("--yes --confirm 'elena-r'"), "{}", ran.err);
    let yes = [&offboard[..], &["--yes", "-o", "json"]].concat();
    served.refuses(&home, &yes, "--confirm 'elena-r'");
    served.refuses(&home, &[&yes[..], &["--confirm", "elena"]].concat(), "--confirm says 'elena'");
    let outcome = served.run(&home, &[&yes[..], &["--confirm", "elena-r"]].concat()).with_code(0).json();
    assert_eq!(states(&outcome), ["done", "done", "done"], "{outcome}");
    assert_eq!(served.writes(), ["DeleteApp", "DeleteSpace", "DeleteUserProfile"]);
    served.refuses(&home, &offboard, "there is no user `elena-r`");
}

#[test]
fn users_are_suspended_and_resumed_as_they_were() {
    let (served, home) = (served(), Home::new());
    let on = ["elena-r", "hugo-t", "--domain", "research"];
    served.shown(&home, &[&["users", "suspend"][..], &on].concat());
    let outcome =
        served.run(&home, &[&["users", "suspend"][..], &on, &["--yes", "-o", "json"]].concat()).with_code(0);
    assert!(states(&outcome.json()).iter().all(|state| state == "done"), "{}", outcome.out);
    assert_eq!(served.aws.requests().count("UpdateUserProfile"), 2);
    // Once more there is nothing left to do.
    let again = served.run(&home, &[&["users", "suspend"][..], &on, &["--yes"]].concat()).with_code(0);
    assert!(again.err.contains("nothing to suspend"), "{}", again.err);
    served.run(&home, &[&["users", "resume"][..], &on, &["--yes"]].concat()).with_code(0);
    assert_eq!(served.aws.requests().count("UpdateUserProfile"), 4);
    assert_eq!(served.aws.requests().count("DeleteTags"), 2);
}

#[test]
fn a_link_is_the_only_thing_on_stdout_and_is_written_nowhere() {
    let (served, home) = (served(), Home::new());
    let link = ["users", "link", "anna-k", "--domain", "research"];
    let shown = served.shown(&home, &link);
    assert!(shown.out.contains("acting as anna-k") && !shown.out.contains("https://"), "{}", shown.out);
    let ran = served.run(&home, &[&link[..], &["--yes"]].concat()).with_code(0);
    assert!(ran.out.starts_with("https://") && ran.out.trim_end().lines().count() == 1, "{}", ran.out);
    let token = ran.out.trim().rsplit('=').next().expect("a token").to_owned();
    assert!(token.len() > 10 && !ran.err.contains(&token), "{}", ran.err);
    let state = home.path().join("state").join("sagedeck");
    let mut folders = vec![state];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("one").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
                assert!(!text.contains(&token), "{}", path.display());
            }
        }
    }
    let json = served.run(&home, &[&link[..], &["--yes", "-o", "json"]].concat()).with_code(0).json();
    assert!(json["link"].as_str().is_some_and(|link| link.starts_with("https://")), "{json}");
    let audit = served.run(&home, &["audit", "list", "CreatePresignedDomainUrl", "-o", "json"]).with_code(0);
    assert_eq!(audit.json().as_array().map(Vec::len), Some(2), "{}", audit.out);
}

#[test]
fn a_link_into_a_domain_of_identity_center_is_refused() {
    let (served, home) = (served(), Home::new());
    served.refuses(&home, &["users", "link", "amir-t", "--domain", "nlp"], "Identity Center");
}

#[test]
fn a_domain_goes_with_everything_in_it_once_its_name_is_typed() {
    let aws = SimulatedAws::builder().speed(600.0).build();
    let served = Served::new(aws);
    let home = Home::with_config("[limits]\nsteps = 1000\npercent = 100\n");
    let delete = ["domains", "delete", "risk-analytics", "--region", "us-east-1"];
    let shown = served.shown(&home, &delete);
    assert!(shown.err.contains("--confirm 'risk-analytics prod-ml'"), "{}", shown.err);
    let yes = [&delete[..], &["--yes", "-o", "json", "--confirm", "risk-analytics prod-ml"]].concat();
    // Home directories take a phrase of their own.
    let erase = ["domains", "delete", "research", "--delete-files", "--confirm", "research prod-ml"];
    let ran = served.shown(&home, &erase);
    assert!(ran.err.contains("--confirm 'delete fs-"), "{}", ran.err);
    served.refuses(&home, &[&erase[..], &["--yes"]].concat(), "--confirm 'delete fs-");
    let outcome = served.run(&home, &yes).with_code(0).json();
    assert!(states(&outcome).iter().all(|state| state == "done" || state == "already-done"), "{outcome}");
    let last = served.aws.requests().writes().last().cloned().expect("a write");
    assert_eq!(last.operation, "DeleteDomain");
    assert_eq!(last.body["RetentionPolicy"]["HomeEfsFileSystem"], "Retain");
    served.refuses(&home, &delete, "there is no domain `risk-analytics`");
}

#[test]
fn spaces_are_deleted_once_their_name_or_number_is_typed() {
    let (served, home) = (served(), Home::new());
    let one = ["spaces", "delete", "elena-r-lab"];
    served.shown(&home, &one);
    served.refuses(&home, &[&one[..], &["--yes"]].concat(), "--confirm 'elena-r-lab'");
    served.run(&home, &[&one[..], &["--yes", "--confirm", "elena-r-lab"]].concat()).with_code(0);
    assert_eq!(served.writes(), ["DeleteApp", "DeleteSpace"]);
    let several = ["spaces", "delete", "-f", "owner:hugo-t,felix-z", "--domain", "research", "--yes"];
    let ran = served.refuses(&home, &several, "--confirm 'delete ");
    let phrase = ran.err.split("--confirm '").nth(1).and_then(|rest| rest.split('\'').next()).expect("one");
    served.run(&home, &[&several[..], &["--confirm", phrase]].concat()).with_code(0);
}

#[test]
fn apps_are_restarted_as_they_were() {
    let (served, home) = (served(), Home::new());
    let restart = ["apps", "restart", "-f", "owner:elena-r status:inservice"];
    served.shown(&home, &restart);
    served.run(&home, &[&restart[..], &["--yes"]].concat()).with_code(0);
    assert_eq!(served.writes(), ["DeleteApp", "CreateApp"]);
}

#[test]
fn tags_are_set_and_removed_on_what_a_filter_shows() {
    let (served, home) = (served(), Home::new());
    let on = ["--kind", "spaces", "--filter", "owner:elena-r,hugo-t"];
    let set = [&["tags", "set", "crew=nine", "stage="][..], &on].concat();
    served.shown(&home, &set);
    let outcome = served.run(&home, &[&set[..], &["--yes", "-o", "json"]].concat()).with_code(0).json();
    assert_eq!(served.aws.requests().count("AddTags"), 2, "{outcome}");
    let listed =
        served.run(&home, &["spaces", "list", "-f", "tag.crew:nine", "-o", "json"]).with_code(0).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    let remove = [&["tags", "remove", "crew"][..], &on].concat();
    served.run(&home, &[&remove[..], &["--yes"]].concat()).with_code(0);
    assert_eq!(served.aws.requests().count("DeleteTags"), 2);
    let again = served.run(&home, &[&remove[..], &["--yes"]].concat()).with_code(0);
    assert!(again.err.contains("there is nothing to"), "{}", again.err);
}

#[test]
fn when_some_steps_fail_the_code_is_4_and_when_all_do_5() {
    for (times, code) in [(1, 4), (u64::MAX, 5)] {
        let (served, home) = (served(), Home::new());
        let refused = Fault::Refuse("ValidationException".into(), "AWS's own words".into());
        served.aws.faults().add_times(Target::operation("AddTags"), refused, times);
        let set =
            ["tags", "set", "a=b", "--kind", "spaces", "-f", "owner:elena-r,hugo-t", "--yes", "-o", "json"];
        let outcome = served.run(&home, &set).with_code(code).json();
        let failed =
            outcome["steps"].as_array().expect("steps").iter().find(|step| step["state"] == "failed");
        let reason = failed.and_then(|step| step["reason"].as_str()).unwrap_or_default();
        assert!(reason.contains("AWS's own words"), "{outcome}");
        assert_eq!(outcome["tally"]["done"].as_u64(), Some(u64::from(code == 4)), "{outcome}");
    }
}

#[test]
fn nothing_is_meant_by_no_name_and_no_filter() {
    let (served, home) = (served(), Home::new());
    for (arguments, told) in [
        (&["users", "offboard"][..], "neither"),
        (&["users", "suspend", "-f", " "], "all of them"),
        (&["spaces", "delete", "--domain", "research"], "by name or with --filter"),
        (&["tags", "set", "a=b", "--kind", "users"], "all of them"),
        (&["tags", "set", "team", "--kind", "users", "-f", "x"], "KEY=VALUE"),
    ] {
        let ran = served.run(&home, arguments).with_code(2);
        let told = if told == "neither" { "say which users" } else { told };
        assert!(ran.err.contains(told), "{arguments:?}: {}", ran.err);
    }
    assert!(served.aws.requests().all().is_empty(), "nothing was asked either");
}

#[test]
fn a_name_that_is_not_there_or_not_the_only_one_is_refused() {
    let (served, home) = (served(), Home::new());
    served.refuses(&home, &["users", "suspend", "elena-rr"], "did you mean `elena-r`?");
    served.refuses(
        &home,
        &["users", "suspend", "elena-r", "--domain", "reserch"],
        "did you mean `research`?",
    );
    served.refuses(&home, &["domains", "delete", "nowhere"], "there is no domain `nowhere`");
}

#[test]
fn a_list_that_is_not_complete_refuses_every_plan() {
    for command in [&["users", "offboard", "elena-r"][..], &["domains", "delete", "research"]] {
        let (served, home) = (served(), Home::new());
        let denied = Fault::Refuse("AccessDeniedException".into(), "no".into());
        served.aws.faults().add(Target::operation("ListSpaces"), denied);
        let yes = [command, &["--yes", "--confirm", "x"]].concat();
        let ran = served.run(&home, &yes).with_code(6);
        assert!(ran.err.contains("nothing was changed"), "{}", ran.err);
        assert!(served.aws.requests().writes().is_empty());
    }
}

#[test]
fn a_protected_tag_leaves_an_object_out() {
    let served = served();
    let home = Home::with_config("protected_tags = [\"keep\"]\n");
    let free = Home::new();
    served
        .run(&free, &["tags", "set", "keep=yes", "-k", "spaces", "-n", "elena-r-lab", "--yes"])
        .with_code(0);
    let before = served.aws.requests().writes().len();
    let told =
        "the space elena-r-lab is protected by the tag keep=yes, and 1 more is left out. Nothing was changed";
    for yes in [&["--yes"][..], &[]] {
        let ran = served.refuses(&home, &[&["spaces", "delete", "elena-r-lab"], yes].concat(), told);
        assert!(ran.out.contains("is protected by the tag keep=yes"), "{}", ran.out);
    }
    let filtered = ["spaces", "delete", "--filter", "name:elena-r-lab", "--yes"];
    served.run(&home, &filtered).with_code(0);
    assert_eq!(served.aws.requests().writes().len(), before);
    // One that is named and left out is not passed over where another one is done.
    let both = ["tags", "set", "team=x", "-k", "spaces", "-n", "elena-r-lab", "-n", "hugo-t-lab", "--yes"];
    let ran = served.run(&home, &both).with_code(4);
    assert!(
        ran.err.contains("left out: the space elena-r-lab is protected by the tag keep=yes"),
        "{}",
        ran.err
    );
    assert_eq!(served.aws.requests().writes().len(), before + 1);
}
