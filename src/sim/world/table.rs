//! An ordered store of one kind of entity in one region.
//! Knows nothing of AWS but that rows belong to a domain and were created at some time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use super::Name;
use crate::sim::clock::Millis;

/// The number of a row in its [`Table`]; never used again, not even for the same key.
pub type Id = u32;

/// Where a row stands in a listing by creation time: ties are broken by the number.
pub type Position = (Millis, Id);

/// What a [`Table`] has to know of its rows. Neither answer may ever change for a stored row.
pub trait Row {
    /// What makes the row unique in its region.
    type Key: Ord + Clone;

    /// The row's key.
    fn key(&self) -> Self::Key;
    /// The domain it belongs to.
    fn domain(&self) -> &Name;
    /// Its `CreationTime`.
    fn created(&self) -> Millis;
}

/// Rows by number and by key, and in order of creation for the region and for each domain,
/// so that a page of a listing costs the page and not the table.
#[derive(Debug)]
pub struct Table<T: Row> {
    rows: Vec<Option<T>>,
    by_key: BTreeMap<T::Key, Id>,
    by_created: BTreeSet<Position>,
    by_domain: HashMap<Name, BTreeSet<Position>>,
}

impl<T: Row> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            by_key: BTreeMap::new(),
            by_created: BTreeSet::new(),
            by_domain: HashMap::new(),
        }
    }
}

impl<T: Row> Table<T> {
    /// Stores a row; `None`, and nothing stored, if the key is taken.
    pub fn insert(&mut self, row: T) -> Option<Id> {
        let key = row.key();
        if self.by_key.contains_key(&key) {
            return None;
        }
        let id = Id::try_from(self.rows.len()).ok()?;
        let position = (row.created(), id);
        self.by_created.insert(position);
        self.by_domain.entry(row.domain().clone()).or_default().insert(position);
        self.by_key.insert(key, id);
        self.rows.push(Some(row));
        Some(id)
    }

    /// Takes a row out.
    pub fn remove(&mut self, id: Id) -> Option<T> {
        let row = self.rows.get_mut(id as usize)?.take()?;
        let position = (row.created(), id);
        self.by_created.remove(&position);
        if let Some(positions) = self.by_domain.get_mut(row.domain()) {
            positions.remove(&position);
            if positions.is_empty() {
                self.by_domain.remove(row.domain());
            }
        }
        self.by_key.remove(&row.key());
        Some(row)
    }

    /// The row of that number.
    pub fn get(&self, id: Id) -> Option<&T> {
        self.rows.get(id as usize)?.as_ref()
    }

    /// The row of that number, to change anything but its key and creation time.
    pub fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        self.rows.get_mut(id as usize)?.as_mut()
    }

    /// The number of the row with that key.
    pub fn find(&self, key: &T::Key) -> Option<Id> {
        self.by_key.get(key).copied()
    }

    /// The rows whose keys lie between two bounds, in order of key.
    pub fn range(&self, from: Bound<T::Key>, to: Bound<T::Key>) -> impl Iterator<Item = (Id, &T)> {
        self.by_key.range((from, to)).filter_map(|(_, &id)| Some((id, self.get(id)?)))
    }

    /// The rows of one domain, or of the region, after a position (before it, when `descending`),
    /// by creation time.
    pub fn listing(
        &self,
        domain: Option<&str>,
        after: Option<Position>,
        descending: bool,
    ) -> Box<dyn Iterator<Item = (Id, &T)> + '_> {
        let positions = match domain {
            None => &self.by_created,
            Some(domain) => match self.by_domain.get(domain) {
                Some(positions) => positions,
                None => return Box::new(std::iter::empty()),
            },
        };
        let row = |&(_, id): &Position| Some((id, self.get(id)?));
        let bound = after.map_or(Bound::Unbounded, Bound::Excluded);
        if descending {
            Box::new(positions.range((Bound::Unbounded, bound)).rev().filter_map(row))
        } else {
            Box::new(positions.range((bound, Bound::Unbounded)).filter_map(row))
        }
    }

    /// All rows, in no promised order.
    pub fn iter(&self) -> impl Iterator<Item = (Id, &T)> {
        self.rows.iter().enumerate().filter_map(|(index, row)| Some((index as Id, row.as_ref()?)))
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// One more than the highest number given out: a bound for picking rows at random.
    pub fn id_bound(&self) -> Id {
        self.rows.len() as Id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Thing(Name, &'static str, Millis);

    impl Row for Thing {
        type Key = &'static str;
        fn key(&self) -> &'static str {
            self.1
        }
        fn domain(&self) -> &Name {
            &self.0
        }
        fn created(&self) -> Millis {
            self.2
        }
    }

    fn table() -> Table<Thing> {
        let mut table = Table::default();
        for (domain, key, created) in [("d-1", "a", 30), ("d-1", "b", 10), ("d-2", "c", 20), ("d-1", "d", 10)]
        {
            table.insert(Thing(domain.into(), key, created)).unwrap();
        }
        table
    }

    fn keys<'a>(rows: impl Iterator<Item = (Id, &'a Thing)>) -> String {
        rows.map(|(_, row)| row.1).collect()
    }

    #[test]
    fn listings_are_in_order_of_creation_both_ways_and_resume_after_a_position() {
        let table = table();
        assert_eq!(keys(table.listing(None, None, false)), "bdca");
        assert_eq!(keys(table.listing(None, None, true)), "acdb");
        assert_eq!(keys(table.listing(Some("d-1"), Some((10, 1)), false)), "da");
        assert_eq!(keys(table.listing(Some("d-1"), Some((10, 3)), true)), "b");
        assert_eq!(keys(table.listing(Some("d-9"), None, false)), "");
    }

    #[test]
    fn a_removed_row_leaves_every_order_and_its_key_is_free_again() {
        let mut table = table();
        let id = table.find(&"b").unwrap();
        assert_eq!(table.remove(id), Some(Thing("d-1".into(), "b", 10)));
        assert_eq!(table.remove(id), None);
        assert_eq!(keys(table.listing(None, None, false)), "dca");
        assert_eq!(keys(table.listing(Some("d-1"), None, false)), "da");
        assert_ne!(table.insert(Thing("d-1".into(), "b", 5)).unwrap(), id);
        assert_eq!(table.insert(Thing("d-1".into(), "b", 6)), None);
        assert_eq!(table.len(), 4);
    }

    #[test]
    fn rows_are_found_by_ranges_of_their_keys() {
        let table = table();
        assert_eq!(keys(table.range(Bound::Included("b"), Bound::Excluded("d"))), "bc");
    }
}
