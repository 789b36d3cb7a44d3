//! What happens to the terminal when code panics. A panic of the console itself restores the terminal and says
//! why in one line; a panic of any other task is only recorded, because the console goes on drawing: a hook
//! that restored the terminal then would leave it echoing keys and waiting for `enter` under a live console.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread::{self, ThreadId};

use tokio::sync::mpsc;
use tokio::task;

use super::{ENTERED, restore};
use crate::fleet::harmless;

/// A panic of a task that is not the console's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    /// What the code said, control characters made visible.
    pub message: String,
    /// Source file, line and column.
    pub place: String,
}

/// The panics of tasks, in the order they happened.
pub struct Panics {
    reports: mpsc::UnboundedReceiver<Panicked>,
}

impl Panics {
    /// Installs the process-wide panic hook. Call it from the task (or the `block_on`) that will own the
    /// terminal: a panic there is the console's own. `log` is the file named to the user when that happens.
    /// While the terminal is not entered, panics go to the hook that was there before.
    pub fn watch(log: Option<PathBuf>) -> Self {
        let console = Place::here();
        let before = panic::take_hook();
        let (report, reports) = mpsc::unbounded_channel();
        panic::set_hook(Box::new(move |info| {
            if !ENTERED.load(Ordering::SeqCst) {
                before(info);
                return;
            }
            let panicked = Panicked::from(info);
            tracing::error!(
                place = panicked.place,
                backtrace = %Backtrace::capture(),
                "panic: {}",
                panicked.message
            );
            if console == Place::here() {
                let restored = restore();
                explain(&panicked, log.as_deref(), restored);
            } else {
                // Nobody listens any more when the console is on its way out.
                let _unheard = report.send(panicked);
            }
        }));
        Self { reports }
    }

    /// The next panic of a task. Safe to cancel.
    pub async fn next(&mut self) -> Panicked {
        match self.reports.recv().await {
            Some(panicked) => panicked,
            // Another hook took the place of ours, which owned the sender.
            None => std::future::pending().await,
        }
    }
}

impl From<&PanicHookInfo<'_>> for Panicked {
    fn from(info: &PanicHookInfo<'_>) -> Self {
        let place = info.location().map_or_else(|| "unknown place".to_owned(), ToString::to_string);
        // A panic message may quote what AWS sent: nothing in it may act on the terminal.
        Self { message: harmless(message(info.payload())).to_string(), place }
    }
}

/// Where code runs: a tokio task keeps its id on whatever thread; `block_on` has none and keeps its thread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Task(task::Id),
    Thread(ThreadId),
}

impl Place {
    fn here() -> Self {
        task::try_id().map_or_else(|| Self::Thread(thread::current().id()), Self::Task)
    }
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

fn explain(panicked: &Panicked, log: Option<&Path>, restored: io::Result<()>) {
    let mut lines = format!("sagedeck stopped: {} ({})", panicked.message, panicked.place);
    if let Some(log) = log {
        lines.push_str("; the log is ");
        lines.push_str(&log.display().to_string());
    }
    if let Err(error) = restored {
        lines.push_str("; the terminal could not be restored, try `reset`: ");
        lines.push_str(&error.to_string());
    }
    lines.push('\n');
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        lines.push_str(&backtrace.to_string());
    }
    // Standard error may be gone too; there is nobody left to tell.
    let _unsaid = io::stderr().write_all(lines.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_both_usual_kinds_are_found() {
        assert_eq!(message(&"literal"), "literal");
        assert_eq!(message(&String::from("formatted")), "formatted");
        assert_eq!(message(&7_u8), "no message");
    }

    #[tokio::test]
    async fn a_task_is_another_place_than_the_code_that_started_it_even_on_the_same_thread() {
        let console = Place::here();
        assert!(console == Place::here());
        let elsewhere = tokio::spawn(async move { console != Place::here() });
        assert!(elsewhere.await.unwrap());
    }
}
