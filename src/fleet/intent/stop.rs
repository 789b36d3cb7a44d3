//! Plans the stopping of apps: which can be stopped, what is lost and kept, and what it saves.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::each::{LeftOut, each};
use super::restart::spec_of;
use super::{NO_CREATION_TIME, Policy, pool, protect};
use crate::fleet::burn::{Billed, SharedInstance, billed, shared_instance};
use crate::fleet::wording::{Ago, Counted};
use crate::fleet::{
    App, AppKey, AppStatus, AppType, Bound, Change, Fleet, ObjectKey, Owner, Plan, Step, Timestamp, Verdict,
    hourly_price, verdict,
};

/// Plans to stop apps. Nothing is changed by it; what cannot be stopped is excluded, with the reason.
///
/// The steps come in the order of `keys`; a key that comes twice is taken once.
pub(super) fn plan(fleet: &Fleet, keys: &[AppKey], policy: &Policy, now: Timestamp) -> Plan {
    let (chosen, excluded) = each(keys, |key| stoppable(fleet, policy, key));
    let steps = steps(fleet, &chosen, policy, now);
    let apps: Vec<&App> = chosen.iter().map(|(app, _)| *app).collect();
    Plan {
        excluded,
        loses: loses(&apps),
        keeps: keeps(&apps),
        pool: Some(pool::of_running(fleet, steps.len())),
        ..Plan::new(title(&apps), "stop", now, steps)
    }
}

/// The steps that stop these apps, each bound to the run that was created then, with what it saves and with its
/// spec, so that it can be started again.
pub(super) fn steps<'a>(
    fleet: &'a Fleet,
    chosen: &[(&'a App, Timestamp)],
    policy: &Policy,
    now: Timestamp,
) -> Vec<Step> {
    let shared = Shared::of(fleet, chosen);
    let mut paid = HashSet::new();
    let mut steps = Vec::with_capacity(chosen.len());
    for &(app, created) in chosen {
        let (saves_per_hour, sharing) = saving(fleet, app, &shared, &mut paid);
        steps.push(Step {
            saves_per_hour,
            warning: warning(app, verdict(app, now, &policy.idle), sharing, now),
            before: Some(spec_of(app)),
            ..Step::new(Change::StopApp(app.key.clone()), Bound::Created(created))
        });
    }
    steps
}

/// The app of a key and the creation time it is bound to, or why it cannot be stopped.
pub(super) fn stoppable<'a>(
    fleet: &'a Fleet,
    policy: &Policy,
    key: &AppKey,
) -> Result<(&'a App, Timestamp), LeftOut> {
    let Some(app) = fleet.apps.get(key) else {
        return Err("is not in the list any more".into());
    };
    match &app.status {
        AppStatus::InService => {}
        AppStatus::Deleted => return Err(LeftOut::so("is already stopped")),
        AppStatus::Deleting => return Err(LeftOut::so("is already being stopped")),
        // Source: SageMaker developer guide, `gs-studio-delete-domain`.
        AppStatus::Failed => return Err("has failed: it costs nothing, and AWS refuses to delete it".into()),
        AppStatus::Pending => return Err("is still starting: AWS has to finish that first".into()),
        AppStatus::Other(status) => {
            return Err(format!("has a status this version does not know: {status}").into());
        }
    }
    let Some(created) = app.created else {
        return Err(NO_CREATION_TIME.into());
    };
    match protect::protection(fleet, policy, &ObjectKey::App(key.clone())) {
        Some(reason) => Err(reason.into()),
        None => Ok((app, created)),
    }
}

/// How many running apps share each billed instance, and how many of them are to be stopped.
struct Shared<'a> {
    counts: HashMap<SharedInstance<'a>, (usize, usize)>,
}

impl<'a> Shared<'a> {
    fn of(fleet: &'a Fleet, chosen: &[(&'a App, Timestamp)]) -> Self {
        let mut counts: HashMap<SharedInstance<'a>, (usize, usize)> = HashMap::new();
        for (app, _) in chosen {
            if let Some(instance) = shared_instance(app) {
                counts.entry(instance).or_default().1 += 1;
            }
        }
        if !counts.is_empty() {
            // An app that is going already will not keep the instance.
            for app in fleet.apps.iter().filter(|app| app.status != AppStatus::Deleting) {
                if let Some(count) = shared_instance(app).and_then(|instance| counts.get_mut(&instance)) {
                    count.0 += 1;
                }
            }
        }
        Self { counts }
    }
}

/// What stopping an app saves per hour, and how many apps keep its instance running all the same.
fn saving<'a>(
    fleet: &Fleet,
    app: &'a App,
    shared: &Shared<'a>,
    paid: &mut HashSet<SharedInstance<'a>>,
) -> (Option<f64>, usize) {
    let instance = match billed(app) {
        Billed::Stopped | Billed::Free => return (Some(0.0), 0),
        Billed::Unknown(_) => return (None, 0),
        Billed::Instance(instance) => instance,
    };
    if let Some(key) = shared_instance(app) {
        let staying =
            shared.counts.get(&key).map_or(0, |(running, stopping)| running.saturating_sub(*stopping));
        if staying > 0 || !paid.insert(key) {
            return (Some(0.0), staying);
        }
    }
    (hourly_price(fleet, app.key.scope.region(), &app.key.app_type, instance).ok(), 0)
}

fn warning(app: &App, verdict: Verdict, sharing: usize, now: Timestamp) -> Option<Arc<str>> {
    let mut clauses: Vec<String> = Vec::new();
    match verdict {
        Verdict::Active { last } => clauses.push(format!("in use: last active {}", Ago::since(last, now))),
        Verdict::Unknown => clauses.push("nothing shows whether it is in use".to_owned()),
        Verdict::Idle { .. } | Verdict::NotRunning => {}
    }
    match app.key.app_type {
        AppType::JupyterServer => clauses.push(
            "the Classic interface of its owner goes with it, and AWS does not let it be created again"
                .to_owned(),
        ),
        AppType::KernelGateway => clauses.push("Classic: AWS does not let it be created again".to_owned()),
        AppType::RStudioServerPro => clauses.push("serves RStudio to the whole domain".to_owned()),
        _ => {}
    }
    if app.status == AppStatus::Pending {
        clauses.push("still starting: AWS finishes that first".to_owned());
    }
    if sharing > 0 {
        clauses.push(format!("saves nothing: {} on the same instance run on", Counted(sharing, "app")));
    }
    (!clauses.is_empty()).then(|| clauses.join("; ").into())
}

fn title(apps: &[&App]) -> String {
    match apps {
        [] => "Stop nothing".to_owned(),
        [app] => format!("Stop {} {} of {}", app.key.app_type, app.key.name, app.key.owner.name()),
        apps => format!("Stop {}", Counted(apps.len(), "app")),
    }
}

/// What is lost when these apps are stopped, as sentences.
pub(super) fn loses(apps: &[&App]) -> Vec<String> {
    if apps.is_empty() {
        return Vec::new();
    }
    let mut loses = vec![
        "Everything in memory: running kernels, terminals, and notebooks that were not saved.".to_owned(),
        "Packages and files outside the home directory.".to_owned(),
    ];
    let classic = apps.iter().filter(|app| app.key.app_type.is_classic()).count();
    if classic > 0 {
        let apps = Counted(classic, "Classic app");
        loses.push(format!("{apps} for good: AWS does not let Classic apps be created any more."));
    }
    loses
}

/// What is kept when these apps are stopped, as sentences.
pub(super) fn keeps(apps: &[&App]) -> Vec<String> {
    let spaces: BTreeSet<_> = apps
        .iter()
        .filter(|app| matches!(app.key.owner, Owner::Space(_)))
        .map(|app| app.key.space_key())
        .collect();
    let mut keeps = Vec::new();
    if !spaces.is_empty() {
        let spaces = Counted(spaces.len(), "space");
        keeps.push(format!("The files of {spaces} (EBS), which are billed on while the spaces exist."));
    }
    if apps.iter().any(|app| matches!(app.key.owner, Owner::User(_)) || app.key.app_type.is_classic()) {
        keeps.push("The home directories on the domain's file system (EFS).".to_owned());
    }
    if !apps.is_empty() {
        keeps.push("User profiles, spaces and their settings.".to_owned());
    }
    keeps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Name, Sharing, sample};

    fn plan(fleet: &Fleet, names: &[&str]) -> Plan {
        let keys: Vec<_> = names
            .iter()
            .filter_map(|name| fleet.apps.iter().find(|app| app.key.name.as_str() == *name))
            .map(|app| app.key.clone())
            .collect();
        super::plan(fleet, &keys, &Policy::default(), sample::now())
    }

    fn app(name: &str, app_type: AppType, change: impl FnOnce(&mut App)) -> App {
        let mut app = sample::app("anna", app_type, name);
        app.activity = Some(sample::activity(540, 2));
        change(&mut app);
        app
    }

    fn lab(name: &str, change: impl FnOnce(&mut App)) -> App {
        app(name, AppType::JupyterLab, change)
    }

    #[test]
    fn what_cannot_be_stopped_is_excluded_with_its_reason() {
        let apps = vec![
            lab("good", |_| {}),
            lab("deleted", |app| app.status = AppStatus::Deleted),
            lab("deleting", |app| app.status = AppStatus::Deleting),
            lab("failed", |app| app.status = AppStatus::Failed),
            lab("pending", |app| app.status = AppStatus::Pending),
            lab("odd", |app| app.status = AppStatus::from("Hibernating")),
            lab("timeless", |app| app.created = None),
        ];
        let mut fleet = sample::fleet(vec![], vec![], apps);
        let names = ["good", "good", "deleted", "deleting", "failed", "pending", "odd", "timeless"];
        let plan = plan(&fleet, &names);
        assert_eq!(plan.steps.len(), 1, "one that comes twice is taken once");
        assert_eq!(plan.steps[0].bound, Bound::Created(sample::minutes_ago(2 * 24 * 60)));
        assert_eq!(plan.title, "Stop JupyterLab good of anna");
        let reasons: Vec<_> = plan
            .excluded
            .iter()
            .map(|excluded| format!("{} {}", excluded.target.name(), excluded.reason))
            .collect();
        assert_eq!(
            reasons,
            [
                "deleted is already stopped",
                "deleting is already being stopped",
                "failed has failed: it costs nothing, and AWS refuses to delete it",
                "pending is still starting: AWS has to finish that first",
                "odd has a status this version does not know: Hibernating",
                "timeless has no creation time, so it could not be told from one re-created meanwhile",
            ]
        );
        let key = fleet.apps.at(0).unwrap().key.clone();
        fleet.retain_scopes(&[]);
        let empty = super::plan(&fleet, &[key], &Policy::default(), sample::now());
        assert!(empty.steps.is_empty() && &*empty.excluded[0].reason == "is not in the list any more");
    }

    #[test]
    fn warnings_say_what_a_person_would_regret_not_knowing() {
        let apps = vec![
            lab("idle", |_| {}),
            lab("used", |app| app.activity = Some(sample::activity(5, 2))),
            lab("unread", |app| app.activity = None),
            app("kernel", AppType::KernelGateway, |_| {}),
            app("server", AppType::JupyterServer, |_| {}),
            app("rstudio", AppType::RStudioServerPro, |_| {}),
        ];
        let fleet = sample::fleet(vec![], vec![], apps);
        let plan = plan(&fleet, &["idle", "used", "unread", "kernel", "server", "rstudio"]);
        let warnings: Vec<_> = plan.steps.iter().map(|step| step.warning.as_deref().unwrap_or("")).collect();
        assert_eq!(
            warnings[..4],
            [
                "",
                "in use: last active 5m ago",
                "nothing shows whether it is in use",
                "Classic: AWS does not let it be created again",
            ]
        );
        assert!(warnings[4].contains("Classic interface") && warnings[5].contains("whole domain"));
        assert!(
            plan.loses.iter().any(|line| line.starts_with("2 Classic apps for good")),
            "{:?}",
            plan.loses
        );
        assert!(plan.keeps.iter().any(|line| line.contains("EFS")));
    }

    #[test]
    fn a_shared_instance_saves_its_price_once_and_only_when_all_who_share_it_go() {
        let kernel = |name: &str| app(name, AppType::KernelGateway, |_| {});
        let going = app("going", AppType::KernelGateway, |app| app.status = AppStatus::Deleting);
        let fleet = sample::fleet(vec![], vec![], vec![kernel("a"), kernel("b"), kernel("c"), going]);
        let two = plan(&fleet, &["a", "b"]);
        assert!(two.steps.iter().all(|step| step.saves_per_hour == Some(0.0)));
        assert!(
            two.steps[0].warning.as_deref().unwrap().contains("saves nothing: 1 app on the same instance")
        );
        let all = plan(&fleet, &["c", "a", "b"]);
        let savings: Vec<_> = all.steps.iter().map(|step| step.saves_per_hour).collect();
        assert_eq!(savings, [Some(1.0), Some(0.0), Some(0.0)]);
    }

    #[test]
    fn an_unknown_price_is_no_saving_of_nothing() {
        let odd = lab("odd", |app| app.instance = Some("ml.p9.mega".into()));
        let fleet = sample::fleet(vec![], vec![], vec![odd, lab("good", |_| {})]);
        let plan = plan(&fleet, &["odd", "good"]);
        assert_eq!(plan.steps[0].saves_per_hour, None);
        let saving = plan.saving();
        assert!((saving.per_hour - 1.0).abs() < 1e-9);
        assert_eq!(saving.unknown, 1);
    }

    #[test]
    fn space_files_are_kept_and_counted_by_space() {
        let mut second = sample::space_app("mine");
        second.key.name = Name::new("other");
        let spaces = vec![sample::space("mine", "anna", Sharing::Private)];
        let fleet = sample::fleet(vec![], spaces, vec![sample::space_app("mine"), second]);
        let plan = plan(&fleet, &["default", "other"]);
        assert_eq!(plan.title, "Stop 2 apps");
        assert_eq!(plan.keeps[0], "The files of 1 space (EBS), which are billed on while the spaces exist.");
    }

    #[test]
    fn the_id_changes_with_the_steps_with_the_run_and_with_the_time() {
        let fleet = |created| {
            sample::fleet(vec![], vec![], vec![lab("a", |app| app.created = Some(created)), lab("b", |_| {})])
        };
        let one = fleet(sample::minutes_ago(10));
        let id = |fleet: &Fleet, names: &[&str]| plan(fleet, names).id;
        assert_eq!(id(&one, &["a"]), id(&one, &["a"]));
        assert_eq!(id(&one, &["a"]).0.len(), 12);
        assert_ne!(id(&one, &["a"]), id(&one, &["b"]));
        assert_ne!(id(&one, &["a"]), id(&one, &["a", "b"]));
        assert_ne!(id(&one, &["a"]), id(&fleet(sample::minutes_ago(11)), &["a"]));
        let keys = [one.apps.at(0).unwrap().key.clone()];
        let later = super::plan(&one, &keys, &Policy::default(), sample::minutes_ago(-1));
        assert_ne!(id(&one, &["a"]), later.id);
    }
}
