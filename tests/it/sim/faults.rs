//! Faults between the client and the simulated AWS, as the SDK sees them.

use std::time::Duration;

use aws_sdk_sagemaker::config::retry::RetryConfig;
use aws_sdk_sagemaker::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sagemaker::types::AppType;
use sagedeck::sim::faults::{Fault, Target};

use super::{add_apps, client, client_of, code, empty, furnish};

#[tokio::test(start_paused = true)]
async fn refusals_carry_the_codes_that_clients_decide_on() {
    let sim = empty();
    let client = client(&sim);
    for (fault, expected) in [
        (Fault::Throttle(1.0), "ThrottlingException"),
        (Fault::Status(500), "InternalFailure"),
        (Fault::Status(503), "ServiceUnavailable"),
        (Fault::ExpiredCredentials, "ExpiredTokenException"),
        (Fault::Refuse("ResourceInUse".into(), "busy".into()), "ResourceInUse"),
    ] {
        let id = sim.faults().add(Target::operation("ListApps"), fault);
        assert_eq!(code(client.list_apps().send().await), expected);
        client.list_domains().send().await.unwrap();
        sim.faults().remove(id);
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_passes_is_survived_by_the_retries_of_the_sdk() {
    let sim = empty();
    add_apps(&sim, "d-one", 1);
    sim.faults().add_times(Target::all(), Fault::Throttle(1.0), 2);
    let client = client_of(&sim, "AKIADEFAULT", RetryConfig::standard());
    assert_eq!(client.list_apps().send().await.unwrap().apps().len(), 1);
    assert_eq!(sim.requests().count("ListApps"), 3);
    let statuses: Vec<_> = sim.requests().of("ListApps").iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(400), Some(400), Some(200)]);
}

#[tokio::test(start_paused = true)]
async fn credentials_can_expire_in_the_middle_of_a_walk() {
    let sim = empty();
    add_apps(&sim, "d-one", 30);
    sim.faults().schedule(Target::all(), Fault::ExpiredCredentials, 2, u64::MAX);
    let mut pages = client(&sim).list_apps().into_paginator().send();
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.unwrap().is_ok());
    assert_eq!(code(pages.next().await.unwrap()), "ExpiredTokenException");
}

#[tokio::test(start_paused = true)]
async fn broken_answers_are_errors_without_a_code() {
    let sim = empty();
    add_apps(&sim, "d-one", 3);
    let client = client(&sim);
    for fault in [Fault::Truncate, Fault::Html, Fault::Disconnect, Fault::LoseAnswer] {
        let id = sim.faults().add(Target::all(), fault.clone());
        let error = client.list_apps().send().await.unwrap_err();
        assert_eq!(error.code(), None, "{fault:?}");
        if matches!(fault, Fault::Disconnect | Fault::LoseAnswer) {
            assert!(matches!(&error, SdkError::DispatchFailure(failure) if failure.is_io()), "{error:?}");
        }
        sim.faults().remove(id);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_answer_reported_was_done() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let create = || {
        client
            .create_app()
            .domain_id("d-one")
            .space_name("anna-lab")
            .app_type(AppType::JupyterLab)
            .app_name("default")
    };
    sim.faults().add_times(Target::operation("CreateApp"), Fault::Disconnect, 1);
    create().send().await.unwrap_err();
    assert_eq!(client.list_apps().send().await.unwrap().apps().len(), 0);
    sim.faults().add_times(Target::operation("CreateApp"), Fault::LoseAnswer, 1);
    create().send().await.unwrap_err();
    assert_eq!(client.list_apps().send().await.unwrap().apps().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_black_hole_never_answers_and_latency_is_counted_in_real_time() {
    let sim = empty();
    let client = client(&sim);
    sim.faults().add(Target::all().in_region("eu-west-1"), Fault::Latency(Duration::from_millis(300)));
    let start = tokio::time::Instant::now();
    client.list_apps().send().await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(300) && start.elapsed() < Duration::from_millis(400));
    sim.faults().clear();
    sim.faults().add(Target::all(), Fault::BlackHole);
    // The SDK itself gives up on a silent connection after a few seconds.
    let waited = tokio::time::timeout(Duration::from_secs(3), client.list_apps().send()).await;
    assert!(waited.is_err(), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_repeated_token_and_endless_empty_pages_can_be_had() {
    let sim = empty();
    add_apps(&sim, "d-one", 30);
    let client = client(&sim);
    let first = client.list_apps().send().await.unwrap();
    let token = first.next_token().unwrap();
    let id = sim.faults().add(Target::operation("ListApps"), Fault::RepeatToken);
    let second = client.list_apps().next_token(token).send().await.unwrap();
    assert_eq!(second.next_token(), Some(token));
    sim.faults().remove(id);

    sim.faults().add(Target::operation("ListApps"), Fault::EmptyPages);
    let mut token = None;
    for _ in 0..5 {
        let page = client.list_apps().set_next_token(token.clone()).send().await.unwrap();
        assert_eq!(page.apps().len(), 0);
        assert_ne!(page.next_token(), token.as_deref());
        token = page.next_token().map(str::to_owned);
    }
}
