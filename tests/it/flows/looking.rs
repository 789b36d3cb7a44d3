//! Looking closely: details, raw answers, export, copying, help, themes, and the mouse.

use sagedeck::console::{Dialog, Message, Mouse, Target};

use super::bench::{Bench, Setup};

#[tokio::test(start_paused = true)]
async fn details_show_facts_evidence_and_settings_with_their_source() {
    let mut bench = Bench::start(Setup { size: (120, 90), ..Setup::default() }).await;
    bench.press("d");
    bench.settle().await;
    bench.shows(&[
        "identity",
        "arn:aws:sagemaker:eu-west-1:123456789012:app/",
        "is it idle?",
        "verdict",
        "tags",
    ]);
    bench.press("esc 3 / \"anna-k\" enter d");
    bench.settle().await;
    bench.shows(&["effective settings, and who set them", "(domain"]);
}

#[tokio::test(start_paused = true)]
async fn the_raw_view_is_what_aws_sent_as_json_and_yaml_with_search() {
    let mut bench = Bench::start(Setup { size: (120, 60), ..Setup::default() }).await;
    bench.press("y");
    bench.settle().await;
    bench.shows(&["\"AppArn\"", "\"LastUserActivityTimestamp\""]);
    bench.press("y");
    bench.shows(&["AppArn: "]);
    bench.press("/ \"domainid\" enter");
    assert_eq!(bench.console.details_hits(&bench.console.details_lines()).len(), 1);
    bench.press("c");
    assert!(bench.copied[0].contains("AppArn"), "{:?}", bench.copied);
    bench.press("esc");
    assert!(bench.console.dialogs.is_empty());
}

#[tokio::test(start_paused = true)]
async fn names_and_arns_are_copied_of_all_marked_rows() {
    let mut bench = Bench::demo().await;
    bench.press("space space shift-y");
    let lines: Vec<&str> = bench.copied[0].lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.starts_with("arn:aws:sagemaker:")), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_shown_is_exported_with_its_filter_and_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::demo().await;
    bench.press("/ \"type:CodeEditor\" enter ctrl-s");
    let path = folder.path().join("apps.csv");
    bench.press(&format!("ctrl-u \"{}\" enter", path.display()));
    bench.settle().await;
    let text = std::fs::read_to_string(&path).unwrap();
    let rows = bench.console.table().unwrap().rows.len();
    assert_eq!(text.lines().count(), rows + 1, "{text}");
    assert!(text.lines().skip(1).all(|line| line.contains("CodeEditor")), "{text}");
    bench.press("ctrl-s");
    bench.press(&format!("ctrl-u \"{}\" enter", path.display()));
    bench.settle().await;
    bench.shows(&["was not written"]);
}

#[tokio::test(start_paused = true)]
async fn help_lists_every_key_and_the_theme_changes_as_one_looks() {
    let mut bench = Bench::start(Setup { size: (160, 60), ..Setup::default() }).await;
    bench.press("?");
    bench.shows(&["ctrl-d", "Stop apps, delete spaces"]);
    bench.press("esc shift-t down");
    assert_ne!(bench.console.theme, "sagedeck-dark", "the theme under the cursor is shown at once");
    bench.press("esc");
    assert_eq!(bench.console.theme, "sagedeck-dark", "esc brings the one before back");
}

#[tokio::test(start_paused = true)]
async fn the_mouse_selects_rows_sorts_by_heads_and_shows_panes() {
    let mut bench = Bench::demo().await;
    let at = |bench: &Bench, wanted: &dyn Fn(&Target) -> bool| {
        let (area, _) = bench.console.drawn.areas.iter().find(|(_, target)| wanted(target)).unwrap();
        Message::Mouse(Mouse::Click { x: area.x, y: area.y })
    };
    let third = at(&bench, &|target| *target == Target::Row(2));
    bench.give(third);
    assert_eq!(bench.console.table().unwrap().cursor_row(), 2);
    let before = bench.console.table().unwrap().sort;
    let head = at(&bench, &|target| matches!(target, Target::Column(_)));
    bench.give(head);
    assert_ne!(bench.console.table().unwrap().sort, before);
    let tab = at(&bench, &|target| *target == Target::Pane(sagedeck::console::Pane::Users));
    bench.give(tab);
    bench.shows(&["users (all domains)"]);
    bench.give(Message::Mouse(Mouse::Wheel(1)));
    assert_eq!(bench.console.table().unwrap().cursor_row(), 3);
}

#[tokio::test(start_paused = true)]
async fn every_layer_and_pane_draws_at_every_size() {
    for size in [(1, 1), (2, 50), (50, 2), (20, 6), (40, 10), (80, 24), (300, 100)] {
        let mut bench = Bench::start(Setup { size, ..Setup::default() }).await;
        for keys in
            ["1", "2", "3", "4", "5", "9", "?", ":", "a", "ctrl-d", "d", "y", "ctrl-s", "ctrl-r", "shift-t"]
        {
            bench.press(keys);
            bench.draw();
            while !bench.console.dialogs.is_empty() {
                bench.press("esc");
            }
            bench.press("5");
        }
        assert!(!matches!(bench.console.dialogs.last(), Some(Dialog::Confirm(_))));
    }
}
