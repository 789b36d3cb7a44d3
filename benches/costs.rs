//! How long a bill of 10,000 groups over 90 days takes to become rows, what each key takes in the cost pane over them,
//! and what it takes of memory: `cargo bench --bench costs`. Prints figures beside their bounds and judges none.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use sagedeck::console::{Console, Key, Keymap, Message, Pane, Session, Start, WriteMode};
use sagedeck::fleet::{
    Account, AccountId, Ceilings, CostAnswer, CostDay, CostGroup, CostPages, CostPart, CostPeriod,
    CostQuestion, CostReport, CostView, Fleet, Identity, IdleRule, Nanos, ProfileName, Region, Thresholds,
    Timestamp,
};
use sagedeck::ui::theme::{Catalogue, Depth, SymbolSet, Theme};

const VALUES: usize = 10_000;
const DAYS: i32 = 90;
const TODAY: Date = date(2026, 11, 22);
/// How often each key is pressed.
const TIMES: usize = 15;
/// A frame at 60 per second.
const FRAME: Duration = Duration::from_millis(16);

fn main() {
    let from = TODAY.saturating_sub((DAYS - 1).days());
    let period = CostPeriod::Range(from, TODAY.tomorrow().unwrap());
    let view = CostView {
        group: CostGroup::Tag("dataset".into()),
        then: None,
        period,
        today: TODAY,
        by_months: false,
    };
    let (days, granularity) = period.asked(TODAY);
    let question = CostQuestion::new(&[], (days.from, days.until), granularity, &view.group, None);
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();

    let empty = resident();
    let started = Instant::now();
    let answer = answer(from, now);
    println!("taking in {VALUES} values x {DAYS} days: {:.1?}", started.elapsed());
    let with_answer = resident();

    let account = AccountId::new("123456789012");
    let part = CostPart { account: &account, question: &question, answer: &answer };
    let started = Instant::now();
    let report = CostReport::new(&view, &[part], &Fleet::default());
    let grouping = started.elapsed();
    println!("grouping into {} rows: {grouping:.1?} (once for an answer)", report.rows.len());
    drop(report);

    let mut screen = Screen::new(now);
    let console = &mut screen.console;
    let identity = Identity {
        profile: ProfileName::new(""),
        account: account.clone(),
        arn: "arn:aws:iam::1:user/a".into(),
    };
    console.fleet.accounts.insert(account.clone(), Account { identity, alias: None, credentials_end: None });
    console.fleet.bills.learn(account, Arc::new(question), Arc::new(answer));
    (console.cost.group, console.cost.period) = (view.group, period);
    let opening = screen.press("6");
    println!("opening the pane: {opening:.1?} (once for an answer)");
    assert!(screen.console.cost.report.is_some(), "the question of the pane is the one that was answered");
    println!("a key, with its frame of 200x60, median of {TIMES} times; the bound is {FRAME:.0?}:");
    for (what, keys) in [
        ("moving", "down down down pagedown pagedown end home up"),
        ("its days alone, and back", "d d d d"),
        ("a filter, and none", "/ s e t - 1 2 backspace enter esc"),
        ("sorting", "shift-n shift-c shift-c"),
        ("all columns", "ctrl-w ctrl-w"),
    ] {
        let mut took: Vec<Vec<Duration>> = vec![Vec::new(); keys.split(' ').count()];
        for _ in 0..TIMES {
            keys.split(' ').zip(&mut took).for_each(|(key, took)| took.push(screen.press(key)));
        }
        // Whatever else the machine does strikes one time or another, a slow key all of them.
        let medians: Vec<Duration> = took.iter_mut().map(|took| median(took)).collect();
        let mean = medians.iter().sum::<Duration>() / u32::try_from(medians.len()).unwrap();
        println!("  {what:<26} mean {mean:>8.1?}, slowest {:>8.1?}", medians.iter().max().unwrap());
    }
    if let (Some(empty), Some(with_answer), Some(shown)) = (empty, with_answer, resident()) {
        let more = |of: u64| of.saturating_sub(empty) as f64 / 1e6;
        println!("memory: the answer {:.1} MB, with the pane {:.1} MB", more(with_answer), more(shown));
    }
    let amounts = VALUES * DAYS as usize * size_of::<Nanos>();
    println!("of it amounts of the answer: {:.1} MB, of the report as much again", amounts as f64 / 1e6);
}

fn median(took: &mut [Duration]) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

/// A bill in which each value costs something each day.
fn answer(from: Date, asked_at: Timestamp) -> CostAnswer {
    let mut pages = CostPages::default();
    for offset in 0..DAYS {
        let day = from.saturating_add(offset.days());
        let at = pages.day(CostDay { from: day, until: day.tomorrow().unwrap(), estimated: false });
        for value in 0..VALUES {
            let name = format!("set-{value}");
            pages.add(at, &[&name, "Usage"], "USD", Some(Nanos(i64::try_from(value * 1_000 + 1).unwrap())));
        }
    }
    pages.finish(asked_at)
}

/// A console and what it is drawn on.
struct Screen {
    console: Console,
    terminal: Terminal<TestBackend>,
    theme: Theme,
    now: Timestamp,
}

impl Screen {
    fn new(now: Timestamp) -> Self {
        let catalogue = Catalogue::new(SymbolSet::Unicode, []);
        let profile = ProfileName::new("");
        let console = Console::new(Start {
            session: Session {
                profiles: vec![profile.clone()],
                regions: vec![Region::new("eu-west-1")],
                known_profiles: vec![profile],
                themes: Vec::new(),
                endpoint: None,
                demo: None,
                write: WriteMode::ReadOnly,
                auto_refresh: false,
                idle: IdleRule::default(),
                ceilings: Ceilings::default(),
                thresholds: Thresholds::default(),
                protected: Vec::new(),
                protected_tags: Vec::new(),
                templates: BTreeMap::new(),
                saved: BTreeMap::new(),
                budgets: Vec::new(),
                services: Vec::new(),
                refresh_seconds: 60,
            },
            keymap: Keymap::new(&BTreeMap::new()).unwrap(),
            theme: "sagedeck-dark".to_owned(),
            pane: Pane::Apps,
            filter: String::new(),
            now,
            zone: jiff::tz::TimeZone::UTC,
            size: (200, 60),
        });
        Self {
            console,
            terminal: Terminal::new(TestBackend::new(200, 60)).unwrap(),
            theme: catalogue.theme("sagedeck-dark", Depth::TrueColor).unwrap(),
            now,
        }
    }

    /// Presses a key and draws what follows; how long both took.
    fn press(&mut self, key: &str) -> Duration {
        let key: Key = key.parse().unwrap();
        let started = Instant::now();
        // What the console asks of the world is of no interest here.
        drop(self.console.update(Message::At(self.now)));
        drop(self.console.update(Message::Key(key)));
        let (console, theme) = (&self.console, &self.theme);
        let mut drawn = None;
        self.terminal.draw(|frame| drawn = Some(sagedeck::ui::view(console, theme, frame))).unwrap();
        self.console.drawn = drawn.unwrap();
        started.elapsed()
    }
}

/// The memory of the process in bytes, where the system tells it.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}
