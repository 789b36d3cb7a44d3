//! From answers to the rows a person reads: groups with what they cost, what they cost before, what they will cost,
//! and what is no group at all: credits, refunds, taxes, and what has no tag.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::{Date, Weekday};

use super::labels::{Texts, name_row};
use super::{CostAnswer, CostDay, CostGroup, CostPeriod, CostQuestion, Days, Granularity, Nanos, settled};
use crate::fleet::{AccountId, Fleet, ObjectKey};

/// Over how many days back the daily mean of our forecast is taken.
const FORECAST_DAYS: usize = 28;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CostKind {
    /// A group.
    Group,
    /// A shared space among users.
    SharedSpace,
    /// A space among users of which it is not known whose it is: deleted, as a rule.
    OwnerlessSpace,
    /// What users have used outside of any space.
    NoSpace,
    /// What has no value of the tag that is grouped by.
    Untagged,
    /// What AWS gave.
    Credit,
    /// What AWS gave back.
    Refund,
    /// Taxes.
    Tax,
}

impl CostKind {
    /// What a line is that `RECORD_TYPE` names like this; `None` for what was used.
    pub fn of_record(record: &str) -> Option<Self> {
        match record {
            "Credit" => Some(Self::Credit),
            "Refund" => Some(Self::Refund),
            "Tax" => Some(Self::Tax),
            _ => None,
        }
    }

    /// What such a row is called; nothing for groups.
    pub fn name(self) -> &'static str {
        match self {
            Self::Group => "",
            Self::SharedSpace => "shared space",
            Self::OwnerlessSpace => "space without known owner",
            Self::NoSpace => "in no space: kernels, jobs",
            Self::Untagged => "untagged",
            Self::Credit => "credits",
            Self::Refund => "refunds",
            Self::Tax => "tax",
        }
    }

    /// Whether it belongs to what was used, before AWS gave or took anything.
    pub fn is_gross(self) -> bool {
        !matches!(self, Self::Credit | Self::Refund | Self::Tax)
    }
}

/// Amounts of one row or of a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// In the period.
    pub cost: Nanos,
    /// In those days of the period that are compared.
    pub compared: Nanos,
    /// In the same days of the month before.
    pub before: Nanos,
    /// In the whole month before.
    pub previous: Nanos,
    /// In the whole month, as we expect it.
    pub forecast: Nanos,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.cost += other.cost;
        self.compared += other.compared;
        self.before += other.before;
        self.previous += other.previous;
        self.forecast += other.forecast;
    }

    /// The difference to the same days of the month before.
    pub fn change(&self) -> Nanos {
        self.compared - self.before
    }

    /// The change as a part of what it was before; `None` where it was nothing.
    pub fn growth(&self) -> Option<f64> {
        (self.before != Nanos::ZERO).then(|| self.change().to_f64() / self.before.to_f64().abs())
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct CostRow {
    /// What it is.
    pub kind: CostKind,
    /// What a person calls it.
    pub name: String,
    /// What a person calls its second level.
    pub second: Option<String>,
    /// The value of the first level as AWS spells it.
    pub value: Arc<str>,
    /// The value of the second level as AWS spells it.
    pub second_value: Option<Arc<str>>,
    /// The domain, where the value says it.
    pub domain: Option<String>,
    /// The object behind the value, for what is found by ARN.
    pub object: Option<ObjectKey>,
    /// The currency.
    pub currency: Arc<str>,
    /// Its amounts.
    pub sums: Sums,
    /// What of its cost was billed by the tag of a space, and came to a user as its owner.
    pub through_spaces: Nanos,
    /// Its part of what was used, in its currency.
    pub share: f64,
    /// What it cost in each period of the chart.
    pub days: Vec<Nanos>,
}

/// The whole in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostTotal {
    /// The currency.
    pub currency: Arc<str>,
    /// What was used, before credits, refunds and taxes.
    pub gross: Sums,
    /// Credits, of the period; negative as a rule.
    pub credits: Nanos,
    /// Refunds, of the period.
    pub refunds: Nanos,
    /// Taxes, of the period.
    pub tax: Nanos,
    /// All of it, of the period.
    pub net: Nanos,
}

/// What answers come to.
#[derive(Debug, Clone, PartialEq)]
pub struct CostReport {
    /// The rows, the dearest first.
    pub rows: Vec<CostRow>,
    /// The whole by currency, the dearest first.
    pub totals: Vec<CostTotal>,
    /// The periods of the chart.
    pub days: Vec<CostDay>,
    /// The days looked at.
    pub looked: Days,
    /// Which days are compared with which.
    pub compared: Option<(Days, Days)>,
    /// Whether the month before is known.
    pub has_previous: bool,
    /// Whether there is a forecast.
    pub has_forecast: bool,
    /// Whether credits, refunds and taxes were left out of the question.
    pub usage_only: bool,
    /// Whether lines came to users by their own tag and by those of their spaces.
    pub by_owner: bool,
    /// How many amounts could not be read.
    pub unreadable: usize,
}

/// What is looked at, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostView {
    /// Grouped by this.
    pub group: CostGroup,
    /// And by this.
    pub then: Option<CostGroup>,
    /// The period.
    pub period: CostPeriod,
    /// The day the question was asked for.
    pub today: Date,
    /// Whether it is asked by months though it could be by days: there are so many groups that days would cost too
    /// much. Nothing is compared then, and there is no forecast of ours.
    pub by_months: bool,
}

/// One account's part of a view.
#[derive(Debug, Clone, Copy)]
pub struct CostPart<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// What was asked.
    pub question: &'a CostQuestion,
    /// What came.
    pub answer: &'a CostAnswer,
}

/// Which periods of an answer count for what.
struct Spans {
    daily: bool,
    looked: Range<usize>,
    compared: Range<usize>,
    before: Range<usize>,
    previous: Range<usize>,
    /// The last days that are billed in full, for the forecast.
    recent: Range<usize>,
    weekend: Vec<bool>,
    /// Days before this one, from the first of the month, are counted as they are.
    settled: Range<usize>,
    /// Working days and days of weekends of the month that are not billed in full.
    to_come: (i64, i64),
}

impl Spans {
    fn new(view: &CostView, question: &CostQuestion, answer: &CostAnswer) -> Self {
        let looked = view.period.days(view.today);
        let settled = settled(answer.asked_at);
        let days = &answer.days;
        let span = |wanted: Option<Days>| match wanted {
            Some(wanted) => {
                let from = days.partition_point(|day| day.from < wanted.from);
                let until = days.partition_point(|day| day.from < wanted.until);
                from..until.max(from)
            }
            None => 0..0,
        };
        let daily = question.granularity == Granularity::Daily;
        let asked = Days { from: question.from, until: question.until };
        let compared = view.period.compared(view.today, settled, asked);
        let month = Days { from: looked.from, until: looked.until.min(settled).max(looked.from) };
        let to_come = if view.period == CostPeriod::MonthToDate {
            let all =
                looked.from.series(jiff::ToSpan::day(1)).take_while(|day| day.month() == looked.from.month());
            let rest: Vec<Date> = all.filter(|day| *day >= month.until).collect();
            let weekend = rest.iter().filter(|day| is_weekend(**day)).count();
            (count(rest.len() - weekend), count(weekend))
        } else {
            (0, 0)
        };
        let end = span(Some(month)).end;
        Self {
            daily,
            looked: if daily { span(Some(looked)) } else { 0..days.len() },
            compared: span(compared.map(|(now, _)| now)),
            before: span(compared.map(|(_, before)| before)),
            previous: span(view.period.previous(view.today, asked)),
            recent: end.saturating_sub(FORECAST_DAYS)..end,
            weekend: days.iter().map(|day| is_weekend(day.from)).collect(),
            settled: span(Some(month)),
            to_come,
        }
    }

    fn sums(&self, amounts: &[Nanos], kind: CostKind) -> Sums {
        let of = |span: &Range<usize>| -> Nanos {
            amounts.get(span.clone()).unwrap_or_default().iter().copied().sum()
        };
        let cost = of(&self.looked);
        // Credits, refunds and taxes come when they come; what is used goes on as it went.
        let goes_on = self.daily && kind.is_gross();
        let forecast = if goes_on { self.forecast(amounts).max(cost) } else { cost };
        Sums {
            cost,
            compared: of(&self.compared),
            before: of(&self.before),
            previous: of(&self.previous),
            forecast,
        }
    }

    /// What is billed in full, and for each other day of the month the mean of such a day, of working days and of
    /// weekends, over the last four weeks.
    fn forecast(&self, amounts: &[Nanos]) -> Nanos {
        let mut sums = [(Nanos::ZERO, 0_i64); 2];
        for at in self.recent.clone() {
            let (sum, days) = &mut sums[usize::from(self.weekend[at])];
            *sum += amounts.get(at).copied().unwrap_or_default();
            *days += 1;
        }
        let so_far: Nanos = amounts.get(self.settled.clone()).unwrap_or_default().iter().copied().sum();
        let (workdays, weekends) = self.to_come;
        so_far + sums[0].0.times(workdays, sums[0].1) + sums[1].0.times(weekends, sums[1].1)
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// What two lines have to have in common to be one row.
pub(super) type RowName = (CostKind, Arc<str>, Option<Arc<str>>, Arc<str>);

impl CostReport {
    /// Puts the answers of all accounts together. Names come from the fleet where it knows them, and from the ARN
    /// where it does not.
    pub fn new(view: &CostView, parts: &[CostPart<'_>], fleet: &Fleet) -> Self {
        let mut rows: Vec<CostRow> = Vec::new();
        let mut found: HashMap<RowName, usize> = HashMap::new();
        let mut days: Vec<CostDay> = Vec::new();
        let mut texts = Texts::default();
        // Where lines are told apart by owner, any other part is there for its credits, refunds and taxes alone.
        let by_owner = parts.iter().any(|part| part.question.is_by_owner());
        let is_beside = |part: &CostPart<'_>| by_owner && !part.question.is_by_owner();
        for part in parts {
            let spans = Spans::new(view, part.question, part.answer);
            let shown = &part.answer.days[spans.looked.clone()];
            let places = merge_days(&mut days, shown);
            let record = part.question.keys.iter().position(|key| *key == super::CostKey::RecordType);
            for line in &part.answer.lines {
                let special =
                    record.and_then(|at| line.keys.get(at)).and_then(|record| CostKind::of_record(record));
                if is_beside(part) && special.is_none() {
                    continue;
                }
                let (name, through) = match special {
                    Some(kind) => ((kind, texts.empty(), None, Arc::clone(&line.currency)), false),
                    None => texts.name(view, part, line, fleet),
                };
                let kind = name.0;
                let at = *found.entry(name).or_insert_with_key(|(_, first, second, currency)| {
                    rows.push(blank(kind, first, second.clone(), currency));
                    rows.len() - 1
                });
                let row = &mut rows[at];
                let sums = spans.sums(&line.amounts, kind);
                row.sums.add(&sums);
                if through {
                    row.through_spaces += sums.cost;
                }
                let amounts = line.amounts.get(spans.looked.clone()).unwrap_or_default();
                for (place, amount) in places.iter().zip(amounts) {
                    if row.days.len() <= *place {
                        row.days.resize(*place + 1, Nanos::ZERO);
                    }
                    row.days[*place] += *amount;
                }
            }
        }
        rows.retain(|row| row.sums != Sums::default());
        let totals = totals(&rows);
        for row in &mut rows {
            row.days.resize(days.len(), Nanos::ZERO);
            let total = totals.iter().find(|total| total.currency == row.currency);
            row.share = total.map_or(0.0, |total| row.sums.cost.share_of(total.gross.cost));
            name_row(row, view, fleet);
        }
        rows.sort_by(|left, right| {
            let order = right.sums.cost.cmp(&left.sums.cost).then_with(|| left.kind.cmp(&right.kind));
            order
                .then_with(|| left.value.cmp(&right.value))
                .then_with(|| left.second_value.cmp(&right.second_value))
        });
        let asked_at = parts.iter().map(|part| part.answer.asked_at).min();
        // What all of the answers tell.
        let asked = parts
            .iter()
            .map(|part| Days { from: part.question.from, until: part.question.until })
            .reduce(|all, own| Days { from: all.from.max(own.from), until: all.until.min(own.until) });
        let is_whole = |part: &CostPart<'_>| {
            !part.question.usage_only
                || parts.iter().any(|other| is_beside(other) && other.account == part.account)
        };
        Self {
            rows,
            totals,
            days,
            looked: view.period.days(view.today),
            compared: asked_at
                .zip(asked)
                .and_then(|(at, asked)| view.period.compared(view.today, settled(at), asked)),
            has_previous: asked.and_then(|asked| view.period.previous(view.today, asked)).is_some(),
            has_forecast: view.period == CostPeriod::MonthToDate && !view.by_months,
            usage_only: !parts.iter().all(is_whole),
            by_owner: by_owner && view.group == CostGroup::User,
            unreadable: parts.iter().map(|part| part.answer.unreadable).sum(),
        }
    }

    /// What is billed in a currency of the days before one, credits, refunds and taxes included.
    pub fn billed_before(&self, day: Date, currency: &str) -> Nanos {
        let before = |row: &CostRow| -> Nanos {
            let days = self.days.iter().zip(&row.days).filter(|(known, _)| known.from < day);
            days.map(|(_, amount)| *amount).sum()
        };
        self.rows.iter().filter(|row| *row.currency == *currency).map(before).sum()
    }

    /// What has no tag, as a part of what was used, of the dearest currency.
    pub fn untagged_share(&self) -> f64 {
        let Some(total) = self.totals.first() else { return 0.0 };
        let untagged = |row: &&CostRow| row.kind == CostKind::Untagged && row.currency == total.currency;
        self.rows.iter().filter(untagged).map(|row| row.share).sum()
    }

    /// Whether nothing at all has a value of the tag that is grouped by: it is not activated, or nothing is tagged.
    pub fn has_no_tagged(&self) -> bool {
        let mut groups = self.rows.iter().filter(|row| row.kind.is_gross()).peekable();
        groups.peek().is_some() && groups.all(|row| row.kind == CostKind::Untagged)
    }
}

/// Puts the days of another answer among those of the chart; gives the place of each.
fn merge_days(days: &mut Vec<CostDay>, more: &[CostDay]) -> Vec<usize> {
    more.iter()
        .map(|day| {
            let at = days.iter().position(|known| known.from == day.from).unwrap_or_else(|| {
                days.push(*day);
                days.len() - 1
            });
            days[at].estimated |= day.estimated;
            at
        })
        .collect()
}

fn blank(kind: CostKind, value: &Arc<str>, second_value: Option<Arc<str>>, currency: &Arc<str>) -> CostRow {
    CostRow {
        kind,
        name: String::new(),
        second: None,
        value: Arc::clone(value),
        second_value,
        domain: None,
        object: None,
        currency: Arc::clone(currency),
        sums: Sums::default(),
        through_spaces: Nanos::ZERO,
        share: 0.0,
        days: Vec::new(),
    }
}

fn totals(rows: &[CostRow]) -> Vec<CostTotal> {
    let mut totals: Vec<CostTotal> = Vec::new();
    for row in rows {
        let at = totals.iter().position(|total| total.currency == row.currency).unwrap_or_else(|| {
            totals.push(CostTotal {
                currency: Arc::clone(&row.currency),
                gross: Sums::default(),
                credits: Nanos::ZERO,
                refunds: Nanos::ZERO,
                tax: Nanos::ZERO,
                net: Nanos::ZERO,
            });
            totals.len() - 1
        });
        let total = &mut totals[at];
        total.net += row.sums.cost;
        match row.kind {
            kind if kind.is_gross() => total.gross.add(&row.sums),
            CostKind::Credit => total.credits += row.sums.cost,
            CostKind::Refund => total.refunds += row.sums.cost,
            _ => total.tax += row.sums.cost,
        }
    }
    totals.sort_by_key(|total| std::cmp::Reverse(total.gross.cost));
    totals
}
