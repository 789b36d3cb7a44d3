//! One request and its answer: reading headers and body, telling callers apart, writing the answer.
//! Knows the protocols, no operation.

use serde_json::Value;

use super::wire::{Form, JsonReply, Refusal, Service, XmlReply, expired};
use super::world::{Name, Scope, World};

/// The parts of an HTTP request that matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Incoming {
    /// `X-Amz-Target`.
    pub(super) target: Option<String>,
    /// `Authorization`.
    pub(super) authorization: Option<String>,
    /// `Content-Type`.
    pub(super) content_type: Option<String>,
    /// The body.
    pub(super) body: Vec<u8>,
}

/// What is sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) request_id: String,
    pub(super) body: String,
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
    /// Whether the request speaks AWS JSON, so that a refusal must too.
    pub(super) fn is_json(&self) -> bool {
        self.target.is_some() || self.content_type.as_deref().is_some_and(|kind| kind.contains("json"))
    }

    /// Reads the caller out of the signature, whose value nobody can check here.
    pub(super) fn caller(&self) -> Result<Caller, Refusal> {
        let spelled = |code: &str| if self.is_json() { format!("{code}Exception") } else { code.to_owned() };
        let Some(authorization) = &self.authorization else {
            return Err(Refusal::new(&spelled("MissingAuthenticationToken"), "Missing Authentication Token")
                .with_status(403));
        };
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
            _ => Err(Refusal::new(
                &spelled("IncompleteSignature"),
                "The request signature does not conform to AWS standards.",
            )),
        }
    }

    /// Reads the operation and its members.
    pub(super) fn decode(&self, service: &str) -> Result<Request, Refusal> {
        let unknown = |name: &str| {
            let code = if self.is_json() { "UnknownOperationException" } else { "InvalidAction" };
            Refusal::new(code, format!("The simulation does not know the operation {name} of {service}."))
        };
        if let Some(target) = &self.target {
            let (service, operation) = match (service, target.split_once('.')) {
                ("sagemaker", Some(("SageMaker", operation))) => (Service::SageMaker, operation),
                ("pricing", Some(("AWSPriceListService", operation))) => (Service::Pricing, operation),
                _ => return Err(unknown(target)),
            };
            let text = if self.body.is_empty() { b"{}" } else { self.body.as_slice() };
            let value = serde_json::from_slice(text).map_err(|error| {
                Refusal::new("SerializationException", format!("Malformed JSON: {error}"))
            })?;
            return Ok(Request { service, operation: operation.to_owned(), payload: Payload::Json(value) });
        }
        let form = read_form(&self.body);
        let action = form.get("Action").cloned().unwrap_or_default();
        match service {
            _ if action.is_empty() => {
                let missing = Refusal::new("MissingAction", "The request must contain the parameter Action.");
                Err(if self.is_json() { unknown("") } else { missing })
            }
            "sts" => Ok(Request { service: Service::Sts, operation: action, payload: Payload::Form(form) }),
            "iam" => Ok(Request { service: Service::Iam, operation: action, payload: Payload::Form(form) }),
            _ => Err(unknown(&action)),
        }
    }
}

/// The account an access key belongs to: the known account whose 12 digits it contains, else the
/// default one.
///
/// # Errors
/// For keys that say they are `EXPIRED` or `INVALID`, and those of an unknown account.
pub(super) fn account_of(world: &World, access_key: &str, json: bool) -> Result<Name, Refusal> {
    let invalid = || {
        let code = if json { "UnrecognizedClientException" } else { "InvalidClientTokenId" };
        Refusal::new(code, "The security token included in the request is invalid.").with_status(403)
    };
    if access_key.contains("EXPIRED") {
        return Err(expired(json));
    }
    if access_key.contains("INVALID") {
        return Err(invalid());
    }
    let digits = access_key
        .as_bytes()
        .windows(12)
        .position(|window| window.iter().all(u8::is_ascii_digit))
        .map(|start| &access_key[start..start + 12]);
    match digits {
        None => Ok(world.default_account.clone()),
        Some(digits) => world.accounts.get_key_value(digits).map(|(id, _)| id.clone()).ok_or_else(invalid),
    }
}

/// The ARN of a caller: everybody is an administrator with a session named after the access key.
pub(super) fn principal(account: &str, access_key: &str) -> String {
    let session: String = access_key.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    format!("arn:aws:sts::{account}:assumed-role/MLAdmin/{session}")
}

/// The refusal of an action that a caller is not allowed.
pub(super) fn denied(service: Service, operation: &str, scope: &Scope, principal: &str) -> Refusal {
    let prefix = service.as_str();
    let resource = match service {
        Service::SageMaker => scope.sagemaker_arn(&resource_kind(operation)),
        _ => "*".to_owned(),
    };
    let (code, status) = match service {
        Service::SageMaker | Service::Pricing => ("AccessDeniedException", 400),
        Service::Sts | Service::Iam => ("AccessDenied", 403),
    };
    let message = format!(
        "User: {principal} is not authorized to perform: {prefix}:{operation} on resource: {resource} \
         because no identity-based policy allows the {prefix}:{operation} action"
    );
    Refusal::new(code, message).with_status(status)
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

/// Writes the answer of a JSON service.
pub(super) fn write_json(reply: JsonReply, request_id: String) -> Answer {
    let (status, body) = match reply {
        Ok(body) => (200, body),
        Err(Refusal { status, code, message }) => {
            (status, serde_json::json!({ "__type": &*code, "message": message }))
        }
    };
    // Operations without output answer with an empty body.
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Answer { status, content_type: "application/x-amz-json-1.1", request_id, body }
}

/// Writes the answer of a Query service.
pub(super) fn write_xml(service: Service, operation: &str, reply: XmlReply, request_id: String) -> Answer {
    use super::wire::Xml;
    let namespace = match service {
        Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        _ => "https://iam.amazonaws.com/doc/2010-05-08/",
    };
    let (status, root, inner) = match reply {
        Ok(result) => {
            let metadata = Xml::new().text("RequestId", &request_id);
            let inner = match result {
                Some(result) => Xml::new().element(&format!("{operation}Result"), result),
                None => Xml::new(),
            };
            (200, format!("{operation}Response"), inner.element("ResponseMetadata", metadata))
        }
        Err(Refusal { status, code, message }) => {
            let blame = if status < 500 { "Sender" } else { "Receiver" };
            let error = Xml::new().text("Type", blame).text("Code", &code).text("Message", &message);
            let inner = Xml::new().element("Error", error).text("RequestId", &request_id);
            (status, "ErrorResponse".to_owned(), inner)
        }
    };
    let body = format!("<{root} xmlns=\"{namespace}\">{}</{root}>", inner.into_string());
    Answer { status, content_type: "text/xml", request_id, body }
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
        assert_eq!(&*account_of(&world, "AKIAANYTHING", true).unwrap(), "123456789012");
        assert_eq!(&*account_of(&world, "ASIA210987654321XY", true).unwrap(), "210987654321");
        let code = |key, json| account_of(&world, key, json).unwrap_err().code;
        assert_eq!(&*code("AKIA999999999999", true), "UnrecognizedClientException");
        assert_eq!(&*code("AKIAEXPIRED", true), "ExpiredTokenException");
        assert_eq!(&*code("AKIAEXPIRED", false), "ExpiredToken");
        assert_eq!(&*code("AKIAINVALID", false), "InvalidClientTokenId");
    }

    #[test]
    fn forms_are_decoded() {
        let incoming =
            Incoming { body: b"Action=GetRole&RoleName=a%2Bb+c&Empty".to_vec(), ..Incoming::default() };
        let request = incoming.decode("iam").unwrap();
        let Payload::Form(form) = request.payload else { panic!("a form") };
        assert_eq!((form["RoleName"].as_str(), form["Empty"].as_str()), ("a+b c", ""));
        assert_eq!(&*incoming.decode("ec2").unwrap_err().code, "InvalidAction");
    }

    #[test]
    fn a_target_of_another_service_or_broken_json_is_refused() {
        let mut incoming = signed("A/20260101/r/sagemaker/aws4_request");
        assert_eq!(&*incoming.decode("pricing").unwrap_err().code, "UnknownOperationException");
        incoming.body = b"{".to_vec();
        assert_eq!(&*incoming.decode("sagemaker").unwrap_err().code, "SerializationException");
    }

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
    fn xml_is_escaped_and_wrapped() {
        use crate::sim::wire::Xml;
        let answer =
            write_xml(Service::Iam, "GetRole", Ok(Some(Xml::new().text("Name", "a<b"))), "id".into());
        assert_eq!(
            answer.body,
            "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Name>a&lt;b</Name>\
             </GetRoleResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetRoleResponse>"
        );
    }
}
