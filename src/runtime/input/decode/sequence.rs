//! What the bytes at the front of a terminal's input mean: characters, keys, the mouse, or the start of something
//! longer. Knows nothing of what came before or how long to wait.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// The most parameter bytes of a sequence that can mean anything.
const LONGEST_SEQUENCE: usize = 64;

/// What the front of the pending bytes is.
pub(super) enum Front {
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

/// A press of a key.
pub(super) fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

/// A character key; capitals carry `shift`, as crossterm reports them elsewhere.
pub(super) fn typed(character: char, modifiers: KeyModifiers) -> Event {
    let shift = if character.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    key(KeyCode::Char(character), modifiers | shift)
}
/// What so many bytes, at least one, begin with.
pub(super) fn front(bytes: &[u8]) -> Front {
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

/// Whether a byte is one of the parameters of a sequence.
pub(super) fn is_parameter(byte: u8) -> bool {
    (0x20..=0x3f).contains(&byte)
}

/// Whether a byte ends a sequence.
pub(super) fn is_final(byte: u8) -> bool {
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
