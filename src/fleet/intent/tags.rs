//! Plans to set and remove tags: only what differs, within AWS's limits.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::each::{LeftOut, each};
use super::{NO_CREATION_TIME, Policy, pool};
use crate::fleet::rules::{MOST_TAGS, Rule};
use crate::fleet::wording::Counted;
use crate::fleet::{
    AppStatus, Bound, Change, Document, Fleet, ObjectKey, Plan, Query, Status, Step, Tag, Target, Timestamp,
};

/// The tags that the objects have now.
pub(super) fn needs(objects: &[ObjectKey]) -> Vec<Query> {
    objects.iter().cloned().map(Query::Tags).collect()
}

/// Plans to set tags; one that is there with another value gets the new one.
///
/// # Errors
///
/// Which tag AWS would refuse, and why.
pub(super) fn set(
    fleet: &Fleet,
    objects: &[ObjectKey],
    tags: &[Tag],
    policy: &Policy,
    now: Timestamp,
) -> Result<Plan, String> {
    let mut keys = BTreeSet::new();
    for tag in tags {
        let refused = |flaw| format!("The tag {}={} cannot be set: {flaw}.", tag.key, tag.value);
        Rule::TagKey.check(&tag.key).map_err(refused)?;
        Rule::TagValue.check(&tag.value).map_err(refused)?;
        if !keys.insert(&tag.key) {
            return Err(format!("The tag {} is given twice.", tag.key));
        }
    }
    check_count(tags.len())?;
    let mut plan = retag(fleet, objects, policy, now, |target, created, old| {
        set_step(target, created, old, tags)?.ok_or_else(|| LeftOut::so("has them already"))
    });
    plan.verb = "tag".into();
    plan.title = format!("Set {} on {}", Counted(tags.len(), "tag"), Counted(plan.steps.len(), "object"));
    plan.warnings.extend(not_inherited(&plan));
    Ok(plan)
}

/// Plans to remove tags by key.
///
/// # Errors
///
/// Which key AWS would refuse, and why.
pub(super) fn remove(
    fleet: &Fleet,
    objects: &[ObjectKey],
    keys: &[Arc<str>],
    policy: &Policy,
    now: Timestamp,
) -> Result<Plan, String> {
    for key in keys {
        Rule::TagKey.check(key).map_err(|flaw| format!("The tag {key} cannot be removed: {flaw}."))?;
    }
    check_count(keys.len())?;
    let mut plan = retag(fleet, objects, policy, now, |target, created, old| {
        let removed: Vec<Tag> = old.iter().filter(|tag| keys.contains(&tag.key)).cloned().collect();
        if removed.is_empty() {
            return Err(LeftOut::so("has none of them"));
        }
        let warning = removed.iter().map(|tag| format!("removes {}={}", tag.key, tag.value));
        let mut warning = warning.collect::<Vec<_>>().join("; ");
        if removed.iter().any(|tag| &*tag.key == super::suspend::TAG) {
            warning.push_str("; with it goes what a resumed user gets back");
        }
        let keys = removed.iter().map(|tag| tag.key.clone()).collect();
        Ok(step(Change::RemoveTags(target.clone(), keys), created, &removed, warning))
    });
    plan.verb = "untag".into();
    plan.title =
        format!("Remove {} from {}", Counted(keys.len(), "tag"), Counted(plan.steps.len(), "object"));
    plan.warnings.extend(not_inherited(&plan));
    Ok(plan)
}

/// The step that sets these tags on what was created then and has the tags `old`; `None` where it has them all.
///
/// # Errors
///
/// That it would have more tags than AWS allows.
pub(super) fn set_step(
    target: &Target,
    created: Timestamp,
    old: &[Tag],
    tags: &[Tag],
) -> Result<Option<Step>, Arc<str>> {
    let new: Vec<Tag> = tags.iter().filter(|tag| !old.contains(tag)).cloned().collect();
    if new.is_empty() {
        return Ok(None);
    }
    let custom = old.iter().filter(|tag| !tag.is_of_aws());
    let after: BTreeSet<&Arc<str>> = custom.chain(&new).map(|tag| &tag.key).collect();
    if after.len() > MOST_TAGS {
        return Err(format!("would have {} tags, and AWS allows {MOST_TAGS}", after.len()).into());
    }
    let replaced: Vec<Tag> =
        old.iter().filter(|tag| new.iter().any(|new| new.key == tag.key)).cloned().collect();
    let warning = replaced.iter().map(|tag| format!("replaces {}={}", tag.key, tag.value));
    let warning = warning.collect::<Vec<_>>().join("; ");
    Ok(Some(step(Change::AddTags(target.clone(), new), created, &replaced, warning)))
}

fn step(change: Change, created: Timestamp, before: &[Tag], warning: String) -> Step {
    Step {
        warning: (!warning.is_empty()).then(|| warning.into()),
        before: Some(as_document(before)),
        ..Step::new(change, Bound::Created(created))
    }
}

fn retag(
    fleet: &Fleet,
    objects: &[ObjectKey],
    policy: &Policy,
    now: Timestamp,
    step: impl Fn(&Target, Timestamp, &[Tag]) -> Result<Step, LeftOut>,
) -> Plan {
    let (steps, excluded) = each(objects, |object| {
        let target = Target::from(object.clone());
        step(&target, present(fleet, object)?, fleet.tags_of(&target)?)
    });
    let pool = pool::of(fleet, policy, &steps);
    Plan { excluded, pool, ..Plan::new("", "", now, steps) }
}

/// When an object that can be changed was created, or why it cannot be changed.
pub(super) fn present(fleet: &Fleet, object: &ObjectKey) -> Result<Timestamp, Arc<str>> {
    let going = |status: &Status| *status == Status::Deleting;
    let row = match object {
        ObjectKey::Domain(key) => fleet.domains.get(key).map(|row| (row.created, going(&row.status))),
        ObjectKey::User(key) => fleet.users.get(key).map(|row| (row.created, going(&row.status))),
        ObjectKey::Space(key) => fleet.spaces.get(key).map(|row| (row.created, going(&row.status))),
        ObjectKey::App(key) => fleet
            .apps
            .get(key)
            .map(|row| (row.created, matches!(row.status, AppStatus::Deleting | AppStatus::Deleted))),
    };
    match row {
        None => Err("is not in the list any more".into()),
        Some((_, true)) => Err("is gone or going".into()),
        Some((None, _)) => Err(NO_CREATION_TIME.into()),
        Some((Some(created), false)) => Ok(created),
    }
}

/// Tags as AWS spells them.
pub(super) fn as_document(tags: &[Tag]) -> Document {
    Document::from_iter([("Tags".to_owned(), Tag::list(tags))])
}

/// Source: `AddTags` in the API reference.
fn not_inherited(plan: &Plan) -> Option<String> {
    let is_app = |step: &Step| matches!(step.change.target(), Target::Object(ObjectKey::App(_)));
    (!plan.steps.iter().all(is_app)).then(|| {
        "Apps that are running keep their own tags: those of a domain or user reach apps started from then on."
            .to_owned()
    })
}

fn check_count(count: usize) -> Result<(), String> {
    match count {
        0 => Err("There is no tag to set or remove.".to_owned()),
        1..=MOST_TAGS => Ok(()),
        _ => Err(format!("{count} tags are too many at once: AWS takes {MOST_TAGS}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Answer, Documents, Intent, Problem, ProblemKind, sample};

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.into(), value: value.into() }
    }

    fn user(name: &str) -> ObjectKey {
        ObjectKey::User(sample::user(name).key)
    }

    fn fleet(tagged: &[(&str, Vec<Tag>)]) -> Fleet {
        let users = tagged.iter().map(|(name, _)| sample::user(name)).collect();
        let mut fleet = sample::fleet(users, vec![], vec![]);
        for (name, tags) in tagged {
            fleet.absorb(&Query::Tags(user(name)), Answer::Tags(tags.clone()), sample::now());
        }
        fleet
    }

    fn plan(fleet: &Fleet, intent: &Intent) -> Result<Plan, String> {
        intent.plan(fleet, &Documents::default(), &Policy::default(), sample::now())
    }

    #[test]
    fn only_what_differs_is_set_and_what_it_replaces_is_kept_and_told() {
        let fleet = fleet(&[
            ("anna", vec![tag("team", "nlp"), tag("env", "dev")]),
            ("ben", vec![tag("team", "cv")]),
            ("cleo", vec![]),
        ]);
        let all = vec![user("anna"), user("ben"), user("cleo"), user("ben"), user("dora")];
        let set = Intent::SetTags(all, vec![tag("team", "nlp"), tag("env", "dev")]);
        let plan = plan(&fleet, &set).unwrap();
        assert_eq!(plan.title, "Set 2 tags on 2 objects");
        assert_eq!(
            plan.steps[0].change,
            Change::AddTags(user("ben").into(), vec![tag("team", "nlp"), tag("env", "dev")])
        );
        assert_eq!(plan.steps[0].before, Some(as_document(&[tag("team", "cv")])));
        assert_eq!(plan.steps[0].warning.as_deref(), Some("replaces team=cv"));
        assert_eq!(plan.steps[1].before, Some(as_document(&[])));
        assert!(matches!(plan.steps[1].bound, Bound::Created(_)) && plan.is_intact());
        let reasons: Vec<_> = plan.excluded.iter().map(|excluded| &*excluded.reason).collect();
        assert_eq!(reasons, ["has them already", "is not in the list any more"]);
    }

    #[test]
    fn tags_are_removed_by_key_where_they_are() {
        let fleet = fleet(&[("anna", vec![tag("team", "nlp"), tag("env", "dev")]), ("ben", vec![])]);
        let keys = vec!["team".into(), "cost".into()];
        let plan = plan(&fleet, &Intent::RemoveTags(vec![user("anna"), user("ben")], keys)).unwrap();
        assert_eq!(plan.steps.len(), 1);
        assert_eq!(plan.steps[0].change, Change::RemoveTags(user("anna").into(), vec!["team".into()]));
        assert_eq!(plan.steps[0].before, Some(as_document(&[tag("team", "nlp")])));
        assert_eq!(&*plan.excluded[0].reason, "has none of them");
    }

    #[test]
    fn tags_that_aws_would_refuse_are_named_with_the_place_before_anything_is_sent() {
        let fleet = fleet(&[("anna", vec![])]);
        let refusal = |tags: Vec<Tag>| plan(&fleet, &Intent::SetTags(vec![user("anna")], tags)).unwrap_err();
        for (tags, part) in [
            (vec![], "no tag"),
            (vec![tag("", "x")], "must not be empty"),
            (vec![tag(&"k".repeat(129), "x")], "128"),
            (vec![tag("k", &"v".repeat(257))], "256"),
            (vec![tag("AWS:x", "y")], "begin with `aws:`"),
            (vec![tag("Größe", "a*b")], "character 2 is `*`"),
            (vec![tag("a", "1"), tag("a", "2")], "given twice"),
            ((0..51).map(|n| tag(&format!("k{n}"), "v")).collect(), "51 tags"),
        ] {
            let refusal = refusal(tags);
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
        assert!(plan(&fleet, &Intent::SetTags(vec![user("anna")], vec![tag("Größe", "a b/c=d@e")])).is_ok());
    }

    #[test]
    fn an_object_gets_no_more_than_fifty_tags_of_ours() {
        let many = |count| (0..count).map(|n| tag(&format!("k{n}"), "v")).collect::<Vec<_>>();
        let mut own = many(49);
        own.push(tag("aws:cloudformation:stack-name", "x"));
        let fleet = fleet(&[("anna", own), ("ben", many(50))]);
        let plan = plan(&fleet, &Intent::SetTags(vec![user("anna"), user("ben")], vec![tag("team", "nlp")]))
            .unwrap();
        assert_eq!(plan.steps.len(), 1);
        assert_eq!(&*plan.excluded[0].reason, "would have 51 tags, and AWS allows 50");
    }

    #[test]
    fn tags_that_could_not_be_read_are_not_written_over() {
        let mut fleet = fleet(&[("anna", vec![tag("team", "nlp")])]);
        let denied = Problem::new(ProblemKind::AccessDenied, "no", "");
        fleet.fail(&Query::Tags(user("anna")), denied);
        let plan = plan(&fleet, &Intent::SetTags(vec![user("anna")], vec![tag("team", "cv")])).unwrap();
        assert!(plan.steps.is_empty() && plan.excluded[0].reason.contains("could not be read"));
    }
}
