//! `burn`: what runs now and what it costs, and how the budgets stand. Adds what was seen to the history.

use jiff::tz::TimeZone;

use super::arguments::{BurnArguments, Output};
use super::exit::Exit;
use super::failure::{Failure, note, print};
use super::gather::{Gathered, Wanted, gaps_told};
use super::list::format;
use super::setup::Setup;
use crate::aws::Gateway;
use crate::fleet::wording::Counted;
use crate::fleet::{
    Breakdown, BudgetOf, BudgetPer, BudgetState, BurnGroup, BurnHistory, Census, FieldKind, Fleet, Needs,
    ObjectKey, ObjectKind, Outlook, Query, Region, Scope, Sheet, SheetColumn, SheetValue, Timestamp,
    billed_spend, billing_day, budget_states, price_cautions, take_samples, until_monday,
};
use crate::store::CostCache;
use crate::{report, store};

/// `burn`.
///
/// # Errors
///
/// If there is nobody to ask, or nowhere, or there are no budgets to tell of.
pub(super) async fn run(arguments: &BurnArguments, setup: &Setup) -> Result<Exit, Failure> {
    if arguments.reconcile {
        return super::reconcile::run(arguments, setup).await;
    }
    let budgets = &setup.config.budgets;
    if arguments.budgets && budgets.is_empty() {
        return Err(Failure::usage(
            "the configuration has no [[budgets]]; `sagedeck config template` shows how one is written",
        ));
    }
    let by_tag = matches!(arguments.group_by, BurnGroup::Tag(_))
        || budgets.iter().any(|budget| matches!(budget.whose, BudgetOf::Tag(..)));
    let needs = Needs::PRICES.and(Needs::ACTIVITY).and(if by_tag { Needs::TAGS } else { Needs::NONE });
    let gateway = Gateway::new(setup.settings.clone());
    let wanted =
        Wanted { kind: ObjectKind::App, needs, domain: None, is_for_plan: false, kept: setup.records() };
    let mut gathered = Gathered::lists(&gateway, wanted).await?;
    let running = gathered.fleet.apps.iter().filter(|app| !app.status.is_gone() && !app.status.is_fault());
    let apps: Vec<ObjectKey> = running.map(|app| ObjectKey::App(app.key.clone())).collect();
    gathered.details(needs, &apps).await;
    let (now, zone) = (Timestamp::now(), TimeZone::system());
    if arguments.budgets {
        recall_bills(&mut gathered.fleet, setup, now);
    }
    let fleet = &gathered.fleet;
    let census = Census::take(fleet, now, setup.idle_rule(), None);
    let scopes: Vec<Scope> = fleet
        .listings()
        .filter_map(|(query, _)| match query {
            Query::Domains(scope) => Some(scope.clone()),
            _ => None,
        })
        .collect();
    let samples = take_samples(fleet, &census, &scopes, budgets, now);
    if let Some(folder) = setup.records()
        && let Err(error) = store::keep_burn(folder, &samples)
    {
        note("note", &format!("the history of the burn is not kept: {error}"));
    }
    let sheet = if arguments.budgets {
        let (history, skipped) = history(setup, now, &zone)?;
        if skipped > 0 {
            let lines = Counted(skipped, "line");
            note("note", &format!("{lines} of the kept history cannot be understood and count for nothing"));
        }
        let history = history.with(BurnHistory::of(samples));
        let billed = billed_spend(fleet, &setup.services(), budgets, now);
        let known = (fleet, &census);
        let states = budget_states(known, (&history, &scopes), budgets, &billed, now, &zone);
        budget_sheet(&states)
    } else {
        let is_for_people = matches!(arguments.output.output, Output::Table | Output::Markdown);
        let hours = until_monday(now, &zone).unwrap_or(0.0);
        Breakdown::of(fleet, &census, &arguments.group_by, now).sheet(hours, is_for_people)
    };
    print(&report::render(&sheet, format(arguments.output.output))?)?;
    let regions: Vec<Region> = scopes.iter().map(|scope| scope.region().clone()).collect();
    let mut cautions: Vec<_> = price_cautions(fleet, &regions, now);
    cautions.dedup();
    for (region, caution) in cautions {
        note("note", &format!("the prices of {region} are {caution}"));
    }
    for line in gaps_told(&gathered.gaps) {
        note("not complete", &line);
    }
    Ok(gathered.exit(Needs { prices: false, ..needs }))
}

/// Takes in what was asked of bills before, by the console or the command line. Nothing is asked for a budget.
fn recall_bills(fleet: &mut Fleet, setup: &Setup, now: Timestamp) {
    let Some(folder) = setup.records() else { return };
    match CostCache::new(folder).recall(billing_day(now).first_of_month()) {
        Ok(answers) => {
            for (account, question, answer) in answers {
                fleet.bills.learn(account, question, answer);
            }
        }
        Err(error) => note("note", &format!("what was asked of bills before could not be read: {error}")),
    }
}

/// What was kept since the beginning of the month.
fn history(setup: &Setup, now: Timestamp, zone: &TimeZone) -> Result<(BurnHistory, usize), Failure> {
    let (Some(folder), Some((from, _))) = (setup.records(), BudgetPer::Month.period(now, zone)) else {
        return Ok((BurnHistory::default(), 0));
    };
    let kept = store::kept_burn(folder, from, now)?;
    Ok((BurnHistory::of(kept.samples), kept.skipped))
}

fn budget_sheet(states: &[BudgetState]) -> Sheet {
    let columns = [
        ("name", FieldKind::Text),
        ("of", FieldKind::Text),
        ("per", FieldKind::Text),
        ("dollars", FieldKind::Money),
        ("spent", FieldKind::Money),
        ("spent-at-least", FieldKind::Money),
        ("cost", FieldKind::Money),
        ("percent-watched", FieldKind::Number),
        ("outlook", FieldKind::Text),
        ("used-up", FieldKind::Text),
        ("billed", FieldKind::Money),
        ("billed-until", FieldKind::Text),
    ];
    let row = |state: &BudgetState| {
        let text = |text: &str| SheetValue::Text(text.to_owned());
        let known = |is_known: bool, figure: f64| match is_known {
            true => SheetValue::Number(figure),
            false if figure > 0.0 => SheetValue::AtLeast(figure),
            false => SheetValue::Unknown,
        };
        let (outlook, used_up) = match state.outlook {
            Outlook::Over => ("over", None),
            Outlook::UsedUp(at) => ("used up", Some(at)),
            Outlook::Lasts => ("lasts", None),
            Outlook::Unsure => ("unknown", None),
        };
        vec![
            text(&state.budget.name),
            text(&state.budget.of()),
            text(state.budget.per.as_str()),
            SheetValue::Number(state.budget.dollars),
            known(state.is_whole, state.spent),
            SheetValue::Number(state.spent),
            known(state.now.unknown_prices == 0.0, state.now.burn),
            SheetValue::Number((state.watched * 100.0).floor()),
            text(outlook),
            used_up.map_or(SheetValue::Absent, |at| text(&at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())),
            state.billed.map_or(SheetValue::Absent, |billed| SheetValue::Number(billed.dollars)),
            state.billed.map_or(SheetValue::Absent, |billed| text(&billing_day(billed.until).to_string())),
        ]
    };
    Sheet {
        columns: columns.map(|(name, kind)| SheetColumn { name, kind }).to_vec(),
        rows: states.iter().map(row).collect(),
    }
}
