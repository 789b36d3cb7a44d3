//! The columns of the burn broken down, for tables, filters and export alike.

use super::breakdown::Breakdown;
use super::history::Gauge;
use crate::fleet::{Field, FieldKind, FieldSpec, Needs, Sheet, SheetColumn, SheetValue};

const fn spec(field: Field, name: &'static str, kind: FieldKind, help: &'static str) -> FieldSpec {
    FieldSpec { field, name, aliases: &[], kind, needs: Needs::NONE, help }
}

/// What a row of the breakdown has.
pub const BURN_FIELDS: &[FieldSpec] = &[
    spec(Field::Group, "group", FieldKind::Text, "what the row is of"),
    spec(Field::Apps, "apps", FieldKind::Number, "running apps"),
    spec(Field::Cost, "cost", FieldKind::Money, "dollars per hour"),
    spec(Field::IdleCost, "idlecost", FieldKind::Money, "dollars per hour of what is proven idle"),
    spec(Field::UntilMonday, "until-monday", FieldKind::Money, "dollars until Monday 08:00 as it is"),
    spec(Field::Unpriced, "unknown-prices", FieldKind::Number, "instances whose price is not known"),
    spec(Field::Unjudged, "unknown-idle", FieldKind::Number, "instances not known to be idle or in use"),
];

impl Breakdown {
    /// The rows as typed values; with a last one of all of it where `total` says so.
    pub fn sheet(&self, hours: f64, total: bool) -> Sheet {
        let columns =
            BURN_FIELDS.iter().map(|spec| SheetColumn { name: spec.name, kind: spec.kind }).collect();
        let mut rows: Vec<Vec<SheetValue>> =
            self.rows.iter().map(|row| values(&row.label, row.apps, row.gauge, hours)).collect();
        if total {
            rows.push(values("all", self.apps, self.total, hours));
        }
        Sheet { columns, rows }
    }
}

fn values(label: &str, apps: u32, gauge: Gauge, hours: f64) -> Vec<SheetValue> {
    // A sum of which a part is not known is not known; how much of it is, the counts beside it tell.
    let cost = |dollars: f64, unknown: f64| match unknown > 0.0 {
        false => SheetValue::Number(dollars),
        true if dollars > 0.0 => SheetValue::AtLeast(dollars),
        true => SheetValue::Unknown,
    };
    vec![
        SheetValue::Text(label.to_owned()),
        SheetValue::Number(f64::from(apps)),
        cost(gauge.burn, gauge.unknown_prices),
        cost(gauge.idle, gauge.unknown_prices + gauge.unknown_idle),
        cost(gauge.burn * hours, gauge.unknown_prices),
        SheetValue::Number(gauge.unknown_prices),
        SheetValue::Number(gauge.unknown_idle),
    ]
}
