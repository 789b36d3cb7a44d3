//! What to ask AWS next: lists when they are old, details of what is on screen first, nothing twice at once.

use std::collections::{HashMap, VecDeque};

use crate::fleet::{Answer, App, DomainKey, ObjectAt, ObjectKey, ObjectKind, Problem, Query, Timestamp};

use super::{Console, Dialog, Effect, Tone, WriteMode};

/// How many queries for details are under way at most; the border limits the rate besides.
pub(super) const DETAILS_AT_ONCE: usize = 8;
/// How many details are queued at a time for what is not on screen.
const QUEUE: usize = 2_000;
/// After how many seconds activity is read again: of a row on screen, and of any other.
const ACTIVITY_FRESH: (i64, i64) = (60, 900);
/// After how many seconds something that is passing (Pending, Deleting ...) is read again.
const PASSING_FRESH: i64 = 5;
/// After how many seconds a failed query is tried again: a passing failure, and any other.
const TRY_AGAIN: (i64, i64) = (15, 300);

/// Queries under way, and those waiting.
#[derive(Debug, Default)]
pub struct Loads {
    /// Under way; true if it was asked for again meanwhile, since a read that began before a write must not be
    /// the last word.
    in_flight: HashMap<Query, bool>,
    details_in_flight: usize,
    queue: VecDeque<Query>,
    queued_at: Option<Timestamp>,
    failed: HashMap<Query, (Timestamp, bool)>,
    swept: Option<Timestamp>,
    /// Why nothing is asked any more until the person says so: the credentials.
    pub stopped: Option<Problem>,
    /// How many queries were sent since the start.
    pub sent: u64,
}

impl Loads {
    /// Whether a query is under way.
    pub fn is_loading(&self, query: &Query) -> bool {
        self.in_flight.contains_key(query)
    }

    /// Notes that a question that costs is under way, unless it is already; one is never asked twice at once.
    pub(super) fn begin_paid(&mut self, query: &Query) -> bool {
        let is_new = self.in_flight.insert(query.clone(), false).is_none();
        self.sent += u64::from(is_new);
        self.failed.remove(query);
        is_new
    }

    /// How many queries are under way.
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Forgets what is under way; the answers will be dropped for their epoch.
    pub fn reset(&mut self) {
        let sent = self.sent;
        *self = Self { sent, ..Self::default() };
    }

    pub(super) fn holds_back(&self, query: &Query, now: Timestamp) -> bool {
        self.failed.get(query).is_some_and(|(at, passing)| {
            let wait = if *passing { TRY_AGAIN.0 } else { TRY_AGAIN.1 };
            seconds_since(*at, now) < wait
        })
    }
}

/// Whole seconds from then to now; negative when the clock went back.
pub(super) fn seconds_since(then: Timestamp, now: Timestamp) -> i64 {
    now.as_second() - then.as_second()
}

/// Whether the query reads one object in full; those are many, and are rationed.
fn is_detail(query: &Query) -> bool {
    matches!(query, Query::App(_) | Query::User(_) | Query::Space(_) | Query::Tags(_))
}

impl Console {
    /// Asks for something, unless it is under way already.
    pub(super) fn ask(&mut self, query: Query, effects: &mut Vec<Effect>) {
        if let Some(again) = self.loads.in_flight.get_mut(&query) {
            *again = true;
            return;
        }
        self.loads.in_flight.insert(query.clone(), false);
        self.loads.sent += 1;
        if is_detail(&query) {
            self.loads.details_in_flight += 1;
        }
        self.fleet.begin(&query);
        effects.push(Effect::Load(query));
    }

    /// Asks for what was found in no order, in one that is always the same.
    fn ask_all(&mut self, mut queries: Vec<Query>, effects: &mut Vec<Effect>) {
        queries.sort_unstable();
        for query in queries {
            self.ask(query, effects);
        }
    }

    /// Asks who we are; everything else follows from the answers.
    pub(super) fn ask_identities(&mut self, effects: &mut Vec<Effect>) {
        for profile in self.session.profiles.clone() {
            self.ask(Query::Identity(profile), effects);
        }
    }

    /// Reads everything again that is shown, at the person's wish.
    pub(super) fn refresh_all(&mut self, effects: &mut Vec<Effect>) {
        let was_stopped = self.loads.stopped.take().is_some();
        self.loads.failed.clear();
        self.loads.queue.clear();
        self.loads.queued_at = None;
        if was_stopped || self.fleet.accounts.is_empty() {
            self.ask_identities(effects);
        }
        let lists = self.fleet.listings().map(|(query, _)| query.clone()).collect();
        self.ask_all(lists, effects);
        if self.pane == super::Pane::Quotas {
            self.refresh_quotas(effects);
        }
    }

    /// Takes in an answer or a failure, and asks what follows from it.
    pub(super) fn loaded(
        &mut self,
        epoch: u64,
        query: &Query,
        result: Result<Answer, Problem>,
        effects: &mut Vec<Effect>,
    ) {
        if epoch != self.epoch {
            return;
        }
        let ended = result.as_ref().map_or(true, ends);
        self.note_for_form(query, &result, ended);
        self.note_prepared(query, &result, ended);
        match result {
            Ok(answer) => {
                self.loads.failed.remove(query);
                self.keep_raw(query, &answer);
                let domains: Vec<DomainKey> = match &answer {
                    Answer::Domains(page) => page.rows.iter().map(|row| row.key.clone()).collect(),
                    _ => Vec::new(),
                };
                self.fleet.absorb(query, answer, self.now);
                self.follow(query, domains, effects);
                if ended {
                    self.finished(query, effects);
                }
                if matches!(query, Query::CostTags(_)) {
                    self.tell_cost_tags();
                }
            }
            Err(problem) => {
                if problem.is_credentials() {
                    self.stop_asking(&problem);
                } else if matches!(query, Query::CostForecast(..)) {
                    // The pane has no face for it: what it shows besides is right.
                    self.say(Tone::Warn, problem.to_string());
                } else if matches!(query, Query::Identity(_)) {
                    self.say(Tone::Error, problem.to_string());
                }
                self.loads.failed.insert(query.clone(), (self.now, problem.is_passing()));
                self.fleet.fail(query, problem);
                self.finished(query, effects);
                if matches!(query, Query::CostTags(_)) {
                    self.tell_cost_tags();
                }
            }
        }
        if ended {
            self.follow_homes(query, effects);
        }
        self.go_on_preparing(effects);
    }

    fn finished(&mut self, query: &Query, effects: &mut Vec<Effect>) {
        if is_detail(query) && self.loads.in_flight.contains_key(query) {
            self.loads.details_in_flight = self.loads.details_in_flight.saturating_sub(1);
        }
        if self.loads.in_flight.remove(query) == Some(true) && self.loads.stopped.is_none() {
            self.ask(query.clone(), effects);
        }
    }

    /// Expired or missing credentials stop all polling: asking on could lock the person out.
    fn stop_asking(&mut self, problem: &Problem) {
        if self.loads.stopped.is_none() {
            let key = self.keymap.label(super::Action::Refresh);
            self.say(Tone::Error, format!("{problem} Then press {key}."));
        }
        self.loads.stopped = Some(problem.clone());
        self.loads.queue.clear();
    }

    /// Keeps AWS's own words for the details that are open.
    fn keep_raw(&mut self, query: &Query, answer: &Answer) {
        let (Answer::Domain(_, raw) | Answer::User(_, raw) | Answer::Space(_, raw) | Answer::App(_, raw)) =
            answer
        else {
            return;
        };
        for dialog in &mut self.dialogs {
            if let Dialog::Details(details) = dialog
                && details.object.describe() == *query
            {
                details.raw = Some(raw.clone());
            }
        }
    }

    /// From the identity follow alias, domains and prices; from a domain its detail and its three lists.
    fn follow(&mut self, query: &Query, domains: Vec<DomainKey>, effects: &mut Vec<Effect>) {
        match query {
            Query::Identity(profile) => {
                let account = self
                    .fleet
                    .accounts
                    .values()
                    .find(|account| account.identity.profile == *profile)
                    .map(|account| account.identity.account.clone());
                let Some(account) = account else { return };
                self.ask(Query::Alias(account.clone()), effects);
                for scope in self.session.scopes([&account].into_iter()) {
                    self.ask(Query::Domains(scope.clone()), effects);
                    if !self.fleet.prices.contains_key(scope.region()) {
                        self.ask(Query::Prices(account.clone(), scope.region().clone()), effects);
                    }
                }
            }
            Query::CredentialsEnd(_) => self.note_credentials(),
            Query::Domains(_) => {
                for domain in domains {
                    for query in [
                        Query::Apps(domain.clone()),
                        Query::Users(domain.clone()),
                        Query::Spaces(domain.clone()),
                        Query::Domain(domain),
                    ] {
                        let fresh = self.fleet.listing(&query).is_some_and(|list| {
                            list.is_complete()
                                && list.complete_at.is_some_and(|at| seconds_since(at, self.now) < 5)
                        });
                        if !fresh {
                            self.ask(query, effects);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Asks for what is old or missing, within the budget. While someone is `typing` nothing is looked for that is
    /// not on screen: that goes through the whole fleet.
    pub(super) fn schedule(&mut self, typing: bool, effects: &mut Vec<Effect>) {
        if self.loads.stopped.is_some() || !self.focused {
            return;
        }
        let sweep_due = self.loads.swept.is_none_or(|at| seconds_since(at, self.now) >= 1);
        if sweep_due && !typing {
            self.loads.swept = Some(self.now);
            if self.session.auto_refresh {
                self.refresh_old_lists(effects);
                self.poll_passing(effects);
            }
            self.retry_failed(effects);
            self.ask_quotas(effects);
        }
        self.load_visible(effects);
        self.load_queued(typing, effects);
    }

    fn refresh_old_lists(&mut self, effects: &mut Vec<Effect>) {
        // A fleet of many pages is read less often: its refresh must not become a permanent load.
        let rows = self.fleet.apps.len() + self.fleet.users.len() + self.fleet.spaces.len();
        let stretch = 1 + i64::try_from(rows / 10_000).unwrap_or(i64::MAX - 1);
        let wait = i64::from(self.session.refresh_seconds).saturating_mul(stretch);
        let now = self.now;
        let due: Vec<Query> = self
            .fleet
            .listings()
            .filter(|(_, list)| !list.loading)
            .filter(|(_, list)| {
                list.problem.is_none() && list.complete_at.is_some_and(|at| seconds_since(at, now) >= wait)
            })
            // The walk of the domains brings the lists of each domain with it.
            .filter(|(query, _)| matches!(query, Query::Domains(_)))
            .map(|(query, _)| query.clone())
            .collect();
        self.ask_all(due, effects);
    }

    fn retry_failed(&mut self, effects: &mut Vec<Effect>) {
        let now = self.now;
        let due: Vec<Query> = self
            .loads
            .failed
            .iter()
            .filter(|(query, _)| !is_detail(query) && !query.is_paid() && !self.loads.holds_back(query, now))
            .map(|(query, _)| query.clone())
            .collect();
        self.ask_all(due, effects);
    }

    /// What is passing was found by the census: of a large fleet that is little, and not looked for again.
    fn poll_passing(&mut self, effects: &mut Vec<Effect>) {
        let now = self.now;
        let stale = |app: &App| {
            let read = app.activity.as_ref().map(|activity| activity.read_at);
            read.is_none_or(|at| seconds_since(at, now) >= PASSING_FRESH)
        };
        let position = |key: &ObjectKey| match key {
            ObjectKey::App(key) => self.fleet.apps.position(key),
            _ => None,
        };
        let mut passing: Vec<usize> = self.census.passing().filter_map(position).collect();
        passing.sort_unstable();
        let due: Vec<Query> = passing
            .into_iter()
            .filter_map(|position| self.fleet.apps.at(position))
            .filter(|app| app.status.is_passing() && stale(app))
            .map(|app| Query::App(app.key.clone()))
            .filter(|query| !self.loads.is_loading(query) && !self.loads.holds_back(query, now))
            .take(DETAILS_AT_ONCE)
            .collect();
        for query in due {
            self.ask(query, effects);
        }
    }

    fn load_visible(&mut self, effects: &mut Vec<Effect>) {
        let Some(table) = self.table() else { return };
        let kind = table.kind;
        let rows: Vec<u32> =
            table.rows.iter().skip(self.drawn.first).take(self.drawn.rows.max(1)).copied().collect();
        let needs = table.filter.needs();
        let mut due = Vec::new();
        for position in rows {
            if let Some(query) = self.missing(kind, position as usize, ACTIVITY_FRESH.0) {
                due.push(query);
            }
            if needs.tags
                && let Some(key) = self.object_at(kind, position as usize)
                && !self.fleet.tags.contains_key(&key)
            {
                due.push(Query::Tags(key));
            }
        }
        for query in due {
            if self.loads.details_in_flight >= DETAILS_AT_ONCE * 2 {
                return;
            }
            if !self.loads.is_loading(&query) && !self.loads.holds_back(&query, self.now) {
                self.ask(query, effects);
            }
        }
    }

    fn load_queued(&mut self, typing: bool, effects: &mut Vec<Effect>) {
        if self.loads.details_in_flight >= DETAILS_AT_ONCE {
            return;
        }
        let due = self.loads.queued_at.is_none_or(|at| seconds_since(at, self.now) >= 5);
        if self.loads.queue.is_empty() && due && !typing {
            self.loads.queued_at = Some(self.now);
            self.fill_queue();
        }
        while self.loads.details_in_flight < DETAILS_AT_ONCE {
            let Some(query) = self.loads.queue.pop_front() else { return };
            if !self.loads.is_loading(&query) && !self.loads.holds_back(&query, self.now) {
                self.ask(query, effects);
            }
        }
    }

    /// What the filter or the sort of the table needs first, then running apps by falling price.
    fn fill_queue(&mut self) {
        let mut queue: Vec<Query> = Vec::new();
        if let Some(table) = self.table() {
            let (kind, needs) = (table.kind, table.needs());
            let count = self.count(kind);
            for position in 0..count {
                if queue.len() >= QUEUE {
                    break;
                }
                if (needs.activity || needs.user_detail)
                    && let Some(query) = self.missing(kind, position, ACTIVITY_FRESH.1)
                {
                    queue.push(query);
                }
                if needs.tags
                    && let Some(key) = self.object_at(kind, position)
                    && !self.fleet.tags.contains_key(&key)
                {
                    queue.push(Query::Tags(key));
                }
            }
        }
        let mut running: Vec<(f64, usize)> = self
            .fleet
            .apps
            .iter()
            .enumerate()
            .filter(|(_, app)| app.status == crate::fleet::AppStatus::InService)
            .filter(|(_, app)| is_old(app, self.now, ACTIVITY_FRESH.1))
            .map(|(position, _)| (self.price_of(position).unwrap_or(0.0), position))
            .collect();
        running.sort_by(|left, right| right.0.total_cmp(&left.0));
        running.truncate(QUEUE);
        queue.extend(
            running
                .into_iter()
                .filter_map(|(_, position)| self.fleet.apps.at(position))
                .map(|app| Query::App(app.key.clone())),
        );
        self.loads.queue = queue.into();
    }

    /// The query for what is missing of a row, or old.
    fn missing(&self, kind: ObjectKind, position: usize, fresh: i64) -> Option<Query> {
        match kind {
            ObjectKind::App => {
                let app = self.fleet.apps.at(position)?;
                let due = !app.status.is_gone() && is_old(app, self.now, fresh);
                due.then(|| Query::App(app.key.clone()))
            }
            ObjectKind::User => {
                let user = self.fleet.users.at(position)?;
                user.detail.is_none().then(|| Query::User(user.key.clone()))
            }
            ObjectKind::Domain | ObjectKind::Space => None,
        }
    }

    /// How many rows of a kind are known.
    pub(super) fn count(&self, kind: ObjectKind) -> usize {
        match kind {
            ObjectKind::Domain => self.fleet.domains.len(),
            ObjectKind::User => self.fleet.users.len(),
            ObjectKind::Space => self.fleet.spaces.len(),
            ObjectKind::App => self.fleet.apps.len(),
        }
    }

    /// The key of the row of a kind at a position.
    pub fn object_at(&self, kind: ObjectKind, position: usize) -> Option<ObjectKey> {
        ObjectAt { kind, position: u32::try_from(position).ok()? }.key(&self.fleet)
    }

    /// After how many milliseconds the console wants a tick even if nothing else happens; `None` for never.
    pub fn next_tick(&self) -> Option<u64> {
        if self.is_stale() || self.form_is_behind() {
            return Some(50);
        }
        let unlocked = matches!(self.session.write, WriteMode::Unlocked { .. });
        // Ages and the age of the data are shown to the second, but only to someone who looks.
        (self.focused || unlocked || self.operations.running().next().is_some()).then_some(1_000)
    }
}

fn is_old(app: &App, now: Timestamp, fresh: i64) -> bool {
    app.activity.as_ref().is_none_or(|activity| seconds_since(activity.read_at, now) >= fresh)
}

/// Whether the query is answered in full.
fn ends(answer: &Answer) -> bool {
    match answer {
        Answer::Domains(page) => page.last,
        Answer::Users(page) => page.last,
        Answer::Spaces(page) => page.last,
        Answer::Apps(page) => page.last,
        _ => true,
    }
}
