//! A limit with how much of it is used.

use std::sync::Arc;

use super::count::Used;
use super::limited::Limited;
use super::{QuotaKey, QuotaRequest};
use crate::fleet::Scope;

/// A limit, and how sure it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Limit {
    /// The account has it.
    Applied(f64),
    /// AWS gives it by default; what the account has, AWS does not say. New accounts often have less.
    Default(f64),
    /// AWS has it and could not tell it; with the reason.
    Unreadable(Arc<str>),
    /// AWS lists none of this kind here.
    Absent,
    /// Not read yet, or could not be read.
    Unread,
}

impl Limit {
    /// The limit that is in force for sure.
    pub fn applied(&self) -> Option<f64> {
        match self {
            Self::Applied(value) => Some(*value),
            _ => None,
        }
    }

    /// Why it is not known; `None` if it is.
    pub fn why_unknown(&self) -> Option<String> {
        match self {
            Self::Applied(_) => None,
            Self::Default(_) => {
                Some("AWS names only its default; this account may have another limit".to_owned())
            }
            Self::Unreadable(reason) => Some(format!("AWS could not tell the limit: {reason}")),
            Self::Absent => Some("AWS lists no such quota here; that does not mean zero".to_owned()),
            Self::Unread => Some("the limit was not read".to_owned()),
        }
    }
}

impl std::fmt::Display for Limit {
    /// `6`, `6 default`, `unknown`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Applied(value) => f.pad(&super::plain(*value)),
            Self::Default(value) => f.pad(&format!("{} default", super::plain(*value))),
            Self::Unreadable(_) | Self::Absent | Self::Unread => f.pad("unknown"),
        }
    }
}

/// From which part of a limit on it is warm, and hot; in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// From here on it is warm.
    pub warn: u8,
    /// From here on it is hot.
    pub hot: u8,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { warn: 75, hot: 90 }
    }
}

/// How near its limit something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heat {
    /// Limit or use is not known well enough to say.
    Unknown,
    /// There is room.
    Cool,
    /// It fills up.
    Warm,
    /// It is full, or nearly.
    Hot,
}

impl Heat {
    /// The word for it in filters, sheets and where there is no colour.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Cool => "cool",
            Self::Warm => "warm",
            Self::Hot => "hot",
        }
    }
}

/// A limit with how much of it is used.
#[derive(Debug, Clone, PartialEq)]
pub struct QuotaRow {
    /// Where it holds.
    pub scope: Scope,
    /// What is limited.
    pub limited: Limited,
    /// The quota of AWS behind it; none where AWS lists none, and for addresses.
    pub quota: Option<QuotaKey>,
    /// The limit.
    pub limit: Limit,
    /// AWS's default, where it was read.
    pub default: Option<f64>,
    /// Whether an increase can be requested.
    pub adjustable: bool,
    /// How much is used; `None` if nothing is known of it.
    pub used: Option<Used>,
    /// The request for more that AWS has not decided yet.
    pub open: Option<QuotaRequest>,
}

impl QuotaRow {
    /// Which part of the limit is used, in percent; at least that where the count is a least one. `None` where limit
    /// or use is not known, and where nothing is used of nothing.
    pub fn percent(&self) -> Option<f64> {
        let (limit, used) = (self.limit.applied()?, self.used?);
        // Something of nothing is over any limit.
        (limit > 0.0 || used.count > 0).then(|| used.count as f64 / limit.max(1.0) * 100.0)
    }

    /// How near its limit it is.
    pub fn heat(&self, thresholds: Thresholds) -> Heat {
        let (Some(_), Some(used)) = (self.limit.applied(), self.used) else { return Heat::Unknown };
        let percent = self.percent().unwrap_or(0.0);
        if percent >= f64::from(thresholds.hot) {
            Heat::Hot
        } else if used.at_least {
            // There may be any number more.
            if percent >= f64::from(thresholds.warn) { Heat::Warm } else { Heat::Unknown }
        } else if percent >= f64::from(thresholds.warn) {
            Heat::Warm
        } else {
            Heat::Cool
        }
    }

    /// How much is left; at most that where the use is a least count. `None` if limit or use is not known.
    pub fn left(&self) -> Option<u64> {
        let (limit, used) = (self.limit.applied()?, self.used?);
        Some((limit.max(0.0) as u64).saturating_sub(used.count))
    }

    /// What stands in its first column: the app type, or what else is limited.
    pub fn kind(&self) -> &str {
        self.limited.kind()
    }

    /// By what the row is known, in the table and in exports.
    pub fn id(&self) -> String {
        format!("{}/{}", self.scope, self.limited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::sample;

    fn row(limit: Limit, used: Option<(u64, bool)>) -> QuotaRow {
        QuotaRow {
            scope: sample::scope(),
            limited: Limited::RunningApps,
            quota: None,
            limit,
            default: None,
            adjustable: true,
            used: used.map(|(count, at_least)| Used { count, at_least }),
            open: None,
        }
    }

    #[test]
    fn heat_follows_the_thresholds_and_what_is_not_known_has_none() {
        let thresholds = Thresholds { warn: 50, hot: 90 };
        for (limit, used, expected) in [
            (Limit::Applied(10.0), Some((0, false)), Heat::Cool),
            (Limit::Applied(10.0), Some((4, false)), Heat::Cool),
            (Limit::Applied(10.0), Some((5, false)), Heat::Warm),
            (Limit::Applied(10.0), Some((9, false)), Heat::Hot),
            (Limit::Applied(10.0), Some((12, false)), Heat::Hot),
            // A least count proves heat and never coolness.
            (Limit::Applied(10.0), Some((9, true)), Heat::Hot),
            (Limit::Applied(10.0), Some((5, true)), Heat::Warm),
            (Limit::Applied(10.0), Some((4, true)), Heat::Unknown),
            // Nothing of nothing is no alarm; something of nothing is.
            (Limit::Applied(0.0), Some((0, false)), Heat::Cool),
            (Limit::Applied(0.0), Some((1, false)), Heat::Hot),
            (Limit::Default(10.0), Some((10, false)), Heat::Unknown),
            (Limit::Unreadable("no".into()), Some((1, false)), Heat::Unknown),
            (Limit::Absent, Some((1, false)), Heat::Unknown),
            (Limit::Unread, Some((1, false)), Heat::Unknown),
            (Limit::Applied(10.0), None, Heat::Unknown),
        ] {
            let row = row(limit, used);
            assert_eq!(row.heat(thresholds), expected, "{row:?}");
        }
    }

    #[test]
    fn an_unknown_limit_is_never_written_as_a_number() {
        for limit in [Limit::Unreadable("no".into()), Limit::Absent, Limit::Unread] {
            assert_eq!(limit.to_string(), "unknown");
            assert!(limit.why_unknown().is_some());
            let row = row(limit, Some((3, false)));
            assert_eq!((row.percent(), row.left()), (None, None));
        }
        assert_eq!(Limit::Default(6.0).to_string(), "6 default");
        assert_eq!(Limit::Applied(1_200.0).to_string(), "1,200");
    }

    #[test]
    fn what_is_left_is_never_less_than_nothing() {
        assert_eq!(row(Limit::Applied(2.0), Some((5, false))).left(), Some(0));
        assert_eq!(row(Limit::Applied(6.0), Some((5, false))).left(), Some(1));
    }
}
