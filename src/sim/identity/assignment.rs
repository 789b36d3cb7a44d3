//! Applications, and who is assigned to them.

use serde_json::{Value, json};

use super::{center, not_found};
use crate::sim::context::{Context, Object};
use crate::sim::paging::Pager;
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::{Application, IdentityCenter, Name};

/// How many rows a page holds when `MaxResults` is absent.
const DEFAULT_SIZE: usize = 100;

pub(super) fn list_instances(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?.or_of(DEFAULT_SIZE);
    let owner = context.call.scope.account.clone();
    let everywhere = context.text("RegionScope") == Some("ALL_REGIONS");
    let here = &context.call.scope.region;
    let regions = context.world.accounts.get(&owner).into_iter().flat_map(|account| &account.regions);
    let centers = regions
        .filter(|(code, _)| everywhere || *code == here)
        .filter_map(|(_, region)| region.identity_center.as_ref());
    let rows = centers.map(|center| {
        let row = Object::new()
            .text("InstanceArn", &center.instance_arn)
            .text("IdentityStoreId", &center.store_id)
            .text("OwnerAccountId", &owner)
            .time("CreatedDate", center.created)
            .text("Status", "ACTIVE");
        ((0, center.store_id.to_string()), row.build())
    });
    Ok(pager.sorted("Instances", rows.collect(), false))
}

pub(super) fn describe_application(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let arn = context.required("ApplicationArn");
    let store = center(context).map(|center| center.store_id.clone()).unwrap_or_default();
    let instance = center(context).map(|center| center.instance_arn.clone()).unwrap_or_default();
    let application = application(context, &arn)?;
    Ok(Object::new()
        .text("ApplicationArn", &arn)
        .text("ApplicationProviderArn", "arn:aws:sso::aws:applicationProvider/sagemaker")
        .text("Name", &application.name)
        .text("ApplicationAccount", &scope.account)
        .text("InstanceArn", &instance)
        .text("IdentityStoreArn", &format!("arn:aws:identitystore::{}:identitystore/{store}", scope.account))
        .text("Status", "ENABLED")
        .with("PortalOptions", json!({ "Visibility": "ENABLED" }))
        .time("CreatedDate", application.created)
        .text("CreatedFrom", &scope.region)
        .build())
}

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?.or_of(DEFAULT_SIZE);
    let arn = context.required("ApplicationArn");
    let rows = application(context, &arn)?
        .assigned
        .iter()
        .map(|user| {
            let row = json!({"ApplicationArn": &*arn, "PrincipalId": &**user, "PrincipalType": "USER"});
            ((0, user.to_string()), row)
        })
        .collect();
    Ok(pager.sorted("ApplicationAssignments", rows, false))
}

pub(super) fn create(context: &mut Context<'_>) -> JsonReply {
    let (arn, user) = assignment(context)?;
    if !application(context, &arn)?.assigned.insert(user.clone()) {
        return Err(Refusal::new(
            "ConflictException",
            format!("Assignment of {user} to {arn} already exists."),
        ));
    }
    Ok(json!({}))
}

pub(super) fn delete(context: &mut Context<'_>) -> JsonReply {
    let (arn, user) = assignment(context)?;
    if !application(context, &arn)?.assigned.remove(&user) {
        return Err(not_found(format!("Assignment of {user} to {arn} does not exist.")));
    }
    Ok(json!({}))
}

/// The application and the person that a request is about; both must exist. There are no groups here.
fn assignment(context: &mut Context<'_>) -> Result<(Name, Name), Refusal> {
    let arn = context.required("ApplicationArn");
    let principal = context.required("PrincipalId");
    application(context, &arn)?;
    let is_user = context.request.get("PrincipalType").and_then(Value::as_str) == Some("USER");
    let is_known = center(context).is_some_and(|center| center.users.contains_key(&principal));
    if !is_user || !is_known {
        let kind = if is_user { "User" } else { "Group" };
        return Err(not_found(format!("{kind} {principal} does not exist.")));
    }
    Ok((arn, principal))
}

fn application<'c>(context: &'c mut Context<'_>, arn: &Name) -> Result<&'c mut Application, Refusal> {
    let found = center(context).and_then(|center: &mut IdentityCenter| center.applications.get_mut(arn));
    found.ok_or_else(|| not_found(format!("Application {arn} does not exist.")))
}
