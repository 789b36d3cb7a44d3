//! Who we are: `sts:GetCallerIdentity` and `iam:ListAccountAliases`.

use std::sync::Arc;

use super::caller::{Caller, PATIENCE};
use crate::fleet::{AccountId, Identity, Problem, ProblemKind, ProfileName, harmless};

/// Who the credentials belong to. Needs no permission, so that it tells good credentials from bad ones.
pub(super) async fn identity(client: &aws_sdk_sts::Client, caller: &Caller) -> Result<Identity, Problem> {
    let answer = caller.call("GetCallerIdentity", PATIENCE, || client.get_caller_identity().send()).await?;
    match (answer.account(), answer.arn()) {
        (Some(account), Some(arn)) => Ok(Identity {
            profile: ProfileName::clone(&caller.profile),
            account: AccountId::new(account),
            arn: harmless(arn),
        }),
        _ => Err(Problem::new(
            ProblemKind::Unexpected,
            "AWS did not say which account the credentials belong to",
            "Something between here and AWS may have answered instead of it",
        )),
    }
}

/// The alias of the account, if it has one; it has at most one.
pub(super) async fn alias(
    client: &aws_sdk_iam::Client,
    caller: &Caller,
) -> Result<Option<Arc<str>>, Problem> {
    let list = || client.list_account_aliases().send();
    let answer = caller.call("ListAccountAliases", PATIENCE, list).await?;
    Ok(answer.account_aliases().first().map(|alias| harmless(alias)))
}
