//! The write lock: while it is closed no mutating request can leave the process, whoever asks for one.
//! It sits in the SDK's own pipeline, where every request passes. Knows no screen and no plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::time::Instant;

use super::problem::HeldBack;
use crate::fleet::{AccountId, Problem};

/// The operations that change nothing; every other one counts as a write. (SDK service id, operation.)
pub(super) const READS: [(&str, &str); 12] = [
    ("SageMaker", "ListDomains"),
    ("SageMaker", "ListUserProfiles"),
    ("SageMaker", "ListSpaces"),
    ("SageMaker", "ListApps"),
    ("SageMaker", "ListTags"),
    ("SageMaker", "DescribeDomain"),
    ("SageMaker", "DescribeUserProfile"),
    ("SageMaker", "DescribeSpace"),
    ("SageMaker", "DescribeApp"),
    ("STS", "GetCallerIdentity"),
    ("IAM", "ListAccountAliases"),
    ("Pricing", "GetProducts"),
];

/// The writes that plans are made of; any other write is never sent, locked or not.
pub(super) const WRITES: [(&str, &str); 1] = [("SageMaker", "DeleteApp")];

/// Whether an account may be changed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockState {
    /// Never in this session: it was started read-only.
    ReadOnly,
    /// No.
    Locked,
    /// Yes, until then.
    Unlocked(Instant),
}

/// The lock of all accounts of a session. Everything starts locked.
#[derive(Debug)]
pub(super) struct WriteLock {
    read_only: bool,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    until: BTreeMap<AccountId, Instant>,
    leases: BTreeMap<u64, BTreeSet<AccountId>>,
    next_lease: u64,
}

impl WriteLock {
    pub(super) fn new(read_only: bool) -> Self {
        Self { read_only, open: Mutex::default() }
    }

    pub(super) fn state(&self, account: &AccountId) -> LockState {
        if self.read_only {
            return LockState::ReadOnly;
        }
        match self.open().until.get(account) {
            Some(until) if *until > Instant::now() => LockState::Unlocked(*until),
            _ => LockState::Locked,
        }
    }

    pub(super) fn unlock(&self, account: &AccountId, until: Instant) -> Result<(), Problem> {
        if self.read_only {
            return Err(read_only().0);
        }
        self.open().until.insert(account.clone(), until);
        Ok(())
    }

    /// Locks every account at once, also for plans that are under way.
    pub(super) fn lock(&self) {
        let mut open = self.open();
        open.until.clear();
        open.leases.clear();
    }

    /// Keeps unlocked accounts open for one plan, so that the end of the unlocked time does not strand it
    /// half-way. [`lock`](Self::lock) ends leases too.
    pub(super) fn lease(self: &Arc<Self>, accounts: BTreeSet<AccountId>) -> Result<Lease, Problem> {
        for account in &accounts {
            match self.state(account) {
                LockState::Unlocked(_) => {}
                LockState::Locked => return Err(locked(account).0),
                LockState::ReadOnly => return Err(read_only().0),
            }
        }
        Ok(self.grant(accounts))
    }

    /// Opens accounts for one plan and no longer, for the command line, where the plan itself was confirmed.
    pub(super) fn lift(self: &Arc<Self>, accounts: BTreeSet<AccountId>) -> Result<Lease, Problem> {
        if self.read_only {
            return Err(read_only().0);
        }
        Ok(self.grant(accounts))
    }

    fn grant(self: &Arc<Self>, accounts: BTreeSet<AccountId>) -> Lease {
        let mut open = self.open();
        let id = open.next_lease;
        open.next_lease += 1;
        open.leases.insert(id, accounts);
        Lease { lock: Arc::clone(self), id }
    }

    fn holds(&self, account: &AccountId) -> Result<(), HeldBack> {
        if self.read_only {
            return Err(read_only());
        }
        let leased = self.open().leases.values().any(|accounts| accounts.contains(account));
        if leased { Ok(()) } else { Err(locked(account)) }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permission to carry out one plan; ends when dropped, or when everything is locked.
#[derive(Debug)]
pub struct Lease {
    lock: Arc<WriteLock>,
    id: u64,
}

impl Lease {
    /// Whether it still holds: nobody has locked meanwhile.
    pub fn holds(&self) -> bool {
        self.lock.open().leases.contains_key(&self.id)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.lock.open().leases.remove(&self.id);
    }
}

fn read_only() -> HeldBack {
    HeldBack::new(
        "this session is read-only, so nothing was sent",
        "Start again without --read-only to change things",
    )
}

fn locked(account: &AccountId) -> HeldBack {
    HeldBack::new(format!("writing to {account} is locked, so nothing was sent"), "Unlock it first")
}

/// The interceptor: the last thing a request passes before it is sent, once per attempt.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) lock: Arc<WriteLock>,
    /// The account the client's credentials belong to; `None` where it is not known yet, and then nothing
    /// but reading is possible.
    pub(super) account: Option<AccountId>,
}

impl Gate {
    fn check(&self, service: &str, operation: &str) -> Result<(), HeldBack> {
        let asked = (service, operation);
        if READS.contains(&asked) {
            return Ok(());
        }
        match &self.account {
            Some(account) if WRITES.contains(&asked) => self.lock.holds(account),
            _ => Err(HeldBack::new(
                format!("{service} {operation} is no operation this program makes, so it was not sent"),
                "This is a defect of sagedeck; please report it",
            )),
        }
    }
}

impl Intercept for Gate {
    fn name(&self) -> &'static str {
        "WriteLock"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A request that does not say what it is counts as a write.
        let (service, operation) =
            cfg.load::<Metadata>().map_or(("", ""), |metadata| (metadata.service(), metadata.name()));
        self.check(service, operation).map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn account(id: &str) -> AccountId {
        AccountId::new(id)
    }

    fn gate(lock: &Arc<WriteLock>, id: &str) -> Gate {
        Gate { lock: Arc::clone(lock), account: Some(account(id)) }
    }

    #[test]
    fn a_locked_account_lets_every_read_pass_and_no_write() {
        let lock = Arc::new(WriteLock::new(false));
        let gate = gate(&lock, "1");
        for (service, operation) in READS {
            assert!(gate.check(service, operation).is_ok(), "{operation}");
        }
        for operation in
            ["DeleteApp", "CreateApp", "DeleteDomain", "CreatePresignedDomainUrl", "", "listapps"]
        {
            assert!(gate.check("SageMaker", operation).is_err(), "{operation}");
        }
    }

    #[test]
    fn being_unlocked_is_not_enough_without_a_plan() {
        let lock = Arc::new(WriteLock::new(false));
        lock.unlock(&account("1"), Instant::now() + Duration::from_mins(1)).unwrap();
        assert!(gate(&lock, "1").check("SageMaker", "DeleteApp").is_err());
    }

    #[test]
    fn a_lease_opens_its_accounts_for_the_writes_of_plans_and_nothing_else() {
        let lock = Arc::new(WriteLock::new(false));
        lock.unlock(&account("1"), Instant::now() + Duration::from_mins(1)).unwrap();
        let lease = lock.lease([account("1")].into()).unwrap();
        assert!(gate(&lock, "1").check("SageMaker", "DeleteApp").is_ok());
        assert!(gate(&lock, "1").check("SageMaker", "DeleteDomain").is_err());
        assert!(gate(&lock, "2").check("SageMaker", "DeleteApp").is_err());
        assert!(Gate { lock: Arc::clone(&lock), account: None }.check("SageMaker", "DeleteApp").is_err());
        drop(lease);
        assert!(gate(&lock, "1").check("SageMaker", "DeleteApp").is_err());
    }

    #[test]
    fn locking_ends_leases_that_are_under_way() {
        let lock = Arc::new(WriteLock::new(false));
        let lease = lock.lift([account("1")].into()).unwrap();
        lock.lock();
        assert!(!lease.holds());
        assert!(gate(&lock, "1").check("SageMaker", "DeleteApp").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_unlocked_account_locks_itself_when_its_time_is_over_but_a_lease_lasts() {
        let lock = Arc::new(WriteLock::new(false));
        let until = Instant::now() + Duration::from_mins(10);
        lock.unlock(&account("1"), until).unwrap();
        let _lease = lock.lease([account("1")].into()).unwrap();
        assert_eq!(lock.state(&account("1")), LockState::Unlocked(until));
        tokio::time::advance(Duration::from_secs(601)).await;
        assert_eq!(lock.state(&account("1")), LockState::Locked);
        assert!(gate(&lock, "1").check("SageMaker", "DeleteApp").is_ok());
        assert!(lock.lease([account("1")].into()).is_err(), "a second plan needs a new unlocking");
    }

    #[test]
    fn a_read_only_session_cannot_be_opened_at_all() {
        let lock = Arc::new(WriteLock::new(true));
        assert!(lock.unlock(&account("1"), Instant::now() + Duration::from_mins(1)).is_err());
        assert!(lock.lift([account("1")].into()).is_err());
        assert!(
            lock.lease(BTreeSet::new())
                .is_ok_and(|_| gate(&lock, "1").check("SageMaker", "DeleteApp").is_err())
        );
    }
}
