//! `spaces delete`.

use super::arguments::ChosenChange;
use super::change::{Asked, may_apply};
use super::choose::choose;
use super::exit::Exit;
use super::failure::Failure;
use super::setup::Setup;
use crate::aws::Gateway;
use crate::fleet::{Intent, ObjectKey, ObjectKind, SpaceKey};

/// `spaces delete`.
///
/// # Errors
///
/// Why there is no plan, or why it is not carried out.
pub(super) async fn delete(arguments: &ChosenChange, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, keys) = choose(&arguments.chosen, ObjectKind::Space, &gateway, setup).await?;
    let spaces: Vec<SpaceKey> = keys
        .into_iter()
        .filter_map(|key| match key {
            ObjectKey::Space(key) => Some(key),
            _ => None,
        })
        .collect();
    let is_cascade = spaces.len() > 1;
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade, is_aside: false };
    Ok(asked.apply(gathered, &Intent::DeleteSpaces(spaces)).await?.exit)
}
