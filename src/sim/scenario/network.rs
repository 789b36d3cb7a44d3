//! What the fleets stand on: the VPC that every region starts with, those of the domains with their groups,
//! file systems and applications. Takes nothing from chance: ids follow from names.

use serde_json::Value;

use crate::sim::clock::DAY;
use crate::sim::world::{
    Domain, IdentityCenter, Name, Network, Peer, Region, Rule, Scope, SecurityGroup, Tags, Vpc, World, id_of,
};

const ZONES: [&str; 3] = ["a", "b", "c"];

/// Gives a region the VPC that every region has.
pub(super) fn found(world: &mut World, scope: &Scope) {
    let vpc = Vpc {
        id: id_of("vpc", &[&scope.account, &scope.region, "default"]),
        cidr: "172.31.0.0/16".into(),
        is_default: true,
        tags: Tags::default(),
    };
    add_vpc(&mut world.region_mut(scope).network, scope, vpc, true);
}

/// Gives a region a VPC that a team of the company has prepared for Studio, with a group that is too open.
pub(super) fn prepare(world: &mut World, scope: &Scope) {
    let vpc = Vpc {
        id: id_of("vpc", &[&scope.account, &scope.region, "ml-platform"]),
        cidr: "10.200.0.0/16".into(),
        is_default: false,
        tags: named("ml-platform"),
    };
    let id = vpc.id.clone();
    let network = &mut world.region_mut(scope).network;
    add_vpc(network, scope, vpc, false);
    let rule = |ports, peer| Rule { ports: Some(ports), peer };
    let anybody = || Peer::Cidr("0.0.0.0/0".into());
    let users = id_of("sg", &[&id, "studio-users"]);
    for (name, text, ingress) in [
        (
            "studio-users",
            "Studio apps among each other",
            vec![
                rule((2_049, 2_049), Peer::Group(users.clone())),
                rule((8_192, 65_535), Peer::Group(users.clone())),
            ],
        ),
        ("vpc-endpoints", "HTTPS to the interface endpoints", vec![rule((443, 443), Peer::Group(users))]),
        ("legacy-ssh", "Do not use", vec![rule((22, 22), anybody())]),
    ] {
        let group = id_of("sg", &[&id, name]);
        let group = SecurityGroup { ingress, ..SecurityGroup::new(&group, name, text, &id) };
        network.security_groups.insert(group.id.clone(), group);
    }
}

fn add_vpc(network: &mut Network, scope: &Scope, vpc: Vpc, is_public: bool) {
    let zones = ZONES.map(|zone| {
        let id = id_of("subnet", &[&vpc.id, zone]);
        (id, Name::from(format!("{}{zone}", scope.region)))
    });
    network.add_vpc(vpc, &zones, is_public);
}

fn named(name: &str) -> Tags {
    Tags::new([("Name".into(), name.into())].into())
}

/// Builds what a domain of a fleet refers to.
pub(super) fn settle(region: &mut Region, scope: &Scope, domain: &Domain) {
    let network = &mut region.network;
    if let Some(id) = domain.vpc_id.as_ref().filter(|id| !network.vpcs.contains_key(*id)) {
        let cidr = format!("10.{}.0.0/16", 10 + network.vpcs.len() % 180).into();
        let vpc = Vpc { id: id.clone(), cidr, is_default: false, tags: named(&domain.name) };
        let zones: Vec<(Name, Name)> = domain
            .subnet_ids
            .iter()
            .zip(ZONES.iter().cycle())
            .map(|(id, zone)| (id.clone(), Name::from(format!("{}{zone}", scope.region))))
            .collect();
        network.add_vpc(vpc, &zones, !domain.vpc_only);
        let mut add = |id: &str, name: String| {
            let text = format!("Studio domain {}", domain.name);
            let mut group =
                SecurityGroup::new(id, &name, &text, domain.vpc_id.as_ref().unwrap_or(&domain.id));
            group.ingress.push(Rule { ports: Some((8_192, 65_535)), peer: Peer::Group(id.into()) });
            network.security_groups.insert(id.into(), group);
        };
        for id in groups(&domain.user_settings) {
            add(id, format!("studio-{}-users", domain.name));
        }
        for id in domain.space_settings.iter().flat_map(|settings| groups(settings)) {
            add(id, format!("studio-{}-spaces", domain.name));
        }
        if let Some(id) = &domain.boundary_group {
            add(id, format!("security-group-for-domain-boundary-{}", domain.id));
        }
    }
    network.furnish(scope, domain, domain.created);
    if let Some(application) = domain.sso_application_arn.as_ref().filter(|_| domain.sso) {
        let since = domain.created - 300 * DAY;
        let center = region.identity_center.get_or_insert_with(|| IdentityCenter::new(scope, since));
        center.add_application(application, &domain.id, domain.created);
    }
}

fn groups(settings: &Value) -> Vec<&str> {
    let list = settings.get("SecurityGroups").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Puts a person into the identity store and lets them sign in to a domain.
pub(super) fn assign(region: &mut Region, domain: &str, user: &str) {
    let application = region.domains.get(domain).filter(|domain| domain.sso);
    let Some(application) = application.and_then(|domain| domain.sso_application_arn.clone()) else { return };
    let Some(center) = &mut region.identity_center else { return };
    let id = center.add_user(user);
    if let Some(application) = center.applications.get_mut(&application) {
        application.assigned.insert(id);
    }
}

/// Takes the assignment of a person back: somebody with a profile who cannot sign in.
pub(super) fn forget(region: &mut Region, user: &str) {
    let Some(center) = &mut region.identity_center else { return };
    let Some(id) = center.user_named(user).map(|user| user.id.clone()) else { return };
    for application in center.applications.values_mut() {
        application.assigned.remove(&id);
    }
}
