//! Plans the deletion of a domain with everything in it, and says what AWS leaves behind and bills on.

use super::{Cascade, Cascaded, use_needs, words};
use crate::fleet::intent::{Policy, pool};
use crate::fleet::wording::{Count, Counted};
use crate::fleet::{
    Domain, DomainKey, Excluded, Fleet, HomeFiles, Leftovers, Phrase, Plan, Query, Status, Timestamp,
};

/// All lists of the domain, the domain in full, what stays behind when it goes, and whether its apps are in use.
pub(in crate::fleet::intent) fn needs(fleet: &Fleet, key: &DomainKey) -> Vec<Query> {
    let mut needs = vec![
        Query::Domain(key.clone()),
        Query::Users(key.clone()),
        Query::Spaces(key.clone()),
        Query::Apps(key.clone()),
        Query::Alias(key.scope.account().clone()),
    ];
    if let Some(detail) = fleet.domains.get(key).and_then(|domain| domain.detail.as_ref()) {
        needs.push(Query::Leftovers(key.clone(), detail.home_file_system.clone()));
    }
    needs.extend(use_needs(fleet.apps.iter().filter(|app| app.key.domain_key() == *key)));
    needs
}

/// Plans to delete a domain: apps, spaces, user profiles, domain. All of it, or none.
///
/// # Errors
///
/// Why it cannot be deleted as a whole, as sentences.
pub(in crate::fleet::intent) fn plan(
    fleet: &Fleet,
    key: &DomainKey,
    files: HomeFiles,
    policy: &Policy,
    now: Timestamp,
) -> Result<Plan, String> {
    let label = fleet.domain_label(key).to_owned();
    let domain = fleet.domains.get(key).ok_or_else(|| format!("Domain {} is not there any more.", key.id))?;
    if domain.status == Status::Deleting {
        return Err(format!("Domain {label} is being deleted already."));
    }
    let erased = match (files, home(domain)) {
        (HomeFiles::Retain, _) => None,
        (HomeFiles::Delete, Some(id)) => Some(id.to_owned()),
        (HomeFiles::Delete, None) => {
            let why =
                if domain.detail.is_some() { "has no home file system" } else { "could not be read in full" };
            return Err(format!("Domain {label} {why}, so there is none to erase: plan it to be retained."));
        }
    };
    let mut cascade = Cascade::new(fleet, policy, now, &[key.clone()].into());
    cascade.domain(key, &domain.status, domain.created, files);
    let done = cascade.finish();
    if done.steps.is_empty() {
        return Err(stays(&label, &done));
    }
    let account = fleet.account_label(key.scope.account());
    let mut phrases = vec![Phrase {
        what: "the name of the domain and the account".to_owned(),
        text: format!("{label} {account}"),
        why: format!(
            "{}, {} and {} go with it",
            Counted(done.users.len(), "user profile"),
            Counted(done.spaces.len(), "space"),
            Counted(done.apps.len(), "app")
        ),
    }];
    if let Some(id) = &erased {
        phrases.push(Phrase {
            what: "the file system that is erased".to_owned(),
            text: format!("delete {id}"),
            why: "all home directories are on it, and it cannot be brought back".to_owned(),
        });
    }
    let leftovers = fleet.library.leftovers.get(key);
    let mut loses = words::loses(fleet, &done.apps, &done.spaces);
    if !done.users.is_empty() {
        loses.push(format!("{} with their settings and tags.", Counted(done.users.len(), "user profile")));
    }
    if let Some(id) = &erased {
        loses.push(format!(
            "The home file system {id} (EFS){} with all home directories.",
            size(leftovers, id)
        ));
    }
    loses.push(format!("The domain's id {} and its settings: a new domain gets another id.", key.id));
    let pool = pool::of(fleet, policy, &done.steps);
    Ok(Plan {
        loses,
        keeps: keeps(domain, files, leftovers),
        warnings: warnings(fleet, domain, files, &done),
        phrases,
        pool,
        ..Plan::new(format!("Delete domain {label} with everything in it"), "delete", now, done.steps)
    })
}

/// Why a domain stays, in a sentence that names what holds it.
fn stays(label: &str, done: &Cascaded<'_>) -> String {
    let cause = |excluded: &Excluded| {
        format!("{} {} {}", excluded.target.kind(), excluded.target.name(), excluded.reason)
    };
    let causes: Vec<String> = done.causes.iter().map(cause).collect();
    let causes: Vec<&str> = causes.iter().map(String::as_str).collect();
    format!("Domain {label} cannot be deleted as a whole, so nothing of it is: {}.", words::some(&causes))
}

fn home(domain: &Domain) -> Option<&str> {
    domain.detail.as_ref()?.home_file_system.as_deref()
}

/// The size of a file system, as a clause; empty where it is not known.
fn size(leftovers: Option<&Leftovers>, id: &str) -> String {
    let bytes = leftovers
        .and_then(|left| left.file_systems.iter().find(|(known, _)| &**known == id))
        .and_then(|(_, bytes)| *bytes);
    match bytes {
        Some(bytes) if bytes < 1_000_000_000 => format!(", {} MB,", Count(bytes / 1_000_000)),
        Some(bytes) => format!(", {} GB,", Count(bytes / 1_000_000_000)),
        None => String::new(),
    }
}

fn keeps(domain: &Domain, files: HomeFiles, leftovers: Option<&Leftovers>) -> Vec<String> {
    let mut keeps = Vec::new();
    let home = home(domain);
    let mut systems: Vec<&str> = home.into_iter().collect();
    systems.extend(leftovers.iter().flat_map(|left| left.file_systems.iter().map(|(id, _)| &**id)));
    systems.dedup();
    for id in systems.into_iter().filter(|id| files == HomeFiles::Retain || home != Some(*id)) {
        let size = size(leftovers, id);
        keeps.push(format!("The file system {id} (EFS){size} with the home directories: it is billed on."));
    }
    if let Some(left) = leftovers {
        if !left.interfaces.is_empty() {
            let ids: Vec<&str> = left.interfaces.iter().map(|id| &**id).collect();
            let count = Counted(ids.len(), "network interface");
            keeps.push(format!(
                "Perhaps {count} ({}): the subnets cannot be deleted before.",
                words::some(&ids)
            ));
        }
        if !left.groups.is_empty() {
            let ids: Vec<&str> = left.groups.iter().map(|(id, _)| &**id).collect();
            let count = Counted(ids.len(), "security group");
            keeps.push(format!("{count} ({}): the VPC cannot be deleted before.", words::some(&ids)));
        }
        if !left.mlflow_servers.is_empty() {
            let names: Vec<&str> = left.mlflow_servers.iter().map(|name| &**name).collect();
            let count = Counted(names.len(), "MLflow server");
            let names = words::some(&names);
            keeps.push(format!("{count} of the region ({names}): of no domain, and billed while they run."));
        }
    }
    keeps.push("Execution roles, lifecycle configurations, images, S3 objects and other domains.".to_owned());
    keeps
}

fn warnings(fleet: &Fleet, domain: &Domain, files: HomeFiles, done: &Cascaded<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    if !done.users.is_empty() || !done.spaces.is_empty() {
        let uids = if files == HomeFiles::Retain && !done.users.is_empty() {
            " Only a backup tells later which home directory was whose: AWS forgets the uids."
        } else {
            ""
        };
        warnings.push(format!("Back up the domain's configuration first.{uids}"));
    }
    if let Some(shared) = words::shared(&done.spaces) {
        warnings.push(shared);
    }
    let Some(detail) = &domain.detail else {
        warnings.push("The domain could not be read in full: its file system and more may stay.".to_owned());
        return warnings;
    };
    if let Some(unified) = &detail.unified_studio {
        warnings.push(format!(
            "SageMaker Unified Studio ({unified}) drives this domain: what refers to it there breaks."
        ));
    }
    if let Some(application) = &detail.sso_application {
        warnings.push(format!(
            "Whether AWS removes the application {application} at Identity Center is not documented: look there."
        ));
    }
    let query = Query::Leftovers(domain.key.clone(), detail.home_file_system.clone());
    match (fleet.library.leftovers.get(&domain.key), fleet.failure(&query)) {
        (Some(left), None) => warnings.extend(left.unknown.iter().cloned()),
        (_, Some(problem)) => {
            warnings.push(format!("What stays behind and is billed on could not be looked for: {problem}"));
        }
        (None, None) => warnings.push("What stays behind and is billed on was not looked for.".to_owned()),
    }
    warnings
}
