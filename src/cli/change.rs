//! The one way of every change: read what it takes, make the plan, show it; and with `--yes`, once everything is
//! said that has to be, carry out exactly that plan.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::arguments::{ChangeArguments, Output};
use super::carry::{Carried, watch};
use super::exit::Exit;
use super::failure::{Failure, note, print, print_aside, told};
use super::gather::Gathered;
use super::list::format;
use super::permit::missing;
use super::setup::Setup;
use super::state::StateFolder;
use crate::aws::Gateway;
use crate::fleet::{Difference, Excluded, Homes, Intent, Plan, Query, StepState, Timestamp};
use crate::operations::{Executor, Order};
use crate::report::{self, Outcome};

/// How a change is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// What the run goes by.
    pub(super) setup: &'a Setup,
    /// Who asks AWS.
    pub(super) gateway: &'a Gateway,
    /// What was said on the command line.
    pub(super) how: &'a ChangeArguments,
    /// Whether one object takes others with it.
    pub(super) is_cascade: bool,
    /// Whether each object was named: then one that is left out is not passed over.
    pub(super) is_named: bool,
    /// Whether stdout is for what the change brings alone, so that plan and outcome go to stderr.
    pub(super) is_aside: bool,
}

/// What came of a change.
#[derive(Debug)]
pub(super) struct Ended {
    /// The exit code.
    pub(super) exit: Exit,
    /// The plan.
    pub(super) plan: Arc<Plan>,
    /// What became of it; `None` where it was only shown.
    pub(super) carried: Option<Carried>,
    /// How what is wanted stood to what was there, where that was compared.
    pub(super) differences: Vec<Difference>,
    /// What was read for it.
    pub(super) gathered: Gathered,
}

/// Refuses `--yes` where nothing may be changed, before anything is asked.
///
/// # Errors
///
/// If the run is read-only.
pub(super) fn may_apply(how: &ChangeArguments, setup: &Setup) -> Result<(), Failure> {
    may_write(how.yes, setup)
}

/// The same, of a command that takes nothing else of a change.
///
/// # Errors
///
/// If the run is read-only.
pub(super) fn may_write(yes: bool, setup: &Setup) -> Result<(), Failure> {
    if yes && setup.settings.read_only {
        return Err(Failure::refused("this run is read-only, so --yes is refused; nothing was changed"));
    }
    Ok(())
}

impl Asked<'_> {
    /// Makes the plan of an intent and shows it; with `--yes`, carries it out.
    ///
    /// # Errors
    ///
    /// Why there is no plan, or why it is not carried out.
    pub(super) async fn apply(&self, mut gathered: Gathered, intent: &Intent) -> Result<Ended, Failure> {
        may_apply(self.how, self.setup)?;
        let told: Vec<Query> = gathered.gaps.keys().cloned().collect();
        let planned = gathered.plan(intent, &self.setup.policy()).await;
        note_gaps(&gathered, &told);
        let plan = planned?;
        let output = self.how.output.output;
        let differences = gathered.differences(intent);
        let missing = missing(&plan, &gathered.fleet, self.how, self.setup, self.is_cascade);
        if !self.how.yes || plan.steps.is_empty() || !missing.is_empty() {
            let homes = gathered.homes(intent, false).await;
            self.print(&plan_as(output, &plan, &differences, homes.as_ref())?)?;
            if let Some(missing) = missing.first().filter(|_| self.how.yes) {
                return Err(missing.refusal());
            }
            if plan.steps.is_empty() {
                if let Some(told) = self.left_out(&plan) {
                    return Err(Failure::refused(format!("{told}. Nothing was changed")));
                }
                note("note", &format!("there is nothing to {}", plan.verb));
            } else if !self.setup.settings.read_only {
                let flags: String = missing
                    .iter()
                    .filter_map(|missing| missing.flag.as_ref())
                    .fold(String::from("--yes"), |flags, flag| format!("{flags} {flag}"));
                note("note", &format!("nothing was changed; the same with {flags} carries it out"));
            }
            let plan = Arc::new(plan);
            return Ok(Ended { exit: Exit::Done, plan, carried: None, differences, gathered });
        }
        if output == Output::Table {
            self.print(&plan_as(output, &plan, &differences, None)?)?;
        }
        let plan = Arc::new(plan);
        let carried = self.carry_out(&plan).await?;
        let told: Vec<Query> = gathered.gaps.keys().cloned().collect();
        let homes = gathered.homes(intent, true).await;
        note_gaps(&gathered, &told);
        self.print(&outcome_as(output, &plan, &differences, homes.as_ref(), &carried)?)?;
        let exit = match (carried.exit, self.left_out(&plan)) {
            (Exit::Done, Some(told)) => {
                note("left out", &told);
                Exit::Some
            }
            (exit, _) => exit,
        };
        Ok(Ended { exit, plan, carried: Some(carried), differences, gathered })
    }

    /// What was named and is not done, with why; `None` where that was not wanted by name, or is so already.
    fn left_out(&self, plan: &Plan) -> Option<String> {
        let left: Vec<&Excluded> = plan.excluded.iter().filter(|one| self.is_named && !one.is_so).collect();
        // What is in it stands before the thing itself.
        let (named, more) = left.split_last()?;
        let more = match more.len() {
            0 => String::new(),
            1 => ", and 1 more is left out".to_owned(),
            more => format!(", and {more} more are left out"),
        };
        Some(format!("the {} {} {}{more}", named.target.kind(), named.target.name(), named.reason))
    }

    async fn carry_out(&self, plan: &Arc<Plan>) -> Result<Carried, Failure> {
        let lease = self.gateway.lift_for(plan).map_err(|problem| Failure::refused(told(&problem)))?;
        let state = StateFolder::of(self.setup)?;
        let executor = Executor::new(self.gateway.clone(), Some(state.path().to_owned()));
        let order = Order { plan: Arc::clone(plan), reason: self.how.reason.clone() };
        let (progress, news) = mpsc::channel(64);
        let work = Box::pin(executor.carry_out(order, lease, Timestamp::now(), progress));
        let steps = vec![(StepState::Waiting, None); plan.steps.len()];
        watch(&executor, plan, steps, work, news).await
    }

    /// Prints where plan and outcome belong.
    fn print(&self, text: &str) -> Result<(), Failure> {
        if self.is_aside {
            print_aside(text);
            return Ok(());
        }
        print(text)
    }
}

/// Says what could not be read and was not said before.
fn note_gaps(gathered: &Gathered, told: &[Query]) {
    for line in gathered.unread(|query| !told.contains(query)) {
        note("not complete", &line);
    }
}

fn plan_as(
    output: Output,
    plan: &Plan,
    differences: &[Difference],
    homes: Option<&Homes>,
) -> std::io::Result<String> {
    let text = match output {
        Output::Table if differences.is_empty() => report::plan_text(plan, &[]),
        Output::Table => {
            format!("{}\n{}", report::differences_text(differences), report::plan_text(plan, differences))
        }
        Output::Json => return report::plan_json(plan, differences, homes, None),
        Output::Csv | Output::Markdown => report::render(&report::plan_sheet(plan), format(output))?,
    };
    Ok(text + &homes_as(output, homes))
}

/// What became of a plan, in a format.
pub(super) fn outcome_as(
    output: Output,
    plan: &Plan,
    differences: &[Difference],
    homes: Option<&Homes>,
    carried: &Carried,
) -> std::io::Result<String> {
    let outcome = Outcome {
        steps: &carried.steps,
        paused: carried.paused.as_ref().map(|pause| &*pause.reason),
        link: carried.link.as_ref(),
        record: None,
    };
    let text = match output {
        Output::Json => return report::plan_json(plan, differences, homes, Some(&outcome)),
        Output::Table => format!("\n{}", report::outcome_text(plan, &outcome)),
        Output::Csv | Output::Markdown => {
            report::render(&report::outcome_sheet(plan, &outcome), format(output))?
        }
    };
    Ok(text + &homes_as(output, homes))
}

/// Where home directories are after a restore, behind what else is printed. CSV has place for one table only.
fn homes_as(output: Output, homes: Option<&Homes>) -> String {
    match (homes, output) {
        (Some(homes), Output::Table) => format!("\n{}", report::homes_text(homes)),
        (Some(homes), Output::Markdown) => format!("\n{}", report::homes_markdown(homes)),
        (Some(_), Output::Csv) => {
            note(
                "note",
                "old and new ids of home directories are in the other formats: -o json, table, markdown",
            );
            String::new()
        }
        (Some(_), Output::Json) | (None, _) => String::new(),
    }
}
