//! What a quota limits, read from its name: Service Quotas has no other way to tell. Names, codes and their spellings
//! are those of the account lists behind reference section 7 of Service Quotas (service code `sagemaker`).

use std::fmt;
use std::sync::Arc;

use crate::fleet::{App, AppType, harmless};

/// What is limited.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limited {
    /// Apps of one type on one instance type.
    Apps(AppType, Arc<str>),
    /// Running apps of all types.
    RunningApps,
    /// Domains.
    Domains,
    /// User profiles.
    Users,
    /// Spaces.
    Spaces,
    /// GB of the volumes of all spaces.
    SpaceStorage,
    /// Addresses of a subnet, by its id. The network limits those, and no quota.
    Addresses(Arc<str>),
}

/// The account-wide quotas: their codes, which are the same in every region, and their names, which may be worded
/// anew.
const ACCOUNT_WIDE: [(&str, &str, Limited); 5] = [
    ("L-B683BCB0", "Total domains", Limited::Domains),
    ("L-AC46C40F", "Maximum number of Studio user profiles allowed per account", Limited::Users),
    ("L-8E5333B4", "Maximum number of Studio spaces allowed per account", Limited::Spaces),
    ("L-4E39DDC4", "Maximum number of running Studio apps allowed per account", Limited::RunningApps),
    ("L-A37B67B0", "Total EBS volume size in GB across all Studio Spaces", Limited::SpaceStorage),
];

/// App types whose quotas call them otherwise than the API does.
const OTHER_NAMES: [(&str, AppType); 2] =
    [("Jupyter", AppType::JupyterServer), ("SageMaker Profiler", AppType::DetailedProfiler)];

const RUNNING_ON: &str = " Apps running on ";

/// The instance a Classic kernel app is given when it asks for `system`.
/// Source: `ResourceSpec.InstanceType` in the API model.
const CLASSIC_DEFAULT: &str = "ml.t3.medium";

impl Limited {
    /// What the quota with this code and name limits; `None` if it is nothing of Studio's.
    ///
    /// Names end in `instance` or `instances`, and AWS is not consistent in which: both mean the same.
    pub fn parse(code: &str, name: &str) -> Option<Self> {
        if let Some((.., limited)) =
            ACCOUNT_WIDE.iter().find(|(known, named, _)| *known == code || *named == name)
        {
            return Some(limited.clone());
        }
        let (kind, place) = name.split_once(RUNNING_ON)?;
        let kind = kind.strip_prefix("Studio ").unwrap_or(kind).trim();
        let place = place.trim();
        let instance = place.strip_suffix("instances").or_else(|| place.strip_suffix("instance"))?.trim_end();
        if kind.is_empty() || instance.is_empty() || instance.contains(char::is_whitespace) {
            return None;
        }
        let app_type =
            OTHER_NAMES.iter().find(|(other, _)| *other == kind).map(|(_, app_type)| app_type.clone());
        let app_type = match app_type {
            Some(app_type) => app_type,
            None if kind.contains(char::is_whitespace) => return None,
            None => AppType::from(&*harmless(kind)),
        };
        Some(Self::Apps(app_type, harmless(instance)))
    }

    /// The account-wide limits, in the order they are shown in.
    pub fn account_wide() -> impl Iterator<Item = Self> {
        ACCOUNT_WIDE.into_iter().map(|(.., limited)| limited)
    }

    /// What kind of app it is about: an app type, or a word for what else is limited.
    pub fn kind(&self) -> &str {
        match self {
            Self::Apps(app_type, _) => app_type.as_str(),
            Self::RunningApps => "running apps",
            Self::Domains => "domains",
            Self::Users => "user profiles",
            Self::Spaces => "spaces",
            Self::SpaceStorage => "space storage",
            Self::Addresses(_) => "addresses",
        }
    }

    /// The instance type, or the subnet; none for what is account-wide.
    pub fn place(&self) -> Option<&Arc<str>> {
        match self {
            Self::Apps(_, place) | Self::Addresses(place) => Some(place),
            _ => None,
        }
    }

    /// The unit its figures are in, in the plural.
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Apps(..) | Self::RunningApps => "apps",
            Self::Domains => "domains",
            Self::Users => "user profiles",
            Self::Spaces => "spaces",
            Self::SpaceStorage => "GB",
            Self::Addresses(_) => "addresses",
        }
    }
}

impl fmt::Display for Limited {
    /// `JupyterLab on ml.g5.xlarge`, `running apps`, `addresses of subnet-abc`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apps(app_type, instance) => write!(f, "{} on {instance}", app_type.as_str()),
            Self::Addresses(subnet) => write!(f, "addresses of {subnet}"),
            other => f.write_str(other.kind()),
        }
    }
}

/// The instance type whose quota an app counts against; `None` if AWS does not say on which it runs.
///
/// A Classic kernel app that asks for `system` is given an instance; the Classic server has no other than `system`,
/// even where AWS leaves it out.
pub(super) fn instance_of(app: &App) -> Option<&str> {
    match (app.instance.as_deref(), &app.key.app_type) {
        (Some("system"), AppType::KernelGateway) => Some(CLASSIC_DEFAULT),
        (None, AppType::JupyterServer) => Some("system"),
        (instance, _) => instance,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::sample;

    fn parse(name: &str) -> Option<String> {
        Limited::parse("L-00000000", name).map(|limited| limited.to_string())
    }

    #[test]
    fn names_are_read_in_the_singular_and_the_plural() {
        for name in [
            "Studio KernelGateway Apps running on ml.p4d.24xlarge instance",
            "Studio KernelGateway Apps running on ml.p4d.24xlarge instances",
        ] {
            assert_eq!(parse(name).as_deref(), Some("KernelGateway on ml.p4d.24xlarge"), "{name}");
        }
    }

    #[test]
    fn every_kind_of_app_is_told_by_the_name_of_its_quota() {
        for (name, expected) in [
            ("Studio JupyterLab Apps running on ml.t3.medium instances", "JupyterLab on ml.t3.medium"),
            ("Studio CodeEditor Apps running on ml.g5.xlarge instances", "CodeEditor on ml.g5.xlarge"),
            ("RSessionGateway Apps running on ml.m5.large instance", "RSessionGateway on ml.m5.large"),
            ("Studio Jupyter Apps running on system instances", "JupyterServer on system"),
            ("TensorBoard Apps running on system instances", "TensorBoard on system"),
            ("Canvas Apps running on ml.m5.4xlarge instances", "Canvas on ml.m5.4xlarge"),
            ("SageMaker Profiler Apps running on system instances", "DetailedProfiler on system"),
            ("RStudioServerPro Apps running on ml.c5.4xlarge instances", "RStudioServerPro on ml.c5.4xlarge"),
            ("Total domains", "domains"),
            ("Maximum number of Studio user profiles allowed per account", "user profiles"),
            ("Maximum number of Studio spaces allowed per account", "spaces"),
            ("Maximum number of running Studio apps allowed per account", "running apps"),
            ("Total EBS volume size in GB across all Studio Spaces", "space storage"),
        ] {
            assert_eq!(parse(name).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(Limited::parse("L-B683BCB0", "Domains, in new words"), Some(Limited::Domains));
    }

    #[test]
    fn what_is_not_of_studio_is_left_out() {
        for name in [
            "ml.g5.xlarge for training job usage",
            "Total number of notebook instances",
            "Apps running on ml.g5.xlarge instances",
            "Studio JupyterLab Apps running on instances",
            "Studio JupyterLab Apps running on any of the instances",
            "Some other Apps running on ml.g5.xlarge instances",
            "",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_kind_of_app_of_tomorrow_is_read_as_it_is_called() {
        let limited = Limited::parse("L-1", "Studio Hologram Apps running on ml.x9.large instances");
        assert_eq!(limited, Some(Limited::Apps(AppType::from("Hologram"), "ml.x9.large".into())));
    }

    #[test]
    fn system_stands_for_another_instance_only_where_a_classic_kernel_runs() {
        let mut app = sample::app("anna", AppType::KernelGateway, "k");
        app.instance = Some("system".into());
        assert_eq!(instance_of(&app), Some("ml.t3.medium"));
        app.key.app_type = AppType::JupyterServer;
        assert_eq!(instance_of(&app), Some("system"));
        app.instance = None;
        assert_eq!(instance_of(&app), Some("system"));
        app.key.app_type = AppType::KernelGateway;
        assert_eq!(instance_of(&app), None);
    }
}
