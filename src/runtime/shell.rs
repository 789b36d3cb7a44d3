//! The loop: wait, take everything that came, update, draw once. Drawing is driven by events alone.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::console::{Console, Effect, Message, Tone};
use crate::ui::theme::{Catalogue, Depth, Theme, ThemeError};

use super::input::{Arrival, Input};
use super::signals::{Signal, Signals};
use super::tasks::{Ask, Tasks};
use super::terminal::{Options, Panics, Terminal, TerminalError};
use super::translate::translate;

/// How many messages of tasks are taken between two frames, so that a flood of data never delays a key.
const AT_ONCE: usize = 64;
/// The least time between two frames that only data asks for; keys draw at once.
const FRAME: Duration = Duration::from_millis(16);

/// What the console runs on.
#[derive(Debug)]
pub struct Stage {
    /// Everything outside the console.
    pub tasks: Tasks,
    /// The news of the tasks.
    pub news: mpsc::Receiver<Message>,
    /// The themes.
    pub catalogue: Catalogue,
    /// How many colours the terminal shows.
    pub depth: Depth,
    /// Whether the console has the mouse.
    pub mouse: bool,
    /// The log named when the console itself fails.
    pub log: Option<std::path::PathBuf>,
}

/// Why the console ended early.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// The terminal could not be had.
    #[error(transparent)]
    Terminal(#[from] TerminalError),
    /// The theme could not be used.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// The system refused something.
    #[error("the terminal failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Why the loop ended.
enum End {
    Quit,
    Signal(Signal),
    TerminalGone,
}

/// Shows the console until the person leaves, a signal ends it, or the terminal is gone; gives the exit code.
///
/// # Errors
///
/// When there is no terminal, or it fails; it is restored then.
pub async fn run(console: Console, stage: Stage) -> Result<u8, ShellError> {
    let theme = stage.catalogue.theme(&console.theme, stage.depth)?;
    let panics = Panics::watch(stage.log.clone());
    let signals = Signals::listen()?;
    let terminal = Terminal::enter(Options { mouse: stage.mouse })?;
    let input = Input::start()?;
    let mut shell = Shell {
        console,
        tasks: stage.tasks,
        news: stage.news,
        catalogue: stage.catalogue,
        depth: stage.depth,
        theme,
        terminal,
        input,
        signals,
        panics,
        dirty: true,
        drawn_at: None,
    };
    let end = shell.until_the_end().await;
    // The terminal first: whatever else takes time, the person has the shell back.
    drop(shell.terminal);
    shell.tasks.leave().await;
    Ok(match end? {
        End::Quit => 0,
        End::Signal(signal) => signal.exit_code().unwrap_or(1),
        // As if the hang-up had reached us as a signal.
        End::TerminalGone => Signal::Hangup.exit_code().unwrap_or(1),
    })
}

struct Shell {
    console: Console,
    tasks: Tasks,
    news: mpsc::Receiver<Message>,
    catalogue: Catalogue,
    depth: Depth,
    theme: Theme,
    terminal: Terminal,
    input: Input,
    signals: Signals,
    panics: Panics,
    dirty: bool,
    drawn_at: Option<Instant>,
}

impl Shell {
    async fn until_the_end(&mut self) -> Result<End, ShellError> {
        let area = self.terminal.area();
        let size = Message::Resize { width: area.width, height: area.height };
        // The first frame needs no AWS and waits for nothing.
        self.update(size);
        self.draw()?;
        if self.tick() {
            return Ok(End::Quit);
        }
        loop {
            let wake = self.console.next_tick().map(|millis| Instant::now() + Duration::from_millis(millis));
            let frame = self.next_frame();
            let waiting = self.dirty && frame.is_none();
            tokio::select! {
                biased;
                signal = self.signals.next() => {
                    if let Some(end) = self.signal(signal).await? {
                        return Ok(end);
                    }
                }
                batch = self.input.next_batch() => {
                    let Some(batch) = batch else { return Ok(End::TerminalGone) };
                    if self.typed(batch) {
                        return Ok(End::Quit);
                    }
                    self.drawn_at = None;
                }
                panicked = self.panics.next() => {
                    let text = format!("a task failed ({} at {})", panicked.message, panicked.place);
                    self.update(Message::Failed(text));
                }
                () = self.terminal.ready(), if waiting => {}
                () = sleep_until(frame.unwrap_or_else(Instant::now)), if frame.is_some() => {}
                message = self.news.recv() => {
                    if self.heard(message) {
                        return Ok(End::Quit);
                    }
                }
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {
                    if self.tick() {
                        return Ok(End::Quit);
                    }
                }
            }
            if self.dirty && self.next_frame().is_none() {
                self.draw()?;
            }
        }
    }

    /// When the next frame may be drawn, if that is not now.
    fn next_frame(&self) -> Option<Instant> {
        let due = self.drawn_at? + FRAME;
        (self.dirty && due > Instant::now()).then_some(due)
    }

    /// Tells the console the time. Whether it wants to leave.
    fn tick(&mut self) -> bool {
        self.update(Message::Tick(self.tasks.clock().now()))
    }

    fn typed(&mut self, batch: Vec<Arrival>) -> bool {
        let mut leave = self.update(Message::At(self.tasks.clock().now()));
        for arrival in batch {
            if let Some(message) = translate(arrival) {
                leave |= self.update(message);
            }
        }
        leave
    }

    fn heard(&mut self, message: Option<Message>) -> bool {
        let mut leave = self.tick();
        leave |= message.is_some_and(|message| self.update(message));
        for _ in 0..AT_ONCE {
            let Ok(message) = self.news.try_recv() else { break };
            leave |= self.update(message);
        }
        leave
    }

    /// Gives a message to the console and starts what it asks for. Whether it wants to leave.
    fn update(&mut self, message: Message) -> bool {
        self.dirty = true;
        let effects: Vec<Effect> = self.console.update(message);
        let mut leave = false;
        for effect in effects {
            match self.tasks.perform(effect) {
                Some(Ask::Quit) => leave = true,
                Some(Ask::Copy(text)) => {
                    let said = match self.terminal.copy(&text) {
                        Ok(()) => Message::Done("copied".to_owned()),
                        Err(error) => Message::Failed(format!("the terminal did not take it: {error}")),
                    };
                    leave |= self.update(said);
                }
                None => {}
            }
        }
        leave
    }

    async fn signal(&mut self, signal: Signal) -> Result<Option<End>, ShellError> {
        match signal {
            #[cfg(unix)]
            Signal::Suspend => {
                use super::signals::{Reach, Resumed, suspend};
                let ended =
                    suspend(&mut self.terminal, &mut self.input, &mut self.signals, Reach::Process).await?;
                match ended {
                    Resumed::After(_) => {
                        self.dirty = true;
                        self.drawn_at = None;
                        self.tick();
                        Ok(None)
                    }
                    Resumed::ToEnd(signal) => Ok(Some(End::Signal(signal))),
                }
            }
            Signal::Continue => {
                self.terminal.resume()?;
                self.dirty = true;
                Ok(None)
            }
            signal => Ok(Some(End::Signal(signal))),
        }
    }

    fn draw(&mut self) -> Result<(), ShellError> {
        if self.theme.id() != self.console.theme {
            match self.catalogue.theme(&self.console.theme, self.depth) {
                Ok(theme) => self.theme = theme,
                Err(error) => {
                    // The theme before stays; the console is told so that it does not ask for it again.
                    self.console.theme = self.theme.id().to_owned();
                    self.console.notices.say(self.console.now, Tone::Error, error.to_string());
                }
            }
        }
        let (console, theme) = (&self.console, &self.theme);
        let drawn = self.terminal.draw(|frame| crate::ui::view(console, theme, frame))?;
        if let Some(drawn) = drawn {
            self.console.drawn = drawn;
            self.dirty = false;
            self.drawn_at = Some(Instant::now());
        }
        Ok(())
    }
}
