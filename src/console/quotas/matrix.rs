//! The quotas of apps as a matrix: instance types down, app types across.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fleet::{AppType, Limit, Limited, QuotaRow, Scope, plain};

use super::super::{Action, Console, Pane, Tone};
use super::{QuotaFace, tone_of};

/// The app types across, in this order; any other comes after.
const ORDER: [AppType; 4] =
    [AppType::JupyterLab, AppType::CodeEditor, AppType::KernelGateway, AppType::RSessionGateway];

/// The matrix as it is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix {
    /// The app types across.
    pub kinds: Vec<AppType>,
    /// The lines.
    pub lines: Vec<MatrixLine>,
    /// How many instance types are left out, of which nothing is used and nothing may be.
    pub hidden: usize,
}

/// A line of the matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixLine {
    /// Where it holds.
    pub scope: Scope,
    /// The instance type.
    pub instance: Arc<str>,
    /// The limits, by position among the rows of the pane; none where there is no such quota.
    pub cells: Vec<Option<usize>>,
}

impl Console {
    /// The matrix of what the filter shows.
    pub fn quota_matrix(&self) -> Matrix {
        let pane = &self.quotas;
        let mut lines: BTreeMap<(&Scope, Size<'_>), Vec<(&AppType, usize)>> = BTreeMap::new();
        for row in pane.ledger.rows() {
            let Some(at) = pane.places.get(&*row.key).copied() else { continue };
            let Some(row) = pane.rows.get(at) else { continue };
            if let Limited::Apps(app_type, instance) = &row.limited {
                lines.entry((&row.scope, Size::of(instance))).or_default().push((app_type, at));
            }
        }
        let all = lines.len();
        lines.retain(|_, cells| cells.iter().any(|(_, at)| pane.rows.get(*at).is_some_and(matters)));
        let mut kinds: Vec<AppType> = Vec::new();
        for (app_type, at) in lines.values().flatten() {
            if pane.rows.get(*at).is_some_and(matters) && !kinds.contains(app_type) {
                kinds.push((*app_type).clone());
            }
        }
        let rank = |kind: &AppType| ORDER.iter().position(|known| known == kind).unwrap_or(ORDER.len());
        kinds.sort_by(|left, right| (rank(left), left).cmp(&(rank(right), right)));
        let hidden = all - lines.len();
        let lines = lines.into_iter().map(|((scope, size), cells)| MatrixLine {
            scope: scope.clone(),
            instance: size.instance.clone(),
            cells: kinds
                .iter()
                .map(|kind| cells.iter().find(|(known, _)| *known == kind).map(|(_, at)| *at))
                .collect(),
        });
        Matrix { lines: lines.collect(), kinds, hidden }
    }

    /// What stands in a cell of the matrix: `3/6`, `≥3/6`, `1/?`.
    pub fn quota_cell(&self, at: usize) -> (String, Tone) {
        let Some(row) = self.quotas.rows.get(at) else { return (String::new(), Tone::Muted) };
        let used = row.used.map_or_else(|| "?".to_owned(), |used| used.to_string());
        let limit = match &row.limit {
            Limit::Applied(value) => plain(*value),
            Limit::Default(value) => format!("{}?", plain(*value)),
            Limit::Unreadable(_) | Limit::Absent | Limit::Unread => "?".to_owned(),
        };
        let tone = match tone_of(row.heat(self.thresholds())) {
            _ if !matters(row) => Tone::Muted,
            Tone::Ok if row.open.is_some() => Tone::Pending,
            // What is in use stands out; room that nobody uses need not.
            Tone::Ok if row.used.is_some_and(|used| used.count == 0) => Tone::Plain,
            tone => tone,
        };
        (format!("{used}/{limit}"), tone)
    }

    /// Whether the matrix is what is shown.
    pub(in crate::console) fn shows_matrix(&self) -> bool {
        self.pane == Pane::Quotas && self.quotas.face == QuotaFace::Matrix
    }

    /// Moves the cursor of the matrix.
    pub(in crate::console) fn move_quota_cell(&mut self, down: isize, right: isize) {
        let matrix = self.quota_matrix();
        let (line, kind) = self.quotas.cell;
        self.quotas.cell = (
            crate::console::layers::moved(line, down, matrix.lines.len()),
            crate::console::layers::moved(kind, right, matrix.kinds.len()),
        );
    }

    /// Table or matrix; the limit under the cursor stays under it.
    pub(in crate::console) fn switch_quotas(&mut self) {
        let id = self.selected_quota().map(QuotaRow::id);
        match self.quotas.face {
            QuotaFace::Table => {
                self.quotas.face = QuotaFace::Matrix;
                let at = id.and_then(|id| self.quotas.places.get(&id).copied());
                let matrix = self.quota_matrix();
                let find =
                    |line: &MatrixLine| line.cells.iter().position(|cell| cell.is_some() && *cell == at);
                let found = matrix.lines.iter().enumerate().find_map(|(y, line)| Some((y, find(line)?)));
                self.quotas.cell = found.unwrap_or((0, 0));
            }
            QuotaFace::Matrix => {
                self.quotas.face = QuotaFace::Table;
                let visible = self.drawn.rows.max(1);
                if let Some(id) = id {
                    self.quotas.ledger.select(&id, visible);
                }
            }
        }
    }

    /// Why the cursor cannot move to another app type.
    pub(in crate::console) fn why_no_cell(&self, action: Action) -> Option<String> {
        let is_sideways = matches!(action, Action::QuotaLeft | Action::QuotaRight);
        (is_sideways && self.quotas.face == QuotaFace::Table)
            .then(|| format!("this is for the matrix: {} shows it", self.keymap.label(Action::QuotaMatrix)))
    }
}

/// Whether something is used, or may be, or is asked for.
fn matters(row: &QuotaRow) -> bool {
    row.used.is_some_and(|used| used.count > 0)
        || row.limit.applied().is_some_and(|limit| limit > 0.0)
        || row.open.is_some()
}

/// An instance type, in the order of its family and size: `large` before `xlarge` before `2xlarge`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Size<'a> {
    kind: &'a str,
    rank: u32,
    instance: &'a Arc<str>,
}

impl<'a> Size<'a> {
    fn of(instance: &'a Arc<str>) -> Self {
        let (kind, size) = instance.rsplit_once('.').unwrap_or((instance, ""));
        let size = match size.strip_suffix("xlarge") {
            Some("") => 10,
            Some(times) => times.parse::<u32>().unwrap_or(0).saturating_mul(10),
            None => ["nano", "micro", "small", "medium", "large"]
                .iter()
                .position(|known| *known == size)
                .map_or(0, |at| at as u32 + 1),
        };
        Self { kind, rank: size, instance }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instance_types_stand_in_the_order_of_their_sizes() {
        let mut types: Vec<Arc<str>> = [
            "ml.t3.xlarge",
            "system",
            "ml.g5.12xlarge",
            "ml.t3.medium",
            "ml.g5.2xlarge",
            "ml.t3.large",
            "ml.g5.xlarge",
        ]
        .map(Arc::from)
        .to_vec();
        types.sort_by(|left, right| Size::of(left).cmp(&Size::of(right)));
        let types: Vec<&str> = types.iter().map(|one| &**one).collect();
        assert_eq!(
            types,
            [
                "ml.g5.xlarge",
                "ml.g5.2xlarge",
                "ml.g5.12xlarge",
                "ml.t3.medium",
                "ml.t3.large",
                "ml.t3.xlarge",
                "system"
            ]
        );
    }
}
