//! Whose files are where after a restore: what an ended operation has to read for that table, a few objects at a
//! time. Knows no drawing.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::fleet::{Backup, DomainKey, Fleet, Homes, Intent, PlanId, Query};

use super::{Console, Effect, Operation};

/// How many objects are read for it at once.
const AT_ONCE: usize = 16;

/// A restore, as its operation remembers it for the table of old and new ids.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// What was restored.
    pub backup: Arc<Backup>,
    /// Where; [to be](crate::fleet::DomainId::to_be) where the operation itself creates it.
    pub domain: DomainKey,
    stage: Stage,
    /// What is under way.
    asked: BTreeSet<Query>,
    /// What is still to be asked of this stage, the last first.
    left: Vec<Query>,
}

/// What is being read for it: each stage shows what the next one needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    NotBegun,
    Domains,
    Lists,
    Objects,
    Over,
}

impl Restored {
    /// What an intent restores, if that is what it does.
    pub(super) fn of(intent: &Intent) -> Option<Self> {
        let Intent::Restore { backup, into } = intent else { return None };
        Some(Self {
            backup: Arc::clone(backup),
            domain: into.domain(),
            stage: Stage::NotBegun,
            asked: BTreeSet::new(),
            left: Vec::new(),
        })
    }

    /// The same, of what another plan does of the rest, where the domain may be there by now.
    pub(super) fn again(&self, real: Option<DomainKey>) -> Self {
        Self {
            domain: real.unwrap_or_else(|| self.domain.clone()),
            stage: Stage::NotBegun,
            asked: BTreeSet::new(),
            left: Vec::new(),
            backup: Arc::clone(&self.backup),
        }
    }

    /// Whether the new ids are still being read.
    pub fn is_reading(&self) -> bool {
        matches!(self.stage, Stage::Domains | Stage::Lists | Stage::Objects)
    }

    /// What is to be asked next, in the domain that is there now.
    fn next(&mut self, domain: &DomainKey, fleet: &Fleet) -> Vec<Query> {
        while self.left.is_empty() && self.asked.is_empty() {
            (self.stage, self.left) = match self.stage {
                Stage::NotBegun => (Stage::Domains, vec![Query::Domains(domain.scope.clone())]),
                Stage::Domains => {
                    (Stage::Lists, vec![Query::Users(domain.clone()), Query::Spaces(domain.clone())])
                }
                Stage::Lists => (Stage::Objects, self.backup.homes_needs(fleet, domain)),
                Stage::Objects | Stage::Over => {
                    self.stage = Stage::Over;
                    return Vec::new();
                }
            };
        }
        let first = self.left.len().saturating_sub(AT_ONCE.saturating_sub(self.asked.len()));
        let next = self.left.split_off(first);
        self.asked.extend(next.iter().cloned());
        next
    }
}

impl Operation {
    /// The domain that was restored into, once it is there.
    fn restored_domain(&self) -> Option<DomainKey> {
        let domain = &self.restored.as_ref()?.domain;
        if !domain.id.is_to_be() {
            return Some(domain.clone());
        }
        self.domains.iter().find(|(to_be, _)| *to_be == domain.id).map(|(_, real)| real.clone())
    }

    /// Whose files are where, of a restore that has ended and created something.
    pub fn homes(&self, fleet: &Fleet) -> Option<Homes> {
        let restored = self.restored.as_ref().filter(|restored| restored.stage != Stage::NotBegun)?;
        Some(restored.backup.homes(fleet, Some(&self.restored_domain()?)))
    }

    /// What a plan of the rest is to remember of the restore.
    pub(super) fn restored_again(&self) -> Option<Restored> {
        self.restored.as_ref().map(|restored| restored.again(self.restored_domain()))
    }
}

impl Console {
    /// Begins to read the new ids of what an operation has restored.
    pub(super) fn read_homes(&mut self, id: &PlanId, effects: &mut Vec<Effect>) {
        let Some(operation) = self.operations.find(id) else { return };
        let created = operation.plan.steps.iter().zip(&operation.states);
        let mut created = created.filter(|(step, state)| step.change.creates() && state.is_done());
        let (true, Some(domain)) = (created.next().is_some(), operation.restored_domain()) else { return };
        let Some(restored) = &mut operation.restored else { return };
        // It may have been left and taken up again.
        *restored = restored.again(None);
        for query in restored.next(&domain, &self.fleet) {
            self.ask(query, effects);
        }
    }

    /// An answer has come, or failed: asks for what the tables of restores need besides.
    pub(super) fn follow_homes(&mut self, query: &Query, effects: &mut Vec<Effect>) {
        // What was under way before the restore had ended is asked again, and tells nothing of it.
        if self.loads.is_loading(query) {
            return;
        }
        let mut next = Vec::new();
        for operation in &mut self.operations.list {
            let domain = operation.restored_domain();
            let (Some(restored), Some(domain)) = (&mut operation.restored, domain) else { continue };
            if !restored.asked.remove(query) {
                continue;
            }
            if self.loads.stopped.is_some() {
                // Nobody is signed in any more; what has come is shown.
                (restored.stage, restored.left) = (Stage::Over, Vec::new());
            } else {
                next.extend(restored.next(&domain, &self.fleet));
            }
        }
        for query in next {
            self.ask(query, effects);
        }
    }
}
