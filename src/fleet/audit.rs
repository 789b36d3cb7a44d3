//! A line of the audit trail, as it is looked at. How lines are chained and kept is not known here.

use std::sync::Arc;

use super::Timestamp;

/// One change that was made, tried or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// When.
    pub at: Timestamp,
    /// ARN of the principal.
    pub who: Arc<str>,
    /// The account.
    pub account: Arc<str>,
    /// The region.
    pub region: Arc<str>,
    /// The AWS operation.
    pub operation: Arc<str>,
    /// ARN of the object.
    pub arn: Arc<str>,
    /// What came of it, in a word or a sentence.
    pub outcome: Arc<str>,
    /// Whether what was wanted came about.
    pub succeeded: bool,
    /// Why it was done, where that was asked.
    pub reason: Option<Arc<str>>,
    /// The plan it belongs to.
    pub plan: Arc<str>,
    /// AWS's request id.
    pub request_id: Option<Arc<str>>,
}
