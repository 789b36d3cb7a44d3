//! Studio lifecycle configurations.

use serde_json::{Value, json};

use super::settings::mention;
use crate::sim::context::{Context, Object};
use crate::sim::paging::Pager;
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::{LifecycleConfig, Name, Scope};

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?;
    let scope = context.call.scope;
    let by_name = context.text("SortBy") == Some("Name");
    let descending = context.text("SortOrder") != Some("Ascending");
    let app_type = context.text("AppTypeEquals");
    let part = context.text("NameContains").map(str::to_lowercase);
    let after = context.time("CreationTimeAfter").max(context.time("ModifiedTimeAfter"));
    let before =
        [context.time("CreationTimeBefore"), context.time("ModifiedTimeBefore")].into_iter().flatten().min();
    let rows = context
        .region()
        .lifecycle_configs
        .values()
        .filter(|config| app_type.is_none_or(|app_type| app_type == &*config.app_type))
        .filter(|config| part.as_deref().is_none_or(|part| config.name.to_lowercase().contains(part)))
        .filter(|config| after.is_none_or(|after| config.created > after))
        .filter(|config| before.is_none_or(|before| config.created < before))
        .map(|config| {
            let key = if by_name { 0 } else { config.created };
            ((key, config.name.to_string()), summary(scope, config).build())
        })
        .collect();
    Ok(pager.sorted("StudioLifecycleConfigs", rows, descending))
}

fn summary(scope: &Scope, config: &LifecycleConfig) -> Object {
    Object::new()
        .text("StudioLifecycleConfigArn", &arn(scope, &config.name))
        .text("StudioLifecycleConfigName", &config.name)
        .time("CreationTime", config.created)
        .time("LastModifiedTime", config.created)
        .text("StudioLifecycleConfigAppType", &config.app_type)
}

pub(super) fn describe(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let name = context.required("StudioLifecycleConfigName");
    let config = context.region().lifecycle_configs.get(&name).ok_or_else(|| missing(scope, &name))?;
    Ok(summary(scope, config).text("StudioLifecycleConfigContent", &config.content).build())
}

pub(super) fn create(context: &mut Context<'_>) -> JsonReply {
    let (scope, created) = (context.call.scope, context.now());
    let name = context.required("StudioLifecycleConfigName");
    let content = context.required("StudioLifecycleConfigContent");
    let app_type = context.required("StudioLifecycleConfigAppType");
    let tags = context.tags()?;
    if !is_base64(&content) {
        return Err(Refusal::validation("StudioLifecycleConfigContent must be encoded in base64."));
    }
    let configs = &mut context.region().lifecycle_configs;
    let arn = arn(scope, &name);
    if configs.contains_key(&name) {
        return Err(Refusal::in_use(format!("StudioLifecycleConfig [{arn}] already exists.")));
    }
    configs.insert(name.clone(), LifecycleConfig { name, app_type, content, created, tags });
    Ok(json!({ "StudioLifecycleConfigArn": arn }))
}

pub(super) fn delete(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let name = context.required("StudioLifecycleConfigName");
    let arn = arn(scope, &name);
    let region = context.region();
    if !region.lifecycle_configs.contains_key(&name) {
        return Err(missing(scope, &name));
    }
    let in_domains = region.domains.values().any(|domain| {
        mention(&domain.user_settings, &arn)
            || domain.space_settings.as_ref().is_some_and(|settings| mention(settings, &arn))
    });
    let in_profiles = || {
        region
            .profiles
            .iter()
            .any(|(_, profile)| profile.settings.as_ref().is_some_and(|it| mention(it, &arn)))
    };
    let in_apps = || region.apps.iter().any(|(_, app)| app.is_live() && mention(&app.spec, &arn));
    let user = if in_domains {
        Some("Domain(s)")
    } else if in_profiles() {
        Some("UserProfile(s)")
    } else if in_apps() {
        Some("App(s)")
    } else {
        None
    };
    if let Some(user) = user {
        return Err(Refusal::in_use(format!(
            "Unable to delete StudioLifecycleConfig [{arn}] because {user} are associated with it."
        )));
    }
    region.lifecycle_configs.remove(&name);
    Ok(Value::Null)
}

fn missing(scope: &Scope, name: &Name) -> Refusal {
    Refusal::not_found(format!("StudioLifecycleConfig [{}] does not exist.", arn(scope, name)))
}

fn arn(scope: &Scope, name: &str) -> String {
    scope.sagemaker_arn(&format!("studio-lifecycle-config/{name}"))
}

/// Whether a text is base64 with its padding; line breaks are allowed.
fn is_base64(text: &str) -> bool {
    let letters: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let padding = letters.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = &letters[..letters.len() - padding];
    letters.len().is_multiple_of(4)
        && padding <= 2
        && !body.is_empty()
        && body.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_base64_is_taken_for_a_script() {
        for good in ["aGVsbG8=", "aGVs\nbG8=", "aGVsbG8h"] {
            assert!(is_base64(good), "{good}");
        }
        for bad in ["", "====", "#!/bin/sh", "aGVsbG8", "aGVs=G8="] {
            assert!(!is_base64(bad), "{bad}");
        }
    }
}
