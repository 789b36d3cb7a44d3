//! Service Quotas: limits in force, AWS's defaults, and requests for more. Of the some two thousand quotas of the
//! service only those are kept that Studio is limited by.
//!
//! Nothing of it is kept on disk: asking is free, the some twenty pages of a list come while the person looks at
//! something else, and a limit that was just raised is exactly what a stored one would get wrong.

use std::sync::Arc;

use aws_sdk_servicequotas::types::{ErrorReason, RequestedServiceQuotaChange, ServiceQuota};

use super::caller::{Caller, PAGE_PATIENCE, PATIENCE};
use super::sagemaker::time;
use super::walk::{Sheet, all};
use crate::fleet::{
    Limited, Name, Problem, ProblemKind, Quota, QuotaCode, QuotaKey, QuotaList, QuotaRequest, RequestStatus,
    SERVICE_CODE, Timestamp, harmless,
};

/// The most rows AWS gives in a page. Source: Service Quotas API reference.
const PAGE_ROWS: i32 = 100;

/// The quotas of one account in one region.
#[derive(Debug)]
pub(super) struct ServiceQuotas {
    pub(super) client: aws_sdk_servicequotas::Client,
    pub(super) caller: Caller,
}

impl ServiceQuotas {
    /// The limits in force. A quota without one of this account's own is missing from the list, which is not zero.
    pub(super) async fn applied(&self) -> Result<QuotaList, Problem> {
        let rows = all(|token| async move {
            let list = || {
                let call = self.client.list_service_quotas().service_code(SERVICE_CODE);
                call.max_results(PAGE_ROWS).set_next_token(token.clone()).send()
            };
            let page = self.caller.call("ListServiceQuotas", PAGE_PATIENCE, list).await?;
            Ok(Sheet::new(page.quotas().iter().map(named), page.next_token.clone()))
        })
        .await?;
        Ok(list(rows))
    }

    /// What AWS gives by default.
    pub(super) async fn defaults(&self) -> Result<QuotaList, Problem> {
        let rows = all(|token| async move {
            let list = || {
                let call = self.client.list_aws_default_service_quotas().service_code(SERVICE_CODE);
                call.max_results(PAGE_ROWS).set_next_token(token.clone()).send()
            };
            let page = self.caller.call("ListAWSDefaultServiceQuotas", PAGE_PATIENCE, list).await?;
            Ok(Sheet::new(page.quotas().iter().map(named), page.next_token.clone()))
        })
        .await?;
        Ok(list(rows))
    }

    /// One limit in force.
    pub(super) async fn one(&self, key: &QuotaKey) -> Result<Quota, Problem> {
        let get = || {
            let call = self.client.get_service_quota().service_code(SERVICE_CODE);
            call.quota_code(key.code.as_str()).send()
        };
        let answer = self.caller.call("GetServiceQuota", PATIENCE, get).await?;
        answer.quota().and_then(named).and_then(of_studio).ok_or_else(|| {
            let message = format!("AWS's answer about the quota {} does not say what it limits", key.code);
            Problem::new(ProblemKind::Unexpected, message, "")
        })
    }

    /// The requests for more of the last 90 days, the newest first.
    pub(super) async fn requests(&self) -> Result<Vec<QuotaRequest>, Problem> {
        let mut requests = all(|token| async move {
            let list = || {
                let call =
                    self.client.list_requested_service_quota_change_history().service_code(SERVICE_CODE);
                call.max_results(PAGE_ROWS).set_next_token(token.clone()).send()
            };
            let page = self.caller.call("ListRequestedServiceQuotaChangeHistory", PATIENCE, list).await?;
            Ok(Sheet::new(page.requested_quotas().iter().map(request), page.next_token.clone()))
        })
        .await?;
        requests.sort_by_key(|request| std::cmp::Reverse(request.created));
        Ok(requests)
    }
}

fn list(rows: Vec<Row>) -> QuotaList {
    QuotaList { rows: rows.into_iter().filter_map(of_studio).collect(), read_at: Timestamp::now() }
}

/// A quota that has the names it is known by.
struct Row {
    code: QuotaCode,
    name: Name,
    value: Option<f64>,
    adjustable: bool,
    error: Option<Arc<str>>,
}

fn named(quota: &ServiceQuota) -> Option<Row> {
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Row {
        code: QuotaCode::new(&given(quota.quota_code())?),
        name: Name::new(&given(quota.quota_name())?),
        value: quota.value.filter(|value| value.is_finite() && *value >= 0.0),
        adjustable: quota.adjustable,
        error: quota.error_reason().map(reason),
    })
}

/// The quota, if it limits anything of Studio's.
fn of_studio(row: Row) -> Option<Quota> {
    let limits = Limited::parse(row.code.as_str(), row.name.as_str())?;
    let Row { code, name, value, adjustable, error } = row;
    Some(Quota { code, name, limits, value, adjustable, error })
}

/// Why AWS could not tell a limit, in its own words.
fn reason(reason: &ErrorReason) -> Arc<str> {
    let code = reason.error_code().map_or("an unnamed error", |code| code.as_str());
    match reason.error_message().filter(|message| !message.is_empty()) {
        Some(message) => harmless(&format!("{code}: {message}")),
        None => harmless(code),
    }
}

fn request(row: &RequestedServiceQuotaChange) -> Option<QuotaRequest> {
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(harmless);
    Some(QuotaRequest {
        id: given(row.id())?,
        code: QuotaCode::from(given(row.quota_code())?),
        case: given(row.case_id()),
        name: given(row.quota_name()).map(Name::from),
        desired: row.desired_value.filter(|value| value.is_finite()),
        status: RequestStatus::from(row.status().map_or("unknown", |status| status.as_str())),
        created: time(row.created()),
        updated: time(row.last_updated()),
        requester: given(row.requester()),
    })
}
