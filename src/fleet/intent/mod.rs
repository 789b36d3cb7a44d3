//! What a person wants changed, as a value, and the plan that does it. [`Intent::needs`] says what has to be read
//! first, [`Intent::plan`] is pure: console and command line ask for the same and get the same plan.

mod cascade;
mod cost_tags;
mod domain;
mod each;
mod edit_users;
mod lifecycle;
mod onboard;
mod pool;
mod protect;
mod quota;
mod references;
mod restart;
mod restore;
mod sign_in;
mod spaces;
mod stop;
mod suspend;
mod tags;
mod together;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use lifecycle::{LIFECYCLE_APP_TYPES, NewLifecycleConfig};
pub use restart::{saved_spec, spec_of};
pub use restore::{RestoreChanges, RestoreInto};

use lifecycle::Deed;

use super::{
    AppKey, Backup, Ceilings, Difference, Document, DomainEdit, DomainKey, Fleet, HomeFiles, IdleRule,
    LifecycleConfigKey, NewDomain, NewSpace, Newcomer, ObjectKey, Plan, Problem, Query, QuotaKey, Scope,
    SpaceEdit, SpaceKey, Tag, Timestamp, UserEdit, UserKey,
};

/// The profile that the RStudio server of a domain belongs to; AWS lists it nowhere.
const SHARED_PROFILE: &str = "domain-shared";

/// Why something is in no plan though it is there: names come again.
const NO_CREATION_TIME: &str = "has no creation time, so it could not be told from one re-created meanwhile";

/// What a person wants changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Stop these apps.
    Stop(Vec<AppKey>),
    /// Stop these apps and start them again as they were, so that they pick up new settings.
    Restart(Vec<AppKey>),
    /// Start apps that were stopped, each with its spec: the `before` of the step that stopped it.
    Undo(Vec<(AppKey, Document)>),
    /// Delete these spaces with what runs in them; their volumes are destroyed.
    DeleteSpaces(Vec<SpaceKey>),
    /// Delete these user profiles with their apps and the spaces they own; the home directories stay.
    Offboard(Vec<UserKey>),
    /// Close the Studio portal to these users and stop what runs for them; everything else stays.
    Suspend(Vec<UserKey>),
    /// Take that back, except for the apps.
    Resume(Vec<UserKey>),
    /// Delete a domain with everything in it.
    DeleteDomain(DomainKey, HomeFiles),
    /// Set these tags on each of the objects.
    SetTags(Vec<ObjectKey>, Vec<Tag>),
    /// Remove the tags with these keys from each of the objects.
    RemoveTags(Vec<ObjectKey>, Vec<Arc<str>>),
    /// Make a short-lived link to sign in as this user.
    SignInLink(UserKey),
    /// Create these user profiles, as far as they are missing, and let their people sign in.
    Onboard(Vec<Newcomer>),
    /// All of these, as one plan.
    Together(Vec<Intent>),
    /// Make this edit to each of the user profiles.
    EditUsers {
        /// Whom.
        users: Vec<UserKey>,
        /// What to set.
        edit: UserEdit,
    },
    /// Create a domain.
    CreateDomain(Box<NewDomain>),
    /// Make this edit to a domain.
    EditDomain {
        /// Which.
        domain: DomainKey,
        /// What to set.
        edit: Box<DomainEdit>,
    },
    /// Create these spaces.
    CreateSpaces(Vec<NewSpace>),
    /// Make this edit to each of the spaces.
    EditSpaces {
        /// Which.
        spaces: Vec<SpaceKey>,
        /// What to set.
        edit: SpaceEdit,
    },
    /// Create a lifecycle configuration.
    CreateLifecycleConfig(NewLifecycleConfig),
    /// Attach a lifecycle configuration to domains and user profiles.
    AttachLifecycleConfig {
        /// Which.
        config: LifecycleConfigKey,
        /// To what.
        to: Vec<ObjectKey>,
        /// Whether it runs where the user chooses none.
        as_default: bool,
    },
    /// Detach a lifecycle configuration from domains and user profiles.
    DetachLifecycleConfig {
        /// Which.
        config: LifecycleConfigKey,
        /// From what.
        from: Vec<ObjectKey>,
    },
    /// Delete these lifecycle configurations, as far as nobody uses them.
    DeleteLifecycleConfigs(Vec<LifecycleConfigKey>),
    /// Request this much of a quota.
    RequestQuota(QuotaKey, f64),
    /// Let the bills of the account carry tags with these keys; the region is the one Cost Explorer is asked in.
    ActivateCostTags(Scope, Vec<Arc<str>>),
    /// Let the bills of the last twelve months carry the tags that are active.
    BackfillCostTags(Scope),
    /// Create what a backup has and its place has not, and set tags that are missing there.
    Restore {
        /// The backup.
        backup: Arc<Backup>,
        /// The place.
        into: RestoreInto,
    },
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
        let document = match answer {
            Ok(text) => serde_json::from_str(text).map_err(|error| {
                let name = object.name();
                let message = format!("AWS's description of {name} cannot be understood: {error}");
                Problem::new(super::ProblemKind::Unexpected, message, "")
            }),
            Err(problem) => Err(problem),
        };
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
            // What these need was asked for before, since it costs.
            Self::Stop(_) | Self::ActivateCostTags(..) | Self::BackfillCostTags(_) => Vec::new(),
            Self::Restart(keys) => restart::restart_needs(keys),
            Self::Undo(apps) => restart::undo_needs(apps),
            Self::DeleteSpaces(keys) => cascade::space_needs(keys),
            Self::Offboard(users) => cascade::user_needs(fleet, users),
            Self::Suspend(users) | Self::Resume(users) => suspend::needs(users),
            Self::DeleteDomain(key, _) => cascade::domain_needs(fleet, key),
            Self::SetTags(objects, _) | Self::RemoveTags(objects, _) => tags::needs(objects),
            Self::SignInLink(user) => sign_in::needs(user),
            Self::Onboard(newcomers) => onboard::needs(newcomers, fleet),
            Self::Together(parts) => parts.iter().flat_map(|part| part.needs(fleet, policy)).collect(),
            Self::EditUsers { users, edit } => edit_users::needs(users, edit),
            Self::CreateDomain(new) => domain::create_needs(new),
            Self::EditDomain { domain, edit } => domain::edit_needs(domain, edit),
            Self::CreateSpaces(new) => spaces::create_needs(new),
            Self::EditSpaces { spaces, edit } => spaces::edit_needs(spaces, edit, fleet),
            Self::CreateLifecycleConfig(new) => lifecycle::create_needs(new),
            Self::AttachLifecycleConfig { config, to: objects, .. }
            | Self::DetachLifecycleConfig { config, from: objects } => {
                lifecycle::attach_needs(config, objects)
            }
            Self::DeleteLifecycleConfigs(keys) => lifecycle::delete_needs(keys, fleet),
            Self::RequestQuota(key, _) => quota::needs(key, fleet),
            Self::Restore { backup, into } => restore::needs(backup, into, fleet),
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
        documents: &Documents,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Plan, String> {
        let plan = match self {
            Self::Stop(keys) => stop::plan(fleet, keys, policy, now),
            Self::Restart(keys) => restart::restart(fleet, keys, documents, policy, now),
            Self::Undo(apps) => restart::undo(fleet, apps, now),
            Self::DeleteSpaces(keys) => cascade::plan_spaces(fleet, keys, policy, now),
            Self::Offboard(users) => cascade::plan_users(fleet, users, policy, now),
            Self::Suspend(users) => suspend::suspend(fleet, users, documents, policy, now),
            Self::Resume(users) => suspend::resume(fleet, users, documents, policy, now),
            Self::DeleteDomain(key, files) => cascade::plan_domain(fleet, key, *files, policy, now)?,
            Self::SetTags(objects, set) => tags::set(fleet, objects, set, policy, now)?,
            Self::RemoveTags(objects, keys) => tags::remove(fleet, objects, keys, policy, now)?,
            Self::SignInLink(user) => sign_in::plan(fleet, user, policy, now)?,
            Self::Onboard(newcomers) => onboard::plan(newcomers, fleet, documents, now),
            Self::Together(parts) => together::plan(parts, fleet, documents, policy, now)?,
            Self::EditUsers { users, edit } => edit_users::plan(users, edit, fleet, documents, policy, now)?,
            Self::CreateDomain(new) => domain::create(new, fleet, now)?,
            Self::EditDomain { domain, edit } => domain::edit(domain, edit, fleet, documents, policy, now)?,
            Self::CreateSpaces(new) => spaces::create(new, fleet, now),
            Self::EditSpaces { spaces, edit } => spaces::edit(spaces, edit, fleet, documents, policy, now)?,
            Self::CreateLifecycleConfig(new) => lifecycle::create(new, fleet, now)?,
            Self::AttachLifecycleConfig { config, to, as_default } => {
                let deed = if *as_default { Deed::AttachAsDefault } else { Deed::Attach };
                lifecycle::attach(config, to, deed, fleet, documents, policy, now)?
            }
            Self::DetachLifecycleConfig { config, from } => {
                lifecycle::attach(config, from, Deed::Detach, fleet, documents, policy, now)?
            }
            Self::DeleteLifecycleConfigs(keys) => lifecycle::delete(keys, fleet, documents, now),
            Self::RequestQuota(key, wanted) => quota::plan(fleet, key, *wanted, now)?,
            Self::ActivateCostTags(scope, keys) => cost_tags::activate(fleet, scope, keys, now)?,
            Self::BackfillCostTags(scope) => cost_tags::backfill(fleet, scope, now),
            Self::Restore { backup, into } => restore::plan(backup, into, fleet, documents, policy, now)?,
        };
        Ok(protect::without_protected(plan, fleet, policy))
    }

    /// The objects it is about, where they exist already: their tags decide whether it may touch them.
    pub fn objects(&self, fleet: &Fleet) -> Vec<ObjectKey> {
        let users = |users: &[UserKey]| users.iter().cloned().map(ObjectKey::User).collect::<Vec<_>>();
        match self {
            Self::Stop(keys) | Self::Restart(keys) => keys.iter().cloned().map(ObjectKey::App).collect(),
            Self::DeleteSpaces(keys) => {
                let roots: Vec<_> = keys.iter().cloned().map(ObjectKey::Space).collect();
                cascade::with_contents(fleet, &roots)
            }
            Self::Offboard(keys) => cascade::with_contents(fleet, &users(keys)),
            Self::DeleteDomain(key, _) => cascade::with_contents(fleet, &[ObjectKey::Domain(key.clone())]),
            Self::Suspend(keys) => suspend::objects(fleet, keys),
            Self::Resume(keys) | Self::EditUsers { users: keys, .. } => users(keys),
            Self::SetTags(objects, _)
            | Self::RemoveTags(objects, _)
            | Self::AttachLifecycleConfig { to: objects, .. }
            | Self::DetachLifecycleConfig { from: objects, .. } => objects.clone(),
            Self::SignInLink(key) => vec![ObjectKey::User(key.clone())],
            Self::Onboard(newcomers) => onboard::objects(newcomers, fleet),
            Self::Together(parts) => parts.iter().flat_map(|part| part.objects(fleet)).collect(),
            Self::EditDomain { domain, .. } => vec![ObjectKey::Domain(domain.clone())],
            Self::EditSpaces { spaces, .. } => spaces.iter().cloned().map(ObjectKey::Space).collect(),
            Self::Restore { backup, into } => restore::objects(backup, into, fleet),
            // What is created or started does not exist yet, and lifecycle configurations and quotas are no objects
            // of the fleet.
            Self::Undo(_)
            | Self::CreateDomain(_)
            | Self::CreateSpaces(_)
            | Self::CreateLifecycleConfig(_)
            | Self::DeleteLifecycleConfigs(_)
            | Self::RequestQuota(..)
            | Self::ActivateCostTags(..)
            | Self::BackfillCostTags(_) => Vec::new(),
        }
    }

    /// How each thing that is wanted stands to what is there, for an intent that creates what is missing; in the
    /// order of what is wanted.
    pub fn differences(&self, fleet: &Fleet, documents: &Documents) -> Vec<Difference> {
        match self {
            Self::Onboard(newcomers) => onboard::differences(newcomers, fleet, documents),
            Self::Restore { backup, into } => restore::differences(backup, into, fleet, documents),
            Self::Together(parts) => {
                parts.iter().flat_map(|part| part.differences(fleet, documents)).collect()
            }
            _ => Vec::new(),
        }
    }
}
