//! Finds the positions of the domain, user profile and space of a row, without building keys.

use std::cell::OnceCell;
use std::hash::BuildHasherDefault;

use crate::fleet::quick_hash::QuickMap;
use crate::fleet::{DomainId, DomainKey, Fleet, Name, Scope};

/// The position of what is not on the shelf.
pub(super) const NOWHERE: u32 = u32::MAX;

/// A position, unless it is nowhere.
pub(super) fn somewhere(position: u32) -> Option<u32> {
    (position != NOWHERE).then_some(position)
}

/// Positions by name.
///
/// Equal names of a fleet share one text, so that they are found by its address, which saves reading it: over a
/// great fleet nearly all the time of a census goes into waiting for memory. A name that is found at no address
/// is looked for by its text.
pub(super) struct Places<'a> {
    fleet: &'a Fleet,
    users: Names<'a>,
    spaces: Names<'a>,
    /// The domain found last: rows come by the page, so the next one is nearly always in it too.
    last: Option<(&'a Scope, &'a DomainId, u32)>,
}

/// Positions by domain and name.
#[derive(Default)]
struct Names<'a> {
    rows: Vec<(u32, &'a Name)>,
    by_address: QuickMap<(u32, usize), u32>,
    /// Made when first needed.
    by_text: OnceCell<QuickMap<(u32, &'a str), u32>>,
}

impl<'a> Places<'a> {
    pub(super) fn of(fleet: &'a Fleet) -> Self {
        let mut places = Self { fleet, users: Names::default(), spaces: Names::default(), last: None };
        let users =
            fleet.users.iter().map(|user| (places.domain(&user.key.scope, &user.key.domain), &user.key.name));
        places.users = Names::of(users.collect());
        let spaces = fleet
            .spaces
            .iter()
            .map(|space| (places.domain(&space.key.scope, &space.key.domain), &space.key.name));
        places.spaces = Names::of(spaces.collect());
        places
    }

    pub(super) fn domain(&mut self, scope: &'a Scope, id: &'a DomainId) -> u32 {
        if let Some((last_scope, last_id, position)) = self.last
            && last_scope == scope
            && last_id == id
        {
            return position;
        }
        let key = DomainKey { scope: scope.clone(), id: id.clone() };
        let position =
            self.fleet.domains.position(&key).and_then(|p| u32::try_from(p).ok()).unwrap_or(NOWHERE);
        self.last = Some((scope, id, position));
        position
    }

    pub(super) fn user(&self, domain: u32, name: &Name) -> u32 {
        self.users.position(domain, name)
    }

    pub(super) fn space(&self, domain: u32, name: &Name) -> u32 {
        self.spaces.position(domain, name)
    }
}

impl<'a> Names<'a> {
    fn of(rows: Vec<(u32, &'a Name)>) -> Self {
        let mut by_address = QuickMap::with_capacity_and_hasher(rows.len(), BuildHasherDefault::default());
        by_address
            .extend((0..).zip(&rows).map(|(position, (domain, name))| ((*domain, address(name)), position)));
        Self { rows, by_address, by_text: OnceCell::new() }
    }

    fn position(&self, domain: u32, name: &Name) -> u32 {
        if domain == NOWHERE {
            return NOWHERE;
        }
        let by_text = || {
            let texts = self.by_text.get_or_init(|| {
                (0..)
                    .zip(&self.rows)
                    .map(|(position, (domain, name))| ((*domain, name.as_str()), position))
                    .collect()
            });
            texts.get(&(domain, name.as_str()))
        };
        self.by_address.get(&(domain, address(name))).or_else(by_text).copied().unwrap_or(NOWHERE)
    }
}

/// Where the text of a name is in memory.
fn address(name: &Name) -> usize {
    name.as_str().as_ptr().addr()
}
