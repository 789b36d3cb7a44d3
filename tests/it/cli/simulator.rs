//! `sim`: the simulated AWS as a program of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use super::Home;

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn the_simulator_says_where_it_listens_and_answers_there() {
    let home = Home::new();
    let mut child = home
        .command(&["sim", "--listen", "127.0.0.1:0", "--scenario", "small", "--seed", "7"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let out = child.stdout.take().expect("stdout");
    let mut sim = Ended(child);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line).expect("a line");
    let url = line.trim().strip_prefix("listening on ").expect("the address").to_owned();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let output = home
        .command(&[
            "--endpoint-url",
            &url,
            "--region",
            "eu-west-1",
            "domains",
            "list",
            "-c",
            "name",
            "-o",
            "csv",
        ])
        .env("AWS_ACCESS_KEY_ID", "x")
        .env("AWS_SECRET_ACCESS_KEY", "x")
        .output();
    let ran = super::Ran::from(output.expect("the program runs")).with_code(0);
    assert!(ran.out.lines().count() > 1, "{}", ran.out);
    #[cfg(unix)]
    {
        use nix::sys::signal::{Signal, kill};
        let id = nix::unistd::Pid::from_raw(i32::try_from(sim.0.id()).expect("an id"));
        kill(id, Signal::SIGTERM).expect("a signal");
        assert_eq!(sim.0.wait().expect("an end").code(), Some(143));
    }
    drop(sim);
}
