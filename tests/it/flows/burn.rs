//! The burn over time: what is sampled and kept, what the overview and the layer show, and where their lines lead.

use std::time::Duration;

use sagedeck::console::{Dialog, Message, Pane};
use sagedeck::fleet::{Budget, BudgetOf, BudgetPer, Past};

use super::bench::{Bench, Setup};

fn setup() -> Setup {
    Setup { size: (200, 60), ..Setup::default() }
}

/// How many lines the kept history has.
fn kept(bench: &Bench) -> usize {
    let samples = bench.files().into_iter().filter(|path| path.to_string_lossy().ends_with("samples.jsonl"));
    samples
        .map(|path| std::fs::read_to_string(path).unwrap().lines().filter(|line| !line.is_empty()).count())
        .sum()
}

#[tokio::test(start_paused = true)]
async fn a_second_start_asks_for_no_prices_and_one_a_day_later_does() {
    let mut first = Bench::start(setup()).await;
    assert!(first.sent("GetProducts") > 0);
    first.shows(&["$"]);
    let folder = Some(first.folder());
    let second = Bench::start(Setup { folder: folder.clone(), ..setup() }).await;
    let priced = second.console.fleet.prices.len();
    assert_eq!((priced, second.sent("GetProducts")), (2, 0));
    // The same lists, read a fortnight ago.
    for region in ["eu-west-1", "us-east-1"] {
        let path = first.folder().path().join("prices").join(format!("{region}.json"));
        let mut list: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        list["read_at"] = "2026-11-04T00:00:00Z".into();
        std::fs::write(&path, list.to_string()).unwrap();
    }
    let mut third = Bench::start(Setup { folder, ..setup() }).await;
    assert!(third.sent("GetProducts") > 0);
    third.press("1");
    third.hides(&["prices of"]);
    let kept = std::fs::read_to_string(first.folder().path().join("prices").join("eu-west-1.json")).unwrap();
    assert!(!kept.contains("2026-11-04"), "what came is kept in its place");
}

#[tokio::test(start_paused = true)]
async fn the_burn_is_sampled_every_five_minutes_and_found_at_the_next_start() {
    let mut bench = Bench::start(setup()).await;
    bench.press("1");
    bench.wait(Duration::from_mins(31)).await;
    bench.settle().await;
    let lines = kept(&bench);
    assert!((12..=16).contains(&lines), "two regions, seven times: {lines}");
    bench.shows(&["today", "max $", "7 days"]);
    let again = Setup { folder: Some(bench.folder()), later: Duration::from_mins(40), ..setup() };
    let mut second = Bench::start(again).await;
    second.press("1");
    second.settle().await;
    let trace = second.console.burn.trace(Past::Today).unwrap();
    let known = trace.slots.iter().flatten().count();
    assert!((2..=4).contains(&known), "half an hour of the day was watched: {known}");
    assert!(trace.top().unwrap() > 1.0);
    // The enter key on the curve opens the layer, with the breakdown under the chart.
    second.press("down down enter");
    assert!(matches!(second.console.dialogs.last(), Some(Dialog::Burn(_))));
    second.shows(&["burn by domain", "proven idle", "not watched", "UNTIL MON", "research"]);
    second.press("t g");
    second.shows(&["burn by user"]);
}

#[tokio::test(start_paused = true)]
async fn a_fleet_that_is_not_all_there_gives_no_sample() {
    let mut bench = Bench::cold(setup());
    bench.sim.with_world(|world| world.deny("sagemaker:ListApps"));
    bench.settle().await;
    bench.wait(Duration::from_mins(12)).await;
    bench.settle().await;
    assert_eq!(kept(&bench), 0);
    bench.press("1");
    bench.shows(&["not watched yet"]);
}

#[tokio::test(start_paused = true)]
async fn every_line_of_money_leads_to_exactly_what_it_counts() {
    let mut bench = Bench::start(setup()).await;
    bench.press("1");
    // Until all that can be known of what is idle is known, and what was passing has passed.
    bench.wait(Duration::from_mins(3)).await;
    bench.settle().await;
    let mut counted = 0;
    for at in 0..3 {
        for row in 0.. {
            bench.press("1");
            bench.wait(Duration::from_secs(2)).await;
            let tiles = bench.console.overview_tiles();
            let titles = ["burn", "idle money", "by instance type"];
            let tile = tiles.iter().find(|tile| tile.title == titles[at]).unwrap();
            let Some(line) = tile.lines.get(row).cloned() else { break };
            let Some(place) = &line.target else { continue };
            let first = |text: &str| text.split_whitespace().next()?.replace(',', "").parse::<usize>().ok();
            let is_count = line.label.starts_with("apps ");
            let wanted = if is_count { first(&line.value) } else { first(&line.label) };
            let is_one = place.filter.contains(" name=");
            let Some(wanted) = wanted.or(is_one.then_some(1)) else { continue };
            bench.press(if place.pane == Pane::Spaces { "4" } else { "5" });
            bench.press("/ ctrl-u");
            bench.give(Message::Paste(place.filter.clone()));
            bench.press("enter");
            let shown = bench.console.table().unwrap().rows.len();
            assert_eq!(shown, wanted, "{}: {} {}", place.filter, line.label, line.value);
            counted += 1;
            bench.press("esc");
        }
    }
    assert!(counted > 8, "{counted}");
}

#[tokio::test(start_paused = true)]
async fn from_the_overview_to_a_plan_that_stops_what_is_idle() {
    let mut bench = Bench::start(setup()).await;
    bench.press("1 down enter");
    assert_eq!(bench.console.place().filter, "idle:idle");
    bench.press("ctrl-a ctrl-d");
    bench.settle().await;
    bench.shows(&["stop", "saves"]);
}

#[tokio::test(start_paused = true)]
async fn idle_money_is_unknown_while_no_activity_was_read() {
    let mut bench = Bench::cold(setup());
    bench.sim.with_world(|world| world.deny("sagemaker:DescribeApp"));
    bench.settle().await;
    bench.press("1");
    bench.shows(&["idle unknown", "apps idle or not: unknown"]);
    bench.hides(&["nothing is proven idle"]);
    let tiles = bench.console.overview_tiles();
    let idle = tiles[0].lines.iter().find(|line| line.label == "proven idle").unwrap();
    assert_eq!(idle.value, "unknown");
}

#[tokio::test(start_paused = true)]
async fn budgets_say_who_is_over_and_what_is_not_known() {
    let budget = |name: &str, whose, per, dollars| Budget { name: name.into(), whose, per, dollars };
    let budgets = vec![
        budget("tiny", BudgetOf::Domain("research".into()), BudgetPer::Day, 0.01),
        budget("wide", BudgetOf::Domain("research".into()), BudgetPer::Month, 1_000_000.0),
        budget("by tag", BudgetOf::Tag("team".into(), "nlp".into()), BudgetPer::Month, 500.0),
    ];
    let mut bench = Bench::start(Setup { budgets, ..setup() }).await;
    bench.wait(Duration::from_mins(11)).await;
    bench.press("1");
    bench.settle().await;
    bench.shows(&["budgets", "tiny", "over: ", "wide", "% watched", "by tag"]);
    assert!(bench.sent("ListTags") > 0, "a budget by tag takes the tags of what runs");
}
