//! Tags: `ListTags`.

use super::SageMaker;
use crate::aws::caller::PATIENCE;
use crate::aws::walk::{Sheet, all};
use crate::fleet::{Problem, Tag, harmless};

/// An object has at most 50 tags of its owner, and AWS adds a few; this operation takes no smaller page than 50.
const TAGS: i32 = 100;

impl SageMaker {
    /// The tags of an object, sorted by key.
    pub(in crate::aws) async fn tags(&self, arn: &str) -> Result<Vec<Tag>, Problem> {
        let mut tags = all(|token| async move {
            let list = || {
                let call = self.client.list_tags().resource_arn(arn).max_results(TAGS);
                call.set_next_token(token.clone()).send()
            };
            let page = self.caller.call("ListTags", PATIENCE, list).await?;
            let tags = page.tags().iter().map(|tag| {
                Some(Tag { key: harmless(tag.key()?), value: harmless(tag.value().unwrap_or_default()) })
            });
            Ok(Sheet::new(tags, page.next_token.clone()))
        })
        .await?;
        tags.sort();
        Ok(tags)
    }
}
