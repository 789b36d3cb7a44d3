//! One call to AWS: paced by the limiter, asked again while the trouble is of the passing kind, and turned into
//! a [`Problem`] when it is not. Knows no operation.
//!
//! This is the only place that retries. The SDK's own retries are off, because each attempt has to pass the
//! limiter, and because a walk of a thousand pages needs more patience than three attempts.

use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use super::limiter::{Limiter, Partition};
use super::problem::{Asked, is_clock, problem};
use crate::fleet::{AccountId, Problem, ProblemKind, ProfileName, Region};

/// How long a page of a list is asked for again.
pub(super) const PAGE_PATIENCE: Duration = Duration::from_mins(2);
/// How long anything else is asked for again.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// One attempt only: for what must not be sent twice.
pub(super) const ONCE: Duration = Duration::ZERO;

/// Who calls, and where.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) limiter: Arc<Limiter>,
    pub(super) account: AccountId,
    pub(super) profile: ProfileName,
    pub(super) region: Region,
    /// The prefix of the service's IAM actions, such as `sagemaker`.
    pub(super) service: &'static str,
}

impl Caller {
    /// Calls, and calls again while that makes sense and `patience` lasts.
    pub(super) async fn call<T, E, F, Fut>(
        &self,
        operation: &'static str,
        patience: Duration,
        send: F,
    ) -> Result<T, Problem>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Fn() -> Fut + Send,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        T: Send,
    {
        let partition = Partition { account: self.account.clone(), region: self.region.clone(), operation };
        let asked = Asked { operation, service: self.service, profile: &self.profile, region: &self.region };
        let started = Instant::now();
        let mut backoff = Backoff::default();
        let mut clock_corrected = false;
        loop {
            let permit = self.limiter.permit(&partition).await;
            let failed = match send().await {
                Ok(answer) => {
                    permit.accepted();
                    return Ok(answer);
                }
                Err(error) => problem(&asked, &error),
            };
            match failed.kind {
                ProblemKind::Throttled => permit.throttled(),
                _ if failed.request_id.is_some() => permit.accepted(),
                _ => drop(permit),
            }
            let clock = failed.code.as_deref().is_some_and(is_clock);
            if clock && !clock_corrected && patience > ONCE {
                // The SDK has taken the offset from the answer; the next signature carries the right time.
                clock_corrected = true;
                continue;
            }
            let wait = backoff.next(failed.kind);
            if !failed.is_passing() || started.elapsed() + wait > patience {
                return Err(failed);
            }
            tracing::debug!(operation, region = %self.region, kind = ?failed.kind, ?wait, "asking again");
            tokio::time::sleep(wait).await;
        }
    }
}

/// How long to wait before asking again: twice as long each time, of which a random part is taken, so that
/// many who failed together do not come back together.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// The next wait.
    pub(super) fn next(&mut self, kind: ProblemKind) -> Duration {
        // Throttling is paced by the limiter already; only the herd has to be spread.
        let greatest = if kind == ProblemKind::Throttled { 5.0 } else { 20.0 };
        let most = (0.25 * f64::from(1_u32 << self.tries.min(10))).min(greatest);
        self.tries += 1;
        Duration::from_secs_f64(most * (0.2 + 0.8 * random()))
    }
}

/// A random fraction between 0 and 1, to spread out those who wait together.
fn random() -> f64 {
    // Each RandomState has keys of its own; that is all the randomness a jitter needs.
    let bits = RandomState::new().hash_one(0_u8) >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_are_spread_and_have_a_limit() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..40).map(|_| backoff.next(ProblemKind::Network).as_secs_f64()).collect();
        assert!(waits[0] <= 0.25 && waits.iter().all(|wait| (0.05..=20.0).contains(wait)));
        assert!(waits[20..].iter().any(|wait| *wait > 5.0));
        assert!(waits[20..].iter().any(|a| (a - waits[39]).abs() > 0.01));
    }
}
