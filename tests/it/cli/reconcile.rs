//! `burn --reconcile`, budgets by what was billed, AWS's forecast and cost allocation tags without a screen.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use sagedeck::fleet::{AccountId, BurnSample, Gauge, Region, RunKind, Scope, Timestamp, Usage};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::billing::{Line, ONE, Record};
use sagedeck::sim::scenario::{ACCOUNT, Scenario};
use serde_json::Value;

use super::{Home, Served};

const REGION: &str = "eu-west-1";

fn served() -> Served {
    Served::new(SimulatedAws::builder().scenario(Scenario::Small).seed(7).build())
}

/// The first of two days that are billed in full, and the day after the last.
fn two_days() -> (Date, Date) {
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    (today.saturating_sub(5.days()), today.saturating_sub(3.days()))
}

fn bill(served: &Served, from: Date, until: Date) -> Vec<Line> {
    let lines =
        served.aws.with_world(|world| world.billed_lines(ACCOUNT, &from.to_string(), &until.to_string()));
    lines.into_iter().filter(|line| line.service == "Amazon SageMaker").collect()
}

fn is_app(line: &Line) -> bool {
    line.record == Record::Usage && line.usage_type.contains("Studio:") && line.instance_type.is_some()
}

fn dollars<'a>(lines: impl IntoIterator<Item = &'a Line>) -> f64 {
    lines.into_iter().map(|line| line.cost).sum::<i64>() as f64 / ONE as f64
}

/// Leaves in a home that somebody watched this day in full and saw what was billed.
fn watch(home: &Home, served: &Served, day: Date) {
    let mut runs: BTreeMap<RunKind, Gauge> = BTreeMap::new();
    let lines = bill(served, day, day.tomorrow().unwrap());
    for line in lines.iter().filter(|line| is_app(line) && *line.region == *REGION) {
        let usage = Usage::of(&line.usage_type);
        let instance = usage.instance.expect("an instance").into();
        let own = runs.entry(RunKind { app_type: usage.kind().into(), instance }).or_default();
        own.instances += line.quantity as f64 / ONE as f64 / 24.0;
        own.burn += line.cost as f64 / ONE as f64 / 24.0;
    }
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let samples: Vec<BurnSample> = (0..24)
        .map(|hour| BurnSample {
            at: midnight + jiff::SignedDuration::from_hours(hour),
            scope: Scope::new(AccountId::new(ACCOUNT), Region::new(REGION)),
            seconds: Some(3_600.0),
            runs: runs.clone(),
            budgets: BTreeMap::new(),
        })
        .collect();
    sagedeck::store::keep_burn(&home.path().join("state").join("sagedeck"), &samples).unwrap();
}

fn cause<'a>(told: &'a Value, what: &str) -> &'a Value {
    let causes = told["causes"].as_array().expect("causes");
    causes.iter().find(|cause| cause["what"] == what).unwrap_or_else(|| panic!("{what}: {told}"))
}

#[track_caller]
fn same(told: &Value, expected: f64) {
    let told = told.as_f64().unwrap_or_else(|| panic!("{told} is no number"));
    assert!((told - expected).abs() < 0.001, "{told} and not {expected}");
}

#[test]
fn metered_and_billed_are_told_to_the_cent_and_asked_once() {
    let (served, home) = (served(), Home::new());
    let (from, until) = two_days();
    watch(&home, &served, from);
    let (first, last) = (from.to_string(), until.to_string());
    let arguments = ["burn", "--reconcile", "--from", &first, "--to", &last, "-o", "json"];
    let ran = served.run(&home, &arguments).with_code(0);
    assert!(ran.err.contains("1 request to Cost Explorer, $0.01"), "{}", ran.err);
    let told = ran.json();
    let lines = bill(&served, from, until);
    let here = |line: &&Line| is_app(line) && *line.region == *REGION;
    let apps = || lines.iter().filter(here);
    let watched = |line: &&Line| line.day == first;
    same(&told["billed"], dollars(apps()));
    same(&told["compared"]["billed"], dollars(apps().filter(watched)));
    same(&told["compared"]["difference"], 0.0);
    assert_eq!((&told["compared"]["days"], &told["watched_since"]), (&1.into(), &Value::from(first.clone())));
    same(&cause(&told, "days not watched")["amount"], dollars(apps().filter(|line| !watched(line))));
    let elsewhere = lines.iter().filter(|line| is_app(line) && *line.region != *REGION);
    same(&cause(&told, "apps elsewhere")["amount"], dollars(elsewhere));
    let volumes =
        lines.iter().filter(|line| line.usage_type.contains("VolumeUsage") && line.record == Record::Usage);
    same(&cause(&told, "storage of spaces")["amount"], dollars(volumes));
    // All days together are not known, since one of them was not watched.
    let rows = told["rows"].as_array().unwrap();
    let all = rows.iter().find(|row| row["what"] == "all days").unwrap();
    assert!(all["metered"].is_null() && all["difference"].is_null(), "{all}");

    let again = served.run(&home, &["burn", "--reconcile", "--from", &first, "--to", &last]).with_code(0);
    assert!(again.err.contains("0 requests to Cost Explorer"), "{}", again.err);
    assert!(again.out.starts_with("WHAT") && again.out.contains("not explained"), "{}", again.out);
    let csv = [&arguments[..6], &["-o", "csv"]].concat();
    let csv = served.run(&home, &csv).with_code(0).out.replace('"', "");
    assert!(csv.starts_with("what,region,ran,metered,billed,difference,why\n"), "{csv}");
    // The cost pane and the report ask the same question.
    served.run(&home, &["cost", "report", "-g", "instance"]).with_code(0);
    let asked = served.aws.requests().count("GetCostAndUsage");
    let month =
        until.first_of_month() == Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().first_of_month();
    assert!(asked == 1 || !month, "{asked}");
}

#[test]
fn without_a_history_nothing_is_called_a_difference() {
    let (served, home) = (served(), Home::new());
    let (from, until) = two_days();
    let (first, last) = (from.to_string(), until.to_string());
    let ran = served.run(&home, &["burn", "--reconcile", "--from", &first, "--to", &last, "-o", "json"]);
    let told = ran.with_code(0).json();
    assert!(told["compared"].is_null() && told["metered_at_least"].is_null(), "{told}");
    let why = cause(&told, "not watched");
    assert!(why["amount"].is_null() && why["why"].as_str().unwrap().contains("never watched"), "{why}");
    assert!(told["rows"].as_array().unwrap().iter().all(|row| row["difference"].is_null()), "{told}");
}

#[test]
fn days_that_aws_would_refuse_or_has_not_billed_are_refused_before_they_cost() {
    let (served, home) = (served(), Home::new());
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (now, tomorrow) = (today.to_string(), today.tomorrow().unwrap().to_string());
    for (arguments, wanted) in [
        (&["--from", "2020-01-01", "--to", "2020-02-01"][..], "nothing before"),
        (&["--from", &now, "--to", &tomorrow][..], "billed in full yet"),
        (&["--from", "2026-11-01"][..], "--to"),
        (&["--group-by", "user"][..], "cannot be used with"),
    ] {
        let ran = served.run(&home, &[&["burn", "--reconcile"], arguments].concat()).with_code(2);
        assert!(ran.err.contains(wanted), "{arguments:?}: {}", ran.err);
    }
    assert_eq!(served.aws.requests().count("GetCostAndUsage"), 0);
}

#[test]
fn a_budget_takes_what_a_report_has_paid_for() {
    let config = "[[budgets]]\nname = \"team\"\ntag = \"team=nlp\"\ndollars = 1000000\n";
    let (served, home) = (served(), Home::with_config(config));
    let before = served.run(&home, &["burn", "--budgets", "-o", "json"]).with_code(0).json();
    assert!(before[0].get("billed").is_none(), "{before}");
    served.run(&home, &["cost", "report", "-g", "tag:team"]).with_code(0);
    let after = served.run(&home, &["burn", "--budgets", "-o", "json"]).with_code(0).json();
    assert_eq!(served.aws.requests().count("GetCostAndUsage"), 1, "a budget pays for nothing");
    let settled = sagedeck::fleet::settled(Timestamp::now());
    let first = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().first_of_month();
    if settled <= first {
        assert!(after[0].get("billed").is_none(), "no day of the month is billed in full: {after}");
        return;
    }
    let lines = bill(&served, first, settled);
    let of_team = lines.iter().filter(|line| {
        line.record == Record::Usage && line.tags.get("team").is_some_and(|value| &**value == "nlp")
    });
    same(&after[0]["billed"], dollars(of_team));
    assert_eq!(after[0]["billed-until"], settled.to_string());
    assert!(after[0]["spent-at-least"].as_f64() >= after[0]["billed"].as_f64(), "{after}");
}

#[test]
fn a_forecast_states_its_request_and_stands_beside_the_bill() {
    let (served, home) = (served(), Home::new());
    let arguments = ["cost", "report", "-g", "domain", "--forecast", "-o", "json"];
    let ran = served.run(&home, &arguments).with_code(0);
    assert!(ran.err.contains("2 requests to Cost Explorer, $0.02"), "{}", ran.err);
    assert!(ran.err.contains("AWS's forecast of the month: $"), "{}", ran.err);
    let told = ran.json();
    let forecast = &told["forecast"][0];
    let figure = |member: &str| forecast[member].as_f64().unwrap_or_else(|| panic!("{member}: {forecast}"));
    assert!(figure("expected") > figure("billed_before_today"), "{forecast}");
    assert!(figure("low") <= figure("expected") && figure("expected") <= figure("high"), "{forecast}");
    served.run(&home, &arguments).with_code(0);
    assert_eq!(served.aws.requests().count("GetCostForecast"), 1, "kept from before");
    let (from, until) = two_days();
    let range = ["cost", "report", "--forecast", "--from", &from.to_string(), "--to", &until.to_string()];
    served.run(&home, &range).with_code(2);
}

#[test]
fn tags_are_listed_once_and_activated_by_plan() {
    let (served, home) = (served(), Home::new());
    let list = || served.run(&home, &["cost", "tags", "list", "-o", "json"]).with_code(0);
    let first = list();
    assert!(first.err.contains("1 request to Cost Explorer"), "{}", first.err);
    let rows = first.json();
    let status = |rows: &Value, key: &str| -> Value {
        let rows = rows.as_array().expect("rows");
        rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("{key}: {rows:?}"))["status"]
            .clone()
    };
    assert_eq!((status(&rows, "team"), status(&rows, "env")), ("active".into(), "inactive".into()));
    assert!(list().err.contains("0 requests to Cost Explorer"));

    let plan = served.shown(&home, &["cost", "tags", "activate", "env", "project"]);
    assert!(plan.out.contains("24 to 48 hours"), "{}", plan.out);
    let done = served.run(&home, &["cost", "tags", "activate", "env", "project", "--yes"]).with_code(0);
    assert!(done.out.contains("env"), "{}", done.out);
    let is_active = |key: &str| served.aws.with_world(|world| world.billing.tags[key].active_since.is_some());
    assert!(is_active("env") && is_active("project") && !is_active("cost-center"));
    assert_eq!(status(&list().json(), "env"), "active", "what was kept does not hold any more");
    let none = served.run(&home, &["cost", "tags", "activate", "team"]);
    assert!(none.code != 0 && none.err.contains("nothing to activate"), "{none:#?}");
}

#[test]
fn one_account_of_several_is_asked_where_it_is_named() {
    let home = Home::new();
    let all = home.run(&["--demo", "cost", "report", "-g", "domain"]).with_code(0);
    assert!(all.err.contains("2 requests to Cost Explorer"), "{}", all.err);
    let one = home.run(&["--demo", "cost", "report", "-g", "domain", "--account", "prod-ml"]).with_code(0);
    assert!(one.err.contains("1 request to Cost Explorer"), "{}", one.err);
    let none = home.run(&["--demo", "cost", "report", "--account", "prod"]).with_code(2);
    assert!(none.err.contains("prod-ml"), "{}", none.err);
}
