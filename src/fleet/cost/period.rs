//! Which days are looked at, which they are compared with, and what AWS would refuse: found out before it costs.

use std::fmt;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan, tz::TimeZone};

use super::Granularity;
use crate::fleet::Timestamp;

/// How many months Cost Explorer keeps beside the present one.
const MONTHS_KEPT: i32 = 13;
/// More days than these are asked by month: one request has to stay one page, and a chart readable.
pub(super) const MOST_DAYS: i32 = 92;
/// More days than these have no same days in the month before.
const MONTH: i32 = 31;
/// Bills of so many hours before the answer are not whole: AWS writes them a few times a day.
const UNSETTLED: SignedDuration = SignedDuration::from_hours(24);

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum CostPeriod {
    /// This month up to today.
    #[default]
    MonthToDate,
    /// The whole month before.
    PreviousMonth,
    /// From a day to before another.
    Range(Date, Date),
}

/// Days from one to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub from: Date,
    /// The day after the last one.
    pub until: Date,
}

impl Days {
    /// Whether a day is among them.
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day < self.until
    }

    /// How many they are.
    pub fn len(self) -> i32 {
        (self.until - self.from).get_days()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.until <= self.from
    }
}

impl fmt::Display for Days {
    /// `1-21 Nov 2026`, `28 Oct-3 Nov 2026`: both days included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.until.yesterday().unwrap_or(self.until);
        let (from, end) = (self.from, last.strftime("%-d %b %Y"));
        if from >= last {
            write!(f, "{end}")
        } else if (from.year(), from.month()) == (last.year(), last.month()) {
            write!(f, "{}-{end}", from.day())
        } else if from.year() == last.year() {
            write!(f, "{}-{end}", from.strftime("%-d %b"))
        } else {
            write!(f, "{}-{end}", from.strftime("%-d %b %Y"))
        }
    }
}

/// The day of an instant on AWS's bills, which are kept in UTC.
pub fn billing_day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Up to which day bills are whole in an answer of that time: the first one that is not.
pub fn settled(asked_at: Timestamp) -> Date {
    billing_day(asked_at.saturating_sub(UNSETTLED).unwrap_or(asked_at))
}

impl CostPeriod {
    /// The days looked at, as of a day.
    pub fn days(self, today: Date) -> Days {
        let first = today.first_of_month();
        match self {
            Self::MonthToDate => Days { from: first, until: tomorrow(today) },
            Self::PreviousMonth => Days { from: months_before(first, 1), until: first },
            Self::Range(from, until) => Days { from, until },
        }
    }

    /// What is asked for it: the days and, where one answer can have both, those they are compared with. This
    /// month and the month before share one question.
    pub fn asked(self, today: Date) -> (Days, Granularity) {
        let days = self.days(today);
        match self {
            Self::MonthToDate | Self::PreviousMonth => {
                let from = months_before(today.first_of_month(), 1);
                (Days { from, until: tomorrow(today) }, Granularity::Daily)
            }
            Self::Range(from, until) if days.len() <= MONTH => {
                let from = months_before(from, 1).max(oldest(today)).min(from);
                (Days { from, until }, Granularity::Daily)
            }
            Self::Range(..) if days.len() <= MOST_DAYS => (days, Granularity::Daily),
            Self::Range(..) => (days, Granularity::Monthly),
        }
    }

    /// The days that are compared, of the period and of the month before: those that are billed in full, that both
    /// months have, and that an answer to a question for the days `asked` tells. `None` where there is nothing to
    /// compare with.
    pub fn compared(self, today: Date, settled: Date, asked: Days) -> Option<(Days, Days)> {
        let (_, granularity) = self.asked(today);
        let days = self.days(today);
        if granularity != Granularity::Daily || days.len() > MONTH {
            return None;
        }
        let mut until = days.until.min(settled).min(asked.until);
        // The 31st of a month has no same day in one of 30 days.
        while until > days.from && !has_same_day(until.yesterday().ok()?) {
            until = until.yesterday().ok()?;
        }
        let now = Days { from: days.from, until };
        let before =
            Days { from: months_before(now.from, 1), until: tomorrow(same_day(until.yesterday().ok()?)) };
        (!now.is_empty() && before.from >= asked.from).then_some((now, before))
    }

    /// The whole month before, where the period is a month and a question for the days `asked` tells it.
    pub fn previous(self, today: Date, asked: Days) -> Option<Days> {
        let from = match self {
            Self::MonthToDate => today.first_of_month(),
            Self::PreviousMonth => months_before(today.first_of_month(), 1),
            Self::Range(..) => return None,
        };
        let previous = Days { from: months_before(from, 1), until: from };
        (previous.from >= asked.from && previous.until <= asked.until).then_some(previous)
    }

    /// Why nothing is compared, where nothing is.
    pub fn why_not_compared(self, today: Date) -> &'static str {
        match self {
            Self::MonthToDate => "not compared: no day of this month is billed in full yet",
            Self::PreviousMonth => {
                "not compared: the month before was not asked; period \"last 3 months\" has it"
            }
            Self::Range(..) if self.days(today).len() > MONTH => "not compared: longer than a month",
            Self::Range(..) => "not compared: no day of it is billed in full, or the month before is too old",
        }
    }

    /// Checks what AWS would refuse, so that it is refused before it costs.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn check(self, today: Date) -> Result<(), String> {
        let Self::Range(from, until) = self else { return Ok(()) };
        let (first, end) = (oldest(today), tomorrow(today));
        if from >= until {
            Err(format!(
                "the range ends before it begins: {from} to {until} (the last day is not part of it)"
            ))
        } else if from < first {
            Err(format!("Cost Explorer has nothing before {first}: it keeps {MONTHS_KEPT} months"))
        } else if until > end {
            Err(format!("{until} is yet to come; the latest end is {end}, which makes today the last day"))
        } else {
            Ok(())
        }
    }

    /// Understands two days, `2026-10-01 2026-11-01`, the second not being part of the range.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn parse_range(text: &str) -> Result<Self, String> {
        let mut words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
        let (Some(from), Some(until), None) = (words.next(), words.next(), words.next()) else {
            return Err(
                "give two days, as in 2026-10-01 2026-11-01; the second one is not part of it".to_owned()
            );
        };
        Ok(Self::Range(parse_day(from)?, parse_day(until)?))
    }
}

/// Understands a day, `2026-10-01`.
///
/// # Errors
/// What is wrong, as a sentence.
pub fn parse_day(text: &str) -> Result<Date, String> {
    // AWS takes this form only; others that jiff knows would be guessed at.
    let form = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    match text.parse::<Date>() {
        Ok(day) if form => Ok(day),
        _ => Err(format!("`{}` is no day; write it as 2026-10-01", crate::fleet::harmless(text))),
    }
}

/// The oldest day that Cost Explorer has.
fn oldest(today: Date) -> Date {
    months_before(today.first_of_month(), MONTHS_KEPT)
}

fn months_before(day: Date, months: i32) -> Date {
    day.saturating_sub(months.months())
}

fn tomorrow(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

fn same_day(day: Date) -> Date {
    months_before(day, 1)
}

fn has_same_day(day: Date) -> bool {
    same_day(day).day() == day.day()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 22);

    #[test]
    fn this_month_and_the_month_before_come_of_one_question() {
        let (days, granularity) = CostPeriod::MonthToDate.asked(TODAY);
        assert_eq!((days.from, days.until), (date(2026, 10, 1), date(2026, 11, 23)));
        assert_eq!(CostPeriod::PreviousMonth.asked(TODAY), (days, granularity));
        assert_eq!(CostPeriod::PreviousMonth.days(TODAY).to_string(), "1-31 Oct 2026");
    }

    #[test]
    fn only_days_billed_in_full_are_compared_and_those_both_months_have() {
        let compared = |today, settled| {
            CostPeriod::MonthToDate
                .compared(today, settled, CostPeriod::MonthToDate.asked(today).0)
                .map(|(now, then)| (now.to_string(), then.to_string()))
        };
        let words = |now: &str, then: &str| Some((now.to_owned(), then.to_owned()));
        assert_eq!(compared(TODAY, date(2026, 11, 21)), words("1-20 Nov 2026", "1-20 Oct 2026"));
        assert_eq!(compared(date(2026, 11, 1), date(2026, 10, 31)), None);
        assert_eq!(compared(date(2026, 3, 31), date(2026, 3, 31)), words("1-28 Mar 2026", "1-28 Feb 2026"));
        let range = CostPeriod::Range(date(2026, 11, 3), date(2026, 11, 10));
        let (now, then) = range.compared(TODAY, date(2026, 11, 21), range.asked(TODAY).0).unwrap();
        assert_eq!((now.to_string(), then.to_string()), ("3-9 Nov 2026".into(), "3-9 Oct 2026".into()));
    }

    #[test]
    fn the_previous_month_is_compared_where_the_month_before_it_was_asked() {
        let (previous, today) = (CostPeriod::PreviousMonth, TODAY);
        let (own, _) = previous.asked(today);
        assert_eq!((previous.compared(today, today, own), previous.previous(today, own)), (None, None));
        assert!(previous.why_not_compared(today).contains("last 3 months"));
        let wide = Days { from: date(2026, 9, 1), until: date(2026, 11, 23) };
        let (now, then) = previous.compared(today, today, wide).unwrap();
        assert_eq!((now.to_string(), then.to_string()), ("1-30 Oct 2026".into(), "1-30 Sep 2026".into()));
        assert_eq!(previous.previous(today, wide).unwrap().to_string(), "1-30 Sep 2026");
        let month = CostPeriod::MonthToDate;
        assert_eq!(month.previous(today, own).unwrap().to_string(), "1-31 Oct 2026");
    }

    #[test]
    fn long_ranges_are_asked_by_month() {
        let range = CostPeriod::Range(date(2026, 1, 1), date(2026, 11, 1));
        assert_eq!(range.asked(TODAY).1, Granularity::Monthly);
        assert_eq!(range.compared(TODAY, TODAY, range.asked(TODAY).0), None);
    }

    #[test]
    fn what_aws_refuses_is_refused_before_it_costs() {
        let check = |from, until| CostPeriod::Range(from, until).check(TODAY);
        assert_eq!(check(date(2025, 10, 1), date(2026, 11, 23)), Ok(()));
        assert!(check(date(2026, 11, 5), date(2026, 11, 5)).unwrap_err().contains("ends before"));
        assert!(check(date(2025, 9, 30), date(2026, 11, 5)).unwrap_err().contains("2025-10-01"));
        assert!(check(date(2026, 11, 1), date(2026, 11, 24)).unwrap_err().contains("yet to come"));
        for text in ["2026-13-01", "1.10.2026", "2026-1-1", "20261001", "tomorrow", ""] {
            assert!(parse_day(text).is_err(), "{text}");
        }
        let range = CostPeriod::parse_range("2026-10-01 2026-11-01");
        assert_eq!(range, Ok(CostPeriod::Range(date(2026, 10, 1), date(2026, 11, 1))));
        assert!(CostPeriod::parse_range("2026-10-01").is_err());
    }
}
