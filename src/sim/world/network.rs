//! The network and the file systems of a region: what a Studio domain stands on, and what it leaves behind.
//! Knows no wire format.

use std::collections::BTreeMap;

use super::{Domain, Name, Scope, Tags};
use crate::sim::clock::Millis;
use crate::sim::query::fingerprint;

/// The tag by which a home file system names its domain (aws.md 2.6).
pub const MANAGED_BY: &str = "ManagedByAmazonSageMakerResource";

/// A VPC.
#[derive(Clone, Debug)]
pub struct Vpc {
    /// `vpc-...`.
    pub id: Name,
    /// Its addresses, such as `10.20.0.0/16`.
    pub cidr: Name,
    /// Whether it is the one every region starts with.
    pub is_default: bool,
    /// Its tags.
    pub tags: Tags,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// `subnet-...`.
    pub id: Name,
    /// The VPC it is part of.
    pub vpc: Name,
    /// `AvailabilityZone`, such as `eu-west-1a`.
    pub zone: Name,
    /// Its addresses.
    pub cidr: Name,
    /// `AvailableIpAddressCount`.
    pub free_addresses: u32,
    /// `MapPublicIpOnLaunch`.
    pub is_public: bool,
    /// `DefaultForAz`.
    pub is_default: bool,
    /// Its tags.
    pub tags: Tags,
}

/// Whom a rule of a security group lets in or out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The members of a group.
    Group(Name),
    /// A range of addresses.
    Cidr(Name),
}

/// A rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Ports of TCP; `None` is all traffic.
    pub ports: Option<(u16, u16)>,
    /// The other side.
    pub peer: Peer,
}

/// A security group.
#[derive(Clone, Debug)]
pub struct SecurityGroup {
    /// `sg-...`.
    pub id: Name,
    /// Its name, unique in its VPC.
    pub name: Name,
    /// `Description`.
    pub description: Name,
    /// The VPC it is of.
    pub vpc: Name,
    /// Who may come in.
    pub ingress: Vec<Rule>,
    /// Where one may go.
    pub egress: Vec<Rule>,
    /// Its tags.
    pub tags: Tags,
}

impl SecurityGroup {
    /// A group that lets nobody in and everybody out, as new ones do.
    pub fn new(id: &str, name: &str, description: &str, vpc: &Name) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            description: description.into(),
            vpc: vpc.clone(),
            ingress: Vec::new(),
            egress: vec![Rule { ports: None, peer: Peer::Cidr("0.0.0.0/0".into()) }],
            tags: Tags::default(),
        }
    }
}

/// An elastic network interface.
#[derive(Clone, Debug)]
pub struct NetworkInterface {
    /// `eni-...`.
    pub id: Name,
    /// The VPC.
    pub vpc: Name,
    /// The subnet, from which its address is taken.
    pub subnet: Name,
    /// The zone of the subnet.
    pub zone: Name,
    /// `PrivateIpAddress`.
    pub address: Name,
    /// `Description`: services say here what it is for.
    pub description: Name,
    /// Its security groups: id and name.
    pub groups: Vec<(Name, Name)>,
    /// `available` or `in-use`.
    pub status: Name,
}

/// A file system of EFS.
#[derive(Clone, Debug)]
pub struct FileSystem {
    /// `fs-...`.
    pub id: Name,
    /// `CreationTime`.
    pub created: Millis,
    /// Until then it is `creating`.
    pub available: Millis,
    /// The key that encrypts it.
    pub kms_key_id: Option<Name>,
    /// `SizeInBytes`, which AWS measures every few hours.
    pub bytes: u64,
    /// Its tags; [`MANAGED_BY`] among them if a domain made it.
    pub tags: Tags,
}

/// Where a file system is reached in a subnet.
#[derive(Clone, Debug)]
pub struct MountTarget {
    /// `fsmt-...`.
    pub id: Name,
    /// The file system.
    pub file_system: Name,
    /// The network interface that it is.
    pub interface: Name,
}

/// The network and the file systems of a region, each by id.
#[derive(Debug, Default)]
pub struct Network {
    /// VPCs.
    pub vpcs: BTreeMap<Name, Vpc>,
    /// Subnets.
    pub subnets: BTreeMap<Name, Subnet>,
    /// Security groups.
    pub security_groups: BTreeMap<Name, SecurityGroup>,
    /// Network interfaces.
    pub interfaces: BTreeMap<Name, NetworkInterface>,
    /// File systems.
    pub file_systems: BTreeMap<Name, FileSystem>,
    /// Mount targets.
    pub mount_targets: BTreeMap<Name, MountTarget>,
}

/// An id that follows from what it is of: the same in every run.
pub fn id_of(prefix: &str, of: &[&str]) -> Name {
    let salted: Vec<&str> = [prefix].into_iter().chain(of.iter().copied()).collect();
    format!("{prefix}-0{:016x}", fingerprint(&salted)).into()
}

/// The names of the two groups that `SageMaker` makes for the file system of a domain (aws.md 3.2).
pub fn nfs_group_names(domain: &str) -> [String; 2] {
    ["inbound", "outbound"].map(|way| format!("security-group-for-{way}-nfs-{domain}"))
}

impl Network {
    /// Stores a VPC with a subnet in each of some zones, `/20` each, and its default group.
    pub fn add_vpc(&mut self, vpc: Vpc, zones: &[(Name, Name)], is_public: bool) {
        let network = vpc.cidr.split('.').take(2).collect::<Vec<_>>().join(".");
        for (number, (id, zone)) in zones.iter().enumerate() {
            let subnet = Subnet {
                id: id.clone(),
                vpc: vpc.id.clone(),
                zone: zone.clone(),
                cidr: format!("{network}.{}.0/20", number * 16 % 256).into(),
                free_addresses: 4_091,
                is_public,
                is_default: vpc.is_default,
                tags: Tags::default(),
            };
            self.subnets.insert(id.clone(), subnet);
        }
        let group = id_of("sg", &[&vpc.id, "default"]);
        let mut default = SecurityGroup::new(&group, "default", "default VPC security group", &vpc.id);
        default.ingress.push(Rule { ports: None, peer: Peer::Group(group.clone()) });
        self.security_groups.insert(group, default);
        self.vpcs.insert(vpc.id.clone(), vpc);
    }

    /// Makes what a domain with a home file system needs: the file system, a mount target and its network
    /// interface in each of its zones, and the two groups for NFS, which name each other.
    pub fn furnish(&mut self, scope: &Scope, domain: &Domain, available: Millis) {
        let (Some(file_system), Some(vpc)) = (&domain.efs_id, &domain.vpc_id) else { return };
        let groups = self.add_nfs_groups(&domain.id, vpc);
        let arn = scope.sagemaker_arn(&format!("domain/{}", domain.id));
        let size = fingerprint(&[file_system]) % 40_000_000_000;
        let fs = FileSystem {
            id: file_system.clone(),
            created: domain.created,
            available,
            kms_key_id: domain.kms_key_id.clone(),
            bytes: if available > domain.created { 6_144 } else { size },
            tags: Tags::new([(MANAGED_BY.into(), arn.into())].into()),
        };
        self.file_systems.insert(file_system.clone(), fs);
        let mut zones: Vec<Name> = Vec::new();
        for id in &domain.subnet_ids {
            let Some(zone) = self.subnets.get(id).map(|subnet| subnet.zone.clone()) else { continue };
            if !zones.contains(&zone) {
                self.mount(file_system, id, &groups[..1]);
                zones.push(zone);
            }
        }
    }

    fn add_nfs_groups(&mut self, domain: &str, vpc: &Name) -> Vec<(Name, Name)> {
        let names = nfs_group_names(domain).map(Name::from);
        let ids = names.each_ref().map(|name| id_of("sg", &[name]));
        let nfs = |peer: &Name| Rule { ports: Some((2_049, 2_049)), peer: Peer::Group(peer.clone()) };
        let [inbound, outbound] = [0, 1].map(|at: usize| {
            let way = if at == 0 { "inbound" } else { "outbound" };
            let text = format!("[DO NOT DELETE] Security Group that allows {way} NFS traffic for SageMaker Notebooks Domain [{domain}]");
            SecurityGroup { egress: Vec::new(), ..SecurityGroup::new(&ids[at], &names[at], &text, vpc) }
        });
        let inbound = SecurityGroup { ingress: vec![nfs(&ids[1])], ..inbound };
        let outbound = SecurityGroup { egress: vec![nfs(&ids[0])], ..outbound };
        for group in [inbound, outbound] {
            self.security_groups.insert(group.id.clone(), group);
        }
        ids.into_iter().zip(names).collect()
    }

    fn mount(&mut self, file_system: &Name, subnet: &Name, groups: &[(Name, Name)]) {
        let used = self.interfaces.values().filter(|interface| interface.subnet == *subnet).count();
        let Some(subnet) = self.subnets.get_mut(subnet) else { return };
        subnet.free_addresses = subnet.free_addresses.saturating_sub(1);
        let id = id_of("fsmt", &[file_system, &subnet.id]);
        let start = subnet.cidr.rsplit_once('.').map_or("10.0.0", |(start, _)| start);
        let interface = NetworkInterface {
            id: id_of("eni", &[&id]),
            vpc: subnet.vpc.clone(),
            subnet: subnet.id.clone(),
            zone: subnet.zone.clone(),
            address: format!("{start}.{}", 10 + used % 240).into(),
            description: format!("EFS mount target for {file_system} ({id})").into(),
            groups: groups.to_vec(),
            status: "in-use".into(),
        };
        let target =
            MountTarget { id: id.clone(), file_system: file_system.clone(), interface: interface.id.clone() };
        self.interfaces.insert(interface.id.clone(), interface);
        self.mount_targets.insert(id, target);
    }

    /// Removes the home file system of a domain with its mount targets, their network interfaces and the
    /// groups for NFS.
    pub fn clear(&mut self, domain: &str, file_system: &str) {
        let of_it = |target: &MountTarget| &*target.file_system == file_system;
        let interfaces: Vec<Name> = self
            .mount_targets
            .values()
            .filter(|target| of_it(target))
            .map(|target| target.interface.clone())
            .collect();
        for id in interfaces {
            if let Some(gone) = self.interfaces.remove(&id)
                && let Some(subnet) = self.subnets.get_mut(&gone.subnet)
            {
                subnet.free_addresses += 1;
            }
        }
        self.mount_targets.retain(|_, target| !of_it(target));
        self.file_systems.remove(file_system);
        let names = nfs_group_names(domain);
        self.security_groups.retain(|_, group| !names.iter().any(|name| **name == *group.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_gets_one_mount_target_a_zone_and_leaves_nothing_when_cleared() {
        let scope = Scope::new("123456789012", "eu-west-1");
        let mut network = Network::default();
        let vpc =
            Vpc { id: "vpc-1".into(), cidr: "10.1.0.0/16".into(), is_default: false, tags: Tags::default() };
        let zones = [("subnet-1", "a"), ("subnet-2", "b"), ("subnet-3", "b")];
        let zones = zones.map(|(id, zone)| (Name::from(id), Name::from(format!("eu-west-1{zone}"))));
        network.add_vpc(vpc, &zones, false);
        let domain = Domain {
            vpc_id: Some("vpc-1".into()),
            subnet_ids: zones.iter().map(|(id, _)| id.clone()).collect(),
            efs_id: Some("fs-1".into()),
            ..Domain::new("d-1", "one", 0)
        };
        network.furnish(&scope, &domain, 0);
        assert_eq!((network.mount_targets.len(), network.interfaces.len()), (2, 2));
        assert_eq!(network.security_groups.len(), 3);
        assert_eq!(network.subnets["subnet-1"].free_addresses, 4_090);
        network.clear("d-1", "fs-1");
        assert_eq!((network.mount_targets.len(), network.interfaces.len()), (0, 0));
        assert_eq!((network.security_groups.len(), network.file_systems.len()), (1, 0));
        assert_eq!(network.subnets["subnet-1"].free_addresses, 4_091);
    }
}
