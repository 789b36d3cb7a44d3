//! A program in a pseudo terminal of its own, read through a terminal emulator: keys in, screen out. Knows
//! nothing of any program; the benchmarks share this file.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take that is not itself under test. Generous, for busy machines: a test that passes
/// never waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The prompt of an interactive shell.
pub(crate) const PROMPT: &str = "ready> ";

/// What is drawn lies between these two; the second one is the last byte of a frame.
const END_FRAME: &[u8] = b"\x1b[?2026l";

/// A program to start: where it is and how it is called.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    program: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    columns: u16,
    rows: u16,
}

impl Launch {
    /// The program at an absolute path, in an 80x24 terminal of 16 million colours.
    pub(crate) fn of(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), arguments: vec![], variables: vec![], columns: 80, rows: 24 }
    }

    pub(crate) fn arg(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    /// The same, started by a shell that outlives it, ignores SIGHUP, and leaves its exit code in `code`. As the
    /// shell leads the session, the program itself gets no SIGHUP when the terminal goes.
    pub(crate) fn under_a_shell(self, code: &Path) -> Self {
        let script = format!("trap '' HUP; \"$0\" \"$@\"; echo $? > '{}'", code.display());
        let mut arguments = vec!["-c".to_owned(), script, self.program.display().to_string()];
        arguments.extend(self.arguments);
        Self { program: "/bin/sh".into(), arguments, ..self }
    }

    /// An interactive shell in which [`command_line`](Self::command_line) can be typed; its prompt is `PROMPT`.
    pub(crate) fn in_a_shell(self) -> Self {
        let shell = Self { program: "/bin/sh".into(), arguments: vec!["-i".to_owned()], ..self };
        shell.env("PS1", PROMPT).env("ENV", "/dev/null")
    }

    /// What to type into a shell to start it.
    pub(crate) fn command_line(&self) -> String {
        format!("{} {}", self.program.display(), self.arguments.join(" "))
    }

    /// Starts it.
    pub(crate) fn start(&self) -> Pty {
        Pty::start(self)
    }

    /// Its command without a terminal, as in a pipe.
    pub(crate) fn without_a_terminal(&self, home: &Path) -> std::process::Command {
        let mut command = std::process::Command::new(&self.program);
        command.args(&self.arguments).current_dir(home).env_clear().env("HOME", home);
        command.envs(self.variables.iter().cloned());
        command
    }
}

/// A running program and its terminal.
pub(crate) struct Pty {
    process: Process,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    output: mpsc::Receiver<(Instant, Vec<u8>)>,
    control: Arc<Control>,
    parser: vt100::Parser,
    /// All that the program ever wrote.
    transcript: Vec<u8>,
    /// When each frame was complete.
    frames: Vec<Instant>,
    last_output: Instant,
    /// Where the search for the next frame's end goes on.
    searched: usize,
    /// The terminal's modes before the program came.
    before: String,
    started: Instant,
}

/// A process, ended with its value: a test that fails leaves none behind.
struct Process {
    child: Box<dyn Child + Send + Sync>,
    pid: Pid,
    _home: tempfile::TempDir,
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already needs no killing.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// What the reading thread is told.
#[derive(Default)]
struct Control {
    closing: AtomicBool,
    frozen: AtomicBool,
}

impl Pty {
    fn start(launch: &Launch) -> Self {
        let size = PtySize { rows: launch.rows, cols: launch.columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(&launch.program);
        command.args(&launch.arguments);
        command.cwd(home.path());
        command.env_clear();
        for (name, value) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            let kept = ["PATH", "LD_LIBRARY_PATH", "TMPDIR"].contains(&&*name_text);
            if kept || name_text.starts_with("LLVM_PROFILE") {
                command.env(name, value);
            }
        }
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LANG", "C.UTF-8");
        for folder in ["CONFIG", "CACHE", "STATE", "DATA"] {
            command.env(format!("XDG_{folder}_HOME"), home.path().join(folder.to_lowercase()));
        }
        for (name, value) in &launch.variables {
            command.env(name, value);
        }
        let before = format!("{:?}", pair.master.get_termios().unwrap());
        let reader = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        // Kept open, the end of the program would not be the end of its output.
        drop(pair.slave);
        let pid = Pid::from_raw(i32::try_from(child.process_id().unwrap()).unwrap());
        let control = Arc::new(Control::default());
        let (sender, output) = mpsc::channel();
        let told = Arc::clone(&control);
        thread::spawn(move || read_all(reader, &sender, &told));
        Self {
            process: Process { child, pid, _home: home },
            master: pair.master,
            keyboard,
            output,
            control,
            parser: parser(launch.columns, launch.rows),
            transcript: Vec::new(),
            frames: Vec::new(),
            last_output: started,
            searched: 0,
            before,
            started,
        }
    }

    /// The program's process.
    pub(crate) fn pid(&self) -> Pid {
        self.process.pid
    }

    /// When the program was started.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// Types `keys`, exactly these bytes.
    pub(crate) fn send(&mut self, keys: impl AsRef<[u8]>) {
        self.keyboard.write_all(keys.as_ref()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.process.pid, signal).unwrap();
    }

    /// Changes the size of the terminal.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).unwrap();
        self.parser.screen_mut().set_size(at_least_one(rows), at_least_one(columns));
    }

    /// What is on the screen.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// What is on the screen, as lines of text.
    pub(crate) fn text(&self) -> String {
        self.screen().contents()
    }

    /// Every byte written so far, control sequences included.
    pub(crate) fn transcript(&self) -> &[u8] {
        &self.transcript
    }

    /// When each frame so far was complete.
    pub(crate) fn frames(&self) -> &[Instant] {
        &self.frames
    }

    /// When the last output came.
    pub(crate) fn last_output(&self) -> Instant {
        self.last_output
    }

    /// Waits until `wanted` holds of the screen.
    pub(crate) fn wait_for(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        self.wait_until(what, |pty| wanted(pty.screen()));
    }

    /// Waits until the screen shows `text`.
    pub(crate) fn wait_for_text(&mut self, text: &str) {
        self.wait_for(text, |screen| screen.contents().contains(text));
    }

    /// Waits until `wanted` holds, looking again after every output.
    pub(crate) fn wait_until(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !wanted(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "not within {PATIENCE:?}: {what}; the screen is\n{}", self.text());
            // Also looks again without output: what is waited for may be a file or a process.
            self.take_output(left.min(Duration::from_millis(20)));
        }
    }

    /// Takes what the program writes until it has been silent for `silence`.
    pub(crate) fn settle(&mut self, silence: Duration) {
        while self.take_output(silence) {}
    }

    /// Takes one piece of output, waiting no longer than `patience`; answers whether there was one.
    pub(crate) fn take_output(&mut self, patience: Duration) -> bool {
        match self.output.recv_timeout(patience) {
            Ok((at, bytes)) => {
                self.last_output = at;
                self.parser.process(&bytes);
                self.transcript.extend_from_slice(&bytes);
                while let Some(end) = find(&self.transcript[self.searched..], END_FRAME) {
                    self.searched += end + END_FRAME.len();
                    self.frames.push(at);
                }
                self.searched = self.searched.max(self.transcript.len().saturating_sub(END_FRAME.len() - 1));
                true
            }
            Err(mpsc::RecvTimeoutError::Timeout) => false,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                // Nothing will come any more; whoever waits for something else should not spin.
                thread::sleep(patience.min(Duration::from_millis(5)));
                false
            }
        }
    }

    /// Waits for the end of the program; panics when it takes longer than `limit`. Its last output is taken.
    pub(crate) fn wait_for_exit(&mut self, limit: Duration) -> u32 {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.process.child.try_wait().unwrap() {
                self.settle(Duration::from_millis(50));
                return status.exit_code();
            }
            assert!(
                Instant::now() < deadline,
                "still running after {limit:?}; the screen is\n{}",
                self.text()
            );
            self.take_output(Duration::from_millis(5));
        }
    }

    /// Stops taking output, as a terminal does that hangs: at most one more piece is read.
    pub(crate) fn freeze(&self) {
        self.control.frozen.store(true, Ordering::SeqCst);
    }

    /// Closes the terminal under the program, as the end of an SSH connection does.
    pub(crate) fn vanish(self) -> Orphan {
        let Self { process, master, keyboard, control, .. } = self;
        let name = master.tty_name().unwrap();
        control.closing.store(true, Ordering::SeqCst);
        // Gets the reading thread out of its read; it then closes its copy of the terminal, the last one.
        let own_end = std::fs::File::options().write(true).open(name).unwrap();
        drop((keyboard, master));
        // Output of the program may have done so already; then this end is closed, too.
        let _awake = (&own_end).write_all(b".");
        drop(own_end);
        Orphan { process, since: Instant::now() }
    }

    /// The private modes that are on: 1049 is the alternate screen, 1000 to 1006 the mouse, 2004 the paste
    /// brackets, 1004 the focus reports, 2026 an open synchronized update.
    pub(crate) fn modes_on(&self) -> BTreeSet<u16> {
        let mut on = BTreeSet::new();
        let mut rest = self.transcript.as_slice();
        while let Some(start) = find(rest, b"\x1b[?") {
            rest = &rest[start + 3..];
            let end = rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b';').unwrap_or(0);
            let numbers = std::str::from_utf8(&rest[..end]).unwrap();
            for number in numbers.split(';').filter_map(|number| number.parse().ok()) {
                match rest.get(end) {
                    Some(b'h') => on.insert(number),
                    Some(b'l') => on.remove(&number),
                    _ => false,
                };
            }
        }
        // The cursor is on by default: its being off is what `hide_cursor` tells.
        on.remove(&25);
        on
    }

    /// Whether echo, line editing and the rest are as they were before the program came.
    pub(crate) fn terminal_is_as_before(&self) -> bool {
        format!("{:?}", self.master.get_termios().unwrap()) == self.before
    }

    /// Asserts that nothing of the program is left on the terminal.
    #[track_caller]
    pub(crate) fn assert_restored(&self) {
        assert_eq!(self.modes_on(), BTreeSet::new(), "modes left on");
        assert!(!self.screen().alternate_screen(), "the alternate screen is still on");
        assert!(!self.screen().hide_cursor(), "the cursor is still hidden");
        assert!(self.terminal_is_as_before(), "the terminal is still raw");
    }

    /// Whether the process is stopped (by SIGSTOP or the like).
    pub(crate) fn is_stopped(&self) -> bool {
        process_state(self.process.pid).starts_with('T')
    }
}

/// A program whose terminal is gone.
pub(crate) struct Orphan {
    process: Process,
    since: Instant,
}

impl Orphan {
    /// Waits for the end of the program; answers its exit code and how long it took.
    pub(crate) fn wait_for_exit(&mut self, limit: Duration) -> (u32, Duration) {
        loop {
            if let Some(status) = self.process.child.try_wait().unwrap() {
                return (status.exit_code(), self.since.elapsed());
            }
            assert!(self.since.elapsed() < limit, "still running {limit:?} after its terminal went");
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        self.process.pid
    }
}

/// The processor time a process has used, in clock ticks of 10 ms; `None` when it is gone.
#[cfg(target_os = "linux")]
pub(crate) fn processor_time(pid: Pid) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field, the name, may contain blanks and brackets.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok());
    Some(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}

fn process_state(pid: Pid) -> String {
    let pid = pid.to_string();
    let output = std::process::Command::new("ps").args(["-o", "state=", "-p", &pid]).output();
    match output {
        Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        // Small Linux images have no `ps`.
        Err(_) => std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .ok()
            .and_then(|stat| Some(stat.rsplit_once(')')?.1.trim().to_owned()))
            .unwrap_or_default(),
    }
}

fn read_all(
    mut reader: Box<dyn Read + Send>,
    output: &mpsc::Sender<(Instant, Vec<u8>)>,
    control: &Arc<Control>,
) {
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let given_up = || control.closing.load(Ordering::SeqCst) || Arc::strong_count(control) == 1;
        while control.frozen.load(Ordering::SeqCst) && !given_up() {
            thread::sleep(Duration::from_millis(5));
        }
        // Linux answers EIO when the program has ended: that, too, is the end of its output.
        let count = reader.read(&mut chunk).unwrap_or(0);
        let at = Instant::now();
        let ended = count == 0 || given_up();
        if ended || output.send((at, chunk[..count].to_vec())).is_err() {
            return;
        }
    }
}

fn parser(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(at_least_one(rows), at_least_one(columns), 0)
}

fn at_least_one(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap_or(NonZeroU16::MIN)
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}
