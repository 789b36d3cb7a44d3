//! Group commit: whatever is handed in while the disk is busy goes to it together, next. Knows nothing of what
//! is written, or where.

use std::fmt;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// What fails when a file is appended to, and when what was appended is flushed.
pub(super) const WRITTEN: &str = "written";
pub(super) const FLUSHED: &str = "flushed";

/// Why nothing can be written any more. After it, whatever depends on the file must not go on.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{} could not be {doing}: {error}", path.display())]
pub struct WriteFailed {
    /// The file.
    pub path: Arc<Path>,
    /// What failed, as a participle: "written", "flushed".
    pub doing: &'static str,
    /// What the operating system said.
    pub error: Arc<io::Error>,
}

impl WriteFailed {
    /// What went wrong with a file, ready for `map_err`.
    pub(super) fn when(path: &Arc<Path>, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = Arc::clone(path);
        move |error| Self { path, doing, error: Arc::new(error) }
    }

    /// Whether nobody knows what the disk holds now: a write or flush of an open file failed, and not for want of
    /// room.
    pub(super) fn is_in_doubt(&self) -> bool {
        matches!(self.doing, WRITTEN | FLUSHED) && !self.is_disk_full()
    }

    /// Whether the disk is full, which the person can mend.
    pub fn is_disk_full(&self) -> bool {
        matches!(self.error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }
}

/// Something handed in to be written; resolves once it is on disk.
///
/// It is on its way whether awaited or not: dropping this takes nothing back.
#[must_use = "nothing may depend on a record before it is on disk: await it, or drop it knowingly"]
#[derive(Debug)]
pub struct Written(Fate);

#[derive(Debug)]
enum Fate {
    Failed(WriteFailed),
    Open(oneshot::Receiver<Result<(), WriteFailed>>, Arc<Path>),
}

impl Future for Written {
    type Output = Result<(), WriteFailed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Fate::Failed(failure) => Poll::Ready(Err(failure.clone())),
            Fate::Open(receiver, path) => {
                Pin::new(receiver).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(abandoned(path))))
            }
        }
    }
}

/// Writes a batch and flushes it.
type Sink<T> = Box<dyn FnMut(Vec<T>) -> Result<(), WriteFailed> + Send>;

/// Things on their way to one file. The first failure is the last word: nothing is written after it, and
/// nothing is tried again, because after a failed flush nobody knows what the disk holds.
pub(super) struct Commits<T> {
    shared: Arc<Shared<T>>,
    runtime: Handle,
    path: Arc<Path>,
}

struct Shared<T> {
    queue: Mutex<Queue<T>>,
    /// Held by the one who writes.
    sink: Mutex<Sink<T>>,
}

struct Queue<T> {
    waiting: Vec<(T, oneshot::Sender<Result<(), WriteFailed>>)>,
    has_writer: bool,
    failure: Option<WriteFailed>,
}

impl<T: Send + 'static> Commits<T> {
    /// Commits to a file through a sink. To be called within a tokio runtime, on whose threads for blocking
    /// work the sink then runs.
    pub(super) fn new(
        path: Arc<Path>,
        sink: impl FnMut(Vec<T>) -> Result<(), WriteFailed> + Send + 'static,
    ) -> Self {
        let queue = Queue { waiting: Vec::new(), has_writer: false, failure: None };
        let shared = Shared { queue: Mutex::new(queue), sink: Mutex::new(Box::new(sink)) };
        Self { shared: Arc::new(shared), runtime: Handle::current(), path }
    }

    /// Hands something in. It is written in the order of these calls.
    pub(super) fn submit(&self, item: T) -> Written {
        let (sender, receiver) = oneshot::channel();
        let mut queue = self.shared.queue();
        if let Some(failure) = &queue.failure {
            return Written(Fate::Failed(failure.clone()));
        }
        queue.waiting.push((item, sender));
        let needs_writer = !std::mem::replace(&mut queue.has_writer, true);
        drop(queue);
        if needs_writer {
            // Blocking tasks come and go with the work instead of one thread per file that mostly sleeps; and
            // tokio's paused time, in which tests run, stands still while one is on its way.
            let (shared, path) = (Arc::clone(&self.shared), Arc::clone(&self.path));
            let writer = Writer { shared, path, is_done: false };
            drop(self.runtime.spawn_blocking(move || writer.write_all()));
        }
        Written(Fate::Open(receiver, Arc::clone(&self.path)))
    }

    /// Why nothing can be written any more, if so.
    pub(super) fn failure(&self) -> Option<WriteFailed> {
        self.shared.queue().failure.clone()
    }
}

impl<T> fmt::Debug for Commits<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commits").field("path", &self.path).finish_non_exhaustive()
    }
}

impl<T> Shared<T> {
    fn queue(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one who writes until nothing waits.
struct Writer<T> {
    shared: Arc<Shared<T>>,
    path: Arc<Path>,
    /// Whether it ended because nothing waited. Then another may have begun already.
    is_done: bool,
}

impl<T> Writer<T> {
    fn write_all(mut self) {
        let mut sink = self.shared.sink.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let (items, senders): (Vec<T>, Vec<_>) = {
                let mut queue = self.shared.queue();
                if queue.waiting.is_empty() {
                    queue.has_writer = false;
                    self.is_done = true;
                    return;
                }
                std::mem::take(&mut queue.waiting).into_iter().unzip()
            };
            let outcome = sink(items);
            if let Err(failure) = &outcome {
                tracing::error!(%failure, "nothing more is written to this file");
                self.shared.queue().failure.get_or_insert_with(|| failure.clone());
            }
            for sender in senders {
                // Who dropped the receiver does not wait for the answer.
                let _ = sender.send(outcome.clone());
            }
            if outcome.is_err() {
                return;
            }
        }
    }
}

impl<T> Drop for Writer<T> {
    /// However the writer ends, nobody is left waiting: not after a failure, not when it never ran because
    /// the program is ending, not when it panicked.
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        let mut queue = self.shared.queue();
        let failure = queue.failure.get_or_insert_with(|| abandoned(&self.path)).clone();
        for (_, sender) in queue.waiting.drain(..) {
            let _ = sender.send(Err(failure.clone()));
        }
    }
}

fn abandoned(path: &Arc<Path>) -> WriteFailed {
    WriteFailed::when(path, "written")(io::Error::other("the writer has ended"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> Arc<Path> {
        Arc::from(Path::new("somewhere"))
    }

    #[tokio::test]
    async fn what_waits_while_the_disk_is_busy_is_written_together_and_in_order() {
        let batches = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&batches);
        let commits = Commits::new(path(), move |items: Vec<u32>| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            seen.lock().unwrap().push(items);
            Ok(())
        });
        let written: Vec<Written> = (0..100).map(|item| commits.submit(item)).collect();
        for one in written {
            one.await.unwrap();
        }
        let batches = batches.lock().unwrap();
        assert_eq!(batches.concat(), (0..100).collect::<Vec<_>>());
        assert!(batches.len() <= 10, "{} batches", batches.len());
    }

    #[tokio::test]
    async fn after_a_failure_nothing_is_written_again() {
        let calls = Arc::new(Mutex::new(0));
        let seen = Arc::clone(&calls);
        let file = path();
        let commits = Commits::new(path(), move |_: Vec<u32>| {
            *seen.lock().unwrap() += 1;
            Err(WriteFailed::when(&file, "flushed")(io::Error::other("input/output error")))
        });
        let error = commits.submit(1).await.unwrap_err();
        assert_eq!(error.to_string(), "somewhere could not be flushed: input/output error");
        assert_eq!(commits.submit(2).await.unwrap_err().to_string(), error.to_string());
        assert_eq!(*calls.lock().unwrap(), 1);
        assert!(commits.failure().is_some());
    }

    #[tokio::test]
    async fn a_writer_that_panics_leaves_nobody_waiting() {
        let commits = Commits::new(path(), |_: Vec<u32>| panic!("a defect"));
        assert!(commits.submit(1).await.is_err());
        assert!(commits.submit(2).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn paused_time_stands_still_while_something_is_written() {
        let commits = Commits::new(path(), |_: Vec<u32>| {
            std::thread::sleep(std::time::Duration::from_millis(30));
            Ok(())
        });
        let before = tokio::time::Instant::now();
        tokio::select! {
            written = commits.submit(1) => written.unwrap(),
            () = tokio::time::sleep(std::time::Duration::from_secs(1)) => panic!("time went on"),
        }
        assert_eq!(before.elapsed(), std::time::Duration::ZERO);
    }
}
