//! Holds the papers to the program: what README and ARCHITECTURE say must be so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sagedeck::ui::theme::BUILTIN;

#[test]
fn the_readme_names_every_built_in_theme_and_no_other() {
    let readme = paper("README.md");
    let table = between(&readme, "| theme | |", "\n\n");
    let named: BTreeSet<&str> = table.lines().skip(2).flat_map(|line| code_words(cell(line, 0))).collect();
    let built_in: BTreeSet<&str> = BUILTIN.iter().map(|(id, _)| *id).collect();
    assert_eq!(named, built_in);
}

#[test]
fn every_local_link_leads_somewhere() {
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        for link in paper(name).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !link.starts_with("https://") && !link.starts_with('#') {
                assert!(root().join(link).exists(), "{name} links to {link}");
            }
        }
    }
}

#[test]
fn the_import_table_of_the_architecture_is_the_one_that_is_enforced() {
    let paper = paper("ARCHITECTURE.md");
    let rows = between(&paper, "| folder | sentence |", "\n\n");
    let all: BTreeSet<&str> = super::architecture::layers().into_iter().map(|(folder, _)| folder).collect();
    let mut seen = BTreeSet::new();
    for row in rows.lines().skip(2) {
        let folders: Vec<&str> =
            code_words(cell(row, 0)).into_iter().map(|word| word.trim_end_matches('/')).collect();
        let named: BTreeSet<&str> = code_words(cell(row, 2)).into_iter().collect();
        for (folder, ours) in super::architecture::layers() {
            if !folders.contains(&folder) {
                continue;
            }
            seen.insert(folder);
            let mut said: BTreeSet<&str> = if cell(row, 2).contains("all but") {
                all.difference(&named).copied().collect()
            } else {
                named.clone()
            };
            // Folders of one row know each other.
            said.extend(&folders);
            said.remove(folder);
            assert_eq!(said, ours, "src/{folder}");
        }
    }
    assert_eq!(seen, all);
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn paper(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("the paper is there").replace("\r\n", "\n")
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).expect("the table is there");
    let rest = &text[start..];
    &rest[..rest.find(to).unwrap_or(rest.len())]
}

/// A cell of a Markdown row, from 0.
fn cell(row: &str, index: usize) -> &str {
    row.split('|').nth(index + 1).unwrap_or_default()
}

/// The words a text sets in backticks.
fn code_words(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}
