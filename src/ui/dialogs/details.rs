//! Everything about one object, in place of the pane: facts, or AWS's own words with the colours of their
//! syntax; what the search found is marked.

mod syntax;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::console::{Console, Details, DetailsTab, Line};

use super::super::canvas::{Canvas, Frame};
use super::super::naming::{kind_of, name_of};
use super::super::text;
use super::super::theme::Role;

/// Continued lines of facts begin where their values do.
const VALUES: usize = 21;

/// Draws the details.
pub(super) fn draw(canvas: &mut Canvas<'_>, console: &Console, details: &Details, area: Rect) {
    let symbols = canvas.symbols();
    let title = vec![
        canvas.span(format!("{} ", kind_of(&details.object)), Role::Muted),
        canvas.span(name_of(console, &details.object, symbols.separator), Role::Title),
    ];
    let tabs = [(DetailsTab::Facts, "facts"), (DetailsTab::Json, "JSON"), (DetailsTab::Yaml, "YAML")];
    let mut aside = Vec::new();
    for (tab, name) in tabs {
        let style = if tab == details.tab {
            canvas.style(Role::Title).patch(canvas.style(Role::Selection))
        } else {
            canvas.style(Role::Muted)
        };
        aside.push(Span::styled(format!(" {name} "), style));
    }
    let lines = console.details_lines();
    let hits = console.details_hits(&lines);
    let wanted = details.search.value();
    let foot = if wanted.is_empty() || details.searching {
        Vec::new()
    } else {
        let found = match hits.len() {
            0 => "not found".to_owned(),
            count => format!("{}/{count}", details.hit.min(count - 1) + 1),
        };
        vec![canvas.span(format!("/{wanted}"), Role::Match), canvas.span(format!(" {found}"), Role::Muted)]
    };
    let inner = canvas.frame(area, &Frame { title, aside, foot, ..Frame::default() });
    let text_area = Rect { x: inner.x + 1, width: inner.width.saturating_sub(3), ..inner };
    let visible = usize::from(inner.height);
    let first = details.scroll.min(lines.len().saturating_sub(1));
    let current = hits.get(details.hit).copied();
    let mut y = inner.y;
    let mut shown = 0;
    for (at, line) in lines.iter().enumerate().skip(first) {
        if y >= inner.bottom() {
            break;
        }
        let place = Rect { y, height: inner.bottom() - y, ..text_area };
        let used = draw_line(canvas, details, line, place);
        if current == Some(at) {
            canvas.put(inner.x, y, 1, symbols.cursor, canvas.style(Role::Accent));
        }
        // A line cut off at the end was not seen whole, so one can still scroll to it.
        if y + used <= inner.bottom() {
            shown += 1;
        }
        y = y.saturating_add(used);
    }
    canvas.drawn.lines = shown.max(1);
    canvas.drawn.all_lines = lines.len();
    canvas.scrollbar(
        inner.right().saturating_sub(1),
        inner.y,
        inner.height,
        lines.len(),
        visible.min(shown.max(1)),
        first,
    );
    if details.searching {
        let y = area.bottom() - 1;
        let style = canvas.style(Role::Key);
        let wide = area.width.saturating_sub(8).min(60);
        canvas.repeat(area.x + 2, y, wide + 3, " ", Style::new());
        canvas.put(area.x + 3, y, 1, "/", style);
        canvas.input(area.x + 4, y, wide, &details.search, "search", true);
    }
}

/// Draws one line, broken where it is too long, and gives how many rows it took.
fn draw_line(canvas: &mut Canvas<'_>, details: &Details, line: &Line, place: Rect) -> u16 {
    let columns = usize::from(place.width.max(1));
    let mut pieces: Vec<(String, Style)> = Vec::new();
    if details.tab == DetailsTab::Facts {
        for span in &line.spans {
            let mut style = canvas.tone(span.tone);
            if line.heading {
                style = style.add_modifier(Modifier::BOLD);
            }
            pieces.push((span.text.clone(), style));
        }
    } else {
        let whole = line.plain();
        let parts = syntax::parts(&whole, details.tab == DetailsTab::Yaml);
        pieces.extend(parts.into_iter().map(|(part, role)| (part.to_owned(), canvas.style(role))));
    }
    let indent = match details.tab {
        DetailsTab::Facts if columns > VALUES * 2 && line.spans.len() > 1 => VALUES,
        DetailsTab::Facts => 0,
        _ => {
            let plain = line.plain();
            (plain.len() - plain.trim_start().len() + 4).min(columns / 2)
        }
    };
    let pieces = marked(pieces, details.search.value(), canvas.style(Role::Match));
    let (mut column, mut row) = (0, 0);
    for (piece, style) in pieces {
        let mut rest = piece.as_str();
        while !rest.is_empty() {
            if row >= place.height {
                return place.height.saturating_add(1);
            }
            let room = columns.saturating_sub(column);
            let (now, later) = broken(rest, room, column == 0 || column == indent && row > 0);
            canvas.put(place.x + column as u16, place.y + row, room as u16, now, style);
            column += text::width(now);
            rest = later;
            if !rest.is_empty() {
                row += 1;
                column = indent;
            }
        }
    }
    row + 1
}

/// The part of a text that fits into so many columns, and the rest; broken at a blank where there is one.
fn broken(text: &str, room: usize, at_start: bool) -> (&str, &str) {
    if text::width(text) <= room {
        return (text, "");
    }
    let mut used = 0;
    let mut fits = 0;
    let mut blank = None;
    for (at, c) in text.char_indices() {
        used += text::width(c.encode_utf8(&mut [0; 4]));
        if used > room {
            break;
        }
        fits = at + c.len_utf8();
        if c == ' ' && at > 0 {
            blank = Some(fits);
        }
    }
    let at = match blank {
        Some(blank) if blank > fits / 2 => blank,
        // A word that does not fit here goes whole to the next line, unless it is already at its beginning.
        _ if at_start => fits.max(text.chars().next().map_or(0, char::len_utf8)),
        _ => fits,
    };
    text.split_at(at)
}

/// The pieces with what is searched in a style of its own, whatever its case.
fn marked(pieces: Vec<(String, Style)>, wanted: &str, hit: Style) -> Vec<(String, Style)> {
    if wanted.is_empty() {
        return pieces;
    }
    let wanted: Vec<char> = wanted.chars().flat_map(char::to_lowercase).collect();
    // A hit may span pieces, so it is looked for in the whole line.
    let mut letters: Vec<(char, Style)> = Vec::new();
    for (text, style) in &pieces {
        letters.extend(text.chars().map(|c| (c, *style)));
    }
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    let mut at = 0;
    while at + wanted.len() <= letters.len() {
        if letters[at..at + wanted.len()].iter().zip(&wanted).all(|((c, _), want)| lower(*c) == *want) {
            for (_, style) in &mut letters[at..at + wanted.len()] {
                *style = style.patch(hit);
            }
            at += wanted.len();
        } else {
            at += 1;
        }
    }
    let mut out: Vec<(String, Style)> = Vec::new();
    for (c, style) in letters {
        match out.last_mut() {
            Some((text, last)) if *last == style => text.push(c),
            _ => out.push((c.to_string(), style)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_is_marked_across_pieces_and_whatever_its_case() {
        let (plain, hit) = (Style::new(), Style::new().add_modifier(Modifier::UNDERLINED));
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let pieces = vec![("Inst".to_owned(), plain), ("ance".to_owned(), bold)];
        let shown = marked(pieces, "STAN", hit);
        let texts: Vec<_> = shown.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["In", "st", "an", "ce"]);
        assert_eq!((shown[1].1, shown[2].1), (plain.patch(hit), bold.patch(hit)));
    }

    #[test]
    fn a_long_text_is_broken_at_a_blank_and_nothing_is_lost() {
        assert_eq!(broken("one two three", 9, true), ("one two ", "three"));
        assert_eq!(broken("abcdefgh", 5, true), ("abcde", "fgh"));
        assert_eq!(broken("short", 9, true), ("short", ""));
        // Even in no room at all it goes on.
        assert_eq!(broken("東京", 1, true), ("東", "京"));
    }
}
