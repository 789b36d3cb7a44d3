//! EFS as far as leftovers and backups need it: file systems and where they are mounted, to be read.
//! Knows no Query service.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::query::{marker, read_marker};
use super::wire::{Call, Form, JsonReply, Refusal};
use super::world::{FileSystem, MountTarget, Name, Network, Scope, World};

/// The most rows of a page; AWS fixes it whatever is asked (aws.md 2.6).
const PAGE: usize = 100;

/// Answers an operation of EFS.
pub(super) fn answer(world: &mut World, call: &Call<'_>, form: &Form) -> JsonReply {
    let empty = Network::default();
    let network = world.region(call.scope).map_or(&empty, |region| &region.network);
    match call.operation {
        "DescribeFileSystems" => file_systems(network, call, form),
        "DescribeMountTargets" => mount_targets(network, call, form),
        _ => Err(Refusal::unknown_operation(call)),
    }
}

fn bad_request(said: impl Into<String>) -> Refusal {
    Refusal::new("BadRequest", said)
}

/// An id, also out of an ARN.
fn id_in<'f>(form: &'f Form, member: &str, prefix: &str) -> Result<Option<&'f str>, Refusal> {
    let Some(text) = form.get(member) else { return Ok(None) };
    let id = text.rsplit('/').next().unwrap_or(text);
    let digits = id.strip_prefix(prefix).unwrap_or_default();
    if digits.len() < 8 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(bad_request(format!("invalid {member}: {text}")));
    }
    Ok(Some(id))
}

fn file_systems(network: &Network, call: &Call<'_>, form: &Form) -> JsonReply {
    let id = id_in(form, "FileSystemId", "fs-")?;
    let token = form.get("CreationToken");
    if id.is_some() && token.is_some() {
        return Err(bad_request("Only one of FileSystemId and CreationToken may be specified."));
    }
    if let Some(missing) = id.filter(|id| !network.file_systems.contains_key(*id)) {
        return Err(no_file_system(missing));
    }
    let wanted = |row: &FileSystem| {
        id.is_none_or(|id| id == &*row.id) && token.is_none_or(|token| *token == creation_token(row))
    };
    page(form, "FileSystems", &network.file_systems, wanted, |row| {
        let targets = network.mount_targets.values().filter(|target| target.file_system == row.id).count();
        file_system(call, row, targets)
    })
}

fn mount_targets(network: &Network, call: &Call<'_>, form: &Form) -> JsonReply {
    let file_system = id_in(form, "FileSystemId", "fs-")?;
    let target = id_in(form, "MountTargetId", "fsmt-")?;
    if let Some(access_point) = form.get("AccessPointId") {
        return Err(Refusal::new(
            "AccessPointNotFound",
            format!("Access point '{access_point}' does not exist."),
        )
        .with_status(404));
    }
    if file_system.is_some() == target.is_some() {
        return Err(bad_request(
            "Exactly one of FileSystemId, MountTargetId and AccessPointId must be specified.",
        ));
    }
    if let Some(missing) = file_system.filter(|id| !network.file_systems.contains_key(*id)) {
        return Err(no_file_system(missing));
    }
    if let Some(missing) = target.filter(|id| !network.mount_targets.contains_key(*id)) {
        let said = format!("Mount target '{missing}' does not exist.");
        return Err(Refusal::new("MountTargetNotFound", said).with_status(404));
    }
    let wanted = |row: &MountTarget| {
        file_system.is_none_or(|id| id == &*row.file_system) && target.is_none_or(|id| id == &*row.id)
    };
    page(form, "MountTargets", &network.mount_targets, wanted, |row| mount_target(network, call, row))
}

fn no_file_system(id: &str) -> Refusal {
    Refusal::new("FileSystemNotFound", format!("File system '{id}' does not exist.")).with_status(404)
}

fn page<T>(
    form: &Form,
    list: &str,
    rows: &BTreeMap<Name, T>,
    wanted: impl Fn(&T) -> bool,
    write: impl Fn(&T) -> Value,
) -> JsonReply {
    let size = match form.get("MaxItems") {
        None => PAGE,
        Some(text) => match text.parse::<usize>() {
            Ok(size @ 1..) => size.min(PAGE),
            _ => return Err(bad_request(format!("invalid MaxItems: {text}"))),
        },
    };
    let after = match form.get("Marker") {
        None => None,
        Some(token) => {
            Some(read_marker(list, token).ok_or_else(|| bad_request("The Marker parameter is invalid."))?)
        }
    };
    let mut found: Vec<(&Name, &T)> = rows
        .iter()
        .filter(|(id, row)| after.as_deref().is_none_or(|after| &***id > after) && wanted(row))
        .collect();
    let next = (found.len() > size).then(|| marker(list, found[size - 1].0));
    found.truncate(size);
    let mut reply = json!({ list: found.into_iter().map(|(_, row)| write(row)).collect::<Vec<_>>() });
    if let Some(text) = form.get("Marker") {
        reply["Marker"] = text.as_str().into();
    }
    if let Some(next) = next {
        reply["NextMarker"] = next.into();
    }
    Ok(reply)
}

fn creation_token(row: &FileSystem) -> String {
    format!("sagemaker-{}", row.id)
}

fn state(call: &Call<'_>, row: &FileSystem) -> &'static str {
    if row.available > call.now { "creating" } else { "available" }
}

fn file_system(call: &Call<'_>, row: &FileSystem, targets: usize) -> Value {
    let Scope { account, region } = call.scope;
    let tags: Vec<Value> =
        row.tags.iter().map(|(key, value)| json!({ "Key": &**key, "Value": &**value })).collect();
    let mut reply = json!({
        "OwnerId": &**account,
        "CreationToken": creation_token(row),
        "FileSystemId": &*row.id,
        "FileSystemArn": format!("arn:aws:elasticfilesystem:{region}:{account}:file-system/{}", row.id),
        "CreationTime": row.created as f64 / 1_000.0,
        "LifeCycleState": state(call, row),
        "NumberOfMountTargets": targets,
        "SizeInBytes": {
            "Value": row.bytes,
            // Measured every few hours only.
            "Timestamp": (call.now - call.now.rem_euclid(21_600_000)).max(row.created) as f64 / 1_000.0,
            "ValueInIA": 0,
            "ValueInStandard": row.bytes,
            "ValueInArchive": 0,
        },
        "PerformanceMode": "generalPurpose",
        "Encrypted": true,
        "ThroughputMode": "bursting",
        "Tags": tags,
        "FileSystemProtection": { "ReplicationOverwriteProtection": "ENABLED" },
    });
    if let Some(key) = row.kms_key_id.as_ref().filter(|key| key.starts_with("arn:")) {
        reply["KmsKeyId"] = (&**key).into();
    }
    reply
}

fn mount_target(network: &Network, call: &Call<'_>, row: &MountTarget) -> Value {
    let state = network.file_systems.get(&row.file_system).map_or("available", |fs| state(call, fs));
    let mut reply = json!({
        "OwnerId": &*call.scope.account,
        "MountTargetId": &*row.id,
        "FileSystemId": &*row.file_system,
        "SubnetId": "",
        "LifeCycleState": state,
        "NetworkInterfaceId": &*row.interface,
    });
    if let Some(interface) = network.interfaces.get(&row.interface) {
        reply["SubnetId"] = (&*interface.subnet).into();
        reply["IpAddress"] = (&*interface.address).into();
        reply["AvailabilityZoneName"] = (&*interface.zone).into();
        reply["VpcId"] = (&*interface.vpc).into();
    }
    reply
}
