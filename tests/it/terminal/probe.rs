//! The smallest program over the runtime's terminal, input and signals: it shows what arrives. The tests start
//! it by running this test binary again, so that modes and panics can be tested without the console.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyModifiers};
use ratatui::widgets::Paragraph;
use sagedeck::runtime::input::{Arrival, Input};
use sagedeck::runtime::signals::{Reach, Resumed, Signal, Signals, suspend};
use sagedeck::runtime::terminal::{Options, Panics, Terminal, TerminalError};

use super::pty::Launch;

const VARIABLE: &str = "SAGEDECK_TEST_PROBE";
/// The exit code without a terminal.
pub(super) const NO_TERMINAL: i32 = 2;
/// The exit code when the terminal went away without a signal.
pub(super) const TERMINAL_GONE: u8 = 129;

/// How the tests start the probe.
pub(super) fn launch() -> Launch {
    Launch::of(std::env::current_exe().unwrap())
        .arg("terminal::probe::program")
        .arg("--exact")
        .arg("--nocapture")
        .arg("--test-threads=1")
        .env(VARIABLE, "1")
}

/// Not a test by itself: does nothing unless a test of this folder started it.
#[test]
fn program() {
    if std::env::var_os(VARIABLE).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let code = runtime.block_on(run());
    runtime.shutdown_background();
    std::process::exit(i32::from(code));
}

#[derive(Default)]
struct Shown {
    keys: usize,
    last: String,
    note: String,
}

#[expect(clippy::print_stderr, reason = "this is a program")]
async fn run() -> u8 {
    let mut panics = Panics::watch(Some("/var/log/probe.log".into()));
    let mut terminal = match Terminal::enter(Options::default()) {
        Ok(terminal) => terminal,
        Err(error @ TerminalError::NotATerminal) => {
            eprintln!("{error}");
            return u8::try_from(NO_TERMINAL).unwrap();
        }
        Err(error) => panic!("{error}"),
    };
    let mut signals = Signals::listen().unwrap();
    let mut input = Input::start().unwrap();
    let mut shown = Shown::default();
    let mut dirty = true;
    loop {
        let stop = tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::Suspend => Some(Reach::Process),
                Signal::Continue => None,
                ending => return ending.exit_code().unwrap(),
            },
            batch = input.next_batch() => {
                let Some(batch) = batch else { return TERMINAL_GONE };
                let mut stop = None;
                for arrival in batch {
                    match apply(&mut shown, &arrival) {
                        Some(Order::Quit) => return 0,
                        Some(Order::Stop) => stop = Some(Reach::Group),
                        None => {}
                    }
                }
                stop
            }
            panicked = panics.next() => {
                shown.note = format!("task panicked: {}", panicked.message);
                None
            }
            () = terminal.ready(), if dirty => {
                dirty = terminal.draw(|frame| frame.render_widget(picture(&shown, frame.area()), frame.area()))
                    .unwrap()
                    .is_none();
                continue;
            }
        };
        dirty = true;
        if let Some(reach) = stop {
            match suspend(&mut terminal, &mut input, &mut signals, reach).await.unwrap() {
                Resumed::After(pause) => {
                    assert!(pause > Duration::ZERO);
                    "resumed".clone_into(&mut shown.note);
                }
                Resumed::ToEnd(signal) => return signal.exit_code().unwrap(),
            }
        }
    }
}

enum Order {
    Quit,
    Stop,
}

fn apply(shown: &mut Shown, arrival: &Arrival) -> Option<Order> {
    shown.keys += 1;
    shown.last = match &arrival.event {
        Event::Paste(text) => format!("paste of {}", text.len()),
        event => format!("{event:?}"),
    };
    let Event::Key(key) = arrival.event else { return None };
    match (key.code, key.modifiers) {
        (KeyCode::Char('q'), KeyModifiers::NONE) | (KeyCode::Char('c'), KeyModifiers::CONTROL) => {
            return Some(Order::Quit);
        }
        (KeyCode::Char('z'), KeyModifiers::CONTROL) => return Some(Order::Stop),
        (KeyCode::Char('P'), _) => panic!("the probe \x1b[2J panics"),
        (KeyCode::Char('T'), _) => {
            tokio::spawn(async { panic!("one task gone") });
        }
        _ => {}
    }
    None
}

fn picture(shown: &Shown, area: ratatui::layout::Rect) -> Paragraph<'static> {
    Paragraph::new(format!(
        "probe {}x{}\nevents {}\n{}\n{}\n{}",
        area.width,
        area.height,
        shown.keys,
        shown.last,
        shown.note,
        "#".repeat(usize::from(area.width))
    ))
}
