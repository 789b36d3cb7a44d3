//! Bills on the wire: what is asked, what comes of pages, and that what costs is not asked twice.

use std::sync::Arc;

use jiff::civil::date;
use sagedeck::fleet::{AccountId, Answer, CostGroup, CostQuestion, Granularity, Nanos, ProblemKind, Query};
use serde_json::{Value, json};

use super::ACCOUNT;
use super::canned::Canned;

fn question(group: &CostGroup, then: Option<&CostGroup>) -> Arc<CostQuestion> {
    let range = (date(2026, 10, 1), date(2026, 11, 23));
    Arc::new(CostQuestion::new(&["Amazon SageMaker".into()], range, Granularity::Daily, group, then))
}

fn by_team() -> Query {
    Query::Costs(AccountId::new(ACCOUNT), question(&CostGroup::Tag("team".into()), None))
}

fn day(n: u8, groups: &[(&[&str], &str, &str)]) -> Value {
    let groups: Vec<Value> = groups
        .iter()
        .map(|(keys, amount, unit)| {
            json!({ "Keys": keys, "Metrics": { "UnblendedCost": { "Amount": amount, "Unit": unit } } })
        })
        .collect();
    json!({
        "TimePeriod": { "Start": format!("2026-11-{n:02}"), "End": format!("2026-11-{:02}", n + 1) },
        "Total": {},
        "Groups": groups,
        "Estimated": n > 1,
    })
}

#[tokio::test(start_paused = true)]
async fn a_question_names_account_services_days_and_groups() {
    let aws = Canned::saying(200, r#"{"ResultsByTime":[]}"#);
    let gateway = aws.gateway().await;
    gateway.ask(&by_team()).await.unwrap();
    let asked = aws.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].operation(), "GetCostAndUsage");
    assert_eq!(asked[0].signature(), asked[0].signed_with());
    assert!(asked[0].uri.contains("ce.us-east-1."), "{}", asked[0].uri);
    assert_eq!(
        asked[0].json(),
        json!({
            "TimePeriod": { "Start": "2026-10-01", "End": "2026-11-23" },
            "Granularity": "DAILY",
            "Filter": { "And": [
                { "Dimensions": { "Key": "LINKED_ACCOUNT", "Values": [ACCOUNT] } },
                { "Dimensions": { "Key": "SERVICE", "Values": ["Amazon SageMaker"] } },
            ] },
            "Metrics": ["UnblendedCost"],
            "GroupBy": [{ "Type": "TAG", "Key": "team" }, { "Type": "DIMENSION", "Key": "RECORD_TYPE" }],
        })
    );
    let both = question(&CostGroup::User, Some(&CostGroup::Instance));
    gateway.ask(&Query::Costs(AccountId::new(ACCOUNT), both)).await.unwrap();
    let body = aws.asked()[1].json();
    let records = json!({ "Key": "RECORD_TYPE", "Values": ["Credit", "Refund", "Tax"] });
    assert_eq!(body["Filter"]["And"][2], json!({ "Not": { "Dimensions": &records } }));
    assert_eq!(body["GroupBy"][1]["Key"], "USAGE_TYPE");
    let owners = question(&CostGroup::User, None);
    gateway.ask(&Query::Costs(AccountId::new(ACCOUNT), owners)).await.unwrap();
    let body = aws.asked()[2].json();
    let tag = |key: &str| json!({ "Type": "TAG", "Key": key });
    assert_eq!(
        body["GroupBy"],
        json!([tag("sagemaker:user-profile-arn"), tag("sagemaker:space-arn")]),
        "whose it is takes both tags at once"
    );
    assert_eq!(body["Filter"]["And"][2], json!({ "Not": { "Dimensions": records } }));
}

#[tokio::test(start_paused = true)]
async fn pages_come_together_and_each_is_counted_since_each_costs() {
    let aws = Canned::new(|asked| {
        let (days, next) = if asked.json()["NextPageToken"] == "second" {
            (vec![day(2, &[(&["team$nlp", "Usage"], "-0.25", "USD")])], Value::Null)
        } else {
            let groups: &[(&[&str], &str, &str)] = &[
                (&["team$nlp", "Usage"], "1.2345678901", "USD"),
                (&["team$", "Usage"], "3", "USD"),
                (&["team$nlp", "Usage"], "7", "EUR"),
                (&["team$x\u{202e}y", "Tax"], "what", "USD"),
            ];
            (vec![day(1, groups)], json!("second"))
        };
        (200, json!({ "ResultsByTime": days, "NextPageToken": next }).to_string())
    });
    let Ok(Answer::Costs(answer)) = aws.gateway().await.ask(&by_team()).await else { panic!("costs") };
    assert_eq!((answer.requests, answer.unreadable, answer.days.len()), (2, 1, 2));
    assert_eq!(answer.lines.len(), 3, "a tag's value, none, and another currency");
    assert_eq!(&*answer.lines[0].keys[0], "nlp");
    assert_eq!(answer.lines[0].amounts, [Nanos(1_234_567_890), Nanos(-250_000_000)]);
    assert_eq!((&*answer.lines[1].keys[0], &*answer.lines[2].currency), ("", "EUR"));
    assert!(answer.days[1].estimated && !answer.days[0].estimated);
}

#[tokio::test(start_paused = true)]
async fn what_costs_is_asked_once_except_where_aws_did_not_take_it() {
    for (status, code, kind, requests) in [
        (500, "InternalServerError", ProblemKind::Network, 1),
        (400, "AccessDeniedException", ProblemKind::AccessDenied, 1),
        (400, "DataUnavailableException", ProblemKind::NotFound, 1),
        (400, "ValidationException", ProblemKind::Invalid, 1),
        (400, "LimitExceededException", ProblemKind::Throttled, 4),
    ] {
        let aws = Canned::saying(status, &json!({ "__type": code, "message": "no" }).to_string());
        let problem = aws.gateway().await.ask(&by_team()).await.unwrap_err();
        assert_eq!((problem.kind, aws.asked().len()), (kind, requests), "{code}");
        assert!(!problem.hint.contains("will be asked again"), "{code}: {}", problem.hint);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_comes_twice_ends_the_paying() {
    let aws = Canned::saying(200, r#"{"ResultsByTime":[],"NextPageToken":"again"}"#);
    let problem = aws.gateway().await.ask(&by_team()).await.unwrap_err();
    assert!(problem.message.contains("twice"), "{}", problem.message);
    assert_eq!(aws.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_everything_left_out_is_no_zero() {
    let body = r#"{"ResultsByTime":[{"Groups":[{"Keys":["team$a","Usage"]}]},{"TimePeriod":{"Start":"x","End":"y"}}]}"#;
    let aws = Canned::saying(200, body);
    let Ok(Answer::Costs(answer)) = aws.gateway().await.ask(&by_team()).await else { panic!("costs") };
    assert!(answer.lines.is_empty());
    assert_eq!(answer.unreadable, 2);
}

#[tokio::test(start_paused = true)]
async fn a_forecast_and_the_tags_of_bills_are_read() {
    let forecast = json!({
        "Total": { "Amount": "123.45", "Unit": "USD" },
        "ForecastResultsByTime": [{
            "MeanValue": "123.45", "PredictionIntervalLowerBound": "100", "PredictionIntervalUpperBound": "150"
        }],
    });
    let aws = Canned::saying(200, &forecast.to_string());
    let query = Query::CostForecast(AccountId::new(ACCOUNT), question(&CostGroup::User, None));
    let Ok(Answer::CostForecast(told)) = aws.gateway().await.ask(&query).await else { panic!("a forecast") };
    assert_eq!(told.mean, Nanos(123_450_000_000));
    assert_eq!(told.between, Some((Nanos(100_000_000_000), Nanos(150_000_000_000))));
    assert_eq!(aws.asked()[0].json()["Metric"], "UNBLENDED_COST");
    let tags = json!({ "CostAllocationTags": [
        { "TagKey": "team", "Type": "UserDefined", "Status": "Inactive" },
        { "TagKey": "aws:createdBy", "Type": "AWSGenerated", "Status": "Active", "LastUsedDate": "2026-11-01" },
    ] });
    let aws = Canned::saying(200, &tags.to_string());
    let query = Query::CostTags(AccountId::new(ACCOUNT));
    let Ok(Answer::CostTags(tags)) = aws.gateway().await.ask(&query).await else { panic!("tags") };
    assert_eq!(
        (tags.is_active("team"), tags.is_active("aws:createdBy"), tags.is_active("x")),
        (Some(false), Some(true), None)
    );
}
