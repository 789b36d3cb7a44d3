//! Watching what AWS took until it has happened: AWS's having taken a request is no evidence of that.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::judge::{Found, Phase, Seen, judge};
use super::run::Run;
use super::step::came_to_nothing;
use crate::fleet::{Change, Problem, ProblemKind, StepState};

/// How often the outcome is looked at in the first minute, and after it. AWS publishes no duration; deleting an
/// app takes minutes, and up to 20 have been reported.
const SOON: Duration = Duration::from_secs(5);
const LATER: Duration = Duration::from_secs(15);
const FIRST_MINUTE: Duration = Duration::from_mins(1);
/// After so long AWS no longer shows what was before.
const SETTLED: Duration = Duration::from_secs(45);
/// How long the outcome is waited for.
const WATCH: Duration = Duration::from_mins(30);
/// For how long it is tried to look where AWS refuses to show it.
const REFUSED: Duration = Duration::from_mins(3);
/// After so long an app that runs where AWS had taken its stop is taken for one that was started again.
const RUNS: Duration = Duration::from_mins(2);

impl Run {
    /// Watches the step at a position until AWS shows that it has happened. `ours` tells whether because of us.
    pub(super) async fn watch(&self, position: usize, ours: bool) -> StepState {
        let (Some(step), Some(change)) = (self.plan.steps.get(position), self.change(position)) else {
            let problem = Problem::new(ProblemKind::Unexpected, "its domain is not known", "");
            return StepState::Unknown(problem);
        };
        let started = Instant::now();
        let (swept, watchers) = (self.sweeps.watch(&change), self.watchers(change.scope()));
        let (mut looks, mut refused, mut busy) = (0_u32, None::<Instant>, None::<Instant>);
        loop {
            let wait = match looks {
                0 if is_at_once(&change) => Duration::ZERO,
                _ if started.elapsed() < FIRST_MINUTE => SOON,
                _ => LATER,
            };
            looks += 1;
            sleep(wait.mul_f64(0.8 + 0.4 * spread(&(position, looks)))).await;
            if !self.brakes.sighted().await {
                let message = "AWS took the request, but nobody is signed in to see what became of it";
                return StepState::Unknown(Problem::new(
                    ProblemKind::ExpiredCredentials,
                    message,
                    "Sign in again",
                ));
            }
            let phase = Phase::After { settled: started.elapsed() > SETTLED };
            let row = match &swept {
                Some(swept) => swept.look(&self.gateway).await,
                None => None,
            };
            let seen = if let Some(row) = row {
                judge(&change, step.bound, phase, &Found::Shown(row))
            } else {
                // A closed semaphore would be a defect; then there is no bound, but still every check.
                let _slot = watchers.acquire().await.ok();
                self.look(&change, step.bound, phase).await
            };
            match seen {
                Seen::Wanted => return if ours { StepState::Done } else { StepState::AlreadyDone },
                Seen::Underway | Seen::Ready => (refused, busy) = (None, None),
                Seen::Busy(reason) => {
                    refused = None;
                    if busy.get_or_insert_with(Instant::now).elapsed() > RUNS {
                        return StepState::Failed(came_to_nothing(&change, &reason));
                    }
                }
                Seen::Other(reason) | Seen::Failed(reason) => {
                    return StepState::Failed(came_to_nothing(&change, &reason));
                }
                Seen::Unseen(problem) if problem.is_credentials() => {
                    self.brakes.note(change.scope().account(), &problem);
                }
                Seen::Unseen(problem) if problem.is_passing() => {}
                // Not to be shown it is no evidence of anything.
                Seen::Unseen(problem) => {
                    if refused.get_or_insert_with(Instant::now).elapsed() > REFUSED {
                        return StepState::Unknown(problem);
                    }
                }
            }
            if started.elapsed() > WATCH {
                let message = "AWS took the request, but it has not happened within 30 minutes";
                let problem = Problem::new(ProblemKind::Unexpected, message, "Look at it again later");
                return StepState::Unknown(problem);
            }
        }
    }
}

/// Whether a change has come about as soon as AWS takes it, so that it can be seen at once.
fn is_at_once(change: &Change) -> bool {
    matches!(
        change,
        Change::AddTags(..)
            | Change::RemoveTags(..)
            | Change::AssignApplication(_)
            | Change::UnassignApplication(_)
            | Change::CreateLifecycleConfig(..)
            | Change::DeleteLifecycleConfig(_)
            | Change::RequestQuota(..)
    )
}

/// A fraction between 0 and 1 that differs from step to step, so that they do not all come at once, and is the
/// same whenever the same step is carried out again, so that a run can be repeated.
fn spread(of: &impl Hash) -> f64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64
}
