//! What a run goes by: configuration, environment and arguments, in this order of precedence.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::arguments::Common;
use super::config::{self, Config, ConfigError};
use super::exit::Exit;
use super::failure::Failure;
use super::paths::Paths;
use crate::aws::Settings;
use crate::fleet::{Ceilings, IdleRule, Policy, ProfileName, suggestion};

/// What a run goes by.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The configuration; the safe defaults where the file cannot be used.
    pub config: Config,
    /// Why the file cannot be used.
    pub problem: Option<ConfigError>,
    /// Where files are; `None` where no home is known.
    pub paths: Option<Paths>,
    /// The configuration file, whether it is there or not.
    pub file: Option<PathBuf>,
    /// How AWS is asked.
    pub settings: Settings,
    /// The scenario of the demo, if this is one.
    pub demo: Option<String>,
}

impl Setup {
    /// Reads the configuration file and puts environment and arguments over it.
    ///
    /// A file that cannot be used ends no run here: a command refuses to go on with
    /// [`strict`](Self::strict), and the console starts with safe defaults and says why.
    ///
    /// # Errors
    ///
    /// If an argument is wrong.
    pub fn new(common: &Common, variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Failure> {
        let paths = Paths::find(&variable);
        let is_asked_for = common.config.is_some();
        let file = common.config.clone().or_else(|| paths.as_ref().map(Paths::config_file));
        let read =
            file.as_ref().map_or_else(|| Ok(Config::default()), |file| Config::read(file, is_asked_for));
        let (config, problem) = match read {
            Ok(config) => (config, None),
            Err(error) => (Config::safe(), Some(error)),
        };
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let settings = settings(common, &config, is_set)?;
        Ok(Self { config, problem, paths, file, settings, demo: common.demo.clone() })
    }

    /// The same, if the configuration could be used.
    ///
    /// # Errors
    ///
    /// Why it cannot be used.
    pub fn strict(self) -> Result<Self, Failure> {
        match self.problem {
            Some(error) => Err(error.into()),
            None => Ok(self),
        }
    }

    /// Whether the profiles asked for are among those that are configured on this machine. Where there are keys
    /// for a profile, as in the demo, nobody has to have configured it.
    ///
    /// # Errors
    ///
    /// Which one is not, and which there are.
    pub fn check_profiles(&self, known: &[ProfileName]) -> Result<(), Failure> {
        let is_known = |name: &&ProfileName| known.contains(name) || self.settings.keys.contains_key(*name);
        let Some(missing) = self.settings.profiles.iter().find(|name| !is_known(name)) else { return Ok(()) };
        let names: Vec<&str> = known.iter().map(ProfileName::as_str).collect();
        let hint = suggestion(missing.as_str(), names.iter().copied());
        let there = if names.is_empty() {
            "there is none".to_owned()
        } else {
            format!("there are {}", names.join(", "))
        };
        Err(Failure::new(
            Exit::Credentials,
            format!(
                "the AWS configuration has no profile `{missing}`{hint}; {there}. `aws configure sso` makes one"
            ),
        ))
    }

    /// The folder of what is kept between runs; none in the demo, whose fleet is another one each time.
    pub fn records(&self) -> Option<&Path> {
        self.paths.as_ref().filter(|_| self.demo.is_none()).map(|paths| paths.state.as_path())
    }

    /// Which services bills are asked for.
    pub fn services(&self) -> Vec<Arc<str>> {
        self.config.services.iter().map(|name| name.as_str().into()).collect()
    }

    /// When an app counts as idle.
    pub fn idle_rule(&self) -> IdleRule {
        let threshold = jiff::SignedDuration::from_mins(i64::from(self.config.idle_minutes));
        IdleRule { threshold, ..IdleRule::default() }
    }

    /// What limits every plan.
    pub fn policy(&self) -> Policy {
        Policy {
            ceilings: self.ceilings(),
            protected_tags: self.config.protected_tags.clone(),
            idle: self.idle_rule(),
        }
    }

    /// How large a plan may be before more has to be confirmed.
    pub fn ceilings(&self) -> Ceilings {
        let limits = self.config.limits;
        let share = f64::from(limits.percent) / 100.0;
        Ceilings { steps: limits.steps as usize, share, ..Ceilings::default() }
    }
}

fn settings(common: &Common, config: &Config, is_set: impl Fn(&str) -> bool) -> Result<Settings, Failure> {
    let mut settings = Settings {
        endpoint_url: common.endpoint_url.clone(),
        read_only: common.read_only || config.read_only,
        ..Settings::default()
    };
    for text in &common.region {
        let region =
            config::region(text).map_err(|told| Failure::usage(format!("--region {text}: {told}")))?;
        if !settings.regions.contains(&region) {
            settings.regions.push(region);
        }
    }
    if common.demo.is_some() {
        return Ok(settings);
    }
    for name in &common.profile {
        let name = ProfileName::new(name);
        if !settings.profiles.contains(&name) {
            settings.profiles.push(name);
        }
    }
    // Whoever sets a variable of AWS's for this run means it more than the file.
    if settings.profiles.is_empty() && !["AWS_PROFILE", "AWS_ACCESS_KEY_ID"].into_iter().any(&is_set) {
        settings.profiles.clone_from(&config.profiles);
    }
    if settings.regions.is_empty() && !["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().any(&is_set) {
        settings.regions.clone_from(&config.regions);
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Region;

    fn config() -> Config {
        Config {
            profiles: vec![ProfileName::new("filed")],
            regions: vec![Region::new("eu-west-1")],
            ..Config::default()
        }
    }

    fn chosen(common: &Common, variables: &[&str]) -> (Vec<String>, Vec<String>) {
        let settings = settings(common, &config(), |name| variables.contains(&name)).unwrap();
        let text = |names: Vec<String>| names;
        (
            text(settings.profiles.iter().map(ToString::to_string).collect()),
            text(settings.regions.iter().map(ToString::to_string).collect()),
        )
    }

    #[test]
    fn arguments_win_over_the_environment_and_the_environment_over_the_file() {
        let named =
            Common { profile: vec!["given".into()], region: vec!["us-east-1".into()], ..Common::default() };
        let list = |name: &str| vec![name.to_owned()];
        assert_eq!(chosen(&Common::default(), &[]), (list("filed"), list("eu-west-1")));
        let variables = ["AWS_PROFILE", "AWS_REGION"];
        assert_eq!(
            chosen(&Common::default(), &variables),
            (vec![], vec![]),
            "left to the SDK, which reads them"
        );
        assert_eq!(chosen(&Common::default(), &["AWS_ACCESS_KEY_ID"]).0, Vec::<String>::new());
        assert_eq!(chosen(&named, &variables), (list("given"), list("us-east-1")));
    }

    #[test]
    fn the_demo_takes_neither_profiles_nor_regions_from_the_file() {
        let demo = Common { demo: Some("small".into()), ..Common::default() };
        assert_eq!(chosen(&demo, &[]), (vec![], vec![]));
    }

    #[test]
    fn a_region_that_is_none_is_named() {
        let wrong = Common { region: vec!["Ireland".into()], ..Common::default() };
        let failure = settings(&wrong, &config(), |_| false).unwrap_err();
        assert!(failure.message.contains("--region Ireland") && failure.message.contains("eu-west-1"));
    }

    #[test]
    fn a_profile_that_is_not_configured_is_named_with_those_that_are() {
        let common = Common { profile: vec!["prdo".into()], ..Common::default() };
        let setup = Setup::new(&common, |_| None).unwrap();
        let known = ["dev", "prod"].map(ProfileName::new);
        let failure = setup.check_profiles(&known).unwrap_err();
        assert_eq!(failure.exit, Exit::Credentials);
        assert!(
            failure.message.contains("`prdo`; did you mean `prod`?; there are dev, prod"),
            "{}",
            failure.message
        );
        assert!(setup.check_profiles(&[ProfileName::new("prdo")]).is_ok());
    }

    #[test]
    fn a_configuration_that_cannot_be_used_leaves_everything_read_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "mouse = false\n[accounts.prod]\nprotectd = true\n").unwrap();
        let common = Common { config: Some(file), ..Common::default() };
        let setup = Setup::new(&common, |_| None).unwrap();
        assert!(setup.settings.read_only, "it may have said which accounts are protected");
        assert!(setup.config.mouse, "nothing of a wrong file counts");
        assert!(setup.problem.as_ref().unwrap().headline().contains(":3:1: unknown field `protectd`"));
        assert_eq!(setup.strict().unwrap_err().exit, Exit::Usage);
    }

    #[test]
    fn read_only_is_lifted_by_no_layer() {
        for (argument, file) in [(true, false), (false, true), (true, true)] {
            let common = Common { read_only: argument, ..Common::default() };
            let config = Config { read_only: file, ..Config::default() };
            assert!(settings(&common, &config, |_| false).unwrap().read_only);
        }
    }
}
