//! Identity Center as Studio needs it: the instance, the applications with their assignments, the people.
//! Knows no Query service, and no domain.

mod assignment;
mod user;

use super::context::Context;
use super::validate;
use super::wire::{Call, JsonReply, Refusal, Service};
use super::world::{IdentityCenter, World};
use serde_json::Value;

/// Answers an operation of `sso` or `identitystore`.
pub(super) fn answer(world: &mut World, call: &Call<'_>, request: &Value) -> JsonReply {
    let modelled = format!("{}.{}", call.service.as_str(), call.operation);
    if !validate::is_known(&modelled) {
        return Err(Refusal::unknown_operation(call));
    }
    validate::check(&modelled, request)?;
    let mut context = Context { world, call, request };
    let context = &mut context;
    match (call.service, call.operation) {
        (Service::Sso, "ListInstances") => assignment::list_instances(context),
        (Service::Sso, "DescribeApplication") => assignment::describe_application(context),
        (Service::Sso, "CreateApplicationAssignment") => assignment::create(context),
        (Service::Sso, "DeleteApplicationAssignment") => assignment::delete(context),
        (Service::Sso, "ListApplicationAssignments") => assignment::list(context),
        (Service::IdentityStore, "GetUserId") => user::get_id(context),
        (Service::IdentityStore, "ListUsers") => user::list(context),
        (Service::IdentityStore, "DescribeUser") => user::describe(context),
        _ => Err(Refusal::unknown_operation(call)),
    }
}

fn not_found(said: impl Into<String>) -> Refusal {
    Refusal::new("ResourceNotFoundException", said)
}

/// The instance of the caller's region.
fn center<'c>(context: &'c mut Context<'_>) -> Option<&'c mut IdentityCenter> {
    context.region().identity_center.as_mut()
}
