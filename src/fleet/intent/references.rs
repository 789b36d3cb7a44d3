//! What settings refer to, checked against what is there: roles and their trust, security groups and their VPC,
//! lifecycle configurations and their app type.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use crate::fleet::{
    AppType, Document, Fleet, LifecycleConfigKey, LifecycleEdit, Problem, Query, Role, Scope, UserEdit,
    settings_member, suggestion,
};

/// What came of checking.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    /// What AWS would refuse, as clauses.
    pub(super) errors: Vec<String>,
    /// What could not be checked, or is unwise, as clauses.
    pub(super) warnings: Vec<String>,
}

/// Something found out about one reference, kept since thousands may refer to the same.
#[derive(Debug, Clone)]
enum Finding {
    Fine,
    Error(String),
    Warning(String),
}

/// Checks references; each thing once.
pub(super) struct References<'a> {
    fleet: &'a Fleet,
    judged: HashMap<(Scope, String), Finding>,
    /// ARNs of lifecycle configurations that the same plan creates.
    to_be: BTreeSet<String>,
}

/// What has to be read to check an edit.
pub(super) fn needs(edit: &UserEdit, scope: &Scope) -> Vec<Query> {
    let mut needs = Vec::new();
    if edit.role.is_some() || edit.settings.contains_key("ExecutionRole") {
        needs.push(Query::Roles(scope.account().clone()));
    }
    if edit.security_groups.is_some() || edit.settings.contains_key("SecurityGroups") {
        needs.push(Query::Network(scope.clone()));
    }
    let raw = || edit.settings.values().any(|value| value.to_string().contains(":studio-lifecycle-config/"));
    if !edit.lifecycle.is_empty() || raw() {
        needs.push(Query::LifecycleConfigs(scope.clone()));
    }
    needs
}

/// What has to be read to check settings of which nothing is known yet.
pub(super) fn all_needs(scope: &Scope) -> [Query; 3] {
    [
        Query::Roles(scope.account().clone()),
        Query::Network(scope.clone()),
        Query::LifecycleConfigs(scope.clone()),
    ]
}

impl<'a> References<'a> {
    pub(super) fn new(fleet: &'a Fleet) -> Self {
        Self { fleet, judged: HashMap::new(), to_be: BTreeSet::new() }
    }

    /// Counts these lifecycle configurations, by ARN, as there: the plan creates them first.
    pub(super) fn expect(&mut self, arns: impl IntoIterator<Item = String>) {
        self.to_be.extend(arns);
    }

    /// The edit with names in place of which AWS wants ARNs replaced by those.
    pub(super) fn resolved(&self, edit: &UserEdit, scope: &Scope, findings: &mut Findings) -> UserEdit {
        let mut edit = edit.clone();
        if let Some(name) = edit.role.clone().filter(|role| !role.contains(':')) {
            match self.role_named(&name, scope) {
                Ok(arn) => edit.role = Some(arn),
                Err(error) => findings.errors.push(error),
            }
        }
        for lifecycle in edit.lifecycle.values_mut() {
            *lifecycle = LifecycleEdit {
                attach: self.config_arns(&lifecycle.attach, scope),
                detach: self.config_arns(&lifecycle.detach, scope),
                default: lifecycle.default.as_ref().map(|config| self.config_arn(config, scope)),
            };
        }
        edit
    }

    /// The ARN of a role of the account by its name.
    pub(super) fn role_named(&self, name: &str, scope: &Scope) -> Result<Arc<str>, String> {
        let shown = crate::fleet::harmless(name);
        let Some(roles) = self.fleet.library.roles.get(scope.account()) else {
            let why = self.why_unread(&Query::Roles(scope.account().clone()));
            return Err(format!("the role {shown} is given by name, and the roles {why}: give its ARN"));
        };
        let found = roles.iter().find(|role| &*role.name == name);
        found.map(|role| role.arn.clone()).ok_or_else(|| {
            let near = suggestion(name, roles.iter().map(|role| &*role.name));
            format!("there is no role `{shown}` in the account{near}")
        })
    }

    /// The ARN of a lifecycle configuration given by name or ARN, as AWS spells it where it is known.
    pub(super) fn config_arn(&self, config: &Arc<str>, scope: &Scope) -> Arc<str> {
        let known = self.fleet.library.lifecycle_configs.get(scope);
        known
            .and_then(|configs| configs.iter().find(|known| known.key.name.as_str() == &**config))
            .map_or_else(|| LifecycleConfigKey::arn_of(config, scope).into(), |known| known.arn.clone())
    }

    fn config_arns(&self, configs: &[Arc<str>], scope: &Scope) -> Vec<Arc<str>> {
        configs.iter().map(|config| self.config_arn(config, scope)).collect()
    }

    /// Checks what `UserSettings` or `DefaultSpaceSettings` refer to, in a domain with this VPC.
    pub(super) fn check(
        &mut self,
        settings: &Document,
        scope: &Scope,
        vpc: Option<&str>,
        findings: &mut Findings,
    ) {
        if let Some(role) = settings.get("ExecutionRole").and_then(Value::as_str) {
            self.note(scope, role, findings, |this| this.judge_role(role, scope));
        }
        let groups = settings.get("SecurityGroups").and_then(Value::as_array);
        for group in groups.into_iter().flatten().filter_map(Value::as_str) {
            let key = format!("{group} in {}", vpc.unwrap_or_default());
            self.note(scope, &key, findings, |this| this.judge_group(group, scope, vpc));
        }
        for app_type in AppType::KNOWN {
            let Some(app) = settings_member(app_type).and_then(|member| settings.get(member)) else {
                continue;
            };
            let attached = app.get("LifecycleConfigArns").and_then(Value::as_array);
            let default = app.get("DefaultResourceSpec").and_then(|spec| spec.get("LifecycleConfigArn"));
            for arn in attached.into_iter().flatten().chain(default).filter_map(Value::as_str) {
                let key = format!("{arn} for {app_type}");
                self.note(scope, &key, findings, |this| this.judge_config(arn, scope, app_type));
            }
        }
    }

    fn note(
        &mut self,
        scope: &Scope,
        key: &str,
        findings: &mut Findings,
        judge: impl FnOnce(&Self) -> Finding,
    ) {
        let key = (scope.clone(), key.to_owned());
        if !self.judged.contains_key(&key) {
            let finding = judge(self);
            self.judged.insert(key.clone(), finding);
        }
        match self.judged.get(&key) {
            Some(Finding::Error(error)) if !findings.errors.contains(error) => {
                findings.errors.push(error.clone());
            }
            Some(Finding::Warning(warning)) if !findings.warnings.contains(warning) => {
                findings.warnings.push(warning.clone());
            }
            _ => {}
        }
    }

    fn judge_role(&self, arn: &str, scope: &Scope) -> Finding {
        let shown = crate::fleet::harmless(arn);
        if arn.split(':').nth(4).is_some_and(|account| account != scope.account().as_str()) {
            return Finding::Error(format!("the role {shown} is of another account than the domain"));
        }
        let Some(roles) = self.fleet.library.roles.get(scope.account()) else {
            let why = self.why_unread(&Query::Roles(scope.account().clone()));
            return Finding::Warning(format!(
                "whether the role {shown} exists and trusts SageMaker is not known: the roles {why}"
            ));
        };
        match roles.iter().find(|role| &*role.arn == arn) {
            None => Finding::Error(format!(
                "there is no role {shown}{}",
                suggestion(arn, roles.iter().map(|role| &*role.arn))
            )),
            Some(Role { trusts_sagemaker: Some(true), .. }) => Finding::Fine,
            Some(Role { trusts_sagemaker: Some(false), name, .. }) => Finding::Error(format!(
                "the role {name} does not trust sagemaker.amazonaws.com: its trust policy must let it assume the role"
            )),
            Some(Role { trusts_sagemaker: None, name, .. }) => {
                Finding::Warning(format!("whether the role {name} trusts SageMaker could not be read"))
            }
        }
    }

    fn judge_group(&self, id: &str, scope: &Scope, vpc: Option<&str>) -> Finding {
        let shown = crate::fleet::harmless(id);
        let Some(network) = self.fleet.library.networks.get(scope) else {
            let why = self.why_unread(&Query::Network(scope.clone()));
            return Finding::Warning(format!(
                "whether the security group {shown} exists is not known: the networks {why}"
            ));
        };
        let Some(group) = network.groups.iter().find(|group| &*group.id == id) else {
            return Finding::Error(format!("there is no security group {shown} in {}", scope.region()));
        };
        match (&group.vpc, vpc) {
            (Some(own), Some(vpc)) if **own != *vpc => {
                Finding::Error(format!("the security group {shown} is in {own}, and the domain in {vpc}"))
            }
            _ => Finding::Fine,
        }
    }

    fn judge_config(&self, arn: &str, scope: &Scope, app_type: &AppType) -> Finding {
        // AWS takes `None` in place of an ARN, for none.
        if arn == "None" || self.to_be.contains(arn) {
            return Finding::Fine;
        }
        let shown = crate::fleet::harmless(arn.rsplit('/').next().unwrap_or(arn));
        if !arn.starts_with(&scope.arn("studio-lifecycle-config/")) {
            return Finding::Error(format!("the lifecycle configuration {shown} is not of {scope}"));
        }
        let Some(configs) = self.fleet.library.lifecycle_configs.get(scope) else {
            let why = self.why_unread(&Query::LifecycleConfigs(scope.clone()));
            return Finding::Warning(format!(
                "whether the lifecycle configuration {shown} exists is not known: they {why}"
            ));
        };
        match configs.iter().find(|config| &*config.arn == arn) {
            None => Finding::Error(format!(
                "there is no lifecycle configuration {shown}{}",
                suggestion(&shown, configs.iter().map(|config| config.key.name.as_str()))
            )),
            Some(config) => match &config.app_type {
                Some(own) if **own != *app_type.as_str() => Finding::Error(format!(
                    "the lifecycle configuration {shown} is for {own}, not for {app_type}"
                )),
                _ => Finding::Fine,
            },
        }
    }

    /// Why a query has no answer, as a clause: "could not be read: ...".
    fn why_unread(&self, query: &Query) -> String {
        match self.fleet.failure(query) {
            Some(problem) => could_not(problem),
            None => "were not read".to_owned(),
        }
    }
}

fn could_not(problem: &Problem) -> String {
    format!("could not be read ({problem})")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fleet::{
        Answer, LifecycleConfig, LifecycleConfigKey, Name, Network, ProblemKind, SecurityGroup, sample,
    };

    fn role(name: &str, trusts_sagemaker: Option<bool>) -> Role {
        let arn = format!("arn:aws:iam::123456789012:role/path/{name}").into();
        Role { arn, name: name.into(), trusts_sagemaker }
    }

    fn document(value: Value) -> Document {
        let Value::Object(members) = value else { panic!("{value}") };
        members
    }

    fn known() -> Fleet {
        let mut fleet = sample::fleet(vec![], vec![], vec![]);
        let scope = sample::scope();
        let roles = vec![role("Good", Some(true)), role("Bad", Some(false)), role("Dim", None)];
        fleet.absorb(&Query::Roles(scope.account().clone()), Answer::Roles(roles), sample::now());
        let group = |id: &str, vpc: &str| SecurityGroup {
            id: id.into(),
            vpc: Some(vpc.into()),
            name: None,
            description: None,
        };
        let network =
            Network { groups: vec![group("sg-1", "vpc-1"), group("sg-2", "vpc-2")], ..Network::default() };
        fleet.absorb(&Query::Network(scope.clone()), Answer::Network(Box::new(network)), sample::now());
        let key = LifecycleConfigKey { scope: scope.clone(), name: Name::new("Install") };
        let config = LifecycleConfig {
            arn: key.arn().into(),
            key,
            app_type: Some("JupyterLab".into()),
            created: None,
            modified: None,
        };
        fleet.absorb(&Query::LifecycleConfigs(scope), Answer::LifecycleConfigs(vec![config]), sample::now());
        fleet
    }

    #[test]
    fn what_is_referred_to_has_to_be_there_and_fit() {
        let fleet = known();
        let scope = sample::scope();
        let config = scope.arn("studio-lifecycle-config/Install");
        let mut references = References::new(&fleet);
        let mut check = |settings: Value| {
            let mut findings = Findings::default();
            references.check(&document(settings), &scope, Some("vpc-1"), &mut findings);
            (findings.errors.join("\n"), findings.warnings.join("\n"))
        };
        let arn = |name: &str| format!("arn:aws:iam::123456789012:role/path/{name}");
        let fine = json!({
            "ExecutionRole": arn("Good"), "SecurityGroups": ["sg-1"],
            "JupyterLabAppSettings": { "LifecycleConfigArns": [config] }
        });
        assert_eq!(check(fine), Default::default());
        assert!(
            check(json!({ "ExecutionRole": arn("Bad") }))
                .0
                .contains("does not trust sagemaker.amazonaws.com")
        );
        assert!(check(json!({ "ExecutionRole": arn("Dim") })).1.contains("could not be read"));
        assert!(check(json!({ "ExecutionRole": arn("Goud") })).0.contains("did you mean"));
        assert!(check(json!({ "ExecutionRole": "arn:aws:iam::9:role/x" })).0.contains("another account"));
        assert!(
            check(json!({ "SecurityGroups": ["sg-2"] })).0.contains("is in vpc-2, and the domain in vpc-1")
        );
        assert!(check(json!({ "SecurityGroups": ["sg-3"] })).0.contains("there is no security group sg-3"));
        let editor =
            json!({ "CodeEditorAppSettings": { "DefaultResourceSpec": { "LifecycleConfigArn": config } } });
        assert!(check(editor).0.contains("is for JupyterLab, not for CodeEditor"));
        let mut findings = Findings::default();
        let edit = UserEdit {
            role: Some("Good".into()),
            lifecycle: [(AppType::JupyterLab, LifecycleEdit::attach(vec!["Install".into()]))].into(),
            ..UserEdit::default()
        };
        let resolved = References::new(&fleet).resolved(&edit, &scope, &mut findings);
        assert_eq!(resolved.role.as_deref(), Some(&*arn("Good")));
        assert_eq!(resolved.lifecycle[&AppType::JupyterLab].default.as_deref(), Some(&*config));
    }

    #[test]
    fn what_could_not_be_read_is_a_warning_and_a_name_alone_an_error() {
        let mut fleet = sample::fleet(vec![], vec![], vec![]);
        let scope = sample::scope();
        let problem = Problem::new(ProblemKind::AccessDenied, "not allowed", "");
        fleet.fail(&Query::Roles(scope.account().clone()), problem);
        let mut findings = Findings::default();
        let mut references = References::new(&fleet);
        let settings =
            json!({ "ExecutionRole": "arn:aws:iam::123456789012:role/x", "SecurityGroups": ["sg-1"] });
        references.check(&document(settings), &scope, None, &mut findings);
        assert_eq!(findings.errors, [""; 0]);
        assert!(findings.warnings[0].contains("could not be read (not allowed)"), "{findings:?}");
        assert!(findings.warnings[1].contains("were not read"), "{findings:?}");
        let edit = UserEdit { role: Some("Good".into()), ..UserEdit::default() };
        references.resolved(&edit, &scope, &mut findings);
        assert!(findings.errors[0].contains("give its ARN"));
    }
}
