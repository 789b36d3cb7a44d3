//! What has been starting, changing or going for too long. AWS does not tell since when; we watch.

use std::collections::HashMap;

use jiff::SignedDuration;

use crate::fleet::{App, AppStatus, Domain, ObjectAt, ObjectKey, Space, Status, Timestamp, UserProfile};

/// For how long it is ordinary to start, or to be changed.
pub const PENDING_LIMIT: SignedDuration = SignedDuration::from_mins(15);

/// For how long it is ordinary to go: apps were reported to take up to about 20 minutes.
pub const DELETING_LIMIT: SignedDuration = SignedDuration::from_mins(20);

/// Something that has been in a passing state for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stuck {
    /// What.
    pub object: ObjectAt,
    /// Since when at most.
    pub since: Timestamp,
    /// Whether we watched it for the whole time. If not, `since` is what AWS tells: a creation time, which survives
    /// a restart, a last change, or a last health check.
    pub watched: bool,
}

/// A passing state, and when it was first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    state: Passing,
    first: Timestamp,
}

/// The states that pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passing {
    Starting,
    Changing,
    Going,
}

impl Passing {
    pub(super) fn of(status: &Status) -> Option<Self> {
        match status {
            Status::Pending => Some(Self::Starting),
            Status::Updating => Some(Self::Changing),
            Status::Deleting => Some(Self::Going),
            _ => None,
        }
    }

    pub(super) fn of_app(status: &AppStatus) -> Option<Self> {
        match status {
            AppStatus::Pending => Some(Self::Starting),
            AppStatus::Deleting => Some(Self::Going),
            _ => None,
        }
    }

    fn limit(self) -> SignedDuration {
        match self {
            Self::Starting | Self::Changing => PENDING_LIMIT,
            Self::Going => DELETING_LIMIT,
        }
    }
}

/// The passing states of this census and the last one.
pub(super) struct Watch<'a> {
    pub(super) now: Timestamp,
    pub(super) previous: Option<&'a HashMap<ObjectKey, Seen>>,
    pub(super) seen: HashMap<ObjectKey, Seen>,
    pub(super) stuck: Vec<Stuck>,
}

impl Watch<'_> {
    pub(super) fn domain(&mut self, object: ObjectAt, domain: &Domain) {
        if let Some(state) = Passing::of(&domain.status) {
            let key = ObjectKey::Domain(domain.key.clone());
            self.note(object, key, state, changed(state, domain.created, domain.modified));
        }
    }

    pub(super) fn user(&mut self, object: ObjectAt, user: &UserProfile) {
        if let Some(state) = Passing::of(&user.status) {
            let key = ObjectKey::User(user.key.clone());
            self.note(object, key, state, changed(state, user.created, user.modified));
        }
    }

    pub(super) fn space(&mut self, object: ObjectAt, space: &Space) {
        if let Some(state) = Passing::of(&space.status) {
            let key = ObjectKey::Space(space.key.clone());
            self.note(object, key, state, changed(state, space.created, space.modified));
        }
    }

    pub(super) fn app(&mut self, object: ObjectAt, app: &App) {
        if let Some(state) = Passing::of_app(&app.status) {
            let told = match state {
                Passing::Starting | Passing::Changing => app.created,
                // An app that is going is not checked any more.
                Passing::Going => app.activity.as_deref().and_then(|activity| activity.last_health_check),
            };
            self.note(object, ObjectKey::App(app.key.clone()), state, told);
        }
    }

    fn note(&mut self, object: ObjectAt, key: ObjectKey, state: Passing, told: Option<Timestamp>) {
        let before = self.previous.and_then(|seen| seen.get(&key)).filter(|seen| seen.state == state);
        let first = before.map_or(self.now, |seen| seen.first);
        self.seen.insert(key, Seen { state, first });
        let watched = self.now.duration_since(first) > state.limit();
        let since = told.map_or(first, |told| told.min(first));
        if self.now.duration_since(since) > state.limit() {
            self.stuck.push(Stuck { object, since, watched });
        }
    }
}

fn changed(state: Passing, created: Option<Timestamp>, modified: Option<Timestamp>) -> Option<Timestamp> {
    match state {
        Passing::Starting => created,
        Passing::Changing | Passing::Going => modified,
    }
}
