//! Every kind of change, in plans whose steps build on each other.

use std::sync::Arc;
use std::time::Duration;

use sagedeck::fleet::{
    AppKey, AppType, Assignment, Bound, Change, Document, DomainId, DomainKey, Event, HomeFiles,
    LifecycleConfigKey, Name, ObjectKey, Owner, Plan, ProblemKind, Produced, Progress, SpaceKey, Step,
    StepState, Tag, Tally, Timestamp, UserKey,
};
use sagedeck::operations::{Disk, Executor, Search, audit_path, read_audit, verify_audit};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::iam::Role;
use sagedeck::sim::scenario::Scenario;
use sagedeck::sim::world::{self, Profile, Row, Settings, Space, Tags, Vpc};
use serde_json::{Value, json};

use super::state::{begin, folder, started};
use super::{carried_out, end_of, now};
use crate::wire::{ACCOUNT, DOMAIN, REGION, domain, gateway, scope, sim_of};

pub(super) const ROLE: &str = "arn:aws:iam::123456789012:role/studio";

pub(super) fn world_scope() -> world::Scope {
    world::Scope::new(ACCOUNT, REGION)
}

/// An AWS with a VPC, two roles, and a domain with so many users, each with a private space.
pub(super) fn sim(users: usize) -> SimulatedAws {
    let sim = sim_of(Scenario::Empty);
    sim.with_world(|world| {
        let now = world.now();
        let vpc =
            Vpc { id: "vpc-1".into(), cidr: "10.1.0.0/16".into(), is_default: false, tags: Tags::default() };
        let zones = [("subnet-1".into(), "eu-west-1a".into())];
        world.region_mut(&world_scope()).network.add_vpc(vpc, &zones, false);
        let trust = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{"Service":"sagemaker.amazonaws.com"}}]}"#;
        for name in ["studio", "other"] {
            let role = Role::new(name, "/", trust, now);
            world.account_mut(ACCOUNT).iam.roles.insert(role.name.clone(), role);
        }
        let region = world.region_mut(&world_scope());
        let settings = Settings::new(json!({ "ExecutionRole": ROLE }));
        let domain =
            world::Domain { user_settings: settings, ..world::Domain::new(DOMAIN, "one", now - 9_000_000) };
        region.domains.insert(DOMAIN.into(), domain);
        for index in 0..users {
            let name = user_name(index);
            region
                .profiles
                .insert(Profile::new(DOMAIN.into(), name.as_str().into(), now - 8_000_000))
                .unwrap();
            let mut space = Space::new(DOMAIN.into(), format!("{name}-lab").as_str().into(), now - 7_000_000);
            space.owner = Some(name.as_str().into());
            space.shared = Some(false);
            space.settings = Some(Settings::new(json!({ "AppType": "JupyterLab" })));
            region.spaces.insert(space).unwrap();
        }
    });
    sim
}

fn user_name(index: usize) -> String {
    format!("user-{index:03}")
}

pub(super) fn document(value: Value) -> Document {
    let Value::Object(members) = value else { panic!("no object: {value}") };
    members
}

pub(super) fn user(domain: &DomainId, name: &str) -> UserKey {
    UserKey { scope: scope(), domain: domain.clone(), name: Name::new(name) }
}

fn space(domain: &DomainId, name: &str) -> SpaceKey {
    SpaceKey { scope: scope(), domain: domain.clone(), name: Name::new(name) }
}

fn app(domain: &DomainId, space: &str) -> AppKey {
    AppKey {
        scope: scope(),
        domain: domain.clone(),
        owner: Owner::Space(Name::new(space)),
        app_type: AppType::JupyterLab,
        name: Name::new("default"),
    }
}

fn one() -> DomainId {
    DomainId::new(DOMAIN)
}

pub(super) fn step(change: Change, bound: Bound, after: &[usize]) -> Step {
    Step { after: after.to_vec(), ..Step::new(change, bound) }
}

pub(super) fn plan(title: &str, steps: Vec<Step>) -> Plan {
    Plan::new(title, "change", now(), steps)
}

fn time(ms: i64) -> Bound {
    Bound::Created(Timestamp::from_millisecond(ms).unwrap())
}

fn user_created(sim: &SimulatedAws, domain: &str, name: &str) -> Bound {
    time(sim.with_world(|world| {
        let profiles = &world.region_mut(&world_scope()).profiles;
        profiles
            .get(profiles.find(&Profile::key_of(&domain.into(), &name.into())).unwrap())
            .unwrap()
            .created()
    }))
}

fn space_created(sim: &SimulatedAws, domain: &str, name: &str) -> Bound {
    time(sim.with_world(|world| {
        let spaces = &world.region_mut(&world_scope()).spaces;
        spaces.get(spaces.find(&(domain.into(), name.into())).unwrap()).unwrap().created()
    }))
}

fn new_users(count: usize) -> Vec<Step> {
    let create = |index| Change::CreateUser(user(&one(), &user_name(index)), Document::new());
    (0..count).map(|index| step(create(index), Bound::Absent, &[])).collect()
}

fn operations(sim: &SimulatedAws) -> Vec<String> {
    sim.requests().writes().iter().map(|request| request.operation.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_domain_is_built_and_taken_down_each_step_after_those_it_needs() {
    let sim = sim(0);
    let gateway = gateway(&sim).await;
    let to_be = DomainKey { scope: scope(), id: DomainId::to_be("research") };
    let settings = json!({
        "DomainName": "research", "AuthMode": "IAM", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"],
        "DefaultUserSettings": { "ExecutionRole": ROLE }
    });
    let anna = user(&to_be.id, "anna");
    let lab = space(&to_be.id, "lab");
    let private = json!({
        "OwnershipSettings": { "OwnerUserProfileName": "anna" },
        "SpaceSharingSettings": { "SharingType": "Private" },
        "SpaceSettings": { "AppType": "JupyterLab" }
    });
    let runs = json!({ "ResourceSpec": { "InstanceType": "ml.t3.medium" } });
    let other = json!({ "UserSettings": { "ExecutionRole": "arn:aws:iam::123456789012:role/other" } });
    let tag = Tag { key: "team".into(), value: "nlp".into() };
    let built = plan(
        "Build",
        vec![
            step(Change::CreateDomain(to_be.clone(), document(settings)), Bound::Absent, &[]),
            step(Change::CreateUser(anna.clone(), Document::new()), Bound::Absent, &[0]),
            step(Change::CreateSpace(lab, document(private)), Bound::Absent, &[1]),
            step(Change::UpdateUser(anna.clone(), document(other)), Bound::Unbound, &[1]),
            step(Change::AddTags(anna.clone().into(), vec![tag]), Bound::Unbound, &[1]),
            step(Change::CreateApp(app(&to_be.id, "lab"), document(runs)), Bound::Absent, &[2]),
            step(Change::RemoveTags(anna.into(), vec!["team".into()]), Bound::Unbound, &[4]),
        ],
    );
    let (news, tally) = carried_out(&gateway, built).await;
    assert_eq!(tally, Ok(Tally { done: 7, ..Tally::default() }), "{news:?}");
    let real = news.iter().find_map(|one| match &one.event {
        Event::Step { step: 0, produced: Some(Produced::Domain(id)), .. } => Some(id.clone()),
        _ => None,
    });
    let real = real.expect("the id of the new domain is told");
    assert!(!real.is_to_be());
    let writes = operations(&sim);
    assert_eq!(writes[..2], ["CreateDomain", "CreateUserProfile"]);
    sim.with_world(|world| {
        let region = world.region(&world_scope()).unwrap();
        let found = region.profiles.find(&Profile::key_of(&real.as_str().into(), &"anna".into())).unwrap();
        let anna = region.profiles.get(found).unwrap();
        assert_eq!(
            anna.settings.as_ref().unwrap()["ExecutionRole"],
            json!("arn:aws:iam::123456789012:role/other")
        );
    });

    let stopped = sim.with_world(|world| {
        let region = world.region_mut(&world_scope());
        let created = region.apps.iter().map(|(_, app)| app.created()).next().unwrap();
        let domain = region.domains.get(&world::Name::from(real.as_str())).unwrap();
        (time(created), time(domain.created))
    });
    let key = DomainKey { scope: scope(), id: real.clone() };
    let taken_down = plan(
        "Take down",
        vec![
            step(Change::DeleteDomain(key, HomeFiles::Retain), stopped.1, &[1, 2]),
            step(Change::DeleteUser(user(&real, "anna")), user_created(&sim, real.as_str(), "anna"), &[2]),
            step(Change::DeleteSpace(space(&real, "lab")), space_created(&sim, real.as_str(), "lab"), &[3]),
            step(Change::StopApp(app(&real, "lab")), stopped.0, &[]),
        ],
    );
    sim.requests().clear();
    let (_, tally) = carried_out(&gateway, taken_down).await;
    assert_eq!(tally, Ok(Tally { done: 4, ..Tally::default() }));
    assert_eq!(operations(&sim), ["DeleteApp", "DeleteSpace", "DeleteUserProfile", "DeleteDomain"]);
    let domain = &sim.requests().of("DeleteDomain")[0].body;
    assert_eq!(domain["RetentionPolicy"]["HomeEfsFileSystem"], "Retain", "F44");
}

#[tokio::test(start_paused = true)]
async fn a_lifecycle_configuration_is_made_and_deleted() {
    let sim = sim(0);
    let gateway = gateway(&sim).await;
    let key = LifecycleConfigKey { scope: scope(), name: Name::new("on-start") };
    let script =
        json!({ "StudioLifecycleConfigContent": "IyE=", "StudioLifecycleConfigAppType": "JupyterLab" });
    let create = || {
        plan(
            "Create",
            vec![step(
                Change::CreateLifecycleConfig(key.clone(), document(script.clone())),
                Bound::Absent,
                &[],
            )],
        )
    };
    let (_, tally) = carried_out(&gateway, create()).await;
    assert_eq!(tally, Ok(Tally { done: 1, ..Tally::default() }));
    let (news, tally) = carried_out(&gateway, create()).await;
    assert_eq!(tally, Ok(Tally { skipped: 1, ..Tally::default() }));
    assert_eq!(end_of(&news, 0), StepState::Skipped("exists already".into()));
    let created = sim.with_world(|world| {
        world.region_mut(&world_scope()).lifecycle_configs.values().next().unwrap().created
    });
    let delete = |bound| plan("Delete", vec![step(Change::DeleteLifecycleConfig(key.clone()), bound, &[])]);
    let (_, tally) = carried_out(&gateway, delete(time(created + 1))).await;
    assert_eq!(tally, Ok(Tally { skipped: 1, ..Tally::default() }), "another one of that name");
    let (_, tally) = carried_out(&gateway, delete(time(created))).await;
    assert_eq!(tally, Ok(Tally { done: 1, ..Tally::default() }));
}

#[tokio::test(start_paused = true)]
async fn what_is_to_follow_a_step_that_was_not_done_is_skipped_and_says_so() {
    let sim = sim(2);
    let refused = Fault::Refuse("ValidationException".into(), "no such thing".into());
    sim.faults().add_times(Target::operation("DeleteSpace"), refused, 1);
    let steps = vec![
        step(
            Change::DeleteSpace(space(&one(), "user-000-lab")),
            space_created(&sim, DOMAIN, "user-000-lab"),
            &[],
        ),
        step(Change::DeleteUser(user(&one(), "user-000")), user_created(&sim, DOMAIN, "user-000"), &[0]),
        step(Change::AddTags(ObjectKey::Domain(domain()).into(), vec![]), Bound::Unbound, &[1]),
    ];
    let (news, tally) = carried_out(&gateway(&sim).await, plan("Offboard", steps)).await;
    assert_eq!(tally, Ok(Tally { failed: 1, skipped: 2, ..Tally::default() }));
    assert!(
        matches!(end_of(&news, 1), StepState::Skipped(reason) if reason.contains("delete space user-000-lab"))
    );
    assert_eq!(sim.requests().count("DeleteUserProfile"), 0);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_steps_in_a_few_chains_that_cannot_begin_end_at_once() {
    let sim = sim(0);
    let mut steps = new_users(10_000);
    for (position, step) in steps.iter_mut().enumerate().skip(4) {
        step.after = vec![position - 4];
    }
    let denied = Fault::Refuse("ValidationException".into(), "no".into());
    sim.faults().add(Target::operation("CreateUserProfile"), denied);
    let started = std::time::Instant::now();
    let (_, tally) = carried_out(&gateway(&sim).await, plan("Onboard", steps)).await;
    assert_eq!(tally, Ok(Tally { failed: 4, skipped: 9_996, ..Tally::default() }));
    assert_eq!(sim.requests().count("CreateUserProfile"), 4);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn f51_a_row_that_fails_stops_no_other_and_the_rest_is_made_by_a_second_plan() {
    let sim = sim(0);
    let gateway = gateway(&sim).await;
    let refused = Fault::Refuse("ValidationException".into(), "a bad row".into());
    sim.faults().schedule(Target::operation("CreateUserProfile"), refused, 36, 1);
    let all = plan("Onboard 100 users", new_users(100));
    let (news, tally) = carried_out(&gateway, all.clone()).await;
    assert_eq!(tally, Ok(Tally { done: 99, failed: 1, ..Tally::default() }));
    let states: Vec<StepState> = (0..100).map(|step| end_of(&news, step)).collect();
    let later = now() + Duration::from_hours(1);
    let rest = all.rest(&states, &[], later).unwrap();
    assert_eq!(rest.steps.len(), 1);
    let lease = gateway.lift_for(&rest).unwrap();
    let (progress, _news) = tokio::sync::mpsc::channel(100);
    let order = sagedeck::operations::Order::new(Arc::new(rest));
    let tally = Executor::new(gateway.clone(), None).carry_out(order, lease, later, progress).await;
    assert_eq!(tally, Ok(Tally { done: 1, ..Tally::default() }));
    let created = sim.requests().writes().iter().filter(|request| request.was_carried_out()).count();
    assert_eq!(created, 100);
    let again = plan("Onboard again", new_users(100));
    let (_, tally) =
        carried_out(&gateway, Plan::new("Again", "create", later - Duration::from_secs(3_599), again.steps))
            .await;
    assert_eq!(tally, Ok(Tally { skipped: 100, ..Tally::default() }), "all exist already");
}

#[tokio::test(start_paused = true)]
async fn f14_creations_whose_answers_are_lost_are_found_and_not_made_twice() {
    let sim = sim(0);
    sim.faults().add(Target::operation("CreateUserProfile"), Fault::LoseAnswer);
    let (_, tally) = carried_out(&gateway(&sim).await, plan("Onboard", new_users(20))).await;
    assert_eq!(tally, Ok(Tally { done: 20, ..Tally::default() }));
    assert_eq!(sim.requests().count("CreateUserProfile"), 20);
}

#[tokio::test(start_paused = true)]
async fn f36_what_was_created_anew_since_the_plan_was_made_is_not_deleted() {
    let sim = sim(2);
    let steps = (0..2)
        .map(|index| {
            let name = format!("{}-lab", user_name(index));
            step(Change::DeleteSpace(space(&one(), &name)), space_created(&sim, DOMAIN, &name), &[])
        })
        .collect();
    let plan = plan("Delete spaces", steps);
    sim.with_world(|world| {
        assert!(world.replace_space(&world_scope(), &DOMAIN.into(), &"user-000-lab".into()));
    });
    let (news, tally) = carried_out(&gateway(&sim).await, plan).await;
    assert_eq!(tally, Ok(Tally { done: 1, skipped: 1, ..Tally::default() }));
    assert!(matches!(end_of(&news, 0), StepState::Skipped(reason) if reason.contains("created anew")));
    assert_eq!(sim.requests().count("DeleteSpace"), 1);
}

#[tokio::test(start_paused = true)]
async fn f37_what_vanished_since_the_plan_was_made_is_gone_already() {
    let sim = sim(1);
    let bound = space_created(&sim, DOMAIN, "user-000-lab");
    sim.with_world(|world| {
        let spaces = &mut world.region_mut(&world_scope()).spaces;
        let found = spaces.find(&(DOMAIN.into(), "user-000-lab".into())).unwrap();
        spaces.remove(found);
    });
    let steps = vec![step(Change::DeleteSpace(space(&one(), "user-000-lab")), bound, &[])];
    let (_, tally) = carried_out(&gateway(&sim).await, plan("Delete", steps)).await;
    assert_eq!(tally, Ok(Tally { already_done: 1, ..Tally::default() }));
}

fn offboarding(sim: &SimulatedAws) -> Vec<Step> {
    vec![
        step(
            Change::DeleteSpace(space(&one(), "user-000-lab")),
            space_created(sim, DOMAIN, "user-000-lab"),
            &[],
        ),
        step(Change::DeleteUser(user(&one(), "user-000")), user_created(sim, DOMAIN, "user-000"), &[0]),
    ]
}

#[tokio::test(start_paused = true)]
async fn f38_an_app_started_meanwhile_ends_the_cascade_by_name() {
    let sim = sim(2);
    let plan = plan("Offboard", offboarding(&sim));
    sim.with_world(|world| {
        let now = world.now();
        let key = world::AppKey {
            domain: DOMAIN.into(),
            owner: world::Owner::Space("user-000-lab".into()),
            app_type: world::AppType::JupyterLab,
            name: "default".into(),
        };
        let spec = Settings::new(json!({ "InstanceType": "ml.t3.medium" }));
        world.insert_app(&world_scope(), world::App::new(key, spec, now)).unwrap();
    });
    let (news, tally) = carried_out(&gateway(&sim).await, plan).await;
    assert_eq!(tally, Ok(Tally { failed: 1, skipped: 1, ..Tally::default() }));
    let StepState::Failed(problem) = end_of(&news, 0) else { panic!("it failed") };
    assert_eq!(problem.kind, ProblemKind::Conflict);
    assert!(problem.message.contains("app JupyterLab default of user-000-lab"), "{problem}");
    assert_eq!(sim.requests().count("DeleteUserProfile") + sim.requests().count("DeleteApp"), 0);
}

#[tokio::test(start_paused = true)]
async fn f14_a_domain_whose_answer_was_lost_is_known_after_a_restart_too() {
    let sim = sim(0);
    sim.faults().add(Target::operation("CreateDomain"), Fault::LoseAnswer);
    let slow = sim.faults().add(Target::operation("CreateUserProfile"), Fault::Throttle(1.0));
    let gateway = gateway(&sim).await;
    let to_be = DomainKey { scope: scope(), id: DomainId::to_be("research") };
    let settings = json!({
        "DomainName": "research", "AuthMode": "IAM", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"],
        "DefaultUserSettings": { "ExecutionRole": ROLE }
    });
    let create = Change::CreateUser(user(&to_be.id, "anna"), Document::new());
    let built = plan(
        "Build",
        vec![
            step(Change::CreateDomain(to_be, document(settings)), Bound::Absent, &[]),
            step(create, Bound::Absent, &[0]),
        ],
    );
    let state = folder();
    let executor = started(&gateway, state.path(), &Disk::default());
    let mut running = begin(&gateway, &executor, built);
    let mut told = None;
    while let Some(one) = running.news.recv().await {
        let Event::Step { step: 0, state, produced, .. } = one.event else { continue };
        if state.is_final() {
            told = produced;
            break;
        }
    }
    let Some(Produced::Domain(real)) = told else { panic!("what was found is told: {told:?}") };
    let plan = Arc::clone(&running.plan);
    executor.leave(&plan.id);
    running.tally().await;
    drop(executor);
    sim.faults().remove(slow);
    let again = started(&gateway, state.path(), &Disk::default());
    let left = again.unfinished().await.unwrap();
    assert_eq!(left[0].domains.len(), 1, "the id is on record");
    assert_eq!(left[0].domains[0].1.id, real);
    let (progress, _news) = tokio::sync::mpsc::channel(1_000);
    let lease = gateway.lift_for(&plan).unwrap();
    let tally = again.resume(&left[0].journal, lease, now(), progress).await;
    assert_eq!(tally, Ok(Tally { done: 2, ..Tally::default() }));
    assert_eq!((sim.requests().count("CreateDomain"), sim.requests().writes().len() > 1), (1, true));
}

#[tokio::test(start_paused = true)]
async fn f24_a_deletion_that_is_in_use_for_no_reason_to_be_seen_is_tried_again_and_then_told() {
    let in_use = || Fault::Refuse("ResourceInUse".into(), "Unable to delete: in use".into());
    let sim = sim(1);
    sim.faults().add_times(Target::operation("DeleteSpace"), in_use(), 3);
    let (_, tally) = carried_out(&gateway(&sim).await, plan("Offboard", offboarding(&sim))).await;
    assert_eq!(tally, Ok(Tally { done: 2, ..Tally::default() }));
    let sim = self::sim(1);
    sim.faults().add(Target::operation("DeleteSpace"), in_use());
    let started = tokio::time::Instant::now();
    let (news, tally) = carried_out(&gateway(&sim).await, plan("Offboard", offboarding(&sim))).await;
    assert_eq!(tally, Ok(Tally { failed: 1, skipped: 1, ..Tally::default() }));
    assert!(matches!(end_of(&news, 0), StepState::Failed(problem) if problem.message.contains("in use")));
    assert!(started.elapsed() < Duration::from_mins(5), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn f39_all_pages_are_read_for_what_is_in_a_domain() {
    let sim = sim(130);
    let created = time(sim.with_world(|world| {
        let key = world::Name::from(DOMAIN);
        world.region_mut(&world_scope()).domains.get(&key).unwrap().created
    }));
    // All but the last user, and all spaces, are in the plan; those steps come to nothing here.
    let mut steps = vec![step(Change::DeleteDomain(domain(), HomeFiles::Retain), created, &[])];
    for index in 0..130 {
        let (name, lab) = (user_name(index), format!("{}-lab", user_name(index)));
        steps.push(step(Change::DeleteSpace(space(&one(), &lab)), space_created(&sim, DOMAIN, &lab), &[0]));
        if index < 129 {
            steps.push(step(
                Change::DeleteUser(user(&one(), &name)),
                user_created(&sim, DOMAIN, &name),
                &[0],
            ));
        }
    }
    let (news, _) = carried_out(&gateway(&sim).await, plan("Delete", steps)).await;
    let StepState::Failed(problem) = end_of(&news, 0) else { panic!("it failed") };
    assert!(problem.message.starts_with("user profile user-129:"), "{problem}");
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_link_is_told_once_and_written_nowhere() {
    let sim = sim(1);
    let gateway = gateway(&sim).await;
    let state = folder();
    let executor = started(&gateway, state.path(), &Disk::default());
    let bound = user_created(&sim, DOMAIN, "user-000");
    let steps = vec![step(Change::SignInLink(user(&one(), "user-000"), 60), bound, &[])];
    let mut running = begin(&gateway, &executor, plan("Sign in", steps));
    let mut links = Vec::new();
    while let Some(Progress { event, .. }) = running.news.recv().await {
        if let Event::Step { produced: Some(Produced::Link(link)), .. } = event {
            links.push(link);
        }
    }
    assert_eq!(running.tally().await, Tally { done: 1, ..Tally::default() });
    let [link] = &links[..] else { panic!("{links:?}") };
    let token = link.reveal().split('?').nth(1).expect("a link has a token");
    let mut files = super::state::journals(state.path());
    files.push(audit_path(state.path()));
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains(token) && !text.contains("https://"), "{}", file.display());
    }
}

#[tokio::test(start_paused = true)]
async fn every_change_that_was_sent_is_in_the_audit_trail_with_who_what_and_outcome() {
    let sim = sim(2);
    let gateway = gateway(&sim).await;
    let state = folder();
    let executor = started(&gateway, state.path(), &Disk::default());
    let refused = Fault::Refuse("ValidationException".into(), "cannot be so".into());
    sim.faults().add_times(Target::operation("UpdateUserProfile"), refused, 1);
    let change =
        document(json!({ "UserSettings": { "ExecutionRole": "arn:aws:iam::123456789012:role/other" } }));
    let mut steps = offboarding(&sim);
    steps.push(step(
        Change::UpdateUser(user(&one(), "user-001"), change.clone()),
        user_created(&sim, DOMAIN, "user-001"),
        &[],
    ));
    steps[2].before = Some(document(json!({ "UserSettings": {} })));
    steps.push(step(Change::CreateUser(user(&one(), "user-001"), Document::new()), Bound::Absent, &[]));
    let running = begin(&gateway, &executor, plan("Mixed", steps));
    let id = running.plan.id.0.to_string();
    let tally = running.tally().await;
    assert_eq!(tally, Tally { done: 2, failed: 1, skipped: 1, ..Tally::default() });
    let path = audit_path(state.path());
    assert_eq!(verify_audit(&path, None).unwrap().unwrap().entries, 3, "what was not sent is not in it");
    let found = read_audit(&path, &Search::default()).unwrap().entries;
    let of = |what: &str| &found.iter().find(|one| one.entry.what == what).unwrap().entry;
    let update = of("UpdateUserProfile");
    assert_eq!(update.after, Some(Value::Object(change)));
    assert_eq!(update.before, Some(json!({ "UserSettings": {} })));
    assert!(update.outcome.starts_with("failed: ") && update.outcome.contains("cannot be so"));
    let deleted = of("DeleteSpace");
    assert_eq!(deleted.outcome, "done");
    assert_eq!(deleted.plan.as_deref(), Some(id.as_str()));
    assert!(deleted.who.starts_with("arn:aws:") && deleted.account.as_str() == ACCOUNT);
    assert!(deleted.object.ends_with("space/d-one/user-000-lab") && deleted.bound.is_some());
    assert_eq!(deleted.request_ids.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_has_no_effect_within_its_time_is_not_called_done() {
    let sim = sim(1);
    sim.with_world(|world| world.delays.small = 7_200_000);
    let (news, tally) = carried_out(
        &gateway(&sim).await,
        plan(
            "Onboard",
            vec![step(Change::CreateUser(user(&one(), "late"), Document::new()), Bound::Absent, &[])],
        ),
    )
    .await;
    assert_eq!(tally, Ok(Tally { unknown: 1, ..Tally::default() }));
    assert!(matches!(end_of(&news, 0), StepState::Unknown(_)));
}

#[tokio::test(start_paused = true)]
async fn an_assignment_that_is_there_already_is_not_made_again() {
    let sim = SimulatedAws::builder().scenario(Scenario::Small).epoch_seconds(1_800_000_000).build();
    let gateway = gateway(&sim).await;
    let found = sim.with_world(|world| {
        let region = world.region(&world_scope())?;
        let domain = region.domains.values().find(|domain| domain.sso_application_arn.is_some())?;
        Some((domain.id.to_string(), domain.sso_application_arn.clone()?.to_string()))
    });
    let Some((id, application)) = found else { panic!("the small fleet has an SSO domain") };
    let assign = |principal: &str| Assignment {
        user: user(&DomainId::new(&id), "anna"),
        application: Some(application.as_str().into()),
        principal: principal.into(),
    };
    let query = sagedeck::fleet::Query::Assigned(
        DomainKey { scope: scope(), id: DomainId::new(&id) },
        application.as_str().into(),
    );
    let Ok(sagedeck::fleet::Answer::Assigned(people)) = gateway.ask(&query).await else { panic!("not read") };
    let known = people.first().expect("somebody is assigned").to_string();
    for (change, expected) in [
        (Change::AssignApplication(assign(&known)), Tally { already_done: 1, ..Tally::default() }),
        (Change::UnassignApplication(assign(&known)), Tally { done: 1, ..Tally::default() }),
        (Change::UnassignApplication(assign(&known)), Tally { already_done: 1, ..Tally::default() }),
        (Change::AssignApplication(assign(&known)), Tally { done: 1, ..Tally::default() }),
    ] {
        let (_, tally) = carried_out(&gateway, plan("Assign", vec![step(change, Bound::Unbound, &[])])).await;
        assert_eq!(tally, Ok(expected));
    }
}
