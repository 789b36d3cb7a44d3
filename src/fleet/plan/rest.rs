//! What is left of a plan whose operation is over, as a plan of its own.

use std::collections::BTreeMap;

use super::{Plan, Step, StepState};
use crate::fleet::{DomainId, DomainKey, ObjectKey, Timestamp};

impl Plan {
    /// A new plan of what an operation that is over has not done, made `now`, to be confirmed anew; `None` if nothing
    /// is left. Every step keeps the identity it was bound to.
    ///
    /// `domains` are those that the operation has created, by the ids they had before: steps meant for them go there.
    pub fn rest(
        &self,
        states: &[StepState],
        domains: &[(DomainId, DomainKey)],
        now: Timestamp,
    ) -> Option<Self> {
        let is_left = |position: usize| !states.get(position).is_some_and(StepState::is_done);
        let left: Vec<usize> = (0..self.steps.len()).filter(|&position| is_left(position)).collect();
        if left.is_empty() {
            return None;
        }
        let place: BTreeMap<usize, usize> = left.iter().enumerate().map(|(new, old)| (*old, new)).collect();
        let step = |&old: &usize| {
            let step = &self.steps[old];
            let after = step.after.iter().filter_map(|before| place.get(before).copied()).collect();
            let domain = step.change.target().object().map(ObjectKey::domain_key);
            let real = domains.iter().find(|(to_be, _)| domain.as_ref().is_some_and(|key| key.id == *to_be));
            let change = match real {
                Some((_, real)) => step.change.clone().in_domain(real),
                None => step.change.clone(),
            };
            Step { change, after, ..step.clone() }
        };
        let steps: Vec<Step> = left.iter().map(step).collect();
        let title = match self.title.strip_suffix(REST) {
            Some(_) => self.title.clone(),
            None => format!("{}{REST}", self.title),
        };
        Some(Self {
            loses: self.loses.clone(),
            keeps: self.keeps.clone(),
            warnings: self.warnings.clone(),
            phrases: self.phrases.clone(),
            ..Self::new(title, &self.verb, now, steps)
        })
    }
}

/// What the title of such a plan ends with.
const REST: &str = ", the rest";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{
        AccountId, Bound, Change, Document, Name, Problem, ProblemKind, Region, Scope, SpaceKey, UserKey,
    };

    #[test]
    fn what_is_left_waits_for_what_is_left_and_goes_where_the_new_domain_is() {
        let scope = Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1"));
        let to_be = DomainKey { scope: scope.clone(), id: DomainId::to_be("new") };
        let real = DomainKey { scope: scope.clone(), id: DomainId::new("d-real") };
        let user = UserKey { scope: scope.clone(), domain: to_be.id.clone(), name: Name::new("anna") };
        let space = SpaceKey { scope, domain: to_be.id.clone(), name: Name::new("lab") };
        let step = |change, after| Step { after, ..Step::new(change, Bound::Absent) };
        let steps = vec![
            step(Change::CreateDomain(to_be.clone(), Document::new()), vec![]),
            step(Change::CreateUser(user, Document::new()), vec![0]),
            step(Change::CreateSpace(space, Document::new()), vec![0, 1]),
        ];
        let plan = Plan::new("Restore", "create", Timestamp::UNIX_EPOCH, steps);
        let failed = StepState::Failed(Problem::new(ProblemKind::Limit, "no", ""));
        let states = [StepState::Done, failed, StepState::Skipped("waits".into())];
        let now = Timestamp::from_second(60).unwrap();
        let rest = plan.rest(&states, &[(to_be.id, real.clone())], now).unwrap();
        assert_eq!(rest.title, "Restore, the rest");
        assert!(rest.is_intact() && rest.id != plan.id);
        let places: Vec<_> = rest.steps.iter().map(|step| step.after.clone()).collect();
        assert_eq!(places, [vec![], vec![0]]);
        for step in &rest.steps {
            assert_eq!(step.change.target().object().unwrap().domain_key(), real);
        }
        let all = [StepState::Done, StepState::Done, StepState::AlreadyDone];
        assert_eq!(plan.rest(&all, &[], now), None);
        let again = rest.rest(&[StepState::Waiting, StepState::Waiting], &[], now).unwrap();
        assert_eq!(again.title, "Restore, the rest");
    }
}
