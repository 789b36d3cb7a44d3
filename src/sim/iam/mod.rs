//! IAM as far as the console reads it: roles, policies, the account's alias. Knows no JSON service.

mod entities;

use std::sync::Arc;

pub use entities::{Iam, Policy, Role, Session};

use super::query::{Input, Page, instant, percent_encoded, unique_id};
use super::wire::{Call, Form, Refusal, Xml, XmlReply};
use super::world::{Account, Name, Tags, World};

/// Answers an IAM operation.
pub(super) fn answer(world: &mut World, call: &Call<'_>, form: &Form) -> XmlReply {
    let account = world.account_mut(&call.scope.account);
    let request = Request { account, id: &call.scope.account, input: Input::new(form) };
    let result = match call.operation {
        "GetPolicy" => request.get_policy(),
        "GetPolicyVersion" => request.get_policy_version(),
        "GetRole" => request.get_role(),
        "GetRolePolicy" => request.get_role_policy(),
        "ListAccountAliases" => request.list_account_aliases(),
        "ListAttachedRolePolicies" => request.list_attached_role_policies(),
        "ListRolePolicies" => request.list_role_policies(),
        "ListRoles" => request.list_roles(),
        _ => Err(Refusal::unknown_operation(call)),
    };
    result.map(Some)
}

struct Request<'a> {
    account: &'a Account,
    id: &'a str,
    input: Input<'a>,
}

impl Request<'_> {
    fn list_account_aliases(&self) -> Result<Xml, Refusal> {
        let aliases = self.account.alias.iter().map(|alias| (&**alias, alias));
        let page = Page::of(self.input, "aliases", aliases)?;
        Ok(page.into_texts("AccountAliases"))
    }

    fn list_roles(&self) -> Result<Xml, Refusal> {
        let prefix = self.path_prefix()?;
        let roles = self.account.iam.roles.values().filter(|role| role.path.starts_with(prefix));
        let page = Page::of(self.input, &format!("roles{prefix}"), roles.map(|role| (&*role.name, role)))?;
        // aws.md 2.3: a list leaves out the boundary, the last use and the tags.
        Ok(page.into_xml("Roles", |role| self.role_summary(role)))
    }

    fn get_role(&self) -> Result<Xml, Refusal> {
        let role = self.role()?;
        let mut xml = self.role_summary(role);
        if let Some(boundary) = &role.boundary {
            let inner = Xml::new()
                .text("PermissionsBoundaryType", "PermissionsBoundaryPolicy")
                .text("PermissionsBoundaryArn", boundary);
            xml = xml.element("PermissionsBoundary", inner);
        }
        if !role.tags.is_empty() {
            xml = xml.members("Tags", tags(&role.tags));
        }
        let used = role.last_used.as_ref().map_or_else(Xml::new, |(at, region)| {
            Xml::new().text("LastUsedDate", &instant(*at)).text("Region", region)
        });
        Ok(Xml::new().element("Role", xml.element("RoleLastUsed", used)))
    }

    fn list_attached_role_policies(&self) -> Result<Xml, Refusal> {
        let role = self.role()?;
        let prefix = self.path_prefix()?;
        let iam = &self.account.iam;
        let mut attached: Vec<_> = role
            .attached
            .iter()
            .filter_map(|arn| iam.policies.get(arn))
            .filter(|policy| policy.path().starts_with(prefix))
            .map(|policy| (&*policy.arn, policy))
            .collect();
        attached.sort_unstable_by_key(|(arn, _)| *arn);
        let page = Page::of(self.input, &format!("attached{}{prefix}", role.name), attached.into_iter())?;
        Ok(page.into_xml("AttachedPolicies", |policy| {
            Xml::new().text("PolicyName", policy.name()).text("PolicyArn", &policy.arn)
        }))
    }

    fn list_role_policies(&self) -> Result<Xml, Refusal> {
        let role = self.role()?;
        let names = role.inline.keys().map(|name| (&**name, name));
        let page = Page::of(self.input, &format!("inline{}", role.name), names)?;
        Ok(page.into_texts("PolicyNames"))
    }

    fn get_role_policy(&self) -> Result<Xml, Refusal> {
        let role = self.role()?;
        let name = self.input.name("PolicyName", 128)?;
        let Some(document) = role.inline.get(name) else {
            return Err(no_such_entity(format!("The role policy with name {name} cannot be found.")));
        };
        Ok(Xml::new()
            .text("RoleName", &role.name)
            .text("PolicyName", name)
            .text("PolicyDocument", &percent_encoded(document)))
    }

    fn get_policy(&self) -> Result<Xml, Refusal> {
        let policy = self.policy()?;
        let attached = self.account.iam.attachments_of(&policy.arn).to_string();
        let bounded = self.account.iam.boundaries_of(&policy.arn).to_string();
        let inner = Xml::new()
            .text("PolicyName", policy.name())
            .text("PolicyId", &unique_id("ANPA", &[&policy.arn]))
            .text("Arn", &policy.arn)
            .text("Path", policy.path())
            .text("DefaultVersionId", &policy.default_version_id())
            .text("AttachmentCount", &attached)
            .text("PermissionsBoundaryUsageCount", &bounded)
            .text("IsAttachable", "true")
            .optional("Description", policy.description.as_deref())
            .text("CreateDate", &instant(policy.created))
            .text("UpdateDate", &instant(policy.updated()));
        Ok(Xml::new().element("Policy", inner))
    }

    fn get_policy_version(&self) -> Result<Xml, Refusal> {
        let policy = self.policy()?;
        let id = self.input.required("VersionId", 1..=32)?;
        let number = id.strip_prefix('v').and_then(|digits| digits.parse::<usize>().ok()).unwrap_or_default();
        let Some((document, created)) = number.checked_sub(1).and_then(|index| policy.versions.get(index))
        else {
            return Err(no_such_entity(format!(
                "Policy {} version {id} does not exist or is not attachable.",
                policy.arn
            )));
        };
        let is_default = if number == policy.versions.len() { "true" } else { "false" };
        let inner = Xml::new()
            .text("Document", &percent_encoded(document))
            .text("VersionId", id)
            .text("IsDefaultVersion", is_default)
            .text("CreateDate", &instant(*created));
        Ok(Xml::new().element("PolicyVersion", inner))
    }

    fn role(&self) -> Result<&Role, Refusal> {
        let name = self.input.name("RoleName", 64)?;
        let found = self.account.iam.roles.get(name);
        found.ok_or_else(|| no_such_entity(format!("The role with name {name} cannot be found.")))
    }

    fn policy(&self) -> Result<&Policy, Refusal> {
        let arn = self.input.required("PolicyArn", 20..=2_048)?;
        if !arn.starts_with("arn:") {
            return Err(Refusal::new("InvalidInput", format!("ARN {arn} is not valid.")));
        }
        let found = self.account.iam.policies.get(arn);
        found.ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))
    }

    fn path_prefix(&self) -> Result<&str, Refusal> {
        Ok(self.input.text("PathPrefix", 1..=512)?.unwrap_or("/"))
    }

    fn role_summary(&self, role: &Role) -> Xml {
        Xml::new()
            .text("Path", &role.path)
            .text("RoleName", &role.name)
            .text("RoleId", &role.id(self.id))
            .text("Arn", &role.arn(self.id))
            .text("CreateDate", &instant(role.created))
            .text("AssumeRolePolicyDocument", &percent_encoded(&role.trust))
            .optional("Description", role.description.as_deref())
            .text("MaxSessionDuration", &role.max_session_seconds.to_string())
    }
}

fn tags(tags: &Tags) -> impl Iterator<Item = Xml> {
    let pairs: Vec<(Name, Name)> =
        tags.iter().map(|(key, value)| (Arc::clone(key), Arc::clone(value))).collect();
    pairs.into_iter().map(|(key, value)| Xml::new().text("Key", &key).text("Value", &value))
}

fn no_such_entity(message: String) -> Refusal {
    Refusal::new("NoSuchEntity", message).with_status(404)
}
