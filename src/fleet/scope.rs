//! Where something is: account and region; and the names by which AWS addresses it.

use std::fmt;
use std::sync::Arc;

/// Defines a shared, cheap to clone piece of text with a meaning of its own.
macro_rules! shared_text {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes text from outside; see [`harmless`](super::harmless).
            pub fn new(text: &str) -> Self {
                Self(super::harmless(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text as a shared pointer, so that equal names can share one allocation.
            pub fn shared(&self) -> &Arc<str> {
                &self.0
            }
        }

        impl From<Arc<str>> for $name {
            /// Takes text that is already harmless.
            fn from(text: Arc<str>) -> Self {
                Self(text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )+};
}

shared_text! {
    /// A 12-digit AWS account id.
    AccountId;
    /// An AWS region code such as `eu-west-1`.
    Region;
    /// A domain's id, `d-...`.
    DomainId;
    /// The name of a user profile, space or app, unique only within its parent.
    Name;
    /// The code of a service quota, `L-...`.
    QuotaCode;
    /// The name of a profile of the AWS configuration files; empty for the default credential chain.
    ProfileName;
}

/// An account and a region: the reach of one SageMaker endpoint.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Scope(Arc<(AccountId, Region)>);

impl Scope {
    /// The scope of `account` in `region`.
    pub fn new(account: AccountId, region: Region) -> Self {
        Self(Arc::new((account, region)))
    }

    /// The account.
    pub fn account(&self) -> &AccountId {
        &self.0.0
    }

    /// The region.
    pub fn region(&self) -> &Region {
        &self.0.1
    }

    /// The partition of the region as it stands in ARNs: `aws`, `aws-cn`, `aws-us-gov` ...
    pub fn partition(&self) -> &'static str {
        let region = self.region().as_str();
        if region.starts_with("cn-") {
            "aws-cn"
        } else if region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }

    /// The ARN of a SageMaker resource of this scope, from its tail such as `domain/d-abc`.
    pub fn arn(&self, tail: &str) -> String {
        format!("arn:{}:sagemaker:{}:{}:{tail}", self.partition(), self.region(), self.account())
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account(), self.region())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account(), self.region())
    }
}

/// How the id of a domain that does not exist yet begins. No id of AWS has a colon.
const TO_BE: &str = "new:";

impl DomainId {
    /// Stands for the id of a domain that a plan is going to create with this name.
    pub fn to_be(name: &str) -> Self {
        Self::new(&format!("{TO_BE}{name}"))
    }

    /// Whether the domain does not exist yet.
    pub fn is_to_be(&self) -> bool {
        self.as_str().starts_with(TO_BE)
    }
}
