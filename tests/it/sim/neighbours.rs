//! STS, IAM and the Price List, asked by their real SDK clients.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_pricing::types::{Filter, FilterType};
use aws_sdk_sagemaker::config::BehaviorVersion;
use aws_sdk_sagemaker::config::retry::RetryConfig;
use aws_sdk_sts::types::AssumedRoleUser;
use aws_types::SdkConfig;
use aws_types::region::Region;
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::Scenario;
use serde_json::Value;

use super::{EPOCH, code, refusal};

fn small() -> SimulatedAws {
    SimulatedAws::builder().scenario(Scenario::Small).epoch_seconds(EPOCH).build()
}

pub(super) fn config(sim: &SimulatedAws, access_key: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(sim.clone())
        .build()
}

fn decoded(document: &str) -> Value {
    let mut bytes = Vec::new();
    let mut rest = document.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex: String = [rest.next(), rest.next()].into_iter().flatten().map(char::from).collect();
            bytes.push(u8::from_str_radix(&hex, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_caller_is_somebody_in_the_account_of_the_key() {
    let sim = small();
    let identity = |key: &'static str| {
        let client = aws_sdk_sts::Client::new(&config(&sim, key));
        async move { client.get_caller_identity().send().await }
    };
    let own = identity("AKIADEFAULT").await.unwrap();
    assert_eq!(own.account(), Some("123456789012"));
    assert!(own.arn().unwrap().starts_with("arn:aws:"), "{own:?}");
    assert_eq!(identity("AKIA210987654321").await.unwrap().account(), Some("210987654321"));
    assert_eq!(code(identity("AKIAEXPIRED").await), "ExpiredToken");
    assert_eq!(code(identity("AKIAINVALID").await), "InvalidClientTokenId");
}

#[tokio::test(start_paused = true)]
async fn a_role_of_the_other_account_is_assumed_with_its_external_id_only() {
    let sim = small();
    let sts = aws_sdk_sts::Client::new(&config(&sim, "AKIADEFAULT"));
    let role = "arn:aws:iam::210987654321:role/ml/FleetOperator";
    let ask = || sts.assume_role().role_arn(role).role_session_name("anna");
    assert_eq!(code(ask().send().await), "AccessDenied");
    let answer = ask().external_id("sagedeck").send().await.unwrap();
    let credentials = answer.credentials().unwrap();
    assert_eq!(credentials.expiration().secs(), EPOCH + 3_600);

    let assumed = aws_sdk_sts::Client::new(&config(&sim, credentials.access_key_id()));
    let identity = assumed.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("210987654321"));
    assert_eq!(identity.arn(), answer.assumed_role_user().map(AssumedRoleUser::arn));
    assert_eq!(identity.user_id(), answer.assumed_role_user().map(AssumedRoleUser::assumed_role_id));
    tokio::time::sleep(Duration::from_secs(3_601)).await;
    assert_eq!(code(assumed.get_caller_identity().send().await), "ExpiredToken");
}

#[tokio::test(start_paused = true)]
async fn a_role_tells_its_policies_page_by_page_and_their_documents_encoded() {
    let sim = small();
    let iam = aws_sdk_iam::Client::new(&config(&sim, "AKIADEFAULT"));
    let aliases = iam.list_account_aliases().send().await.unwrap();
    assert_eq!(aliases.account_aliases(), ["prod-ml"]);

    let roles: Vec<_> = iam
        .list_roles()
        .into_paginator()
        .page_size(2)
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .unwrap();
    let all = iam.list_roles().send().await.unwrap();
    assert!(roles.len() > 5, "{} roles", roles.len());
    assert_eq!(roles, all.roles());
    assert!(!all.is_truncated());
    let below = iam.list_roles().path_prefix("/ml/").send().await.unwrap();
    assert!(!below.roles().is_empty() && below.roles().iter().all(|role| role.path() == "/ml/"));

    let name = "AmazonSageMaker-ExecutionRole-20240312T101533";
    let role = iam.get_role().role_name(name).send().await.unwrap().role.unwrap();
    assert_eq!(role.arn(), format!("arn:aws:iam::123456789012:role/service-role/{name}"));
    let trust = decoded(role.assume_role_policy_document().unwrap());
    assert_eq!(trust["Statement"][0]["Principal"]["Service"], "sagemaker.amazonaws.com");
    assert!(role.role_last_used().and_then(|used| used.region()).is_some());

    let first = iam.list_role_policies().role_name(name).max_items(2).send().await.unwrap();
    assert!(first.is_truncated() && first.policy_names().len() == 2);
    let rest = iam.list_role_policies().role_name(name).set_marker(first.marker).send().await.unwrap();
    assert_eq!((rest.policy_names(), rest.is_truncated()), (&["S3Everywhere".to_owned()][..], false));
    let inline = iam.get_role_policy().role_name(name).policy_name("S3Everywhere").send().await.unwrap();
    assert_eq!(decoded(inline.policy_document())["Statement"][0]["Resource"], "*");

    let attached = iam.list_attached_role_policies().role_name(name).send().await.unwrap();
    let arn = attached.attached_policies()[1].policy_arn().unwrap();
    assert_eq!(arn, "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess");
    let policy = iam.get_policy().policy_arn(arn).send().await.unwrap().policy.unwrap();
    assert_eq!(policy.attachment_count(), Some(2));
    let version = policy.default_version_id().unwrap();
    let version = iam.get_policy_version().policy_arn(arn).version_id(version).send().await.unwrap();
    let document = decoded(version.policy_version().and_then(|version| version.document()).unwrap());
    assert!(document["Statement"].as_array().unwrap().iter().any(|part| part.get("NotResource").is_some()));
}

#[tokio::test(start_paused = true)]
async fn what_iam_does_not_hold_is_refused_with_the_codes_of_iam() {
    let sim = small();
    let iam = aws_sdk_iam::Client::new(&config(&sim, "AKIADEFAULT"));
    let nobody = refusal(iam.get_role().role_name("Nobody").send().await);
    assert_eq!(nobody, ("NoSuchEntity".to_owned(), "The role with name Nobody cannot be found.".to_owned()));
    let gone = iam.get_policy().policy_arn("arn:aws:iam::aws:policy/NoSuchPolicy").send().await;
    assert_eq!(code(gone), "NoSuchEntity");
    assert_eq!(code(iam.get_role().role_name("a b").send().await), "ValidationError");
    assert_eq!(code(iam.list_roles().max_items(1_001).send().await), "ValidationError");
    assert_eq!(code(iam.list_roles().marker("made up").send().await), "ValidationError");
    assert_eq!(code(iam.list_users().send().await), "InvalidAction", "unknown, not empty");
}

#[tokio::test(start_paused = true)]
async fn prices_are_found_by_region_use_and_type() {
    let sim = small();
    let pricing = aws_sdk_pricing::Client::new(&config(&sim, "AKIADEFAULT"));
    let filter = |field: &str, value: &str| {
        Filter::builder().r#type(FilterType::TermMatch).field(field).value(value).build().unwrap()
    };
    let items: Vec<String> = pricing
        .get_products()
        .service_code("AmazonSageMaker")
        .filters(filter("regionCode", "us-east-1"))
        .filters(filter("platoinstancetype", "Studio-JupyterLab"))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .unwrap();
    let price = |item: &String| {
        let item: Value = serde_json::from_str(item).unwrap();
        let term = item["terms"]["OnDemand"].as_object().unwrap().values().next().unwrap().clone();
        let dimension = term["priceDimensions"].as_object().unwrap().values().next().unwrap().clone();
        let usd: f64 = dimension["pricePerUnit"]["USD"].as_str().unwrap().parse().unwrap();
        (item["product"]["attributes"]["instanceName"].as_str().unwrap().to_owned(), usd)
    };
    let prices: BTreeMap<String, f64> = items.iter().map(price).collect();
    assert!(
        prices.len() > 120 && prices.len() == items.len(),
        "{} prices of {} items",
        prices.len(),
        items.len()
    );
    for (instance, usd) in [("ml.t3.medium", 0.05), ("ml.g5.xlarge", 1.408), ("ml.p3.2xlarge", 3.825)] {
        assert!((prices[instance] - usd).abs() < 1e-9, "{instance}: {}", prices[instance]);
    }
    let kinds =
        pricing.get_attribute_values().service_code("AmazonSageMaker").attribute_name("platoinstancetype");
    let kinds = kinds.send().await.unwrap();
    assert!(kinds.attribute_values().iter().any(|kind| kind.value() == Some("Studio-CodeEditor")));
    assert_eq!(
        code(pricing.get_products().service_code("AmazonEC2").send().await),
        "InvalidParameterException"
    );
}
