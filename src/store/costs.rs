//! The answers of Cost Explorer on disk, by exact question, and how many requests were paid for on which day. A
//! damaged file is put aside and asked for again; one of another version is no answer.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fleet::{
    AccountId, Answer, CostAnswer, CostForecast, CostQuestion, CostTags, Query, Timestamp, billing_day,
    is_fresh, tags_are_fresh,
};

/// Grows when a file of before cannot be read any more.
const VERSION: u32 = 1;
/// The folder, within the folder of state.
const FOLDER: &str = "costs";
/// The file of the requests that were paid for.
const REQUESTS: &str = "requests.json";

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Asked {
    Costs(AccountId, Arc<CostQuestion>),
    Forecast(AccountId, Arc<CostQuestion>),
    Tags(AccountId),
}

/// What came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Came {
    Costs(Arc<CostAnswer>),
    Forecast(Arc<CostForecast>),
    Tags(Arc<CostTags>),
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    version: u32,
    asked: Asked,
    came: Came,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Requests {
    day: String,
    count: u32,
}

/// An answer that was kept: whose bill it is of, what was asked, and what came.
pub type Recalled = (AccountId, Arc<CostQuestion>, Arc<CostAnswer>);

/// The folder of answers.
#[derive(Debug, Clone)]
pub struct CostCache {
    folder: PathBuf,
}

impl CostCache {
    /// The answers kept in a folder of state.
    pub fn new(state: &Path) -> Self {
        Self { folder: state.join(FOLDER) }
    }

    /// The answer to a paid question that AWS cannot have a newer one to, if it was asked before.
    ///
    /// # Errors
    /// When a file cannot be read though it is there; one that is damaged is put aside and is no error.
    pub fn get(&self, query: &Query, now: Timestamp) -> io::Result<Option<Answer>> {
        let Some(asked) = asked(query) else { return Ok(None) };
        let path = self.path(&asked);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let Ok(kept) = serde_json::from_slice::<Kept>(&text) else {
            fs::rename(&path, path.with_extension("damaged"))?;
            return Ok(None);
        };
        if kept.version != VERSION || kept.asked != asked {
            return Ok(None);
        }
        Ok(match (kept.asked, kept.came) {
            (Asked::Costs(_, question), Came::Costs(answer)) if is_fresh(&question, answer.asked_at, now) => {
                Some(Answer::Costs(answer))
            }
            (Asked::Forecast(_, question), Came::Forecast(came))
                if is_fresh(&question, came.asked_at, now) =>
            {
                Some(Answer::CostForecast(came))
            }
            (Asked::Tags(_), Came::Tags(tags)) if tags_are_fresh(tags.asked_at, now) => {
                Some(Answer::CostTags(tags))
            }
            _ => None,
        })
    }

    /// All answers about bills that are kept and reach beyond a day, however old; what cannot be understood is passed
    /// over.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be read though it is there.
    pub fn recall(&self, since: Date) -> io::Result<Vec<Recalled>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut answers = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            let text = match fs::read(&path) {
                Ok(text) => text,
                // Another console may have put it aside by now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let Ok(kept) = serde_json::from_slice::<Kept>(&text) else { continue };
            if let (VERSION, Asked::Costs(account, question), Came::Costs(answer)) =
                (kept.version, kept.asked, kept.came)
                && question.until > since
            {
                answers.push((account, question, answer));
            }
        }
        Ok(answers)
    }

    /// Keeps an answer, readable by its owner only.
    ///
    /// # Errors
    /// When it cannot be written; an answer that was there before is then still whole.
    pub fn put(&self, query: &Query, answer: &Answer) -> io::Result<()> {
        let Some(asked) = asked(query) else { return Ok(()) };
        let came = match answer {
            Answer::Costs(answer) => Came::Costs(Arc::clone(answer)),
            Answer::CostForecast(forecast) => Came::Forecast(Arc::clone(forecast)),
            Answer::CostTags(tags) => Came::Tags(Arc::clone(tags)),
            _ => return Ok(()),
        };
        let path = self.path(&asked);
        let text = serde_json::to_vec(&Kept { version: VERSION, asked, came })?;
        super::private_folder(&self.folder)?;
        super::replace(&path, &text)
    }

    /// Forgets what is kept for a question, as when something was changed that it tells of.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn forget(&self, query: &Query) -> io::Result<()> {
        let Some(asked) = asked(query) else { return Ok(()) };
        match fs::remove_file(self.path(&asked)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Counts requests that were paid for; gives how many there were today.
    ///
    /// # Errors
    /// When the count cannot be written; it is then too low.
    pub fn count(&self, requests: u32, now: Timestamp) -> io::Result<u32> {
        let count = self.requests_today(now).saturating_add(requests);
        let day = billing_day(now).to_string();
        super::private_folder(&self.folder)?;
        super::replace(&self.folder.join(REQUESTS), &serde_json::to_vec(&Requests { day, count })?)?;
        Ok(count)
    }

    /// How many requests were paid for today.
    pub fn requests_today(&self, now: Timestamp) -> u32 {
        let text = fs::read(self.folder.join(REQUESTS)).unwrap_or_default();
        let kept: Requests = serde_json::from_slice(&text).unwrap_or_default();
        if kept.day == billing_day(now).to_string() { kept.count } else { 0 }
    }

    fn path(&self, asked: &Asked) -> PathBuf {
        let mut name = String::with_capacity(40);
        let text = serde_json::to_vec(asked).unwrap_or_default();
        for byte in Sha256::digest(&text).iter().take(16) {
            // Writing to a String cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        self.folder.join(name).with_extension("json")
    }
}

fn asked(query: &Query) -> Option<Asked> {
    match query {
        Query::Costs(account, question) => Some(Asked::Costs(account.clone(), Arc::clone(question))),
        Query::CostForecast(account, question) => {
            Some(Asked::Forecast(account.clone(), Arc::clone(question)))
        }
        Query::CostTags(account) => Some(Asked::Tags(account.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::*;
    use crate::fleet::{CostGroup, CostPages, Granularity};

    fn query() -> Query {
        let range = (date(2026, 10, 1), date(2026, 11, 23));
        let question = CostQuestion::new(&["s".into()], range, Granularity::Daily, &CostGroup::User, None);
        Query::Costs(AccountId::new("123456789012"), Arc::new(question))
    }

    fn now() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_answer_is_kept_until_aws_can_have_a_newer_one_and_only_for_its_question() {
        let dir = tempfile::tempdir().unwrap();
        let cache = CostCache::new(dir.path());
        assert_eq!(cache.get(&query(), now()).unwrap(), None);
        let answer = Answer::Costs(Arc::new(CostPages::default().finish(now())));
        cache.put(&query(), &answer).unwrap();
        assert_eq!(cache.get(&query(), now() + 7.hours()).unwrap(), Some(answer));
        assert_eq!(cache.get(&query(), now() + 8.hours()).unwrap(), None);
        let Query::Costs(account, question) = query() else { unreachable!() };
        let other = Query::CostForecast(account, question);
        assert_eq!(cache.get(&other, now()).unwrap(), None);
        cache.forget(&query()).unwrap();
        cache.forget(&query()).unwrap();
        assert_eq!(cache.get(&query(), now()).unwrap(), None);
    }

    #[test]
    fn what_is_kept_is_recalled_however_old_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let cache = CostCache::new(dir.path());
        assert!(cache.recall(date(2026, 11, 1)).unwrap().is_empty());
        cache.put(&query(), &Answer::Costs(Arc::new(CostPages::default().finish(now())))).unwrap();
        cache.count(1, now()).unwrap();
        fs::write(dir.path().join(FOLDER).join("odd.json"), b"{}").unwrap();
        let recalled = cache.recall(date(2026, 11, 1)).unwrap();
        assert_eq!(recalled.len(), 1, "{recalled:?}");
        assert_eq!(recalled[0].2.asked_at, now());
        assert!(cache.recall(date(2026, 12, 1)).unwrap().is_empty());
    }

    #[test]
    fn a_damaged_answer_is_put_aside_and_asked_for_again() {
        let dir = tempfile::tempdir().unwrap();
        let cache = CostCache::new(dir.path());
        cache.put(&query(), &Answer::Costs(Arc::new(CostPages::default().finish(now())))).unwrap();
        let path = fs::read_dir(dir.path().join(FOLDER)).unwrap().next().unwrap().unwrap().path();
        fs::write(&path, b"{\"version\":1").unwrap();
        assert_eq!(cache.get(&query(), now()).unwrap(), None);
        assert!(!path.exists() && path.with_extension("damaged").exists());
    }

    #[test]
    fn paid_requests_are_counted_by_day() {
        let dir = tempfile::tempdir().unwrap();
        let cache = CostCache::new(dir.path());
        assert_eq!(cache.count(2, now()).unwrap(), 2);
        assert_eq!(CostCache::new(dir.path()).count(1, now()).unwrap(), 3);
        assert_eq!(cache.requests_today(now() + 24.hours()), 0);
    }
}
