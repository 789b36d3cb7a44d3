//! `operations list|show|resume|undo|report`: what was carried out, from the journals.

use std::fmt::Write as _;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::arguments::{OperationArguments, OperationsCommand, Output, ResumeArguments, UndoArguments};
use super::carry::{Carried, watch};
use super::change::{Asked, may_apply, may_write, outcome_as};
use super::check_profiles;
use super::exit::Exit;
use super::failure::{Failure, note, print, told};
use super::gather::Gathered;
use super::list::format;
use super::permit::accounts_missing;
use super::setup::Setup;
use super::state::StateFolder;
use crate::aws::Gateway;
use crate::fleet::{
    Change, FieldKind, Intent, Plan, Problem, Sheet, SheetColumn, SheetValue, StepState, Tally, Timestamp,
};
use crate::operations::{Executor, Journal, Listed, Standing};
use crate::report::{self, OperationRecord, Outcome, StepOutcome};

/// `operations ...`.
///
/// # Errors
///
/// If there is no such operation, its journal cannot be read, or it is not carried on.
pub(super) async fn run(command: &OperationsCommand, setup: &Setup) -> Result<Exit, Failure> {
    let state = StateFolder::of(setup)?;
    let gateway = Gateway::new(setup.settings.clone());
    let executor = Executor::new(gateway.clone(), Some(state.path().to_owned()));
    match command {
        OperationsCommand::List(output) => list(&executor, output.output).await,
        OperationsCommand::Show(arguments) => show(&executor, arguments).await,
        OperationsCommand::Report { id } => {
            let known = Known::read(&executor, id).await?;
            print(&report::operation_markdown(&known.plan, &known.outcome()))?;
            Ok(Exit::Done)
        }
        OperationsCommand::Resume(arguments) => {
            may_write(arguments.yes, setup)?;
            resume(arguments, &executor, &gateway, setup).await
        }
        OperationsCommand::Undo(arguments) => {
            may_apply(&arguments.change, setup)?;
            undo(arguments, &executor, &gateway, setup).await
        }
    }
}

async fn list(executor: &Executor, output: Output) -> Result<Exit, Failure> {
    let listed = executor.history().await.map_err(|problem| failed(&problem))?;
    let names = ["id", "title", "standing", "steps", "succeeded", "started", "ended", "who", "reason"];
    let column = |name| {
        let kind = if matches!(name, "steps" | "succeeded") { FieldKind::Number } else { FieldKind::Text };
        SheetColumn { name, kind }
    };
    let sheet = Sheet { columns: names.map(column).to_vec(), rows: listed.iter().map(row).collect() };
    print(&report::render(&sheet, format(output))?)?;
    let mut exit = Exit::Done;
    for one in &listed {
        if let Standing::Unreadable(error) = &one.standing {
            note("not complete", &error.to_string());
            exit = Exit::Failed;
        }
    }
    Ok(exit)
}

fn row(listed: &Listed) -> Vec<SheetValue> {
    let text = |text: Option<&str>| match text {
        Some(text) if !text.is_empty() => SheetValue::Text(text.to_owned()),
        _ => SheetValue::Absent,
    };
    let standing = SheetValue::Text(standing(&listed.standing).to_owned());
    let Some(opening) = &listed.opening else {
        let file = listed.path.display().to_string();
        let mut row = vec![SheetValue::Unknown, SheetValue::Text(file), standing];
        row.resize(9, SheetValue::Unknown);
        return row;
    };
    let succeeded = match &listed.standing {
        Standing::Closed { .. } => tally(&listed.standing)
            .map_or(SheetValue::Unknown, |tally| SheetValue::Number(tally.succeeded() as f64)),
        _ => SheetValue::Unknown,
    };
    let ended = match &listed.standing {
        Standing::Closed { at, .. } => Some(instant(*at)),
        _ => None,
    };
    let who: Vec<&str> = opening.who.iter().map(|who| who.arn.as_str()).collect();
    vec![
        text(Some(&opening.plan_id)),
        text(Some(&opening.title)),
        standing,
        SheetValue::Number(opening.steps as f64),
        succeeded,
        text(Some(&instant(opening.started))),
        text(ended.as_deref()),
        text(Some(&who.join(" "))),
        text(opening.reason.as_deref()),
    ]
}

fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What came of a finished operation.
fn tally(standing: &Standing) -> Option<Tally> {
    match standing {
        Standing::Closed { outcome, .. } => serde_json::from_value(outcome.clone()).ok(),
        _ => None,
    }
}

/// How an operation stands, in one stable word.
fn standing(standing: &Standing) -> &'static str {
    match (standing, tally(standing)) {
        (Standing::Running, _) => "running",
        (Standing::Unfinished, _) => "unfinished",
        (Standing::Unreadable(_), _) | (Standing::Closed { .. }, None) => "unreadable",
        (Standing::Closed { .. }, Some(tally)) if tally.is_complete() => "done",
        (Standing::Closed { .. }, Some(tally)) if tally.succeeded() > 0 => "some",
        (Standing::Closed { .. }, Some(_)) => "none",
    }
}

/// An operation with its plan and how far each step is.
struct Known {
    listed: Listed,
    plan: Arc<Plan>,
    steps: Vec<StepOutcome>,
    paused: Option<String>,
    record: OperationRecord,
}

impl Known {
    /// The operation whose plan's hash begins so.
    async fn read(executor: &Executor, id: &str) -> Result<Self, Failure> {
        let listed = executor.history().await.map_err(|problem| failed(&problem))?;
        let mut found = listed.into_iter().filter(|one| {
            !id.is_empty() && one.opening.as_ref().is_some_and(|opening| opening.plan_id.starts_with(id))
        });
        let Some(listed) = found.next() else {
            return Err(Failure::new(
                Exit::Failed,
                format!("there is no operation `{id}`; `sagedeck operations list` shows them"),
            ));
        };
        if found.next().is_some() {
            return Err(Failure::usage(format!(
                "`{id}` begins the hash of several operations; give more of it"
            )));
        }
        let path = listed.path.clone();
        let recorded = executor.recorded(path.clone()).await.map_err(|problem| failed(&problem))?;
        let journal = Journal::read(&path).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        let steps = recorded.states.into_iter().enumerate().map(|(at, state)| {
            let id = journal.step(at).request_ids.pop();
            (state, id.map(Arc::from))
        });
        let ended = match &listed.standing {
            Standing::Closed { at, .. } => Some(*at),
            _ => None,
        };
        let record = OperationRecord {
            standing: standing(&listed.standing),
            who: recorded.who.iter().map(|who| who.arn.clone()).collect(),
            reason: recorded.reason,
            started: recorded.began,
            ended,
        };
        Ok(Self { steps: steps.collect(), plan: recorded.plan, paused: recorded.paused, record, listed })
    }

    fn outcome(&self) -> Outcome<'_> {
        Outcome {
            steps: &self.steps,
            paused: self.paused.as_deref(),
            record: Some(&self.record),
            ..Outcome::default()
        }
    }

    /// Prints it.
    fn print(&self, output: Output) -> Result<(), Failure> {
        let outcome = self.outcome();
        let text = match output {
            Output::Json => report::plan_json(&self.plan, &[], None, Some(&outcome))?,
            Output::Table => {
                let OperationRecord { standing, who, reason, started, ended } = &self.record;
                let mut text = format!("{}  ({standing})\n\n", self.plan.title);
                let until =
                    ended.map_or_else(|| "not ended".to_owned(), |at| format!("ended {}", instant(at)));
                let _ = writeln!(text, "Started {}, {until}, by {}", instant(*started), who.join(" "));
                if let Some(reason) = reason {
                    let _ = writeln!(text, "Reason: {reason}");
                }
                text.push_str(&report::outcome_text(&self.plan, &outcome));
                text
            }
            Output::Csv | Output::Markdown => {
                report::render(&report::outcome_sheet(&self.plan, &outcome), format(output))?
            }
        };
        print(&text)
    }
}

async fn show(executor: &Executor, arguments: &OperationArguments) -> Result<Exit, Failure> {
    Known::read(executor, &arguments.id).await?.print(arguments.output.output)?;
    Ok(Exit::Done)
}

async fn resume(
    arguments: &ResumeArguments,
    executor: &Executor,
    gateway: &Gateway,
    setup: &Setup,
) -> Result<Exit, Failure> {
    let known = Known::read(executor, &arguments.id).await?;
    let output = arguments.output.output;
    let id = &known.plan.id.0;
    match &known.listed.standing {
        Standing::Unfinished => {}
        Standing::Running => {
            return Err(Failure::refused(format!("operation {id} is being carried out by another sagedeck")));
        }
        Standing::Closed { .. } => {
            return Err(Failure::refused(format!("operation {id} is finished; there is nothing to resume")));
        }
        Standing::Unreadable(error) => return Err(Failure::refused(error.to_string())),
    }
    if !arguments.yes {
        known.print(output)?;
        note(
            "note",
            "nothing was changed; with --yes, what is unknown is looked at again and what is waiting is done",
        );
        return Ok(Exit::Done);
    }
    check_profiles(setup).await?;
    let (gathered, _) = Gathered::accounts(gateway).await?;
    if let Some(missing) = accounts_missing(&known.plan, &gathered.fleet, &arguments.account, setup).first() {
        return Err(missing.refusal());
    }
    let lease = gateway.lift_for(&known.plan).map_err(|problem| refused(&problem))?;
    let (progress, news) = mpsc::channel(64);
    let work = Box::pin(executor.resume(&known.listed.path, lease, Timestamp::now(), progress));
    let carried = watch(executor, &known.plan, known.steps, work, news).await?;
    print_carried(output, &known.plan, &carried)?;
    Ok(carried.exit)
}

fn print_carried(output: Output, plan: &Plan, carried: &Carried) -> Result<(), Failure> {
    print(outcome_as(output, plan, &[], None, carried)?.trim_start_matches('\n'))
}

/// Starts what an operation has stopped: only what was seen to stop, as it was then.
async fn undo(
    arguments: &UndoArguments,
    executor: &Executor,
    gateway: &Gateway,
    setup: &Setup,
) -> Result<Exit, Failure> {
    let known = Known::read(executor, &arguments.id).await?;
    let stopped = known.plan.steps.iter().zip(&known.steps).filter_map(|(step, (state, _))| {
        match (&step.change, &step.before, state) {
            (Change::StopApp(key), Some(before), StepState::Done) => Some((key.clone(), before.clone())),
            _ => None,
        }
    });
    let stopped: Vec<_> = stopped.collect();
    if stopped.is_empty() {
        let id = &known.plan.id.0;
        return Err(Failure::refused(format!(
            "operation {id} has stopped no app that could be started again; nothing was changed"
        )));
    }
    check_profiles(setup).await?;
    let (mut gathered, _) = Gathered::accounts(gateway).await?;
    gathered.also_prices(setup.records(), stopped.iter().map(|(key, _)| &key.scope)).await;
    let how = &arguments.change;
    let asked = Asked { setup, gateway, how, is_cascade: false, is_named: true, is_aside: false };
    Ok(asked.apply(gathered, &Intent::Undo(stopped)).await?.exit)
}

fn failed(problem: &Problem) -> Failure {
    Failure::new(Exit::Failed, told(problem))
}

fn refused(problem: &Problem) -> Failure {
    Failure::refused(told(problem))
}
