//! How long a plan takes, roughly: so that credentials that end before it does are told of before it begins. Knows
//! no clock.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Change, Plan};
use crate::fleet::wording::{Count, Counted, Span};
use crate::fleet::{AccountId, Fleet, Scope, Timestamp};

/// How many changes of one operation AWS takes per second, in one account and region: four are on their way at
/// once, each with a look before it, and a request takes about a quarter of a second. AWS publishes no rate; one
/// that is lower only makes the plan take longer.
const PACE: f64 = 4.0;

/// How long it usually takes from AWS's yes until a change has come about. AWS publishes no figures; these are
/// what its guides call "minutes", and rather too long than too short. (Deleting an app has taken 20 minutes:
/// aws-cloudformation/cloudformation-coverage-roadmap#1754.)
fn settles_in(change: &Change) -> Duration {
    match change {
        Change::CreateDomain(..) | Change::DeleteDomain(..) => Duration::from_mins(6),
        Change::StopApp(_) | Change::CreateApp(..) => Duration::from_mins(4),
        Change::UpdateDomain(..) | Change::UpdateUser(..) | Change::UpdateSpace(..) => Duration::from_mins(1),
        Change::CreateUser(..) | Change::DeleteUser(_) | Change::CreateSpace(..) | Change::DeleteSpace(_) => {
            Duration::from_secs(30)
        }
        Change::AddTags(..)
        | Change::RemoveTags(..)
        | Change::CreateLifecycleConfig(..)
        | Change::DeleteLifecycleConfig(_)
        | Change::AssignApplication(_)
        | Change::UnassignApplication(_)
        | Change::RequestQuota(..)
        | Change::ActivateCostTags(..)
        | Change::BackfillCostTags(..)
        | Change::SignInLink(..) => Duration::from_secs(5),
    }
}

impl Plan {
    /// When each step is likely to have come to its end, counted from the beginning: after those it waits for,
    /// in the turn of its operation, and once AWS has made the change.
    pub fn ends(&self) -> Vec<Duration> {
        let turn = Duration::from_secs_f64(1.0 / PACE);
        let mut ends: Vec<Duration> = Vec::with_capacity(self.steps.len());
        let mut turns: BTreeMap<(&Scope, &str), Duration> = BTreeMap::new();
        for step in &self.steps {
            // Planners put what comes before first; what does not would wait for ever, and takes no time.
            let before = step.after.iter().filter_map(|&step| ends.get(step)).max().copied();
            let next = turns.entry((step.change.scope(), step.change.operation())).or_default();
            let sent = before.unwrap_or_default().max(*next) + turn;
            *next = sent;
            ends.push(sent + settles_in(&step.change));
        }
        ends
    }

    /// Of each account whose credentials are known to end before the plan's steps there are likely to: what that
    /// means, as sentences. What has ended already says nothing: the next request renews it, or is refused.
    pub fn outlives_credentials(&self, fleet: &Fleet, now: Timestamp) -> Vec<String> {
        let mut accounts: BTreeMap<&AccountId, Vec<Duration>> = BTreeMap::new();
        for (step, end) in self.steps.iter().zip(self.ends()) {
            accounts.entry(step.change.scope().account()).or_default().push(end);
        }
        let warning = |(account, ends): (&AccountId, Vec<Duration>)| {
            let until = fleet.accounts.get(account)?.credentials_end?;
            let left = Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())?;
            let takes = ends.iter().max().filter(|takes| **takes > left)?;
            let in_time = ends.iter().filter(|end| **end <= left).count();
            let steps = match (in_time, ends.len()) {
                (_, 1) => String::new(),
                (0, _) => ": none of its steps is likely to have ended by then".to_owned(),
                (in_time, all) => {
                    format!(
                        ": about {} of its {} have ended by then",
                        Count(in_time as u64),
                        Counted(all, "step")
                    )
                }
            };
            Some(format!(
                "The credentials for {} end at {} UTC, in {}, and this takes about {}{steps}. Unless they are renewed, \
                 it pauses then and goes on once the same principal has signed in again; to avoid that, sign in \
                 again before{}.",
                fleet.account_label(account),
                until.strftime("%H:%M"),
                Span::seconds(left.as_secs_f64()),
                Span::seconds(takes.as_secs_f64()),
                if in_time > 0 { ", or choose no more than fit" } else { "" },
            ))
        };
        accounts.into_iter().filter_map(warning).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fleet::{
        Answer, AppKey, AppType, Bound, DomainId, Identity, Name, Owner, ProfileName, Query, Region,
        SpaceKey, Step,
    };

    const NOW: i64 = 1_800_000_000;

    fn scope() -> Scope {
        Scope::new(AccountId::new("1"), Region::new("eu-west-1"))
    }

    fn stop(space: usize) -> Step {
        let key = AppKey {
            scope: scope(),
            domain: DomainId::new("d-one"),
            owner: Owner::Space(Name::new(&space.to_string())),
            app_type: AppType::JupyterLab,
            name: Name::new("default"),
        };
        Step::new(Change::StopApp(key), Bound::Unbound)
    }

    fn plan(steps: Vec<Step>) -> Plan {
        Plan::new("Stop apps", "stop", Timestamp::from_second(NOW).unwrap(), steps)
    }

    /// A fleet whose one account has credentials that end after so many seconds.
    fn fleet(ends: Option<i64>) -> Fleet {
        let (mut fleet, profile, account) = (Fleet::default(), ProfileName::new("p"), AccountId::new("1"));
        let now = Timestamp::from_second(NOW).unwrap();
        let identity = Identity { profile: profile.clone(), account: account.clone(), arn: Arc::from("arn") };
        fleet.absorb(&Query::Identity(profile), Answer::Identity(identity), now);
        let ends = ends.map(|ends| Timestamp::from_second(NOW + ends).unwrap());
        fleet.absorb(&Query::CredentialsEnd(account), Answer::CredentialsEnd(ends), now);
        fleet
    }

    #[test]
    fn steps_take_turns_wait_for_each_other_and_settle() {
        let space = SpaceKey { scope: scope(), domain: DomainId::new("d-one"), name: Name::new("0") };
        let after = Step { after: vec![0], ..Step::new(Change::DeleteSpace(space), Bound::Unbound) };
        let ends = plan(vec![stop(0), stop(1), after]).ends();
        assert_eq!(ends, [240_250, 240_500, 270_500].map(Duration::from_millis));
        let many = plan((0..1_000).map(stop).collect()).ends();
        assert_eq!(
            many.last(),
            Some(&Duration::from_secs(490)),
            "a thousand at four a second, and the last settles"
        );
    }

    #[test]
    fn f29_credentials_that_end_before_the_plan_does_are_told_with_how_much_fits() {
        let now = Timestamp::from_second(NOW).unwrap();
        let plan = plan((0..1_000).map(stop).collect());
        let told = |ends| plan.outlives_credentials(&fleet(ends), now);
        let [warning] = &told(Some(300))[..] else { panic!("one account, one sentence") };
        for part in [
            "for 1 end at 08:05 UTC, in 5m",
            "takes about 8m",
            "about 240 of its 1,000 steps",
            "choose no more",
        ] {
            assert!(warning.contains(part), "{part}: {warning}");
        }
        assert!(told(Some(60))[0].contains("none of its steps"));
        for enough in [None, Some(490), Some(3_600), Some(0), Some(-60)] {
            assert_eq!(told(enough), [""; 0], "{enough:?}");
        }
    }
}
