//! Execution roles: `iam:ListRoles`, and whether `SageMaker` may assume them.

use serde_json::Value;

use super::caller::{Caller, PATIENCE};
use super::walk::{Sheet, all};
use crate::fleet::{Problem, Role, harmless};

/// The most that IAM gives in a page. Source: IAM API reference, `ListRoles`.
const PAGE_ROWS: i32 = 1000;

/// All roles of an account, sorted by name.
pub(super) async fn roles(client: &aws_sdk_iam::Client, caller: &Caller) -> Result<Vec<Role>, Problem> {
    let mut roles = all(|marker| async move {
        let list = || client.list_roles().max_items(PAGE_ROWS).set_marker(marker.clone()).send();
        let page = caller.call("ListRoles", PATIENCE, list).await?;
        let rows = page.roles().iter().map(|role| {
            let is_named = !role.arn().is_empty() && !role.role_name().is_empty();
            is_named.then(|| Role {
                arn: harmless(role.arn()),
                name: harmless(role.role_name()),
                trusts_sagemaker: role.assume_role_policy_document().and_then(trusts_sagemaker),
            })
        });
        Ok(Sheet::new(rows, page.marker.clone().filter(|_| page.is_truncated())))
    })
    .await?;
    roles.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(roles)
}

/// Whether a trust policy, percent-encoded as IAM sends it, lets `SageMaker` assume its role; `None` if it
/// cannot be read. Conditions are not judged: those that are usual here (`aws:SourceAccount`) hold.
fn trusts_sagemaker(document: &str) -> Option<bool> {
    let policy: Value = serde_json::from_str(&percent_decoded(document)).ok()?;
    let statements = one_or_many(policy.get("Statement")?);
    Some(statements.iter().any(|statement| {
        let is = |member: &str, wanted: &[&str]| {
            let said = statement.get(member).map(one_or_many).unwrap_or_default();
            said.iter()
                .filter_map(|said| said.as_str())
                .any(|said| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(said)))
        };
        let principal = statement.get("Principal");
        let services = principal.and_then(|principal| principal.get("Service")).map(one_or_many);
        let is_sagemaker = |service: &&Value| service.as_str() == Some("sagemaker.amazonaws.com");
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && is("Action", &["sts:AssumeRole", "sts:*", "*"])
            && services.unwrap_or_default().iter().any(is_sagemaker)
    }))
}

/// What may stand in a policy as itself or in a list.
fn one_or_many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        other => vec![other],
    }
}

/// Text encoded after RFC 3986, where a plus sign is a plus sign.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let digit = |offset: usize| char::from(*bytes.get(at + offset)?).to_digit(16);
        if let (b'%', Some(high), Some(low)) = (byte, digit(1), digit(2)) {
            // Two hexadecimal digits are a byte.
            out.push((high * 16 + low) as u8);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(statement: &str) -> Option<bool> {
        trusts_sagemaker(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#))
    }

    #[test]
    fn a_trust_policy_comes_percent_encoded() {
        let document = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22\
                        %3A%22sagemaker.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
        assert_eq!(trusts_sagemaker(document), Some(true));
        assert_eq!(percent_decoded("a+b%2Bc%C3%BC%zz%"), "a+b+cü%zz%");
    }

    #[test]
    fn sagemaker_is_trusted_where_one_statement_says_so() {
        let service = r#"{"Service":"sagemaker.amazonaws.com"}"#;
        let services = r#"{"AWS":"*","Service":["ec2.amazonaws.com","sagemaker.amazonaws.com"]}"#;
        for (effect, principal, action, expected) in [
            ("Allow", service, r#""sts:AssumeRole""#, true),
            ("Allow", services, r#"["sts:SetSourceIdentity","sts:assumerole"]"#, true),
            ("Allow", service, r#""sts:*""#, true),
            ("Allow", service, r#""sts:TagSession""#, false),
            ("Deny", service, r#""sts:AssumeRole""#, false),
            ("Allow", r#"{"Service":"ec2.amazonaws.com"}"#, r#""sts:AssumeRole""#, false),
            ("Allow", r#"{"AWS":"sagemaker.amazonaws.com"}"#, r#""sts:AssumeRole""#, false),
            ("Allow", r#""*""#, r#""sts:AssumeRole""#, false),
        ] {
            let statement = format!(r#"{{"Effect":"{effect}","Principal":{principal},"Action":{action}}}"#);
            assert_eq!(policy(&statement), Some(expected), "{statement}");
            assert_eq!(policy(&format!("[{{}},{statement}]")), Some(expected), "{statement}");
        }
    }

    #[test]
    fn a_policy_that_cannot_be_read_says_nothing() {
        assert_eq!(trusts_sagemaker("%7B"), None);
        assert_eq!(trusts_sagemaker("{}"), None);
        assert_eq!(policy("[]"), Some(false));
    }
}
