//! What Cost Explorer answered: amounts by group and period, as compact as they can be kept.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Nanos;
use crate::fleet::Timestamp;

/// A period of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostDay {
    /// Its first day.
    pub from: Date,
    /// The day after its last one.
    pub until: Date,
    /// Whether AWS says that it may still change.
    pub estimated: bool,
}

/// What one group has cost in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostLine {
    /// The values of the keys asked for, in their order; empty for what has no value.
    pub keys: Vec<Arc<str>>,
    /// The currency, as AWS gives it.
    pub currency: Arc<str>,
    /// What it has cost in each period; periods that AWS left out cost nothing.
    pub amounts: Vec<Nanos>,
}

/// What was asked and paid for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostAnswer {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// How many requests it took: one per page.
    pub requests: u32,
    /// The periods, in order.
    pub days: Vec<CostDay>,
    /// The groups.
    pub lines: Vec<CostLine>,
    /// Amounts that could not be read, so that a sum which lacks something says so.
    pub unreadable: usize,
}

/// Puts an answer together from pages in any order.
#[derive(Debug, Default)]
pub struct CostPages {
    days: Vec<CostDay>,
    lines: Vec<CostLine>,
    found: HashMap<(Vec<Arc<str>>, Arc<str>), usize>,
    texts: HashMap<String, Arc<str>>,
    requests: u32,
    unreadable: usize,
}

impl CostPages {
    /// Notes that a page was asked for.
    pub fn page(&mut self) {
        self.requests += 1;
    }

    /// The place of a period; the same for the same days on every page.
    pub fn day(&mut self, day: CostDay) -> usize {
        let known = self.days.iter_mut().position(|known| known.from == day.from && known.until == day.until);
        if let Some(at) = known {
            self.days[at].estimated |= day.estimated;
            return at;
        }
        self.days.push(day);
        self.days.len() - 1
    }

    /// Adds what a group has cost in a period; texts come from outside.
    pub fn add(&mut self, day: usize, keys: &[&str], currency: &str, amount: Option<Nanos>) {
        let Some(amount) = amount else {
            self.unreadable += 1;
            return;
        };
        let keys: Vec<Arc<str>> = keys.iter().map(|key| self.text(key)).collect();
        let currency = self.text(currency);
        let name = (keys, currency);
        let at = if let Some(at) = self.found.get(&name) {
            *at
        } else {
            let (keys, currency) = name.clone();
            self.lines.push(CostLine { keys, currency, amounts: Vec::new() });
            self.found.insert(name, self.lines.len() - 1);
            self.lines.len() - 1
        };
        let amounts = &mut self.lines[at].amounts;
        if amounts.len() <= day {
            amounts.resize(day + 1, Nanos::ZERO);
        }
        amounts[day] += amount;
    }

    /// The answer, its periods in order.
    pub fn finish(self, asked_at: Timestamp) -> CostAnswer {
        let Self { days, mut lines, requests, unreadable, .. } = self;
        let mut order: Vec<usize> = (0..days.len()).collect();
        order.sort_by_key(|at| days[*at].from);
        for line in &mut lines {
            let amount = |at: &usize| line.amounts.get(*at).copied().unwrap_or_default();
            line.amounts = order.iter().map(amount).collect();
        }
        let days = order.iter().map(|at| days[*at]).collect();
        CostAnswer { asked_at, requests, days, lines, unreadable }
    }

    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let harmless = crate::fleet::harmless(text);
        self.texts.insert(text.to_owned(), Arc::clone(&harmless));
        harmless
    }
}

/// What AWS expects a period to cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostForecast {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// How many requests it took.
    pub requests: u32,
    /// The mean of what is expected.
    pub mean: Nanos,
    /// Between which amounts it will be, at 80 %; not always said.
    pub between: Option<(Nanos, Nanos)>,
    /// The currency.
    pub currency: Arc<str>,
}

/// A cost allocation tag of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostTag {
    /// Its key.
    pub key: Arc<str>,
    /// Whether what is tagged with it is billed by it.
    pub active: bool,
    /// Whether AWS sets it.
    pub by_aws: bool,
    /// When it was last seen on something billed, as AWS writes it.
    pub last_used: Option<Arc<str>>,
}

/// The cost allocation tags of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostTags {
    /// When they were asked for.
    pub asked_at: Timestamp,
    /// How many requests it took.
    pub requests: u32,
    /// The tags.
    pub tags: Vec<CostTag>,
}

impl CostTags {
    /// Whether a key is active; `None` if AWS does not know the key, as long as nothing was billed with it.
    pub fn is_active(&self, key: &str) -> Option<bool> {
        self.tags.iter().find(|tag| *tag.key == *key).map(|tag| tag.active)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn pages_of_the_same_days_come_together_and_days_left_out_cost_nothing() {
        let mut pages = CostPages::default();
        let day = |n| CostDay { from: date(2026, 11, n), until: date(2026, 11, n + 1), estimated: n > 1 };
        pages.page();
        let second = pages.day(day(2));
        pages.add(second, &["a"], "USD", Some(Nanos(5)));
        pages.page();
        let first = pages.day(day(1));
        assert_eq!(pages.day(day(2)), second);
        pages.add(first, &["a"], "EUR", Some(Nanos(7)));
        pages.add(second, &["a"], "USD", Some(Nanos(1)));
        pages.add(second, &["b"], "USD", None);
        let answer = pages.finish(Timestamp::UNIX_EPOCH);
        assert_eq!((answer.requests, answer.unreadable, answer.days.len()), (2, 1, 2));
        assert_eq!(answer.days[0].from, date(2026, 11, 1));
        assert_eq!(answer.lines.len(), 2, "currencies are never put together");
        assert_eq!(answer.lines[0].amounts, [Nanos(0), Nanos(6)]);
        assert_eq!(answer.lines[1].amounts, [Nanos(7), Nanos(0)]);
    }
}
