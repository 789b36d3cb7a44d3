//! `spaces list|create|edit|delete`.

use std::sync::Arc;

use super::arguments::{
    Chosen, ChosenChange, SpaceCreate, SpaceEditArguments, SpaceSettingsArguments, SpacesCommand, Switch,
};
use super::change::{Asked, may_apply};
use super::choose::choose;
use super::domains::one;
use super::exit::Exit;
use super::failure::Failure;
use super::gather::Gathered;
use super::list;
use super::settings::{app_type, members};
use super::setup::Setup;
use super::tags::tag;
use crate::aws::Gateway;
use crate::fleet::{AppType, Intent, Name, NewSpace, ObjectKey, ObjectKind, Sharing, SpaceEdit, SpaceKey};

/// The app types that run in new spaces.
const NEW: [AppType; 2] = [AppType::JupyterLab, AppType::CodeEditor];

/// `spaces ...`.
///
/// # Errors
///
/// Why nothing can be listed, why there is no plan, or why it is not carried out.
pub(super) async fn run(command: &SpacesCommand, setup: &Setup) -> Result<Exit, Failure> {
    match command {
        SpacesCommand::List(arguments) => list::list(ObjectKind::Space, arguments, setup).await,
        SpacesCommand::Create(arguments) => create(arguments, setup).await,
        SpacesCommand::Edit(arguments) => edit(arguments, setup).await,
        SpacesCommand::Delete(arguments) => delete(arguments, setup).await,
    }
}

async fn create(arguments: &SpaceCreate, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let app_type = app_type("--app-type", &arguments.app_type, &NEW, "runs in no new space")?;
    let edit = wanted(&arguments.settings)?;
    if let Some(flaw) = edit.flaws(&app_type).first() {
        return Err(Failure::usage(flaw.clone()));
    }
    let tags = arguments.tag.iter().map(|text| tag(text)).collect::<Result<_, _>>()?;
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, domain) = one(&arguments.domain, &gateway, setup).await?;
    let space = SpaceKey { scope: domain.scope, domain: domain.id, name: Name::new(&arguments.name) };
    let sharing = if arguments.shared { Sharing::Shared } else { Sharing::Private };
    let owner = Name::new(&arguments.owner);
    let intent = Intent::CreateSpaces(vec![NewSpace { space, owner, sharing, app_type, edit, tags }]);
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: false, is_named: true, is_aside: false };
    Ok(asked.apply(gathered, &intent).await?.exit)
}

async fn edit(arguments: &SpaceEditArguments, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let edit = wanted(&arguments.settings)?;
    if edit.is_empty() {
        return Err(Failure::usage("say what to change, such as --size or --instance; see --help"));
    }
    let gateway = Gateway::new(setup.settings.clone());
    let is_named = !arguments.chosen.names.is_empty();
    let (gathered, spaces) = spaces(&arguments.chosen, &gateway, setup).await?;
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: false, is_named, is_aside: false };
    Ok(asked.apply(gathered, &Intent::EditSpaces { spaces, edit }).await?.exit)
}

async fn delete(arguments: &ChosenChange, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let gateway = Gateway::new(setup.settings.clone());
    let is_named = !arguments.chosen.names.is_empty();
    let (gathered, spaces) = spaces(&arguments.chosen, &gateway, setup).await?;
    let is_cascade = spaces.len() > 1;
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade, is_named, is_aside: false };
    Ok(asked.apply(gathered, &Intent::DeleteSpaces(spaces)).await?.exit)
}

/// The spaces that are meant.
async fn spaces(
    chosen: &Chosen,
    gateway: &Gateway,
    setup: &Setup,
) -> Result<(Gathered, Vec<SpaceKey>), Failure> {
    let (gathered, keys) = choose(chosen, ObjectKind::Space, gateway, setup).await?;
    let spaces = keys.into_iter().filter_map(|key| match key {
        ObjectKey::Space(key) => Some(key),
        _ => None,
    });
    Ok((gathered, spaces.collect()))
}

fn wanted(arguments: &SpaceSettingsArguments) -> Result<SpaceEdit, Failure> {
    let text = |text: &Option<String>| text.as_deref().map(Arc::from);
    Ok(SpaceEdit {
        display_name: text(&arguments.display_name),
        ebs_gb: arguments.size,
        instance: text(&arguments.instance),
        lifecycle_config: text(&arguments.lifecycle_config),
        idle_minutes: arguments.idle_minutes,
        remote_access: arguments.remote_access.map(|access| access == Switch::On),
        settings: members(&arguments.set)?,
    })
}
