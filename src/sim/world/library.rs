//! What apps are made of and work with: lifecycle configurations, images and how they are run, `MLflow` servers.
//! Knows no wire format.

use std::collections::BTreeMap;

use super::entities::{Name, Settings, Status, Tags};
use crate::sim::clock::Millis;

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

/// An `MLflow` tracking server. No domain takes it along when it is deleted.
#[derive(Clone, Debug)]
pub struct TrackingServer {
    /// Its name.
    pub name: Name,
    /// `TrackingServerStatus`, such as `Created` or `Stopped`.
    pub status: Name,
    /// `TrackingServerSize`: `Small`, `Medium` or `Large`.
    pub size: Name,
    /// `MlflowVersion`.
    pub version: Name,
    /// `ArtifactStoreUri`.
    pub artifacts: Name,
    /// `RoleArn`.
    pub role_arn: Name,
    /// The domain and the user profile it was made from.
    pub created_by: Option<(Name, Name)>,
    /// `CreationTime`.
    pub created: Millis,
    /// Its tags.
    pub tags: Tags,
}

impl TrackingServer {
    /// Whether it is `Active`, which is what it bills for.
    pub fn is_active(&self) -> bool {
        !matches!(&*self.status, "Stopped" | "CreateFailed" | "Deleting")
    }
}
