//! Everything the console starts with, put together from configuration, environment and arguments.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::arguments::{ColorChoice, ConsoleArguments};
use super::config::{self, Config, known_view};
use super::failure::Failure;
use super::setup::Setup;
use super::{templates, themes};
use crate::aws::Settings;
use crate::console::{Keymap, Pane, Place, Session, Start, Within, WriteMode};
use crate::fleet::{Filter, ProfileName, Timestamp, fields};
use crate::store;
use crate::ui::theme::{Catalogue, DEFAULT_DARK, DEFAULT_LIGHT, Depth};

/// The size of a terminal that has not been asked yet.
const UNKNOWN_SIZE: (u16, u16) = (80, 24);

/// Everything the console starts with.
#[derive(Debug)]
pub struct Launch {
    /// How AWS is asked.
    pub settings: Settings,
    /// What the console starts from; its size is a guess until the terminal is asked.
    pub start: Start,
    /// The themes; the one of `start` is among them and right.
    pub themes: Catalogue,
    /// When to use colours.
    pub color: ColorChoice,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// What is wrong with the configuration or its themes, to be shown until it is read.
    pub problems: Vec<String>,
    /// Where what is remembered is kept; `None` where no home is known.
    pub state: Option<PathBuf>,
    /// The log.
    pub log: Option<PathBuf>,
}

/// What only the caller knows.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The time.
    pub now: Timestamp,
    /// The local time zone.
    pub zone: jiff::tz::TimeZone,
    /// Whether the terminal says that its background is light.
    pub is_light: bool,
    /// The profiles that can be chosen.
    pub known_profiles: Vec<ProfileName>,
    /// The log.
    pub log: Option<PathBuf>,
}

impl Launch {
    /// Puts together what the console starts with.
    ///
    /// What is wrong with an argument ends the start. What is wrong in a file does not: the console starts with
    /// what is safe, and says so.
    ///
    /// # Errors
    ///
    /// What is wrong with an argument.
    pub fn new(
        setup: Setup,
        arguments: &ConsoleArguments,
        color: ColorChoice,
        around: Surroundings,
    ) -> Result<Self, Failure> {
        let config = &setup.config;
        let mut problems: Vec<String> = setup.problem.iter().map(config::ConfigError::headline).collect();
        let keymap = Keymap::new(&config.keys).map_err(|error| Failure::usage(error.to_string()))?;
        let (pane, filter) = place(config, arguments)?;
        let state = setup.paths.as_ref().map(|paths| paths.state.clone());
        let (themes, unreadable) = themes::catalogue(&setup, arguments.ascii || config.ascii);
        problems.extend(unreadable);
        let kept = state.as_deref().and_then(store::kept_theme);
        let theme = theme(&themes, arguments, config, kept, around.is_light, &mut problems)?;
        let mut session = session(&setup, around.known_profiles, themes.ids().map(str::to_owned).collect());
        if let Some(paths) = &setup.paths {
            let (found, unreadable) = templates::templates(&paths.config.join("templates"));
            session.templates = found;
            problems.extend(unreadable);
        }
        let start = Start {
            session,
            keymap,
            theme,
            pane,
            filter,
            now: around.now,
            zone: around.zone,
            size: UNKNOWN_SIZE,
        };
        let mouse = config.mouse && !arguments.no_mouse;
        Ok(Self { settings: setup.settings, start, themes, color, mouse, problems, state, log: around.log })
    }
}

fn session(setup: &Setup, known_profiles: Vec<ProfileName>, themes: Vec<String>) -> Session {
    let (config, settings) = (&setup.config, &setup.settings);
    let write = match (settings.read_only, &setup.demo) {
        (true, _) => WriteMode::ReadOnly,
        (false, Some(_)) => WriteMode::Demo,
        (false, None) => WriteMode::Locked,
    };
    let views = config.views.iter().map(|(name, view)| {
        let place = Place { pane: view.pane, within: Within::Everything, filter: view.filter.clone() };
        (name.clone(), place)
    });
    Session {
        profiles: settings.profiles.clone(),
        regions: settings.regions.clone(),
        known_profiles,
        themes,
        endpoint: settings.endpoint_url.clone(),
        demo: setup.demo.clone(),
        write,
        auto_refresh: config.refresh_seconds > 0,
        idle: setup.idle_rule(),
        ceilings: setup.ceilings(),
        protected: config.protected(),
        protected_tags: config.protected_tags.clone(),
        thresholds: config.quotas,
        templates: BTreeMap::new(),
        saved: views.collect::<BTreeMap<_, _>>(),
        // Switched on by hand it runs at its usual pace, also where the file has switched it off.
        services: config.services.iter().map(|name| name.as_str().into()).collect(),
        refresh_seconds: if config.refresh_seconds == 0 {
            Config::default().refresh_seconds
        } else {
            config.refresh_seconds
        },
    }
}

/// Where the console starts: the view of the arguments or else of the configuration, and its filter.
fn place(config: &Config, arguments: &ConsoleArguments) -> Result<(Pane, String), Failure> {
    let name = match (&arguments.view, &arguments.filter) {
        (Some(name), _) => {
            known_view(&config.views, name).map_err(|told| Failure::usage(format!("--view: {told}")))?;
            name.as_str()
        }
        // A filter alone is one of apps, unless the usual view has rows to filter.
        (None, Some(_)) if Pane::by_title(&config.view).is_some_and(|pane| pane.kind().is_none()) => {
            Pane::Apps.title()
        }
        (None, _) => config.view.as_str(),
    };
    let saved = config.views.get(name);
    let pane = Pane::by_title(name).or(saved.map(|view| view.pane)).unwrap_or(Pane::Overview);
    let Some(filter) = &arguments.filter else {
        return Ok((pane, saved.map(|view| view.filter.clone()).unwrap_or_default()));
    };
    let Some(kind) = pane.kind() else {
        return Err(Failure::usage(format!("--filter: the pane `{}` has no rows to filter", pane.title())));
    };
    Filter::parse(filter, fields(kind)).map_err(|error| Failure::filter("--filter", filter, &error))?;
    Ok((pane, filter.clone()))
}

/// The theme: of the arguments, of the file, chosen last, or else one that suits the terminal.
fn theme(
    themes: &Catalogue,
    arguments: &ConsoleArguments,
    config: &Config,
    kept: Option<String>,
    is_light: bool,
    problems: &mut Vec<String>,
) -> Result<String, Failure> {
    let check = |id: &str| themes.theme(id, Depth::TrueColor).map(drop);
    if let Some(id) = &arguments.theme {
        check(id).map_err(|error| Failure::usage(format!("--theme: {error}")))?;
        return Ok(id.clone());
    }
    for id in config.theme.iter().cloned().chain(kept) {
        match check(&id) {
            Ok(()) => return Ok(id),
            Err(error) => problems.push(error.to_string()),
        }
    }
    Ok(if is_light { DEFAULT_LIGHT } else { DEFAULT_DARK }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config::View;
    use crate::cli::exit::Exit;

    fn config() -> Config {
        let view = View { pane: Pane::Apps, filter: "instance:ml.g*".to_owned() };
        Config { views: [("gpu".to_owned(), view)].into(), ..Config::default() }
    }

    fn arguments(view: &str, filter: &str) -> ConsoleArguments {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ConsoleArguments { view: given(view), filter: given(filter), ..ConsoleArguments::default() }
    }

    #[test]
    fn view_and_filter_lead_to_a_pane_that_understands_them() {
        let gpu = "instance:ml.g*";
        for (usual, view, filter, expected) in [
            ("overview", "", "", (Pane::Overview, "")),
            ("gpu", "", "", (Pane::Apps, gpu)),
            ("users", "", "", (Pane::Users, "")),
            ("overview", "gpu", "", (Pane::Apps, gpu)),
            ("overview", "gpu", "idle>2h", (Pane::Apps, "idle>2h")),
            ("overview", "", "idle>2h", (Pane::Apps, "idle>2h")),
            ("users", "", "ann", (Pane::Users, "ann")),
        ] {
            let config = Config { view: usual.to_owned(), ..config() };
            let (pane, text) = place(&config, &arguments(view, filter)).unwrap();
            assert_eq!((pane, text.as_str()), expected, "{usual} {view} {filter}");
        }
    }

    #[test]
    fn a_view_or_filter_that_is_none_is_named() {
        for (view, filter, told) in [
            ("aps", "", "did you mean `apps`?"),
            ("overview", "ann", "no rows to filter"),
            ("users", "idle>x", "--filter"),
        ] {
            let failure = place(&config(), &arguments(view, filter)).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            assert!(failure.message.contains(told), "{}", failure.message);
        }
    }

    #[test]
    fn a_wrong_theme_ends_the_start_only_when_it_was_asked_for_just_now() {
        let themes = Catalogue::default();
        let choose = |flag: Option<&str>, file: Option<&str>, kept: Option<&str>| {
            let mut problems = Vec::new();
            let own = |id: Option<&str>| id.map(str::to_owned);
            let arguments = ConsoleArguments { theme: own(flag), ..ConsoleArguments::default() };
            let config = Config { theme: own(file), ..Config::default() };
            theme(&themes, &arguments, &config, own(kept), true, &mut problems).map(|id| (id, problems.len()))
        };
        let chosen = |id: &str, problems| (id.to_owned(), problems);
        assert_eq!(choose(Some("nord"), Some("mono"), None).unwrap(), chosen("nord", 0));
        assert_eq!(choose(None, Some("mono"), Some("nord")).unwrap(), chosen("mono", 0));
        assert_eq!(choose(None, Some("mnoo"), Some("nord")).unwrap(), chosen("nord", 1));
        assert_eq!(choose(None, None, None).unwrap(), chosen("sagedeck-light", 0));
        assert!(choose(Some("nrod"), None, None).unwrap_err().message.contains("did you mean `nord`?"));
    }
}
