//! The settings a domain gives its users, a profile overrides, and a space may narrow.

use std::sync::Arc;

/// What a domain's `DefaultUserSettings` or a profile's `UserSettings` say; `None` where they say nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserSettings {
    /// ARN of the execution role.
    pub execution_role: Option<Arc<str>>,
    /// Security groups; a domain's and a profile's are added together.
    pub security_groups: Vec<Arc<str>>,
    /// Default instance type of JupyterLab.
    pub jupyter_lab_instance: Option<Arc<str>>,
    /// Default instance type of Code Editor.
    pub code_editor_instance: Option<Arc<str>>,
    /// Default instance type of kernel gateway apps.
    pub kernel_gateway_instance: Option<Arc<str>>,
    /// Idle shutdown of JupyterLab.
    pub jupyter_lab_idle: Option<IdleSettings>,
    /// Idle shutdown of Code Editor.
    pub code_editor_idle: Option<IdleSettings>,
    /// Lifecycle configurations of any app type.
    pub lifecycle_configs: Vec<Arc<str>>,
    /// Custom images of any app type, by name.
    pub custom_images: Vec<Arc<str>>,
    /// Default and greatest volume size of a private space, in GB.
    pub space_ebs_gb: Option<(u32, u32)>,
    /// Whether notebooks may be shared with output (`Allowed` / `Disabled`).
    pub notebook_output: Option<Arc<str>>,
    /// Where the user lands (`studio::` or `app:JupyterServer:`).
    pub landing: Option<Arc<str>>,
    /// Whether the Studio web portal may be used (`ENABLED` / `DISABLED`).
    pub web_portal: Option<Arc<str>>,
    /// Whether the home file system is mounted by itself (`Enabled` / `Disabled` / `DefaultAsDomain`).
    pub auto_mount_home: Option<Arc<str>>,
    /// Instance types hidden in the web portal; a hint to users, not a control.
    pub hidden_instances: Vec<Arc<str>>,
}

/// What shared spaces inherit from their domain.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpaceDefaults {
    /// ARN of the execution role of shared spaces.
    pub execution_role: Option<Arc<str>>,
    /// Security groups of shared spaces.
    pub security_groups: Vec<Arc<str>>,
    /// Idle shutdown of JupyterLab in shared spaces; there is none for Code Editor.
    pub jupyter_lab_idle: Option<IdleSettings>,
}

/// SageMaker's own idle shutdown for one app type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IdleSettings {
    /// Whether it is on; `None` where the block does not say.
    pub enabled: Option<bool>,
    /// After how many idle minutes (60 to 525,600) the app is shut down.
    pub timeout_minutes: Option<u32>,
    /// The least a user may choose, in minutes.
    pub min_minutes: Option<u32>,
    /// The most a user may choose, in minutes.
    pub max_minutes: Option<u32>,
}
