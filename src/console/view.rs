//! Which rows a table shows, in which order: recomputed when something it depends on changed, and rationed
//! while data streams in, so that a large fleet being read never holds up a key.

use std::collections::HashSet;

use crate::fleet::{
    Census, Field, Filter, Fleet, ObjectKey, ObjectKind, Owner, Record, Timestamp, Truth, shown_fields,
};

use super::columns;
use super::{Console, Sort, Within};

/// Which census it was: of what, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    revision: u64,
    at: Timestamp,
}

/// What the rows of a table were computed from.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Built {
    counted: Option<Stamp>,
    choice: Option<Choice>,
    filter: Filter,
}

/// What the person chose, as far as the rows depend on it.
#[derive(Debug, Clone, PartialEq)]
struct Choice {
    filter: u64,
    sort: Sort,
    within: Within,
    faults_only: bool,
}

/// After how many milliseconds a fleet of so many rows is counted again while it changes: often while small,
/// and never more than a small part of the time.
fn ration(rows: usize) -> i64 {
    20 + i64::try_from(rows / 200).unwrap_or(i64::MAX / 2)
}

/// A filter or sort on passing time is computed again after so many milliseconds though nothing else changed.
const TIME_PASSES: i64 = 20_000;

/// For so many milliseconds longer counting waits for keys: a key waits for no count, and a held one keeps none away.
const KEYS_FIRST: i64 = 1_000;

impl Console {
    /// Whether something was learned that the screen does not show yet.
    pub(super) fn is_stale(&self) -> bool {
        self.census.revision() != self.fleet.revision() || self.is_behind()
    }

    /// Whether the table shows another census than the last.
    fn is_behind(&self) -> bool {
        self.table().is_some_and(|table| table.built.counted != Some(self.counted()))
    }

    fn counted(&self) -> Stamp {
        Stamp { revision: self.census.revision(), at: self.census.at() }
    }

    /// Brings census and rows up to date as the ration allows; it allows less while someone is `typing`.
    pub(super) fn refresh_view(&mut self, typing: bool) {
        let changed = self.census.revision() != self.fleet.revision();
        let rows = self.fleet.apps.len() + self.fleet.users.len() + self.fleet.spaces.len();
        let mut wait = if changed { ration(rows) } else { TIME_PASSES };
        if typing {
            wait += KEYS_FIRST;
        }
        let passed = self.now.as_millisecond().saturating_sub(self.census.at().as_millisecond()).abs();
        // Positions mean nothing any more once rows were removed: that cannot wait.
        if passed >= wait || !self.census.places_hold(&self.fleet) {
            self.census = Census::take(&self.fleet, self.now, self.session.idle, Some(&self.census));
        }
        self.count_quotas(self.census.revision());
        if self.pane == super::Pane::Cost {
            self.build_costs();
        }
        let visible = self.drawn.rows.max(1);
        if let Some(ledger) = self.ledger_mut() {
            ledger.refresh(visible);
        }
        if self.is_behind() {
            self.rebuild();
        }
    }

    /// Shows the rows that the person has just asked for, at once.
    pub(super) fn show_rows(&mut self) {
        self.refresh_view(true);
        self.rebuild();
    }

    /// Computes the rows of the pane's table, unless they are as they should be.
    fn rebuild(&mut self) {
        let Some(kind) = self.kind() else { return };
        let Some(mut table) = self.tables.remove(&kind) else { return };
        let choice = Choice {
            filter: table.filter.revision,
            sort: table.sort,
            within: table.within.clone(),
            faults_only: table.faults_only,
        };
        let counted = Some(self.counted());
        let same_data = table.built.counted == counted;
        if !(same_data && table.built.choice.as_ref() == Some(&choice)) {
            self.fill_haystack(&mut table);
            let faults = table.faults_only.then(|| self.faults(kind));
            let narrowed = same_data
                && table.built.choice.as_ref().is_some_and(|built| {
                    built.sort == choice.sort
                        && built.within == choice.within
                        && built.faults_only == choice.faults_only
                })
                && table.filter.filter.narrows(&table.built.filter);
            if narrowed {
                let mut rows = std::mem::take(&mut table.rows);
                rows.retain(|position| self.passes(&table, faults.as_ref(), *position));
                table.rows = rows;
            } else {
                self.select(&mut table, faults.as_ref());
            }
            table.built = Built { counted, choice: Some(choice), filter: table.filter.filter.clone() };
            self.find_cursor(&mut table);
        }
        self.tables.insert(kind, table);
    }

    /// All rows of the kind that belong here, filtered and sorted.
    fn select(&self, table: &mut super::Table, faults: Option<&HashSet<u32>>) {
        let count = self.count(table.kind);
        let mut rows = Vec::new();
        table.total = 0;
        for position in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            if self.belongs(table.kind, &table.within, position as usize) {
                table.total += 1;
                if self.passes(table, faults, position) {
                    rows.push(position);
                }
            }
        }
        self.sort_rows(table.kind, table.sort, &mut rows);
        table.rows = rows;
    }

    /// Whether a row is among the faults, where only those are shown, and passes the filter.
    fn passes(&self, table: &super::Table, faults: Option<&HashSet<u32>>, position: u32) -> bool {
        if faults.is_some_and(|faults| !faults.contains(&position)) {
            return false;
        }
        if table.filter.filter.is_all() {
            return true;
        }
        let Some(row) = self.row(table.kind, position) else { return false };
        let shown = table.haystack.row(position as usize);
        table.filter.filter.truth(&row.with_shown(shown)) == Truth::True
    }

    /// Keeps the lower-case text of all rows, which plain words are looked for in, while data does not change.
    fn fill_haystack(&self, table: &mut super::Table) {
        if table.filter.filter.is_all() {
            return;
        }
        let wanted = self.census.revision();
        if table.haystack_of == Some(wanted) {
            return;
        }
        table.haystack.clear();
        for position in 0..u32::try_from(self.count(table.kind)).unwrap_or(u32::MAX) {
            if let Some(row) = self.row(table.kind, position) {
                table.haystack.push(|out| row.write_shown(shown_fields(table.kind), out));
            }
        }
        table.haystack_of = Some(wanted);
    }

    /// The rows of a kind that are failed or stuck.
    fn faults(&self, kind: ObjectKind) -> HashSet<u32> {
        let totals = self.census.totals();
        let stuck = totals.stuck.iter().map(|stuck| stuck.object);
        let of_kind = totals.faults.iter().copied().chain(stuck).filter(|object| object.kind == kind);
        of_kind.map(|object| object.position).collect()
    }

    /// Whether a row is under the object the table is narrowed to.
    fn belongs(&self, kind: ObjectKind, within: &Within, position: usize) -> bool {
        if *within == Within::Everything {
            return true;
        }
        let Some(key) = self.object_at(kind, position) else { return false };
        belongs(&self.fleet, within, &key)
    }

    fn sort_rows(&self, kind: ObjectKind, sort: Sort, rows: &mut [u32]) {
        if columns::is_number(kind, sort.column) {
            let mut keyed: Vec<(f64, u32)> = rows
                .iter()
                .map(|position| {
                    let number = self.row(kind, *position).and_then(|row| row.rank(sort.column));
                    // What is not known comes last, whichever way the order runs.
                    let absent = if sort.descending { f64::NEG_INFINITY } else { f64::INFINITY };
                    (number.unwrap_or(absent), *position)
                })
                .collect();
            keyed.sort_unstable_by(|left, right| {
                let order = left.0.total_cmp(&right.0);
                (if sort.descending { order.reverse() } else { order })
                    .then_with(|| self.compare_keys(kind, left.1, right.1))
            });
            rows.iter_mut().zip(keyed).for_each(|(row, (_, position))| *row = position);
        } else {
            let mut keyed: Vec<(u64, u32)> =
                rows.iter().map(|position| (self.prefix(kind, sort.column, *position), *position)).collect();
            keyed.sort_unstable_by(|left, right| {
                let order =
                    left.0.cmp(&right.0).then_with(|| self.compare(kind, sort.column, left.1, right.1));
                (if sort.descending { order.reverse() } else { order })
                    .then_with(|| self.compare_keys(kind, left.1, right.1))
            });
            rows.iter_mut().zip(keyed).for_each(|(row, (_, position))| *row = position);
        }
    }

    /// Rows that are equal in the sorted column keep one order, whatever order they arrived in.
    fn compare_keys(&self, kind: ObjectKind, left: u32, right: u32) -> std::cmp::Ordering {
        let (left, right) = (left as usize, right as usize);
        match kind {
            ObjectKind::Domain => {
                let key = |at| self.fleet.domains.at(at).map(|row| &row.key);
                key(left).cmp(&key(right))
            }
            ObjectKind::User => {
                let key = |at| self.fleet.users.at(at).map(|row| &row.key);
                key(left).cmp(&key(right))
            }
            ObjectKind::Space => {
                let key = |at| self.fleet.spaces.at(at).map(|row| &row.key);
                key(left).cmp(&key(right))
            }
            ObjectKind::App => {
                let key = |at| self.fleet.apps.at(at).map(|row| &row.key);
                key(left).cmp(&key(right))
            }
        }
    }

    /// The first eight bytes of a text in lower case, as a number that orders like the text.
    fn prefix(&self, kind: ObjectKind, field: Field, position: u32) -> u64 {
        self.row(kind, position)
            .and_then(|row| row.text(field).value().map(|text| prefix(&text)))
            .unwrap_or(u64::MAX)
    }

    fn compare(&self, kind: ObjectKind, field: Field, left: u32, right: u32) -> std::cmp::Ordering {
        let text = |position: u32| {
            self.row(kind, position).and_then(|row| row.text(field).value().map(|text| text.to_lowercase()))
        };
        text(left).cmp(&text(right))
    }

    /// Finds the object under the cursor again; where it is gone, the cursor stays at its place on screen.
    fn find_cursor(&self, table: &mut super::Table) {
        let streaming = !table.moved && self.fleet.listings().any(|(_, list)| list.loading);
        if streaming {
            table.cursor = None;
            table.cursor_row = 0;
        }
        let known = table.cursor.as_ref().and_then(|key| self.position_of(key));
        let row = known.and_then(|position| table.rows.iter().position(|row| *row as usize == position));
        table.cursor_row = match row {
            Some(row) => row,
            None => table.cursor_row.min(table.rows.len().saturating_sub(1)),
        };
        if row.is_none() {
            let position = table.rows.get(table.cursor_row);
            table.cursor = position.and_then(|position| self.object_at(table.kind, *position as usize));
        }
        table.keep_in_sight(self.drawn.rows.max(1));
        table.marks.retain(|key| self.position_of(key).is_some());
    }
}

fn prefix(text: &str) -> u64 {
    let mut bytes = [0_u8; 8];
    for (slot, byte) in bytes.iter_mut().zip(text.bytes()) {
        *slot = byte.to_ascii_lowercase();
    }
    u64::from_be_bytes(bytes)
}

/// Whether an object is under another.
pub(super) fn belongs(fleet: &Fleet, within: &Within, key: &ObjectKey) -> bool {
    match within {
        Within::Everything => true,
        Within::Domain(domain) => key.domain_key() == *domain,
        Within::User(user) => match key {
            ObjectKey::Domain(_) => false,
            ObjectKey::User(key) => key == user,
            ObjectKey::Space(key) => {
                key.domain == user.domain
                    && key.scope == user.scope
                    && fleet.spaces.get(key).and_then(|space| space.owner.as_ref()) == Some(&user.name)
            }
            ObjectKey::App(key) => {
                key.domain == user.domain
                    && key.scope == user.scope
                    && fleet.user_of(key).as_ref() == Some(&user.name)
            }
        },
        Within::Space(space) => match key {
            ObjectKey::App(key) => {
                key.domain == space.domain
                    && key.scope == space.scope
                    && key.owner == Owner::Space(space.name.clone())
            }
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_order_like_the_texts_they_begin() {
        let mut texts = ["b", "A", "anna", "Anna-k", "ann", "", "zürich"];
        texts.sort_by_key(|text| prefix(text));
        assert_eq!(texts, ["", "A", "ann", "anna", "Anna-k", "b", "zürich"]);
    }

    #[test]
    fn a_large_fleet_is_counted_less_often() {
        assert!(ration(100) < 50);
        assert!((400..=2_000).contains(&ration(200_000)));
    }
}
