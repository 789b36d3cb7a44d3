//! The themes there are: the built-in ones, and the files in `themes/` beside the configuration.

use std::path::Path;

use super::arguments::Output;
use super::exit::Exit;
use super::failure::{Failure, note, print};
use super::file::{Sort, TomlFile, toml_files};
use super::list::format;
use super::setup::Setup;
use crate::fleet::{FieldKind, Sheet, SheetColumn, SheetValue};
use crate::report;
use crate::ui::theme::{Catalogue, Depth, SymbolSet, UserTheme, Variant};

const THEME: Sort = Sort { what: "theme", largest: 1 << 18 };

/// The theme files of a folder, by name; none where there is no such folder. A file that cannot be read is told
/// and left out.
pub(super) fn user_themes(folder: &Path) -> (Vec<UserTheme>, Vec<String>) {
    let (files, problems) = toml_files(folder, THEME);
    let theme =
        |file: TomlFile| UserTheme { id: file.name, path: file.path.display().to_string(), text: file.text };
    (files.into_iter().map(theme).collect(), problems)
}

/// All themes of a person, and what is wrong with their files.
pub(super) fn catalogue(setup: &Setup, ascii: bool) -> (Catalogue, Vec<String>) {
    let symbols = if ascii { SymbolSet::Ascii } else { SymbolSet::Unicode };
    let (themes, problems) =
        setup.paths.as_ref().map(|paths| user_themes(&paths.config.join("themes"))).unwrap_or_default();
    (Catalogue::new(symbols, themes), problems)
}

/// What is wrong with any theme, each with its place.
pub(super) fn problems(catalogue: &Catalogue) -> Vec<String> {
    let wrong = |id: &str| catalogue.theme(id, Depth::TrueColor).err().map(|error| error.to_string());
    catalogue.ids().filter_map(wrong).collect()
}

/// `themes list`.
///
/// # Errors
///
/// If it cannot be printed.
pub(super) fn list(setup: &Setup, output: Output) -> Result<Exit, Failure> {
    let (catalogue, mut wrong) = catalogue(setup, false);
    wrong.extend(problems(&catalogue));
    let columns = ["theme", "name", "for", "from", "colours_by", "licence"];
    let mut sheet = Sheet {
        columns: columns.map(|name| SheetColumn { name, kind: FieldKind::Text }).to_vec(),
        rows: Vec::new(),
    };
    let text = |text: &str| {
        if text.is_empty() { SheetValue::Absent } else { SheetValue::Text(text.to_owned()) }
    };
    for id in catalogue.ids() {
        let Ok(theme) = catalogue.theme(id, Depth::TrueColor) else { continue };
        let room = match theme.variant() {
            Variant::Dark => "dark",
            Variant::Light => "light",
        };
        let from = if catalogue.is_user(id) { "your files" } else { "sagedeck" };
        sheet.rows.push([id, theme.name(), room, from, theme.author(), theme.license()].map(text).to_vec());
    }
    print(&report::render(&sheet, format(output))?)?;
    for problem in &wrong {
        note("wrong theme", problem);
    }
    Ok(if wrong.is_empty() { Exit::Done } else { Exit::Usage })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_theme_files_are_read_and_what_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(user_themes(&folder.path().join("absent")), (vec![], vec![]));
        fs::write(folder.path().join("mine.toml"), "schema = 1").unwrap();
        fs::write(folder.path().join("notes.txt"), "no").unwrap();
        fs::write(folder.path().join("bad.toml"), b"\xff").unwrap();
        let (themes, problems) = user_themes(folder.path());
        assert_eq!(themes.iter().map(|theme| theme.id.as_str()).collect::<Vec<_>>(), ["mine"]);
        assert!(problems.len() == 1 && problems[0].contains("bad.toml"), "{problems:?}");
    }
}
