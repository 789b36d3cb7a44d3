//! The console on the real SDK and the simulated AWS, driven by keys and read from the screen, in paused time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use sagedeck::aws::{Gateway, Settings, SharedHttpClient, StaticKeys};
use sagedeck::console::{Console, Effect, Key, Keymap, Message, Pane, Session, Start, WriteMode};
use sagedeck::fleet::{Ceilings, IdleRule, ProfileName, Region, Timestamp};
use sagedeck::runtime::tasks::{Ask, Clock, Tasks};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::{ACCOUNT, Scenario};
use sagedeck::ui::theme::{Catalogue, Depth, SymbolSet, Theme};
use tokio::sync::mpsc;

/// A Wednesday, 15:00 in Zurich.
pub(crate) const NOW: i64 = 1_795_010_400;

/// How a bench is set up.
pub(crate) struct Setup {
    pub(crate) scenario: Scenario,
    pub(crate) size: (u16, u16),
    pub(crate) regions: Vec<&'static str>,
    pub(crate) write: WriteMode,
    pub(crate) theme: &'static str,
    pub(crate) life: bool,
    pub(crate) protected: Vec<String>,
    /// Whether journals and the audit trail are written. The disk takes real time, and what several steps do at once
    /// then comes in an order of its own.
    pub(crate) records: bool,
    pub(crate) protected_tags: Vec<sagedeck::fleet::Tag>,
    /// When the credentials end, if they say so.
    pub(crate) keys_end: Option<Timestamp>,
    pub(crate) budgets: Vec<sagedeck::fleet::Budget>,
    /// The accounts, each behind a profile of its own; the first has the default one.
    pub(crate) accounts: Vec<&'static str>,
    /// The folder of an earlier bench, for what a second start finds there.
    pub(crate) folder: Option<Arc<tempfile::TempDir>>,
    /// How much later than usual it starts.
    pub(crate) later: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            scenario: Scenario::Small,
            size: (120, 32),
            regions: vec!["eu-west-1", "us-east-1"],
            write: WriteMode::Demo,
            theme: "sagedeck-dark",
            life: false,
            protected: Vec::new(),
            records: true,
            protected_tags: Vec::new(),
            keys_end: None,
            budgets: Vec::new(),
            accounts: vec![ACCOUNT],
            folder: None,
            later: Duration::ZERO,
        }
    }
}

pub(crate) struct Bench {
    pub(crate) console: Console,
    pub(crate) sim: SimulatedAws,
    tasks: Tasks,
    news: mpsc::Receiver<Message>,
    theme: Theme,
    terminal: Terminal<TestBackend>,
    pub(crate) copied: Vec<String>,
    pub(crate) left: bool,
    records: Arc<tempfile::TempDir>,
}

impl Bench {
    /// The console on the demo's fleet, with everything loaded that loads by itself.
    pub(crate) async fn demo() -> Self {
        Self::start(Setup::default()).await
    }

    /// A console just started, with everything loaded that loads by itself.
    pub(crate) async fn start(setup: Setup) -> Self {
        let mut bench = Self::cold(setup);
        bench.settle().await;
        bench
    }

    /// A console just started that has asked nothing yet.
    pub(crate) fn cold(setup: Setup) -> Self {
        let sim = SimulatedAws::builder()
            .scenario(setup.scenario)
            .seed(7)
            .epoch_seconds(NOW + i64::try_from(setup.later.as_secs()).unwrap())
            .life(setup.life)
            .build();
        let keys: BTreeMap<ProfileName, StaticKeys> = setup
            .accounts
            .iter()
            .enumerate()
            .map(|(at, account)| {
                let keys = StaticKeys {
                    access_key: format!("SIMULATED{account}"),
                    secret_key: "simulated".to_owned(),
                    end: setup.keys_end,
                };
                (ProfileName::new(if at == 0 { "" } else { account }), keys)
            })
            .collect();
        let profiles: Vec<ProfileName> = keys.keys().cloned().collect();
        let regions: Vec<Region> = setup.regions.iter().map(|code| Region::new(code)).collect();
        let gateway = Gateway::new(Settings {
            profiles: profiles.clone(),
            regions: regions.clone(),
            endpoint_url: None,
            http_client: Some(SharedHttpClient::new(sim.clone())),
            keys,
            read_only: setup.write == WriteMode::ReadOnly,
        });
        let records = setup.folder.clone().unwrap_or_else(|| Arc::new(tempfile::tempdir().unwrap()));
        let now = Timestamp::from_second(NOW).unwrap() + setup.later;
        let clock = Clock::starting_at(now);
        let (tasks, news) = Tasks::new(
            gateway,
            clock,
            setup.write == WriteMode::Demo,
            None,
            setup.records.then(|| records.path().to_owned()),
        );
        let catalogue = Catalogue::new(SymbolSet::Unicode, []);
        let console = Console::new(Start {
            session: Session {
                protected_tags: setup.protected_tags,
                thresholds: sagedeck::fleet::Thresholds::default(),
                templates: BTreeMap::new(),
                profiles: profiles.clone(),
                regions,
                known_profiles: profiles,
                themes: catalogue.ids().map(str::to_owned).collect(),
                endpoint: None,
                demo: (setup.write == WriteMode::Demo).then(|| "small".to_owned()),
                write: setup.write,
                auto_refresh: true,
                idle: IdleRule::default(),
                ceilings: Ceilings::default(),
                protected: setup.protected,
                saved: BTreeMap::new(),
                budgets: setup.budgets,
                services: vec!["Amazon SageMaker".into()],
                refresh_seconds: 60,
            },
            keymap: Keymap::new(&BTreeMap::new()).unwrap(),
            theme: setup.theme.to_owned(),
            pane: Pane::Apps,
            filter: String::new(),
            now,
            zone: jiff::tz::TimeZone::get("Europe/Zurich").unwrap(),
            size: setup.size,
        });
        let terminal = Terminal::new(TestBackend::new(setup.size.0, setup.size.1)).unwrap();
        let theme = catalogue.theme(setup.theme, Depth::TrueColor).unwrap();
        let mut bench =
            Self { console, sim, tasks, news, theme, terminal, copied: Vec::new(), left: false, records };
        bench.draw();
        bench.tick();
        bench
    }

    /// Presses keys, written with blanks between them; `"text"` in quotes is typed letter by letter.
    pub(crate) fn press(&mut self, keys: &str) {
        let mut rest = keys.trim();
        while !rest.is_empty() {
            if let Some(quoted) = rest.strip_prefix('"') {
                let (text, after) = quoted.split_once('"').expect("a closing quote");
                for c in text.chars() {
                    self.key(&c.to_string());
                }
                rest = after.trim_start();
            } else {
                let (key, after) = rest.split_once(' ').unwrap_or((rest, ""));
                self.key(key);
                rest = after.trim_start();
            }
        }
    }

    fn key(&mut self, text: &str) {
        let text = if text == " " { "space" } else { text };
        let key: Key = text.parse().unwrap_or_else(|error| panic!("{error}"));
        self.give(Message::At(self.tasks.clock().now()));
        self.give(Message::Key(key));
        self.draw();
    }

    /// Gives the console a message.
    pub(crate) fn give(&mut self, message: Message) {
        let effects: Vec<Effect> = self.console.update(message);
        for effect in effects {
            match self.tasks.perform(effect) {
                Some(Ask::Copy(text)) => self.copied.push(text),
                Some(Ask::Quit) => self.left = true,
                None => {}
            }
        }
    }

    fn tick(&mut self) {
        self.give(Message::Tick(self.tasks.clock().now()));
    }

    /// Lets time pass, with everything that happens meanwhile.
    pub(crate) async fn wait(&mut self, time: Duration) {
        let until = tokio::time::Instant::now() + time;
        loop {
            let step = tokio::time::Duration::from_millis(self.console.next_tick().unwrap_or(1_000));
            tokio::select! {
                biased;
                message = self.news.recv() => {
                    self.tick();
                    self.give(message.expect("the tasks hold a sender"));
                }
                () = tokio::time::sleep_until(until) => break,
                () = tokio::time::sleep(step) => self.tick(),
            }
        }
        self.draw();
    }

    /// Waits until nothing is outstanding, at most two minutes of virtual time.
    pub(crate) async fn settle(&mut self) {
        let limit = tokio::time::Instant::now() + Duration::from_mins(2);
        while self.tasks.outstanding() > 0 || self.console.next_tick().is_some_and(|millis| millis < 1_000) {
            assert!(tokio::time::Instant::now() < limit, "the console does not come to rest");
            self.wait(Duration::from_millis(60)).await;
        }
        self.draw();
    }

    /// Draws the screen as it is now.
    pub(crate) fn draw(&mut self) {
        let (console, theme) = (&self.console, &self.theme);
        let mut drawn = None;
        self.terminal.draw(|frame| drawn = Some(sagedeck::ui::view(console, theme, frame))).unwrap();
        self.console.drawn = drawn.unwrap();
    }

    /// The screen as text.
    pub(crate) fn screen(&mut self) -> String {
        self.draw();
        let buffer = self.buffer();
        let mut text = String::new();
        for y in 0..buffer.area.height {
            let mut line = String::new();
            for x in 0..buffer.area.width {
                line.push_str(buffer[(x, y)].symbol());
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// The cells of the screen.
    pub(crate) fn buffer(&self) -> &Buffer {
        self.terminal.backend().buffer()
    }

    /// The folder of what was written.
    pub(crate) fn folder(&self) -> Arc<tempfile::TempDir> {
        Arc::clone(&self.records)
    }

    /// The files that were written on record: journals and the audit trail.
    pub(crate) fn files(&self) -> Vec<std::path::PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.records.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files
    }

    /// Asserts that the screen shows all of these.
    #[track_caller]
    pub(crate) fn shows(&mut self, texts: &[&str]) {
        let screen = self.screen();
        for text in texts {
            assert!(screen.contains(text), "`{text}` is not on the screen:\n{screen}");
        }
    }

    /// Asserts that the screen shows none of these.
    #[track_caller]
    pub(crate) fn hides(&mut self, texts: &[&str]) {
        let screen = self.screen();
        for text in texts {
            assert!(!screen.contains(text), "`{text}` is on the screen:\n{screen}");
        }
    }

    /// How many requests of an operation reached the simulated AWS.
    pub(crate) fn sent(&self, operation: &str) -> u64 {
        self.sim.requests().count(operation)
    }
}
