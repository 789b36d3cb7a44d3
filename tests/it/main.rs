//! The one integration-test binary: each further one would link the SDKs again.

// Clippy takes only the bodies of tests for tests; what they share may give up as loudly.
// A future of a test is made once, however large it is.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::large_futures)]

mod architecture;
mod cli;
mod flows;
mod intents;
mod operations;
mod papers;
mod picture;
mod policies;
mod screenshots;
mod sim;
mod terminal;
mod wire;
