//! What a request may not exceed or lack: quotas, and roles that the service may act in.

use serde_json::Value;

use crate::sim::context::Context;
use crate::sim::wire::Refusal;
use crate::sim::world::Region;

/// Refuses one more of something of which there are `used`, if a quota says so. `unit` is its plural.
pub(super) fn refuse_beyond(
    context: &Context<'_>,
    quota: &str,
    unit: &str,
    used: impl FnOnce(&Region) -> usize,
) -> Result<(), Refusal> {
    let scope = context.call.scope;
    let Some(most) = context.world.limit(scope, quota) else { return Ok(()) };
    let used = context.world.region(scope).map_or(0, used);
    if used < most { Ok(()) } else { Err(exceeded(quota, most, unit, used)) }
}

fn exceeded(quota: &str, most: usize, unit: &str, used: usize) -> Refusal {
    Refusal::new(
        "ResourceLimitExceeded",
        format!(
            "The account-level service limit '{quota}' is {most} {unit}, with current utilization of {used} {unit} \
             and a request delta of 1 {unit}. Please use AWS Service Quotas to request an increase for this quota. \
             If AWS Service Quotas is not available, contact AWS support to request an increase for this quota."
        ),
    )
}

/// Refuses settings with an execution role that is not of this account, does not exist, does not trust
/// `SageMaker`, or may not be passed by the caller (aws.md 2.3).
pub(super) fn refuse_unusable_roles(context: &Context<'_>, settings: &Value) -> Result<(), Refusal> {
    let mut roles = Vec::new();
    collect_roles(settings, &mut roles);
    let scope = context.call.scope;
    for arn in roles {
        if !arn.contains(&format!("::{}:role/", scope.account)) {
            return Err(Refusal::validation("Cross-account pass role is not allowed."));
        }
        if context.world.is_denied("iam:PassRole", scope) {
            return Err(Refusal::new(
                "AccessDeniedException",
                format!(
                    "User: {} is not authorized to perform: iam:PassRole on resource: {arn} because no \
                     identity-based policy allows the iam:PassRole action",
                    context.call.principal
                ),
            ));
        }
        let name = arn.rsplit('/').next().unwrap_or_default();
        let iam = context.world.accounts.get(&scope.account).map(|account| &account.iam);
        let role = iam.and_then(|iam| iam.roles.get(name)).filter(|role| role.arn(&scope.account) == arn);
        if !role.is_some_and(|role| trusts_the_service(&role.trust)) {
            return Err(Refusal::validation(format!(
                "Could not assume role {arn}. Please ensure that the role exists and allows principal \
                 'sagemaker.amazonaws.com' to assume the role."
            )));
        }
    }
    Ok(())
}

fn collect_roles<'v>(settings: &'v Value, roles: &mut Vec<&'v str>) {
    for member in ["ExecutionRole", "DomainExecutionRoleArn"] {
        roles.extend(settings.get(member).and_then(Value::as_str));
    }
    for member in ["RStudioServerProDomainSettings", "RStudioServerProDomainSettingsForUpdate"] {
        if let Some(inner) = settings.get(member) {
            collect_roles(inner, roles);
        }
    }
}

/// Whether a trust policy lets `SageMaker` assume the role.
fn trusts_the_service(document: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(document) else { return false };
    let many = |value: &Value| match value {
        Value::Array(values) => values.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let is_allowed = |action: &Value| matches!(action.as_str(), Some("*" | "sts:*" | "sts:AssumeRole"));
    many(&document["Statement"]).iter().any(|statement| {
        statement["Effect"] == "Allow"
            && many(&statement["Action"]).iter().any(is_allowed)
            && many(&statement["Principal"]["Service"])
                .iter()
                .any(|service| service == "sagemaker.amazonaws.com")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_policy_may_be_written_with_one_value_or_many() {
        let trust = |principal: &str, action: &str, effect: &str| {
            format!(r#"{{"Statement":[{{"Effect":"{effect}","Principal":{principal},"Action":{action}}}]}}"#)
        };
        let service = r#"{"Service":"sagemaker.amazonaws.com"}"#;
        let services = r#"{"Service":["lambda.amazonaws.com","sagemaker.amazonaws.com"]}"#;
        assert!(trusts_the_service(&trust(service, r#""sts:AssumeRole""#, "Allow")));
        assert!(trusts_the_service(&trust(
            services,
            r#"["sts:AssumeRole","sts:SetSourceIdentity"]"#,
            "Allow"
        )));
        assert!(!trusts_the_service(&trust(service, r#""sts:AssumeRole""#, "Deny")));
        assert!(!trusts_the_service(&trust(r#"{"AWS":"123456789012"}"#, r#""sts:AssumeRole""#, "Allow")));
        assert!(!trusts_the_service("{"));
    }
}
