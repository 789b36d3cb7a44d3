//! Apps, and what the service knows of their use. Knows no wire format.

use super::entities::{Name, Settings, Status, Tags};
use super::table::{Id, Row};
use crate::sim::clock::{MINUTE, Millis};

/// How often the service checks the health of a running app.
pub const HEALTH_CHECK_PERIOD: Millis = 5 * MINUTE;

/// The kind of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AppType {
    /// Studio Classic's notebook server.
    JupyterServer,
    /// Studio Classic's kernels, one app per image and instance type.
    KernelGateway,
    /// The `SageMaker` Profiler.
    DetailedProfiler,
    /// `TensorBoard`.
    TensorBoard,
    /// Code Editor in a space.
    CodeEditor,
    /// `JupyterLab` in a space.
    JupyterLab,
    /// The `RStudio` server of a domain, under the profile `domain-shared`.
    RStudioServerPro,
    /// An `RStudio` session.
    RSessionGateway,
    /// Canvas.
    Canvas,
    /// A value that no client has heard of yet.
    Unheard(&'static str),
}

impl AppType {
    /// Every kind AWS names.
    pub const ALL: [Self; 9] = [
        Self::JupyterServer,
        Self::KernelGateway,
        Self::DetailedProfiler,
        Self::TensorBoard,
        Self::CodeEditor,
        Self::JupyterLab,
        Self::RStudioServerPro,
        Self::RSessionGateway,
        Self::Canvas,
    ];

    /// AWS's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JupyterServer => "JupyterServer",
            Self::KernelGateway => "KernelGateway",
            Self::DetailedProfiler => "DetailedProfiler",
            Self::TensorBoard => "TensorBoard",
            Self::CodeEditor => "CodeEditor",
            Self::JupyterLab => "JupyterLab",
            Self::RStudioServerPro => "RStudioServerPro",
            Self::RSessionGateway => "RSessionGateway",
            Self::Canvas => "Canvas",
            Self::Unheard(text) => text,
        }
    }

    /// The kind AWS spells so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether the service still keeps such apps but starts no new ones (Studio Classic).
    pub fn is_deprecated(self) -> bool {
        matches!(self, Self::JupyterServer | Self::KernelGateway)
    }
}

/// Whose app it is: exactly one of the two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A user profile, by name.
    User(Name),
    /// A space, by name.
    Space(Name),
}

impl Owner {
    /// The name of the profile or space.
    pub fn name(&self) -> &Name {
        match self {
            Self::User(name) | Self::Space(name) => name,
        }
    }
}

/// What makes an app unique in its region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppKey {
    /// `DomainId`.
    pub domain: Name,
    /// `UserProfileName` or `SpaceName`.
    pub owner: Owner,
    /// `AppType`.
    pub app_type: AppType,
    /// `AppName`.
    pub name: Name,
}

/// What the service knows of a user's activity in an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Only health checks bump the timestamp: it equals `LastHealthCheckTimestamp` and proves nothing.
    HealthCheckOnly,
    /// The user was last seen then.
    At(Millis),
    /// The user is at work: the timestamp follows the clock by the minute.
    AtWork,
    /// Neither timestamp is ever set.
    Absent,
}

/// A run that is over and whose app is gone, or runs again.
#[derive(Clone, Debug)]
pub struct EndedRun {
    /// Whose run it was.
    pub key: AppKey,
    /// `ResourceSpec.InstanceType`.
    pub instance_type: Name,
    /// When it began.
    pub started: Millis,
    /// When it ended.
    pub ended: Millis,
    /// The tags of the app.
    pub tags: Tags,
}

/// An app.
#[derive(Clone, Debug)]
pub struct App {
    // Never changed in a stored row: the table is ordered by them. Visible in `sim` to build rows.
    pub(in crate::sim) key: AppKey,
    pub(in crate::sim) created: Millis,
    /// When the current run began; `CreationTime` may be of an earlier one (aws.md 1.2).
    pub started: Millis,
    /// When it stopped or failed.
    pub ended: Option<Millis>,
    /// Its state; set it through [`App::set_status`].
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Name>,
    /// `ResourceSpec`.
    pub spec: Settings,
    /// The user's activity.
    pub activity: Activity,
    /// `RecoveryMode`.
    pub recovery_mode: bool,
    /// Its tags.
    pub tags: Tags,
    /// Counts changes of state.
    pub generation: u32,
    /// Whether the present run got into service: what never did costs nothing.
    pub(in crate::sim) served: bool,
}

impl App {
    /// An app in service since its creation.
    pub fn new(key: AppKey, spec: Settings, created: Millis) -> Self {
        Self {
            key,
            created,
            started: created,
            ended: None,
            status: Status::InService,
            failure: None,
            spec,
            activity: Activity::HealthCheckOnly,
            recovery_mode: false,
            tags: Tags::default(),
            generation: 0,
            served: true,
        }
    }

    /// What makes it unique, without a clone.
    pub fn identity(&self) -> &AppKey {
        &self.key
    }

    /// Changes the state at a time; a run that is over remembers when.
    pub fn set_status(&mut self, status: Status, at: Millis) {
        self.status = status;
        self.generation += 1;
        match status {
            Status::Pending => self.served = false,
            Status::InService => self.served = true,
            _ => {}
        }
        self.ended = match status {
            Status::Deleted | Status::Failed => Some(at),
            _ => None,
        };
    }

    /// The present run as it will be remembered, if it is over and there was one.
    pub(super) fn ended_run(&self) -> Option<EndedRun> {
        let ended = self.ended.filter(|_| self.served)?;
        Some(EndedRun {
            key: self.key.clone(),
            instance_type: self.instance_type()?.into(),
            started: self.started,
            ended,
            tags: self.tags.clone(),
        })
    }

    /// `ResourceSpec.InstanceType`.
    pub fn instance_type(&self) -> Option<&str> {
        self.spec.get("InstanceType")?.as_str()
    }

    /// Whether it is `Pending`, `InService` or `Deleting`: it blocks the deletion of its owner.
    pub fn is_live(&self) -> bool {
        !matches!(self.status, Status::Deleted | Status::Failed)
    }

    /// `LastHealthCheckTimestamp`: a running app is checked every [`HEALTH_CHECK_PERIOD`], each at an
    /// offset of its own. Computed, so that a hundred thousand apps cost nothing.
    pub fn last_health_check(&self, id: Id, now: Millis) -> Option<Millis> {
        if self.activity == Activity::Absent || self.status == Status::Pending {
            return None;
        }
        let until = self.ended.unwrap_or(now);
        let offset = Millis::from(id.wrapping_mul(0x9E37_79B9)) % HEALTH_CHECK_PERIOD;
        let tick = (until - offset).div_euclid(HEALTH_CHECK_PERIOD) * HEALTH_CHECK_PERIOD + offset;
        (tick >= self.started).then_some(tick)
    }

    /// `LastUserActivityTimestamp` as the service reports it (aws.md 5).
    pub fn last_user_activity(&self, id: Id, now: Millis) -> Option<Millis> {
        let until = self.ended.unwrap_or(now);
        match self.activity {
            Activity::Absent => None,
            Activity::HealthCheckOnly => self.last_health_check(id, now),
            Activity::At(at) => Some(at),
            Activity::AtWork => {
                let minute = until.div_euclid(MINUTE) * MINUTE + Millis::from(id % 60) * 1_000;
                Some(if minute > until { minute - MINUTE } else { minute }.max(self.started))
            }
        }
    }
}

impl Row for App {
    type Key = AppKey;

    fn key(&self) -> AppKey {
        self.key.clone()
    }
    fn domain(&self) -> &Name {
        &self.key.domain
    }
    fn created(&self) -> Millis {
        self.created
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::clock::HOUR;

    fn app(activity: Activity) -> App {
        let key = AppKey {
            domain: "d-1".into(),
            owner: Owner::Space("s".into()),
            app_type: AppType::JupyterLab,
            name: "default".into(),
        };
        App { activity, ..App::new(key, Settings::default(), HOUR) }
    }

    #[test]
    fn an_app_nobody_uses_shows_its_health_check_as_activity() {
        let app = app(Activity::HealthCheckOnly);
        let checked = app.last_health_check(7, 5 * HOUR);
        assert!(checked.is_some_and(|at| at <= 5 * HOUR && at > 5 * HOUR - HEALTH_CHECK_PERIOD));
        assert_eq!(app.last_user_activity(7, 5 * HOUR), checked);
    }

    #[test]
    fn activity_of_a_user_at_work_follows_the_clock() {
        let app = app(Activity::AtWork);
        let seen = app.last_user_activity(7, 5 * HOUR).unwrap();
        assert!(5 * HOUR - seen < MINUTE);
        assert!(app.last_user_activity(7, 6 * HOUR).unwrap() > seen);
    }

    #[test]
    fn nothing_moves_after_the_end_of_a_run() {
        let mut app = app(Activity::HealthCheckOnly);
        app.set_status(Status::Deleted, 2 * HOUR);
        assert_eq!(app.last_health_check(7, 3 * HOUR), app.last_health_check(7, 9 * HOUR));
        app.set_status(Status::Pending, 3 * HOUR);
        assert_eq!(app.last_health_check(7, 9 * HOUR), None);
    }
}
