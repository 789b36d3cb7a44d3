//! What AWS answers in demo and test: the wire protocol in process. Knows no type of ours.

pub mod clock;
pub mod faults;
mod iam;
mod life;
mod pricing;
mod query;
pub mod rng;
pub mod scenario;
mod sts;
pub mod wire;
pub mod world;
