//! A change as a value: what would be done, in which order, to exactly which objects, and what it means.

use std::sync::Arc;

use super::{AppKey, ObjectKey, Problem, Timestamp};

/// A write. It exists as a value long before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Change {
    /// Stop an app (`DeleteApp`): its instance goes, the files in its space or home stay.
    StopApp(AppKey),
}

impl Change {
    /// The object it changes.
    pub fn object(&self) -> ObjectKey {
        match self {
            Self::StopApp(key) => ObjectKey::App(key.clone()),
        }
    }

    /// The AWS operation it is made with.
    pub fn operation(&self) -> &'static str {
        match self {
            Self::StopApp(_) => "DeleteApp",
        }
    }

    /// The same change as a line for the AWS CLI.
    pub fn cli_line(&self) -> String {
        match self {
            Self::StopApp(key) => {
                let owner = match &key.owner {
                    super::Owner::User(name) => format!("--user-profile-name {name}"),
                    super::Owner::Space(name) => format!("--space-name {name}"),
                };
                format!(
                    "aws sagemaker delete-app --region {} --domain-id {} {owner} --app-type {} --app-name {}",
                    key.scope.region(),
                    key.domain,
                    key.app_type,
                    key.name
                )
            }
        }
    }
}

/// A step of a plan: one change, bound to the one run of the object it was made for.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What is done.
    pub change: Change,
    /// When the object was created, as it was when the plan was made; a step without it is never made,
    /// because nothing else tells a re-created object from the one that was meant.
    pub created: Timestamp,
    /// Dollars per hour saved; `None` where the price is not known.
    pub saves_per_hour: Option<f64>,
    /// What the person should know before confirming, such as activity minutes ago.
    pub warning: Option<Arc<str>>,
}

/// Something that was asked for and is not in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// What.
    pub object: ObjectKey,
    /// Why, as a clause: "is already stopped".
    pub reason: Arc<str>,
}

/// A frozen list of steps. Applying it applies exactly these.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// A short hash over the steps and the time: what was confirmed is what is applied.
    pub id: PlanId,
    /// What it does, as a heading: "Stop 14 apps".
    pub title: String,
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
}

/// The hash by which a plan is known, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlanId(pub Arc<str>);

impl PlanId {
    /// The hash of these steps, made then.
    pub fn of(steps: &[Step], made_at: Timestamp) -> Self {
        super::stop::plan_id(steps, made_at)
    }
}

impl Plan {
    /// Whether the steps are still those that its hash was made over, and that the person has confirmed.
    pub fn is_intact(&self) -> bool {
        self.id == PlanId::of(&self.steps, self.made_at)
    }
}

/// How far a step is.
#[derive(Debug, Clone, PartialEq)]
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
    /// Whether nothing more will happen to the step.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Checking | Self::Sending | Self::Verifying)
    }
}

/// News of a plan being carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The plan.
    pub plan: PlanId,
    /// The step, by its position.
    pub step: usize,
    /// How far it is now.
    pub state: StepState,
    /// AWS's request id of the change, once it was sent.
    pub request_id: Option<Arc<str>>,
}
