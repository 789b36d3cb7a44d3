//! All we know of the fleet, and how it learns: one answer to one query at a time.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{
    AccountId, Answer, App, AppKey, Bills, Domain, DomainId, DomainKey, Identity, Library, Name, ObjectKey,
    Owner, Page, PriceList, Problem, ProblemKind, Query, QuotaList, Quotas, Region, Scope, Space, SpaceKey,
    Tag, Target, Timestamp, UserKey, UserProfile,
};

/// All we know.
#[derive(Debug, Default)]
pub struct Fleet {
    /// The accounts we have credentials for.
    pub accounts: BTreeMap<AccountId, Account>,
    /// Domains.
    pub domains: Shelf<DomainKey, Domain>,
    /// User profiles.
    pub users: Shelf<UserKey, UserProfile>,
    /// Spaces.
    pub spaces: Shelf<SpaceKey, Space>,
    /// Apps.
    pub apps: Shelf<AppKey, App>,
    /// Tags, of the objects whose tags were asked for.
    pub tags: HashMap<ObjectKey, Vec<Tag>>,
    /// Prices by region.
    pub prices: BTreeMap<Region, PriceList>,
    /// What changes can refer to, as far as it was asked for.
    pub library: Library,
    /// The quotas, as far as they were asked for.
    pub quotas: Quotas,
    /// What AWS has billed, as far as it was asked for.
    pub bills: Bills,
    lists: HashMap<Query, Listing>,
    failures: HashMap<Query, Problem>,
    names: HashSet<Arc<str>>,
    revision: u64,
}

/// An account we have credentials for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who we are in it.
    pub identity: Identity,
    /// Its alias; `None` until asked, `Some(None)` if it has none.
    pub alias: Option<Option<Arc<str>>>,
    /// When the credentials in use for it end, as far as that was asked and they say so.
    pub credentials_end: Option<Timestamp>,
}

impl Account {
    /// The alias, or else the id: what a person calls the account.
    pub fn label(&self) -> &str {
        match &self.alias {
            Some(Some(alias)) => alias,
            _ => self.identity.account.as_str(),
        }
    }
}

/// How far a list is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// Whether a walk is under way.
    pub loading: bool,
    /// When the last walk that saw every row ended; `None` if none ever did.
    pub complete_at: Option<Timestamp>,
    /// Why the last walk stopped early; rows read before that are kept.
    pub problem: Option<Problem>,
    /// Rows seen in the walk that is under way, or in the last one.
    pub rows: usize,
    walk: u32,
}

impl Listing {
    /// Whether all rows were seen by the last walk, so that "all" means all.
    pub fn is_complete(&self) -> bool {
        self.complete_at.is_some() && self.problem.is_none()
    }
}

/// The rows of one kind, in order of arrival, found by key.
#[derive(Debug)]
pub struct Shelf<K, T> {
    rows: IndexMap<K, T>,
    walks: Vec<u32>,
    revision: u64,
    layout: u64,
}

impl<K, T> Default for Shelf<K, T> {
    fn default() -> Self {
        Self { rows: IndexMap::new(), walks: Vec::new(), revision: 0, layout: 0 }
    }
}

impl<K: Hash + Eq, T> Shelf<K, T> {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row of a key.
    pub fn get(&self, key: &K) -> Option<&T> {
        self.rows.get(key)
    }

    /// The row at a position; positions hold until [`layout`](Self::layout) changes.
    pub fn at(&self, position: usize) -> Option<&T> {
        self.rows.get_index(position).map(|(_, row)| row)
    }

    /// The position of a key.
    pub fn position(&self, key: &K) -> Option<usize> {
        self.rows.get_index_of(key)
    }

    /// All rows, by position.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.rows.values()
    }

    /// Grows with every change of any row.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Grows whenever rows are removed, and with them other rows may have moved.
    pub fn layout(&self) -> u64 {
        self.layout
    }

    fn put(&mut self, key: K, row: T, walk: u32, keep: impl FnOnce(&T, &mut T)) {
        self.revision += 1;
        match self.rows.entry(key) {
            indexmap::map::Entry::Occupied(mut entry) => {
                let mut row = row;
                keep(entry.get(), &mut row);
                self.walks[entry.index()] = walk;
                entry.insert(row);
            }
            indexmap::map::Entry::Vacant(entry) => {
                entry.insert(row);
                self.walks.push(walk);
            }
        }
    }

    fn remove(&mut self, key: &K) {
        if let Some((position, ..)) = self.rows.swap_remove_full(key) {
            self.walks.swap_remove(position);
            self.revision += 1;
            self.layout += 1;
        }
    }

    /// Drops the rows that belong to a list and that its last walk, which saw everything, did not see.
    fn drop_unseen(&mut self, walk: u32, belongs: impl Fn(&K) -> bool) {
        self.drop_where(|key, seen| seen != walk && belongs(key));
    }

    fn drop_where(&mut self, gone: impl Fn(&K, u32) -> bool) {
        let mut position = 0;
        while position < self.rows.len() {
            let seen = self.walks[position];
            if self.rows.get_index(position).is_some_and(|(key, _)| gone(key, seen)) {
                self.rows.swap_remove_index(position);
                self.walks.swap_remove(position);
                self.revision += 1;
                self.layout += 1;
            } else {
                position += 1;
            }
        }
    }
}

impl Fleet {
    /// Grows with every change of anything known.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How far a list is known; `None` if it was never asked for.
    pub fn listing(&self, query: &Query) -> Option<&Listing> {
        self.lists.get(query)
    }

    /// All lists ever asked for.
    pub fn listings(&self) -> impl Iterator<Item = (&Query, &Listing)> {
        self.lists.iter()
    }

    /// Why the last try of a query that is not a list failed, if it did.
    pub fn failure(&self, query: &Query) -> Option<&Problem> {
        self.failures.get(query)
    }

    /// The tags of something.
    ///
    /// # Errors
    ///
    /// Why they are not known, as a clause: "has tags that could not be read: ...".
    pub fn tags_of(&self, target: &Target) -> Result<&[Tag], Arc<str>> {
        let tags = match target {
            Target::Object(key) => self.tags.get(key),
            Target::LifecycleConfig(key) => self.library.config_tags.get(key),
            Target::Quota(_) | Target::CostTags(_) => None,
        };
        match (tags, target.tags().and_then(|query| self.failure(&query))) {
            (_, Some(problem)) => Err(format!("has tags that could not be read: {problem}").into()),
            (None, None) => Err("has tags that were not read".into()),
            (Some(tags), None) => Ok(tags),
        }
    }

    /// All queries that are not lists and whose last try failed.
    pub fn failures(&self) -> impl Iterator<Item = (&Query, &Problem)> {
        self.failures.iter()
    }

    /// What a person calls an account: its alias, or else its id.
    pub fn account_label<'a>(&'a self, account: &'a AccountId) -> &'a str {
        self.accounts.get(account).map_or(account.as_str(), Account::label)
    }

    /// The name of a domain, or its id where the name is not known.
    pub fn domain_label<'a>(&'a self, key: &'a DomainKey) -> &'a str {
        self.domains.get(key).and_then(|domain| domain.name.as_ref()).map_or(key.id.as_str(), Name::as_str)
    }

    /// The user profile an app belongs to: directly, or as the owner of its space.
    pub fn user_of(&self, app: &AppKey) -> Option<Name> {
        match &app.owner {
            Owner::User(name) => Some(name.clone()),
            Owner::Space(_) => {
                app.space_key().and_then(|key| self.spaces.get(&key)).and_then(|space| space.owner.clone())
            }
        }
    }

    /// Notes that a query was sent.
    pub fn begin(&mut self, query: &Query) {
        if query.is_list() {
            self.lists.entry(query.clone()).or_default().loading = true;
            self.revision += 1;
        }
    }

    /// Why a query failed the last time, if it did.
    pub fn problem(&self, query: &Query) -> Option<&Problem> {
        self.failures.get(query)
    }

    /// Forgets that a query failed, since it is asked again.
    pub fn forget_problem(&mut self, query: &Query) {
        self.failures.remove(query);
    }

    /// Notes that a query failed. What was read before is kept; a list is then known to be partial.
    ///
    /// [`ProblemKind::NotFound`] for one object is positive evidence that it is gone: its row goes.
    pub fn fail(&mut self, query: &Query, problem: Problem) {
        self.revision += 1;
        if query.is_list() {
            let listing = self.lists.entry(query.clone()).or_default();
            listing.loading = false;
            listing.problem = Some(problem);
            return;
        }
        if problem.kind == ProblemKind::NotFound {
            match query {
                Query::Domain(key) => self.domains.remove(key),
                Query::User(key) => self.users.remove(key),
                Query::Space(key) => self.spaces.remove(key),
                Query::App(key) => self.apps.remove(key),
                _ => {}
            }
        }
        self.failures.insert(query.clone(), problem);
    }

    /// Takes in what a query brought at `now`, which is when it was read: all ages are told by the clock of whoever
    /// looks, and in the demo that is not the machine's.
    ///
    /// The walk of a list never removes a row before its last page; then the rows it did not see go.
    pub fn absorb(&mut self, query: &Query, answer: Answer, now: Timestamp) {
        self.revision += 1;
        self.failures.remove(query);
        match (query, answer) {
            (Query::Identity(_), Answer::Identity(identity)) => {
                let alias = self.accounts.remove(&identity.account).and_then(|account| account.alias);
                self.accounts
                    .insert(identity.account.clone(), Account { identity, alias, credentials_end: None });
            }
            (Query::Alias(account), Answer::Alias(alias)) => {
                if let Some(known) = self.accounts.get_mut(account) {
                    known.alias = Some(alias);
                }
            }
            (Query::CredentialsEnd(account), Answer::CredentialsEnd(end)) => {
                if let Some(known) = self.accounts.get_mut(account) {
                    known.credentials_end = end;
                }
            }
            (Query::Domains(scope), Answer::Domains(page)) => self.absorb_domains(query, scope, page, now),
            (Query::Users(domain), Answer::Users(page)) => self.absorb_users(query, domain, page, now),
            (Query::Spaces(domain), Answer::Spaces(page)) => self.absorb_spaces(query, domain, page, now),
            (Query::Apps(domain), Answer::Apps(page)) => self.absorb_apps(query, domain, page, now),
            (Query::Domain(key), Answer::Domain(mut row, _)) => {
                if let Some(detail) = &mut row.detail {
                    detail.read_at = now;
                }
                let walk = self.walk_of(&Query::Domains(key.scope.clone()));
                self.domains.put(key.clone(), *row, walk, |_, _| {});
            }
            (Query::User(key), Answer::User(mut row, _)) => {
                let walk = self.walk_of(&Query::Users(key.domain_key()));
                if let Some(detail) = &mut row.detail {
                    detail.read_at = now;
                }
                row.key.name = self.intern_name(&row.key.name);
                self.users.put(key.clone(), *row, walk, |_, _| {});
            }
            (Query::Space(key), Answer::Space(mut row, _)) => {
                let walk = self.walk_of(&Query::Spaces(key.domain_key()));
                if let Some(detail) = &mut row.detail {
                    detail.read_at = now;
                }
                row.key.name = self.intern_name(&row.key.name);
                row.owner = row.owner.map(|owner| self.intern_name(&owner));
                self.spaces.put(key.clone(), *row, walk, |_, _| {});
            }
            (Query::App(key), Answer::App(mut row, _)) => {
                let walk = self.walk_of(&Query::Apps(key.domain_key()));
                if let Some(activity) = &mut row.activity {
                    activity.read_at = now;
                }
                let row = self.intern_app(*row);
                self.apps.put(key.clone(), row, walk, |_, _| {});
            }
            (Query::Tags(key), Answer::Tags(tags)) => {
                self.tags.insert(key.clone(), tags);
            }
            (Query::Prices(_, region), Answer::Prices(prices)) => {
                self.prices.insert(region.clone(), prices);
            }
            (Query::Roles(account), Answer::Roles(roles)) => {
                self.library.roles.insert(account.clone(), roles);
            }
            (Query::Network(scope), Answer::Network(network)) => {
                self.library.networks.insert(scope.clone(), *network);
            }
            (Query::LifecycleConfigs(scope), Answer::LifecycleConfigs(configs)) => {
                self.library.lifecycle_configs.insert(scope.clone(), configs);
            }
            (Query::LifecycleConfig(key), Answer::LifecycleConfig(_, script)) => {
                self.library.scripts.insert(key.clone(), script);
            }
            (Query::ConfigTags(key), Answer::Tags(tags)) => {
                self.library.config_tags.insert(key.clone(), tags);
            }
            (Query::Images(scope), Answer::Images(images)) => {
                self.library.images.insert(scope.clone(), images);
            }
            (Query::Person(scope, name), Answer::Person(person)) => {
                self.library.people.insert((scope.clone(), name.clone()), person);
            }
            (Query::Assigned(domain, _), Answer::Assigned(people)) => {
                self.library.assigned.insert(domain.clone(), people);
            }
            (Query::Leftovers(domain, _), Answer::Leftovers(leftovers)) => {
                self.library.leftovers.insert(domain.clone(), *leftovers);
            }
            (Query::Quotas(scope), Answer::Quotas(list)) => {
                let list = QuotaList { read_at: now, ..list };
                self.quotas.applied.insert(scope.clone(), list);
            }
            (Query::QuotaDefaults(scope), Answer::Quotas(list)) => {
                self.quotas.defaults.insert(scope.clone(), list);
            }
            (Query::QuotaRequests(scope), Answer::QuotaRequests(requests)) => {
                self.quotas.requests.insert(scope.clone(), requests);
            }
            (Query::Quota(key), Answer::Quota(quota)) => {
                if let Some(list) = self.quotas.applied.get_mut(&key.scope) {
                    list.rows.retain(|row| row.code != quota.code);
                    list.rows.push(*quota);
                }
            }
            (Query::Costs(account, question), Answer::Costs(answer)) => {
                self.bills.learn(account.clone(), Arc::clone(question), answer);
            }
            (Query::CostForecast(account, question), Answer::CostForecast(forecast)) => {
                self.bills.expect(account.clone(), Arc::clone(question), forecast);
            }
            (Query::CostTags(account), Answer::CostTags(tags)) => {
                self.bills.learn_tags(account.clone(), tags);
            }
            (query, _) => {
                // The border answers each query with its own kind; anything else is a defect worth seeing.
                let problem = Problem::new(
                    ProblemKind::Unexpected,
                    "the answer is not one to this question",
                    "This is a defect of sagedeck; please report it.",
                );
                self.fail(query, problem);
            }
        }
    }

    /// Forgets everything of the accounts and regions that are not among `scopes`.
    pub fn retain_scopes(&mut self, scopes: &[Scope]) {
        self.revision += 1;
        let keep = |scope: &Scope| scopes.contains(scope);
        self.domains.drop_unseen(u32::MAX, |key| !keep(&key.scope));
        self.users.drop_unseen(u32::MAX, |key| !keep(&key.scope));
        self.spaces.drop_unseen(u32::MAX, |key| !keep(&key.scope));
        self.apps.drop_unseen(u32::MAX, |key| !keep(&key.scope));
        self.tags.retain(|key, _| keep(key.scope()));
        self.quotas.retain(keep);
        self.lists.retain(|query, _| query.scope().is_none_or(keep));
        self.failures.retain(|query, _| query.scope().is_none_or(keep));
        self.accounts.retain(|account, _| scopes.iter().any(|scope| scope.account() == account));
    }

    /// Starts or continues the walk of a list; gives its number, and whether this page ends it.
    fn step(&mut self, query: &Query, rows: usize, first: bool, last: bool, now: Timestamp) -> u32 {
        let listing = self.lists.entry(query.clone()).or_default();
        if first {
            listing.walk = listing.walk.wrapping_add(1);
            listing.rows = 0;
        }
        listing.rows += rows;
        listing.loading = !last;
        if last {
            listing.problem = None;
            listing.complete_at = Some(now);
        }
        listing.walk
    }

    /// The number of the walk under way, so that a row described meanwhile counts as seen by it.
    fn walk_of(&self, query: &Query) -> u32 {
        self.lists.get(query).map_or(0, |listing| listing.walk)
    }

    fn absorb_domains(&mut self, query: &Query, scope: &Scope, page: Page<Domain>, now: Timestamp) {
        let walk = self.step(query, page.rows.len(), page.first, page.last, now);
        for row in page.rows {
            self.domains.put(row.key.clone(), row, walk, |old, new| new.detail.clone_from(&old.detail));
        }
        if page.last {
            self.domains.drop_unseen(walk, |key| key.scope == *scope);
        }
    }

    fn absorb_users(&mut self, query: &Query, domain: &DomainKey, page: Page<UserProfile>, now: Timestamp) {
        let walk = self.step(query, page.rows.len(), page.first, page.last, now);
        for mut row in page.rows {
            row.key.scope = domain.scope.clone();
            row.key.domain = self.intern_domain(&row.key.domain);
            row.key.name = self.intern_name(&row.key.name);
            self.users.put(row.key.clone(), row, walk, |old, new| {
                if old.created == new.created {
                    new.detail.clone_from(&old.detail);
                }
            });
        }
        if page.last {
            self.users.drop_unseen(walk, |key| key.domain == domain.id && key.scope == domain.scope);
        }
    }

    fn absorb_spaces(&mut self, query: &Query, domain: &DomainKey, page: Page<Space>, now: Timestamp) {
        let walk = self.step(query, page.rows.len(), page.first, page.last, now);
        for mut row in page.rows {
            row.key.scope = domain.scope.clone();
            row.key.domain = self.intern_domain(&row.key.domain);
            row.key.name = self.intern_name(&row.key.name);
            row.owner = row.owner.map(|owner| self.intern_name(&owner));
            self.spaces.put(row.key.clone(), row, walk, |old, new| {
                if old.created == new.created {
                    new.detail.clone_from(&old.detail);
                }
            });
        }
        if page.last {
            self.spaces.drop_unseen(walk, |key| key.domain == domain.id && key.scope == domain.scope);
        }
    }

    fn absorb_apps(&mut self, query: &Query, domain: &DomainKey, page: Page<App>, now: Timestamp) {
        let walk = self.step(query, page.rows.len(), page.first, page.last, now);
        for mut row in page.rows {
            row.key.scope = domain.scope.clone();
            let row = self.intern_app(row);
            self.apps.put(row.key.clone(), row, walk, |old, new| {
                // A re-created app is another run: what was read of the old one does not hold for it.
                if old.created == new.created && old.status == new.status {
                    new.activity.clone_from(&old.activity);
                }
            });
        }
        if page.last {
            self.apps.drop_unseen(walk, |key| key.domain == domain.id && key.scope == domain.scope);
        }
    }

    fn intern(&mut self, text: &Arc<str>) -> Arc<str> {
        if let Some(known) = self.names.get(text) {
            return known.clone();
        }
        self.names.insert(text.clone());
        text.clone()
    }

    fn intern_name(&mut self, name: &Name) -> Name {
        Name::from(self.intern(name.shared()))
    }

    fn intern_domain(&mut self, id: &DomainId) -> DomainId {
        DomainId::from(self.intern(id.shared()))
    }

    fn intern_app(&mut self, mut app: App) -> App {
        app.key.domain = self.intern_domain(&app.key.domain);
        app.key.owner = match &app.key.owner {
            Owner::User(name) => Owner::User(self.intern_name(name)),
            Owner::Space(name) => Owner::Space(self.intern_name(name)),
        };
        app.key.name = self.intern_name(&app.key.name);
        for text in [&mut app.instance, &mut app.image, &mut app.image_version, &mut app.lifecycle_config] {
            *text = text.take().map(|text| self.intern(&text));
        }
        app
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AppStatus, AppType};

    fn scope(region: &str) -> Scope {
        Scope::new(AccountId::new("123456789012"), Region::new(region))
    }

    fn domain() -> DomainKey {
        DomainKey { scope: scope("eu-west-1"), id: DomainId::new("d-one") }
    }

    fn app(name: &str, created: i64) -> App {
        App {
            key: AppKey {
                scope: scope("eu-west-1"),
                domain: domain().id,
                owner: Owner::User(Name::new("anna-k")),
                app_type: AppType::KernelGateway,
                name: Name::new(name),
            },
            status: AppStatus::InService,
            created: Timestamp::from_second(created).ok(),
            instance: Some(Arc::from("ml.g5.xlarge")),
            image: None,
            image_version: None,
            lifecycle_config: None,
            activity: None,
        }
    }

    fn page(rows: Vec<App>, first: bool, last: bool) -> Answer {
        Answer::Apps(Page { rows, first, last })
    }

    #[test]
    fn a_walk_drops_what_it_did_not_see_only_when_it_has_seen_everything() {
        let (mut fleet, query, now) = (Fleet::default(), Query::Apps(domain()), Timestamp::UNIX_EPOCH);
        fleet.absorb(&query, page(vec![app("a", 1), app("b", 1)], true, true), now);
        fleet.absorb(&query, page(vec![app("a", 1)], true, false), now);
        assert_eq!(fleet.apps.len(), 2, "an unfinished walk proves nothing about what it has not seen");
        fleet.absorb(&query, page(vec![app("c", 1)], false, true), now);
        let names: Vec<_> = fleet.apps.iter().map(|row| row.key.name.to_string()).collect();
        assert_eq!(names, ["a", "c"]);
        assert!(fleet.listing(&query).is_some_and(Listing::is_complete));
    }

    #[test]
    fn a_failed_walk_keeps_its_rows_and_is_not_complete() {
        let (mut fleet, query, now) = (Fleet::default(), Query::Apps(domain()), Timestamp::UNIX_EPOCH);
        fleet.begin(&query);
        fleet.absorb(&query, page(vec![app("a", 1)], true, false), now);
        fleet.fail(&query, Problem::new(ProblemKind::Throttled, "slow down", ""));
        assert_eq!(fleet.apps.len(), 1);
        let listing = fleet.listing(&query).unwrap();
        assert!(!listing.loading && !listing.is_complete());
    }

    #[test]
    fn what_was_read_of_a_run_does_not_pass_to_a_re_created_app() {
        let (mut fleet, query, now) = (Fleet::default(), Query::Apps(domain()), Timestamp::UNIX_EPOCH);
        fleet.absorb(&query, page(vec![app("a", 1)], true, true), now);
        let mut described = app("a", 1);
        described.activity = Some(Box::default());
        fleet.absorb(&Query::App(app("a", 1).key), Answer::App(Box::new(described), Arc::from("{}")), now);
        fleet.absorb(&query, page(vec![app("a", 1)], true, true), now);
        assert!(fleet.apps.at(0).unwrap().activity.is_some());
        fleet.absorb(&query, page(vec![app("a", 2)], true, true), now);
        assert!(fleet.apps.at(0).unwrap().activity.is_none());
    }

    #[test]
    fn what_was_read_is_as_old_as_the_clock_of_whoever_reads_says() {
        let (mut fleet, now) = (Fleet::default(), Timestamp::from_second(1_000_000).unwrap());
        let mut described = app("a", 1);
        described.activity = Some(Box::default());
        fleet.absorb(&Query::App(app("a", 1).key), Answer::App(Box::new(described), Arc::from("{}")), now);
        assert_eq!(fleet.apps.at(0).unwrap().activity.as_ref().unwrap().read_at, now);
    }

    #[test]
    fn an_object_that_aws_does_not_find_leaves_the_fleet_and_nothing_else_does() {
        let (mut fleet, query, now) = (Fleet::default(), Query::Apps(domain()), Timestamp::UNIX_EPOCH);
        fleet.absorb(&query, page(vec![app("a", 1)], true, true), now);
        let one = Query::App(app("a", 1).key);
        fleet.fail(&one, Problem::new(ProblemKind::AccessDenied, "no", ""));
        assert_eq!(fleet.apps.len(), 1, "a refusal is no evidence of absence");
        fleet.fail(&one, Problem::new(ProblemKind::NotFound, "gone", ""));
        assert!(fleet.apps.is_empty());
    }

    #[test]
    fn leaving_a_region_forgets_it_and_keeps_the_others() {
        let (mut fleet, now) = (Fleet::default(), Timestamp::UNIX_EPOCH);
        fleet.absorb(&Query::Apps(domain()), page(vec![app("a", 1)], true, true), now);
        fleet.retain_scopes(&[scope("eu-west-1")]);
        assert_eq!(fleet.apps.len(), 1);
        fleet.retain_scopes(&[scope("us-east-1")]);
        assert!(fleet.apps.is_empty() && fleet.listing(&Query::Apps(domain())).is_none());
    }
}
