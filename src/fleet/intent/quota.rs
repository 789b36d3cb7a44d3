//! Plans to request more of a quota: only what AWS would take, and never beside a request that is open already.

use serde_json::{Value, json};

use crate::fleet::{
    Bound, Change, Document, Excluded, Fleet, Plan, Query, Quota, QuotaKey, Step, Target, Timestamp, plain,
};

/// The limits in force, and the requests that are open.
pub(super) fn needs(key: &QuotaKey, fleet: &Fleet) -> Vec<Query> {
    let mut needs = vec![Query::QuotaRequests(key.scope.clone())];
    if !fleet.quotas.applied.contains_key(&key.scope) {
        needs.push(Query::Quotas(key.scope.clone()));
    }
    needs
}

/// Plans to request `wanted` of a quota.
///
/// # Errors
///
/// Why AWS would not take such a request.
pub(super) fn plan(fleet: &Fleet, key: &QuotaKey, wanted: f64, now: Timestamp) -> Result<Plan, String> {
    if !(wanted.is_finite() && wanted > 0.0 && wanted.fract() == 0.0) {
        return Err(format!("{wanted} is no limit: it has to be a whole number above zero."));
    }
    let quotas = &fleet.quotas;
    let applied = quotas.applied.get(&key.scope).and_then(|list| list.with_code(&key.code));
    let default = quotas.defaults.get(&key.scope).and_then(|list| list.with_code(&key.code));
    let Some(quota) = applied.or(default) else {
        return Err(format!("AWS lists no quota {} in {}.", key.code, key.scope));
    };
    if !quota.adjustable {
        return Err(format!("AWS does not raise the quota \"{}\": it is fixed.", quota.name));
    }
    let current = applied.and_then(in_force);
    if let Some(current) = current
        && wanted <= current
    {
        return Err(format!("The limit is {} already; only more can be requested.", plain(current)));
    }
    if let Some(problem) = fleet.failure(&Query::QuotaRequests(key.scope.clone())) {
        return Err(format!("Whether a request is open already could not be read: {problem}"));
    }
    let target = Target::Quota(key.clone());
    let mut plan = if let Some(open) = quotas.open_request(&key.scope, &key.code) {
        let reason = format!("has an open {}; AWS takes one at a time", open.clause()).into();
        // The same number may be asked for in vain: it is on its way.
        let is_so = open.desired.is_some_and(|desired| (desired - wanted).abs() < 0.5);
        Plan {
            excluded: vec![Excluded { target, reason, is_so }],
            ..Plan::new("", "request", now, Vec::new())
        }
    } else {
        let mut step = Step::new(Change::RequestQuota(key.clone(), document(wanted)), Bound::Unbound);
        step.before = current.map(|current| [("Value".to_owned(), number(current))].into_iter().collect());
        if current.is_none() {
            step.warning = Some("the limit in force is not known".into());
        }
        Plan::new("", "request", now, vec![step])
    };
    plan.title = match current {
        Some(current) => format!("Request {} instead of {}: {}", plain(wanted), plain(current), quota.limits),
        None => format!("Request {}: {}", plain(wanted), quota.limits),
    };
    plan.keeps = vec!["Nothing changes until AWS decides, which takes minutes to days.".to_owned()];
    plan.warnings =
        vec!["AWS may open a support case about it, which everyone with access to support sees.".to_owned()];
    Ok(plan)
}

/// The value that is in force for sure.
fn in_force(quota: &Quota) -> Option<f64> {
    quota.value.filter(|_| quota.error.is_none())
}

fn document(wanted: f64) -> Document {
    [("DesiredValue".to_owned(), number(wanted))].into_iter().collect()
}

/// Whole numbers without places, as a person would write them.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{
        Answer, AppType, Documents, Intent, Limited, Name, Policy, Problem, ProblemKind, QuotaCode,
        QuotaList, QuotaRequest, RequestStatus, sample,
    };

    fn key() -> QuotaKey {
        QuotaKey {
            scope: sample::scope(),
            code: QuotaCode::new("L-988CE6C5"),
            name: Name::new("Studio JupyterLab Apps running on ml.g5.xlarge instances"),
        }
    }

    fn fleet(value: Option<f64>, adjustable: bool, status: Option<RequestStatus>) -> Fleet {
        let mut fleet = sample::fleet(vec![], vec![], vec![]);
        let quota = Quota {
            code: key().code,
            name: key().name,
            limits: Limited::Apps(AppType::JupyterLab, "ml.g5.xlarge".into()),
            value,
            adjustable,
            error: None,
        };
        let list = QuotaList { rows: vec![quota], read_at: sample::now() };
        fleet.absorb(&Query::Quotas(sample::scope()), Answer::Quotas(list), sample::now());
        let requests = status.map(|status| QuotaRequest {
            id: "request-1".into(),
            case: None,
            code: key().code,
            name: None,
            desired: Some(20.0),
            status,
            created: Some(sample::now()),
            updated: None,
            requester: None,
        });
        let requests = Answer::QuotaRequests(requests.into_iter().collect());
        fleet.absorb(&Query::QuotaRequests(sample::scope()), requests, sample::now());
        fleet
    }

    fn made(fleet: &Fleet, wanted: f64) -> Result<Plan, String> {
        let intent = Intent::RequestQuota(key(), wanted);
        intent.plan(fleet, &Documents::default(), &Policy::default(), sample::now())
    }

    #[test]
    fn more_is_requested_in_one_step_that_tells_what_it_was() {
        let plan = made(&fleet(Some(4.0), true, Some(RequestStatus::Denied)), 20.0).unwrap();
        assert_eq!(plan.title, "Request 20 instead of 4: JupyterLab on ml.g5.xlarge");
        let deltas: Vec<_> = plan.steps[0].deltas().iter().map(ToString::to_string).collect();
        assert_eq!(deltas, ["Value: 4 -> 20"]);
        assert_eq!(
            Value::Object(plan.steps[0].change.request()),
            json!({ "ServiceCode": "sagemaker", "QuotaCode": "L-988CE6C5", "DesiredValue": 20 })
        );
        assert_eq!(
            plan.steps[0].change.cli_line(),
            "aws service-quotas request-service-quota-increase --region us-east-1 --cli-input-json \
             '{\"ServiceCode\":\"sagemaker\",\"QuotaCode\":\"L-988CE6C5\",\"DesiredValue\":20}'"
        );
    }

    #[test]
    fn an_open_request_is_shown_and_none_is_made_beside_it() {
        for status in [RequestStatus::Pending, RequestStatus::CaseOpened] {
            let plan = made(&fleet(Some(4.0), true, Some(status.clone())), 30.0).unwrap();
            assert!(plan.steps.is_empty());
            let reason = plan.excluded[0].reason.to_string();
            assert_eq!(
                reason,
                format!(
                    "has an open request request-1 for 20 of 2026-11-20 ({status}); AWS takes one at a time"
                )
            );
        }
    }

    #[test]
    fn what_aws_would_refuse_is_refused_before_it_is_asked() {
        for (fleet, wanted, part) in [
            (fleet(Some(4.0), true, None), 4.0, "4 already"),
            (fleet(Some(4.0), true, None), 3.0, "only more"),
            (fleet(Some(4.0), true, None), 0.0, "above zero"),
            (fleet(Some(4.0), true, None), 4.5, "whole number"),
            (fleet(Some(4.0), true, None), f64::NAN, "whole number"),
            (fleet(Some(4.0), false, None), 9.0, "fixed"),
            (sample::fleet(vec![], vec![], vec![]), 9.0, "lists no quota"),
        ] {
            let refusal = made(&fleet, wanted).unwrap_err();
            assert!(refusal.contains(part), "{refusal}");
        }
    }

    #[test]
    fn an_unreadable_history_stops_the_request_and_an_unreadable_limit_only_warns() {
        let mut blind = fleet(Some(4.0), true, None);
        blind.fail(&Query::QuotaRequests(sample::scope()), Problem::new(ProblemKind::AccessDenied, "no", ""));
        assert!(made(&blind, 20.0).unwrap_err().contains("could not be read"));
        let plan = made(&fleet(None, true, None), 20.0).unwrap();
        assert_eq!(plan.steps[0].warning.as_deref(), Some("the limit in force is not known"));
    }
}
