//! Everything about one object, as lines: facts, effective settings, tags, evidence; or AWS's own words.

use crate::fleet::wording::{Ago, Money, Span as Length};
use crate::fleet::{
    App, AppType, AuthMode, Domain, IdleSettings, Known, Name, NetworkAccess, ObjectKey, Owner, Query,
    Setting, Sharing, Space, Timestamp, UserProfile, Verdict, evidence, space_settings, user_settings,
    verdict,
};

use super::{Console, Details, DetailsTab, Dialog, Tone};

/// A line of text in several tones.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// Its parts.
    pub spans: Vec<Span>,
    /// Whether it begins a section.
    pub heading: bool,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// What it says.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

impl Line {
    pub(super) fn heading(text: &str) -> Self {
        Self { spans: vec![Span { text: text.to_owned(), tone: Tone::Accent }], heading: true }
    }

    pub(super) fn text(text: impl Into<String>, tone: Tone) -> Self {
        Self { spans: vec![Span { text: text.into(), tone }], heading: false }
    }

    pub(super) fn fact(label: &str, value: impl Into<String>, tone: Tone) -> Self {
        Self {
            spans: vec![
                Span { text: format!("{label:<20} "), tone: Tone::Muted },
                Span { text: value.into(), tone },
            ],
            heading: false,
        }
    }

    /// The line without its tones.
    pub fn plain(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// What collects facts: a missing one is shown as a dash, never left out.
struct Facts(Vec<Line>);

impl Facts {
    fn say(&mut self, label: &str, value: Option<impl Into<String>>) {
        match value {
            Some(value) => self.0.push(Line::fact(label, value, Tone::Plain)),
            None => self.0.push(Line::fact(label, "—", Tone::Muted)),
        }
    }

    fn toned(&mut self, label: &str, value: impl Into<String>, tone: Tone) {
        self.0.push(Line::fact(label, value, tone));
    }

    fn heading(&mut self, text: &str) {
        if !self.0.is_empty() {
            self.0.push(Line::default());
        }
        self.0.push(Line::heading(text));
    }

    fn time(&mut self, label: &str, at: Option<Timestamp>, console: &Console) {
        let text = at.map(|at| {
            let local = at.to_zoned(console.zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
            format!("{local} ({})", Ago::since(at, console.now))
        });
        self.say(label, text);
    }
}

impl Console {
    /// The details that are open, also while another layer such as the help lies over them.
    pub(super) fn details(&self) -> Option<&Details> {
        self.dialogs.iter().rev().find_map(|dialog| match dialog {
            Dialog::Details(details) => Some(&**details),
            _ => None,
        })
    }

    /// The lines of the details that are open.
    pub fn details_lines(&self) -> Vec<Line> {
        let Some(details) = self.details() else { return Vec::new() };
        match details.tab {
            DetailsTab::Facts => self.facts(&details.object),
            DetailsTab::Json | DetailsTab::Yaml => self.raw_lines(details),
        }
    }

    /// The text of the details that are open.
    pub(super) fn details_text(&self) -> String {
        let lines: Vec<String> = self.details_lines().iter().map(Line::plain).collect();
        lines.join("\n")
    }

    /// Those of the [lines](Self::details_lines) of the details in which the search finds something.
    pub fn details_hits(&self, lines: &[Line]) -> Vec<usize> {
        let Some(details) = self.details() else { return Vec::new() };
        let wanted = details.search.value().to_lowercase();
        if wanted.is_empty() {
            return Vec::new();
        }
        lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.plain().to_lowercase().contains(&wanted))
            .map(|(position, _)| position)
            .collect()
    }

    fn raw_lines(&self, details: &Details) -> Vec<Line> {
        let Some(raw) = &details.raw else {
            let query = details.object.describe();
            return match self.fleet.failure(&query) {
                Some(problem) => vec![Line::text(problem.to_string(), Tone::Error)],
                None => vec![Line::text("reading it from AWS ...", Tone::Muted)],
            };
        };
        let text = match (serde_json::from_str::<serde_json::Value>(raw), details.tab) {
            (Ok(value), DetailsTab::Yaml) => serde_saphyr::to_string(&value)
                .unwrap_or_else(|error| format!("# not shown as YAML: {error}")),
            (Ok(value), _) => serde_json::to_string_pretty(&value).unwrap_or_else(|_| raw.to_string()),
            (Err(error), _) => format!("AWS's answer is not JSON ({error}):\n{raw}"),
        };
        text.lines().map(|line| Line::text(&*crate::fleet::harmless(line), Tone::Plain)).collect()
    }

    fn facts(&self, object: &ObjectKey) -> Vec<Line> {
        let mut facts = Facts(Vec::new());
        facts.heading("identity");
        facts.say("name", Some(object.name()));
        facts.say("ARN", Some(object.arn()));
        let scope = object.scope();
        facts.say(
            "account",
            Some(format!("{} {}", self.fleet.account_label(scope.account()), scope.account())),
        );
        facts.say("region", Some(scope.region().as_str()));
        let domain = object.domain_key();
        facts.say("domain", Some(format!("{} ({})", self.fleet.domain_label(&domain), domain.id)));
        match object {
            ObjectKey::Domain(key) => match self.fleet.domains.get(key) {
                Some(row) => self.domain_facts(row, &mut facts),
                None => gone(&mut facts),
            },
            ObjectKey::User(key) => match self.fleet.users.get(key) {
                Some(row) => self.user_facts(row, &mut facts),
                None => gone(&mut facts),
            },
            ObjectKey::Space(key) => match self.fleet.spaces.get(key) {
                Some(row) => self.space_facts(row, &mut facts),
                None => gone(&mut facts),
            },
            ObjectKey::App(key) => match self.fleet.apps.get(key) {
                Some(row) => self.app_facts(row, &mut facts),
                None => gone(&mut facts),
            },
        }
        self.tag_facts(object, &mut facts);
        if let Some(problem) = self.fleet.failure(&object.describe()) {
            facts.heading("not read in full");
            facts.0.push(Line::text(problem.to_string(), Tone::Error));
        }
        facts.0
    }

    fn tag_facts(&self, object: &ObjectKey, facts: &mut Facts) {
        facts.heading("tags");
        match self.fleet.tags.get(object) {
            Some(tags) if tags.is_empty() => facts.0.push(Line::text("none", Tone::Muted)),
            Some(tags) => tags.iter().for_each(|tag| facts.say(&tag.key, Some(&*tag.value))),
            None => match self.fleet.failure(&Query::Tags(object.clone())) {
                Some(problem) => facts.0.push(Line::text(problem.to_string(), Tone::Error)),
                None => facts.0.push(Line::text("reading ...", Tone::Muted)),
            },
        }
    }

    fn domain_facts(&self, row: &Domain, facts: &mut Facts) {
        facts.heading("state");
        facts.toned(
            "status",
            row.status.as_str(),
            status_tone(row.status.is_fault(), row.status.is_passing()),
        );
        facts.time("created", row.created, self);
        facts.time("changed", row.modified, self);
        facts.say("URL", row.url.as_deref());
        let Some(detail) = &row.detail else {
            facts.0.push(Line::text("reading the rest ...", Tone::Muted));
            return;
        };
        facts.say("failure", detail.failure_reason.as_deref());
        facts.heading("set at creation, or for all");
        facts.say("sign-in", detail.auth_mode.as_ref().map(AuthMode::as_str));
        facts.say("network", detail.network.as_ref().map(NetworkAccess::as_str));
        facts.say("VPC", detail.vpc.as_deref());
        facts.say("subnets", joined(&detail.subnets));
        facts.say("home file system", detail.home_file_system.as_deref());
        facts.say("KMS key", detail.kms_key.as_deref().or(Some("AWS's own key")));
        facts.say("tag propagation", detail.tag_propagation.as_deref());
        facts.say("CloudTrail identity", detail.role_identity.as_deref());
        facts.say("Docker", detail.docker.as_deref());
        facts.say("SSO application", detail.sso_application.as_deref());
        facts.say("Unified Studio", detail.unified_studio.as_deref());
        facts.heading("user profiles inherit");
        let defaults = &detail.user_defaults;
        facts.say("execution role", defaults.execution_role.as_deref());
        facts.say("security groups", joined(&defaults.security_groups));
        facts.say("JupyterLab instance", defaults.jupyter_lab_instance.as_deref());
        facts.say("JupyterLab idle", defaults.jupyter_lab_idle.map(idle_text));
        facts.say("Code Editor idle", defaults.code_editor_idle.map(idle_text));
        facts.say("lifecycle configs", joined(&defaults.lifecycle_configs));
        facts.say("custom images", joined(&defaults.custom_images));
        facts.say(
            "space volume",
            defaults.space_ebs_gb.map(|(usual, most)| format!("{usual} GB, at most {most}")),
        );
        facts.say("notebook output", defaults.notebook_output.as_deref());
        facts.say("lands on", defaults.landing.as_deref());
        facts.heading("shared spaces inherit");
        facts.say("execution role", detail.space_defaults.execution_role.as_deref());
        facts.say("security groups", joined(&detail.space_defaults.security_groups));
        facts.say("JupyterLab idle", detail.space_defaults.jupyter_lab_idle.map(idle_text));
    }

    fn user_facts(&self, row: &UserProfile, facts: &mut Facts) {
        facts.heading("state");
        facts.toned(
            "status",
            row.status.as_str(),
            status_tone(row.status.is_fault(), row.status.is_passing()),
        );
        facts.time("created", row.created, self);
        facts.time("changed", row.modified, self);
        if let Some(detail) = &row.detail {
            facts.say("failure", detail.failure_reason.as_deref());
            facts.say("SSO user", detail.sso_user.as_deref());
            facts.say("uid on EFS", detail.efs_uid.as_deref());
        }
        settings(user_settings(&self.fleet, &row.key), facts);
    }

    fn space_facts(&self, row: &Space, facts: &mut Facts) {
        facts.heading("state");
        facts.toned(
            "status",
            row.status.as_str(),
            status_tone(row.status.is_fault(), row.status.is_passing()),
        );
        facts.say("display name", row.display_name.as_deref());
        facts.say("owner", row.owner.as_ref().map(Name::as_str));
        facts.say("sharing", row.sharing.as_ref().map(Sharing::as_str));
        facts.say("app type", row.app_type.as_ref().map(AppType::as_str));
        facts.say("volume", row.ebs_gb.map(|gb| format!("{gb} GB")));
        facts.say("remote access", row.remote_access.as_deref());
        facts.time("created", row.created, self);
        facts.time("changed", row.modified, self);
        if let Some(detail) = &row.detail {
            facts.say("failure", detail.failure_reason.as_deref());
            facts.say("default instance", detail.instance.as_deref());
            facts.say("lifecycle config", detail.lifecycle_config.as_deref());
            facts.say("idle minutes", detail.idle_minutes.map(|minutes| minutes.to_string()));
            facts.say("uid on EFS", detail.efs_uid.as_deref());
            facts.say("URL", detail.url.as_deref());
        }
        settings(space_settings(&self.fleet, row), facts);
    }

    fn app_facts(&self, row: &App, facts: &mut Facts) {
        facts.heading("state");
        facts.toned(
            "status",
            row.status.as_str(),
            status_tone(row.status.is_fault(), row.status.is_passing()),
        );
        facts.say("type", Some(row.key.app_type.as_str()));
        let owner = match &row.key.owner {
            Owner::User(name) => format!("user profile {name}"),
            Owner::Space(name) => match self.fleet.user_of(&row.key) {
                Some(user) => format!("space {name} of {user}"),
                None => format!("space {name}"),
            },
        };
        facts.say("owner", Some(owner));
        facts.say("instance", row.instance.as_deref());
        let position = self.fleet.apps.position(&row.key);
        match position.and_then(|position| self.price_of(position)) {
            Some(dollars) => facts.toned("price", format!("{}/h", Money(dollars)), Tone::Money),
            None if row.status.is_running() => facts.toned("price", "unknown", Tone::Unknown),
            None => facts.say("price", None::<&str>),
        }
        facts.time("created", row.created, self);
        facts.say("image", row.image.as_deref());
        facts.say("image version", row.image_version.as_deref());
        facts.say("lifecycle config", row.lifecycle_config.as_deref());
        if let Some(activity) = &row.activity {
            facts.say("failure", activity.failure_reason.as_deref());
            facts.time("last activity", activity.last_user_activity, self);
            facts.time("last health check", activity.last_health_check, self);
            facts.say("built-in LCC", activity.built_in_lifecycle_config.as_deref());
            facts.say("recovery mode", activity.recovery_mode.map(|on| if on { "on" } else { "off" }));
        }
        facts.say(
            "log stream",
            Some(format!(
                "/aws/sagemaker/studio {}/{}/{}/{}",
                row.key.domain,
                row.key.owner.name(),
                row.key.app_type,
                row.key.name
            )),
        );
        self.idle_facts(row, facts);
    }

    fn idle_facts(&self, row: &App, facts: &mut Facts) {
        facts.heading("is it idle?");
        match verdict(row, self.now, &self.session.idle) {
            Verdict::Active { .. } => facts.toned("verdict", "active", Tone::Ok),
            Verdict::Idle { since, .. } => {
                facts.toned("verdict", format!("idle for {}", Length::between(since, self.now)), Tone::Idle);
            }
            Verdict::Unknown => facts.toned("verdict", "unknown", Tone::Unknown),
            Verdict::NotRunning => facts.toned("verdict", "not running", Tone::Muted),
        }
        for item in evidence(&self.fleet, row, self.now, &self.session.idle) {
            facts.say(item.signal, Some(item.says));
            if !item.blind_spot.is_empty() {
                facts.0.push(Line::fact("", format!("but: {}", item.blind_spot), Tone::Muted));
            }
        }
    }
}

/// Effective settings with who set them.
fn settings(list: Vec<Setting>, facts: &mut Facts) {
    facts.heading("effective settings, and who set them");
    for setting in list {
        let mut line = match setting.value {
            Known::Value(value) => Line::fact(setting.name, value, Tone::Plain),
            Known::Absent => Line::fact(setting.name, "—", Tone::Muted),
            Known::Unknown => Line::fact(setting.name, "not read", Tone::Unknown),
        };
        if let Some(from) = setting.from {
            line.spans.push(Span { text: format!("  ({})", from.as_str()), tone: Tone::Muted });
        }
        facts.0.push(line);
    }
}

fn gone(facts: &mut Facts) {
    facts.heading("state");
    facts.0.push(Line::text("it is not there any more", Tone::Warn));
}

/// Idle shutdown in words.
fn idle_text(idle: IdleSettings) -> String {
    match (idle.enabled, idle.timeout_minutes) {
        (Some(true), Some(minutes)) => format!("shut down after {minutes} min"),
        (Some(true), None) => "on, time not set".to_owned(),
        (Some(false), _) => "off".to_owned(),
        (None, _) => "not set".to_owned(),
    }
}

fn joined(texts: &[std::sync::Arc<str>]) -> Option<String> {
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// How a status is meant.
pub(super) fn status_tone(fault: bool, passing: bool) -> Tone {
    if fault {
        Tone::Error
    } else if passing {
        Tone::Pending
    } else {
        Tone::Ok
    }
}
