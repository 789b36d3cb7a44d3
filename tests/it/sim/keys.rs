//! Credentials that expire and are renewed, work that fails after it was accepted, and the log of writes.

use std::time::Duration;

use aws_sdk_sagemaker::types::AppType;
use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::world::Principal;

use super::{add_apps, app_key, client, code, created_of, empty, furnish, refusal, scope};

const KEY: &str = "AKIADEFAULT";

async fn who(sim: &SimulatedAws) -> Result<(String, String), String> {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(KEY, "x", None, None, "test")))
        .http_client(sim.clone())
        .build();
    let answer = aws_sdk_sts::Client::from_conf(config).get_caller_identity().send().await;
    match answer {
        Ok(who) => Ok((who.account().unwrap().to_owned(), who.arn().unwrap().to_owned())),
        Err(error) => Err(error.into_service_error().meta().code().unwrap_or_default().to_owned()),
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_expire_after_some_requests_and_come_back_as_the_same_or_another() {
    let sim = empty();
    let client = client(&sim);
    let before = who(&sim).await.unwrap();
    sim.with_world(|world| world.keys.expire_after(KEY, 2));
    client.list_apps().send().await.unwrap();
    client.list_apps().send().await.unwrap();
    assert_eq!(code(client.list_apps().send().await), "ExpiredTokenException");
    assert_eq!(who(&sim).await, Err("ExpiredToken".to_owned()));
    sim.with_world(|world| world.keys.renew(KEY));
    assert_eq!(who(&sim).await.unwrap(), before);
    let now = sim.with_world(|world| world.now());
    sim.with_world(|world| world.keys.expire_at(KEY, now + 60_000));
    client.list_apps().send().await.unwrap();
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(code(client.list_apps().send().await), "ExpiredTokenException");
    sim.with_world(|world| world.keys.renew_as(KEY, Principal::role("210987654321", "ReadOnly", "eve")));
    let after = who(&sim).await.unwrap();
    assert_eq!(after.0, "210987654321");
    assert!(after.1.ends_with(":assumed-role/ReadOnly/eve"), "{}", after.1);
}

#[tokio::test(start_paused = true)]
async fn an_explicit_denial_is_told_from_a_missing_permission() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    sim.faults().schedule(Target::operation("DeleteSpace"), Fault::ExplicitDeny, 0, 1);
    let delete = || client.delete_space().domain_id("d-one").space_name("anna-lab").send();
    let (refused, message) = refusal(delete().await);
    assert_eq!(refused, "AccessDeniedException");
    assert!(message.ends_with("with an explicit deny in a service control policy"), "{message}");
    delete().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_every_write_with_its_target_and_its_outcome() {
    let sim = empty();
    furnish(&sim);
    add_apps(&sim, "d-one", 2);
    let client = client(&sim);
    let delete = |space: &str| {
        let request = client.delete_app().domain_id("d-one").space_name(space);
        request.app_type(AppType::JupyterLab).app_name("default").send()
    };
    sim.faults().add_times(Target::operation("DeleteApp"), Fault::LoseAnswer, 1);
    delete("space-0000").await.unwrap_err();
    client.list_apps().send().await.unwrap();
    assert_eq!(code(delete("space-0000").await), "ResourceInUse", "it is being stopped already");
    sim.faults().add_times(Target::operation("DeleteApp"), Fault::Disconnect, 1);
    delete("space-0001").await.unwrap_err();
    let outcomes: Vec<_> = sim
        .requests()
        .writes()
        .into_iter()
        .map(|it| (it.target(), it.was_carried_out(), it.is_answered, it.error.map(|code| code.to_string())))
        .collect();
    let target = |space: &str| format!("d-one/{space}/JupyterLab/default");
    assert_eq!(
        outcomes,
        [
            (target("space-0000"), true, false, None),
            (target("space-0000"), false, true, Some("ResourceInUse".to_owned())),
            (target("space-0001"), false, false, None),
        ]
    );
    let last = sim.requests().writes().remove(0);
    assert!(last.principal.ends_with("assumed-role/MLAdmin/AKIADEFAULT"), "{}", last.principal);
    assert!(last.request_id.len() == 36 && last.at > 0);
}

#[tokio::test(start_paused = true)]
async fn work_that_was_accepted_can_fail_or_hang() {
    let sim = empty();
    furnish(&sim);
    add_apps(&sim, "d-one", 1);
    let client = client(&sim);
    sim.faults().add_times(Target::operation("CreateApp"), Fault::FailLater("No capacity.".into()), 1);
    sim.faults().add(Target::operation("DeleteApp"), Fault::Hang);
    sim.faults().add(Target::operation("CreateUserProfile"), Fault::FailLater("No.".into()));
    let create = client.create_app().domain_id("d-one").space_name("anna-lab");
    create.app_type(AppType::JupyterLab).app_name("default").send().await.unwrap();
    let delete = client.delete_app().domain_id("d-one").space_name("space-0000");
    delete.app_type(AppType::JupyterLab).app_name("default").send().await.unwrap();
    client.create_user_profile().domain_id("d-one").user_profile_name("carl").send().await.unwrap();
    tokio::time::sleep(Duration::from_hours(2)).await;
    let apps = client.list_apps().send().await.unwrap();
    let mut states: Vec<_> =
        apps.apps().iter().map(|app| (app.space_name().unwrap(), app.status().unwrap().as_str())).collect();
    states.sort_unstable();
    assert_eq!(states, [("anna-lab", "Failed"), ("space-0000", "Deleting")]);
    let profile = client.describe_user_profile().domain_id("d-one").user_profile_name("carl");
    let profile = profile.send().await.unwrap();
    assert_eq!(profile.status().map(aws_sdk_sagemaker::types::UserProfileStatus::as_str), Some("Failed"));
    assert_eq!(profile.failure_reason(), Some("No."));
}

#[tokio::test(start_paused = true)]
async fn an_object_can_be_replaced_by_another_of_its_name() {
    let sim = empty();
    furnish(&sim);
    add_apps(&sim, "d-one", 1);
    let key = app_key("d-one", "space-0000");
    let before = created_of(&sim, &key);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(sim.with_world(|world| world.replace_app(&scope(), &key)));
    assert!(created_of(&sim, &key) > before);
    let client = client(&sim);
    let space = async || {
        let space = client.describe_space().domain_id("d-one").space_name("anna-lab").send().await.unwrap();
        (*space.creation_time().unwrap(), space.space_settings().unwrap().app_type().cloned())
    };
    let old = space().await;
    assert!(sim.with_world(|world| world.replace_space(&scope(), &"d-one".into(), &"anna-lab".into())));
    let new = space().await;
    assert!(new.0.secs() > old.0.secs());
    assert_eq!(new.1, old.1);
    assert!(sim.with_world(|world| world.replace_profile(&scope(), &"d-one".into(), &"BERT".into())));
}
