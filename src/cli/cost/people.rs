//! The rows of a report for people: what fits a screen, the dearest first, and what is no group at the end.

use super::{Shown, Wanted, maybe, text};
use crate::fleet::{Billed, CostGroup, CostKind, CostRow, FieldKind, Nanos, Sheet, SheetColumn, SheetValue};

impl Shown {
    /// The rows for people. Programs get those of [`Shown::sheet`].
    pub(super) fn table(&self, wanted: &Wanted) -> Sheet {
        let mut columns = vec![("group", FieldKind::Text)];
        if wanted.view.then.is_some() {
            columns.push(("then", FieldKind::Text));
        }
        let has_domains =
            wanted.view.group != CostGroup::Domain && self.report.rows.iter().any(|row| row.domain.is_some());
        if has_domains {
            columns.push(("domain", FieldKind::Text));
        }
        if wanted.by_period {
            columns.extend([("from", FieldKind::Text), ("to", FieldKind::Text)]);
        }
        // The currency is said once, in the head; any other than the US dollar stands beside each amount.
        let in_dollars = self.report.totals.iter().all(|total| &*total.currency == "USD");
        columns.push((if in_dollars { "cost_usd" } else { "cost" }, FieldKind::Money));
        if !wanted.by_period {
            let (compares, expects) = (self.report.compared.is_some(), self.report.has_forecast);
            columns.extend(compares.then_some(("change", FieldKind::Money)));
            columns.extend(expects.then_some(("forecast", FieldKind::Money)));
            columns.push(("share", FieldKind::Number));
        } else if self.report.days.iter().any(|day| day.estimated) {
            columns.push(("", FieldKind::Text));
        }
        let mut rows: Vec<&CostRow> = self.report.rows.iter().collect();
        rows.sort_by_key(|row| rank(row.kind));
        let mut sheet = Sheet {
            columns: columns.into_iter().map(|(name, kind)| SheetColumn { name, kind }).collect(),
            rows: Vec::new(),
        };
        for row in rows {
            let mut first = vec![text(&row.name)];
            if wanted.view.then.is_some() {
                first.push(maybe(row.second.as_deref()));
            }
            if has_domains {
                first.push(maybe(row.domain.as_deref()));
            }
            self.fill(wanted, row, first, &mut sheet);
        }
        sheet
    }

    fn fill(&self, wanted: &Wanted, row: &CostRow, first: Vec<SheetValue>, sheet: &mut Sheet) {
        let amount = |amount: Nanos| text(&format!("{:#}", Billed(amount, &row.currency)));
        if wanted.by_period {
            let estimates = self.report.days.iter().any(|day| day.estimated);
            for (day, cost) in self.days_of(row) {
                let mut line = first.clone();
                line.extend([text(&day.from.to_string()), text(&day.until.to_string()), amount(cost)]);
                // A text of nothing would be written as a hyphen.
                line.extend(estimates.then(|| text(if day.estimated { "estimated" } else { " " })));
                sheet.rows.push(line);
            }
            return;
        }
        let mut line = first;
        line.push(amount(row.sums.cost));
        if self.report.compared.is_some() {
            let change = row.sums.change();
            let sign = if change > Nanos::ZERO { "+" } else { "" };
            line.push(text(&format!("{sign}{:#}", Billed(change, &row.currency))));
        }
        line.extend(self.report.has_forecast.then(|| amount(row.sums.forecast)));
        line.push(if row.kind.is_gross() { share(row.share) } else { SheetValue::Absent });
        sheet.rows.push(line);
    }
}

/// Groups first, then what belongs to none, then what is no use of anything.
fn rank(kind: CostKind) -> u8 {
    match kind {
        CostKind::Group | CostKind::SharedSpace | CostKind::OwnerlessSpace => 0,
        CostKind::NoSpace => 1,
        CostKind::Untagged => 2,
        CostKind::Credit | CostKind::Refund | CostKind::Tax => 3,
    }
}

/// A part of the whole; less than a half of a percent is not nothing.
fn share(part: f64) -> SheetValue {
    let percent = part * 100.0;
    text(&if percent > 0.0 && percent < 0.5 { "<1%".to_owned() } else { format!("{percent:.0}%") })
}
