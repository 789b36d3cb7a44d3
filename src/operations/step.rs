//! One attempt at one step: look again, write it down, send it once. Knows nothing of the other steps.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::children::{Children, children};
use super::judge::Seen;
use super::lane::Answered;
use super::run::{Memory, Run};
use crate::aws::NotTaken;
use crate::fleet::{Change, DomainKey, PauseCause, Problem, ProblemKind, Produced, Step, StepState};

/// How long a step is tried again while AWS asks us to slow down.
const THROTTLED: Duration = Duration::from_mins(15);
/// Between a lost answer and looking what became of it: AWS shows a change only after a moment.
const SETTLE: Duration = Duration::from_secs(3);
/// How long an object that is just starting, changing or leaving is waited for, and what is in it: deleting an app
/// takes minutes, and up to 20 have been reported.
const BUSY: Duration = Duration::from_mins(25);
/// How often it is looked at meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// How long deleting is tried again where nothing that could keep AWS from it is to be seen.
const UNEXPLAINED: Duration = Duration::from_mins(3);
/// How often AWS is tried while it is out of reach, and for how long by one step.
const PROBE: Duration = Duration::from_secs(30);
const UNSEEN: Duration = Duration::from_mins(10);
/// How often a step is sent when no answer comes: a second time after looking, a third time never.
const LOSSES: u32 = 2;

/// Why it pauses when the permission to write ends.
const LOCKED: &str = "writing was locked; unlock it, then go on";

/// What came of an attempt.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is on its way; watch it. `ours` tells whether because of us.
    Watch {
        /// Whether this operation has sent it.
        ours: bool,
    },
    /// Nothing is left to do.
    Over(StepState),
    /// It is to be tried again.
    Again(Duration),
}

impl Run {
    /// Tries the step at a position once.
    pub(super) async fn attempt(&self, position: usize, memory: &mut Memory) -> (Outcome, Answered) {
        let (Some(step), Some(change)) = (self.plan.steps.get(position), self.change(position)) else {
            let reason = Arc::from("its domain was not created, as far as is known");
            return (Outcome::Over(StepState::Skipped(reason)), Answered::Otherwise);
        };
        if let Some(outcome) = self.check(position, step, &change, memory).await {
            return (outcome, Answered::Otherwise);
        }
        // Looking at it may have told what it still lacked.
        let change = self.change(position).unwrap_or(change);
        self.send(position, step, &change, memory).await
    }

    /// Looks at the object, and gives `None` if the step is to be sent.
    async fn check(
        &self,
        position: usize,
        step: &Step,
        change: &Change,
        memory: &mut Memory,
    ) -> Option<Outcome> {
        if self.brakes.hold() {
            return Some(Outcome::Again(Duration::ZERO));
        }
        self.tell(position, StepState::Checking, memory, None).await;
        let seen = self.look(change, step.bound, memory.phase()).await;
        if !matches!(seen, Seen::Unseen(_)) {
            memory.unseen = None;
        }
        Some(match seen {
            Seen::Ready => match &memory.lost {
                Some(lost) if memory.losses >= LOSSES => Outcome::Over(StepState::Unknown(lost.clone())),
                _ => return None,
            },
            Seen::Underway => self.underway(position, memory).await,
            Seen::Wanted if memory.is_in_doubt() => Outcome::Over(StepState::Done),
            Seen::Wanted => Outcome::Over(StepState::AlreadyDone),
            Seen::Busy(reason) => {
                patience(&mut memory.waits, BUSY).unwrap_or_else(|| left_alone(reason, memory))
            }
            Seen::Other(reason) => left_alone(reason, memory),
            Seen::Failed(reason) => Outcome::Over(StepState::Failed(came_to_nothing(change, &reason))),
            Seen::Unseen(problem) => self.unseen(change, problem, memory).await,
        })
    }

    /// It is on its way already.
    async fn underway(&self, position: usize, memory: &Memory) -> Outcome {
        self.tell(position, StepState::Verifying, memory, None).await;
        Outcome::Watch { ours: memory.is_in_doubt() }
    }

    /// Sends the step, which was looked at just now.
    async fn send(
        &self,
        position: usize,
        step: &Step,
        change: &Change,
        memory: &mut Memory,
    ) -> (Outcome, Answered) {
        let again = (Outcome::Again(Duration::ZERO), Answered::Otherwise);
        if !self.may_send(change) {
            return again;
        }
        self.tell(position, StepState::Sending, memory, None).await;
        if let Some(records) = &self.records
            && let Err(failure) = records.intent(position, memory.attempts + 1, self.clock.now()).await
        {
            self.break_off(&failure);
            return again;
        }
        // Writing it down may have taken a while.
        if !self.may_send(change) {
            return again;
        }
        memory.attempts += 1;
        match self.gateway.apply(change, &self.lease()).await {
            Ok(taken) => {
                self.brakes.note_well(change.scope());
                memory.request_ids.extend(taken.request_id.clone());
                memory.is_taken = true;
                let domain = match (&taken.produced, change) {
                    (Some(Produced::Domain(id)), Change::CreateDomain(to_be, _)) => {
                        self.note_domain(
                            &to_be.id,
                            &DomainKey { scope: to_be.scope.clone(), id: id.clone() },
                        );
                        Some(id)
                    }
                    _ => None,
                };
                if let Some(records) = &self.records {
                    records.answer(position, taken.request_id.as_deref(), domain, self.clock.now());
                }
                self.tell(position, StepState::Verifying, memory, taken.produced.clone()).await;
                let outcome = match change {
                    // The answer itself is what was wanted.
                    Change::SignInLink(..) => Outcome::Over(StepState::Done),
                    _ => Outcome::Watch { ours: true },
                };
                (outcome, Answered::Taken)
            }
            Err(NotTaken::Refused(problem)) if problem.kind == ProblemKind::Throttled => {
                // A throttled request was positively not carried out. The limiter paces the next one.
                let outcome = match patience(&mut memory.throttled, THROTTLED) {
                    Some(_) => Outcome::Again(Duration::ZERO),
                    None => Outcome::Over(StepState::Failed(problem)),
                };
                (outcome, Answered::Throttled)
            }
            Err(NotTaken::Refused(problem)) => {
                memory.request_ids.extend(problem.request_id.as_deref().map(Arc::from));
                (self.refused(position, step, change, problem, memory).await, Answered::Otherwise)
            }
            Err(NotTaken::Lost(problem)) => {
                self.brakes.note_trouble(change.scope(), &problem);
                memory.losses += 1;
                memory.lost = Some(problem);
                (Outcome::Again(SETTLE), Answered::Otherwise)
            }
        }
    }

    /// Whether anything may be sent at this moment.
    fn may_send(&self, change: &Change) -> bool {
        self.brakes.tick(Instant::now(), SystemTime::now());
        let account = change.scope().account();
        if let Some(failure) = self.poison.failure() {
            // Of this operation or of another one: what it would write is in the same doubt.
            self.brakes.break_off(failure.to_string());
        } else if !self.lease().holds() {
            self.brakes.pause(PauseCause::NotAllowed, LOCKED);
        } else if !self.who.holds(&self.gateway, account) {
            let who = self.who.arn(account);
            let reason = format!("the profile in use for {account} no longer leads to {who}, who began this");
            self.brakes.pause(PauseCause::NotAllowed, reason);
        }
        !self.brakes.hold()
    }

    /// AWS said no, or it was never sent.
    async fn refused(
        &self,
        position: usize,
        step: &Step,
        change: &Change,
        problem: Problem,
        memory: &mut Memory,
    ) -> Outcome {
        if problem.is_credentials() {
            self.brakes.note(change.scope().account(), &problem);
            return Outcome::Again(Duration::ZERO);
        }
        match problem.kind {
            ProblemKind::NotFound if takes_away(change) => {
                let is_ours = memory.is_in_doubt();
                Outcome::Over(if is_ours { StepState::Done } else { StepState::AlreadyDone })
            }
            ProblemKind::Refused if !self.lease().holds() => {
                self.brakes.pause(PauseCause::NotAllowed, LOCKED);
                Outcome::Again(Duration::ZERO)
            }
            ProblemKind::Refused => left_alone(Arc::from(problem.message.as_str()), memory),
            ProblemKind::Conflict => self.conflict(position, step, change, problem, memory).await,
            _ => {
                self.brakes.note(change.scope().account(), &problem);
                Outcome::Over(StepState::Failed(problem))
            }
        }
    }

    /// AWS says that the object is in use, or exists already. Somebody may have been faster.
    async fn conflict(
        &self,
        position: usize,
        step: &Step,
        change: &Change,
        problem: Problem,
        memory: &mut Memory,
    ) -> Outcome {
        match self.look(change, step.bound, memory.phase()).await {
            Seen::Underway => self.underway(position, memory).await,
            Seen::Wanted if memory.is_in_doubt() => Outcome::Over(StepState::Done),
            Seen::Wanted => Outcome::Over(StepState::AlreadyDone),
            Seen::Busy(reason) => {
                patience(&mut memory.waits, BUSY).unwrap_or_else(|| left_alone(reason, memory))
            }
            Seen::Other(reason) if change.creates() => left_alone(reason, memory),
            Seen::Ready if has_children(change) => self.blocked(change, problem, memory).await,
            _ => Outcome::Over(StepState::Failed(problem)),
        }
    }

    /// A deletion that is kept from happening by what is in the object.
    async fn blocked(&self, change: &Change, problem: Problem, memory: &mut Memory) -> Outcome {
        let failed = |message: String, hint: &str| {
            let failed = Problem { message, hint: hint.to_owned(), ..problem.clone() };
            Outcome::Over(StepState::Failed(failed))
        };
        match children(&self.gateway, &self.plan, change).await {
            Children::Foreign(names) => failed(
                format!("{names}: in it, and not in the plan; started or made meanwhile"),
                "Make a new plan",
            ),
            Children::Leaving(names) => patience(&mut memory.waits, BUSY).unwrap_or_else(|| {
                failed(format!("{names}: still in it after {} min", BUSY.as_secs() / 60), "Try again later")
            }),
            Children::None => patience(&mut memory.waits, UNEXPLAINED)
                .unwrap_or_else(|| Outcome::Over(StepState::Failed(problem.clone()))),
            Children::Unseen(unseen) if unseen.is_passing() || unseen.is_credentials() => {
                self.unseen(change, unseen, memory).await
            }
            Children::Unseen(unseen) => failed(
                format!("{}; what is in it could not be listed: {unseen}", problem.message),
                "Look at it, and make a new plan",
            ),
        }
    }

    /// The object could not be looked at. What cannot be looked at is not changed.
    async fn unseen(&self, change: &Change, problem: Problem, memory: &mut Memory) -> Outcome {
        if problem.is_credentials() {
            self.brakes.note(change.scope().account(), &problem);
            return Outcome::Again(Duration::ZERO);
        }
        if problem.is_passing() {
            self.brakes.note_trouble(change.scope(), &problem);
            if patience(&mut memory.unseen, UNSEEN).is_some() {
                // Its place is kept meanwhile, so that nobody else asks either.
                self.brakes.rest(PROBE).await;
                return Outcome::Again(Duration::ZERO);
            }
        }
        self.brakes.note(change.scope().account(), &problem);
        Outcome::Over(match &memory.lost {
            Some(lost) => StepState::Unknown(lost.clone()),
            None => StepState::Failed(problem),
        })
    }
}

/// Another try, as long as this has not lasted too long.
fn patience(since: &mut Option<Instant>, most: Duration) -> Option<Outcome> {
    let since = since.get_or_insert_with(Instant::now);
    (since.elapsed() < most).then_some(Outcome::Again(LOOK_AGAIN))
}

/// Nothing is sent; what was sent before and not answered stays in doubt.
fn left_alone(reason: Arc<str>, memory: &Memory) -> Outcome {
    Outcome::Over(match &memory.lost {
        Some(lost) => StepState::Unknown(lost.clone()),
        None => StepState::Skipped(reason),
    })
}

/// AWS took a change, and it did not come about.
pub(super) fn came_to_nothing(change: &Change, reason: &str) -> Problem {
    let what = change.target();
    Problem {
        operation: Some(change.operation().into()),
        ..Problem::new(
            ProblemKind::Unexpected,
            format!("AWS took the request, but the {} {reason}", what.kind()),
            "Look at it again later",
        )
    }
}

/// Whether what is not there is what was wanted.
fn takes_away(change: &Change) -> bool {
    change.is_destructive() || matches!(change, Change::UnassignApplication(_))
}

fn has_children(change: &Change) -> bool {
    matches!(change, Change::DeleteUser(_) | Change::DeleteSpace(_) | Change::DeleteDomain(..))
}
