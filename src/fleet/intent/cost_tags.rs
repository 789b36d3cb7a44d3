//! Plans for cost allocation tags: activating keys, so that bills carry them, and filling bills of before. AWS lets the
//! account that pays do this, and no other.

use std::sync::Arc;

use jiff::ToSpan;

use crate::fleet::wording::Counted;
use crate::fleet::{Bound, Change, Fleet, Plan, Scope, Step, Timestamp, billing_day};

/// How many keys one request takes (`UpdateCostAllocationTagsStatus`).
const AT_ONCE: usize = 20;
/// How many months back bills can be filled (`StartCostAllocationTagBackfill`).
const MONTHS_BACK: i32 = 12;

/// Plans to activate keys.
///
/// # Errors
///
/// Why there is nothing to activate, or why it is not known what there is.
pub(super) fn activate(
    fleet: &Fleet,
    scope: &Scope,
    keys: &[Arc<str>],
    now: Timestamp,
) -> Result<Plan, String> {
    let tags = fleet.bills.tags(scope.account()).ok_or_else(|| {
        format!("Which cost allocation tags {} has is not known.", fleet.account_label(scope.account()))
    })?;
    let (mut wanted, mut warnings) = (Vec::new(), Vec::new());
    for key in keys {
        match tags.is_active(key) {
            Some(false) => wanted.push(Arc::clone(key)),
            Some(true) => warnings.push(format!("{key} is active already.")),
            None => warnings.push(format!(
                "{key} cannot be activated yet: AWS knows a key up to 24 hours after something with it was billed."
            )),
        }
    }
    if wanted.is_empty() {
        return Err(format!("There is nothing to activate. {}", warnings.join(" ")));
    }
    let count = Counted(wanted.len(), "cost allocation tag");
    let steps = wanted
        .chunks(AT_ONCE)
        .map(|keys| Step::new(Change::ActivateCostTags(scope.clone(), keys.to_vec()), Bound::Unbound))
        .collect();
    warnings.push(
        "Bills carry an activated key from 24 to 48 hours later on, and only for what is used from then on; bills of \
         before can be filled afterwards, once a day."
            .to_owned(),
    );
    warnings.push(
        "Which keys are active is read again afterwards: one request to Cost Explorer, $0.01.".to_owned(),
    );
    Ok(Plan {
        warnings,
        keeps: vec!["No resource is changed, and nothing is billed for it.".to_owned()],
        ..Plan::new(
            format!("Activate {count} of {}", fleet.account_label(scope.account())),
            "activate",
            now,
            steps,
        )
    })
}

/// Plans to fill the bills of the last twelve months with the keys that are active now.
pub(super) fn backfill(fleet: &Fleet, scope: &Scope, now: Timestamp) -> Plan {
    let from = billing_day(now).first_of_month().saturating_sub(MONTHS_BACK.months());
    let step = Step::new(Change::BackfillCostTags(scope.clone(), from), Bound::Unbound);
    Plan {
        warnings: vec![
            "AWS does this once in 24 hours, and takes some hours for it.".to_owned(),
            "Answers of Cost Explorer that are kept here do not show it until they are asked anew."
                .to_owned(),
        ],
        keeps: vec!["No resource is changed, and nothing is billed for it.".to_owned()],
        ..Plan::new(
            format!(
                "Fill the bills of {} since {from} with its active tags",
                fleet.account_label(scope.account())
            ),
            "fill",
            now,
            vec![step],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AccountId, CostTag, CostTags, Region};

    fn fleet(tags: &[(&str, bool)]) -> Fleet {
        let tag = |(key, active): &(&str, bool)| CostTag {
            key: (*key).into(),
            active: *active,
            by_aws: false,
            last_used: None,
        };
        let tags = CostTags { asked_at: now(), requests: 1, tags: tags.iter().map(tag).collect() };
        let mut fleet = Fleet::default();
        fleet.bills.learn_tags(scope().account().clone(), Arc::new(tags));
        fleet
    }

    fn scope() -> Scope {
        Scope::new(AccountId::new("123456789012"), Region::new("us-east-1"))
    }

    fn now() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn only_what_is_known_and_inactive_is_activated() {
        let fleet = fleet(&[("team", false), ("env", true)]);
        let keys: Vec<Arc<str>> = ["team", "env", "new"].map(Arc::from).to_vec();
        let plan = activate(&fleet, &scope(), &keys, now()).unwrap();
        assert_eq!(plan.steps.len(), 1);
        assert_eq!(plan.steps[0].change, Change::ActivateCostTags(scope(), vec!["team".into()]));
        let told = plan.warnings.join("\n");
        assert!(
            told.contains("env is active already") && told.contains("new cannot be activated yet"),
            "{told}"
        );
        assert!(activate(&fleet, &scope(), &["env".into()], now()).unwrap_err().contains("nothing"));
        assert!(activate(&Fleet::default(), &scope(), &keys, now()).unwrap_err().contains("not known"));
    }

    #[test]
    fn bills_are_filled_from_the_first_of_a_month_a_year_back() {
        let plan = backfill(&fleet(&[]), &scope(), now());
        assert_eq!(
            plan.steps[0].change.cli_line(),
            "aws ce start-cost-allocation-tag-backfill --region us-east-1 --backfill-from 2025-11-01T00:00:00Z"
        );
    }
}
