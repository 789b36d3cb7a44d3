//! What is going to happen by itself: the ends of everything the service does asynchronously.

use std::collections::BTreeMap;

use super::table::{Id, Row};
use super::{Domain, Name, Owner, Region, Scope, Status};
use crate::sim::clock::Millis;

/// What a planned event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A domain, by id.
    Domain(Name),
    /// A user profile.
    Profile(Id),
    /// A space.
    Space(Id),
    /// An app.
    App(Id),
    /// An image, by name.
    Image(Name),
    /// A version of an image.
    ImageVersion(Name, u32),
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It changes state, and any earlier failure is forgotten.
    Become(Status),
    /// It changes state for a reason.
    Fail(Status, Name),
    /// It is gone.
    Vanish,
}

/// Something planned for a time.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) scope: Scope,
    pub(super) subject: Subject,
    pub(super) generation: u32,
    pub(super) next: Next,
}

/// All that is planned, by time and then in order of planning.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    events: BTreeMap<(Millis, u64), Event>,
    count: u64,
}

impl Agenda {
    pub(super) fn add(&mut self, due: Millis, event: Event) {
        self.count += 1;
        self.events.insert((due, self.count), event);
    }

    pub(super) fn next_due(&self) -> Option<Millis> {
        self.events.first_key_value().map(|((due, _), _)| *due)
    }

    pub(super) fn pop(&mut self) -> Option<(Millis, Event)> {
        self.events.pop_first().map(|((due, _), event)| (due, event))
    }
}

macro_rules! change {
    ($event:expr, $subject:expr, $at:expr) => {{
        let subject = $subject?;
        if subject.generation != $event.generation {
            return None;
        }
        let (status, reason) = match &$event.next {
            Next::Become(status) => (*status, None),
            Next::Fail(status, reason) => (*status, Some(reason.clone())),
            Next::Vanish => (Status::Deleted, None),
        };
        subject.set_status(status, $at);
        subject.failure = reason;
        subject.generation
    }};
}

impl Event {
    /// Lets the event happen; gives the subject's new generation, or `None` if something else
    /// happened to it since the event was planned.
    pub(super) fn apply(&self, region: &mut Region, at: Millis) -> Option<u32> {
        let generation = match &self.subject {
            Subject::Domain(id) => change!(self, region.domains.get_mut(id), at),
            Subject::Profile(id) => change!(self, region.profiles.get_mut(*id), at),
            Subject::Space(id) => change!(self, region.spaces.get_mut(*id), at),
            Subject::App(id) => change!(self, region.apps.get_mut(*id), at),
            Subject::Image(name) => change!(self, region.images.get_mut(name), at),
            Subject::ImageVersion(name, version) => {
                change!(self, region.images.get_mut(name)?.versions.get_mut(version), at)
            }
        };
        if self.next == Next::Vanish {
            self.remove(region, at);
        }
        Some(generation)
    }

    fn remove(&self, region: &mut Region, at: Millis) {
        match &self.subject {
            Subject::Domain(id) => {
                if let Some(domain) = region.domains.remove(id) {
                    forget_surroundings(region, &domain);
                }
            }
            Subject::Profile(id) => {
                if let Some(profile) = region.profiles.remove(*id) {
                    forget_failed_apps(region, profile.domain(), &Owner::User(profile.name().clone()));
                }
            }
            Subject::Space(id) => {
                if let Some(space) = region.spaces.remove(*id) {
                    region.ended_volumes.extend(space.ended_volume(at));
                    forget_failed_apps(region, space.domain(), &Owner::Space(space.name().clone()));
                }
            }
            Subject::App(id) => {
                forget_app(region, *id);
            }
            Subject::Image(name) => {
                region.images.remove(name);
            }
            Subject::ImageVersion(name, version) => {
                if let Some(image) = region.images.get_mut(name) {
                    image.versions.remove(version);
                }
            }
        }
    }
}

/// A domain takes its application along, and its file system only if it was told to.
fn forget_surroundings(region: &mut Region, domain: &Domain) {
    if let (Some(center), Some(application)) = (&mut region.identity_center, &domain.sso_application_arn) {
        center.applications.remove(application);
    }
    if let Some(file_system) = domain.efs_id.as_ref().filter(|_| domain.deletes_efs) {
        region.network.clear(&domain.id, file_system);
    }
}

/// Failed apps go with their owner; deleted ones are kept for their day.
fn forget_failed_apps(region: &mut Region, domain: &Name, owner: &Owner) {
    let failed: Vec<Id> = region
        .apps_of(domain, owner)
        .filter(|(_, app)| app.status == Status::Failed)
        .map(|(id, _)| id)
        .collect();
    for id in failed {
        forget_app(region, id);
    }
}

/// An app is gone; what it has cost is not.
fn forget_app(region: &mut Region, id: Id) {
    let gone = region.apps.remove(id);
    region.ended_runs.extend(gone.and_then(|app| app.ended_run()));
}
