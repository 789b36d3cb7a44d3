//! The `sagedeck` program.
fn main() {}
