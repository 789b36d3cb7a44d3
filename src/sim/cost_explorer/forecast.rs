//! `GetCostForecast`: what the last four weeks lead one to expect.

use serde_json::{Value, json};

use super::expression::Expression;
use super::period::{Granularity, Period};
use super::totals::Question;
use super::{seen, validation};
use crate::sim::billing::{Amount, Billing, Day, ONE, amount_text, day_of, month_start};
use crate::sim::context::Context;
use crate::sim::wire::{JsonReply, Refusal};

/// The days that are looked back upon: whole weeks, as weekends differ.
const WEEKS: i64 = 4;

pub(super) fn get(context: &mut Context<'_>) -> JsonReply {
    let granularity = Granularity::read(context.request)?;
    let period = Period::read_any(context.request)?;
    let (today, settled) = (day_of(context.now()), day_of(Billing::settled(context.now())));
    if period.from > today {
        return Err(validation("Start date must be equal to or no later than the current date"));
    }
    let (months, name) = match granularity {
        Granularity::Daily => (3, "daily"),
        Granularity::Monthly => (18, "monthly"),
    };
    if period.until > month_start(today, months) + (today - month_start(today, 0)) + 1 {
        return Err(validation(format!("A {name} forecast reaches no more than {months} months ahead")));
    }
    if period.until <= today {
        return Err(validation("End date must be later than the current date"));
    }
    let filter = Expression::read(context.request)?;
    let mut keys = std::collections::BTreeSet::new();
    if let Some(filter) = &filter {
        filter.tag_keys(&mut keys);
    }
    if !keys.is_empty() {
        return Err(validation("Tags are not supported in the filter of a forecast"));
    }
    let account = seen(context);
    let past = Period { from: settled - 7 * WEEKS, until: settled };
    let question = |period| Question {
        account: account.as_deref(),
        period,
        granularity: Granularity::Daily,
        filter: filter.as_ref(),
        groups: &[],
    };
    let is_quantity = context.text("Metric").is_some_and(|metric| metric.contains("USAGE"));
    let daily = |period: Period| -> Vec<Amount> {
        let sums = question(period).sums(context.world).remove(&Vec::new()).unwrap_or_default();
        sums.iter().map(|sum| if is_quantity { sum.quantity } else { sum.cost }).collect()
    };
    let history = daily(past);
    if context.now() < context.world.billing.available_from
        || history.iter().filter(|amount| **amount != 0).count() < 14
    {
        return Err(Refusal::new(
            "DataUnavailableException",
            "Insufficient amount of historical data to generate forecast, please supply at least one month of data",
        ));
    }
    let level = context.request.get("PredictionIntervalLevel").and_then(Value::as_i64);
    let expected = Expected::of(&history, past.from);
    let known =
        if period.from < settled { daily(Period { from: period.from, until: settled }) } else { Vec::new() };
    let mean =
        |day: Day| known.get((day - period.from) as usize).copied().unwrap_or_else(|| expected.on(day));
    let mut total = 0;
    let mut results = Vec::new();
    for part in period.parts(granularity) {
        let sum: Amount = (part.from..part.until).map(mean).sum();
        total += sum;
        let mut result = json!({"TimePeriod": part.to_json(), "MeanValue": amount_text(sum)});
        if let Some(level) = level {
            let unknown = (part.from.max(settled)..part.until).count();
            let spread = expected.spread(unknown, level);
            result["PredictionIntervalLowerBound"] = amount_text((sum - spread).max(0)).into();
            result["PredictionIntervalUpperBound"] = amount_text(sum + spread).into();
        }
        results.push(result);
    }
    let currency = context.world.billing.currency(&context.call.scope.account);
    let unit = if is_quantity { "N/A" } else { &*currency };
    Ok(json!({
        "Total": {"Amount": amount_text(total), "Unit": unit},
        "ForecastResultsByTime": results,
    }))
}

/// What a day is expected to cost.
struct Expected {
    /// By day of the week, beginning with that of the first day of all.
    weekday: [Amount; 7],
    /// The standard deviation of a day, in dollars.
    deviation: f64,
}

impl Expected {
    fn of(history: &[Amount], from: Day) -> Self {
        let mut weekday = [0; 7];
        for (day, amount) in (from..).zip(history) {
            weekday[day.rem_euclid(7) as usize] += amount / WEEKS;
        }
        let errors = (from..).zip(history).map(|(day, amount)| {
            let error = (amount - weekday[day.rem_euclid(7) as usize]) as f64 / ONE as f64;
            error * error
        });
        let deviation = (errors.sum::<f64>() / history.len().max(1) as f64).sqrt();
        Self { weekday, deviation }
    }

    fn on(&self, day: Day) -> Amount {
        self.weekday[day.rem_euclid(7) as usize]
    }

    /// How far off the sum of so many days may be, at a level of confidence in per cent.
    fn spread(&self, days: usize, level: i64) -> Amount {
        // The quantiles of the normal distribution, near enough for an interval.
        let quantile = match level {
            ..=60 => 0.84,
            61..=70 => 1.04,
            71..=80 => 1.28,
            81..=90 => 1.64,
            91..=95 => 1.96,
            _ => 2.58,
        };
        (quantile * self.deviation * (days as f64).sqrt() * ONE as f64) as Amount
    }
}
