//! The HTTP client that is used outside of the demo, over loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use sagedeck::aws::{Gateway, Settings};
use sagedeck::fleet::{Answer, ProblemKind, Query};
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::listen::Listener;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{apps_in, domain, load, profile, settings, sim_with_apps};

fn over(address: SocketAddr, settings: Settings) -> Gateway {
    let endpoint_url = Some(format!("http://{address}"));
    Gateway::new(Settings { http_client: None, endpoint_url, ..settings })
}

#[tokio::test]
async fn the_real_client_reads_over_a_socket_and_tells_where_it_is() {
    let sim = sim_with_apps(250);
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let gateway = over(listener.address(), settings(&sim, "AKIADEFAULT"));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(listener.serve(sim.clone(), async move { drop(stopped.await) }));
    let identity = gateway.ask(&Query::Identity(profile())).await.unwrap();
    assert!(matches!(identity, Answer::Identity(identity) if identity.account.as_str() == super::ACCOUNT));
    let (answers, problem) = load(&gateway, &Query::Apps(domain())).await;
    assert_eq!((apps_in(&answers), problem), ((250, true), None));
    let foreign = gateway.foreign_endpoints();
    assert!(
        foreign.iter().all(|(_, url)| url.starts_with("http://127.0.0.1:")) && foreign.len() == 2,
        "{foreign:?}"
    );
    sim.faults().add_times(Target::operation("DescribeApp"), Fault::Disconnect, 2);
    let again = gateway.ask(&Query::App(super::app_key("space-0000"))).await;
    assert!(again.is_ok(), "a broken connection is made anew: {again:?}");
    drop(stop);
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_question_that_gets_no_answer_can_be_given_up_at_once() {
    let sim = sim_with_apps(0);
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let gateway = over(listener.address(), settings(&sim, "AKIADEFAULT"));
    drop(listener);
    let started = Instant::now();
    let (pages, mut answers) = tokio::sync::mpsc::channel(1);
    let loading = tokio::spawn(async move { gateway.load(&Query::Identity(profile()), pages).await });
    // It is asked again for half a minute; nobody has to wait for that here.
    let early = tokio::time::timeout(Duration::from_millis(300), answers.recv()).await;
    assert!(early.is_err(), "{early:?}");
    drop(answers);
    loading.await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(600), "giving up takes effect at once");
}

#[tokio::test]
async fn a_profile_that_does_not_exist_gives_no_credentials_and_no_request() {
    let sim = sim_with_apps(0);
    let mut settings = settings(&sim, "AKIADEFAULT");
    settings.keys.clear();
    let missing = sagedeck::fleet::ProfileName::new("sagedeck-test-no-such-profile");
    settings.profiles = vec![missing.clone()];
    let problem = Gateway::new(settings).ask(&Query::Identity(missing)).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NoCredentials, "{problem}");
    assert_eq!(sim.requests().total(), 0);
}
