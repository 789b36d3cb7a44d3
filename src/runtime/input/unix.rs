//! The reader of a Unix terminal: a thread that sleeps in `poll`, reads what is there, and ends when the
//! terminal does. It notices a hang-up by itself, so it does not matter whether SIGHUP is ignored.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc as std_mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::Event;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};

use super::Arrival;
use super::decode::Decoder;

/// How many bytes are taken from the terminal at once; its own queue holds 4 KiB on Linux.
const CHUNK: usize = 16 * 1024;

/// Pause when the terminal claims to have input but gives none, so that this cannot become a spin.
const NOTHING_PAUSE: Duration = Duration::from_millis(20);

/// The terminal to read: standard input if it is one, else the one that controls the process.
pub(in crate::runtime) fn tty() -> io::Result<File> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        Ok(File::from(stdin.as_fd().try_clone_to_owned()?))
    } else {
        File::options().read(true).write(true).open("/dev/tty")
    }
}

/// Handle on the reading thread, which ends when this is dropped.
pub(super) struct Reader {
    orders: std_mpsc::Sender<Order>,
    /// Gets the thread out of `poll`.
    bell: UnixStream,
}

enum Order {
    Pause(oneshot::Sender<()>),
    Resume,
}

impl Reader {
    pub(super) fn start(batches: mpsc::Sender<Vec<Arrival>>) -> io::Result<Self> {
        Self::over(tty()?, batches)
    }

    fn over(tty: File, batches: mpsc::Sender<Vec<Arrival>>) -> io::Result<Self> {
        let (bell, heard) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        heard.set_nonblocking(true)?;
        let (orders, taken) = std_mpsc::channel();
        thread::Builder::new().name("terminal-input".to_owned()).spawn(move || {
            let ended = Loop { tty, heard, orders: taken, batches, decoder: Decoder::default() }.run();
            if let Err(error) = ended {
                tracing::info!(%error, "the terminal is gone");
            }
        })?;
        Ok(Self { orders, bell })
    }

    /// Orders a pause; the answer completes when the thread has stopped reading, or is gone.
    pub(super) fn pause(&self) -> oneshot::Receiver<()> {
        let (done, acknowledged) = oneshot::channel();
        self.order(Order::Pause(done));
        acknowledged
    }

    pub(super) fn resume(&self) {
        self.order(Order::Resume);
    }

    fn order(&self, order: Order) {
        // A thread that has ended needs no orders, and a bell that is full has been rung.
        if self.orders.send(order).is_ok() {
            let _rung = (&self.bell).write(&[1]);
        }
    }
}

struct Loop {
    tty: File,
    heard: UnixStream,
    orders: std_mpsc::Receiver<Order>,
    batches: mpsc::Sender<Vec<Arrival>>,
    decoder: Decoder,
}

/// What woke the thread.
struct Woken {
    input: bool,
    orders: bool,
}

impl Loop {
    /// Reads until nobody listens any more (`Ok`) or the terminal is gone (the error that told so).
    fn run(mut self) -> io::Result<()> {
        let mut chunk = vec![0; CHUNK];
        loop {
            let Some(woken) = wait(self.tty.as_fd(), self.heard.as_fd(), self.decoder.patience())? else {
                let mut events = Vec::new();
                self.decoder.give_up(&mut events);
                if !self.hand_over(events) {
                    return Ok(());
                }
                continue;
            };
            if woken.orders && !self.obey(&mut chunk) {
                return Ok(());
            }
            if woken.input && !self.read(&mut chunk)? {
                return Ok(());
            }
        }
    }

    /// Reads what is there; answers whether anybody listens.
    fn read(&mut self, chunk: &mut [u8]) -> io::Result<bool> {
        let count = match self.tty.read(chunk) {
            Ok(0) => {
                // End of file: a terminal that was hung up. One that still is a terminal may have been told
                // to end a line by somebody who switched raw mode off.
                if !self.tty.is_terminal() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                thread::sleep(NOTHING_PAUSE);
                return Ok(true);
            }
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                thread::sleep(NOTHING_PAUSE);
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        let mut events = Vec::new();
        self.decoder.feed(&chunk[..count], &mut events);
        Ok(self.hand_over(events))
    }

    fn hand_over(&self, events: Vec<Event>) -> bool {
        if events.is_empty() {
            return !self.batches.is_closed();
        }
        let at = Instant::now();
        let batch = events.into_iter().map(|event| Arrival { event, at }).collect();
        self.batches.blocking_send(batch).is_ok()
    }

    /// Carries out orders, sleeping through a pause; answers whether there is anybody to give more.
    fn obey(&mut self, chunk: &mut [u8]) -> bool {
        // Whatever was rung is heard now; an error only means that nothing is left to hear.
        while matches!(self.heard.read(chunk), Ok(1..)) {}
        let mut paused = false;
        loop {
            let order = if paused {
                self.orders.recv().map_err(|_| std_mpsc::TryRecvError::Disconnected)
            } else {
                self.orders.try_recv()
            };
            match order {
                Ok(Order::Pause(done)) => {
                    paused = true;
                    self.decoder = Decoder::default();
                    // Whoever asked may have stopped waiting.
                    let _gone = done.send(());
                }
                Ok(Order::Resume) => paused = false,
                Err(std_mpsc::TryRecvError::Empty) => return true,
                Err(std_mpsc::TryRecvError::Disconnected) => return false,
            }
        }
    }
}

/// Sleeps until there is input or an order; `None` when `patience` ran out first.
fn wait(tty: BorrowedFd<'_>, bell: BorrowedFd<'_>, patience: Option<Duration>) -> io::Result<Option<Woken>> {
    let timeout = patience
        .map_or(PollTimeout::NONE, |patience| PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX));
    let mut watched = [PollFd::new(tty, PollFlags::POLLIN), PollFd::new(bell, PollFlags::POLLIN)];
    match poll(&mut watched, timeout) {
        Ok(0) => return Ok(None),
        Ok(_) => {}
        // A signal: look again.
        Err(Errno::EINTR) => return Ok(Some(Woken { input: false, orders: false })),
        Err(error) => return Err(error.into()),
    }
    let [tty, bell] = watched.map(|watched| watched.revents().unwrap_or(PollFlags::empty()));
    if tty.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL) {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal was hung up"));
    }
    // The bell also hangs up, when its owner is dropped: there are no more orders then.
    Ok(Some(Woken { input: tty.contains(PollFlags::POLLIN), orders: !bell.is_empty() }))
}

/// Changes of the terminal's size.
pub(super) struct Resizes(Signal);

impl Resizes {
    pub(super) fn listen() -> io::Result<Self> {
        signal(SignalKind::window_change()).map(Self)
    }

    pub(super) async fn next(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent};
    use nix::pty::{OpenptyResult, openpty};
    use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

    use super::*;

    fn raw_pty() -> (File, File) {
        let OpenptyResult { master, slave } = openpty(None, None).unwrap();
        let mut modes = tcgetattr(&slave).unwrap();
        cfmakeraw(&mut modes);
        tcsetattr(&slave, SetArg::TCSANOW, &modes).unwrap();
        (File::from(master), File::from(slave))
    }

    fn keys(batch: &[Arrival]) -> Vec<KeyCode> {
        batch
            .iter()
            .map(|arrival| match &arrival.event {
                Event::Key(KeyEvent { code, .. }) => *code,
                other => panic!("not a key: {other:?}"),
            })
            .collect()
    }

    async fn next(batches: &mut mpsc::Receiver<Vec<Arrival>>) -> Option<Vec<Arrival>> {
        tokio::time::timeout(Duration::from_secs(5), batches.recv()).await.expect("nothing within 5 s")
    }

    #[tokio::test]
    async fn keys_arrive_and_a_lone_escape_does_not_wait_for_ever() {
        let (mut master, slave) = raw_pty();
        let (sender, mut batches) = mpsc::channel(8);
        let _reader = Reader::over(slave, sender).unwrap();
        master.write_all(b"jk").unwrap();
        assert_eq!(keys(&next(&mut batches).await.unwrap()), [KeyCode::Char('j'), KeyCode::Char('k')]);
        master.write_all(b"\x1b").unwrap();
        assert_eq!(keys(&next(&mut batches).await.unwrap()), [KeyCode::Esc]);
    }

    #[tokio::test]
    async fn f72_a_vanished_terminal_ends_the_reader_even_in_the_middle_of_a_sequence() {
        for sent in [&b""[..], b"\x1b[1;", b"\x1b[200~half a paste"] {
            let (mut master, slave) = raw_pty();
            let (sender, mut batches) = mpsc::channel(8);
            let _reader = Reader::over(slave, sender).unwrap();
            master.write_all(sent).unwrap();
            // Whether the bytes were read or not when the terminal goes, the end is the same.
            drop(master);
            assert_eq!(next(&mut batches).await, None);
        }
    }

    #[tokio::test]
    async fn a_paused_reader_leaves_the_keys_to_others() {
        let (mut master, slave) = raw_pty();
        let mut other_program = slave.try_clone().unwrap();
        let (sender, mut batches) = mpsc::channel(8);
        let reader = Reader::over(slave, sender).unwrap();
        reader.pause().await.unwrap();
        master.write_all(b"x").unwrap();
        let mut taken = [0; 1];
        other_program.read_exact(&mut taken).unwrap();
        assert_eq!(taken, *b"x");
        reader.resume();
        master.write_all(b"y").unwrap();
        assert_eq!(keys(&next(&mut batches).await.unwrap()), [KeyCode::Char('y')]);
    }

    #[tokio::test]
    async fn dropping_the_handle_ends_the_thread() {
        let (_master, slave) = raw_pty();
        let (sender, mut batches) = mpsc::channel(8);
        drop(Reader::over(slave, sender).unwrap());
        assert_eq!(next(&mut batches).await, None);
    }
}
