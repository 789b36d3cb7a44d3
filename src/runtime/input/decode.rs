//! Bytes of a Unix terminal to crossterm's events. crossterm's own reader is not used on Unix: version 0.29
//! spins for ever once the terminal is gone (crossterm #793), blocks in the middle of a sequence, and takes a
//! terminal's late answers for keys. Pure: no clock, no file.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::BROKEN;

/// The most text kept of one paste, in bytes: a list of 10,000 people fits ten times. Of more, the rest is dropped
/// and the paste marked as broken.
pub(super) const MOST_PASTED: usize = 4 * 1024 * 1024;

/// The most parameter bytes of a sequence that can mean anything.
const LONGEST_SEQUENCE: usize = 64;

/// How long to wait for the rest of a sequence before its first bytes count as keys (`esc`, `alt-[`).
const AFTER_ESCAPE: Duration = Duration::from_millis(20);
/// How long to wait for the rest of a longer sequence before it is thrown away.
const AFTER_SEQUENCE: Duration = Duration::from_millis(200);
/// How long a terminal's answer may pause.
const AFTER_ANSWER: Duration = Duration::from_millis(500);
/// How long a paste may pause. Generous: what is taken for typed afterwards would be run as keys.
const AFTER_PASTE: Duration = Duration::from_secs(10);

const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns bytes, in whatever pieces they come, into events.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    mode: Mode,
    /// Bytes that do not make up an event yet.
    pending: Vec<u8>,
}

#[derive(Debug, Default)]
enum Mode {
    #[default]
    Keys,
    /// Between the brackets of a paste.
    Paste(Vec<u8>),
    /// Inside a string the terminal sends as an answer (OSC, DCS, APC, PM, SOS): never keys.
    Answer,
    /// Inside a sequence too long to mean anything.
    Overlong,
}

/// What the front of the pending bytes is.
enum Front {
    /// An event and its length.
    Event(Event, usize),
    /// So many bytes that mean nothing here.
    Noise(usize),
    /// A paste starts after so many bytes.
    Paste(usize),
    /// A terminal's answer starts after so many bytes.
    Answer(usize),
    /// So many bytes of a sequence that has not ended where any known one would have.
    Overlong(usize),
    /// The start of something: more bytes are needed to tell.
    Unfinished,
}

impl Decoder {
    /// Takes `bytes` and appends the events they complete to `events`.
    pub(super) fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        self.pending.extend_from_slice(bytes);
        let pending = std::mem::take(&mut self.pending);
        let mut rest = pending.as_slice();
        while !rest.is_empty() {
            let Some(used) = self.take_front(rest, events) else { break };
            rest = &rest[used..];
        }
        self.pending = rest.to_vec();
    }

    /// How long to wait for more bytes before [`give_up`](Self::give_up); `None` when nothing is half read.
    pub(super) fn patience(&self) -> Option<Duration> {
        match self.mode {
            Mode::Paste(_) => Some(AFTER_PASTE),
            Mode::Answer => Some(AFTER_ANSWER),
            Mode::Overlong => Some(AFTER_SEQUENCE),
            Mode::Keys => match self.pending.len() {
                0 => None,
                1 | 2 => Some(AFTER_ESCAPE),
                _ => Some(AFTER_SEQUENCE),
            },
        }
    }

    /// Ends what is half read: no more bytes came in time.
    pub(super) fn give_up(&mut self, events: &mut Vec<Event>) {
        let pending = std::mem::take(&mut self.pending);
        match std::mem::take(&mut self.mode) {
            Mode::Paste(mut text) => {
                keep(&mut text, &pending);
                events.push(pasted(&text, false));
            }
            Mode::Answer | Mode::Overlong => {}
            Mode::Keys => match pending.as_slice() {
                [0x1b] => events.push(key(KeyCode::Esc, KeyModifiers::NONE)),
                [0x1b, byte] if byte.is_ascii_graphic() => {
                    events.push(typed(char::from(*byte), KeyModifiers::ALT));
                }
                _ => {}
            },
        }
    }

    /// Handles the front of `rest`; answers how many bytes that was, or `None` when more are needed.
    fn take_front(&mut self, rest: &[u8], events: &mut Vec<Event>) -> Option<usize> {
        match &mut self.mode {
            Mode::Paste(text) => {
                if let Some(end) = find(rest, PASTE_END) {
                    keep(text, &rest[..end]);
                    events.push(pasted(text, true));
                    self.mode = Mode::Keys;
                    return Some(end + PASTE_END.len());
                }
                // The end mark may have come in part.
                let sure = rest.len() - unfinished_tail(rest, PASTE_END);
                keep(text, &rest[..sure]);
                (sure > 0).then_some(sure)
            }
            Mode::Answer => match rest.iter().position(|byte| matches!(byte, 0x07 | 0x1b)) {
                None => Some(rest.len()),
                Some(end) if rest[end] == 0x07 => {
                    self.mode = Mode::Keys;
                    Some(end + 1)
                }
                // `ESC \` ends the string; any other escape starts something new, and the string was cut short.
                Some(end) => match rest.get(end + 1) {
                    None => (end > 0).then_some(end),
                    Some(next) => {
                        self.mode = Mode::Keys;
                        Some(if *next == b'\\' { end + 2 } else { end })
                    }
                },
            },
            Mode::Overlong => match rest.iter().position(|byte| !is_parameter(*byte)) {
                None => Some(rest.len()),
                Some(end) => {
                    self.mode = Mode::Keys;
                    Some(if is_final(rest[end]) { end + 1 } else { end })
                }
            },
            Mode::Keys => match front(rest) {
                Front::Event(event, used) => {
                    events.push(event);
                    Some(used)
                }
                Front::Noise(used) => Some(used),
                Front::Paste(used) => {
                    self.mode = Mode::Paste(Vec::new());
                    Some(used)
                }
                Front::Answer(used) => {
                    self.mode = Mode::Answer;
                    Some(used)
                }
                Front::Overlong(used) => {
                    self.mode = Mode::Overlong;
                    Some(used)
                }
                Front::Unfinished => None,
            },
        }
    }
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

/// A character key; capitals carry `shift`, as crossterm reports them elsewhere.
fn typed(character: char, modifiers: KeyModifiers) -> Event {
    let shift = if character.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    key(KeyCode::Char(character), modifiers | shift)
}

fn pasted(text: &[u8], ended: bool) -> Event {
    // One byte more than is kept shows that there was more.
    let whole = ended && text.len() <= MOST_PASTED;
    let kept = &text[..text.len().min(MOST_PASTED)];
    // Terminals send the ends of lines as the enter key would.
    let mut text = String::from_utf8_lossy(kept).replace("\r\n", "\n").replace('\r', "\n");
    if !whole {
        // Cutting at the limit may leave half a character.
        if text.ends_with('\u{fffd}') {
            text.pop();
        }
        text.push(BROKEN);
    }
    Event::Paste(text)
}

fn keep(text: &mut Vec<u8>, more: &[u8]) {
    let room = (MOST_PASTED + 1).saturating_sub(text.len());
    text.extend_from_slice(&more[..more.len().min(room)]);
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

/// How many bytes at the end of `bytes` could be the start of `mark`.
fn unfinished_tail(bytes: &[u8], mark: &[u8]) -> usize {
    (1..mark.len()).rev().find(|length| bytes.ends_with(&mark[..*length])).unwrap_or(0)
}

fn front(bytes: &[u8]) -> Front {
    let control = |character: char| Front::Event(key(KeyCode::Char(character), KeyModifiers::CONTROL), 1);
    match bytes[0] {
        0x1b => escape(bytes),
        b'\r' => Front::Event(key(KeyCode::Enter, KeyModifiers::NONE), 1),
        b'\t' => Front::Event(key(KeyCode::Tab, KeyModifiers::NONE), 1),
        0x7f => Front::Event(key(KeyCode::Backspace, KeyModifiers::NONE), 1),
        0 => control(' '),
        byte @ 0x01..=0x1a => control(char::from(byte - 1 + b'a')),
        byte @ 0x1c..=0x1f => control(char::from(byte - 0x1c + b'\\')),
        byte @ 0x20..=0x7e => Front::Event(typed(char::from(byte), KeyModifiers::NONE), 1),
        byte => character(bytes, byte),
    }
}

/// A character of several bytes; anything that is not UTF-8, and C1 controls, is noise.
fn character(bytes: &[u8], first: u8) -> Front {
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Front::Noise(1),
    };
    let Some(encoded) = bytes.get(..length) else {
        let continued = bytes[1..].iter().all(|byte| (0x80..0xc0).contains(byte));
        return if continued { Front::Unfinished } else { Front::Noise(1) };
    };
    match std::str::from_utf8(encoded).ok().and_then(|text| text.chars().next()) {
        Some(character) if !character.is_control() => {
            Front::Event(typed(character, KeyModifiers::NONE), length)
        }
        Some(_) => Front::Noise(length),
        None => Front::Noise(1),
    }
}

fn escape(bytes: &[u8]) -> Front {
    match bytes.get(1) {
        None => Front::Unfinished,
        Some(b'[') => control_sequence(bytes),
        Some(b'O') => match bytes.get(2) {
            None => Front::Unfinished,
            Some(0x1b) => Front::Event(typed('O', KeyModifiers::ALT), 2),
            Some(b'M') => Front::Event(key(KeyCode::Enter, KeyModifiers::NONE), 3),
            Some(last) => named_key(*last)
                .map_or(Front::Noise(3), |code| Front::Event(key(code, KeyModifiers::NONE), 3)),
        },
        Some(b']' | b'P' | b'_' | b'^' | b'X') => {
            if bytes.len() == 2 {
                Front::Unfinished
            } else {
                Front::Answer(2)
            }
        }
        Some(0x1b) => Front::Event(key(KeyCode::Esc, KeyModifiers::NONE), 1),
        Some(_) => match front(&bytes[1..]) {
            Front::Event(Event::Key(mut pressed), used) => {
                pressed.modifiers |= KeyModifiers::ALT;
                Front::Event(Event::Key(pressed), used + 1)
            }
            Front::Noise(used) => Front::Noise(used + 1),
            other => other,
        },
    }
}

/// `ESC [` parameters final: cursor and function keys, mouse, focus, paste, and answers to queries.
fn control_sequence(bytes: &[u8]) -> Front {
    let body = &bytes[2..];
    if body.first() == Some(&b'[') {
        // The Linux console: `ESC [ [ A` is F1.
        return match body.get(1) {
            None => Front::Unfinished,
            Some(last @ b'A'..=b'E') => Front::Event(key(KeyCode::F(last - b'A' + 1), KeyModifiers::NONE), 4),
            Some(_) => Front::Noise(3),
        };
    }
    let end = body.iter().position(|byte| !is_parameter(*byte));
    if end.unwrap_or(body.len()) > LONGEST_SEQUENCE {
        return Front::Overlong(2);
    }
    let Some(end) = end else { return Front::Unfinished };
    let (parameters, last) = (&body[..end], body[end]);
    let used = 2 + end + 1;
    if !is_final(last) {
        // Broken off by something else, which is read on its own.
        return Front::Noise(used - 1);
    }
    let event = match (parameters.first(), last) {
        (None, b'M') => {
            return match body.get(1..4) {
                None => Front::Unfinished,
                Some(report) => mouse_of_old(report).map_or(Front::Noise(6), |event| Front::Event(event, 6)),
            };
        }
        (Some(b'<'), b'M' | b'm') => mouse(&numbers(&parameters[1..]), last == b'm'),
        (Some(b'<' | b'=' | b'>' | b'?'), _) => None,
        (None, b'I') => Some(Event::FocusGained),
        (None, b'O') => Some(Event::FocusLost),
        (_, b'~') => match numbers(parameters).as_slice() {
            [200, ..] => return Front::Paste(used),
            [27, modifiers, code, ..] => any_key(*code, *modifiers),
            [code, rest @ ..] => numbered_key(*code).map(|code| key(code, modifiers(rest.first()))),
            [] => None,
        },
        (_, b'u') => match numbers(parameters).as_slice() {
            [code, rest @ ..] => any_key(*code, rest.first().copied().unwrap_or(1)),
            [] => None,
        },
        (_, b'Z') => Some(key(KeyCode::BackTab, KeyModifiers::SHIFT)),
        // `ESC [ row ; column R` is where the cursor is; only with row 1 and few columns can it be F3.
        (_, b'R') if !matches!(numbers(parameters).as_slice(), [] | [1, 2..=16]) => None,
        _ => named_key(last).map(|code| key(code, modifiers(numbers(parameters).get(1)))),
    };
    event.map_or(Front::Noise(used), |event| Front::Event(event, used))
}

fn is_parameter(byte: u8) -> bool {
    (0x20..=0x3f).contains(&byte)
}

fn is_final(byte: u8) -> bool {
    (0x40..=0x7e).contains(&byte)
}

/// The parameters of a sequence, each without its sub-parameters; one left out counts as 0, and one that is no
/// number as one that nothing is numbered with.
fn numbers(parameters: &[u8]) -> Vec<u32> {
    if parameters.is_empty() {
        return Vec::new();
    }
    parameters
        .split(|byte| *byte == b';')
        .map(|parameter| {
            let digits = parameter.split(|byte| *byte == b':').next().unwrap_or_default();
            let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
            if digits.is_empty() { 0 } else { number.unwrap_or(u32::MAX) }
        })
        .collect()
}

/// xterm counts modifiers from one: 1 none, 2 shift, 3 alt, 5 control, and their sums.
fn modifiers(parameter: Option<&u32>) -> KeyModifiers {
    let bits = parameter.copied().unwrap_or(1).saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
    ] {
        modifiers.set(modifier, bits & bit != 0);
    }
    modifiers
}

fn named_key(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

fn numbered_key(code: u32) -> Option<KeyCode> {
    let function = |first: u32, number: u8| KeyCode::F(number + (code - first) as u8);
    Some(match code {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => function(11, 1),
        17..=21 => function(17, 6),
        23..=26 => function(23, 11),
        28..=29 => function(28, 15),
        31..=34 => function(31, 17),
        _ => return None,
    })
}

/// A key by its Unicode number, as terminals with extended keys report it.
fn any_key(code: u32, modifier_parameter: u32) -> Option<Event> {
    let modifiers = modifiers(Some(&modifier_parameter));
    Some(match code {
        9 if modifiers.contains(KeyModifiers::SHIFT) => key(KeyCode::BackTab, modifiers),
        9 => key(KeyCode::Tab, modifiers),
        13 => key(KeyCode::Enter, modifiers),
        27 => key(KeyCode::Esc, modifiers),
        127 => key(KeyCode::Backspace, modifiers),
        _ => {
            let character = char::from_u32(code).filter(|character| !character.is_control())?;
            typed(character, modifiers)
        }
    })
}

/// `ESC [ < button ; column ; row M`, or `m` when released.
fn mouse(numbers: &[u32], released: bool) -> Option<Event> {
    let [button, column, row] = *numbers else { return None };
    let place = |number: u32| u16::try_from(number).ok().map(|number| number.saturating_sub(1));
    mouse_event(button, place(column)?, place(row)?, released)
}

/// `ESC [ M` and three bytes, each 32 too large.
fn mouse_of_old(report: &[u8]) -> Option<Event> {
    let [button, column, row] = *report else { return None };
    let place = |byte: u8| u16::from(byte.saturating_sub(33));
    mouse_event(u32::from(button.checked_sub(32)?), place(column), place(row), false)
}

fn mouse_event(bits: u32, column: u16, row: u16, released: bool) -> Option<Event> {
    let dragging = bits & 0x20 != 0;
    let button = match bits & 0b11 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (bits >> 6, button) {
        (0, Some(button)) if dragging => MouseEventKind::Drag(button),
        (0, Some(button)) if released => MouseEventKind::Up(button),
        (0, Some(button)) => MouseEventKind::Down(button),
        (0, None) if !dragging => MouseEventKind::Up(MouseButton::Left),
        (1, _) => match bits & 0b11 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::ScrollDown,
            2 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        },
        _ => return None,
    };
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)] {
        modifiers.set(modifier, bits & bit != 0);
    }
    Some(Event::Mouse(MouseEvent { kind, column, row, modifiers }))
}

#[cfg(test)]
mod tests {
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
}
