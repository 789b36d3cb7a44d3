//! Plans new spaces and edits of spaces: volumes only grow, and only while nothing runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::cascade::{has_to_be_stopped, unlisted};
use super::each::{LeftOut, each};
use super::onboard::tag_flaws;
use super::references::{Findings, References};
use super::{Policy, pool, tags};
use crate::fleet::delta::touched;
use crate::fleet::edit::structure;
use crate::fleet::rules::Rule;
use crate::fleet::wording::{Counted, Money};
use crate::fleet::{
    AppType, Bound, Change, Document, Documents, DomainKey, Excluded, Fleet, Known, Name, NewSpace,
    ObjectKey, Plan, Query, Sharing, SpaceEdit, SpaceKey, Status, Step, Timestamp, UserKey, settings_member,
    storage_price,
};

const SETTINGS: &str = "SpaceSettings";

/// What has to be read for new spaces: who and what is in their domains, and the limits of their owners.
pub(super) fn create_needs(spaces: &[NewSpace]) -> Vec<Query> {
    let mut needs = BTreeSet::new();
    for new in spaces {
        let domain = new.space.domain_key();
        needs.insert(Query::User(owner_key(&new.space, &new.owner)));
        if new.edit.lifecycle_config.is_some() {
            needs.insert(Query::LifecycleConfigs(domain.scope.clone()));
        }
        needs.insert(Query::Domain(domain.clone()));
        needs.insert(Query::Spaces(domain));
    }
    needs.into_iter().collect()
}

/// What has to be read for edits of spaces.
pub(super) fn edit_needs(spaces: &[SpaceKey], edit: &SpaceEdit, fleet: &Fleet) -> Vec<Query> {
    let mut needs = BTreeSet::new();
    for space in spaces {
        let domain = space.domain_key();
        if edit.lifecycle_config.is_some() {
            needs.insert(Query::LifecycleConfigs(domain.scope.clone()));
        }
        if edit.ebs_gb.is_some() {
            needs.insert(Query::Domain(domain.clone()));
            let owner = fleet.spaces.get(space).and_then(|space| space.owner.as_ref());
            needs.extend(owner.map(|owner| Query::User(owner_key(space, owner))));
        }
        needs.insert(Query::Apps(domain));
        needs.insert(Query::Space(space.clone()));
    }
    needs.into_iter().collect()
}

/// Plans new spaces.
pub(super) fn create(spaces: &[NewSpace], fleet: &Fleet, now: Timestamp) -> Plan {
    let mut references = References::new(fleet);
    let mut taken = BTreeSet::new();
    let mut steps = Vec::new();
    let mut excluded = Vec::new();
    for new in spaces {
        let name = (new.space.domain_key(), new.space.name.as_str().to_lowercase());
        let step = if taken.insert(name) {
            create_step(new, fleet, &mut references)
        } else {
            Err("is in the list already".into())
        };
        match step {
            Ok(step) => steps.push(step),
            Err(reason) => excluded.push(Excluded::new(new.space.clone(), reason)),
        }
    }
    let title = match &steps[..] {
        [] => "Create no space".to_owned(),
        [step] => format!("Create the space {}", step.change.target().name()),
        steps => format!("Create {}", Counted(steps.len(), "space")),
    };
    let warnings = storage_warnings(&steps, fleet);
    Plan { excluded, warnings, ..Plan::new(title, "create", now, steps) }
}

fn create_step(new: &NewSpace, fleet: &Fleet, references: &mut References<'_>) -> Result<Step, Arc<str>> {
    let domain = new.space.domain_key();
    let mut findings = Findings::default();
    findings.errors.extend(Rule::SpaceName.check(new.space.name.as_str()).err().map(|flaw| flaw.message));
    findings.errors.extend(new.edit.flaws(&new.app_type));
    findings.errors.extend(tag_flaws(&new.tags));
    if !matches!(new.app_type, AppType::JupyterLab | AppType::CodeEditor) {
        findings.errors.push(format!("new spaces run JupyterLab or CodeEditor, not {}", new.app_type));
    }
    match fleet.domains.get(&domain).map(|domain| &domain.status) {
        None => findings.errors.push(format!("there is no domain {}", domain.id)),
        Some(Status::InService | Status::UpdateFailed) => {}
        Some(status) => {
            findings.errors.push(format!("the domain {} is {status}", fleet.domain_label(&domain)));
        }
    }
    let name = new.space.name.as_str();
    let same = fleet
        .spaces
        .iter()
        .find(|space| space.key.domain_key() == domain && space.key.name.as_str().eq_ignore_ascii_case(name));
    if let Some(same) = same {
        return Err(format!("exists already, and is {}", same.status).into());
    }
    if let Some(why) = unlisted(fleet, &Query::Spaces(domain.clone())) {
        findings.errors.push(why);
    }
    let owner = owner_key(&new.space, &new.owner);
    match fleet.users.get(&owner).map(|user| &user.status) {
        None => findings.errors.push(format!("its owner, the user profile {}, is not there", new.owner)),
        Some(Status::Pending | Status::Failed | Status::Deleting | Status::DeleteFailed) => {
            findings.errors.push(format!("its owner, the user profile {}, is not in service", new.owner));
        }
        Some(_) => {}
    }
    findings.errors.extend(new.edit.ebs_gb.and_then(|gb| above_limit(fleet, &owner, &new.sharing, gb)));
    let new = NewSpace {
        edit: resolved(&new.edit, references, &new.space, &new.app_type, &mut findings),
        ..new.clone()
    };
    if !findings.errors.is_empty() {
        return Err(findings.errors.join("; ").into());
    }
    let warning = (!findings.warnings.is_empty()).then(|| findings.warnings.join("; ").into());
    Ok(Step { warning, ..Step::new(Change::CreateSpace(new.space.clone(), new.document()), Bound::Absent) })
}

/// Plans to make an edit to each of these spaces.
///
/// # Errors
///
/// That the edit changes nothing.
pub(super) fn edit(
    spaces: &[SpaceKey],
    edit: &SpaceEdit,
    fleet: &Fleet,
    documents: &Documents,
    policy: &Policy,
    now: Timestamp,
) -> Result<Plan, String> {
    if edit.is_empty() {
        return Err("There is nothing to change.".to_owned());
    }
    let mut references = References::new(fleet);
    let (steps, excluded) = each(spaces, |key| edit_step(key, edit, fleet, documents, &mut references));
    let title = match &steps[..] {
        [] => "Change no space".to_owned(),
        [step] => format!("Change the space {}", step.change.target().name()),
        steps => format!("Change {}", Counted(steps.len(), "space")),
    };
    let mut warnings = storage_warnings(&steps, fleet);
    if edit.ebs_gb.is_some() && !steps.is_empty() {
        warnings.push("A volume can grow and never shrink again.".to_owned());
    }
    Ok(Plan {
        excluded,
        keeps: vec!["All files, and every setting that is not mentioned.".to_owned()],
        warnings,
        pool: pool::of(fleet, policy, &steps),
        ..Plan::new(title, "change", now, steps)
    })
}

fn edit_step(
    key: &SpaceKey,
    edit: &SpaceEdit,
    fleet: &Fleet,
    documents: &Documents,
    references: &mut References<'_>,
) -> Result<Step, LeftOut> {
    let object = ObjectKey::Space(key.clone());
    let created = tags::present(fleet, &object)?;
    let Some(space) = fleet.spaces.get(key) else { return Err("is not in the list any more".into()) };
    if !matches!(space.status, Status::InService | Status::UpdateFailed) {
        return Err(format!("is in the state {}: AWS changes it only in service", space.status).into());
    }
    let described = documents.get(&object)?;
    let before = structure(described, SETTINGS);
    let app_type = before.get("AppType").and_then(Value::as_str).map(AppType::from);
    let app_type = app_type.or_else(|| space.app_type.clone()).unwrap_or(AppType::JupyterServer);
    let mut findings = Findings { errors: edit.flaws(&app_type), warnings: Vec::new() };
    let edit = resolved(edit, references, key, &app_type, &mut findings);
    let grows = edit.ebs_gb.map(|gb| grows(&before, gb)).transpose()?.unwrap_or(false);
    if let (true, Some(gb), Some(owner)) = (grows, edit.ebs_gb, &space.owner) {
        let sharing = space.sharing.clone().unwrap_or(Sharing::Private);
        findings.errors.extend(above_limit(fleet, &owner_key(key, owner), &sharing, gb));
    }
    if !findings.errors.is_empty() {
        return Err(findings.errors.join("; ").into());
    }
    let (mut old, mut new) = touched(&before, &edit.applied(&before, &app_type, &key.scope));
    old = wrapped(old);
    new = wrapped(new);
    if let Some(name) = &edit.display_name {
        let was = described.get("SpaceDisplayName");
        if was.and_then(Value::as_str) != Some(&**name) {
            old.extend(was.map(|was| ("SpaceDisplayName".to_owned(), was.clone())));
            new.insert("SpaceDisplayName".to_owned(), json!(&**name));
        }
    }
    if new.is_empty() {
        return Err(LeftOut::so("is so already"));
    }
    let running: Vec<String> = fleet
        .apps
        .iter()
        .filter(|app| app.key.space_key().as_ref() == Some(key) && has_to_be_stopped(app))
        .map(|app| format!("{} {}", app.key.app_type, app.key.name))
        .collect();
    if grows {
        // Source: SageMaker developer guide, `studio-updated-running-stop`: the space has to be stopped first.
        if let Some(why) = unlisted(fleet, &Query::Apps(key.domain_key())) {
            return Err(format!(
                "its volume grows only while nothing runs, and whether that is so is not known: {why}"
            )
            .into());
        }
        if !running.is_empty() {
            return Err(format!(
                "its volume grows only while nothing runs: stop {} first",
                running.join(", ")
            )
            .into());
        }
    } else if !running.is_empty() && new.contains_key(SETTINGS) {
        findings
            .warnings
            .push(format!("{} keeps the old settings until it is started again", running.join(", ")));
    }
    let warning = (!findings.warnings.is_empty()).then(|| findings.warnings.join("; ").into());
    Ok(Step {
        warning,
        before: Some(old),
        ..Step::new(Change::UpdateSpace(key.clone(), new), Bound::Created(created))
    })
}

fn wrapped(settings: Document) -> Document {
    Document::from_iter((!settings.is_empty()).then(|| (SETTINGS.to_owned(), Value::Object(settings))))
}

/// Whether a size is above the one there is; smaller is refused.
fn grows(settings: &Document, gb: u32) -> Result<bool, Arc<str>> {
    let size = settings
        .get("SpaceStorageSettings")
        .and_then(|storage| storage.get("EbsStorageSettings"))
        .and_then(|storage| storage.get("EbsVolumeSizeInGb"))
        .and_then(Value::as_u64);
    match size {
        None => Err("has no volume of its own".into()),
        Some(size) if u64::from(gb) < size => {
            Err(format!("its volume has {size} GB, and a volume never shrinks to {gb} GB").into())
        }
        Some(size) => Ok(u64::from(gb) > size),
    }
}

/// The edit with its lifecycle configuration as an ARN, checked.
fn resolved(
    edit: &SpaceEdit,
    references: &mut References<'_>,
    space: &SpaceKey,
    app_type: &AppType,
    findings: &mut Findings,
) -> SpaceEdit {
    let mut edit = edit.clone();
    if let (Some(config), Some(member)) = (&edit.lifecycle_config, settings_member(app_type)) {
        let arn = references.config_arn(config, &space.scope);
        let mut settings = Document::new();
        settings.insert(member.to_owned(), json!({ "DefaultResourceSpec": { "LifecycleConfigArn": &*arn } }));
        references.check(&settings, &space.scope, None, findings);
        edit.lifecycle_config = Some(arn);
    }
    edit
}

/// That a volume would be above what the owner or the domain allows.
fn above_limit(fleet: &Fleet, owner: &UserKey, sharing: &Sharing, gb: u32) -> Option<String> {
    let profile = fleet
        .users
        .get(owner)
        .filter(|_| *sharing == Sharing::Private)
        .and_then(|user| user.detail.as_ref())
        .and_then(|detail| detail.settings.space_ebs_gb);
    let domain = || fleet.domains.get(&owner.domain_key())?.detail.as_ref()?.user_defaults.space_ebs_gb;
    let (_, most) = profile.or_else(domain)?;
    (gb > most).then(|| format!("{gb} GB are above the {most} GB that {} may have", owner.name))
}

fn owner_key(space: &SpaceKey, owner: &Name) -> UserKey {
    UserKey { scope: space.scope.clone(), domain: space.domain.clone(), name: owner.clone() }
}

/// What the volumes of these steps cost.
fn storage_warnings(steps: &[Step], fleet: &Fleet) -> Vec<String> {
    let size = |document: &Document| {
        document
            .get(SETTINGS)?
            .get("SpaceStorageSettings")?
            .get("EbsStorageSettings")?
            .get("EbsVolumeSizeInGb")?
            .as_u64()
            .and_then(|gb| u32::try_from(gb).ok())
    };
    let mut by_domain: BTreeMap<DomainKey, u32> = BTreeMap::new();
    for step in steps {
        let was = step.before.as_ref().and_then(size).unwrap_or(0);
        let more = step.change.document().and_then(size).unwrap_or(was).saturating_sub(was);
        if let Some(object) = step.change.target().object() {
            *by_domain.entry(object.domain_key()).or_default() += more;
        }
    }
    by_domain
        .into_iter()
        .filter(|(_, gb)| *gb > 0)
        .map(|(domain, gb)| match storage_price(fleet, domain.scope.region(), gb) {
            Known::Value(dollars) => {
                format!("{gb} GB more are billed while the spaces exist: {} per month.", Money(dollars))
            }
            _ => format!("{gb} GB more are billed while the spaces exist."),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{App, Intent, sample};

    fn key(name: &str) -> SpaceKey {
        SpaceKey { name: Name::new(name), ..sample::space("x", "anna", Sharing::Private).key }
    }

    fn known(apps: Vec<App>) -> (Fleet, Documents) {
        let users = vec![sample::user("anna")];
        let spaces = vec![sample::space("lab", "anna", Sharing::Private)];
        let fleet = sample::fleet(users, spaces, apps);
        let mut documents = Documents::default();
        let settings = json!({
            "SpaceDisplayName": "Lab",
            "SpaceSettings": {
                "AppType": "JupyterLab",
                "JupyterLabAppSettings": { "CodeRepositories": [{ "RepositoryUrl": "https://x" }] },
                "SpaceStorageSettings": { "EbsStorageSettings": { "EbsVolumeSizeInGb": 50 } }
            }
        });
        documents.note(ObjectKey::Space(key("lab")), Ok(&settings.to_string()));
        (fleet, documents)
    }

    fn plan(intent: &Intent, fleet: &Fleet, documents: &Documents) -> Plan {
        intent.plan(fleet, documents, &Policy::default(), sample::now()).unwrap()
    }

    fn reasons(plan: &Plan) -> String {
        let reasons = plan.excluded.iter().map(|one| format!("{} {}", one.target.name(), one.reason));
        reasons.collect::<Vec<_>>().join("\n")
    }

    fn new(name: &str, owner: &str) -> NewSpace {
        NewSpace {
            space: key(name),
            owner: Name::new(owner),
            sharing: Sharing::Private,
            app_type: AppType::JupyterLab,
            edit: SpaceEdit { ebs_gb: Some(20), idle_minutes: Some(90), ..SpaceEdit::default() },
            tags: Vec::new(),
        }
    }

    #[test]
    fn a_new_space_is_created_for_somebody_who_is_there() {
        let (fleet, documents) = known(vec![]);
        let classic = NewSpace { app_type: AppType::JupyterServer, ..new("old", "anna") };
        let spaces =
            vec![new("work", "anna"), new("lab", "anna"), new("w_x", "ben"), classic, new("WORK", "anna")];
        let plan = plan(&Intent::CreateSpaces(spaces), &fleet, &documents);
        let [step] = &plan.steps[..] else { panic!("{plan:?}") };
        assert_eq!(
            Value::Object(step.change.request()),
            json!({
                "DomainId": "d-research", "SpaceName": "work",
                "OwnershipSettings": { "OwnerUserProfileName": "anna" },
                "SpaceSharingSettings": { "SharingType": "Private" },
                "SpaceSettings": {
                    "AppType": "JupyterLab",
                    "SpaceStorageSettings": { "EbsStorageSettings": { "EbsVolumeSizeInGb": 20 } },
                    "JupyterLabAppSettings": {
                        "AppLifecycleManagement": { "IdleSettings": { "IdleTimeoutInMinutes": 90 } }
                    }
                }
            })
        );
        let reasons = reasons(&plan);
        for part in [
            "lab exists already",
            "w_x a space's name has only letters",
            "its owner, the user profile ben, is not there",
            "new spaces run JupyterLab or CodeEditor, not JupyterServer",
            "WORK is in the list already",
        ] {
            assert!(reasons.contains(part), "{part}\n{reasons}");
        }
        assert!(plan.warnings[0].starts_with("20 GB more are billed"), "{:?}", plan.warnings);
    }

    #[test]
    fn a_volume_grows_while_nothing_runs_and_never_shrinks() {
        let resize = |gb| Intent::EditSpaces {
            spaces: vec![key("lab")],
            edit: SpaceEdit { ebs_gb: Some(gb), ..SpaceEdit::default() },
        };
        let (fleet, documents) = known(vec![]);
        let grown = plan(&resize(80), &fleet, &documents);
        let [step] = &grown.steps[..] else { panic!("{grown:?}") };
        assert_eq!(
            Value::Object(step.change.document().unwrap().clone()),
            json!({ "SpaceSettings": {
                "SpaceStorageSettings": { "EbsStorageSettings": { "EbsVolumeSizeInGb": 80 } }
            } })
        );
        assert!(grown.warnings[0].starts_with("30 GB more"), "{:?}", grown.warnings);
        assert!(reasons(&plan(&resize(40), &fleet, &documents)).contains("never shrinks to 40 GB"));
        assert!(reasons(&plan(&resize(50), &fleet, &documents)).contains("is so already"));
        assert!(reasons(&plan(&resize(20_000), &fleet, &documents)).contains("5 to 16384 GB"));
        let (fleet, documents) = known(vec![sample::space_app("lab")]);
        let blocked = plan(&resize(80), &fleet, &documents);
        assert!(reasons(&blocked).contains("only while nothing runs: stop JupyterLab default first"));
        let rename = SpaceEdit {
            display_name: Some("New".into()),
            instance: Some("ml.m5.large".into()),
            ..SpaceEdit::default()
        };
        let renamed =
            plan(&Intent::EditSpaces { spaces: vec![key("lab")], edit: rename }, &fleet, &documents);
        assert_eq!(
            Value::Object(renamed.steps[0].change.document().unwrap().clone()),
            json!({
                "SpaceSettings": { "JupyterLabAppSettings": {
                    "CodeRepositories": [{ "RepositoryUrl": "https://x" }],
                    "DefaultResourceSpec": { "InstanceType": "ml.m5.large" }
                } },
                "SpaceDisplayName": "New"
            })
        );
        assert!(renamed.steps[0].warning.is_some());
    }
}
