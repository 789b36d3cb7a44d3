//! Spaces.

use serde_json::{Value, json};

use super::limits::refuse_beyond;
use super::settings::{at, chain, merged, refuse_unknown_configs};
use super::user_profile::next_uid;
use crate::sim::context::{Context, Object, refuse_passing};
use crate::sim::paging::{Order, Pager};
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::{Id, Name, Next, Owner, Row, Scope, Settings, Space, Status, Subject, quotas};

/// The volume a space gets when neither the request nor any default says more, in GB.
const DEFAULT_VOLUME_GB: u64 = 5;
const VOLUME: [&str; 3] = ["SpaceStorageSettings", "EbsStorageSettings", "EbsVolumeSizeInGb"];

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?;
    let contained = context.text("SpaceNameContains").map(str::to_lowercase);
    let order = Order {
        domain: context.text("DomainIdEquals"),
        by: (context.text("SortBy") == Some("LastModifiedTime")).then_some(|space: &Space| space.modified),
        descending: context.text("SortOrder") == Some("Descending"),
    };
    Ok(pager.table(
        "Spaces",
        &context.region().spaces,
        &order,
        |space| contained.as_deref().is_none_or(|part| space.name().to_lowercase().contains(part)),
        row,
    ))
}

fn row(space: &Space) -> Value {
    let member = |name| space.settings.as_ref().and_then(|settings| settings.get(name)).cloned();
    let summary = Object::new()
        .maybe("AppType", member("AppType"))
        .maybe("RemoteAccess", member("RemoteAccess"))
        .maybe("SpaceStorageSettings", member("SpaceStorageSettings"));
    Object::new()
        .text("DomainId", space.domain())
        .text("SpaceName", space.name())
        .text("Status", space.status.as_str())
        .time("CreationTime", space.created())
        .time("LastModifiedTime", space.modified)
        .with("SpaceSettingsSummary", summary.build())
        .maybe("SpaceSharingSettingsSummary", sharing(space))
        .maybe("OwnershipSettingsSummary", ownership(space))
        .maybe_text("SpaceDisplayName", space.display_name.as_ref())
        .build()
}

fn sharing(space: &Space) -> Option<Value> {
    space.shared.map(|shared| json!({ "SharingType": if shared { "Shared" } else { "Private" } }))
}

fn ownership(space: &Space) -> Option<Value> {
    space.owner.as_ref().map(|owner| json!({ "OwnerUserProfileName": &**owner }))
}

pub(super) fn describe(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let (_, space) = find(context)?;
    Ok(Object::new()
        .text("DomainId", space.domain())
        .text("SpaceArn", &arn(scope, space.domain(), space.name()))
        .text("SpaceName", space.name())
        .text("HomeEfsFileSystemUid", &space.uid.to_string())
        .text("Status", space.status.as_str())
        .time("LastModifiedTime", space.modified)
        .time("CreationTime", space.created())
        .maybe_text("FailureReason", space.failure.as_ref())
        .maybe_settings("SpaceSettings", space.settings.as_ref())
        .maybe("OwnershipSettings", ownership(space))
        .maybe("SpaceSharingSettings", sharing(space))
        .maybe_text("SpaceDisplayName", space.display_name.as_ref())
        .text("Url", &url(scope, space))
        .build())
}

pub(super) fn create(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let domain = context.required("DomainId");
    let name = context.required("SpaceName");
    let tags = context.tags()?;
    context.domain_in_service(&domain)?;
    let owner = context.request.pointer("/OwnershipSettings/OwnerUserProfileName").and_then(Value::as_str);
    let sharing = context.request.pointer("/SpaceSharingSettings/SharingType").and_then(Value::as_str);
    if owner.is_some() != sharing.is_some() {
        return Err(Refusal::validation(
            "OwnershipSettings and SpaceSharingSettings must be specified together.",
        ));
    }
    let owner = match owner {
        Some(owner) => Some(owner_in_service(context, &domain, owner)?),
        None => None,
    };
    refuse_beyond(context, quotas::SPACES, "Spaces", |region| region.spaces.len())?;
    let mut settings = context.settings("SpaceSettings");
    if let Some(given) = &settings {
        refuse_unknown_configs(context.region(), scope, given)?;
        let app_type = given.get("AppType").and_then(Value::as_str);
        let for_spaces = ["JupyterLab", "CodeEditor", "JupyterServer", "KernelGateway"];
        if let Some(app_type) = app_type.filter(|app_type| !for_spaces.contains(app_type)) {
            return Err(Refusal::validation(format!("Invalid AppType [{app_type}] for a Space.")));
        }
    }
    let arn = arn(scope, &domain, &name);
    let uid = next_uid(context);
    let mut space = Space {
        status: Status::Pending,
        display_name: context.name("SpaceDisplayName"),
        owner,
        shared: sharing.map(|sharing| sharing == "Shared"),
        uid,
        tags,
        ..Space::new(domain, name, now)
    };
    settings = with_volume(context, &space, settings)?;
    space.settings = settings;
    let Some(id) = context.region().spaces.insert(space) else {
        return Err(Refusal::in_use(format!("Space [{arn}] already exists.")));
    };
    let delay = context.world.delays.small;
    context.plan(delay, Subject::Space(id), 0, Next::Become(Status::InService));
    Ok(json!({ "SpaceArn": arn }))
}

fn owner_in_service(context: &mut Context<'_>, domain: &Name, owner: &str) -> Result<Name, Refusal> {
    let arn = context.arn(&format!("user-profile/{domain}/{owner}"));
    let (_, profile) = context.profile(domain, &owner.into())?;
    match profile.status {
        Status::Pending | Status::Failed | Status::Deleting | Status::DeleteFailed => {
            Err(Refusal::in_use(format!("UserProfile [{arn}] is in {} status.", profile.status.as_str())))
        }
        _ => Ok(profile.name().clone()),
    }
}

/// Gives a space for `JupyterLab` or Code Editor its volume, and refuses one above the limit that
/// the owner or the domain sets.
fn with_volume(
    context: &mut Context<'_>,
    space: &Space,
    settings: Option<Settings>,
) -> Result<Option<Settings>, Refusal> {
    let app_type = settings.as_ref().and_then(|settings| settings.get("AppType")).and_then(Value::as_str);
    if !matches!(app_type, Some("JupyterLab" | "CodeEditor")) {
        return Ok(settings);
    }
    let owner = match (&space.owner, space.shared) {
        (Some(owner), Some(false)) => Owner::User(owner.clone()),
        _ => Owner::Space(space.name().clone()),
    };
    let limits = chain(context.region(), space.domain(), &owner);
    let limit = |member| {
        limits.iter().find_map(|settings| {
            at(Some(settings), &["SpaceStorageSettings", "DefaultEbsStorageSettings", member])?.as_u64()
        })
    };
    let wanted = at(settings.as_ref(), &VOLUME).and_then(Value::as_u64);
    if let (Some(wanted), Some(most)) = (wanted, limit("MaximumEbsVolumeSizeInGb"))
        && wanted > most
    {
        return Err(Refusal::validation(format!(
            "EbsVolumeSizeInGb [{wanted}] must be less than or equal to MaximumEbsVolumeSizeInGb [{most}]."
        )));
    }
    if wanted.is_some() {
        return Ok(settings);
    }
    let size = limit("DefaultEbsVolumeSizeInGb").unwrap_or(DEFAULT_VOLUME_GB);
    let volume = json!({ "SpaceStorageSettings": { "EbsStorageSettings": { "EbsVolumeSizeInGb": size } } });
    Ok(Some(merged(settings.as_ref(), &volume)))
}

pub(super) fn update(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let (id, space) = find(context)?;
    let before = space.clone();
    let arn = arn(scope, before.domain(), before.name());
    refuse_passing("Space", &arn, before.status)?;
    let mut settings = before.settings.clone();
    if let Some(new) = context.settings("SpaceSettings") {
        refuse_unknown_configs(context.region(), scope, &new)?;
        if new.get("AppType").is_some_and(|new| new.as_str() != before.app_type()) {
            return Err(Refusal::validation("AppType of a Space cannot be updated."));
        }
        let volume = |settings: &Settings| at(Some(settings), &VOLUME).and_then(Value::as_u64);
        let (old_volume, new_volume) = (before.settings.as_ref().and_then(volume), volume(&new));
        if let (Some(old), Some(new)) = (old_volume, new_volume) {
            if new < old {
                return Err(Refusal::validation(format!(
                    "EbsVolumeSizeInGb cannot be decreased from [{old}] to [{new}]."
                )));
            }
            let owner = Owner::Space(before.name().clone());
            if new > old && context.region().live_apps_of(before.domain(), &owner).next().is_some() {
                return Err(Refusal::in_use(format!(
                    "Unable to update SpaceStorageSettings of Space [{arn}] because App(s) are associated with it."
                )));
            }
        }
        settings = with_volume(context, &before, Some(merged(before.settings.as_ref(), &new)))?;
    }
    let display_name = context.name("SpaceDisplayName");
    let (_, space) = find(context)?;
    space.settings = settings;
    if space.gigabytes() != before.gigabytes() {
        space.sized = now;
        context.region().ended_volumes.extend(before.ended_volume(now));
    }
    let (_, space) = find(context)?;
    if display_name.is_some() {
        space.display_name = display_name;
    }
    space.set_status(Status::Updating, now);
    let generation = space.generation;
    let delay = context.world.delays.small;
    context.plan(delay, Subject::Space(id), generation, Next::Become(Status::InService));
    Ok(json!({ "SpaceArn": arn }))
}

pub(super) fn delete(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let (id, space) = find(context)?;
    let (domain, name, status) = (space.domain().clone(), space.name().clone(), space.status);
    let arn = arn(scope, &domain, &name);
    refuse_passing("Space", &arn, status)?;
    if context.region().live_apps_of(&domain, &Owner::Space(name)).next().is_some() {
        return Err(Refusal::in_use(format!(
            "Unable to delete Space [{arn}] because App(s) are associated with it."
        )));
    }
    let (_, space) = find(context)?;
    space.set_status(Status::Deleting, now);
    let generation = space.generation;
    let delay = context.world.delays.small;
    context.plan(delay, Subject::Space(id), generation, Next::Vanish);
    Ok(Value::Null)
}

/// The space that a request names.
fn find<'c>(context: &'c mut Context<'_>) -> Result<(Id, &'c mut Space), Refusal> {
    let (domain, name) = (context.required("DomainId"), context.required("SpaceName"));
    lookup(context, &domain, &name)
}

/// A space of an existing domain.
pub(super) fn lookup<'c>(
    context: &'c mut Context<'_>,
    domain: &Name,
    name: &Name,
) -> Result<(Id, &'c mut Space), Refusal> {
    context.domain(domain)?;
    let arn = arn(context.call.scope, domain, name);
    let missing = || Refusal::not_found(format!("Space [{arn}] does not exist."));
    let region = context.region();
    let id = region.spaces.find(&(domain.clone(), name.clone())).ok_or_else(missing)?;
    region.spaces.get_mut(id).map(|space| (id, space)).ok_or_else(missing)
}

/// The ARN of a space.
pub(super) fn arn(scope: &Scope, domain: &str, name: &str) -> String {
    scope.sagemaker_arn(&format!("space/{domain}/{name}"))
}

/// Where a space's app is, once it runs.
fn url(scope: &Scope, space: &Space) -> String {
    let kind = space.app_type().unwrap_or("JupyterServer").to_lowercase();
    format!("https://{}.studio.{}.sagemaker.aws/{kind}/default", space.domain(), scope.region)
}
