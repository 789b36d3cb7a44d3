//! What the accounts have besides the fleet itself, and what a change can refer to: execution roles, networks,
//! lifecycle configurations, people of Identity Center, and what a deleted domain has left behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{AccountId, DomainKey, Name, Scope, Tag, Timestamp};

/// What was asked for of it, by where it is.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// Roles by account.
    pub roles: BTreeMap<AccountId, Vec<Role>>,
    /// Networks by scope.
    pub networks: BTreeMap<Scope, Network>,
    /// Lifecycle configurations by scope.
    pub lifecycle_configs: BTreeMap<Scope, Vec<LifecycleConfig>>,
    /// The scripts of the lifecycle configurations that were asked for in full.
    pub scripts: BTreeMap<LifecycleConfigKey, Arc<str>>,
    /// Tags of the lifecycle configurations that were asked for them.
    pub config_tags: BTreeMap<LifecycleConfigKey, Vec<Tag>>,
    /// Ids of people in the identity store, by the name they sign in with; `None` if there is no such person.
    pub people: BTreeMap<(Scope, Arc<str>), Option<Arc<str>>>,
    /// Ids of the people assigned to the application of a domain.
    pub assigned: BTreeMap<DomainKey, Vec<Arc<str>>>,
    /// What is there beside a domain and stays when it goes.
    pub leftovers: BTreeMap<DomainKey, Leftovers>,
    /// Custom images of a scope with their versions and app image configurations, as AWS describes them.
    pub images: BTreeMap<Scope, Arc<str>>,
}

/// An IAM role (`iam:ListRoles`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Whether its trust policy lets SageMaker assume it; `None` if the policy could not be read.
    pub trusts_sagemaker: Option<bool>,
}

/// The VPCs of a scope (`ec2:DescribeVpcs`, `DescribeSubnets`, `DescribeSecurityGroups`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// The VPCs.
    pub vpcs: Vec<Vpc>,
    /// The subnets of all of them.
    pub subnets: Vec<Subnet>,
    /// The security groups of all of them.
    pub groups: Vec<SecurityGroup>,
}

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpc {
    /// Its id, `vpc-...`.
    pub id: Arc<str>,
    /// The value of its `Name` tag.
    pub name: Option<Arc<str>>,
    /// Its range of addresses.
    pub cidr: Option<Arc<str>>,
    /// Whether it is the region's default one.
    pub is_default: bool,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its id, `subnet-...`.
    pub id: Arc<str>,
    /// The VPC it is in.
    pub vpc: Arc<str>,
    /// The value of its `Name` tag.
    pub name: Option<Arc<str>>,
    /// Its availability zone.
    pub zone: Option<Arc<str>>,
    /// Its range of addresses.
    pub cidr: Option<Arc<str>>,
    /// How many of its addresses are free (`AvailableIpAddressCount`).
    pub free_addresses: Option<u32>,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its id, `sg-...`.
    pub id: Arc<str>,
    /// The VPC it is in.
    pub vpc: Option<Arc<str>>,
    /// Its name.
    pub name: Option<Arc<str>>,
    /// Its description.
    pub description: Option<Arc<str>>,
}

/// By what AWS addresses a lifecycle configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LifecycleConfigKey {
    /// Account and region.
    pub scope: Scope,
    /// Its name, unique in the scope.
    pub name: Name,
}

impl LifecycleConfigKey {
    /// The ARN of a lifecycle configuration that is given by its name in a scope, or by its ARN.
    pub fn arn_of(config: &str, scope: &Scope) -> String {
        if config.contains(':') {
            return config.to_owned();
        }
        Self { scope: scope.clone(), name: Name::new(config) }.arn()
    }

    /// The ARN: it has the name as it was given.
    pub fn arn(&self) -> String {
        self.scope.arn(&format!("studio-lifecycle-config/{}", self.name))
    }
}

/// A lifecycle configuration (`ListStudioLifecycleConfigs`): a script that runs when an app starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleConfig {
    /// Its identity.
    pub key: LifecycleConfigKey,
    /// Its ARN as AWS gives it.
    pub arn: Arc<str>,
    /// The app type it is for (`JupyterServer`, `KernelGateway`, `CodeEditor`, `JupyterLab`).
    pub app_type: Option<Arc<str>>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
}

/// What AWS leaves behind, and mostly bills on, when a domain is deleted; read while it can still be found by the
/// domain's id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Leftovers {
    /// The home file system (EFS): id and size in bytes.
    pub file_systems: Vec<(Arc<str>, Option<u64>)>,
    /// Ids of network interfaces in the domain's subnets that were made for it.
    pub interfaces: Vec<Arc<str>>,
    /// Ids and names of the security groups that SageMaker made for it.
    pub groups: Vec<(Arc<str>, Arc<str>)>,
    /// Names of the `MLflow` tracking servers of the region; they belong to no domain and are billed while they run.
    pub mlflow_servers: Vec<Arc<str>>,
    /// What could not be looked for, as sentences.
    pub unknown: Vec<String>,
}
