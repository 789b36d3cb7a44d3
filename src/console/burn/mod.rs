//! The burn over time: what is sampled of it and when, what was kept of earlier days, and what follows from both
//! for the overview. Samples are taken only of places that are known in full and lately.

mod reconcile;
mod tiles;
mod view;

use std::collections::{BTreeMap, HashMap};

use crate::fleet::{
    AppStatus, BudgetState, BurnHistory, Past, PriceOrigin, Query, SAMPLE_EVERY, Scope, StoppedSpaces,
    Timestamp, Trace, Verdict, Weekend, billed_spend, budget_states, price_list, take_samples, verdict,
};

use super::loading::seconds_since;
use super::{Console, Dialog, Effect, Pane};

pub use reconcile::{BURN_LOOKS_BACK, ReconcileFace, ReconcileView};
pub(super) use tiles::amount;
pub use view::BurnView;

/// For so many seconds a first sample waits for the details that tell what is idle.
const WAITS: i64 = 120;
/// After so many seconds prices are looked at for their age.
const PRICES_LOOKED_AT: i64 = 3_600;

/// The burn over time.
#[derive(Debug, Default)]
pub struct Burn {
    /// What was seen, of this run and of earlier ones.
    pub history: BurnHistory,
    /// How many lines of the kept history could not be understood.
    pub skipped: usize,
    /// The layer's table.
    pub ledger: Option<super::Ledger>,
    asked: bool,
    recalled: bool,
    looked_at: Option<Timestamp>,
    prices_looked_at: Option<Timestamp>,
    first_whole: Option<Timestamp>,
    sampled: HashMap<Scope, Timestamp>,
    drawn_of: Option<DrawnOf>,
    traces: BTreeMap<Past, Trace>,
    weekend: Option<Weekend>,
    lingering: Lingering,
    counted_of: Option<(u64, Timestamp, u64, u64)>,
    reconciled: Option<reconcile::Made>,
    stopped: StoppedSpaces,
    budgets: Vec<BudgetState>,
}

/// What the past was put together from.
#[derive(Debug, PartialEq, Eq)]
struct DrawnOf {
    revision: u64,
    minute: i64,
    scopes: Vec<Scope>,
}

/// Apps that nobody has used since a weekend began, and that run still.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Lingering {
    /// How many.
    pub apps: u32,
    /// Dollars per hour, as far as prices are known.
    pub burn: f64,
    /// How many have no known price.
    pub unpriced: u32,
    /// How many seconds before the count the weekend began.
    pub seconds: i64,
    of: Option<(u64, Timestamp, Timestamp)>,
}

impl Burn {
    /// The past in slots, once there is one.
    pub fn trace(&self, past: Past) -> Option<&Trace> {
        self.traces.get(&past)
    }

    /// The weekend that it is, or the last one.
    pub fn weekend(&self) -> Option<&Weekend> {
        self.weekend.as_ref()
    }

    /// What ran idle through the whole of that weekend and runs still.
    pub fn lingering(&self) -> Lingering {
        self.lingering
    }

    /// What stopped spaces are billed.
    pub fn stopped(&self) -> &StoppedSpaces {
        &self.stopped
    }

    /// How the budgets stand.
    pub fn budgets(&self) -> &[BudgetState] {
        &self.budgets
    }
}

impl Console {
    /// Samples the burn when it is time to, asks for what it takes, and keeps what is shown of it up to date.
    pub(super) fn watch_burn(&mut self, typing: bool, effects: &mut Vec<Effect>) {
        if !self.burn.asked {
            self.burn.asked = true;
            effects.push(Effect::ReadBurn);
            if !self.session.budgets.is_empty() {
                self.recall_costs(effects);
            }
        }
        let due = self.burn.looked_at.is_none_or(|at| seconds_since(at, self.now).abs() >= 1);
        if due && !typing && self.loads.stopped.is_none() {
            self.burn.looked_at = Some(self.now);
            self.sample_burn(effects);
            self.ask_old_prices(effects);
            self.ask_burn_tags(effects);
        }
        // A key waits for no count, but the first look has something to look at.
        let wanted = self.pane == Pane::Overview || self.is_burn_open();
        if wanted && (!typing || self.burn.counted_of.is_none()) {
            self.count_burn();
            self.draw_past();
            self.count_lingering();
        }
        self.fill_burn_ledger();
        self.fill_reconciliation();
    }

    /// Has the answers of Cost Explorer read that are kept on disk, once: that costs nothing.
    fn recall_costs(&mut self, effects: &mut Vec<Effect>) {
        if !self.burn.recalled {
            self.burn.recalled = true;
            effects.push(Effect::RecallCosts);
        }
    }

    /// Whether the layer of the burn is open.
    fn is_burn_open(&self) -> bool {
        self.dialogs.iter().any(|dialog| matches!(dialog, Dialog::Burn(_)))
    }

    /// Takes in what was kept of earlier days.
    pub(super) fn burn_read(&mut self, history: BurnHistory, skipped: usize) {
        self.burn.history = self.burn.history.with(history);
        self.burn.skipped = skipped;
    }

    fn sample_burn(&mut self, effects: &mut Vec<Effect>) {
        let all = self.session.scopes(self.fleet.accounts.keys());
        let due: Vec<Scope> = all
            .into_iter()
            .filter(|scope| {
                let last = self.burn.sampled.get(scope);
                // A clock that went back must not stop the sampling until it has caught up.
                last.is_none_or(|at| self.now.duration_since(*at).abs() >= SAMPLE_EVERY)
            })
            .collect();
        if due.is_empty() {
            return;
        }
        let census_is_old = self.census.revision() != self.fleet.revision();
        if census_is_old && seconds_since(self.census.at(), self.now).abs() > 30 {
            return;
        }
        let samples = take_samples(&self.fleet, &self.census, &due, &self.session.budgets, self.now);
        if samples.is_empty() || self.waits_for_details() {
            return;
        }
        for sample in &samples {
            self.burn.sampled.insert(sample.scope.clone(), self.now);
            self.burn.history.add(sample.clone());
        }
        effects.push(Effect::KeepBurn(samples));
    }

    /// Whether prices or the use of apps are about to be read for the first time: a sample before that would say
    /// that nothing is known, and nothing is known for a moment only.
    fn waits_for_details(&mut self) -> bool {
        let since = *self.burn.first_whole.get_or_insert(self.now);
        if seconds_since(since, self.now).abs() >= WAITS {
            return false;
        }
        let priced = |scope: &Scope| {
            let query = Query::Prices(scope.account().clone(), scope.region().clone());
            self.fleet.prices.contains_key(scope.region())
                || self.fleet.failure(&query).is_some()
                || !self.loads.is_loading(&query)
        };
        let scopes = self.session.scopes(self.fleet.accounts.keys());
        let mut apps = self.fleet.apps.iter();
        let unread = apps.any(|app| app.status == AppStatus::InService && app.activity.is_none());
        unread || !scopes.iter().all(priced)
    }

    /// Prices of a day ago are asked for again; until the answer comes they stay in force.
    fn ask_old_prices(&mut self, effects: &mut Vec<Effect>) {
        if self.burn.prices_looked_at.is_some_and(|at| seconds_since(at, self.now).abs() < PRICES_LOOKED_AT) {
            return;
        }
        self.burn.prices_looked_at = Some(self.now);
        let Some(account) = self.fleet.accounts.keys().next().cloned() else { return };
        let is_old = |region: &crate::fleet::Region| {
            price_list(&self.fleet, region)
                .is_some_and(|list| matches!(list.origin, PriceOrigin::Api(_)) && !list.is_fresh(self.now))
        };
        let old: Vec<_> = self.session.regions.iter().filter(|region| is_old(region)).cloned().collect();
        for region in old {
            self.ask(Query::Prices(account.clone(), region), effects);
        }
    }

    /// Computes the past anew once a minute, or when it grew.
    fn draw_past(&mut self) {
        let scopes = self.session.scopes(self.fleet.accounts.keys());
        let minute = self.now.as_second().div_euclid(60);
        let of = DrawnOf { revision: self.burn.history.revision(), minute, scopes };
        if self.burn.drawn_of.as_ref() == Some(&of) {
            return;
        }
        let burn = &mut self.burn;
        let (history, scopes) = (&burn.history, &of.scopes);
        burn.traces = Past::ALL
            .into_iter()
            .filter_map(|past| Some((past, Trace::of(history, scopes, past, self.now, &self.zone)?)))
            .collect();
        burn.weekend = Weekend::of(history, scopes, self.now, &self.zone);
        burn.drawn_of = Some(of);
    }

    /// Counts anew what nobody has used since the weekend began.
    fn count_lingering(&mut self) {
        let Some(from) = self.burn.weekend.as_ref().map(|weekend| weekend.from) else { return };
        let at = self.census.at();
        let of = Some((self.census.revision(), at, from));
        if self.burn.lingering.of == of {
            return;
        }
        let mut found = Lingering { seconds: seconds_since(from, at), of, ..Lingering::default() };
        for (position, app) in self.fleet.apps.iter().enumerate() {
            let Verdict::Idle { since, .. } = verdict(app, at, self.census.rule()) else { continue };
            if since > from {
                continue;
            }
            found.apps += 1;
            match self.price_of(position) {
                Some(dollars) => found.burn += dollars,
                None => found.unpriced += 1,
            }
        }
        self.burn.lingering = found;
    }

    /// Counts anew what depends on the fleet as it is.
    fn count_burn(&mut self) {
        let bills = self.fleet.bills.revision();
        let of = (self.census.revision(), self.census.at(), self.burn.history.revision(), bills);
        if self.burn.counted_of == Some(of) {
            return;
        }
        self.burn.counted_of = Some(of);
        self.burn.stopped = StoppedSpaces::of(&self.fleet, &self.census);
        let scopes = self.session.scopes(self.fleet.accounts.keys());
        self.burn.budgets = if self.session.budgets.is_empty() {
            Vec::new()
        } else {
            let (services, budgets) = (&self.session.services, &self.session.budgets);
            budget_states(
                (&self.fleet, &self.census),
                (&self.burn.history, &scopes),
                budgets,
                &billed_spend(&self.fleet, services, budgets, self.now),
                self.now,
                &self.zone,
            )
        };
    }
}
