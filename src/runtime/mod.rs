//! Terminal, clock and tasks: the only imperative part of the console.

pub mod input;
pub mod signals;
pub mod terminal;
