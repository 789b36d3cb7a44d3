//! `GetTags` and `GetDimensionValues`: what the bill can be asked for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::expression::{Expression, Grouping, is_of_lines};
use super::period::Granularity;
use super::totals::Question;
use super::{list, period, seen, validation};
use crate::sim::billing::Amount;
use crate::sim::context::{Context, Object};
use crate::sim::paging::Pager;
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::World;

/// How many values a page holds if nothing is asked, and at most (aws.md 2.4).
const PAGE: usize = 1_000;

pub(super) fn get_tags(context: &mut Context<'_>) -> JsonReply {
    let period = period(context)?;
    let found: BTreeMap<String, Amount> = match context.text("TagKey") {
        None => {
            let now = context.now();
            let counts =
                |key: &str| context.world.billing.counts_from(key, now).is_some_and(|day| day < period.until);
            let keys = context.world.billing.tags.keys().filter(|key| counts(key));
            keys.map(|key| (key.to_string(), 0)).collect()
        }
        Some(key) => {
            let prefix = format!("{key}$");
            let found = found(context, period, Grouping::Tag(key.to_owned()))?;
            found.into_iter().map(|(key, cost)| (key.trim_start_matches(&prefix).to_owned(), cost)).collect()
        }
    };
    answer(context, "Tags", found, |_, value| Value::from(value))
}

pub(super) fn get_dimension_values(context: &mut Context<'_>) -> JsonReply {
    let period = period(context)?;
    if context.text("Context").is_some_and(|given| given != "COST_AND_USAGE") {
        return Err(Refusal::new(
            "DataUnavailableException",
            "There are no reservations and savings plans in the time period",
        ));
    }
    let dimension = context.text("Dimension").unwrap_or_default().to_owned();
    if !is_of_lines(&dimension) {
        return Err(validation(format!("Dimension {dimension} is not supported in this context")));
    }
    let is_account = dimension == "LINKED_ACCOUNT";
    let found = found(context, period, Grouping::Dimension(dimension))?;
    answer(context, "DimensionValues", found, move |world, value| {
        if is_account { account(world, value) } else { json!({"Value": value, "Attributes": {}}) }
    })
}

/// An account with its name.
pub(super) fn account(world: &World, id: &str) -> Value {
    let name = world.accounts.get(id).and_then(|account| account.alias.as_deref()).unwrap_or(id);
    json!({"Value": id, "Attributes": {"description": name}})
}

/// The keys of the groups that have lines, with what they cost.
fn found(
    context: &Context<'_>,
    period: super::period::Period,
    group: Grouping,
) -> Result<BTreeMap<String, Amount>, Refusal> {
    let filter = Expression::read(context.request)?;
    let account = seen(context);
    let question = Question {
        account: account.as_deref(),
        period,
        granularity: Granularity::Monthly,
        filter: filter.as_ref(),
        groups: &[group],
    };
    let sums = question.sums(context.world).into_iter();
    Ok(sums
        .filter_map(|(keys, sums)| Some((keys.into_iter().next()?, sums.iter().map(|sum| sum.cost).sum())))
        .collect())
}

/// A page of values: those that contain what is searched for, sorted as it is asked for.
fn answer(
    context: &Context<'_>,
    member: &str,
    found: BTreeMap<String, Amount>,
    show: impl Fn(&World, &str) -> Value,
) -> JsonReply {
    let searched = context.text("SearchString").unwrap_or_default().to_lowercase();
    let sort = list(context.request, "SortBy").first();
    let is_sized = context.request.get("MaxResults").is_some_and(|size| !size.is_null());
    if is_sized && sort.is_none() {
        return Err(validation("MaxResults requires SortBy"));
    }
    let by_cost = match sort.and_then(|sort| sort.get("Key")).and_then(Value::as_str) {
        None => false,
        Some(
            "BlendedCost"
            | "UnblendedCost"
            | "AmortizedCost"
            | "NetAmortizedCost"
            | "NetUnblendedCost"
            | "UsageQuantity"
            | "NormalizedUsageAmount",
        ) => true,
        Some(other) => return Err(validation(format!("SortBy key {other} is invalid"))),
    };
    let descending =
        sort.and_then(|sort| sort.get("SortOrder")).and_then(Value::as_str) == Some("DESCENDING");
    let rows: Vec<((i64, String), Value)> = found
        .into_iter()
        .filter(|(value, _)| value.to_lowercase().contains(&searched))
        .map(|(value, cost)| {
            let shown = show(context.world, &value);
            ((if by_cost { cost } else { 0 }, value), shown)
        })
        .collect();
    let total = rows.len();
    let pager = Pager::from_token(context, "NextPageToken", PAGE)
        .ok_or_else(|| Refusal::new("InvalidNextTokenException", "Invalid NextPageToken"))?;
    let (rows, token) = pager.cut(rows, descending);
    Ok(Object::new()
        .with("ReturnSize", rows.len())
        .with("TotalSize", total)
        .with(member, rows)
        .maybe("NextPageToken", token)
        .build())
}
