//! Programs that end in the middle of an operation: by a disk that fails at every call, by a power cut, by a signal.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::tests::{folder, journal, opening, plan, time, who};
use super::*;
use crate::operations::audit::{Audit, Entry, Search, read_audit, verify_audit};
use crate::operations::disk::{Fault, passing_folder};

/// What the world outside saw of an operation.
#[derive(Debug, Default)]
struct Seen {
    /// The steps whose requests were sent.
    sent: BTreeSet<usize>,
    /// The steps whose end was confirmed to be on disk.
    ended: BTreeSet<usize>,
    closed: bool,
}

/// Carries out a plan as the executor does: nothing is sent whose intent is not on disk, and nothing after a
/// failure.
async fn operate(dir: &Path, disk: &Disk, steps: usize) -> Seen {
    let seen = Mutex::new(Seen::default());
    let Ok(journal) = Journal::create(dir, disk, opening("p1"), &plan()).await else {
        return seen.into_inner().unwrap();
    };
    join_all((0..steps).map(|step| {
        let (journal, seen) = (&journal, &seen);
        async move {
            if journal.intent(step, 1, time(1)).await.is_err() {
                return;
            }
            seen.lock().unwrap().sent.insert(step);
            if journal.answer(step, Some("r"), None, time(2)).await.is_err() {
                return;
            }
            if journal.end(step, json!("done"), time(3)).await.is_ok() {
                seen.lock().unwrap().ended.insert(step);
            }
        }
    }))
    .await;
    let closed = journal.close(json!("over"), time(4)).await.is_ok();
    let mut seen = seen.into_inner().unwrap();
    seen.closed = closed;
    seen
}

/// After a crash: what was sent is known to have been intended, what was confirmed is there, and the operation can
/// be taken to its end.
async fn recover(dir: &Path, seen: &Seen, steps: usize, what: &str) {
    let listed = history(dir).unwrap();
    let Some(listed) = listed.first() else {
        assert!(seen.sent.is_empty(), "{what}: no journal, but {seen:?}");
        return;
    };
    let recorded = match Journal::read(&listed.path) {
        Err(JournalError::NeverBegun { .. }) => {
            assert!(seen.sent.is_empty(), "{what}: nothing on disk, but {seen:?}");
            return;
        }
        read => read.unwrap_or_else(|error| panic!("{what}: {error}")),
    };
    for step in &seen.sent {
        assert_ne!(recorded.step(*step).standing, StepStanding::NotBegun, "{what}: step {step}");
    }
    for step in &seen.ended {
        let standing = recorded.step(*step).standing;
        assert!(matches!(standing, StepStanding::Ended { .. }), "{what}: step {step}: {standing:?}");
    }
    if recorded.closed.is_some() || seen.closed {
        assert!(recorded.closed.is_some(), "{what}: was closed");
        return;
    }
    let (journal, recorded) = Journal::resume(&listed.path, &Disk::default()).await.unwrap();
    let mut last = Vec::new();
    for step in 0..steps {
        if !matches!(recorded.step(step).standing, StepStanding::Ended { .. }) {
            last.push(journal.intent(step, 2, time(10)));
            last.push(journal.end(step, json!("done"), time(11)));
        }
    }
    assert!(join_all(last).await.iter().all(Result::is_ok));
    journal.close(json!("over"), time(12)).await.unwrap();
    drop(journal);
    let recorded = Journal::read(&listed.path).unwrap();
    assert!(recorded.closed.is_some() && recorded.unknown().is_empty() && recorded.steps.len() == steps);
}

#[tokio::test]
async fn f52_f54_f55_whichever_call_to_the_disk_fails_nothing_unwritten_is_sent() {
    for fault in [Fault::Killed, Fault::Full, Fault::Broken, Fault::PowerCut(0), Fault::PowerCut(7)] {
        for at in 1.. {
            let (_dir, dir) = folder();
            let disk = Disk::failing(at, fault);
            let seen = operate(&dir, &disk, 12).await;
            recover(&dir, &seen, 12, &format!("{fault:?} at {at}")).await;
            if !disk.has_failed() {
                assert!(seen.closed && at > 6, "{fault:?} at {at}");
                break;
            }
            assert!(!seen.closed, "{fault:?} at {at}");
        }
    }
}

#[tokio::test]
async fn f53_a_thousand_power_cuts_lose_nothing_that_was_sent() {
    for seed in 0..1_000 {
        let (_dir, dir) = folder();
        let disk = Disk::failing(2 + seed % 9, Fault::PowerCut(seed * 7_919));
        let seen = operate(&dir, &disk, 6).await;
        recover(&dir, &seen, 6, &format!("seed {seed}")).await;
    }
}

#[tokio::test]
async fn f54_f55_after_a_failure_every_call_fails_with_the_file_and_the_reason() {
    for (fault, reason, is_full) in
        [(Fault::Full, "no storage space", true), (Fault::Broken, "input/output", false)]
    {
        let (_dir, dir) = folder();
        let disk = Disk::failing(6, fault);
        let journal = Journal::create(&dir, &disk, opening("p1"), &plan()).await.unwrap();
        assert!(journal.failure().is_none());
        let first = journal.intent(0, 1, time(1)).await;
        let error = journal.intent(1, 1, time(2)).await.unwrap_err();
        assert!(first.is_err() || journal.failure().is_some());
        let text = error.to_string();
        assert!(text.contains("-p1.journal") && text.contains(reason), "{text}");
        assert_eq!(error.is_disk_full(), is_full);
        let calls = disk.calls();
        assert!(journal.close(json!(null), time(3)).await.is_err());
        assert_eq!(disk.calls(), calls, "the disk is not tried again");
    }
}

#[tokio::test]
async fn f54_an_operation_that_could_not_begin_leaves_no_journal() {
    let (_dir, dir) = folder();
    let at_folder = dir.join("20270115T080000Z-p1.journal");
    // Its write, its flush, the flush of its folder.
    for at in 2..=4 {
        let made = Journal::create(&dir, &Disk::failing_once(at, Fault::Full), opening("p1"), &plan()).await;
        assert!(matches!(made, Err(JournalError::Failed(_))), "{at}: {made:?}");
        assert!(!at_folder.exists(), "{at}");
    }
    journal(&dir).await;
}

/// Bar L5: at least 500 intents a second, where each flush takes 5 ms.
#[tokio::test]
async fn l5_intents_share_their_flushes() {
    for (disk, name) in [(Disk::slow(Duration::from_millis(5)), "5 ms"), (Disk::default(), "this disk's")] {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::create(dir.path(), &disk, opening("p1"), &plan()).await.unwrap();
        let began = Instant::now();
        let lanes = 32;
        join_all((0..lanes).map(|lane| {
            let journal = &journal;
            async move {
                for step in 0..64 {
                    journal.intent(lane * 64 + step, 1, time(1)).await.unwrap();
                }
            }
        }))
        .await;
        let rate = f64::from(u32::try_from(lanes * 64).unwrap()) / began.elapsed().as_secs_f64();
        println!("{rate:.0} intents/s, {lanes} at once, flushes of {name}");
        assert!(rate >= 500.0, "{rate:.0} intents/s with flushes of {name}");
        assert_eq!(Journal::read(journal.path()).unwrap().unknown().len(), lanes * 64);
    }
}

/// Where the program that is killed works, which is this one, started anew by the test that kills it.
const KILLED_IN: &str = "SAGEDECK_TEST_KILLED_IN";

fn entry(object: &str) -> Entry {
    Entry {
        time: time(1),
        who: who()[0].arn.clone(),
        account: who()[0].account.clone(),
        region: crate::fleet::Region::new("eu-west-1"),
        what: "DeleteApp".to_owned(),
        object: object.to_owned(),
        bound: None,
        reason: None,
        plan: None,
        request_ids: Vec::new(),
        before: None,
        after: None,
        outcome: "done".to_owned(),
    }
}

#[tokio::test]
#[ignore = "the program that the next test kills"]
async fn the_program_that_is_killed() {
    let Some(state) = std::env::var_os(KILLED_IN).map(PathBuf::from) else { return };
    let journal =
        Journal::create(&state.join("operations"), &Disk::default(), opening("p1"), &plan()).await.unwrap();
    let audit = Audit::open(&state, &Disk::default()).await.unwrap();
    join_all((0..8).map(|lane| {
        let (journal, audit) = (&journal, &audit);
        async move {
            for step in (lane..).step_by(8) {
                journal.intent(step, 1, time(1)).await.unwrap();
                println!("\nintent {step}");
                audit.append(entry(&format!("step-{step}."))).await.unwrap();
                println!("\naudit step-{step}.");
            }
        }
    }))
    .await;
}

#[tokio::test]
async fn f52_f62_f63_a_program_that_is_killed_leaves_what_it_confirmed_and_no_lock() {
    for round in 0..5 {
        let dir = passing_folder();
        let mut program = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "operations::journal::crashes::the_program_that_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(KILLED_IN, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Another console is at work meanwhile.
        let ours = Audit::open(dir.path(), &Disk::default()).await.unwrap();
        let (mut intended, mut audited, mut own) = (BTreeSet::new(), BTreeSet::new(), 0);
        for line in BufReader::new(program.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some(step) = line.strip_prefix("intent ") {
                intended.insert(step.parse::<usize>().unwrap());
                if intended.len() == 10 + round * 7 {
                    program.kill().unwrap();
                }
            } else if let Some(object) = line.strip_prefix("audit ") {
                audited.insert(object.to_owned());
                // What it printed before it was gone is read to its end, but we need not keep pace.
                if own < 10 {
                    ours.append(entry("ours")).await.unwrap();
                    own += 1;
                }
            }
        }
        assert!(!program.wait().unwrap().success() && intended.len() >= 10 + round * 7);
        let listed = history(&dir.path().join("operations")).unwrap();
        assert!(matches!(listed[0].standing, Standing::Unfinished), "{listed:?}");
        let (_journal, recorded) = Journal::resume(&listed[0].path, &Disk::default()).await.unwrap();
        assert!(recorded.unknown().is_superset(&intended), "round {round}");
        ours.append(entry("ours")).await.unwrap();
        let summary = verify_audit(ours.path(), None).unwrap().unwrap();
        assert!(summary.entries > own && summary.torn == 0, "round {round}: {summary:?}");
        let found = read_audit(ours.path(), &Search::default()).unwrap();
        let there: BTreeSet<String> = found.entries.into_iter().map(|logged| logged.entry.object).collect();
        assert!(there.is_superset(&audited), "round {round}");
    }
}
