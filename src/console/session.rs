//! Whose credentials are used, where, and whether anything may be changed.

use std::collections::BTreeMap;

use crate::fleet::{
    AccountId, Ceilings, IdleRule, ObjectKind, Policy, ProfileName, Region, Scope, Tag, Templates,
    Thresholds, Timestamp,
};

use super::{
    Console, Drawn, History, Keymap, Loads, Notices, Operations, Overview, Pane, Place, Table, Within,
};

/// Whether changes may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteMode {
    /// Not for as long as the program runs.
    ReadOnly,
    /// Not now.
    Locked,
    /// In this account until then.
    Unlocked {
        /// The account.
        account: AccountId,
        /// Until when.
        until: Timestamp,
    },
    /// Always: the demo, where nothing is real.
    Demo,
}

/// Whose credentials are used, where, and how the program was started.
#[derive(Debug, Clone)]
pub struct Session {
    /// The profiles in use.
    pub profiles: Vec<ProfileName>,
    /// The regions in use.
    pub regions: Vec<Region>,
    /// All profiles that can be chosen.
    pub known_profiles: Vec<ProfileName>,
    /// All themes that can be chosen.
    pub themes: Vec<String>,
    /// The endpoint where it is not AWS's own.
    pub endpoint: Option<String>,
    /// The scenario of the demo, if this is one.
    pub demo: Option<String>,
    /// Whether changes may be made.
    pub write: WriteMode,
    /// Whether the fleet is read again by itself.
    pub auto_refresh: bool,
    /// When an app counts as idle.
    pub idle: IdleRule,
    /// How large a plan may be before more has to be typed.
    pub ceilings: Ceilings,
    /// Accounts whose header is marked, by alias or id.
    pub protected: Vec<String>,
    /// Objects with one of these tags are never changed.
    pub protected_tags: Vec<Tag>,
    /// From where on a quota is warm, and hot.
    pub thresholds: Thresholds,
    /// Templates of users, by name, from the configuration's folder.
    pub templates: Templates,
    /// Saved views by name.
    pub saved: BTreeMap<String, Place>,
    /// Which services the cost pane counts, as Cost Explorer names them; none for all.
    pub services: Vec<std::sync::Arc<str>>,
    /// After how many seconds a complete list is read again.
    pub refresh_seconds: u32,
}

/// What a console starts from.
#[derive(Debug, Clone)]
pub struct Start {
    /// The session.
    pub session: Session,
    /// The keys.
    pub keymap: Keymap,
    /// The theme by name.
    pub theme: String,
    /// The pane shown first.
    pub pane: Pane,
    /// The filter of that pane; it must be one the pane understands.
    pub filter: String,
    /// The time.
    pub now: Timestamp,
    /// The local time zone.
    pub zone: jiff::tz::TimeZone,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
}

impl Session {
    /// The scopes in use, of the accounts known so far.
    pub fn scopes<'a>(&'a self, accounts: impl Iterator<Item = &'a AccountId>) -> Vec<Scope> {
        accounts
            .flat_map(|account| {
                self.regions.iter().map(move |region| Scope::new(account.clone(), region.clone()))
            })
            .collect()
    }

    /// Whether a mutating request of this account may leave now.
    pub fn may_write(&self, account: &AccountId, now: Timestamp) -> bool {
        match &self.write {
            WriteMode::ReadOnly | WriteMode::Locked => false,
            WriteMode::Unlocked { account: unlocked, until } => unlocked == account && now < *until,
            WriteMode::Demo => true,
        }
    }

    /// What limits every plan.
    pub fn policy(&self) -> Policy {
        Policy { ceilings: self.ceilings, protected_tags: self.protected_tags.clone(), idle: self.idle }
    }

    /// Whether an account is marked as protected, by its alias or id.
    pub fn is_protected(&self, account: &AccountId, label: &str) -> bool {
        self.protected.iter().any(|name| name == account.as_str() || name == label)
    }
}

impl Console {
    /// A console that knows nothing yet. Its first [`update`](Console::update) asks for what it needs.
    pub fn new(start: Start) -> Self {
        let Start { session, keymap, theme, pane, filter, now, zone, size } = start;
        let tables = [ObjectKind::Domain, ObjectKind::User, ObjectKind::Space, ObjectKind::App]
            .into_iter()
            .map(|kind| (kind, Table::new(kind)))
            .collect();
        let place = Place { pane, within: Within::Everything, filter: filter.clone() };
        let mut console = Self {
            now,
            zone,
            size,
            focused: true,
            session,
            fleet: crate::fleet::Fleet::default(),
            census: crate::fleet::Census::default(),
            pane,
            tables,
            cost: super::CostPane::default(),
            quotas: super::QuotaPane::default(),
            overview: Overview::default(),
            history: History::new(place),
            dialogs: Vec::new(),
            notices: Notices::default(),
            operations: Operations::default(),
            loads: Loads::default(),
            keymap,
            theme,
            folded: false,
            epoch: 0,
            drawn: Drawn::default(),
            commands: Vec::new(),
            forms: 0,
            last_place: None,
        };
        if let Some(box_) = console.filter_mut() {
            box_.set(&filter);
        }
        console
    }
}
