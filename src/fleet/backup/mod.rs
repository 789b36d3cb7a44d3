//! The configuration of a domain as one value: everything that is needed to make the domain again, except the files.
//! Objects are kept as AWS describes them, so that nothing is lost that this version does not know.

mod homes;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use homes::{Home, Homes};

use super::images::Images;
use super::{
    Document, Documents, DomainKey, Fleet, LifecycleConfigKey, Listing, Name, ObjectKey, Query, SpaceKey,
    Status, Tag, Target, Timestamp, UserKey,
};

/// The format that this version writes, and the greatest that it reads.
///
/// Format 2 has the tags of lifecycle configurations; those of format 1 are not known.
pub const BACKUP_FORMAT: u32 = 2;

/// The configuration of a domain. Not in it: the files of home directories (EFS) and of spaces (EBS).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// The format, [`BACKUP_FORMAT`] at most.
    pub format: u32,
    /// Which program and version wrote it.
    pub made_by: String,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// The domain.
    pub domain: DomainKey,
    /// The domain as AWS describes it.
    pub document: Document,
    /// The domain's tags.
    pub tags: Vec<Tag>,
    /// Ids in the identity store of the people who may sign in to it, where that is with Identity Center.
    pub assigned: Vec<Arc<str>>,
    /// The user profiles.
    pub users: Vec<BackupObject>,
    /// The spaces.
    pub spaces: Vec<BackupObject>,
    /// The lifecycle configurations of the scope.
    pub lifecycle_configs: Vec<BackupConfig>,
    /// Custom images, their versions and app image configurations of the scope; for reading, not for restoring.
    pub images: Value,
    /// What is not in it on purpose, as sentences: what was being deleted when it was taken, and what was referred to
    /// and not there.
    pub left_out: Vec<String>,
}

/// A user profile or space of a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupObject {
    /// Its name.
    pub name: Name,
    /// It, as AWS describes it.
    pub document: Document,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A lifecycle configuration of a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupConfig {
    /// Its name.
    pub name: Name,
    /// Its ARN.
    pub arn: String,
    /// The app type it is for.
    pub app_type: Option<String>,
    /// The script, as text.
    pub script: String,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl BackupObject {
    /// Its id on the home file system, under which its files are.
    pub fn efs_uid(&self) -> Option<&str> {
        self.document.get("HomeEfsFileSystemUid").and_then(Value::as_str)
    }
}

/// What has to be read to back a domain up, as far as that is known now; asked again until nothing new comes.
pub fn backup_needs(fleet: &Fleet, domain: &DomainKey) -> Vec<Query> {
    let scope = &domain.scope;
    let mut needs: BTreeSet<Query> = [
        Query::Domain(domain.clone()),
        Query::Users(domain.clone()),
        Query::Spaces(domain.clone()),
        Query::LifecycleConfigs(scope.clone()),
        Query::Images(scope.clone()),
    ]
    .into();
    for object in objects(fleet, domain) {
        needs.insert(object.describe());
        needs.insert(Query::Tags(object));
    }
    needs.extend(assigned_query(fleet, domain));
    let configs = fleet.library.lifecycle_configs.get(scope);
    for config in configs.into_iter().flatten() {
        needs.insert(Query::LifecycleConfig(config.key.clone()));
        needs.insert(Query::ConfigTags(config.key.clone()));
    }
    needs.into_iter().collect()
}

/// The query that tells who may sign in, where that is with Identity Center.
fn assigned_query(fleet: &Fleet, domain: &DomainKey) -> Option<Query> {
    let application = fleet.domains.get(domain)?.detail.as_ref()?.sso_application.clone()?;
    Some(Query::Assigned(domain.clone(), application))
}

/// The domain and what of it can be backed up: what is being deleted cannot.
fn objects(fleet: &Fleet, domain: &DomainKey) -> Vec<ObjectKey> {
    let mut objects = vec![ObjectKey::Domain(domain.clone())];
    objects.extend(
        users(fleet, domain)
            .filter(|(_, status)| **status != Status::Deleting)
            .map(|(key, _)| ObjectKey::User(key.clone())),
    );
    objects.extend(
        spaces(fleet, domain)
            .filter(|(_, status)| **status != Status::Deleting)
            .map(|(key, _)| ObjectKey::Space(key.clone())),
    );
    objects
}

fn users<'a>(fleet: &'a Fleet, domain: &'a DomainKey) -> impl Iterator<Item = (&'a UserKey, &'a Status)> {
    fleet
        .users
        .iter()
        .filter(move |user| user.key.domain_key() == *domain)
        .map(|user| (&user.key, &user.status))
}

fn spaces<'a>(fleet: &'a Fleet, domain: &'a DomainKey) -> impl Iterator<Item = (&'a SpaceKey, &'a Status)> {
    fleet
        .spaces
        .iter()
        .filter(move |space| space.key.domain_key() == *domain)
        .map(|space| (&space.key, &space.status))
}

impl Backup {
    /// Takes a backup from what was read. `made_by` is the program and its version.
    ///
    /// # Errors
    ///
    /// Everything that is missing, as sentences: there are no partial backups.
    pub fn take(
        fleet: &Fleet,
        documents: &Documents,
        domain: &DomainKey,
        made_by: &str,
        now: Timestamp,
    ) -> Result<Self, Vec<String>> {
        let mut taking = Taking { fleet, documents, missing: Vec::new() };
        taking.lists(domain);
        let document = taking.document(&ObjectKey::Domain(domain.clone()));
        let tags = taking.tags(&ObjectKey::Domain(domain.clone()).into());
        let assigned = taking.assigned(domain);
        let mut left_out = Vec::new();
        let (mut backed_users, mut backed_spaces) = (Vec::new(), Vec::new());
        for (key, status) in users(fleet, domain) {
            if *status == Status::Deleting {
                left_out.push(format!("The user profile {} was being deleted.", key.name));
            } else {
                backed_users.push(taking.object(&key.name, &ObjectKey::User(key.clone())));
            }
        }
        for (key, status) in spaces(fleet, domain) {
            if *status == Status::Deleting {
                left_out.push(format!("The space {} was being deleted.", key.name));
            } else {
                backed_spaces.push(taking.object(&key.name, &ObjectKey::Space(key.clone())));
            }
        }
        let lifecycle_configs = taking.configs(domain);
        let images = taking.images(domain);
        if !taking.missing.is_empty() {
            return Err(taking.missing);
        }
        backed_users.sort_by(|a, b| a.name.cmp(&b.name));
        backed_spaces.sort_by(|a, b| a.name.cmp(&b.name));
        let mut backup = Self {
            format: BACKUP_FORMAT,
            made_by: made_by.to_owned(),
            taken_at: now,
            domain: domain.clone(),
            document,
            tags,
            assigned,
            users: backed_users,
            spaces: backed_spaces,
            lifecycle_configs,
            images,
            left_out,
        };
        let missing = backup.missing_images();
        backup.left_out.extend(missing);
        Ok(backup)
    }

    /// The domain and everything in it, each with its kind and name and as AWS describes it.
    pub(super) fn objects(&self) -> impl Iterator<Item = (&'static str, &str, &Document)> {
        let users = self.users.iter().map(|user| ("user profile", user.name.as_str(), &user.document));
        let spaces = self.spaces.iter().map(|space| ("space", space.name.as_str(), &space.document));
        std::iter::once(("domain", self.name(), &self.document)).chain(users).chain(spaces)
    }

    /// What was referred to among custom images and was not there when the backup was taken, as sentences.
    fn missing_images(&self) -> Vec<String> {
        let images = Images::of(&self.images);
        let missing = self.objects().filter_map(|(kind, name, document)| {
            let lacking = images.lacking(document, &self.domain.scope);
            (!lacking.is_empty()).then(|| {
                format!("The {kind} {name} referred to images that were not there: {}.", lacking.join(", "))
            })
        });
        missing.collect()
    }

    /// Reads the text of a backup.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with line and column; or that a newer version wrote it.
    pub fn parse(text: &str) -> Result<Self, String> {
        /// Only what every format has.
        #[derive(Deserialize)]
        struct Any {
            format: u32,
        }
        let any: Any = serde_json::from_str(text).map_err(|error| format!("this is no backup: {error}"))?;
        if any.format > BACKUP_FORMAT {
            return Err(format!(
                "this backup has format {}, and this version reads up to {BACKUP_FORMAT}: a newer version wrote it",
                any.format
            ));
        }
        serde_json::from_str(text).map_err(|error| format!("this backup cannot be read: {error}"))
    }

    /// The text of the backup, to be written to a file.
    pub fn to_text(&self) -> String {
        // Plain values to memory: this cannot fail, and an empty text is no backup that could be mistaken for one.
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// The name of the domain.
    pub fn name(&self) -> &str {
        self.document.get("DomainName").and_then(Value::as_str).unwrap_or(self.domain.id.as_str())
    }
}

/// A backup being taken, with what is missing so far.
struct Taking<'a> {
    fleet: &'a Fleet,
    documents: &'a Documents,
    missing: Vec<String>,
}

impl Taking<'_> {
    fn lists(&mut self, domain: &DomainKey) {
        for query in [Query::Users(domain.clone()), Query::Spaces(domain.clone())] {
            if !self.fleet.listing(&query).is_some_and(Listing::is_complete) {
                self.miss(&query);
            }
        }
    }

    /// Notes that the answer to a query is missing, and why.
    fn miss(&mut self, query: &Query) {
        let problem = self
            .fleet
            .failure(query)
            .or_else(|| self.fleet.listing(query).and_then(|listing| listing.problem.as_ref()));
        let why = match problem {
            Some(problem) => format!("could not be read: {problem}"),
            None => "not read in full".to_owned(),
        };
        self.missing.push(format!("Of {}: {why}.", query.what()));
    }

    fn object(&mut self, name: &Name, key: &ObjectKey) -> BackupObject {
        BackupObject {
            name: name.clone(),
            document: self.document(key),
            tags: self.tags(&key.clone().into()),
        }
    }

    fn document(&mut self, key: &ObjectKey) -> Document {
        match self.documents.get(key) {
            Ok(document) => document.clone(),
            Err(why) => {
                self.missing.push(format!("Of {}: {why}.", key.describe().what()));
                Document::new()
            }
        }
    }

    fn tags(&mut self, of: &Target) -> Vec<Tag> {
        if let Ok(tags) = self.fleet.tags_of(of) {
            return tags.to_vec();
        }
        if let Some(query) = of.tags() {
            self.miss(&query);
        }
        Vec::new()
    }

    fn assigned(&mut self, domain: &DomainKey) -> Vec<Arc<str>> {
        let Some(query) = assigned_query(self.fleet, domain) else { return Vec::new() };
        let known = self.fleet.library.assigned.get(domain);
        if let Some(assigned) = known.filter(|_| self.fleet.failure(&query).is_none()) {
            return assigned.clone();
        }
        self.miss(&query);
        Vec::new()
    }

    fn configs(&mut self, domain: &DomainKey) -> Vec<BackupConfig> {
        let list = Query::LifecycleConfigs(domain.scope.clone());
        let Some(known) = self.fleet.library.lifecycle_configs.get(&domain.scope) else {
            self.miss(&list);
            return Vec::new();
        };
        if self.fleet.failure(&list).is_some() {
            self.miss(&list);
        }
        let mut configs = Vec::new();
        for config in known {
            let key: &LifecycleConfigKey = &config.key;
            let tags = self.tags(&key.clone().into());
            match self.fleet.library.scripts.get(key) {
                Some(script) => configs.push(BackupConfig {
                    name: key.name.clone(),
                    arn: config.arn.to_string(),
                    app_type: config.app_type.as_deref().map(str::to_owned),
                    script: script.to_string(),
                    tags,
                }),
                None => self.miss(&Query::LifecycleConfig(key.clone())),
            }
        }
        configs
    }

    fn images(&mut self, domain: &DomainKey) -> Value {
        let query = Query::Images(domain.scope.clone());
        let images =
            self.fleet.library.images.get(&domain.scope).filter(|_| self.fleet.failure(&query).is_none());
        match images.map(|text| serde_json::from_str(text)) {
            Some(Ok(images)) => images,
            Some(Err(error)) => {
                self.missing.push(format!("Of {}: {error}.", query.what()));
                Value::Null
            }
            None => {
                self.miss(&query);
                Value::Null
            }
        }
    }
}

#[cfg(test)]
mod tests;
