//! Intents against the simulated AWS over the real client: what they need is read, what they plan is taken.

mod restoring;
mod users;

use std::collections::BTreeSet;
use std::time::Duration;

use sagedeck::aws::Gateway;
use sagedeck::fleet::{
    Answer, Change, Documents, DomainKey, Fleet, Intent, ObjectKey, Plan, Policy, Produced, Query, Timestamp,
};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::Scenario;
use tokio::sync::mpsc;

use crate::wire::{gateway, scope, sim_of};

/// The demo's fleet, and what was read of it.
struct Bench {
    sim: SimulatedAws,
    gateway: Gateway,
    fleet: Fleet,
    documents: Documents,
    now: Timestamp,
}

impl Bench {
    async fn new() -> Self {
        Self::at(sim_of(Scenario::Small)).await
    }

    /// A bench that has read nothing of this AWS yet but its domains.
    async fn at(sim: SimulatedAws) -> Self {
        let gateway = gateway(&sim).await;
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut this = Self { sim, gateway, fleet: Fleet::default(), documents: Documents::default(), now };
        this.read(&Query::Domains(scope())).await;
        this
    }

    /// The domain of a name.
    fn domain(&self, name: &str) -> DomainKey {
        let found = self
            .fleet
            .domains
            .iter()
            .find(|domain| domain.name.as_ref().is_some_and(|known| known.as_str() == name));
        found.unwrap_or_else(|| panic!("no domain {name}")).key.clone()
    }

    async fn read(&mut self, query: &Query) {
        let (pages, mut arrived) = mpsc::channel(10_000);
        self.gateway.load(query, pages).await;
        while let Some(answer) = arrived.recv().await {
            match answer {
                Ok(answer) => {
                    if let Some((object, raw)) = described(query, &answer) {
                        self.documents.note(object, Ok(&raw));
                    }
                    self.fleet.absorb(query, answer, self.now);
                }
                Err(problem) => self.fleet.fail(query, problem),
            }
        }
    }

    /// Reads whatever is asked for until nothing new is.
    async fn read_all(&mut self, needs: impl Fn(&Fleet) -> Vec<Query>) {
        let mut asked = BTreeSet::new();
        loop {
            let new: Vec<Query> =
                needs(&self.fleet).into_iter().filter(|query| asked.insert(query.clone())).collect();
            if new.is_empty() {
                return;
            }
            for query in new {
                self.read(&query).await;
            }
        }
    }

    async fn plan(&mut self, intent: &Intent) -> Result<Plan, String> {
        self.read_all(|fleet| intent.needs(fleet, &Policy::default())).await;
        intent.plan(&self.fleet, &self.documents, &Policy::default(), self.now)
    }

    /// Sends the steps one after the other, and waits after each until AWS has done it.
    async fn carry_out(&self, plan: &Plan) -> Option<DomainKey> {
        let lease = self.gateway.lift_for(plan).unwrap();
        let mut made: Option<DomainKey> = None;
        for step in &plan.steps {
            let mut change = match &made {
                Some(real) => step.change.clone().in_domain(real),
                None => step.change.clone(),
            };
            if let Some(assignment) = change.awaits_application() {
                let domain = Query::Domain(assignment.user.domain_key());
                let Ok(Answer::Domain(read, _)) = self.gateway.ask(&domain).await else {
                    panic!("{domain:?}")
                };
                change = change.with_application(&read.detail.unwrap().sso_application.unwrap());
            }
            let taken = self
                .gateway
                .apply(&change, &lease)
                .await
                .unwrap_or_else(|refused| panic!("{}: {refused:?}", change.cli_line()));
            if let (Some(Produced::Domain(id)), Change::CreateDomain(key, _)) = (taken.produced, &change) {
                made = Some(DomainKey { scope: key.scope.clone(), id });
            }
            let is_slow = matches!(change, Change::CreateDomain(..) | Change::UpdateDomain(..));
            tokio::time::sleep(Duration::from_secs(if is_slow { 3_600 } else { 300 })).await;
        }
        made
    }
}

/// The object that an answer describes in full.
fn described(query: &Query, answer: &Answer) -> Option<(ObjectKey, String)> {
    let (object, raw) = match (query, answer) {
        (Query::Domain(key), Answer::Domain(_, raw)) => (ObjectKey::Domain(key.clone()), raw),
        (Query::User(key), Answer::User(_, raw)) => (ObjectKey::User(key.clone()), raw),
        (Query::Space(key), Answer::Space(_, raw)) => (ObjectKey::Space(key.clone()), raw),
        (Query::App(key), Answer::App(_, raw)) => (ObjectKey::App(key.clone()), raw),
        _ => return None,
    };
    Some((object, raw.to_string()))
}

/// What was left out of a plan, and why.
fn reasons(plan: &Plan) -> Vec<String> {
    plan.excluded.iter().map(|one| format!("{} {}", one.target.name(), one.reason)).collect()
}
