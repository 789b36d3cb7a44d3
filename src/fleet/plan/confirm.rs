//! What a person has to do before a plan is carried out: more, the more there is to regret.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Change, Plan};
use crate::fleet::wording::Count;
use crate::fleet::{Fleet, IdleRule, Known, Timestamp, Verdict, until_monday, verdict};

/// For how long after it was made a plan may be confirmed; then the fleet has moved on too far.
pub const STALE_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// From how much on a plan takes a second confirmation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceilings {
    /// More steps than this.
    pub steps: usize,
    /// More than this share of all there are.
    pub share: f64,
    /// With fewer steps than this the share does not matter: two of a small fleet's four apps are no mass change.
    pub share_from: usize,
}

impl Default for Ceilings {
    fn default() -> Self {
        Self { steps: 100, share: 0.10, share_from: 10 }
    }
}

/// Something that has to be typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    /// What it is: "the name of the domain and the alias of the account".
    pub what: String,
    /// What has to be typed.
    pub text: String,
    /// Why it is asked for, as a sentence; empty where that is plain.
    pub why: String,
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
    /// By typing each of these, one after the other.
    Phrases(Vec<Phrase>),
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
        idle: &IdleRule,
        now: Timestamp,
        ceilings: &Ceilings,
    ) -> Confirmation {
        let steps = self.steps.len();
        let count = self.is_above(ceilings).then_some(steps);
        let mut phrases = self.phrases.clone();
        if phrases.is_empty() && (steps > 1 || count.is_some()) {
            phrases.push(Phrase {
                what: "the word".to_owned(),
                text: format!("{} {steps}", self.verb),
                why: String::new(),
            });
        }
        if let Some(count) = count {
            let part = match &self.pool {
                Some(pool) => {
                    format!("{} of {} {}", Count(pool.taken as u64), Count(pool.of as u64), pool.what)
                }
                None => format!("{} steps", Count(count as u64)),
            };
            phrases.push(Phrase {
                what: "the number of steps".to_owned(),
                text: count.to_string(),
                why: format!("above the ceiling: {part}"),
            });
        }
        let ask = match (steps, phrases.is_empty()) {
            (0, _) => Ask::Nothing,
            (_, true) => Ask::Key('y'),
            (_, false) => Ask::Phrases(phrases),
        };
        let in_use = |change: &Change| match change {
            Change::StopApp(key) => fleet
                .apps
                .get(key)
                .is_some_and(|app| matches!(verdict(app, now, idle), Verdict::Active { .. })),
            _ => false,
        };
        let active = self.steps.iter().enumerate().filter(|(_, step)| in_use(&step.change)).map(|(at, _)| at);
        Confirmation { ask, count, active: active.collect() }
    }

    /// Whether it is larger than a person would do by mistake unnoticed.
    fn is_above(&self, ceilings: &Ceilings) -> bool {
        let is_large_share = self.pool.as_ref().is_some_and(|pool| {
            pool.taken >= ceilings.share_from.max(2) && pool.taken as f64 > pool.of as f64 * ceilings.share
        });
        self.steps.len() > ceilings.steps || is_large_share
    }
}

impl Confirmation {
    /// Whether what was typed confirms: the key, or all phrases in their order.
    pub fn accepts(&self, typed: &[String]) -> bool {
        match &self.ask {
            Ask::Nothing => false,
            Ask::Key(key) => typed.len() == 1 && typed[0].chars().eq([*key]),
            Ask::Phrases(phrases) => phrases.iter().map(|phrase| &phrase.text).eq(typed.iter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AppType, Documents, IdleRule, Intent, Policy, sample};

    fn stop(fleet: &Fleet, keys: Vec<crate::fleet::AppKey>) -> Plan {
        Intent::Stop(keys).plan(fleet, &Documents::default(), &Policy::default(), sample::now()).unwrap()
    }

    fn confirm(running: usize, stopping: usize, ceilings: &Ceilings) -> Confirmation {
        let apps = (0..running).map(|index| {
            let mut app = sample::app("anna", AppType::JupyterLab, &format!("app-{index}"));
            app.activity =
                if index == 1 { Some(sample::activity(5, 2)) } else { Some(sample::activity(540, 2)) };
            app
        });
        let fleet = sample::fleet(vec![], vec![], apps.collect());
        let keys: Vec<_> = fleet.apps.iter().take(stopping).map(|app| app.key.clone()).collect();
        let plan = stop(&fleet, keys);
        plan.confirmation(&fleet, &IdleRule::default(), sample::now(), ceilings)
    }

    #[test]
    fn f46_one_step_takes_a_key_several_a_word_and_many_a_number_too() {
        let ceilings = Ceilings::default();
        for (running, stopping, phrases) in [
            (3, 2, vec!["stop 2"]),
            (99, 10, vec!["stop 10", "10"]),
            (100, 10, vec!["stop 10"]),
            (1_200, 100, vec!["stop 100"]),
            (1_200, 101, vec!["stop 101", "101"]),
        ] {
            let Ask::Phrases(asked) = confirm(running, stopping, &ceilings).ask else { panic!("{stopping}") };
            let asked: Vec<&str> = asked.iter().map(|phrase| phrase.text.as_str()).collect();
            assert_eq!(asked, phrases, "{stopping} of {running}");
        }
        assert_eq!(confirm(3, 0, &ceilings).ask, Ask::Nothing);
        assert_eq!(confirm(3, 1, &ceilings).ask, Ask::Key('y'));
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
        let accepts = |confirmation: &Confirmation, typed: &[&str]| {
            confirmation.accepts(&typed.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
        };
        assert!(!accepts(&none, &[]) && !accepts(&none, &["y"]));
        assert!(accepts(&one, &["y"]) && !accepts(&one, &["yes"]) && !accepts(&one, &["Y"]));
        assert!(!accepts(&one, &[]) && !accepts(&one, &[""]));
        assert!(accepts(&two, &["stop 2"]) && !accepts(&two, &["stop"]) && !accepts(&two, &["y"]));
        assert!(accepts(&many, &["stop 3", "3"]));
        assert!(!accepts(&many, &["stop 3"]) && !accepts(&many, &["stop 3", "33"]));
        assert!(!accepts(&many, &["3", "stop 3"]), "one after the other");
    }

    #[test]
    fn a_plan_goes_stale_and_its_saving_runs_until_monday() {
        let fleet = sample::fleet(vec![], vec![], vec![sample::app("anna", AppType::JupyterLab, "lab")]);
        let plan = stop(&fleet, vec![fleet.apps.at(0).unwrap().key.clone()]);
        assert!(!plan.is_stale(sample::minutes_ago(-15)) && plan.is_stale(sample::minutes_ago(-16)));
        assert!(plan.is_stale(sample::minutes_ago(16)), "a clock that was set back proves nothing");
        let dollars = plan.saving().until_monday(sample::now(), &TimeZone::UTC).unwrap();
        assert!((dollars - 68.0).abs() < 1e-9, "Friday noon to Monday eight: {dollars}");
    }
}
