//! Takes each thing that was asked for once: what can be done with it, or why it is left out.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use crate::fleet::{Excluded, Target};

/// Why something is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// As a clause: "is protected".
    pub(super) reason: Arc<str>,
    /// Whether what was asked for is so already.
    pub(super) is_so: bool,
}

impl LeftOut {
    /// It is so already, as the clause says.
    pub(super) fn so(reason: &str) -> Self {
        Self { reason: reason.into(), is_so: true }
    }

    /// Of what.
    pub(super) fn of(self, target: impl Into<Target>) -> Excluded {
        Excluded { target: target.into(), reason: self.reason, is_so: self.is_so }
    }
}

impl<T: Into<Arc<str>>> From<T> for LeftOut {
    fn from(reason: T) -> Self {
        Self { reason: reason.into(), is_so: false }
    }
}

/// What came of an attempt for each key, in their order and once for one that comes twice: what can be done, and
/// what cannot, with the reason the attempt gave.
pub(super) fn each<'k, K, T>(
    keys: &'k [K],
    mut attempt: impl FnMut(&'k K) -> Result<T, LeftOut>,
) -> (Vec<T>, Vec<Excluded>)
where
    K: Clone + Eq + Hash + Into<Target>,
{
    let mut taken = HashSet::with_capacity(keys.len());
    let (mut chosen, mut excluded) = (Vec::new(), Vec::new());
    for key in keys.iter().filter(|key| taken.insert(*key)) {
        match attempt(key) {
            Ok(one) => chosen.push(one),
            Err(left) => excluded.push(left.of(key.clone())),
        }
    }
    (chosen, excluded)
}
