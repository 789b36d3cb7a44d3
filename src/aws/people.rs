//! People of Identity Center: `identitystore:GetUserId`, and who is assigned to the application of a domain
//! (`sso:ListApplicationAssignments`).

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use aws_sdk_identitystore::types::{AlternateIdentifier, UniqueAttribute};
use aws_sdk_ssoadmin::types::PrincipalType;
use aws_smithy_types::Document;

use super::caller::{Caller, PATIENCE};
use super::connect::Connection;
use super::walk::{Sheet, all};
use crate::fleet::{Problem, ProblemKind, Scope, harmless};

/// The most rows AWS gives in a page. Source: Identity Center API reference.
const PAGE_ROWS: i32 = 100;

/// The Identity Center of one account in one region: callers for its two services.
#[derive(Debug)]
pub(super) struct IdentityCenter<'a> {
    pub(super) connection: &'a Connection,
    pub(super) scope: &'a Scope,
    pub(super) sso: Caller,
    pub(super) store: Caller,
}

impl IdentityCenter<'_> {
    /// The id of the person who signs in with a name; `None` if nobody does.
    pub(super) async fn person(&self, name: &str) -> Result<Option<Arc<str>>, Problem> {
        let mut ids = BTreeSet::new();
        for store in self.stores().await? {
            ids.extend(self.person_in(&store, name).await?);
        }
        if ids.len() > 1 {
            let message = format!("{} people of {} sign in as {}", ids.len(), self.scope, harmless(name));
            let hint = "There is more than one Identity Center here; nobody can tell which one is meant";
            return Err(Problem::new(ProblemKind::Unexpected, message, hint));
        }
        Ok(ids.pop_first())
    }

    /// The ids of the people assigned to an application, themselves and not by a group.
    pub(super) async fn assigned(&self, application: &str) -> Result<Vec<Arc<str>>, Problem> {
        let client = &self.connection.sso_admin(self.scope.account(), self.scope.region());
        let assigned = all(|token| async move {
            let list = || {
                let call = client.list_application_assignments().application_arn(application);
                call.max_results(PAGE_ROWS).set_next_token(token.clone()).send()
            };
            let page = self.sso.call("ListApplicationAssignments", PATIENCE, list).await?;
            let rows = page.application_assignments().iter().map(|row| {
                let id = row.principal_id();
                (!id.is_empty()).then(|| (harmless(id), *row.principal_type() == PrincipalType::User))
            });
            Ok(Sheet::new(rows, page.next_token.clone()))
        })
        .await?;
        Ok(assigned.into_iter().filter(|(_, is_person)| *is_person).map(|(id, _)| id).collect())
    }

    /// The identity stores that this account sees in this region. They are asked for once: many people are
    /// looked up in a row.
    async fn stores(&self) -> Result<Vec<String>, Problem> {
        let known = || self.connection.identity_stores.lock().unwrap_or_else(PoisonError::into_inner);
        let stores = known().get(self.scope).cloned();
        if let Some(stores) = stores {
            return Ok(stores);
        }
        let client = &self.connection.sso_admin(self.scope.account(), self.scope.region());
        let stores = all(|token| async move {
            let list = || client.list_instances().max_results(PAGE_ROWS).set_next_token(token.clone()).send();
            let page = self.sso.call("ListInstances", PATIENCE, list).await?;
            // One that is being created has no store yet.
            let rows = page.instances().iter().map(|row| Some(row.identity_store_id().map(str::to_owned)));
            Ok(Sheet::new(rows, page.next_token.clone()))
        })
        .await?;
        let stores: Vec<String> = stores.into_iter().flatten().filter(|id| !id.is_empty()).collect();
        if stores.is_empty() {
            let message = format!("there is no Identity Center in {}", self.scope);
            let hint = "Identity Center has to be in the region of the domain";
            return Err(Problem::new(ProblemKind::NotFound, message, hint));
        }
        known().insert(self.scope.clone(), stores.clone());
        Ok(stores)
    }

    async fn person_in(&self, store: &str, name: &str) -> Result<Option<Arc<str>>, Problem> {
        let client = self.connection.identity_store(self.scope.region());
        let by_name = UniqueAttribute::builder()
            .attribute_path("userName")
            .attribute_value(Document::String(name.to_owned()))
            .build()
            .map_err(|error| Problem::new(ProblemKind::Unexpected, error.to_string(), ""))?;
        let by_name = AlternateIdentifier::UniqueAttribute(by_name);
        let get = || {
            let call = client.get_user_id().identity_store_id(store);
            call.alternate_identifier(by_name.clone()).send()
        };
        match self.store.call("GetUserId", PATIENCE, get).await {
            Ok(answer) if answer.user_id().is_empty() => {
                let message = format!("AWS gave no id of {}", harmless(name));
                Err(Problem::new(ProblemKind::Unexpected, message, ""))
            }
            Ok(answer) => Ok(Some(harmless(answer.user_id()))),
            Err(problem) if problem.kind == ProblemKind::NotFound => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}
