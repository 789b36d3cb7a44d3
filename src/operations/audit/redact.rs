//! Takes secrets out of what is about to be kept: by the name of a member, and by what a text looks like. Knows
//! no file.

use serde_json::Value;

/// What stands where a secret was.
const REMOVED: &str = "[removed]";

/// Parts of names of members whose values are secret: in lower case, without anything but letters and digits.
const SECRET_NAMES: &[&str] = &[
    "authorizedurl",
    "presignedurl",
    "secretaccesskey",
    "secretkey",
    "clientsecret",
    "sessiontoken",
    "securitytoken",
    "password",
    "passphrase",
    "privatekey",
];

/// Parts of texts that stand only in links, headers and settings that let whoever holds them in, in lower case:
/// AWS's signatures and keys, and the token in a Studio sign-in link.
const SECRET_MARKS: &[&str] = &[
    "x-amz-",
    "?token=",
    "&token=",
    "awsaccesskeyid=",
    "signature=",
    "aws4-hmac-sha256",
    "secretaccesskey",
    "sessiontoken",
    "aws_secret_access_key",
    "aws_session_token",
];

/// How a JSON Web Token begins: `{"`, in base64.
const WEB_TOKEN: &str = "eyJ";

/// The same document without secrets.
pub(in crate::operations) fn redacted(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let value = if is_secret(&name) && !value.is_null() {
                        Value::from(REMOVED)
                    } else {
                        redacted(value)
                    };
                    (redacted_text(&name), value)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(redacted).collect()),
        Value::String(text) => Value::String(redacted_text(&text)),
        plain => plain,
    }
}

/// The same text with each run of characters that holds a secret taken out.
///
/// A run goes up to a blank or quote, so that of a link with a signature nothing stays. Where it is only the name
/// of a secret, the value after it goes too: `X-Amz-Security-Token: SECRET`, `"SecretAccessKey":"SECRET"`.
pub(in crate::operations) fn redacted_text(text: &str) -> String {
    if !has_mark(text) {
        return text.to_owned();
    }
    let ends_run = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`');
    let mut out = String::with_capacity(text.len());
    let mut last = Last::Plain;
    for piece in text.split_inclusive(ends_run) {
        let run = piece.strip_suffix(ends_run).unwrap_or(piece);
        if has_mark(run) {
            out.push_str(REMOVED);
            last = if run.ends_with([':', '=']) { Last::Joint } else { Last::Name };
        } else if run.is_empty() {
            // Blanks and quotes stand between a name and its value.
        } else if last != Last::Plain && run.chars().all(|c| matches!(c, ':' | '=' | '\\')) {
            out.push_str(run);
            last = if run.contains([':', '=']) { Last::Joint } else { last };
        } else if last == Last::Joint {
            out.push_str(REMOVED);
            last = Last::Plain;
        } else {
            out.push_str(run);
            last = Last::Plain;
        }
        out.push_str(&piece[run.len()..]);
    }
    out
}

/// What the run before was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Plain,
    /// The name of a secret, or the whole of one.
    Name,
    /// What joins a name with its value, which comes next.
    Joint,
}

fn has_mark(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    SECRET_MARKS.iter().any(|mark| lower.contains(mark)) || text.contains(WEB_TOKEN)
}

fn is_secret(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRET_NAMES.iter().any(|secret| plain.contains(secret))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Stands for every secret; wherever it survives, one would.
    const CANARY: &str = "CANARY7f3a";

    #[test]
    fn secrets_are_removed_by_the_name_of_their_member_at_any_depth() {
        for name in [
            "AuthorizedUrl",
            "authorized_url",
            "SecretAccessKey",
            "SessionToken",
            "AWS_SESSION_TOKEN",
            "Password",
            "MasterUserPassword",
            "PresignedUrl",
        ] {
            let document = json!({ "Keep": 1, "Deep": [{ name: CANARY }, { name: { "Inner": [CANARY] } }] });
            let text = redacted(document).to_string();
            assert!(!text.contains(CANARY) && text.contains("\"Keep\":1"), "{name}: {text}");
        }
    }

    #[test]
    fn secrets_are_removed_from_text_by_what_they_look_like() {
        let link = format!("https://d-1.studio.eu-west-1.sagemaker.aws/auth?token=eyJ{CANARY}");
        let signed = format!("https://b.s3.amazonaws.com/{CANARY}?X-Amz-Signature={CANARY}&x-amz-date=1");
        for text in [
            link.clone(),
            format!("open {link}, please"),
            signed.clone(),
            format!("<a href=\"{signed}\">"),
            format!("X-Amz-Security-Token: {CANARY}"),
            format!("x-amz-security-token = '{CANARY}'"),
            format!("{{\"SecretAccessKey\":\"{CANARY}\"}}"),
            format!("{{\\\"SessionToken\\\" : \\\"{CANARY}\\\"}}"),
            format!("aws_secret_access_key={CANARY}"),
            format!("Authorization: AWS4-HMAC-SHA256 Credential=a, Signature={CANARY}"),
            format!("Bearer eyJ{CANARY}.{CANARY}.{CANARY}"),
        ] {
            let clean = redacted_text(&text);
            assert!(!clean.contains(CANARY) && clean.contains(REMOVED), "{text} -> {clean}");
            let nested = redacted(json!({ "Message": [text.clone()] })).to_string();
            assert!(!nested.contains(CANARY), "{text} -> {nested}");
            let as_name = redacted(json!({ text.clone(): 1 })).to_string();
            assert!(!as_name.contains(CANARY), "{text} -> {as_name}");
        }
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        for text in [
            "arn:aws:iam::111122223333:role/Studio",
            "s3://bucket/key?versionId=1",
            "The password policy of the account was not met",
            "monkeyjar NextToken",
            "https://docs.aws.amazon.com/sagemaker/latest/dg/x.html#token",
        ] {
            assert_eq!(redacted_text(text), text);
        }
        let document = json!({ "NextToken": "a", "ClientToken": "b", "KmsKeyId": "c", "Password": null });
        assert_eq!(redacted(document.clone()), document);
    }

    #[test]
    fn what_stands_around_a_secret_stays() {
        assert_eq!(
            redacted_text("denied: x-amz-signature=1 for role 'a'  twice"),
            "denied: [removed] for role 'a'  twice"
        );
    }
}
