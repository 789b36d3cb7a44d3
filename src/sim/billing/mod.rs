//! The bill: what everything has cost, by account, day, service and use. It follows from the world: from the runs
//! of apps and the volumes of spaces, from what people did before, and from what else an account pays for.
//! Knows no request.

mod amount;
mod calendar;
mod habit;
mod memory;
mod meter;
mod other;
mod source;
mod tags;

use std::collections::BTreeMap;

pub use amount::{Amount, ONE, PLACES, text as amount_text};
pub use calendar::{Day, date_of, day_at, day_of, days_in_month, month_start, parse as day_named};
pub use tags::{Backfill, CostTag};

pub(in crate::sim) use calendar::Calendar;
pub(in crate::sim) use meter::UsageUnit;
pub(in crate::sim) use source::{Source, each_source};

use self::habit::Habit;
use super::clock::{HOUR, Millis};
use super::world::{Name, Scope, World};

/// How far back a bill reaches beyond the present month (aws.md 2.4).
pub const MONTHS_KEPT: i64 = 13;
/// Bills are written three times a day (aws.md 2.4), and are behind by as much again.
const WRITTEN_EVERY: Millis = 8 * HOUR;

/// The kind of a line of the bill, as `RECORD_TYPE` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Record {
    /// Something was used.
    Usage,
    /// AWS gave something.
    Credit,
    /// AWS gave something back.
    Refund,
    /// Taxes.
    Tax,
}

impl Record {
    /// AWS's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "Usage",
            Self::Credit => "Credit",
            Self::Refund => "Refund",
            Self::Tax => "Tax",
        }
    }
}

/// One line of the bill, in full.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The day, such as `2026-11-22`.
    pub day: String,
    /// `LINKED_ACCOUNT`.
    pub account: Name,
    /// `REGION`.
    pub region: Name,
    /// `SERVICE`.
    pub service: String,
    /// `USAGE_TYPE`.
    pub usage_type: String,
    /// `OPERATION`.
    pub operation: String,
    /// `INSTANCE_TYPE`, of what is an instance.
    pub instance_type: Option<String>,
    /// `RECORD_TYPE`.
    pub record: Record,
    /// The unit of the quantity.
    pub unit: String,
    /// How much was used, see [`ONE`].
    pub quantity: Amount,
    /// What it cost, see [`ONE`].
    pub cost: Amount,
    /// The currency of the account.
    pub currency: Name,
    /// The tags that the bill shows: those that were active on the day.
    pub tags: BTreeMap<Name, Name>,
    /// All tags of what was used.
    pub all_tags: BTreeMap<Name, Name>,
}

/// What bills need to know beyond the world as it is.
#[derive(Debug)]
pub struct Billing {
    /// The account that pays for all of them, sees all of them and alone decides on cost allocation tags.
    pub payer: Name,
    /// The currency of an account's bill, where it is not the US dollar.
    pub currencies: BTreeMap<Name, Name>,
    /// Cost allocation tags by key.
    pub tags: BTreeMap<Name, CostTag>,
    /// Before this, no bill was ever written: Cost Explorer was switched on a day before.
    pub available_from: Millis,
    /// How many groups a page of an answer holds. Not documented; AWS cuts large answers somewhere.
    pub page_groups: usize,
    /// A tag key of which there are so many values, on objects in S3.
    pub wide_tag: Option<(Name, u32)>,
    /// Requests for tags to count in the past too, oldest first.
    pub backfills: Vec<Backfill>,
    habits: Vec<Habit>,
    /// What pays for other services, and since when.
    others: Option<(Vec<other::Payer>, Day)>,
}

impl Billing {
    /// The bill of a world in which nothing has happened yet.
    pub fn new(payer: &str) -> Self {
        Self {
            payer: payer.into(),
            currencies: BTreeMap::new(),
            tags: BTreeMap::new(),
            available_from: Millis::MIN,
            page_groups: 5_000,
            wide_tag: None,
            backfills: Vec::new(),
            habits: Vec::new(),
            others: None,
        }
    }

    /// The currency of an account's bill.
    pub fn currency(&self, account: &str) -> Name {
        self.currencies.get(account).cloned().unwrap_or_else(|| "USD".into())
    }

    /// Up to when what was used is on the bill.
    pub fn settled(now: Millis) -> Millis {
        (now - WRITTEN_EVERY).div_euclid(WRITTEN_EVERY) * WRITTEN_EVERY
    }

    /// Whether what the bill says of a day may still change: today and yesterday.
    pub fn is_estimated(day: Day, now: Millis) -> bool {
        day >= day_of(now) - 1
    }
}

impl World {
    /// The lines of the bill of one account for the days from one (`2026-11-01`) to before another, as far as the
    /// bill is written. Nothing for what is no date.
    pub fn billed_lines(&self, account: &str, from: &str, until: &str) -> Vec<Line> {
        let (Some(from), Some(until)) = (day_named(from), day_named(until)) else { return Vec::new() };
        let calendar = Calendar::new(from, until, Billing::settled(self.now()));
        let currency = self.billing.currency(account);
        let mut lines = Vec::new();
        let mut usage = Vec::new();
        each_source(self, Some(account), &mut |source| {
            source.usage(&calendar, &mut usage);
            if usage.is_empty() {
                return;
            }
            let all_tags = source.tags();
            for usage in &usage {
                let mut tags = all_tags.clone();
                tags.retain(|key, _| {
                    self.billing.counts_from(key, self.now()).is_some_and(|first| first <= usage.day)
                });
                lines.push(Line {
                    day: date_of(usage.day).to_string(),
                    account: source.account.clone(),
                    region: source.region.clone(),
                    service: source.service.to_owned(),
                    usage_type: source.usage_type(),
                    operation: source.operation.to_owned(),
                    instance_type: source.instance_type.clone().map(|name| name.to_string()),
                    record: source.record,
                    unit: source.unit().as_str().to_owned(),
                    quantity: usage.quantity,
                    cost: usage.cost,
                    currency: currency.clone(),
                    tags,
                    all_tags: all_tags.clone(),
                });
            }
        });
        lines
    }

    /// Gives the fleet a past of [`MONTHS_KEPT`] months up to its present, and bills for other services: the same for
    /// the same seed.
    pub(in crate::sim) fn remember_a_past(&mut self, seed: u64) {
        let now = self.now();
        let since = month_start(day_of(now), -MONTHS_KEPT);
        let mut habits = Vec::new();
        let mut payers = Vec::new();
        for (account, held) in &self.accounts {
            for (code, region) in &held.regions {
                if region.domains.is_empty() {
                    continue;
                }
                let scope = Scope { account: account.clone(), region: code.clone() };
                let homes = region.domains.values().filter(|domain| domain.efs_id.is_some()).count();
                payers.push(other::Payer::new(
                    &scope,
                    homes,
                    region.profiles.len(),
                    *account == self.billing.payer,
                ));
                memory::remember(&scope, region, (since, now), seed, &mut habits);
            }
        }
        self.billing.habits = habits;
        self.billing.others = Some((payers, since));
    }
}

#[cfg(test)]
mod tests;
