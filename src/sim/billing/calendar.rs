//! Days and months as bills count them, in UTC. Knows no bill.

use jiff::civil::Date;
use jiff::{ToSpan, Unit};

use crate::sim::clock::{DAY, Millis};

/// A day, counted from the first of January 1970.
pub type Day = i64;

const FIRST: Date = jiff::civil::date(1970, 1, 1);

/// The day that a time belongs to.
pub fn day_of(at: Millis) -> Day {
    at.div_euclid(DAY)
}

/// The first moment of a day.
pub(in crate::sim) fn start_of(day: Day) -> Millis {
    day * DAY
}

/// The date of a day.
pub fn date_of(day: Day) -> Date {
    FIRST.checked_add(day.days()).unwrap_or(FIRST)
}

/// The day of a date.
pub fn day_at(date: Date) -> Day {
    FIRST.until((Unit::Day, date)).map_or(0, |span| i64::from(span.get_days()))
}

/// The first day of the month so many months after that of a day.
pub fn month_start(day: Day, months: i64) -> Day {
    let first = date_of(day).first_of_month();
    day_at(first.checked_add(months.months()).unwrap_or(first))
}

/// How many days the month of a day has.
pub fn days_in_month(day: Day) -> i64 {
    i64::from(date_of(day).days_in_month())
}

/// Whether people work on a day.
pub(super) fn is_workday(day: Day) -> bool {
    // The first day of all was a Thursday.
    !matches!((day + 4).rem_euclid(7), 0 | 6)
}

/// The last working day before a day.
pub(super) fn workday_before(day: Day) -> Day {
    match (day + 4).rem_euclid(7) {
        0 => day - 2,
        1 => day - 3,
        _ => day - 1,
    }
}

/// A day by its date, such as `2026-11-22`.
pub fn parse(text: &str) -> Option<Day> {
    text.parse::<Date>().ok().filter(|_| text.len() == 10).map(day_at)
}

/// A stretch of days, with what computing on each of them needs.
pub(in crate::sim) struct Calendar {
    /// The first day.
    pub(in crate::sim) from: Day,
    /// The day after the last one.
    pub(in crate::sim) until: Day,
    /// Up to when what was used is on the bill.
    pub(in crate::sim) settled: Millis,
    months: Vec<u8>,
}

impl Calendar {
    pub(in crate::sim) fn new(from: Day, until: Day, settled: Millis) -> Self {
        let mut months = Vec::new();
        let mut day = from;
        while day < until {
            let (next, length) = (month_start(day, 1), days_in_month(day));
            months.extend((day..next.min(until)).map(|_| length as u8));
            day = next;
        }
        Self { from, until, settled, months }
    }

    /// How many days the month of one of its days has.
    pub(in crate::sim) fn days_in_month(&self, day: Day) -> i64 {
        self.months.get((day - self.from) as usize).map_or(30, |length| i64::from(*length))
    }

    /// How much of a day, in milliseconds, lies between two times and is on the bill.
    pub(in crate::sim) fn share(&self, day: Day, from: Millis, until: Millis) -> Millis {
        let start = start_of(day);
        (until.min(self.settled).min(start + DAY) - from.max(start)).max(0)
    }

    /// The days that a stretch of time touches.
    pub(in crate::sim) fn days(&self, from: Millis, until: Millis) -> std::ops::Range<Day> {
        let until = until.min(self.settled);
        self.from.max(day_of(from))..self.until.min(day_of(until - 1) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        for text in ["1970-01-01", "2024-02-29", "2026-11-22", "2027-01-01"] {
            assert_eq!(date_of(parse(text).unwrap()).to_string(), text);
        }
        for text in ["2026-02-30", "2026-1-1", "20261122", "2026-11-22T00", ""] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_begin_and_end_where_they_should() {
        let day = parse("2026-11-22").unwrap();
        assert_eq!(date_of(month_start(day, 0)).to_string(), "2026-11-01");
        assert_eq!(date_of(month_start(day, -13)).to_string(), "2025-10-01");
        assert_eq!(days_in_month(parse("2028-02-11").unwrap()), 29);
        let calendar = Calendar::new(day, day + 20, Millis::MAX);
        assert_eq!((calendar.days_in_month(day + 8), calendar.days_in_month(day + 9)), (30, 31));
    }

    #[test]
    fn nobody_works_at_the_weekend() {
        let monday = parse("2026-11-23").unwrap();
        assert_eq!(date_of(monday).weekday(), jiff::civil::Weekday::Monday);
        assert_eq!((0..7).map(|day| is_workday(monday + day)).filter(|works| *works).count(), 5);
        for day in [monday - 2, monday - 1, monday] {
            assert_eq!(workday_before(day), monday - 3);
        }
        assert_eq!(workday_before(monday + 1), monday);
    }

    #[test]
    fn only_what_is_settled_is_on_the_bill() {
        let calendar = Calendar::new(10, 12, start_of(11) + DAY / 2);
        assert_eq!(calendar.share(10, 0, Millis::MAX), DAY);
        assert_eq!(calendar.share(11, 0, Millis::MAX), DAY / 2);
        assert_eq!(calendar.share(11, start_of(11) + DAY / 4, start_of(11) + DAY / 3), DAY / 3 - DAY / 4);
        assert_eq!(calendar.days(start_of(3), Millis::MAX), 10..12);
        assert!(calendar.days(start_of(12), Millis::MAX).is_empty());
    }
}
