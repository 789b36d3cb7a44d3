//! People who are let into a domain that the same plan creates: its application is known only once it is there.

use std::sync::Arc;
use std::time::Duration;

use sagedeck::fleet::{Assignment, Bound, Change, Document, DomainId, DomainKey, Plan, StepState, Tally};
use sagedeck::operations::{Disk, Fault as DiskFault};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::world::IdentityCenter;
use serde_json::json;

use super::kinds::{ROLE, document, plan, sim, step, user, world_scope};
use super::state::{folder, journals, recorded, started, until_killed};
use super::{carried_out, end_of};
use crate::wire::{gateway, scope};

const PEOPLE: [&str; 3] = ["anna", "ben", "cara"];

/// An AWS where these people sign in with Identity Center, and their ids there.
fn with_people() -> (SimulatedAws, Vec<Arc<str>>) {
    let sim = sim(0);
    let ids = sim.with_world(|world| {
        let now = world.now();
        let region = world.region_mut(&world_scope());
        let center = region.identity_center.insert(IdentityCenter::new(&world_scope(), now));
        PEOPLE.map(|name| Arc::from(&*center.add_user(&format!("{name}@example.com")))).to_vec()
    });
    (sim, ids)
}

/// Creates an SSO domain and lets them in.
fn built(people: &[Arc<str>]) -> Plan {
    let to_be = DomainKey { scope: scope(), id: DomainId::to_be("research") };
    let settings = json!({
        "DomainName": "research", "AuthMode": "SSO", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"],
        "DefaultUserSettings": { "ExecutionRole": ROLE }
    });
    let mut steps = vec![step(Change::CreateDomain(to_be.clone(), document(settings)), Bound::Absent, &[])];
    for (name, id) in PEOPLE.iter().zip(people) {
        let (key, at) = (user(&to_be.id, name), steps.len());
        let members = json!({
            "SingleSignOnUserIdentifier": "UserName", "SingleSignOnUserValue": format!("{name}@example.com")
        });
        steps.push(step(Change::CreateUser(key.clone(), document(members)), Bound::Absent, &[0]));
        let made = Assignment { user: key, application: None, principal: id.clone() };
        steps.push(step(Change::AssignApplication(made), Bound::Unbound, &[at, 0]));
    }
    plan("Build", steps)
}

/// Who is assigned to the one domain of the name.
fn assigned(sim: &SimulatedAws) -> Vec<Arc<str>> {
    sim.with_world(|world| {
        let region = world.region(&world_scope()).unwrap();
        let Some(domain) = region.domains.values().find(|domain| &*domain.name == "research") else {
            return Vec::new();
        };
        let center = region.identity_center.as_ref().unwrap();
        let application = &center.applications[domain.sso_application_arn.as_ref().unwrap()];
        application.assigned.iter().map(|id| Arc::from(&**id)).collect()
    })
}

fn sorted(mut people: Vec<Arc<str>>) -> Vec<Arc<str>> {
    people.sort();
    people
}

#[tokio::test(start_paused = true)]
async fn people_are_let_into_the_domain_that_the_same_plan_creates() {
    let (sim, people) = with_people();
    let gateway = gateway(&sim).await;
    let (news, tally) = carried_out(&gateway, built(&people)).await;
    assert_eq!(tally, Ok(Tally { done: 7, ..Tally::default() }), "{news:?}");
    assert_eq!(assigned(&sim), sorted(people));
    for request in sim.requests().of("CreateApplicationAssignment") {
        let arn = request.body["ApplicationArn"].as_str().unwrap();
        assert!(arn.starts_with("arn:aws:sso::"), "{arn}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_assignment_whose_answer_was_lost_is_looked_at_in_the_new_domain_before_anything_else() {
    let (sim, people) = with_people();
    sim.faults().add(Target::operation("CreateApplicationAssignment"), Fault::LoseAnswer);
    let gateway = gateway(&sim).await;
    let (news, tally) = carried_out(&gateway, built(&people)).await;
    assert_eq!(tally, Ok(Tally { done: 7, ..Tally::default() }), "{news:?}");
    assert_eq!(assigned(&sim), sorted(people));
    assert_eq!(sim.requests().count("CreateApplicationAssignment"), 3, "none is sent twice");
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_has_no_application_lets_nobody_in_and_says_so() {
    let (sim, people) = with_people();
    let mut plan = built(&people);
    let to_be = DomainKey { scope: scope(), id: DomainId::to_be("research") };
    let settings = json!({
        "DomainName": "research", "AuthMode": "IAM", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"],
        "DefaultUserSettings": { "ExecutionRole": ROLE }
    });
    plan.steps[0].change = Change::CreateDomain(to_be.clone(), document(settings));
    plan.steps[1].change = Change::CreateUser(user(&to_be.id, "anna"), Document::new());
    plan.steps.truncate(3);
    let plan = super::kinds::plan("Build", plan.steps);
    let gateway = gateway(&sim).await;
    let (news, tally) = carried_out(&gateway, plan).await;
    assert_eq!(tally, Ok(Tally { done: 2, skipped: 1, ..Tally::default() }), "{news:?}");
    let StepState::Skipped(reason) = end_of(&news, 2) else { panic!("{news:?}") };
    assert!(reason.contains("no application of its own"), "{reason}");
    assert_eq!(sim.requests().count("CreateApplicationAssignment"), 0);
}

#[tokio::test(start_paused = true)]
async fn f52_killed_at_any_write_the_application_is_found_again_and_everybody_is_let_in_once() {
    let (mut at, mut killed) = (1, 0);
    loop {
        let (sim, people) = with_people();
        let gateway = gateway(&sim).await;
        let (state, plan) = (folder(), Arc::new(built(&people)));
        let executor = started(&gateway, state.path(), &Disk::failing(at, DiskFault::Killed));
        let lease = gateway.lift_for(&plan).unwrap();
        let tally = until_killed(&executor, None, &plan, lease).await;
        drop(executor);
        // Its files are let go of with the last write.
        tokio::time::sleep(Duration::from_secs(1)).await;
        if tally.is_some() {
            break;
        }
        at += 1;
        let sent = sim.requests().writes().len();
        let again = started(&gateway, state.path(), &Disk::default());
        let Some(left) = again.unfinished().await.unwrap().pop() else {
            // Killed before its plan was on disk, or when its end was.
            assert!(sent == 0 || recorded(state.path()).closed.is_some(), "at {at}");
            continue;
        };
        killed += 1;
        let in_doubt = left.states.iter().any(|state| matches!(state, StepState::Unknown(_)));
        assert!(in_doubt || left.tally().succeeded() > 0 || sent == 0, "at {at}: {:?}", left.states);
        let lease = gateway.lift_for(&plan).unwrap();
        let tally =
            until_killed(&again, journals(state.path()).last().map(|path| &**path), &plan, lease).await;
        assert_eq!(tally.map(|tally| tally.succeeded()), Some(7), "at {at}");
        assert_eq!(assigned(&sim), sorted(people), "at {at}");
        let requests = sim.requests();
        let carried_out = |operation: &str| {
            requests.of(operation).iter().filter(|request| request.was_carried_out()).count()
        };
        assert_eq!(carried_out("CreateDomain"), 1, "at {at}");
        assert_eq!(requests.count("CreateApplicationAssignment"), 3, "at {at}: none is sent twice");
    }
    assert!(killed > 12, "{killed} are too few to have been killed everywhere");
}
