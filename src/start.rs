//! Joins the layers: understands the arguments, decides whether AWS or the simulated one answers, and whether a
//! command or the console runs.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use termprofile::{DetectorSettings, TermProfile};

use crate::aws::{self, Settings, SharedHttpClient, StaticKeys};
use crate::cli::arguments::{self, Arguments, ColorChoice, Command, Common, SimArguments};
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, note, print};
use crate::cli::launch::{Launch, Surroundings};
use crate::cli::setup::Setup;
use crate::cli::{self, logging};
use crate::fleet::{ProfileName, Region};
use crate::runtime::{self, Opening};
use crate::sim::SimulatedAws;
use crate::sim::listen::Listener;
use crate::sim::scenario::{ACCOUNT, ALIAS, OTHER_ALIAS, Scenario};
use crate::ui::theme::Depth;

/// Runs the program.
pub fn run() -> ExitCode {
    let arguments = match arguments::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help that nobody reads any more is no failure.
            drop(error.print());
            return u8::try_from(error.exit_code()).unwrap_or(Exit::Usage.code()).into();
        }
    };
    match go(&arguments) {
        Ok(code) => code.into(),
        Err(failure) => {
            failure.tell();
            failure.exit.into()
        }
    }
}

fn go(arguments: &Arguments) -> Result<u8, Failure> {
    match &arguments.command {
        Some(Command::Sim(sim)) => cli::wait(serve(sim))?,
        Some(command) => {
            let mut setup = Setup::new(&arguments.common, variable)?;
            if !command.asks_aws() {
                return Ok(cli::run(command, setup)?.code());
            }
            let log = start_log(&setup);
            log.as_ref().err().into_iter().for_each(|problem| note("note", problem));
            simulate(&arguments.common, &mut setup.settings)?;
            Ok(cli::run(command, setup)?.code())
        }
        None => console(arguments),
    }
}

fn console(arguments: &Arguments) -> Result<u8, Failure> {
    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        return Err(Failure::usage(
            "this is not a terminal, and the console needs one; for pipes there are commands such as `sagedeck apps list` (see --help)",
        ));
    }
    let mut setup = Setup::new(&arguments.common, variable)?;
    let log = start_log(&setup);
    let mut known_profiles = simulate(&arguments.common, &mut setup.settings)?;
    let mut problems: Vec<String> = log.as_ref().err().cloned().into_iter().collect();
    if setup.demo.is_none() {
        match cli::wait(aws::configured_profiles())? {
            Ok(profiles) => {
                setup.check_profiles(&profiles)?;
                known_profiles = profiles;
            }
            Err(problem) => problems.push(problem.to_string()),
        }
    }
    let surroundings = Surroundings {
        now: jiff::Timestamp::now(),
        zone: jiff::tz::TimeZone::system(),
        is_light: variable("COLORFGBG").is_some_and(|value| is_light(&value.to_string_lossy())),
        known_profiles,
        log: log.as_ref().ok().and_then(|log| Some(log.as_ref()?.file.clone())),
    };
    let mut launch = Launch::new(setup, &arguments.console, arguments.common.color, surroundings)?;
    launch.problems.extend(problems);
    show(launch)
}

/// Hands over to the console.
fn show(launch: Launch) -> Result<u8, Failure> {
    let Launch { settings, start, themes, color, mouse, problems, state, log } = launch;
    let opening = Opening { settings, start, themes, depth: depth(color), mouse, problems, state, log };
    runtime::run(opening).map_err(|error| Failure::new(Exit::Failed, error.to_string()))
}

/// How many colours to use.
fn depth(choice: ColorChoice) -> Depth {
    let detected = TermProfile::detect(&std::io::stdout(), DetectorSettings::default()).into();
    match (choice, detected) {
        (ColorChoice::Never, _) => Depth::NoColor,
        // Asked for colour against `NO_COLOR`: the sixteen that every terminal has.
        (ColorChoice::Always, Depth::NoColor) => Depth::Ansi16,
        (ColorChoice::Auto | ColorChoice::Always, depth) => depth,
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Starts the log, where a home is known.
fn start_log(setup: &Setup) -> Result<Option<logging::Log>, String> {
    let Some(paths) = &setup.paths else { return Ok(None) };
    let level = variable(logging::VARIABLE);
    logging::start(&paths.state, level.as_deref().and_then(|level| level.to_str()), jiff::Timestamp::now())
        .map(Some)
        .map_err(|error| {
            format!("nothing is logged, and what cannot be written down is not carried out: {error}")
        })
}

/// Whether `COLORFGBG`, which some terminals set to `foreground;background`, tells of a light background.
fn is_light(value: &str) -> bool {
    matches!(value.rsplit(';').next(), Some("7" | "15"))
}

/// Lets the simulated AWS answer, if that was asked for; gives the profiles it knows.
fn simulate(common: &Common, settings: &mut Settings) -> Result<Vec<ProfileName>, Failure> {
    let Some(name) = &common.demo else { return Ok(Vec::new()) };
    let scenario: Scenario = name.parse().map_err(|told| Failure::usage(format!("--demo: {told}")))?;
    let aws = SimulatedAws::builder().scenario(scenario).life(true).build();
    settings.http_client = Some(SharedHttpClient::new(aws));
    for account in scenario.accounts() {
        let profile = ProfileName::new(if *account == ACCOUNT { ALIAS } else { OTHER_ALIAS });
        let keys = StaticKeys {
            access_key: format!("SIMULATED{account}"),
            secret_key: "simulated".to_owned(),
            end: None,
        };
        settings.keys.insert(profile.clone(), keys);
        settings.profiles.push(profile);
    }
    if settings.regions.is_empty() {
        settings.regions = scenario.regions().iter().map(|region| Region::new(region)).collect();
    }
    Ok(settings.profiles.clone())
}

/// `sim`: serves the simulated AWS until it is told to stop.
async fn serve(arguments: &SimArguments) -> Result<u8, Failure> {
    let scenario: Scenario =
        arguments.scenario.parse().map_err(|told| Failure::usage(format!("--scenario: {told}")))?;
    let listener = Listener::bind(arguments.listen)
        .await
        .map_err(|error| Failure::usage(format!("--listen {}: {error}", arguments.listen)))?;
    let aws = SimulatedAws::builder()
        .scenario(scenario)
        .seed(arguments.seed)
        .speed(arguments.speed)
        .latency(Duration::from_millis(arguments.latency))
        .life(true)
        .build();
    print(&format!("listening on http://{}\n", listener.address()))?;
    let mut ended_by = Exit::Interrupted;
    listener
        .serve(aws, async {
            match cli::ended().await {
                Ok(exit) => ended_by = exit,
                Err(error) => note("note", &format!("signals cannot be caught: {error}")),
            }
        })
        .await?;
    Ok(ended_by.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scenarios_of_the_arguments_are_those_of_the_simulation() {
        assert_eq!(arguments::SCENARIOS.to_vec(), Scenario::ALL.map(Scenario::as_str).to_vec());
        assert_eq!(Scenario::default().as_str(), arguments::SCENARIOS[0]);
    }

    #[test]
    fn the_demo_reads_nothing_of_this_machine() {
        for scenario in arguments::SCENARIOS {
            let common = Common { demo: Some(scenario.to_owned()), ..Common::default() };
            let mut settings = Settings::default();
            let profiles = simulate(&common, &mut settings).unwrap();
            assert!(settings.http_client.is_some() && !settings.regions.is_empty(), "{scenario}");
            assert!(
                !profiles.is_empty() && profiles.iter().all(|profile| settings.keys.contains_key(profile))
            );
        }
    }

    #[test]
    fn a_light_background_is_recognised() {
        for (value, light) in [("0;15", true), ("0;default;7", true), ("15;0", false), ("", false)] {
            assert_eq!(is_light(value), light, "{value}");
        }
    }
}
