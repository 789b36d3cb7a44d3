//! Access keys that are told what to be: whose they are, and when they expire. What is not told here follows
//! from the key itself. Knows no protocol.

use std::collections::BTreeMap;

use super::Name;
use crate::sim::clock::Millis;

/// Who a key acts as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The 12 digits of the account.
    pub account: Name,
    /// The ARN that `GetCallerIdentity` answers.
    pub arn: Name,
}

impl Principal {
    /// A session of a role.
    pub fn role(account: &str, role: &str, session: &str) -> Self {
        let arn = format!("arn:aws:sts::{account}:assumed-role/{role}/{session}").into();
        Self { account: account.into(), arn }
    }
}

#[derive(Clone, Debug, Default)]
struct Key {
    principal: Option<Principal>,
    requests_left: Option<u64>,
    expires: Option<Millis>,
}

/// What is known of access keys, by key id.
#[derive(Clone, Debug, Default)]
pub struct Keys(BTreeMap<String, Key>);

impl Keys {
    /// Lets a key expire after so many more requests.
    pub fn expire_after(&mut self, access_key: &str, requests: u64) {
        self.key(access_key).requests_left = Some(requests);
    }

    /// Lets a key expire at a virtual time.
    pub fn expire_at(&mut self, access_key: &str, at: Millis) {
        self.key(access_key).expires = Some(at);
    }

    /// Makes a key good again, for whom it was good before: what signing in again does behind a client that
    /// keeps its key.
    pub fn renew(&mut self, access_key: &str) {
        let key = self.key(access_key);
        (key.requests_left, key.expires) = (None, None);
    }

    /// Makes a key good as somebody else's.
    pub fn renew_as(&mut self, access_key: &str, principal: Principal) {
        self.renew(access_key);
        self.key(access_key).principal = Some(principal);
    }

    /// Who a key was told to act as.
    pub fn principal(&self, access_key: &str) -> Option<&Principal> {
        self.0.get(access_key)?.principal.as_ref()
    }

    /// Counts a request with a key; false if it has expired.
    pub(in crate::sim) fn admit(&mut self, access_key: &str, now: Millis) -> bool {
        let Some(key) = self.0.get_mut(access_key) else { return true };
        if key.expires.is_some_and(|at| at <= now) || key.requests_left == Some(0) {
            return false;
        }
        key.requests_left = key.requests_left.map(|left| left - 1);
        true
    }

    fn key(&mut self, access_key: &str) -> &mut Key {
        self.0.entry(access_key.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_good_for_as_many_requests_as_it_was_told_and_again_when_renewed() {
        let mut keys = Keys::default();
        keys.expire_after("AKIA1", 2);
        assert_eq!([0; 3].map(|now| keys.admit("AKIA1", now)), [true, true, false]);
        assert!(keys.admit("AKIA2", 0), "other keys are not touched");
        keys.renew_as("AKIA1", Principal::role("210987654321", "Other", "eve"));
        assert!(keys.admit("AKIA1", 0));
        let arn = keys.principal("AKIA1").map(|principal| &*principal.arn);
        assert_eq!(arn, Some("arn:aws:sts::210987654321:assumed-role/Other/eve"));
    }

    #[test]
    fn a_key_expires_at_its_time() {
        let mut keys = Keys::default();
        keys.expire_at("AKIA1", 100);
        assert!(keys.admit("AKIA1", 99) && !keys.admit("AKIA1", 100));
    }
}
