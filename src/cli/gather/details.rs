//! Reads the details that rows of a list need: of each row what belongs to it, and nothing twice.

use std::collections::BTreeSet;

use super::Gathered;
use crate::fleet::{AppKey, DomainKey, Name, Needs, ObjectKey, Owner, Query, UserKey};

impl Gathered {
    /// Reads the details that something needs, of these rows.
    pub(in crate::cli) async fn details(&mut self, needs: Needs, rows: &[ObjectKey]) {
        let mut queries = BTreeSet::new();
        let mut domains = BTreeSet::new();
        for row in rows {
            self.details_of(row, needs, &mut queries);
            if needs.activity {
                match row {
                    ObjectKey::App(key) => queries.extend(self.running(key).then(|| Query::App(key.clone()))),
                    // A row that stands for several apps takes what is known of all of them.
                    row => drop(domains.insert(row.domain_key())),
                }
            }
        }
        let apps = self.fleet.apps.iter().map(|app| &app.key);
        queries.extend(
            apps.filter(|key| {
                !domains.is_empty() && domains.contains(&key.domain_key()) && self.running(key)
            })
            .map(|key| Query::App(key.clone())),
        );
        self.read(queries.into_iter().collect()).await;
    }

    fn running(&self, key: &AppKey) -> bool {
        self.fleet.apps.get(key).is_some_and(|app| app.status.is_running())
    }

    fn details_of(&self, row: &ObjectKey, needs: Needs, queries: &mut BTreeSet<Query>) {
        if needs.tags {
            queries.insert(Query::Tags(row.clone()));
        }
        if needs.domain_detail {
            queries.insert(Query::Domain(row.domain_key()));
        }
        if needs.space_detail {
            let space = match row {
                ObjectKey::Space(key) => Some(key.clone()),
                ObjectKey::App(key) => key.space_key(),
                ObjectKey::Domain(_) | ObjectKey::User(_) => None,
            };
            queries.extend(space.map(Query::Space));
        }
        if needs.user_detail {
            queries.extend(self.user_of(row).map(Query::User));
        }
    }

    fn user_of(&self, row: &ObjectKey) -> Option<UserKey> {
        let named = |domain: &DomainKey, name: Name| UserKey {
            scope: domain.scope.clone(),
            domain: domain.id.clone(),
            name,
        };
        match row {
            ObjectKey::User(key) => Some(key.clone()),
            ObjectKey::Domain(_) => None,
            ObjectKey::Space(key) => {
                let owner = self.fleet.spaces.get(key)?.owner.clone()?;
                Some(named(&key.domain_key(), owner))
            }
            ObjectKey::App(key) => match &key.owner {
                Owner::User(name) => Some(named(&key.domain_key(), name.clone())),
                Owner::Space(_) => self.user_of(&ObjectKey::Space(key.space_key()?)),
            },
        }
    }
}
