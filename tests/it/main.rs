//! The one integration-test binary: each further one would link the SDKs again.

// Clippy takes only the bodies of tests for tests; what they share may give up as loudly.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod architecture;
<<<<<<< HEAD
mod flows;
=======
mod cli;
>>>>>>> 66445b1 (Run the program without a screen against the simulated AWS; hold the README's tables to it)
mod operations;
mod papers;
mod picture;
mod screenshots;
mod sim;
mod terminal;
mod wire;
