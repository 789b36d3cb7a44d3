//! What the audit trail must show: every edit of a line, and nothing secret.

use super::*;

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn entry(number: i64) -> Entry {
    Entry {
        time: time(number),
        who: "arn:aws:sts::111122223333:assumed-role/Admin/anna".to_owned(),
        account: AccountId::new("111122223333"),
        region: Region::new("eu-west-1"),
        what: "DeleteApp".to_owned(),
        object: format!("arn:aws:sagemaker:eu-west-1:111122223333:app/d-1/user-{number}/JupyterLab/default"),
        bound: Some(time(-1_000)),
        reason: None,
        plan: Some("0123456789ab".to_owned()),
        request_ids: vec!["0f3c2a10-1111-4222-8333-444455556666".to_owned()],
        before: None,
        after: None,
        outcome: "done".to_owned(),
    }
}

async fn trail(state: &Path, entries: i64) -> PathBuf {
    let audit = Audit::open(state, &Disk::default()).await.unwrap();
    for number in 1..=entries {
        audit.append(entry(number)).await.unwrap();
    }
    audit.path().to_owned()
}

#[tokio::test]
async fn what_is_appended_is_read_newest_first_and_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let path = trail(dir.path(), 3).await;
    let found = read_audit(&path, &Search::default()).unwrap();
    assert_eq!(found.entries.iter().map(|logged| logged.sequence).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(found.entries[0].entry, entry(3));
    let summary = verify_audit(&path, None).unwrap().unwrap();
    assert_eq!((summary.entries, summary.torn), (3, 0));
    assert_eq!(summary.head.unwrap().hash, found.entries[0].hash);
}
