//! Cost allocation tags: which there are, switching them on and off, and letting them count in the past.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{list as elements, validation};
use crate::sim::billing::{Backfill, CostTag, MONTHS_KEPT, date_of, day_named, day_of, month_start};
use crate::sim::clock::{DAY, Millis};
use crate::sim::context::{Context, Object};
use crate::sim::paging::Pager;
use crate::sim::query::instant;
use crate::sim::wire::{JsonReply, Refusal};

/// How many rows a page holds if nothing is asked (aws.md 2.4).
const PAGE: usize = 100;

/// Cost allocation tags are the business of the account that pays.
fn refuse_members(context: &Context<'_>) -> Result<(), Refusal> {
    if context.call.scope.account == context.world.billing.payer {
        return Ok(());
    }
    Err(Refusal::new("AccessDeniedException", "Linked account doesn't have access to cost allocation tags."))
}

fn pager(context: &Context<'_>) -> Result<Pager, Refusal> {
    Pager::from_token(context, "NextToken", PAGE)
        .ok_or_else(|| Refusal::new("InvalidNextTokenException", "Invalid NextToken"))
}

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    refuse_members(context)?;
    let pager = pager(context)?;
    context.world.discover_cost_tags();
    let wanted: BTreeSet<&str> =
        elements(context.request, "TagKeys").iter().filter_map(Value::as_str).collect();
    let (status, kind) = (context.text("Status"), context.text("Type"));
    let rows = context
        .world
        .billing
        .tags
        .iter()
        .filter(|(key, _)| wanted.is_empty() || wanted.contains(&***key))
        .filter(|(_, tag)| status.is_none_or(|status| status == status_of(tag)))
        .filter(|(_, tag)| kind.is_none_or(|kind| kind == kind_of(tag)))
        .map(|(key, tag)| {
            let row = Object::new()
                .text("TagKey", key)
                .text("Type", kind_of(tag))
                .text("Status", status_of(tag))
                .maybe("LastUpdatedDate", tag.updated.map(instant))
                .maybe("LastUsedDate", tag.used.map(instant))
                .build();
            ((0, key.to_string()), row)
        })
        .collect();
    Ok(pager.sorted("CostAllocationTags", rows, false))
}

fn status_of(tag: &CostTag) -> &'static str {
    if tag.active_since.is_some() { "Active" } else { "Inactive" }
}

fn kind_of(tag: &CostTag) -> &'static str {
    if tag.is_generated { "AWSGenerated" } else { "UserDefined" }
}

/// Answers with success and an error for each tag that it could not switch.
pub(super) fn update(context: &mut Context<'_>) -> JsonReply {
    refuse_members(context)?;
    context.world.discover_cost_tags();
    let now = context.now();
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in elements(context.request, "CostAllocationTagsStatus") {
        let key = entry["TagKey"].as_str().unwrap_or_default();
        let (code, message) = if !context.world.billing.tags.contains_key(key) {
            ("TagKeysNotFoundException", format!("Tag keys not found: {key}"))
        } else if !seen.insert(key) {
            ("ValidationException", format!("Duplicate tag key: {key}"))
        } else {
            context.world.billing.set_active(key, entry["Status"] == "Active", now);
            continue;
        };
        errors.push(json!({"TagKey": key, "Code": code, "Message": message}));
    }
    Ok(json!({ "Errors": errors }))
}

pub(super) fn start_backfill(context: &mut Context<'_>) -> JsonReply {
    refuse_members(context)?;
    let now = context.now();
    let text = context.text("BackfillFrom").unwrap_or_default();
    let day =
        text.strip_suffix("T00:00:00Z").or_else(|| text.strip_suffix("T00:00:00+00:00")).and_then(day_named);
    let Some(from) = day.filter(|day| date_of(*day).day() == 1) else {
        return Err(validation("BackfillFrom must be the first day of a month at midnight UTC"));
    };
    if from > day_of(now) || from < month_start(day_of(now), 1 - MONTHS_KEPT) {
        return Err(validation("BackfillFrom must lie within the last 12 months"));
    }
    if context.world.billing.backfills.last().is_some_and(|last| now < last.requested + DAY) {
        return Err(Refusal::new(
            "BackfillLimitExceededException",
            "A backfill request is in progress or was made within the last 24 hours. Try again later.",
        ));
    }
    context.world.billing.backfill(from, now);
    let request = context.world.billing.backfills.last().map(|request| shown(request, now));
    Ok(json!({ "BackfillRequest": request }))
}

pub(super) fn list_backfills(context: &mut Context<'_>) -> JsonReply {
    refuse_members(context)?;
    let pager = pager(context)?;
    let now = context.now();
    let rows = context.world.billing.backfills.iter().enumerate();
    let rows =
        rows.map(|(index, request)| ((request.requested, index.to_string()), shown(request, now))).collect();
    Ok(pager.sorted("BackfillRequests", rows, true))
}

fn shown(request: &Backfill, now: Millis) -> Value {
    let done = request.completed() <= now;
    Object::new()
        .text("BackfillFrom", &format!("{}T00:00:00Z", date_of(request.from)))
        .text("RequestedAt", &instant(request.requested))
        .maybe("CompletedAt", done.then(|| instant(request.completed())))
        .text("BackfillStatus", if done { "SUCCEEDED" } else { "PROCESSING" })
        .text("LastUpdatedAt", &instant(if done { request.completed() } else { request.requested }))
        .build()
}
