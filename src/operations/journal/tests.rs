//! What a journal must tell and survive: an end torn at every byte, flipped bits, a second program, a newer one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::fleet::AccountId;
use crate::operations::disk::passing_folder;

pub(super) fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub(super) fn who() -> Vec<Principal> {
    let arn = "arn:aws:sts::111122223333:assumed-role/Admin/anna".to_owned();
    vec![Principal { account: AccountId::new("111122223333"), arn }]
}

pub(super) fn opening(id: &str) -> Opening {
    Opening {
        who: who(),
        reason: Some("end of the course".to_owned()),
        ..Opening::new(id, "Stop 3 apps", 3, time(0))
    }
}

pub(super) fn plan() -> Value {
    json!({ "steps": ["a", "b", "c"], "made_at": "2027-01-15T08:00:00Z" })
}

pub(super) async fn journal(dir: &Path) -> Journal {
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
pub(super) fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = passing_folder();
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

#[tokio::test]
async fn the_journal_and_its_folder_are_private() {
    let (_dir, dir) = folder();
    let path = sample(&dir).await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir), mode(&path)), (0o700, 0o600));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        Journal::resume(&path, &Disk::default()).await.unwrap();
        assert_eq!(mode(&path), 0o600, "made private again");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o622)).unwrap();
        let error = Journal::resume(&path, &Disk::default()).await.unwrap_err();
        assert!(error.to_string().contains("others may write to it"), "{error}");
    }
}

#[tokio::test]
async fn a_plan_is_read_back_as_the_very_text_it_was_given_as() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Plan {
        dollars: Vec<f64>,
        zebra: String,
        aardvark: Option<u64>,
    }
    // Sums and products of prices, which have no short form.
    let dollars = (1..5_000).map(|n| f64::from(n) * 0.053_7 + 0.1 / f64::from(n)).collect();
    let plan = Plan { dollars, zebra: "Z\u{fc}rich \u{202e}\u{9b}2J\n".to_owned(), aardvark: Some(u64::MAX) };
    let (_dir, dir) = folder();
    let journal = Journal::create(&dir, &Disk::default(), opening("p1"), &plan).await.unwrap();
    let read: Plan = Journal::read(journal.path()).unwrap().plan().unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), serde_json::to_string(&plan).unwrap());
    let text = fs::read_to_string(journal.path()).unwrap();
    assert!(!text.replace('\n', "").contains(crate::fleet::is_hostile), "no character steers a terminal");
}

#[tokio::test]
async fn f62_a_journal_in_use_cannot_be_taken_over_and_f63_a_crash_frees_it() {
    let (_dir, dir) = folder();
    let journal = journal(&dir).await;
    let path = journal.path().to_owned();
    let taken = Journal::resume(&path, &Disk::default()).await;
    assert!(matches!(taken, Err(JournalError::InUse { .. })), "{taken:?}");
    assert!(matches!(history(&dir).unwrap()[0].standing, Standing::Running));
    assert_eq!(Journal::read(&path).unwrap().records, 2, "reading is always possible");
    journal.intent(0, 1, time(1)).await.unwrap();
    drop(journal);
    let began = Instant::now();
    let (_journal, recorded) = Journal::resume(&path, &Disk::default()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(recorded.unknown(), [0].into());
}

#[tokio::test]
async fn a_finished_journal_is_read_and_not_resumed() {
    let (_dir, dir) = folder();
    let journal = journal(&dir).await;
    journal.close(json!({ "done": 3 }), time(9)).await.unwrap();
    let path = journal.path().to_owned();
    drop(journal);
    assert_eq!(Journal::read(&path).unwrap().closed, Some((time(9), json!({ "done": 3 }))));
    let resumed = Journal::resume(&path, &Disk::default()).await;
    assert!(matches!(resumed, Err(JournalError::Closed { .. })), "{resumed:?}");
}

#[tokio::test]
async fn what_is_produced_or_ended_holds_no_secret() {
    let (_dir, dir) = folder();
    let journal = journal(&dir).await;
    let link = "https://d-1.studio.eu-west-1.sagemaker.aws/auth?token=CANARY";
    journal.answer(0, None, Some(json!({ "AuthorizedUrl": "CANARY" })), time(1)).await.unwrap();
    journal.end(0, json!({ "failed": link }), time(2)).await.unwrap();
    journal.close(json!([link]), time(3)).await.unwrap();
    let text = fs::read_to_string(journal.path()).unwrap();
    assert!(!text.contains("CANARY") && text.contains("[removed]"), "{text}");
}

#[tokio::test]
async fn a_plan_whose_id_could_lead_elsewhere_is_refused() {
    let (_dir, dir) = folder();
    for id in ["", "../p", "a b", "p\u{202e}", &"x".repeat(101)] {
        let made = Journal::create(&dir, &Disk::default(), opening(id), &plan()).await;
        assert!(matches!(made, Err(JournalError::NoName { .. })), "{id}: {made:?}");
    }
    journal(&dir).await;
    let again = Journal::create(&dir, &Disk::default(), opening("p1"), &plan()).await;
    assert!(matches!(again, Err(JournalError::Failed(_))), "one operation, one journal: {again:?}");
}

/// The lines of a file, with their breaks.
fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[tokio::test]
async fn f58_cut_at_every_byte_the_last_record_is_dropped_and_the_rest_goes_on() {
    let (_dir, dir) = folder();
    let path = sample(&dir).await;
    let whole = fs::read(&path).unwrap();
    let cut = dir.join("20270115T080000Z-cut.journal");
    for length in 0..=whole.len() {
        fs::write(&cut, &whole[..length]).unwrap();
        let complete = whole[..length].split(|byte| *byte == b'\n').count() as u64 - 1;
        let read = Journal::read(&cut);
        if complete < 2 {
            assert!(matches!(read, Err(JournalError::NeverBegun { .. })), "{length}: {read:?}");
            continue;
        }
        let recorded = read.unwrap();
        assert_eq!(recorded.records, complete, "{length}");
        assert_eq!(recorded.torn.is_some(), whole[length - 1] != b'\n', "{length}");
        // 0o644 of this test's own file is mended on the way.
        let (journal, _) = Journal::resume(&cut, &Disk::default()).await.unwrap();
        journal.end(2, json!("done"), time(20)).await.unwrap();
        drop(journal);
        let recorded = Journal::read(&cut).unwrap();
        assert_eq!((recorded.records, recorded.torn.clone()), (complete + 1, None), "{length}");
        assert_eq!(recorded.step(2).standing, StepStanding::Ended { at: time(20), state: json!("done") });
    }
}

#[tokio::test]
async fn f58_every_flipped_bit_is_found_with_its_line_and_nothing_is_rewritten() {
    let (_dir, dir) = folder();
    let path = sample(&dir).await;
    let whole = fs::read(&path).unwrap();
    let bad = dir.join("20270115T080000Z-bad.journal");
    let mut expected = 1;
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        // Every bit comes up, each byte with one of them.
        flipped[at] ^= 1 << (at % 8);
        fs::write(&bad, &flipped).unwrap();
        match Journal::read(&bad) {
            Err(JournalError::Damaged { line, .. }) => assert_eq!(line, expected, "byte {at}"),
            other => panic!("byte {at}: {other:?}"),
        }
        expected += u64::from(whole[at] == b'\n');
        if at % 50 == 0 {
            let resumed = Journal::resume(&bad, &Disk::default()).await;
            assert!(matches!(resumed, Err(JournalError::Damaged { .. })), "byte {at}: {resumed:?}");
            assert_eq!(fs::read(&bad).unwrap(), flipped, "byte {at}");
        }
    }
}

#[tokio::test]
async fn f58_lines_that_are_missing_doubled_or_moved_are_named() {
    let (_dir, dir) = folder();
    let whole = lines(&fs::read(sample(&dir).await).unwrap());
    let bad = dir.join("20270115T080000Z-bad.journal");
    let check = |lines: Vec<Vec<u8>>, expected: u64| {
        fs::write(&bad, lines.concat()).unwrap();
        match Journal::read(&bad) {
            Err(JournalError::Damaged { line, .. }) => assert_eq!(line, expected),
            other => panic!("{expected}: {other:?}"),
        }
    };
    for at in 0..whole.len() {
        let mut doubled = whole.clone();
        doubled.insert(at, whole[at].clone());
        check(doubled, at as u64 + 2);
        let mut foreign = whole.clone();
        foreign.insert(at, b"hello\n".to_vec());
        check(foreign, at as u64 + 1);
        if at + 1 < whole.len() {
            let mut removed = whole.clone();
            removed.remove(at);
            check(removed, at as u64 + 1);
            let mut swapped = whole.clone();
            swapped.swap(at, at + 1);
            check(swapped, at as u64 + 1);
        }
    }
}

#[tokio::test]
async fn f69_a_newer_journal_is_refused_and_left_alone() {
    let (_dir, dir) = folder();
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join("20270115T080000Z-new.journal");
    let newer = r#"{"n":1,"durable":0,"at":"2027-01-15T08:00:00Z","is":{"opened":{"format":2,"program":"9.0"}},"x":1}"#;
    let text =
        format!("{} {newer}\nwhatever comes then\n", &super::super::seal::sha256(newer.as_bytes())[..16]);
    fs::write(&path, &text).unwrap();
    let read = Journal::read(&path);
    assert!(
        matches!(&read, Err(JournalError::Newer { format: 2, program, .. }) if program == "9.0"),
        "{read:?}"
    );
    let resumed = Journal::resume(&path, &Disk::default()).await;
    assert!(matches!(resumed, Err(JournalError::Newer { .. })), "{resumed:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let listed = history(&dir).unwrap();
    assert!(matches!(listed[0].standing, Standing::Unreadable(JournalError::Newer { .. })), "{listed:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn f57_no_bytes_make_the_reader_panic_or_believe(
        noise in proptest::collection::vec(any::<u8>(), 0..200),
        at in 0_usize..2_000,
        removed in 0_usize..100,
    ) {
        static WHOLE: Mutex<Option<Vec<u8>>> = Mutex::new(None);
        let mut whole = WHOLE.lock().unwrap();
        let whole = whole.get_or_insert_with(|| {
            let (_dir, dir) = folder();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            fs::read(runtime.block_on(sample(&dir))).unwrap()
        });
        let at = at % whole.len();
        let until = (at + removed).min(whole.len());
        let mut mutated = whole.clone();
        mutated.splice(at..until, noise.clone());
        let read = read::read_from(Path::new("x"), &mut mutated.as_slice());
        if let Ok(recorded) = read {
            // Whatever was read is a part of what was written, from its start.
            let good = lines(whole).into_iter().take(usize::try_from(recorded.records).unwrap()).collect::<Vec<_>>();
            prop_assert!(mutated.starts_with(&good.concat()));
        }
    }
}

#[tokio::test]
async fn the_history_is_newest_first_and_hides_nothing() {
    let (_dir, dir) = folder();
    assert!(history(&dir).unwrap().is_empty(), "no folder, no operations");
    assert!(!was_begun(&dir, "p1").unwrap());
    for (second, id) in [(10, "closed"), (20, "left"), (30, "running")] {
        let opening = Opening { started: time(second), ..opening(id) };
        let journal = Journal::create(&dir, &Disk::default(), opening, &plan()).await.unwrap();
        journal.intent(0, 1, time(second + 1)).await.unwrap();
        if id == "closed" {
            journal.close(json!({ "done": 1 }), time(second + 2)).await.unwrap();
        } else if id == "running" {
            std::mem::forget(journal);
        }
    }
    fs::write(dir.join("20270115T090000Z-empty.journal"), "").unwrap();
    fs::write(dir.join("20270115T090001Z-noise.journal"), "noise\n").unwrap();
    fs::write(dir.join("notes.txt"), "no journal").unwrap();
    // The lock of a journal that was dropped goes a moment later, with its writer.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let listed = history(&dir).unwrap();
    let standings: Vec<String> = listed
        .iter()
        .map(|listed| match &listed.standing {
            Standing::Running => "running".to_owned(),
            Standing::Unfinished => "unfinished".to_owned(),
            Standing::Closed { at, outcome } => format!("closed {at} {outcome}"),
            Standing::Unreadable(error) => error.to_string().rsplit('/').next().unwrap().to_owned(),
        })
        .collect();
    assert_eq!(
        standings,
        [
            "20270115T090001Z-noise.journal:1: the journal is damaged: its checksum does not fit; it is left as it is",
            "20270115T090000Z-empty.journal: the operation never began; nothing was sent",
            "running",
            "unfinished",
            r#"closed 2027-01-15T08:00:12Z {"done":1}"#,
        ]
    );
    assert_eq!(listed[4].opening.as_ref().unwrap().plan_id, "closed");
    assert!(was_begun(&dir, "left").unwrap() && !was_begun(&dir, "eft").unwrap());
}

#[tokio::test]
async fn hundreds_of_large_journals_are_listed_without_reading_their_plans() {
    let (_dir, dir) = folder();
    let large = json!({ "steps": vec!["x".repeat(1_000); 2_000] });
    let first = Journal::create(&dir, &Disk::default(), opening("p0"), &large).await.unwrap();
    first.close(json!("done"), time(1)).await.unwrap();
    for n in 1..300 {
        // The same file under many names: 600 MB to whoever reads them.
        fs::hard_link(first.path(), dir.join(format!("20270115T080000Z-p{n}.journal"))).unwrap();
    }
    let began = Instant::now();
    assert_eq!(history(&dir).unwrap().len(), 300);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}
