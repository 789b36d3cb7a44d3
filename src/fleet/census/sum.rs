//! What some apps and spaces add up to.

use jiff::SignedDuration;

use crate::fleet::burn::is_doubtful;
use crate::fleet::{App, AppStatus, IdleRule, Known, Rate, Timestamp, Verdict, last_use};

/// What the rows of a domain, of a user profile, of a space or of the whole fleet add up to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sum {
    /// User profiles.
    pub users: u32,
    /// Spaces.
    pub spaces: u32,
    /// Apps that are listed and not over.
    pub apps: u32,
    /// Apps for which an instance runs or may run.
    pub running: u32,
    /// Apps that failed.
    pub failed: u32,
    /// Running apps that are in use.
    pub active: u32,
    /// Running apps proven idle.
    pub idle: u32,
    /// Running apps whose price is not known, so that [`burn`](Self::burn) leaves them out.
    pub unknown_prices: u32,
    /// Running apps of which it is not known when they were last used.
    pub unknown_use: u32,
    /// Running apps of which it is not known whether they are idle.
    pub unknown_idle: u32,
    /// Dollars per hour, as far as prices are known.
    pub burn: f64,
    /// Dollars per hour of apps proven idle.
    pub idle_burn: f64,
    /// GB of the volumes of spaces.
    pub ebs_gb: u64,
    /// Dollars per month of those volumes, as far as prices are known.
    pub storage: f64,
    /// Spaces with a volume whose price is not known.
    pub unknown_storage: u32,
    /// The last time any of the apps is known to have been used.
    pub last_use: Option<Timestamp>,
}

/// What one app adds to the sums it is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct AppShare {
    running: bool,
    over: bool,
    failed: bool,
    doubtful: bool,
    rate: Rate,
    verdict: Verdict,
    last_use: Option<Timestamp>,
}

impl AppShare {
    pub(super) fn of(app: &App, rate: Rate, verdict: Verdict, rule: &IdleRule) -> Self {
        Self {
            running: is_running(&app.status),
            over: app.status.is_gone(),
            failed: app.status.is_fault(),
            doubtful: is_doubtful(&app.status, verdict),
            rate,
            verdict,
            last_use: last_use(app, rule),
        }
    }
}

/// Whether an instance runs, or may run as far as we know.
pub(in crate::fleet) fn is_running(status: &AppStatus) -> bool {
    status.is_running() || matches!(status, AppStatus::Other(_))
}

impl Sum {
    /// Dollars per hour; not known where the price of any app is not.
    pub fn known_burn(&self) -> Known<f64> {
        if self.unknown_prices == 0 { Known::Value(self.burn) } else { Known::Unknown }
    }

    /// Dollars per hour of what is proven idle; not known where the verdict on any running app is not, or its
    /// price.
    pub fn known_idle_burn(&self) -> Known<f64> {
        if self.unknown_idle == 0 && self.unknown_prices == 0 {
            Known::Value(self.idle_burn)
        } else {
            Known::Unknown
        }
    }

    /// Dollars per month of storage; not known where the price of any volume is not.
    pub fn known_storage(&self) -> Known<f64> {
        if self.unknown_storage == 0 { Known::Value(self.storage) } else { Known::Unknown }
    }

    /// Since when nobody has used any of the apps; not known where the last use of any running one is not.
    pub fn known_use(&self) -> Known<Timestamp> {
        if self.unknown_use > 0 { Known::Unknown } else { self.last_use.into() }
    }

    /// How long ago the last use was.
    pub fn unused_for(&self, now: Timestamp) -> Known<SignedDuration> {
        self.known_use().map(|at| now.duration_since(at))
    }

    pub(super) fn add(&mut self, share: &AppShare) {
        self.last_use = self.last_use.max(share.last_use);
        if share.over {
            return;
        }
        self.apps += 1;
        self.failed += u32::from(share.failed);
        if !share.running {
            return;
        }
        self.running += 1;
        self.unknown_use += u32::from(share.last_use.is_none());
        self.unknown_idle += u32::from(share.doubtful);
        let dollars = share.rate.dollars();
        match dollars {
            Known::Value(dollars) => self.burn += dollars,
            Known::Absent | Known::Unknown => self.unknown_prices += 1,
        }
        match share.verdict {
            Verdict::Idle { .. } => {
                self.idle += 1;
                self.idle_burn += dollars.value().unwrap_or(0.0);
            }
            Verdict::Active { .. } => self.active += 1,
            Verdict::NotRunning | Verdict::Unknown => {}
        }
    }

    pub(super) fn add_space(&mut self, gb: Option<u32>, dollars: Known<f64>) {
        self.spaces += 1;
        self.ebs_gb += u64::from(gb.unwrap_or(0));
        match dollars {
            Known::Value(dollars) => self.storage += dollars,
            Known::Absent => {}
            Known::Unknown => self.unknown_storage += 1,
        }
    }
}
