//! `burn`: what runs now by whose it is, the history it adds to, and budgets.

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::Scenario;
use serde_json::Value;

use super::{Home, Served};

fn served() -> Served {
    Served::new(SimulatedAws::builder().scenario(Scenario::Small).seed(7).build())
}

fn sum(rows: &Value, column: &str) -> f64 {
    rows.as_array().expect("an array").iter().filter_map(|row| row[column].as_f64()).sum()
}

#[test]
fn every_breakdown_adds_up_to_the_apps_that_run() {
    let (home, served) = (Home::new(), served());
    let listed =
        served.run(&home, &["apps", "list", "-f", "!status:Deleted,Failed", "-c", "name,cost", "-o", "json"]);
    let listed = listed.with_code(0).json();
    let running = listed.as_array().expect("an array").len() as f64;
    for group in ["domain", "user", "tag:team", "instance", "account", "region"] {
        let ran = served.run(&home, &["burn", "--group-by", group, "-o", "json"]).with_code(0);
        let rows = ran.json();
        assert!((sum(&rows, "apps") - running).abs() < 1e-9, "{group}: {rows}");
        // A group in which some price is not known has no figure, and none is made up for it.
        for row in rows.as_array().expect("an array") {
            assert_eq!(row["cost"].is_null(), row["unknown-prices"].as_f64() > Some(0.0), "{group}: {row}");
        }
        assert!(ran.err.is_empty(), "{}", ran.err);
    }
    let table = served.run(&home, &["burn"]).with_code(0).out;
    assert!(table.starts_with("GROUP") && table.lines().last().unwrap().starts_with("all"), "{table}");
}

#[test]
fn each_run_adds_a_sample_of_each_place_to_the_history() {
    let (home, served) = (Home::new(), served());
    for _ in 0..2 {
        served.run(&home, &["burn", "-o", "csv"]).with_code(0);
    }
    let folder = home.path().join("state").join("sagedeck").join("burn");
    let text: String = std::fs::read_dir(folder)
        .expect("the folder of the history")
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    assert_eq!(text.lines().filter(|line| !line.is_empty()).count(), 2, "{text}");
    // A fleet that could not be read in full is no sample.
    served.aws.with_world(|world| world.deny("sagemaker:ListSpaces"));
    let ran = served.run(&home, &["burn"]);
    assert!(ran.err.contains("not complete"), "{ran:#?}");
    assert_ne!(ran.code, 0);
    let after: usize = std::fs::read_dir(home.path().join("state").join("sagedeck").join("burn"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap().matches("\"runs\"").count())
        .sum();
    assert_eq!(after, 2);
}

#[test]
fn the_demo_keeps_nothing() {
    let home = Home::new();
    home.run(&["--demo", "burn"]).with_code(0);
    assert!(!home.path().join("state").join("sagedeck").join("burn").exists());
    assert!(!home.path().join("state").join("sagedeck").join("prices").exists());
}

#[test]
fn budgets_are_told_with_what_is_not_known_of_them() {
    let config = "[[budgets]]\nname = \"tiny\"\ndomain = \"research\"\nper = \"day\"\ndollars = 0.5\n\
                  [[budgets]]\nname = \"wide\"\ntag = \"team=nlp\"\ndollars = 1000000\n";
    let (home, served) = (Home::with_config(config), served());
    let ran = served.run(&home, &["burn", "--budgets", "-o", "json"]).with_code(0);
    let rows = ran.json();
    assert_eq!(rows[0]["name"], "tiny");
    assert_eq!(rows[0]["of"], "domain research");
    assert_eq!(rows[0]["outlook"], "used up", "half a dollar does not last the day: {rows}");
    assert!(rows[0]["used-up"].as_str().is_some());
    assert_eq!((&rows[1]["outlook"], &rows[1]["spent"]), (&Value::from("unknown"), &Value::Null), "{rows}");
    let none = Home::new().run(&["--demo", "burn", "--budgets"]).with_code(2);
    assert!(none.err.contains("[[budgets]]"), "{}", none.err);
}

#[test]
fn a_group_that_is_none_is_refused_before_anything_is_asked() {
    let (home, served) = (Home::new(), served());
    let ran = served.run(&home, &["burn", "--group-by", "team"]).with_code(2);
    assert!(ran.err.contains("tag:KEY"), "{}", ran.err);
    assert_eq!(served.aws.requests().total(), 0);
}
