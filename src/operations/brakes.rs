//! What makes the rest of a plan stop: the person, credentials that have run out, or the same denial again and
//! again. Knows no request.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::fleet::{AccountId, Problem, ProblemKind};

/// So many like denials of one operation in one account mean that the next one is denied too.
const LIKE_DENIALS: u32 = 3;

/// The brakes of one plan that is being carried out.
#[derive(Debug, Default)]
pub(super) struct Brakes {
    pulled: AtomicBool,
    accounts: Mutex<BTreeMap<AccountId, Account>>,
}

#[derive(Debug, Default)]
struct Account {
    denials: BTreeMap<String, u32>,
    stopped: Option<Arc<str>>,
}

impl Brakes {
    /// The person stops the plan: what was sent is still watched, nothing more is sent.
    pub(super) fn pull(&self) {
        self.pulled.store(true, Ordering::Release);
    }

    /// Why nothing more is sent in an account, if so.
    pub(super) fn stopped(&self, account: &AccountId) -> Option<Arc<str>> {
        if self.pulled.load(Ordering::Acquire) {
            return Some(Arc::from("the plan was stopped before it came to this"));
        }
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.get(account).and_then(|account| account.stopped.clone())
    }

    /// Takes note of a failure in an account.
    pub(super) fn note(&self, account: &AccountId, problem: &Problem) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = accounts.entry(account.clone()).or_default();
        if problem.is_credentials() {
            noted.stopped.get_or_insert_with(|| {
                Arc::from(format!("the credentials for {account} no longer hold; sign in and plan anew"))
            });
        } else if problem.kind == ProblemKind::AccessDenied {
            let operation = problem.operation.clone().unwrap_or_default();
            let denials = noted.denials.entry(operation.to_string()).or_default();
            *denials += 1;
            if *denials >= LIKE_DENIALS {
                let reason =
                    format!("{operation} was denied {denials} times before, so it was not tried again");
                noted.stopped.get_or_insert_with(|| Arc::from(reason));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(operation: &'static str) -> Problem {
        Problem { operation: Some(operation.into()), ..Problem::new(ProblemKind::AccessDenied, "no", "") }
    }

    #[test]
    fn three_denials_of_one_operation_stop_its_account_and_no_other() {
        let (brakes, one, other) = (Brakes::default(), AccountId::new("1"), AccountId::new("2"));
        brakes.note(&one, &denied("DeleteApp"));
        brakes.note(&one, &denied("DescribeApp"));
        brakes.note(&one, &denied("DeleteApp"));
        brakes.note(&other, &denied("DeleteApp"));
        assert_eq!(brakes.stopped(&one), None);
        brakes.note(&one, &denied("DeleteApp"));
        assert!(brakes.stopped(&one).is_some_and(|reason| reason.contains("DeleteApp")));
        assert_eq!(brakes.stopped(&other), None);
    }

    #[test]
    fn expired_credentials_stop_their_account_at_once() {
        let (brakes, one) = (Brakes::default(), AccountId::new("1"));
        brakes.note(&one, &Problem::new(ProblemKind::Conflict, "in use", ""));
        assert_eq!(brakes.stopped(&one), None);
        brakes.note(&one, &Problem::new(ProblemKind::ExpiredCredentials, "expired", ""));
        assert!(brakes.stopped(&one).is_some());
    }
}
