//! Rows of the fleet as typed values, to be written as a table, CSV, JSON or Markdown by whoever writes.

use super::filter::{Field, FieldKind, FieldSpec, Known, Record};

/// Typed rows under named columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    /// The columns.
    pub columns: Vec<SheetColumn>,
    /// The rows; each has one value per column.
    pub rows: Vec<Vec<SheetValue>>,
}

/// A column of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetColumn {
    /// The stable name, which is also the field's name in filters and in JSON.
    pub name: &'static str,
    /// How its values are meant.
    pub kind: FieldKind,
}

/// A value of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub enum SheetValue {
    /// Text.
    Text(String),
    /// Dollars, seconds, GB or a count, as the column says.
    Number(f64),
    /// There is none.
    Absent,
    /// It is not known; never to be shown as zero.
    Unknown,
    /// A sum of which only a part is known, which is this: people read `≥7`, programs that it is not known.
    AtLeast(f64),
}

impl Sheet {
    /// An empty sheet with these columns.
    pub fn new(specs: impl IntoIterator<Item = &'static FieldSpec>) -> Self {
        let columns =
            specs.into_iter().map(|spec| SheetColumn { name: spec.name, kind: spec.kind }).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row, with the values of these fields.
    pub fn push(&mut self, record: &impl Record, fields: impl IntoIterator<Item = Field>) {
        let values = fields
            .into_iter()
            .zip(&self.columns)
            .map(|(field, column)| match column.kind {
                FieldKind::Text | FieldKind::Verdict => {
                    value(record.text(field).map(|text| SheetValue::Text(text.into_owned())))
                }
                FieldKind::Number | FieldKind::Money | FieldKind::Duration | FieldKind::Time => {
                    match (value(record.number(field).map(SheetValue::Number)), record.at_least(field)) {
                        (SheetValue::Unknown, Some(least)) if least > 0.0 => SheetValue::AtLeast(least),
                        (value, _) => value,
                    }
                }
            })
            .collect();
        self.rows.push(values);
    }
}

fn value(known: Known<SheetValue>) -> SheetValue {
    match known {
        Known::Value(value) => value,
        Known::Absent => SheetValue::Absent,
        Known::Unknown => SheetValue::Unknown,
    }
}

/// How a sheet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetFormat {
    /// An aligned table for people.
    Table,
    /// Comma-separated values, safe to open in a spreadsheet.
    Csv,
    /// JSON, exact.
    Json,
    /// A Markdown table.
    Markdown,
}

impl SheetFormat {
    /// The usual ending of a file of this format.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Markdown => "md",
        }
    }
}
