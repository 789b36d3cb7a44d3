//! The glyphs of states, borders and gauges, in Unicode or in ASCII. Every one is one column wide.

use ratatui::symbols::border;

/// Which set of glyphs is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SymbolSet {
    /// Glyphs that the common terminal fonts have; no Nerd Font is needed.
    #[default]
    Unicode,
    /// ASCII only, for fonts and links that can do no more.
    Ascii,
}

impl SymbolSet {
    /// The glyphs of the set.
    pub const fn symbols(self) -> &'static Symbols {
        match self {
            Self::Unicode => &UNICODE,
            Self::Ascii => &ASCII,
        }
    }
}

/// A set of glyphs, named by what they mean.
#[derive(Debug, PartialEq, Eq)]
pub struct Symbols {
    /// In service, ready, done.
    pub ok: &'static str,
    /// On its way.
    pub pending: &'static str,
    /// Needs a look.
    pub warn: &'static str,
    /// Failed.
    pub error: &'static str,
    /// Runs, but nobody uses it.
    pub idle: &'static str,
    /// Gone, still listed.
    pub deleted: &'static str,
    /// Not known.
    pub unknown: &'static str,
    /// Before a marked row.
    pub marked: &'static str,
    /// Before the row under the cursor.
    pub cursor: &'static str,
    /// After the heading of a column sorted upwards.
    pub sort_up: &'static str,
    /// After the heading of a column sorted downwards.
    pub sort_down: &'static str,
    /// Where text was cut.
    pub ellipsis: &'static str,
    /// Between two facts on a line.
    pub separator: &'static str,
    /// From one thing to another.
    pub arrow: &'static str,
    /// A value that is not known, in a table.
    pub dash: &'static str,
    /// The filled part of a gauge, a whole cell.
    pub gauge_fill: &'static str,
    /// The empty part of a gauge.
    pub gauge_track: &'static str,
    /// Heights of a sparkline column, from nothing to a whole cell.
    pub levels: &'static [&'static str; 9],
    /// The series of a chart, told apart without colour; the last is the rest.
    pub series: &'static [&'static str; 6],
    /// The frames of the spinner, 100 ms each.
    pub spinner: &'static [&'static str],
    /// The moving part of a scroll bar.
    pub scroll_thumb: &'static str,
    /// The rail of a scroll bar.
    pub scroll_track: &'static str,
    /// The frame of panes.
    pub border: border::Set<'static>,
    /// The frame of dialogs.
    pub popup_border: border::Set<'static>,
}

static UNICODE: Symbols = Symbols {
    ok: "●",
    pending: "◐",
    warn: "▲",
    error: "✗",
    idle: "○",
    deleted: "×",
    unknown: "?",
    marked: "✓",
    cursor: "▶",
    sort_up: "▲",
    sort_down: "▼",
    ellipsis: "…",
    separator: "·",
    arrow: "→",
    dash: "–",
    gauge_fill: "━",
    gauge_track: "─",
    levels: &[" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    series: &["█", "▓", "▒", "░", "▚", "·"],
    spinner: &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
    scroll_thumb: "█",
    scroll_track: "│",
    border: border::PLAIN,
    popup_border: border::ROUNDED,
};

static ASCII: Symbols = Symbols {
    ok: "*",
    pending: "~",
    warn: "!",
    error: "X",
    idle: "o",
    deleted: "x",
    unknown: "?",
    marked: "+",
    cursor: ">",
    sort_up: "^",
    sort_down: "v",
    ellipsis: "~",
    separator: "|",
    arrow: ">",
    dash: "-",
    gauge_fill: "#",
    gauge_track: ".",
    levels: &[" ", "_", ".", ":", "-", "=", "+", "*", "#"],
    series: &["#", "%", "=", "+", "o", "."],
    spinner: &["|", "/", "-", "\\"],
    scroll_thumb: "#",
    scroll_track: "|",
    border: ASCII_BORDER,
    popup_border: ASCII_BORDER,
};

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl Symbols {
    /// Every glyph of the set, for tests of fonts and widths.
    pub fn all(&self) -> Vec<&'static str> {
        let mut glyphs = vec![
            self.ok,
            self.pending,
            self.warn,
            self.error,
            self.idle,
            self.deleted,
            self.unknown,
            self.marked,
            self.cursor,
            self.sort_up,
            self.sort_down,
            self.ellipsis,
            self.separator,
            self.arrow,
            self.dash,
            self.gauge_fill,
            self.gauge_track,
            self.scroll_thumb,
            self.scroll_track,
        ];
        glyphs.extend(self.levels);
        glyphs.extend(self.spinner);
        glyphs.extend(self.series);
        for set in [&self.border, &self.popup_border] {
            glyphs.extend([set.top_left, set.top_right, set.bottom_left, set.bottom_right]);
            glyphs.extend([set.vertical_left, set.vertical_right]);
            glyphs.extend([set.horizontal_top, set.horizontal_bottom]);
        }
        glyphs
    }

    /// The glyphs of the states of a resource: told apart without colour.
    #[cfg(test)]
    fn states(&self) -> [&'static str; 7] {
        [self.ok, self.pending, self.warn, self.error, self.idle, self.deleted, self.unknown]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn every_glyph_is_one_column_wide() {
        for set in [SymbolSet::Unicode, SymbolSet::Ascii] {
            for glyph in set.symbols().all() {
                assert_eq!(glyph.width(), 1, "{glyph:?} of {set:?}");
            }
        }
    }

    #[test]
    fn the_ascii_set_is_ascii() {
        for glyph in SymbolSet::Ascii.symbols().all() {
            assert!(glyph.is_ascii(), "{glyph:?}");
        }
    }

    #[test]
    fn each_state_has_its_own_glyph() {
        for set in [SymbolSet::Unicode, SymbolSet::Ascii] {
            let states: BTreeSet<_> = set.symbols().states().into_iter().collect();
            assert_eq!(states.len(), 7, "{set:?}");
        }
    }
}
