//! Every read as a value, and what comes back.

use std::sync::Arc;

use super::{
    AccountId, App, AppKey, CostAnswer, CostForecast, CostQuestion, CostTags, Domain, DomainKey, Leftovers,
    LifecycleConfig, LifecycleConfigKey, Network, PriceList, ProfileName, Quota, QuotaKey, QuotaList,
    QuotaRequest, Region, Role, Scope, Space, SpaceKey, Timestamp, UserKey, UserProfile,
};

/// A read. It is its own identity: request, cache key, spinner and reply address are the same value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Query {
    /// Who the credentials of a profile belong to (`sts:GetCallerIdentity`).
    Identity(ProfileName),
    /// The alias of an account (`iam:ListAccountAliases`).
    Alias(AccountId),
    /// When the credentials in use for an account end, as far as they say. Asks nobody: it is what came with them.
    CredentialsEnd(AccountId),
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
    /// The IAM roles of an account (`iam:ListRoles`), with whether they trust SageMaker.
    Roles(AccountId),
    /// VPCs, subnets and security groups of a scope.
    Network(Scope),
    /// The lifecycle configurations of a scope (`ListStudioLifecycleConfigs`).
    LifecycleConfigs(Scope),
    /// One lifecycle configuration with its script (`DescribeStudioLifecycleConfig`).
    LifecycleConfig(LifecycleConfigKey),
    /// The tags of one lifecycle configuration (`ListTags`).
    ConfigTags(LifecycleConfigKey),
    /// Custom images, their versions and the app image configurations of a scope, in full.
    Images(Scope),
    /// The id of the person who signs in to Identity Center with a name (`identitystore:GetUserId`).
    Person(Scope, Arc<str>),
    /// Who is assigned to the application of an SSO domain (`sso:ListApplicationAssignments`), by the
    /// application's ARN.
    Assigned(DomainKey, Arc<str>),
    /// What is there beside a domain and stays when it is deleted: file system (by id), network interfaces,
    /// security groups, `MLflow` tracking servers.
    Leftovers(DomainKey, Option<Arc<str>>),
    /// The limits in force in a scope (`servicequotas:ListServiceQuotas`), of what Studio is limited by.
    Quotas(Scope),
    /// What AWS gives by default (`servicequotas:ListAWSDefaultServiceQuotas`).
    QuotaDefaults(Scope),
    /// The requests for more of the last 90 days (`servicequotas:ListRequestedServiceQuotaChangeHistory`).
    QuotaRequests(Scope),
    /// One limit in force (`servicequotas:GetServiceQuota`).
    Quota(QuotaKey),
    /// What AWS has billed (`ce:GetCostAndUsage`), asked with the credentials of an account, of that account.
    Costs(AccountId, Arc<CostQuestion>),
    /// What AWS expects to bill for the services and days of a question (`ce:GetCostForecast`).
    CostForecast(AccountId, Arc<CostQuestion>),
    /// The cost allocation tags that an account pays by (`ce:ListCostAllocationTags`).
    CostTags(AccountId),
}

impl Query {
    /// Whether the answer comes in pages.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::Domains(_) | Self::Users(_) | Self::Spaces(_) | Self::Apps(_))
    }

    /// Whether AWS takes money for it: never asked by a timer, at the start or again by itself.
    pub fn is_paid(&self) -> bool {
        matches!(self, Self::Costs(..) | Self::CostForecast(..) | Self::CostTags(_))
    }

    /// The scope it reads in, where it has one.
    pub fn scope(&self) -> Option<&Scope> {
        match self {
            Self::Identity(_)
            | Self::Alias(_)
            | Self::CredentialsEnd(_)
            | Self::Prices(..)
            | Self::Roles(_)
            | Self::Costs(..)
            | Self::CostForecast(..)
            | Self::CostTags(_) => None,
            Self::Domains(scope)
            | Self::Network(scope)
            | Self::LifecycleConfigs(scope)
            | Self::Images(scope)
            | Self::Person(scope, _)
            | Self::Quotas(scope)
            | Self::QuotaDefaults(scope)
            | Self::QuotaRequests(scope) => Some(scope),
            Self::Quota(key) => Some(&key.scope),
            Self::LifecycleConfig(key) | Self::ConfigTags(key) => Some(&key.scope),
            Self::Users(key)
            | Self::Spaces(key)
            | Self::Apps(key)
            | Self::Domain(key)
            | Self::Assigned(key, _)
            | Self::Leftovers(key, _) => Some(&key.scope),
            Self::User(key) => Some(&key.scope),
            Self::Space(key) => Some(&key.scope),
            Self::App(key) => Some(&key.scope),
            Self::Tags(key) => Some(key.scope()),
        }
    }
}

impl Query {
    /// What it reads, in words: "the apps of d-abc in 123456789012/eu-west-1".
    pub fn what(&self) -> String {
        match self {
            Self::Identity(profile) if profile.as_str().is_empty() => "who we are".to_owned(),
            Self::Identity(profile) => format!("profile {profile}"),
            Self::Alias(account) => format!("the alias of {account}"),
            Self::CredentialsEnd(account) => format!("when the credentials for {account} end"),
            Self::Domains(scope) => format!("the domains of {scope}"),
            Self::Users(key) => format!("the users of {} in {}", key.id, key.scope),
            Self::Spaces(key) => format!("the spaces of {} in {}", key.id, key.scope),
            Self::Apps(key) => format!("the apps of {} in {}", key.id, key.scope),
            Self::Domain(key) => format!("domain {} in {}", key.id, key.scope),
            Self::User(key) => format!("user {} of {} in {}", key.name, key.domain, key.scope),
            Self::Space(key) => format!("space {} of {} in {}", key.name, key.domain, key.scope),
            Self::App(key) => format!("app {} of {} in {}", key.name, key.owner.name(), key.scope),
            Self::Tags(key) => format!("the tags of {}", key.arn()),
            Self::Prices(_, region) => format!("the prices of {region}"),
            Self::Roles(account) => format!("the roles of {account}"),
            Self::Network(scope) => format!("the networks of {scope}"),
            Self::LifecycleConfigs(scope) => format!("the lifecycle configurations of {scope}"),
            Self::LifecycleConfig(key) => format!("lifecycle configuration {} in {}", key.name, key.scope),
            Self::ConfigTags(key) => format!("the tags of {}", key.arn()),
            Self::Images(scope) => format!("the images of {scope}"),
            Self::Person(_, name) => format!("{name} at Identity Center"),
            Self::Assigned(key, _) => format!("who may sign in to {}", key.id),
            Self::Leftovers(key, _) => format!("what stays behind of {}", key.id),
            Self::Quotas(scope) => format!("the quotas of {scope}"),
            Self::QuotaDefaults(scope) => format!("the default quotas of {scope}"),
            Self::QuotaRequests(scope) => format!("the requests for more of the quotas of {scope}"),
            Self::Quota(key) => format!("the quota {} in {}", key.code, key.scope),
            Self::Costs(account, _) => format!("the bill of {account}"),
            Self::CostForecast(account, _) => format!("AWS's forecast for {account}"),
            Self::CostTags(account) => format!("the cost allocation tags of {account}"),
        }
    }
}

/// The key of an object of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Tag {
    /// Its key.
    pub key: Arc<str>,
    /// Its value.
    pub value: Arc<str>,
}

impl Tag {
    /// Whether its key is one of those that AWS keeps for itself: nobody else can set or remove such a tag, and it
    /// does not count against the limit.
    pub fn is_of_aws(&self) -> bool {
        super::rules::is_reserved_key(&self.key)
    }

    /// Tags as AWS takes and gives them (`TagList`).
    pub fn list(tags: &[Self]) -> serde_json::Value {
        tags.iter().map(|tag| serde_json::json!({ "Key": &*tag.key, "Value": &*tag.value })).collect()
    }
}

/// What a query brought. `raw` is the answer as AWS sent it, for the raw view; it is not kept in the fleet.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To [`Query::Identity`].
    Identity(Identity),
    /// To [`Query::Alias`]; an account may have none.
    Alias(Option<Arc<str>>),
    /// To [`Query::CredentialsEnd`]; `None` where they say nothing of an end, or are renewed by themselves.
    CredentialsEnd(Option<Timestamp>),
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
    /// To [`Query::Tags`] and [`Query::ConfigTags`].
    Tags(Vec<Tag>),
    /// To [`Query::Prices`]: US dollars per hour by (usage kind such as `Studio-JupyterLab`, instance type),
    /// and per GB-month of space storage.
    Prices(PriceList),
    /// To [`Query::Roles`].
    Roles(Vec<Role>),
    /// To [`Query::Network`].
    Network(Box<Network>),
    /// To [`Query::LifecycleConfigs`].
    LifecycleConfigs(Vec<LifecycleConfig>),
    /// To [`Query::LifecycleConfig`]: its row, and its script as text.
    LifecycleConfig(Box<LifecycleConfig>, Arc<str>),
    /// To [`Query::Images`]: a JSON object with `Images`, `ImageVersions` and `AppImageConfigs`, each as AWS
    /// describes it.
    Images(Arc<str>),
    /// To [`Query::Person`]; `None` if nobody has that name.
    Person(Option<Arc<str>>),
    /// To [`Query::Assigned`]: ids of people in the identity store.
    Assigned(Vec<Arc<str>>),
    /// To [`Query::Leftovers`].
    Leftovers(Box<Leftovers>),
    /// To [`Query::Quotas`] and [`Query::QuotaDefaults`].
    Quotas(QuotaList),
    /// To [`Query::QuotaRequests`]; the newest first.
    QuotaRequests(Vec<QuotaRequest>),
    /// To [`Query::Quota`].
    Quota(Box<Quota>),
    /// To [`Query::Costs`].
    Costs(Arc<CostAnswer>),
    /// To [`Query::CostForecast`].
    CostForecast(Arc<CostForecast>),
    /// To [`Query::CostTags`].
    CostTags(Arc<CostTags>),
}
