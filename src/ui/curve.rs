//! Levels over time, as one line of blocks or as an area of several. What nobody watched stays blank, and what was
//! watched never is; parts are told apart by their glyphs, so that colour is not needed.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::fleet::{Level, Trace};

use super::canvas::Canvas;
use super::text;
use super::theme::Role;

/// Draws levels from 0 to 1 as blocks of one row, from the left.
pub(super) fn line(canvas: &mut Canvas<'_>, place: Rect, levels: &[Option<f64>], style: Style) {
    for (column, level) in joined(levels, usize::from(place.width)).into_iter().enumerate() {
        if let Some(level) = level {
            let glyph = block(canvas, level);
            canvas.put(place.x + column as u16, place.y, 1, glyph, style);
        }
    }
}

/// The block of a level; one that was watched is never blank, also where nothing ran.
fn block(canvas: &Canvas<'_>, level: f64) -> &'static str {
    let levels = canvas.symbols().levels;
    let at = (level * 8.0).round().clamp(1.0, 8.0) as usize;
    levels[at]
}

/// Levels joined to so many columns or stretched to them, each the average of what is known of it.
fn joined(levels: &[Option<f64>], columns: usize) -> Vec<Option<f64>> {
    let count = levels.len();
    if count == 0 {
        return Vec::new();
    }
    let of = |column: usize| {
        let first = column * count / columns;
        let last = ((column + 1) * count / columns).max(first + 1).min(count);
        let known: Vec<f64> = levels[first..last].iter().flatten().copied().collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    (0..columns).map(of).collect()
}

/// How wide the scale at the left of an area is.
const SCALE: u16 = 10;

/// Draws a trace as an area with its scale: idle money below, in glyphs of its own, and the rest on it.
pub(super) fn area(canvas: &mut Canvas<'_>, trace: &Trace, place: Rect, ticks: &[(f64, String)]) {
    let Some(top) = trace.top() else { return };
    let top = nice(top);
    if place.height < 3 || place.width < SCALE + 10 {
        return;
    }
    let plot = Rect { x: place.x + SCALE, width: place.width - SCALE, height: place.height - 1, ..place };
    let muted = canvas.style(Role::Muted);
    for (row, share) in [(0, 1.0), (plot.height / 2, 0.5), (plot.height - 1, 0.0)] {
        let share =
            if row == plot.height / 2 { 1.0 - f64::from(row) / f64::from(plot.height) } else { share };
        let label = if share == 0.0 { "0".to_owned() } else { text::money(top * share) };
        canvas.put_right(plot.x.saturating_sub(1), plot.y + row, SCALE - 1, &label, muted);
    }
    let columns = stretched(trace, usize::from(plot.width));
    for (column, level) in columns.into_iter().enumerate() {
        if let Some(level) = level {
            self::column(canvas, plot, column as u16, (level.burn / top, level.idle / top));
        }
    }
    let y = plot.bottom();
    canvas.repeat(plot.x, y, plot.width, canvas.symbols().gauge_track, canvas.style(Role::Subtle));
    let mut free = plot.x;
    for (share, label) in ticks {
        let x = plot.x + (share * f64::from(plot.width)) as u16;
        let wide = text::width(label) as u16;
        if x >= free && x + wide < plot.right() {
            canvas.put(x, y, wide, label, muted);
            free = x + wide + 2;
        }
    }
}

/// One column of an area, from the bottom: idle, then the rest, then a part of a row.
fn column(canvas: &mut Canvas<'_>, plot: Rect, column: u16, (burn, idle): (f64, f64)) {
    let rows = f64::from(plot.height);
    let symbols = canvas.symbols();
    let (idle_style, style) = (canvas.style(Role::Idle), canvas.style(Role::Money));
    // What is idle takes whole rows: its glyph has no parts. A little of it is still something.
    let idle_rows = if idle > 0.0 { (idle * rows).round().max(1.0) } else { 0.0 } as u16;
    let eighths = ((burn * rows * 8.0).round() as u16).clamp(1, plot.height * 8);
    for row in 0..eighths.div_ceil(8) {
        let y = plot.bottom() - 1 - row;
        let glyph = if row < idle_rows {
            symbols.idle
        } else {
            symbols.levels[usize::from((eighths - row * 8).min(8))]
        };
        canvas.put(plot.x + column, y, 1, glyph, if row < idle_rows { idle_style } else { style });
    }
}

/// The levels of a trace joined to so many columns, or stretched to them.
fn stretched(trace: &Trace, columns: usize) -> Vec<Option<Level>> {
    let count = trace.slots.len();
    if count > columns {
        return trace.columns(columns);
    }
    (0..columns).map(|column| trace.slots.get(column * count / columns.max(1)).copied().flatten()).collect()
}

/// The next figure that reads well: 1, 2 or 5 times a power of ten.
fn nice(top: f64) -> f64 {
    if top <= 0.0 || !top.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(top.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= top).unwrap_or(top)
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;

    use super::*;
    use crate::console::Drawn;
    use crate::ui::theme::Theme;

    fn drawn(width: u16, height: u16, draw: impl FnOnce(&mut Canvas<'_>)) -> Vec<String> {
        let theme = Theme::default();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let mut canvas = Canvas { buffer: &mut buffer, theme: &theme, drawn: Drawn::default(), cursor: None };
        draw(&mut canvas);
        let row = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol().to_owned()).collect::<String>();
        (0..height).map(row).collect()
    }

    #[test]
    fn what_was_watched_is_never_blank_and_what_was_not_always_is() {
        let levels = [None, Some(0.0), Some(0.01), Some(0.5), Some(1.0), None];
        let rows = drawn(6, 1, |canvas| line(canvas, Rect::new(0, 0, 6, 1), &levels, Style::new()));
        assert_eq!(rows, [" ▁▁▄█ "]);
        let wide = drawn(12, 1, |canvas| line(canvas, Rect::new(0, 0, 12, 1), &levels, Style::new()));
        assert_eq!(wide, ["  ▁▁▁▁▄▄██  "]);
        let narrow = drawn(2, 1, |canvas| line(canvas, Rect::new(0, 0, 2, 1), &levels, Style::new()));
        assert_eq!(narrow, ["▁▆"]);
    }

    #[test]
    fn an_area_tells_idle_money_by_its_glyph_and_leaves_gaps() {
        let level = |burn, idle| Some(Level { burn, idle, at_least: false });
        let trace = Trace {
            from: "2026-11-20T00:00:00Z".parse().unwrap(),
            slot: jiff::SignedDuration::from_hours(2),
            slots: [level(5.0, 2.5), level(2.0, 0.0), None, level(0.0, 0.0)].repeat(3),
        };
        let rows = drawn(22, 5, |canvas| area(canvas, &trace, Rect::new(0, 0, 22, 5), &[]));
        assert_eq!(rows[0], "    $5.00 █   █   █   ");
        assert_eq!(rows[3], "        0 ○█ ▁○█ ▁○█ ▁");
    }

    #[test]
    fn a_scale_ends_at_a_figure_that_reads_well() {
        for (top, expected) in
            [(0.0, 1.0), (0.3, 0.5), (1.0, 1.0), (7.09, 10.0), (12.0, 20.0), (318.4, 500.0)]
        {
            assert!((nice(top) - expected).abs() < 1e-9, "{top}");
        }
    }
}
