//! A space: storage and settings in which one app runs, private to a user or shared.

use std::sync::Arc;

use super::open_enum::open_enum;
use super::{AppType, DomainId, DomainKey, Name, Scope, Status, Timestamp};

open_enum! {
    /// Whether a space belongs to one user or to all of the domain.
    Sharing {
        Private = "Private",
        Shared = "Shared",
    }
}

/// By what AWS addresses a space.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct SpaceKey {
    /// Account and region.
    pub scope: Scope,
    /// The domain.
    pub domain: DomainId,
    /// The space's name.
    pub name: Name,
}

impl SpaceKey {
    /// The key of the domain it is in.
    pub fn domain_key(&self) -> DomainKey {
        DomainKey { scope: self.scope.clone(), id: self.domain.clone() }
    }

    /// The ARN.
    pub fn arn(&self) -> String {
        self.scope.arn(&format!("space/{}/{}", self.domain, self.name))
    }
}

/// A space as `ListSpaces` shows it, with what `DescribeSpace` added.
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    /// Its identity.
    pub key: SpaceKey,
    /// The name its owner gave it for display.
    pub display_name: Option<Arc<str>>,
    /// Its state.
    pub status: Status,
    /// The user profile that owns it.
    pub owner: Option<Name>,
    /// Private or shared.
    pub sharing: Option<Sharing>,
    /// The kind of app that runs in it.
    pub app_type: Option<AppType>,
    /// Size of its volume in GB; it is billed while the space exists, running or not.
    pub ebs_gb: Option<u32>,
    /// Whether a local IDE may connect (`ENABLED` / `DISABLED`).
    pub remote_access: Option<Arc<str>>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// What `DescribeSpace` said, once it was asked.
    pub detail: Option<Box<SpaceDetail>>,
}

/// What only `DescribeSpace` tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpaceDetail {
    /// The space's id on the home file system.
    pub efs_uid: Option<Arc<str>>,
    /// Why it failed.
    pub failure_reason: Option<Arc<str>>,
    /// The default instance type of its app.
    pub instance: Option<Arc<str>>,
    /// The default lifecycle configuration of its app.
    pub lifecycle_config: Option<Arc<str>>,
    /// The idle time its user chose, in minutes.
    pub idle_minutes: Option<u32>,
    /// Its address.
    pub url: Option<Arc<str>>,
    /// When this was read.
    pub read_at: Timestamp,
}
