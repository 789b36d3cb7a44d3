//! Comma-separated values that a spreadsheet opens without running anything.

use std::borrow::Cow;
use std::io;

use csv::{QuoteStyle, WriterBuilder};

use super::json;
use crate::fleet::{FieldKind, Sheet, SheetValue};

pub(super) fn render(sheet: &Sheet) -> io::Result<String> {
    let mut writer = WriterBuilder::new().quote_style(QuoteStyle::NonNumeric).from_writer(Vec::new());
    writer.write_record(sheet.columns.iter().map(|column| column.name))?;
    for row in &sheet.rows {
        writer.write_record(
            row.iter().zip(&sheet.columns).map(|(value, column)| cell(value, column.kind).into_owned()),
        )?;
    }
    let bytes = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

fn cell(value: &SheetValue, kind: FieldKind) -> Cow<'_, str> {
    match value {
        SheetValue::Text(text) => spreadsheet_safe(text),
        SheetValue::Absent => Cow::Borrowed(""),
        SheetValue::Unknown | SheetValue::AtLeast(_) => Cow::Borrowed("unknown"),
        SheetValue::Number(figure) => Cow::Owned(json::figure_of(kind, *figure).to_string()),
    }
}

/// A cell that a spreadsheet takes for text: one of which any line begins like a formula, blanks aside, gets an
/// apostrophe in front. Source: OWASP, CSV injection.
pub fn spreadsheet_safe(cell: &str) -> Cow<'_, str> {
    let is_formula =
        |line: &str| line.trim_start_matches([' ', '\u{a0}']).starts_with(['=', '+', '-', '@', '\t', '\r']);
    if cell.split('\n').any(is_formula) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn text_is_quoted_figures_are_not_and_what_is_not_known_is_no_zero() {
        let expected = "\
\"name\",\"cost\",\"uptime\",\"activity\",\"apps\",\"idle\"
\"anna-k\",7.09,7200,32400,1204,\"idle\"
\"'=cmd|x\",\"unknown\",\"\",\"unknown\",0,\"unknown\"
\"日本 \"\"q\"\", z\",0,5,\"\",1,\"\"
";
        assert_eq!(render(&sample::sheet()).unwrap(), expected);
    }

    #[test]
    fn what_begins_like_a_formula_is_made_text_wherever_it_begins() {
        for lead in ["=", "+", "-", "@", "\t", "\r"] {
            for before in ["", " ", "\u{a0}", "a\n", "a\n  "] {
                let cell = format!("{before}{lead}1+1");
                assert_eq!(spreadsheet_safe(&cell), format!("'{cell}"), "{cell:?}");
            }
        }
        for cell in ["anna-k", "ml.g5.xlarge", "", "7.09", "a=b", "a - b"] {
            assert_eq!(spreadsheet_safe(cell), cell);
        }
    }
}
