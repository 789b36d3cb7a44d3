//! Operations that are written down: a folder of state, what stands in it, and programs that are killed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sagedeck::aws::{Gateway, Lease};
use sagedeck::fleet::{Event, Plan, Problem, Progress, Tally};
use sagedeck::operations::{Disk, Executor, Journal, JournalError, Order, Recorded, StepStanding};
use sagedeck::sim::{LoggedRequest, SimulatedAws};
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc};

use super::now;

/// A folder that goes with the test, in memory where the system has such a place: thousands of flushes take their
/// time on a disk that others use too, and whether they are made and heeded is what the faults show.
pub(super) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(place).unwrap()
}

/// The journals in a folder of state, oldest first.
pub(super) fn journals(state: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(state.join("operations")) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

pub(super) fn recorded(state: &Path) -> Recorded {
    Journal::read(journals(state).last().unwrap()).unwrap()
}

/// An operation on its way, and the news of it.
pub(super) struct Running {
    pub(super) plan: Arc<Plan>,
    pub(super) news: mpsc::Receiver<Progress>,
    pub(super) work: tokio::task::JoinHandle<Result<Tally, Problem>>,
}

/// Begins to carry out a plan.
pub(super) fn begin(gateway: &Gateway, executor: &Arc<Executor>, plan: Plan) -> Running {
    let plan = Arc::new(plan);
    let lease = gateway.lift_for(&plan).unwrap();
    let (progress, news) = mpsc::channel(100_000);
    let work = tokio::spawn({
        let (executor, plan) = (Arc::clone(executor), Arc::clone(&plan));
        async move { executor.carry_out(Order::new(plan), lease, now(), progress).await }
    });
    Running { plan, news, work }
}

impl Running {
    /// Waits until it pauses; gives the reason.
    pub(super) async fn paused(&mut self) -> Arc<str> {
        while let Some(one) = self.news.recv().await {
            if let Event::Paused(pause) = one.event {
                return pause.reason;
            }
        }
        panic!("it ended without a pause")
    }

    /// Waits until so many steps have ended.
    pub(super) async fn ended(&mut self, steps: usize) {
        let mut ended = 0;
        while ended < steps {
            let one = self.news.recv().await.expect("it ended before");
            ended += usize::from(matches!(&one.event, Event::Step { state, .. } if state.is_final()));
        }
    }

    pub(super) async fn tally(self) -> Tally {
        self.work.await.unwrap().unwrap()
    }
}

/// Runs an operation as a program that is killed as soon as its disk fails; `None` if it was.
pub(super) async fn until_killed(
    executor: &Executor,
    journal: Option<&Path>,
    plan: &Arc<Plan>,
    lease: Lease,
) -> Option<Tally> {
    let (progress, mut news) = mpsc::channel::<Progress>(64);
    let killed = Arc::new(Notify::new());
    let listener = tokio::spawn({
        let killed = Arc::clone(&killed);
        async move {
            while let Some(one) = news.recv().await {
                if matches!(one.event, Event::Paused(_)) {
                    killed.notify_one();
                }
            }
        }
    });
    let work = async {
        match journal {
            Some(journal) => executor.resume(journal, lease, now(), progress).await,
            None => executor.carry_out(Order::new(Arc::clone(plan)), lease, now(), progress).await,
        }
    };
    let ended = tokio::select! {
        biased;
        () = killed.notified() => None,
        tally = work => tally.ok(),
    };
    listener.await.unwrap();
    ended
}

/// An executor as of a program that was just started.
pub(super) fn started(gateway: &Gateway, state: &Path, disk: &Disk) -> Arc<Executor> {
    Arc::new(Executor::on_disk(gateway.clone(), state.to_owned(), disk.clone()))
}

/// The invariants, from the server's own log: no change was sent whose intent is not on disk, and none twice
/// without a look at its object between.
#[derive(Default)]
pub(super) struct Oracle {
    /// Changes sent, by space.
    sent: std::collections::BTreeMap<String, u32>,
    /// Those sent since their object was last looked at.
    blind: std::collections::BTreeSet<String>,
}

impl Oracle {
    /// Takes in what was asked since the last time, and compares it with the journal; gives the journal, if the
    /// operation was begun.
    pub(super) fn check(&mut self, sim: &SimulatedAws, state: &Path, plan: &Plan) -> Option<Recorded> {
        self.take_in(&sim.requests().all());
        sim.requests().clear();
        self.compare(state, plan)
    }

    /// Takes in what was asked.
    pub(super) fn take_in(&mut self, requests: &[LoggedRequest]) {
        for request in requests {
            let Some(space) = request.body["SpaceName"].as_str().map(str::to_owned) else { continue };
            match request.operation.as_str() {
                "DescribeApp" => drop(self.blind.remove(&space)),
                "DeleteApp" => {
                    assert!(
                        self.blind.insert(space.clone()),
                        "{space} was sent twice without a look between"
                    );
                    *self.sent.entry(space).or_default() += 1;
                }
                _ => {}
            }
        }
    }

    /// Compares what was asked with the journal; gives the journal, if the operation was begun.
    pub(super) fn compare(&self, state: &Path, plan: &Plan) -> Option<Recorded> {
        let recorded = match journals(state).pop().map(|journal| Journal::read(&journal)) {
            Some(Ok(recorded)) => recorded,
            None | Some(Err(JournalError::NeverBegun { .. })) => {
                assert!(self.sent.is_empty(), "sent without a plan on disk");
                return None;
            }
            Some(Err(error)) => panic!("{error}"),
        };
        for (position, step) in plan.steps.iter().enumerate() {
            let sagedeck::fleet::Change::StopApp(key) = &step.change else { panic!("it stops apps") };
            let sent = self.sent.get(key.owner.name().as_str()).copied().unwrap_or_default();
            let known = recorded.step(position);
            assert!(
                sent <= known.attempts,
                "step {position}: sent {sent} times, intended {}",
                known.attempts
            );
            if sent > 0 {
                assert_ne!(known.standing, StepStanding::NotBegun, "step {position}");
            }
        }
        Some(recorded)
    }

    /// How many changes were sent.
    pub(super) fn sent(&self) -> u32 {
        self.sent.values().sum()
    }
}
