//! Makes room: many samples of an hour become one that stands for as long and comes to the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Unit};

use super::history::{Gauge, Sample, Stretch, stretches};
use crate::fleet::{Scope, Timestamp};

/// The samples of one place: of the day, and of the day after.
type TwoDays = (Vec<Arc<Sample>>, Vec<Arc<Sample>>);

/// The samples of a day, thinned to one an hour and place. `next` are those of the day after, of which the first
/// ends the last of this day; they are not in the result. What stands for time across midnight keeps it.
pub fn thin(day: Vec<Sample>, next: Vec<Sample>) -> Vec<Sample> {
    let mut places: BTreeMap<Scope, TwoDays> = BTreeMap::new();
    for sample in day {
        places.entry(sample.scope.clone()).or_default().0.push(Arc::new(sample));
    }
    for sample in next {
        // A place that was not seen on this day has nothing to thin.
        if let Some((_, later)) = places.get_mut(&sample.scope) {
            later.push(Arc::new(sample));
        }
    }
    places.into_values().flat_map(|(own, later)| of_place(own, later)).collect()
}

fn of_place(own: Vec<Arc<Sample>>, later: Vec<Arc<Sample>>) -> Vec<Sample> {
    let last = own.iter().map(|sample| sample.at).max();
    let all = stretches(own.into_iter().chain(later).collect());
    let mut hours: BTreeMap<Timestamp, Vec<(f64, &Stretch, Timestamp)>> = BTreeMap::new();
    for stretch in all.iter().filter(|stretch| Some(stretch.sample.at) <= last) {
        let mut from = stretch.from;
        while from < stretch.until {
            let (hour, end) = hour_of(from);
            let until = stretch.until.min(end);
            let seconds = until.duration_since(from).as_secs_f64();
            hours.entry(hour).or_default().push((seconds, stretch, from));
            from = until;
        }
    }
    hours.into_values().filter_map(|pieces| joined(&pieces)).collect()
}

/// The hour an instant is in: its beginning, and its end.
fn hour_of(at: Timestamp) -> (Timestamp, Timestamp) {
    let round = jiff::TimestampRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Floor);
    let hour = at.round(round).unwrap_or(at);
    let end = hour.checked_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX);
    (hour, end)
}

/// One sample that comes to what some pieces come to together.
fn joined(pieces: &[(f64, &Stretch, Timestamp)]) -> Option<Sample> {
    let (_, first, from) = pieces.first()?;
    let seconds: f64 = pieces.iter().map(|(seconds, ..)| seconds).sum();
    if seconds <= 0.0 {
        return None;
    }
    let (mut runs, mut budgets) = (BTreeMap::new(), BTreeMap::new());
    for (own, stretch, _) in pieces {
        for (kind, gauge) in &stretch.sample.runs {
            *runs.entry(kind.clone()).or_insert_with(Gauge::default) += *gauge * (own / seconds);
        }
        for (name, gauge) in &stretch.sample.budgets {
            *budgets.entry(name.clone()).or_insert_with(Gauge::default) += *gauge * (own / seconds);
        }
    }
    Some(Sample { at: *from, scope: first.sample.scope.clone(), seconds: Some(seconds), runs, budgets })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fleet::burn::history::History;
    use crate::fleet::burn::history::tests::seen;
    use crate::fleet::sample;

    fn midnight(seconds: i64) -> Timestamp {
        let midnight: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
        Timestamp::from_second(midnight.as_second() + seconds).unwrap()
    }

    #[test]
    fn a_day_becomes_one_sample_an_hour() {
        let day: Vec<Sample> = (0..288).map(|n| seen(midnight(n * 300), 2.0, 1.0)).collect();
        let thinned = thin(day, vec![seen(midnight(86_400), 9.0, 0.0)]);
        assert_eq!(thinned.len(), 24);
        assert!(thinned.iter().all(|sample| sample.seconds == Some(3_600.0)));
    }

    proptest! {
        /// Whatever was seen when, thinning changes neither what it comes to nor how long was watched.
        #[test]
        fn thinning_keeps_the_integral(
            times in prop::collection::vec((0_i64..86_400, 0_u8..40, 0_u8..40), 1..200),
            later in prop::collection::vec(0_i64..7_200, 0..3),
        ) {
            let day: Vec<Sample> = times
                .iter()
                .map(|(at, instances, idle)| seen(midnight(*at), f64::from(*instances), f64::from(*idle)))
                .collect();
            let next: Vec<Sample> = later.iter().map(|at| seen(midnight(86_400 + at), 1.0, 0.0)).collect();
            let whole = |samples: Vec<Sample>| {
                let history = History::of(samples);
                history.metered(&[sample::scope()], midnight(-1), midnight(200_000))
            };
            let before = whole(day.iter().chain(&next).cloned().collect());
            let after = whole(thin(day, next.clone()).into_iter().chain(next).collect());
            prop_assert!((before.watched - after.watched).abs() < 1e-6, "{} {}", before.watched, after.watched);
            for (before, after) in [
                (before.total.burn, after.total.burn),
                (before.total.idle, after.total.idle),
                (before.total.instances, after.total.instances),
            ] {
                prop_assert!((before - after).abs() < 1e-6 * before.max(1.0), "{before} {after}");
            }
        }
    }
}
