//! Domains: `ListDomains` and `DescribeDomain`.

use std::sync::Arc;

use aws_sdk_sagemaker::operation::describe_domain::DescribeDomainOutput;
use aws_sdk_sagemaker::types::DomainDetails;

use super::{PAGE_ROWS, Raw, SageMaker, settings, text, texts, time};
use crate::aws::caller::{PAGE_PATIENCE, PATIENCE};
use crate::aws::walk::Sheet;
use crate::fleet::{
    AuthMode, Domain, DomainDetail, DomainId, DomainKey, Name, NetworkAccess, Problem, Scope, Status,
    Timestamp,
};

impl SageMaker {
    /// One page of `ListDomains`.
    pub(in crate::aws) async fn domains(&self, token: Option<String>) -> Result<Sheet<Domain>, Problem> {
        let list = || self.client.list_domains().max_results(PAGE_ROWS).set_next_token(token.clone()).send();
        let page = self.caller.call("ListDomains", PAGE_PATIENCE, list).await?;
        Ok(Sheet::new(page.domains().iter().map(|row| listed(&self.scope, row)), page.next_token.clone()))
    }

    /// `DescribeDomain`: the domain, and the answer as AWS sent it.
    pub(in crate::aws) async fn domain(&self, key: &DomainKey) -> Result<(Domain, Arc<str>), Problem> {
        let raw = Raw::default();
        let describe = || {
            let call = self.client.describe_domain().domain_id(key.id.as_str());
            call.customize().interceptor(raw.clone()).send()
        };
        let answer = self.caller.call("DescribeDomain", PATIENCE, describe).await?;
        Ok((described(key, &answer, Timestamp::now()), raw.take()))
    }
}

fn listed(scope: &Scope, row: &DomainDetails) -> Option<Domain> {
    Some(Domain {
        key: DomainKey { scope: scope.clone(), id: DomainId::new(row.domain_id()?) },
        name: row.domain_name().map(Name::new),
        status: Status::from(row.status().map_or("", |status| status.as_str())),
        created: time(row.creation_time()),
        modified: time(row.last_modified_time()),
        url: text(row.url()),
        detail: None,
    })
}

fn described(key: &DomainKey, answer: &DescribeDomainOutput, now: Timestamp) -> Domain {
    let domain = answer.domain_settings();
    let detail = DomainDetail {
        auth_mode: answer.auth_mode().map(|mode| AuthMode::from(mode.as_str())),
        network: answer.app_network_access_type().map(|kind| NetworkAccess::from(kind.as_str())),
        vpc: text(answer.vpc_id()),
        subnets: texts(answer.subnet_ids()),
        home_file_system: text(answer.home_efs_file_system_id()),
        // The second is the old name of the first.
        kms_key: text(answer.kms_key_id()).or_else(|| {
            #[allow(deprecated)]
            text(answer.home_efs_file_system_kms_key_id())
        }),
        failure_reason: text(answer.failure_reason()),
        tag_propagation: answer.tag_propagation().and_then(|value| text(Some(value.as_str()))),
        role_identity: domain
            .and_then(|domain| domain.execution_role_identity_config())
            .and_then(|value| text(Some(value.as_str()))),
        docker: domain
            .and_then(|domain| domain.docker_settings()?.enable_docker_access())
            .and_then(|value| text(Some(value.as_str()))),
        sso_application: text(answer.single_sign_on_application_arn()),
        unified_studio: text(domain.and_then(|domain| domain.unified_studio_settings()?.domain_id())),
        user_defaults: answer.default_user_settings().map(settings::of_user).unwrap_or_default(),
        space_defaults: answer.default_space_settings().map(settings::of_spaces).unwrap_or_default(),
        read_at: now,
    };
    Domain {
        key: key.clone(),
        name: answer.domain_name().map(Name::new),
        status: Status::from(answer.status().map_or("", |status| status.as_str())),
        created: time(answer.creation_time()),
        modified: time(answer.last_modified_time()),
        url: text(answer.url()),
        detail: Some(Box::new(detail)),
    }
}
