//! From the ARN in a system tag to what it is of. The ARN alone tells account, region, domain and name, so that
//! what is long deleted still has a name.

use crate::fleet::{AccountId, DomainId, DomainKey, Name, ObjectKey, Region, Scope, SpaceKey, UserKey};

/// What an ARN of a domain, user profile or space is of; `None` for any other text.
pub fn object_of(arn: &str) -> Option<ObjectKey> {
    let mut parts = arn.splitn(6, ':');
    let (Some("arn"), Some(_), Some("sagemaker"), Some(region), Some(account), Some(rest)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let scope = Scope::new(AccountId::new(account), Region::new(region));
    let mut words = rest.split('/');
    let key = match (words.next()?, words.next()?, words.next()) {
        ("domain", id, None) => ObjectKey::Domain(DomainKey { scope, id: DomainId::new(id) }),
        ("user-profile", domain, Some(name)) => {
            ObjectKey::User(UserKey { scope, domain: DomainId::new(domain), name: Name::new(name) })
        }
        ("space", domain, Some(name)) => {
            ObjectKey::Space(SpaceKey { scope, domain: DomainId::new(domain), name: Name::new(name) })
        }
        _ => return None,
    };
    words.next().is_none().then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_what_it_is_of_and_reads_back_as_itself() {
        for arn in [
            "arn:aws:sagemaker:eu-west-1:111122223333:domain/d-abc",
            "arn:aws:sagemaker:eu-west-1:111122223333:user-profile/d-abc/anna-k",
            "arn:aws-cn:sagemaker:cn-north-1:111122223333:space/d-abc/shared",
        ] {
            assert_eq!(object_of(arn).map(|key| key.arn()).as_deref(), Some(arn));
        }
        for text in [
            "",
            "anna-k",
            "arn:aws:s3:::bucket",
            "arn:aws:sagemaker:eu-west-1:1:space/d-abc",
            "arn:aws:sagemaker:eu-west-1:1:user-profile/d/a/b",
        ] {
            assert_eq!(object_of(text), None, "{text}");
        }
    }
}
