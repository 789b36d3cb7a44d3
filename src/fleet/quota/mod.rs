//! How much room the accounts have left: what AWS limits, how much of it the fleet uses by AWS's own counting rules,
//! and how much more can start. Knows no request; what is not known is never taken for nothing.

mod addresses;
mod count;
mod headroom;
mod limited;
mod request;
mod row;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use addresses::{Room, room_of_domain, rooms};
pub use count::{Holder, Used, Uses, holders, leading};
pub use headroom::{Bound as HeadroomBound, Headroom, headroom};
pub use limited::Limited;
pub use request::{QuotaRequest, RequestStatus};
pub use row::{Heat, Limit, QuotaRow, Thresholds};
pub use rows::{QUOTA_FIELDS, QUOTA_SHOWN, QuotaRecord, rows};

use super::{Name, QuotaCode, Scope, Timestamp};

/// The code by which Service Quotas knows the service.
pub const SERVICE_CODE: &str = "sagemaker";

/// By what AWS addresses a quota. The name stands beside the code so that plans, journal and audit trail say what it
/// is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QuotaKey {
    /// Account and region.
    pub scope: Scope,
    /// Its code, the same in every region, such as `L-3BDCD216`.
    pub code: QuotaCode,
    /// Its name as AWS spells it.
    pub name: Name,
}

impl QuotaKey {
    /// The ARN.
    pub fn arn(&self) -> String {
        format!(
            "arn:{}:servicequotas:{}:{}:{SERVICE_CODE}/{}",
            self.scope.partition(),
            self.scope.region(),
            self.scope.account(),
            self.code
        )
    }
}

/// A quota as AWS lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Quota {
    /// Its code.
    pub code: QuotaCode,
    /// Its name.
    pub name: Name,
    /// What it limits.
    pub limits: Limited,
    /// The limit; `None` where AWS could not tell it, which is not zero.
    pub value: Option<f64>,
    /// Whether an increase can be requested.
    pub adjustable: bool,
    /// Why AWS could not tell the limit (`ErrorReason`).
    pub error: Option<Arc<str>>,
}

/// The quotas of one scope that Studio is limited by.
#[derive(Debug, Clone, PartialEq)]
pub struct QuotaList {
    /// Its rows.
    pub rows: Vec<Quota>,
    /// When they were read.
    pub read_at: Timestamp,
}

impl QuotaList {
    /// The quota that limits something.
    pub fn of(&self, limited: &Limited) -> Option<&Quota> {
        self.rows.iter().find(|quota| quota.limits == *limited)
    }

    /// The quota with a code.
    pub fn with_code(&self, code: &QuotaCode) -> Option<&Quota> {
        self.rows.iter().find(|quota| quota.code == *code)
    }
}

/// What is known of the quotas, by where they hold.
#[derive(Debug, Clone, Default)]
pub struct Quotas {
    /// The limits in force (`ListServiceQuotas`). A quota that AWS leaves out there is absent, which is not zero.
    pub applied: BTreeMap<Scope, QuotaList>,
    /// What AWS gives by default (`ListAWSDefaultServiceQuotas`); an account may have less or more.
    pub defaults: BTreeMap<Scope, QuotaList>,
    /// Requests for more of the last 90 days, the newest first (`ListRequestedServiceQuotaChangeHistory`).
    pub requests: BTreeMap<Scope, Vec<QuotaRequest>>,
}

impl Quotas {
    /// The requests for a quota, the newest first; `None` if the history was not read.
    pub fn requests_for<'a>(
        &'a self,
        scope: &Scope,
        code: &'a QuotaCode,
    ) -> Option<impl Iterator<Item = &'a QuotaRequest>> {
        Some(self.requests.get(scope)?.iter().filter(move |request| request.code == *code))
    }

    /// The request for a quota that AWS has not decided yet. AWS takes one at a time.
    pub fn open_request<'a>(&'a self, scope: &Scope, code: &'a QuotaCode) -> Option<&'a QuotaRequest> {
        self.requests_for(scope, code)?.find(|request| request.status.is_open())
    }

    /// Forgets what is of other scopes.
    pub(super) fn retain(&mut self, keep: impl Fn(&Scope) -> bool) {
        self.applied.retain(|scope, _| keep(scope));
        self.defaults.retain(|scope, _| keep(scope));
        self.requests.retain(|scope, _| keep(scope));
    }
}

/// A limit or a count as a person writes it: without places where it has none.
pub fn plain(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        let count = crate::fleet::wording::Count(value.abs() as u64);
        let sign = if value < 0.0 { "-" } else { "" };
        format!("{sign}{count}")
    } else {
        format!("{value}")
    }
}
