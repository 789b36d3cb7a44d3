//! What is billed though nothing runs: the volumes of spaces without a running app.

use crate::fleet::{Census, DomainKey, Fleet, Known, storage_price};

/// The volumes of stopped spaces.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StoppedSpaces {
    /// Spaces with a volume in which nothing runs.
    pub spaces: u32,
    /// GB of their volumes.
    pub gb: u64,
    /// Dollars per month, as far as prices are known.
    pub dollars: f64,
    /// Spaces whose price is not known.
    pub unknown_prices: u32,
    /// Spaces with a volume of which it is not known whether something runs in them.
    pub unknown: u32,
}

impl StoppedSpaces {
    /// The filter of spaces that finds exactly those that are counted.
    pub const FILTER: &'static str = "apps=0 ebs>0";

    /// Counts them.
    pub fn of(fleet: &Fleet, census: &Census) -> Self {
        let mut all = Self::default();
        // Spaces stand by domain, so that one look into its lists does for many.
        let mut last: Option<(DomainKey, bool)> = None;
        for (position, space) in fleet.spaces.iter().enumerate() {
            let Some(gb) = space.ebs_gb.filter(|gb| *gb > 0) else { continue };
            let is_counted = match &last {
                Some((key, known)) if key.id == space.key.domain && key.scope == space.key.scope => *known,
                _ => {
                    let key = space.key.domain_key();
                    let domain = fleet.domains.position(&key);
                    let known = domain.is_some_and(|domain| census.lists(fleet, domain).apps);
                    last = Some((key, known));
                    known
                }
            };
            let Some(sum) = census.space(fleet, position).filter(|_| is_counted) else {
                all.unknown += 1;
                continue;
            };
            if sum.running > 0 {
                continue;
            }
            all.spaces += 1;
            all.gb += u64::from(gb);
            match storage_price(fleet, space.key.scope.region(), gb) {
                Known::Value(dollars) => all.dollars += dollars,
                Known::Absent | Known::Unknown => all.unknown_prices += 1,
            }
        }
        all
    }

    /// Whether there may be more.
    pub fn is_at_least(&self) -> bool {
        self.unknown_prices > 0 || self.unknown > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AppStatus, Filter, IdleRule, ObjectKind, Rows, Sharing, fields, sample};

    #[test]
    fn spaces_in_which_nothing_runs_are_counted_and_found_by_the_filter() {
        let mut stopped = sample::space_app("stopped");
        stopped.status = AppStatus::Deleted;
        let mut none = sample::space("none", "anna", Sharing::Private);
        none.ebs_gb = None;
        let spaces = vec![
            sample::space("runs", "anna", Sharing::Private),
            sample::space("stopped", "anna", Sharing::Private),
            sample::space("empty", "anna", Sharing::Private),
            none,
        ];
        let fleet = sample::fleet(vec![], spaces, vec![sample::space_app("runs"), stopped]);
        let census = Census::take(&fleet, sample::now(), IdleRule::default(), None);
        let counted = StoppedSpaces::of(&fleet, &census);
        assert_eq!((counted.spaces, counted.gb, counted.is_at_least()), (2, 100, false));
        assert!((counted.dollars - 10.0).abs() < 1e-9);
        let filter = Filter::parse(StoppedSpaces::FILTER, fields(ObjectKind::Space)).unwrap();
        let rows = Rows { fleet: &fleet, census: &census, now: sample::now() };
        let found = rows.of(ObjectKind::Space).filter(|row| filter.matches(row)).count();
        assert_eq!(found, 2);
    }

    #[test]
    fn a_space_whose_apps_are_not_known_is_not_taken_for_a_stopped_one() {
        let mut fleet = sample::fleet(vec![], vec![sample::space("a", "anna", Sharing::Private)], vec![]);
        let mut other = sample::space("b", "anna", Sharing::Private);
        other.key.domain = crate::fleet::DomainId::new("d-unread");
        let key = other.key.domain_key();
        let page = crate::fleet::Page { rows: vec![other], first: true, last: true };
        fleet.absorb(&crate::fleet::Query::Spaces(key), crate::fleet::Answer::Spaces(page), sample::now());
        let census = Census::take(&fleet, sample::now(), IdleRule::default(), None);
        let counted = StoppedSpaces::of(&fleet, &census);
        assert_eq!((counted.spaces, counted.unknown, counted.is_at_least()), (1, 1, true));
    }
}
