//! Every query, when nothing fails.

use std::collections::VecDeque;

use sagedeck::aws::{Gateway, StaticKeys};
use sagedeck::fleet::{
    AccountId, Answer, Fleet, ObjectKey, PriceOrigin, ProfileName, Query, Region, Timestamp,
};
use sagedeck::sim::scenario::Scenario;

use super::{ACCOUNT, apps_in, domain, gateway, load, profile, scope, settings, sim_of, sim_with_apps};

#[tokio::test(start_paused = true)]
async fn every_query_is_answered_with_its_own_kind_and_the_fleet_takes_it_in() {
    let sim = sim_of(Scenario::Small);
    let (gateway, mut fleet, now) = (gateway(&sim).await, Fleet::default(), Timestamp::UNIX_EPOCH);
    let account = AccountId::new(ACCOUNT);
    let mut queries = VecDeque::from([
        Query::Identity(profile()),
        Query::Alias(account.clone()),
        Query::Domains(scope()),
        Query::Prices(account.clone(), Region::new("eu-west-1")),
    ]);
    let mut asked = 0;
    while let Some(query) = queries.pop_front() {
        asked += 1;
        fleet.begin(&query);
        let (answers, problem) = load(&gateway, &query).await;
        assert_eq!(problem, None, "{query:?}");
        for answer in answers {
            // Each row leads to the queries about it.
            match &answer {
                Answer::Domains(page) => queries.extend(page.rows.iter().flat_map(|row| {
                    let key = row.key.clone();
                    [
                        Query::Domain(key.clone()),
                        Query::Users(key.clone()),
                        Query::Spaces(key.clone()),
                        Query::Apps(key.clone()),
                        Query::Tags(ObjectKey::Domain(key)),
                    ]
                })),
                Answer::Users(page) => {
                    queries.extend(page.rows.first().map(|row| Query::User(row.key.clone())));
                }
                Answer::Spaces(page) => {
                    queries.extend(page.rows.iter().map(|row| Query::Space(row.key.clone())));
                }
                Answer::Apps(page) => queries.extend(page.rows.iter().map(|row| Query::App(row.key.clone()))),
                _ => {}
            }
            fleet.absorb(&query, answer, now);
            assert_eq!(fleet.failure(&query), None, "{query:?}");
        }
    }
    assert!(asked > 50);
    assert!(fleet.listings().all(|(_, listing)| listing.is_complete()));
    assert_eq!(fleet.account_label(&account), "prod-ml");
    let (domains, profiles, spaces, apps) = sim.with_world(|world| {
        let region = world.region(&sagedeck::sim::world::Scope::new(ACCOUNT, "eu-west-1")).unwrap();
        (region.domains.len(), region.profiles.len(), region.spaces.len(), region.apps.len())
    });
    assert_eq!((fleet.domains.len(), fleet.users.len()), (domains, profiles));
    assert_eq!((fleet.spaces.len(), fleet.apps.len()), (spaces, apps));
    assert!(
        fleet.domains.iter().all(|row| row.detail.as_ref().is_some_and(|detail| detail.auth_mode.is_some()))
    );
    assert!(fleet.apps.iter().all(|row| row.activity.is_some() && row.created.is_some()));
    assert!(fleet.apps.iter().any(|row| row.instance.is_some() && row.image.is_some()));
    let prices = &fleet.prices[&Region::new("eu-west-1")];
    assert!(prices.hourly["ml.t3.medium"]["Studio-JupyterLab"] > 0.0 && prices.storage_gb_month.is_some());
    assert!(matches!(prices.origin, PriceOrigin::Api(_)));
}

#[tokio::test(start_paused = true)]
async fn a_described_object_comes_with_the_answer_as_aws_sent_it() {
    let sim = sim_with_apps(1);
    let (answers, _) = load(&gateway(&sim).await, &Query::App(super::app_key("space-0000"))).await;
    let [Answer::App(app, raw)] = &answers[..] else { panic!("{answers:?}") };
    let raw: serde_json::Value = serde_json::from_str(raw).unwrap();
    assert_eq!(raw["SpaceName"], "space-0000");
    assert_eq!(raw["Status"], app.status.as_str());
    let created_ms = raw["CreationTime"].as_f64().unwrap() * 1000.0;
    assert_eq!(created_ms.round() as i64, app.created.unwrap().as_millisecond());
}

#[tokio::test(start_paused = true)]
async fn a_list_takes_the_fewest_pages_and_the_first_comes_alone() {
    let sim = sim_with_apps(1_234);
    let (answers, problem) = load(&gateway(&sim).await, &Query::Apps(domain())).await;
    assert_eq!((apps_in(&answers), problem), ((1_234, true), None));
    let requests = sim.requests().of("ListApps");
    assert_eq!((answers.len(), requests.len()), (13, 13));
    assert!(requests.iter().all(|request| request.body["MaxResults"] == 100));
    assert!(requests.iter().all(|request| request.body["DomainIdEquals"] == "d-one"));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_receiver_stops_the_walk() {
    let sim = sim_with_apps(1_000);
    let gateway = gateway(&sim).await;
    let (pages, mut arrived) = tokio::sync::mpsc::channel(1);
    let walk = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.load(&Query::Apps(domain()), pages).await }
    });
    arrived.recv().await.unwrap().unwrap();
    drop(arrived);
    walk.await.unwrap();
    assert!(sim.requests().count("ListApps") <= 4);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_no_profile_leads_to_is_a_problem_and_no_request() {
    let sim = sim_with_apps(0);
    let gateway = gateway(&sim).await;
    let before = sim.requests().total();
    let problem = gateway.ask(&Query::Alias(AccountId::new("999999999999"))).await.unwrap_err();
    assert!(problem.is_credentials() && problem.message.contains("999999999999"));
    assert_eq!(sim.requests().total(), before);
}

#[tokio::test(start_paused = true)]
async fn of_two_profiles_for_one_account_the_first_one_chosen_is_used() {
    let sim = sim_with_apps(1);
    let mut settings = settings(&sim, "AKIAFIRST");
    let other = ProfileName::new("other");
    let keys = StaticKeys { access_key: "AKIAOTHER".to_owned(), secret_key: "secret".to_owned(), end: None };
    settings.keys.insert(other.clone(), keys);
    settings.profiles.push(other.clone());
    let gateway = Gateway::new(settings);
    let used = async |order: [&ProfileName; 2]| {
        for profile in order {
            gateway.ask(&Query::Identity(profile.clone())).await.unwrap();
        }
        gateway.ask(&Query::Apps(domain())).await.unwrap();
        sim.requests().of("ListApps").pop().unwrap().access_key
    };
    assert_eq!(used([&profile(), &other]).await, "AKIAFIRST");
    assert_eq!(used([&other, &profile()]).await, "AKIAFIRST", "in whichever order they answer");
    gateway.choose(vec![other.clone(), profile()]);
    assert_eq!(used([&profile(), &other]).await, "AKIAOTHER");
    gateway.choose(vec![ProfileName::new("third")]);
    let problem = gateway.ask(&Query::Apps(domain())).await.unwrap_err();
    assert!(problem.is_credentials(), "what was left is not used any more: {problem}");
}
