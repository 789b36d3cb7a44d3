//! What we metered against what AWS billed for the same days, and why the two differ. Days are those of AWS's
//! bills: from midnight to midnight, UTC.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::history::{History, Metered};
use crate::fleet::wording::Money;
use crate::fleet::{FieldKind, Region, Scope, Sheet, SheetColumn, SheetValue};

/// What a line of the bill is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BilledFor {
    /// The instance of an app, of this type: `JupyterLab`, `KernelGateway` ...
    App(Arc<str>, Arc<str>),
    /// The volumes of spaces.
    Storage,
    /// Other usage, by its name: training, endpoints ...
    Other(Arc<str>),
    /// Money back that AWS gives: a credit.
    Credit,
    /// Money back for what was billed wrongly.
    Refund,
    /// Tax.
    Tax,
}

/// What AWS billed for one thing on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct BilledLine {
    /// The day, UTC.
    pub day: Date,
    /// The region; `None` where the line does not tell it.
    pub region: Option<Region>,
    /// What for.
    pub what: BilledFor,
    /// How much, in the one currency of all lines.
    pub amount: f64,
    /// Whether AWS says that it may still change.
    pub is_estimated: bool,
}

/// One kind of app on one instance type.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciled {
    /// The region.
    pub region: Region,
    /// The app type.
    pub app_type: Arc<str>,
    /// The instance type.
    pub instance: Arc<str>,
    /// Instance hours that were metered.
    pub hours: f64,
    /// What they come to.
    pub metered: f64,
    /// What AWS billed.
    pub billed: f64,
}

/// Why metered and billed differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// What it is.
    pub what: &'static str,
    /// Dollars of the bill that it accounts for, where that is known or can be told from what was watched.
    pub amount: Option<f64>,
    /// In words.
    pub why: String,
}

/// The two, side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciliation {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub until: Date,
    /// By kind, the greatest difference first.
    pub rows: Vec<Reconciled>,
    /// What was metered of apps.
    pub metered: f64,
    /// What was billed of apps, in the places that were to be watched.
    pub billed: f64,
    /// Why they differ, and what else is on the bill.
    pub causes: Vec<Cause>,
}

impl Reconciliation {
    /// Compares the days from one to another, which is left out.
    pub fn of(
        history: &History,
        scopes: &[Scope],
        (from, until): (Date, Date),
        bill: &[BilledLine],
    ) -> Option<Self> {
        let start = |day: Date| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
        let metered = history.metered(scopes, start(from)?, start(until)?);
        let bill: Vec<&BilledLine> =
            bill.iter().filter(|line| line.day >= from && line.day < until).collect();
        let mut rows: BTreeMap<(Region, Arc<str>, Arc<str>), Reconciled> = BTreeMap::new();
        let mut row = |region: &Region, app_type: &Arc<str>, instance: &Arc<str>, hours, own, billed| {
            let key = (region.clone(), app_type.clone(), instance.clone());
            let row = rows.entry(key).or_insert_with(|| Reconciled {
                region: region.clone(),
                app_type: app_type.clone(),
                instance: instance.clone(),
                hours: 0.0,
                metered: 0.0,
                billed: 0.0,
            });
            row.hours += hours;
            row.metered += own;
            row.billed += billed;
        };
        for ((region, kind), gauge) in &metered.runs {
            row(region, &kind.app_type, &kind.instance, gauge.instances, gauge.burn, 0.0);
        }
        let watched_there = |line: &BilledLine| {
            line.region.as_ref().is_some_and(|at| scopes.iter().any(|own| own.region() == at))
        };
        for line in bill.iter().filter(|line| watched_there(line)) {
            if let (BilledFor::App(app_type, instance), Some(region)) = (&line.what, &line.region) {
                row(region, app_type, instance, 0.0, 0.0, line.amount);
            }
        }
        let mut rows: Vec<Reconciled> = rows.into_values().collect();
        let gap = |row: &Reconciled| (row.billed - row.metered).abs();
        rows.sort_by(|left, right| gap(right).total_cmp(&gap(left)));
        let billed: f64 = rows.iter().map(|row| row.billed).sum();
        let causes = causes(&metered, billed, &bill, &rows, watched_there);
        Some(Self { from, until, rows, metered: metered.total.burn, billed, causes })
    }

    /// All of it as rows.
    pub fn sheet(&self) -> Sheet {
        let columns = [
            ("what", FieldKind::Text),
            ("region", FieldKind::Text),
            ("ran", FieldKind::Duration),
            ("metered", FieldKind::Money),
            ("billed", FieldKind::Money),
            ("difference", FieldKind::Money),
            ("why", FieldKind::Text),
        ];
        let text = |text: &str| SheetValue::Text(text.to_owned());
        let number = SheetValue::Number;
        let mut rows: Vec<Vec<SheetValue>> = Vec::new();
        for row in &self.rows {
            rows.push(vec![
                text(&format!("{} {}", row.app_type, row.instance)),
                text(row.region.as_str()),
                number(row.hours * 3_600.0),
                number(row.metered),
                number(row.billed),
                number(row.billed - row.metered),
                SheetValue::Absent,
            ]);
        }
        let none = || SheetValue::Absent;
        let difference = self.billed - self.metered;
        rows.push(vec![
            text("apps, all"),
            none(),
            none(),
            number(self.metered),
            number(self.billed),
            number(difference),
            none(),
        ]);
        for cause in &self.causes {
            let amount = cause.amount.map_or(SheetValue::Unknown, SheetValue::Number);
            rows.push(vec![text(cause.what), none(), none(), none(), none(), amount, text(&cause.why)]);
        }
        Sheet { columns: columns.map(|(name, kind)| SheetColumn { name, kind }).to_vec(), rows }
    }
}

/// What explains the difference, and what the bill has besides apps.
fn causes(
    metered: &Metered,
    billed: f64,
    bill: &[&BilledLine],
    rows: &[Reconciled],
    watched_there: impl Fn(&BilledLine) -> bool,
) -> Vec<Cause> {
    let mut causes = Vec::new();
    let mut rest = billed - metered.total.burn;
    if !metered.is_whole() {
        let missing = metered.hours - metered.watched;
        // What was watched tells the rate; that the rest ran alike is a guess, and said to be one.
        let guess = metered.is_known().then(|| metered.total.burn / metered.watched * missing);
        rest -= guess.unwrap_or(0.0);
        let why = format!(
            "{missing:.0} of {:.0} hours (places times hours); the amount is a guess: as if it had run alike",
            metered.hours
        );
        causes.push(Cause { what: "hours not watched", amount: guess, why });
    }
    if metered.total.unknown_prices > 0.0 {
        let why = format!("{:.1} instance hours were metered without a price", metered.total.unknown_prices);
        causes.push(Cause { what: "apps of unknown price", amount: None, why });
    }
    if rows.iter().any(|row| &*row.app_type == "KernelGateway" && row.hours > 0.0) {
        let why = "apps of one user on one instance type count as one, as AWS bills them".to_owned();
        causes.push(Cause { what: "shared Classic instances", amount: Some(0.0), why });
    }
    causes.push(Cause {
        what: "not explained",
        amount: Some(rest),
        why: "minutes between two samples, discounts, savings plans, price changes".to_owned(),
    });
    let sum = |keep: &dyn Fn(&BilledLine) -> bool| -> f64 {
        bill.iter().filter(|line| keep(line)).map(|line| line.amount).sum()
    };
    let is_app = |line: &BilledLine| matches!(line.what, BilledFor::App(..));
    let others: [(&'static str, f64, &str); 5] = [
        (
            "apps elsewhere",
            sum(&|line| is_app(line) && !watched_there(line)),
            "in regions that are not watched",
        ),
        ("storage of spaces", sum(&|line| line.what == BilledFor::Storage), "billed while nothing runs, too"),
        ("credits", sum(&|line| line.what == BilledFor::Credit), "not among the sums above"),
        ("refunds", sum(&|line| line.what == BilledFor::Refund), "not among the sums above"),
        ("tax", sum(&|line| line.what == BilledFor::Tax), "not among the sums above"),
    ];
    for (what, amount, why) in others {
        if amount != 0.0 {
            causes.push(Cause { what, amount: Some(amount), why: why.to_owned() });
        }
    }
    let mut other: BTreeMap<&str, f64> = BTreeMap::new();
    for line in bill {
        if let BilledFor::Other(name) = &line.what {
            *other.entry(name).or_default() += line.amount;
        }
    }
    if !other.is_empty() {
        let mut named: Vec<(&str, f64)> = other.iter().map(|(name, amount)| (*name, *amount)).collect();
        named.sort_by(|left, right| right.1.total_cmp(&left.1));
        let words: Vec<String> =
            named.iter().take(4).map(|(name, amount)| format!("{name} {}", Money(*amount))).collect();
        let amount = named.iter().map(|(_, amount)| amount).sum();
        causes.push(Cause { what: "other usage", amount: Some(amount), why: words.join(", ") });
    }
    let mut estimated: Vec<Date> =
        bill.iter().filter(|line| line.is_estimated).map(|line| line.day).collect();
    estimated.sort_unstable();
    estimated.dedup();
    if let (Some(first), Some(last)) = (estimated.first(), estimated.last()) {
        let why = format!("AWS may still change {} days from {first} to {last}", estimated.len());
        causes.push(Cause { what: "estimated by AWS", amount: None, why });
    }
    causes
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::fleet::burn::history::tests::seen;
    use crate::fleet::burn::history::{Gauge, Sample};
    use crate::fleet::{Timestamp, sample};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn line(what: BilledFor, amount: f64) -> BilledLine {
        BilledLine {
            day: day("2026-11-18"),
            region: Some(Region::new("us-east-1")),
            what,
            amount,
            is_estimated: false,
        }
    }

    fn app(amount: f64) -> BilledLine {
        line(BilledFor::App("JupyterLab".into(), "ml.g5.xlarge".into()), amount)
    }

    /// A day of one dollar an hour, from this hour on.
    fn samples(from: i64) -> Vec<Sample> {
        let midnight: Timestamp = "2026-11-18T00:00:00Z".parse().unwrap();
        (from * 12..288).map(|n| seen(midnight + SignedDuration::from_mins(n * 5), 1.0, 0.0)).collect()
    }

    fn reconciled(samples: Vec<Sample>, bill: &[BilledLine]) -> Reconciliation {
        let days = (day("2026-11-18"), day("2026-11-19"));
        Reconciliation::of(&History::of(samples), &[sample::scope()], days, bill).unwrap()
    }

    fn amount(of: &Reconciliation, what: &str) -> Option<f64> {
        of.causes.iter().find(|cause| cause.what == what).and_then(|cause| cause.amount)
    }

    #[test]
    fn a_day_that_was_watched_whole_agrees_with_the_bill() {
        let same = reconciled(samples(0), &[app(24.0)]);
        assert!((same.metered - 24.0).abs() < 1e-6 && (same.billed - 24.0).abs() < 1e-9);
        assert!(amount(&same, "hours not watched").is_none());
        assert!(amount(&same, "not explained").unwrap().abs() < 1e-6);
        assert!((same.rows[0].hours - 24.0).abs() < 1e-6);
    }

    #[test]
    fn hours_that_nobody_watched_explain_what_they_can_and_say_that_it_is_a_guess() {
        let half = reconciled(samples(12), &[app(24.0)]);
        assert!((half.metered - 12.0).abs() < 1e-6);
        assert!((amount(&half, "hours not watched").unwrap() - 12.0).abs() < 1e-6);
        assert!(amount(&half, "not explained").unwrap().abs() < 1e-6);
        assert!(half.causes[0].why.contains("guess") && half.causes[0].why.starts_with("12 of 24 hours"));
        let never = reconciled(vec![], &[app(24.0)]);
        assert_eq!(
            amount(&never, "hours not watched"),
            None,
            "nothing was watched, so nothing can be guessed"
        );
        assert!((amount(&never, "not explained").unwrap() - 24.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_app_is_told_apart_and_other_days_do_not_count() {
        let elsewhere = BilledLine { region: Some(Region::new("eu-west-1")), ..app(5.0) };
        let later = BilledLine { day: day("2026-11-19"), ..app(99.0) };
        let estimated = BilledLine { is_estimated: true, ..line(BilledFor::Other("Train".into()), 7.0) };
        let bill = [
            app(24.0),
            elsewhere,
            later,
            estimated,
            line(BilledFor::Storage, 3.0),
            line(BilledFor::Credit, -10.0),
            line(BilledFor::Tax, 2.0),
        ];
        let all = reconciled(samples(0), &bill);
        assert!((all.billed - 24.0).abs() < 1e-9);
        for (what, expected) in [
            ("apps elsewhere", 5.0),
            ("storage of spaces", 3.0),
            ("credits", -10.0),
            ("tax", 2.0),
            ("other usage", 7.0),
        ] {
            assert_eq!(amount(&all, what), Some(expected), "{what}");
        }
        let estimated = all.causes.iter().find(|cause| cause.what == "estimated by AWS").unwrap();
        assert!(estimated.why.contains("2026-11-18"), "{estimated:?}");
        assert!(all.sheet().rows.iter().all(|row| row.len() == 7));
    }

    #[test]
    fn hours_of_no_price_are_named() {
        let unpriced = samples(0).into_iter().map(|mut sample| {
            for gauge in sample.runs.values_mut() {
                *gauge = Gauge { instances: 1.0, unknown_prices: 1.0, ..Gauge::default() };
            }
            sample
        });
        let told = reconciled(unpriced.collect(), &[app(24.0)]);
        let cause = told.causes.iter().find(|cause| cause.what == "apps of unknown price").unwrap();
        assert_eq!(
            (cause.amount, cause.why.as_str()),
            (None, "24.0 instance hours were metered without a price")
        );
    }
}
