//! `cost report`: what AWS has billed, by group, with the number of requests it took. What AWS would refuse is refused
//! before it costs.

mod people;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::arguments::{CostCommand, CostGranularity, CostReportArguments, Output};
use super::exit::Exit;
use super::failure::{Failure, exit_of, note, print, told};
use super::gather::Gathered;
use super::list::format;
use super::setup::Setup;
use super::state::StateFolder;
use crate::aws::Gateway;
use crate::fleet::wording::{Ago, Counted, Money};
use crate::fleet::{
    AccountId, Answer, Billed, CostAnswer, CostDay, CostForecast, CostGroup, CostPart, CostPeriod,
    CostQuestion, CostReport, CostRow, CostTotal, CostView, FieldKind, Fleet, Granularity, Nanos, Query,
    REQUEST_PRICE, Scope, Sheet, SheetColumn, SheetValue, Timestamp, billing_day, parse_day, untagged_reason,
};
use crate::operations::ask_paid;
use crate::report;
use crate::store::CostCache;

/// `cost ...`.
///
/// # Errors
///
/// What is wrong with the arguments, or why nothing could be read.
pub(super) async fn run(command: &CostCommand, setup: &Setup) -> Result<Exit, Failure> {
    match command {
        CostCommand::Report(arguments) => report(arguments, setup).await,
        CostCommand::Tags(command) => super::cost_tags::run(command, setup).await,
    }
}

/// What is asked for, understood before anything is paid.
struct Wanted {
    view: CostView,
    /// The question, and the one beside it that tells credits, refunds and taxes where the first has no room for them.
    questions: Vec<Arc<CostQuestion>>,
    by_period: bool,
}

impl Wanted {
    fn new(arguments: &CostReportArguments, services: &[Arc<str>], now: Timestamp) -> Result<Self, Failure> {
        let group = CostGroup::parse(&arguments.group_by).map_err(wrong("--group-by"))?;
        let then = arguments.then.as_deref().map(CostGroup::parse).transpose().map_err(wrong("--then"))?;
        if then.as_ref() == Some(&group) {
            return Err(Failure::usage("--then: both levels would be the same"));
        }
        let period = day_arguments(arguments.from.as_deref(), arguments.to.as_deref())?;
        let today = billing_day(now);
        period.check(today).map_err(Failure::usage)?;
        let view = CostView { group, then, period, today, by_months: false };
        let question = match arguments.granularity {
            None => view.question(services),
            Some(granularity) => {
                let days = period.days(today);
                let granularity = match granularity {
                    CostGranularity::Daily => Granularity::Daily,
                    CostGranularity::Monthly => Granularity::Monthly,
                };
                let range = (days.from, days.until);
                CostQuestion::new(services, range, granularity, &view.group, view.then.as_ref())
            }
        };
        Ok(Self { view, questions: with_beside(question), by_period: arguments.granularity.is_some() })
    }

    /// Asks by months where days would take too many pages, unless the answer by days is at hand.
    fn by_months_if_long(
        &mut self,
        fleet: &Fleet,
        accounts: &BTreeSet<AccountId>,
        services: &[Arc<str>],
        is_at_hand: impl Fn(&Query) -> bool,
    ) {
        let Some(question) = self.questions.first() else { return };
        let is_long = |account: &&AccountId| {
            self.view.is_long_by_days(fleet, account)
                && !is_at_hand(&Query::Costs((*account).clone(), Arc::clone(question)))
        };
        let Some(account) = accounts.iter().find(is_long) else { return };
        let by_days = question.pages(fleet, account);
        self.view.by_months = true;
        self.questions = with_beside(self.view.question(services));
        let told = format!(
            "asked by months: by days it would take at least {}, and each costs; so nothing is compared and there is no \
             forecast. `--group-by domain` has both, `--granularity daily` asks all the same",
            Counted(by_days, "request")
        );
        note("note", &told);
    }
}

/// A question, and the one beside it where there is one.
fn with_beside(question: CostQuestion) -> Vec<Arc<CostQuestion>> {
    let beside = question.beside();
    [Some(question), beside].into_iter().flatten().map(Arc::new).collect()
}

/// The days that `--from` and `--to` name; this month up to today where they are not given.
///
/// # Errors
///
/// Which is no day.
pub(super) fn day_arguments(from: Option<&str>, to: Option<&str>) -> Result<CostPeriod, Failure> {
    match (from, to) {
        (Some(from), Some(to)) => Ok(CostPeriod::Range(
            parse_day(from).map_err(wrong("--from"))?,
            parse_day(to).map_err(wrong("--to"))?,
        )),
        _ => Ok(CostPeriod::MonthToDate),
    }
}

/// What is wrong with an argument.
fn wrong(flag: &'static str) -> impl Fn(String) -> Failure {
    move |message| Failure::usage(format!("{flag}: {message}"))
}

async fn report(arguments: &CostReportArguments, setup: &Setup) -> Result<Exit, Failure> {
    let now = Timestamp::now();
    let services: Vec<Arc<str>> = setup.config.services.iter().map(|name| name.as_str().into()).collect();
    let mut wanted = Wanted::new(arguments, &services, now)?;
    let gateway = Gateway::new(setup.settings.clone());
    let (mut gathered, scopes) = Gathered::accounts(&gateway).await?;
    // The names of domains; without them their ids are shown, which is no failure.
    gathered.also(scopes.iter().map(|scope| Query::Domains(scope.clone()))).await;
    // And whose spaces are; where that cannot be read, the rows of the spaces say so.
    if wanted.questions.iter().any(|question| question.is_by_owner()) {
        let domains: Vec<Query> =
            gathered.fleet.domains.iter().map(|domain| Query::Spaces(domain.key.clone())).collect();
        gathered.also(domains).await;
    }
    let state = StateFolder::of(setup)?;
    let cache = CostCache::new(state.path());
    let accounts = accounts(&gathered.fleet, &scopes, arguments.account.as_deref())?;
    if arguments.granularity.is_none() {
        wanted.by_months_if_long(&gathered.fleet, &accounts, &services, |query| {
            !arguments.anew && matches!(cache.get(query, now), Ok(Some(_)))
        });
    }
    let (mut answers, mut requests, mut exit) = (Vec::new(), 0_u32, Exit::Done);
    let mut forecasts = Vec::new();
    for account in accounts {
        for question in &wanted.questions {
            let query = Query::Costs(account.clone(), Arc::clone(question));
            let paid = ask_paid(&gateway, Some(&cache), &query, arguments.anew, now).await;
            requests += paid.requests;
            if let Some(trouble) = paid.trouble {
                note("note", &trouble);
            }
            match paid.result {
                Ok(Answer::Costs(answer)) => answers.push((account.clone(), Arc::clone(question), answer)),
                Ok(_) => return Err(Failure::new(Exit::Failed, "the answer is not one to this question")),
                Err(problem) => {
                    let label = gathered.fleet.account_label(&account).to_owned();
                    note("not complete", &format!("{label}: {}", told(&problem)));
                    exit = exit.max(exit_of(&problem));
                    // What is refused once is refused again, and may cost again.
                    break;
                }
            }
        }
        // What months tell of days that are not over cannot be put before a forecast from today on.
        if arguments.forecast && !wanted.view.by_months {
            let question = Arc::new(CostQuestion::forecast(&services, wanted.view.today));
            let query = Query::CostForecast(account.clone(), question);
            let paid = ask_paid(&gateway, Some(&cache), &query, arguments.anew, now).await;
            requests += paid.requests;
            match paid.result {
                Ok(Answer::CostForecast(forecast)) => forecasts.push(forecast),
                Ok(_) => return Err(Failure::new(Exit::Failed, "the answer is not one to this question")),
                Err(problem) => {
                    let label = gathered.fleet.account_label(&account).to_owned();
                    note("not complete", &format!("{label}, the forecast: {}", told(&problem)));
                    exit = exit.max(exit_of(&problem));
                }
            }
        }
    }
    if answers.is_empty() {
        spent(requests);
        return Ok(exit.max(Exit::Failed));
    }
    let mut shown = Shown::new(&wanted, &answers, &gathered.fleet);
    // A forecast of some accounts beside the bills of all would be taken for that of all.
    if forecasts.len() * wanted.questions.len() == answers.len() {
        shown.forecast(&forecasts, wanted.view.today);
    }
    match arguments.output.output {
        Output::Json => {
            let text =
                serde_json::to_string_pretty(&shown.json(&wanted, requests)?).map_err(io::Error::from)?;
            print(&format!("{text}\n"))?;
        }
        output @ Output::Csv => print(&report::render(&shown.sheet(&wanted), format(output))?)?,
        output => print(&report::render(&shown.table(&wanted), format(output))?)?,
    }
    shown.say(&wanted, now);
    spent(requests);
    Ok(exit)
}

/// The accounts of the scopes, or the one of them that is meant.
fn accounts(fleet: &Fleet, scopes: &[Scope], meant: Option<&str>) -> Result<BTreeSet<AccountId>, Failure> {
    let all: BTreeSet<AccountId> = scopes.iter().map(|scope| scope.account().clone()).collect();
    let Some(meant) = meant else { return Ok(all) };
    let is_it = |account: &AccountId| account.as_str() == meant || fleet.account_label(account) == meant;
    let labels: Vec<&str> = all.iter().map(|account| fleet.account_label(account)).collect();
    let hint = format!("--account: none of the profiles leads to `{meant}`; there are {}", labels.join(", "));
    let one: BTreeSet<AccountId> = all.into_iter().filter(is_it).collect();
    if one.is_empty() { Err(Failure::usage(hint)) } else { Ok(one) }
}

/// How many requests it took, and what they cost.
pub(super) fn spent(requests: u32) {
    let price = Money(f64::from(requests) * REQUEST_PRICE);
    let from =
        if requests == 0 { "; the answer was kept from before, and AWS cannot have a newer one" } else { "" };
    note("note", &format!("{} to Cost Explorer, {price}{from}", Counted(requests as usize, "request")));
}

/// A question and its answer.
type Asked = (AccountId, Arc<CostQuestion>, Arc<CostAnswer>);

/// What is shown.
struct Shown {
    report: CostReport,
    asked_at: Option<Timestamp>,
    forecasts: Vec<Whole>,
}

/// What AWS expects a month to come to, in one currency.
struct Whole {
    currency: Arc<str>,
    billed: Nanos,
    mean: Nanos,
    between: Option<(Nanos, Nanos)>,
}

impl Shown {
    fn new(wanted: &Wanted, answers: &[Asked], fleet: &Fleet) -> Self {
        let parts: Vec<CostPart<'_>> = answers
            .iter()
            .map(|(account, question, answer)| CostPart { account, question, answer })
            .collect();
        let asked_at = answers.iter().map(|(_, _, answer)| answer.asked_at).min();
        Self { report: CostReport::new(&wanted.view, &parts, fleet), asked_at, forecasts: Vec::new() }
    }

    /// Puts the forecasts of the accounts together, and what is billed of the month before them.
    fn forecast(&mut self, forecasts: &[Arc<CostForecast>], today: Date) {
        for forecast in forecasts {
            match self.forecasts.iter_mut().find(|known| known.currency == forecast.currency) {
                Some(known) => {
                    known.mean += forecast.mean;
                    // Bounds of several sums are not the sum of their bounds.
                    known.between = None;
                }
                None => self.forecasts.push(Whole {
                    currency: Arc::clone(&forecast.currency),
                    billed: self.report.billed_before(today, &forecast.currency),
                    mean: forecast.mean,
                    between: forecast.between,
                }),
            }
        }
    }

    /// The rows for programs, in full: by group, or by group and period.
    fn sheet(&self, wanted: &Wanted) -> Sheet {
        let mut columns = vec![("group", FieldKind::Text), ("kind", FieldKind::Text)];
        if wanted.view.then.is_some() {
            columns.push(("then", FieldKind::Text));
        }
        columns.extend([("domain", FieldKind::Text), ("value", FieldKind::Text)]);
        if wanted.by_period {
            columns.extend([
                ("from", FieldKind::Text),
                ("to", FieldKind::Text),
                ("estimated", FieldKind::Text),
            ]);
        }
        columns.extend([("currency", FieldKind::Text), ("cost", FieldKind::Money)]);
        if !wanted.by_period {
            columns
                .extend(["same_days_before", "change", "our_forecast"].map(|name| (name, FieldKind::Money)));
        }
        columns.push(("share_percent", FieldKind::Number));
        let amount = |amount: Nanos| SheetValue::Number(amount.to_f64());
        let mut rows = Vec::new();
        for row in &self.report.rows {
            let mut first = vec![text(&row.name), text(kind(row))];
            if wanted.view.then.is_some() {
                first.push(maybe(row.second.as_deref()));
            }
            first.push(maybe(row.domain.as_deref()));
            first.push(text(&row.value));
            let percent = (row.share * 1000.0).round() / 10.0;
            let share = if row.kind.is_gross() { SheetValue::Number(percent) } else { SheetValue::Absent };
            if wanted.by_period {
                for (day, cost) in self.days_of(row) {
                    let mut line = first.clone();
                    line.extend([text(&day.from.to_string()), text(&day.until.to_string())]);
                    line.push(text(if day.estimated { "yes" } else { "no" }));
                    line.extend([text(&row.currency), amount(cost), SheetValue::Absent]);
                    rows.push(line);
                }
            } else {
                let when = |is_known: bool, value: Nanos| {
                    if is_known { amount(value) } else { SheetValue::Absent }
                };
                let compares = self.report.compared.is_some();
                first.extend([text(&row.currency), amount(row.sums.cost)]);
                first.extend([when(compares, row.sums.before), when(compares, row.sums.change())]);
                first.extend([when(self.report.has_forecast, row.sums.forecast), share]);
                rows.push(first);
            }
        }
        Sheet { columns: columns.into_iter().map(|(name, kind)| SheetColumn { name, kind }).collect(), rows }
    }

    /// The periods in which a row has cost anything.
    fn days_of<'a>(&'a self, row: &'a CostRow) -> impl Iterator<Item = (&'a CostDay, Nanos)> {
        let days = self.report.days.iter().zip(&row.days);
        days.filter(|(_, cost)| **cost != Nanos::ZERO).map(|(day, cost)| (day, *cost))
    }

    fn json(&self, wanted: &Wanted, requests: u32) -> Result<Value, Failure> {
        let rows = report::render(&self.sheet(wanted), format(Output::Json))?;
        let rows: Value = serde_json::from_str(&rows).map_err(io::Error::from)?;
        let totals: Vec<Value> = self
            .report
            .totals
            .iter()
            .map(|total| {
                json!({
                    "currency": &*total.currency,
                    "gross": total.gross.cost.to_f64(),
                    "credits": total.credits.to_f64(),
                    "refunds": total.refunds.to_f64(),
                    "tax": total.tax.to_f64(),
                    "net": total.net.to_f64(),
                    "attributed": self.report.attributed(&total.currency).map(|parts| json!({
                        "by_tag": parts.by_tag.to_f64(),
                        "by_private_space": parts.by_space.to_f64(),
                        "shared_spaces": parts.shared.to_f64(),
                        "spaces_without_known_owner": parts.ownerless.to_f64(),
                    })),
                })
            })
            .collect();
        let forecast: Vec<Value> = self
            .forecasts
            .iter()
            .map(|whole| {
                json!({
                    "currency": &*whole.currency,
                    "billed_before_today": whole.billed.to_f64(),
                    "expected": (whole.billed + whole.mean).to_f64(),
                    "low": whole.between.map(|(low, _)| (whole.billed + low).to_f64()),
                    "high": whole.between.map(|(_, high)| (whole.billed + high).to_f64()),
                })
            })
            .collect();
        Ok(json!({
            "group_by": wanted.view.group.to_string(),
            "then": wanted.view.then.as_ref().map(ToString::to_string),
            "from": self.report.looked.from.to_string(),
            "to": self.report.looked.until.to_string(),
            "asked_at": self.asked_at.map(|at| at.to_string()),
            "requests": requests,
            "usage_only": self.report.usage_only,
            "totals": totals,
            "rows": rows,
            "forecast": forecast,
        }))
    }

    /// What belongs to the figures and is none.
    fn say(&self, wanted: &Wanted, now: Timestamp) {
        let age = self.asked_at.map_or(String::new(), |at| format!(", asked {}", Ago::since(at, now)));
        for total in &self.report.totals {
            let told = |amount: Nanos| Billed(amount, &total.currency).to_string();
            let mut line = format!("{}: gross {}", self.report.looked, told(total.gross.cost));
            for (name, amount) in [("credits", total.credits), ("refunds", total.refunds), ("tax", total.tax)]
            {
                if amount != Nanos::ZERO {
                    // Writing to a String cannot fail.
                    let _ = write!(line, ", {name} {}", told(amount));
                }
            }
            if self.report.usage_only {
                line.push_str(" (credits, refunds and tax are left out)");
            } else {
                let _ = write!(line, ", net {}", told(total.net));
            }
            note("note", &format!("{line}{age}"));
            self.say_owners(total);
        }
        for whole in &self.forecasts {
            let told = |amount: Nanos| Billed(whole.billed + amount, &whole.currency).to_string();
            let between = whole
                .between
                .map_or(String::new(), |(low, high)| format!(" (80%: {} to {})", told(low), told(high)));
            note("note", &format!("AWS's forecast of the month: {}{between}", told(whole.mean)));
        }
        if self.report.totals.is_empty() {
            note("note", &format!("nothing was billed in {}{age}", self.report.looked));
        }
        if self.report.unreadable > 0 {
            note("not complete", &format!("{} amounts could not be read", self.report.unreadable));
        }
        self.say_untagged(wanted);
        if self.report.has_no_tagged() {
            let tag = wanted.view.group.tag().unwrap_or_default();
            let text = format!("nothing has a value of `{tag}`: is it an active cost allocation tag?");
            note("note", &text);
        }
    }
}

impl Shown {
    /// By which tags users came to what they cost.
    fn say_owners(&self, total: &CostTotal) {
        let Some(parts) = self.report.attributed(&total.currency) else { return };
        let told = |amount: Nanos, what: &str| {
            (amount != Nanos::ZERO).then(|| format!("{} {what}", Billed(amount, &total.currency)))
        };
        let all = [
            told(parts.by_space, "by the private spaces of users"),
            told(parts.by_tag, "by their own tag"),
            told(parts.shared, "in shared spaces"),
            told(parts.ownerless, "in spaces whose owner is not known"),
        ];
        let all: Vec<String> = all.into_iter().flatten().collect();
        if !all.is_empty() {
            note("note", &format!("attributed: {}", all.join(", ")));
        }
    }

    /// What is untagged, and how it becomes less.
    fn say_untagged(&self, wanted: &Wanted) {
        let share = self.report.untagged_share() * 100.0;
        if share >= 0.5 && !self.report.has_no_tagged() {
            let by_owner = wanted.questions.iter().any(|question| question.is_by_owner());
            let reason = untagged_reason(&wanted.view.group, by_owner);
            note("note", &format!("{share:.0}% is untagged; {reason}"));
        }
    }
}

fn kind(row: &CostRow) -> &'static str {
    match row.kind.name() {
        "" => "group",
        name => name,
    }
}

fn text(text: &str) -> SheetValue {
    SheetValue::Text(text.to_owned())
}

fn maybe(text: Option<&str>) -> SheetValue {
    text.map_or(SheetValue::Absent, |text| SheetValue::Text(text.to_owned()))
}
