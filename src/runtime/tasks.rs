//! Effects as work: each becomes a task whose news come back as messages. The only holder of the gateway.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::ToSpan;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::aws::Gateway;
use crate::console::{Effect, Message};
use crate::fleet::{Answer, PlanId, PriceOrigin, Query, Secret, SheetFormat, Timestamp};
use crate::operations::{Executor, ask_paid};
use crate::report;
use crate::store::CostCache;

use super::files::{read_all, write_new};
use super::link::OneTime;
use super::prices::PriceFolder;
use super::records;

/// How many messages may wait for the console; beyond that the readers of AWS wait.
pub(super) const QUEUED: usize = 256;
/// How many pages of one query may wait to be passed on.
const PAGES: usize = 4;
/// How long leaving waits for steps that were sent and not yet answered.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an effect asks of the shell itself, which alone holds the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Put text on the clipboard.
    Copy(String),
    /// Leave.
    Quit,
}

/// Everything under way outside the console.
#[derive(Debug)]
pub struct Tasks {
    pub(super) gateway: Gateway,
    pub(super) clock: Clock,
    pub(super) messages: mpsc::Sender<Message>,
    epoch: u64,
    loads: Vec<AbortHandle>,
    pub(super) executor: Arc<Executor>,
    pub(super) plans: HashSet<PlanId>,
    pub(super) demo: bool,
    pub(super) running: TaskTracker,
    state_dir: Option<PathBuf>,
    /// Where what is known of prices and of past burn is kept.
    pub(super) records: Option<PathBuf>,
    pub(super) costs: Option<CostCache>,
}

/// The time as the console shall see it: AWS's own, or the demo's.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    base: Timestamp,
    since: Instant,
}

impl Clock {
    /// A clock that shows `now` at this moment and goes on from there. It follows tokio's time, so that a test
    /// can let it pass at will.
    pub fn starting_at(now: Timestamp) -> Self {
        Self { base: now, since: Instant::now() }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        let passed = self.since.elapsed();
        let span = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
        self.base.checked_add(span.milliseconds()).unwrap_or(self.base)
    }
}

impl Tasks {
    /// No work yet; and the end at which its news arrive. In the demo nothing is real, and so nothing is
    /// locked. What is remembered for the next start goes to `state_dir`; journals and the audit trail go to
    /// `records`.
    pub fn new(
        gateway: Gateway,
        clock: Clock,
        demo: bool,
        state_dir: Option<PathBuf>,
        records: Option<PathBuf>,
    ) -> (Self, mpsc::Receiver<Message>) {
        let (messages, news) = mpsc::channel(QUEUED);
        let tasks = Self {
            costs: records.as_deref().map(CostCache::new),
            executor: Arc::new(Executor::new(gateway.clone(), records.clone())),
            gateway,
            clock,
            messages,
            epoch: 0,
            loads: Vec::new(),
            plans: HashSet::new(),
            demo,
            running: TaskTracker::new(),
            state_dir,
            records,
        };
        (tasks, news)
    }

    /// The clock the console's time is read from.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// How many tasks are under way.
    pub fn outstanding(&self) -> usize {
        self.running.len()
    }

    /// Starts what an effect asks for; gives back what only the shell can do.
    pub fn perform(&mut self, effect: Effect) -> Option<Ask> {
        match effect {
            Effect::Load(query) => self.load(query),
            Effect::Buy { query, anew } => self.buy(query, anew),
            Effect::CarryOut(plan, reason) => self.carry_out(*plan, reason),
            Effect::Cancel(id) => self.executor.stop(&id),
            Effect::Pause(id) => self.pause(id),
            Effect::GoOn(id) => self.go_on(id),
            Effect::Unlock { account, minutes } => {
                let lasts = Duration::from_secs(u64::from(minutes) * 60);
                let until = self.clock.now().checked_add(i64::from(minutes).minutes());
                let message = match (self.gateway.unlock(&account, Instant::now() + lasts), until) {
                    (Ok(()), Ok(until)) => Message::WriteLock(Some((account, until))),
                    (Err(problem), _) => Message::Failed(problem.to_string()),
                    (_, Err(error)) => Message::Failed(error.to_string()),
                };
                self.tell(message);
            }
            Effect::Lock => {
                self.gateway.lock();
                self.tell(Message::WriteLock(None));
            }
            Effect::Connect { profiles, epoch, .. } => {
                self.epoch = epoch;
                self.gateway.choose(profiles);
                self.loads.drain(..).for_each(|load| load.abort());
            }
            Effect::ReadHistory => self.read_history(),
            Effect::ReadBurn => self.read_burn(),
            Effect::RecallCosts => self.recall_costs(),
            Effect::KeepBurn(samples) => self.keep_burn(samples),
            Effect::ReadAudit(search) => self.read_audit(search),
            Effect::Write { path, what, text } => self.write(path, what, text),
            Effect::OpenSecret(link) => self.open_secret(link),
            Effect::CopySecret(link) => return Some(Ask::Copy(link.reveal().to_owned())),
            Effect::Open(url) => self.open(url),
            Effect::Export { path, format, sheet } => self.export(path, format, sheet),
            Effect::ReadFile { path, form } => self.read_file(path, form),
            Effect::KeepTheme(theme) => self.keep_theme(theme),
            Effect::Copy(text) => return Some(Ask::Copy(text)),
            Effect::CopyReport(operation) => return Some(Ask::Copy(records::report(&operation))),
            Effect::WriteReport { path, operation } => {
                self.write(path, "the report", records::report(&operation).into());
            }
            Effect::Quit => return Some(Ask::Quit),
        }
        None
    }

    /// Lets no further change be sent, and waits a little for those whose answer is still to come.
    pub async fn leave(&mut self) {
        self.loads.drain(..).for_each(|load| load.abort());
        if self.plans.is_empty() {
            return;
        }
        self.plans.iter().for_each(|plan| self.executor.leave(plan));
        self.running.close();
        // Leaving must not take long; what is not answered by then is found out at the next look.
        if tokio::time::timeout(PATIENCE, self.running.wait()).await.is_err() {
            tracing::warn!("left while steps of a plan were still being verified");
        }
    }

    /// Sends a message from a task of its own, so that the console never waits for itself.
    pub(super) fn tell(&self, message: Message) {
        let messages = self.messages.clone();
        self.running.spawn(async move { send(&messages, message).await });
    }

    fn load(&mut self, query: Query) {
        let (gateway, messages, epoch) = (self.gateway.clone(), self.messages.clone(), self.epoch);
        let prices = PriceFolder::of(&self.gateway, self.records.as_deref());
        let now = self.clock.now();
        let task = self.running.spawn(async move {
            if let (Query::Prices(_, region), Some(prices)) = (&query, &prices)
                && let Some(list) = prices.kept(region).await
            {
                let is_fresh = list.is_fresh(now);
                let result = Ok(Answer::Prices(list));
                send(&messages, Message::Loaded { epoch, query: query.clone(), result }).await;
                if is_fresh {
                    return;
                }
            }
            let (pages, mut results) = mpsc::channel(PAGES);
            let forward = async {
                while let Some(mut result) = results.recv().await {
                    if let Ok(Answer::Prices(list)) = &mut result {
                        // Of the console's time, by which their age will be told.
                        list.origin = PriceOrigin::Api(now);
                        if let Some(prices) = &prices {
                            prices.keep(list.clone()).await;
                        }
                    }
                    let message = Message::Loaded { epoch, query: query.clone(), result };
                    send(&messages, message).await;
                }
            };
            tokio::join!(gateway.load(&query, pages), forward);
        });
        self.loads.retain(|load| !load.is_finished());
        self.loads.push(task.abort_handle());
    }

    /// Asks what costs, or finds it on disk; what it took is told first.
    fn buy(&mut self, query: Query, anew: bool) {
        let (gateway, messages, epoch) = (self.gateway.clone(), self.messages.clone(), self.epoch);
        let (cache, now) = (self.costs.clone(), self.clock.now());
        let task = self.running.spawn(async move {
            let paid = ask_paid(&gateway, cache.as_ref(), &query, anew, now).await;
            send(&messages, Message::Paid { requests: paid.requests, today: paid.today }).await;
            send(&messages, Message::Loaded { epoch, query, result: paid.result }).await;
            if let Some(trouble) = paid.trouble {
                send(&messages, Message::Failed(trouble)).await;
            }
        });
        self.loads.retain(|load| !load.is_finished());
        self.loads.push(task.abort_handle());
    }

    fn write(&self, path: String, what: &'static str, text: Arc<str>) {
        let messages = self.messages.clone();
        self.running.spawn(async move {
            let message = match write_new(Path::new(&path), text).await {
                Ok(()) => Message::Done(format!("{what} was written to {path}")),
                Err(error) => Message::Failed(format!("{path} was not written: {error}")),
            };
            send(&messages, message).await;
        });
    }

    /// Opens a sign-in link so that neither the arguments of a process nor a file show it.
    fn open_secret(&self, link: Secret) {
        let messages = self.messages.clone();
        self.running.spawn(async move {
            let message = match hand_over(link).await {
                Ok(true) => Message::Done("the browser has the link".to_owned()),
                Ok(false) => Message::Failed("the browser did not fetch the link within a minute".to_owned()),
                Err(error) => Message::Failed(format!("no browser could be opened: {error}")),
            };
            send(&messages, message).await;
        });
    }

    fn open(&self, url: String) {
        let messages = self.messages.clone();
        self.running.spawn(async move {
            let opened = tokio::task::spawn_blocking({
                let url = url.clone();
                move || open::that_detached(url)
            });
            let message = match opened.await {
                Ok(Ok(())) => Message::Done("opened in the browser".to_owned()),
                Ok(Err(error)) => Message::Failed(format!("no browser could be opened ({error}): {url}")),
                Err(error) => Message::Failed(error.to_string()),
            };
            send(&messages, message).await;
        });
    }

    fn export(&self, path: String, format: SheetFormat, sheet: crate::fleet::Sheet) {
        let messages = self.messages.clone();
        self.running.spawn(async move {
            let rows = sheet.rows.len();
            let message = match report::render(&sheet, format) {
                Ok(text) => match write_new(Path::new(&path), text.into()).await {
                    Ok(()) => Message::Done(format!("{rows} rows written to {path}")),
                    Err(error) => Message::Failed(format!("{path} was not written: {error}")),
                },
                Err(error) => Message::Failed(format!("{path} was not written: {error}")),
            };
            send(&messages, message).await;
        });
    }

    /// Reads a file for a form, off the loop of the screen; one that is too large is not read at all.
    fn read_file(&self, path: String, form: u64) {
        let messages = self.messages.clone();
        self.running.spawn(async move {
            let result =
                read_all(Path::new(&path)).await.map_err(|why| format!("{path} was not read: {why}"));
            send(&messages, Message::FileRead { form, path, result: result.map(Into::into) }).await;
        });
    }

    /// The theme chosen last is where the next start begins, unless the configuration says otherwise.
    fn keep_theme(&self, theme: String) {
        let Some(dir) = self.state_dir.clone() else { return };
        let messages = self.messages.clone();
        self.running.spawn(async move {
            let kept = tokio::task::spawn_blocking(move || crate::store::keep_theme(&dir, &theme));
            if let Ok(Err(error)) = kept.await {
                send(&messages, Message::Failed(format!("the theme is not remembered: {error}"))).await;
            }
        });
    }
}

/// Gives the browser an address of this machine that leads to a secret link, once; whether it took it.
async fn hand_over(link: Secret) -> std::io::Result<bool> {
    let one_time = OneTime::new(link).await?;
    let address = one_time.address()?;
    let opened = tokio::task::spawn_blocking(move || open::that_detached(address)).await;
    opened.map_err(std::io::Error::other)??;
    Ok(one_time.serve().await)
}

/// Passes a message on; when nobody listens any more the program is on its way out.
pub(super) async fn send(messages: &mpsc::Sender<Message>, message: Message) {
    if messages.send(message).await.is_err() {
        tracing::debug!("a message came after the console had left");
    }
}
