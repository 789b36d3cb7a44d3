//! The states AWS reports, and what they mean for the person looking at them.

use super::open_enum::open_enum;

open_enum! {
    /// The state of a domain, user profile or space.
    Status {
        Pending = "Pending",
        InService = "InService",
        Updating = "Updating",
        Failed = "Failed",
        UpdateFailed = "Update_Failed",
        Deleting = "Deleting",
        DeleteFailed = "Delete_Failed",
    }
}

open_enum! {
    /// The state of an app. There is no stopped state: stopping deletes, and a deleted app stays listed for 24 h.
    AppStatus {
        Pending = "Pending",
        InService = "InService",
        Failed = "Failed",
        Deleting = "Deleting",
        Deleted = "Deleted",
    }
}

impl Status {
    /// Whether AWS is still working on it, so that it is worth asking again soon.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Pending | Self::Updating | Self::Deleting)
    }

    /// Whether something went wrong that a person has to look at.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Failed | Self::UpdateFailed | Self::DeleteFailed)
    }
}

impl AppStatus {
    /// Whether AWS is still working on it, so that it is worth asking again soon.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Pending | Self::Deleting)
    }

    /// Whether something went wrong that a person has to look at.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Failed)
    }

    /// Whether an instance is, or may be, running and billed.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::InService | Self::Pending | Self::Deleting)
    }

    /// Whether the app is over and only its record remains.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Deleted)
    }
}
