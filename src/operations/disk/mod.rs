//! Files that must outlive a crash: private, appended to, flushed. Knows nothing of what they hold.

mod faults;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

pub use faults::{Fault, Kept};
use faults::{Faults, Part};

/// How often a lock is asked for that another program may hold for a moment only, to look whether the file is in
/// use; and how long is waited after the first time, twice as long after the second, and so on: 127 ms in all.
const LOCK_TRIES: u32 = 8;
const LOCK_PAUSE: Duration = Duration::from_millis(1);

/// The disk to which journal and audit trail are written. Every write, flush and truncation passes through it.
///
/// [`Disk::default`] is the real one. Tests use another, which fails where they say.
#[derive(Debug, Clone, Default)]
pub struct Disk(Option<Arc<Faults>>);

impl Disk {
    /// For tests: a disk whose `at`-th call, counted from 1, fails in the given way, and every later one too.
    #[doc(hidden)]
    pub fn failing(at: u64, fault: Fault) -> Self {
        Self(Some(Arc::new(Faults::failing(at, fault))))
    }

    /// For tests: a disk whose `at`-th call fails, and which works again from then on. Nothing may rely on that.
    #[doc(hidden)]
    pub fn failing_once(at: u64, fault: Fault) -> Self {
        Self(Some(Arc::new(Faults::failing_once(at, fault))))
    }

    /// For tests: a disk that works, each of whose flushes takes so long.
    #[doc(hidden)]
    pub fn slow(flush: Duration) -> Self {
        Self(Some(Arc::new(Faults::slow(flush))))
    }

    /// For tests: a disk that works, and before each call to it tells what of its files a power cut would leave.
    #[doc(hidden)]
    pub fn watched(watch: impl Fn(&BTreeMap<PathBuf, Kept>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(Faults::watched(Box::new(watch)))))
    }

    /// For tests: how many calls have been made so far. Zero for the real disk, which does not count.
    #[doc(hidden)]
    pub fn calls(&self) -> u64 {
        self.0.as_ref().map_or(0, |faults| faults.calls())
    }

    /// For tests: whether the fault has struck.
    #[doc(hidden)]
    pub fn has_failed(&self) -> bool {
        self.0.as_ref().is_some_and(|faults| faults.has_struck())
    }

    /// Makes a new file that only its owner can read. Its name is on disk once [`sync_folder`](Self::sync_folder)
    /// has returned.
    pub(super) fn create(&self, path: &Path) -> io::Result<DiskFile> {
        let mut options = private();
        options.create_new(true);
        let open = || options.open(path);
        let file = match &self.0 {
            None => open()?,
            Some(faults) => faults.create(path, open)?,
        };
        Ok(DiskFile { file, path: path.to_owned(), disk: self.clone() })
    }

    /// Opens a file that is there, to read it and to append to it.
    pub(super) fn open(&self, path: &Path) -> io::Result<DiskFile> {
        let file = private().open(path)?;
        if let Some(faults) = &self.0 {
            faults.open(path, file.metadata()?.len());
        }
        Ok(DiskFile { file, path: path.to_owned(), disk: self.clone() })
    }

    /// Removes a file.
    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        match &self.0 {
            None => fs::remove_file(path),
            Some(faults) => faults.remove(path, || fs::remove_file(path)),
        }
    }

    /// Flushes the names in a folder, so that a file made there is still there after a power cut.
    pub(super) fn sync_folder(&self, dir: &Path) -> io::Result<()> {
        let sync = || {
            // Windows cannot flush a folder, and does not need it: NTFS journals names.
            if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
        };
        match &self.0 {
            None => sync(),
            Some(faults) => faults.sync_folder(dir, sync),
        }
    }
}

/// A file on a [`Disk`], open to be read and appended to.
#[derive(Debug)]
pub(super) struct DiskFile {
    file: File,
    path: PathBuf,
    disk: Disk,
}

impl DiskFile {
    /// Appends. On disk only once [`sync`](Self::sync) has returned.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = &mut self.file;
        // See `private`: there it is not the system that finds the end.
        #[cfg(windows)]
        io::Seek::seek(file, io::SeekFrom::End(0))?;
        match &self.disk.0 {
            None => file.write_all(bytes),
            Some(faults) => faults.call(|part| match part {
                Part::Whole => file.write_all(bytes),
                Part::Half => file.write_all(&bytes[..bytes.len() / 2]),
            }),
        }
    }

    /// Flushes what was appended. When it fails, nothing is known of what was appended since the last one that
    /// did not: the kernel may have dropped it and call it clean.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        match &self.disk.0 {
            None => self.file.sync_data(),
            Some(faults) => faults.sync(&self.path, || {
                self.file.sync_data()?;
                Ok(self.file.metadata()?.len())
            }),
        }
    }

    /// Cuts the file off.
    pub(super) fn truncate(&mut self, length: u64) -> io::Result<()> {
        match &self.disk.0 {
            None => self.file.set_len(length),
            Some(faults) => faults.truncate(&self.path, length, || self.file.set_len(length)),
        }
    }

    /// Takes the file for this program alone, until it is closed; false when another has it. The lock is the
    /// kernel's: it goes with the program, however that ends, so that there are no stale ones.
    pub(super) fn try_own(&self) -> io::Result<bool> {
        let mut tries = 1;
        loop {
            match self.file.try_lock() {
                Ok(()) => return Ok(true),
                Err(TryLockError::WouldBlock) if tries == LOCK_TRIES => return Ok(false),
                Err(TryLockError::WouldBlock) => sleep(LOCK_PAUSE * 2_u32.pow(tries - 1)),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            tries += 1;
        }
    }

    /// Waits until the file belongs to this program alone, until it is closed.
    pub(super) fn own(&self) -> io::Result<()> {
        self.file.lock()
    }

    /// The file, to be read and asked about.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Makes sure that only the owner can read the file. True when that was not so and has been mended.
    ///
    /// What others could read is mended: it has been seen already, and refusing would only stop the work. What
    /// others could *write* is refused: nobody knows what they have put there.
    ///
    /// # Errors
    ///
    /// When others could write it, when it is no ordinary file, or when it cannot be mended.
    pub(super) fn keep_private(&self) -> io::Result<bool> {
        let about = self.file.metadata()?;
        if !about.is_file() {
            return Err(io::Error::other("it is no ordinary file"));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mut permissions = about.permissions();
            if permissions.mode() & 0o022 != 0 {
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    format!(
                        "others may write to it (mode {:04o}), so that what it holds cannot be relied on",
                        permissions.mode() & 0o7777
                    ),
                ));
            }
            if permissions.mode() & 0o077 != 0 {
                permissions.set_mode(0o600);
                self.file.set_permissions(permissions)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the path still leads to this file, and not through a link: it may have been moved away.
    pub(super) fn is_at_its_path(&self) -> io::Result<bool> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let ours = self.file.metadata()?;
            match fs::symlink_metadata(&self.path) {
                Ok(there) => Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error),
            }
        }
        // Elsewhere a file that is open cannot be moved.
        #[cfg(not(unix))]
        Ok(self.path.exists())
    }
}

/// Whether a program, this one or another, has taken the file.
pub(super) fn is_in_use(file: &File) -> bool {
    // A shared lock does not keep others from looking too, and is gone when the file is closed.
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    // Windows does not let a file be cut off that was opened to append only.
    options.append(cfg!(not(windows))).write(cfg!(windows));
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// For tests: a folder that goes with the test, in memory where the system has such a place. Thousands of flushes
/// take their time on a disk that others use too; whether flushes are made and heeded is what [`Fault`]s show.
#[cfg(test)]
pub(super) fn passing_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(place).unwrap_or_else(|error| panic!("no folder for the test: {error}"))
}
