//! Carries an operation from its first step to its last: which step is next, which waits for which, and what
//! becomes of them when it is paused, stopped or left. Looks at nothing itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, interval, sleep};

use super::brakes::Control;
use super::graph::Graph;
use super::judge::{Phase, Seen};
use super::lane::{Answered, Lane};
use super::run::{Memory, Run};
use super::step::Outcome;
use crate::fleet::{Change, Event, Pause, Problem, ProblemKind, Scope, StepState, Tally};

/// How often the clocks are looked at while an operation runs.
const TICK: Duration = Duration::from_secs(5);
/// How many steps that were left in doubt are looked at at once, before anything is sent.
const LOOKING: usize = 8;

/// An operation that is being carried out.
#[derive(Debug)]
pub(super) struct Drive {
    run: Arc<Run>,
    states: Vec<StepState>,
    memories: Vec<Memory>,
    graph: Graph,
    lanes: BTreeMap<(Scope, &'static str), Lane>,
    tasks: JoinSet<Ended>,
    /// What each task does, for when one breaks off.
    doing: HashMap<Id, (usize, Doing)>,
    control: watch::Receiver<Control>,
    /// Why it was last said to be paused.
    paused: Option<Pause>,
}

/// What a task does for its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Attempt,
    Watch,
    Wait,
}

/// How a task ended.
#[derive(Debug)]
struct Ended {
    position: usize,
    memory: Memory,
    outcome: Outcome,
    answered: Answered,
}

impl Drive {
    /// An operation whose steps are so far, with what is remembered of them.
    pub(super) fn new(run: Arc<Run>, states: Vec<StepState>, memories: Vec<Memory>) -> Self {
        let graph = Graph::of(&run.plan.steps, |step| states.get(step).is_some_and(StepState::is_done));
        let control = run.brakes.watch();
        Self {
            run,
            states,
            memories,
            graph,
            lanes: BTreeMap::new(),
            tasks: JoinSet::new(),
            doing: HashMap::new(),
            control,
            paused: None,
        }
    }

    /// Carries it out. It ends when every step has, or when it is left; then some still wait.
    pub(super) async fn run_out(mut self) -> Tally {
        let _ticks = self.ticking();
        self.settle().await;
        self.enqueue_ready();
        self.skip_the_hopeless().await;
        loop {
            let control = self.control.borrow_and_update().clone();
            self.tell_control(&control).await;
            if self.run.brakes.take_retry() {
                self.retry().await;
            }
            match control {
                Control::Go => {
                    self.dispatch();
                    if self.tasks.is_empty() {
                        self.skip_the_stuck().await;
                    }
                }
                Control::Paused(_) => {}
                Control::Stopped { .. } => self.give_up().await,
                Control::Left => {
                    self.let_go().await;
                    break;
                }
            }
            if self.tasks.is_empty() && self.is_over() {
                break;
            }
            tokio::select! {
                biased;
                Some(ended) = self.tasks.join_next_with_id() => self.take_in(ended).await,
                // The brakes live as long as the run, which this holds.
                _ = self.control.changed() => {}
            }
        }
        let tally = Tally::of(&self.states);
        if let Some(records) = &self.run.records
            && self.states.iter().all(StepState::is_final)
            && let Err(failure) = records.close(tally, self.run.clock.now()).await
        {
            self.run.poison.note(&failure);
            tracing::warn!(%failure, "the end of an operation could not be written down");
        }
        tally
    }

    /// Looks at the clocks as long as what it gives back is kept.
    fn ticking(&self) -> JoinSet<()> {
        let mut ticks = JoinSet::new();
        let run = Arc::clone(&self.run);
        ticks.spawn(async move {
            let mut ticks = interval(TICK);
            loop {
                ticks.tick().await;
                run.brakes.tick(Instant::now(), SystemTime::now());
            }
        });
        ticks
    }

    /// Of an operation taken up again: looks at all steps that were sent and have no known end, before anything
    /// else is sent.
    async fn settle(&mut self) {
        let in_doubt: Vec<usize> = (0..self.states.len())
            .filter(|&step| !self.states[step].is_final())
            .filter(|&step| self.memories[step].is_in_doubt() || self.memories[step].is_taken)
            .collect();
        let mut looks = JoinSet::new();
        let mut left = in_doubt.into_iter();
        loop {
            while looks.len() < LOOKING
                && let Some(position) = left.next()
            {
                let (run, is_taken) = (Arc::clone(&self.run), self.memories[position].is_taken);
                looks.spawn(async move { (position, settled(&run, position, is_taken).await) });
            }
            let Some(looked) = looks.join_next().await else { break };
            // One that broke off stays in doubt, and is looked at again before it is sent.
            let Ok((position, outcome)) = looked else { continue };
            let memory = std::mem::take(&mut self.memories[position]);
            match outcome {
                Some(Outcome::Over(state)) => {
                    self.run.finish(position, &state, &memory).await;
                    self.memories[position] = memory;
                    self.end(position, state).await;
                }
                Some(Outcome::Watch { ours }) => {
                    self.run.tell(position, StepState::Verifying, &memory, None).await;
                    self.watch(position, memory, ours);
                }
                Some(Outcome::Again(_)) | None => self.memories[position] = memory,
            }
        }
    }

    /// Puts every step that waits, and that nothing else holds up, in its lane.
    fn enqueue_ready(&mut self) {
        self.lanes.values_mut().for_each(Lane::clear);
        for position in self.idle() {
            if self.states[position] == StepState::Waiting && self.graph.is_ready(position) {
                self.enqueue(position);
            }
        }
    }

    /// The steps that no task is busy with.
    fn idle(&self) -> Vec<usize> {
        let busy: HashSet<usize> = self.doing.values().map(|(step, _)| *step).collect();
        (0..self.states.len()).filter(|step| !busy.contains(step)).collect()
    }

    fn enqueue(&mut self, position: usize) {
        self.lane(position).push(position);
    }

    fn lane(&mut self, position: usize) -> &mut Lane {
        let change = &self.run.plan.steps[position].change;
        self.lanes.entry((change.scope().clone(), change.operation())).or_default()
    }

    /// Starts as many steps as may be under way.
    fn dispatch(&mut self) {
        let mut starting = Vec::new();
        for ((scope, _), lane) in &mut self.lanes {
            let slowly = self.run.brakes.is_in_trouble(scope);
            while let Some(position) = lane.start(slowly) {
                starting.push(position);
            }
        }
        for position in starting {
            let (run, mut memory) = (Arc::clone(&self.run), std::mem::take(&mut self.memories[position]));
            self.spawn(position, Doing::Attempt, async move {
                let (outcome, answered) = run.attempt(position, &mut memory).await;
                if let Outcome::Over(state) = &outcome {
                    run.finish(position, state, &memory).await;
                }
                Ended { position, memory, outcome, answered }
            });
        }
    }

    fn watch(&mut self, position: usize, memory: Memory, ours: bool) {
        let run = Arc::clone(&self.run);
        self.spawn(position, Doing::Watch, async move {
            let state = run.watch(position, ours).await;
            run.finish(position, &state, &memory).await;
            Ended { position, memory, outcome: Outcome::Over(state), answered: Answered::Otherwise }
        });
    }

    fn wait(&mut self, position: usize, time: Duration) {
        let (mut control, memory) = (self.run.brakes.watch(), self.memories[position].clone());
        self.spawn(position, Doing::Wait, async move {
            tokio::select! {
                () = sleep(time) => {}
                _ = control.wait_for(|control| matches!(control, Control::Stopped { .. } | Control::Left)) => {}
            }
            let outcome = Outcome::Again(Duration::ZERO);
            Ended { position, memory, outcome, answered: Answered::Otherwise }
        });
    }

    fn spawn(&mut self, position: usize, doing: Doing, task: impl Future<Output = Ended> + Send + 'static) {
        let id = self.tasks.spawn(task).id();
        self.doing.insert(id, (position, doing));
    }

    async fn take_in(&mut self, ended: Result<(Id, Ended), JoinError>) {
        let ended = match ended {
            Ok((id, ended)) => {
                if let Some((position, Doing::Attempt)) = self.doing.remove(&id) {
                    self.lane(position).ended(ended.answered, Instant::now());
                }
                ended
            }
            Err(error) => {
                let Some((position, doing)) = self.doing.remove(&error.id()) else { return };
                if doing == Doing::Attempt {
                    self.lane(position).ended(Answered::Otherwise, Instant::now());
                }
                return self.broke_off(position, &error).await;
            }
        };
        let Ended { position, memory, outcome, .. } = ended;
        match outcome {
            Outcome::Watch { ours } => self.watch(position, memory, ours),
            Outcome::Over(state) => {
                self.memories[position] = memory;
                self.end(position, state).await;
            }
            Outcome::Again(time) => {
                self.memories[position] = memory;
                if time.is_zero() {
                    self.tell_waiting(position).await;
                    self.enqueue(position);
                } else {
                    self.wait(position, time);
                }
            }
        }
    }

    /// A step's task ended in a defect of ours: what it had sent is not known.
    async fn broke_off(&mut self, position: usize, error: &JoinError) {
        tracing::error!(%error, position, "a step of a plan broke off");
        let message = "its task broke off, so what became of it is not known";
        let problem =
            Problem::new(ProblemKind::Unexpected, message, "This is a defect of sagedeck; look at it");
        let state = StepState::Unknown(problem);
        self.run.finish(position, &state, &self.memories[position]).await;
        self.end(position, state).await;
    }

    /// Takes note that a step has ended, and lets those that waited for it begin, or skips them.
    async fn end(&mut self, position: usize, state: StepState) {
        let is_done = state.is_done();
        self.states[position] = state;
        if is_done {
            for ready in self.graph.done(position) {
                if self.states[ready] == StepState::Waiting {
                    self.enqueue(ready);
                }
            }
        } else {
            self.skip_after(position).await;
        }
    }

    /// Skips what was to follow a step that was not done, and what was to follow that.
    async fn skip_after(&mut self, position: usize) {
        let mut undone = vec![position];
        while let Some(before) = undone.pop() {
            let mut waiting = self.graph.waiting_for(before).to_vec();
            waiting.retain(|&step| self.states[step] == StepState::Waiting);
            for step in waiting {
                let change = &self.run.plan.steps[before].change;
                let (verb, target) = (change.verb(), change.target());
                let reason = format!(
                    "was to follow \"{verb} {} {}\", which was not done",
                    target.kind(),
                    target.name()
                );
                self.skip(step, reason.into()).await;
                undone.push(step);
            }
        }
    }

    /// Of an operation taken up again: skips what waits for steps that have ended otherwise.
    async fn skip_the_hopeless(&mut self) {
        for position in 0..self.states.len() {
            if self.states[position].is_final() && !self.states[position].is_done() {
                self.skip_after(position).await;
            }
        }
    }

    /// Where nothing is under way and nothing can begin, what still waits does so for itself.
    async fn skip_the_stuck(&mut self) {
        let can_begin = |step: usize| self.states[step] == StepState::Waiting && self.graph.is_ready(step);
        if (0..self.states.len()).any(can_begin) {
            return;
        }
        for position in 0..self.states.len() {
            if self.states[position] == StepState::Waiting {
                self.skip(position, Arc::from("waits for a step that can never come before it")).await;
            }
        }
    }

    async fn skip(&mut self, position: usize, reason: Arc<str>) {
        let state = match &self.memories[position].lost {
            Some(lost) => StepState::Unknown(lost.clone()),
            None => StepState::Skipped(reason),
        };
        self.run.finish(position, &state, &self.memories[position]).await;
        self.states[position] = state;
    }

    /// After it was cancelled: ends all that still waits.
    async fn give_up(&mut self) {
        self.lanes.values_mut().for_each(Lane::clear);
        for position in self.idle() {
            if !self.states[position].is_final() {
                self.skip(position, Arc::from("the plan was stopped before it came to this")).await;
            }
        }
    }

    /// Leaves everything as it is, but for what is being sent at this moment.
    async fn let_go(&mut self) {
        while self.doing.values().any(|(_, doing)| *doing == Doing::Attempt) {
            let Some(ended) = self.tasks.join_next_with_id().await else { break };
            let (id, ended) = match ended {
                Ok((id, ended)) => (id, Some(ended)),
                Err(error) => (error.id(), None),
            };
            self.doing.remove(&id);
            if let Some(Ended { position, outcome: Outcome::Over(state), .. }) = ended {
                self.states[position] = state;
            }
        }
        // What was sent and is watched is in the journal as not yet seen, and is looked at when it is resumed.
        self.tasks.shutdown().await;
    }

    /// Makes again what was not done.
    async fn retry(&mut self) {
        let (mut again, mut in_doubt) = (Vec::new(), Vec::new());
        for (position, state) in self.states.iter_mut().enumerate() {
            let memory = &mut self.memories[position];
            match state {
                StepState::Unknown(problem) => {
                    memory.lost = Some(problem.clone());
                    in_doubt.push((position, memory.attempts));
                }
                StepState::Failed(_) | StepState::Skipped(_) => memory.lost = None,
                _ => continue,
            }
            (memory.losses, memory.is_taken) = (0, false);
            (memory.throttled, memory.waits, memory.unseen) = (None, None, None);
            *state = StepState::Waiting;
            again.push(position);
        }
        if let Some(records) = &self.run.records
            && !again.is_empty()
        {
            let known = again.iter().filter(|step| in_doubt.iter().all(|(doubtful, _)| doubtful != *step));
            records.retry(known.copied().collect(), &in_doubt, self.run.clock.now());
        }
        for position in again {
            self.tell_waiting(position).await;
        }
        let states = &self.states;
        self.graph = Graph::of(&self.run.plan.steps, |step| states[step].is_done());
        self.enqueue_ready();
    }

    async fn tell_waiting(&self, position: usize) {
        self.run.tell(position, StepState::Waiting, &self.memories[position], None).await;
    }

    /// Tells, and writes down, when it begins to pause and when it goes on.
    async fn tell_control(&mut self, control: &Control) {
        let run = &self.run;
        match control {
            Control::Paused(pause) if self.paused.as_ref() != Some(pause) => {
                if let Some(records) = &run.records {
                    records.paused(&pause.reason, run.clock.now());
                }
                self.paused = Some(pause.clone());
                run.tell_event(Event::Paused(pause.clone())).await;
            }
            Control::Go if self.paused.take().is_some() => {
                if let Some(records) = &run.records {
                    records.resumed(run.who.principals(), run.clock.now());
                }
                run.tell_event(Event::Resumed).await;
            }
            _ => {}
        }
    }

    fn is_over(&self) -> bool {
        self.states.iter().all(StepState::is_final)
    }
}

/// What became of a step that an earlier run had sent; `None` if it is to be made as if it had not been.
async fn settled(run: &Run, position: usize, is_taken: bool) -> Option<Outcome> {
    let (step, change) = (run.plan.steps.get(position)?, run.change(position)?);
    if let Change::SignInLink(..) = change {
        let reason = Arc::from("the link was asked for before the program ended; ask for a new one");
        return Some(Outcome::Over(StepState::Skipped(reason)));
    }
    if is_taken {
        return Some(Outcome::Watch { ours: true });
    }
    match run.look(&change, step.bound, Phase::Lost).await {
        Seen::Wanted => Some(Outcome::Over(StepState::Done)),
        Seen::Underway => Some(Outcome::Watch { ours: true }),
        _ => None,
    }
}
