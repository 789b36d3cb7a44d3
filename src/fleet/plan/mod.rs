//! A change as a value: what would be done, in which order, to exactly which objects, and what it means.

mod change;
mod confirm;
mod deltas;
mod duration;
mod rest;

use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use change::{Assignment, Change, Document, HomeFiles, Target};
pub use confirm::{Ask, Ceilings, Confirmation, Phrase, STALE_AFTER, Saving};

use super::{DomainId, Problem, Timestamp};

/// How many hexadecimal digits of the hash a plan is known by.
const ID_DIGITS: usize = 12;

/// By what a step knows that its object is the one that was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    /// It was created at that time; names come again, so nothing else tells it from one re-created since.
    Created(Timestamp),
    /// There must be none of its name yet.
    Absent,
    /// AWS gives no time of creation: the change is one of membership, which may be made twice without harm.
    Unbound,
}

impl Bound {
    /// The time of creation, of what exists.
    pub fn created(self) -> Option<Timestamp> {
        match self {
            Self::Created(time) => Some(time),
            Self::Absent | Self::Unbound => None,
        }
    }
}

/// A step of a plan: one change, bound to the one object it was made for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What is done.
    pub change: Change,
    /// To which object of that name.
    pub bound: Bound,
    /// The steps, by position, that must be done before; where one of them is not, this one is skipped.
    pub after: Vec<usize>,
    /// Dollars per hour saved; `None` where the price is not known.
    pub saves_per_hour: Option<f64>,
    /// What the person should know before confirming, such as activity minutes ago.
    pub warning: Option<Arc<str>>,
    /// What is changed as it was, by AWS's names: for the difference shown, and for the audit trail.
    pub before: Option<Document>,
}

impl Step {
    /// A step that waits for no other one and saves nothing.
    pub fn new(change: Change, bound: Bound) -> Self {
        Self { change, bound, after: Vec::new(), saves_per_hour: Some(0.0), warning: None, before: None }
    }
}

/// Something that was asked for and is not in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// What.
    pub target: Target,
    /// Why, as a clause: "is already stopped".
    pub reason: Arc<str>,
    /// Whether what was asked for is so already: then nothing is left undone.
    #[serde(default)]
    pub is_so: bool,
}

impl Excluded {
    /// Something that cannot be done, though it was asked for.
    pub fn new(target: impl Into<Target>, reason: impl Into<Arc<str>>) -> Self {
        Self { target: target.into(), reason: reason.into(), is_so: false }
    }
}

/// Of how many objects the steps are a part: a large part is asked about once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// How many objects the steps are about.
    pub taken: usize,
    /// How many there are.
    pub of: usize,
    /// What they are, in the plural: "running apps".
    pub what: Arc<str>,
}

/// A frozen list of steps. Applying it applies exactly these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// A short hash over the steps and the time: what was confirmed is what is applied.
    pub id: PlanId,
    /// What it does, as a heading: "Stop 14 apps".
    pub title: String,
    /// What it does, in a word to be typed: "stop".
    pub verb: Arc<str>,
    /// When it was made.
    pub made_at: Timestamp,
    /// The steps.
    pub steps: Vec<Step>,
    /// What was asked for and cannot be done.
    pub excluded: Vec<Excluded>,
    /// What is lost, as sentences.
    pub loses: Vec<String>,
    /// What is kept, as sentences.
    pub keeps: Vec<String>,
    /// What the person should know about the plan as a whole, as sentences.
    pub warnings: Vec<String>,
    /// What has to be typed besides or instead of the usual word: a domain's name, a file system's id.
    pub phrases: Vec<Phrase>,
    /// Of how many objects it is a part.
    pub pool: Option<Pool>,
}

/// The hash by which a plan is known, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlanId(pub Arc<str>);

impl PlanId {
    /// The hash of these steps, made then.
    pub fn of(steps: &[Step], made_at: Timestamp) -> Self {
        let mut hash = Sha256::new();
        hash.update(made_at.to_string());
        for step in steps {
            // The very text that the journal keeps, so that a plan read back can be checked against its hash.
            // Serialising plain values to memory cannot fail; if it ever did, no hash would match.
            let text = serde_json::to_string(step).unwrap_or_default();
            hash.update("\n");
            hash.update(text);
        }
        let mut digits = String::with_capacity(ID_DIGITS);
        for byte in hash.finalize().iter().take(ID_DIGITS / 2) {
            // Writing to a String cannot fail.
            let _ = write!(digits, "{byte:02x}");
        }
        Self(digits.into())
    }
}

impl Plan {
    /// A plan of these steps that says nothing about itself but its title yet.
    pub fn new(title: impl Into<String>, verb: &str, made_at: Timestamp, steps: Vec<Step>) -> Self {
        Self {
            id: PlanId::of(&steps, made_at),
            title: title.into(),
            verb: verb.into(),
            made_at,
            steps,
            excluded: Vec::new(),
            loses: Vec::new(),
            keeps: Vec::new(),
            warnings: Vec::new(),
            phrases: Vec::new(),
            pool: None,
        }
    }

    /// Whether the steps are still those that its hash was made over, and that the person has confirmed.
    pub fn is_intact(&self) -> bool {
        self.id == PlanId::of(&self.steps, self.made_at)
    }

    /// How many steps do what to which kind of object, in the order in which these first come:
    /// ("delete", "space", 12).
    pub fn counts(&self) -> Vec<(&'static str, &'static str, usize)> {
        let mut counts: Vec<(&'static str, &'static str, usize)> = Vec::new();
        for step in &self.steps {
            let (verb, kind) = (step.change.verb(), step.change.target().kind());
            match counts.iter_mut().find(|(v, k, _)| (*v, *k) == (verb, kind)) {
                Some((.., count)) => *count += 1,
                None => counts.push((verb, kind, 1)),
            }
        }
        counts
    }
}

/// How far a step is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Its object is being read again, to see that it is still the one that was meant.
    Checking,
    /// The change is on its way.
    Sending,
    /// AWS took it; we watch until it has happened.
    Verifying,
    /// Done, on positive evidence.
    Done,
    /// It was done or gone before we came.
    AlreadyDone,
    /// Not done, because the object is another one now, or may not be changed; with the reason.
    Skipped(Arc<str>),
    /// AWS refused, or the outcome did not come.
    Failed(Problem),
    /// It may have been done: the answer was lost and reading it again failed too.
    Unknown(Problem),
}

impl StepState {
    /// Whether nothing more will happen to the step by itself.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Checking | Self::Sending | Self::Verifying)
    }

    /// Whether what was wanted is so now.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done | Self::AlreadyDone)
    }
}

/// How many steps are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Not begun.
    pub waiting: usize,
    /// Under way.
    pub running: usize,
    /// Done, on positive evidence.
    pub done: usize,
    /// Were done or gone before.
    pub already_done: usize,
    /// Left alone, with a reason.
    pub skipped: usize,
    /// Refused, or did not come about.
    pub failed: usize,
    /// May have been done.
    pub unknown: usize,
}

impl Tally {
    /// The tally of these states.
    pub fn of<'a>(states: impl IntoIterator<Item = &'a StepState>) -> Self {
        let mut tally = Self::default();
        states.into_iter().for_each(|state| tally.add(state));
        tally
    }

    /// Adds a state.
    pub fn add(&mut self, state: &StepState) {
        let count = match state {
            StepState::Waiting => &mut self.waiting,
            StepState::Checking | StepState::Sending | StepState::Verifying => &mut self.running,
            StepState::Done => &mut self.done,
            StepState::AlreadyDone => &mut self.already_done,
            StepState::Skipped(_) => &mut self.skipped,
            StepState::Failed(_) => &mut self.failed,
            StepState::Unknown(_) => &mut self.unknown,
        };
        *count += 1;
    }

    /// How many are as they were wanted.
    pub fn succeeded(&self) -> usize {
        self.done + self.already_done
    }

    /// Whether everything that was asked for is so now.
    pub fn is_complete(&self) -> bool {
        self.waiting + self.running + self.skipped + self.failed + self.unknown == 0
    }
}

/// A secret that is shown once, where it was asked for, and written nowhere: it has no serialised form, and its
/// debug form does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a secret at the place where it comes in.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The secret itself, to hand to the person who asked for it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// What AWS gave back when it took a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Produced {
    /// The id of the domain that was created.
    Domain(DomainId),
    /// A sign-in link.
    Link(Secret),
}

/// Why nothing more of a plan is sent for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Of which kind the reason is.
    pub cause: PauseCause,
    /// The reason, as a clause: "it was paused by hand".
    pub reason: Arc<str>,
}

/// The kinds of reasons to pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseCause {
    /// A person wanted it.
    ByHand,
    /// Nobody is signed in to an account any more; until somebody is, nothing can be read there either.
    SignedOut,
    /// Writing was locked, or somebody else is signed in now.
    NotAllowed,
    /// AWS has denied the same thing several times.
    Denied,
    /// AWS does not answer.
    OutOfReach,
    /// The program stood still, and much may have changed meanwhile.
    StoodStill,
    /// What happens can no longer be written down.
    Unwritable,
}

/// News of a plan being carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The plan.
    pub plan: PlanId,
    /// What is new.
    pub event: Event,
}

/// What can be new about a plan being carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A step went on.
    Step {
        /// The step, by its position.
        step: usize,
        /// How far it is now.
        state: StepState,
        /// AWS's request id of the change, once it was sent.
        request_id: Option<Arc<str>>,
        /// What AWS gave back, once it took the change.
        produced: Option<Produced>,
    },
    /// Nothing more is sent until it is told to go on.
    Paused(Pause),
    /// It goes on.
    Resumed,
}
