//! Drawing onto the frame's cells: text, frames, gauges, text fields, and the note of what can be clicked.
//! Knows no pane; nothing here can draw outside the terminal.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Span;
use tui_input::Input;

use crate::console::{Area, Drawn, Target, Tone};

use super::text;
use super::theme::{Role, Symbols, Theme};

/// What everything is drawn on.
pub(crate) struct Canvas<'a> {
    /// The cells.
    pub(crate) buffer: &'a mut Buffer,
    /// How things look.
    pub(crate) theme: &'a Theme,
    /// What was drawn, for keys and clicks.
    pub(crate) drawn: Drawn,
    /// Where the terminal's cursor belongs, if text is being typed.
    pub(crate) cursor: Option<Position>,
}

/// The frame of a pane, a tile or a dialog.
pub(crate) struct Frame<'a> {
    /// At the left of the upper edge.
    pub(crate) title: Vec<Span<'a>>,
    /// At the right of the upper edge, as far as the title leaves room.
    pub(crate) aside: Vec<Span<'a>>,
    /// At the left of the lower edge.
    pub(crate) foot: Vec<Span<'a>>,
    /// At the right of the lower edge.
    pub(crate) foot_aside: Vec<Span<'a>>,
    /// Whether it has the keys.
    pub(crate) focused: bool,
    /// Whether it lies over a pane.
    pub(crate) popup: bool,
}

impl Default for Frame<'_> {
    fn default() -> Self {
        Self {
            title: Vec::new(),
            aside: Vec::new(),
            foot: Vec::new(),
            foot_aside: Vec::new(),
            focused: true,
            popup: false,
        }
    }
}

impl Canvas<'_> {
    /// The style of a role.
    pub(crate) fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// The style of a tone.
    pub(crate) fn tone(&self, tone: Tone) -> Style {
        self.theme.style(text::role(tone))
    }

    /// The glyphs.
    pub(crate) fn symbols(&self) -> &'static Symbols {
        self.theme.symbols()
    }

    /// A piece of text in the style of a role.
    pub(crate) fn span<'t>(&self, text: impl Into<std::borrow::Cow<'t, str>>, role: Role) -> Span<'t> {
        Span::styled(text, self.style(role))
    }

    /// Writes a text into at most so many columns and gives how many it took.
    pub(crate) fn put(&mut self, x: u16, y: u16, columns: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
            return 0;
        }
        let columns = columns.min(area.right() - x);
        let shown = text::cut(text, usize::from(columns), self.symbols().ellipsis);
        let (end, _) = self.buffer.set_stringn(x, y, shown, usize::from(columns), style);
        end - x
    }

    /// Writes a text so that it ends before column `right`.
    pub(crate) fn put_right(&mut self, right: u16, y: u16, columns: u16, text: &str, style: Style) {
        let wide = u16::try_from(text::width(text)).unwrap_or(u16::MAX).min(columns);
        self.put(right.saturating_sub(wide), y, wide, text, style);
    }

    /// Writes pieces of text one after the other into at most so many columns and gives how many they took.
    pub(crate) fn spans(&mut self, x: u16, y: u16, columns: u16, spans: &[Span<'_>]) -> u16 {
        let mut used = 0;
        for span in spans {
            if used >= columns {
                break;
            }
            used += self.put(x + used, y, columns - used, &span.content, span.style);
        }
        used
    }

    /// Writes pieces of text so that they end before column `right`.
    pub(crate) fn spans_right(&mut self, right: u16, y: u16, columns: u16, spans: &[Span<'_>]) {
        let wide = spans_width(spans).min(columns);
        self.spans(right.saturating_sub(wide), y, wide, spans);
    }

    /// Writes a text into the middle of a row.
    pub(crate) fn put_centred(&mut self, area: Rect, y: u16, text: &str, style: Style) {
        let wide = u16::try_from(text::width(text)).unwrap_or(u16::MAX).min(area.width);
        self.put(area.x + (area.width - wide) / 2, y, wide, text, style);
    }

    /// Empties an area.
    pub(crate) fn fill(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        for y in area.rows() {
            for position in y.positions() {
                let cell = &mut self.buffer[position];
                cell.reset();
                cell.set_style(style);
            }
        }
    }

    /// Puts a style over what is drawn.
    pub(crate) fn restyle(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area, style);
    }

    /// Repeats a glyph along a row.
    pub(crate) fn repeat(&mut self, x: u16, y: u16, columns: u16, glyph: &str, style: Style) {
        let area = Rect::new(x, y, columns, 1).intersection(self.buffer.area);
        for position in area.positions() {
            self.buffer[position].set_symbol(glyph).set_style(style);
        }
    }

    /// Draws a frame and gives the area within.
    pub(crate) fn frame(&mut self, area: Rect, frame: &Frame<'_>) -> Rect {
        let area = area.intersection(self.buffer.area);
        if area.width < 2 || area.height < 2 {
            return Rect::new(area.x, area.y, 0, 0);
        }
        let set = if frame.popup { self.symbols().popup_border } else { self.symbols().border };
        let style = self.style(if frame.focused { Role::BorderFocus } else { Role::Border });
        let (left, right) = (area.left(), area.right() - 1);
        let (top, bottom) = (area.top(), area.bottom() - 1);
        self.repeat(left + 1, top, area.width - 2, set.horizontal_top, style);
        self.repeat(left + 1, bottom, area.width - 2, set.horizontal_bottom, style);
        for y in top + 1..bottom {
            self.repeat(left, y, 1, set.vertical_left, style);
            self.repeat(right, y, 1, set.vertical_right, style);
        }
        self.repeat(left, top, 1, set.top_left, style);
        self.repeat(right, top, 1, set.top_right, style);
        self.repeat(left, bottom, 1, set.bottom_left, style);
        self.repeat(right, bottom, 1, set.bottom_right, style);
        self.edge(area, top, &frame.title, &frame.aside);
        self.edge(area, bottom, &frame.foot, &frame.foot_aside);
        Rect::new(left + 1, top + 1, area.width - 2, area.height - 2)
    }

    /// Writes on an edge of a frame: one text from the left, the other from the right if it fits beside it.
    fn edge(&mut self, area: Rect, y: u16, left: &[Span<'_>], right: &[Span<'_>]) {
        let room = area.width.saturating_sub(4);
        let mut used = 0;
        if !left.is_empty() {
            used = spans_width(left).min(room.saturating_sub(2)) + 2;
            self.repeat(area.x + 2, y, used.min(room), " ", Style::new());
            self.spans(area.x + 3, y, used.saturating_sub(2), left);
        }
        let wide = spans_width(right);
        if !right.is_empty() && used + wide + 3 <= room {
            let end = area.right() - 2;
            self.repeat(end - wide - 2, y, wide + 2, " ", Style::new());
            self.spans(end - wide - 1, y, wide, right);
        }
    }

    /// Draws how large a part of the whole something is, between 0 and 1.
    pub(crate) fn gauge(&mut self, x: u16, y: u16, columns: u16, share: f64, role: Role) {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let mut filled = (share * f64::from(columns)).round() as u16;
        // Something is never drawn as nothing, nor nearly all as all.
        if share > 0.0 {
            filled = filled.max(1);
        }
        if share < 1.0 {
            filled = filled.min(columns.saturating_sub(1));
        }
        let symbols = self.symbols();
        let (fill, track) = (self.style(role), self.style(Role::GaugeTrack));
        self.repeat(x, y, filled, symbols.gauge_fill, fill);
        self.repeat(x + filled, y, columns - filled, symbols.gauge_track, track);
    }

    /// Draws a scroll bar, unless everything is visible.
    pub(crate) fn scrollbar(
        &mut self,
        x: u16,
        y: u16,
        height: u16,
        all: usize,
        visible: usize,
        first: usize,
    ) {
        if all <= visible || height == 0 {
            return;
        }
        let (track, thumb) = (self.style(Role::Border), self.style(Role::Subtle));
        let symbols = self.symbols();
        let rows = usize::from(height);
        let long = (rows * visible / all).clamp(1, rows);
        let last = all - visible;
        let at = ((rows - long) * first.min(last) + last / 2) / last;
        for row in 0..height {
            let is_thumb = (at..at + long).contains(&usize::from(row));
            let (glyph, style) =
                if is_thumb { (symbols.scroll_thumb, thumb) } else { (symbols.scroll_track, track) };
            self.repeat(x, y + row, 1, glyph, style);
        }
    }

    /// Draws a text field; if it has the keys, the terminal's cursor goes there.
    pub(crate) fn input(&mut self, x: u16, y: u16, columns: u16, input: &Input, hint: &str, has_keys: bool) {
        if columns == 0 {
            return;
        }
        let style = self.style(Role::Input);
        if input.value().is_empty() {
            let placeholder = self.style(Role::Placeholder);
            self.put(x, y, columns, hint, placeholder);
        }
        let scroll = input.visual_scroll(usize::from(columns.saturating_sub(1)));
        let visible = skip_columns(input.value(), scroll);
        self.buffer_line(x, y, columns, visible, style);
        if has_keys {
            let at = input.visual_cursor().saturating_sub(scroll).min(usize::from(columns - 1));
            self.cursor = Some(Position::new(x + at as u16, y));
        }
    }

    /// Writes a text without an ellipsis: what a text field does not show is reached by moving in it.
    fn buffer_line(&mut self, x: u16, y: u16, columns: u16, text: &str, style: Style) {
        if self.buffer.area.contains(Position::new(x, y)) {
            self.buffer.set_stringn(x, y, text, usize::from(columns), style);
        }
    }

    /// Notes that a click there means this.
    pub(crate) fn click(&mut self, area: Rect, target: Target) {
        let area = area.intersection(self.buffer.area);
        if !area.is_empty() {
            let area = Area { x: area.x, y: area.y, width: area.width, height: area.height };
            self.drawn.areas.push((area, target));
        }
    }
}

/// How many columns pieces of text take.
pub(crate) fn spans_width(spans: &[Span<'_>]) -> u16 {
    let wide: usize = spans.iter().map(|span| text::width(&span.content)).sum();
    u16::try_from(wide).unwrap_or(u16::MAX)
}

/// What is left of a text without its first columns.
fn skip_columns(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        if used >= columns {
            return &text[at..];
        }
        used += text::width(c.encode_utf8(&mut [0; 4]));
    }
    if used >= columns && columns > 0 { "" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: u16, draw: impl FnOnce(&mut Canvas<'_>)) -> String {
        let theme = Theme::default();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        let mut canvas = Canvas { buffer: &mut buffer, theme: &theme, drawn: Drawn::default(), cursor: None };
        draw(&mut canvas);
        buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn a_gauge_shows_little_as_something_and_nearly_all_as_not_all() {
        let gauge = |share| drawn(10, |canvas| canvas.gauge(0, 0, 10, share, Role::GaugeFill));
        assert_eq!(gauge(0.0), "──────────");
        assert_eq!(gauge(0.001), "━─────────");
        assert_eq!(gauge(0.999), "━━━━━━━━━─");
        assert_eq!(gauge(1.0), "━━━━━━━━━━");
        assert_eq!(gauge(f64::NAN), "──────────");
    }

    #[test]
    fn text_beyond_the_edge_is_cut_and_outside_is_not_drawn() {
        let cut = drawn(6, |canvas| {
            canvas.put(2, 0, 100, "research", Style::new());
            canvas.put(9, 0, 5, "outside", Style::new());
            canvas.put(0, 7, 5, "outside", Style::new());
        });
        assert_eq!(cut, "  res…");
    }

    #[test]
    fn a_long_text_field_shows_the_part_around_its_cursor() {
        let shown = drawn(8, |canvas| {
            canvas.input(0, 0, 8, &Input::new("instance:ml.g5".to_owned()), "", true);
            assert_eq!(canvas.cursor, Some(Position::new(7, 0)));
        });
        assert_eq!(shown.trim_end(), "e:ml.g5");
    }
}
