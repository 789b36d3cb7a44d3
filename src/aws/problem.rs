//! From the SDK's errors to a [`Problem`] a person can act on. Decides on AWS's error code, never on the
//! HTTP status or the SDK's own variants, because services do not agree on those.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::ErrorKind;
use aws_types::request_id::RequestId;

use crate::fleet::{Problem, ProblemKind, ProfileName, Region, harmless};

/// A request that this program itself held back; carried through the SDK's chain of error sources.
#[derive(Debug, Clone)]
pub(super) struct HeldBack(pub(super) Problem);

impl HeldBack {
    /// A request held back, and what the person can do about it.
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self(Problem::new(ProblemKind::Refused, message, hint))
    }
}

impl fmt::Display for HeldBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Error for HeldBack {}

/// Who asked, and where: what the sentences about a failure need to know.
#[derive(Debug, Clone)]
pub(super) struct Asked<'a> {
    /// The operation, such as `ListApps`.
    pub(super) operation: &'static str,
    /// The prefix of its IAM action, such as `sagemaker`.
    pub(super) service: &'static str,
    /// The profile whose credentials were used.
    pub(super) profile: &'a ProfileName,
    /// The region that was asked.
    pub(super) region: &'a Region,
}

/// Turns any SDK error into a problem.
pub(super) fn problem<E>(asked: &Asked<'_>, error: &SdkError<E, HttpResponse>) -> Problem
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let mut problem = if let Some(held_back) = find::<HeldBack>(error) {
        held_back.0.clone()
    } else if let Some(code) = error.code() {
        let message = harmless(error.message().unwrap_or_default());
        of_code(asked, code, &message, status(error))
    } else if let Some(cause) = find::<CredentialsError>(error) {
        of_credentials(asked, cause)
    } else {
        of_transport(asked, error)
    };
    problem.operation = Some(asked.operation.into());
    problem.code = error.code().map(|code| harmless(code).to_string());
    problem.request_id = error.request_id().map(|id| harmless(id).to_string());
    problem
}

/// The first error of a type in a chain of sources.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The innermost message of a chain of sources, which is the one that says what happened.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    harmless(&last.to_string()).to_string()
}

fn status<E>(error: &SdkError<E, HttpResponse>) -> u16 {
    error.raw_response().map_or(0, |response| response.status().as_u16())
}

/// Whether an answer is of the type that AWS gives, which a proxy or a sign-in page is not.
fn is_from_aws<E>(error: &SdkError<E, HttpResponse>) -> bool {
    let kind = error.raw_response().and_then(|response| response.headers().get("content-type"));
    kind.is_some_and(|kind| kind.contains("amz-json") || kind.contains("xml"))
}

fn of_code(asked: &Asked<'_>, code: &str, message: &str, status: u16) -> Problem {
    let kind = kind_of_code(asked, code, status);
    let said =
        if message.is_empty() { format!("AWS answered {}", harmless(code)) } else { message.to_owned() };
    let hint = match kind {
        ProblemKind::AccessDenied if is_unknown_key(code) || is_region_off(code) => format!(
            "AWS does not accept these credentials in {}: most likely the region is not enabled for the account",
            asked.region
        ),
        ProblemKind::AccessDenied => denied_hint(asked, message),
        ProblemKind::ExpiredCredentials if is_clock(code) => {
            "Check the clock of this machine; if it is right, the secret key is wrong".to_owned()
        }
        ProblemKind::ExpiredCredentials => sign_in_hint(asked.profile),
        ProblemKind::Throttled => "Requests are being slowed down; nothing needs to be done".to_owned(),
        ProblemKind::NotFound if code == "DataUnavailableException" => {
            "Cost Explorer has no data yet: it has some within 24 hours of being switched on, and a forecast after weeks"
                .to_owned()
        }
        ProblemKind::Network if asked.service == "ce" => {
            "It was not asked again, since each request may be billed".to_owned()
        }
        ProblemKind::Network => "It will be asked again".to_owned(),
        ProblemKind::Limit => {
            "Ask for a higher quota in Service Quotas, or free what is not needed".to_owned()
        }
        _ => String::new(),
    };
    Problem::new(kind, said, hint)
}

fn kind_of_code(asked: &Asked<'_>, code: &str, status: u16) -> ProblemKind {
    match code {
        // As the SDK's own retry classifier has them (aws-runtime, retries/classifiers.rs).
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "ProvisionedThroughputExceededException"
        | "TransactionInProgressException"
        | "BandwidthLimitExceeded"
        | "LimitExceededException"
        | "SlowDown"
        | "PriorRequestNotComplete"
        | "EC2ThrottledException" => ProblemKind::Throttled,
        "AccessDenied"
        | "AccessDeniedException"
        | "NotAuthorized"
        | "UnauthorizedOperation"
        | "OptInRequired"
        | "SubscriptionRequiredException"
        | "DependencyAccessDeniedException"
        | "RegionDisabledException" => ProblemKind::AccessDenied,
        // The identity was read before anything else, so a key that only this region does not know is a
        // matter of the region, and must not stop the polling of all others.
        code if is_unknown_key(code) && !matches!(asked.service, "sts" | "iam" | "pricing") => {
            ProblemKind::AccessDenied
        }
        code if is_unknown_key(code) || is_clock(code) => ProblemKind::ExpiredCredentials,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidToken"
        | "TokenRefreshRequired"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => ProblemKind::ExpiredCredentials,
        "ResourceNotFound"
        | "ResourceNotFoundException"
        | "NoSuchEntity"
        | "FileSystemNotFound"
        | "NoSuchResourceException"
        | "DataUnavailableException" => ProblemKind::NotFound,
        // EC2 has one for each kind of thing: `InvalidVpcID.NotFound`.
        code if code.ends_with(".NotFound") => ProblemKind::NotFound,
        "ResourceInUse"
        | "ResourceInUseException"
        | "ConflictException"
        | "ConcurrentModification"
        | "EntityAlreadyExists"
        | "DeleteConflict"
        | "ResourceAlreadyExistsException"
        | "InvalidResourceStateException" => ProblemKind::Conflict,
        "ResourceLimitExceeded"
        | "LimitExceeded"
        | "ServiceQuotaExceededException"
        | "QuotaExceededException" => ProblemKind::Limit,
        "ValidationException"
        | "ValidationError"
        | "BadRequest"
        | "InvalidPaginationToken"
        | "InvalidParameterException"
        | "InvalidParameterValue"
        | "InvalidParameterCombination"
        | "MissingParameter"
        | "MalformedQueryString"
        | "SerializationException"
        | "InvalidAction"
        | "UnknownOperationException"
        | "InvalidNextTokenException"
        | "InvalidPaginationTokenException"
        | "IllegalArgumentException"
        | "RequestChangedException"
        | "BillExpirationException"
        | "ExpiredNextTokenException" => ProblemKind::Invalid,
        "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "InternalFailure"
        | "InternalError"
        | "InternalErrorException"
        | "InternalServerError"
        | "InternalServerException"
        | "ServiceFailure"
        | "ServiceException"
        | "RequestTimeout"
        | "RequestTimeoutException" => ProblemKind::Network,
        _ if status >= 500 => ProblemKind::Network,
        _ => ProblemKind::Unexpected,
    }
}

fn is_unknown_key(code: &str) -> bool {
    matches!(
        code,
        "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidAccessKeyId" | "AuthFailure"
    )
}

fn is_region_off(code: &str) -> bool {
    matches!(code, "OptInRequired" | "SubscriptionRequiredException" | "RegionDisabledException")
}

/// Whether a code says that the signature did not match, which a wrong clock causes; the SDK has learned the
/// offset from the answer, so that the next request is right.
pub(super) fn is_clock(code: &str) -> bool {
    matches!(
        code,
        "RequestTimeTooSkewed"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "IncompleteSignatureException"
    )
}

/// Which action on what was denied, and by what, out of AWS's message.
fn denied_hint(asked: &Asked<'_>, message: &str) -> String {
    let action = message
        .split_once("not authorized to perform: ")
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .map_or_else(|| format!("{}:{}", asked.service, asked.operation), str::to_owned);
    let resource = message
        .split_once(" on resource: ")
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .map_or_else(String::new, |resource| format!(" on {}", resource.trim_end_matches(['.', ','])));
    if message.contains("explicit deny") {
        let by = if message.contains("service control policy") {
            "a service control policy of the organization"
        } else if message.contains("permissions boundary") {
            "a permissions boundary"
        } else {
            "a policy"
        };
        format!("{action}{resource} is explicitly denied by {by}; a further permission does not help")
    } else {
        format!("The permission {action}{resource} is missing")
    }
}

fn sign_in_hint(profile: &ProfileName) -> String {
    if profile.as_str().is_empty() {
        "Sign in again, such as with `aws sso login`, and retry".to_owned()
    } else {
        format!("Sign in again, such as with `aws sso login --profile {profile}`, and retry")
    }
}

fn of_credentials(asked: &Asked<'_>, cause: &CredentialsError) -> Problem {
    let profile = asked.profile;
    let said = innermost(cause);
    // Where credentials come from AWS itself (a role, Identity Center), its refusal says more than the SDK.
    if let Some(metadata) = find::<ErrorMetadata>(cause)
        && let Some(code) = metadata.code()
    {
        let asked = Asked { operation: "AssumeRole", service: "sts", ..*asked };
        let refused = of_code(&asked, code, &harmless(metadata.message().unwrap_or_default()), 0);
        return match refused.kind {
            ProblemKind::Unexpected => {
                Problem::new(ProblemKind::ExpiredCredentials, refused.message, sign_in_hint(profile))
            }
            _ => refused,
        };
    }
    match cause {
        CredentialsError::CredentialsNotLoaded(_) => {
            let message = if profile.as_str().is_empty() {
                format!("no AWS credentials were found: {said}")
            } else {
                format!("the profile {profile} gives no AWS credentials: {said}")
            };
            let hint = "Set up a profile with `aws configure sso`, and name it with --profile or AWS_PROFILE";
            Problem::new(ProblemKind::NoCredentials, message, hint)
        }
        CredentialsError::InvalidConfiguration(_) => Problem::new(
            ProblemKind::NoCredentials,
            format!("the AWS configuration cannot be used: {said}"),
            "Correct the profile in ~/.aws/config",
        ),
        // A network that is away must not look like a sign-in that has run out.
        _ if find::<ConnectorError>(cause).is_some_and(|error| error.is_io() || error.is_timeout()) => {
            Problem::new(
                ProblemKind::Network,
                format!("the credentials could not be renewed, because the network did not answer: {said}"),
                "It will be asked again",
            )
        }
        CredentialsError::ProviderTimedOut(_) => Problem::new(
            ProblemKind::NoCredentials,
            "the source of the credentials did not answer in time",
            "If the profile uses credential_process, run that command by hand to see what it waits for",
        ),
        _ if said.contains("external process") => Problem::new(
            ProblemKind::NoCredentials,
            format!("the credential_process of the profile {profile} failed: {said}"),
            "Run that command by hand to see what it needs",
        ),
        _ => Problem::new(
            ProblemKind::ExpiredCredentials,
            format!("the credentials could not be obtained: {said}"),
            sign_in_hint(profile),
        ),
    }
}

fn of_transport<E>(asked: &Asked<'_>, error: &SdkError<E, HttpResponse>) -> Problem
where
    E: Error + 'static,
{
    let said = innermost(error);
    match error {
        SdkError::TimeoutError(_) => Problem::new(
            ProblemKind::Network,
            format!("AWS in {} did not answer in time", asked.region),
            "Check the network; it will be asked again",
        ),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Problem::new(
            ProblemKind::Network,
            format!("AWS in {} did not answer in time: {said}", asked.region),
            "Check the network; it will be asked again",
        ),
        SdkError::DispatchFailure(_) if said.contains("certificate") => Problem::new(
            ProblemKind::Refused,
            format!(
                "the endpoint in {} did not prove that it is AWS, so nothing was sent: {said}",
                asked.region
            ),
            "If a proxy of your company reads the traffic, name its certificate in SSL_CERT_FILE",
        ),
        SdkError::DispatchFailure(failure)
            if failure.is_io() || failure.as_other() == Some(ErrorKind::TransientError) =>
        {
            Problem::new(
                ProblemKind::Network,
                format!("AWS in {} could not be reached: {said}", asked.region),
                "Check the network; it will be asked again",
            )
        }
        SdkError::DispatchFailure(_) if said.contains("Missing Region") => {
            Problem::new(ProblemKind::Invalid, "no region is known", "Name one with --region or AWS_REGION")
        }
        SdkError::DispatchFailure(_) if said.contains("auth scheme") => Problem::new(
            ProblemKind::NoCredentials,
            "no AWS credentials were found",
            sign_in_hint(asked.profile),
        ),
        _ if status(error) >= 500 => Problem::new(
            ProblemKind::Network,
            format!("AWS in {} is not available (HTTP {})", asked.region, status(error)),
            "It will be asked again",
        ),
        SdkError::ResponseError(_) if is_from_aws(error) => Problem::new(
            ProblemKind::Network,
            format!("the answer of AWS in {} broke off: {said}", asked.region),
            "It will be asked again",
        ),
        SdkError::ResponseError(_) | SdkError::ServiceError(_) => Problem::new(
            ProblemKind::Unexpected,
            format!("the answer could not be read (HTTP {}): {said}", status(error)),
            "Something between here and AWS may have answered, such as a proxy or a sign-in page",
        ),
        _ => Problem::new(ProblemKind::Unexpected, said, ""),
    }
}
