//! How many addresses the subnets of the domains have left: Studio takes one per running instance, and a start without
//! a free one fails. Source: SageMaker Studio administration whitepaper, network management.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fleet::{DomainKey, Fleet, Scope, Subnet};

/// Addresses of a subnet that AWS keeps to itself. Source: VPC user guide, subnet sizing.
const RESERVED: u32 = 5;

/// What room a subnet has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Account and region.
    pub scope: Scope,
    /// Its id.
    pub subnet: Arc<str>,
    /// The value of its `Name` tag.
    pub name: Option<Arc<str>>,
    /// Its availability zone.
    pub zone: Option<Arc<str>>,
    /// How many addresses it has for use; `None` if its range is not known.
    pub total: Option<u32>,
    /// How many of them are free; `None` if that could not be read.
    pub free: Option<u32>,
    /// The domains that use it, as far as they were read in full.
    pub domains: Vec<DomainKey>,
}

/// The subnets of all domains that were read in full.
pub fn rooms(fleet: &Fleet) -> Vec<Room> {
    let mut by_subnet: BTreeMap<(Scope, Arc<str>), Vec<DomainKey>> = BTreeMap::new();
    for domain in fleet.domains.iter() {
        for subnet in domain.detail.iter().flat_map(|detail| &detail.subnets) {
            let users = by_subnet.entry((domain.key.scope.clone(), subnet.clone())).or_default();
            users.push(domain.key.clone());
        }
    }
    by_subnet
        .into_iter()
        .map(|((scope, subnet), domains)| {
            let network = fleet.library.networks.get(&scope);
            let known = network.and_then(|network| network.subnets.iter().find(|known| known.id == subnet));
            Room {
                name: known.and_then(|known| known.name.clone()),
                zone: known.and_then(|known| known.zone.clone()),
                total: known.and_then(size),
                free: known.and_then(|known| known.free_addresses),
                scope,
                subnet,
                domains,
            }
        })
        .collect()
}

/// How many more instances the subnets of a domain have addresses for; `None` if one of them is not known.
pub fn room_of_domain(fleet: &Fleet, domain: &DomainKey) -> Option<u64> {
    let detail = fleet.domains.get(domain)?.detail.as_ref()?;
    let subnets = &fleet.library.networks.get(&domain.scope)?.subnets;
    let free = |id: &Arc<str>| subnets.iter().find(|subnet| subnet.id == *id)?.free_addresses;
    detail.subnets.iter().map(|id| free(id).map(u64::from)).sum()
}

/// How many addresses the range of a subnet has, those AWS keeps aside.
fn size(subnet: &Subnet) -> Option<u32> {
    let (address, bits) = subnet.cidr.as_deref()?.split_once('/')?;
    let is_v4 = address.split('.').filter(|part| part.parse::<u8>().is_ok()).count() == 4;
    let bits: u32 = bits.parse().ok().filter(|bits| is_v4 && *bits <= 32)?;
    let all = 1_u64 << (32 - bits);
    Some(u32::try_from(all).unwrap_or(u32::MAX).saturating_sub(RESERVED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Answer, DomainDetail, Network, Query, sample};

    fn subnet(id: &str, cidr: &str, free: Option<u32>) -> Subnet {
        Subnet {
            id: id.into(),
            vpc: "vpc-1".into(),
            name: None,
            zone: None,
            cidr: Some(cidr.into()),
            free_addresses: free,
        }
    }

    fn fleet(subnets: Vec<Subnet>, of_domain: &[&str]) -> Fleet {
        let mut fleet = sample::fleet(vec![], vec![], vec![]);
        let mut domain = sample::domain();
        let detail = DomainDetail {
            subnets: of_domain.iter().map(|id| (*id).into()).collect(),
            ..DomainDetail::default()
        };
        domain.detail = Some(Box::new(detail));
        let answer = Answer::Domain(Box::new(domain), "{}".into());
        fleet.absorb(&Query::Domain(sample::domain_key()), answer, sample::now());
        let network = Network { subnets, ..Network::default() };
        fleet.absorb(&Query::Network(sample::scope()), Answer::Network(Box::new(network)), sample::now());
        fleet
    }

    #[test]
    fn a_subnet_has_the_addresses_of_its_range_but_for_those_aws_keeps() {
        for (cidr, expected) in [
            ("10.0.0.0/24", Some(251)),
            ("10.0.0.0/28", Some(11)),
            ("10.0.0.0/32", Some(0)),
            ("10.0.0.0/0", Some(u32::MAX - RESERVED)),
            ("10.0.0.0/33", None),
            ("fd00::/64", None),
            ("10.0.0.0", None),
        ] {
            assert_eq!(size(&subnet("subnet-1", cidr, None)), expected, "{cidr}");
        }
    }

    #[test]
    fn the_room_of_a_domain_is_that_of_its_subnets_together_and_unknown_if_one_is() {
        let known =
            vec![subnet("subnet-1", "10.0.0.0/24", Some(3)), subnet("subnet-2", "10.0.1.0/24", Some(4))];
        let domain = sample::domain_key();
        assert_eq!(room_of_domain(&fleet(known.clone(), &["subnet-1", "subnet-2"]), &domain), Some(7));
        assert_eq!(room_of_domain(&fleet(known.clone(), &["subnet-1", "subnet-9"]), &domain), None);
        let unread = vec![subnet("subnet-1", "10.0.0.0/24", None)];
        assert_eq!(room_of_domain(&fleet(unread, &["subnet-1"]), &domain), None);
        let rooms = rooms(&fleet(known, &["subnet-2", "subnet-9"]));
        let told: Vec<_> = rooms.iter().map(|room| (&*room.subnet, room.total, room.free)).collect();
        assert_eq!(told, [("subnet-2", Some(251), Some(4)), ("subnet-9", None, None)]);
        assert_eq!(rooms[0].domains, [domain]);
    }
}
