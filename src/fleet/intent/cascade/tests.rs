//! What deletions take along, in which order, and what they leave alone.

use std::collections::HashSet;
use std::sync::Arc;

use proptest::prelude::*;

use crate::fleet::{
    Answer, App, AppStatus, AppType, Assignment, AuthMode, Bound, Change, Documents, Domain, DomainDetail,
    DomainId, DomainKey, Fleet, HomeFiles, Intent, Leftovers, Name, ObjectKey, Owner, Page, Plan, Policy,
    Problem, ProblemKind, Query, Sharing, Space, SpaceKey, Status, Tag, UserDetail, UserKey, UserProfile,
    sample,
};

fn plan(fleet: &Fleet, intent: &Intent) -> Result<Plan, String> {
    intent.plan(fleet, &Documents::default(), &Policy::default(), sample::now())
}

/// The steps as short lines: "0 stop app default", "1 delete space lab after 0".
fn lines(plan: &Plan) -> Vec<String> {
    let line = |(at, step): (usize, &crate::fleet::Step)| {
        let target = step.change.target();
        let after: Vec<String> = step.after.iter().map(ToString::to_string).collect();
        let after = if after.is_empty() { String::new() } else { format!(" after {}", after.join(" ")) };
        format!("{at} {} {} {}{after}", step.change.verb(), target.kind(), target.name())
    };
    plan.steps.iter().enumerate().map(line).collect()
}

fn excluded(plan: &Plan) -> Vec<String> {
    plan.excluded.iter().map(|excluded| format!("{} {}", excluded.target.name(), excluded.reason)).collect()
}

fn space_key(name: &str) -> SpaceKey {
    sample::space(name, "x", Sharing::Private).key
}

fn user_key(name: &str) -> UserKey {
    sample::user(name).key
}

fn described(name: &str, uid: &str, sso_user: Option<&str>) -> UserProfile {
    let mut user = sample::user(name);
    user.detail = Some(Box::new(UserDetail {
        efs_uid: Some(uid.into()),
        sso_user: sso_user.map(Arc::from),
        ..UserDetail::default()
    }));
    user
}

fn know_domain(fleet: &mut Fleet, change: impl FnOnce(&mut Domain, &mut DomainDetail)) {
    let (mut domain, mut detail) = (sample::domain(), DomainDetail::default());
    detail.auth_mode = Some(AuthMode::Iam);
    detail.home_file_system = Some("fs-0a1b".into());
    change(&mut domain, &mut detail);
    domain.detail = Some(Box::new(detail));
    let query = Query::Domain(domain.key.clone());
    fleet.absorb(&query, Answer::Domain(Box::new(domain), "{}".into()), sample::now());
}

/// Anna with a running lab and a stopped one, Ben with a shared space, and a Classic app of Anna's.
fn small() -> Fleet {
    let mut stopped = sample::space_app("old");
    stopped.status = AppStatus::Deleted;
    let mut fleet = sample::fleet(
        vec![described("anna", "200005", None), described("ben", "200006", None)],
        vec![
            sample::space("lab", "anna", Sharing::Private),
            sample::space("old", "anna", Sharing::Private),
            sample::space("team", "ben", Sharing::Shared),
        ],
        vec![
            sample::space_app("lab"),
            stopped,
            sample::space_app("team"),
            sample::app("anna", AppType::JupyterServer, "classic"),
        ],
    );
    know_domain(&mut fleet, |_, _| {});
    fleet
}

#[test]
fn a_space_goes_after_what_runs_in_it_and_says_what_its_volume_held_and_cost() {
    let intent = Intent::DeleteSpaces(vec![space_key("lab"), space_key("old"), space_key("lab")]);
    let plan = plan(&small(), &intent).unwrap();
    assert_eq!(lines(&plan), ["0 stop app default", "1 delete space lab after 0", "2 delete space old"]);
    assert_eq!(plan.title, "Delete 2 spaces");
    assert_eq!(plan.phrases[0].text, "delete 2 spaces");
    assert!(plan.loses.iter().any(|line| {
        line == "All files of 2 spaces, 100 GB: their volumes (EBS) are destroyed, and AWS keeps no copy. \
                 That ends $10.00 of storage per month."
    }), "{:?}", plan.loses);
    let stored = plan.steps[2].saves_per_hour.unwrap();
    assert!((stored - 5.0 / 730.0).abs() < 1e-9, "{stored}");
    assert!(plan.warnings.is_empty() && plan.is_intact());
    assert!(plan.steps.iter().all(|step| matches!(step.bound, Bound::Created(_))));
}

#[test]
fn a_shared_space_is_called_out() {
    let plan = plan(&small(), &Intent::DeleteSpaces(vec![space_key("team")])).unwrap();
    assert_eq!(
        plan.warnings,
        ["1 shared space among them (team): everybody who uses them loses their files."]
    );
}

#[test]
fn what_cannot_be_told_apart_is_not_known_or_is_going_is_left_alone_with_what_is_in_it() {
    let mut app = sample::space_app("timeless");
    app.created = None;
    let mut second = sample::space_app("timeless");
    second.key.name = Name::new("second");
    let mut odd = sample::space_app("odd");
    odd.status = AppStatus::from("Hibernating");
    let mut going = sample::space("going", "anna", Sharing::Private);
    going.status = Status::Deleting;
    let private = |name| sample::space(name, "anna", Sharing::Private);
    let fleet =
        sample::fleet(vec![], vec![private("timeless"), private("odd"), going], vec![app, second, odd]);
    let keys = ["timeless", "odd", "going", "gone"].into_iter().map(space_key).collect();
    let plan = plan(&fleet, &Intent::DeleteSpaces(keys)).unwrap();
    assert!(plan.steps.is_empty() && plan.phrases.is_empty() && plan.title == "Delete nothing");
    let timeless = "has no creation time, so it could not be told from one re-created meanwhile";
    assert_eq!(
        excluded(&plan),
        [
            "going is already being deleted".to_owned(),
            "gone is not in the list any more".to_owned(),
            format!("default {timeless}"),
            "second stays with space timeless, which cannot be deleted".to_owned(),
            format!("timeless has to wait for app default, which {timeless}"),
            "default has a status this version does not know: Hibernating".to_owned(),
            "odd has to wait for app default, which has a status this version does not know: Hibernating"
                .to_owned(),
        ]
    );
}

#[test]
fn a_user_stays_with_what_runs_in_a_space_that_is_said_to_be_going() {
    let mut going = sample::space("going", "anna", Sharing::Private);
    going.status = Status::Deleting;
    let anna = user_key("anna");
    let fleet = |apps| sample::fleet(vec![described("anna", "200001", None)], vec![going.clone()], apps);
    let offboard = Intent::Offboard(vec![anna]);
    let plan_of = |apps| plan(&fleet(apps), &offboard).unwrap();
    let held = plan_of(vec![sample::space_app("going")]);
    assert!(held.steps.is_empty(), "{:?}", lines(&held));
    assert!(excluded(&held).iter().any(|left| left == "going is being deleted, and yet an app runs in it"));
    assert_eq!(plan_of(vec![]).steps.len(), 1, "what is over holds nobody");
}

#[test]
fn apps_on_their_way_in_or_out_are_waited_for() {
    let mut starting = sample::space_app("lab");
    starting.status = AppStatus::Pending;
    let mut leaving = sample::space_app("old");
    leaving.status = AppStatus::Deleting;
    let private = |name| sample::space(name, "anna", Sharing::Private);
    let fleet = sample::fleet(vec![], vec![private("lab"), private("old")], vec![starting, leaving]);
    let plan = plan(&fleet, &Intent::DeleteSpaces(vec![space_key("lab"), space_key("old")])).unwrap();
    assert_eq!(lines(&plan), ["0 stop app default", "1 delete space lab after 0", "2 delete space old"]);
    assert!(plan.steps[0].warning.as_deref().unwrap().contains("still starting"));
    assert_eq!(
        plan.steps[2].warning.as_deref(),
        Some("waits for JupyterLab default, which is being stopped")
    );
}

#[test]
fn a_list_that_is_not_complete_is_not_all() {
    let mut fleet = small();
    let problem = Problem::new(ProblemKind::AccessDenied, "no", "");
    fleet.fail(&Query::Apps(sample::domain_key()), problem);
    let plan_spaces = plan(&fleet, &Intent::DeleteSpaces(vec![space_key("old")])).unwrap();
    assert!(plan_spaces.steps.is_empty());
    assert!(plan_spaces.excluded[0].reason.contains("may hold more than is known: the apps of d-research"));
    assert!(plan(&fleet, &Intent::Offboard(vec![user_key("anna")])).unwrap().steps.is_empty());
    let refusal = plan(&fleet, &Intent::DeleteDomain(sample::domain_key(), HomeFiles::Retain)).unwrap_err();
    assert!(refusal.contains("nothing of it is: ") && refusal.contains("not known in full"), "{refusal}");
}

#[test]
fn a_user_goes_after_apps_and_owned_spaces_and_the_home_directory_stays() {
    let plan = plan(&small(), &Intent::Offboard(vec![user_key("anna")])).unwrap();
    assert_eq!(
        lines(&plan),
        [
            "0 stop app classic",
            "1 stop app default",
            "2 delete space lab after 1",
            "3 delete space old",
            "4 delete user profile anna after 0 2 3",
        ]
    );
    assert_eq!((plan.title.as_str(), plan.phrases[0].text.as_str()), ("Offboard anna", "anna"));
    assert_eq!(plan.keeps[0], "anna: the home directory /200005 on fs-0a1b (EFS), owned by uid 200005.");
    assert!(plan.loses.iter().any(|line| line.contains("100 GB")));
}

#[test]
fn a_shared_space_of_an_offboarded_user_goes_only_because_aws_demands_it() {
    let plan = plan(&small(), &Intent::Offboard(vec![user_key("ben")])).unwrap();
    assert_eq!(lines(&plan).last().unwrap(), "2 delete user profile ben after 1");
    assert!(plan.warnings[0].contains("(team)") && plan.warnings[0].contains("only because AWS"));
}

fn sso_fleet(change: impl FnOnce(&mut Fleet)) -> Fleet {
    let users = vec![described("anna", "1", Some("anna@x.org")), described("ben", "2", None)];
    let mut fleet = sample::fleet(users, vec![], vec![]);
    know_domain(&mut fleet, |_, detail| {
        detail.auth_mode = Some(AuthMode::Sso);
        detail.sso_application = Some("arn:app".into());
    });
    let person = Query::Person(sample::scope(), "anna@x.org".into());
    fleet.absorb(&person, Answer::Person(Some("p-1".into())), sample::now());
    let assigned = Query::Assigned(sample::domain_key(), "arn:app".into());
    fleet.absorb(&assigned, Answer::Assigned(vec!["p-1".into(), "p-2".into()]), sample::now());
    change(&mut fleet);
    fleet
}

#[test]
fn with_identity_center_the_assignment_goes_before_the_profile() {
    let fleet = sso_fleet(|_| {});
    let plan = plan(&fleet, &Intent::Offboard(vec![user_key("anna")])).unwrap();
    assert_eq!(lines(&plan), ["0 unassign user profile anna", "1 delete user profile anna after 0"]);
    let made =
        Assignment { user: user_key("anna"), application: Some("arn:app".into()), principal: "p-1".into() };
    assert_eq!(plan.steps[0].change, Change::UnassignApplication(made));
    assert_eq!(plan.steps[0].bound, Bound::Unbound);
}

#[test]
fn an_assignment_that_is_needed_or_not_known_stays_and_that_is_said() {
    let assigned = Query::Assigned(sample::domain_key(), "arn:app".into());
    let warning = |fleet: &Fleet, name: &str| {
        let plan = plan(fleet, &Intent::Offboard(vec![user_key(name)])).unwrap();
        assert_eq!(plan.steps.len(), 1, "{:?}", lines(&plan));
        plan.steps[0].warning.as_deref().unwrap_or_default().to_owned()
    };
    assert!(warning(&sso_fleet(|_| {}), "ben").contains("whom it stands for"));
    let denied = sso_fleet(|fleet| fleet.fail(&assigned, Problem::new(ProblemKind::AccessDenied, "no", "")));
    assert!(warning(&denied, "anna").contains("could not be read"));
    let group = sso_fleet(|fleet| fleet.absorb(&assigned, Answer::Assigned(vec![]), sample::now()));
    assert!(warning(&group, "anna").contains("in a group"));
    let twice = sso_fleet(|fleet| {
        let second = described("anna-gpu", "3", Some("anna@x.org"));
        fleet.absorb(
            &Query::User(second.key.clone()),
            Answer::User(Box::new(second), "{}".into()),
            sample::now(),
        );
    });
    assert!(warning(&twice, "anna").contains("anna-gpu is theirs too"));
    let both = Intent::Offboard(vec![user_key("anna"), user_key("anna-gpu")]);
    let unassigned = plan(&twice, &both).unwrap();
    assert!(lines(&unassigned)[0].starts_with("0 unassign"));
}

#[test]
fn a_domain_goes_last_with_everything_in_it_and_takes_its_name_and_the_account() {
    let mut fleet = small();
    let mut rstudio = sample::app("domain-shared", AppType::RStudioServerPro, "default");
    rstudio.instance = Some("system".into());
    let more = Query::App(rstudio.key.clone());
    fleet.absorb(&more, Answer::App(Box::new(rstudio), "{}".into()), sample::now());
    let intent = Intent::DeleteDomain(sample::domain_key(), HomeFiles::Retain);
    let plan = plan(&fleet, &intent).unwrap();
    assert_eq!(
        lines(&plan),
        [
            "0 stop app classic",
            "1 stop app default",
            "2 delete space lab after 1",
            "3 delete space old",
            "4 delete user profile anna after 0 2 3",
            "5 stop app default",
            "6 delete space team after 5",
            "7 delete user profile ben after 6",
            "8 stop app default",
            "9 delete domain d-research after 4 7 8",
        ]
    );
    assert_eq!(plan.phrases.len(), 1);
    assert_eq!(plan.phrases[0].text, "research 123456789012");
    assert_eq!(plan.phrases[0].why, "2 user profiles, 3 spaces and 4 apps go with it");
    assert!(plan.keeps[0].starts_with("The file system fs-0a1b (EFS) with the home directories"));
    let Change::DeleteDomain(_, files) = &plan.steps[9].change else { panic!() };
    assert_eq!(*files, HomeFiles::Retain);
}

#[test]
fn home_directories_are_erased_only_with_the_file_system_typed() {
    let mut fleet = small();
    let found =
        Leftovers { file_systems: vec![("fs-0a1b".into(), Some(12_400_000_000))], ..Leftovers::default() };
    let query = Query::Leftovers(sample::domain_key(), Some("fs-0a1b".into()));
    fleet.absorb(&query, Answer::Leftovers(Box::new(found)), sample::now());
    let intent = Intent::DeleteDomain(sample::domain_key(), HomeFiles::Delete);
    let erasing = plan(&fleet, &intent).unwrap();
    assert_eq!(erasing.phrases[1].text, "delete fs-0a1b");
    assert!(erasing.loses.iter().any(|line| line.contains("fs-0a1b (EFS), 12 GB, with all home")));
    assert!(!erasing.keeps.iter().any(|line| line.contains("fs-0a1b")));
    know_domain(&mut fleet, |_, detail| detail.home_file_system = None);
    assert!(plan(&fleet, &intent).unwrap_err().contains("has no home file system"));
}

#[test]
fn what_a_domain_leaves_behind_is_listed_and_never_in_the_plan() {
    let mut fleet = small();
    know_domain(&mut fleet, |_, detail| {
        detail.unified_studio = Some("dzd-1".into());
        detail.sso_application = Some("arn:app".into());
    });
    let found = Leftovers {
        file_systems: vec![("fs-0a1b".into(), Some(5_000_000))],
        interfaces: vec!["eni-1".into()],
        groups: vec![("sg-1".into(), "security-group-for-inbound-nfs-d-research".into())],
        mlflow_servers: vec!["tracker".into()],
        unknown: vec!["The network interfaces may not be listed.".to_owned()],
    };
    let query = Query::Leftovers(sample::domain_key(), Some("fs-0a1b".into()));
    let intent = Intent::DeleteDomain(sample::domain_key(), HomeFiles::Retain);
    assert!(intent.needs(&fleet, &Policy::default()).contains(&query));
    assert!(plan(&fleet, &intent).unwrap().warnings.iter().any(|line| line.contains("was not looked for")));
    fleet.absorb(&query, Answer::Leftovers(Box::new(found)), sample::now());
    let plan = plan(&fleet, &intent).unwrap();
    let keeps = plan.keeps.join("\n");
    for part in ["fs-0a1b (EFS), 5 MB,", "eni-1", "sg-1", "tracker", "Execution roles"] {
        assert!(keeps.contains(part), "{part}: {keeps}");
    }
    let warnings = plan.warnings.join("\n");
    for part in ["Back up", "uids", "team", "dzd-1", "arn:app", "may not be listed"] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
    assert!(plan.steps.iter().all(|step| step.change.target().object().is_some()));
}

#[test]
fn a_domain_of_which_something_has_to_stay_stays_whole() {
    let mut fleet = small();
    let policy = protecting();
    let intent = Intent::DeleteDomain(sample::domain_key(), HomeFiles::Retain);
    for query in intent.needs(&fleet, &policy) {
        if let Query::Tags(object) = query {
            let is_old = object == ObjectKey::Space(space_key("old"));
            let tags = if is_old { vec![tag("keep", "yes")] } else { vec![] };
            fleet.absorb(&Query::Tags(object), Answer::Tags(tags), sample::now());
        }
    }
    let refusal = intent.plan(&fleet, &Documents::default(), &policy, sample::now()).unwrap_err();
    assert_eq!(
        refusal,
        "Domain research cannot be deleted as a whole, so nothing of it is: space old is protected by the tag \
         keep=yes."
    );
    let anna = Intent::Offboard(vec![user_key("anna"), user_key("ben")]);
    let plan = anna.plan(&fleet, &Documents::default(), &policy, sample::now()).unwrap();
    assert_eq!(plan.title, "Offboard ben");
    assert!(
        excluded(&plan).contains(&"lab stays with user profile anna, which cannot be deleted".to_owned())
    );
}

#[test]
fn a_thousand_and_one_children_are_all_in_the_plan() {
    let spaces: Vec<Space> =
        (0..1_001).map(|n| sample::space(&format!("s{n}"), "anna", Sharing::Private)).collect();
    let apps = spaces.iter().map(|space| sample::space_app(space.key.name.as_str())).collect();
    let fleet = sample::fleet(vec![sample::user("anna")], spaces, apps);
    let plan = plan(&fleet, &Intent::Offboard(vec![user_key("anna")])).unwrap();
    assert_eq!(plan.steps.len(), 2 * 1_001 + 1);
    assert_eq!(plan.steps.last().unwrap().after.len(), 1_001);
    assert_eq!(plan.pool.as_ref().map(|pool| (pool.taken, pool.of)), Some((1_001, 1_001)));
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.into(), value: value.into() }
}

fn protecting() -> Policy {
    Policy { protected_tags: vec![tag("keep", "")], ..Policy::default() }
}

/// A fleet of two domains with apps, spaces and users at random, some protected, some odd.
fn fleets() -> impl Strategy<Value = (Fleet, Vec<ObjectKey>)> {
    let status = prop_oneof![
        6 => Just("InService"), 1 => Just("Pending"), 1 => Just("Deleting"), 1 => Just("Failed"),
    ];
    let app = (0..2_usize, 0..9_usize, any::<bool>(), 0..30_usize, status.clone(), 0..20_u8);
    let space = (0..2_usize, 0..6_usize, 0..12_usize, status.clone(), 0..20_u8);
    let user = (0..2_usize, 0..5_usize, status, 0..20_u8);
    let rows = (
        proptest::collection::vec(user, 0..8),
        proptest::collection::vec(space, 0..14),
        proptest::collection::vec(app, 0..24),
    );
    rows.prop_map(|(users, spaces, apps)| build(&users, &spaces, &apps))
}

type UserSeed = (usize, usize, &'static str, u8);
type SpaceSeed = (usize, usize, usize, &'static str, u8);
type AppSeed = (usize, usize, bool, usize, &'static str, u8);

fn domain_at(index: usize) -> DomainKey {
    DomainKey { scope: sample::scope(), id: DomainId::new(["d-research", "d-other"][index]) }
}

/// A luck of 0 is protected, one of 1 has no creation time.
fn build(users: &[UserSeed], spaces: &[SpaceSeed], apps: &[AppSeed]) -> (Fleet, Vec<ObjectKey>) {
    let (mut fleet, mut protected) = (Fleet::default(), Vec::new());
    let mut all = Vec::new();
    let mut note = |object: ObjectKey, luck: u8| {
        if luck == 0 {
            protected.push(object.clone());
        }
        all.push(object);
    };
    let domains = [0, 1].map(|at| Domain { key: domain_at(at), ..sample::domain() }).to_vec();
    let mut rows: (Vec<UserProfile>, Vec<Space>, Vec<App>) = Default::default();
    for &(domain, name, status, luck) in users {
        let mut row = sample::user(&format!("u{name}"));
        row.key.domain = domain_at(domain).id;
        row.status = Status::from(status);
        row.created = row.created.filter(|_| luck != 1);
        if rows.0.iter().all(|other| other.key != row.key) {
            note(ObjectKey::User(row.key.clone()), luck);
            rows.0.push(row);
        }
    }
    for &(domain, owner, name, status, luck) in spaces {
        let mut row = sample::space(&format!("s{name}"), &format!("u{owner}"), Sharing::Private);
        row.key.domain = domain_at(domain).id;
        row.status = Status::from(status);
        row.created = row.created.filter(|_| luck != 1);
        if rows.1.iter().all(|other| other.key != row.key) {
            note(ObjectKey::Space(row.key.clone()), luck);
            rows.1.push(row);
        }
    }
    for &(domain, owner, in_space, name, status, luck) in apps {
        let mut row = sample::app("", AppType::JupyterLab, &format!("a{name}"));
        let owner = if in_space { format!("s{owner}") } else { format!("u{owner}") };
        let owner = Name::new(&owner);
        row.key.owner = if in_space { Owner::Space(owner) } else { Owner::User(owner) };
        row.key.domain = domain_at(domain).id;
        row.status = AppStatus::from(status);
        row.created = row.created.filter(|_| luck != 1);
        if rows.2.iter().all(|other| other.key != row.key) {
            note(ObjectKey::App(row.key.clone()), luck);
            rows.2.push(row);
        }
    }
    all.extend([0, 1].map(|at| ObjectKey::Domain(domain_at(at))));
    // Owners that are in no list have tags nobody can read: those of the hidden profile count as read here.
    all.extend(rows.1.iter().filter_map(|space| super::owner_of(space).map(ObjectKey::User)));
    all.extend(rows.2.iter().filter_map(|app| app.key.user_key().map(ObjectKey::User)));
    all.extend(rows.2.iter().filter_map(|app| app.key.space_key().map(ObjectKey::Space)));
    let now = sample::now();
    let page = |first, last| (first, last);
    let (first, last) = page(true, true);
    fleet.absorb(&Query::Domains(sample::scope()), Answer::Domains(Page { rows: domains, first, last }), now);
    for at in [0, 1] {
        let key = domain_at(at);
        let users = rows.0.iter().filter(|row| row.key.domain == key.id).cloned().collect();
        let spaces = rows.1.iter().filter(|row| row.key.domain == key.id).cloned().collect();
        let apps = rows.2.iter().filter(|row| row.key.domain == key.id).cloned().collect();
        fleet.absorb(&Query::Users(key.clone()), Answer::Users(Page { rows: users, first, last }), now);
        fleet.absorb(&Query::Spaces(key.clone()), Answer::Spaces(Page { rows: spaces, first, last }), now);
        fleet.absorb(&Query::Apps(key), Answer::Apps(Page { rows: apps, first, last }), now);
    }
    for object in all {
        let tags = if protected.contains(&object) { vec![tag("keep", "yes")] } else { vec![] };
        fleet.absorb(&Query::Tags(object), Answer::Tags(tags), now);
    }
    (fleet, protected)
}

/// What holds an object directly: space, owner, domain.
fn parents(fleet: &Fleet, object: &ObjectKey) -> Vec<ObjectKey> {
    let domain = ObjectKey::Domain(object.domain_key());
    match object {
        ObjectKey::Domain(_) => vec![],
        ObjectKey::User(_) => vec![domain],
        ObjectKey::Space(key) => {
            let owner = fleet.spaces.get(key).and_then(super::owner_of).map(ObjectKey::User);
            owner.into_iter().chain([domain]).collect()
        }
        ObjectKey::App(key) => {
            let space = key.space_key().map(ObjectKey::Space);
            space.into_iter().chain(key.user_key().map(ObjectKey::User)).chain([domain]).collect()
        }
    }
}

fn ancestors(fleet: &Fleet, object: &ObjectKey) -> HashSet<ObjectKey> {
    let mut all = HashSet::new();
    let mut open = parents(fleet, object);
    while let Some(next) = open.pop() {
        if all.insert(next.clone()) {
            open.extend(parents(fleet, &next));
        }
    }
    all
}

/// Everything there is that AWS would not let its parent go without.
fn blockers(fleet: &Fleet) -> Vec<ObjectKey> {
    let apps =
        fleet.apps.iter().filter(|app| matches!(app.status, AppStatus::InService | AppStatus::Pending));
    let spaces = fleet.spaces.iter().filter(|space| space.status != Status::Deleting);
    let users = fleet.users.iter().filter(|user| user.status != Status::Deleting);
    let apps = apps.map(|app| ObjectKey::App(app.key.clone()));
    apps.chain(spaces.map(|space| ObjectKey::Space(space.key.clone())))
        .chain(users.map(|user| ObjectKey::User(user.key.clone())))
        .collect()
}

fn check(fleet: &Fleet, protected: &[ObjectKey], plan: &Plan, roots: &[ObjectKey]) {
    assert!(plan.is_intact());
    let at =
        |object: &ObjectKey| plan.steps.iter().position(|step| step.change.target().object() == Some(object));
    let mut seen = HashSet::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let target = step.change.target();
        let object = target.object().unwrap();
        assert!(seen.insert(object.clone()), "{} twice", object.name());
        assert!(step.after.iter().all(|&before| before < index), "{:?}", lines(plan));
        let above = ancestors(fleet, object);
        assert!(
            roots.contains(object) || roots.iter().any(|root| above.contains(root)),
            "{} is outside of what was named",
            object.name()
        );
        assert!(!protected.contains(object), "{} is protected", object.name());
        assert!(
            protected.iter().all(|kept| !above.contains(kept)),
            "{} is in what is protected",
            object.name()
        );
        assert!(step.bound.created().is_some());
    }
    for child in blockers(fleet) {
        for parent in parents(fleet, &child) {
            let Some(parent_at) = at(&parent) else { continue };
            let child_at = at(&child);
            assert!(child_at.is_some_and(|child_at| child_at < parent_at), "{} stays", child.name());
            // Directly or by way of others, the parent waits for the child.
            let mut open = vec![parent_at];
            let mut waits = false;
            while let Some(next) = open.pop() {
                waits |= Some(next) == child_at;
                open.extend(&plan.steps[next].after);
            }
            assert!(waits, "{} does not wait for {}", parent.name(), child.name());
        }
    }
    for object in protected {
        let leaving =
            at(object).is_some() || ancestors(fleet, object).iter().any(|above| at(above).is_some());
        let is_blocker = blockers(fleet).contains(object);
        assert!(!(leaving && is_blocker), "{} is protected and loses what holds it", object.name());
    }
}

proptest! {
    #[test]
    fn deletions_are_complete_in_order_within_what_was_named_and_spare_the_protected(
        (fleet, protected) in fleets(), pick in any::<prop::sample::Selector>()
    ) {
        let policy = protecting();
        let run = |intent: Intent| intent.plan(&fleet, &Documents::default(), &policy, sample::now());
        let users: Vec<UserKey> = fleet.users.iter().map(|user| user.key.clone()).collect();
        let spaces: Vec<SpaceKey> = fleet.spaces.iter().map(|space| space.key.clone()).collect();
        if !users.is_empty() {
            let some: Vec<UserKey> = (0..2).map(|_| pick.select(users.iter()).clone()).collect();
            let roots: Vec<_> = some.iter().cloned().map(ObjectKey::User).collect();
            check(&fleet, &protected, &run(Intent::Offboard(some)).unwrap(), &roots);
        }
        if !spaces.is_empty() {
            let roots: Vec<_> = spaces.iter().cloned().map(ObjectKey::Space).collect();
            check(&fleet, &protected, &run(Intent::DeleteSpaces(spaces)).unwrap(), &roots);
        }
        let domain = domain_at(0);
        match run(Intent::DeleteDomain(domain.clone(), HomeFiles::Retain)) {
            Ok(plan) => {
                check(&fleet, &protected, &plan, &[ObjectKey::Domain(domain)]);
                prop_assert!(matches!(plan.steps.last().map(|step| &step.change), Some(Change::DeleteDomain(..))));
            }
            Err(refusal) => prop_assert!(refusal.contains("nothing of it is: "), "{}", refusal),
        }
    }

    #[test]
    fn suspensions_touch_only_the_named_users_and_what_runs_for_them((fleet, protected) in fleets()) {
        let mut documents = Documents::default();
        let mut users = Vec::new();
        for user in fleet.users.iter() {
            documents.note(ObjectKey::User(user.key.clone()), Ok(r#"{"UserSettings":{"ExecutionRole":"r"}}"#));
            users.push(user.key.clone());
        }
        users.truncate(3);
        let plan = Intent::Suspend(users.clone()).plan(&fleet, &documents, &protecting(), sample::now()).unwrap();
        prop_assert!(plan.is_intact());
        let named: HashSet<ObjectKey> = users.into_iter().map(ObjectKey::User).collect();
        let closed: HashSet<ObjectKey> = plan
            .steps
            .iter()
            .filter(|step| matches!(step.change, Change::UpdateUser(..)))
            .filter_map(|step| step.change.target().object().cloned())
            .collect();
        for (index, step) in plan.steps.iter().enumerate() {
            let target = step.change.target();
            let object = target.object().unwrap();
            let mut whose = ancestors(&fleet, object);
            whose.insert(object.clone());
            prop_assert!(whose.iter().any(|above| named.contains(above)), "{} was not named", object.name());
            prop_assert!(whose.iter().all(|above| !protected.contains(above)));
            prop_assert!(step.after.iter().all(|&before| before < index));
            prop_assert!(matches!(object, ObjectKey::User(_) | ObjectKey::App(_)));
        }
        for app in fleet.apps.iter().filter(|app| super::has_to_be_stopped(app)) {
            let object = ObjectKey::App(app.key.clone());
            let runs_for_closed = ancestors(&fleet, &object).iter().any(|above| closed.contains(above));
            let is_stopped = plan.steps.iter().any(|step| step.change.target().object() == Some(&object));
            prop_assert!(!runs_for_closed || is_stopped, "{} runs on", object.name());
        }
    }
}
