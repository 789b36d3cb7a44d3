//! What we metered against what AWS billed for the same days, and why the two differ. Days are those of AWS's
//! bills: from midnight to midnight, UTC. Only days that were watched in full are compared; of the others the bill is
//! told and nothing is concluded.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use super::bill::{Bill, BilledFor, BilledLine};
use super::history::{History, RunKind};
use crate::fleet::wording::{Counted, Money};
use crate::fleet::{Days, FieldKind, Region, Scope, Sheet, SheetColumn, SheetValue, Timestamp};

/// App types whose names on bills are published. Source: usage types of the Price List and of bills.
const PUBLISHED: [&str; 3] = ["JupyterLab", "CodeEditor", "KernelGateway"];
/// More other usages than these are summed up and not named.
const NAMED: usize = 4;
/// Less than this share of a day is the tail of a sample of the day before, or a look in passing.
const GLIMPSE: f64 = 0.01;
/// A day lasts so many hours, in UTC.
const HOURS: f64 = 24.0;

/// One kind of app on one instance type.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciled {
    /// The region.
    pub region: Region,
    /// The app type.
    pub app_type: Arc<str>,
    /// The instance type.
    pub instance: Arc<str>,
    /// Instance hours that were metered, and what they come to in dollars; `None` where no day was watched in full.
    pub metered: Option<(f64, f64)>,
    /// What AWS billed, in dollars.
    pub billed: f64,
}

/// One day.
#[derive(Debug, Clone, PartialEq)]
pub struct ReconciledDay {
    /// The day.
    pub day: Date,
    /// The share of it that was watched, of all places together, from 0 to 1.
    pub watched: f64,
    /// Whether all of it was, but for moments between two samples.
    pub is_whole: bool,
    /// What was metered of apps, in dollars.
    pub metered: f64,
    /// What was billed of apps, in dollars.
    pub billed: f64,
}

/// Why metered and billed differ, or what else there is to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// What it is.
    pub what: &'static str,
    /// Dollars of the bill that it accounts for; `None` where that is not known.
    pub amount: Option<f64>,
    /// In words.
    pub why: String,
    /// Whether it is no part of the difference, but stands on the bill beside what is compared.
    pub is_beside: bool,
}

/// The two, side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciliation {
    /// The days, as far as they are billed in full.
    pub days: Days,
    /// Since when the places are watched; `None` if they never were.
    pub since: Option<Date>,
    /// Each day.
    pub by_day: Vec<ReconciledDay>,
    /// The days watched in full, by kind, the greatest difference first. Where there is none, what was billed of all
    /// days, the dearest first.
    pub rows: Vec<Reconciled>,
    /// What was metered of apps on all days, in dollars; `None` if no hour was watched.
    pub metered: Option<f64>,
    /// What was billed of apps on all days, in the places that were to be watched, in dollars.
    pub billed: f64,
    /// Why they differ, and what else is on the bill.
    pub causes: Vec<Cause>,
}

/// What was metered and billed of a kind.
#[derive(Debug, Clone, Copy, Default)]
struct Both {
    hours: f64,
    metered: f64,
    billed: f64,
}

/// What a row is known by.
type Kind = (Region, Arc<str>, Arc<str>);

/// What the days come to that were watched alike.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    days: usize,
    watched_hours: f64,
    hours: f64,
    metered: f64,
    billed: f64,
}

impl Share {
    fn add(&mut self, day: &ReconciledDay, places: f64) {
        self.days += 1;
        self.watched_hours += day.watched * HOURS * places;
        self.hours += HOURS * places;
        self.metered += day.metered;
        self.billed += day.billed;
    }

    fn gap(&self) -> f64 {
        self.billed - self.metered
    }
}

impl Reconciliation {
    /// Compares some days. `since` is when the first of the places was first watched.
    ///
    /// # Errors
    /// Why there is nothing to compare with, as a sentence.
    pub fn of(
        history: &History,
        scopes: &[Scope],
        days: Days,
        since: Option<Date>,
        bill: &Bill,
    ) -> Result<Self, String> {
        let settled = bill.settled.ok_or("no bill by usage type is at hand")?;
        let asked = days;
        let days = Days { until: days.until.min(settled), ..days };
        if let Some(why) = Self::unbilled(asked, settled) {
            return Err(why);
        }
        let scopes: Vec<Scope> =
            scopes.iter().filter(|scope| bill.accounts.contains(scope.account())).cloned().collect();
        let is_watched = |line: &&BilledLine| {
            let region = line.region.as_ref();
            scopes.iter().any(|own| *own.account() == line.account && Some(own.region()) == region)
        };
        let lines: Vec<&BilledLine> = bill.lines.iter().filter(|line| days.contains(line.day)).collect();
        let (by_day, metered) = by_day(history, &scopes, days, &lines, &is_watched);
        let mut shares = [Share::default(); 3];
        let [whole, part, none] = &mut shares;
        for day in &by_day {
            match day {
                day if day.is_whole => whole.add(day, scopes.len() as f64),
                day if day.watched >= GLIMPSE => part.add(day, scopes.len() as f64),
                day => none.add(day, scopes.len() as f64),
            }
        }
        let rows = rows(&by_day, &metered, lines.iter().copied().filter(is_watched));
        let is_known = whole.days + part.days > 0;
        let mut causes = Vec::new();
        differences(&shares, since, &metered, &mut causes);
        beside(&lines, &is_watched, &mut causes);
        unknown(bill, asked, days, &lines, &mut causes);
        let sum = |amount: fn(&ReconciledDay) -> f64| by_day.iter().map(amount).sum::<f64>();
        let (all_metered, billed) = (sum(|day| day.metered), sum(|day| day.billed));
        Ok(Self { days, since, by_day, rows, metered: is_known.then_some(all_metered), billed, causes })
    }

    /// Why there is nothing to compare, where no day is billed in full in bills that are whole before this day.
    pub fn unbilled(days: Days, settled: Date) -> Option<String> {
        (settled <= days.from).then(|| {
            format!(
                "no day of {days} is billed in full yet: AWS writes bills up to a day late, and those before {settled} \
                 are whole"
            )
        })
    }

    /// How many days were watched in full.
    pub fn compared(&self) -> usize {
        self.by_day.iter().filter(|day| day.is_whole).count()
    }

    /// What was metered and billed of the days that were watched in full; `None` if there is none.
    pub fn of_compared(&self) -> Option<(f64, f64)> {
        let mut whole = self.by_day.iter().filter(|day| day.is_whole).peekable();
        whole.peek()?;
        Some(whole.fold((0.0, 0.0), |sum, day| (sum.0 + day.metered, sum.1 + day.billed)))
    }

    /// The share of the time that was watched, from 0 to 1.
    pub fn watched(&self) -> f64 {
        let days = self.by_day.len().max(1) as f64;
        self.by_day.iter().map(|day| day.watched).sum::<f64>() / days
    }

    /// Whether every day was watched in full, so that all of the difference is known.
    pub fn is_whole(&self) -> bool {
        self.by_day.iter().all(|day| day.is_whole)
    }

    /// The kinds of apps, the sums of the days that are compared, and those of all days. What a sum lacks a part of is
    /// not known.
    pub fn sheet(&self) -> Sheet {
        let columns = [
            ("what", FieldKind::Text),
            ("region", FieldKind::Text),
            ("ran", FieldKind::Duration),
            ("metered", FieldKind::Money),
            ("billed", FieldKind::Money),
            ("difference", FieldKind::Money),
        ];
        let number = |known: Option<f64>| known.map_or(SheetValue::Unknown, SheetValue::Number);
        let text = |text: &str| SheetValue::Text(text.to_owned());
        let mut rows: Vec<Vec<SheetValue>> = self
            .rows
            .iter()
            .map(|row| {
                let dollars = row.metered.map(|(_, dollars)| dollars);
                vec![
                    text(&format!("{} {}", row.app_type, row.instance)),
                    text(row.region.as_str()),
                    number(row.metered.map(|(hours, _)| hours * 3_600.0)),
                    number(dollars),
                    number(Some(row.billed)),
                    number(dollars.map(|dollars| row.billed - dollars)),
                ]
            })
            .collect();
        let mut sum = |what: &str, metered: SheetValue, billed: f64| {
            let difference = match metered {
                SheetValue::Number(metered) => SheetValue::Number(billed - metered),
                _ => SheetValue::Unknown,
            };
            let none = SheetValue::Absent;
            rows.push(vec![text(what), none.clone(), none, metered, SheetValue::Number(billed), difference]);
        };
        if let Some((metered, billed)) = self.of_compared().filter(|_| !self.is_whole()) {
            sum("days watched in full", SheetValue::Number(metered), billed);
        }
        let metered = match self.metered {
            Some(metered) if self.is_whole() => SheetValue::Number(metered),
            Some(metered) if metered > 0.0 => SheetValue::AtLeast(metered),
            _ => SheetValue::Unknown,
        };
        sum("all days", metered, self.billed);
        Sheet { columns: columns.map(|(name, kind)| SheetColumn { name, kind }).to_vec(), rows }
    }

    /// Why the two differ, and what else is on the bill.
    pub fn cause_sheet(&self) -> Sheet {
        let columns = [("what", FieldKind::Text), ("amount", FieldKind::Money), ("why", FieldKind::Text)];
        let row = |cause: &Cause| {
            let amount = cause.amount.map_or(SheetValue::Unknown, SheetValue::Number);
            vec![SheetValue::Text(cause.what.to_owned()), amount, SheetValue::Text(cause.why.clone())]
        };
        Sheet {
            columns: columns.map(|(name, kind)| SheetColumn { name, kind }).to_vec(),
            rows: self.causes.iter().map(row).collect(),
        }
    }

    /// Both sheets in one, for a file that has place for one table only.
    pub fn whole_sheet(&self) -> Sheet {
        let mut all = self.sheet();
        all.columns.push(SheetColumn { name: "why", kind: FieldKind::Text });
        all.rows.iter_mut().for_each(|row| row.push(SheetValue::Absent));
        for cause in self.cause_sheet().rows {
            let Ok([what, amount, why]) = <[SheetValue; 3]>::try_from(cause) else { continue };
            let none = || SheetValue::Absent;
            all.rows.push(vec![what, none(), none(), none(), none(), amount, why]);
        }
        all
    }
}

/// What was metered in the days watched in full, by kind, and of it what has no price.
#[derive(Debug, Default)]
struct MeteredKinds {
    kinds: BTreeMap<Kind, Both>,
    unpriced_hours: f64,
}

/// What each day comes to, and what ran in those that were watched in full.
fn by_day(
    history: &History,
    scopes: &[Scope],
    days: Days,
    lines: &[&BilledLine],
    is_watched: &impl Fn(&&BilledLine) -> bool,
) -> (Vec<ReconciledDay>, MeteredKinds) {
    let start = |day: Date| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
    let mut billed: BTreeMap<Date, f64> = BTreeMap::new();
    for line in lines.iter().filter(|line| matches!(line.what, BilledFor::App(..)) && is_watched(line)) {
        *billed.entry(line.day).or_default() += line.amount;
    }
    let mut kinds = MeteredKinds::default();
    let mut all = Vec::new();
    for day in days.from.series(1.day()).take_while(|day| *day < days.until) {
        let Some(from) = start(day) else { break };
        let until = from.checked_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
        let metered = history.metered(scopes, from, until);
        let is_whole = metered.is_known() && metered.is_whole();
        if is_whole {
            kinds.unpriced_hours += metered.total.unknown_prices;
            for ((region, kind), gauge) in &metered.runs {
                let both = kinds.kinds.entry(kind_of(region, kind)).or_default();
                both.hours += gauge.instances;
                both.metered += gauge.burn;
            }
        }
        let watched = if metered.hours > 0.0 { (metered.watched / metered.hours).min(1.0) } else { 0.0 };
        let billed = billed.get(&day).copied().unwrap_or(0.0);
        all.push(ReconciledDay { day, watched, is_whole, metered: metered.total.burn, billed });
    }
    (all, kinds)
}

/// A kind as bills know it: a kernel of Classic that was given `system` runs on the type that stands for it.
fn kind_of(region: &Region, kind: &RunKind) -> Kind {
    let instance = match (&*kind.app_type, &*kind.instance) {
        ("KernelGateway", "system") => Arc::from(super::CLASSIC_DEFAULT_INSTANCE),
        _ => Arc::clone(&kind.instance),
    };
    (region.clone(), Arc::clone(&kind.app_type), instance)
}

/// The kinds of apps: on days watched in full; where there is none, what was billed on all.
fn rows<'a>(
    by_day: &[ReconciledDay],
    metered: &MeteredKinds,
    lines: impl Iterator<Item = &'a BilledLine>,
) -> Vec<Reconciled> {
    let whole: Vec<Date> = by_day.iter().filter(|day| day.is_whole).map(|day| day.day).collect();
    let mut kinds = metered.kinds.clone();
    for line in lines.filter(|line| whole.is_empty() || whole.binary_search(&line.day).is_ok()) {
        if let (BilledFor::App(app_type, instance), Some(region)) = (&line.what, &line.region) {
            let kind = (region.clone(), Arc::clone(app_type), Arc::clone(instance));
            kinds.entry(kind).or_default().billed += line.amount;
        }
    }
    let row = |((region, app_type, instance), both): (Kind, Both)| Reconciled {
        region,
        app_type,
        instance,
        metered: (!whole.is_empty()).then_some((both.hours, both.metered)),
        billed: both.billed,
    };
    let mut rows: Vec<Reconciled> = kinds.into_iter().map(row).collect();
    // Less than a cent is of the arithmetic and orders nothing.
    let gap = |row: &Reconciled| {
        let metered = row.metered.map_or(0.0, |(_, dollars)| dollars);
        ((row.billed - metered).abs() * 100.0).round()
    };
    rows.sort_by(|left, right| {
        gap(right).total_cmp(&gap(left)).then_with(|| right.billed.total_cmp(&left.billed))
    });
    rows
}

/// What makes up the difference. What can be told adds up to it.
fn differences(
    [whole, part, none]: &[Share; 3],
    since: Option<Date>,
    metered: &MeteredKinds,
    causes: &mut Vec<Cause>,
) {
    let mut say = |what, amount, why: String| causes.push(Cause { what, amount, why, is_beside: false });
    let watching = match since {
        Some(since) => format!("these places are watched since {since}"),
        None => "these places were never watched".to_owned(),
    };
    if whole.days + part.days == 0 {
        // Without a single sample all of the bill would look like a difference, and is none.
        say(
            "not watched",
            None,
            format!(
                "no hour of {} was: {watching}. A console samples every 5 minutes while it is in front, and a timer \
                 that runs `sagedeck burn` at least every 10 minutes does without one",
                Counted(none.days, "day")
            ),
        );
        return;
    }
    if none.days > 0 {
        let why =
            format!("{} without any sample ({watching}): all that was billed", Counted(none.days, "day"));
        say("days not watched", Some(none.gap()), why);
    }
    if part.days > 0 {
        let guess = part.metered / part.watched_hours * (part.hours - part.watched_hours);
        let why = format!(
            "{}: {:.0} of {:.0} hours (places times hours); had the rest run alike it would be {}",
            Counted(part.days, "day"),
            part.watched_hours,
            part.hours,
            Money(guess)
        );
        say("days watched in part", Some(part.gap()), why);
    }
    if metered.unpriced_hours > 0.0 {
        let why = format!("{:.1} instance hours were metered without a price", metered.unpriced_hours);
        say("apps of unknown price", None, why);
    }
    let ran = |wanted: &dyn Fn(&str) -> bool| {
        metered.kinds.iter().any(|((_, app_type, _), both)| both.hours > 0.0 && wanted(app_type))
    };
    if ran(&|app_type| app_type == "KernelGateway") {
        let why = "apps of one user on one instance type count as one, as AWS bills them".to_owned();
        say("shared Classic instances", Some(0.0), why);
    }
    if ran(&|app_type| !PUBLISHED.contains(&app_type)) {
        let why = "what other apps are called on bills is not published: they stand in rows of their own"
            .to_owned();
        say("names on bills", Some(0.0), why);
    }
    if whole.days > 0 {
        let why = format!(
            "of {} watched in full: minutes between two samples, discounts, price changes",
            Counted(whole.days, "day")
        );
        say("not explained", Some(whole.gap()), why);
    } else {
        let why = "no day was watched in full, so metered and billed can be compared for none".to_owned();
        say("not compared", None, why);
    }
}

/// What the bill has besides apps in the places that are watched.
fn beside(lines: &[&BilledLine], is_watched: &impl Fn(&&BilledLine) -> bool, causes: &mut Vec<Cause>) {
    let sum = |keep: &dyn Fn(&&BilledLine) -> bool| -> f64 {
        lines.iter().filter(|line| keep(line)).map(|line| line.amount).sum()
    };
    let is_app = |line: &&BilledLine| matches!(line.what, BilledFor::App(..));
    let of = |what: BilledFor| sum(&|line| line.what == what);
    let others: [(&'static str, f64, &str); 6] = [
        (
            "apps elsewhere",
            sum(&|line| is_app(line) && !is_watched(line)),
            "in regions that are not watched, or of an unknown one",
        ),
        ("storage of spaces", of(BilledFor::Storage), "billed while nothing runs, too"),
        ("discounts", of(BilledFor::Discount), "savings plans and discounts as lines of their own"),
        ("credits", of(BilledFor::Credit), "not among the sums above"),
        ("refunds", of(BilledFor::Refund), "not among the sums above"),
        ("tax", of(BilledFor::Tax), "not among the sums above"),
    ];
    for (what, amount, why) in others {
        if amount != 0.0 {
            causes.push(Cause { what, amount: Some(amount), why: why.to_owned(), is_beside: true });
        }
    }
    let mut other: BTreeMap<&str, f64> = BTreeMap::new();
    for line in lines {
        if let BilledFor::Other(name) = &line.what {
            *other.entry(name).or_default() += line.amount;
        }
    }
    if !other.is_empty() {
        let mut named: Vec<(&str, f64)> = other.iter().map(|(name, amount)| (*name, *amount)).collect();
        named.sort_by(|left, right| right.1.total_cmp(&left.1));
        let mut words: Vec<String> =
            named.iter().take(NAMED).map(|(name, amount)| format!("{name} {}", Money(*amount))).collect();
        if named.len() > NAMED {
            words.push(format!("and {} more", named.len() - NAMED));
        }
        let amount = Some(named.iter().map(|(_, amount)| amount).sum());
        causes.push(Cause { what: "other usage", amount, why: words.join(", "), is_beside: true });
    }
}

/// What of the bill is not known, or not for good.
fn unknown(bill: &Bill, asked: Days, days: Days, lines: &[&BilledLine], causes: &mut Vec<Cause>) {
    let mut say = |what, why: String| causes.push(Cause { what, amount: None, why, is_beside: true });
    if asked.until > days.until {
        let late = Days { from: days.until, until: asked.until };
        say("left out", format!("{late}: AWS writes bills up to a day late, and these are not whole yet"));
    }
    let mut estimated: Vec<Date> =
        lines.iter().filter(|line| line.is_estimated).map(|line| line.day).collect();
    estimated.sort_unstable();
    estimated.dedup();
    if let (Some(first), Some(last)) = (estimated.first(), estimated.last()) {
        let count = Counted(estimated.len(), "day");
        say("estimated by AWS", format!("AWS may still change {count} from {first} to {last}"));
    }
    if !bill.foreign.is_empty() {
        let currencies: Vec<&str> = bill.foreign.iter().map(|currency| &**currency).collect();
        let why = format!(
            "accounts that are billed in {} are left out: prices are known in US dollars",
            currencies.join(", ")
        );
        say("other currencies", why);
    }
    if bill.unreadable > 0 {
        say("unreadable", format!("{} of the bill could not be read", Counted(bill.unreadable, "amount")));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::fleet::burn::history::tests::seen;
    use crate::fleet::burn::history::{Gauge, Sample};
    use crate::fleet::{AccountId, sample};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn account() -> AccountId {
        sample::scope().account().clone()
    }

    fn line(what: BilledFor, amount: f64) -> BilledLine {
        BilledLine {
            day: day("2026-11-18"),
            account: account(),
            region: Some(Region::new("us-east-1")),
            what,
            amount,
            is_estimated: false,
        }
    }

    fn app(amount: f64) -> BilledLine {
        line(BilledFor::App("JupyterLab".into(), "ml.g5.xlarge".into()), amount)
    }

    /// The days from the 18th on, each of one dollar an hour, watched from this hour of the first on.
    fn samples(from: i64, days: i64) -> Vec<Sample> {
        let midnight: Timestamp = "2026-11-18T00:00:00Z".parse().unwrap();
        let at = |n: i64| midnight + SignedDuration::from_mins(n * 5);
        (from * 12..days * 288).map(|n| seen(at(n), 1.0, 0.0)).collect()
    }

    fn bill(lines: &[BilledLine]) -> Bill {
        Bill {
            lines: lines.to_vec(),
            accounts: BTreeSet::from([account()]),
            settled: Some(day("2026-11-20")),
            ..Bill::default()
        }
    }

    /// So many days from the 18th on.
    fn reconciled(samples: Vec<Sample>, days: i32, bill: &Bill) -> Reconciliation {
        let from = day("2026-11-18");
        let days = Days { from, until: from.saturating_add(days.days()) };
        let since = samples.first().map(|sample| sample.at.to_zoned(TimeZone::UTC).date());
        Reconciliation::of(&History::of(samples), &[sample::scope()], days, since, bill).unwrap()
    }

    fn amount(of: &Reconciliation, what: &str) -> Option<f64> {
        let cause = of.causes.iter().find(|cause| cause.what == what);
        cause.unwrap_or_else(|| panic!("{what}: {:?}", of.causes)).amount
    }

    /// Whether what is told of the difference adds up to it.
    fn adds_up(of: &Reconciliation) -> bool {
        let told = of.causes.iter().filter(|cause| !cause.is_beside).filter_map(|cause| cause.amount);
        (told.sum::<f64>() - (of.billed - of.metered.unwrap())).abs() < 1e-6
    }

    #[test]
    fn a_day_that_was_watched_whole_agrees_with_the_bill() {
        let same = reconciled(samples(0, 1), 1, &bill(&[app(24.0)]));
        assert!((same.metered.unwrap() - 24.0).abs() < 1e-6 && (same.billed - 24.0).abs() < 1e-9);
        assert!(amount(&same, "not explained").unwrap().abs() < 1e-6 && same.is_whole());
        let (hours, dollars) = same.rows[0].metered.unwrap();
        assert!((hours - 24.0).abs() < 1e-6 && (dollars - 24.0).abs() < 1e-6);
        assert_eq!(same.sheet().rows.len(), 2, "no second sum where all days are compared");
    }

    #[test]
    fn days_that_were_not_watched_are_told_and_not_compared() {
        let later = BilledLine { day: day("2026-11-19"), ..app(30.0) };
        let told = reconciled(samples(0, 1), 2, &bill(&[app(25.0), later.clone()]));
        // Five minutes of it are the tail of the last sample of the day before.
        let tail = 5.0 / 60.0;
        assert!((amount(&told, "days not watched").unwrap() - (30.0 - tail)).abs() < 1e-6);
        assert!((amount(&told, "not explained").unwrap() - 1.0).abs() < 1e-6);
        assert!((told.rows[0].billed - 25.0).abs() < 1e-9, "the rows are of the day that is compared");
        assert!(adds_up(&told) && told.compared() == 1 && !told.is_whole());
        let sheet = told.sheet();
        assert_eq!(sheet.rows.len(), 3);
        let all = (&sheet.rows[2][3], &sheet.rows[2][5]);
        assert!(matches!(all, (SheetValue::AtLeast(_), SheetValue::Unknown)), "{all:?}");

        let half = reconciled(samples(12, 2), 2, &bill(&[app(25.0), later]));
        assert!((amount(&half, "days watched in part").unwrap() - 13.0).abs() < 1e-6);
        let why = &half.causes.iter().find(|cause| cause.what == "days watched in part").unwrap().why;
        assert!(why.contains("12 of 24 hours") && why.contains("alike it would be $12.00"), "{why}");
        assert!((amount(&half, "not explained").unwrap() - 6.0).abs() < 1e-6);
        assert!(adds_up(&half));
    }

    #[test]
    fn without_any_history_nothing_is_a_difference() {
        let never = reconciled(vec![], 1, &bill(&[app(24.0), line(BilledFor::Storage, 3.0)]));
        assert_eq!((never.metered, never.rows[0].metered), (None, None));
        assert_eq!(amount(&never, "not watched"), None);
        assert!(never.causes[0].why.contains("never watched"), "{:?}", never.causes);
        assert!(never.causes.iter().all(|cause| cause.what != "not explained"));
        assert_eq!(amount(&never, "storage of spaces"), Some(3.0), "what else is billed is told");
        for row in never.whole_sheet().rows.iter().take(2) {
            assert_eq!((&row[3], &row[5]), (&SheetValue::Unknown, &SheetValue::Unknown), "{row:?}");
        }
    }

    #[test]
    fn a_place_watched_for_hours_alone_is_compared_for_no_day() {
        let hours = reconciled(samples(20, 1), 1, &bill(&[app(24.0)]));
        assert_eq!(amount(&hours, "not compared"), None);
        assert_eq!(hours.rows[0].metered, None);
        assert!((hours.metered.unwrap() - 4.0).abs() < 1e-6 && adds_up(&hours));
    }

    #[test]
    fn what_is_no_app_is_told_apart_and_days_not_billed_in_full_are_left_out() {
        let elsewhere = BilledLine { region: Some(Region::new("eu-west-1")), ..app(5.0) };
        let stranger = BilledLine { account: AccountId::new("999999999999"), ..app(6.0) };
        let late = BilledLine { day: day("2026-11-20"), ..app(99.0) };
        let estimated = BilledLine { is_estimated: true, ..line(BilledFor::Other("Train".into()), 7.0) };
        let lines = [
            app(24.0),
            elsewhere,
            stranger,
            late,
            estimated,
            line(BilledFor::Storage, 3.0),
            line(BilledFor::Discount, -4.0),
            line(BilledFor::Credit, -10.0),
            line(BilledFor::Tax, 2.0),
        ];
        let all = reconciled(samples(0, 3), 3, &bill(&lines));
        assert!((all.billed - 24.0).abs() < 1e-9);
        for (what, expected) in [
            ("apps elsewhere", 11.0),
            ("storage of spaces", 3.0),
            ("discounts", -4.0),
            ("credits", -10.0),
            ("tax", 2.0),
            ("other usage", 7.0),
        ] {
            assert_eq!(amount(&all, what), Some(expected), "{what}");
        }
        let why =
            |what: &str| all.causes.iter().find(|cause| cause.what == what).map(|cause| cause.why.as_str());
        assert!(why("estimated by AWS").unwrap().contains("2026-11-18"));
        assert!(why("left out").unwrap().starts_with("20 Nov 2026"), "{:?}", why("left out"));
        assert_eq!(all.days.until, day("2026-11-20"));
        assert!(all.whole_sheet().rows.iter().all(|row| row.len() == 7));
        let early = Bill { settled: Some(day("2026-11-18")), ..bill(&lines) };
        let days = Days { from: day("2026-11-18"), until: day("2026-11-19") };
        let none = Reconciliation::of(&History::default(), &[sample::scope()], days, None, &early);
        assert!(none.unwrap_err().contains("billed in full yet"));
    }

    #[test]
    fn hours_of_no_price_and_kernels_on_system_are_named() {
        let unpriced = samples(0, 1).into_iter().map(|mut sample| {
            let gauge = Gauge { instances: 1.0, unknown_prices: 1.0, ..Gauge::default() };
            let kind = |app_type: &str, instance: &str| RunKind {
                app_type: app_type.into(),
                instance: instance.into(),
            };
            let classic = Gauge { instances: 1.0, burn: 0.05, ..Gauge::default() };
            sample.runs =
                [(kind("Canvas", "unknown"), gauge), (kind("KernelGateway", "system"), classic)].into();
            sample
        });
        let classic = line(BilledFor::App("KernelGateway".into(), "ml.t3.medium".into()), 1.2);
        let told = reconciled(unpriced.collect(), 1, &bill(&[classic]));
        let why = &told.causes.iter().find(|cause| cause.what == "apps of unknown price").unwrap().why;
        assert_eq!(why, "24.0 instance hours were metered without a price");
        assert_eq!(amount(&told, "shared Classic instances"), Some(0.0));
        assert_eq!(amount(&told, "names on bills"), Some(0.0));
        assert!(amount(&told, "not explained").unwrap().abs() < 1e-6);
        assert_eq!(told.rows.len(), 2, "{:?}", told.rows);
    }
}
