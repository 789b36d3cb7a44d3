//! The four kinds of resource: what filters see of them, and how they are written.

use super::{Kind, Place};
use crate::sim::query::fingerprint;
use crate::sim::wire::Xml;
use crate::sim::world::{Name, NetworkInterface, Peer, Rule, SecurityGroup, Subnet, Tags, Vpc};

pub(super) static VPC: Kind<Vpc> = Kind {
    ids: "VpcId",
    plural: "vpcIds",
    prefix: "vpc-",
    codes: ["InvalidVpcID.Malformed", "InvalidVpcID.NotFound"],
    noun: "vpc ID",
    set: "vpcSet",
    field: |vpc, name| {
        let value: &str = match name {
            "vpc-id" => &vpc.id,
            "cidr" | "cidr-block-association.cidr-block" => &vpc.cidr,
            "is-default" | "isDefault" => flag(vpc.is_default),
            "state" => "available",
            _ => return None,
        };
        Some(vec![value.to_owned()])
    },
    tags: |vpc| &vpc.tags,
    write: |vpc, place| {
        let association = Xml::new()
            .text("associationId", &derived("vpc-cidr-assoc", &vpc.id))
            .text("cidrBlock", &vpc.cidr)
            .element("cidrBlockState", Xml::new().text("state", "associated"));
        Xml::new()
            .text("vpcId", &vpc.id)
            .text("ownerId", place.account)
            .text("state", "available")
            .text("cidrBlock", &vpc.cidr)
            .items("cidrBlockAssociationSet", [association])
            .text("dhcpOptionsId", &derived("dopt", place.region))
            .text("instanceTenancy", "default")
            .flag("isDefault", vpc.is_default)
            .items("tagSet", tag_set(&vpc.tags))
    },
};

pub(super) static SUBNET: Kind<Subnet> = Kind {
    ids: "SubnetId",
    plural: "subnetIds",
    prefix: "subnet-",
    codes: ["InvalidSubnetID.Malformed", "InvalidSubnetID.NotFound"],
    noun: "subnet ID",
    set: "subnetSet",
    field: |subnet, name| {
        let value: &str = match name {
            "subnet-id" => &subnet.id,
            "vpc-id" => &subnet.vpc,
            "availability-zone" | "availabilityZone" => &subnet.zone,
            "cidr" | "cidrBlock" | "cidr-block" => &subnet.cidr,
            "default-for-az" | "defaultForAz" => flag(subnet.is_default),
            "map-public-ip-on-launch" => flag(subnet.is_public),
            "state" => "available",
            "available-ip-address-count" => return Some(vec![subnet.free_addresses.to_string()]),
            _ => return None,
        };
        Some(vec![value.to_owned()])
    },
    tags: |subnet| &subnet.tags,
    write: |subnet, place| {
        let arn = format!("arn:aws:ec2:{}:{}:subnet/{}", place.region, place.account, subnet.id);
        Xml::new()
            .text("subnetId", &subnet.id)
            .text("subnetArn", &arn)
            .text("state", "available")
            .text("ownerId", place.account)
            .text("vpcId", &subnet.vpc)
            .text("cidrBlock", &subnet.cidr)
            .text("availableIpAddressCount", &subnet.free_addresses.to_string())
            .text("availabilityZone", &subnet.zone)
            .text("availabilityZoneId", &zone_id(&subnet.zone))
            .flag("defaultForAz", subnet.is_default)
            .flag("mapPublicIpOnLaunch", subnet.is_public)
            .flag("assignIpv6AddressOnCreation", false)
            .items("tagSet", tag_set(&subnet.tags))
    },
};

pub(super) static GROUP: Kind<SecurityGroup> = Kind {
    ids: "GroupId",
    plural: "groupIds",
    prefix: "sg-",
    codes: ["InvalidGroupId.Malformed", "InvalidGroup.NotFound"],
    noun: "security group",
    set: "securityGroupInfo",
    field: |group, name| {
        let members = |rules: &[Rule]| {
            let group = |rule: &Rule| match &rule.peer {
                Peer::Group(id) => Some(id.to_string()),
                Peer::Cidr(_) => None,
            };
            rules.iter().filter_map(group).collect::<Vec<_>>()
        };
        let value: &str = match name {
            "group-id" => &group.id,
            "group-name" => &group.name,
            "description" => &group.description,
            "vpc-id" => &group.vpc,
            "ip-permission.group-id" => return Some(members(&group.ingress)),
            "egress.ip-permission.group-id" => return Some(members(&group.egress)),
            _ => return None,
        };
        Some(vec![value.to_owned()])
    },
    tags: |group| &group.tags,
    write: |group, place| {
        let arn = format!("arn:aws:ec2:{}:{}:security-group/{}", place.region, place.account, group.id);
        Xml::new()
            .text("ownerId", place.account)
            .text("groupId", &group.id)
            .text("groupName", &group.name)
            .text("groupDescription", &group.description)
            .text("vpcId", &group.vpc)
            .text("securityGroupArn", &arn)
            .items("ipPermissions", group.ingress.iter().map(|rule| permission(rule, place)))
            .items("ipPermissionsEgress", group.egress.iter().map(|rule| permission(rule, place)))
            .items("tagSet", tag_set(&group.tags))
    },
};

pub(super) static INTERFACE: Kind<NetworkInterface> = Kind {
    ids: "NetworkInterfaceId",
    plural: "networkInterfaceIds",
    prefix: "eni-",
    codes: ["InvalidNetworkInterfaceId.Malformed", "InvalidNetworkInterfaceID.NotFound"],
    noun: "networkInterface ID",
    set: "networkInterfaceSet",
    field: |interface, name| {
        let value: &str = match name {
            "network-interface-id" => &interface.id,
            "subnet-id" => &interface.subnet,
            "vpc-id" => &interface.vpc,
            "availability-zone" => &interface.zone,
            "description" => &interface.description,
            "status" => &interface.status,
            "private-ip-address" | "addresses.private-ip-address" => &interface.address,
            "interface-type" => "interface",
            "requester-managed" => flag(true),
            "group-id" => return Some(interface.groups.iter().map(|(id, _)| id.to_string()).collect()),
            "group-name" => {
                return Some(interface.groups.iter().map(|(_, name)| name.to_string()).collect());
            }
            _ => return None,
        };
        Some(vec![value.to_owned()])
    },
    tags: |_| &NO_TAGS,
    write: |interface, place| {
        let group = |(id, name): &(Name, Name)| Xml::new().text("groupId", id).text("groupName", name);
        let hash = fingerprint(&[&interface.id]);
        let bytes: Vec<String> = (0..5).map(|byte| format!("{:02x}", (hash >> (8 * byte)) & 0xff)).collect();
        let address = Xml::new().text("privateIpAddress", &interface.address).flag("primary", true);
        Xml::new()
            .text("networkInterfaceId", &interface.id)
            .text("subnetId", &interface.subnet)
            .text("vpcId", &interface.vpc)
            .text("availabilityZone", &interface.zone)
            .text("availabilityZoneId", &zone_id(&interface.zone))
            .text("description", &interface.description)
            .text("ownerId", place.account)
            .text("requesterId", place.account)
            .flag("requesterManaged", true)
            .text("status", &interface.status)
            .text("macAddress", &format!("06:{}", bytes.join(":")))
            .text("privateIpAddress", &interface.address)
            .items("privateIpAddressesSet", [address])
            .flag("sourceDestCheck", true)
            .items("groupSet", interface.groups.iter().map(group))
            .items("tagSet", [])
            .text("interfaceType", "interface")
    },
};

static NO_TAGS: std::sync::LazyLock<Tags> = std::sync::LazyLock::new(Tags::default);

fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn derived(prefix: &str, of: &str) -> String {
    format!("{prefix}-0{:016x}", fingerprint(&[prefix, of]))
}

/// The id of a zone, which is the same in every account, from its name: `euw1-az1` for `eu-west-1a`.
fn zone_id(zone: &str) -> String {
    let parts: Vec<&str> = zone.split('-').collect();
    let [area, direction, number] = parts.as_slice() else { return String::new() };
    let letter = number.chars().last().map_or(0, |letter| (letter as u32).saturating_sub('a' as u32));
    let number: String = number.chars().filter(char::is_ascii_digit).collect();
    let direction: String = match *direction {
        "northeast" => "ne".into(),
        "southeast" => "se".into(),
        "northwest" => "nw".into(),
        "southwest" => "sw".into(),
        other => other.chars().take(1).collect(),
    };
    format!("{area}{direction}{number}-az{}", letter + 1)
}

fn tag_set(tags: &Tags) -> Vec<Xml> {
    tags.iter().map(|(key, value)| Xml::new().text("key", key).text("value", value)).collect()
}

fn permission(rule: &Rule, place: &Place<'_>) -> Xml {
    let xml = match rule.ports {
        Some((from, to)) => Xml::new()
            .text("ipProtocol", "tcp")
            .text("fromPort", &from.to_string())
            .text("toPort", &to.to_string()),
        None => Xml::new().text("ipProtocol", "-1"),
    };
    let (groups, ranges) = match &rule.peer {
        Peer::Group(id) => (vec![Xml::new().text("userId", place.account).text("groupId", id)], Vec::new()),
        Peer::Cidr(cidr) => (Vec::new(), vec![Xml::new().text("cidrIp", cidr)]),
    };
    xml.items("groups", groups).items("ipRanges", ranges).items("ipv6Ranges", []).items("prefixListIds", [])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_the_ids_that_all_accounts_share() {
        assert_eq!(zone_id("eu-west-1a"), "euw1-az1");
        assert_eq!(zone_id("ap-northeast-1c"), "apne1-az3");
    }
}
