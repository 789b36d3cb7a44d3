//! What AWS refuses, as a person is told of it.

use sagedeck::aws::Gateway;
use sagedeck::fleet::{AccountId, Problem, ProblemKind, Query};
use sagedeck::sim::faults::{Fault, Target};

use super::{ACCOUNT, app_key, domain, gateway, profile, settings, sim_with_apps};

/// What an error code of `DescribeApp` becomes.
async fn of_code(code: &str, message: &str) -> Problem {
    let sim = sim_with_apps(1);
    let gateway = gateway(&sim).await;
    sim.faults().add(Target::operation("DescribeApp"), Fault::Refuse(code.into(), message.into()));
    let problem = gateway.ask(&Query::App(app_key("space-0000"))).await.unwrap_err();
    assert_eq!(problem.operation, Some("DescribeApp".into()));
    assert_eq!(problem.code.as_deref(), Some(code));
    assert!(problem.request_id.is_some(), "AWS's request id is needed for a support case");
    problem
}

#[tokio::test(start_paused = true)]
async fn aws_own_codes_become_kinds_a_person_can_act_on() {
    for (code, kind) in [
        ("ThrottlingException", ProblemKind::Throttled),
        ("TooManyRequestsException", ProblemKind::Throttled),
        ("AccessDeniedException", ProblemKind::AccessDenied),
        ("OptInRequired", ProblemKind::AccessDenied),
        ("UnrecognizedClientException", ProblemKind::AccessDenied),
        ("ExpiredTokenException", ProblemKind::ExpiredCredentials),
        ("InvalidSignatureException", ProblemKind::ExpiredCredentials),
        ("ResourceNotFound", ProblemKind::NotFound),
        ("ResourceInUse", ProblemKind::Conflict),
        ("ResourceLimitExceeded", ProblemKind::Limit),
        ("ValidationException", ProblemKind::Invalid),
        ("UnknownOperationException", ProblemKind::Invalid),
        ("InternalFailure", ProblemKind::Network),
        ("SomethingNewException", ProblemKind::Unexpected),
    ] {
        let problem = of_code(code, "because").await;
        assert_eq!(problem.kind, kind, "{code}");
        assert!(problem.message.contains("because"), "AWS's own words are kept: {problem}");
    }
}

#[tokio::test(start_paused = true)]
async fn hostile_text_in_an_error_shows_itself() {
    let problem = of_code("ResourceNotFound", "gone \u{1b}]52;c;x\u{7} \u{202e}").await;
    assert!(problem.to_string().chars().all(|c| !c.is_control() && c != '\u{202e}'), "{problem:?}");
}

#[tokio::test(start_paused = true)]
async fn a_denial_says_which_permission_is_missing_or_who_forbids_it() {
    let missing = "User: arn:aws:sts::123456789012:assumed-role/Ops/anna is not authorized to perform: \
                   sagemaker:DescribeApp on resource: arn:aws:sagemaker:eu-west-1:123456789012:app/d-one/x because \
                   no identity-based policy allows the sagemaker:DescribeApp action";
    let problem = of_code("AccessDeniedException", missing).await;
    assert!(
        problem.hint.contains("sagemaker:DescribeApp on arn:aws:sagemaker:eu-west-1"),
        "{}",
        problem.hint
    );
    let denied = missing.replace("no identity-based policy allows the sagemaker:DescribeApp action", "")
        + "with an explicit deny in a service control policy";
    let problem = of_code("AccessDeniedException", &denied).await;
    assert!(problem.hint.contains("service control policy"), "{}", problem.hint);
    let problem = of_code("AccessDeniedException", "").await;
    assert!(problem.hint.contains("sagemaker:DescribeApp"), "{}", problem.hint);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_do_not_hold_are_told_at_the_first_question_and_not_tried_again() {
    for key in ["AKIAEXPIRED", "AKIAINVALID"] {
        let sim = sim_with_apps(0);
        let gateway = Gateway::new(settings(&sim, key));
        let problem = gateway.ask(&Query::Identity(profile())).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::ExpiredCredentials, "{key}");
        assert!(problem.hint.contains("aws sso login --profile test"), "{}", problem.hint);
        assert_eq!(sim.requests().total(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn iam_and_sts_spell_their_codes_otherwise_and_are_understood() {
    let sim = sim_with_apps(0);
    let gateway = gateway(&sim).await;
    for (code, kind) in [
        ("AccessDenied", ProblemKind::AccessDenied),
        ("ExpiredToken", ProblemKind::ExpiredCredentials),
        ("InvalidClientTokenId", ProblemKind::ExpiredCredentials),
        ("NoSuchEntity", ProblemKind::NotFound),
        ("LimitExceeded", ProblemKind::Limit),
    ] {
        sim.faults().clear();
        sim.faults().add(Target::operation("ListAccountAliases"), Fault::Refuse(code.into(), "no".into()));
        let problem = gateway.ask(&Query::Alias(AccountId::new(ACCOUNT))).await.unwrap_err();
        assert_eq!((problem.kind, problem.code.as_deref()), (kind, Some(code)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_corrected_with_one_further_request() {
    let sim = sim_with_apps(1);
    let gateway = gateway(&sim).await;
    let skewed = Fault::Refuse("InvalidSignatureException".into(), "Signature not yet current".into());
    sim.faults().add_times(Target::operation("ListApps"), skewed, 1);
    assert!(gateway.ask(&Query::Apps(domain())).await.is_ok());
    assert_eq!(sim.requests().count("ListApps"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_page_of_html_is_not_taken_for_an_answer() {
    let sim = sim_with_apps(1);
    let gateway = gateway(&sim).await;
    sim.faults().add(Target::operation("DescribeApp"), Fault::Html);
    let problem = gateway.ask(&Query::App(app_key("space-0000"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Network);
    assert!(problem.message.contains("502"), "{problem}");
}
