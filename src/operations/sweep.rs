//! Watching many apps at once: where a domain has many that are on their way out, one list of it tells of all,
//! a hundred to a request, where describing them would take a request for each.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Shared, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::Instant;

use crate::aws::Gateway;
use crate::fleet::{Answer, App, AppKey, DomainKey, Query};

/// From so many on, a list is worth its pages.
const MANY: usize = 8;
/// A list not older than this is looked at again instead of being read again.
const FRESH: Duration = Duration::from_secs(4);

/// The lists of the domains in which something is being watched.
#[derive(Debug, Default)]
pub(super) struct Sweeps(Shared<HashMap<DomainKey, Arc<Domain>>>);

#[derive(Debug, Default)]
struct Domain {
    watching: AtomicUsize,
    list: Mutex<Option<List>>,
}

#[derive(Debug)]
struct List {
    read_at: Instant,
    pages: usize,
    apps: HashMap<AppKey, App>,
}

/// Counts an app as watched until dropped.
#[derive(Debug)]
pub(super) struct Watched(Arc<Domain>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.watching.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Sweeps {
    /// Begins to watch an app.
    pub(super) fn watch(&self, key: &AppKey) -> Watched {
        let mut domains = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let domain = Arc::clone(domains.entry(key.domain_key()).or_default());
        domain.watching.fetch_add(1, Ordering::AcqRel);
        Watched(domain)
    }
}

impl Watched {
    /// The app as the list of its domain shows it; `None` where reading the list is not worth it, or where it
    /// does not show the app, which proves nothing.
    pub(super) async fn look(&self, gateway: &Gateway, key: &AppKey) -> Option<App> {
        let watching = self.0.watching.load(Ordering::Acquire);
        if watching < MANY {
            return None;
        }
        let mut list = self.0.list.lock().await;
        match &*list {
            Some(known) if known.read_at.elapsed() < FRESH => {}
            Some(known) if known.pages >= watching => return None,
            _ => *list = Some(read(gateway, &key.domain_key()).await),
        }
        list.as_ref().and_then(|list| list.apps.get(key)).cloned()
    }
}

/// Reads the list of a domain. Where it ends early, what came before is as true as ever.
async fn read(gateway: &Gateway, domain: &DomainKey) -> List {
    let mut list = List { read_at: Instant::now(), pages: 0, apps: HashMap::new() };
    let query = Query::Apps(domain.clone());
    let (pages, mut answers) = mpsc::channel(4);
    let take_in = async {
        while let Some(answer) = answers.recv().await {
            list.pages += 1;
            if let Ok(Answer::Apps(page)) = answer {
                list.apps.extend(page.rows.into_iter().map(|app| (app.key.clone(), app)));
            }
        }
    };
    tokio::join!(gateway.load(&query, pages), take_in);
    list
}
