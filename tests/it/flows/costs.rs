//! The cost pane: every grouping against the bill of the simulated AWS, to the cent; what a day of it costs; and what
//! it says when there is nothing, or less, to be shown.

use std::collections::BTreeMap;
use std::time::Duration;

use sagedeck::console::{Dialog, Pane};
use sagedeck::fleet::{Ask, CostKind, CostRow, SYSTEM_TAGS};
use sagedeck::sim::billing::{CostTag, Line, Record};
use sagedeck::sim::world::{Denial, Row as _, Scope, Space};

use super::bench::{Bench, Setup};
use sagedeck::sim::scenario::{ACCOUNT, OTHER_ACCOUNT};

const SAGEMAKER: &str = "Amazon SageMaker";

/// Cents as they are on the bill, rounded as the pane rounds them.
fn cents(amount: i64) -> i64 {
    sagedeck::fleet::Nanos(amount).cents()
}

impl Bench {
    /// The lines of the bill of this month that the pane is about.
    fn bill(&self, from: &str, until: &str) -> Vec<Line> {
        let mut lines = self.sim.with_world(|world| world.billed_lines(ACCOUNT, from, until));
        lines.retain(|line| line.service == SAGEMAKER);
        lines
    }

    /// The requests to Cost Explorer there have been.
    fn paid(&self) -> u64 {
        ["GetCostAndUsage", "GetCostForecast", "ListCostAllocationTags", "GetTags", "GetDimensionValues"]
            .iter()
            .map(|operation| self.sent(operation))
            .sum()
    }

    fn rows(&self) -> &[CostRow] {
        &self.console.cost.report.as_ref().expect("a report").rows
    }
}

/// What the bill comes to by some value of its lines, of what was used.
fn by(lines: &[Line], value: impl Fn(&Line) -> String) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for line in lines.iter().filter(|line| line.record == Record::Usage) {
        *sums.entry(value(line)).or_insert(0) += line.cost;
    }
    sums.retain(|_, cost| *cost != 0);
    sums
}

/// What the pane comes to by value; untagged is the empty one, and what is in no space.
fn shown(rows: &[CostRow]) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for row in rows.iter().filter(|row| row.kind.is_gross() && row.sums.cost.0 != 0) {
        *sums.entry(row.value.to_string()).or_insert(0) += row.sums.cost.0;
    }
    sums
}

/// The bill counts ten places after the point, the pane nine: rounded once a day and group, and never to a cent.
#[track_caller]
fn same(bill: &BTreeMap<String, i64>, pane: &BTreeMap<String, i64>, what: &str) {
    assert_eq!(bill.keys().collect::<Vec<_>>(), pane.keys().collect::<Vec<_>>(), "{what}");
    for (value, cost) in bill {
        let difference = (cost / 10 - pane[value]).abs();
        assert!(difference < 100_000, "{what}: {value} costs {cost}, shown {}", pane[value]);
    }
    assert!(!bill.is_empty(), "{what}: nothing to compare");
}

fn tag(key: &'static str) -> impl Fn(&Line) -> String {
    move |line| line.tags.get(key).map(ToString::to_string).unwrap_or_default()
}

/// The owner of each space that there is, as an ARN; of shared ones the space itself.
type Owners = BTreeMap<String, String>;

impl Bench {
    /// Who owns which space, by the simulated AWS.
    fn owners(&self) -> Owners {
        self.sim.with_world(|world| {
            let mut owners = BTreeMap::new();
            for (account, held) in &world.accounts {
                for (code, region) in &held.regions {
                    for (_, space) in region.spaces.iter() {
                        let arn = |kind: &str, name: &str| {
                            format!("arn:aws:sagemaker:{code}:{account}:{kind}/{}/{name}", space.domain())
                        };
                        let own = arn("space", space.name());
                        let payer = match (space.shared, &space.owner) {
                            (Some(false), Some(owner)) => arn("user-profile", owner),
                            _ => own.clone(),
                        };
                        owners.insert(own, payer);
                    }
                }
            }
            owners
        })
    }
}

/// To whom a line belongs: by its user tag, or else to whoever owns the space of its space tag.
fn owner(line: &Line, owners: &Owners) -> String {
    let value = |key: &str| line.tags.get(key).map(ToString::to_string).filter(|value| !value.is_empty());
    let space = || value("sagemaker:space-arn").map(|space| owners.get(&space).cloned().unwrap_or(space));
    value("sagemaker:user-profile-arn").or_else(space).unwrap_or_default()
}

/// Which group a line of the bill is of.
type GroupOf = Box<dyn Fn(&Line) -> String>;

#[tokio::test(start_paused = true)]
async fn every_grouping_is_the_bill_to_the_cent() {
    let mut bench = Bench::demo().await;
    bench.press("6");
    bench.settle().await;
    let bill = bench.bill("2026-11-01", "2026-11-19");
    let owners = bench.owners();
    let groups: [(&str, GroupOf); 7] = [
        ("user", Box::new(move |line: &Line| owner(line, &owners))),
        ("domain", Box::new(tag("sagemaker:domain-arn"))),
        ("space", Box::new(tag("sagemaker:space-arn"))),
        ("tag:team", Box::new(tag("team"))),
        ("usage-type", Box::new(|line: &Line| line.usage_type.clone())),
        ("region", Box::new(|line: &Line| line.region.to_string())),
        ("account", Box::new(|line: &Line| line.account.to_string())),
    ];
    for (group, value) in groups {
        bench.press("b");
        bench.press(&format!("\"{group}\" enter"));
        bench.settle().await;
        assert_eq!(bench.console.cost.group.to_string(), group);
        same(&by(&bill, value), &shown(bench.rows()), group);
        let report = bench.console.cost.report.as_ref().unwrap();
        let net: i64 = bill.iter().map(|line| line.cost).sum();
        assert!((report.totals[0].net.0 - net / 10).abs() < 100_000, "{group}");
    }
    // The sum on the screen is the one of the bill, to the cent.
    let gross: i64 = by(&bill, |_| String::new()).values().sum();
    let told = sagedeck::fleet::Billed(sagedeck::fleet::Nanos(gross / 10), "USD").to_string();
    bench.shows(&["gross", &told]);
    assert!(cents(gross / 10) > 10_000, "the demo has a bill worth looking at");
}

#[tokio::test(start_paused = true)]
async fn users_have_names_and_money_by_their_tag_and_by_the_spaces_they_own() {
    let mut bench = Bench::start(Setup { size: (160, 48), ..Setup::default() }).await;
    // A private space with a past is deleted, as happens every day.
    let bill = bench.bill("2026-11-01", "2026-11-19");
    let dear = by(&bill, tag("sagemaker:space-arn"));
    let owners = bench.owners();
    let private = |arn: &str| owners.get(arn).is_some_and(|owner| owner.contains("user-profile"));
    let (arn, cost) =
        dear.iter().filter(|(arn, _)| private(arn)).max_by_key(|(_, cost)| **cost).expect("a private space");
    let gone = arn.rsplit('/').next().unwrap().to_owned();
    bench.press("4 / ");
    bench.press(&format!("\"name:{gone}\" enter ctrl-d"));
    bench.wait(Duration::from_millis(600)).await;
    bench.settle().await;
    confirm(&mut bench).await;
    bench.press("6");
    bench.settle().await;
    let row = bench.rows().iter().find(|row| *row.value == **arn).expect("the space has a row of its own");
    assert_eq!(row.kind, CostKind::OwnerlessSpace);
    assert!((row.sums.cost.0 - cost / 10).abs() < 100_000);
    let told = format!("space {gone} (owner not known)");
    bench.shows(&[&told, "shared space", "by own spaces", "by own tag", " shared"]);
    // Nothing counts twice and nothing is lost, and little is untagged.
    same(&by(&bill, |line| owner(line, &bench.owners())), &shown(bench.rows()), "user");
    let report = bench.console.cost.report.as_ref().unwrap();
    assert!(report.untagged_share() < 0.1, "{}", report.untagged_share());
    let parts = report.attributed("USD").unwrap();
    let untagged = report.rows.iter().filter(|row| row.kind == CostKind::Untagged);
    let untagged: i64 = untagged.map(|row| row.sums.cost.0).sum();
    let sum = parts.by_tag + parts.by_space + parts.shared + parts.ownerless;
    assert_eq!(sum.0 + untagged, report.totals[0].gross.cost.0);
    let net: i64 = bench.bill("2026-11-01", "2026-11-19").iter().map(|line| line.cost).sum();
    assert!((report.totals[0].net.0 - net / 10).abs() < 100_000, "credits come of the question by domain");
    assert_eq!(bench.sent("GetCostAndUsage"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_large_fleet_begins_with_domains_and_asks_for_users_by_months() {
    let mut bench = Bench::cold(Setup { size: (140, 40), ..Setup::default() });
    bench.sim.with_world(|world| {
        let scope = Scope::new(ACCOUNT, "eu-west-1");
        let now = world.now();
        let region = world.region_mut(&scope);
        let domain = region.domains.keys().next().expect("a domain").clone();
        for at in 0..400 {
            let mut space = Space::new(domain.clone(), format!("many-{at}").into(), now - 3_600_000);
            space.owner = Some("anna-k".into());
            space.shared = Some(false);
            region.spaces.insert(space).expect("a new name");
        }
    });
    bench.settle().await;
    bench.press("6");
    bench.settle().await;
    bench.shows(&["cost by domain"]);
    assert_eq!(bench.sent("GetCostAndUsage"), 1, "whatever the size of the fleet");
    bench.press("b \"user\" enter");
    bench.settle().await;
    bench.shows(&["cost by user", "by months, for days would take many requests"]);
    let asked = bench.sim.requests().of("GetCostAndUsage");
    assert!(asked[1..].iter().all(|request| request.body["Granularity"] == "MONTHLY"), "{asked:?}");
    // The sum is that of the bill all the same, and nothing is compared that was not asked.
    let bill = bench.bill("2026-11-01", "2026-11-19");
    same(&by(&bill, |line| owner(line, &bench.owners())), &shown(bench.rows()), "user");
    let report = bench.console.cost.report.as_ref().unwrap();
    assert!(report.compared.is_none() && !report.has_forecast);
    bench.hides(&["billed in full yet"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_long_is_given_up_counted_and_asked_by_months() {
    let mut bench = Bench::demo().await;
    bench.sim.with_world(|world| world.billing.page_groups = 40);
    bench.press("6");
    bench.settle().await;
    bench.shows(&["more than 20 pages", "<r> asks again"]);
    assert_eq!(bench.console.cost.requests_today, u32::try_from(bench.paid()).unwrap());
    bench.press("r");
    bench.settle().await;
    bench.shows(&["cost by user", "by months"]);
    assert_eq!(bench.console.cost.requests_today, u32::try_from(bench.paid()).unwrap());
}

#[tokio::test(start_paused = true)]
async fn instances_credits_refunds_and_taxes_are_the_bill_to_the_cent() {
    let mut bench = Bench::demo().await;
    bench.press("6 b \"instance\" enter");
    bench.settle().await;
    for (from, until, period) in
        [("2026-11-01", "2026-11-19", "month to date"), ("2026-10-01", "2026-11-01", "previous month")]
    {
        bench.press(&format!("p \"{period}\" enter"));
        bench.settle().await;
        let bill = bench.bill(from, until);
        let instances = by(&bill, |line| line.instance_type.clone().unwrap_or_default());
        for (instance, cost) in instances.iter().filter(|(instance, _)| !instance.is_empty()) {
            let row =
                bench.rows().iter().find(|row| row.name == *instance).unwrap_or_else(|| panic!("{instance}"));
            assert!((row.sums.cost.0 - cost / 10).abs() < 100_000, "{period} {instance}");
        }
        for (record, kind) in [
            (Record::Credit, CostKind::Credit),
            (Record::Refund, CostKind::Refund),
            (Record::Tax, CostKind::Tax),
        ] {
            let billed: i64 = bill.iter().filter(|line| line.record == record).map(|line| line.cost).sum();
            let shown: i64 =
                bench.rows().iter().filter(|row| row.kind == kind).map(|row| row.sums.cost.0).sum();
            assert!((billed / 10 - shown).abs() < 100_000, "{period} {record:?}: {billed} {shown}");
        }
    }
    assert_eq!(bench.sent("GetCostAndUsage"), 3, "both months came of one question for each key");
}

#[tokio::test(start_paused = true)]
async fn two_levels_are_the_bill_and_leave_credits_out_by_name() {
    let mut bench = Bench::demo().await;
    bench.press("6 b \"user\" enter shift-b \"instance\" enter");
    bench.settle().await;
    let bill = bench.bill("2026-11-01", "2026-11-19");
    let user = tag("sagemaker:user-profile-arn");
    let expected = by(&bill, |line| {
        let usage = sagedeck::fleet::Usage::of(&line.usage_type);
        let second = line.instance_type.clone().unwrap_or_else(|| usage.kind().to_owned());
        format!("{}|{second}", user(line))
    });
    bench.shows(&["users by their own tag alone"]);
    let rows = bench.rows().iter().filter(|row| row.sums.cost.0 != 0);
    let found: BTreeMap<String, i64> = rows
        .map(|row| (format!("{}|{}", row.value, row.second_value.as_deref().unwrap()), row.sums.cost.0))
        .collect();
    same(&expected, &found, "user, instance");
    bench.shows(&["THEN", "used "]);
    bench.hides(&["gross", "net "]);
}

#[tokio::test(start_paused = true)]
async fn a_day_of_use_takes_five_requests() {
    let mut bench = Bench::demo().await;
    assert_eq!(bench.paid(), 0, "nothing is paid for at the start");
    bench.press("tab tab");
    bench.settle().await;
    assert_eq!(bench.paid(), 0, "passing by costs nothing");
    // In the morning: who spends, in which domain, on what, which team; will it fit the month.
    bench.press("6");
    bench.settle().await;
    for group in ["domain", "space", "user"] {
        bench.press(&format!("b \"{group}\" enter"));
        bench.settle().await;
    }
    assert_eq!(bench.paid(), 2, "users, spaces and domains are views of two questions");
    bench.press("b \"instance\" enter");
    bench.settle().await;
    bench.press("b \"tag:team\" enter");
    bench.settle().await;
    bench.press("f");
    bench.settle().await;
    bench.shows(&["AWS's forecast"]);
    for group in ["region", "usage-type", "user", "domain", "tag:team", "instance"] {
        bench.press(&format!("b \"{group}\" enter p \"previous\" enter p \"month to\" enter r"));
        bench.settle().await;
    }
    bench.press("1 6 5 6 r");
    // Seven hours on, the same again. The fleet need not be read every minute for it.
    bench.press("shift-r");
    bench.wait(Duration::from_hours(7)).await;
    for group in ["user", "domain", "instance"] {
        bench.press(&format!("6 b \"{group}\" enter r d / \"cost>10\" enter esc f"));
        bench.settle().await;
    }
    assert_eq!(bench.paid(), 5);
    bench.shows(&["5 requests today, $0.05"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_twice_unless_it_is_old_or_the_person_pays() {
    let mut bench = Bench::demo().await;
    bench.press("6");
    bench.settle().await;
    bench.press("r");
    bench.settle().await;
    bench.shows(&["can have newer ones in"]);
    assert_eq!(bench.paid(), 2);
    bench.press("shift-r shift-f");
    bench.settle().await;
    assert_eq!(bench.paid(), 4);
    bench.wait(Duration::from_hours(8)).await;
    assert_eq!(bench.paid(), 4, "nothing is paid for by itself");
    bench.press("r");
    bench.settle().await;
    assert_eq!(bench.paid(), 6);
}

#[tokio::test(start_paused = true)]
async fn rows_lead_to_the_users_and_apps_behind_them() {
    let mut bench = Bench::demo().await;
    bench.press("6 b \"domain\" enter");
    bench.settle().await;
    bench.press("/ \"research\" enter enter");
    bench.settle().await;
    assert_eq!(bench.console.pane, Pane::Users);
    bench.press("6 esc b \"instance\" enter");
    bench.settle().await;
    bench.press("/ \"ml.g5\" enter enter");
    assert_eq!(bench.console.pane, Pane::Apps);
    let filter = bench.console.filter().unwrap().text().to_owned();
    assert!(filter.starts_with("instance:ml.g5"), "{filter}");
}

#[tokio::test(start_paused = true)]
async fn without_access_without_data_and_without_tags_it_says_which() {
    let mut bench =
        Bench::start(Setup { scenario: sagedeck::sim::scenario::Scenario::Empty, ..Setup::default() }).await;
    bench.press("6");
    bench.settle().await;
    bench.hides(&["$0.00"]);
    let mut bench = Bench::demo().await;
    bench.sim.with_world(|world| {
        world.denials.push(Denial { action: "ce:*".into(), account: None, region: None });
    });
    bench.press("6");
    bench.settle().await;
    bench.shows(&["ce:GetCostAndUsage", "<r> asks again"]);
    bench.wait(Duration::from_mins(30)).await;
    assert_eq!(bench.sent("GetCostAndUsage"), 2, "nothing is asked again by itself");
}

#[tokio::test(start_paused = true)]
async fn tags_that_are_not_active_are_activated_by_a_plan_and_bills_of_before_filled() {
    let mut bench = Bench::demo().await;
    bench.sim.with_world(|world| {
        for key in SYSTEM_TAGS {
            world.billing.tags.insert(key.into(), CostTag::inactive());
        }
    });
    bench.press("6");
    bench.settle().await;
    bench.shows(&["nothing has a value of this tag", "untagged"]);
    bench.press("t");
    bench.settle().await;
    bench.shows(&["sagemaker:domain-arn", "plans to activate"]);
    bench.press("t");
    bench.wait(Duration::from_millis(600)).await;
    bench.shows(&["Activate 3 cost allocation tags", "24 to 48 hours"]);
    confirm(&mut bench).await;
    assert_eq!(bench.sent("UpdateCostAllocationTagsStatus"), 1);
    let active = |bench: &Bench| {
        bench
            .sim
            .with_world(|world| SYSTEM_TAGS.iter().all(|key| world.billing.tags[*key].active_since.is_some()))
    };
    assert!(active(&bench));
    bench.press("6 t");
    bench.wait(Duration::from_millis(600)).await;
    bench.shows(&["Fill the bills"]);
    confirm(&mut bench).await;
    assert_eq!(bench.sent("StartCostAllocationTagBackfill"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_member_of_an_organization_hears_who_can_activate_tags_and_the_payer_beside_it_is_planned_for() {
    let accounts = vec![ACCOUNT, OTHER_ACCOUNT];
    let mut bench = Bench::start(Setup { accounts, ..Setup::default() }).await;
    bench.sim.with_world(|world| {
        world.billing.tags.insert(SYSTEM_TAGS[0].into(), CostTag::inactive());
    });
    bench.press("6");
    bench.settle().await;
    bench.press("a \"dev-ml\" enter");
    bench.settle().await;
    for _ in 0..2 {
        bench.press("t");
        bench.settle().await;
        bench.shows(&["Linked account", "only its management account"]);
        assert_eq!(bench.sent("ListCostAllocationTags"), 1, "what was refused is not paid for again");
    }
    bench.press("a \"all\" enter");
    bench.settle().await;
    bench.press("t");
    bench.settle().await;
    bench.shows(&["not active: prod-ml", "plans to activate"]);
    bench.press("t");
    bench.wait(Duration::from_millis(600)).await;
    bench.shows(&["Activate 1 cost allocation tag"]);
    assert_eq!(bench.sent("ListCostAllocationTags"), 2);
}

/// Confirms the plan on screen as it asks, and waits for its end.
async fn confirm(bench: &mut Bench) {
    let Some(Dialog::Confirm(shown)) = bench.console.dialogs.last() else { panic!("{}", bench.screen()) };
    match shown.confirmation.ask.clone() {
        Ask::Phrases(phrases) => {
            for phrase in phrases {
                bench.press(&format!("\"{}\" enter", phrase.text));
            }
        }
        Ask::Key(key) => bench.press(&key.to_string()),
        Ask::Nothing => panic!("the plan has steps"),
    }
    bench.wait(Duration::from_mins(2)).await;
    bench.settle().await;
}

#[tokio::test(start_paused = true)]
async fn ranges_that_aws_refuses_are_refused_before_they_cost() {
    let mut bench = Bench::demo().await;
    bench.press("6");
    bench.settle().await;
    for (range, told) in [
        ("2026-11-05 2026-11-05", "ends before it begins"),
        ("2024-01-01 2024-02-01", "nothing before"),
        ("2026-11-01 2026-12-01", "yet to come"),
        ("yesterday", "give two days"),
    ] {
        bench.press(&format!("p \"{range}\" enter"));
        bench.settle().await;
        bench.shows(&[told]);
        bench.press("esc");
    }
    assert_eq!(bench.paid(), 2);
    bench.press("p \"2026-10-05 2026-10-12\" enter");
    bench.settle().await;
    assert_eq!(bench.paid(), 4);
    bench.shows(&["5-11 Oct 2026"]);
}
