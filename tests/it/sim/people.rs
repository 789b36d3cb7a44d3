//! Identity Center: applications, assignments, people.

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::Scenario;
use serde_json::{Value, json};

use super::raw::json as ask;
use super::{EPOCH, client, code, refusal};

fn small() -> SimulatedAws {
    SimulatedAws::builder().scenario(Scenario::Small).epoch_seconds(EPOCH).build()
}

struct Center {
    store: String,
    application: String,
    domain: String,
}

async fn center(sim: &SimulatedAws) -> Center {
    let instances = ask(sim, "sso", "ListInstances", json!({})).await.json();
    let client = client(sim);
    for row in client.list_domains().send().await.unwrap().domains() {
        let domain = client.describe_domain().set_domain_id(row.domain_id.clone()).send().await.unwrap();
        if let Some(application) = domain.single_sign_on_application_arn() {
            return Center {
                store: instances["Instances"][0]["IdentityStoreId"].as_str().unwrap().to_owned(),
                application: application.to_owned(),
                domain: domain.domain_id().unwrap().to_owned(),
            };
        }
    }
    panic!("no domain with single sign-on");
}

async fn user_id(sim: &SimulatedAws, store: &str, name: &str) -> Option<String> {
    let attribute = json!({"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}});
    let request = json!({"IdentityStoreId": store, "AlternateIdentifier": attribute});
    let answer = ask(sim, "identitystore", "GetUserId", request).await;
    if answer.status != 200 {
        assert_eq!(answer.json()["__type"], "ResourceNotFoundException");
    }
    answer.json()["UserId"].as_str().map(str::to_owned)
}

async fn assigned(sim: &SimulatedAws, application: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut token = Value::Null;
    loop {
        let request = json!({"ApplicationArn": application, "MaxResults": 7, "NextToken": token});
        let page = ask(sim, "sso", "ListApplicationAssignments", request).await.json();
        let rows = page["ApplicationAssignments"].as_array().unwrap();
        assert!(rows.len() <= 7);
        ids.extend(rows.iter().map(|row| row["PrincipalId"].as_str().unwrap().to_owned()));
        token = page["NextToken"].clone();
        if token.is_null() {
            return ids;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn some_with_a_profile_are_not_assigned_and_some_people_have_no_profile() {
    let sim = small();
    let Center { store, application, domain } = center(&sim).await;
    let assigned = assigned(&sim, &application).await;
    let client = client(&sim);
    let profiles =
        client.list_user_profiles().domain_id_equals(&domain).max_results(100).send().await.unwrap();
    let mut without = Vec::new();
    for row in profiles.user_profiles() {
        let profile = client.describe_user_profile().domain_id(&domain);
        let profile = profile.set_user_profile_name(row.user_profile_name.clone()).send().await.unwrap();
        let id = user_id(&sim, &store, profile.single_sign_on_user_value().unwrap()).await.unwrap();
        if !assigned.contains(&id) {
            without.push(profile.user_profile_name().unwrap().to_owned());
        }
    }
    without.sort();
    assert_eq!(without, ["gustav-n", "robin-x"]);
    let users = ask(&sim, "identitystore", "ListUsers", json!({"IdentityStoreId": store})).await.json();
    assert_eq!(users["Users"].as_array().unwrap().len(), profiles.user_profiles().len() + 8);
    assert!(user_id(&sim, &store, "Ada-L@Example.com").await.is_some(), "in any spelling");
    assert!(user_id(&sim, &store, "nobody@example.com").await.is_none());
    let described =
        ask(&sim, "sso", "DescribeApplication", json!({"ApplicationArn": application})).await.json();
    assert_eq!(described["Name"], format!("Amazon SageMaker Studio ({domain})"));
}

#[tokio::test(start_paused = true)]
async fn an_assignment_is_made_once_and_taken_back_once() {
    let sim = small();
    let Center { store, application, .. } = center(&sim).await;
    let id = user_id(&sim, &store, "ada-l@example.com").await.unwrap();
    let request = json!({"ApplicationArn": application, "PrincipalId": id, "PrincipalType": "USER"});
    let status = async |operation: &str| {
        let answer = ask(&sim, "sso", operation, request.clone()).await;
        (answer.status, answer.json()["__type"].as_str().map(str::to_owned))
    };
    assert_eq!(status("CreateApplicationAssignment").await, (200, None));
    assert!(assigned(&sim, &application).await.contains(&id));
    assert_eq!(status("CreateApplicationAssignment").await, (400, Some("ConflictException".into())));
    assert_eq!(status("DeleteApplicationAssignment").await, (200, None));
    assert_eq!(status("DeleteApplicationAssignment").await, (400, Some("ResourceNotFoundException".into())));
    let writes = sim.requests().writes();
    assert_eq!(writes.len(), 4);
    assert_eq!(writes[0].target(), format!("{application}/{id}"));
    let stranger = request["PrincipalId"].as_str().unwrap().replace(|it: char| it.is_ascii_digit(), "0");
    let request = json!({"ApplicationArn": application, "PrincipalId": stranger, "PrincipalType": "USER"});
    let answer = ask(&sim, "sso", "CreateApplicationAssignment", request).await.json();
    assert_eq!(answer["__type"], "ResourceNotFoundException");
    let nonsense = json!({"ApplicationArn": "x", "PrincipalId": id, "PrincipalType": "ROBOT"});
    let answer = ask(&sim, "sso", "CreateApplicationAssignment", nonsense).await.json();
    assert_eq!(answer["__type"], "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn only_people_of_the_identity_store_get_a_profile() {
    let sim = small();
    let Center { domain, .. } = center(&sim).await;
    let client = client(&sim);
    let create = |name: &str, user: &str| {
        let request = client.create_user_profile().domain_id(&domain).user_profile_name(name);
        request.single_sign_on_user_identifier("UserName").single_sign_on_user_value(user).send()
    };
    let (refused, message) = refusal(create("eve", "eve@example.com").await);
    assert_eq!(refused, "ValidationException");
    assert!(message.contains("[eve@example.com]"), "{message}");
    create("ada-l", "ada-l@example.com").await.unwrap();
    assert_eq!(code(create("ada-l", "ada-l@example.com").await), "ResourceInUse");
}
