//! Several intents as one plan: their steps one after the other, confirmed together.

use super::{Documents, Intent, Policy, pool};
use crate::fleet::{Fleet, Plan, Timestamp};

/// The plan of all of them. What one leaves out while another changes it is not left out.
///
/// # Errors
///
/// Why there can be no plan of one of them.
pub(super) fn plan(
    parts: &[Intent],
    fleet: &Fleet,
    documents: &Documents,
    policy: &Policy,
    now: Timestamp,
) -> Result<Plan, String> {
    let mut whole = Plan::new("", "", now, Vec::new());
    let mut titles: Vec<String> = Vec::new();
    for part in parts {
        let plan = part.plan(fleet, documents, policy, now)?;
        let before = whole.steps.len();
        if !plan.steps.is_empty() {
            titles.push(plan.title);
            if whole.verb.is_empty() {
                whole.verb = plan.verb;
            }
        }
        whole.steps.extend(plan.steps.into_iter().map(|mut step| {
            step.after.iter_mut().for_each(|after| *after += before);
            step
        }));
        whole.excluded.extend(plan.excluded);
        whole.phrases.extend(plan.phrases);
        for (all, more) in [
            (&mut whole.loses, plan.loses),
            (&mut whole.keeps, plan.keeps),
            (&mut whole.warnings, plan.warnings),
        ] {
            let new: Vec<String> = more.into_iter().filter(|text| !all.contains(text)).collect();
            all.extend(new);
        }
    }
    let title = if titles.is_empty() { "Nothing to change".to_owned() } else { titles.join("; ") };
    let verb = if whole.verb.is_empty() { "change" } else { &whole.verb };
    let pool = pool::of(fleet, policy, &whole.steps);
    Ok(Plan {
        excluded: whole.excluded,
        loses: whole.loses,
        keeps: whole.keeps,
        warnings: whole.warnings,
        phrases: whole.phrases,
        pool,
        ..Plan::new(title, verb, now, whole.steps)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Answer, Change, ObjectKey, Query, Tag, sample};

    #[test]
    fn tags_are_set_and_removed_by_one_plan() {
        let tag = |key: &str, value: &str| Tag { key: key.into(), value: value.into() };
        let mut fleet = sample::fleet(vec![sample::user("anna"), sample::user("ben")], vec![], vec![]);
        let user = |name: &str| ObjectKey::User(sample::user(name).key);
        for (name, tags) in [("anna", vec![tag("old", "x")]), ("ben", vec![tag("team", "nlp")])] {
            fleet.absorb(&Query::Tags(user(name)), Answer::Tags(tags), sample::now());
        }
        let objects = vec![user("anna"), user("ben")];
        let intent = Intent::Together(vec![
            Intent::SetTags(objects.clone(), vec![tag("team", "nlp")]),
            Intent::RemoveTags(objects, vec!["old".into()]),
        ]);
        let plan = intent.plan(&fleet, &Documents::default(), &Policy::default(), sample::now()).unwrap();
        let changes: Vec<&Change> = plan.steps.iter().map(|step| &step.change).collect();
        assert!(
            matches!(changes[..], [Change::AddTags(set, _), Change::RemoveTags(from, _)]
                if *set == user("anna").into() && *from == user("anna").into()),
            "{changes:?}"
        );
        assert_eq!(plan.title, "Set 1 tag on 1 object; Remove 1 tag from 1 object");
        assert_eq!(plan.excluded.len(), 2, "ben has the one and not the other");
        assert!(plan.is_intact());
    }
}
