//! `burn --reconcile`: what was metered on this machine against what AWS has billed for the same days, and why the two
//! differ. Reads no fleet: only what was kept of the burn, and the bill.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::arguments::{BurnArguments, Output};
use super::cost::{day_arguments, spent};
use super::exit::Exit;
use super::failure::{Failure, exit_of, note, print, told};
use super::gather::Gathered;
use super::list::format;
use super::setup::Setup;
use super::state::StateFolder;
use crate::aws::Gateway;
use crate::fleet::wording::{Counted, Money};
use crate::fleet::{
    AccountId, Answer, Bill, BurnHistory, CostPart, CostQuestion, Days, Query, Reconciliation, Scope,
    Timestamp, billing_day, is_fresh, settled, usage_question,
};
use crate::operations::ask_paid;
use crate::store::{CostCache, Recalled};
use crate::{report, store};

/// What asking for the bills has brought.
#[derive(Default)]
struct Bills {
    told: Vec<Recalled>,
    requests: u32,
    exit: Option<Exit>,
}

/// `burn --reconcile`.
///
/// # Errors
///
/// What is wrong with the days, or why there is nothing to compare.
pub(super) async fn run(arguments: &BurnArguments, setup: &Setup) -> Result<Exit, Failure> {
    let now = Timestamp::now();
    let today = billing_day(now);
    let days = day_arguments(arguments.from.as_deref(), arguments.to.as_deref())?.days(today);
    // What AWS would refuse is refused before it costs.
    let question = Arc::new(usage_question(&setup.services(), days, today).map_err(Failure::usage)?);
    if let Some(why) = Reconciliation::unbilled(days, settled(now)) {
        return Err(Failure::usage(why));
    }
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, scopes) = Gathered::accounts(&gateway).await?;
    let state = StateFolder::of(setup)?;
    let cache = CostCache::new(state.path());
    let accounts: BTreeSet<AccountId> = scopes.iter().map(|scope| scope.account().clone()).collect();
    let mut bills = Bills::default();
    for account in accounts {
        if let Some(known) = at_hand(&cache, &account, &question, days, now).filter(|_| !arguments.anew) {
            bills.told.push(known);
            continue;
        }
        let query = Query::Costs(account.clone(), Arc::clone(&question));
        let paid = ask_paid(&gateway, Some(&cache), &query, arguments.anew, now).await;
        bills.requests += paid.requests;
        if let Some(trouble) = paid.trouble {
            note("note", &trouble);
        }
        match paid.result {
            Ok(Answer::Costs(answer)) => bills.told.push((account, Arc::clone(&question), answer)),
            Ok(_) => return Err(Failure::new(Exit::Failed, "the answer is not one to this question")),
            Err(problem) => {
                let label = gathered.fleet.account_label(&account).to_owned();
                note("not complete", &format!("{label}: {}", told(&problem)));
                bills.exit = bills.exit.max(Some(exit_of(&problem)));
            }
        }
    }
    spent(bills.requests);
    if bills.told.is_empty() {
        return Ok(bills.exit.unwrap_or(Exit::Failed).max(Exit::Failed));
    }
    let made = compare(setup, &scopes, days, &bills.told)?;
    show(&made, &bills, arguments.output.output)?;
    Ok(bills.exit.unwrap_or(Exit::Done))
}

/// An answer that was asked for before, by whatever view, as long as AWS cannot have a newer one.
fn at_hand(
    cache: &CostCache,
    account: &AccountId,
    question: &CostQuestion,
    days: Days,
    now: Timestamp,
) -> Option<Recalled> {
    let mut bills = crate::fleet::Bills::default();
    match cache.recall(days.from) {
        Ok(kept) => kept
            .into_iter()
            .filter(|(_, question, answer)| is_fresh(question, answer.asked_at, now))
            .for_each(|(account, question, answer)| bills.learn(account, question, answer)),
        Err(error) => note("note", &format!("what was asked of bills before could not be read: {error}")),
    }
    let (question, answer) = bills.usage_of(account, &question.services, days)?;
    Some((account.clone(), Arc::clone(question), Arc::clone(answer)))
}

fn compare(
    setup: &Setup,
    scopes: &[Scope],
    days: Days,
    told: &[Recalled],
) -> Result<Reconciliation, Failure> {
    let start = |day: jiff::civil::Date| day.to_zoned(TimeZone::UTC).map(|start| start.timestamp());
    let (history, since) = match (setup.records(), start(days.from), start(days.until)) {
        (Some(folder), Ok(from), Ok(until)) => {
            let kept = store::kept_burn(folder, from, until)?;
            if kept.skipped > 0 {
                let lines = Counted(kept.skipped, "line");
                note(
                    "note",
                    &format!("{lines} of the kept history cannot be understood and count for nothing"),
                );
            }
            (BurnHistory::of(kept.samples), store::burn_since(folder)?)
        }
        _ => (BurnHistory::default(), None),
    };
    let parts: Vec<CostPart<'_>> =
        told.iter().map(|(account, question, answer)| CostPart { account, question, answer }).collect();
    let bill = Bill::of(&parts, days);
    Reconciliation::of(&history, scopes, days, since, &bill)
        .map_err(|why| Failure::new(Exit::Failed, format!("there is nothing to compare: {why}")))
}

fn show(made: &Reconciliation, bills: &Bills, output: Output) -> Result<(), Failure> {
    match output {
        Output::Json => {
            let text = serde_json::to_string_pretty(&as_json(made, bills)?).map_err(io::Error::from)?;
            print(&format!("{text}\n"))?;
        }
        Output::Csv => print(&report::render(&made.whole_sheet(), format(output))?)?,
        Output::Table | Output::Markdown => {
            let kinds = report::render(&made.sheet(), format(output))?;
            print(&format!("{kinds}\n{}", report::render(&made.cause_sheet(), format(output))?))?;
        }
    }
    let line = match made.of_compared() {
        Some((metered, billed)) => format!(
            "{}: {} watched in full; billed {}, metered {}",
            made.days,
            Counted(made.compared(), "day"),
            Money(billed),
            Money(metered)
        ),
        None => format!("{}: no day was watched in full, so nothing is compared", made.days),
    };
    note("note", &line);
    Ok(())
}

fn as_json(made: &Reconciliation, bills: &Bills) -> Result<Value, Failure> {
    let rows = |sheet| -> Result<Value, Failure> {
        let text = report::render(&sheet, format(Output::Json))?;
        Ok(serde_json::from_str(&text).map_err(io::Error::from)?)
    };
    let days: Vec<Value> = made
        .by_day
        .iter()
        .map(|day| {
            json!({
                "day": day.day.to_string(),
                "watched_percent": (day.watched * 100.0).floor(),
                "compared": day.is_whole,
                "metered": (day.watched > 0.0).then_some(day.metered),
                "billed": day.billed,
            })
        })
        .collect();
    let compared = made.of_compared().map(|(metered, billed)| {
        json!({
            "days": made.compared(),
            "metered": metered,
            "billed": billed,
            "difference": billed - metered,
        })
    });
    let asked_at = bills.told.iter().map(|(_, _, answer)| answer.asked_at).min();
    Ok(json!({
        "from": made.days.from.to_string(),
        "to": made.days.until.to_string(),
        "watched_since": made.since.map(|since| since.to_string()),
        "asked_at": asked_at.map(|at| at.to_string()),
        "requests": bills.requests,
        "metered_at_least": made.metered,
        "billed": made.billed,
        "compared": compared,
        "rows": rows(made.sheet())?,
        "causes": rows(made.cause_sheet())?,
        "days": days,
    }))
}
