//! The overview: tiles in as many columns as fit, drawn whole and shown through a window around the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::{Area, Console, Curve, Drawn, Target, Tile, TileLine, Tone};

use super::canvas::{Canvas, Frame};
use super::theme::Role;
use super::{banner, curve, first_row, text};

/// The least width of a tile.
const TILE: u16 = 52;
/// More columns than this spread what belongs together too far.
const COLUMNS: u16 = 4;
/// The width of a share's bar.
const BAR: u16 = 14;

/// Draws the overview.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    let tiles = console.overview_tiles();
    if console.fleet.accounts.is_empty() {
        return empty(canvas, console, area);
    }
    let mut columns = (area.width / TILE).clamp(1, COLUMNS);
    let (_, one_high) = arrange(&tiles, area.width, columns);
    let scrolls = one_high > area.height;
    let width = if scrolls { area.width - 2 } else { area.width };
    columns = columns.min(tiles.len().max(1) as u16);
    let (places, high) = arrange(&tiles, width, columns);
    let (tile, line) = console.overview.cursor;
    let wanted = places.get(tile).map_or(0, |place| place.y + 1 + line as u16);
    // The end of the cursor's tile is kept in sight as well, where both fit.
    let end = places.get(tile).map_or(0, |place| place.bottom().saturating_sub(1));
    let visible = usize::from(area.height);
    let first = first_row(0, usize::from(end), visible, usize::from(high));
    let first = first_row(first, usize::from(wanted), visible, usize::from(high)) as u16;

    let whole = Rect::new(0, 0, width, high.max(1));
    let mut buffer = Buffer::empty(whole);
    let mut sheet =
        Canvas { buffer: &mut buffer, theme: canvas.theme, drawn: Drawn::default(), cursor: None };
    let ground = sheet.style(Role::Fg).patch(sheet.style(Role::Bg));
    sheet.fill(whole, ground);
    for (at, (tile, place)) in tiles.iter().zip(&places).enumerate() {
        draw_tile(&mut sheet, console, at, tile, *place);
    }
    let drawn = sheet.drawn;
    let rows = high.saturating_sub(first).min(area.height);
    for y in 0..rows {
        for x in 0..width {
            canvas.buffer[(area.x + x, area.y + y)] = buffer[(x, first + y)].clone();
        }
    }
    for (clicked, target) in drawn.areas {
        if (first..first + rows).contains(&clicked.y) {
            let area = Area { x: clicked.x + area.x, y: clicked.y - first + area.y, ..clicked };
            canvas.drawn.areas.push((area, target));
        }
    }
    canvas.drawn.rows = usize::from(area.height);
    canvas.drawn.first = usize::from(first);
    let bar = area.right().saturating_sub(1);
    canvas.scrollbar(bar, area.y, area.height, usize::from(high), visible, usize::from(first));
}

/// Before the account is known there is nothing to count.
fn empty(canvas: &mut Canvas<'_>, console: &Console, area: Rect) {
    let inner =
        canvas.frame(area, &Frame { title: vec![canvas.span("overview", Role::Title)], ..Frame::default() });
    let line = if let Some(problem) = &console.loads.stopped {
        (problem.to_string(), canvas.style(Role::Error))
    } else if console.loads.in_flight() > 0 {
        let spinner = super::spinner(console, canvas.symbols());
        (format!("{spinner} asking AWS who we are"), canvas.style(Role::Pending))
    } else {
        let key = console.keymap.label(crate::console::Action::Refresh);
        (format!("nothing was read yet; <{key}> reads the fleet"), canvas.style(Role::Muted))
    };
    let wrapped = text::wrap(&line.0, usize::from(inner.width.saturating_sub(4)));
    let lines: Vec<_> = wrapped.into_iter().map(|text| (text, line.1)).collect();
    banner::centred(canvas, inner, &lines);
}

/// Where each tile goes: always into the column that is shortest so far. Also how high the highest column is.
fn arrange(tiles: &[Tile], width: u16, columns: u16) -> (Vec<Rect>, u16) {
    let columns = columns.max(1);
    let wide = width / columns;
    let mut heights = vec![0_u16; usize::from(columns)];
    let places = tiles
        .iter()
        .map(|tile| {
            let high = (tile.lines.len() as u16).saturating_add(2);
            let at = (0..heights.len()).min_by_key(|at| heights[*at]).unwrap_or(0);
            let x = wide * at as u16;
            // The last column takes what the division left over.
            let own = if at + 1 == heights.len() { width - x } else { wide };
            let place = Rect::new(x, heights[at], own, high);
            heights[at] = heights[at].saturating_add(high);
            place
        })
        .collect();
    (places, heights.into_iter().max().unwrap_or(0))
}

fn draw_tile(canvas: &mut Canvas<'_>, console: &Console, at: usize, tile: &Tile, place: Rect) {
    let (cursor_tile, cursor_line) = console.overview.cursor;
    let focused = cursor_tile == at && console.dialogs.is_empty();
    let title = vec![canvas.span(tile.title, Role::Title)];
    let inner = canvas.frame(place, &Frame { title, focused, ..Frame::default() });
    for (row, line) in tile.lines.iter().enumerate().take(usize::from(inner.height)) {
        let place = Rect { y: inner.y + row as u16, height: 1, ..inner };
        draw_line(canvas, line, place);
        if focused && cursor_line == row {
            let style = canvas.style(Role::Accent);
            canvas.put(place.x, place.y, 1, canvas.symbols().cursor, style);
            canvas.restyle(place, canvas.style(Role::Selection));
        }
        canvas.click(place, Target::Tile(at, row));
    }
}

fn draw_line(canvas: &mut Canvas<'_>, line: &TileLine, place: Rect) {
    let style = canvas.tone(line.tone);
    let glyph = text::glyph(line.tone, canvas.symbols()).unwrap_or(" ");
    canvas.put(place.x + 1, place.y, 1, glyph, style);
    let left = place.x + 3;
    let right = place.right().saturating_sub(1);
    let room = right.saturating_sub(left);
    // A value as long as a sentence leaves the label a third; a figure stands in its own column.
    let wide = (text::width(&line.value) as u16).min(room - room / 3);
    if let Some(curve) = &line.curve {
        return draw_curve(canvas, line, curve, Rect { x: left, width: room, ..place });
    }
    let bar = match line.share {
        Some(_) if room >= BAR + wide + 16 => BAR + 2,
        _ => 0,
    };
    // Values of one tile are about as wide, so that their bars begin at one place.
    let figures = if bar > 0 { wide.max(10) } else { wide };
    let label = room.saturating_sub(figures + bar + 1 + u16::from(bar == 0));
    let weight = match line.tone {
        Tone::Muted | Tone::Ok => style,
        _ => canvas.style(Role::Fg),
    };
    let label = if line.value.is_empty() { room } else { label };
    canvas.put(left, place.y, label, &line.label, weight);
    canvas.put_right(right, place.y, wide, &line.value, style);
    if let Some(share) = line.share.filter(|_| bar > 0) {
        let x = right.saturating_sub(figures + bar);
        canvas.gauge(x, place.y, BAR, share, Role::GaugeFill);
    }
}

/// The columns of a curve's label, and of its value.
const CURVE_LABEL: u16 = 8;
const CURVE_VALUE: u16 = 14;

/// Label, curve, value; the curves of a tile begin and end alike, so that one can be read against the other.
fn draw_curve(canvas: &mut Canvas<'_>, line: &TileLine, curve: &Curve, place: Rect) {
    let style = canvas.tone(line.tone);
    canvas.put(place.x, place.y, CURVE_LABEL, &line.label, canvas.style(Role::Fg));
    canvas.put_right(place.right(), place.y, CURVE_VALUE, &line.value, style);
    let room = place.width.saturating_sub(CURVE_LABEL + CURVE_VALUE + 1);
    curve::line(
        canvas,
        Rect { x: place.x + CURVE_LABEL, width: room, height: 1, ..place },
        &curve.levels,
        style,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(lines: usize) -> Tile {
        let line = TileLine {
            label: String::new(),
            value: String::new(),
            tone: Tone::Plain,
            share: None,
            curve: None,
            target: None,
            opens: None,
        };
        Tile { title: "tile", lines: vec![line; lines] }
    }

    #[test]
    fn tiles_go_to_the_shortest_column_and_fill_the_width() {
        let (places, high) = arrange(&[tile(8), tile(2), tile(3)], 161, 2);
        assert_eq!(places[0], Rect::new(0, 0, 80, 10));
        assert_eq!(places[1], Rect::new(80, 0, 81, 4));
        assert_eq!(places[2], Rect::new(80, 4, 81, 5));
        assert_eq!(high, 10);
    }

    #[test]
    fn one_column_holds_all_tiles_one_under_the_other() {
        let (places, high) = arrange(&[tile(1), tile(1)], 80, 1);
        assert_eq!((places[1].y, high), (3, 6));
    }
}
