//! How wide the columns of a table are: from their bounds, a sample of the rows, and what may give way. Pure.

use crate::console::{Align, Cell, Column, Console, Table};
use crate::fleet::Field;

use super::super::text;

/// Rows beside the visible ones that are measured, so that widths change little while scrolling.
const SAMPLE: usize = 24;
/// The least and greatest gap between columns.
const GAP: (u16, u16) = (2, 4);

/// Which columns go first where there is no room for all, the least needed first. The first column never goes.
const GIVE_WAY: &[Field] = &[
    Field::Value,
    Field::Code,
    Field::Default,
    Field::Holders,
    // What is free follows from used and limit; that more was asked for follows from nothing.
    Field::Free,
    Field::Request,
    Field::Previous,
    Field::Growth,
    Field::LifecycleConfig,
    Field::Image,
    Field::Space,
    Field::Kms,
    Field::Vpc,
    Field::Sso,
    Field::AllApps,
    Field::Activity,
    Field::DomainId,
    Field::Age,
    Field::Auth,
    Field::Sharing,
    Field::Name,
    Field::Uptime,
    Field::Role,
    Field::Region,
    Field::Account,
    Field::IdleCost,
    Field::Before,
    Field::Domain,
    Field::Share,
    Field::Change,
    Field::Forecast,
];

/// What a column is content with, and how little it can do with.
#[derive(Debug, Clone, Copy)]
struct Need {
    wanted: u16,
    least: u16,
}

/// The head of a column in a given room: all of its words, or the last one alone.
pub(super) fn head(title: &'static str, room: usize) -> &'static str {
    if text::width(title) <= room { title } else { last_word(title) }
}

fn last_word(title: &'static str) -> &'static str {
    title.rsplit(' ').next().unwrap_or(title)
}

/// What each column needs for its head and its widest cell.
fn needs(sorted: Field, columns: &[&'static Column], widest: &[usize]) -> Vec<Need> {
    let narrow = |columns: usize| u16::try_from(columns).unwrap_or(u16::MAX);
    columns
        .iter()
        .zip(widest)
        .map(|(column, cells)| {
            let glyph = if column.field == Field::Status { 2 } else { 0 };
            let cells = cells + glyph;
            let arrow = if sorted == column.field { 2 } else { 0 };
            let most = column.width.1.saturating_add(narrow(glyph));
            let wanted = narrow(cells.max(text::width(column.title) + arrow)).min(most);
            // Figures and verdicts are not shortened: half of one says something else.
            let rigid = column.align == Align::Right || matches!(column.field, Field::Status | Field::Idle);
            let least = if rigid {
                narrow(cells.max(text::width(last_word(column.title)) + arrow))
            } else {
                column.width.0
            };
            Need { wanted, least: least.min(wanted) }
        })
        .collect()
}

/// Which of so many rows are measured beside the visible ones.
pub(crate) fn sample(rows: usize) -> impl Iterator<Item = usize> {
    (0..rows).step_by((rows / SAMPLE).max(1)).take(SAMPLE)
}

/// Where each column of a table of the fleet is drawn and how wide.
pub(super) fn places(
    console: &Console,
    table: &Table,
    columns: &[&'static Column],
    shown: &[Vec<Cell>],
    left: u16,
    room: u16,
) -> Vec<Option<(u16, u16)>> {
    let sample: Vec<u32> = sample(table.rows.len()).filter_map(|at| table.rows.get(at).copied()).collect();
    let widest: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let visible = shown.iter().map(|cells| text::width(&cells[at].text));
            let sampled = sample.iter().map(|position| text::width(&console.cell(column, *position).text));
            visible.chain(sampled).max().unwrap_or(0)
        })
        .collect();
    lay(table.sort.column, columns, &widest, left, room)
}

/// Where each column is drawn and how wide, given its widest cell; `None` for those there is no room for.
pub(crate) fn lay(
    sorted: Field,
    columns: &[&'static Column],
    widest: &[usize],
    left: u16,
    room: u16,
) -> Vec<Option<(u16, u16)>> {
    let fields: Vec<Field> = columns.iter().map(|column| column.field).collect();
    let needs = needs(sorted, columns, widest);
    let widths = fit(&fields, &needs, room);
    let count = widths.iter().flatten().count() as u16;
    let used: u16 = widths.iter().flatten().sum();
    let gap = match count {
        0 | 1 => GAP.0,
        count => (room.saturating_sub(used) / (count - 1)).clamp(GAP.0, GAP.1),
    };
    let mut x = left;
    let mut places = Vec::with_capacity(columns.len());
    for wide in widths {
        places.push(wide.map(|wide| (x, wide)));
        x += wide.map_or(0, |wide| wide + gap);
    }
    places
}

/// The widths of the columns that fit. First columns go until the least of the others fits, then the widest
/// shrink until all do.
fn fit(fields: &[Field], needs: &[Need], room: u16) -> Vec<Option<u16>> {
    let mut widths: Vec<Option<u16>> = needs.iter().map(|need| Some(need.wanted)).collect();
    let sum = |widths: &[Option<u16>], of: &dyn Fn(usize, u16) -> u16| -> usize {
        let shown = widths.iter().enumerate().filter_map(|(at, width)| width.map(|width| (at, width)));
        let parts: Vec<usize> = shown.map(|(at, width)| usize::from(of(at, width))).collect();
        parts.iter().sum::<usize>() + usize::from(GAP.0) * parts.len().saturating_sub(1)
    };
    let room = usize::from(room);
    let mut order = GIVE_WAY.iter();
    while sum(&widths, &|at, _| needs[at].least) > room && widths.iter().flatten().count() > 1 {
        let at = match order.next() {
            Some(field) => fields.iter().skip(1).position(|known| known == field).map(|at| at + 1),
            None => widths.iter().rposition(Option::is_some),
        };
        if let Some(at) = at {
            widths[at] = None;
        }
    }
    while sum(&widths, &|_, width| width) > room {
        let slack = |at: usize| widths[at].map_or(0, |width| width.saturating_sub(needs[at].least));
        let Some(at) = (0..widths.len()).max_by_key(|at| slack(*at)).filter(|at| slack(*at) > 0) else {
            break;
        };
        widths[at] = widths[at].map(|width| width - 1);
    }
    if let Some(only) =
        widths.first_mut().filter(|_| room < needs.first().map_or(0, |need| usize::from(need.least)))
    {
        *only = only.map(|width| width.min(room as u16));
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [Field; 3] = [Field::Name, Field::Activity, Field::Cost];

    fn widths(room: u16) -> Vec<Option<u16>> {
        let needs = [10, 20, 8].map(|wanted| Need { wanted, least: 5 });
        fit(&FIELDS, &needs, room)
    }

    #[test]
    fn columns_keep_their_wish_while_there_is_room() {
        assert_eq!(widths(42), [Some(10), Some(20), Some(8)]);
    }

    #[test]
    fn the_column_with_most_to_give_shrinks_first() {
        assert_eq!(widths(32), [Some(10), Some(10), Some(8)]);
        assert_eq!(widths(19), [Some(5), Some(5), Some(5)]);
    }

    #[test]
    fn what_is_needed_least_goes_first_and_the_name_stays() {
        assert_eq!(widths(18), [Some(8), None, Some(8)]);
        assert_eq!(widths(9), [Some(9), None, None]);
        assert_eq!(widths(3), [Some(3), None, None]);
    }
}
