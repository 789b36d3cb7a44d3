//! How plans are carried out: bounded, verified, one failure not stopping the rest. Knows no screen.

mod audit;
mod brakes;
mod commit;
mod disk;
mod executor;
mod journal;
mod seal;
mod step;
mod sweep;

pub use audit::{
    Audit, Entry, FirstBad, Found, Head, Logged, Search, Summary, Wrong, audit_path, read_audit, verify_audit,
};
pub use commit::{WriteFailed, Written};
pub use disk::Disk;
#[doc(hidden)]
pub use disk::Fault;
pub use executor::Executor;
pub use journal::{
    FORMAT, Journal, JournalError, Listed, Opening, Principal, Recorded, Standing, StepRecord, StepStanding,
    Torn, history, was_begun,
};
