//! `GetCostAndUsage`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::expression::{Expression, Grouping};
use super::period::{Granularity, Period};
use super::totals::{Kept, Question, Sum, rows};
use super::{list, period, seen, validation};
use crate::sim::billing::Billing;
use crate::sim::context::{Context, Object};
use crate::sim::query::fingerprint;
use crate::sim::wire::{JsonReply, Refusal};

const METRICS: [&str; 7] = [
    "AmortizedCost",
    "BlendedCost",
    "NetAmortizedCost",
    "NetUnblendedCost",
    "NormalizedUsageAmount",
    "UnblendedCost",
    "UsageQuantity",
];

pub(super) fn get(context: &mut Context<'_>) -> JsonReply {
    let granularity = Granularity::read(context.request)?;
    let period = period(context)?;
    let metrics = metrics(context.request)?;
    let groups = Grouping::read(context.request)?;
    let filter = Expression::read(context.request)?;
    let account = seen(context);
    let question = Question {
        account: account.as_deref(),
        period,
        granularity,
        filter: filter.as_ref(),
        groups: &groups,
    };
    if groups.is_empty() {
        return Ok(totals(context, &question, &metrics));
    }
    let seal = seal(context);
    let start = start(context, seal)?;
    let held = context.world.kept_costs.clone().filter(|kept| start > 0 && kept.question == seal);
    let kept = held.unwrap_or_else(|| {
        let rows = rows(question.sums(context.world), period.parts(granularity).len());
        Arc::new(Kept { question: seal, rows })
    });
    context.world.kept_costs = Some(kept.clone());
    Ok(page(context, &question, &metrics, &kept, start))
}

fn metrics(request: &Value) -> Result<Vec<&str>, Refusal> {
    let names: Vec<&str> = list(request, "Metrics").iter().filter_map(Value::as_str).collect();
    if names.is_empty() {
        return Err(validation("Metrics must not be empty"));
    }
    match names.iter().find(|name| !METRICS.contains(name)) {
        Some(unknown) => {
            Err(validation(format!("Metric {unknown} is invalid. Valid metrics are: {}", METRICS.join(", "))))
        }
        None => Ok(names),
    }
}

fn totals(context: &Context<'_>, question: &Question<'_>, metrics: &[&str]) -> Value {
    let sums = question.sums(context.world).remove(&Vec::new());
    let currency = context.world.billing.currency(&context.call.scope.account);
    let parts = question.period.parts(question.granularity).into_iter().enumerate();
    let results: Vec<Value> = parts
        .map(|(index, part)| {
            let empty = Sum::default();
            let sum = sums.as_ref().and_then(|sums| sums.get(index)).unwrap_or(&empty);
            result(context, part, &sum.metrics(metrics, &currency), &[])
        })
        .collect();
    json!({"ResultsByTime": results, "DimensionValueAttributes": []})
}

fn result(context: &Context<'_>, part: Period, total: &Value, groups: &[Value]) -> Value {
    json!({
        "TimePeriod": part.to_json(),
        "Total": total,
        "Groups": groups,
        "Estimated": Billing::is_estimated(part.until - 1, context.now()),
    })
}

fn page(
    context: &Context<'_>,
    question: &Question<'_>,
    metrics: &[&str],
    kept: &Kept,
    start: usize,
) -> Value {
    let currency = context.world.billing.currency(&context.call.scope.account);
    let end = start.saturating_add(context.world.billing.page_groups.max(1)).min(kept.rows.len());
    let is_last = end == kept.rows.len();
    let shown = kept.rows.get(start..end).unwrap_or_default();
    let mut results = Vec::new();
    let parts = question.period.parts(question.granularity);
    // A page holds the periods of its groups, and those without any between them.
    let first = if start == 0 { 0 } else { shown.first().map_or(0, |row| row.0) };
    let last = if is_last { parts.len() } else { shown.last().map_or(0, |row| row.0 + 1) };
    for (index, part) in parts.iter().enumerate().take(last).skip(first) {
        let groups = shown.iter().filter(|row| row.0 == index);
        let groups =
            groups.map(|(_, keys, sum)| json!({"Keys": keys, "Metrics": sum.metrics(metrics, &currency)}));
        results.push(result(context, *part, &json!({}), &groups.collect::<Vec<_>>()));
    }
    let token = (!is_last).then(|| token(kept.question, end));
    Object::new()
        .with("GroupDefinitions", context.request["GroupBy"].clone())
        .with("ResultsByTime", results)
        .with("DimensionValueAttributes", attributes(context, question, shown))
        .maybe("NextPageToken", token)
        .build()
}

/// The names of the accounts among the keys.
fn attributes(
    context: &Context<'_>,
    question: &Question<'_>,
    shown: &[(usize, Vec<String>, Sum)],
) -> Vec<Value> {
    let position =
        question.groups.iter().position(|group| *group == Grouping::Dimension("LINKED_ACCOUNT".into()));
    let Some(position) = position else { return Vec::new() };
    let mut accounts: Vec<&String> = shown.iter().filter_map(|(_, keys, _)| keys.get(position)).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts.into_iter().map(|account| super::values::account(context.world, account)).collect()
}

/// What makes two requests the same question to the same bill.
fn seal(context: &Context<'_>) -> u64 {
    let mut request = context.request.clone();
    if let Some(members) = request.as_object_mut() {
        members.remove("NextPageToken");
    }
    fingerprint(&[&request.to_string(), &context.call.scope.account])
}

fn token(seal: u64, start: usize) -> String {
    format!("{seal:016x}{:016x}{start:x}", fingerprint(&[&seal.to_string(), &start.to_string()]))
}

/// Where the page begins that a token asks for.
fn start(context: &Context<'_>, seal: u64) -> Result<usize, Refusal> {
    let Some(given) = context.text("NextPageToken") else { return Ok(0) };
    let invalid = || Refusal::new("InvalidNextTokenException", "Invalid NextPageToken");
    let hex = |range: std::ops::Range<usize>| u64::from_str_radix(given.get(range)?, 16).ok();
    let (Some(of), Some(start)) = (hex(0..16), hex(32..given.len().max(32))) else { return Err(invalid()) };
    if token(of, start as usize) != given {
        return Err(invalid());
    }
    if of != seal {
        return Err(Refusal::new(
            "RequestChangedException",
            "Your request parameters changed between pages. Try again with the old parameters or without a pagination \
             token.",
        ));
    }
    Ok(start as usize)
}
