//! Lists and descriptions while AWS or the network fails; names carry the number of the fault.

use std::time::Duration;

use sagedeck::fleet::{AccountId, Answer, ProblemKind, Query, Region, Scope};
use sagedeck::sim::faults::{Fault, Target};
use tokio::time::Instant;

use super::{ACCOUNT, app_key, apps_in, domain, gateway, load, sim_with_apps};

#[tokio::test(start_paused = true)]
async fn f1_when_every_list_is_throttled_the_request_rate_decays() {
    let sim = sim_with_apps(10);
    let gateway = gateway(&sim).await;
    sim.faults().add(Target::operation("List*"), Fault::Throttle(1.0));
    let queries = [Query::Apps(domain()), Query::Apps(domain()), Query::Apps(domain())];
    let loads = queries.map(|query| {
        let gateway = gateway.clone();
        tokio::spawn(async move { load(&gateway, &query).await })
    });
    tokio::time::sleep(Duration::from_secs(30)).await;
    let early = sim.requests().count("ListApps");
    tokio::time::sleep(Duration::from_secs(30)).await;
    let late = sim.requests().count("ListApps") - early;
    assert!(late <= 30, "{late} requests in 30 s");
    for load in loads {
        let (answers, problem) = load.await.unwrap();
        assert_eq!((answers.len(), problem.unwrap().kind), (0, ProblemKind::Throttled));
    }
}

#[tokio::test(start_paused = true)]
async fn f2_a_long_walk_under_heavy_throttling_ends_complete_and_never_starts_again() {
    let sim = sim_with_apps(9_999);
    let gateway = gateway(&sim).await;
    sim.faults().add(Target::operation("ListApps"), Fault::Throttle(0.5));
    let (answers, problem) = load(&gateway, &Query::Apps(domain())).await;
    assert_eq!((apps_in(&answers), problem), ((9_999, true), None));
    let requests = sim.requests().of("ListApps");
    assert!(requests.len() <= 260, "{} requests for 100 pages", requests.len());
    let served = requests.iter().filter(|request| request.status == Some(200));
    assert_eq!(served.filter(|request| request.body.get("NextToken").is_none()).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn f4_a_page_that_fails_is_asked_again_with_its_own_token() {
    for fault in [Fault::Status(500), Fault::Status(503), Fault::Html, Fault::Disconnect, Fault::BlackHole] {
        let sim = sim_with_apps(300);
        let gateway = gateway(&sim).await;
        sim.faults().schedule(Target::operation("ListApps"), fault.clone(), 1, 3);
        let (answers, problem) = load(&gateway, &Query::Apps(domain())).await;
        assert_eq!((apps_in(&answers), problem), ((300, true), None), "{fault:?}");
        let requests = sim.requests().of("ListApps");
        assert_eq!(requests.len(), 6, "{fault:?}");
        assert!(
            requests[1..5].iter().all(|request| request.body["NextToken"] == requests[1].body["NextToken"])
        );
    }
}

#[tokio::test(start_paused = true)]
async fn f4_a_page_that_never_comes_leaves_the_rows_before_it_and_a_list_that_is_not_complete() {
    let sim = sim_with_apps(300);
    let gateway = gateway(&sim).await;
    sim.faults().schedule(Target::operation("ListApps"), Fault::Status(500), 1, u64::MAX);
    let started = Instant::now();
    let (answers, problem) = load(&gateway, &Query::Apps(domain())).await;
    assert_eq!(apps_in(&answers), (100, false));
    assert_eq!(problem.unwrap().kind, ProblemKind::Network);
    assert!((60..=180).contains(&started.elapsed().as_secs()));
}

#[tokio::test(start_paused = true)]
async fn f5_a_token_that_is_refused_starts_the_walk_anew_once_without_doubles() {
    let sim = sim_with_apps(300);
    let gateway = gateway(&sim).await;
    let refused = || Fault::Refuse("ValidationException".into(), "Invalid NextToken".into());
    sim.faults().schedule(Target::operation("ListApps"), refused(), 2, 1);
    let (answers, problem) = load(&gateway, &Query::Apps(domain())).await;
    assert_eq!((apps_in(&answers), problem), ((300, true), None));
    assert_eq!(sim.requests().count("ListApps"), 6);
    sim.faults().schedule(Target::operation("ListApps"), refused(), 1, u64::MAX);
    let (answers, problem) = load(&gateway, &Query::Apps(domain())).await;
    assert!(!apps_in(&answers).1);
    assert_eq!(problem.unwrap().kind, ProblemKind::Invalid);
}

#[tokio::test(start_paused = true)]
async fn f6_a_token_that_repeats_is_a_problem_after_two_further_calls_at_most() {
    let sim = sim_with_apps(500);
    let gateway = gateway(&sim).await;
    sim.faults().add(Target::operation("ListApps"), Fault::RepeatToken);
    let (answers, problem) = load(&gateway, &Query::Apps(domain())).await;
    assert!(!apps_in(&answers).1, "a list that ends so must not claim to be complete");
    assert!(problem.unwrap().message.contains("same page token"));
    assert!(sim.requests().count("ListApps") <= 3);
}

#[tokio::test(start_paused = true)]
async fn f7_empty_pages_without_end_come_to_an_end() {
    let sim = sim_with_apps(500);
    let gateway = gateway(&sim).await;
    sim.faults().add(Target::operation("ListApps"), Fault::EmptyPages);
    let (answers, problem) = load(&gateway, &Query::Apps(domain())).await;
    assert_eq!(apps_in(&answers), (0, false));
    assert_eq!(problem.unwrap().kind, ProblemKind::Unexpected);
    assert!(sim.requests().count("ListApps") <= 50);
}

#[tokio::test(start_paused = true)]
async fn f11_an_answer_that_is_too_late_is_given_up_after_ten_seconds_and_asked_again() {
    let sim = sim_with_apps(1);
    let gateway = gateway(&sim).await;
    sim.faults().add_times(Target::operation("DescribeApp"), Fault::Latency(Duration::from_mins(10)), 1);
    let started = Instant::now();
    let answer = gateway.ask(&Query::App(app_key("space-0000"))).await;
    assert!(matches!(answer, Ok(Answer::App(..))));
    assert!((10..=12).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn f12_a_black_hole_is_a_network_problem_in_bounded_time() {
    let sim = sim_with_apps(1);
    let gateway = gateway(&sim).await;
    sim.faults().add(Target::operation("DescribeApp"), Fault::BlackHole);
    let started = Instant::now();
    let problem = gateway.ask(&Query::App(app_key("space-0000"))).await.unwrap_err();
    assert_eq!((problem.kind, problem.operation), (ProblemKind::Network, Some("DescribeApp".into())));
    assert!(started.elapsed().as_secs() <= 45, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn f13_an_answer_that_breaks_off_is_asked_again() {
    let sim = sim_with_apps(100);
    let gateway = gateway(&sim).await;
    sim.faults().add_times(Target::operation("ListApps"), Fault::Truncate, 2);
    let (answers, problem) = load(&gateway, &Query::Apps(domain())).await;
    assert_eq!((apps_in(&answers), problem), ((100, true), None));
}

#[tokio::test(start_paused = true)]
async fn f15_one_dead_region_leaves_the_others_alone() {
    let sim = sim_with_apps(100);
    let gateway = gateway(&sim).await;
    sim.faults().add(Target::all().in_region("us-east-1"), Fault::BlackHole);
    let dead = Scope::new(AccountId::new(ACCOUNT), Region::new("us-east-1"));
    let (_, problem) = load(&gateway, &Query::Domains(dead)).await;
    assert_eq!(problem.unwrap().kind, ProblemKind::Network);
    let started = Instant::now();
    let (answers, problem) = load(&gateway, &Query::Apps(domain())).await;
    assert_eq!((apps_in(&answers), problem), ((100, true), None));
    assert!(started.elapsed().as_secs() < 1);
}

#[tokio::test(start_paused = true)]
async fn f19_a_denied_list_is_a_problem_and_not_an_empty_list() {
    let sim = sim_with_apps(100);
    let gateway = gateway(&sim).await;
    sim.with_world(|world| world.deny("sagemaker:ListSpaces"));
    let (answers, problem) = load(&gateway, &Query::Spaces(domain())).await;
    assert!(answers.is_empty());
    let problem = problem.unwrap();
    assert_eq!(problem.kind, ProblemKind::AccessDenied);
    assert!(problem.hint.contains("sagemaker:ListSpaces"), "{problem}");
    assert_eq!(sim.requests().count("ListSpaces"), 1, "a denial is not asked for twice");
    let (answers, _) = load(&gateway, &Query::Apps(domain())).await;
    assert_eq!(apps_in(&answers), (100, true));
}
