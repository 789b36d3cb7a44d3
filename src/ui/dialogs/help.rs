//! Every key, made from the table of actions and the keymap in force, and the filter language, in as many
//! columns as fit.

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::console::{Action, Console, Context, Pane};

use super::super::canvas::Canvas;
use super::super::text;
use super::super::theme::Role;
use super::{Popup, open, title};

/// The width of the keys before their sentence.
const KEYS: u16 = 17;
/// The least width of a column that sentences are read in.
const COLUMN: u16 = 48;

const FILTERS: &[(&str, &str)] = &[
    ("word", "rows with the word in a shown column"),
    ("field:value", "with * for any text, as in instance:ml.g*"),
    ("field~regex", "a regular expression"),
    ("idle>2h cost>=1.5", "comparison of times, money and numbers"),
    ("tag.team:nlp", "the value of a tag"),
    ("!term", "rows without it"),
    ("a or b, ( )", "either; terms one after the other must all hold"),
];

const MOUSE: &[(&str, &str)] = &[
    ("click", "put the cursor there; once more opens the row"),
    ("click a heading", "sort by the column"),
    ("wheel", "move"),
    ("shift + drag", "select text as the terminal does"),
];

enum Row {
    Blank,
    Heading(&'static str),
    Text { keys: String, says: String },
}

/// Draws the help.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, scroll: usize, body: Rect) {
    let room = super::room(body);
    let columns = (room / COLUMN).clamp(1, 3);
    let wide = room / columns;
    let rows = rows(console, wide);
    let long = split(&rows, usize::from(columns));
    let high = long.iter().map(|(from, to)| to - from).max().unwrap_or(0);
    let popup = Popup {
        title: title(canvas, format!("keys of {}, and all others", console.pane.title())),
        keys: &[("esc", "close")],
        inside: (room, high as u16),
    };
    let inner = open(canvas, &popup, body);
    let visible = usize::from(inner.height);
    let scroll = scroll.min(high.saturating_sub(visible));
    for (column, (from, to)) in long.into_iter().enumerate() {
        let x = inner.x + column as u16 * wide;
        let shown = rows[from..to].iter().skip(scroll).take(visible);
        for (y, row) in (inner.y..).zip(shown) {
            draw_row(canvas, row, x, y, wide.saturating_sub(2).min(inner.right().saturating_sub(x)));
        }
    }
    canvas.drawn.lines = visible;
    canvas.drawn.all_lines = high;
    canvas.scrollbar(inner.right(), inner.y, inner.height, high, visible, scroll);
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row, x: u16, y: u16, wide: u16) {
    match row {
        Row::Blank => {}
        Row::Heading(heading) => {
            canvas.put(x, y, wide, heading, canvas.style(Role::Accent));
        }
        Row::Text { keys, says } => {
            let spans: Vec<Span<'_>> = vec![canvas.span(keys.clone(), Role::Key)];
            canvas.spans(x, y, KEYS - 1, &spans);
            canvas.put(x + KEYS, y, wide.saturating_sub(KEYS), says, canvas.style(Role::Fg));
        }
    }
}

/// All lines of the help, for a column of this width; first what works in this pane.
fn rows(console: &Console, wide: u16) -> Vec<Row> {
    let here = match console.pane {
        Pane::Operations => Context::Operations,
        Pane::Cost => Context::Cost,
        Pane::Quotas => Context::Quotas,
        _ => Context::Table,
    };
    let mut order = vec![
        (Context::Table, "in the tables of the fleet"),
        (Context::Rows, "in all tables"),
        (Context::Cost, "in cost"),
        (Context::Quotas, "in quotas"),
        (Context::Everywhere, "everywhere"),
        (Context::Details, "in details"),
        (Context::Operations, "in operations"),
    ];
    let rank = |context: Context| match context {
        _ if context == here => 0,
        Context::Rows if here != Context::Operations => 1,
        Context::Everywhere => 2,
        _ => 3,
    };
    order.sort_by_key(|(context, _)| rank(*context));
    let mut rows = Vec::new();
    let columns = usize::from(wide.saturating_sub(KEYS + 2));
    let mut section = |heading: &'static str, entries: &mut dyn Iterator<Item = (String, String)>| {
        if !rows.is_empty() {
            rows.push(Row::Blank);
        }
        rows.push(Row::Heading(heading));
        for (keys, says) in entries {
            let mut keys = Some(keys);
            for says in text::wrap(&says, columns) {
                rows.push(Row::Text { keys: keys.take().unwrap_or_default(), says });
            }
        }
    };
    for (context, heading) in order {
        let actions = Action::ALL.iter().filter(|action| action.context() == context);
        section(heading, &mut actions.map(|action| (keys(console, *action), action.help().to_owned())));
    }
    let fixed = |list: &'static [(&str, &str)]| {
        list.iter().map(|(key, says)| ((*key).to_owned(), (*says).to_owned()))
    };
    section("the filter language", &mut fixed(FILTERS));
    section("the mouse", &mut fixed(MOUSE));
    rows
}

/// The keys of an action, the usual one first.
fn keys(console: &Console, action: Action) -> String {
    let keys: Vec<String> = console.keymap.keys(action).iter().map(ToString::to_string).collect();
    if keys.is_empty() { "no key".to_owned() } else { keys.join(" ") }
}

/// Divides the lines among columns of about one length, no heading being the last line of a column.
fn split(rows: &[Row], columns: usize) -> Vec<(usize, usize)> {
    let each = rows.len().div_ceil(columns.max(1));
    let mut parts = Vec::new();
    let mut from = 0;
    for column in 0..columns {
        let mut to = if column + 1 == columns { rows.len() } else { (from + each).min(rows.len()) };
        while to < rows.len() && to > from && matches!(rows[to - 1], Row::Heading(_) | Row::Blank) {
            to -= 1;
        }
        parts.push((from, to));
        from = to;
        // A blank line separates sections, not the top edge from one.
        while matches!(rows.get(from), Some(Row::Blank)) {
            from += 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_ends_with_a_heading_or_begins_with_a_blank_line() {
        let text = || Row::Text { keys: String::new(), says: String::new() };
        let rows = [Row::Heading("one"), text(), Row::Blank, Row::Heading("two"), text(), text()];
        assert_eq!(split(&rows, 2), [(0, 2), (3, 6)]);
        assert_eq!(split(&rows, 1), [(0, 6)]);
    }
}
