//! Apps: the compute that costs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::limits::refuse_beyond;
use super::settings::{at, chain, refuse_unknown_configs};
use super::space;
use crate::sim::clock::Millis;
use crate::sim::context::{Context, Object, TAG_LIMIT};
use crate::sim::paging::{Order, Pager};
use crate::sim::wire::{Fate, JsonReply, Refusal};
use crate::sim::world::{
    Activity, App, AppKey, AppType, Id, Next, Owner, Profile, Region, Row, Scope, Settings, Status, Subject,
    Tags, quota_of, quotas,
};

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let user = context.text("UserProfileNameEquals");
    let space = context.text("SpaceNameEquals");
    if user.is_some() && space.is_some() {
        return Err(Refusal::validation(
            "UserProfileNameEquals and SpaceNameEquals cannot both be specified.",
        ));
    }
    let pager = Pager::of(context)?;
    let order = Order {
        domain: context.text("DomainIdEquals"),
        by: None,
        descending: context.text("SortOrder") == Some("Descending"),
    };
    let owned = |app: &App| match &app.identity().owner {
        Owner::User(name) => space.is_none() && user.is_none_or(|user| user.eq_ignore_ascii_case(name)),
        Owner::Space(name) => user.is_none() && space.is_none_or(|space| space == &**name),
    };
    let region = context.region();
    Ok(match (order.domain, user, space) {
        (Some(domain), user, space) if user.is_some() || space.is_some() => {
            let owner = match (user, space) {
                (Some(user), _) => profile_owner(region, domain, user),
                (None, space) => Owner::Space(space.unwrap_or_default().into()),
            };
            let rows = region
                .apps_of(&domain.into(), &owner)
                .map(|(id, app)| ((app.created(), format!("{id:010}")), row(app)))
                .collect();
            pager.sorted("Apps", rows, order.descending)
        }
        _ => pager.table("Apps", &region.apps, &order, owned, row),
    })
}

fn row(app: &App) -> Value {
    let key = app.identity();
    identity(key)
        .text("Status", app.status.as_str())
        .time("CreationTime", app.created())
        .maybe("ResourceSpec", app.spec.is_object().then(|| Value::clone(&app.spec)))
        .build()
}

fn identity(key: &AppKey) -> Object {
    let (user, space) = match &key.owner {
        Owner::User(name) => (Some(name), None),
        Owner::Space(name) => (None, Some(name)),
    };
    Object::new()
        .text("DomainId", &key.domain)
        .maybe_text("UserProfileName", user)
        .maybe_text("SpaceName", space)
        .text("AppType", key.app_type.as_str())
        .text("AppName", &key.name)
}

pub(super) fn describe(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let key = key(context)?;
    let (id, app) = find(context, &key)?;
    Ok(identity(app.identity())
        .text("AppArn", &arn(scope, &key))
        .text("Status", app.status.as_str())
        .with("RecoveryMode", app.recovery_mode)
        .maybe_time("LastHealthCheckTimestamp", app.last_health_check(id, now))
        .maybe_time("LastUserActivityTimestamp", app.last_user_activity(id, now))
        .time("CreationTime", app.created())
        .maybe_text("FailureReason", app.failure.as_ref())
        .maybe("ResourceSpec", app.spec.is_object().then(|| Value::clone(&app.spec)))
        .build())
}

pub(super) fn create(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let key = key(context)?;
    let own_tags = context.tags()?;
    if key.app_type.is_deprecated() {
        return Err(Refusal::validation(format!(
            "Invalid AppType [{}]. This AppType has been deprecated.",
            key.app_type.as_str()
        )));
    }
    context.domain_in_service(&key.domain)?;
    check_owner(context, &key)?;
    let spec = effective_spec(context, &key)?;
    let instance_type = spec.get("InstanceType").and_then(Value::as_str).unwrap_or_default().to_owned();
    let arn = arn(scope, &key);
    let region = context.region();
    refuse_unknown_configs(region, scope, &spec)?;
    let present = region.apps.find(&key).and_then(|id| region.apps.get(id));
    if present.is_some_and(App::is_live) {
        return Err(Refusal::in_use(format!("App [{arn}] already exists.")));
    }
    check_quota(context, key.app_type, &instance_type)?;
    let tags = inherited_tags(context.region(), &key, &own_tags)?;
    let app = App {
        activity: Activity::HealthCheckOnly,
        recovery_mode: context.request.get("RecoveryMode").and_then(Value::as_bool).unwrap_or_default(),
        tags,
        ..App::new(key, spec, now)
    };
    let Some(id) = context.world.start_app(scope, app) else {
        return Err(Refusal::in_use(format!("App [{arn}] already exists.")));
    };
    thwart(context, id, Status::Pending, context.world.delays.app_start);
    Ok(json!({ "AppArn": arn }))
}

/// Voids what is planned for an app, if a fault has decided on another end, and plans that.
fn thwart(context: &mut Context<'_>, id: Id, status: Status, delay: Millis) {
    let now = context.now();
    if let Fate::Fails(reason) = context.call.fate.clone() {
        let Some(app) = context.region().apps.get_mut(id) else { return };
        app.set_status(status, now);
        let generation = app.generation;
        context.world.plan(
            now + delay,
            context.call.scope,
            Subject::App(id),
            generation,
            Next::Fail(Status::Failed, reason),
        );
    } else if context.call.fate == Fate::Hangs
        && let Some(app) = context.region().apps.get_mut(id)
    {
        app.set_status(status, now);
    }
}

/// Whether the owner exists, is ready, and may have an app of this kind.
fn check_owner(context: &mut Context<'_>, key: &AppKey) -> Result<(), Refusal> {
    let kind = key.app_type.as_str();
    let in_spaces = matches!(key.app_type, AppType::JupyterLab | AppType::CodeEditor);
    match &key.owner {
        Owner::Space(name) => {
            if !in_spaces {
                return Err(Refusal::validation(format!("AppType [{kind}] is not supported for a Space.")));
            }
            let arn = space::arn(context.call.scope, &key.domain, name);
            let (_, space) = space::lookup(context, &key.domain, name)?;
            if !matches!(space.status, Status::InService | Status::UpdateFailed | Status::Unheard(_)) {
                return Err(Refusal::in_use(format!(
                    "Space [{arn}] is in {} status.",
                    space.status.as_str()
                )));
            }
            if let Some(other) = space.app_type().filter(|other| *other != kind) {
                return Err(Refusal::validation(format!(
                    "AppType [{kind}] does not match AppType [{other}] of Space [{arn}]."
                )));
            }
        }
        Owner::User(name) => {
            if in_spaces {
                return Err(Refusal::validation(format!("SpaceName is required for AppType [{kind}].")));
            }
            if key.app_type == AppType::RStudioServerPro && &**name == "domain-shared" {
                return Ok(());
            }
            let arn = super::user_profile::arn(context.call.scope, &key.domain, name);
            let (_, profile) = context.profile(&key.domain, name)?;
            if !matches!(profile.status, Status::InService | Status::UpdateFailed | Status::Unheard(_)) {
                return Err(Refusal::in_use(format!(
                    "UserProfile [{arn}] is in {} status.",
                    profile.status.as_str()
                )));
            }
        }
    }
    Ok(())
}

/// The `ResourceSpec` of the request, completed by the defaults of space, profile and domain.
fn effective_spec(context: &mut Context<'_>, key: &AppKey) -> Result<Settings, Refusal> {
    let mut spec =
        context.request.get("ResourceSpec").and_then(Value::as_object).cloned().unwrap_or_default();
    spec.retain(|_, value| !value.is_null());
    let trainable = matches!(key.app_type, AppType::JupyterLab | AppType::CodeEditor);
    if spec.contains_key("TrainingPlanArn") && !trainable {
        return Err(Refusal::validation(
            "TrainingPlanArn is supported only for JupyterLab and CodeEditor apps.",
        ));
    }
    let member = match key.app_type {
        AppType::JupyterLab => "JupyterLabAppSettings",
        AppType::CodeEditor => "CodeEditorAppSettings",
        AppType::TensorBoard => "TensorBoardAppSettings",
        AppType::RSessionGateway => "RSessionAppSettings",
        AppType::RStudioServerPro => "RStudioServerProDomainSettings",
        _ => "CanvasAppSettings",
    };
    for settings in chain(context.region(), &key.domain, &key.owner) {
        let defaults = at(Some(settings), &[member, "DefaultResourceSpec"]).and_then(Value::as_object);
        for (name, value) in defaults.into_iter().flatten() {
            spec.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    let fallback =
        if trainable || key.app_type == AppType::RSessionGateway { "ml.t3.medium" } else { "system" };
    spec.entry("InstanceType").or_insert_with(|| Value::from(fallback));
    let system = spec.get("InstanceType").and_then(Value::as_str) == Some("system");
    if system && trainable {
        return Err(Refusal::validation(format!(
            "InstanceType [system] is not supported for AppType [{}].",
            key.app_type.as_str()
        )));
    }
    Ok(Settings::new(Value::Object(spec)))
}

fn check_quota(context: &Context<'_>, app_type: AppType, instance_type: &str) -> Result<(), Refusal> {
    refuse_beyond(context, &quota_of(app_type, instance_type), "Apps", |region| {
        region.live_apps_on(app_type, instance_type)
    })?;
    refuse_beyond(context, quotas::APPS, "Apps", |region| {
        region.apps.iter().filter(|(_, app)| app.is_live()).count()
    })
}

/// An app has the tags of its domain and its owner when it is launched, and its own (aws.md 6).
fn inherited_tags(region: &Region, key: &AppKey, own: &Tags) -> Result<Tags, Refusal> {
    let mut tags = BTreeMap::new();
    let of_owner = match &key.owner {
        Owner::User(name) => {
            let id = region.profiles.find(&Profile::key_of(&key.domain, name));
            id.and_then(|id| region.profiles.get(id)).map(|profile| &profile.tags)
        }
        Owner::Space(name) => {
            let id = region.spaces.find(&(key.domain.clone(), name.clone()));
            id.and_then(|id| region.spaces.get(id)).map(|space| &space.tags)
        }
    };
    let of_domain = region.domains.get(&key.domain).map(|domain| &domain.tags);
    for source in [of_domain, of_owner, Some(own)].into_iter().flatten() {
        tags.extend(source.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    if tags.len() > TAG_LIMIT {
        return Err(Refusal::validation(format!(
            "An App can have at most {TAG_LIMIT} tags, not {}.",
            tags.len()
        )));
    }
    Ok(Tags::new(tags))
}

pub(super) fn delete(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let key = key(context)?;
    let arn = arn(scope, &key);
    let (id, app) = find(context, &key)?;
    match app.status {
        Status::Failed => {
            return Err(Refusal::validation(format!(
                "Unable to delete App [{arn}] because it is in Failed status."
            )));
        }
        Status::Deleted => return Err(missing(&arn)),
        Status::Pending | Status::Deleting => {
            return Err(Refusal::in_use(format!("App [{arn}] is in {} status.", app.status.as_str())));
        }
        _ => {}
    }
    if !context.world.stop_app(scope, id) {
        return Err(missing(&arn));
    }
    thwart(context, id, Status::Deleting, context.world.delays.app_stop);
    Ok(Value::Null)
}

/// The key that a request names: exactly one owner.
fn key(context: &mut Context<'_>) -> Result<AppKey, Refusal> {
    let domain = context.required("DomainId");
    let owner = match (context.text("UserProfileName"), context.text("SpaceName")) {
        (Some(user), None) => profile_owner(context.region(), &domain, user),
        (None, Some(space)) => Owner::Space(space.into()),
        (Some(_), Some(_)) => {
            return Err(Refusal::validation("UserProfileName and SpaceName cannot both be specified."));
        }
        (None, None) => {
            return Err(Refusal::validation("Either UserProfileName or SpaceName must be specified."));
        }
    };
    let app_type = context.text("AppType").and_then(AppType::parse).unwrap_or(AppType::JupyterLab);
    Ok(AppKey { domain, owner, app_type, name: context.required("AppName") })
}

/// A user profile as owner, in the spelling of the profile: names differ in more than case.
fn profile_owner(region: &Region, domain: &str, user: &str) -> Owner {
    let key = Profile::key_of(&domain.into(), &user.into());
    let profile = region.profiles.find(&key).and_then(|id| region.profiles.get(id));
    Owner::User(profile.map_or_else(|| user.into(), |profile| profile.name().clone()))
}

fn find<'c>(context: &'c mut Context<'_>, key: &AppKey) -> Result<(Id, &'c App), Refusal> {
    context.domain(&key.domain)?;
    let arn = arn(context.call.scope, key);
    let region = context.region();
    let id = region.apps.find(key).ok_or_else(|| missing(&arn))?;
    region.apps.get(id).map(|app| (id, app)).ok_or_else(|| missing(&arn))
}

fn missing(arn: &str) -> Refusal {
    Refusal::not_found(format!("App [{arn}] does not exist."))
}

/// The ARN of an app.
fn arn(scope: &Scope, key: &AppKey) -> String {
    let AppKey { domain, owner, app_type, name } = key;
    scope.sagemaker_arn(&format!("app/{domain}/{}/{}/{name}", owner.name(), app_type.as_str()))
}
