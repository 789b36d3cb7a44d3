//! Tells typing from pasting where the terminal does not bracket pastes: nobody types that fast. Pure.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyModifiers};

use super::Arrival;

/// More text keys than this within [`WINDOW`] are a paste. A held key repeats at about 30 a second.
const MOST_TYPED: usize = 20;
const WINDOW: Duration = Duration::from_millis(50);

/// Remembers the last text keys.
#[derive(Debug, Default)]
pub(super) struct Burst {
    recent: VecDeque<Instant>,
    /// A paste goes on until this long after its last key.
    until: Option<Instant>,
}

impl Burst {
    /// Marks the keys of `batch` that belong to a paste. Those at its start, already handed out in an earlier
    /// batch, can no longer be marked.
    pub(super) fn mark(&mut self, batch: &mut [Arrival]) {
        for index in 0..batch.len() {
            let now = batch[index].at;
            if !is_text(&batch[index].event) {
                batch[index].pasted |= self.goes_on(now) && matches!(batch[index].event, Event::Key(_));
                continue;
            }
            while self.recent.front().is_some_and(|at| now.duration_since(*at) > WINDOW) {
                self.recent.pop_front();
            }
            self.recent.push_back(now);
            if self.recent.len() > MOST_TYPED {
                self.recent.pop_front();
                if !self.goes_on(now) {
                    let first =
                        batch[..index].partition_point(|arrival| now.duration_since(arrival.at) > WINDOW);
                    for arrival in &mut batch[first..index] {
                        arrival.pasted |= matches!(arrival.event, Event::Key(_));
                    }
                }
                self.until = Some(now + WINDOW);
            }
            if self.goes_on(now) {
                self.until = Some(now + WINDOW);
                batch[index].pasted = true;
            }
        }
    }

    fn goes_on(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now <= until)
    }
}

/// A key that a pasted text can contain.
fn is_text(event: &Event) -> bool {
    let Event::Key(key) = event else { return false };
    match key.code {
        KeyCode::Char('j') if key.modifiers == KeyModifiers::CONTROL => true,
        KeyCode::Char(_) => (key.modifiers - KeyModifiers::SHIFT).is_empty(),
        KeyCode::Enter | KeyCode::Tab => key.modifiers.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyEvent;

    use super::*;

    fn keys(start: Instant, text: &str, every: Duration) -> Vec<Arrival> {
        let mut at = start;
        text.chars()
            .map(|character| {
                let code = if character == '\r' { KeyCode::Enter } else { KeyCode::Char(character) };
                at += every;
                Arrival { event: Event::Key(KeyEvent::from(code)), at, pasted: false }
            })
            .collect()
    }

    #[test]
    fn f78_a_paste_without_brackets_is_marked_with_its_enter() {
        let mut batch = keys(Instant::now(), "delete domain research\r", Duration::ZERO);
        Burst::default().mark(&mut batch);
        assert!(batch.iter().all(|arrival| arrival.pasted));
    }

    #[test]
    fn fast_typing_and_held_keys_are_not_pastes() {
        let start = Instant::now();
        let mut burst = Burst::default();
        let mut typed = keys(start, &"j".repeat(300), Duration::from_millis(3));
        for arrival in &mut typed {
            burst.mark(std::slice::from_mut(arrival));
        }
        assert!(typed.iter().all(|arrival| !arrival.pasted));
        // Twenty keys queued while the line was stuck are still typed.
        let mut queued = keys(start + Duration::from_secs(9), &"j".repeat(20), Duration::ZERO);
        burst.mark(&mut queued);
        assert!(queued.iter().all(|arrival| !arrival.pasted));
    }

    #[test]
    fn a_paste_over_several_batches_stays_marked_until_it_pauses() {
        let start = Instant::now();
        let mut burst = Burst::default();
        let mut first = keys(start, &"x".repeat(30), Duration::ZERO);
        let mut second = keys(start + Duration::from_millis(40), "yes\r", Duration::ZERO);
        let mut later = keys(start + Duration::from_millis(500), "y", Duration::ZERO);
        for batch in [&mut first, &mut second, &mut later] {
            burst.mark(batch);
        }
        assert!(first.iter().chain(&second).all(|arrival| arrival.pasted));
        assert!(!later[0].pasted);
    }
}
