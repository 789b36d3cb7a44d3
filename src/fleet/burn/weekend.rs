//! What ran over a weekend and nobody used.

use jiff::ToSpan as _;
use jiff::civil::{Weekday, time};
use jiff::tz::TimeZone;

use super::history::{Gauge, History};
use crate::fleet::{Scope, Timestamp};

/// A weekend: from Saturday 00:00 to Monday 08:00, local time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weekend {
    /// Saturday, 00:00.
    pub from: Timestamp,
    /// Monday, 08:00; of the weekend that it is now, now.
    pub until: Timestamp,
    /// Whether it is over.
    pub is_over: bool,
    /// Its hours until then.
    pub hours: f64,
    /// Those of them in which every place was watched, on the average of the places.
    pub watched: f64,
    /// Dollars and hours, as far as it was watched.
    pub total: Gauge,
}

impl Weekend {
    /// The weekend that it is now, or else the last one; `None` only at the ends of representable time.
    pub fn of(history: &History, scopes: &[Scope], now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let today = now.to_zoned(zone.clone()).date();
        let since = i64::from(today.weekday().since(Weekday::Saturday));
        let mut saturday = today.checked_sub(since.days()).ok()?;
        // From Monday 08:00 on, the last weekend is the one before; Saturday itself began it.
        let bounds = |saturday: jiff::civil::Date| {
            let from = saturday.to_zoned(zone.clone()).ok()?.timestamp();
            let monday = saturday.checked_add(2.days()).ok()?.to_datetime(time(8, 0, 0, 0));
            Some((from, monday.to_zoned(zone.clone()).ok()?.timestamp()))
        };
        let (mut from, mut until) = bounds(saturday)?;
        if from > now {
            saturday = saturday.checked_sub(7.days()).ok()?;
            (from, until) = bounds(saturday)?;
        }
        let is_over = until <= now;
        let until = until.min(now);
        let hours = until.duration_since(from).as_secs_f64() / 3_600.0;
        let (mut watched, mut total) = (0.0, Gauge::default());
        for scope in scopes {
            let (own, gauge) = history.total(scope, from, until);
            watched += own / scopes.len() as f64;
            total += gauge;
        }
        Some(Self { from, until, is_over, hours, watched, total })
    }

    /// Whether it may have been more: hours that nobody watched, prices or use that are not known.
    pub fn is_at_least(&self) -> bool {
        self.watched < self.hours * 0.995 || self.total.unknown_prices > 0.0 || self.total.unknown_idle > 0.0
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::fleet::burn::history::tests::seen;
    use crate::fleet::sample;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_weekend_is_the_one_it_is_now_or_the_last() {
        let zone = TimeZone::UTC;
        let of =
            |now: &str| Weekend::of(&History::default(), &[sample::scope()], instant(now), &zone).unwrap();
        for (now, from, until, is_over) in [
            ("2026-11-20T12:00:00Z", "2026-11-14T00:00:00Z", "2026-11-16T08:00:00Z", true),
            ("2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z", false),
            ("2026-11-22T10:00:00Z", "2026-11-21T00:00:00Z", "2026-11-22T10:00:00Z", false),
            ("2026-11-23T07:59:00Z", "2026-11-21T00:00:00Z", "2026-11-23T07:59:00Z", false),
            ("2026-11-23T08:00:00Z", "2026-11-21T00:00:00Z", "2026-11-23T08:00:00Z", true),
        ] {
            let weekend = of(now);
            assert_eq!(
                (weekend.from, weekend.until, weekend.is_over),
                (instant(from), instant(until), is_over),
                "{now}"
            );
        }
        assert!((of("2026-11-20T12:00:00Z").hours - 56.0).abs() < 1e-9);
    }

    #[test]
    fn what_was_idle_counts_as_far_as_it_was_watched() {
        let saturday = instant("2026-11-14T00:00:00Z");
        let samples = (0..12).map(|n| seen(saturday + SignedDuration::from_mins(n * 5 - 30), 3.0, 2.0));
        let history = History::of(samples);
        let weekend = Weekend::of(&history, &[sample::scope()], sample::now(), &TimeZone::UTC).unwrap();
        // Half an hour and the five minutes for which the last sample stands longer.
        assert!((weekend.total.idle - 2.0 * 35.0 / 60.0).abs() < 1e-9, "{weekend:?}");
        assert!((weekend.watched - 35.0 / 60.0).abs() < 1e-9 && weekend.is_at_least());
    }
}
