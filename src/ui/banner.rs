//! What stands in a table besides its rows: why nothing is there, that it is being read, what went wrong and
//! what to do about it. Rows read before a failure stay; the banner stands over them.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::{Action, Console, Table, Title};

use super::canvas::Canvas;
use super::theme::Role;
use super::{spinner, text};

/// Draws what went wrong, if anything did, and gives the area that is left for the rows.
pub(super) fn problem(canvas: &mut Canvas<'_>, title: &Title, area: Rect) -> Rect {
    let Some(problem) = &title.problem else { return area };
    let room = usize::from(area.height / 3).clamp(1, 4);
    let lines = text::wrap(problem, usize::from(area.width.saturating_sub(4)));
    let rows = lines.len().min(room) as u16;
    let style = canvas.style(Role::Warn);
    canvas.put(area.x + 1, area.y, 1, canvas.symbols().warn, style);
    let columns = area.width.saturating_sub(4);
    for (row, line) in (0..rows).zip(&lines) {
        canvas.put(area.x + 3, area.y + row, columns, line, style);
    }
    if lines.len() > usize::from(rows) {
        let ellipsis = canvas.symbols().ellipsis;
        canvas.put(area.right().saturating_sub(1), area.y + rows - 1, 1, ellipsis, style);
    }
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

/// Draws why there is no row.
pub(super) fn no_rows(canvas: &mut Canvas<'_>, console: &Console, title: &Title, table: &Table, area: Rect) {
    let what = console.pane.title();
    let key = |action: Action| format!("<{}>", console.keymap.label(action));
    let (fg, muted) = (canvas.style(Role::Fg), canvas.style(Role::Muted));
    let lines: Vec<(String, Style)> = if title.total == 0 && title.loading {
        let spinner = spinner(console, canvas.symbols());
        vec![(format!("{spinner} reading {what} from AWS"), canvas.style(Role::Pending))]
    } else if title.total == 0 && title.problem.is_some() {
        let again = format!("{} tries again", key(Action::Refresh));
        vec![("nothing could be read".to_owned(), fg), (again, muted)]
    } else if title.never {
        let read = format!("{} reads the fleet", key(Action::Refresh));
        vec![("nothing was read yet".to_owned(), fg), (read, muted)]
    } else if title.total == 0 {
        vec![(format!("there are no {what} in {}", title.within), fg)]
    } else if table.faults_only && table.filter.text().is_empty() {
        vec![
            (format!("none of {} {what} is failed or stuck", text::count(title.total)), fg),
            (format!("{} shows all", key(Action::Faults)), muted),
        ]
    } else {
        vec![
            (format!("none of {} {what} matches", text::count(title.total)), fg),
            (format!("/{}", table.filter.text()), canvas.style(Role::Match)),
            (format!("{} clears the filter", key(Action::Back)), muted),
        ]
    };
    centred(canvas, area, &lines);
}

/// Draws lines in the middle of an area.
pub(super) fn centred(canvas: &mut Canvas<'_>, area: Rect, lines: &[(String, Style)]) {
    let high = (lines.len() as u16).min(area.height);
    let top = area.y + (area.height - high) / 2;
    let within = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    for (row, (line, style)) in (0..high).zip(lines) {
        canvas.put_centred(within, top + row, line, *style);
    }
}
