//! Whose files are where after a restore: the table of old and new ids, and how everybody finds their files again.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{json, markdown, table};
use crate::fleet::Homes;

/// As a person reads it, after an outcome.
pub fn homes_text(homes: &Homes) -> String {
    let mut out = format!("{}\n\n{}\n", homes.heading(), table::render(&homes.sheet()));
    for line in homes.advice() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "- {line}");
    }
    out
}

/// The same as a section of a Markdown report.
pub fn homes_markdown(homes: &Homes) -> String {
    let mut out =
        format!("## Home directories\n\n{}\n\n{}", homes.heading(), markdown::render(&homes.sheet()));
    for (at, line) in homes.advice().iter().enumerate() {
        if at == 0 {
            out.push('\n');
        }
        let _ = writeln!(out, "- {line}");
    }
    out
}

/// The member `homes` of a plan.
pub(super) fn homes_json(homes: &Homes) -> Value {
    json!({
        "old_file_system": homes.old_file_system,
        "new_file_system": homes.new_file_system,
        "to_copy": homes.moved(),
        "rows": json::objects(&homes.sheet()),
        "advice": homes.advice(),
    })
}
