//! `tags set|remove`.

use std::sync::Arc;

use super::arguments::{Chosen, Kind, TaggedArguments, TagsCommand};
use super::change::{Asked, may_apply};
use super::choose::choose;
use super::exit::Exit;
use super::failure::Failure;
use super::setup::Setup;
use crate::aws::Gateway;
use crate::fleet::{Intent, ObjectKey, ObjectKind, Tag};

/// `tags ...`.
///
/// # Errors
///
/// Why there is no plan, or why it is not carried out.
pub(super) async fn run(command: &TagsCommand, setup: &Setup) -> Result<Exit, Failure> {
    match command {
        TagsCommand::Set { tags, on } => {
            let tags = tags.iter().map(|text| tag(text)).collect::<Result<Vec<Tag>, _>>()?;
            change(on, setup, |objects| Intent::SetTags(objects, tags)).await
        }
        TagsCommand::Remove { keys, on } => {
            let keys: Vec<Arc<str>> = keys.iter().map(|key| Arc::from(key.as_str())).collect();
            change(on, setup, |objects| Intent::RemoveTags(objects, keys)).await
        }
    }
}

async fn change(
    on: &TaggedArguments,
    setup: &Setup,
    intent: impl FnOnce(Vec<ObjectKey>) -> Intent,
) -> Result<Exit, Failure> {
    may_apply(&on.change, setup)?;
    let kind = match on.kind {
        Kind::Domains => ObjectKind::Domain,
        Kind::Users => ObjectKind::User,
        Kind::Spaces => ObjectKind::Space,
        Kind::Apps => ObjectKind::App,
    };
    let gateway = Gateway::new(setup.settings.clone());
    let chosen = Chosen { names: on.name.clone(), filter: on.filter.clone(), domain: on.domain.clone() };
    let (gathered, objects) = choose(&chosen, kind, &gateway, setup).await?;
    let asked = Asked {
        setup,
        gateway: &gateway,
        how: &on.change,
        is_cascade: false,
        is_named: !on.name.is_empty(),
        is_aside: false,
    };
    Ok(asked.apply(gathered, &intent(objects)).await?.exit)
}

/// A tag as it is written on the command line.
pub(super) fn tag(text: &str) -> Result<Tag, Failure> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok(Tag { key: key.into(), value: value.into() }),
        _ => Err(Failure::usage(format!("`{text}` is no tag; write KEY=VALUE, such as team=nlp"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_split_at_its_first_equals_sign() {
        let split = |text: &str| tag(text).map(|tag| (tag.key.to_string(), tag.value.to_string()));
        assert_eq!(split("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(split("a="), Ok(("a".to_owned(), String::new())));
        for wrong in ["a", "=b", ""] {
            let failure = split(wrong).unwrap_err();
            assert!(failure.exit == Exit::Usage && failure.message.contains("KEY=VALUE"), "{failure:?}");
        }
    }
}
