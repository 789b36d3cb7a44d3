//! One request: reading its headers, path and body, and telling callers apart.
//! Knows the protocols, no operation.

use serde_json::Value;

use super::dialect::Dialect;
use super::wire::{Form, Refusal, Service};
use super::world::{Name, World};

/// The path that all operations of EFS begin with.
const EFS_VERSION: &str = "/2015-02-01/";

/// The parts of an HTTP request that matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Incoming {
    /// The HTTP method.
    pub(super) method: String,
    /// The path, without the query string.
    pub(super) path: String,
    /// The query string.
    pub(super) query: String,
    /// `X-Amz-Target`.
    pub(super) target: Option<String>,
    /// `Authorization`.
    pub(super) authorization: Option<String>,
    /// `Content-Type`.
    pub(super) content_type: Option<String>,
    /// The body.
    pub(super) body: Vec<u8>,
}

/// The members of a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Payload {
    Json(Value),
    Form(Form),
}

/// Who calls, as the credential scope of the signature tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) access_key: String,
    pub(super) region: Name,
    pub(super) service: String,
}

/// A decoded request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub(super) service: Service,
    pub(super) operation: String,
    pub(super) payload: Payload,
}

impl Incoming {
    /// The protocol of the request, in which a refusal must be written too.
    pub(super) fn dialect(&self) -> Dialect {
        let json = self.content_type.as_deref().is_some_and(|kind| kind.contains("x-amz-json"));
        if self.target.is_some() || json {
            Dialect::Json
        } else if self.is_signed_for("elasticfilesystem") || self.path.contains(EFS_VERSION) {
            Dialect::Rest
        } else if self.is_signed_for("ec2") {
            Dialect::Ec2
        } else {
            Dialect::Query
        }
    }

    fn is_signed_for(&self, service: &str) -> bool {
        let end = format!("/{service}/aws4_request");
        self.authorization.as_deref().is_some_and(|text| text.contains(&end))
    }

    /// Reads the caller out of the signature, whose value nobody can check here.
    pub(super) fn caller(&self) -> Result<Caller, Refusal> {
        let Some(authorization) = &self.authorization else { return Err(self.dialect().unsigned()) };
        let credential = authorization
            .strip_prefix("AWS4-HMAC-SHA256 ")
            .and_then(|rest| rest.split(',').find_map(|part| part.trim().strip_prefix("Credential=")))
            .map(|credential| credential.split('/').collect::<Vec<_>>());
        match credential.as_deref() {
            Some([access_key, _date, region, service, "aws4_request"]) if !access_key.is_empty() => {
                Ok(Caller {
                    access_key: (*access_key).to_owned(),
                    region: (*region).into(),
                    service: (*service).to_owned(),
                })
            }
            _ => Err(self.dialect().garbled()),
        }
    }

    /// Reads the operation and its members.
    pub(super) fn decode(&self, service: &str) -> Result<Request, Refusal> {
        let dialect = self.dialect();
        match dialect {
            Dialect::Json => self.decode_json(service),
            Dialect::Rest => self.decode_rest(service),
            Dialect::Query | Dialect::Ec2 => {
                let form = read_form(&self.body);
                let operation = form.get("Action").cloned().unwrap_or_default();
                let service = match service {
                    _ if operation.is_empty() => {
                        let said = "The request must contain the parameter Action.";
                        return Err(Refusal::new("MissingAction", said));
                    }
                    "sts" => Service::Sts,
                    "iam" => Service::Iam,
                    "ec2" => Service::Ec2,
                    _ => return Err(dialect.unknown_operation(service, &operation)),
                };
                Ok(Request { service, operation, payload: Payload::Form(form) })
            }
        }
    }

    fn decode_json(&self, service: &str) -> Result<Request, Refusal> {
        let target = self.target.as_deref().unwrap_or_default();
        let (service, operation) = match (service, target.split_once('.')) {
            ("sagemaker", Some(("SageMaker", operation))) => (Service::SageMaker, operation),
            ("pricing", Some(("AWSPriceListService", operation))) => (Service::Pricing, operation),
            ("sso", Some(("SWBExternalService", operation))) => (Service::Sso, operation),
            ("identitystore", Some(("AWSIdentityStore", operation))) => (Service::IdentityStore, operation),
            ("ce", Some(("AWSInsightsIndexService", operation))) => (Service::CostExplorer, operation),
            ("servicequotas", Some(("ServiceQuotasV20190624", operation))) => {
                (Service::ServiceQuotas, operation)
            }
            _ => return Err(Dialect::Json.unknown_operation(service, target)),
        };
        let text = if self.body.is_empty() { b"{}" } else { self.body.as_slice() };
        let value = serde_json::from_slice(text)
            .map_err(|error| Refusal::new("SerializationException", format!("Malformed JSON: {error}")))?;
        Ok(Request { service, operation: operation.to_owned(), payload: Payload::Json(value) })
    }

    fn decode_rest(&self, service: &str) -> Result<Request, Refusal> {
        // An endpoint may have a path of its own before that of the operation.
        let (_, path) = self.path.split_once(EFS_VERSION).unwrap_or_default();
        let operation = match (service, self.method.as_str(), path.trim_end_matches('/')) {
            ("elasticfilesystem", "GET", "file-systems") => "DescribeFileSystems",
            ("elasticfilesystem", "GET", "mount-targets") => "DescribeMountTargets",
            (_, method, _) => {
                let what = format!("{method} {}", self.path);
                return Err(Dialect::Rest.unknown_operation(service, &what));
            }
        };
        let form = read_form(self.query.as_bytes());
        Ok(Request { service: Service::Efs, operation: operation.to_owned(), payload: Payload::Form(form) })
    }
}

/// The account an access key belongs to: that of the principal it was given to, the known account whose 12
/// digits it contains, else the default one. Counts as a use of the key.
///
/// # Errors
/// For keys that have expired, that say they are `EXPIRED` or `INVALID`, and those of an unknown account.
pub(super) fn account_of(world: &mut World, access_key: &str, dialect: Dialect) -> Result<Name, Refusal> {
    let now = world.now();
    if access_key.contains("EXPIRED") || !world.keys.admit(access_key, now) {
        return Err(dialect.expired());
    }
    if access_key.contains("INVALID") {
        return Err(dialect.unknown_key());
    }
    if let Some(principal) = world.keys.principal(access_key) {
        return Ok(principal.account.clone());
    }
    let digits = access_key
        .as_bytes()
        .windows(12)
        .position(|window| window.iter().all(u8::is_ascii_digit))
        .map(|start| &access_key[start..start + 12]);
    match digits {
        None => Ok(world.default_account.clone()),
        Some(digits) => world
            .accounts
            .get_key_value(digits)
            .map(|(id, _)| id.clone())
            .ok_or_else(|| dialect.unknown_key()),
    }
}

/// The ARN of a caller: everybody of whom nothing else is known is an administrator with a session named
/// after the access key.
pub(super) fn principal(world: &World, account: &str, access_key: &str) -> String {
    if let Some(principal) = world.keys.principal(access_key) {
        return principal.arn.to_string();
    }
    let session: String = access_key.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    format!("arn:aws:sts::{account}:assumed-role/MLAdmin/{session}")
}

/// Reads `application/x-www-form-urlencoded`.
fn read_form(body: &[u8]) -> Form {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let middle = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (percent_decode(&pair[..middle]), percent_decode(pair.get(middle + 1..).unwrap_or_default()))
        })
        .collect()
}

fn percent_decode(text: &[u8]) -> String {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                at += 3;
            }
            (b'+', ..) => {
                bytes.push(b' ');
                at += 1;
            }
            _ => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(credential: &str) -> Incoming {
        Incoming {
            target: Some("SageMaker.ListApps".into()),
            authorization: Some(format!(
                "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
            )),
            ..Incoming::default()
        }
    }

    #[test]
    fn the_caller_is_read_out_of_the_credential_scope() {
        let caller = signed("AKIA1/20260101/eu-west-1/sagemaker/aws4_request").caller().unwrap();
        assert_eq!(
            (caller.access_key.as_str(), &*caller.region, caller.service.as_str()),
            ("AKIA1", "eu-west-1", "sagemaker")
        );
    }

    #[test]
    fn an_unsigned_request_is_refused_in_the_spelling_of_its_protocol() {
        let json = Incoming { target: Some("SageMaker.ListApps".into()), ..Incoming::default() };
        assert_eq!(&*json.caller().unwrap_err().code, "MissingAuthenticationTokenException");
        assert_eq!(&*Incoming::default().caller().unwrap_err().code, "MissingAuthenticationToken");
        assert_eq!(&*signed("AKIA1").caller().unwrap_err().code, "IncompleteSignatureException");
    }

    #[test]
    fn an_access_key_names_its_account() {
        let mut world = World::new("123456789012", 0);
        world.account_mut("210987654321");
        assert_eq!(&*account_of(&mut world, "AKIAANYTHING", Dialect::Json).unwrap(), "123456789012");
        assert_eq!(&*account_of(&mut world, "ASIA210987654321XY", Dialect::Json).unwrap(), "210987654321");
        let mut code = |key, dialect| account_of(&mut world, key, dialect).unwrap_err().code;
        assert_eq!(&*code("AKIA999999999999", Dialect::Json), "UnrecognizedClientException");
        assert_eq!(&*code("AKIAEXPIRED", Dialect::Json), "ExpiredTokenException");
        assert_eq!(&*code("AKIAEXPIRED", Dialect::Query), "ExpiredToken");
        assert_eq!(&*code("AKIAEXPIRED", Dialect::Ec2), "RequestExpired");
        assert_eq!(&*code("AKIAINVALID", Dialect::Query), "InvalidClientTokenId");
        assert_eq!(&*code("AKIAINVALID", Dialect::Ec2), "AuthFailure");
    }

    #[test]
    fn forms_are_decoded() {
        let incoming =
            Incoming { body: b"Action=GetRole&RoleName=a%2Bb+c&Empty".to_vec(), ..Incoming::default() };
        let request = incoming.decode("iam").unwrap();
        let Payload::Form(form) = request.payload else { panic!("a form") };
        assert_eq!((form["RoleName"].as_str(), form["Empty"].as_str()), ("a+b c", ""));
        assert_eq!(&*incoming.decode("s3").unwrap_err().code, "InvalidAction");
    }

    #[test]
    fn a_path_and_a_query_string_name_an_operation_of_the_file_systems() {
        let incoming = Incoming {
            method: "GET".into(),
            path: "/2015-02-01/mount-targets".into(),
            query: "FileSystemId=fs-1&MaxItems=5".into(),
            ..Incoming::default()
        };
        assert_eq!(incoming.dialect(), Dialect::Rest);
        let request = incoming.decode("elasticfilesystem").unwrap();
        assert_eq!((request.service, &*request.operation), (Service::Efs, "DescribeMountTargets"));
        let deleting = Incoming { method: "DELETE".into(), ..incoming };
        assert_eq!(deleting.decode("elasticfilesystem").unwrap_err().status, 404);
    }

    #[test]
    fn a_target_of_another_service_or_broken_json_is_refused() {
        let mut incoming = signed("A/20260101/r/sagemaker/aws4_request");
        assert_eq!(&*incoming.decode("pricing").unwrap_err().code, "UnknownOperationException");
        incoming.body = b"{".to_vec();
        assert_eq!(&*incoming.decode("sagemaker").unwrap_err().code, "SerializationException");
    }
}
