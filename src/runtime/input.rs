//! What the user does at the terminal, in batches: keys, pastes, mouse, focus and size, until the terminal is
//! gone. Knows crossterm's events; not what they mean to the console.

mod burst;
#[cfg(unix)]
mod decode;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyEventKind, MouseEventKind};
use tokio::sync::mpsc;

use self::burst::Burst;
#[cfg(unix)]
use self::unix::{Reader, Resizes};
#[cfg(windows)]
use self::windows::{Reader, Resizes};

#[cfg(unix)]
pub(super) use self::unix::tty;

/// Batches the reader may be ahead by; beyond that the system holds the bytes back.
const QUEUED: usize = 256;

/// How long to wait for the reader to notice a pause.
const PAUSE_PATIENCE: Duration = Duration::from_millis(250);

/// Stands at the end of a paste whose own end is missing: it was longer than is kept, or broke off. A character
/// that nobody can type and no font has.
pub(super) const BROKEN: char = '\u{10fffd}';

/// One event and when it reached the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// What happened. Key releases and bare mouse motion are left out. A paste holds at most 4 MiB, and keys
    /// that came faster than anybody types, as from a terminal that does not bracket pastes, are one.
    pub event: Event,
    /// When it was read from the terminal. A key that arrived before a question was on the screen was not an
    /// answer to it.
    pub at: Instant,
}

/// The user's input.
pub struct Input {
    batches: mpsc::Receiver<Vec<Arrival>>,
    reader: Reader,
    resizes: Resizes,
    burst: Burst,
    gone: bool,
}

impl Input {
    /// Starts reading the terminal: standard input if that is one, else the controlling terminal. Must be
    /// called inside a tokio runtime, with the terminal already entered.
    ///
    /// # Errors
    ///
    /// When there is no terminal to read, or the system refuses a thread or a signal handler.
    pub fn start() -> io::Result<Self> {
        let (sender, batches) = mpsc::channel(QUEUED);
        let resizes = Resizes::listen()?;
        let reader = Reader::start(sender)?;
        Ok(Self { batches, reader, resizes, burst: Burst::default(), gone: false })
    }

    /// Everything that arrived since the last call, waiting if that is nothing; `None`, from then on for ever,
    /// when the terminal is gone. Apply a whole batch, then draw once. Safe to cancel: nothing is lost.
    pub async fn next_batch(&mut self) -> Option<Vec<Arrival>> {
        loop {
            if self.gone {
                return None;
            }
            let mut resized = false;
            let mut batch = tokio::select! {
                biased;
                read = self.batches.recv() => {
                    self.gone = read.is_none();
                    read?
                }
                () = self.resizes.next() => {
                    resized = true;
                    Vec::new()
                }
            };
            while let Ok(more) = self.batches.try_recv() {
                batch.extend(more);
            }
            tidy(&mut batch);
            self.burst.join_pasted(&mut batch);
            if resized && let Ok((columns, rows)) = crossterm::terminal::size() {
                batch.push(Arrival::now(Event::Resize(columns, rows)));
            }
            if !batch.is_empty() {
                return Some(batch);
            }
        }
    }

    /// Stops reading, so that another program can, and forgets what was read but not asked for.
    pub async fn pause(&mut self) {
        let paused = self.reader.pause();
        let forget = async {
            let mut paused = std::pin::pin!(paused);
            loop {
                tokio::select! {
                    biased;
                    // Taking batches off the queue also frees a reader that waits for room in it.
                    read = self.batches.recv(), if !self.gone => self.gone = read.is_none(),
                    _acknowledged = &mut paused => break,
                }
            }
        };
        if tokio::time::timeout(PAUSE_PATIENCE, forget).await.is_err() {
            tracing::warn!("the input reader did not pause in time");
        }
        while self.batches.try_recv().is_ok() {}
    }

    /// Reads again after [`pause`](Self::pause).
    pub fn resume(&mut self) {
        self.reader.resume();
    }
}

impl Arrival {
    fn now(event: Event) -> Self {
        Self { event, at: Instant::now() }
    }
}

/// Drops what nobody asked for, and all but the last of what only its end matters.
fn tidy(batch: &mut Vec<Arrival>) {
    batch.retain(|arrival| match &arrival.event {
        Event::Key(key) => key.kind != KeyEventKind::Release,
        Event::Mouse(mouse) => mouse.kind != MouseEventKind::Moved,
        _ => true,
    });
    // `dedup_by` keeps the first of a run: walk backwards so that this is the last one.
    batch.reverse();
    batch.dedup_by(|earlier, later| match (&earlier.event, &later.event) {
        (Event::Mouse(earlier), Event::Mouse(later)) => {
            matches!(earlier.kind, MouseEventKind::Drag(_)) && earlier.kind == later.kind
        }
        (Event::Resize(..), Event::Resize(..)) => true,
        _ => false,
    });
    batch.reverse();
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent};

    use super::*;

    fn drag(column: u16) -> Arrival {
        mouse(MouseEventKind::Drag(MouseButton::Left), column)
    }

    fn mouse(kind: MouseEventKind, column: u16) -> Arrival {
        Arrival::now(Event::Mouse(MouseEvent { kind, column, row: 0, modifiers: KeyModifiers::NONE }))
    }

    #[test]
    fn f71_of_a_storm_only_the_last_size_and_the_last_place_of_a_drag_are_kept() {
        let mut batch: Vec<Arrival> =
            (0..1000).map(|size| Arrival::now(Event::Resize(size, 10))).chain([drag(1), drag(2)]).collect();
        let kept = [batch[999].clone(), batch[1001].clone()];
        tidy(&mut batch);
        assert_eq!(batch, kept);
    }

    #[test]
    fn every_turn_of_the_wheel_counts() {
        let mut batch = vec![mouse(MouseEventKind::ScrollDown, 0), mouse(MouseEventKind::ScrollDown, 0)];
        tidy(&mut batch);
        assert_eq!(batch.len(), 2);
    }

    #[test]
    fn key_releases_and_bare_motion_are_left_out() {
        let release = KeyEvent::new_with_kind(KeyCode::Char('y'), KeyModifiers::NONE, KeyEventKind::Release);
        let mut batch = vec![Arrival::now(Event::Key(release)), mouse(MouseEventKind::Moved, 3)];
        tidy(&mut batch);
        assert_eq!(batch, []);
    }
}
