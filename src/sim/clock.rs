//! Virtual time: how late it is in the simulated AWS.
//! Driven by tokio's clock, so that paused time in a test drives the simulation too.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Milliseconds since the Unix epoch, the resolution AWS shows in timestamps.
pub type Millis = i64;

/// One second in [`Millis`].
pub const SECOND: Millis = 1_000;
/// One minute in [`Millis`].
pub const MINUTE: Millis = 60 * SECOND;
/// One hour in [`Millis`].
pub const HOUR: Millis = 60 * MINUTE;
/// One day in [`Millis`].
pub const DAY: Millis = 24 * HOUR;

/// The clock of one simulated AWS; clones show the same time.
#[derive(Clone, Debug)]
pub struct SimClock {
    base: Millis,
    start: Instant,
    speed: f64,
    skipped: Arc<AtomicI64>,
}

impl SimClock {
    /// A clock that shows `base` now and runs `speed` times as fast as tokio's.
    pub fn new(base: Millis, speed: f64) -> Self {
        let speed = if speed.is_finite() && speed >= 0.0 { speed } else { 1.0 };
        Self { base, start: Instant::now(), speed, skipped: Arc::new(AtomicI64::new(0)) }
    }

    /// The virtual time.
    pub fn now(&self) -> Millis {
        let elapsed = self.start.elapsed().as_secs_f64() * self.speed * 1_000.0;
        self.base + elapsed as Millis + self.skipped.load(Ordering::Relaxed)
    }

    /// Jumps ahead without waiting: for trainers and tests that want to see tomorrow.
    pub fn skip(&self, by: Duration) {
        let by = Millis::try_from(by.as_millis()).unwrap_or(Millis::MAX / 4);
        self.skipped.fetch_add(by, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn paused_tokio_time_drives_the_clock_at_its_speed() {
        let clock = SimClock::new(5 * DAY, 60.0);
        assert_eq!(clock.now(), 5 * DAY);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), 5 * DAY + 2 * MINUTE);
        clock.clone().skip(Duration::from_hours(1));
        assert_eq!(clock.now(), 5 * DAY + 2 * MINUTE + HOUR);
    }
}
