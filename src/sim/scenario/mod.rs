//! The named fleets a simulation can start with: seeded, and the same for the same seed and time.
//! Knows the world and the faults, and no request.

mod accounts;
mod broken;
mod crowd;
mod limits;
mod money;
mod network;
mod people;
mod shelf;
mod site;
mod small;

use std::fmt;
use std::str::FromStr;

use super::faults::Faults;
use super::rng::Rng;
use super::world::{Scope, World};

/// The account of the demo.
pub const ACCOUNT: &str = "123456789012";
/// Its alias.
pub const ALIAS: &str = "prod-ml";
/// The other account of the demo.
pub const OTHER_ACCOUNT: &str = "210987654321";
/// Its alias.
pub const OTHER_ALIAS: &str = "dev-ml";

/// A named fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scenario {
    /// Three domains, about 60 users and 90 apps on which every state and pathology is on show, and a small
    /// second account.
    #[default]
    Small,
    /// 20 domains, 5,000 users and 10,000 apps in two regions.
    Large,
    /// 200 domains, 50,000 users and 100,000 apps in two accounts of ten regions.
    Huge,
    /// Accounts in which nobody has made anything.
    Empty,
    /// Hostile texts, missing members, unknown values, refusals, throttling, a slow region and a dead one.
    Broken,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 5] = [Self::Small, Self::Large, Self::Huge, Self::Empty, Self::Broken];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Large => "large",
            Self::Huge => "huge",
            Self::Empty => "empty",
            Self::Broken => "broken",
        }
    }

    /// The accounts, the default one first; in `large` and `broken` the second has nobody in it.
    pub fn accounts(self) -> &'static [&'static str] {
        &[ACCOUNT, OTHER_ACCOUNT]
    }

    /// The regions in which the default account has something, or would.
    pub fn regions(self) -> &'static [&'static str] {
        match self {
            Self::Small | Self::Large | Self::Empty => &["eu-west-1", "us-east-1"],
            Self::Huge => &crowd::HUGE_REGIONS,
            Self::Broken => &broken::REGIONS,
        }
    }

    /// Fills a world, whose time is the present of the fleet, and switches on what goes wrong on the way.
    pub fn populate(self, seed: u64, world: &mut World, faults: &Faults) {
        let mut rng = Rng::new(seed);
        for account in self.accounts() {
            let alias = if *account == ACCOUNT { ALIAS } else { OTHER_ALIAS };
            accounts::found(world, account, alias);
            for region in self.regions() {
                let scope = Scope::new(account, region);
                network::found(world, &scope);
                if self != Self::Empty {
                    network::prepare(world, &scope);
                }
            }
        }
        match self {
            Self::Small => small::populate(&mut rng, world),
            Self::Large => crowd::populate(&mut rng, world, &[ACCOUNT], self.regions()),
            Self::Huge => crowd::populate(&mut rng, world, self.accounts(), self.regions()),
            Self::Empty => {}
            Self::Broken => {
                broken::populate(&mut rng, world);
                broken::inject(faults);
            }
        }
        limits::found(self, world);
        money::found(self, seed, world);
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::as_str).join(", ");
        let found = Self::ALL.into_iter().find(|scenario| scenario.as_str() == text);
        found.ok_or_else(|| format!("there is no scenario {text:?}, only {}", names()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::{App, Region};

    const NOW: i64 = 1_795_000_000_000;

    fn world(scenario: Scenario, seed: u64) -> World {
        let mut world = World::new(ACCOUNT, NOW);
        scenario.populate(seed, &mut world, &Faults::new(seed));
        world
    }

    fn regions(world: &World) -> impl Iterator<Item = &Region> {
        world.accounts.values().flat_map(|account| account.regions.values())
    }

    fn counts(world: &World) -> (usize, usize, usize) {
        let count = |of: fn(&Region) -> usize| regions(world).map(of).sum();
        (
            count(|region| region.domains.len()),
            count(|region| region.profiles.len()),
            count(|region| region.apps.len()),
        )
    }

    fn print(world: &World) -> String {
        let apps: Vec<&App> =
            regions(world).flat_map(|region| region.apps.iter().map(|(_, app)| app)).collect();
        format!("{apps:?}")
    }

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.to_string().parse(), Ok(scenario));
        }
        assert!("tiny".parse::<Scenario>().unwrap_err().contains("small, large"));
    }

    #[test]
    fn the_same_seed_gives_the_same_fleet_and_another_another() {
        let fleet = print(&world(Scenario::Small, 7));
        assert!(fleet == print(&world(Scenario::Small, 7)), "the same seed, another fleet");
        assert!(fleet != print(&world(Scenario::Small, 8)), "another seed, the same fleet");
    }

    #[test]
    fn the_large_fleet_has_the_size_it_claims() {
        assert_eq!(counts(&world(Scenario::Large, 1)), (20, 5_000, 10_000));
    }

    #[test]
    fn the_huge_fleet_has_the_size_it_claims_in_twenty_scopes() {
        let world = world(Scenario::Huge, 1);
        assert_eq!(counts(&world), (200, 50_000, 100_000));
        assert_eq!(regions(&world).count(), 20);
    }

    #[test]
    fn the_small_fleet_is_large_enough_to_show_everything_and_small_enough_to_read() {
        for seed in 0..8 {
            let (domains, users, apps) = counts(&world(Scenario::Small, seed));
            assert_eq!(domains, 4, "three and one in the other account");
            assert!((55..=75).contains(&users), "{users} users");
            assert!((80..=110).contains(&apps), "{apps} apps");
        }
    }

    #[test]
    fn nothing_is_created_in_the_future() {
        for scenario in [Scenario::Small, Scenario::Large, Scenario::Broken] {
            for (_, app) in regions(&world(scenario, 3)).flat_map(|region| region.apps.iter()) {
                assert!(app.started <= NOW && app.ended.unwrap_or(NOW) <= NOW, "{app:?}");
                assert!(app.started <= app.ended.unwrap_or(NOW), "{app:?}");
            }
        }
    }
}
