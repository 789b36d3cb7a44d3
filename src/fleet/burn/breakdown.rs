//! The burn of now by whose it is or where: rows that add up to all of it, what is not known included.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::history::{Gauge, gauge};
use crate::fleet::census::is_running;
use crate::fleet::{App, Census, Fleet, Known, ObjectKey, Timestamp, quote};

/// The filter of apps that finds what runs, or may run.
pub const RUNNING: &str = "!status:Deleted,Failed";

/// By what the burn is broken down.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BurnGroup {
    /// By domain.
    Domain,
    /// By user profile, the owners of spaces included.
    User,
    /// By the value of a tag of the apps.
    Tag(Arc<str>),
    /// By instance type.
    Instance,
    /// By account.
    Account,
    /// By region.
    Region,
}

impl BurnGroup {
    /// Understands `domain`, `user`, `tag:team`, `instance`, `account` or `region`.
    ///
    /// # Errors
    ///
    /// What is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "domain" => Ok(Self::Domain),
            "user" => Ok(Self::User),
            "instance" => Ok(Self::Instance),
            "account" => Ok(Self::Account),
            "region" => Ok(Self::Region),
            _ => match text.strip_prefix("tag:").map(str::trim) {
                Some(key) if !key.is_empty() => Ok(Self::Tag(key.into())),
                _ => Err("expected domain, user, tag:KEY, instance, account or region".to_owned()),
            },
        }
    }

    /// The spelling that [`parse`](Self::parse) understands.
    pub fn title(&self) -> String {
        match self {
            Self::Domain => "domain".to_owned(),
            Self::User => "user".to_owned(),
            Self::Tag(key) => format!("tag:{key}"),
            Self::Instance => "instance".to_owned(),
            Self::Account => "account".to_owned(),
            Self::Region => "region".to_owned(),
        }
    }
}

/// One row of the breakdown.
#[derive(Debug, Clone, PartialEq)]
pub struct BurnRow {
    /// What it is of, as it is shown.
    pub label: String,
    /// Whether this is what has no value, or one that is not known.
    pub is_rest: bool,
    /// Running apps, those that are free or share an instance included.
    pub apps: u32,
    /// What they come to.
    pub gauge: Gauge,
    /// The filter of apps that finds exactly them.
    pub filter: String,
}

/// The burn of now, broken down.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Breakdown {
    /// The rows, the dearest first; what has no value, or none that is known, last.
    pub rows: Vec<BurnRow>,
    /// All of it.
    pub total: Gauge,
    /// All running apps.
    pub apps: u32,
}

impl Breakdown {
    /// Breaks down what runs in the fleet.
    pub fn of(fleet: &Fleet, census: &Census, group: &BurnGroup, now: Timestamp) -> Self {
        let mut all = Self::default();
        let mut rows: BTreeMap<Place, BurnRow> = BTreeMap::new();
        for (position, app) in fleet.apps.iter().enumerate().filter(|(_, app)| is_running(&app.status)) {
            let gauge = match census.app(fleet, position) {
                Some(figures) => gauge(app, figures.rate, census, now).unwrap_or_default(),
                // It came after the last count; what it costs is told by the next.
                None => Gauge { instances: 1.0, unknown_prices: 1.0, unknown_idle: 1.0, ..Gauge::default() },
            };
            all.apps += 1;
            all.total += gauge;
            let place = place(fleet, app, group);
            let row = rows.entry(place).or_insert_with_key(|place| BurnRow {
                label: place.label.clone(),
                is_rest: place.rest > 0,
                apps: 0,
                gauge: Gauge::default(),
                filter: format!("{} {RUNNING}", place.filter),
            });
            row.apps += 1;
            row.gauge += gauge;
        }
        all.rows = rows.into_values().collect();
        // What has no value, or none that is known, stays in its own order at the end.
        all.rows.sort_by(|left, right| {
            let dearest = if left.is_rest && right.is_rest {
                std::cmp::Ordering::Equal
            } else {
                right.gauge.burn.total_cmp(&left.gauge.burn)
            };
            left.is_rest.cmp(&right.is_rest).then(dearest)
        });
        all
    }
}

/// Which row an app belongs to.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rest: u8,
    label: String,
    filter: String,
}

fn place(fleet: &Fleet, app: &App, group: &BurnGroup) -> Place {
    let key = &app.key;
    let domain = || format!("domain-id={}", quote(key.domain.as_str()));
    let place = |label: &str, filter: String| Place { rest: 0, label: label.to_owned(), filter };
    let rest = |rest: u8, label: &str, filter: String| Place { rest, label: label.to_owned(), filter };
    match group {
        BurnGroup::Domain => place(fleet.domain_label(&key.domain_key()), domain()),
        BurnGroup::User => {
            let space = || key.space_key().and_then(|key| fleet.spaces.get(&key));
            if let Some(user) = fleet.user_of(key) {
                let label = format!("{user} · {}", fleet.domain_label(&key.domain_key()));
                place(&label, format!("user={} {}", quote(user.as_str()), domain()))
            } else if space().is_some() {
                rest(1, "no owner", "user=\"\"".to_owned())
            } else {
                rest(2, "owner not known", "user=unknown".to_owned())
            }
        }
        BurnGroup::Tag(name) => {
            let test = |value: &str| format!("tag.{}={}", quote(name), quote(value));
            match tag(fleet, app, name) {
                Known::Value(value) => place(&value, test(&value)),
                Known::Absent => rest(1, "no such tag", test("")),
                Known::Unknown => rest(2, "tags not read", test("unknown")),
            }
        }
        BurnGroup::Instance => match &app.instance {
            Some(instance) => place(instance, format!("instance={}", quote(instance))),
            None => rest(1, "instance not known", "instance=\"\"".to_owned()),
        },
        BurnGroup::Account => {
            let label = fleet.account_label(key.scope.account());
            place(label, format!("account={}", quote(label)))
        }
        BurnGroup::Region => {
            let region = key.scope.region().as_str();
            place(region, format!("region={}", quote(region)))
        }
    }
}

/// The value of a tag of an app. Studio gives an app the tags of its domain, user and space when it starts, and
/// AWS bills by those of the app.
pub(super) fn tag(fleet: &Fleet, app: &App, name: &str) -> Known<Arc<str>> {
    let Some(tags) = fleet.tags.get(&ObjectKey::App(app.key.clone())) else { return Known::Unknown };
    let exact = tags.iter().find(|tag| *tag.key == *name);
    exact
        .or_else(|| tags.iter().find(|tag| tag.key.eq_ignore_ascii_case(name)))
        .map(|tag| Arc::clone(&tag.value))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{
        AppStatus, AppType, Filter, IdleRule, ObjectKind, Rows, Sharing, Tag, fields, sample,
    };

    fn fleet() -> Fleet {
        let mut odd = sample::app("bo", AppType::JupyterLab, "odd");
        odd.instance = Some("ml.p9.mega".into());
        let mut idle = sample::space_app("mine");
        idle.activity = Some(sample::activity(540, 2));
        let mut stopped = sample::app("bo", AppType::JupyterLab, "stopped");
        stopped.status = AppStatus::Deleted;
        let mut free = sample::app("anna", AppType::JupyterServer, "default");
        free.instance = Some("system".into());
        let mut tagged = sample::app("bo", AppType::KernelGateway, "tagged");
        tagged.instance = Some("ml.g5.2xlarge".into());
        let mut bare = sample::app("bo", AppType::KernelGateway, "bare");
        bare.instance = None;
        let (tagged_key, bare_key) = (ObjectKey::App(tagged.key.clone()), ObjectKey::App(bare.key.clone()));
        let lost = sample::space_app("lost");
        let mut fleet = sample::fleet(
            vec![sample::user("anna"), sample::user("bo")],
            vec![sample::space("mine", "anna", Sharing::Private)],
            vec![idle, odd, stopped, free, tagged, bare, lost],
        );
        fleet.tags.insert(tagged_key, vec![Tag { key: "team".into(), value: "nlp \"x\"".into() }]);
        fleet.tags.insert(bare_key, vec![]);
        fleet
    }

    #[test]
    fn each_breakdown_adds_up_to_all_and_each_filter_finds_the_apps_of_its_row() {
        let fleet = fleet();
        let census = Census::take(&fleet, sample::now(), IdleRule::default(), None);
        let rows = Rows { fleet: &fleet, census: &census, now: sample::now() };
        for group in ["domain", "user", "tag:team", "instance", "account", "region"] {
            let group = BurnGroup::parse(group).unwrap();
            let breakdown = Breakdown::of(&fleet, &census, &group, sample::now());
            let mut sum = Gauge::default();
            breakdown.rows.iter().for_each(|row| sum += row.gauge);
            assert_eq!((sum, breakdown.apps), (breakdown.total, 6), "{group:?}");
            assert!((sum.burn - census.totals().all.burn).abs() < 1e-9, "{group:?}");
            for row in &breakdown.rows {
                let filter = Filter::parse(&row.filter, fields(ObjectKind::App))
                    .unwrap_or_else(|error| panic!("{}: {error}", row.filter));
                let found = rows.of(ObjectKind::App).filter(|row| filter.matches(row)).count();
                assert_eq!(found, row.apps as usize, "{}", row.filter);
            }
        }
    }

    #[test]
    fn what_is_not_known_is_a_row_of_its_own_and_comes_last() {
        let fleet = fleet();
        let census = Census::take(&fleet, sample::now(), IdleRule::default(), None);
        let labels = |group: BurnGroup| -> Vec<String> {
            Breakdown::of(&fleet, &census, &group, sample::now())
                .rows
                .into_iter()
                .map(|row| row.label)
                .collect()
        };
        assert_eq!(labels(BurnGroup::Tag("team".into())), ["nlp \"x\"", "no such tag", "tags not read"]);
        assert_eq!(labels(BurnGroup::User), ["bo · research", "anna · research", "owner not known"]);
        assert_eq!(labels(BurnGroup::Instance).last().map(String::as_str), Some("instance not known"));
    }

    #[test]
    fn a_group_that_is_none_is_refused() {
        for wrong in ["", "team", "tag:", "Domain"] {
            assert!(BurnGroup::parse(wrong).unwrap_err().contains("tag:KEY"), "{wrong}");
        }
        for group in [BurnGroup::Domain, BurnGroup::User, BurnGroup::Tag("a:b".into()), BurnGroup::Region] {
            assert_eq!(BurnGroup::parse(&group.title()), Ok(group));
        }
    }
}
