//! The terminal as a guarded resource: its modes are set on entry and undone on every way out.
//! Draws what it is told to; knows nothing of the console.

mod output;
mod panics;

use std::io::{self, IsTerminal};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, TerminalOptions, Viewport};
use thiserror::Error;

use self::output::{FrameBuffer, Output};
pub use self::panics::{Panicked, Panics};

/// Alternate screen, bracketed paste and focus reports on, cursor hidden, screen cleared.
const ENTER: &str = "\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?25l\x1b[2J";
/// Everything off that [`ENTER`], [`MOUSE_ON`] or a frame cut short can have left on; colours and cursor back.
const LEAVE: &str = "\x1b[?2026l\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1004l\x1b[?2004l\
                     \x1b[0m\x1b[?25h\x1b[?1049l";
/// Clicks, drags and the wheel, in the encoding without a size limit. Bare motion (1003) is not asked for: it
/// would wake the program, and cross a slow line, with every move of the mouse.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// How long a change of modes may take before the terminal counts as frozen.
const PATIENCE: Duration = Duration::from_millis(500);

/// The largest picture drawn, in cells. A terminal may claim 65,535 by 65,535; the buffers for that would not
/// fit into memory. What lies beyond stays blank.
const MOST_COLUMNS: u16 = 1_000;
const MOST_ROWS: u16 = 400;

/// Whether the terminal is in the console's modes. Process-wide, because the terminal is.
static ENTERED: AtomicBool = AtomicBool::new(false);
/// The writing thread, started once and reachable from the panic hook.
static OUTPUT: OnceLock<Output> = OnceLock::new();

/// What the user may choose about the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Clicks and the wheel go to the console; the terminal's own selection then needs `shift`.
    pub mouse: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { mouse: true }
    }
}

/// Why the console has no terminal to draw on.
#[derive(Debug, Error)]
pub enum TerminalError {
    /// Standard output is a file or a pipe.
    #[error(
        "standard output is not a terminal, and the console needs one; \
         for scripts there are commands (see `sagedeck --help`), for example `sagedeck apps list -o json`"
    )]
    NotATerminal,
    /// The terminal refused a mode.
    #[error("the terminal could not be set up: {0}")]
    Setup(#[from] io::Error),
}

/// The terminal in the console's modes: raw, alternate screen, bracketed paste, focus reports, no cursor, and
/// the mouse if wanted. Dropping it restores the terminal, as do [`Panics`] and [`restore`].
pub struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<FrameBuffer>>,
    frame: FrameBuffer,
    output: &'static Output,
    options: Options,
    area: Rect,
}

impl Terminal {
    /// Puts the terminal into the console's modes.
    ///
    /// # Errors
    ///
    /// [`TerminalError::NotATerminal`] when there is none; the system's error when it refuses a mode, in which
    /// case what was set is undone.
    pub fn enter(options: Options) -> Result<Self, TerminalError> {
        if !io::stdout().is_terminal() {
            return Err(TerminalError::NotATerminal);
        }
        let output = output()?;
        let frame = FrameBuffer::default();
        set_modes(output, options)?;
        match canvas(&frame) {
            Ok((inner, area)) => Ok(Self { inner, frame, output, options, area }),
            Err(error) => {
                restore_or_log();
                Err(error.into())
            }
        }
    }

    /// Draws one frame, unless the terminal is still busy with the last one: then nothing is rendered and the
    /// answer is `None`; draw again after [`ready`](Self::ready). So a slow terminal loses frames, never keys.
    ///
    /// # Errors
    ///
    /// When the terminal takes no output any more, or does not tell its size.
    pub fn draw<R>(&mut self, render: impl FnOnce(&mut Frame<'_>) -> R) -> io::Result<Option<R>> {
        if !self.output.is_idle()? {
            return Ok(None);
        }
        let area = drawable_area()?;
        if area != self.area {
            self.inner.resize(area)?;
            self.area = area;
        }
        let mut rendered = None;
        self.inner.draw(|frame| rendered = Some(render(frame)))?;
        self.output.present(&self.frame.take());
        Ok(rendered)
    }

    /// Waits until the last frame has left (or failed), which is when the next may be drawn. Safe to cancel.
    pub async fn ready(&self) {
        self.output.idle().await;
    }

    /// The part of the terminal that is drawn on: at least 1x1.
    pub fn area(&self) -> Rect {
        self.area
    }

    /// Lets the console or the terminal have the mouse, from now on.
    ///
    /// # Errors
    ///
    /// When the terminal does not take the change.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.options.mouse = on;
        set_mouse(self.output, on)
    }

    /// Hands `text` to the terminal's clipboard (OSC 52), which also works over SSH. The terminal does not
    /// answer, so nobody knows whether it allows this.
    ///
    /// # Errors
    ///
    /// When the terminal does not take it.
    pub fn copy(&self, text: &str) -> io::Result<()> {
        let mut sequence = String::new();
        CopyToClipboard::to_clipboard_from(text)
            .write_ansi(&mut sequence)
            .map_err(|_| io::Error::other("the clipboard sequence could not be written"))?;
        self.output.control(sequence.as_bytes(), PATIENCE)
    }

    /// Gives the terminal back, for a program that needs it or for a stop. [`resume`](Self::resume) takes it
    /// again.
    ///
    /// # Errors
    ///
    /// When the terminal does not take the change.
    pub fn leave(&mut self) -> io::Result<()> {
        restore()
    }

    /// Takes the terminal again after [`leave`](Self::leave); the next frame is drawn whole.
    ///
    /// # Errors
    ///
    /// When the terminal does not take the change.
    pub fn resume(&mut self) -> io::Result<()> {
        set_modes(self.output, self.options)?;
        (self.inner, self.area) = canvas(&self.frame)?;
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore_or_log();
    }
}

/// Gives the terminal back if the console has it; otherwise does nothing. Takes at most half a second, however
/// stuck the terminal is. Keys typed but not read are thrown away, so that the rest of a paste does not end up
/// as commands in the shell.
///
/// # Errors
///
/// When the terminal did not take it. Everything that could be restored has been.
pub fn restore() -> io::Result<()> {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let written = OUTPUT.get().map_or(Ok(()), |output| {
        #[cfg(windows)]
        set_mouse(output, false)?;
        output.control(LEAVE.as_bytes(), PATIENCE)
    });
    #[cfg(unix)]
    let emptied = super::input::tty().and_then(|tty| discard_unread(&tty));
    #[cfg(windows)]
    let emptied = discard_unread();
    let cooked = uninterrupted(disable_raw_mode);
    written.and(emptied).and(cooked)
}

fn restore_or_log() {
    if let Err(error) = restore() {
        tracing::warn!(%error, "the terminal could not be restored");
    }
}

fn output() -> io::Result<&'static Output> {
    if let Some(output) = OUTPUT.get() {
        return Ok(output);
    }
    let started = Output::start(io::stdout())?;
    // Had another thread been first, its output is used and ours ends with its channel.
    Ok(OUTPUT.get_or_init(|| started))
}

fn set_modes(output: &Output, options: Options) -> io::Result<()> {
    // Raw mode first: a process in the background is stopped by the system here, before anything is written.
    uninterrupted(enable_raw_mode)?;
    ENTERED.store(true, Ordering::SeqCst);
    #[cfg(windows)]
    crossterm::ansi_support::supports_ansi();
    // Nobody waits for the modes: a terminal that does not take them does not take the first frame either.
    output.queue(ENTER.as_bytes());
    let set = if options.mouse { set_mouse(output, true) } else { Ok(()) };
    if set.is_err() {
        restore_or_log();
    }
    set
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Windows")]
fn set_mouse(output: &Output, on: bool) -> io::Result<()> {
    output.queue(if on { MOUSE_ON } else { MOUSE_OFF }.as_bytes());
    Ok(())
}

#[cfg(windows)]
fn set_mouse(_output: &Output, on: bool) -> io::Result<()> {
    // The Windows console has a mode for it, not a sequence.
    if on {
        crossterm::execute!(io::stdout(), crossterm::event::EnableMouseCapture)
    } else {
        crossterm::execute!(io::stdout(), crossterm::event::DisableMouseCapture)
    }
}

/// A blank picture of the terminal's present size.
fn canvas(frame: &FrameBuffer) -> io::Result<(ratatui::Terminal<CrosstermBackend<FrameBuffer>>, Rect)> {
    let area = drawable_area()?;
    frame.take();
    // A fixed viewport, because a full-screen one follows whatever size the terminal claims.
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    let inner = ratatui::Terminal::with_options(CrosstermBackend::new(frame.clone()), options)?;
    Ok((inner, area))
}

fn drawable_area() -> io::Result<Rect> {
    let (columns, rows) = crossterm::terminal::size()?;
    Ok(clamp(columns, rows))
}

/// Terminals without a size say 0x0; one cell is drawn there, so that nothing below has to expect none.
fn clamp(columns: u16, rows: u16) -> Rect {
    Rect::new(0, 0, columns.clamp(1, MOST_COLUMNS), rows.clamp(1, MOST_ROWS))
}

/// Repeats a terminal call that a signal interrupted, as stopping and resuming does.
fn uninterrupted(mut call: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(unix)]
fn discard_unread(tty: &std::fs::File) -> io::Result<()> {
    use nix::sys::termios::{FlushArg, tcflush};

    uninterrupted(|| Ok(tcflush(tty, FlushArg::TCIFLUSH)?))
}

#[cfg(windows)]
fn discard_unread() -> io::Result<()> {
    while crossterm::event::poll(Duration::ZERO)? {
        crossterm::event::read()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f70_absurd_sizes_are_clamped_to_what_fits_into_memory() {
        assert_eq!(clamp(0, 0), Rect::new(0, 0, 1, 1));
        assert_eq!(clamp(80, 24), Rect::new(0, 0, 80, 24));
        assert_eq!(clamp(u16::MAX, u16::MAX), Rect::new(0, 0, MOST_COLUMNS, MOST_ROWS));
    }

    #[test]
    fn every_mode_switched_on_is_switched_off_on_leaving() {
        let on: Vec<&str> = ENTER
            .split('\x1b')
            .chain(MOUSE_ON.split('\x1b'))
            .filter_map(|sequence| sequence.strip_prefix("[?")?.strip_suffix('h'))
            .collect();
        assert_eq!(on, ["1049", "2004", "1004", "1000", "1002", "1006"]);
        for mode in on {
            assert!(LEAVE.contains(&format!("\x1b[?{mode}l")), "mode {mode} stays on");
        }
        assert!(LEAVE.contains("\x1b[?25h"), "the cursor stays hidden");
    }

    #[test]
    fn an_interrupted_terminal_call_is_made_again() {
        let mut calls = 0;
        uninterrupted(|| {
            calls += 1;
            if calls < 3 { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
        })
        .unwrap();
        assert_eq!(calls, 3);
    }

    #[cfg(unix)]
    #[test]
    fn keys_typed_but_not_read_do_not_reach_the_shell() {
        use std::io::{Read, Write};

        let pty = nix::pty::openpty(None, None).unwrap();
        let (mut keyboard, mut tty) = (std::fs::File::from(pty.master), std::fs::File::from(pty.slave));
        keyboard.write_all(b"rm -rf everything\n").unwrap();
        discard_unread(&tty).unwrap();
        keyboard.write_all(b"ls\n").unwrap();
        let mut line = [0; 32];
        let length = tty.read(&mut line).unwrap();
        assert_eq!(&line[..length], b"ls\n");
    }
}
