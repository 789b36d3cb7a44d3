//! `operations` and `audit`: what was done can be shown, gone on with and verified.

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use serde_json::Value;

use super::{Home, Ran, Served};

fn served() -> Served {
    Served::new(SimulatedAws::builder().speed(600.0).build())
}

const FEW: [&str; 5] =
    ["apps", "stop", "-f", "owner:anna-k,vera-m instance:ml.g5.12xlarge status:inservice", "--yes"];

fn only(listed: &Value) -> (String, String) {
    let all = listed.as_array().expect("operations");
    assert_eq!(all.len(), 1, "{listed}");
    let text = |name: &str| all[0][name].as_str().expect("text").to_owned();
    (text("id"), text("standing"))
}

#[test]
fn an_operation_is_listed_shown_and_reported() {
    let (served, home) = (served(), Home::new());
    assert_eq!(
        served.run(&home, &["operations", "list", "-o", "json"]).with_code(0).json(),
        Value::Array(vec![])
    );
    served.run(&home, &FEW).with_code(0);
    let listed = served.run(&home, &["operations", "list", "-o", "json"]).with_code(0).json();
    let (id, standing) = only(&listed);
    assert_eq!((standing.as_str(), &listed[0]["succeeded"]), ("done", &Value::from(2)), "{listed}");
    let shown = served.run(&home, &["operations", "show", &id[..6], "-o", "json"]).with_code(0).json();
    assert_eq!(shown["plan"], *id, "{shown}");
    assert_eq!((&shown["tally"]["done"], &shown["operation"]["standing"]), (&2.into(), &"done".into()));
    assert!(shown["steps"][0]["request_id"].as_str().is_some_and(|id| id.len() == 36), "{shown}");
    let report = served.run(&home, &["operations", "report", &id]).with_code(0);
    assert!(report.out.starts_with("# Stop 2 apps\n") && report.out.contains("| done |"), "{}", report.out);
    served.refuses(&home, &["operations", "resume", &id, "--yes"], "is finished");
    let ran = served.run(&home, &["operations", "show", "zzz"]).with_code(1);
    assert!(ran.err.contains("there is no operation `zzz`"), "{}", ran.err);
}

#[test]
fn expired_credentials_end_with_3_and_the_operation_goes_on_by_command() {
    let (served, home) = (served(), Home::new());
    let expired = served.aws.faults().add(Target::operation("DeleteApp"), Fault::ExpiredCredentials);
    let ran = served.run(&home, &FEW).with_code(3);
    assert!(ran.err.contains("sagedeck operations resume "), "{}", ran.err);
    let (id, standing) = only(&served.run(&home, &["operations", "list", "-o", "json"]).with_code(0).json());
    assert_eq!(standing, "unfinished");
    served.aws.faults().remove(expired);
    for flag in [&["--count", "2"][..], &["--confirm", "x"], &["--reason", "x"]] {
        let ran = served.run(&home, &[&["operations", "resume", &id], flag].concat()).with_code(2);
        assert!(ran.err.contains(flag[0]), "what would be ignored is not taken: {}", ran.err);
    }
    let shown = served.run(&home, &["operations", "resume", &id]).with_code(0);
    assert!(shown.err.contains("nothing was changed"), "{}", shown.err);
    assert_eq!(served.writes().len(), 0);
    let outcome =
        served.run(&home, &["operations", "resume", &id, "--yes", "-o", "json"]).with_code(0).json();
    assert_eq!(outcome["tally"]["done"], 2, "{outcome}");
    assert_eq!(served.writes(), ["DeleteApp", "DeleteApp"]);
    let (_, standing) = only(&served.run(&home, &["operations", "list", "-o", "json"]).with_code(0).json());
    assert_eq!(standing, "done");
}

#[test]
fn what_was_stopped_is_started_again_as_it_was() {
    let (served, home) = (served(), Home::new());
    served.run(&home, &FEW).with_code(0);
    let (id, _) = only(&served.run(&home, &["operations", "list", "-o", "json"]).with_code(0).json());
    served.shown(&home, &["operations", "undo", &id]);
    served.run(&home, &["operations", "undo", &id, "--yes"]).with_code(0);
    let created: Vec<_> = served
        .aws
        .requests()
        .writes()
        .into_iter()
        .filter(|request| request.operation == "CreateApp")
        .collect();
    assert_eq!(created.len(), 2);
    assert!(created.iter().all(|request| request.body["ResourceSpec"]["InstanceType"] == "ml.g5.12xlarge"));
}

#[test]
fn the_audit_trail_tells_who_did_what_and_is_verified_against_a_kept_head() {
    let (served, home) = (served(), Home::new());
    let ran = served.run(&home, &["audit", "verify"]).with_code(0);
    assert!(ran.out.contains("no audit trail yet"), "{}", ran.out);
    served.run(&home, &FEW).with_code(0);
    let listed =
        served.run(&home, &["audit", "list", "DeleteApp", "anna-k", "-o", "json"]).with_code(0).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    assert!(listed[0]["who"].as_str().is_some_and(|who| who.starts_with("arn:aws:")), "{listed}");
    let csv = served.run(&home, &["audit", "list", "--limit", "1", "-o", "csv"]).with_code(0);
    assert_eq!(csv.out.lines().count(), 2, "{}", csv.out);
    assert!(csv.err.contains("older entries"), "{}", csv.err);

    let head = home.path().join("kept.head").display().to_string();
    let verify = ["audit", "verify", "--head", &head];
    let ran = served.run(&home, &verify).with_code(0);
    assert!(ran.out.contains("2 lines, as written"), "{}", ran.out);
    let trail = home.path().join("state").join("sagedeck").join("audit.jsonl");
    let text = std::fs::read_to_string(&trail).expect("the trail");
    let torn = format!("{text}{}", &text[..40]);
    std::fs::write(&trail, torn).expect("written");
    let ran = served.run(&home, &["audit", "verify"]).with_code(0);
    assert!(ran.out.contains("2 lines, as written"), "{}", ran.out);
    assert!(ran.err.contains("the last line was not flushed") && ran.err.contains("torn end"), "{}", ran.err);
    std::fs::write(&trail, text.replacen("anna-k", "anna-x", 1)).expect("written");
    let bad = served.run(&home, &["audit", "verify"]).with_code(1);
    assert!(
        bad.err.contains("audit.jsonl: line ") && bad.err.contains("not as it was written"),
        "{}",
        bad.err
    );
    let first = text.lines().next().expect("a line");
    std::fs::write(&trail, format!("{first}\n")).expect("written");
    let cut = served.run(&home, &verify).with_code(1);
    assert!(cut.err.contains("the trail ends with entry 1, but had an entry 2"), "{}", cut.err);
    served.run(&home, &["audit", "verify"]).with_code(0);
}

#[test]
fn the_demo_keeps_nothing_on_this_machine() {
    let home = Home::new();
    home.run(&["--demo", "apps", "stop", "-f", "owner:elena-r status:inservice"]).with_code(0);
    home.run(&["--demo", "operations", "list"]).with_code(0);
    assert!(!home.path().join("state").join("sagedeck").join("operations").exists());
}

#[test]
fn f56_where_nothing_can_be_kept_reading_goes_on_and_changes_are_refused() {
    let (served, home) = (served(), Home::new());
    // A file where the folder of state should be: nobody, not even root, makes a folder there.
    std::fs::write(home.path().join("state"), "not a folder").expect("a file");
    let ran = served.run(&home, &["apps", "list", "-c", "name", "-o", "csv"]).with_code(0);
    assert!(ran.out.lines().count() > 1, "{ran:?}");
    let told = ran.err.lines().filter(|line| line.contains("nothing is logged")).count();
    assert_eq!(told, 1, "{}", ran.err);
    served.refuses(&home, &FEW, "could not be written down");
}

#[test]
fn f29_credentials_that_end_before_the_plan_does_are_told_with_the_plan() {
    let (served, home) = (served(), Home::new());
    let aws = home.path().join(".aws");
    std::fs::create_dir_all(&aws).expect("a folder");
    let end = |minutes| (jiff::Timestamp::now() + std::time::Duration::from_mins(minutes)).to_string();
    let plan = |minutes: u64| {
        let keys = serde_json::json!({
            "Version": 1, "AccessKeyId": "AKIA123456789012", "SecretAccessKey": "x", "SessionToken": "t",
            "Expiration": end(minutes)
        });
        std::fs::write(home.path().join("keys.json"), keys.to_string()).expect("a file");
        let process = format!("cat {}", home.path().join("keys.json").display());
        let config = format!("[profile short]\nregion = eu-west-1\ncredential_process = {process}\n");
        std::fs::write(aws.join("config"), config).expect("a file");
        let mut command = served.command(&home, &["--profile", "short"]);
        command.args(&FEW[..4]).args(["-o", "json"]);
        Ran::from(command.output().expect("the program runs")).with_code(0).json()
    };
    let warned = |plan: &Value| plan["warnings"].to_string().contains("credentials for");
    let short = plan(2);
    assert!(warned(&short) && short["warnings"].to_string().contains("signed in again"), "{short}");
    assert!(!warned(&plan(600)));
}
