//! Quotas, from keys to the wire and back: what is used agrees with what AWS enforces, more is requested by plan, and
//! an open request is recognised.

use std::time::Duration;

use sagedeck::console::{Dialog, Pane};
use sagedeck::fleet::{Heat, Limit, Limited, QuotaRow, StepState};
use sagedeck::sim::world::Scope;

use super::bench::Bench;

/// The pane with everything read.
async fn quotas() -> Bench {
    let mut bench = Bench::demo().await;
    bench.press("7");
    bench.wait(Duration::from_mins(1)).await;
    bench.settle().await;
    bench
}

fn row(bench: &Bench, find: impl Fn(&QuotaRow) -> bool) -> &QuotaRow {
    bench.console.quotas.rows.iter().find(|row| find(row)).expect("such a limit")
}

fn of_apps(row: &QuotaRow) -> bool {
    matches!(row.limited, Limited::Apps(..))
}

#[tokio::test(start_paused = true)]
async fn limits_are_those_that_the_simulated_aws_enforces_and_their_use_is_what_it_counts() {
    let mut bench = quotas().await;
    // What has ended since the lists were read is no matter of counting.
    bench.press("r");
    bench.settle().await;
    let rows = &bench.console.quotas.rows;
    let mut compared = 0;
    for row in rows.iter().filter(|row| of_apps(row)) {
        let (Some(quota), Some(limit), Some(used)) = (&row.quota, row.limit.applied(), row.used) else {
            continue;
        };
        let Limited::Apps(app_type, instance) = &row.limited else { continue };
        let scope = Scope::new(row.scope.account().as_str(), row.scope.region().as_str());
        let (enforced, live) = bench.sim.with_world(|world| {
            let region = world.region_mut(&scope);
            let live = region.apps.iter().filter(|(_, app)| {
                app.is_live()
                    && app.identity().app_type.as_str() == app_type.as_str()
                    && app.instance_type() == Some(&**instance)
            });
            (region.app_quotas.get(quota.name.as_str()).copied(), live.count())
        });
        if let Some(enforced) = enforced {
            assert_eq!(limit as usize, enforced, "{}", row.limited);
            compared += 1;
        }
        assert_eq!((used.count, used.at_least), (live as u64, false), "{}", row.limited);
    }
    assert!(compared >= 4, "{compared}");
    assert!(rows.iter().any(|row| row.heat(bench.console.session.thresholds) == Heat::Hot));
}

#[tokio::test(start_paused = true)]
async fn more_is_requested_by_plan_and_the_open_request_is_recognised_and_granted() {
    let mut bench = quotas().await;
    let thresholds = bench.console.session.thresholds;
    let wanted = row(&bench, |row| {
        of_apps(row) && row.adjustable && row.open.is_none() && row.heat(thresholds) == Heat::Hot
    });
    let (id, code) = (wanted.id(), wanted.quota.clone().unwrap().code);
    let limit = wanted.limit.applied().unwrap();
    let region = wanted.scope.region().clone();
    bench.press(&format!("/ \"code:{code} region:{region}\" enter"));
    assert_eq!(bench.console.selected_quota().map(QuotaRow::id).as_deref(), Some(id.as_str()));
    bench.press("n");
    bench.shows(&["New limit", "Show the plan"]);
    bench.press(&format!("\"{}\" ctrl-s", limit + 1.0));
    bench.wait(Duration::from_secs(10)).await;
    let Some(Dialog::Confirm(_)) = bench.console.dialogs.last() else { panic!("{}", bench.screen()) };
    bench.shows(&[
        &format!("Request {} instead of {limit}", limit + 1.0),
        "Nothing changes until AWS decides",
    ]);
    assert_eq!(bench.sent("RequestServiceQuotaIncrease"), 0, "a plan alone sends nothing");
    bench.press("y");
    bench.wait(Duration::from_secs(20)).await;
    bench.settle().await;
    assert_eq!(bench.sent("RequestServiceQuotaIncrease"), 1);
    assert_eq!(bench.console.operations.list[0].states, [StepState::Done]);
    assert_eq!(bench.console.pane, Pane::Quotas);
    bench.wait(Duration::from_secs(5)).await;
    bench.press("n");
    bench.shows(&["there is an open request"]);
    assert!(bench.console.dialogs.is_empty());
    // A small step is granted after a while; then the limit in force has risen.
    bench.wait(Duration::from_mins(40)).await;
    bench.press("r");
    bench.wait(Duration::from_mins(1)).await;
    bench.settle().await;
    let granted = bench.console.quota_row(&id).unwrap();
    assert_eq!(granted.limit, Limit::Applied(limit + 1.0));
    assert!(granted.open.is_none());
    bench.press("d");
    bench.shows(&["APPROVED"]);
}

#[tokio::test(start_paused = true)]
async fn the_header_has_the_hot_ones_before_the_pane_was_ever_shown() {
    let mut bench = Bench::demo().await;
    bench.wait(Duration::from_secs(90)).await;
    bench.settle().await;
    let (hot, _) = bench.console.quotas.heats;
    assert!(hot > 0);
    assert_eq!(bench.sent("ListRequestedServiceQuotaChangeHistory"), 0, "only the limits are read for it");
    let pages = bench.sent("ListServiceQuotas");
    assert!(pages > 0);
    bench.wait(Duration::from_mins(30)).await;
    assert_eq!(bench.sent("ListServiceQuotas"), pages, "and no more than once an hour");
}
