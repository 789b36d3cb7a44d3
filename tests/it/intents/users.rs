//! Onboarding and edits of users.

use sagedeck::fleet::{
    AppType, AuthMode, Change, IdleSettings, Intent, Query, Roster, RosterFormat, Templates, UserEdit,
    UserKey,
};
use std::fmt::Write as _;

use super::{Bench, reasons};

#[tokio::test(start_paused = true)]
async fn a_roster_is_onboarded_and_run_again_creates_nobody_twice() {
    let mut bench = Bench::new().await;
    let names: Vec<String> = bench
        .fleet
        .domains
        .iter()
        .filter_map(|domain| domain.name.as_ref().map(ToString::to_string))
        .collect();
    let mut modes = Vec::new();
    for name in names {
        let domain = bench.domain(&name);
        bench.read(&Query::Domain(domain.clone())).await;
        bench.read(&Query::Users(domain.clone())).await;
        let detail = bench.fleet.domains.get(&domain).and_then(|domain| domain.detail.clone());
        let Some(mode) = detail.and_then(|detail| detail.auth_mode) else { continue };
        let mut text = String::from("name,email,idle_minutes,tag:team\n");
        let known =
            bench.fleet.users.iter().find(|user| user.key.domain_key() == domain).unwrap().key.clone();
        bench.read(&Query::User(known.clone())).await;
        let person = bench.fleet.users.get(&known).and_then(|user| user.detail.clone()?.sso_user);
        // The person of somebody who is there signs in with a second profile: Identity Center knows no other.
        let email = person.as_deref().unwrap_or_default();
        let _ = write!(text, "new-one,{email},90,nlp\nnew-two,nobody@nowhere,90,nlp\n");
        let roster = Roster::parse(&text, RosterFormat::Csv).unwrap();
        let newcomers = roster.newcomers(&bench.fleet, Some(&domain), &Templates::new());
        let intent = Intent::Onboard(newcomers);
        let plan = bench.plan(&intent).await.unwrap();
        let created = plan.steps.iter().filter(|step| matches!(step.change, Change::CreateUser(..))).count();
        let expected = if mode == AuthMode::Sso { 1 } else { 2 };
        assert_eq!(created, expected, "{:?}", reasons(&plan));
        bench.carry_out(&plan).await;
        let again = bench.plan(&intent).await.unwrap();
        assert!(again.steps.is_empty(), "{again:?}");
        assert!(reasons(&again)[0].contains("exists already, as wanted"), "{:?}", reasons(&again));
        modes.push(mode);
    }
    assert!(modes.contains(&AuthMode::Iam) && modes.contains(&AuthMode::Sso), "{modes:?}");
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_everybody_is_taken_and_then_is_so_already() {
    let mut bench = Bench::new().await;
    let domain = bench.domain("nlp");
    bench.read(&Query::Users(domain.clone())).await;
    let users: Vec<UserKey> = bench
        .fleet
        .users
        .iter()
        .filter(|user| user.key.domain_key() == domain && user.status.as_str() == "InService")
        .map(|user| user.key.clone())
        .collect();
    let idle = IdleSettings { enabled: Some(true), timeout_minutes: Some(120), ..IdleSettings::default() };
    let edit = UserEdit {
        idle: [(AppType::JupyterLab, idle), (AppType::CodeEditor, idle)].into(),
        landing: Some("studio::".into()),
        ..UserEdit::default()
    };
    let intent = Intent::EditUsers { users: users.clone(), edit };
    let plan = bench.plan(&intent).await.unwrap();
    assert_eq!(plan.steps.len(), users.len(), "{:?}", reasons(&plan));
    bench.carry_out(&plan).await;
    let again = bench.plan(&intent).await.unwrap();
    assert!(again.steps.is_empty(), "{again:?}");
    assert!(reasons(&again).iter().all(|reason| reason.ends_with("is so already")), "{:?}", reasons(&again));
    assert_eq!(bench.sim.requests().count("UpdateUserProfile"), users.len() as u64);
}
