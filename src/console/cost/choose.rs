//! Choosing what is grouped by, and which days are looked at. What would cost a request says so before.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::ToSpan;

use crate::fleet::{AccountId, CostGroup, CostPeriod, CostView, Intent, Problem, Region, Scope, billing_day};

use super::super::{Choice, Console, Effect, Tone};

/// The entry that takes the second level away.
const NO_SECOND: &str = "(one level)";

impl Console {
    /// Shows what can be grouped by, on the first level or the second.
    pub(in crate::console) fn open_cost_groups(&mut self, second: bool) {
        let tags = self.known_tag_keys();
        let groups = CostGroup::FIXED.into_iter().chain(tags.into_iter().map(CostGroup::Tag));
        let mut entries: Vec<(String, String)> = groups
            .filter(|group| !second || *group != self.cost.group)
            .map(|group| {
                let mut view = self.cost_view();
                *(if second { view.then.get_or_insert(CostGroup::Account) } else { &mut view.group }) =
                    group.clone();
                if view.then.as_ref() == Some(&view.group) {
                    view.then = None;
                }
                (
                    group.to_string(),
                    format!("{}; {}", said(&group), self.price_told(&view, &self.cost_accounts())),
                )
            })
            .collect();
        if second {
            entries.insert(0, (NO_SECOND.to_owned(), "only the first level".to_owned()));
        }
        let (choice, chosen) = if second {
            (Choice::CostThen, self.cost.then.as_ref().map_or(NO_SECOND.to_owned(), ToString::to_string))
        } else {
            (Choice::CostGroup, self.cost.group.to_string())
        };
        self.open_choice(choice, entries, chosen);
    }

    /// Shows which days can be looked at.
    pub(in crate::console) fn open_cost_periods(&mut self) {
        let entries = self
            .periods()
            .into_iter()
            .map(|(name, period)| {
                let view = CostView { period, ..self.cost_view() };
                let days = period.days(view.today);
                (name.to_owned(), format!("{days}; {}", self.price_told(&view, &self.cost_accounts())))
            })
            .collect();
        let current = self.cost.period;
        let chosen = self.periods().into_iter().find(|(_, period)| *period == current);
        self.open_choice(
            Choice::CostPeriod,
            entries,
            chosen.map_or(String::new(), |(name, _)| name.to_owned()),
        );
    }

    /// Takes what was chosen, or else what was typed; what cannot be asked is refused before it costs.
    pub(in crate::console) fn choose_cost(
        &mut self,
        choice: Choice,
        value: Option<&str>,
        typed: &str,
        effects: &mut Vec<Effect>,
    ) {
        let text = value.unwrap_or(typed);
        let result = match choice {
            Choice::CostGroup => CostGroup::parse(text).map(|group| {
                if self.cost.then.as_ref() == Some(&group) {
                    self.cost.then = None;
                }
                self.cost.group = group;
            }),
            Choice::CostThen if text == NO_SECOND => {
                self.cost.then = None;
                Ok(())
            }
            Choice::CostThen => CostGroup::parse(text).and_then(|group| {
                if group == self.cost.group {
                    return Err("both levels would be the same".to_owned());
                }
                self.cost.then = Some(group);
                Ok(())
            }),
            Choice::CostAccount => self.choose_cost_account(text),
            _ => {
                let known =
                    self.periods().into_iter().find(|(name, _)| *name == text).map(|(_, period)| period);
                let period = known.map_or_else(|| CostPeriod::parse_range(text), Ok);
                period.and_then(|period| {
                    period.check(billing_day(self.now))?;
                    self.cost.period = period;
                    Ok(())
                })
            }
        };
        match result {
            Ok(()) => {
                self.close_layer();
                self.ask_costs(effects);
                self.show_rows();
            }
            Err(reason) => self.say(Tone::Warn, reason),
        }
    }

    /// What a view of some accounts would cost now.
    pub(super) fn price_told(&self, view: &CostView, accounts: &[AccountId]) -> String {
        let view = CostView { by_months: self.takes_months(view), ..view.clone() };
        let queries = self.cost_queries(&view, accounts).into_iter();
        let missing =
            queries.filter(|(account, question)| self.cost_answer(&view, question, account).is_none());
        // Each page is a request.
        let pages = missing.map(|(account, question)| question.pages(&self.fleet, &account));
        match pages.sum() {
            0 => "asked already".to_owned(),
            requests => Self::cost_of(requests),
        }
    }

    fn periods(&self) -> [(&'static str, CostPeriod); 6] {
        let today = billing_day(self.now);
        let until = today.tomorrow().unwrap_or(today);
        let back = |days: i32| CostPeriod::Range(until.saturating_sub(days.days()), until);
        let first = today.first_of_month();
        [
            ("month to date", CostPeriod::MonthToDate),
            ("previous month", CostPeriod::PreviousMonth),
            ("last 7 days", back(7)),
            ("last 30 days", back(30)),
            ("last 3 months", CostPeriod::Range(first.saturating_sub(2.months()), until)),
            ("last 12 months", CostPeriod::Range(first.saturating_sub(11.months()), until)),
        ]
    }

    /// Keys of tags: cost allocation tags as far as AWS was asked, and those seen on objects of the fleet.
    fn known_tag_keys(&self) -> BTreeSet<Arc<str>> {
        let mut keys: BTreeSet<Arc<str>> =
            self.fleet.tags.values().flatten().map(|tag| Arc::clone(&tag.key)).collect();
        for account in self.cost_accounts() {
            if let Some(tags) = self.fleet.bills.tags(&account) {
                keys.extend(tags.tags.iter().map(|tag| Arc::clone(&tag.key)));
            }
        }
        keys.retain(|key| !key.starts_with("sagemaker:") && !key.starts_with("aws:"));
        keys
    }
}

fn said(group: &CostGroup) -> &'static str {
    match group {
        CostGroup::Tag(_) => "a tag of yours",
        CostGroup::User => "user profiles, by tag and by what they own",
        CostGroup::Domain | CostGroup::Space => "by the system tag",
        CostGroup::Instance => "instance types",
        CostGroup::UsageType => "as on the bill",
        CostGroup::Account => "accounts whose bill is shown",
        CostGroup::Region => "by usage type",
    }
}

impl Console {
    /// Says which tags are missing on bills, once every account has answered.
    pub(in crate::console) fn tell_cost_tags(&mut self) {
        let Some(missing) = self.inactive_tags() else { return };
        if missing.is_empty() {
            return self.tell_no_payer();
        }
        let told: Vec<String> = missing
            .iter()
            .filter(|(_, keys)| !keys.is_empty())
            .map(|(account, keys)| format!("{} {}", self.fleet.account_label(account), keys.join(", ")))
            .collect();
        let key = self.keymap.label(super::super::Action::CostTags);
        if told.is_empty() {
            self.say(
                Tone::Ok,
                format!("the system tags are active; {key} plans to fill the bills of before"),
            );
        } else {
            self.say(Tone::Warn, format!("not active: {}; {key} plans to activate them", told.join("; ")));
        }
    }

    /// Says why no account in view tells its cost allocation tags, and who can.
    fn tell_no_payer(&mut self) {
        let mut accounts = self.cost_accounts().into_iter();
        let told = accounts.find_map(|account| self.cost_tags_problem(&account).map(ToString::to_string));
        if let Some(told) = told {
            self.say(Tone::Warn, told);
        }
    }

    /// Shows which cost allocation tags bills carry, and plans to activate those that are missing; asks first where
    /// that is not known.
    pub(in crate::console) fn open_cost_tags(&mut self, effects: &mut Vec<Effect>) {
        let Some(missing) = self.inactive_tags() else {
            let unknown = self.cost_tags_unknown().len();
            let text = format!("asking which cost allocation tags there are: {}", Self::cost_of(unknown));
            self.say(Tone::Muted, text);
            return self.ask_cost_tags(effects);
        };
        if missing.is_empty() {
            let accounts = self.cost_accounts();
            let mut problems = accounts.iter().filter_map(|account| self.cost_tags_problem(account));
            if problems.any(Problem::is_passing) {
                self.ask_cost_tags(effects);
            } else {
                self.tell_no_payer();
            }
            return;
        }
        // Cost Explorer is asked in one region; the plan's steps name it.
        let scope = |account: AccountId| Scope::new(account, Region::new("us-east-1"));
        let all = missing.iter().map(|(account, _)| account.clone()).next();
        if let Some((account, keys)) = missing.into_iter().find(|(_, keys)| !keys.is_empty()) {
            self.prepare(Intent::ActivateCostTags(scope(account), keys), effects);
        } else if let Some(account) = all {
            self.say(
                Tone::Ok,
                "bills carry the system tags and the tag that is grouped by; those of before can be filled",
            );
            self.prepare(Intent::BackfillCostTags(scope(account)), effects);
        }
    }
}
