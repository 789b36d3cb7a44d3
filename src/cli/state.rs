//! Where journals and the audit trail are: in the folder of state; in the demo, in a folder that goes with the run.

use std::path::{Path, PathBuf};

use super::failure::{Failure, note};
use super::setup::Setup;
use crate::store;

/// The folder of records of this run.
#[derive(Debug)]
pub(super) struct StateFolder {
    path: PathBuf,
    is_temporary: bool,
}

impl StateFolder {
    /// The folder of a run; in the demo one of its own, which is removed when this is dropped.
    ///
    /// # Errors
    ///
    /// If no folder is known, or the temporary one cannot be made.
    pub(super) fn of(setup: &Setup) -> Result<Self, Failure> {
        if setup.demo.is_some() {
            let path = std::env::temp_dir().join(format!(
                "sagedeck-demo-{}-{}",
                std::process::id(),
                jiff::Timestamp::now().as_nanosecond()
            ));
            store::private_folder(&path)?;
            return Ok(Self { path, is_temporary: true });
        }
        match &setup.paths {
            Some(paths) => Ok(Self { path: paths.state.clone(), is_temporary: false }),
            None => Err(Failure::refused(
                "no folder is known to keep the journal in, so nothing is changed; set SAGEDECK_STATE or HOME",
            )),
        }
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for StateFolder {
    fn drop(&mut self) {
        if self.is_temporary
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            note("note", &format!("{} stays behind: {error}", self.path.display()));
        }
    }
}
