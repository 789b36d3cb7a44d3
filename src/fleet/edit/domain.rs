//! What a person wants of a domain: of a new one everything, of one that is there what AWS lets change.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{UserEdit, structure};
use crate::fleet::delta::{overlay, touched};
use crate::fleet::rules::{self, Rule};
use crate::fleet::{AuthMode, Document, NetworkAccess, Scope, Tag, suggestion};

/// A domain that is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDomain {
    /// Account and region.
    pub scope: Scope,
    /// Its name.
    pub name: Arc<str>,
    /// How people sign in; it cannot be changed later.
    pub auth_mode: AuthMode,
    /// Whether apps reach the internet directly.
    pub network: NetworkAccess,
    /// The VPC; it cannot be changed later.
    pub vpc: Arc<str>,
    /// The subnets.
    pub subnets: Vec<Arc<str>>,
    /// The customer's key for the storage; it cannot be changed later.
    pub kms_key: Option<Arc<str>>,
    /// What user profiles inherit; its role is the domain's default execution role.
    pub user_defaults: UserEdit,
    /// What shared spaces inherit; without a role of their own they have the default one.
    pub space_defaults: UserEdit,
    /// Whether notebooks may be shared with their output.
    pub sharing: Option<SharingOutput>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Further members of `CreateDomain` in AWS's names.
    pub members: Document,
}

/// Whether notebooks may be shared with their output, and where that is kept (`SharingSettings`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SharingOutput {
    /// Whether output may be shared (`NotebookOutputOption`).
    pub allowed: bool,
    /// Where it is kept (`S3OutputPath`).
    pub s3_path: Option<Arc<str>>,
    /// The key it is encrypted with (`S3KmsKeyId`).
    pub kms_key: Option<Arc<str>>,
}

/// What to change about a domain; what is not mentioned stays as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DomainEdit {
    /// What user profiles inherit.
    pub user_defaults: UserEdit,
    /// What shared spaces inherit.
    pub space_defaults: UserEdit,
    /// Whether notebooks may be shared with their output.
    pub sharing: Option<SharingOutput>,
    /// Whether apps reach the internet directly.
    pub network: Option<NetworkAccess>,
    /// All subnets.
    pub subnets: Option<Vec<Arc<str>>>,
    /// Further members of `UpdateDomain` in AWS's names.
    pub members: Document,
}

/// The members of `UpdateDomain` that [`DomainEdit::members`] can have.
const CHANGEABLE: [&str; 8] = [
    "DefaultUserSettings",
    "DefaultSpaceSettings",
    "DomainSettingsForUpdate",
    "AppNetworkAccessType",
    "SubnetIds",
    "TagPropagation",
    "HomeEfsFileSystemCreation",
    "AppSecurityGroupManagement",
];

/// What cannot be changed about a domain, by AWS's names, and what to do instead. Source: `UpdateDomain` in the API
/// model, which has no such members.
pub const FIXED: [(&str, &str); 7] = [
    (
        "AuthMode",
        "how people sign in is fixed when a domain is created: back it up and restore it into a new one",
    ),
    ("DomainName", "a domain's name is fixed when it is created"),
    ("VpcId", "a domain's VPC is fixed when it is created: back it up and restore it into a new one"),
    (
        "KmsKeyId",
        "the key of a domain's storage is fixed when it is created: back it up and restore it into a new one",
    ),
    ("HomeEfsFileSystemKmsKeyId", "the key of a domain's storage is fixed when it is created"),
    ("DomainSettings", "to change it, AWS calls it DomainSettingsForUpdate"),
    ("Tags", "tags are changed as tags"),
];

impl SharingOutput {
    /// `SharingSettings` as AWS takes them.
    fn document(&self) -> Value {
        let mut settings = Document::new();
        let option = if self.allowed { "Allowed" } else { "Disabled" };
        settings.insert("NotebookOutputOption".to_owned(), json!(option));
        if let Some(path) = &self.s3_path {
            settings.insert("S3OutputPath".to_owned(), json!(&**path));
        }
        if let Some(key) = &self.kms_key {
            settings.insert("S3KmsKeyId".to_owned(), json!(&**key));
        }
        Value::Object(settings)
    }

    fn flaws(&self) -> Vec<(&'static str, String)> {
        let mut flaws = Vec::new();
        if !self.allowed && (self.s3_path.is_some() || self.kms_key.is_some()) {
            flaws.push((
                "sharing",
                "output that may not be shared is kept nowhere: take path and key away".to_owned(),
            ));
        }
        if let Some(flaw) = self.s3_path.as_deref().and_then(|path| Rule::S3Uri.check(path).err()) {
            flaws.push(("sharing_path", flaw.message));
        }
        if let Some(flaw) = self.kms_key.as_deref().and_then(|key| Rule::KmsKey.check(key).err()) {
            flaws.push(("sharing_key", flaw.message));
        }
        flaws
    }
}

impl NewDomain {
    /// A domain with a name, to be filled in: signing in with IAM, and reaching the internet directly.
    pub fn new(scope: Scope, name: &str) -> Self {
        Self {
            scope,
            name: name.into(),
            auth_mode: AuthMode::Iam,
            network: NetworkAccess::PublicInternetOnly,
            vpc: "".into(),
            subnets: Vec::new(),
            kms_key: None,
            user_defaults: UserEdit::default(),
            space_defaults: UserEdit::default(),
            sharing: None,
            tags: Vec::new(),
            members: Document::new(),
        }
    }

    /// What is wrong by AWS's own rules, each with the field it is about (the fields of this type, in lower case).
    pub fn flaws(&self) -> Vec<(&'static str, String)> {
        let mut flaws = Vec::new();
        let mut check = |field: &'static str, rule: Rule, text: &str| {
            if let Err(flaw) = rule.check(text) {
                flaws.push((field, flaw.message));
            }
        };
        check("name", Rule::DomainName, &self.name);
        check("vpc", Rule::Vpc, &self.vpc);
        for subnet in &self.subnets {
            check("subnets", Rule::Subnet, subnet);
        }
        if let Some(key) = &self.kms_key {
            check("kms_key", Rule::KmsKey, key);
        }
        flaws.extend(subnet_count(&self.subnets).map(|flaw| ("subnets", flaw)));
        if self.user_defaults.role.is_none() && !self.user_defaults.settings.contains_key("ExecutionRole") {
            flaws.push(("role", "a domain needs a default execution role".to_owned()));
        }
        flaws.extend(self.user_defaults.flaws().into_iter().map(|flaw| ("user_defaults", flaw)));
        flaws.extend(self.space_defaults.flaws().into_iter().map(|flaw| ("space_defaults", flaw)));
        flaws.extend(self.sharing.iter().flat_map(SharingOutput::flaws));
        flaws
    }

    /// The members `CreateDomain` takes, with these settings for users and spaces.
    pub fn document(&self, user_settings: Document, space_settings: Document) -> Document {
        let mut document = Document::new();
        let mut put = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
        put("DomainName", json!(&*self.name));
        put("AuthMode", json!(self.auth_mode.as_str()));
        put("AppNetworkAccessType", json!(self.network.as_str()));
        put("VpcId", json!(&*self.vpc));
        put("SubnetIds", self.subnets.iter().map(|subnet| json!(&**subnet)).collect());
        if let Some(key) = &self.kms_key {
            put("KmsKeyId", json!(&**key));
        }
        let mut user_settings = user_settings;
        if let Some(sharing) = &self.sharing {
            user_settings.insert("SharingSettings".to_owned(), sharing.document());
        }
        put("DefaultUserSettings", Value::Object(user_settings));
        if !space_settings.is_empty() {
            put("DefaultSpaceSettings", Value::Object(space_settings));
        }
        if !self.tags.is_empty() {
            put("Tags", Tag::list(&self.tags));
        }
        overlay(&mut document, &self.members);
        document
    }
}

impl DomainEdit {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with it by AWS's own rules: what cannot be changed is named with what to do instead.
    pub fn flaws(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        for name in self.members.keys() {
            if let Some((_, reason)) = FIXED.iter().find(|(fixed, _)| fixed == name) {
                flaws.push(format!("{name}: {reason}"));
            } else if !CHANGEABLE.contains(&name.as_str()) {
                let near = suggestion(name, CHANGEABLE);
                flaws.push(format!("AWS has no `{}` to change{near}", crate::fleet::harmless(name)));
            }
        }
        for subnet in self.subnets.iter().flatten() {
            flaws.extend(Rule::Subnet.check(subnet).err().map(|flaw| flaw.message));
        }
        if let Some(subnets) = &self.subnets {
            flaws.extend(subnet_count(subnets));
        }
        flaws.extend(self.user_defaults.flaws());
        flaws.extend(self.space_defaults.flaws());
        flaws.extend(self.sharing.iter().flat_map(SharingOutput::flaws).map(|(_, flaw)| flaw));
        flaws
    }

    /// What is changed about a domain as it is described: the members as they were, and as `UpdateDomain` takes
    /// them. Both are empty where everything is so already.
    pub fn changes(&self, domain: &Document, scope: &Scope) -> (Document, Document) {
        let mut wanted = Document::new();
        for (name, edit, sharing) in [
            ("DefaultUserSettings", &self.user_defaults, self.sharing.as_ref()),
            ("DefaultSpaceSettings", &self.space_defaults, None),
        ] {
            let mut settings = edit.applied(&structure(domain, name), scope);
            if let Some(sharing) = sharing {
                settings.insert("SharingSettings".to_owned(), sharing.document());
            }
            wanted.insert(name.to_owned(), Value::Object(settings));
        }
        if let Some(network) = &self.network {
            wanted.insert("AppNetworkAccessType".to_owned(), json!(network.as_str()));
        }
        if let Some(subnets) = &self.subnets {
            wanted.insert("SubnetIds".to_owned(), subnets.iter().map(|subnet| json!(&**subnet)).collect());
        }
        // Described and changed under two names.
        wanted
            .insert("DomainSettingsForUpdate".to_owned(), Value::Object(structure(domain, "DomainSettings")));
        overlay(&mut wanted, &self.members);
        let (mut before, mut after) = (Document::new(), Document::new());
        for (name, value) in wanted {
            let described = if name == "DomainSettingsForUpdate" { "DomainSettings" } else { &name };
            let was = domain.get(described);
            if let Value::Object(value) = value {
                let (old, new) = touched(&structure(domain, described), &value);
                if !new.is_empty() {
                    before.insert(name.clone(), Value::Object(old));
                    after.insert(name, Value::Object(new));
                }
                continue;
            }
            let (old, new) = (
                Document::from_iter(was.map(|was| (name.clone(), was.clone()))),
                Document::from_iter([(name.clone(), value)]),
            );
            let (old, new) = touched(&old, &new);
            before.extend(old);
            after.extend(new);
        }
        (before, after)
    }
}

fn subnet_count(subnets: &[Arc<str>]) -> Option<String> {
    let most = rules::MOST_SUBNETS;
    match subnets.len() {
        0 => Some(format!("a domain has 1 to {most} subnets; there is none")),
        count if count > most => Some(format!("a domain has 1 to {most} subnets; these are {count}")),
        _ => None,
    }
}
