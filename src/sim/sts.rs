//! STS: who is calling.

use super::wire::{Call, Form, Refusal, XmlReply};
use super::world::World;

/// Answers an STS operation.
pub(super) fn answer(_world: &mut World, call: &Call<'_>, _form: &Form) -> XmlReply {
    Err(Refusal::unknown_operation(call))
}
