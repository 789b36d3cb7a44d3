//! Takes each thing that was asked for once: what can be done with it, or why it is left out.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use crate::fleet::{Excluded, Target};

/// What came of an attempt for each key, in their order and once for one that comes twice: what can be done, and
/// what cannot, with the reason the attempt gave.
pub(super) fn each<'k, K, T>(
    keys: &'k [K],
    mut attempt: impl FnMut(&'k K) -> Result<T, Arc<str>>,
) -> (Vec<T>, Vec<Excluded>)
where
    K: Clone + Eq + Hash + Into<Target>,
{
    let mut taken = HashSet::with_capacity(keys.len());
    let (mut chosen, mut excluded) = (Vec::new(), Vec::new());
    for key in keys.iter().filter(|key| taken.insert(*key)) {
        match attempt(key) {
            Ok(one) => chosen.push(one),
            Err(reason) => excluded.push(Excluded { target: key.clone().into(), reason }),
        }
    }
    (chosen, excluded)
}
