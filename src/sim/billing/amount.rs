//! Amounts of money and of use, exact to the tenth decimal place, the last one AWS shows. Knows no bill.

/// An amount in units of [`PLACES`] decimal places: sums of it are the same in whatever order.
pub type Amount = i64;

/// How many decimal places an amount has.
pub const PLACES: usize = 10;
/// One whole, as an amount.
pub const ONE: Amount = 10_000_000_000;

const HOUR: i128 = 3_600_000;

/// An amount as AWS writes it: without zeros at the end.
pub fn text(amount: Amount) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let (whole, rest) =
        (amount.unsigned_abs() / ONE.unsigned_abs(), amount.unsigned_abs() % ONE.unsigned_abs());
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{rest:0PLACES$}").trim_end_matches('0'))
}

/// So many milliseconds, in hours.
pub(super) fn hours(millis: i64) -> Amount {
    divided(i128::from(millis) * i128::from(ONE), HOUR)
}

/// What so many milliseconds cost at a price an hour in ten-thousandths of a dollar.
pub(super) fn cost_of_hours(millis: i64, price: i64) -> Amount {
    divided(i128::from(millis) * i128::from(price) * i128::from(ONE / 10_000), HOUR)
}

/// What so much costs at a price a unit in ten-thousandths of a dollar.
pub(super) fn cost_of(quantity: Amount, price: i64) -> Amount {
    divided(i128::from(quantity) * i128::from(price), 10_000)
}

/// Rounded to the nearest.
pub(super) fn divided(of: i128, by: i128) -> Amount {
    let half = if of < 0 { -by / 2 } else { by / 2 };
    Amount::try_from((of + half) / by).unwrap_or(Amount::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_without_zeros_at_the_end() {
        for (amount, written) in [
            (0, "0"),
            (ONE, "1"),
            (-ONE / 2, "-0.5"),
            (12 * ONE + 3_400_000_000, "12.34"),
            (1, "0.0000000001"),
            (-374_182_000_000, "-37.4182"),
        ] {
            assert_eq!(text(amount), written);
        }
    }

    #[test]
    fn an_hour_costs_its_price_and_half_of_one_half() {
        assert_eq!(hours(3_600_000), ONE);
        assert_eq!(text(cost_of_hours(3_600_000, 15_700)), "1.57");
        assert_eq!(text(cost_of_hours(1_800_000, 15_700)), "0.785");
        assert_eq!(text(cost_of_hours(1_000, 1)), "0.0000000278");
        assert_eq!(text(cost_of(5 * ONE, 1_249)), "0.6245");
    }
}
