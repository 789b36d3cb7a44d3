//! A table of rows that are no objects of the fleet: bills and quotas. Its rows are handed to it whole; filter,
//! sort and cursor are kept by the key of the row, and nothing is computed while nothing changed.

use std::borrow::Cow;
use std::sync::Arc;

use crate::fleet::{Field, FieldKind, FieldSpec, Filter, Haystack, Known, Record, Sheet, Truth, lower_into};

use super::columns::{Column, When};
use super::{Cell, Console, FilterBox, Pane, Sort, Tone};

/// What stands under a field of a row, and how it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerCell {
    /// What is shown.
    pub text: String,
    /// The figure, for fields that are no text: what filters compare, what is sorted by and exported.
    pub figure: Known<f64>,
    /// Whether the figure is only the least it can be.
    pub least: bool,
    /// How it is meant.
    pub tone: Tone,
    /// A part of the whole, between 0 and 1, to be drawn as a bar before the text.
    pub share: Option<f64>,
}

impl LedgerCell {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), figure: Known::Absent, least: false, tone: Tone::Plain, share: None }
    }

    /// A figure, and how it is written.
    pub fn figure(text: impl Into<String>, figure: f64) -> Self {
        Self { figure: Known::Value(figure), ..Self::text(text) }
    }

    /// There is none.
    pub fn absent() -> Self {
        Self { tone: Tone::Muted, ..Self::text("—") }
    }

    /// It is not known; never to be shown as zero.
    pub fn unknown() -> Self {
        Self { figure: Known::Unknown, tone: Tone::Unknown, ..Self::text("unknown") }
    }

    /// The same, meant like this.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The same with a bar.
    #[must_use]
    pub fn share(self, share: f64) -> Self {
        Self { share: Some(share), ..self }
    }

    /// The same as the least it can be: `≥12`, ranked by that part, and unknown to filters and exports.
    #[must_use]
    pub fn at_least(self) -> Self {
        Self { text: format!("≥{}", self.text), least: true, ..self }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerRow {
    /// What it is known by; the cursor follows it.
    pub key: Arc<str>,
    cells: Vec<(Field, LedgerCell)>,
}

impl LedgerRow {
    /// A row without cells.
    pub fn new(key: impl Into<Arc<str>>) -> Self {
        Self { key: key.into(), cells: Vec::new() }
    }

    /// The same row with a cell; a field may have one without being a column, for filters.
    #[must_use]
    pub fn with(mut self, field: Field, cell: LedgerCell) -> Self {
        self.cells.push((field, cell));
        self
    }

    /// What stands under a field.
    pub fn cell(&self, field: Field) -> Option<&LedgerCell> {
        self.cells.iter().find(|(known, _)| *known == field).map(|(_, cell)| cell)
    }

    fn rank(&self, field: Field) -> Option<f64> {
        self.cell(field).and_then(|cell| cell.figure.value())
    }
}

/// A row with its text as it was put together before.
struct Seen<'a>(&'a LedgerRow, &'a str);

impl Record for Seen<'_> {
    fn shown(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.1)
    }

    fn text(&self, field: Field) -> Known<Cow<'_, str>> {
        match self.0.cell(field) {
            Some(cell) if cell.tone == Tone::Unknown => Known::Unknown,
            Some(cell) => Known::Value(Cow::Borrowed(cell.text.as_str())),
            None => Known::Absent,
        }
    }

    fn number(&self, field: Field) -> Known<f64> {
        match self.0.cell(field) {
            Some(cell) if cell.least => Known::Unknown,
            Some(cell) => cell.figure,
            None => Known::Absent,
        }
    }

    fn tag(&self, _: &str) -> Known<Cow<'_, str>> {
        Known::Absent
    }
}

/// A table of such rows.
#[derive(Debug)]
pub struct Ledger {
    /// The filter.
    pub filter: FilterBox,
    /// The order of the rows.
    pub sort: Sort,
    /// The column chosen to sort by next.
    pub chosen_column: Option<Field>,
    /// Whether wide columns are shown.
    pub wide: bool,
    /// Whether its rows lie in several accounts, and in several regions.
    pub several: (bool, bool),
    /// The first row wanted on screen.
    pub offset: usize,
    columns: &'static [Column],
    fields: &'static [FieldSpec],
    all: Vec<LedgerRow>,
    shown: Vec<u32>,
    cursor: Option<Arc<str>>,
    cursor_row: usize,
    moved: bool,
    haystack: Haystack,
    revision: u64,
    built: Option<(u64, u64, Sort)>,
    built_filter: Filter,
}

impl Ledger {
    /// An empty table with these columns, whose filter knows these fields.
    pub fn new(columns: &'static [Column], fields: &'static [FieldSpec], sort: Sort) -> Self {
        Self {
            filter: FilterBox::new(fields),
            sort,
            chosen_column: None,
            wide: false,
            several: (false, false),
            offset: 0,
            columns,
            fields,
            all: Vec::new(),
            shown: Vec::new(),
            cursor: None,
            cursor_row: 0,
            moved: false,
            haystack: Haystack::default(),
            revision: 0,
            built: None,
            built_filter: Filter::default(),
        }
    }

    /// Takes other rows in place of those it has; the cursor stays with its row where that is still there.
    pub fn fill(&mut self, rows: Vec<LedgerRow>) {
        self.all = rows;
        self.haystack.clear();
        self.revision += 1;
    }

    /// Takes other columns, as when the rows are of another kind.
    pub fn set_columns(&mut self, columns: &'static [Column]) {
        self.columns = columns;
    }

    /// All rows, shown or not.
    pub fn all(&self) -> &[LedgerRow] {
        &self.all
    }

    /// How many rows the filter shows.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether the filter shows none.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The row at a place of the screen's order.
    pub fn row(&self, place: usize) -> Option<&LedgerRow> {
        self.all.get(*self.shown.get(place)? as usize)
    }

    /// The rows the filter shows, in order.
    pub fn rows(&self) -> impl Iterator<Item = &LedgerRow> {
        self.shown.iter().filter_map(|at| self.all.get(*at as usize))
    }

    /// The row under the cursor.
    pub fn selected(&self) -> Option<&LedgerRow> {
        self.row(self.cursor_row)
    }

    /// Whether the person has moved the cursor.
    pub fn was_moved(&self) -> bool {
        self.moved
    }

    /// The place of the cursor.
    pub fn cursor_row(&self) -> usize {
        self.cursor_row
    }

    /// Puts the cursor on a row of the screen's order and keeps it in sight.
    pub fn put_cursor(&mut self, row: usize, visible: usize) {
        self.cursor_row = row.min(self.shown.len().saturating_sub(1));
        self.cursor = self.selected().map(|row| row.key.clone());
        self.moved = true;
        self.keep_in_sight(visible);
    }

    /// Puts the cursor on the row with a key, if it is shown.
    pub fn select(&mut self, key: &str, visible: usize) {
        let row = self.rows().position(|row| *row.key == *key);
        if let Some(row) = row {
            self.put_cursor(row, visible);
        }
    }

    /// The columns that are shown.
    pub fn columns(&self) -> Vec<&'static Column> {
        let shown = |column: &&'static Column| match column.when {
            When::Always => true,
            When::Wide => self.wide,
            When::SeveralAccounts => self.several.0 || self.wide,
            When::SeveralRegions => self.several.1 || self.wide,
        };
        self.columns.iter().filter(shown).collect()
    }

    /// All columns, shown or not.
    pub fn all_columns(&self) -> &'static [Column] {
        self.columns
    }

    /// What stands in a column of a row.
    pub fn cell(column: &Column, row: &LedgerRow) -> Cell {
        match row.cell(column.field) {
            Some(cell) => Cell { text: cell.text.clone(), tone: cell.tone },
            None => Cell { text: "—".to_owned(), tone: Tone::Muted },
        }
    }

    /// Sorts by a column; by the same again, the other way round.
    pub(super) fn sort_by(&mut self, column: Field) {
        if self.sort.column == column {
            self.sort.descending = !self.sort.descending;
        } else {
            self.sort = Sort { column, descending: self.is_figure(column) };
        }
        self.chosen_column = None;
    }

    /// Brings the shown rows up to date, unless they are.
    pub(super) fn refresh(&mut self, visible: usize) {
        let wanted = (self.revision, self.filter.revision, self.sort);
        if self.built == Some(wanted) {
            return;
        }
        let narrowed = self.built.is_some_and(|(data, _, sort)| data == wanted.0 && sort == wanted.2)
            && self.filter.filter.narrows(&self.built_filter);
        if !self.filter.filter.is_all() && self.haystack.is_empty() {
            let columns = self.columns;
            for row in &self.all {
                self.haystack.push(|out| {
                    for column in columns {
                        if let Some(cell) = row.cell(column.field) {
                            lower_into(out, &cell.text);
                        }
                    }
                });
            }
        }
        let mut rows = std::mem::take(&mut self.shown);
        if narrowed {
            rows.retain(|at| self.passes(*at));
        } else {
            rows.clear();
            let count = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
            rows.extend((0..count).filter(|at| self.passes(*at)));
            self.order(&mut rows);
        }
        self.shown = rows;
        self.built = Some(wanted);
        self.built_filter = self.filter.filter.clone();
        self.find_cursor(visible);
    }

    /// The rows that are shown, with the columns that are shown, as typed values.
    pub(super) fn sheet(&self) -> Sheet {
        let specs: Vec<&'static FieldSpec> = self
            .columns()
            .iter()
            .filter_map(|column| self.fields.iter().find(|spec| spec.field == column.field))
            .collect();
        let mut sheet = Sheet::new(specs.iter().copied());
        for row in self.rows() {
            sheet.push(&Seen(row, ""), specs.iter().map(|spec| spec.field));
        }
        sheet
    }

    fn is_figure(&self, field: Field) -> bool {
        let spec = self.fields.iter().find(|spec| spec.field == field);
        spec.is_some_and(|spec| !matches!(spec.kind, FieldKind::Text | FieldKind::Verdict))
    }

    fn passes(&self, at: u32) -> bool {
        let filter = &self.filter.filter;
        filter.is_all()
            || self
                .all
                .get(at as usize)
                .is_some_and(|row| filter.truth(&Seen(row, self.haystack.row(at as usize))) == Truth::True)
    }

    fn order(&self, rows: &mut [u32]) {
        let Sort { column, descending } = self.sort;
        let row = |at: &u32| self.all.get(*at as usize);
        if self.is_figure(column) {
            // What is not known comes last, whichever way the order runs.
            let absent = if descending { f64::NEG_INFINITY } else { f64::INFINITY };
            let rank = |at: &u32| row(at).and_then(|row| row.rank(column)).unwrap_or(absent);
            rows.sort_by(|left, right| {
                let order = rank(left).total_cmp(&rank(right));
                if descending { order.reverse() } else { order }
            });
        } else {
            let text =
                |at: &u32| row(at).and_then(|row| row.cell(column)).map(|cell| cell.text.to_lowercase());
            rows.sort_by_cached_key(text);
            if descending {
                rows.reverse();
            }
        }
    }

    /// Finds the row under the cursor again; where it is gone, the cursor stays at its place on screen.
    fn find_cursor(&mut self, visible: usize) {
        let wanted = self.cursor.clone().filter(|_| self.moved);
        let found = wanted.and_then(|key| self.rows().position(|row| row.key == key));
        self.cursor_row = match found {
            Some(row) => row,
            None if self.moved => self.cursor_row.min(self.shown.len().saturating_sub(1)),
            None => 0,
        };
        if found.is_none() {
            self.cursor = self.selected().map(|row| row.key.clone());
        }
        self.keep_in_sight(visible);
    }

    fn keep_in_sight(&mut self, visible: usize) {
        let visible = visible.max(1);
        if self.cursor_row < self.offset {
            self.offset = self.cursor_row;
        } else if self.cursor_row >= self.offset + visible {
            self.offset = self.cursor_row + 1 - visible;
        }
        self.offset = self.offset.min(self.shown.len().saturating_sub(visible));
    }
}

impl Console {
    /// The ledger of the pane, if the pane has one.
    pub fn ledger(&self) -> Option<&Ledger> {
        match self.pane {
            Pane::Cost => Some(&self.cost.ledger),
            Pane::Quotas => Some(&self.quotas.ledger),
            _ => None,
        }
    }

    /// The ledger of the pane, to change it.
    pub(super) fn ledger_mut(&mut self) -> Option<&mut Ledger> {
        match self.pane {
            Pane::Cost => Some(&mut self.cost.ledger),
            Pane::Quotas => Some(&mut self.quotas.ledger),
            _ => None,
        }
    }

    /// The filter of the pane, if its rows can be filtered.
    pub fn filter(&self) -> Option<&FilterBox> {
        self.ledger().map(|ledger| &ledger.filter).or_else(|| self.table().map(|table| &table.filter))
    }

    /// The filter of the pane, to change it.
    pub(super) fn filter_mut(&mut self) -> Option<&mut FilterBox> {
        if self.ledger().is_some() {
            return self.ledger_mut().map(|ledger| &mut ledger.filter);
        }
        self.table_mut().map(|table| &mut table.filter)
    }

    /// How many rows the pane shows: those of its table or ledger.
    pub fn shown_rows(&self) -> usize {
        match self.ledger() {
            Some(ledger) => ledger.len(),
            None => self.table().map_or(0, |table| table.rows.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::{figure, only, text};
    use super::*;

    const COLUMNS: &[Column] = &[
        text(Field::Name, "NAME", 4, 20),
        figure(Field::Cost, "COST", 4, 10),
        only(When::Wide, text(Field::Type, "TYPE", 4, 10)),
    ];

    fn ledger(rows: &[(&str, Option<f64>)]) -> Ledger {
        let sort = Sort { column: Field::Cost, descending: true };
        let mut ledger = Ledger::new(COLUMNS, crate::fleet::COST_FIELDS, sort);
        ledger.fill(rows.iter().map(|(name, cost)| row(name, *cost)).collect());
        ledger.refresh(10);
        ledger
    }

    fn row(name: &str, cost: Option<f64>) -> LedgerRow {
        let cell =
            cost.map_or_else(LedgerCell::unknown, |cost| LedgerCell::figure(format!("{cost:.2}"), cost));
        LedgerRow::new(name).with(Field::Name, LedgerCell::text(name)).with(Field::Cost, cell)
    }

    fn names(ledger: &Ledger) -> Vec<&str> {
        ledger.rows().map(|row| &*row.key).collect()
    }

    #[test]
    fn what_is_not_known_comes_last_whichever_way_the_order_runs() {
        let mut ledger = ledger(&[("a", None), ("b", Some(1.0)), ("c", Some(-3.0)), ("d", Some(7.0))]);
        assert_eq!(names(&ledger), ["d", "b", "c", "a"]);
        ledger.sort_by(Field::Cost);
        ledger.refresh(10);
        assert_eq!(names(&ledger), ["c", "b", "d", "a"]);
    }

    #[test]
    fn the_filter_language_asks_for_figures_and_for_words_and_what_is_unknown_matches_neither() {
        let mut ledger = ledger(&[("anna", None), ("ben", Some(1.0)), ("berta", Some(7.0))]);
        for (filter, shown) in [
            ("cost>5", vec!["berta"]),
            ("!cost>5", vec!["ben"]),
            ("be", vec!["berta", "ben"]),
            ("", vec!["berta", "ben", "anna"]),
        ] {
            ledger.filter.set(filter);
            ledger.refresh(10);
            assert_eq!(names(&ledger), shown, "{filter}");
        }
        ledger.filter.set("nothing:x");
        assert!(ledger.filter.error.is_some());
    }

    #[test]
    fn the_cursor_follows_its_row_once_it_was_moved_and_stays_on_top_before() {
        let mut ledger = ledger(&[("a", Some(1.0)), ("b", Some(2.0)), ("c", Some(3.0))]);
        assert_eq!(ledger.selected().map(|row| &*row.key), Some("c"));
        ledger.fill(vec![row("c", Some(1.0)), row("d", Some(9.0))]);
        ledger.refresh(10);
        assert_eq!(ledger.selected().map(|row| &*row.key), Some("d"));
        ledger.put_cursor(1, 10);
        ledger.fill(vec![row("c", Some(99.0)), row("d", Some(9.0))]);
        ledger.refresh(10);
        assert_eq!(ledger.selected().map(|row| &*row.key), Some("c"));
        assert_eq!(ledger.cursor_row(), 0);
    }

    #[test]
    fn a_sheet_has_what_is_shown_and_keeps_unknown_apart_from_zero() {
        let mut ledger = ledger(&[("a", None), ("b", Some(0.0))]);
        assert_eq!(ledger.columns().len(), 2);
        ledger.wide = true;
        assert_eq!(ledger.columns().len(), 3);
        ledger.wide = false;
        let sheet = ledger.sheet();
        assert_eq!(sheet.columns.iter().map(|column| column.name).collect::<Vec<_>>(), ["name", "cost"]);
        assert_eq!(sheet.rows[0][1], crate::fleet::SheetValue::Number(0.0));
        assert_eq!(sheet.rows[1][1], crate::fleet::SheetValue::Unknown);
    }
}
