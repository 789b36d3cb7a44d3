//! `lifecycle list|show|create|delete|attach|detach`.

use std::sync::Arc;

use super::arguments::{
    ChangeArguments, Chosen, LifecycleAttach, LifecycleCommand, LifecycleCreate, LifecycleDelete,
    LifecycleDetach, Output,
};
use super::change::{Asked, may_apply};
use super::choose::choose;
use super::domains::one;
use super::exit::Exit;
use super::failure::{Failure, note, print};
use super::file::{self, Sort};
use super::gather::{Gathered, gaps_told};
use super::list::format;
use super::settings::app_type;
use super::setup::Setup;
use super::tags::tag;
use crate::aws::Gateway;
use crate::fleet::{
    FieldKind, Intent, LIFECYCLE_APP_TYPES, LifecycleConfig, LifecycleConfigKey, Name, NewLifecycleConfig,
    ObjectKey, ObjectKind, Query, Scope, Sheet, SheetColumn, SheetValue, Timestamp, suggestion,
};
use crate::report;

/// AWS takes 16,384 characters as base64; what is a little longer is refused with its length.
const SCRIPT: Sort = Sort { what: "script of a lifecycle configuration", largest: 64 << 10 };

/// `lifecycle ...`.
///
/// # Errors
///
/// What cannot be read, why there is no plan, or why it is not carried out.
pub(super) async fn run(command: &LifecycleCommand, setup: &Setup) -> Result<Exit, Failure> {
    let gateway = Gateway::new(setup.settings.clone());
    match command {
        LifecycleCommand::List(output) => list(&gateway, output.output).await,
        LifecycleCommand::Show { name } => show(&gateway, name).await,
        LifecycleCommand::Create(arguments) => create(arguments, &gateway, setup).await,
        LifecycleCommand::Delete(arguments) => delete(arguments, &gateway, setup).await,
        LifecycleCommand::Attach(LifecycleAttach { detach, default }) => {
            attach(detach, &gateway, setup, |config, to| Intent::AttachLifecycleConfig {
                config,
                to,
                as_default: *default,
            })
            .await
        }
        LifecycleCommand::Detach(arguments) => {
            attach(arguments, &gateway, setup, |config, from| Intent::DetachLifecycleConfig { config, from })
                .await
        }
    }
}

/// The lifecycle configurations of all scopes.
async fn read(gateway: &Gateway) -> Result<(Gathered, Vec<LifecycleConfig>), Failure> {
    let (mut gathered, scopes) = Gathered::accounts(gateway).await?;
    gathered.also(scopes.into_iter().map(Query::LifecycleConfigs)).await;
    let configs = configs(&gathered);
    Ok((gathered, configs))
}

fn configs(gathered: &Gathered) -> Vec<LifecycleConfig> {
    let mut all: Vec<LifecycleConfig> =
        gathered.fleet.library.lifecycle_configs.values().flatten().cloned().collect();
    all.sort_by(|left, right| left.key.name.cmp(&right.key.name));
    all
}

async fn list(gateway: &Gateway, output: Output) -> Result<Exit, Failure> {
    let (gathered, configs) = read(gateway).await?;
    let column = |name| SheetColumn { name, kind: FieldKind::Text };
    let names = ["name", "app_type", "created", "modified", "account", "region", "arn"];
    let text = |text: &str| SheetValue::Text(text.to_owned());
    let time = |time: Option<Timestamp>| {
        time.map_or(SheetValue::Absent, |time| text(&time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()))
    };
    let rows = configs.iter().map(|config| {
        vec![
            text(config.key.name.as_str()),
            config.app_type.as_deref().map_or(SheetValue::Absent, text),
            time(config.created),
            time(config.modified),
            text(config.key.scope.account().as_str()),
            text(config.key.scope.region().as_str()),
            text(&config.arn),
        ]
    });
    let sheet = Sheet { columns: names.map(column).to_vec(), rows: rows.collect() };
    print(&report::render(&sheet, format(output))?)?;
    for line in gaps_told(&gathered.gaps) {
        note("not complete", &line);
    }
    Ok(if gathered.gaps.is_empty() { Exit::Done } else { Exit::Failed })
}

/// The one lifecycle configuration of a name.
fn named(
    name: &str,
    configs: &[LifecycleConfig],
    gathered: &Gathered,
) -> Result<LifecycleConfigKey, Failure> {
    let unlisted = gathered
        .unread(|query| matches!(query, Query::Identity(_) | Query::Domains(_) | Query::LifecycleConfigs(_)));
    if !unlisted.is_empty() {
        return Err(Failure::refused(format!(
            "not all lifecycle configurations could be listed; nothing was changed. {}",
            unlisted.join("; ")
        )));
    }
    let found: Vec<&LifecycleConfig> =
        configs.iter().filter(|config| config.key.name.as_str() == name).collect();
    match found.as_slice() {
        [one] => Ok(one.key.clone()),
        [] => {
            let hint = suggestion(name, configs.iter().map(|config| config.key.name.as_str()));
            let end = if hint.is_empty() { ". " } else { " " };
            Err(Failure::refused(format!(
                "there is no lifecycle configuration `{name}`{hint}{end}Nothing was changed"
            )))
        }
        several => {
            let places: Vec<String> = several.iter().map(|config| config.key.scope.to_string()).collect();
            Err(Failure::refused(format!(
                "there are several lifecycle configurations `{name}`, in {}; give --region or --profile. Nothing \
                 was changed",
                places.join(", ")
            )))
        }
    }
}

async fn show(gateway: &Gateway, name: &str) -> Result<Exit, Failure> {
    let (mut gathered, configs) = read(gateway).await?;
    let key = named(name, &configs, &gathered)?;
    let query = Query::LifecycleConfig(key.clone());
    gathered.also([query.clone()]).await;
    match (gathered.fleet.library.scripts.get(&key), gathered.gaps.remove(&query)) {
        (Some(script), _) => {
            print(script)?;
            if !script.ends_with('\n') {
                print("\n")?;
            }
            Ok(Exit::Done)
        }
        (None, Some(problem)) => Err(problem.into()),
        (None, None) => Err(Failure::new(Exit::Failed, format!("{name} is gone"))),
    }
}

async fn create(arguments: &LifecycleCreate, gateway: &Gateway, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let is_none = "starts with no lifecycle configuration";
    let app_type = app_type("--app-type", &arguments.app_type, &LIFECYCLE_APP_TYPES, is_none)?;
    let path = &arguments.script;
    let script = file::text(path, SCRIPT)
        .map_err(|error| Failure::usage(format!("--script: {}: {error}", path.display())))?;
    let tags = arguments.tag.iter().map(|text| tag(text)).collect::<Result<_, _>>()?;
    let (gathered, scopes) = Gathered::accounts(gateway).await?;
    let key = LifecycleConfigKey { scope: only(&scopes)?, name: Name::new(&arguments.name) };
    let new = NewLifecycleConfig { key, app_type, script: Arc::from(script), tags };
    apply(&arguments.change, setup, gateway, gathered, &Intent::CreateLifecycleConfig(new)).await
}

/// The one account and region something is made in.
pub(super) fn only(scopes: &[Scope]) -> Result<Scope, Failure> {
    match scopes {
        [one] => Ok(one.clone()),
        several => {
            let places: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(Failure::usage(format!(
                "say where: give one --region and one --profile; these are {}",
                places.join(", ")
            )))
        }
    }
}

async fn delete(arguments: &LifecycleDelete, gateway: &Gateway, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let (gathered, configs) = read(gateway).await?;
    let keys: Vec<LifecycleConfigKey> =
        arguments.names.iter().map(|name| named(name, &configs, &gathered)).collect::<Result<_, _>>()?;
    apply(&arguments.change, setup, gateway, gathered, &Intent::DeleteLifecycleConfigs(keys)).await
}

/// Attaches or detaches: the domain's defaults, or users in it.
async fn attach(
    arguments: &LifecycleDetach,
    gateway: &Gateway,
    setup: &Setup,
    intent: impl FnOnce(LifecycleConfigKey, Vec<ObjectKey>) -> Intent,
) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let (mut gathered, objects, domain) = if arguments.user.is_empty() {
        let (gathered, domain) = one(&arguments.domain, gateway, setup).await?;
        (gathered, vec![ObjectKey::Domain(domain.clone())], domain)
    } else {
        let chosen =
            Chosen { names: arguments.user.clone(), filter: None, domain: Some(arguments.domain.clone()) };
        let (gathered, keys) = choose(&chosen, ObjectKind::User, gateway, setup).await?;
        let domain = gathered.domain(&arguments.domain)?;
        (gathered, keys, domain)
    };
    gathered.also([Query::LifecycleConfigs(domain.scope.clone())]).await;
    let configs = configs(&gathered);
    let config = named(&arguments.name, &configs, &gathered)?;
    apply(&arguments.change, setup, gateway, gathered, &intent(config, objects)).await
}

async fn apply(
    how: &ChangeArguments,
    setup: &Setup,
    gateway: &Gateway,
    gathered: Gathered,
    intent: &Intent,
) -> Result<Exit, Failure> {
    let asked = Asked { setup, gateway, how, is_cascade: false, is_named: true, is_aside: false };
    Ok(asked.apply(gathered, intent).await?.exit)
}
