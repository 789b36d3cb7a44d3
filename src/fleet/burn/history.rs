//! The past of the burn, as it was seen: samples, and the stretches of time they stand for. What was not watched
//! is a gap, and no gap is ever filled.

use std::collections::BTreeMap;
use std::ops::{AddAssign, Mul};
use std::sync::Arc;

use jiff::SignedDuration;

use super::budget::Budget;
use crate::fleet::census::is_running;
use crate::fleet::{
    App, AppStatus, Census, Fleet, Known, Query, Rate, Region, Scope, Timestamp, Verdict, verdict,
};

/// How often the burn is sampled.
pub const SAMPLE_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// For how long a sample stands where none comes after it: nobody knows what ran later than this.
pub(super) const SAMPLE_HOLDS: SignedDuration = SignedDuration::from_mins(10);
/// Lists older than this are no sample of now.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// What runs at one time, added up.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Gauge {
    /// Billed instances; those that apps share count once, those that are free not at all. In an average over
    /// time this need not be whole.
    pub instances: f64,
    /// Dollars per hour, as far as prices are known.
    pub burn: f64,
    /// Dollars per hour of what is proven idle.
    pub idle: f64,
    /// Instances whose price is not known.
    pub unknown_prices: f64,
    /// Instances of which it is not known whether they are idle.
    pub unknown_idle: f64,
}

impl AddAssign for Gauge {
    fn add_assign(&mut self, other: Self) {
        self.instances += other.instances;
        self.burn += other.burn;
        self.idle += other.idle;
        self.unknown_prices += other.unknown_prices;
        self.unknown_idle += other.unknown_idle;
    }
}

impl Mul<f64> for Gauge {
    type Output = Self;

    fn mul(self, by: f64) -> Self {
        Self {
            instances: self.instances * by,
            burn: self.burn * by,
            idle: self.idle * by,
            unknown_prices: self.unknown_prices * by,
            unknown_idle: self.unknown_idle * by,
        }
    }
}

/// On what apps run: their type, in AWS's spelling, and the instance type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunKind {
    /// The app type.
    pub app_type: Arc<str>,
    /// The instance type; `unknown` where AWS does not tell it.
    pub instance: Arc<str>,
}

/// What was seen of one account and region at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub scope: Scope,
    /// For how many seconds it stands; `None` until the next sample of the place, or for ten minutes.
    pub seconds: Option<f64>,
    /// What ran, by kind.
    pub runs: BTreeMap<RunKind, Gauge>,
    /// What ran under each budget, by its name.
    pub budgets: BTreeMap<Arc<str>, Gauge>,
}

impl Sample {
    /// Everything that ran.
    pub fn total(&self) -> Gauge {
        let mut total = Gauge::default();
        self.runs.values().for_each(|gauge| total += *gauge);
        total
    }
}

/// What runs now in each of these places that is known in full and lately; others give no sample.
pub fn take_samples(
    fleet: &Fleet,
    census: &Census,
    scopes: &[Scope],
    budgets: &[Budget],
    now: Timestamp,
) -> Vec<Sample> {
    let empty = |scope: &Scope| Sample {
        at: now,
        scope: scope.clone(),
        seconds: None,
        runs: BTreeMap::new(),
        budgets: budgets.iter().map(|budget| (budget.name.clone(), Gauge::default())).collect(),
    };
    let mut samples: BTreeMap<Scope, Sample> = scopes
        .iter()
        .filter(|scope| is_whole(fleet, scope, now))
        .map(|scope| (scope.clone(), empty(scope)))
        .collect();
    for (position, app) in fleet.apps.iter().enumerate() {
        let Some(sample) = samples.get_mut(&app.key.scope) else { continue };
        let Some(rate) = census.app(fleet, position).map(|figures| figures.rate) else { continue };
        let Some(gauge) = gauge(app, rate, census, now) else { continue };
        let kind = RunKind {
            app_type: app.key.app_type.as_str().into(),
            instance: app.instance.clone().unwrap_or_else(|| Arc::from("unknown")),
        };
        *sample.runs.entry(kind).or_default() += gauge;
        for budget in budgets {
            let own = sample.budgets.entry(budget.name.clone()).or_default();
            match budget.holds(fleet, app) {
                Known::Value(true) => *own += gauge,
                // Whether it belongs here is not known, so neither is what it adds.
                Known::Unknown => {
                    *own += Gauge { unknown_prices: 1.0, unknown_idle: 1.0, ..Gauge::default() }
                }
                Known::Value(false) | Known::Absent => {}
            }
        }
    }
    samples.into_values().collect()
}

/// What one app adds; nothing where no instance is billed for it.
pub(super) fn gauge(app: &App, rate: Rate, census: &Census, now: Timestamp) -> Option<Gauge> {
    if !is_running(&app.status) || matches!(rate, Rate::Stopped | Rate::Free | Rate::Shared) {
        return None;
    }
    let dollars = rate.dollars().value();
    let verdict = verdict(app, now, census.rule());
    let is_idle = matches!(verdict, Verdict::Idle { .. });
    Some(Gauge {
        instances: 1.0,
        burn: dollars.unwrap_or(0.0),
        idle: if is_idle { dollars.unwrap_or(0.0) } else { 0.0 },
        unknown_prices: f64::from(u8::from(dollars.is_none())),
        unknown_idle: f64::from(u8::from(is_doubtful(&app.status, verdict))),
    })
}

/// Whether it is not known of a running app if it is idle. One that starts or stops is neither.
pub(in crate::fleet) fn is_doubtful(status: &AppStatus, verdict: Verdict) -> bool {
    verdict == Verdict::Unknown && !matches!(status, AppStatus::Pending | AppStatus::Deleting)
}

/// Whether all lists that tell what runs in a place were read to their end, and lately.
fn is_whole(fleet: &Fleet, scope: &Scope, now: Timestamp) -> bool {
    let lately = |query: &Query| {
        fleet.listing(query).is_some_and(|list| {
            list.is_complete() && list.complete_at.is_some_and(|at| now.duration_since(at) <= FRESH)
        })
    };
    let mut domains = fleet.domains.iter().filter(|domain| domain.key.scope == *scope);
    lately(&Query::Domains(scope.clone()))
        && domains.all(|domain| {
            // Classic apps share instances by their owners, and budgets are of owners: spaces tell whose.
            lately(&Query::Apps(domain.key.clone())) && lately(&Query::Spaces(domain.key.clone()))
        })
}

/// A sample and the time it stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stretch {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) total: Gauge,
    pub(super) sample: Arc<Sample>,
}

impl Stretch {
    /// The hours of it that are within a period.
    pub(super) fn hours_within(&self, from: Timestamp, until: Timestamp) -> f64 {
        let (from, until) = (self.from.max(from), self.until.min(until));
        until.duration_since(from).as_secs_f64().max(0.0) / 3_600.0
    }
}

/// The times that samples of one place stand for, in order and without overlap.
pub(super) fn stretches(mut samples: Vec<Arc<Sample>>) -> Vec<Stretch> {
    samples.sort_by_key(|sample| sample.at);
    let mut all: Vec<Stretch> = Vec::with_capacity(samples.len());
    for (position, sample) in samples.iter().enumerate() {
        let next = samples.get(position + 1).map(|next| next.at);
        let before = all.last().map_or(sample.at, |last| last.until);
        let from = sample.at.max(before);
        let until = end(sample, next).max(from);
        all.push(Stretch { from, until, total: sample.total(), sample: Arc::clone(sample) });
    }
    all
}

/// Until when a sample stands, if the next one of its place is of this time.
fn end(sample: &Sample, next: Option<Timestamp>) -> Timestamp {
    let length = match sample.seconds {
        Some(seconds) => SignedDuration::try_from_secs_f64(seconds).unwrap_or(SAMPLE_HOLDS),
        None => SAMPLE_HOLDS,
    };
    let end = sample.at.checked_add(length).unwrap_or(sample.at);
    match (sample.seconds, next) {
        (None, Some(next)) => end.min(next),
        _ => end,
    }
}

/// What was seen of the burn so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    places: BTreeMap<Scope, Vec<Stretch>>,
    /// Grows with every change.
    revision: u64,
}

/// What a period comes to, as far as it was watched. All figures are of dollars and of hours, not per hour.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metered {
    /// The hours of the period, of each place added up.
    pub hours: f64,
    /// Those of them that were watched.
    pub watched: f64,
    /// Instance hours, dollars, idle dollars, and hours of what is not known.
    pub total: Gauge,
    /// The same by region and kind.
    pub runs: BTreeMap<(Region, RunKind), Gauge>,
    /// The same by budget.
    pub budgets: BTreeMap<Arc<str>, Gauge>,
}

impl Metered {
    /// Whether any of it was watched.
    pub fn is_known(&self) -> bool {
        self.watched > 0.0
    }

    /// Whether all of it was watched, but for moments between two samples.
    pub fn is_whole(&self) -> bool {
        self.watched >= self.hours * 0.995
    }
}

impl History {
    /// The history that these samples tell, in whatever order they come.
    pub fn of(samples: impl IntoIterator<Item = Sample>) -> Self {
        let mut places: BTreeMap<Scope, Vec<Arc<Sample>>> = BTreeMap::new();
        for sample in samples {
            places.entry(sample.scope.clone()).or_default().push(Arc::new(sample));
        }
        Self { places: places.into_iter().map(|(scope, own)| (scope, stretches(own))).collect(), revision: 1 }
    }

    /// Adds what is seen now. The sample before it stands until now, or as long as it holds.
    pub fn add(&mut self, sample: Sample) {
        self.revision += 1;
        let place = self.places.entry(sample.scope.clone()).or_default();
        if let Some(last) = place.last_mut() {
            last.until = end(&last.sample, Some(sample.at)).max(last.from);
        }
        let from = place.last().map_or(sample.at, |last| last.until.max(sample.at));
        let until = end(&sample, None).max(from);
        place.push(Stretch { from, until, total: sample.total(), sample: Arc::new(sample) });
    }

    /// Takes in what was kept of earlier times, beside what was seen since.
    #[must_use]
    pub fn with(&self, earlier: Self) -> Self {
        let mut all = earlier.into_samples();
        all.extend(self.clone().into_samples());
        Self { revision: self.revision + 1, ..Self::of(all) }
    }

    fn into_samples(self) -> Vec<Sample> {
        self.places.into_values().flatten().map(|stretch| Arc::unwrap_or_clone(stretch.sample)).collect()
    }

    /// Grows with every change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether nothing was ever seen.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// When the first of some places was first seen.
    pub fn first(&self, scopes: &[Scope]) -> Option<Timestamp> {
        let first = |scope: &Scope| Some(self.places.get(scope)?.first()?.sample.at);
        scopes.iter().filter_map(first).min()
    }

    /// When a place was last seen.
    pub fn last(&self, scope: &Scope) -> Option<Timestamp> {
        self.places.get(scope)?.last().map(|stretch| stretch.sample.at)
    }

    /// The stretches of a place that touch a period.
    pub(super) fn within(
        &self,
        scope: &Scope,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = &Stretch> {
        let all = self.places.get(scope).map_or(&[][..], Vec::as_slice);
        let first = all.partition_point(|stretch| stretch.until <= from);
        all[first..].iter().take_while(move |stretch| stretch.from < until)
    }

    /// The hours of a period that a place was watched, and what ran in them, without its kinds.
    pub(super) fn total(&self, scope: &Scope, from: Timestamp, until: Timestamp) -> (f64, Gauge) {
        let mut all = (0.0, Gauge::default());
        for stretch in self.within(scope, from, until) {
            let hours = stretch.hours_within(from, until);
            all.0 += hours;
            all.1 += stretch.total * hours;
        }
        all
    }

    /// What a period comes to in some places.
    pub fn metered(&self, scopes: &[Scope], from: Timestamp, until: Timestamp) -> Metered {
        let hours = until.duration_since(from).as_secs_f64().max(0.0) / 3_600.0;
        let mut metered = Metered { hours: hours * scopes.len() as f64, ..Metered::default() };
        for scope in scopes {
            for stretch in self.within(scope, from, until) {
                let hours = stretch.hours_within(from, until);
                metered.watched += hours;
                metered.total += stretch.total * hours;
                for (kind, gauge) in &stretch.sample.runs {
                    let key = (scope.region().clone(), kind.clone());
                    *metered.runs.entry(key).or_default() += *gauge * hours;
                }
                for (name, gauge) in &stretch.sample.budgets {
                    *metered.budgets.entry(name.clone()).or_default() += *gauge * hours;
                }
            }
        }
        metered
    }

    /// For how many hours of a period a budget was metered, of all these places added up.
    pub fn budget_watched(&self, scopes: &[Scope], name: &str, from: Timestamp, until: Timestamp) -> f64 {
        let stretches = scopes.iter().flat_map(|scope| self.within(scope, from, until));
        stretches
            .filter(|stretch| stretch.sample.budgets.contains_key(name))
            .map(|stretch| stretch.hours_within(from, until))
            .sum()
    }
}

#[cfg(test)]
pub(in crate::fleet) mod tests {
    use super::*;
    use crate::fleet::{AppType, sample};

    /// A sample of one dollar per hour per instance.
    pub(in crate::fleet) fn seen(at: Timestamp, instances: f64, idle: f64) -> Sample {
        let kind = RunKind { app_type: "JupyterLab".into(), instance: "ml.g5.xlarge".into() };
        let gauge = Gauge { instances, burn: instances, idle, ..Gauge::default() };
        Sample {
            at,
            scope: sample::scope(),
            seconds: None,
            runs: [(kind, gauge)].into(),
            budgets: BTreeMap::new(),
        }
    }

    fn at(minutes: i64) -> Timestamp {
        sample::minutes_ago(-minutes)
    }

    #[test]
    fn a_sample_stands_until_the_next_and_no_longer_than_it_holds() {
        let history = History::of([seen(at(5), 2.0, 1.0), seen(at(0), 1.0, 0.0), seen(at(60), 4.0, 0.0)]);
        let metered = history.metered(&[sample::scope()], at(0), at(60));
        // Five minutes at one dollar, ten at two, and then a gap.
        assert!((metered.total.burn - (5.0 + 20.0) / 60.0).abs() < 1e-9, "{metered:?}");
        assert!((metered.watched - 0.25).abs() < 1e-9 && (metered.hours - 1.0).abs() < 1e-9);
        assert!(metered.is_known() && !metered.is_whole());
        assert!(!history.metered(&[sample::scope()], at(20), at(50)).is_known());
    }

    #[test]
    fn two_consoles_that_watch_the_same_are_counted_once() {
        let one: Vec<Sample> = (0..12).map(|n| seen(at(n * 5), 3.0, 0.0)).collect();
        let other: Vec<Sample> = (0..12).map(|n| seen(at(n * 5 + 2), 3.0, 0.0)).collect();
        let metered = History::of(one.into_iter().chain(other)).metered(&[sample::scope()], at(0), at(60));
        assert!((metered.total.burn - 3.0).abs() < 1e-9 && metered.is_whole());
    }

    #[test]
    fn what_is_added_as_it_comes_is_what_is_read_back() {
        let samples: Vec<Sample> = (0..30).map(|n| seen(at(n * 7), n as f64, 0.0)).collect();
        let mut grown = History::default();
        samples.iter().cloned().for_each(|sample| grown.add(sample));
        let metered = |history: &History| history.metered(&[sample::scope()], at(-60), at(500));
        assert_eq!(metered(&grown), metered(&History::of(samples.clone())));
        let (early, late) = samples.split_at(11);
        let joined = History::of(late.to_vec()).with(History::of(early.to_vec()));
        assert_eq!(metered(&joined), metered(&grown));
    }

    #[test]
    fn a_sample_counts_shared_instances_once_and_what_is_not_known_apart() {
        let mut idle = sample::app("anna", AppType::KernelGateway, "one");
        idle.activity = Some(sample::activity(540, 2));
        let mut shared = sample::app("anna", AppType::KernelGateway, "two");
        shared.created = Some(sample::minutes_ago(1));
        let mut odd = sample::app("bo", AppType::JupyterLab, "odd");
        odd.instance = Some("ml.p9.mega".into());
        let mut free = sample::app("bo", AppType::JupyterServer, "default");
        free.instance = Some("system".into());
        let fleet = sample::fleet(vec![], vec![], vec![idle, shared, odd, free]);
        let census = Census::take(&fleet, sample::now(), crate::fleet::IdleRule::default(), None);
        let samples = take_samples(&fleet, &census, &[sample::scope()], &[], sample::now());
        let total = samples[0].total();
        let expected = Gauge { instances: 2.0, burn: 1.0, idle: 1.0, unknown_prices: 1.0, unknown_idle: 1.0 };
        assert_eq!((samples.len(), total), (1, expected));
        assert_eq!(samples[0].runs.len(), 2, "{samples:?}");
    }

    #[test]
    fn a_list_that_is_old_or_not_all_there_gives_no_sample() {
        let mut fleet = sample::fleet(vec![], vec![], vec![sample::app("anna", AppType::JupyterLab, "lab")]);
        let census = Census::take(&fleet, sample::now(), crate::fleet::IdleRule::default(), None);
        let taken = |fleet: &Fleet, now| take_samples(fleet, &census, &[sample::scope()], &[], now).len();
        assert_eq!(taken(&fleet, at(4)), 1);
        assert_eq!(taken(&fleet, at(6)), 0, "old");
        let problem = crate::fleet::Problem::new(crate::fleet::ProblemKind::Throttled, "no", "");
        fleet.fail(&Query::Apps(sample::domain_key()), problem);
        assert_eq!(taken(&fleet, at(0)), 0, "partial");
    }
}
