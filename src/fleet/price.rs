//! On-demand prices, as the Price List API or the bundled table gives them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::SignedDuration;

use super::{Region, Timestamp};

/// For how long prices are used before AWS is asked again; it changes them a few times a year.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// From when on prices are so old that their age is said wherever they are used.
const OLD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The prices of Studio in one region, in US dollars.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceList {
    /// The region.
    pub region: Region,
    /// Per instance type, then per component as the Price List API names it (`Studio-JupyterLab`,
    /// `Studio-CodeEditor`, `Studio-Notebook` ...): dollars per hour.
    pub hourly: HashMap<Arc<str>, BTreeMap<Arc<str>, f64>>,
    /// Dollars per GB-month of space storage (gp3).
    pub storage_gb_month: Option<f64>,
    /// Where the prices are from.
    pub origin: PriceOrigin,
}

/// Where prices are from, so that a guess is never taken for AWS's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceOrigin {
    /// Read from the Price List API.
    Api(Timestamp),
    /// The table that came with the program, of this date.
    Bundled(&'static str),
}

impl PriceList {
    /// Whether AWS need not be asked again yet. Prices of a time to come, which only a clock that was wrong
    /// can have given them, are not fresh.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        match self.origin {
            PriceOrigin::Api(at) => {
                let age = now.duration_since(at);
                age < FRESH && age > -FRESH
            }
            PriceOrigin::Bundled(_) => false,
        }
    }
}

impl PriceOrigin {
    /// What has to be said where prices of this origin are shown: the date of the bundled table, or of a list
    /// that is older than a week.
    pub fn caution(&self, now: Timestamp) -> Option<String> {
        match self {
            Self::Bundled(date) => Some(format!("of {date}, from the table inside and not from AWS")),
            Self::Api(at) if now.duration_since(*at) > OLD => {
                Some(format!("of {}, not read again since", at.strftime("%Y-%m-%d")))
            }
            Self::Api(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::sample;

    #[test]
    fn a_day_is_fresh_and_a_week_has_to_be_said() {
        let at = sample::now();
        let list = sample::prices("eu-west-1", &[]);
        let later = |hours: i64| at + SignedDuration::from_hours(hours);
        for (hours, fresh, caution) in [
            (0, true, false),
            (23, true, false),
            (24, false, false),
            (168, false, false),
            (169, false, true),
            (-30, false, false),
        ] {
            assert_eq!(list.is_fresh(later(hours)), fresh, "{hours}");
            assert_eq!(list.origin.caution(later(hours)).is_some(), caution, "{hours}");
        }
        let said = list.origin.caution(later(300)).unwrap();
        assert!(said.starts_with("of 2026-11-20"), "{said}");
        assert!(PriceOrigin::Bundled("2025-08").caution(at).unwrap().contains("2025-08"));
    }
}
