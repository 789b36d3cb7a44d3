//! An AWS that says what the test tells it to, and remembers what it was asked, byte for byte. For answers that
//! the simulated AWS does not give: hostile, or with everything left out that may be left out.

use std::fmt;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use sagedeck::aws::{Gateway, Settings, SharedHttpClient};
use sagedeck::fleet::Query;
use sagedeck::sim::SimulatedAws;
use sha2::{Digest, Sha256};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use super::{profile, settings, sim_of};
use sagedeck::sim::scenario::Scenario;

/// A request as it went out.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    /// The operation: out of the target of a JSON request, the `Action` of a form, or the path of EFS.
    pub(crate) fn operation(&self) -> &str {
        let target = self.header("x-amz-target").rsplit('.').next().filter(|name| !name.is_empty());
        let form = || self.body.split('&').find_map(|pair| pair.strip_prefix("Action="));
        let path = || self.uri.contains("/2015-02-01/file-systems").then_some("DescribeFileSystems");
        target.or_else(form).or_else(path).unwrap_or("")
    }

    /// The value of a member of a form, still encoded.
    pub(crate) fn member(&self, name: &str) -> Option<&str> {
        self.body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The signature AWS would compute for this request, with the secret key `secret`. Source: Signature
    /// Version 4, as AWS describes it in the IAM user guide.
    pub(crate) fn signature(&self) -> String {
        let authorization = self.header("authorization");
        let part = |name: &str| authorization.split_once(name).unwrap().1.split(',').next().unwrap().trim();
        let scope = part("Credential=").split_once('/').unwrap().1;
        let (host, path) = self.uri.split_once("://").unwrap().1.split_once('/').unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut canonical = format!("{}\n/{path}\n{query}\n", self.method);
        for name in part("SignedHeaders=").split(';') {
            let value = if name == "host" { host } else { self.header(name) };
            let _ = writeln!(canonical, "{name}:{value}");
        }
        let _ = write!(canonical, "\n{}\n{}", part("SignedHeaders="), hex(&Sha256::digest(&self.body)));
        let time = self.header("x-amz-date");
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let key = scope.split('/').fold(b"AWS4secret".to_vec(), |key, part| hmac(&key, part));
        hex(&hmac(&key, &text))
    }

    pub(crate) fn signed_with(&self) -> &str {
        self.header("authorization").split_once("Signature=").map_or("", |(_, signature)| signature)
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

type Say = dyn Fn(&Asked) -> (u16, String) + Send + Sync;

/// The AWS that says what it is told to; `say` gives status and body for a request.
#[derive(Clone)]
pub(crate) struct Canned {
    say: Arc<Say>,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Who answers the question for the identity.
    sim: SimulatedAws,
}

impl fmt::Debug for Canned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canned")
    }
}

impl Canned {
    pub(crate) fn new(say: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self { say: Arc::new(say), asked: Arc::default(), sim: sim_of(Scenario::Empty) }
    }

    /// One that says the same to everything.
    pub(crate) fn saying(status: u16, body: &str) -> Self {
        let body = body.to_owned();
        Self::new(move |_| (status, body.clone()))
    }

    /// A gateway that knows who it is, and asks this AWS from now on.
    pub(crate) async fn gateway(&self) -> Gateway {
        let http_client = Some(SharedHttpClient::new(self.clone()));
        let gateway = Gateway::new(Settings { http_client, ..settings(&self.sim, "AKIADEFAULT") });
        gateway.ask(&Query::Identity(profile())).await.unwrap();
        gateway
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let sim = SharedHttpClient::new(self.sim.clone()).http_connector(settings, components);
        SharedHttpConnector::new(Answering { canned: self.clone(), sim })
    }
}

#[derive(Debug)]
struct Answering {
    canned: Canned,
    sim: SharedHttpConnector,
}

impl HttpConnector for Answering {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = Asked {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            headers: request.headers().iter().map(|(name, value)| (name.into(), value.into())).collect(),
            body: String::from_utf8(request.body().bytes().unwrap_or_default().to_vec()).unwrap(),
        };
        if asked.operation() == "GetCallerIdentity" {
            return self.sim.call(request);
        }
        let (status, body) = (self.canned.say)(&asked);
        let kind = if body.starts_with('<') { "text/xml" } else { "application/x-amz-json-1.1" };
        self.canned.asked.lock().unwrap().push(asked);
        let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        answer.headers_mut().insert("content-type", kind);
        answer.headers_mut().insert("x-amzn-requestid", "request-1");
        HttpConnectorFuture::ready(Ok(answer))
    }
}
