//! The cost pane: what is asked of Cost Explorer and when, since each request costs; and what came of it. Nothing is
//! asked here by itself: a person opens the pane, chooses a group, or asks anew.

mod accounts;
mod choose;
mod rows;

use std::sync::Arc;

use jiff::civil::Date;

use crate::fleet::wording::{Counted, Money, Span};
use crate::fleet::{
    AccountId, COST_FIELDS, CostAnswer, CostForecast, CostGroup, CostKind, CostPart, CostPeriod,
    CostQuestion, CostReport, CostView, Days, Field, Nanos, ObjectKey, Problem, ProblemKind, Query,
    REQUEST_PRICE, SYSTEM_TAGS, Timestamp, billing_day, is_fresh, newer_from, untagged_reason,
};

use super::{Console, Effect, Ledger, Pane, Sort, Tone, Within};

pub use accounts::CostOf;

/// The cost pane.
#[derive(Debug)]
pub struct CostPane {
    /// Its rows.
    pub ledger: Ledger,
    /// What is grouped by.
    pub group: CostGroup,
    /// What is grouped by within that.
    pub then: Option<CostGroup>,
    /// Which days are looked at.
    pub period: CostPeriod,
    /// Whose bill is shown.
    pub of: CostOf,
    /// Whether the chart shows the row under the cursor alone.
    pub single: bool,
    /// What the answers come to; `None` while one is missing.
    pub report: Option<CostReport>,
    /// How many requests were paid for today, as far as we know.
    pub requests_today: u32,
    /// Whether the view is asked by months, since days would cost too much; settled when it is asked.
    by_months: bool,
    /// The day the questions are asked for. It stays while the answers hold, so that midnight costs nothing.
    today: Option<Date>,
    built: Option<(u64, usize, u64, CostView, Vec<AccountId>)>,
}

impl Default for CostPane {
    fn default() -> Self {
        let sort = Sort { column: Field::Cost, descending: true };
        Self {
            ledger: Ledger::new(rows::columns(false, false), COST_FIELDS, sort),
            group: CostGroup::User,
            then: None,
            period: CostPeriod::MonthToDate,
            of: CostOf::Here,
            single: false,
            report: None,
            requests_today: 0,
            by_months: false,
            today: None,
            built: None,
        }
    }
}

/// What there is to be seen in the pane.
#[derive(Debug, Clone, PartialEq)]
pub enum CostFace {
    /// Nothing was asked: how many requests it would take.
    Never(usize),
    /// The answers are under way.
    Loading,
    /// There are rows, or a bill of nothing.
    Rows,
    /// Why there are no answers.
    Failed(Problem),
}

/// An answer that is part of a view.
struct Held {
    account: AccountId,
    question: Arc<CostQuestion>,
    answer: Arc<CostAnswer>,
    beside: bool,
}

impl Held {
    fn part(&self) -> CostPart<'_> {
        CostPart { account: &self.account, question: &self.question, answer: &self.answer }
    }
}

impl Console {
    /// What is looked at.
    pub fn cost_view(&self) -> CostView {
        CostView {
            group: self.cost.group.clone(),
            then: self.cost.then.clone(),
            period: self.cost.period,
            today: self.cost.today.unwrap_or_else(|| billing_day(self.now)),
            by_months: self.cost.by_months,
        }
    }

    /// The question that a view is the answer to.
    pub fn cost_question(&self, view: &CostView) -> Arc<CostQuestion> {
        Arc::new(view.question(&self.session.services))
    }

    /// The questions a view takes, of some accounts; those that only tell credits, refunds and taxes last.
    pub(super) fn cost_queries(
        &self,
        view: &CostView,
        accounts: &[AccountId],
    ) -> Vec<(AccountId, Arc<CostQuestion>)> {
        let question = self.cost_question(view);
        let beside = question.beside().map(Arc::new);
        let of = |question: &Arc<CostQuestion>| {
            accounts.iter().map(|account| (account.clone(), Arc::clone(question))).collect::<Vec<_>>()
        };
        let mut queries = of(&question);
        queries.extend(beside.iter().flat_map(of));
        queries
    }

    /// What the pane shows.
    pub fn cost_face(&self) -> CostFace {
        let asked = self.cost_queries(&self.cost_view(), &self.cost_accounts());
        let view = self.cost_view();
        let is_missing = |(account, question): &&(AccountId, Arc<CostQuestion>)| {
            self.cost_answer(&view, question, account).is_none()
        };
        let missing = asked.iter().filter(is_missing).count();
        let queries: Vec<Query> =
            asked.into_iter().map(|(account, question)| Query::Costs(account, question)).collect();
        if queries.iter().any(|query| self.loads.is_loading(query)) {
            return CostFace::Loading;
        }
        if self.cost.report.is_some() {
            return CostFace::Rows;
        }
        let failed = queries.iter().find_map(|query| self.fleet.problem(query));
        match failed {
            Some(problem) => CostFace::Failed(problem.clone()),
            None => CostFace::Never(missing),
        }
    }

    /// What could not be read though the rest could, with the reason: bills of accounts, or their credits alone.
    pub fn cost_gaps(&self) -> Vec<(String, &Problem)> {
        let view = self.cost_view();
        let main = self.cost_question(&view);
        let mut gaps: Vec<(String, &Problem)> = Vec::new();
        let mut known: Vec<AccountId> = Vec::new();
        for (account, question) in self.cost_queries(&view, &self.cost_accounts()) {
            let label = self.fleet.account_label(&account).to_owned();
            let is_main = question == main;
            let Some(problem) = self.fleet.problem(&Query::Costs(account.clone(), question)) else {
                continue;
            };
            // Whose whole bill is missing, of that the credits are too.
            if is_main {
                gaps.push((label, problem));
                known.push(account);
            } else if !known.contains(&account) {
                gaps.push((format!("credits, refunds and tax of {label}"), problem));
            }
        }
        gaps
    }

    /// When the oldest of the answers was asked.
    pub fn cost_asked_at(&self) -> Option<Timestamp> {
        self.cost_answers(&self.cost_view()).iter().map(|held| held.answer.asked_at).min()
    }

    /// AWS's forecast for the whole month: what is billed so far, and what AWS expects of the days to come.
    pub fn cost_forecast(&self) -> Option<(Nanos, Arc<CostForecast>)> {
        let view = self.cost_view();
        let question = self.forecast_question(view.today);
        let [account] = self.cost_accounts().try_into().ok()?;
        let forecast = Arc::clone(self.fleet.bills.forecast(&account, &question)?);
        let report = self.cost.report.as_ref().filter(|report| report.has_forecast && !report.usage_only)?;
        let billed = report.billed_before(view.today, &forecast.currency);
        Some((billed + forecast.mean, forecast))
    }

    /// What one more request costs in words: `1 request, $0.01`.
    pub fn cost_of(requests: usize) -> String {
        format!("{}, {}", Counted(requests, "request"), Money(requests as f64 * REQUEST_PRICE))
    }

    /// Asks what is missing for the view, since the person came to see it.
    pub(super) fn ask_costs(&mut self, effects: &mut Vec<Effect>) {
        self.settle_cost_account();
        self.settle_first_group();
        self.date_costs(false);
        self.cost.by_months = self.takes_months(&self.cost_view());
        let view = self.cost_view();
        for (account, question) in self.cost_queries(&view, &self.cost_accounts()) {
            if self.cost_answer(&view, &question, &account).is_none() {
                self.ask_paid(Query::Costs(account, question), false, effects);
            }
        }
        self.build_costs();
    }

    /// Begins with domains, which cost one request, where users would take many, or where nobody knows yet how many
    /// there are.
    fn settle_first_group(&mut self) {
        let is_first = self.cost.today.is_none() && self.cost.report.is_none();
        if !is_first || self.cost.group != CostGroup::User || self.cost.then.is_some() {
            return;
        }
        let view = self.cost_view();
        let accounts = self.cost_accounts();
        let is_long = |account: &AccountId| {
            !self.fleet.has_all_spaces(account) || view.is_long_by_days(&self.fleet, account)
        };
        if accounts.iter().any(is_long) {
            self.cost.group = CostGroup::Domain;
        }
    }

    /// Whether a view is asked by months: by days it would take too many pages, as the fleet or an answer that was
    /// given up tells; and it is not at hand by days all the same.
    pub(super) fn takes_months(&self, view: &CostView) -> bool {
        let view = CostView { by_months: false, ..view.clone() };
        let question = self.cost_question(&view);
        self.cost_accounts().iter().any(|account| {
            let problem = self.fleet.problem(&Query::Costs(account.clone(), Arc::clone(&question)));
            let is_too_long = problem.is_some_and(|problem| problem.kind == ProblemKind::TooLong);
            (is_too_long || view.is_long_by_days(&self.fleet, account))
                && self.cost_answer(&view, &question, account).is_none()
        })
    }

    /// Asks anew what AWS can have newer data for; `pay` asks whatever AWS can have.
    pub(super) fn refresh_costs(&mut self, pay: bool, effects: &mut Vec<Effect>) {
        let queries = self.cost_queries(&self.cost_view(), &self.cost_accounts());
        let answers = self.cost_answers(&self.cost_view());
        let all_held = answers.len() == queries.len();
        let is_newest = |held: &Held| is_fresh(&held.question, held.answer.asked_at, self.now);
        if !pay && !queries.is_empty() && all_held && answers.iter().all(is_newest) {
            let newer =
                answers.iter().filter_map(|held| newer_from(&held.question, held.answer.asked_at)).min();
            let why = match newer {
                Some(from) => {
                    let wait = Span::between(self.now, from);
                    format!("AWS writes bills three times a day and can have newer ones in {wait}")
                }
                None => "these months are closed: AWS will not change them".to_owned(),
            };
            let key = self.keymap.label(super::Action::CostPay);
            let price = Self::cost_of(queries.len());
            return self.say(Tone::Muted, format!("{why}; {key} asks anyway, for {price}"));
        }
        self.date_costs(pay || all_held);
        self.cost.by_months = self.takes_months(&self.cost_view());
        for (account, question) in self.cost_queries(&self.cost_view(), &self.cost_accounts()) {
            let held = self.fleet.bills.answer(&account, &question);
            let fresh = held.is_some_and(|answer| is_fresh(&question, answer.asked_at, self.now));
            if pay || !fresh {
                let anew = pay || held.is_some();
                self.ask_paid(Query::Costs(account, question), anew, effects);
            }
        }
    }

    /// Asks AWS for its forecast of the month.
    pub(super) fn ask_forecast(&mut self, effects: &mut Vec<Effect>) {
        let question = self.forecast_question(self.cost_view().today);
        let asked = |account: &AccountId| self.fleet.bills.forecast(account, &question).is_some();
        let accounts: Vec<AccountId> =
            self.cost_accounts().into_iter().filter(|account| !asked(account)).collect();
        if accounts.is_empty() {
            return self.say(Tone::Muted, "AWS's forecast of today is shown; it changes once a day");
        }
        for account in accounts {
            self.ask_paid(Query::CostForecast(account, Arc::clone(&question)), false, effects);
        }
    }

    /// Asks which cost allocation tags there are, where that is not known.
    pub(super) fn ask_cost_tags(&mut self, effects: &mut Vec<Effect>) {
        for account in self.cost_tags_unknown() {
            self.ask_paid(Query::CostTags(account), false, effects);
        }
    }

    /// The accounts in view that can be asked for their cost allocation tags: what AWS refused stays refused.
    pub(super) fn cost_tags_unknown(&self) -> Vec<AccountId> {
        let is_open = |account: &AccountId| {
            self.fleet.bills.tags(account).is_none()
                && self.cost_tags_problem(account).is_none_or(Problem::is_passing)
        };
        self.cost_accounts().into_iter().filter(is_open).collect()
    }

    /// The system tags, and the tag that is grouped by, that bills do not carry yet, by account; `None` while the
    /// tags of an account were not asked for. Accounts that AWS does not tell are left out: members of an
    /// organization see nothing of this, only its payer does.
    pub fn inactive_tags(&self) -> Option<Vec<(AccountId, Vec<Arc<str>>)>> {
        let mut wanted: Vec<Arc<str>> = SYSTEM_TAGS.iter().map(|key| Arc::from(*key)).collect();
        let grouped = [self.cost.group.tag(), self.cost.then.as_ref().and_then(CostGroup::tag)];
        wanted.extend(grouped.into_iter().flatten());
        wanted.sort();
        wanted.dedup();
        let mut inactive = Vec::new();
        for account in self.cost_accounts() {
            let Some(tags) = self.fleet.bills.tags(&account) else {
                self.cost_tags_problem(&account)?;
                continue;
            };
            let missing = wanted.iter().filter(|key| tags.is_active(key) == Some(false)).cloned().collect();
            inactive.push((account, missing));
        }
        Some(inactive)
    }

    /// Why AWS does not tell the cost allocation tags of an account, if it was asked.
    pub(super) fn cost_tags_problem(&self, account: &AccountId) -> Option<&Problem> {
        let query = Query::CostTags(account.clone());
        if self.loads.is_loading(&query) { None } else { self.fleet.problem(&query) }
    }

    /// Takes in answers that were kept, but for those that came since.
    pub(super) fn costs_recalled(
        &mut self,
        answers: Vec<(AccountId, Arc<CostQuestion>, Arc<CostAnswer>)>,
        today: u32,
    ) {
        for (account, question, answer) in answers {
            if self.fleet.bills.answer(&account, &question).is_none() {
                self.fleet.bills.learn(account, question, answer);
            }
        }
        self.note_paid(0, Some(today));
    }

    /// Takes note of what was paid for.
    pub(super) fn note_paid(&mut self, requests: u32, today: Option<u32>) {
        self.cost.requests_today = today.unwrap_or_else(|| self.cost.requests_today.saturating_add(requests));
    }

    /// Shows what is behind the row under the cursor.
    pub(super) fn enter_cost(&mut self) {
        let Some(row) = self.cost_row() else {
            return self.say(Tone::Muted, "there is no row to open");
        };
        let (kind, value, object) = (row.kind, row.value.to_string(), row.object.clone());
        let name = row.name.clone();
        match (kind, object) {
            (CostKind::Untagged, _) => return self.say(Tone::Warn, self.untagged_advice()),
            (CostKind::Credit | CostKind::Refund | CostKind::Tax, _) => {
                return self.say(Tone::Muted, format!("{name} belong to no user, domain or app"));
            }
            (CostKind::NoSpace, _) => {
                let text =
                    "kernels of Studio Classic and jobs are billed to users, not to spaces: group by user";
                return self.say(Tone::Muted, text);
            }
            (_, Some(object)) => {
                if self.position_of(&object).is_none() {
                    let text = format!("{name}: not among what was read: deleted, or elsewhere");
                    return self.say(Tone::Warn, text);
                }
                let (pane, within) = match object {
                    ObjectKey::Domain(key) => (Pane::Users, Within::Domain(key)),
                    ObjectKey::User(key) => (Pane::Apps, Within::User(key)),
                    ObjectKey::Space(key) => (Pane::Apps, Within::Space(key)),
                    object @ ObjectKey::App(_) => return self.go_to(&object),
                };
                return self.go_within(pane, within);
            }
            (_, None) => {}
        }
        let (pane, filter) = match &self.cost.group {
            CostGroup::Instance if value.starts_with("ml.") => (Pane::Apps, format!("instance:{value}")),
            CostGroup::UsageType => {
                let usage = crate::fleet::Usage::of(&value);
                match usage.instance {
                    Some(instance) => (Pane::Apps, format!("instance:{instance} type:{}", usage.kind())),
                    None => (Pane::Spaces, String::new()),
                }
            }
            CostGroup::Instance => (Pane::Spaces, String::new()),
            CostGroup::Region => (Pane::Apps, format!("region:{value}")),
            CostGroup::Account => (Pane::Apps, format!("account:{name}")),
            CostGroup::Tag(key) => (Pane::Users, format!("tag.\"{key}\":\"{value}\"")),
            _ => {
                return self.say(
                    Tone::Warn,
                    format!("{name} is no ARN of SageMaker, so nothing is known behind it"),
                );
            }
        };
        self.go(super::Place { pane, within: Within::Everything, filter });
    }

    /// The row of the report under the cursor.
    pub fn cost_row(&self) -> Option<&crate::fleet::CostRow> {
        let report = self.cost.report.as_ref()?;
        let key = &self.cost.ledger.selected()?.key;
        report.rows.get(key.parse::<usize>().ok()?)
    }

    /// How what is untagged can become less.
    pub fn untagged_advice(&self) -> String {
        let key = self.keymap.label(super::Action::CostTags);
        let by_owner = self.cost_question(&self.cost_view()).is_by_owner();
        format!("{}; {key} shows which tags are active", untagged_reason(&self.cost.group, by_owner))
    }

    /// Computes report and rows anew if an answer, the view or the names changed.
    pub(super) fn build_costs(&mut self) {
        let view = self.cost_view();
        let names = self.fleet.domains.len() + self.fleet.accounts.len();
        // Whose spaces are is known from the fleet.
        let owners = if self.cost_question(&view).is_by_owner() { self.census.revision() } else { 0 };
        let stamp = (self.fleet.bills.revision(), names, owners, view.clone(), self.cost_accounts());
        if self.cost.built.as_ref() == Some(&stamp) {
            return;
        }
        let answers = self.cost_answers(&view);
        let report = answers.iter().any(|held| !held.beside).then(|| {
            let parts: Vec<CostPart<'_>> = answers.iter().map(Held::part).collect();
            CostReport::new(&view, &parts, &self.fleet)
        });
        let known = self.cost.ledger.selected().and_then(|row| {
            let at = row.key.parse::<usize>().ok()?;
            self.cost.report.as_ref()?.rows.get(at).map(rows::identity)
        });
        let ledger_rows = report.as_ref().map_or_else(Vec::new, rows::rows);
        let placed = report.as_ref().is_some_and(|report| report.rows.iter().any(|row| row.domain.is_some()));
        let cursor =
            known.and_then(|known| report.as_ref()?.rows.iter().position(|row| rows::identity(row) == known));
        self.cost.ledger.set_columns(rows::columns(view.then.is_some(), placed && view.then.is_none()));
        self.cost.ledger.fill(ledger_rows);
        self.cost.ledger.refresh(self.drawn.rows.max(1));
        if let Some(cursor) = cursor
            && self.cost.ledger.was_moved()
        {
            self.cost.ledger.select(&cursor.to_string(), self.drawn.rows.max(1));
        }
        self.cost.report = report;
        self.cost.built = Some(stamp);
    }

    /// The answers to a view that are known.
    fn cost_answers(&self, view: &CostView) -> Vec<Held> {
        let main = self.cost_question(view);
        let held = |(account, question): (AccountId, Arc<CostQuestion>)| {
            let beside = question != main;
            let (question, answer) = self.cost_answer(view, &question, &account)?;
            let (question, answer) = (Arc::clone(question), Arc::clone(answer));
            Some(Held { account: account.clone(), question, answer, beside })
        };
        self.cost_queries(view, &self.cost_accounts()).into_iter().filter_map(held).collect()
    }

    /// The answer to a view: that to its question, or for the month before one that has more months, so that there is
    /// something to compare it with.
    fn cost_answer<'a>(
        &'a self,
        view: &CostView,
        question: &'a Arc<CostQuestion>,
        account: &'a AccountId,
    ) -> Option<(&'a Arc<CostQuestion>, &'a Arc<CostAnswer>)> {
        let bills = &self.fleet.bills;
        let own = bills.answer(account, question).map(|answer| (question, answer));
        if view.period != CostPeriod::PreviousMonth {
            return own;
        }
        let month = view.period.days(view.today);
        let before = CostPeriod::PreviousMonth.days(month.from);
        let wider = bills.wider(account, question, Days { from: before.from, until: month.until });
        // What was asked for since is not passed over for what was asked long before.
        let is_newer = |(wide, answer): &(&Arc<CostQuestion>, &Arc<CostAnswer>)| {
            own.is_none_or(|(_, own)| is_fresh(wide, answer.asked_at, own.asked_at))
        };
        wider.filter(is_newer).or(own)
    }

    /// The day questions are asked for: today, but that of before while its answers hold.
    fn date_costs(&mut self, anew: bool) {
        let today = billing_day(self.now);
        let holds = || {
            let answers = self.cost_answers(&self.cost_view());
            answers.iter().any(|held| is_fresh(&held.question, held.answer.asked_at, self.now))
        };
        if anew || self.cost.today.is_none() || !holds() {
            self.cost.today = Some(today);
        }
    }

    fn forecast_question(&self, today: Date) -> Arc<CostQuestion> {
        Arc::new(CostQuestion::forecast(&self.session.services, today))
    }

    /// Asks a question that costs, unless it is under way.
    pub(super) fn ask_paid(&mut self, query: Query, anew: bool, effects: &mut Vec<Effect>) {
        if self.loads.begin_paid(&query) {
            self.fleet.forget_problem(&query);
            effects.push(Effect::Buy { query, anew });
        }
    }
}
