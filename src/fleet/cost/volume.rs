//! How long an answer will be, before it is paid for by the page: what would be too long by days is asked by months.

use super::{CostGroup, CostQuestion, CostView, Granularity};
use crate::fleet::{AccountId, Fleet, Query, Scope};

/// How many groups a page of an answer holds, over all of its periods. AWS publishes no figure; so many are reported.
const PAGE: usize = 5_000;
/// What would take more pages than these by days is asked by months.
const MOST_BY_DAYS: usize = 4;
/// After so many pages an answer is given up, since each costs.
pub const MOST_COST_PAGES: u32 = 20;

impl CostQuestion {
    /// How many pages the answer for an account takes at least, as far as the fleet tells. Of tags it tells nothing.
    pub fn pages(&self, fleet: &Fleet, account: &AccountId) -> usize {
        let ours = |scope: &Scope| scope.account() == account;
        let groups = if self.is_by_owner() {
            let users = fleet.users.iter().filter(|user| ours(&user.key.scope)).count();
            users + fleet.spaces.iter().filter(|space| ours(&space.key.scope)).count()
        } else if self.place_of(&CostGroup::Domain).is_some() {
            fleet.domains.iter().filter(|domain| ours(&domain.key.scope)).count()
        } else {
            0
        };
        let days = super::Days { from: self.from, until: self.until }.len();
        let days = usize::try_from(days).unwrap_or_default();
        let periods = match self.granularity {
            Granularity::Daily => days,
            Granularity::Monthly => days.div_ceil(28),
        };
        groups.saturating_mul(periods).div_ceil(PAGE).max(1)
    }
}

impl CostView {
    /// Whether the view would take too many pages by days, as far as the fleet tells.
    pub fn is_long_by_days(&self, fleet: &Fleet, account: &AccountId) -> bool {
        let by_days = Self { by_months: false, ..self.clone() }.question(&[]);
        by_days.granularity == Granularity::Daily && by_days.pages(fleet, account) > MOST_BY_DAYS
    }

    /// The question that it is the answer to.
    pub fn question(&self, services: &[std::sync::Arc<str>]) -> CostQuestion {
        let (days, granularity) = if self.by_months {
            (self.period.days(self.today), Granularity::Monthly)
        } else {
            self.period.asked(self.today)
        };
        CostQuestion::new(services, (days.from, days.until), granularity, &self.group, self.then.as_ref())
    }
}

impl Fleet {
    /// Whether all spaces of an account are known, so that it can be told how many there are.
    pub fn has_all_spaces(&self, account: &AccountId) -> bool {
        let mut domains =
            self.domains.iter().filter(|domain| domain.key.scope.account() == account).peekable();
        let is_read = |query: &Query| self.listing(query).is_some_and(crate::fleet::Listing::is_complete);
        domains.peek().is_some() && domains.all(|domain| is_read(&Query::Spaces(domain.key.clone())))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::fleet::{CostPeriod, Sharing, sample};

    fn view(group: CostGroup, period: CostPeriod) -> CostView {
        CostView { group, then: None, period, today: date(2026, 11, 22), by_months: false }
    }

    fn fleet(spaces: usize) -> Fleet {
        let space = |at: usize| sample::space(&format!("space-{at}"), "anna", Sharing::Private);
        sample::fleet(vec![sample::user("anna")], (0..spaces).map(space).collect(), Vec::new())
    }

    #[test]
    fn what_would_take_too_many_pages_by_days_takes_few_by_months() {
        let account = sample::scope().account().clone();
        let by_user = view(CostGroup::User, CostPeriod::MonthToDate);
        assert!(!by_user.is_long_by_days(&fleet(100), &account));
        let large = fleet(400);
        assert!(by_user.is_long_by_days(&large, &account));
        // 401 owners over the 53 days of two months, 5,000 groups a page.
        assert_eq!(by_user.question(&[]).pages(&large, &account), 5);
        let by_months = CostView { by_months: true, ..by_user };
        let question = by_months.question(&[]);
        assert_eq!((question.granularity, question.pages(&large, &account)), (Granularity::Monthly, 1));
        assert_eq!(question.from, date(2026, 11, 1), "only what is looked at");
        assert!(!by_months.period.days(by_months.today).is_empty());
    }

    #[test]
    fn domains_and_what_the_fleet_does_not_tell_are_one_page() {
        let account = sample::scope().account().clone();
        for group in [CostGroup::Domain, CostGroup::Instance, CostGroup::Tag("team".into())] {
            let view = view(group, CostPeriod::MonthToDate);
            assert!(!view.is_long_by_days(&fleet(400), &account));
            assert_eq!(view.question(&[]).pages(&fleet(400), &account), 1);
        }
        // A year is asked by months anyhow.
        let year = CostPeriod::Range(date(2025, 12, 1), date(2026, 11, 23));
        assert!(!view(CostGroup::User, year).is_long_by_days(&fleet(400), &account));
    }

    #[test]
    fn spaces_are_all_known_once_each_list_of_them_is_whole() {
        let account = sample::scope().account().clone();
        assert!(!Fleet::default().has_all_spaces(&account));
        assert!(fleet(3).has_all_spaces(&account));
    }
}
