//! A table of the fleet: filter, sort, cursor and marks, all kept by identity. Positions come from `view`.

use std::collections::HashSet;

use tui_input::Input;

use crate::fleet::{Field, FieldSpec, Filter, FilterError, Haystack, Needs, ObjectKey, ObjectKind, fields};

use super::columns::{self, Column};
use super::{Console, Tone, Within};

/// A table of one kind of object.
#[derive(Debug)]
pub struct Table {
    /// What its rows are.
    pub kind: ObjectKind,
    /// Under which object it is shown.
    pub within: Within,
    /// The filter.
    pub filter: FilterBox,
    /// The order of the rows.
    pub sort: Sort,
    /// The column chosen to sort by next.
    pub chosen_column: Option<Field>,
    /// Whether wide columns are shown.
    pub wide: bool,
    /// Whether only failed and stuck rows are shown.
    pub faults_only: bool,
    /// The marked objects.
    pub marks: HashSet<ObjectKey>,
    /// Where a range of marks begins: the object marked last.
    pub mark_anchor: Option<ObjectKey>,
    /// The object under the cursor.
    pub cursor: Option<ObjectKey>,
    /// The first row wanted on screen.
    pub offset: usize,
    /// The rows shown, as positions in the fleet, in order.
    pub rows: Vec<u32>,
    /// How many rows there are without the filter.
    pub total: usize,
    pub(super) cursor_row: usize,
    /// Whether the person has moved the cursor; before, it stays at the top while rows stream in.
    pub(super) moved: bool,
    pub(super) built: super::view::Built,
    pub(super) haystack: Haystack,
    pub(super) haystack_of: Option<u64>,
}

/// The order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By which column.
    pub column: Field,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// A filter as it is typed. A wrong one shows where it is wrong, and the last good one stays in force.
#[derive(Debug, Clone)]
pub struct FilterBox {
    /// The text field.
    pub input: Input,
    /// Whether it has the keys.
    pub editing: bool,
    /// What is wrong with the text.
    pub error: Option<FilterError>,
    /// The last good filter.
    pub filter: Filter,
    /// Grows with every change of the filter in force.
    pub(super) revision: u64,
    fields: &'static [FieldSpec],
}

impl FilterBox {
    /// An empty one that knows these fields.
    pub(super) fn new(fields: &'static [FieldSpec]) -> Self {
        Self {
            input: Input::default(),
            editing: false,
            error: None,
            filter: Filter::default(),
            revision: 0,
            fields,
        }
    }

    /// The text as typed.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Replaces the text.
    pub fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
        self.parse();
    }

    /// Understands the text, or keeps the last good filter and says what is wrong.
    pub fn parse(&mut self) {
        match Filter::parse(self.input.value(), self.fields) {
            Ok(filter) => {
                self.error = None;
                if filter != self.filter {
                    self.filter = filter;
                    self.revision += 1;
                }
            }
            Err(error) => self.error = Some(error),
        }
    }

    /// Which details the filter depends on.
    pub fn needs(&self) -> Needs {
        self.filter.needs()
    }
}

impl Table {
    /// An empty table in its usual order.
    pub fn new(kind: ObjectKind) -> Self {
        let (column, descending) = match kind {
            ObjectKind::App => (Field::Cost, true),
            ObjectKind::Domain => (Field::Domain, false),
            ObjectKind::User | ObjectKind::Space => (Field::Name, false),
        };
        Self {
            kind,
            within: Within::Everything,
            filter: FilterBox::new(fields(kind)),
            sort: Sort { column, descending },
            chosen_column: None,
            wide: false,
            faults_only: false,
            marks: HashSet::new(),
            mark_anchor: None,
            cursor: None,
            offset: 0,
            rows: Vec::new(),
            total: 0,
            cursor_row: 0,
            moved: false,
            built: super::view::Built::default(),
            haystack: Haystack::default(),
            haystack_of: None,
        }
    }

    /// The row under the cursor, by its place on screen.
    pub fn cursor_row(&self) -> usize {
        self.cursor_row
    }

    /// Whether an object is marked.
    pub fn is_marked(&self, key: &ObjectKey) -> bool {
        self.marks.contains(key)
    }

    /// Which details the filter and the sort depend on.
    pub(super) fn needs(&self) -> Needs {
        let spec = fields(self.kind).iter().find(|spec| spec.field == self.sort.column);
        self.filter.needs().and(spec.map_or(Needs::NONE, |spec| spec.needs))
    }

    /// Sorts by a column; by the same again, the other way round.
    pub(super) fn sort_by(&mut self, column: Field) {
        if self.sort.column == column {
            self.sort.descending = !self.sort.descending;
        } else {
            self.sort = Sort { column, descending: columns::is_number(self.kind, column) };
        }
        self.chosen_column = None;
    }

    /// Sorts by a column given by its position among all columns of the kind.
    pub(super) fn sort_by_position(&mut self, position: usize) {
        if let Some(column) = columns::all(self.kind).get(position) {
            self.sort_by(column.field);
        }
    }
}

impl Console {
    /// How many rows one page is.
    pub(super) fn page(&self) -> isize {
        isize::try_from(self.drawn.rows.max(2) - 1).unwrap_or(isize::MAX)
    }

    /// Moves the cursor of whatever the pane is.
    pub(super) fn move_cursor(&mut self, by: isize) {
        match self.pane {
            super::Pane::Overview => self.move_overview(by),
            super::Pane::Operations => {
                let count = self.operations.list.len();
                self.operations.cursor = super::layers::moved(self.operations.cursor, by, count);
            }
            super::Pane::Quotas if self.quotas.face == super::QuotaFace::Matrix => {
                self.move_quota_cell(by, 0);
            }
            super::Pane::Cost | super::Pane::Quotas => {
                let Some(ledger) = self.ledger() else { return };
                let row = super::layers::moved(ledger.cursor_row(), by, ledger.len());
                self.put_cursor(row);
            }
            _ => {
                let Some(table) = self.table() else { return };
                let row = super::layers::moved(table.cursor_row, by, table.rows.len());
                self.put_cursor(row);
            }
        }
    }

    /// Puts the cursor on a row of the table and keeps it on screen.
    pub(super) fn put_cursor(&mut self, row: usize) {
        let seen = self.drawn.rows.max(1);
        if self.pane == super::Pane::Quotas && self.quotas.face == super::QuotaFace::Matrix {
            self.quotas.cell.0 = row;
            return;
        }
        if let Some(ledger) = self.ledger_mut() {
            return ledger.put_cursor(row, seen);
        }
        let Some(table) = self.table() else { return };
        let row = row.min(table.rows.len().saturating_sub(1));
        let key = table.rows.get(row).and_then(|position| self.object_at(table.kind, *position as usize));
        let visible = self.drawn.rows.max(1);
        if let Some(table) = self.table_mut() {
            table.cursor = key;
            table.cursor_row = row;
            table.moved = true;
            table.keep_in_sight(visible);
        }
    }

    pub(super) fn toggle_mark(&mut self) {
        let Some(key) = self.selected() else { return };
        if let Some(table) = self.table_mut() {
            if table.marks.remove(&key) {
                table.mark_anchor = None;
            } else {
                table.marks.insert(key.clone());
                table.mark_anchor = Some(key);
            }
        }
        self.move_cursor(1);
    }

    pub(super) fn mark_range(&mut self) {
        let Some(table) = self.table() else { return };
        let from = table.mark_anchor.as_ref().and_then(|anchor| self.row_of(anchor));
        let Some(from) = from else {
            return self.toggle_mark();
        };
        let to = table.cursor_row;
        let range = from.min(to)..=from.max(to);
        let keys: Vec<ObjectKey> = table.rows[range]
            .iter()
            .filter_map(|position| self.object_at(table.kind, *position as usize))
            .collect();
        let last = self.selected();
        if let Some(table) = self.table_mut() {
            table.marks.extend(keys);
            table.mark_anchor = last;
        }
    }

    /// Marks every row the filter shows. On a list that is not complete this is refused before it gets here.
    pub(super) fn mark_all(&mut self) {
        let Some(table) = self.table() else { return };
        let keys: Vec<ObjectKey> =
            table.rows.iter().filter_map(|position| self.object_at(table.kind, *position as usize)).collect();
        if let Some(table) = self.table_mut() {
            table.marks.extend(keys);
        }
    }

    /// The row of an object in the table of its pane.
    pub(super) fn row_of(&self, key: &ObjectKey) -> Option<usize> {
        let table = self.table()?;
        let position = self.position_of(key)?;
        table.rows.iter().position(|row| *row as usize == position)
    }

    /// The position of an object in the fleet.
    pub(super) fn position_of(&self, key: &ObjectKey) -> Option<usize> {
        match key {
            ObjectKey::Domain(key) => self.fleet.domains.position(key),
            ObjectKey::User(key) => self.fleet.users.position(key),
            ObjectKey::Space(key) => self.fleet.spaces.position(key),
            ObjectKey::App(key) => self.fleet.apps.position(key),
        }
    }

    /// Chooses the column to the left or right of the chosen one.
    pub(super) fn sort_column(&mut self, by: isize) {
        let columns = self.columns();
        let (chosen, sort) = match (self.ledger(), self.table()) {
            (Some(ledger), _) => (ledger.chosen_column, ledger.sort),
            (None, Some(table)) => (table.chosen_column, table.sort),
            (None, None) => return,
        };
        let current = chosen.unwrap_or(sort.column);
        let at = columns.iter().position(|column| column.field == current).unwrap_or(0);
        let to = super::layers::moved(at, by, columns.len());
        let chosen = columns.get(to).map(|column: &&Column| column.field);
        if let Some(ledger) = self.ledger_mut() {
            ledger.chosen_column = chosen;
        } else if let Some(table) = self.table_mut() {
            table.chosen_column = chosen;
        }
    }

    /// Sorts by the chosen column, or turns the order round.
    pub(super) fn sort_now(&mut self) {
        if let Some(ledger) = self.ledger_mut() {
            let column = ledger.chosen_column.unwrap_or(ledger.sort.column);
            ledger.sort_by(column);
        } else if let Some(table) = self.table_mut() {
            let column = table.chosen_column.unwrap_or(table.sort.column);
            table.sort_by(column);
        }
        self.show_rows();
    }

    /// Sorts by the first of these columns that the table has.
    pub(super) fn sort_by(&mut self, wanted: &[Field]) {
        let all = match (self.ledger(), self.table()) {
            (Some(ledger), _) => ledger.all_columns(),
            (None, Some(table)) => columns::all(table.kind),
            (None, None) => return,
        };
        let found = wanted.iter().find(|field| all.iter().any(|column| column.field == **field));
        match (found.copied(), self.ledger().is_some()) {
            (Some(field), true) => self.ledger_mut().into_iter().for_each(|ledger| ledger.sort_by(field)),
            (Some(field), false) => self.table_mut().into_iter().for_each(|table| table.sort_by(field)),
            (None, _) => return self.say(Tone::Warn, "this table has no such column"),
        }
        self.show_rows();
    }
}

impl Table {
    /// Scrolls so that the cursor is among the visible rows.
    pub(super) fn keep_in_sight(&mut self, visible: usize) {
        if self.cursor_row < self.offset {
            self.offset = self.cursor_row;
        } else if self.cursor_row >= self.offset + visible {
            self.offset = self.cursor_row + 1 - visible;
        }
        self.offset = self.offset.min(self.rows.len().saturating_sub(visible));
    }
}
