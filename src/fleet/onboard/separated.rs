//! Comma-separated text with the place of every cell, which messages need and the usual readers do not keep.

use super::{Place, TextError};

/// A cell, with where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) place: Place,
    pub(super) text: String,
}

/// A line of cells; a quoted cell may hold line breaks.
pub(super) type Record = Vec<Cell>;

/// What separates the cells, judged by the first line that says something.
pub(super) fn delimiter(text: &str) -> char {
    let line = text.lines().find(|line| !is_skipped(line)).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(',', 0), (';', 0), ('\t', 0)];
    for c in line.chars() {
        quoted ^= c == '"';
        if let Some((_, count)) = counts.iter_mut().find(|(d, _)| *d == c && !quoted) {
            *count += 1;
        }
    }
    // The first of equals: a comma, where there is none of them.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(',', |(d, _)| d)
}

/// Whether a line says nothing: blank, or a remark.
pub(super) fn is_skipped(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// The records of a text.
///
/// # Errors
///
/// A quote that is never closed, which is what an interrupted paste leaves; or text after a closing quote.
pub(super) fn records(text: &str, delimiter: char) -> Result<Vec<Record>, TextError> {
    let mut reader = Reader { rest: text.chars().peekable(), place: Place::START, delimiter };
    let mut records = Vec::new();
    while reader.rest.peek().is_some() {
        if let Some(record) = reader.record()? {
            records.push(record);
        }
    }
    Ok(records)
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    place: Place,
    delimiter: char,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.place = Place { line: self.place.line + 1, column: 1 };
        } else {
            self.place.column += 1;
        }
        Some(c)
    }

    /// One record; `None` for a line that says nothing.
    fn record(&mut self) -> Result<Option<Record>, TextError> {
        if self.rest.peek() == Some(&'#') {
            while self.next().is_some_and(|c| c != '\n') {}
            return Ok(None);
        }
        let mut record = Vec::new();
        loop {
            while self.rest.peek().is_some_and(|c| *c == ' ' || (*c == '\t' && self.delimiter != '\t')) {
                self.next();
            }
            let place = self.place;
            let text = if self.rest.peek() == Some(&'"') { self.quoted()? } else { self.plain() };
            record.push(Cell { place, text });
            match self.next() {
                Some(c) if c == self.delimiter => {}
                _ => break,
            }
        }
        let says_nothing = record.iter().all(|cell| cell.text.is_empty());
        Ok((!says_nothing).then_some(record))
    }

    /// Up to the delimiter or the end of the line, which is left unread.
    fn plain(&mut self) -> String {
        let mut text = String::new();
        while let Some(c) = self.rest.peek().copied().filter(|c| *c != self.delimiter && *c != '\n') {
            text.push(c);
            self.next();
        }
        text.trim().to_owned()
    }

    fn quoted(&mut self) -> Result<String, TextError> {
        let opened = self.place;
        self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None => {
                    return Err(TextError::new(
                        opened,
                        "this quote is never closed: the text breaks off here, or a quote is too many",
                    ));
                }
                Some('"') if self.rest.peek() == Some(&'"') => {
                    self.next();
                    text.push('"');
                }
                Some('"') => break,
                Some(c) => text.push(c),
            }
        }
        while self.rest.peek().is_some_and(|c| matches!(c, ' ' | '\r')) {
            self.next();
        }
        match self.rest.peek() {
            None | Some('\n') => {}
            Some(c) if *c == self.delimiter => {}
            Some(c) => {
                let message = format!("`{c}` after a closing quote; a quote within a cell is written twice");
                return Err(TextError::new(self.place, message));
            }
        }
        Ok(text.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, delimiter: char) -> Vec<Vec<String>> {
        let records = records(text, delimiter).unwrap();
        records.into_iter().map(|record| record.into_iter().map(|cell| cell.text).collect()).collect()
    }

    #[test]
    fn cells_are_found_with_their_places() {
        let text = "name,role\r\n# a remark\n\n\"anna\", \"a \"\"b\"\"\nc\"\r\nben,\n";
        assert_eq!(texts(text, ','), [["name", "role"], ["anna", "a \"b\"\nc"], ["ben", ""]]);
        let records = records(text, ',').unwrap();
        assert_eq!(records[1][1].place, Place { line: 4, column: 9 });
        assert_eq!(records[2][0].place, Place { line: 6, column: 1 });
    }

    #[test]
    fn the_delimiter_is_seen_in_the_first_line() {
        assert_eq!(delimiter("# x;y;z\nname;role,arn;x\n"), ';');
        assert_eq!(delimiter("name\trole\n"), '\t');
        assert_eq!(delimiter("\"a;b;c\",d\n"), ',');
        assert_eq!(delimiter("name\n"), ',');
    }

    #[test]
    fn a_paste_that_breaks_off_is_named_where_the_quote_opened() {
        let error = records("name,role\nanna,\"arn:aws", ',').unwrap_err();
        assert_eq!((error.line, error.column), (2, 6));
        assert!(error.message.contains("never closed"));
        let error = records("\"a\"b,c", ',').unwrap_err();
        assert_eq!((error.line, error.column), (1, 4));
    }
}
