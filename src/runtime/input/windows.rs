//! The reader of a Windows console: a thread around crossterm's own, which is sound there.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc as std_mpsc};
use std::thread;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::Arrival;

/// How long the console is waited for before orders are looked at.
const GLANCE: Duration = Duration::from_millis(100);

/// Handle on the reading thread, which ends when this is dropped.
pub(super) struct Reader {
    orders: std_mpsc::Sender<Order>,
    dropped: Arc<AtomicBool>,
}

enum Order {
    Pause(oneshot::Sender<()>),
    Resume,
}

impl Reader {
    pub(super) fn start(batches: mpsc::Sender<Vec<Arrival>>) -> io::Result<Self> {
        let (orders, taken) = std_mpsc::channel();
        let dropped = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&dropped);
        thread::Builder::new().name("terminal-input".to_owned()).spawn(move || {
            if let Err(error) = read(&taken, &batches, &ended) {
                tracing::info!(%error, "the console is gone");
            }
        })?;
        Ok(Self { orders, dropped })
    }

    pub(super) fn pause(&self) -> oneshot::Receiver<()> {
        let (done, acknowledged) = oneshot::channel();
        // A thread that has ended needs no orders.
        let _ended = self.orders.send(Order::Pause(done));
        acknowledged
    }

    pub(super) fn resume(&self) {
        let _ended = self.orders.send(Order::Resume);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::Relaxed);
    }
}

fn read(
    orders: &std_mpsc::Receiver<Order>,
    batches: &mpsc::Sender<Vec<Arrival>>,
    dropped: &AtomicBool,
) -> io::Result<()> {
    let mut paused = false;
    while !dropped.load(Ordering::Relaxed) {
        let order = if paused { orders.recv_timeout(GLANCE).ok() } else { orders.try_recv().ok() };
        match order {
            Some(Order::Pause(done)) => {
                paused = true;
                // Whoever asked may have stopped waiting.
                let _gone = done.send(());
            }
            Some(Order::Resume) => paused = false,
            None => {}
        }
        if paused || !crossterm::event::poll(GLANCE)? {
            continue;
        }
        let mut batch = vec![Arrival::now(crossterm::event::read()?)];
        while crossterm::event::poll(Duration::ZERO)? {
            batch.push(Arrival::now(crossterm::event::read()?));
        }
        if batches.blocking_send(batch).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Changes of size come among the other events here.
pub(super) struct Resizes;

impl Resizes {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) {
        std::future::pending().await
    }
}
