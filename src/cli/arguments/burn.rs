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
    /// How to print
    #[command(flatten)]
    pub output: OutputArguments,
}
