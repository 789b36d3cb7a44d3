//! Aligned columns for people and `grep`: one line per row, two blanks between columns.

use unicode_width::UnicodeWidthStr as _;

use crate::fleet::wording::{Ago, Count, Money, Span};
use crate::fleet::{FieldKind, Sheet, SheetValue};

pub(super) fn render(sheet: &Sheet) -> String {
    let heads: Vec<String> =
        sheet.columns.iter().map(|column| column.name.replace('_', " ").to_uppercase()).collect();
    let rows: Vec<Vec<String>> =
        std::iter::once(heads).chain(sheet.rows.iter().map(|row| cells(sheet, row))).collect();
    let width =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..sheet.columns.len()).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for ((cell, width), column) in row.iter().zip(&widths).zip(&sheet.columns) {
            let blanks = " ".repeat(width.saturating_sub(cell.width()));
            let (before, after) =
                if is_figure(column.kind) { (blanks.as_str(), "") } else { ("", blanks.as_str()) };
            line.push_str(before);
            line.push_str(cell);
            line.push_str(after);
            line.push_str("  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The cells of a row as people read them.
pub(super) fn cells(sheet: &Sheet, row: &[SheetValue]) -> Vec<String> {
    row.iter().zip(&sheet.columns).map(|(value, column)| cell(value, column.kind)).collect()
}

fn cell(value: &SheetValue, kind: FieldKind) -> String {
    match value {
        SheetValue::Text(text) if text.is_empty() => "-".to_owned(),
        // Names come harmless from where data enters; a text of several lines would still break the table.
        SheetValue::Text(text) => text.replace(['\n', '\r', '\t'], " "),
        SheetValue::Absent => "-".to_owned(),
        SheetValue::Unknown => "unknown".to_owned(),
        SheetValue::Number(number) => figure(*number, kind),
        SheetValue::AtLeast(least) => format!("≥{}", figure(*least, kind)),
    }
}

fn figure(number: f64, kind: FieldKind) -> String {
    match kind {
        FieldKind::Money => Money(number).to_string(),
        FieldKind::Duration => Span::seconds(number).to_string(),
        FieldKind::Time => Ago(Span::seconds(number)).to_string(),
        FieldKind::Number | FieldKind::Text | FieldKind::Verdict => count(number),
    }
}

/// Whole numbers as they are, others with the two places that a person reads.
fn count(number: f64) -> String {
    let rounded = (number * 100.0).round() / 100.0;
    if rounded >= 0.0 && rounded.fract() == 0.0 && rounded < 1e15 {
        Count(rounded as u64).to_string()
    } else {
        rounded.to_string()
    }
}

fn is_figure(kind: FieldKind) -> bool {
    !matches!(kind, FieldKind::Text | FieldKind::Verdict)
}

#[cfg(test)]
mod tests {
    use crate::fleet::{FieldKind, SheetValue};
    use crate::report::sample;

    #[test]
    fn a_sum_of_which_a_part_is_known_is_at_least_that_and_fractions_have_two_places() {
        let cell = super::cell;
        assert_eq!(cell(&SheetValue::AtLeast(29.64), FieldKind::Money), "≥$29.64");
        assert_eq!(cell(&SheetValue::AtLeast(3.0), FieldKind::Number), "≥3");
        assert_eq!(cell(&SheetValue::Number(99.853_336_592), FieldKind::Number), "99.85");
        assert_eq!(cell(&SheetValue::Number(99.999), FieldKind::Number), "100");
    }

    #[test]
    fn columns_are_aligned_and_what_is_not_known_is_no_zero() {
        let expected = "\
NAME            COST  UPTIME  ACTIVITY   APPS  IDLE
anna-k         $7.09      2h    9h ago  1,204  idle
=cmd|x       unknown       -   unknown      0  unknown
日本 \"q\", z    $0.00     5 s         -      1  -
";
        assert_eq!(super::render(&sample::sheet()), expected);
    }
}
