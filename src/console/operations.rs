//! Plans that were confirmed, and how far each step of them is.

use std::sync::Arc;

use crate::fleet::{Event, Plan, PlanId, Progress, StepState, Tally, Timestamp};

/// The plans of this run of the program, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Operations {
    /// The operations.
    pub list: Vec<Operation>,
    /// Which one the cursor is on.
    pub cursor: usize,
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
    /// Whether the person cancelled what had not begun.
    pub cancelled: bool,
}

impl Operation {
    /// How many steps are in which state.
    pub fn tally(&self) -> Tally {
        Tally::of(&self.states)
    }

    /// Dollars per hour saved by the steps that are done; steps of unknown price are not counted.
    pub fn saved_per_hour(&self) -> f64 {
        let done = self.plan.steps.iter().zip(&self.states);
        done.filter(|(_, state)| state.is_done()).filter_map(|(step, _)| step.saves_per_hour).sum()
    }

    /// Whether it still runs.
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }
}

impl Operations {
    /// Notes a plan that was confirmed.
    pub fn start(&mut self, plan: Plan, now: Timestamp) {
        let steps = plan.steps.len();
        self.list.insert(
            0,
            Operation {
                plan,
                states: vec![StepState::Waiting; steps],
                request_ids: vec![None; steps],
                started: now,
                ended: None,
                cancelled: false,
            },
        );
        self.cursor = 0;
    }

    /// Takes in news of a step.
    pub fn progress(&mut self, news: Progress) {
        let Some(operation) = self.list.iter_mut().find(|operation| operation.plan.id == news.plan) else {
            return;
        };
        let Event::Step { step, state, request_id, .. } = news.event else { return };
        if let Some(slot) = operation.states.get_mut(step) {
            *slot = state;
        }
        if let (Some(slot), Some(id)) = (operation.request_ids.get_mut(step), request_id) {
            *slot = Some(id);
        }
    }

    /// Notes that a plan ended, and gives it.
    pub fn end(&mut self, id: &PlanId, now: Timestamp) -> Option<&Operation> {
        let operation = self.list.iter_mut().find(|operation| operation.plan.id == *id)?;
        operation.ended = Some(now);
        Some(operation)
    }

    /// The operations that still run.
    pub fn running(&self) -> impl Iterator<Item = &Operation> {
        self.list.iter().filter(|operation| operation.is_running())
    }
}
