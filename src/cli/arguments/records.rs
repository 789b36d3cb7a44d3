//! The words of the commands that look at what was done: operations and the audit trail.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ChangeArguments, OutputArguments};

/// What can be done with operations: plans that were carried out.
#[derive(Debug, Clone, Subcommand)]
pub enum OperationsCommand {
    /// Print the operations there have been, the newest first
    #[command(after_help = "Example:\n  sagedeck operations list -o json")]
    List(OutputArguments),
    /// Print an operation's plan and what became of each step
    #[command(after_help = "Example:\n  sagedeck operations show 3f9a -o json")]
    Show(OperationArguments),
    /// Look again at what an unfinished operation has sent, and carry it to its end
    #[command(after_help = "Example:\n  sagedeck operations resume 3f9a --yes")]
    Resume(ResumeArguments),
    /// Start the apps that an operation has stopped, as they were
    #[command(after_help = "Example:\n  sagedeck operations undo 3f9a --yes")]
    Undo(UndoArguments),
    /// Print an operation as a Markdown report
    #[command(after_help = "Example:\n  sagedeck operations report 3f9a > report.md")]
    Report {
        /// The operation, by the beginning of its plan's hash
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// Which operation.
#[derive(Debug, Clone, Args)]
pub struct OperationArguments {
    /// The operation, by the beginning of its plan's hash
    #[arg(value_name = "ID")]
    pub id: String,
    /// How to print
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Which operation, and whether to go on with it.
// There is no --count, --confirm and --reason: what is left is a part of the plan that was confirmed with them before
// its first step. It goes on under the same hash, by the same principal, each step bound to the object that was meant,
// and the reason is in its journal. Arguments that could only repeat that would be ones that are ignored. The account
// is asked for again, since what is protected is a matter of the configuration of today.
#[derive(Debug, Clone, Args)]
pub struct ResumeArguments {
    /// The operation, by the beginning of its plan's hash
    #[arg(value_name = "ID")]
    pub id: String,
    /// Carry the rest of the plan out; without it the operation is only shown
    #[arg(long, short)]
    pub yes: bool,
    /// Account that is meant, by alias or id; needed for one the configuration marks as protected
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Vec<String>,
    /// How to print
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Which operation, and whether to change anything.
#[derive(Debug, Clone, Args)]
pub struct UndoArguments {
    /// The operation, by the beginning of its plan's hash
    #[arg(value_name = "ID")]
    pub id: String,
    /// Whether.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// What can be done with the audit trail.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// Print entries, the newest first
    #[command(after_help = "Example:\n  sagedeck audit list DeleteApp anna-k --limit 20 -o csv")]
    List(AuditListArguments),
    /// Verify that the trail is as it was written; names the first line that is not
    #[command(after_help = "Example:\n  sagedeck audit verify --head /backup/audit.head")]
    Verify(AuditVerifyArguments),
}

/// Which entries.
#[derive(Debug, Clone, Args)]
pub struct AuditListArguments {
    /// Words that all stand somewhere in the entry
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
    /// How many entries at most
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// How to print
    #[command(flatten)]
    pub output: OutputArguments,
}

/// What it is verified against.
#[derive(Debug, Clone, Args)]
pub struct AuditVerifyArguments {
    /// File, best kept elsewhere, that holds where the trail ended the last time: compared, then brought up to date
    #[arg(long, value_name = "FILE")]
    pub head: Option<PathBuf>,
}
