//! What exists in a simulated region: Studio's entities as plain data.
//! Knows no wire format; `sim/sagemaker/` writes them as answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::table::{Id, Row};
use crate::sim::clock::{MINUTE, Millis};

/// A shared string: names recur in thousands of rows.
pub type Name = Arc<str>;

/// A settings structure as JSON, in AWS's own spelling; shared, because most entities have the same.
pub type Settings = Arc<Value>;

/// The tags of an entity; shared, because most entities have the same.
pub type Tags = Arc<BTreeMap<Name, Name>>;

/// How often the service checks the health of a running app.
pub const HEALTH_CHECK_PERIOD: Millis = 5 * MINUTE;

/// The state of a domain, user profile, space, app or image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Being created or started.
    Pending,
    /// Usable.
    InService,
    /// Being changed; not for apps.
    Updating,
    /// Creation failed.
    Failed,
    /// A change failed; not for apps.
    UpdateFailed,
    /// Being deleted or stopped.
    Deleting,
    /// Deletion failed; not for apps.
    DeleteFailed,
    /// Stopped, and still listed for 24 hours; only for apps.
    Deleted,
    /// A value that no client has heard of yet.
    Unheard(&'static str),
}

impl Status {
    /// AWS's spelling for domains, user profiles, spaces and apps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InService => "InService",
            Self::Updating => "Updating",
            Self::Failed => "Failed",
            Self::UpdateFailed => "Update_Failed",
            Self::Deleting => "Deleting",
            Self::DeleteFailed => "Delete_Failed",
            Self::Deleted => "Deleted",
            Self::Unheard(text) => text,
        }
    }

    /// AWS's spelling for images and image versions.
    pub fn as_image_str(self) -> &'static str {
        match self {
            Self::Pending => "CREATING",
            Self::InService => "CREATED",
            Self::Updating => "UPDATING",
            Self::Failed => "CREATE_FAILED",
            Self::UpdateFailed => "UPDATE_FAILED",
            Self::Deleting | Self::Deleted => "DELETING",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::Unheard(text) => text,
        }
    }

    /// Whether the service is at work on it.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Pending | Self::Updating | Self::Deleting)
    }
}

/// The kind of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AppType {
    /// Studio Classic's notebook server.
    JupyterServer,
    /// Studio Classic's kernels, one app per image and instance type.
    KernelGateway,
    /// The SageMaker Profiler.
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

/// A Studio domain.
#[derive(Clone, Debug)]
pub struct Domain {
    /// `d-...`.
    pub id: Name,
    /// Its name, unique in the region.
    pub name: Name,
    /// `CreationTime`.
    pub created: Millis,
    /// `LastModifiedTime`.
    pub modified: Millis,
    /// Its state; set it through [`Domain::set_status`].
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Name>,
    /// `AuthMode` is `SSO`, not `IAM`.
    pub sso: bool,
    /// `AppNetworkAccessType` is `VpcOnly`, not `PublicInternetOnly`.
    pub vpc_only: bool,
    /// The VPC; absent only for Unified Studio.
    pub vpc_id: Option<Name>,
    /// Its subnets.
    pub subnet_ids: Vec<Name>,
    /// The key that encrypts its file system.
    pub kms_key_id: Option<Name>,
    /// The home file system; absent when `HomeEfsFileSystemCreation` is `Disabled`.
    pub efs_id: Option<Name>,
    /// `SecurityGroupIdForDomainBoundary`.
    pub boundary_group: Option<Name>,
    /// `SingleSignOnApplicationArn`.
    pub sso_application_arn: Option<Name>,
    /// `DefaultUserSettings`.
    pub user_settings: Settings,
    /// `DefaultSpaceSettings`.
    pub space_settings: Option<Settings>,
    /// `DomainSettings`.
    pub domain_settings: Option<Settings>,
    /// `TagPropagation` is `ENABLED`.
    pub tag_propagation: bool,
    /// `AppSecurityGroupManagement`: `Service` or `Customer`.
    pub group_management: Option<Name>,
    /// Its tags.
    pub tags: Tags,
    /// Counts changes of state, so that a transition planned for an earlier one is void.
    pub generation: u32,
}

impl Domain {
    /// A domain in service with IAM sign-in and a public network, to be refined.
    pub fn new(id: &str, name: &str, created: Millis) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            created,
            modified: created,
            status: Status::InService,
            failure: None,
            sso: false,
            vpc_only: false,
            vpc_id: None,
            subnet_ids: Vec::new(),
            kms_key_id: None,
            efs_id: None,
            boundary_group: None,
            sso_application_arn: None,
            user_settings: Settings::default(),
            space_settings: None,
            domain_settings: None,
            tag_propagation: false,
            group_management: None,
            tags: Tags::default(),
            generation: 0,
        }
    }

    /// Changes the state at a time.
    pub fn set_status(&mut self, status: Status, at: Millis) {
        self.status = status;
        self.modified = at;
        self.generation += 1;
    }
}

/// A user profile.
#[derive(Clone, Debug)]
pub struct Profile {
    domain: Name,
    name: Name,
    created: Millis,
    /// `LastModifiedTime`.
    pub modified: Millis,
    /// Its state; set it through [`Profile::set_status`].
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Name>,
    /// `SingleSignOnUserValue`, in a domain with SSO.
    pub sso_user: Option<Name>,
    /// `HomeEfsFileSystemUid`.
    pub uid: u32,
    /// `UserSettings`.
    pub settings: Option<Settings>,
    /// Its tags.
    pub tags: Tags,
    /// Counts changes of state.
    pub generation: u32,
}

impl Profile {
    /// A profile in service without settings of its own.
    pub fn new(domain: Name, name: Name, created: Millis) -> Self {
        Self {
            domain,
            name,
            created,
            modified: created,
            status: Status::InService,
            failure: None,
            sso_user: None,
            uid: 200_001,
            settings: None,
            tags: Tags::default(),
            generation: 0,
        }
    }

    /// `UserProfileName`.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Changes the state at a time.
    pub fn set_status(&mut self, status: Status, at: Millis) {
        self.status = status;
        self.modified = at;
        self.generation += 1;
    }

    /// The key of a profile: names differ in more than case (aws.md 1.1).
    pub fn key_of(domain: &Name, name: &Name) -> (Name, Name) {
        let lower = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            name.to_ascii_lowercase().into()
        } else {
            name.clone()
        };
        (domain.clone(), lower)
    }
}

impl Row for Profile {
    type Key = (Name, Name);

    fn key(&self) -> Self::Key {
        Self::key_of(&self.domain, &self.name)
    }
    fn domain(&self) -> &Name {
        &self.domain
    }
    fn created(&self) -> Millis {
        self.created
    }
}

/// A space.
#[derive(Clone, Debug)]
pub struct Space {
    domain: Name,
    name: Name,
    created: Millis,
    /// `LastModifiedTime`.
    pub modified: Millis,
    /// Its state; set it through [`Space::set_status`].
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Name>,
    /// `SpaceDisplayName`.
    pub display_name: Option<Name>,
    /// `OwnerUserProfileName`; absent in a Classic shared space.
    pub owner: Option<Name>,
    /// `SharingType` is `Shared`; absent in a Classic shared space.
    pub shared: Option<bool>,
    /// `SpaceSettings`.
    pub settings: Option<Settings>,
    /// `HomeEfsFileSystemUid`.
    pub uid: u32,
    /// Its tags.
    pub tags: Tags,
    /// Counts changes of state.
    pub generation: u32,
}

impl Space {
    /// A space in service without owner and settings.
    pub fn new(domain: Name, name: Name, created: Millis) -> Self {
        Self {
            domain,
            name,
            created,
            modified: created,
            status: Status::InService,
            failure: None,
            display_name: None,
            owner: None,
            shared: None,
            settings: None,
            uid: 200_001,
            tags: Tags::default(),
            generation: 0,
        }
    }

    /// `SpaceName`.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Changes the state at a time.
    pub fn set_status(&mut self, status: Status, at: Millis) {
        self.status = status;
        self.modified = at;
        self.generation += 1;
    }

    /// `SpaceSettings.AppType`.
    pub fn app_type(&self) -> Option<&str> {
        self.settings.as_ref()?.get("AppType")?.as_str()
    }
}

impl Row for Space {
    type Key = (Name, Name);

    fn key(&self) -> Self::Key {
        (self.domain.clone(), self.name.clone())
    }
    fn domain(&self) -> &Name {
        &self.domain
    }
    fn created(&self) -> Millis {
        self.created
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

/// An app.
#[derive(Clone, Debug)]
pub struct App {
    key: AppKey,
    created: Millis,
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
        self.ended = match status {
            Status::Deleted | Status::Failed => Some(at),
            _ => None,
        };
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

/// A Studio lifecycle configuration.
#[derive(Clone, Debug)]
pub struct LifecycleConfig {
    /// Its name.
    pub name: Name,
    /// The kind of app it is for, in AWS's spelling.
    pub app_type: Name,
    /// The script, in base64 as it was sent.
    pub content: Name,
    /// `CreationTime`, which is `LastModifiedTime` too: it cannot be changed.
    pub created: Millis,
    /// Its tags.
    pub tags: Tags,
}

/// A custom image.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its name.
    pub name: Name,
    /// `DisplayName`.
    pub display_name: Option<Name>,
    /// `Description`.
    pub description: Option<Name>,
    /// `RoleArn`.
    pub role_arn: Name,
    /// `CreationTime`.
    pub created: Millis,
    /// `LastModifiedTime`.
    pub modified: Millis,
    /// Its state; set it through [`Image::set_status`].
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Name>,
    /// Its versions by number.
    pub versions: BTreeMap<u32, ImageVersion>,
    /// The number the next version gets: numbers are never used again.
    pub next_version: u32,
    /// Its tags.
    pub tags: Tags,
    /// Counts changes of state.
    pub generation: u32,
}

impl Image {
    /// An image that exists, without versions.
    pub fn new(name: &str, role_arn: &str, created: Millis) -> Self {
        Self {
            name: name.into(),
            display_name: None,
            description: None,
            role_arn: role_arn.into(),
            created,
            modified: created,
            status: Status::InService,
            failure: None,
            versions: BTreeMap::new(),
            next_version: 1,
            tags: Tags::default(),
            generation: 0,
        }
    }

    /// Changes the state at a time.
    pub fn set_status(&mut self, status: Status, at: Millis) {
        self.status = status;
        self.modified = at;
        self.generation += 1;
    }
}

/// One version of a custom image.
#[derive(Clone, Debug)]
pub struct ImageVersion {
    /// Its number.
    pub version: u32,
    /// `BaseImage`: where the container was taken from.
    pub base_image: Name,
    /// `CreationTime`.
    pub created: Millis,
    /// `LastModifiedTime`.
    pub modified: Millis,
    /// Its state.
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Name>,
    /// Its aliases.
    pub aliases: Vec<Name>,
    /// `VendorGuidance`, `JobType`, `MLFramework` and the like, as they were sent.
    pub facts: Settings,
    /// `ClientToken` of the request that made it.
    pub client_token: Option<Name>,
    /// Counts changes of state.
    pub generation: u32,
}

impl ImageVersion {
    /// Changes the state at a time.
    pub fn set_status(&mut self, status: Status, at: Millis) {
        self.status = status;
        self.modified = at;
        self.generation += 1;
    }
}

/// How an image is run as an app.
#[derive(Clone, Debug)]
pub struct AppImageConfig {
    /// Its name.
    pub name: Name,
    /// `KernelGatewayImageConfig`, `JupyterLabAppImageConfig`, `CodeEditorAppImageConfig`, as sent.
    pub config: Settings,
    /// `CreationTime`.
    pub created: Millis,
    /// `LastModifiedTime`.
    pub modified: Millis,
    /// Its tags.
    pub tags: Tags,
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

    #[test]
    fn profile_names_that_differ_in_case_are_the_same_key() {
        let domain: Name = "d-1".into();
        assert_eq!(Profile::key_of(&domain, &"Anna-K".into()), Profile::key_of(&domain, &"anna-k".into()));
    }
}
