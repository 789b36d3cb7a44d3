//! A Markdown table, for a ticket.

use super::table;
use crate::fleet::Sheet;

pub(super) fn render(sheet: &Sheet) -> String {
    let heads: Vec<String> = sheet.columns.iter().map(|column| column.name.replace('_', " ")).collect();
    let mut out = line(&heads);
    out.push_str(&line(&vec!["---".to_owned(); heads.len()]));
    for row in &sheet.rows {
        out.push_str(&line(&table::cells(sheet, row)));
    }
    out
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> =
        cells.iter().map(|cell| cell.replace('\\', "\\\\").replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn cells_cannot_break_the_table() {
        let text = render(&sample::sheet());
        assert!(text.starts_with("| name | cost |"), "{text}");
        assert!(text.contains("| =cmd\\|x | unknown | - |"), "{text}");
        let bars = |line: &str| line.replace("\\|", "").matches('|').count();
        assert!(text.lines().all(|line| bars(line) == 7), "{text}");
    }
}
