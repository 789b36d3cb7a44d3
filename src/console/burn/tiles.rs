//! The tiles of money: the burn now and over time, idle money, budgets. Each line leads to exactly the rows it
//! counts, or to the layer that shows more.

use crate::console::overview::{Tile, TileLine};
use crate::console::{Console, Pane, Place, Tone, Within};
use crate::fleet::wording::{Count, Counted, Money, Span};
use crate::fleet::{
    AppKey, Breakdown, BudgetOf, BudgetState, BurnGroup, Days, Outlook, Owner, Past, Query, RUNNING,
    StoppedSpaces, billing_day, price_cautions, quote, until_monday,
};

/// The filter of apps that finds those of which it is not known whether they are idle.
const DOUBTFUL: &str = "idle:unknown !status:Pending,Deleting";
/// How many of the apps idle for longest are shown.
const LONGEST: usize = 6;

/// An amount of which a part may not be known.
pub(in crate::console) fn amount(dollars: f64, is_at_least: bool, unit: &str) -> String {
    match (is_at_least, dollars > 0.0) {
        (true, true) => format!("≥{}{unit}", Money(dollars)),
        (true, false) => "unknown".to_owned(),
        (false, _) => format!("{}{unit}", Money(dollars)),
    }
}

/// The filter that finds one app.
fn one_app(key: &AppKey) -> String {
    let owner = match &key.owner {
        Owner::Space(name) => format!("space={}", quote(name.as_str())),
        Owner::User(name) => format!("user={} space=\"\"", quote(name.as_str())),
    };
    format!(
        "{owner} type={} name={} domain-id={}",
        quote(key.app_type.as_str()),
        quote(key.name.as_str()),
        quote(key.domain.as_str())
    )
}

/// A length of time as filters write it: `4d15h30m`.
fn length(mut seconds: i64) -> String {
    let mut text = String::new();
    for (unit, letter) in [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')] {
        if seconds >= unit {
            text.push_str(&(seconds / unit).to_string());
            text.push(letter);
            seconds %= unit;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Which days of a budget are of AWS's bill and which were metered; no line for what can only be metered.
fn budget_source(state: &BudgetState) -> Option<TileLine> {
    let billed = state.billed?;
    let until = billing_day(billed.until);
    let days = Days { from: until.yesterday().ok()?.first_of_month(), until };
    let metered = Money(state.spent - billed.dollars);
    let value = format!("{}, then metered {metered}", Money(billed.dollars));
    Some(TileLine::new(format!("  billed {days}"), value, Tone::Muted))
}

impl Console {
    /// Whether the burn of all apps may be more than is known, and whether what is idle of it may be: for lists
    /// that are not all there, prices that are not known, and verdicts that are still out.
    pub(in crate::console) fn doubts(&self) -> (bool, bool) {
        let all = &self.census.totals().all;
        let lists =
            self.fleet.listings().filter(|(query, _)| matches!(query, Query::Domains(_) | Query::Apps(_)));
        // Without any list nothing is known, and all of no lists are complete.
        let (count, whole) = lists
            .fold((0, 0), |(count, whole), (_, list)| (count + 1, whole + usize::from(list.is_complete())));
        let partial = count == 0 || whole < count;
        let unpriced = partial || all.unknown_prices > 0;
        (unpriced, unpriced || all.unknown_idle > 0)
    }

    /// What runs now, what it comes to, and how it was.
    pub(in crate::console) fn burn_tile(&self) -> Tile {
        let all = &self.census.totals().all;
        let (unpriced, doubtful) = self.doubts();
        let idle_tone = if doubtful && all.idle_burn == 0.0 { Tone::Unknown } else { Tone::Idle };
        let mut lines = vec![
            TileLine::new("running now", amount(all.burn, unpriced, "/h"), Tone::Money)
                .to(Pane::Apps, RUNNING),
            TileLine::new("proven idle", amount(all.idle_burn, doubtful, "/h"), idle_tone)
                .to(Pane::Apps, "idle:idle"),
        ];
        for past in [Past::Today, Past::Week] {
            lines.extend(self.past_lines(past));
        }
        if let Some(hours) = until_monday(self.now, &self.zone) {
            let burn = amount(all.burn * hours, unpriced, "");
            lines.push(
                TileLine::new("until Mon 08:00 as it is", burn, Tone::Plain)
                    .opens(Past::Today, BurnGroup::Domain),
            );
            lines.push(
                TileLine::new("of it idle", amount(all.idle_burn * hours, doubtful, ""), idle_tone)
                    .to(Pane::Apps, "idle:idle"),
            );
        }
        if all.unknown_prices > 0 {
            let count = Count(all.unknown_prices.into()).to_string();
            let line = TileLine::new("apps of unknown price", count, Tone::Unknown);
            lines.push(line.to(Pane::Apps, format!("cost:unknown {RUNNING}")));
        }
        if all.unknown_idle > 0 {
            let count = Count(all.unknown_idle.into()).to_string();
            let line = TileLine::new("apps idle or not: unknown", count, Tone::Unknown);
            lines.push(line.to(Pane::Apps, DOUBTFUL));
        }
        lines.extend(self.storage_lines());
        for (region, caution) in price_cautions(&self.fleet, &self.session.regions, self.now) {
            lines.push(TileLine::new(format!("prices of {region}"), caution, Tone::Warn));
        }
        Tile { title: "burn", lines }
    }

    /// Two curves of one scale: all of it, and under it what was idle.
    fn past_lines(&self, past: Past) -> Vec<TileLine> {
        let opens = |line: TileLine| line.opens(past, BurnGroup::Domain);
        let trace = self.burn.trace(past).filter(|trace| trace.top().is_some());
        let Some(trace) = trace else {
            return vec![opens(TileLine::new(past.title(), "not watched yet", Tone::Muted))];
        };
        let top = amount(trace.top().unwrap_or(0.0), false, "/h");
        vec![
            opens(TileLine::new(past.title(), format!("max {top}"), Tone::Money).curve(trace, false)),
            opens(TileLine::new("  idle", "", Tone::Idle).curve(trace, true)),
        ]
    }

    /// What is billed though nothing runs, and all storage.
    fn storage_lines(&self) -> Vec<TileLine> {
        let (stopped, all) = (self.burn.stopped(), &self.census.totals().all);
        let value = format!(
            "{} · {} GB",
            amount(stopped.dollars, stopped.is_at_least(), "/month"),
            Count(stopped.gb)
        );
        let label = format!("{} stopped", Counted(stopped.spaces as usize, "space"));
        let storage = amount(all.storage, all.unknown_storage > 0, "/month");
        vec![
            TileLine::new(label, value, Tone::Money).to(Pane::Spaces, StoppedSpaces::FILTER),
            TileLine::new("storage of all spaces", storage, Tone::Plain).to(Pane::Spaces, ""),
        ]
    }

    /// What is paid for nothing: now, over the weekend, and by whom for longest.
    pub(in crate::console) fn idle_tile(&self) -> Tile {
        let all = &self.census.totals().all;
        let (_, doubtful) = self.doubts();
        let mut lines = Vec::new();
        if all.idle > 0 {
            let value = amount(all.idle_burn, doubtful, "/h");
            let label = format!("{} idle", Counted(all.idle as usize, "app"));
            lines.push(TileLine::new(label, value, Tone::Idle).to(Pane::Apps, "idle:idle"));
        } else if doubtful {
            lines.push(TileLine::new("idle burn", "unknown", Tone::Unknown).to(Pane::Apps, DOUBTFUL));
        } else {
            lines.push(TileLine::new("nothing is proven idle", "", Tone::Muted));
        }
        lines.extend(self.weekend_lines());
        let longest = self.census.totals().longest_idle.iter().take(LONGEST);
        lines.extend(longest.filter_map(|(position, seconds)| {
            let app = self.fleet.apps.at(*position as usize)?;
            let user = self.fleet.user_of(&app.key).unwrap_or_else(|| app.key.owner.name().clone());
            let label = format!("{user} · {}", app.instance.as_deref().unwrap_or("instance unknown"));
            let price = self.price_of(*position as usize).map(|dollars| format!(" · {}/h", Money(dollars)));
            let value = format!("{}{}", Span::seconds(*seconds), price.unwrap_or_default());
            Some(TileLine::new(label, value, Tone::Idle).to(Pane::Apps, one_app(&app.key)))
        }));
        Tile { title: "idle money", lines }
    }

    /// What the weekend cost for nothing, as far as it was watched, and who idles since before it: that can still be
    /// stopped.
    fn weekend_lines(&self) -> Vec<TileLine> {
        let Some(weekend) = self.burn.weekend() else { return Vec::new() };
        let label = if weekend.is_over { "last weekend, idle" } else { "this weekend, idle" };
        // Of a few minutes nobody could tell what the weekend was like.
        let line = if weekend.watched < 1.0 {
            TileLine::new(label, "unknown: not watched", Tone::Unknown)
        } else {
            let dollars = amount(weekend.total.idle, weekend.is_at_least(), "");
            let value = format!("{dollars} · {:.0} of {:.0} h watched", weekend.watched, weekend.hours);
            TileLine::new(label, value, Tone::Idle)
        };
        let mut lines = vec![line.opens(Past::Week, BurnGroup::Domain)];
        let lingering = self.burn.lingering();
        if lingering.apps > 0 {
            let burn = amount(lingering.burn, lingering.unpriced > 0, "/h");
            let value = format!("{} · {burn}", Counted(lingering.apps as usize, "app"));
            let line = TileLine::new("  idle since before it", value, Tone::Idle);
            lines.push(line.to(Pane::Apps, format!("idle:idle activity>={}", length(lingering.seconds))));
        }
        lines
    }

    /// The budgets of the configuration; no tile without any.
    pub(in crate::console) fn budget_tile(&self) -> Option<Tile> {
        let own = |state| [Some(self.budget_line(state)), budget_source(state)];
        let lines: Vec<TileLine> = self.burn.budgets().iter().flat_map(own).flatten().collect();
        (!lines.is_empty()).then_some(Tile { title: "budgets", lines })
    }

    fn budget_line(&self, state: &BudgetState) -> TileLine {
        let budget = &state.budget;
        let (value, tone) = self.outlook(state);
        let filter = match &budget.whose {
            BudgetOf::Domain(text) => format!("(domain={0} or domain-id={0})", quote(text)),
            BudgetOf::User(name) => format!("user={}", quote(name)),
            BudgetOf::Tag(key, value) => format!("tag.{}={}", quote(key), quote(value)),
            BudgetOf::Account(text) => {
                // Filters know an account by its alias; the budget may name its id.
                let named = self.fleet.accounts.keys().find(|id| id.as_str() == &**text);
                format!("account={}", quote(named.map_or(text, |id| self.fleet.account_label(id))))
            }
        };
        let mut line = TileLine::new(budget.name.to_string(), value, tone);
        line.share = Some((state.spent / budget.dollars).min(1.0));
        line.to(Pane::Apps, format!("{filter} {RUNNING}"))
    }

    /// How a budget will end, in words.
    pub fn outlook(&self, state: &BudgetState) -> (String, Tone) {
        let budget = &state.budget;
        let of = format!("{} a {}", Money(budget.dollars), budget.per.as_str());
        let spent = amount(state.spent, !state.is_whole, "");
        match state.outlook {
            Outlook::Over => (format!("over: {spent} of {of}"), Tone::Error),
            Outlook::UsedUp(at) => {
                let then = at.to_zoned(self.zone.clone()).strftime("%a %d %H:%M");
                (format!("used up {then}: {spent} of {of}"), Tone::Warn)
            }
            Outlook::Lasts => (format!("lasts: {spent} of {of}"), Tone::Ok),
            Outlook::Unsure => {
                let watched = (state.watched * 100.0).floor();
                (format!("{spent} of {of}, {watched:.0}% watched"), Tone::Unknown)
            }
        }
    }

    /// Who spends most, and what runs on what; each leads to what runs of it.
    pub(in crate::console) fn instances_tile(&self) -> Tile {
        let instances = &self.census.totals().instances;
        let most = instances.first().map_or(1.0, |row| row.burn.max(f64::MIN_POSITIVE));
        let line = |row: &crate::fleet::InstanceSum| {
            let label = format!("{} × {}", Count(row.running.into()), row.instance);
            let mut line = TileLine::new(label, amount(row.burn, row.unknown_prices > 0, "/h"), Tone::Money);
            line.share = Some(row.burn / most);
            let name = if &*row.instance == "unknown" { "\"\"".to_owned() } else { quote(&row.instance) };
            line.to(Pane::Apps, format!("instance={name} {RUNNING}"))
        };
        let mut lines: Vec<TileLine> = instances.iter().take(8).map(line).collect();
        if lines.is_empty() {
            lines.push(TileLine::new("nothing runs", "", Tone::Muted));
        }
        Tile { title: "by instance type", lines }
    }

    /// Who spends most now.
    pub(in crate::console) fn spenders_tile(&self) -> Tile {
        let spenders = &self.census.totals().top_users;
        let most = spenders.first().map_or(1.0, |(_, burn)| burn.max(f64::MIN_POSITIVE));
        let line = |(position, burn): &(u32, f64)| {
            let key = &self.fleet.users.at(*position as usize)?.key;
            let label = format!("{} · {}", key.name, self.fleet.domain_label(&key.domain_key()));
            let unpriced = self.census.user(&self.fleet, *position as usize)?.unknown_prices > 0;
            let mut line = TileLine::new(label, amount(*burn, unpriced, "/h"), Tone::Money);
            line.share = Some(burn / most);
            line.target = Some(Place {
                pane: Pane::Apps,
                within: Within::User(key.clone()),
                filter: RUNNING.to_owned(),
            });
            Some(line)
        };
        let mut lines: Vec<TileLine> = spenders.iter().take(8).filter_map(line).collect();
        if lines.is_empty() {
            lines.push(TileLine::new("nobody spends anything now", "", Tone::Muted));
        }
        Tile { title: "top spenders", lines }
    }

    /// The burn of now by a group.
    pub(in crate::console) fn burn_breakdown(&self, group: &BurnGroup) -> Breakdown {
        Breakdown::of(&self.fleet, &self.census, group, self.now)
    }
}
