//! Terminal, clock and tasks: the only imperative part of the console.

mod burn;
mod files;
pub mod input;
mod link;
mod plans;
mod prices;
mod records;
pub mod shell;
pub mod signals;
pub mod tasks;
pub mod terminal;
mod translate;

use std::path::PathBuf;

use self::shell::{ShellError, Stage};
use self::tasks::{Clock, Tasks};
use crate::aws::{Gateway, Settings};
use crate::console::{Console, Start, Tone, WriteMode};
use crate::ui::theme::{Catalogue, Depth};

/// Threads for the work beside the console: there is little of it, and each costs time at the start.
const WORKERS: usize = 2;

/// Everything the console opens with.
#[derive(Debug)]
pub struct Opening {
    /// How AWS is asked.
    pub settings: Settings,
    /// What the console starts from; the size is taken from the terminal.
    pub start: Start,
    /// The themes.
    pub themes: Catalogue,
    /// How many colours the terminal shows.
    pub depth: Depth,
    /// Whether the console has the mouse.
    pub mouse: bool,
    /// What is wrong with the configuration, to be said at once.
    pub problems: Vec<String>,
    /// Where what is remembered is kept.
    pub state: Option<PathBuf>,
    /// The log, named when the console itself fails.
    pub log: Option<PathBuf>,
}

/// Opens the console and stays until the person leaves; gives the exit code.
///
/// # Errors
///
/// When there is no terminal, or it fails.
pub fn run(opening: Opening) -> Result<u8, ShellError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    let code = runtime.block_on(open(opening));
    // A task may be in a call that does not end; the person has left, and nothing that matters is lost.
    runtime.shutdown_background();
    code
}

async fn open(opening: Opening) -> Result<u8, ShellError> {
    let Opening { settings, mut start, themes, depth, mouse, problems, state, log } = opening;
    let gateway = Gateway::new(settings);
    if start.session.profiles.is_empty() {
        start.session.profiles = gateway.profiles();
    }
    if start.session.regions.is_empty() {
        for profile in gateway.profiles() {
            for region in gateway.regions(&profile).await {
                if !start.session.regions.contains(&region) {
                    start.session.regions.push(region);
                }
            }
        }
    }
    let clock = Clock::starting_at(start.now);
    let demo = start.session.write == WriteMode::Demo;
    // What is done to a simulation leaves no trace among what was done to AWS.
    let passing = if demo { tempfile::tempdir().ok() } else { None };
    let records = if demo { passing.as_ref().map(|dir| dir.path().to_owned()) } else { state.clone() };
    let (tasks, news) = Tasks::new(gateway, clock, demo, state, records);
    let no_region = start.session.regions.is_empty();
    let mut console = Console::new(start);
    let now = console.now;
    if no_region {
        let text = "no region is known: choose some with ctrl-r, or start with --region or AWS_REGION";
        console.notices.say(now, Tone::Error, text);
    }
    for problem in problems {
        console.notices.say(now, Tone::Error, problem);
    }
    // Boxed: it holds whatever the console is at, and whoever waits for it would carry that.
    Box::pin(shell::run(console, Stage { tasks, news, catalogue: themes, depth, mouse, log })).await
}
