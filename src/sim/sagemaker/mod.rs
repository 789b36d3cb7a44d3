//! `SageMaker` Studio's operations on the simulated world, one file per noun.
//! Requests come validated against the model; these files know the rules between entities (aws.md 1-3).

mod app;
mod app_image_config;
mod domain;
mod image;
mod lifecycle_config;
mod limits;
mod mlflow;
mod settings;
mod sign_in;
mod space;
mod tag;
mod user_profile;

use serde_json::Value;

use super::context::Context;
use super::validate;
use super::wire::{Call, JsonReply, Refusal};
use super::world::World;

/// Answers a `SageMaker` operation.
pub(super) fn answer(world: &mut World, call: &Call<'_>, request: &Value) -> JsonReply {
    if !validate::is_known(call.operation) {
        return Err(Refusal::unknown_operation(call));
    }
    validate::check(call.operation, request)?;
    let mut context = Context { world, call, request };
    let context = &mut context;
    match call.operation {
        "ListDomains" => domain::list(context),
        "DescribeDomain" => domain::describe(context),
        "CreateDomain" => domain::create(context),
        "UpdateDomain" => domain::update(context),
        "DeleteDomain" => domain::delete(context),
        "ListUserProfiles" => user_profile::list(context),
        "DescribeUserProfile" => user_profile::describe(context),
        "CreateUserProfile" => user_profile::create(context),
        "UpdateUserProfile" => user_profile::update(context),
        "DeleteUserProfile" => user_profile::delete(context),
        "ListSpaces" => space::list(context),
        "DescribeSpace" => space::describe(context),
        "CreateSpace" => space::create(context),
        "UpdateSpace" => space::update(context),
        "DeleteSpace" => space::delete(context),
        "ListApps" => app::list(context),
        "DescribeApp" => app::describe(context),
        "CreateApp" => app::create(context),
        "DeleteApp" => app::delete(context),
        "CreatePresignedDomainUrl" => sign_in::create_url(context),
        "ListTags" => tag::list(context),
        "AddTags" => tag::add(context),
        "DeleteTags" => tag::delete(context),
        "ListStudioLifecycleConfigs" => lifecycle_config::list(context),
        "DescribeStudioLifecycleConfig" => lifecycle_config::describe(context),
        "CreateStudioLifecycleConfig" => lifecycle_config::create(context),
        "DeleteStudioLifecycleConfig" => lifecycle_config::delete(context),
        "ListImages" => image::list(context),
        "DescribeImage" => image::describe(context),
        "CreateImage" => image::create(context),
        "UpdateImage" => image::update(context),
        "DeleteImage" => image::delete(context),
        "ListImageVersions" => image::list_versions(context),
        "DescribeImageVersion" => image::describe_version(context),
        "CreateImageVersion" => image::create_version(context),
        "DeleteImageVersion" => image::delete_version(context),
        "ListMlflowTrackingServers" => mlflow::list(context),
        "DescribeMlflowTrackingServer" => mlflow::describe(context),
        "ListAppImageConfigs" => app_image_config::list(context),
        "DescribeAppImageConfig" => app_image_config::describe(context),
        "CreateAppImageConfig" => app_image_config::create(context),
        "UpdateAppImageConfig" => app_image_config::update(context),
        "DeleteAppImageConfig" => app_image_config::delete(context),
        _ => Err(Refusal::unknown_operation(call)),
    }
}
