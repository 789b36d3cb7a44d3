//! Who carries a plan out: pinned when it begins, and compared ever after. Knows no step.

use std::collections::BTreeSet;

use super::journal::Principal;
use crate::aws::Gateway;
use crate::fleet::{AccountId, Answer, Identity, Plan, Problem, ProblemKind, Query};

/// Who we are in each account of a plan, with the profile that leads there.
#[derive(Debug, Clone)]
pub(super) struct Who(Vec<Identity>);

impl Who {
    /// Who we are now in the accounts of a plan.
    pub(super) fn of(gateway: &Gateway, plan: &Plan) -> Result<Self, Problem> {
        let accounts: BTreeSet<&AccountId> =
            plan.steps.iter().map(|step| step.change.scope().account()).collect();
        let known = accounts.into_iter().map(|account| {
            gateway.identity(account).ok_or_else(|| {
                Problem::new(
                    ProblemKind::NoCredentials,
                    format!("nobody is signed in to the account {account}"),
                    "Name a profile of that account with --profile",
                )
            })
        });
        known.collect::<Result<_, _>>().map(Self)
    }

    /// As the journal keeps it.
    pub(super) fn principals(&self) -> Vec<Principal> {
        let principal = |who: &Identity| Principal { account: who.account.clone(), arn: who.arn.to_string() };
        self.0.iter().map(principal).collect()
    }

    /// The ARN of who acts in an account.
    pub(super) fn arn(&self, account: &AccountId) -> &str {
        self.0.iter().find(|who| who.account == *account).map_or("", |who| &who.arn)
    }

    /// Refuses anybody but who has begun the operation.
    pub(super) fn must_be(&self, begun: &[Principal]) -> Result<(), Problem> {
        for who in &self.0 {
            let before = begun.iter().find(|before| before.account == who.account);
            match before {
                Some(before) if is_same(&before.arn, &who.arn) => {}
                Some(before) => return Err(another(&before.arn, who)),
                None => return Err(another("nobody", who)),
            }
        }
        Ok(())
    }

    /// Whether the profile that is used for an account still leads to whom it led when the operation began.
    pub(super) fn holds(&self, gateway: &Gateway, account: &AccountId) -> bool {
        let pinned = self.0.iter().find(|who| who.account == *account);
        match (pinned, gateway.identity(account)) {
            (Some(pinned), Some(now)) => is_same(&pinned.arn, &now.arn),
            _ => false,
        }
    }

    /// Asks AWS again who we are, with credentials loaded anew, and refuses anybody but who we were.
    pub(super) async fn verify(&self, gateway: &Gateway) -> Result<(), Problem> {
        for who in &self.0 {
            match gateway.ask(&Query::Identity(who.profile.clone())).await? {
                Answer::Identity(now) if now.account == who.account && is_same(&who.arn, &now.arn) => {}
                Answer::Identity(now) => return Err(another(&who.arn, &now)),
                _ => return Err(Problem::new(ProblemKind::Unexpected, "the answer is of another kind", "")),
            }
        }
        Ok(())
    }
}

/// Whether two ARNs are of the same principal. The session of a role is named anew with every sign-in.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    without_session(one) == without_session(other)
}

fn without_session(arn: &str) -> &str {
    match (arn.contains(":assumed-role/"), arn.rsplit_once('/')) {
        (true, Some((role, _session))) => role,
        _ => arn,
    }
}

fn another(before: &str, now: &Identity) -> Problem {
    Problem::new(
        ProblemKind::Refused,
        format!(
            "the operation was begun as {before}, and the profile {} is now {} in {}; nothing was sent",
            now.profile, now.arn, now.account
        ),
        "Sign in as the one who began it, or cancel it and make a new plan",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_the_same_in_every_session_and_a_user_only_under_its_name() {
        for (one, other, same) in [
            ("arn:aws:sts::1:assumed-role/Admin/anna", "arn:aws:sts::1:assumed-role/Admin/anna-2", true),
            ("arn:aws:sts::1:assumed-role/Admin/anna", "arn:aws:sts::1:assumed-role/Other/anna", false),
            ("arn:aws:sts::1:assumed-role/Admin/anna", "arn:aws:sts::2:assumed-role/Admin/anna", false),
            ("arn:aws:iam::1:user/path/anna", "arn:aws:iam::1:user/path/bert", false),
            ("arn:aws:iam::1:user/anna", "arn:aws:iam::1:user/anna", true),
        ] {
            assert_eq!(is_same(one, other), same, "{one} {other}");
        }
    }
}
