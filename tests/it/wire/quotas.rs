//! Service Quotas on the wire: pages to their end, what AWS could not tell, and a request that came too late.

use std::sync::Arc;

use sagedeck::aws::NotTaken;
use sagedeck::fleet::{
    Answer, AppType, Bound, Change, Event, Limited, Name, Plan, ProblemKind, Progress, Query, QuotaCode,
    QuotaKey, RequestStatus, Step, StepState, Timestamp,
};
use sagedeck::operations::{Executor, Order};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::canned::Canned;
use super::{load, scope};

const G5: &str = "Studio JupyterLab Apps running on ml.g5.xlarge instances";

fn key() -> QuotaKey {
    QuotaKey { scope: scope(), code: QuotaCode::new("L-988CE6C5"), name: Name::new(G5) }
}

fn quota(code: &str, name: &str, value: Option<f64>) -> Value {
    json!({ "QuotaCode": code, "QuotaName": name, "Value": value, "Adjustable": true, "Unit": "None" })
}

#[tokio::test(start_paused = true)]
async fn limits_are_read_to_the_last_page_and_those_of_other_services_are_left_out() {
    let aws = Canned::new(|asked| {
        let body = match asked.json()["NextToken"].as_str() {
            None => {
                let mut broken =
                    quota("L-2", "Studio CodeEditor Apps running on ml.g5.xlarge instances", None);
                broken["ErrorReason"] =
                    json!({ "ErrorCode": "DEPENDENCY_THROTTLING_ERROR", "ErrorMessage": "slow\u{1b}" });
                json!({ "NextToken": "two", "Quotas": [quota("L-988CE6C5", G5, Some(4.0)), broken] })
            }
            Some(_) => json!({ "Quotas": [
                quota("L-9", "ml.g5.xlarge for training job usage", Some(9.0)),
                quota("L-10", "Studio KernelGateway Apps running on ml.p4d.24xlarge instances", Some(0.0)),
                quota("L-B683BCB0", "Total domains", Some(2.0)),
            ] }),
        };
        (200, body.to_string())
    });
    let gateway = aws.gateway().await;
    for query in [Query::Quotas(scope()), Query::QuotaDefaults(scope())] {
        let (answers, problem) = load(&gateway, &query).await;
        assert_eq!(problem, None);
        let [Answer::Quotas(list)] = answers.as_slice() else { panic!("{answers:?}") };
        let rows: Vec<_> =
            list.rows.iter().map(|row| (row.limits.to_string(), row.value, row.error.as_deref())).collect();
        let error = "DEPENDENCY_THROTTLING_ERROR: slow\\u{1b}";
        assert_eq!(
            rows,
            [
                ("JupyterLab on ml.g5.xlarge".to_owned(), Some(4.0), None),
                ("CodeEditor on ml.g5.xlarge".to_owned(), None, Some(error)),
                ("KernelGateway on ml.p4d.24xlarge".to_owned(), Some(0.0), None),
                ("domains".to_owned(), Some(2.0), None),
            ]
        );
    }
    let asked = aws.asked();
    let operations: Vec<_> = asked.iter().map(|one| one.header("x-amz-target").to_owned()).collect();
    let (list, defaults) =
        ("ServiceQuotasV20190624.ListServiceQuotas", "ServiceQuotasV20190624.ListAWSDefaultServiceQuotas");
    assert_eq!(operations, [list, list, defaults, defaults]);
    assert_eq!(asked[0].json(), json!({ "ServiceCode": "sagemaker", "MaxResults": 100 }));
    assert_eq!(asked[1].json()["NextToken"], "two");
}

#[tokio::test(start_paused = true)]
async fn a_quota_without_a_name_makes_the_list_incomplete_rather_than_shorter() {
    let aws = Canned::saying(200, r#"{"Quotas": [{"Value": 3.0}]}"#);
    let gateway = aws.gateway().await;
    let (answers, problem) = load(&gateway, &Query::Quotas(scope())).await;
    assert!(answers.is_empty() && problem.unwrap().message.contains("without a name"));
}

#[tokio::test(start_paused = true)]
async fn requests_for_more_are_read_the_newest_first_with_whatever_is_missing_missing() {
    let aws = Canned::new(|_| {
        let requests = json!({ "RequestedQuotas": [
            { "Id": "old", "QuotaCode": "L-1", "Status": "DENIED", "DesiredValue": 9.0, "Created": 1_700_000_000.5 },
            { "Id": "new", "QuotaCode": "L-1", "Status": "CASE_OPENED", "CaseId": "77", "Created": 1_800_000_000 },
            { "Id": "odd", "QuotaCode": "L-1", "Status": "ON_ICE" },
        ] });
        (200, requests.to_string())
    });
    let answer = aws.gateway().await.ask(&Query::QuotaRequests(scope())).await.unwrap();
    let Answer::QuotaRequests(requests) = answer else { panic!("{answer:?}") };
    let told: Vec<_> = requests.iter().map(|one| (&*one.id, one.desired, one.status.clone())).collect();
    assert_eq!(
        told,
        [
            ("new", None, RequestStatus::CaseOpened),
            ("old", Some(9.0), RequestStatus::Denied),
            ("odd", None, RequestStatus::Other("ON_ICE".into())),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_the_accounts_own_that_is_not_there_is_not_found_and_not_zero() {
    let aws = Canned::saying(400, r#"{"__type": "NoSuchResourceException", "message": "not here"}"#);
    let problem = aws.gateway().await.ask(&Query::Quota(key())).await.unwrap_err();
    assert_eq!((problem.kind, aws.asked().len()), (ProblemKind::NotFound, 1));
    let aws = Canned::new(|_| (200, json!({ "Quota": quota("L-988CE6C5", G5, Some(4.0)) }).to_string()));
    let Answer::Quota(quota) = aws.gateway().await.ask(&Query::Quota(key())).await.unwrap() else { panic!() };
    let limits = Limited::Apps(AppType::JupyterLab, "ml.g5.xlarge".into());
    assert_eq!((quota.limits, quota.value), (limits, Some(4.0)));
    assert_eq!(aws.asked()[0].json(), json!({ "ServiceCode": "sagemaker", "QuotaCode": "L-988CE6C5" }));
}

fn plan() -> Plan {
    let Value::Object(members) = json!({ "DesiredValue": 20 }) else { unreachable!() };
    let step = Step::new(Change::RequestQuota(key(), members), Bound::Unbound);
    Plan::new("Request 20", "request", Timestamp::UNIX_EPOCH, vec![step])
}

/// Carries the plan out against this AWS; gives how its step ended.
async fn end(aws: &Canned) -> StepState {
    let gateway = aws.gateway().await;
    let executor = Arc::new(Executor::new(gateway.clone(), None));
    let (progress, mut news) = mpsc::channel::<Progress>(64);
    let lease = gateway.lift_for(&plan()).unwrap();
    let listener = tokio::spawn(async move {
        let mut last = StepState::Waiting;
        while let Some(one) = news.recv().await {
            if let Event::Step { state, .. } = one.event {
                last = state;
            }
        }
        last
    });
    let order = Order::new(Arc::new(plan()));
    executor.carry_out(order, lease, Timestamp::UNIX_EPOCH, progress).await.unwrap();
    listener.await.unwrap()
}

/// An AWS with a limit of 4, and this history: before the first request, and after it.
fn aws_with(before: Value, refusal: Option<&'static str>, after: Value) -> Canned {
    let sent = std::sync::atomic::AtomicBool::new(false);
    Canned::new(move |asked| match asked.operation() {
        "GetServiceQuota" => (200, json!({ "Quota": quota("L-988CE6C5", G5, Some(4.0)) }).to_string()),
        "ListRequestedServiceQuotaChangeHistory" => {
            let is_sent = sent.load(std::sync::atomic::Ordering::SeqCst);
            (200, json!({ "RequestedQuotas": if is_sent { &after } else { &before } }).to_string())
        }
        "RequestServiceQuotaIncrease" => {
            sent.store(true, std::sync::atomic::Ordering::SeqCst);
            match refusal {
                Some(code) => (400, json!({ "__type": code, "message": "no" }).to_string()),
                None => (200, json!({ "RequestedQuota": { "Id": "mine", "Status": "PENDING" } }).to_string()),
            }
        }
        other => panic!("{other}"),
    })
}

fn request(id: &str, desired: f64, status: &str) -> Value {
    let created = 1_800_000_000;
    json!({ "Id": id, "QuotaCode": "L-988CE6C5", "DesiredValue": desired, "Status": status, "Created": created })
}

fn requests_sent(aws: &Canned) -> usize {
    aws.asked().iter().filter(|asked| asked.operation() == "RequestServiceQuotaIncrease").count()
}

#[tokio::test(start_paused = true)]
async fn a_request_is_done_once_aws_has_it_and_is_sent_once() {
    let aws = aws_with(json!([]), None, json!([request("mine", 20.0, "PENDING")]));
    assert_eq!(end(&aws).await, StepState::Done);
    let asked = aws.asked();
    let sent = asked.iter().find(|asked| asked.operation() == "RequestServiceQuotaIncrease").unwrap();
    let expected = json!({ "ServiceCode": "sagemaker", "QuotaCode": "L-988CE6C5", "DesiredValue": 20 });
    assert_eq!((sent.json(), requests_sent(&aws)), (expected, 1));
    assert_eq!(sent.signed_with(), sent.signature());
}

#[tokio::test(start_paused = true)]
async fn an_open_request_is_recognised_before_anything_is_sent() {
    let same = aws_with(json!([request("theirs", 20.0, "CASE_OPENED")]), None, json!([]));
    assert_eq!((end(&same).await, requests_sent(&same)), (StepState::AlreadyDone, 0));
    let other = aws_with(json!([request("theirs", 30.0, "PENDING")]), None, json!([]));
    let StepState::Skipped(reason) = end(&other).await else { panic!("not skipped") };
    assert!(reason.contains("request theirs for 30") && requests_sent(&other) == 0, "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_came_in_between_is_shown_as_that_request_and_not_sent_again() {
    let refused = Some("ResourceAlreadyExistsException");
    let other = aws_with(json!([]), refused, json!([request("theirs", 30.0, "PENDING")]));
    let StepState::Skipped(reason) = end(&other).await else { panic!("not skipped") };
    assert!(reason.contains("request theirs for 30") && requests_sent(&other) == 1, "{reason}");
    let same = aws_with(json!([]), refused, json!([request("theirs", 20.0, "PENDING")]));
    assert_eq!((end(&same).await, requests_sent(&same)), (StepState::AlreadyDone, 1));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_aws_turns_down_at_once_has_failed_and_says_how() {
    let aws = aws_with(json!([]), None, json!([request("mine", 20.0, "NOT_APPROVED")]));
    let StepState::Failed(problem) = end(&aws).await else { panic!("not failed") };
    assert!(problem.message.contains("NOT_APPROVED"), "{problem}");
}

#[tokio::test(start_paused = true)]
async fn no_request_leaves_while_locked() {
    let aws = aws_with(json!([]), None, json!([]));
    let gateway = aws.gateway().await;
    let lease = gateway.lift_for(&plan()).unwrap();
    gateway.lock();
    let refused = gateway.apply(&plan().steps[0].change, &lease).await;
    assert!(matches!(refused, Err(NotTaken::Refused(_))) && requests_sent(&aws) == 0);
}
