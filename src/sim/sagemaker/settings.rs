//! Settings structures: how updates change them, what they refer to, and which of them win.

use serde_json::Value;

use crate::sim::wire::Refusal;
use crate::sim::world::{Name, Owner, Region, Scope, Settings};

/// An update: members that are given replace the old ones, others stay. (Whether AWS merges deeper is
/// not documented; a client that sends complete structures sees the same either way.)
pub(super) fn merged(old: Option<&Settings>, new: &Value) -> Settings {
    let mut result = old.map_or_else(|| Value::Object(serde_json::Map::new()), |old| Value::clone(old));
    if !result.is_object() {
        result = Value::Object(serde_json::Map::new());
    }
    if let (Some(members), Some(changes)) = (result.as_object_mut(), new.as_object()) {
        for (name, value) in changes.iter().filter(|(_, value)| !value.is_null()) {
            members.insert(name.clone(), value.clone());
        }
    }
    Settings::new(result)
}

/// Refuses a landing page in Studio for those to whom its portal is closed: the model says that such a page
/// "can only be passed if `StudioWebPortal` is set to `ENABLED`".
pub(super) fn refuse_closed_landing(settings: &Value) -> Result<(), Refusal> {
    let text = |member: &str| settings.get(member).and_then(Value::as_str).unwrap_or_default();
    let landing = text("DefaultLandingUri");
    if landing.starts_with("studio:") && text("StudioWebPortal") == "DISABLED" {
        return Err(Refusal::validation(format!(
            "DefaultLandingUri [{landing}] can only be used when StudioWebPortal is ENABLED."
        )));
    }
    Ok(())
}

/// Refuses settings with lifecycle configurations that do not exist here.
pub(super) fn refuse_unknown_configs(
    region: &Region,
    scope: &Scope,
    settings: &Value,
) -> Result<(), Refusal> {
    let prefix = scope.sagemaker_arn("studio-lifecycle-config/");
    let mut unknown = None;
    visit_texts(settings, &mut |text| {
        if text.contains(":studio-lifecycle-config/") {
            let known =
                text.strip_prefix(&prefix).is_some_and(|name| region.lifecycle_configs.contains_key(name));
            if !known {
                unknown = Some(text.to_owned());
            }
        }
    });
    match unknown {
        Some(arn) => Err(Refusal::validation(format!("StudioLifecycleConfig [{arn}] does not exist."))),
        None => Ok(()),
    }
}

/// Whether settings refer to something by its ARN or name.
pub(super) fn mention(settings: &Value, what: &str) -> bool {
    let mut found = false;
    visit_texts(settings, &mut |text| found |= text == what);
    found
}

fn visit_texts(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(elements) => elements.iter().for_each(|element| visit_texts(element, visit)),
        Value::Object(members) => members.values().for_each(|member| visit_texts(member, visit)),
        _ => {}
    }
}

/// A value inside of settings.
pub(super) fn at<'a>(settings: Option<&'a Settings>, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(&**settings?, |value, name| value.get(name))
}

/// The settings that count for an owner's apps, strongest first: those of the space, of the owning
/// user profile (private spaces only, aws.md 1.3), of the domain.
pub(super) fn chain<'a>(region: &'a Region, domain: &Name, owner: &Owner) -> Vec<&'a Settings> {
    use crate::sim::world::Profile;
    let mut chain = Vec::new();
    let profile = |name: &Name| {
        let id = region.profiles.find(&Profile::key_of(domain, name))?;
        region.profiles.get(id)?.settings.as_ref()
    };
    let domain_row = region.domains.get(domain);
    match owner {
        Owner::User(name) => {
            chain.extend(profile(name));
            chain.extend(domain_row.map(|domain| &domain.user_settings));
        }
        Owner::Space(name) => {
            let space =
                region.spaces.find(&(domain.clone(), name.clone())).and_then(|id| region.spaces.get(id));
            chain.extend(space.and_then(|space| space.settings.as_ref()));
            let private = space.filter(|space| space.shared == Some(false));
            if let Some(private) = private {
                chain.extend(private.owner.as_ref().and_then(profile));
                chain.extend(domain_row.map(|domain| &domain.user_settings));
            } else {
                chain.extend(domain_row.and_then(|domain| domain.space_settings.as_ref()));
            }
        }
    }
    chain
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_update_replaces_given_members_and_keeps_the_others() {
        let old = Settings::new(json!({"ExecutionRole": "a", "SecurityGroups": ["x"]}));
        let new = merged(Some(&old), &json!({"ExecutionRole": "b", "StudioWebPortal": null}));
        assert_eq!(*new, json!({"ExecutionRole": "b", "SecurityGroups": ["x"]}));
        assert_eq!(*merged(None, &json!({})), json!({}));
    }

    #[test]
    fn nobody_lands_in_a_portal_that_is_closed_to_them() {
        let settings = |portal: &str| json!({"DefaultLandingUri": "studio::", "StudioWebPortal": portal});
        assert!(refuse_closed_landing(&settings("DISABLED")).is_err());
        assert!(refuse_closed_landing(&settings("ENABLED")).is_ok());
        assert!(refuse_closed_landing(&json!({"StudioWebPortal": "DISABLED"})).is_ok());
    }

    #[test]
    fn a_config_that_is_not_here_is_found_wherever_it_is_mentioned() {
        let scope = Scope::new("123456789012", "eu-west-1");
        let settings = json!({"JupyterLabAppSettings": {"LifecycleConfigArns":
            [scope.sagemaker_arn("studio-lifecycle-config/missing")]}});
        let refusal = refuse_unknown_configs(&Region::default(), &scope, &settings).unwrap_err();
        assert!(refusal.message.contains("missing"));
        assert!(mention(&settings, &scope.sagemaker_arn("studio-lifecycle-config/missing")));
    }
}
