//! Adding up the lines of the bill. Knows no request, but what is asked of a line.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::expression::{Expression, Grouping, Shown};
use super::period::{Granularity, Period};
use crate::sim::billing::{Amount, Billing, Calendar, Day, UsageUnit, amount_text, each_source};
use crate::sim::world::{Name, World};

/// A sum of lines. A unit is known as long as all of them have the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sum {
    pub(super) cost: Amount,
    pub(super) quantity: Amount,
    unit: Common<UsageUnit>,
    currency: Common<Name>,
}

impl Sum {
    fn add(&mut self, cost: Amount, quantity: Amount, unit: UsageUnit, currency: &Name) {
        self.cost += cost;
        self.quantity += quantity;
        self.unit.add(&unit);
        self.currency.add(currency);
    }

    fn has_lines(&self) -> bool {
        self.unit != Common::Nobody
    }

    /// The metrics that were asked for. Neither reservations nor discounts exist here, so that all kinds of cost are
    /// the same.
    pub(super) fn metrics(&self, names: &[&str], fallback: &Name) -> Value {
        let mut metrics = Map::new();
        for name in names {
            let (amount, unit) = match *name {
                "UsageQuantity" => match self.unit {
                    Common::All(unit) => (self.quantity, unit.as_str()),
                    _ => (self.quantity, "N/A"),
                },
                "NormalizedUsageAmount" => (0, "N/A"),
                _ => match &self.currency {
                    Common::Nobody => (self.cost, &**fallback),
                    Common::All(currency) => (self.cost, &**currency),
                    Common::Nothing => (self.cost, "N/A"),
                },
            };
            metrics.insert((*name).to_owned(), json!({"Amount": amount_text(amount), "Unit": unit}));
        }
        Value::Object(metrics)
    }
}

/// What many have in common.
#[derive(Clone, Debug, Default, PartialEq)]
enum Common<T> {
    /// There was none yet.
    #[default]
    Nobody,
    /// All of them have this.
    All(T),
    /// They differ.
    Nothing,
}

impl<T: Clone + PartialEq> Common<T> {
    fn add(&mut self, new: &T) {
        *self = match self {
            Self::Nobody => Self::All(new.clone()),
            Self::All(same) if same == new => return,
            _ => Self::Nothing,
        };
    }
}

/// What is asked of the bill.
pub(super) struct Question<'a> {
    /// Whose bill; everybody's if absent.
    pub(super) account: Option<&'a str>,
    pub(super) period: Period,
    pub(super) granularity: Granularity,
    pub(super) filter: Option<&'a Expression>,
    pub(super) groups: &'a [Grouping],
}

impl Question<'_> {
    /// The sums of each group by period, in order of the keys. Without groups there is one with no keys.
    pub(super) fn sums(&self, world: &World) -> BTreeMap<Vec<String>, Vec<Sum>> {
        let Period { from, until } = self.period;
        let now = world.now();
        let calendar = Calendar::new(from, until, Billing::settled(now));
        let parts = self.period.parts(self.granularity);
        let part_of: Vec<usize> = parts
            .iter()
            .enumerate()
            .flat_map(|(index, part)| (part.from..part.until).map(move |_| index))
            .collect();
        let stretches = self.stretches(&world.billing, now);
        let mut sums: BTreeMap<Vec<String>, Vec<Sum>> = BTreeMap::new();
        let mut usage = Vec::new();
        let mut currency: (Name, Name) = (Name::default(), Name::default());
        each_source(world, self.account, &mut |source| {
            let line = |day| Shown { source, day, billing: &world.billing, now };
            let wanted = |day| self.filter.is_none_or(|filter| filter.admits(line(day)));
            if !stretches.iter().any(|(first, _)| wanted(*first)) {
                return;
            }
            source.usage(&calendar, &mut usage);
            if usage.is_empty() {
                return;
            }
            if currency.0 != source.account {
                currency = (source.account.clone(), world.billing.currency(&source.account));
            }
            for &(first, last) in &stretches {
                let begin = usage.partition_point(|usage| usage.day < first);
                let end = usage.partition_point(|usage| usage.day < last);
                if begin == end || !wanted(first) {
                    continue;
                }
                let keys = self.groups.iter().map(|group| group.key_of(line(first))).collect();
                let held = sums.entry(keys).or_insert_with(|| vec![Sum::default(); parts.len()]);
                for usage in &usage[begin..end] {
                    let part = part_of[(usage.day - from) as usize];
                    held[part].add(usage.cost, usage.quantity, source.unit(), &currency.1);
                }
            }
        });
        sums
    }

    /// The period, cut where one of the tags that matter begins to count: within each part a source's lines are all
    /// alike.
    fn stretches(&self, billing: &Billing, now: i64) -> Vec<(Day, Day)> {
        let mut keys = BTreeSet::new();
        if let Some(filter) = self.filter {
            filter.tag_keys(&mut keys);
        }
        keys.extend(self.groups.iter().filter_map(|group| match group {
            Grouping::Tag(key) => Some(key.as_str()),
            _ => None,
        }));
        let Period { from, until } = self.period;
        let within = keys.iter().filter_map(|key| billing.counts_from(key, now));
        let mut cuts: BTreeSet<Day> = within.filter(|day| (from..until).contains(day)).collect();
        cuts.extend([from, until]);
        let cuts: Vec<Day> = cuts.into_iter().collect();
        cuts.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }
}

/// An answer that is given page by page, kept so that its pages agree.
#[derive(Debug)]
pub(in crate::sim) struct Kept {
    /// What tells the question.
    pub(super) question: u64,
    /// The groups, by number of the period and in order of the keys.
    pub(super) rows: Vec<(usize, Vec<String>, Sum)>,
}

/// The groups of all periods in which they have lines, period by period.
pub(super) fn rows(sums: BTreeMap<Vec<String>, Vec<Sum>>, periods: usize) -> Vec<(usize, Vec<String>, Sum)> {
    let mut by_period = vec![Vec::new(); periods];
    for (keys, parts) in sums {
        for (index, sum) in parts.into_iter().enumerate().filter(|(_, sum)| sum.has_lines()) {
            by_period[index].push((index, keys.clone(), sum));
        }
    }
    by_period.into_iter().flatten().collect()
}
