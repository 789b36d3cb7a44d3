//! A plan, and what became of it, for people and for scripts.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use serde_json::{Value, json};

use super::json;
use crate::fleet::wording::{Counted, Money};
use crate::fleet::{
    Difference, FieldKind, ObjectKey, Plan, Secret, Sheet, SheetColumn, SheetValue, Standing, Step,
    StepState, Target, Timestamp,
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

/// The members of a plan as JSON, with what they mean. The names stay as scripts know them.
pub const JSON_MEMBERS: [(&str, &str); 45] = [
    ("plan", "the plan's hash, by which its operation is known"),
    ("title", "what it does"),
    ("verb", "what it does, in a word"),
    ("made_at", "when it was made; it can be carried out for 15 minutes"),
    ("carried_out", "whether it was carried out"),
    ("saves_per_hour", "dollars, as far as prices are known"),
    ("unknown_prices", "how many steps save something that is not known"),
    ("steps[].change", "what is done, in a word: `stop`, `create`, `delete`, `change`, `tag` ..."),
    ("steps[].kind", "to what kind of object"),
    ("steps[].operation", "the AWS operation"),
    ("steps[].arn", "the object"),
    ("steps[].account", "its account"),
    ("steps[].region", "its region"),
    ("steps[].domain", "the id of its domain; one that begins with `new:` is made by the plan"),
    ("steps[].owner", "the space or user of an app"),
    ("steps[].type", "the type of an app"),
    ("steps[].name", "its name"),
    (
        "steps[].created",
        "when it was created: one re-created since is left alone; `null` for what is not there yet",
    ),
    ("steps[].after", "positions of the steps that have to be done before"),
    ("steps[].request", "what is sent besides the names, in AWS's own spelling"),
    ("steps[].before", "the same as it was, for what is changed"),
    ("steps[].saves_per_hour", "dollars; `null` if not known"),
    ("steps[].warning", "what should be known before"),
    ("steps[].cli", "the same with the AWS CLI"),
    (
        "steps[].state",
        "`done`, `already-done`, `skipped`, `failed`, `unknown`, or `waiting`, `checking`, `sending`, `verifying` if it was left; once carried out",
    ),
    ("steps[].reason", "why, in AWS's own words where they are its; once carried out"),
    ("steps[].request_id", "AWS's request id; once carried out"),
    ("excluded[].arn", "what was asked for and is left out"),
    ("excluded[].reason", "why"),
    ("loses", "what is lost, as sentences"),
    ("keeps", "what is kept"),
    ("warnings", "what should be known of the plan as a whole"),
    ("confirm", "what `--confirm` has to say"),
    ("rows[].line", "line of the roster; only for onboarding, like all of `rows`"),
    ("rows[].name", "the user profile"),
    ("rows[].arn", "its ARN"),
    ("rows[].standing", "`create`, `assign`, `equal`, `differs` or `invalid`"),
    ("rows[].problems", "what is wrong, with line and column"),
    ("rows[].members", "members that differ: `member`, `before`, `after`"),
    ("rows[].notes", "what should be known"),
    ("tally", "number of steps by state; once carried out"),
    ("paused", "why it was left before its end, or `null`; once carried out"),
    ("link", "the sign-in link, of `users link`"),
    ("operation", "`standing`, `who`, `reason`, `started`, `ended`; of `operations show`"),
    ("operation.standing", "`running`, `unfinished`, `done`, `some`, `none`"),
];

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

/// The words for states, in the order in which they are counted up.
const STATES: [&str; 9] =
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
pub(super) fn instant(time: Timestamp) -> String {
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
        // A plan that is not about money says nothing of it.
        if plan.steps.iter().any(|step| step.saves_per_hour != Some(0.0)) {
            say(format!("Saves {}", saving(plan)));
        }
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
pub fn outcome_text(plan: &Plan, outcome: &Outcome<'_>) -> String {
    let mut sheet = outcome_sheet(plan, outcome);
    // What the plan has said already.
    for name in ["created", "warning", "saves_per_hour"] {
        if let Some(at) = sheet.columns.iter().position(|column| column.name == name) {
            sheet.columns.remove(at);
            sheet.rows.iter_mut().for_each(|row| drop(row.remove(at)));
        }
    }
    let mut out = format!("Plan {}: {}\n", plan.id.0, sums(outcome));
    if let Some(reason) = outcome.paused {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "Paused: {reason}");
    }
    format!("{out}\n{}", super::table::render(&sheet))
}

/// How many steps came to what: "3 done, 1 failed".
pub(super) fn sums(outcome: &Outcome<'_>) -> String {
    let count = |word: &str| outcome.steps.iter().filter(|(state, _)| state_word(state) == word).count();
    let words = STATES.map(|word| (count(word), word));
    let sums: Vec<String> =
        words.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if sums.is_empty() { "no steps".to_owned() } else { sums.join(", ") }
}

/// By what a person knows an object: its ARN without what is the same everywhere.
pub(super) fn address(object: &Target) -> String {
    let arn = object.arn();
    let mut parts = arn.splitn(6, ':').skip(3);
    [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default).join(" ")
}

/// A plan and, once it was carried out, its outcome, as JSON. Where what is wanted was compared with what is there,
/// its member `rows` has each comparison.
///
/// # Errors
///
/// If the writer refuses, which it does for no plan.
pub fn plan_json(
    plan: &Plan,
    differences: &[Difference],
    outcome: Option<&Outcome<'_>>,
) -> io::Result<String> {
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
        if let Some((state, id)) = outcome.and_then(|outcome| outcome.steps.get(at)) {
            value["state"] = json!(state_word(state));
            value["reason"] = json!(reason(state));
            value["request_id"] = json!(id);
        }
        value
    });
    let excluded = plan.excluded.iter().map(|left| json!({"arn": left.target.arn(), "reason": left.reason}));
    let known: f64 = plan.steps.iter().filter_map(|step| step.saves_per_hour).sum();
    let mut value = json!({
        "plan": &*plan.id.0,
        "title": plan.title,
        "verb": &*plan.verb,
        "made_at": instant(plan.made_at),
        "carried_out": outcome.is_some(),
        "saves_per_hour": json::number(known),
        "unknown_prices": plan.steps.iter().filter(|step| step.saves_per_hour.is_none()).count(),
        "steps": steps.collect::<Vec<_>>(),
        "excluded": excluded.collect::<Vec<_>>(),
        "loses": plan.loses,
        "keeps": plan.keeps,
        "warnings": plan.warnings,
        "confirm": plan.phrases.iter().map(|phrase| phrase.text.as_str()).collect::<Vec<_>>(),
    });
    if !differences.is_empty() {
        value["rows"] = differences.iter().map(difference_json).collect();
    }
    if let Some(outcome) = outcome {
        let count = |word: &str| outcome.steps.iter().filter(|(state, _)| state_word(state) == word).count();
        let tally: serde_json::Map<String, Value> =
            STATES.iter().map(|word| ((*word).to_owned(), json!(count(word)))).collect();
        value["tally"] = Value::Object(tally);
        value["paused"] = json!(outcome.paused);
        if let Some(link) = outcome.link {
            value["link"] = json!(link.reveal());
        }
        if let Some(record) = outcome.record {
            value["operation"] = json!({
                "standing": record.standing,
                "who": record.who,
                "reason": record.reason,
                "started": instant(record.started),
                "ended": record.ended.map(instant),
            });
        }
    }
    json::print(&value)
}

fn difference_json(difference: &Difference) -> Value {
    let problems = match &difference.standing {
        Standing::Invalid(reasons) => reasons.as_slice(),
        _ => &[],
    };
    let deltas = difference
        .deltas
        .iter()
        .map(|delta| json!({"member": delta.member, "before": delta.before, "after": delta.after}));
    json!({
        "line": difference.line,
        "name": difference.target.name(),
        "arn": difference.target.arn(),
        "standing": difference.standing.word(),
        "problems": problems,
        "members": deltas.collect::<Vec<_>>(),
        "notes": difference.notes,
    })
}

/// Comparisons as a person reads them: how many of each kind, and each with what there is to know of it.
pub fn differences_text(differences: &[Difference]) -> String {
    let column = |name| SheetColumn { name, kind: FieldKind::Text };
    let mut sheet =
        Sheet { columns: ["line", "name", "standing", "details"].map(column).to_vec(), rows: Vec::new() };
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for difference in differences {
        let word = difference.standing.word();
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
        let mut details = match &difference.standing {
            Standing::Invalid(reasons) => reasons.clone(),
            Standing::Differs => difference.deltas.iter().map(ToString::to_string).collect(),
            Standing::Missing | Standing::Unassigned | Standing::Equal => Vec::new(),
        };
        details.extend(difference.notes.iter().cloned());
        sheet.rows.push(vec![
            text(difference.line.map(|line| line.to_string()).as_deref()),
            SheetValue::Text(difference.target.name().to_owned()),
            SheetValue::Text(word.to_owned()),
            text(Some(details.join("; ")).filter(|details| !details.is_empty()).as_deref()),
        ]);
    }
    let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    format!("{}\n\n{}", counts.join(", "), super::table::render(&sheet))
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
        let steps = [(StepState::Done, Some(Arc::from("r-1"))), (StepState::Failed(problem), None)];
        let outcome = Outcome { steps: &steps, ..Outcome::default() };
        let value: Value = serde_json::from_str(&plan_json(&plan(), &[], Some(&outcome)).unwrap()).unwrap();
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
        assert_eq!((&value["tally"]["done"], &value["tally"]["failed"]), (&json!(1), &json!(1)));
        let sheet = outcome_sheet(&plan(), &outcome);
        assert!(sheet.rows.iter().all(|row| row.len() == sheet.columns.len()));
    }

    #[test]
    fn a_plan_that_was_not_carried_out_has_no_states() {
        let value: Value = serde_json::from_str(&plan_json(&plan(), &[], None).unwrap()).unwrap();
        assert_eq!(value["carried_out"], false);
        assert!(value["steps"][0].get("state").is_none());
    }

    #[test]
    fn the_names_of_members_stay_as_scripts_know_them() {
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        let shown: Value = serde_json::from_str(&plan_json(&plan(), &[], None).unwrap()).unwrap();
        let plan_members = "plan title verb made_at carried_out saves_per_hour unknown_prices steps excluded \
                            loses keeps warnings confirm";
        let step_members = "change kind operation arn account region domain owner type name created after request \
                            before saves_per_hour warning cli";
        assert_eq!(names(&shown), plan_members);
        assert_eq!(names(&shown["steps"][0]), step_members);
        assert_eq!(names(&shown["excluded"][0]), "arn reason");
        let steps = [(StepState::Done, None), (StepState::Waiting, None)];
        let record = OperationRecord {
            standing: "unfinished",
            who: vec!["arn".to_owned()],
            reason: None,
            started: Timestamp::UNIX_EPOCH,
            ended: None,
        };
        let link = Secret::new("https://example.invalid");
        let outcome =
            Outcome { steps: &steps, paused: Some("wait"), link: Some(&link), record: Some(&record) };
        let done: Value = serde_json::from_str(&plan_json(&plan(), &[], Some(&outcome)).unwrap()).unwrap();
        assert_eq!(names(&done), format!("{plan_members} tally paused link operation"));
        assert_eq!(names(&done["steps"][0]), format!("{step_members} state reason request_id"));
        assert_eq!(names(&done["tally"]), STATES.join(" "));
        assert_eq!(names(&done["operation"]), "standing who reason started ended");
        // The table of the README is made from these.
        let told = |prefix: &str| {
            let inner = JSON_MEMBERS.iter().filter_map(|(name, _)| name.strip_prefix(prefix));
            inner.filter(|name| !name.contains(['[', '.'])).collect::<Vec<_>>()
        };
        assert_eq!(told("steps[]."), names(&done["steps"][0]).split(' ').collect::<Vec<_>>());
        for name in names(&done).split(' ') {
            let begins = |(told, _): &(&str, &str)| *told == name || told.starts_with(&format!("{name}[]"));
            assert!(JSON_MEMBERS.iter().any(begins), "{name}");
        }
    }

    #[test]
    fn comparisons_name_their_line_and_what_is_wrong() {
        let row = |line, standing| Difference {
            target: Target::Object(ObjectKey::App(key("anna"))),
            line: Some(line),
            standing,
            deltas: Vec::new(),
            notes: Vec::new(),
        };
        let rows = [row(2, Standing::Missing), row(3, Standing::Invalid(vec!["3:5: no role".to_owned()]))];
        let text = differences_text(&rows);
        assert!(text.starts_with("1 create, 1 invalid\n\n"), "{text}");
        assert!(text.contains("3     anna  invalid   3:5: no role"), "{text}");
        let value: Value = serde_json::from_str(&plan_json(&plan(), &rows, None).unwrap()).unwrap();
        let members: Vec<&String> = value["rows"][1].as_object().unwrap().keys().collect();
        assert_eq!(members, ["line", "name", "arn", "standing", "problems", "members", "notes"]);
        assert_eq!(value["rows"][1]["problems"][0], "3:5: no role");
    }

    #[test]
    fn a_plan_in_part_is_told_as_paused_and_no_steps_as_none() {
        let steps = [(StepState::Waiting, None), (StepState::Waiting, None)];
        let outcome = Outcome { steps: &steps, paused: Some("credentials"), ..Outcome::default() };
        assert!(outcome_text(&plan(), &outcome).contains("2 waiting\nPaused: credentials\n"));
        assert_eq!(sums(&Outcome::default()), "no steps");
    }
}
