//! What IAM holds for one account. Knows no wire format.

use std::collections::BTreeMap;

use crate::sim::clock::Millis;
use crate::sim::query::unique_id;
use crate::sim::world::{Name, Tags};

/// The IAM state of one account.
#[derive(Debug, Default)]
pub struct Iam {
    /// Roles by name.
    pub roles: BTreeMap<Name, Role>,
    /// Managed policies by ARN, the account's own and those of AWS it uses.
    pub policies: BTreeMap<Name, Policy>,
    /// Sessions that `AssumeRole` opened, by access key id.
    pub sessions: BTreeMap<Name, Session>,
}

impl Iam {
    /// How many roles a policy is attached to.
    pub fn attachments_of(&self, policy: &str) -> usize {
        self.roles.values().filter(|role| role.attached.iter().any(|arn| **arn == *policy)).count()
    }

    /// For how many roles a policy is the permissions boundary.
    pub fn boundaries_of(&self, policy: &str) -> usize {
        self.roles.values().filter(|role| role.boundary.as_deref() == Some(policy)).count()
    }
}

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    /// `RoleName`.
    pub name: Name,
    /// `Path`, with a slash at both ends.
    pub path: Name,
    /// `CreateDate`.
    pub created: Millis,
    /// `Description`.
    pub description: Option<Name>,
    /// `AssumeRolePolicyDocument` as plain JSON.
    pub trust: Name,
    /// `MaxSessionDuration`: 3,600 to 43,200.
    pub max_session_seconds: u32,
    /// When it was last used, and in which region.
    pub last_used: Option<(Millis, Name)>,
    /// The ARN of the permissions boundary.
    pub boundary: Option<Name>,
    /// The ARNs of attached managed policies.
    pub attached: Vec<Name>,
    /// Inline policies by name, as plain JSON.
    pub inline: BTreeMap<Name, Name>,
    /// Tags.
    pub tags: Tags,
}

impl Role {
    /// A role without permissions.
    pub fn new(name: &str, path: &str, trust: &str, created: Millis) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            created,
            description: None,
            trust: trust.into(),
            max_session_seconds: 3_600,
            last_used: None,
            boundary: None,
            attached: Vec::new(),
            inline: BTreeMap::new(),
            tags: Tags::default(),
        }
    }

    /// Its ARN in an account.
    pub fn arn(&self, account: &str) -> String {
        format!("arn:aws:iam::{account}:role{}{}", self.path, self.name)
    }

    /// `RoleId`: `AROA` and 17 letters and digits.
    pub fn id(&self, account: &str) -> String {
        unique_id("AROA", &[account, &self.name])
    }
}

/// A managed policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its ARN.
    pub arn: Name,
    /// `CreateDate`.
    pub created: Millis,
    /// `Description`.
    pub description: Option<Name>,
    /// The documents as plain JSON and when they were made: version `v1` first, the default last.
    pub versions: Vec<(Name, Millis)>,
}

impl Policy {
    /// `PolicyName`: what follows the last slash of the ARN.
    pub fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    /// `Path`: what stands between `policy` and the name in the ARN.
    pub fn path(&self) -> &str {
        let tail = self.arn.split_once(":policy").map_or("/", |(_, tail)| tail);
        tail.rfind('/').map_or("/", |slash| &tail[..=slash])
    }

    /// `DefaultVersionId`: the newest.
    pub fn default_version_id(&self) -> String {
        format!("v{}", self.versions.len())
    }

    /// `UpdateDate`: when the newest version was made.
    pub fn updated(&self) -> Millis {
        self.versions.last().map_or(self.created, |(_, at)| *at)
    }
}

/// A session of an assumed role.
#[derive(Clone, Debug)]
pub struct Session {
    /// The ARN of the session: `arn:aws:sts::...:assumed-role/<role>/<session>`.
    pub arn: Name,
    /// `<role id>:<session>`.
    pub id: Name,
    /// When it ends.
    pub expires: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_knows_its_name_and_path_from_its_arn() {
        let policy =
            |arn: &str| Policy { arn: arn.into(), created: 0, description: None, versions: Vec::new() };
        let own = policy("arn:aws:iam::123456789012:policy/ml/teams/Boundary");
        assert_eq!((own.name(), own.path()), ("Boundary", "/ml/teams/"));
        let aws = policy("arn:aws:iam::aws:policy/AdministratorAccess");
        assert_eq!((aws.name(), aws.path()), ("AdministratorAccess", "/"));
    }
}
