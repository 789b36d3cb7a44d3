//! Holds the tables of the README to the program. `SAGEDECK_BLESS=1 cargo test` writes them anew.

use std::fmt::Write as _;
use std::path::Path;

use clap::CommandFactory as _;
use sagedeck::cli::arguments::Arguments;
use sagedeck::cli::config::Config;
use sagedeck::cli::exit::Exit;
use sagedeck::cli::{default_columns, keys};
use sagedeck::fleet::{Field, FieldSpec, ObjectKind, SheetFormat, fields};
use sagedeck::report;

/// Compares what stands between two marks with what should.
fn hold(mark: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).expect("the README").replace("\r\n", "\n");
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let start = readme.find(&begin).unwrap_or_else(|| panic!("{begin} is in the README")) + begin.len();
    let stop = start + readme[start..].find(&end).unwrap_or_else(|| panic!("{end} is in the README"));
    if std::env::var_os("SAGEDECK_BLESS").is_some() {
        let new = format!("{}{expected}{}", &readme[..start], &readme[stop..]);
        std::fs::write(&path, new).expect("the README is written");
        return;
    }
    assert_eq!(
        &readme[start..stop],
        expected,
        "`SAGEDECK_BLESS=1 cargo test --test it readme` writes it anew"
    );
}

#[test]
fn the_tables_of_the_readme_are_those_of_the_program() {
    let sheet = keys(&Config::default()).expect("the default keys");
    let table = report::render(&sheet, SheetFormat::Markdown).expect("Markdown");
    hold("keys", &table);

    let mut table = String::from("| exit code | meaning |\n|---|---|\n");
    for exit in Exit::ALL {
        let _ = writeln!(table, "| {} | {} |", exit.code(), exit.meaning());
    }
    hold("exit codes", &table);

    let mut table = String::from("| rows | printed | by name, or with `--columns all` |\n|---|---|---|\n");
    for kind in ObjectKind::ALL {
        let spec_of = |field: &Field| fields(kind).iter().find(|spec| spec.field == *field).expect("a field");
        let usual: Vec<&FieldSpec> = default_columns(kind).iter().map(spec_of).collect();
        let others: Vec<&FieldSpec> = fields(kind).iter().filter(|spec| !usual.contains(spec)).collect();
        let names = |specs: &[&FieldSpec]| {
            specs.iter().map(|spec| format!("`{}`", spec.name)).collect::<Vec<_>>().join(" ")
        };
        let _ = writeln!(table, "| {} | {} | {} |", kind.plural(), names(&usual), names(&others));
    }
    hold("columns", &table);

    let mut table = String::from("| command | does |\n|---|---|\n");
    let mut command = Arguments::command();
    command.build();
    command.get_subcommands().for_each(|inner| describe(inner, "", &mut table));
    hold("commands", &table);

    let mut table = String::from("| member | is |\n|---|---|\n");
    for (member, meaning) in report::JSON_MEMBERS {
        let _ = writeln!(table, "| `{member}` | {meaning} |");
    }
    hold("json", &table);
}

/// A row for each command that has no commands under it.
fn describe(command: &clap::Command, path: &str, table: &mut String) {
    let path = format!("{path}{}", command.get_name());
    if command.has_subcommands() {
        let path = format!("{path} ");
        command.get_subcommands().for_each(|inner| describe(inner, &path, table));
        return;
    }
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(table, "| `{path}` | {about} |");
}
