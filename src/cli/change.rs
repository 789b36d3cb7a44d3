//! The one way of every change: read what it takes, make the plan, show it; and with `--yes`, once everything is
//! said that has to be, carry out exactly that plan.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::arguments::{ChangeArguments, Output};
use super::carry::{Carried, watch};
use super::exit::Exit;
use super::failure::{Failure, note, print, print_aside, told};
use super::gather::{Gathered, gaps_told};
use super::list::format;
use super::permit::missing;
use super::setup::Setup;
use super::state::StateFolder;
use crate::aws::Gateway;
use crate::fleet::{Difference, Intent, Plan, Query, StepState, Timestamp};
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
    if how.yes && setup.settings.read_only {
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
        let mut fresh = gathered.gaps.clone();
        fresh.retain(|query, _| !told.contains(query));
        for line in gaps_told(&fresh) {
            note("not complete", &line);
        }
        let plan = planned?;
        let output = self.how.output.output;
        let differences = gathered.differences(intent);
        let show = |plan: &Plan| plan_as(output, plan, &differences);
        let missing = missing(&plan, &gathered.fleet, self.how, self.setup, self.is_cascade);
        if !self.how.yes {
            self.print(&show(&plan)?)?;
            if !plan.steps.is_empty() && !self.setup.settings.read_only {
                let flags: String = missing
                    .iter()
                    .filter_map(|missing| missing.flag.as_ref())
                    .fold(String::from("--yes"), |flags, flag| format!("{flags} {flag}"));
                note("note", &format!("nothing was changed; the same with {flags} carries it out"));
            }
            return Ok(Ended {
                exit: Exit::Done,
                plan: Arc::new(plan),
                carried: None,
                differences,
                gathered,
            });
        }
        if let Some(missing) = missing.first() {
            self.print(&show(&plan)?)?;
            return Err(missing.refusal());
        }
        if plan.steps.is_empty() {
            self.print(&show(&plan)?)?;
            note("note", &format!("there is nothing to {}", plan.verb));
            return Ok(Ended {
                exit: Exit::Done,
                plan: Arc::new(plan),
                carried: None,
                differences,
                gathered,
            });
        }
        if output == Output::Table {
            self.print(&show(&plan)?)?;
        }
        let plan = Arc::new(plan);
        let carried = self.carry_out(&plan).await?;
        self.print(&outcome_as(output, &plan, &differences, &carried)?)?;
        Ok(Ended { exit: carried.exit, plan, carried: Some(carried), differences, gathered })
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

fn plan_as(output: Output, plan: &Plan, differences: &[Difference]) -> std::io::Result<String> {
    match output {
        Output::Table if differences.is_empty() => Ok(report::plan_text(plan)),
        Output::Table => {
            Ok(format!("{}\n{}", report::differences_text(differences), report::plan_text(plan)))
        }
        Output::Json => report::plan_json(plan, differences, None),
        Output::Csv | Output::Markdown => report::render(&report::plan_sheet(plan), format(output)),
    }
}

/// What became of a plan, in a format.
pub(super) fn outcome_as(
    output: Output,
    plan: &Plan,
    differences: &[Difference],
    carried: &Carried,
) -> std::io::Result<String> {
    let outcome = Outcome {
        steps: &carried.steps,
        paused: carried.paused.as_deref(),
        link: carried.link.as_ref(),
        record: None,
    };
    match output {
        Output::Json => report::plan_json(plan, differences, Some(&outcome)),
        Output::Table => Ok(format!("\n{}", report::outcome_text(plan, &outcome))),
        Output::Csv | Output::Markdown => {
            report::render(&report::outcome_sheet(plan, &outcome), format(output))
        }
    }
}
