//! How long the credentials in use are good, as far as they say so. Knows no secret of them.

use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use crate::fleet::Timestamp;

/// Until when the credentials that were handed out last are good.
#[derive(Debug, Clone, Default)]
pub(super) struct Validity(Arc<Mutex<Option<Timestamp>>>);

impl Validity {
    /// When they end; `None` where they say nothing of it, where nobody needs to do anything then, and before any
    /// were needed.
    pub(super) fn end(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, credentials: &Credentials) {
        let ends = credentials.expiry().filter(|_| !is_renewed_by_itself(credentials));
        let ends = ends.and_then(|ends| Timestamp::try_from(ends).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = ends;
    }
}

/// Whether the source has new ones whenever old ones end, without a person: the machine's or the container's own
/// role, or that of a web identity. A role that is assumed, an SSO session or a process may need one to sign in.
fn is_renewed_by_itself(credentials: &Credentials) -> bool {
    let features = credentials.get_property::<Vec<AwsCredentialFeature>>();
    features.is_some_and(|features| {
        features.iter().any(|feature| {
            matches!(
                feature,
                AwsCredentialFeature::CredentialsImds
                    | AwsCredentialFeature::CredentialsHttp
                    | AwsCredentialFeature::CredentialsStsAssumeRoleWebId
            )
        })
    })
}

/// A source of credentials of which is remembered how long the last ones are good.
#[derive(Debug)]
pub(super) struct Remembering {
    source: SharedCredentialsProvider,
    validity: Validity,
}

impl Remembering {
    pub(super) fn new(source: SharedCredentialsProvider, validity: &Validity) -> Self {
        Self { source, validity: validity.clone() }
    }
}

impl ProvideCredentials for Remembering {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        Provided::new(async move {
            let credentials = self.source.provide_credentials().await?;
            self.validity.note(&credentials);
            Ok(credentials)
        })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.source.fallback_on_interrupt()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn an_end_counts_only_where_somebody_has_to_do_something_then() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_hours(400_000);
        let of = |feature: Option<AwsCredentialFeature>, end| {
            let mut credentials = Credentials::new("a", "b", None, end, "test");
            if let Some(feature) = feature {
                credentials.get_property_mut_or_default::<Vec<AwsCredentialFeature>>().push(feature);
            }
            let validity = Validity::default();
            validity.note(&credentials);
            validity.end()
        };
        let ends = Timestamp::try_from(at).ok();
        assert_eq!(of(None, Some(at)), ends);
        assert_eq!(of(Some(AwsCredentialFeature::CredentialsSso), Some(at)), ends);
        assert_eq!(of(Some(AwsCredentialFeature::CredentialsImds), Some(at)), None);
        assert_eq!(of(None, None), None);
    }
}
