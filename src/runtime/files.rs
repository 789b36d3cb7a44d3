//! Files that a person asks for: read up to a size, and written whole or not at all. Knows no message.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use tokio::io::AsyncReadExt as _;

/// The largest file a form takes, in bytes: a roster of 10,000 rows has less than a tenth of it.
const MOST_READ: u64 = 4 * 1024 * 1024;

/// The content of a file of at most [`MOST_READ`] bytes.
///
/// # Errors
///
/// Why it cannot be read, or that it is too large.
pub(super) async fn read_all(path: &Path) -> Result<Vec<u8>, String> {
    let file = tokio::fs::File::open(path).await.map_err(|error| error.to_string())?;
    let mut content = Vec::new();
    // One byte more than is taken shows that there is more; a pipe has no length to ask for.
    let read = file.take(MOST_READ + 1).read_to_end(&mut content).await.map_err(|error| error.to_string())?;
    if read as u64 > MOST_READ {
        return Err(format!("it has more than {} MiB", MOST_READ >> 20));
    }
    Ok(content)
}

/// Writes a file that must not exist yet: an export never overwrites. It is there whole, or not at all.
///
/// # Errors
///
/// When it exists, or cannot be written.
pub(super) async fn write_new(path: &Path, content: Arc<str>) -> io::Result<()> {
    let path = path.to_owned();
    let written =
        tokio::task::spawn_blocking(move || put_new(&path, |file| file.write_all(content.as_bytes())));
    written.await.map_err(io::Error::other)?
}

/// Fills a file beside the place, and moves it there once it is on disk, if nothing is there.
fn put_new(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    if path.try_exists()? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut part = tempfile::Builder::new();
    part.prefix(".sagedeck-");
    // As any other file that the person makes: others may read it as far as the umask lets them.
    #[cfg(unix)]
    part.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Dropped on the way, it is removed.
    let mut part = part.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    fill(part.as_file_mut())?;
    part.as_file().sync_all()?;
    part.persist_noclobber(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_that_cannot_be_written_whole_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let full = put_new(&path, |file| {
            file.write_all(b"half of")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(full.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn nothing_is_overwritten_also_not_what_came_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let other = path.clone();
        let late = put_new(&path, |file| {
            std::fs::write(&other, "somebody else's")?;
            file.write_all(b"ours")
        });
        assert_eq!(late.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let again = put_new(&path, |file| file.write_all(b"ours"));
        assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "somebody else's");
        assert_eq!(names(folder.path()), ["rows.csv"]);
    }

    #[tokio::test]
    async fn what_is_written_is_there_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        write_new(&path, "a,b\n".into()).await.unwrap();
        assert_eq!(read_all(&path).await.unwrap(), b"a,b\n");
        assert_eq!(names(folder.path()), ["rows.csv"]);
    }
}
