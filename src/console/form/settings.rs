//! The fields of user settings, which the forms of users and of domains share: role, security groups, instances,
//! idle shutdown, lifecycle configurations, landing page, space volumes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Field, FieldId, Form, Known, Options, offer};
use crate::fleet::rules::{EBS_GB, IDLE_MINUTES, MOST_GROUPS, Rule};
use crate::fleet::{AppType, IdleSettings, LifecycleEdit, Query, Scope, UserEdit, UserSettings};

/// The default instance types that are asked for, each with its app type.
const INSTANCES: [(FieldId, AppType); 3] = [
    (FieldId::JupyterLab, AppType::JupyterLab),
    (FieldId::CodeEditor, AppType::CodeEditor),
    (FieldId::KernelGateway, AppType::KernelGateway),
];
/// The app types with an idle shutdown of SageMaker's own.
const IDLE: [AppType; 2] = [AppType::JupyterLab, AppType::CodeEditor];
/// The fields about apps, in the order in which the forms of domains have them.
pub(super) const OF_APPS: &[FieldId] = &[
    FieldId::JupyterLab,
    FieldId::CodeEditor,
    FieldId::KernelGateway,
    FieldId::Idle,
    FieldId::IdleMinutes,
    FieldId::IdleMin,
    FieldId::IdleMax,
    FieldId::LifecycleConfigs,
];
/// The headings.
pub(super) const ACCESS: &str = "Access";
pub(super) const APPS: &str = "Apps";
pub(super) const SPACES: &str = "Spaces";

/// The fields; `empty` says what holds where one is left empty.
pub(super) fn fields(empty: &'static str) -> Vec<Field> {
    let loading = || Options::loading(String::new());
    vec![
        Field::choice(FieldId::Role, "Execution role", loading())
            .under(ACCESS)
            .rule(Rule::RoleArn)
            .empty(empty)
            .help(
                "The IAM role the user's apps act with. SageMaker must be allowed to assume it: its trust policy \
                 names sagemaker.amazonaws.com. The list shows those that do first.",
            ),
        Field::several(FieldId::Groups, "Security groups", MOST_GROUPS, loading())
            .under(ACCESS)
            .rule(Rule::SecurityGroup)
            .empty(empty)
            .help(
                "Security groups of the user's apps, besides those of the domain. They are used where the domain \
                 has VPC-only network access.",
            ),
        Field::choice(FieldId::Landing, "Landing page", landings())
            .under(ACCESS)
            .rule(Rule::Landing)
            .empty(empty)
            .help("Where the user lands after signing in."),
        instance(FieldId::JupyterLab, "JupyterLab instance", empty),
        instance(FieldId::CodeEditor, "Code Editor instance", empty),
        instance(FieldId::KernelGateway, "Kernel instance", empty),
        Field::choice(FieldId::Idle, "Idle shutdown", on_or_off())
            .under(APPS)
            .empty(empty)
            .help("Whether SageMaker stops JupyterLab and Code Editor apps that nobody uses."),
        Field::whole(FieldId::IdleMinutes, "Idle after", IDLE_MINUTES, "minutes")
            .under(APPS)
            .empty("60 to 525600")
            .help("After how many minutes without use an app is stopped."),
        Field::whole(FieldId::IdleMin, "User may choose from", IDLE_MINUTES, "minutes")
            .under(APPS)
            .empty("any")
            .help("The least a user may choose for a space of their own."),
        Field::whole(FieldId::IdleMax, "to", IDLE_MINUTES, "minutes")
            .under(APPS)
            .empty("any")
            .help("The most a user may choose for a space of their own."),
        Field::several(FieldId::LifecycleConfigs, "Lifecycle configs", 20, Options::only(Vec::new()))
            .under(APPS)
            .empty(empty)
            .help(
                "Scripts that run when an app starts. Each is attached for its own app type; the first one of a \
                 type becomes the default.",
            ),
        Field::whole(FieldId::SpaceSize, "Space volume", EBS_GB, "GB")
            .under(SPACES)
            .empty(empty)
            .help("The usual size of the volume (EBS) of a new space. It is billed as long as the space exists."),
        Field::whole(FieldId::MaxSize, "Greatest volume", EBS_GB, "GB")
            .under(SPACES)
            .empty(empty)
            .help("The greatest size a user may give the volume of a space."),
    ]
}

fn instance(id: FieldId, label: &'static str, empty: &'static str) -> Field {
    Field::choice(id, label, Options::loading(String::new()))
        .under(APPS)
        .rule(Rule::InstanceType)
        .empty(empty)
        .help("The instance type an app starts on where the user chooses none; with its price in the region.")
}

fn landings() -> Options {
    let words = [
        ("studio::", "Studio", "the current Studio"),
        ("app:JupyterServer:", "Studio Classic", "the former one; not for new domains"),
    ];
    offer::named(&words).free(true)
}

fn on_or_off() -> Options {
    offer::named(&[
        ("ENABLED", "on", "idle apps are stopped"),
        ("DISABLED", "off", "idle apps go on, and are billed"),
    ])
}

/// What has to be read for the fields.
pub(super) fn needs(scope: &Scope) -> Vec<Query> {
    vec![
        Query::Roles(scope.account().clone()),
        Query::Network(scope.clone()),
        Query::LifecycleConfigs(scope.clone()),
    ]
}

/// Brings what the fields offer up to date: of a scope, the security groups of a VPC.
pub(super) fn refresh(form: &mut Form, known: Known<'_>, scope: Option<&Scope>, vpc: &str) {
    let idle_on = form.text(FieldId::Idle) == "ENABLED";
    for id in [FieldId::IdleMinutes, FieldId::IdleMin, FieldId::IdleMax] {
        form.show(id, idle_on);
    }
    let Some(scope) = scope else { return };
    form.offer(FieldId::Role, offer::roles(known, scope.account()));
    form.offer(FieldId::Groups, offer::groups(known, scope, vpc));
    let configs = offer::lifecycle_configs(known, scope, None);
    form.offer(FieldId::LifecycleConfigs, configs.free(false));
    for (id, _) in &INSTANCES {
        form.offer(*id, offer::instances(known, scope.region()));
    }
}

/// Names what only the fields together show to be wrong.
pub(super) fn check(form: &mut Form) {
    if let Some(role) = form.some(FieldId::Role) {
        let trust =
            form.field(FieldId::Role).and_then(Field::options).and_then(|options| options.item(&role));
        if trust.is_some_and(|item| item.tone == crate::console::Tone::Error) {
            form.refuse(
                FieldId::Role,
                "does not trust SageMaker: AWS would refuse it; add sagemaker.amazonaws.com to its trust policy",
            );
        }
    }
    let (minutes, least, most) =
        (form.number(FieldId::IdleMinutes), form.number(FieldId::IdleMin), form.number(FieldId::IdleMax));
    if let (Some(least), Some(most)) = (least, most)
        && least > most
    {
        form.refuse(FieldId::IdleMax, format!("is less than the least, {least} minutes"));
    }
    if let Some(minutes) = minutes
        && (least.is_some_and(|least| minutes < least) || most.is_some_and(|most| minutes > most))
    {
        form.refuse(FieldId::IdleMinutes, "is outside of what users may choose");
    }
    match (form.number(FieldId::SpaceSize), form.number(FieldId::MaxSize)) {
        (Some(usual), Some(most)) if usual > most => {
            form.refuse(FieldId::MaxSize, format!("is less than the usual size, {usual} GB"));
        }
        (Some(_), None) => form.refuse(FieldId::MaxSize, "AWS takes both sizes or none"),
        (None, Some(_)) => form.refuse(FieldId::SpaceSize, "AWS takes both sizes or none"),
        _ => {}
    }
}

/// What the fields come to.
pub(super) fn edit(form: &Form, known: Known<'_>, scope: &Scope) -> UserEdit {
    let mut edit = UserEdit {
        role: form.some(FieldId::Role).map(Into::into),
        landing: form.some(FieldId::Landing).map(Into::into),
        space_ebs_gb: form.number(FieldId::SpaceSize).zip(form.number(FieldId::MaxSize)),
        ..UserEdit::default()
    };
    let groups = form.list(FieldId::Groups);
    if !groups.is_empty() {
        edit.security_groups = Some(groups.into_iter().map(Into::into).collect());
    }
    for (id, app_type) in INSTANCES {
        if let Some(instance) = form.some(id) {
            edit.instances.insert(app_type, instance.into());
        }
    }
    if let Some(state) = form.some(FieldId::Idle) {
        let idle = IdleSettings {
            enabled: Some(state == "ENABLED"),
            timeout_minutes: form.number(FieldId::IdleMinutes),
            min_minutes: form.number(FieldId::IdleMin),
            max_minutes: form.number(FieldId::IdleMax),
        };
        edit.idle.extend(IDLE.map(|app_type| (app_type, idle)));
    }
    let chosen = form.list(FieldId::LifecycleConfigs);
    for config in known.fleet.library.lifecycle_configs.get(scope).into_iter().flatten() {
        let Some(app_type) = config.app_type.as_deref().map(AppType::from) else { continue };
        if chosen.iter().any(|arn| **arn == *config.arn) {
            edit.lifecycle.entry(app_type).or_default().attach.push(Arc::clone(&config.arn));
        }
    }
    for lifecycle in edit.lifecycle.values_mut() {
        *lifecycle = LifecycleEdit::attach(std::mem::take(&mut lifecycle.attach));
    }
    edit
}

/// The fields in another order, under other headings; those that are not named are left out.
pub(super) fn arranged(mut fields: Vec<Field>, order: &[(&'static str, &[FieldId])]) -> Vec<Field> {
    let mut sorted = Vec::with_capacity(fields.len());
    for (section, ids) in order {
        for id in *ids {
            if let Some(at) = fields.iter().position(|field| field.id == *id) {
                sorted.push(fields.swap_remove(at).under(section));
            }
        }
    }
    sorted
}

/// Says under each field what these have now; `nothing` where they say nothing themselves.
pub(super) fn note_now(form: &mut Form, all: &[&UserSettings], nothing: &str) {
    for (id, get) in NOW {
        let values = all.iter().map(|settings| get(settings).unwrap_or_else(|| nothing.to_owned()));
        let note = summed(values);
        if let Some(field) = form.field_mut(*id) {
            field.note = note;
        }
    }
}

/// What one has now, or how many of several have what.
pub(super) fn summed(values: impl Iterator<Item = String>) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let word = |(value, count): (&String, &usize)| match counts.len() {
        1 => value.clone(),
        _ => format!("{value} ({count})"),
    };
    let mut words: Vec<String> = counts.iter().map(word).collect();
    if words.len() > 4 {
        words.truncate(3);
        words.push("and others".to_owned());
    }
    (!words.is_empty()).then(|| format!("now {}", words.join(", ")))
}

/// What settings say in a field, in words.
type Get = fn(&UserSettings) -> Option<String>;

const NOW: &[(FieldId, Get)] = &[
    (FieldId::Role, |settings| {
        let role = settings.execution_role.as_deref()?;
        Some(role.rsplit('/').next().unwrap_or(role).to_owned())
    }),
    (FieldId::Groups, |settings| {
        (!settings.security_groups.is_empty()).then(|| settings.security_groups.join(", "))
    }),
    (FieldId::Landing, |settings| settings.landing.as_deref().map(str::to_owned)),
    (FieldId::JupyterLab, |settings| settings.jupyter_lab_instance.as_deref().map(str::to_owned)),
    (FieldId::CodeEditor, |settings| settings.code_editor_instance.as_deref().map(str::to_owned)),
    (FieldId::KernelGateway, |settings| settings.kernel_gateway_instance.as_deref().map(str::to_owned)),
    (FieldId::Idle, |settings| settings.jupyter_lab_idle.map(idle_words)),
    (FieldId::LifecycleConfigs, |settings| {
        let names = settings.lifecycle_configs.iter().map(|arn| arn.rsplit('/').next().unwrap_or(arn));
        let names: Vec<&str> = names.collect();
        (!names.is_empty()).then(|| names.join(", "))
    }),
    (FieldId::SpaceSize, |settings| settings.space_ebs_gb.map(|(usual, _)| format!("{usual} GB"))),
    (FieldId::MaxSize, |settings| settings.space_ebs_gb.map(|(_, most)| format!("{most} GB"))),
];

fn idle_words(idle: IdleSettings) -> String {
    match (idle.enabled, idle.timeout_minutes) {
        (Some(false), _) => "off".to_owned(),
        (_, Some(minutes)) => format!("on after {minutes} minutes"),
        (Some(true), None) => "on".to_owned(),
        (None, None) => "not said".to_owned(),
    }
}
