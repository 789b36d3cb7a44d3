//! sagedeck: a terminal administration console for Amazon SageMaker Studio fleets.
//!
//! | module | sentence |
//! |---|---|
//! | [`fleet`] | what exists in the accounts, and the rules about it |
//! | [`console`] | what the user is doing: state, actions, keys, `update` |
//! | [`ui`] | how it looks: pure functions to a frame |
//! | [`aws`] | how AWS is asked: the only user of the AWS SDK |
//! | [`operations`] | how plans are carried out |
//! | [`sim`] | what AWS answers in demo and test |
//! | [`store`] | what is kept on disk |
//! | [`runtime`] | terminal, clock, tasks: the only imperative part of the console |
//! | [`report`] | sheets, plans and outcomes as text |
//! | [`cli`] | arguments, configuration, and the headless twin |
//! | [`start`] | joins them |
//!
//! `ARCHITECTURE.md` says which module may know which; a test holds it to that.

pub mod fleet;

pub mod console;
pub mod ui;

pub mod aws;
pub mod operations;
pub mod sim;
pub mod store;

pub mod cli;
pub mod report;
pub mod runtime;

pub mod start;
