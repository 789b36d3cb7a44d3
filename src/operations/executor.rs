//! Carries out plans: all steps at once within bounds, each on its own, each to a known end.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::brakes::Brakes;
use super::step::{Lanes, Run, scope_of};
use super::sweep::Sweeps;
use crate::aws::{Gateway, Lease};
use crate::fleet::{Plan, PlanId, Problem, ProblemKind, Progress, Scope, Tally, Timestamp};

/// Changes on their way at once, per account and region, and looks at their outcome.
const SENDING: usize = 4;
const WATCHING: usize = 4;
/// Carries out plans. Each plan once.
#[derive(Debug)]
pub struct Executor {
    gateway: Gateway,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    applied: HashSet<PlanId>,
    running: HashMap<PlanId, Arc<Brakes>>,
}

impl Executor {
    /// An executor that has applied nothing yet.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway, seen: Mutex::default() }
    }

    /// Carries out a plan that the person has confirmed, `now`, and tells every step's progress.
    ///
    /// `lease` is the permission to write: [`Gateway::lease`] in the console, [`Gateway::lift_for`] on the
    /// command line. Dropping the future stops everything where it is; see [`stop`](Self::stop) for the other way.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::Refused`] when the plan is too old, was applied before, or is not the one that was
    /// confirmed. Then nothing was sent.
    pub async fn carry_out(
        &self,
        plan: Arc<Plan>,
        lease: Lease,
        now: Timestamp,
        progress: mpsc::Sender<Progress>,
    ) -> Result<Tally, Problem> {
        let brakes = self.admit(&plan, now)?;
        let _running = Running { executor: self, plan: plan.id.clone() };
        let mut lanes: HashMap<Scope, Lanes> = HashMap::new();
        let steps: Vec<Lanes> = plan
            .steps
            .iter()
            .map(|step| lanes.entry(scope_of(&step.change)).or_insert_with(Lanes::of_scope).clone())
            .collect();
        let run = Arc::new(Run {
            gateway: self.gateway.clone(),
            plan,
            lease,
            brakes,
            sweeps: Sweeps::default(),
            progress,
        });
        let mut tasks = JoinSet::new();
        for (position, lanes) in steps.into_iter().enumerate() {
            let run = Arc::clone(&run);
            tasks.spawn(async move { run.step(position, &lanes).await });
        }
        let mut tally = Tally::default();
        while let Some(ended) = tasks.join_next().await {
            match ended {
                Ok(state) => tally.add(&state),
                Err(error) => {
                    tracing::error!(%error, "a step of a plan broke off");
                    tally.unknown += 1;
                }
            }
        }
        Ok(tally)
    }

    /// Stops a plan: nothing more is sent, and what was sent is watched to its end.
    pub fn stop(&self, plan: &PlanId) {
        if let Some(brakes) = self.seen().running.get(plan) {
            brakes.pull();
        }
    }

    fn admit(&self, plan: &Plan, now: Timestamp) -> Result<Arc<Brakes>, Problem> {
        let refuse = |message: &str| Err(Problem::new(ProblemKind::Refused, message, "Make a new plan"));
        if !plan.is_intact() {
            return refuse("the plan is not the one that was confirmed");
        }
        if plan.is_stale(now) {
            return refuse("the plan is too old, and the fleet may have changed since");
        }
        let mut seen = self.seen();
        if !seen.applied.insert(plan.id.clone()) {
            return refuse("the plan was applied before");
        }
        let brakes = Arc::<Brakes>::default();
        seen.running.insert(plan.id.clone(), Arc::clone(&brakes));
        Ok(brakes)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lanes {
    fn of_scope() -> Self {
        Self { sending: Arc::new(Semaphore::new(SENDING)), watching: Arc::new(Semaphore::new(WATCHING)) }
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
