//! The TOML file that describes a domain to be created: the keys of a domain, and with them those of a template
//! for what its users inherit. Every error has its place in the file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::{Spanned, Value};

use super::config::{ConfigError, Place};
use super::failure::Failure;
use super::file::{self, Sort};
use crate::fleet::{
    AuthMode, Document, NetworkAccess, NewDomain, Scope, SharingOutput, Template, UserEdit, suggestion,
};

const DESCRIPTION: Sort = Sort { what: "description of a domain", largest: 1 << 20 };
/// The keys of a domain; all others are those of a template.
const KEYS: [&str; 12] = [
    "name",
    "auth_mode",
    "network",
    "vpc",
    "subnets",
    "kms_key",
    "space_role",
    "space_security_groups",
    "share_output",
    "share_s3_path",
    "share_kms_key",
    "members",
];
/// Those that have to be there.
const REQUIRED: [&str; 5] = ["name", "auth_mode", "network", "vpc", "subnets"];

/// A domain as a file describes it; where it is made is said elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Described(NewDomain);

impl Described {
    /// The domain, made there.
    pub(super) fn in_scope(self, scope: Scope) -> NewDomain {
        NewDomain { scope, ..self.0 }
    }
}

/// Reads the file.
///
/// # Errors
///
/// If it cannot be read, or what is wrong in it, with line and column.
pub(super) fn read(path: &Path) -> Result<Described, Failure> {
    let text = file::text(path, DESCRIPTION)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    Ok(parse(path, &text)?)
}

type Wrong = (Range<usize>, String);
type Members = BTreeMap<String, (Range<usize>, Spanned<Value>)>;

fn parse(path: &Path, text: &str) -> Result<Described, ConfigError> {
    let wrong = |(span, message): Wrong| ConfigError {
        file: path.to_owned(),
        place: Some(Place::new(text, span)),
        message,
    };
    let table: BTreeMap<Spanned<String>, Spanned<Value>> = toml::from_str(text)
        .map_err(|error| wrong((error.span().unwrap_or(0..0), error.message().trim().to_owned())))?;
    let mut members = Members::new();
    let mut rest = text.as_bytes().to_vec();
    for (key, value) in table {
        let span = key.span();
        let name = key.into_inner();
        if !KEYS.contains(&name.as_str()) {
            continue;
        }
        if text[..span.start].trim_end_matches([' ', '"', '\'']).ends_with(['[', '.']) {
            let message = format!("write `{name} = ...` at the beginning of the file, and not as a table");
            return Err(wrong((span, message)));
        }
        // What is of the template keeps its place.
        for byte in &mut rest[span.start..value.span().end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        members.insert(name, (span, value));
    }
    let rest = String::from_utf8_lossy(&rest);
    // A quote of the key or what else stands before it is no text that a template would understand.
    let template = Template::parse("domain.toml", &rest).map_err(|error| {
        let line = text.split_inclusive('\n').take(error.line - 1).map(str::len).sum::<usize>();
        let within = text[line..].chars().take(error.column - 1).map(char::len_utf8).sum::<usize>();
        let at = line + within;
        let unknown =
            text[at..].split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        let hint = suggestion(unknown, KEYS);
        let message = if error.message.contains("did you mean") {
            error.message
        } else if hint.is_empty() {
            error.message.replace("; there are ", &format!("; there are {}, ", KEYS.join(", ")))
        } else {
            format!("{}{hint}", error.message)
        };
        wrong((at..at + unknown.len(), message))
    })?;
    domain(&mut members, template).map(Described).map_err(wrong)
}

fn domain(members: &mut Members, template: Template) -> Result<NewDomain, Wrong> {
    for name in REQUIRED {
        if !members.contains_key(name) {
            return Err((0..0, format!("`{name}` is missing; a domain takes {}", REQUIRED.join(", "))));
        }
    }
    let auth_mode = known(members, "auth_mode", AuthMode::KNOWN, AuthMode::as_str)?;
    let network = known(members, "network", NetworkAccess::KNOWN, NetworkAccess::as_str)?;
    let sharing = SharingOutput {
        allowed: match members.get("share_output") {
            None => false,
            Some((_, value)) => value
                .get_ref()
                .as_bool()
                .ok_or_else(|| (value.span(), "`share_output` is true or false".to_owned()))?,
        },
        s3_path: text(members, "share_s3_path")?,
        kms_key: text(members, "share_kms_key")?,
    };
    let shares = ["share_output", "share_s3_path", "share_kms_key"];
    let is_shared = shares.iter().any(|name| members.contains_key(*name));
    let new = NewDomain {
        // Said by whoever makes it.
        scope: Scope::new(crate::fleet::AccountId::new(""), crate::fleet::Region::new("")),
        name: text(members, "name")?.unwrap_or_default(),
        auth_mode,
        network,
        vpc: text(members, "vpc")?.unwrap_or_default(),
        subnets: texts(members, "subnets")?.unwrap_or_default(),
        kms_key: text(members, "kms_key")?,
        user_defaults: template.edit,
        space_defaults: UserEdit {
            role: text(members, "space_role")?,
            security_groups: texts(members, "space_security_groups")?,
            ..UserEdit::default()
        },
        sharing: is_shared.then_some(sharing),
        tags: template.tags,
        members: document(members)?,
    };
    match new.flaws().into_iter().next() {
        None => Ok(new),
        Some((field, flaw)) => {
            let span = members.get(field).map_or(0..0, |(_, value)| value.span());
            Err((span, flaw))
        }
    }
}

fn text(members: &Members, name: &str) -> Result<Option<Arc<str>>, Wrong> {
    let Some((_, value)) = members.get(name) else { return Ok(None) };
    match value.get_ref() {
        Value::String(text) => Ok(Some(Arc::from(text.as_str()))),
        _ => Err((value.span(), format!("`{name}` is a text in quotes"))),
    }
}

fn texts(members: &Members, name: &str) -> Result<Option<Vec<Arc<str>>>, Wrong> {
    let Some((_, value)) = members.get(name) else { return Ok(None) };
    let list = value.get_ref().as_array().and_then(|list| {
        list.iter().map(|item| item.as_str().map(Arc::from)).collect::<Option<Vec<Arc<str>>>>()
    });
    match list {
        Some(list) => Ok(Some(list)),
        None => Err((value.span(), format!("`{name}` is a list of texts: [\"...\", \"...\"]"))),
    }
}

/// A value among those that are known.
fn known<T: Clone>(
    members: &Members,
    name: &str,
    all: &[T],
    spelled: impl Fn(&T) -> &str,
) -> Result<T, Wrong> {
    let given = text(members, name)?.unwrap_or_default();
    all.iter().find(|one| spelled(one) == &*given).cloned().ok_or_else(|| {
        let span = members.get(name).map_or(0..0, |(_, value)| value.span());
        let names: Vec<&str> = all.iter().map(&spelled).collect();
        let hint = suggestion(&given, names.iter().copied());
        (span, format!("`{name}` is one of {}, not `{given}`{hint}", names.join(", ")))
    })
}

fn document(members: &Members) -> Result<Document, Wrong> {
    let Some((_, value)) = members.get("members") else { return Ok(Document::new()) };
    match serde_json::to_value(value.get_ref()) {
        Ok(serde_json::Value::Object(document)) => Ok(document),
        _ => Err((value.span(), "`members` is a table in one line: { Name = value }".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = \"lab\"\nauth_mode = \"IAM\"\nnetwork = \"VpcOnly\"\nvpc = \"vpc-0a1b2c3d\"\n\
                        subnets = [\"subnet-0a1b2c3d\"]\nrole = \"arn:aws:iam::123456789012:role/Science\"\n\
                        share_output = true\nshare_s3_path = \"s3://bucket/shared\"\n[tags]\nteam = \"nlp\"\n";

    fn parsed(text: &str) -> Result<NewDomain, String> {
        let scope = Scope::new(crate::fleet::AccountId::new("1"), crate::fleet::Region::new("eu-west-1"));
        parse(Path::new("lab.toml"), text)
            .map(|described| described.in_scope(scope))
            .map_err(|error| error.headline())
    }

    #[test]
    fn a_file_has_the_keys_of_a_domain_and_of_a_template() {
        let new = parsed(GOOD).unwrap();
        assert_eq!((&*new.name, &new.auth_mode, new.subnets.len()), ("lab", &AuthMode::Iam, 1));
        assert_eq!(new.user_defaults.role.as_deref(), Some("arn:aws:iam::123456789012:role/Science"));
        assert_eq!((&*new.tags[0].key, &*new.tags[0].value), ("team", "nlp"));
        assert!(new.sharing.is_some_and(|sharing| sharing.allowed && sharing.s3_path.is_some()));
        let members = GOOD.replace("[tags]", "members = { TagPropagation = \"ENABLED\" }\n[tags]");
        assert_eq!(parsed(&members).unwrap().members["TagPropagation"], "ENABLED");
    }

    #[test]
    fn what_is_wrong_is_named_with_line_and_column() {
        for (from, to, told) in [
            ("auth_mode = \"IAM\"", "auth_mode = \"IAMM\"", "lab.toml:2:13: `auth_mode` is one of IAM, SSO"),
            ("role =", "rol =", "lab.toml:6:1: "),
            ("role =", "zzzzzz =", "unknown key `zzzzzz`; there are name, auth_mode, "),
            ("vpc = \"vpc-0a1b2c3d\"", "vpc = 3", "lab.toml:4:7: `vpc` is a text in quotes"),
            ("vpc = \"vpc-0a1b2c3d\"\n", "", "`vpc` is missing"),
            ("[\"subnet-0a1b2c3d\"]", "\"subnet-0a1b2c3d\"", "lab.toml:5:11: `subnets` is a list of texts"),
            ("name = \"lab\"", "name = \"a lab\"", "lab.toml:1:8: "),
            ("name = \"lab\"", "name = \"lab", "lab.toml:1:"),
            ("network =", "netwrk =", "did you mean `network`?"),
        ] {
            let error = parsed(&GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(told), "{told}\nin\n{error}");
        }
    }
}
