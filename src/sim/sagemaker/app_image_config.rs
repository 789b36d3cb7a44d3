//! App image configurations: how a custom image is run.

use serde_json::{Map, Value, json};

use super::settings::merged;
use crate::sim::clock::Millis;
use crate::sim::context::{Context, Object};
use crate::sim::paging::Pager;
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::{AppImageConfig, Scope, Settings};

const KINDS: [&str; 3] = ["KernelGatewayImageConfig", "JupyterLabAppImageConfig", "CodeEditorAppImageConfig"];

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?;
    let scope = context.call.scope;
    let sort = context.text("SortBy").unwrap_or("CreationTime");
    let descending = context.text("SortOrder") != Some("Ascending");
    let part = context.text("NameContains").map(str::to_lowercase);
    let created = (context.time("CreationTimeAfter"), context.time("CreationTimeBefore"));
    let modified = (context.time("ModifiedTimeAfter"), context.time("ModifiedTimeBefore"));
    let within = |at: Millis, (after, before): (Option<Millis>, Option<Millis>)| {
        after.is_none_or(|after| at >= after) && before.is_none_or(|before| at <= before)
    };
    let rows = context
        .region()
        .app_image_configs
        .values()
        .filter(|config| part.as_deref().is_none_or(|part| config.name.to_lowercase().contains(part)))
        .filter(|config| within(config.created, created) && within(config.modified, modified))
        .map(|config| {
            let key = match sort {
                "Name" => 0,
                "LastModifiedTime" => config.modified,
                _ => config.created,
            };
            ((key, config.name.to_string()), show(scope, config))
        })
        .collect();
    Ok(pager.sorted("AppImageConfigs", rows, descending))
}

fn show(scope: &Scope, config: &AppImageConfig) -> Value {
    let mut answer = Object::new()
        .text("AppImageConfigArn", &arn(scope, &config.name))
        .text("AppImageConfigName", &config.name)
        .time("CreationTime", config.created)
        .time("LastModifiedTime", config.modified);
    for (name, value) in config.config.as_object().into_iter().flatten() {
        answer = answer.with(name, value.clone());
    }
    answer.build()
}

pub(super) fn describe(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    find(context).map(|config| show(scope, config))
}

pub(super) fn create(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let name = context.required("AppImageConfigName");
    let config = Settings::new(Value::Object(kinds(context)));
    let tags = context.tags()?;
    let arn = arn(scope, &name);
    let configs = &mut context.region().app_image_configs;
    if configs.contains_key(&name) {
        return Err(Refusal::in_use(format!("AppImageConfig [{arn}] already exists.")));
    }
    configs.insert(name.clone(), AppImageConfig { name, config, created: now, modified: now, tags });
    Ok(json!({ "AppImageConfigArn": arn }))
}

pub(super) fn update(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let changes = Value::Object(kinds(context));
    let config = find(context)?;
    config.config = merged(Some(&config.config), &changes);
    config.modified = now;
    Ok(json!({ "AppImageConfigArn": arn(scope, &config.name) }))
}

pub(super) fn delete(context: &mut Context<'_>) -> JsonReply {
    let name = find(context)?.name.clone();
    context.region().app_image_configs.remove(&name);
    Ok(Value::Null)
}

fn kinds(context: &Context<'_>) -> Map<String, Value> {
    KINDS
        .iter()
        .filter_map(|kind| Some(((*kind).to_owned(), Value::clone(&*context.settings(kind)?))))
        .collect()
}

fn find<'c>(context: &'c mut Context<'_>) -> Result<&'c mut AppImageConfig, Refusal> {
    let name = context.required("AppImageConfigName");
    let missing =
        Refusal::not_found(format!("AppImageConfig [{}] does not exist.", arn(context.call.scope, &name)));
    context.region().app_image_configs.get_mut(&name).ok_or(missing)
}

fn arn(scope: &Scope, name: &str) -> String {
    scope.sagemaker_arn(&format!("app-image-config/{name}"))
}
