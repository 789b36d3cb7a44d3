//! The one integration-test binary: each further one would link the SDKs again.

// Clippy takes only the bodies of tests for tests; what they share may give up as loudly.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod architecture;
mod cli;
mod flows;
mod operations;
mod papers;
mod picture;
mod screenshots;
mod sim;
mod terminal;
mod wire;
