//! What a person wants changed, as a value, and the plan that does it. [`Intent::needs`] says what has to be read
//! first, [`Intent::plan`] is pure: console and command line ask for the same and get the same plan.

mod protect;
mod stop;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AppKey, Ceilings, Document, Fleet, IdleRule, ObjectKey, Plan, Problem, Query, Tag, Timestamp};

/// What a person wants changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Stop these apps.
    Stop(Vec<AppKey>),
}

/// What limits every plan: from the configuration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policy {
    /// How large a plan may be before more has to be typed.
    pub ceilings: Ceilings,
    /// Objects with one of these tags are never changed; an empty value stands for any.
    pub protected_tags: Vec<Tag>,
    /// When an app counts as idle.
    pub idle: IdleRule,
}

/// Objects as AWS describes them in full, read for a plan; or why one could not be read.
#[derive(Debug, Clone, Default)]
pub struct Documents(BTreeMap<ObjectKey, Result<Document, Problem>>);

impl Documents {
    /// Notes what came of describing an object: AWS's answer as text, or why there is none.
    pub fn note(&mut self, object: ObjectKey, answer: Result<&str, Problem>) {
        let document = answer.and_then(|text| {
            serde_json::from_str(text).map_err(|error| {
                Problem::new(
                    super::ProblemKind::Unexpected,
                    format!("AWS's description of {} cannot be understood: {error}", object.name()),
                    "",
                )
            })
        });
        self.0.insert(object, document);
    }

    /// An object in full.
    ///
    /// # Errors
    ///
    /// Why it is not known, as a clause: "could not be read: ...".
    pub fn get(&self, object: &ObjectKey) -> Result<&Document, Arc<str>> {
        match self.0.get(object) {
            Some(Ok(document)) => Ok(document),
            Some(Err(problem)) => Err(format!("could not be read: {problem}").into()),
            None => Err("was not read in full".into()),
        }
    }
}

impl Intent {
    /// What has to be read before the plan is made, as far as that is known now. Asked again once that is read,
    /// since what is read may show more to be read, until nothing new comes.
    pub fn needs(&self, fleet: &Fleet, policy: &Policy) -> Vec<Query> {
        let own = match self {
            Self::Stop(_) => Vec::new(),
        };
        let mut needs = own;
        needs.extend(protect::needs(self, fleet, policy));
        needs
    }

    /// The plan, from what is known. Nothing is changed by it.
    ///
    /// # Errors
    ///
    /// Why there can be no plan at all, as a sentence for the person; what merely cannot be done for one object is
    /// excluded in the plan, with its reason.
    pub fn plan(
        &self,
        fleet: &Fleet,
        _documents: &Documents,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Plan, String> {
        let plan = match self {
            Self::Stop(keys) => stop::plan(fleet, keys, policy, now),
        };
        Ok(protect::without_protected(plan, fleet, policy))
    }

    /// The objects it is about, where they exist already: their tags decide whether it may touch them.
    pub fn objects(&self, _fleet: &Fleet) -> Vec<ObjectKey> {
        match self {
            Self::Stop(keys) => keys.iter().cloned().map(ObjectKey::App).collect(),
        }
    }
}
