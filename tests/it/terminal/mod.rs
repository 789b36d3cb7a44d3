//! Programs in a real pseudo terminal: they come up, answer, and leave the terminal as it was, however they end.
#![cfg(unix)]

mod console;
mod probe;
#[expect(dead_code, reason = "the benchmarks share this file and use the rest")]
mod pty;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use self::pty::{Launch, Orphan, PROMPT, Pty};

/// The longest a program may take to end once told to.
const ENDS_WITHIN: Duration = Duration::from_secs(5);
/// The longest it may take when its terminal is gone.
const ENDS_ALONE_WITHIN: Duration = Duration::from_secs(2);

/// A program and what shows that it is up.
struct Subject {
    launch: Launch,
    up: &'static str,
}

fn probe() -> Subject {
    Subject { launch: probe::launch(), up: "probe 80x24" }
}

impl Subject {
    fn start(&self) -> Pty {
        let mut pty = self.launch.start();
        pty.wait_for_text(self.up);
        let modes = BTreeSet::from([1000, 1002, 1004, 1006, 1049, 2004]);
        // The text may be read before the end of its frame is.
        pty.wait_until("the console's modes, and no others", |pty| pty.modes_on() == modes);
        assert!(pty.screen().hide_cursor());
        assert!(!pty.terminal_is_as_before(), "the terminal is not raw");
        pty
    }

    /// Starts it, ends it by `end`, and checks its exit code and the terminal.
    fn ends_by(&self, end: impl FnOnce(&mut Pty), code: u32) {
        let mut pty = self.start();
        end(&mut pty);
        assert_eq!(pty.wait_for_exit(ENDS_WITHIN), code);
        pty.assert_restored();
    }

    fn restores_on_every_way_out(&self) {
        self.ends_by(|pty| pty.send("q"), 0);
        self.ends_by(|pty| pty.send("\x03"), 0);
        for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT] {
            self.ends_by(|pty| pty.signal(signal), 128 + u32::try_from(signal as i32).unwrap());
        }
    }

    fn stops_and_goes_on(&self, stop: impl Fn(&mut Pty)) {
        let mut pty = self.start();
        for _ in 0..2 {
            stop(&mut pty);
            pty.wait_until("the process stops", Pty::is_stopped);
            pty.settle(Duration::from_millis(50));
            pty.assert_restored();
            pty.signal(Signal::SIGCONT);
            pty.wait_for_text(self.up);
            assert!(pty.screen().alternate_screen());
            assert!(!pty.terminal_is_as_before());
        }
        pty.send("q");
        assert_eq!(pty.wait_for_exit(ENDS_WITHIN), 0);
        pty.assert_restored();
    }

    fn ends_when_stopped(&self) {
        let mut pty = self.start();
        pty.signal(Signal::SIGTSTP);
        pty.wait_until("the process stops", Pty::is_stopped);
        pty.signal(Signal::SIGTERM);
        pty.signal(Signal::SIGCONT);
        assert_eq!(pty.wait_for_exit(ENDS_WITHIN), 128 + 15);
        pty.assert_restored();
    }

    /// The end of an SSH connection, with and without the signal that usually comes with it.
    fn ends_with_its_terminal(&self) {
        let orphan = self.start().vanish();
        let code = waits_idly_for_exit(orphan);
        assert_eq!(code, 128 + 1);

        let folder = tempfile::tempdir().unwrap();
        let code_file = folder.path().join("code");
        let alone = Self { launch: self.launch.clone().under_a_shell(&code_file), ..*self };
        let orphan = alone.start().vanish();
        // The shell ends when the program has.
        waits_idly_for_exit(orphan);
        let code = std::fs::read_to_string(code_file).unwrap();
        assert_eq!(code.trim(), probe::TERMINAL_GONE.to_string());
    }

    fn survives_every_size(&self) {
        let mut pty = self.start();
        for columns in [1, 2, 3, 7, 20, 39, 60, 79, 80, 81, 120, 200, 300] {
            for rows in [1, 2, 3, 5, 9, 23, 24, 50, 100] {
                let frames = pty.frames().len();
                pty.resize(columns, rows);
                pty.wait_until("a frame of the new size", |pty| pty.frames().len() > frames);
            }
        }
        // A terminal that claims an absurd size must not take the memory for it.
        pty.resize(65_535, 2);
        pty.resize(0, 0);
        // A storm: nobody waits for the frames in between.
        for size in 0..1_000_u16 {
            pty.resize(1 + size % 300, 1 + size % 100);
        }
        pty.resize(80, 24);
        pty.wait_for_text(self.up);
        pty.send("q");
        assert_eq!(pty.wait_for_exit(ENDS_WITHIN), 0);
        pty.assert_restored();
    }

    fn ends_although_the_terminal_is_frozen(&self) {
        let mut pty = self.start();
        pty.freeze();
        // Each new size draws a whole frame, until nothing more fits between program and terminal.
        for size in 0..60 {
            pty.resize(250 + size, 90);
            std::thread::sleep(Duration::from_millis(5));
        }
        pty.signal(Signal::SIGTERM);
        let told = Instant::now();
        // The exit code is not asked for: the modes could not be restored, and that may be said.
        pty.wait_for_exit(ENDS_WITHIN);
        assert!(told.elapsed() < ENDS_WITHIN);
    }

    fn refuses_to_start_without_a_terminal(&self) {
        let home = tempfile::tempdir().unwrap();
        let output = self.launch.without_a_terminal(home.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(probe::NO_TERMINAL));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("not a terminal") && said.contains("--help"), "{said}");
        for stream in [said.as_bytes(), &output.stdout] {
            assert!(!stream.contains(&0x1b), "control sequences without a terminal");
        }
    }
}

/// Waits for the end of a program without a terminal, which must not use the processor meanwhile.
fn waits_idly_for_exit(mut orphan: Orphan) -> u32 {
    #[cfg(target_os = "linux")]
    let used = {
        let before = pty::processor_time(orphan.pid()).unwrap_or_default();
        let pid = orphan.pid();
        let measuring = std::thread::spawn(move || {
            let mut last = before;
            while let Some(now) = pty::processor_time(pid) {
                last = last.max(now);
                std::thread::sleep(Duration::from_millis(1));
            }
            last.saturating_sub(before)
        });
        let (code, _) = orphan.wait_for_exit(ENDS_ALONE_WITHIN);
        let used = measuring.join().unwrap();
        assert!(used < Duration::from_millis(500), "used {used:?} of processor time without a terminal");
        code
    };
    #[cfg(not(target_os = "linux"))]
    let used = orphan.wait_for_exit(ENDS_ALONE_WITHIN).0;
    used
}

#[test]
fn f73_the_terminal_is_restored_on_every_way_out() {
    probe().restores_on_every_way_out();
}

#[test]
fn f74_a_stop_restores_the_terminal_and_going_on_takes_it_again() {
    probe().stops_and_goes_on(|pty| pty.signal(Signal::SIGTSTP));
    probe().stops_and_goes_on(|pty| pty.send("\x1a"));
}

/// `ctrl-z`, `bg`, `fg` in a shell: in the background it stops again, as it may not touch the terminal there.
#[test]
fn f74_a_job_in_the_background_leaves_the_terminal_to_the_shell() {
    let program = probe::launch();
    let mut pty = program.clone().in_a_shell().start();
    let prompts = |pty: &Pty| pty.text().matches(PROMPT).count();
    pty.wait_for_text(PROMPT);
    pty.send(format!("{}\r", program.command_line()));
    pty.wait_for_text("probe 80x24");
    pty.send("\x1a");
    pty.wait_until("the shell is back", |pty| prompts(pty) == 2 && !pty.screen().alternate_screen());
    pty.send("bg\r");
    pty.wait_until("the shell goes on", |pty| prompts(pty) >= 3);
    pty.settle(Duration::from_millis(300));
    assert!(!pty.screen().alternate_screen(), "drawn from the background:\n{}", pty.text());
    pty.send("echo heard $((40 + 2))\r");
    pty.wait_for_text("heard 42");
    pty.send("fg\r");
    pty.wait_for_text("probe 80x24");
    assert!(pty.screen().alternate_screen());
    pty.send("q");
    // Keys typed before the program has left are thrown away with it; the shell's prompt says that it has.
    pty.wait_until("the shell is back", |pty| {
        !pty.screen().alternate_screen() && pty.text().trim_end().ends_with(PROMPT.trim_end())
    });
    pty.send("echo code $?\r");
    pty.wait_for_text("code 0");
    // Some shells bracket pastes themselves.
    assert!(pty.modes_on().is_subset(&BTreeSet::from([2004])), "{:?}", pty.modes_on());
    assert!(!pty.screen().hide_cursor());
}

#[test]
fn f74_a_signal_that_comes_while_stopped_ends_the_program_with_the_terminal_restored() {
    probe().ends_when_stopped();
}

#[test]
fn f72_a_program_ends_idly_when_its_terminal_goes() {
    probe().ends_with_its_terminal();
}

#[test]
fn f70_f71_every_size_is_drawn_and_a_storm_of_them_survived() {
    probe().survives_every_size();
}

#[test]
fn f75_without_a_terminal_the_program_says_so() {
    probe().refuses_to_start_without_a_terminal();
}

#[test]
fn f76_a_frozen_terminal_does_not_keep_the_program_from_ending() {
    probe().ends_although_the_terminal_is_frozen();
}

#[test]
fn f64_a_panic_in_a_task_leaves_the_terminal_to_the_console() {
    let mut pty = probe().start();
    pty.send("T");
    pty.wait_for_text("task panicked: one task gone");
    assert!(pty.screen().alternate_screen());
    assert!(!pty.terminal_is_as_before(), "echo is back on under a live console");
    assert!(!pty.text().contains("panicked at"), "the panic was printed over the screen:\n{}", pty.text());
    pty.send("q");
    assert_eq!(pty.wait_for_exit(ENDS_WITHIN), 0);
    pty.assert_restored();
}

#[test]
fn f65_a_panic_of_the_console_restores_the_terminal_and_says_why_in_one_line() {
    let mut pty = probe().start();
    pty.send("P");
    assert_eq!(pty.wait_for_exit(ENDS_WITHIN), 101);
    pty.assert_restored();
    let said = String::from_utf8_lossy(pty.transcript()).into_owned();
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("sagedeck stopped: ")).collect();
    let [line] = lines[..] else { panic!("not one line: {said}") };
    assert!(line.contains(r"the probe \u{1b}[2J panics (tests/it/terminal/probe.rs:"), "{line}");
    assert!(line.contains("the log is /var/log/probe.log"), "{line}");
    assert!(!said.contains("panicked at"), "said twice: {said}");
}

#[test]
fn f77_a_bracketed_paste_is_one_event_whatever_is_in_it() {
    let mut pty = probe().start();
    let mut paste = b"\x1b[200~".to_vec();
    paste.extend(b"q\r".iter().cycle().take(200_000));
    paste.extend_from_slice(b"\x1b[201~");
    pty.send(&paste);
    pty.wait_for_text("paste of 200000");
    pty.send("q");
    assert_eq!(pty.wait_for_exit(ENDS_WITHIN), 0);
}

#[test]
fn f78_a_paste_without_brackets_is_not_typing() {
    let mut pty = probe().start();
    pty.send(format!("{}q\r", "x".repeat(100)));
    // Whatever came in a first, smaller read counts as typed; the end of it, with the quit key, does not.
    pty.wait_for_text("paste of");
    // Typed after a pause, the same key counts.
    pty.settle(Duration::from_millis(100));
    pty.send("q");
    assert_eq!(pty.wait_for_exit(ENDS_WITHIN), 0);
}
