//! The simulated AWS over loopback HTTP.

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::config::retry::RetryConfig;
use aws_sdk_sagemaker::config::{BehaviorVersion, Credentials, Region};
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::listen::Listener;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{add_apps, empty};

#[tokio::test]
async fn the_same_answers_come_over_loopback_until_it_is_shut_down() {
    let sim = empty();
    add_apps(&sim, "d-one", 30);
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(listener.serve(sim.clone(), async {
        let _ = stopped.await;
    }));
    let config = aws_sdk_sagemaker::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(Credentials::new("AKIADEFAULT", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = Client::from_conf(config);
    let apps =
        client.list_apps().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(apps.len(), 30);
    for fault in [Fault::Truncate, Fault::LoseAnswer, Fault::Html] {
        let id = sim.faults().add(Target::all(), fault.clone());
        assert!(client.list_apps().send().await.is_err(), "{fault:?}");
        sim.faults().remove(id);
    }
    stop.send(()).unwrap();
    drop(client);
    server.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_unsigned_request_is_refused() {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.address();
    let server = tokio::spawn(listener.serve(empty(), std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: SageMaker.ListApps\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("x-amzn-requestid: "), "{answer}");
    assert!(answer.ends_with(
        r#"{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}"#
    ));
    server.abort();
}

#[tokio::test]
async fn only_loopback_addresses_are_served() {
    let refused = Listener::bind("0.0.0.0:0".parse().unwrap()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
}
