//! Text of many lines that is typed, pasted or read from a file. Each line can be found wrong by itself.

/// How much text an area takes, in bytes.
pub(crate) const MOST: usize = 4 * 1024 * 1024;

/// Something that is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1; 0 where it is the text as a whole.
    pub line: usize,
    /// The character in the line, from 1; 0 where it is the line as a whole.
    pub column: usize,
    /// What is wrong, as a clause.
    pub message: String,
    /// Whether the form cannot be submitted with it; else only the line is left out.
    pub blocks: bool,
}

impl Fault {
    /// With its place: "line 3, column 7: ...".
    pub fn placed(&self) -> String {
        match (self.line, self.column) {
            (0, _) => self.message.clone(),
            (line, 0) => format!("line {line}: {}", self.message),
            (line, column) => format!("line {line}, column {column}: {}", self.message),
        }
    }
}

/// Text of many lines, with a cursor.
#[derive(Debug, Clone)]
pub struct Area {
    lines: Vec<String>,
    row: usize,
    /// The cursor's place in its line, in characters.
    column: usize,
    /// What is wrong with it, from the top.
    pub faults: Vec<Fault>,
    /// From which file the text is, as long as it was not changed since.
    pub from: Option<String>,
    revision: u64,
    bytes: usize,
}

impl Default for Area {
    fn default() -> Self {
        Self {
            lines: vec![String::new()],
            row: 0,
            column: 0,
            faults: Vec::new(),
            from: None,
            revision: 0,
            bytes: 0,
        }
    }
}

impl Area {
    /// The lines.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Line and column of the cursor, from 0 on, the column in characters.
    pub fn cursor(&self) -> (usize, usize) {
        (self.row, self.column)
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// Whether nothing but blanks stands in it.
    pub fn is_blank(&self) -> bool {
        self.lines.iter().all(|line| line.trim().is_empty())
    }

    /// Grows with every change of the text.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The first thing that has to be mended, with its place, and how many there are besides.
    pub(super) fn fault(&self) -> Option<String> {
        let mut blocking = self.faults.iter().filter(|fault| fault.blocks);
        let first = blocking.next()?.placed();
        Some(match blocking.count() {
            0 => first,
            more => format!("{first} (and {more} more)"),
        })
    }

    /// What is wrong with the line under the cursor.
    pub fn fault_here(&self) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.line == self.row + 1)
    }

    /// Puts a text in the place of what is there.
    pub(super) fn set(&mut self, text: &str) {
        let revision = self.revision + 1;
        *self = Self { revision, ..Self::default() };
        self.splice(text);
        (self.row, self.column) = (0, 0);
    }

    /// Inserts text at the cursor, or says why not; it is never cut.
    pub(super) fn insert(&mut self, text: &str) -> Result<(), String> {
        if self.bytes + text.len() > MOST {
            return Err(format!(
                "that is more than {} MiB of text; give it as a file to the command line",
                MOST >> 20
            ));
        }
        self.splice(text);
        self.changed();
        Ok(())
    }

    fn splice(&mut self, text: &str) {
        self.bytes += text.len();
        let at = self.offset();
        let Some(line) = self.lines.get_mut(self.row) else { return };
        let tail = line.split_off(at);
        let mut parts = text.split('\n').map(|part| part.strip_suffix('\r').unwrap_or(part));
        line.push_str(parts.next().unwrap_or_default());
        let more: Vec<String> = parts.map(str::to_owned).collect();
        let end = self.row + more.len();
        let next = self.row + 1;
        self.lines.splice(next..next, more);
        self.row = end;
        if let Some(line) = self.lines.get_mut(end) {
            self.column = line.chars().count();
            line.push_str(&tail);
        }
    }

    /// The cursor's place in its line, in bytes.
    fn offset(&self) -> usize {
        let line = self.line();
        line.char_indices().nth(self.column).map_or(line.len(), |(at, _)| at)
    }

    fn line(&self) -> &str {
        self.lines.get(self.row).map_or("", String::as_str)
    }

    fn length(&self) -> usize {
        self.line().chars().count()
    }

    fn changed(&mut self) {
        self.revision += 1;
        self.from = None;
    }

    /// Takes away the character before the cursor, or joins the line to the one before.
    pub(super) fn backspace(&mut self) {
        if self.column > 0 {
            self.column -= 1;
            self.delete();
        } else if self.row > 0 {
            let line = self.lines.remove(self.row);
            self.row -= 1;
            self.column = self.length();
            if let Some(before) = self.lines.get_mut(self.row) {
                before.push_str(&line);
            }
            self.bytes = self.bytes.saturating_sub(1);
            self.changed();
        }
    }

    /// Takes away the character under the cursor, or joins the next line to this one.
    pub(super) fn delete(&mut self) {
        let at = self.offset();
        if at < self.line().len() {
            let gone = self.lines[self.row].remove(at);
            self.bytes = self.bytes.saturating_sub(gone.len_utf8());
            self.changed();
        } else if self.row + 1 < self.lines.len() {
            let next = self.lines.remove(self.row + 1);
            self.lines[self.row].push_str(&next);
            self.bytes = self.bytes.saturating_sub(1);
            self.changed();
        }
    }

    /// Takes away the line under the cursor.
    pub(super) fn delete_line(&mut self) {
        if self.lines.len() == 1 {
            self.lines[0].clear();
        } else {
            self.lines.remove(self.row);
            self.row = self.row.min(self.lines.len() - 1);
        }
        self.column = 0;
        self.bytes = self.lines.iter().map(|line| line.len() + 1).sum::<usize>().saturating_sub(1);
        self.changed();
    }

    /// Moves by lines; false if there is none to move to.
    pub(super) fn vertically(&mut self, by: isize) -> bool {
        let row = self.row.saturating_add_signed(by).min(self.lines.len() - 1);
        let moved = row != self.row;
        self.row = row;
        self.column = self.column.min(self.length());
        moved
    }

    /// Moves by a character, over the ends of lines.
    pub(super) fn horizontally(&mut self, back: bool) {
        if back && self.column > 0 {
            self.column -= 1;
        } else if back && self.row > 0 {
            self.row -= 1;
            self.column = self.length();
        } else if !back && self.column < self.length() {
            self.column += 1;
        } else if !back && self.row + 1 < self.lines.len() {
            self.row += 1;
            self.column = 0;
        }
    }

    /// Moves to an end of the line.
    pub(super) fn go_to_end(&mut self, back: bool) {
        self.column = if back { 0 } else { self.length() };
    }

    /// Moves to a line, counted from 0.
    pub(super) fn go_to_line(&mut self, row: usize) {
        self.row = row.min(self.lines.len() - 1);
        self.column = self.column.min(self.length());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_and_pasted_stands_where_the_cursor_was() {
        let mut area = Area::default();
        area.insert("one\r\nthree").unwrap();
        assert_eq!(area.text(), "one\nthree");
        area.vertically(-1);
        area.go_to_end(false);
        area.insert("\ntwo é").unwrap();
        assert_eq!(area.text(), "one\ntwo é\nthree");
        assert_eq!(area.cursor(), (1, 5));
        area.backspace();
        area.backspace();
        assert_eq!(area.lines()[1], "two");
        area.go_to_end(true);
        area.backspace();
        assert_eq!(area.text(), "onetwo\nthree");
        area.go_to_end(false);
        area.delete();
        assert_eq!(area.text(), "onetwothree");
        area.delete_line();
        assert!(area.is_blank());
        assert_eq!(area.bytes, 0);
    }

    #[test]
    fn too_much_text_is_refused_and_never_cut() {
        let mut area = Area::default();
        area.insert("kept").unwrap();
        let refused = area.insert(&"x".repeat(MOST)).unwrap_err();
        assert!(refused.contains("4 MiB"), "{refused}");
        assert_eq!(area.text(), "kept");
    }

    #[test]
    fn ten_thousand_lines_are_pasted_at_once() {
        let mut area = Area::default();
        area.insert(&"anna-k,research\n".repeat(10_000)).unwrap();
        assert_eq!(area.lines().len(), 10_001);
        assert_eq!(area.cursor(), (10_000, 0));
        area.go_to_line(4_999);
        area.insert("x").unwrap();
        assert_eq!(area.lines()[4_999], "xanna-k,research");
    }
}
