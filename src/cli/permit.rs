//! What has to be said on the command line before a plan is carried out: the more there is to regret, the more.
//! The same that the console asks to be typed.

use std::collections::BTreeSet;

use super::arguments::ChangeArguments;
use super::failure::Failure;
use super::setup::Setup;
use crate::fleet::{AccountId, Ask, Fleet, Plan, Timestamp};

/// Something that was not said, or was said wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    /// The flag that says it, as it would be typed; `None` where no flag helps.
    pub(super) flag: Option<String>,
    /// Why it is needed, as a sentence.
    pub(super) message: String,
}

impl Missing {
    fn flag(flag: String, message: String) -> Self {
        Self { flag: Some(flag), message }
    }

    /// The refusal.
    pub(super) fn refusal(&self) -> Failure {
        Failure::refused(format!("{}. Nothing was changed", self.message))
    }
}

/// What has not been said, in the order in which it is asked for. `is_cascade` is whether one object takes others
/// with it, so that a word has to be typed where a list alone would need none.
pub(super) fn missing(
    plan: &Plan,
    fleet: &Fleet,
    how: &ChangeArguments,
    setup: &Setup,
    is_cascade: bool,
) -> Vec<Missing> {
    let mut missing = accounts_missing(plan, fleet, &how.account, setup);
    let protected = setup.config.protected();
    let reason_for =
        accounts_of(plan).into_iter().find(|account| may_be_protected(account, fleet, &protected));
    if let Some(account) = reason_for
        && how.reason.as_deref().is_none_or(|reason| reason.trim().is_empty())
    {
        let label = fleet.account_label(account);
        missing.push(Missing::flag(
            "--reason TEXT".to_owned(),
            format!(
                "the configuration protects {label} ({account}); say why with --reason, for the audit trail"
            ),
        ));
    }
    missing.extend(count_missing(plan, fleet, how, setup));
    missing.extend(phrases_missing(plan, fleet, how, setup, is_cascade));
    missing
}

/// The accounts that have not been named, of those that have to be.
pub(super) fn accounts_missing(plan: &Plan, fleet: &Fleet, named: &[String], setup: &Setup) -> Vec<Missing> {
    let protected = setup.config.protected();
    let accounts = accounts_of(plan).into_iter();
    accounts.filter_map(|account| account_missing(account, fleet, &protected, named)).collect()
}

fn accounts_of(plan: &Plan) -> BTreeSet<&AccountId> {
    plan.steps.iter().map(|step| step.change.scope().account()).collect()
}

fn count_missing(plan: &Plan, fleet: &Fleet, how: &ChangeArguments, setup: &Setup) -> Option<Missing> {
    let steps = plan.steps.len();
    if let Some(count) = how.count.filter(|count| *count != steps) {
        return Some(Missing::flag(
            format!("--count {steps}"),
            format!("--count says {count}, and the plan has {steps} steps"),
        ));
    }
    let asked = plan.confirmation(fleet, &setup.idle_rule(), Timestamp::now(), &setup.ceilings()).count;
    asked.filter(|_| how.count.is_none()).map(|steps| {
        let limits = setup.config.limits;
        let part = match &plan.pool {
            Some(pool) => format!(" ({} of {} {})", pool.taken, pool.of, pool.what),
            None => String::new(),
        };
        Missing::flag(
            format!("--count {steps}"),
            format!(
                "the plan has {steps} steps{part}, which is above the limits of {} steps or {} %; if it is meant, \
                 add --count {steps}",
                limits.steps, limits.percent,
            ),
        )
    })
}

/// The phrases that `--confirm` has to give. A plan of one kind of step needs none: its filter and `--yes` say
/// what it does. One that takes along what was not named does.
fn phrases_missing(
    plan: &Plan,
    fleet: &Fleet,
    how: &ChangeArguments,
    setup: &Setup,
    is_cascade: bool,
) -> Vec<Missing> {
    let confirmation = plan.confirmation(fleet, &setup.idle_rule(), Timestamp::now(), &setup.ceilings());
    let mut asked = match confirmation.ask {
        Ask::Phrases(phrases) if is_cascade || !plan.phrases.is_empty() => phrases,
        _ => Vec::new(),
    };
    // The number of steps is given with --count.
    asked.truncate(asked.len() - usize::from(confirmation.count.is_some() && !asked.is_empty()));
    let unknown = how.confirm.iter().find(|given| asked.iter().all(|phrase| phrase.text != **given));
    asked
        .iter()
        .filter(|phrase| !how.confirm.contains(&phrase.text))
        .map(|phrase| {
            let flag = format!("--confirm {}", quoted(&phrase.text));
            let why = if phrase.why.is_empty() { String::new() } else { format!(" ({})", phrase.why) };
            let message = match unknown {
                Some(given) => {
                    format!(
                        "--confirm says {}, and the plan asks for {}{why}",
                        quoted(given),
                        quoted(&phrase.text)
                    )
                }
                None => format!("the plan asks for {}{why}; if it is meant, add {flag}", phrase.what),
            };
            Missing::flag(flag, message)
        })
        .collect()
}

/// A phrase as a POSIX shell takes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn is_it(name: &str, account: &AccountId, fleet: &Fleet) -> bool {
    let alias = fleet.accounts.get(account).and_then(|known| known.alias.as_ref());
    name == account.as_str() || matches!(alias, Some(Some(alias)) if **alias == *name)
}

/// Whether an account is protected. An alias that could not be read may be one of those that are.
fn may_be_protected(account: &AccountId, fleet: &Fleet, protected: &[String]) -> bool {
    let alias = fleet.accounts.get(account).and_then(|known| known.alias.as_ref());
    let is_alias = |name: &String| !name.bytes().all(|byte| byte.is_ascii_digit());
    protected.iter().any(|name| is_it(name, account, fleet) || (alias.is_none() && is_alias(name)))
}

/// Whether an account may be changed: one that is protected has to be named, and once accounts are named no
/// other one is meant.
fn account_missing(
    account: &AccountId,
    fleet: &Fleet,
    protected: &[String],
    named: &[String],
) -> Option<Missing> {
    if named.iter().any(|name| is_it(name, account, fleet)) {
        return None;
    }
    let label = fleet.account_label(account);
    let flag = format!("--account {label}");
    if !named.is_empty() {
        let message = format!("the plan would change {label} ({account}), which --account does not name");
        return Some(Missing::flag(flag, message));
    }
    if protected.iter().any(|name| is_it(name, account, fleet)) {
        let message =
            format!("the configuration protects {label} ({account}); if it is meant, add --account {label}");
        return Some(Missing::flag(flag, message));
    }
    may_be_protected(account, fleet, protected).then(|| {
        let message = format!(
            "the alias of {account} could not be read, so whether the configuration protects it is not known; if \
             it is meant, add --account {account}"
        );
        Missing::flag(format!("--account {account}"), message)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fleet::{Answer, Identity, ProfileName, Query};

    const ID: &str = "123456789012";

    /// What is known of an alias.
    #[derive(Debug, Clone, Copy)]
    enum Alias {
        Is(&'static str),
        None,
        NotRead,
    }

    /// A fleet with one account.
    fn fleet(alias: Alias) -> Fleet {
        let mut fleet = Fleet::default();
        let profile = ProfileName::new("p");
        let account = AccountId::new(ID);
        let identity = Identity { profile: profile.clone(), account: account.clone(), arn: Arc::from("arn") };
        fleet.absorb(&Query::Identity(profile), Answer::Identity(identity), Timestamp::UNIX_EPOCH);
        let answer = match alias {
            Alias::Is(name) => Answer::Alias(Some(Arc::from(name))),
            Alias::None => Answer::Alias(None),
            Alias::NotRead => return fleet,
        };
        fleet.absorb(&Query::Alias(account), answer, Timestamp::UNIX_EPOCH);
        fleet
    }

    #[test]
    fn a_protected_account_has_to_be_named() {
        let known = Alias::Is("prod-ml");
        for (alias, protected, named, allowed) in [
            (known, "", "", true),
            (known, "prod-ml", "", false),
            (known, "prod-ml", "prod-ml", true),
            (known, "prod-ml", ID, true),
            (known, ID, "", false),
            (known, ID, "prod-ml", true),
            (known, "other", "", true),
            (known, "", "other", false),
            (Alias::None, "prod-ml", "", true),
            (Alias::NotRead, "prod-ml", "", false),
            (Alias::NotRead, "prod-ml", ID, true),
            (Alias::NotRead, ID, "", false),
            (Alias::NotRead, "210987654321", "", true),
        ] {
            let list = |text: &str| if text.is_empty() { vec![] } else { vec![text.to_owned()] };
            let missing = account_missing(&AccountId::new(ID), &fleet(alias), &list(protected), &list(named));
            assert_eq!(missing.is_none(), allowed, "{alias:?} {protected:?} {named:?}");
            if let Some(missing) = missing {
                assert!(missing.message.contains("--account"), "{}", missing.message);
            }
        }
    }

    #[test]
    fn a_phrase_survives_the_shell() {
        assert_eq!(quoted("ml research"), "'ml research'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
