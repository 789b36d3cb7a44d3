//! The console as its users work it: keys in, screen and requests out, over the real SDK and the simulated AWS.

pub(crate) mod bench;

mod browse;
mod burn;
mod changing;
mod costs;
mod faults;
mod forms;
mod locking;
mod looking;
mod quotas;
mod reconcile;
mod stopping;
