//! Tags: `ListTags`.

use std::collections::HashSet;

use super::SageMaker;
use crate::aws::caller::PATIENCE;
use crate::fleet::{ObjectKey, Problem, ProblemKind, Tag, harmless};

/// An object has at most 50 tags of its owner, and AWS adds a few; this operation takes no smaller page than 50.
const TAGS: i32 = 100;

impl SageMaker {
    /// The tags of an object, sorted by key.
    pub(in crate::aws) async fn tags(&self, object: &ObjectKey) -> Result<Vec<Tag>, Problem> {
        let (arn, mut tags, mut token, mut tokens) = (object.arn(), Vec::new(), None, HashSet::new());
        loop {
            let list = || {
                let call = self.client.list_tags().resource_arn(&arn).max_results(TAGS);
                call.set_next_token(token.clone()).send()
            };
            let page = self.caller.call("ListTags", PATIENCE, list).await?;
            tags.extend(page.tags().iter().filter_map(|tag| {
                Some(Tag { key: harmless(tag.key()?), value: harmless(tag.value().unwrap_or_default()) })
            }));
            match page.next_token.filter(|token| !token.is_empty()) {
                None => break,
                Some(next) if tokens.insert(next.clone()) => token = Some(next),
                Some(_) => {
                    let message = "AWS gave the same page token twice, so the list of tags would never end";
                    return Err(Problem::new(ProblemKind::Unexpected, message, ""));
                }
            }
        }
        tags.sort();
        Ok(tags)
    }
}
