//! A plan, and what became of it, as sheets and as a person reads them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::fleet::wording::{Counted, Money};
use crate::fleet::{
    Difference, FieldKind, ObjectKey, Plan, Secret, Sheet, SheetColumn, SheetValue, Step, StepState, Target,
    Timestamp,
};

/// What became of a step: its state, and AWS's request id.
pub type StepOutcome = (StepState, Option<Arc<str>>);

/// What became of a plan.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome<'a> {
    /// Each step, by position.
    pub steps: &'a [StepOutcome],
    /// Why it was left before its end, if it was.
    pub paused: Option<&'a str>,
    /// A sign-in link that was made; it goes to whoever asked for it and nowhere else.
    pub link: Option<&'a Secret>,
    /// What its journal says of it, where it is read from there.
    pub record: Option<&'a OperationRecord>,
}

/// What the journal of an operation says of it as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRecord {
    /// How it stands, in one stable word: `running`, `unfinished`, `done`, `some`, `none`.
    pub standing: &'static str,
    /// Who carried it out, by account: ARNs.
    pub who: Vec<String>,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// When it was begun.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

const STEP: [SheetColumn; 11] = [
    column("change", FieldKind::Text),
    column("kind", FieldKind::Text),
    column("account", FieldKind::Text),
    column("region", FieldKind::Text),
    column("domain", FieldKind::Text),
    column("owner", FieldKind::Text),
    column("type", FieldKind::Text),
    column("name", FieldKind::Text),
    column("created", FieldKind::Text),
    column("saves_per_hour", FieldKind::Money),
    column("warning", FieldKind::Text),
];

const RESULT: [SheetColumn; 3] = [
    column("state", FieldKind::Text),
    column("reason", FieldKind::Text),
    column("request_id", FieldKind::Text),
];

/// The columns that say where something is.
const PLACE: [&str; 3] = ["account", "region", "domain"];

/// The words for states, in the order in which they are counted up.
pub(super) const STATES: [&str; 9] =
    ["done", "already-done", "skipped", "failed", "unknown", "waiting", "checking", "sending", "verifying"];

const fn column(name: &'static str, kind: FieldKind) -> SheetColumn {
    SheetColumn { name, kind }
}

/// The steps of a plan as rows.
pub fn plan_sheet(plan: &Plan) -> Sheet {
    Sheet { columns: STEP.to_vec(), rows: plan.steps.iter().map(step_row).collect() }
}

/// The steps of a plan as rows, with what became of each.
pub fn outcome_sheet(plan: &Plan, outcome: &Outcome<'_>) -> Sheet {
    let columns = STEP.into_iter().chain(RESULT).collect();
    let rows = plan.steps.iter().zip(outcome.steps).map(|(step, (state, id))| {
        let mut row = step_row(step);
        row.push(SheetValue::Text(state_word(state).to_owned()));
        row.push(reason(state).map_or(SheetValue::Absent, SheetValue::Text));
        row.push(text(id.as_deref()));
        row
    });
    Sheet { columns, rows: rows.collect() }
}

fn step_row(step: &Step) -> Vec<SheetValue> {
    let place = Place::of(&step.change.target());
    let mut row: Vec<SheetValue> =
        [step.change.verb(), place.kind].map(|cell| SheetValue::Text(cell.to_owned())).to_vec();
    row.extend(
        [
            Some(place.account.as_str()),
            Some(place.region.as_str()),
            place.domain.as_deref(),
            place.owner.as_deref(),
            place.app_type.as_deref(),
            Some(place.name.as_str()),
            step.bound.created().map(instant).as_deref(),
        ]
        .map(text),
    );
    row.push(step.saves_per_hour.map_or(SheetValue::Unknown, SheetValue::Number));
    row.push(text(step.warning.as_deref()));
    row
}

/// Where an object is and what it is called, as far as that applies to its kind.
pub(super) struct Place {
    pub(super) kind: &'static str,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) domain: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) app_type: Option<String>,
    pub(super) name: String,
}

impl Place {
    pub(super) fn of(target: &Target) -> Self {
        let app = match target {
            Target::Object(ObjectKey::App(key)) => Some(key),
            _ => None,
        };
        Self {
            kind: target.kind(),
            account: target.scope().account().to_string(),
            region: target.scope().region().to_string(),
            domain: target.object().map(|object| object.domain_key().id.to_string()),
            owner: app.map(|key| key.owner.name().to_string()),
            app_type: app.map(|key| key.app_type.to_string()),
            name: target.name().to_owned(),
        }
    }
}

/// An instant in ISO 8601, to the second.
pub(super) fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A cell; what does not apply is absent.
pub(super) fn text(text: Option<&str>) -> SheetValue {
    text.map_or(SheetValue::Absent, |text| SheetValue::Text(text.to_owned()))
}

/// Leaves out of a table for people what would only make it wider: columns in which no row has anything, and the
/// place, where it is the same for all; gives it back, to be said once.
fn narrowed(sheet: &mut Sheet) -> String {
    let mut place = Vec::new();
    let mut at = 0;
    while let Some(column) = sheet.columns.get(at) {
        let first = sheet.rows.first().and_then(|row| row.get(at));
        let is_one = sheet.rows.iter().all(|row| row.get(at) == first);
        match first {
            Some(SheetValue::Absent) if is_one => {}
            Some(SheetValue::Text(text)) if is_one && PLACE.contains(&column.name) => {
                place.push(text.clone());
            }
            _ => {
                at += 1;
                continue;
            }
        }
        sheet.columns.remove(at);
        sheet.rows.iter_mut().for_each(|row| drop(row.remove(at)));
    }
    if place.is_empty() { String::new() } else { format!("In {}:\n", place.join(" ")) }
}

/// Takes columns out of a sheet.
fn without(sheet: &mut Sheet, names: &[&str]) {
    for name in names {
        if let Some(at) = sheet.columns.iter().position(|column| column.name == *name) {
            sheet.columns.remove(at);
            sheet.rows.iter_mut().for_each(|row| drop(row.remove(at)));
        }
    }
}

/// A plan as a person reads it before confirming it. What is left out and stands in a comparison is not said again.
pub fn plan_text(plan: &Plan, compared: &[Difference]) -> String {
    let mut out =
        format!("{}  (plan {}, made {})\n", plan.title, plan.id.0, plan.made_at.strftime("%F %T UTC"));
    let mut say = |line: String| {
        out.push_str(&line);
        out.push('\n');
    };
    if !plan.steps.is_empty() {
        say(String::new());
        let mut sheet = plan_sheet(plan);
        // A plan that is not about money says nothing of it.
        let is_about_money = plan.steps.iter().any(|step| step.saves_per_hour != Some(0.0));
        if !is_about_money {
            without(&mut sheet, &["saves_per_hour"]);
        }
        let place = narrowed(&mut sheet);
        place.lines().for_each(|line| say(line.to_owned()));
        super::table::render(&sheet).lines().for_each(|line| say(line.to_owned()));
        say(String::new());
        if is_about_money {
            say(format!("Saves {}", saving(plan)));
        }
        plan.loses.iter().for_each(|lost| say(format!("Lost: {lost}")));
        plan.keeps.iter().for_each(|kept| say(format!("Kept: {kept}")));
        plan.warnings.iter().for_each(|warning| say(format!("Note: {warning}")));
    }
    let told: BTreeSet<String> = compared
        .iter()
        .filter(|difference| difference.exclusion().is_some())
        .map(|difference| difference.target.arn())
        .collect();
    let untold: Vec<_> = plan.excluded.iter().filter(|left| !told.contains(&left.target.arn())).collect();
    if !untold.is_empty() {
        say(String::new());
        say("Left out:".to_owned());
        for left in untold {
            say(format!("  {} {}", address(&left.target), left.reason));
        }
    }
    if !plan.steps.is_empty() {
        say(String::new());
        say("The same with the AWS CLI:".to_owned());
        plan.steps.iter().for_each(|step| say(format!("  {}", step.change.cli_line())));
    }
    out
}

fn saving(plan: &Plan) -> String {
    let saving = plan.saving();
    let mut out = format!("{}/h", Money(saving.per_hour));
    if saving.unknown > 0 {
        // Writing to a String cannot fail.
        let _ = write!(out, " and the price of {}, which is not known", Counted(saving.unknown, "app"));
    }
    out
}

/// What became of a plan, as a person reads it: the sums, and every step.
pub fn outcome_text(plan: &Plan, outcome: &Outcome<'_>) -> String {
    let mut sheet = outcome_sheet(plan, outcome);
    // What the plan has said already.
    without(&mut sheet, &["created", "warning", "saves_per_hour"]);
    let place = narrowed(&mut sheet);
    let mut out = format!("Plan {}: {}\n", plan.id.0, sums(outcome));
    if let Some(reason) = outcome.paused {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "Paused: {reason}");
    }
    format!("{out}\n{place}{}", super::table::render(&sheet))
}

/// How many steps came to what: "3 done, 1 failed".
pub(super) fn sums(outcome: &Outcome<'_>) -> String {
    let words = STATES.map(|word| (count(outcome, word), word));
    let sums: Vec<String> =
        words.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if sums.is_empty() { "no steps".to_owned() } else { sums.join(", ") }
}

/// How many steps came to a state, by its word.
pub(super) fn count(outcome: &Outcome<'_>, word: &str) -> usize {
    outcome.steps.iter().filter(|(state, _)| state_word(state) == word).count()
}

/// By what a person knows an object: its ARN without what is the same everywhere.
pub(super) fn address(object: &Target) -> String {
    let arn = object.arn();
    let mut parts = arn.splitn(6, ':').skip(3);
    [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default).join(" ")
}

/// What a step came to, in one stable word.
pub fn state_word(state: &StepState) -> &'static str {
    match state {
        StepState::Waiting => "waiting",
        StepState::Checking => "checking",
        StepState::Sending => "sending",
        StepState::Verifying => "verifying",
        StepState::Done => "done",
        StepState::AlreadyDone => "already-done",
        StepState::Skipped(_) => "skipped",
        StepState::Failed(_) => "failed",
        StepState::Unknown(_) => "unknown",
    }
}

/// Why a step came to that, where there is more to say.
pub(super) fn reason(state: &StepState) -> Option<String> {
    match state {
        StepState::Skipped(reason) => Some(reason.to_string()),
        StepState::Failed(problem) | StepState::Unknown(problem) => Some(problem.to_string()),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod sample {
    //! A plan with a step whose saving is known, one whose saving is not, and something left out.

    use super::*;
    use crate::fleet::{
        AccountId, AppKey, AppType, Bound, Change, DomainId, Excluded, Name, Owner, PlanId, Region, Scope,
    };

    pub(in crate::report) fn key(name: &str) -> AppKey {
        AppKey {
            scope: Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1")),
            domain: DomainId::new("d-one"),
            owner: Owner::Space(Name::new("anna-lab")),
            app_type: AppType::JupyterLab,
            name: Name::new(name),
        }
    }

    pub(in crate::report) fn plan() -> Plan {
        let created = Bound::Created(Timestamp::from_second(1_795_000_000).unwrap());
        let step = |name: &str, saves_per_hour| Step {
            saves_per_hour,
            ..Step::new(Change::StopApp(key(name)), created)
        };
        let steps = vec![step("default", Some(1.5)), step("other", None)];
        Plan {
            id: PlanId(Arc::from("0123456789ab")),
            excluded: vec![Excluded {
                target: Target::Object(ObjectKey::App(key("gone"))),
                reason: Arc::from("is already stopped"),
                is_so: true,
            }],
            loses: vec!["what runs in memory".to_owned()],
            keeps: vec!["files".to_owned()],
            ..Plan::new("Stop 2 apps", "stop", Timestamp::from_second(1_795_003_600).unwrap(), steps)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sample::plan;
    use super::*;

    #[test]
    fn a_plan_says_what_is_done_left_out_lost_kept_and_not_known() {
        let text = plan_text(&plan(), &[]);
        for said in [
            "Stop 2 apps  (plan 0123456789ab, made 2026-11-18 12:06:40 UTC)",
            "In 123456789012 eu-west-1 d-one:\n",
            "app   anna-lab  JupyterLab  default",
            "Saves $1.50/h and the price of 1 app, which is not known",
            "Lost: what runs in memory",
            "Kept: files",
            "  eu-west-1 123456789012 app/d-one/anna-lab/JupyterLab/gone is already stopped",
            "  aws sagemaker delete-app --region eu-west-1 --domain-id d-one --space-name anna-lab",
        ] {
            assert!(text.contains(said), "{said}\nin\n{text}");
        }
    }

    #[test]
    fn a_plan_in_part_is_told_as_paused_and_no_steps_as_none() {
        let steps = [(StepState::Waiting, None), (StepState::Waiting, None)];
        let outcome = Outcome { steps: &steps, paused: Some("credentials"), ..Outcome::default() };
        assert!(outcome_text(&plan(), &outcome).contains("2 waiting\nPaused: credentials\n"));
        assert_eq!(sums(&Outcome::default()), "no steps");
    }
}
