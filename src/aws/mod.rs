//! How AWS is asked: the only user of the AWS SDK. Knows no screen.
//!
//! A [`Gateway`] takes a [`Query`] and gives [`Answer`]s, or takes a [`Change`] of a plan and makes it. Between
//! it and the network are the write lock, the limiter and one shared HTTP client; demo and tests put another
//! HTTP client there, so that everything above it is the real thing everywhere.

mod apply;
mod caller;
mod connect;
mod costs;
mod credentials;
mod ec2;
mod identity;
mod leftovers;
mod limiter;
mod people;
mod pricing;
mod problem;
mod quotas;
mod reads;
mod roles;
mod sagemaker;
mod transport;
mod walk;
mod write_lock;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::mpsc::{self, Sender};
use tokio::time::Instant;

use self::caller::Caller;
use self::connect::{Connection, Endpoints};
pub use self::connect::{Settings, StaticKeys, configured_profiles};
use self::limiter::Limiter;
pub use self::limiter::{Partition, Rate};
pub use self::write_lock::{Lease, LockState, operations};
use self::write_lock::{WriteLock, Writes};
use crate::fleet::{
    AccountId, Answer, Change, Identity, Plan, Problem, ProblemKind, Produced, ProfileName, Query, Region,
};

/// How AWS is asked. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Gateway(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    http: SharedHttpClient,
    lock: Arc<WriteLock>,
    limiter: Arc<Limiter>,
    endpoints: Arc<Endpoints>,
    /// The profiles in use, the preferred ones first.
    chosen: Mutex<Vec<ProfileName>>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    connections: HashMap<ProfileName, Arc<Connection>>,
    /// Which profile is used for which account, as [`Query::Identity`] found out.
    accounts: BTreeMap<AccountId, Identity>,
}

/// A change that AWS took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// AWS's request id.
    pub request_id: Option<Arc<str>>,
    /// What AWS gave back; `None` where there is nothing to give, or where AWS left it out.
    pub produced: Option<Produced>,
}

/// Why a change is not known to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// It was not made: AWS refused it, or it was never sent.
    Refused(Problem),
    /// It may have been made: it was sent, and no answer to it could be read.
    Lost(Problem),
}

impl Gateway {
    /// A gateway that has asked nothing yet. Everything is locked.
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Inner {
            http: transport::shared(settings.http_client.clone()),
            lock: Arc::new(WriteLock::new(settings.read_only)),
            limiter: Arc::default(),
            endpoints: Arc::default(),
            chosen: Mutex::new(or_default_chain(settings.profiles.clone())),
            known: Mutex::default(),
            settings,
        }))
    }

    /// The profiles to ask [`Query::Identity`] for, before anything else: those of the settings or chosen since,
    /// or else the default chain of credentials.
    pub fn profiles(&self) -> Vec<ProfileName> {
        self.chosen().clone()
    }

    /// Uses these profiles from now on, the preferred ones first. What was known of the others is forgotten, so
    /// that no further request is made with their credentials; each has to be asked for its identity.
    pub fn choose(&self, profiles: Vec<ProfileName>) {
        let profiles = or_default_chain(profiles);
        let mut known = self.known();
        known.connections.retain(|profile, _| profiles.contains(profile));
        known.accounts.retain(|_, identity| profiles.contains(&identity.profile));
        drop(known);
        *self.chosen() = profiles;
    }

    /// The regions to look at with a profile: those of the settings, or else the profile's own. Empty when
    /// neither names one.
    pub async fn regions(&self, profile: &ProfileName) -> Vec<Region> {
        if self.0.settings.regions.is_empty() {
            self.connection(profile).await.default_region().into_iter().collect()
        } else {
            self.0.settings.regions.clone()
        }
    }

    /// Reads what a query asks for, and sends it page by page; the last thing sent is the last answer, or the
    /// problem that made it stop.
    ///
    /// Dropping the receiver cancels the reading at once.
    pub async fn load(&self, query: &Query, pages: Sender<Result<Answer, Problem>>) {
        let end = tokio::select! {
            biased;
            () = pages.closed() => return,
            // Boxed, since it has room for every kind of query, and whoever waits for it would carry that.
            end = Box::pin(self.answer(query, &pages)) => end,
        };
        if let Err(problem) = end {
            // Nobody to tell is no failure: the receiver was dropped.
            drop(pages.send(Err(problem)).await);
        }
    }

    /// Reads what a query asks for that is not a list, or the first page of one.
    ///
    /// # Errors
    ///
    /// The problem that kept it from being read.
    pub async fn ask(&self, query: &Query) -> Result<Answer, Problem> {
        let (pages, mut answers) = mpsc::channel(1);
        let (answer, ()) = tokio::join!(
            async {
                let answer = answers.recv().await;
                answers.close();
                answer
            },
            self.load(query, pages)
        );
        answer.unwrap_or_else(|| Err(Problem::new(ProblemKind::Unexpected, "the question got no answer", "")))
    }

    /// Makes one change of the plan that `lease` was given for. It is sent once and never by itself again.
    ///
    /// # Errors
    ///
    /// [`NotTaken::Lost`] when it may nevertheless have been made.
    pub async fn apply(&self, change: &Change, lease: &Lease) -> Result<Taken, NotTaken> {
        if !lease.holds() {
            let message = "writing was locked again, so nothing more is sent";
            return Err(NotTaken::Refused(Problem::new(
                ProblemKind::Refused,
                message,
                "Unlock and plan anew",
            )));
        }
        let scope = change.scope();
        let connection = self.connection_of(scope.account()).await.map_err(NotTaken::Refused)?;
        let service = apply::service(change);
        let caller = self.caller(&connection, scope.account(), scope.region().clone(), service);
        apply::send(&connection, &caller, change).await.map_err(|problem| {
            match (problem.kind, &problem.code) {
                // Only an answer that says no is a no. A broken one, or a failure inside AWS, may hide a yes.
                (ProblemKind::Network, _) | (ProblemKind::Unexpected, None) => NotTaken::Lost(problem),
                _ => NotTaken::Refused(problem),
            }
        })
    }

    /// Whether an account may be changed now.
    pub fn lock_state(&self, account: &AccountId) -> LockState {
        self.0.lock.state(account)
    }

    /// Allows plans to change an account, until then. Each plan still has to be confirmed.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::Refused`] in a read-only session.
    pub fn unlock(&self, account: &AccountId, until: Instant) -> Result<(), Problem> {
        self.0.lock.unlock(account, until)
    }

    /// Locks everything at once, also against plans that are under way.
    pub fn lock(&self) {
        self.0.lock.lock();
    }

    /// Permission to carry out a plan in accounts that are unlocked; it lasts for the plan, however long that
    /// takes, unless everything is locked meanwhile.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::Refused`] when one of its accounts is locked.
    pub fn lease(&self, plan: &Plan) -> Result<Lease, Problem> {
        self.0.lock.lease(writes_of(plan))
    }

    /// Permission to carry out one plan, for the command line, where confirming the plan is the unlocking.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::Refused`] in a read-only session.
    pub fn lift_for(&self, plan: &Plan) -> Result<Lease, Problem> {
        self.0.lock.lift(writes_of(plan))
    }

    /// Who we are in an account, as far as [`Query::Identity`] was asked.
    pub fn identity(&self, account: &AccountId) -> Option<Identity> {
        self.known().accounts.get(account).cloned()
    }

    /// The rates learned so far.
    pub fn rates(&self) -> Vec<Rate> {
        self.0.limiter.rates()
    }

    /// The endpoints in use that are not AWS's own, as (service, address): worth showing at all times.
    pub fn foreign_endpoints(&self) -> Vec<(&'static str, String)> {
        self.0.endpoints.foreign()
    }

    /// Reads who a profile is, with credentials that are loaded anew: it is asked at the start, and again after
    /// the person has signed in once more.
    async fn read_identity(&self, profile: &ProfileName) -> Result<Identity, Problem> {
        self.known().connections.remove(profile);
        let connection = self.connection(profile).await;
        let nobody = AccountId::new("");
        let caller = self.caller(&connection, &nobody, connection.home_region(), "sts");
        let identity = identity::identity(&connection.sts(), &caller).await?;
        // Where two profiles lead to one account, the first one chosen is the one that is used. One that was not
        // chosen, or is not any more, only learns its name.
        let chosen = self.chosen().clone();
        let rank = |profile: &ProfileName| chosen.iter().position(|other| other == profile);
        let Some(own) = rank(profile) else { return Ok(identity) };
        let mut known = self.known();
        known.accounts.retain(|_, other| other.profile != *profile);
        let entry = known.accounts.entry(identity.account.clone()).or_insert_with(|| identity.clone());
        if rank(&entry.profile).is_none_or(|other| own < other) {
            *entry = identity.clone();
        }
        Ok(identity)
    }

    fn caller(
        &self,
        connection: &Connection,
        account: &AccountId,
        region: Region,
        service: &'static str,
    ) -> Caller {
        Caller {
            limiter: Arc::clone(&self.0.limiter),
            account: account.clone(),
            profile: connection.profile.clone(),
            region,
            service,
        }
    }

    async fn connection_of(&self, account: &AccountId) -> Result<Arc<Connection>, Problem> {
        let profile = self.known().accounts.get(account).map(|identity| identity.profile.clone());
        match profile {
            Some(profile) => Ok(self.connection(&profile).await),
            None => Err(Problem::new(
                ProblemKind::NoCredentials,
                format!("no profile leads to the account {account}"),
                "Name a profile of that account with --profile",
            )),
        }
    }

    async fn connection(&self, profile: &ProfileName) -> Arc<Connection> {
        let known = self.known().connections.get(profile).cloned();
        if let Some(connection) = known {
            return connection;
        }
        let Inner { settings, http, lock, endpoints, .. } = &*self.0;
        let opened = Arc::new(Connection::open(profile, settings, http, lock, endpoints).await);
        // Two may have opened it at once; the first is kept, so that there is one cache of credentials.
        Arc::clone(self.known().connections.entry(profile.clone()).or_insert(opened))
    }

    fn chosen(&self) -> MutexGuard<'_, Vec<ProfileName>> {
        self.0.chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn or_default_chain(profiles: Vec<ProfileName>) -> Vec<ProfileName> {
    if profiles.is_empty() { vec![ProfileName::new("")] } else { profiles }
}

fn writes_of(plan: &Plan) -> Writes {
    let write = |change: &Change| (change.scope().account().clone(), change.operation());
    plan.steps.iter().map(|step| write(&step.change)).collect()
}
