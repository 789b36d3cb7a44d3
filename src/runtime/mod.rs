//! Terminal, clock and tasks: the only imperative part of the console.
