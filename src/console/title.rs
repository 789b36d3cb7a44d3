//! What stands over a table: scope, counts, filter, and whether the list is all there is.

use crate::fleet::{ObjectKind, Problem, Query, Timestamp};

use super::{Console, Within};

/// What stands over a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Title {
    /// Under which object: `all domains`, a domain, `research / anna-k` ...
    pub within: String,
    /// Rows shown.
    pub shown: usize,
    /// Rows there are, without the filter.
    pub total: usize,
    /// Whether a list is being read.
    pub loading: bool,
    /// Whether no list of this kind was ever read.
    pub never: bool,
    /// Why the list is not all there is.
    pub partial: Option<String>,
    /// What went wrong, in full, with what to do about it.
    pub problem: Option<String>,
}

/// How old the data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// When the oldest of the lists was read in full; `None` while one never was.
    pub oldest: Option<Timestamp>,
    /// Queries under way.
    pub in_flight: usize,
}

impl Console {
    /// What stands over the table of the pane.
    pub fn title(&self) -> Option<Title> {
        self.kind().map(|kind| self.title_of(kind))
    }

    /// What stands over the table of a kind.
    pub(super) fn title_of(&self, kind: ObjectKind) -> Title {
        let Some(table) = self.tables.get(&kind) else { return Title::default() };
        let mut title = Title {
            within: self.within_label(&table.within),
            shown: table.rows.len(),
            total: table.total,
            ..Title::default()
        };
        let (mut asked, mut complete, mut failed) = (0_usize, 0_usize, Vec::new());
        for (query, list) in self.fleet.listings() {
            if !is_list_of(query, kind, &table.within) {
                continue;
            }
            asked += 1;
            title.loading |= list.loading;
            if let Some(problem) = &list.problem {
                failed.push((self.place_of(query), query, problem));
            } else if list.is_complete() {
                complete += 1;
            }
        }
        for (query, problem) in self.fleet.failures() {
            if matches!(query, Query::Identity(_)) {
                failed.push((self.place_of(query), query, problem));
            }
        }
        title.never = complete == 0 && failed.is_empty() && title.total == 0;
        title.loading |= title.never && self.loads.in_flight() > 0;
        // Several lists of one place may have failed, for reasons of their own.
        failed.sort_by(|left, right| (&left.0, left.1).cmp(&(&right.0, right.1)));
        if let Some((place, _, problem)) = failed.first() {
            let more = match failed.len() {
                1 => String::new(),
                n => format!(" and {} more", n - 1),
            };
            title.partial = Some(format!("{place}: {}{more}", reason(problem.kind)));
            title.problem = Some(format!("{place}: {}{more}", told(problem)));
        } else if complete < asked {
            title.partial = Some(format!("{complete} of {asked} lists read"));
        }
        title
    }

    /// How old the data is, over all lists.
    pub fn freshness(&self) -> Freshness {
        let mut oldest = None;
        let mut never = false;
        for (_, list) in self.fleet.listings() {
            match list.complete_at {
                Some(at) => oldest = Some(oldest.map_or(at, |other: Timestamp| other.min(at))),
                None => never = true,
            }
        }
        Freshness { oldest: if never { None } else { oldest }, in_flight: self.loads.in_flight() }
    }

    fn within_label(&self, within: &Within) -> String {
        match within {
            Within::Everything => "all domains".to_owned(),
            Within::Domain(key) => self.fleet.domain_label(key).to_owned(),
            Within::User(key) => format!("{} / {}", self.fleet.domain_label(&key.domain_key()), key.name),
            Within::Space(key) => format!("{} / {}", self.fleet.domain_label(&key.domain_key()), key.name),
        }
    }

    pub(super) fn place_of(&self, query: &Query) -> String {
        match query {
            Query::Users(key) | Query::Spaces(key) | Query::Apps(key) | Query::Domain(key) => {
                format!("{} in {}", self.fleet.domain_label(key), key.scope.region())
            }
            Query::Identity(profile) if profile.as_str().is_empty() => "credentials".to_owned(),
            Query::Identity(profile) => format!("profile {profile}"),
            query => match query.scope() {
                Some(scope) => {
                    format!("{} {}", self.fleet.account_label(scope.account()), scope.region())
                }
                None => "account".to_owned(),
            },
        }
    }
}

/// A problem with what to do about it first, since a banner is short; AWS's own words are in the details.
fn told(problem: &Problem) -> String {
    if problem.hint.is_empty() {
        return problem.to_string();
    }
    let source = match (&problem.code, &problem.request_id) {
        (Some(code), Some(id)) => format!(" ({code}, request {id})"),
        (Some(code), None) => format!(" ({code})"),
        (None, _) => String::new(),
    };
    format!("{}. {}{source}", reason(problem.kind), problem.hint)
}

/// A problem in two words, for the title.
pub(super) fn reason(kind: crate::fleet::ProblemKind) -> &'static str {
    use crate::fleet::ProblemKind as P;
    match kind {
        P::NoCredentials => "no credentials",
        P::ExpiredCredentials => "credentials expired",
        P::AccessDenied => "no access",
        P::Throttled => "throttled",
        P::NotFound => "not found",
        P::Conflict => "in use",
        P::Limit => "limit reached",
        P::Invalid => "refused",
        P::Network => "not reached",
        P::Refused => "not sent",
        P::TooLong => "too long",
        P::Unexpected => "failed",
    }
}

/// Whether a list feeds the table of a kind, as it is narrowed. The list of domains feeds every table.
fn is_list_of(query: &Query, kind: ObjectKind, within: &Within) -> bool {
    let domain = match (query, kind) {
        (Query::Domains(_), ObjectKind::Domain) => return true,
        (Query::Domains(_), _) => return *within == Within::Everything,
        (Query::Users(key), ObjectKind::User)
        | (Query::Spaces(key), ObjectKind::Space)
        | (Query::Apps(key), ObjectKind::App) => key,
        _ => return false,
    };
    match within {
        Within::Everything => true,
        Within::Domain(key) => key == domain,
        Within::User(key) => key.domain_key() == *domain,
        Within::Space(key) => key.domain_key() == *domain,
    }
}
