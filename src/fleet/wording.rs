//! How lengths of time, money and counts are written: short, of bounded width, without allocation.

use std::fmt::{self, Write as _};

use super::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A length of time: `12 s`, `5m`, `1h 59m`, `12h`, `3d 4h`, `412d`. Never rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(u64);

impl Span {
    /// The greatest width, in columns.
    pub const WIDTH: usize = 6;

    /// A length of so many seconds; less than none is none.
    pub fn seconds(seconds: f64) -> Self {
        // The cast saturates, and takes what is not a number as zero.
        Self(seconds as u64)
    }

    /// From one instant to a later one; none if it is not later.
    pub fn between(from: Timestamp, to: Timestamp) -> Self {
        Self(u64::try_from(to.duration_since(from).as_secs()).unwrap_or(0))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Short::default();
        let (big, big_letter, small, small_letter) = match self.0 {
            seconds if seconds < MINUTE => {
                write!(text, "{seconds} s")?;
                return f.pad(text.as_str());
            }
            seconds if seconds < HOUR => (seconds / MINUTE, 'm', 0, ' '),
            seconds if seconds < 10 * HOUR => (seconds / HOUR, 'h', seconds % HOUR / MINUTE, 'm'),
            seconds if seconds < DAY => (seconds / HOUR, 'h', 0, ' '),
            seconds if seconds < 10 * DAY => (seconds / DAY, 'd', seconds % DAY / HOUR, 'h'),
            seconds => ((seconds / DAY).min(99_999), 'd', 0, ' '),
        };
        write!(text, "{big}{big_letter}")?;
        if small > 0 {
            write!(text, " {small}{small_letter}")?;
        }
        f.pad(text.as_str())
    }
}

/// How long ago something was: `9h ago`, `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ago(pub Span);

impl Ago {
    /// The greatest width, in columns.
    pub const WIDTH: usize = Span::WIDTH + 4;

    /// From an instant to `now`.
    pub fn since(then: Timestamp, now: Timestamp) -> Self {
        Self(Span::between(then, now))
    }
}

impl fmt::Display for Ago {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.0 == 0 {
            return f.pad("now");
        }
        let mut text = Short::default();
        write!(text, "{} ago", self.0)?;
        f.pad(text.as_str())
    }
}

/// US dollars: `$7.09`, `$1,284.10`, `$1.28M`; the alternate form leaves out the sign: `7.09`.
///
/// An amount that is not nothing is never written as nothing: `<$0.01`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Money(pub f64);

impl Money {
    /// The greatest width of amounts below a trillion dollars, in columns, without a minus sign.
    pub const WIDTH: usize = 10;
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Short::default();
        let amount = self.0.abs();
        let sign = if f.alternate() { "" } else { "$" };
        // What rounds to no cents has no sign either.
        let minus = if self.0 < 0.0 && amount >= 0.005 { "-" } else { "" };
        if amount.is_nan() {
            text.write_str("unknown")?;
        } else if amount > 0.0 && amount < 0.005 {
            write!(text, "<{sign}0.01")?;
        } else if amount < 99_999.995 {
            let cents = (amount * 100.0).round() as u64;
            write!(text, "{minus}{sign}{}.{:02}", Count(cents / 100), cents % 100)?;
        } else if amount < 999_999.5 {
            write!(text, "{minus}{sign}{}", Count(amount.round() as u64))?;
        } else if amount < 999_995_000.0 {
            write!(text, "{minus}{sign}{:.2}M", amount / 1e6)?;
        } else {
            write!(text, "{minus}{sign}{:.2}B", amount.min(999.99e9) / 1e9)?;
        }
        f.pad(text.as_str())
    }
}

/// A count with its thousands set apart: `1,204`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(pub u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Short::default();
        let mut divisor = 1_u64;
        while self.0 / divisor >= 1_000 {
            divisor *= 1_000;
        }
        write!(text, "{}", self.0 / divisor)?;
        while divisor > 1 {
            divisor /= 1_000;
            write!(text, ",{:03}", self.0 / divisor % 1_000)?;
        }
        f.pad(text.as_str())
    }
}

/// A count in little room: `999`, `1,204`, `12.4k`, `3.1M`. Never rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShortCount(pub u64);

impl ShortCount {
    /// The greatest width of counts below a trillion, in columns.
    pub const WIDTH: usize = 5;
}

impl fmt::Display for ShortCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Short::default();
        let (unit, letter) = match self.0 {
            n if n < 10_000 => return Count(n).fmt(f),
            n if n < 1_000_000 => (1_000, 'k'),
            n if n < 1_000_000_000 => (1_000_000, 'M'),
            _ => (1_000_000_000, 'G'),
        };
        let whole = self.0 / unit;
        if whole < 100 {
            write!(text, "{whole}.{}{letter}", self.0 % unit / (unit / 10))?;
        } else {
            write!(text, "{whole}{letter}")?;
        }
        f.pad(text.as_str())
    }
}

/// `1 app`, `14 apps`: a count and its noun, of which the plural ends in s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted(pub usize, pub &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", Count(self.0 as u64), self.1, if self.0 == 1 { "" } else { "s" })
    }
}

/// A text built without allocation. Longer than any text of this module.
struct Short {
    bytes: [u8; 40],
    len: usize,
}

impl Default for Short {
    fn default() -> Self {
        Self { bytes: [0; 40], len: 0 }
    }
}

impl Short {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_of_time_read_as_people_say_them() {
        for (seconds, text) in [
            (-5.0, "0 s"),
            (12.9, "12 s"),
            (60.0, "1m"),
            (3_599.0, "59m"),
            (3_600.0, "1h"),
            (7_140.0, "1h 59m"),
            (43_200.0, "12h"),
            (273_600.0, "3d 4h"),
            (86_400.0 * 10.0, "10d"),
            (86_400.0 * 412.0, "412d"),
            (f64::NAN, "0 s"),
            (f64::MAX, "99999d"),
        ] {
            assert_eq!(Span::seconds(seconds).to_string(), text);
        }
        assert_eq!(Ago(Span::seconds(32_400.0)).to_string(), "9h ago");
        assert_eq!(Ago(Span::seconds(0.4)).to_string(), "now");
    }

    #[test]
    fn money_keeps_its_cents_and_never_turns_something_into_nothing() {
        for (amount, text) in [
            (7.09, "$7.09"),
            (0.0, "$0.00"),
            (0.001, "<$0.01"),
            (0.7364, "$0.74"),
            (1_284.1, "$1,284.10"),
            (-12.5, "-$12.50"),
            (123_456.7, "$123,457"),
            (1_284_100.0, "$1.28M"),
            (f64::NAN, "unknown"),
        ] {
            assert_eq!(Money(amount).to_string(), text);
        }
        assert_eq!(format!("[{:>8}]", Money(7.09)), "[   $7.09]");
        assert_eq!(format!("[{:>#8}]", Money(7.09)), "[    7.09]");
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        for (count, long, short) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_204, "1,204", "1,204"),
            (12_449, "12,449", "12.4k"),
            (100_000, "100,000", "100k"),
            (3_199_999, "3,199,999", "3.1M"),
        ] {
            assert_eq!(
                (Count(count).to_string().as_str(), ShortCount(count).to_string().as_str()),
                (long, short)
            );
        }
        assert_eq!(Count(u64::MAX).to_string(), "18,446,744,073,709,551,615");
        assert_eq!(
            (Counted(1, "app").to_string(), Counted(1_200, "app").to_string()),
            ("1 app".into(), "1,200 apps".into())
        );
    }

    proptest! {
        #[test]
        fn no_text_is_wider_than_it_says(seconds in any::<f64>(), amount in 0.0..1e12_f64, count in 0..1_000_000_000_000_u64) {
            prop_assert!(Span::seconds(seconds).to_string().len() <= Span::WIDTH);
            prop_assert!(Ago(Span::seconds(seconds)).to_string().len() <= Ago::WIDTH);
            prop_assert!(Money(amount).to_string().len() <= Money::WIDTH, "{}", Money(amount));
            prop_assert!(ShortCount(count).to_string().len() <= ShortCount::WIDTH);
        }

        #[test]
        fn money_below_a_hundred_thousand_is_within_half_a_cent(amount in 0.01..99_999.0_f64) {
            let read: f64 = format!("{:#}", Money(amount)).replace(',', "").parse().unwrap();
            prop_assert!((read - amount).abs() < 0.005_001);
        }

        #[test]
        fn a_count_without_its_commas_is_the_count(count in any::<u64>()) {
            prop_assert_eq!(Count(count).to_string().replace(',', ""), count.to_string());
        }

        #[test]
        fn any_amount_can_be_written(amount in any::<f64>()) {
            prop_assert!(!Money(amount).to_string().is_empty());
        }
    }
}
