//! A plan, and what became of it, for people and for scripts.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use serde_json::{Value, json};

use super::json;
use crate::fleet::wording::{Counted, Money};
use crate::fleet::{
    FieldKind, ObjectKey, Plan, Sheet, SheetColumn, SheetValue, Step, StepState, Target, Timestamp,
};

/// What became of a plan: for each step its state and AWS's request id.
pub type Outcome = [(StepState, Option<Arc<str>>)];

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

const fn column(name: &'static str, kind: FieldKind) -> SheetColumn {
    SheetColumn { name, kind }
}

/// The steps of a plan as rows.
pub fn plan_sheet(plan: &Plan) -> Sheet {
    Sheet { columns: STEP.to_vec(), rows: plan.steps.iter().map(step_row).collect() }
}

/// The steps of a plan as rows, with what became of each.
pub fn outcome_sheet(plan: &Plan, outcome: &Outcome) -> Sheet {
    let columns = STEP.into_iter().chain(RESULT).collect();
    let rows = plan.steps.iter().zip(outcome).map(|(step, (state, id))| {
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
struct Place {
    kind: &'static str,
    account: String,
    region: String,
    domain: Option<String>,
    owner: Option<String>,
    app_type: Option<String>,
    name: String,
}

impl Place {
    fn of(target: &Target) -> Self {
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
fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn text(text: Option<&str>) -> SheetValue {
    text.map_or(SheetValue::Absent, |text| SheetValue::Text(text.to_owned()))
}

/// A plan as a person reads it before confirming it.
pub fn plan_text(plan: &Plan) -> String {
    let mut out =
        format!("{}  (plan {}, made {})\n", plan.title, plan.id.0, plan.made_at.strftime("%F %T UTC"));
    let mut say = |line: String| {
        out.push_str(&line);
        out.push('\n');
    };
    if !plan.steps.is_empty() {
        say(String::new());
        super::table::render(&plan_sheet(plan)).lines().for_each(|line| say(line.to_owned()));
        say(String::new());
        say(format!("Saves {}", saving(plan)));
        plan.loses.iter().for_each(|lost| say(format!("Lost: {lost}")));
        plan.keeps.iter().for_each(|kept| say(format!("Kept: {kept}")));
        plan.warnings.iter().for_each(|warning| say(format!("Note: {warning}")));
    }
    if !plan.excluded.is_empty() {
        say(String::new());
        say("Left out:".to_owned());
        plan.excluded.iter().for_each(|left| say(format!("  {} {}", address(&left.target), left.reason)));
    }
    if !plan.steps.is_empty() {
        say(String::new());
        say("The same with the AWS CLI:".to_owned());
        plan.steps.iter().for_each(|step| say(format!("  {}", step.change.cli_line())));
    }
    out
}

fn saving(plan: &Plan) -> String {
    let known: f64 = plan.steps.iter().filter_map(|step| step.saves_per_hour).sum();
    let unknown = plan.steps.iter().filter(|step| step.saves_per_hour.is_none()).count();
    let mut out = format!("{}/h", Money(known));
    if unknown > 0 {
        // Writing to a String cannot fail.
        let _ = write!(out, " and the price of {}, which is not known", Counted(unknown, "app"));
    }
    out
}

/// What became of a plan, as a person reads it: the sums, and every step.
pub fn outcome_text(plan: &Plan, outcome: &Outcome) -> String {
    let count = |word: &str| outcome.iter().filter(|(state, _)| state_word(state) == word).count();
    let words = [
        "done",
        "already-done",
        "skipped",
        "failed",
        "unknown",
        "waiting",
        "checking",
        "sending",
        "verifying",
    ]
    .map(|word| (count(word), word));
    let sums: Vec<String> =
        words.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let mut sheet = outcome_sheet(plan, outcome);
    // What the plan has said already.
    for name in ["created", "warning", "saves_per_hour"] {
        if let Some(at) = sheet.columns.iter().position(|column| column.name == name) {
            sheet.columns.remove(at);
            sheet.rows.iter_mut().for_each(|row| drop(row.remove(at)));
        }
    }
    format!("Plan {}: {}\n\n{}", plan.id.0, sums.join(", "), super::table::render(&sheet))
}

/// By what a person knows an object: its ARN without what is the same everywhere.
fn address(object: &Target) -> String {
    let arn = object.arn();
    let mut parts = arn.splitn(6, ':').skip(3);
    [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default).join(" ")
}

/// A plan and, once it was carried out, its outcome, as JSON.
///
/// # Errors
///
/// If the writer refuses, which it does for no plan.
pub fn plan_json(plan: &Plan, outcome: Option<&Outcome>) -> io::Result<String> {
    let steps = plan.steps.iter().enumerate().map(|(at, step)| {
        let place = Place::of(&step.change.target());
        let mut value = json!({
            "change": step.change.verb(),
            "kind": place.kind,
            "operation": step.change.operation(),
            "arn": step.change.target().arn(),
            "account": place.account,
            "region": place.region,
            "domain": place.domain,
            "owner": place.owner,
            "type": place.app_type,
            "name": place.name,
            "created": step.bound.created().map(instant),
            "after": step.after,
            "request": step.change.document(),
            "before": step.before,
            "saves_per_hour": step.saves_per_hour.map_or(Value::Null, json::number),
            "warning": step.warning,
            "cli": step.change.cli_line(),
        });
        if let Some((state, id)) = outcome.and_then(|outcome| outcome.get(at)) {
            value["state"] = json!(state_word(state));
            value["reason"] = json!(reason(state));
            value["request_id"] = json!(id);
        }
        value
    });
    let excluded = plan.excluded.iter().map(|left| json!({"arn": left.target.arn(), "reason": left.reason}));
    let known: f64 = plan.steps.iter().filter_map(|step| step.saves_per_hour).sum();
    json::print(&json!({
        "plan": &*plan.id.0,
        "title": plan.title,
        "made_at": instant(plan.made_at),
        "carried_out": outcome.is_some(),
        "saves_per_hour": json::number(known),
        "unknown_prices": plan.steps.iter().filter(|step| step.saves_per_hour.is_none()).count(),
        "steps": steps.collect::<Vec<_>>(),
        "excluded": excluded.collect::<Vec<_>>(),
        "loses": plan.loses,
        "keeps": plan.keeps,
        "warnings": plan.warnings,
    }))
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

fn reason(state: &StepState) -> Option<String> {
    match state {
        StepState::Skipped(reason) => Some(reason.to_string()),
        StepState::Failed(problem) | StepState::Unknown(problem) => Some(problem.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{
        AccountId, AppKey, AppType, Bound, Change, DomainId, Excluded, Name, Owner, PlanId, Problem,
        ProblemKind, Region, Scope,
    };

    fn key(name: &str) -> AppKey {
        AppKey {
            scope: Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1")),
            domain: DomainId::new("d-one"),
            owner: Owner::Space(Name::new("anna-lab")),
            app_type: AppType::JupyterLab,
            name: Name::new(name),
        }
    }

    fn plan() -> Plan {
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
            }],
            loses: vec!["what runs in memory".to_owned()],
            keeps: vec!["files".to_owned()],
            ..Plan::new("Stop 2 apps", "stop", Timestamp::from_second(1_795_003_600).unwrap(), steps)
        }
    }

    #[test]
    fn a_plan_says_what_is_done_left_out_lost_kept_and_not_known() {
        let text = plan_text(&plan());
        for said in [
            "Stop 2 apps  (plan 0123456789ab, made 2026-11-18 12:06:40 UTC)",
            "123456789012  eu-west-1  d-one   anna-lab  JupyterLab  default",
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
    fn an_outcome_has_the_state_and_the_reason_of_every_step() {
        let problem = Problem::new(ProblemKind::AccessDenied, "no", "ask");
        let outcome = [(StepState::Done, Some(Arc::from("r-1"))), (StepState::Failed(problem), None)];
        let value: Value = serde_json::from_str(&plan_json(&plan(), Some(&outcome)).unwrap()).unwrap();
        assert_eq!(value["carried_out"], true);
        assert_eq!((&value["saves_per_hour"], &value["unknown_prices"]), (&json!(1.5), &json!(1)));
        assert_eq!(value["steps"][0]["state"], "done");
        assert_eq!(value["steps"][0]["request_id"], "r-1");
        assert_eq!(value["steps"][1]["saves_per_hour"], Value::Null);
        assert_eq!(value["steps"][1]["reason"], "no. ask");
        assert_eq!(value["excluded"][0]["reason"], "is already stopped");
        let text = outcome_text(&plan(), &outcome);
        assert!(text.starts_with("Plan 0123456789ab: 1 done, 1 failed\n"), "{text}");
        assert!(text.contains("no. ask"), "{text}");
        let sheet = outcome_sheet(&plan(), &outcome);
        assert!(sheet.rows.iter().all(|row| row.len() == sheet.columns.len()));
    }

    #[test]
    fn a_plan_that_was_not_carried_out_has_no_states() {
        let value: Value = serde_json::from_str(&plan_json(&plan(), None).unwrap()).unwrap();
        assert_eq!(value["carried_out"], false);
        assert!(value["steps"][0].get("state").is_none());
    }
}
