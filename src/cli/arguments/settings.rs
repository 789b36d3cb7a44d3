//! The words for settings: those of user profiles, which a domain's defaults share, and those of spaces.

use clap::{Args, ValueEnum};

/// What to set in `UserSettings`.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct SettingsArguments {
    /// Execution role, by name or ARN
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Security group; may be given several times, and those given are all
    #[arg(long, value_name = "GROUP")]
    pub security_group: Vec<String>,
    /// Default instance type of JupyterLab and Code Editor, or of one app type as APP=TYPE
    #[arg(long, value_name = "TYPE")]
    pub instance: Vec<String>,
    /// Minutes without activity after which JupyterLab and Code Editor are shut down (60 to 525600), or `off`
    #[arg(long, value_name = "MINUTES")]
    pub idle_minutes: Option<String>,
    /// Where the user lands, such as `studio::`
    #[arg(long, value_name = "URI")]
    pub landing: Option<String>,
    /// Usual and greatest size of the volume of a new private space in GB, such as 20:100
    #[arg(long, value_name = "GB:GB")]
    pub space_size: Option<String>,
    /// Template whose settings are made; the other arguments win over it
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
}

/// What to set in `SpaceSettings`.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct SpaceSettingsArguments {
    /// Size of the volume in GB; it can grow, while nothing runs, and never shrink
    #[arg(long, value_name = "GB")]
    pub size: Option<u32>,
    /// Instance type that the space's app starts on by default
    #[arg(long, value_name = "TYPE")]
    pub instance: Option<String>,
    /// Lifecycle configuration that the space's app starts with, by name or ARN
    #[arg(long, value_name = "NAME")]
    pub lifecycle_config: Option<String>,
    /// Minutes without activity after which the app is shut down (60 to 525600)
    #[arg(long, value_name = "MINUTES")]
    pub idle_minutes: Option<u32>,
    /// Whether a local IDE may connect
    #[arg(long, value_name = "WHETHER", value_enum)]
    pub remote_access: Option<Switch>,
    /// Name that users see in Studio
    #[arg(long, value_name = "TEXT")]
    pub display_name: Option<String>,
    /// Further member of `SpaceSettings` in AWS's names, with dots; may be given several times
    #[arg(long, value_name = "MEMBER=VALUE")]
    pub set: Vec<String>,
}

/// Whether something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}
