//! The lifecycle configurations of a backup against those of the scope it is restored in.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Restored, adapt, ours, retag};
use crate::fleet::intent::{NO_CREATION_TIME, NewLifecycleConfig};
use crate::fleet::{
    AppType, Backup, BackupConfig, Change, Delta, Difference, Fleet, LifecycleConfig, LifecycleConfigKey,
    Query, Scope, Standing, Target,
};

/// What has to be read to compare those that are there: their scripts and tags.
pub(super) fn needs(backup: &Backup, scope: &Scope, fleet: &Fleet) -> Vec<Query> {
    let there = used(backup).into_iter().filter_map(|config| find(fleet, &key(config, scope)));
    there
        .flat_map(|known| [Query::LifecycleConfig(known.key.clone()), Query::ConfigTags(known.key.clone())])
        .collect()
}

/// How each stands that the backup refers to; the others of its scope do not matter.
pub(super) fn compared(backup: &Backup, scope: &Scope, fleet: &Fleet) -> Vec<Restored> {
    used(backup).into_iter().map(|config| one(config, key(config, scope), fleet)).collect()
}

fn used(backup: &Backup) -> Vec<&BackupConfig> {
    let mut used = BTreeSet::new();
    for (_, _, document) in backup.objects() {
        document.values().for_each(|value| adapt::config_arns(value, &mut used));
    }
    backup.lifecycle_configs.iter().filter(|config| used.contains(config.arn.as_str())).collect()
}

fn key(config: &BackupConfig, scope: &Scope) -> LifecycleConfigKey {
    LifecycleConfigKey { scope: scope.clone(), name: config.name.clone() }
}

fn find<'a>(fleet: &'a Fleet, key: &LifecycleConfigKey) -> Option<&'a LifecycleConfig> {
    fleet.library.lifecycle_configs.get(&key.scope)?.iter().find(|known| known.key == *key)
}

fn one(config: &BackupConfig, key: LifecycleConfigKey, fleet: &Fleet) -> Restored {
    let tags = ours(&config.tags);
    let known = find(fleet, &key);
    let (standing, deltas) = if known.is_some() {
        stands(config, &key, fleet)
    } else if !fleet.library.lifecycle_configs.contains_key(&key.scope) {
        (Standing::Invalid(vec!["whether it is there is not known".to_owned()]), Vec::new())
    } else if config.app_type.is_none() {
        (Standing::Invalid(vec!["the backup does not say for which app type it is".to_owned()]), Vec::new())
    } else {
        (Standing::Missing, Vec::new())
    };
    let app_type = config.app_type.as_deref().filter(|_| standing == Standing::Missing);
    let change = app_type.map(|app_type| {
        let new = NewLifecycleConfig {
            key: key.clone(),
            app_type: AppType::from(app_type),
            script: config.script.as_str().into(),
            tags: tags.clone(),
        };
        Change::CreateLifecycleConfig(key.clone(), new.document())
    });
    let difference =
        Difference { target: Target::LifecycleConfig(key), line: None, standing, deltas, notes: Vec::new() };
    let mut restored = Restored { difference, change, assignment: None, retag: None };
    let created = known.and_then(|known| known.created);
    retag::retag(&mut restored, &tags, fleet, || created.ok_or_else(|| NO_CREATION_TIME.into()));
    restored
}

/// How one that is there stands; AWS has no way to change its script.
fn stands(config: &BackupConfig, key: &LifecycleConfigKey, fleet: &Fleet) -> (Standing, Vec<Delta>) {
    let query = Query::LifecycleConfig(key.clone());
    match (fleet.library.scripts.get(key), fleet.failure(&query)) {
        (_, Some(problem)) => {
            let why = format!("exists already, and its script could not be read: {problem}");
            (Standing::Invalid(vec![why]), Vec::new())
        }
        (None, None) => {
            (Standing::Invalid(vec!["exists already, and its script was not read".to_owned()]), Vec::new())
        }
        (Some(script), None) if **script == *config.script => (Standing::Equal, Vec::new()),
        (Some(script), None) => {
            let delta = Delta {
                member: "script".to_owned(),
                before: Some(json!(&**script)),
                after: Some(json!(config.script)),
            };
            (Standing::Differs, vec![delta])
        }
    }
}
