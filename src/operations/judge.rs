//! What AWS shows of an object, judged by what was meant to become of it: the one place that says what "the same",
//! "gone", "there" and "in service" mean for each kind of change. Pure; knows no request and no journal.

use std::sync::Arc;

use super::compare::difference;
use crate::fleet::{
    AppStatus, Bound, Change, Document, Problem, QuotaRequest, RequestStatus, Status, Timestamp,
};

/// When an object is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Before anything was sent.
    Before,
    /// After something was sent whose answer was lost: it may have been carried out, or not.
    Lost,
    /// After AWS took the change. `settled` once so long ago that AWS no longer shows what was before.
    After {
        /// Whether what is shown can be relied on to be new.
        settled: bool,
    },
}

/// The state of an object, of whatever kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Life {
    Pending,
    InService,
    Updating,
    Deleting,
    Deleted,
    Failed,
    UpdateFailed,
    DeleteFailed,
    /// One that this program does not know.
    Other(Arc<str>),
}

impl From<&Status> for Life {
    fn from(status: &Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::InService => Self::InService,
            Status::Updating => Self::Updating,
            Status::Deleting => Self::Deleting,
            Status::Failed => Self::Failed,
            Status::UpdateFailed => Self::UpdateFailed,
            Status::DeleteFailed => Self::DeleteFailed,
            Status::Other(text) => Self::Other(Arc::clone(text)),
        }
    }
}

impl From<&AppStatus> for Life {
    fn from(status: &AppStatus) -> Self {
        match status {
            AppStatus::Pending => Self::Pending,
            AppStatus::InService => Self::InService,
            AppStatus::Deleting => Self::Deleting,
            AppStatus::Deleted => Self::Deleted,
            AppStatus::Failed => Self::Failed,
            AppStatus::Other(text) => Self::Other(Arc::clone(text)),
        }
    }
}

/// An object as AWS shows it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    /// Its state.
    pub(super) life: Life,
    /// When it was created, which tells it from another one of its name.
    pub(super) created: Option<Timestamp>,
    /// Why it failed, in AWS's words.
    pub(super) reason: Option<Arc<str>>,
    /// Its description, where it was read in full.
    pub(super) document: Option<Document>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// AWS says that there is none: positive evidence, which no failure to read is.
    Absent,
    /// There is one.
    Shown(Shown),
    /// Of tags and assignments: whether they are as they were wanted, and the object they belong to, where its
    /// identity counts.
    Membership(bool, Option<Box<Found>>),
    /// Of an assignment: its domain is there, and has no application that anybody could be assigned to.
    NoApplication,
    /// Of a quota: the limit in force, where AWS tells one, and the requests for more of it, the newest first.
    Quota(Option<f64>, Vec<QuotaRequest>),
}

/// What that means for the step.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seen {
    /// It is what was meant, and may be sent.
    Ready,
    /// It is on its way to what was wanted, or shows the old state for a moment still.
    Underway,
    /// It is as it was wanted.
    Wanted,
    /// It is on its way to something else, and may be sent afterwards.
    Busy(Arc<str>),
    /// It is not what was meant, or not in a state to be changed; with the reason, as a clause.
    Other(Arc<str>),
    /// AWS took the change and could not carry it out, or not as it was asked for.
    Failed(Arc<str>),
    /// It could not be looked at.
    Unseen(Problem),
}

/// Judges what was found of the object of a change.
pub(super) fn judge(change: &Change, bound: Bound, phase: Phase, found: &Found) -> Seen {
    match found {
        Found::Membership(is_so, of) => membership(*is_so, of.as_deref(), bound, phase),
        Found::NoApplication => other("is in a domain that has no application of its own at Identity Center"),
        Found::Quota(limit, requests) => {
            let wanted = change.document().and_then(|members| members.get("DesiredValue")?.as_f64());
            requested(wanted.unwrap_or(f64::INFINITY), phase, *limit, requests)
        }
        _ => match change {
            Change::CreateApp(..)
            | Change::CreateUser(..)
            | Change::CreateSpace(..)
            | Change::CreateDomain(..)
            | Change::CreateLifecycleConfig(..) => created(phase, found),
            Change::UpdateUser(_, wanted)
            | Change::UpdateSpace(_, wanted)
            | Change::UpdateDomain(_, wanted) => updated(wanted, bound, phase, found),
            Change::StopApp(_)
            | Change::DeleteUser(_)
            | Change::DeleteSpace(_)
            | Change::DeleteDomain(..)
            | Change::DeleteLifecycleConfig(_) => {
                deleted(matches!(change, Change::StopApp(_)), bound, phase, found)
            }
            // The link itself is the answer: nothing of the user profile changes.
            Change::SignInLink(..) => linked(bound, found),
            Change::AddTags(..)
            | Change::RemoveTags(..)
            | Change::ActivateCostTags(..)
            | Change::BackfillCostTags(..)
            | Change::AssignApplication(_)
            | Change::UnassignApplication(_)
            | Change::RequestQuota(..) => {
                Seen::Other(Arc::from("was looked at as something else than what is changed"))
            }
        },
    }
}

/// Whether an object is the one a step is bound to: `None` if that cannot be told.
pub(super) fn is_same(bound: Bound, created: Option<Timestamp>) -> Option<bool> {
    match (bound, created) {
        (Bound::Created(meant), Some(created)) => Some(milliseconds(meant) == milliseconds(created)),
        (Bound::Created(_), None) => None,
        (Bound::Absent | Bound::Unbound, _) => Some(true),
    }
}

/// To the nearest millisecond: AWS gives no more, and its fractions are floating-point numbers, which fall to
/// either side of it.
fn milliseconds(time: Timestamp) -> i128 {
    (time.as_nanosecond() + 500_000).div_euclid(1_000_000)
}

/// Why an object is not the one that was meant, if so.
fn stranger(bound: Bound, shown: &Shown) -> Option<Seen> {
    match is_same(bound, shown.created) {
        Some(true) => None,
        Some(false) => Some(other("is another one now: it was created anew since the plan was made")),
        None => Some(other("has no time of creation, so that it cannot be told from another one")),
    }
}

fn deleted(is_app: bool, bound: Bound, phase: Phase, found: &Found) -> Seen {
    let Found::Shown(shown) = found else { return Seen::Wanted };
    match (&shown.life, is_same(bound, shown.created)) {
        // Another one of this name is leaving: then the one that was meant has left before it.
        (Life::Deleted, _) | (Life::Deleting, Some(false)) => return Seen::Wanted,
        (Life::Deleting, Some(true)) => return Seen::Underway,
        _ => {}
    }
    if let Some(stranger) = stranger(bound, shown) {
        return stranger;
    }
    if is_app && shown.life == Life::Failed {
        return other("has failed, and AWS does not delete failed apps");
    }
    match (phase, &shown.life) {
        (Phase::After { settled: true }, Life::DeleteFailed) => Seen::Failed(reason_of(shown)),
        // Within a day an app that is started again keeps its time of creation (aws.md 1.2).
        (Phase::After { settled: true }, Life::Pending | Life::InService) if is_app => {
            busy("runs: somebody has started it again")
        }
        // AWS may show the old state for a moment.
        (Phase::After { .. }, _) => Seen::Underway,
        (_, Life::Pending) => busy("is starting just now"),
        (_, Life::Updating) => busy("is being changed just now"),
        (_, Life::Other(state)) => other(format!("is in the state {state}")),
        // What has failed is deleted like anything else, but for apps.
        _ => Seen::Ready,
    }
}

fn created(phase: Phase, found: &Found) -> Seen {
    let Found::Shown(shown) = found else {
        return match phase {
            Phase::Before | Phase::Lost => Seen::Ready,
            // AWS shows new objects only after a moment.
            Phase::After { .. } => Seen::Underway,
        };
    };
    match (phase, &shown.life) {
        // A deleted app is still listed for a day, and its name is free.
        (Phase::Before | Phase::Lost, Life::Deleted) => Seen::Ready,
        (Phase::Before, Life::Deleting) => busy("is one of this name that is just being deleted"),
        (Phase::Before, _) => other("exists already"),
        (_, Life::InService) => Seen::Wanted,
        (Phase::After { settled: false }, Life::Deleted) | (_, Life::Pending | Life::Updating) => {
            Seen::Underway
        }
        (_, Life::Failed | Life::UpdateFailed | Life::DeleteFailed) => Seen::Failed(reason_of(shown)),
        (_, Life::Deleting | Life::Deleted) => other("was deleted again"),
        (_, Life::Other(_)) => Seen::Underway,
    }
}

fn updated(wanted: &Document, bound: Bound, phase: Phase, found: &Found) -> Seen {
    let Found::Shown(shown) = found else { return other("is gone") };
    if let Some(stranger) = stranger(bound, shown) {
        return stranger;
    }
    let after = !matches!(phase, Phase::Before);
    match &shown.life {
        Life::Deleting | Life::Deleted => other("is being deleted"),
        Life::Pending | Life::Updating if after => Seen::Underway,
        Life::Pending => busy("is starting just now"),
        Life::Updating => busy("is being changed just now"),
        Life::InService | Life::UpdateFailed => match phase {
            Phase::Before => Seen::Ready,
            Phase::After { settled: false } if shown.life == Life::UpdateFailed => Seen::Underway,
            Phase::After { settled: true } if shown.life == Life::UpdateFailed => {
                Seen::Failed(reason_of(shown))
            }
            _ => match (shown.document.as_ref().and_then(|shown| difference(wanted, shown)), phase) {
                (None, _) => Seen::Wanted,
                (Some(_), Phase::After { settled: false }) => Seen::Underway,
                (Some(member), Phase::After { settled: true }) => Seen::Failed(Arc::from(format!(
                    "is in service again, but shows {member} otherwise than it was asked for"
                ))),
                (Some(_), _) => Seen::Ready,
            },
        },
        state @ (Life::Failed | Life::DeleteFailed | Life::Other(_)) => {
            other(format!("is in the state {}", name(state)))
        }
    }
}

fn linked(bound: Bound, found: &Found) -> Seen {
    let Found::Shown(shown) = found else { return other("is gone") };
    match stranger(bound, shown) {
        Some(stranger) => stranger,
        None if matches!(shown.life, Life::Deleting | Life::Deleted) => other("is being deleted"),
        None => Seen::Ready,
    }
}

fn membership(is_so: bool, of: Option<&Found>, bound: Bound, phase: Phase) -> Seen {
    match of {
        Some(Found::Absent) => return other("is gone"),
        Some(Found::Shown(shown)) => {
            if let Some(stranger) = stranger(bound, shown) {
                return stranger;
            }
        }
        _ => {}
    }
    match (is_so, phase) {
        (true, _) => Seen::Wanted,
        (false, Phase::Before | Phase::Lost) => Seen::Ready,
        (false, Phase::After { .. }) => Seen::Underway,
    }
}

/// A request for more is what was wanted once AWS has it: what AWS decides, and when, is not waited for.
fn requested(wanted: f64, phase: Phase, limit: Option<f64>, requests: &[QuotaRequest]) -> Seen {
    // Limits are whole numbers, however AWS writes them.
    let is_wanted = |desired: f64| (desired - wanted).abs() < 0.5;
    if limit.is_some_and(|limit| limit >= wanted) {
        return Seen::Wanted;
    }
    if let Some(open) = requests.iter().find(|request| request.status.is_open()) {
        return match open.desired {
            Some(desired) if is_wanted(desired) => Seen::Wanted,
            _ => other(format!("has an open {}; AWS takes one at a time", open.clause())),
        };
    }
    let newest = requests.first().filter(|newest| newest.desired.is_some_and(is_wanted));
    match (phase, newest) {
        (Phase::Before, _) | (Phase::Lost, None) => Seen::Ready,
        // It may be the one whose answer was lost: a second one is not sent in doubt.
        (Phase::Lost, Some(newest)) if newest.status == RequestStatus::Approved => Seen::Wanted,
        (Phase::After { .. }, Some(newest)) if newest.status == RequestStatus::Approved => Seen::Wanted,
        (Phase::Lost | Phase::After { settled: true }, Some(newest)) => {
            Seen::Failed(Arc::from(format!("came to nothing: {}", newest.clause())))
        }
        (Phase::After { .. }, _) => Seen::Underway,
    }
}

fn other(reason: impl Into<Arc<str>>) -> Seen {
    Seen::Other(reason.into())
}

fn busy(reason: &str) -> Seen {
    Seen::Busy(Arc::from(reason))
}

/// Why AWS says it failed.
fn reason_of(shown: &Shown) -> Arc<str> {
    match &shown.reason {
        Some(reason) => Arc::from(format!("has failed: {reason}")),
        None => Arc::from(format!("has failed ({}), and AWS gives no reason", name(&shown.life))),
    }
}

fn name(life: &Life) -> &str {
    match life {
        Life::Pending => "Pending",
        Life::InService => "InService",
        Life::Updating => "Updating",
        Life::Deleting => "Deleting",
        Life::Deleted => "Deleted",
        Life::Failed => "Failed",
        Life::UpdateFailed => "Update_Failed",
        Life::DeleteFailed => "Delete_Failed",
        Life::Other(text) => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fleet::{
        AccountId, AppKey, AppType, DomainId, DomainKey, HomeFiles, Name, Owner, QuotaCode, QuotaKey, Region,
        Scope, SpaceKey, Tag, UserKey,
    };

    const MEANT: i64 = 1_700_000_000_123;
    const PHASES: [Phase; 4] =
        [Phase::Before, Phase::Lost, Phase::After { settled: false }, Phase::After { settled: true }];

    fn scope() -> Scope {
        Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1"))
    }

    fn user() -> UserKey {
        UserKey { scope: scope(), domain: DomainId::new("d-one"), name: Name::new("anna") }
    }

    fn space() -> SpaceKey {
        SpaceKey { scope: scope(), domain: DomainId::new("d-one"), name: Name::new("lab") }
    }

    fn app() -> AppKey {
        AppKey {
            scope: scope(),
            domain: DomainId::new("d-one"),
            owner: Owner::Space(Name::new("lab")),
            app_type: AppType::JupyterLab,
            name: Name::new("default"),
        }
    }

    fn domain() -> DomainKey {
        DomainKey { scope: scope(), id: DomainId::new("d-one") }
    }

    fn document(value: Value) -> Document {
        let Value::Object(members) = value else { panic!("not an object") };
        members
    }

    fn bound() -> Bound {
        Bound::Created(Timestamp::from_millisecond(MEANT).unwrap())
    }

    fn shown(life: Life, created: Option<i64>) -> Found {
        let created = created.map(|ms| Timestamp::from_millisecond(ms).unwrap());
        Found::Shown(Shown { life, created, reason: Some(Arc::from("no room")), document: None })
    }

    fn lives() -> Vec<Life> {
        use Life::*;
        vec![
            Pending,
            InService,
            Updating,
            Deleting,
            Deleted,
            Failed,
            UpdateFailed,
            DeleteFailed,
            Life::Other(Arc::from("Hibernating")),
        ]
    }

    fn deletions() -> [Change; 4] {
        [
            Change::StopApp(app()),
            Change::DeleteUser(user()),
            Change::DeleteSpace(space()),
            Change::DeleteDomain(domain(), HomeFiles::Retain),
        ]
    }

    /// A word for what was seen, to write tables with.
    fn word(seen: &Seen) -> &'static str {
        match seen {
            Seen::Ready => "ready",
            Seen::Underway => "underway",
            Seen::Wanted => "wanted",
            Seen::Busy(_) => "busy",
            Seen::Other(_) => "other",
            Seen::Failed(_) => "failed",
            Seen::Unseen(_) => "unseen",
        }
    }

    #[test]
    fn only_the_very_object_that_was_meant_may_be_deleted() {
        for change in deletions() {
            for life in lives() {
                for created in [Some(MEANT), Some(MEANT + 1), Some(MEANT - 1000), None] {
                    let found = shown(life.clone(), created);
                    for phase in [Phase::Before, Phase::Lost] {
                        let seen = judge(&change, bound(), phase, &found);
                        if seen == Seen::Ready {
                            assert_eq!(created, Some(MEANT), "{change:?} {life:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn only_a_running_app_is_stopped_and_a_failed_one_is_left_alone() {
        for (life, expected) in [
            (Life::InService, "ready"),
            (Life::Pending, "busy"),
            (Life::Deleting, "underway"),
            (Life::Deleted, "wanted"),
            (Life::Failed, "other"),
            (Life::Other(Arc::from("Hibernating")), "other"),
        ] {
            let found = shown(life.clone(), Some(MEANT));
            let seen = judge(&Change::StopApp(app()), bound(), Phase::Before, &found);
            assert_eq!(word(&seen), expected, "{life:?}");
        }
    }

    #[test]
    fn gone_needs_aws_to_say_so() {
        for change in deletions() {
            for phase in PHASES {
                assert_eq!(judge(&change, bound(), phase, &Found::Absent), Seen::Wanted);
                for life in lives() {
                    for created in [Some(MEANT), Some(1), None] {
                        let seen = judge(&change, bound(), phase, &shown(life.clone(), created));
                        let says_so = life == Life::Deleted || (life == Life::Deleting && created == Some(1));
                        assert_eq!(seen == Seen::Wanted, says_so, "{phase:?} {life:?} {created:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_deletion_that_fails_is_told_with_the_reason_of_aws_once_the_old_state_is_past() {
        let found = shown(Life::DeleteFailed, Some(MEANT));
        let judged = |phase| judge(&Change::DeleteUser(user()), bound(), phase, &found);
        assert_eq!(judged(Phase::Before), Seen::Ready, "it may be deleted again");
        assert_eq!(judged(Phase::After { settled: false }), Seen::Underway);
        assert_eq!(judged(Phase::After { settled: true }), Seen::Failed(Arc::from("has failed: no room")));
    }

    #[test]
    fn what_is_created_must_not_be_there_and_is_there_only_when_in_service() {
        let user = Change::CreateUser(user(), Document::new());
        let row = |phase, found: &Found| word(&judge(&user, Bound::Absent, phase, found)).to_owned();
        for (life, expected) in [
            (Life::Pending, ["other", "underway", "underway", "underway"]),
            (Life::InService, ["other", "wanted", "wanted", "wanted"]),
            (Life::Updating, ["other", "underway", "underway", "underway"]),
            (Life::Deleting, ["busy", "other", "other", "other"]),
            (Life::Deleted, ["ready", "ready", "underway", "other"]),
            (Life::Failed, ["other", "failed", "failed", "failed"]),
        ] {
            let found = shown(life.clone(), Some(MEANT));
            assert_eq!(PHASES.map(|phase| row(phase, &found)), expected, "{life:?}");
        }
        assert_eq!(
            PHASES.map(|phase| row(phase, &Found::Absent)),
            ["ready", "ready", "underway", "underway"]
        );
    }

    #[test]
    fn an_update_is_done_when_the_object_is_in_service_and_shows_what_was_asked_for() {
        let wanted = document(json!({ "UserSettings": { "ExecutionRole": "new" } }));
        let change = Change::UpdateUser(user(), wanted);
        let as_is = |life, role: &str, created| {
            let document =
                document(json!({ "UserSettings": { "ExecutionRole": role, "StudioWebPortal": "ENABLED" } }));
            let created = Some(Timestamp::from_millisecond(created).unwrap());
            Found::Shown(Shown { life, created, reason: None, document: Some(document) })
        };
        for (life, role, expected) in [
            (Life::InService, "old", ["ready", "ready", "underway", "failed"]),
            (Life::InService, "new", ["ready", "wanted", "wanted", "wanted"]),
            (Life::Updating, "old", ["busy", "underway", "underway", "underway"]),
            (Life::UpdateFailed, "old", ["ready", "ready", "underway", "failed"]),
            (Life::Deleting, "old", ["other"; 4]),
            (Life::Failed, "old", ["other"; 4]),
        ] {
            let found = as_is(life.clone(), role, MEANT);
            let words = PHASES.map(|phase| word(&judge(&change, bound(), phase, &found)));
            assert_eq!(words, expected, "{life:?} {role}");
        }
        let anew = as_is(Life::InService, "new", MEANT + 1);
        assert_eq!(PHASES.map(|phase| word(&judge(&change, bound(), phase, &anew))), ["other"; 4]);
        assert_eq!(PHASES.map(|phase| word(&judge(&change, bound(), phase, &Found::Absent))), ["other"; 4]);
    }

    #[test]
    fn a_request_for_more_is_never_made_twice_and_is_done_once_aws_has_it() {
        let quota = QuotaKey { scope: scope(), code: QuotaCode::new("L-1"), name: Name::new("a quota") };
        let change = Change::RequestQuota(quota, document(json!({ "DesiredValue": 20 })));
        let request = |desired: f64, status: &str| QuotaRequest {
            id: "request-1".into(),
            case: None,
            code: QuotaCode::new("L-1"),
            name: None,
            desired: Some(desired),
            status: RequestStatus::from(status),
            created: None,
            updated: None,
            requester: None,
        };
        for (limit, requests, expected) in [
            (Some(4.0), vec![], ["ready", "ready", "underway", "underway"]),
            (None, vec![], ["ready", "ready", "underway", "underway"]),
            (Some(20.0), vec![], ["wanted"; 4]),
            (Some(4.0), vec![request(20.0, "PENDING")], ["wanted"; 4]),
            (Some(4.0), vec![request(30.0, "CASE_OPENED")], ["other"; 4]),
            (Some(4.0), vec![request(20.0, "DENIED")], ["ready", "failed", "underway", "failed"]),
            (Some(4.0), vec![request(20.0, "APPROVED")], ["ready", "wanted", "wanted", "wanted"]),
            (Some(4.0), vec![request(10.0, "DENIED")], ["ready", "ready", "underway", "underway"]),
            (Some(4.0), vec![request(10.0, "DENIED"), request(20.0, "PENDING")], ["wanted"; 4]),
        ] {
            let found = Found::Quota(limit, requests);
            let words = PHASES.map(|phase| word(&judge(&change, Bound::Unbound, phase, &found)));
            assert_eq!(words, expected, "{found:?}");
        }
    }

    #[test]
    fn tags_are_set_when_aws_lists_them_on_the_very_object() {
        let tags = vec![Tag { key: "team".into(), value: "nlp".into() }];
        let change = Change::AddTags(user().into(), tags);
        let of = |created| Some(Box::new(shown(Life::InService, Some(created))));
        for (found, expected) in [
            (Found::Membership(true, None), ["wanted"; 4]),
            (Found::Membership(false, None), ["ready", "ready", "underway", "underway"]),
            (Found::Membership(false, of(MEANT)), ["ready", "ready", "underway", "underway"]),
            (Found::Membership(true, of(MEANT + 1)), ["other"; 4]),
            (Found::Membership(false, Some(Box::new(Found::Absent))), ["other"; 4]),
        ] {
            let words = PHASES.map(|phase| word(&judge(&change, bound(), phase, &found)));
            assert_eq!(words, expected, "{found:?}");
        }
    }

    #[test]
    fn a_link_is_made_only_for_the_very_user_profile_that_was_meant() {
        let change = Change::SignInLink(user(), 60);
        let judged = |found: &Found| word(&judge(&change, bound(), Phase::Before, found));
        assert_eq!(judged(&shown(Life::InService, Some(MEANT))), "ready");
        assert_eq!(judged(&shown(Life::InService, Some(MEANT + 1))), "other");
        assert_eq!(judged(&Found::Absent), "other");
    }

    #[test]
    fn times_of_creation_are_compared_to_the_millisecond() {
        for nanoseconds in [120, -94, 400_000] {
            let nearly = Timestamp::from_nanosecond(i128::from(MEANT) * 1_000_000 + nanoseconds).unwrap();
            assert_eq!(is_same(bound(), Some(nearly)), Some(true), "{nanoseconds}");
        }
        assert_eq!(is_same(bound(), None), None);
    }
}
