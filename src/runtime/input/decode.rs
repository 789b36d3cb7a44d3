//! Bytes of a Unix terminal to crossterm's events, in whatever pieces they come; what one sequence means is known
//! to `sequence`. crossterm's own reader is not used on Unix: version 0.29 spins for ever once the terminal is gone
//! (crossterm #793), blocks in the middle of a sequence, and takes a terminal's late answers for keys. Pure: no
//! clock, no file.

mod sequence;

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyModifiers};

use self::sequence::{Front, front, is_final, is_parameter, key, typed};
use super::BROKEN;

/// The most text kept of one paste, in bytes: a list of 10,000 people fits ten times. Of more, the rest is dropped
/// and the paste marked as broken.
pub(super) const MOST_PASTED: usize = 4 * 1024 * 1024;

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

#[cfg(test)]
mod tests;
