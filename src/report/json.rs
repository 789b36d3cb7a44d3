//! An array of objects, one member per column.

use std::io;

use serde_json::{Map, Number, Value};

use crate::fleet::{FieldKind, Sheet, SheetValue};

pub(super) fn render(sheet: &Sheet) -> io::Result<String> {
    print(&objects(sheet))
}

/// The rows of a sheet, each as an object.
pub(super) fn objects(sheet: &Sheet) -> Value {
    Value::Array(sheet.rows.iter().map(|row| object(sheet, row)).collect())
}

/// JSON as it is printed: indented, with the end of the line.
pub(super) fn print(value: &Value) -> io::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

fn object(sheet: &Sheet, row: &[SheetValue]) -> Value {
    let members = sheet.columns.iter().zip(row).filter_map(|(column, value)| {
        let value = match value {
            SheetValue::Absent => return None,
            SheetValue::Unknown | SheetValue::AtLeast(_) => Value::Null,
            SheetValue::Text(text) => Value::String(text.clone()),
            SheetValue::Number(figure) => figure_of(column.kind, *figure),
        };
        Some((column.name.to_owned(), value))
    });
    Value::Object(members.collect::<Map<_, _>>())
}

/// A figure of a column as JSON: lengths of time in whole seconds.
pub(super) fn figure_of(kind: FieldKind, figure: f64) -> Value {
    match kind {
        FieldKind::Duration | FieldKind::Time => number(figure.round()),
        FieldKind::Text | FieldKind::Number | FieldKind::Money | FieldKind::Verdict => number(figure),
    }
}

/// A figure as JSON: whole where it is whole, and without the noise of adding up fractions. One that is no
/// number is not known.
pub(super) fn number(figure: f64) -> Value {
    if figure.fract() == 0.0 && figure.abs() < 9e15 {
        return Value::Number(Number::from(figure as i64));
    }
    let rounded = (figure * 1e6).round() / 1e6;
    Number::from_f64(rounded).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn members_are_named_like_the_columns_and_figures_are_numbers() {
        let rows: Value = serde_json::from_str(&render(&sample::sheet()).unwrap()).unwrap();
        let expected = serde_json::json!([
            {"name": "anna-k", "cost": 7.09, "uptime": 7200, "activity": 32400, "apps": 1204, "idle": "idle"},
            {"name": "=cmd|x", "cost": null, "activity": null, "apps": 0, "idle": null},
            {"name": "日本 \"q\", z", "cost": 0, "uptime": 5, "apps": 1},
        ]);
        assert_eq!(rows, expected, "what is not known is null, what does not exist is left out");
    }

    #[test]
    fn figures_carry_no_noise() {
        assert_eq!(number(0.1 + 0.2).to_string(), "0.3");
        assert_eq!(number(f64::NAN), Value::Null);
    }
}
