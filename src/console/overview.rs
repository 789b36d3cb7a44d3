//! The overview: what needs attention, each line leading to the rows behind it.

use crate::fleet::wording::{Count, Span};
use crate::fleet::{AppStatus, BurnGroup, Level, ObjectKind, Past, Query, Trace};

use super::burn::amount;
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
    /// A curve between label and value.
    pub curve: Option<Curve>,
    /// Where it leads.
    pub target: Option<Place>,
    /// Which part of the past, and which breakdown, the layer of the burn shows that it opens.
    pub opens: Option<(Past, BurnGroup)>,
}

/// A curve in one line of a tile.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The levels, from 0 to 1 of the greatest; gaps where nobody watched.
    pub levels: Vec<Option<f64>>,
}

impl TileLine {
    pub(super) fn new(label: impl Into<String>, value: impl Into<String>, tone: Tone) -> Self {
        let (label, value) = (label.into(), value.into());
        Self { label, value, tone, share: None, curve: None, target: None, opens: None }
    }

    /// The same line, opening the layer of the burn.
    pub(super) fn opens(mut self, past: Past, group: BurnGroup) -> Self {
        self.opens = Some((past, group));
        self
    }

    /// The same line with the curve of a trace: of all of it, or of what was idle, on one scale.
    pub(super) fn curve(mut self, trace: &Trace, idle: bool) -> Self {
        let top = trace.top().unwrap_or(0.0).max(f64::MIN_POSITIVE);
        let level = |level: &Level| (if idle { level.idle } else { level.burn }) / top;
        self.curve =
            Some(Curve { levels: trace.slots.iter().map(|slot| slot.as_ref().map(level)).collect() });
        self
    }

    pub(super) fn to(mut self, pane: Pane, filter: impl Into<String>) -> Self {
        self.target = Some(Place { pane, within: Within::Everything, filter: filter.into() });
        self
    }
}

impl Console {
    /// The tiles of the overview.
    pub fn overview_tiles(&self) -> Vec<Tile> {
        let mut tiles = vec![self.burn_tile(), self.attention_tile(), self.idle_tile()];
        tiles.extend(self.budget_tile());
        tiles.extend([self.spenders_tile(), self.instances_tile(), self.counts_tile(), self.quotas_tile()]);
        tiles
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
        let (unpriced, doubtful) = self.doubts();
        vitals.push(if unpriced && all.burn == 0.0 {
            ("cost unknown".to_owned(), Tone::Unknown)
        } else {
            (amount(all.burn, unpriced, "/h"), Tone::Money)
        });
        // Nothing proven idle is no nothing while the verdict on some app is still out.
        if all.idle_burn > 0.0 {
            vitals.push((format!("idle {}", amount(all.idle_burn, doubtful, "/h")), Tone::Idle));
        } else if doubtful {
            vitals.push(("idle unknown".to_owned(), Tone::Unknown));
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

    /// What of the burn the line under the cursor opens.
    pub(super) fn overview_opens(&self) -> Option<(Past, BurnGroup)> {
        let tiles = self.overview_tiles();
        let (tile, line) = self.overview.cursor;
        tiles.get(tile)?.lines.get(line)?.opens.clone()
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
