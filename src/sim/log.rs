//! What the simulated AWS was asked: for tests, benchmarks and trainers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::clock::Millis;
use super::world::Name;

/// How many requests are remembered in full; all are counted.
const KEPT: usize = 5_000;

/// One request, as far as it could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedRequest {
    /// The virtual time of its arrival.
    pub at: Millis,
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
    /// Its members: JSON as sent, or the fields of the form.
    pub body: Value,
    /// HTTP status of the answer; `None` if none was made.
    pub status: Option<u16>,
}

impl LoggedRequest {
    pub(super) fn received(at: Millis) -> Self {
        Self {
            at,
            service: String::new(),
            operation: String::new(),
            region: Name::default(),
            account: Name::default(),
            access_key: String::new(),
            body: Value::Null,
            status: None,
        }
    }
}

#[derive(Debug, Default)]
struct Inner {
    recent: VecDeque<LoggedRequest>,
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
        if inner.recent.len() == KEPT {
            inner.recent.pop_front();
        }
        inner.recent.push_back(request);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
