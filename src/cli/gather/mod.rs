//! Reads the fleet once, from the identities to the details that are asked for, and keeps account of every list
//! that could not be read to its end.

mod details;
mod gaps;
mod planning;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::sync::mpsc;

pub(super) use self::gaps::gaps_told;
use super::failure::Failure;
use super::progress::Progress;
use crate::aws::Gateway;
use crate::fleet::{
    AccountId, Answer, Documents, Domain, DomainKey, Fleet, Name, Needs, ObjectKey, ObjectKind, Problem,
    ProblemKind, Query, Region, Scope, Timestamp, suggestion,
};
use crate::store;

/// How many questions are under way at once; the gateway lets no more through than AWS takes.
const AT_ONCE: usize = 32;

/// The fleet as far as it could be read.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The fleet.
    pub(super) fleet: Fleet,
    /// What could not be read, and why.
    pub(super) gaps: BTreeMap<Query, Problem>,
    /// What was described in full, for plans; `None` where no plan is made.
    documents: Option<Documents>,
    asked: BTreeSet<Query>,
    gateway: Gateway,
    progress: Progress,
}

/// What is read at first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The rows whose lists are read.
    pub(super) kind: ObjectKind,
    /// What is asked of them.
    pub(super) needs: Needs,
    /// The one domain they are in, by name or id; `None` for all.
    pub(super) domain: Option<&'a str>,
    /// Whether a plan is made of it.
    pub(super) is_for_plan: bool,
    /// Where price lists are kept between runs.
    pub(super) kept: Option<&'a Path>,
}

impl Gathered {
    /// Reads who we are, for something to be changed. What is described in full from now on is kept for the plan.
    ///
    /// # Errors
    ///
    /// If no profile leads to an account, or no region is named.
    pub(super) async fn accounts(gateway: &Gateway) -> Result<(Self, Vec<Scope>), Failure> {
        let mut this = Self::new(gateway, Some(Documents::default()));
        let scopes = this.scopes().await?;
        Ok((this, scopes))
    }

    /// Reads who we are, and the lists that rows of a kind are made of.
    ///
    /// # Errors
    ///
    /// If no profile leads to an account, no region is named, or the domain that is meant is not the one of its
    /// name.
    pub(super) async fn lists(gateway: &Gateway, wanted: Wanted<'_>) -> Result<Self, Failure> {
        let mut this = Self::new(gateway, wanted.is_for_plan.then(Documents::default));
        let scopes = this.scopes().await?;
        this.read(scopes.iter().map(|scope| Query::Domains(scope.clone())).collect()).await;
        let domains = match wanted.domain {
            Some(text) => vec![this.domain(text)?],
            None => this.fleet.domains.iter().map(|domain| domain.key.clone()).collect(),
        };
        let mut queries = Vec::new();
        for domain in &domains {
            if matches!(wanted.kind, ObjectKind::Domain | ObjectKind::User) {
                queries.push(Query::Users(domain.clone()));
            }
            queries.push(Query::Spaces(domain.clone()));
            queries.push(Query::Apps(domain.clone()));
        }
        let prices = if wanted.needs.prices {
            this.prices_to_ask(wanted.kept, domains.iter().map(|domain| &domain.scope))
        } else {
            Vec::new()
        };
        queries.extend(prices.iter().cloned());
        this.read(queries).await;
        this.keep_prices(wanted.kept, &prices);
        Ok(this)
    }

    /// Reads the prices of the regions of these scopes, as far as those that are kept do not hold any more.
    pub(super) async fn also_prices<'a>(
        &mut self,
        kept: Option<&Path>,
        scopes: impl IntoIterator<Item = &'a Scope>,
    ) {
        let asked = self.prices_to_ask(kept, scopes);
        self.read(asked.clone()).await;
        self.keep_prices(kept, &asked);
    }

    /// Takes the prices that are kept; gives what has to be asked besides. Prices are the same for all accounts of a
    /// region.
    fn prices_to_ask<'a>(
        &mut self,
        kept: Option<&Path>,
        scopes: impl IntoIterator<Item = &'a Scope>,
    ) -> Vec<Query> {
        let regions: BTreeMap<&Region, &AccountId> =
            scopes.into_iter().map(|scope| (scope.region(), scope.account())).collect();
        regions
            .into_iter()
            .filter(|(region, _)| !self.has_kept_prices(kept, region))
            .map(|(region, account)| Query::Prices(account.clone(), region.clone()))
            .collect()
    }

    /// Takes the prices kept of a region, if there are any; whether they are so fresh that AWS need not be asked.
    fn has_kept_prices(&mut self, kept: Option<&Path>, region: &Region) -> bool {
        let Some(folder) = kept.filter(|_| self.gateway.foreign_endpoints().is_empty()) else { return false };
        let Some(list) = store::kept_prices(folder, region) else { return false };
        let is_fresh = list.is_fresh(Timestamp::now());
        self.fleet.prices.insert(region.clone(), list);
        is_fresh
    }

    /// Keeps the prices that were asked for and came. What a server other than AWS says is not kept.
    fn keep_prices(&self, kept: Option<&Path>, asked: &[Query]) {
        let Some(folder) = kept.filter(|_| self.gateway.foreign_endpoints().is_empty()) else { return };
        let answered = asked.iter().filter(|query| !self.gaps.contains_key(query));
        for list in answered.filter_map(|query| match query {
            Query::Prices(_, region) => self.fleet.prices.get(region),
            _ => None,
        }) {
            if let Err(error) = store::keep_prices(folder, list) {
                tracing::warn!(%error, region = %list.region, "the prices are not kept");
            }
        }
    }

    /// The one domain of this name or id, among the domains that were listed.
    ///
    /// # Errors
    ///
    /// If there is none or more than one, or if that is not known, because a list is not complete.
    pub(super) fn domain(&self, text: &str) -> Result<DomainKey, Failure> {
        let is_meant = |domain: &&Domain| {
            domain.key.id.as_str() == text || domain.name.as_ref().is_some_and(|name| name.as_str() == text)
        };
        let found: Vec<&Domain> = self.fleet.domains.iter().filter(is_meant).collect();
        let by_id = found.iter().any(|domain| domain.key.id.as_str() == text);
        let unlisted = self.unread(|query| matches!(query, Query::Identity(_) | Query::Domains(_)));
        match found.as_slice() {
            [one] if by_id || unlisted.is_empty() => Ok(one.key.clone()),
            [] if unlisted.is_empty() => {
                let names =
                    self.fleet.domains.iter().flat_map(|domain| {
                        domain.name.iter().map(Name::as_str).chain([domain.key.id.as_str()])
                    });
                let hint = suggestion(text, names);
                let end = if hint.is_empty() { ". " } else { " " };
                Err(Failure::refused(format!("there is no domain `{text}`{hint}{end}Nothing was changed")))
            }
            [_] | [] => Err(Failure::refused(format!(
                "not all domains could be listed, so which one `{text}` is is not known; nothing was changed. {}",
                unlisted.join("; ")
            ))),
            several => {
                let ids: Vec<String> = several
                    .iter()
                    .map(|domain| format!("{} in {}", domain.key.id, domain.key.scope))
                    .collect();
                Err(Failure::refused(format!(
                    "there are {} domains `{text}`: {}; give the id, and --region or --profile. Nothing was changed",
                    several.len(),
                    ids.join(", ")
                )))
            }
        }
    }

    /// Asks some questions.
    pub(super) async fn also(&mut self, queries: impl IntoIterator<Item = Query>) {
        self.read(queries.into_iter().collect()).await;
    }

    /// Reads the domains of all scopes, for something to be made in them.
    ///
    /// # Errors
    ///
    /// If nobody can be asked, or not all domains can be listed.
    pub(super) async fn domains(gateway: &Gateway) -> Result<Self, Failure> {
        let (mut this, scopes) = Self::accounts(gateway).await?;
        this.read(scopes.into_iter().map(Query::Domains).collect()).await;
        if this.gaps.is_empty() {
            return Ok(this);
        }
        Err(Failure::refused(format!(
            "not all domains could be listed; nothing was changed. {}",
            gaps_told(&this.gaps).join("; ")
        )))
    }

    fn new(gateway: &Gateway, documents: Option<Documents>) -> Self {
        Self {
            fleet: Fleet::default(),
            gaps: BTreeMap::new(),
            documents,
            asked: BTreeSet::new(),
            gateway: gateway.clone(),
            progress: Progress::on_stderr(),
        }
    }

    /// The accounts and regions to look at.
    async fn scopes(&mut self) -> Result<Vec<Scope>, Failure> {
        let profiles = self.gateway.profiles();
        self.read(profiles.iter().cloned().map(Query::Identity).collect()).await;
        let accounts: Vec<AccountId> = self.fleet.accounts.keys().cloned().collect();
        if accounts.is_empty() {
            let exit = self.exit(Needs::NONE);
            return Err(Failure::new(exit, gaps_told(&self.gaps).join("\nsagedeck: error: ")));
        }
        self.read(accounts.into_iter().map(Query::Alias).collect()).await;
        // An account without an alias that can be read is called by its number; that is no gap in the fleet.
        self.gaps.retain(|query, _| !matches!(query, Query::Alias(_)));
        let mut scopes = BTreeSet::new();
        for account in self.fleet.accounts.values() {
            let Some(identity) = self.gateway.identity(&account.identity.account) else { continue };
            for region in self.gateway.regions(&identity.profile).await {
                scopes.insert(Scope::new(identity.account.clone(), region));
            }
        }
        if scopes.is_empty() {
            return Err(Failure::usage(
                "no region: name one with --region or AWS_REGION, or give the profile one in ~/.aws/config",
            ));
        }
        Ok(scopes.into_iter().collect())
    }

    /// Asks everything, so many at a time, and takes in what comes.
    async fn read(&mut self, queries: Vec<Query>) {
        let (all, mut ended) = (queries.len(), 0);
        self.asked.extend(queries.iter().cloned());
        let (sender, mut news) = mpsc::channel(AT_ONCE);
        for query in &queries {
            self.fleet.begin(query);
        }
        let gateway = self.gateway.clone();
        let ask = stream::iter(queries).for_each_concurrent(AT_ONCE, move |query| {
            let (gateway, sender) = (gateway.clone(), sender.clone());
            async move {
                let (pages, mut answers) = mpsc::channel(4);
                let forward = async {
                    while let Some(answer) = answers.recv().await {
                        if sender.send((query.clone(), Some(answer))).await.is_err() {
                            break;
                        }
                    }
                };
                tokio::join!(gateway.load(&query, pages), forward);
                // Only when the receiver is gone does this fail, and then nobody counts any more.
                drop(sender.send((query, None)).await);
            }
        });
        let take = async {
            while let Some((query, answer)) = news.recv().await {
                match answer {
                    Some(answer) => self.take(&query, answer),
                    None => ended += 1,
                }
                let fleet = &self.fleet;
                self.progress.say(|| {
                    let (users, spaces, apps) = (fleet.users.len(), fleet.spaces.len(), fleet.apps.len());
                    format!("reading {ended}/{all}: {users} users, {spaces} spaces, {apps} apps")
                });
            }
        };
        tokio::join!(ask, take);
        self.progress.clear();
    }

    fn take(&mut self, query: &Query, answer: Result<Answer, Problem>) {
        if let (Some(documents), Some(object)) = (&mut self.documents, described(query)) {
            match &answer {
                Ok(
                    Answer::Domain(_, raw)
                    | Answer::User(_, raw)
                    | Answer::Space(_, raw)
                    | Answer::App(_, raw),
                ) => documents.note(object, Ok(raw)),
                Ok(_) => {}
                Err(problem) => documents.note(object, Err(problem.clone())),
            }
        }
        match answer {
            Ok(answer) => self.fleet.absorb(query, answer, Timestamp::now()),
            Err(problem) => {
                // What is gone by now is no gap: it belongs in no list any more.
                if query.is_list() || problem.kind != ProblemKind::NotFound {
                    tracing::warn!(?query, %problem, "could not be read");
                    self.gaps.insert(query.clone(), problem.clone());
                }
                self.fleet.fail(query, problem);
            }
        }
    }
}

/// The object a query describes in full.
fn described(query: &Query) -> Option<ObjectKey> {
    match query {
        Query::Domain(key) => Some(ObjectKey::Domain(key.clone())),
        Query::User(key) => Some(ObjectKey::User(key.clone())),
        Query::Space(key) => Some(ObjectKey::Space(key.clone())),
        Query::App(key) => Some(ObjectKey::App(key.clone())),
        _ => None,
    }
}
