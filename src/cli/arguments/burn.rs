//! The arguments of `burn`.

use clap::Args;

use super::OutputArguments;
use crate::fleet::BurnGroup;

/// What of the burn is printed.
#[derive(Debug, Clone, Args)]
pub struct BurnArguments {
    /// domain, user, tag:KEY, instance, account or region
    #[arg(long, short, value_name = "GROUP", default_value = "domain", value_parser = BurnGroup::parse)]
    pub group_by: BurnGroup,
    /// Print how the budgets of the configuration stand instead
    #[arg(long, conflicts_with = "group_by")]
    pub budgets: bool,
    /// Print what was metered against what AWS has billed instead, and why they differ; one request to Cost Explorer
    /// per account, $0.01, unless its answer is at hand
    #[arg(long, conflicts_with_all = ["group_by", "budgets"])]
    pub reconcile: bool,
    /// The first day that is compared, such as 2026-11-01; this month's first one unless given
    #[arg(long, value_name = "DAY", requires_all = ["to", "reconcile"])]
    pub from: Option<String>,
    /// The day after the last one
    #[arg(long, value_name = "DAY", requires_all = ["from", "reconcile"])]
    pub to: Option<String>,
    /// Ask Cost Explorer even if it cannot have newer data
    #[arg(long, requires = "reconcile")]
    pub anew: bool,
    /// How to print
    #[command(flatten)]
    pub output: OutputArguments,
}
