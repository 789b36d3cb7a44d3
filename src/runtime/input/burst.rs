//! Tells typing from pasting where the terminal does not bracket pastes: nobody types that fast. Pure.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

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
    /// Makes one paste of neighbouring keys of `batch` that were pasted. What came at the start of a paste in
    /// an earlier batch has been handed out as keys and stays so.
    pub(super) fn join_pasted(&mut self, batch: &mut Vec<Arrival>) {
        let pasted = self.find_pasted(batch);
        if !pasted.contains(&true) {
            return;
        }
        let mut joined: Vec<Arrival> = Vec::new();
        let mut in_paste = false;
        for (arrival, pasted) in std::mem::take(batch).into_iter().zip(pasted) {
            match (&arrival.event, joined.last_mut()) {
                (Event::Key(key), Some(Arrival { event: Event::Paste(text), at })) if pasted && in_paste => {
                    text.extend(character(key));
                    *at = arrival.at;
                }
                (Event::Key(key), _) if pasted => {
                    let event = Event::Paste(character(key).into_iter().collect());
                    joined.push(Arrival { event, at: arrival.at });
                }
                _ => joined.push(arrival),
            }
            in_paste = pasted;
        }
        *batch = joined;
    }

    /// For each of `batch`, whether it is a key that was pasted.
    fn find_pasted(&mut self, batch: &[Arrival]) -> Vec<bool> {
        let mut pasted = vec![false; batch.len()];
        for (index, arrival) in batch.iter().enumerate() {
            let (Event::Key(key), now) = (&arrival.event, arrival.at) else { continue };
            if character(key).is_some() {
                while self.recent.front().is_some_and(|at| now.duration_since(*at) > WINDOW) {
                    self.recent.pop_front();
                }
                self.recent.push_back(now);
                if self.recent.len() > MOST_TYPED {
                    self.recent.pop_front();
                    if !self.goes_on(now) {
                        for (earlier, pasted) in batch[..index].iter().zip(&mut pasted) {
                            let near = now.duration_since(earlier.at) <= WINDOW;
                            *pasted |= near && matches!(earlier.event, Event::Key(_));
                        }
                    }
                    self.until = Some(now + WINDOW);
                }
            }
            if self.goes_on(now) {
                self.until = Some(now + WINDOW);
                pasted[index] = true;
            }
        }
        pasted
    }

    fn goes_on(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now <= until)
    }
}

/// The character of a pasted text that arrives as this key.
fn character(key: &KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char('j') if key.modifiers == KeyModifiers::CONTROL => Some('\n'),
        KeyCode::Char(character) => (key.modifiers - KeyModifiers::SHIFT).is_empty().then_some(character),
        KeyCode::Enter => key.modifiers.is_empty().then_some('\n'),
        KeyCode::Tab => key.modifiers.is_empty().then_some('\t'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(start: Instant, text: &str, every: Duration) -> Vec<Arrival> {
        let mut at = start;
        text.chars()
            .map(|character| {
                let code = if character == '\r' { KeyCode::Enter } else { KeyCode::Char(character) };
                at += every;
                Arrival { event: Event::Key(KeyEvent::from(code)), at }
            })
            .collect()
    }

    fn events(batch: &[Arrival]) -> Vec<Event> {
        batch.iter().map(|arrival| arrival.event.clone()).collect()
    }

    #[test]
    fn f78_a_paste_without_brackets_is_one_paste_with_its_enter() {
        let mut batch = keys(Instant::now(), "delete domain research\ryes", Duration::ZERO);
        Burst::default().join_pasted(&mut batch);
        assert_eq!(events(&batch), [Event::Paste("delete domain research\nyes".to_owned())]);
    }

    #[test]
    fn fast_typing_and_held_keys_are_not_pastes() {
        let start = Instant::now();
        let mut burst = Burst::default();
        for arrival in keys(start, &"j".repeat(300), Duration::from_millis(3)) {
            let mut batch = vec![arrival.clone()];
            burst.join_pasted(&mut batch);
            assert_eq!(batch, [arrival]);
        }
        // Twenty keys queued while the line was stuck are still typed.
        let queued = keys(start + Duration::from_secs(9), &"j".repeat(20), Duration::ZERO);
        let mut batch = queued.clone();
        burst.join_pasted(&mut batch);
        assert_eq!(batch, queued);
    }

    #[test]
    fn a_paste_over_several_batches_goes_on_until_it_pauses() {
        let start = Instant::now();
        let mut burst = Burst::default();
        let mut first = keys(start, &"x".repeat(30), Duration::ZERO);
        let mut second = keys(start + Duration::from_millis(40), "yes\r", Duration::ZERO);
        let later = keys(start + Duration::from_millis(500), "y", Duration::ZERO);
        let mut third = later.clone();
        for batch in [&mut first, &mut second, &mut third] {
            burst.join_pasted(batch);
        }
        assert_eq!(events(&first), [Event::Paste("x".repeat(30))]);
        assert_eq!(events(&second), [Event::Paste("yes\n".to_owned())]);
        assert_eq!(third, later);
    }

    #[test]
    fn what_is_no_key_stays_what_it_is_within_a_paste() {
        let at = Instant::now();
        let mut batch = keys(at, &"x".repeat(30), Duration::ZERO);
        batch.insert(25, Arrival { event: Event::FocusLost, at });
        Burst::default().join_pasted(&mut batch);
        assert_eq!(
            events(&batch),
            [Event::Paste("x".repeat(25)), Event::FocusLost, Event::Paste("x".repeat(5))]
        );
    }
}
