//! What a user waits for and what the console costs, measured on the release binary in a pseudo terminal:
//! start to first frame, key to frame at 100,000 rows, idle processor time, memory. Prints figures and judges
//! none: `cargo bench --bench terminal [start|keys|idle]`.
//!
//! The floor for the start is this very program, called again to draw one paragraph.
#![cfg_attr(not(target_os = "linux"), allow(unused))]
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

#[cfg(target_os = "linux")]
#[path = "../tests/it/terminal/pty.rs"]
#[expect(dead_code, reason = "the tests share this file and use the rest")]
mod pty;

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the figures come from /proc: Linux only");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::time::{Duration, Instant};

    use nix::unistd::Pid;
    use ratatui::widgets::Paragraph;

    use crate::pty::{Launch, Pty};

    const FLOOR: &str = "--floor";
    /// What the floor program shows.
    const PARAGRAPH: &str = "one paragraph";

    /// The screen everything is measured on.
    const COLUMNS: u16 = 200;
    const ROWS: u16 = 60;

    const STARTS: usize = 40;
    /// Without output for so long, the answer to a key is complete.
    const SILENCE: Duration = Duration::from_millis(60);
    /// Between two keys, so that each is answered on its own.
    const PAUSE: Duration = Duration::from_millis(10);

    pub(crate) fn main() {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        if arguments.iter().any(|argument| argument == FLOOR) {
            return floor_program();
        }
        let wanted = |part: &str| {
            let mut parts = arguments.iter().filter(|argument| !argument.starts_with('-')).peekable();
            parts.peek().is_none() || parts.any(|argument| argument == part)
        };
        println!("{COLUMNS}x{ROWS}, {} processors", std::thread::available_parallelism().unwrap());
        if wanted("start") {
            start();
        }
        if wanted("keys") || wanted("idle") {
            let mut pty = huge();
            if wanted("keys") {
                keys(&mut pty);
            }
            if wanted("idle") {
                idle(&mut pty);
            }
        }
    }

    fn console(scenario: &str) -> Launch {
        Launch::of(env!("CARGO_BIN_EXE_sagedeck")).arg(format!("--demo={scenario}")).size(COLUMNS, ROWS)
    }

    /// The least a ratatui program can do: one paragraph, then wait for a key.
    fn floor_program() {
        let mut terminal = ratatui::init();
        terminal.draw(|frame| frame.render_widget(Paragraph::new(PARAGRAPH), frame.area())).unwrap();
        while !matches!(crossterm::event::read().unwrap(), crossterm::event::Event::Key(_)) {}
        ratatui::restore();
    }

    fn start() {
        let floor = Launch::of(std::env::current_exe().unwrap()).arg(FLOOR).size(COLUMNS, ROWS);
        let mut of_floor = Figures::default();
        let mut of_console = Figures::default();
        // On a busy machine the time that passes says little; the processor time spent still compares.
        let mut spent_by_floor = Figures::default();
        let mut spent_by_console = Figures::default();
        // In turns, so that both see the same machine.
        for _ in 0..STARTS {
            let mut pty = floor.start();
            pty.wait_for_text(PARAGRAPH);
            of_floor.add(pty.last_output().duration_since(pty.started()));
            spent_by_floor.add(Usage::of(pty.pid()).processor);
            pty.send("q");
            pty.wait_for_exit(Duration::from_secs(5));

            let mut pty = console("small").start();
            pty.wait_until("the first frame", |pty| !pty.frames().is_empty());
            of_console.add(pty.frames()[0].duration_since(pty.started()));
            spent_by_console.add(Usage::of(pty.pid()).processor);
            pty.send("\x03");
            pty.wait_for_exit(Duration::from_secs(5));
        }
        of_floor.print("start to first frame, floor");
        of_console.print("start to first frame, sagedeck");
        println!("{:<44} {:>9.2} x", "  ratio of the medians", of_console.ratio_to(&of_floor));
        spent_by_floor.print("processor time until then, floor");
        spent_by_console.print("processor time until then, sagedeck");
        println!("{:<44} {:>9.2} x", "  ratio of the medians", spent_by_console.ratio_to(&spent_by_floor));
    }

    /// The console with 100,000 apps on the screen, all of them read.
    fn huge() -> Pty {
        let mut pty = console("huge").start();
        pty.wait_until("the first frame", |pty| !pty.frames().is_empty());
        pty.send("5");
        let began = Instant::now();
        pty.wait_until("all 100,000 apps", |pty| pty.text().lines().take(4).any(is_title_of_all));
        println!("{:<44} {:>9.2} s", "all of `huge` read", began.elapsed().as_secs_f64());
        // Out of focus it asks AWS for nothing more, so that what comes after a key is the answer to the key:
        // the details of 100,000 apps take many minutes to read, and each answer may draw a frame.
        pty.send("\x1b[O");
        pty.settle(Duration::from_millis(500));
        pty
    }

    /// `[100,003]`, the count over the table, without a word about lists still to come.
    fn is_title_of_all(line: &str) -> bool {
        let count = |bracketed: &str| {
            let digits: String = bracketed.chars().filter(char::is_ascii_digit).collect();
            digits.parse::<u64>().unwrap_or(0)
        };
        line.split(['[', ']', '/'])
            .any(|part| part.chars().all(|c| c.is_ascii_digit() || c == ',') && count(part) >= 100_000)
            && !line.contains("lists read")
    }

    fn keys(pty: &mut Pty) {
        for (what, keys, times) in [
            ("move by a row", &["j", "k", "j", "j"][..], 400),
            ("move by a page", &["\x06", "\x06", "\x02"], 150),
            ("move to either end", &["G", "g"], 100),
        ] {
            let mut first = Figures::default();
            for key in keys.iter().cycle().take(times) {
                first.add(answer(pty, key).0);
            }
            first.print(what);
        }
        let mut first = Figures::default();
        let mut settled = Figures::default();
        for word in ["anna", "gpu", "idle>2h", "ml.g5"].iter().cycle().take(16) {
            pty.send("/");
            pty.settle(SILENCE);
            for character in word.chars() {
                let (answered, complete) = answer(pty, &character.to_string());
                first.add(answered);
                settled.add(complete);
            }
            pty.send("\x1b");
            pty.settle(SILENCE);
            pty.send("\x1b");
            pty.settle(SILENCE);
        }
        first.print("filter keystroke, first frame");
        settled.print("filter keystroke, last frame");

        let mut first = Figures::default();
        let mut settled = Figures::default();
        for key in ["N", "C", "A", "S"].iter().cycle().take(40) {
            let (answered, complete) = answer(pty, key);
            first.add(answered);
            settled.add(complete);
        }
        first.print("sort, first frame");
        settled.print("sort, last frame");
    }

    /// Types `key`; how long until the first frame, and until the last one before the screen is silent. A key
    /// that changes nothing is not answered: that stops the benchmark, as the figure would be wrong.
    fn answer(pty: &mut Pty, key: &str) -> (Duration, Duration) {
        std::thread::sleep(PAUSE);
        while pty.take_output(Duration::ZERO) {}
        let before = pty.frames().len();
        let typed = Instant::now();
        pty.send(key);
        pty.wait_until("an answer to a key", |pty| pty.frames().len() > before);
        pty.settle(SILENCE);
        let frames = &pty.frames()[before..];
        (frames[0].duration_since(typed), frames[frames.len() - 1].duration_since(typed))
    }

    fn idle(pty: &mut Pty) {
        const WATCHED: Duration = Duration::from_secs(10);
        pty.settle(Duration::from_millis(500));
        let (frames, before) = (pty.frames().len(), Usage::of(pty.pid()));
        let began = Instant::now();
        while began.elapsed() < WATCHED {
            pty.take_output(Duration::from_millis(100));
        }
        let after = Usage::of(pty.pid());
        let processor = after.processor.saturating_sub(before.processor).as_secs_f64();
        println!(
            "{:<44} {:>9.3} % of a core",
            "idle, 10 s",
            100.0 * processor / began.elapsed().as_secs_f64()
        );
        println!("{:<44} {:>9}", "  wake-ups", after.wake_ups - before.wake_ups);
        println!("{:<44} {:>9}", "  frames", pty.frames().len() - frames);
        println!("{:<44} {:>9.1} MiB", "resident with 100,000 apps", after.resident as f64 / 1024.0);
    }

    /// What a process has used so far, all threads together.
    struct Usage {
        processor: Duration,
        wake_ups: u64,
        /// KiB.
        resident: u64,
    }

    impl Usage {
        fn of(pid: Pid) -> Self {
            let mut usage = Self { processor: Duration::ZERO, wake_ups: 0, resident: 0 };
            for thread in fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
                let thread = thread.unwrap().path();
                // Nanoseconds on a processor, nanoseconds waiting, slices.
                let times = fs::read_to_string(thread.join("schedstat")).unwrap();
                let on_processor = times.split_whitespace().next().unwrap().parse().unwrap();
                usage.processor += Duration::from_nanos(on_processor);
                usage.wake_ups +=
                    field(&fs::read_to_string(thread.join("status")).unwrap(), "voluntary_ctxt_switches");
            }
            usage.resident = field(&fs::read_to_string(format!("/proc/{pid}/status")).unwrap(), "VmRSS");
            usage
        }
    }

    fn field(status: &str, name: &str) -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    #[derive(Default)]
    struct Figures(Vec<Duration>);

    impl Figures {
        fn add(&mut self, figure: Duration) {
            self.0.push(figure);
        }

        /// The figure that `percent` of all do not exceed, in milliseconds.
        fn percentile(&self, percent: usize) -> f64 {
            let mut sorted = self.0.clone();
            sorted.sort_unstable();
            let index = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            sorted[index].as_secs_f64() * 1000.0
        }

        fn ratio_to(&self, other: &Self) -> f64 {
            self.percentile(50) / other.percentile(50)
        }

        fn print(&self, what: &str) {
            let [least, half, most] = [0, 50, 99].map(|percent| self.percentile(percent));
            println!(
                "{what:<44} {half:>9.2} ms p50 {most:>9.2} ms p99 {least:>9.2} ms least, of {}",
                self.0.len()
            );
        }
    }
}
