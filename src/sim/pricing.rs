//! The Price List service: what Studio's instances and volumes cost.

use serde_json::Value;

use super::wire::{Call, JsonReply, Refusal};
use super::world::World;

/// What things cost.
#[derive(Debug, Default)]
pub struct PriceTable {}

/// Answers a Price List operation.
pub(super) fn answer(_world: &mut World, call: &Call<'_>, _request: &Value) -> JsonReply {
    Err(Refusal::unknown_operation(call))
}
