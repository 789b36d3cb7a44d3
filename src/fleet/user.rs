//! A user profile: one person in one domain.

use std::sync::Arc;

use super::{DomainId, DomainKey, Name, Scope, Status, Timestamp, UserSettings};

/// By what AWS addresses a user profile.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct UserKey {
    /// Account and region.
    pub scope: Scope,
    /// The domain.
    pub domain: DomainId,
    /// The user profile's name.
    pub name: Name,
}

impl UserKey {
    /// The key of the domain it is in.
    pub fn domain_key(&self) -> DomainKey {
        DomainKey { scope: self.scope.clone(), id: self.domain.clone() }
    }

    /// The ARN.
    pub fn arn(&self) -> String {
        self.scope.arn(&format!("user-profile/{}/{}", self.domain, self.name))
    }
}

/// A user profile as `ListUserProfiles` shows it, with what `DescribeUserProfile` added.
#[derive(Debug, Clone, PartialEq)]
pub struct UserProfile {
    /// Its identity.
    pub key: UserKey,
    /// Its state.
    pub status: Status,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// What `DescribeUserProfile` said, once it was asked.
    pub detail: Option<Box<UserDetail>>,
}

/// What only `DescribeUserProfile` tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserDetail {
    /// The user's id on the home file system.
    pub efs_uid: Option<Arc<str>>,
    /// The Identity Center user.
    pub sso_user: Option<Arc<str>>,
    /// Why it failed.
    pub failure_reason: Option<Arc<str>>,
    /// What the profile sets itself.
    pub settings: UserSettings,
    /// When this was read.
    pub read_at: Timestamp,
}
