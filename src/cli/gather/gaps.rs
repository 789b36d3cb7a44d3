//! What could not be read: told in words, and as the exit code it leads to.

use std::collections::BTreeMap;

use super::Gathered;
use crate::cli::exit::Exit;
use crate::cli::failure::{exit_of, told};
use crate::fleet::{Needs, Problem, Query};

impl Gathered {
    /// Which of these questions were not answered to their end, and why, line by line.
    pub(in crate::cli) fn unread(&self, is_meant: impl Fn(&Query) -> bool) -> Vec<String> {
        let meant = self.gaps.iter().filter(|(query, _)| is_meant(query));
        gaps_told(&meant.map(|(query, problem)| (query.clone(), problem.clone())).collect())
    }

    /// The exit code that what could not be read leads to, where only some details matter.
    pub(in crate::cli) fn exit(&self, needs: Needs) -> Exit {
        let matters = |query: &Query| match query {
            Query::Identity(_)
            | Query::Domains(_)
            | Query::Users(_)
            | Query::Spaces(_)
            | Query::Apps(_)
            | Query::Quotas(_)
            | Query::QuotaRequests(_) => true,
            Query::Domain(_) => needs.domain_detail,
            Query::User(_) => needs.user_detail,
            Query::Space(_) => needs.space_detail,
            Query::App(_) => needs.activity,
            Query::Tags(_) => needs.tags,
            Query::Prices(..) => needs.prices,
            // An account without an alias is called by its number; nothing of the others stands in a list.
            Query::Alias(_)
            | Query::CredentialsEnd(_)
            | Query::Roles(_)
            | Query::Network(_)
            | Query::LifecycleConfigs(_)
            | Query::LifecycleConfig(_)
            | Query::ConfigTags(_)
            | Query::Images(_)
            | Query::Person(..)
            | Query::Assigned(..)
            | Query::Leftovers(..)
            | Query::Costs(..)
            | Query::CostForecast(..)
            | Query::CostTags(_)
            | Query::QuotaDefaults(_)
            | Query::Quota(_) => false,
        };
        let exits = self.gaps.iter().filter(|(query, _)| matters(query)).map(|(_, problem)| exit_of(problem));
        exits.max().unwrap_or(Exit::Done)
    }
}

/// What could not be read, and why, line by line. Details that failed alike are told once, with their number:
/// there may be thousands.
pub(in crate::cli) fn gaps_told(gaps: &BTreeMap<Query, Problem>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut details: BTreeMap<_, (String, usize)> = BTreeMap::new();
    for (query, problem) in gaps {
        if query.is_list() || matches!(query, Query::Identity(_) | Query::Prices(..)) {
            lines.push(gap(query, problem));
        } else {
            let alike = (problem.operation.as_deref(), problem.code.as_deref());
            details.entry(alike).or_insert_with(|| (gap(query, problem), 0)).1 += 1;
        }
    }
    lines.extend(details.into_values().map(|(line, count)| match count {
        1 => line,
        count => format!("{line} (and {} more like it)", count - 1),
    }));
    lines
}

/// What could not be read, and why, in one line.
fn gap(query: &Query, problem: &Problem) -> String {
    let what = query.what();
    format!("{what}: {}", told(problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{
        AccountId, AppKey, AppType, DomainId, DomainKey, Name, Owner, ProblemKind, Region, Scope,
    };

    #[test]
    fn details_that_failed_alike_are_told_once() {
        let scope = Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1"));
        let domain = |id: &str| DomainKey { scope: scope.clone(), id: DomainId::new(id) };
        let app = |name: &str| AppKey {
            scope: scope.clone(),
            domain: DomainId::new("d-one"),
            owner: Owner::User(Name::new("anna")),
            app_type: AppType::Canvas,
            name: Name::new(name),
        };
        let denied = |operation: &'static str| Problem {
            operation: Some(operation.into()),
            code: Some("AccessDeniedException".to_owned()),
            ..Problem::new(ProblemKind::AccessDenied, "no", "")
        };
        let mut gaps: BTreeMap<Query, Problem> =
            ["a", "b", "c"].map(|name| (Query::App(app(name)), denied("DescribeApp"))).into();
        gaps.extend(["d-1", "d-2"].map(|id| (Query::Apps(domain(id)), denied("ListApps"))));
        let lines = gaps_told(&gaps);
        assert_eq!(lines.len(), 3, "{lines:#?}");
        assert!(
            lines[0].starts_with("the apps of d-1 in 123456789012/eu-west-1: ListApps: no"),
            "{}",
            lines[0]
        );
        assert!(
            lines[2].ends_with("(and 2 more like it)") && lines[2].starts_with("app a of anna"),
            "{}",
            lines[2]
        );
    }
}
