//! User profiles: `ListUserProfiles` and `DescribeUserProfile`.

use std::sync::Arc;

use aws_sdk_sagemaker::operation::describe_user_profile::DescribeUserProfileOutput;
use aws_sdk_sagemaker::types::UserProfileDetails;

use super::{PAGE_ROWS, Raw, SageMaker, settings, text, time};
use crate::aws::caller::{PAGE_PATIENCE, PATIENCE};
use crate::aws::walk::Sheet;
use crate::fleet::{DomainKey, Name, Problem, Status, Timestamp, UserDetail, UserKey, UserProfile};

impl SageMaker {
    /// One page of `ListUserProfiles` of a domain.
    pub(in crate::aws) async fn users(
        &self,
        domain: &DomainKey,
        token: Option<String>,
    ) -> Result<Sheet<UserProfile>, Problem> {
        let list = || {
            let call = self.client.list_user_profiles().domain_id_equals(domain.id.as_str());
            call.max_results(PAGE_ROWS).set_next_token(token.clone()).send()
        };
        let page = self.caller.call("ListUserProfiles", PAGE_PATIENCE, list).await?;
        Ok(Sheet::new(page.user_profiles().iter().map(|row| listed(domain, row)), page.next_token.clone()))
    }

    /// `DescribeUserProfile`: the user profile, and the answer as AWS sent it.
    pub(in crate::aws) async fn user(&self, key: &UserKey) -> Result<(UserProfile, Arc<str>), Problem> {
        let raw = Raw::default();
        let describe = || {
            let call = self.client.describe_user_profile().domain_id(key.domain.as_str());
            call.user_profile_name(key.name.as_str()).customize().interceptor(raw.clone()).send()
        };
        let answer = self.caller.call("DescribeUserProfile", PATIENCE, describe).await?;
        Ok((described(key, &answer, Timestamp::now()), raw.take()))
    }
}

fn listed(domain: &DomainKey, row: &UserProfileDetails) -> Option<UserProfile> {
    let name = Name::new(row.user_profile_name()?);
    Some(UserProfile {
        key: UserKey { scope: domain.scope.clone(), domain: domain.id.clone(), name },
        status: Status::from(row.status().map_or("", |status| status.as_str())),
        created: time(row.creation_time()),
        modified: time(row.last_modified_time()),
        detail: None,
    })
}

fn described(key: &UserKey, answer: &DescribeUserProfileOutput, now: Timestamp) -> UserProfile {
    UserProfile {
        key: key.clone(),
        status: Status::from(answer.status().map_or("", |status| status.as_str())),
        created: time(answer.creation_time()),
        modified: time(answer.last_modified_time()),
        detail: Some(Box::new(UserDetail {
            efs_uid: text(answer.home_efs_file_system_uid()),
            sso_user: text(answer.single_sign_on_user_value()),
            failure_reason: text(answer.failure_reason()),
            settings: answer.user_settings().map(settings::of_user).unwrap_or_default(),
            read_at: now,
        })),
    }
}
