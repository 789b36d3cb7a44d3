//! Small fleets for the tests of the rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Account, AccountId, Answer, App, AppActivity, AppKey, AppStatus, AppType, Domain, DomainId, DomainKey,
    Fleet, Identity, Name, Owner, Page, PriceList, PriceOrigin, ProfileName, Query, Region, Scope, Sharing,
    Space, SpaceKey, Status, Timestamp, UserKey, UserProfile,
};

/// Noon of Friday, 20 November 2026, UTC.
pub(crate) fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// So many minutes before [`now`].
pub(crate) fn minutes_ago(minutes: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() - minutes * 60).unwrap()
}

pub(crate) fn scope() -> Scope {
    Scope::new(AccountId::new("123456789012"), Region::new("us-east-1"))
}

/// The account of [`scope`].
pub(crate) fn account() -> Account {
    let identity = Identity {
        profile: ProfileName::new("default"),
        account: scope().account().clone(),
        arn: "arn:aws:iam::123456789012:user/anna".into(),
    };
    Account { identity, alias: None, credentials_end: None }
}

pub(crate) fn domain_key() -> DomainKey {
    DomainKey { scope: scope(), id: DomainId::new("d-research") }
}

pub(crate) fn domain() -> Domain {
    Domain {
        key: domain_key(),
        name: Some(Name::new("research")),
        status: Status::InService,
        created: Some(minutes_ago(100_000)),
        modified: Some(minutes_ago(100_000)),
        url: None,
        detail: None,
    }
}

pub(crate) fn user(name: &str) -> UserProfile {
    UserProfile {
        key: UserKey { scope: scope(), domain: domain_key().id, name: Name::new(name) },
        status: Status::InService,
        created: Some(minutes_ago(50_000)),
        modified: Some(minutes_ago(50_000)),
        detail: None,
    }
}

pub(crate) fn space(name: &str, owner: &str, sharing: Sharing) -> Space {
    Space {
        key: SpaceKey { scope: scope(), domain: domain_key().id, name: Name::new(name) },
        display_name: None,
        status: Status::InService,
        owner: Some(Name::new(owner)),
        sharing: Some(sharing),
        app_type: Some(AppType::JupyterLab),
        ebs_gb: Some(50),
        remote_access: None,
        created: Some(minutes_ago(40_000)),
        modified: Some(minutes_ago(40_000)),
        detail: None,
    }
}

/// An app of a user profile, running for two days on `ml.g5.xlarge`.
pub(crate) fn app(user: &str, app_type: AppType, name: &str) -> App {
    App {
        key: AppKey {
            scope: scope(),
            domain: domain_key().id,
            owner: Owner::User(Name::new(user)),
            app_type,
            name: Name::new(name),
        },
        status: AppStatus::InService,
        created: Some(minutes_ago(2 * 24 * 60)),
        instance: Some(Arc::from("ml.g5.xlarge")),
        image: None,
        image_version: None,
        lifecycle_config: None,
        activity: None,
    }
}

/// A `JupyterLab` app in a space.
pub(crate) fn space_app(space: &str) -> App {
    let mut app = app("", AppType::JupyterLab, "default");
    app.key.owner = Owner::Space(Name::new(space));
    app
}

/// What `DescribeApp` said: the minutes since the last activity and the last health check.
#[expect(clippy::unnecessary_box_returns, reason = "an app keeps its activity in a box")]
pub(crate) fn activity(user_minutes: i64, health_minutes: i64) -> Box<AppActivity> {
    Box::new(AppActivity {
        last_user_activity: Some(minutes_ago(user_minutes)),
        last_health_check: Some(minutes_ago(health_minutes)),
        read_at: now(),
        ..AppActivity::default()
    })
}

pub(crate) fn prices(region: &str, rows: &[(&str, &str, f64)]) -> PriceList {
    let mut hourly = std::collections::HashMap::<Arc<str>, BTreeMap<Arc<str>, f64>>::new();
    for (instance, component, dollars) in rows {
        hourly.entry(Arc::from(*instance)).or_default().insert(Arc::from(*component), *dollars);
    }
    PriceList {
        region: Region::new(region),
        hourly,
        storage_gb_month: Some(0.1),
        origin: PriceOrigin::Api(now()),
    }
}

/// One domain with these rows in it; g5.xlarge costs a dollar and g5.2xlarge two.
pub(crate) fn fleet(users: Vec<UserProfile>, spaces: Vec<Space>, apps: Vec<App>) -> Fleet {
    fn page<T>(rows: Vec<T>) -> Page<T> {
        Page { rows, first: true, last: true }
    }
    let mut fleet = Fleet::default();
    fleet.absorb(&Query::Domains(scope()), Answer::Domains(page(vec![domain()])), now());
    fleet.absorb(&Query::Users(domain_key()), Answer::Users(page(users)), now());
    fleet.absorb(&Query::Spaces(domain_key()), Answer::Spaces(page(spaces)), now());
    fleet.absorb(&Query::Apps(domain_key()), Answer::Apps(page(apps)), now());
    let rows = [("ml.g5.xlarge", "Studio-JupyterLab", 1.0), ("ml.g5.2xlarge", "Studio-JupyterLab", 2.0)];
    fleet.prices.insert(Region::new("us-east-1"), prices("us-east-1", &rows));
    fleet
}
