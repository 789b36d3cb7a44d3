//! The quotas pane: which quota is how full, and who holds it.

use crate::fleet::{Field, QUOTA_FIELDS};

use super::columns::{Column, When, figure, only, text};
use super::{Ledger, Sort};

const COLUMNS: &[Column] = &[
    text(Field::Type, "TYPE", 8, 24),
    text(Field::Instance, "INSTANCE", 10, 20),
    figure(Field::Used, "USED", 4, 7),
    figure(Field::Limit, "LIMIT", 5, 7),
    figure(Field::Percent, "%", 5, 20),
    figure(Field::Free, "FREE", 4, 6),
    text(Field::Holders, "HOLDERS", 8, 40),
    text(Field::Request, "REQUEST", 7, 24),
    only(When::Wide, text(Field::Code, "CODE", 10, 12)),
];

/// The quotas pane.
#[derive(Debug)]
pub struct QuotaPane {
    /// Its rows.
    pub ledger: Ledger,
}

impl Default for QuotaPane {
    fn default() -> Self {
        let sort = Sort { column: Field::Percent, descending: true };
        Self { ledger: Ledger::new(COLUMNS, QUOTA_FIELDS, sort) }
    }
}
