//! The words of the commands about what AWS has billed.

use clap::{Args, Subcommand, ValueEnum};

use super::{ChangeArguments, OutputArguments};

/// What can be done with bills.
#[derive(Debug, Clone, Subcommand)]
pub enum CostCommand {
    /// Print what AWS has billed, by group; Cost Explorer takes $0.01 for each request
    #[command(after_help = "\
Examples:
  sagedeck cost report --group-by user
  sagedeck cost report --group-by tag:team --then instance --from 2026-10-01 --to 2026-11-01 -o csv

By user, what is in a private space is its owner's; users, spaces and domains take two requests in all, other groups one each.
An answer is kept on disk until AWS can have newer data (8 hours; for good once a month is closed), so that the same
report costs nothing when it is printed again. How many requests it took is said on stderr, and in the JSON.")]
    Report(CostReportArguments),
    /// The cost allocation tags, by which bills can be grouped
    #[command(subcommand)]
    Tags(CostTagsCommand),
}

/// What can be done with cost allocation tags. AWS lets the account that pays do this, and no other.
#[derive(Debug, Clone, Subcommand)]
pub enum CostTagsCommand {
    /// List which tags there are and whether bills carry them; one request to Cost Explorer, $0.01, a day
    List(CostTagsListArguments),
    /// Let bills carry tags from now on
    #[command(after_help = "\
Examples:
  sagedeck cost tags activate team cost-center          shows the plan
  sagedeck cost tags activate sagemaker:domain-arn --yes")]
    Activate(CostTagsActivateArguments),
}

/// What is listed of cost allocation tags.
#[derive(Debug, Clone, Args)]
pub struct CostTagsListArguments {
    /// Ask Cost Explorer even if it cannot have newer data
    #[arg(long)]
    pub anew: bool,
    /// How to print
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Which tags are activated.
#[derive(Debug, Clone, Args)]
pub struct CostTagsActivateArguments {
    /// The keys
    #[arg(value_name = "KEY", required = true)]
    pub keys: Vec<String>,
    /// How it is carried out
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// What is reported.
#[derive(Debug, Clone, Args)]
pub struct CostReportArguments {
    /// What to group by: tag:KEY, domain, user, space, instance, usage-type, account, region
    #[arg(long, short, value_name = "GROUP", default_value = "user")]
    pub group_by: String,
    /// A second level to group by
    #[arg(long, value_name = "GROUP")]
    pub then: Option<String>,
    /// The first day, such as 2026-11-01; this month's first one unless given
    #[arg(long, value_name = "DAY", requires = "to")]
    pub from: Option<String>,
    /// The day after the last one
    #[arg(long, value_name = "DAY", requires = "from")]
    pub to: Option<String>,
    /// One row per group and day or month, instead of one per group
    #[arg(long, value_name = "LENGTH", value_enum)]
    pub granularity: Option<CostGranularity>,
    /// Ask for AWS's forecast of this month, too: one more request for each account
    #[arg(long, conflicts_with_all = ["from", "to", "then", "granularity"])]
    pub forecast: bool,
    /// Only this account, by alias or id; unless given, all those of the profiles, each of which costs a request
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// Ask Cost Explorer even if it cannot have newer data
    #[arg(long)]
    pub anew: bool,
    /// How to print
    #[command(flatten)]
    pub output: OutputArguments,
}

/// The length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CostGranularity {
    /// Days.
    Daily,
    /// Calendar months.
    Monthly,
}
