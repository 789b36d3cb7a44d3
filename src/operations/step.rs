//! One step of a plan: look again, send, watch until it has happened. Knows nothing of the other steps.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep};

use super::brakes::Brakes;
use super::sweep::Sweeps;
use crate::aws::{Gateway, Lease, NotTaken};
use crate::fleet::{
    AccountId, Answer, App, AppStatus, Change, Event, Plan, Problem, ProblemKind, Progress, Query, Scope,
    Step, StepState,
};

/// How long a step is tried again while AWS asks us to slow down.
const THROTTLED: Duration = Duration::from_mins(15);
/// Between a lost answer and looking what became of it: AWS shows a change only after a moment.
const SETTLE: Duration = Duration::from_secs(3);
/// How often the outcome is looked at in the first minute, and after it. AWS publishes no duration; deleting an
/// app takes minutes, and up to 20 have been reported.
const SOON: Duration = Duration::from_secs(5);
const LATER: Duration = Duration::from_secs(15);
const FIRST_MINUTE: Duration = Duration::from_mins(1);
/// How long the outcome is waited for.
const WATCH: Duration = Duration::from_mins(30);

/// What the steps of one plan share.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) gateway: Gateway,
    pub(super) plan: Arc<Plan>,
    pub(super) lease: Lease,
    pub(super) brakes: Arc<Brakes>,
    pub(super) sweeps: Sweeps,
    pub(super) progress: mpsc::Sender<Progress>,
}

/// How many steps of one scope may be sent at once, and how many may be looked at.
#[derive(Debug, Clone)]
pub(super) struct Lanes {
    pub(super) sending: Arc<Semaphore>,
    pub(super) watching: Arc<Semaphore>,
}

/// What the object of a step is, looked at just now.
#[derive(Debug)]
enum Seen {
    /// The run that was meant, and running.
    Same,
    /// The run that was meant, on its way out.
    Leaving,
    /// Gone: AWS says it is deleted, or that there is none of this name, or another one has taken its name.
    Gone,
    /// Not what was meant, or not in a state to be changed.
    Other(Arc<str>),
    /// It could not be looked at.
    Unseen(Problem),
}

impl Run {
    /// Carries out the step at a position, and says how it ended.
    pub(super) async fn step(&self, position: usize, lanes: &Lanes) -> StepState {
        let Some(step) = self.plan.steps.get(position) else {
            return StepState::Skipped(Arc::from("is not in the plan"));
        };
        let account = account_of(&step.change);
        let sent = {
            // A closed semaphore would be a defect; then there is no bound, but still every check.
            let _slot = lanes.sending.acquire().await.ok();
            self.send(position, step, &account).await
        };
        let end = match sent {
            Sent::Taken { request_id, ours } => {
                self.tell(position, StepState::Verifying, request_id.clone()).await;
                (self.watch(step, lanes, ours).await, request_id)
            }
            Sent::Over(state) => (state, None),
        };
        if let StepState::Failed(problem) | StepState::Unknown(problem) = &end.0 {
            self.brakes.note(&account, problem);
        }
        self.tell(position, end.0.clone(), end.1).await;
        end.0
    }

    async fn send(&self, position: usize, step: &Step, account: &AccountId) -> Sent {
        let (started, mut lost, mut throttled) = (Instant::now(), None::<Problem>, 0_u32);
        loop {
            if let Some(reason) = self.brakes.stopped(account) {
                return Sent::stopped(reason, lost);
            }
            self.tell(position, StepState::Checking, None).await;
            match self.look(step).await {
                Seen::Same => {}
                Seen::Leaving => return Sent::Taken { request_id: None, ours: lost.is_some() },
                Seen::Gone if lost.is_some() => return Sent::Over(StepState::Done),
                Seen::Gone => return Sent::Over(StepState::AlreadyDone),
                Seen::Other(reason) => return Sent::stopped(reason, lost),
                Seen::Unseen(problem) => {
                    return Sent::Over(match lost {
                        Some(lost) => StepState::Unknown(lost),
                        // What cannot be looked at is not changed.
                        None => StepState::Failed(problem),
                    });
                }
            }
            // Looking may have taken a while.
            if let Some(reason) = self.brakes.stopped(account) {
                return Sent::stopped(reason, lost);
            }
            self.tell(position, StepState::Sending, None).await;
            match self.gateway.apply(&step.change, &self.lease).await {
                Ok(taken) => return Sent::Taken { request_id: taken.request_id, ours: true },
                Err(NotTaken::Refused(problem)) => match problem.kind {
                    // A throttled request was positively not carried out.
                    ProblemKind::Throttled if started.elapsed() < THROTTLED => {
                        throttled += 1;
                        let most = f64::from(1_u32 << throttled.min(4)) * 0.25;
                        sleep(Duration::from_secs_f64(most * (0.2 + 0.8 * spread(&(position, throttled)))))
                            .await;
                    }
                    ProblemKind::NotFound => return Sent::Over(StepState::AlreadyDone),
                    ProblemKind::Refused => return Sent::stopped(Arc::from(problem.message.as_str()), lost),
                    // Somebody may have been faster; if it is leaving, that is what we wanted.
                    ProblemKind::Conflict => {
                        return match self.look(step).await {
                            Seen::Leaving => Sent::Taken { request_id: None, ours: false },
                            Seen::Gone => Sent::Over(StepState::AlreadyDone),
                            _ => Sent::Over(StepState::Failed(problem)),
                        };
                    }
                    _ => return Sent::Over(StepState::Failed(problem)),
                },
                // Sent a second time only after looking again; a third time never.
                Err(NotTaken::Lost(problem)) if lost.is_none() => {
                    lost = Some(problem);
                    sleep(SETTLE).await;
                }
                Err(NotTaken::Lost(problem)) => {
                    sleep(SETTLE).await;
                    return match self.look(step).await {
                        Seen::Leaving => Sent::Taken { request_id: None, ours: true },
                        Seen::Gone => Sent::Over(StepState::Done),
                        _ => Sent::Over(StepState::Unknown(problem)),
                    };
                }
            }
        }
    }

    /// Waits until AWS shows that it has happened. AWS's having taken the request is no evidence of that.
    async fn watch(&self, step: &Step, lanes: &Lanes, ours: bool) -> StepState {
        let started = Instant::now();
        let Change::StopApp(key) = &step.change else {
            return StepState::Skipped(Arc::from("is of a kind that is not carried out yet"));
        };
        let watched = self.sweeps.watch(key);
        let mut looks = 0_u32;
        loop {
            let wait = if started.elapsed() < FIRST_MINUTE { SOON } else { LATER };
            looks += 1;
            sleep(wait.mul_f64(0.8 + 0.4 * spread(&(key, looks)))).await;
            let seen = if let Some(app) = watched.look(&self.gateway, key).await {
                judge(step, &app)
            } else {
                let _slot = lanes.watching.acquire().await.ok();
                self.look(step).await
            };
            match seen {
                Seen::Gone => return if ours { StepState::Done } else { StepState::AlreadyDone },
                // AWS may show the old state for a moment.
                Seen::Leaving | Seen::Same => {}
                Seen::Other(reason) => {
                    let message = format!("AWS took the request, but the app {reason}");
                    return StepState::Failed(Problem::new(
                        ProblemKind::Unexpected,
                        message,
                        "Look at it again later",
                    ));
                }
                Seen::Unseen(problem) if problem.is_passing() => {}
                Seen::Unseen(problem) => return StepState::Unknown(problem),
            }
            if started.elapsed() > WATCH {
                let message = "AWS took the request, but it has not happened within 30 minutes";
                let problem = Problem::new(ProblemKind::Unexpected, message, "Look at it again later");
                return StepState::Unknown(problem);
            }
        }
    }

    async fn look(&self, step: &Step) -> Seen {
        match &step.change {
            Change::StopApp(key) => match self.gateway.ask(&Query::App(key.clone())).await {
                Ok(Answer::App(app, _)) => judge(step, &app),
                Ok(_) => {
                    Seen::Unseen(Problem::new(ProblemKind::Unexpected, "the answer is of another kind", ""))
                }
                // Positive evidence; any other failure is none.
                Err(problem) if problem.kind == ProblemKind::NotFound => Seen::Gone,
                Err(problem) => Seen::Unseen(problem),
            },
            _ => Seen::Other(Arc::from("is of a kind that is not carried out yet")),
        }
    }

    async fn tell(&self, step: usize, state: StepState, request_id: Option<Arc<str>>) {
        let news = Progress {
            plan: self.plan.id.clone(),
            event: Event::Step { step, state, request_id, produced: None },
        };
        // A plan goes on when nobody watches it any more.
        drop(self.progress.send(news).await);
    }
}

enum Sent {
    /// It is on its way out; watch it. `ours` tells whether because of us.
    Taken { request_id: Option<Arc<str>>, ours: bool },
    /// Nothing is left to do.
    Over(StepState),
}

impl Sent {
    /// Stopped before sending, or after a lost answer whose outcome then stays open.
    fn stopped(reason: Arc<str>, lost: Option<Problem>) -> Self {
        Self::Over(lost.map_or(StepState::Skipped(reason), StepState::Unknown))
    }
}

/// Whether an app is the very run a step was made for. Names come again, so the time of creation decides.
fn judge(step: &Step, app: &App) -> Seen {
    // Milliseconds: AWS gives no more, and its fractions are floating-point numbers.
    let same = app.created.map(|created| {
        Some(created.as_millisecond()) == step.bound.created().map(jiff::Timestamp::as_millisecond)
    });
    match (&app.status, same) {
        // Another one of this name is leaving: then the one that was meant has left before it.
        (AppStatus::Deleted, _) | (AppStatus::Deleting, Some(false)) => Seen::Gone,
        (AppStatus::Deleting, Some(true)) => Seen::Leaving,
        (AppStatus::InService, Some(true)) => Seen::Same,
        (_, Some(false)) => {
            Seen::Other(Arc::from("is another one now: it was created anew since the plan was made"))
        }
        (_, None) => {
            Seen::Other(Arc::from("has no time of creation, so that it cannot be told from another one"))
        }
        (AppStatus::Pending, _) => Seen::Other(Arc::from("is starting just now")),
        (AppStatus::Failed, _) => Seen::Other(Arc::from("has failed, and AWS does not delete failed apps")),
        (status, _) => Seen::Other(Arc::from(format!("is in the state {status}"))),
    }
}

pub(super) fn scope_of(change: &Change) -> Scope {
    change.scope().clone()
}

fn account_of(change: &Change) -> AccountId {
    change.scope().account().clone()
}

/// A fraction between 0 and 1 that differs from step to step, so that they do not all come at once, and is the
/// same whenever the same step is carried out again, so that a run can be repeated.
fn spread(of: &impl Hash) -> f64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AppKey, AppType, Bound, DomainId, Name, Owner, Region, Timestamp};

    fn step() -> Step {
        let scope = Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1"));
        let key = AppKey {
            scope,
            domain: DomainId::new("d-one"),
            owner: Owner::Space(Name::new("lab")),
            app_type: AppType::JupyterLab,
            name: Name::new("default"),
        };
        let created = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        Step::new(Change::StopApp(key), Bound::Created(created))
    }

    fn app(status: AppStatus, created_ms: Option<i64>) -> App {
        let Change::StopApp(key) = step().change else { panic!("it stops an app") };
        App {
            key,
            status,
            created: created_ms.map(|ms| Timestamp::from_millisecond(ms).unwrap()),
            instance: None,
            image: None,
            image_version: None,
            lifecycle_config: None,
            activity: None,
        }
    }

    #[test]
    fn only_the_very_run_that_was_meant_and_that_is_running_may_be_stopped() {
        const MEANT: i64 = 1_700_000_000_123;
        for status in AppStatus::KNOWN.iter().cloned().chain([AppStatus::Other(Arc::from("Hibernating"))]) {
            for created in [Some(MEANT), Some(MEANT + 1), Some(MEANT - 1000), None] {
                let may = matches!(judge(&step(), &app(status.clone(), created)), Seen::Same);
                assert_eq!(
                    may,
                    status == AppStatus::InService && created == Some(MEANT),
                    "{status} {created:?}"
                );
            }
        }
    }

    #[test]
    fn gone_needs_aws_to_say_so() {
        let gone = |status, created| matches!(judge(&step(), &app(status, created)), Seen::Gone);
        assert!(gone(AppStatus::Deleted, Some(1_700_000_000_123)) && gone(AppStatus::Deleted, None));
        assert!(
            gone(AppStatus::Deleting, Some(1)),
            "another one of this name is leaving, so the first has left"
        );
        assert!(!gone(AppStatus::Deleting, Some(1_700_000_000_123)) && !gone(AppStatus::Deleting, None));
        assert!(!gone(AppStatus::Other(Arc::from("")), None) && !gone(AppStatus::Failed, None));
    }
}
