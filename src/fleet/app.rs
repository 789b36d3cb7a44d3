//! An app: one program running on one instance, for a user profile or in a space.

use std::sync::Arc;

use super::open_enum::open_enum;
use super::{AppStatus, DomainId, DomainKey, Name, Scope, SpaceKey, Timestamp, UserKey};

open_enum! {
    /// What kind of program an app runs.
    AppType {
        JupyterServer = "JupyterServer",
        KernelGateway = "KernelGateway",
        DetailedProfiler = "DetailedProfiler",
        TensorBoard = "TensorBoard",
        CodeEditor = "CodeEditor",
        JupyterLab = "JupyterLab",
        RStudioServerPro = "RStudioServerPro",
        RSessionGateway = "RSessionGateway",
        Canvas = "Canvas",
    }
}

impl AppType {
    /// Whether it belongs to Studio Classic, where AWS no longer lets new apps be created.
    pub fn is_classic(&self) -> bool {
        matches!(self, Self::JupyterServer | Self::KernelGateway)
    }

    /// Whether SageMaker can shut it down by itself when idle: JupyterLab and Code Editor only.
    /// Source: SageMaker developer guide, `studio-updated-idle-shutdown`.
    pub fn has_native_idle_shutdown(&self) -> bool {
        matches!(self, Self::JupyterLab | Self::CodeEditor)
    }
}

/// Whose an app is: the API names either a user profile or a space, never both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Owner {
    /// A user profile (Studio Classic, Canvas, RStudio).
    User(Name),
    /// A space (JupyterLab, Code Editor, and shared spaces of Classic).
    Space(Name),
}

impl Owner {
    /// The name of the user profile or space.
    pub fn name(&self) -> &Name {
        match self {
            Self::User(name) | Self::Space(name) => name,
        }
    }
}

/// By what AWS addresses an app. Names repeat (`default` everywhere): only the whole key is an identity, and
/// only together with the creation time is it the identity of one particular run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct AppKey {
    /// Account and region.
    pub scope: Scope,
    /// The domain.
    pub domain: DomainId,
    /// The user profile or space.
    pub owner: Owner,
    /// The kind of app.
    pub app_type: AppType,
    /// The app's own name.
    pub name: Name,
}

impl AppKey {
    /// The key of the domain it is in.
    pub fn domain_key(&self) -> DomainKey {
        DomainKey { scope: self.scope.clone(), id: self.domain.clone() }
    }

    /// The key of the space it runs in, if it runs in one.
    pub fn space_key(&self) -> Option<SpaceKey> {
        match &self.owner {
            Owner::Space(name) => {
                Some(SpaceKey { scope: self.scope.clone(), domain: self.domain.clone(), name: name.clone() })
            }
            Owner::User(_) => None,
        }
    }

    /// The key of the user profile it belongs to, if it belongs to one directly.
    pub fn user_key(&self) -> Option<UserKey> {
        match &self.owner {
            Owner::User(name) => {
                Some(UserKey { scope: self.scope.clone(), domain: self.domain.clone(), name: name.clone() })
            }
            Owner::Space(_) => None,
        }
    }

    /// The ARN, built from the names as AWS builds it.
    pub fn arn(&self) -> String {
        self.scope.arn(&format!("app/{}/{}/{}/{}", self.domain, self.owner.name(), self.app_type, self.name))
    }
}

/// An app as `ListApps` shows it, with what `DescribeApp` added.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its identity.
    pub key: AppKey,
    /// Its state.
    pub status: AppStatus,
    /// When it was created. Re-creating within 24 h of a stop keeps the old time (`DescribeApp` documentation).
    pub created: Option<Timestamp>,
    /// The instance type, such as `ml.g5.xlarge`; `system` is free.
    pub instance: Option<Arc<str>>,
    /// ARN of the image.
    pub image: Option<Arc<str>>,
    /// ARN or alias of the image version.
    pub image_version: Option<Arc<str>>,
    /// ARN of the lifecycle configuration.
    pub lifecycle_config: Option<Arc<str>>,
    /// What `DescribeApp` said, once it was asked.
    pub activity: Option<Box<AppActivity>>,
}

/// What only `DescribeApp` tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AppActivity {
    /// Last activity. A health check moves it too, and then it equals `last_health_check` and proves nothing.
    pub last_user_activity: Option<Timestamp>,
    /// Last health check.
    pub last_health_check: Option<Timestamp>,
    /// Why it failed.
    pub failure_reason: Option<Arc<str>>,
    /// The ARN as AWS gave it.
    pub arn: Option<Arc<str>>,
    /// ARN of the built-in lifecycle configuration.
    pub built_in_lifecycle_config: Option<Arc<str>>,
    /// Whether it runs in recovery mode.
    pub recovery_mode: Option<bool>,
    /// When this was read.
    pub read_at: Timestamp,
}
