//! Plans a restore: what a backup has and a domain has not is created, and tags that are missing are set; what is
//! there and differs otherwise is named and left.

mod adapt;
mod configs;
mod retag;
mod spaces;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::references::{Findings, References};
use super::{Policy, onboard, pool, tags};
use crate::fleet::edit::structure;
use crate::fleet::images::Images;
use crate::fleet::{
    Assignment, AuthMode, Backup, BackupObject, Bound, Change, Difference, Document, Documents, DomainId,
    DomainKey, Excluded, Fleet, Newcomer, ObjectKey, Plan, Query, Scope, Standing, Step, Tag, Target,
    Timestamp, UserEdit, UserKey,
};

/// Where a backup is restored.
#[derive(Debug, Clone, PartialEq)]
pub enum RestoreInto {
    /// Into a domain that is there.
    Existing(DomainKey),
    /// Into a new domain.
    New {
        /// Account and region.
        scope: Scope,
        /// The new domain's name.
        name: Arc<str>,
        /// What is otherwise than in the backup.
        changes: RestoreChanges,
    },
}

/// What of a new domain is otherwise than in the backup.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RestoreChanges {
    /// The default execution role, by ARN. In another account it takes the place of every role.
    pub role: Option<Arc<str>>,
    /// The VPC; security groups of the old one are then left out.
    pub vpc: Option<Arc<str>>,
    /// The subnets.
    pub subnets: Option<Vec<Arc<str>>>,
    /// The security groups of the domain's defaults.
    pub security_groups: Option<Vec<Arc<str>>>,
    /// How people sign in.
    pub auth_mode: Option<AuthMode>,
    /// The key of the storage; `Some(None)` for AWS's own.
    pub kms_key: Option<Option<Arc<str>>>,
}

impl RestoreInto {
    /// Account and region.
    pub fn scope(&self) -> &Scope {
        match self {
            Self::Existing(key) => &key.scope,
            Self::New { scope, .. } => scope,
        }
    }

    /// The domain, which may be [one to be](DomainId::to_be).
    pub fn domain(&self) -> DomainKey {
        match self {
            Self::Existing(key) => key.clone(),
            Self::New { scope, name, .. } => DomainKey { scope: scope.clone(), id: DomainId::to_be(name) },
        }
    }
}

/// What has to be read: what is there already, and what the backup refers to.
pub(super) fn needs(backup: &Backup, into: &RestoreInto, fleet: &Fleet) -> Vec<Query> {
    let scope = into.scope();
    let mut needs: BTreeSet<Query> = super::references::all_needs(scope).into();
    needs.insert(Query::Domains(scope.clone()));
    needs.insert(Query::Images(scope.clone()));
    needs.extend(configs::needs(backup, scope, fleet));
    if let RestoreInto::New { changes, .. } = into {
        let adapter = adapt::Adapter::new(backup, into);
        if is_sso(&adapter.domain(changes)) {
            let people = adapter.newcomers().into_iter().filter_map(|newcomer| newcomer.sso_user);
            needs.extend(people.map(|name| Query::Person(scope.clone(), name)));
        }
    }
    if let RestoreInto::Existing(domain) = into {
        needs.insert(Query::Domain(domain.clone()));
        needs.insert(Query::Users(domain.clone()));
        needs.insert(Query::Spaces(domain.clone()));
        let newcomers = adapt::Adapter::new(backup, into).newcomers();
        needs.extend(onboard::needs(&newcomers, fleet));
        for (space, key) in spaces::existing(backup, domain, fleet) {
            needs.insert(Query::Space(key.clone()));
            if !ours(&space.tags).is_empty() {
                needs.insert(Query::Tags(ObjectKey::Space(key.clone())));
            }
        }
    }
    needs.into_iter().collect()
}

/// The user profiles and spaces that are there already and may be let in or tagged: their tags decide whether that
/// may be.
pub(super) fn objects(backup: &Backup, into: &RestoreInto, fleet: &Fleet) -> Vec<ObjectKey> {
    let RestoreInto::Existing(domain) = into else { return Vec::new() };
    let mut objects = onboard::objects(&adapt::Adapter::new(backup, into).newcomers(), fleet);
    objects.extend(spaces::existing(backup, domain, fleet).map(|(_, key)| ObjectKey::Space(key.clone())));
    objects
}

/// How everything of the backup stands to what is there.
pub(super) fn differences(
    backup: &Backup,
    into: &RestoreInto,
    fleet: &Fleet,
    documents: &Documents,
) -> Vec<Difference> {
    let restoring = Restoring::of(backup, into, fleet, documents, &images(fleet, into.scope()));
    restoring.into_iter().map(|restored| restored.difference).collect()
}

/// Plans to restore a backup.
///
/// # Errors
///
/// Why it cannot be restored there at all, as sentences.
pub(super) fn plan(
    backup: &Backup,
    into: &RestoreInto,
    fleet: &Fleet,
    documents: &Documents,
    policy: &Policy,
    now: Timestamp,
) -> Result<Plan, String> {
    if let RestoreInto::New { scope, name, .. } = into {
        refuse_name(fleet, scope, name)?;
    }
    let images = images(fleet, into.scope());
    let restored = Restoring::of(backup, into, fleet, documents, &images);
    if let Some(blocked) = restored
        .iter()
        .find(|it| matches!(it.change, Some(Change::CreateDomain(..))) && it.difference.exclusion().is_some())
    {
        return Err(format!(
            "The domain cannot be created: {}.",
            blocked.difference.exclusion().unwrap_or_default()
        ));
    }
    let (steps, excluded) = ordered(restored);
    let place = match into {
        RestoreInto::Existing(key) => fleet.domain_label(key).to_owned(),
        RestoreInto::New { name, .. } => format!("the new domain {name}"),
    };
    let title = format!("Restore {} into {place}", backup.name());
    Ok(Plan {
        excluded,
        keeps: vec![words::keeps(&steps).to_owned()],
        warnings: words::warnings(backup, into, &images, &steps),
        pool: pool::of(fleet, policy, &steps),
        ..Plan::new(title, "restore", now, steps)
    })
}

fn refuse_name(fleet: &Fleet, scope: &Scope, name: &str) -> Result<(), String> {
    crate::fleet::rules::Rule::DomainName.check(name).map_err(|flaw| format!("{flaw}."))?;
    let same = fleet.domains.iter().find(|domain| {
        domain.key.scope == *scope && domain.name.as_ref().is_some_and(|known| known.as_str() == name)
    });
    match same {
        Some(same) => Err(format!("There is a domain called {name} in {scope} already: {}.", same.key.id)),
        None => Ok(()),
    }
}

/// The custom images of a scope, or why they are not known, as a clause: "could not be read: ...".
fn images(fleet: &Fleet, scope: &Scope) -> Result<Value, String> {
    match (fleet.library.images.get(scope), fleet.failure(&Query::Images(scope.clone()))) {
        (_, Some(problem)) => Err(format!("could not be read: {problem}")),
        (None, None) => Err("were not read".to_owned()),
        (Some(text), None) => {
            serde_json::from_str(text).map_err(|error| format!("cannot be understood: {error}"))
        }
    }
}

/// One thing of the backup: how it stands, and what creates it.
struct Restored {
    difference: Difference,
    change: Option<Change>,
    /// The assignment that lets a person in, besides.
    assignment: Option<Change>,
    /// The step that sets its tags, where it is there without them.
    retag: Option<Step>,
}

/// The steps in their order: configurations, domain, users, spaces; each waits for what it is in.
fn ordered(restored: Vec<Restored>) -> (Vec<Step>, Vec<Excluded>) {
    let mut steps: Vec<Step> = Vec::new();
    let mut excluded = Vec::new();
    let mut configs = Vec::new();
    let mut domain = None;
    let mut users: BTreeMap<UserKey, usize> = BTreeMap::new();
    let mut refused: BTreeSet<UserKey> = BTreeSet::new();
    for Restored { difference, change, assignment, retag } in restored {
        if let Some(reason) = difference.exclusion() {
            if let (Standing::Invalid(_), Target::Object(ObjectKey::User(key))) =
                (&difference.standing, &difference.target)
            {
                refused.insert(key.clone());
            }
            excluded.push(Excluded {
                is_so: difference.standing == Standing::Equal,
                target: difference.target,
                reason: reason.into(),
            });
            continue;
        }
        let mut after: Vec<usize> = Vec::new();
        let at = steps.len();
        match &change {
            Some(Change::CreateLifecycleConfig(..)) => configs.push(at),
            Some(Change::CreateDomain(..)) => {
                after.clone_from(&configs);
                domain = Some(at);
            }
            Some(Change::CreateUser(key, _)) => {
                after.extend(domain.map_or_else(|| configs.clone(), |domain| vec![domain]));
                users.insert(key.clone(), at);
            }
            Some(Change::CreateSpace(key, document)) => {
                after.extend(domain.map_or_else(|| configs.clone(), |domain| vec![domain]));
                if let Some(owner) = spaces::owner(key, document) {
                    if refused.contains(&owner) {
                        let reason =
                            format!("its owner, the user profile {}, cannot be restored", owner.name);
                        excluded.push(Excluded::new(difference.target, reason));
                        continue;
                    }
                    after.extend(users.get(&owner));
                }
            }
            _ => {}
        }
        let mut assigns_after = Vec::new();
        if let Some(change) = change {
            assigns_after.push(at);
            let notes = difference.notes.join("; ");
            steps.push(Step {
                after,
                warning: (!notes.is_empty()).then(|| notes.into()),
                ..Step::new(change, Bound::Absent)
            });
        }
        if let Some(assignment) = assignment {
            // The application is made with the domain.
            assigns_after.extend(domain);
            steps.push(Step { after: assigns_after, ..Step::new(assignment, Bound::Unbound) });
        }
        steps.extend(retag);
    }
    (steps, excluded)
}

/// Compares everything of a backup with what is there.
struct Restoring<'a> {
    backup: &'a Backup,
    into: &'a RestoreInto,
    fleet: &'a Fleet,
    adapter: adapt::Adapter<'a>,
}

impl<'a> Restoring<'a> {
    fn of(
        backup: &'a Backup,
        into: &'a RestoreInto,
        fleet: &'a Fleet,
        documents: &Documents,
        images: &Result<Value, String>,
    ) -> Vec<Restored> {
        let this = Self { backup, into, fleet, adapter: adapt::Adapter::new(backup, into) };
        let mut restored = configs::compared(backup, into.scope(), fleet);
        let arns: Vec<String> = restored
            .iter()
            .filter_map(|it| match (&it.change, &it.difference.standing) {
                (Some(Change::CreateLifecycleConfig(key, _)), Standing::Missing) => Some(key.arn()),
                _ => None,
            })
            .collect();
        let mut references = References::new(fleet);
        references.expect(arns.iter().cloned());
        match into {
            RestoreInto::Existing(_) => restored.extend(this.known_users(documents, &arns)),
            RestoreInto::New { changes, .. } => {
                restored.push(this.domain(changes, &mut references));
                restored.extend(this.users(&mut references));
            }
        }
        restored.extend(spaces::compared(backup, into, fleet, documents, &this.adapter, &mut references));
        if let Ok(known) = images {
            let images = Images::of(known);
            for one in &mut restored {
                let Some(document) = one.change.as_ref().and_then(Change::document) else { continue };
                let lacking = images.lacking(document, into.scope());
                if !lacking.is_empty() {
                    let note = format!("refers to images that are not there: {}", lacking.join(", "));
                    one.difference.notes.push(note);
                }
            }
        }
        restored
    }

    /// The user profiles against those of a domain that is there. Lifecycle configurations with the ARNs `expected`
    /// count as there.
    fn known_users(&self, documents: &Documents, expected: &[String]) -> Vec<Restored> {
        let newcomers = self.adapter.newcomers();
        let judged = onboard::judge(&newcomers, self.fleet, documents, expected).into_iter();
        judged
            .zip(&newcomers)
            .map(|(mut judged, newcomer)| {
                // Only who could sign in when the backup was taken is let in again.
                judged.assignment =
                    judged.assignment.filter(|made| self.backup.assigned.contains(&made.principal));
                if judged.assignment.is_none() && judged.difference.standing == Standing::Unassigned {
                    let is_equal = judged.difference.deltas.is_empty();
                    judged.difference.standing = if is_equal { Standing::Equal } else { Standing::Differs };
                }
                let is_missing = judged.difference.standing == Standing::Missing;
                let object = ObjectKey::User(judged.user.clone());
                let mut restored = Restored {
                    change: is_missing.then(|| Change::CreateUser(judged.user, judged.document)),
                    assignment: judged.assignment.map(Change::AssignApplication),
                    difference: judged.difference,
                    retag: None,
                };
                let created = || tags::present(self.fleet, &object);
                retag::retag(&mut restored, &newcomer.tags, self.fleet, created);
                restored
            })
            .collect()
    }

    fn domain(&self, changes: &RestoreChanges, references: &mut References<'_>) -> Restored {
        let key = self.into.domain();
        let document = self.adapter.domain(changes);
        let mut findings = Findings::default();
        let vpc = document.get("VpcId").and_then(Value::as_str).map(str::to_owned);
        for member in ["DefaultUserSettings", "DefaultSpaceSettings"] {
            references.check(&structure(&document, member), &key.scope, vpc.as_deref(), &mut findings);
        }
        if let Some(network) = self.fleet.library.networks.get(&key.scope) {
            let subnets = document.get("SubnetIds").and_then(Value::as_array);
            for id in subnets.into_iter().flatten().filter_map(Value::as_str) {
                match network.subnets.iter().find(|subnet| &*subnet.id == id) {
                    None => findings.errors.push(format!("there is no subnet {id} in {}", key.scope)),
                    Some(subnet) if Some(&*subnet.vpc) != vpc.as_deref() => findings.errors.push(format!(
                        "the subnet {id} is in {}, and the domain in {}",
                        subnet.vpc,
                        vpc.as_deref().unwrap_or("no VPC")
                    )),
                    Some(_) => {}
                }
            }
        }
        created(ObjectKey::Domain(key.clone()), Change::CreateDomain(key, document), findings)
    }

    fn users(&self, references: &mut References<'_>) -> Vec<Restored> {
        let domain = self.adapter.new_domain();
        let vpc = domain.get("VpcId").and_then(Value::as_str);
        let is_sso = is_sso(&domain);
        self.adapter
            .newcomers()
            .into_iter()
            .map(|newcomer| {
                let mut findings = Findings::default();
                let settings = newcomer.edit.settings.clone();
                references.check(&settings, &newcomer.user.scope, vpc, &mut findings);
                let principal = match &newcomer.sso_user {
                    Some(name) if is_sso => {
                        onboard::person(name, self.fleet, &newcomer.user.scope, &mut findings)
                    }
                    None if is_sso => {
                        findings.errors.push("has no name at Identity Center in the backup".to_owned());
                        None
                    }
                    _ => None,
                };
                let document = onboard::document(&newcomer, &settings, is_sso);
                let user = newcomer.user;
                // Only who could sign in when the backup was taken is let in again.
                let principal = principal.filter(|principal| self.backup.assigned.contains(principal));
                let assign = |principal| Assignment { user: user.clone(), application: None, principal };
                Restored {
                    assignment: principal.map(assign).map(Change::AssignApplication),
                    ..created(
                        ObjectKey::User(user.clone()),
                        Change::CreateUser(user.clone(), document),
                        findings,
                    )
                }
            })
            .collect()
    }
}

/// Whether people sign in to a domain with Identity Center.
fn is_sso(domain: &Document) -> bool {
    domain.get("AuthMode").and_then(Value::as_str) == Some("SSO")
}

/// Something that is not there yet.
fn created(object: ObjectKey, change: Change, findings: Findings) -> Restored {
    let standing =
        if findings.errors.is_empty() { Standing::Missing } else { Standing::Invalid(findings.errors) };
    let deltas = change.document().map(|document| crate::fleet::deltas(&Document::new(), document));
    Restored {
        difference: Difference {
            target: Target::Object(object),
            line: None,
            standing,
            deltas: deltas.unwrap_or_default(),
            notes: findings.warnings,
        },
        change: Some(change),
        assignment: None,
        retag: None,
    }
}

/// The tags that can be set again: those of AWS itself cannot.
fn ours(tags: &[Tag]) -> Vec<Tag> {
    tags.iter().filter(|tag| !tag.is_of_aws()).cloned().collect()
}

/// A newcomer for a user profile of the backup, with these settings.
fn newcomer(domain: &DomainKey, user: &BackupObject, settings: Document) -> Newcomer {
    let text = |name: &str| user.document.get(name).and_then(Value::as_str).map(Arc::from);
    let key = UserKey { scope: domain.scope.clone(), domain: domain.id.clone(), name: user.name.clone() };
    Newcomer {
        sso_user: text("SingleSignOnUserValue"),
        edit: UserEdit { settings, ..UserEdit::default() },
        tags: ours(&user.tags),
        ..Newcomer::new(key)
    }
}

/// Adds tags to a request, where there are any.
fn put_tags(document: &mut Document, tags: &[Tag]) {
    if !tags.is_empty() {
        document.insert("Tags".to_owned(), Tag::list(tags));
    }
}
