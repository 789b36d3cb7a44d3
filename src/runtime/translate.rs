//! Events of the terminal as messages of the console.

use crossterm::event::{Event, KeyCode as Code, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};

use crate::console::{Key, KeyCode, Message, Mouse};

use super::input::{Arrival, BROKEN};

/// The message an event of the terminal means; none for what the console has no use for.
pub(super) fn translate(arrival: Arrival) -> Option<Message> {
    match arrival.event {
        Event::Key(event) => Some(Message::Key(key(event)?)),
        Event::Paste(text) if text.ends_with(BROKEN) => {
            Some(Message::PasteBroken { lines: text.lines().count() })
        }
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(width, height) => Some(Message::Resize { width, height }),
        Event::FocusGained => Some(Message::Focus(true)),
        Event::FocusLost => Some(Message::Focus(false)),
        Event::Mouse(event) => {
            let mouse = match event.kind {
                MouseEventKind::Down(MouseButton::Left) => Mouse::Click { x: event.column, y: event.row },
                MouseEventKind::ScrollDown => Mouse::Wheel(1),
                MouseEventKind::ScrollUp => Mouse::Wheel(-1),
                _ => return None,
            };
            Some(Message::Mouse(mouse))
        }
    }
}

/// A key as the console writes it.
fn key(event: KeyEvent) -> Option<Key> {
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    let shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let code = match event.code {
        // Terminals send the bytes 0x1c to 0x1f for these; crossterm names them by digits.
        Code::Char('4') if ctrl => KeyCode::Char('\\'),
        Code::Char('5') if ctrl => KeyCode::Char(']'),
        Code::Char('6') if ctrl => KeyCode::Char('^'),
        Code::Char('7') if ctrl => KeyCode::Char('/'),
        Code::Char(c) => KeyCode::Char(c),
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Esc,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Insert => KeyCode::Insert,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        Code::F(n) => KeyCode::F(n),
        _ => return None,
    };
    Some(Key::normal(code, ctrl, alt, shift))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn arrival(event: Event) -> Arrival {
        Arrival { event, at: Instant::now() }
    }

    fn press(code: Code, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn a_paste_without_its_end_is_said_to_be_broken_and_nothing_of_it_is_passed_on() {
        let broken = arrival(Event::Paste(format!("anna\nben\nch{BROKEN}")));
        assert_eq!(translate(broken), Some(Message::PasteBroken { lines: 3 }));
        let whole = arrival(Event::Paste("anna\n".to_owned()));
        assert_eq!(translate(whole), Some(Message::Paste("anna\n".to_owned())));
    }

    #[test]
    fn keys_arrive_as_they_are_written() {
        let cases = [
            (press(Code::Char('D'), KeyModifiers::SHIFT), "shift-d"),
            (press(Code::Char('d'), KeyModifiers::CONTROL), "ctrl-d"),
            (press(Code::Char('4'), KeyModifiers::CONTROL), "ctrl-\\"),
            (press(Code::Char(' '), KeyModifiers::CONTROL), "ctrl-space"),
            (press(Code::Left, KeyModifiers::SHIFT), "shift-left"),
            (press(Code::BackTab, KeyModifiers::SHIFT), "shift-tab"),
        ];
        for (event, written) in cases {
            let message = translate(arrival(event)).unwrap();
            assert_eq!(message, Message::Key(written.parse().unwrap()), "{written}");
        }
    }
}
