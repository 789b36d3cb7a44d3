//! What a column of a roster, or a key of a template, means, and how its cells are read.

use std::sync::Arc;

use serde_json::Value;

use super::roster::RosterRow;
use super::separated::Cell;
use super::tree::{Key, Node, NodeValue};
use super::{Place, TextError};
use crate::fleet::rules::{self, Rule};
use crate::fleet::{AppType, Document, IdleSettings, LifecycleEdit, Tag, suggestion};

/// What a column gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    SsoUser,
    Domain,
    Template,
    CloneOf,
    Role,
    SecurityGroups,
    Instance(Apps),
    Idle(Apps),
    Lifecycle(AppType),
    Landing,
    SpaceGb,
    Tags,
    Tag(Arc<str>),
    Settings,
}

/// Which app types a column is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apps {
    Lab,
    Editor,
    /// Both of today's Studio.
    Both,
    Kernel,
}

impl Apps {
    fn types(self) -> Vec<AppType> {
        match self {
            Self::Lab => vec![AppType::JupyterLab],
            Self::Editor => vec![AppType::CodeEditor],
            Self::Both => vec![AppType::JupyterLab, AppType::CodeEditor],
            Self::Kernel => vec![AppType::KernelGateway],
        }
    }
}

/// The columns by all their names; the first of each is the one we write ourselves.
const NAMES: [(&[&str], Column); 22] = [
    (
        &[
            "name",
            "user",
            "user_name",
            "username",
            "user_profile",
            "user_profile_name",
            "profile",
            "profile_name",
        ],
        Column::Name,
    ),
    (
        &[
            "sso_user",
            "email",
            "e_mail",
            "mail",
            "sso_user_name",
            "single_sign_on_user_value",
            "identity_center_user",
        ],
        Column::SsoUser,
    ),
    (&["domain", "domain_id", "domain_name"], Column::Domain),
    (&["template"], Column::Template),
    (&["clone_of", "clone", "clone_from", "like"], Column::CloneOf),
    (&["role", "execution_role", "role_arn", "execution_role_arn"], Column::Role),
    (&["security_groups", "groups", "security_group", "security_group_ids", "sg"], Column::SecurityGroups),
    (&["instance", "instance_type", "default_instance", "instances"], Column::Instance(Apps::Both)),
    (&["jupyterlab_instance"], Column::Instance(Apps::Lab)),
    (&["code_editor_instance"], Column::Instance(Apps::Editor)),
    (&["kernel_gateway_instance"], Column::Instance(Apps::Kernel)),
    (&["idle_minutes", "idle", "idle_timeout", "idle_shutdown"], Column::Idle(Apps::Both)),
    (&["jupyterlab_idle_minutes"], Column::Idle(Apps::Lab)),
    (&["code_editor_idle_minutes"], Column::Idle(Apps::Editor)),
    (
        &["lifecycle_config", "lifecycle_configs", "jupyterlab_lifecycle_config", "lcc"],
        Column::Lifecycle(AppType::JupyterLab),
    ),
    (&["code_editor_lifecycle_config"], Column::Lifecycle(AppType::CodeEditor)),
    (&["kernel_gateway_lifecycle_config"], Column::Lifecycle(AppType::KernelGateway)),
    (&["jupyter_server_lifecycle_config"], Column::Lifecycle(AppType::JupyterServer)),
    (&["landing", "landing_uri", "default_landing_uri"], Column::Landing),
    (&["space_ebs_gb", "space_gb", "ebs_gb"], Column::SpaceGb),
    (&["tags"], Column::Tags),
    (&["settings"], Column::Settings),
];

/// The names of the columns, for messages.
pub(super) const SHOWN: &str = "name, sso_user, domain, template, clone_of, role, security_groups, instance, \
                                idle_minutes, lifecycle_config, landing, space_ebs_gb, tags, tag:KEY";

impl Column {
    /// The column of a header, in any spelling: `User Profile Name`, `tag:team`.
    pub(super) fn named(header: &str) -> Option<Self> {
        let header = header.trim();
        if let Some((kind, key)) = header.split_once(':')
            && kind.trim().eq_ignore_ascii_case("tag")
        {
            return Some(Self::Tag(key.trim().into()));
        }
        let name = spelled(header);
        NAMES.iter().find(|(names, _)| names.contains(&name.as_str())).map(|(_, column)| column.clone())
    }

    /// That a header is not known, with the nearest that is.
    pub(super) fn unknown(header: &str) -> String {
        let all = NAMES.iter().flat_map(|(names, _)| names.iter().copied());
        let near = suggestion(&spelled(header), all);
        let header = crate::fleet::harmless(header);
        if near.is_empty() {
            format!("unknown column `{header}`; there are {SHOWN}")
        } else {
            format!("unknown column `{header}`{near}")
        }
    }

    /// Takes in a cell of text. What is wrong with it is noted in the row.
    pub(super) fn take(&self, row: &mut RosterRow, cell: &Cell) {
        let text = cell.text.trim();
        let value: Arc<str> = text.into();
        if text.is_empty() && *self != Self::Name {
            return;
        }
        match self {
            Self::Name => {
                check(row, cell.place, Rule::UserProfileName, text);
                row.name = crate::fleet::harmless(text);
            }
            Self::SsoUser => {
                check(row, cell.place, Rule::SsoUser, text);
                row.sso_user = Some(value);
            }
            Self::Domain => row.domain = Some(value),
            Self::Template => row.template = Some(value),
            Self::CloneOf => row.clone_of = Some(value),
            Self::Role => {
                // A name alone is looked up among the account's roles.
                if text.contains(':') {
                    check(row, cell.place, Rule::RoleArn, text);
                }
                row.edit.role = Some(value);
            }
            Self::SecurityGroups => {
                let groups = parts(text);
                for group in &groups {
                    check(row, cell.place, Rule::SecurityGroup, group);
                }
                row.edit.security_groups = Some(groups);
            }
            Self::Instance(apps) => {
                check(row, cell.place, Rule::InstanceType, text);
                row.edit.instances.extend(apps.types().into_iter().map(|app| (app, value.clone())));
            }
            Self::Idle(apps) => match idle(text) {
                Ok(settings) => row.edit.idle.extend(apps.types().into_iter().map(|app| (app, settings))),
                Err(message) => row.flaws.push(TextError::new(cell.place, message)),
            },
            Self::Lifecycle(app_type) => {
                let configs = parts(text);
                for config in configs.iter().filter(|config| !config.contains(':')) {
                    check(row, cell.place, Rule::LifecycleConfigName, config);
                }
                row.edit.lifecycle.insert(app_type.clone(), LifecycleEdit::attach(configs));
            }
            Self::Landing => {
                check(row, cell.place, Rule::Landing, text);
                row.edit.landing = Some(value);
            }
            Self::SpaceGb => match text.parse::<u32>() {
                Ok(gb) => {
                    note(row, cell.place, rules::check_ebs_gb(gb));
                    let most = row.edit.space_ebs_gb.map_or(gb, |(_, most)| most.max(gb));
                    row.edit.space_ebs_gb = Some((gb, most));
                }
                Err(_) => row.flaws.push(TextError::new(cell.place, "must be a whole number of GB")),
            },
            Self::Tags => {
                for part in parts(text) {
                    match part.split_once('=') {
                        Some((key, value)) => tag(row, cell.place, key.trim(), value.trim()),
                        None => row.flaws.push(TextError::new(
                            cell.place,
                            format!(
                                "`{}` is no tag: tags look like team=nlp;env=dev",
                                crate::fleet::harmless(&part)
                            ),
                        )),
                    }
                }
            }
            Self::Tag(key) => tag(row, cell.place, key, text),
            Self::Settings => match serde_json::from_str::<Document>(text) {
                Ok(document) => row.edit.settings = document,
                Err(error) => row.flaws.push(TextError::new(
                    cell.place,
                    format!("must be members of UserSettings as a JSON object: {error}"),
                )),
            },
        }
    }

    /// Takes in a value of a tree: what a cell can say, and tables for what has parts.
    pub(super) fn take_node(&self, row: &mut RosterRow, key: &Key, node: &Node) {
        if let NodeValue::Table(members) = &node.value {
            return self.take_table(row, key, node, members);
        }
        match (self, &node.value) {
            (Self::Settings, _) => {
                row.flaws.push(TextError::new(node.place, "must be a table in AWS's names"));
            }
            (Self::Name | Self::Role | Self::Template | Self::Domain, NodeValue::Scalar(value))
                if !value.is_string() =>
            {
                let message =
                    format!("`{}` must be a text, and is {}: write it in quotes", key.name, node.kind());
                row.flaws.push(TextError::new(node.place, message));
            }
            _ => {
                if let Some(text) = node.cell() {
                    self.take(row, &Cell { place: node.place, text });
                } else {
                    let message = format!("`{}` cannot be {}", key.name, node.kind());
                    row.flaws.push(TextError::new(node.place, message));
                }
            }
        }
    }

    fn take_table(&self, row: &mut RosterRow, key: &Key, node: &Node, members: &[(Key, Node)]) {
        match self {
            Self::Tags => {
                for (key, node) in members {
                    match node.cell() {
                        Some(value) => tag(row, node.place, &key.name, &value),
                        None => row.flaws.push(TextError::new(node.place, "a tag's value must be a text")),
                    }
                }
            }
            Self::Settings => {
                if let Value::Object(document) = node.json() {
                    row.edit.settings = document;
                }
            }
            Self::Instance(_) => each_app(row, members, |app| match app {
                AppType::JupyterLab => Some(Self::Instance(Apps::Lab)),
                AppType::CodeEditor => Some(Self::Instance(Apps::Editor)),
                AppType::KernelGateway => Some(Self::Instance(Apps::Kernel)),
                _ => None,
            }),
            Self::Lifecycle(_) => each_app(row, members, |app| Some(Self::Lifecycle(app.clone()))),
            Self::Idle(apps) if members.iter().all(|(key, _)| IDLE.contains(&key.name.as_str())) => {
                let settings = idle_table(row, members);
                row.edit.idle.extend(apps.types().into_iter().map(|app| (app, settings)));
            }
            Self::Idle(_) => each_app(row, members, |app| match app {
                AppType::JupyterLab => Some(Self::Idle(Apps::Lab)),
                AppType::CodeEditor => Some(Self::Idle(Apps::Editor)),
                _ => None,
            }),
            Self::SpaceGb => space_table(row, node, members),
            _ => {
                let message = format!("`{}` cannot be a table", key.name);
                row.flaws.push(TextError::new(node.place, message));
            }
        }
    }
}

const IDLE: [&str; 4] = ["enabled", "minutes", "min_minutes", "max_minutes"];
const APPS: [(&str, AppType); 4] = [
    ("jupyterlab", AppType::JupyterLab),
    ("code_editor", AppType::CodeEditor),
    ("kernel_gateway", AppType::KernelGateway),
    ("jupyter_server", AppType::JupyterServer),
];

fn each_app(row: &mut RosterRow, members: &[(Key, Node)], column: impl Fn(&AppType) -> Option<Column>) {
    for (key, node) in members {
        let app = APPS.iter().find(|(name, _)| *name == key.name).and_then(|(_, app)| column(app));
        if let Some(column) = app {
            column.take_node(row, key, node);
        } else {
            let known: Vec<&str> =
                APPS.iter().filter(|(_, app)| column(app).is_some()).map(|(name, _)| *name).collect();
            row.flaws.push(TextError::new(key.place, unknown_key(&key.name, &known)));
        }
    }
}

fn idle_table(row: &mut RosterRow, members: &[(Key, Node)]) -> IdleSettings {
    let mut settings = IdleSettings::default();
    for (key, node) in members {
        if key.name == "enabled" {
            match &node.value {
                NodeValue::Scalar(Value::Bool(enabled)) => settings.enabled = Some(*enabled),
                _ => row.flaws.push(TextError::new(node.place, "must be true or false")),
            }
            continue;
        }
        let minutes = whole_number(row, node);
        if let Some(minutes) = minutes {
            note(row, node.place, rules::check_idle_minutes(minutes));
        }
        match key.name.as_str() {
            "minutes" => settings.timeout_minutes = minutes,
            "min_minutes" => settings.min_minutes = minutes,
            _ => settings.max_minutes = minutes,
        }
    }
    if settings.enabled.is_none() && settings.timeout_minutes.is_some() {
        settings.enabled = Some(true);
    }
    settings
}

fn space_table(row: &mut RosterRow, node: &Node, members: &[(Key, Node)]) {
    let (mut usual, mut most) = (None, None);
    for (key, node) in members {
        match key.name.as_str() {
            "default" => usual = whole_number(row, node),
            "maximum" => most = whole_number(row, node),
            name => {
                row.flaws.push(TextError::new(key.place, unknown_key(name, &["default", "maximum"])));
            }
        }
    }
    for gb in [usual, most].into_iter().flatten() {
        note(row, node.place, rules::check_ebs_gb(gb));
    }
    match (usual, most) {
        (Some(usual), Some(most)) => row.edit.space_ebs_gb = Some((usual, most)),
        (Some(usual), None) => row.edit.space_ebs_gb = Some((usual, usual)),
        _ => row.flaws.push(TextError::new(node.place, "needs `default` and `maximum`, in GB")),
    }
}

fn whole_number(row: &mut RosterRow, node: &Node) -> Option<u32> {
    let number = match &node.value {
        NodeValue::Scalar(value) => value.as_u64().and_then(|number| u32::try_from(number).ok()),
        _ => None,
    };
    if number.is_none() {
        row.flaws.push(TextError::new(node.place, "must be a whole number"));
    }
    number
}

/// That a key is not known, with the nearest that is.
pub(super) fn unknown_key(name: &str, known: &[&str]) -> String {
    let near = suggestion(name, known.iter().copied());
    let name = crate::fleet::harmless(name);
    if near.is_empty() {
        format!("unknown key `{name}`; there are {}", known.join(", "))
    } else {
        format!("unknown key `{name}`{near}")
    }
}

/// Minutes; or `off`, `on`.
fn idle(text: &str) -> Result<IdleSettings, String> {
    match text.to_ascii_lowercase().as_str() {
        "off" | "false" | "no" | "disabled" | "0" => {
            Ok(IdleSettings { enabled: Some(false), ..IdleSettings::default() })
        }
        "on" | "true" | "yes" | "enabled" => {
            Ok(IdleSettings { enabled: Some(true), ..IdleSettings::default() })
        }
        number => {
            let minutes: u32 =
                number.parse().map_err(|_| "must be a whole number of minutes, or `off`".to_owned())?;
            rules::check_idle_minutes(minutes).map_err(|flaw| flaw.message)?;
            Ok(IdleSettings {
                enabled: Some(true),
                timeout_minutes: Some(minutes),
                ..IdleSettings::default()
            })
        }
    }
}

fn tag(row: &mut RosterRow, place: Place, key: &str, value: &str) {
    check(row, place, Rule::TagKey, key);
    check(row, place, Rule::TagValue, value);
    let tag = Tag { key: key.into(), value: value.into() };
    match row.tags.iter_mut().find(|known| known.key == tag.key) {
        Some(known) if known.value == tag.value => {}
        Some(_) => row.flaws.push(TextError::new(
            place,
            format!("the tag {} is given two values", crate::fleet::harmless(key)),
        )),
        None => row.tags.push(tag),
    }
}

/// The parts of a cell that holds several values.
fn parts(text: &str) -> Vec<Arc<str>> {
    text.split([',', ';', '|', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(Arc::from).collect()
}

fn check(row: &mut RosterRow, place: Place, rule: Rule, text: &str) {
    note(row, place, rule.check(text));
}

fn note(row: &mut RosterRow, place: Place, result: Result<(), rules::Flaw>) {
    if let Err(flaw) = result {
        let column = place.column + flaw.at.unwrap_or(0);
        row.flaws.push(TextError::new(Place { column, ..place }, flaw.message));
    }
}

/// `User Profile-Name` as `user_profile_name`.
fn spelled(header: &str) -> String {
    header
        .trim()
        .chars()
        .map(|c| if c == ' ' || c == '-' || c == '.' { '_' } else { c.to_ascii_lowercase() })
        .collect()
}
