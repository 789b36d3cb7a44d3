//! Holds the sources to the architecture: who may know whom, and how a module is written.
//! The table here is the one of `ARCHITECTURE.md`; a new folder or crate has to be entered in it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What a folder of `src/` may import.
struct Layer {
    folder: &'static str,
    /// Our folders, beside itself, separated by blanks.
    ours: &'static str,
    /// Crates, as written in code; `crate::module` allows that module of it only.
    theirs: &'static str,
    /// Parts of the standard library it must not touch.
    absences: &'static [&'static str],
}

/// Pure layers: no files, no network, no processes, no environment, no clock, no threads.
const PURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "std::io",
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
];

const LAYERS: &[Layer] = &[
    Layer {
        folder: "fleet",
        ours: "",
        theirs: "serde serde_json serde_saphyr jiff regex indexmap nucleo_matcher sha2 thiserror toml \
                 unicode_width unicode_segmentation",
        absences: PURE,
    },
    Layer {
        folder: "console",
        ours: "fleet",
        theirs: "tui_input nucleo_matcher jiff serde serde_json serde_saphyr indexmap thiserror \
                 unicode_width unicode_segmentation regex toml",
        absences: PURE,
    },
    Layer {
        folder: "ui",
        ours: "console fleet",
        theirs: "ratatui termprofile toml tui_input jiff thiserror unicode_width unicode_segmentation",
        absences: PURE,
    },
    Layer {
        folder: "aws",
        ours: "fleet",
        theirs: "aws_config aws_credential_types aws_runtime aws_sdk_costexplorer aws_sdk_efs aws_sdk_iam \
                 aws_sdk_identitystore aws_sdk_pricing aws_sdk_sagemaker aws_sdk_servicequotas aws_sdk_ssoadmin aws_sdk_sts \
                 aws_smithy_http_client aws_smithy_runtime aws_smithy_runtime_api aws_smithy_types \
                 aws_smithy_xml aws_types futures_util http indexmap jiff regex serde serde_json \
                 thiserror tokio::join tokio::pin tokio::select tokio::sync tokio::time tokio_util tracing",
        absences: &["TcpStream", "TcpListener", "std::process", "std::thread", "std::fs"],
    },
    Layer {
        folder: "operations",
        ours: "aws fleet store",
        theirs: "futures_util indexmap jiff serde serde_json sha2 tempfile thiserror tokio tokio_util tracing",
        absences: &["TcpStream", "TcpListener"],
    },
    Layer {
        folder: "sim",
        ours: "",
        theirs: "aws_smithy_runtime_api aws_smithy_types futures_util http http_body_util hyper \
                 hyper_util indexmap jiff regex serde serde_json sha2 thiserror tokio tokio_util \
                 tracing",
        absences: &["std::process", "std::fs"],
    },
    Layer {
        folder: "store",
        ours: "fleet",
        theirs: "jiff serde serde_json sha2 thiserror tracing",
        absences: &["TcpStream", "TcpListener", "std::process"],
    },
    Layer {
        folder: "runtime",
        ours: "aws cli console fleet operations report store ui",
        theirs: "anyhow crossterm directories futures_util getrandom jiff open ratatui serde serde_json tempfile \
                 termprofile thiserror tokio tokio_util toml tracing tracing_appender \
                 tracing_subscriber signal_hook nix rustix unicode_width",
        absences: &[],
    },
    Layer {
        folder: "report",
        ours: "fleet",
        theirs: "csv jiff serde_json unicode_width",
        absences: &["std::fs", "std::net", "std::process", "std::env", "std::thread", "Timestamp::now"],
    },
    Layer {
        folder: "cli",
        ours: "aws console fleet operations report store ui",
        theirs: "clap clap_complete clap_mangen directories futures_util jiff serde serde_json tokio toml tracing \
                 tracing_appender tracing_subscriber",
        absences: &["std::thread"],
    },
];

/// Sources whose length is data, not logic.
const DATA_TABLES: &[&str] = &[];

/// The longest a source may be, its tests aside. Aim at 250.
const LONGEST: usize = 600;

/// The folders of `src/` and which of ours each may know.
pub(crate) fn layers() -> Vec<(&'static str, BTreeSet<&'static str>)> {
    LAYERS.iter().map(|layer| (layer.folder, names(layer.ours).into_iter().collect())).collect()
}

#[test]
fn each_folder_imports_only_what_the_table_allows() {
    let crates = dependencies();
    let mut violations = String::new();
    for source in sources("src") {
        let Some(folder) = source.folder() else { continue };
        let Some(layer) = LAYERS.iter().find(|layer| layer.folder == folder) else {
            let _ = writeln!(violations, "{}: src/{folder} is not in the table of LAYERS", source.path);
            continue;
        };
        for import in source.imports("crate") {
            if import.first != folder && !names(layer.ours).contains(&import.first.as_str()) {
                let _ = writeln!(
                    violations,
                    "{}:{}: src/{folder} must not know src/{}",
                    source.path, import.line, import.first
                );
            }
        }
        // A module of ours may carry the name of a crate.
        for name in crates.iter().filter(|name| !source.declares(name)) {
            for import in source.imports(name) {
                let inner = format!("{name}::{}", import.first);
                if !names(layer.theirs).iter().any(|known| known == name || *known == inner) {
                    let _ = writeln!(
                        violations,
                        "{}:{}: src/{folder} must not use {inner}",
                        source.path, import.line
                    );
                }
            }
        }
        for absence in layer.absences {
            for line in source.mentions(absence) {
                let _ = writeln!(violations, "{}:{line}: src/{folder} must not touch {absence}", source.path);
            }
        }
    }
    assert!(violations.is_empty(), "\n{violations}");
}

#[test]
fn the_table_allows_nothing_that_is_not_a_dependency() {
    let crates = dependencies();
    for layer in LAYERS {
        for theirs in names(layer.theirs) {
            let name = theirs.split("::").next().unwrap_or(theirs);
            // Crates that only some systems need may be absent from the list of all.
            let is_optional = ["signal_hook", "nix", "rustix"].contains(&name);
            assert!(is_optional || crates.contains(name), "src/{}: {name} is no dependency", layer.folder);
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    let mut violations = String::new();
    for source in sources("src").into_iter().chain(sources("tests")).chain(sources("benches")) {
        let is_thin_main = source.path == "src/main.rs";
        let first =
            source.text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("#!["));
        if !is_thin_main && !first.is_some_and(|line| line.starts_with("//! ")) {
            let _ = writeln!(violations, "{}:1: no `//!` that says what it is for", source.path);
        }
    }
    assert!(violations.is_empty(), "\n{violations}");
}

#[test]
fn no_source_is_longer_than_a_reader_can_hold() {
    let mut violations = String::new();
    for source in sources("src") {
        if source.path.ends_with("/tests.rs") || DATA_TABLES.contains(&source.path.as_str()) {
            continue;
        }
        let length = source.code.trim_end().lines().count();
        if length > LONGEST {
            let _ = writeln!(violations, "{}:{length}: longer than {LONGEST} lines", source.path);
        }
    }
    assert!(violations.is_empty(), "\n{violations}");
}

#[test]
fn only_the_theme_names_colours() {
    let mut violations = String::new();
    for source in sources("src") {
        if source.path.starts_with("src/ui/theme") {
            continue;
        }
        for word in ["Color::", "Stylize"] {
            for line in source.mentions(word) {
                let _ = writeln!(violations, "{}:{line}: {word} outside src/ui/theme", source.path);
            }
        }
    }
    assert!(violations.is_empty(), "\n{violations}");
}

#[test]
fn no_source_lies_about_unregistered() {
    let mut violations = String::new();
    for root in ["src", "tests/it"] {
        let all = sources(root);
        for source in &all {
            let path = Path::new(&source.path);
            let (Some(folder), Some(stem)) = (path.parent(), path.file_stem().and_then(|stem| stem.to_str()))
            else {
                continue;
            };
            if folder == Path::new(root) && ["lib", "main"].contains(&stem) {
                continue;
            }
            let (home, name) = if stem == "mod" {
                let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                (folder.parent().unwrap_or(folder), name)
            } else {
                (folder, stem)
            };
            if !all.iter().any(|other| other.can_hold(home) && other.declares(name)) {
                let _ = writeln!(violations, "{}:1: no `mod {name};` leads here", source.path);
            }
        }
    }
    assert!(violations.is_empty(), "\n{violations}");
}

#[test]
fn there_is_one_integration_binary() {
    let mut found: Vec<String> = fs::read_dir(root().join("tests"))
        .expect("tests/ is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.display().to_string())
        .collect();
    found.sort();
    assert_eq!(
        found,
        Vec::<String>::new(),
        "each file in tests/ links the SDK once more: put it under tests/it/"
    );
}

#[test]
fn the_scanner_sees_through_comments_strings_and_braces() {
    let source = Source::new(
        "src/ui/probe.rs".to_owned(),
        r##"//! Probe of crate::aws.
use crate::{console::Console, fleet};
use tokio::{
    sync::mpsc, time::{self, Duration},
};
/* crate::aws */
fn f() -> crate::console::Console { let s = "crate::aws"; let t = r#"crate::aws"#; 'x'; crate::fleet::g() }
fn h(c: char) -> bool { c == '"' || aws_sdk_sagemaker::is(c) } // "
#[cfg(test)]
mod tests { use crate::sim; }
"##
        .to_owned(),
    );
    let seen = |name: &str| -> Vec<(usize, String)> {
        source.imports(name).into_iter().map(|import| (import.line, import.first)).collect()
    };
    let ours = [(2, "console"), (2, "fleet"), (7, "console"), (7, "fleet")];
    assert_eq!(seen("crate"), ours.map(|(line, name)| (line, name.to_owned())));
    assert_eq!(seen("tokio"), [(3, "sync".to_owned()), (3, "time".to_owned())]);
    assert_eq!(seen("aws_sdk_sagemaker"), [(8, "is".to_owned())]);
    assert_eq!(source.folder(), Some("ui"));
}

/// A source file: as written, and with comments, strings and the tests at its end blanked out.
struct Source {
    /// From the root of the package, with forward slashes.
    path: String,
    text: String,
    code: String,
}

/// A path into a crate or folder.
struct Import {
    line: usize,
    /// The segment after the name asked for.
    first: String,
}

impl Source {
    fn new(path: String, text: String) -> Self {
        let mut code = blank(&text);
        if path.ends_with("/tests.rs") {
            code.clear();
        } else if let Some(tests) = code.find("#[cfg(test)]\nmod tests") {
            code.truncate(tests);
        }
        Self { path, text, code }
    }

    /// The folder of `src/` it belongs to; `None` for the root, which may know everything.
    fn folder(&self) -> Option<&str> {
        self.path.strip_prefix("src/")?.split_once('/').map(|(folder, _)| folder)
    }

    fn line_of(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    /// Lines on which the words stand, not as part of a longer one.
    fn mentions(&self, words: &str) -> Vec<usize> {
        self.places(words).map(|at| self.line_of(at)).collect()
    }

    fn places<'a>(&'a self, words: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code.match_indices(words).map(|(at, _)| at).filter(|&at| {
            let is_part = |character: char| character.is_alphanumeric() || character == '_';
            let before = self.code[..at].chars().next_back();
            let after = self.code[at + words.len()..].chars().next();
            !before.is_some_and(is_part) && (words.ends_with(':') || !after.is_some_and(is_part))
        })
    }

    /// Every `name::first`, and each branch of `name::{…}`.
    fn imports(&self, name: &str) -> Vec<Import> {
        let mut imports = Vec::new();
        for at in self.places(name) {
            // `other::name::…` is a module of the same name, not this crate.
            if self.code[..at].ends_with("::") && !self.code[..at].ends_with(" ::") {
                continue;
            }
            let Some(rest) = self.code[at + name.len()..].trim_start().strip_prefix("::") else { continue };
            let line = self.line_of(at);
            let rest = rest.trim_start();
            let firsts = rest.strip_prefix('{').map_or_else(|| vec![word(rest)], branches);
            imports.extend(firsts.into_iter().map(|first| Import { line, first }));
        }
        imports
    }

    /// Whether modules lying in `home` are declared in this file.
    fn can_hold(&self, home: &Path) -> bool {
        let path = Path::new(&self.path);
        let is_root =
            matches!(path.file_name().and_then(|name| name.to_str()), Some("mod.rs" | "lib.rs" | "main.rs"));
        if is_root { path.parent() == Some(home) } else { path.with_extension("") == home }
    }

    fn declares(&self, name: &str) -> bool {
        let declaration = format!("mod {name};");
        blank(&self.text).match_indices(&declaration).next().is_some()
    }
}

fn names(list: &str) -> Vec<&str> {
    list.split_whitespace().collect()
}

/// The identifier a text starts with.
fn word(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

/// The first words of the branches of a brace that has just been opened.
fn branches(text: &str) -> Vec<String> {
    let mut firsts = Vec::new();
    let (mut depth, mut is_start) = (1, true);
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => is_start = true,
            _ if is_start && !character.is_whitespace() => {
                firsts.push(word(&text[at..]));
                is_start = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    firsts
}

/// The text with comments and literals made spaces, line breaks kept.
fn blank(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = literal(&bytes, at);
        if end == at {
            out.push(bytes[at]);
            at += 1;
        } else {
            out.extend(bytes[at..end].iter().map(|&character| if character == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment or literal that starts here ends; `at` if none does.
fn literal(text: &[char], at: usize) -> usize {
    let next = |ahead: usize| text.get(at + ahead).copied();
    let until = |from: usize, end: &[char]| {
        (from..text.len())
            .find(|&place| text[place..].starts_with(end))
            .map_or(text.len(), |place| place + end.len())
    };
    match text[at] {
        '/' if next(1) == Some('/') => (at..text.len()).find(|&end| text[end] == '\n').unwrap_or(text.len()),
        '/' if next(1) == Some('*') => until(at + 2, &['*', '/']),
        'r' if matches!(next(1), Some('"' | '#'))
            && !at.checked_sub(1).is_some_and(|at| text[at].is_alphanumeric()) =>
        {
            let hashes = text[at + 1..].iter().take_while(|&&character| character == '#').count();
            if next(1 + hashes) != Some('"') {
                return at;
            }
            let mut end = vec!['"'];
            end.resize(1 + hashes, '#');
            until(at + 2 + hashes, &end)
        }
        '"' => {
            let mut end = at + 1;
            while end < text.len() && text[end] != '"' {
                end += if text[end] == '\\' { 2 } else { 1 };
            }
            (end + 1).min(text.len())
        }
        // A lifetime has no closing quote.
        '\'' if next(1) == Some('\\') => until(at + 3, &['\'']),
        '\'' if next(2) == Some('\'') => at + 3,
        _ => at,
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust source under a folder of the package, in order of path.
fn sources(folder: &str) -> Vec<Source> {
    let mut waiting: Vec<PathBuf> = vec![root().join(folder)];
    let mut paths = BTreeSet::new();
    while let Some(folder) = waiting.pop() {
        // A folder that is not there has no sources.
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                paths.insert(path);
            }
        }
    }
    let relative = |path: &Path| {
        let parts: Vec<_> =
            path.strip_prefix(root()).unwrap_or(path).iter().map(|part| part.to_string_lossy()).collect();
        parts.join("/")
    };
    paths
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).expect("a source can be read");
            Source::new(relative(path), text.replace("\r\n", "\n"))
        })
        .collect()
}

/// The names of the dependencies, as written in code.
fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest can be read");
    let manifest: toml::Table = manifest.parse().expect("the manifest is TOML");
    let mut tables: Vec<&toml::Table> =
        manifest.get("dependencies").and_then(toml::Value::as_table).into_iter().collect();
    if let Some(targets) = manifest.get("target").and_then(toml::Value::as_table) {
        let of_targets = targets.values().filter_map(|target| target.get("dependencies")?.as_table());
        tables.extend(of_targets);
    }
    tables.iter().flat_map(|table| table.keys()).map(|name| name.replace('-', "_")).collect()
}
