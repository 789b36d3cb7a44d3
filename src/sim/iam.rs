//! IAM as far as the console reads it: roles, policies, the account's alias.

use super::wire::{Call, Form, Refusal, XmlReply};
use super::world::World;

/// The IAM state of one account.
#[derive(Debug, Default)]
pub struct Iam {}

/// Answers an IAM operation.
pub(super) fn answer(_world: &mut World, call: &Call<'_>, _form: &Form) -> XmlReply {
    Err(Refusal::unknown_operation(call))
}
