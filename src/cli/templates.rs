//! The templates of users: the files in `templates/` beside the configuration, by name.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::failure::Failure;
use crate::fleet::{Template, Templates, suggestion};

/// The largest template that is read, in bytes.
const LARGEST: u64 = 1 << 18;

/// The templates of a folder; none where there is no such folder. One that is wrong is kept with its reason, so
/// that whoever names it is told; a file that cannot be read is told at once.
pub(super) fn templates(folder: &Path) -> (Templates, Vec<String>) {
    let (mut templates, mut problems) = (Templates::new(), Vec::new());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (templates, problems),
        Err(error) => return (templates, vec![format!("{}: {error}", folder.display())]),
    };
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => {
                problems.push(format!("{}: {error}", folder.display()));
                continue;
            }
        };
        let is_template = path.extension().is_some_and(|ending| ending == "toml");
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| is_template) else {
            continue;
        };
        match read(&path) {
            Ok(text) => {
                let template = Template::parse(name, &text);
                if let Err(error) = &template {
                    problems.push(format!("{}:{error}", path.display()));
                }
                templates.insert(Arc::from(name), template.map(Arc::new));
            }
            Err(error) => problems.push(format!("{}: {error}", path.display())),
        }
    }
    problems.sort();
    (templates, problems)
}

/// The template of a name.
///
/// # Errors
///
/// If there is none, or what is wrong with it, by file, line and column.
pub(super) fn template<'a>(templates: &'a Templates, name: &str) -> Result<&'a Template, Failure> {
    match templates.get(name) {
        Some(Ok(template)) => Ok(template),
        Some(Err(error)) => Err(Failure::usage(format!("templates/{name}.toml:{error}"))),
        None => {
            let hint = suggestion(name, templates.keys().map(|name| &**name));
            let known: Vec<&str> = templates.keys().map(|name| &**name).collect();
            let there = if known.is_empty() {
                "there is none in `templates/` beside the configuration".to_owned()
            } else {
                format!("there are {}", known.join(", "))
            };
            Err(Failure::usage(format!("--template: there is no template `{name}`{hint}; {there}")))
        }
    }
}

fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > LARGEST {
        return Err(io::Error::other("it is larger than 256 KiB, so it is no template"));
    }
    fs::read_to_string(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_read_by_name_and_a_wrong_one_is_known_by_its_fault() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("scientist.toml"), "role = \"Scientist\"\n").unwrap();
        fs::write(folder.path().join("broken.toml"), "rule = \"x\"\n").unwrap();
        fs::write(folder.path().join("notes.txt"), "no template\n").unwrap();
        let (templates, problems) = templates(folder.path());
        let names: Vec<&str> = templates.keys().map(|name| &**name).collect();
        assert_eq!(names, ["broken", "scientist"]);
        assert!(templates["scientist"].is_ok() && templates["broken"].is_err());
        assert!(
            matches!(&problems[..], [one] if one.contains("broken.toml:1:1: unknown key")),
            "{problems:?}"
        );
        assert_eq!(super::templates(&folder.path().join("none")), (Templates::new(), Vec::new()));
    }
}
