//! Reads the fleet once, from the identities to the details that are asked for, and keeps account of every list
//! that could not be read to its end.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::sync::mpsc;

use super::exit::Exit;
use super::failure::{Failure, exit_of, told};
use super::progress::Progress;
use crate::aws::Gateway;
use crate::fleet::{
    AccountId, Answer, AppKey, Backup, Change, Difference, Documents, Domain, DomainKey, Fleet, Intent, Name,
    Needs, ObjectKey, ObjectKind, Owner, Plan, Policy, Problem, ProblemKind, Query, Scope, Timestamp,
    UserKey, backup_needs, suggestion,
};

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
        if wanted.needs.prices {
            // Prices are the same for all accounts of a region.
            let regions: BTreeMap<_, _> =
                domains.iter().map(|domain| (domain.scope.region(), domain.scope.account())).collect();
            queries.extend(
                regions.into_iter().map(|(region, account)| Query::Prices(account.clone(), region.clone())),
            );
        }
        this.read(queries).await;
        Ok(this)
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
        match found.as_slice() {
            [one] if by_id || self.gaps.is_empty() => Ok(one.key.clone()),
            [] if self.gaps.is_empty() => {
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
                gaps_told(&self.gaps).join("; ")
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

    /// Reads what a plan takes, and makes it.
    ///
    /// # Errors
    ///
    /// Why there can be no plan.
    pub(super) async fn plan(&mut self, intent: &Intent, policy: &Policy) -> Result<Plan, Failure> {
        self.also_needed(intent, policy).await;
        let plan = self.planned(intent, policy)?;
        // Whoever stops an app has to know whether it is in use; which ones it stops only the plan knows.
        let stopped: Vec<Query> = plan
            .steps
            .iter()
            .filter_map(|step| match &step.change {
                Change::StopApp(key) => Some(Query::App(key.clone())),
                _ => None,
            })
            .filter(|query| !self.asked.contains(query))
            .collect();
        if stopped.is_empty() {
            return Ok(plan);
        }
        self.read(stopped).await;
        self.also_needed(intent, policy).await;
        self.planned(intent, policy)
    }

    /// How each thing that is wanted stands to what is there.
    pub(super) fn differences(&self, intent: &Intent) -> Vec<Difference> {
        match &self.documents {
            Some(documents) => intent.differences(&self.fleet, documents),
            None => Vec::new(),
        }
    }

    /// Reads all of a domain, and takes a backup of its configuration.
    ///
    /// # Errors
    ///
    /// Everything that could not be read: there are no partial backups.
    pub(super) async fn backup(&mut self, domain: &DomainKey) -> Result<Backup, Vec<String>> {
        self.until_nothing_new(|fleet| backup_needs(fleet, domain)).await;
        let made_by = concat!("sagedeck ", env!("CARGO_PKG_VERSION"));
        let documents = self.documents.take().unwrap_or_default();
        let backup = Backup::take(&self.fleet, &documents, domain, made_by, Timestamp::now());
        self.documents = Some(documents);
        backup
    }

    /// Asks some questions.
    pub(super) async fn also(&mut self, queries: impl IntoIterator<Item = Query>) {
        self.read(queries.into_iter().collect()).await;
    }

    async fn also_needed(&mut self, intent: &Intent, policy: &Policy) {
        self.until_nothing_new(|fleet| intent.needs(fleet, policy)).await;
    }

    /// Reads what is needed, and what that shows to be needed, until nothing new comes.
    async fn until_nothing_new(&mut self, needs: impl Fn(&Fleet) -> Vec<Query>) {
        loop {
            let needs = needs(&self.fleet);
            let fresh: BTreeSet<Query> =
                needs.into_iter().filter(|query| !self.asked.contains(query)).collect();
            if fresh.is_empty() {
                break;
            }
            self.read(fresh.into_iter().collect()).await;
        }
    }

    fn planned(&mut self, intent: &Intent, policy: &Policy) -> Result<Plan, Failure> {
        let documents = self.documents.take().unwrap_or_default();
        let plan = intent.plan(&self.fleet, &documents, policy, Timestamp::now());
        self.documents = Some(documents);
        plan.map_err(|why| Failure::refused(format!("{}; nothing was changed", why.trim_end_matches('.'))))
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

    /// Reads the details that something needs, of these rows.
    pub(super) async fn details(&mut self, needs: Needs, rows: &[ObjectKey]) {
        let mut queries = BTreeSet::new();
        let mut domains = BTreeSet::new();
        for row in rows {
            self.details_of(row, needs, &mut queries);
            if needs.activity {
                match row {
                    ObjectKey::App(key) => queries.extend(self.running(key).then(|| Query::App(key.clone()))),
                    // A row that stands for several apps takes what is known of all of them.
                    row => drop(domains.insert(row.domain_key())),
                }
            }
        }
        let apps = self.fleet.apps.iter().map(|app| &app.key);
        queries.extend(
            apps.filter(|key| {
                !domains.is_empty() && domains.contains(&key.domain_key()) && self.running(key)
            })
            .map(|key| Query::App(key.clone())),
        );
        self.read(queries.into_iter().collect()).await;
    }

    /// The exit code that what could not be read leads to, where only some details matter.
    pub(super) fn exit(&self, needs: Needs) -> Exit {
        let matters = |query: &Query| match query {
            Query::Identity(_)
            | Query::Domains(_)
            | Query::Users(_)
            | Query::Spaces(_)
            | Query::Apps(_)
            | Query::Quotas(_)
            | Query::QuotaRequests(_) => true,
            Query::Domain(_) => needs.domain_detail,
            Query::User(_) => needs.user_detail,
            Query::Space(_) => needs.space_detail,
            Query::App(_) => needs.activity,
            Query::Tags(_) => needs.tags,
            Query::Prices(..) => needs.prices,
            // An account without an alias is called by its number; nothing of the others stands in a list.
            Query::Alias(_)
            | Query::Roles(_)
            | Query::Network(_)
            | Query::LifecycleConfigs(_)
            | Query::LifecycleConfig(_)
            | Query::ConfigTags(_)
            | Query::Images(_)
            | Query::Person(..)
            | Query::Assigned(..)
            | Query::Leftovers(..)
            | Query::QuotaDefaults(_)
            | Query::Quota(_) => false,
        };
        let exits = self.gaps.iter().filter(|(query, _)| matters(query)).map(|(_, problem)| exit_of(problem));
        exits.max().unwrap_or(Exit::Done)
    }

    fn running(&self, key: &AppKey) -> bool {
        self.fleet.apps.get(key).is_some_and(|app| app.status.is_running())
    }

    fn details_of(&self, row: &ObjectKey, needs: Needs, queries: &mut BTreeSet<Query>) {
        if needs.tags {
            queries.insert(Query::Tags(row.clone()));
        }
        if needs.domain_detail {
            queries.insert(Query::Domain(row.domain_key()));
        }
        if needs.space_detail {
            let space = match row {
                ObjectKey::Space(key) => Some(key.clone()),
                ObjectKey::App(key) => key.space_key(),
                ObjectKey::Domain(_) | ObjectKey::User(_) => None,
            };
            queries.extend(space.map(Query::Space));
        }
        if needs.user_detail {
            queries.extend(self.user_of(row).map(Query::User));
        }
    }

    fn user_of(&self, row: &ObjectKey) -> Option<UserKey> {
        let named = |domain: &DomainKey, name: Name| UserKey {
            scope: domain.scope.clone(),
            domain: domain.id.clone(),
            name,
        };
        match row {
            ObjectKey::User(key) => Some(key.clone()),
            ObjectKey::Domain(_) => None,
            ObjectKey::Space(key) => {
                let owner = self.fleet.spaces.get(key)?.owner.clone()?;
                Some(named(&key.domain_key(), owner))
            }
            ObjectKey::App(key) => match &key.owner {
                Owner::User(name) => Some(named(&key.domain_key(), name.clone())),
                Owner::Space(_) => self.user_of(&ObjectKey::Space(key.space_key()?)),
            },
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

/// What could not be read, and why, line by line. Details that failed alike are told once, with their number:
/// there may be thousands.
pub(super) fn gaps_told(gaps: &BTreeMap<Query, Problem>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut details: BTreeMap<_, (String, usize)> = BTreeMap::new();
    for (query, problem) in gaps {
        if query.is_list() || matches!(query, Query::Identity(_) | Query::Prices(..)) {
            lines.push(gap(query, problem));
        } else {
            let alike = (problem.operation.as_deref(), problem.code.as_deref());
            details.entry(alike).or_insert_with(|| (gap(query, problem), 0)).1 += 1;
        }
    }
    lines.extend(details.into_values().map(|(line, count)| match count {
        1 => line,
        count => format!("{line} (and {} more like it)", count - 1),
    }));
    lines
}

/// What could not be read, and why, in one line.
fn gap(query: &Query, problem: &Problem) -> String {
    let what = query.what();
    format!("{what}: {}", told(problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AccountId, AppType, DomainId, Region};

    #[test]
    fn details_that_failed_alike_are_told_once() {
        let scope = Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1"));
        let domain = |id: &str| DomainKey { scope: scope.clone(), id: DomainId::new(id) };
        let app = |name: &str| AppKey {
            scope: scope.clone(),
            domain: DomainId::new("d-one"),
            owner: Owner::User(Name::new("anna")),
            app_type: AppType::Canvas,
            name: Name::new(name),
        };
        let denied = |operation: &'static str| Problem {
            operation: Some(operation.into()),
            code: Some("AccessDeniedException".to_owned()),
            ..Problem::new(ProblemKind::AccessDenied, "no", "")
        };
        let mut gaps: BTreeMap<Query, Problem> =
            ["a", "b", "c"].map(|name| (Query::App(app(name)), denied("DescribeApp"))).into();
        gaps.extend(["d-1", "d-2"].map(|id| (Query::Apps(domain(id)), denied("ListApps"))));
        let lines = gaps_told(&gaps);
        assert_eq!(lines.len(), 3, "{lines:#?}");
        assert!(
            lines[0].starts_with("the apps of d-1 in 123456789012/eu-west-1: ListApps: no"),
            "{}",
            lines[0]
        );
        assert!(
            lines[2].ends_with("(and 2 more like it)") && lines[2].starts_with("app a of anna"),
            "{}",
            lines[2]
        );
    }
}
