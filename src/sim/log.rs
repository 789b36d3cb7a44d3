//! What the simulated AWS was asked: for tests, benchmarks and trainers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::clock::Millis;
use super::world::Name;

/// How many requests are remembered in full; all are counted.
const KEPT: usize = 5_000;
/// How many writes are remembered in full, beside those: what a test of a long operation judges by.
const WRITES_KEPT: usize = 50_000;

/// One request, as far as it could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedRequest {
    /// The virtual time of its arrival.
    pub at: Millis,
    /// `x-amzn-RequestId` of its answer.
    pub request_id: String,
    /// The signing name, such as `sagemaker`.
    pub service: String,
    /// The operation, such as `ListApps`.
    pub operation: String,
    /// The region it was signed for.
    pub region: Name,
    /// The account of the caller.
    pub account: Name,
    /// The caller's access key id.
    pub access_key: String,
    /// The ARN of the caller; empty if it was refused before anybody looked.
    pub principal: Name,
    /// Its members: JSON as sent, or the fields of the form.
    pub body: Value,
    /// HTTP status of the answer; `None` if none was made.
    pub status: Option<u16>,
    /// The code of the refusal, if it was one.
    pub error: Option<Name>,
    /// Whether the answer was delivered whole, as far as faults decide that.
    pub is_answered: bool,
}

impl LoggedRequest {
    pub(super) fn received(at: Millis, request_id: String) -> Self {
        Self {
            at,
            request_id,
            service: String::new(),
            operation: String::new(),
            region: Name::default(),
            account: Name::default(),
            access_key: String::new(),
            principal: Name::default(),
            body: Value::Null,
            status: None,
            error: None,
            is_answered: false,
        }
    }

    /// Whether it asks for a change. By the names of operations, as AWS gives them.
    pub fn is_write(&self) -> bool {
        let reads = ["List", "Describe", "Get", "Search", "Simulate", "Lookup", "Assume"];
        !self.operation.is_empty() && !reads.iter().any(|verb| self.operation.starts_with(verb))
    }

    /// Whether the service did what it was asked, be the answer lost or not.
    pub fn was_carried_out(&self) -> bool {
        self.status.is_some_and(|status| status < 300)
    }

    /// What it is about: the names in the request from the widest to the narrowest, joined by slashes, such
    /// as `d-1/anna-lab/JupyterLab/default`.
    pub fn target(&self) -> String {
        const MEMBERS: [&str; 14] = [
            "DomainId",
            "DomainName",
            "UserProfileName",
            "SpaceName",
            "AppType",
            "AppName",
            "ResourceArn",
            "StudioLifecycleConfigName",
            "ImageName",
            "AppImageConfigName",
            "ApplicationArn",
            "PrincipalId",
            "RoleName",
            "PolicyName",
        ];
        let names = MEMBERS.iter().filter_map(|member| self.body.get(member)?.as_str());
        names.collect::<Vec<_>>().join("/")
    }
}

#[derive(Debug, Default)]
struct Inner {
    recent: VecDeque<LoggedRequest>,
    writes: VecDeque<LoggedRequest>,
    counts: BTreeMap<String, u64>,
    total: u64,
}

/// The requests so far.
#[derive(Debug, Default)]
pub struct Log(Mutex<Inner>);

impl Log {
    /// The latest requests, oldest first; at most 5,000 are remembered.
    pub fn all(&self) -> Vec<LoggedRequest> {
        self.lock().recent.iter().cloned().collect()
    }

    /// The remembered requests of one operation, oldest first.
    pub fn of(&self, operation: &str) -> Vec<LoggedRequest> {
        self.lock().recent.iter().filter(|request| request.operation == operation).cloned().collect()
    }

    /// The latest requests for changes, oldest first; at most 50,000 are remembered.
    pub fn writes(&self) -> Vec<LoggedRequest> {
        self.lock().writes.iter().cloned().collect()
    }

    /// How many requests of an operation there were.
    pub fn count(&self, operation: &str) -> u64 {
        self.lock().counts.get(operation).copied().unwrap_or_default()
    }

    /// How many requests there were of each operation.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.lock().counts.clone()
    }

    /// How many requests there were.
    pub fn total(&self) -> u64 {
        self.lock().total
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.lock() = Inner::default();
    }

    pub(super) fn add(&self, request: LoggedRequest) {
        let mut inner = self.lock();
        inner.total += 1;
        *inner.counts.entry(request.operation.clone()).or_default() += 1;
        if request.is_write() {
            if inner.writes.len() == WRITES_KEPT {
                inner.writes.pop_front();
            }
            inner.writes.push_back(request.clone());
        }
        if inner.recent.len() == KEPT {
            inner.recent.pop_front();
        }
        inner.recent.push_back(request);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(operation: &str) -> LoggedRequest {
        LoggedRequest { operation: operation.to_owned(), ..LoggedRequest::received(0, String::new()) }
    }

    #[test]
    fn writes_are_remembered_beside_the_reads_that_push_each_other_out() {
        let log = Log::default();
        log.add(request("DeleteApp"));
        for _ in 0..KEPT {
            log.add(request("DescribeApp"));
        }
        assert!(log.of("DeleteApp").is_empty());
        assert_eq!(log.writes().iter().map(|write| &*write.operation).collect::<Vec<_>>(), ["DeleteApp"]);
        assert_eq!((log.count("DeleteApp"), log.total()), (1, 5_001));
    }

    #[test]
    fn a_target_names_what_a_request_is_about() {
        let mut delete = request("DeleteApp");
        delete.body = serde_json::json!({
            "AppName": "default", "AppType": "JupyterLab", "SpaceName": "lab", "DomainId": "d-1"
        });
        assert_eq!(delete.target(), "d-1/lab/JupyterLab/default");
        assert!(delete.is_write() && !delete.was_carried_out());
    }
}
