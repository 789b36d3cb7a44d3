//! The forms of lifecycle configurations: creating one from a script, and attaching one.

use super::{Control, Fault, Field, FieldId, Form, Known, Options, Subject, newcomer, offer};
use crate::fleet::rules::{Rule, check_script};
use crate::fleet::wording::Counted;
use crate::fleet::{AppType, Intent, LifecycleConfigKey, Name, NewLifecycleConfig, ObjectKey, Query, Scope};

/// The form that creates one, in an account and region if one is meant.
pub(super) fn new(scope: Option<&Scope>) -> Form {
    let types = offer::words(&[
        ("JupyterLab", "runs when a JupyterLab app starts"),
        ("CodeEditor", "runs when a Code Editor app starts"),
        ("KernelGateway", "runs when a kernel of Studio Classic starts"),
        ("JupyterServer", "runs when Studio Classic starts"),
    ]);
    let fields = vec![
        Field::choice(FieldId::Scope, "Account and region", Options::only(Vec::new()))
            .required()
            .help("Where the lifecycle configuration is created."),
        Field::line(FieldId::Name, "Name")
            .required()
            .rule(Rule::LifecycleConfigName)
            .empty("e.g. install-extensions-1")
            .help(
                "Letters, digits and hyphens, at most 63. AWS has no way to change a script: a new version is a new \
                 lifecycle configuration, so a number in the name is wise.",
            ),
        Field::choice(FieldId::AppType, "App type", types)
            .required()
            .with("JupyterLab")
            .help("Which kind of app it is for."),
        Field::line(FieldId::File, "File")
            .empty("e.g. on-start.sh")
            .help("A file with the script; enter reads it into the text below."),
        Field::lines(FieldId::Script, "Script").required().empty("paste or type it here").help(
            "The script, at most 16,384 characters once encoded. It must end within 5 minutes, or the app fails to start.",
        ),
        Field::pairs(FieldId::Tags, "Tags").empty("key = value").help("Tags, as key = value."),
    ];
    let mut form =
        Form::new(Subject::NewLifecycleConfig, "create a lifecycle configuration".to_owned(), fields);
    if let Some(scope) = scope {
        form.fill(FieldId::Scope, &scope.to_string());
    }
    form
}

/// The form that attaches one, to these objects or to domains that are chosen.
pub(super) fn attach(config: LifecycleConfigKey, objects: Vec<ObjectKey>) -> Form {
    let target = if objects.is_empty() {
        Field::several(FieldId::Domain, "Domains", 20, Options::only(Vec::new()))
            .required()
            .help("The domains whose users may choose it. To attach it to some users only, mark them first.")
    } else {
        Field::fixed(FieldId::Domain, "To", Counted(objects.len(), "marked row").to_string(), "")
            .help("What is marked: domains or user profiles.")
    };
    let fields = vec![
        Field::fixed(FieldId::Name, "Lifecycle config", config.name.as_str(), ""),
        target,
        Field::choice(
            FieldId::AsDefault,
            "As default",
            offer::named(&[
                ("no", "no", "users may choose it"),
                ("yes", "yes", "it runs where the user chooses none"),
            ]),
        )
        .with("no")
        .help("Whether it runs by itself where the user chooses no other."),
    ];
    let title = format!("attach {}", config.name);
    let mut form = Form::new(Subject::Attach { config, objects }, title, fields);
    form.go_to(1);
    form
}

fn scope(form: &Form, known: Known<'_>) -> Option<Scope> {
    offer::scope_of(known, &form.text(FieldId::Scope))
}

/// Those there are.
pub(super) fn new_needs(form: &Form, known: Known<'_>) -> Vec<Query> {
    scope(form, known).map(Query::LifecycleConfigs).into_iter().collect()
}

/// Brings what is offered up to date, and looks at the script.
pub(super) fn new_refresh(form: &mut Form, known: Known<'_>) {
    let scopes = offer::scopes(known);
    if let [only] = &scopes.items[..] {
        form.preset(FieldId::Scope, &only.value);
    }
    form.offer(FieldId::Scope, scopes);
    let Some(Field { control: Control::Area(area), .. }) = form.field_mut(FieldId::Script) else { return };
    area.faults.clear();
    if !area.is_blank()
        && let Err(flaw) = check_script(&area.text())
    {
        area.faults.push(Fault { line: 0, column: 0, message: flaw.message, blocks: true });
    }
}

/// Whether the name is free.
pub(super) fn new_check(form: &mut Form, known: Known<'_>) {
    let Some(scope) = scope(form, known) else { return };
    let name = form.text(FieldId::Name);
    let configs = known.fleet.library.lifecycle_configs.get(&scope);
    if configs.is_some_and(|configs| configs.iter().any(|config| config.key.name.as_str() == name)) {
        form.refuse(FieldId::Name, "exists already, and AWS has no way to change one: take another name");
    }
}

/// The domains of where it is.
pub(super) fn attach_refresh(form: &mut Form, config: &LifecycleConfigKey, known: Known<'_>) {
    let domains = offer::domains(known);
    let prefix = config.scope.arn("domain/");
    let items = domains.items.into_iter().filter(|item| item.value.starts_with(&prefix));
    form.offer(FieldId::Domain, Options::only(items.collect()));
}

/// The lifecycle configuration.
pub(super) fn new_intent(form: &Form, known: Known<'_>) -> Result<Intent, String> {
    let scope = scope(form, known).ok_or("choose an account and region")?;
    Ok(Intent::CreateLifecycleConfig(NewLifecycleConfig {
        key: LifecycleConfigKey { scope, name: Name::new(&form.text(FieldId::Name)) },
        app_type: AppType::from(form.text(FieldId::AppType).as_str()),
        script: form.text(FieldId::Script).into(),
        tags: newcomer::tags(form),
    }))
}

/// What it is attached to.
pub(super) fn attach_intent(
    form: &Form,
    config: &LifecycleConfigKey,
    objects: &[ObjectKey],
    known: Known<'_>,
) -> Result<Intent, String> {
    let mut to = objects.to_vec();
    if to.is_empty() {
        let domains = form.list(FieldId::Domain);
        to.extend(domains.iter().filter_map(|arn| offer::domain_of(known, arn)).map(ObjectKey::Domain));
    }
    if to.is_empty() {
        return Err("choose what to attach it to".to_owned());
    }
    let as_default = form.text(FieldId::AsDefault) == "yes";
    Ok(Intent::AttachLifecycleConfig { config: config.clone(), to, as_default })
}
