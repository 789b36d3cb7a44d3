//! What can go wrong between a caller and the simulated AWS, switchable while it runs.
//! Knows operations only as names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::rng::Rng;
use super::wire::{Refusal, Service};
use super::world::{Name, Scope};

/// Which requests a fault hits. The default hits all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    operation: Option<Name>,
    region: Option<Name>,
    account: Option<Name>,
}

impl Target {
    /// Every request.
    pub fn all() -> Self {
        Self::default()
    }

    /// Requests of an operation such as `ListApps`; a `*` at the end stands for anything: `Delete*`.
    pub fn operation(pattern: &str) -> Self {
        Self { operation: Some(pattern.into()), ..Self::default() }
    }

    /// Of these only the requests to one region.
    #[must_use]
    pub fn in_region(self, region: &str) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// Of these only the requests of one account.
    #[must_use]
    pub fn in_account(self, account: &str) -> Self {
        Self { account: Some(account.into()), ..self }
    }

    fn hits(&self, operation: &str, scope: &Scope) -> bool {
        let named = match self.operation.as_deref() {
            None => true,
            Some(pattern) => match pattern.strip_suffix('*') {
                Some(start) => operation.starts_with(start),
                None => pattern == operation,
            },
        };
        named
            && self.region.as_ref().is_none_or(|region| *region == scope.region)
            && self.account.as_ref().is_none_or(|account| *account == scope.account)
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// `ThrottlingException` with this probability.
    Throttle(f64),
    /// `ThrottlingException` for whatever exceeds this many requests a second, counted per account,
    /// region and operation, with a burst of as many.
    RateLimit(f64),
    /// A refusal with a code and a message, HTTP 400.
    Refuse(Name, Name),
    /// An answer with this HTTP status and AWS's usual error for it.
    Status(u16),
    /// The answer comes this much later; all such faults that hit a request add up.
    Latency(Duration),
    /// No answer ever.
    BlackHole,
    /// The answer breaks off in the middle.
    Truncate,
    /// A proxy's HTML page with status 502 instead of an answer.
    Html,
    /// The request is carried out, and then the connection breaks.
    LoseAnswer,
    /// The connection breaks before the request is carried out.
    Disconnect,
    /// A listing gives back the token it was sent.
    RepeatToken,
    /// A listing gives empty pages that always have another one after them.
    EmptyPages,
    /// The session has expired.
    ExpiredCredentials,
    /// A policy of the organization forbids it explicitly.
    ExplicitDeny,
    /// The request is accepted, and the work it starts fails for this reason: `Failed`, `Update_Failed` or
    /// `Delete_Failed`.
    FailLater(Name),
    /// The request is accepted, and the work it starts never ends.
    Hang,
}

/// The number of a fault, to take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FaultId(u64);

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Schedule {
    /// Requests it lets pass first.
    after: u64,
    /// Requests it then hits.
    times: u64,
}

#[derive(Debug)]
struct Entry {
    id: FaultId,
    target: Target,
    fault: Fault,
    schedule: Schedule,
    seen: u64,
    buckets: HashMap<(Scope, Name), Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn take(&mut self, rate: f64) -> bool {
        let now = Instant::now();
        let earned = now.duration_since(self.filled).as_secs_f64() * rate;
        self.tokens = (self.tokens + earned).min(rate.max(1.0));
        self.filled = now;
        let granted = self.tokens >= 1.0;
        if granted {
            self.tokens -= 1.0;
        }
        granted
    }
}

#[derive(Debug)]
struct Inner {
    entries: Vec<Entry>,
    next: u64,
    rng: Rng,
}

/// The switchboard of faults; clones work on the same one.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Mutex<Inner>>);

/// What shall happen to one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Verdict {
    /// It is refused so, without being carried out.
    pub(super) refusal: Option<Refusal>,
    /// It is answered later.
    pub(super) latency: Duration,
    /// It goes wrong otherwise.
    pub(super) fault: Option<Fault>,
}

impl Faults {
    /// A switchboard without faults; `seed` decides which requests a probable fault hits.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Inner { entries: Vec::new(), next: 0, rng: Rng::new(seed) })))
    }

    /// Lets a fault hit every request of a target from now on.
    pub fn add(&self, target: Target, fault: Fault) -> FaultId {
        self.schedule(target, fault, 0, u64::MAX)
    }

    /// Lets a fault hit the next `times` requests of a target.
    pub fn add_times(&self, target: Target, fault: Fault, times: u64) -> FaultId {
        self.schedule(target, fault, 0, times)
    }

    /// Lets a fault hit `times` requests of a target after `after` of them have passed.
    pub fn schedule(&self, target: Target, fault: Fault, after: u64, times: u64) -> FaultId {
        let mut inner = self.lock();
        inner.next += 1;
        let id = FaultId(inner.next);
        let schedule = Schedule { after, times };
        inner.entries.push(Entry { id, target, fault, schedule, seen: 0, buckets: HashMap::new() });
        id
    }

    /// Takes one fault back; false if there is no such one any more.
    pub fn remove(&self, id: FaultId) -> bool {
        let mut inner = self.lock();
        let before = inner.entries.len();
        inner.entries.retain(|entry| entry.id != id);
        inner.entries.len() < before
    }

    /// Takes all faults back.
    pub fn clear(&self) {
        self.lock().entries.clear();
    }

    /// Decides about one request.
    pub(super) fn judge(&self, operation: &str, scope: &Scope, service: Service) -> Verdict {
        let mut inner = self.lock();
        let Inner { entries, rng, .. } = &mut *inner;
        let mut verdict = Verdict::default();
        for entry in entries.iter_mut().filter(|entry| entry.target.hits(operation, scope)) {
            entry.seen += 1;
            let Schedule { after, times } = entry.schedule;
            if entry.seen <= after || entry.seen - after > times {
                continue;
            }
            if let Fault::Latency(latency) = entry.fault {
                verdict.latency += latency;
                continue;
            }
            if verdict.refusal.is_some() || verdict.fault.is_some() {
                continue;
            }
            match &entry.fault {
                Fault::Latency(_) => {}
                Fault::Throttle(probability) => {
                    if rng.fraction() < *probability {
                        verdict.refusal = Some(service.throttled());
                    }
                }
                Fault::RateLimit(rate) => {
                    let bucket = entry
                        .buckets
                        .entry((scope.clone(), operation.into()))
                        .or_insert_with(|| Bucket { tokens: rate.max(1.0), filled: Instant::now() });
                    if !bucket.take(*rate) {
                        verdict.refusal = Some(service.throttled());
                    }
                }
                Fault::Refuse(code, message) => verdict.refusal = Some(Refusal::new(code, &**message)),
                Fault::Status(status) => verdict.refusal = Some(broken(*status)),
                Fault::ExpiredCredentials => verdict.refusal = Some(service.dialect().expired()),
                other => verdict.fault = Some(other.clone()),
            }
        }
        verdict
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn broken(status: u16) -> Refusal {
    let (code, message) = match status {
        503 => ("ServiceUnavailable", "Service is unavailable."),
        _ => (
            "InternalFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
        ),
    };
    Refusal::new(code, message).with_status(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope::new("123456789012", "eu-west-1")
    }

    fn refused(faults: &Faults, operation: &str) -> bool {
        faults.judge(operation, &scope(), Service::SageMaker).refusal.is_some()
    }

    #[test]
    fn a_fault_hits_only_its_target_and_only_as_often_as_it_should() {
        let faults = Faults::new(1);
        let refuse = Fault::Refuse("ResourceInUse".into(), "busy".into());
        faults.schedule(Target::operation("Delete*").in_region("eu-west-1"), refuse, 1, 2);
        assert!(!refused(&faults, "ListApps"));
        let hits: Vec<bool> = (0..5).map(|_| refused(&faults, "DeleteApp")).collect();
        assert_eq!(hits, [false, true, true, false, false]);
    }

    #[test]
    fn latencies_add_up_and_a_fault_can_be_taken_back() {
        let faults = Faults::new(1);
        let id = faults.add(Target::all(), Fault::Latency(Duration::from_millis(20)));
        faults.add(Target::operation("ListApps"), Fault::Latency(Duration::from_millis(5)));
        assert_eq!(faults.judge("ListApps", &scope(), Service::SageMaker).latency, Duration::from_millis(25));
        assert!(faults.remove(id));
        assert!(!faults.remove(id));
        assert_eq!(faults.judge("ListApps", &scope(), Service::SageMaker).latency, Duration::from_millis(5));
    }

    #[test]
    fn throttling_with_a_probability_is_the_same_for_the_same_seed() {
        let hits = |seed| {
            let faults = Faults::new(seed);
            faults.add(Target::all(), Fault::Throttle(0.5));
            (0..64).map(|_| refused(&faults, "ListApps")).collect::<Vec<_>>()
        };
        assert_eq!(hits(7), hits(7));
        assert_ne!(hits(7), hits(8));
        assert!(hits(7).contains(&true) && hits(7).contains(&false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_limit_lets_through_as_many_as_it_says() {
        let faults = Faults::new(1);
        faults.add(Target::all(), Fault::RateLimit(10.0));
        let mut granted = 0;
        for _ in 0..100 {
            granted += u32::from(!refused(&faults, "DeleteApp"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!((29..=31).contains(&granted), "2 s at 10/s and a burst of 10, not {granted}");
    }
}
