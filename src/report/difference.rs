//! How what is wanted stands to what is there, for people and for scripts.

use serde_json::{Value, json};

use super::plan::text;
use crate::fleet::{Difference, FieldKind, Sheet, SheetColumn, SheetValue, Standing};

/// Comparisons as a person reads them: how many of each kind, and each with what there is to know of it.
pub fn differences_text(differences: &[Difference]) -> String {
    let column = |name| SheetColumn { name, kind: FieldKind::Text };
    let mut sheet =
        Sheet { columns: ["line", "name", "standing", "details"].map(column).to_vec(), rows: Vec::new() };
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for difference in differences {
        let word = difference.standing.word();
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
        let mut details = match &difference.standing {
            Standing::Invalid(reasons) => reasons.clone(),
            Standing::Differs | Standing::Untagged => {
                difference.deltas.iter().map(ToString::to_string).collect()
            }
            Standing::Missing | Standing::Unassigned | Standing::Equal => Vec::new(),
        };
        details.extend(difference.notes.iter().cloned());
        sheet.rows.push(vec![
            text(difference.line.map(|line| line.to_string()).as_deref()),
            SheetValue::Text(difference.target.name().to_owned()),
            SheetValue::Text(word.to_owned()),
            text(Some(details.join("; ")).filter(|details| !details.is_empty()).as_deref()),
        ]);
    }
    let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    format!("{}\n\n{}", counts.join(", "), super::table::render(&sheet))
}

/// A comparison as JSON.
pub(super) fn difference_json(difference: &Difference) -> Value {
    let problems = match &difference.standing {
        Standing::Invalid(reasons) => reasons.as_slice(),
        _ => &[],
    };
    let deltas = difference
        .deltas
        .iter()
        .map(|delta| json!({"member": delta.member, "before": delta.before, "after": delta.after}));
    json!({
        "line": difference.line,
        "name": difference.target.name(),
        "arn": difference.target.arn(),
        "standing": difference.standing.word(),
        "problems": problems,
        "members": deltas.collect::<Vec<_>>(),
        "notes": difference.notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{ObjectKey, Target};
    use crate::report::plan::sample::{key, plan};
    use crate::report::plan_json;

    #[test]
    fn comparisons_name_their_line_and_what_is_wrong() {
        let row = |line, standing| Difference {
            target: Target::Object(ObjectKey::App(key("anna"))),
            line: Some(line),
            standing,
            deltas: Vec::new(),
            notes: Vec::new(),
        };
        let rows = [row(2, Standing::Missing), row(3, Standing::Invalid(vec!["3:5: no role".to_owned()]))];
        let text = differences_text(&rows);
        assert!(text.starts_with("1 create, 1 invalid\n\n"), "{text}");
        assert!(text.contains("3     anna  invalid   3:5: no role"), "{text}");
        let value: Value = serde_json::from_str(&plan_json(&plan(), &rows, None, None).unwrap()).unwrap();
        let members: Vec<&String> = value["rows"][1].as_object().unwrap().keys().collect();
        assert_eq!(members, ["line", "name", "arn", "standing", "problems", "members", "notes"]);
        assert_eq!(value["rows"][1]["problems"][0], "3:5: no role");
    }
}
