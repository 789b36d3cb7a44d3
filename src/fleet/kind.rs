//! The kinds of object in a fleet, and one object by its place.

use super::{Fleet, ObjectKey};

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// Domains.
    Domain,
    /// User profiles.
    User,
    /// Spaces.
    Space,
    /// Apps.
    App,
}

impl ObjectKind {
    /// Every kind, from the outermost in.
    pub const ALL: [Self; 4] = [Self::Domain, Self::User, Self::Space, Self::App];

    /// The noun for one.
    pub fn singular(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::User => "user",
            Self::Space => "space",
            Self::App => "app",
        }
    }

    /// The noun for several, and the name of the pane.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Domain => "domains",
            Self::User => "users",
            Self::Space => "spaces",
            Self::App => "apps",
        }
    }
}

impl ObjectKey {
    /// The kind of object it is the key of.
    pub fn kind(&self) -> ObjectKind {
        match self {
            Self::Domain(_) => ObjectKind::Domain,
            Self::User(_) => ObjectKind::User,
            Self::Space(_) => ObjectKind::Space,
            Self::App(_) => ObjectKind::App,
        }
    }
}

/// An object by its kind and its position on the fleet's shelf; it holds as long as the shelf's layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectAt {
    /// Which shelf.
    pub kind: ObjectKind,
    /// The position on it.
    pub position: u32,
}

impl ObjectAt {
    /// The object's key, if the position holds one.
    pub fn key(self, fleet: &Fleet) -> Option<ObjectKey> {
        let position = self.position as usize;
        match self.kind {
            ObjectKind::Domain => fleet.domains.at(position).map(|row| ObjectKey::Domain(row.key.clone())),
            ObjectKind::User => fleet.users.at(position).map(|row| ObjectKey::User(row.key.clone())),
            ObjectKind::Space => fleet.spaces.at(position).map(|row| ObjectKey::Space(row.key.clone())),
            ObjectKind::App => fleet.apps.at(position).map(|row| ObjectKey::App(row.key.clone())),
        }
    }
}
