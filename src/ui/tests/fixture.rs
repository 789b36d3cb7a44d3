//! A console over a small fleet, as the screens of the tests show it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::console::{Console, Key, Keymap, Message, Pane, Session, Start, WriteMode};
use crate::fleet::{
    AccountId, Answer, App, AppActivity, AppKey, AppStatus, AppType, Ceilings, Domain, DomainId, DomainKey,
    Identity, IdleRule, Name, Owner, Page, PriceList, PriceOrigin, Problem, ProfileName, Query, Region,
    Scope, Sharing, Space, SpaceKey, Status, Tag, Timestamp, UserKey, UserProfile,
};

/// Noon of Friday, 20 November 2026, UTC.
pub(crate) fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn minutes_ago(minutes: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() - minutes * 60).unwrap()
}

/// The account and region of everything here.
pub(crate) fn scope() -> Scope {
    Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1"))
}

fn domain_key(id: &str) -> DomainKey {
    DomainKey { scope: scope(), id: DomainId::new(id) }
}

/// A console before anything was read.
pub(crate) fn fresh(pane: Pane, write: WriteMode) -> Console {
    let mut console = Console::new(Start {
        session: Session {
            profiles: vec![ProfileName::new("prod")],
            regions: vec![Region::new("eu-west-1")],
            known_profiles: ["prod", "dev", "sandbox"].map(ProfileName::new).to_vec(),
            themes: ["sagedeck-dark", "sagedeck-light", "nord", "mono"].map(str::to_owned).to_vec(),
            endpoint: None,
            demo: None,
            write,
            auto_refresh: true,
            idle: IdleRule::default(),
            ceilings: Ceilings::default(),
            protected_tags: Vec::new(),
            thresholds: crate::fleet::Thresholds::default(),
            templates: BTreeMap::new(),
            protected: Vec::new(),
            saved: BTreeMap::new(),
            services: vec!["Amazon SageMaker".into()],
            refresh_seconds: 60,
        },
        keymap: Keymap::new(&BTreeMap::new()).unwrap(),
        theme: "sagedeck-dark".to_owned(),
        pane,
        filter: String::new(),
        now: now(),
        zone: jiff::tz::TimeZone::UTC,
        size: (160, 48),
    });
    let _ = console.update(Message::Tick(now()));
    console
}

/// A console over the small fleet, all of it read.
pub(crate) fn console(pane: Pane) -> Console {
    with_apps(pane, &apps())
}

/// A console over a fleet of these apps.
pub(crate) fn with_apps(pane: Pane, apps: &[App]) -> Console {
    let mut console = fresh(pane, WriteMode::Locked);
    signed_in(&mut console);
    let domains = vec![domain("d-research01", "research"), domain("d-nlp0000001", "nlp")];
    answer(&mut console, Query::Domains(scope()), Answer::Domains(page(domains)));
    for id in ["d-research01", "d-nlp0000001"] {
        let key = domain_key(id);
        let of = |app: &&App| app.key.domain == key.id;
        let rows: Vec<App> = apps.iter().filter(of).cloned().collect();
        let mut names: Vec<&str> = rows.iter().map(|app| app.key.owner.name().as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let users = names.iter().map(|name| user(&key, name)).collect();
        let spaces = names.iter().map(|name| space(&key, name)).collect();
        answer(&mut console, Query::Users(key.clone()), Answer::Users(page(users)));
        answer(&mut console, Query::Spaces(key.clone()), Answer::Spaces(page(spaces)));
        let detailed = rows.iter().filter(|app| app.activity.is_some()).take(50).cloned().collect::<Vec<_>>();
        answer(&mut console, Query::Apps(key.clone()), Answer::Apps(page(rows)));
        for app in detailed {
            let query = Query::App(app.key.clone());
            answer(&mut console, query, Answer::App(Box::new(app), Arc::from(RAW)));
        }
    }
    let later = Timestamp::from_second(now().as_second() + 12).unwrap();
    let _ = console.update(Message::Tick(later));
    console
}

/// Who we are, and what things cost.
pub(crate) fn signed_in(console: &mut Console) {
    let account = AccountId::new("123456789012");
    let identity = Identity {
        profile: ProfileName::new("prod"),
        account: account.clone(),
        arn: Arc::from("arn:aws:sts::123456789012:assumed-role/MLAdmin/anna"),
    };
    answer(console, Query::Identity(ProfileName::new("prod")), Answer::Identity(identity));
    answer(console, Query::Alias(account.clone()), Answer::Alias(Some(Arc::from("prod-ml"))));
    let hourly = [
        ("ml.g5.12xlarge", 7.09),
        ("ml.g4dn.xlarge", 0.74),
        ("ml.t3.medium", 0.05),
        ("ml.p4d.24xlarge", 37.69),
        ("ml.m5.4xlarge", 0.92),
    ];
    let components = ["Studio-JupyterLab", "Studio-CodeEditor", "Studio-Notebook", "Studio-Canvas"];
    let prices = PriceList {
        region: Region::new("eu-west-1"),
        hourly: hourly
            .iter()
            .map(|(instance, dollars)| {
                let parts = components.iter().map(|component| (Arc::from(*component), *dollars));
                (Arc::from(*instance), parts.collect::<BTreeMap<_, _>>())
            })
            .collect::<HashMap<_, _>>(),
        storage_gb_month: Some(0.1),
        origin: PriceOrigin::Api(now()),
    };
    answer(console, Query::Prices(account, Region::new("eu-west-1")), Answer::Prices(prices));
}

const RAW: &str = r#"{"AppArn":"arn:aws:sagemaker:eu-west-1:123456789012:app/d-research01/anna-k/jupyterlab/default",
"AppType":"JupyterLab","Status":"InService","RecoveryMode":false,"CreationTime":1763640000.5,
"ResourceSpec":{"InstanceType":"ml.g5.12xlarge","SageMakerImageArn":null}}"#;

/// Gives the console an answer.
pub(crate) fn answer(console: &mut Console, query: Query, answer: Answer) {
    let _ = console.update(Message::Loaded { epoch: 0, query, result: Ok(answer) });
}

/// Gives the console a failure.
pub(crate) fn failure(console: &mut Console, query: Query, problem: Problem) {
    let _ = console.update(Message::Loaded { epoch: 0, query, result: Err(problem) });
}

/// Presses keys, written as people write them, a second apart.
pub(crate) fn press(console: &mut Console, keys: &str) {
    for key in keys.split_whitespace() {
        let later = Timestamp::from_second(console.now.as_second() + 1).unwrap();
        let _ = console.update(Message::Tick(later));
        let key: Key = key.parse().unwrap();
        let _ = console.update(Message::Key(key));
    }
}

/// Types a text letter by letter.
pub(crate) fn type_text(console: &mut Console, text: &str) {
    for c in text.chars() {
        press(console, &if c == ' ' { "space".to_owned() } else { c.to_string() });
    }
}

fn page<T>(rows: Vec<T>) -> Page<T> {
    Page { rows, first: true, last: true }
}

fn domain(id: &str, name: &str) -> Domain {
    Domain {
        key: domain_key(id),
        name: Some(Name::new(name)),
        status: Status::InService,
        created: Some(minutes_ago(400_000)),
        modified: Some(minutes_ago(100_000)),
        url: None,
        detail: None,
    }
}

fn user(domain: &DomainKey, name: &str) -> UserProfile {
    UserProfile {
        key: UserKey { scope: scope(), domain: domain.id.clone(), name: Name::new(name) },
        status: Status::InService,
        created: Some(minutes_ago(150_000)),
        modified: Some(minutes_ago(50_000)),
        detail: None,
    }
}

fn space(domain: &DomainKey, name: &str) -> Space {
    Space {
        key: SpaceKey { scope: scope(), domain: domain.id.clone(), name: Name::new(name) },
        display_name: None,
        status: Status::InService,
        owner: Some(Name::new(name)),
        sharing: Some(Sharing::Private),
        app_type: Some(AppType::JupyterLab),
        ebs_gb: Some(50),
        remote_access: None,
        created: Some(minutes_ago(140_000)),
        modified: Some(minutes_ago(40_000)),
        detail: None,
    }
}

fn app(at: usize, domain: &str, who: &str, instance: &str, status: AppStatus) -> App {
    let app_type = match at % 4 {
        0 | 1 => AppType::JupyterLab,
        2 => AppType::CodeEditor,
        _ => AppType::KernelGateway,
    };
    let name =
        if app_type == AppType::KernelGateway { format!("pytorch-gpu-{at}") } else { "default".to_owned() };
    let owner = match app_type {
        AppType::KernelGateway => Owner::User(Name::new(who)),
        _ => Owner::Space(Name::new(who)),
    };
    let last = [Some(9 * 60), Some(5), None, Some(26 * 60)][at % 4];
    App {
        key: AppKey {
            scope: scope(),
            domain: DomainId::new(domain),
            owner,
            app_type,
            name: Name::new(&name),
        },
        status,
        created: Some(minutes_ago(95 + 317 * i64::try_from(at).unwrap())),
        instance: Some(Arc::from(instance)),
        image: None,
        image_version: None,
        lifecycle_config: None,
        activity: last.map(|minutes| {
            Box::new(AppActivity {
                last_user_activity: Some(minutes_ago(minutes)),
                last_health_check: Some(minutes_ago(2)),
                read_at: now(),
                ..AppActivity::default()
            })
        }),
    }
}

/// The apps of the small fleet, in every state.
pub(crate) fn apps() -> Vec<App> {
    let people = [
        "anna-k", "ben", "chloe", "deepak", "elif", "farid", "grace", "hiro", "ines", "jonas", "kateryna",
        "liam", "mei-ling", "noor", "olu", "priya", "quentin", "rosa",
    ];
    let instances = [
        "ml.g5.12xlarge",
        "ml.t3.medium",
        "ml.g4dn.xlarge",
        "ml.m5.4xlarge",
        "ml.t3.medium",
        "ml.p4d.24xlarge",
    ];
    people
        .iter()
        .enumerate()
        .map(|(at, who)| {
            let status = match at {
                5 => AppStatus::Failed,
                9 => AppStatus::Pending,
                12 => AppStatus::Deleting,
                14 => AppStatus::Deleted,
                _ => AppStatus::InService,
            };
            let domain = if at % 3 == 2 { "d-nlp0000001" } else { "d-research01" };
            app(at, domain, who, instances[at % instances.len()], status)
        })
        .collect()
}

/// So many running apps.
pub(crate) fn many(count: usize) -> Vec<App> {
    (0..count)
        .map(|at| app(at, "d-research01", &format!("person-{at:06}"), "ml.t3.medium", AppStatus::InService))
        .collect()
}

/// Tags for the details.
pub(crate) fn tags() -> Vec<Tag> {
    vec![Tag { key: Arc::from("team"), value: Arc::from("nlp") }]
}
