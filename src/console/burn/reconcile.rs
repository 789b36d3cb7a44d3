//! The layer that holds what was metered here against what AWS has billed. It takes whatever answer is at hand and asks
//! for none unless the person does.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::console::layers::moved;
use crate::console::{Action, Console, Context, Dialog, Effect, Key, KeyCode, Line, Span, Tone};
use crate::fleet::wording::{Money, Span as Length};
use crate::fleet::{
    AccountId, Bill, Cause, CostAnswer, CostPart, CostPeriod, CostQuestion, Days, Problem, Query,
    Reconciliation, Scope, Timestamp, billing_day, newer_from, settled, usage_question,
};

/// How far back the console knows of the burn: two months, which are what the cost pane asks of bills.
pub const BURN_LOOKS_BACK: SignedDuration = SignedDuration::from_hours(63 * 24);

/// The widths of what, where, and an amount: what 80 columns have room for.
const WHAT: usize = 30;
const WHERE: usize = 14;
const FIGURE: usize = 10;
/// From so many columns on there is room for how long something ran.
const WIDE: u16 = 90;

/// What the layer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcileView {
    /// Which days.
    pub period: CostPeriod,
    /// First line shown.
    pub scroll: usize,
    /// The period it was opened with.
    opened: CostPeriod,
}

/// What there is to be seen in the layer.
#[derive(Debug, Clone, PartialEq)]
pub enum ReconcileFace {
    /// The bill was not asked: how many requests it would take.
    Never(usize),
    /// The bill is under way.
    Loading,
    /// Why there is no bill.
    Failed(Problem),
    /// Why these days cannot be compared, as a sentence.
    Unfit(String),
    /// The two, side by side.
    Ready(Box<Reconciliation>),
}

/// What a reconciliation was made of.
#[derive(Debug, PartialEq)]
pub(super) struct MadeOf {
    bills: u64,
    history: u64,
    days: Days,
    accounts: Vec<AccountId>,
}

/// A reconciliation, and what it was made of.
pub(super) type Made = (MadeOf, Result<Box<Reconciliation>, String>);

/// An account with what was asked of its bill, and what came.
type Told<'a> = (AccountId, &'a Arc<CostQuestion>, &'a Arc<CostAnswer>);

impl Console {
    /// Opens the layer for a period.
    pub(in crate::console) fn open_reconciliation(&mut self, period: CostPeriod, effects: &mut Vec<Effect>) {
        self.settle_cost_account();
        self.recall_costs(effects);
        self.dialogs.push(Dialog::Reconcile(ReconcileView { period, scroll: 0, opened: period }));
        self.fill_reconciliation();
    }

    /// The layer, if it is open.
    pub(in crate::console) fn reconcile_view(&self) -> Option<&ReconcileView> {
        self.dialogs.iter().rev().find_map(|dialog| match dialog {
            Dialog::Reconcile(view) => Some(view),
            _ => None,
        })
    }

    /// The days of the layer.
    pub fn reconcile_days(&self) -> Days {
        let period = self.reconcile_view().map_or(CostPeriod::MonthToDate, |view| view.period);
        period.days(billing_day(self.now))
    }

    /// What the layer shows.
    pub fn reconcile_face(&self) -> ReconcileFace {
        let days = self.reconcile_days();
        let question = match self.reconcile_question() {
            Ok(question) => question,
            Err(why) => return ReconcileFace::Unfit(why),
        };
        if let Some(why) = self.too_old(days).or_else(|| Reconciliation::unbilled(days, settled(self.now))) {
            return ReconcileFace::Unfit(why);
        }
        let accounts = self.cost_accounts();
        let missing: Vec<&AccountId> = accounts
            .iter()
            .filter(|account| self.fleet.bills.usage_of(account, &self.session.services, days).is_none())
            .collect();
        let queries = || accounts.iter().map(|account| Query::Costs(account.clone(), Arc::clone(&question)));
        if queries().any(|query| self.loads.is_loading(&query)) {
            return ReconcileFace::Loading;
        }
        if accounts.is_empty() || !missing.is_empty() {
            let failed = queries().find_map(|query| self.fleet.problem(&query).cloned());
            return failed.map_or(ReconcileFace::Never(missing.len()), ReconcileFace::Failed);
        }
        match &self.burn.reconciled {
            Some((_, Ok(made))) => ReconcileFace::Ready(made.clone()),
            Some((_, Err(why))) => ReconcileFace::Unfit(why.clone()),
            None => ReconcileFace::Loading,
        }
    }

    /// Compares anew if bill, history or days changed; nothing while the layer is closed.
    pub(super) fn fill_reconciliation(&mut self) {
        if self.reconcile_view().is_none() {
            self.burn.reconciled = None;
            return;
        }
        let (days, accounts) = (self.reconcile_days(), self.cost_accounts());
        let (bills, history) = (self.fleet.bills.revision(), self.burn.history.revision());
        let of = MadeOf { bills, history, days, accounts };
        if self.burn.reconciled.as_ref().is_some_and(|(known, _)| *known == of) {
            return;
        }
        let made = self.reconciled(days, &of.accounts).map(Box::new);
        self.burn.reconciled = Some((of, made));
    }

    fn reconciled(&self, days: Days, accounts: &[AccountId]) -> Result<Reconciliation, String> {
        let told: Vec<Told<'_>> = accounts
            .iter()
            .filter_map(|account| {
                let (question, answer) = self.fleet.bills.usage_of(account, &self.session.services, days)?;
                Some((account.clone(), question, answer))
            })
            .collect();
        let parts: Vec<CostPart<'_>> =
            told.iter().map(|(account, question, answer)| CostPart { account, question, answer }).collect();
        let bill = Bill::of(&parts, days);
        let scopes: Vec<Scope> = self.session.scopes(accounts.iter());
        let since = self.burn.history.first(&scopes).map(billing_day);
        Reconciliation::of(&self.burn.history, &scopes, days, since, &bill)
    }

    /// The question that is asked where no answer is at hand.
    fn reconcile_question(&self) -> Result<Arc<CostQuestion>, String> {
        let today = billing_day(self.now);
        usage_question(&self.session.services, self.reconcile_days(), today).map(Arc::new)
    }

    /// Why days are too long ago for the console, which keeps no more than two months of the burn in memory.
    fn too_old(&self, days: Days) -> Option<String> {
        let known = self.now.checked_sub(BURN_LOOKS_BACK).map_or(days.from, billing_day);
        (days.from < known).then(|| {
            format!(
                "the console looks back to {known}; `sagedeck burn --reconcile --from {} --to {}` looks further",
                days.from, days.until
            )
        })
    }

    /// Keys of the layer.
    pub(in crate::console) fn reconcile_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        match key.code {
            KeyCode::Esc | KeyCode::Char('q') => return self.close_layer(),
            KeyCode::Char('p') if !key.ctrl => return self.next_reconciled_period(),
            KeyCode::Char('s') if key.ctrl => {
                return match self.reconcile_face() {
                    ReconcileFace::Ready(made) => {
                        self.open_sheet_export("the comparison", "metered-billed", made.whole_sheet());
                    }
                    _ => self.say(Tone::Muted, "there is nothing to export yet"),
                };
            }
            _ => {}
        }
        match self.keymap.resolve(Context::Everywhere, key) {
            Some(Action::Refresh) => self.ask_reconciliation(effects),
            Some(action) => {
                self.scroll_by_action(action);
            }
            None => {}
        }
    }

    fn next_reconciled_period(&mut self) {
        let Some(Dialog::Reconcile(view)) = self.dialogs.last_mut() else { return };
        let mut periods = vec![CostPeriod::MonthToDate, CostPeriod::PreviousMonth];
        if !periods.contains(&view.opened) {
            periods.push(view.opened);
        }
        let at = periods.iter().position(|period| *period == view.period).unwrap_or(0);
        view.period = periods[moved(at, 1, periods.len() + 1) % periods.len()];
        view.scroll = 0;
        self.fill_reconciliation();
    }

    /// Asks for the bill as far as it is not at hand, or AWS can have a newer one.
    fn ask_reconciliation(&mut self, effects: &mut Vec<Effect>) {
        let days = self.reconcile_days();
        let Ok(question) = self.reconcile_question() else { return };
        if matches!(self.reconcile_face(), ReconcileFace::Unfit(_)) {
            return;
        }
        let mut wait: Option<Timestamp> = None;
        let mut asked = 0;
        for account in self.cost_accounts() {
            let known = self.fleet.bills.usage_of(&account, &self.session.services, days);
            let newer = known.map(|(question, answer)| newer_from(question, answer.asked_at));
            match newer {
                Some(from) if from.is_none_or(|from| self.now < from) => wait = wait.max(from),
                held => {
                    asked += 1;
                    let query = Query::Costs(account, Arc::clone(&question));
                    self.ask_paid(query, held.is_some(), effects);
                }
            }
        }
        if asked == 0 {
            let text = match wait {
                Some(from) => format!(
                    "AWS writes bills three times a day and can have newer ones in {}",
                    Length::between(self.now, from)
                ),
                None => "these months are closed: AWS will not change them".to_owned(),
            };
            self.say(Tone::Muted, text);
        }
    }

    /// A comparison as lines.
    pub fn reconcile_lines(&self, made: &Reconciliation) -> Vec<Line> {
        let form = Form { is_wide: self.size.0 >= WIDE };
        let mut lines = summary(made);
        let sections = [(false, "why they differ"), (true, "what else there is to know of the bill")];
        for (is_beside, heading) in sections {
            let causes: Vec<&Cause> =
                made.causes.iter().filter(|cause| cause.is_beside == is_beside).collect();
            if !causes.is_empty() {
                begin(&mut lines, heading);
                lines.extend(causes.into_iter().map(cause));
            }
        }
        by_kind(made, form, &mut lines);
        by_day(made, form, &mut lines);
        lines
    }
}

/// The kinds of apps.
fn by_kind(made: &Reconciliation, form: Form, lines: &mut Vec<Line>) {
    let is_compared = made.compared() > 0;
    begin(lines, if is_compared { "days watched in full, by kind" } else { "what was billed, by kind" });
    if made.rows.is_empty() {
        return lines.push(Line::text("no app was billed, and none was seen", Tone::Muted));
    }
    lines.push(form.heading(["what", "region", "ran", "metered", "billed", "gap"]));
    for kind in &made.rows {
        let what = format!("{} {}", kind.app_type, kind.instance);
        let ran = kind
            .metered
            .map_or("unknown".to_owned(), |(hours, _)| Length::seconds(hours * 3_600.0).to_string());
        let metered = kind.metered.map(|(_, dollars)| dollars);
        let gap = metered.map(|metered| kind.billed - metered);
        let places = [&*what, kind.region.as_str(), &ran];
        let figures = [
            (dollars(metered), known(metered)),
            (dollars(Some(kind.billed)), Tone::Money),
            (signed(gap), gap_tone(gap)),
        ];
        lines.push(form.row(places, Tone::Plain, figures));
    }
}

/// The days.
fn by_day(made: &Reconciliation, form: Form, lines: &mut Vec<Line>) {
    begin(lines, "by day");
    lines.push(form.heading(["day (UTC)", "watched", "", "metered", "billed", "gap"]));
    for day in &made.by_day {
        let watched = format!("{:.0}%", (day.watched * 100.0).floor());
        let metered = (day.watched > 0.0).then_some(day.metered);
        let gap = day.is_whole.then_some(day.billed - day.metered);
        let least = if day.is_whole { "" } else { "≥" };
        let told = metered.map_or("unknown".to_owned(), |metered| format!("{least}{:#}", Money(metered)));
        let figures =
            [(told, known(metered)), (dollars(Some(day.billed)), Tone::Money), (signed(gap), gap_tone(gap))];
        lines.push(form.row([&*day.day.to_string(), &watched, ""], Tone::Plain, figures));
    }
}

/// What both come to, and for which days that can be compared.
fn summary(made: &Reconciliation) -> Vec<Line> {
    let watched = (made.watched() * 100.0).floor();
    let metered = match made.metered {
        Some(metered) if made.is_whole() => Money(metered).to_string(),
        Some(metered) => format!("≥{}: {watched:.0}% of the time was watched", Money(metered)),
        None => "unknown: nothing was watched".to_owned(),
    };
    let tone = if made.is_whole() { Tone::Money } else { Tone::Unknown };
    let mut lines = vec![
        Line::fact("billed for apps", format!("{}, {}", Money(made.billed), made.days), Tone::Money),
        Line::fact("metered", metered, tone),
    ];
    let compared = match made.of_compared() {
        Some((metered, billed)) => {
            let gap = without_dust(billed - metered);
            let share = if gap == 0.0 || billed == 0.0 {
                String::new()
            } else {
                format!(" ({:+.1}%)", gap / billed * 100.0)
            };
            let of = format!("{} of {} days", made.compared(), made.by_day.len());
            let (billed_told, metered_told) = (Money(billed), Money(metered));
            let gap = signed(Some(gap));
            Line::fact(
                "compared",
                format!("{of}: billed {billed_told}, metered {metered_told}, difference {gap}{share}"),
                Tone::Plain,
            )
        }
        None => Line::fact("compared", "no day: none was watched in full", Tone::Unknown),
    };
    lines.push(compared);
    lines
}

/// What one cause says; its reason is broken where it is too long.
fn cause(cause: &Cause) -> Line {
    let amount = dollars(cause.amount.map(without_dust));
    let tone = if cause.amount.is_some() { Tone::Money } else { Tone::Unknown };
    Line {
        spans: vec![
            Span { text: format!("{:<24} ", cause.what), tone: Tone::Plain },
            Span { text: format!("{amount:>FIGURE$}  "), tone },
            Span { text: cause.why.clone(), tone: Tone::Muted },
        ],
        heading: false,
    }
}

/// The form of the tables.
#[derive(Clone, Copy)]
struct Form {
    is_wide: bool,
}

impl Form {
    fn heading(self, [what, region, ran, first, second, third]: [&str; 6]) -> Line {
        let figures = [first, second, third].map(|text| (text.to_owned(), Tone::Muted));
        self.row([what, region, ran], Tone::Muted, figures)
    }

    /// What and where, how long where there is room for it, and three amounts.
    fn row(self, [what, region, ran]: [&str; 3], tone: Tone, figures: [(String, Tone); 3]) -> Line {
        let cut = |text: &str, width: usize| -> String {
            if text.chars().count() <= width {
                return text.to_owned();
            }
            text.chars().take(width - 1).chain(['…']).collect()
        };
        let ran = if self.is_wide { format!(" {ran:>7}") } else { String::new() };
        let text = format!("{:<WHAT$} {:<WHERE$}{ran}", cut(what, WHAT), cut(region, WHERE));
        let mut spans = vec![Span { text, tone }];
        spans.extend(figures.into_iter().map(|(text, tone)| Span { text: format!("{text:>FIGURE$}"), tone }));
        // The last part of a line is broken where it is too long, and loses its blanks.
        spans.push(Span { text: " ".to_owned(), tone });
        Line { spans, heading: false }
    }
}

fn dollars(known: Option<f64>) -> String {
    known.map_or("unknown".to_owned(), |dollars| format!("{:#}", Money(dollars)))
}

/// An amount without what is less than half a cent: that is of the arithmetic.
fn without_dust(amount: f64) -> f64 {
    if amount.abs() < 0.005 { 0.0 } else { amount }
}

/// A difference with its sign.
fn signed(gap: Option<f64>) -> String {
    gap.map(without_dust)
        .map_or("unknown".to_owned(), |gap| format!("{}{:#}", if gap > 0.0 { "+" } else { "" }, Money(gap)))
}

fn known(figure: Option<f64>) -> Tone {
    if figure.is_some() { Tone::Money } else { Tone::Unknown }
}

fn gap_tone(gap: Option<f64>) -> Tone {
    match gap {
        None => Tone::Unknown,
        Some(gap) if without_dust(gap) == 0.0 => Tone::Muted,
        Some(_) => Tone::Warn,
    }
}

fn begin(lines: &mut Vec<Line>, heading: &str) {
    lines.push(Line::default());
    lines.push(Line::heading(heading));
}
