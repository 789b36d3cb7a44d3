//! What the system asks of the process: to end, to stop, to go on. Every one of them arrives as a value, so
//! that the shell can finish its work and restore the terminal first.

use std::io;

#[cfg(unix)]
pub use self::unix::{Reach, Resumed, Signals, suspend};
#[cfg(windows)]
pub use self::windows::Signals;

/// A request of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: `ctrl-c` from a program that is not the terminal (there it is a key).
    Interrupt,
    /// SIGQUIT.
    Quit,
    /// SIGTERM, or Windows shutting down.
    Terminate,
    /// SIGHUP: the terminal, or its window, was closed.
    Hangup,
    /// SIGTSTP: stop, with the terminal restored.
    Suspend,
    /// SIGCONT: somebody may have written over the screen meanwhile.
    Continue,
}

impl Signal {
    /// The exit code of a process that ends because of this signal, 128 and its number; `None` for those that
    /// do not end it.
    pub fn exit_code(self) -> Option<u8> {
        match self {
            Self::Hangup => Some(128 + 1),
            Self::Interrupt => Some(128 + 2),
            Self::Quit => Some(128 + 3),
            Self::Terminate => Some(128 + 15),
            Self::Suspend | Self::Continue => None,
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::future::poll_fn;
    use std::task::Poll;
    use std::time::{Duration, Instant};

    use nix::sys::signal as system;
    use nix::unistd::getpgrp;
    use tokio::signal::unix as tokio_unix;
    use tokio::signal::unix::SignalKind;

    use super::{Signal, io};
    use crate::runtime::input::Input;
    use crate::runtime::terminal::Terminal;

    /// The signals of the process, caught from [`listen`](Self::listen) on. One that ends the process comes
    /// before one that stops it.
    pub struct Signals {
        caught: [(Signal, tokio_unix::Signal); 6],
    }

    impl Signals {
        /// Catches the signals. Must be called inside a tokio runtime.
        ///
        /// # Errors
        ///
        /// When the system refuses a handler.
        pub fn listen() -> io::Result<Self> {
            let caught = |signal, number: system::Signal| {
                tokio_unix::signal(SignalKind::from_raw(number as i32)).map(|stream| (signal, stream))
            };
            Ok(Self {
                caught: [
                    caught(Signal::Terminate, system::SIGTERM)?,
                    caught(Signal::Hangup, system::SIGHUP)?,
                    caught(Signal::Interrupt, system::SIGINT)?,
                    caught(Signal::Quit, system::SIGQUIT)?,
                    caught(Signal::Suspend, system::SIGTSTP)?,
                    caught(Signal::Continue, system::SIGCONT)?,
                ],
            })
        }

        /// The next signal. Safe to cancel.
        pub async fn next(&mut self) -> Signal {
            poll_fn(|context| {
                for (signal, stream) in &mut self.caught {
                    if stream.poll_recv(context).is_ready() {
                        return Poll::Ready(*signal);
                    }
                }
                Poll::Pending
            })
            .await
        }

        /// Stops the process, and answers when it goes on: with the signal that ends it if one came meanwhile.
        async fn stop(&mut self, reach: Reach) -> io::Result<Option<Signal>> {
            // An earlier continuation must not be taken for the one that ends this stop.
            while let Some(signal) = self.arrived().await {
                if signal.exit_code().is_some() {
                    return Ok(Some(signal));
                }
            }
            // Not SIGTSTP: that is caught, and ignored by the system in a group without a shell.
            match reach {
                Reach::Process => system::raise(system::SIGSTOP)?,
                Reach::Group => system::killpg(getpgrp(), system::SIGSTOP)?,
            }
            // The call may return before the stop takes effect: only SIGCONT says that it is over.
            loop {
                match self.next().await {
                    Signal::Continue => break,
                    Signal::Suspend => {}
                    ending => return Ok(Some(ending)),
                }
            }
            while let Some(signal) = self.arrived().await {
                if signal.exit_code().is_some() {
                    return Ok(Some(signal));
                }
            }
            Ok(None)
        }

        /// A signal that is here already.
        async fn arrived(&mut self) -> Option<Signal> {
            tokio::select! {
                biased;
                signal = self.next() => Some(signal),
                // Lets the runtime look at its signal pipe once.
                () = tokio::task::yield_now() => None,
            }
        }
    }

    /// Who is stopped.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Reach {
        /// This process: somebody sent it SIGTSTP.
        Process,
        /// Its whole job, as the terminal's `ctrl-z` would: else a program that started this one (`cargo run`)
        /// would go on waiting and the shell would not come back.
        Group,
    }

    /// How a stop ended.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Resumed {
        /// The console has its terminal again, after so long. Draw it whole.
        After(Duration),
        /// A signal came that ends the process; the terminal is left restored.
        ToEnd(Signal),
    }

    /// Gives the terminal back, stops the process until it is continued, and takes the terminal again.
    ///
    /// # Errors
    ///
    /// When the terminal or the system refuses; the terminal is then left restored.
    pub async fn suspend(
        terminal: &mut Terminal,
        input: &mut Input,
        signals: &mut Signals,
        reach: Reach,
    ) -> io::Result<Resumed> {
        let since = Instant::now();
        input.pause().await;
        terminal.leave()?;
        let ending = signals.stop(reach).await?;
        if let Some(signal) = ending {
            return Ok(Resumed::ToEnd(signal));
        }
        // Continued in the background, this is where the system stops the process again.
        terminal.resume()?;
        input.resume();
        Ok(Resumed::After(since.elapsed()))
    }
}

#[cfg(windows)]
mod windows {
    use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, CtrlShutdown};
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};

    use super::{Signal, io};

    /// The console events of the process, as the signals they stand for.
    pub struct Signals {
        interrupt: CtrlC,
        quit: CtrlBreak,
        close: CtrlClose,
        shutdown: CtrlShutdown,
    }

    impl Signals {
        /// Catches the events. Must be called inside a tokio runtime.
        ///
        /// # Errors
        ///
        /// When the system refuses a handler.
        pub fn listen() -> io::Result<Self> {
            Ok(Self {
                interrupt: ctrl_c()?,
                quit: ctrl_break()?,
                close: ctrl_close()?,
                shutdown: ctrl_shutdown()?,
            })
        }

        /// The next event. Safe to cancel.
        pub async fn next(&mut self) -> Signal {
            tokio::select! {
                biased;
                _ = self.shutdown.recv() => Signal::Terminate,
                _ = self.close.recv() => Signal::Hangup,
                _ = self.interrupt.recv() => Signal::Interrupt,
                _ = self.quit.recv() => Signal::Quit,
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use nix::sys::signal::{self, raise};

    use super::*;

    #[test]
    fn f73_exit_codes_are_128_and_the_number_of_the_signal() {
        for (signal, number) in [
            (Signal::Hangup, signal::SIGHUP),
            (Signal::Interrupt, signal::SIGINT),
            (Signal::Quit, signal::SIGQUIT),
            (Signal::Terminate, signal::SIGTERM),
        ] {
            assert_eq!(signal.exit_code(), Some(128 + u8::try_from(number as i32).unwrap()));
        }
        assert_eq!(Signal::Suspend.exit_code(), None);
    }

    #[tokio::test]
    async fn signals_arrive_as_values_those_that_end_the_process_first() {
        let mut signals = Signals::listen().unwrap();
        raise(signal::SIGCONT).unwrap();
        raise(signal::SIGTERM).unwrap();
        assert_eq!(signals.next().await, Signal::Terminate);
        assert_eq!(signals.next().await, Signal::Continue);
    }
}
