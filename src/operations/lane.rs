//! How many changes of one operation may be on their way at once: more while AWS takes them, fewer when it
//! throttles. The gateway's limiter paces them; this bounds how much is under way between look and answer.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Changes on their way at once in a lane, at most: so that one console does not take up an account's rate, and
/// little is in doubt when something breaks.
const MOST: f64 = 4.0;
/// So many windows have to go through for one more.
const WINDOWS: f64 = 4.0;
/// Throttled answers within this time belong to one slowdown.
const ONE_SLOWDOWN: Duration = Duration::from_secs(1);

/// The steps of one account, region and operation.
#[derive(Debug)]
pub(super) struct Lane {
    waiting: VecDeque<usize>,
    busy: usize,
    window: f64,
    slowed_at: Option<Instant>,
}

impl Default for Lane {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), busy: 0, window: MOST, slowed_at: None }
    }
}

impl Lane {
    /// Adds a step at the end.
    pub(super) fn push(&mut self, step: usize) {
        self.waiting.push_back(step);
    }

    /// Takes all steps that wait.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Takes the next step, if one may be under way besides those that are; where `slowly`, one at a time.
    pub(super) fn start(&mut self, slowly: bool) -> Option<usize> {
        let most = if slowly { 1 } else { self.window.max(1.0) as usize };
        let step = (self.busy < most).then(|| self.waiting.pop_front()).flatten()?;
        self.busy += 1;
        Some(step)
    }

    /// A step is no longer on its way; `taken` by AWS, or throttled, or neither.
    pub(super) fn ended(&mut self, answer: Answered, now: Instant) {
        self.busy = self.busy.saturating_sub(1);
        match answer {
            // One more for every few windows that went through: whatever waits for its turn at the limiter was
            // looked at before, and ought not to wait long.
            Answered::Taken => self.window = (self.window + 1.0 / (WINDOWS * self.window)).min(MOST),
            Answered::Throttled => {
                let is_new = self.slowed_at.is_none_or(|at| now.duration_since(at) >= ONE_SLOWDOWN);
                if is_new {
                    self.slowed_at = Some(now);
                    self.window = (self.window / 2.0).max(1.0);
                }
            }
            Answered::Otherwise => {}
        }
    }
}

/// How AWS answered a step that was on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    Taken,
    Throttled,
    Otherwise,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(lane: &mut Lane) -> usize {
        std::iter::from_fn(|| lane.start(false)).count()
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_halves_what_is_under_way_once_a_second_and_success_widens_it_again() {
        let mut lane = Lane::default();
        (0..100).for_each(|step| lane.push(step));
        assert_eq!(started(&mut lane), 4);
        for _ in 0..4 {
            lane.ended(Answered::Throttled, Instant::now());
        }
        assert_eq!(started(&mut lane), 2, "four at once are one slowdown");
        tokio::time::advance(ONE_SLOWDOWN).await;
        lane.ended(Answered::Throttled, Instant::now());
        lane.ended(Answered::Otherwise, Instant::now());
        assert_eq!(started(&mut lane), 1);
        for _ in 0..60 {
            lane.ended(Answered::Taken, Instant::now());
            lane.start(false);
        }
        while lane.busy > 0 {
            lane.ended(Answered::Otherwise, Instant::now());
        }
        assert_eq!(started(&mut lane), 4);
    }

    #[test]
    fn in_trouble_one_is_under_way_at_a_time() {
        let mut lane = Lane::default();
        (0..3).for_each(|step| lane.push(step));
        assert_eq!((lane.start(true), lane.start(true)), (Some(0), None));
    }
}
