//! Documents of a backup as requests for where it is restored: without what AWS gives itself, and with references
//! that would point into the old place turned or left out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{RestoreChanges, RestoreInto, newcomer, ours, put_tags};
use crate::fleet::edit::structure;
use crate::fleet::{Backup, BackupObject, Document, DomainKey, Newcomer};

/// The members of `DescribeDomain` that `CreateDomain` takes under the same names.
const DOMAIN_MEMBERS: [&str; 11] = [
    "AuthMode",
    "DefaultUserSettings",
    "DomainSettings",
    "SubnetIds",
    "VpcId",
    "AppNetworkAccessType",
    "KmsKeyId",
    "AppSecurityGroupManagement",
    "TagPropagation",
    "DefaultSpaceSettings",
    "HomeEfsFileSystemCreation",
];

/// The members of `DescribeSpace` that `CreateSpace` takes.
const SPACE_MEMBERS: [&str; 4] =
    ["OwnershipSettings", "SpaceSharingSettings", "SpaceSettings", "SpaceDisplayName"];

/// Turns documents of one backup for one place.
pub(super) struct Adapter<'a> {
    backup: &'a Backup,
    into: &'a RestoreInto,
    domain: DomainKey,
}

impl<'a> Adapter<'a> {
    pub(super) fn new(backup: &'a Backup, into: &'a RestoreInto) -> Self {
        Self { backup, into, domain: into.domain() }
    }

    fn changes(&self) -> Option<&'a RestoreChanges> {
        match self.into {
            RestoreInto::New { changes, .. } => Some(changes),
            RestoreInto::Existing(_) => None,
        }
    }

    fn is_other_account(&self) -> bool {
        self.backup.domain.scope.account() != self.domain.scope.account()
    }

    fn is_other_scope(&self) -> bool {
        self.backup.domain.scope != self.domain.scope
    }

    /// Whether the security groups of the backup are of no use: they belong to another VPC.
    fn is_other_vpc(&self) -> bool {
        let old = self.backup.document.get("VpcId").and_then(Value::as_str);
        let new = self.changes().and_then(|changes| changes.vpc.as_deref());
        self.is_other_scope() || new.is_some_and(|new| Some(new) != old)
    }

    /// The user profiles as newcomers.
    pub(super) fn newcomers(&self) -> Vec<Newcomer> {
        let users = self.backup.users.iter();
        users
            .map(|user| {
                let mut settings = structure(&user.document, "UserSettings");
                if self.is_other_vpc() {
                    settings.shift_remove("SecurityGroups");
                }
                self.turn(&mut settings);
                newcomer(&self.domain, user, settings)
            })
            .collect()
    }

    /// The members `CreateDomain` takes.
    pub(super) fn domain(&self, changes: &RestoreChanges) -> Document {
        let mut document = Document::new();
        if let RestoreInto::New { name, .. } = self.into {
            document.insert("DomainName".to_owned(), json!(&**name));
        }
        for name in DOMAIN_MEMBERS {
            let old_name = if name == "KmsKeyId" { "HomeEfsFileSystemKmsKeyId" } else { name };
            let value = self.backup.document.get(name).or_else(|| self.backup.document.get(old_name));
            if let Some(value) = value.filter(|value| !value.is_null()) {
                document.insert(name.to_owned(), value.clone());
            }
        }
        self.turn(&mut document);
        if let Some(Value::Object(settings)) = document.get_mut("DomainSettings") {
            // Who drives the old domain does not drive the new one.
            settings.shift_remove("UnifiedStudioSettings");
            if self.is_other_vpc() {
                settings.shift_remove("SecurityGroupIds");
            }
        }
        for member in ["DefaultUserSettings", "DefaultSpaceSettings"] {
            let Some(Value::Object(settings)) = document.get_mut(member) else { continue };
            if self.is_other_vpc() {
                settings.shift_remove("SecurityGroups");
            }
            if let Some(groups) = &changes.security_groups {
                let groups = groups.iter().map(|group| json!(&**group)).collect();
                settings.insert("SecurityGroups".to_owned(), groups);
            }
        }
        if let (Some(role), Some(Value::Object(settings))) =
            (&changes.role, document.get_mut("DefaultUserSettings"))
        {
            settings.insert("ExecutionRole".to_owned(), json!(&**role));
        }
        if let Some(vpc) = &changes.vpc {
            document.insert("VpcId".to_owned(), json!(&**vpc));
        }
        if let Some(subnets) = &changes.subnets {
            document.insert("SubnetIds".to_owned(), subnets.iter().map(|subnet| json!(&**subnet)).collect());
        }
        if let Some(mode) = &changes.auth_mode {
            document.insert("AuthMode".to_owned(), json!(mode.as_str()));
        }
        match &changes.kms_key {
            Some(Some(key)) => drop(document.insert("KmsKeyId".to_owned(), json!(&**key))),
            Some(None) => drop(document.shift_remove("KmsKeyId")),
            // A key is of one region and account.
            None if self.is_other_scope() => drop(document.shift_remove("KmsKeyId")),
            None => {}
        }
        put_tags(&mut document, &ours(&self.backup.tags));
        document
    }

    /// The domain as it is to be: where it is new, or else as it was.
    pub(super) fn new_domain(&self) -> Document {
        self.changes().map_or_else(|| self.backup.document.clone(), |changes| self.domain(changes))
    }

    /// The members `CreateSpace` takes besides the names.
    pub(super) fn space(&self, space: &BackupObject) -> Document {
        let mut document = Document::new();
        for name in SPACE_MEMBERS {
            if let Some(value) = space.document.get(name).filter(|value| !value.is_null()) {
                document.insert(name.to_owned(), value.clone());
            }
        }
        self.turn(&mut document);
        put_tags(&mut document, &ours(&space.tags));
        document
    }

    /// What is not as in the backup since it would point into the old place, as sentences.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let has = |member: &str| {
            let mut objects = self.backup.objects();
            objects.any(|(_, _, document)| document.values().any(|value| has_member(value, member)))
        };
        if self.is_other_vpc() && (has("SecurityGroups") || has("SecurityGroupIds")) {
            warnings.push("Security groups of the old VPC are left out.".to_owned());
        }
        if self.is_other_scope() {
            for (member, what) in [
                ("SageMakerImageArn", "Images given by ARN"),
                ("CustomFileSystemConfigs", "Custom file systems"),
                ("CustomFileSystems", "Custom file systems of spaces"),
                ("KmsKeyId", "The key of the storage"),
                ("S3KmsKeyId", "The key of shared notebook output"),
            ] {
                if has(member) || self.backup.document.contains_key(member) {
                    warnings
                        .push(format!("{what}: left out, since they are of {}.", self.backup.domain.scope));
                }
            }
        }
        let unified = self.backup.document.get("DomainSettings");
        if unified.is_some_and(|settings| has_member(settings, "UnifiedStudioSettings")) {
            warnings.push("The old domain is driven by Unified Studio; the new one is not.".to_owned());
        }
        warnings
    }

    /// Turns references into the old place.
    fn turn(&self, document: &mut Document) {
        let old = self.backup.domain.scope.arn("studio-lifecycle-config/");
        let new = self.domain.scope.arn("studio-lifecycle-config/");
        let role =
            self.changes().and_then(|changes| changes.role.as_deref()).filter(|_| self.is_other_account());
        if self.is_other_scope() {
            for value in document.values_mut() {
                leave_out(value);
            }
            for name in LEFT_OUT {
                document.shift_remove(name);
            }
        }
        turn_members(document, &old, &new, role);
    }
}

/// What is of one account and region, and cannot be turned.
const LEFT_OUT: [&str; 6] = [
    "SageMakerImageArn",
    "SageMakerImageVersionArn",
    "SageMakerImageVersionAlias",
    "CustomFileSystemConfigs",
    "CustomFileSystems",
    "S3KmsKeyId",
];

fn leave_out(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in LEFT_OUT {
                members.shift_remove(name);
            }
            members.values_mut().for_each(leave_out);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out),
        _ => {}
    }
}

fn turn_members(members: &mut Document, old: &str, new: &str, role: Option<&str>) {
    for (name, value) in members.iter_mut() {
        match (name.as_str(), role) {
            ("ExecutionRole" | "DomainExecutionRoleArn", Some(role)) => *value = json!(role),
            _ => turn_value(value, old, new, role),
        }
    }
}

fn turn_value(value: &mut Value, old: &str, new: &str, role: Option<&str>) {
    match value {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(old) {
                *text = format!("{new}{name}");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| turn_value(item, old, new, role)),
        Value::Object(members) => turn_members(members, old, new, role),
        _ => {}
    }
}

fn has_member(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key(name) || members.values().any(|value| has_member(value, name))
        }
        Value::Array(items) => items.iter().any(|item| has_member(item, name)),
        _ => false,
    }
}

/// The ARNs of lifecycle configurations in a value.
pub(super) fn config_arns(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.contains(":studio-lifecycle-config/") => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| config_arns(item, found)),
        Value::Object(members) => members.values().for_each(|member| config_arns(member, found)),
        _ => {}
    }
}
