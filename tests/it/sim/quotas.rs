//! Service Quotas, asked by its real SDK client: what it says is what `SageMaker` enforces.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_sagemaker::types::{AppType as StudioApp, ResourceSpec};
use aws_sdk_servicequotas::types::RequestStatus;
use aws_sdk_servicequotas::{Client, config::Builder, config::Region};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::Scenario;
use sagedeck::sim::world::{AppType, quota_of, quotas};

use super::neighbours::config;
use super::{EPOCH, code, empty, furnish, refusal, scope};

const SERVICE: &str = "sagemaker";
const G5: &str = "L-988CE6C5";

fn of(scenario: Scenario) -> SimulatedAws {
    SimulatedAws::builder().scenario(scenario).epoch_seconds(EPOCH).build()
}

fn client_in(sim: &SimulatedAws, region: &'static str) -> Client {
    Client::from_conf(Builder::from(&config(sim, "AKIADEFAULT")).region(Region::new(region)).build())
}

fn client(sim: &SimulatedAws) -> Client {
    client_in(sim, "eu-west-1")
}

async fn names_in(sim: &SimulatedAws, region: &'static str) -> BTreeSet<String> {
    let client = client_in(sim, region);
    let quotas = client.list_service_quotas().service_code(SERVICE).into_paginator().items().send();
    let quotas: Vec<_> = quotas.collect::<Result<_, _>>().await.unwrap();
    let names: BTreeSet<String> =
        quotas.iter().filter_map(|quota| quota.quota_name()).map(str::to_owned).collect();
    assert_eq!(names.len(), quotas.len(), "a quota came twice");
    names
}

#[tokio::test(start_paused = true)]
async fn two_thousand_quotas_come_page_by_page() {
    let sim = of(Scenario::Small);
    let names = names_in(&sim, "us-east-1").await;
    assert!((2_000..2_600).contains(&names.len()), "{}", names.len());
    assert_eq!(sim.requests().count("ListServiceQuotas"), names.len().div_ceil(100) as u64);
    assert!(names.contains("Studio KernelGateway Apps running on ml.t3.medium instance"));
    assert!(names.contains("ml.g5.2xlarge for training job usage"));
    assert!(names_in(&sim, "sa-east-1").await.len() < names.len(), "the region sells less");
    let token = client(&sim).list_service_quotas().service_code(SERVICE).next_token("made+up").send().await;
    assert_eq!(code(token), "InvalidPaginationTokenException");
    let other = client(&sim).list_service_quotas().service_code("ec2").send().await;
    assert_eq!(code(other), "NoSuchResourceException");
}

#[tokio::test(start_paused = true)]
async fn what_is_applied_is_told_and_what_is_not_is_missing_or_has_a_reason() {
    let sim = of(Scenario::Small);
    let client = client(&sim);
    let get = |code: &str| client.get_service_quota().service_code(SERVICE).quota_code(code).send();
    let quota = get(G5).await.unwrap().quota.unwrap();
    assert_eq!(quota.quota_name(), Some("Studio JupyterLab Apps running on ml.g5.xlarge instances"));
    let limit = sim.with_world(|world| world.limit(&scope(), &quota_of(AppType::JupyterLab, "ml.g5.xlarge")));
    assert_eq!(quota.value(), limit.map(|limit| limit as f64));
    assert_eq!(quota.quota_arn(), Some("arn:aws:servicequotas:eu-west-1:123456789012:sagemaker/L-988CE6C5"));
    let defaults =
        client.list_aws_default_service_quotas().service_code(SERVICE).into_paginator().items().send();
    let defaults: Vec<_> = defaults.collect::<Result<_, _>>().await.unwrap();
    let default = defaults.iter().find(|quota| quota.quota_code() == Some(G5)).unwrap();
    assert_eq!(default.value(), Some(0.0));

    let listed = names_in(&sim, "eu-west-1").await;
    let (unapplied, unreadable) = sim.with_world(|world| {
        let desk = &world.region_mut(&scope()).quota_desk;
        (
            desk.unapplied.first().unwrap().to_string(),
            desk.unreadable.first_key_value().unwrap().0.to_string(),
        )
    });
    let code_of = |name: &str| {
        defaults.iter().find(|quota| quota.quota_name() == Some(name)).unwrap().quota_code().unwrap()
    };
    assert!(!listed.contains(&unapplied));
    assert_eq!(code(get(code_of(&unapplied)).await), "NoSuchResourceException");
    let unknown = get(code_of(&unreadable)).await.unwrap().quota.unwrap();
    assert_eq!(unknown.value(), None);
    assert_eq!(
        unknown.error_reason().unwrap().error_code().unwrap().as_str(),
        "DEPENDENCY_ACCESS_DENIED_ERROR"
    );
    assert_eq!(code(get("L-00000000").await), "NoSuchResourceException");
}

#[tokio::test(start_paused = true)]
async fn a_small_increase_is_approved_and_apps_start() {
    let sim = empty();
    furnish(&sim);
    sim.with_world(|world| world.has_default_quotas = true);
    let client = client(&sim);
    let start = || {
        let spec = ResourceSpec::builder().instance_type("ml.g5.xlarge".into()).build();
        let studio = super::client(&sim);
        async move {
            let app =
                studio.create_app().domain_id("d-one").space_name("anna-lab").app_type(StudioApp::JupyterLab);
            app.app_name("default").resource_spec(spec).send().await
        }
    };
    assert_eq!(code(start().await), "ResourceLimitExceeded");
    let ask = |value: f64| {
        let ask = client.request_service_quota_increase().service_code(SERVICE).quota_code(G5);
        ask.desired_value(value).send()
    };
    assert_eq!(code(ask(0.0).await), "IllegalArgumentException");
    assert_eq!(code(ask(1.5).await), "IllegalArgumentException");
    let request = ask(2.0).await.unwrap().requested_quota.unwrap();
    assert_eq!(request.status(), Some(&RequestStatus::Pending));
    assert_eq!(code(ask(3.0).await), "ResourceAlreadyExistsException");
    assert_eq!(code(start().await), "ResourceLimitExceeded");
    tokio::time::sleep(Duration::from_mins(21)).await;
    let history =
        client.list_requested_service_quota_change_history().service_code(SERVICE).send().await.unwrap();
    assert_eq!(history.requested_quotas()[0].status(), Some(&RequestStatus::Approved));
    assert_eq!(history.requested_quotas()[0].id(), request.id());
    start().await.unwrap();
    assert_eq!(code(ask(2.0).await), "IllegalArgumentException");
}

#[tokio::test(start_paused = true)]
async fn a_large_increase_opens_a_case_or_is_not_approved() {
    let sim = of(Scenario::Small);
    let client = client(&sim);
    let ask = |quota: &str, value: f64, case: bool| {
        let ask = client.request_service_quota_increase().service_code(SERVICE).quota_code(quota);
        ask.desired_value(value).support_case_allowed(case).send()
    };
    ask(G5, 500.0, true).await.unwrap();
    ask("L-F73C7DB9", 500.0, false).await.unwrap();
    tokio::time::sleep(Duration::from_hours(3)).await;
    let status = |quota: &'static str| {
        let ask = client.list_requested_service_quota_change_history_by_quota().service_code(SERVICE);
        async move { ask.quota_code(quota).send().await.unwrap().requested_quotas()[0].clone() }
    };
    let case = status(G5).await;
    assert_eq!(case.status(), Some(&RequestStatus::CaseOpened));
    assert!(case.case_id().is_some() && case.requester().unwrap().contains("callerArn"));
    assert_eq!(status("L-F73C7DB9").await.status(), Some(&RequestStatus::NotApproved));
    let open = client.list_requested_service_quota_change_history().status(RequestStatus::CaseOpened);
    let open = open.send().await.unwrap();
    assert!(
        open.requested_quotas().iter().all(|request| request.status() == Some(&RequestStatus::CaseOpened))
    );
    assert!(open.requested_quotas().len() > 1, "the demo has an open case of its own");
    let (refused, said) = refusal(ask(G5, 600.0, true).await);
    assert_eq!(refused, "ResourceAlreadyExistsException", "{said}");
}

#[tokio::test(start_paused = true)]
async fn the_demo_has_room_and_limits_that_are_reached() {
    for scenario in [Scenario::Small, Scenario::Large, Scenario::Broken] {
        let sim = of(scenario);
        sim.with_world(|world| {
            let mut full = 0;
            for region in scenario.regions() {
                let scope = sagedeck::sim::world::Scope::new("123456789012", region);
                let uses: BTreeSet<(AppType, String)> = world
                    .region_mut(&scope)
                    .apps
                    .iter()
                    .filter(|(_, app)| app.is_live())
                    .filter_map(|(_, app)| Some((app.identity().app_type, app.instance_type()?.to_owned())))
                    .collect();
                for (kind, instance) in uses {
                    let used = world.region_mut(&scope).live_apps_on(kind, &instance);
                    let limit = world.limit(&scope, &quota_of(kind, &instance));
                    assert!(
                        limit.is_none_or(|limit| used <= limit),
                        "{used} of {limit:?} {kind:?} {instance}"
                    );
                    full += usize::from(limit == Some(used));
                }
                let users = world.region_mut(&scope).profiles.len();
                assert!(world.limit(&scope, quotas::USER_PROFILES).is_some_and(|limit| limit > users));
            }
            assert!(scenario != Scenario::Small || full >= 2, "{full} limits are reached");
        });
    }
}
