//! What a journal must survive: crashes at every byte and every call, flipped bits, a second program, a newer one.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;
use crate::fleet::AccountId;

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn who() -> Vec<Principal> {
    let arn = "arn:aws:sts::111122223333:assumed-role/Admin/anna".to_owned();
    vec![Principal { account: AccountId::new("111122223333"), arn }]
}

fn opening(id: &str) -> Opening {
    Opening {
        who: who(),
        reason: Some("end of the course".to_owned()),
        ..Opening::new(id, "Stop 3 apps", 3, time(0))
    }
}

fn plan() -> Value {
    json!({ "steps": ["a", "b", "c"], "made_at": "2027-01-15T08:00:00Z" })
}

async fn journal(dir: &Path) -> Journal {
    Journal::create(dir, &Disk::default(), opening("p1"), &plan()).await.unwrap()
}

/// A journal of 3 steps with every kind of record in it, unfinished.
async fn sample(dir: &Path) -> PathBuf {
    let journal = journal(dir).await;
    journal.intent(0, 1, time(1)).await.unwrap();
    journal.answer(0, Some("r-0"), Some(json!({ "DomainId": "d-1" })), time(2)).await.unwrap();
    journal.end(0, json!("done"), time(3)).await.unwrap();
    journal.intent(1, 1, time(4)).await.unwrap();
    journal.end(1, json!({ "failed": "denied" }), time(5)).await.unwrap();
    journal.paused("the credentials have expired", time(6)).await.unwrap();
    journal.resumed(who(), time(7)).await.unwrap();
    journal.retry(vec![1], time(8)).await.unwrap();
    journal.intent(1, 2, time(9)).await.unwrap();
    journal.answer(1, Some("r-1"), None, time(10)).await.unwrap();
    journal.path().to_owned()
}

/// A folder that is not there yet, within one that is.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let operations = dir.path().join("state").join("operations");
    (dir, operations)
}

#[tokio::test]
async fn what_is_recorded_is_read_back() {
    let (_dir, dir) = folder();
    let path = sample(&dir).await;
    assert_eq!(path.file_name().unwrap(), "20270115T080000Z-p1.journal");
    let recorded = Journal::read(&path).unwrap();
    assert_eq!(recorded.opening, opening("p1"));
    assert_eq!((recorded.plan.clone(), recorded.who.clone(), recorded.last), (plan(), who(), time(10)));
    assert_eq!((recorded.paused.clone(), recorded.closed.clone(), recorded.torn.clone()), (None, None, None));
    let first = recorded.step(0);
    assert_eq!(first.standing, StepStanding::Ended { at: time(3), state: json!("done") });
    assert_eq!(first.produced, Some(json!({ "DomainId": "d-1" })));
    let second = recorded.step(1);
    assert_eq!((second.attempts, second.request_ids.clone()), (2, vec!["r-1".to_owned()]));
    assert_eq!(second.standing, StepStanding::Answered { at: time(10) });
    assert_eq!(recorded.step(2).standing, StepStanding::NotBegun);
    assert_eq!(recorded.unknown(), [1].into());
}
