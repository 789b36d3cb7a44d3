//! Operations on record, above all those that were left before their end. Sends nothing.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::executor::{Executor, refused};
use super::journal::{Journal, Listed, Principal, Recorded, Standing, StepStanding, history};
use super::records::JOURNALS;
use super::run::Memory;
use crate::fleet::{Change, DomainId, DomainKey, Plan, Problem, ProblemKind, StepState, Tally, Timestamp};

/// An operation that was left before its end. It goes on only by command: [`Executor::resume`].
#[derive(Debug, Clone)]
pub struct Unfinished {
    /// Its journal.
    pub journal: PathBuf,
    /// Its plan.
    pub plan: Arc<Plan>,
    /// Why it was begun, in the person's words.
    pub reason: Option<String>,
    /// Who carried it out last, in each account.
    pub who: Vec<Principal>,
    /// When it was begun.
    pub began: Timestamp,
    /// When the last thing was recorded.
    pub last: Timestamp,
    /// Why it was paused, if it was.
    pub paused: Option<String>,
    /// How far each step is: [`Waiting`](StepState::Waiting) if it was not begun, and
    /// [`Unknown`](StepState::Unknown) if it was sent and not seen to end.
    pub states: Vec<StepState>,
    /// AWS's latest request id of each step that was sent.
    pub request_ids: Vec<Option<Arc<str>>>,
    /// The domains it has created, by the ids they had before.
    pub domains: Vec<(DomainId, DomainKey)>,
    /// When it was finished, if it was.
    pub closed: Option<Timestamp>,
}

impl Unfinished {
    /// How many steps are done, not done and unknown.
    pub fn tally(&self) -> Tally {
        Tally::of(&self.states)
    }
}

impl Executor {
    /// All operations with a journal, newest first, finished and not, readable and not.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub async fn history(&self) -> Result<Vec<Listed>, Problem> {
        let Some(dir) = self.state().map(|state| state.join(JOURNALS)) else { return Ok(Vec::new()) };
        match tokio::task::spawn_blocking(move || history(&dir)).await {
            Ok(Ok(listed)) => Ok(listed),
            Ok(Err(failure)) => Err(unreadable(&failure)),
            Err(error) => Err(unreadable(&error)),
        }
    }

    /// The operations that were left before their end and that nobody carries out now, newest first.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read. A journal that cannot is left out here, and told by
    /// [`history`](Self::history).
    pub async fn unfinished(&self) -> Result<Vec<Unfinished>, Problem> {
        let listed = self.history().await?;
        let read = move || {
            let unfinished = listed.into_iter().filter(|one| matches!(one.standing, Standing::Unfinished));
            let read = unfinished.filter_map(|one| {
                let recorded = Journal::read(&one.path).ok()?;
                shown(recorded).ok()
            });
            read.collect()
        };
        tokio::task::spawn_blocking(read).await.map_err(|error| unreadable(&error))
    }

    /// One operation by its journal, finished or not, with how far each step is.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::Refused`] with what is wrong with the journal.
    pub async fn recorded(&self, journal: PathBuf) -> Result<Unfinished, Problem> {
        let read = move || {
            let recorded = Journal::read(&journal).map_err(|error| unreadable(&error))?;
            shown(recorded).map_err(|error| unreadable(&error))
        };
        tokio::task::spawn_blocking(read).await.map_err(|error| unreadable(&error))?
    }
}

/// Where an operation is to be taken up.
pub(super) struct TakenUp {
    pub(super) plan: Arc<Plan>,
    pub(super) states: Vec<StepState>,
    pub(super) memories: Vec<Memory>,
    pub(super) domains: Vec<(DomainId, DomainKey)>,
}

/// What a journal says of where its operation is to be taken up.
pub(super) fn taken_up(recorded: &Recorded) -> Result<TakenUp, serde_json::Error> {
    let plan: Arc<Plan> = Arc::new(recorded.plan()?);
    let (mut states, mut memories, mut domains) = (Vec::new(), Vec::new(), Vec::new());
    for (position, step) in plan.steps.iter().enumerate() {
        let known = recorded.step(position);
        let mut memory = Memory {
            attempts: known.attempts,
            request_ids: known.request_ids.iter().map(|id| Arc::from(id.as_str())).collect(),
            ..Memory::default()
        };
        let mut state = StepState::Waiting;
        match known.standing {
            StepStanding::NotBegun => {}
            StepStanding::Intended { .. } => {
                (memory.losses, memory.lost) = (1, Some(in_doubt(&step.change)));
            }
            StepStanding::Answered { .. } => memory.is_taken = true,
            StepStanding::Ended { state: ended, .. } => state = serde_json::from_value(ended)?,
        }
        if let (Change::CreateDomain(to_be, _), Some(Value::String(id))) = (&step.change, &known.produced) {
            let real = DomainKey { scope: to_be.scope.clone(), id: DomainId::new(id) };
            domains.push((to_be.id.clone(), real));
        }
        states.push(if state.is_final() { state } else { StepState::Waiting });
        memories.push(memory);
    }
    Ok(TakenUp { plan, states, memories, domains })
}

/// An operation as a person is shown it.
fn shown(recorded: Recorded) -> Result<Unfinished, serde_json::Error> {
    let TakenUp { plan, mut states, memories, domains } = taken_up(&recorded)?;
    for ((state, memory), step) in states.iter_mut().zip(&memories).zip(&plan.steps) {
        if !state.is_final() && (memory.is_in_doubt() || memory.is_taken) {
            *state = StepState::Unknown(in_doubt(&step.change));
        }
    }
    Ok(Unfinished {
        journal: recorded.path,
        plan,
        reason: recorded.opening.reason,
        who: recorded.who,
        began: recorded.opening.started,
        last: recorded.last,
        paused: recorded.paused,
        states,
        request_ids: memories.iter().map(|memory| memory.request_ids.last().cloned()).collect(),
        domains,
        closed: recorded.closed.map(|(at, _)| at),
    })
}

/// What is known of a step that was about to be sent when the program ended.
fn in_doubt(change: &Change) -> Problem {
    Problem {
        operation: Some(change.operation().into()),
        ..Problem::new(
            ProblemKind::Network,
            "the program ended before it was seen what became of it",
            "It is looked at again when the operation is resumed",
        )
    }
}

fn unreadable(error: &impl std::fmt::Display) -> Problem {
    refused(format!("the record of the operation cannot be used: {error}"))
}
