//! What each action does.

use crate::fleet::{Field, ObjectKey};

use super::{Action, Console, Details, DetailsTab, Dialog, Effect, Palette, Pane, Tone, WriteMode};

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
            Action::PaneCost => {
                self.settle_cost_account();
                self.show(Pane::Cost);
                self.ask_costs(effects);
            }
            Action::PaneQuotas => self.show(Pane::Quotas),
            Action::PaneOperations => self.show(Pane::Operations),
            Action::PaneNext => self.show_neighbour(1),
            Action::PanePrevious => self.show_neighbour(Pane::ALL.len() - 1),
            Action::Palette => {
                self.dialogs.push(Dialog::Palette(Palette::default()));
                self.refresh_layer(effects);
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
            Action::Refresh if self.pane == Pane::Cost => self.refresh_costs(false, effects),
            Action::CostPay => self.refresh_costs(true, effects),
            Action::CostGroup => self.open_cost_groups(false),
            Action::CostThen => self.open_cost_groups(true),
            Action::CostPeriod => self.open_cost_periods(),
            Action::CostAccount => self.open_cost_accounts(),
            Action::CostReconcile => self.open_reconciliation(self.cost.period, effects),
            Action::CostForecast => self.ask_forecast(effects),
            Action::CostTags => self.open_cost_tags(effects),
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
                if let Some(filter) = self.filter_mut() {
                    filter.editing = true;
                }
            }
            Action::Details if self.pane == Pane::Quotas => self.open_quota_facts(),
            Action::Details if self.pane == Pane::Cost => self.cost.single = !self.cost.single,
            Action::Details => self.open_details(DetailsTab::Facts, effects),
            Action::RequestQuota => self.open_quota_request(effects),
            Action::QuotaMatrix => self.switch_quotas(),
            Action::QuotaLeft => self.move_quota_cell(0, -1),
            Action::QuotaRight => self.move_quota_cell(0, 1),
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
                let first = self.columns().first().map(|column| column.field);
                self.sort_by(&first.into_iter().collect::<Vec<_>>());
            }
            Action::SortCost => self.sort_by(&[Field::Cost]),
            Action::SortAge => self.sort_by(&[Field::Uptime, Field::Age]),
            Action::SortStatus => self.sort_by(&[Field::Status]),
            Action::Wide => {
                if let Some(ledger) = self.ledger_mut() {
                    ledger.wide = !ledger.wide;
                } else if let Some(table) = self.table_mut() {
                    table.wide = !table.wide;
                }
            }
            Action::Faults => {
                if let Some(table) = self.table_mut() {
                    table.faults_only = !table.faults_only;
                    self.show_rows();
                }
            }
            Action::CopyName => {
                let first = self.columns().first().map(|column| column.field);
                let names: Vec<String> = match (self.ledger().and_then(super::Ledger::selected), first) {
                    (Some(row), Some(first)) => {
                        row.cell(first).map(|cell| cell.text.clone()).into_iter().collect()
                    }
                    _ => self.chosen().iter().map(|key| key.name().to_owned()).collect(),
                };
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
                if let Some(operation) = self.operations.selected() {
                    let operation = operation.plan.id.clone();
                    self.dialogs.push(Dialog::Steps { operation, scroll: 0 });
                }
            }
            Action::CopyReport => {
                if let Some(operation) = self.operations.selected() {
                    effects.push(Effect::CopyReport(Box::new(operation.clone())));
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

    pub(super) fn open_details(&mut self, tab: DetailsTab, effects: &mut Vec<Effect>) {
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

    /// How many those are.
    pub fn chosen_count(&self) -> usize {
        let marks = self.table().map_or(0, |table| table.marks.len());
        if marks > 0 { marks } else { usize::from(self.selected().is_some()) }
    }

    /// Whether one of those is so. There may be thousands, and this is asked for every frame of the menu.
    pub(super) fn any_chosen(&self, is_so: impl Fn(&ObjectKey) -> bool) -> bool {
        match self.table() {
            Some(table) if !table.marks.is_empty() => table.marks.iter().any(is_so),
            _ => self.selected().is_some_and(|key| is_so(&key)),
        }
    }

    /// The object under the cursor.
    pub fn selected(&self) -> Option<ObjectKey> {
        let table = self.table()?;
        let position = *table.rows.get(table.cursor_row())?;
        self.object_at(table.kind, position as usize)
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
