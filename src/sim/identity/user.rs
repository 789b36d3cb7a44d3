//! People of the identity store.

use serde_json::{Value, json};

use super::{center, not_found};
use crate::sim::context::Context;
use crate::sim::paging::Pager;
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::{IdentityCenter, IdentityUser, Name};

/// How many rows a page holds when `MaxResults` is absent.
const DEFAULT_SIZE: usize = 100;

pub(super) fn get_id(context: &mut Context<'_>) -> JsonReply {
    let attribute = context.request.pointer("/AlternateIdentifier/UniqueAttribute");
    if attribute.is_none() {
        return Err(Refusal::validation("AlternateIdentifier must have a UniqueAttribute."));
    }
    let part = |name: &str| attribute.and_then(|it| it.get(name)).and_then(Value::as_str).unwrap_or_default();
    let (path, value) = (part("AttributePath"), part("AttributeValue"));
    let store = store(context)?;
    let user = match path.to_ascii_lowercase().as_str() {
        // The address of everybody here is their name.
        "username" | "emails.value" => store.user_named(value),
        _ => return Err(Refusal::validation(format!("{path} is not a unique attribute."))),
    };
    let user = user.ok_or_else(|| not_found("USER not found."))?;
    Ok(json!({ "IdentityStoreId": &*store.store_id, "UserId": &*user.id, "UserArn": arn(user) }))
}

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?.or_of(DEFAULT_SIZE);
    let filter = context.request.pointer("/Filters/0");
    let part = |name: &str| filter.and_then(|it| it.get(name)).and_then(Value::as_str);
    let path = part("AttributePath").unwrap_or("UserName");
    if !path.eq_ignore_ascii_case("UserName") {
        return Err(Refusal::validation(format!("Filtering by {path} is not supported.")));
    }
    let wanted = part("AttributeValue");
    let store = store(context)?;
    let rows = store
        .users
        .values()
        .filter(|user| wanted.is_none_or(|wanted| user.name.eq_ignore_ascii_case(wanted)))
        .map(|user| ((0, user.id.to_string()), row(store, user)))
        .collect();
    Ok(pager.sorted("Users", rows, false))
}

pub(super) fn describe(context: &mut Context<'_>) -> JsonReply {
    let id: Name = last(&context.required("UserId")).into();
    let store = store(context)?;
    let user = store.users.get(&id).ok_or_else(|| not_found("USER not found."))?;
    Ok(row(store, user))
}

fn row(store: &IdentityCenter, user: &IdentityUser) -> Value {
    let (given, family) = user.display_name.split_once(' ').unwrap_or((&user.display_name, "-"));
    json!({
        "IdentityStoreId": &*store.store_id,
        "UserId": &*user.id,
        "UserArn": arn(user),
        "Revision": "1",
        "UserName": &*user.name,
        "Name": { "GivenName": given, "FamilyName": family },
        "DisplayName": &*user.display_name,
        "Emails": [{ "Value": &*user.name, "Type": "work", "Primary": true }],
    })
}

fn arn(user: &IdentityUser) -> String {
    format!("arn:aws:identitystore:::user/{}", user.id)
}

/// An id, also out of an ARN.
fn last(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// The identity store that a request names.
fn store<'c>(context: &'c mut Context<'_>) -> Result<&'c IdentityCenter, Refusal> {
    let id = context.required("IdentityStoreId");
    match center(context) {
        Some(center) if *center.store_id == *last(&id) => Ok(center),
        _ => Err(not_found(format!("IdentityStore {id} does not exist."))),
    }
}
