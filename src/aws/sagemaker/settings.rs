//! The settings of domains and user profiles, reduced to what the console shows and judges.

use std::sync::Arc;

use aws_sdk_sagemaker::types::{self, AppLifecycleManagement, CustomImage, ResourceSpec};

use super::{text, texts, whole};
use crate::fleet::{IdleSettings, SpaceDefaults, UserSettings, harmless};

/// `DefaultUserSettings` of a domain, or `UserSettings` of a profile.
pub(super) fn of_user(settings: &types::UserSettings) -> UserSettings {
    let lab = settings.jupyter_lab_app_settings();
    let editor = settings.code_editor_app_settings();
    let kernels = settings.kernel_gateway_app_settings();
    let server = settings.jupyter_server_app_settings();
    let session = settings.r_session_app_settings();
    let portal = settings.studio_web_portal_settings();
    let lifecycle_configs = [
        lab.map_or(&[][..], |lab| lab.lifecycle_config_arns()),
        editor.map_or(&[][..], |editor| editor.lifecycle_config_arns()),
        kernels.map_or(&[][..], |kernels| kernels.lifecycle_config_arns()),
        server.map_or(&[][..], |server| server.lifecycle_config_arns()),
    ];
    let custom_images = [
        lab.map_or(&[][..], |lab| lab.custom_images()),
        editor.map_or(&[][..], |editor| editor.custom_images()),
        kernels.map_or(&[][..], |kernels| kernels.custom_images()),
        session.map_or(&[][..], |session| session.custom_images()),
    ];
    UserSettings {
        execution_role: text(settings.execution_role()),
        security_groups: texts(settings.security_groups()),
        jupyter_lab_instance: instance(lab.and_then(|lab| lab.default_resource_spec())),
        code_editor_instance: instance(editor.and_then(|editor| editor.default_resource_spec())),
        kernel_gateway_instance: instance(kernels.and_then(|kernels| kernels.default_resource_spec())),
        jupyter_lab_idle: idle(lab.and_then(|lab| lab.app_lifecycle_management())),
        code_editor_idle: idle(editor.and_then(|editor| editor.app_lifecycle_management())),
        lifecycle_configs: distinct(lifecycle_configs.into_iter().flatten().map(|arn| harmless(arn))),
        custom_images: distinct(custom_images.into_iter().flatten().filter_map(image_name)),
        space_ebs_gb: ebs_bounds(settings),
        notebook_output: settings
            .sharing_settings()
            .and_then(|sharing| sharing.notebook_output_option())
            .and_then(|value| text(Some(value.as_str()))),
        landing: text(settings.default_landing_uri()),
        web_portal: settings.studio_web_portal().and_then(|value| text(Some(value.as_str()))),
        auto_mount_home: settings.auto_mount_home_efs().and_then(|value| text(Some(value.as_str()))),
        hidden_instances: portal
            .map_or(&[][..], |portal| portal.hidden_instance_types())
            .iter()
            .map(|instance| harmless(instance.as_str()))
            .collect(),
    }
}

/// `DefaultSpaceSettings` of a domain.
pub(super) fn of_spaces(settings: &types::DefaultSpaceSettings) -> SpaceDefaults {
    SpaceDefaults {
        execution_role: text(settings.execution_role()),
        security_groups: texts(settings.security_groups()),
        jupyter_lab_idle: idle(
            settings.jupyter_lab_app_settings().and_then(|lab| lab.app_lifecycle_management()),
        ),
    }
}

fn instance(resource: Option<&ResourceSpec>) -> Option<Arc<str>> {
    text(Some(resource?.instance_type()?.as_str()))
}

fn image_name(image: &CustomImage) -> Option<Arc<str>> {
    text(image.image_name())
}

/// The settings name both or neither in practice; one alone says nothing that could be shown as a pair.
fn ebs_bounds(settings: &types::UserSettings) -> Option<(u32, u32)> {
    let bounds = settings.space_storage_settings()?.default_ebs_storage_settings()?;
    Some((whole(bounds.default_ebs_volume_size_in_gb())?, whole(bounds.maximum_ebs_volume_size_in_gb())?))
}

fn idle(lifecycle: Option<&AppLifecycleManagement>) -> Option<IdleSettings> {
    let idle = lifecycle?.idle_settings()?;
    Some(IdleSettings {
        enabled: idle.lifecycle_management().and_then(|value| match value.as_str() {
            "ENABLED" => Some(true),
            "DISABLED" => Some(false),
            _ => None,
        }),
        timeout_minutes: whole(idle.idle_timeout_in_minutes()),
        min_minutes: whole(idle.min_idle_timeout_in_minutes()),
        max_minutes: whole(idle.max_idle_timeout_in_minutes()),
    })
}

fn distinct(texts: impl Iterator<Item = Arc<str>>) -> Vec<Arc<str>> {
    let mut seen = Vec::new();
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}
