//! `apps stop|restart`.

use super::arguments::{AppsChange, Chosen};
use super::change::{Asked, may_apply};
use super::choose::choose;
use super::exit::Exit;
use super::failure::Failure;
use super::setup::Setup;
use crate::aws::Gateway;
use crate::fleet::{AppKey, Intent, ObjectKey, ObjectKind};

/// `apps stop`.
///
/// # Errors
///
/// Why there is no plan, or why it is not carried out.
pub(super) async fn stop(arguments: &AppsChange, setup: &Setup) -> Result<Exit, Failure> {
    change(arguments, setup, Intent::Stop).await
}

/// `apps restart`.
///
/// # Errors
///
/// Why there is no plan, or why it is not carried out.
pub(super) async fn restart(arguments: &AppsChange, setup: &Setup) -> Result<Exit, Failure> {
    change(arguments, setup, Intent::Restart).await
}

async fn change(
    arguments: &AppsChange,
    setup: &Setup,
    intent: impl FnOnce(Vec<AppKey>) -> Intent,
) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let gateway = Gateway::new(setup.settings.clone());
    let chosen = Chosen {
        names: Vec::new(),
        filter: Some(arguments.filter.clone()),
        domain: arguments.domain.clone(),
    };
    let (gathered, keys) = choose(&chosen, ObjectKind::App, &gateway, setup).await?;
    let keys = keys.into_iter().filter_map(|key| match key {
        ObjectKey::App(key) => Some(key),
        _ => None,
    });
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: false, is_named: false, is_aside: false };
    Ok(asked.apply(gathered, &intent(keys.collect())).await?.exit)
}
