//! Finding one's way: panes, drilling down, filters, sorts, marks, the palette and the history.

use sagedeck::console::Pane;

use super::bench::{Bench, Setup};

#[tokio::test(start_paused = true)]
async fn the_first_frame_waits_for_nothing_and_then_rows_appear() {
    let mut bench = Bench::cold(Setup::default());
    bench.shows(&["DEMO", "apps"]);
    bench.settle().await;
    bench.shows(&["prod-ml", "anna-k", "JupyterLab", "ml.g5.12xlarge", "InService"]);
    let cursor = bench.console.table().unwrap().cursor_row();
    assert_eq!(cursor, 0, "rows that arrive above do not carry an untouched cursor away");
}

#[tokio::test(start_paused = true)]
async fn a_domain_leads_to_its_users_their_spaces_and_apps_and_back() {
    let mut bench = Bench::demo().await;
    bench.press("2 /");
    bench.press("\"research\" enter");
    bench.shows(&["domains (all domains) [1/"]);
    bench.press("enter");
    assert_eq!(bench.console.pane, Pane::Users);
    bench.shows(&["users (research)", "anna-k"]);
    bench.hides(&["vera-m"]);
    bench.press("/ \"anna-k\" enter enter");
    assert_eq!(bench.console.pane, Pane::Spaces);
    bench.shows(&["research / anna-k", "anna-k-lab"]);
    bench.press("/ \"anna-k-lab\" enter enter");
    assert_eq!(bench.console.pane, Pane::Apps);
    bench.shows(&["ml.g5.12xlarge"]);
    bench.press("esc");
    assert_eq!(bench.console.pane, Pane::Spaces);
    bench.press("esc esc");
    assert_eq!(bench.console.pane, Pane::Users, "the first esc clears the filter, the next goes back");
    bench.press("]");
    assert_eq!(bench.console.pane, Pane::Spaces);
    bench.press("- -");
    assert_eq!(bench.console.pane, Pane::Spaces, "the last view of the last view is this one");
}

#[tokio::test(start_paused = true)]
async fn the_filter_works_as_it_is_typed_and_keeps_the_last_good_one() {
    let mut bench = Bench::demo().await;
    let all = bench.console.table().unwrap().rows.len();
    bench.press("/ \"idle>2h instance:ml.g*\"");
    let some = bench.console.table().unwrap().rows.len();
    assert!(some > 0 && some < all, "{some} of {all}");
    bench.shows(&["anna-k", "idle>2h instance:ml.g*"]);
    bench.hides(&["ml.t3.medium"]);
    bench.press(")");
    bench.shows(&["idle>2h instance:ml.g*)"]);
    let error = bench.console.table().unwrap().filter.error.clone().expect("a stray bracket is an error");
    assert_eq!(error.span.start, "idle>2h instance:ml.g*".len(), "{error}");
    assert_eq!(bench.console.table().unwrap().rows.len(), some, "the last good filter stays in force");
    bench.press("esc");
    assert_eq!(bench.console.table().unwrap().rows.len(), all);
}

#[tokio::test(start_paused = true)]
async fn cursor_and_marks_follow_their_objects_through_sorting_and_refreshing() {
    let mut bench = Bench::demo().await;
    bench.press("j j space");
    let marked = bench.console.table().unwrap().marks.clone();
    let selected = bench.console.selected();
    assert_eq!(marked.len(), 1);
    bench.press("shift-n shift-s r");
    bench.settle().await;
    assert_eq!(bench.console.selected(), selected);
    assert_eq!(bench.console.table().unwrap().marks, marked);
    bench.press("2 5");
    assert_eq!(bench.console.table().unwrap().marks, marked, "another pane and back");
}

#[tokio::test(start_paused = true)]
async fn sorting_turns_round_and_keeps_what_is_not_known_last() {
    let mut bench = Bench::demo().await;
    let prices = |bench: &Bench| -> Vec<String> {
        let console = &bench.console;
        let column = console.columns().into_iter().find(|column| column.title == "$/H").unwrap();
        console.table().unwrap().rows.iter().map(|row| console.cell(column, *row).text).collect()
    };
    let falling = prices(&bench);
    bench.press("shift-c");
    let rising = prices(&bench);
    let number = |text: &String| text.parse::<f64>().ok();
    let known: Vec<f64> = falling.iter().filter_map(number).collect();
    assert!(known.len() > 20 && known.is_sorted_by(|left, right| left >= right), "{falling:?}");
    assert!(rising.iter().filter_map(number).collect::<Vec<_>>().is_sorted(), "{rising:?}");
    for prices in [&falling, &rising] {
        let first_unknown = prices.iter().position(|text| text == "unknown").expect("the demo has one");
        assert!(prices[first_unknown..].iter().all(|text| number(text).is_none()), "{prices:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_palette_finds_commands_views_and_objects_and_remembers() {
    let mut bench = Bench::demo().await;
    bench.press(": \"apps idle:idle\" enter");
    bench.shows(&["apps (all domains)", "idle:idle"]);
    bench.press("ctrl-k \"vera-m\" enter");
    let selected = bench.console.selected().expect("the object found is under the cursor");
    assert!(selected.name().contains("vera-m"), "{selected:?}");
    bench.press(": \"fold-header\" enter");
    assert!(bench.console.folded);
    bench.press(": up up");
    bench.shows(&["vera-m"]);
    bench.press("esc");
    bench.press(": \"zzqqxxyy\" enter");
    bench.shows(&["nothing is called"]);
}

#[tokio::test(start_paused = true)]
async fn a_range_and_everything_filtered_can_be_marked() {
    let mut bench = Bench::demo().await;
    bench.press("space j j ctrl-space");
    assert_eq!(bench.console.table().unwrap().marks.len(), 4);
    bench.press("ctrl-\\");
    assert!(bench.console.table().unwrap().marks.is_empty());
    bench.press("/ \"type:CodeEditor\" enter ctrl-a");
    let table = bench.console.table().unwrap();
    assert_eq!(table.marks.len(), table.rows.len());
    bench.shows(&["marked"]);
}

#[tokio::test(start_paused = true)]
async fn the_overview_leads_to_the_rows_behind_each_line() {
    let mut bench = Bench::demo().await;
    bench.press("1");
    bench.shows(&["burn", "needs attention", "idle money", "top spenders"]);
    bench.press("j enter");
    assert_eq!(bench.console.pane, Pane::Apps);
    bench.shows(&["idle:idle", "anna-k"]);
}

#[tokio::test(start_paused = true)]
async fn leaving_a_region_takes_its_rows_away_and_coming_back_brings_them() {
    let mut bench = Bench::demo().await;
    bench.shows(&["us-east-1"]);
    bench.press("ctrl-r \"us-east-1\" space enter");
    bench.settle().await;
    assert_eq!(bench.console.session.regions.len(), 1);
    assert!(bench.console.fleet.apps.iter().all(|app| app.key.scope.region().as_str() == "eu-west-1"));
    bench.press("ctrl-r \"us-east-1\" space enter");
    bench.settle().await;
    assert!(bench.console.fleet.apps.iter().any(|app| app.key.scope.region().as_str() == "us-east-1"));
}
