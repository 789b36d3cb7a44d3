//! The overview: what needs attention, each line leading to the rows behind it.

use crate::fleet::wording::{Count, Money, Span};
use crate::fleet::{AppStatus, ObjectKind, PriceOrigin, Query, price_origin, until_monday};

use super::{Console, Pane, Place, Tone, Within};

/// Where the cursor of the overview is.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// Which tile, and which line of it.
    pub cursor: (usize, usize),
}

/// A tile.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// What it is about.
    pub title: &'static str,
    /// Its lines.
    pub lines: Vec<TileLine>,
}

/// A line of a tile.
#[derive(Debug, Clone, PartialEq)]
pub struct TileLine {
    /// What.
    pub label: String,
    /// How much.
    pub value: String,
    /// How it is meant.
    pub tone: Tone,
    /// Its part of the greatest of its tile, from 0 to 1, where a bar says something.
    pub share: Option<f64>,
    /// Where it leads.
    pub target: Option<Place>,
}

impl TileLine {
    fn new(label: impl Into<String>, value: impl Into<String>, tone: Tone) -> Self {
        Self { label: label.into(), value: value.into(), tone, share: None, target: None }
    }

    fn to(mut self, pane: Pane, filter: impl Into<String>) -> Self {
        self.target = Some(Place { pane, within: Within::Everything, filter: filter.into() });
        self
    }

    fn within(mut self, pane: Pane, within: Within) -> Self {
        self.target = Some(Place { pane, within, filter: String::new() });
        self
    }
}

impl Console {
    /// The tiles of the overview.
    pub fn overview_tiles(&self) -> Vec<Tile> {
        vec![
            self.burn_tile(),
            self.attention_tile(),
            self.idle_tile(),
            self.spenders_tile(),
            self.instances_tile(),
            self.counts_tile(),
            self.quotas_tile(),
        ]
    }

    /// The vitals of the whole fleet, for the header.
    pub fn vitals(&self) -> Vec<(String, Tone)> {
        if self.fleet.apps.is_empty() {
            return Vec::new();
        }
        let totals = self.census.totals();
        let all = &totals.all;
        let mut vitals = vec![(format!("apps {} run", Count(all.running.into())), Tone::Plain)];
        // A sum without the unknown prices is at least this.
        let at_least = if all.unknown_prices > 0 { "≥" } else { "" };
        vitals.push((format!("{at_least}{}/h", Money(all.burn)), Tone::Money));
        if all.idle_burn > 0.0 {
            vitals.push((format!("idle {}/h", Money(all.idle_burn)), Tone::Idle));
        }
        match self.quotas.heats {
            (0, 0) => {}
            (0, warm) => vitals.push((format!("quotas {warm} warm"), Tone::Warn)),
            (hot, _) => vitals.push((format!("quotas {hot} hot"), Tone::Error)),
        }
        if !totals.faults.is_empty() {
            vitals.push((format!("{} failed", totals.faults.len()), Tone::Error));
        }
        if !totals.stuck.is_empty() {
            vitals.push((format!("{} stuck", totals.stuck.len()), Tone::Warn));
        }
        vitals
    }

    fn burn_tile(&self) -> Tile {
        let all = &self.census.totals().all;
        let rate = |dollars: f64| format!("{}/h", Money(dollars));
        let mut lines = vec![
            TileLine::new("running now", rate(all.burn), Tone::Money).to(Pane::Apps, "status:InService"),
            TileLine::new("proven idle", rate(all.idle_burn), Tone::Idle).to(Pane::Apps, "idle:idle"),
        ];
        if let Some(hours) = until_monday(self.now, &self.zone) {
            lines.push(
                TileLine::new("until Mon 08:00 as it is", Money(all.burn * hours).to_string(), Tone::Plain)
                    .to(Pane::Apps, "status:InService"),
            );
            lines.push(
                TileLine::new("of it idle", Money(all.idle_burn * hours).to_string(), Tone::Idle)
                    .to(Pane::Apps, "idle:idle"),
            );
        }
        if all.unknown_prices > 0 {
            let count = Count(all.unknown_prices.into()).to_string();
            lines.push(
                TileLine::new("apps of unknown price", count, Tone::Unknown)
                    .to(Pane::Apps, "status:InService"),
            );
        }
        if all.unknown_use > 0 {
            let count = Count(all.unknown_use.into()).to_string();
            lines.push(
                TileLine::new("apps of unknown use", count, Tone::Unknown).to(Pane::Apps, "idle:unknown"),
            );
        }
        let storage = match all.known_storage().value() {
            Some(dollars) => format!("{}/month", Money(dollars)),
            None => "unknown".to_owned(),
        };
        lines.push(TileLine::new("storage of all spaces", storage, Tone::Plain).to(Pane::Spaces, ""));
        if let Some(date) = self.bundled_prices() {
            lines.push(TileLine::new("prices of the table inside, not AWS's", date, Tone::Warn));
        }
        Tile { title: "burn", lines }
    }

    /// The date of the bundled prices, if those of a region in use are not AWS's own.
    fn bundled_prices(&self) -> Option<&'static str> {
        self.session.regions.iter().find_map(|region| match price_origin(&self.fleet, region) {
            Some(PriceOrigin::Bundled(date)) => Some(*date),
            Some(PriceOrigin::Api(_)) | None => None,
        })
    }

    fn attention_tile(&self) -> Tile {
        let totals = self.census.totals();
        let mut lines = Vec::new();
        for kind in [ObjectKind::App, ObjectKind::Space, ObjectKind::User, ObjectKind::Domain] {
            let failed = totals.faults.iter().filter(|fault| fault.kind == kind).count();
            if failed > 0 {
                let filter = if kind == ObjectKind::App { "status:Failed" } else { "status:*failed" };
                let line = TileLine::new(
                    format!("{} failed", kind.plural()),
                    Count(failed as u64).to_string(),
                    Tone::Error,
                );
                lines.push(line.to(Pane::of(kind), filter));
            }
        }
        for stuck in totals.stuck.iter().take(4) {
            let Some(key) = stuck.object.key(&self.fleet) else { continue };
            let label = format!("{} {} does not move on", key.kind().singular(), key.name());
            let line = TileLine::new(label, Span::between(stuck.since, self.now).to_string(), Tone::Warn);
            lines.push(line.to(
                Pane::of(key.kind()),
                format!("{} status:Pending,Updating,Deleting", quoted(key.name())),
            ));
        }
        let mut unread: Vec<TileLine> = self
            .fleet
            .listings()
            .filter_map(|(query, list)| {
                let problem = list.problem.as_ref()?;
                let label = format!("not read: {} of {}", list_name(query), self.place_of(query));
                Some(TileLine::new(label, super::title::reason(problem.kind), Tone::Warn))
            })
            .collect();
        unread.sort_by(|left, right| left.label.cmp(&right.label));
        lines.extend(unread);
        lines.truncate(8);
        if lines.is_empty() {
            lines.push(TileLine::new("nothing failed, nothing stuck", "", Tone::Ok));
        }
        Tile { title: "needs attention", lines }
    }

    fn idle_tile(&self) -> Tile {
        let longest = &self.census.totals().longest_idle;
        let mut lines: Vec<TileLine> = longest
            .iter()
            .take(8)
            .filter_map(|(position, seconds)| {
                let app = self.fleet.apps.at(*position as usize)?;
                let user = self.fleet.user_of(&app.key).unwrap_or_else(|| app.key.owner.name().clone());
                let label = format!("{user} · {}", app.instance.as_deref().unwrap_or("instance unknown"));
                let price =
                    self.price_of(*position as usize).map(|dollars| format!(" · {}/h", Money(dollars)));
                let value = format!("{}{}", Span::seconds(*seconds), price.unwrap_or_default());
                let line = TileLine::new(label, value, Tone::Idle);
                Some(line.to(Pane::Apps, format!("idle:idle user:{user}")))
            })
            .collect();
        if lines.is_empty() {
            lines.push(TileLine::new("nothing is proven idle", "", Tone::Muted));
        }
        Tile { title: "longest idle", lines }
    }

    fn spenders_tile(&self) -> Tile {
        let spenders = &self.census.totals().top_users;
        let most = spenders.first().map_or(1.0, |(_, burn)| burn.max(f64::MIN_POSITIVE));
        let mut lines: Vec<TileLine> = spenders
            .iter()
            .take(8)
            .filter_map(|(position, burn)| {
                let key = &self.fleet.users.at(*position as usize)?.key;
                let label = format!("{} · {}", key.name, self.fleet.domain_label(&key.domain_key()));
                let mut line = TileLine::new(label, format!("{}/h", Money(*burn)), Tone::Money)
                    .within(Pane::Apps, Within::User(key.clone()));
                line.share = Some(burn / most);
                Some(line)
            })
            .collect();
        if lines.is_empty() {
            lines.push(TileLine::new("nobody spends anything now", "", Tone::Muted));
        }
        Tile { title: "top spenders", lines }
    }

    fn instances_tile(&self) -> Tile {
        let instances = &self.census.totals().instances;
        let most = instances.first().map_or(1.0, |row| row.burn.max(f64::MIN_POSITIVE));
        let mut lines: Vec<TileLine> = instances
            .iter()
            .take(8)
            .map(|row| {
                let label = format!("{} × {}", Count(row.running.into()), row.instance);
                let value = if row.unknown_prices > 0 {
                    "unknown".to_owned()
                } else {
                    format!("{}/h", Money(row.burn))
                };
                let mut line = TileLine::new(label, value, Tone::Money)
                    .to(Pane::Apps, format!("instance:{} status:InService", row.instance));
                line.share = Some(row.burn / most);
                line
            })
            .collect();
        if lines.is_empty() {
            lines.push(TileLine::new("nothing runs", "", Tone::Muted));
        }
        Tile { title: "by instance type", lines }
    }

    fn counts_tile(&self) -> Tile {
        let totals = self.census.totals();
        let line = |label: &str, number: usize, pane: Pane, filter: &str| {
            TileLine::new(label, Count(number as u64).to_string(), Tone::Plain).to(pane, filter)
        };
        let deleted = totals.app_status.get(&AppStatus::Deleted).copied().unwrap_or(0);
        let running = totals.all.running as usize;
        Tile {
            title: "fleet",
            lines: vec![
                line("domains", self.fleet.domains.len(), Pane::Domains, ""),
                line("user profiles", self.fleet.users.len(), Pane::Users, ""),
                line("spaces", self.fleet.spaces.len(), Pane::Spaces, ""),
                line("apps running", running, Pane::Apps, "status:InService,Pending,Deleting"),
                line("apps stopped in the last 24 h", deleted as usize, Pane::Apps, "status:Deleted"),
            ],
        }
    }

    /// The fullest limits.
    fn quotas_tile(&self) -> Tile {
        let one_place = self.session.scopes(self.fleet.accounts.keys()).len() < 2;
        let mut lines: Vec<TileLine> = self
            .fullest_quotas(8)
            .into_iter()
            .map(|row| {
                let place = if one_place { String::new() } else { format!(" · {}", row.scope.region()) };
                let used = row.used.map_or_else(|| "?".to_owned(), |used| used.to_string());
                let tone = super::quotas::tone_of(row.heat(self.session.thresholds));
                let value = format!("{used} of {}", row.limit);
                let mut line = TileLine::new(format!("{}{place}", row.limited), value, tone)
                    .to(Pane::Quotas, super::quotas::filter_of(row, one_place));
                line.share = row.percent().map(|percent| (percent / 100.0).min(1.0));
                line
            })
            .collect();
        if lines.is_empty() {
            let text =
                if self.fleet.quotas.applied.is_empty() { "no limits read yet" } else { "nothing is used" };
            lines.push(TileLine::new(text, "", Tone::Muted).to(Pane::Quotas, ""));
        }
        Tile { title: "fullest quotas", lines }
    }

    /// Dollars per hour of the app at a position, where that is known.
    pub(super) fn price_of(&self, position: usize) -> Option<f64> {
        self.census.app(&self.fleet, position)?.rate.dollars().value()
    }

    /// Where the line under the cursor leads.
    pub(super) fn overview_target(&self) -> Option<Place> {
        let tiles = self.overview_tiles();
        let (tile, line) = self.overview.cursor;
        tiles.get(tile)?.lines.get(line)?.target.clone()
    }

    /// Moves the cursor over the lines of all tiles.
    pub(super) fn move_overview(&mut self, by: isize) {
        let tiles = self.overview_tiles();
        let all: Vec<(usize, usize)> = tiles
            .iter()
            .enumerate()
            .flat_map(|(tile, content)| (0..content.lines.len()).map(move |line| (tile, line)))
            .collect();
        let at = all.iter().position(|place| *place == self.overview.cursor).unwrap_or(0);
        if let Some(place) = all.get(super::layers::moved(at, by, all.len())) {
            self.overview.cursor = *place;
        }
    }
}

/// What a list is of.
fn list_name(query: &Query) -> &'static str {
    match query {
        Query::Users(_) => "users",
        Query::Spaces(_) => "spaces",
        Query::Apps(_) => "apps",
        _ => "domains",
    }
}

/// A name as an exact word of the filter language.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
