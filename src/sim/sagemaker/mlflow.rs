//! `MLflow` tracking servers, which belong to a region and outlive every domain.

use serde_json::{Value, json};

use crate::sim::clock::Millis;
use crate::sim::context::{Context, Object};
use crate::sim::paging::Pager;
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::{Scope, TrackingServer};

pub(super) fn list(context: &mut Context<'_>) -> JsonReply {
    let pager = Pager::of(context)?;
    let scope = context.call.scope;
    let sort = context.text("SortBy").unwrap_or("CreationTime");
    let descending = context.text("SortOrder") != Some("Ascending");
    let status = context.text("TrackingServerStatus");
    let version = context.text("MlflowVersion");
    let (after, before) = (context.time("CreatedAfter"), context.time("CreatedBefore"));
    let within = |at: Millis| after.is_none_or(|after| at > after) && before.is_none_or(|before| at < before);
    let rows = context
        .region()
        .tracking_servers
        .values()
        .filter(|server| status.is_none_or(|status| status == &*server.status))
        .filter(|server| version.is_none_or(|version| version == &*server.version))
        .filter(|server| within(server.created))
        .map(|server| {
            let key = match sort {
                "Name" => (0, server.name.to_string()),
                "Status" => (0, format!("{}/{}", server.status, server.name)),
                _ => (server.created, server.name.to_string()),
            };
            (key, summary(scope, server).build())
        })
        .collect();
    Ok(pager.sorted("TrackingServerSummaries", rows, descending))
}

fn summary(scope: &Scope, server: &TrackingServer) -> Object {
    Object::new()
        .text("TrackingServerArn", &scope.sagemaker_arn(&format!("mlflow-tracking-server/{}", server.name)))
        .text("TrackingServerName", &server.name)
        .time("CreationTime", server.created)
        .time("LastModifiedTime", server.created)
        .text("TrackingServerStatus", &server.status)
        .text("IsActive", if server.is_active() { "Active" } else { "Inactive" })
        .text("MlflowVersion", &server.version)
}

pub(super) fn describe(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let name = context.required("TrackingServerName");
    let arn = scope.sagemaker_arn(&format!("mlflow-tracking-server/{name}"));
    let missing = Refusal::not_found(format!("MlflowTrackingServer [{arn}] does not exist."));
    let server = context.region().tracking_servers.get(&name).ok_or(missing)?;
    let made_by = server.created_by.as_ref().map(|(domain, user)| -> Value {
        json!({
            "DomainId": &**domain,
            "UserProfileName": &**user,
            "UserProfileArn": super::user_profile::arn(scope, domain, user),
        })
    });
    Ok(summary(scope, server)
        .text("ArtifactStoreUri", &server.artifacts)
        .text("TrackingServerSize", &server.size)
        .text("RoleArn", &server.role_arn)
        .text("TrackingServerUrl", &format!("https://t-{}.{}.experiments.sagemaker.aws", name, scope.region))
        .text("WeeklyMaintenanceWindowStart", "Sun:04:30")
        .with("AutomaticModelRegistration", false)
        .maybe("CreatedBy", made_by)
        .build())
}
