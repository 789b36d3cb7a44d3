//! `apps stop`: the plan, and with `--yes` exactly that plan carried out, under the same rules as in the console.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::arguments::{Output, StopArguments};
use super::ended;
use super::exit::Exit;
use super::failure::{Failure, note, print, told};
use super::list::{Selected, Selection, format};
use super::setup::Setup;
use crate::aws::Gateway;
use crate::fleet::wording::Counted;
use crate::fleet::{
    AccountId, AppKey, Documents, Event, Fleet, Intent, ObjectKey, ObjectKind, Plan, Progress, StepState,
    Timestamp,
};
use crate::operations::{Executor, Order};
use crate::report;

/// `apps stop`.
///
/// # Errors
///
/// What is wrong with the filter, why nothing could be read, or why the plan is not carried out.
pub(super) async fn stop(arguments: &StopArguments, setup: &Setup) -> Result<Exit, Failure> {
    if arguments.filter.trim().is_empty() {
        return Err(Failure::usage("--filter: say which apps; an empty filter would mean all of them"));
    }
    if arguments.yes && setup.settings.read_only {
        return Err(Failure::refused("this run is read-only, so --yes is refused; nothing was changed"));
    }
    let selection = Selection::apps(&arguments.filter)?;
    let gateway = Gateway::new(setup.settings.clone());
    let selected = selection.gather(&gateway, setup).await?;
    selected.tell_gaps(ObjectKind::App);
    if selected.exit != Exit::Done {
        let message =
            "not everything could be read, so which apps the filter shows is not known; nothing was changed";
        return Err(Failure::refused(message));
    }
    let plan = plan(&selected, setup)?;
    let output = arguments.output.output;
    if !arguments.yes {
        print(&plan_as(output, &plan)?)?;
        if let Some(flags) = flags(&plan, &selected, setup) {
            note("note", &format!("nothing was changed; the same with {flags} stops them"));
        }
        return Ok(Exit::Done);
    }
    if let Err(failure) = allowed(&plan, &selected, arguments, setup) {
        print(&plan_as(output, &plan)?)?;
        return Err(failure);
    }
    if plan.steps.is_empty() {
        print(&plan_as(output, &plan)?)?;
        note("note", "there is nothing to stop");
        return Ok(Exit::Done);
    }
    if output == Output::Table {
        print(&report::plan_text(&plan))?;
    }
    carry_out(plan, &gateway, setup, output).await
}

fn plan(selected: &Selected, setup: &Setup) -> Result<Plan, Failure> {
    let keys: Vec<AppKey> = selected
        .rows(ObjectKind::App)
        .filter_map(|row| match row.key() {
            ObjectKey::App(key) => Some(key),
            _ => None,
        })
        .collect();
    Intent::Stop(keys)
        .plan(&selected.gathered.fleet, &Documents::default(), &setup.policy(), selected.now)
        .map_err(Failure::refused)
}

/// What has to be added to carry a plan out.
fn flags(plan: &Plan, selected: &Selected, setup: &Setup) -> Option<String> {
    if plan.steps.is_empty() || setup.settings.read_only {
        return None;
    }
    let count = plan
        .confirmation(&selected.gathered.fleet, &setup.idle_rule(), selected.now, &setup.ceilings())
        .count
        .map(|count| format!(" --count {count}"));
    Some(format!("--yes{}", count.unwrap_or_default()))
}

/// Whether a plan may be carried out as it is.
fn allowed(
    plan: &Plan,
    selected: &Selected,
    arguments: &StopArguments,
    setup: &Setup,
) -> Result<(), Failure> {
    let fleet = &selected.gathered.fleet;
    let accounts: BTreeSet<AccountId> =
        plan.steps.iter().map(|step| step.change.scope().account().clone()).collect();
    for account in &accounts {
        check_account(account, fleet, &setup.config.protected(), &arguments.account)?;
    }
    let steps = plan.steps.len();
    if let Some(count) = arguments.count.filter(|count| *count != steps) {
        let apps = Counted(steps, "app");
        return Err(Failure::refused(format!(
            "--count says {count}, and the plan stops {apps}; nothing was changed"
        )));
    }
    let confirmation = plan.confirmation(fleet, &setup.idle_rule(), selected.now, &setup.ceilings());
    if let (Some(steps), None) = (confirmation.count, arguments.count) {
        let limits = setup.config.limits;
        return Err(Failure::refused(format!(
            "the plan stops {}, which is above the limits of {} apps or {} % of the running ones ({}); if it is \
             meant, add --count {steps}. Nothing was changed",
            Counted(steps, "app"),
            limits.steps,
            limits.percent,
            selected.census.totals().all.running,
        )));
    }
    Ok(())
}

/// Whether an account may be changed: one that is protected has to be named, and once accounts are named no
/// other one is meant.
fn check_account(
    account: &AccountId,
    fleet: &Fleet,
    protected: &[String],
    named: &[String],
) -> Result<(), Failure> {
    let alias = fleet.accounts.get(account).and_then(|known| known.alias.as_ref());
    let is_it =
        |name: &String| name == account.as_str() || matches!(alias, Some(Some(alias)) if **alias == **name);
    if named.iter().any(is_it) {
        return Ok(());
    }
    let label = fleet.accounts.get(account).map_or(account.as_str(), |known| known.label());
    if !named.is_empty() {
        let message = format!(
            "the plan would change {label} ({account}), which --account does not name; nothing was changed"
        );
        return Err(Failure::refused(message));
    }
    if protected.iter().any(is_it) {
        let message = format!(
            "the configuration protects {label} ({account}); if it is meant, add --account {label}. Nothing was \
             changed"
        );
        return Err(Failure::refused(message));
    }
    // An alias that could not be read may be one of those that are protected.
    let is_alias = |name: &String| !name.bytes().all(|byte| byte.is_ascii_digit());
    if alias.is_none() && protected.iter().any(is_alias) {
        let message = format!(
            "the alias of {account} could not be read, so whether the configuration protects it is not known; if \
             it is meant, add --account {account}. Nothing was changed"
        );
        return Err(Failure::refused(message));
    }
    Ok(())
}

async fn carry_out(plan: Plan, gateway: &Gateway, setup: &Setup, output: Output) -> Result<Exit, Failure> {
    let lease = gateway.lift_for(&plan).map_err(|problem| Failure::refused(told(&problem)))?;
    let plan = Arc::new(plan);
    // What is done to a simulation leaves no trace among what was done to AWS.
    let state = setup.paths.as_ref().filter(|_| setup.demo.is_none()).map(|paths| paths.state.clone());
    let executor = Executor::new(gateway.clone(), state);
    let mut outcome = vec![(StepState::Waiting, None); plan.steps.len()];
    let (progress, mut news) = mpsc::channel(64);
    let mut line = super::progress::Progress::on_stderr();
    let mut ended_steps = 0;
    let take = async {
        while let Some(Progress { event, .. }) = news.recv().await {
            let (step, state, request_id) = match event {
                Event::Step { step, state, request_id, .. } => (step, state, request_id),
                // Nobody is here to let it go on; it can be resumed from its journal.
                Event::Paused(reason) => {
                    line.clear();
                    note("paused", &reason);
                    executor.leave(&plan.id);
                    continue;
                }
                Event::Resumed => continue,
            };
            if state.is_final() {
                ended_steps += 1;
                line.clear();
                if let Some(step) = plan.steps.get(step) {
                    note("stop", &format!("{}: {}", step.change.target().arn(), report::state_word(&state)));
                }
            }
            line.say(|| format!("stopping: {ended_steps} of {} ended", plan.steps.len()));
            if let Some(slot) = outcome.get_mut(step) {
                *slot = (state, request_id.or(slot.1.take()));
            }
        }
    };
    let work = executor.carry_out(Order::new(Arc::clone(&plan)), lease, Timestamp::now(), progress);
    let left = async {
        let asked = match ended().await {
            Ok(_) => {
                note(
                    "note",
                    "nothing more is sent; what was sent is watched to its end, or ctrl-c again leaves now",
                );
                executor.stop(&plan.id);
                ended().await
            }
            Err(error) => Err(error),
        };
        match asked {
            Ok(exit) => exit,
            Err(error) => {
                note("note", &format!("signals cannot be caught: {error}"));
                std::future::pending().await
            }
        }
    };
    let tally = tokio::select! {
        (tally, ()) = async { tokio::join!(work, take) } => tally.map_err(|problem| Failure::refused(told(&problem)))?,
        exit = left => {
            note("note", "left before every step had ended; those that have not may still succeed");
            print(&outcome_as(output, &plan, &outcome)?)?;
            return Ok(exit);
        }
    };
    print(&outcome_as(output, &plan, &outcome)?)?;
    let done = tally.succeeded();
    Ok(if tally.is_complete() {
        Exit::Done
    } else if done > 0 {
        Exit::Some
    } else {
        Exit::None
    })
}

fn plan_as(output: Output, plan: &Plan) -> std::io::Result<String> {
    match output {
        Output::Table => Ok(report::plan_text(plan)),
        Output::Json => report::plan_json(plan, None),
        Output::Csv | Output::Markdown => report::render(&report::plan_sheet(plan), format(output)),
    }
}

fn outcome_as(output: Output, plan: &Plan, outcome: &report::Outcome) -> std::io::Result<String> {
    match output {
        Output::Json => report::plan_json(plan, Some(outcome)),
        Output::Table => Ok(format!("\n{}", report::outcome_text(plan, outcome))),
        Output::Csv | Output::Markdown => {
            report::render(&report::outcome_sheet(plan, outcome), format(output))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Answer, Identity, ProfileName, Query};

    const ID: &str = "123456789012";

    /// What is known of an alias.
    #[derive(Debug, Clone, Copy)]
    enum Alias {
        Is(&'static str),
        None,
        NotRead,
    }

    /// A fleet with one account.
    fn fleet(alias: Alias) -> Fleet {
        let mut fleet = Fleet::default();
        let profile = ProfileName::new("p");
        let account = AccountId::new(ID);
        let identity = Identity { profile: profile.clone(), account: account.clone(), arn: Arc::from("arn") };
        fleet.absorb(&Query::Identity(profile), Answer::Identity(identity), Timestamp::UNIX_EPOCH);
        let answer = match alias {
            Alias::Is(name) => Answer::Alias(Some(Arc::from(name))),
            Alias::None => Answer::Alias(None),
            Alias::NotRead => return fleet,
        };
        fleet.absorb(&Query::Alias(account), answer, Timestamp::UNIX_EPOCH);
        fleet
    }

    #[test]
    fn a_protected_account_has_to_be_named() {
        let known = Alias::Is("prod-ml");
        for (alias, protected, named, allowed) in [
            (known, "", "", true),
            (known, "prod-ml", "", false),
            (known, "prod-ml", "prod-ml", true),
            (known, "prod-ml", ID, true),
            (known, ID, "", false),
            (known, ID, "prod-ml", true),
            (known, "other", "", true),
            (known, "", "other", false),
            (Alias::None, "prod-ml", "", true),
            (Alias::NotRead, "prod-ml", "", false),
            (Alias::NotRead, "prod-ml", ID, true),
            (Alias::NotRead, ID, "", false),
            (Alias::NotRead, "210987654321", "", true),
        ] {
            let list = |text: &str| if text.is_empty() { vec![] } else { vec![text.to_owned()] };
            let checked = check_account(&AccountId::new(ID), &fleet(alias), &list(protected), &list(named));
            assert_eq!(checked.is_ok(), allowed, "{alias:?} {protected:?} {named:?}");
            if let Err(failure) = checked {
                assert_eq!(failure.exit, Exit::Refused);
                assert!(failure.message.contains("--account"), "{}", failure.message);
            }
        }
    }
}
