//! The fleet, plans and outcomes as text for pipes and files: aligned columns, JSON, CSV, Markdown.
//! No escape sequences; knows neither terminal nor AWS.

mod csv;
mod difference;
mod homes;
mod json;
mod markdown;
mod operation;
mod plan;
mod plan_json;
mod table;

use std::io;

pub use self::csv::spreadsheet_safe;
pub use self::difference::differences_text;
pub use self::homes::{homes_markdown, homes_text};
pub use self::operation::operation_markdown;
pub use self::plan::{
    OperationRecord, Outcome, StepOutcome, outcome_sheet, outcome_text, plan_sheet, plan_text, state_word,
};
pub use self::plan_json::{JSON_MEMBERS, plan_json};
use crate::fleet::{Sheet, SheetFormat};

/// Writes a sheet in a format; what comes back ends with the end of a line.
///
/// A table and Markdown are for people: rounded, with units, `unknown` for what is not known and `-` for what
/// does not exist. JSON is an array of objects with one member per column, under the column's name; figures are
/// numbers (dollars, seconds, GB), a member that is `null` is not known, and one that is left out does not
/// exist. CSV has the figures of JSON, `unknown`, and nothing for what does not exist; what begins like a
/// formula gets an apostrophe in front.
///
/// # Errors
///
/// If the writer of the format refuses, which it does for no sheet whose rows have one value per column.
pub fn render(sheet: &Sheet, format: SheetFormat) -> io::Result<String> {
    match format {
        SheetFormat::Table => Ok(table::render(sheet)),
        SheetFormat::Json => json::render(sheet),
        SheetFormat::Csv => csv::render(sheet),
        SheetFormat::Markdown => Ok(markdown::render(sheet)),
    }
}

#[cfg(test)]
mod sample {
    //! A sheet with every kind of column and value.

    use crate::fleet::{FieldKind, Sheet, SheetColumn, SheetValue};

    pub(super) fn sheet() -> Sheet {
        let columns = [
            ("name", FieldKind::Text),
            ("cost", FieldKind::Money),
            ("uptime", FieldKind::Duration),
            ("activity", FieldKind::Time),
            ("apps", FieldKind::Number),
            ("idle", FieldKind::Verdict),
        ];
        let text = |text: &str| SheetValue::Text(text.to_owned());
        let number = SheetValue::Number;
        Sheet {
            columns: columns.map(|(name, kind)| SheetColumn { name, kind }).to_vec(),
            rows: vec![
                vec![
                    text("anna-k"),
                    number(7.09),
                    number(7200.25),
                    number(32_400.0),
                    number(1204.0),
                    text("idle"),
                ],
                vec![
                    text("=cmd|x"),
                    SheetValue::Unknown,
                    SheetValue::Absent,
                    SheetValue::Unknown,
                    number(0.0),
                    SheetValue::Unknown,
                ],
                vec![
                    text("日本 \"q\", z"),
                    number(0.0),
                    number(5.0),
                    SheetValue::Absent,
                    number(1.0),
                    SheetValue::Absent,
                ],
            ],
        }
    }
}
