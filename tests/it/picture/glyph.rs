//! Characters drawn as shapes that fill their cell, so that lines join and blocks have no gaps:
//! blocks, shades, box drawing, Braille and the circles of the states. Everything else is text.

use std::fmt::Write as _;

/// A cell on the picture, in pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Whether [`draw`] has a shape for the character.
pub(crate) fn is_drawn(character: char) -> bool {
    let cell = Cell { x: 0.0, y: 0.0, width: 12.0, height: 26.0 };
    character == ' ' || draw(character, cell, "#000000").is_some()
}

/// The shape of the character in that cell, as SVG; `None` if the font is to draw it.
pub(crate) fn draw(character: char, cell: Cell, fill: &str) -> Option<String> {
    match character {
        '▀'..='▟' => block(character, cell, fill),
        '⠀'..='⣿' => Some(braille(character, cell, fill)),
        '●' | '○' | '◐' => Some(circle(character, cell, fill)),
        _ => line(character, cell, fill),
    }
}

fn rectangle(x: f64, y: f64, width: f64, height: f64, fill: &str) -> String {
    format!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>")
}

fn block(character: char, cell: Cell, fill: &str) -> Option<String> {
    let Cell { x, y, width, height } = cell;
    let eighth = f64::from(u32::from(character) & 0xf) / 8.0;
    let shade = |opacity: f64| {
        format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\" \
             fill-opacity=\"{opacity}\"/>"
        )
    };
    Some(match character {
        '▀' => rectangle(x, y, width, height / 2.0, fill),
        '▁'..='▇' => {
            let tall = (height * eighth).round();
            rectangle(x, y + height - tall, width, tall, fill)
        }
        '█' => rectangle(x, y, width, height, fill),
        '▉'..='▏' => rectangle(x, y, width * (2.0 - eighth), height, fill),
        '▐' => rectangle(x + width / 2.0, y, width / 2.0, height, fill),
        '░' => shade(0.25),
        '▒' => shade(0.5),
        '▓' => shade(0.75),
        _ => return None,
    })
}

/// The dots of a Braille pattern; bit by bit in the order of Unicode.
fn braille(character: char, cell: Cell, fill: &str) -> String {
    const DOTS: [(f64, f64); 8] =
        [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (1.0, 0.0), (1.0, 1.0), (1.0, 2.0), (0.0, 3.0), (1.0, 3.0)];
    let bits = u32::from(character) & 0xff;
    let mut shape = String::new();
    for (bit, (column, row)) in DOTS.iter().enumerate() {
        if bits & (1 << bit) != 0 {
            let x = cell.x + cell.width * (0.28 + 0.44 * column);
            let y = cell.y + cell.height * (0.17 + 0.22 * row);
            let _ = write!(shape, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"1.8\" fill=\"{fill}\"/>");
        }
    }
    shape
}

fn circle(character: char, cell: Cell, fill: &str) -> String {
    let (x, y, r) = (cell.x + cell.width / 2.0, cell.y + cell.height / 2.0, 4.2);
    let ring = format!(
        "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"none\" stroke=\"{fill}\" stroke-width=\"1.5\"/>"
    );
    match character {
        '●' => format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"{fill}\"/>"),
        '◐' => format!("{ring}<path d=\"M{x} {} A{r} {r} 0 0 0 {x} {} Z\" fill=\"{fill}\"/>", y - r, y + r),
        _ => ring,
    }
}

/// Thickness of the arms of a box-drawing character: left, right, up, down; 1 light, 2 heavy.
const ARMS: &[(char, [u8; 4])] = &[
    ('─', [1, 1, 0, 0]),
    ('│', [0, 0, 1, 1]),
    ('┌', [0, 1, 0, 1]),
    ('┐', [1, 0, 0, 1]),
    ('└', [0, 1, 1, 0]),
    ('┘', [1, 0, 1, 0]),
    ('├', [0, 1, 1, 1]),
    ('┤', [1, 0, 1, 1]),
    ('┬', [1, 1, 0, 1]),
    ('┴', [1, 1, 1, 0]),
    ('┼', [1, 1, 1, 1]),
    ('╴', [1, 0, 0, 0]),
    ('╵', [0, 0, 1, 0]),
    ('╶', [0, 1, 0, 0]),
    ('╷', [0, 0, 0, 1]),
    ('━', [2, 2, 0, 0]),
    ('┃', [0, 0, 2, 2]),
    ('┏', [0, 2, 0, 2]),
    ('┓', [2, 0, 0, 2]),
    ('┗', [0, 2, 2, 0]),
    ('┛', [2, 0, 2, 0]),
    ('┣', [0, 2, 2, 2]),
    ('┫', [2, 0, 2, 2]),
    ('┳', [2, 2, 0, 2]),
    ('┻', [2, 2, 2, 0]),
    ('╋', [2, 2, 2, 2]),
    ('╸', [2, 0, 0, 0]),
    ('╹', [0, 0, 2, 0]),
    ('╺', [0, 2, 0, 0]),
    ('╻', [0, 0, 0, 2]),
];

fn line(character: char, cell: Cell, fill: &str) -> Option<String> {
    let (middle_x, middle_y) = (cell.x + cell.width / 2.0, cell.y + cell.height / 2.0);
    let (right, bottom) = (cell.x + cell.width, cell.y + cell.height);
    let corner = |from: (f64, f64), to: (f64, f64)| {
        format!(
            "<path d=\"M{} {} Q{middle_x} {middle_y} {} {}\" fill=\"none\" stroke=\"{fill}\" \
             stroke-width=\"2\"/>",
            from.0, from.1, to.0, to.1
        )
    };
    match character {
        '╭' => return Some(corner((middle_x, bottom), (right, middle_y))),
        '╮' => return Some(corner((middle_x, bottom), (cell.x, middle_y))),
        '╰' => return Some(corner((middle_x, cell.y), (right, middle_y))),
        '╯' => return Some(corner((middle_x, cell.y), (cell.x, middle_y))),
        _ => {}
    }
    let &(_, arms) = ARMS.iter().find(|(known, _)| *known == character)?;
    let mut shape = String::new();
    for (index, &weight) in arms.iter().enumerate() {
        if weight == 0 {
            continue;
        }
        // Even widths lie on whole pixels: nothing is smoothed, so arms may overlap unseen.
        let thick = if weight == 2 { 4.0 } else { 2.0 };
        let half = thick / 2.0;
        // Each arm reaches half a line beyond the middle, so that corners are closed.
        let (x, y, width, height) = match index {
            0 => (cell.x, middle_y - half, cell.width / 2.0 + half, thick),
            1 => (middle_x - half, middle_y - half, cell.width / 2.0 + half, thick),
            2 => (middle_x - half, cell.y, thick, cell.height / 2.0 + half),
            _ => (middle_x - half, middle_y - half, thick, cell.height / 2.0 + half),
        };
        shape.push_str(&rectangle(x, y, width, height, fill));
    }
    Some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: Cell = Cell { x: 12.0, y: 26.0, width: 12.0, height: 26.0 };

    #[test]
    fn blocks_fill_their_part_of_the_cell() {
        assert_eq!(
            draw('▄', CELL, "#fff").expect("drawn"),
            "<rect x=\"12\" y=\"39\" width=\"12\" height=\"13\" fill=\"#fff\"/>"
        );
        assert_eq!(
            draw('▌', CELL, "#fff").expect("drawn"),
            "<rect x=\"12\" y=\"26\" width=\"6\" height=\"26\" fill=\"#fff\"/>"
        );
        assert_eq!(
            draw('▏', CELL, "#fff").expect("drawn"),
            "<rect x=\"12\" y=\"26\" width=\"1.5\" height=\"26\" fill=\"#fff\"/>"
        );
    }

    #[test]
    fn a_braille_pattern_has_a_dot_for_each_bit() {
        assert_eq!(draw('⣿', CELL, "#fff").expect("drawn").matches("<circle").count(), 8);
        assert_eq!(draw('⠹', CELL, "#fff").expect("drawn").matches("<circle").count(), 4);
        assert_eq!(draw('⠀', CELL, "#fff").expect("drawn"), "");
    }

    #[test]
    fn letters_are_left_to_the_font() {
        assert_eq!(draw('a', CELL, "#fff"), None);
        assert_eq!(draw('═', CELL, "#fff"), None);
    }
}
