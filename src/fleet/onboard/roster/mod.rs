//! Rosters: lists of people to onboard, as CSV, TOML, YAML or pasted names. A faulty row is a row with flaws and
//! stops no other; what makes the text as a whole unreadable is refused, with its place.

use std::collections::HashMap;
use std::sync::Arc;

use super::columns::Column;
use super::separated::{self, Cell, Record};
use super::tree::{self, Key, Node, NodeValue};
use super::{Place, TextError, encoding};
use crate::fleet::wording::Counted;
use crate::fleet::{Tag, UserEdit};

/// How a roster is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RosterFormat {
    /// A header line and a line per person, separated by commas, semicolons or tabs.
    Csv,
    /// Defaults, and a `[[user]]` table per person.
    Toml,
    /// A list of people; or defaults, and a list `users`.
    Yaml,
    /// What was pasted: CSV if its first line is a header, or else names.
    Pasted,
}

impl RosterFormat {
    /// The format of a file, by its ending.
    pub fn of_file(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" | "tsv" => Some(Self::Csv),
            "toml" => Some(Self::Toml),
            "yaml" | "yml" | "json" => Some(Self::Yaml),
            "txt" => Some(Self::Pasted),
            _ => None,
        }
    }
}

/// People to onboard, as they were written down.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Roster {
    /// One row per person, in the order of the text.
    pub rows: Vec<RosterRow>,
}

/// One person of a roster.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RosterRow {
    /// The line the row begins on.
    pub line: usize,
    /// The name of the user profile.
    pub name: Arc<str>,
    /// The name at Identity Center.
    pub sso_user: Option<Arc<str>>,
    /// The domain, by id or name.
    pub domain: Option<Arc<str>>,
    /// The template, by name.
    pub template: Option<Arc<str>>,
    /// The user profile whose settings are taken over.
    pub clone_of: Option<Arc<str>>,
    /// What the row itself sets.
    pub edit: UserEdit,
    /// Tags.
    pub tags: Vec<Tag>,
    /// What is wrong with the row, each with its place.
    pub flaws: Vec<TextError>,
}

impl Roster {
    /// Reads the bytes of a file or of the clipboard.
    ///
    /// # Errors
    ///
    /// What makes the text as a whole unreadable: its encoding, its syntax, a quote that is never closed, columns
    /// that are unknown, missing or there twice.
    pub fn read(bytes: &[u8], format: RosterFormat) -> Result<Self, Vec<TextError>> {
        let text = encoding::decode(bytes).map_err(|error| vec![error])?;
        Self::parse(text, format)
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn parse(text: &str, format: RosterFormat) -> Result<Self, Vec<TextError>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rows = match format {
            RosterFormat::Csv => separated_rows(text)?,
            RosterFormat::Pasted => pasted_rows(text)?,
            RosterFormat::Toml => tree_rows(&tree::toml(text).map_err(|error| vec![error])?)?,
            RosterFormat::Yaml => tree_rows(&tree::yaml(text).map_err(|error| vec![error])?)?,
        };
        if rows.is_empty() {
            return Err(vec![TextError::new(Place::START, "there is nobody in it")]);
        }
        name_twice(&mut rows);
        Ok(Self { rows })
    }

    /// How many rows have flaws.
    pub fn faulty(&self) -> usize {
        self.rows.iter().filter(|row| !row.flaws.is_empty()).count()
    }
}

/// Marks each row whose name a row before it has too, in the same domain; AWS's names know no case.
fn name_twice(rows: &mut [RosterRow]) {
    let mut seen: HashMap<(String, String), usize> = HashMap::with_capacity(rows.len());
    for row in rows {
        let domain = row.domain.as_deref().unwrap_or_default().to_lowercase();
        match seen.entry((domain, row.name.to_lowercase())) {
            std::collections::hash_map::Entry::Occupied(first) => {
                let message = format!("{} is on line {} already", row.name, first.get());
                row.flaws.push(TextError::new(Place { line: row.line, column: 1 }, message));
            }
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(row.line);
            }
        }
    }
}

fn separated_rows(text: &str) -> Result<Vec<RosterRow>, Vec<TextError>> {
    let records = separated::records(text, separated::delimiter(text)).map_err(|error| vec![error])?;
    let mut records = records.into_iter();
    let Some(header) = records.next() else { return Ok(Vec::new()) };
    let columns = header_columns(&header)?;
    Ok(records.map(|record| row(&columns, &record)).collect())
}

/// What each column of a header gives.
fn header_columns(header: &Record) -> Result<Vec<Column>, Vec<TextError>> {
    let mut errors = Vec::new();
    let mut columns: Vec<Column> = Vec::new();
    for cell in header {
        match Column::named(&cell.text) {
            Some(column) => {
                if let Some(first) = columns.iter().position(|known| *known == column) {
                    let other = header.get(first).map_or("", |cell| cell.text.as_str());
                    let message = format!("the columns `{other}` and `{}` give the same", cell.text);
                    errors.push(TextError::new(cell.place, message));
                }
                columns.push(column);
            }
            None if cell.text.is_empty() => {
                errors.push(TextError::new(cell.place, "this column has no name"));
            }
            None => errors.push(TextError::new(cell.place, Column::unknown(&cell.text))),
        }
    }
    if !columns.contains(&Column::Name) {
        let place = header.first().map_or(Place::START, |cell| cell.place);
        let message = "no column gives the name of the user profile: one of name, user, user_profile_name";
        errors.push(TextError::new(place, message));
    }
    if errors.is_empty() { Ok(columns) } else { Err(errors) }
}

fn row(columns: &[Column], record: &Record) -> RosterRow {
    let place = record.first().map_or(Place::START, |cell| cell.place);
    let mut row = RosterRow { line: place.line, ..RosterRow::default() };
    if record.len() != columns.len() {
        let last = record.last().map_or(place, |cell| cell.place);
        let message = format!(
            "has {} where the header has {}: a delimiter too many, or the line is cut off",
            Counted(record.len(), "cell"),
            columns.len()
        );
        row.flaws.push(TextError::new(last, message));
    }
    for (column, cell) in columns.iter().zip(record) {
        column.take(&mut row, cell);
    }
    row
}

/// CSV if the first line is a header, or else names, however they are separated.
fn pasted_rows(text: &str) -> Result<Vec<RosterRow>, Vec<TextError>> {
    let first = text.lines().find(|line| !separated::is_skipped(line)).unwrap_or_default();
    let delimiter = separated::delimiter(text);
    let is_header = first.split(delimiter).any(|cell| Column::named(cell.trim().trim_matches('"')).is_some());
    if is_header {
        return separated_rows(text);
    }
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !separated::is_skipped(line)) {
        let mut column = 1;
        for part in line.split_inclusive([',', ';', ' ', '\t']) {
            let text = part.trim_end_matches([',', ';', ' ', '\t', '\r']);
            if !text.is_empty() {
                let place = Place { line: index + 1, column };
                let mut row = RosterRow { line: place.line, ..RosterRow::default() };
                Column::Name.take(&mut row, &Cell { place, text: text.to_owned() });
                rows.push(row);
            }
            column += part.chars().count();
        }
    }
    Ok(rows)
}

/// The people of a tree: a list, or a table of defaults with a list `users`.
fn tree_rows(root: &Node) -> Result<Vec<RosterRow>, Vec<TextError>> {
    let (people, defaults): (&Node, Vec<&(Key, Node)>) = match &root.value {
        NodeValue::List(_) => (root, Vec::new()),
        NodeValue::Table(members) => {
            let is_people = |key: &Key| matches!(key.name.as_str(), "user" | "users");
            let people =
                members.iter().find(|(key, node)| is_people(key) && matches!(node.value, NodeValue::List(_)));
            let Some((list, people)) = people else {
                let message = "there is no list of people: `[[user]]` tables in TOML, a list `users` in YAML";
                return Err(vec![TextError::new(root.place, message)]);
            };
            (people, members.iter().filter(|(key, _)| key != list).collect())
        }
        NodeValue::Scalar(_) => {
            return Err(vec![TextError::new(root.place, "must be a list of people")]);
        }
    };
    let mut errors = Vec::new();
    let mut base = RosterRow::default();
    for (key, node) in &defaults {
        match Column::named(&key.name) {
            Some(Column::Name | Column::SsoUser) => {
                let message = format!("`{}` is one person's, and cannot be said for all", key.name);
                errors.push(TextError::new(key.place, message));
            }
            Some(column) => column.take_node(&mut base, key, node),
            None => errors.push(TextError::new(key.place, Column::unknown(&key.name))),
        }
    }
    errors.append(&mut base.flaws);
    let mut rows = Vec::new();
    if let NodeValue::List(items) = &people.value {
        for item in items {
            rows.push(tree_row(item, &base, &mut errors));
        }
    }
    if errors.is_empty() { Ok(rows) } else { Err(errors) }
}

fn tree_row(item: &Node, base: &RosterRow, errors: &mut Vec<TextError>) -> RosterRow {
    let mut row = RosterRow { line: item.place.line, ..RosterRow::default() };
    if let NodeValue::Table(members) = &item.value {
        // A table knows its place by its first key: TOML's `[[user]]` has none of its own.
        if let Some((first, _)) = members.first() {
            row.line = first.place.line;
        }
        let mut taken: Vec<Column> = Vec::new();
        for (key, node) in members {
            match Column::named(&key.name) {
                Some(column) if taken.contains(&column) => {
                    let message = format!("`{}` says again what another key said", key.name);
                    errors.push(TextError::new(key.place, message));
                }
                Some(column) => {
                    column.take_node(&mut row, key, node);
                    taken.push(column);
                }
                None => errors.push(TextError::new(key.place, Column::unknown(&key.name))),
            }
        }
        if !taken.contains(&Column::Name) {
            row.flaws.push(TextError::new(Place { line: row.line, column: 1 }, "has no name"));
        }
    } else {
        let key = Key { place: item.place, name: "name".to_owned() };
        Column::Name.take_node(&mut row, &key, item);
    }
    row.domain = row.domain.or_else(|| base.domain.clone());
    row.template = row.template.or_else(|| base.template.clone());
    row.clone_of = row.clone_of.or_else(|| base.clone_of.clone());
    row.edit = row.edit.over(&base.edit);
    for tag in &base.tags {
        if !row.tags.iter().any(|own| own.key == tag.key) {
            row.tags.push(tag.clone());
        }
    }
    row
}

#[cfg(test)]
mod tests;
