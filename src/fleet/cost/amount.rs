//! Money as AWS bills it: whole billionths of a unit of some currency, so that sums agree to the cent however they
//! are grouped. Knows no currency and no rate of exchange.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Serialize};

use crate::fleet::wording::Money;

/// Billionths of one unit of a currency. Sums saturate: nobody is billed nine billion of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nanos(pub i64);

/// Digits after the point.
const PLACES: i32 = 9;

impl Nanos {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Reads a decimal as Cost Explorer writes it: `12.3456789012`, `-0.5`, `1.2E-7`. Digits beyond the ninth are
    /// rounded half away from zero. `None` for what is no decimal, or too large.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits.strip_prefix('+').unwrap_or(digits)),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && part.is_empty()
            || !whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit())
        {
            return None;
        }
        // How many of the digits stand before the last place that is kept.
        let kept = i64::from(PLACES) + i64::from(exponent) + i64::try_from(whole.len()).ok()?;
        let mut value: i128 = 0;
        let mut rounds_up = false;
        for (at, digit) in (0_i64..).zip(whole.bytes().chain(part.bytes())) {
            if at < kept {
                value = value.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
            } else if at == kept {
                rounds_up = digit >= b'5';
            }
        }
        let read = i64::try_from(whole.len() + part.len()).ok()?;
        for _ in read..kept.min(read + 40) {
            value = value.checked_mul(10)?;
        }
        value += i128::from(rounds_up);
        i64::try_from(if negative { -value } else { value }).ok().map(Self)
    }

    /// The amount in units of the currency, for charts, filters and sorting; never for sums.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Rounded to hundredths, half away from zero.
    pub fn cents(self) -> i64 {
        let half = if self.0 < 0 { -5_000_000 } else { 5_000_000 };
        self.0.saturating_add(half) / 10_000_000
    }

    /// The part this is of a whole; nothing of nothing.
    pub fn share_of(self, whole: Self) -> f64 {
        if whole.0 == 0 { 0.0 } else { self.0 as f64 / whole.0 as f64 }
    }

    /// So many parts of so many, rounded to a billionth.
    #[must_use]
    pub fn times(self, parts: i64, of: i64) -> Self {
        if of == 0 {
            return Self::ZERO;
        }
        let value = i128::from(self.0) * i128::from(parts) / i128::from(of);
        Self(i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX }))
    }
}

impl fmt::Display for Nanos {
    /// The exact decimal, without trailing noughts beyond the cents: `12.30`, `0.000000001`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / 1_000_000_000, self.0.unsigned_abs() % 1_000_000_000);
        let digits = format!("{part:09}");
        let kept = digits.trim_end_matches('0').len().max(2);
        f.pad(&format!("{sign}{whole}.{}", &digits[..kept]))
    }
}

/// An amount in its currency, in few columns: `$1,284.10`, `1,284.10 EUR`; the alternate form leaves the sign of the
/// US dollar out, no other currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Billed<'a>(pub Nanos, pub &'a str);

impl fmt::Display for Billed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(amount, currency) = *self;
        // Cents are rounded here, where they are exact; what is less than half a cent is not written as nothing.
        let cents = amount.cents();
        let money = Money(if cents == 0 { amount.to_f64() } else { cents as f64 / 100.0 });
        match currency {
            "USD" | "" if f.alternate() => write!(f, "{money:#}"),
            "USD" => write!(f, "{money}"),
            "" => write!(f, "{money:#} (currency not said)"),
            currency => write!(f, "{money:#} {currency}"),
        }
    }
}

impl Add for Nanos {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Nanos {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Nanos {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl AddAssign for Nanos {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Nanos {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decimals_are_read_exactly_and_rounded_in_the_tenth_place() {
        for (text, nanos) in [
            ("0", 0),
            ("1", 1_000_000_000),
            ("12.3456789012", 12_345_678_901),
            ("0.0000000005", 1),
            ("-0.0000000005", -1),
            ("0.00000000049", 0),
            ("1.2E-7", 120),
            ("1.5e3", 1_500_000_000_000),
            ("-9.9E-9", -10),
            ("+7.09", 7_090_000_000),
            (".5", 500_000_000),
            ("5.", 5_000_000_000),
            ("1E-30", 0),
        ] {
            assert_eq!(Nanos::parse(text), Some(Nanos(nanos)), "{text}");
        }
        for text in ["", ".", "-", "1,5", "NaN", "1e", "0x1", "99999999999", "1E99", "1 "] {
            assert_eq!(Nanos::parse(text), None, "{text}");
        }
    }

    #[test]
    fn cents_are_rounded_half_away_from_zero() {
        for (nanos, cents) in [(4_999_999, 0), (5_000_000, 1), (-5_000_000, -1), (12_345_678_901, 1_235)] {
            assert_eq!(Nanos(nanos).cents(), cents);
        }
    }

    #[test]
    fn a_currency_is_as_aws_gives_it() {
        let euros = Billed(Nanos(-12_345_000_000), "EUR");
        assert_eq!((euros.to_string(), format!("{euros:#}")), ("-12.35 EUR".into(), "-12.35 EUR".into()));
        let dollars = Billed(Nanos(1_284_100_000_000), "USD");
        assert_eq!((dollars.to_string(), format!("{dollars:#}")), ("$1,284.10".into(), "1,284.10".into()));
        assert_eq!(Billed(Nanos(1), "USD").to_string(), "<$0.01");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_the_same(nanos in any::<i64>()) {
            prop_assert_eq!(Nanos::parse(&Nanos(nanos).to_string()), Some(Nanos(nanos)));
        }
    }
}
