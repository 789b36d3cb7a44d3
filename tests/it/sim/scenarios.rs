//! The named fleets as their callers see them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::config::retry::RetryConfig;
use aws_sdk_sagemaker::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_sagemaker::types::{AppDetails, AppInstanceType, AppStatus, AppType};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::Scenario;

use super::{EPOCH, code};

fn fleet(scenario: Scenario) -> SimulatedAws {
    SimulatedAws::builder().scenario(scenario).epoch_seconds(EPOCH).seed(9).build()
}

fn client(sim: &SimulatedAws, region: &'static str) -> Client {
    let credentials = Credentials::new("AKIADEFAULT", "secret", None, None, "test");
    let config = aws_sdk_sagemaker::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(sim.clone())
        .build();
    Client::from_conf(config)
}

async fn apps(client: &Client) -> Vec<AppDetails> {
    let pages = client.list_apps().into_paginator().page_size(100).items().send();
    pages.collect::<Result<_, _>>().await.unwrap()
}

fn kind(app: &AppDetails) -> &str {
    app.app_type().map(AppType::as_str).unwrap_or_default()
}

fn status(app: &AppDetails) -> &str {
    app.status().map(AppStatus::as_str).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn the_small_fleet_shows_every_state_and_pathology() {
    let sim = fleet(Scenario::Small);
    let ireland = client(&sim, "eu-west-1");
    let mut rows = apps(&ireland).await;
    rows.extend(apps(&client(&sim, "us-east-1")).await);

    let statuses: BTreeSet<&str> = rows.iter().map(status).collect();
    assert_eq!(statuses, BTreeSet::from(["Deleted", "Deleting", "Failed", "InService", "Pending"]));
    let kinds: BTreeSet<&str> = rows.iter().map(kind).collect();
    let expected = [
        "Canvas",
        "CodeEditor",
        "JupyterLab",
        "JupyterServer",
        "KernelGateway",
        "RSessionGateway",
        "RStudioServerPro",
    ];
    assert_eq!(kinds, BTreeSet::from(expected));

    let stuck = |app: &&AppDetails| {
        status(app) == "Pending" && app.creation_time().is_some_and(|at| EPOCH - at.secs() >= 40 * 60)
    };
    assert!(rows.iter().any(|app| stuck(&app)), "nothing is stuck");
    let mut kernels: BTreeMap<_, usize> = BTreeMap::new();
    for app in rows.iter().filter(|app| kind(app) == "KernelGateway") {
        let instance = app.resource_spec().and_then(|spec| spec.instance_type()).map(AppInstanceType::as_str);
        *kernels.entry((app.user_profile_name(), instance)).or_default() += 1;
    }
    assert!(kernels.values().any(|count| *count > 1), "no Classic apps share an instance: {kernels:?}");

    let (mut long_idle, mut unknown, mut reasons) = (0, 0, 0);
    for app in &rows {
        if app.domain_id().is_none() || status(app) == "Deleted" {
            continue;
        }
        let region =
            if sim.with_world(|world| is_in(world, "eu-west-1", app)) { "eu-west-1" } else { "us-east-1" };
        let details = client(&sim, region)
            .describe_app()
            .set_domain_id(app.domain_id.clone())
            .set_user_profile_name(app.user_profile_name.clone())
            .set_space_name(app.space_name.clone())
            .set_app_type(app.app_type.clone())
            .set_app_name(app.app_name.clone())
            .send()
            .await
            .unwrap();
        reasons += usize::from(details.failure_reason().is_some());
        let (Some(activity), Some(check)) =
            (details.last_user_activity_timestamp(), details.last_health_check_timestamp())
        else {
            continue;
        };
        unknown += usize::from(activity == check);
        long_idle += usize::from(check.secs() - activity.secs() > 60 * 3_600);
    }
    assert!(long_idle >= 3, "{long_idle} idle over the weekend");
    assert!(unknown >= 8, "{unknown} of unknown activity");
    assert!(reasons >= 3, "{reasons} failures with a reason");

    let domains = ireland.list_domains().send().await.unwrap();
    let mut auth = BTreeSet::new();
    for domain in domains.domains() {
        let domain = ireland.describe_domain().set_domain_id(domain.domain_id.clone()).send().await.unwrap();
        auth.insert(domain.auth_mode().map(|mode| mode.as_str().to_owned()));
    }
    assert_eq!(auth.len(), 2, "IAM and SSO");
}

fn is_in(world: &sagedeck::sim::world::World, region: &str, app: &AppDetails) -> bool {
    let scope = sagedeck::sim::world::Scope::new("123456789012", region);
    world
        .region(&scope)
        .is_some_and(|region| region.domains.contains_key(app.domain_id().unwrap_or_default()))
}

fn key(app: &AppDetails) -> String {
    format!("{:?} {:?} {} {:?}", app.user_profile_name, app.space_name, kind(app), app.app_name)
}

#[tokio::test(start_paused = true)]
async fn the_demo_moves_under_its_callers_eyes() {
    let sim = SimulatedAws::builder().scenario(Scenario::Small).epoch_seconds(EPOCH).life(true).build();
    let client = client(&sim, "eu-west-1");
    let mut pictures = BTreeSet::new();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_mins(1)).await;
        pictures.insert(
            apps(&client).await.iter().map(|app| (key(app), status(app).to_owned())).collect::<Vec<_>>(),
        );
    }
    assert!(pictures.len() > 5, "only {} different listings in 20 minutes", pictures.len());
}

#[tokio::test(start_paused = true)]
async fn the_empty_fleet_answers_with_nothing_and_the_account_is_there() {
    let sim = fleet(Scenario::Empty);
    for region in Scenario::Empty.regions() {
        assert!(apps(&client(&sim, region)).await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn the_broken_fleet_is_hostile_incomplete_refusing_and_dead_where_it_says() {
    let sim = fleet(Scenario::Broken);
    let virginia = client(&sim, "us-east-1");
    let spaces: Vec<_> =
        virginia.list_spaces().into_paginator().items().send().collect::<Result<_, _>>().await.unwrap();
    let shown: String = spaces.iter().filter_map(|space| space.space_display_name()).collect();
    for hostile in ['\u{1b}', '\u{202e}', '\u{200b}', '\u{9b}', '\r'] {
        assert!(shown.contains(hostile), "{hostile:?} is in no name");
    }
    let rows = apps(&virginia).await;
    assert!(
        rows.iter().any(|app| status(app) == "Hibernating") && rows.iter().any(|app| kind(app) == "Marimo")
    );
    assert!(rows.iter().any(|app| app.resource_spec().and_then(|spec| spec.instance_type()).is_none()));

    assert_eq!(code(client(&sim, "eu-west-1").list_spaces().send().await), "AccessDeniedException");
    assert!(client(&sim, "eu-west-1").list_apps().send().await.is_ok());
    let mut throttled = 0;
    for _ in 0..40 {
        throttled += usize::from(client(&sim, "eu-central-1").list_apps().send().await.is_err());
    }
    assert!((4..=36).contains(&throttled), "{throttled} of 40 throttled");
    let dead = client(&sim, "us-west-2");
    let answer = tokio::time::timeout(Duration::from_mins(10), dead.list_apps().send()).await;
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.is_err()), "the dead region answered");
}
