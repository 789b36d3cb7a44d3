//! From what a person wants to what AWS has afterwards: intents that read what they need, and are carried out.

use std::collections::BTreeSet;

use sagedeck::aws::Gateway;
use sagedeck::fleet::{
    Answer, App, AppStatus, AppType, AuthMode, Change, Documents, DomainKey, Fleet, HomeFiles, Intent,
    ObjectKey, Plan, Policy, ProblemKind, Query, Tally, UserKey,
};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::Scenario;
use sagedeck::sim::world;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{carried_out, end_of, now};
use crate::wire::{ACCOUNT, REGION, gateway, scope, sim_of, sim_with_apps};

/// What the console and the command line do: read what is needed until nothing new is, then plan.
struct Desk {
    gateway: Gateway,
    fleet: Fleet,
    documents: Documents,
}

impl Desk {
    async fn at(sim: &SimulatedAws) -> Self {
        let gateway = gateway(sim).await;
        let mut desk = Self { gateway, fleet: Fleet::default(), documents: Documents::default() };
        desk.read(&Query::Domains(scope())).await;
        let domains: Vec<DomainKey> = desk.fleet.domains.iter().map(|row| row.key.clone()).collect();
        for key in domains {
            for list in [Query::Users(key.clone()), Query::Spaces(key.clone()), Query::Apps(key.clone())] {
                desk.read(&list).await;
            }
            desk.read(&Query::Domain(key)).await;
        }
        desk
    }

    async fn read(&mut self, query: &Query) {
        let (pages, mut arrived) = mpsc::channel(10_000);
        self.gateway.load(query, pages).await;
        while let Some(answer) = arrived.recv().await {
            if let Some(object) = described(query) {
                let text = match &answer {
                    Ok(
                        Answer::Domain(_, text)
                        | Answer::User(_, text)
                        | Answer::Space(_, text)
                        | Answer::App(_, text),
                    ) => Ok(&**text),
                    Ok(other) => panic!("{other:?}"),
                    Err(problem) => Err(problem.clone()),
                };
                self.documents.note(object, text);
            }
            match answer {
                Ok(answer) => self.fleet.absorb(query, answer, now()),
                Err(problem) => self.fleet.fail(query, problem),
            }
        }
    }

    async fn plan(&mut self, intent: &Intent) -> Plan {
        let mut asked = BTreeSet::new();
        loop {
            let needs: BTreeSet<Query> = intent.needs(&self.fleet, &Policy::default()).into_iter().collect();
            let new: Vec<Query> = needs.difference(&asked).cloned().collect();
            if new.is_empty() {
                return intent.plan(&self.fleet, &self.documents, &Policy::default(), now()).unwrap();
            }
            for query in new {
                self.read(&query).await;
                asked.insert(query);
            }
        }
    }

    /// Plans and carries out; everything has to come about.
    async fn done(&mut self, intent: &Intent) -> Plan {
        let plan = self.plan(intent).await;
        assert!(!plan.steps.is_empty(), "{:?}", plan.excluded);
        let (news, tally) = carried_out(&self.gateway, plan.clone()).await;
        let ends: Vec<String> = (0..plan.steps.len())
            .filter(|&step| !end_of(&news, step).is_done())
            .map(|step| format!("{} {:?}", plan.steps[step].change.cli_line(), end_of(&news, step)))
            .collect();
        assert_eq!(tally.map(|tally| tally.succeeded()), Ok(plan.steps.len()), "{ends:#?}");
        plan
    }

    async fn settings(&mut self, user: &UserKey) -> Value {
        self.read(&Query::User(user.clone())).await;
        let document = self.documents.get(&ObjectKey::User(user.clone())).unwrap();
        document.get("UserSettings").cloned().unwrap_or(Value::Null)
    }

    fn domain(&self, name: &str) -> DomainKey {
        let named = |label: &str| label == name;
        let mut rows = self.fleet.domains.iter();
        rows.find(|row| row.name.as_ref().is_some_and(|own| named(own.as_str()))).unwrap().key.clone()
    }

    /// A running app of a space of the domain.
    fn lab(&self, domain: &DomainKey) -> App {
        let is_one = |app: &&App| {
            app.key.domain_key() == *domain
                && app.status == AppStatus::InService
                && app.key.app_type == AppType::JupyterLab
        };
        self.fleet.apps.iter().find(is_one).unwrap().clone()
    }
}

fn described(query: &Query) -> Option<ObjectKey> {
    match query {
        Query::Domain(key) => Some(ObjectKey::Domain(key.clone())),
        Query::User(key) => Some(ObjectKey::User(key.clone())),
        Query::Space(key) => Some(ObjectKey::Space(key.clone())),
        Query::App(key) => Some(ObjectKey::App(key.clone())),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn f44_a_domain_goes_with_everything_in_it_and_its_neighbours_stay() {
    let sim = sim_of(Scenario::Small);
    let mut desk = Desk::at(&sim).await;
    let domain = desk.domain("nlp");
    let others = |desk: &Desk| {
        let users = desk.fleet.users.iter().filter(|row| row.key.domain_key() != domain);
        users.map(|row| row.key.name.to_string()).collect::<BTreeSet<_>>()
    };
    let before = others(&desk);
    let plan = desk.done(&Intent::DeleteDomain(domain.clone(), HomeFiles::Retain)).await;
    let counts = plan.counts();
    assert!(counts.iter().any(|(_, kind, count)| *kind == "user profile" && *count > 10), "{counts:?}");
    let left = format!("{:#?}\n{:#?}", plan.keeps, plan.warnings);
    for part in ["The file system fs-", "security group", "MLflow server", "Back up"] {
        assert!(left.contains(part), "{part}: {left}");
    }
    assert!(!left.contains("not be looked for") && !left.contains("not looked for"), "{left}");
    let gone = desk.gateway.ask(&Query::Domain(domain.clone())).await.unwrap_err();
    assert_eq!(gone.kind, ProblemKind::NotFound);
    let sent = sim.requests().of("DeleteDomain");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].body["RetentionPolicy"], json!({ "HomeEfsFileSystem": "Retain" }));
    for request in sim.requests().all().iter().filter(|request| request.operation.starts_with("Delete")) {
        assert_eq!(request.body["DomainId"], domain.id.as_str(), "nothing outside of the domain");
    }
    let again = Desk::at(&sim).await;
    assert_eq!(others(&again), before);
    assert!(again.fleet.domains.get(&domain).is_none());
}

#[tokio::test(start_paused = true)]
async fn f39_a_domain_with_several_pages_of_apps_goes_with_every_one_of_them() {
    let sim = sim_with_apps(230);
    let mut desk = Desk::at(&sim).await;
    let further = || {
        let lists = sim.requests().of("ListApps");
        lists.iter().filter(|request| request.body.get("NextToken").is_some()).count()
    };
    assert!(further() >= 2, "a page has 100 rows");
    let domain = crate::wire::domain();
    let plan = desk.done(&Intent::DeleteDomain(domain.clone(), HomeFiles::Retain)).await;
    let stopped: BTreeSet<&str> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.change {
            Change::StopApp(key) => Some(key.owner.name().as_str()),
            _ => None,
        })
        .collect();
    assert_eq!((stopped.len(), plan.steps.len()), (230, 231));
    assert_eq!(sim.requests().count("DeleteApp"), 230);
    let gone = desk.gateway.ask(&Query::Domain(domain)).await.unwrap_err();
    assert_eq!(gone.kind, ProblemKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn f43_what_belongs_to_the_region_is_in_no_plan_of_a_domain_and_is_told_to_stay() {
    let sim = sim_of(Scenario::Small);
    let siblings = || {
        sim.with_world(|world| {
            let region = world.region_mut(&world::Scope::new(ACCOUNT, REGION));
            let images: Vec<_> = region.images.keys().cloned().collect();
            let scripts: Vec<_> = region.lifecycle_configs.keys().cloned().collect();
            let servers: Vec<_> = region.tracking_servers.keys().cloned().collect();
            (images, scripts, servers)
        })
    };
    let before = siblings();
    assert!(!before.0.is_empty() && !before.1.is_empty() && !before.2.is_empty(), "{before:?}");
    let mut desk = Desk::at(&sim).await;
    let domain = desk.domain("nlp");
    let plan = desk.done(&Intent::DeleteDomain(domain.clone(), HomeFiles::Retain)).await;
    for step in &plan.steps {
        let object = step.change.target().object().map(ObjectKey::domain_key);
        let is_inside = object.as_ref() == Some(&domain);
        let unassigns = matches!(step.change, Change::UnassignApplication(_));
        assert!(is_inside || unassigns, "{}", step.change.cli_line());
    }
    let keeps = plan.keeps.join("\n");
    for server in &before.2 {
        assert!(keeps.contains(&**server), "{server}: {keeps}");
    }
    for part in ["of no domain, and billed while they run", "lifecycle configurations, images"] {
        assert!(keeps.contains(part), "{part}: {keeps}");
    }
    assert_eq!(siblings(), before);
    for request in sim.requests().writes() {
        assert_eq!(request.body["DomainId"], domain.id.as_str(), "{}", request.operation);
    }
}

#[tokio::test(start_paused = true)]
async fn suspended_users_come_back_with_the_settings_they_had() {
    let sim = sim_of(Scenario::Small);
    let mut desk = Desk::at(&sim).await;
    let domain = desk.domain("research");
    let app = desk.lab(&domain);
    let owner = desk.fleet.user_of(&app.key).unwrap();
    let user = UserKey { scope: domain.scope.clone(), domain: domain.id.clone(), name: owner };
    let before = desk.settings(&user).await;
    desk.read(&Query::Tags(ObjectKey::User(user.clone()))).await;
    let tags = desk.fleet.tags[&ObjectKey::User(user.clone())].clone();
    desk.done(&Intent::Suspend(vec![user.clone()])).await;
    let mut closed = desk.settings(&user).await;
    assert_eq!(closed["StudioWebPortal"], "DISABLED");
    desk.read(&Query::App(app.key.clone())).await;
    assert_ne!(desk.fleet.apps.get(&app.key).map(|app| app.status.clone()), Some(AppStatus::InService));
    let twice = desk.plan(&Intent::Suspend(vec![user.clone()])).await;
    assert_eq!(&*twice.excluded[0].reason, "is suspended already");
    desk.done(&Intent::Resume(vec![user.clone()])).await;
    let after = desk.settings(&user).await;
    closed["StudioWebPortal"] = json!("ENABLED");
    assert_eq!(after, closed);
    let mut expected = before;
    expected["StudioWebPortal"] = json!("ENABLED");
    assert_eq!(after, expected, "nothing else was changed on the way");
    desk.read(&Query::Tags(ObjectKey::User(user.clone()))).await;
    assert_eq!(desk.fleet.tags[&ObjectKey::User(user)], tags);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_app_is_started_again_as_it_was() {
    let sim = sim_of(Scenario::Small);
    let mut desk = Desk::at(&sim).await;
    let key = desk.lab(&desk.domain("research")).key;
    desk.read(&Query::App(key.clone())).await;
    let spec = |desk: &Desk| {
        desk.documents.get(&ObjectKey::App(key.clone())).unwrap().get("ResourceSpec").cloned().unwrap()
    };
    let before = spec(&desk);
    desk.done(&Intent::Restart(vec![key.clone()])).await;
    desk.read(&Query::App(key.clone())).await;
    assert_eq!(spec(&desk), before);
    let stopped = desk.done(&Intent::Stop(vec![key.clone()])).await;
    let kept = stopped.steps[0].before.clone().unwrap();
    desk.done(&Intent::Undo(vec![(key.clone(), kept)])).await;
    desk.read(&Query::App(key.clone())).await;
    assert_eq!(spec(&desk), before);
    assert_eq!(desk.fleet.apps.get(&key).unwrap().status, AppStatus::InService);
}

#[tokio::test(start_paused = true)]
async fn an_offboarded_person_can_no_longer_sign_in() {
    let sim = sim_of(Scenario::Small);
    let mut desk = Desk::at(&sim).await;
    let rows: Vec<_> = desk.fleet.domains.iter().cloned().collect();
    let is_sso = |row: &&sagedeck::fleet::Domain| {
        row.detail.as_ref().is_some_and(|detail| detail.auth_mode == Some(AuthMode::Sso))
    };
    let domain = rows.iter().find(is_sso).unwrap();
    let application = domain.detail.as_ref().unwrap().sso_application.clone().unwrap();
    let users: Vec<UserKey> = desk
        .fleet
        .users
        .iter()
        .map(|row| row.key.clone())
        .filter(|key| key.domain_key() == domain.key)
        .collect();
    let (mut found, mut warnings) = (None, Vec::new());
    for key in users {
        let plan = desk.plan(&Intent::Offboard(vec![key.clone()])).await;
        warnings.extend(plan.steps.last().and_then(|step| step.warning.clone()));
        if plan.steps.iter().any(|step| matches!(step.change, Change::UnassignApplication(_))) {
            found = Some((key, plan));
            break;
        }
    }
    let (key, plan) = found.unwrap_or_else(|| panic!("nobody is assigned: {warnings:#?}"));
    let (_, tally) = carried_out(&desk.gateway, plan.clone()).await;
    assert_eq!(tally, Ok(Tally { done: plan.steps.len(), ..Tally::default() }));
    let made = plan.steps.iter().find_map(|step| match &step.change {
        Change::UnassignApplication(made) => Some(made.principal.clone()),
        _ => None,
    });
    let query = Query::Assigned(domain.key.clone(), application);
    desk.read(&query).await;
    assert!(!desk.fleet.library.assigned[&domain.key].contains(&made.unwrap()));
    let gone = desk.gateway.ask(&Query::User(key)).await.unwrap_err();
    assert_eq!(gone.kind, ProblemKind::NotFound);
}
