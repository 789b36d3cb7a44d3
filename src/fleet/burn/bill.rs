//! From answers of Cost Explorer to what the burn is held against: lines by use and day, and what of a budget AWS has
//! billed. Asks nothing; amounts are of days that are billed in full.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::budget::{Billed, Budget, BudgetOf, BudgetPer};
use crate::fleet::{
    AccountId, CostAnswer, CostKey, CostKind, CostPart, CostQuestion, Days, Domain, Fleet, Granularity,
    Nanos, ObjectKey, Region, SYSTEM_TAGS, SpaceKey, Timestamp, Usage, billing_day, object_of, settled,
};

/// The one currency that prices are known in.
const DOLLARS: &str = "USD";
/// What `RECORD_TYPE` says of what was used. Others are credits, refunds, taxes, or what savings plans and discounts
/// take away from it or add to it.
const USED: [&str; 3] = ["Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"];

/// What a line of the bill is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BilledFor {
    /// The instance of an app, of this type: `JupyterLab`, `KernelGateway` ...
    App(Arc<str>, Arc<str>),
    /// The volumes of spaces.
    Storage,
    /// Other usage, by its name: training, endpoints ...
    Other(Arc<str>),
    /// What savings plans and discounts change, as lines of their own.
    Discount,
    /// Money back that AWS gives: a credit.
    Credit,
    /// Money back for what was billed wrongly.
    Refund,
    /// Tax.
    Tax,
}

/// What AWS billed for one thing on one day, in US dollars.
#[derive(Debug, Clone, PartialEq)]
pub struct BilledLine {
    /// The day, UTC.
    pub day: Date,
    /// The account.
    pub account: AccountId,
    /// The region; `None` where the line does not tell it.
    pub region: Option<Region>,
    /// What for.
    pub what: BilledFor,
    /// How much.
    pub amount: f64,
    /// Whether AWS says that it may still change.
    pub is_estimated: bool,
}

/// The bill of some accounts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bill {
    /// The lines.
    pub lines: Vec<BilledLine>,
    /// The accounts whose bill it is; those that are billed in another currency than US dollars are left out.
    pub accounts: BTreeSet<AccountId>,
    /// The currencies of the accounts that are left out.
    pub foreign: BTreeSet<Arc<str>>,
    /// How many amounts could not be read.
    pub unreadable: usize,
    /// The first day that is not billed in full; `None` without any answer.
    pub settled: Option<Date>,
}

impl BilledFor {
    /// What a line is for whose kind and use AWS names like this.
    fn of(record: &str, usage: &Usage<'_>) -> Self {
        match CostKind::of_record(record) {
            Some(CostKind::Credit) => return Self::Credit,
            Some(CostKind::Refund) => return Self::Refund,
            Some(CostKind::Tax) => return Self::Tax,
            _ if !USED.contains(&record) => return Self::Discount,
            _ => {}
        }
        let kind = usage.kind();
        let of_studio = usage.what.starts_with("Studio:") || usage.what.starts_with("RStudio:");
        match usage.instance {
            Some(instance) if of_studio => Self::App(kind.into(), instance.into()),
            _ if kind == "space volumes" => Self::Storage,
            _ => Self::Other(kind.into()),
        }
    }
}

impl Bill {
    /// What answers by usage type say of some days. Parts of other questions say nothing here.
    pub fn of(parts: &[CostPart<'_>], days: Days) -> Self {
        let mut bill = Self::default();
        for part in parts {
            let place = |wanted: &CostKey| part.question.keys.iter().position(|key| key == wanted);
            let (Some(usage), Some(record)) = (place(&CostKey::UsageType), place(&CostKey::RecordType))
            else {
                continue;
            };
            if part.question.granularity != Granularity::Daily {
                continue;
            }
            let whole = settled(part.answer.asked_at);
            bill.settled = Some(bill.settled.map_or(whole, |known| known.min(whole)));
            bill.unreadable += part.answer.unreadable;
            let foreign: BTreeSet<Arc<str>> = part
                .answer
                .lines
                .iter()
                .filter(|line| &*line.currency != DOLLARS)
                .map(|line| Arc::clone(&line.currency))
                .collect();
            if !foreign.is_empty() {
                bill.foreign.extend(foreign);
                continue;
            }
            bill.accounts.insert(part.account.clone());
            for line in &part.answer.lines {
                let key = |at: usize| line.keys.get(at).map_or("", |key| &**key);
                let seen = Usage::of(key(usage));
                let what = BilledFor::of(key(record), &seen);
                let region = seen.region().map(Region::new);
                for (day, amount) in part.answer.days.iter().zip(&line.amounts) {
                    if days.contains(day.from) && *amount != Nanos::ZERO {
                        bill.lines.push(BilledLine {
                            day: day.from,
                            account: part.account.clone(),
                            region: region.clone(),
                            what: what.clone(),
                            amount: amount.to_f64(),
                            is_estimated: day.estimated,
                        });
                    }
                }
            }
        }
        bill
    }
}

/// What AWS has billed of this month under each budget, where answers that are at hand tell it in full: of every
/// account that the budget may be of, in US dollars, by the key that it goes by. Budgets of a day have none, since
/// bills are a day late.
///
/// An app in a space is billed by the tag of the space and one of Classic by that of its user: a budget of a user takes
/// an answer that has both, as that by user does, and counts the spaces the user owns as the live burn does.
pub fn billed_spend(
    fleet: &Fleet,
    services: &[Arc<str>],
    budgets: &[Budget],
    now: Timestamp,
) -> BTreeMap<Arc<str>, Billed> {
    let monthly = budgets.iter().filter(|budget| budget.per == BudgetPer::Month);
    monthly
        .filter_map(|budget| Some((Arc::clone(&budget.name), spent(fleet, services, budget, now)?)))
        .collect()
}

fn spent(fleet: &Fleet, services: &[Arc<str>], budget: &Budget, now: Timestamp) -> Option<Billed> {
    let accounts = accounts_of(fleet, &budget.whose);
    let tag = |key: &str| CostKey::Tag(key.into());
    let keys = match &budget.whose {
        BudgetOf::Domain(_) => vec![tag(SYSTEM_TAGS[0])],
        BudgetOf::User(_) => vec![tag(SYSTEM_TAGS[1]), tag(SYSTEM_TAGS[2])],
        BudgetOf::Tag(key, _) => vec![CostKey::Tag(Arc::clone(key))],
        BudgetOf::Account(_) => Vec::new(),
    };
    let first = billing_day(now).first_of_month();
    let fits = |question: &CostQuestion, answer: &CostAnswer| {
        question.services == services
            && question.granularity == Granularity::Daily
            && question.from <= first
            && settled(answer.asked_at) > first
            && answer.unreadable == 0
            && keys.iter().all(|key| question.keys.contains(key))
    };
    let answers: Vec<(&CostQuestion, &CostAnswer)> = accounts
        .iter()
        .map(|account| {
            let known = fleet.bills.answers(account).filter(|(question, answer)| fits(question, answer));
            let newest = known.max_by_key(|(question, answer)| (answer.asked_at, Arc::clone(question)));
            newest.map(|(question, answer)| (&**question, &**answer))
        })
        .collect::<Option<_>>()?;
    // One sum has one end: that of the answer that reaches least far.
    let until = answers
        .iter()
        .map(|(question, answer)| settled(answer.asked_at).min(question.until))
        .min()
        .filter(|until| *until > first)?;
    let days = Days { from: first, until };
    let mut sum = Nanos::ZERO;
    for (question, answer) in answers {
        let record = question.keys.iter().position(|key| *key == CostKey::RecordType);
        for line in &answer.lines {
            let key = |at: usize| line.keys.get(at).map_or("", |key| &**key);
            let is_used = record.is_none_or(|at| CostKind::of_record(key(at)).is_none());
            let values: Vec<&str> = keys
                .iter()
                .map(|wanted| question.keys.iter().position(|known| known == wanted).map_or("", key))
                .collect();
            if !is_used || !is_of(fleet, &budget.whose, &values) {
                continue;
            }
            let amounts = answer.days.iter().zip(&line.amounts);
            let own: Nanos =
                amounts.filter(|(day, _)| days.contains(day.from)).map(|(_, amount)| *amount).sum();
            if own != Nanos::ZERO && &*line.currency != DOLLARS {
                return None;
            }
            sum += own;
        }
    }
    let until = until.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Billed { dollars: sum.to_f64(), until })
}

/// The accounts in which something of a budget may be billed.
fn accounts_of(fleet: &Fleet, whose: &BudgetOf) -> BTreeSet<AccountId> {
    let all = fleet.accounts.keys().cloned();
    match whose {
        BudgetOf::Account(text) => all
            .filter(|account| account.as_str() == &**text || fleet.account_label(account) == &**text)
            .collect(),
        BudgetOf::Domain(text) => {
            let is_it = |domain: &&Domain| {
                domain.key.id.as_str() == &**text || fleet.domain_label(&domain.key) == &**text
            };
            let own: BTreeSet<AccountId> =
                fleet.domains.iter().filter(is_it).map(|domain| domain.key.scope.account().clone()).collect();
            if own.is_empty() { all.collect() } else { own }
        }
        BudgetOf::User(_) | BudgetOf::Tag(..) => all.collect(),
    }
}

/// Whether a line of the bill with these values counts for a budget.
fn is_of(fleet: &Fleet, whose: &BudgetOf, values: &[&str]) -> bool {
    let mut objects = values.iter().filter_map(|value| object_of(value));
    match whose {
        BudgetOf::Account(_) => true,
        BudgetOf::Tag(_, value) => values.first() == Some(&&**value),
        BudgetOf::Domain(text) => objects.any(|object| match object {
            ObjectKey::Domain(key) => key.id.as_str() == &**text || fleet.domain_label(&key) == &**text,
            _ => false,
        }),
        BudgetOf::User(name) => match objects.next() {
            // A line that has both tags is the user's.
            Some(ObjectKey::User(key)) => key.name.as_str() == &**name,
            Some(ObjectKey::Space(key)) => is_owned_by(fleet, &key, name),
            _ => false,
        },
    }
}

fn is_owned_by(fleet: &Fleet, space: &SpaceKey, name: &str) -> bool {
    let owner = fleet.spaces.get(space).and_then(|space| space.owner.as_ref());
    owner.is_some_and(|owner| owner.as_str() == name)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::fleet::{CostDay, CostGroup, CostPages, sample};

    const FIRST: Date = date(2026, 11, 1);

    fn account() -> AccountId {
        sample::scope().account().clone()
    }

    /// An answer for the first three days of the month with the same amount on each, asked on the fourth.
    fn answer(lines: &[(&[&str], &str, i64)]) -> CostAnswer {
        let mut pages = CostPages::default();
        for offset in 0..3 {
            let from = FIRST.saturating_add(jiff::Span::new().days(offset));
            let day = CostDay { from, until: from.tomorrow().unwrap(), estimated: offset == 2 };
            let at = pages.day(day);
            for (keys, currency, dollars) in lines {
                pages.add(at, keys, currency, Some(Nanos(dollars * 1_000_000_000)));
            }
        }
        pages.finish("2026-11-04T12:00:00Z".parse().unwrap())
    }

    fn question(group: &CostGroup, then: Option<&CostGroup>) -> CostQuestion {
        let range = (date(2026, 10, 1), date(2026, 11, 5));
        CostQuestion::new(&["s".into()], range, Granularity::Daily, group, then)
    }

    #[test]
    fn lines_are_told_apart_by_what_they_are_for_and_where() {
        let answer = answer(&[
            (&["EU-Studio:JupyterLab-ml.t3.medium", "Usage"], "USD", 1),
            (&["USE1-Studio:VolumeUsage.gp3", "Usage"], "USD", 2),
            (&["EU-Train:ml.p3.2xlarge", "Usage"], "USD", 3),
            (&["EU-Studio:JupyterLab-ml.t3.medium", "SavingsPlanNegation"], "USD", -1),
            (&["", "Credit"], "USD", -5),
            (&["", "Tax"], "USD", 4),
        ]);
        let question = question(&CostGroup::UsageType, None);
        let (account, days) = (account(), Days { from: FIRST, until: date(2026, 11, 3) });
        let part = CostPart { account: &account, question: &question, answer: &answer };
        let bill = Bill::of(&[part], days);
        let of_day: Vec<(&BilledFor, Option<&str>, f64)> = bill
            .lines
            .iter()
            .filter(|line| line.day == FIRST)
            .map(|line| (&line.what, line.region.as_ref().map(Region::as_str), line.amount))
            .collect();
        let app = BilledFor::App("JupyterLab".into(), "ml.t3.medium".into());
        let other = BilledFor::Other("Train".into());
        assert_eq!(
            of_day,
            [
                (&app, Some("eu-west-1"), 1.0),
                (&BilledFor::Storage, Some("us-east-1"), 2.0),
                (&other, Some("eu-west-1"), 3.0),
                (&BilledFor::Discount, Some("eu-west-1"), -1.0),
                (&BilledFor::Credit, Some("us-east-1"), -5.0),
                (&BilledFor::Tax, Some("us-east-1"), 4.0),
            ]
        );
        assert!(bill.lines.iter().all(|line| line.day < date(2026, 11, 3)), "the third is not asked for");
        assert_eq!(bill.settled, Some(date(2026, 11, 3)));
    }

    #[test]
    fn an_account_that_is_billed_in_another_currency_is_left_out_and_named() {
        let answer =
            answer(&[(&["EU-Studio:JupyterLab-ml.t3.medium", "Usage"], "EUR", 1), (&["", "Tax"], "USD", 1)]);
        let question = question(&CostGroup::Instance, None);
        let (account, days) = (account(), Days { from: FIRST, until: date(2026, 11, 3) });
        let bill = Bill::of(&[CostPart { account: &account, question: &question, answer: &answer }], days);
        assert!(bill.lines.is_empty() && bill.accounts.is_empty(), "{bill:?}");
        assert_eq!(bill.foreign, BTreeSet::from([Arc::from("EUR")]));
    }

    /// What a budget of `nlp` comes to where this was asked.
    fn spend(
        whose: BudgetOf,
        per: BudgetPer,
        (group, then): (CostGroup, Option<CostGroup>),
        lines: &[(&[&str], &str, i64)],
    ) -> Option<Billed> {
        let space = sample::space("anna-lab", "anna", crate::fleet::Sharing::Private);
        let mut fleet = sample::fleet(vec![sample::user("anna")], vec![space], vec![]);
        fleet.accounts.insert(account(), sample::account());
        let question = question(&group, then.as_ref());
        fleet.bills.learn(account(), Arc::new(question), Arc::new(answer(lines)));
        let budget = Budget { name: "nlp".into(), whose, per, dollars: 1.0 };
        let now = "2026-11-04T12:00:00Z".parse().unwrap();
        billed_spend(&fleet, &["s".into()], &[budget], now).remove("nlp")
    }

    #[test]
    fn a_budget_takes_what_was_billed_on_the_days_that_are_billed_in_full() {
        let lines: &[(&[&str], &str, i64)] =
            &[(&["nlp", "Usage"], "USD", 3), (&["nlp", "Credit"], "USD", -1), (&["cv", "Usage"], "USD", 10)];
        let team = || BudgetOf::Tag("team".into(), "nlp".into());
        let by = |group: &str| (CostGroup::parse(group).unwrap(), None);
        let billed = spend(team(), BudgetPer::Month, by("tag:team"), lines).unwrap();
        // Of three days two are billed in full, and credits are no spending.
        assert!((billed.dollars - 6.0).abs() < 1e-9, "{billed:?}");
        assert_eq!(billed.until.to_string(), "2026-11-03T00:00:00Z");
        assert_eq!(spend(team(), BudgetPer::Day, by("tag:team"), lines), None);
        assert_eq!(spend(team(), BudgetPer::Month, by("tag:env"), lines), None, "another question");
        let euros: &[(&[&str], &str, i64)] = &[(&["nlp", "Usage"], "EUR", 3)];
        assert_eq!(spend(team(), BudgetPer::Month, by("tag:team"), euros), None);
        let all = BudgetOf::Account(account().to_string().into());
        let billed = spend(all, BudgetPer::Month, by("tag:team"), lines).unwrap();
        assert!((billed.dollars - 26.0).abs() < 1e-9, "any answer tells the whole account");
    }

    #[test]
    fn a_budget_of_a_user_takes_an_answer_that_has_users_and_spaces() {
        let scope = sample::scope();
        let arn = |what: &str| {
            let domain = sample::domain_key().id;
            format!("arn:aws:sagemaker:{}:{}:{what}/{domain}/anna", scope.region(), scope.account())
        };
        let (user, space) = (arn("user-profile"), format!("{}-lab", arn("space")));
        let lines: &[(&[&str], &str, i64)] =
            &[(&[&user, ""], "USD", 1), (&["", &space], "USD", 2), (&["", ""], "USD", 50)];
        let anna = || BudgetOf::User("anna".into());
        let both = (CostGroup::User, Some(CostGroup::Space));
        let billed = spend(anna(), BudgetPer::Month, both, lines).unwrap();
        assert!((billed.dollars - 6.0).abs() < 1e-9, "{billed:?}");
        assert_eq!(spend(anna(), BudgetPer::Month, (CostGroup::User, None), lines), Some(billed));
        let other = (CostGroup::User, Some(CostGroup::Instance));
        assert_eq!(spend(anna(), BudgetPer::Month, other, lines), None, "there was no room for the space");
    }
}
