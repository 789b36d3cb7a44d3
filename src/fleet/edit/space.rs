//! What a person wants set in `SpaceSettings`, of a new space or of one that is there.

use std::sync::Arc;

use serde_json::json;

use super::{settings_member, within};
use crate::fleet::delta::overlay;
use crate::fleet::rules::{self, Rule};
use crate::fleet::{AppType, Document, LifecycleConfigKey, Name, Scope, Sharing, SpaceKey, Tag};

/// What to set; what is not mentioned stays as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpaceEdit {
    /// The name for display.
    pub display_name: Option<Arc<str>>,
    /// The size of its volume in GB; it can only grow.
    pub ebs_gb: Option<u32>,
    /// The default instance type of its app.
    pub instance: Option<Arc<str>>,
    /// The lifecycle configuration its app starts with: ARN, or name in the scope.
    pub lifecycle_config: Option<Arc<str>>,
    /// The idle time its user chose, in minutes.
    pub idle_minutes: Option<u32>,
    /// Whether a local IDE may connect.
    pub remote_access: Option<bool>,
    /// Further members of `SpaceSettings` in AWS's names; structures are joined with what is there.
    pub settings: Document,
}

/// A space that is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSpace {
    /// Its key.
    pub space: SpaceKey,
    /// The user profile that owns it.
    pub owner: Name,
    /// Private or shared; it cannot be changed later.
    pub sharing: Sharing,
    /// The kind of app that runs in it; it cannot be changed later.
    pub app_type: AppType,
    /// Its settings; without a size it gets the domain's usual one.
    pub edit: SpaceEdit,
    /// Tags.
    pub tags: Vec<Tag>,
}

impl NewSpace {
    /// The members `CreateSpace` takes besides the names.
    pub fn document(&self) -> Document {
        let mut settings = Document::new();
        settings.insert("AppType".to_owned(), json!(self.app_type.as_str()));
        let settings = self.edit.applied(&settings, &self.app_type, &self.space.scope);
        let mut document = Document::new();
        document
            .insert("OwnershipSettings".to_owned(), json!({ "OwnerUserProfileName": self.owner.as_str() }));
        document.insert("SpaceSharingSettings".to_owned(), json!({ "SharingType": self.sharing.as_str() }));
        document.insert("SpaceSettings".to_owned(), serde_json::Value::Object(settings));
        if let Some(name) = &self.edit.display_name {
            document.insert("SpaceDisplayName".to_owned(), json!(&**name));
        }
        if !self.tags.is_empty() {
            document.insert("Tags".to_owned(), Tag::list(&self.tags));
        }
        document
    }
}

impl SpaceEdit {
    /// Whether it sets nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `SpaceSettings` with this edit made, for an app of this type.
    #[must_use]
    pub fn applied(&self, settings: &Document, app_type: &AppType, scope: &Scope) -> Document {
        let mut after = settings.clone();
        if let Some(gb) = self.ebs_gb {
            within(&mut after, &["SpaceStorageSettings", "EbsStorageSettings"], |storage| {
                storage.insert("EbsVolumeSizeInGb".to_owned(), json!(gb));
            });
        }
        if let Some(allowed) = self.remote_access {
            let state = if allowed { "ENABLED" } else { "DISABLED" };
            after.insert("RemoteAccess".to_owned(), json!(state));
        }
        if let Some(member) = settings_member(app_type) {
            if let Some(instance) = &self.instance {
                within(&mut after, &[member, "DefaultResourceSpec"], |spec| {
                    spec.insert("InstanceType".to_owned(), json!(&**instance));
                });
            }
            if let Some(config) = &self.lifecycle_config {
                let arn = LifecycleConfigKey::arn_of(config, scope);
                within(&mut after, &[member, "DefaultResourceSpec"], |spec| {
                    spec.insert("LifecycleConfigArn".to_owned(), json!(arn));
                });
            }
            if let Some(minutes) = self.idle_minutes {
                within(&mut after, &[member, "AppLifecycleManagement", "IdleSettings"], |idle| {
                    idle.insert("IdleTimeoutInMinutes".to_owned(), json!(minutes));
                });
            }
        }
        overlay(&mut after, &self.settings);
        after
    }

    /// What is wrong with it by AWS's own rules, for an app of this type.
    pub fn flaws(&self, app_type: &AppType) -> Vec<String> {
        let mut flaws = Vec::new();
        let mut check = |result: Result<(), rules::Flaw>| {
            if let Err(flaw) = result {
                flaws.push(flaw.message);
            }
        };
        if let Some(name) = &self.display_name {
            check(Rule::DisplayName.check(name));
        }
        if let Some(instance) = &self.instance {
            check(Rule::InstanceType.check(instance));
        }
        if let Some(gb) = self.ebs_gb {
            check(rules::check_ebs_gb(gb));
        }
        if let Some(minutes) = self.idle_minutes {
            check(rules::check_idle_minutes(minutes));
        }
        if let Some(config) = self.lifecycle_config.as_deref().filter(|config| !config.contains(':')) {
            check(Rule::LifecycleConfigName.check(config));
        }
        if self.idle_minutes.is_some() && !app_type.has_native_idle_shutdown() {
            flaws.push(format!("{app_type} has no idle shutdown of its own"));
        }
        let needs_member =
            self.instance.is_some() || self.lifecycle_config.is_some() || self.idle_minutes.is_some();
        if needs_member && settings_member(app_type).is_none() {
            flaws.push(format!("{app_type} has no such settings"));
        }
        flaws
    }
}
