//! The rows of a report as cells of the ledger, and the columns.

use std::sync::Arc;

use crate::fleet::{Billed, CostKind, CostReport, CostRow, Field, Nanos};

use super::super::columns::{Column, When, figure, only, text};
use super::super::{LedgerCell, LedgerRow, Tone};

const COST: Column = figure(Field::Cost, "COST", 8, 14);
const BEFORE: Column = figure(Field::Before, "SAME DAYS", 8, 14);
const CHANGE: Column = figure(Field::Change, "CHANGE", 7, 14);
const GROWTH: Column = figure(Field::Growth, "%", 4, 8);
const FORECAST: Column = figure(Field::Forecast, "OUR FORECAST", 8, 14);
const PREVIOUS: Column = only(When::Wide, figure(Field::Previous, "MONTH BEFORE", 8, 14));
const SHARE: Column = figure(Field::Share, "SHARE", 5, 24);
const VALUE: Column = only(When::Wide, text(Field::Value, "AS AWS SPELLS IT", 12, 80));

const PLAIN: &[Column] =
    &[text(Field::Name, "NAME", 20, 40), COST, SHARE, BEFORE, CHANGE, GROWTH, FORECAST, PREVIOUS, VALUE];
const PLACED: &[Column] = &[
    text(Field::Name, "NAME", 20, 44),
    text(Field::Domain, "DOMAIN", 8, 18),
    COST,
    SHARE,
    BEFORE,
    CHANGE,
    GROWTH,
    FORECAST,
    PREVIOUS,
    VALUE,
];
const NESTED: &[Column] = &[
    text(Field::Name, "NAME", 16, 30),
    text(Field::Group, "THEN", 8, 34),
    COST,
    SHARE,
    BEFORE,
    CHANGE,
    GROWTH,
    FORECAST,
    PREVIOUS,
    VALUE,
];

/// The columns of one level or two, with the domain where values say it.
pub(super) fn columns(nested: bool, placed: bool) -> &'static [Column] {
    match (nested, placed) {
        (true, _) => NESTED,
        (false, true) => PLACED,
        (false, false) => PLAIN,
    }
}

/// What makes a row the same row in another report.
pub(super) fn identity(row: &CostRow) -> (CostKind, Arc<str>, Option<Arc<str>>, Arc<str>) {
    (row.kind, Arc::clone(&row.value), row.second_value.clone(), Arc::clone(&row.currency))
}

/// The rows of a report; the key of each is its position there.
pub(super) fn rows(report: &CostReport) -> Vec<LedgerRow> {
    report.rows.iter().enumerate().map(|(at, cost)| row(report, at, cost)).collect()
}

fn row(report: &CostReport, at: usize, row: &CostRow) -> LedgerRow {
    let sums = &row.sums;
    let money = |amount: Nanos| {
        let tone = if amount == Nanos::ZERO { Tone::Muted } else { Tone::Money };
        LedgerCell::figure(format!("{:#}", Billed(amount, &row.currency)), amount.to_f64()).tone(tone)
    };
    let told = |is_known: bool, amount: Nanos| if is_known { money(amount) } else { LedgerCell::absent() };
    let compares = report.compared.is_some();
    let change = sums.change();
    let change_cell = if compares {
        let sign = if change > Nanos::ZERO { "+" } else { "" };
        let cell = money(change);
        let tone = if change > Nanos::ZERO { Tone::Warn } else { Tone::Muted };
        LedgerCell { text: format!("{sign}{}", cell.text), ..cell }.tone(tone)
    } else {
        LedgerCell::absent()
    };
    let growth = match sums.growth().filter(|_| compares) {
        Some(growth) => {
            let percent = growth * 100.0;
            LedgerCell::figure(format!("{:+}", percent.round().clamp(-9_999.0, 9_999.0)), percent)
                .tone(Tone::Muted)
        }
        None => LedgerCell::absent(),
    };
    let share = if row.kind.is_gross() {
        let percent = row.share * 100.0;
        let text = if percent > 0.0 && percent < 0.5 { "<1%".to_owned() } else { format!("{percent:.0}%") };
        LedgerCell::figure(text, percent).share(row.share.clamp(0.0, 1.0)).tone(Tone::Accent)
    } else {
        LedgerCell::absent()
    };
    let name_tone = match row.kind {
        CostKind::Group | CostKind::SharedSpace => Tone::Accent,
        CostKind::Untagged => Tone::Warn,
        _ => Tone::Muted,
    };
    let mut cells = LedgerRow::new(at.to_string())
        .with(Field::Name, LedgerCell::text(&*row.name).tone(name_tone))
        .with(Field::Cost, money(sums.cost))
        .with(Field::Before, told(compares, sums.before))
        .with(Field::Change, change_cell)
        .with(Field::Growth, growth)
        .with(Field::Forecast, told(report.has_forecast, sums.forecast))
        .with(Field::Previous, told(report.has_previous, sums.previous))
        .with(Field::Share, share)
        .with(Field::Value, LedgerCell::text(&*row.value).tone(Tone::Muted));
    if let Some(second) = &row.second {
        cells = cells.with(Field::Group, LedgerCell::text(second.as_str()));
    }
    match &row.domain {
        Some(domain) => cells.with(Field::Domain, LedgerCell::text(domain.as_str()).tone(Tone::Muted)),
        None => cells,
    }
}
