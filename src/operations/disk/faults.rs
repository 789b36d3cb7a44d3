//! A disk that fails on purpose: full, broken, the program killed or the power cut at the n-th call. Used by
//! tests only; it wraps the real calls, so that what is tested is what runs.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How a disk fails in a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No space is left: half of what is written arrives.
    Full,
    /// The device reports an error, and nothing arrives.
    Broken,
    /// The program is killed: half of what is being written arrives, what was written stays.
    Killed,
    /// The power is cut: of what was not flushed, some arrives or none, as the number (a seed) has it; with an
    /// odd number also a piece of zeros, where a later block reached the disk before an earlier one.
    PowerCut(u64),
}

/// How much of a call takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Half,
}

/// Looks at a disk before each call to it, at what of each file a power cut would leave.
pub(super) type Watch = Box<dyn Fn(&BTreeMap<PathBuf, Kept>) + Send + Sync>;

/// The state of a disk that fails on purpose.
pub(super) struct Faults {
    at: u64,
    fault: Fault,
    /// Whether every call after it fails too.
    is_lasting: bool,
    flush: Duration,
    watch: Option<Watch>,
    // Held during each call, so that nothing is written while the power goes.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: u64,
    has_struck: bool,
    files: BTreeMap<PathBuf, Kept>,
}

/// What of a file survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// So many of its bytes were flushed.
    pub length: u64,
    /// Whether its name was.
    pub has_name: bool,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("at", &self.at).field("fault", &self.fault).finish_non_exhaustive()
    }
}

impl Faults {
    pub(super) fn failing(at: u64, fault: Fault) -> Self {
        Self { at, fault, is_lasting: true, flush: Duration::ZERO, watch: None, state: Mutex::default() }
    }

    pub(super) fn failing_once(at: u64, fault: Fault) -> Self {
        Self { is_lasting: false, ..Self::failing(at, fault) }
    }

    pub(super) fn slow(flush: Duration) -> Self {
        Self { flush, ..Self::failing(u64::MAX, Fault::Broken) }
    }

    pub(super) fn watched(watch: Watch) -> Self {
        Self { watch: Some(watch), ..Self::failing(u64::MAX, Fault::Broken) }
    }

    pub(super) fn calls(&self) -> u64 {
        self.state().calls
    }

    pub(super) fn has_struck(&self) -> bool {
        self.state().has_struck
    }

    pub(super) fn create(&self, path: &Path, create: impl FnOnce() -> io::Result<File>) -> io::Result<File> {
        let mut state = self.state();
        let mut file = None;
        self.call_in(&mut state, |part| {
            if part == Part::Whole {
                file = Some(create()?);
            }
            Ok(())
        })?;
        state.files.insert(path.to_owned(), Kept { length: 0, has_name: false });
        file.ok_or_else(|| io::Error::other("it was not made"))
    }

    /// Takes note of a file that was there: what it holds counts as flushed.
    pub(super) fn open(&self, path: &Path, length: u64) {
        self.state().files.entry(path.to_owned()).or_insert(Kept { length, has_name: true });
    }

    pub(super) fn remove(&self, path: &Path, remove: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state();
        self.call_in(&mut state, |part| if part == Part::Whole { remove() } else { Ok(()) })?;
        state.files.remove(path);
        Ok(())
    }

    pub(super) fn sync_folder(&self, dir: &Path, sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state();
        self.call_in(&mut state, |part| if part == Part::Whole { sync() } else { Ok(()) })?;
        for (path, kept) in &mut state.files {
            kept.has_name |= path.parent() == Some(dir);
        }
        Ok(())
    }

    pub(super) fn call(&self, act: impl FnOnce(Part) -> io::Result<()>) -> io::Result<()> {
        self.call_in(&mut self.state(), act)
    }

    pub(super) fn sync(&self, path: &Path, sync: impl FnOnce() -> io::Result<u64>) -> io::Result<()> {
        let mut state = self.state();
        let mut flushed = None;
        self.call_in(&mut state, |part| {
            if part == Part::Whole {
                std::thread::sleep(self.flush);
                flushed = Some(sync()?);
            }
            Ok(())
        })?;
        if let (Some(kept), Some(length)) = (state.files.get_mut(path), flushed) {
            kept.length = length;
        }
        Ok(())
    }

    pub(super) fn truncate(
        &self,
        path: &Path,
        length: u64,
        cut: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut state = self.state();
        self.call_in(&mut state, |part| if part == Part::Whole { cut() } else { Ok(()) })?;
        if let Some(kept) = state.files.get_mut(path) {
            kept.length = kept.length.min(length);
        }
        Ok(())
    }

    fn call_in(&self, state: &mut State, act: impl FnOnce(Part) -> io::Result<()>) -> io::Result<()> {
        state.calls += 1;
        if let Some(watch) = &self.watch {
            watch(&state.files);
        }
        if state.has_struck && self.is_lasting {
            return Err(self.error());
        }
        if state.calls != self.at {
            return act(Part::Whole);
        }
        state.has_struck = true;
        if self.fault != Fault::Broken {
            act(Part::Half)?;
        }
        if let Fault::PowerCut(seed) = self.fault {
            for (path, kept) in &state.files {
                cut_power(path, kept, seed)?;
            }
        }
        Err(self.error())
    }

    fn error(&self) -> io::Error {
        match self.fault {
            Fault::Full => io::Error::from(io::ErrorKind::StorageFull),
            Fault::Broken => io::Error::other("input/output error"),
            Fault::Killed => io::Error::other("the program was killed"),
            Fault::PowerCut(_) => io::Error::other("the power was cut"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves of a file what a power cut may leave.
fn cut_power(path: &Path, kept: &Kept, seed: u64) -> io::Result<()> {
    if !kept.has_name {
        return fs::remove_file(path);
    }
    let mut file = OpenOptions::new().write(true).open(path)?;
    let unflushed = file.metadata()?.len().saturating_sub(kept.length);
    let stays = seed % (unflushed + 1);
    file.set_len(kept.length + stays)?;
    if seed % 2 == 1 && stays > 6 {
        file.seek(SeekFrom::Start(kept.length + stays / 3))?;
        let hole = usize::try_from(stays / 3).unwrap_or_default();
        file.write_all(&vec![0; hole])?;
    }
    Ok(())
}
