//! What each action does, and why it cannot be done now.

use crate::fleet::{Field, ObjectKey, ObjectKind};

use super::{
    Action, Console, Details, DetailsTab, Dialog, Effect, Palette, Pane, Place, Tone, Within, WriteMode,
};

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
    /// Does an action, or says why it cannot be done.
    pub(super) fn act(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if let Some(reason) = self.why_not(action) {
            self.say(Tone::Warn, reason);
            return;
        }
        match action {
            Action::PaneOverview => self.show(Pane::Overview),
            Action::PaneDomains => self.show(Pane::Domains),
            Action::PaneUsers => self.show(Pane::Users),
            Action::PaneSpaces => self.show(Pane::Spaces),
            Action::PaneApps => self.show(Pane::Apps),
            Action::PaneOperations => self.show(Pane::Operations),
            Action::PaneNext => self.show_neighbour(1),
            Action::PanePrevious => self.show_neighbour(Pane::ALL.len() - 1),
            Action::Palette => {
                self.dialogs.push(Dialog::Palette(Palette::default()));
                self.refresh_layer();
            }
            Action::Help => self.dialogs.push(Dialog::Help { scroll: 0 }),
            Action::Up => self.move_cursor(-1),
            Action::Down => self.move_cursor(1),
            Action::Top => self.move_cursor(isize::MIN),
            Action::Bottom => self.move_cursor(isize::MAX),
            Action::PageUp => self.move_cursor(-self.page()),
            Action::PageDown => self.move_cursor(self.page()),
            Action::Enter => self.enter(effects),
            Action::Back => self.back(),
            Action::HistoryBack => {
                if let Some(place) = self.history.back() {
                    self.restore(place);
                }
            }
            Action::HistoryForward => {
                if let Some(place) = self.history.forward() {
                    self.restore(place);
                }
            }
            Action::LastView => {
                if let Some(place) = self.last_place.clone() {
                    self.go(place);
                }
            }
            Action::Refresh => {
                self.refresh_all(effects);
                self.say(Tone::Muted, "reading the fleet again");
            }
            Action::AutoRefresh => {
                self.session.auto_refresh = !self.session.auto_refresh;
                let state = if self.session.auto_refresh { "on" } else { "off" };
                self.say(Tone::Muted, format!("automatic refresh is {state}"));
            }
            Action::Lock => self.toggle_lock(effects),
            Action::Profiles => self.open_profiles(),
            Action::Regions => self.open_regions(),
            Action::Themes => self.open_themes(),
            Action::FoldHeader => self.folded = !self.folded,
            Action::Quit => self.quit(effects),
            Action::Filter => {
                if let Some(table) = self.table_mut() {
                    table.filter.editing = true;
                }
            }
            Action::Details => self.open_details(DetailsTab::Facts, effects),
            Action::Raw => self.open_details(DetailsTab::Json, effects),
            Action::Mark => self.toggle_mark(),
            Action::MarkRange => self.mark_range(),
            Action::MarkAll => self.mark_all(),
            Action::ClearMarks => {
                if let Some(table) = self.table_mut() {
                    table.marks.clear();
                    table.mark_anchor = None;
                }
            }
            Action::Actions => self.dialogs.push(Dialog::Menu { cursor: 0 }),
            Action::Stop
            | Action::DeleteFiles
            | Action::Suspend
            | Action::Unsuspend
            | Action::SignIn
            | Action::Restart
            | Action::Undo => self.change(action, effects),
            Action::New
            | Action::Onboard
            | Action::Edit
            | Action::Tags
            | Action::Clone
            | Action::BackUp
            | Action::Restore => self.open_form_of(action, effects),
            Action::LifecycleConfigs => self.open_lifecycle_configs(effects),
            Action::SortLeft => self.sort_column(-1),
            Action::SortRight => self.sort_column(1),
            Action::SortBy => self.sort_now(),
            Action::SortName => {
                // What a row is called by stands in the first column: the owner of an app, any other's name.
                let first = self.table().and_then(|table| super::columns::all(table.kind).first());
                self.sort_by(&first.map(|column| column.field).into_iter().collect::<Vec<_>>());
            }
            Action::SortCost => self.sort_by(&[Field::Cost]),
            Action::SortAge => self.sort_by(&[Field::Uptime, Field::Age]),
            Action::SortStatus => self.sort_by(&[Field::Status]),
            Action::Wide => {
                if let Some(table) = self.table_mut() {
                    table.wide = !table.wide;
                }
            }
            Action::Faults => {
                if let Some(table) = self.table_mut() {
                    table.faults_only = !table.faults_only;
                    self.refresh_view(true);
                }
            }
            Action::CopyName => {
                let names: Vec<String> = self.chosen().iter().map(|key| key.name().to_owned()).collect();
                effects.push(Effect::Copy(names.join("\n")));
            }
            Action::CopyArn => {
                let arns: Vec<String> = self.chosen().iter().map(ObjectKey::arn).collect();
                effects.push(Effect::Copy(arns.join("\n")));
            }
            Action::Browser => {
                if let Some(key) = self.selected() {
                    effects.push(Effect::Open(console_url(&key)));
                }
            }
            Action::Export => self.open_export(),
            Action::CancelOperation => {
                if let Some(operation) = self.operations.list.get_mut(self.operations.cursor) {
                    operation.cancelled = true;
                    effects.push(Effect::Cancel(operation.plan.id.clone()));
                }
            }
            Action::OperationDetails => {
                self.dialogs.push(Dialog::Steps { operation: self.operations.cursor, scroll: 0 });
            }
            Action::CopyReport => {
                if let Some(operation) = self.operations.list.get(self.operations.cursor) {
                    effects.push(Effect::Copy(super::export::report(operation)));
                }
            }
            Action::WriteReport => self.open_report_export(),
            Action::HandOver => self.open_hand_over(),
            Action::Pause => self.pause_or_go_on(effects),
            Action::Retry => self.retry(effects),
            Action::UndoOperation => self.undo_operation(effects),
            Action::Audit => self.open_audit(effects),
            // These live in the details, which has its own keys; see `layers`.
            Action::Search
            | Action::SearchNext
            | Action::SearchPrevious
            | Action::OtherFormat
            | Action::CopyText => self.details_action(action, effects),
        }
    }

    /// Why an action cannot be done now; `None` if it can.
    pub fn why_not(&self, action: Action) -> Option<String> {
        let nothing = || self.selected().is_none().then(|| "there is no row to do this with".to_owned());
        match action {
            Action::Details
            | Action::Raw
            | Action::CopyName
            | Action::CopyArn
            | Action::Browser
            | Action::Mark
            | Action::MarkRange => nothing(),
            Action::MarkAll => nothing().or_else(|| self.partial_reason()),
            Action::Stop
            | Action::DeleteFiles
            | Action::Suspend
            | Action::Unsuspend
            | Action::SignIn
            | Action::Restart
            | Action::Undo => self.intent(action).err(),
            Action::New
            | Action::Onboard
            | Action::Edit
            | Action::Tags
            | Action::Clone
            | Action::BackUp
            | Action::Restore => self.why_no_form(action),
            Action::Export => self
                .table()
                .is_none_or(|table| table.rows.is_empty())
                .then(|| "there is nothing to export: no row is shown".to_owned()),
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
                    super::Course::Ended => Some("the operation has ended".to_owned()),
                    super::Course::Elsewhere => Some("another console carries it out".to_owned()),
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
        let count = self.chosen().len();
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
            (super::Context::Details, _) => {
                vec![Action::Search, Action::SearchNext, Action::OtherFormat, Action::CopyText, Action::Back]
            }
            (_, Pane::Overview) => {
                vec![Action::Enter, Action::Palette, Action::Refresh, Action::Help, Action::Quit]
            }
            (_, Pane::Operations) => {
                vec![
                    Action::OperationDetails,
                    Action::Pause,
                    Action::Retry,
                    Action::CancelOperation,
                    Action::Audit,
                    Action::HandOver,
                    Action::WriteReport,
                    Action::Help,
                ]
            }
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

    /// Shows a pane as it was left.
    fn show(&mut self, pane: Pane) {
        let within = self.kind_within(pane);
        let filter = pane
            .kind()
            .and_then(|kind| self.tables.get(&kind))
            .map(|table| table.filter.text().to_owned())
            .unwrap_or_default();
        self.go(Place { pane, within, filter });
    }

    /// A pane chosen by its key shows the whole fleet; only drilling down narrows it.
    fn kind_within(&self, pane: Pane) -> Within {
        if pane == self.pane {
            self.table().map(|table| table.within.clone()).unwrap_or_default()
        } else {
            Within::Everything
        }
    }

    fn show_neighbour(&mut self, steps: usize) {
        let at = Pane::ALL.iter().position(|pane| *pane == self.pane).unwrap_or(0);
        self.show(Pane::ALL[(at + steps) % Pane::ALL.len()]);
    }

    /// Goes to a place and notes it in the history.
    pub(super) fn go(&mut self, place: Place) {
        let here = self.place();
        if here != place {
            self.last_place = Some(here);
        }
        self.history.go(place.clone());
        self.set_place(place);
    }

    /// Goes to a place of the history.
    fn restore(&mut self, place: Place) {
        self.last_place = Some(self.place());
        self.set_place(place);
    }

    fn set_place(&mut self, place: Place) {
        self.pane = place.pane;
        if let Some(table) = self.table_mut() {
            table.filter.editing = false;
            if table.filter.text() != place.filter {
                table.filter.set(&place.filter);
            }
            if table.within != place.within {
                table.within = place.within;
                table.marks.clear();
                table.mark_anchor = None;
            }
        }
        self.refresh_view(true);
    }

    /// Notes a changed filter in the current place of the history.
    pub(super) fn amend_history(&mut self) {
        let place = self.place();
        self.history.amend(place);
    }

    /// Esc: first the filter goes, then the view.
    fn back(&mut self) {
        if let Some(table) = self.table_mut()
            && !table.filter.text().is_empty()
        {
            table.filter.set("");
            self.amend_history();
            self.refresh_view(true);
            return;
        }
        if self.history.trail().len() > 1
            && let Some(place) = self.history.back()
        {
            self.restore(place);
        }
    }

    /// Drills down.
    fn enter(&mut self, effects: &mut Vec<Effect>) {
        match self.pane {
            Pane::Overview => {
                if let Some(place) = self.overview_target() {
                    self.go(place);
                }
            }
            Pane::Operations => self.act(Action::OperationDetails, effects),
            _ => match self.selected() {
                Some(ObjectKey::Domain(key)) => self.go_within(Pane::Users, Within::Domain(key)),
                Some(ObjectKey::User(key)) => {
                    // A user of Studio Classic has apps without spaces; show what there is.
                    let spaces = self.fleet.spaces.iter().any(|space| {
                        space.owner.as_ref() == Some(&key.name)
                            && space.key.domain == key.domain
                            && space.key.scope == key.scope
                    });
                    let pane = if spaces { Pane::Spaces } else { Pane::Apps };
                    self.go_within(pane, Within::User(key));
                }
                Some(ObjectKey::Space(key)) => self.go_within(Pane::Apps, Within::Space(key)),
                Some(ObjectKey::App(_)) => self.open_details(DetailsTab::Facts, effects),
                None => self.say(Tone::Muted, "there is no row to open"),
            },
        }
    }

    fn go_within(&mut self, pane: Pane, within: Within) {
        self.go(Place { pane, within, filter: String::new() });
    }

    fn open_details(&mut self, tab: DetailsTab, effects: &mut Vec<Effect>) {
        let Some(object) = self.selected() else { return };
        self.open_details_of(object, tab, effects);
    }

    /// Shows everything about an object, read afresh.
    pub(super) fn open_details_of(&mut self, object: ObjectKey, tab: DetailsTab, effects: &mut Vec<Effect>) {
        self.ask(object.describe(), effects);
        self.ask(crate::fleet::Query::Tags(object.clone()), effects);
        if let ObjectKey::App(key) = &object
            && let Some(user) = self.fleet.user_of(key)
        {
            let key =
                crate::fleet::UserKey { scope: key.scope.clone(), domain: key.domain.clone(), name: user };
            self.ask(crate::fleet::Query::User(key), effects);
        }
        self.dialogs.push(Dialog::Details(Box::new(Details {
            object,
            tab,
            raw: None,
            scroll: 0,
            searching: false,
            search: tui_input::Input::default(),
            hit: 0,
        })));
    }

    fn toggle_lock(&mut self, effects: &mut Vec<Effect>) {
        if let WriteMode::Unlocked { .. } = self.session.write {
            self.session.write = WriteMode::Locked;
            effects.push(Effect::Lock);
            self.say(Tone::Ok, "writing is locked");
        } else {
            self.open_unlock();
        }
    }

    /// The objects that an action is about: the marked ones, or else the one under the cursor.
    pub fn chosen(&self) -> Vec<ObjectKey> {
        match self.table() {
            Some(table) if !table.marks.is_empty() => {
                let mut marks: Vec<ObjectKey> = table.marks.iter().cloned().collect();
                marks.sort();
                marks
            }
            _ => self.selected().into_iter().collect(),
        }
    }

    /// The object under the cursor.
    pub fn selected(&self) -> Option<ObjectKey> {
        let table = self.table()?;
        let position = *table.rows.get(table.cursor_row())?;
        self.object_at(table.kind, position as usize)
    }

    /// Why the shown rows may not be all there are, so that "all" would be a lie.
    pub fn partial_reason(&self) -> Option<String> {
        let kind = self.kind()?;
        let title = self.title_of(kind);
        title.partial.map(|reason| format!("the list is not complete ({reason}); mark rows one by one"))
    }
}

/// The page of an object in the AWS console.
fn console_url(key: &ObjectKey) -> String {
    let domain = key.domain_key();
    let region = domain.scope.region().clone();
    let host = match domain.scope.partition() {
        "aws-cn" => "console.amazonaws.cn".to_owned(),
        "aws-us-gov" => "console.amazonaws-us-gov.com".to_owned(),
        _ => format!("{region}.console.aws.amazon.com"),
    };
    let base = format!("https://{host}/sagemaker/home?region={region}#/studio/{}", domain.id);
    let user = match key {
        ObjectKey::Domain(_) => None,
        ObjectKey::User(key) => Some(key.name.clone()),
        ObjectKey::Space(key) => return format!("{base}/space/{}", key.name),
        ObjectKey::App(key) => match &key.owner {
            crate::fleet::Owner::User(name) => Some(name.clone()),
            crate::fleet::Owner::Space(name) => return format!("{base}/space/{name}"),
        },
    };
    match user {
        Some(user) => format!("{base}/user/{user}"),
        None => base,
    }
}
