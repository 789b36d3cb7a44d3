//! The layers over a pane: dialogs, menus, details. The topmost one has the keys.

use std::sync::Arc;

use tui_input::Input;

use crate::fleet::{
    AccountId, AuditRow, Confirmation, Delta, ObjectKey, Plan, PlanId, Scope, Secret, Sheet, SheetFormat,
    Timestamp, UserKey,
};

use super::{Action, BurnView, Form, Operation, Pane, Place, Preparing, ReconcileView, Restored};

/// A layer.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// The keys.
    Help {
        /// First line shown.
        scroll: usize,
    },
    /// Commands and objects, found as one types.
    Palette(Palette),
    /// Choosing profiles, regions or a theme.
    Picker(Picker),
    /// What can be done with the row or the marked rows.
    Menu {
        /// Which entry the cursor is on.
        cursor: usize,
    },
    /// Reading what a plan needs.
    Preparing(Box<Preparing>),
    /// Filling in what is wanted.
    Form(Box<Form>),
    /// A plan to be confirmed.
    Confirm(Box<Confirm>),
    /// A sign-in link, shown to the one who asked for it and nowhere else.
    Link(Link),
    /// The audit trail.
    Audit(AuditView),
    /// The burn over time, and what it is of.
    Burn(BurnView),
    /// What was metered against what AWS has billed.
    Reconcile(ReconcileView),
    /// The lifecycle configurations of an account and region.
    LifecycleConfigs {
        /// Where.
        scope: Scope,
        /// Which one the cursor is on.
        cursor: usize,
    },
    /// Unlocking writing.
    Unlock(Unlock),
    /// Everything about one object.
    Details(Box<Details>),
    /// Writing what is shown to a file.
    Export(Export),
    /// Leaving while plans run.
    Leave,
    /// Everything about one limit.
    Quota {
        /// Which, by its id.
        id: String,
        /// First line shown.
        scroll: usize,
    },
    /// The steps of an operation.
    Steps {
        /// Which operation.
        operation: PlanId,
        /// First step shown.
        scroll: usize,
    },
}

/// The command palette.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What was typed.
    pub input: Input,
    /// What matches, the best first.
    pub items: Vec<PaletteItem>,
    /// Which item the cursor is on.
    pub cursor: usize,
    /// Which line of the history is shown, counted from the newest.
    pub recalled: Option<usize>,
}

/// Something the palette can do.
#[derive(Debug, Clone, PartialEq)]
pub enum PaletteItem {
    /// An action.
    Action(Action),
    /// An object to go to.
    Object(ObjectKey),
    /// A pane with a filter, as in `apps idle>2h`.
    View(Pane, String),
    /// A saved view, by name.
    Saved(String, Place),
}

/// What a picker chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// AWS profiles, several at once.
    Profiles,
    /// Regions, several at once.
    Regions,
    /// The theme, one, shown as the cursor moves.
    Theme,
    /// What costs are grouped by.
    CostGroup,
    /// What costs are grouped by on the second level.
    CostThen,
    /// Which days' costs are looked at.
    CostPeriod,
    /// Whose bill is looked at.
    CostAccount,
}

impl Choice {
    /// Whether several can be chosen at once.
    pub fn takes_several(self) -> bool {
        matches!(self, Self::Profiles | Self::Regions)
    }

    /// Whether it is about costs; what is typed can then be an answer of its own.
    pub fn is_of_costs(self) -> bool {
        matches!(self, Self::CostGroup | Self::CostThen | Self::CostPeriod | Self::CostAccount)
    }
}

/// A list to choose from.
#[derive(Debug, Clone)]
pub struct Picker {
    /// What is chosen.
    pub choice: Choice,
    /// What was typed to narrow the list.
    pub input: Input,
    /// All entries: value and description.
    pub entries: Vec<(String, String)>,
    /// Which entries the typed text leaves, by position.
    pub shown: Vec<usize>,
    /// Which of the shown entries the cursor is on.
    pub cursor: usize,
    /// Which entries are chosen, by value.
    pub chosen: Vec<String>,
    /// What was in force when the picker opened, to return to.
    pub before: String,
}

/// What a plan waits for before it is carried out.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// The plan; what is confirmed is exactly this.
    pub plan: Plan,
    /// What it restores, if that is what it does.
    pub restored: Option<Restored>,
    /// What each step changes, member by member. Both are frozen: what is shown is worked out once.
    pub deltas: Vec<Vec<Delta>>,
    /// What there is to know of credentials that end before it does, as sentences.
    pub credentials: Vec<String>,
    /// What has to be typed, and which steps stop something in use.
    pub confirmation: Confirmation,
    /// Whether a reason has to be given: an account it touches is marked as protected.
    pub asks_reason: bool,
    /// The reason, once it was given.
    pub reason: Option<String>,
    /// The phrases that were typed right so far, where several are asked for.
    pub typed: Vec<String>,
    /// What was typed.
    pub input: Input,
    /// When the dialog came up; keys pressed earlier or at once cannot have been meant for it.
    pub opened: Timestamp,
    /// First line of the list shown.
    pub scroll: usize,
    /// Why the last try did not confirm.
    pub hint: Option<String>,
}

/// A sign-in link that was asked for.
#[derive(Debug, Clone)]
pub struct Link {
    /// Whose it is: whoever opens it acts as this user profile.
    pub user: UserKey,
    /// The link.
    pub link: Secret,
    /// When AWS no longer takes it.
    pub until: Timestamp,
    /// What was done with it: "copied".
    pub hint: Option<String>,
}

/// The audit trail, as far as it was read.
#[derive(Debug, Clone, Default)]
pub struct AuditView {
    /// What is searched for.
    pub search: Input,
    /// Whether the search is being typed.
    pub searching: bool,
    /// The entries that match, the newest first.
    pub rows: Vec<AuditRow>,
    /// Whether they have come.
    pub loaded: bool,
    /// How the trail was verified: a sentence, and whether it is whole.
    pub verdict: Option<(bool, String)>,
    /// First row shown.
    pub scroll: usize,
}

/// What unlocking waits for.
#[derive(Debug, Clone)]
pub struct Unlock {
    /// The account.
    pub account: AccountId,
    /// What has to be typed: its alias, or its id where it has none.
    pub phrase: String,
    /// What was typed.
    pub input: Input,
    /// Why the last try did not unlock.
    pub hint: Option<String>,
}

/// How details are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DetailsTab {
    /// Facts, settings, tags and evidence.
    Facts,
    /// As AWS returned it, as JSON.
    Json,
    /// As AWS returned it, as YAML.
    Yaml,
}

/// Everything about one object.
#[derive(Debug, Clone)]
pub struct Details {
    /// The object.
    pub object: ObjectKey,
    /// How it is shown.
    pub tab: DetailsTab,
    /// AWS's answer as it came, once it came.
    pub raw: Option<Arc<str>>,
    /// First line shown.
    pub scroll: usize,
    /// The search, while it is typed.
    pub searching: bool,
    /// What is searched.
    pub search: Input,
    /// Which match is shown, by position among the matches.
    pub hit: usize,
}

/// What is written to a file.
#[derive(Debug, Clone)]
pub enum Exported {
    /// The rows that are shown.
    Rows,
    /// Other rows; with what they are: "the audit trail".
    Sheet(&'static str, Box<Sheet>),
    /// The report of an operation.
    Report(Box<Operation>),
}

/// Writing something to a file.
#[derive(Debug, Clone)]
pub struct Export {
    /// What is written.
    pub what: Exported,
    /// In which format.
    pub format: SheetFormat,
    /// To which path.
    pub path: Input,
}
