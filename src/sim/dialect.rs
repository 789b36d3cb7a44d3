//! The four protocols of the simulated services, and how each spells the refusals that all of them share.
//! Knows no operation.

use super::wire::{Refusal, Service};
use super::world::Scope;

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// AWS JSON 1.1.
    Json,
    /// AWS Query.
    Query,
    /// The EC2 kind of Query.
    Ec2,
    /// JSON with paths and query strings.
    Rest,
}

impl Dialect {
    /// What is said of a session that has expired. EC2 speaks of the request.
    pub(super) fn expired(self) -> Refusal {
        let said = "The security token included in the request is expired";
        match self {
            Self::Json | Self::Rest => Refusal::new("ExpiredTokenException", said).with_status(403),
            Self::Query => Refusal::new("ExpiredToken", said).with_status(403),
            Self::Ec2 => Refusal::new("RequestExpired", "Request has expired."),
        }
    }

    /// What is said of an access key that does not exist.
    pub(super) fn unknown_key(self) -> Refusal {
        let said = "The security token included in the request is invalid.";
        match self {
            Self::Json | Self::Rest => Refusal::new("UnrecognizedClientException", said).with_status(403),
            Self::Query => Refusal::new("InvalidClientTokenId", said).with_status(403),
            Self::Ec2 => {
                Refusal::new("AuthFailure", "AWS was not able to validate the provided access credentials")
                    .with_status(401)
            }
        }
    }

    /// What is said of a request without a signature.
    pub(super) fn unsigned(self) -> Refusal {
        let code = self.suffixed("MissingAuthenticationToken");
        Refusal::new(&code, "Missing Authentication Token").with_status(403)
    }

    /// What is said of a signature that cannot be read.
    pub(super) fn garbled(self) -> Refusal {
        let code = self.suffixed("IncompleteSignature");
        Refusal::new(&code, "The request signature does not conform to AWS standards.")
    }

    fn suffixed(self, code: &str) -> String {
        match self {
            Self::Json | Self::Rest => format!("{code}Exception"),
            Self::Query | Self::Ec2 => code.to_owned(),
        }
    }

    /// What is said when there were too many requests.
    pub(super) fn throttled(self) -> Refusal {
        match self {
            Self::Json => Refusal::new("ThrottlingException", "Rate exceeded"),
            Self::Rest => Refusal::new("ThrottlingException", "Rate exceeded").with_status(429),
            Self::Query => Refusal::new("Throttling", "Rate exceeded"),
            Self::Ec2 => Refusal::new("RequestLimitExceeded", "Request limit exceeded.").with_status(503),
        }
    }

    /// What is said of an operation that the service does not have, or the simulation not.
    pub(super) fn unknown_operation(self, service: &str, operation: &str) -> Refusal {
        let text = format!("The simulation does not know the operation {operation} of {service}.");
        match self {
            Self::Json => Refusal::new("UnknownOperationException", text),
            Self::Rest => Refusal::new("UnknownOperationException", text).with_status(404),
            Self::Query | Self::Ec2 => Refusal::new("InvalidAction", text),
        }
    }
}

/// The refusal of an action that no policy allows the caller.
pub(super) fn denied(service: Service, operation: &str, scope: &Scope, principal: &str) -> Refusal {
    let why = format!("because no identity-based policy allows the {}:{operation} action", service.as_str());
    not_authorized(service, operation, scope, principal, &why)
}

/// The refusal of an action that a policy of the organization forbids to everybody.
pub(super) fn forbidden(service: Service, operation: &str, scope: &Scope, principal: &str) -> Refusal {
    not_authorized(service, operation, scope, principal, "with an explicit deny in a service control policy")
}

fn not_authorized(service: Service, operation: &str, scope: &Scope, principal: &str, why: &str) -> Refusal {
    let prefix = service.as_str();
    let resource = match service {
        Service::SageMaker => format!(" on resource: {}", scope.sagemaker_arn(&resource_kind(operation))),
        Service::Ec2 => String::new(),
        _ => " on resource: *".to_owned(),
    };
    let said =
        format!("User: {principal} is not authorized to perform: {prefix}:{operation}{resource} {why}");
    match service.dialect() {
        Dialect::Json => Refusal::new("AccessDeniedException", said),
        Dialect::Rest => Refusal::new("AccessDeniedException", said).with_status(403),
        Dialect::Query => Refusal::new("AccessDenied", said).with_status(403),
        Dialect::Ec2 => {
            let said = format!("You are not authorized to perform this operation. {said}");
            Refusal::new("UnauthorizedOperation", said).with_status(403)
        }
    }
}

fn resource_kind(operation: &str) -> String {
    let noun = operation.trim_start_matches(|letter: char| !letter.is_ascii_uppercase());
    let noun = noun.find(|letter: char| letter.is_ascii_uppercase()).map_or(noun, |_| {
        let second =
            noun[1..].find(|letter: char| letter.is_ascii_uppercase()).map_or(noun.len(), |at| at + 1);
        &noun[second..]
    });
    let mut kind = String::new();
    for (index, letter) in noun.trim_end_matches('s').char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            kind.push('-');
        }
        kind.push(letter.to_ascii_lowercase());
    }
    format!("{kind}/*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_the_kind_of_resource() {
        let scope = Scope::new("123456789012", "eu-west-1");
        let message = denied(Service::SageMaker, "ListUserProfiles", &scope, "arn:x").message;
        assert_eq!(
            message,
            "User: arn:x is not authorized to perform: sagemaker:ListUserProfiles on resource: \
             arn:aws:sagemaker:eu-west-1:123456789012:user-profile/* because no identity-based policy \
             allows the sagemaker:ListUserProfiles action"
        );
    }

    #[test]
    fn an_explicit_denial_names_the_policy_of_the_organization() {
        let scope = Scope::new("123456789012", "eu-west-1");
        let refusal = forbidden(Service::SageMaker, "DeleteApp", &scope, "arn:x");
        assert_eq!(&*refusal.code, "AccessDeniedException");
        assert!(refusal.message.ends_with("app/* with an explicit deny in a service control policy"));
        let network = denied(Service::Ec2, "DescribeVpcs", &scope, "arn:x");
        assert_eq!((network.status, &*network.code), (403, "UnauthorizedOperation"));
    }
}
