//! What stays, and mostly costs, when a domain is deleted: its file system, network interfaces and security
//! groups, and the `MLflow` tracking servers of the region.

use std::sync::Arc;

use aws_sdk_efs::types::FileSystemDescription;

use super::caller::{Caller, PATIENCE};
use super::ec2::Ec2;
use super::sagemaker::SageMaker;
use super::walk::{Sheet, all};
use crate::fleet::{DomainKey, Leftovers, Problem, ProblemKind, harmless};

/// The tag by which a file system tells whose it is: its value is the ARN of the domain. Source: AWS whitepaper
/// on the administration of Studio, cost attribution.
const MADE_FOR: &str = "ManagedByAmazonSageMakerResource";
/// The most rows AWS gives in a page. Source: EFS API reference, `DescribeFileSystems`.
const PAGE_ROWS: i32 = 100;

/// Who is asked.
#[derive(Debug)]
pub(super) struct Searcher {
    pub(super) efs: aws_sdk_efs::Client,
    pub(super) efs_caller: Caller,
    pub(super) ec2: Ec2,
    pub(super) sagemaker: SageMaker,
}

type FileSystem = (Arc<str>, Option<u64>);

impl Searcher {
    /// What there is beside a domain, whose file system is known if it was described. What cannot be looked for
    /// is said, and the rest found nevertheless.
    ///
    /// # Errors
    ///
    /// When the credentials do not hold: then nothing can be looked for.
    pub(super) async fn leftovers(
        &self,
        domain: &DomainKey,
        file_system: Option<&str>,
    ) -> Result<Leftovers, Problem> {
        let (file_systems, groups, servers) = tokio::join!(
            self.file_systems(domain, file_system),
            self.groups(domain),
            self.sagemaker.mlflow_servers(),
        );
        let mut unknown = Vec::new();
        let file_systems = found(file_systems, "file systems (EFS)", &mut unknown)?;
        let groups = found(groups, "security groups", &mut unknown)?;
        let interfaces = self.interfaces(domain, file_system, &file_systems, &groups).await;
        let interfaces = found(interfaces, "network interfaces", &mut unknown)?;
        let mlflow_servers = found(servers, "MLflow tracking servers", &mut unknown)?;
        Ok(Leftovers { file_systems, interfaces, groups, mlflow_servers, unknown })
    }

    async fn file_systems(&self, domain: &DomainKey, id: Option<&str>) -> Result<Vec<FileSystem>, Problem> {
        let arn = &domain.arn();
        let found = all(|marker| async move {
            let describe = || {
                let call = self.efs.describe_file_systems().set_marker(marker.clone());
                // One that is asked for by its id is no list.
                let most = id.is_none().then_some(PAGE_ROWS);
                call.set_file_system_id(id.map(str::to_owned)).set_max_items(most).send()
            };
            let page = self.efs_caller.call("DescribeFileSystems", PATIENCE, describe).await?;
            let rows = page
                .file_systems()
                .iter()
                .map(|row| (!row.file_system_id().is_empty()).then(|| (is_of(row, arn), listed(row))));
            Ok(Sheet::new(rows, page.next_marker.clone()))
        })
        .await;
        match found {
            Ok(found) => {
                Ok(found.into_iter().filter(|(own, _)| *own || id.is_some()).map(|(_, row)| row).collect())
            }
            Err(problem) if problem.kind == ProblemKind::NotFound => Ok(Vec::new()),
            Err(problem) => Err(problem),
        }
    }

    /// The groups that let the domain reach its file system.
    async fn groups(&self, domain: &DomainKey) -> Result<Vec<(Arc<str>, Arc<str>)>, Problem> {
        let names = [format!("security-group-for-*-nfs-{}", domain.id)];
        let groups = self.ec2.groups_named(&names).await?;
        Ok(groups.into_iter().map(|group| (group.id, group.name.unwrap_or_default())).collect())
    }

    /// The interfaces that are in the domain's own groups, or whose description names the domain or its file
    /// system ("EFS mount target for fs-...").
    async fn interfaces(
        &self,
        domain: &DomainKey,
        file_system: Option<&str>,
        file_systems: &[FileSystem],
        groups: &[(Arc<str>, Arc<str>)],
    ) -> Result<Vec<Arc<str>>, Problem> {
        let mut named = vec![format!("*{}*", domain.id)];
        named.extend(file_system.map(|id| format!("*{id}*")));
        named.extend(file_systems.iter().map(|(id, _)| format!("*{id}*")));
        named.sort();
        named.dedup();
        let mut interfaces = self.ec2.interfaces_with(("description", &named)).await?;
        if !groups.is_empty() {
            let ids: Vec<String> = groups.iter().map(|(id, _)| id.to_string()).collect();
            interfaces.extend(self.ec2.interfaces_with(("group-id", &ids)).await?);
        }
        interfaces.sort();
        interfaces.dedup();
        Ok(interfaces)
    }
}

/// What was found; of a part that could not be looked for, a sentence instead.
fn found<T: Default>(part: Result<T, Problem>, what: &str, unknown: &mut Vec<String>) -> Result<T, Problem> {
    match part {
        Ok(found) => Ok(found),
        Err(problem) if problem.is_credentials() => Err(problem),
        Err(problem) => {
            unknown.push(format!("The {what} could not be looked for: {problem}"));
            Ok(T::default())
        }
    }
}

fn is_of(row: &FileSystemDescription, arn: &str) -> bool {
    row.tags().iter().any(|tag| tag.key() == MADE_FOR && tag.value() == arn)
}

fn listed(row: &FileSystemDescription) -> FileSystem {
    let size = row.size_in_bytes().and_then(|size| u64::try_from(size.value()).ok());
    (harmless(row.file_system_id()), size)
}
