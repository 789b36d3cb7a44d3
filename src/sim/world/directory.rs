//! Identity Center as Studio uses it: one instance with its identity store, and the applications that
//! people are assigned to. Knows no wire format.

use std::collections::{BTreeMap, BTreeSet};

use super::{Name, Scope};
use crate::sim::clock::Millis;
use crate::sim::query::fingerprint;

/// The instance whose ids the scenarios use.
const INSTANCE: &str = "ssoins-7223b1e0a4c9d5f6";

/// A person in the identity store.
#[derive(Clone, Debug)]
pub struct IdentityUser {
    /// `UserId`.
    pub id: Name,
    /// `UserName`, unique but for case.
    pub name: Name,
    /// `DisplayName`.
    pub display_name: Name,
}

/// An application: here always a Studio domain.
#[derive(Clone, Debug)]
pub struct Application {
    /// `Name`.
    pub name: Name,
    /// `CreatedDate`.
    pub created: Millis,
    /// The ids of the users who may sign in to it.
    pub assigned: BTreeSet<Name>,
}

/// An instance of Identity Center.
#[derive(Clone, Debug)]
pub struct IdentityCenter {
    /// `InstanceArn`.
    pub instance_arn: Name,
    /// `IdentityStoreId`.
    pub store_id: Name,
    /// `CreatedDate`.
    pub created: Millis,
    /// Users by id.
    pub users: BTreeMap<Name, IdentityUser>,
    /// Applications by ARN.
    pub applications: BTreeMap<Name, Application>,
}

impl IdentityCenter {
    /// An instance without people.
    pub fn new(scope: &Scope, created: Millis) -> Self {
        let store = fingerprint(&["identity store", &scope.account, &scope.region]) & 0xFF_FFFF_FFFF;
        Self {
            instance_arn: format!("arn:aws:sso:::instance/{INSTANCE}").into(),
            store_id: format!("d-{store:010x}").into(),
            created,
            users: BTreeMap::new(),
            applications: BTreeMap::new(),
        }
    }

    /// The ARN of an application of an account, from the 16 digits of its id.
    pub fn application_arn(account: &str, digits: &str) -> Name {
        format!("arn:aws:sso::{account}:application/{INSTANCE}/apl-{digits}").into()
    }

    /// Adds a person, unless there is one of that name; gives the id.
    pub fn add_user(&mut self, name: &str) -> Name {
        if let Some(user) = self.user_named(name) {
            return user.id.clone();
        }
        let (high, low) = (fingerprint(&[&self.store_id, name]), fingerprint(&[name, "user"]));
        let id: Name = format!(
            "{}-{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            &self.store_id[2..],
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
        .into();
        let alias = name.split('@').next().unwrap_or(name);
        let display: Vec<String> = alias.split(['-', '.']).map(capitalized).collect();
        let user = IdentityUser { id: id.clone(), name: name.into(), display_name: display.join(" ").into() };
        self.users.insert(id.clone(), user);
        id
    }

    /// The person of a name.
    pub fn user_named(&self, name: &str) -> Option<&IdentityUser> {
        self.users.values().find(|user| user.name.eq_ignore_ascii_case(name))
    }

    /// Makes a domain an application that nobody is assigned to yet.
    pub fn add_application(&mut self, arn: &Name, domain: &str, created: Millis) {
        let name = format!("Amazon SageMaker Studio ({domain})").into();
        self.applications.entry(arn.clone()).or_insert(Application {
            name,
            created,
            assigned: BTreeSet::new(),
        });
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_added_once_and_found_in_any_spelling() {
        let mut center = IdentityCenter::new(&Scope::new("123456789012", "eu-west-1"), 0);
        let id = center.add_user("anna-k@example.com");
        assert_eq!(center.add_user("Anna-K@example.com"), id);
        assert_eq!(id.len(), 47);
        assert_eq!(center.user_named("ANNA-K@EXAMPLE.COM").map(|user| &*user.display_name), Some("Anna K"));
    }
}
