//! The past of the burn in slots of equal length, to be drawn: known levels, and gaps where nobody watched.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use super::history::History;
use crate::fleet::{Scope, Timestamp};

/// The level of one slot, or of several.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Level {
    /// Dollars per hour, on the average of the time that was watched.
    pub burn: f64,
    /// Those of what was proven idle.
    pub idle: f64,
    /// Whether something ran whose price is not known, so that there was more.
    pub at_least: bool,
}

/// Levels over time. A slot in which any of the places was not watched at all is a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// When the first slot begins.
    pub from: Timestamp,
    /// How long each slot is.
    pub slot: SignedDuration,
    /// The slots, those to come included; they are gaps.
    pub slots: Vec<Option<Level>>,
}

/// Which part of the past is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Past {
    /// From midnight to midnight, local time.
    Today,
    /// The last seven days, today included.
    Week,
    /// The last thirty days, today included.
    Month,
}

impl Past {
    /// All, the shortest first.
    pub const ALL: [Self; 3] = [Self::Today, Self::Week, Self::Month];

    /// The name of it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "7 days",
            Self::Month => "30 days",
        }
    }

    fn days_before(self) -> i64 {
        match self {
            Self::Today => 0,
            Self::Week => 6,
            Self::Month => 29,
        }
    }

    fn slot(self) -> SignedDuration {
        match self {
            Self::Today => SignedDuration::from_mins(15),
            Self::Week => SignedDuration::from_hours(1),
            Self::Month => SignedDuration::from_hours(4),
        }
    }

    /// From when to when it is, in a time zone; `None` only at the ends of representable time.
    pub fn period(self, now: Timestamp, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let today = now.to_zoned(zone.clone()).date();
        let start = |date: jiff::civil::Date| Some(date.to_zoned(zone.clone()).ok()?.timestamp());
        let from = start(today.checked_sub(self.days_before().days()).ok()?)?;
        Some((from, start(today.checked_add(1.days()).ok()?)?))
    }
}

impl Trace {
    /// The levels of a part of the past in some places.
    pub fn of(
        history: &History,
        scopes: &[Scope],
        past: Past,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Option<Self> {
        let (from, until) = past.period(now, zone)?;
        let slot = past.slot();
        let count = (until.duration_since(from).as_secs() / slot.as_secs().max(1)).max(1);
        let mut slots = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        let mut begin = from;
        for _ in 0..count {
            let end = begin.checked_add(slot).ok()?;
            // What a sample stands for beyond now has not happened yet.
            slots.push(level(history, scopes, begin, end.min(now.max(begin))));
            begin = end;
        }
        Some(Self { from, slot, slots })
    }

    /// The levels joined to so many columns; a column is a gap where all its slots are.
    pub fn columns(&self, columns: usize) -> Vec<Option<Level>> {
        let count = self.slots.len();
        let columns = columns.min(count);
        let slots = |column: usize| &self.slots[column * count / columns..(column + 1) * count / columns];
        (0..columns).map(|column| mean(slots(column))).collect()
    }

    /// The greatest level.
    pub fn top(&self) -> Option<f64> {
        self.slots.iter().flatten().map(|level| level.burn).max_by(f64::total_cmp)
    }

    /// The share of the slots up to now that were watched.
    pub fn watched(&self, now: Timestamp) -> f64 {
        let passed = now.duration_since(self.from).as_secs_f64() / self.slot.as_secs_f64();
        let passed = (passed.ceil().max(1.0) as usize).min(self.slots.len()).max(1);
        self.slots.iter().take(passed).flatten().count() as f64 / passed as f64
    }
}

fn level(history: &History, scopes: &[Scope], from: Timestamp, until: Timestamp) -> Option<Level> {
    let mut level = Level::default();
    if scopes.is_empty() {
        return None;
    }
    for scope in scopes {
        let (watched, total) = history.total(scope, from, until);
        if watched <= 0.0 {
            return None;
        }
        level.burn += total.burn / watched;
        level.idle += total.idle / watched;
        level.at_least |= total.unknown_prices > 0.0;
    }
    Some(level)
}

fn mean(slots: &[Option<Level>]) -> Option<Level> {
    let known: Vec<&Level> = slots.iter().flatten().collect();
    let count = known.len() as f64;
    (!known.is_empty()).then(|| Level {
        burn: known.iter().map(|level| level.burn).sum::<f64>() / count,
        idle: known.iter().map(|level| level.idle).sum::<f64>() / count,
        at_least: known.iter().any(|level| level.at_least),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::burn::history::tests::seen;
    use crate::fleet::sample;

    #[test]
    fn slots_that_were_watched_have_a_level_and_all_others_are_gaps() {
        // Noon; watched from 10:00 to 11:00.
        let history = History::of((0..12).map(|n| seen(sample::minutes_ago(120 - n * 5), 3.0, 1.0)));
        let trace =
            Trace::of(&history, &[sample::scope()], Past::Today, sample::now(), &TimeZone::UTC).unwrap();
        assert_eq!(trace.slots.len(), 96);
        let known: Vec<usize> = (0..96).filter(|at| trace.slots[*at].is_some()).collect();
        // The last sample stands five minutes longer than the hour.
        assert_eq!(known, [40, 41, 42, 43, 44]);
        assert!(trace.slots.iter().flatten().all(|level| (level.burn, level.idle) == (3.0, 1.0)));
        assert_eq!(trace.top(), Some(3.0));
        let columns = trace.columns(24);
        assert_eq!(columns.len(), 24);
        assert!(columns[10].is_some() && columns[11].is_some() && columns[9].is_none());
        assert_eq!(trace.columns(1).len(), 1);
        assert_eq!(trace.columns(0).len(), 0);
        assert_eq!(trace.columns(500).len(), 96);
    }

    #[test]
    fn a_place_that_was_not_watched_makes_a_gap_of_all() {
        let history = History::of((0..12).map(|n| seen(sample::minutes_ago(120 - n * 5), 3.0, 1.0)));
        let other =
            Scope::new(crate::fleet::AccountId::new("999999999999"), crate::fleet::Region::new("eu-west-1"));
        let trace = Trace::of(&history, &[sample::scope(), other], Past::Week, sample::now(), &TimeZone::UTC)
            .unwrap();
        assert!(trace.slots.iter().all(Option::is_none) && trace.top().is_none());
    }

    #[test]
    fn a_day_on_which_the_clocks_change_has_all_its_hours() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let hours = |now: &str| {
            let (from, until) = Past::Today.period(now.parse().unwrap(), &zone).unwrap();
            until.duration_since(from).as_hours()
        };
        assert_eq!((hours("2026-10-25T12:00:00Z"), hours("2026-03-29T12:00:00Z")), (25, 23));
    }
}
