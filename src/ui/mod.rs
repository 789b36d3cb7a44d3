//! How it looks: pure functions from the console to a frame.

pub mod theme;
