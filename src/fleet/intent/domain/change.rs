//! Plans edits of a domain: what AWS changes only while nothing runs is refused with what runs.

use serde_json::Value;

use crate::fleet::intent::cascade::unlisted;
use crate::fleet::intent::each::LeftOut;
use crate::fleet::intent::references::{self, Findings, References};
use crate::fleet::intent::{Policy, pool, tags};
use crate::fleet::wording::Counted;
use crate::fleet::{
    AppStatus, Bound, Change, Document, Documents, DomainEdit, DomainKey, Fleet, ObjectKey, Plan, Query,
    Status, Step, Timestamp,
};

/// What has to be read: the domain in full, what runs in it, and what the edit refers to.
pub(in crate::fleet::intent) fn needs(key: &DomainKey, edit: &DomainEdit) -> Vec<Query> {
    let mut needs = vec![Query::Domain(key.clone()), Query::Apps(key.clone())];
    for query in [&edit.user_defaults, &edit.space_defaults]
        .into_iter()
        .flat_map(|it| references::needs(it, &key.scope))
    {
        if !needs.contains(&query) {
            needs.push(query);
        }
    }
    let network = Query::Network(key.scope.clone());
    if edit.subnets.is_some() && !needs.contains(&network) {
        needs.push(network);
    }
    needs
}

/// Plans to make an edit to a domain.
///
/// # Errors
///
/// What is wrong with the edit, what cannot be changed, and what stands in its way, as sentences.
pub(in crate::fleet::intent) fn plan(
    key: &DomainKey,
    edit: &DomainEdit,
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
        return Err(format!("{}.", flaws.join(". ")));
    }
    let label = fleet.domain_label(key).to_owned();
    let title = format!("Change the domain {label}");
    let step = match DomainEditor::new(fleet, documents).step(key, edit) {
        Ok(step) => step,
        Err(left) if left.is_so => {
            let excluded = vec![left.of(ObjectKey::Domain(key.clone()))];
            return Ok(Plan { excluded, ..Plan::new(title, "change", now, Vec::new()) });
        }
        Err(left) => return Err(format!("The domain {label} cannot be changed so: {}.", left.reason)),
    };
    let mut warnings = Vec::new();
    let users = fleet.users.iter().filter(|user| user.key.domain_key() == *key).count();
    let has = |member: &str| step.change.document().is_some_and(|document| document.contains_key(member));
    if has("DefaultUserSettings") {
        warnings.push(format!(
            "{} inherit this, except where they say otherwise; apps that run keep the old settings until they are \
             started again.",
            Counted(users, "user profile")
        ));
    }
    let steps = vec![step];
    Ok(Plan {
        keeps: vec!["Every setting that is not mentioned, user profiles, spaces and files.".to_owned()],
        warnings,
        pool: pool::of(fleet, policy, &steps),
        ..Plan::new(title, "change", now, steps)
    })
}

/// Makes the steps of edits of domains.
pub(in crate::fleet::intent) struct DomainEditor<'a> {
    fleet: &'a Fleet,
    documents: &'a Documents,
    references: References<'a>,
}

impl<'a> DomainEditor<'a> {
    pub(in crate::fleet::intent) fn new(fleet: &'a Fleet, documents: &'a Documents) -> Self {
        Self { fleet, documents, references: References::new(fleet) }
    }

    /// The step that makes an edit to a domain, or why there is none, as a clause.
    pub(in crate::fleet::intent) fn step(
        &mut self,
        key: &DomainKey,
        edit: &DomainEdit,
    ) -> Result<Step, LeftOut> {
        let object = ObjectKey::Domain(key.clone());
        let created = tags::present(self.fleet, &object)?;
        match self.fleet.domains.get(key).map(|domain| &domain.status) {
            Some(Status::InService | Status::UpdateFailed) | None => {}
            Some(status) => {
                return Err(format!("is in the state {status}: AWS changes it only in service").into());
            }
        }
        let described = self.documents.get(&object)?;
        let mut findings = Findings::default();
        let scope = &key.scope;
        let edit = DomainEdit {
            user_defaults: self.references.resolved(&edit.user_defaults, scope, &mut findings),
            space_defaults: self.references.resolved(&edit.space_defaults, scope, &mut findings),
            ..edit.clone()
        };
        let vpc = described.get("VpcId").and_then(Value::as_str);
        for part in [&edit.user_defaults, &edit.space_defaults] {
            self.references.check(&part.applied(&Document::new(), scope), scope, vpc, &mut findings);
        }
        self.check_subnets(&edit, vpc, scope, &mut findings);
        let (before, after) = edit.changes(described, scope);
        if after.is_empty() && findings.errors.is_empty() {
            return Err(LeftOut::so("is so already"));
        }
        findings.errors.extend(self.blockers(key, described, &after));
        if !findings.errors.is_empty() {
            return Err(findings.errors.join("; ").into());
        }
        let warning = (!findings.warnings.is_empty()).then(|| findings.warnings.join("; ").into());
        Ok(Step {
            warning,
            before: Some(before),
            ..Step::new(Change::UpdateDomain(key.clone(), after), Bound::Created(created))
        })
    }

    fn check_subnets(
        &self,
        edit: &DomainEdit,
        vpc: Option<&str>,
        scope: &crate::fleet::Scope,
        findings: &mut Findings,
    ) {
        let (Some(subnets), Some(network)) = (&edit.subnets, self.fleet.library.networks.get(scope)) else {
            return;
        };
        for id in subnets {
            match network.subnets.iter().find(|subnet| subnet.id == *id) {
                None => findings.errors.push(format!("there is no subnet {id} in {scope}")),
                Some(subnet) if vpc.is_some_and(|vpc| *subnet.vpc != *vpc) => findings.errors.push(format!(
                    "the subnet {id} is in {}, and the domain in {}",
                    subnet.vpc,
                    vpc.unwrap_or_default()
                )),
                Some(_) => {}
            }
        }
    }

    /// What AWS refuses while apps run. Source: `UpdateDomain` in the API reference, and `domain-view-edit` in the
    /// SageMaker developer guide for the default role.
    fn blockers(&self, key: &DomainKey, described: &Document, after: &Document) -> Vec<String> {
        let mut blockers = Vec::new();
        let mut waits = Vec::new();
        if after.contains_key("AppNetworkAccessType") {
            let rstudio = described
                .get("DomainSettings")
                .and_then(|settings| settings.get("RStudioServerProDomainSettings"))
                .and_then(|settings| settings.get("DomainExecutionRoleArn"));
            if rstudio.is_some() {
                blockers.push("AWS does not change the network access of a domain with RStudio".to_owned());
            }
            waits.push("the network access");
        }
        if let Some(new) = after.get("SubnetIds").and_then(Value::as_array) {
            let old = described.get("SubnetIds").and_then(Value::as_array);
            if old.is_some_and(|old| old.iter().any(|subnet| !new.contains(subnet))) {
                waits.push("its subnets");
            }
        }
        if after.get("DefaultUserSettings").is_some_and(|settings| settings.get("ExecutionRole").is_some()) {
            waits.push("the default execution role");
        }
        let identity = after.get("DomainSettingsForUpdate");
        if identity.is_some_and(|settings| settings.get("ExecutionRoleIdentityConfig").is_some()) {
            waits.push("how CloudTrail names users");
        }
        if waits.is_empty() {
            return blockers;
        }
        let what = waits.join(", ");
        if let Some(why) = unlisted(self.fleet, &Query::Apps(key.clone())) {
            blockers.push(format!(
                "AWS does not change {what} while apps run, and whether one does is not known: {why}"
            ));
            return blockers;
        }
        let is_live = |status: &AppStatus| {
            matches!(
                status,
                AppStatus::InService | AppStatus::Pending | AppStatus::Deleting | AppStatus::Other(_)
            )
        };
        let live =
            self.fleet.apps.iter().filter(|app| app.key.domain_key() == *key && is_live(&app.status)).count();
        if live > 0 {
            let verb = if live == 1 { "runs" } else { "run" };
            blockers.push(format!(
                "AWS does not change {what} while apps run: {} {verb}, stop them first",
                Counted(live, "app")
            ));
        }
        blockers
    }
}
