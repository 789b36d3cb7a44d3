//! The AWS border against the simulated AWS: real serialisers, signing and error decoding on both sides.

mod canned;
mod costs;
mod faults;
mod library;
mod lock;
mod network;
mod problems;
mod quotas;
mod reads;
mod writes;

use std::collections::BTreeMap;

use sagedeck::aws::{Gateway, Settings, SharedHttpClient, StaticKeys};
use sagedeck::fleet::{
    AccountId, Answer, AppKey, AppType, DomainId, DomainKey, Name, Owner, Problem, ProfileName, Query,
    Region, Scope,
};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::Scenario;
use sagedeck::sim::world;
use tokio::sync::mpsc;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const DOMAIN: &str = "d-one";
const EPOCH: i64 = 1_800_000_000;

pub(crate) fn profile() -> ProfileName {
    ProfileName::new("test")
}

pub(crate) fn scope() -> Scope {
    Scope::new(AccountId::new(ACCOUNT), Region::new(REGION))
}

pub(crate) fn domain() -> DomainKey {
    DomainKey { scope: scope(), id: DomainId::new(DOMAIN) }
}

pub(crate) fn app_key(space: &str) -> AppKey {
    AppKey {
        scope: scope(),
        domain: DomainId::new(DOMAIN),
        owner: Owner::Space(Name::new(space)),
        app_type: AppType::JupyterLab,
        name: Name::new("default"),
    }
}

pub(crate) fn sim_of(scenario: Scenario) -> SimulatedAws {
    SimulatedAws::builder().scenario(scenario).epoch_seconds(EPOCH).build()
}

/// An AWS with one domain and so many running `JupyterLab` apps in spaces `space-0000` and on.
pub(crate) fn sim_with_apps(count: i64) -> SimulatedAws {
    let sim = sim_of(Scenario::Empty);
    sim.with_world(|world| {
        let (scope, now) = (world::Scope::new(ACCOUNT, REGION), world.now());
        let domain = world::Domain::new(DOMAIN, "one", now - 9_000_000);
        world.region_mut(&scope).domains.insert(DOMAIN.into(), domain);
        let spec = world::Settings::new(serde_json::json!({"InstanceType": "ml.t3.medium"}));
        for index in 0..count {
            let key = world_key(&format!("space-{index:04}"));
            world
                .insert_app(&scope, world::App::new(key, spec.clone(), now - 10_000_000 + index * 1_000))
                .unwrap();
        }
    });
    sim
}

pub(crate) fn world_key(space: &str) -> world::AppKey {
    world::AppKey {
        domain: DOMAIN.into(),
        owner: world::Owner::Space(space.into()),
        app_type: world::AppType::JupyterLab,
        name: "default".into(),
    }
}

pub(crate) fn settings(sim: &SimulatedAws, access_key: &str) -> Settings {
    let keys = StaticKeys { access_key: access_key.to_owned(), secret_key: "secret".to_owned(), end: None };
    Settings {
        profiles: vec![profile()],
        regions: vec![Region::new(REGION), Region::new("us-east-1")],
        http_client: Some(SharedHttpClient::new(sim.clone())),
        keys: BTreeMap::from([(profile(), keys)]),
        ..Settings::default()
    }
}

/// A gateway that knows who it is.
pub(crate) async fn gateway(sim: &SimulatedAws) -> Gateway {
    let gateway = Gateway::new(settings(sim, "AKIADEFAULT"));
    gateway.ask(&Query::Identity(profile())).await.unwrap();
    gateway
}

/// All that a query brings, and the problem it ended with, if any.
async fn load(gateway: &Gateway, query: &Query) -> (Vec<Answer>, Option<Problem>) {
    let (pages, mut arrived) = mpsc::channel(10_000);
    gateway.load(query, pages).await;
    let (mut answers, mut problem) = (Vec::new(), None);
    while let Some(answer) = arrived.recv().await {
        assert_eq!(problem, None, "nothing comes after a problem");
        match answer {
            Ok(answer) => answers.push(answer),
            Err(end) => problem = Some(end),
        }
    }
    (answers, problem)
}

/// How many apps arrived, and whether the list says that these are all.
fn apps_in(answers: &[Answer]) -> (usize, bool) {
    let mut count = (0, false);
    for answer in answers {
        let Answer::Apps(page) = answer else { panic!("not a page of apps: {answer:?}") };
        count = (if page.first { 0 } else { count.0 } + page.rows.len(), page.last);
    }
    count
}
