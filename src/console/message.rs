//! What reaches the console, and what it asks of the world. Both are plain values.

use std::sync::Arc;

use crate::fleet::{
    AccountId, Answer, AuditRow, BurnHistory, BurnSample, CostAnswer, CostQuestion, Plan, PlanId, Problem,
    ProfileName, Progress, Query, Region, Secret, Sheet, SheetFormat, Timestamp,
};

use super::{Key, Operation};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Time went by.
    Tick(Timestamp),
    /// When the input came that follows: every batch of it begins so. What can wait until it is answered waits.
    At(Timestamp),
    /// A key was pressed by hand.
    Key(Key),
    /// Text was pasted, or came faster than hands type. It goes into text fields only and confirms nothing.
    Paste(String),
    /// Text was pasted whose end is missing: it was longer than is kept, or broke off. Nothing of it is taken.
    PasteBroken {
        /// How many lines there were.
        lines: usize,
    },
    /// The mouse did something.
    Mouse(Mouse),
    /// The terminal has another size.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The terminal came to the front, or went away from it.
    Focus(bool),
    /// A page of an answer, or the failure of a query. Answers of an older epoch are dropped.
    Loaded {
        /// The epoch in which it was asked.
        epoch: u64,
        /// What was asked.
        query: Query,
        /// What came.
        result: Result<Answer, Problem>,
    },
    /// News of a plan being carried out. Never dropped, whatever the epoch.
    Progress(Progress),
    /// A plan ended: every step is in its final state.
    PlanEnded(PlanId),
    /// What is on record of earlier operations, and what of it could not be read.
    History {
        /// The operations, the newest first.
        operations: Vec<Operation>,
        /// What could not be read, as sentences.
        unreadable: Vec<String>,
    },
    /// What was kept of the burn of earlier days, and how many lines of it could not be understood.
    BurnKept {
        /// What was seen.
        history: BurnHistory,
        /// The lines.
        skipped: usize,
    },
    /// The answers of Cost Explorer that were kept of earlier, and how many requests there were today.
    CostsKept {
        /// The answers, with whose bill they are of and what was asked.
        answers: Vec<(AccountId, Arc<CostQuestion>, Arc<CostAnswer>)>,
        /// The requests.
        today: u32,
    },
    /// The newest lines of the audit trail that contain the text that was asked for.
    Audit {
        /// The text.
        search: String,
        /// The lines, the newest first.
        rows: Vec<AuditRow>,
        /// Whether the trail is whole, and a sentence that says so.
        verdict: (bool, String),
    },
    /// Writing is unlocked until then for the account, or locked (`None`).
    WriteLock(Option<(AccountId, Timestamp)>),
    /// A file that a form asked for was read, or could not be.
    FileRead {
        /// Which form asked for it.
        form: u64,
        /// Its path.
        path: String,
        /// What is in it, or why that is not known, as a sentence.
        result: Result<Arc<[u8]>, String>,
    },
    /// A question that costs was answered: how many requests it took, and how many there were today, where that is
    /// kept.
    Paid {
        /// How many requests it took.
        requests: u32,
        /// How many there were today.
        today: Option<u32>,
    },
    /// Something outside the fleet succeeded: an export was written, a text copied.
    Done(String),
    /// Something outside the fleet failed: a file, the browser, a task.
    Failed(String),
}

impl Message {
    /// Whether somebody waits for the screen to answer it.
    pub(super) fn is_input(&self) -> bool {
        matches!(
            self,
            Self::At(_)
                | Self::Key(_)
                | Self::Paste(_)
                | Self::PasteBroken { .. }
                | Self::Mouse(_)
                | Self::Resize { .. }
                | Self::Focus(_)
        )
    }
}

/// What the mouse did, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The left button was pressed.
    Click {
        /// Column.
        x: u16,
        /// Row.
        y: u16,
    },
    /// The wheel turned by so many steps, down being positive.
    Wheel(i16),
}

/// Something the console asks of the world. The console itself touches nothing.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum Effect {
    /// Ask AWS.
    Load(Query),
    /// Ask AWS something that costs, unless it is kept and AWS cannot have newer data.
    Buy {
        /// What is asked.
        query: Query,
        /// Whether AWS is asked whatever is kept.
        anew: bool,
    },
    /// Carry out a confirmed plan, with the reason where one was asked for.
    CarryOut(Box<Plan>, Option<Arc<str>>),
    /// Do not begin the steps of a plan that have not begun.
    Cancel(PlanId),
    /// Send nothing more of a plan until it is told to go on.
    Pause(PlanId),
    /// Let a plan go on that was paused, or that an earlier run of the program left unfinished.
    GoOn(PlanId),
    /// Read what is on record of earlier operations.
    ReadHistory,
    /// Read what was kept of the burn of earlier days.
    ReadBurn,
    /// Read the answers of Cost Explorer that are kept on disk, and ask nothing.
    RecallCosts,
    /// Keep samples of the burn.
    KeepBurn(Vec<BurnSample>),
    /// Read the newest lines of the audit trail that contain a text, and check that the trail is whole.
    ReadAudit(String),
    /// Let mutating requests of an account pass for a while.
    Unlock {
        /// The account.
        account: AccountId,
        /// For how many minutes.
        minutes: u32,
    },
    /// Let no mutating request pass.
    Lock,
    /// Ask from now on with the credentials of these profiles in these regions; answers carry the new epoch.
    Connect {
        /// The profiles.
        profiles: Vec<ProfileName>,
        /// The regions.
        regions: Vec<Region>,
        /// The new epoch.
        epoch: u64,
    },
    /// Put text on the clipboard.
    Copy(String),
    /// Open an address in the browser.
    Open(String),
    /// Open a sign-in link in the browser, so that it is seen by nobody but the browser.
    OpenSecret(Secret),
    /// Put a sign-in link on the clipboard.
    CopySecret(Secret),
    /// Write rows to a file that does not exist yet.
    Export {
        /// Its path; relative to the current directory.
        path: String,
        /// How it is written.
        format: SheetFormat,
        /// The rows.
        sheet: Sheet,
    },
    /// Write text to a file that does not exist yet.
    Write {
        /// Its path; relative to the current directory.
        path: String,
        /// What it is, for the notice: "the backup".
        what: &'static str,
        /// Its content.
        text: Arc<str>,
    },
    /// Put the report of an operation on the clipboard.
    CopyReport(Box<Operation>),
    /// Write the report of an operation to a file that does not exist yet.
    WriteReport {
        /// Its path; relative to the current directory.
        path: String,
        /// The operation.
        operation: Box<Operation>,
    },
    /// Read a file for a form.
    ReadFile {
        /// Its path; relative to the current directory.
        path: String,
        /// Which form asks for it.
        form: u64,
    },
    /// Remember the chosen theme for the next start.
    KeepTheme(String),
    /// Leave.
    Quit,
}
