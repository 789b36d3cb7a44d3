//! Files that people write: read up to a size that such a file never has. Knows nothing of what is in them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::failure::Failure;

/// What is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sort {
    /// What such a file is: "template".
    pub(super) what: &'static str,
    /// The largest that is read, in bytes.
    pub(super) largest: u64,
}

/// A TOML file of a folder.
#[derive(Debug)]
pub(super) struct TomlFile {
    /// Its name without the ending.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
    /// What is in it.
    pub(super) text: String,
}

/// Reads all there is.
///
/// # Errors
///
/// If it cannot be read, or is larger than such a file can be.
pub(super) fn bytes(reader: impl Read, sort: Sort) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(sort.largest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > sort.largest {
        let Sort { what, largest } = sort;
        return Err(io::Error::other(format!("it is larger than {}, so it is no {what}", size(largest))));
    }
    Ok(bytes)
}

/// Reads a file of text.
///
/// # Errors
///
/// If it cannot be read, is larger than such a file can be, or is no UTF-8, with the line.
pub(super) fn text(path: &Path, sort: Sort) -> io::Result<String> {
    String::from_utf8(bytes(File::open(path)?, sort)?).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good].split(|byte| *byte == b'\n').count();
        io::Error::other(format!("line {line} is not UTF-8 text"))
    })
}

/// Refuses to begin what is to be written to a file that has no folder.
///
/// # Errors
///
/// If there is no such folder.
pub(super) fn has_folder(flag: &str, path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.filter(|folder| !folder.is_dir()) {
        Some(folder) => Err(Failure::usage(format!("{flag}: there is no folder {}", folder.display()))),
        None => Ok(()),
    }
}

/// The TOML files of a folder in the order of their names, none where there is no such folder; and, as lines, what
/// of it could not be read.
pub(super) fn toml_files(folder: &Path, sort: Sort) -> (Vec<TomlFile>, Vec<String>) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (files, problems),
        Err(error) => return (files, vec![format!("{}: {error}", folder.display())]),
    };
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => {
                problems.push(format!("{}: {error}", folder.display()));
                continue;
            }
        };
        let is_toml = path.extension().is_some_and(|ending| ending == "toml");
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| is_toml) else {
            continue;
        };
        match text(&path, sort) {
            Ok(text) => files.push(TomlFile { name: name.to_owned(), text, path }),
            Err(error) => problems.push(format!("{}: {error}", path.display())),
        }
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    problems.sort();
    (files, problems)
}

/// A limit in the largest unit that it is a whole number of.
fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        bytes if bytes % (1 << 10) == 0 => format!("{} KiB", bytes >> 10),
        bytes => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: Sort = Sort { what: "note", largest: 1 << 10 };

    #[test]
    fn a_file_that_is_too_large_or_no_text_is_refused_with_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note.toml");
        let told = |content: &[u8]| {
            fs::write(&path, content).unwrap();
            text(&path, NOTE).map_err(|error| error.to_string())
        };
        assert_eq!(told(b"one\ntwo"), Ok("one\ntwo".to_owned()));
        assert_eq!(told(&[b'x'; 1024]).map(|text| text.len()), Ok(1024));
        assert_eq!(told(&[b'x'; 1025]), Err("it is larger than 1 KiB, so it is no note".to_owned()));
        assert_eq!(told(b"one\ntw\xff"), Err("line 2 is not UTF-8 text".to_owned()));
        assert_eq!((size(512 << 20), size(4097)), ("512 MiB".to_owned(), "4097 bytes".to_owned()));
    }

    #[test]
    fn the_toml_files_of_a_folder_come_by_name_and_one_that_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [("b.toml", &b"b"[..]), ("a.toml", b"a"), ("c.toml", b"\xff"), ("d.txt", b"d")]
        {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let (files, problems) = toml_files(folder.path(), NOTE);
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(matches!(&problems[..], [one] if one.ends_with("c.toml: line 1 is not UTF-8 text")));
        assert!(toml_files(&folder.path().join("none"), NOTE).1.is_empty());
    }
}
