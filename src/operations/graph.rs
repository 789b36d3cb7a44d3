//! Which steps wait for which. Knows positions only.

use crate::fleet::Step;

/// The dependencies of a plan's steps, and how many of each are still to come.
#[derive(Debug)]
pub(super) struct Graph {
    unmet: Vec<usize>,
    dependents: Vec<Vec<usize>>,
}

impl Graph {
    /// The dependencies of these steps, of which some are done already.
    pub(super) fn of(steps: &[Step], is_done: impl Fn(usize) -> bool) -> Self {
        let mut graph = Self { unmet: vec![0; steps.len()], dependents: vec![Vec::new(); steps.len()] };
        for (position, step) in steps.iter().enumerate() {
            for &before in &step.after {
                match graph.dependents.get_mut(before) {
                    Some(_) if is_done(before) => {}
                    Some(dependents) => {
                        dependents.push(position);
                        graph.unmet[position] += 1;
                    }
                    // A step that does not exist never gets done.
                    None => graph.unmet[position] += 1,
                }
            }
        }
        graph
    }

    /// Whether everything a step waits for is done.
    pub(super) fn is_ready(&self, step: usize) -> bool {
        self.unmet.get(step) == Some(&0)
    }

    /// Takes note that a step is done; gives those that wait for nothing any more.
    pub(super) fn done(&mut self, step: usize) -> Vec<usize> {
        let dependents = self.dependents.get_mut(step).map(std::mem::take).unwrap_or_default();
        let mut ready = Vec::new();
        for dependent in dependents {
            let unmet = &mut self.unmet[dependent];
            *unmet = unmet.saturating_sub(1);
            if *unmet == 0 {
                ready.push(dependent);
            }
        }
        ready
    }

    /// The steps that wait for a step itself, not those that wait for these.
    pub(super) fn waiting_for(&self, step: usize) -> &[usize] {
        self.dependents.get(step).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AccountId, Bound, Change, DomainId, Name, Region, Scope, UserKey};

    fn steps(after: &[&[usize]]) -> Vec<Step> {
        let key = UserKey {
            scope: Scope::new(AccountId::new("1"), Region::new("eu-west-1")),
            domain: DomainId::new("d-one"),
            name: Name::new("anna"),
        };
        let step = |after: &&[usize]| Step {
            after: after.to_vec(),
            ..Step::new(Change::DeleteUser(key.clone()), Bound::Unbound)
        };
        after.iter().map(step).collect()
    }

    #[test]
    fn a_step_is_ready_when_all_it_waits_for_is_done() {
        let mut graph = Graph::of(&steps(&[&[], &[0], &[0, 1], &[2]]), |_| false);
        assert_eq!((0..4).map(|step| graph.is_ready(step)).collect::<Vec<_>>(), [true, false, false, false]);
        assert_eq!(graph.waiting_for(0), [1, 2]);
        assert_eq!(graph.done(0), [1]);
        assert_eq!(graph.done(1), [2]);
        assert_eq!(graph.done(0), [0; 0], "a step is done once");
        assert!(graph.is_ready(2) && !graph.is_ready(3));
    }

    #[test]
    fn what_was_done_before_holds_nothing_up_and_what_does_not_exist_for_ever() {
        let graph = Graph::of(&steps(&[&[], &[0], &[9], &[2]]), |step| step == 0);
        assert_eq!((1..4).map(|step| graph.is_ready(step)).collect::<Vec<_>>(), [true, false, false]);
    }
}
