//! The tags of a backup against those of what is there: what is missing or differs is set, and none is removed.

use std::sync::Arc;

use super::Restored;
use crate::fleet::intent::onboard::{TAG_MEMBER, tag_deltas};
use crate::fleet::intent::tags::set_step;
use crate::fleet::onboard::differs;
use crate::fleet::{Fleet, Standing, Tag, Timestamp};

/// Has the tags set that something which is there ought to have. `created` tells when it was created.
pub(super) fn retag(
    restored: &mut Restored,
    wanted: &[Tag],
    fleet: &Fleet,
    created: impl FnOnce() -> Result<Timestamp, Arc<str>>,
) {
    let difference = &mut restored.difference;
    let is_there = matches!(difference.standing, Standing::Equal | Standing::Differs | Standing::Unassigned);
    if wanted.is_empty() || !is_there {
        return;
    }
    let step = fleet.tags_of(&difference.target).and_then(|old| {
        let missing = tag_deltas(wanted, old);
        if missing.is_empty() {
            return Ok(None);
        }
        let step = set_step(&difference.target, created()?, old, wanted)?;
        Ok(step.map(|step| (step, missing)))
    });
    match step {
        Ok(None) => {}
        Ok(Some((mut step, missing))) => {
            difference.deltas.retain(|delta| !delta.member.starts_with(TAG_MEMBER));
            if !difference.deltas.is_empty() {
                let others = format!("besides, it {}", differs(&difference.deltas));
                let warnings: Vec<&str> = step.warning.as_deref().into_iter().chain([&*others]).collect();
                step.warning = Some(warnings.join("; ").into());
            }
            difference.deltas.extend(missing);
            if difference.standing != Standing::Unassigned {
                difference.standing = Standing::Untagged;
            }
            restored.retag = Some(step);
        }
        // Who may not sign in is let in, whatever becomes of the tags.
        Err(why) if difference.standing == Standing::Unassigned => difference.notes.push(why.to_string()),
        Err(why) => difference.standing = Standing::Invalid(vec![format!("exists already, and {why}")]),
    }
}
