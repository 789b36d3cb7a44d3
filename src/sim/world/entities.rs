//! What exists in a simulated region: domains, user profiles and spaces as plain data.
//! Knows no wire format; `sim/sagemaker/` writes them as answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::table::Row;
use crate::sim::clock::Millis;

/// A shared string: names recur in thousands of rows.
pub type Name = Arc<str>;

/// A settings structure as JSON, in AWS's own spelling; shared, because most entities have the same.
pub type Settings = Arc<Value>;

/// The tags of an entity; shared, because most entities have the same.
pub type Tags = Arc<BTreeMap<Name, Name>>;

/// The state of a domain, user profile, space, app or image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Being created or started.
    Pending,
    /// Usable.
    InService,
    /// Being changed; not for apps.
    Updating,
    /// Creation failed.
    Failed,
    /// A change failed; not for apps.
    UpdateFailed,
    /// Being deleted or stopped.
    Deleting,
    /// Deletion failed; not for apps.
    DeleteFailed,
    /// Stopped, and still listed for 24 hours; only for apps.
    Deleted,
    /// A value that no client has heard of yet.
    Unheard(&'static str),
}

impl Status {
    /// AWS's spelling for domains, user profiles, spaces and apps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InService => "InService",
            Self::Updating => "Updating",
            Self::Failed => "Failed",
            Self::UpdateFailed => "Update_Failed",
            Self::Deleting => "Deleting",
            Self::DeleteFailed => "Delete_Failed",
            Self::Deleted => "Deleted",
            Self::Unheard(text) => text,
        }
    }

    /// AWS's spelling for images and image versions.
    pub fn as_image_str(self) -> &'static str {
        match self {
            Self::Pending => "CREATING",
            Self::InService => "CREATED",
            Self::Updating => "UPDATING",
            Self::Failed => "CREATE_FAILED",
            Self::UpdateFailed => "UPDATE_FAILED",
            Self::Deleting | Self::Deleted => "DELETING",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::Unheard(text) => text,
        }
    }

    /// Whether the service is at work on it.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Pending | Self::Updating | Self::Deleting)
    }
}

/// A Studio domain.
#[derive(Clone, Debug)]
pub struct Domain {
    /// `d-...`.
    pub id: Name,
    /// Its name, unique in the region.
    pub name: Name,
    /// `CreationTime`.
    pub created: Millis,
    /// `LastModifiedTime`.
    pub modified: Millis,
    /// Its state; set it through [`Domain::set_status`].
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Name>,
    /// `AuthMode` is `SSO`, not `IAM`.
    pub sso: bool,
    /// `AppNetworkAccessType` is `VpcOnly`, not `PublicInternetOnly`.
    pub vpc_only: bool,
    /// The VPC; absent only for Unified Studio.
    pub vpc_id: Option<Name>,
    /// Its subnets.
    pub subnet_ids: Vec<Name>,
    /// The key that encrypts its file system.
    pub kms_key_id: Option<Name>,
    /// The home file system; absent when `HomeEfsFileSystemCreation` is `Disabled`.
    pub efs_id: Option<Name>,
    /// `SecurityGroupIdForDomainBoundary`.
    pub boundary_group: Option<Name>,
    /// `SingleSignOnApplicationArn`.
    pub sso_application_arn: Option<Name>,
    /// `DefaultUserSettings`.
    pub user_settings: Settings,
    /// `DefaultSpaceSettings`.
    pub space_settings: Option<Settings>,
    /// `DomainSettings`.
    pub domain_settings: Option<Settings>,
    /// `TagPropagation` is `ENABLED`.
    pub tag_propagation: bool,
    /// `AppSecurityGroupManagement`: `Service` or `Customer`.
    pub group_management: Option<Name>,
    /// Its tags.
    pub tags: Tags,
    /// Whether its deletion takes the home file system along (`RetentionPolicy`).
    pub deletes_efs: bool,
    /// Counts changes of state, so that a transition planned for an earlier one is void.
    pub generation: u32,
}

impl Domain {
    /// A domain in service with IAM sign-in and a public network, to be refined.
    pub fn new(id: &str, name: &str, created: Millis) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            created,
            modified: created,
            status: Status::InService,
            failure: None,
            sso: false,
            vpc_only: false,
            vpc_id: None,
            subnet_ids: Vec::new(),
            kms_key_id: None,
            efs_id: None,
            boundary_group: None,
            sso_application_arn: None,
            user_settings: Settings::default(),
            space_settings: None,
            domain_settings: None,
            tag_propagation: false,
            group_management: None,
            tags: Tags::default(),
            deletes_efs: false,
            generation: 0,
        }
    }

    /// Changes the state at a time.
    pub fn set_status(&mut self, status: Status, at: Millis) {
        self.status = status;
        self.modified = at;
        self.generation += 1;
    }
}

/// A user profile.
#[derive(Clone, Debug)]
pub struct Profile {
    // Never changed in a stored row: the table is ordered by them. Visible in `sim` to build rows.
    pub(in crate::sim) domain: Name,
    pub(in crate::sim) name: Name,
    pub(in crate::sim) created: Millis,
    /// `LastModifiedTime`.
    pub modified: Millis,
    /// Its state; set it through [`Profile::set_status`].
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Name>,
    /// `SingleSignOnUserValue`, in a domain with SSO.
    pub sso_user: Option<Name>,
    /// `HomeEfsFileSystemUid`.
    pub uid: u32,
    /// `UserSettings`.
    pub settings: Option<Settings>,
    /// Its tags.
    pub tags: Tags,
    /// Counts changes of state.
    pub generation: u32,
}

impl Profile {
    /// A profile in service without settings of its own.
    pub fn new(domain: Name, name: Name, created: Millis) -> Self {
        Self {
            domain,
            name,
            created,
            modified: created,
            status: Status::InService,
            failure: None,
            sso_user: None,
            uid: 200_001,
            settings: None,
            tags: Tags::default(),
            generation: 0,
        }
    }

    /// `UserProfileName`.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Changes the state at a time.
    pub fn set_status(&mut self, status: Status, at: Millis) {
        self.status = status;
        self.modified = at;
        self.generation += 1;
    }

    /// The key of a profile: names differ in more than case (aws.md 1.1).
    pub fn key_of(domain: &Name, name: &Name) -> (Name, Name) {
        let lower = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            name.to_ascii_lowercase().into()
        } else {
            name.clone()
        };
        (domain.clone(), lower)
    }
}

impl Row for Profile {
    type Key = (Name, Name);

    fn key(&self) -> Self::Key {
        Self::key_of(&self.domain, &self.name)
    }
    fn domain(&self) -> &Name {
        &self.domain
    }
    fn created(&self) -> Millis {
        self.created
    }
}

/// A volume that is gone, or has another size now.
#[derive(Clone, Debug)]
pub struct EndedVolume {
    /// The domain of its space.
    pub domain: Name,
    /// The name of its space.
    pub space: Name,
    /// Its size.
    pub gigabytes: u64,
    /// Since when it had that size.
    pub from: Millis,
    /// Until when.
    pub until: Millis,
    /// The tags of the space.
    pub tags: Tags,
}

/// A space.
#[derive(Clone, Debug)]
pub struct Space {
    // Never changed in a stored row: the table is ordered by them. Visible in `sim` to build rows.
    pub(in crate::sim) domain: Name,
    pub(in crate::sim) name: Name,
    pub(in crate::sim) created: Millis,
    /// `LastModifiedTime`.
    pub modified: Millis,
    /// Its state; set it through [`Space::set_status`].
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Name>,
    /// `SpaceDisplayName`.
    pub display_name: Option<Name>,
    /// `OwnerUserProfileName`; absent in a Classic shared space.
    pub owner: Option<Name>,
    /// `SharingType` is `Shared`; absent in a Classic shared space.
    pub shared: Option<bool>,
    /// `SpaceSettings`.
    pub settings: Option<Settings>,
    /// `HomeEfsFileSystemUid`.
    pub uid: u32,
    /// Its tags.
    pub tags: Tags,
    /// Counts changes of state.
    pub generation: u32,
    /// Since when its volume has the size it has.
    pub(in crate::sim) sized: Millis,
}

impl Space {
    /// A space in service without owner and settings.
    pub fn new(domain: Name, name: Name, created: Millis) -> Self {
        Self {
            domain,
            name,
            created,
            modified: created,
            status: Status::InService,
            failure: None,
            display_name: None,
            owner: None,
            shared: None,
            settings: None,
            uid: 200_001,
            tags: Tags::default(),
            generation: 0,
            sized: created,
        }
    }

    /// `EbsVolumeSizeInGb`, in a space that has a volume.
    pub fn gigabytes(&self) -> Option<u64> {
        let volume = ["SpaceStorageSettings", "EbsStorageSettings", "EbsVolumeSizeInGb"];
        let settings: &Value = self.settings.as_ref()?;
        volume.iter().try_fold(settings, |inner, member| inner.get(*member))?.as_u64()
    }

    /// Its volume as it will be remembered when it ends at a time.
    pub(in crate::sim) fn ended_volume(&self, until: Millis) -> Option<EndedVolume> {
        Some(EndedVolume {
            domain: self.domain.clone(),
            space: self.name.clone(),
            gigabytes: self.gigabytes()?,
            from: self.sized,
            until,
            tags: self.tags.clone(),
        })
    }

    /// `SpaceName`.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Changes the state at a time.
    pub fn set_status(&mut self, status: Status, at: Millis) {
        self.status = status;
        self.modified = at;
        self.generation += 1;
    }

    /// `SpaceSettings.AppType`.
    pub fn app_type(&self) -> Option<&str> {
        self.settings.as_ref()?.get("AppType")?.as_str()
    }
}

impl Row for Space {
    type Key = (Name, Name);

    fn key(&self) -> Self::Key {
        (self.domain.clone(), self.name.clone())
    }
    fn domain(&self) -> &Name {
        &self.domain
    }
    fn created(&self) -> Millis {
        self.created
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_names_that_differ_in_case_are_the_same_key() {
        let domain: Name = "d-1".into();
        assert_eq!(Profile::key_of(&domain, &"Anna-K".into()), Profile::key_of(&domain, &"anna-k".into()));
    }
}
