//! The named fleets a simulation can start with.

use super::faults::Faults;
use super::world::World;

/// A named fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scenario {
    /// Three domains on which every state is on show.
    #[default]
    Small,
    /// 10,000 apps.
    Large,
    /// 100,000 apps.
    Huge,
    /// Nothing.
    Empty,
    /// Hostile and faulty.
    Broken,
}

impl Scenario {
    /// Fills a world.
    pub fn populate(self, _seed: u64, _world: &mut World, _faults: &Faults) {}
}
