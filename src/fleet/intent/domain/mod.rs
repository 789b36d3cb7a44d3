//! Plans new domains and edits of domains.

mod change;
mod create;
#[cfg(test)]
mod tests;

pub(super) use change::{DomainEditor, needs as edit_needs, plan as edit};
pub(super) use create::{needs as create_needs, plan as create};
