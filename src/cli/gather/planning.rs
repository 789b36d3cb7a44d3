//! Reads what a plan or a backup takes, as far as it is not known yet, and makes it.

use std::collections::BTreeSet;

use super::Gathered;
use crate::cli::failure::Failure;
use crate::fleet::{
    AccountId, Backup, Change, Difference, Domain, DomainKey, Fleet, Homes, Intent, Plan, Policy, Query,
    RestoreInto, Timestamp, backup_needs,
};

impl Gathered {
    /// Reads what a plan takes, and makes it.
    ///
    /// # Errors
    ///
    /// Why there can be no plan.
    pub(in crate::cli) async fn plan(&mut self, intent: &Intent, policy: &Policy) -> Result<Plan, Failure> {
        self.also_needed(intent, policy).await;
        let plan = self.planned(intent, policy)?;
        // Whoever stops an app has to know whether it is in use; which ones it stops only the plan knows.
        let stopped: Vec<Query> = plan
            .steps
            .iter()
            .filter_map(|step| match &step.change {
                Change::StopApp(key) => Some(Query::App(key.clone())),
                _ => None,
            })
            .filter(|query| !self.asked.contains(query))
            .collect();
        let plan = if stopped.is_empty() {
            plan
        } else {
            self.read(stopped).await;
            self.also_needed(intent, policy).await;
            self.planned(intent, policy)?
        };
        Ok(self.warned(plan).await)
    }

    /// The plan, with what there is to know of credentials that end before it does.
    async fn warned(&mut self, mut plan: Plan) -> Plan {
        let accounts: BTreeSet<&AccountId> =
            plan.steps.iter().map(|step| step.change.scope().account()).collect();
        self.read(accounts.into_iter().cloned().map(Query::CredentialsEnd).collect()).await;
        plan.warnings.extend(plan.outlives_credentials(&self.fleet, Timestamp::now()));
        plan
    }

    /// How each thing that is wanted stands to what is there.
    pub(in crate::cli) fn differences(&self, intent: &Intent) -> Vec<Difference> {
        match &self.documents {
            Some(documents) => intent.differences(&self.fleet, documents),
            None => Vec::new(),
        }
    }

    /// Reads all of a domain, and takes a backup of its configuration.
    ///
    /// # Errors
    ///
    /// Everything that could not be read: there are no partial backups.
    pub(in crate::cli) async fn backup(&mut self, domain: &DomainKey) -> Result<Backup, Vec<String>> {
        self.until_nothing_new(|fleet| backup_needs(fleet, domain)).await;
        let made_by = concat!("sagedeck ", env!("CARGO_PKG_VERSION"));
        let documents = self.documents.take().unwrap_or_default();
        let backup = Backup::take(&self.fleet, &documents, domain, made_by, Timestamp::now());
        self.documents = Some(documents);
        backup
    }

    /// Whose files are where in the domain that is restored into; `None` where nothing is restored, or where the
    /// domain is not there yet. After a restore its lists are read anew.
    pub(in crate::cli) async fn homes(&mut self, intent: &Intent, is_after: bool) -> Option<Homes> {
        let Intent::Restore { backup, into } = intent else { return None };
        let domain = match into {
            RestoreInto::Existing(key) => key.clone(),
            RestoreInto::New { .. } if !is_after => return None,
            RestoreInto::New { scope, name, .. } => {
                self.read(vec![Query::Domains(scope.clone())]).await;
                // There was none of this name before.
                let is_it = |domain: &&Domain| {
                    domain.key.scope == *scope
                        && domain.name.as_ref().is_some_and(|known| known.as_str() == &**name)
                };
                self.fleet.domains.iter().find(is_it)?.key.clone()
            }
        };
        if is_after {
            self.read(vec![Query::Users(domain.clone()), Query::Spaces(domain.clone())]).await;
        }
        self.read(backup.homes_needs(&self.fleet, &domain)).await;
        Some(backup.homes(&self.fleet, Some(&domain)))
    }

    async fn also_needed(&mut self, intent: &Intent, policy: &Policy) {
        self.until_nothing_new(|fleet| intent.needs(fleet, policy)).await;
    }

    /// Reads what is needed, and what that shows to be needed, until nothing new comes.
    async fn until_nothing_new(&mut self, needs: impl Fn(&Fleet) -> Vec<Query>) {
        loop {
            let needs = needs(&self.fleet);
            let fresh: BTreeSet<Query> =
                needs.into_iter().filter(|query| !self.asked.contains(query)).collect();
            if fresh.is_empty() {
                break;
            }
            self.read(fresh.into_iter().collect()).await;
        }
    }

    fn planned(&mut self, intent: &Intent, policy: &Policy) -> Result<Plan, Failure> {
        let documents = self.documents.take().unwrap_or_default();
        let plan = intent.plan(&self.fleet, &documents, policy, Timestamp::now());
        self.documents = Some(documents);
        plan.map_err(|why| Failure::refused(format!("{}; nothing was changed", why.trim_end_matches('.'))))
    }
}
