//! Plans that were confirmed, and how far each step of them is: of this run of the program, and of earlier ones.

use std::sync::Arc;

use crate::fleet::{
    DomainId, DomainKey, Event, ObjectKey, Plan, PlanId, Produced, Progress, StepState, Tally, Target,
    Timestamp,
};

/// The plans, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Operations {
    /// The operations.
    pub list: Vec<Operation>,
    /// Which one the cursor is on.
    pub cursor: usize,
    /// What of the record of earlier operations could not be read, as sentences.
    pub unreadable: Vec<String>,
}

/// How an operation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// It is being carried out.
    Running,
    /// Nothing more is sent until it is told to go on; with the reason.
    Paused(Arc<str>),
    /// The program that carried it out ended before it did; nothing is sent until it is told to go on.
    Interrupted,
    /// Another console of this machine carries it out.
    Elsewhere,
    /// Every step has ended, or was cancelled.
    Ended,
}

/// A plan being carried out, or done.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The plan.
    pub plan: Plan,
    /// The state of each step.
    pub states: Vec<StepState>,
    /// AWS's request id of each step that was sent.
    pub request_ids: Vec<Option<Arc<str>>>,
    /// When it was confirmed.
    pub started: Timestamp,
    /// When its last step ended.
    pub ended: Option<Timestamp>,
    /// How it stands.
    pub course: Course,
    /// Whether the person cancelled what had not begun.
    pub cancelled: bool,
    /// Why it was done, where that was asked.
    pub reason: Option<Arc<str>>,
    /// The domains it has created, by the ids they had in the plan.
    pub domains: Vec<(DomainId, DomainKey)>,
}

impl Operation {
    /// An operation that has just been confirmed.
    pub fn new(plan: Plan, reason: Option<Arc<str>>, started: Timestamp) -> Self {
        let steps = plan.steps.len();
        Self {
            plan,
            states: vec![StepState::Waiting; steps],
            request_ids: vec![None; steps],
            started,
            ended: None,
            course: Course::Running,
            cancelled: false,
            reason,
            domains: Vec::new(),
        }
    }

    /// How many steps are in which state.
    pub fn tally(&self) -> Tally {
        Tally::of(&self.states)
    }

    /// Dollars per hour saved by the steps that are done; steps of unknown price are not counted.
    pub fn saved_per_hour(&self) -> f64 {
        let done = self.plan.steps.iter().zip(&self.states);
        done.filter(|(_, state)| state.is_done()).filter_map(|(step, _)| step.saves_per_hour).sum()
    }

    /// Whether this program carries it out now, paused or not.
    pub fn is_running(&self) -> bool {
        matches!(self.course, Course::Running | Course::Paused(_))
    }

    /// Whether it waits for the person to say that it shall go on.
    pub fn is_waiting(&self) -> bool {
        matches!(self.course, Course::Paused(_) | Course::Interrupted)
    }

    /// Whether steps of it could be tried again: it has ended, and not everything is as it was wanted.
    pub fn can_retry(&self) -> bool {
        self.course == Course::Ended && !self.tally().is_complete()
    }
}

impl Operations {
    /// Notes a plan that was confirmed.
    pub fn start(&mut self, plan: Plan, reason: Option<Arc<str>>, now: Timestamp) {
        self.list.insert(0, Operation::new(plan, reason, now));
        self.cursor = 0;
    }

    /// Takes in what is on record of earlier operations; those of this run stay as they are.
    pub fn remember(&mut self, earlier: Vec<Operation>) {
        for operation in earlier {
            if self.find(&operation.plan.id).is_none() {
                self.list.push(operation);
            }
        }
        self.list.sort_by_key(|operation| std::cmp::Reverse(operation.started));
        self.cursor = self.cursor.min(self.list.len().saturating_sub(1));
    }

    /// The operation the cursor is on.
    pub fn selected(&self) -> Option<&Operation> {
        self.list.get(self.cursor)
    }

    /// The operation of a plan, to change it.
    pub fn find(&mut self, id: &PlanId) -> Option<&mut Operation> {
        self.list.iter_mut().find(|operation| operation.plan.id == *id)
    }

    /// Takes in news of a plan.
    pub fn progress(&mut self, news: &Progress) {
        let Some(operation) = self.find(&news.plan) else { return };
        match &news.event {
            Event::Step { step, state, request_id, produced } => {
                if let Some(slot) = operation.states.get_mut(*step) {
                    *slot = state.clone();
                }
                if let (Some(slot), Some(id)) = (operation.request_ids.get_mut(*step), request_id) {
                    *slot = Some(id.clone());
                }
                let to_be = operation.plan.steps.get(*step).map(|step| step.change.target());
                if let (Some(Produced::Domain(id)), Some(Target::Object(ObjectKey::Domain(key)))) =
                    (produced, to_be)
                {
                    let real = DomainKey { scope: key.scope, id: id.clone() };
                    operation.domains.push((key.id, real));
                }
            }
            Event::Paused(reason) => operation.course = Course::Paused(reason.clone()),
            Event::Resumed => {
                operation.course = Course::Running;
                operation.ended = None;
                operation.cancelled = false;
            }
        }
    }

    /// Notes that a plan ended, and gives it.
    pub fn end(&mut self, id: &PlanId, now: Timestamp) -> Option<&Operation> {
        let operation = self.find(id)?;
        operation.ended = Some(now);
        operation.course = Course::Ended;
        Some(operation)
    }

    /// The operations that this program carries out now.
    pub fn running(&self) -> impl Iterator<Item = &Operation> {
        self.list.iter().filter(|operation| operation.is_running())
    }

    /// The operations that were broken off by the end of an earlier run.
    pub fn interrupted(&self) -> impl Iterator<Item = &Operation> {
        self.list.iter().filter(|operation| operation.course == Course::Interrupted)
    }
}
