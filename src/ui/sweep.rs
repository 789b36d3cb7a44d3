//! The last look at the finished cells: whatever could steer the terminal is taken out of them, though remote
//! text is made harmless where it enters already. In ASCII mode our own typographic glyphs become ASCII.

use ratatui::buffer::Buffer;

use crate::fleet::is_hostile;

use super::theme::Symbols;

/// Cleans the cells.
pub(super) fn sweep(buffer: &mut Buffer, symbols: &Symbols) {
    let plain = symbols.ellipsis.is_ascii();
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if let [byte] = symbol.as_bytes()
            && (b' '..=b'~').contains(byte)
        {
            continue;
        }
        if symbol.chars().any(is_hostile) {
            cell.set_symbol(symbols.unknown);
        } else if plain && let Some(ascii) = typographic(symbol, symbols) {
            cell.set_symbol(ascii);
        }
    }
}

/// What the console's own words use beyond ASCII, in the glyphs of an ASCII set.
fn typographic(symbol: &str, symbols: &Symbols) -> Option<&'static str> {
    match symbol {
        "·" => Some(symbols.separator),
        "–" | "—" => Some(symbols.dash),
        "…" => Some(symbols.ellipsis),
        "→" => Some(symbols.arrow),
        "×" => Some("x"),
        "≥" => Some(">"),
        "≤" => Some("<"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use crate::ui::theme::SymbolSet;

    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_left_in_a_cell() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        for (x, hostile) in ["\u{1b}", "\u{202e}", "a\u{200d}", "ü"].into_iter().enumerate() {
            buffer[(x as u16, 0)].set_symbol(hostile);
        }
        sweep(&mut buffer, SymbolSet::Unicode.symbols());
        let shown: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(shown, "???ü");
    }

    #[test]
    fn an_ascii_screen_has_no_typographic_glyphs_of_ours() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 9, 1));
        buffer.set_string(0, 0, "2 · 3 → …", Style::new());
        sweep(&mut buffer, SymbolSet::Ascii.symbols());
        assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()));
    }
}
