//! User profiles.

use serde_json::{Value, json};

use super::limits::{refuse_beyond, refuse_unusable_roles};
use super::settings::{merged, refuse_closed_landing, refuse_unknown_configs};
use crate::sim::context::{Context, Object, refuse_passing};
use crate::sim::paging::{Order, Pager};
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::{Name, Next, Owner, Profile, Row, Scope, Status, Subject, quotas};

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?;
    let contained = context.text("UserProfileNameContains").map(str::to_lowercase);
    let order = Order {
        domain: context.text("DomainIdEquals"),
        by: (context.text("SortBy") == Some("LastModifiedTime"))
            .then_some(|profile: &Profile| profile.modified),
        descending: context.text("SortOrder") == Some("Descending"),
    };
    Ok(pager.table(
        "UserProfiles",
        &context.region().profiles,
        &order,
        |profile| contained.as_deref().is_none_or(|part| profile.name().to_lowercase().contains(part)),
        |profile| {
            Object::new()
                .text("DomainId", profile.domain())
                .text("UserProfileName", profile.name())
                .text("Status", profile.status.as_str())
                .time("CreationTime", profile.created())
                .time("LastModifiedTime", profile.modified)
                .build()
        },
    ))
}

pub(super) fn describe(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let (_, profile) =
        context.profile(&context.required("DomainId"), &context.required("UserProfileName"))?;
    Ok(Object::new()
        .text("DomainId", profile.domain())
        .text("UserProfileArn", &arn(scope, profile.domain(), profile.name()))
        .text("UserProfileName", profile.name())
        .text("HomeEfsFileSystemUid", &profile.uid.to_string())
        .text("Status", profile.status.as_str())
        .time("LastModifiedTime", profile.modified)
        .time("CreationTime", profile.created())
        .maybe_text("FailureReason", profile.failure.as_ref())
        .maybe("SingleSignOnUserIdentifier", profile.sso_user.as_ref().map(|_| "UserName"))
        .maybe_text("SingleSignOnUserValue", profile.sso_user.as_ref())
        .maybe_settings("UserSettings", profile.settings.as_ref())
        .build())
}

pub(super) fn create(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let domain = context.required("DomainId");
    let name = context.required("UserProfileName");
    let tags = context.tags()?;
    let sso = context.domain_in_service(&domain)?.sso;
    let sso_user = context.name("SingleSignOnUserValue");
    let identifier = context.text("SingleSignOnUserIdentifier");
    if sso && (sso_user.is_none() || identifier.is_none()) {
        return Err(Refusal::validation(
            "SingleSignOnUserIdentifier and SingleSignOnUserValue are required when the AuthMode of the Domain is SSO.",
        ));
    }
    if !sso && (sso_user.is_some() || identifier.is_some()) {
        return Err(Refusal::validation(
            "SingleSignOnUserIdentifier and SingleSignOnUserValue cannot be specified when the AuthMode of the \
             Domain is IAM.",
        ));
    }
    if let Some(user) = &sso_user {
        refuse_stranger(context, user)?;
    }
    let settings = context.settings("UserSettings");
    if let Some(settings) = &settings {
        refuse_unknown_configs(context.region(), scope, settings)?;
        refuse_unusable_roles(context, settings)?;
        refuse_closed_landing(settings)?;
    }
    refuse_beyond(context, quotas::USER_PROFILES, "UserProfiles", |region| region.profiles.len())?;
    let arn = arn(scope, &domain, &name);
    let uid = next_uid(context);
    let profile =
        Profile { status: Status::Pending, sso_user, uid, settings, tags, ..Profile::new(domain, name, now) };
    let Some(id) = context.region().profiles.insert(profile) else {
        return Err(Refusal::in_use(format!("UserProfile [{arn}] already exists.")));
    };
    let delay = context.world.delays.small;
    context.plan(delay, Subject::Profile(id), 0, Next::Become(Status::InService));
    Ok(json!({ "UserProfileArn": arn }))
}

/// Nobody gets a profile who is not in the identity store, if there is one.
fn refuse_stranger(context: &mut Context<'_>, user: &str) -> Result<(), Refusal> {
    match &context.region().identity_center {
        Some(center) if center.user_named(user).is_none() => Err(Refusal::validation(format!(
            "SingleSignOnUserValue [{user}] does not exist in the identity store of IAM Identity Center."
        ))),
        _ => Ok(()),
    }
}

pub(super) fn update(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let domain = context.required("DomainId");
    context.domain_in_service(&domain)?;
    let (id, profile) = context.profile(&domain, &context.required("UserProfileName"))?;
    let name = profile.name().clone();
    let arn = arn(scope, &domain, &name);
    let old = profile.settings.clone();
    refuse_passing("UserProfile", &arn, profile.status)?;
    if let Some(new) = context.settings("UserSettings") {
        refuse_unknown_configs(context.region(), scope, &new)?;
        let role = |settings: &Value| settings.get("ExecutionRole").cloned();
        refuse_unusable_roles(context, &new)?;
        refuse_closed_landing(&new)?;
        let changes_role = role(&new).is_some() && role(&new) != old.as_deref().and_then(role);
        if changes_role && has_live_apps(context, &domain, &name) {
            return Err(Refusal::in_use(format!(
                "Unable to update ExecutionRole of UserProfile [{arn}] because App(s) are associated with it."
            )));
        }
        if let Some(profile) = context.region().profiles.get_mut(id) {
            profile.settings = Some(merged(old.as_ref(), &new));
        }
    }
    let Some(profile) = context.region().profiles.get_mut(id) else { return Ok(Value::Null) };
    profile.set_status(Status::Updating, now);
    let generation = profile.generation;
    let delay = context.world.delays.small;
    context.plan(delay, Subject::Profile(id), generation, Next::Become(Status::InService));
    Ok(json!({ "UserProfileArn": arn }))
}

pub(super) fn delete(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let domain = context.required("DomainId");
    let (id, profile) = context.profile(&domain, &context.required("UserProfileName"))?;
    let name = profile.name().clone();
    let arn = arn(scope, &domain, &name);
    refuse_passing("UserProfile", &arn, profile.status)?;
    let region = context.region();
    let blocker = if region.live_apps_of(&domain, &Owner::User(name.clone())).next().is_some() {
        Some("App(s)")
    } else if region.spaces_owned_by(&domain, &name).next().is_some() {
        Some("Space(s)")
    } else {
        None
    };
    if let Some(blocker) = blocker {
        return Err(Refusal::in_use(format!(
            "Unable to delete UserProfile [{arn}] because {blocker} are associated with it."
        )));
    }
    let (_, profile) = context.profile(&domain, &name)?;
    profile.set_status(Status::Deleting, now);
    let generation = profile.generation;
    let delay = context.world.delays.small;
    context.plan(delay, Subject::Profile(id), generation, Next::Vanish);
    Ok(Value::Null)
}

/// The ARN of a user profile.
pub(super) fn arn(scope: &Scope, domain: &str, name: &str) -> String {
    scope.sagemaker_arn(&format!("user-profile/{domain}/{name}"))
}

/// A home directory's owner that nobody had before, in the range that AWS uses.
pub(super) fn next_uid(context: &mut Context<'_>) -> u32 {
    200_000 + (context.world.next_serial() as u32 % 1_000_000) * 5
}

/// Whether apps of a profile, or of the private spaces that it owns, are live.
fn has_live_apps(context: &mut Context<'_>, domain: &Name, name: &Name) -> bool {
    let region = context.region();
    region.live_apps_of(domain, &Owner::User(name.clone())).next().is_some()
        || region.spaces_owned_by(domain, name).filter(|(_, space)| space.shared == Some(false)).any(
            |(_, space)| region.live_apps_of(domain, &Owner::Space(space.name().clone())).next().is_some(),
        )
}
