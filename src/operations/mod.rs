//! How plans are carried out: bounded, verified, one failure not stopping the rest. Knows no screen.

mod brakes;
mod executor;
mod step;
mod sweep;

pub use executor::Executor;
