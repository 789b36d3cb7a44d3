//! A domain is backed up and made again from it.

use std::sync::Arc;

use sagedeck::fleet::{
    AppType, Backup, Change, DomainKey, Intent, LifecycleConfigKey, Name, NewLifecycleConfig, ObjectKey,
    RestoreChanges, RestoreInto, SheetValue, Standing, Tag, backup_needs,
};
use sagedeck::sim::world::{self, Tags};

use super::{Bench, reasons};
use crate::wire::{ACCOUNT, REGION, scope};

#[tokio::test(start_paused = true)]
async fn a_domain_is_made_again_from_its_backup_and_then_nothing_is_missing() {
    let mut bench = Bench::new().await;
    let domain = bench.domain("nlp");
    bench.read_all(|fleet| backup_needs(fleet, &domain)).await;
    let backup = Backup::take(&bench.fleet, &bench.documents, &domain, "sagedeck", bench.now).unwrap();
    let backup = Arc::new(Backup::parse(&backup.to_text()).unwrap());
    assert!(backup.users.len() > 3 && backup.spaces.len() > 3, "there is something to restore");

    let same = Intent::Restore { backup: backup.clone(), into: RestoreInto::Existing(domain) };
    let plan = bench.plan(&same).await.unwrap();
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);
    let differences = same.differences(&bench.fleet, &bench.documents);
    // One of the demo's profiles has failed: it is there, and of no use.
    let failed = Standing::Invalid(vec!["exists already, and is Failed".to_owned()]);
    let unequal: Vec<_> =
        differences.iter().filter(|one| one.standing != Standing::Equal && one.standing != failed).collect();
    assert!(unequal.is_empty(), "{unequal:?}");

    let into =
        RestoreInto::New { scope: scope(), name: "nlp-again".into(), changes: RestoreChanges::default() };
    let anew = Intent::Restore { backup: backup.clone(), into };
    let plan = bench.plan(&anew).await.unwrap();
    let created = plan.steps.iter().filter(|step| step.change.creates()).count();
    assert_eq!(created, 1 + backup.users.len() + backup.spaces.len(), "{:?}", reasons(&plan));
    let assigned = plan.steps.iter().filter(|step| step.change.awaits_application().is_some()).count();
    assert!(assigned > 3 && assigned <= backup.assigned.len(), "{assigned}");
    assert_eq!(plan.steps.len(), created + assigned);
    let made = bench.carry_out(&plan).await.expect("a domain was made");
    let again = Intent::Restore { backup: backup.clone(), into: RestoreInto::Existing(made.clone()) };
    let plan = bench.plan(&again).await.unwrap();
    assert!(plan.steps.is_empty(), "one run is enough: {:?}", plan.steps);
    let sheet = backup.homes(&bench.fleet, Some(&made)).sheet();
    let known = sheet.rows.iter().filter(|row| matches!(row[3], SheetValue::Text(_))).count();
    assert_eq!(known, sheet.rows.len(), "old and new ids: {sheet:?}");
}

/// A backup of a domain that has a lifecycle configuration attached, with a tag and with capital letters in its name.
async fn with_config(bench: &mut Bench, domain: &DomainKey) -> (LifecycleConfigKey, Arc<Backup>) {
    let key = LifecycleConfigKey { scope: scope(), name: Name::new("Install-Tools") };
    let new = NewLifecycleConfig {
        key: key.clone(),
        app_type: AppType::JupyterLab,
        script: "#!/bin/bash\necho tools\n".into(),
        tags: vec![Tag { key: "team".into(), value: "platform".into() }],
    };
    let plan = bench.plan(&Intent::CreateLifecycleConfig(new)).await.unwrap();
    bench.carry_out(&plan).await;
    let to = vec![ObjectKey::Domain(domain.clone())];
    let attach = Intent::AttachLifecycleConfig { config: key.clone(), to, as_default: false };
    let plan = bench.plan(&attach).await.unwrap();
    assert_eq!(plan.steps.len(), 1, "{:?}", reasons(&plan));
    bench.carry_out(&plan).await;
    bench.read_all(|fleet| backup_needs(fleet, domain)).await;
    let backup = Backup::take(&bench.fleet, &bench.documents, domain, "sagedeck", bench.now).unwrap();
    (key, Arc::new(Backup::parse(&backup.to_text()).unwrap()))
}

#[tokio::test(start_paused = true)]
async fn tags_that_spaces_and_lifecycle_configurations_have_lost_are_set_again_and_no_others() {
    let mut bench = Bench::new().await;
    let domain = bench.domain("nlp");
    let (key, backup) = with_config(&mut bench, &domain).await;
    let tagged = backup.spaces.iter().find(|space| !space.tags.is_empty()).map(|space| space.name.clone());
    let tagged = tagged.expect("a space of the demo has tags");
    bench.sim.with_world(|world| {
        let region = world.region_mut(&world::Scope::new(ACCOUNT, REGION));
        let space = (domain.id.as_str().into(), tagged.as_str().into());
        let id = region.spaces.find(&space).unwrap();
        region.spaces.get_mut(id).unwrap().tags = Tags::default();
        let own = [("team".into(), "other".into()), ("own".into(), "1".into())];
        let config = region.lifecycle_configs.get_mut(key.name.as_str()).unwrap();
        config.tags = Tags::new(own.into_iter().collect());
    });
    let restore = Intent::Restore { backup, into: RestoreInto::Existing(domain.clone()) };
    let plan = bench.plan(&restore).await.unwrap();
    let changed: Vec<&str> = plan
        .steps
        .iter()
        .map(|step| match &step.change {
            Change::AddTags(target, _) => target.name(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(changed, [key.name.as_str(), tagged.as_str()]);
    assert_eq!(plan.steps[0].warning.as_deref(), Some("replaces team=other"));
    bench.carry_out(&plan).await;
    let config = bench.sim.with_world(|world| {
        let region = world.region_mut(&world::Scope::new(ACCOUNT, REGION));
        let tags = &region.lifecycle_configs.get(key.name.as_str()).unwrap().tags;
        tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>()
    });
    assert_eq!(config, ["own=1", "team=platform"]);
    let mut again = Bench::at(bench.sim.clone()).await;
    let plan = again.plan(&restore).await.unwrap();
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);
}

#[tokio::test(start_paused = true)]
async fn a_lifecycle_configuration_that_is_gone_is_made_again_under_the_arn_that_refers_to_it() {
    let mut bench = Bench::new().await;
    let domain = bench.domain("nlp");
    let (key, backup) = with_config(&mut bench, &domain).await;
    let from = vec![ObjectKey::Domain(domain.clone())];
    let detach = Intent::DetachLifecycleConfig { config: key.clone(), from };
    let plan = bench.plan(&detach).await.unwrap();
    bench.carry_out(&plan).await;
    let plan = bench.plan(&Intent::DeleteLifecycleConfigs(vec![key.clone()])).await.unwrap();
    assert_eq!(plan.steps.len(), 1, "{:?}", reasons(&plan));
    bench.carry_out(&plan).await;
    let mut bench = Bench::at(bench.sim.clone()).await;
    let into =
        RestoreInto::New { scope: scope(), name: "nlp-again".into(), changes: RestoreChanges::default() };
    let plan = bench.plan(&Intent::Restore { backup, into }).await.unwrap();
    let first: Vec<&str> = plan.steps.iter().take(2).map(|step| step.change.operation()).collect();
    assert_eq!(first, ["CreateStudioLifecycleConfig", "CreateDomain"], "{:?}", reasons(&plan));
    assert_eq!(plan.steps[0].change.request()["Tags"][0]["Value"], "platform");
    assert!(bench.carry_out(&plan).await.is_some(), "AWS took the domain that refers to it");
}
