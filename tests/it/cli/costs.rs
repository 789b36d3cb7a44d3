//! Bills without a screen: every grouping is the simulated bill, each request is counted, and what AWS would refuse is
//! refused before it costs.

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::billing::{ONE, Record};
use sagedeck::sim::scenario::{ACCOUNT, Scenario};

use super::{Home, Served};

fn served() -> Served {
    Served::new(SimulatedAws::builder().scenario(Scenario::Small).seed(7).build())
}

/// Days of months that are closed, so that nothing changes between a request and the test's own look.
fn closed_month() -> (String, String) {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let until = today.first_of_month().saturating_sub(jiff::ToSpan::month(1));
    let from = until.saturating_sub(jiff::ToSpan::month(1));
    (from.to_string(), until.to_string())
}

#[test]
fn a_report_is_the_bill_and_the_same_report_again_costs_nothing() {
    let (aws, home) = (served(), Home::new());
    let (from, until) = closed_month();
    let arguments =
        ["cost", "report", "--group-by", "tag:team", "--from", &from, "--to", &until, "-o", "json"];
    let first = aws.run(&home, &arguments).with_code(0);
    assert!(first.err.contains("1 request to Cost Explorer, $0.01"), "{}", first.err);
    assert_eq!(first.json()["requests"], 1);
    let lines = aws.aws.with_world(|world| world.billed_lines(ACCOUNT, &from, &until));
    let lines = || lines.iter().filter(|line| line.service == "Amazon SageMaker");
    let billed = |records: &[Record]| {
        let sum: i64 = lines().filter(|line| records.contains(&line.record)).map(|line| line.cost).sum();
        sum as f64 / ONE as f64
    };
    let total = &first.json()["totals"][0];
    for (member, expected) in [
        ("gross", billed(&[Record::Usage])),
        ("credits", billed(&[Record::Credit])),
        ("tax", billed(&[Record::Tax])),
        ("net", billed(&[Record::Usage, Record::Credit, Record::Refund, Record::Tax])),
    ] {
        let told = total[member].as_f64().expect("a number");
        assert!((told - expected).abs() < 0.000_1, "{member}: {told} and not {expected}");
    }
    for row in first.json()["rows"].as_array().expect("rows").iter().filter(|row| row["kind"] == "group") {
        let team = row["value"].as_str().expect("a team");
        let of_team = |line: &&sagedeck::sim::billing::Line| {
            line.record == Record::Usage && line.tags.get("team").is_some_and(|value| &**value == team)
        };
        let expected: i64 = lines().filter(of_team).map(|line| line.cost).sum();
        let told = row["cost"].as_f64().expect("a number");
        assert!((told - expected as f64 / ONE as f64).abs() < 0.000_1, "{team}");
    }
    let again = aws.run(&home, &arguments).with_code(0);
    assert!(again.err.contains("0 requests to Cost Explorer"), "{}", again.err);
    assert_eq!(again.json()["rows"], first.json()["rows"]);
    assert_eq!(aws.aws.requests().count("GetCostAndUsage"), 1);
    let mut anew = arguments.to_vec();
    anew.push("--anew");
    aws.run(&home, &anew).with_code(0);
    assert_eq!(aws.aws.requests().count("GetCostAndUsage"), 2);
}

#[test]
fn every_group_and_form_can_be_printed() {
    let (aws, home) = (served(), Home::new());
    for group in ["domain", "user", "space", "instance", "usage-type", "account", "region", "tag:team"] {
        let ran = aws.run(&home, &["cost", "report", "-g", group]).with_code(0);
        assert!(ran.out.starts_with("GROUP") && ran.out.lines().count() > 1, "{group}: {}", ran.out);
        assert!(ran.err.contains("gross $"), "{group}: {}", ran.err);
    }
    // Usage type, region and account are views of what was asked for by instance type, and spaces of users.
    assert_eq!(aws.aws.requests().count("GetCostAndUsage"), 4);
    let users = aws.run(&home, &["cost", "report"]).with_code(0);
    assert!(
        users.out.lines().next().unwrap_or_default().ends_with("COST USD  CHANGE  FORECAST  SHARE")
            || users.out.contains("COST USD"),
        "{}",
        users.out
    );
    assert!(
        users.err.contains("attributed: $") && users.err.contains("by the private spaces of users"),
        "{}",
        users.err
    );
    let last = users.out.lines().rfind(|line| line.contains('%')).unwrap_or_default();
    assert!(
        last.starts_with("untagged"),
        "what belongs to nobody is the last part of what was used:\n{}",
        users.out
    );
    let csv =
        aws.run(&home, &["cost", "report", "-g", "user", "--then", "instance", "-o", "csv"]).with_code(0);
    let head = |text: &str| text.lines().next().unwrap_or_default().replace('"', "");
    assert!(head(&csv.out).starts_with("group,kind,then,domain,value,currency,cost,"), "{}", csv.out);
    assert!(csv.err.contains("tax are left out"), "{}", csv.err);
    let days = aws
        .run(&home, &["cost", "report", "-g", "domain", "--granularity", "monthly", "-o", "csv"])
        .with_code(0);
    assert!(head(&days.out).contains("from,to,estimated"), "{}", days.out);
}

#[test]
fn what_aws_would_refuse_is_refused_before_it_costs() {
    let (aws, home) = (served(), Home::new());
    for (arguments, told) in [
        (&["--from", "2020-01-01", "--to", "2020-02-01"][..], "nothing before"),
        (&["--from", "2999-01-01", "--to", "2999-02-01"][..], "yet to come"),
        (&["--from", "1.10.2026", "--to", "2026-11-01"][..], "is no day"),
        (&["--from", "2026-11-01"][..], "--to"),
        (&["-g", "usr"][..], "there is no group `usr`"),
        (&["-g", "user", "--then", "user"][..], "the same"),
    ] {
        let mut all = vec!["cost", "report"];
        all.extend(arguments);
        let ran = aws.run(&home, &all).with_code(2);
        assert!(ran.err.contains(told), "{arguments:?}: {}", ran.err);
    }
    assert_eq!(aws.aws.requests().count("GetCostAndUsage"), 0);
}

#[test]
fn no_data_and_no_access_are_no_zero() {
    let home = Home::new();
    let empty = Served::new(SimulatedAws::builder().scenario(Scenario::Empty).seed(7).build());
    let ran = empty.run(&home, &["cost", "report"]);
    assert!(ran.code == 1 && ran.out.is_empty(), "{ran:#?}");
    assert!(!ran.err.contains("$0.00 ") && ran.err.contains("not complete"), "{}", ran.err);
}
