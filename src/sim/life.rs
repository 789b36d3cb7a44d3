//! The people of the demo: in virtual time they start apps, work, leave and forget.

use super::clock::Millis;
use super::world::World;

/// The people at work.
#[derive(Debug)]
pub struct Life {
    next: Millis,
}

impl Life {
    /// People who first do something at a time.
    pub fn new(_seed: u64, next: Millis) -> Self {
        Self { next }
    }

    /// When somebody does something next.
    pub fn next_due(&self) -> Option<Millis> {
        Some(self.next)
    }

    /// Lets somebody do something that was due at a time.
    pub fn act(&mut self, world: &mut World, _due: Millis) {
        self.next = world.now() + 10_000;
    }
}
