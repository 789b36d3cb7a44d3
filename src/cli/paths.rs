//! Where files are on this system, for this person.

use std::ffi::OsString;
use std::path::PathBuf;

use directories::ProjectDirs;

/// Our name in folders.
const NAME: &str = "sagedeck";
/// The configuration file's name in its folder.
const CONFIG: &str = "config.toml";
/// The variable that names the folder of state.
pub const STATE: &str = "SAGEDECK_STATE";

/// Where files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The folder of the configuration file and of `themes/`.
    pub config: PathBuf,
    /// The folder of what is remembered between runs: log, journals of operations, audit trail.
    pub state: PathBuf,
}

impl Paths {
    /// The folders of this person on this system. `XDG_CONFIG_HOME` and `XDG_STATE_HOME` are heeded everywhere;
    /// `SAGEDECK_STATE` names the folder of state itself.
    ///
    /// `None` where neither they nor a home folder are known.
    pub fn find(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        // Relative paths are to be ignored (XDG Base Directory Specification).
        let named = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let system = ProjectDirs::from("", "", NAME);
        let config = named("XDG_CONFIG_HOME")
            .map(|folder| folder.join(NAME))
            .or_else(|| system.as_ref().map(|dirs| dirs.config_dir().to_owned()))?;
        let state = named(STATE).or_else(|| Some(named("XDG_STATE_HOME")?.join(NAME))).or_else(|| {
            let dirs = system.as_ref()?;
            Some(dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned())
        })?;
        Some(Self { config, state })
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join(CONFIG)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xdg_folders_come_first_and_relative_ones_are_ignored() {
        let root = std::env::temp_dir();
        let given = |value: PathBuf| {
            Paths::find(move |name| name.starts_with("XDG_").then(|| value.clone().into_os_string()))
        };
        let paths = given(root.clone()).unwrap();
        assert_eq!(paths.config_file(), root.join("sagedeck").join("config.toml"));
        assert_eq!(paths.state, root.join("sagedeck"));
        assert_ne!(given(PathBuf::from("here")), Some(paths));
    }
}
