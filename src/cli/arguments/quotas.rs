//! The words of the commands about quotas.

use clap::{Args, Subcommand};

use super::{ChangeArguments, ListArguments, OutputArguments};

/// What can be done with quotas.
#[derive(Debug, Clone, Subcommand)]
pub enum QuotasCommand {
    /// List how much of each limit is used, by AWS's own counting rules
    #[command(after_help = "Example:\n  sagedeck quotas list --filter 'percent>75' -o json")]
    List(QuotaListArguments),
    /// Request more of a quota
    #[command(
        after_help = "Examples:\n  sagedeck quotas request JupyterLab/ml.g5.xlarge 20\n  sagedeck quotas request L-4E39DDC4 100 --region eu-west-1 --yes"
    )]
    Request(QuotaRequestArguments),
    /// List the requests for more of the last 90 days
    #[command(after_help = "Example:\n  sagedeck quotas history -o json")]
    History(QuotaHistoryArguments),
}

/// Which limits to print.
#[derive(Debug, Clone, Default, Args)]
pub struct QuotaListArguments {
    /// Print also the limits of zero of which nothing is used, which are most of them
    #[arg(long)]
    pub all: bool,
    /// Which, in which order, with which columns.
    #[command(flatten)]
    pub list: ListArguments,
}

/// Of which quota, and how much.
#[derive(Debug, Clone, Args)]
pub struct QuotaRequestArguments {
    /// The quota: its code, its name, or app type and instance type as in `JupyterLab/ml.g5.xlarge`
    #[arg(value_name = "QUOTA")]
    pub quota: String,
    /// What the limit shall be
    #[arg(value_name = "LIMIT")]
    pub limit: u32,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// Which requests to print.
#[derive(Debug, Clone, Default, Args)]
pub struct QuotaHistoryArguments {
    /// Only those for this quota: its code, its name, or app type and instance type
    #[arg(value_name = "QUOTA")]
    pub quota: Option<String>,
    /// How to print
    #[command(flatten)]
    pub output: OutputArguments,
}
