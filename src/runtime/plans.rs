//! Plans as work: carried out, paused, taken up again; and what is on record of them. Their news go back to the
//! console as messages.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::records;
use super::tasks::{QUEUED, Tasks, send};
use crate::aws::Lease;
use crate::console::Message;
use crate::fleet::{Plan, PlanId, Problem, ProblemKind, Progress, Tally};
use crate::operations::{Executor, Order};

/// Within which time a plan that was handed over has begun, and how often that is looked at.
const BEGINS: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(20);

impl Tasks {
    /// Carries out a plan that was confirmed.
    pub(super) fn carry_out(&mut self, plan: Plan, reason: Option<Arc<str>>) {
        let (id, lease) = (plan.id.clone(), self.lease(&plan));
        let order = Order { plan: Arc::new(plan), reason: reason.map(|reason| reason.to_string()) };
        let (executor, now) = (Arc::clone(&self.executor), self.clock.now());
        self.follow(id, async move |progress| executor.carry_out(order, lease?, now, progress).await);
    }

    /// Pauses a plan. One that was confirmed this instant may not have begun; it is paused as soon as it has.
    pub(super) fn pause(&self, id: PlanId) {
        let executor = Arc::clone(&self.executor);
        self.running.spawn(async move {
            let limit = Instant::now() + BEGINS;
            while !executor.pause(&id) && Instant::now() < limit {
                tokio::time::sleep(LOOK).await;
            }
        });
    }

    /// Lets a plan go on: one that is paused, or one that an earlier run of the program has left unfinished.
    pub(super) fn go_on(&mut self, id: PlanId) {
        let running = self.executor.running().into_iter().find(|plan| plan.id == id);
        if let Some(plan) = running {
            let lease = match self.lease(&plan) {
                Ok(lease) => lease,
                Err(problem) => return self.tell(Message::Failed(problem.to_string())),
            };
            let (executor, messages) = (Arc::clone(&self.executor), self.messages.clone());
            self.running.spawn(async move {
                if let Err(problem) = executor.go_on(&id, lease).await {
                    send(&messages, Message::Failed(format!("it stays paused: {problem}"))).await;
                }
            });
            return;
        }
        let (executor, now) = (Arc::clone(&self.executor), self.clock.now());
        let (gateway, demo, messages) = (self.gateway.clone(), self.demo, self.messages.clone());
        let wanted = id.clone();
        self.follow(id, async move |progress| {
            let journal = journal_of(&executor, &wanted).await?;
            let recorded = executor.recorded(journal.clone()).await?;
            let lease = if demo { gateway.lift_for(&recorded.plan) } else { gateway.lease(&recorded.plan) }?;
            let event = crate::fleet::Event::Resumed;
            send(&messages, Message::Progress(Progress { plan: wanted, event })).await;
            executor.resume(&journal, lease, now, progress).await
        });
    }

    /// Runs the work of a plan, passes its news on, and says when it is over.
    fn follow<W, F>(&mut self, id: PlanId, work: W)
    where
        W: FnOnce(mpsc::Sender<Progress>) -> F + Send + 'static,
        F: Future<Output = Result<Tally, Problem>> + Send,
    {
        self.plans.insert(id.clone());
        let messages = self.messages.clone();
        let executor = Arc::clone(&self.executor);
        self.running.spawn(async move {
            let (progress, mut news) = mpsc::channel(QUEUED);
            let forward = async {
                while let Some(step) = news.recv().await {
                    send(&messages, Message::Progress(step)).await;
                }
            };
            let (outcome, ()) = tokio::join!(work(progress), forward);
            match outcome {
                Ok(_) => send(&messages, Message::PlanEnded(id)).await,
                Err(problem) => {
                    send(&messages, Message::PlanEnded(id)).await;
                    // What is on record is what counts of an operation that could not be begun or taken up.
                    send(&messages, history(&executor).await).await;
                    // Said last, or the person would not see why.
                    send(&messages, Message::Failed(problem.to_string())).await;
                }
            }
        });
    }

    /// The permission to carry a plan out; in the demo nothing is real, and so nothing is locked.
    fn lease(&self, plan: &Plan) -> Result<Lease, Problem> {
        if self.demo { self.gateway.lift_for(plan) } else { self.gateway.lease(plan) }
    }

    /// Reads what is on record of earlier operations.
    pub(super) fn read_history(&self) {
        let (messages, executor) = (self.messages.clone(), Arc::clone(&self.executor));
        self.running.spawn(async move { send(&messages, history(&executor).await).await });
    }

    /// Reads the newest lines of the audit trail that contain a text, and checks that it is whole.
    pub(super) fn read_audit(&self, search: String) {
        let (messages, state) = (self.messages.clone(), self.executor.state().map(std::path::Path::to_owned));
        self.running.spawn(async move {
            let text = search.clone();
            let read = match state {
                Some(state) => tokio::task::spawn_blocking(move || records::audit(&state, &text))
                    .await
                    .unwrap_or_else(|error| Err(error.to_string())),
                None => Ok((Vec::new(), (true, "nothing is kept in this session".to_owned()))),
            };
            let message = match read {
                Ok((rows, verdict)) => Message::Audit { search, rows, verdict },
                Err(problem) => Message::Audit { search, rows: Vec::new(), verdict: (false, problem) },
            };
            send(&messages, message).await;
        });
    }
}

async fn history(executor: &Executor) -> Message {
    let (operations, unreadable) = records::earlier(executor).await;
    Message::History { operations, unreadable }
}

/// The journal of an operation that was left unfinished.
async fn journal_of(executor: &Executor, id: &PlanId) -> Result<PathBuf, Problem> {
    let listed = executor.history().await?;
    let found =
        listed.into_iter().find(|one| one.opening.as_ref().is_some_and(|opening| opening.plan_id == *id.0));
    found.map(|one| one.path).ok_or_else(|| {
        Problem::new(ProblemKind::Refused, "there is no record of this operation", "Plan it anew")
    })
}
