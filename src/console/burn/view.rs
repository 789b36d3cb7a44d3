//! The layer of the burn: its past as a chart, and what it is now by domain, user, tag, instance type.

use crate::console::columns::{Column, figure, text};
use crate::console::{
    Action, Console, Context, Dialog, Effect, Key, KeyCode, Ledger, LedgerCell, LedgerRow, Pane, Place, Sort,
    Tone, Within,
};
use crate::fleet::wording::{Count, Money};
use crate::fleet::{
    AppStatus, BURN_FIELDS, BurnGroup, BurnRow, CostPeriod, Field, ObjectKey, ObjectKind, Past, Query,
    Timestamp, until_monday,
};

/// How many tags are asked for at a time.
const TAGS_AT_ONCE: usize = 8;

const COLUMNS: &[Column] = &[
    text(Field::Group, "GROUP", 8, 40),
    figure(Field::Apps, "RUN", 4, 7),
    figure(Field::Cost, "$/H", 8, 11),
    figure(Field::IdleCost, "IDLE $/H", 8, 11),
    figure(Field::UntilMonday, "UNTIL MON", 9, 12),
    figure(Field::Unpriced, "NO PRICE", 8, 8),
];

/// What the layer shows.
#[derive(Debug, Clone, PartialEq)]
pub struct BurnView {
    /// Which part of the past.
    pub past: Past,
    /// By what the burn of now is broken down.
    pub group: BurnGroup,
    /// What the rows were made of.
    filled: Option<(u64, Timestamp, BurnGroup)>,
}

impl Console {
    /// Opens the layer.
    pub(in crate::console) fn open_burn(&mut self, past: Past, group: BurnGroup) {
        let sort = Sort { column: Field::Cost, descending: true };
        self.burn.ledger = Some(Ledger::new(COLUMNS, BURN_FIELDS, sort));
        self.dialogs.push(Dialog::Burn(BurnView { past, group, filled: None }));
    }

    /// Puts the burn of now into the layer's table, unless it is there.
    pub(super) fn fill_burn_ledger(&mut self) {
        let Some(Dialog::Burn(view)) = self.dialogs.iter().find(|dialog| matches!(dialog, Dialog::Burn(_)))
        else {
            return;
        };
        let wanted = (self.census.revision(), self.census.at(), view.group.clone());
        if view.filled.as_ref() != Some(&wanted) {
            let breakdown = self.burn_breakdown(&wanted.2);
            let hours = until_monday(self.now, &self.zone).unwrap_or(0.0);
            let rows = breakdown.rows.iter().map(|row| ledger_row(row, hours)).collect();
            if let Some(ledger) = &mut self.burn.ledger {
                ledger.fill(rows);
            }
            for dialog in &mut self.dialogs {
                if let Dialog::Burn(view) = dialog {
                    view.filled = Some(wanted.clone());
                }
            }
        }
        let visible = self.drawn.rows.max(1);
        if let Some(ledger) = &mut self.burn.ledger {
            ledger.refresh(visible);
        }
    }

    /// Keys of the layer.
    pub(in crate::console) fn burn_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let groups = self.burn_groups();
        let Some(Dialog::Burn(view)) = self.dialogs.last_mut() else { return };
        match key.code {
            KeyCode::Esc | KeyCode::Char('q') => return self.close_layer(),
            KeyCode::Char('g') if !key.ctrl => {
                let at = groups.iter().position(|group| *group == view.group).unwrap_or(0);
                if let Some(group) = groups.get((at + 1) % groups.len().max(1)) {
                    view.group = group.clone();
                }
                return self.fill_burn_ledger();
            }
            KeyCode::Char('t') if !key.ctrl => {
                let at = Past::ALL.iter().position(|past| *past == view.past).unwrap_or(0);
                view.past = Past::ALL[(at + 1) % Past::ALL.len()];
                return;
            }
            KeyCode::Char('m') if !key.ctrl => {
                return self.open_reconciliation(CostPeriod::MonthToDate, effects);
            }
            KeyCode::Enter => return self.go_to_burn_row(),
            KeyCode::Char('s') if key.ctrl => {
                let sheet = self.burn.ledger.as_ref().map(Ledger::sheet).unwrap_or_default();
                return self.open_sheet_export("the burn", "burn", sheet);
            }
            _ => {}
        }
        let page = isize::try_from(self.drawn.rows.max(2)).unwrap_or(isize::MAX) - 1;
        let by = match self.keymap.resolve(Context::Everywhere, key) {
            Some(Action::Up) => -1,
            Some(Action::Down) => 1,
            Some(Action::PageUp) => -page,
            Some(Action::PageDown) => page,
            Some(Action::Top) => isize::MIN,
            Some(Action::Bottom) => isize::MAX,
            _ => return,
        };
        self.move_burn(by);
    }

    /// Moves the cursor of the layer's table.
    pub(in crate::console) fn move_burn(&mut self, by: isize) {
        let visible = self.drawn.rows.max(1);
        if let Some(ledger) = &mut self.burn.ledger {
            let row = crate::console::layers::moved(ledger.cursor_row(), by, ledger.len());
            ledger.put_cursor(row, visible);
        }
    }

    /// A click selects a row; on the selected one it leads to its apps.
    pub(in crate::console) fn click_burn(&mut self, row: usize) {
        let visible = self.drawn.rows.max(1);
        let Some(ledger) = &mut self.burn.ledger else { return };
        if ledger.cursor_row() == row {
            return self.go_to_burn_row();
        }
        ledger.put_cursor(row, visible);
    }

    /// From a row to what runs of it, ready to be marked and stopped.
    fn go_to_burn_row(&mut self) {
        let Some(filter) =
            self.burn.ledger.as_ref().and_then(|ledger| Some(ledger.selected()?.key.to_string()))
        else {
            return self.say(Tone::Muted, "there is no row to open");
        };
        self.close_layer();
        self.go(Place { pane: Pane::Apps, within: Within::Everything, filter });
    }

    /// By what the burn can be broken down here: what differs in this fleet, and the tags that are known of.
    fn burn_groups(&self) -> Vec<BurnGroup> {
        let mut groups = vec![BurnGroup::Domain, BurnGroup::User, BurnGroup::Instance];
        if self.fleet.accounts.len() > 1 {
            groups.push(BurnGroup::Account);
        }
        if self.session.regions.len() > 1 {
            groups.push(BurnGroup::Region);
        }
        let mut keys: Vec<_> = self.fleet.tags.values().flatten().map(|tag| tag.key.clone()).collect();
        keys.extend(self.session.budgets.iter().filter_map(|budget| match &budget.whose {
            crate::fleet::BudgetOf::Tag(key, _) => Some(key.clone()),
            _ => None,
        }));
        // The tag that people divide money by before they have chosen another.
        keys.push("team".into());
        keys.retain(|key| !key.starts_with("aws:") && !key.starts_with("sagemaker:"));
        keys.sort_unstable();
        keys.dedup();
        groups.extend(keys.into_iter().map(BurnGroup::Tag));
        groups
    }

    /// Asks for the tags of running apps where a budget or the layer goes by tags, a few at a time.
    pub(super) fn ask_burn_tags(&mut self, effects: &mut Vec<Effect>) {
        let by_budget =
            self.session.budgets.iter().any(|budget| matches!(budget.whose, crate::fleet::BudgetOf::Tag(..)));
        let by_layer = self
            .dialogs
            .iter()
            .any(|dialog| matches!(dialog, Dialog::Burn(view) if matches!(view.group, BurnGroup::Tag(_))));
        if !(by_budget || by_layer) || !self.focused {
            return;
        }
        let runs = |status: &AppStatus| !matches!(status, AppStatus::Deleted | AppStatus::Failed);
        let missing: Vec<Query> = (0..self.count(ObjectKind::App))
            .filter(|position| self.fleet.apps.at(*position).is_some_and(|app| runs(&app.status)))
            .filter_map(|position| self.object_at(ObjectKind::App, position))
            .filter(|key: &ObjectKey| !self.fleet.tags.contains_key(key))
            .map(Query::Tags)
            .filter(|query| !self.loads.is_loading(query) && !self.loads.holds_back(query, self.now))
            .take(TAGS_AT_ONCE)
            .collect();
        for query in missing {
            self.ask(query, effects);
        }
    }
}

fn ledger_row(row: &BurnRow, hours: f64) -> LedgerRow {
    let gauge = &row.gauge;
    let money = |dollars: f64, unknown: f64, tone: Tone| {
        let tone = if dollars == 0.0 { Tone::Muted } else { tone };
        let cell = LedgerCell::figure(format!("{:#}", Money(dollars)), dollars).tone(tone);
        match (unknown > 0.0, dollars > 0.0) {
            (true, true) => cell.at_least(),
            (true, false) => LedgerCell::unknown(),
            (false, _) => cell,
        }
    };
    let count = |count: f64| {
        let tone = if count > 0.0 { Tone::Unknown } else { Tone::Muted };
        LedgerCell::figure(Count(count.round() as u64).to_string(), count).tone(tone)
    };
    let label =
        LedgerCell::text(row.label.clone()).tone(if row.is_rest { Tone::Unknown } else { Tone::Accent });
    let unknown_idle = gauge.unknown_prices + gauge.unknown_idle;
    LedgerRow::new(row.filter.as_str())
        .with(Field::Group, label)
        .with(Field::Apps, LedgerCell::figure(Count(row.apps.into()).to_string(), f64::from(row.apps)))
        .with(Field::Cost, money(gauge.burn, gauge.unknown_prices, Tone::Money))
        .with(Field::IdleCost, money(gauge.idle, unknown_idle, Tone::Idle))
        .with(Field::UntilMonday, money(gauge.burn * hours, gauge.unknown_prices, Tone::Plain))
        .with(Field::Unpriced, count(gauge.unknown_prices))
        .with(Field::Unjudged, count(gauge.unknown_idle))
}
