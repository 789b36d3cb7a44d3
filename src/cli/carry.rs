//! Watches a plan being carried out: progress on stderr, ctrl-c, pauses, and the exit code it leads to.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::mpsc::Receiver;

use super::ended;
use super::exit::Exit;
use super::failure::{Failure, note, told};
use super::progress::Progress as Line;
use crate::fleet::{Event, Pause, PauseCause, Plan, Problem, Produced, Progress, Secret, Tally};
use crate::operations::Executor;
use crate::report::{self, StepOutcome};

/// What became of a plan.
#[derive(Debug)]
pub(super) struct Carried {
    /// The exit code.
    pub(super) exit: Exit,
    /// Each step.
    pub(super) steps: Vec<StepOutcome>,
    /// Why it was left before its end, if it was.
    pub(super) paused: Option<Pause>,
    /// A sign-in link that was made.
    pub(super) link: Option<Secret>,
}

/// The same with nothing known yet.
struct Heard<'a> {
    plan: &'a Plan,
    carried: Carried,
    ended: usize,
    line: Line,
}

/// Watches a plan to its end, from how far each step is. Ctrl-c once lets nothing more be sent; twice leaves at once. What pauses leaves the
/// operation as it is, to be taken up with `operations resume`: nobody sits here to mend what it waits for.
///
/// # Errors
///
/// Why it was refused before anything was sent.
pub(super) async fn watch(
    executor: &Executor,
    plan: &Arc<Plan>,
    steps: Vec<StepOutcome>,
    work: impl Future<Output = Result<Tally, Problem>>,
    mut news: Receiver<Progress>,
) -> Result<Carried, Failure> {
    let ended_before = steps.iter().filter(|(state, _)| state.is_done()).count();
    let mut heard = Heard {
        plan,
        carried: Carried { exit: Exit::Done, steps, paused: None, link: None },
        ended: ended_before,
        line: Line::on_stderr(),
    };
    let take = async {
        while let Some(Progress { event, .. }) = news.recv().await {
            if heard.take(event) {
                executor.leave(&plan.id);
            }
        }
    };
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
    let end = tokio::select! {
        (tally, ()) = async { tokio::join!(work, take) } => {
            Ok(tally.map_err(|problem| Failure::refused(told(&problem)))?)
        }
        exit = left => Err(exit),
    };
    let mut carried = heard.carried;
    carried.exit = match end {
        Err(exit) => {
            note(
                "note",
                &format!(
                    "left before every step had ended; those that have not may still succeed. `sagedeck operations \
                     resume {} --yes` looks at them and goes on",
                    plan.id.0
                ),
            );
            exit
        }
        Ok(tally) => match &carried.paused {
            Some(pause) => paused(pause, plan, tally),
            None => by_tally(tally),
        },
    };
    Ok(carried)
}

fn by_tally(tally: Tally) -> Exit {
    if tally.is_complete() {
        Exit::Done
    } else if tally.succeeded() > 0 {
        Exit::Some
    } else {
        Exit::None
    }
}

/// Says how a paused operation goes on.
fn paused(pause: &Pause, plan: &Plan, tally: Tally) -> Exit {
    let (id, reason) = (&plan.id.0, &pause.reason);
    note("paused", &format!("{reason}. `sagedeck operations resume {id} --yes` goes on"));
    match pause.cause {
        PauseCause::SignedOut => Exit::Credentials,
        _ => by_tally(tally),
    }
}

impl Heard<'_> {
    /// Takes news in; says whether the operation is to be left.
    fn take(&mut self, event: Event) -> bool {
        let (step, state, request_id, produced) = match event {
            Event::Step { step, state, request_id, produced } => (step, state, request_id, produced),
            Event::Paused(pause) => {
                self.carried.paused = Some(pause);
                return true;
            }
            Event::Resumed => {
                self.carried.paused = None;
                return false;
            }
        };
        if let Some(Produced::Link(link)) = produced {
            self.carried.link = Some(link);
        }
        if state.is_final() {
            self.ended += 1;
            self.line.clear();
            if let Some(step) = self.plan.steps.get(step) {
                let (verb, object) = (step.change.verb(), step.change.target().arn());
                note(verb, &format!("{object}: {}", report::state_word(&state)));
            }
        }
        let (ended, all) = (self.ended, self.plan.steps.len());
        self.line.say(|| format!("{ended} of {all} steps ended"));
        if let Some(slot) = self.carried.steps.get_mut(step) {
            let before = slot.1.take();
            *slot = (state, request_id.or(before));
        }
        false
    }
}
