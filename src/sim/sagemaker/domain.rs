//! Domains.

use serde_json::{Value, json};

use super::limits::{refuse_beyond, refuse_unusable_roles};
use super::settings::{merged, refuse_unknown_configs};
use crate::sim::context::{Context, Object, refuse_passing};
use crate::sim::paging::Pager;
use crate::sim::rng::Rng;
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::{
    Domain, IdentityCenter, Name, Next, Region, Row, Scope, Settings, Status, Subject, quotas,
};

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?;
    let scope = context.call.scope;
    let rows = context
        .region()
        .domains
        .values()
        .map(|domain| {
            let row = Object::new()
                .text("DomainArn", &arn(scope, &domain.id))
                .text("DomainId", &domain.id)
                .text("DomainName", &domain.name)
                .text("Status", domain.status.as_str())
                .time("CreationTime", domain.created)
                .time("LastModifiedTime", domain.modified)
                .text("Url", &url(scope, &domain.id));
            ((domain.created, domain.id.to_string()), row.build())
        })
        .collect();
    Ok(pager.sorted("Domains", rows, false))
}

pub(super) fn describe(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let domain = context.domain(&context.required("DomainId"))?;
    let switch = |on| if on { "ENABLED" } else { "DISABLED" };
    Ok(Object::new()
        .text("DomainArn", &arn(scope, &domain.id))
        .text("DomainId", &domain.id)
        .text("DomainName", &domain.name)
        .maybe_text("HomeEfsFileSystemId", domain.efs_id.as_ref())
        .maybe_text("SingleSignOnApplicationArn", domain.sso_application_arn.as_ref())
        .text("Status", domain.status.as_str())
        .time("CreationTime", domain.created)
        .time("LastModifiedTime", domain.modified)
        .maybe_text("FailureReason", domain.failure.as_ref())
        .maybe_text("SecurityGroupIdForDomainBoundary", domain.boundary_group.as_ref())
        .text("AuthMode", if domain.sso { "SSO" } else { "IAM" })
        .maybe(
            "DefaultUserSettings",
            domain.user_settings.is_object().then(|| Value::clone(&domain.user_settings)),
        )
        .maybe_settings("DomainSettings", domain.domain_settings.as_ref())
        .text("AppNetworkAccessType", if domain.vpc_only { "VpcOnly" } else { "PublicInternetOnly" })
        .maybe_text("HomeEfsFileSystemKmsKeyId", domain.kms_key_id.as_ref())
        .with("SubnetIds", domain.subnet_ids.iter().map(|id| Value::from(&**id)).collect::<Vec<_>>())
        .text("Url", &url(scope, &domain.id))
        .maybe_text("VpcId", domain.vpc_id.as_ref())
        .maybe_text("KmsKeyId", domain.kms_key_id.as_ref())
        .maybe_text("AppSecurityGroupManagement", domain.group_management.as_ref())
        .text("HomeEfsFileSystemCreation", if domain.efs_id.is_some() { "Enabled" } else { "Disabled" })
        .text("TagPropagation", switch(domain.tag_propagation))
        .maybe_settings("DefaultSpaceSettings", domain.space_settings.as_ref())
        .build())
}

pub(super) fn create(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let name = context.required("DomainName");
    let tags = context.tags()?;
    let vpc_only = context.text("AppNetworkAccessType") == Some("VpcOnly");
    let subnet_ids = texts(context.request.get("SubnetIds"));
    let vpc_id = context.name("VpcId");
    let unified = context.request.pointer("/DomainSettings/UnifiedStudioSettings").is_some();
    if (vpc_id.is_none() || subnet_ids.is_empty()) && (vpc_only || !unified) {
        return Err(Refusal::validation("VpcId and SubnetIds are required to create a Domain."));
    }
    let rstudio = context.request.pointer("/DomainSettings/RStudioServerProDomainSettings").is_some();
    let group_management = context.name("AppSecurityGroupManagement");
    if rstudio && vpc_only && group_management.as_deref() != Some("Service") {
        return Err(Refusal::validation(
            "AppSecurityGroupManagement must be Service when RStudioServerProDomainSettings are given.",
        ));
    }
    if context.region().domains.values().any(|domain| domain.name == name) {
        return Err(Refusal::in_use(format!("Domain with name [{name}] already exists.")));
    }
    for member in ["DefaultUserSettings", "DefaultSpaceSettings", "DomainSettings"] {
        let settings = context.settings(member).unwrap_or_default();
        refuse_unknown_configs(context.region(), scope, &settings)?;
        refuse_unusable_roles(context, &settings)?;
    }
    if let Some(vpc_id) = &vpc_id {
        refuse_foreign_subnets(context.region(), vpc_id, &subnet_ids)?;
    }
    let sso = context.text("AuthMode") == Some("SSO");
    if sso && context.region().identity_center.is_none() {
        return Err(Refusal::validation(
            "AuthMode SSO requires IAM Identity Center to be enabled in the same Region as the Domain.",
        ));
    }
    refuse_beyond(context, quotas::DOMAINS, "Domains", |region| region.domains.len())?;
    let mut rng = Rng::new(context.world.next_serial() ^ now as u64);
    let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let tail: String = (0..12).map(|_| char::from(letters[rng.below(36) as usize])).collect();
    let id = format!("d-{tail}");
    let hex = |rng: &mut Rng| format!("{:017x}", rng.next_u64() >> 4);
    let with_efs = context.text("HomeEfsFileSystemCreation") != Some("Disabled");
    let domain = Domain {
        status: Status::Pending,
        sso,
        vpc_only,
        vpc_id,
        subnet_ids,
        kms_key_id: context.name("KmsKeyId").or_else(|| context.name("HomeEfsFileSystemKmsKeyId")),
        efs_id: with_efs.then(|| format!("fs-{}", hex(&mut rng)).into()),
        boundary_group: rstudio.then(|| format!("sg-{}", hex(&mut rng)).into()),
        sso_application_arn: sso
            .then(|| IdentityCenter::application_arn(&scope.account, &hex(&mut rng)[1..])),
        user_settings: context.settings("DefaultUserSettings").unwrap_or_default(),
        space_settings: context.settings("DefaultSpaceSettings"),
        domain_settings: context.settings("DomainSettings"),
        tag_propagation: context.text("TagPropagation") == Some("ENABLED"),
        group_management: group_management.or_else(|| vpc_only.then(|| "Customer".into())),
        tags,
        ..Domain::new(&id, &name, now)
    };
    let delay = context.world.delays.domain;
    let region = context.region();
    region.network.furnish(scope, &domain, now + delay);
    if let (Some(center), Some(application)) = (&mut region.identity_center, &domain.sso_application_arn) {
        center.add_application(application, &id, now);
    }
    region.domains.insert(domain.id.clone(), domain);
    context.plan(delay, Subject::Domain(id.as_str().into()), 0, Next::Become(Status::InService));
    Ok(json!({ "DomainArn": arn(scope, &id), "DomainId": id, "Url": url(scope, &id) }))
}

pub(super) fn update(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let id = context.required("DomainId");
    let arn = arn(scope, &id);
    let domain = context.domain(&id)?.clone();
    refuse_passing("Domain", &arn, domain.status)?;
    let request = context.request;
    let live = live_apps(context.region(), &id);
    let in_service_or_pending = live.0;
    let any_live = live.1;
    let role = "/RStudioServerProDomainSettings/DomainExecutionRoleArn";
    let rstudio = domain.domain_settings.as_ref().is_some_and(|settings| settings.pointer(role).is_some())
        || request
            .pointer(
                "/DomainSettingsForUpdate/RStudioServerProDomainSettingsForUpdate/DomainExecutionRoleArn",
            )
            .is_some();
    let apps = |what: &str| {
        Refusal::in_use(format!(
            "Unable to update {what} of Domain [{arn}] because App(s) are associated with it."
        ))
    };
    let mut changed = domain;
    if let Some(access) = context.text("AppNetworkAccessType") {
        let vpc_only = access == "VpcOnly";
        if vpc_only != changed.vpc_only {
            if rstudio {
                return Err(Refusal::validation(
                    "AppNetworkAccessType cannot be updated when the DomainExecutionRoleArn of RStudio is set.",
                ));
            }
            if any_live {
                return Err(apps("AppNetworkAccessType"));
            }
        }
        changed.vpc_only = vpc_only;
    }
    if request.get("SubnetIds").is_some_and(|value| !value.is_null()) {
        let subnets = texts(request.get("SubnetIds"));
        if any_live && changed.subnet_ids.iter().any(|old| !subnets.contains(old)) {
            return Err(apps("SubnetIds"));
        }
        if let Some(vpc_id) = &changed.vpc_id {
            let new: Vec<Name> =
                subnets.iter().filter(|id| !changed.subnet_ids.contains(id)).cloned().collect();
            if !new.is_empty() {
                refuse_foreign_subnets(context.region(), vpc_id, &new)?;
            }
        }
        changed.subnet_ids = subnets;
    }
    if let Some(vpc_id) = context.name("VpcId") {
        let unified =
            changed.domain_settings.as_ref().is_some_and(|it| it.get("UnifiedStudioSettings").is_some());
        if !unified && changed.vpc_id.as_ref() != Some(&vpc_id) {
            return Err(Refusal::validation("VpcId can be updated only for a Domain of Unified Studio."));
        }
        changed.vpc_id = Some(vpc_id);
    }
    if let Some(new) = context.settings("DomainSettingsForUpdate") {
        let identity = |settings: Option<&Settings>| {
            settings.and_then(|it| it.get("ExecutionRoleIdentityConfig").cloned())
        };
        let wanted = identity(Some(&new));
        if wanted.is_some() && wanted != identity(changed.domain_settings.as_ref()) && in_service_or_pending {
            return Err(apps("ExecutionRoleIdentityConfig"));
        }
        let mut members = new.as_object().cloned().unwrap_or_default();
        // Only the request has the longer name.
        if let Some(rstudio) = members.remove("RStudioServerProDomainSettingsForUpdate") {
            members.insert("RStudioServerProDomainSettings".to_owned(), rstudio);
        }
        changed.domain_settings = Some(merged(changed.domain_settings.as_ref(), &Value::Object(members)));
    }
    for member in ["DefaultUserSettings", "DefaultSpaceSettings", "DomainSettingsForUpdate"] {
        let settings = context.settings(member).unwrap_or_default();
        refuse_unusable_roles(context, &settings)?;
    }
    if let Some(new) = context.settings("DefaultUserSettings") {
        refuse_unknown_configs(context.region(), scope, &new)?;
        let role = new.get("ExecutionRole");
        if any_live && role.is_some() && role != changed.user_settings.get("ExecutionRole") {
            return Err(apps("ExecutionRole"));
        }
        changed.user_settings = merged(Some(&changed.user_settings), &new);
    }
    if let Some(new) = context.settings("DefaultSpaceSettings") {
        refuse_unknown_configs(context.region(), scope, &new)?;
        changed.space_settings = Some(merged(changed.space_settings.as_ref(), &new));
    }
    if let Some(management) = context.name("AppSecurityGroupManagement") {
        changed.group_management = Some(management);
    }
    if let Some(propagation) = context.text("TagPropagation") {
        changed.tag_propagation = propagation == "ENABLED";
    }
    match context.text("HomeEfsFileSystemCreation") {
        Some("Disabled") if changed.efs_id.is_some() => {
            return Err(Refusal::validation(
                "HomeEfsFileSystemCreation cannot be updated from Enabled to Disabled.",
            ));
        }
        Some("Enabled") if changed.efs_id.is_none() => {
            let mut rng = Rng::new(context.world.next_serial() ^ now as u64);
            changed.efs_id = Some(format!("fs-{:017x}", rng.next_u64() >> 4).into());
            let available = now + context.world.delays.domain;
            let made_now = Domain { created: now, ..changed.clone() };
            context.region().network.furnish(scope, &made_now, available);
        }
        _ => {}
    }
    changed.set_status(Status::Updating, now);
    let generation = changed.generation;
    context.region().domains.insert(id.clone(), changed);
    let delay = context.world.delays.domain;
    context.plan(delay, Subject::Domain(id), generation, Next::Become(Status::InService));
    Ok(json!({ "DomainArn": arn }))
}

pub(super) fn delete(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let id = context.required("DomainId");
    let arn = arn(scope, &id);
    let status = context.domain(&id)?.status;
    refuse_passing("Domain", &arn, status)?;
    let region = context.region();
    let blocker = if region.profiles.listing(Some(&id), None, false).next().is_some() {
        Some("UserProfile(s)")
    } else if region.spaces.listing(Some(&id), None, false).next().is_some() {
        Some("Space(s)")
    } else if live_apps(region, &id).1 {
        Some("App(s)")
    } else {
        None
    };
    if let Some(blocker) = blocker {
        return Err(Refusal::in_use(format!(
            "Unable to delete Domain [{arn}] because {blocker} are associated with it."
        )));
    }
    let deletes_efs = context.request.pointer("/RetentionPolicy/HomeEfsFileSystem").and_then(Value::as_str)
        == Some("Delete");
    let domain = context.domain(&id)?;
    domain.deletes_efs = deletes_efs;
    domain.set_status(Status::Deleting, now);
    let generation = domain.generation;
    let delay = context.world.delays.domain;
    context.plan(delay, Subject::Domain(id), generation, Next::Vanish);
    Ok(Value::Null)
}

/// Refuses subnets that are not there or not in the VPC.
fn refuse_foreign_subnets(region: &Region, vpc_id: &Name, subnet_ids: &[Name]) -> Result<(), Refusal> {
    if !region.network.vpcs.contains_key(vpc_id) {
        return Err(Refusal::validation(format!("The vpc ID '{vpc_id}' does not exist")));
    }
    for id in subnet_ids {
        let Some(subnet) = region.network.subnets.get(id) else {
            return Err(Refusal::validation(format!("The subnet ID '{id}' does not exist")));
        };
        if subnet.vpc != *vpc_id {
            return Err(Refusal::validation(format!("Subnet {id} does not belong to VPC {vpc_id}.")));
        }
    }
    Ok(())
}

/// The ARN of a domain.
pub(super) fn arn(scope: &Scope, id: &str) -> String {
    scope.sagemaker_arn(&format!("domain/{id}"))
}

/// Where a domain's Studio is.
pub(super) fn url(scope: &Scope, id: &str) -> String {
    format!("https://{id}.studio.{}.sagemaker.aws", scope.region)
}

/// Whether a domain has apps that are `InService` or `Pending`, and whether it has any live ones.
fn live_apps(region: &Region, id: &str) -> (bool, bool) {
    let mut any = false;
    for (_, app) in region.apps.listing(Some(id), None, false) {
        debug_assert_eq!(&**app.domain(), id);
        if matches!(app.status, Status::InService | Status::Pending) {
            return (true, true);
        }
        any |= app.is_live();
    }
    (false, any)
}

fn texts(list: Option<&Value>) -> Vec<Name> {
    let elements = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    elements.iter().filter_map(Value::as_str).map(Name::from).collect()
}
