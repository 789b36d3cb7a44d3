//! Which settings are in force for a user profile, a space or an app, and which level says so.

use std::fmt::Write as _;
use std::sync::Arc;

use super::{
    App, AppType, Domain, DomainDetail, Fleet, IdleSettings, Known, Owner, Sharing, Space, UserKey,
    UserProfile, UserSettings,
};

/// The level a setting is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The domain's default for user profiles.
    Domain,
    /// The user profile.
    Profile,
    /// The domain and the user profile together.
    DomainAndProfile,
    /// The domain's default for shared spaces.
    SpaceDefaults,
    /// The space.
    Space,
}

impl Source {
    /// The level in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Profile => "user profile",
            Self::DomainAndProfile => "domain and user profile",
            Self::SpaceDefaults => "domain's space defaults",
            Self::Space => "space",
        }
    }
}

/// A setting in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// What it sets.
    pub name: &'static str,
    /// Its value; not known where a level that could set it has not been read.
    pub value: Known<String>,
    /// The level that sets it; `None` where none does, or that is not known.
    pub from: Option<Source>,
}

/// SageMaker's own idle shutdown, as it stands for one app.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum IdleShutdown {
    /// There is none for its app type.
    Impossible,
    /// It is off.
    Off,
    /// It is on.
    On {
        /// After how many idle minutes; absent where AWS's own default holds.
        minutes: Known<u32>,
        /// The level that switches it on.
        from: Source,
    },
    /// A level that could set it has not been read.
    Unknown,
}

/// A value and the level it is from.
type Found<T> = (Known<T>, Option<Source>);

/// The two levels of settings of a user profile; `None` where a level has not been read.
#[derive(Clone, Copy)]
struct Levels<'a> {
    profile: Option<&'a UserSettings>,
    domain: Option<&'a UserSettings>,
}

impl<'a> Levels<'a> {
    fn of(user: Option<&'a UserProfile>, domain: Option<&'a Domain>) -> Self {
        Self {
            profile: user.and_then(|user| user.detail.as_deref()).map(|detail| &detail.settings),
            domain: domain.and_then(|domain| domain.detail.as_deref()).map(|detail| &detail.user_defaults),
        }
    }

    /// What the profile says, or else the domain.
    fn first<T>(self, get: impl Fn(&'a UserSettings) -> Option<T>) -> Found<T> {
        let Some(profile) = self.profile else { return (Known::Unknown, None) };
        if let Some(value) = get(profile) {
            return (Known::Value(value), Some(Source::Profile));
        }
        let Some(domain) = self.domain else { return (Known::Unknown, None) };
        match get(domain) {
            Some(value) => (Known::Value(value), Some(Source::Domain)),
            None => (Known::Absent, None),
        }
    }

    /// Security groups, which alone are added together.
    /// Source: `CreateDomainRequest.DefaultUserSettings` in the API model.
    fn security_groups(self) -> Found<String> {
        let (Some(profile), Some(domain)) = (self.profile, self.domain) else {
            return (Known::Unknown, None);
        };
        let from = match (domain.security_groups.is_empty(), profile.security_groups.is_empty()) {
            (true, true) => return (Known::Absent, None),
            (false, true) => Source::Domain,
            (true, false) => Source::Profile,
            (false, false) => Source::DomainAndProfile,
        };
        let mut all: Vec<&str> = Vec::new();
        for group in domain.security_groups.iter().chain(&profile.security_groups) {
            if !all.contains(&&**group) {
                all.push(group);
            }
        }
        (Known::Value(all.join(", ")), Some(from))
    }

    fn idle(self, app_type: &AppType) -> Found<IdleSettings> {
        self.first(|settings| match app_type {
            AppType::JupyterLab => settings.jupyter_lab_idle,
            AppType::CodeEditor => settings.code_editor_idle,
            _ => None,
        })
    }
}

/// The settings in force for a user profile, in its private spaces and Classic apps.
pub fn user_settings(fleet: &Fleet, key: &UserKey) -> Vec<Setting> {
    let levels = Levels::of(fleet.users.get(key), fleet.domains.get(&key.domain_key()));
    let text = |get: fn(&UserSettings) -> &Option<Arc<str>>| {
        levels.first(move |s| get(s).as_deref().map(str::to_owned))
    };
    let list = |get: fn(&UserSettings) -> &Vec<Arc<str>>| levels.first(move |s| joined(get(s)));
    let idle = |app_type| levels.idle(&app_type);
    let rows = [
        ("execution role", text(|s| &s.execution_role)),
        ("security groups", levels.security_groups()),
        ("JupyterLab instance", text(|s| &s.jupyter_lab_instance)),
        ("Code Editor instance", text(|s| &s.code_editor_instance)),
        ("kernel instance (Classic)", text(|s| &s.kernel_gateway_instance)),
        ("JupyterLab idle shutdown", idle_words(idle(AppType::JupyterLab))),
        ("Code Editor idle shutdown", idle_words(idle(AppType::CodeEditor))),
        ("lifecycle configurations", list(|s| &s.lifecycle_configs)),
        ("custom images", list(|s| &s.custom_images)),
        (
            "space volume",
            levels.first(|s| s.space_ebs_gb.map(|(usual, most)| format!("{usual} GB, at most {most} GB"))),
        ),
        ("notebook output sharing", text(|s| &s.notebook_output)),
        ("landing page", text(|s| &s.landing)),
        ("Studio web portal", text(|s| &s.web_portal)),
        ("home directory mounted", text(|s| &s.auto_mount_home)),
        ("hidden instance types", list(|s| &s.hidden_instances)),
    ];
    rows.into_iter().map(|(name, (value, from))| Setting { name, value, from }).collect()
}

/// The settings in force in a space: of its owner if it is private, of the domain's space defaults if it is
/// shared, and its own.
pub fn space_settings(fleet: &Fleet, space: &Space) -> Vec<Setting> {
    let detail = space.detail.as_deref();
    let own = |get: fn(&super::SpaceDetail) -> &Option<Arc<str>>| match detail.map(get) {
        None => (Known::Unknown, None),
        Some(None) => (Known::Absent, None),
        Some(Some(value)) => (Known::Value(value.to_string()), Some(Source::Space)),
    };
    let (role, groups) = match sharing(space) {
        Some(Sharing::Private) => {
            let levels = owner_levels(fleet, space);
            (levels.first(|s| s.execution_role.as_deref().map(str::to_owned)), levels.security_groups())
        }
        Some(Sharing::Shared) => match domain_detail(fleet, space) {
            Some(domain) => {
                let defaults = &domain.space_defaults;
                let from = |value: Option<String>| {
                    let source = value.is_some().then_some(Source::SpaceDefaults);
                    (Known::from(value), source)
                };
                (
                    from(defaults.execution_role.as_deref().map(str::to_owned)),
                    from(joined(&defaults.security_groups)),
                )
            }
            None => ((Known::Unknown, None), (Known::Unknown, None)),
        },
        _ => ((Known::Unknown, None), (Known::Unknown, None)),
    };
    let app_type = space.app_type.clone().unwrap_or(AppType::JupyterLab);
    let shutdown = match space_idle_shutdown(fleet, space, &app_type) {
        IdleShutdown::On { minutes, from } => (Known::Value(on_words(minutes)), Some(from)),
        IdleShutdown::Off => (Known::Value("off".to_owned()), None),
        IdleShutdown::Impossible => (Known::Absent, None),
        IdleShutdown::Unknown => (Known::Unknown, None),
    };
    let volume = space.ebs_gb.map(|gb| format!("{gb} GB"));
    let volume_from = volume.is_some().then_some(Source::Space);
    let rows = [
        ("execution role", role),
        ("security groups", groups),
        ("instance", own(|d| &d.instance)),
        ("lifecycle configuration", own(|d| &d.lifecycle_config)),
        ("idle shutdown", shutdown),
        ("volume", (Known::from(volume), volume_from)),
    ];
    rows.into_iter().map(|(name, (value, from))| Setting { name, value, from }).collect()
}

/// The execution role of a user profile.
pub fn execution_role<'a>(fleet: &'a Fleet, user: &'a UserProfile) -> Known<&'a str> {
    let levels = Levels::of(Some(user), fleet.domains.get(&user.key.domain_key()));
    levels.first(|settings| settings.execution_role.as_deref()).0
}

/// Whether SageMaker's own idle shutdown is on for a user profile: `on`, `off`, or `partly` where JupyterLab and
/// Code Editor differ.
pub fn user_idle_shutdown(fleet: &Fleet, user: &UserProfile) -> Known<&'static str> {
    let levels = Levels::of(Some(user), fleet.domains.get(&user.key.domain_key()));
    let on = |app_type| match levels.idle(&app_type).0 {
        Known::Unknown => None,
        Known::Absent => Some(false),
        Known::Value(settings) => Some(settings.enabled == Some(true)),
    };
    match (on(AppType::JupyterLab), on(AppType::CodeEditor)) {
        (Some(true), Some(true)) => Known::Value("on"),
        (Some(false), Some(false)) => Known::Value("off"),
        (Some(_), Some(_)) => Known::Value("partly"),
        _ => Known::Unknown,
    }
}

/// SageMaker's own idle shutdown as it stands for an app.
pub fn idle_shutdown(fleet: &Fleet, app: &App) -> IdleShutdown {
    if !app.key.app_type.has_native_idle_shutdown() {
        return IdleShutdown::Impossible;
    }
    match &app.key.owner {
        Owner::Space(_) => app
            .key
            .space_key()
            .and_then(|key| fleet.spaces.get(&key))
            .map_or(IdleShutdown::Unknown, |space| space_idle_shutdown(fleet, space, &app.key.app_type)),
        Owner::User(name) => {
            let key =
                UserKey { scope: app.key.scope.clone(), domain: app.key.domain.clone(), name: name.clone() };
            let levels = Levels::of(fleet.users.get(&key), fleet.domains.get(&key.domain_key()));
            stands(levels.idle(&app.key.app_type), Known::Absent)
        }
    }
}

fn space_idle_shutdown(fleet: &Fleet, space: &Space, app_type: &AppType) -> IdleShutdown {
    if !app_type.has_native_idle_shutdown() {
        return IdleShutdown::Impossible;
    }
    let own = match space.detail.as_deref() {
        None => Known::Unknown,
        Some(detail) => Known::from(detail.idle_minutes),
    };
    match sharing(space) {
        Some(Sharing::Private) => stands(owner_levels(fleet, space).idle(app_type), own),
        Some(Sharing::Shared) => match (domain_detail(fleet, space), app_type) {
            (None, _) => IdleShutdown::Unknown,
            // The space defaults have no settings of Code Editor.
            (Some(detail), AppType::JupyterLab) => match detail.space_defaults.jupyter_lab_idle {
                Some(block) => stands((Known::Value(block), Some(Source::SpaceDefaults)), own),
                None => IdleShutdown::Off,
            },
            (Some(_), _) => IdleShutdown::Off,
        },
        _ => IdleShutdown::Unknown,
    }
}

/// What a block of settings comes to with the minutes a space's user chose within its limits.
fn stands((block, from): Found<IdleSettings>, own: Known<u32>) -> IdleShutdown {
    let (block, from) = match (block, from) {
        (Known::Unknown, _) => return IdleShutdown::Unknown,
        (Known::Value(block), Some(from)) if block.enabled == Some(true) => (block, from),
        _ => return IdleShutdown::Off,
    };
    let minutes = match own {
        Known::Value(minutes) => {
            let least = block.min_minutes.unwrap_or(0);
            let most = block.max_minutes.unwrap_or(u32::MAX).max(least);
            Known::Value(minutes.clamp(least, most))
        }
        Known::Absent => block.timeout_minutes.into(),
        Known::Unknown => Known::Unknown,
    };
    IdleShutdown::On { minutes, from }
}

fn sharing(space: &Space) -> Option<&Sharing> {
    space.sharing.as_ref()
}

fn owner_levels<'a>(fleet: &'a Fleet, space: &Space) -> Levels<'a> {
    let user = space.owner.as_ref().and_then(|name| {
        let key =
            UserKey { scope: space.key.scope.clone(), domain: space.key.domain.clone(), name: name.clone() };
        fleet.users.get(&key)
    });
    Levels::of(user, fleet.domains.get(&space.key.domain_key()))
}

fn domain_detail<'a>(fleet: &'a Fleet, space: &Space) -> Option<&'a DomainDetail> {
    fleet.domains.get(&space.key.domain_key())?.detail.as_deref()
}

fn joined(list: &[Arc<str>]) -> Option<String> {
    (!list.is_empty()).then(|| list.join(", "))
}

fn idle_words((block, from): Found<IdleSettings>) -> Found<String> {
    let words = block.map(|block| {
        if block.enabled != Some(true) {
            return "off".to_owned();
        }
        let mut words = on_words(block.timeout_minutes.into());
        if let (Some(least), Some(most)) = (block.min_minutes, block.max_minutes) {
            // Writing to a String cannot fail.
            let _ = write!(words, " (users may choose {least} to {most} min)");
        }
        words
    });
    match words {
        Known::Absent => (Known::Value("off".to_owned()), None),
        words => (words, from),
    }
}

fn on_words(minutes: Known<u32>) -> String {
    match minutes {
        Known::Value(minutes) => format!("after {minutes} min"),
        Known::Absent => "on, after the time AWS chooses".to_owned(),
        Known::Unknown => "on, after a time that has not been read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Answer, Query, SpaceDefaults, SpaceDetail, UserDetail, sample};

    fn idle(timeout: u32) -> IdleSettings {
        IdleSettings {
            enabled: Some(true),
            timeout_minutes: Some(timeout),
            min_minutes: Some(60),
            max_minutes: Some(240),
        }
    }

    fn with_domain(fleet: &mut Fleet, user_defaults: UserSettings, space_defaults: SpaceDefaults) {
        let mut domain = sample::domain();
        domain.detail =
            Some(Box::new(DomainDetail { user_defaults, space_defaults, ..DomainDetail::default() }));
        let answer = Answer::Domain(Box::new(domain), Arc::from("{}"));
        fleet.absorb(&Query::Domain(sample::domain_key()), answer, sample::now());
    }

    fn with_user(fleet: &mut Fleet, name: &str, settings: UserSettings) {
        let mut user = sample::user(name);
        user.detail = Some(Box::new(UserDetail { settings, ..UserDetail::default() }));
        let query = Query::User(user.key.clone());
        fleet.absorb(&query, Answer::User(Box::new(user), Arc::from("{}")), sample::now());
    }

    fn setting<'a>(settings: &'a [Setting], name: &str) -> &'a Setting {
        settings.iter().find(|setting| setting.name == name).unwrap()
    }

    #[test]
    fn the_profile_wins_over_the_domain_but_security_groups_are_added() {
        let mut fleet = sample::fleet(vec![sample::user("anna")], vec![], vec![]);
        let key = sample::user("anna").key;
        assert_eq!(setting(&user_settings(&fleet, &key), "execution role").value, Known::Unknown);
        with_domain(
            &mut fleet,
            UserSettings {
                execution_role: Some("role/domain".into()),
                security_groups: vec!["sg-1".into(), "sg-2".into()],
                landing: Some("studio::".into()),
                ..UserSettings::default()
            },
            SpaceDefaults::default(),
        );
        let unread = user_settings(&fleet, &key);
        assert_eq!(
            setting(&unread, "execution role").value,
            Known::Unknown,
            "the profile could say otherwise"
        );
        with_user(
            &mut fleet,
            "anna",
            UserSettings {
                execution_role: Some("role/anna".into()),
                security_groups: vec!["sg-2".into(), "sg-3".into()],
                ..UserSettings::default()
            },
        );
        let settings = user_settings(&fleet, &key);
        let found = |name| (setting(&settings, name).value.clone(), setting(&settings, name).from);
        assert_eq!(found("execution role"), (Known::Value("role/anna".into()), Some(Source::Profile)));
        assert_eq!(
            found("security groups"),
            (Known::Value("sg-1, sg-2, sg-3".into()), Some(Source::DomainAndProfile))
        );
        assert_eq!(found("landing page"), (Known::Value("studio::".into()), Some(Source::Domain)));
        assert_eq!(found("custom images"), (Known::Absent, None));
        assert_eq!(found("JupyterLab idle shutdown"), (Known::Value("off".into()), None));
    }

    #[test]
    fn idle_shutdown_follows_the_owner_in_private_spaces_and_the_domain_in_shared_ones() {
        let mut private = sample::space("mine", "anna", Sharing::Private);
        private.detail = Some(Box::new(SpaceDetail { idle_minutes: Some(600), ..SpaceDetail::default() }));
        let shared = sample::space("ours", "anna", Sharing::Shared);
        let apps = vec![sample::space_app("mine"), sample::space_app("ours")];
        let mut fleet = sample::fleet(vec![sample::user("anna")], vec![private, shared], apps);
        let app = |fleet: &Fleet, index| idle_shutdown(fleet, fleet.apps.at(index).unwrap());
        assert_eq!(app(&fleet, 0), IdleShutdown::Unknown);
        let defaults = SpaceDefaults { jupyter_lab_idle: Some(idle(180)), ..SpaceDefaults::default() };
        with_domain(
            &mut fleet,
            UserSettings { jupyter_lab_idle: Some(idle(120)), ..UserSettings::default() },
            defaults,
        );
        with_user(&mut fleet, "anna", UserSettings::default());
        assert_eq!(
            app(&fleet, 0),
            IdleShutdown::On { minutes: Known::Value(240), from: Source::Domain },
            "the user's 600 minutes are more than the domain allows"
        );
        assert_eq!(
            app(&fleet, 1),
            IdleShutdown::On { minutes: Known::Unknown, from: Source::SpaceDefaults },
            "the space has not been read, so its own minutes are not known"
        );
        let classic = sample::app("anna", AppType::KernelGateway, "pt");
        assert_eq!(idle_shutdown(&fleet, &classic), IdleShutdown::Impossible);
    }

    #[test]
    fn a_user_whose_profile_switches_one_app_type_off_has_it_partly() {
        let mut fleet = sample::fleet(vec![sample::user("anna")], vec![], vec![]);
        let both = UserSettings {
            jupyter_lab_idle: Some(idle(60)),
            code_editor_idle: Some(idle(60)),
            ..UserSettings::default()
        };
        with_domain(&mut fleet, both, SpaceDefaults::default());
        with_user(&mut fleet, "anna", UserSettings::default());
        let state = |fleet: &Fleet| user_idle_shutdown(fleet, fleet.users.at(0).unwrap());
        assert_eq!(state(&fleet), Known::Value("on"));
        let off = IdleSettings { enabled: Some(false), ..IdleSettings::default() };
        with_user(
            &mut fleet,
            "anna",
            UserSettings { code_editor_idle: Some(off), ..UserSettings::default() },
        );
        assert_eq!(state(&fleet), Known::Value("partly"));
    }
}
