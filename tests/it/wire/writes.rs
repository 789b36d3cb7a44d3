//! Every kind of change on the wire: the document that was planned, signed as it is, sent once.

use sagedeck::aws::{NotTaken, Taken};
use sagedeck::fleet::{
    Assignment, Bound, Change, Document, DomainId, DomainKey, HomeFiles, LifecycleConfigKey, Name, ObjectKey,
    Plan, ProblemKind, Produced, QuotaCode, QuotaKey, Region, Scope, SpaceKey, Step, Tag, Timestamp, UserKey,
};
use serde_json::{Value, json};

use super::canned::Canned;
use super::{DOMAIN, app_key, domain, scope};

fn user() -> UserKey {
    UserKey { scope: scope(), domain: DomainId::new(DOMAIN), name: Name::new("anna-k") }
}

fn space() -> SpaceKey {
    SpaceKey { scope: scope(), domain: DomainId::new(DOMAIN), name: Name::new("lab") }
}

/// Bills are asked for in one region.
fn billing() -> Scope {
    Scope::new(scope().account().clone(), Region::new("us-east-1"))
}

fn script() -> LifecycleConfigKey {
    LifecycleConfigKey { scope: scope(), name: Name::new("on-start") }
}

fn assignment() -> Assignment {
    Assignment {
        user: user(),
        application: Some("arn:aws:sso::123456789012:application/ssoins-1/apl-1".into()),
        principal: "9067-anna".into(),
    }
}

fn members(value: Value) -> Document {
    let Value::Object(members) = value else { panic!("{value} is no object") };
    members
}

/// One change of each kind, with what has to be on the wire for it.
fn changes() -> Vec<(Change, &'static str, Value)> {
    let names = json!({ "DomainId": "d-one", "UserProfileName": "anna-k" });
    let app = json!({
        "DomainId": "d-one", "SpaceName": "space-0000", "AppType": "JupyterLab", "AppName": "default"
    });
    let lab = json!({ "DomainId": "d-one", "SpaceName": "lab" });
    let arn = "arn:aws:sagemaker:eu-west-1:123456789012:user-profile/d-one/anna-k";
    let assigned = json!({
        "ApplicationArn": "arn:aws:sso::123456789012:application/ssoins-1/apl-1",
        "PrincipalId": "9067-anna",
        "PrincipalType": "USER"
    });
    // A member that the SDK has never heard of, and text that needs escapes.
    let settings =
        json!({ "UserSettings": { "SomethingOfNextYear": { "a": [1.5, null] }, "x": "ü\"\u{7}" } });
    let with = |own: &Value, more: &Value| {
        let mut both = members(own.clone());
        both.extend(members(more.clone()));
        Value::Object(both)
    };
    let object = || ObjectKey::User(user());
    let tag = Tag { key: "team".into(), value: "nlp".into() };
    let to_be = DomainKey { scope: scope(), id: DomainId::to_be("research") };
    let content =
        json!({ "StudioLifecycleConfigContent": "IyE=", "StudioLifecycleConfigAppType": "JupyterLab" });
    let named = json!({ "StudioLifecycleConfigName": "on-start" });
    let new_domain = json!({ "DomainName": "research", "AuthMode": "IAM", "SomethingOfNextYear": 1 });
    let document = || members(settings.clone());
    let quota =
        QuotaKey { scope: scope(), code: QuotaCode::new("L-988CE6C5"), name: Name::new("a quota of apps") };
    vec![
        (
            Change::ActivateCostTags(billing(), vec!["team".into()]),
            "AWSInsightsIndexService.UpdateCostAllocationTagsStatus",
            json!({ "CostAllocationTagsStatus": [{ "TagKey": "team", "Status": "Active" }] }),
        ),
        (
            Change::BackfillCostTags(billing(), jiff::civil::date(2025, 11, 1)),
            "AWSInsightsIndexService.StartCostAllocationTagBackfill",
            json!({ "BackfillFrom": "2025-11-01T00:00:00Z" }),
        ),
        (Change::StopApp(app_key("space-0000")), "SageMaker.DeleteApp", app.clone()),
        (Change::CreateApp(app_key("space-0000"), document()), "SageMaker.CreateApp", with(&app, &settings)),
        (Change::CreateUser(user(), document()), "SageMaker.CreateUserProfile", with(&names, &settings)),
        (Change::UpdateUser(user(), document()), "SageMaker.UpdateUserProfile", with(&names, &settings)),
        (Change::DeleteUser(user()), "SageMaker.DeleteUserProfile", names.clone()),
        (Change::CreateSpace(space(), document()), "SageMaker.CreateSpace", with(&lab, &settings)),
        (Change::UpdateSpace(space(), document()), "SageMaker.UpdateSpace", with(&lab, &settings)),
        (Change::DeleteSpace(space()), "SageMaker.DeleteSpace", lab),
        (Change::CreateDomain(to_be, members(new_domain.clone())), "SageMaker.CreateDomain", new_domain),
        (
            Change::UpdateDomain(domain(), document()),
            "SageMaker.UpdateDomain",
            with(&json!({ "DomainId": "d-one" }), &settings),
        ),
        (
            Change::DeleteDomain(domain(), HomeFiles::Retain),
            "SageMaker.DeleteDomain",
            json!({ "DomainId": "d-one", "RetentionPolicy": { "HomeEfsFileSystem": "Retain" } }),
        ),
        (
            Change::AddTags(object().into(), vec![tag]),
            "SageMaker.AddTags",
            json!({ "ResourceArn": arn, "Tags": [{ "Key": "team", "Value": "nlp" }] }),
        ),
        (
            Change::RemoveTags(object().into(), vec!["team".into()]),
            "SageMaker.DeleteTags",
            json!({ "ResourceArn": arn, "TagKeys": ["team"] }),
        ),
        (
            Change::CreateLifecycleConfig(script(), members(content.clone())),
            "SageMaker.CreateStudioLifecycleConfig",
            with(&named, &content),
        ),
        (Change::DeleteLifecycleConfig(script()), "SageMaker.DeleteStudioLifecycleConfig", named),
        (
            Change::AssignApplication(assignment()),
            "SWBExternalService.CreateApplicationAssignment",
            assigned.clone(),
        ),
        (
            Change::UnassignApplication(assignment()),
            "SWBExternalService.DeleteApplicationAssignment",
            assigned,
        ),
        (
            Change::SignInLink(user(), 60),
            "SageMaker.CreatePresignedDomainUrl",
            with(&names, &json!({ "ExpiresInSeconds": 60 })),
        ),
        (
            Change::RequestQuota(quota, members(json!({ "DesiredValue": 20 }))),
            "ServiceQuotasV20190624.RequestServiceQuotaIncrease",
            json!({ "ServiceCode": "sagemaker", "QuotaCode": "L-988CE6C5", "DesiredValue": 20 }),
        ),
    ]
}

async fn apply(aws: &Canned, change: &Change) -> Result<Taken, NotTaken> {
    let gateway = aws.gateway().await;
    let step = Step::new(change.clone(), Bound::Unbound);
    let plan = Plan::new("Change one thing", "change", Timestamp::UNIX_EPOCH, vec![step]);
    let lease = gateway.lift_for(&plan).unwrap();
    gateway.apply(change, &lease).await
}

#[tokio::test(start_paused = true)]
async fn each_change_is_sent_once_as_the_document_it_is_and_signed_as_it_is_sent() {
    for (change, target, body) in changes() {
        let aws = Canned::saying(200, "{}");
        let taken = apply(&aws, &change).await.unwrap();
        assert_eq!(taken, Taken { request_id: Some("request-1".into()), produced: None }, "{target}");
        let [asked] = &aws.asked()[..] else { panic!("{target}: {:?}", aws.asked()) };
        assert_eq!((asked.header("x-amz-target"), asked.json()), (target, body), "{target}");
        assert_eq!(asked.header("content-length"), asked.body.len().to_string(), "{target}");
        assert_eq!(asked.signed_with(), asked.signature(), "{target}");
        let host = match target.split('.').next().unwrap() {
            "SWBExternalService" => "//sso.eu-west-1.",
            "AWSInsightsIndexService" => "//ce.us-east-1.",
            "ServiceQuotasV20190624" => "//servicequotas.eu-west-1.",
            _ => "//api.sagemaker.eu-west-1.",
        };
        assert!(asked.uri.contains(host), "{}", asked.uri);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_refused_was_not_made_and_one_without_an_answer_may_be() {
    for (change, target, _) in changes() {
        let refusal = r#"{"__type":"ResourceLimitExceeded","message":"The account-level limit is reached"}"#;
        let aws = Canned::saying(400, refusal);
        match apply(&aws, &change).await.unwrap_err() {
            NotTaken::Refused(problem) => {
                assert_eq!((problem.kind, aws.asked().len()), (ProblemKind::Limit, 1), "{target}");
                assert_eq!(problem.message, "The account-level limit is reached");
                assert_eq!(problem.operation.as_deref(), Some(change.operation()));
            }
            lost @ NotTaken::Lost(_) => panic!("{target}: {lost:?}"),
        }
        for (status, body) in [(500, r#"{"__type":"InternalFailure"}"#), (503, "<html>"), (200, "{\"Dom")] {
            let aws = Canned::saying(status, body);
            // What has no members to read is read, whatever it is.
            match (apply(&aws, &change).await, status) {
                (Err(NotTaken::Lost(_)) | Ok(_), 200) | (Err(NotTaken::Lost(_)), _) => {}
                (other, _) => panic!("{target}, {status}: {other:?}"),
            }
            assert_eq!(aws.asked().len(), 1, "{target}: never sent a second time by itself");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_domain_gives_its_id_and_a_sign_in_link_is_kept_from_sight() {
    let [mut create, mut link] = [None, None];
    for (change, ..) in changes() {
        match change {
            Change::CreateDomain(..) => create = Some(change),
            Change::SignInLink(..) => link = Some(change),
            _ => {}
        }
    }
    let answer = r#"{"DomainArn":"arn:aws:sagemaker:eu-west-1:123456789012:domain/d-new","Url":"https://x"}"#;
    let taken = apply(&Canned::saying(200, answer), &create.unwrap()).await.unwrap();
    assert_eq!(taken.produced, Some(Produced::Domain(DomainId::new("d-new"))));
    let link = link.unwrap();
    let url = "https://d-one.studio.eu-west-1.sagemaker.aws/auth?token=hidden";
    let answer = json!({ "AuthorizedUrl": url }).to_string();
    let taken = apply(&Canned::saying(200, &answer), &link).await.unwrap();
    assert!(!format!("{taken:?}").contains("hidden"));
    let Some(Produced::Link(secret)) = taken.produced else { panic!("there is a link") };
    assert_eq!(secret.reveal(), url);
    // An answer that breaks off in the middle of the link is not told with it.
    for broken in [&answer[..answer.len() - 4], &answer.replace("\"}", "\"\u{1}hidden")] {
        let lost = apply(&Canned::saying(200, broken), &link).await.unwrap_err();
        assert!(matches!(lost, NotTaken::Lost(_)), "{lost:?}");
        assert!(!format!("{lost:?}").contains("hidden"), "{lost:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_aws_refuses_in_an_answer_that_says_yes_is_refused() {
    let body = r#"{"Errors":[{"TagKey":"team","Code":"NotFound","Message":"no such key"}]}"#;
    let change = Change::ActivateCostTags(scope(), vec!["team".into(), "env".into()]);
    let Err(NotTaken::Refused(problem)) = apply(&Canned::saying(200, body), &change).await else {
        panic!("refused")
    };
    assert!(problem.message.contains("team: no such key"), "{}", problem.message);
    assert!(apply(&Canned::saying(200, r#"{"Errors":[]}"#), &change).await.is_ok());
}
