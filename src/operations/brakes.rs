//! What makes a plan pause or stop: the person, credentials that have run out, the same denial again and again, AWS
//! that cannot be reached, a clock that jumped, a disk that fails. Knows no request.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::Instant;

use crate::fleet::{AccountId, Pause, PauseCause, Problem, ProblemKind, Scope};

/// So many like denials of one operation in one account mean that the next one is denied too.
const LIKE_DENIALS: u32 = 3;
/// For so long AWS may be out of reach in a region before the plan pauses. It is tried again at times until then.
const OUT_OF_REACH: Duration = Duration::from_mins(5);
/// Between two looks at the clock no more than this passes while the program runs. If it does, the machine was
/// suspended or the program stopped, and what the person knew may be long out of date.
const GAP: Duration = Duration::from_mins(1);

/// Whether a plan goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Control {
    /// It does.
    Go,
    /// Nothing is sent until it is told to go on.
    Paused(Pause),
    /// It was cancelled: nothing more is sent, and it ends when what was sent has come to its end.
    Stopped {
        /// Whether nothing can be read either, so that what was sent stays in doubt.
        is_blind: bool,
    },
    /// It is left as it is, to be resumed another time.
    Left,
}

/// The brakes of one plan that is being carried out.
#[derive(Debug)]
pub(super) struct Brakes {
    control: watch::Sender<Control>,
    retry: AtomicBool,
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    denials: BTreeMap<(AccountId, String), u32>,
    trouble: BTreeMap<Scope, Instant>,
    clock: Option<(Instant, SystemTime)>,
    broken: Option<Arc<str>>,
}

impl Default for Brakes {
    fn default() -> Self {
        Self {
            control: watch::Sender::new(Control::Go),
            retry: AtomicBool::new(false),
            noted: Mutex::default(),
        }
    }
}

impl Brakes {
    /// To learn of every change.
    pub(super) fn watch(&self) -> watch::Receiver<Control> {
        self.control.subscribe()
    }

    /// Whether nothing may be sent now.
    pub(super) fn hold(&self) -> bool {
        *self.control.borrow() != Control::Go
    }

    /// Lets nothing more be sent until [`go_on`](Self::go_on). The first reason stays.
    pub(super) fn pause(&self, cause: PauseCause, reason: impl Into<Arc<str>>) {
        let pause = Pause { cause, reason: reason.into() };
        let is_blind = is_blind(&pause);
        self.turn(|control| match control {
            Control::Go => Some(Control::Paused(pause)),
            // Being signed out outweighs: then reading has to wait too.
            Control::Paused(before) if is_blind && !self::is_blind(before) => Some(Control::Paused(pause)),
            Control::Stopped { is_blind: false } if is_blind => Some(Control::Stopped { is_blind }),
            Control::Paused(_) | Control::Stopped { .. } | Control::Left => None,
        });
    }

    /// Lets it go on if it is paused. What was noted before no longer counts.
    pub(super) fn go_on(&self) {
        let mut noted = self.noted();
        noted.denials.clear();
        noted.trouble.clear();
        noted.clock = None;
        drop(noted);
        self.turn(|control| matches!(control, Control::Paused(_)).then_some(Control::Go));
    }

    /// Cancels it.
    pub(super) fn stop(&self) {
        self.turn(|control| match control {
            Control::Go => Some(Control::Stopped { is_blind: false }),
            Control::Paused(pause) => Some(Control::Stopped { is_blind: is_blind(pause) }),
            Control::Stopped { .. } | Control::Left => None,
        });
    }

    /// Leaves it as it is.
    pub(super) fn leave(&self) {
        self.turn(|control| (*control != Control::Left).then_some(Control::Left));
    }

    /// Asks for what has failed to be made again.
    pub(super) fn retry(&self) {
        self.retry.store(true, Ordering::Release);
        // Wakes whoever watches, though nothing else changes.
        self.control.send_modify(|_| {});
    }

    /// Whether that was asked for since the last time.
    pub(super) fn take_retry(&self) -> bool {
        self.retry.swap(false, Ordering::AcqRel)
    }

    /// Pauses it for good: what happens can no longer be written down, so nothing may happen.
    pub(super) fn break_off(&self, reason: impl Into<Arc<str>>) {
        let reason: Arc<str> = reason.into();
        self.noted().broken.get_or_insert_with(|| Arc::clone(&reason));
        self.pause(PauseCause::Unwritable, reason);
    }

    /// Why it is paused for good, if so.
    pub(super) fn broken(&self) -> Option<Arc<str>> {
        self.noted().broken.clone()
    }

    /// Takes note of a failure in an account, and pauses when it means that the next one fails too.
    pub(super) fn note(&self, account: &AccountId, problem: &Problem) {
        if problem.is_credentials() {
            self.pause(
                PauseCause::SignedOut,
                format!("the credentials for {account} no longer hold; sign in again, then go on"),
            );
        } else if problem.kind == ProblemKind::AccessDenied {
            let operation = problem.operation.as_deref().unwrap_or_default().to_owned();
            let mut noted = self.noted();
            let denials = noted.denials.entry((account.clone(), operation.clone())).or_default();
            *denials += 1;
            let denials = *denials;
            drop(noted);
            if denials >= LIKE_DENIALS {
                let reason =
                    format!("{operation} was denied {denials} times in {account}: {}", problem.message);
                self.pause(PauseCause::Denied, reason);
            }
        }
    }

    /// Takes note that AWS cannot be reached in a scope, and pauses when that has lasted.
    pub(super) fn note_trouble(&self, scope: &Scope, problem: &Problem) {
        let since = *self.noted().trouble.entry(scope.clone()).or_insert_with(Instant::now);
        if since.elapsed() >= OUT_OF_REACH {
            let minutes = since.elapsed().as_secs() / 60;
            let reason = format!("{scope} has not answered for {minutes} min: {}", problem.message);
            self.pause(PauseCause::OutOfReach, reason);
        }
    }

    /// Takes note that AWS answers in a scope.
    pub(super) fn note_well(&self, scope: &Scope) {
        self.noted().trouble.remove(scope);
    }

    /// Whether AWS cannot be reached in a scope, as far as is known.
    pub(super) fn is_in_trouble(&self, scope: &Scope) -> bool {
        self.noted().trouble.contains_key(scope)
    }

    /// Looks at the clocks, and pauses when more time has passed than can have passed. To be called often, and
    /// before each change that is sent.
    pub(super) fn tick(&self, now: Instant, wall: SystemTime) {
        let before = self.noted().clock.replace((now, wall));
        let Some((then, wall_then)) = before else { return };
        // One clock stands still while the machine sleeps, the other can be set; the larger gap counts.
        let gap = now.duration_since(then).max(wall.duration_since(wall_then).unwrap_or_default());
        if gap > GAP {
            let reason = format!(
                "the program stood still for {} min, and much may have changed since; look again, then go on",
                gap.as_secs().div_ceil(60)
            );
            self.pause(PauseCause::StoodStill, reason);
        }
    }

    /// Waits until somebody is signed in again; says whether there is anything to wait for.
    pub(super) async fn sighted(&self) -> bool {
        let mut control = self.watch();
        let is_sighted = |control: &Control| !matches!(control, Control::Paused(pause) if is_blind(pause));
        let seen = control.wait_for(is_sighted).await;
        // Without brakes there is no plan any more.
        seen.is_ok_and(|control| !matches!(*control, Control::Stopped { is_blind: true } | Control::Left))
    }

    /// Waits so long, or until something changes.
    pub(super) async fn rest(&self, time: Duration) {
        let mut control = self.watch();
        // Either way the waiting is over.
        let _ = tokio::time::timeout(time, control.wait_for(|control| *control != Control::Go)).await;
    }

    fn turn(&self, to: impl FnOnce(&Control) -> Option<Control>) {
        self.control.send_if_modified(|control| match to(control) {
            Some(next) => {
                *control = next;
                true
            }
            None => false,
        });
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether nothing can be read either while it pauses, because nobody is signed in.
fn is_blind(pause: &Pause) -> bool {
    pause.cause == PauseCause::SignedOut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Region;

    fn denied(operation: &'static str) -> Problem {
        Problem { operation: Some(operation.into()), ..Problem::new(ProblemKind::AccessDenied, "no", "") }
    }

    fn control(brakes: &Brakes) -> Control {
        brakes.watch().borrow().clone()
    }

    fn reason(brakes: &Brakes) -> Option<Arc<str>> {
        match control(brakes) {
            Control::Paused(pause) => Some(pause.reason),
            _ => None,
        }
    }

    #[test]
    fn three_denials_of_one_operation_in_one_account_pause() {
        let (brakes, one, other) = (Brakes::default(), AccountId::new("1"), AccountId::new("2"));
        brakes.note(&one, &denied("DeleteApp"));
        brakes.note(&one, &denied("DescribeApp"));
        brakes.note(&one, &denied("DeleteApp"));
        brakes.note(&other, &denied("DeleteApp"));
        assert!(!brakes.hold());
        brakes.note(&one, &denied("DeleteApp"));
        assert!(reason(&brakes).is_some_and(|reason| reason.contains("DeleteApp")));
        brakes.go_on();
        brakes.note(&one, &denied("DeleteApp"));
        assert!(!brakes.hold(), "whoever goes on begins to count anew");
    }

    #[test]
    fn expired_credentials_pause_at_once_and_outweigh_what_paused_before() {
        let (brakes, one) = (Brakes::default(), AccountId::new("1"));
        brakes.note(&one, &Problem::new(ProblemKind::Conflict, "in use", ""));
        assert!(!brakes.hold());
        brakes.pause(PauseCause::ByHand, "by hand");
        brakes.note(&one, &Problem::new(ProblemKind::ExpiredCredentials, "expired", ""));
        assert!(matches!(control(&brakes), Control::Paused(pause) if pause.cause == PauseCause::SignedOut));
    }

    #[test]
    fn what_was_stopped_neither_pauses_nor_goes_on() {
        let brakes = Brakes::default();
        brakes.stop();
        brakes.pause(PauseCause::ByHand, "late");
        brakes.go_on();
        assert_eq!(control(&brakes), Control::Stopped { is_blind: false });
        brakes.leave();
        assert_eq!(control(&brakes), Control::Left);
    }

    #[test]
    fn a_clock_that_jumps_by_more_than_a_minute_pauses() {
        let (start, wall) = (Instant::now(), SystemTime::UNIX_EPOCH);
        for (monotonic, shown, pauses) in
            [(5, 5, false), (60, 60, false), (61, 61, true), (1, 8 * 3600, true), (90, 0, true)]
        {
            let brakes = Brakes::default();
            brakes.tick(start, wall + Duration::from_secs(100));
            brakes.tick(start + Duration::from_secs(monotonic), wall + Duration::from_secs(100 + shown));
            assert_eq!(brakes.hold(), pauses, "{monotonic} s, {shown} s");
        }
        let brakes = Brakes::default();
        brakes.tick(start, wall + Duration::from_secs(1_000));
        brakes.tick(start, wall);
        assert!(!brakes.hold(), "a clock that is set back is no gap");
    }

    #[tokio::test(start_paused = true)]
    async fn a_region_out_of_reach_pauses_only_when_it_lasts() {
        let scope = Scope::new(AccountId::new("1"), Region::new("eu-west-1"));
        let (brakes, problem) = (Brakes::default(), Problem::new(ProblemKind::Network, "no route", ""));
        brakes.note_trouble(&scope, &problem);
        tokio::time::advance(Duration::from_mins(4)).await;
        brakes.note_trouble(&scope, &problem);
        assert!(!brakes.hold() && brakes.is_in_trouble(&scope));
        brakes.note_well(&scope);
        tokio::time::advance(Duration::from_mins(4)).await;
        brakes.note_trouble(&scope, &problem);
        assert!(!brakes.hold());
        tokio::time::advance(Duration::from_mins(5)).await;
        brakes.note_trouble(&scope, &problem);
        assert!(reason(&brakes).is_some_and(|reason| reason.contains("no route")));
    }

    #[test]
    fn what_can_no_longer_be_written_down_is_paused_for_good() {
        let brakes = Brakes::default();
        brakes.break_off("disk full");
        brakes.break_off("another one");
        assert_eq!(brakes.broken().as_deref(), Some("disk full"));
        assert!(brakes.hold());
    }
}
