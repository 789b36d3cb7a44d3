//! From settings to SDK clients: profiles, regions, endpoints, timeouts. Knows no query.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::os_shim_internal::{Env, Fs};

use super::credentials::{Remembering, Validity};
use super::ec2;
use super::write_lock::{Gate, WriteLock};
use crate::fleet::{AccountId, Problem, ProblemKind, ProfileName, Region, Scope, Timestamp, harmless};

/// To connect.
const CONNECT: Duration = Duration::from_millis(3100);
/// From request to the first byte of the answer.
const READ: Duration = Duration::from_secs(10);
/// One attempt as a whole.
const ATTEMPT: Duration = Duration::from_secs(10);
/// One call as a whole.
const OPERATION: Duration = Duration::from_secs(30);
/// Getting credentials: a `credential_process` may ask a person for a code.
pub(super) const CREDENTIALS: Duration = Duration::from_mins(1);

/// What the person asked for on the command line, and in the configuration.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The profiles to use; none means the default chain of credentials.
    pub profiles: Vec<ProfileName>,
    /// The regions to look at; none means the default one of each profile.
    pub regions: Vec<Region>,
    /// Where AWS is, if not where it usually is.
    pub endpoint_url: Option<String>,
    /// What is asked instead of the network: the simulated AWS.
    pub http_client: Option<SharedHttpClient>,
    /// Keys by profile, used instead of anything the machine is configured with: for the simulated AWS. A
    /// profile that has keys here reads neither the environment nor a file.
    pub keys: BTreeMap<ProfileName, StaticKeys>,
    /// Whether nothing may be changed in this session.
    pub read_only: bool,
}

/// A key pair that is not secret, because it is for the simulated AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticKeys {
    /// The access key id.
    pub access_key: String,
    /// The secret key.
    pub secret_key: String,
    /// When they end, as far as they say so themselves.
    pub end: Option<Timestamp>,
}

/// The profiles of the AWS configuration files of this machine, in alphabetical order.
///
/// # Errors
///
/// [`ProblemKind::NoCredentials`] when a file cannot be read or understood.
pub async fn configured_profiles() -> Result<Vec<ProfileName>, Problem> {
    let files = EnvConfigFiles::default();
    match aws_config::profile::load(&Fs::real(), &Env::real(), &files, None).await {
        Ok(set) => {
            let names: BTreeSet<ProfileName> = set.profiles().map(ProfileName::new).collect();
            Ok(names.into_iter().collect())
        }
        Err(error) => Err(Problem::new(
            ProblemKind::NoCredentials,
            format!("the AWS configuration cannot be read: {}", harmless(&error.to_string())),
            "Correct ~/.aws/config",
        )),
    }
}

/// The credentials of one profile, and the clients that use them.
///
/// There is one SDK configuration per profile, and with it one cache of its credentials.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) profile: ProfileName,
    config: SdkConfig,
    /// How long the credentials in use are good.
    pub(super) validity: Validity,
    lock: Arc<WriteLock>,
    endpoints: Arc<Endpoints>,
    sagemaker: Mutex<HashMap<(AccountId, Region), aws_sdk_sagemaker::Client>>,
    /// The identity stores of a scope, which do not change while we look.
    pub(super) identity_stores: Mutex<HashMap<Scope, Vec<String>>>,
}

impl Connection {
    /// Reads the configuration of a profile. No request is sent.
    pub(super) async fn open(
        profile: &ProfileName,
        settings: &Settings,
        http: &SharedHttpClient,
        lock: &Arc<WriteLock>,
        endpoints: &Arc<Endpoints>,
    ) -> Self {
        let config = match settings.keys.get(profile) {
            Some(keys) => with_keys(keys, settings, http),
            None => from_machine(profile, settings, http).await,
        };
        let (config, validity) = remembering(config);
        Self {
            profile: profile.clone(),
            config,
            validity,
            lock: Arc::clone(lock),
            endpoints: Arc::clone(endpoints),
            sagemaker: Mutex::default(),
            identity_stores: Mutex::default(),
        }
    }

    /// The region of the profile, if it has one.
    pub(super) fn default_region(&self) -> Option<Region> {
        self.config.region().map(|region| Region::new(region.as_ref()))
    }

    /// The region for services that are not regional.
    pub(super) fn home_region(&self) -> Region {
        self.default_region().unwrap_or_else(|| Region::new("us-east-1"))
    }

    /// The `SageMaker` client of an account in a region.
    pub(super) fn sagemaker(&self, account: &AccountId, region: &Region) -> aws_sdk_sagemaker::Client {
        let mut clients = self.sagemaker.lock().unwrap_or_else(PoisonError::into_inner);
        clients
            .entry((account.clone(), region.clone()))
            .or_insert_with(|| {
                let config = aws_sdk_sagemaker::config::Builder::from(&self.at(region))
                    .interceptor(self.gate(Some(account)))
                    .interceptor(self.watch("sagemaker"));
                aws_sdk_sagemaker::Client::from_conf(config.build())
            })
            .clone()
    }

    /// The STS client.
    pub(super) fn sts(&self) -> aws_sdk_sts::Client {
        // The identity is read first, so this call is the one that waits for the source of the credentials.
        let patient =
            timeouts().to_builder().operation_attempt_timeout(CREDENTIALS).operation_timeout(CREDENTIALS);
        let config = aws_sdk_sts::config::Builder::from(&self.at(&self.home_region()))
            .timeout_config(patient.build())
            .interceptor(self.gate(None))
            .interceptor(self.watch("sts"));
        aws_sdk_sts::Client::from_conf(config.build())
    }

    /// The IAM client.
    pub(super) fn iam(&self) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.at(&self.home_region()))
            .interceptor(self.gate(None))
            .interceptor(self.watch("iam"));
        aws_sdk_iam::Client::from_conf(config.build())
    }

    /// The Price List client. That service exists in few regions, and the SDK does not redirect.
    pub(super) fn pricing(&self, near: &Region) -> (aws_sdk_pricing::Client, Region) {
        let region = pricing_region(near);
        let config = aws_sdk_pricing::config::Builder::from(&self.at(&region))
            .interceptor(self.gate(None))
            .interceptor(self.watch("pricing"));
        (aws_sdk_pricing::Client::from_conf(config.build()), region)
    }

    /// The client for Cost Explorer, and the region it asks: there is one for all commercial regions, one for China.
    /// Writes to it count as writes to the account.
    pub(super) fn cost_explorer(&self, account: &AccountId) -> (aws_sdk_costexplorer::Client, Region) {
        let region = billing_region(&self.home_region());
        let config = aws_sdk_costexplorer::config::Builder::from(&self.at(&region))
            .interceptor(self.gate(Some(account)))
            .interceptor(self.watch("ce"));
        (aws_sdk_costexplorer::Client::from_conf(config.build()), region)
    }

    /// The client for the administration of Identity Center.
    pub(super) fn sso_admin(&self, account: &AccountId, region: &Region) -> aws_sdk_ssoadmin::Client {
        let config = aws_sdk_ssoadmin::config::Builder::from(&self.at(region))
            .interceptor(self.gate(Some(account)))
            .interceptor(self.watch("sso"));
        aws_sdk_ssoadmin::Client::from_conf(config.build())
    }

    /// The client for quotas.
    pub(super) fn service_quotas(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> aws_sdk_servicequotas::Client {
        let config = aws_sdk_servicequotas::config::Builder::from(&self.at(region))
            .interceptor(self.gate(Some(account)))
            .interceptor(self.watch("servicequotas"));
        aws_sdk_servicequotas::Client::from_conf(config.build())
    }

    /// The client for the people of Identity Center.
    pub(super) fn identity_store(&self, region: &Region) -> aws_sdk_identitystore::Client {
        let config = aws_sdk_identitystore::config::Builder::from(&self.at(region))
            .interceptor(self.gate(None))
            .interceptor(self.watch("identitystore"));
        aws_sdk_identitystore::Client::from_conf(config.build())
    }

    /// The client for file systems.
    pub(super) fn efs(&self, region: &Region) -> aws_sdk_efs::Client {
        let config = aws_sdk_efs::config::Builder::from(&self.at(region))
            .interceptor(self.gate(None))
            .interceptor(self.watch("elasticfilesystem"));
        aws_sdk_efs::Client::from_conf(config.build())
    }

    /// The client for networks.
    pub(super) fn ec2(&self, http: &SharedHttpClient, region: &Region) -> ec2::Client {
        let interceptors =
            [SharedInterceptor::new(self.gate(None)), SharedInterceptor::new(self.watch("ec2"))];
        ec2::Client::new(&self.config, http, region, interceptors)
    }

    /// The configuration of all clients in a region. What a client has besides, its gate and its watch, its builder
    /// alone takes, and the builders of the SDK have no trait in common.
    fn at(&self, region: &Region) -> SdkConfig {
        self.config.to_builder().region(sdk_region(region)).retry_config(RetryConfig::disabled()).build()
    }

    fn gate(&self, account: Option<&AccountId>) -> Gate {
        Gate { lock: Arc::clone(&self.lock), account: account.cloned() }
    }

    fn watch(&self, service: &'static str) -> Watch {
        Watch { service, endpoints: Arc::clone(&self.endpoints) }
    }
}

/// Where the Price List service is asked for the prices of a region. It answers in us-east-1 and ap-south-1 for
/// all commercial regions (`api.pricing.<region>` is built as it is), and in China for China.
fn pricing_region(near: &Region) -> Region {
    let region = match near.as_str() {
        region if region.starts_with("cn-") => "cn-northwest-1",
        region if region.starts_with("ap-") => "ap-south-1",
        _ => "us-east-1",
    };
    Region::new(region)
}

/// Where Cost Explorer is asked. Source: endpoint rules of the SDK.
fn billing_region(near: &Region) -> Region {
    Region::new(if near.as_str().starts_with("cn-") { "cn-northwest-1" } else { "us-east-1" })
}

fn sdk_region(region: &Region) -> aws_config::Region {
    aws_config::Region::new(region.as_str().to_owned())
}

/// The behaviour of the SDK, by name, so that an update of it moves nothing by itself.
fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

/// The SDK's retries, used by the sources of credentials only; every value is said, because the defaults are
/// about to change (`AWS_NEW_RETRIES_2026`).
fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_secs(1))
        .with_max_backoff(Duration::from_secs(10))
        .with_retry_spec(aws_smithy_types::retry::RetrySpec::v2_0())
}

fn identity_cache() -> aws_smithy_runtime_api::client::identity::SharedIdentityCache {
    IdentityCache::lazy().load_timeout(CREDENTIALS).build()
}

async fn from_machine(profile: &ProfileName, settings: &Settings, http: &SharedHttpClient) -> SdkConfig {
    let mut loader = aws_config::defaults(behavior())
        .http_client(http.clone())
        .timeout_config(timeouts())
        .retry_config(retries())
        .identity_cache(identity_cache())
        // The timeouts bound a whole answer; there are no streams here that could stall within them.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if !profile.as_str().is_empty() {
        loader = loader.profile_name(profile.as_str());
    }
    if let Some(region) = settings.regions.first() {
        loader = loader.region(sdk_region(region));
    }
    if let Some(url) = &settings.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let config = loader.load().await;
    if profile.as_str().is_empty() {
        return config;
    }
    // The SDK's default chain takes keys out of the environment before those of a profile that was asked for
    // by name. Nobody who names a profile means another account, so here the name wins, as in the AWS CLI.
    let provider = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_http_client(http.clone())
        .with_retry_config(retries())
        .with_timeout_config(timeouts());
    let named = ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile.as_str());
    config.into_builder().credentials_provider(SharedCredentialsProvider::new(named.build())).build()
}

/// The same configuration, of whose credentials is remembered how long they are good.
fn remembering(config: SdkConfig) -> (SdkConfig, Validity) {
    let validity = Validity::default();
    let Some(provider) = config.credentials_provider() else { return (config, validity) };
    let remembering = SharedCredentialsProvider::new(Remembering::new(provider, &validity));
    (config.into_builder().credentials_provider(remembering).build(), validity)
}

fn with_keys(keys: &StaticKeys, settings: &Settings, http: &SharedHttpClient) -> SdkConfig {
    let credentials =
        Credentials::new(&keys.access_key, &keys.secret_key, None, keys.end.map(Into::into), "sagedeck");
    let region = settings.regions.first().map_or_else(|| Region::new("us-east-1"), Region::clone);
    let mut builder = SdkConfig::builder()
        .behavior_version(behavior())
        .http_client(http.clone())
        .timeout_config(timeouts())
        .retry_config(retries())
        .identity_cache(identity_cache())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .region(sdk_region(&region));
    builder.set_endpoint_url(settings.endpoint_url.clone());
    builder.build()
}

/// The endpoints that were asked and are not AWS's own, by service: worth showing, because a variable left over
/// from another day may point anywhere.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    foreign: Mutex<BTreeMap<&'static str, String>>,
}

impl Endpoints {
    /// Service and address of each.
    pub(super) fn foreign(&self) -> Vec<(&'static str, String)> {
        let foreign = self.foreign.lock().unwrap_or_else(PoisonError::into_inner);
        foreign.iter().map(|(service, address)| (*service, address.clone())).collect()
    }

    fn note(&self, service: &'static str, uri: &str) {
        let origin = origin(uri);
        if !is_aws(origin) {
            let mut foreign = self.foreign.lock().unwrap_or_else(PoisonError::into_inner);
            foreign.entry(service).or_insert_with(|| harmless(origin).to_string());
        }
    }
}

/// Scheme, host and port of an address.
fn origin(uri: &str) -> &str {
    let after_scheme = uri.find("://").map_or(0, |at| at + 3);
    let end = uri[after_scheme..].find(['/', '?', '#']).map_or(uri.len(), |at| after_scheme + at);
    &uri[..end]
}

fn is_aws(origin: &str) -> bool {
    const OWN: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
    origin.starts_with("https://") && OWN.iter().any(|own| origin.ends_with(own))
}

#[derive(Debug)]
struct Watch {
    service: &'static str,
    endpoints: Arc<Endpoints>,
}

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "EndpointWatch"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.endpoints.note(self.service, context.request().uri());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_is_not_aws_own_is_told() {
        let endpoints = Endpoints::default();
        endpoints.note("sts", "https://sts.eu-west-1.amazonaws.com/");
        endpoints.note("sagemaker", "https://api.sagemaker.cn-north-1.amazonaws.com.cn/");
        assert!(endpoints.foreign().is_empty());
        endpoints.note("sagemaker", "http://127.0.0.1:4566/sm/?a=b");
        endpoints.note("iam", "https://iam.amazonaws.com.evil.example/");
        let expected = [
            ("iam", "https://iam.amazonaws.com.evil.example".to_owned()),
            ("sagemaker", "http://127.0.0.1:4566".to_owned()),
        ];
        assert_eq!(endpoints.foreign(), expected);
    }

    #[test]
    fn prices_are_asked_where_the_price_list_service_is() {
        for (near, asked) in
            [("eu-west-1", "us-east-1"), ("ap-northeast-1", "ap-south-1"), ("cn-north-1", "cn-northwest-1")]
        {
            assert_eq!(pricing_region(&Region::new(near)).as_str(), asked);
        }
    }
}
