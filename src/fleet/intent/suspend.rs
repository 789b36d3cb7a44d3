//! Plans to suspend users and to let them go on: the Studio portal is closed to them and their apps are stopped;
//! files, spaces and settings stay. What the portal's setting was stands in a tag of the profile meanwhile.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::cascade::{Contents, unlisted};
use super::each::{LeftOut, each};
use super::{Documents, Policy, pool, protect, stop, tags};
use crate::fleet::wording::Counted;
use crate::fleet::{
    App, AppStatus, Bound, Change, Document, DomainKey, Fleet, ObjectKey, Plan, Query, Sharing, Status, Step,
    Tag, Timestamp, UserKey,
};

/// The key of the tag that remembers [`PORTAL`] as it was: `ENABLED`, `DISABLED` or [`UNSET`]; behind it, after a
/// blank, the profile's own [`LANDING`] where that had to go with the portal.
pub(super) const TAG: &str = "sagedeck:suspended";
/// The tag's value where the profile had no setting of its own.
const UNSET: &str = "unset";
const SETTINGS: &str = "UserSettings";
/// Whether a user may enter Studio through its portal: `ENABLED` or `DISABLED`.
const PORTAL: &str = "StudioWebPortal";
const ENABLED: &str = "ENABLED";
const DISABLED: &str = "DISABLED";
/// Where the user lands after signing in.
const LANDING: &str = "DefaultLandingUri";
/// The landing page behind the portal: AWS takes it only while the portal is open (API model, `UserSettings`).
const PORTAL_LANDING: &str = "studio::";
/// How a default landing page in Studio Classic begins.
const CLASSIC_LANDING: &str = "app:JupyterServer:";

/// The users in full with their tags, and what runs for them.
pub(super) fn needs(users: &[UserKey]) -> Vec<Query> {
    let domains: BTreeSet<DomainKey> = users.iter().map(UserKey::domain_key).collect();
    let lists = domains
        .into_iter()
        .flat_map(|key| [Query::Domain(key.clone()), Query::Spaces(key.clone()), Query::Apps(key)]);
    let own =
        users.iter().flat_map(|key| [Query::User(key.clone()), Query::Tags(ObjectKey::User(key.clone()))]);
    lists.chain(own).collect()
}

/// A user profile that may be changed, with its settings and the portal's value before it was suspended.
struct Subject<'a> {
    key: &'a UserKey,
    created: Timestamp,
    settings: Map<String, Value>,
    /// The value of [`TAG`], if it is there.
    remembered: Option<Arc<str>>,
}

impl<'a> Subject<'a> {
    fn of(fleet: &Fleet, documents: &Documents, policy: &Policy, key: &'a UserKey) -> Result<Self, Arc<str>> {
        let object = ObjectKey::User(key.clone());
        let created = tags::present(fleet, &object)?;
        match fleet.users.get(key).map(|user| &user.status) {
            Some(Status::InService | Status::UpdateFailed) | None => {}
            Some(status) => {
                return Err(format!("is in the state {status}: AWS changes it only in service").into());
            }
        }
        if let Some(reason) = protect::protection(fleet, policy, &object) {
            return Err(reason);
        }
        let document = documents.get(&object)?;
        let settings = match document.get(SETTINGS) {
            Some(Value::Object(settings)) => settings.clone(),
            None | Some(Value::Null) => Map::new(),
            Some(_) => return Err("has settings that cannot be understood".into()),
        };
        let tags = fleet.tags_of(&object.into())?;
        let remembered = tags.iter().find(|tag| &*tag.key == TAG).map(|tag| tag.value.clone());
        Ok(Self { key, created, settings, remembered })
    }

    fn portal(&self) -> Option<&str> {
        self.settings.get(PORTAL).and_then(Value::as_str)
    }

    fn step(&self, change: Change) -> Step {
        Step::new(change, Bound::Created(self.created))
    }

    /// The profile's own landing page, where it is behind the portal.
    fn portal_landing(&self) -> Option<&str> {
        let own = self.settings.get(LANDING).and_then(Value::as_str);
        own.filter(|landing| landing.starts_with(PORTAL_LANDING))
    }

    /// What the tag says of the portal, and of the landing page.
    fn before(&self) -> Option<(&str, Option<&str>)> {
        let text = self.remembered.as_deref()?;
        Some(text.split_once(' ').map_or((text, None), |(portal, landing)| (portal, Some(landing))))
    }

    /// Changes the portal's setting, with the landing page that depends on it, and nothing else: the settings go back
    /// as they came, since AWS does not say whether it merges them.
    fn with_portal(&self, value: &str, landing: Option<&str>) -> Step {
        let mut settings = self.settings.clone();
        settings.insert(PORTAL.to_owned(), json!(value));
        match landing {
            Some(landing) if value == ENABLED => drop(settings.insert(LANDING.to_owned(), json!(landing))),
            None if value == DISABLED && self.portal_landing().is_some() => {
                settings.shift_remove(LANDING);
            }
            _ => {}
        }
        let document =
            |settings| -> Document { [(SETTINGS.to_owned(), Value::Object(settings))].into_iter().collect() };
        Step {
            before: Some(document(self.settings.clone())),
            ..self.step(Change::UpdateUser(self.key.clone(), document(settings)))
        }
    }
}

/// Plans to suspend users: remembers the portal's setting, closes the portal, stops what runs.
pub(super) fn suspend(
    fleet: &Fleet,
    users: &[UserKey],
    documents: &Documents,
    policy: &Policy,
    now: Timestamp,
) -> Plan {
    let contents = Contents::of(fleet, &users.iter().map(UserKey::domain_key).collect());
    let (mut steps, mut stopped, mut suspended) = (Vec::new(), Vec::new(), Vec::new());
    let (subjects, excluded) = each(users, |key| {
        let subject = Subject::of(fleet, documents, policy, key)?;
        let apps = running(fleet, policy, &contents, key)?;
        let is_closed = subject.portal() == Some(DISABLED);
        match (&subject.remembered, is_closed, apps.is_empty()) {
            (Some(_), true, true) => Err(LeftOut::so("is suspended already")),
            _ => Ok((subject, is_closed, apps)),
        }
    });
    for (subject, is_closed, apps) in subjects {
        let mut after = Vec::new();
        if subject.remembered.is_none() {
            let portal = subject.portal().unwrap_or(UNSET);
            let landing = subject.portal_landing().map(|landing| format!(" {landing}"));
            let value = format!("{portal}{}", landing.unwrap_or_default());
            let tag = Tag { key: TAG.into(), value: value.into() };
            let change = Change::AddTags(subject.key.clone().into(), vec![tag]);
            let before = Some(tags::as_document(&[]));
            after.push(steps.len());
            steps.push(Step { before, ..subject.step(change) });
        }
        if !is_closed {
            let warning = lands_in_classic(fleet, &subject);
            steps.push(Step { after, warning, ..subject.with_portal(DISABLED, None) });
        }
        suspended.push(subject.key);
        stopped.extend(apps);
    }
    steps.extend(stop::steps(fleet, &stopped, policy, now));
    let apps: Vec<&App> = stopped.iter().map(|(app, _)| *app).collect();
    let mut warnings = Vec::new();
    let mut keeps = stop::keeps(&apps);
    if !suspended.is_empty() {
        keeps.push(format!("What {PORTAL} was, in the tag {TAG} of each profile, until they are resumed."));
        warnings.extend([
            "The Studio portal refuses them from then on; who is in an app stays until that is gone, and in \
             shared spaces of others as long as the apps there run."
                .to_owned(),
            "Sign-in links (CreatePresignedDomainUrl) can still be made for them: IAM decides that, not this \
             setting."
                .to_owned(),
            "Credentials they copied from an app hold until they expire: the execution role is not changed."
                .to_owned(),
            "Volumes (EBS) and home directories (EFS) are billed on.".to_owned(),
        ]);
    }
    let is_shared = |app: &&&App| {
        let space = app.key.space_key().and_then(|key| fleet.spaces.get(&key));
        space.is_some_and(|space| space.sharing.as_ref().is_some_and(|kind| *kind != Sharing::Private))
    };
    let shared = apps.iter().filter(is_shared).count();
    if shared > 0 {
        let shared = Counted(shared, "app");
        warnings.push(format!("Stops {shared} of shared spaces too, where others may be at work."));
    }
    let pool = pool::of(fleet, policy, &steps);
    Plan {
        excluded,
        loses: stop::loses(&apps),
        keeps,
        warnings,
        pool,
        ..Plan::new(title("Suspend", &suspended), "suspend", now, steps)
    }
}

/// Plans to let suspended users go on: restores the portal's setting, then forgets it.
pub(super) fn resume(
    fleet: &Fleet,
    users: &[UserKey],
    documents: &Documents,
    policy: &Policy,
    now: Timestamp,
) -> Plan {
    let (mut steps, mut resumed) = (Vec::new(), Vec::new());
    let (subjects, excluded) = each(users, |key| {
        let subject = Subject::of(fleet, documents, policy, key)?;
        let restored = restored(fleet, &subject)?;
        Ok((subject, restored))
    });
    for (subject, (value, mut warning)) in subjects {
        let mut after = Vec::new();
        match subject.portal() {
            Some(now) if now == value => {}
            Some(DISABLED) => {
                after.push(steps.len());
                steps.push(Step {
                    warning: warning.take(),
                    ..subject.with_portal(value, subject.before().and_then(|(_, landing)| landing))
                });
            }
            // Somebody opened it meanwhile; that is what was wanted, and none of ours to take back.
            other => {
                let other = other.unwrap_or(UNSET);
                warning = Some(format!("{PORTAL} was changed meanwhile to {other}, and stays so").into());
            }
        }
        let before = subject.remembered.iter().map(|value| Tag { key: TAG.into(), value: value.clone() });
        let before = Some(tags::as_document(&before.collect::<Vec<_>>()));
        let change = Change::RemoveTags(subject.key.clone().into(), vec![TAG.into()]);
        steps.push(Step { after, warning, before, ..subject.step(change) });
        resumed.push(subject.key);
    }
    let keeps = if resumed.is_empty() {
        Vec::new()
    } else {
        vec!["Apps stay stopped: their users start them, or an administrator undoes the stop.".to_owned()]
    };
    let pool = pool::of(fleet, policy, &steps);
    Plan { excluded, keeps, pool, ..Plan::new(title("Resume", &resumed), "resume", now, steps) }
}

/// The value the portal's setting gets back, and what is to be said about it.
fn restored(fleet: &Fleet, subject: &Subject<'_>) -> Result<(&'static str, Option<Arc<str>>), LeftOut> {
    match subject.before().map(|(portal, _)| portal) {
        // Who is shut out otherwise is not let in by this.
        None => Err(LeftOut {
            reason: format!("is not suspended: it has no tag {TAG}").into(),
            is_so: subject.portal() != Some(DISABLED),
        }),
        Some(ENABLED) => Ok((ENABLED, None)),
        Some(DISABLED) => {
            Ok((DISABLED, Some("the portal was disabled before the suspension too, and stays so".into())))
        }
        Some(UNSET) => {
            // No request takes a member of the settings away again, so the domain's own value takes its place.
            let domain = fleet.domains.get(&subject.key.domain_key());
            let detail = domain.and_then(|domain| domain.detail.as_ref());
            let Some(detail) = detail else {
                return Err("inherits the portal's setting from its domain, which could not be read".into());
            };
            let value = match detail.user_defaults.web_portal.as_deref() {
                Some(DISABLED) => DISABLED,
                _ => ENABLED,
            };
            let note =
                format!("the profile had no {PORTAL} of its own and gets {value}, as its domain has it");
            Ok((value, Some(note.into())))
        }
        Some(other) => {
            Err(format!("has the tag {TAG} with {other}, which does not say what to restore").into())
        }
    }
}

/// The apps of a user and of the spaces it owns that have to be stopped; or why not all of them can be.
fn running<'a>(
    fleet: &'a Fleet,
    policy: &Policy,
    contents: &Contents<'a>,
    key: &UserKey,
) -> Result<Vec<(&'a App, Timestamp)>, Arc<str>> {
    let domain = key.domain_key();
    for list in [Query::Apps(domain.clone()), Query::Spaces(domain)] {
        if let Some(why) = unlisted(fleet, &list) {
            return Err(format!("may run more than is known: {why}").into());
        }
    }
    let mut stopped = Vec::new();
    for app in contents.all_apps_of(key) {
        if matches!(app.status, AppStatus::Deleted | AppStatus::Deleting | AppStatus::Failed) {
            continue;
        }
        let object = ObjectKey::App(app.key.clone());
        let stays = |why: &str| -> Arc<str> {
            format!("runs {} {}, which {why}", app.key.app_type, app.key.name).into()
        };
        if let AppStatus::Other(status) = &app.status {
            return Err(stays(&format!("has a status this version does not know: {status}")));
        }
        if let Some(reason) = protect::protection(fleet, policy, &object) {
            return Err(stays(&reason));
        }
        match app.created {
            Some(created) => stopped.push((app, created)),
            None => return Err(stays("has no creation time")),
        }
    }
    Ok(stopped)
}

/// Whether a user lands in Studio Classic, which the portal's setting does not close.
fn lands_in_classic(fleet: &Fleet, subject: &Subject<'_>) -> Option<Arc<str>> {
    let own = subject.settings.get(LANDING).and_then(Value::as_str);
    let domain = fleet.domains.get(&subject.key.domain_key());
    let inherited = domain.and_then(|domain| domain.detail.as_ref()?.user_defaults.landing.as_deref());
    own.or(inherited).filter(|landing| landing.starts_with(CLASSIC_LANDING)).map(|_| {
        format!("lands in Studio Classic ({CLASSIC_LANDING}), which this setting does not close").into()
    })
}

/// The objects a suspension is about: the profiles and what runs for them.
pub(super) fn objects(fleet: &Fleet, users: &[UserKey]) -> Vec<ObjectKey> {
    let contents = Contents::of(fleet, &users.iter().map(UserKey::domain_key).collect());
    let mut all = Vec::new();
    let mut taken = HashSet::with_capacity(users.len());
    for key in users.iter().filter(|key| taken.insert(*key)) {
        let apps = contents.all_apps_of(key).into_iter().filter(|app| super::cascade::has_to_be_stopped(app));
        all.extend(apps.map(|app| ObjectKey::App(app.key.clone())));
        all.push(ObjectKey::User(key.clone()));
    }
    all
}

fn title(verb: &str, users: &[&UserKey]) -> String {
    match users {
        [] => format!("{verb} nobody"),
        [key] => format!("{verb} {}", key.name),
        users => format!("{verb} {}", Counted(users.len(), "user")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{
        Answer, AppType, Domain, DomainDetail, Intent, Name, Problem, ProblemKind, UserDetail, UserSettings,
        sample,
    };

    struct World {
        fleet: Fleet,
        documents: Documents,
    }

    fn anna() -> UserKey {
        sample::user("anna").key
    }

    /// Anna with a running app in her space and one of Ben in his; her settings are these, and her tags.
    fn world(settings: &Value, tags: &[(&str, &str)]) -> World {
        let apps = vec![sample::space_app("lab"), sample::space_app("theirs")];
        let spaces = vec![
            sample::space("lab", "anna", Sharing::Private),
            sample::space("theirs", "ben", Sharing::Private),
        ];
        let mut fleet = sample::fleet(vec![sample::user("anna"), sample::user("ben")], spaces, apps);
        domain(&mut fleet, None, None);
        tag(&mut fleet, tags);
        let mut documents = Documents::default();
        let text = json!({ "UserProfileName": "anna", "CreationTime": 1.5, SETTINGS: settings }).to_string();
        documents.note(ObjectKey::User(anna()), Ok(&text));
        World { fleet, documents }
    }

    fn domain(fleet: &mut Fleet, portal: Option<&str>, landing: Option<&str>) {
        let user_defaults = UserSettings {
            web_portal: portal.map(Arc::from),
            landing: landing.map(Arc::from),
            ..UserSettings::default()
        };
        let detail = Some(Box::new(DomainDetail { user_defaults, ..DomainDetail::default() }));
        let row = Domain { detail, ..sample::domain() };
        let query = Query::Domain(row.key.clone());
        fleet.absorb(&query, Answer::Domain(Box::new(row), "{}".into()), sample::now());
    }

    fn tag(fleet: &mut Fleet, tags: &[(&str, &str)]) {
        let tags = tags.iter().map(|&(key, value)| Tag { key: key.into(), value: value.into() }).collect();
        fleet.absorb(&Query::Tags(ObjectKey::User(anna())), Answer::Tags(tags), sample::now());
    }

    impl World {
        fn plan(&self, intent: &Intent) -> Plan {
            intent.plan(&self.fleet, &self.documents, &Policy::default(), sample::now()).unwrap()
        }

        fn suspend(&self) -> Plan {
            self.plan(&Intent::Suspend(vec![anna()]))
        }

        fn resume(&self) -> Plan {
            self.plan(&Intent::Resume(vec![anna()]))
        }
    }

    fn verbs(plan: &Plan) -> Vec<&'static str> {
        plan.steps.iter().map(|step| step.change.operation()).collect()
    }

    fn remembered(value: &str) -> Change {
        Change::AddTags(anna().into(), vec![Tag { key: TAG.into(), value: value.into() }])
    }

    fn sent(plan: &Plan) -> &Value {
        let update = plan.steps.iter().find_map(|step| match &step.change {
            Change::UpdateUser(_, document) => document.get(SETTINGS),
            _ => None,
        });
        update.unwrap()
    }

    #[test]
    fn suspending_remembers_the_portal_closes_it_and_stops_what_runs() {
        let settings = json!({
            "ExecutionRole": "arn:role", PORTAL: ENABLED, "SecurityGroups": ["sg-1"],
            "JupyterLabAppSettings": { "LifecycleConfigArns": [] }
        });
        let world = world(&settings, &[("team", "nlp")]);
        let plan = world.suspend();
        assert_eq!(verbs(&plan), ["AddTags", "UpdateUserProfile", "DeleteApp"]);
        assert_eq!(plan.steps[0].change, remembered(ENABLED));
        assert_eq!(plan.steps[1].after, [0], "what it was is remembered before it is changed");
        let mut expected = settings.clone();
        expected[PORTAL] = json!(DISABLED);
        assert_eq!(*sent(&plan), expected, "nothing else changes");
        assert_eq!(plan.steps[1].before.as_ref().unwrap().get(SETTINGS), Some(&settings));
        assert_eq!(plan.title, "Suspend anna");
        assert!(plan.is_intact() && plan.steps[2].after.is_empty());
        assert!(plan.warnings.iter().any(|line| line.contains("CreatePresignedDomainUrl")));
    }

    #[test]
    fn a_setting_that_was_not_there_is_remembered_as_that_and_comes_back_as_the_domains() {
        let open = world(&json!({ "ExecutionRole": "r" }), &[]);
        assert_eq!(open.suspend().steps[0].change, remembered(UNSET));
        let closed = |portal| {
            let mut world = world(&json!({ "ExecutionRole": "r", PORTAL: DISABLED }), &[(TAG, UNSET)]);
            domain(&mut world.fleet, portal, None);
            world.resume()
        };
        for portal in [None, Some(ENABLED)] {
            let plan = closed(portal);
            assert_eq!(verbs(&plan), ["UpdateUserProfile", "DeleteTags"]);
            assert_eq!(*sent(&plan), json!({ "ExecutionRole": "r", PORTAL: ENABLED }));
            assert!(plan.steps[0].warning.as_deref().unwrap().contains("as its domain has it"));
        }
        assert_eq!(verbs(&closed(Some(DISABLED))), ["DeleteTags"]);
    }

    #[test]
    fn resuming_restores_what_was_remembered_and_then_forgets_it() {
        let world = world(&json!({ PORTAL: DISABLED }), &[(TAG, ENABLED)]);
        let plan = world.resume();
        assert_eq!(verbs(&plan), ["UpdateUserProfile", "DeleteTags"]);
        assert_eq!(*sent(&plan), json!({ PORTAL: ENABLED }));
        assert_eq!(plan.steps[1].after, [0]);
        let old = Tag { key: TAG.into(), value: ENABLED.into() };
        assert_eq!(plan.steps[1].before, Some(tags::as_document(&[old])));
    }

    #[test]
    fn a_landing_page_behind_the_portal_goes_with_it_and_comes_back() {
        let world_of = |settings: Value, tags: &[(&str, &str)]| world(&settings, tags);
        let landing = "studio::relative/path";
        let suspend = world_of(json!({ PORTAL: ENABLED, LANDING: landing }), &[]).suspend();
        assert_eq!(suspend.steps[0].change, remembered("ENABLED studio::relative/path"));
        assert_eq!(*sent(&suspend), json!({ PORTAL: DISABLED }));
        let resume =
            world_of(json!({ PORTAL: DISABLED }), &[(TAG, "ENABLED studio::relative/path")]).resume();
        assert_eq!(*sent(&resume), json!({ PORTAL: ENABLED, LANDING: landing }));
        let classic = world_of(json!({ PORTAL: ENABLED, LANDING: "app:JupyterServer:" }), &[]).suspend();
        assert_eq!(*sent(&classic), json!({ PORTAL: DISABLED, LANDING: "app:JupyterServer:" }));
    }

    #[test]
    fn what_was_disabled_before_stays_so_and_what_was_opened_meanwhile_too() {
        let before = world(&json!({ PORTAL: DISABLED }), &[]);
        assert_eq!(verbs(&before.suspend()), ["AddTags", "DeleteApp"]);
        let world_of = |value| world(&json!({ PORTAL: value }), &[(TAG, DISABLED)]);
        assert_eq!(verbs(&world_of(DISABLED).resume()), ["DeleteTags"]);
        let opened = world_of(ENABLED).resume();
        assert_eq!(verbs(&opened), ["DeleteTags"]);
        assert!(opened.steps[0].warning.as_deref().unwrap().contains("changed meanwhile to ENABLED"));
    }

    #[test]
    fn a_suspension_that_was_begun_is_finished_and_a_finished_one_is_not_repeated() {
        let mut world = world(&json!({ PORTAL: DISABLED }), &[(TAG, ENABLED)]);
        assert_eq!(verbs(&world.suspend()), ["DeleteApp"]);
        let apps = vec![];
        let page = crate::fleet::Page { rows: apps, first: true, last: true };
        world.fleet.absorb(&Query::Apps(sample::domain_key()), Answer::Apps(page), sample::now());
        let plan = world.suspend();
        assert!(plan.steps.is_empty() && plan.title == "Suspend nobody");
        assert_eq!(&*plan.excluded[0].reason, "is suspended already");
        world.fleet.absorb(
            &Query::Apps(sample::domain_key()),
            Answer::Apps(crate::fleet::Page { rows: vec![], first: true, last: false }),
            sample::now(),
        );
        let denied = Problem::new(ProblemKind::AccessDenied, "no", "");
        world.fleet.fail(&Query::Apps(sample::domain_key()), denied);
        assert!(world.suspend().excluded[0].reason.contains("may run more than is known"));
    }

    #[test]
    fn who_was_not_suspended_or_cannot_be_read_is_left_out_with_the_reason() {
        let reason = |world: &World| world.resume().excluded[0].reason.to_string();
        assert!(reason(&world(&json!({}), &[])).starts_with("is not suspended"));
        assert!(reason(&world(&json!({}), &[(TAG, "perhaps")])).contains("does not say what to restore"));
        let mut unread = world(&json!({}), &[(TAG, ENABLED)]);
        unread.documents = Documents::default();
        assert_eq!(reason(&unread), "was not read in full");
        let mut denied = world(&json!({}), &[(TAG, ENABLED)]);
        let problem = Problem::new(ProblemKind::AccessDenied, "no", "");
        denied.fleet.fail(&Query::Tags(ObjectKey::User(anna())), problem);
        assert!(reason(&denied).contains("tags that could not be read"));
        let updating = |status| {
            let mut world = world(&json!({}), &[(TAG, ENABLED)]);
            let mut user = sample::user("anna");
            user.status = status;
            user.detail = Some(Box::new(UserDetail::default()));
            world.fleet.absorb(
                &Query::User(anna()),
                Answer::User(Box::new(user), "{}".into()),
                sample::now(),
            );
            reason(&world)
        };
        assert!(updating(Status::Updating).contains("in the state Updating"));
        assert_eq!(updating(Status::Deleting), "is gone or going");
    }

    #[test]
    fn what_the_setting_does_not_reach_is_said() {
        let mut world = world(&json!({}), &[]);
        domain(&mut world.fleet, None, Some("app:JupyterServer:"));
        let mut shared = sample::space("team", "anna", Sharing::Shared);
        shared.owner = Some(Name::new("anna"));
        let spaces = crate::fleet::Page { rows: vec![shared], first: true, last: true };
        world.fleet.absorb(&Query::Spaces(sample::domain_key()), Answer::Spaces(spaces), sample::now());
        let apps = vec![sample::space_app("team"), sample::app("anna", AppType::JupyterServer, "default")];
        let page = crate::fleet::Page { rows: apps, first: true, last: true };
        world.fleet.absorb(&Query::Apps(sample::domain_key()), Answer::Apps(page), sample::now());
        let plan = world.suspend();
        assert_eq!(verbs(&plan), ["AddTags", "UpdateUserProfile", "DeleteApp", "DeleteApp"]);
        assert!(plan.steps[1].warning.as_deref().unwrap().contains("Studio Classic"));
        assert!(plan.warnings.iter().any(|line| line.contains("Stops 1 app of shared spaces")));
    }
}
