//! The simulated AWS over HTTP on the loopback interface, for the AWS CLI, boto3 and other programs.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;

use futures_util::stream;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited, StreamBody, combinators::BoxBody};
use hyper::body::{Bytes, Frame, Incoming as HyperBody};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use super::SimulatedAws;
use super::answer::Answer;
use super::exchange::Incoming;
use super::serve::Broken;

/// The largest request body that is read, in bytes; AWS's own limits are below it.
const BODY_LIMIT: usize = 1 << 20;

/// A socket that waits for callers.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Takes a loopback address; port 0 takes a free one.
    ///
    /// # Errors
    /// If the address is not loopback (the simulation asks nobody for a password) or is taken.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            let message = format!("{address} is not a loopback address");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves callers until `shutdown` is ready, and then those that are being answered.
    ///
    /// # Errors
    /// If no more connections can be accepted.
    pub async fn serve(self, sim: SimulatedAws, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let graceful = GracefulShutdown::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let stream = tokio::select! {
                accepted = self.socket.accept() => accepted?.0,
                () = &mut shutdown => break,
            };
            let sim = sim.clone();
            let service = service_fn(move |request| {
                let sim = sim.clone();
                async move { answer(&sim, request).await }
            });
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                // A caller that hangs up, or is hung up on by a fault, is no error of the server.
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection to the simulation ended");
                }
            });
        }
        graceful.shutdown().await;
        Ok(())
    }
}

type Body = BoxBody<Bytes, io::Error>;

async fn answer(sim: &SimulatedAws, request: Request<HyperBody>) -> io::Result<Response<Body>> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut incoming = Incoming {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        target: header("x-amz-target"),
        authorization: header("authorization"),
        content_type: header("content-type"),
        body: Vec::new(),
    };
    incoming.body = match Limited::new(request.into_body(), BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Response::builder().status(413).body(whole(String::new())).map_err(io::Error::other);
        }
        Err(error) => return Err(io::Error::other(error)),
    };
    let (answer, truncated) = match sim.respond(incoming).await {
        Ok(answer) => (answer, false),
        Err(Broken::Truncated(answer)) => (answer, true),
        Err(Broken::Connection) => return Err(io::ErrorKind::ConnectionReset.into()),
    };
    let Answer { status, content_type, request_id, error_type, body } = answer;
    let mut builder = Response::builder()
        .status(status)
        .header("content-type", content_type)
        .header("content-length", body.len())
        .header("x-amzn-requestid", request_id);
    if let Some(error_type) = error_type {
        builder = builder.header("x-amzn-errortype", &*error_type);
    }
    let body = if truncated { half_of(body) } else { whole(body) };
    builder.body(body).map_err(io::Error::other)
}

fn whole(body: String) -> Body {
    Full::new(Bytes::from(body)).map_err(|never: Infallible| match never {}).boxed()
}

/// The first half of a body, and then a broken connection.
pub(super) fn half_of(mut body: String) -> Body {
    let mut middle = body.len() / 2;
    while !body.is_char_boundary(middle) {
        middle -= 1;
    }
    body.truncate(middle);
    let frames = [Ok(Frame::data(Bytes::from(body))), Err(io::ErrorKind::UnexpectedEof.into())];
    BodyExt::boxed(StreamBody::new(stream::iter(frames)))
}
