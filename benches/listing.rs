//! How long the console takes to know a whole fleet, and with how many requests: `large` at 50 ms a call, over
//! the real SDK and the simulated AWS in process. Prints figures beside their bounds and judges none:
//! `cargo bench --bench listing`.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sagedeck::aws::{Gateway, Settings, SharedHttpClient, StaticKeys};
use sagedeck::console::{Console, Keymap, Message, Pane, Session, Start, WriteMode};
use sagedeck::fleet::{Ceilings, IdleRule, ProfileName, Query, Region, Timestamp};
use sagedeck::runtime::tasks::{Clock, Tasks};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::{ACCOUNT, Scenario};

/// What a call takes.
const LATENCY: Duration = Duration::from_millis(50);
/// Rows a page holds at most.
const PAGE: usize = 100;
/// Requests a second that the limiter allows at first, per account, region and operation.
const RATE: f64 = 20.0;

#[tokio::main]
async fn main() {
    let epoch = Timestamp::now().as_second();
    let sim = SimulatedAws::builder()
        .scenario(Scenario::Large)
        .seed(7)
        .epoch_seconds(epoch)
        .latency(LATENCY)
        .build();
    let regions: Vec<Region> = ["eu-west-1", "us-east-1"].iter().map(|code| Region::new(code)).collect();
    let (mut console, mut tasks, mut news) = open(&sim, regions.clone());
    let started = Instant::now();
    let mut first_rows = None;
    let mut tick = Message::Tick(tasks.clock().now());
    loop {
        for effect in console.update(tick) {
            tasks.perform(effect);
        }
        if first_rows.is_none() && !console.fleet.apps.is_empty() {
            first_rows = Some(started.elapsed());
        }
        let lists = || console.fleet.listings();
        if lists().count() > regions.len() && lists().all(|(_, list)| list.is_complete()) {
            break;
        }
        tick = news.recv().await.expect("the tasks hold a sender");
    }
    let took = started.elapsed();

    let mut fewest: BTreeMap<&str, usize> = BTreeMap::new();
    let mut per_partition: BTreeMap<(&str, &Region), usize> = BTreeMap::new();
    let mut longest = 0;
    for (query, list) in console.fleet.listings() {
        let pages = list.rows.div_ceil(PAGE).max(1);
        let operation = operation(query);
        *fewest.entry(operation).or_default() += pages;
        *per_partition.entry((operation, query.scope().unwrap().region())).or_default() += pages;
        longest = longest.max(pages);
    }
    println!(
        "large at {LATENCY:?} a call: {} users, {} spaces, {} apps",
        console.fleet.users.len(),
        console.fleet.spaces.len(),
        console.fleet.apps.len()
    );
    println!("first rows           {:>9.2?}", first_rows.unwrap());
    println!("everything           {took:>9.2?}");
    // Identity and domains come before any chain; the longest chain follows them call by call.
    let chain = LATENCY * u32::try_from(longest + 2).unwrap();
    let busiest = per_partition.values().max().copied().unwrap();
    let rate = Duration::from_secs_f64(busiest as f64 / RATE);
    println!("bound: longest chain {chain:>9.2?} ({longest} pages after 2 calls)");
    println!("bound: rate          {rate:>9.2?} ({busiest} pages of one operation at {RATE}/s)");
    println!("ratio to the greater bound {:.2}", took.as_secs_f64() / chain.max(rate).as_secs_f64());
    for (operation, pages) in &fewest {
        let sent = sim.requests().count(operation);
        println!(
            "{operation:<18} {sent:>5} requests, {pages:>5} at the fewest, ratio {:.3}",
            sent as f64 / *pages as f64
        );
    }
    println!("all requests, details too: {}", sim.requests().total());
}

fn operation(query: &Query) -> &'static str {
    match query {
        Query::Domains(_) => "ListDomains",
        Query::Users(_) => "ListUserProfiles",
        Query::Spaces(_) => "ListSpaces",
        _ => "ListApps",
    }
}

fn open(sim: &SimulatedAws, regions: Vec<Region>) -> (Console, Tasks, tokio::sync::mpsc::Receiver<Message>) {
    let profile = ProfileName::new("");
    let keys = StaticKeys {
        access_key: format!("SIMULATED{ACCOUNT}"),
        secret_key: "simulated".to_owned(),
        end: None,
    };
    let gateway = Gateway::new(Settings {
        profiles: vec![profile.clone()],
        regions: regions.clone(),
        endpoint_url: None,
        http_client: Some(SharedHttpClient::new(sim.clone())),
        keys: BTreeMap::from([(profile.clone(), keys)]),
        read_only: false,
    });
    let now = Timestamp::now();
    let (tasks, news) = Tasks::new(gateway, Clock::starting_at(now), true, None, None);
    let console = Console::new(Start {
        session: Session {
            profiles: vec![profile.clone()],
            regions,
            known_profiles: vec![profile],
            themes: Vec::new(),
            endpoint: None,
            demo: Some("large".to_owned()),
            write: WriteMode::Demo,
            auto_refresh: false,
            idle: IdleRule::default(),
            ceilings: Ceilings::default(),
            thresholds: sagedeck::fleet::Thresholds::default(),
            protected: Vec::new(),
            protected_tags: Vec::new(),
            templates: BTreeMap::new(),
            saved: BTreeMap::new(),
            budgets: Vec::new(),
            services: vec!["Amazon SageMaker".into()],
            refresh_seconds: 60,
        },
        keymap: Keymap::new(&BTreeMap::new()).unwrap(),
        theme: "sagedeck-dark".to_owned(),
        pane: Pane::Apps,
        filter: String::new(),
        now,
        zone: jiff::tz::TimeZone::UTC,
        size: (200, 60),
    });
    (console, tasks, news)
}
