//! Arguments and configuration, and the headless commands they name. Knows no terminal.

mod apps;
pub mod arguments;
mod audit;
mod burn;
mod carry;
mod change;
mod choose;
pub mod config;
mod cost;
mod cost_tags;
mod domain_file;
mod domains;
pub mod exit;
pub mod failure;
mod file;
mod gather;
pub mod launch;
mod lifecycle;
mod list;
pub mod logging;
mod manual;
mod onboard;
mod operations;
pub mod paths;
mod permit;
mod progress;
mod quotas;
mod reconcile;
mod settings;
pub mod setup;
mod spaces;
mod state;
mod tags;
pub mod template;
mod templates;
mod themes;
mod users;

use std::future::Future;

use self::arguments::{AppsCommand, Command, ConfigCommand, ListArguments, ThemesCommand};
use self::exit::Exit;
use self::failure::{Failure, note, print};
pub use self::list::default_columns;
pub use self::manual::keys;
use self::setup::Setup;
use crate::aws;
use crate::fleet::ObjectKind;

/// Carries out a command that needs no more than AWS, or not even that.
///
/// # Errors
///
/// Why it ended early.
pub fn run(command: &Command, setup: Setup) -> Result<Exit, Failure> {
    match command {
        Command::Apps(AppsCommand::List(arguments)) => list(ObjectKind::App, arguments, setup),
        Command::Domains(command) => asking(setup, async |setup| domains::run(command, setup).await),
        Command::Users(command) => asking(setup, async |setup| users::run(command, setup).await),
        Command::Spaces(command) => asking(setup, async |setup| spaces::run(command, setup).await),
        Command::Apps(AppsCommand::Stop(arguments)) => {
            asking(setup, async |setup| apps::stop(arguments, setup).await)
        }
        Command::Apps(AppsCommand::Restart(arguments)) => {
            asking(setup, async |setup| apps::restart(arguments, setup).await)
        }
        Command::Burn(arguments) => asking(setup, async |setup| burn::run(arguments, setup).await),
        Command::Lifecycle(command) => asking(setup, async |setup| lifecycle::run(command, setup).await),
        Command::Quotas(command) => asking(setup, async |setup| quotas::run(command, setup).await),
        Command::Tags(command) => asking(setup, async |setup| tags::run(command, setup).await),
        Command::Cost(command) => asking(setup, async |setup| cost::run(command, setup).await),
        Command::Operations(command) => {
            let setup = setup.strict()?;
            wait(operations::run(command, &setup))?
        }
        Command::Audit(command) => audit::run(command, &setup.strict()?),
        Command::Config(command) => config_command(*command, setup),
        Command::Themes(ThemesCommand::List(output)) => themes::list(&setup, output.output),
        Command::Keys(output) => manual::print_keys(&setup.strict()?.config, output.output),
        Command::Completions { shell } => manual::print_completions(*shell),
        Command::Man => manual::print_man(),
        Command::Sim(_) => Err(Failure::usage("the simulated AWS is not served from here")),
    }
}

fn list(kind: ObjectKind, arguments: &ListArguments, setup: Setup) -> Result<Exit, Failure> {
    asking(setup, async |setup| list::list(kind, arguments, setup).await)
}

/// Does something that asks AWS.
fn asking(setup: Setup, work: impl AsyncFnOnce(&Setup) -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    let setup = setup.strict()?;
    wait(async {
        check_profiles(&setup).await?;
        work(&setup).await
    })?
}

/// A profile that is not there is told before anything is asked in its name.
async fn check_profiles(setup: &Setup) -> Result<(), Failure> {
    let settings = &setup.settings;
    if settings.profiles.iter().all(|name| settings.keys.contains_key(name)) {
        return Ok(());
    }
    match aws::configured_profiles().await {
        Ok(known) => setup.check_profiles(&known),
        Err(problem) => Err(problem.into()),
    }
}

/// Waits for something that waits for the network.
///
/// # Errors
///
/// If the system gives no means to wait.
pub fn wait<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(work);
    // Nothing that is still under way matters any more.
    runtime.shutdown_background();
    Ok(ended)
}

/// Waits until the person or the system asks us to end, and says which.
///
/// # Errors
///
/// If the system lets no signal be caught.
pub async fn ended() -> std::io::Result<Exit> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.map(|()| Exit::Interrupted),
            _ = terminate.recv() => Ok(Exit::Terminated),
        }
    }
    #[cfg(not(unix))]
    {
        tokio::signal::ctrl_c().await.map(|()| Exit::Interrupted)
    }
}

fn config_command(command: ConfigCommand, setup: Setup) -> Result<Exit, Failure> {
    match command {
        ConfigCommand::Template => print(&template::template())?,
        ConfigCommand::Path => match &setup.file {
            Some(file) => print(&format!("{}\n", file.display()))?,
            None => return Err(Failure::usage("no home folder is known; name the file with --config")),
        },
        ConfigCommand::Check => {
            let setup = setup.strict()?;
            let (catalogue, mut wrong) = themes::catalogue(&setup, false);
            wrong.extend(themes::problems(&catalogue));
            if let Some(theme) = &setup.config.theme {
                let unknown = catalogue.ids().all(|id| id != theme);
                let error = catalogue.theme(theme, crate::ui::theme::Depth::TrueColor).err();
                wrong.extend(error.filter(|_| unknown).map(|error| format!("theme: {error}")));
            }
            for problem in &wrong {
                note("error", problem);
            }
            if !wrong.is_empty() {
                return Ok(Exit::Usage);
            }
            print("the configuration and the themes are right\n")?;
        }
    }
    Ok(Exit::Done)
}
