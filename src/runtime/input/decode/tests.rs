//! What terminals send, and what it is read as.

use crossterm::event::{KeyEvent, MouseButton, MouseEvent, MouseEventKind};

use super::*;

fn decode(bytes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut decoder = Decoder::default();
    decoder.feed(bytes, &mut events);
    if decoder.patience().is_some() {
        decoder.give_up(&mut events);
    }
    assert!(decoder.patience().is_none(), "something is half read for ever");
    events
}

fn press(code: KeyCode) -> Event {
    key(code, KeyModifiers::NONE)
}

/// Every key of the console's default bindings that is not a plain letter, as xterm sends it.
#[test]
fn keys_are_read_as_xterm_sends_them() {
    use KeyModifiers as M;
    let table: &[(&[u8], KeyCode, KeyModifiers)] = &[
        (b"a", KeyCode::Char('a'), M::NONE),
        (b"G", KeyCode::Char('G'), M::SHIFT),
        ("é".as_bytes(), KeyCode::Char('é'), M::NONE),
        ("深".as_bytes(), KeyCode::Char('深'), M::NONE),
        ("🦀".as_bytes(), KeyCode::Char('🦀'), M::NONE),
        (b"\r", KeyCode::Enter, M::NONE),
        (b"\t", KeyCode::Tab, M::NONE),
        (b"\x1b[Z", KeyCode::BackTab, M::SHIFT),
        (b"\x7f", KeyCode::Backspace, M::NONE),
        (b"\x03", KeyCode::Char('c'), M::CONTROL),
        (b"\x04", KeyCode::Char('d'), M::CONTROL),
        (b"\x1c", KeyCode::Char('\\'), M::CONTROL),
        (b"\x00", KeyCode::Char(' '), M::CONTROL),
        (b"\x1b", KeyCode::Esc, M::NONE),
        (b"\x1b[A", KeyCode::Up, M::NONE),
        (b"\x1bOB", KeyCode::Down, M::NONE),
        (b"\x1b[1;2D", KeyCode::Left, M::SHIFT),
        (b"\x1b[1;5C", KeyCode::Right, M::CONTROL),
        (b"\x1b[H", KeyCode::Home, M::NONE),
        (b"\x1b[4~", KeyCode::End, M::NONE),
        (b"\x1b[5~", KeyCode::PageUp, M::NONE),
        (b"\x1b[6;3~", KeyCode::PageDown, M::ALT),
        (b"\x1b[3~", KeyCode::Delete, M::NONE),
        (b"\x1bOP", KeyCode::F(1), M::NONE),
        (b"\x1b[[B", KeyCode::F(2), M::NONE),
        (b"\x1b[1;2R", KeyCode::F(3), M::SHIFT),
        (b"\x1b[15~", KeyCode::F(5), M::NONE),
        (b"\x1b[24~", KeyCode::F(12), M::NONE),
        (b"\x1bx", KeyCode::Char('x'), M::ALT),
        (b"\x1b]", KeyCode::Char(']'), M::ALT),
        (b"\x1b[", KeyCode::Char('['), M::ALT),
        (b"\x1b\x01", KeyCode::Char('a'), M::ALT.union(M::CONTROL)),
        (b"\x1b[27;5;32~", KeyCode::Char(' '), M::CONTROL),
        (b"\x1b[100;5u", KeyCode::Char('d'), M::CONTROL),
    ];
    for (bytes, code, modifiers) in table {
        assert_eq!(decode(bytes), [key(*code, *modifiers)], "{}", bytes.escape_ascii());
    }
}

#[test]
fn the_mouse_is_read_in_both_encodings() {
    let left =
        |kind, column, row| Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
    let button = MouseButton::Left;
    assert_eq!(decode(b"\x1b[<0;10;3M"), [left(MouseEventKind::Down(button), 9, 2)]);
    assert_eq!(decode(b"\x1b[<0;10;3m"), [left(MouseEventKind::Up(button), 9, 2)]);
    assert_eq!(decode(b"\x1b[<32;300;1M"), [left(MouseEventKind::Drag(button), 299, 0)]);
    assert_eq!(decode(b"\x1b[<64;1;1M"), [left(MouseEventKind::ScrollUp, 0, 0)]);
    assert_eq!(decode(b"\x1b[<65;1;1M"), [left(MouseEventKind::ScrollDown, 0, 0)]);
    assert_eq!(decode(b"\x1b[M !!"), [left(MouseEventKind::Down(button), 0, 0)]);
    assert_eq!(decode(b"\x1b[M#!!"), [left(MouseEventKind::Up(button), 0, 0)]);
}

#[test]
fn f79_broken_mouse_reports_and_non_utf8_are_discarded() {
    for noise in [
        &b"\x1b[<0;10M"[..],
        b"\x1b[<M",
        b"\x1b[<99999999999;1;1M",
        b"\x1b[<0;70000;1M",
        b"\x1b[<35;1;1M",
        b"\xff\xfe",
        b"\xc3",
        b"\xe2\x82",
        b"\xc2\x9b",
        b"\xed\xa0\x80",
        b"\x1b[999~",
        b"\x1b[1;1",
    ] {
        assert_eq!(decode(noise), [], "{}", noise.escape_ascii());
    }
    assert_eq!(decode(b"\xe2\x82q"), [press(KeyCode::Char('q'))]);
}

#[test]
fn f82_answers_of_the_terminal_are_not_keys() {
    for answer in [
        &b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\"[..],
        b"\x1b]52;c;c3RvcCBhbGw=\x07",
        b"\x1b[?62;22c",
        b"\x1b[>0;276;0c",
        b"\x1b[24;80R",
        b"\x1b[?2026;2$y",
        b"\x1bP1+r544e=787465726d\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\",
    ] {
        let mut bytes = answer.to_vec();
        bytes.push(b'k');
        assert_eq!(decode(&bytes), [press(KeyCode::Char('k'))], "{}", answer.escape_ascii());
    }
}

#[test]
fn an_answer_cut_short_does_not_swallow_what_follows_it() {
    assert_eq!(decode(b"\x1b]11;rgb:1e\x1b[A"), [press(KeyCode::Up)]);
}

#[test]
fn focus_is_reported() {
    assert_eq!(decode(b"\x1b[I\x1b[O"), [Event::FocusGained, Event::FocusLost]);
}

#[test]
fn a_paste_is_one_event_whatever_it_contains() {
    assert_eq!(
        decode(b"\x1b[200~line one\r\n\x1b[Aq\x04two\x1b[201~j"),
        [Event::Paste("line one\n\u{1b}[Aq\u{4}two".to_owned()), press(KeyCode::Char('j'))]
    );
}

#[test]
fn f77_a_paste_bomb_is_cut_and_nothing_of_it_is_a_key() {
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.extend("yes\r\x1b".bytes().cycle().take(10_000_000));
    bytes.extend_from_slice(b"\x1b[201~");
    let mut events = Vec::new();
    let mut decoder = Decoder::default();
    for chunk in bytes.chunks(4096) {
        decoder.feed(chunk, &mut events);
        assert!(decoder.pending.len() < 4096 + PASTE_END.len());
    }
    assert!(matches!(events.as_slice(), [Event::Paste(text)]
        if text.len() <= MOST_PASTED + BROKEN.len_utf8() && text.ends_with(BROKEN)));
}

#[test]
fn a_paste_that_never_ends_gives_the_keyboard_back() {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    decoder.feed(b"\x1b[200~half\x1b[20", &mut events);
    assert_eq!(decoder.patience(), Some(AFTER_PASTE));
    decoder.give_up(&mut events);
    decoder.feed(b"q", &mut events);
    assert_eq!(events, [Event::Paste(format!("half\u{1b}[20{BROKEN}")), press(KeyCode::Char('q'))]);
}

#[test]
fn a_sequence_that_never_ends_is_noise() {
    let endless = [b"\x1b[".as_slice(), &[b'1'; 500]].concat();
    assert_eq!(decode(&endless), []);
    let mut events = Vec::new();
    let mut decoder = Decoder::default();
    for byte in endless.iter().chain(b"Aq") {
        decoder.feed(&[*byte], &mut events);
    }
    assert_eq!(events, [press(KeyCode::Char('q'))]);
}

/// Bytes with the parts of sequences in them far more often than chance would give.
fn terminal_bytes() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    let part = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        prop::sample::select(vec![
            &b"\x1b"[..],
            b"\x1b[",
            b"\x1bO",
            b"\x1b]",
            b"\x1b[<",
            b"\x1b[M",
            b";",
            b"1",
            b"5",
            b"~",
            b"A",
            b"R",
            b"u",
            b"\x07",
            b"\x1b\\",
            b"\x1b[200~",
            b"\x1b[201~",
            b"\xe2\x82",
            b"\xac",
        ])
        .prop_map(<[u8]>::to_vec),
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest::proptest! {
    #[test]
    fn bytes_mean_the_same_in_whatever_pieces_they_come(bytes in terminal_bytes()) {
        let mut at_once = Vec::new();
        let mut whole = Decoder::default();
        whole.feed(&bytes, &mut at_once);
        let mut one_by_one = Vec::new();
        let mut pieces = Decoder::default();
        for byte in &bytes {
            pieces.feed(&[*byte], &mut one_by_one);
        }
        whole.give_up(&mut at_once);
        pieces.give_up(&mut one_by_one);
        proptest::prop_assert_eq!(at_once, one_by_one);
    }

    #[test]
    fn f79_no_bytes_make_a_control_character_a_key(bytes in terminal_bytes()) {
        for event in decode(&bytes) {
            if let Event::Key(KeyEvent { code: KeyCode::Char(character), .. }) = event {
                proptest::prop_assert!(!character.is_control());
            }
        }
    }
}
