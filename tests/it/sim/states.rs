//! What the service does in its own time.

use std::time::Duration;

use aws_sdk_sagemaker::types::{
    AppInstanceType, AppStatus, AppType, AuthMode, DomainStatus, OwnershipSettings, ResourceSpec,
    SharingType, SpaceSettings, SpaceSharingSettings, SpaceStatus, UserProfileStatus, UserSettings,
};
use sagedeck::sim::world::Activity;

use super::{add_apps, app_key, client, code, created_of, empty, furnish, scope};

/// Long enough for whatever the service does except purging.
const AWHILE: Duration = Duration::from_mins(10);

#[tokio::test(start_paused = true)]
async fn a_fleet_is_built_and_torn_down_in_order() {
    let sim = empty();
    let client = client(&sim);
    let domain = client
        .create_domain()
        .domain_name("lab")
        .auth_mode(AuthMode::Iam)
        .vpc_id("vpc-1")
        .subnet_ids("subnet-1")
        .default_user_settings(
            UserSettings::builder().execution_role("arn:aws:iam::123456789012:role/studio").build(),
        )
        .send()
        .await
        .unwrap();
    let id = domain.domain_id().unwrap();
    let arn = domain.domain_arn().unwrap();
    assert_eq!(arn, format!("arn:aws:sagemaker:eu-west-1:123456789012:domain/{id}"));
    let state = async || client.describe_domain().domain_id(id).send().await.unwrap().status().cloned();
    assert_eq!(state().await, Some(DomainStatus::Pending));
    let early = client.create_user_profile().domain_id(id).user_profile_name("anna").send().await;
    assert_eq!(code(early), "ResourceInUse", "nothing can be created in a pending domain");
    tokio::time::sleep(AWHILE).await;
    assert_eq!(state().await, Some(DomainStatus::InService));

    client.create_user_profile().domain_id(id).user_profile_name("anna").send().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    let profile =
        client.describe_user_profile().domain_id(id).user_profile_name("anna").send().await.unwrap();
    assert_eq!(profile.status(), Some(&UserProfileStatus::InService));
    assert!(profile.home_efs_file_system_uid().unwrap().parse::<u32>().unwrap() >= 200_000);

    client
        .create_space()
        .domain_id(id)
        .space_name("lab")
        .ownership_settings(OwnershipSettings::builder().owner_user_profile_name("anna").build())
        .space_sharing_settings(SpaceSharingSettings::builder().sharing_type(SharingType::Private).build())
        .space_settings(SpaceSettings::builder().app_type(AppType::JupyterLab).build())
        .send()
        .await
        .unwrap();
    let app = || {
        client.create_app().domain_id(id).space_name("lab").app_type(AppType::JupyterLab).app_name("default")
    };
    assert_eq!(code(app().send().await), "ResourceInUse", "the space is not ready yet");
    tokio::time::sleep(AWHILE).await;
    let space = client.describe_space().domain_id(id).space_name("lab").send().await.unwrap();
    assert_eq!(space.status(), Some(&SpaceStatus::InService));
    let storage = space.space_settings().unwrap().space_storage_settings().unwrap();
    assert_eq!(storage.ebs_storage_settings().unwrap().ebs_volume_size_in_gb(), Some(5));
    let gpu = ResourceSpec::builder().instance_type(AppInstanceType::MlG5Xlarge).build();
    app().resource_spec(gpu).send().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    let apps = client.list_apps().domain_id_equals(id).send().await.unwrap();
    assert_eq!(apps.apps()[0].status(), Some(&AppStatus::InService));

    let delete_domain = || client.delete_domain().domain_id(id).send();
    let delete_profile = || client.delete_user_profile().domain_id(id).user_profile_name("anna").send();
    let delete_space = || client.delete_space().domain_id(id).space_name("lab").send();
    for result in [code(delete_domain().await), code(delete_profile().await), code(delete_space().await)] {
        assert_eq!(result, "ResourceInUse");
    }
    client
        .delete_app()
        .domain_id(id)
        .space_name("lab")
        .app_type(AppType::JupyterLab)
        .app_name("default")
        .send()
        .await
        .unwrap();
    assert_eq!(code(delete_space().await), "ResourceInUse", "the app is still being deleted");
    tokio::time::sleep(AWHILE).await;
    delete_space().await.unwrap();
    assert_eq!(code(delete_profile().await), "ResourceInUse", "the space is still being deleted");
    tokio::time::sleep(AWHILE).await;
    delete_profile().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    delete_domain().await.unwrap();
    assert_eq!(state().await, Some(DomainStatus::Deleting));
    tokio::time::sleep(AWHILE).await;
    assert_eq!(code(client.describe_domain().domain_id(id).send().await), "ResourceNotFound");
}

#[tokio::test(start_paused = true)]
async fn a_stopped_app_is_listed_for_a_day_and_a_new_run_keeps_its_creation_time() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    let start = || {
        client
            .create_app()
            .domain_id("d-one")
            .space_name("anna-lab")
            .app_type(AppType::JupyterLab)
            .app_name("default")
    };
    let stop = || {
        client
            .delete_app()
            .domain_id("d-one")
            .space_name("anna-lab")
            .app_type(AppType::JupyterLab)
            .app_name("default")
    };
    let state = async || {
        client.list_apps().send().await.unwrap().apps().first().and_then(|app| app.status().cloned())
    };
    start().send().await.unwrap();
    let created = created_of(&sim, &app_key("d-one", "anna-lab"));
    assert_eq!(code(stop().send().await), "ResourceInUse", "a pending app cannot be stopped");
    assert_eq!(code(start().send().await), "ResourceInUse");
    tokio::time::sleep(AWHILE).await;
    stop().send().await.unwrap();
    assert_eq!(state().await, Some(AppStatus::Deleting));
    assert_eq!(code(stop().send().await), "ResourceInUse");
    tokio::time::sleep(AWHILE).await;
    assert_eq!(state().await, Some(AppStatus::Deleted));
    assert_eq!(code(stop().send().await), "ResourceNotFound");

    start().send().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    assert_eq!(state().await, Some(AppStatus::InService));
    assert_eq!(created_of(&sim, &app_key("d-one", "anna-lab")), created);

    stop().send().await.unwrap();
    tokio::time::sleep(Duration::from_hours(23)).await;
    assert_eq!(state().await, Some(AppStatus::Deleted));
    tokio::time::sleep(Duration::from_hours(2)).await;
    assert_eq!(state().await, None);
}

#[tokio::test(start_paused = true)]
async fn an_app_that_finds_no_capacity_fails_cannot_be_deleted_and_does_not_block_its_space() {
    let sim = empty();
    furnish(&sim);
    sim.with_world(|world| world.region_mut(&scope()).no_capacity.insert("ml.p4d.24xlarge".into()));
    let client = client(&sim);
    client
        .create_app()
        .domain_id("d-one")
        .space_name("anna-lab")
        .app_type(AppType::JupyterLab)
        .app_name("default")
        .resource_spec(ResourceSpec::builder().instance_type(AppInstanceType::MlP4D24Xlarge).build())
        .send()
        .await
        .unwrap();
    tokio::time::sleep(AWHILE).await;
    let describe = || {
        client
            .describe_app()
            .domain_id("d-one")
            .space_name("anna-lab")
            .app_type(AppType::JupyterLab)
            .app_name("default")
    };
    let app = describe().send().await.unwrap();
    assert_eq!(app.status(), Some(&AppStatus::Failed));
    assert!(app.failure_reason().unwrap().contains("InsufficientCapacityError"));
    let stop = client
        .delete_app()
        .domain_id("d-one")
        .space_name("anna-lab")
        .app_type(AppType::JupyterLab)
        .app_name("default")
        .send()
        .await;
    assert_eq!(code(stop), "ValidationException");
    client.delete_space().domain_id("d-one").space_name("anna-lab").send().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    assert_eq!(client.list_apps().send().await.unwrap().apps().len(), 0, "a failed app goes with its space");
}

#[tokio::test(start_paused = true)]
async fn health_checks_alone_make_activity_equal_to_them_and_a_user_moves_it() {
    let sim = empty();
    furnish(&sim);
    add_apps(&sim, "d-one", 2);
    sim.with_world(|world| {
        let apps = &mut world.region_mut(&scope()).apps;
        let id = apps.find(&app_key("d-one", "space-0001")).unwrap();
        apps.get_mut(id).unwrap().activity = Activity::AtWork;
    });
    let client = client(&sim);
    let times = async |space: &str| {
        let app = client
            .describe_app()
            .domain_id("d-one")
            .space_name(space)
            .app_type(AppType::JupyterLab)
            .app_name("default")
            .send()
            .await
            .unwrap();
        let millis =
            |time: Option<&aws_sdk_sagemaker::primitives::DateTime>| time.unwrap().to_millis().unwrap();
        (millis(app.last_health_check_timestamp()), millis(app.last_user_activity_timestamp()))
    };
    let idle = times("space-0000").await;
    assert_eq!(idle.0, idle.1);
    let busy = times("space-0001").await;
    tokio::time::sleep(Duration::from_mins(6)).await;
    let idle_later = times("space-0000").await;
    assert!(idle_later.0 > idle.0);
    assert_eq!(idle_later.0, idle_later.1);
    assert!(times("space-0001").await.1 >= busy.1 + 300_000);
}

#[tokio::test(start_paused = true)]
async fn virtual_time_runs_as_fast_as_it_is_told() {
    let sim = sagedeck::sim::SimulatedAws::builder()
        .scenario(sagedeck::sim::scenario::Scenario::Empty)
        .epoch_seconds(super::EPOCH)
        .speed(600.0)
        .build();
    furnish(&sim);
    let client = client(&sim);
    client.create_user_profile().domain_id("d-one").user_profile_name("carl").send().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let carl =
        client.describe_user_profile().domain_id("d-one").user_profile_name("carl").send().await.unwrap();
    assert_eq!(carl.status(), Some(&UserProfileStatus::InService));
}
