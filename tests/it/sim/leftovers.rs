//! What a domain makes beside itself, and what it leaves behind: EFS, network interfaces, groups, `MLflow`.

use std::time::Duration;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::types::{AuthMode, RetentionPolicy, RetentionType, UserSettings};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::scenario::Scenario;

use super::raw::{ec2, efs};
use super::{EPOCH, client, code, empty};

const AWHILE: Duration = Duration::from_mins(10);
const ROLE: &str = "arn:aws:iam::123456789012:role/studio";

async fn create_domain(client: &Client, name: &str) -> String {
    let settings = UserSettings::builder().execution_role(ROLE).build();
    let domain = client.create_domain().domain_name(name).auth_mode(AuthMode::Iam).vpc_id("vpc-1");
    let domain = domain.subnet_ids("subnet-1").subnet_ids("subnet-2").default_user_settings(settings);
    domain.send().await.unwrap().domain_id().unwrap().to_owned()
}

async fn delete_domain(client: &Client, id: &str, efs: Option<RetentionType>) {
    let policy = efs.map(|efs| RetentionPolicy::builder().home_efs_file_system(efs).build());
    client.delete_domain().domain_id(id).set_retention_policy(policy).send().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    assert_eq!(code(client.describe_domain().domain_id(id).send().await), "ResourceNotFound");
}

/// File systems, mount targets of the first, network interfaces in the VPC, groups for NFS.
async fn surroundings(sim: &SimulatedAws) -> [usize; 4] {
    let systems = efs(sim, "file-systems", "").await.json();
    let systems = systems["FileSystems"].as_array().unwrap().clone();
    let targets = match systems.first() {
        Some(first) => {
            let id = first["FileSystemId"].as_str().unwrap();
            let targets = efs(sim, "mount-targets", &format!("FileSystemId={id}")).await.json();
            targets["MountTargets"].as_array().unwrap().len()
        }
        None => 0,
    };
    let in_vpc = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", "vpc-1")];
    let interfaces = ec2(sim, "DescribeNetworkInterfaces", &in_vpc).await;
    let nfs = [("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "security-group-for-*-nfs-d-*")];
    let groups = ec2(sim, "DescribeSecurityGroups", &nfs).await;
    [
        systems.len(),
        targets,
        interfaces.texts("networkInterfaceId").len(),
        groups.texts("groupDescription").len(),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_domain_leaves_its_file_system_behind_unless_told_to_delete_it() {
    let sim = empty();
    let client = client(&sim);
    assert_eq!(surroundings(&sim).await, [0, 0, 0, 0]);
    let kept = create_domain(&client, "kept").await;
    let systems = efs(&sim, "file-systems", "").await.json();
    let system = &systems["FileSystems"][0];
    assert_eq!((&system["LifeCycleState"], &system["NumberOfMountTargets"]), (&"creating".into(), &2.into()));
    let arn = format!("arn:aws:sagemaker:eu-west-1:123456789012:domain/{kept}");
    assert_eq!(system["Tags"][0]["Key"], "ManagedByAmazonSageMakerResource");
    assert_eq!(system["Tags"][0]["Value"], arn);
    tokio::time::sleep(AWHILE).await;
    let domain = client.describe_domain().domain_id(&kept).send().await.unwrap();
    assert_eq!(system["FileSystemId"], domain.home_efs_file_system_id().unwrap());
    let system = efs(&sim, "file-systems", "").await.json()["FileSystems"][0].clone();
    assert_eq!(system["LifeCycleState"], "available");
    delete_domain(&client, &kept, None).await;
    assert_eq!(surroundings(&sim).await, [1, 2, 2, 2], "retained is the default");
    let erased = create_domain(&client, "erased").await;
    tokio::time::sleep(AWHILE).await;
    delete_domain(&client, &erased, Some(RetentionType::Delete)).await;
    assert_eq!(surroundings(&sim).await, [1, 2, 2, 2], "only its own went");
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_fails_shows_it_and_can_be_asked_for_again() {
    let sim = empty();
    let client = client(&sim);
    let id = create_domain(&client, "stubborn").await;
    tokio::time::sleep(AWHILE).await;
    let why = "Failed to delete the EFS mount targets: they are in use.";
    sim.faults().add_times(Target::operation("DeleteDomain"), Fault::FailLater(why.into()), 1);
    client.delete_domain().domain_id(&id).send().await.unwrap();
    tokio::time::sleep(AWHILE).await;
    let domain = client.describe_domain().domain_id(&id).send().await.unwrap();
    assert_eq!(domain.status().map(aws_sdk_sagemaker::types::DomainStatus::as_str), Some("Delete_Failed"));
    assert_eq!(domain.failure_reason(), Some(why));
    delete_domain(&client, &id, None).await;
}

#[tokio::test(start_paused = true)]
async fn file_systems_are_paged_and_found_by_id_or_arn_and_refused_as_efs_does() {
    let sim = SimulatedAws::builder().scenario(Scenario::Large).epoch_seconds(EPOCH).build();
    let all = efs(&sim, "file-systems", "MaxItems=7").await.json();
    let first: Vec<String> = ids(&all["FileSystems"]);
    assert_eq!(first.len(), 7);
    let marker = all["NextMarker"].as_str().unwrap().replace('=', "%3D").replace('+', "%2B");
    let rest = efs(&sim, "file-systems", &format!("MaxItems=7&Marker={marker}")).await.json();
    assert_eq!(ids(&rest["FileSystems"]).len(), 3, "ten domains");
    assert!(rest["NextMarker"].is_null());
    let arn = all["FileSystems"][2]["FileSystemArn"].as_str().unwrap();
    let one = efs(&sim, "file-systems", &format!("FileSystemId={arn}")).await.json();
    assert_eq!(ids(&one["FileSystems"]), [first[2].clone()]);
    for (list, query, status, code) in [
        ("file-systems", "FileSystemId=fs-0123456789abcdef0", 404, "FileSystemNotFound"),
        ("file-systems", "FileSystemId=nonsense", 400, "BadRequest"),
        ("file-systems", "MaxItems=0", 400, "BadRequest"),
        ("mount-targets", "", 400, "BadRequest"),
        ("mount-targets", "MountTargetId=fsmt-0123456789abcdef0", 404, "MountTargetNotFound"),
        ("access-points", "", 404, "UnknownOperationException"),
    ] {
        let answer = efs(&sim, list, query).await;
        assert_eq!((answer.status, answer.error.as_deref()), (status, Some(code)), "{list} {query}");
    }
    sim.with_world(|world| world.deny("elasticfilesystem:*"));
    let denied = efs(&sim, "file-systems", "").await;
    assert_eq!((denied.status, denied.error.as_deref()), (403, Some("AccessDeniedException")));
}

fn ids(list: &serde_json::Value) -> Vec<String> {
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| row["FileSystemId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn tracking_servers_are_of_the_region_and_say_who_made_them() {
    let sim = SimulatedAws::builder().scenario(Scenario::Small).epoch_seconds(EPOCH).build();
    let client = client(&sim);
    let servers = client.list_mlflow_tracking_servers().send().await.unwrap();
    let rows: Vec<_> = servers
        .tracking_server_summaries()
        .iter()
        .map(|row| (row.tracking_server_name().unwrap(), row.is_active().unwrap().as_str()))
        .collect();
    assert_eq!(rows.len(), 2);
    assert!(
        rows.contains(&("research-tracking", "Active")) && rows.contains(&("nlp-experiments", "Inactive"))
    );
    let one = client.describe_mlflow_tracking_server().tracking_server_name("research-tracking");
    let one = one.send().await.unwrap();
    assert_eq!(one.created_by().and_then(|by| by.user_profile_name()), Some("maria-s"));
    let none = client.describe_mlflow_tracking_server().tracking_server_name("none").send().await;
    assert_eq!(code(none), "ResourceNotFound");
}
