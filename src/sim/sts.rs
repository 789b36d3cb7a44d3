//! STS: who is calling, and sessions of other roles. Knows IAM's roles and no JSON service.

use serde_json::Value;

use super::clock::{Millis, SECOND};
use super::iam::{Role, Session};
use super::query::{Input, fingerprint, instant, unique_id, validation_error};
use super::wire::{Call, Form, Refusal, Xml, XmlReply};
use super::world::{Name, World};

/// The longest session of a role that another role's session assumed, in seconds.
const LONGEST_CHAINED: u32 = 3_600;

/// Answers an STS operation.
pub(super) fn answer(world: &mut World, call: &Call<'_>, form: &Form) -> XmlReply {
    match call.operation {
        "AssumeRole" => assume_role(world, call, Input::new(form)),
        "GetCallerIdentity" => Ok(caller_identity(world, call)),
        _ => Err(Refusal::unknown_operation(call)),
    }
    .map(Some)
}

/// The session that `AssumeRole` opened for an access key id, also one that has ended.
pub(super) fn session<'w>(world: &'w World, account: &str, access_key: &str) -> Option<&'w Session> {
    world.accounts.get(account)?.iam.sessions.get(access_key)
}

fn caller_identity(world: &World, call: &Call<'_>) -> Xml {
    let account = &*call.scope.account;
    let id = match session(world, account, call.access_key) {
        Some(session) => session.id.to_string(),
        None => id_of(account, call.principal),
    };
    Xml::new().text("Arn", call.principal).text("UserId", &id).text("Account", account)
}

/// `UserId` of a principal: `<role id>:<session>` for a role's session, else the id of a user.
fn id_of(account: &str, principal: &str) -> String {
    let mut parts = principal.split('/').skip(1);
    match (principal.contains(":assumed-role/"), parts.next(), parts.next()) {
        (true, Some(role), Some(session)) => format!("{}:{session}", unique_id("AROA", &[account, role])),
        (_, name, _) => unique_id("AIDA", &[account, name.unwrap_or_default()]),
    }
}

fn assume_role(world: &mut World, call: &Call<'_>, input: Input<'_>) -> Result<Xml, Refusal> {
    let arn = input.required("RoleArn", 20..=2_048)?;
    let name = input.required("RoleSessionName", 2..=64)?;
    if !name.chars().all(|character| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character)) {
        return Err(validation_error(format!(
            "1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: Member \
             must satisfy regular expression pattern: [\\w+=,.@-]*"
        )));
    }
    let seconds = input.number("DurationSeconds", 900..=43_200)?.unwrap_or(3_600);
    let external_id = input.text("ExternalId", 2..=1_224)?;
    let (account, role) = target(arn).ok_or_else(|| validation_error(format!("{arn} is invalid")))?;

    let found = world.accounts.get(account).and_then(|account| account.iam.roles.get(role));
    let trusting = found.filter(|found| found.arn(account) == arn && trusts(found, call, external_id));
    let Some(role) = trusting else {
        return Err(Refusal::new(
            "AccessDenied",
            format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
                call.principal
            ),
        )
        .with_status(403));
    };
    if call.principal.contains(":assumed-role/") && seconds > LONGEST_CHAINED {
        return Err(validation_error(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    if seconds > role.max_session_seconds {
        return Err(validation_error(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let session = Session {
        arn: format!("arn:aws:sts::{account}:assumed-role/{}/{name}", role.name).into(),
        id: format!("{}:{name}", role.id(account)).into(),
        expires: call.now + Millis::from(seconds) * SECOND,
    };
    let account = account.to_owned();
    let key = access_key(&account, world.next_serial());
    let answer = Xml::new()
        .element("AssumedRoleUser", Xml::new().text("AssumedRoleId", &session.id).text("Arn", &session.arn))
        .element(
            "Credentials",
            Xml::new()
                .text("AccessKeyId", &key)
                .text("SecretAccessKey", &secret(&key, 40))
                .text("SessionToken", &secret(&session.id, 240))
                .text("Expiration", &instant(session.expires)),
        );
    world.account_mut(&account).iam.sessions.insert(key, session);
    Ok(answer)
}

/// The account and the name in a role's ARN.
fn target(arn: &str) -> Option<(&str, &str)> {
    let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    Some((account, path.rsplit('/').next()?))
}

/// Whether a role's trust policy lets the caller assume it.
fn trusts(role: &Role, call: &Call<'_>, external_id: Option<&str>) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(&role.trust) else { return false };
    let account = &*call.scope.account;
    let role_of_caller =
        call.principal.split('/').nth(1).map(|name| format!("arn:aws:iam::{account}:role/{name}"));
    one_or_many(&document["Statement"]).into_iter().any(|statement| {
        let named =
            one_or_many(&statement["Principal"]["AWS"]).into_iter().filter_map(Value::as_str).any(|who| {
                who == "*"
                    || who == account
                    || who == call.principal
                    || who.strip_prefix("arn:aws:iam::").and_then(|tail| tail.strip_suffix(":root"))
                        == Some(account)
                    || role_of_caller.as_deref() == Some(who)
            });
        let wanted = statement["Condition"]["StringEquals"]["sts:ExternalId"].as_str();
        statement["Effect"] == "Allow" && named && wanted.is_none_or(|wanted| external_id == Some(wanted))
    })
}

/// A policy's element that may be one value or a list of them.
fn one_or_many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(many) => many.iter().collect(),
        one => vec![one],
    }
}

/// An access key id of 20 characters that holds its account, as callers are told apart by it.
fn access_key(account: &str, serial: u64) -> Name {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let tail = (0..4).map(|index| char::from(ALPHABET[(serial >> (index * 5)) as usize % 32]));
    "ASIA".chars().chain(account.chars()).chain(tail).collect::<String>().into()
}

/// A secret or token of a length. Nothing checks it: requests are not verified.
fn secret(of: &str, length: usize) -> String {
    let mut text = String::new();
    let mut round = 0_u64;
    while text.len() < length {
        let bits = fingerprint(&[of, &round.to_string()]);
        text.push_str(&aws_smithy_types::base64::encode(bits.to_le_bytes()).replace('=', ""));
        round += 1;
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::wire::Service;
    use crate::sim::world::Scope;

    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole",
        "Condition":{"StringEquals":{"sts:ExternalId":"sagedeck"}}}]}"#;
    const ARN: &str = "arn:aws:iam::210987654321:role/ml/CrossAccount";

    fn world() -> World {
        let mut world = World::new("123456789012", 1_700_000_000_000);
        let role = Role::new("CrossAccount", "/ml/", TRUST, 0);
        world.account_mut("210987654321").iam.roles.insert(role.name.clone(), role);
        world
    }

    fn ask(world: &mut World, principal: &str, pairs: &[(&str, &str)]) -> Result<String, Refusal> {
        let scope = Scope::new("123456789012", "us-east-1");
        let call = Call {
            service: Service::Sts,
            operation: "AssumeRole",
            scope: &scope,
            access_key: "AKIAIOSFODNN7EXAMPLE",
            principal,
            now: world.now(),
            fate: crate::sim::wire::Fate::Usual,
        };
        let form: Form = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        answer(world, &call, &form).map(|xml| xml.unwrap_or_default().into_string())
    }

    const USER: &str = "arn:aws:iam::123456789012:user/anna";
    const GOOD: [(&str, &str); 3] =
        [("RoleArn", ARN), ("RoleSessionName", "anna"), ("ExternalId", "sagedeck")];

    #[test]
    fn a_trusted_caller_gets_a_session_that_names_its_account() {
        let mut world = world();
        let answer = ask(&mut world, USER, &GOOD).unwrap();
        let key = answer.split("<AccessKeyId>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert!(key.len() == 20 && key.contains("210987654321"), "{key}");
        let session = session(&world, "210987654321", &key).unwrap();
        assert_eq!(&*session.arn, "arn:aws:sts::210987654321:assumed-role/CrossAccount/anna");
        assert_eq!(session.expires, world.now() + 3_600 * SECOND);
        assert!(answer.contains("<Expiration>2023-11-14T23:13:20Z</Expiration>"), "{answer}");
    }

    #[test]
    fn without_the_external_id_or_for_a_role_that_is_not_there_access_is_denied() {
        let mut world = world();
        for pairs in [&GOOD[..2], &[("RoleArn", "arn:aws:iam::210987654321:role/Nobody"), GOOD[1], GOOD[2]]] {
            let refusal = ask(&mut world, USER, pairs).unwrap_err();
            assert_eq!((refusal.status, &*refusal.code), (403, "AccessDenied"));
            assert!(refusal.message.starts_with(&format!("User: {USER} is not authorized")));
        }
    }

    #[test]
    fn a_chained_session_lasts_an_hour_at_most() {
        let mut world = world();
        let long = [GOOD[0], GOOD[1], GOOD[2], ("DurationSeconds", "3601")];
        let chained = "arn:aws:sts::123456789012:assumed-role/MLAdmin/anna";
        assert!(ask(&mut world, chained, &long).unwrap_err().message.contains("role chaining"));
        assert!(ask(&mut world, USER, &long).unwrap_err().message.contains("MaxSessionDuration"));
    }
}
