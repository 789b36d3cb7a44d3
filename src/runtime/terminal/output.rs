//! The one place that writes to the terminal: a thread of its own, so that a slow or frozen
//! terminal holds up neither the console nor its exit. Knows bytes, no widgets.

use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;

/// Tells the terminal to hold its picture until [`END_FRAME`]; terminals that do not know it ignore it.
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
/// Shows what came since [`BEGIN_FRAME`] at once.
const END_FRAME: &[u8] = b"\x1b[?2026l";

/// Pause before writing again to a terminal that another process made non-blocking and that is full.
const FULL_PAUSE: Duration = Duration::from_millis(5);

/// The writing end of the terminal.
pub(super) struct Output {
    jobs: mpsc::Sender<Job>,
    state: Arc<watch::Sender<State>>,
}

enum Job {
    /// A picture: its failure is kept for the next frame.
    Frame(Vec<u8>),
    /// A change of modes that nobody waits for: its failure, too, is kept for the next frame.
    Queued(Vec<u8>),
    /// A change of modes: whoever asked waits for it.
    Control(Vec<u8>, SyncSender<io::Result<()>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Busy,
    Failed(io::ErrorKind),
}

impl Output {
    /// Starts the writing thread over `sink`.
    ///
    /// # Errors
    ///
    /// When the system refuses another thread.
    pub(super) fn start(sink: impl Write + Send + 'static) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let state = Arc::new(watch::Sender::new(State::Idle));
        let reported = Arc::clone(&state);
        thread::Builder::new()
            .name("terminal-output".to_owned())
            .spawn(move || write_jobs(sink, &queue, &reported))?;
        Ok(Self { jobs, state })
    }

    /// Whether the last frame has left, so that the next one may be drawn.
    ///
    /// # Errors
    ///
    /// The failure of the last frame: the terminal takes nothing any more.
    pub(super) fn is_idle(&self) -> io::Result<bool> {
        match *self.state.borrow() {
            State::Idle => Ok(true),
            State::Busy => Ok(false),
            State::Failed(kind) => Err(io::Error::new(kind, "the terminal does not take output any more")),
        }
    }

    /// Waits until [`is_idle`](Self::is_idle) answers `true` or an error. Safe to cancel.
    pub(super) async fn idle(&self) {
        let mut state = self.state.subscribe();
        while *state.borrow_and_update() == State::Busy {
            if state.changed().await.is_err() {
                return;
            }
        }
    }

    /// Sends one frame, as one synchronized update in one write. An empty frame sends nothing.
    pub(super) fn present(&self, frame: &[u8]) {
        if frame.is_empty() {
            return;
        }
        let mut bytes = Vec::with_capacity(BEGIN_FRAME.len() + frame.len() + END_FRAME.len());
        bytes.extend_from_slice(BEGIN_FRAME);
        bytes.extend_from_slice(frame);
        bytes.extend_from_slice(END_FRAME);
        self.state.send_replace(State::Busy);
        if self.jobs.send(Job::Frame(bytes)).is_err() {
            self.state.send_replace(State::Failed(io::ErrorKind::BrokenPipe));
        }
    }

    /// Sends a change of modes ahead of the next frame, and does not wait for it.
    pub(super) fn queue(&self, bytes: &[u8]) {
        if self.jobs.send(Job::Queued(bytes.to_vec())).is_err() {
            self.state.send_replace(State::Failed(io::ErrorKind::BrokenPipe));
        }
    }

    /// Sends a change of modes behind whatever is being written, and waits for it no longer than `patience`.
    ///
    /// # Errors
    ///
    /// The failure of the write; `TimedOut` when the terminal does not take it in time.
    pub(super) fn control(&self, bytes: &[u8], patience: Duration) -> io::Result<()> {
        let (done, written) = mpsc::sync_channel(1);
        if self.jobs.send(Job::Control(bytes.to_vec(), done)).is_err() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        match written.recv_timeout(patience) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::TimedOut.into()),
            Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

fn write_jobs(mut sink: impl Write, queue: &mpsc::Receiver<Job>, state: &watch::Sender<State>) {
    while let Ok(job) = queue.recv() {
        match job {
            Job::Frame(bytes) => {
                let state_now = match write_fully(&mut sink, &bytes) {
                    Ok(()) => State::Idle,
                    Err(error) => State::Failed(error.kind()),
                };
                state.send_replace(state_now);
            }
            Job::Queued(bytes) => {
                if let Err(error) = write_fully(&mut sink, &bytes) {
                    state.send_replace(State::Failed(error.kind()));
                }
            }
            Job::Control(bytes, done) => {
                let result = write_fully(&mut sink, &bytes);
                // Frames sent before this one are written, and a terminal that takes it can be drawn on.
                if result.is_ok() {
                    state.send_replace(State::Idle);
                }
                // Whoever asked may have stopped waiting.
                let _gone = done.try_send(result);
            }
        }
    }
}

/// Like `write_all` and `flush`, but also patient with a terminal that somebody made non-blocking.
fn write_fully(sink: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match sink.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) => wait_out(error)?,
        }
    }
    loop {
        match sink.flush() {
            Ok(()) => return Ok(()),
            Err(error) => wait_out(error)?,
        }
    }
}

fn wait_out(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::Interrupted => Ok(()),
        io::ErrorKind::WouldBlock => {
            thread::sleep(FULL_PAUSE);
            Ok(())
        }
        _ => Err(error),
    }
}

/// Collects one frame. Flushing does nothing: a frame leaves whole, through [`Output::present`], or not at all,
/// so a panic in the middle of drawing cannot spill half a frame onto the restored screen.
#[derive(Clone, Default)]
pub(super) struct FrameBuffer(Arc<Mutex<Vec<u8>>>);

impl FrameBuffer {
    /// Takes what was collected and starts over.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for FrameBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a byte per permission, so a test decides how slow the terminal is.
    struct Slow {
        taken: Arc<Mutex<Vec<u8>>>,
        permits: mpsc::Receiver<()>,
        hiccups: Vec<io::ErrorKind>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(kind) = self.hiccups.pop() {
                return Err(kind.into());
            }
            self.permits.recv().map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
            self.taken.lock().unwrap().push(bytes[0]);
            Ok(1)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow(hiccups: Vec<io::ErrorKind>) -> (Output, mpsc::Sender<()>, Arc<Mutex<Vec<u8>>>) {
        let (permit, permits) = mpsc::channel();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let sink = Slow { taken: Arc::clone(&taken), permits, hiccups };
        (Output::start(sink).unwrap(), permit, taken)
    }

    #[tokio::test]
    async fn a_frame_leaves_as_one_synchronized_update() {
        let (output, permit, taken) = slow(vec![]);
        output.present(b"picture");
        assert!(!output.is_idle().unwrap());
        for _ in 0..BEGIN_FRAME.len() + b"picture".len() + END_FRAME.len() {
            permit.send(()).unwrap();
        }
        output.idle().await;
        assert!(output.is_idle().unwrap());
        assert_eq!(*taken.lock().unwrap(), b"\x1b[?2026hpicture\x1b[?2026l");
    }

    #[tokio::test]
    async fn modes_that_nobody_waits_for_come_ahead_of_the_next_frame() {
        let (output, permit, taken) = slow(vec![]);
        output.queue(b"modes");
        assert!(output.is_idle().unwrap());
        output.present(b"picture");
        for _ in 0..100 {
            permit.send(()).unwrap();
        }
        output.idle().await;
        assert!(taken.lock().unwrap().starts_with(b"modes\x1b[?2026h"));
    }

    #[test]
    fn an_empty_frame_sends_nothing() {
        let (output, _permit, _taken) = slow(vec![]);
        output.present(b"");
        assert!(output.is_idle().unwrap());
    }

    #[test]
    fn f76_a_frozen_terminal_holds_up_neither_the_console_nor_its_exit() {
        let (output, _permit, _taken) = slow(vec![]);
        output.present(b"stuck");
        assert!(!output.is_idle().unwrap());
        let error = output.control(b"leave", Duration::from_millis(20)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn f75_a_terminal_that_is_gone_is_reported_at_the_next_frame() {
        let (output, permit, _taken) = slow(vec![]);
        drop(permit);
        output.present(b"lost");
        output.idle().await;
        assert_eq!(output.is_idle().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_full_or_interrupted_terminal_is_written_to_again() {
        let (output, permit, taken) = slow(vec![io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted]);
        permit.send(()).unwrap();
        permit.send(()).unwrap();
        output.control(b"ok", Duration::from_secs(5)).unwrap();
        assert_eq!(*taken.lock().unwrap(), b"ok");
    }

    #[test]
    fn a_frame_buffer_gives_a_frame_only_once() {
        let buffer = FrameBuffer::default();
        let mut writer = buffer.clone();
        writer.write_all(b"cells").unwrap();
        writer.flush().unwrap();
        assert_eq!(buffer.take(), b"cells");
        assert!(buffer.take().is_empty());
    }
}
