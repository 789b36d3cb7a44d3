//! Tags of anything that has an ARN here.

use serde_json::{Value, json};

use crate::sim::context::{Context, TAG_LIMIT, refuse_system_tag};
use crate::sim::paging::Pager;
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::{AppKey, AppType, Name, Owner, Profile, Region, Tags};

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?;
    let rows = of_resource(context)?
        .iter()
        .map(|(key, value)| ((0, key.to_string()), json!({ "Key": &**key, "Value": &**value })))
        .collect::<Vec<_>>();
    Ok(pager.or_of(TAG_LIMIT).sorted("Tags", rows, false))
}

pub(super) fn add(context: &mut Context<'_>) -> JsonReply {
    let new = context.tags()?;
    let tags = of_resource(context)?;
    let mut all = (**tags).clone();
    all.extend(new.iter().map(|(key, value)| (key.clone(), value.clone())));
    if all.len() > TAG_LIMIT {
        return Err(Refusal::validation(format!(
            "The number of tags [{}] exceeds the limit of {TAG_LIMIT} for a resource.",
            all.len()
        )));
    }
    let rows: Vec<Value> =
        all.iter().map(|(key, value)| json!({ "Key": &**key, "Value": &**value })).collect();
    *tags = Tags::new(all);
    Ok(json!({ "Tags": rows }))
}

pub(super) fn delete(context: &mut Context<'_>) -> JsonReply {
    let keys =
        context.request.get("TagKeys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for key in keys.iter().filter_map(Value::as_str) {
        refuse_system_tag(key)?;
    }
    let tags = of_resource(context)?;
    let mut rest = (**tags).clone();
    rest.retain(|key, _| !keys.iter().any(|gone| gone.as_str() == Some(&**key)));
    *tags = Tags::new(rest);
    Ok(json!({}))
}

/// The tags of the resource that a request names.
fn of_resource<'c>(context: &'c mut Context<'_>) -> Result<&'c mut Tags, Refusal> {
    let arn = context.required("ResourceArn");
    let tail = arn.strip_prefix(&context.arn("")).map(str::to_owned);
    let missing = Refusal::validation(format!("Resource [{arn}] does not exist."));
    let Some(tail) = tail else { return Err(missing) };
    find(context.region(), &tail).ok_or(missing)
}

fn find<'r>(region: &'r mut Region, tail: &str) -> Option<&'r mut Tags> {
    let parts: Vec<&str> = tail.split('/').collect();
    match *parts.as_slice() {
        ["domain", id] => region.domains.get_mut(id).map(|domain| &mut domain.tags),
        ["user-profile", domain, name] => {
            let id = region.profiles.find(&Profile::key_of(&domain.into(), &name.into()))?;
            region.profiles.get_mut(id).map(|profile| &mut profile.tags)
        }
        ["space", domain, name] => {
            let id = region.spaces.find(&(domain.into(), name.into()))?;
            region.spaces.get_mut(id).map(|space| &mut space.tags)
        }
        ["app", domain, owner, app_type, name] => {
            let app_type = AppType::parse(app_type)?;
            let key = |owner| AppKey { domain: domain.into(), owner, app_type, name: name.into() };
            let owner: Name = owner.into();
            let id = region
                .apps
                .find(&key(Owner::Space(owner.clone())))
                .or_else(|| region.apps.find(&key(Owner::User(owner))))?;
            region.apps.get_mut(id).map(|app| &mut app.tags)
        }
        ["studio-lifecycle-config", name] => {
            region.lifecycle_configs.get_mut(name).map(|config| &mut config.tags)
        }
        ["image", name] => region.images.get_mut(name).map(|image| &mut image.tags),
        ["app-image-config", name] => region.app_image_configs.get_mut(name).map(|config| &mut config.tags),
        ["mlflow-tracking-server", name] => {
            region.tracking_servers.get_mut(name).map(|server| &mut server.tags)
        }
        _ => None,
    }
}
