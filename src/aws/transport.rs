//! The one HTTP client: one connection pool, one TLS stack, and the rule of where a signed request may go.
//! Knows no AWS operation.

use std::sync::Arc;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::problem::HeldBack;

/// The longest answer that is read, in bytes, where its length is announced. A page of 100 rows is about 60 kB.
const LONGEST_ANSWER: u64 = 32 * 1024 * 1024;

/// Addresses at which containers and instances offer credentials over plain HTTP; nothing else listens there.
/// Source: AWS SDKs and Tools reference guide, `feature-imds-credentials` and `feature-container-credentials`.
const METADATA_HOSTS: [&str; 5] =
    ["169.254.169.254", "[fd00:ec2::254]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

/// The HTTP client for all services and for the sources of credentials: `replacement` where one is given
/// (the simulated AWS), else the network.
///
/// Requests over `https` honour the proxy variables of the environment. Requests over plain `http` go only to
/// this machine, and never through a proxy.
pub(super) fn shared(replacement: Option<SharedHttpClient>) -> SharedHttpClient {
    let (outward, local) = match replacement {
        Some(client) => (client.clone(), client),
        None => (network(ProxyConfig::from_env()), network(ProxyConfig::disabled())),
    };
    SharedHttpClient::new(Guarded { outward, local })
}

fn network(proxy: ProxyConfig) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut builder = Connector::builder();
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.set_proxy_config(Some(proxy.clone()));
        builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    })
}

/// Where a request may go, by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// Over TLS, anywhere.
    Outward,
    /// Over plain HTTP, to this machine.
    Local,
    /// Nowhere.
    Forbidden,
}

fn route(uri: &str) -> Route {
    let Some((scheme, rest)) = uri.split_once("://") else { return Route::Forbidden };
    if scheme.eq_ignore_ascii_case("https") {
        return Route::Outward;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Somebody's name before an `@` is the classic way of making a host look like another one.
    if !scheme.eq_ignore_ascii_case("http") || authority.contains('@') {
        return Route::Forbidden;
    }
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => format!("[{address}]"),
        None => authority.split(':').next().unwrap_or_default().to_ascii_lowercase(),
    };
    if is_loopback(&host) || METADATA_HOSTS.contains(&host.as_str()) {
        Route::Local
    } else {
        Route::Forbidden
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Lets nothing pass that would carry a signature in the clear over a network.
#[derive(Debug, Clone)]
struct Guarded {
    outward: SharedHttpClient,
    local: SharedHttpClient,
}

impl HttpClient for Guarded {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(GuardedConnector {
            outward: self.outward.http_connector(settings, components),
            local: self.local.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct GuardedConnector {
    outward: SharedHttpConnector,
    local: SharedHttpConnector,
}

impl HttpConnector for GuardedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = match route(request.uri()) {
            Route::Outward => self.outward.call(request),
            Route::Local => self.local.call(request),
            Route::Forbidden => {
                let held_back = HeldBack::new(
                    "the endpoint is not secure, so nothing was sent to it",
                    "Use an https:// endpoint; plain http:// is allowed to this machine only (localhost)",
                );
                return HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(held_back))));
            }
        };
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            let announced =
                answer.headers().get("content-length").and_then(|length| length.parse::<u64>().ok());
            if announced.is_some_and(|length| length > LONGEST_ANSWER) {
                let message: Arc<str> = "the answer is longer than any answer of AWS".into();
                return Err(ConnectorError::other(message.as_ref().into(), None));
            }
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for (uri, expected) in [
            ("https://api.sagemaker.eu-west-1.amazonaws.com/", Route::Outward),
            ("https://proxy.corp.example:8443/sm", Route::Outward),
            ("http://127.0.0.1:4566/", Route::Local),
            ("http://127.8.9.1", Route::Local),
            ("http://localhost:80/?x", Route::Local),
            ("HTTP://LOCALHOST/", Route::Local),
            ("http://[::1]:9/", Route::Local),
            ("http://169.254.169.254/latest/meta-data", Route::Local),
            ("http://169.254.169.253/", Route::Forbidden),
            ("http://10.0.0.1/", Route::Forbidden),
            ("http://api.sagemaker.eu-west-1.amazonaws.com/", Route::Forbidden),
            ("http://localhost.evil.example/", Route::Forbidden),
            ("http://localhost@evil.example/", Route::Forbidden),
            ("http://127.0.0.1.evil.example/", Route::Forbidden),
            ("http://evil.example#@localhost/", Route::Forbidden),
            ("http://[2001:db8::1]/", Route::Forbidden),
            ("ftp://localhost/", Route::Forbidden),
            ("localhost:4566", Route::Forbidden),
            ("", Route::Forbidden),
        ] {
            assert_eq!(route(uri), expected, "{uri}");
        }
    }
}
