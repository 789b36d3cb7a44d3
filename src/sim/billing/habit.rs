//! What people did before the fleet's present began: working days, late evenings, forgotten weekends. Nothing of
//! it is stored; a day is computed from the seed when somebody asks for it. Knows no bill.

use super::calendar::{Day, day_of, is_workday, start_of, workday_before};
use crate::sim::clock::{HOUR, MINUTE, Millis};
use crate::sim::rng::Rng;
use crate::sim::world::{AppType, Name, Owner, Tags};

/// What somebody usually started, as the fleet's present tells: frozen, so that the past does not change with it.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Habit {
    pub(super) account: Name,
    pub(super) region: Name,
    pub(super) domain: Name,
    pub(super) owner: Owner,
    pub(super) work: Work,
    pub(super) instance_type: Name,
    pub(super) tags: Tags,
    /// When it began.
    pub(super) from: Millis,
    /// When the fleet's own memory sets in.
    pub(super) until: Millis,
    pub(super) seed: u64,
}

/// What the instances were for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) enum Work {
    /// An app.
    App(AppType),
    /// Training jobs started out of Studio.
    Training,
}

/// A run: when it began and when it ended.
pub(super) type Span = (Millis, Millis);

impl Habit {
    /// The run that began on a day, if somebody worked.
    fn run(&self, day: Day) -> Option<Span> {
        if !is_workday(day) || start_of(day) < self.from {
            return None;
        }
        let mut rng = Rng::new(self.seed ^ day.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15));
        // Some come daily and some rarely; and the longer ago, the fewer.
        let eagerness = 350 + self.seed % 550;
        let age = ((self.until - start_of(day)) / (13 * 30 * 24 * HOUR / 100)).clamp(0, 100).cast_unsigned();
        let chance = match self.work {
            Work::App(_) => eagerness * (200 - age) / 200,
            Work::Training => 60 * (200 - age) / 200,
        };
        if rng.below(1_000) >= chance {
            return None;
        }
        let minutes =
            |rng: &mut Rng, low: u64, high: u64| (low + rng.below(high - low)).cast_signed() * MINUTE;
        let began = start_of(day) + minutes(&mut rng, 8 * 60, 11 * 60) + (rng.below(60_000)).cast_signed();
        if self.work == Work::Training {
            return Some((began, began + minutes(&mut rng, 20, 9 * 60)));
        }
        let forgets = if is_gpu(&self.instance_type) { 60 } else { 25 };
        let ended = if rng.below(1_000) < forgets {
            // Until they are back at work.
            let next = (day + 1..day + 4).find(|next| is_workday(*next)).unwrap_or(day + 1);
            start_of(next) + 7 * HOUR + minutes(&mut rng, 0, 45)
        } else {
            began + minutes(&mut rng, 3 * 60, 10 * 60)
        };
        Some((began, ended))
    }

    /// The runs that touch a day, cut where the fleet's own memory sets in.
    pub(super) fn runs_on(&self, day: Day) -> impl Iterator<Item = Span> {
        let touching = [self.run(workday_before(day)), self.run(day)];
        let until = self.until;
        touching.into_iter().flatten().filter_map(move |(began, ended)| {
            (began < until && day_of(ended) >= day).then_some((began, ended.min(until)))
        })
    }
}

/// Whether an instance type has GPUs, by the first letter of its family.
pub(super) fn is_gpu(instance_type: &str) -> bool {
    instance_type.starts_with("ml.g") || instance_type.starts_with("ml.p")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::billing::calendar::parse;
    use crate::sim::clock::DAY;

    fn habit(seed: u64, instance_type: &str) -> Habit {
        Habit {
            account: "1".into(),
            region: "eu-west-1".into(),
            domain: "d-1".into(),
            owner: Owner::Space("lab".into()),
            work: Work::App(AppType::JupyterLab),
            instance_type: instance_type.into(),
            tags: Tags::default(),
            from: 0,
            until: start_of(parse("2026-11-20").unwrap()) + HOUR,
            seed,
        }
    }

    #[test]
    fn runs_do_not_overlap_and_end_before_the_present() {
        let last = parse("2026-11-20").unwrap();
        for seed in 0..40 {
            let habit = habit(seed * 7_919, "ml.g5.xlarge");
            let mut before = 0;
            for day in last - 200..last + 4 {
                let Some((began, ended)) = habit.run(day) else { continue };
                assert!(began >= before && ended > began, "{began} {before} {ended}");
                before = ended;
            }
            assert!(
                (last..last + 5).flat_map(|day| habit.runs_on(day)).all(|(_, ended)| ended <= habit.until)
            );
        }
    }

    #[test]
    fn somebody_forgets_an_app_over_a_weekend() {
        let friday = parse("2026-10-02").unwrap();
        let weekends = (0..300_u64).filter(|seed| {
            let habit = habit(seed * 104_729, "ml.g5.xlarge");
            (0..40).any(|week| {
                habit
                    .runs_on(friday + 1 - 7 * week)
                    .any(|(_, ended)| ended - start_of(friday - 7 * week) > 2 * DAY)
            })
        });
        assert!(weekends.count() > 100);
    }
}
