//! What the user is doing: state, actions, keys and `update`. No I/O and no clock.
//!
//! [`Console`] is the whole state. [`Console::update`] takes one [`Message`] and gives the [`Effect`]s it asks
//! for; time enters as [`Message::Tick`]. What is drawn is told back as [`Drawn`], so that moving by a page
//! knows its height without drawing ever changing anything.

mod act;
mod action;
mod burn;
mod change;
mod columns;
mod confirm;
mod cost;
mod detail;
mod dialog;
mod drawn;
mod export;
mod form;
mod going;
mod homes;
mod key;
mod keymap;
mod layers;
mod ledger;
mod loading;
mod message;
mod notice;
mod offered;
mod operations;
mod overview;
mod palette;
mod pane;
mod picker;
mod prepare;
mod quotas;
mod session;
mod table;
mod title;
mod update;
mod view;

use std::collections::BTreeMap;

pub use action::{Action, Context};
pub use burn::{BURN_LOOKS_BACK, Burn, BurnView, ReconcileFace, ReconcileView};
pub use columns::{Align, Cell, Column};
pub use cost::{CostFace, CostOf, CostPane};
pub use detail::{Line, Span};
pub use dialog::{
    AuditView, Choice, Confirm, Details, DetailsTab, Dialog, Export, Exported, Link, Palette, PaletteItem,
    Picker, Unlock,
};
pub use drawn::{Area, Drawn, Target};
pub use form::{
    Area as TextArea, Chooser, Control, Fault, Field, FieldId, Finding, Findings, Form, Item, Options, Pair,
    Pairs, Subject,
};
pub use homes::Restored;
pub use key::{Key, KeyCode, NotAKey};
pub use keymap::{Keymap, KeymapError};
pub use ledger::{Ledger, LedgerCell, LedgerRow};
pub use loading::Loads;
pub use message::{Effect, Message, Mouse};
pub use notice::{Notice, Notices, Tone};
pub use offered::Entry;
pub use operations::{Course, Operation, Operations};
pub use overview::{Curve, Overview, Tile, TileLine};
pub use pane::{History, Pane, Place, Within};
pub use prepare::Preparing;
pub use quotas::{Matrix, MatrixLine, QuotaFace, QuotaPane};
pub use session::{Session, Start, WriteMode};
pub use table::{FilterBox, Sort, Table};
pub use title::{Freshness, Title};

use crate::fleet::{Census, Fleet, ObjectKind, Timestamp};

/// Everything the console knows and shows.
#[derive(Debug)]
pub struct Console {
    /// The time of the latest message.
    pub now: Timestamp,
    /// The local time zone, for "until Monday 08:00".
    pub zone: jiff::tz::TimeZone,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether the terminal is in front; polling stops while it is not.
    pub focused: bool,
    /// Whose credentials, which regions, whether writing is locked.
    pub session: Session,
    /// The fleet.
    pub fleet: Fleet,
    /// The fleet counted, as of the last time it was.
    pub census: Census,
    /// The pane shown.
    pub pane: Pane,
    /// The tables.
    pub tables: BTreeMap<ObjectKind, Table>,
    /// The cost pane.
    pub cost: CostPane,
    /// The quotas pane.
    pub quotas: QuotaPane,
    /// The burn over time.
    pub burn: Burn,
    /// The overview's cursor.
    pub overview: Overview,
    /// Where the person was.
    pub history: History,
    /// The layers over the pane, the topmost last.
    pub dialogs: Vec<Dialog>,
    /// What was said to the person.
    pub notices: Notices,
    /// Plans carried out.
    pub operations: Operations,
    /// Queries under way and due.
    pub loads: Loads,
    /// The keys.
    pub keymap: Keymap,
    /// The theme by name.
    pub theme: String,
    /// Whether the header is folded to one line.
    pub folded: bool,
    /// Grows when profiles or regions change; answers of an older epoch are dropped.
    pub epoch: u64,
    /// What was drawn last: heights and areas to click.
    pub drawn: Drawn,
    /// Commands typed in the palette, the newest last.
    pub commands: Vec<String>,
    /// How many forms were opened.
    forms: u64,
    last_place: Option<Place>,
}

impl Console {
    /// The table of the pane, if the pane is one.
    pub fn table(&self) -> Option<&Table> {
        self.pane.kind().and_then(|kind| self.tables.get(&kind))
    }

    /// The table of the pane, to change it.
    pub(crate) fn table_mut(&mut self) -> Option<&mut Table> {
        self.pane.kind().and_then(|kind| self.tables.get_mut(&kind))
    }

    /// In which context a key is heard now.
    pub fn context(&self) -> Context {
        match self.pane {
            _ if matches!(self.dialogs.last(), Some(Dialog::Details(_))) => Context::Details,
            Pane::Operations => Context::Operations,
            Pane::Cost => Context::Cost,
            Pane::Quotas => Context::Quotas,
            Pane::Overview => Context::Everywhere,
            _ => Context::Table,
        }
    }

    /// Says something to the person.
    pub(crate) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.notices.say(self.now, tone, text);
    }

    /// Where the person is.
    pub fn place(&self) -> Place {
        let table = self.table();
        Place {
            pane: self.pane,
            within: table.map(|table| table.within.clone()).unwrap_or_default(),
            filter: self.filter().map(|filter| filter.text().to_owned()).unwrap_or_default(),
        }
    }
}
