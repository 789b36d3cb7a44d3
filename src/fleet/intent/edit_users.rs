//! Plans edits of user profiles: what is read is changed and written back, whole structures at a time, so that
//! nothing is lost whether AWS joins or replaces them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::cascade::{Contents, has_to_be_stopped, unlisted};
use super::each::{LeftOut, each};
use super::references::{self, Findings, References};
use super::{Policy, pool, tags};
use crate::fleet::delta::touched;
use crate::fleet::edit::structure;
use crate::fleet::wording::Counted;
use crate::fleet::{
    App, Bound, Change, Document, Documents, DomainKey, Fleet, ObjectKey, Plan, Query, Status, Step,
    Timestamp, UserEdit, UserKey,
};

const SETTINGS: &str = "UserSettings";

/// What has to be read: the profiles in full, what runs for them, and what the edit refers to.
pub(super) fn needs(users: &[UserKey], edit: &UserEdit) -> Vec<Query> {
    let domains: BTreeSet<DomainKey> = users.iter().map(UserKey::domain_key).collect();
    let mut needs: BTreeSet<Query> = users.iter().cloned().map(Query::User).collect();
    for domain in domains {
        needs.extend(references::needs(edit, &domain.scope));
        needs.insert(Query::Domain(domain.clone()));
        needs.insert(Query::Spaces(domain.clone()));
        needs.insert(Query::Apps(domain));
    }
    needs.into_iter().collect()
}

/// Plans to make an edit to each of these user profiles.
///
/// # Errors
///
/// What is wrong with the edit itself.
pub(super) fn plan(
    users: &[UserKey],
    edit: &UserEdit,
    fleet: &Fleet,
    documents: &Documents,
    policy: &Policy,
    now: Timestamp,
) -> Result<Plan, String> {
    if edit.is_empty() {
        return Err("There is nothing to change.".to_owned());
    }
    let flaws = edit.flaws();
    if !flaws.is_empty() {
        return Err(format!("{}.", flaws.join("; ")));
    }
    let mut editor = UserEditor::new(fleet, documents, users);
    let (steps, excluded) = each(users, |key| editor.step(key, edit));
    let title = match &steps[..] {
        [] => "Change no user profile".to_owned(),
        [step] => format!("Change the settings of {}", step.change.target().name()),
        steps => format!("Change the settings of {}", Counted(steps.len(), "user profile")),
    };
    Ok(Plan {
        excluded,
        keeps: vec!["Every setting that is not mentioned, all files, apps and spaces.".to_owned()],
        warnings: editor.warnings(&steps),
        pool: pool::of(fleet, policy, &steps),
        ..Plan::new(title, "change", now, steps)
    })
}

/// Makes the steps of edits, knowing what runs for whom.
pub(super) struct UserEditor<'a> {
    fleet: &'a Fleet,
    documents: &'a Documents,
    contents: Contents<'a>,
    pub(super) references: References<'a>,
    running: usize,
}

impl<'a> UserEditor<'a> {
    pub(super) fn new(fleet: &'a Fleet, documents: &'a Documents, users: &[UserKey]) -> Self {
        let domains = users.iter().map(UserKey::domain_key).collect();
        Self {
            fleet,
            documents,
            contents: Contents::of(fleet, &domains),
            references: References::new(fleet),
            running: 0,
        }
    }

    /// The step that makes an edit to a user profile, or why there is none, as a clause.
    pub(super) fn step(&mut self, key: &UserKey, edit: &UserEdit) -> Result<Step, LeftOut> {
        let object = ObjectKey::User(key.clone());
        let created = tags::present(self.fleet, &object)?;
        match self.fleet.users.get(key).map(|user| &user.status) {
            Some(Status::InService | Status::UpdateFailed) | None => {}
            Some(status) => {
                return Err(format!("is in the state {status}: AWS changes it only in service").into());
            }
        }
        let before = structure(self.documents.get(&object)?, SETTINGS);
        let mut findings = Findings::default();
        let edit = self.references.resolved(edit, &key.scope, &mut findings);
        let domain = self.fleet.domains.get(&key.domain_key());
        let vpc = domain.and_then(|domain| domain.detail.as_ref()).and_then(|detail| detail.vpc.as_deref());
        // Only what the edit itself refers to: what stands there already was taken by AWS once.
        let own = edit.applied(&Document::new(), &key.scope);
        self.references.check(&own, &key.scope, vpc, &mut findings);
        if !findings.errors.is_empty() {
            return Err(findings.errors.join("; ").into());
        }
        let after = edit.applied(&before, &key.scope);
        let (old, new) = touched(&before, &after);
        if new.is_empty() {
            return Err(LeftOut::so("is so already"));
        }
        let apps: Vec<&App> =
            self.contents.all_apps_of(key).into_iter().filter(|app| has_to_be_stopped(app)).collect();
        if new.contains_key("ExecutionRole") {
            self.refuse_running(key, &apps)?;
        }
        self.running += usize::from(!apps.is_empty());
        let warning = (!findings.warnings.is_empty()).then(|| findings.warnings.join("; ").into());
        Ok(Step {
            warning,
            before: Some(wrapped(old)),
            ..Step::new(Change::UpdateUser(key.clone(), wrapped(new)), Bound::Created(created))
        })
    }

    /// AWS does not change the execution role of a user profile while apps of it run.
    /// Source: SageMaker developer guide, `domain-view-edit`.
    fn refuse_running(&self, key: &UserKey, apps: &[&App]) -> Result<(), Arc<str>> {
        let domain = key.domain_key();
        for list in [Query::Apps(domain.clone()), Query::Spaces(domain)] {
            if let Some(why) = unlisted(self.fleet, &list) {
                return Err(format!(
                    "AWS does not change the role while apps run, and whether one does is not known: {why}"
                )
                .into());
            }
        }
        let names: Vec<String> = apps
            .iter()
            .map(|app| format!("{} {} of {}", app.key.app_type, app.key.name, app.key.owner.name()))
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        Err(format!("AWS does not change the role while apps run: stop {} first", names.join(", ")).into())
    }

    /// What to know about these steps as a whole.
    pub(super) fn warnings(&self, steps: &[Step]) -> Vec<String> {
        if steps.is_empty() || self.running == 0 {
            return Vec::new();
        }
        let users = Counted(self.running, "user profile");
        vec![format!("Apps run for {users}: they keep the old settings until they are started again.")]
    }
}

fn wrapped(settings: Document) -> Document {
    Document::from_iter([(SETTINGS.to_owned(), Value::Object(settings))])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fleet::{
        Answer, AppType, IdleSettings, Intent, Name, Problem, ProblemKind, Role, Sharing, deltas, sample,
    };

    fn key(name: &str) -> UserKey {
        UserKey { name: Name::new(name), ..sample::user("x").key }
    }

    fn known(apps: Vec<App>) -> (Fleet, Documents) {
        let users = ["anna", "ben"].map(sample::user).to_vec();
        let spaces = vec![sample::space("lab", "anna", Sharing::Private)];
        let mut fleet = sample::fleet(users, spaces, apps);
        let roles = vec![Role {
            arn: "arn:aws:iam::123456789012:role/New".into(),
            name: "New".into(),
            trusts_sagemaker: Some(true),
        }];
        let query = Query::Roles(sample::scope().account().clone());
        fleet.absorb(&query, Answer::Roles(roles), sample::now());
        let mut documents = Documents::default();
        let settings = json!({ "UserSettings": {
            "ExecutionRole": "old",
            "JupyterLabAppSettings": { "CustomImages": [{ "ImageName": "i", "AppImageConfigName": "c" }] },
            "SecurityGroups": ["sg-1"]
        } });
        for name in ["anna", "ben"] {
            documents.note(ObjectKey::User(key(name)), Ok(&settings.to_string()));
        }
        (fleet, documents)
    }

    fn plan(edit: &UserEdit, fleet: &Fleet, documents: &Documents) -> Result<Plan, String> {
        let users = ["anna", "ben", "cara"].map(key).to_vec();
        let intent = Intent::EditUsers { users, edit: edit.clone() };
        intent.plan(fleet, documents, &Policy::default(), sample::now())
    }

    fn reasons(plan: &Plan) -> Vec<String> {
        plan.excluded.iter().map(|one| format!("{} {}", one.target.name(), one.reason)).collect()
    }

    #[test]
    fn an_edit_writes_whole_structures_back_and_only_those_it_touches() {
        let (fleet, mut documents) = known(vec![sample::space_app("lab")]);
        let idle = IdleSettings { enabled: Some(true), timeout_minutes: Some(90), ..IdleSettings::default() };
        let edit = UserEdit { idle: [(AppType::JupyterLab, idle)].into(), ..UserEdit::default() };
        let done = json!({ "UserSettings": { "JupyterLabAppSettings": { "AppLifecycleManagement": {
            "IdleSettings": { "LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 90 }
        } } } });
        documents.note(ObjectKey::User(key("ben")), Ok(&done.to_string()));
        let plan = plan(&edit, &fleet, &documents).unwrap();
        let [step] = &plan.steps[..] else { panic!("{plan:?}") };
        assert_eq!(
            Value::Object(step.change.document().unwrap().clone()),
            json!({ "UserSettings": { "JupyterLabAppSettings": {
                "CustomImages": [{ "ImageName": "i", "AppImageConfigName": "c" }],
                "AppLifecycleManagement": {
                    "IdleSettings": { "LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 90 }
                }
            } } })
        );
        let changes: Vec<String> = deltas(step.before.as_ref().unwrap(), step.change.document().unwrap())
            .iter()
            .map(ToString::to_string)
            .collect();
        let idle = "UserSettings.JupyterLabAppSettings.AppLifecycleManagement.IdleSettings";
        assert_eq!(
            changes,
            [
                format!("{idle}.LifecycleManagement: (none) -> ENABLED"),
                format!("{idle}.IdleTimeoutInMinutes: (none) -> 90"),
            ]
        );
        assert_eq!(step.bound.created(), sample::user("anna").created);
        assert_eq!(reasons(&plan), ["ben is so already", "cara is not in the list any more"]);
        assert_eq!(plan.warnings.len(), 1, "an app of anna's runs");
    }

    #[test]
    fn a_role_is_not_changed_while_apps_run_or_where_that_is_not_known() {
        let edit = UserEdit { role: Some("New".into()), ..UserEdit::default() };
        let (mut fleet, documents) = known(vec![sample::space_app("lab")]);
        let changed = plan(&edit, &fleet, &documents).unwrap();
        assert_eq!(changed.steps.len(), 1);
        assert_eq!(
            reasons(&changed)[0],
            "anna AWS does not change the role while apps run: stop JupyterLab default of lab first"
        );
        let problem = Problem::new(ProblemKind::Network, "gone", "");
        fleet.fail(&Query::Apps(sample::domain_key()), problem);
        let changed = plan(&edit, &fleet, &documents).unwrap();
        assert!(changed.steps.is_empty());
        assert!(reasons(&changed)[1].contains("whether one does is not known"), "{changed:?}");
        let groups = UserEdit { security_groups: Some(vec!["sg-2".into()]), ..UserEdit::default() };
        let changed = plan(&groups, &fleet, &documents).unwrap();
        assert!(changed.steps[0].warning.as_deref().is_some_and(|text| text.contains("sg-2")));
    }

    #[test]
    fn what_is_wrong_with_the_edit_itself_is_no_plan() {
        let (fleet, documents) = known(vec![]);
        assert!(plan(&UserEdit::default(), &fleet, &documents).is_err());
        let edit = UserEdit { landing: Some("home".into()), ..UserEdit::default() };
        assert!(plan(&edit, &fleet, &documents).unwrap_err().contains("landing page"));
        let unknown = UserEdit { role: Some("Nobody".into()), ..UserEdit::default() };
        let plan = plan(&unknown, &fleet, &documents).unwrap();
        assert!(plan.steps.is_empty() && reasons(&plan)[0].contains("there is no role `Nobody`"));
    }
}
