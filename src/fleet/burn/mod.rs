//! What an app costs per hour now, and what that adds up to. What is not known is never taken for nothing.

mod bill;
mod breakdown;
mod budget;
mod fields;
mod history;
mod reconcile;
mod storage;
mod thin;
mod trace;
mod weekend;

use std::hash::{Hash, Hasher};

use jiff::civil::{Weekday, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use super::bundled::bundled;
use super::{
    App, AppStatus, AppType, DomainId, Fleet, Known, Owner, PriceList, PriceOrigin, Region, Scope, Timestamp,
};

pub use bill::{Bill, BilledFor, BilledLine, billed_spend};
pub use breakdown::{Breakdown, BurnGroup, BurnRow, RUNNING};
pub use budget::{Billed as BilledSpend, Budget, BudgetOf, BudgetPer, BudgetState, Outlook, budget_states};
pub use fields::BURN_FIELDS;
pub(super) use history::is_doubtful;
pub use history::{
    Gauge, History as BurnHistory, Metered, RunKind, SAMPLE_EVERY, Sample as BurnSample, take_samples,
};
pub use reconcile::{Cause, Reconciled, ReconciledDay, Reconciliation};
pub use storage::StoppedSpaces;
pub use thin::thin;
pub use trace::{Level, Past, Trace};
pub use weekend::Weekend;

/// The instance a Classic kernel app is given when it asks for `system`.
/// Source: `ResourceSpec.InstanceType` in the API model.
const CLASSIC_DEFAULT_INSTANCE: &str = "ml.t3.medium";

/// What an app costs per hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// Nothing: no instance runs for it.
    Stopped,
    /// Nothing: its instance is not billed.
    Free,
    /// Nothing of its own: it shares an instance that is counted with another app.
    Shared,
    /// So many dollars.
    Dollars(f64),
    /// Something, but it is not known how much.
    Unknown(NoPrice),
}

/// Why the price of an app is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoPrice {
    /// AWS does not say on which instance type it runs, or which it stands for.
    NoInstance,
    /// There is no price list of the region.
    NoPriceList,
    /// The price list of the region does not have the instance type.
    NotListed,
    /// Its status is not one this version knows.
    OddStatus,
}

impl Rate {
    /// Dollars per hour.
    pub fn dollars(self) -> Known<f64> {
        match self {
            Self::Stopped | Self::Free | Self::Shared => Known::Value(0.0),
            Self::Dollars(dollars) => Known::Value(dollars),
            Self::Unknown(_) => Known::Unknown,
        }
    }
}

impl NoPrice {
    /// The reason as a clause.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoInstance => "AWS does not say which instance it runs on",
            Self::NoPriceList => "the prices of its region are not known",
            Self::NotListed => "the price list has no price for its instance type",
            Self::OddStatus => "its status is not one this version knows",
        }
    }
}

/// What an app runs on, as far as it is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Billed<'a> {
    /// No instance runs for it.
    Stopped,
    /// Its instance is not billed.
    Free,
    /// An instance of this type.
    Instance(&'a str),
    Unknown(NoPrice),
}

/// What an app runs on.
///
/// `system` is the free host of the Classic server, RStudio, TensorBoard and Profiler. For a kernel app it
/// stands for another type, and for Canvas for a billed workspace whose price is not that of an instance type.
pub(super) fn billed(app: &App) -> Billed<'_> {
    match app.status {
        AppStatus::Deleted | AppStatus::Failed => return Billed::Stopped,
        AppStatus::Other(_) => return Billed::Unknown(NoPrice::OddStatus),
        AppStatus::Pending | AppStatus::InService | AppStatus::Deleting => {}
    }
    match (app.instance.as_deref(), &app.key.app_type) {
        (Some("system"), AppType::KernelGateway) => Billed::Instance(CLASSIC_DEFAULT_INSTANCE),
        (Some("system") | None, AppType::Canvas) => Billed::Unknown(NoPrice::NoInstance),
        (Some("system"), _) | (None, AppType::JupyterServer) => Billed::Free,
        (Some(instance), _) => Billed::Instance(instance),
        (None, _) => Billed::Unknown(NoPrice::NoInstance),
    }
}

/// By what apps share one billed instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SharedInstance<'a> {
    scope: &'a Scope,
    domain: &'a DomainId,
    owner: &'a Owner,
    instance: &'a str,
}

impl Hash for SharedInstance<'_> {
    /// Leaves out the scope: a domain's id is as good as unique.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.domain, self.owner, self.instance).hash(state);
    }
}

/// The instance an app shares with others: running Classic kernel apps of one user profile or shared space on
/// one instance type are billed as one. Source: SageMaker developer guide, `notebooks-usage-metering`.
pub(super) fn shared_instance(app: &App) -> Option<SharedInstance<'_>> {
    match billed(app) {
        Billed::Instance(instance) if app.key.app_type == AppType::KernelGateway => Some(SharedInstance {
            scope: &app.key.scope,
            domain: &app.key.domain,
            owner: &app.key.owner,
            instance,
        }),
        _ => None,
    }
}

/// The price list in force in a region: AWS's, or else the bundled one.
pub fn price_list<'a>(fleet: &'a Fleet, region: &Region) -> Option<&'a PriceList> {
    fleet.prices.get(region).or_else(|| bundled(region))
}

/// Where the prices of a region are from; `None` where there are none.
pub fn price_origin<'a>(fleet: &'a Fleet, region: &Region) -> Option<&'a PriceOrigin> {
    price_list(fleet, region).map(|list| &list.origin)
}

/// What has to be said about the prices of some regions, one line each: that they are of the bundled table, or
/// old. Regions without any prices are not named; their apps are of unknown price.
pub fn price_cautions<'a>(
    fleet: &Fleet,
    regions: impl IntoIterator<Item = &'a Region>,
    now: Timestamp,
) -> Vec<(Region, String)> {
    let caution = |region: &Region| Some((region.clone(), price_origin(fleet, region)?.caution(now)?));
    regions.into_iter().filter_map(caution).collect()
}

/// Dollars per hour of an instance type for an app type in a region.
///
/// AWS prices the components of Studio alike, so the price of another one stands in for one that is not listed.
///
/// # Errors
/// Why the price is not known.
pub fn hourly_price(
    fleet: &Fleet,
    region: &Region,
    app_type: &AppType,
    instance: &str,
) -> Result<f64, NoPrice> {
    let list = price_list(fleet, region).ok_or(NoPrice::NoPriceList)?;
    let prices = list.hourly.get(instance).ok_or(NoPrice::NotListed)?;
    let studio = || prices.iter().filter(|(name, _)| name.starts_with("Studio")).map(|(_, dollars)| dollars);
    prices.get(component(app_type)).or_else(|| studio().next()).copied().ok_or(NoPrice::NotListed)
}

/// The component of the Price List API an app type is billed under.
fn component(app_type: &AppType) -> &'static str {
    match app_type {
        AppType::JupyterLab => "Studio-JupyterLab",
        AppType::CodeEditor => "Studio-CodeEditor",
        _ => "Studio-Notebook",
    }
}

/// Dollars per month of a volume of so many GB, billed while its space exists.
pub fn storage_price(fleet: &Fleet, region: &Region, gb: u32) -> Known<f64> {
    match price_list(fleet, region).and_then(|list| list.storage_gb_month) {
        Some(dollars) => Known::Value(dollars * f64::from(gb)),
        None => Known::Unknown,
    }
}

/// Hours until the next Monday, 08:00 in a time zone; `None` only at the end of representable time.
pub fn until_monday(now: Timestamp, zone: &TimeZone) -> Option<f64> {
    let today = now.to_zoned(zone.clone()).date();
    let ahead = i64::from(today.weekday().until(Weekday::Monday));
    let monday = today.checked_add(ahead.days()).ok()?;
    let at_eight = |date: jiff::civil::Date| {
        Some(date.to_datetime(time(8, 0, 0, 0)).to_zoned(zone.clone()).ok()?.timestamp())
    };
    let mut then = at_eight(monday)?;
    if then <= now {
        then = at_eight(monday.checked_add(7.days()).ok()?)?;
    }
    Some(hours(then.duration_since(now)))
}

fn hours(duration: SignedDuration) -> f64 {
    duration.as_secs_f64() / 3_600.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fleet::sample;

    #[test]
    fn each_app_runs_on_what_aws_bills_for_its_type_and_status() {
        use AppStatus::{Deleted, Deleting, Failed, InService, Pending};
        let lab = AppType::JupyterLab;
        for (app_type, instance, status, expected) in [
            (lab.clone(), Some("ml.g5.xlarge"), InService, Billed::Instance("ml.g5.xlarge")),
            (lab.clone(), Some("ml.g5.xlarge"), Pending, Billed::Instance("ml.g5.xlarge")),
            (lab.clone(), Some("ml.g5.xlarge"), Deleting, Billed::Instance("ml.g5.xlarge")),
            (lab.clone(), Some("ml.g5.xlarge"), Failed, Billed::Stopped),
            (lab.clone(), Some("ml.g5.xlarge"), Deleted, Billed::Stopped),
            (lab.clone(), Some("ml.g5.xlarge"), AppStatus::from("Odd"), Billed::Unknown(NoPrice::OddStatus)),
            (lab, None, InService, Billed::Unknown(NoPrice::NoInstance)),
            (AppType::JupyterServer, Some("system"), InService, Billed::Free),
            (AppType::JupyterServer, None, InService, Billed::Free),
            (AppType::KernelGateway, Some("system"), InService, Billed::Instance("ml.t3.medium")),
            (AppType::Canvas, Some("system"), InService, Billed::Unknown(NoPrice::NoInstance)),
            (AppType::RStudioServerPro, Some("system"), InService, Billed::Free),
        ] {
            let mut app = sample::app("anna", app_type, "default");
            app.instance = instance.map(Into::into);
            app.status = status;
            assert_eq!(billed(&app), expected, "{app:?}");
        }
    }

    #[test]
    fn the_price_of_another_component_stands_in_and_no_price_is_no_zero() {
        let mut fleet = Fleet::default();
        let region = Region::new("eu-west-1");
        let price =
            |fleet: &Fleet, app_type: AppType, instance| hourly_price(fleet, &region, &app_type, instance);
        assert_eq!(price(&fleet, AppType::JupyterLab, "ml.g5.xlarge"), Err(NoPrice::NoPriceList));
        fleet.prices.insert(
            region.clone(),
            sample::prices(
                "eu-west-1",
                &[("ml.g5.xlarge", "Studio-Notebook", 1.5), ("ml.m5.large", "Hosting", 0.1)],
            ),
        );
        assert_eq!(price(&fleet, AppType::JupyterLab, "ml.g5.xlarge"), Ok(1.5));
        assert_eq!(price(&fleet, AppType::JupyterLab, "ml.m5.large"), Err(NoPrice::NotListed));
        assert_eq!(price(&fleet, AppType::JupyterLab, "ml.p9.large"), Err(NoPrice::NotListed));
        assert_eq!(storage_price(&fleet, &region, 100), Known::Value(10.0));
        assert_eq!(storage_price(&fleet, &Region::new("sa-east-1"), 100), Known::Unknown);
        assert!(matches!(price_origin(&fleet, &Region::new("us-east-1")), Some(PriceOrigin::Bundled(_))));
    }

    #[test]
    fn monday_is_the_next_one_and_a_change_of_clocks_is_counted() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        for (now, zone, expected) in [
            ("2026-11-20T20:00:00Z", TimeZone::UTC, 60.0),
            ("2026-11-23T07:00:00Z", TimeZone::UTC, 1.0),
            ("2026-11-23T08:00:00Z", TimeZone::UTC, 168.0),
            ("2026-11-23T06:00:00Z", berlin.clone(), 1.0),
            // The clocks go back on Sunday 2026-10-25, so that night has an hour more.
            ("2026-10-24T06:00:00Z", berlin, 49.0),
        ] {
            let hours = until_monday(now.parse().unwrap(), &zone).unwrap();
            assert!((hours - expected).abs() < 1e-9, "{now}: {hours}");
        }
    }

    proptest! {
        #[test]
        fn monday_is_never_now_and_at_most_a_week_and_an_hour_away(second in 0_i64..4_000_000_000) {
            let zone = TimeZone::get("America/New_York").unwrap();
            let now = Timestamp::from_second(second).unwrap();
            let hours = until_monday(now, &zone).unwrap();
            prop_assert!(hours > 0.0 && hours <= 169.0);
        }
    }
}
