//! What is kept on disk: rebuildable, and never trusted for a delete.

mod burn;
mod costs;
mod prices;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

pub use burn::{KeptBurn, burn_since, keep_burn, kept_burn, thin_burn};
pub use costs::{CostCache, Recalled};
pub use prices::{keep_prices, kept_prices};

/// The file that remembers the theme chosen last.
const THEME: &str = "theme";

/// Remembers the theme chosen last.
///
/// # Errors
///
/// When the folder or the file cannot be written; a file that was there before is then still whole.
pub fn keep_theme(dir: &Path, theme: &str) -> io::Result<()> {
    private_folder(dir)?;
    replace(&dir.join(THEME), theme.as_bytes())
}

/// The theme chosen last, if one was remembered and can be read.
pub fn kept_theme(dir: &Path) -> Option<String> {
    let text = fs::read_to_string(dir.join(THEME)).ok()?;
    let name = text.trim();
    (!name.is_empty() && name.len() <= 100).then(|| name.to_owned())
}

/// Makes a folder, with those above it, that only its owner can enter.
///
/// # Errors
///
/// When it cannot be made.
pub fn private_folder(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Opens a file to append to, which only its owner can read.
///
/// # Errors
///
/// When it cannot be opened.
pub fn append_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Puts a file in place whole, readable by its owner only: readers see the old one or the new one, never a part.
///
/// # Errors
///
/// When it cannot be written; a file that was there before is then still whole.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let part = path.with_extension(format!("part-{}", jiff::Timestamp::now().as_nanosecond()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&part, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_theme_chosen_last_is_remembered_in_a_private_file() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        assert_eq!(kept_theme(&state), None);
        keep_theme(&state, "nord").unwrap();
        keep_theme(&state, "mono").unwrap();
        assert_eq!(kept_theme(&state).as_deref(), Some("mono"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&state), mode(&state.join(THEME))), (0o700, 0o600));
        }
        assert_eq!(fs::read_dir(&state).unwrap().count(), 1, "no part of a file is left behind");
    }
}
