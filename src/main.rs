//! The `sagedeck` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    sagedeck::start::run()
}
