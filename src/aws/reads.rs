//! Which call answers which query. Knows no SDK type.

use std::sync::Arc;

use tokio::sync::mpsc::Sender;

use super::caller::Caller;
use super::connect::Connection;
use super::ec2::Ec2;
use super::leftovers::Searcher;
use super::people::IdentityCenter;
use super::quotas::ServiceQuotas;
use super::sagemaker::SageMaker;
use super::walk::walk;
use super::{Gateway, costs, identity, pricing, roles};
use crate::fleet::{AccountId, Answer, Problem, Query, Scope};

impl Gateway {
    /// Sends what a query asks for, page by page.
    pub(super) async fn answer(
        &self,
        query: &Query,
        pages: &Sender<Result<Answer, Problem>>,
    ) -> Result<(), Problem> {
        let answer = match query {
            Query::Domains(scope) => {
                let sagemaker = self.sagemaker(scope).await?;
                return walk(|token| sagemaker.domains(token), Answer::Domains, pages).await;
            }
            Query::Users(key) => {
                let sagemaker = self.sagemaker(&key.scope).await?;
                return walk(|token| sagemaker.users(key, token), Answer::Users, pages).await;
            }
            Query::Spaces(key) => {
                let sagemaker = self.sagemaker(&key.scope).await?;
                return walk(|token| sagemaker.spaces(key, token), Answer::Spaces, pages).await;
            }
            Query::Apps(key) => {
                let sagemaker = self.sagemaker(&key.scope).await?;
                return walk(|token| sagemaker.apps(key, token), Answer::Apps, pages).await;
            }
            Query::Identity(profile) => Answer::Identity(self.read_identity(profile).await?),
            Query::Alias(account) => {
                let connection = self.connection_of(account).await?;
                let caller = self.caller(&connection, account, connection.home_region(), "iam");
                Answer::Alias(identity::alias(&connection.iam(), &caller).await?)
            }
            Query::CredentialsEnd(account) => {
                Answer::CredentialsEnd(self.connection_of(account).await?.validity.end())
            }
            Query::Prices(account, region) => {
                let connection = self.connection_of(account).await?;
                let (client, asked) = connection.pricing(region);
                let caller = self.caller(&connection, account, asked, "pricing");
                Answer::Prices(pricing::prices(&client, &caller, region).await?)
            }
            Query::Costs(account, question) => {
                let bill = self.bill(account).await?;
                Answer::Costs(Arc::new(costs::costs(&bill, question).await?))
            }
            Query::CostForecast(account, question) => {
                let bill = self.bill(account).await?;
                Answer::CostForecast(Arc::new(costs::forecast(&bill, question).await?))
            }
            Query::CostTags(account) => {
                let bill = self.bill(account).await?;
                Answer::CostTags(Arc::new(costs::tags(&bill).await?))
            }
            Query::Domain(key) => {
                let (domain, raw) = self.sagemaker(&key.scope).await?.domain(key).await?;
                Answer::Domain(Box::new(domain), raw)
            }
            Query::User(key) => {
                let (user, raw) = self.sagemaker(&key.scope).await?.user(key).await?;
                Answer::User(Box::new(user), raw)
            }
            Query::Space(key) => {
                let (space, raw) = self.sagemaker(&key.scope).await?.space(key).await?;
                Answer::Space(Box::new(space), raw)
            }
            Query::App(key) => {
                let (app, raw) = self.sagemaker(&key.scope).await?.app(key).await?;
                Answer::App(Box::new(app), raw)
            }
            Query::Tags(key) => Answer::Tags(self.sagemaker(key.scope()).await?.tags(&key.arn()).await?),
            Query::ConfigTags(key) => Answer::Tags(self.sagemaker(&key.scope).await?.tags(&key.arn()).await?),
            Query::Roles(account) => {
                let connection = self.connection_of(account).await?;
                let caller = self.caller(&connection, account, connection.home_region(), "iam");
                Answer::Roles(roles::roles(&connection.iam(), &caller).await?)
            }
            Query::Network(scope) => Answer::Network(Box::new(self.ec2(scope).await?.network().await?)),
            Query::LifecycleConfigs(scope) => {
                Answer::LifecycleConfigs(self.sagemaker(scope).await?.lifecycle_configs().await?)
            }
            Query::LifecycleConfig(key) => {
                let (config, script) = self.sagemaker(&key.scope).await?.lifecycle_config(key).await?;
                Answer::LifecycleConfig(Box::new(config), script)
            }
            Query::Images(scope) => Answer::Images(self.sagemaker(scope).await?.images().await?),
            Query::Person(scope, name) => {
                let connection = self.connection_of(scope.account()).await?;
                Answer::Person(self.identity_center(&connection, scope).person(name).await?)
            }
            Query::Assigned(domain, application) => {
                let connection = self.connection_of(domain.scope.account()).await?;
                let center = self.identity_center(&connection, &domain.scope);
                Answer::Assigned(center.assigned(application).await?)
            }
            Query::Leftovers(domain, file_system) => {
                let searcher = self.searcher(&domain.scope).await?;
                Answer::Leftovers(Box::new(
                    Box::pin(searcher.leftovers(domain, file_system.as_deref())).await?,
                ))
            }
            Query::Quotas(scope) => Answer::Quotas(self.quotas(scope).await?.applied().await?),
            Query::QuotaDefaults(scope) => Answer::Quotas(self.quotas(scope).await?.defaults().await?),
            Query::QuotaRequests(scope) => Answer::QuotaRequests(self.quotas(scope).await?.requests().await?),
            Query::Quota(key) => Answer::Quota(Box::new(self.quotas(&key.scope).await?.one(key).await?)),
        };
        // Nobody to tell is no failure: the receiver was dropped.
        drop(pages.send(Ok(answer)).await);
        Ok(())
    }

    async fn bill(&self, account: &AccountId) -> Result<costs::Bill, Problem> {
        let connection = self.connection_of(account).await?;
        let (client, asked) = connection.cost_explorer(account);
        let caller = self.caller(&connection, account, asked, "ce");
        Ok(costs::Bill { client, caller, account: account.clone() })
    }

    async fn sagemaker(&self, scope: &Scope) -> Result<SageMaker, Problem> {
        let connection = self.connection_of(scope.account()).await?;
        Ok(self.sagemaker_of(&connection, scope))
    }

    fn sagemaker_of(&self, connection: &Connection, scope: &Scope) -> SageMaker {
        SageMaker {
            client: connection.sagemaker(scope.account(), scope.region()),
            caller: self.caller_in(connection, scope, "sagemaker"),
            scope: scope.clone(),
        }
    }

    async fn ec2(&self, scope: &Scope) -> Result<Ec2, Problem> {
        let connection = self.connection_of(scope.account()).await?;
        Ok(self.ec2_of(&connection, scope))
    }

    fn ec2_of(&self, connection: &Connection, scope: &Scope) -> Ec2 {
        Ec2 {
            client: connection.ec2(&self.0.http, scope.region()),
            caller: self.caller_in(connection, scope, "ec2"),
        }
    }

    async fn searcher(&self, scope: &Scope) -> Result<Searcher, Problem> {
        let connection = self.connection_of(scope.account()).await?;
        Ok(Searcher {
            efs: connection.efs(scope.region()),
            efs_caller: self.caller_in(&connection, scope, "elasticfilesystem"),
            ec2: self.ec2_of(&connection, scope),
            sagemaker: self.sagemaker_of(&connection, scope),
        })
    }

    async fn quotas(&self, scope: &Scope) -> Result<ServiceQuotas, Problem> {
        let connection = self.connection_of(scope.account()).await?;
        Ok(ServiceQuotas {
            client: connection.service_quotas(scope.account(), scope.region()),
            caller: self.caller_in(&connection, scope, "servicequotas"),
        })
    }

    fn identity_center<'a>(&self, connection: &'a Connection, scope: &'a Scope) -> IdentityCenter<'a> {
        IdentityCenter {
            connection,
            scope,
            sso: self.caller_in(connection, scope, "sso"),
            store: self.caller_in(connection, scope, "identitystore"),
        }
    }

    fn caller_in(&self, connection: &Connection, scope: &Scope, service: &'static str) -> Caller {
        self.caller(connection, scope.account(), scope.region().clone(), service)
    }
}
