//! The templates of users: the files in `templates/` beside the configuration, by name.

use std::path::Path;
use std::sync::Arc;

use super::failure::{Failure, note};
use super::file::{Sort, TomlFile, toml_files};
use super::setup::Setup;
use crate::fleet::{Template, Templates, suggestion};

const TEMPLATE: Sort = Sort { what: "template", largest: 1 << 18 };

/// The templates of a folder; none where there is no such folder. One that is wrong is kept with its reason, so
/// that whoever names it is told; a file that cannot be read is told at once.
pub(super) fn templates(folder: &Path) -> (Templates, Vec<String>) {
    let (files, mut problems) = toml_files(folder, TEMPLATE);
    let mut templates = Templates::new();
    for TomlFile { name, path, text } in files {
        let template = Template::parse(&name, &text);
        if let Err(error) = &template {
            problems.push(format!("{}:{error}", path.display()));
        }
        templates.insert(Arc::from(name), template.map(Arc::new));
    }
    problems.sort();
    (templates, problems)
}

/// The templates of a run; what is wrong with them is noted on stderr.
pub(super) fn own_templates(setup: &Setup) -> Templates {
    let Some(paths) = &setup.paths else { return Templates::new() };
    let (templates, problems) = templates(&paths.config.join("templates"));
    for problem in &problems {
        note("note", problem);
    }
    templates
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

#[cfg(test)]
mod tests {
    use std::fs;

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
