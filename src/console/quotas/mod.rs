//! The quotas pane: which limit is how full, who holds it, and what more can start; as a table, or as a matrix of app
//! types and instance types.

mod facts;
mod matrix;

use std::collections::{HashMap, HashSet};

use crate::fleet::{
    AppType, Field, Heat, Limit, Limited, Name, QUOTA_FIELDS, Query, QuotaRow, Scope, Thresholds, Timestamp,
    leading, plain, quota_rows,
};

use super::columns::{ACCOUNT, Column, REGION, When, figure, only, text};
use super::loading::seconds_since;
use super::{
    Action, Console, Context, Dialog, Effect, Key, Ledger, LedgerCell, LedgerRow, Pane, Place, Sort, Title,
    Tone, Within,
};

pub use matrix::{Matrix, MatrixLine};

/// After how many seconds limits are read again for the header alone; asking is free, but a list is some twenty pages.
const LIMITS_FRESH: i64 = 3_600;
/// After how many seconds requests and networks are read again while the pane is shown.
const SHOWN_FRESH: i64 = 300;

const COLUMNS: &[Column] = &[
    text(Field::Type, "TYPE", 13, 16),
    text(Field::Instance, "INSTANCE", 16, 24),
    ACCOUNT,
    REGION,
    figure(Field::Used, "USED", 4, 7),
    figure(Field::Limit, "LIMIT", 5, 10),
    figure(Field::Percent, "%", 7, 20),
    figure(Field::Free, "FREE", 4, 8),
    text(Field::Holders, "HOLDERS", 8, 40),
    text(Field::Request, "REQUEST", 7, 18),
    only(When::Wide, text(Field::Code, "CODE", 10, 12)),
    only(When::Wide, figure(Field::Default, "DEFAULT", 7, 9)),
    only(When::Wide, text(Field::Name, "QUOTA", 10, 70)),
];

/// How the quotas are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuotaFace {
    /// One row for each limit.
    #[default]
    Table,
    /// Instance types down, app types across.
    Matrix,
}

/// The quotas pane.
#[derive(Debug)]
pub struct QuotaPane {
    /// Its rows as a table.
    pub ledger: Ledger,
    /// How it is shown.
    pub face: QuotaFace,
    /// Where the cursor of the matrix is: line, and app type.
    pub cell: (usize, usize),
    /// All limits, as of the last count.
    pub rows: Vec<QuotaRow>,
    /// How many of them are hot, and warm.
    pub heats: (usize, usize),
    places: HashMap<String, usize>,
    counted: Option<u64>,
    filled: Option<u64>,
    /// When requests and networks were asked for.
    asked: HashMap<Query, Timestamp>,
}

impl Default for QuotaPane {
    fn default() -> Self {
        let sort = Sort { column: Field::Percent, descending: true };
        Self {
            ledger: Ledger::new(COLUMNS, QUOTA_FIELDS, sort),
            face: QuotaFace::default(),
            cell: (0, 0),
            rows: Vec::new(),
            heats: (0, 0),
            places: HashMap::new(),
            counted: None,
            filled: None,
            asked: HashMap::new(),
        }
    }
}

/// How a heat is meant.
pub(super) fn tone_of(heat: Heat) -> Tone {
    match heat {
        Heat::Unknown => Tone::Unknown,
        Heat::Cool => Tone::Ok,
        Heat::Warm => Tone::Warn,
        Heat::Hot => Tone::Error,
    }
}

/// Which part is used, in whole percent; what is not full is never written as full. Beyond some part the figure says
/// nothing more, and would not fit its column.
pub(super) fn percent_text(row: &QuotaRow) -> Option<String> {
    let percent = row.percent()?;
    if percent > 999.0 {
        return Some(">999%".to_owned());
    }
    let at_least = if row.used.is_some_and(|used| used.at_least) { "≥" } else { "" };
    Some(format!("{at_least}{}%", percent.floor()))
}

impl Console {
    /// The limits are asked for once the fleet is known, for the header, and then hourly; the rest when the pane is
    /// shown. All of it is free.
    pub(super) fn ask_quotas(&mut self, effects: &mut Vec<Effect>) {
        let is_shown = self.pane == Pane::Quotas;
        let is_read =
            self.fleet.listings().next().is_some() && self.fleet.listings().all(|(_, list)| !list.loading);
        let is_for_header = is_read && self.session.auto_refresh;
        if !(is_shown || is_for_header) {
            return;
        }
        for scope in self.session.scopes(self.fleet.accounts.keys()) {
            let quotas = &self.fleet.quotas;
            let mut wanted =
                vec![(Query::Quotas(scope.clone()), quotas.applied.contains_key(&scope), LIMITS_FRESH)];
            if is_shown {
                let networks = &self.fleet.library.networks;
                wanted.extend([
                    (Query::QuotaDefaults(scope.clone()), quotas.defaults.contains_key(&scope), i64::MAX),
                    (Query::QuotaRequests(scope.clone()), quotas.requests.contains_key(&scope), SHOWN_FRESH),
                    (Query::Network(scope.clone()), networks.contains_key(&scope), SHOWN_FRESH),
                ]);
            }
            for (query, is_known, fresh) in wanted {
                let asked = self.quotas.asked.get(&query);
                let is_old = asked.is_none_or(|at| seconds_since(*at, self.now).abs() >= fresh);
                // What failed is tried again with everything else that did.
                let has_failed = self.fleet.failure(&query).is_some();
                if !has_failed && (!is_known || is_old) {
                    self.ask_quota(query, effects);
                }
            }
        }
    }

    /// Reads all of the pane again, at the person's wish.
    pub(super) fn refresh_quotas(&mut self, effects: &mut Vec<Effect>) {
        for scope in self.session.scopes(self.fleet.accounts.keys()) {
            for query in [
                Query::Quotas(scope.clone()),
                Query::QuotaDefaults(scope.clone()),
                Query::QuotaRequests(scope.clone()),
                Query::Network(scope),
            ] {
                self.ask_quota(query, effects);
            }
        }
    }

    fn ask_quota(&mut self, query: Query, effects: &mut Vec<Effect>) {
        if !self.loads.is_loading(&query) {
            self.quotas.asked.insert(query.clone(), self.now);
            self.ask(query, effects);
        }
    }

    /// Counts the use of all limits again when the fleet was counted again, and fills the table when it is shown.
    pub(super) fn count_quotas(&mut self, revision: u64) {
        let is_shown = self.pane == Pane::Quotas;
        if self.fleet.quotas.applied.is_empty() && !is_shown {
            return;
        }
        if self.quotas.counted != Some(revision) {
            self.quotas.counted = Some(revision);
            self.quotas.rows = quota_rows(&self.fleet);
            let thresholds = self.session.thresholds;
            let count = |heat| self.quotas.rows.iter().filter(|row| row.heat(thresholds) == heat).count();
            self.quotas.heats = (count(Heat::Hot), count(Heat::Warm));
        }
        if is_shown && self.quotas.filled != Some(revision) {
            self.quotas.filled = Some(revision);
            let accounts: HashSet<_> = self.quotas.rows.iter().map(|row| row.scope.account()).collect();
            let regions: HashSet<_> = self.quotas.rows.iter().map(|row| row.scope.region()).collect();
            self.quotas.ledger.several = (accounts.len() > 1, regions.len() > 1);
            let holders = leading(&self.fleet);
            let rows: Vec<LedgerRow> =
                self.quotas.rows.iter().map(|row| self.ledger_row(row, &holders)).collect();
            self.quotas.places = rows.iter().enumerate().map(|(at, row)| (row.key.to_string(), at)).collect();
            self.quotas.ledger.fill(rows);
        }
    }

    fn ledger_row(&self, row: &QuotaRow, holders: &HashMap<(Scope, Limited), Vec<(Name, u64)>>) -> LedgerRow {
        let thresholds = self.session.thresholds;
        let tone = tone_of(row.heat(thresholds));
        let some = |text: Option<&str>| text.map_or_else(LedgerCell::absent, LedgerCell::text);
        let used = match row.used {
            None => LedgerCell::unknown(),
            Some(used) => {
                let cell = LedgerCell::figure(plain(used.count as f64), used.count as f64);
                if used.at_least { cell.at_least() } else { cell }
            }
        };
        let limit = match &row.limit {
            Limit::Applied(value) => LedgerCell::figure(plain(*value), *value),
            default @ Limit::Default(_) => {
                LedgerCell { text: default.to_string(), tone: Tone::Muted, ..LedgerCell::unknown() }
            }
            _ => LedgerCell::unknown(),
        };
        let percent = match (percent_text(row), row.percent()) {
            (Some(text), Some(percent)) => {
                let cell = LedgerCell {
                    least: row.used.is_some_and(|used| used.at_least),
                    ..LedgerCell::figure(text, percent)
                };
                cell.tone(tone).share((percent / 100.0).min(1.0))
            }
            _ if row.limit.applied().is_some() && row.used.is_some() => LedgerCell::absent(),
            _ => LedgerCell::unknown(),
        };
        let free = row.left().map_or_else(LedgerCell::unknown, |left| {
            let cell = LedgerCell::figure(plain(left as f64), left as f64);
            if left == 0 && row.used.is_some_and(|used| used.count > 0) { cell.tone(tone) } else { cell }
        });
        let held = holders.get(&(row.scope.clone(), row.limited.clone()));
        let request = row.open.as_ref().map_or_else(LedgerCell::absent, |open| {
            let wanted = open.desired.map_or_else(|| "more".to_owned(), plain);
            let status = open.status.as_str().to_lowercase().replace('_', " ");
            LedgerCell::text(format!("{wanted} {status}")).tone(Tone::Pending)
        });
        let quota = row.quota.as_ref();
        LedgerRow::new(row.id())
            .with(Field::Type, LedgerCell::text(row.kind()).tone(Tone::Accent))
            .with(Field::Instance, some(row.limited.place().map(|place| &**place)))
            .with(Field::Used, used)
            .with(Field::Limit, limit)
            .with(Field::Percent, percent)
            .with(Field::Free, free)
            .with(Field::Holders, held.map_or_else(LedgerCell::absent, |held| LedgerCell::text(told(held))))
            .with(Field::Request, request)
            .with(Field::Heat, LedgerCell::text(row.heat(thresholds).as_str()))
            .with(Field::Code, some(quota.map(|quota| quota.code.as_str())))
            .with(Field::Name, some(quota.map(|quota| quota.name.as_str())))
            .with(Field::Adjustable, LedgerCell::text(if row.adjustable { "yes" } else { "no" }))
            .with(
                Field::Default,
                row.default.map_or_else(LedgerCell::absent, |value| LedgerCell::figure(plain(value), value)),
            )
            .with(Field::Region, LedgerCell::text(row.scope.region().as_str()))
            .with(Field::Account, LedgerCell::text(self.fleet.account_label(row.scope.account())))
    }

    /// The limit under the cursor, of the table or of the matrix.
    pub fn selected_quota(&self) -> Option<&QuotaRow> {
        let at = match self.quotas.face {
            QuotaFace::Table => *self.quotas.places.get(&*self.quotas.ledger.selected()?.key)?,
            QuotaFace::Matrix => {
                let (line, kind) = self.quotas.cell;
                (*self.quota_matrix().lines.get(line)?.cells.get(kind)?)?
            }
        };
        self.quotas.rows.get(at)
    }

    /// The limit with an id.
    pub fn quota_row(&self, id: &str) -> Option<&QuotaRow> {
        self.quotas.rows.iter().find(|row| row.id() == id)
    }

    /// What stands over the pane: what is read, what is missing, what went wrong.
    pub fn quota_title(&self) -> Title {
        let pane = &self.quotas;
        let mut title = Title { shown: pane.ledger.len(), total: pane.rows.len(), ..Title::default() };
        let scopes = self.session.scopes(self.fleet.accounts.keys());
        let mut failed = Vec::new();
        let mut read = 0;
        for scope in &scopes {
            let query = Query::Quotas(scope.clone());
            title.loading |= self.loads.is_loading(&query);
            read += usize::from(self.fleet.quotas.applied.contains_key(scope));
            for query in [query, Query::QuotaRequests(scope.clone()), Query::Network(scope.clone())] {
                if let Some(problem) = self.fleet.failure(&query) {
                    failed.push((self.place_of(&query), problem));
                }
            }
        }
        title.never = read == 0 && failed.is_empty();
        title.within = match scopes.as_slice() {
            [] => String::new(),
            [one] => format!("{} {}", self.fleet.account_label(one.account()), one.region()),
            many if self.fleet.accounts.len() == 1 => format!("{} regions", many.len()),
            many => format!("{} accounts and regions", many.len()),
        };
        if let Some((place, problem)) = failed.first() {
            let more =
                if failed.len() > 1 { format!(" and {} more", failed.len() - 1) } else { String::new() };
            title.partial = Some(format!("{place}: {}{more}", super::title::reason(problem.kind)));
            title.problem = Some(format!("{place}: {problem}{more}"));
        } else if read < scopes.len() {
            title.partial = Some(format!("limits of {read} of {} read", scopes.len()));
        }
        title
    }

    /// Where the holders of a limit are shown.
    pub(super) fn holders_of(&self, row: &QuotaRow) -> Place {
        let (pane, mut words) = match &row.limited {
            Limited::Apps(app_type, instance) => {
                let mut words = vec![format!("type:{app_type}")];
                match (app_type, &**instance) {
                    // What a Classic kernel calls `system` is this instance.
                    (AppType::KernelGateway, "ml.t3.medium") => {
                        words.push("instance:ml.t3.medium,system".to_owned());
                    }
                    // A Classic server has no other, and AWS may leave it out.
                    (AppType::JupyterServer, "system") => {}
                    (_, instance) => words.push(format!("instance:{instance}")),
                }
                words.push(LIVE.to_owned());
                (Pane::Apps, words)
            }
            Limited::RunningApps => (Pane::Apps, vec![LIVE.to_owned()]),
            Limited::Domains => (Pane::Domains, Vec::new()),
            Limited::Users => (Pane::Users, Vec::new()),
            Limited::Spaces | Limited::SpaceStorage => (Pane::Spaces, Vec::new()),
            Limited::Addresses(subnet) => {
                let rooms = crate::fleet::rooms(&self.fleet);
                let room = rooms.iter().find(|room| room.scope == row.scope && room.subnet == *subnet);
                let domains: Vec<&str> =
                    room.into_iter().flat_map(|room| &room.domains).map(|key| key.id.as_str()).collect();
                (Pane::Apps, vec![format!("domain-id:{}", domains.join(",")), LIVE.to_owned()])
            }
        };
        if self.session.scopes(self.fleet.accounts.keys()).len() > 1 {
            words.push(format!("region:{}", row.scope.region()));
            if self.fleet.accounts.len() > 1 {
                words.push(format!("account:\"{}\"", self.fleet.account_label(row.scope.account())));
            }
        }
        Place { pane, within: Within::Everything, filter: words.join(" ") }
    }

    /// Shows who holds the limit under the cursor.
    pub(super) fn enter_quota(&mut self) {
        match self.selected_quota().map(|row| self.holders_of(row)) {
            Some(place) => self.go(place),
            None => self.say(Tone::Muted, "there is no limit here"),
        }
    }

    /// Shows everything about the limit under the cursor.
    pub(super) fn open_quota_facts(&mut self) {
        match self.selected_quota().map(QuotaRow::id) {
            Some(id) => self.dialogs.push(Dialog::Quota { id, scroll: 0 }),
            None => self.say(Tone::Muted, "there is no limit here"),
        }
    }

    /// A key while the facts of a limit are shown: what can be done with the limit can be done here as well.
    pub(super) fn quota_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        match self.keymap.resolve(Context::Quotas, key) {
            Some(Action::RequestQuota) => self.act(Action::RequestQuota, effects),
            Some(Action::Enter) => {
                self.close_layer();
                self.enter_quota();
            }
            _ => self.reading_key(key),
        }
    }

    /// Why no increase can be requested of the limit under the cursor; `None` if one can.
    pub(super) fn why_no_request(&self) -> Option<String> {
        let Some(row) = self.selected_quota() else { return Some("there is no limit here".to_owned()) };
        match (&row.quota, &row.open) {
            (None, _) if matches!(row.limited, Limited::Addresses(_)) => {
                Some("a subnet has the size it has: give the domain another one".to_owned())
            }
            (None, _) => Some("AWS lists no such quota here, so none can be requested".to_owned()),
            (Some(_), _) if !row.adjustable => Some("AWS does not raise this quota".to_owned()),
            (Some(_), Some(open)) => Some(format!("there is an open {} already", open.clause())),
            (Some(_), None) => None,
        }
    }

    /// The fullest limits, the fullest first, for the overview.
    pub(super) fn fullest_quotas(&self, most: usize) -> Vec<&QuotaRow> {
        let known = |row: &&QuotaRow| row.percent().is_some_and(|percent| percent > 0.0);
        let mut rows: Vec<&QuotaRow> = self.quotas.rows.iter().filter(known).collect();
        rows.sort_by(|left, right| right.percent().unwrap_or(0.0).total_cmp(&left.percent().unwrap_or(0.0)));
        rows.truncate(most);
        rows
    }

    /// From where on a limit is warm and hot.
    pub(super) fn thresholds(&self) -> Thresholds {
        self.session.thresholds
    }
}

/// What counts against quotas of apps.
const LIVE: &str = "status:Pending,InService,Deleting";

/// `anna-k 3, ben 2 +4`: who holds most, and how many more there are.
fn told(held: &[(Name, u64)]) -> String {
    let named: Vec<String> = held
        .iter()
        .take(3)
        .map(|(name, count)| if *count == 1 { name.to_string() } else { format!("{name} {count}") })
        .collect();
    let more = if held.len() > 3 { format!(" +{}", held.len() - 3) } else { String::new() };
    format!("{}{more}", named.join(", "))
}

/// The filter that shows a limit in the pane.
pub(super) fn filter_of(row: &QuotaRow, one_place: bool) -> String {
    let mut words = vec![format!("type=\"{}\"", row.kind())];
    words.extend(row.limited.place().map(|place| format!("instance={place}")));
    if !one_place {
        words.push(format!("region:{}", row.scope.region()));
    }
    words.join(" ")
}
