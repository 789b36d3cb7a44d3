//! Deletes things with what is in them, the innermost first: AWS deletes no children. Knows the order and what may
//! be deleted at all; what a plan says about itself is beside.

mod domain;
mod spaces;
#[cfg(test)]
mod tests;
mod users;
mod words;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

pub(super) use domain::{needs as domain_needs, plan as plan_domain};
pub(super) use spaces::{needs as space_needs, plan as plan_spaces};
pub(super) use users::{needs as user_needs, plan as plan_users};

use super::{NO_CREATION_TIME, Policy, protect, stop};
use crate::fleet::wording::Counted;
use crate::fleet::{
    App, AppKey, AppStatus, Bound, Change, DomainKey, Excluded, Fleet, HomeFiles, Listing, ObjectKey, Query,
    Space, SpaceKey, Status, Step, Timestamp, UserKey, UserProfile,
};

/// Hours of a month as AWS reckons storage.
const HOURS_PER_MONTH: f64 = 730.0;

/// What is in some domains, by what holds it.
#[derive(Debug, Default)]
pub(super) struct Contents<'a> {
    pub(super) users: Vec<&'a UserProfile>,
    pub(super) spaces: Vec<&'a Space>,
    pub(super) apps: Vec<&'a App>,
    spaces_of: HashMap<UserKey, Vec<&'a Space>>,
    apps_of_user: HashMap<UserKey, Vec<&'a App>>,
    apps_of_space: HashMap<SpaceKey, Vec<&'a App>>,
}

impl<'a> Contents<'a> {
    /// What is in these domains, as far as it was listed.
    pub(super) fn of(fleet: &'a Fleet, domains: &BTreeSet<DomainKey>) -> Self {
        let users = fleet.users.iter().filter(|row| domains.contains(&row.key.domain_key())).collect();
        let mut contents = Self { users, ..Self::default() };
        for space in fleet.spaces.iter().filter(|row| domains.contains(&row.key.domain_key())) {
            contents.spaces.push(space);
            if let Some(owner) = owner_of(space) {
                contents.spaces_of.entry(owner).or_default().push(space);
            }
        }
        for app in fleet.apps.iter().filter(|row| domains.contains(&row.key.domain_key())) {
            contents.apps.push(app);
            if let Some(key) = app.key.space_key() {
                contents.apps_of_space.entry(key).or_default().push(app);
            }
            if let Some(key) = app.key.user_key() {
                contents.apps_of_user.entry(key).or_default().push(app);
            }
        }
        contents
    }

    /// The spaces a user profile owns.
    pub(super) fn spaces_of(&self, user: &UserKey) -> &[&'a Space] {
        self.spaces_of.get(user).map_or(&[], Vec::as_slice)
    }

    /// The apps that belong to a user profile directly, running or not.
    pub(super) fn apps_of_user(&self, user: &UserKey) -> &[&'a App] {
        self.apps_of_user.get(user).map_or(&[], Vec::as_slice)
    }

    /// The apps of a space, running or not.
    pub(super) fn apps_of_space(&self, space: &SpaceKey) -> &[&'a App] {
        self.apps_of_space.get(space).map_or(&[], Vec::as_slice)
    }

    /// The apps of a user profile and of the spaces it owns, running or not.
    pub(super) fn all_apps_of(&self, user: &UserKey) -> Vec<&'a App> {
        let spaces = self.spaces_of(user).iter();
        let in_spaces = spaces.flat_map(|space| self.apps_of_space(&space.key));
        self.apps_of_user(user).iter().chain(in_spaces).copied().collect()
    }
}

/// The user profile that owns a space.
pub(super) fn owner_of(space: &Space) -> Option<UserKey> {
    let name = space.owner.clone()?;
    Some(UserKey { scope: space.key.scope.clone(), domain: space.key.domain.clone(), name })
}

/// Why a list does not show everything, as a clause; `None` if it does.
pub(super) fn unlisted(fleet: &Fleet, list: &Query) -> Option<String> {
    let listing = fleet.listing(list);
    if listing.is_some_and(Listing::is_complete) {
        return None;
    }
    let why = match listing.and_then(|listing| listing.problem.as_ref()) {
        Some(problem) => format!(": {problem}"),
        None => String::new(),
    };
    Some(format!("{} are not known in full{why}", list.what()))
}

/// Whether an app has to be stopped before what it is in can be deleted. AWS does not delete failed apps and does
/// not ask for it. Source: SageMaker developer guide, `gs-studio-delete-domain`.
pub(super) fn has_to_be_stopped(app: &App) -> bool {
    matches!(app.status, AppStatus::InService | AppStatus::Pending | AppStatus::Other(_))
}

/// The most apps whose use is read before a plan is shown: beyond, reading them one by one would keep the person
/// waiting for minutes, and the plan says of each that its use is not known.
const USE_READ: usize = 200;

/// What shows whether the apps that would be stopped are in use, where that was not read yet.
pub(super) fn use_needs<'a>(apps: impl Iterator<Item = &'a App>) -> Vec<Query> {
    let stopped: Vec<&App> = apps.filter(|app| has_to_be_stopped(app)).collect();
    if stopped.len() > USE_READ {
        return Vec::new();
    }
    let unread = stopped.into_iter().filter(|app| app.activity.is_none());
    unread.map(|app| Query::App(app.key.clone())).collect()
}

/// A step that is being thought about.
#[derive(Debug)]
struct Draft<'a> {
    change: Change,
    /// `None` where the object cannot be told from one of the same name.
    bound: Option<Bound>,
    after: Vec<usize>,
    /// Why it cannot be done.
    reason: Option<Arc<str>>,
    warnings: Vec<String>,
    app: Option<&'a App>,
    saves_per_hour: Option<f64>,
}

/// The steps of a deletion, as they grow.
#[derive(Debug)]
pub(super) struct Cascade<'a> {
    fleet: &'a Fleet,
    policy: &'a Policy,
    now: Timestamp,
    contents: Contents<'a>,
    drafts: Vec<Draft<'a>>,
    taken_spaces: HashSet<SpaceKey>,
    taken_apps: HashSet<AppKey>,
}

/// What became of a deletion that was thought about.
#[derive(Debug, Default)]
pub(super) struct Cascaded<'a> {
    pub(super) steps: Vec<Step>,
    pub(super) excluded: Vec<Excluded>,
    /// What of that is for a reason of its own, and not because of something else.
    pub(super) causes: Vec<Excluded>,
    /// The apps that are stopped.
    pub(super) apps: Vec<&'a App>,
    /// The spaces that are deleted.
    pub(super) spaces: Vec<&'a Space>,
    /// The user profiles that are deleted.
    pub(super) users: Vec<&'a UserProfile>,
}

impl<'a> Cascade<'a> {
    pub(super) fn new(
        fleet: &'a Fleet,
        policy: &'a Policy,
        now: Timestamp,
        domains: &BTreeSet<DomainKey>,
    ) -> Self {
        Self {
            fleet,
            policy,
            now,
            contents: Contents::of(fleet, domains),
            drafts: Vec::new(),
            taken_spaces: HashSet::new(),
            taken_apps: HashSet::new(),
        }
    }

    /// Stops an app; gives its place, if there is anything to stop.
    fn app(&mut self, app: &'a App) -> Option<usize> {
        if !has_to_be_stopped(app) || !self.taken_apps.insert(app.key.clone()) {
            return None;
        }
        let mut draft =
            self.draft(Change::StopApp(app.key.clone()), app.created.map(Bound::Created), Vec::new());
        draft.app = Some(app);
        if let AppStatus::Other(status) = &app.status {
            draft.reason = Some(format!("has a status this version does not know: {status}").into());
        }
        Some(self.push(draft))
    }

    /// Deletes a space and what runs in it; gives its place, if it is not going already.
    fn space(&mut self, space: &'a Space) -> Option<usize> {
        let apps = self.contents.apps_of_space(&space.key).to_vec();
        let is_going = space.status == Status::Deleting;
        let is_over = is_going && !apps.iter().any(|app| has_to_be_stopped(app));
        if is_over || !self.taken_spaces.insert(space.key.clone()) {
            return None;
        }
        let mut warnings = leaving(&apps, &[]);
        let after = apps.into_iter().filter_map(|app| self.app(app)).collect();
        let mut draft =
            self.draft(Change::DeleteSpace(space.key.clone()), space.created.map(Bound::Created), after);
        draft.warnings.append(&mut warnings);
        self.judge(&mut draft, &space.status, &[Query::Apps(space.key.domain_key())]);
        if is_going {
            // AWS lets no space go while something runs in it: one of the two was read before the other changed.
            draft.reason.get_or_insert_with(|| "is being deleted, and yet an app runs in it".into());
        }
        draft.saves_per_hour = match space.ebs_gb {
            Some(gb) => words::monthly(self.fleet, space, gb).map(|dollars| dollars / HOURS_PER_MONTH),
            None => words::has_no_volume(space).then_some(0.0),
        };
        Some(self.push(draft))
    }

    /// Deletes a user profile with the apps and spaces it owns, after `others` too; gives its place, if it is not
    /// going already. A warning of its own is told along.
    fn user(
        &mut self,
        user: &'a UserProfile,
        others: Vec<Draft<'a>>,
        warnings: Vec<String>,
    ) -> Option<usize> {
        if user.status == Status::Deleting {
            return None;
        }
        let (spaces, apps) =
            (self.contents.spaces_of(&user.key).to_vec(), self.contents.apps_of_user(&user.key).to_vec());
        let mut told = warnings;
        told.append(&mut leaving(&apps, &spaces));
        let mut after: Vec<usize> = apps.into_iter().filter_map(|app| self.app(app)).collect();
        after.extend(spaces.into_iter().filter_map(|space| self.space(space)));
        for draft in others {
            after.push(self.push(draft));
        }
        let mut draft =
            self.draft(Change::DeleteUser(user.key.clone()), user.created.map(Bound::Created), after);
        draft.warnings.append(&mut told);
        let domain = user.key.domain_key();
        self.judge(&mut draft, &user.status, &[Query::Apps(domain.clone()), Query::Spaces(domain)]);
        Some(self.push(draft))
    }

    /// Deletes a domain with everything that is in it.
    fn domain(&mut self, key: &DomainKey, status: &Status, created: Option<Timestamp>, files: HomeFiles) {
        let (users, spaces, apps) =
            (self.contents.users.clone(), self.contents.spaces.clone(), self.contents.apps.clone());
        let mut warnings = leaving(&[], &spaces);
        let going = users.iter().filter(|user| user.status == Status::Deleting).count();
        if going > 0 {
            warnings.push(format!("waits for the end of {}", Counted(going, "user profile")));
        }
        let mut after: Vec<usize> =
            users.into_iter().filter_map(|user| self.user(user, Vec::new(), Vec::new())).collect();
        // What nobody in the lists owns, such as the RStudio server of the hidden profile `domain-shared`.
        after.extend(spaces.into_iter().filter_map(|space| self.space(space)));
        after.extend(apps.into_iter().filter_map(|app| self.app(app)));
        let mut draft =
            self.draft(Change::DeleteDomain(key.clone(), files), created.map(Bound::Created), after);
        draft.warnings.append(&mut warnings);
        let lists = [Query::Users(key.clone()), Query::Spaces(key.clone()), Query::Apps(key.clone())];
        self.judge(&mut draft, status, &lists);
        self.push(draft);
    }

    fn draft(&self, change: Change, bound: Option<Bound>, after: Vec<usize>) -> Draft<'a> {
        let target = change.target();
        let reason = if bound.is_none() {
            Some(NO_CREATION_TIME.into())
        } else {
            target.object().and_then(|object| protect::protection(self.fleet, self.policy, object))
        };
        let (warnings, saves_per_hour) = (Vec::new(), Some(0.0));
        Draft { change, bound, after, reason, warnings, app: None, saves_per_hour }
    }

    /// Whether what holds other things may be deleted: its state, and whether all it holds is known.
    fn judge(&self, draft: &mut Draft<'a>, status: &Status, lists: &[Query]) {
        match status {
            Status::Pending | Status::Updating => {
                draft.warnings.push("is being changed by AWS just now: waits for that first".to_owned());
            }
            Status::Other(status) if draft.reason.is_none() => {
                draft.reason = Some(format!("has a status this version does not know: {status}").into());
            }
            _ => {}
        }
        if draft.reason.is_none()
            && let Some(why) = lists.iter().find_map(|list| unlisted(self.fleet, list))
        {
            draft.reason = Some(format!("may hold more than is known: {why}").into());
        }
    }

    fn push(&mut self, draft: Draft<'a>) -> usize {
        self.drafts.push(draft);
        self.drafts.len() - 1
    }

    /// The steps that can be done, all of what was asked for or nothing of it: whose last step cannot be done loses
    /// nothing on the way there either.
    pub(super) fn finish(self) -> Cascaded<'a> {
        let mut reasons: Vec<_> = self.drafts.iter().map(|draft| draft.reason.clone()).collect();
        for at in 0..self.drafts.len() {
            let after = &self.drafts[at].after;
            if reasons[at].is_none()
                && let Some(&stays) = after.iter().find(|&&before| reasons[before].is_some())
            {
                reasons[at] = reasons[stays].clone().map(|why| waits(&self.drafts[stays].change, &why));
            }
        }
        for at in (0..self.drafts.len()).rev() {
            if reasons[at].is_some() {
                let target = self.drafts[at].change.target();
                for &before in &self.drafts[at].after {
                    reasons[before].get_or_insert_with(|| {
                        format!("stays with {} {}, which cannot be deleted", target.kind(), target.name())
                            .into()
                    });
                }
            }
        }
        self.steps(&reasons)
    }

    fn steps(self, reasons: &[Option<Arc<str>>]) -> Cascaded<'a> {
        let mut done = Cascaded::default();
        let kept = self.drafts.iter().zip(reasons).filter(|(_, reason)| reason.is_none());
        let chosen: Vec<_> =
            kept.filter_map(|(draft, _)| Some((draft.app?, draft.bound?.created()?))).collect();
        let mut stops = stop::steps(self.fleet, &chosen, self.policy, self.now).into_iter();
        let mut moved = vec![0; self.drafts.len()];
        for (at, (draft, reason)) in self.drafts.into_iter().zip(reasons).enumerate() {
            moved[at] = done.steps.len();
            if let Some(reason) = reason {
                let excluded = Excluded::new(draft.change.target(), reason.clone());
                if draft.reason.is_some() {
                    done.causes.push(excluded.clone());
                }
                done.excluded.push(excluded);
                continue;
            }
            match &draft.change {
                Change::StopApp(_) => done.apps.extend(draft.app),
                Change::DeleteSpace(key) => done.spaces.extend(self.fleet.spaces.get(key)),
                Change::DeleteUser(key) => done.users.extend(self.fleet.users.get(key)),
                _ => {}
            }
            let step = match (draft.app, draft.bound) {
                (Some(_), _) => stops.next(),
                (None, Some(bound)) => Some(Step {
                    after: draft.after.iter().map(|&before| moved[before]).collect(),
                    warning: (!draft.warnings.is_empty()).then(|| draft.warnings.join("; ").into()),
                    saves_per_hour: draft.saves_per_hour,
                    ..Step::new(draft.change, bound)
                }),
                (None, None) => None,
            };
            done.steps.extend(step);
        }
        done
    }
}

/// Why a step cannot be done that waits for another one.
pub(super) fn waits(other: &Change, why: &str) -> Arc<str> {
    let target = other.target();
    format!("has to wait for {} {}, which {why}", target.kind(), target.name()).into()
}

/// What is on its way out already and is only waited for, as a clause.
fn leaving(apps: &[&App], spaces: &[&Space]) -> Vec<String> {
    let apps = apps.iter().filter(|app| app.status == AppStatus::Deleting);
    let spaces = spaces.iter().filter(|space| space.status == Status::Deleting);
    let apps =
        apps.map(|app| format!("waits for {} {}, which is being stopped", app.key.app_type, app.key.name));
    apps.chain(spaces.map(|space| format!("waits for space {}, which is being deleted", space.key.name)))
        .collect()
}

/// The objects that a deletion of these takes along, without those that are gone or going.
pub(super) fn with_contents(fleet: &Fleet, roots: &[ObjectKey]) -> Vec<ObjectKey> {
    let contents = Contents::of(fleet, &roots.iter().map(ObjectKey::domain_key).collect());
    let mut all = Vec::new();
    let apps = |all: &mut Vec<ObjectKey>, apps: &[&App]| {
        all.extend(
            apps.iter().filter(|app| has_to_be_stopped(app)).map(|app| ObjectKey::App(app.key.clone())),
        );
    };
    for root in roots {
        match root {
            ObjectKey::Space(key) => apps(&mut all, contents.apps_of_space(key)),
            ObjectKey::User(key) => {
                apps(&mut all, &contents.all_apps_of(key));
                all.extend(contents.spaces_of(key).iter().map(|space| ObjectKey::Space(space.key.clone())));
            }
            ObjectKey::Domain(_) => {
                apps(&mut all, &contents.apps);
                all.extend(contents.spaces.iter().map(|space| ObjectKey::Space(space.key.clone())));
                all.extend(contents.users.iter().map(|user| ObjectKey::User(user.key.clone())));
            }
            ObjectKey::App(_) => {}
        }
        all.push(root.clone());
    }
    all
}
