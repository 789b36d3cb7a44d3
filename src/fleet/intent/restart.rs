//! Plans to start apps again: right after a stop, to pick up new settings, or later, from the spec kept when they
//! were stopped.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::each::{LeftOut, each};
use super::{Documents, Policy, SHARED_PROFILE, pool, stop};
use crate::fleet::wording::Counted;
use crate::fleet::{
    App, AppKey, AppStatus, AppType, Bound, Change, Document, Fleet, ObjectKey, Owner, Plan, Query, Scope,
    Status, Step, Timestamp, hourly_price,
};

/// The members of an app's description and of a request to create one that say on what it runs.
const RESOURCE_SPEC: &str = "ResourceSpec";
/// The members of a `ResourceSpec` in the API model.
const SPEC_MEMBERS: [&str; 6] = [
    "SageMakerImageArn",
    "SageMakerImageVersionArn",
    "SageMakerImageVersionAlias",
    "InstanceType",
    "LifecycleConfigArn",
    "TrainingPlanArn",
];
/// Why no Classic app is started. Source: SageMaker developer guide, `studio-lcc-defaults`.
const CLASSIC: &str = "is a Classic app: AWS does not let it be created again";

/// What an app has to be created with to run as it did, from its description (`DescribeApp`) or from the `before`
/// of the step that stopped it.
pub fn saved_spec(document: &Document) -> Document {
    let mut spec = Document::new();
    if let Some(Value::Object(members)) = document.get(RESOURCE_SPEC) {
        for name in SPEC_MEMBERS {
            if let Some(value) = members.get(name).filter(|value| value.is_string()) {
                spec.insert(name.to_owned(), value.clone());
            }
        }
    }
    with_spec(spec)
}

/// The same from the list of apps, which shows all of it but the training plan.
pub fn spec_of(app: &App) -> Document {
    let mut spec = Document::new();
    let mut put = |name: &str, value: &Option<Arc<str>>| {
        if let Some(value) = value {
            spec.insert(name.to_owned(), json!(&**value));
        }
    };
    put("SageMakerImageArn", &app.image);
    let is_arn = app.image_version.as_ref().is_some_and(|version| version.starts_with("arn:"));
    put(if is_arn { "SageMakerImageVersionArn" } else { "SageMakerImageVersionAlias" }, &app.image_version);
    put("InstanceType", &app.instance);
    put("LifecycleConfigArn", &app.lifecycle_config);
    with_spec(spec)
}

fn with_spec(spec: Document) -> Document {
    let mut document = Document::new();
    document.insert(RESOURCE_SPEC.to_owned(), Value::Object(spec));
    document
}

fn member<'a>(document: &'a Document, name: &str) -> Option<&'a str> {
    document.get(RESOURCE_SPEC)?.get(name)?.as_str()
}

/// The apps in full, whose spec they are started with again.
pub(super) fn restart_needs(keys: &[AppKey]) -> Vec<Query> {
    let scopes: BTreeSet<&Scope> = keys.iter().map(|key| &key.scope).collect();
    let configs = scopes.into_iter().map(|scope| Query::LifecycleConfigs(scope.clone()));
    let apps = keys.iter().filter(|key| !key.app_type.is_classic()).cloned().map(Query::App);
    configs.chain(apps).collect()
}

/// The apps as they are now, and what they ran in.
pub(super) fn undo_needs(apps: &[(AppKey, Document)]) -> Vec<Query> {
    let keys: Vec<AppKey> = apps.iter().map(|(key, _)| key.clone()).collect();
    let mut needs = restart_needs(&keys);
    for key in keys.iter().filter(|key| !key.app_type.is_classic()) {
        needs.extend(key.space_key().map(Query::Space));
        needs.extend(key.user_key().filter(|key| key.name.as_str() != SHARED_PROFILE).map(Query::User));
    }
    needs.sort();
    needs.dedup();
    needs
}

/// Plans to stop apps and start them again as they were.
pub(super) fn restart(
    fleet: &Fleet,
    keys: &[AppKey],
    documents: &Documents,
    policy: &Policy,
    now: Timestamp,
) -> Plan {
    let (chosen, excluded) = each(keys, |key| {
        if key.app_type.is_classic() {
            return Err(CLASSIC.into());
        }
        // What is stopped already is not started again by that.
        let app = stop::stoppable(fleet, policy, key).map_err(|left| left.reason)?;
        let spec = saved_spec(documents.get(&ObjectKey::App(key.clone()))?);
        missing_config(fleet, key, &spec).map_or(Ok((app, spec)), |why| Err(why.into()))
    });
    let (chosen, specs): (Vec<_>, Vec<_>) = chosen.into_iter().unzip();
    let mut steps = Vec::with_capacity(chosen.len() * 2);
    for (mut stop, spec) in stop::steps(fleet, &chosen, policy, now).into_iter().zip(specs) {
        let Change::StopApp(key) = &stop.change else { continue };
        let start = Step {
            after: vec![steps.len()],
            saves_per_hour: stop.saves_per_hour.map(|dollars| 0.0 - dollars),
            warning: instance_warning(&spec),
            ..Step::new(Change::CreateApp(key.clone(), spec.clone()), Bound::Absent)
        };
        stop.before = Some(spec);
        steps.extend([stop, start]);
    }
    let apps: Vec<&App> = chosen.iter().map(|(app, _)| *app).collect();
    let title = match apps.as_slice() {
        [] => "Restart nothing".to_owned(),
        [app] => format!("Restart {} {} of {}", app.key.app_type, app.key.name, app.key.owner.name()),
        apps => format!("Restart {}", Counted(apps.len(), "app")),
    };
    let warnings = if apps.is_empty() {
        Vec::new()
    } else {
        vec![
            "If AWS has no capacity for an instance when it is started again, the app stays stopped."
                .to_owned(),
        ]
    };
    let pool = pool::of(fleet, policy, &steps);
    Plan {
        excluded,
        loses: stop::loses(&apps),
        keeps: stop::keeps(&apps),
        warnings,
        pool,
        ..Plan::new(title, "restart", now, steps)
    }
}

/// Plans to start apps that were stopped, with the specs that were kept.
pub(super) fn undo(fleet: &Fleet, apps: &[(AppKey, Document)], now: Timestamp) -> Plan {
    let mut taken = HashSet::with_capacity(apps.len());
    let (mut steps, mut excluded) = (Vec::new(), Vec::new());
    for (key, document) in apps.iter().filter(|(key, _)| taken.insert(key)) {
        let spec = saved_spec(document);
        match startable(fleet, key, &spec) {
            Ok(waits) => {
                let warnings: Vec<Arc<str>> = waits.into_iter().chain(instance_warning(&spec)).collect();
                let instance = member(&spec, "InstanceType");
                let price = match instance {
                    Some("system") if key.app_type != AppType::Canvas => Some(0.0),
                    Some(name) => hourly_price(fleet, key.scope.region(), &key.app_type, name).ok(),
                    None => None,
                };
                steps.push(Step {
                    saves_per_hour: price.map(|dollars| 0.0 - dollars),
                    warning: (!warnings.is_empty()).then(|| warnings.join("; ").into()),
                    ..Step::new(Change::CreateApp(key.clone(), spec), Bound::Absent)
                });
            }
            Err(left) => excluded.push(left.of(key.clone())),
        }
    }
    let title = match steps.as_slice() {
        [] => "Start nothing".to_owned(),
        [step] => format!("Start {} {} again", step.change.target().kind(), step.change.target().name()),
        steps => format!("Start {} again", Counted(steps.len(), "app")),
    };
    let keeps = if steps.is_empty() {
        Vec::new()
    } else {
        vec!["Files, settings and spaces as they are now; what was in memory does not come back.".to_owned()]
    };
    Plan { excluded, keeps, ..Plan::new(title, "start", now, steps) }
}

/// Whether an app can be started, and what that waits for; or why it cannot.
fn startable(fleet: &Fleet, key: &AppKey, spec: &Document) -> Result<Option<Arc<str>>, LeftOut> {
    if key.app_type.is_classic() {
        return Err(CLASSIC.into());
    }
    match &key.owner {
        Owner::Space(name) => {
            let space = key.space_key().and_then(|key| fleet.spaces.get(&key));
            let Some(space) = space else { return Err(format!("ran in space {name}, which is gone").into()) };
            if matches!(space.status, Status::Deleting | Status::Failed | Status::DeleteFailed) {
                return Err(format!("ran in space {name}, which is in the state {}", space.status).into());
            }
        }
        Owner::User(name) if name.as_str() == SHARED_PROFILE => {}
        Owner::User(name) => {
            let user = key.user_key().and_then(|key| fleet.users.get(&key));
            let Some(user) = user else { return Err(format!("was of user {name}, who is gone").into()) };
            if matches!(user.status, Status::Deleting | Status::Failed | Status::DeleteFailed) {
                return Err(format!("was of user {name}, who is in the state {}", user.status).into());
            }
        }
    }
    if let Some(reason) = missing_config(fleet, key, spec) {
        return Err(reason.into());
    }
    match fleet.apps.get(key).map(|app| &app.status) {
        None | Some(AppStatus::Deleted | AppStatus::Failed) => Ok(None),
        Some(AppStatus::InService) => Err(LeftOut::so("is running already")),
        Some(AppStatus::Pending) => Err(LeftOut::so("is starting already")),
        Some(AppStatus::Deleting) => Ok(Some("is still being stopped: waits for that first".into())),
        Some(AppStatus::Other(status)) => {
            Err(format!("has a status this version does not know: {status}").into())
        }
    }
}

/// Whether a spec asks for a lifecycle configuration that is not there any more: AWS would refuse it.
fn missing_config(fleet: &Fleet, key: &AppKey, spec: &Document) -> Option<Arc<str>> {
    let arn = member(spec, "LifecycleConfigArn").filter(|arn| *arn != "None")?;
    let known = fleet.library.lifecycle_configs.get(&key.scope)?;
    if fleet.failure(&Query::LifecycleConfigs(key.scope.clone())).is_some() {
        return None;
    }
    let is_there = known.iter().any(|config| &*config.arn == arn);
    (!is_there)
        .then(|| format!("could not be started again: its lifecycle configuration {arn} is gone").into())
}

fn instance_warning(spec: &Document) -> Option<Arc<str>> {
    match member(spec, "InstanceType") {
        Some(_) => None,
        None => {
            Some("the instance type was not kept: AWS takes the default of its space, user or domain".into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Answer, Intent, LifecycleConfig, LifecycleConfigKey, Name, Sharing, sample};

    const CONFIG: &str = "arn:aws:sagemaker:us-east-1:123456789012:studio-lifecycle-config/setup";

    fn description() -> Document {
        let text = json!({
            "AppName": "default", "Status": "InService", "CreationTime": 1.5,
            "ResourceSpec": {
                "InstanceType": "ml.g5.xlarge", "SageMakerImageArn": "arn:image",
                "SageMakerImageVersionAlias": "3.1", "LifecycleConfigArn": CONFIG, "NotAMember": {"x": 1}
            }
        });
        let Value::Object(document) = text else { panic!() };
        document
    }

    fn world(status: &str) -> (Fleet, Documents, AppKey) {
        let mut app = sample::space_app("lab");
        app.status = AppStatus::from(status);
        let key = app.key.clone();
        let fleet = sample::fleet(vec![], vec![sample::space("lab", "anna", Sharing::Private)], vec![app]);
        let mut documents = Documents::default();
        documents.note(ObjectKey::App(key.clone()), Ok(&Value::Object(description()).to_string()));
        (fleet, documents, key)
    }

    fn know_configs(fleet: &mut Fleet, names: &[&str]) {
        let configs = names.iter().map(|name| {
            let key = LifecycleConfigKey { scope: sample::scope(), name: Name::new(name) };
            LifecycleConfig { arn: key.arn().into(), key, app_type: None, created: None, modified: None }
        });
        let answer = Answer::LifecycleConfigs(configs.collect());
        fleet.absorb(&Query::LifecycleConfigs(sample::scope()), answer, sample::now());
    }

    fn plan(fleet: &Fleet, documents: &Documents, intent: &Intent) -> Plan {
        intent.plan(fleet, documents, &Policy::default(), sample::now()).unwrap()
    }

    #[test]
    fn a_spec_is_what_create_app_takes_and_nothing_else_and_stays_itself() {
        let spec = saved_spec(&description());
        let expected = json!({ "ResourceSpec": {
            "SageMakerImageArn": "arn:image", "SageMakerImageVersionAlias": "3.1",
            "InstanceType": "ml.g5.xlarge", "LifecycleConfigArn": CONFIG
        }});
        assert_eq!(Value::Object(spec.clone()), expected);
        assert_eq!(saved_spec(&spec), spec);
        assert_eq!(Value::Object(saved_spec(&Document::new())), json!({ "ResourceSpec": {} }));
    }

    #[test]
    fn a_stop_keeps_the_spec_with_which_its_app_can_be_started_again() {
        let (mut fleet, documents, key) = world("InService");
        let mut app = fleet.apps.get(&key).unwrap().clone();
        app.image = Some("arn:image".into());
        app.image_version = Some("arn:image/3".into());
        app.lifecycle_config = Some(CONFIG.into());
        fleet.absorb(&Query::App(key.clone()), Answer::App(Box::new(app), "{}".into()), sample::now());
        let stop = plan(&fleet, &documents, &Intent::Stop(vec![key.clone()]));
        let kept = stop.steps[0].before.clone().unwrap();
        assert_eq!(
            Value::Object(kept.clone()),
            json!({ "ResourceSpec": {
                "SageMakerImageArn": "arn:image", "SageMakerImageVersionArn": "arn:image/3",
                "InstanceType": "ml.g5.xlarge", "LifecycleConfigArn": CONFIG
            }})
        );
        let mut stopped = fleet.apps.get(&key).unwrap().clone();
        stopped.status = AppStatus::Deleted;
        fleet.absorb(&Query::App(key.clone()), Answer::App(Box::new(stopped), "{}".into()), sample::now());
        let undo = plan(&fleet, &documents, &Intent::Undo(vec![(key.clone(), kept.clone())]));
        assert_eq!(undo.steps[0].change, Change::CreateApp(key, kept));
        assert_eq!((undo.steps[0].bound, undo.steps[0].saves_per_hour), (Bound::Absent, Some(-1.0)));
    }

    #[test]
    fn a_restart_stops_and_then_starts_the_same_and_saves_nothing() {
        let (fleet, documents, key) = world("InService");
        let plan = plan(&fleet, &documents, &Intent::Restart(vec![key.clone(), key.clone()]));
        assert_eq!(plan.steps.len(), 2);
        assert_eq!(plan.steps[0].change, Change::StopApp(key.clone()));
        let spec = saved_spec(&description());
        assert_eq!(plan.steps[0].before, Some(spec.clone()));
        assert_eq!(plan.steps[1].change, Change::CreateApp(key, spec));
        assert_eq!((plan.steps[1].after.as_slice(), plan.steps[1].bound), ([0].as_slice(), Bound::Absent));
        assert!(plan.saving().per_hour.abs() < 1e-9 && plan.is_intact());
        assert_eq!(plan.title, "Restart JupyterLab default of lab");
    }

    #[test]
    fn what_could_not_be_started_again_is_not_stopped() {
        let reason = |fleet: &Fleet, documents: &Documents, key: &AppKey| {
            let plan = plan(fleet, documents, &Intent::Restart(vec![key.clone()]));
            assert!(plan.steps.is_empty());
            plan.excluded[0].reason.to_string()
        };
        let (mut fleet, documents, key) = world("InService");
        assert_eq!(reason(&fleet, &Documents::default(), &key), "was not read in full");
        let classic = sample::app("anna", AppType::KernelGateway, "kernel");
        let classics = sample::fleet(vec![], vec![], vec![classic.clone()]);
        assert!(reason(&classics, &documents, &classic.key).contains("Classic"));
        know_configs(&mut fleet, &["other"]);
        assert!(reason(&fleet, &documents, &key).contains("studio-lifecycle-config/setup is gone"));
        know_configs(&mut fleet, &["setup"]);
        assert_eq!(plan(&fleet, &documents, &Intent::Restart(vec![key])).steps.len(), 2);
        let (stopped, documents, key) = world("Deleted");
        assert_eq!(reason(&stopped, &documents, &key), "is already stopped");
    }

    #[test]
    fn an_undo_takes_what_is_not_running_and_has_where_to_run() {
        let undo = |status: &str, key: Option<AppKey>| {
            let (fleet, documents, own) = world(status);
            let key = key.unwrap_or(own);
            plan(&fleet, &documents, &Intent::Undo(vec![(key, description())]))
        };
        assert_eq!(&*undo("InService", None).excluded[0].reason, "is running already");
        assert_eq!(undo("Deleted", None).steps.len(), 1);
        let waits = undo("Deleting", None);
        assert!(waits.steps[0].warning.as_deref().unwrap().contains("waits for that first"));
        let elsewhere = undo("Deleted", Some(sample::space_app("gone").key));
        assert_eq!(&*elsewhere.excluded[0].reason, "ran in space gone, which is gone");
        let canvas = undo("Deleted", Some(sample::app("zoe", AppType::Canvas, "default").key));
        assert_eq!(&*canvas.excluded[0].reason, "was of user zoe, who is gone");
        let classic = undo("Deleted", Some(sample::app("zoe", AppType::JupyterServer, "default").key));
        assert_eq!(&*classic.excluded[0].reason, CLASSIC);
        let rstudio = sample::app(SHARED_PROFILE, AppType::RStudioServerPro, "default").key;
        assert_eq!(undo("Deleted", Some(rstudio)).steps.len(), 1);
    }
}
