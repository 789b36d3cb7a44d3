//! The rows of EC2: conversions only. A member that is missing is `None`.

use std::sync::Arc;

use super::xml::{Item, Page, page};
use crate::fleet::{SecurityGroup, Subnet, Vpc};

/// The answer of `DescribeVpcs`.
pub(super) fn vpcs(text: &str) -> Page<Vpc> {
    page(text, ("DescribeVpcsResponse", "vpcSet"), &["vpcId", "cidrBlock", "isDefault"], |item: &Item| {
        Some(Vpc {
            id: item.leaf("vpcId")?,
            name: item.name_tag(),
            cidr: item.leaf("cidrBlock"),
            is_default: item.leaf("isDefault").as_deref() == Some("true"),
        })
    })
}

/// The answer of `DescribeSubnets`.
pub(super) fn subnets(text: &str) -> Page<Subnet> {
    let wanted = ["subnetId", "vpcId", "cidrBlock", "availabilityZone", "availableIpAddressCount"];
    page(text, ("DescribeSubnetsResponse", "subnetSet"), &wanted, |item: &Item| {
        Some(Subnet {
            id: item.leaf("subnetId")?,
            vpc: item.leaf("vpcId")?,
            name: item.name_tag(),
            zone: item.leaf("availabilityZone"),
            cidr: item.leaf("cidrBlock"),
            free_addresses: item.leaf("availableIpAddressCount").and_then(|count| count.parse().ok()),
        })
    })
}

/// The answer of `DescribeSecurityGroups`.
pub(super) fn groups(text: &str) -> Page<SecurityGroup> {
    let wanted = ["groupId", "vpcId", "groupName", "groupDescription"];
    page(text, ("DescribeSecurityGroupsResponse", "securityGroupInfo"), &wanted, |item: &Item| {
        Some(SecurityGroup {
            id: item.leaf("groupId")?,
            vpc: item.leaf("vpcId"),
            name: item.leaf("groupName"),
            description: item.leaf("groupDescription"),
        })
    })
}

/// The answer of `DescribeNetworkInterfaces`: the ids.
pub(super) fn interfaces(text: &str) -> Page<Arc<str>> {
    page(
        text,
        ("DescribeNetworkInterfacesResponse", "networkInterfaceSet"),
        &["networkInterfaceId"],
        |item: &Item| item.leaf("networkInterfaceId"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_not_mistaken_for_the_groups_in_its_rules() {
        let text = "<DescribeSecurityGroupsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
            <requestId>r</requestId><securityGroupInfo><item><ownerId>1</ownerId><ipPermissions><item><groups>\
            <item><groupId>sg-other</groupId></item></groups></item></ipPermissions><groupId>sg-1</groupId>\
            <groupName>lab</groupName><groupDescription/></item></securityGroupInfo>\
            </DescribeSecurityGroupsResponse>";
        let (rows, next) = groups(text).unwrap();
        let expected =
            SecurityGroup { id: "sg-1".into(), vpc: None, name: Some("lab".into()), description: None };
        assert_eq!((rows, next), (vec![Some(expected)], None));
    }

    #[test]
    fn a_subnet_needs_its_id_and_its_network_and_nothing_else() {
        let subnet = |inner: &str| {
            let text = format!(
                "<DescribeSubnetsResponse><subnetSet><item>{inner}</item></subnetSet></DescribeSubnetsResponse>"
            );
            subnets(&text).unwrap().0.pop().flatten()
        };
        let whole = "<subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>";
        let least = subnet(whole).unwrap();
        assert_eq!((least.zone, least.cidr, least.free_addresses, least.name), (None, None, None, None));
        let counted = format!("{whole}<availableIpAddressCount>251</availableIpAddressCount>");
        assert_eq!(subnet(&counted).unwrap().free_addresses, Some(251));
        let nonsense = format!("{whole}<availableIpAddressCount>-1</availableIpAddressCount>");
        assert_eq!(subnet(&nonsense).unwrap().free_addresses, None);
        assert!(subnet("<subnetId>subnet-1</subnetId>").is_none());
    }

    #[test]
    fn a_default_network_is_one_that_says_so() {
        let text = "<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId><isDefault>true</isDefault></item>\
                    <item><vpcId>vpc-2</vpcId></item></vpcSet></DescribeVpcsResponse>";
        let defaults: Vec<bool> = vpcs(text).unwrap().0.iter().flatten().map(|vpc| vpc.is_default).collect();
        assert_eq!(defaults, [true, false]);
    }
}
