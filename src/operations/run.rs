//! What the steps of one operation share while it is carried out. Decides nothing by itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

use super::audit::Entry;
use super::brakes::Brakes;
use super::commit::WriteFailed;
use super::judge::Phase;
use super::poison::Poison;
use super::records::Records;
use super::sweep::Sweeps;
use super::who::Who;
use crate::aws::{Gateway, Lease};
use crate::fleet::{
    Change, DomainId, DomainKey, Event, Plan, Problem, Produced, Progress, Scope, StepState, Timestamp,
};

/// Looks at outcomes on their way at once, per account and region.
const WATCHING: usize = 4;

/// What the steps of one operation share.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) gateway: Gateway,
    pub(super) plan: Arc<Plan>,
    pub(super) reason: Option<String>,
    pub(super) who: Who,
    pub(super) brakes: Brakes,
    pub(super) poison: Poison,
    pub(super) sweeps: Sweeps,
    pub(super) records: Option<Records>,
    pub(super) progress: mpsc::Sender<Progress>,
    pub(super) clock: Clock,
    pub(super) lease: Mutex<Arc<Lease>>,
    pub(super) domains: Mutex<BTreeMap<DomainId, DomainKey>>,
    pub(super) applications: Mutex<BTreeMap<DomainKey, Arc<str>>>,
    pub(super) watching: Mutex<HashMap<Scope, Arc<Semaphore>>>,
}

/// The time for what is written down: the caller's, going on from when it was told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    base: Timestamp,
    since: Instant,
}

impl Clock {
    /// A clock that shows `now` at this moment.
    pub(super) fn starting_at(now: Timestamp) -> Self {
        Self { base: now, since: Instant::now() }
    }

    /// The time.
    pub(super) fn now(&self) -> Timestamp {
        self.base.checked_add(self.since.elapsed()).unwrap_or(self.base)
    }
}

/// What is remembered of a step from one attempt to the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    /// How often it was about to be sent.
    pub(super) attempts: u32,
    /// How often no answer came, and why the last time.
    pub(super) losses: u32,
    pub(super) lost: Option<Problem>,
    /// Whether AWS took it.
    pub(super) is_taken: bool,
    /// AWS's request ids of all attempts that were answered.
    pub(super) request_ids: Vec<Arc<str>>,
    /// Since when it is throttled, waits for its object or for those in it, or cannot be looked at.
    pub(super) throttled: Option<Instant>,
    pub(super) waits: Option<Instant>,
    pub(super) unseen: Option<Instant>,
}

impl Memory {
    /// How its object is to be looked at before it is sent.
    pub(super) fn phase(&self) -> Phase {
        if self.is_in_doubt() { Phase::Lost } else { Phase::Before }
    }

    /// Whether it may have been carried out already.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.lost.is_some()
    }
}

impl Run {
    /// The change as it is carried out: in the real domain and with its application, where the plan creates one.
    /// `None` while there is no such domain; the application is known once it was [looked up](Self::look).
    pub(super) fn change(&self, position: usize) -> Option<Change> {
        let change = &self.plan.steps.get(position)?.change;
        let domain = change.target().object().map(crate::fleet::ObjectKey::domain_key);
        let change = match domain {
            Some(domain) if domain.id.is_to_be() && !matches!(change, Change::CreateDomain(..)) => {
                change.clone().in_domain(&self.real_domain(&domain.id)?)
            }
            _ => change.clone(),
        };
        let known = change.awaits_application().and_then(|made| self.application(&made.user.domain_key()));
        Some(match known {
            Some(arn) => change.with_application(&arn),
            None => change,
        })
    }

    /// The application of a domain that this operation has created, where it was looked up.
    pub(super) fn application(&self, domain: &DomainKey) -> Option<Arc<str>> {
        let known = self.applications.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(domain).cloned()
    }

    /// Takes note of the application of a domain.
    pub(super) fn note_application(&self, domain: DomainKey, arn: Arc<str>) {
        self.applications.lock().unwrap_or_else(PoisonError::into_inner).insert(domain, arn);
    }

    /// The domain that was created for one to be.
    pub(super) fn real_domain(&self, to_be: &DomainId) -> Option<DomainKey> {
        self.domains().get(to_be).cloned()
    }

    /// Takes note of the domain that was created for one to be.
    pub(super) fn note_domain(&self, to_be: &DomainId, real: &DomainKey) {
        self.domains().insert(to_be.clone(), real.clone());
    }

    /// The present permission to write.
    pub(super) fn lease(&self) -> Arc<Lease> {
        Arc::clone(&self.lease.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Goes on with another permission to write.
    pub(super) fn renew(&self, lease: Lease) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(lease);
    }

    /// How many outcomes of a scope may be looked at at once.
    pub(super) fn watchers(&self, scope: &Scope) -> Arc<Semaphore> {
        let mut watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(watching.entry(scope.clone()).or_insert_with(|| Arc::new(Semaphore::new(WATCHING))))
    }

    /// Tells how far a step is. A plan goes on when nobody watches it any more.
    pub(super) async fn tell(
        &self,
        step: usize,
        state: StepState,
        memory: &Memory,
        produced: Option<Produced>,
    ) {
        let request_id = memory.request_ids.last().cloned();
        self.tell_event(Event::Step { step, state, request_id, produced }).await;
    }

    /// Tells what is new.
    pub(super) async fn tell_event(&self, event: Event) {
        drop(self.progress.send(Progress { plan: self.plan.id.clone(), event }).await);
    }

    /// Writes down and tells how a step has ended.
    pub(super) async fn finish(&self, position: usize, state: &StepState, memory: &Memory) {
        let found = self.found_domain(position, state, memory);
        if let Some(records) = &self.records {
            let at = self.clock.now();
            if let Some(id) = &found {
                records.answer(position, None, Some(id), at);
            }
            let entry = self.entry(position, state, memory, at);
            if let Err(failure) = records.end(position, state, entry, at).await {
                self.break_off(&failure);
            }
        }
        self.tell(position, state.clone(), memory, found.map(Produced::Domain)).await;
    }

    /// The domain that a step has created whose answer was lost: its id did not come with the answer, and what
    /// follows needs it, also in a later run of the program.
    fn found_domain(&self, position: usize, state: &StepState, memory: &Memory) -> Option<DomainId> {
        let Change::CreateDomain(to_be, _) = &self.plan.steps.get(position)?.change else { return None };
        let was_lost = memory.is_in_doubt() && !memory.is_taken;
        let real = self.real_domain(&to_be.id).filter(|_| was_lost && state.is_done())?;
        Some(real.id)
    }

    /// Pauses for good, since what happens can no longer be written down; and keeps everything else from being
    /// sent in this session where what is on disk is in doubt.
    pub(super) fn break_off(&self, failure: &WriteFailed) {
        self.poison.note(failure);
        self.brakes.break_off(failure.to_string());
    }

    /// What the audit trail says of a step, where there is anything to say: that it was sent, or could not be.
    fn entry(&self, position: usize, state: &StepState, memory: &Memory, at: Timestamp) -> Option<Entry> {
        let step = self.plan.steps.get(position)?;
        let was_sent = memory.attempts > 0;
        if !was_sent && !matches!(state, StepState::Failed(_) | StepState::Unknown(_)) {
            return None;
        }
        let change = self.change(position).unwrap_or_else(|| step.change.clone());
        let scope = change.scope();
        let outcome = match state {
            StepState::Done => "done".to_owned(),
            StepState::AlreadyDone => "already done".to_owned(),
            StepState::Skipped(reason) => format!("skipped: {reason}"),
            StepState::Failed(problem) => format!("failed: {problem}"),
            StepState::Unknown(problem) => format!("unknown: {problem}"),
            StepState::Waiting | StepState::Checking | StepState::Sending | StepState::Verifying => {
                return None;
            }
        };
        Some(Entry {
            time: at,
            who: self.who.arn(scope.account()).to_owned(),
            account: scope.account().clone(),
            region: scope.region().clone(),
            what: change.operation().to_owned(),
            object: change.target().arn(),
            bound: step.bound.created(),
            reason: self.reason.clone(),
            plan: Some(self.plan.id.0.to_string()),
            request_ids: memory.request_ids.iter().map(ToString::to_string).collect(),
            before: step.before.clone().map(serde_json::Value::Object),
            after: change.document().cloned().map(serde_json::Value::Object),
            outcome,
        })
    }

    fn domains(&self) -> MutexGuard<'_, BTreeMap<DomainId, DomainKey>> {
        self.domains.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
