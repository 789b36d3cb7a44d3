//! Where the person goes: from pane to pane, down into an object, back and forward in the history.

use crate::fleet::ObjectKey;

use super::{Action, Console, DetailsTab, Effect, Pane, Place, Tone, Within};

impl Console {
    /// Shows a pane as it was left.
    pub(super) fn show(&mut self, pane: Pane) {
        let within = self.kind_within(pane);
        let table = pane.kind().and_then(|kind| self.tables.get(&kind));
        let filter = match pane {
            Pane::Cost => self.cost.ledger.filter.text().to_owned(),
            Pane::Quotas => self.quotas.ledger.filter.text().to_owned(),
            _ => table.map(|table| table.filter.text().to_owned()).unwrap_or_default(),
        };
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

    pub(super) fn show_neighbour(&mut self, steps: usize) {
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
    pub(super) fn restore(&mut self, place: Place) {
        self.last_place = Some(self.place());
        self.set_place(place);
    }

    fn set_place(&mut self, place: Place) {
        self.pane = place.pane;
        if let Some(filter) = self.filter_mut() {
            filter.editing = false;
            if filter.text() != place.filter {
                filter.set(&place.filter);
            }
        }
        if let Some(table) = self.table_mut()
            && table.within != place.within
        {
            table.within = place.within;
            table.marks.clear();
            table.mark_anchor = None;
        }
        self.show_rows();
    }

    /// Notes a changed filter in the current place of the history.
    pub(super) fn amend_history(&mut self) {
        let place = self.place();
        self.history.amend(place);
    }

    /// Esc: first the filter goes, then the view.
    pub(super) fn back(&mut self) {
        if let Some(filter) = self.filter_mut()
            && !filter.text().is_empty()
        {
            filter.set("");
            self.amend_history();
            self.show_rows();
            return;
        }
        if self.history.trail().len() > 1
            && let Some(place) = self.history.back()
        {
            self.restore(place);
        }
    }

    /// Drills down.
    pub(super) fn enter(&mut self, effects: &mut Vec<Effect>) {
        match self.pane {
            Pane::Overview => {
                if let Some(place) = self.overview_target() {
                    self.go(place);
                }
            }
            Pane::Operations => self.act(Action::OperationDetails, effects),
            Pane::Quotas => self.enter_quota(),
            Pane::Cost => self.enter_cost(),
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

    pub(super) fn go_within(&mut self, pane: Pane, within: Within) {
        self.go(Place { pane, within, filter: String::new() });
    }
}
