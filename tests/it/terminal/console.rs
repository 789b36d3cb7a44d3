//! The console itself, over the demo, in a pseudo terminal.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::pty::{Launch, Pty};
use super::{ENDS_WITHIN, Subject};

fn console() -> Subject {
    Subject { launch: Launch::of(env!("CARGO_BIN_EXE_sagedeck")).arg("--demo"), up: "DEMO" }
}

/// Types `keys`, after which the console must still be there, and leave only when `q` is pressed.
fn stays_after(keys: &str) {
    let mut pty = console().start();
    pty.send(keys);
    pty.settle(Duration::from_millis(300));
    assert!(pty.screen().alternate_screen(), "the console ended:\n{}", pty.text());
    pty.send("q");
    assert_eq!(pty.wait_for_exit(ENDS_WITHIN), 0);
    pty.assert_restored();
}

#[test]
fn f73_the_terminal_is_restored_on_every_way_out() {
    console().restores_on_every_way_out();
}

#[test]
fn f74_a_stop_restores_the_terminal_and_going_on_takes_it_again() {
    console().stops_and_goes_on(|pty: &mut Pty| pty.signal(Signal::SIGTSTP));
}

#[test]
fn f74_a_signal_that_comes_while_stopped_ends_it_with_the_terminal_restored() {
    console().ends_when_stopped();
}

#[test]
fn f72_it_ends_idly_when_its_terminal_goes() {
    console().ends_with_its_terminal();
}

#[test]
fn f70_f71_every_size_is_drawn_and_a_storm_of_them_survived() {
    console().survives_every_size();
}

#[test]
fn f75_without_a_terminal_it_names_the_commands_for_scripts() {
    console().refuses_to_start_without_a_terminal();
}

#[test]
fn f76_a_frozen_terminal_does_not_keep_it_from_ending() {
    console().ends_although_the_terminal_is_frozen();
}

#[test]
fn f77_pasted_text_is_not_run_as_keys() {
    stays_after("\x1b[200~q\r\x03q\x1b[201~");
}

#[test]
fn f78_nor_is_it_without_paste_brackets() {
    stays_after(&format!("{}q\r", "j".repeat(40)));
}

#[test]
fn f82_late_answers_of_the_terminal_are_not_keys() {
    stays_after("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b[?62;22c\x1b]52;c;cXFx\x07");
}
