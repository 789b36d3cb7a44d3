//! How much of something was used on each day, and what that cost. Knows neither accounts nor tags.

use super::amount::{self, Amount, ONE};
use super::calendar::{Calendar, Day, is_workday, start_of};
use super::habit::{Habit, Span};
use crate::sim::clock::{DAY, Millis};

/// What a quantity counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sim) enum UsageUnit {
    /// Hours of an instance.
    Hours,
    /// Gigabytes for a month.
    GigabyteMonths,
    /// Requests.
    Requests,
    /// Nothing that is counted.
    Nothing,
}

impl UsageUnit {
    /// AWS's spelling.
    pub(in crate::sim) fn as_str(self) -> &'static str {
        match self {
            Self::Hours => "Hrs",
            Self::GigabyteMonths => "GB-Mo",
            Self::Requests => "Requests",
            Self::Nothing => "N/A",
        }
    }
}

/// What was used on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Usage {
    pub(in crate::sim) day: Day,
    pub(in crate::sim) quantity: Amount,
    pub(in crate::sim) cost: Amount,
}

/// What is metered. Prices are ten-thousandths of a dollar.
#[derive(Debug)]
pub(super) enum Meter<'a> {
    /// Runs of one instance that do not overlap, by the hour.
    Runs { price: i64, spans: Vec<Span> },
    /// What somebody did before the fleet's present, by the hour.
    Habit { price: i64, habit: &'a Habit },
    /// A volume, by the part of the month.
    Volume { price: i64, gigabytes: u64, from: Millis, until: Millis },
    /// Something that goes on and on, less at weekends: so much on a working day, from a day on.
    Steady { price: i64, unit: UsageUnit, daily: Amount, weekend: i64, from: Day },
    /// Amounts without a quantity on some days.
    Fixed(Vec<(Day, Amount)>),
}

impl Meter<'_> {
    pub(super) fn unit(&self) -> UsageUnit {
        match self {
            Self::Runs { .. } | Self::Habit { .. } => UsageUnit::Hours,
            Self::Volume { .. } => UsageUnit::GigabyteMonths,
            Self::Steady { unit, .. } => *unit,
            Self::Fixed(_) => UsageUnit::Nothing,
        }
    }

    /// Fills in the days of a calendar on which something was used, in order.
    pub(super) fn read(&self, calendar: &Calendar, usage: &mut Vec<Usage>) {
        usage.clear();
        match self {
            Self::Runs { price, spans } => {
                let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return };
                for day in calendar.days(first.0, last.1) {
                    let millis = spans.iter().map(|(from, until)| calendar.share(day, *from, *until)).sum();
                    usage.extend(hours(day, millis, *price));
                }
            }
            Self::Habit { price, habit } => {
                for day in calendar.days(habit.from, habit.until) {
                    let millis =
                        habit.runs_on(day).map(|(from, until)| calendar.share(day, from, until)).sum();
                    usage.extend(hours(day, millis, *price));
                }
            }
            Self::Volume { price, gigabytes, from, until } => {
                for day in calendar.days(*from, *until) {
                    let part = i128::from(*gigabytes) * i128::from(calendar.share(day, *from, *until));
                    let quantity = amount::divided(
                        part * i128::from(ONE),
                        i128::from(DAY) * i128::from(calendar.days_in_month(day)),
                    );
                    usage.push(Usage { day, quantity, cost: amount::cost_of(quantity, *price) });
                }
            }
            Self::Steady { price, daily, weekend, from, .. } => {
                for day in calendar.days(start_of(*from), Millis::MAX) {
                    let share = calendar.share(day, Millis::MIN, Millis::MAX);
                    let daily = if is_workday(day) { *daily } else { daily * weekend / 100 };
                    let quantity = amount::divided(i128::from(daily) * i128::from(share), i128::from(DAY));
                    if quantity != 0 {
                        usage.push(Usage { day, quantity, cost: amount::cost_of(quantity, *price) });
                    }
                }
            }
            Self::Fixed(days) => {
                let known = calendar.days(start_of(calendar.from), Millis::MAX);
                let known = days.iter().filter(|(day, _)| known.contains(day));
                usage.extend(known.map(|(day, cost)| Usage { day: *day, quantity: 0, cost: *cost }));
            }
        }
    }
}

fn hours(day: Day, millis: Millis, price: i64) -> Option<Usage> {
    let (quantity, cost) = (amount::hours(millis), amount::cost_of_hours(millis, price));
    (millis > 0).then_some(Usage { day, quantity, cost })
}

/// Spans put together so that no moment counts twice.
pub(super) fn united(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut united: Vec<Span> = Vec::with_capacity(spans.len());
    for (from, until) in spans {
        match united.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => united.push((from, until)),
        }
    }
    united
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::clock::HOUR;

    fn read(meter: &Meter<'_>, calendar: &Calendar) -> Vec<(Day, String, String)> {
        let mut usage = Vec::new();
        meter.read(calendar, &mut usage);
        usage
            .iter()
            .map(|usage| (usage.day, amount::text(usage.quantity), amount::text(usage.cost)))
            .collect()
    }

    #[test]
    fn a_run_over_midnight_is_billed_on_both_days() {
        let calendar = Calendar::new(0, 10, Millis::MAX);
        let spans = vec![(22 * HOUR, DAY + 6 * HOUR)];
        let expected = [(0, "2".to_owned(), "0.2".to_owned()), (1, "6".to_owned(), "0.6".to_owned())];
        assert_eq!(read(&Meter::Runs { price: 1_000, spans }, &calendar), expected);
    }

    #[test]
    fn overlapping_runs_of_one_instance_are_one() {
        assert_eq!(united(vec![(5, 9), (0, 2), (1, 3), (9, 12), (6, 7)]), [(0, 3), (5, 12)]);
    }

    #[test]
    fn a_volume_is_billed_by_the_part_of_its_own_month() {
        // January has 31 days: ten of them for 31 GB are 10 GB-months.
        let calendar = Calendar::new(0, 10, Millis::MAX);
        let meter = Meter::Volume { price: 1_000, gigabytes: 31, from: 0, until: Millis::MAX };
        assert!(read(&meter, &calendar).iter().all(|(_, quantity, cost)| quantity == "1" && cost == "0.1"));
        let half = Calendar::new(0, 10, DAY + DAY / 2);
        assert_eq!(read(&meter, &half).last().unwrap(), &(1, "0.5".to_owned(), "0.05".to_owned()));
    }
}
