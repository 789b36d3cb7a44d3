//! The simulated AWS, asked by the real SDK clients through their HTTP client.

mod costs;
mod faults;
mod keys;
mod leftovers;
mod limits;
mod lists;
mod loopback;
mod neighbours;
mod network;
mod people;
mod quotas;
mod raw;
mod rules;
mod scenarios;
mod states;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::config::retry::RetryConfig;
use aws_sdk_sagemaker::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_sagemaker::error::{ProvideErrorMetadata, SdkError};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::iam::Role;
use sagedeck::sim::scenario::Scenario;
use sagedeck::sim::world::{
    App, AppKey, AppType, Domain, Name, Owner, Profile, Row, Scope, Settings, Space, Tags, Vpc,
};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";
const EPOCH: i64 = 1_800_000_000;

fn scope() -> Scope {
    Scope::new(ACCOUNT, REGION)
}

/// An AWS with nothing in it but a VPC and three execution roles, and without limits.
fn empty() -> SimulatedAws {
    let sim = SimulatedAws::builder().scenario(Scenario::Empty).epoch_seconds(EPOCH).build();
    sim.with_world(|world| {
        world.has_default_quotas = false;
        let now = world.now();
        let vpc =
            Vpc { id: "vpc-1".into(), cidr: "10.1.0.0/16".into(), is_default: false, tags: Tags::default() };
        let zones = [("subnet-1", "eu-west-1a"), ("subnet-2", "eu-west-1b"), ("subnet-3", "eu-west-1c")];
        let zones = zones.map(|(id, zone)| (Name::from(id), Name::from(zone)));
        world.region_mut(&scope()).network.add_vpc(vpc, &zones, false);
        let trust = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{"Service":"sagemaker.amazonaws.com"}}]}"#;
        for name in ["studio", "first", "second"] {
            let role = Role::new(name, "/", trust, now);
            world.account_mut(ACCOUNT).iam.roles.insert(role.name.clone(), role);
        }
    });
    sim
}

/// A client without retries, so that each request is one request.
fn client(sim: &SimulatedAws) -> Client {
    client_of(sim, "AKIADEFAULT", RetryConfig::disabled())
}

fn client_of(sim: &SimulatedAws, access_key: &str, retry: RetryConfig) -> Client {
    let credentials = Credentials::new(access_key, "secret", None, None, "test");
    let config = aws_sdk_sagemaker::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retry)
        .http_client(sim.clone())
        .build();
    Client::from_conf(config)
}

/// The code and message of a refusal.
fn refusal<T: std::fmt::Debug, E: ProvideErrorMetadata>(result: Result<T, SdkError<E>>) -> (String, String) {
    match result {
        Ok(answer) => panic!("not refused: {answer:?}"),
        Err(error) => {
            (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
        }
    }
}

fn code<T: std::fmt::Debug, E: ProvideErrorMetadata>(result: Result<T, SdkError<E>>) -> String {
    refusal(result).0
}

/// Puts a domain with two people and a private `JupyterLab` space of the first one into a simulation.
fn furnish(sim: &SimulatedAws) {
    sim.with_world(|world| {
        let now = world.now();
        let region = world.region_mut(&scope());
        let domain = Domain {
            vpc_id: Some("vpc-1".into()),
            subnet_ids: vec!["subnet-1".into(), "subnet-2".into()],
            user_settings: Settings::new(serde_json::json!({
                "ExecutionRole": "arn:aws:iam::123456789012:role/studio",
                "SpaceStorageSettings": {
                    "DefaultEbsStorageSettings": {"DefaultEbsVolumeSizeInGb": 20, "MaximumEbsVolumeSizeInGb": 100}
                },
            })),
            ..Domain::new("d-one", "one", now - 9_000_000)
        };
        region.domains.insert("d-one".into(), domain);
        for (index, name) in ["anna-k", "Bert"].into_iter().enumerate() {
            let created = now - 8_000_000 + i64::try_from(index).unwrap();
            region.profiles.insert(Profile::new("d-one".into(), name.into(), created)).unwrap();
        }
        let mut space = Space::new("d-one".into(), "anna-lab".into(), now - 7_000_000);
        space.owner = Some("anna-k".into());
        space.shared = Some(false);
        space.settings = Some(Settings::new(serde_json::json!({
            "AppType": "JupyterLab",
            "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}},
        })));
        region.spaces.insert(space).unwrap();
    });
}

/// Adds running `JupyterLab` apps, one a second, each in a space of its own.
fn add_apps(sim: &SimulatedAws, domain: &str, count: i64) {
    sim.with_world(|world| {
        let start = world.now() - 1_000_000;
        let spec = Settings::new(serde_json::json!({"InstanceType": "ml.t3.medium"}));
        for index in 0..count {
            let app =
                App::new(app_key(domain, &format!("space-{index:04}")), spec.clone(), start + index * 1_000);
            world.insert_app(&scope(), app).unwrap();
        }
    });
}

fn app_key(domain: &str, space: &str) -> AppKey {
    AppKey {
        domain: domain.into(),
        owner: Owner::Space(Name::from(space)),
        app_type: AppType::JupyterLab,
        name: "default".into(),
    }
}

fn created_of(sim: &SimulatedAws, key: &AppKey) -> i64 {
    sim.with_world(|world| {
        let apps = &world.region_mut(&scope()).apps;
        apps.get(apps.find(key).unwrap()).unwrap().created()
    })
}
