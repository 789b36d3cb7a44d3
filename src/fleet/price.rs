//! On-demand prices, as the Price List API or the bundled table gives them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Region, Timestamp};

/// The prices of Studio in one region, in US dollars.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceList {
    /// The region.
    pub region: Region,
    /// Per instance type, then per component as the Price List API names it (`Studio-JupyterLab`,
    /// `Studio-CodeEditor`, `Studio-Notebook` ...): dollars per hour.
    pub hourly: HashMap<Arc<str>, BTreeMap<Arc<str>, f64>>,
    /// Dollars per GB-month of space storage (gp3).
    pub storage_gb_month: Option<f64>,
    /// Where the prices are from.
    pub origin: PriceOrigin,
}

/// Where prices are from, so that a guess is never taken for AWS's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceOrigin {
    /// Read from the Price List API.
    Api(Timestamp),
    /// The table that came with the program, of this date.
    Bundled(&'static str),
}
