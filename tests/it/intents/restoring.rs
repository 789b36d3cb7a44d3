//! A domain is backed up and made again from it.

use std::sync::Arc;

use sagedeck::fleet::{Backup, Intent, RestoreChanges, RestoreInto, SheetValue, Standing, backup_needs};

use super::{Bench, reasons};
use crate::wire::scope;

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
    assert_eq!(plan.steps.len(), 1 + backup.users.len() + backup.spaces.len(), "{:?}", reasons(&plan));
    let made = bench.carry_out(&plan).await.expect("a domain was made");
    let again = Intent::Restore { backup: backup.clone(), into: RestoreInto::Existing(made.clone()) };
    let plan = bench.plan(&again).await.unwrap();
    let creates = plan.steps.iter().filter(|step| step.change.creates()).count();
    assert_eq!(creates, 0, "{:?}", plan.steps);
    bench.carry_out(&plan).await;
    let plan = bench.plan(&again).await.unwrap();
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);
    let sheet = backup.uids(&bench.fleet, Some(&made));
    let known = sheet.rows.iter().filter(|row| matches!(row[3], SheetValue::Text(_))).count();
    assert_eq!(known, sheet.rows.len(), "old and new ids: {sheet:?}");
}
