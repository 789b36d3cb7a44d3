//! What is refused, and what belongs together.

use std::time::Duration;

use aws_sdk_sagemaker::config::retry::RetryConfig;
use aws_sdk_sagemaker::types::{
    AppInstanceType, AppNetworkAccessType, AppType, EbsStorageSettings, JupyterLabAppSettings,
    OwnershipSettings, ResourceSpec, SharingType, SpaceSettings, SpaceSharingSettings, SpaceStorageSettings,
    StudioLifecycleConfigAppType, Tag, UserSettings,
};
use sagedeck::sim::world::{AppType as SimAppType, quota_of};

use super::{add_apps, client, client_of, code, empty, furnish, refusal, scope};

const AWHILE: Duration = Duration::from_mins(10);

#[tokio::test(start_paused = true)]
async fn callers_are_told_apart_by_their_access_key() {
    let sim = empty();
    sim.with_world(|world| {
        world.account_mut("210987654321");
    });
    for (key, expected) in [
        ("AKIAEXPIRED", "ExpiredTokenException"),
        ("AKIAINVALID", "UnrecognizedClientException"),
        ("AKIA999999999999", "UnrecognizedClientException"),
    ] {
        let client = client_of(&sim, key, RetryConfig::disabled());
        assert_eq!(code(client.list_domains().send().await), expected, "{key}");
    }
    furnish(&sim);
    let other = client_of(&sim, "AKIA210987654321", RetryConfig::disabled());
    assert_eq!(other.list_domains().send().await.unwrap().domains().len(), 0);
    assert_eq!(client(&sim).list_domains().send().await.unwrap().domains().len(), 1);
    let accounts: Vec<String> =
        sim.requests().of("ListDomains").iter().map(|it| it.account.to_string()).collect();
    assert_eq!(accounts[accounts.len() - 2..], ["210987654321", "123456789012"]);
}

#[tokio::test(start_paused = true)]
async fn a_denied_action_is_refused_in_the_words_of_iam() {
    let sim = empty();
    sim.with_world(|world| world.deny("sagemaker:ListSpaces"));
    let client = client(&sim);
    let (code, message) = refusal(client.list_spaces().send().await);
    assert_eq!(code, "AccessDeniedException");
    assert!(
        message.ends_with("because no identity-based policy allows the sagemaker:ListSpaces action"),
        "{message}"
    );
    assert!(message.starts_with("User: arn:aws:sts::123456789012:assumed-role/"), "{message}");
    client.list_apps().send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_is_not_simulated_is_refused_and_not_answered_empty() {
    let client = client(&empty());
    assert_eq!(code(client.list_training_jobs().send().await), "UnknownOperationException");
    assert_eq!(code(client.list_clusters().send().await), "UnknownOperationException");
}

#[tokio::test(start_paused = true)]
async fn an_app_needs_exactly_one_owner_of_the_right_kind_and_a_living_app_type() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let create = |kind: AppType| client.create_app().domain_id("d-one").app_type(kind).app_name("default");
    let lab = || create(AppType::JupyterLab);
    assert_eq!(code(lab().send().await), "ValidationException");
    let both = lab().space_name("anna-lab").user_profile_name("anna-k").send().await;
    assert_eq!(code(both), "ValidationException");
    assert_eq!(code(lab().user_profile_name("anna-k").send().await), "ValidationException");
    let (refused, message) = refusal(create(AppType::KernelGateway).user_profile_name("anna-k").send().await);
    assert_eq!(refused, "ValidationException");
    assert_eq!(message, "Invalid AppType [KernelGateway]. This AppType has been deprecated.");
    let other_kind = create(AppType::CodeEditor).space_name("anna-lab").send().await;
    assert_eq!(code(other_kind), "ValidationException");
    assert_eq!(code(lab().space_name("nowhere").send().await), "ResourceNotFound");
    create(AppType::Canvas).user_profile_name("ANNA-K").send().await.unwrap();
    let canvas =
        client.list_apps().user_profile_name_equals("anna-k").domain_id_equals("d-one").send().await.unwrap();
    assert_eq!(canvas.apps()[0].user_profile_name(), Some("anna-k"), "in the spelling of the profile");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_instance_type_is_refused_with_all_that_are_known() {
    let sim = empty();
    furnish(&sim);
    let spec = ResourceSpec::builder().instance_type(AppInstanceType::from("ml.t3.gigantic")).build();
    let request = client(&sim)
        .create_app()
        .domain_id("d-one")
        .space_name("anna-lab")
        .app_type(AppType::JupyterLab)
        .app_name("default")
        .resource_spec(spec);
    let (code, message) = refusal(request.send().await);
    assert_eq!(code, "ValidationException");
    assert!(message.contains("'resourceSpec.instanceType' failed to satisfy constraint: Member must satisfy enum value set: [system, ml.t3.micro"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_exhausted_quota_is_named_as_service_quotas_names_it() {
    let sim = empty();
    furnish(&sim);
    add_apps(&sim, "d-one", 2);
    let quota = quota_of(SimAppType::JupyterLab, "ml.t3.medium");
    sim.with_world(|world| world.region_mut(&scope()).app_quotas.insert(quota.as_str().into(), 2));
    let request = client(&sim)
        .create_app()
        .domain_id("d-one")
        .space_name("anna-lab")
        .app_type(AppType::JupyterLab)
        .app_name("default");
    let (code, message) = refusal(request.send().await);
    assert_eq!(code, "ResourceLimitExceeded");
    assert!(
        message.contains("'Studio JupyterLab Apps running on ml.t3.medium instances' is 2 Apps"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn single_sign_on_belongs_to_domains_that_use_it() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let create = |name: &str| client.create_user_profile().domain_id("d-one").user_profile_name(name);
    let with_sso =
        create("carl").single_sign_on_user_identifier("UserName").single_sign_on_user_value("carl");
    assert_eq!(code(with_sso.clone().send().await), "ValidationException");
    sim.with_world(|world| {
        if let Some(domain) = world.region_mut(&scope()).domains.get_mut("d-one") {
            domain.sso = true;
        }
    });
    assert_eq!(code(create("carl").send().await), "ValidationException");
    with_sso.send().await.unwrap();
    let link =
        client.create_presigned_domain_url().domain_id("d-one").user_profile_name("anna-k").send().await;
    assert_eq!(code(link), "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn profile_names_differ_in_more_than_case() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let again = client.create_user_profile().domain_id("d-one").user_profile_name("Anna-K").send().await;
    assert_eq!(code(again), "ResourceInUse");
    let found =
        client.describe_user_profile().domain_id("d-one").user_profile_name("BERT").send().await.unwrap();
    assert_eq!(found.user_profile_name(), Some("Bert"));
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_link_is_for_the_domain_and_never_the_same_twice() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let link = || client.create_presigned_domain_url().domain_id("d-one").user_profile_name("anna-k");
    let first = link().space_name("anna-lab").expires_in_seconds(5).send().await.unwrap();
    let second = link().send().await.unwrap();
    let url = first.authorized_url().unwrap();
    assert!(url.starts_with("https://d-one.studio.eu-west-1.sagemaker.aws/auth?token="), "{url}");
    assert_ne!(url, second.authorized_url().unwrap());
    assert_eq!(code(link().expires_in_seconds(4).send().await), "ValidationException");
    let foreign = client
        .create_presigned_domain_url()
        .domain_id("d-one")
        .user_profile_name("Bert")
        .space_name("anna-lab")
        .send()
        .await;
    assert_eq!(code(foreign), "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn a_role_cannot_be_changed_under_running_apps() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let change = |role: &str| {
        client
            .update_user_profile()
            .domain_id("d-one")
            .user_profile_name("anna-k")
            .user_settings(UserSettings::builder().execution_role(role).build())
            .send()
    };
    change("arn:aws:iam::123456789012:role/first").await.unwrap();
    assert_eq!(
        code(change("arn:aws:iam::123456789012:role/second").await),
        "ResourceInUse",
        "it is updating"
    );
    tokio::time::sleep(AWHILE).await;
    let app = client.create_app().domain_id("d-one").space_name("anna-lab");
    app.app_type(AppType::JupyterLab).app_name("default").send().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    assert_eq!(code(change("arn:aws:iam::123456789012:role/second").await), "ResourceInUse");
    change("arn:aws:iam::123456789012:role/first").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_space_keeps_its_kind_and_its_volume_only_grows_within_the_limit() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let update = |settings: SpaceSettings| {
        client.update_space().domain_id("d-one").space_name("anna-lab").space_settings(settings).send()
    };
    let volume = |gigabytes: i32| {
        let ebs = EbsStorageSettings::builder().ebs_volume_size_in_gb(gigabytes).build();
        let storage = SpaceStorageSettings::builder().ebs_storage_settings(ebs).build();
        SpaceSettings::builder().space_storage_settings(storage).build()
    };
    let other_kind = update(SpaceSettings::builder().app_type(AppType::CodeEditor).build()).await;
    assert_eq!(code(other_kind), "ValidationException");
    for refused in [19, 101, 4] {
        assert_eq!(code(update(volume(refused)).await), "ValidationException", "{refused} GB");
    }
    update(volume(50)).await.unwrap();
    tokio::time::sleep(AWHILE).await;
    let app = client.create_app().domain_id("d-one").space_name("anna-lab");
    app.app_type(AppType::JupyterLab).app_name("default").send().await.unwrap();
    assert_eq!(code(update(volume(60)).await), "ResourceInUse");
}

#[tokio::test(start_paused = true)]
async fn ownership_and_sharing_come_together_and_the_owner_exists() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let create = || client.create_space().domain_id("d-one").space_name("new");
    let owner = |name: &str| OwnershipSettings::builder().owner_user_profile_name(name).build();
    let shared = || SpaceSharingSettings::builder().sharing_type(SharingType::Shared).build();
    assert_eq!(code(create().ownership_settings(owner("anna-k")).send().await), "ValidationException");
    let stranger = create().ownership_settings(owner("zoe")).space_sharing_settings(shared()).send().await;
    assert_eq!(code(stranger), "ResourceNotFound");
    create().ownership_settings(owner("Anna-K")).space_sharing_settings(shared()).send().await.unwrap();
    assert_eq!(code(create().send().await), "ResourceInUse");
}

#[tokio::test(start_paused = true)]
async fn the_network_of_a_domain_cannot_be_changed_under_running_apps() {
    let sim = empty();
    furnish(&sim);
    add_apps(&sim, "d-one", 1);
    let client = client(&sim);
    let update = || client.update_domain().domain_id("d-one");
    let network = update().app_network_access_type(AppNetworkAccessType::VpcOnly).send().await;
    assert_eq!(code(network), "ResourceInUse");
    assert_eq!(code(update().subnet_ids("subnet-1").send().await), "ResourceInUse");
    update().subnet_ids("subnet-1").subnet_ids("subnet-2").subnet_ids("subnet-3").send().await.unwrap();
    let domain = client.describe_domain().domain_id("d-one").send().await.unwrap();
    assert_eq!(domain.subnet_ids().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn tags_are_added_changed_removed_and_inherited_by_new_apps() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let arn = |tail: &str| format!("arn:aws:sagemaker:eu-west-1:123456789012:{tail}");
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let domain = arn("domain/d-one");
    client
        .add_tags()
        .resource_arn(&domain)
        .tags(tag("team", "a"))
        .tags(tag("project", "x"))
        .send()
        .await
        .unwrap();
    client.add_tags().resource_arn(&domain).tags(tag("team", "b")).send().await.unwrap();
    client.delete_tags().resource_arn(&domain).tag_keys("project").send().await.unwrap();
    let app = client.create_app().domain_id("d-one").space_name("anna-lab").tags(tag("own", "1"));
    let app = app.app_type(AppType::JupyterLab).app_name("default").send().await.unwrap();
    let listed = client.list_tags().resource_arn(app.app_arn().unwrap()).send().await.unwrap();
    let pairs: Vec<_> = listed.tags().iter().map(|tag| (tag.key().unwrap(), tag.value().unwrap())).collect();
    assert_eq!(pairs, [("own", "1"), ("team", "b")]);
    let system = client.add_tags().resource_arn(&domain).tags(tag("aws:x", "1")).send().await;
    assert_eq!(code(system), "ValidationException");
    let missing = client.list_tags().resource_arn(arn("domain/d-none")).send().await;
    assert_eq!(code(missing), "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn a_lifecycle_config_in_use_stays() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let create = |content: &str| {
        client
            .create_studio_lifecycle_config()
            .studio_lifecycle_config_name("setup")
            .studio_lifecycle_config_content(content)
            .studio_lifecycle_config_app_type(StudioLifecycleConfigAppType::JupyterLab)
            .send()
    };
    assert_eq!(code(create("#!/bin/sh").await), "ValidationException");
    let arn = create("ZWNobyBoaQ==").await.unwrap().studio_lifecycle_config_arn().unwrap().to_owned();
    assert_eq!(code(create("ZWNobyBoaQ==").await), "ResourceInUse");
    let attach = |arn: &str| {
        let lab = JupyterLabAppSettings::builder().lifecycle_config_arns(arn).build();
        let settings = UserSettings::builder().jupyter_lab_app_settings(lab).build();
        client
            .update_user_profile()
            .domain_id("d-one")
            .user_profile_name("Bert")
            .user_settings(settings)
            .send()
    };
    assert_eq!(code(attach(&format!("{arn}-missing")).await), "ValidationException");
    attach(&arn).await.unwrap();
    let delete = || client.delete_studio_lifecycle_config().studio_lifecycle_config_name("setup").send();
    assert_eq!(code(delete().await), "ResourceInUse");
    tokio::time::sleep(AWHILE).await;
    let lab = JupyterLabAppSettings::builder().build();
    let settings = UserSettings::builder().jupyter_lab_app_settings(lab).build();
    let detach =
        client.update_user_profile().domain_id("d-one").user_profile_name("Bert").user_settings(settings);
    detach.send().await.unwrap();
    delete().await.unwrap();
    assert_eq!(code(delete().await), "ResourceNotFound");
}

#[tokio::test(start_paused = true)]
async fn images_have_versions_that_are_counted_up_and_never_reused() {
    let sim = empty();
    let client = client(&sim);
    let role = "arn:aws:iam::123456789012:role/images";
    client.create_image().image_name("lab").role_arn(role).send().await.unwrap();
    let version = |base: &str| client.create_image_version().image_name("lab").base_image(base).send();
    assert_eq!(code(version("repo:1").await), "ResourceInUse", "the image is being created");
    tokio::time::sleep(AWHILE).await;
    version("repo:1").await.unwrap();
    version("repo:2").await.unwrap();
    tokio::time::sleep(AWHILE).await;
    client.delete_image_version().image_name("lab").version(2).send().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    let third = version("repo:3").await.unwrap();
    assert!(third.image_version_arn().unwrap().ends_with("image-version/lab/3"));
    let listed = client.list_image_versions().image_name("lab").send().await.unwrap();
    let numbers: Vec<_> = listed.image_versions().iter().map(|version| version.version().unwrap()).collect();
    assert_eq!(numbers, [3, 1]);
    assert_eq!(code(client.describe_image().image_name("none").send().await), "ResourceNotFound");
}

#[tokio::test(start_paused = true)]
async fn the_instance_type_comes_from_the_request_else_the_profile_else_the_domain() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let settings = |instance_type: AppInstanceType| {
        let spec = ResourceSpec::builder().instance_type(instance_type).build();
        let lab = JupyterLabAppSettings::builder().default_resource_spec(spec).build();
        UserSettings::builder().jupyter_lab_app_settings(lab).build()
    };
    let start = async |instance_type: Option<AppInstanceType>| {
        let spec = instance_type.map(|it| ResourceSpec::builder().instance_type(it).build());
        let app = client.create_app().domain_id("d-one").space_name("anna-lab").set_resource_spec(spec);
        app.app_type(AppType::JupyterLab).app_name("default").send().await.unwrap();
        tokio::time::sleep(AWHILE).await;
        let app = client.list_apps().send().await.unwrap().apps()[0].clone();
        let stop = client.delete_app().domain_id("d-one").space_name("anna-lab");
        stop.app_type(AppType::JupyterLab).app_name("default").send().await.unwrap();
        tokio::time::sleep(AWHILE).await;
        app.resource_spec().unwrap().instance_type().unwrap().as_str().to_owned()
    };
    assert_eq!(start(None).await, "ml.t3.medium", "what AWS takes when nobody says");
    let domain =
        client.update_domain().domain_id("d-one").default_user_settings(settings(AppInstanceType::MlM5Large));
    domain.send().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    assert_eq!(start(None).await, "ml.m5.large");
    let profile = client.update_user_profile().domain_id("d-one").user_profile_name("anna-k");
    profile.user_settings(settings(AppInstanceType::MlC5Large)).send().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    assert_eq!(start(None).await, "ml.c5.large");
    assert_eq!(start(Some(AppInstanceType::MlG5Xlarge)).await, "ml.g5.xlarge");
}
