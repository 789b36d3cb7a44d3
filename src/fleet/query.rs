//! Every read as a value, and what comes back.

use std::sync::Arc;

use super::{
    AccountId, App, AppKey, Domain, DomainKey, PriceList, ProfileName, Region, Scope, Space, SpaceKey,
    UserKey, UserProfile,
};

/// A read. It is its own identity: request, cache key, spinner and reply address are the same value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Query {
    /// Who the credentials of a profile belong to (`sts:GetCallerIdentity`).
    Identity(ProfileName),
    /// The alias of an account (`iam:ListAccountAliases`).
    Alias(AccountId),
    /// The domains of a scope (`ListDomains`).
    Domains(Scope),
    /// The user profiles of a domain (`ListUserProfiles`).
    Users(DomainKey),
    /// The spaces of a domain (`ListSpaces`).
    Spaces(DomainKey),
    /// The apps of a domain (`ListApps`).
    Apps(DomainKey),
    /// One domain in full (`DescribeDomain`).
    Domain(DomainKey),
    /// One user profile in full (`DescribeUserProfile`).
    User(UserKey),
    /// One space in full (`DescribeSpace`).
    Space(SpaceKey),
    /// One app in full (`DescribeApp`).
    App(AppKey),
    /// The tags of one object (`ListTags`).
    Tags(ObjectKey),
    /// On-demand prices of Studio instances and storage in a region (`pricing:GetProducts`), asked with the
    /// credentials of an account.
    Prices(AccountId, Region),
}

impl Query {
    /// Whether the answer comes in pages.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::Domains(_) | Self::Users(_) | Self::Spaces(_) | Self::Apps(_))
    }

    /// The scope it reads in, where it has one.
    pub fn scope(&self) -> Option<&Scope> {
        match self {
            Self::Identity(_) | Self::Alias(_) | Self::Prices(..) => None,
            Self::Domains(scope) => Some(scope),
            Self::Users(key) | Self::Spaces(key) | Self::Apps(key) | Self::Domain(key) => Some(&key.scope),
            Self::User(key) => Some(&key.scope),
            Self::Space(key) => Some(&key.scope),
            Self::App(key) => Some(&key.scope),
            Self::Tags(key) => Some(key.scope()),
        }
    }
}

/// The key of an object of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKey {
    /// A domain.
    Domain(DomainKey),
    /// A user profile.
    User(UserKey),
    /// A space.
    Space(SpaceKey),
    /// An app.
    App(AppKey),
}

impl ObjectKey {
    /// Account and region.
    pub fn scope(&self) -> &Scope {
        match self {
            Self::Domain(key) => &key.scope,
            Self::User(key) => &key.scope,
            Self::Space(key) => &key.scope,
            Self::App(key) => &key.scope,
        }
    }

    /// The domain the object is, or is in.
    pub fn domain_key(&self) -> DomainKey {
        match self {
            Self::Domain(key) => key.clone(),
            Self::User(key) => key.domain_key(),
            Self::Space(key) => key.domain_key(),
            Self::App(key) => key.domain_key(),
        }
    }

    /// The ARN.
    pub fn arn(&self) -> String {
        match self {
            Self::Domain(key) => key.arn(),
            Self::User(key) => key.arn(),
            Self::Space(key) => key.arn(),
            Self::App(key) => key.arn(),
        }
    }

    /// The object's own name: the id of a domain, the name of anything else.
    pub fn name(&self) -> &str {
        match self {
            Self::Domain(key) => key.id.as_str(),
            Self::User(key) => key.name.as_str(),
            Self::Space(key) => key.name.as_str(),
            Self::App(key) => key.name.as_str(),
        }
    }

    /// The query that reads it in full.
    pub fn describe(&self) -> Query {
        match self {
            Self::Domain(key) => Query::Domain(key.clone()),
            Self::User(key) => Query::User(key.clone()),
            Self::Space(key) => Query::Space(key.clone()),
            Self::App(key) => Query::App(key.clone()),
        }
    }
}

/// A part of a list. The first page of a walk starts it anew; the last one makes the list complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether this page begins the walk.
    pub first: bool,
    /// Whether the walk ends here, with every row seen.
    pub last: bool,
}

/// Who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The profile whose credentials were asked.
    pub profile: ProfileName,
    /// The account.
    pub account: AccountId,
    /// ARN of the principal.
    pub arn: Arc<str>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Tag {
    /// Its key.
    pub key: Arc<str>,
    /// Its value.
    pub value: Arc<str>,
}

/// What a query brought. `raw` is the answer as AWS sent it, for the raw view; it is not kept in the fleet.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To [`Query::Identity`].
    Identity(Identity),
    /// To [`Query::Alias`]; an account may have none.
    Alias(Option<Arc<str>>),
    /// To [`Query::Domains`].
    Domains(Page<Domain>),
    /// To [`Query::Users`].
    Users(Page<UserProfile>),
    /// To [`Query::Spaces`].
    Spaces(Page<Space>),
    /// To [`Query::Apps`].
    Apps(Page<App>),
    /// To [`Query::Domain`]: the row itself as it is now, its detail, and the raw answer.
    Domain(Box<Domain>, Arc<str>),
    /// To [`Query::User`].
    User(Box<UserProfile>, Arc<str>),
    /// To [`Query::Space`].
    Space(Box<Space>, Arc<str>),
    /// To [`Query::App`].
    App(Box<App>, Arc<str>),
    /// To [`Query::Tags`].
    Tags(Vec<Tag>),
    /// To [`Query::Prices`]: US dollars per hour by (usage kind such as `Studio-JupyterLab`, instance type),
    /// and per GB-month of space storage.
    Prices(PriceList),
}
