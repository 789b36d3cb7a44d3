//! A buffer as an SVG: a window with a title, the theme's ground, and the cells on it.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::glyph::{self, Cell};

/// Size of a cell in pixels, for the font at [`FONT_SIZE`]: 0.6 em wide, 1.32 em high, rounded so
/// that neighbouring cells meet on whole pixels.
const CELL_WIDTH: u16 = 12;
const CELL_HEIGHT: u16 = 26;
const FONT_SIZE: u16 = 20;
/// From the top of a cell to the line the letters stand on.
const BASELINE: f64 = 20.0;
const MARGIN: u16 = 14;
const TITLE_BAR: u16 = 38;

/// The colours of a terminal that nobody themed; order of ANSI.
const ANSI: [Rgb; 16] = [
    (0x1c, 0x1f, 0x26),
    (0xcd, 0x4b, 0x46),
    (0x4f, 0xa8, 0x5a),
    (0xc9, 0x9a, 0x3d),
    (0x4a, 0x86, 0xcf),
    (0xa8, 0x6f, 0xc4),
    (0x3f, 0xa6, 0xa8),
    (0xc8, 0xcc, 0xd4),
    (0x6b, 0x72, 0x80),
    (0xf0, 0x74, 0x6e),
    (0x79, 0xcf, 0x83),
    (0xee, 0xc2, 0x62),
    (0x79, 0xb0, 0xf2),
    (0xcc, 0x9b, 0xe6),
    (0x68, 0xd0, 0xd2),
    (0xf4, 0xf6, 0xf9),
];
const DEFAULT_FOREGROUND: Rgb = (0xd4, 0xd8, 0xe0);
const DEFAULT_BACKGROUND: Rgb = (0x14, 0x16, 0x1b);

type Rgb = (u8, u8, u8);

/// How a cell is painted, after reversal and dimming.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Paint {
    fg: Rgb,
    bg: Rgb,
    modifiers: Modifier,
}

/// The picture of `buffer` in a window titled `title`. Text stays text; lines and blocks become shapes.
pub(crate) fn svg(buffer: &Buffer, title: &str) -> String {
    let area = buffer.area;
    let width = area.width * CELL_WIDTH + 2 * MARGIN;
    let height = area.height * CELL_HEIGHT + TITLE_BAR + MARGIN;
    let ground = ground(buffer);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"{family}\" font-size=\"{FONT_SIZE}\">\
         <rect width=\"{width}\" height=\"{height}\" rx=\"12\" fill=\"{fill}\"/>",
        family = super::FAMILY,
        fill = hex(ground),
    );
    title_bar(&mut out, title, width, ground);
    // Grounds first and all of them: a wide or overhanging glyph must not be cut by its neighbour's.
    out.push_str("<g shape-rendering=\"crispEdges\">\n");
    for y in 0..area.height {
        grounds(&mut out, buffer, y, ground);
    }
    out.push_str("</g>\n");
    for y in 0..area.height {
        texts(&mut out, buffer, y);
    }
    out.push_str("</svg>\n");
    out
}

/// The background most cells have.
fn ground(buffer: &Buffer) -> Rgb {
    let mut counts: Vec<(Rgb, usize)> = Vec::new();
    for cell in buffer.content() {
        let bg = rgb(cell.bg, DEFAULT_BACKGROUND);
        match counts.iter_mut().find(|(known, _)| *known == bg) {
            Some((_, count)) => *count += 1,
            None => counts.push((bg, 1)),
        }
    }
    counts.into_iter().max_by_key(|&(color, count)| (count, color)).map_or(DEFAULT_BACKGROUND, |(bg, _)| bg)
}

fn title_bar(out: &mut String, title: &str, width: u16, ground: Rgb) {
    let is_light = u32::from(ground.0) + u32::from(ground.1) + u32::from(ground.2) > 384;
    let ink = if is_light { (0, 0, 0) } else { (0xff, 0xff, 0xff) };
    for (index, fill) in ["#ed6a5e", "#f4bf4f", "#61c554"].into_iter().enumerate() {
        let x = 22 + 20 * index;
        let _ = writeln!(out, "<circle cx=\"{x}\" cy=\"19\" r=\"6\" fill=\"{fill}\"/>");
    }
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"25\" text-anchor=\"middle\" font-size=\"16\" fill=\"{}\">{}</text>",
        width / 2,
        hex(blend(ink, ground, 60)),
        escape(title)
    );
}

fn grounds(out: &mut String, buffer: &Buffer, y: u16, ground: Rgb) {
    let mut x = 0;
    while x < buffer.area.width {
        let paint = paint(buffer, x, y);
        let start = x;
        while x < buffer.area.width && self::paint(buffer, x, y).bg == paint.bg {
            x += 1;
        }
        if paint.bg != ground {
            let _ = writeln!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{CELL_HEIGHT}\" fill=\"{}\"/>",
                left(start),
                top(y),
                (x - start) * CELL_WIDTH,
                hex(paint.bg)
            );
        }
    }
}

fn texts(out: &mut String, buffer: &Buffer, y: u16) {
    let mut x = 0;
    while x < buffer.area.width {
        let paint = paint(buffer, x, y);
        let start = x;
        let (mut text, mut places) = (String::new(), String::new());
        while x < buffer.area.width && same_ink(self::paint(buffer, x, y), paint) {
            let symbol = buffer[(buffer.area.x + x, buffer.area.y + y)].symbol();
            cell(out, symbol, (x, y), paint, &mut text, &mut places);
            x += u16::try_from(symbol.width()).unwrap_or(1).max(1);
        }
        if !text.is_empty() {
            let weight = if paint.modifiers.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
            let _ = writeln!(
                out,
                "<text x=\"{}\" y=\"{}\" fill=\"{}\"{weight}>{}</text>",
                places.trim_end(),
                f64::from(top(y)) + BASELINE,
                hex(paint.fg),
                escape(&text)
            );
        }
        for (modifier, offset) in [(Modifier::UNDERLINED, 23), (Modifier::CROSSED_OUT, 14)] {
            if paint.modifiers.contains(modifier) {
                let _ = writeln!(
                    out,
                    "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"1.5\" fill=\"{}\"/>",
                    left(start),
                    top(y) + offset,
                    (x - start) * CELL_WIDTH,
                    hex(paint.fg)
                );
            }
        }
    }
}

/// One cell: a shape is drawn at once; a letter joins the run, with its own place, so that neither a
/// ligature nor a glyph of another width shifts the grid.
fn cell(
    out: &mut String,
    symbol: &str,
    at: (u16, u16),
    paint: Paint,
    text: &mut String,
    places: &mut String,
) {
    let mut characters = symbol.chars();
    let (Some(character), rest) = (characters.next(), characters.as_str()) else { return };
    if character == ' ' {
        return;
    }
    let area = Cell {
        x: f64::from(left(at.0)),
        y: f64::from(top(at.1)),
        width: f64::from(CELL_WIDTH),
        height: f64::from(CELL_HEIGHT),
    };
    if let Some(shape) = glyph::draw(character, area, &hex(paint.fg)).filter(|_| rest.is_empty()) {
        out.push_str(&shape);
        out.push('\n');
        return;
    }
    for character in symbol.chars() {
        text.push(character);
        let _ = write!(places, "{} ", left(at.0));
    }
}

fn same_ink(one: Paint, other: Paint) -> bool {
    one.fg == other.fg && one.modifiers == other.modifiers
}

fn paint(buffer: &Buffer, x: u16, y: u16) -> Paint {
    let cell = &buffer[(buffer.area.x + lead(buffer, x, y), buffer.area.y + y)];
    let (mut fg, mut bg) = (rgb(cell.fg, DEFAULT_FOREGROUND), rgb(cell.bg, DEFAULT_BACKGROUND));
    if cell.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut fg, &mut bg);
    }
    if cell.modifier.contains(Modifier::DIM) {
        fg = blend(fg, bg, 60);
    }
    Paint { fg, bg, modifiers: cell.modifier.difference(Modifier::REVERSED | Modifier::DIM) }
}

/// The cell a column belongs to: its own, or the one before if that holds a wide character, whose second
/// half the renderer leaves unstyled.
fn lead(buffer: &Buffer, x: u16, y: u16) -> u16 {
    let before = x.checked_sub(1).map(|x| buffer[(buffer.area.x + x, buffer.area.y + y)].symbol().width());
    if before == Some(2) { x - 1 } else { x }
}

fn left(x: u16) -> u16 {
    MARGIN + x * CELL_WIDTH
}

fn top(y: u16) -> u16 {
    TITLE_BAR + y * CELL_HEIGHT
}

fn rgb(color: Color, default: Rgb) -> Rgb {
    match color {
        Color::Reset => default,
        Color::Rgb(r, g, b) => (r, g, b),
        Color::Indexed(index) => indexed(index),
        Color::Black => ANSI[0],
        Color::Red => ANSI[1],
        Color::Green => ANSI[2],
        Color::Yellow => ANSI[3],
        Color::Blue => ANSI[4],
        Color::Magenta => ANSI[5],
        Color::Cyan => ANSI[6],
        Color::Gray => ANSI[7],
        Color::DarkGray => ANSI[8],
        Color::LightRed => ANSI[9],
        Color::LightGreen => ANSI[10],
        Color::LightYellow => ANSI[11],
        Color::LightBlue => ANSI[12],
        Color::LightMagenta => ANSI[13],
        Color::LightCyan => ANSI[14],
        Color::White => ANSI[15],
    }
}

/// The 256 colours of xterm: sixteen of the terminal's, a cube of six steps, a ramp of greys.
fn indexed(index: u8) -> Rgb {
    let step = |value: u8| if value == 0 { 0 } else { 55 + 40 * value };
    match index {
        0..=15 => ANSI[usize::from(index)],
        16..=231 => {
            let cube = index - 16;
            (step(cube / 36), step(cube / 6 % 6), step(cube % 6))
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

/// `percent` of `over` on `under`.
fn blend(over: Rgb, under: Rgb, percent: u16) -> Rgb {
    let mix = |over: u8, under: u8| {
        let sum = u16::from(over) * percent + u16::from(under) * (100 - percent);
        u8::try_from(sum / 100).unwrap_or(u8::MAX)
    };
    (mix(over.0, under.0), mix(over.1, under.1), mix(over.2, under.2))
}

fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
