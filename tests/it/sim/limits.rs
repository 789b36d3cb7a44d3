//! Quotas, roles that cannot be used, and changes that running apps forbid.

use std::time::Duration;

use aws_sdk_sagemaker::types::{
    AuthMode, OwnershipSettings, SharingType, SpaceSharingSettings, UserSettings,
};
use sagedeck::sim::world::quotas;

use super::{add_apps, client, code, empty, furnish, refusal, scope};

fn settings(role: &str) -> UserSettings {
    UserSettings::builder().execution_role(format!("arn:aws:iam::{role}")).build()
}

#[tokio::test(start_paused = true)]
async fn domains_profiles_and_spaces_are_counted_against_their_quotas() {
    let sim = empty();
    furnish(&sim);
    sim.with_world(|world| {
        let region = world.region_mut(&scope());
        for (quota, most) in [(quotas::DOMAINS, 1), (quotas::USER_PROFILES, 2), (quotas::SPACES, 1)] {
            region.quotas.insert(quota.into(), most);
        }
    });
    let client = client(&sim);
    let domain = client.create_domain().domain_name("two").auth_mode(AuthMode::Iam).vpc_id("vpc-1");
    let domain = domain.subnet_ids("subnet-1").default_user_settings(settings("123456789012:role/studio"));
    let (refused, message) = refusal(domain.send().await);
    assert_eq!(refused, "ResourceLimitExceeded");
    assert!(message.contains("'Total domains' is 1 Domains, with current utilization of 1"), "{message}");
    let profile = client.create_user_profile().domain_id("d-one").user_profile_name("carl").send().await;
    assert_eq!(code(profile), "ResourceLimitExceeded");
    let owner = OwnershipSettings::builder().owner_user_profile_name("anna-k").build();
    let private = SpaceSharingSettings::builder().sharing_type(SharingType::Private).build();
    let space = client.create_space().domain_id("d-one").space_name("second").ownership_settings(owner);
    assert_eq!(code(space.space_sharing_settings(private).send().await), "ResourceLimitExceeded");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_sagemaker_cannot_assume_is_refused_everywhere() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    for role in ["123456789012:role/ml/DataPipeline", "123456789012:role/MLAdmin", "123456789012:role/Nobody"]
    {
        let create = client.create_user_profile().domain_id("d-one").user_profile_name("carl");
        let (refused, message) = refusal(create.user_settings(settings(role)).send().await);
        assert_eq!(refused, "ValidationException");
        let said = format!("Could not assume role arn:aws:iam::{role}. Please ensure that the role exists");
        assert!(message.starts_with(&said), "{message}");
        let update = client.update_user_profile().domain_id("d-one").user_profile_name("Bert");
        assert_eq!(code(update.user_settings(settings(role)).send().await), "ValidationException");
        let update = client.update_domain().domain_id("d-one").default_user_settings(settings(role));
        assert_eq!(code(update.send().await), "ValidationException");
    }
    let create = || client.create_user_profile().domain_id("d-one").user_profile_name("carl");
    let foreign = create().user_settings(settings("210987654321:role/StudioNlpResearch")).send().await;
    assert!(refusal(foreign).1.contains("Cross-account"));
    sim.with_world(|world| world.deny("iam:PassRole"));
    let own = || create().user_settings(settings("123456789012:role/studio")).send();
    let (refused, message) = refusal(own().await);
    assert_eq!(refused, "AccessDeniedException");
    assert!(message.contains("iam:PassRole on resource: arn:aws:iam::123456789012:role/studio"), "{message}");
    sim.with_world(|world| world.denials.clear());
    own().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_default_role_of_a_domain_stays_while_apps_run() {
    let sim = empty();
    furnish(&sim);
    add_apps(&sim, "d-one", 1);
    let client = client(&sim);
    let update = |role: &str| client.update_domain().domain_id("d-one").default_user_settings(settings(role));
    let (refused, message) = refusal(update("123456789012:role/first").send().await);
    assert_eq!(refused, "ResourceInUse");
    assert!(message.contains("ExecutionRole"), "{message}");
    update("123456789012:role/studio").send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_domain_stands_on_subnets_of_its_vpc_and_on_an_identity_center_if_it_asks_for_one() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let create = |vpc: &str, subnet: &str, auth: AuthMode| {
        let request =
            client.create_domain().domain_name("two").auth_mode(auth).vpc_id(vpc).subnet_ids(subnet);
        request.default_user_settings(settings("123456789012:role/studio")).send()
    };
    let (refused, message) = refusal(create("vpc-9", "subnet-1", AuthMode::Iam).await);
    assert_eq!((&*refused, &*message), ("ValidationException", "The vpc ID 'vpc-9' does not exist"));
    assert_eq!(code(create("vpc-1", "subnet-9", AuthMode::Iam).await), "ValidationException");
    let foreign = sim.with_world(|world| {
        let network = &world.region_mut(&scope()).network;
        let other = network.subnets.values().find(|subnet| &*subnet.vpc != "vpc-1").unwrap();
        other.id.to_string()
    });
    let (_, message) = refusal(create("vpc-1", &foreign, AuthMode::Iam).await);
    assert!(message.contains("does not belong to VPC vpc-1"), "{message}");
    let (_, message) = refusal(create("vpc-1", "subnet-1", AuthMode::Sso).await);
    assert!(message.contains("IAM Identity Center"), "{message}");
    create("vpc-1", "subnet-1", AuthMode::Iam).await.unwrap();
    tokio::time::sleep(Duration::from_mins(10)).await;
}
