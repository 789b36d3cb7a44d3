//! Serving one request, in process or over loopback: who asks, what goes wrong, which service answers.
//! Knows the services by name only.

use std::sync::atomic::Ordering;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use super::answer::{self, Answer, Reply};
use super::dialect::{denied, forbidden};
use super::exchange::{self, Incoming, Payload, Request};
use super::faults::{Fault, Verdict};
use super::log::LoggedRequest;
use super::wire::{Call, Fate, JsonReply, Refusal, Service};
use super::world::{Scope, World};
use super::{
    SimulatedAws, cost_explorer, ec2, efs, iam, identity, listen, pricing, rng, sagemaker, service_quotas,
    sts,
};

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection broke.
    Connection,
    /// The answer broke off.
    Truncated(Answer),
}

impl SimulatedAws {
    /// Answers one request, in its own time.
    pub(super) async fn respond(&self, incoming: Incoming) -> Result<Answer, Broken> {
        let dialect = incoming.dialect();
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed);
        let request_id = request_id(number);
        let mut entry = LoggedRequest::received(self.0.clock.now(), request_id.clone());
        let identified = self.identify(&incoming, &mut entry);
        let verdict = match &identified {
            Ok((request, scope)) => self.0.faults.judge(&request.operation, scope, request.service),
            Err(_) => Verdict::default(),
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
        let service = Service::ALL.into_iter().find(|service| service.as_str() == entry.service);
        let reply = match (identified, verdict.refusal) {
            (Ok(_), Some(refusal)) | (Err(refusal), _) => Reply::refusal(dialect, refusal),
            (Ok((request, scope)), None) => {
                self.carry_out(request, &scope, &mut entry, verdict.fault.as_ref())
            }
        };
        entry.error = reply.error().cloned();
        let operation = entry.operation.clone();
        let answer = answer::write(dialect, service, &operation, reply, request_id);
        entry.status = Some(answer.status);
        entry.is_answered = !matches!(verdict.fault, Some(Fault::LoseAnswer | Fault::Truncate | Fault::Html));
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
        let account = exchange::account_of(&mut self.world_now(), &caller.access_key, incoming.dialect())?;
        entry.account = account.clone();
        Ok((request, Scope { account, region: caller.region }))
    }

    fn carry_out(
        &self,
        request: Request,
        scope: &Scope,
        entry: &mut LoggedRequest,
        fault: Option<&Fault>,
    ) -> Reply {
        let mut world = self.world_now();
        let now = world.now();
        let session = sts::session(&world, &scope.account, &entry.access_key);
        let expired = session.is_some_and(|session| session.expires <= now);
        let principal = session.map_or_else(
            || exchange::principal(&world, &scope.account, &entry.access_key),
            |session| session.arn.to_string(),
        );
        entry.principal = principal.as_str().into();
        let Request { service, operation, payload } = request;
        let call = Call {
            service,
            operation: &operation,
            scope,
            access_key: &entry.access_key,
            principal: &principal,
            now,
            fate: match fault {
                Some(Fault::FailLater(reason)) => Fate::Fails(reason.clone()),
                Some(Fault::Hang) => Fate::Hangs,
                _ => Fate::Usual,
            },
        };
        let dialect = service.dialect();
        // Nobody is denied to ask who they are.
        let is_asking_who = operation == "GetCallerIdentity";
        if expired {
            return Reply::refusal(dialect, dialect.expired());
        }
        if fault == Some(&Fault::ExplicitDeny) && !is_asking_who {
            return Reply::refusal(dialect, forbidden(service, &operation, scope, &principal));
        }
        if !is_asking_who && world.is_denied(&format!("{}:{operation}", service.as_str()), scope) {
            return Reply::refusal(dialect, denied(service, &operation, scope, &principal));
        }
        match payload {
            Payload::Json(body) => Reply::Json(listing(&mut world, &call, body, fault, &entry.request_id)),
            Payload::Form(form) => match service {
                Service::Sts => Reply::Xml(sts::answer(&mut world, &call, &form)),
                Service::Ec2 => Reply::Xml(ec2::answer(&mut world, &call, &form)),
                Service::Efs => Reply::Json(efs::answer(&mut world, &call, &form)),
                _ => Reply::Xml(iam::answer(&mut world, &call, &form)),
            },
        }
    }
}

/// Lets a JSON service answer, and spoils the tokens of its lists if a fault says so.
fn listing(
    world: &mut World,
    call: &Call<'_>,
    mut body: Value,
    fault: Option<&Fault>,
    request_id: &str,
) -> JsonReply {
    let member = token_member(call);
    match fault {
        Some(Fault::EmptyPages) => {
            if let Some(members) = body.as_object_mut() {
                members.remove(member);
            }
            let token = format!("{}EMPTY", &request_id[..8]);
            json_reply(world, call, &body).map(|reply| without_rows(reply, member, token))
        }
        Some(Fault::RepeatToken) => json_reply(world, call, &body).map(|mut reply| {
            if let Some(token) = body.get(member) {
                reply[member] = token.clone();
            }
            reply
        }),
        _ => json_reply(world, call, &body),
    }
}

/// What the token of a list is called.
fn token_member(call: &Call<'_>) -> &'static str {
    let is_of_bill = call.service == Service::CostExplorer && call.operation.starts_with("Get");
    if is_of_bill { "NextPageToken" } else { "NextToken" }
}

fn json_reply(world: &mut World, call: &Call<'_>, body: &Value) -> JsonReply {
    match call.service {
        Service::SageMaker => sagemaker::answer(world, call, body),
        Service::Sso | Service::IdentityStore => identity::answer(world, call, body),
        Service::CostExplorer => cost_explorer::answer(world, call, body),
        Service::ServiceQuotas => service_quotas::answer(world, call, body),
        _ => pricing::answer(world, call, body),
    }
}

/// A page without its rows, after which there is another one.
fn without_rows(mut reply: Value, member: &str, token: String) -> Value {
    if let Some(members) = reply.as_object_mut() {
        for list in members.values_mut().filter_map(Value::as_array_mut) {
            list.clear();
        }
        members.insert(member.to_owned(), Value::from(token));
    }
    reply
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

impl HttpClient for SimulatedAws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SimulatedAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name| request.headers().get(name).map(str::to_owned);
        let uri = request.uri().parse::<http::Uri>().unwrap_or_default();
        let incoming = Incoming {
            method: request.method().to_owned(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
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
            let mut response = http::Response::builder()
                .status(answer.status)
                .header("content-type", answer.content_type)
                .header("x-amzn-requestid", answer.request_id);
            if let Some(error_type) = &answer.error_type {
                response = response.header("x-amzn-errortype", &**error_type);
            }
            let response = response.body(body).map_err(|error| ConnectorError::other(error.into(), None))?;
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
