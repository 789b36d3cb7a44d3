//! The cost pane: what is asked of Cost Explorer, by which groups, and what came.

use crate::fleet::{COST_FIELDS, Field};

use super::columns::{Column, When, figure, only, text};
use super::{Ledger, Sort};

const COLUMNS: &[Column] = &[
    text(Field::Name, "NAME", 10, 34),
    figure(Field::Cost, "COST", 8, 12),
    figure(Field::Before, "SAME DAYS", 8, 12),
    figure(Field::Change, "CHANGE", 7, 12),
    figure(Field::Growth, "%", 4, 7),
    figure(Field::Forecast, "FORECAST", 8, 12),
    only(When::Wide, figure(Field::Previous, "MONTH BEFORE", 8, 12)),
    figure(Field::Share, "SHARE", 5, 24),
];

/// The cost pane.
#[derive(Debug)]
pub struct CostPane {
    /// Its rows.
    pub ledger: Ledger,
}

impl Default for CostPane {
    fn default() -> Self {
        let sort = Sort { column: Field::Cost, descending: true };
        Self { ledger: Ledger::new(COLUMNS, COST_FIELDS, sort) }
    }
}
