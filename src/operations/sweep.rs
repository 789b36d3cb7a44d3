//! Watching many objects at once: where a domain has many that are on their way, one list of it tells of all,
//! a hundred to a request, where describing them would take a request for each.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Shared, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::Instant;

use super::judge::{Life, Shown};
use crate::aws::Gateway;
use crate::fleet::{Answer, Change, ObjectKey, Problem, Query};

/// From so many on, a list is worth its pages.
const MANY: usize = 8;
/// A list not older than this is looked at again instead of being read again.
const FRESH: Duration = Duration::from_secs(4);

/// The lists in which something is being watched.
#[derive(Debug, Default)]
pub(super) struct Sweeps(Shared<HashMap<Query, Arc<Watch>>>);

#[derive(Debug, Default)]
struct Watch {
    watching: AtomicUsize,
    list: Mutex<Option<List>>,
}

#[derive(Debug)]
struct List {
    read_at: Instant,
    pages: usize,
    rows: HashMap<ObjectKey, Shown>,
}

/// Counts an object as watched until dropped.
#[derive(Debug)]
pub(super) struct Watched {
    watch: Arc<Watch>,
    query: Query,
    object: ObjectKey,
    /// Whether the list's row says enough once the object is in service.
    row_suffices: bool,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watch.watching.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Sweeps {
    /// Begins to watch the object of a change, if a list of its domain shows it.
    pub(super) fn watch(&self, change: &Change) -> Option<Watched> {
        let row_suffices = match change {
            Change::StopApp(_)
            | Change::CreateApp(..)
            | Change::CreateUser(..)
            | Change::DeleteUser(_)
            | Change::CreateSpace(..)
            | Change::DeleteSpace(_) => true,
            // What it was changed to stands in its description only.
            Change::UpdateUser(..) | Change::UpdateSpace(..) => false,
            _ => return None,
        };
        let object = change.target().object()?.clone();
        let query = match &object {
            ObjectKey::App(key) => Query::Apps(key.domain_key()),
            ObjectKey::User(key) => Query::Users(key.domain_key()),
            ObjectKey::Space(key) => Query::Spaces(key.domain_key()),
            ObjectKey::Domain(_) => return None,
        };
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = Arc::clone(lists.entry(query.clone()).or_default());
        watch.watching.fetch_add(1, Ordering::AcqRel);
        Some(Watched { watch, query, object, row_suffices })
    }
}

impl Watched {
    /// The object as the list of its domain shows it; `None` where reading the list is not worth it, or where it
    /// does not show enough of the object, which proves nothing.
    pub(super) async fn look(&self, gateway: &Gateway) -> Option<Shown> {
        let watching = self.watch.watching.load(Ordering::Acquire);
        if watching < MANY {
            return None;
        }
        let mut list = self.watch.list.lock().await;
        match &*list {
            Some(known) if known.read_at.elapsed() < FRESH => {}
            Some(known) if known.pages >= watching => return None,
            _ => *list = Some(read(gateway, &self.query).await),
        }
        let row = list.as_ref().and_then(|list| list.rows.get(&self.object)).cloned()?;
        // Why it failed stands in its description only.
        let failed = matches!(row.life, Life::Failed | Life::UpdateFailed | Life::DeleteFailed);
        let says_enough = self.row_suffices && !failed || row.life == Life::Updating;
        says_enough.then_some(row)
    }
}

/// Reads a list. Where it ends early, what came before is as true as ever.
async fn read(gateway: &Gateway, query: &Query) -> List {
    let mut list = List { read_at: Instant::now(), pages: 0, rows: HashMap::new() };
    let (pages, mut answers) = mpsc::channel::<Result<Answer, Problem>>(4);
    let take_in = async {
        while let Some(answer) = answers.recv().await {
            list.pages += 1;
            if let Ok(answer) = answer {
                list.rows.extend(rows(answer));
            }
        }
    };
    tokio::join!(gateway.load(query, pages), take_in);
    list
}

/// The rows of a page.
pub(super) fn rows(answer: Answer) -> Vec<(ObjectKey, Shown)> {
    let shown = |life, created| Shown { life, created, reason: None, document: None };
    match answer {
        Answer::Apps(page) => {
            let row = |app: crate::fleet::App| {
                (ObjectKey::App(app.key), shown(Life::from(&app.status), app.created))
            };
            page.rows.into_iter().map(row).collect()
        }
        Answer::Users(page) => {
            let row = |user: crate::fleet::UserProfile| {
                (ObjectKey::User(user.key), shown(Life::from(&user.status), user.created))
            };
            page.rows.into_iter().map(row).collect()
        }
        Answer::Spaces(page) => {
            let row = |space: crate::fleet::Space| {
                (ObjectKey::Space(space.key), shown(Life::from(&space.status), space.created))
            };
            page.rows.into_iter().map(row).collect()
        }
        _ => Vec::new(),
    }
}
