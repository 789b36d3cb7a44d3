//! Cost Explorer on the simulated bill (aws.md 2.4). Requests come validated against the model; these files know
//! the rules beyond it.

mod allocation;
mod expression;
mod forecast;
mod period;
mod totals;
mod usage;
mod values;

use serde_json::Value;

use self::period::Period;
use super::billing::day_of;
use super::context::Context;
use super::validate;
use super::wire::{Call, JsonReply, Refusal};
use super::world::World;

pub(in crate::sim) use self::totals::Kept;

/// Answers a Cost Explorer operation.
pub(super) fn answer(world: &mut World, call: &Call<'_>, request: &Value) -> JsonReply {
    let modelled = format!("ce.{}", call.operation);
    if !validate::is_known(&modelled) {
        return Err(Refusal::unknown_operation(call));
    }
    validate::check(&modelled, request)?;
    let mut context = Context { world, call, request };
    let context = &mut context;
    match call.operation {
        "GetCostAndUsage" => usage::get(context),
        "GetCostForecast" => forecast::get(context),
        "GetTags" => values::get_tags(context),
        "GetDimensionValues" => values::get_dimension_values(context),
        "ListCostAllocationTags" => allocation::list(context),
        "UpdateCostAllocationTagsStatus" => allocation::update(context),
        "StartCostAllocationTagBackfill" => allocation::start_backfill(context),
        "ListCostAllocationTagBackfillHistory" => allocation::list_backfills(context),
        _ => Err(Refusal::unknown_operation(call)),
    }
}

/// Whose bill a caller sees: everybody's, if the caller is who pays, else only the own.
fn seen(context: &Context<'_>) -> Option<String> {
    let account = &context.call.scope.account;
    (*account != context.world.billing.payer).then(|| account.to_string())
}

/// The `TimePeriod` of a request, if there are bills of it.
fn period(context: &Context<'_>) -> Result<Period, Refusal> {
    if context.now() < context.world.billing.available_from {
        return Err(Refusal::new(
            "DataUnavailableException",
            "Data is not available. Please try to adjust the time period. If just enabled Cost Explorer, data might \
             not be ingested yet",
        ));
    }
    Period::read(context.request, day_of(context.now()))
}

fn validation(said: impl Into<String>) -> Refusal {
    Refusal::validation(said)
}

/// The elements of a member that is a list.
fn list<'a>(request: &'a Value, member: &str) -> &'a [Value] {
    request.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
