//! The history of the burn on disk: a file a day, to which samples are appended and nothing else, so that several
//! consoles write side by side; days that are over are thinned into a file of their own. Damaged lines are skipped
//! and counted. Knows files; what the samples mean is for `fleet` to say.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{append_private, private_folder, replace};
use crate::fleet::{AccountId, BurnSample, Gauge, Region, RunKind, Scope, Timestamp, harmless, thin};

/// The folder of the history, within the folder of state.
const FOLDER: &str = "burn";
/// The version of the form in which samples are written; lines of another one are not understood.
const VERSION: u32 = 1;
/// The largest file that is read, in bytes: a day of a hundred places is a tenth of it.
const LARGEST: u64 = 256 << 20;
/// For how many days samples are kept as they were taken; then they are thinned to one an hour.
const KEPT_WHOLE: i64 = 8;
/// For how many days anything is kept.
const KEPT: i64 = 400;
/// How the files of a day end: as it was seen, and thinned.
const RAW: &str = "samples.jsonl";
const THINNED: &str = "hours.jsonl";

/// A sample as it stands on its line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(rename = "v")]
    version: u32,
    at: Timestamp,
    account: AccountId,
    region: Region,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    runs: Vec<(Arc<str>, Arc<str>, [f64; 5])>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    budgets: BTreeMap<Arc<str>, [f64; 5]>,
}

/// What was read of the history.
#[derive(Debug, Default)]
pub struct KeptBurn {
    /// The samples.
    pub samples: Vec<BurnSample>,
    /// How many lines could not be understood.
    pub skipped: usize,
}

/// Appends samples to the file of their day. Each line is written in one piece, so that what two consoles write
/// at once lies side by side.
///
/// # Errors
///
/// When folder or file cannot be written.
pub fn keep_burn(dir: &Path, samples: &[BurnSample]) -> io::Result<()> {
    let folder = dir.join(FOLDER);
    private_folder(&folder)?;
    for sample in samples {
        // A line that an earlier run left half written must not swallow this one.
        let mut text = vec![b'\n'];
        serde_json::to_writer(&mut text, &Line::of(sample))?;
        text.push(b'\n');
        append_private(&file(&folder, day_of(sample.at), RAW))?.write_all(&text)?;
    }
    Ok(())
}

/// The samples from the day of one instant to that of another, and how many lines could not be understood.
///
/// # Errors
///
/// When a file that is there cannot be read.
pub fn kept_burn(dir: &Path, from: Timestamp, until: Timestamp) -> io::Result<KeptBurn> {
    let mut kept = KeptBurn::default();
    let folder = dir.join(FOLDER);
    // The last sample of the day before reaches into the first.
    let first = day_of(from).checked_sub(1.day()).unwrap_or(Date::MIN);
    for (day, files) in days(&folder)? {
        if day >= first && day <= day_of(until) {
            // What was thinned is whole; the rest of what it was made from is only not yet removed.
            let path = files.thinned.or(files.raw);
            if let Some(path) = path {
                read(&path, &mut kept)?;
            }
        }
    }
    Ok(kept)
}

/// The first day of which anything is kept.
///
/// # Errors
///
/// When the folder cannot be read though it is there.
pub fn burn_since(dir: &Path) -> io::Result<Option<Date>> {
    Ok(days(&dir.join(FOLDER))?.into_keys().next())
}

/// Thins what is older than a week, and removes what is older than a year. Several consoles may do this at once:
/// all write the same, and each file is put in place whole.
///
/// # Errors
///
/// When a file cannot be read, written or removed; nothing is lost then.
pub fn thin_burn(dir: &Path, now: Timestamp) -> io::Result<()> {
    let folder = dir.join(FOLDER);
    let today = day_of(now);
    let age = |day: Date| i64::from(day.until(today).map_or(0, |span| span.get_days()));
    let all = days(&folder)?;
    for (day, files) in &all {
        if age(*day) > KEPT {
            for path in [&files.raw, &files.thinned].into_iter().flatten() {
                remove(path)?;
            }
            continue;
        }
        let Some(raw) = files.raw.as_ref().filter(|_| age(*day) > KEPT_WHOLE) else { continue };
        if files.thinned.is_none() {
            let (mut own, mut next) = (KeptBurn::default(), KeptBurn::default());
            read(raw, &mut own)?;
            let after = day.checked_add(1.day()).ok().and_then(|after| all.get(&after));
            if let Some(path) = after.and_then(|files| files.raw.as_ref()) {
                read(path, &mut next)?;
            }
            let mut text = Vec::new();
            for sample in thin(own.samples, next.samples) {
                serde_json::to_writer(&mut text, &Line::of(&sample))?;
                text.push(b'\n');
            }
            replace(&file(&folder, *day, THINNED), &text)?;
        }
        remove(raw)?;
    }
    Ok(())
}

impl Line {
    fn of(sample: &BurnSample) -> Self {
        Self {
            version: VERSION,
            at: sample.at,
            account: sample.scope.account().clone(),
            region: sample.scope.region().clone(),
            seconds: sample.seconds,
            runs: sample
                .runs
                .iter()
                .map(|(kind, gauge)| (kind.app_type.clone(), kind.instance.clone(), figures(*gauge)))
                .collect(),
            budgets: sample.budgets.iter().map(|(name, gauge)| (name.clone(), figures(*gauge))).collect(),
        }
    }

    /// The sample, if its figures can be: a number that is none would spoil every sum.
    fn sample(self) -> Option<BurnSample> {
        let good = |figures: &[f64; 5]| figures.iter().all(|figure| figure.is_finite() && *figure >= 0.0);
        let is_good = self.version == VERSION
            && self.runs.iter().all(|(.., own)| good(own))
            && self.budgets.values().all(good)
            && self.seconds.is_none_or(|seconds| (0.0..=86_400.0).contains(&seconds));
        is_good.then(|| BurnSample {
            at: self.at,
            scope: Scope::new(self.account, self.region),
            seconds: self.seconds,
            runs: self
                .runs
                .into_iter()
                .map(|(app_type, instance, own)| {
                    (RunKind { app_type: harmless(&app_type), instance: harmless(&instance) }, gauge(own))
                })
                .collect(),
            budgets: self.budgets.into_iter().map(|(name, own)| (harmless(&name), gauge(own))).collect(),
        })
    }
}

fn figures(gauge: Gauge) -> [f64; 5] {
    [gauge.instances, gauge.burn, gauge.idle, gauge.unknown_prices, gauge.unknown_idle]
}

fn gauge([instances, burn, idle, unknown_prices, unknown_idle]: [f64; 5]) -> Gauge {
    Gauge { instances, burn, idle, unknown_prices, unknown_idle }
}

/// The files of one day.
#[derive(Debug, Default)]
struct DayFiles {
    raw: Option<PathBuf>,
    thinned: Option<PathBuf>,
}

/// The days there are files of; other files in the folder are nobody's business.
fn days(folder: &Path) -> io::Result<BTreeMap<Date, DayFiles>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let mut days: BTreeMap<Date, DayFiles> = BTreeMap::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some((day, ending)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
        let Ok(day) = day.parse::<Date>() else { continue };
        match ending {
            RAW => days.entry(day).or_default().raw = Some(entry.path()),
            THINNED => days.entry(day).or_default().thinned = Some(entry.path()),
            _ => {}
        }
    }
    Ok(days)
}

fn file(folder: &Path, day: Date, ending: &str) -> PathBuf {
    folder.join(format!("{day}.{ending}"))
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Another console may have removed the file by now.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn read(path: &Path, kept: &mut KeptBurn) -> io::Result<()> {
    let mut text = Vec::new();
    match fs::File::open(path) {
        Ok(file) => file.take(LARGEST).read_to_end(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice::<Line>(line).ok().and_then(Line::sample) {
            Some(sample) => kept.samples.push(sample),
            None => kept.skipped += 1,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::fleet::BurnHistory;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn scope() -> Scope {
        Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1"))
    }

    fn seen(at: Timestamp) -> BurnSample {
        let kind = RunKind { app_type: "JupyterLab".into(), instance: "ml.g5.xlarge".into() };
        let own = Gauge { instances: 2.0, burn: 2.816, idle: 1.408, unknown_prices: 0.0, unknown_idle: 1.0 };
        BurnSample {
            at,
            scope: scope(),
            seconds: None,
            runs: [(kind, own)].into(),
            budgets: [(Arc::from("nlp"), own)].into(),
        }
    }

    fn read_all(dir: &Path) -> KeptBurn {
        kept_burn(dir, instant("2026-01-01T00:00:00Z"), instant("2026-12-31T00:00:00Z")).unwrap()
    }

    #[test]
    fn samples_come_back_as_they_were_and_only_their_owner_can_read_them() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read_all(dir.path()).samples.is_empty());
        let samples = [seen(instant("2026-11-20T23:59:00Z")), seen(instant("2026-11-21T00:01:00Z"))];
        keep_burn(dir.path(), &samples).unwrap();
        let mut kept = read_all(dir.path());
        kept.samples.sort_by_key(|sample| sample.at);
        assert_eq!((kept.samples.as_slice(), kept.skipped), (&samples[..], 0));
        assert_eq!(fs::read_dir(dir.path().join(FOLDER)).unwrap().count(), 2, "a file a day");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = file(&dir.path().join(FOLDER), day_of(samples[0].at), RAW);
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn damaged_and_foreign_lines_are_skipped_and_counted() {
        let dir = tempfile::tempdir().unwrap();
        let at = instant("2026-11-20T10:00:00Z");
        keep_burn(dir.path(), &[seen(at)]).unwrap();
        let path = file(&dir.path().join(FOLDER), day_of(at), RAW);
        let good = serde_json::to_string(&Line::of(&seen(at))).unwrap();
        for bad in [
            good[..good.len() / 2].to_owned(),
            good.replace("\"v\":1", "\"v\":2"),
            good.replace("2.816", "-2.816"),
            "{}".to_owned(),
            "\u{0}\u{1}".to_owned(),
        ] {
            let mut text = fs::read(&path).unwrap();
            text.extend_from_slice(bad.as_bytes());
            fs::write(&path, text).unwrap();
            // What follows a line that broke off is whole all the same.
            keep_burn(dir.path(), &[seen(at + SignedDuration::from_mins(5))]).unwrap();
        }
        let kept = read_all(dir.path());
        assert_eq!((kept.samples.len(), kept.skipped), (6, 5));
    }

    #[test]
    fn two_consoles_write_side_by_side() {
        let dir = tempfile::tempdir().unwrap();
        let start = instant("2026-11-20T00:00:00Z");
        std::thread::scope(|threads| {
            for console in 0..4 {
                let dir = dir.path();
                threads.spawn(move || {
                    for n in 0..50 {
                        keep_burn(dir, &[seen(start + SignedDuration::from_secs(n * 60 + console))]).unwrap();
                    }
                });
            }
        });
        let kept = read_all(dir.path());
        assert_eq!((kept.samples.len(), kept.skipped), (200, 0));
    }

    #[test]
    fn days_that_are_long_over_are_thinned_once_and_come_to_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let start = instant("2026-11-01T00:00:00Z");
        let samples: Vec<BurnSample> =
            (0..864).map(|n| seen(start + SignedDuration::from_mins(n * 5))).collect();
        keep_burn(dir.path(), &samples).unwrap();
        let old = seen(instant("2025-09-01T00:00:00Z"));
        keep_burn(dir.path(), &[old]).unwrap();
        let metered = || {
            let kept = read_all(dir.path());
            let count = kept.samples.len();
            let until = start + SignedDuration::from_hours(100);
            (BurnHistory::of(kept.samples).metered(&[scope()], start, until), count)
        };
        let (before, _) = metered();
        for _ in 0..2 {
            thin_burn(dir.path(), instant("2026-11-11T12:00:00Z")).unwrap();
            let (after, count) = metered();
            assert_eq!(count, 24 + 24 + 288, "the first two days are older than eight");
            assert!((after.total.burn - before.total.burn).abs() < 1e-6);
            assert!((after.watched - before.watched).abs() < 1e-6);
            assert!((after.budgets["nlp"].idle - before.budgets["nlp"].idle).abs() < 1e-6);
        }
        let names: Vec<String> = fs::read_dir(dir.path().join(FOLDER))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(!names.iter().any(|name| name.starts_with("2025")), "{names:?}");
    }
}
