//! The burn over time: what is sampled and kept, what the overview and the layer show, and where their lines lead.

use std::time::Duration;

use sagedeck::console::{Dialog, Pane, TileLine};
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

/// The whole number a text begins with.
fn first_count(text: &str) -> Option<usize> {
    text.split_whitespace().next()?.replace(',', "").parse().ok()
}

/// The dollars per hour a text says, whether exactly or at least.
fn hourly(text: &str) -> Option<f64> {
    let text = text.split(" · ").find_map(|part| part.strip_suffix("/h"))?;
    text.trim_start_matches('≥').strip_prefix('$')?.replace(',', "").parse().ok()
}

/// What a line of the overview counts: rows, and dollars per hour.
fn counted(tile: &str, line: &TileLine) -> (Option<usize>, Option<f64>) {
    let is_one = line.target.as_ref().is_some_and(|place| place.filter.contains(" name="));
    let rows = match tile {
        "fleet" | "needs attention" => first_count(&line.value),
        _ if line.label.starts_with("apps ") => first_count(&line.value),
        _ if line.value.contains(" app · ") || line.value.contains(" apps · ") => first_count(&line.value),
        _ => first_count(&line.label).or(is_one.then_some(1)),
    };
    (rows, hourly(&line.value))
}

#[tokio::test(start_paused = true)]
async fn every_line_of_the_overview_leads_to_exactly_what_it_counts() {
    // On a Monday, so that some have been idle since before the weekend.
    let mut bench = Bench::start(Setup { later: Duration::from_hours(5 * 24), ..setup() }).await;
    bench.press("1");
    // Until all that can be known of what is idle is known, and what was passing has passed.
    bench.wait(Duration::from_mins(3)).await;
    bench.settle().await;
    let (mut rows_checked, mut money_checked) = (Vec::new(), 0);
    for at in 0.. {
        for row in 0.. {
            bench.press("1");
            bench.wait(Duration::from_secs(2)).await;
            let tiles = bench.console.overview_tiles();
            let Some(tile) = tiles.get(at) else { break };
            let Some(line) = tile.lines.get(row).cloned() else { break };
            if line.target.is_none() || tile.title == "fullest quotas" {
                continue;
            }
            let (rows, dollars) = counted(tile.title, &line);
            bench.console.overview.cursor = (at, row);
            bench.press("enter");
            let place = bench.console.place();
            let table = bench.console.table().unwrap();
            assert!(table.filter.error.is_none(), "{}", place.filter);
            let told = format!("{}: {} {} leads to {}", tile.title, line.label, line.value, place.filter);
            if let Some(rows) = rows {
                assert_eq!(table.rows.len(), rows, "{told}");
                rows_checked.push(line.label.clone());
            }
            if let Some(dollars) = dollars
                && bench.console.pane == Pane::Apps
            {
                let priced = |position: &u32| {
                    let figures = bench.console.census.app(&bench.console.fleet, *position as usize)?;
                    figures.rate.dollars().value()
                };
                let sum: f64 = table.rows.iter().filter_map(priced).sum();
                assert!((sum - dollars).abs() < 0.006, "{told}, which cost {sum}");
                money_checked += 1;
            }
            bench.press("esc");
        }
        if at >= bench.console.overview_tiles().len() {
            break;
        }
    }
    assert!(rows_checked.len() > 15 && money_checked > 15, "{rows_checked:?}, {money_checked} sums");
    assert!(rows_checked.iter().any(|label| label == "  idle since before it"), "{rows_checked:?}");
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
