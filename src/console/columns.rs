//! The columns of each table as data, and what stands in a cell.

use std::fmt::Write as _;

use crate::fleet::wording::{Ago, Count, Money, Span};
use crate::fleet::{
    AppStatus, Field, FieldKind, FieldSpec, Known, ObjectKind, Record, Row, Rows, Sheet, Status, fields,
};

use super::{Console, Tone};

/// On which side the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Left.
    Left,
    /// Right, as figures do.
    Right,
}

/// When a column is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Always.
    Always,
    /// When the person wants more columns.
    Wide,
    /// With several accounts in view.
    SeveralAccounts,
    /// With several regions in view.
    SeveralRegions,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// What it shows.
    pub field: Field,
    /// Its head.
    pub title: &'static str,
    /// The least and the greatest width worth giving it, in cells.
    pub width: (u16, u16),
    /// On which side its text stands.
    pub align: Align,
    pub(super) when: When,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// A column of text.
pub(super) const fn text(field: Field, title: &'static str, least: u16, most: u16) -> Column {
    Column { field, title, width: (least, most), align: Align::Left, when: When::Always }
}

/// A column of figures.
pub(super) const fn figure(field: Field, title: &'static str, least: u16, most: u16) -> Column {
    Column { field, title, width: (least, most), align: Align::Right, when: When::Always }
}

/// A column that is shown only then.
pub(super) const fn only(when: When, column: Column) -> Column {
    Column { when, ..column }
}

pub(super) const ACCOUNT: Column = only(When::SeveralAccounts, text(Field::Account, "ACCOUNT", 7, 16));
pub(super) const REGION: Column = only(When::SeveralRegions, text(Field::Region, "REGION", 9, 14));

const DOMAINS: &[Column] = &[
    text(Field::Domain, "NAME", 8, 28),
    text(Field::DomainId, "ID", 6, 16),
    text(Field::Status, "STATUS", 9, 13),
    text(Field::Auth, "AUTH", 4, 5),
    text(Field::Network, "NETWORK", 7, 18),
    figure(Field::Users, "USERS", 5, 7),
    figure(Field::Spaces, "SPACES", 6, 7),
    figure(Field::Apps, "RUN", 4, 7),
    only(When::Wide, figure(Field::AllApps, "APPS", 4, 7)),
    figure(Field::Cost, "$/H", 6, 10),
    figure(Field::IdleCost, "IDLE $/H", 8, 10),
    figure(Field::Age, "AGE", 4, 6),
    only(When::Wide, text(Field::Vpc, "VPC", 6, 22)),
    only(When::Wide, text(Field::Kms, "KMS KEY", 7, 24)),
    ACCOUNT,
    REGION,
];

const USERS: &[Column] = &[
    text(Field::Name, "NAME", 8, 28),
    text(Field::Domain, "DOMAIN", 6, 18),
    text(Field::Status, "STATUS", 9, 13),
    text(Field::Role, "EXECUTION ROLE", 10, 30),
    only(When::Wide, text(Field::Sso, "SSO USER", 8, 28)),
    figure(Field::Apps, "RUN", 3, 5),
    figure(Field::Spaces, "SPACES", 6, 7),
    figure(Field::Cost, "$/H", 6, 10),
    only(When::Wide, figure(Field::IdleCost, "IDLE $/H", 8, 10)),
    figure(Field::Activity, "LAST ACTIVITY", 9, 13),
    text(Field::Shutdown, "IDLE SHUTDOWN", 8, 14),
    figure(Field::Age, "AGE", 4, 6),
    ACCOUNT,
    REGION,
];

const SPACES: &[Column] = &[
    text(Field::Name, "NAME", 8, 30),
    text(Field::Owner, "OWNER", 7, 22),
    text(Field::Domain, "DOMAIN", 6, 18),
    text(Field::Sharing, "SHARING", 7, 8),
    text(Field::Type, "TYPE", 6, 14),
    text(Field::Status, "STATUS", 9, 13),
    figure(Field::Ebs, "EBS GB", 6, 8),
    figure(Field::Storage, "$/MONTH", 7, 10),
    text(Field::App, "APP", 7, 10),
    figure(Field::Activity, "LAST USED", 8, 12),
    figure(Field::Age, "AGE", 4, 6),
    ACCOUNT,
    REGION,
];

const APPS: &[Column] = &[
    text(Field::Owner, "OWNER", 9, 24),
    text(Field::Domain, "DOMAIN", 6, 18),
    text(Field::Type, "TYPE", 10, 16),
    text(Field::Name, "NAME", 7, 24),
    text(Field::Status, "STATUS", 9, 10),
    text(Field::Instance, "INSTANCE", 14, 18),
    figure(Field::Cost, "$/H", 6, 9),
    figure(Field::Uptime, "UPTIME", 6, 7),
    figure(Field::Activity, "LAST ACTIVITY", 8, 13),
    text(Field::Idle, "IDLE", 11, 12),
    only(When::Wide, text(Field::Space, "SPACE", 8, 24)),
    only(When::Wide, text(Field::Image, "IMAGE", 8, 30)),
    only(When::Wide, text(Field::LifecycleConfig, "LCC", 6, 24)),
    ACCOUNT,
    REGION,
];

/// All columns of a kind, shown or not.
pub(super) fn all(kind: ObjectKind) -> &'static [Column] {
    match kind {
        ObjectKind::Domain => DOMAINS,
        ObjectKind::User => USERS,
        ObjectKind::Space => SPACES,
        ObjectKind::App => APPS,
    }
}

/// Whether a column holds figures, which are sorted as such and the greatest first.
pub(super) fn is_number(kind: ObjectKind, field: Field) -> bool {
    spec(kind, field).is_some_and(|spec| spec.kind != FieldKind::Text)
}

fn spec(kind: ObjectKind, field: Field) -> Option<&'static FieldSpec> {
    fields(kind).iter().find(|spec| spec.field == field)
}

impl Console {
    /// The position of a column among all columns of the pane's table, for a click on its head.
    pub fn column_position(&self, column: &Column) -> usize {
        let all = match self.ledger() {
            Some(ledger) => ledger.all_columns(),
            None => self.table().map_or(&[][..], |table| all(table.kind)),
        };
        all.iter().position(|known| known == column).unwrap_or(0)
    }

    /// The columns that are shown.
    pub fn columns(&self) -> Vec<&'static Column> {
        if let Some(ledger) = self.ledger() {
            return ledger.columns();
        }
        let Some(table) = self.table() else { return Vec::new() };
        let (accounts, regions) = (self.fleet.accounts.len() > 1, self.session.regions.len() > 1);
        all(table.kind)
            .iter()
            .filter(|column| match column.when {
                When::Always => true,
                When::Wide => table.wide,
                When::SeveralAccounts => accounts || table.wide,
                When::SeveralRegions => regions || table.wide,
            })
            .collect()
    }

    /// The rows of the fleet, to be asked for their fields.
    pub(super) fn rows(&self) -> Rows<'_> {
        Rows { fleet: &self.fleet, census: &self.census, now: self.now }
    }

    /// A row of the fleet, to be asked for its fields.
    pub(super) fn row(&self, kind: ObjectKind, position: u32) -> Option<Row<'_>> {
        self.rows().row(kind, position as usize)
    }

    /// What stands in a column of the row at a position of the pane's table.
    pub fn cell(&self, column: &Column, position: u32) -> Cell {
        let cell = self.kind().and_then(|kind| self.cell_of(kind, column.field, position));
        cell.unwrap_or_else(|| Cell { text: String::new(), tone: Tone::Plain })
    }

    /// What stands under a field of the row at a position of any kind, whichever pane is shown; nothing where there
    /// is no such row or field.
    pub fn cell_of(&self, kind: ObjectKind, field: Field, position: u32) -> Option<Cell> {
        let (row, spec) = (self.row(kind, position)?, spec(kind, field)?);
        Some(match spec.kind {
            FieldKind::Text => match row.text(field) {
                Known::Value(text) => Cell { tone: text_tone(kind, field, &text), text: text.into_owned() },
                Known::Absent => Cell { text: "—".to_owned(), tone: Tone::Muted },
                Known::Unknown => Cell { text: "…".to_owned(), tone: Tone::Unknown },
            },
            FieldKind::Verdict => verdict(&row, field),
            FieldKind::Number | FieldKind::Money | FieldKind::Duration | FieldKind::Time => {
                match (row.number(field), row.rank(field)) {
                    // A sum of which a part is not known is at least the part that is.
                    (Known::Unknown, Some(least)) if least > 0.0 => {
                        let cell = figure_cell(field, spec.kind, Known::Value(least));
                        Cell { text: format!("≥{}", cell.text), ..cell }
                    }
                    (number, _) => figure_cell(field, spec.kind, number),
                }
            }
        })
    }

    /// The rows that are shown, with the columns that are shown, as typed values.
    pub fn sheet(&self) -> Sheet {
        if let Some(ledger) = self.ledger() {
            return ledger.sheet();
        }
        let Some(table) = self.table() else { return Sheet::default() };
        let columns = self.columns();
        let specs: Vec<&'static FieldSpec> =
            columns.iter().filter_map(|column| spec(table.kind, column.field)).collect();
        let mut sheet = Sheet::new(specs.iter().copied());
        for position in &table.rows {
            if let Some(row) = self.row(table.kind, *position) {
                sheet.push(&row, specs.iter().map(|spec| spec.field));
            }
        }
        sheet
    }
}

fn figure_cell(field: Field, kind: FieldKind, number: Known<f64>) -> Cell {
    let mut text = String::new();
    let number = match number {
        Known::Value(number) => number,
        Known::Absent => return Cell { text: "—".to_owned(), tone: Tone::Muted },
        Known::Unknown => return Cell { text: "unknown".to_owned(), tone: Tone::Unknown },
    };
    // Writing to a String cannot fail.
    let _ = match kind {
        FieldKind::Money => write!(text, "{:#}", Money(number)),
        FieldKind::Duration => write!(text, "{}", Span::seconds(number)),
        FieldKind::Time => write!(text, "{}", Ago(Span::seconds(number))),
        FieldKind::Number | FieldKind::Text | FieldKind::Verdict => {
            write!(text, "{}", Count(number.max(0.0).round() as u64))
        }
    };
    let tone = match (field, kind) {
        _ if number == 0.0 => Tone::Muted,
        (Field::IdleCost, _) => Tone::Idle,
        (_, FieldKind::Money) => Tone::Money,
        (_, FieldKind::Duration | FieldKind::Time) => Tone::Muted,
        _ => Tone::Plain,
    };
    Cell { text, tone }
}

/// The word of the verdict, with for how long where it is idle.
fn verdict(row: &Row<'_>, field: Field) -> Cell {
    match row.text(field) {
        Known::Value(word) if word == "idle" => {
            let long = row.number(field).value().map(|seconds| format!("idle {}", Span::seconds(seconds)));
            Cell { text: long.unwrap_or_else(|| "idle".to_owned()), tone: Tone::Idle }
        }
        Known::Value(word) if word == "active" => Cell { text: word.into_owned(), tone: Tone::Ok },
        Known::Value(word) if word == "not running" => Cell { text: "—".to_owned(), tone: Tone::Muted },
        Known::Value(word) => Cell { text: word.into_owned(), tone: Tone::Unknown },
        Known::Absent => Cell { text: "—".to_owned(), tone: Tone::Muted },
        Known::Unknown => Cell { text: "unknown".to_owned(), tone: Tone::Unknown },
    }
}

fn text_tone(kind: ObjectKind, field: Field, text: &str) -> Tone {
    match field {
        Field::Name if kind != ObjectKind::App => Tone::Accent,
        Field::Domain if kind == ObjectKind::Domain => Tone::Accent,
        Field::Owner if kind == ObjectKind::App => Tone::Accent,
        Field::Status | Field::App => status_tone(kind, field, text),
        Field::Domain | Field::DomainId | Field::Region | Field::Account | Field::Image | Field::Role => {
            Tone::Muted
        }
        Field::Network if text == "PublicInternetOnly" => Tone::Warn,
        Field::Shutdown if text == "off" => Tone::Warn,
        _ => Tone::Plain,
    }
}

fn status_tone(kind: ObjectKind, field: Field, text: &str) -> Tone {
    if kind == ObjectKind::App || field == Field::App {
        let status = AppStatus::from(text);
        if status.is_gone() {
            Tone::Deleted
        } else {
            super::detail::status_tone(status.is_fault(), status.is_passing())
        }
    } else {
        let status = Status::from(text);
        super::detail::status_tone(status.is_fault(), status.is_passing())
    }
}
