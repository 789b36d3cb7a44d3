//! Plans that were confirmed, and how far each step of them is: of this run of the program, and of earlier ones.

use std::sync::Arc;

use crate::fleet::{
    Change, DomainId, DomainKey, Event, ObjectKey, Plan, PlanId, Produced, Progress, Step, StepState, Tally,
    Target, Timestamp,
};

use super::Restored;

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
    /// What it restores, if it was confirmed in this run of the program: the record has the plan, not the backup.
    pub restored: Option<Restored>,
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
            restored: None,
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

    /// What stays behind of what it has deleted, and may be billed on, as sentences; nothing before its end.
    pub fn leftovers(&self) -> &[String] {
        let has_deleted = self.deletions().next().is_some();
        if self.course == Course::Ended && has_deleted { &self.plan.keeps } else { &[] }
    }

    /// The steps that have deleted something with what was in it.
    pub(super) fn deletions(&self) -> impl Iterator<Item = &Step> {
        let is_deletion = |change: &Change| {
            matches!(change, Change::DeleteUser(_) | Change::DeleteSpace(_) | Change::DeleteDomain(..))
        };
        let done = self.plan.steps.iter().zip(&self.states).filter(|(_, state)| state.is_done());
        done.map(|(step, _)| step).filter(move |step| is_deletion(&step.change))
    }

    /// Whether steps of it could be tried again: it has ended, and not everything is as it was wanted.
    pub fn can_retry(&self) -> bool {
        self.course == Course::Ended && !self.tally().is_complete()
    }
}

impl Operations {
    /// Notes a plan that was confirmed.
    pub fn start(&mut self, plan: Plan, reason: Option<Arc<str>>, now: Timestamp) {
        self.begin(Operation::new(plan, reason, now));
    }

    /// Notes an operation that has just been confirmed.
    pub(super) fn begin(&mut self, operation: Operation) {
        self.list.insert(0, operation);
        self.cursor = 0;
    }

    /// Takes in what is on record. What this program carries out, or has brought to its end, it knows better; where
    /// the record says that something is left to do, that holds: it could not be taken up.
    pub fn remember(&mut self, recorded: Vec<Operation>) {
        let selected = self.selected().map(|operation| operation.plan.id.clone());
        for operation in recorded {
            match self.find(&operation.plan.id) {
                None => self.list.push(operation),
                Some(known) if !known.is_running() && operation.course != Course::Ended => *known = operation,
                Some(_) => {}
            }
        }
        self.list.sort_by_key(|operation| std::cmp::Reverse(operation.started));
        let place = |id: &PlanId| self.list.iter().position(|operation| operation.plan.id == *id);
        self.cursor = selected.as_ref().and_then(place).unwrap_or(0);
    }

    /// The operation the cursor is on.
    pub fn selected(&self) -> Option<&Operation> {
        self.list.get(self.cursor)
    }

    /// The operation of a plan.
    pub fn get(&self, id: &PlanId) -> Option<&Operation> {
        self.list.iter().find(|operation| operation.plan.id == *id)
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
            Event::Paused(pause) => operation.course = Course::Paused(pause.reason.clone()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AccountId, Bound, Name, Region, Scope, UserKey};

    fn operation(name: &str, started: i64, course: Course) -> Operation {
        let user = UserKey {
            scope: Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1")),
            domain: DomainId::new("d-one"),
            name: Name::new(name),
        };
        let step = Step::new(Change::DeleteUser(user), Bound::Created(Timestamp::UNIX_EPOCH));
        let plan = Plan {
            keeps: vec!["The file system fs-1 (EFS): it is billed on.".to_owned()],
            ..Plan::new(name, "offboard", Timestamp::UNIX_EPOCH, vec![step])
        };
        let started = Timestamp::from_second(started).unwrap();
        Operation { course, ..Operation::new(plan, None, started) }
    }

    #[test]
    fn what_could_not_be_taken_up_is_still_broken_off_and_not_ended() {
        let mut operations = Operations::default();
        operations.remember(vec![operation("ben", 1, Course::Interrupted)]);
        let id = operations.list[0].plan.id.clone();
        operations.end(&id, Timestamp::from_second(9).unwrap());
        operations.remember(vec![operation("ben", 1, Course::Interrupted)]);
        assert!(operations.list[0].is_waiting(), "{:?}", operations.list[0].course);
    }

    #[test]
    fn what_runs_or_has_ended_here_is_known_better_than_its_record() {
        for course in [Course::Running, Course::Paused("credentials".into())] {
            let mut operations =
                Operations { list: vec![operation("ben", 1, course.clone())], ..Operations::default() };
            operations.remember(vec![operation("ben", 1, Course::Elsewhere)]);
            assert_eq!(operations.list[0].course, course);
        }
    }

    #[test]
    fn the_cursor_stays_on_its_operation_when_more_are_remembered() {
        let mut operations = Operations::default();
        operations.remember(vec![operation("ben", 1, Course::Ended)]);
        operations.remember(vec![operation("chloe", 2, Course::Ended)]);
        assert_eq!(operations.selected().map(|operation| operation.plan.title.as_str()), Some("ben"));
    }

    #[test]
    fn what_stays_behind_is_said_once_something_was_deleted_and_all_is_over() {
        let mut ended = operation("ben", 1, Course::Ended);
        assert!(ended.leftovers().is_empty(), "nothing was deleted");
        ended.states[0] = StepState::Done;
        assert_eq!(ended.leftovers().len(), 1);
        ended.course = Course::Running;
        assert!(ended.leftovers().is_empty(), "more may go");
    }
}
