//! Every action of the console, one row each. The keymap, the footer, the help, the palette, the README's key
//! table and the ids of the configuration file are all made from this table.

/// Where an action works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// In every pane.
    Everywhere,
    /// In every pane that is a table.
    Rows,
    /// In the tables of the fleet: domains, users, spaces, apps.
    Table,
    /// In the cost pane.
    Cost,
    /// In the quotas pane.
    Quotas,
    /// In the details and raw views.
    Details,
    /// In the operations pane.
    Operations,
}

macro_rules! actions {
    ($($context:ident { $($variant:ident $id:literal [$($key:literal),*] $short:literal $help:literal;)+ })+) => {
        /// What a person can ask the console to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $($(#[doc = $help] $variant,)+)+
        }

        impl Action {
            /// All of them, in the order of the help.
            pub const ALL: &'static [Action] = &[$($(Action::$variant,)+)+];

            /// The name in the configuration file.
            pub fn id(self) -> &'static str {
                match self { $($(Self::$variant => $id,)+)+ }
            }

            /// Where it works.
            pub fn context(self) -> Context {
                match self { $($(Self::$variant => Context::$context,)+)+ }
            }

            /// The keys it has unless the configuration gives it others.
            pub fn default_keys(self) -> &'static [&'static str] {
                match self { $($(Self::$variant => &[$($key),*],)+)+ }
            }

            /// One or two words for the footer.
            pub fn short(self) -> &'static str {
                match self { $($(Self::$variant => $short,)+)+ }
            }

            /// A sentence for the help and the palette.
            pub fn help(self) -> &'static str {
                match self { $($(Self::$variant => $help,)+)+ }
            }
        }
    };
}

actions! {
    Everywhere {
        PaneOverview "pane-overview" ["1"] "overview" "Show the overview";
        PaneDomains "pane-domains" ["2"] "domains" "Show the domains";
        PaneUsers "pane-users" ["3"] "users" "Show the user profiles";
        PaneSpaces "pane-spaces" ["4"] "spaces" "Show the spaces";
        PaneApps "pane-apps" ["5"] "apps" "Show the apps";
        PaneCost "pane-cost" ["6"] "cost" "Show what AWS has billed, by tag, domain, user, instance type and more";
        PaneQuotas "pane-quotas" ["7"] "quotas" "Show how much of each quota is used";
        PaneOperations "pane-operations" ["9"] "operations" "Show the operations: running and finished plans";
        PaneNext "pane-next" ["tab"] "next" "Show the next pane";
        PanePrevious "pane-previous" ["shift-tab"] "previous" "Show the previous pane";
        Palette "palette" [":", "ctrl-k"] "command" "Find and run any command, or go to any object";
        Help "help" ["?"] "help" "Show the keys of this pane and all others";
        Up "up" ["up", "k"] "up" "Move up";
        Down "down" ["down", "j"] "down" "Move down";
        Top "top" ["home", "g"] "top" "Move to the first row";
        Bottom "bottom" ["end", "shift-g"] "bottom" "Move to the last row";
        PageUp "page-up" ["pageup", "ctrl-b"] "page up" "Move one page up";
        PageDown "page-down" ["pagedown", "ctrl-f"] "page down" "Move one page down";
        Enter "enter" ["enter"] "open" "Drill down: domain to users, to their spaces and apps; tile to pane";
        Back "back" ["esc"] "back" "Clear the filter, or go back to where you came from";
        HistoryBack "history-back" ["["] "back" "Go back in the history of views";
        HistoryForward "history-forward" ["]"] "forward" "Go forward in the history of views";
        LastView "last-view" ["-"] "last" "Switch to the view before this one";
        Refresh "refresh" ["r"] "refresh" "Read the fleet again now";
        AutoRefresh "auto-refresh" ["shift-r"] "auto" "Switch automatic refresh on or off";
        Lock "lock" ["shift-u"] "unlock" "Unlock writing for 15 minutes, or lock it";
        Profiles "profiles" ["ctrl-p"] "profiles" "Choose the AWS profiles to show";
        Regions "regions" ["ctrl-r"] "regions" "Choose the regions to show";
        Themes "themes" ["shift-t"] "themes" "Choose a theme, with a live preview";
        FoldHeader "fold-header" ["ctrl-e"] "fold" "Fold the header to one line, or unfold it";
        Quit "quit" ["q", "ctrl-c"] "quit" "Quit";
    }
    Rows {
        Filter "filter" ["/"] "filter" "Filter the rows as you type";
        Details "details" ["d"] "details" "Show every fact: settings in effect, tags, evidence; of a bill its days";
        SortLeft "sort-left" ["shift-left"] "sort column" "Choose the column to the left to sort by";
        SortRight "sort-right" ["shift-right"] "sort column" "Choose the column to the right to sort by";
        SortBy "sort" ["shift-o"] "sort" "Sort by the chosen column; again turns the order round";
        SortName "sort-name" ["shift-n"] "sort name" "Sort by name";
        SortCost "sort-cost" ["shift-c"] "sort cost" "Sort by cost per hour";
        Wide "wide" ["ctrl-w"] "wide" "Show more columns, or fewer";
        CopyName "copy-name" ["c"] "copy" "Copy the name";
        Export "export" ["ctrl-s"] "export" "Export what is shown as CSV, JSON or Markdown";
    }
    Table {
        Raw "raw" ["y"] "raw" "Show the object as AWS returned it, as JSON or YAML";
        Mark "mark" ["space"] "mark" "Mark the row, or take the mark away";
        MarkRange "mark-range" ["ctrl-space"] "mark range" "Mark all rows from the last marked one to this one";
        MarkAll "mark-all" ["ctrl-a"] "mark all" "Mark all rows that the filter shows";
        ClearMarks "clear-marks" ["ctrl-\\"] "clear marks" "Take all marks away";
        Actions "actions" ["a"] "actions" "Show what can be done with the row or the marked rows";
        Stop "stop" ["ctrl-d"] "stop" "Stop apps, delete spaces, offboard users, delete a domain: shows the plan first";
        New "new" ["n"] "new" "Onboard a user, or create a domain or a space, by the pane";
        Onboard "onboard" ["shift-i"] "onboard many" "Onboard many users from a pasted list or a file";
        Edit "edit" ["e"] "edit" "Change settings: of the row, or of all marked users";
        Tags "tags" ["t"] "tags" "Set and remove tags of the row or the marked rows";
        Clone "clone" ["shift-k"] "clone" "Onboard a user like this one, or clone this domain";
        Suspend "suspend" ["s"] "suspend" "Suspend users: stop their apps, keep their data, close Studio to them";
        Unsuspend "unsuspend" ["w"] "resume" "Open Studio again to suspended users";
        SignIn "sign-in" ["l"] "sign-in link" "Make a short-lived sign-in link and act as the user";
        Restart "restart" ["x"] "restart" "Stop apps and start them again with the same image, instance and settings";
        Undo "undo" ["u"] "undo stop" "Start a stopped app again as it was";
        BackUp "back-up" ["shift-b"] "back up" "Write the configuration of the domain to one file";
        Restore "restore" [] "restore" "Restore the domain, or clone it, from a backup file";
        DeleteFiles "delete-with-files" [] "delete all" "Delete the domain and erase its home file system (EFS) for good";
        LifecycleConfigs "lifecycle-configs" ["shift-l"] "lifecycle" "Show, attach, create and delete lifecycle configurations";
        SortAge "sort-age" ["shift-a"] "sort age" "Sort by age or uptime";
        SortStatus "sort-status" ["shift-s"] "sort status" "Sort by status";
        Faults "faults" ["ctrl-z"] "faults" "Show only what is failed or stuck, or everything";
        CopyArn "copy-arn" ["shift-y"] "copy ARN" "Copy the ARN";
        Browser "browser" ["b"] "browser" "Open the object in the AWS console";
    }
    Quotas {
        RequestQuota "request-quota" ["n", "e"] "request more" "Request an increase of the quota: shows the plan first";
        QuotaMatrix "quota-matrix" ["m"] "matrix/table" "Show quotas as a matrix of instance types and app types, or as a table";
        QuotaLeft "quota-left" ["left", "h"] "left" "Go to the app type to the left, in the matrix";
        QuotaRight "quota-right" ["right", "l"] "right" "Go to the app type to the right, in the matrix";
    }
    Cost {
        CostGroup "cost-group" ["b"] "group by" "Choose what costs are grouped by: a tag, user, domain, instance type ...";
        CostThen "cost-then" ["shift-b"] "then by" "Choose a second level to group by, or none";
        CostPeriod "cost-period" ["p"] "period" "Choose which days are looked at: this month, another, any range";
        CostForecast "cost-forecast" ["f"] "forecast" "Ask AWS for its forecast of the month: one request that costs";
        CostTags "cost-tags" ["t"] "tags" "Show which cost allocation tags bills carry, and activate those missing";
        CostReconcile "cost-reconcile" ["m"] "metered" "Compare what was metered here with what AWS has billed, and explain the difference";
        CostAccount "cost-account" ["a"] "account" "Choose whose bill is shown: that of one account, or of all";
        CostPay "cost-pay" ["shift-f"] "pay anyway" "Ask Cost Explorer even if it cannot have newer data";
    }
    Details {
        Search "search" ["/"] "search" "Search in the text";
        SearchNext "search-next" ["n"] "next" "Go to the next match";
        SearchPrevious "search-previous" ["shift-n"] "previous" "Go to the previous match";
        OtherFormat "other-format" ["y"] "JSON/YAML" "Show the raw object as YAML, or as JSON";
        CopyText "copy-text" ["c"] "copy" "Copy the text";
    }
    Operations {
        CancelOperation "cancel-operation" ["ctrl-x"] "cancel" "Cancel the steps of the plan that have not begun";
        OperationDetails "operation-details" ["d"] "steps" "Show the steps of the plan, with AWS's words";
        CopyReport "copy-report" ["c"] "copy report" "Copy the report of the plan as Markdown";
        WriteReport "write-report" ["ctrl-s"] "write report" "Write the report of the plan to a Markdown file";
        HandOver "hand-over" ["h"] "hand-over" "Write the hand-over sheet of the users that the plan onboarded";
        Pause "pause" ["p"] "pause/go on" "Pause the plan, or let a paused or interrupted one go on";
        Retry "retry" ["t"] "retry" "Try the failed, skipped and unknown steps of the plan again";
        UndoOperation "undo-operation" ["u"] "undo" "Start the apps again that the plan stopped";
        Audit "audit" ["a"] "audit" "Show the audit trail: who changed what, and what came of it";
    }
}

impl Action {
    /// The action with this id.
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.id() == id)
    }
}
