//! The words of the commands about domains and lifecycle configurations.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ChangeArguments, ListArguments, OutputArguments, SettingsArguments, Switch};

/// What can be done with domains.
#[derive(Debug, Clone, Subcommand)]
pub enum DomainsCommand {
    /// Print the rows that a filter shows
    List(ListArguments),
    /// Create a domain as a TOML file describes it, and follow it until it is in service
    #[command(after_help = CREATE_HELP)]
    Create(DomainCreate),
    /// Change a domain: what users inherit, its network, sharing; what is not named stays as it is
    #[command(after_help = EDIT_HELP)]
    Edit(DomainEditArguments),
    /// Delete a domain with everything in it; the home directories stay unless --delete-files is given
    #[command(after_help = "Example:\n  sagedeck domains delete sandbox --yes --confirm 'sandbox prod-ml'")]
    Delete(DomainDelete),
    /// Write the configuration of a domain, its users, spaces and lifecycle configurations to one file
    #[command(after_help = "Example:\n  sagedeck domains backup research --to research.json")]
    Backup(DomainBackup),
    /// Create what a backup has and its place has not, in a domain that is there or in a new one
    #[command(
        after_help = "Example:\n  sagedeck domains restore research.json --new research-2 --role DataScientist"
    )]
    Restore(DomainRestore),
}

const CREATE_HELP: &str = "\
Example:
  sagedeck domains create --file research.toml --region eu-west-1 --yes

  name = \"research\"
  auth_mode = \"IAM\"                     # or \"SSO\"
  network = \"VpcOnly\"                   # or \"PublicInternetOnly\"
  vpc = \"vpc-0a1b2c3d\"
  subnets = [\"subnet-0a1b2c3d\", \"subnet-4e5f6a7b\"]
  role = \"DataScientist\"                # what follows is as in a template for users
  security_groups = [\"sg-0a1b2c3d\"]

Further keys: kms_key, space_role, space_security_groups, share_output, share_s3_path, share_kms_key, \
members = { ... } in AWS's names, and all keys of templates.";

const EDIT_HELP: &str = "\
Example:
  sagedeck domains edit research --idle-minutes 120 --set TagPropagation=ENABLED --yes

Role, groups, instances, idle minutes and template are what users inherit. Name, way to sign in, VPC and key of a domain \
are fixed when it is created: back it up and restore it into a new one.";

/// Which domain to create.
#[derive(Debug, Clone, Args)]
pub struct DomainCreate {
    /// The file that describes it
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// Which domain to change, and what.
#[derive(Debug, Clone, Args)]
pub struct DomainEditArguments {
    /// The domain, by name or id
    #[arg(value_name = "DOMAIN")]
    pub domain: String,
    /// What users inherit.
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// How apps reach the network: `PublicInternetOnly` or `VpcOnly`; only while no app runs
    #[arg(long, value_name = "ACCESS", help_heading = "Settings")]
    pub network: Option<String>,
    /// Subnet; may be given several times, and those given are all
    #[arg(long, value_name = "SUBNET", help_heading = "Settings")]
    pub subnet: Vec<String>,
    /// Whether notebooks may be shared with their output
    #[arg(long, value_name = "WHETHER", value_enum, help_heading = "Settings")]
    pub share_output: Option<Switch>,
    /// Where shared notebooks are kept
    #[arg(long, value_name = "S3-URI", requires = "share_output", help_heading = "Settings")]
    pub share_s3_path: Option<String>,
    /// Key that shared notebooks are encrypted with
    #[arg(long, value_name = "KEY", requires = "share_output", help_heading = "Settings")]
    pub share_kms_key: Option<String>,
    /// Further member of `UpdateDomain` in AWS's names, with dots; may be given several times
    #[arg(long, value_name = "MEMBER=VALUE", help_heading = "Settings")]
    pub set: Vec<String>,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// Which domain to delete.
#[derive(Debug, Clone, Args)]
pub struct DomainDelete {
    /// The domain, by name or id
    #[arg(value_name = "DOMAIN")]
    pub domain: String,
    /// Erase the home file system too, with all home directories; its id has to be confirmed as well
    #[arg(long)]
    pub delete_files: bool,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// Which domain to back up.
#[derive(Debug, Clone, Args)]
pub struct DomainBackup {
    /// The domain, by name or id
    #[arg(value_name = "DOMAIN")]
    pub domain: String,
    /// File to write; it must not be there yet. Without it the backup goes to stdout
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// How to print what was written, beside the file, and what was left out
    #[command(flatten)]
    pub output: OutputArguments,
}

/// What to restore, and where.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("place").required(true).args(["into", "new"]))]
pub struct DomainRestore {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Domain that is there, by name or id
    #[arg(long, value_name = "DOMAIN")]
    pub into: Option<String>,
    /// Name of a domain to create, in the one region that is named
    #[arg(long, value_name = "NAME")]
    pub new: Option<String>,
    /// Default execution role of the new domain, by ARN
    #[arg(long, value_name = "ROLE", requires = "new")]
    pub role: Option<String>,
    /// VPC of the new domain
    #[arg(long, value_name = "VPC", requires = "new")]
    pub vpc: Option<String>,
    /// Subnet of the new domain; may be given several times
    #[arg(long, value_name = "SUBNET", requires = "new")]
    pub subnet: Vec<String>,
    /// Security group of the new domain's defaults; may be given several times
    #[arg(long, value_name = "GROUP", requires = "new")]
    pub security_group: Vec<String>,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// What can be done with lifecycle configurations.
#[derive(Debug, Clone, Subcommand)]
pub enum LifecycleCommand {
    /// Print the lifecycle configurations
    #[command(after_help = "Example:\n  sagedeck lifecycle list -o json")]
    List(OutputArguments),
    /// Print the script of a lifecycle configuration
    #[command(after_help = "Example:\n  sagedeck lifecycle show auto-shutdown > script.sh")]
    Show {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Create a lifecycle configuration from a script
    #[command(
        after_help = "Example:\n  sagedeck lifecycle create auto-shutdown --app-type JupyterLab --script script.sh --yes"
    )]
    Create(LifecycleCreate),
    /// Delete lifecycle configurations that nobody uses
    #[command(after_help = "Example:\n  sagedeck lifecycle delete auto-shutdown --yes")]
    Delete(LifecycleDelete),
    /// Attach a lifecycle configuration to a domain's defaults, or to users
    #[command(
        after_help = "Example:\n  sagedeck lifecycle attach auto-shutdown --domain research --user anna-k --default --yes"
    )]
    Attach(LifecycleAttach),
    /// Detach a lifecycle configuration from a domain's defaults, or from users
    #[command(after_help = "Example:\n  sagedeck lifecycle detach auto-shutdown --domain research --yes")]
    Detach(LifecycleDetach),
}

/// Which lifecycle configuration to create.
#[derive(Debug, Clone, Args)]
pub struct LifecycleCreate {
    /// Its name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// App type it is for: `JupyterLab`, `CodeEditor`, `KernelGateway` or `JupyterServer`
    #[arg(long, value_name = "TYPE")]
    pub app_type: String,
    /// The script
    #[arg(long, value_name = "FILE")]
    pub script: PathBuf,
    /// Tag; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub tag: Vec<String>,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// Which lifecycle configurations to delete.
#[derive(Debug, Clone, Args)]
pub struct LifecycleDelete {
    /// Their names
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// Which lifecycle configuration to attach, and to what.
#[derive(Debug, Clone, Args)]
pub struct LifecycleAttach {
    /// Which, and to what.
    #[command(flatten)]
    pub detach: LifecycleDetach,
    /// Run it where the user chooses none
    #[arg(long)]
    pub default: bool,
}

/// Which lifecycle configuration, and what has it.
#[derive(Debug, Clone, Args)]
pub struct LifecycleDetach {
    /// Its name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Domain, by name or id; without --user its defaults are meant
    #[arg(long, short, value_name = "DOMAIN")]
    pub domain: String,
    /// User of the domain; may be given several times
    #[arg(long, value_name = "USER")]
    pub user: Vec<String>,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}
