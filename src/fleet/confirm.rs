//! What a person has to do before a plan is carried out: more, the more there is to regret.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::{Census, Change, Fleet, Known, Plan, Timestamp, Verdict, until_monday, verdict};

/// For how long after it was made a plan may be confirmed; then the fleet has moved on too far.
pub const STALE_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// From how much on a plan takes a second confirmation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceilings {
    /// More steps than this.
    pub steps: usize,
    /// More than this share of all running apps.
    pub share: f64,
    /// With fewer steps than this the share does not matter: two of a small fleet's four apps are no mass change.
    pub share_from: usize,
}

impl Default for Ceilings {
    fn default() -> Self {
        Self { steps: 100, share: 0.10, share_from: 10 }
    }
}

/// What has to be typed, and what has to be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// What is asked.
    pub ask: Ask,
    /// The number that has to be typed too, where the plan is above a ceiling.
    pub count: Option<usize>,
    /// The steps, by position, whose apps are in use now.
    pub active: Vec<usize>,
}

/// How a plan is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Not at all: it has no steps.
    Nothing,
    /// With one key.
    Key(char),
    /// By typing this.
    Word(String),
}

/// What a plan saves.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Saving {
    /// Dollars per hour, as far as prices are known.
    pub per_hour: f64,
    /// How many steps save something that is not known.
    pub unknown: usize,
}

impl Saving {
    /// Dollars per hour; not known where a part is not.
    pub fn known(self) -> Known<f64> {
        if self.unknown == 0 { Known::Value(self.per_hour) } else { Known::Unknown }
    }

    /// Dollars until the next Monday, 08:00 in a time zone, as far as prices are known.
    pub fn until_monday(self, now: Timestamp, zone: &TimeZone) -> Option<f64> {
        until_monday(now, zone).map(|hours| hours * self.per_hour)
    }
}

impl Plan {
    /// What it saves.
    pub fn saving(&self) -> Saving {
        let mut saving = Saving::default();
        for step in &self.steps {
            match step.saves_per_hour {
                Some(dollars) => saving.per_hour += dollars,
                None => saving.unknown += 1,
            }
        }
        saving
    }

    /// Whether it was made too long ago to be confirmed, or comes from the future.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.made_at);
        age > STALE_AFTER || age < -STALE_AFTER
    }

    /// What a person has to do before it is carried out.
    pub fn confirmation(
        &self,
        fleet: &Fleet,
        census: &Census,
        now: Timestamp,
        ceilings: &Ceilings,
    ) -> Confirmation {
        let steps = self.steps.len();
        let ask = match steps {
            0 => Ask::Nothing,
            1 => Ask::Key('y'),
            _ => Ask::Word(format!("stop {steps}")),
        };
        let running = census.totals().all.running as usize;
        let is_large_share =
            steps >= ceilings.share_from.max(2) && steps as f64 > running as f64 * ceilings.share;
        let count = (steps > ceilings.steps || is_large_share).then_some(steps);
        let in_use = |change: &Change| match change {
            Change::StopApp(key) => fleet
                .apps
                .get(key)
                .is_some_and(|app| matches!(verdict(app, now, census.rule()), Verdict::Active { .. })),
        };
        let active = self.steps.iter().enumerate().filter(|(_, step)| in_use(&step.change)).map(|(at, _)| at);
        Confirmation { ask, count, active: active.collect() }
    }
}

impl Confirmation {
    /// Whether what was typed confirms: the key or the word, and the number where one is asked for.
    pub fn accepts(&self, word: &str, count: &str) -> bool {
        let is_asked = match &self.ask {
            Ask::Nothing => false,
            Ask::Key(key) => word.chars().eq([*key]),
            Ask::Word(asked) => word == asked,
        };
        is_asked && self.count.is_none_or(|asked| count == asked.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AppType, IdleRule, plan_stop, sample};

    fn confirm(running: usize, stopping: usize, ceilings: &Ceilings) -> Confirmation {
        let apps = (0..running).map(|index| {
            let mut app = sample::app("anna", AppType::JupyterLab, &format!("app-{index}"));
            app.activity =
                if index == 1 { Some(sample::activity(5, 2)) } else { Some(sample::activity(540, 2)) };
            app
        });
        let fleet = sample::fleet(vec![], vec![], apps.collect());
        let census = Census::take(&fleet, sample::now(), IdleRule::default(), None);
        let keys: Vec<_> = fleet.apps.iter().take(stopping).map(|app| app.key.clone()).collect();
        let plan = plan_stop(&fleet, &census, &keys, sample::now());
        plan.confirmation(&fleet, &census, sample::now(), ceilings)
    }

    #[test]
    fn one_step_takes_a_key_several_a_word_and_many_a_number_too() {
        let ceilings = Ceilings::default();
        for (running, stopping, ask, count) in [
            (3, 0, Ask::Nothing, None),
            (3, 1, Ask::Key('y'), None),
            (3, 2, Ask::Word("stop 2".into()), None),
            (99, 10, Ask::Word("stop 10".into()), Some(10)),
            (100, 10, Ask::Word("stop 10".into()), None),
            (1_200, 100, Ask::Word("stop 100".into()), None),
            (1_200, 101, Ask::Word("stop 101".into()), Some(101)),
        ] {
            let confirmation = confirm(running, stopping, &ceilings);
            assert_eq!((confirmation.ask, confirmation.count), (ask, count), "{stopping} of {running}");
        }
        let strict = Ceilings { steps: 1, ..ceilings };
        assert_eq!(confirm(3, 2, &strict).count, Some(2));
    }

    #[test]
    fn apps_in_use_are_called_out() {
        assert_eq!(confirm(3, 3, &Ceilings::default()).active, [1]);
    }

    #[test]
    fn only_exactly_what_is_asked_confirms() {
        let ceilings = Ceilings { steps: 2, ..Ceilings::default() };
        let (none, one, two, many) = (
            confirm(9, 0, &ceilings),
            confirm(9, 1, &ceilings),
            confirm(9, 2, &ceilings),
            confirm(9, 3, &ceilings),
        );
        assert!(!none.accepts("", "") && !none.accepts("y", ""));
        assert!(
            one.accepts("y", "") && !one.accepts("yes", "") && !one.accepts("Y", "") && !one.accepts("", "")
        );
        assert!(two.accepts("stop 2", "") && !two.accepts("stop", "") && !two.accepts("y", ""));
        assert!(many.accepts("stop 3", "3") && !many.accepts("stop 3", "") && !many.accepts("stop 3", "33"));
    }

    #[test]
    fn a_plan_goes_stale_and_its_saving_runs_until_monday() {
        let fleet = sample::fleet(vec![], vec![], vec![sample::app("anna", AppType::JupyterLab, "lab")]);
        let census = Census::take(&fleet, sample::now(), IdleRule::default(), None);
        let keys = [fleet.apps.at(0).unwrap().key.clone()];
        let plan = plan_stop(&fleet, &census, &keys, sample::now());
        assert!(!plan.is_stale(sample::minutes_ago(-15)) && plan.is_stale(sample::minutes_ago(-16)));
        assert!(plan.is_stale(sample::minutes_ago(16)), "a clock that was set back proves nothing");
        let dollars = plan.saving().until_monday(sample::now(), &TimeZone::UTC).unwrap();
        assert!((dollars - 68.0).abs() < 1e-9, "Friday noon to Monday eight: {dollars}");
    }
}
