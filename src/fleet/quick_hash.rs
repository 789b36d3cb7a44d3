//! A fast hash for maps that live for one pass over the rows. Not for keys an adversary chooses: it has no secret.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map with the fast hash.
pub(super) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// An odd number without pattern: 2^64 divided by the golden ratio.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes eight bytes at a time by rotation and multiplication.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct QuickHasher {
    state: u64,
}

impl QuickHasher {
    fn mix(&mut self, word: u64) {
        self.state = (self.state.rotate_left(26) ^ word).wrapping_mul(MULTIPLIER);
    }
}

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    fn finish(&self) -> u64 {
        // The map takes its place from the low bits and its tag from the high ones: both must depend on all.
        self.state ^ (self.state >> 32)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher as _;

    use super::*;

    #[test]
    fn names_that_differ_in_a_letter_or_a_number_are_spread_over_the_places() {
        let hasher = BuildHasherDefault::<QuickHasher>::default();
        let hash = |index: u32| hasher.hash_one((index % 7, format!("user-{index:05}")));
        let places: HashSet<u64> = (0..10_000).map(|index| hash(index) & 0x3fff).collect();
        // Throwing 10,000 balls into 16,384 places at random fills about 7,500 of them.
        assert!(places.len() > 7_000, "{}", places.len());
        let tags: HashSet<u64> = (0..10_000).map(|index| hash(index) >> 57).collect();
        assert_eq!(tags.len(), 128);
    }
}
