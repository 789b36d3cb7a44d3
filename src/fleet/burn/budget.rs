//! Budgets: who is over, and by when the rest will be. Advisory only; nothing is ever stopped for a budget.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use super::breakdown::tag;
use super::history::{Gauge, History, gauge};
use crate::fleet::{App, Census, Fleet, Known, Scope, Timestamp};

/// What may be spent.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// What it is called.
    pub name: Arc<str>,
    /// Whose apps it is for.
    pub whose: BudgetOf,
    /// For which time.
    pub per: BudgetPer,
    /// How many dollars.
    pub dollars: f64,
}

/// Whose apps a budget is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BudgetOf {
    /// Those of a domain, by name or id.
    Domain(Arc<str>),
    /// Those of the user profiles of this name, in spaces they own included.
    User(Arc<str>),
    /// Those with this tag.
    Tag(Arc<str>, Arc<str>),
    /// Those of an account, by alias or id.
    Account(Arc<str>),
}

/// The time a budget is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetPer {
    /// A day, from midnight, local time.
    Day,
    /// A calendar month, local time.
    Month,
}

impl BudgetPer {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// From when to when the one is that it is now; `None` only at the ends of representable time.
    pub fn period(self, now: Timestamp, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let today = now.to_zoned(zone.clone()).date();
        let (from, until) = match self {
            Self::Day => (today, today.checked_add(1.days()).ok()?),
            Self::Month => (today.first_of_month(), today.first_of_month().checked_add(1.month()).ok()?),
        };
        let start = |date: jiff::civil::Date| Some(date.to_zoned(zone.clone()).ok()?.timestamp());
        Some((start(from)?, start(until)?))
    }
}

impl Budget {
    /// Whether an app is one of those it is for.
    pub fn holds(&self, fleet: &Fleet, app: &App) -> Known<bool> {
        match &self.whose {
            BudgetOf::Domain(text) => {
                let is_it = *app.key.domain.as_str() == **text
                    || fleet.domain_label(&app.key.domain_key()) == &**text;
                Known::Value(is_it)
            }
            BudgetOf::User(name) => match fleet.user_of(&app.key) {
                Some(user) => Known::Value(user.as_str() == &**name),
                None => Known::Unknown,
            },
            BudgetOf::Tag(key, value) => match tag(fleet, app, key) {
                Known::Value(given) => Known::Value(given == *value),
                Known::Absent => Known::Value(false),
                Known::Unknown => Known::Unknown,
            },
            BudgetOf::Account(text) => {
                let account = app.key.scope.account();
                Known::Value(account.as_str() == &**text || fleet.account_label(account) == &**text)
            }
        }
    }

    /// Whose apps it is for, in words.
    pub fn of(&self) -> String {
        match &self.whose {
            BudgetOf::Domain(name) => format!("domain {name}"),
            BudgetOf::User(name) => format!("user {name}"),
            BudgetOf::Tag(key, value) => format!("tag {key}={value}"),
            BudgetOf::Account(name) => format!("account {name}"),
        }
    }
}

/// What AWS has billed of a budget's period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Billed {
    /// Dollars from the beginning of the period.
    pub dollars: f64,
    /// Until when; what came later is metered by us.
    pub until: Timestamp,
}

/// How a budget stands.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetState {
    /// The budget.
    pub budget: Budget,
    /// What runs of it now.
    pub now: Gauge,
    /// Dollars spent in the period so far, as far as they are known; never more than was spent.
    pub spent: f64,
    /// Whether all of it is known.
    pub is_whole: bool,
    /// The share of the time so far that was watched by us or billed by AWS.
    pub watched: f64,
    /// How much of it AWS has billed.
    pub billed: Option<Billed>,
    /// What follows.
    pub outlook: Outlook,
}

/// How a budget will end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outlook {
    /// More is spent already.
    Over,
    /// It will be used up then if nothing is stopped; earlier, if some of what was spent is not known.
    UsedUp(Timestamp),
    /// It lasts, as things run now.
    Lasts,
    /// What is known is within it, but some of what was spent is not known.
    Unsure,
}

/// How the budgets stand.
pub fn budget_states(
    (fleet, census): (&Fleet, &Census),
    (history, scopes): (&History, &[Scope]),
    budgets: &[Budget],
    billed: &BTreeMap<Arc<str>, Billed>,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<BudgetState> {
    let mut rates = vec![Gauge::default(); budgets.len()];
    for (position, app) in fleet.apps.iter().enumerate() {
        let Some(own) = census.app(fleet, position).and_then(|figures| gauge(app, figures.rate, census, now))
        else {
            continue;
        };
        for (budget, rate) in budgets.iter().zip(&mut rates) {
            match budget.holds(fleet, app) {
                Known::Value(true) => *rate += own,
                Known::Unknown => rate.unknown_prices += 1.0,
                Known::Value(false) | Known::Absent => {}
            }
        }
    }
    let state = |(budget, rate): (&Budget, Gauge)| {
        let (from, until) = budget.per.period(now, zone)?;
        let billed = billed.get(&budget.name).filter(|billed| billed.until > from).copied();
        let since = billed.map_or(from, |billed| billed.until.min(now));
        let own = history.metered(scopes, since, now).budgets.get(&budget.name).copied().unwrap_or_default();
        let hours = |from: Timestamp, until: Timestamp| until.duration_since(from).as_secs_f64() / 3_600.0;
        let seen = history.budget_watched(scopes, &budget.name, since, now) / (scopes.len().max(1) as f64);
        let so_far = hours(from, now);
        let watched = if so_far > 0.0 { ((hours(from, since) + seen) / so_far).min(1.0) } else { 1.0 };
        let spent = billed.map_or(0.0, |billed| billed.dollars) + own.burn;
        let is_whole = watched >= 0.995 && own.unknown_prices == 0.0;
        let outlook = outlook(budget, spent, rate, is_whole, (now, until));
        Some(BudgetState { budget: budget.clone(), now: rate, spent, is_whole, watched, billed, outlook })
    };
    budgets.iter().zip(rates).filter_map(state).collect()
}

fn outlook(
    budget: &Budget,
    spent: f64,
    rate: Gauge,
    is_whole: bool,
    (now, until): (Timestamp, Timestamp),
) -> Outlook {
    if spent > budget.dollars {
        return Outlook::Over;
    }
    let used_up = (rate.burn > 0.0).then(|| (budget.dollars - spent) / rate.burn * 3_600.0);
    let then = used_up
        .and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok())
        .and_then(|wait| now.checked_add(wait).ok());
    match then {
        Some(then) if then < until => Outlook::UsedUp(then),
        _ if is_whole && rate.unknown_prices == 0.0 => Outlook::Lasts,
        _ => Outlook::Unsure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::burn::history::Sample;
    use crate::fleet::burn::history::tests::seen;
    use crate::fleet::{AppType, IdleRule, sample};

    fn budget(whose: BudgetOf, per: BudgetPer, dollars: f64) -> Budget {
        Budget { name: "nlp".into(), whose, per, dollars }
    }

    fn state(budget: Budget, samples: Vec<Sample>, billed: Option<Billed>) -> BudgetState {
        let fleet = sample::fleet(
            vec![sample::user("anna")],
            vec![],
            vec![
                sample::app("anna", AppType::JupyterLab, "lab"),
                sample::app("bo", AppType::JupyterLab, "b"),
            ],
        );
        let census = Census::take(&fleet, sample::now(), IdleRule::default(), None);
        let billed = billed.map(|billed| (Arc::from("nlp"), billed)).into_iter().collect();
        let history = History::of(samples);
        let scopes = [sample::scope()];
        budget_states(
            (&fleet, &census),
            (&history, &scopes),
            &[budget],
            &billed,
            sample::now(),
            &TimeZone::UTC,
        )
        .remove(0)
    }

    /// Samples of the day so far, a dollar per hour in the budget.
    fn day() -> Vec<Sample> {
        let sample = |n: i64| {
            let sample = seen(sample::minutes_ago(720 - n * 5), 1.0, 0.0);
            Sample { budgets: [(Arc::from("nlp"), sample.total())].into(), ..sample }
        };
        (0..144).map(sample).collect()
    }

    #[test]
    fn a_budget_is_over_used_up_by_then_or_lasts() {
        let anna = || BudgetOf::User("anna".into());
        let outlook = |dollars| state(budget(anna(), BudgetPer::Day, dollars), day(), None);
        assert_eq!(outlook(11.0).outlook, Outlook::Over);
        assert!((outlook(11.0).spent - 12.0).abs() < 1e-6 && outlook(11.0).is_whole);
        let Outlook::UsedUp(then) = outlook(15.0).outlook else { panic!("{:?}", outlook(15.0)) };
        assert_eq!(then.duration_since(sample::minutes_ago(-180)).as_secs().abs(), 0);
        assert_eq!(outlook(25.0).outlook, Outlook::Lasts);
        assert!((outlook(25.0).now.burn - 1.0).abs() < 1e-9, "only anna's app counts");
    }

    #[test]
    fn what_was_not_watched_lets_no_budget_last() {
        let whose = BudgetOf::Domain("research".into());
        let month = state(budget(whose.clone(), BudgetPer::Month, 5_000.0), day(), None);
        assert_eq!(month.outlook, Outlook::Unsure);
        assert!(month.watched < 0.03 && !month.is_whole, "{month:?}");
        // What AWS has billed until this midnight closes the gap.
        let billed = Billed { dollars: 100.0, until: sample::minutes_ago(720) };
        let month = state(budget(whose, BudgetPer::Month, 5_000.0), day(), Some(billed));
        assert!((month.spent - 112.0).abs() < 1e-6 && month.is_whole, "{month:?}");
        assert_eq!(month.outlook, Outlook::Lasts);
    }

    #[test]
    fn a_tag_that_was_not_read_is_not_known_to_be_another() {
        let team = budget(BudgetOf::Tag("team".into(), "nlp".into()), BudgetPer::Day, 1_000.0);
        let state = state(team, day(), None);
        assert!((state.now.unknown_prices - 2.0).abs() < 1e-9);
        assert_eq!(state.outlook, Outlook::Unsure);
    }
}
