//! Spaces: `ListSpaces` and `DescribeSpace`.

use std::sync::Arc;

use aws_sdk_sagemaker::operation::describe_space::DescribeSpaceOutput;
use aws_sdk_sagemaker::types::{
    ResourceSpec, SpaceAppLifecycleManagement, SpaceDetails, SpaceStorageSettings,
};

use super::{PAGE_ROWS, Raw, SageMaker, text, time, whole};
use crate::aws::caller::{PAGE_PATIENCE, PATIENCE};
use crate::aws::walk::Sheet;
use crate::fleet::{
    AppType, DomainKey, Name, Problem, Sharing, Space, SpaceDetail, SpaceKey, Status, Timestamp,
};

impl SageMaker {
    /// One page of `ListSpaces` of a domain.
    pub(in crate::aws) async fn spaces(
        &self,
        domain: &DomainKey,
        token: Option<String>,
    ) -> Result<Sheet<Space>, Problem> {
        let list = || {
            let call = self.client.list_spaces().domain_id_equals(domain.id.as_str());
            call.max_results(PAGE_ROWS).set_next_token(token.clone()).send()
        };
        let page = self.caller.call("ListSpaces", PAGE_PATIENCE, list).await?;
        Ok(Sheet::new(page.spaces().iter().map(|row| listed(domain, row)), page.next_token.clone()))
    }

    /// `DescribeSpace`: the space, and the answer as AWS sent it.
    pub(in crate::aws) async fn space(&self, key: &SpaceKey) -> Result<(Space, Arc<str>), Problem> {
        let raw = Raw::default();
        let describe = || {
            let call = self.client.describe_space().domain_id(key.domain.as_str());
            call.space_name(key.name.as_str()).customize().interceptor(raw.clone()).send()
        };
        let answer = self.caller.call("DescribeSpace", PATIENCE, describe).await?;
        Ok((described(key, &answer, Timestamp::now()), raw.take()))
    }
}

fn ebs_gb(storage: Option<&SpaceStorageSettings>) -> Option<u32> {
    whole(storage?.ebs_storage_settings()?.ebs_volume_size_in_gb())
}

fn listed(domain: &DomainKey, row: &SpaceDetails) -> Option<Space> {
    let summary = row.space_settings_summary();
    let name = Name::new(row.space_name()?);
    Some(Space {
        key: SpaceKey { scope: domain.scope.clone(), domain: domain.id.clone(), name },
        display_name: text(row.space_display_name()),
        status: Status::from(row.status().map_or("", |status| status.as_str())),
        owner: row
            .ownership_settings_summary()
            .and_then(|summary| summary.owner_user_profile_name())
            .map(Name::new),
        sharing: row
            .space_sharing_settings_summary()
            .and_then(|summary| summary.sharing_type())
            .map(|sharing| Sharing::from(sharing.as_str())),
        app_type: summary.and_then(|summary| summary.app_type()).map(|kind| AppType::from(kind.as_str())),
        ebs_gb: ebs_gb(summary.and_then(|summary| summary.space_storage_settings())),
        remote_access: summary
            .and_then(|summary| summary.remote_access())
            .and_then(|value| text(Some(value.as_str()))),
        created: time(row.creation_time()),
        modified: time(row.last_modified_time()),
        detail: None,
    })
}

fn described(key: &SpaceKey, answer: &DescribeSpaceOutput, now: Timestamp) -> Space {
    let settings = answer.space_settings();
    let lab = settings.and_then(|settings| settings.jupyter_lab_app_settings());
    let editor = settings.and_then(|settings| settings.code_editor_app_settings());
    // A space runs one kind of app, so at most one of these says anything; Classic spaces have the last.
    let resource: Option<&ResourceSpec> = lab
        .and_then(|lab| lab.default_resource_spec())
        .or_else(|| editor.and_then(|editor| editor.default_resource_spec()))
        .or_else(|| {
            settings.and_then(|settings| settings.kernel_gateway_app_settings()?.default_resource_spec())
        });
    let lifecycle: Option<&SpaceAppLifecycleManagement> = lab
        .and_then(|lab| lab.app_lifecycle_management())
        .or_else(|| editor.and_then(|editor| editor.app_lifecycle_management()));
    Space {
        key: key.clone(),
        display_name: text(answer.space_display_name()),
        status: Status::from(answer.status().map_or("", |status| status.as_str())),
        owner: answer.ownership_settings().and_then(|owner| owner.owner_user_profile_name()).map(Name::new),
        sharing: answer
            .space_sharing_settings()
            .and_then(|sharing| sharing.sharing_type())
            .map(|sharing| Sharing::from(sharing.as_str())),
        app_type: settings.and_then(|settings| settings.app_type()).map(|kind| AppType::from(kind.as_str())),
        ebs_gb: ebs_gb(settings.and_then(|settings| settings.space_storage_settings())),
        remote_access: settings
            .and_then(|settings| settings.remote_access())
            .and_then(|value| text(Some(value.as_str()))),
        created: time(answer.creation_time()),
        modified: time(answer.last_modified_time()),
        detail: Some(Box::new(SpaceDetail {
            efs_uid: text(answer.home_efs_file_system_uid()),
            failure_reason: text(answer.failure_reason()),
            instance: resource
                .and_then(|resource| resource.instance_type())
                .and_then(|instance| text(Some(instance.as_str()))),
            lifecycle_config: text(resource.and_then(|resource| resource.lifecycle_config_arn())),
            idle_minutes: whole(
                lifecycle.and_then(|lifecycle| lifecycle.idle_settings()?.idle_timeout_in_minutes()),
            ),
            url: text(answer.url()),
            read_at: now,
        })),
    }
}
