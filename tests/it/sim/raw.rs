//! Requests as they go over the wire, for services without an SDK here: what is checked is the protocol.

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use sagedeck::sim::SimulatedAws;
use serde_json::Value;
use std::fmt::Write as _;

use super::REGION;

/// A status, the error's name in the header, and the body.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) error: Option<String>,
    pub(super) body: String,
}

impl Answered {
    /// The body as JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// The texts of all elements of a name.
    pub(super) fn texts(&self, element: &str) -> Vec<&str> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        self.body.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).collect()
    }
}

/// Sends a request signed for a service as a key.
pub(super) async fn send(
    sim: &SimulatedAws,
    key: &str,
    service: &str,
    (method, path): (&str, &str),
    headers: &[(&'static str, String)],
    body: String,
) -> Answered {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method(method).unwrap();
    request.set_uri(format!("https://{service}.{REGION}.amazonaws.com{path}")).unwrap();
    let credential = format!("{key}/20270115/{REGION}/{service}/aws4_request");
    let authorization = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
    request.headers_mut().insert("authorization", authorization);
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.clone());
    }
    let answer = sim.call(request).await.unwrap();
    Answered {
        status: answer.status().as_u16(),
        error: answer.headers().get("x-amzn-errortype").map(str::to_owned),
        body: String::from_utf8(answer.body().bytes().unwrap().to_vec()).unwrap(),
    }
}

/// Asks EC2; a blank in a value is written as `+`.
pub(super) async fn ec2(sim: &SimulatedAws, operation: &str, members: &[(&str, &str)]) -> Answered {
    ec2_as(sim, "AKIADEFAULT", operation, members).await
}

/// Asks EC2 as a key.
pub(super) async fn ec2_as(
    sim: &SimulatedAws,
    key: &str,
    operation: &str,
    members: &[(&str, &str)],
) -> Answered {
    let mut body = format!("Action={operation}&Version=2016-11-15");
    for (name, value) in members {
        let _ = write!(body, "&{name}={}", value.replace(' ', "+"));
    }
    let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
    send(sim, key, "ec2", ("POST", "/"), &[form], body).await
}

/// Asks EFS for a list: `file-systems` or `mount-targets`.
pub(super) async fn efs(sim: &SimulatedAws, list: &str, query: &str) -> Answered {
    let path = format!("/2015-02-01/{list}?{query}");
    send(sim, "AKIADEFAULT", "elasticfilesystem", ("GET", &path), &[], String::new()).await
}

/// Asks a service with targets.
pub(super) async fn json(sim: &SimulatedAws, service: &str, operation: &str, body: Value) -> Answered {
    let target = match service {
        "sso" => "SWBExternalService",
        "identitystore" => "AWSIdentityStore",
        _ => "SageMaker",
    };
    let headers = [
        ("x-amz-target", format!("{target}.{operation}")),
        ("content-type", "application/x-amz-json-1.1".to_owned()),
    ];
    send(sim, "AKIADEFAULT", service, ("POST", "/"), &headers, body.to_string()).await
}
