//! EC2: VPCs, subnets, security groups and network interfaces.

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::scenario::Scenario;

use super::raw::{ec2, ec2_as};
use super::{EPOCH, empty};

fn small() -> SimulatedAws {
    SimulatedAws::builder().scenario(Scenario::Small).epoch_seconds(EPOCH).build()
}

#[tokio::test(start_paused = true)]
async fn a_region_has_its_default_network_and_those_of_its_domains() {
    let sim = small();
    let vpcs = ec2(&sim, "DescribeVpcs", &[]).await;
    assert_eq!(vpcs.status, 200);
    assert!(vpcs.body.contains(r#"<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">"#));
    assert_eq!(vpcs.texts("vpcId").len(), 4, "the default one, the platform's, two of domains");
    let default = ec2(&sim, "DescribeVpcs", &[("Filter.1.Name", "is-default"), ("Filter.1.Value.1", "true")]);
    let default = default.await;
    assert_eq!(default.texts("isDefault"), ["true"]);
    let id = default.texts("vpcId")[0];
    let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", id)];
    let subnets = ec2(&sim, "DescribeSubnets", &filter).await;
    assert_eq!(subnets.texts("availabilityZone"), ["eu-west-1a", "eu-west-1b", "eu-west-1c"].map(|it| it));
    assert_eq!(subnets.texts("cidrBlock").len(), 3);
    assert!(subnets.texts("mapPublicIpOnLaunch").iter().all(|it| *it == "true"));
    let groups = ec2(&sim, "DescribeSecurityGroups", &filter).await;
    assert_eq!(groups.texts("groupName"), ["default"]);
}

#[tokio::test(start_paused = true)]
async fn what_domains_refer_to_exists() {
    for scenario in [Scenario::Small, Scenario::Large] {
        let sim = SimulatedAws::builder().scenario(scenario).epoch_seconds(EPOCH).build();
        sim.with_world(|world| {
            let regions = world.accounts.values().flat_map(|account| account.regions.values());
            let mut domains = 0;
            for region in regions {
                let network = &region.network;
                for domain in region.domains.values() {
                    domains += 1;
                    let vpc = domain.vpc_id.as_ref().unwrap();
                    assert!(network.vpcs.contains_key(vpc));
                    for subnet in &domain.subnet_ids {
                        assert_eq!(&network.subnets[subnet].vpc, vpc);
                    }
                    let groups = domain.user_settings["SecurityGroups"].as_array().unwrap();
                    for group in groups {
                        assert!(network.security_groups.contains_key(group.as_str().unwrap()));
                    }
                    if let Some(file_system) = &domain.efs_id {
                        assert!(network.file_systems.contains_key(file_system));
                    }
                }
            }
            assert!(domains >= 3);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn lists_come_in_pages_and_filters_take_wildcards() {
    let sim = small();
    let all = ec2(&sim, "DescribeSecurityGroups", &[]).await;
    let mut paged = Vec::new();
    let mut token = None::<String>;
    loop {
        let mut members = vec![("MaxResults", "5")];
        members.extend(token.as_deref().map(|token| ("NextToken", token)));
        let page = ec2(&sim, "DescribeSecurityGroups", &members).await;
        assert!(page.texts("groupDescription").len() <= 5);
        paged.extend(page.texts("groupName").iter().map(ToString::to_string));
        match page.texts("nextToken").first() {
            Some(next) => token = Some((*next).to_owned()),
            None => break,
        }
    }
    assert_eq!(paged, all.texts("groupName"));
    assert!(paged.len() > 10, "{} groups", paged.len());
    let filter = [("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "security-group-for-*-nfs-*")];
    let nfs = ec2(&sim, "DescribeSecurityGroups", &filter).await;
    assert_eq!(nfs.texts("groupName").len(), 4, "two for each of two domains");
    let filter = [("Filter.1.Name", "description"), ("Filter.1.Value.1", "EFS mount target for *")];
    let interfaces = ec2(&sim, "DescribeNetworkInterfaces", &filter).await;
    assert_eq!(interfaces.texts("networkInterfaceId").len(), 4);
    assert!(interfaces.texts("requesterManaged").iter().all(|it| *it == "true"));
}

#[tokio::test(start_paused = true)]
async fn ec2_refuses_in_its_own_words() {
    let sim = empty();
    for (operation, members, status, code) in [
        ("DescribeVpcs", vec![("VpcId.1", "vpc-0123")], 400, "InvalidVpcID.NotFound"),
        ("DescribeVpcs", vec![("VpcId.1", "nonsense")], 400, "InvalidVpcID.Malformed"),
        ("DescribeSubnets", vec![("SubnetId.1", "subnet-0123")], 400, "InvalidSubnetID.NotFound"),
        ("DescribeSecurityGroups", vec![("GroupId.1", "sg-0123")], 400, "InvalidGroup.NotFound"),
        ("DescribeVpcs", vec![("MaxResults", "4")], 400, "InvalidParameterValue"),
        ("DescribeVpcs", vec![("MaxResults", "5"), ("VpcId.1", "vpc-1")], 400, "InvalidParameterCombination"),
        (
            "DescribeVpcs",
            vec![("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")],
            400,
            "InvalidParameterValue",
        ),
        ("DescribeVpcs", vec![("DryRun", "true")], 412, "DryRunOperation"),
        ("DescribeVpcs", vec![("NextToken", "made-up")], 400, "InvalidPaginationToken"),
        ("DescribeInstances", vec![], 400, "InvalidAction"),
    ] {
        let answer = ec2(&sim, operation, &members).await;
        assert_eq!((answer.status, answer.texts("Code")), (status, vec![code]), "{}", answer.body);
        assert!(answer.body.contains("<Response><Errors><Error>"), "{}", answer.body);
    }
    let expired = ec2_as(&sim, "AKIAEXPIRED", "DescribeVpcs", &[]).await;
    assert_eq!(expired.texts("Code"), ["RequestExpired"]);
    let unknown = ec2_as(&sim, "AKIAINVALID", "DescribeVpcs", &[]).await;
    assert_eq!((unknown.status, unknown.texts("Code")), (401, vec!["AuthFailure"]));
    sim.with_world(|world| world.deny("ec2:DescribeSubnets"));
    let denied = ec2(&sim, "DescribeSubnets", &[]).await;
    assert_eq!((denied.status, denied.texts("Code")), (403, vec!["UnauthorizedOperation"]));
    sim.faults().add(Target::operation("DescribeVpcs"), Fault::Throttle(1.0));
    let throttled = ec2(&sim, "DescribeVpcs", &[]).await;
    assert_eq!((throttled.status, throttled.texts("Code")), (503, vec!["RequestLimitExceeded"]));
}
