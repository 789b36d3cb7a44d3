//! How plans are carried out: bounded, verified, one failure not stopping the rest. Knows no screen.

mod audit;
mod brakes;
mod children;
mod commit;
mod compare;
mod disk;
mod drive;
mod executor;
mod graph;
mod journal;
mod judge;
mod lane;
mod look;
mod paid;
mod poison;
mod records;
mod run;
mod seal;
mod step;
mod sweep;
mod unfinished;
mod watch;
mod who;

pub use audit::{
    Audit, Entry, FirstBad, Found, Head, Logged, Search, Summary, Wrong, audit_path, read_audit, verify_audit,
};
pub use commit::{WriteFailed, Written};
pub use disk::Disk;
#[doc(hidden)]
pub use disk::{Fault, Kept};
pub use executor::{Executor, Order};
pub use journal::{
    FORMAT, Journal, JournalError, Listed, Opening, Principal, Recorded, Standing, StepRecord, StepStanding,
    Torn, history, was_begun,
};
pub use paid::{Paid, ask_paid};
pub use unfinished::Unfinished;
