//! What is offered: why an action cannot be done now, the entries of the actions menu, the keys of the footer.

use crate::fleet::ObjectKind;

use super::{Action, Console, Context, Course, Pane, WriteMode};

/// An entry of the actions menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The action.
    pub action: Action,
    /// What it would do to what is chosen.
    pub effect: String,
    /// Why it cannot be done now.
    pub why_not: Option<String>,
}

impl Console {
    /// Why an action cannot be done now; `None` if it can.
    pub fn why_not(&self, action: Action) -> Option<String> {
        let none = self.selected().is_none() && self.ledger().and_then(super::Ledger::selected).is_none();
        let nothing = || none.then(|| "there is no row to do this with".to_owned());
        match action {
            Action::Details
            | Action::Raw
            | Action::CopyName
            | Action::CopyArn
            | Action::Browser
            | Action::Mark
            | Action::MarkRange => nothing(),
            Action::RequestQuota => self.why_no_request(),
            Action::QuotaLeft | Action::QuotaRight => self.why_no_cell(action),
            Action::MarkAll => nothing().or_else(|| self.partial_reason()),
            Action::Stop
            | Action::DeleteFiles
            | Action::Suspend
            | Action::Unsuspend
            | Action::SignIn
            | Action::Restart
            | Action::Undo => self.why_no_change(action),
            Action::New
            | Action::Onboard
            | Action::Edit
            | Action::Tags
            | Action::Clone
            | Action::BackUp
            | Action::Restore => self.why_no_form(action),
            Action::Export => {
                (self.shown_rows() == 0).then(|| "there is nothing to export: no row is shown".to_owned())
            }
            Action::HistoryBack => {
                (self.history.trail().len() < 2).then(|| "this is the first view".to_owned())
            }
            Action::LastView => {
                self.last_place.is_none().then(|| "there is no view before this one".to_owned())
            }
            Action::Lock => match self.session.write {
                WriteMode::ReadOnly => Some(
                    "this console was started read-only; start it without --read-only to unlock".to_owned(),
                ),
                WriteMode::Demo => Some("the demo is never locked: nothing in it is real".to_owned()),
                _ => self.account_here().is_none().then(|| "the account is not known yet".to_owned()),
            },
            Action::CancelOperation => match self.operations.list.get(self.operations.cursor) {
                None => Some("there is no operation".to_owned()),
                Some(operation) if !operation.is_running() => Some("the operation has ended".to_owned()),
                Some(_) => None,
            },
            Action::Pause => match self.operations.selected() {
                None => Some("there is no operation".to_owned()),
                Some(operation) => match operation.course {
                    Course::Ended => Some("the operation has ended".to_owned()),
                    Course::Elsewhere => Some("another console carries it out".to_owned()),
                    _ => None,
                },
            },
            Action::Retry => match self.operations.selected() {
                None => Some("there is no operation".to_owned()),
                Some(operation) if !operation.can_retry() => {
                    Some("there is nothing to try again: it still runs, or everything is done".to_owned())
                }
                Some(_) => None,
            },
            Action::UndoOperation => self.why_not_undo(),
            Action::HandOver => self.why_no_hand_over(),
            Action::OperationDetails | Action::CopyReport | Action::WriteReport => self
                .operations
                .list
                .is_empty()
                .then(|| "there is no operation yet: stop an app first".to_owned()),
            Action::Profiles if self.session.demo.is_some() => {
                Some("the demo has its own accounts; start without --demo to choose profiles".to_owned())
            }
            _ => None,
        }
    }

    /// The entries of the actions menu for what is chosen.
    pub fn menu(&self) -> Vec<Entry> {
        let count = self.chosen_count();
        let what = match (count, self.selected()) {
            (0, _) | (_, None) => "nothing is chosen".to_owned(),
            (1, Some(key)) => key.name().to_owned(),
            (n, _) => format!("{n} marked rows"),
        };
        let changes: &[Action] = match self.kind() {
            Some(ObjectKind::Domain) => &[
                Action::New,
                Action::Edit,
                Action::Tags,
                Action::LifecycleConfigs,
                Action::BackUp,
                Action::Restore,
                Action::Clone,
                Action::Stop,
                Action::DeleteFiles,
            ],
            Some(ObjectKind::User) => &[
                Action::New,
                Action::Onboard,
                Action::Edit,
                Action::Tags,
                Action::Clone,
                Action::SignIn,
                Action::Suspend,
                Action::Unsuspend,
                Action::Stop,
            ],
            Some(ObjectKind::Space) => &[Action::New, Action::Edit, Action::Tags, Action::Stop],
            Some(ObjectKind::App) => &[Action::Stop, Action::Restart, Action::Undo, Action::Tags],
            None => &[],
        };
        let looks = [
            Action::Details,
            Action::Raw,
            Action::Enter,
            Action::CopyName,
            Action::CopyArn,
            Action::Browser,
            Action::Export,
        ];
        changes
            .iter()
            .copied()
            .chain(looks)
            .map(|action| Entry {
                action,
                effect: match action {
                    _ if changes.contains(&action) => self.change_effect(action),
                    Action::Enter => format!("Show what is in {what}"),
                    Action::Export => "Write the rows that are shown to a file".to_owned(),
                    _ => format!("{}: {what}", action.help()),
                },
                why_not: self.why_not(action),
            })
            .collect()
    }

    /// The footer: the actions that matter here.
    pub fn footer(&self) -> Vec<Action> {
        match (self.context(), self.pane) {
            (Context::Details, _) => {
                vec![Action::Search, Action::SearchNext, Action::OtherFormat, Action::CopyText, Action::Back]
            }
            (_, Pane::Overview) => {
                vec![Action::Enter, Action::Palette, Action::Refresh, Action::Help, Action::Quit]
            }
            (_, Pane::Operations) => {
                let possible = [
                    Action::Pause,
                    Action::Retry,
                    Action::OperationDetails,
                    Action::CancelOperation,
                    Action::HandOver,
                    Action::UndoOperation,
                    Action::WriteReport,
                ];
                let possible = possible.into_iter().filter(|action| self.why_not(*action).is_none());
                possible.chain([Action::Audit, Action::Help]).collect()
            }
            (_, Pane::Quotas) => vec![
                Action::Enter,
                Action::Details,
                Action::RequestQuota,
                Action::QuotaMatrix,
                Action::Filter,
                Action::Palette,
                Action::Help,
            ],
            (_, Pane::Cost) => vec![
                Action::CostGroup,
                Action::CostPeriod,
                Action::Enter,
                Action::CostThen,
                Action::CostForecast,
                Action::CostReconcile,
                Action::CostTags,
                Action::Filter,
                Action::Help,
            ],
            (_, Pane::Apps) => vec![
                Action::Mark,
                Action::Stop,
                Action::Details,
                Action::Filter,
                Action::Actions,
                Action::Palette,
                Action::Help,
            ],
            (_, Pane::Users) => vec![
                Action::New,
                Action::Onboard,
                Action::Edit,
                Action::Stop,
                Action::Filter,
                Action::Actions,
                Action::Help,
            ],
            _ => vec![
                Action::Enter,
                Action::New,
                Action::Stop,
                Action::Filter,
                Action::Actions,
                Action::Palette,
                Action::Help,
            ],
        }
    }

    /// Why the shown rows may not be all there are, so that "all" would be a lie.
    pub fn partial_reason(&self) -> Option<String> {
        let kind = self.kind()?;
        let title = self.title_of(kind);
        title.partial.map(|reason| format!("the list is not complete ({reason}); mark rows one by one"))
    }
}
