//! Finds the positions of the domain, user profile and space of a row, without building keys.

use crate::fleet::quick_hash::QuickMap;
use crate::fleet::{DomainId, DomainKey, Fleet, Name, Scope};

/// The position of what is not on the shelf.
pub(super) const NOWHERE: u32 = u32::MAX;

/// A position, unless it is nowhere.
pub(super) fn somewhere(position: u32) -> Option<u32> {
    (position != NOWHERE).then_some(position)
}

/// Positions by name.
pub(super) struct Places<'a> {
    fleet: &'a Fleet,
    users: QuickMap<(u32, &'a str), u32>,
    spaces: QuickMap<(u32, &'a str), u32>,
    /// The domain found last: rows come by the page, so the next one is nearly always in it too.
    last: Option<(&'a Scope, &'a DomainId, u32)>,
}

impl<'a> Places<'a> {
    pub(super) fn of(fleet: &'a Fleet) -> Self {
        let mut places = Self {
            fleet,
            users: QuickMap::with_capacity_and_hasher(fleet.users.len(), Default::default()),
            spaces: QuickMap::with_capacity_and_hasher(fleet.spaces.len(), Default::default()),
            last: None,
        };
        for (position, user) in (0..).zip(fleet.users.iter()) {
            let domain = places.domain(&user.key.scope, &user.key.domain);
            places.users.insert((domain, user.key.name.as_str()), position);
        }
        for (position, space) in (0..).zip(fleet.spaces.iter()) {
            let domain = places.domain(&space.key.scope, &space.key.domain);
            places.spaces.insert((domain, space.key.name.as_str()), position);
        }
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
        if domain == NOWHERE {
            return NOWHERE;
        }
        self.users.get(&(domain, name.as_str())).copied().unwrap_or(NOWHERE)
    }

    pub(super) fn space(&self, domain: u32, name: &Name) -> u32 {
        if domain == NOWHERE {
            return NOWHERE;
        }
        self.spaces.get(&(domain, name.as_str())).copied().unwrap_or(NOWHERE)
    }
}
