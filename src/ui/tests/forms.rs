//! Forms on the screen: at two sizes, without colour, in ASCII, and under any keys.

use proptest::prelude::{ProptestConfig, any, proptest};

use super::fixture::{console, press, type_text};
use super::{draw, screen, text, theme};
use crate::console::{Console, Dialog, Message, Pane, Target};
use crate::ui::theme::{Catalogue, Depth, SymbolSet};

/// A form in which something is filled in, something is wrong and something is missing.
fn newcomer() -> Console {
    let mut console = console(Pane::Users);
    press(&mut console, "n tab");
    type_text(&mut console, "anna_k");
    press(&mut console, "tab tab ctrl-s");
    console
}

#[test]
fn a_form_at_80_columns() {
    insta::assert_snapshot!(screen(&mut newcomer(), 80, 24));
}

#[test]
fn a_form_at_160_columns() {
    insta::assert_snapshot!(screen(&mut newcomer(), 160, 40));
}

#[test]
fn a_form_reads_the_same_in_ascii_and_without_colour() {
    let mono = Catalogue::new(SymbolSet::Ascii, []).theme("mono", Depth::NoColor).unwrap();
    let mut console = newcomer();
    let (buffer, _, cursor) = draw(&mut console, &mono, 80, 24);
    let shown = text(&buffer);
    assert!(shown.is_ascii(), "{shown}");
    for said in ["> Name", "character 5 is `_`", "[ Show the plan ]", "field needs a look: Name"] {
        assert!(shown.contains(said), "`{said}` is not on the screen:\n{shown}");
    }
    assert!(cursor.is_some(), "one sees where one types");
}

#[test]
fn the_field_under_the_cursor_is_on_the_screen_wherever_the_cursor_is() {
    let mut console = console(Pane::Domains);
    press(&mut console, "n");
    let Some(Dialog::Form(form)) = console.dialogs.last() else { panic!("no form") };
    let count = form.fields.len();
    for _ in 0..=count {
        let (_, drawn, _) = draw(&mut console, &theme(), 60, 14);
        let Some(Dialog::Form(form)) = console.dialogs.last() else { panic!("no form") };
        let cursor = form.cursor;
        assert!(drawn.areas.iter().any(|(_, target)| *target == Target::Row(cursor)), "{cursor}");
        press(&mut console, "tab");
    }
}

#[test]
fn a_list_has_the_room_that_a_large_terminal_gives() {
    let mut console = console(Pane::Users);
    press(&mut console, "shift-i tab tab");
    let Some(Dialog::Form(form)) = console.dialogs.last() else { panic!("no form") };
    let list = form.fields.iter().position(|field| field.id == crate::console::FieldId::Rows).unwrap();
    for (height, least) in [(24, 8), (36, 18), (60, 36)] {
        let (buffer, drawn, _) = draw(&mut console, &theme(), 160, height);
        let lines = drawn.areas.iter().filter(|(_, target)| *target == Target::Row(list)).count();
        assert!(lines > least, "{lines} lines of {height}:\n{}", text(&buffer));
        assert!(text(&buffer).contains("[ Show the plan ]"), "{}", text(&buffer));
    }
}

#[test]
fn ten_thousand_pasted_people_are_drawn_by_the_screen_and_not_by_the_list() {
    let mut console = console(Pane::Users);
    press(&mut console, "shift-i tab tab");
    let list: Vec<String> = (0..10_000).map(|at| format!("person-{at}")).collect();
    let _ = console.update(Message::Paste(list.join("\n")));
    let (buffer, drawn, _) = draw(&mut console, &theme(), 160, 48);
    assert!(text(&buffer).contains("10,000 rows: 10000 create"), "{}", text(&buffer));
    assert!(drawn.areas.len() < 200, "{}", drawn.areas.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_keys_leave_a_form_that_can_be_drawn(
        opened in 0_usize..8,
        keys in proptest::collection::vec(any::<proptest::sample::Index>(), 0..60),
        width in 40_u16..=200,
        height in 8_u16..=60,
    ) {
        const OPEN: [&str; 8] = ["2 n", "2 e", "3 n", "3 e", "4 n", "4 e", "shift-i", "space space t"];
        const KEYS: [&str; 28] = [
            "a", "1", "=", ":", "é", "space", "tab", "tab", "shift-tab", "enter", "enter", "up", "down", "left",
            "right", "home", "end", "pageup", "pagedown", "backspace", "delete", "ctrl-u", "ctrl-x", "ctrl-s",
            "ctrl-w", "ctrl-home", "ctrl-end", "/",
        ];
        let mut console = console(Pane::Apps);
        press(&mut console, OPEN[opened]);
        for key in keys {
            press(&mut console, KEYS[key.index(KEYS.len())]);
            if !matches!(console.dialogs.last(), Some(Dialog::Form(_))) {
                break;
            }
        }
        let _ = console.update(Message::Paste("one\ttwo\nthree=four\u{7}\n".to_owned()));
        draw(&mut console, &theme(), width, height);
    }
}
