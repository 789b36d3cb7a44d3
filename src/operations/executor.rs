//! Carries out plans: several at once, each once, each step to a known end, each intent on disk before its call.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::brakes::Brakes;
use super::disk::Disk;
use super::drive::Drive;
use super::journal::{JournalError, Opening, was_begun};
use super::poison::Poison;
use super::records::{JOURNALS, Records, unwritable};
use super::run::{Clock, Memory, Run};
use super::unfinished::taken_up;
use super::who::Who;
use crate::aws::{Gateway, Lease};
use crate::fleet::{
    DomainId, DomainKey, PauseCause, Plan, PlanId, Problem, ProblemKind, Progress, StepState, Tally,
    Timestamp,
};

/// What is to be carried out.
#[derive(Debug, Clone)]
pub struct Order {
    /// The plan that the person has confirmed.
    pub plan: Arc<Plan>,
    /// Why, in the person's words, where they were asked: for the audit trail.
    pub reason: Option<String>,
}

impl Order {
    /// An order that gives no reason.
    pub fn new(plan: Arc<Plan>) -> Self {
        Self { plan, reason: None }
    }
}

/// Carries out plans. Each plan once; several at the same time.
#[derive(Debug)]
pub struct Executor {
    gateway: Gateway,
    records: Option<(PathBuf, Disk)>,
    poison: Poison,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    applied: HashSet<PlanId>,
    running: HashMap<PlanId, Arc<Run>>,
}

/// Where an operation stands when it is begun or taken up again.
struct Start {
    records: Option<Records>,
    states: Vec<StepState>,
    memories: Vec<Memory>,
    domains: Vec<(DomainId, DomainKey)>,
}

impl Executor {
    /// An executor that has applied nothing yet. In `state`, the folder of state, it keeps a journal of each
    /// operation and the audit trail; without one nothing is written down, which only a demo or a test may want.
    pub fn new(gateway: Gateway, state: Option<PathBuf>) -> Self {
        Self::with(gateway, state.map(|state| (state, Disk::default())))
    }

    /// For tests: an executor whose disk fails where they say.
    #[doc(hidden)]
    pub fn on_disk(gateway: Gateway, state: PathBuf, disk: Disk) -> Self {
        Self::with(gateway, Some((state, disk)))
    }

    fn with(gateway: Gateway, records: Option<(PathBuf, Disk)>) -> Self {
        Self { gateway, records, poison: Poison::default(), seen: Mutex::default() }
    }

    /// Carries out a plan that the person has confirmed, `now`, and tells every step's progress. It ends when every
    /// step has; while it is paused it waits for [`go_on`](Self::go_on), [`stop`](Self::stop) or
    /// [`leave`](Self::leave).
    ///
    /// `lease` is the permission to write: [`Gateway::lease`] in the console, [`Gateway::lift_for`] on the
    /// command line. Dropping the future breaks everything off where it is, as a crash would; what was sent by then
    /// is found out when the operation is resumed.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::Refused`] when the plan is too old, was applied before, or is not the one that was
    /// confirmed, when it cannot be written down, and when anything could not be in this session;
    /// [`ProblemKind::NoCredentials`] when nobody is signed in to one
    /// of its accounts. Then nothing was sent.
    pub async fn carry_out(
        &self,
        order: Order,
        lease: Lease,
        now: Timestamp,
        progress: mpsc::Sender<Progress>,
    ) -> Result<Tally, Problem> {
        let Order { plan, reason } = order;
        self.poison.refuse()?;
        self.admit(&plan, now)?;
        let who = Who::of(&self.gateway, &plan)?;
        let records = match &self.records {
            Some((state, disk)) => {
                refuse_begun(state, &plan).await?;
                let opening = Opening {
                    who: who.principals(),
                    reason: reason.clone(),
                    ..Opening::new(&plan.id.0, &plan.title, plan.steps.len(), now)
                };
                let begun = Records::begin(state, disk, opening, &plan).await;
                Some(begun.map_err(|error| self.unwritten(&error))?)
            }
            None => None,
        };
        let steps = plan.steps.len();
        let start = Start {
            records,
            states: vec![StepState::Waiting; steps],
            memories: vec![Memory::default(); steps],
            domains: Vec::new(),
        };
        let run = self.run(plan, reason, who, lease, now, progress);
        Ok(self.drive(run, start).await)
    }

    /// Takes up an operation that was left unfinished, by its journal, and carries it to its end. Steps that were
    /// sent and not seen to end are looked at first; what has ended stays as it is.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::Refused`] when the journal cannot be used, when another console carries the operation out, or
    /// when somebody else is signed in than who began it. Then nothing was sent.
    pub async fn resume(
        &self,
        journal: &Path,
        lease: Lease,
        now: Timestamp,
        progress: mpsc::Sender<Progress>,
    ) -> Result<Tally, Problem> {
        let Some((state, disk)) = &self.records else {
            return Err(refused("nothing is written down in this session, so nothing can be resumed"));
        };
        self.poison.refuse()?;
        let taken = Records::resume(state, disk, journal).await;
        let (records, recorded) = taken.map_err(|error| self.unwritten(&error))?;
        let taken_up =
            taken_up(&recorded).map_err(|error| refused(format!("the journal is damaged: {error}")))?;
        let plan = Arc::clone(&taken_up.plan);
        if !plan.is_intact() {
            return Err(refused("the plan in the journal is not the one that was confirmed"));
        }
        let who = Who::of(&self.gateway, &plan)?;
        who.verify(&self.gateway).await?;
        who.must_be(&recorded.who)?;
        self.seen().applied.insert(plan.id.clone());
        records.resumed(who.principals(), now);
        let start = Start {
            records: Some(records),
            states: taken_up.states,
            memories: taken_up.memories,
            domains: taken_up.domains,
        };
        let run = self.run(plan, recorded.opening.reason, who, lease, now, progress);
        Ok(self.drive(run, start).await)
    }

    /// Lets nothing more of a plan be sent until it is told to go on; what was sent is watched. False if the plan is
    /// not being carried out.
    pub fn pause(&self, plan: &PlanId) -> bool {
        self.brakes(plan, |brakes| brakes.pause(PauseCause::ByHand, "it was paused by hand"))
    }

    /// Lets a paused plan go on, with a new permission to write. Asks AWS first who is signed in.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::Refused`] when that is somebody else than who began it, when what happens can no longer be
    /// written down, or when the plan is not being carried out; or why AWS could not be asked. It stays paused.
    pub async fn go_on(&self, plan: &PlanId, lease: Lease) -> Result<(), Problem> {
        let run = self.seen().running.get(plan).cloned();
        let Some(run) = run else { return Err(refused("the plan is not being carried out")) };
        self.poison.refuse()?;
        if let Some(failure) = run.brakes.broken() {
            return Err(unwritable(&failure));
        }
        run.who.verify(&self.gateway).await?;
        run.renew(lease);
        run.brakes.go_on();
        Ok(())
    }

    /// Cancels a plan: nothing more is sent, and what was sent is watched to its end. It is over then.
    pub fn stop(&self, plan: &PlanId) {
        self.brakes(plan, Brakes::stop);
    }

    /// Leaves a plan as it is: nothing more is sent, and what was sent is not watched any longer. Its journal stays
    /// open, so that it can be [resumed](Self::resume) another time.
    pub fn leave(&self, plan: &PlanId) {
        self.brakes(plan, Brakes::leave);
    }

    /// Makes the steps that failed, were skipped or stay unknown once more, as far as the plan is still being
    /// carried out; false if it is not. What is left of one that is over goes into a new plan:
    /// [`Plan::rest`].
    pub fn retry(&self, plan: &PlanId) -> bool {
        self.brakes(plan, Brakes::retry)
    }

    /// The plans that are being carried out.
    pub fn running(&self) -> Vec<Arc<Plan>> {
        self.seen().running.values().map(|run| Arc::clone(&run.plan)).collect()
    }

    /// The folder of state.
    pub fn state(&self) -> Option<&Path> {
        self.records.as_ref().map(|(state, _)| state.as_path())
    }

    fn run(
        &self,
        plan: Arc<Plan>,
        reason: Option<String>,
        who: Who,
        lease: Lease,
        now: Timestamp,
        progress: mpsc::Sender<Progress>,
    ) -> Run {
        Run {
            gateway: self.gateway.clone(),
            plan,
            reason,
            who,
            brakes: Brakes::default(),
            poison: self.poison.clone(),
            sweeps: super::sweep::Sweeps::default(),
            records: None,
            progress,
            clock: Clock::starting_at(now),
            lease: Mutex::new(Arc::new(lease)),
            domains: Mutex::default(),
            applications: Mutex::default(),
            watching: Mutex::default(),
        }
    }

    async fn drive(&self, run: Run, start: Start) -> Tally {
        let Start { records, states, memories, domains } = start;
        if let Some(note) = records.as_ref().and_then(Records::note) {
            tracing::warn!("{note}");
        }
        for (to_be, real) in &domains {
            run.note_domain(to_be, real);
        }
        let run = Arc::new(Run { records, ..run });
        let id = run.plan.id.clone();
        self.seen().running.insert(id.clone(), Arc::clone(&run));
        let _running = Running { executor: self, plan: id };
        Drive::new(run, states, memories).run_out().await
    }

    /// Why an operation is not begun or taken up, when its records cannot be.
    fn unwritten(&self, error: &JournalError) -> Problem {
        if let JournalError::Failed(failure) = error {
            self.poison.note(failure);
        }
        unwritable(error)
    }

    fn admit(&self, plan: &Plan, now: Timestamp) -> Result<(), Problem> {
        if !plan.is_intact() {
            return Err(refused("the plan is not the one that was confirmed"));
        }
        if plan.is_stale(now) {
            return Err(refused("the plan is too old, and the fleet may have changed since"));
        }
        if !self.seen().applied.insert(plan.id.clone()) {
            return Err(refused("the plan was applied before"));
        }
        Ok(())
    }

    /// Does something with the brakes of a plan; false if it is not being carried out.
    fn brakes(&self, plan: &PlanId, act: impl FnOnce(&Brakes)) -> bool {
        let run = self.seen().running.get(plan).cloned();
        run.as_deref().map(|run| act(&run.brakes)).is_some()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes that a plan is being carried out, until it is not, however it ends.
struct Running<'a> {
    executor: &'a Executor,
    plan: PlanId,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.executor.seen().running.remove(&self.plan);
    }
}

/// Refuses a plan that has a journal: it was begun, in this session or another.
async fn refuse_begun(state: &Path, plan: &Plan) -> Result<(), Problem> {
    let (dir, id) = (state.join(JOURNALS), plan.id.0.to_string());
    match tokio::task::spawn_blocking(move || was_begun(&dir, &id)).await {
        Ok(Ok(false)) => Ok(()),
        Ok(Ok(true)) => Err(refused("the plan was applied before")),
        Ok(Err(failure)) => Err(unwritable(&failure)),
        Err(error) => Err(unwritable(&error)),
    }
}

pub(super) fn refused(message: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Refused, message, "Make a new plan")
}
