//! `users list|offboard|edit|suspend|resume|link`.

use super::arguments::{Chosen, ChosenChange, EditArguments, LinkArguments, Output, UsersCommand};
use super::change::{Asked, may_apply};
use super::choose::choose;
use super::exit::Exit;
use super::failure::{Failure, print};
use super::gather::Gathered;
use super::settings::{members, user_edit};
use super::setup::Setup;
use super::{list, onboard};
use crate::aws::Gateway;
use crate::fleet::{Intent, ObjectKey, ObjectKind, UserEdit, UserKey};

/// `users ...`.
///
/// # Errors
///
/// Why nothing can be listed, why there is no plan, or why it is not carried out.
pub(super) async fn run(command: &UsersCommand, setup: &Setup) -> Result<Exit, Failure> {
    match command {
        UsersCommand::List(arguments) => list::list(ObjectKind::User, arguments, setup).await,
        UsersCommand::Onboard(arguments) => onboard::onboard(arguments, setup).await,
        UsersCommand::Offboard(arguments) => change(arguments, setup, true, Intent::Offboard).await,
        UsersCommand::Edit(arguments) => edit(arguments, setup).await,
        UsersCommand::Suspend(arguments) => change(arguments, setup, false, Intent::Suspend).await,
        UsersCommand::Resume(arguments) => change(arguments, setup, false, Intent::Resume).await,
        UsersCommand::Link(arguments) => link(arguments, setup).await,
    }
}

async fn change(
    arguments: &ChosenChange,
    setup: &Setup,
    is_cascade: bool,
    intent: impl FnOnce(Vec<UserKey>) -> Intent,
) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, users) = users(&arguments.chosen, &gateway, setup).await?;
    let how = &arguments.change;
    let asked = Asked {
        setup,
        gateway: &gateway,
        how,
        is_cascade,
        is_named: !arguments.chosen.names.is_empty(),
        is_aside: false,
    };
    Ok(asked.apply(gathered, &intent(users)).await?.exit)
}

async fn edit(arguments: &EditArguments, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let own = UserEdit { settings: members(&arguments.set)?, ..UserEdit::default() };
    let edit = own.over(&user_edit(&arguments.settings, setup)?);
    if edit.is_empty() {
        return Err(Failure::usage("say what to change, such as --role or --idle-minutes; see --help"));
    }
    if let Some(flaw) = edit.flaws().first() {
        return Err(Failure::usage(flaw.clone()));
    }
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, users) = users(&arguments.chosen, &gateway, setup).await?;
    let how = &arguments.change;
    let asked = Asked {
        setup,
        gateway: &gateway,
        how,
        is_cascade: false,
        is_named: !arguments.chosen.names.is_empty(),
        is_aside: false,
    };
    Ok(asked.apply(gathered, &Intent::EditUsers { users, edit }).await?.exit)
}

/// The user profiles that are meant.
pub(super) async fn users(
    chosen: &Chosen,
    gateway: &Gateway,
    setup: &Setup,
) -> Result<(Gathered, Vec<UserKey>), Failure> {
    let (gathered, keys) = choose(chosen, ObjectKind::User, gateway, setup).await?;
    let users = keys.into_iter().filter_map(|key| match key {
        ObjectKey::User(key) => Some(key),
        _ => None,
    });
    Ok((gathered, users.collect()))
}

/// `users link`: the link is the only thing on stdout, so that it can be handed on without passing a log.
async fn link(arguments: &LinkArguments, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let gateway = Gateway::new(setup.settings.clone());
    let chosen =
        Chosen { names: vec![arguments.name.clone()], filter: None, domain: arguments.domain.clone() };
    let (gathered, users) = users(&chosen, &gateway, setup).await?;
    let [user] = users.as_slice() else {
        return Err(Failure::refused("a link is made for one user; nothing was changed"));
    };
    let how = &arguments.change;
    let is_aside = how.yes && how.output.output != Output::Json;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: false, is_named: true, is_aside };
    let ended = asked.apply(gathered, &Intent::SignInLink(user.clone())).await?;
    if is_aside && let Some(link) = ended.carried.as_ref().and_then(|carried| carried.link.as_ref()) {
        print(&format!("{}\n", link.reveal()))?;
    }
    Ok(ended.exit)
}
