//! What was metered here against what the simulated AWS has billed, from keys to screen; budgets by what was billed; and
//! what several accounts cost. Expected money is that of the simulation's own bill.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sagedeck::console::{Dialog, ReconcileFace};
use sagedeck::fleet::wording::Money;
use sagedeck::fleet::{
    AccountId, Budget, BudgetOf, BudgetPer, BurnSample, Gauge, Reconciliation, Region, RunKind, Scope,
    Timestamp, Usage,
};
use sagedeck::sim::billing::{Line, ONE, Record};
use sagedeck::sim::scenario::{ACCOUNT, OTHER_ACCOUNT, Scenario};
use sagedeck::sim::{SimulatedAws, world};

use super::bench::{Bench, NOW, Setup};

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// What the bench's AWS has billed for SageMaker on some days of November.
fn bill(sim: &SimulatedAws, from: u8, until: u8) -> Vec<Line> {
    let day = |day: u8| format!("2026-11-{day:02}");
    let mut lines = sim.with_world(|world| world.billed_lines(ACCOUNT, &day(from), &day(until)));
    lines.retain(|line| line.service == "Amazon SageMaker");
    lines
}

fn is_app(line: &Line) -> bool {
    line.record == Record::Usage && line.usage_type.contains("Studio:") && line.instance_type.is_some()
}

fn dollars<'a>(lines: impl IntoIterator<Item = &'a Line>) -> f64 {
    lines.into_iter().map(|line| line.cost).sum::<i64>() as f64 / ONE as f64
}

/// The same AWS as a bench has, to know its bill before the bench begins.
fn ledger() -> SimulatedAws {
    SimulatedAws::builder().scenario(Scenario::Small).seed(7).epoch_seconds(NOW).build()
}

/// A folder in which somebody watched these days in full: each hour the mean of what the bill says of the day.
fn watched(days: std::ops::RangeInclusive<u8>) -> Arc<tempfile::TempDir> {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let sim = ledger();
    for day in days {
        let lines = bill(&sim, day, day + 1);
        for region in REGIONS {
            let mut runs: BTreeMap<RunKind, Gauge> = BTreeMap::new();
            for line in lines.iter().filter(|line| is_app(line) && *line.region == *region) {
                let usage = Usage::of(&line.usage_type);
                let kind = RunKind {
                    app_type: usage.kind().into(),
                    instance: usage.instance.expect("an instance").into(),
                };
                let hourly = |amount: i64| amount as f64 / ONE as f64 / 24.0;
                let own = runs.entry(kind).or_default();
                own.instances += hourly(line.quantity);
                own.burn += hourly(line.cost);
            }
            let midnight: Timestamp = format!("2026-11-{day:02}T00:00:00Z").parse().unwrap();
            let samples: Vec<BurnSample> = (0..24)
                .map(|hour| BurnSample {
                    at: midnight + jiff::SignedDuration::from_hours(hour),
                    scope: Scope::new(AccountId::new(ACCOUNT), Region::new(region)),
                    seconds: Some(3_600.0),
                    runs: runs.clone(),
                    budgets: BTreeMap::new(),
                })
                .collect();
            sagedeck::store::keep_burn(folder.path(), &samples).unwrap();
        }
    }
    folder
}

impl Bench {
    fn made(&self) -> Reconciliation {
        match self.console.reconcile_face() {
            ReconcileFace::Ready(made) => *made,
            other => panic!("{other:?}"),
        }
    }

    fn costs(&self) -> u64 {
        self.sent("GetCostAndUsage")
    }
}

fn told(made: &Reconciliation, what: &str) -> f64 {
    let cause = made.causes.iter().find(|cause| cause.what == what);
    cause.and_then(|cause| cause.amount).unwrap_or_else(|| panic!("{what}: {:?}", made.causes))
}

#[tokio::test(start_paused = true)]
async fn from_a_key_to_both_figures_to_the_cent_and_why_they_differ() {
    let folder = Some(watched(1..=14));
    let mut bench = Bench::start(Setup { size: (80, 24), folder, ..Setup::default() }).await;
    bench.press("6");
    bench.settle().await;
    let before = bench.costs();
    bench.press("m");
    bench.shows(&["was not asked yet", "<r> asks Cost Explorer: 1 request, $0.01"]);
    assert_eq!(bench.costs(), before, "the layer asks nothing by itself");
    bench.press("r");
    bench.settle().await;
    assert_eq!(bench.costs(), before + 1);

    // Until the 16th bills are whole; fourteen of those days were watched.
    let all = bill(&bench.sim, 1, 17);
    let apps = || all.iter().filter(|line| is_app(line));
    let late = |line: &&Line| line.day.as_str() > "2026-11-14";
    let made = bench.made();
    let same = |told: f64, expected: f64, what: &str| {
        assert!((told - expected).abs() < 0.005, "{what}: {told} and not {expected}");
    };
    same(made.billed, dollars(apps()), "billed");
    same(told(&made, "days not watched"), dollars(apps().filter(late)), "days not watched");
    same(told(&made, "not explained"), 0.0, "not explained");
    // What is nothing has no line of its own.
    let beside =
        |what: &str| if made.causes.iter().any(|cause| cause.what == what) { told(&made, what) } else { 0.0 };
    let of = |wanted: &dyn Fn(&Line) -> bool| dollars(all.iter().filter(|line| wanted(line)));
    let volumes = |line: &Line| line.usage_type.contains("VolumeUsage") && line.record == Record::Usage;
    same(told(&made, "storage of spaces"), of(&volumes), "storage");
    same(beside("credits"), of(&|line| line.record == Record::Credit), "credits");
    same(beside("tax"), of(&|line| line.record == Record::Tax), "tax");
    let other = |line: &Line| line.record == Record::Usage && !is_app(line) && !volumes(line);
    same(told(&made, "other usage"), of(&other), "other usage");
    assert_eq!(made.compared(), 14);
    for row in &made.rows {
        let expected = dollars(apps().filter(|line| {
            let usage = Usage::of(&line.usage_type);
            !late(line)
                && usage.kind() == &*row.app_type
                && usage.instance == Some(&*row.instance)
                && usage.region() == Some(row.region.as_str())
        }));
        same(row.billed, expected, &row.instance);
        same(row.metered.unwrap().1, expected, &row.instance);
    }

    let billed = format!("{}, 1-16 Nov 2026", Money(made.billed));
    bench.shows(&["metered against billed", "billed for apps", &billed, "14 of 16 days", "difference 0.00"]);
    bench.press("end");
    bench.shows(&["2026-11-16", "unknown", "0%"]);
    bench.press("home");
    bench.shows(&["why they differ", "days not watched", "not explained"]);
    bench.press("pagedown");
    bench.shows(&["storage of spaces", "days watched in full, by kind", "gap"]);

    // The answer is that of other groupings as well, and the other way round.
    bench.press("esc b \"instance\" enter");
    bench.settle().await;
    bench.press("m p");
    assert_eq!(bench.costs(), before + 1);
    bench.shows(&["1-31 Oct 2026"]);
    bench.press("r");
    bench.settle().await;
    bench.shows(&["can have newer ones in"]);
    assert_eq!(bench.costs(), before + 1);
    bench.press("ctrl-s");
    assert!(matches!(bench.console.dialogs.last(), Some(Dialog::Export(_))));
}

#[tokio::test(start_paused = true)]
async fn without_a_history_it_says_what_is_missing_and_calls_nothing_a_difference() {
    let mut bench = Bench::start(Setup { size: (100, 40), ..Setup::default() }).await;
    // From the burn, as from the cost pane.
    bench.press("1 down down enter m r");
    bench.settle().await;
    assert_eq!(bench.costs(), 1);
    let made = bench.made();
    assert_eq!((made.metered, made.compared()), (None, 0));
    bench.shows(&[
        "unknown: nothing was watched",
        "no day: none was watched in full",
        "not watched",
        "what was billed, by kind",
        "sagedeck burn",
    ]);
    bench.hides(&["100", "not explained"]);
    bench.press("esc");
    bench.shows(&["burn by domain"]);
}

#[tokio::test(start_paused = true)]
async fn days_before_what_the_console_remembers_are_left_to_the_command_line() {
    let mut bench = Bench::start(Setup { size: (80, 24), ..Setup::default() }).await;
    bench.press("6 p \"2026-08-03 2026-08-10\" enter");
    bench.settle().await;
    let asked = bench.costs();
    bench.press("m r");
    bench.settle().await;
    bench.shows(&["the console looks back to 2026-09-16", "2026-08-03 --to 2026-08-10"]);
    assert_eq!(bench.costs(), asked, "nothing is paid for what cannot be compared");
    // The period it was opened with comes round again.
    bench.press("p");
    bench.shows(&["1-18 Nov 2026", "was not asked yet"]);
    bench.press("p p");
    bench.shows(&["3-9 Aug 2026"]);
}

#[tokio::test(start_paused = true)]
async fn a_bill_that_is_refused_says_so_and_is_not_asked_again() {
    let mut bench = Bench::demo().await;
    bench.sim.with_world(|held| {
        held.denials.push(world::Denial { action: "ce:*".into(), account: None, region: None });
    });
    bench.press("6 m r");
    bench.settle().await;
    let asked = bench.costs();
    bench.shows(&["ce:GetCostAndUsage", "<r> asks again"]);
    bench.press("esc m");
    bench.settle().await;
    assert_eq!(bench.costs(), asked);
}

#[tokio::test(start_paused = true)]
async fn budgets_take_what_was_billed_where_an_answer_is_at_hand_and_ask_for_none() {
    let of =
        |name: &str, whose| Budget { name: name.into(), whose, per: BudgetPer::Month, dollars: 1_000_000.0 };
    let budgets = vec![
        of("by domain", BudgetOf::Domain("research".into())),
        of("by team", BudgetOf::Tag("team".into(), "nlp".into())),
    ];
    let setup = || Setup { size: (200, 60), budgets: budgets.clone(), ..Setup::default() };
    let mut bench = Bench::start(setup()).await;
    bench.press("1");
    bench.settle().await;
    assert_eq!(bench.costs(), 0, "a budget pays for nothing");
    bench.hides(&["  billed"]);
    bench.press("6");
    bench.settle().await;
    bench.press("1");
    bench.wait(Duration::from_secs(2)).await;
    let domain = bench
        .console
        .fleet
        .domains
        .iter()
        .find(|domain| domain.name.as_ref().is_some_and(|name| name.as_str() == "research"))
        .map(|domain| domain.key.arn())
        .unwrap();
    let lines = bill(&bench.sim, 1, 17);
    let is_of = |line: &&Line| {
        let value = line.tags.get("sagemaker:domain-arn").map(|value| &**value);
        line.record == Record::Usage && value == Some(&*domain)
    };
    let billed = Money(dollars(lines.iter().filter(is_of))).to_string();
    let line = format!("{billed}, then metered $");
    bench.shows(&["  billed 1-16 Nov 2026", &line]);
    let states = bench.console.burn.budgets();
    assert!(states[0].billed.is_some() && states[1].billed.is_none(), "{states:?}");

    // The next start finds it on disk.
    let mut second = Bench::start(Setup { folder: Some(bench.folder()), ..setup() }).await;
    second.press("1");
    second.wait(Duration::from_secs(2)).await;
    second.shows(&[&line]);
    assert_eq!(second.costs(), 0);
}

#[tokio::test(start_paused = true)]
async fn of_several_accounts_one_is_asked_unless_the_person_chooses_all() {
    let accounts = vec![ACCOUNT, OTHER_ACCOUNT];
    let mut bench = Bench::start(Setup { size: (100, 32), accounts, ..Setup::default() }).await;
    assert_eq!(bench.console.fleet.accounts.len(), 2);
    // A day of it: four groupings and AWS's forecast.
    bench.press("6");
    bench.settle().await;
    bench.shows(&["of prod-ml", "1 of 2 accounts", "all of them: 2 requests, $0.02"]);
    for group in ["domain", "instance", "tag:team"] {
        bench.press(&format!("b \"{group}\" enter"));
        bench.settle().await;
    }
    bench.press("f");
    bench.settle().await;
    assert_eq!((bench.costs(), bench.sent("GetCostForecast")), (4, 1));
    // What others would cost stands beside them.
    bench.press("a");
    bench.shows(&["whose bill", "dev-ml", "1 request, $0.01", "(all accounts)", "asked already"]);
    bench.press("\"all\" enter");
    bench.settle().await;
    assert_eq!(bench.costs(), 5, "the bill of the first is at hand");
    bench.shows(&["of 2 accounts"]);
    bench.press("a \"dev-ml\" enter");
    bench.settle().await;
    assert_eq!(bench.costs(), 5);
    bench.shows(&["of dev-ml"]);
    bench.press("m");
    bench.shows(&["of dev-ml", "1 request, $0.01"]);
}

#[tokio::test(start_paused = true)]
async fn the_previous_month_is_compared_once_the_month_before_it_is_at_hand() {
    let mut bench = Bench::start(Setup { size: (120, 32), ..Setup::default() }).await;
    bench.press("6 b \"domain\" enter");
    bench.settle().await;
    let before = bench.costs();
    bench.press("p \"previous month\" enter");
    bench.settle().await;
    assert_eq!(bench.costs(), before);
    bench.shows(&["1-31 Oct 2026", "not compared: the month before was not asked"]);
    bench.press("p \"last 3 months\" enter");
    bench.settle().await;
    assert_eq!(bench.costs(), before + 1);
    bench.press("p \"previous month\" enter");
    bench.settle().await;
    assert_eq!(bench.costs(), before + 1);
    bench.shows(&["1-30 Oct 2026 against 1-30 Sep 2026"]);
    bench.hides(&["not compared"]);
    let report = bench.console.cost.report.as_ref().unwrap();
    let september = bench.sim.with_world(|world| world.billed_lines(ACCOUNT, "2026-09-01", "2026-10-01"));
    let used =
        september.iter().filter(|line| line.service == "Amazon SageMaker" && line.record == Record::Usage);
    let before = report.totals[0].gross.before.to_f64();
    assert!((before - dollars(used)).abs() < 0.005, "{before}");
    assert!(report.has_previous);
}
