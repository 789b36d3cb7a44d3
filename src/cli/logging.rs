//! The log: a file of the day in the state folder, never the terminal. Levels of ours are chosen with
//! `SAGEDECK_LOG`; the SDK's own stay at warnings, because below that it tells of requests and credentials.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tracing_subscriber::EnvFilter;

use crate::store;

/// The variable that sets the level.
pub const VARIABLE: &str = "SAGEDECK_LOG";
/// How many files are kept.
const KEPT: usize = 7;
const PREFIX: &str = "sagedeck.";
const ENDING: &str = ".log";

/// Keeps the log open; what is not written yet is written when this is dropped.
#[derive(Debug)]
pub struct Log {
    /// The file.
    pub file: PathBuf,
    _guard: tracing_appender::non_blocking::WorkerGuard,
}

/// Starts the log of this process.
///
/// # Errors
///
/// If `level` is no level, or the file cannot be opened. Then nothing is logged.
pub fn start(state: &Path, level: Option<&str>, now: jiff::Timestamp) -> io::Result<Log> {
    let filter = filter(level)?;
    store::private_folder(state)?;
    let file = state.join(format!("{PREFIX}{}{ENDING}", now.strftime("%Y-%m-%d")));
    let (writer, guard) = tracing_appender::non_blocking(store::append_private(&file)?);
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(writer).finish();
    tracing::subscriber::set_global_default(subscriber).map_err(io::Error::other)?;
    for old in outdated(state)? {
        if let Err(error) = fs::remove_file(&old) {
            tracing::warn!(%error, file = %old.display(), "an old log cannot be removed");
        }
    }
    Ok(Log { file, _guard: guard })
}

fn filter(level: Option<&str>) -> io::Result<EnvFilter> {
    let level = level.filter(|level| !level.is_empty()).unwrap_or("info");
    let known = ["off", "error", "warn", "info", "debug", "trace"];
    if !known.contains(&level) {
        let message = format!("{VARIABLE}: `{level}` is no level; write one of {}", known.join(", "));
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let others = if level == "off" { "off" } else { "warn" };
    EnvFilter::try_new(format!("{others},sagedeck={level}")).map_err(io::Error::other)
}

/// The log files beyond the newest ones, by the date in their names.
fn outdated(state: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(state)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_log = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(ENDING));
        if is_log {
            files.push(entry.path());
        }
    }
    files.sort();
    files.truncate(files.len().saturating_sub(KEPT));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_stays_at_warnings_whatever_our_level() {
        assert_eq!(filter(Some("trace")).unwrap().to_string(), "sagedeck=trace,warn");
        let told = filter(Some("loud")).unwrap_err().to_string();
        assert!(told.contains("SAGEDECK_LOG") && told.contains("`loud`") && told.contains("debug"), "{told}");
    }

    #[test]
    fn the_newest_files_are_kept_and_strangers_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for day in 1..=9 {
            fs::write(folder.path().join(format!("sagedeck.2026-11-0{day}.log")), "").unwrap();
        }
        fs::write(folder.path().join("a.log"), "").unwrap();
        let mut old = outdated(folder.path()).unwrap();
        old.sort();
        let names: Vec<_> = old.iter().filter_map(|path| path.file_name()?.to_str()).collect();
        assert_eq!(names, ["sagedeck.2026-11-01.log", "sagedeck.2026-11-02.log"]);
    }
}
