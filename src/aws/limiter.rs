//! How fast each operation may be asked: a rate per account, region and operation that grows while AWS accepts
//! and shrinks when AWS throttles. Knows no request, only their outcomes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::fleet::{AccountId, Region};

/// Requests per second to begin with. AWS publishes no limit for the Studio control plane; the service quotas
/// that exist for its neighbours ("Rate of ... requests") are between 5 and 50.
const FIRST_RATE: f64 = 20.0;
/// The most that is ever asked per second, so that one console does not use up an account's rate for all.
const GREATEST_RATE: f64 = 100.0;
/// The least, so that recovery is always noticed.
const LEAST_RATE: f64 = 0.5;
/// Throttled answers within this time after a slowdown belong to requests sent before it.
const ONE_SLOWDOWN: Duration = Duration::from_secs(1);
/// Over how long the accepted rate is measured.
const MEASURED: Duration = Duration::from_secs(2);
/// From so many answers on, or after so long, it is judged whether a slowdown has helped.
const ANSWERS: u32 = 24;
const FEW_ANSWERS: u32 = 6;
const LONG: Duration = Duration::from_secs(10);
/// A share of throttled answers that is none to speak of.
const HARDLY_ANY: f64 = 0.15;
/// The greatest share of throttled answers that is taken for somebody else's doing.
const MOST_NOT_OURS: f64 = 0.75;
/// From so many answers on it is judged whether more are throttled than are anyway, and how many more are too many.
const MANY_ANSWERS: u32 = 40;
const TOO_MANY_MORE: f64 = 0.25;
/// After so many such judgements in a row it is tried anew whether slowing down helps.
const DOUBTS: u32 = 5;

/// What is limited by itself: AWS counts requests per account, region and operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The operation.
    pub operation: &'static str,
}

/// What was learned about a partition.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Which one.
    pub partition: Partition,
    /// Requests per second it is asked at most, now.
    pub per_second: f64,
    /// Throttled answers so far.
    pub throttled: u64,
}

/// The rates of all partitions.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    lanes: Mutex<BTreeMap<Partition, Arc<Lane>>>,
}

impl Limiter {
    /// Waits until a request may be sent. Waiting ends when the future is dropped.
    pub(super) async fn permit(&self, partition: &Partition) -> Permit {
        let lane = self.lane(partition);
        let slot = Arc::clone(&lane.slots).acquire_owned().await.ok();
        // One waiter at a time looks at the clock, in order of arrival, so that a rate that changes meanwhile
        // holds for all who still wait.
        let turn = lane.turn.lock().await;
        loop {
            let wait = lane.pace().take(Instant::now());
            let Some(wait) = wait else { break };
            tokio::time::sleep(wait).await;
        }
        drop(turn);
        Permit { lane, _slot: slot }
    }

    /// What was learned so far.
    pub(super) fn rates(&self) -> Vec<Rate> {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes
            .iter()
            .map(|(partition, lane)| {
                let pace = lane.pace();
                Rate { partition: partition.clone(), per_second: pace.rate, throttled: pace.throttled }
            })
            .collect()
    }

    fn lane(&self, partition: &Partition) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(partition) {
            return Arc::clone(lane);
        }
        let lane = Arc::new(Lane::new(at_once(partition.operation)));
        lanes.insert(partition.clone(), Arc::clone(&lane));
        lane
    }
}

/// How many requests of an operation may be on their way at once.
fn at_once(operation: &str) -> usize {
    if operation.starts_with("List") {
        16
    } else if operation.starts_with("Describe") {
        8
    } else {
        4
    }
}

/// Permission to send one request; its outcome teaches the limiter. Dropped without one, it teaches nothing.
#[derive(Debug)]
pub(super) struct Permit {
    lane: Arc<Lane>,
    _slot: Option<OwnedSemaphorePermit>,
}

impl Permit {
    /// AWS took the request, whatever it answered.
    pub(super) fn accepted(self) {
        self.lane.pace().accepted(Instant::now());
    }

    /// AWS asked to slow down.
    pub(super) fn throttled(self) {
        self.lane.pace().throttled(Instant::now());
    }
}

#[derive(Debug)]
struct Lane {
    slots: Arc<Semaphore>,
    turn: Turn<()>,
    pace: Mutex<Pace>,
}

impl Lane {
    fn new(at_once: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(at_once)),
            turn: Turn::new(()),
            pace: Mutex::new(Pace::new(Instant::now())),
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bucket of tokens that fills at a rate which is itself learned.
#[derive(Debug)]
struct Pace {
    rate: f64,
    tokens: f64,
    filled_at: Instant,
    throttled: u64,
    slowed_at: Option<Instant>,
    taken: VecDeque<Instant>,
    /// Answers since the rate was last judged, and since when.
    answers: Answers,
    /// What was before the slowdown whose effect is being measured.
    trial: Option<Trial>,
    /// The rate before the first of the slowdowns in a row.
    top: f64,
    /// The share of answers that is throttled however slowly we ask: others use up the account's rate too, or AWS
    /// is short of something else. Slowing down for those would only be slow.
    anyway: f64,
    doubts: u32,
}

#[derive(Debug, Clone, Copy)]
struct Answers {
    since: Instant,
    accepted: u32,
    throttled: u32,
}

/// A slowdown that is being watched: from which rate, and which share was throttled there if that is known.
#[derive(Debug, Clone, Copy)]
struct Trial {
    rate: f64,
    share: Option<f64>,
}

impl Answers {
    fn none(since: Instant) -> Self {
        Self { since, accepted: 0, throttled: 0 }
    }

    fn count(self) -> u32 {
        self.accepted + self.throttled
    }

    fn share(self) -> f64 {
        f64::from(self.throttled) / f64::from(self.count().max(1))
    }
}

impl Pace {
    fn new(now: Instant) -> Self {
        Self {
            rate: FIRST_RATE,
            tokens: FIRST_RATE,
            filled_at: now,
            throttled: 0,
            slowed_at: None,
            taken: VecDeque::new(),
            answers: Answers::none(now),
            trial: None,
            top: FIRST_RATE,
            anyway: 0.0,
            doubts: 0,
        }
    }

    /// Takes a token, or says how long to wait before trying again.
    fn take(&mut self, now: Instant) -> Option<Duration> {
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        // After a slowdown nothing is saved up: a burst is what AWS has just refused.
        let full = if self.slowed_at.is_some() { 1.0 } else { FIRST_RATE };
        self.tokens = (self.tokens + passed * self.rate).min(full);
        self.filled_at = now;
        if self.tokens >= 1.0 - 1e-6 {
            self.tokens -= 1.0;
            return None;
        }
        // A millisecond is the timer's own grain; less would make it spin.
        Some(Duration::from_secs_f64((1.0 - self.tokens) / self.rate).max(Duration::from_millis(1)))
    }

    fn accepted(&mut self, now: Instant) {
        self.taken.push_back(now);
        self.forget(now);
        self.answers.accepted += 1;
        if self.slowed_at.is_none() {
            // Before the first slowdown one more with every request.
            self.rate = (self.rate + 1.0).min(GREATEST_RATE);
            return;
        }
        if self.trial.is_none() {
            // One more per second with every second of full use.
            self.rate = (self.rate + 1.0 / (self.rate * (1.0 - self.anyway))).min(GREATEST_RATE);
        }
        self.judge(now);
    }

    fn throttled(&mut self, now: Instant) {
        self.throttled += 1;
        self.answers.throttled += 1;
        let is_ours = self.anyway == 0.0;
        if is_ours {
            self.tokens = self.tokens.min(0.0);
        }
        let since = now.saturating_duration_since(self.answers.since);
        if self.slowed_at.is_some() && since < ONE_SLOWDOWN {
            return;
        }
        self.forget(now);
        if self.taken.is_empty() {
            // Nothing goes through at all.
            self.anyway = 0.0;
            self.slow_down(now, None);
        } else if self.slowed_at.is_none() || (is_ours && self.trial.is_none()) {
            self.slow_down(now, None);
        } else {
            self.judge(now);
        }
    }

    /// Halves the rate. Where the share of throttled answers is not known by which to judge whether that helps, not
    /// below what AWS has just been taking: that is most likely the rate we are looking for.
    fn slow_down(&mut self, now: Instant, share: Option<f64>) {
        if self.trial.is_none() {
            self.top = self.rate;
        }
        let trial = Trial { rate: self.rate, share };
        let taking = self.taken.len() as f64 / MEASURED.as_secs_f64() * 0.9;
        let least = if share.is_none() { taking.min(self.rate * 0.9) } else { 0.0 };
        self.rate = (self.rate * 0.5).max(least).max(LEAST_RATE);
        self.trial = Some(trial);
        self.slowed_at = Some(now);
        self.answers = Answers::none(now);
    }

    /// Judges by the answers whether it is our rate that AWS throttles.
    ///
    /// If it is, fewer are throttled after a slowdown. If as many are as before, our rate is not the cause: then
    /// the former rate is taken up again, and from there on only what is throttled beyond that share counts.
    fn judge(&mut self, now: Instant) {
        let (answers, share) = (self.answers, self.answers.share());
        let since = now.saturating_duration_since(answers.since);
        let Some(trial) = self.trial else { return self.judge_share(now, share) };
        if answers.count() < ANSWERS && (since < LONG || answers.count() < FEW_ANSWERS) {
            return;
        }
        if share >= HARDLY_ANY {
            let Some(before) = trial.share else { return self.slow_down(now, Some(share)) };
            // Were it our rate, AWS would take as many a second as before, of fewer.
            let if_ours = (1.0 - (1.0 - before) * trial.rate / self.rate).max(0.0);
            if share > f64::midpoint(before, if_ours) {
                self.anyway = f64::midpoint(share, before).min(MOST_NOT_OURS);
                self.rate = self.rate.max(self.top);
            } else if self.rate > LEAST_RATE {
                return self.slow_down(now, Some(share));
            }
        }
        self.trial = None;
        self.doubts = 0;
        self.answers = Answers::none(now);
    }

    /// Judges whether more is throttled than is anyway.
    fn judge_share(&mut self, now: Instant, share: f64) {
        let since = now.saturating_duration_since(self.answers.since);
        let count = self.answers.count();
        let is_too_early =
            since < ONE_SLOWDOWN || (count < MANY_ANSWERS && since < LONG) || count < FEW_ANSWERS;
        if self.anyway == 0.0 || is_too_early {
            return;
        }
        if (share - self.anyway) / (1.0 - self.anyway) > TOO_MANY_MORE {
            self.rate = (self.rate * 0.9).max(LEAST_RATE);
            self.doubts += 1;
            if self.doubts >= DOUBTS {
                self.doubts = 0;
                return self.slow_down(now, Some(share));
            }
        } else {
            self.doubts = 0;
            self.anyway = self.anyway.min(self.anyway + 0.2 * (share - self.anyway));
            if self.anyway < HARDLY_ANY {
                self.anyway = 0.0;
            }
        }
        self.answers = Answers::none(now);
    }

    fn forget(&mut self, now: Instant) {
        while self.taken.front().is_some_and(|at| now.saturating_duration_since(*at) > MEASURED) {
            self.taken.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(operation: &'static str) -> Partition {
        Partition { account: AccountId::new("123456789012"), region: Region::new("eu-west-1"), operation }
    }

    fn rate(limiter: &Limiter, operation: &str) -> f64 {
        limiter.rates().iter().find(|rate| rate.partition.operation == operation).unwrap().per_second
    }

    #[tokio::test(start_paused = true)]
    async fn being_throttled_slows_one_operation_down_and_no_other() {
        let limiter = Limiter::default();
        limiter.permit(&partition("ListApps")).await.accepted();
        let before = rate(&limiter, "ListApps");
        limiter.permit(&partition("DeleteApp")).await.throttled();
        assert!((rate(&limiter, "DeleteApp") - FIRST_RATE / 2.0).abs() < 0.01);
        assert!((rate(&limiter, "ListApps") - before).abs() < f64::EPSILON);
    }

    #[tokio::test(start_paused = true)]
    async fn many_throttled_answers_at_once_are_one_slowdown() {
        let limiter = Limiter::default();
        let mut permits = Vec::new();
        for _ in 0..10 {
            permits.push(limiter.permit(&partition("ListApps")).await);
        }
        permits.into_iter().for_each(Permit::throttled);
        assert!((rate(&limiter, "ListApps") - FIRST_RATE / 2.0).abs() < 0.01);
    }

    #[tokio::test(start_paused = true)]
    async fn when_everything_is_throttled_less_than_one_request_a_second_remains() {
        let limiter = Limiter::default();
        let started = Instant::now();
        let mut late = 0;
        while started.elapsed() < Duration::from_mins(1) {
            let permit = limiter.permit(&partition("ListApps")).await;
            if started.elapsed() > Duration::from_secs(30) {
                late += 1;
            }
            permit.throttled();
        }
        assert!(late <= 30, "{late} requests in the last 30 s");
    }

    #[tokio::test(start_paused = true)]
    async fn it_finds_a_limit_of_ten_per_second_and_uses_it_well() {
        let (limiter, started) = (Limiter::default(), Instant::now());
        // AWS's side: a bucket of ten tokens that fills at ten a second.
        let (mut tokens, mut filled, mut done, mut refused) = (10.0_f64, started, 0, 0);
        while done < 1000 {
            let permit = limiter.permit(&partition("DeleteApp")).await;
            let now = Instant::now();
            tokens = (tokens + (now - filled).as_secs_f64() * 10.0).min(10.0);
            filled = now;
            if tokens >= 1.0 {
                tokens -= 1.0;
                done += 1;
                permit.accepted();
            } else {
                refused += 1;
                permit.throttled();
            }
        }
        let took = started.elapsed().as_secs_f64();
        assert!(took < 120.0, "1,000 requests took {took} s where 100 s are possible");
        assert!(refused < 150, "{refused} refused");
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_that_does_not_follow_our_rate_does_not_stop_us() {
        let (limiter, started) = (Limiter::default(), Instant::now());
        // AWS's side: a coin for each request, and behind it a bucket that fills at ten a second.
        let (mut tokens, mut filled, mut done, mut coin) = (10.0_f64, started, 0, 1_u64);
        while done < 1000 {
            let permit = limiter.permit(&partition("DeleteApp")).await;
            let now = Instant::now();
            coin = coin.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            tokens = (tokens + (now - filled).as_secs_f64() * 10.0).min(10.0);
            filled = now;
            if coin >> 63 == 0 && tokens >= 1.0 {
                tokens -= 1.0;
                done += 1;
                permit.accepted();
            } else {
                permit.throttled();
            }
        }
        let took = started.elapsed().as_secs_f64();
        assert!(took < 130.0, "1,000 requests took {took} s where 100 s are possible");
        assert!(rate(&limiter, "DeleteApp") < 50.0, "and it does not run away");
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_recovers_when_aws_accepts_again() {
        let limiter = Limiter::default();
        for _ in 0..8 {
            limiter.permit(&partition("ListApps")).await.throttled();
            tokio::time::sleep(ONE_SLOWDOWN).await;
        }
        assert!(rate(&limiter, "ListApps") <= 1.0);
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(30) {
            limiter.permit(&partition("ListApps")).await.accepted();
        }
        assert!(rate(&limiter, "ListApps") > 15.0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_gives_up_does_not_block_the_next() {
        let limiter = Limiter::default();
        let lane = partition("GetProducts");
        for _ in 0..40 {
            drop(tokio::time::timeout(Duration::from_millis(1), limiter.permit(&lane)).await);
        }
        tokio::time::timeout(Duration::from_secs(5), limiter.permit(&partition("GetProducts")))
            .await
            .unwrap();
    }
}
