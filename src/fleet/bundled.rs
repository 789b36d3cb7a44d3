//! The prices that come with the program, for when the Price List API cannot be asked. Dated, and said to be so.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use super::{PriceList, PriceOrigin, Region};

/// When the table was last compared with AWS's price page.
pub const BUNDLED_ON: &str = "2025-08";

/// The regions the table holds for. AWS sells these types at one price in the three; prices of other regions
/// differ by type and not by one factor, so for those there is no bundled price rather than a wrong one.
const REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-2"];

/// Dollars per GB-month of a space's gp3 volume.
const STORAGE_GB_MONTH: f64 = 0.112;

/// Dollars per hour by instance type, the same for every Studio component.
/// Types whose price AWS has changed lately, such as p4d and p5, are left out on purpose.
#[rustfmt::skip]
const HOURLY: &[(&str, f64)] = &[
    ("ml.t3.medium", 0.05), ("ml.t3.large", 0.10), ("ml.t3.xlarge", 0.20), ("ml.t3.2xlarge", 0.399),
    ("ml.m5.large", 0.115), ("ml.m5.xlarge", 0.23), ("ml.m5.2xlarge", 0.461), ("ml.m5.4xlarge", 0.922),
    ("ml.m5.8xlarge", 1.843), ("ml.m5.12xlarge", 2.765), ("ml.m5.16xlarge", 3.686), ("ml.m5.24xlarge", 5.53),
    ("ml.c5.large", 0.102), ("ml.c5.xlarge", 0.204), ("ml.c5.2xlarge", 0.408), ("ml.c5.4xlarge", 0.816),
    ("ml.c5.9xlarge", 1.836), ("ml.c5.12xlarge", 2.448), ("ml.c5.18xlarge", 3.672), ("ml.c5.24xlarge", 4.896),
    ("ml.r5.large", 0.151), ("ml.r5.xlarge", 0.302), ("ml.r5.2xlarge", 0.605), ("ml.r5.4xlarge", 1.21),
    ("ml.r5.8xlarge", 2.419), ("ml.r5.12xlarge", 3.629), ("ml.r5.16xlarge", 4.838), ("ml.r5.24xlarge", 7.258),
    ("ml.g4dn.xlarge", 0.7364), ("ml.g4dn.2xlarge", 0.94), ("ml.g4dn.4xlarge", 1.505),
    ("ml.g4dn.8xlarge", 2.72), ("ml.g4dn.12xlarge", 4.89), ("ml.g4dn.16xlarge", 5.44),
    ("ml.g5.xlarge", 1.408), ("ml.g5.2xlarge", 1.515), ("ml.g5.4xlarge", 2.03), ("ml.g5.8xlarge", 3.06),
    ("ml.g5.12xlarge", 7.09), ("ml.g5.16xlarge", 5.12), ("ml.g5.24xlarge", 10.18), ("ml.g5.48xlarge", 20.36),
    ("ml.g6.2xlarge", 1.222), ("ml.g6.4xlarge", 1.654), ("ml.g6.12xlarge", 5.752), ("ml.g6.16xlarge", 4.246),
    ("ml.p3.2xlarge", 3.825), ("ml.p3.8xlarge", 14.688), ("ml.p3.16xlarge", 28.152),
    ("ml.p3dn.24xlarge", 35.894),
];

/// The components the table is offered under.
const COMPONENTS: [&str; 3] = ["Studio-JupyterLab", "Studio-CodeEditor", "Studio-Notebook"];

static LISTS: LazyLock<BTreeMap<Region, PriceList>> = LazyLock::new(|| {
    let components: BTreeMap<&str, Arc<str>> = COMPONENTS.map(|name| (name, Arc::from(name))).into();
    let price = |dollars: f64| components.values().map(|name| (name.clone(), dollars)).collect();
    let hourly: HashMap<Arc<str>, BTreeMap<Arc<str>, f64>> =
        HOURLY.iter().map(|(instance, dollars)| (Arc::from(*instance), price(*dollars))).collect();
    let list = |region: Region| PriceList {
        region,
        hourly: hourly.clone(),
        storage_gb_month: Some(STORAGE_GB_MONTH),
        origin: PriceOrigin::Bundled(BUNDLED_ON),
    };
    REGIONS.map(|code| (Region::new(code), list(Region::new(code)))).into()
});

/// The bundled prices of a region; `None` where the table does not hold.
pub fn bundled(region: &Region) -> Option<&'static PriceList> {
    LISTS.get(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundled_prices_are_dated_and_only_of_regions_they_hold_for() {
        let list = bundled(&Region::new("us-east-1")).unwrap();
        assert_eq!(list.origin, PriceOrigin::Bundled(BUNDLED_ON));
        assert!((list.hourly["ml.g5.12xlarge"]["Studio-JupyterLab"] - 7.09).abs() < 1e-9);
        assert!(bundled(&Region::new("eu-west-1")).is_none());
    }

    #[test]
    fn no_type_stands_twice_in_the_table_and_none_is_free() {
        let mut names: Vec<_> = HOURLY.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), HOURLY.len());
        assert!(HOURLY.iter().all(|(_, dollars)| *dollars > 0.0));
    }
}
