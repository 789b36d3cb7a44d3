//! Apps: `ListApps` and `DescribeApp`.

use std::sync::Arc;

use aws_sdk_sagemaker::operation::describe_app::DescribeAppOutput;
use aws_sdk_sagemaker::types::{self, AppDetails, ResourceSpec};

use super::{PAGE_ROWS, Raw, SageMaker, text, time};
use crate::aws::caller::{PAGE_PATIENCE, PATIENCE};
use crate::aws::walk::Sheet;
use crate::fleet::{
    App, AppActivity, AppKey, AppStatus, AppType, DomainKey, Name, Owner, Problem, Timestamp,
};

impl SageMaker {
    /// One page of `ListApps` of a domain.
    pub(in crate::aws) async fn apps(
        &self,
        domain: &DomainKey,
        token: Option<String>,
    ) -> Result<Sheet<App>, Problem> {
        let list = || {
            let call = self.client.list_apps().domain_id_equals(domain.id.as_str());
            call.max_results(PAGE_ROWS).set_next_token(token.clone()).send()
        };
        let page = self.caller.call("ListApps", PAGE_PATIENCE, list).await?;
        Ok(Sheet::new(page.apps().iter().map(|row| listed(domain, row)), page.next_token.clone()))
    }

    /// `DescribeApp`: the app, and the answer as AWS sent it.
    pub(in crate::aws) async fn app(&self, key: &AppKey) -> Result<(App, Arc<str>), Problem> {
        let raw = Raw::default();
        let (user, space) = owner_names(&key.owner);
        let describe = || {
            let call = self.client.describe_app().domain_id(key.domain.as_str()).app_name(key.name.as_str());
            call.app_type(types::AppType::from(key.app_type.as_str()))
                .set_user_profile_name(user.clone())
                .set_space_name(space.clone())
                .customize()
                .interceptor(raw.clone())
                .send()
        };
        let answer = self.caller.call("DescribeApp", PATIENCE, describe).await?;
        Ok((described(key, &answer, Timestamp::now()), raw.take()))
    }
}

fn owner_names(owner: &Owner) -> (Option<String>, Option<String>) {
    match owner {
        Owner::User(name) => (Some(name.to_string()), None),
        Owner::Space(name) => (None, Some(name.to_string())),
    }
}

fn listed(domain: &DomainKey, row: &AppDetails) -> Option<App> {
    let owner = match (row.space_name(), row.user_profile_name()) {
        (Some(space), _) if !space.is_empty() => Owner::Space(Name::new(space)),
        (_, Some(user)) if !user.is_empty() => Owner::User(Name::new(user)),
        _ => return None,
    };
    let key = AppKey {
        scope: domain.scope.clone(),
        domain: domain.id.clone(),
        owner,
        app_type: AppType::from(row.app_type()?.as_str()),
        name: Name::new(row.app_name()?),
    };
    let status = AppStatus::from(row.status().map_or("", |status| status.as_str()));
    Some(app(key, status, time(row.creation_time()), row.resource_spec()))
}

fn described(key: &AppKey, answer: &DescribeAppOutput, now: Timestamp) -> App {
    let status = AppStatus::from(answer.status().map_or("", |status| status.as_str()));
    let mut app = app(key.clone(), status, time(answer.creation_time()), answer.resource_spec());
    app.activity = Some(Box::new(AppActivity {
        last_user_activity: time(answer.last_user_activity_timestamp()),
        last_health_check: time(answer.last_health_check_timestamp()),
        failure_reason: text(answer.failure_reason()),
        arn: text(answer.app_arn()),
        built_in_lifecycle_config: text(answer.built_in_lifecycle_config_arn()),
        recovery_mode: answer.recovery_mode(),
        read_at: now,
    }));
    app
}

fn app(key: AppKey, status: AppStatus, created: Option<Timestamp>, resource: Option<&ResourceSpec>) -> App {
    App {
        key,
        status,
        created,
        instance: resource
            .and_then(|resource| resource.instance_type())
            .and_then(|instance| text(Some(instance.as_str()))),
        image: text(resource.and_then(|resource| resource.sage_maker_image_arn())),
        image_version: text(resource.and_then(|resource| {
            resource.sage_maker_image_version_arn().or_else(|| resource.sage_maker_image_version_alias())
        })),
        lifecycle_config: text(resource.and_then(|resource| resource.lifecycle_config_arn())),
        activity: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AccountId, DomainId, Region, Scope};

    fn domain() -> DomainKey {
        let scope = Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1"));
        DomainKey { scope, id: DomainId::new("d-one") }
    }

    #[test]
    fn a_row_without_any_part_of_its_key_is_not_made_up() {
        let whole = || {
            AppDetails::builder().space_name("lab").app_type(types::AppType::JupyterLab).app_name("default")
        };
        assert!(listed(&domain(), &whole().build()).is_some());
        assert!(listed(&domain(), &whole().set_space_name(None).build()).is_none());
        assert!(listed(&domain(), &whole().set_app_type(None).build()).is_none());
        assert!(listed(&domain(), &whole().set_app_name(None).build()).is_none());
    }

    #[test]
    fn unknown_values_are_kept_and_missing_ones_are_unknown() {
        let row = AppDetails::builder()
            .user_profile_name("anna-k")
            .app_type(types::AppType::from("Holodeck"))
            .app_name("default")
            .status(types::AppStatus::from("Hibernating"))
            .build();
        let app = listed(&domain(), &row).unwrap();
        assert_eq!(app.key.app_type.as_str(), "Holodeck");
        assert_eq!(app.status.as_str(), "Hibernating");
        assert_eq!((app.created, app.instance), (None, None));
    }
}
