//! Whether an app is idle: a verdict that is never guessed, and the evidence it rests on.

use jiff::SignedDuration;

use super::effective::{IdleShutdown, idle_shutdown};
use super::wording::{Ago, Span};
use super::{App, AppStatus, AppType, Fleet, Known, Timestamp};

/// When an app counts as idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdleRule {
    /// Without activity for longer than this, it is idle.
    pub threshold: SignedDuration,
    /// An activity this near to the health check is the health check's own mark.
    ///
    /// AWS says the two are then the same (`DescribeApp`, `LastUserActivityTimestamp`); a few seconds allow for
    /// their being written one after the other.
    pub echo: SignedDuration,
}

impl Default for IdleRule {
    /// An hour, which is also the least that SageMaker's own idle shutdown allows.
    fn default() -> Self {
        Self { threshold: SignedDuration::from_mins(60), echo: SignedDuration::from_secs(5) }
    }
}

/// Whether an app is idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No instance runs for it, so the question does not arise.
    NotRunning,
    /// Someone used it less than the threshold ago.
    Active {
        /// When it was last used.
        last: Timestamp,
    },
    /// Proven: a health check found no activity for longer than the threshold.
    Idle {
        /// The last activity.
        since: Timestamp,
        /// The health check until which idleness is proven.
        until: Timestamp,
    },
    /// What AWS tells does not say.
    Unknown,
}

impl Verdict {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotRunning => "not running",
            Self::Active { .. } => "active",
            Self::Idle { .. } => "idle",
            Self::Unknown => "unknown",
        }
    }

    /// For how long idleness is proven.
    pub fn proven(self) -> Option<SignedDuration> {
        match self {
            Self::Idle { since, until } => Some(until.duration_since(since)),
            Self::NotRunning | Self::Active { .. } | Self::Unknown => None,
        }
    }
}

/// One thing a verdict rests on, or could not rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What was looked at.
    pub signal: &'static str,
    /// What it says.
    pub says: String,
    /// What it cannot show; empty where it shows what it says.
    pub blind_spot: &'static str,
}

/// The verdict on an app.
///
/// Only a health check that comes more than the threshold after the last activity proves idleness. Equal times
/// prove nothing, and neither does age.
pub fn verdict(app: &App, now: Timestamp, rule: &IdleRule) -> Verdict {
    match app.status {
        AppStatus::InService => {}
        AppStatus::Failed | AppStatus::Deleted => return Verdict::NotRunning,
        AppStatus::Pending | AppStatus::Deleting | AppStatus::Other(_) => return Verdict::Unknown,
    }
    let Some((last, health)) = told(app) else { return Verdict::Unknown };
    let quiet = health.duration_since(last);
    if quiet.abs() <= rule.echo {
        Verdict::Unknown
    } else if quiet > rule.threshold {
        Verdict::Idle { since: last, until: health }
    } else if now.duration_since(last) <= rule.threshold {
        Verdict::Active { last }
    } else {
        Verdict::Unknown
    }
}

/// The last activity of a person, where it can be told from a health check.
pub fn last_use(app: &App, rule: &IdleRule) -> Option<Timestamp> {
    let (last, health) = told(app)?;
    (health.duration_since(last).abs() > rule.echo).then_some(last)
}

/// The evidence of the verdict on an app, the strongest first.
pub fn evidence(fleet: &Fleet, app: &App, now: Timestamp, rule: &IdleRule) -> Vec<Evidence> {
    let mut all = vec![status(app), activity(app, now, rule)];
    if let Some(read) = app.activity.as_deref().map(|activity| activity.read_at) {
        all.push(Evidence {
            signal: "read",
            says: format!("DescribeApp was asked {}", Ago::since(read, now)),
            blind_spot: "it may have been used since",
        });
    }
    all.push(native_shutdown(fleet, app));
    if let Some(created) = app.created {
        all.push(Evidence {
            signal: "age",
            says: format!("created {}", Ago::since(created, now)),
            blind_spot: "says nothing about use, and survives a restart within 24 hours",
        });
    }
    all
}

/// Last activity and last health check, where AWS tells both.
fn told(app: &App) -> Option<(Timestamp, Timestamp)> {
    let activity = app.activity.as_deref()?;
    activity.last_user_activity.zip(activity.last_health_check)
}

fn status(app: &App) -> Evidence {
    let blind_spot = match app.status {
        AppStatus::InService => "an app in service may be used or not",
        AppStatus::Pending => "it is still starting, so nobody can have used it yet",
        AppStatus::Deleting => "it is being stopped already",
        AppStatus::Failed | AppStatus::Deleted => "",
        AppStatus::Other(_) => "this version does not know what the status means",
    };
    Evidence { signal: "status", says: app.status.to_string(), blind_spot }
}

fn activity(app: &App, now: Timestamp, rule: &IdleRule) -> Evidence {
    let signal = "last activity";
    let Some(activity) = app.activity.as_deref() else {
        return Evidence {
            signal,
            says: "not read yet".to_owned(),
            blind_spot: "only DescribeApp tells it, one app at a time",
        };
    };
    let (last, health) = match (activity.last_user_activity, activity.last_health_check) {
        (Some(last), Some(health)) => (last, health),
        (Some(last), None) => {
            return Evidence {
                signal,
                says: format!("{}, without a health check", Ago::since(last, now)),
                blind_spot: "without a health check to compare, it may be a health check's own mark",
            };
        }
        (None, _) => {
            return Evidence {
                signal,
                says: "AWS tells none".to_owned(),
                blind_spot: "no activity told is not the same as no activity",
            };
        }
    };
    let quiet = health.duration_since(last);
    if quiet.abs() <= rule.echo {
        return Evidence {
            signal,
            says: format!("{}, the same as the last health check", Ago::since(last, now)),
            blind_spot: "AWS moves it with every health check, so equal times prove nothing",
        };
    }
    let says = if quiet.is_negative() {
        format!("{}, after the last health check", Ago::since(last, now))
    } else {
        format!("{}, {} before the last health check", Ago::since(last, now), Span::between(last, health))
    };
    let blind_spot = if quiet > rule.threshold {
        "work in the background, such as a long training run in a kernel, may leave no mark"
    } else if now.duration_since(last) <= rule.threshold {
        ""
    } else {
        "the health check is too old to show what came after"
    };
    Evidence { signal, says, blind_spot }
}

fn native_shutdown(fleet: &Fleet, app: &App) -> Evidence {
    let (says, blind_spot) = match idle_shutdown(fleet, app) {
        IdleShutdown::Impossible => (
            format!("cannot work on {}", app.key.app_type),
            "SageMaker shuts down JupyterLab and Code Editor only",
        ),
        IdleShutdown::Off => ("off".to_owned(), "it stays until someone stops it"),
        IdleShutdown::Unknown => {
            ("not read yet".to_owned(), "it takes the space, its owner's profile and the domain to tell")
        }
        IdleShutdown::On { minutes, from } => {
            let after = match minutes {
                Known::Value(minutes) => format!("on after {}", Span::seconds(f64::from(minutes) * 60.0)),
                Known::Absent => "on after the time AWS chooses".to_owned(),
                Known::Unknown => "on, after a time not read yet".to_owned(),
            };
            let blind_spot = if app.key.app_type == AppType::JupyterLab {
                "an open kernel or terminal keeps JupyterLab busy; images before SageMaker Distribution 2.0 never stop"
            } else {
                "an open file or unsaved work keeps Code Editor busy; images before SageMaker Distribution 2.0 never stop"
            };
            (format!("{after}, set by the {}", from.as_str()), blind_spot)
        }
    };
    Evidence { signal: "native idle shutdown", says, blind_spot }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AppActivity, sample};

    fn judge(status: AppStatus, activity: Option<Box<AppActivity>>) -> Verdict {
        let mut app = sample::app("anna", AppType::KernelGateway, "pt");
        app.status = status;
        app.activity = activity;
        verdict(&app, sample::now(), &IdleRule::default())
    }

    #[test]
    fn only_a_health_check_long_after_the_last_activity_proves_idleness() {
        let ago = sample::minutes_ago;
        for (user, health, expected) in [
            (540, 2, Verdict::Idle { since: ago(540), until: ago(2) }),
            (63, 2, Verdict::Idle { since: ago(63), until: ago(2) }),
            (62, 2, Verdict::Unknown),
            (2, 2, Verdict::Unknown),
            (540, 540, Verdict::Unknown),
            (10, 2, Verdict::Active { last: ago(10) }),
            (2, 10, Verdict::Active { last: ago(2) }),
            (300, 260, Verdict::Unknown),
            (260, 300, Verdict::Unknown),
        ] {
            let given = judge(AppStatus::InService, Some(sample::activity(user, health)));
            assert_eq!(given, expected, "used {user} min ago, checked {health} min ago");
        }
    }

    #[test]
    fn what_aws_does_not_tell_and_what_is_passing_is_unknown_however_old_the_app() {
        let only = |user: Option<i64>, health: Option<i64>| {
            Some(Box::new(AppActivity {
                last_user_activity: user.map(sample::minutes_ago),
                last_health_check: health.map(sample::minutes_ago),
                ..AppActivity::default()
            }))
        };
        for activity in [None, only(None, None), only(Some(999), None), only(None, Some(2))] {
            assert_eq!(judge(AppStatus::InService, activity), Verdict::Unknown);
        }
        for status in [AppStatus::Pending, AppStatus::Deleting, AppStatus::from("Odd")] {
            assert_eq!(judge(status, Some(sample::activity(540, 2))), Verdict::Unknown);
        }
        for status in [AppStatus::Failed, AppStatus::Deleted] {
            assert_eq!(judge(status, Some(sample::activity(540, 2))), Verdict::NotRunning);
        }
    }

    #[test]
    fn the_threshold_can_be_changed_and_a_mark_seconds_from_the_check_is_its_echo() {
        let mut app = sample::app("anna", AppType::KernelGateway, "pt");
        app.activity = Some(sample::activity(90, 2));
        let strict = IdleRule { threshold: SignedDuration::from_hours(2), ..IdleRule::default() };
        assert_eq!(verdict(&app, sample::now(), &strict), Verdict::Active { last: sample::minutes_ago(90) });
        let activity = app.activity.as_mut().unwrap();
        activity.last_user_activity = activity.last_health_check.map(|at| at - SignedDuration::from_secs(3));
        assert_eq!(verdict(&app, sample::now(), &strict), Verdict::Unknown);
        assert_eq!(last_use(&app, &strict), None);
    }

    #[test]
    fn the_evidence_names_each_signal_and_what_it_cannot_show() {
        let mut app = sample::app("anna", AppType::KernelGateway, "pt");
        app.activity = Some(sample::activity(540, 2));
        let all = evidence(&Fleet::default(), &app, sample::now(), &IdleRule::default());
        let lines: Vec<_> = all.iter().map(|e| format!("{}: {}", e.signal, e.says)).collect();
        assert_eq!(
            lines,
            [
                "status: InService",
                "last activity: 9h ago, 8h 58m before the last health check",
                "read: DescribeApp was asked now",
                "native idle shutdown: cannot work on KernelGateway",
                "age: created 2d ago",
            ]
        );
        assert!(all[4].blind_spot.contains("nothing about use"));
    }
}
