//! AWS's own rules for names and values, so that what AWS would refuse is named while it is typed, with its place.
//! Source of every length and pattern: the SageMaker API model (`UserProfileName`, `RoleArn`, `TagKey` ...).

use std::fmt;

/// Least and greatest size of a space's volume, in GB (`EbsVolumeSizeInGb`).
pub const EBS_GB: (u32, u32) = (5, 16_384);
/// Least and greatest idle timeout, in minutes (`IdleTimeoutInMinutes`).
pub const IDLE_MINUTES: (u32, u32) = (60, 525_600);
/// The most subnets a domain can have (`Subnets`).
pub const MOST_SUBNETS: usize = 16;
/// The most security groups settings can name (`UserSettings.SecurityGroups`); AWS adds one of its own for the
/// home file system, so that one fewer is safe.
pub const MOST_GROUPS: usize = 5;
/// The most tags an object can have (`TagList`).
pub const MOST_TAGS: usize = 50;
/// The greatest length of a lifecycle configuration's script once it is encoded in base64
/// (`StudioLifecycleConfigContent`).
pub const SCRIPT_LENGTH: usize = 16_384;

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The character that is wrong, counted from 0; `None` where it is the value as a whole.
    pub at: Option<usize>,
    /// What is wrong and what would be right, as a clause: "a user profile's name ...".
    pub message: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The kinds of value AWS has a rule for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// `DomainName`.
    DomainName,
    /// `UserProfileName`.
    UserProfileName,
    /// `SpaceName`.
    SpaceName,
    /// `StudioLifecycleConfigName`.
    LifecycleConfigName,
    /// `SpaceDisplayName`.
    DisplayName,
    /// `TagKey`.
    TagKey,
    /// `TagValue`.
    TagValue,
    /// `RoleArn`.
    RoleArn,
    /// `SecurityGroupId`.
    SecurityGroup,
    /// `SubnetId`.
    Subnet,
    /// `VpcId`.
    Vpc,
    /// `S3Uri`, of which Studio takes the `s3://` form only.
    S3Uri,
    /// `KmsKeyId`: an id, an alias or an ARN.
    KmsKey,
    /// `SingleSignOnUserValue`.
    SsoUser,
    /// `LandingUri`.
    Landing,
    /// `AppInstanceType`, by its form: new types come often.
    InstanceType,
}

impl Rule {
    /// What a value of it is, with its article: "a user profile's name".
    pub fn what(self) -> &'static str {
        match self {
            Self::DomainName => "a domain's name",
            Self::UserProfileName => "a user profile's name",
            Self::SpaceName => "a space's name",
            Self::LifecycleConfigName => "a lifecycle configuration's name",
            Self::DisplayName => "a display name",
            Self::TagKey => "a tag's key",
            Self::TagValue => "a tag's value",
            Self::RoleArn => "a role's ARN",
            Self::SecurityGroup => "a security group's id",
            Self::Subnet => "a subnet's id",
            Self::Vpc => "a VPC's id",
            Self::S3Uri => "an S3 address",
            Self::KmsKey => "a KMS key",
            Self::SsoUser => "a name at Identity Center",
            Self::Landing => "a landing page",
            Self::InstanceType => "an instance type",
        }
    }

    /// Whether AWS would take the text.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, and where.
    pub fn check(self, text: &str) -> Result<(), Flaw> {
        match self {
            Self::DomainName | Self::UserProfileName | Self::SpaceName | Self::LifecycleConfigName => {
                self.name(text)
            }
            Self::DisplayName => {
                self.length(text, 64)?;
                if text.trim().is_empty() {
                    return self.flaw(None, "must not be empty or blank");
                }
                self.no_controls(text)
            }
            Self::TagKey => {
                if text.is_empty() {
                    return self.flaw(None, "must not be empty");
                }
                if is_reserved_key(text) {
                    return self.flaw(Some(0), "must not begin with `aws:`, which AWS keeps for itself");
                }
                self.tag(text, 128)
            }
            Self::TagValue => self.tag(text, 256),
            Self::RoleArn => self.role(text),
            Self::SecurityGroup => self.id(text, "sg-"),
            Self::Subnet => self.id(text, "subnet-"),
            Self::Vpc => self.id(text, "vpc-"),
            Self::S3Uri => self.s3(text),
            Self::KmsKey => {
                if text.is_empty() {
                    return self.flaw(None, "must not be empty");
                }
                self.length(text, 2048)?;
                self.only(text, "letters, digits and : / _ -", |c| {
                    c.is_ascii_alphanumeric() || ":/_-".contains(c)
                })
            }
            Self::SsoUser => {
                if text.trim().is_empty() {
                    return self.flaw(None, "must not be empty");
                }
                self.length(text, 256)?;
                self.no_controls(text)
            }
            Self::Landing => {
                self.length(text, 1023)?;
                self.no_controls(text)?;
                if text.starts_with("studio::") || text.starts_with("app:") {
                    Ok(())
                } else {
                    self.flaw(
                        Some(0),
                        "begins with `studio::` or `app:`, as in `studio::` or `app:JupyterServer:`",
                    )
                }
            }
            Self::InstanceType => self.instance(text),
        }
    }

    fn flaw(self, at: Option<usize>, what: impl fmt::Display) -> Result<(), Flaw> {
        Err(Flaw { at, message: format!("{} {what}", self.what()) })
    }

    fn length(self, text: &str, most: usize) -> Result<(), Flaw> {
        let length = text.chars().count();
        if length > most {
            return self.flaw(Some(most), format!("has at most {most} characters; this has {length}"));
        }
        Ok(())
    }

    fn no_controls(self, text: &str) -> Result<(), Flaw> {
        self.only(text, "visible characters", |c| !super::is_hostile(c))
    }

    fn only(self, text: &str, which: &str, allowed: impl Fn(char) -> bool) -> Result<(), Flaw> {
        match text.chars().enumerate().find(|(_, c)| !allowed(*c)) {
            None => Ok(()),
            Some((at, wrong)) => {
                let shown = shown(wrong);
                self.flaw(Some(at), format!("has only {which}; character {} is {shown}", at + 1))
            }
        }
    }

    /// `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`, at most 63.
    fn name(self, text: &str) -> Result<(), Flaw> {
        if text.is_empty() {
            return self.flaw(None, "must not be empty");
        }
        self.only(text, "letters a to z, digits and hyphens", |c| c.is_ascii_alphanumeric() || c == '-')?;
        if text.starts_with('-') {
            return self.flaw(Some(0), "must not begin with a hyphen");
        }
        self.length(text, 63)?;
        if text.ends_with('-') {
            return self.flaw(Some(text.len() - 1), "must not end with a hyphen");
        }
        Ok(())
    }

    /// `([\p{L}\p{Z}\p{N}_.:/=+\-@]*)`.
    fn tag(self, text: &str, most: usize) -> Result<(), Flaw> {
        self.length(text, most)?;
        self.only(text, "letters, digits, blanks and _ . : / = + - @", |c| {
            c.is_alphanumeric() || (c.is_whitespace() && !super::is_hostile(c)) || "_.:/=+-@".contains(c)
        })
    }

    /// `arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`, 20 to 2048.
    fn role(self, text: &str) -> Result<(), Flaw> {
        const FORM: &str = "looks like arn:aws:iam::123456789012:role/NAME";
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let mut at = 0;
        for (index, part) in parts.iter().enumerate() {
            let right = match index {
                0 => *part == "arn",
                1 => part.starts_with("aws") && part.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                2 => *part == "iam",
                3 => part.is_empty(),
                4 => part.len() == 12 && part.chars().all(|c| c.is_ascii_digit()),
                _ => part.strip_prefix("role").is_some_and(|name| !name.trim_matches('/').is_empty()),
            };
            if !right {
                return self.flaw(Some(at), FORM);
            }
            at += part.chars().count() + 1;
        }
        if parts.len() < 6 {
            return self.flaw(Some(text.chars().count()), FORM);
        }
        self.length(text, 2048)?;
        self.only(text, "letters, digits and + = , . @ - _ / after `role/`", |c| {
            c.is_ascii_alphanumeric() || ":+=,.@-_/".contains(c)
        })
    }

    /// `[-0-9a-zA-Z]+`, at most 32; and EC2 begins every id of a kind alike.
    fn id(self, text: &str, prefix: &str) -> Result<(), Flaw> {
        if !text.starts_with(prefix) || text.len() == prefix.len() {
            return self.flaw(Some(0), format!("looks like {prefix}0123456789abcdef0"));
        }
        self.only(text, "letters, digits and hyphens", |c| c.is_ascii_alphanumeric() || c == '-')?;
        self.length(text, 32)
    }

    fn s3(self, text: &str) -> Result<(), Flaw> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return self.flaw(Some(0), "begins with s3://, as in s3://bucket/folder");
        };
        let bucket = rest.split('/').next().unwrap_or_default();
        let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
        if let Some(at) = bucket.chars().position(|c| !right(c)) {
            return self.flaw(Some(5 + at), "has a bucket of lower-case letters, digits, dots and hyphens");
        }
        if !(3..=63).contains(&bucket.len()) {
            return self.flaw(Some(5), "has a bucket of 3 to 63 characters");
        }
        self.length(text, 1024)?;
        self.no_controls(text)
    }

    fn instance(self, text: &str) -> Result<(), Flaw> {
        if text == "system" {
            return Ok(());
        }
        let mut parts = text.split('.');
        let form = (parts.next(), parts.next(), parts.next(), parts.next());
        let part = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        match form {
            (Some("ml"), Some(family), Some(size), None) if part(family) && part(size) => Ok(()),
            _ => self.flaw(Some(0), "looks like ml.t3.medium"),
        }
    }
}

/// Checks the size of a space's volume, in GB.
///
/// # Errors
///
/// That it is too small or too large.
pub fn check_ebs_gb(gb: u32) -> Result<(), Flaw> {
    within(gb, EBS_GB, "a space's volume", "GB")
}

/// Checks an idle timeout, in minutes.
///
/// # Errors
///
/// That it is too short or too long.
pub fn check_idle_minutes(minutes: u32) -> Result<(), Flaw> {
    within(minutes, IDLE_MINUTES, "an idle timeout", "minutes")
}

/// Checks the script of a lifecycle configuration.
///
/// # Errors
///
/// That it is empty, or too long once encoded.
pub fn check_script(script: &str) -> Result<(), Flaw> {
    let whole = |message: String| Err(Flaw { at: None, message });
    if script.trim().is_empty() {
        return whole("the script is empty".to_owned());
    }
    let encoded = script.len().div_ceil(3) * 4;
    if encoded > SCRIPT_LENGTH {
        let bytes = SCRIPT_LENGTH / 4 * 3;
        return whole(format!(
            "the script has {} bytes, and AWS takes {bytes} ({SCRIPT_LENGTH} characters of base64): let a short \
             script fetch the long one from S3",
            script.len()
        ));
    }
    Ok(())
}

/// Whether a tag's key is one of those that AWS keeps for itself, in any spelling.
pub fn is_reserved_key(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

fn within(number: u32, (least, most): (u32, u32), what: &str, unit: &str) -> Result<(), Flaw> {
    if (least..=most).contains(&number) {
        return Ok(());
    }
    Err(Flaw { at: None, message: format!("{what} is {least} to {most} {unit}; this is {number}") })
}

fn shown(c: char) -> String {
    match c {
        ' ' => "a blank".to_owned(),
        c if super::is_hostile(c) => format!("U+{:04X}", u32::from(c)),
        c => format!("`{c}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_takes_is_taken() {
        let good = [
            (Rule::UserProfileName, "anna-k"),
            (Rule::UserProfileName, "a--b"),
            (Rule::UserProfileName, &"x".repeat(63)),
            (Rule::DomainName, "Research2"),
            (Rule::SpaceName, "0"),
            (Rule::LifecycleConfigName, "install-tools"),
            (Rule::DisplayName, "Anna's lab"),
            (Rule::TagKey, "cost center:Größe"),
            (Rule::TagValue, ""),
            (Rule::TagValue, "nlp/2026 + more"),
            (Rule::RoleArn, "arn:aws:iam::123456789012:role/Studio"),
            (Rule::RoleArn, "arn:aws-us-gov:iam::123456789012:role/service-role/Studio_1"),
            (Rule::SecurityGroup, "sg-0123456789abcdef0"),
            (Rule::Subnet, "subnet-1a2b"),
            (Rule::Vpc, "vpc-1"),
            (Rule::S3Uri, "s3://my.bucket-1/path/Deep"),
            (Rule::KmsKey, "alias/studio"),
            (Rule::KmsKey, "arn:aws:kms:us-east-1:123456789012:key/1234-abcd"),
            (Rule::SsoUser, "anna@example.com"),
            (Rule::Landing, "studio::"),
            (Rule::Landing, "app:JupyterServer:"),
            (Rule::InstanceType, "ml.p4d.24xlarge"),
            (Rule::InstanceType, "system"),
        ];
        for (rule, text) in good {
            assert_eq!(rule.check(text), Ok(()), "{rule:?} {text}");
        }
    }

    #[test]
    fn what_aws_would_refuse_is_named_with_its_place() {
        let bad = [
            (Rule::UserProfileName, "", None, "a user profile's name must not be empty"),
            (
                Rule::UserProfileName,
                "anna_k",
                Some(4),
                "a user profile's name has only letters a to z, digits and hyphens; character 5 is `_`",
            ),
            (
                Rule::UserProfileName,
                "jörg",
                Some(1),
                "a user profile's name has only letters a to z, digits and hyphens; character 2 is `ö`",
            ),
            (
                Rule::UserProfileName,
                "a b",
                Some(1),
                "a user profile's name has only letters a to z, digits and hyphens; character 2 is a blank",
            ),
            (
                Rule::SpaceName,
                "a\u{200b}",
                Some(1),
                "a space's name has only letters a to z, digits and hyphens; character 2 is U+200B",
            ),
            (Rule::SpaceName, "-a", Some(0), "a space's name must not begin with a hyphen"),
            (Rule::SpaceName, "a-", Some(1), "a space's name must not end with a hyphen"),
            (
                Rule::TagKey,
                "aws:x",
                Some(0),
                "a tag's key must not begin with `aws:`, which AWS keeps for itself",
            ),
            (
                Rule::TagValue,
                "a,b",
                Some(1),
                "a tag's value has only letters, digits, blanks and _ . : / = + - @; character 2 is `,`",
            ),
            (Rule::RoleArn, "Studio", Some(0), "a role's ARN looks like arn:aws:iam::123456789012:role/NAME"),
            (
                Rule::RoleArn,
                "arn:aws:iam::12345:role/x",
                Some(13),
                "a role's ARN looks like arn:aws:iam::123456789012:role/NAME",
            ),
            (
                Rule::RoleArn,
                "arn:aws:iam::123456789012:user/x",
                Some(26),
                "a role's ARN looks like arn:aws:iam::123456789012:role/NAME",
            ),
            (
                Rule::SecurityGroup,
                "subnet-1",
                Some(0),
                "a security group's id looks like sg-0123456789abcdef0",
            ),
            (
                Rule::S3Uri,
                "https://b/x",
                Some(0),
                "an S3 address begins with s3://, as in s3://bucket/folder",
            ),
            (
                Rule::S3Uri,
                "s3://My/x",
                Some(5),
                "an S3 address has a bucket of lower-case letters, digits, dots and hyphens",
            ),
            (Rule::InstanceType, "t3.medium", Some(0), "an instance type looks like ml.t3.medium"),
            (Rule::DisplayName, "  ", None, "a display name must not be empty or blank"),
        ];
        for (rule, text, at, message) in bad {
            assert_eq!(rule.check(text), Err(Flaw { at, message: message.to_owned() }), "{rule:?} {text}");
        }
        let long = Rule::DomainName.check(&"x".repeat(64)).unwrap_err();
        assert_eq!(
            (long.at, &*long.message),
            (Some(63), "a domain's name has at most 63 characters; this has 64")
        );
    }

    #[test]
    fn numbers_and_scripts_have_their_bounds() {
        assert!(check_ebs_gb(5).is_ok() && check_ebs_gb(16_384).is_ok());
        assert_eq!(check_ebs_gb(4).unwrap_err().message, "a space's volume is 5 to 16384 GB; this is 4");
        assert!(check_idle_minutes(60).is_ok() && check_idle_minutes(525_601).is_err());
        assert!(check_script("#!/bin/bash\n").is_ok() && check_script(" \n").is_err());
        assert!(check_script(&"x".repeat(12_288)).is_ok());
        assert!(check_script(&"x".repeat(12_289)).unwrap_err().message.contains("fetch the long one"));
    }
}
