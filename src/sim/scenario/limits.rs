//! How many of everything the accounts of the fleets may have: what they need and some room, but for the exhibits.
//! Knows no request.

use std::collections::BTreeMap;

use super::{ACCOUNT, Scenario};
use crate::sim::clock::DAY;
use crate::sim::world::{AppType, Name, QuotaRequest, Region, Scope, Verdict, World, quota_of, quotas};

/// Gives every region of a fleet its limits.
pub(super) fn found(scenario: Scenario, world: &mut World) {
    world.has_default_quotas = true;
    for region in world.accounts.values_mut().flat_map(|account| account.regions.values_mut()) {
        make_room(region);
    }
    if scenario == Scenario::Small {
        let now = world.now();
        exhibit(world.region_mut(&Scope::new(ACCOUNT, "eu-west-1")), now);
    }
}

/// An account that has run a fleet for years has asked for what it needs.
fn make_room(region: &mut Region) {
    for (quota, used, least) in [
        (quotas::DOMAINS, region.domains.len(), 20),
        (quotas::USER_PROFILES, region.profiles.len(), 1_000),
        (quotas::SPACES, region.spaces.len(), 2_000),
        (quotas::APPS, region.apps.len(), 1_000),
    ] {
        region.quotas.entry(quota.into()).or_insert_with(|| round((used * 2).max(least)));
    }
    // Volumes stay when apps stop, so their limit is the one that is asked for again and again.
    let gigabytes = region.spaces.iter().filter_map(|(_, space)| space.gigabytes()).sum::<u64>() as usize;
    let volumes = round((gigabytes + gigabytes / 8).max(500));
    region.quotas.entry(quotas::SPACE_VOLUMES.into()).or_insert(volumes);
    let mut needed: BTreeMap<(AppType, Name), usize> = BTreeMap::new();
    for (_, app) in region.apps.iter().filter(|(_, app)| app.is_live()) {
        if let Some(instance) = app.instance_type() {
            *needed.entry((app.identity().app_type, instance.into())).or_default() += 1;
        }
    }
    // No limit is lower than what there is of it; those that a scenario sets may be as low as that.
    for ((kind, instance), used) in &needed {
        if let Some(most) = region.app_quotas.get_mut(quota_of(*kind, instance).as_str()) {
            *most = (*most).max(*used);
        }
    }
    for most in needed.values_mut() {
        *most = round((*most + *most / 2).max(2));
    }
    // Whoever starts something in Studio starts it on one of these.
    for kind in [AppType::JupyterLab, AppType::CodeEditor] {
        for (instance, least) in
            [("ml.t3.medium", 100), ("ml.t3.large", 50), ("ml.m5.large", 20), ("ml.m5.xlarge", 20)]
        {
            let most = needed.entry((kind, instance.into())).or_default();
            *most = least.max(*most);
        }
    }
    for ((kind, instance), most) in needed {
        region.app_quotas.entry(quota_of(kind, &instance).into()).or_insert(most);
    }
}

/// As people ask: in round numbers.
fn round(number: usize) -> usize {
    let step = match number {
        ..=10 => 1,
        11..=50 => 5,
        51..=200 => 10,
        _ => 100,
    };
    number.div_ceil(step) * step
}

/// What the quotas pane has to show: limits that are unknown, and what was asked of them.
fn exhibit(region: &mut Region, now: i64) {
    let lab = |instance: &str| Name::from(quota_of(AppType::JupyterLab, instance));
    let kernel = quota_of(AppType::KernelGateway, "ml.g4dn.xlarge");
    let denied = "DEPENDENCY_ACCESS_DENIED_ERROR";
    let why = "Service Quotas was denied access to the value of this quota.";
    region.quota_desk.unreadable.insert(kernel.into(), (denied.into(), why.into()));
    let unapplied = lab("ml.g4dn.2xlarge");
    region.app_quotas.remove(&unapplied);
    region.quota_desk.unapplied.insert(unapplied);
    let asked = [
        (lab("ml.p4d.24xlarge"), 4.0, 45, Verdict::Denied),
        (lab("ml.g4dn.xlarge"), 8.0, 20, Verdict::Approved),
        (lab("ml.g5.48xlarge"), 2.0, 9, Verdict::NotApproved),
        (lab("ml.p5.48xlarge"), 1.0, 2, Verdict::CaseOpened),
    ];
    for (number, (quota, desired, days, verdict)) in asked.into_iter().enumerate() {
        let created = now - days * DAY;
        region.quota_desk.requests.push(QuotaRequest {
            id: format!("{:032x}", 0x5a9e_dec4_u64 + number as u64).into(),
            verdict,
            requester: format!("arn:aws:sts::{ACCOUNT}:assumed-role/MLAdmin/anna").into(),
            ..QuotaRequest::new(&quota, desired, 0.0, created)
        });
    }
}
