//! Looking at the object of a change: which question tells what it is, for each kind. Knows no journal and sends
//! nothing that changes anything.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::judge::{Found, Life, Phase, Seen, Shown, judge};
use super::run::Run;
use crate::aws::Gateway;
use crate::fleet::{
    Answer, Assignment, Bound, Change, Document, DomainKey, Problem, ProblemKind, Query, QuotaKey, Tag,
    Target,
};

impl Run {
    /// Looks at the object of a change, and judges what is there.
    pub(super) async fn look(&self, change: &Change, bound: Bound, phase: Phase) -> Seen {
        let seen = match self.find(change, bound, phase).await {
            Ok(found) => judge(change, bound, phase, &found),
            Err(problem) => Seen::Unseen(problem),
        };
        match &seen {
            Seen::Unseen(problem) if problem.is_passing() => {}
            _ => self.brakes.note_well(change.scope()),
        }
        seen
    }

    async fn find(&self, change: &Change, bound: Bound, phase: Phase) -> Result<Found, Problem> {
        let gateway = &self.gateway;
        match change {
            Change::StopApp(key) | Change::CreateApp(key, _) => {
                describe(gateway, &Query::App(key.clone()), false).await
            }
            Change::CreateUser(key, _) | Change::DeleteUser(key) | Change::SignInLink(key, _) => {
                describe(gateway, &Query::User(key.clone()), false).await
            }
            Change::UpdateUser(key, _) => describe(gateway, &Query::User(key.clone()), true).await,
            Change::CreateSpace(key, _) | Change::DeleteSpace(key) => {
                describe(gateway, &Query::Space(key.clone()), false).await
            }
            Change::UpdateSpace(key, _) => describe(gateway, &Query::Space(key.clone()), true).await,
            Change::DeleteDomain(key, _) => describe(gateway, &Query::Domain(key.clone()), false).await,
            Change::UpdateDomain(key, _) => describe(gateway, &Query::Domain(key.clone()), true).await,
            Change::CreateDomain(to_be, document) => self.find_new_domain(to_be, document, phase).await,
            Change::CreateLifecycleConfig(key, _) | Change::DeleteLifecycleConfig(key) => {
                describe(gateway, &Query::LifecycleConfig(key.clone()), false).await
            }
            Change::AddTags(target, wanted) => {
                let has = |tags: &[Tag]| wanted.iter().all(|tag| tags.contains(tag));
                self.find_tags(target, bound, has).await
            }
            Change::RemoveTags(target, unwanted) => {
                let lacks = |tags: &[Tag]| !tags.iter().any(|tag| unwanted.contains(&tag.key));
                self.find_tags(target, bound, lacks).await
            }
            Change::RequestQuota(key, _) => self.find_requests(key).await,
            // Looking costs, and AWS's answer names every key that it refused: so it is believed, and looked at only
            // where it was lost.
            Change::ActivateCostTags(..) | Change::BackfillCostTags(..) if phase != Phase::Lost => {
                Ok(Found::Membership(phase != Phase::Before, None))
            }
            Change::ActivateCostTags(scope, keys) => {
                match gateway.ask(&Query::CostTags(scope.account().clone())).await? {
                    Answer::CostTags(tags) => {
                        let all = keys.iter().all(|key| tags.is_active(key) == Some(true));
                        Ok(Found::Membership(all, None))
                    }
                    _ => Err(of_another_kind()),
                }
            }
            Change::BackfillCostTags(..) => Err(Problem::new(
                ProblemKind::Unexpected,
                "whether AWS has begun is not known",
                "Look at the history of backfills in the Billing console, under cost allocation tags",
            )),
            Change::AssignApplication(made) | Change::UnassignApplication(made) => {
                let Some(application) = self.application_of(made).await? else {
                    return Ok(Found::NoApplication);
                };
                let query = Query::Assigned(made.user.domain_key(), application);
                match gateway.ask(&query).await? {
                    Answer::Assigned(people) => {
                        let is_assigned = people.contains(&made.principal);
                        let shall_be = matches!(change, Change::AssignApplication(_));
                        Ok(Found::Membership(is_assigned == shall_be, None))
                    }
                    _ => Err(of_another_kind()),
                }
            }
        }
    }

    /// The application that a person is assigned to. Of a domain that the plan itself creates it is known once the
    /// domain is there, and read from it; `None` where it has none.
    async fn application_of(&self, made: &Assignment) -> Result<Option<Arc<str>>, Problem> {
        let domain = made.user.domain_key();
        if let Some(known) = made.application.clone().or_else(|| self.application(&domain)) {
            return Ok(Some(known));
        }
        let Answer::Domain(read, _) = self.gateway.ask(&Query::Domain(domain.clone())).await? else {
            return Err(of_another_kind());
        };
        let application = read.detail.and_then(|detail| detail.sso_application);
        if let Some(arn) = &application {
            self.note_application(domain, Arc::clone(arn));
        }
        Ok(application)
    }

    /// The tags of something, and the thing itself where the step is bound to its time of creation.
    async fn find_tags(
        &self,
        target: &Target,
        bound: Bound,
        are_so: impl Fn(&[Tag]) -> bool,
    ) -> Result<Found, Problem> {
        let of = match bound {
            Bound::Created(_) => {
                let found = describe(&self.gateway, &target.describe(), false).await?;
                if found == Found::Absent {
                    return Ok(Found::Membership(false, Some(Box::new(found))));
                }
                Some(Box::new(found))
            }
            Bound::Absent | Bound::Unbound => None,
        };
        let tags = target.tags().ok_or_else(of_another_kind)?;
        match self.gateway.ask(&tags).await {
            Ok(Answer::Tags(tags)) => Ok(Found::Membership(are_so(&tags), of)),
            Ok(_) => Err(of_another_kind()),
            Err(problem) if problem.kind == ProblemKind::NotFound => {
                Ok(Found::Membership(false, Some(Box::new(Found::Absent))))
            }
            Err(problem) => Err(problem),
        }
    }

    /// The limit in force and the requests for more of a quota. A quota may have no limit of the account's own.
    async fn find_requests(&self, key: &QuotaKey) -> Result<Found, Problem> {
        let query = Query::QuotaRequests(key.scope.clone());
        let Answer::QuotaRequests(requests) = self.gateway.ask(&query).await? else {
            return Err(of_another_kind());
        };
        let limit = match self.gateway.ask(&Query::Quota(key.clone())).await {
            Ok(Answer::Quota(quota)) => quota.value.filter(|_| quota.error.is_none()),
            Ok(_) => return Err(of_another_kind()),
            Err(problem) if problem.kind == ProblemKind::NotFound => None,
            Err(problem) => return Err(problem),
        };
        Ok(Found::Quota(limit, requests.into_iter().filter(|request| request.code == key.code).collect()))
    }

    /// A domain that a plan creates. Its id comes with AWS's answer; where that was lost, its name tells.
    async fn find_new_domain(
        &self,
        to_be: &DomainKey,
        document: &Document,
        phase: Phase,
    ) -> Result<Found, Problem> {
        if let Some(real) = self.real_domain(&to_be.id) {
            return describe(&self.gateway, &Query::Domain(real), false).await;
        }
        let name = document.get("DomainName").and_then(serde_json::Value::as_str).unwrap_or_default();
        for answer in all(&self.gateway, &Query::Domains(to_be.scope.clone())).await? {
            let Answer::Domains(page) = answer else { continue };
            let of_name = |domain: &crate::fleet::Domain| {
                domain.name.as_ref().is_some_and(|known| known.as_str() == name)
            };
            if let Some(domain) = page.rows.into_iter().find(of_name) {
                if phase != Phase::Before {
                    // There was none of the name before it was sent, so this is the one.
                    self.note_domain(&to_be.id, &domain.key);
                }
                let (life, created) = (Life::from(&domain.status), domain.created);
                return Ok(Found::Shown(Shown { life, created, reason: None, document: None }));
            }
        }
        Ok(Found::Absent)
    }
}

/// One object as AWS describes it; its description too, where it is wanted.
async fn describe(gateway: &Gateway, query: &Query, in_full: bool) -> Result<Found, Problem> {
    let answer = match gateway.ask(query).await {
        Ok(answer) => answer,
        // Positive evidence; any other failure is none.
        Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(Found::Absent),
        Err(problem) => return Err(problem),
    };
    let shown = |life, created, reason: Option<Arc<str>>, raw: &str| {
        let document =
            if in_full { Some(serde_json::from_str(raw).map_err(|error| unreadable(&error))?) } else { None };
        Ok(Found::Shown(Shown { life, created, reason, document }))
    };
    match answer {
        Answer::App(app, raw) => {
            let reason = app.activity.as_ref().and_then(|detail| detail.failure_reason.clone());
            shown(Life::from(&app.status), app.created, reason, &raw)
        }
        Answer::User(user, raw) => {
            let reason = user.detail.as_ref().and_then(|detail| detail.failure_reason.clone());
            shown(Life::from(&user.status), user.created, reason, &raw)
        }
        Answer::Space(space, raw) => {
            let reason = space.detail.as_ref().and_then(|detail| detail.failure_reason.clone());
            shown(Life::from(&space.status), space.created, reason, &raw)
        }
        Answer::Domain(domain, raw) => {
            let reason = domain.detail.as_ref().and_then(|detail| detail.failure_reason.clone());
            shown(Life::from(&domain.status), domain.created, reason, &raw)
        }
        // It has no states: it is there or not.
        Answer::LifecycleConfig(config, _) => {
            let (life, created) = (Life::InService, config.created);
            Ok(Found::Shown(Shown { life, created, reason: None, document: None }))
        }
        _ => Err(of_another_kind()),
    }
}

/// All pages of a list, or why it is not known whole.
pub(super) async fn all(gateway: &Gateway, query: &Query) -> Result<Vec<Answer>, Problem> {
    let (pages, mut answers) = mpsc::channel(4);
    let take_in = async {
        let mut all = Vec::new();
        while let Some(answer) = answers.recv().await {
            all.push(answer);
        }
        all
    };
    // A problem is always the last thing that comes.
    let ((), all) = tokio::join!(gateway.load(query, pages), take_in);
    all.into_iter().collect()
}

fn of_another_kind() -> Problem {
    Problem::new(ProblemKind::Unexpected, "the answer is of another kind than was asked for", "")
}

fn unreadable(error: &serde_json::Error) -> Problem {
    Problem::new(ProblemKind::Unexpected, format!("AWS's description cannot be understood: {error}"), "")
}
