//! What AWS answers in demo and test: the wire protocol, in process or over loopback, with state,
//! virtual time and faults. Knows no type of ours.

pub mod clock;
mod exchange;
pub mod faults;
pub mod iam;
pub mod life;
pub mod listen;
mod log;
pub mod pricing;
mod query;
pub mod rng;
mod sagemaker;
pub mod scenario;
mod shapes;
mod sts;
mod validate;
pub mod wire;
pub mod world;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

pub use log::{Log, LoggedRequest};

use clock::{Millis, SimClock};
use exchange::{Answer, Incoming, Payload, Request};
use faults::{Fault, Faults};
use scenario::Scenario;
use wire::{Call, Refusal, Service};
use world::{Scope, World};

/// The account of callers whose access key names no other.
pub const DEFAULT_ACCOUNT: &str = "123456789012";

/// A simulated AWS; clones are the same one. It serves as the HTTP client of any SDK client, and over
/// loopback through [`listen`].
#[derive(Clone)]
pub struct SimulatedAws(Arc<Inner>);

struct Inner {
    world: Mutex<World>,
    clock: SimClock,
    faults: Faults,
    log: Log,
    latency: Duration,
    requests: AtomicU64,
}

/// How a [`SimulatedAws`] shall be.
#[derive(Clone, Debug)]
pub struct Builder {
    scenario: Scenario,
    seed: u64,
    epoch: Option<Millis>,
    speed: f64,
    latency: Duration,
    life: bool,
}

impl Builder {
    /// The fleet to start with.
    #[must_use]
    pub fn scenario(self, scenario: Scenario) -> Self {
        Self { scenario, ..self }
    }

    /// What chance decides: the same seed gives the same fleet and the same faults.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The virtual time at the start, in seconds since the epoch; without it, the real time.
    #[must_use]
    pub fn epoch_seconds(self, seconds: i64) -> Self {
        Self { epoch: Some(seconds * clock::SECOND), ..self }
    }

    /// How many times as fast as real the virtual time runs.
    #[must_use]
    pub fn speed(self, speed: f64) -> Self {
        Self { speed, ..self }
    }

    /// How long each answer takes, in real time.
    #[must_use]
    pub fn latency(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    /// Whether things happen by themselves.
    #[must_use]
    pub fn life(self, life: bool) -> Self {
        Self { life, ..self }
    }

    /// Makes it.
    pub fn build(self) -> SimulatedAws {
        let epoch = self.epoch.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Millis::try_from(since.as_millis()).unwrap_or_default()
        });
        let faults = Faults::new(self.seed);
        let mut world = World::new(DEFAULT_ACCOUNT, epoch);
        self.scenario.populate(self.seed, &mut world, &faults);
        if self.life {
            world.life = Some(life::Life::new(self.seed, epoch));
        }
        SimulatedAws(Arc::new(Inner {
            world: Mutex::new(world),
            clock: SimClock::new(epoch, self.speed),
            faults,
            log: Log::default(),
            latency: self.latency,
            requests: AtomicU64::new(0),
        }))
    }
}

/// Why there is no answer.
#[derive(Debug)]
enum Broken {
    /// The connection broke.
    Connection,
    /// The answer broke off.
    Truncated(Answer),
}

impl SimulatedAws {
    /// The demo's defaults: the small fleet in real time, without life, latency or faults.
    pub fn builder() -> Builder {
        Builder {
            scenario: Scenario::default(),
            seed: 1,
            epoch: None,
            speed: 1.0,
            latency: Duration::ZERO,
            life: false,
        }
    }

    /// What can go wrong.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// What was asked so far.
    pub fn requests(&self) -> &Log {
        &self.0.log
    }

    /// The virtual clock.
    pub fn clock(&self) -> &SimClock {
        &self.0.clock
    }

    /// Looks at the world, or changes it, at the present virtual time.
    pub fn with_world<R>(&self, with: impl FnOnce(&mut World) -> R) -> R {
        with(&mut self.world_now())
    }

    fn world_now(&self) -> MutexGuard<'_, World> {
        let mut world = self.0.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.0.clock.now());
        world
    }

    /// Answers one request, in its own time.
    async fn respond(&self, incoming: Incoming) -> Result<Answer, Broken> {
        let json = incoming.is_json();
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed);
        let request_id = request_id(number);
        let mut entry = LoggedRequest::received(self.0.clock.now());
        let identified = self.identify(&incoming, &mut entry);
        let verdict = match &identified {
            Ok((request, scope)) => self.0.faults.judge(&request.operation, scope, json),
            Err(_) => faults::Verdict::default(),
        };
        // Half of the way there and half back: what a caller gives up on may still have been done.
        let half = (self.0.latency + verdict.latency) / 2;
        tokio::time::sleep(half).await;
        if matches!(verdict.fault, Some(Fault::Disconnect | Fault::BlackHole)) {
            self.0.log.add(entry);
            if verdict.fault == Some(Fault::BlackHole) {
                std::future::pending::<()>().await;
            }
            return Err(Broken::Connection);
        }
        let answer = match (identified, verdict.refusal) {
            (Ok((request, _)), Some(refusal)) => refuse(Some(request.service), json, refusal, request_id),
            (Ok((request, scope)), None) => {
                self.carry_out(request, &scope, &entry, verdict.fault.as_ref(), request_id)
            }
            (Err(refusal), _) => {
                let iam = (entry.service == Service::Iam.as_str()).then_some(Service::Iam);
                refuse(iam, json, refusal, request_id)
            }
        };
        entry.status = Some(answer.status);
        self.0.log.add(entry);
        tokio::time::sleep(half).await;
        match verdict.fault {
            Some(Fault::LoseAnswer) => Err(Broken::Connection),
            Some(Fault::Truncate) => Err(Broken::Truncated(answer)),
            Some(Fault::Html) => Ok(Answer {
                status: 502,
                content_type: "text/html",
                body: "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
                    .into(),
                ..answer
            }),
            _ => Ok(answer),
        }
    }

    /// Tells who asks what, and notes it in the log entry.
    fn identify(&self, incoming: &Incoming, entry: &mut LoggedRequest) -> Result<(Request, Scope), Refusal> {
        let caller = incoming.caller()?;
        entry.access_key.clone_from(&caller.access_key);
        entry.region = caller.region.clone();
        entry.service.clone_from(&caller.service);
        let request = incoming.decode(&caller.service)?;
        entry.operation.clone_from(&request.operation);
        entry.body = match &request.payload {
            Payload::Json(value) => value.clone(),
            Payload::Form(form) => serde_json::json!(form),
        };
        let account = exchange::account_of(&self.world_now(), &caller.access_key, incoming.is_json())?;
        entry.account = account.clone();
        Ok((request, Scope { account, region: caller.region }))
    }

    fn carry_out(
        &self,
        request: Request,
        scope: &Scope,
        entry: &LoggedRequest,
        fault: Option<&Fault>,
        request_id: String,
    ) -> Answer {
        let mut world = self.world_now();
        let now = world.now();
        let session = sts::session(&world, &scope.account, &entry.access_key);
        let expired = session.is_some_and(|session| session.expires <= now);
        let principal = session.map_or_else(
            || exchange::principal(&scope.account, &entry.access_key),
            |session| session.arn.to_string(),
        );
        let Request { service, operation, payload } = request;
        let call = Call {
            service,
            operation: &operation,
            scope,
            access_key: &entry.access_key,
            principal: &principal,
            now,
        };
        let denied = if expired {
            Some(wire::expired(matches!(payload, Payload::Json(_))))
        } else {
            world
                .is_denied(&format!("{}:{operation}", service.as_str()), scope)
                .then(|| exchange::denied(service, &operation, scope, &principal))
        };
        match payload {
            Payload::Json(mut body) => {
                let reply = match (denied, fault) {
                    (Some(denied), _) => Err(denied),
                    (None, Some(Fault::EmptyPages)) => {
                        let listing = body.as_object_mut();
                        let token = format!("{}EMPTY", &request_id[..8]);
                        listing.map(|body| body.remove("NextToken"));
                        json_reply(&mut world, &call, &body).map(|reply| without_rows(reply, token))
                    }
                    (None, Some(Fault::RepeatToken)) => {
                        json_reply(&mut world, &call, &body).map(|mut reply| {
                            if let Some(token) = body.get("NextToken") {
                                reply["NextToken"] = token.clone();
                            }
                            reply
                        })
                    }
                    (None, _) => json_reply(&mut world, &call, &body),
                };
                exchange::write_json(reply, request_id)
            }
            Payload::Form(form) => {
                let reply = match (denied, service) {
                    (Some(denied), _) => Err(denied),
                    (None, Service::Sts) => sts::answer(&mut world, &call, &form),
                    (None, _) => iam::answer(&mut world, &call, &form),
                };
                exchange::write_xml(service, &operation, reply, request_id)
            }
        }
    }
}

fn json_reply(world: &mut World, call: &Call<'_>, body: &Value) -> wire::JsonReply {
    match call.service {
        Service::SageMaker => sagemaker::answer(world, call, body),
        _ => pricing::answer(world, call, body),
    }
}

/// A page without its rows, after which there is another one.
fn without_rows(mut reply: Value, token: String) -> Value {
    if let Some(members) = reply.as_object_mut() {
        for list in members.values_mut().filter_map(Value::as_array_mut) {
            list.clear();
        }
        members.insert("NextToken".to_owned(), Value::from(token));
    }
    reply
}

fn refuse(service: Option<Service>, json: bool, refusal: Refusal, request_id: String) -> Answer {
    if json {
        exchange::write_json(Err(refusal), request_id)
    } else {
        exchange::write_xml(service.unwrap_or(Service::Sts), "", Err(refusal), request_id)
    }
}

/// A request id as AWS gives them, the same in every run.
fn request_id(number: u64) -> String {
    let mut rng = rng::Rng::new(number);
    let (high, low) = (rng.next_u64(), rng.next_u64());
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

impl fmt::Debug for SimulatedAws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimulatedAws").field("clock", &self.0.clock).finish_non_exhaustive()
    }
}

impl HttpClient for SimulatedAws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SimulatedAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name| request.headers().get(name).map(str::to_owned);
        let incoming = Incoming {
            target: header("x-amz-target"),
            authorization: header("authorization"),
            content_type: header("content-type"),
            body: request.body().bytes().unwrap_or_default().to_vec(),
        };
        let sim = self.clone();
        HttpConnectorFuture::new(async move {
            let (answer, whole) = match sim.respond(incoming).await {
                Ok(answer) => (answer, true),
                Err(Broken::Truncated(answer)) => (answer, false),
                Err(Broken::Connection) => {
                    return Err(ConnectorError::io("connection closed before an answer".into()));
                }
            };
            let body = if whole {
                SdkBody::from(answer.body)
            } else {
                SdkBody::from_body_1_x(listen::half_of(answer.body))
            };
            let response = http::Response::builder()
                .status(answer.status)
                .header("content-type", answer.content_type)
                .header("x-amzn-requestid", answer.request_id)
                .body(body)
                .map_err(|error| ConnectorError::other(error.into(), None))?;
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_look_like_those_of_aws_and_differ() {
        let id = request_id(7);
        assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_ne!(id, request_id(8));
    }
}
