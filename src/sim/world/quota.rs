//! Limits: what they are called, how high they are, and what was asked of them. Knows no request.

use std::collections::{BTreeMap, BTreeSet};

use super::{AppType, Name, Scope, World};
use crate::sim::clock::{MINUTE, Millis};
use crate::sim::service_quotas;

/// How long a small increase takes.
const APPROVAL: Millis = 20 * MINUTE;
/// How long it takes until somebody opens a case.
const CASE: Millis = 2 * MINUTE;

/// Names of quotas as Service Quotas spells them (aws.md 7).
pub mod quotas {
    /// Domains of a region.
    pub const DOMAINS: &str = "Total domains";
    /// User profiles of all domains.
    pub const USER_PROFILES: &str = "Maximum number of Studio user profiles allowed per account";
    /// Spaces of all domains.
    pub const SPACES: &str = "Maximum number of Studio spaces allowed per account";
    /// Apps that run, of all kinds.
    pub const APPS: &str = "Maximum number of running Studio apps allowed per account";
    /// The volumes of all spaces, in GB.
    pub const SPACE_VOLUMES: &str = "Total EBS volume size in GB across all Studio Spaces";
}

/// The name of the quota that counts an app, as Service Quotas spells it (aws.md 7), such as
/// `Studio JupyterLab Apps running on ml.g5.xlarge instances`.
pub fn quota_of(app_type: AppType, instance_type: &str) -> String {
    // Five names of kernels have a plural like all others (aws.md 7).
    let is_exception =
        ["ml.p4d.24xlarge", "ml.p4de.24xlarge", "ml.trn1.2xlarge", "ml.trn1.32xlarge", "ml.trn1n.32xlarge"]
            .contains(&instance_type);
    let (kind, plural) = match app_type {
        AppType::JupyterServer => ("Studio Jupyter", "s"),
        AppType::JupyterLab => ("Studio JupyterLab", "s"),
        AppType::CodeEditor => ("Studio CodeEditor", "s"),
        AppType::KernelGateway => ("Studio KernelGateway", if is_exception { "s" } else { "" }),
        AppType::RSessionGateway => ("RSessionGateway", ""),
        AppType::DetailedProfiler => ("SageMaker Profiler", "s"),
        other => (other.as_str(), "s"),
    };
    format!("{kind} Apps running on {instance_type} instance{plural}")
}

/// What Service Quotas knows of a region besides the limits.
#[derive(Debug, Default)]
pub struct QuotaDesk {
    /// Quotas that have no applied value, by name.
    pub unapplied: BTreeSet<Name>,
    /// Quotas whose value could not be read: the code of the reason, and the reason.
    pub unreadable: BTreeMap<Name, (Name, Name)>,
    /// Requests for increases, oldest first.
    pub requests: Vec<QuotaRequest>,
}

/// What becomes of a request for an increase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The limit is raised.
    Approved,
    /// Somebody at AWS looks at it.
    CaseOpened,
    /// It was refused.
    Denied,
    /// It would need a case, and none was wanted.
    NotApproved,
}

/// A request for an increase.
#[derive(Clone, Debug)]
pub struct QuotaRequest {
    /// Its id.
    pub id: Name,
    /// The name of the quota.
    pub quota: Name,
    /// The limit that is wanted.
    pub desired: f64,
    /// When it was made.
    pub created: Millis,
    /// When it is decided, until when it is `PENDING`.
    pub decided: Millis,
    /// How it is decided.
    pub verdict: Verdict,
    /// The ARN of who made it.
    pub requester: Name,
}

impl QuotaRequest {
    /// A request that is decided as AWS decides: little is approved by itself, much and what is scarce goes to
    /// people.
    pub fn new(quota: &str, desired: f64, present: f64, now: Millis) -> Self {
        let scarce = [".p4", ".p5", ".trn1"].iter().any(|family| quota.contains(family));
        let is_large = scarce || desired > (present * 2.0).max(present + 10.0);
        let (delay, verdict) =
            if is_large { (CASE, Verdict::CaseOpened) } else { (APPROVAL, Verdict::Approved) };
        Self {
            id: Name::default(),
            quota: quota.into(),
            desired,
            created: now,
            decided: now + delay,
            verdict,
            requester: Name::default(),
        }
    }

    /// Its state at a time, in AWS's spelling.
    pub fn status(&self, now: Millis) -> &'static str {
        match self.verdict {
            _ if now < self.decided => "PENDING",
            Verdict::Approved => "APPROVED",
            Verdict::CaseOpened => "CASE_OPENED",
            Verdict::Denied => "DENIED",
            Verdict::NotApproved => "NOT_APPROVED",
        }
    }

    /// Whether it is still to be decided: there is only one such request for each quota.
    pub fn is_open(&self, now: Millis) -> bool {
        matches!(self.status(now), "PENDING" | "CASE_OPENED")
    }
}

impl World {
    /// How much of something there may be, by quota name: what is enforced, and what Service Quotas tells. `None` if
    /// there is no limit.
    pub fn limit(&self, scope: &Scope, quota: &str) -> Option<usize> {
        let region = self.region(scope);
        let own = region.and_then(|region| region.quotas.get(quota).or_else(|| region.app_quotas.get(quota)));
        let is_unapplied = region.is_some_and(|region| region.quota_desk.unapplied.contains(quota));
        let default = || {
            let default =
                (self.has_default_quotas && !is_unapplied).then(|| service_quotas::default_of(quota));
            default.flatten()
        };
        let base = own.copied().or_else(default);
        let now = self.now();
        let requests = region.map(|region| region.quota_desk.requests.as_slice()).unwrap_or_default();
        let granted = requests
            .iter()
            .filter(|request| &*request.quota == quota && request.status(now) == "APPROVED")
            .map(|request| request.desired as usize)
            .max();
        base.max(granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_run_on_an_instance_with_five_exceptions() {
        let name = |kind, instance| quota_of(kind, instance);
        assert_eq!(
            name(AppType::KernelGateway, "ml.t3.medium"),
            "Studio KernelGateway Apps running on ml.t3.medium instance"
        );
        assert_eq!(
            name(AppType::KernelGateway, "ml.p4d.24xlarge"),
            "Studio KernelGateway Apps running on ml.p4d.24xlarge instances"
        );
        assert_eq!(
            name(AppType::RSessionGateway, "ml.p4d.24xlarge"),
            "RSessionGateway Apps running on ml.p4d.24xlarge instance"
        );
        assert_eq!(name(AppType::JupyterServer, "system"), "Studio Jupyter Apps running on system instances");
    }

    #[test]
    fn an_approved_request_raises_the_limit_and_an_open_one_does_not() {
        let mut world = World::new("123456789012", 0);
        let scope = Scope::new("123456789012", "eu-west-1");
        let quota = quota_of(AppType::JupyterLab, "ml.g5.xlarge");
        assert_eq!(world.limit(&scope, &quota), None);
        world.has_default_quotas = true;
        assert_eq!(world.limit(&scope, &quota), Some(0));
        world.region_mut(&scope).app_quotas.insert(quota.as_str().into(), 4);
        for desired in [8.0, 200.0] {
            let request = QuotaRequest::new(&quota, desired, 4.0, 0);
            world.region_mut(&scope).quota_desk.requests.push(request);
        }
        assert_eq!(world.limit(&scope, &quota), Some(4));
        world.advance(APPROVAL);
        assert_eq!(world.limit(&scope, &quota), Some(8));
        let requests = &world.region(&scope).unwrap().quota_desk.requests;
        assert_eq!(requests[1].status(world.now()), "CASE_OPENED");
    }
}
