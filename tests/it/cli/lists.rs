//! Lists for people and pipes.

use std::io::Read as _;
use std::process::Stdio;

use sagedeck::cli::default_columns;
use sagedeck::fleet::{ObjectKind, fields};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::scenario::Scenario;

use super::{Home, Served};

#[test]
fn the_names_in_json_are_those_that_scripts_rely_on() {
    let names = |kind| {
        let name = |field| fields(kind).iter().find(|spec| spec.field == field).expect("a field").name;
        default_columns(kind).iter().map(|field| name(*field)).collect::<Vec<_>>().join(" ")
    };
    for (kind, expected) in [
        (ObjectKind::Domain, "name id status auth network users spaces apps cost age account region"),
        (ObjectKind::User, "name domain status apps spaces cost age account region"),
        (ObjectKind::Space, "name owner domain sharing type status ebs storage app age account region"),
        (ObjectKind::App, "owner domain type name status instance cost uptime activity idle account region"),
    ] {
        assert_eq!(names(kind), expected, "taking a name away breaks scripts");
    }
}

#[test]
fn each_kind_is_listed_over_the_demo_with_clean_output() {
    let home = Home::new();
    for (noun, kind) in
        [("domains", ObjectKind::Domain), ("users", ObjectKind::User), ("spaces", ObjectKind::Space)]
    {
        let ran = home.run(&["--demo", noun, "list", "-o", "json"]).with_code(0);
        assert_eq!(ran.err, "", "{noun}");
        let rows = ran.json();
        let rows = rows.as_array().expect("an array");
        assert!(rows.len() > 2, "{noun}");
        let names: Vec<&str> = default_columns(kind)
            .iter()
            .filter_map(|field| Some(fields(kind).iter().find(|spec| spec.field == *field)?.name))
            .collect();
        for row in rows {
            let row = row.as_object().expect("an object");
            assert!(row.keys().all(|name| names.contains(&name.as_str())), "{row:?}");
        }
    }
}

#[test]
fn filter_sort_and_columns_make_the_list() {
    let home = Home::new();
    let ran = home
        .run(&[
            "--demo",
            "apps",
            "list",
            "-f",
            "instance:ml.g* status:inservice",
            "-s",
            "cost:asc",
            "-c",
            "name,cost,instance",
            "-o",
            "json",
        ])
        .with_code(0);
    let rows = ran.json();
    let rows = rows.as_array().expect("an array");
    assert!(rows.len() > 3);
    let costs: Vec<f64> = rows.iter().filter_map(|row| row["cost"].as_f64()).collect();
    assert!(costs.is_sorted(), "{costs:?}");
    for row in rows {
        assert!(row["instance"].as_str().expect("text").starts_with("ml.g"), "{row}");
        assert_eq!(
            row.as_object().expect("an object").keys().collect::<Vec<_>>(),
            ["name", "cost", "instance"]
        );
    }
}

#[test]
fn a_table_has_a_head_aligned_rows_and_no_escapes() {
    let ran = Home::new().run(&["--demo", "domains", "list", "--columns", "name,users,cost"]).with_code(0);
    assert!(!ran.out.contains('\u{1b}'), "{}", ran.out);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("NAME") && lines[0].ends_with("COST"), "{}", ran.out);
    let width = |line: &str| line.chars().count();
    assert!(lines.len() > 2 && lines[1..].iter().all(|line| width(line) == width(lines[0])), "{}", ran.out);
    assert!(ran.out.contains("≥$"), "of a sum with an unknown price what is known: {}", ran.out);
}

#[test]
fn only_the_details_that_may_be_shown_are_asked_for() {
    let served = Served::new(SimulatedAws::builder().build());
    let home = Home::new();
    let list = |filter: &str, columns: &str| {
        let before = served.aws.requests().count("DescribeApp");
        let ran =
            served.run(&home, &["apps", "list", "-f", filter, "-c", columns, "-s", "name", "-o", "json"]);
        let rows = ran.with_code(0).json().as_array().expect("an array").len() as u64;
        (rows, served.aws.requests().count("DescribeApp") - before)
    };
    let (all, asked) = list("", "name");
    assert!(all > 20 && asked == 0, "names alone need no details: {asked}");
    let (few, asked) = list("instance:ml.g5.12xlarge", "name,idle");
    assert!(few > 0 && asked <= few, "{asked} asked for {few} rows");
}

#[test]
fn a_list_that_could_not_be_read_is_named_and_the_others_are_printed() {
    let aws = SimulatedAws::builder().build();
    let denied = Fault::Refuse(
        "AccessDeniedException".into(),
        "User: u is not authorized to perform: sagemaker:ListSpaces on resource: *".into(),
    );
    aws.faults().add(Target::operation("ListSpaces"), denied);
    let ran = Served::new(aws).run(&Home::new(), &["spaces", "list"]);
    let ran = ran.with_code(1);
    assert!(
        ran.err.contains("not complete: the spaces of d-") && ran.err.contains("sagemaker:ListSpaces"),
        "{}",
        ran.err
    );
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);

    let aws = SimulatedAws::builder().build();
    let denied = Fault::Refuse("AccessDeniedException".into(), "no".into());
    aws.faults().add(Target::operation("ListSpaces"), denied);
    let ran =
        Served::new(aws).run(&Home::new(), &["domains", "list", "-c", "name,users,spaces", "-o", "json"]);
    let rows = ran.with_code(1).json();
    for row in rows.as_array().expect("an array") {
        assert!(row["spaces"].is_null(), "a count of a list that could not be read is not known: {row}");
        assert!(row["users"].as_u64().is_some(), "{row}");
    }
}

#[test]
fn prices_that_may_not_be_read_leave_costs_open_and_break_nothing() {
    let aws = SimulatedAws::builder().build();
    let denied = Fault::Refuse("AccessDeniedException".into(), "no".into());
    aws.faults().add(Target::operation("GetProducts"), denied);
    let served = Served::new(aws);
    let list = |filter: &str| {
        served.run(&Home::new(), &["apps", "list", "-f", filter, "-c", "name,cost,instance", "-o", "json"])
    };
    let ran = list("type:jupyterlab status:inservice").with_code(0);
    assert!(ran.err.contains("the prices of eu-west-1"), "{}", ran.err);
    assert!(ran.json().as_array().expect("an array").iter().all(|row| row["cost"].is_null()), "{}", ran.out);
    let ran = list("cost>1").with_code(1);
    assert!(ran.err.contains("left out, because what the filter asks about is not known"), "{}", ran.err);
}

#[test]
fn an_empty_fleet_is_an_empty_list() {
    let served = Served::new(SimulatedAws::builder().scenario(Scenario::Empty).build());
    let ran = served.run(&Home::new(), &["apps", "list", "-o", "json"]).with_code(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("[]\n", ""));
}

#[test]
fn a_reader_that_leaves_ends_the_command_in_peace() {
    let home = Home::new();
    let mut child = home
        .command(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let status = child.wait().expect("an end");
    let mut err = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut err).expect("UTF-8");
    assert_eq!((status.code(), err.as_str()), (Some(0), ""));
}
