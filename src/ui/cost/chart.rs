//! The days as stacked columns: the largest groups, and the rest. A glyph tells each group apart where colours do not.

use ratatui::layout::Rect;

use crate::fleet::wording::Money;
use crate::fleet::{CostReport, CostRow, Nanos};

use super::super::canvas::Canvas;
use super::super::text;
use super::super::theme::Role;

/// The colours of the groups; the last is that of the rest.
const ROLES: [Role; 6] =
    [Role::Series1, Role::Series2, Role::Series3, Role::Series4, Role::Series5, Role::Series6];
/// Columns for the amounts at the left.
const SCALE: u16 = 8;

/// What is stacked: rows of the report by position, and all others together.
pub(super) struct Series {
    /// The position of each drawn row, the largest first.
    rows: Vec<usize>,
    /// What each has cost in each period; the last is the rest.
    amounts: Vec<Vec<Nanos>>,
    glyphs: &'static [&'static str; 6],
}

impl Series {
    /// The largest rows of what was used, or one row alone.
    pub(super) fn new(canvas: &Canvas<'_>, report: &CostReport, only: Option<&CostRow>) -> Self {
        let currency = report.totals.first().map(|total| &total.currency);
        let shown = |row: &&CostRow| match only {
            Some(only) => std::ptr::eq(*row, only),
            None => row.kind.is_gross() && Some(&row.currency) == currency,
        };
        let candidates: Vec<(usize, &CostRow)> =
            report.rows.iter().enumerate().filter(|(_, row)| shown(row)).collect();
        let count = ROLES.len() - 1;
        let mut rest = vec![Nanos::ZERO; report.days.len()];
        for (_, row) in candidates.iter().skip(count) {
            rest.iter_mut().zip(&row.days).for_each(|(sum, amount)| *sum += *amount);
        }
        let mut amounts: Vec<Vec<Nanos>> =
            candidates.iter().take(count).map(|(_, row)| row.days.clone()).collect();
        let rows: Vec<usize> = candidates.iter().take(count).map(|(at, _)| *at).collect();
        if candidates.len() > count {
            amounts.push(rest);
        }
        Self { rows, amounts, glyphs: canvas.symbols().series }
    }

    /// The glyph and colour of a row of the report, as it stands in the chart.
    pub(super) fn mark(&self, row: usize) -> Option<(&'static str, Role)> {
        let at = self.rows.iter().position(|known| *known == row)?;
        Some((self.glyphs[at], ROLES[at]))
    }

    fn look(&self, at: usize) -> (&'static str, Role) {
        let at = if at < self.rows.len() { at } else { ROLES.len() - 1 };
        (self.glyphs[at], ROLES[at])
    }

    fn total(&self, period: usize) -> f64 {
        self.amounts.iter().map(|row| row[period].to_f64().max(0.0)).sum()
    }
}

/// Draws the columns, the scale at their left, and days below.
pub(super) fn draw(canvas: &mut Canvas<'_>, report: &CostReport, series: &Series, area: Rect) {
    let periods = report.days.len();
    let high = area.height.saturating_sub(2);
    let room = area.width.saturating_sub(SCALE + 2);
    if periods == 0 || high == 0 || usize::from(room) < periods {
        return;
    }
    let each = (room / periods as u16).clamp(1, 9);
    let gap = u16::from(each >= 3);
    let most = (0..periods).map(|period| series.total(period)).fold(0.0, f64::max);
    let left = area.x + SCALE + 1;
    scale(canvas, most, Rect { height: high, width: SCALE, ..area });
    for period in 0..periods {
        let x = left + period as u16 * each;
        column(canvas, series, period, most, Rect { x, y: area.y, width: each - gap, height: high });
    }
    labels(canvas, report, Rect { x: left, y: area.y + high, width: room, height: 1 }, each);
}

/// The greatest amount and half of it.
fn scale(canvas: &mut Canvas<'_>, most: f64, area: Rect) {
    let style = canvas.style(Role::Subtle);
    let right = area.right();
    canvas.put_right(right, area.y, area.width, &rounded(most), style);
    if area.height >= 5 {
        let middle = area.y + area.height / 2;
        canvas.put_right(right, middle, area.width, &rounded(most / 2.0), style);
    }
}

/// An amount as a scale needs it: without cents from a hundred on, in thousands from a million on.
fn rounded(amount: f64) -> String {
    let whole = |amount: f64| {
        let text = format!("{:#}", Money(amount.round()));
        text.strip_suffix(".00").unwrap_or(&text).to_owned()
    };
    match amount {
        ..100.0 => format!("{:#}", Money(amount)),
        ..1_000_000.0 => whole(amount),
        _ => format!("{}k", whole(amount / 1_000.0)),
    }
}

/// One period: each cell has the look of the group that covers its middle. Negative amounts have no height.
fn column(canvas: &mut Canvas<'_>, series: &Series, period: usize, most: f64, area: Rect) {
    if most <= 0.0 {
        return;
    }
    let unit = most / f64::from(area.height);
    let total = series.total(period);
    for row in 0..area.height {
        let mut level = (f64::from(row) + 0.5) * unit;
        // Something is never drawn as nothing.
        if row == 0 && total > 0.0 && level > total {
            level = total / 2.0;
        }
        if level > total {
            break;
        }
        let mut sum = 0.0;
        let found = series.amounts.iter().position(|amounts| {
            sum += amounts[period].to_f64().max(0.0);
            level <= sum
        });
        if let Some(at) = found {
            let (glyph, role) = series.look(at);
            let style = canvas.style(role);
            canvas.repeat(area.x, area.bottom() - 1 - row, area.width, glyph, style);
        }
    }
}

/// Which day stands where: as many as fit, with months where they begin; what may still change is marked.
fn labels(canvas: &mut Canvas<'_>, report: &CostReport, area: Rect, each: u16) {
    let (muted, subtle) = (canvas.style(Role::Muted), canvas.style(Role::Subtle));
    let by_month = report.days.iter().all(|day| (day.until - day.from).get_days() > 7);
    let mut free = area.x;
    for (at, day) in report.days.iter().enumerate() {
        let x = area.x + at as u16 * each;
        let label = if by_month {
            day.from.strftime("%b").to_string()
        } else if at == 0 || day.from.day() == 1 {
            day.from.strftime("%-d %b").to_string()
        } else {
            day.from.day().to_string()
        };
        let wide = text::width(&label) as u16;
        if x >= free && x + wide <= area.right() {
            canvas.put(x, area.y, wide, &label, if day.estimated { subtle } else { muted });
            free = x + wide + 1;
        }
    }
    let estimated = report.days.iter().position(|day| day.estimated);
    if let Some(at) = estimated {
        let x = area.x + at as u16 * each;
        let wide = (report.days.len() - at) as u16 * each;
        let text =
            text::cut("may still change", usize::from(area.right().saturating_sub(x)), "~").into_owned();
        if usize::from(wide) >= text::width(&text) {
            canvas.put(x, area.y + 1, wide, &text, subtle);
        } else {
            let note = "the last days may still change";
            canvas.put_right(area.right(), area.y + 1, text::width(note) as u16, note, subtle);
        }
    }
}
