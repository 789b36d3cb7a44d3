//! `apps stop`: nothing without `--yes`, and with it exactly the plan, unless something speaks against it.

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use serde_json::Value;

use super::{Home, Ran, Served};

/// Virtual time that flies, so that what is deleted is gone at the first look.
fn served() -> Served {
    Served::new(SimulatedAws::builder().speed(600.0).build())
}

const ONE: &str = "owner:anna-k instance:ml.g5.12xlarge status:inservice";
const FEW: &str = "owner:anna-k,vera-m instance:ml.g5.12xlarge status:inservice";

fn deletes(served: &Served) -> u64 {
    served.aws.requests().count("DeleteApp")
}

#[test]
fn without_yes_the_plan_is_shown_and_nothing_is_changed() {
    let served = served();
    let ran = served.run(&Home::new(), &["apps", "stop", "-f", ONE]).with_code(0);
    assert!(ran.out.starts_with("Stop JupyterLab default of anna-k"), "{}", ran.out);
    assert!(ran.out.contains("aws sagemaker delete-app --region eu-west-1"), "{}", ran.out);
    assert!(ran.err.contains("nothing was changed") && ran.err.contains("--yes"), "{}", ran.err);
    let plan = served.run(&Home::new(), &["apps", "stop", "-f", ONE, "-o", "json"]).with_code(0).json();
    assert_eq!(
        (&plan["carried_out"], plan["steps"].as_array().map(Vec::len)),
        (&Value::Bool(false), Some(1))
    );
    assert_eq!(deletes(&served), 0);
}

#[test]
fn with_yes_exactly_the_plan_is_carried_out_and_verified() {
    let served = served();
    let ran = served.run(&Home::new(), &["apps", "stop", "-f", ONE, "--yes", "-o", "json"]).with_code(0);
    let outcome = ran.json();
    assert_eq!(outcome["carried_out"], true);
    let steps = outcome["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0]["state"], "done", "{outcome}");
    assert!(steps[0]["request_id"].as_str().is_some_and(|id| id.len() == 36), "{outcome}");
    assert_eq!(deletes(&served), 1);
    let left = served.run(&Home::new(), &["apps", "list", "-f", ONE, "-o", "json"]).with_code(0).json();
    assert_eq!(left, Value::Array(vec![]));
}

#[test]
fn when_some_steps_fail_the_code_is_4_and_when_all_do_5() {
    for (times, code) in [(1, 4), (u64::MAX, 5)] {
        let served = served();
        let denied = Fault::Refuse(
            "AccessDeniedException".into(),
            "not authorized to perform: sagemaker:DeleteApp".into(),
        );
        served.aws.faults().add_times(Target::operation("DeleteApp"), denied, times);
        let ran =
            served.run(&Home::new(), &["apps", "stop", "-f", FEW, "--yes", "-o", "json"]).with_code(code);
        let outcome = ran.json();
        let states: Vec<&str> = outcome["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .filter_map(|step| step["state"].as_str())
            .collect();
        assert_eq!(states.len(), 2, "{outcome}");
        assert_eq!(states.contains(&"done"), code == 4, "{outcome}");
        assert!(states.contains(&"failed"), "{outcome}");
    }
}

/// Runs that are refused, each with what is said; and nothing was sent.
fn refused(served: &Served, home: &Home, arguments: &[&str], told: &str) -> Ran {
    let ran = served.run(home, arguments).with_code(6);
    assert!(
        ran.err.contains(told) && ran.err.to_lowercase().contains("nothing was changed"),
        "{arguments:?}: {}",
        ran.err
    );
    assert_eq!(deletes(served), 0, "{arguments:?}");
    ran
}

#[test]
fn read_only_refuses_from_the_arguments_the_file_and_the_environment() {
    let served = served();
    let stop = ["apps", "stop", "-f", ONE, "--yes"];
    refused(&served, &Home::new(), &[&stop[..], &["--read-only"]].concat(), "read-only");
    refused(&served, &Home::with_config("read_only = true"), &stop, "read-only");
    let output = served.command(&Home::new(), &stop).env("SAGEDECK_READ_ONLY", "1").output();
    Ran::from(output.expect("the program runs")).with_code(6);
    assert_eq!(deletes(&served), 0);
}

#[test]
fn a_protected_account_has_to_be_named() {
    let served = served();
    let home = Home::with_config("[accounts.prod-ml]\nprotected = true\n");
    let stop = ["apps", "stop", "-f", ONE, "--yes"];
    let ran = refused(&served, &home, &stop, "add --account prod-ml");
    assert!(
        ran.out.starts_with("Stop JupyterLab default of anna-k"),
        "the plan is shown all the same: {}",
        ran.out
    );
    refused(&served, &home, &[&stop[..], &["--account", "dev-ml"]].concat(), "--account does not name");
    refused(&served, &home, &[&stop[..], &["--account", "prod-ml"]].concat(), "say why with --reason");
    let shown = served.run(&home, &["apps", "stop", "-f", ONE]).with_code(0);
    assert!(shown.err.contains("--yes --account prod-ml --reason TEXT"), "{}", shown.err);
    let reason = ["--account", "prod-ml", "--reason", "left running over the weekend"];
    served.run(&home, &[&stop[..], &reason].concat()).with_code(0);
    assert_eq!(deletes(&served), 1);
    let audit = served.run(&home, &["audit", "list", "-o", "json"]).with_code(0).json();
    assert_eq!(audit[0]["reason"], reason[3], "{audit}");
}

#[test]
fn a_plan_above_the_limits_needs_its_count() {
    let served = served();
    let home = Home::with_config("[limits]\nsteps = 1\n");
    let stop = ["apps", "stop", "-f", FEW, "--yes"];
    refused(&served, &home, &stop, "add --count 2");
    refused(&served, &home, &[&stop[..], &["--count", "3"]].concat(), "--count says 3");
    served.run(&home, &[&stop[..], &["--count", "2"]].concat()).with_code(0);
    assert_eq!(deletes(&served), 2);
}

#[test]
fn a_list_that_is_not_complete_refuses_the_plan() {
    let served = served();
    let denied = Fault::Refuse("AccessDeniedException".into(), "no".into());
    served.aws.faults().add_times(Target::operation("ListApps"), denied, 1);
    refused(&served, &Home::new(), &["apps", "stop", "-f", ONE, "--yes"], "not everything could be read");
}

#[test]
fn details_the_filter_does_not_ask_about_refuse_nothing() {
    let served = served();
    let denied = Fault::Refuse("AccessDeniedException".into(), "no".into());
    served.aws.faults().add(Target::operation("GetProducts"), denied);
    let ran = served.run(&Home::new(), &["apps", "stop", "-f", ONE]).with_code(0);
    assert!(ran.out.contains("which is not known"), "{}", ran.out);
}

#[test]
fn nothing_to_stop_is_no_failure() {
    let served = served();
    let ran = served.run(&Home::new(), &["apps", "stop", "-f", "owner:nobody-at-all", "--yes"]).with_code(0);
    assert!(ran.err.contains("nothing to stop"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn ctrl_c_lets_nothing_more_be_sent_and_watches_what_was_to_its_end() {
    use std::time::{Duration, Instant};

    use nix::sys::signal::{Signal, kill};

    let latency = Duration::from_millis(300);
    let served = Served::new(SimulatedAws::builder().speed(600.0).latency(latency).build());
    let home = Home::with_config("[limits]\nsteps = 1000\npercent = 100\n");
    let mut command =
        served.command(&home, &["apps", "stop", "-f", "status:inservice", "--yes", "-o", "json"]);
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn();
    let child = child.expect("the program runs");
    let started = Instant::now();
    while deletes(&served) == 0 {
        assert!(started.elapsed() < Duration::from_mins(1), "nothing was sent");
        std::thread::sleep(Duration::from_millis(10));
    }
    kill(nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("an id")), Signal::SIGINT)
        .expect("a signal");
    let ran = Ran::from(child.wait_with_output().expect("an end")).with_code(4);
    let steps = ran.json()["steps"].as_array().expect("steps").clone();
    let count = |state: &str| steps.iter().filter(|step| step["state"] == state).count() as u64;
    assert_eq!(count("done"), deletes(&served), "{}", ran.err);
    assert!(count("skipped") > 0 && count("done") + count("skipped") == steps.len() as u64, "{}", ran.out);
}
