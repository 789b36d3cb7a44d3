//! Plans lifecycle configurations: new ones, attaching and detaching them, and deleting those nobody uses. AWS has
//! no way to change one.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::domain::DomainEditor;
use super::each::each;
use super::edit_users::UserEditor;
use super::onboard::tag_flaws;
use super::{NO_CREATION_TIME, Policy, pool};
use crate::fleet::rules::{self, Rule};
use crate::fleet::wording::Counted;
use crate::fleet::{
    AppStatus, AppType, Bound, Change, Document, Documents, DomainEdit, Fleet, LifecycleConfigKey,
    LifecycleEdit, ObjectKey, Plan, Query, Step, Tag, Timestamp, UserEdit, UserKey,
};

/// So many of those that use one are named.
const NAMED: usize = 5;

/// A lifecycle configuration that is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLifecycleConfig {
    /// Its key.
    pub key: LifecycleConfigKey,
    /// The app type it is for.
    pub app_type: AppType,
    /// The script, as text.
    pub script: Arc<str>,
    /// Tags.
    pub tags: Vec<Tag>,
}

impl NewLifecycleConfig {
    /// The members `CreateStudioLifecycleConfig` takes besides the name.
    pub fn document(&self) -> Document {
        let mut document = Document::new();
        document.insert("StudioLifecycleConfigContent".to_owned(), json!(base64(self.script.as_bytes())));
        document.insert("StudioLifecycleConfigAppType".to_owned(), json!(self.app_type.as_str()));
        if !self.tags.is_empty() {
            document.insert("Tags".to_owned(), Tag::list(&self.tags));
        }
        document
    }
}

/// The app types that start with a lifecycle configuration (`StudioLifecycleConfigAppType`).
pub const LIFECYCLE_APP_TYPES: [AppType; 4] =
    [AppType::JupyterLab, AppType::CodeEditor, AppType::KernelGateway, AppType::JupyterServer];

pub(super) fn create_needs(new: &NewLifecycleConfig) -> Vec<Query> {
    vec![Query::LifecycleConfigs(new.key.scope.clone())]
}

/// Plans a new lifecycle configuration.
///
/// # Errors
///
/// Everything that AWS would refuse, as sentences.
pub(super) fn create(new: &NewLifecycleConfig, fleet: &Fleet, now: Timestamp) -> Result<Plan, String> {
    let mut flaws: Vec<String> =
        [Rule::LifecycleConfigName.check(new.key.name.as_str()), rules::check_script(&new.script)]
            .into_iter()
            .filter_map(|result| result.err().map(|flaw| flaw.message))
            .collect();
    flaws.extend(tag_flaws(&new.tags));
    if !LIFECYCLE_APP_TYPES.contains(&new.app_type) {
        flaws.push(format!("{} starts with no lifecycle configuration", new.app_type));
    }
    let known = fleet.library.lifecycle_configs.get(&new.key.scope);
    if known.is_some_and(|configs| configs.iter().any(|config| config.key.name == new.key.name)) {
        flaws.push(format!(
            "there is a lifecycle configuration {} already, and AWS has no way to change one: take another name, \
             attach that, and delete the old one",
            new.key.name
        ));
    }
    if !flaws.is_empty() {
        return Err(format!("{}.", flaws.join(". ")));
    }
    let mut warnings = vec!["It runs only where it is attached.".to_owned()];
    if new.script.contains('\r') {
        warnings.push("The script has line ends of Windows, on which a shell fails.".to_owned());
    }
    if !new.script.starts_with("#!") {
        warnings.push("The script does not begin with #!, so that no interpreter is named.".to_owned());
    }
    let step = Step::new(Change::CreateLifecycleConfig(new.key.clone(), new.document()), Bound::Absent);
    let title = format!("Create the lifecycle configuration {}", new.key.name);
    Ok(Plan { warnings, ..Plan::new(title, "create", now, vec![step]) })
}

/// What has to be read to attach or detach one: what it is for, and the objects in full.
pub(super) fn attach_needs(config: &LifecycleConfigKey, to: &[ObjectKey]) -> Vec<Query> {
    let mut needs: BTreeSet<Query> = to.iter().map(ObjectKey::describe).collect();
    needs.insert(Query::LifecycleConfigs(config.scope.clone()));
    for domain in to.iter().map(ObjectKey::domain_key) {
        needs.insert(Query::Spaces(domain.clone()));
        needs.insert(Query::Apps(domain));
    }
    needs.into_iter().collect()
}

/// What is done with a lifecycle configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// It may be chosen.
    Attach,
    /// It runs where nothing else is chosen.
    AttachAsDefault,
    /// It may not be chosen any more.
    Detach,
}

/// Plans to attach one to the settings of domains and users, or to detach it from them.
///
/// # Errors
///
/// That there is none of the name, or that it is not known for which app type it is.
pub(super) fn attach(
    config: &LifecycleConfigKey,
    objects: &[ObjectKey],
    deed: Deed,
    fleet: &Fleet,
    documents: &Documents,
    policy: &Policy,
    now: Timestamp,
) -> Result<Plan, String> {
    let edit = settings_edit(config, deed, fleet)?;
    let users: Vec<UserKey> = objects
        .iter()
        .filter_map(|object| match object {
            ObjectKey::User(key) => Some(key.clone()),
            _ => None,
        })
        .collect();
    let mut user_editor = UserEditor::new(fleet, documents, &users);
    let mut domain_editor = DomainEditor::new(fleet, documents);
    let (steps, excluded) = each(objects, |object| match object {
        _ if *object.scope() != config.scope => Err(format!("is not in {}", config.scope).into()),
        ObjectKey::User(key) => user_editor.step(key, &edit),
        ObjectKey::Domain(key) => {
            let edit = DomainEdit { user_defaults: edit.clone(), ..DomainEdit::default() };
            domain_editor.step(key, &edit)
        }
        ObjectKey::Space(_) | ObjectKey::App(_) => {
            Err("has no list of them: they are attached to a domain or a user profile".into())
        }
    });
    let verb = if deed == Deed::Detach { "detach" } else { "attach" };
    let title = match (deed, &steps[..]) {
        (Deed::Detach, [step]) => format!("Detach {} from {}", config.name, step.change.target().name()),
        (Deed::Detach, steps) => format!("Detach {} from {}", config.name, Counted(steps.len(), "object")),
        (_, [step]) => format!("Attach {} to {}", config.name, step.change.target().name()),
        (_, steps) => format!("Attach {} to {}", config.name, Counted(steps.len(), "object")),
    };
    let mut warnings = user_editor.warnings(&steps);
    if deed == Deed::AttachAsDefault && !steps.is_empty() {
        warnings.push("Where the script fails, the app does not start.".to_owned());
    }
    Ok(Plan {
        excluded,
        warnings,
        pool: pool::of(fleet, policy, &steps),
        ..Plan::new(title, verb, now, steps)
    })
}

fn settings_edit(config: &LifecycleConfigKey, deed: Deed, fleet: &Fleet) -> Result<UserEdit, String> {
    let Some(configs) = fleet.library.lifecycle_configs.get(&config.scope) else {
        return Err(format!("The lifecycle configurations of {} were not read.", config.scope));
    };
    let Some(known) = configs.iter().find(|known| known.key == *config) else {
        return Err(format!("There is no lifecycle configuration {} in {}.", config.name, config.scope));
    };
    let app_type = known.app_type.as_deref().map(AppType::from);
    let Some(app_type) = app_type.filter(|app_type| LIFECYCLE_APP_TYPES.contains(app_type)) else {
        return Err(format!("It is not known for which app type {} is.", config.name));
    };
    let arn = known.arn.clone();
    let edit = match deed {
        Deed::Attach => LifecycleEdit { attach: vec![arn], ..LifecycleEdit::default() },
        Deed::AttachAsDefault => LifecycleEdit::attach(vec![arn]),
        Deed::Detach => LifecycleEdit { detach: vec![arn], ..LifecycleEdit::default() },
    };
    Ok(UserEdit { lifecycle: [(app_type, edit)].into(), ..UserEdit::default() })
}

/// What has to be read to delete some: where they may be attached. User profiles are looked at as far as they were
/// read in full, since there may be thousands.
pub(super) fn delete_needs(configs: &[LifecycleConfigKey], fleet: &Fleet) -> Vec<Query> {
    let mut needs = BTreeSet::new();
    for scope in configs.iter().map(|config| &config.scope) {
        needs.insert(Query::LifecycleConfigs(scope.clone()));
        needs.insert(Query::Domains(scope.clone()));
        for domain in fleet.domains.iter().filter(|domain| domain.key.scope == *scope) {
            needs.insert(Query::Domain(domain.key.clone()));
            needs.insert(Query::Users(domain.key.clone()));
            needs.insert(Query::Apps(domain.key.clone()));
        }
    }
    needs.into_iter().collect()
}

/// Plans to delete lifecycle configurations that are attached nowhere, as far as that is known.
pub(super) fn delete(
    configs: &[LifecycleConfigKey],
    fleet: &Fleet,
    documents: &Documents,
    now: Timestamp,
) -> Plan {
    let (steps, excluded) = each(configs, |key| delete_step(key, fleet, documents).map_err(Into::into));
    let title = match &steps[..] {
        [] => "Delete no lifecycle configuration".to_owned(),
        [step] => format!("Delete the lifecycle configuration {}", step.change.target().name()),
        steps => format!("Delete {}", Counted(steps.len(), "lifecycle configuration")),
    };
    let loses = if steps.is_empty() {
        Vec::new()
    } else {
        vec!["The scripts: AWS keeps no copy of them.".to_owned()]
    };
    Plan { excluded, loses, ..Plan::new(title, "delete", now, steps) }
}

fn delete_step(key: &LifecycleConfigKey, fleet: &Fleet, documents: &Documents) -> Result<Step, Arc<str>> {
    let known = fleet.library.lifecycle_configs.get(&key.scope);
    let Some(config) = known.and_then(|configs| configs.iter().find(|config| config.key == *key)) else {
        return Err("is not in the list any more".into());
    };
    let Some(created) = config.created else {
        return Err(NO_CREATION_TIME.into());
    };
    let mut users = Vec::new();
    let mut unread = 0;
    for domain in fleet.domains.iter().filter(|domain| domain.key.scope == key.scope) {
        let label = fleet.domain_label(&domain.key);
        let described = documents.get(&ObjectKey::Domain(domain.key.clone()));
        let mentions = match (&domain.detail, described) {
            (_, Ok(document)) => document.values().any(|value| mentions(value, &config.arn)),
            (Some(detail), Err(_)) => detail.user_defaults.lifecycle_configs.contains(&config.arn),
            (None, Err(why)) => {
                return Err(format!("may be attached to the domain {label}, which {why}").into());
            }
        };
        if mentions {
            users.push(format!("the domain {label}"));
        }
    }
    for user in fleet.users.iter().filter(|user| user.key.scope == key.scope) {
        match &user.detail {
            Some(detail) if detail.settings.lifecycle_configs.contains(&config.arn) => {
                users.push(format!("the user profile {}", user.key.name));
            }
            Some(_) => {}
            None => unread += 1,
        }
    }
    let live = |status: &AppStatus| !matches!(status, AppStatus::Deleted | AppStatus::Failed);
    for app in fleet.apps.iter().filter(|app| app.key.scope == key.scope && live(&app.status)) {
        if app.lifecycle_config.as_ref() == Some(&config.arn) {
            users.push(format!("{} {} of {}", app.key.app_type, app.key.name, app.key.owner.name()));
        }
    }
    if !users.is_empty() {
        let more = users.len().saturating_sub(NAMED);
        users.truncate(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        return Err(format!("is used by {}{more}: detach it there first", users.join(", ")).into());
    }
    let warning = (unread > 0).then(|| {
        let users = Counted(unread, "user profile");
        format!("{users} not read in full may use it; then AWS refuses to delete it").into()
    });
    Ok(Step { warning, ..Step::new(Change::DeleteLifecycleConfig(key.clone()), Bound::Created(created)) })
}

/// Whether a document refers to something by its ARN.
fn mentions(value: &Value, arn: &str) -> bool {
    match value {
        Value::String(text) => text == arn,
        Value::Array(items) => items.iter().any(|item| mentions(item, arn)),
        Value::Object(members) => members.values().any(|value| mentions(value, arn)),
        _ => false,
    }
}

/// Bytes in base64 with padding (RFC 4648), as AWS wants scripts.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{
        Answer, DomainDetail, Intent, LifecycleConfig, Name, UserDetail, UserSettings, sample,
    };

    fn key(name: &str) -> LifecycleConfigKey {
        LifecycleConfigKey { scope: sample::scope(), name: Name::new(name) }
    }

    fn known() -> (Fleet, Documents) {
        let config = |name: &str, app_type: &str| LifecycleConfig {
            arn: key(name).arn().into(),
            key: key(name),
            app_type: Some(app_type.into()),
            created: Some(sample::minutes_ago(9)),
            modified: None,
        };
        let mut anna = sample::user("anna");
        let settings =
            UserSettings { lifecycle_configs: vec![key("used").arn().into()], ..UserSettings::default() };
        anna.detail = Some(Box::new(UserDetail { settings, ..UserDetail::default() }));
        let mut fleet = sample::fleet(vec![anna, sample::user("ben")], vec![], vec![]);
        let configs = vec![config("install", "JupyterLab"), config("used", "JupyterLab")];
        let query = Query::LifecycleConfigs(sample::scope());
        fleet.absorb(&query, Answer::LifecycleConfigs(configs), sample::now());
        let mut domain = sample::domain();
        domain.detail = Some(Box::new(DomainDetail::default()));
        let query = Query::Domain(sample::domain_key());
        fleet.absorb(&query, Answer::Domain(Box::new(domain), "{}".into()), sample::now());
        let mut documents = Documents::default();
        documents.note(ObjectKey::Domain(sample::domain_key()), Ok("{}"));
        documents.note(ObjectKey::User(sample::user("ben").key), Ok("{}"));
        (fleet, documents)
    }

    fn plan(intent: &Intent) -> Result<Plan, String> {
        let (fleet, documents) = known();
        intent.plan(&fleet, &documents, &Policy::default(), sample::now())
    }

    #[test]
    fn bytes_are_written_as_base64() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xff, 0xfe, 0xfd]), "//79");
    }

    #[test]
    fn a_new_one_carries_its_script_and_a_name_that_is_taken_is_refused() {
        let new = |name: &str, script: &str| {
            Intent::CreateLifecycleConfig(NewLifecycleConfig {
                key: key(name),
                app_type: AppType::JupyterLab,
                script: script.into(),
                tags: Vec::new(),
            })
        };
        let created = plan(&new("hello", "#!/bin/bash\n")).unwrap();
        assert_eq!(
            Value::Object(created.steps[0].change.request()),
            json!({
                "StudioLifecycleConfigName": "hello", "StudioLifecycleConfigContent": "IyEvYmluL2Jhc2gK",
                "StudioLifecycleConfigAppType": "JupyterLab"
            })
        );
        assert_eq!(created.warnings.len(), 1);
        assert_eq!(plan(&new("hello", "echo\r\n")).unwrap().warnings.len(), 3);
        assert!(plan(&new("install", "#!")).unwrap_err().contains("already"));
        assert!(plan(&new("he_llo", "")).unwrap_err().contains("the script is empty"));
    }

    #[test]
    fn it_is_attached_to_domains_and_users_and_to_nothing_else() {
        let to = vec![
            ObjectKey::Domain(sample::domain_key()),
            ObjectKey::User(sample::user("ben").key),
            ObjectKey::User(sample::user("ben").key),
            ObjectKey::Space(sample::space("lab", "ben", crate::fleet::Sharing::Private).key),
        ];
        let attach =
            Intent::AttachLifecycleConfig { config: key("install"), to: to.clone(), as_default: true };
        let attached = plan(&attach).unwrap();
        let arn = key("install").arn();
        let settings = json!({ "JupyterLabAppSettings": {
            "LifecycleConfigArns": [arn], "DefaultResourceSpec": { "LifecycleConfigArn": arn }
        } });
        let documents: Vec<&Document> =
            attached.steps.iter().filter_map(|step| step.change.document()).collect();
        assert_eq!(documents[0]["DefaultUserSettings"], settings);
        assert_eq!(documents[1]["UserSettings"], settings);
        assert_eq!((documents.len(), attached.excluded.len()), (2, 1));
        let detach = Intent::DetachLifecycleConfig { config: key("install"), from: to };
        let detached = plan(&detach).unwrap();
        assert!(detached.steps.is_empty(), "{detached:?}");
        assert!(
            plan(&Intent::AttachLifecycleConfig { config: key("x"), to: vec![], as_default: false }).is_err()
        );
    }

    #[test]
    fn one_that_is_used_is_not_deleted_and_where_it_is_used_is_named() {
        let deleted =
            plan(&Intent::DeleteLifecycleConfigs(vec![key("install"), key("used"), key("x")])).unwrap();
        let [step] = &deleted.steps[..] else { panic!("{deleted:?}") };
        assert_eq!(step.change, Change::DeleteLifecycleConfig(key("install")));
        assert!(step.warning.as_deref().is_some_and(|text| text.contains("1 user profile not read in full")));
        assert_eq!(&*deleted.excluded[0].reason, "is used by the user profile anna: detach it there first");
        assert_eq!(&*deleted.excluded[1].reason, "is not in the list any more");
    }
}
