//! The writes. Each change goes out once, as the very document it is, through the SDK's own operation, which
//! routes, signs and reads the answer. Knows no plan and no lock.

use std::sync::Arc;

use aws_sdk_costexplorer::operation::update_cost_allocation_tags_status::UpdateCostAllocationTagsStatusOutput;
use aws_sdk_sagemaker::operation::create_domain::CreateDomainOutput;
use aws_sdk_sagemaker::operation::create_presigned_domain_url::CreatePresignedDomainUrlOutput;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::request_id::RequestId;
use serde_json::Value;

use super::Taken;
use super::caller::{Caller, ONCE};
use super::connect::Connection;
use crate::fleet::{Change, DomainId, Problem, ProblemKind, Produced, Secret, harmless};

/// The prefix of the IAM actions of the service a change goes to.
pub(super) fn service(change: &Change) -> &'static str {
    match change {
        Change::AssignApplication(_) | Change::UnassignApplication(_) => "sso",
        Change::RequestQuota(..) => "servicequotas",
        Change::ActivateCostTags(..) | Change::BackfillCostTags(..) => "ce",
        _ => "sagemaker",
    }
}

/// Makes a change; sent once and never by itself again.
pub(super) async fn send(
    connection: &Connection,
    caller: &Caller,
    change: &Change,
) -> Result<Taken, Problem> {
    refuse_what_is_to_be(change)?;
    let scope = change.scope();
    let body = Body(Value::Object(change.request()).to_string().into());
    let sagemaker = || connection.sagemaker(scope.account(), scope.region());
    let ce = || connection.cost_explorer(scope.account()).0;
    let sso = || connection.sso_admin(scope.account(), scope.region());
    let quotas = || connection.service_quotas(scope.account(), scope.region());
    // The builders have nothing in common that a function could take; what the lines below differ in is all
    // that differs.
    macro_rules! sent {
        ($client:ident.$operation:ident) => {
            sent!($client.$operation, |_| None)
        };
        ($client:ident.$operation:ident, $produced:expr) => {{
            let client = $client();
            let send = || client.$operation().customize().interceptor(body.clone()).send();
            let answer = caller.call(change.operation(), ONCE, send).await?;
            Ok(Taken { request_id: answer.request_id().map(harmless), produced: $produced(&answer) })
        }};
    }
    match change {
        Change::StopApp(_) => sent!(sagemaker.delete_app),
        Change::CreateApp(..) => sent!(sagemaker.create_app),
        Change::CreateUser(..) => sent!(sagemaker.create_user_profile),
        Change::UpdateUser(..) => sent!(sagemaker.update_user_profile),
        Change::DeleteUser(_) => sent!(sagemaker.delete_user_profile),
        Change::CreateSpace(..) => sent!(sagemaker.create_space),
        Change::UpdateSpace(..) => sent!(sagemaker.update_space),
        Change::DeleteSpace(_) => sent!(sagemaker.delete_space),
        Change::CreateDomain(..) => sent!(sagemaker.create_domain, domain),
        Change::UpdateDomain(..) => sent!(sagemaker.update_domain),
        Change::DeleteDomain(..) => sent!(sagemaker.delete_domain),
        Change::AddTags(..) => sent!(sagemaker.add_tags),
        Change::RemoveTags(..) => sent!(sagemaker.delete_tags),
        Change::CreateLifecycleConfig(..) => sent!(sagemaker.create_studio_lifecycle_config),
        Change::DeleteLifecycleConfig(_) => sent!(sagemaker.delete_studio_lifecycle_config),
        Change::AssignApplication(_) => sent!(sso.create_application_assignment),
        Change::UnassignApplication(_) => sent!(sso.delete_application_assignment),
        Change::RequestQuota(..) => sent!(quotas.request_service_quota_increase),
        Change::SignInLink(..) => sent!(sagemaker.create_presigned_domain_url, link),
        Change::BackfillCostTags(..) => sent!(ce.start_cost_allocation_tag_backfill),
        Change::ActivateCostTags(..) => {
            let mut refused = None;
            let taken = sent!(ce.update_cost_allocation_tags_status, |answer| {
                refused = refusal(answer);
                None
            })?;
            refused.map_or(Ok(taken), Err)
        }
    }
}

/// AWS answers that it is done even where it refused some of the keys.
fn refusal(answer: &UpdateCostAllocationTagsStatusOutput) -> Option<Problem> {
    let told: Vec<String> = answer
        .errors()
        .iter()
        .map(|error| {
            let key = error.tag_key().unwrap_or_default();
            let why = error.message().or(error.code()).unwrap_or("AWS gives no reason");
            format!("{}: {}", harmless(key), harmless(why))
        })
        .collect();
    (!told.is_empty()).then(|| {
        let hint = "Keys that are not named here were activated";
        Problem {
            code: answer.errors()[0].code().map(str::to_owned),
            ..Problem::new(ProblemKind::Invalid, told.join("; "), hint)
        }
    })
}

/// The domain that was created. Its id is also the end of its ARN, `.../domain/d-abc`.
fn domain(answer: &CreateDomainOutput) -> Option<Produced> {
    let of_arn = || answer.domain_arn()?.rsplit_once(":domain/").map(|(_, id)| id);
    let id = answer.domain_id().filter(|id| !id.is_empty()).or_else(of_arn)?;
    Some(Produced::Domain(DomainId::new(id)))
}

/// The link, wrapped before anything else sees it.
fn link(answer: &CreatePresignedDomainUrlOutput) -> Option<Produced> {
    Some(Produced::Link(Secret::new(answer.authorized_url().filter(|url| !url.is_empty())?)))
}

/// What a plan only expects, the id of a domain or the ARN of its application, is never sent.
fn refuse_what_is_to_be(change: &Change) -> Result<(), Problem> {
    let target = change.target();
    let to_be = target.object().is_some_and(|object| object.domain_key().id.is_to_be());
    if to_be && !matches!(change, Change::CreateDomain(..)) {
        let message = format!("the domain of {} does not exist yet, so nothing was sent", target.name());
        return Err(Problem::new(ProblemKind::Refused, message, "Create the domain first"));
    }
    if change.awaits_application().is_some() {
        let message = format!("the application that {} is assigned to is not known yet", target.name());
        return Err(Problem::new(ProblemKind::Refused, message, "Read the domain first"));
    }
    Ok(())
}

/// Puts a document in the place of the one the SDK would have written: its types know only the members of the
/// day it was built, and read-modify-write must lose none.
///
/// This happens before signing, so that what is signed is what is sent.
#[derive(Debug, Clone)]
struct Body(Arc<str>);

impl Intercept for Body {
    fn name(&self) -> &'static str {
        "WholeDocument"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        request.headers_mut().insert("content-length", self.0.len().to_string());
        *request.body_mut() = SdkBody::from(self.0.as_bytes().to_vec());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AccountId, Assignment, Document, Name, Region, Scope, UserKey};

    fn user(domain: DomainId) -> UserKey {
        let scope = Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1"));
        UserKey { scope, domain, name: Name::new("anna-k") }
    }

    #[test]
    fn the_id_of_a_new_domain_is_taken_from_its_arn_where_it_is_not_said() {
        let answer = |id: Option<&str>, arn: Option<&str>| {
            let output = CreateDomainOutput::builder().set_domain_id(id.map(str::to_owned));
            domain(&output.set_domain_arn(arn.map(str::to_owned)).build())
        };
        let arn = "arn:aws:sagemaker:eu-west-1:123456789012:domain/d-new";
        let expected = Some(Produced::Domain(DomainId::new("d-new")));
        assert_eq!(answer(Some("d-new"), None), expected);
        assert_eq!(answer(None, Some(arn)), expected);
        assert_eq!(answer(Some(""), Some("no ARN")), None);
        assert_eq!(answer(None, None), None);
    }

    #[test]
    fn a_link_is_never_shown_by_accident() {
        let url = "https://d-one.studio.eu-west-1.sagemaker.aws/auth?token=eyJhbGciOi";
        let produced = link(&CreatePresignedDomainUrlOutput::builder().authorized_url(url).build());
        let Some(Produced::Link(secret)) = &produced else { panic!("{produced:?}") };
        assert_eq!(secret.reveal(), url);
        let taken = Taken { request_id: None, produced };
        assert!(!format!("{taken:?}").contains("token"));
    }

    #[test]
    fn nothing_is_done_in_a_domain_that_is_only_planned() {
        let planned = Change::DeleteUser(user(DomainId::to_be("research")));
        assert_eq!(refuse_what_is_to_be(&planned).unwrap_err().kind, ProblemKind::Refused);
        assert!(refuse_what_is_to_be(&Change::DeleteUser(user(DomainId::new("d-one")))).is_ok());
        let create = Change::CreateDomain(user(DomainId::to_be("research")).domain_key(), Document::new());
        assert!(refuse_what_is_to_be(&create).is_ok());
        let made =
            Assignment { user: user(DomainId::new("d-one")), application: None, principal: "p".into() };
        let assign = Change::AssignApplication(made);
        assert_eq!(refuse_what_is_to_be(&assign).unwrap_err().kind, ProblemKind::Refused);
        assert!(refuse_what_is_to_be(&assign.with_application(&"arn:app".into())).is_ok());
    }
}
