//! Every write as a value. What creates or updates carries its members in AWS's own spelling, exactly as they go
//! on the wire, so that nothing of an object is lost on its way through a backup, a clone or an edit.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::fleet::{
    AppKey, DomainKey, LifecycleConfigKey, ObjectKey, Owner, Query, QuotaKey, SERVICE_CODE, Scope, SpaceKey,
    Tag, UserKey,
};

/// Members of a request or an answer, by AWS's names.
pub type Document = serde_json::Map<String, Value>;

/// What becomes of the home file system (EFS) of a domain that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HomeFiles {
    /// It stays, with all home directories, and is billed on.
    Retain,
    /// It is erased for good.
    Delete,
}

impl HomeFiles {
    /// AWS's spelling, in `RetentionPolicy`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retain => "Retain",
            Self::Delete => "Delete",
        }
    }
}

/// A person of Identity Center and the application of a domain: only who is assigned can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Assignment {
    /// The user profile it is made for.
    pub user: UserKey,
    /// ARN of the domain's application (`SingleSignOnApplicationArn`); `None` while the plan itself makes the domain:
    /// AWS gives both, and it is read once the domain is there.
    pub application: Option<Arc<str>>,
    /// The person's id in the identity store.
    pub principal: Arc<str>,
}

/// Stands in a request for the ARN of an application that AWS has not made yet.
const APPLICATION_TO_BE: &str = "<the application of the new domain>";

/// A write. It exists as a value long before anything is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Stop an app (`DeleteApp`): its instance goes, the files in its space or home stay.
    StopApp(AppKey),
    /// Start an app (`CreateApp`) with these members besides its names.
    CreateApp(AppKey, Document),
    /// Create a user profile (`CreateUserProfile`).
    CreateUser(UserKey, Document),
    /// Change a user profile (`UpdateUserProfile`).
    UpdateUser(UserKey, Document),
    /// Delete a user profile (`DeleteUserProfile`): its home directory stays on the domain's file system.
    DeleteUser(UserKey),
    /// Create a space (`CreateSpace`).
    CreateSpace(SpaceKey, Document),
    /// Change a space (`UpdateSpace`).
    UpdateSpace(SpaceKey, Document),
    /// Delete a space (`DeleteSpace`) and with it its volume (EBS).
    DeleteSpace(SpaceKey),
    /// Create a domain (`CreateDomain`); its id is one [to be](crate::fleet::DomainId::to_be).
    CreateDomain(DomainKey, Document),
    /// Change a domain (`UpdateDomain`).
    UpdateDomain(DomainKey, Document),
    /// Delete a domain (`DeleteDomain`).
    DeleteDomain(DomainKey, HomeFiles),
    /// Set tags (`AddTags`); a key that is there gets the new value.
    AddTags(Target, Vec<Tag>),
    /// Remove tags by key (`DeleteTags`).
    RemoveTags(Target, Vec<Arc<str>>),
    /// Create a lifecycle configuration (`CreateStudioLifecycleConfig`).
    CreateLifecycleConfig(LifecycleConfigKey, Document),
    /// Delete a lifecycle configuration (`DeleteStudioLifecycleConfig`).
    DeleteLifecycleConfig(LifecycleConfigKey),
    /// Let a person of Identity Center sign in to a domain (`sso:CreateApplicationAssignment`).
    AssignApplication(Assignment),
    /// Take that away (`sso:DeleteApplicationAssignment`).
    UnassignApplication(Assignment),
    /// Make a short-lived sign-in link for a user profile (`CreatePresignedDomainUrl`), valid for so many seconds
    /// (5 to 300). Whoever has the link is that user.
    SignInLink(UserKey, u16),
    /// Request more of a quota (`servicequotas:RequestServiceQuotaIncrease`); AWS decides later.
    RequestQuota(QuotaKey, Document),
    /// Let bills carry these tags (`ce:UpdateCostAllocationTagsStatus`).
    ActivateCostTags(Scope, Vec<Arc<str>>),
    /// Let bills since the first of a month carry the tags that are active now
    /// (`ce:StartCostAllocationTagBackfill`).
    BackfillCostTags(Scope, Date),
}

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Target {
    /// A domain, user profile, space or app.
    Object(ObjectKey),
    /// A lifecycle configuration.
    LifecycleConfig(LifecycleConfigKey),
    /// A quota.
    Quota(QuotaKey),
    /// The cost allocation tags of an account; the region is the one that Cost Explorer is asked in.
    CostTags(Scope),
}

impl Target {
    /// Account and region.
    pub fn scope(&self) -> &Scope {
        match self {
            Self::Object(key) => key.scope(),
            Self::LifecycleConfig(key) => &key.scope,
            Self::Quota(key) => &key.scope,
            Self::CostTags(scope) => scope,
        }
    }

    /// The ARN.
    pub fn arn(&self) -> String {
        match self {
            Self::Object(key) => key.arn(),
            Self::LifecycleConfig(key) => key.arn(),
            Self::Quota(key) => key.arn(),
            // AWS has no ARN for them; this one is of the shape that all of its services have.
            Self::CostTags(scope) => {
                format!("arn:{}:ce::{}:cost-allocation-tags", scope.partition(), scope.account())
            }
        }
    }

    /// The object's own name.
    pub fn name(&self) -> &str {
        match self {
            Self::Object(key) => key.name(),
            Self::LifecycleConfig(key) => key.name.as_str(),
            Self::Quota(key) => key.name.as_str(),
            Self::CostTags(scope) => scope.account().as_str(),
        }
    }

    /// What it is, in AWS's words: "user profile".
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Object(ObjectKey::Domain(_)) => "domain",
            Self::Object(ObjectKey::User(_)) => "user profile",
            Self::Object(ObjectKey::Space(_)) => "space",
            Self::Object(ObjectKey::App(_)) => "app",
            Self::LifecycleConfig(_) => "lifecycle configuration",
            Self::CostTags(_) => "cost allocation tags of account",
            Self::Quota(_) => "quota",
        }
    }

    /// The query that reads it in full.
    pub fn describe(&self) -> Query {
        match self {
            Self::Object(key) => key.describe(),
            Self::LifecycleConfig(key) => Query::LifecycleConfig(key.clone()),
            Self::Quota(key) => Query::Quota(key.clone()),
            Self::CostTags(scope) => Query::CostTags(scope.account().clone()),
        }
    }

    /// The query that reads its tags, of what has any that are ours to read.
    pub fn tags(&self) -> Option<Query> {
        match self {
            Self::Object(key) => Some(Query::Tags(key.clone())),
            Self::LifecycleConfig(key) => Some(Query::ConfigTags(key.clone())),
            Self::Quota(_) | Self::CostTags(_) => None,
        }
    }

    /// The object, if it is one of the fleet's tables.
    pub fn object(&self) -> Option<&ObjectKey> {
        match self {
            Self::Object(key) => Some(key),
            Self::LifecycleConfig(_) | Self::Quota(_) | Self::CostTags(_) => None,
        }
    }
}

impl From<ObjectKey> for Target {
    fn from(key: ObjectKey) -> Self {
        Self::Object(key)
    }
}

impl From<LifecycleConfigKey> for Target {
    fn from(key: LifecycleConfigKey) -> Self {
        Self::LifecycleConfig(key)
    }
}

impl From<UserKey> for Target {
    fn from(key: UserKey) -> Self {
        Self::Object(ObjectKey::User(key))
    }
}

impl From<SpaceKey> for Target {
    fn from(key: SpaceKey) -> Self {
        Self::Object(ObjectKey::Space(key))
    }
}

impl From<AppKey> for Target {
    fn from(key: AppKey) -> Self {
        Self::Object(ObjectKey::App(key))
    }
}

impl Change {
    /// What it is about.
    pub fn target(&self) -> Target {
        let object = match self {
            Self::StopApp(key) | Self::CreateApp(key, _) => ObjectKey::App(key.clone()),
            Self::CreateUser(key, _)
            | Self::UpdateUser(key, _)
            | Self::DeleteUser(key)
            | Self::SignInLink(key, _) => ObjectKey::User(key.clone()),
            Self::AssignApplication(made) | Self::UnassignApplication(made) => {
                ObjectKey::User(made.user.clone())
            }
            Self::CreateSpace(key, _) | Self::UpdateSpace(key, _) | Self::DeleteSpace(key) => {
                ObjectKey::Space(key.clone())
            }
            Self::CreateDomain(key, _) | Self::UpdateDomain(key, _) | Self::DeleteDomain(key, _) => {
                ObjectKey::Domain(key.clone())
            }
            Self::AddTags(target, _) | Self::RemoveTags(target, _) => return target.clone(),
            Self::CreateLifecycleConfig(key, _) | Self::DeleteLifecycleConfig(key) => {
                return Target::LifecycleConfig(key.clone());
            }
            Self::RequestQuota(key, _) => return Target::Quota(key.clone()),
            Self::ActivateCostTags(scope, _) | Self::BackfillCostTags(scope, _) => {
                return Target::CostTags(scope.clone());
            }
        };
        Target::Object(object)
    }

    /// Account and region.
    pub fn scope(&self) -> &Scope {
        match self {
            Self::StopApp(key) | Self::CreateApp(key, _) => &key.scope,
            Self::CreateUser(key, _)
            | Self::UpdateUser(key, _)
            | Self::DeleteUser(key)
            | Self::SignInLink(key, _) => &key.scope,
            Self::AssignApplication(made) | Self::UnassignApplication(made) => &made.user.scope,
            Self::CreateSpace(key, _) | Self::UpdateSpace(key, _) | Self::DeleteSpace(key) => &key.scope,
            Self::CreateDomain(key, _) | Self::UpdateDomain(key, _) | Self::DeleteDomain(key, _) => {
                &key.scope
            }
            Self::AddTags(target, _) | Self::RemoveTags(target, _) => target.scope(),
            Self::CreateLifecycleConfig(key, _) | Self::DeleteLifecycleConfig(key) => &key.scope,
            Self::RequestQuota(key, _) => &key.scope,
            Self::ActivateCostTags(scope, _) | Self::BackfillCostTags(scope, _) => scope,
        }
    }

    /// The AWS operation it is made with.
    pub fn operation(&self) -> &'static str {
        match self {
            Self::StopApp(_) => "DeleteApp",
            Self::CreateApp(..) => "CreateApp",
            Self::CreateUser(..) => "CreateUserProfile",
            Self::UpdateUser(..) => "UpdateUserProfile",
            Self::DeleteUser(_) => "DeleteUserProfile",
            Self::CreateSpace(..) => "CreateSpace",
            Self::UpdateSpace(..) => "UpdateSpace",
            Self::DeleteSpace(_) => "DeleteSpace",
            Self::CreateDomain(..) => "CreateDomain",
            Self::UpdateDomain(..) => "UpdateDomain",
            Self::DeleteDomain(..) => "DeleteDomain",
            Self::AddTags(..) => "AddTags",
            Self::RemoveTags(..) => "DeleteTags",
            Self::CreateLifecycleConfig(..) => "CreateStudioLifecycleConfig",
            Self::DeleteLifecycleConfig(_) => "DeleteStudioLifecycleConfig",
            Self::AssignApplication(_) => "CreateApplicationAssignment",
            Self::UnassignApplication(_) => "DeleteApplicationAssignment",
            Self::SignInLink(..) => "CreatePresignedDomainUrl",
            Self::RequestQuota(..) => "RequestServiceQuotaIncrease",
            Self::ActivateCostTags(..) => "UpdateCostAllocationTagsStatus",
            Self::BackfillCostTags(..) => "StartCostAllocationTagBackfill",
        }
    }

    /// What it does, in a word: "stop", "create", "delete".
    pub fn verb(&self) -> &'static str {
        match self {
            Self::StopApp(_) => "stop",
            Self::CreateApp(..) => "start",
            Self::CreateUser(..)
            | Self::CreateSpace(..)
            | Self::CreateDomain(..)
            | Self::CreateLifecycleConfig(..) => "create",
            Self::UpdateUser(..) | Self::UpdateSpace(..) | Self::UpdateDomain(..) => "change",
            Self::DeleteUser(_)
            | Self::DeleteSpace(_)
            | Self::DeleteDomain(..)
            | Self::DeleteLifecycleConfig(_) => "delete",
            Self::AddTags(..) => "tag",
            Self::RemoveTags(..) => "untag",
            Self::AssignApplication(_) => "assign",
            Self::UnassignApplication(_) => "unassign",
            Self::SignInLink(..) => "sign in as",
            Self::RequestQuota(..) => "request",
            Self::ActivateCostTags(..) => "activate",
            Self::BackfillCostTags(..) => "fill",
        }
    }

    /// Whether something is gone afterwards that cannot simply be made again.
    pub fn is_destructive(&self) -> bool {
        matches!(
            self,
            Self::StopApp(_)
                | Self::DeleteUser(_)
                | Self::DeleteSpace(_)
                | Self::DeleteDomain(..)
                | Self::DeleteLifecycleConfig(_)
        )
    }

    /// Whether it makes something that must not be there before.
    pub fn creates(&self) -> bool {
        matches!(
            self,
            Self::CreateApp(..)
                | Self::CreateUser(..)
                | Self::CreateSpace(..)
                | Self::CreateDomain(..)
                | Self::CreateLifecycleConfig(..)
                | Self::RequestQuota(..)
        )
    }

    /// The members of the request, names and all, as they go on the wire.
    pub fn request(&self) -> Document {
        let mut members = Document::new();
        let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        match self {
            Self::StopApp(key) | Self::CreateApp(key, _) => {
                put("DomainId", json!(key.domain.as_str()));
                match &key.owner {
                    Owner::User(name) => put("UserProfileName", json!(name.as_str())),
                    Owner::Space(name) => put("SpaceName", json!(name.as_str())),
                }
                put("AppType", json!(key.app_type.as_str()));
                put("AppName", json!(key.name.as_str()));
            }
            Self::CreateUser(key, _) | Self::UpdateUser(key, _) | Self::DeleteUser(key) => {
                put("DomainId", json!(key.domain.as_str()));
                put("UserProfileName", json!(key.name.as_str()));
            }
            Self::SignInLink(key, seconds) => {
                put("DomainId", json!(key.domain.as_str()));
                put("UserProfileName", json!(key.name.as_str()));
                put("ExpiresInSeconds", json!(seconds));
            }
            Self::CreateSpace(key, _) | Self::UpdateSpace(key, _) | Self::DeleteSpace(key) => {
                put("DomainId", json!(key.domain.as_str()));
                put("SpaceName", json!(key.name.as_str()));
            }
            // The document of a new domain has its name; AWS gives the id.
            Self::CreateDomain(..) => {}
            Self::UpdateDomain(key, _) => put("DomainId", json!(key.id.as_str())),
            Self::DeleteDomain(key, files) => {
                put("DomainId", json!(key.id.as_str()));
                put("RetentionPolicy", json!({ "HomeEfsFileSystem": files.as_str() }));
            }
            Self::AddTags(target, tags) => {
                put("ResourceArn", json!(target.arn()));
                put("Tags", Tag::list(tags));
            }
            Self::RemoveTags(target, keys) => {
                put("ResourceArn", json!(target.arn()));
                put("TagKeys", keys.iter().map(|key| json!(key.as_ref())).collect());
            }
            Self::CreateLifecycleConfig(key, _) | Self::DeleteLifecycleConfig(key) => {
                put("StudioLifecycleConfigName", json!(key.name.as_str()));
            }
            Self::RequestQuota(key, _) => {
                put("ServiceCode", json!(SERVICE_CODE));
                put("QuotaCode", json!(key.code.as_str()));
            }
            Self::AssignApplication(made) | Self::UnassignApplication(made) => {
                put("ApplicationArn", json!(made.application.as_deref().unwrap_or(APPLICATION_TO_BE)));
                put("PrincipalId", json!(made.principal.as_ref()));
                put("PrincipalType", json!("USER"));
            }
            Self::ActivateCostTags(_, keys) => {
                let tags: Vec<Value> =
                    keys.iter().map(|key| json!({ "TagKey": key.as_ref(), "Status": "Active" })).collect();
                put("CostAllocationTagsStatus", Value::Array(tags));
            }
            Self::BackfillCostTags(_, from) => put("BackfillFrom", json!(format!("{from}T00:00:00Z"))),
        }
        if let Some(document) = self.document() {
            members.extend(document.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        members
    }

    /// The members besides the names, of what creates or updates.
    pub fn document(&self) -> Option<&Document> {
        match self {
            Self::CreateApp(_, document)
            | Self::CreateUser(_, document)
            | Self::UpdateUser(_, document)
            | Self::CreateSpace(_, document)
            | Self::UpdateSpace(_, document)
            | Self::CreateDomain(_, document)
            | Self::UpdateDomain(_, document)
            | Self::CreateLifecycleConfig(_, document)
            | Self::RequestQuota(_, document) => Some(document),
            _ => None,
        }
    }

    /// The same change as a line for the AWS CLI.
    pub fn cli_line(&self) -> String {
        let service = match self {
            Self::AssignApplication(_) | Self::UnassignApplication(_) => "sso-admin",
            Self::RequestQuota(..) => "service-quotas",
            Self::ActivateCostTags(..) | Self::BackfillCostTags(..) => "ce",
            _ => "sagemaker",
        };
        let mut line = format!("aws {service} {}", kebab(self.operation()));
        line.push_str(" --region ");
        line.push_str(self.scope().region().as_str());
        let request = self.request();
        if request.values().all(Value::is_string) {
            for (name, value) in &request {
                line.push_str(" --");
                line.push_str(&kebab(name));
                line.push(' ');
                line.push_str(&shell_word(value.as_str().unwrap_or_default()));
            }
        } else {
            line.push_str(" --cli-input-json ");
            line.push_str(&shell_word(&Value::Object(request).to_string()));
        }
        line
    }

    /// The assignment whose application is not known yet, if it is one.
    pub fn awaits_application(&self) -> Option<&Assignment> {
        match self {
            Self::AssignApplication(made) | Self::UnassignApplication(made) => {
                Some(made).filter(|made| made.application.is_none())
            }
            _ => None,
        }
    }

    /// The same change with the application of its domain, where it was still to be known.
    #[must_use]
    pub fn with_application(mut self, arn: &Arc<str>) -> Self {
        if let Self::AssignApplication(made) | Self::UnassignApplication(made) = &mut self {
            made.application.get_or_insert_with(|| Arc::clone(arn));
        }
        self
    }

    /// The same change in a domain that has its real id by now.
    #[must_use]
    pub fn in_domain(mut self, real: &DomainKey) -> Self {
        let id = real.id.clone();
        match &mut self {
            Self::StopApp(key) | Self::CreateApp(key, _) => key.domain = id,
            Self::CreateUser(key, _)
            | Self::UpdateUser(key, _)
            | Self::DeleteUser(key)
            | Self::SignInLink(key, _) => key.domain = id,
            Self::AssignApplication(made) | Self::UnassignApplication(made) => made.user.domain = id,
            Self::CreateSpace(key, _) | Self::UpdateSpace(key, _) | Self::DeleteSpace(key) => key.domain = id,
            Self::CreateDomain(key, _) | Self::UpdateDomain(key, _) | Self::DeleteDomain(key, _) => {
                key.id = id;
            }
            Self::AddTags(target, _) | Self::RemoveTags(target, _) => match target {
                Target::Object(ObjectKey::Domain(key)) => key.id = id,
                Target::Object(ObjectKey::User(key)) => key.domain = id,
                Target::Object(ObjectKey::Space(key)) => key.domain = id,
                Target::Object(ObjectKey::App(key)) => key.domain = id,
                Target::LifecycleConfig(_) | Target::Quota(_) | Target::CostTags(_) => {}
            },
            Self::CreateLifecycleConfig(..)
            | Self::DeleteLifecycleConfig(_)
            | Self::RequestQuota(..)
            | Self::ActivateCostTags(..)
            | Self::BackfillCostTags(..) => {}
        }
        self
    }
}

/// `DeleteUserProfile` as the AWS CLI spells it: `delete-user-profile`.
fn kebab(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// A word a POSIX shell takes as it is: quoted where it has to be.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AccountId, DomainId, Name, Region};

    fn user() -> UserKey {
        UserKey {
            scope: Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1")),
            domain: DomainId::new("d-one"),
            name: Name::new("anna-k"),
        }
    }

    #[test]
    fn a_change_of_names_only_is_a_line_of_flags_and_any_other_one_of_json() {
        let delete = Change::DeleteUser(user());
        assert_eq!(
            delete.cli_line(),
            "aws sagemaker delete-user-profile --region eu-west-1 --domain-id d-one --user-profile-name anna-k"
        );
        let Value::Object(members) = json!({ "UserSettings": { "ExecutionRole": "it's" } }) else {
            unreachable!()
        };
        let create = Change::CreateUser(user(), members);
        assert_eq!(
            create.cli_line(),
            r#"aws sagemaker create-user-profile --region eu-west-1 --cli-input-json '{"DomainId":"d-one","UserProfileName":"anna-k","UserSettings":{"ExecutionRole":"it'\''s"}}'"#
        );
    }

    #[test]
    fn a_change_survives_the_journal_as_it_is() {
        let changes = [
            Change::DeleteDomain(user().domain_key(), HomeFiles::Retain),
            Change::AddTags(user().into(), vec![Tag { key: "team".into(), value: "nlp".into() }]),
            Change::SignInLink(user(), 300),
        ];
        for change in changes {
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change, "{text}");
        }
    }

    #[test]
    fn a_change_meant_for_a_domain_to_be_is_made_in_the_real_one() {
        let mut to_be = user();
        to_be.domain = DomainId::to_be("research");
        let real = user().domain_key();
        assert_eq!(Change::DeleteUser(to_be).in_domain(&real), Change::DeleteUser(user()));
    }

    #[test]
    fn an_assignment_to_an_application_that_is_still_to_be_says_so_until_its_domain_is_there() {
        let mut made = Assignment { user: user(), application: None, principal: "p-1".into() };
        let change = Change::AssignApplication(made.clone());
        assert_eq!(change.awaits_application(), Some(&made));
        assert!(change.cli_line().contains("<the application of the new domain>"), "{}", change.cli_line());
        let text = serde_json::to_string(&change).unwrap();
        assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change, "{text}");
        let known = change.with_application(&"arn:app".into());
        assert_eq!(known.request()["ApplicationArn"], "arn:app");
        assert_eq!(known.awaits_application(), None);
        // A plan of an older version, which knew no other ones, reads as it was.
        made.application = Some("arn:app".into());
        let text = serde_json::to_string(&known).unwrap();
        assert!(text.contains(r#""application":"arn:app""#), "{text}");
        assert_eq!(known.with_application(&"arn:other".into()), Change::AssignApplication(made));
    }
}
