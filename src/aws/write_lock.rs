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
pub(super) const READS: [(&str, &str); 37] = [
    ("SageMaker", "ListDomains"),
    ("SageMaker", "ListUserProfiles"),
    ("SageMaker", "ListSpaces"),
    ("SageMaker", "ListApps"),
    ("SageMaker", "ListTags"),
    ("SageMaker", "ListStudioLifecycleConfigs"),
    ("SageMaker", "ListImages"),
    ("SageMaker", "ListImageVersions"),
    ("SageMaker", "ListAppImageConfigs"),
    ("SageMaker", "ListMlflowTrackingServers"),
    ("SageMaker", "DescribeDomain"),
    ("SageMaker", "DescribeUserProfile"),
    ("SageMaker", "DescribeSpace"),
    ("SageMaker", "DescribeApp"),
    ("SageMaker", "DescribeStudioLifecycleConfig"),
    ("SageMaker", "DescribeImage"),
    ("SageMaker", "DescribeImageVersion"),
    ("SageMaker", "DescribeAppImageConfig"),
    ("STS", "GetCallerIdentity"),
    ("IAM", "ListAccountAliases"),
    ("IAM", "ListRoles"),
    ("Pricing", "GetProducts"),
    ("Cost Explorer", "GetCostAndUsage"),
    ("Cost Explorer", "GetCostForecast"),
    ("Cost Explorer", "ListCostAllocationTags"),
    ("SSO Admin", "ListInstances"),
    ("SSO Admin", "ListApplicationAssignments"),
    ("identitystore", "GetUserId"),
    ("EFS", "DescribeFileSystems"),
    ("EC2", "DescribeVpcs"),
    ("EC2", "DescribeSubnets"),
    ("EC2", "DescribeSecurityGroups"),
    ("EC2", "DescribeNetworkInterfaces"),
    ("Service Quotas", "ListServiceQuotas"),
    ("Service Quotas", "ListAWSDefaultServiceQuotas"),
    ("Service Quotas", "ListRequestedServiceQuotaChangeHistory"),
    ("Service Quotas", "GetServiceQuota"),
];

/// The writes that plans are made of; any other write is never sent, locked or not.
pub(super) const WRITES: [(&str, &str); 21] = [
    ("SageMaker", "CreateDomain"),
    ("SageMaker", "UpdateDomain"),
    ("SageMaker", "DeleteDomain"),
    ("SageMaker", "CreateUserProfile"),
    ("SageMaker", "UpdateUserProfile"),
    ("SageMaker", "DeleteUserProfile"),
    ("SageMaker", "CreateSpace"),
    ("SageMaker", "UpdateSpace"),
    ("SageMaker", "DeleteSpace"),
    ("SageMaker", "CreateApp"),
    ("SageMaker", "DeleteApp"),
    ("SageMaker", "AddTags"),
    ("SageMaker", "DeleteTags"),
    ("SageMaker", "CreateStudioLifecycleConfig"),
    ("SageMaker", "DeleteStudioLifecycleConfig"),
    ("SageMaker", "CreatePresignedDomainUrl"),
    ("Cost Explorer", "UpdateCostAllocationTagsStatus"),
    ("Cost Explorer", "StartCostAllocationTagBackfill"),
    ("SSO Admin", "CreateApplicationAssignment"),
    ("SSO Admin", "DeleteApplicationAssignment"),
    ("Service Quotas", "RequestServiceQuotaIncrease"),
];

/// Every operation this program can make, as the IAM action that allows it (`sagemaker:DeleteApp`), the reads
/// first. Nothing else leaves the process, so policies need no more than these, besides what AWS asks for on its
/// own behalf (`iam:PassRole`).
pub fn operations() -> Vec<String> {
    READS
        .iter()
        .chain(&WRITES)
        .map(|(service, operation)| format!("{}:{operation}", action_prefix(service)))
        .collect()
}

/// What IAM calls a service, by its id in the SDK. Source: Service Authorization Reference.
fn action_prefix(service: &str) -> &str {
    match service {
        "SageMaker" => "sagemaker",
        "STS" => "sts",
        "IAM" => "iam",
        "Pricing" => "pricing",
        "Cost Explorer" => "ce",
        "SSO Admin" => "sso",
        "EFS" => "elasticfilesystem",
        "EC2" => "ec2",
        "Service Quotas" => "servicequotas",
        other => other,
    }
}

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

/// What a plan needs to be allowed: operations, by the account they change.
pub(super) type Writes = BTreeSet<(AccountId, &'static str)>;

/// The lock of all accounts of a session. Everything starts locked.
#[derive(Debug)]
pub(super) struct WriteLock {
    read_only: bool,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    until: BTreeMap<AccountId, Instant>,
    leases: BTreeMap<u64, Writes>,
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

    /// Keeps unlocked accounts open for the writes of one plan, so that the end of the unlocked time does not
    /// strand it half-way. [`lock`](Self::lock) ends leases too.
    pub(super) fn lease(self: &Arc<Self>, writes: Writes) -> Result<Lease, Problem> {
        for (account, _) in &writes {
            match self.state(account) {
                LockState::Unlocked(_) => {}
                LockState::Locked => return Err(locked(account).0),
                LockState::ReadOnly => return Err(read_only().0),
            }
        }
        Ok(self.grant(writes))
    }

    /// Opens accounts for the writes of one plan and no longer, for the command line, where the plan itself was confirmed.
    pub(super) fn lift(self: &Arc<Self>, writes: Writes) -> Result<Lease, Problem> {
        if self.read_only {
            return Err(read_only().0);
        }
        Ok(self.grant(writes))
    }

    fn grant(self: &Arc<Self>, writes: Writes) -> Lease {
        let mut open = self.open();
        let id = open.next_lease;
        open.next_lease += 1;
        open.leases.insert(id, writes);
        Lease { lock: Arc::clone(self), id }
    }

    fn holds(&self, account: &AccountId, operation: &'static str) -> Result<(), HeldBack> {
        if self.read_only {
            return Err(read_only());
        }
        let write = (account.clone(), operation);
        let leased = self.open().leases.values().any(|writes| writes.contains(&write));
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
        match (&self.account, WRITES.iter().find(|write| **write == asked)) {
            (Some(account), Some((_, operation))) => self.lock.holds(account, operation),
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
    use crate::aws::apply;
    use crate::fleet::{
        AppKey, AppType, Assignment, Change, Document, DomainId, HomeFiles, LifecycleConfigKey, Name,
        ObjectKey, Owner, QuotaCode, QuotaKey, Region, Scope, SpaceKey, UserKey,
    };

    fn account(id: &str) -> AccountId {
        AccountId::new(id)
    }

    fn gate(lock: &Arc<WriteLock>, id: &str) -> Gate {
        Gate { lock: Arc::clone(lock), account: Some(account(id)) }
    }

    fn stopping(id: &str) -> Writes {
        [(account(id), "DeleteApp")].into()
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
        for (service, operation) in WRITES {
            assert!(gate.check(service, operation).is_err(), "{operation}");
        }
    }

    /// One of every kind, with what it is made with. A new kind of change does not compile without an arm here.
    fn every_change() -> Vec<Change> {
        let scope = Scope::new(account("1"), Region::new("eu-west-1"));
        let (domain, name) = (DomainId::new("d-one"), Name::new("x"));
        let user = UserKey { scope: scope.clone(), domain: domain.clone(), name: name.clone() };
        let space = SpaceKey { scope: scope.clone(), domain: domain.clone(), name: name.clone() };
        let quota = QuotaKey { scope: scope.clone(), code: QuotaCode::new("L-1"), name: name.clone() };
        let script = LifecycleConfigKey { scope: scope.clone(), name: name.clone() };
        let app =
            AppKey { scope, domain, owner: Owner::User(name.clone()), app_type: AppType::JupyterLab, name };
        let object = ObjectKey::User(user.clone());
        let assignment =
            Assignment { user: user.clone(), application: Some("arn".into()), principal: "id".into() };
        let mut changes = vec![Change::StopApp(app.clone())];
        while let Some(last) = changes.last() {
            let next = match last {
                Change::StopApp(_) => Change::CreateApp(app.clone(), Document::new()),
                Change::CreateApp(..) => Change::CreateUser(user.clone(), Document::new()),
                Change::CreateUser(..) => Change::UpdateUser(user.clone(), Document::new()),
                Change::UpdateUser(..) => Change::DeleteUser(user.clone()),
                Change::DeleteUser(_) => Change::CreateSpace(space.clone(), Document::new()),
                Change::CreateSpace(..) => Change::UpdateSpace(space.clone(), Document::new()),
                Change::UpdateSpace(..) => Change::DeleteSpace(space.clone()),
                Change::DeleteSpace(_) => Change::CreateDomain(user.domain_key(), Document::new()),
                Change::CreateDomain(..) => Change::UpdateDomain(user.domain_key(), Document::new()),
                Change::UpdateDomain(..) => Change::DeleteDomain(user.domain_key(), HomeFiles::Retain),
                Change::DeleteDomain(..) => Change::AddTags(object.clone().into(), Vec::new()),
                Change::AddTags(..) => Change::RemoveTags(object.clone().into(), Vec::new()),
                Change::RemoveTags(..) => Change::CreateLifecycleConfig(script.clone(), Document::new()),
                Change::CreateLifecycleConfig(..) => Change::DeleteLifecycleConfig(script.clone()),
                Change::DeleteLifecycleConfig(_) => Change::AssignApplication(assignment.clone()),
                Change::AssignApplication(_) => Change::UnassignApplication(assignment.clone()),
                Change::UnassignApplication(_) => Change::SignInLink(user.clone(), 300),
                Change::SignInLink(..) => Change::RequestQuota(quota.clone(), Document::new()),
                Change::RequestQuota(..) => Change::ActivateCostTags(user.scope.clone(), Vec::new()),
                Change::ActivateCostTags(..) => {
                    Change::BackfillCostTags(user.scope.clone(), jiff::civil::date(2026, 1, 1))
                }
                Change::BackfillCostTags(..) => break,
            };
            changes.push(next);
        }
        changes
    }

    #[test]
    fn the_writes_are_those_that_changes_are_made_with_and_nothing_else() {
        let made: BTreeSet<(&str, &str)> = every_change()
            .iter()
            .map(|change| {
                let service = match apply::service(change) {
                    "sso" => "SSO Admin",
                    "servicequotas" => "Service Quotas",
                    "ce" => "Cost Explorer",
                    _ => "SageMaker",
                };
                (service, change.operation())
            })
            .collect();
        assert_eq!(made, BTreeSet::from(WRITES));
        assert!(READS.iter().all(|read| !WRITES.contains(read)));
    }

    #[test]
    fn operations_have_the_names_that_policies_use() {
        let operations = operations();
        for action in [
            "sagemaker:DeleteApp",
            "ec2:DescribeVpcs",
            "sso:CreateApplicationAssignment",
            "identitystore:GetUserId",
            "elasticfilesystem:DescribeFileSystems",
            "iam:ListRoles",
            "sts:GetCallerIdentity",
            "pricing:GetProducts",
        ] {
            assert!(operations.iter().any(|operation| operation == action), "{action}");
        }
        assert!(
            operations.iter().all(|action| action.chars().all(|c| c.is_ascii_alphanumeric() || c == ':'))
        );
    }

    #[test]
    fn being_unlocked_is_not_enough_without_a_plan() {
        let lock = Arc::new(WriteLock::new(false));
        lock.unlock(&account("1"), Instant::now() + Duration::from_mins(1)).unwrap();
        assert!(gate(&lock, "1").check("SageMaker", "DeleteApp").is_err());
    }

    #[test]
    fn a_lease_opens_its_accounts_for_the_writes_of_its_plan_and_nothing_else() {
        let lock = Arc::new(WriteLock::new(false));
        lock.unlock(&account("1"), Instant::now() + Duration::from_mins(1)).unwrap();
        let lease = lock.lease(stopping("1")).unwrap();
        assert!(gate(&lock, "1").check("SageMaker", "DeleteApp").is_ok());
        assert!(gate(&lock, "1").check("SageMaker", "DeleteImage").is_err());
        assert!(gate(&lock, "1").check("SageMaker", "DeleteDomain").is_err(), "no part of that plan");
        assert!(gate(&lock, "2").check("SageMaker", "DeleteApp").is_err());
        assert!(Gate { lock: Arc::clone(&lock), account: None }.check("SageMaker", "DeleteApp").is_err());
        drop(lease);
        assert!(gate(&lock, "1").check("SageMaker", "DeleteApp").is_err());
    }

    #[test]
    fn locking_ends_leases_that_are_under_way() {
        let lock = Arc::new(WriteLock::new(false));
        let lease = lock.lift(stopping("1")).unwrap();
        lock.lock();
        assert!(!lease.holds());
        assert!(gate(&lock, "1").check("SageMaker", "DeleteApp").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_unlocked_account_locks_itself_when_its_time_is_over_but_a_lease_lasts() {
        let lock = Arc::new(WriteLock::new(false));
        let until = Instant::now() + Duration::from_mins(10);
        lock.unlock(&account("1"), until).unwrap();
        let _lease = lock.lease(stopping("1")).unwrap();
        assert_eq!(lock.state(&account("1")), LockState::Unlocked(until));
        tokio::time::advance(Duration::from_secs(601)).await;
        assert_eq!(lock.state(&account("1")), LockState::Locked);
        assert!(gate(&lock, "1").check("SageMaker", "DeleteApp").is_ok());
        assert!(lock.lease(stopping("1")).is_err(), "a second plan needs a new unlocking");
    }

    #[test]
    fn a_read_only_session_cannot_be_opened_at_all() {
        let lock = Arc::new(WriteLock::new(true));
        assert!(lock.unlock(&account("1"), Instant::now() + Duration::from_mins(1)).is_err());
        assert!(lock.lift(stopping("1")).is_err());
        assert!(
            lock.lease(Writes::new())
                .is_ok_and(|_| gate(&lock, "1").check("SageMaker", "DeleteApp").is_err())
        );
    }
}
