//! A domain: one Studio environment with its users, spaces and apps.

use std::sync::Arc;

use super::open_enum::open_enum;
use super::{DomainId, Name, Scope, SpaceDefaults, Status, Timestamp, UserSettings};

open_enum! {
    /// How people sign in. Fixed at creation.
    AuthMode {
        Iam = "IAM",
        Sso = "SSO",
    }
}

open_enum! {
    /// Whether apps reach the internet directly.
    NetworkAccess {
        PublicInternetOnly = "PublicInternetOnly",
        VpcOnly = "VpcOnly",
    }
}

/// By what AWS addresses a domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct DomainKey {
    /// Account and region.
    pub scope: Scope,
    /// The domain's id.
    pub id: DomainId,
}

impl DomainKey {
    /// The ARN.
    pub fn arn(&self) -> String {
        self.scope.arn(&format!("domain/{}", self.id))
    }
}

/// A domain as `ListDomains` shows it, with what `DescribeDomain` added.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    /// Its identity.
    pub key: DomainKey,
    /// Its name, which may be changed by nobody and repeated by anybody.
    pub name: Option<Name>,
    /// Its state.
    pub status: Status,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// Its sign-in address.
    pub url: Option<Arc<str>>,
    /// What `DescribeDomain` said, once it was asked.
    pub detail: Option<Box<DomainDetail>>,
}

/// What only `DescribeDomain` tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DomainDetail {
    /// How people sign in.
    pub auth_mode: Option<AuthMode>,
    /// Whether apps reach the internet directly.
    pub network: Option<NetworkAccess>,
    /// The VPC.
    pub vpc: Option<Arc<str>>,
    /// The subnets.
    pub subnets: Vec<Arc<str>>,
    /// The home file system (EFS); some domains have none.
    pub home_file_system: Option<Arc<str>>,
    /// The customer's key, if one encrypts the storage.
    pub kms_key: Option<Arc<str>>,
    /// Why it failed.
    pub failure_reason: Option<Arc<str>>,
    /// Whether custom tags are copied to what users create (`ENABLED` / `DISABLED`).
    pub tag_propagation: Option<Arc<str>>,
    /// Whether CloudTrail names the user (`USER_PROFILE_NAME` / `DISABLED`).
    pub role_identity: Option<Arc<str>>,
    /// Whether Docker may be used (`ENABLED` / `DISABLED`).
    pub docker: Option<Arc<str>>,
    /// The Identity Center application of an SSO domain.
    pub sso_application: Option<Arc<str>>,
    /// Id of the SageMaker Unified Studio domain that drives this one.
    pub unified_studio: Option<Arc<str>>,
    /// What user profiles inherit.
    pub user_defaults: UserSettings,
    /// What shared spaces inherit.
    pub space_defaults: SpaceDefaults,
    /// When this was read.
    pub read_at: Timestamp,
}
