//! Plans carried out against the simulated AWS, with everything that can go wrong on the way.

mod assigning;
mod control;
mod faults;
mod kill;
mod kinds;
mod points;
mod state;
mod stop;
mod teardown;

use std::sync::Arc;

use sagedeck::aws::Gateway;
use sagedeck::fleet::{
    Bound, Change, Event, Plan, PlanId, Problem, Progress, Step, StepState, Tally, Timestamp,
};
use sagedeck::operations::{Executor, Order};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::world::{self, Row};
use tokio::sync::mpsc;

use crate::wire::{ACCOUNT, REGION, app_key, world_key};

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn created(sim: &SimulatedAws, space: &str) -> Timestamp {
    let ms = sim.with_world(|world| {
        let apps = &world.region_mut(&world::Scope::new(ACCOUNT, REGION)).apps;
        apps.get(apps.find(&world_key(space)).unwrap()).unwrap().created()
    });
    Timestamp::from_millisecond(ms).unwrap()
}

/// A plan to stop the apps of these spaces, as they are now.
fn plan(sim: &SimulatedAws, spaces: &[String]) -> Plan {
    let step =
        |space: &String| Step::new(Change::StopApp(app_key(space)), Bound::Created(created(sim, space)));
    let steps: Vec<_> = spaces.iter().map(step).collect();
    Plan::new(format!("Stop {} apps", spaces.len()), "stop", now(), steps)
}

/// The plan with a step of another time of creation.
fn with_created(mut plan: Plan, step: usize, created: Timestamp) -> Plan {
    plan.steps[step].bound = Bound::Created(created);
    plan.id = PlanId::of(&plan.steps, plan.made_at);
    plan
}

fn spaces(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("space-{index:04}")).collect()
}

/// Carries a plan out; gives all the news and the tally. Once it pauses it is left as it is.
async fn carried_out(gateway: &Gateway, plan: Plan) -> (Vec<Progress>, Result<Tally, Problem>) {
    let executor = Arc::new(Executor::new(gateway.clone(), None));
    let (progress, mut news) = mpsc::channel::<Progress>(64);
    let listener = tokio::spawn({
        let executor = Arc::clone(&executor);
        async move {
            let mut all = Vec::new();
            while let Some(one) = news.recv().await {
                if matches!(one.event, Event::Paused(_)) {
                    executor.leave(&one.plan);
                }
                all.push(one);
            }
            all
        }
    });
    let lease = gateway.lift_for(&plan).unwrap();
    let tally = executor.carry_out(Order::new(Arc::new(plan)), lease, now(), progress).await;
    (listener.await.unwrap(), tally)
}

/// Why it paused.
fn pauses(news: &[Progress]) -> Vec<Arc<str>> {
    let reason = |one: &Progress| match &one.event {
        Event::Paused(pause) => Some(Arc::clone(&pause.reason)),
        _ => None,
    };
    news.iter().filter_map(reason).collect()
}

fn states_of(news: &[Progress], step: usize) -> Vec<StepState> {
    let of_step = |one: &Progress| match &one.event {
        Event::Step { step: at, state, .. } if *at == step => Some(state.clone()),
        _ => None,
    };
    news.iter().filter_map(of_step).collect()
}

fn end_of(news: &[Progress], step: usize) -> StepState {
    states_of(news, step).pop().unwrap()
}

fn is_gone(sim: &SimulatedAws, space: &str) -> bool {
    sim.with_world(|world| {
        let apps = &world.region_mut(&world::Scope::new(ACCOUNT, REGION)).apps;
        apps.find(&world_key(space)).and_then(|id| apps.get(id)).is_none_or(|app| !app.is_live())
    })
}
