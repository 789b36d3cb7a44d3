//! A client of the `ec2Query` protocol, out of the same parts as the SDK's: its HTTP client, credentials and
//! their cache, signing, correction of the clock, timeouts, endpoints. Knows no single operation.

use std::fmt::Debug;

use aws_config::SdkConfig;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{SharedRuntimePlugin, StaticRuntimePlugin};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::app_name::AppName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;

use super::xml::{self, Page, Rows};
use crate::aws::problem::HeldBack;
use crate::fleet::Region;

/// EC2's API. Source: the service model, `apiVersion` and `serviceId`.
const API: ApiMetadata = ApiMetadata::new("ec2", "2016-11-15");

/// Asks EC2 in one region.
#[derive(Debug, Clone)]
pub(in crate::aws) struct Client {
    http: SharedHttpClient,
    endpoint: Option<String>,
    timeouts: TimeoutConfig,
    parts: SharedRuntimePlugin,
}

impl Client {
    /// A client that passes these interceptors, besides those that every client of the SDK has.
    pub(in crate::aws) fn new(
        config: &SdkConfig,
        http: &SharedHttpClient,
        region: &Region,
        interceptors: impl IntoIterator<Item = SharedInterceptor>,
    ) -> Self {
        Self {
            http: http.clone(),
            endpoint: endpoint(config, region),
            timeouts: config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled),
            parts: SharedRuntimePlugin::new(parts(config, region, interceptors)),
        }
    }

    /// Sends one request, once, and reads its answer.
    pub(super) async fn ask<R>(
        &self,
        operation: &'static str,
        form: String,
        read: fn(&str) -> Page<R>,
    ) -> Result<Rows<R>, SdkError<ErrorMetadata, HttpResponse>>
    where
        R: Debug + Send + Sync + 'static,
    {
        let Some(endpoint) = &self.endpoint else {
            let held_back =
                HeldBack::new("the name of the region is none, so nothing was sent", "Correct it");
            return Err(SdkError::construction_failure(held_back));
        };
        Operation::builder()
            .service_name("EC2")
            .operation_name(operation)
            .http_client(self.http.clone())
            .endpoint_url(endpoint)
            .timeout_config(self.timeouts.clone())
            .no_retry()
            .with_connection_poisoning()
            .runtime_plugin(self.parts.clone())
            .serializer(request)
            .deserializer(move |response: &HttpResponse| answer(response, read))
            .build()
            .invoke(form)
            .await
    }
}

/// What every client of the SDK has: who signs, for what, and what is looked at on the way.
fn parts(
    config: &SdkConfig,
    region: &Region,
    interceptors: impl IntoIterator<Item = SharedInterceptor>,
) -> StaticRuntimePlugin {
    let mut layer = Layer::new("EC2");
    layer.store_put(API.clone());
    layer.store_put(SigningName::from_static("ec2"));
    layer.store_put(SigningRegion::from(aws_config::Region::new(region.as_str().to_owned())));
    layer.store_put(SigV4OperationSigningConfig::default());
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    if let Some(name) = config.app_name() {
        layer.store_put(AppName::clone(name));
    }
    let mut components = RuntimeComponentsBuilder::new("EC2")
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])))
        .with_identity_cache(config.identity_cache())
        .with_interceptor(ServiceClockSkewInterceptor::new())
        .with_interceptor(RequestInfoInterceptor::new())
        .with_interceptor(UserAgentInterceptor::new())
        .with_interceptor(InvocationIdInterceptor::new());
    components.extend_interceptors(interceptors.into_iter());
    if let Some(provider) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(provider));
    }
    if let Some(source) = config.time_source() {
        components.set_time_source(Some(source));
    }
    if let Some(sleep) = config.sleep_impl() {
        components.set_sleep_impl(Some(sleep));
    }
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
}

fn request(form: String) -> Result<HttpRequest, BoxError> {
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-length", form.len())
        .body(SdkBody::from(form))?;
    Ok(request.try_into()?)
}

fn answer<R>(
    response: &HttpResponse,
    read: fn(&str) -> Page<R>,
) -> Result<Rows<R>, OrchestratorError<ErrorMetadata>> {
    let text = String::from_utf8_lossy(response.body().bytes().unwrap_or_default());
    if response.status().is_success() {
        read(&text).map_err(|error| OrchestratorError::response(error.into()))
    } else {
        Err(OrchestratorError::operation(xml::error(&text)))
    }
}

/// Where EC2 is: where the person says (`AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL` or the profile), or else
/// AWS's own place. `None` if the region is no name of a host.
fn endpoint(config: &SdkConfig, region: &Region) -> Option<String> {
    let everywhere = || config.endpoint_url().map(str::to_owned);
    let said = if config.get_origin("endpoint_url").is_client_config() {
        everywhere()
    } else {
        let key = ServiceConfigKey::builder()
            .service_id("EC2")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok();
        let of_ec2 = || config.service_config()?.load_config(key?);
        of_ec2().or_else(everywhere)
    };
    said.or_else(|| {
        let fips = config.use_fips().unwrap_or_default();
        let dual_stack = config.use_dual_stack().unwrap_or_default();
        aws_endpoint(region.as_str(), fips, dual_stack)
    })
}

/// AWS's own place for EC2. Source: the endpoint rules in EC2's service model.
fn aws_endpoint(region: &str, fips: bool, dual_stack: bool) -> Option<String> {
    let is_host = !region.is_empty() && region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    // In GovCloud the usual endpoints are FIPS ones already.
    let service = if fips && !region.starts_with("us-gov-") { "ec2-fips" } else { "ec2" };
    let suffix = match (region, dual_stack) {
        (region, true) if region.starts_with("cn-") => "api.amazonwebservices.com.cn",
        (_, true) => "api.aws",
        (region, false) if region.starts_with("cn-") => "amazonaws.com.cn",
        (region, false) if region.starts_with("us-iso-") => "c2s.ic.gov",
        (region, false) if region.starts_with("us-isob-") => "sc2s.sgov.gov",
        (region, false) if region.starts_with("us-isof-") => "csp.hci.ic.gov",
        (region, false) if region.starts_with("eu-isoe-") => "cloud.adc-e.uk",
        (region, false) if region.starts_with("eusc-") => "amazonaws.eu",
        _ => "amazonaws.com",
    };
    is_host.then(|| format!("https://{service}.{region}.{suffix}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::aws::transport;
    use crate::aws::write_lock::{Gate, WriteLock};
    use crate::fleet::AccountId;

    #[tokio::test]
    async fn what_would_change_a_network_does_not_pass_the_write_lock() {
        let http = transport::shared(None);
        let keys = aws_credential_types::Credentials::new("AKIA", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(keys))
            .endpoint_url("http://127.0.0.1:9")
            .build();
        let account = Some(AccountId::new("123456789012"));
        let gate = SharedInterceptor::new(Gate { lock: Arc::new(WriteLock::new(false)), account });
        let client = Client::new(&config, &http, &Region::new("eu-west-1"), [gate]);
        let nothing: fn(&str) -> Page<()> = |_| Ok((Vec::new(), None));
        let refused = client.ask("DeleteVpc", String::new(), nothing).await.unwrap_err();
        let told = format!("{:?}", aws_smithy_types::error::display::DisplayErrorContext(&refused));
        assert!(told.contains("EC2 DeleteVpc is no operation this program makes"), "{told}");
    }

    #[test]
    fn each_partition_has_its_own_place() {
        for (region, fips, dual_stack, expected) in [
            ("eu-west-1", false, false, "https://ec2.eu-west-1.amazonaws.com"),
            ("cn-north-1", false, false, "https://ec2.cn-north-1.amazonaws.com.cn"),
            ("us-east-1", true, false, "https://ec2-fips.us-east-1.amazonaws.com"),
            ("us-gov-west-1", true, false, "https://ec2.us-gov-west-1.amazonaws.com"),
            ("eu-west-1", false, true, "https://ec2.eu-west-1.api.aws"),
            ("eusc-de-east-1", false, false, "https://ec2.eusc-de-east-1.amazonaws.eu"),
        ] {
            assert_eq!(aws_endpoint(region, fips, dual_stack).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_region_cannot_lead_elsewhere() {
        for region in ["", "evil.example/", "a@b", "eu west"] {
            assert_eq!(aws_endpoint(region, false, false), None, "{region}");
        }
    }

    #[test]
    fn what_the_person_says_comes_before_aws_own_place() {
        let config = SdkConfig::builder().endpoint_url("http://localhost:4566").build();
        assert_eq!(endpoint(&config, &Region::new("eu-west-1")).as_deref(), Some("http://localhost:4566"));
        let own = endpoint(&SdkConfig::builder().build(), &Region::new("eu-west-1"));
        assert_eq!(own.as_deref(), Some("https://ec2.eu-west-1.amazonaws.com"));
    }
}
