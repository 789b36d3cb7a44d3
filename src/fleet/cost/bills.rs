//! The answers of Cost Explorer that we have, and for how long AWS has none that is newer.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, ToSpan};

use super::{
    CostAnswer, CostForecast, CostKey, CostQuestion, CostTags, Days, Granularity, billing_day, settled,
};
use crate::fleet::{AccountId, Timestamp};

/// Bills are written up to three times a day. Source: Cost Explorer API best practices.
pub const WRITTEN_EVERY: SignedDuration = SignedDuration::from_hours(8);
/// So many days after its end a month is closed.
const CLOSED_AFTER: i32 = 5;
/// The list of cost allocation tags changes once a day at most.
const TAGS_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// All we were told of bills.
#[derive(Debug, Default)]
pub struct Bills {
    answers: HashMap<(AccountId, Arc<CostQuestion>), Arc<CostAnswer>>,
    forecasts: HashMap<(AccountId, Arc<CostQuestion>), Arc<CostForecast>>,
    tags: BTreeMap<AccountId, Arc<CostTags>>,
    revision: u64,
}

impl Bills {
    /// The answer to a question, however old.
    pub fn answer(&self, account: &AccountId, question: &Arc<CostQuestion>) -> Option<&Arc<CostAnswer>> {
        self.answers.get(&(account.clone(), Arc::clone(question)))
    }

    /// AWS's forecast for the days of a question, however old.
    pub fn forecast(&self, account: &AccountId, question: &Arc<CostQuestion>) -> Option<&Arc<CostForecast>> {
        self.forecasts.get(&(account.clone(), Arc::clone(question)))
    }

    /// The cost allocation tags of an account, however old.
    pub fn tags(&self, account: &AccountId) -> Option<&Arc<CostTags>> {
        self.tags.get(account)
    }

    /// All answers of an account, for whoever can make use of any of them.
    pub fn answers<'a>(
        &'a self,
        account: &'a AccountId,
    ) -> impl Iterator<Item = (&'a Arc<CostQuestion>, &'a Arc<CostAnswer>)> {
        self.answers
            .iter()
            .filter(move |((known, _), _)| known == account)
            .map(|((_, asked), answer)| (asked, answer))
    }

    /// The newest answer of an account that has what was used on some days by day and kind, as far as it was billed in
    /// full by then; whatever it was asked for.
    pub fn usage_of<'a>(
        &'a self,
        account: &'a AccountId,
        services: &'a [Arc<str>],
        days: Days,
    ) -> Option<(&'a Arc<CostQuestion>, &'a Arc<CostAnswer>)> {
        let by = [CostKey::UsageType, CostKey::RecordType];
        let has = |question: &CostQuestion, answer: &CostAnswer| {
            question.services == services
                && question.granularity == Granularity::Daily
                && question.keys == by
                && question.from <= days.from
                && (question.until >= days.until || question.until >= settled(answer.asked_at))
        };
        self.answers(account)
            .filter(|(question, answer)| has(question, answer))
            .max_by_key(|(question, answer)| (answer.asked_at, Arc::clone(question)))
    }

    /// An answer that has more of the past than the one to a question, and the same besides: what is compared with
    /// what may be in it.
    pub fn wider<'a>(
        &'a self,
        account: &'a AccountId,
        question: &CostQuestion,
        days: Days,
    ) -> Option<(&'a Arc<CostQuestion>, &'a Arc<CostAnswer>)> {
        let is_wider = |known: &CostQuestion| {
            known.services == question.services
                && known.granularity == question.granularity
                && known.keys == question.keys
                && known.usage_only == question.usage_only
                && known.from <= days.from
                && known.until >= days.until
        };
        self.answers(account)
            .filter(|(known, _)| is_wider(known))
            .max_by_key(|(known, answer)| (answer.asked_at, Arc::clone(known)))
    }

    /// Grows with every answer.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Takes in an answer.
    pub fn learn(&mut self, account: AccountId, question: Arc<CostQuestion>, answer: Arc<CostAnswer>) {
        self.answers.insert((account, question), answer);
        self.revision += 1;
    }

    /// Takes in a forecast.
    pub fn expect(&mut self, account: AccountId, question: Arc<CostQuestion>, forecast: Arc<CostForecast>) {
        self.forecasts.insert((account, question), forecast);
        self.revision += 1;
    }

    /// Takes in the cost allocation tags of an account.
    pub fn learn_tags(&mut self, account: AccountId, tags: Arc<CostTags>) {
        self.tags.insert(account, tags);
        self.revision += 1;
    }

    /// Forgets the tags of an account, as after one was activated.
    pub fn forget_tags(&mut self, account: &AccountId) {
        self.tags.remove(account);
        self.revision += 1;
    }
}

/// From when on AWS may have newer data than an answer of that time; `None` once the days are closed for good.
pub fn newer_from(question: &CostQuestion, asked_at: Timestamp) -> Option<Timestamp> {
    let last = question.until.yesterday().unwrap_or(question.until);
    let closed = last.last_of_month().saturating_add(CLOSED_AFTER.days());
    (billing_day(asked_at) <= closed).then(|| asked_at.saturating_add(WRITTEN_EVERY).unwrap_or(asked_at))
}

/// Whether AWS cannot have newer data than an answer of that time. An answer from the future, which a clock that was
/// set back makes, counts as new: asking again would cost, and the age that is shown tells of it.
pub fn is_fresh(question: &CostQuestion, asked_at: Timestamp, now: Timestamp) -> bool {
    newer_from(question, asked_at).is_none_or(|from| now < from)
}

/// Whether the list of cost allocation tags cannot have changed since.
pub fn tags_are_fresh(asked_at: Timestamp, now: Timestamp) -> bool {
    asked_at.saturating_add(TAGS_EVERY).is_ok_and(|from| now < from)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::super::{CostGroup, CostPages};
    use super::*;

    fn question(from: Date, until: Date) -> CostQuestion {
        CostQuestion::new(&[], (from, until), Granularity::Daily, &CostGroup::User, None)
    }

    #[test]
    fn what_was_used_is_found_in_any_answer_that_has_the_days() {
        let account = AccountId::new("123456789012");
        let at: Timestamp = "2026-11-22T06:00:00Z".parse().unwrap();
        let mut bills = Bills::default();
        let mut learn = |group: &CostGroup, from, until, at| {
            let question = CostQuestion::new(&[], (from, until), Granularity::Daily, group, None);
            let answer = CostPages::default().finish(at);
            bills.learn(account.clone(), Arc::new(question), Arc::new(answer));
        };
        learn(&CostGroup::User, date(2026, 9, 1), date(2026, 11, 23), at);
        learn(&CostGroup::Region, date(2026, 10, 1), date(2026, 11, 23), at);
        learn(&CostGroup::Instance, date(2026, 10, 1), date(2026, 11, 22), at - 12.hours());
        let days = |from, until| Days { from, until };
        let found = |days| bills.usage_of(&account, &[], days).map(|(question, _)| question.until);
        assert_eq!(found(days(date(2026, 11, 1), date(2026, 11, 23))), Some(date(2026, 11, 23)));
        assert_eq!(found(days(date(2026, 11, 1), date(2026, 11, 30))), Some(date(2026, 11, 23)));
        assert_eq!(found(days(date(2026, 9, 1), date(2026, 10, 1))), None);
        let plain = question(date(2026, 10, 1), date(2026, 11, 23));
        let two = days(date(2026, 9, 1), date(2026, 11, 1));
        assert_eq!(bills.wider(&account, &plain, two).map(|(known, _)| known.from), Some(date(2026, 9, 1)));
        let three = days(date(2026, 8, 1), date(2026, 11, 1));
        assert!(bills.wider(&account, &plain, three).is_none());
    }

    #[test]
    fn days_that_may_still_change_are_fresh_for_eight_hours_and_closed_months_for_good() {
        let asked: Timestamp = "2026-11-22T06:00:00Z".parse().unwrap();
        let later = |hours: i64| asked + hours.hours();
        let present = question(date(2026, 10, 1), date(2026, 11, 23));
        assert!(is_fresh(&present, asked, later(7)) && !is_fresh(&present, asked, later(8)));
        let october = question(date(2026, 10, 1), date(2026, 11, 1));
        assert!(is_fresh(&october, asked, later(10_000)), "closed since the 5th");
        let early: Timestamp = "2026-11-04T06:00:00Z".parse().unwrap();
        assert!(!is_fresh(&october, early, early + 9.hours()), "not closed when it was asked");
        assert!(is_fresh(&present, asked, later(-5)), "the clock went back");
    }
}
