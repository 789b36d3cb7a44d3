//! Plans a restore: what a backup has and a domain has not is created; what is there and differs is named and left.

mod adapt;
mod spaces;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::NewLifecycleConfig;
use super::onboard::{self, tag_list};
use super::references::{Findings, References};
use crate::fleet::edit::structure;
use crate::fleet::wording::Counted;
use crate::fleet::{
    AppType, AuthMode, Backup, BackupObject, Bound, Change, Difference, Document, Documents, DomainId,
    DomainKey, Excluded, Fleet, LifecycleConfigKey, Newcomer, ObjectKey, Plan, Query, Scope, SpaceKey,
    Standing, Step, Tag, Target, Timestamp, UserEdit, UserKey,
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
    if let RestoreInto::Existing(domain) = into {
        needs.insert(Query::Domain(domain.clone()));
        needs.insert(Query::Users(domain.clone()));
        needs.insert(Query::Spaces(domain.clone()));
        let newcomers = adapt::Adapter::new(backup, into).newcomers();
        needs.extend(onboard::needs(&newcomers, fleet));
        needs.extend(spaces::existing(backup, domain, fleet).map(|key| Query::Space(key.clone())));
    }
    needs.into_iter().collect()
}

/// The user profiles and spaces that are there already and may be let in: their tags decide whether that may be.
pub(super) fn objects(backup: &Backup, into: &RestoreInto, fleet: &Fleet) -> Vec<ObjectKey> {
    match into {
        RestoreInto::Existing(_) => onboard::objects(&adapt::Adapter::new(backup, into).newcomers(), fleet),
        RestoreInto::New { .. } => Vec::new(),
    }
}

/// How everything of the backup stands to what is there.
pub(super) fn differences(
    backup: &Backup,
    into: &RestoreInto,
    fleet: &Fleet,
    documents: &Documents,
) -> Vec<Difference> {
    let restoring = Restoring::of(backup, into, fleet, documents);
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
    now: Timestamp,
) -> Result<Plan, String> {
    if let RestoreInto::New { scope, name, .. } = into {
        refuse_name(fleet, scope, name)?;
    }
    let restored = Restoring::of(backup, into, fleet, documents);
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
        keeps: vec![
            "Everything that is there already, as it is: a restore changes and deletes nothing.".to_owned(),
        ],
        warnings: warnings(backup, into, fleet, &steps),
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

/// One thing of the backup: how it stands, and what creates it.
struct Restored {
    difference: Difference,
    change: Option<Change>,
    /// The assignment that lets a person in, besides.
    assignment: Option<Change>,
}

/// The steps in their order: configurations, domain, users, spaces; each waits for what it is in.
fn ordered(restored: Vec<Restored>) -> (Vec<Step>, Vec<Excluded>) {
    let mut steps: Vec<Step> = Vec::new();
    let mut excluded = Vec::new();
    let mut configs = Vec::new();
    let mut domain = None;
    let mut users: BTreeMap<UserKey, usize> = BTreeMap::new();
    let mut refused: BTreeSet<UserKey> = BTreeSet::new();
    for Restored { difference, change, assignment } in restored {
        if let Some(reason) = difference.exclusion() {
            if let (Standing::Invalid(_), Target::Object(ObjectKey::User(key))) =
                (&difference.standing, &difference.target)
            {
                refused.insert(key.clone());
            }
            excluded.push(Excluded { target: difference.target, reason: reason.into() });
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
                if let Some(owner) = owner(key, document) {
                    if refused.contains(&owner) {
                        let reason =
                            format!("its owner, the user profile {}, cannot be restored", owner.name);
                        excluded.push(Excluded { target: difference.target, reason: reason.into() });
                        continue;
                    }
                    after.extend(users.get(&owner));
                }
            }
            _ => {}
        }
        let notes = difference.notes.join("; ");
        let mut assigns_after = Vec::new();
        if let Some(change) = change {
            assigns_after.push(at);
            steps.push(Step {
                after,
                warning: (!notes.is_empty()).then(|| notes.into()),
                ..Step::new(change, Bound::Absent)
            });
        }
        if let Some(assignment) = assignment {
            steps.push(Step { after: assigns_after, ..Step::new(assignment, Bound::Unbound) });
        }
    }
    (steps, excluded)
}

/// The user profile that is to own a space.
fn owner(space: &SpaceKey, document: &Document) -> Option<UserKey> {
    let name = document.get("OwnershipSettings")?.get("OwnerUserProfileName")?.as_str()?;
    Some(UserKey {
        scope: space.scope.clone(),
        domain: space.domain.clone(),
        name: crate::fleet::Name::new(name),
    })
}

fn warnings(backup: &Backup, into: &RestoreInto, fleet: &Fleet, steps: &[Step]) -> Vec<String> {
    if steps.is_empty() {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    let creates = |wanted: fn(&Change) -> bool| steps.iter().filter(|step| wanted(&step.change)).count();
    if creates(|change| matches!(change, Change::CreateDomain(..))) > 0 {
        warnings.push(
            "The new domain has a new and empty home file system: files are copied from the old one, by the table of \
             old and new ids."
                .to_owned(),
        );
    }
    let users = creates(|change| matches!(change, Change::CreateUser(..)));
    if users > 0 {
        warnings.push(format!(
            "{} get new ids on the home file system, and find their old files only once those are copied and given \
             to the new ids.",
            Counted(users, "user profile")
        ));
    }
    let spaces = creates(|change| matches!(change, Change::CreateSpace(..)));
    if spaces > 0 {
        warnings.push(format!(
            "{} begin empty: the contents of volumes are in no backup.",
            Counted(spaces, "space")
        ));
    }
    let is_sso = backup.document.get("AuthMode").and_then(Value::as_str) == Some("SSO");
    if let RestoreInto::New { changes, .. } = into {
        let mode = changes.auth_mode.clone();
        if mode.unwrap_or(if is_sso { AuthMode::Sso } else { AuthMode::Iam }) == AuthMode::Sso {
            warnings.push(
                "Who may sign in is assigned to the new domain's application once it is there: restore into the new \
                 domain again afterwards, which assigns those who were and creates nothing twice."
                    .to_owned(),
            );
        }
    }
    let missing = missing_images(backup, into, fleet);
    if !missing.is_empty() {
        let names = missing.into_iter().collect::<Vec<_>>().join(", ");
        warnings.push(format!(
            "Images that are not there: {names}. AWS refuses what refers to them until they are made."
        ));
    }
    warnings.extend(adapt::Adapter::new(backup, into).warnings());
    warnings
}

/// Custom images that the backup refers to and that are not in the scope, as far as that is known.
fn missing_images(backup: &Backup, into: &RestoreInto, fleet: &Fleet) -> BTreeSet<String> {
    fn named(value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let (Some(Value::String(name)), true) =
                    (members.get("ImageName"), members.contains_key("AppImageConfigName"))
                {
                    names.insert(name.clone());
                }
                members.values().for_each(|value| named(value, names));
            }
            Value::Array(items) => items.iter().for_each(|value| named(value, names)),
            _ => {}
        }
    }
    let Some(Ok(known)) =
        fleet.library.images.get(into.scope()).map(|text| serde_json::from_str::<Value>(text))
    else {
        return BTreeSet::new();
    };
    let mut names = BTreeSet::new();
    let documents = backup.users.iter().chain(&backup.spaces).map(|object| &object.document);
    for document in documents.chain([&backup.document]) {
        document.values().for_each(|value| named(value, &mut names));
    }
    let there = known.get("Images").and_then(Value::as_array);
    for image in there.into_iter().flatten().filter_map(|image| image.get("ImageName")?.as_str()) {
        names.remove(image);
    }
    names
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
    ) -> Vec<Restored> {
        let this = Self { backup, into, fleet, adapter: adapt::Adapter::new(backup, into) };
        let mut restored = this.configs();
        let arns: Vec<String> = restored
            .iter()
            .filter_map(|it| match (&it.change, &it.difference.standing) {
                (Some(Change::CreateLifecycleConfig(key, _)), Standing::Missing) => Some(key.arn()),
                _ => None,
            })
            .collect();
        match into {
            RestoreInto::Existing(domain) => {
                let newcomers = this.adapter.newcomers();
                for mut judged in onboard::judge(&newcomers, fleet, documents, &arns) {
                    // Only who could sign in when the backup was taken is let in again.
                    judged.assignment =
                        judged.assignment.filter(|made| backup.assigned.contains(&made.principal));
                    if judged.assignment.is_none() && judged.difference.standing == Standing::Unassigned {
                        let is_equal = judged.difference.deltas.is_empty();
                        judged.difference.standing =
                            if is_equal { Standing::Equal } else { Standing::Differs };
                    }
                    let is_missing = judged.difference.standing == Standing::Missing;
                    restored.push(Restored {
                        change: is_missing.then(|| Change::CreateUser(judged.user, judged.document)),
                        assignment: judged.assignment.map(Change::AssignApplication),
                        difference: judged.difference,
                    });
                }
                restored.extend(spaces::compared(backup, domain, fleet, documents, &this.adapter));
            }
            RestoreInto::New { changes, .. } => {
                let mut references = References::new(fleet);
                references.expect(arns);
                restored.push(this.domain(changes, &mut references));
                restored.extend(this.users(&mut references));
                let domain = into.domain();
                restored.extend(backup.spaces.iter().map(|space| {
                    let key = SpaceKey {
                        scope: domain.scope.clone(),
                        domain: domain.id.clone(),
                        name: space.name.clone(),
                    };
                    let document = this.adapter.space(space);
                    created(
                        ObjectKey::Space(key.clone()),
                        Change::CreateSpace(key, document),
                        Findings::default(),
                    )
                }));
            }
        }
        restored
    }

    /// The lifecycle configurations that the backup refers to, as the others of its scope do not matter.
    fn configs(&self) -> Vec<Restored> {
        let scope = self.into.scope();
        let known = self.fleet.library.lifecycle_configs.get(scope);
        let text = [Value::Object(self.backup.document.clone())]
            .into_iter()
            .chain(self.backup.users.iter().map(|user| Value::Object(user.document.clone())))
            .chain(self.backup.spaces.iter().map(|space| Value::Object(space.document.clone())));
        let mut used = BTreeSet::new();
        text.for_each(|value| adapt::config_arns(&value, &mut used));
        self.backup
            .lifecycle_configs
            .iter()
            .filter(|config| used.contains(&config.arn))
            .map(|config| {
                let key = LifecycleConfigKey { scope: scope.clone(), name: config.name.clone() };
                let new = NewLifecycleConfig {
                    key: key.clone(),
                    app_type: AppType::from(config.app_type.as_deref().unwrap_or("JupyterLab")),
                    script: config.script.as_str().into(),
                    tags: Vec::new(),
                };
                let is_there =
                    known.is_some_and(|known| known.iter().any(|known| known.key.name == config.name));
                let script = self.fleet.library.scripts.get(&key);
                let standing = match (known, is_there, script) {
                    (None, ..) => Standing::Invalid(vec!["whether it is there is not known".to_owned()]),
                    (_, false, _) => Standing::Missing,
                    (_, true, Some(script)) if **script != *config.script => Standing::Differs,
                    _ => Standing::Equal,
                };
                let deltas = if standing == Standing::Differs {
                    vec![crate::fleet::Delta {
                        member: "script".to_owned(),
                        before: script.map(|script| json!(&**script)),
                        after: Some(json!(config.script)),
                    }]
                } else {
                    Vec::new()
                };
                Restored {
                    difference: Difference {
                        target: Target::LifecycleConfig(key.clone()),
                        line: None,
                        standing,
                        deltas,
                        notes: Vec::new(),
                    },
                    change: Some(Change::CreateLifecycleConfig(key, new.document())),
                    assignment: None,
                }
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
        let is_sso = domain.get("AuthMode").and_then(Value::as_str) == Some("SSO");
        self.adapter
            .newcomers()
            .into_iter()
            .map(|newcomer| {
                let mut findings = Findings::default();
                let settings = newcomer.edit.settings.clone();
                references.check(&settings, &newcomer.user.scope, vpc, &mut findings);
                if is_sso && newcomer.sso_user.is_none() {
                    findings.errors.push("has no name at Identity Center in the backup".to_owned());
                }
                let document = onboard::document(&newcomer, &settings, is_sso);
                let user = newcomer.user;
                created(ObjectKey::User(user.clone()), Change::CreateUser(user, document), findings)
            })
            .collect()
    }
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
    }
}

/// The tags that can be set again: those of AWS itself cannot.
fn own_tags(object: &BackupObject) -> Vec<Tag> {
    ours(&object.tags)
}

fn ours(tags: &[Tag]) -> Vec<Tag> {
    tags.iter().filter(|tag| !tag.key.starts_with("aws:")).cloned().collect()
}

/// A newcomer for a user profile of the backup, with these settings.
fn newcomer(domain: &DomainKey, user: &BackupObject, settings: Document) -> Newcomer {
    let text = |name: &str| user.document.get(name).and_then(Value::as_str).map(Arc::from);
    let key = UserKey { scope: domain.scope.clone(), domain: domain.id.clone(), name: user.name.clone() };
    Newcomer {
        sso_user: text("SingleSignOnUserValue"),
        edit: UserEdit { settings, ..UserEdit::default() },
        tags: own_tags(user),
        ..Newcomer::new(key)
    }
}

/// Adds tags to a request, where there are any.
fn put_tags(document: &mut Document, tags: &[Tag]) {
    if !tags.is_empty() {
        document.insert("Tags".to_owned(), tag_list(tags));
    }
}
