//! What a person wants set in `UserSettings`: of a user profile, of a template, of a domain's defaults.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::within;
use crate::fleet::delta::overlay;
use crate::fleet::rules::{self, Rule};
use crate::fleet::{AppType, Document, IdleSettings, LifecycleConfigKey, Scope};

/// What to set; what is not mentioned stays as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserEdit {
    /// The execution role: its ARN, or its name in the account.
    pub role: Option<Arc<str>>,
    /// All security groups.
    pub security_groups: Option<Vec<Arc<str>>>,
    /// Default instance type by app type.
    pub instances: BTreeMap<AppType, Arc<str>>,
    /// Idle shutdown by app type.
    pub idle: BTreeMap<AppType, IdleSettings>,
    /// Lifecycle configurations by app type.
    pub lifecycle: BTreeMap<AppType, LifecycleEdit>,
    /// Where the user lands.
    pub landing: Option<Arc<str>>,
    /// Default and greatest size of a private space's volume, in GB.
    pub space_ebs_gb: Option<(u32, u32)>,
    /// Further members of `UserSettings` in AWS's names; structures are joined with what is there.
    pub settings: Document,
}

/// What to do with the lifecycle configurations of one app type; each by its ARN, or its name in the scope.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LifecycleEdit {
    /// Those to attach, besides those that are.
    pub attach: Vec<Arc<str>>,
    /// Those to detach.
    pub detach: Vec<Arc<str>>,
    /// The one that runs where the user chooses none; it is attached too.
    pub default: Option<Arc<str>>,
}

impl LifecycleEdit {
    /// Attaches these, and makes the first the one that runs where the user chooses none.
    pub fn attach(configs: Vec<Arc<str>>) -> Self {
        Self { default: configs.first().cloned(), attach: configs, detach: Vec::new() }
    }
}

/// The member of `UserSettings` with the settings of an app type, for the app types that have instances.
pub fn settings_member(app_type: &AppType) -> Option<&'static str> {
    match app_type {
        AppType::JupyterLab => Some("JupyterLabAppSettings"),
        AppType::CodeEditor => Some("CodeEditorAppSettings"),
        AppType::KernelGateway => Some("KernelGatewayAppSettings"),
        AppType::JupyterServer => Some("JupyterServerAppSettings"),
        _ => None,
    }
}

impl UserEdit {
    /// Whether it sets nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// This edit upon another one: what this one says wins.
    #[must_use]
    pub fn over(&self, base: &Self) -> Self {
        let mut both = base.clone();
        both.role = self.role.clone().or(both.role);
        both.security_groups = self.security_groups.clone().or(both.security_groups);
        both.instances.extend(self.instances.clone());
        both.idle.extend(self.idle.clone());
        both.lifecycle.extend(self.lifecycle.clone());
        both.landing = self.landing.clone().or(both.landing);
        both.space_ebs_gb = self.space_ebs_gb.or(both.space_ebs_gb);
        overlay(&mut both.settings, &self.settings);
        both
    }

    /// `UserSettings` with this edit made: the whole structure, as AWS takes it.
    #[must_use]
    pub fn applied(&self, settings: &Document, scope: &Scope) -> Document {
        let mut after = settings.clone();
        if let Some(role) = &self.role {
            after.insert("ExecutionRole".to_owned(), json!(&**role));
        }
        if let Some(groups) = &self.security_groups {
            after.insert("SecurityGroups".to_owned(), groups.iter().map(|group| json!(&**group)).collect());
        }
        if let Some(landing) = &self.landing {
            after.insert("DefaultLandingUri".to_owned(), json!(&**landing));
        }
        if let Some((usual, most)) = self.space_ebs_gb {
            within(&mut after, &["SpaceStorageSettings", "DefaultEbsStorageSettings"], |storage| {
                storage.insert("DefaultEbsVolumeSizeInGb".to_owned(), json!(usual));
                storage.insert("MaximumEbsVolumeSizeInGb".to_owned(), json!(most));
            });
        }
        for (app_type, instance) in &self.instances {
            let Some(member) = settings_member(app_type) else { continue };
            within(&mut after, &[member, "DefaultResourceSpec"], |spec| {
                spec.insert("InstanceType".to_owned(), json!(&**instance));
            });
        }
        for (app_type, idle) in &self.idle {
            let Some(member) = settings_member(app_type) else { continue };
            within(&mut after, &[member, "AppLifecycleManagement", "IdleSettings"], |settings| {
                set_idle(settings, idle);
            });
        }
        for (app_type, edit) in &self.lifecycle {
            let Some(member) = settings_member(app_type) else { continue };
            within(&mut after, &[member], |app| set_lifecycle(app, edit, scope));
        }
        overlay(&mut after, &self.settings);
        after
    }

    /// What is wrong with it by AWS's own rules, each as a clause that begins with what it is about.
    pub fn flaws(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        let mut check = |rule: Rule, text: &str, whose: &str| {
            if let Err(flaw) = rule.check(text) {
                flaws.push(if whose.is_empty() { flaw.message } else { format!("{whose}: {flaw}") });
            }
        };
        // A role may be given by its name, which is looked up later.
        if let Some(role) = self.role.as_deref().filter(|role| role.contains(':')) {
            check(Rule::RoleArn, role, "role");
        }
        for group in self.security_groups.iter().flatten() {
            check(Rule::SecurityGroup, group, "security groups");
        }
        for (app_type, instance) in &self.instances {
            check(Rule::InstanceType, instance, &format!("{app_type} instance"));
        }
        if let Some(landing) = &self.landing {
            check(Rule::Landing, landing, "landing page");
        }
        for (app_type, edit) in &self.lifecycle {
            let all = edit.attach.iter().chain(&edit.detach).chain(&edit.default);
            for config in all.filter(|config| !config.contains(':')) {
                check(Rule::LifecycleConfigName, config, &format!("{app_type} lifecycle configurations"));
            }
        }
        let groups = self.security_groups.as_ref().map_or(0, Vec::len);
        if groups > rules::MOST_GROUPS {
            flaws.push(format!(
                "security groups: AWS takes at most {}, these are {groups}",
                rules::MOST_GROUPS
            ));
        }
        for (app_type, idle) in &self.idle {
            flaws.extend(idle_flaws(app_type, idle));
        }
        if let Some((usual, most)) = self.space_ebs_gb {
            for gb in [usual, most] {
                flaws.extend(rules::check_ebs_gb(gb).err().map(|flaw| flaw.message));
            }
            if usual > most {
                flaws.push(format!(
                    "space volume: the usual size, {usual} GB, is above the greatest, {most} GB"
                ));
            }
        }
        for app_type in self.instances.keys().chain(self.idle.keys()).chain(self.lifecycle.keys()) {
            if settings_member(app_type).is_none() {
                flaws.push(format!("{app_type} has no such settings"));
            }
        }
        if let Some(path) = null_member(&self.settings) {
            flaws.push(format!("settings: {path} is null, and AWS has no way to unset a member"));
        }
        flaws
    }
}

fn idle_flaws(app_type: &AppType, idle: &IdleSettings) -> Vec<String> {
    if !app_type.has_native_idle_shutdown() {
        return vec![format!("idle shutdown: {app_type} has none; only JupyterLab and CodeEditor have")];
    }
    let mut flaws: Vec<String> = [idle.timeout_minutes, idle.min_minutes, idle.max_minutes]
        .into_iter()
        .flatten()
        .filter_map(|minutes| rules::check_idle_minutes(minutes).err())
        .map(|flaw| format!("{app_type} idle shutdown: {flaw}"))
        .collect();
    let (least, most) = (idle.min_minutes.unwrap_or(0), idle.max_minutes.unwrap_or(u32::MAX));
    if least > most {
        flaws
            .push(format!("{app_type} idle shutdown: the least, {least} minutes, is above the most, {most}"));
    } else if let Some(minutes) = idle.timeout_minutes.filter(|minutes| !(least..=most).contains(minutes)) {
        flaws.push(format!(
            "{app_type} idle shutdown: {minutes} minutes are outside of what users may choose"
        ));
    }
    flaws
}

/// The path of the first member that is null.
fn null_member(settings: &Document) -> Option<String> {
    settings.iter().find_map(|(name, value)| match value {
        Value::Null => Some(name.clone()),
        Value::Object(inner) => null_member(inner).map(|path| format!("{name}.{path}")),
        _ => None,
    })
}

fn set_idle(settings: &mut Document, idle: &IdleSettings) {
    if let Some(enabled) = idle.enabled {
        let state = if enabled { "ENABLED" } else { "DISABLED" };
        settings.insert("LifecycleManagement".to_owned(), json!(state));
    }
    let minutes = [
        ("IdleTimeoutInMinutes", idle.timeout_minutes),
        ("MinIdleTimeoutInMinutes", idle.min_minutes),
        ("MaxIdleTimeoutInMinutes", idle.max_minutes),
    ];
    for (name, minutes) in minutes {
        if let Some(minutes) = minutes {
            settings.insert(name.to_owned(), json!(minutes));
        }
    }
}

fn set_lifecycle(app: &mut Document, edit: &LifecycleEdit, scope: &Scope) {
    let arns = |configs: &[Arc<str>]| -> Vec<String> {
        configs.iter().map(|config| LifecycleConfigKey::arn_of(config, scope)).collect()
    };
    let (attach, detach) = (arns(&edit.attach), arns(&edit.detach));
    let default = edit.default.as_ref().map(|config| LifecycleConfigKey::arn_of(config, scope));
    let mut attached: Vec<String> = app
        .get("LifecycleConfigArns")
        .and_then(Value::as_array)
        .map(|arns| arns.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    attached.retain(|arn| !detach.contains(arn));
    for arn in attach.into_iter().chain(default.clone()) {
        if !attached.contains(&arn) {
            attached.push(arn);
        }
    }
    // An empty list detaches all (`JupyterLabAppSettings.LifecycleConfigArns`); a missing one changes nothing.
    app.insert("LifecycleConfigArns".to_owned(), json!(attached));
    if let Some(default) = default {
        within(app, &["DefaultResourceSpec"], |spec| {
            spec.insert("LifecycleConfigArn".to_owned(), json!(default));
        });
    } else if let Some(Value::Object(spec)) = app.get_mut("DefaultResourceSpec") {
        let goes = spec
            .get("LifecycleConfigArn")
            .and_then(Value::as_str)
            .is_some_and(|arn| detach.iter().any(|gone| gone == arn));
        if goes {
            spec.shift_remove("LifecycleConfigArn");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::sample;

    fn document(value: Value) -> Document {
        let Value::Object(members) = value else { panic!("{value}") };
        members
    }

    #[test]
    fn an_edit_keeps_everything_it_does_not_mention() {
        let before = document(json!({
            "ExecutionRole": "old",
            "CanvasAppSettings": { "KendraSettings": { "Status": "ENABLED" } },
            "JupyterLabAppSettings": {
                "DefaultResourceSpec": { "InstanceType": "ml.t3.medium", "SageMakerImageArn": "image" },
                "LifecycleConfigArns": ["one"],
                "CodeRepositories": [{ "RepositoryUrl": "https://x" }]
            }
        }));
        let edit = UserEdit {
            role: Some("arn:aws:iam::123456789012:role/New".into()),
            instances: [(AppType::JupyterLab, "ml.m5.large".into())].into(),
            idle: [(
                AppType::JupyterLab,
                IdleSettings { enabled: Some(true), timeout_minutes: Some(90), ..IdleSettings::default() },
            )]
            .into(),
            lifecycle: [(AppType::JupyterLab, LifecycleEdit::attach(vec!["Install".into()]))].into(),
            space_ebs_gb: Some((20, 100)),
            ..UserEdit::default()
        };
        assert_eq!(edit.flaws(), Vec::<String>::new());
        let arn = "arn:aws:sagemaker:us-east-1:123456789012:studio-lifecycle-config/Install";
        let after = Value::Object(edit.applied(&before, &sample::scope()));
        assert_eq!(
            after,
            json!({
                "ExecutionRole": "arn:aws:iam::123456789012:role/New",
                "CanvasAppSettings": { "KendraSettings": { "Status": "ENABLED" } },
                "JupyterLabAppSettings": {
                    "DefaultResourceSpec": {
                        "InstanceType": "ml.m5.large", "SageMakerImageArn": "image", "LifecycleConfigArn": arn
                    },
                    "LifecycleConfigArns": ["one", arn],
                    "CodeRepositories": [{ "RepositoryUrl": "https://x" }],
                    "AppLifecycleManagement": {
                        "IdleSettings": { "LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 90 }
                    }
                },
                "SpaceStorageSettings": { "DefaultEbsStorageSettings": {
                    "DefaultEbsVolumeSizeInGb": 20, "MaximumEbsVolumeSizeInGb": 100
                } }
            })
        );
        let detach =
            LifecycleEdit { detach: vec!["Install".into(), "one".into()], ..LifecycleEdit::default() };
        let detach = UserEdit { lifecycle: [(AppType::JupyterLab, detach)].into(), ..UserEdit::default() };
        let detach_one = detach.applied(&document(after), &sample::scope());
        // `one` is a name here, and the list has it as something else: only the ARN goes.
        assert_eq!(detach_one["JupyterLabAppSettings"]["LifecycleConfigArns"], json!(["one"]));
        assert!(
            detach_one["JupyterLabAppSettings"]["DefaultResourceSpec"].get("LifecycleConfigArn").is_none()
        );
    }

    #[test]
    fn what_is_wrong_with_an_edit_is_named() {
        let edit = UserEdit {
            role: Some("arn:aws:iam::1:role/x".into()),
            security_groups: Some(vec!["sg-1".into(); 6]),
            instances: [(AppType::Canvas, "ml.m5.large".into()), (AppType::JupyterLab, "big".into())].into(),
            idle: [
                (AppType::JupyterLab, IdleSettings { timeout_minutes: Some(30), ..IdleSettings::default() }),
                (
                    AppType::CodeEditor,
                    IdleSettings {
                        timeout_minutes: Some(100),
                        max_minutes: Some(90),
                        ..IdleSettings::default()
                    },
                ),
                (AppType::KernelGateway, IdleSettings::default()),
            ]
            .into(),
            space_ebs_gb: Some((100, 50)),
            settings: document(json!({ "A": { "B": null } })),
            ..UserEdit::default()
        };
        let flaws = edit.flaws().join("\n");
        for part in [
            "role: a role's ARN looks like",
            "at most 5, these are 6",
            "JupyterLab instance: an instance type looks like",
            "JupyterLab idle shutdown: an idle timeout is 60 to 525600 minutes; this is 30",
            "CodeEditor idle shutdown: 100 minutes are outside",
            "idle shutdown: KernelGateway has none",
            "the usual size, 100 GB, is above the greatest, 50 GB",
            "Canvas has no such settings",
            "settings: A.B is null",
        ] {
            assert!(flaws.contains(part), "{part}\n{flaws}");
        }
    }
}
