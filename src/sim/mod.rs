//! What AWS answers in demo and test: the wire protocol, in process or over loopback, with state,
//! virtual time and faults. Knows no type of ours.

mod answer;
pub mod billing;
pub mod clock;
mod context;
mod cost_explorer;
mod dialect;
mod ec2;
mod efs;
mod exchange;
pub mod faults;
pub mod iam;
mod identity;
pub mod life;
pub mod listen;
mod log;
mod paging;
pub mod pricing;
mod query;
pub mod rng;
mod sagemaker;
pub mod scenario;
mod serve;
mod service_quotas;
mod shapes;
mod sts;
mod validate;
pub mod wire;
pub mod world;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use log::{Log, LoggedRequest};

use clock::{Millis, SimClock};
use faults::Faults;
use scenario::Scenario;
use world::World;

/// The account of callers whose access key names no other.
pub const DEFAULT_ACCOUNT: &str = "123456789012";

/// A simulated AWS; clones are the same one. It serves as the HTTP client of any SDK client, and over
/// loopback through [`listen`].
#[derive(Clone)]
pub struct SimulatedAws(Arc<Inner>);

struct Inner {
    world: Mutex<World>,
    clock: SimClock,
    faults: Faults,
    log: Log,
    latency: Duration,
    requests: AtomicU64,
}

/// How a [`SimulatedAws`] shall be.
#[derive(Clone, Debug)]
pub struct Builder {
    scenario: Scenario,
    seed: u64,
    epoch: Option<Millis>,
    speed: f64,
    latency: Duration,
    life: bool,
}

impl Builder {
    /// The fleet to start with.
    #[must_use]
    pub fn scenario(self, scenario: Scenario) -> Self {
        Self { scenario, ..self }
    }

    /// What chance decides: the same seed gives the same fleet and the same faults.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The virtual time at the start, in seconds since the epoch; without it, the real time.
    #[must_use]
    pub fn epoch_seconds(self, seconds: i64) -> Self {
        Self { epoch: Some(seconds * clock::SECOND), ..self }
    }

    /// How many times as fast as real the virtual time runs.
    #[must_use]
    pub fn speed(self, speed: f64) -> Self {
        Self { speed, ..self }
    }

    /// How long each answer takes, in real time.
    #[must_use]
    pub fn latency(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    /// Whether things happen by themselves.
    #[must_use]
    pub fn life(self, life: bool) -> Self {
        Self { life, ..self }
    }

    /// Makes it.
    pub fn build(self) -> SimulatedAws {
        let epoch = self.epoch.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Millis::try_from(since.as_millis()).unwrap_or_default()
        });
        let faults = Faults::new(self.seed);
        let mut world = World::new(DEFAULT_ACCOUNT, epoch);
        self.scenario.populate(self.seed, &mut world, &faults);
        if self.life {
            world.life = Some(life::Life::new(self.seed, epoch));
        }
        SimulatedAws(Arc::new(Inner {
            world: Mutex::new(world),
            clock: SimClock::new(epoch, self.speed),
            faults,
            log: Log::default(),
            latency: self.latency,
            requests: AtomicU64::new(0),
        }))
    }
}

impl SimulatedAws {
    /// The demo's defaults: the small fleet in real time, without life, latency or faults.
    pub fn builder() -> Builder {
        Builder {
            scenario: Scenario::default(),
            seed: 1,
            epoch: None,
            speed: 1.0,
            latency: Duration::ZERO,
            life: false,
        }
    }

    /// What can go wrong.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// What was asked so far.
    pub fn requests(&self) -> &Log {
        &self.0.log
    }

    /// The virtual clock.
    pub fn clock(&self) -> &SimClock {
        &self.0.clock
    }

    /// Looks at the world, or changes it, at the present virtual time.
    pub fn with_world<R>(&self, with: impl FnOnce(&mut World) -> R) -> R {
        with(&mut self.world_now())
    }

    fn world_now(&self) -> MutexGuard<'_, World> {
        let mut world = self.0.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.0.clock.now());
        world
    }
}

impl fmt::Debug for SimulatedAws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimulatedAws").field("clock", &self.0.clock).finish_non_exhaustive()
    }
}
