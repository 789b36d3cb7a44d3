//! "What if": how many more apps of a type on an instance type can start, and what stands in the way first.

use std::sync::Arc;

use super::addresses::rooms;
use super::count::Uses;
use super::limited::Limited;
use super::row::QuotaRow;
use super::rows::rows_of;
use crate::fleet::{AppType, Fleet, Scope};

/// How many more can start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headroom {
    /// So many; `None` if none of the bounds is known.
    pub more: Option<u64>,
    /// Whether it may be fewer: a bound is not known, or is counted from lists that are not whole.
    pub at_most: bool,
    /// What bounds it, the tightest first; those not known last.
    pub bounds: Vec<Bound>,
}

/// Something that bounds how many more can start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// What.
    pub limited: Limited,
    /// How many more it lets start; `None` if that is not known.
    pub more: Option<u64>,
    /// Whether it may be fewer.
    pub at_most: bool,
}

/// How many more apps of a type can start on an instance type in a scope: the least of the quota of that type, the
/// account's quota of running apps, and the free addresses of all subnets of its domains.
pub fn headroom(fleet: &Fleet, scope: &Scope, app_type: &AppType, instance: &Arc<str>) -> Headroom {
    let uses = Uses::count(fleet);
    let mut bounds = Vec::new();
    for limited in [Limited::Apps(app_type.clone(), instance.clone()), Limited::RunningApps] {
        let row = rows_of(fleet, &uses, scope, &limited);
        let more = row.as_ref().and_then(QuotaRow::left);
        let at_most = row.and_then(|row| row.used).is_none_or(|used| used.at_least);
        bounds.push(Bound { limited, more, at_most });
    }
    let rooms: Vec<_> = rooms(fleet).into_iter().filter(|room| room.scope == *scope).collect();
    // Apps of different domains take addresses of different subnets; all of them together is the most there can be.
    if !rooms.is_empty() {
        let free: Option<u64> = rooms.iter().map(|room| room.free.map(u64::from)).sum();
        let widest = rooms.iter().min_by_key(|room| room.free.unwrap_or(u32::MAX));
        let subnet = widest.map(|room| room.subnet.clone()).unwrap_or_default();
        let label = if rooms.len() == 1 { subnet } else { Arc::from(format!("{} subnets", rooms.len())) };
        bounds.push(Bound { limited: Limited::Addresses(label), more: free, at_most: false });
    }
    bounds.sort_by_key(|bound| bound.more.unwrap_or(u64::MAX));
    Headroom {
        more: bounds.iter().filter_map(|bound| bound.more).min(),
        at_most: bounds.iter().any(|bound| bound.more.is_none() || bound.at_most),
        bounds,
    }
}

impl std::fmt::Display for Headroom {
    /// `3 more`, `at most 3 more`, `unknown`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.more {
            // None can be no fewer.
            Some(0) => f.pad("none"),
            Some(more) if self.at_most => {
                f.pad(&format!("at most {} more", crate::fleet::wording::Count(more)))
            }
            Some(more) => f.pad(&format!("{} more", crate::fleet::wording::Count(more))),
            None => f.pad("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{
        Answer, App, DomainDetail, Name, Network, Query, Quota, QuotaCode, QuotaList, Subnet, sample,
    };

    fn quota(limits: Limited, value: Option<f64>) -> Quota {
        Quota {
            code: QuotaCode::new("L-1"),
            name: Name::new("a quota"),
            limits,
            value,
            adjustable: true,
            error: None,
        }
    }

    fn fleet(apps: Vec<App>, own: Option<f64>, all: Option<f64>, free: Option<u32>) -> Fleet {
        let mut fleet = sample::fleet(vec![], vec![], apps);
        let rows = vec![
            quota(Limited::Apps(AppType::JupyterLab, "ml.g5.xlarge".into()), own),
            quota(Limited::RunningApps, all),
        ];
        let list = QuotaList { rows, read_at: sample::now() };
        fleet.absorb(&Query::Quotas(sample::scope()), Answer::Quotas(list), sample::now());
        let mut domain = sample::domain();
        let detail = DomainDetail { subnets: vec!["subnet-1".into()], ..DomainDetail::default() };
        domain.detail = Some(Box::new(detail));
        let answer = Answer::Domain(Box::new(domain), "{}".into());
        fleet.absorb(&Query::Domain(sample::domain_key()), answer, sample::now());
        let subnet = Subnet {
            id: "subnet-1".into(),
            vpc: "vpc-1".into(),
            name: None,
            zone: None,
            cidr: None,
            free_addresses: free,
        };
        let network = Network { subnets: vec![subnet], ..Network::default() };
        fleet.absorb(&Query::Network(sample::scope()), Answer::Network(Box::new(network)), sample::now());
        fleet
    }

    fn more(fleet: &Fleet) -> (String, String) {
        let room = headroom(fleet, &sample::scope(), &AppType::JupyterLab, &"ml.g5.xlarge".into());
        (room.to_string(), room.bounds[0].limited.to_string())
    }

    #[test]
    fn the_tightest_bound_says_how_many_more_can_start() {
        let apps = || vec![sample::space_app("lab")];
        let told = |own, all, free| more(&fleet(apps(), Some(own), Some(all), Some(free)));
        assert_eq!(told(4.0, 10.0, 50), ("3 more".to_owned(), "JupyterLab on ml.g5.xlarge".to_owned()));
        assert_eq!(told(9.0, 3.0, 50), ("2 more".to_owned(), "running apps".to_owned()));
        assert_eq!(told(9.0, 10.0, 1), ("1 more".to_owned(), "addresses of subnet-1".to_owned()));
        assert_eq!(told(1.0, 10.0, 50).0, "none");
    }

    #[test]
    fn what_is_not_known_makes_it_at_most_that() {
        assert_eq!(more(&fleet(vec![], None, Some(3.0), Some(9))).0, "at most 3 more");
        assert_eq!(more(&fleet(vec![], Some(2.0), Some(3.0), None)).0, "at most 2 more");
        let vague = App { instance: None, ..sample::space_app("lab") };
        assert_eq!(more(&fleet(vec![vague], Some(2.0), Some(9.0), Some(9))).0, "at most 2 more");
        assert_eq!(more(&fleet(vec![], None, None, None)).0, "unknown");
    }
}
