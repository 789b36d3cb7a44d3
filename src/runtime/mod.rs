//! Terminal, clock and tasks: the only imperative part of the console.

pub mod input;
// pub mod shell;
pub mod signals;
// pub mod tasks;
pub mod terminal;
// mod translate;
