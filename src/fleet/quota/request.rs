//! A request for more of a quota, and how it stands.

use std::sync::Arc;

use super::super::open_enum::open_enum;
use crate::fleet::{Name, QuotaCode, Timestamp};

open_enum! {
    /// How a request for more stands.
    RequestStatus {
        Pending = "PENDING",
        CaseOpened = "CASE_OPENED",
        Approved = "APPROVED",
        Denied = "DENIED",
        CaseClosed = "CASE_CLOSED",
        NotApproved = "NOT_APPROVED",
        InvalidRequest = "INVALID_REQUEST",
    }
}

impl RequestStatus {
    /// Whether AWS has not decided yet; until then it takes no other request for the quota.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Pending | Self::CaseOpened)
    }

    /// Whether AWS has said no.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Denied | Self::NotApproved | Self::InvalidRequest)
    }
}

/// A request for more of a quota, as AWS lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct QuotaRequest {
    /// Its id.
    pub id: Arc<str>,
    /// The support case, where AWS has opened one.
    pub case: Option<Arc<str>>,
    /// The code of the quota.
    pub code: QuotaCode,
    /// The name of the quota.
    pub name: Option<Name>,
    /// The limit asked for.
    pub desired: Option<f64>,
    /// How it stands.
    pub status: RequestStatus,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When AWS last did something about it.
    pub updated: Option<Timestamp>,
    /// Who made it: an account, or a service.
    pub requester: Option<Arc<str>>,
}

impl QuotaRequest {
    /// The request in a clause: `request abc for 20 of 2026-11-20 (PENDING)`.
    pub fn clause(&self) -> String {
        let value = self.desired.map_or_else(|| "an unknown value".to_owned(), super::plain);
        let day = self.created.map_or_else(String::new, |created| {
            format!(" of {}", created.to_zoned(jiff::tz::TimeZone::UTC).date())
        });
        format!("request {} for {value}{day} ({})", self.id, self.status)
    }
}
