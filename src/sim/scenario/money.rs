//! What the fleets have cost, and which tags their bills show. Knows no request.

use super::{OTHER_ACCOUNT, Scenario};
use crate::sim::billing::{CostTag, day_of, month_start};
use crate::sim::clock::DAY;
use crate::sim::world::{Denial, Name, World};

/// The tags that Studio sets itself.
const SYSTEM: [&str; 3] = ["sagemaker:domain-arn", "sagemaker:user-profile-arn", "sagemaker:space-arn"];
/// For how many months the tags of the demo are active.
const MONTHS_ACTIVE: i64 = 10;
/// A key with so many values that no list of them can be read.
const WIDE: (&str, u32) = ("dataset", 10_000);

/// Gives a fleet its bills.
pub(super) fn found(scenario: Scenario, seed: u64, world: &mut World) {
    let now = world.now();
    if scenario == Scenario::Empty {
        world.billing.available_from = now + DAY;
        return;
    }
    let since = (month_start(day_of(now), -MONTHS_ACTIVE) + 3) * DAY;
    let used = |tag: CostTag| CostTag { used: Some(now - DAY), ..tag };
    let mut add = |key: &str, tag: CostTag| world.billing.tags.insert(Name::from(key), used(tag));
    for key in ["cost-center", "env", "project"] {
        add(key, CostTag::inactive());
    }
    add("aws:createdBy", CostTag { is_generated: true, ..CostTag::inactive() });
    let is_active = scenario != Scenario::Broken;
    for key in SYSTEM.into_iter().chain(["team"]) {
        add(key, if is_active { CostTag::active(since) } else { CostTag::inactive() });
    }
    match scenario {
        Scenario::Large | Scenario::Huge => {
            add(WIDE.0, CostTag::active(since));
            world.billing.wide_tag = Some((WIDE.0.into(), WIDE.1));
        }
        Scenario::Broken => {
            let account = Some(OTHER_ACCOUNT.into());
            world.denials.push(Denial { action: "ce:*".into(), account, region: None });
        }
        Scenario::Small | Scenario::Empty => {}
    }
    world.remember_a_past(seed);
}
