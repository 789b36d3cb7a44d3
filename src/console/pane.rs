//! The panes, and where one can be within them.

use crate::fleet::{COST_FIELDS, DomainKey, FieldSpec, ObjectKind, QUOTA_FIELDS, SpaceKey, UserKey, fields};

use super::Action;

/// A pane of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pane {
    /// What needs attention, with ways to it.
    Overview,
    /// Domains.
    Domains,
    /// User profiles.
    Users,
    /// Spaces.
    Spaces,
    /// Apps.
    Apps,
    /// What AWS has billed, by group.
    Cost,
    /// How much of each quota is used.
    Quotas,
    /// Plans being carried out, and done.
    Operations,
}

impl Pane {
    /// All panes, in the order of the tabs.
    pub const ALL: [Pane; 8] = [
        Pane::Overview,
        Pane::Domains,
        Pane::Users,
        Pane::Spaces,
        Pane::Apps,
        Pane::Cost,
        Pane::Quotas,
        Pane::Operations,
    ];

    /// The name in the tabs, the palette and the configuration file.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Domains => "domains",
            Self::Users => "users",
            Self::Spaces => "spaces",
            Self::Apps => "apps",
            Self::Cost => "cost",
            Self::Quotas => "quotas",
            Self::Operations => "operations",
        }
    }

    /// The action that shows it.
    pub fn action(self) -> Action {
        match self {
            Self::Overview => Action::PaneOverview,
            Self::Domains => Action::PaneDomains,
            Self::Users => Action::PaneUsers,
            Self::Spaces => Action::PaneSpaces,
            Self::Apps => Action::PaneApps,
            Self::Cost => Action::PaneCost,
            Self::Quotas => Action::PaneQuotas,
            Self::Operations => Action::PaneOperations,
        }
    }

    /// The kind of its rows, if it is a table of the fleet.
    pub fn kind(self) -> Option<ObjectKind> {
        match self {
            Self::Domains => Some(ObjectKind::Domain),
            Self::Users => Some(ObjectKind::User),
            Self::Spaces => Some(ObjectKind::Space),
            Self::Apps => Some(ObjectKind::App),
            Self::Overview | Self::Cost | Self::Quotas | Self::Operations => None,
        }
    }

    /// What the filter of its rows knows, if it has rows to filter.
    pub fn fields(self) -> Option<&'static [FieldSpec]> {
        match self {
            Self::Cost => Some(COST_FIELDS),
            Self::Quotas => Some(QUOTA_FIELDS),
            _ => self.kind().map(fields),
        }
    }

    /// The pane that lists a kind of object.
    pub fn of(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::Domain => Self::Domains,
            ObjectKind::User => Self::Users,
            ObjectKind::Space => Self::Spaces,
            ObjectKind::App => Self::Apps,
        }
    }

    /// The pane with this name.
    pub fn by_title(title: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pane| pane.title() == title)
    }
}

/// Under which object a table is shown; drilling down narrows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Within {
    /// The whole fleet.
    #[default]
    Everything,
    /// One domain.
    Domain(DomainKey),
    /// One user profile: its spaces, and its apps wherever they run.
    User(UserKey),
    /// One space: its apps.
    Space(SpaceKey),
}

/// A view one can come back to: a pane, under which object, with which filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The pane.
    pub pane: Pane,
    /// Under which object.
    pub within: Within,
    /// The text of the filter.
    pub filter: String,
}

/// Where the person was, for going back and forward.
#[derive(Debug, Clone)]
pub struct History {
    places: Vec<Place>,
    at: usize,
}

impl History {
    /// A history that begins here.
    pub fn new(place: Place) -> Self {
        Self { places: vec![place], at: 0 }
    }

    /// Notes that the person went somewhere; what was ahead is forgotten.
    pub fn go(&mut self, place: Place) {
        if self.places[self.at] == place {
            return;
        }
        self.places.truncate(self.at + 1);
        self.places.push(place);
        // A history longer than anyone walks back would only grow.
        if self.places.len() > 100 {
            self.places.remove(0);
        }
        self.at = self.places.len() - 1;
    }

    /// Replaces the place where the person is, as when its filter changed.
    pub fn amend(&mut self, place: Place) {
        self.places[self.at] = place;
    }

    /// The place before this one, which becomes the current one.
    pub fn back(&mut self) -> Option<Place> {
        self.at = self.at.checked_sub(1)?;
        self.places.get(self.at).cloned()
    }

    /// The place after this one, which becomes the current one.
    pub fn forward(&mut self) -> Option<Place> {
        let place = self.places.get(self.at + 1)?.clone();
        self.at += 1;
        Some(place)
    }

    /// The places from the first to the current one, for the crumbs.
    pub fn trail(&self) -> &[Place] {
        &self.places[..=self.at]
    }
}
