//! What the screen shows, drawn into cells: at every size, in every face, with and without colour.

use std::sync::Arc;
use std::time::Instant;

use proptest::prelude::{ProptestConfig, any, proptest};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use crate::console::{Console, Dialog, Drawn, Message, Pane, Target, WriteMode};
use crate::fleet::{Answer, Event, ObjectKey, Problem, ProblemKind, Progress, Query, StepState, Timestamp};

use super::theme::{Catalogue, DEFAULT_DARK, Depth, SymbolSet, Theme};
use super::view;

mod changes;
mod fixture;
mod forms;
mod quotas;

use fixture::{answer, console, failure, fresh, press, scope, signed_in, type_text};

fn theme() -> Theme {
    Catalogue::new(SymbolSet::Unicode, []).theme(DEFAULT_DARK, Depth::TrueColor).unwrap()
}

/// Draws, tells the console what was drawn, and draws again, as the program does.
fn draw(console: &mut Console, theme: &Theme, width: u16, height: u16) -> (Buffer, Drawn, Option<Position>) {
    let _ = console.update(Message::Resize { width, height });
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut drawn = Drawn::default();
    for _ in 0..2 {
        terminal.draw(|frame| drawn = view(console, theme, frame)).unwrap();
        console.drawn = drawn.clone();
    }
    let cursor = terminal.backend().cursor_visible().then(|| terminal.get_cursor_position().unwrap());
    (terminal.backend().buffer().clone(), drawn, cursor)
}

fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width.max(1));
    let lines = buffer.content().chunks(width).map(|row| {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn screen(console: &mut Console, width: u16, height: u16) -> String {
    text(&draw(console, &theme(), width, height).0)
}

fn settle(console: &mut Console) {
    // Whatever was asked for is answered by nothing more; the tests do not wait for details.
    let _ = console.update(Message::Tick(console.now));
}

fn with_plan() -> Console {
    let mut console = console(Pane::Apps);
    console.session.write = WriteMode::Demo;
    press(&mut console, "space space space ctrl-d");
    console
}

fn with_operation() -> Console {
    let mut console = with_plan();
    let Some(Dialog::Confirm(confirm)) = console.dialogs.last() else { panic!("no plan is shown") };
    let plan = confirm.plan.clone();
    let states = [
        StepState::Done,
        StepState::Failed(Problem::new(ProblemKind::AccessDenied, "not authorized", "ask for the right")),
        StepState::Verifying,
    ];
    console.operations.start(plan.clone(), None, console.now);
    for (step, state) in states.into_iter().enumerate() {
        let progress = Progress {
            plan: plan.id.clone(),
            event: Event::Step { step, state, request_id: Some(Arc::from("r-1")), produced: None },
        };
        let _ = console.update(Message::Progress(progress));
    }
    press(&mut console, "esc 9");
    console
}

/// Consoles in which every pane and every layer is on show.
fn every_face() -> Vec<(&'static str, Console)> {
    let mut faces: Vec<(&'static str, Console)> = vec![
        ("nothing read", fresh(Pane::Apps, WriteMode::Locked)),
        ("nothing read, overview", fresh(Pane::Overview, WriteMode::ReadOnly)),
        ("overview", console(Pane::Overview)),
        ("domains", console(Pane::Domains)),
        ("users", console(Pane::Users)),
        ("spaces", console(Pane::Spaces)),
        ("apps", console(Pane::Apps)),
        ("operations, none", console(Pane::Operations)),
        ("operations", with_operation()),
        ("confirm", with_plan()),
    ];
    for (name, keys) in [
        ("help", "?"),
        ("palette", ":"),
        ("palette, objects", ": a n n a"),
        ("profiles", "ctrl-p"),
        ("regions", "ctrl-r"),
        ("themes", "shift-t"),
        ("menu", "a"),
        ("unlock", "shift-u x enter"),
        ("export", "ctrl-s"),
        ("details", "d"),
        ("raw", "y"),
        ("raw, searched", "y / i n s t enter n"),
        ("raw, YAML", "y y"),
        ("filter", "/ z z z"),
        ("wrong filter", "/ i d l e >"),
        ("wide", "ctrl-w"),
        ("folded", "ctrl-e"),
        ("help over details", "d ?"),
        ("form", "3 n"),
        ("form, choosing", "3 n enter"),
        ("form, tried", "2 n ctrl-s"),
        ("form with a text", "shift-i tab tab a n n a enter b e n tab"),
        ("form of tags", "space space t t e a m = n l p tab"),
        ("form with what is fixed", "2 e"),
        ("form of a space", "4 e"),
    ] {
        let mut console = console(Pane::Apps);
        press(&mut console, keys);
        faces.push((name, console));
    }
    let mut steps = with_operation();
    press(&mut steps, "d");
    faces.push(("steps", steps));
    let mut leave = with_operation();
    press(&mut leave, "q");
    faces.push(("leave", leave));
    faces
}

#[test]
fn no_size_of_the_terminal_is_too_strange() {
    let mut faces = every_face();
    let theme = theme();
    for (_, console) in &mut faces {
        for (width, height) in [(1, 1), (2, 40), (300, 1), (39, 8), (40, 8), (41, 9), (80, 24), (300, 100)] {
            draw(console, &theme, width, height);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_face_is_drawn_at_any_size(width in 1_u16..=300, height in 1_u16..=100, face in any::<proptest::sample::Index>()) {
        let mut faces = every_face();
        let at = face.index(faces.len());
        draw(&mut faces[at].1, &theme(), width, height);
    }
}

#[test]
fn below_the_least_size_one_line_says_so_and_nothing_can_be_clicked() {
    let mut console = console(Pane::Apps);
    let (buffer, drawn, _) = draw(&mut console, &theme(), 39, 24);
    assert_eq!(text(&buffer).trim_end(), "terminal too small: 40x8 needed");
    assert_eq!(drawn, Drawn::default());
}

#[test]
fn the_apps_at_80_columns() {
    insta::assert_snapshot!(screen(&mut console(Pane::Apps), 80, 24));
}

#[test]
fn the_apps_at_160_columns() {
    let mut console = console(Pane::Apps);
    press(&mut console, "space space shift-left");
    insta::assert_snapshot!(screen(&mut console, 160, 30));
}

#[test]
fn the_overview_at_160_columns() {
    insta::assert_snapshot!(screen(&mut console(Pane::Overview), 160, 48));
}

#[test]
fn a_plan_to_confirm_at_80_columns() {
    insta::assert_snapshot!(screen(&mut with_plan(), 80, 24));
}

#[test]
fn operations_at_120_columns() {
    insta::assert_snapshot!(screen(&mut with_operation(), 120, 16));
}

#[test]
fn the_steps_of_an_operation_stand_under_a_short_list_the_failed_one_first() {
    insta::assert_snapshot!(screen(&mut with_operation(), 160, 48));
}

#[test]
fn steps_that_would_crowd_the_list_are_not_shown() {
    let mut console = with_operation();
    let one = console.operations.list[0].clone();
    console.operations.list = vec![one; 6];
    let shown = screen(&mut console, 80, 24);
    assert_eq!(shown.matches("Stop 3 apps").count(), 6, "{shown}");
    assert!(!shown.contains("not authorized"), "{shown}");
    let shown = screen(&mut console, 160, 48);
    assert_eq!(shown.matches("not authorized").count(), 1, "{shown}");
}

#[test]
fn the_account_and_the_mode_are_shown_at_every_width() {
    let mut console = console(Pane::Apps);
    for (write, word) in [
        (WriteMode::Locked, "LOCKED"),
        (WriteMode::ReadOnly, "READ-ONLY"),
        (WriteMode::Demo, "DEMO"),
        (
            WriteMode::Unlocked {
                account: scope().account().clone(),
                until: Timestamp::from_second(console.now.as_second() + 872).unwrap(),
            },
            "WRITE 14:32 left",
        ),
    ] {
        console.session.write = write;
        console.session.endpoint = Some("http://127.0.0.1:4566".to_owned());
        for folded in [false, true] {
            console.folded = folded;
            for width in [40, 60, 80, 120, 200, 300] {
                let shown = screen(&mut console, width, 12);
                let first = shown.lines().next().unwrap();
                assert!(first.contains(word) && first.contains("prod-ml"), "{width}: {first}");
            }
        }
    }
}

#[test]
fn the_row_of_the_cursor_is_always_visible_and_told_without_colour() {
    let mut console = fixture::with_apps(Pane::Apps, &fixture::many(500));
    let mono = Catalogue::new(SymbolSet::Ascii, []).theme("mono", Depth::NoColor).unwrap();
    for keys in ["down down", "pagedown", "end", "up", "home", "pagedown pagedown"] {
        press(&mut console, keys);
        let (buffer, drawn, _) = draw(&mut console, &mono, 80, 24);
        let row = console.table().unwrap().cursor_row();
        assert!((drawn.first..drawn.first + drawn.rows).contains(&row), "{keys}");
        let area = drawn.areas.iter().find(|(_, target)| *target == Target::Row(row)).unwrap().0;
        let line: String = (area.x..area.x + area.width).map(|x| buffer[(x, area.y)].symbol()).collect();
        assert!(line.starts_with('>'), "{line}");
    }
}

#[test]
fn an_ascii_screen_without_colour_is_ascii_and_has_no_colour() {
    let mono = Catalogue::new(SymbolSet::Ascii, []).theme("mono", Depth::NoColor).unwrap();
    for (name, mut console) in every_face() {
        let (buffer, ..) = draw(&mut console, &mono, 120, 40);
        for cell in buffer.content() {
            // Names, such as the place of a region, keep the letters they are written with.
            let plain = cell.symbol().chars().all(|c| c.is_ascii() || c.is_alphabetic());
            assert!(plain, "{name}: {:?}", cell.symbol());
            assert_eq!(cell.fg, ratatui::buffer::Cell::EMPTY.fg, "{name}");
            assert_eq!(cell.bg, ratatui::buffer::Cell::EMPTY.bg, "{name}");
        }
    }
}

#[test]
fn a_click_means_what_is_drawn_there() {
    let mut console = console(Pane::Apps);
    let (buffer, drawn, _) = draw(&mut console, &theme(), 120, 30);
    let shown = text(&buffer);
    for (area, target) in &drawn.areas {
        let line = shown.lines().nth(usize::from(area.y)).unwrap();
        match target {
            Target::Pane(pane) => assert!(line.contains(pane.title())),
            Target::Column(_) => assert!(line.contains("STATUS")),
            Target::Row(row) => {
                let position = console.table().unwrap().rows[*row] as usize;
                let owner = console.fleet.apps.at(position).unwrap().key.owner.name().clone();
                assert!(line.contains(owner.as_str()), "{line}");
            }
            Target::Tile(..) => panic!("a table has no tiles"),
        }
    }
    assert!(drawn.areas.iter().filter(|(_, target)| matches!(target, Target::Row(_))).count() > 10);
}

#[test]
fn what_lies_under_a_dialog_cannot_be_clicked() {
    let mut console = console(Pane::Apps);
    press(&mut console, "a");
    let (_, drawn, _) = draw(&mut console, &theme(), 120, 30);
    let rows = drawn.areas.iter().filter(|(_, target)| matches!(target, Target::Row(_))).count();
    assert_eq!(rows, drawn.areas.len());
    assert_eq!(rows, console.menu().len());
}

#[test]
fn no_cell_of_any_table_is_blank_and_no_column_is_there_twice() {
    for pane in [Pane::Domains, Pane::Users, Pane::Spaces, Pane::Apps] {
        let mut console = console(pane);
        press(&mut console, "ctrl-w");
        let columns = console.columns();
        for (at, column) in columns.iter().enumerate() {
            assert!(columns[..at].iter().all(|other| other.field != column.field), "{}", column.title);
            for position in &console.table().unwrap().rows {
                let cell = console.cell(column, *position);
                assert!(!cell.text.is_empty(), "{} of {}", column.title, pane.title());
            }
        }
    }
}

#[test]
fn each_face_of_a_table_says_what_it_is() {
    let mut console = fresh(Pane::Apps, WriteMode::Locked);
    assert!(screen(&mut console, 80, 24).contains("reading apps from AWS"));
    signed_in(&mut console);
    let denied = Problem::new(
        ProblemKind::AccessDenied,
        "not authorized to perform sagemaker:ListDomains",
        "Ask for the policy in the README.",
    );
    failure(&mut console, Query::Domains(scope()), denied);
    settle(&mut console);
    let shown = screen(&mut console, 160, 24);
    assert!(shown.contains("no access") && shown.contains("Ask for the policy"), "{shown}");

    let mut console = fixture::console(Pane::Apps);
    press(&mut console, "/");
    type_text(&mut console, "zzz");
    let shown = screen(&mut console, 80, 24);
    assert!(shown.contains("none of 18 apps matches") && shown.contains("/zzz"), "{shown}");
}

#[test]
fn the_terminal_cursor_is_where_text_is_typed_and_nowhere_else() {
    let mut console = console(Pane::Apps);
    assert_eq!(draw(&mut console, &theme(), 100, 30).2, None);
    press(&mut console, "/ a b");
    let (buffer, _, cursor) = draw(&mut console, &theme(), 100, 30);
    let cursor = cursor.unwrap();
    assert_eq!(buffer[(cursor.x - 1, cursor.y)].symbol(), "b");
    press(&mut console, "enter :");
    let (buffer, _, cursor) = draw(&mut console, &theme(), 100, 30);
    let cursor = cursor.unwrap();
    assert_eq!(buffer[(cursor.x - 2, cursor.y)].symbol(), ":");
}

#[test]
fn hostile_names_reach_no_cell() {
    let mut apps = fixture::apps();
    apps[0].instance = Some(Arc::from("ml.\u{202e}evil\u{1b}[31m"));
    let mut console = fixture::with_apps(Pane::Apps, &apps);
    let (buffer, ..) = draw(&mut console, &theme(), 160, 30);
    assert!(buffer.content().iter().all(|cell| !cell.symbol().chars().any(crate::fleet::is_hostile)));
}

#[test]
fn a_frame_over_a_hundred_thousand_rows_costs_no_more_than_one_over_few() {
    let theme = theme();
    let fastest = |count: usize| {
        let mut console = fixture::with_apps(Pane::Apps, &fixture::many(count));
        draw(&mut console, &theme, 200, 60);
        let mut terminal = Terminal::new(TestBackend::new(200, 60)).unwrap();
        let times = (0..20).map(|_| {
            let start = Instant::now();
            terminal.draw(|frame| drop(view(&console, &theme, frame))).unwrap();
            start.elapsed()
        });
        times.min().unwrap()
    };
    let (few, lots) = (fastest(200), fastest(100_000));
    assert!(lots < few * 4, "{few:?} for 200 rows, {lots:?} for 100,000");
}

#[test]
fn a_key_waits_for_no_count_of_the_fleet_and_a_held_key_keeps_none_away() {
    let mut console = fixture::with_apps(Pane::Apps, &fixture::many(50));
    let after =
        |millis: i64| Timestamp::from_millisecond(fixture::now().as_millisecond() + 60_000 + millis).unwrap();
    let _ = console.update(Message::Tick(after(0)));
    let mut app = fixture::many(51).pop().unwrap();
    app.activity = None;
    answer(&mut console, Query::App(app.key.clone()), Answer::App(Box::new(app), Arc::from("{}")));
    let counted = console.census.at();
    let _ = console.update(Message::At(after(100)));
    let _ = console.update(Message::Key("down".parse().unwrap()));
    assert_eq!(console.census.at(), counted, "the key was not kept waiting");
    assert_eq!(console.next_tick(), Some(50), "but it is counted soon");
    let _ = console.update(Message::At(after(1_200)));
    assert_eq!(console.census.at(), after(1_200), "a held key does not keep it away for ever");
    assert_eq!(console.table().unwrap().rows.len(), 51);
}

#[test]
fn the_details_show_tags_and_the_raw_answer() {
    let mut console = console(Pane::Apps);
    press(&mut console, "d");
    let key = console.fleet.apps.at(0).map(|app| ObjectKey::App(app.key.clone())).unwrap();
    answer(&mut console, Query::Tags(key), Answer::Tags(fixture::tags()));
    let shown = screen(&mut console, 120, 60);
    assert!(shown.contains("is it idle") && shown.contains("ARN"), "{shown}");
}
