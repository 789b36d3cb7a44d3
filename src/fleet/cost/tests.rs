//! Answers made by hand, and the rows that come of them.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::{
    CostAnswer, CostDay, CostGroup, CostKind, CostPages, CostPart, CostPeriod, CostQuestion, CostReport,
    CostRow, CostView, Nanos, SERVICE,
};
use crate::fleet::{AccountId, Fleet, ObjectKey, Sharing, Timestamp, sample};

const TODAY: Date = date(2026, 11, 22);

fn asked_at() -> Timestamp {
    "2026-11-22T06:00:00Z".parse().unwrap()
}

fn view(group: CostGroup) -> CostView {
    CostView { group, then: None, period: CostPeriod::MonthToDate, today: TODAY, by_months: false }
}

fn question(view: &CostView) -> CostQuestion {
    let (days, granularity) = view.period.asked(view.today);
    CostQuestion::new(
        &[SERVICE.into()],
        (days.from, days.until),
        granularity,
        &view.group,
        view.then.as_ref(),
    )
}

/// Keys, currency, and what each day cost, in dollars.
type Billed<'a> = (&'a [&'a str], &'a str, &'a dyn Fn(Date) -> f64);

/// An answer with these lines.
fn answer(view: &CostView, lines: &[Billed<'_>]) -> CostAnswer {
    let asked = question(view);
    let mut pages = CostPages::default();
    pages.page();
    for day in asked.from.series(1.day()).take_while(|day| *day < asked.until) {
        let at = pages.day(CostDay {
            from: day,
            until: day.tomorrow().unwrap(),
            estimated: day >= date(2026, 11, 21),
        });
        for (keys, currency, cost) in lines {
            let amount = cost(day);
            if amount != 0.0 {
                pages.add(at, keys, currency, Some(Nanos((amount * 1e9).round() as i64)));
            }
        }
    }
    pages.finish(asked_at())
}

fn report(view: &CostView, answer: &CostAnswer) -> CostReport {
    let account = AccountId::new("123456789012");
    let question = question(view);
    let part = CostPart { account: &account, question: &question, answer };
    CostReport::new(view, &[part], &Fleet::default())
}

/// In cents.
fn cents(amount: Nanos) -> i64 {
    amount.cents()
}

#[test]
fn a_row_has_its_month_the_same_days_before_the_change_and_a_forecast() {
    let view = view(CostGroup::Tag("team".into()));
    // A dollar a working day in October, two in November, nothing on weekends.
    let cost = |day: Date| match (day.month(), day.weekday()) {
        (_, jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday) => 0.0,
        (10, _) => 1.0,
        _ => 2.0,
    };
    let report = report(&view, &answer(&view, &[(&["nlp", "Usage"], "USD", &cost)]));
    let sums = report.rows[0].sums;
    // Bills until the 20th are whole: the days compared are 1 to 20.
    assert_eq!(report.compared.map(|(now, _)| now.to_string()).as_deref(), Some("1-20 Nov 2026"));
    assert_eq!((cents(sums.cost), cents(sums.compared), cents(sums.before)), (3_000, 3_000, 1_400));
    assert_eq!(
        (cents(sums.change()), sums.growth().map(|growth| (growth * 100.0).round())),
        (1_600, Some(114.0))
    );
    assert_eq!(cents(sums.previous), 2_200);
    // 30 so far; from the 21st on six working days at the mean of the last four weeks, (5 x 1 + 15 x 2) / 20.
    assert_eq!(cents(sums.forecast), 4_050);
}

#[test]
fn what_is_no_use_of_anything_has_rows_of_its_own_and_the_untagged_one_too() {
    let view = view(CostGroup::Tag("team".into()));
    let on = |wanted: Date, cost: f64| move |day: Date| if day == wanted { cost } else { 0.0 };
    let first = date(2026, 11, 1);
    let answer = answer(
        &view,
        &[
            (&["nlp", "Usage"], "USD", &on(first, 100.0)),
            (&["", "Usage"], "USD", &on(first, 300.0)),
            (&["", "Credit"], "USD", &on(first, -50.0)),
            (&["nlp", "Refund"], "USD", &on(first, -5.0)),
            (&["", "Tax"], "USD", &on(first, 20.0)),
            (&["nlp", "DiscountedUsage"], "USD", &on(first, -1.0)),
        ],
    );
    let report = report(&view, &answer);
    let names: Vec<(&str, i64)> =
        report.rows.iter().map(|row| (row.name.as_str(), cents(row.sums.cost))).collect();
    assert_eq!(
        names,
        [("untagged", 30_000), ("nlp", 9_900), ("tax", 2_000), ("refunds", -500), ("credits", -5_000)]
    );
    let total = &report.totals[0];
    assert_eq!((cents(total.gross.cost), cents(total.net)), (39_900, 36_400));
    assert!((report.untagged_share() - 300.0 / 399.0).abs() < 1e-9);
    assert!(!report.has_no_tagged());
}

#[test]
fn currencies_are_never_added_up() {
    let view = view(CostGroup::Tag("team".into()));
    let one = |_: Date| 1.0;
    let report =
        report(&view, &answer(&view, &[(&["a", "Usage"], "USD", &one), (&["a", "Usage"], "EUR", &one)]));
    assert_eq!((report.rows.len(), report.totals.len()), (2, 2));
    assert!(report.totals.iter().all(|total| cents(total.gross.cost) == 2_200));
    assert!(report.rows.iter().all(|row| (row.share - 1.0).abs() < 1e-9));
}

#[test]
fn nothing_billed_is_no_row_and_no_total_of_nothing() {
    let view = view(CostGroup::User);
    let report = report(&view, &answer(&view, &[]));
    assert!(report.rows.is_empty() && report.totals.is_empty() && !report.has_no_tagged());
}

#[test]
fn a_tag_that_is_not_activated_is_all_untagged() {
    let view = view(CostGroup::User);
    let report = report(&view, &answer(&view, &[(&["", ""], "USD", &|_| 3.0)]));
    assert!(report.has_no_tagged());
    assert_eq!(report.rows[0].kind, CostKind::Untagged);
}

#[test]
fn arns_are_shown_as_names_and_usage_types_as_instances_and_regions() {
    let arn = "arn:aws:sagemaker:eu-west-1:123456789012:user-profile/d-abc/anna-k";
    let users = view(CostGroup::User);
    let rows = report(&users, &answer(&users, &[(&[arn, ""], "USD", &|_| 1.0)])).rows;
    assert_eq!((rows[0].name.as_str(), rows[0].domain.as_deref()), ("anna-k", Some("d-abc")));
    let usage: &[Billed<'_>] = &[
        (&["EU-Studio:JupyterLab-ml.t3.medium", "Usage"], "USD", &|_| 1.0),
        (&["EU-Studio:CodeEditor-ml.t3.medium", "Usage"], "USD", &|_| 1.0),
        (&["USE1-Studio:VolumeUsage.gp3", "Usage"], "USD", &|_| 1.0),
    ];
    for (group, names) in [
        (CostGroup::Instance, ["ml.t3.medium", "space volumes"]),
        (CostGroup::Region, ["eu-west-1", "us-east-1"]),
    ] {
        let view = view(group);
        let found = report(&view, &answer(&view, usage)).rows;
        assert_eq!(found.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), names);
        assert_eq!(cents(found[0].sums.cost), 4_400);
    }
}

#[test]
fn ten_thousand_values_are_rows_like_any_others() {
    let view = view(CostGroup::Tag("dataset".into()));
    let asked = question(&view);
    let mut pages = CostPages::default();
    for day in asked.from.series(1.day()).take_while(|day| *day < asked.until) {
        let at = pages.day(CostDay { from: day, until: day.tomorrow().unwrap(), estimated: false });
        for value in 0..10_000 {
            pages.add(at, &[&format!("set-{value}"), "Usage"], "USD", Some(Nanos(1_000 + value)));
        }
    }
    let report = report(&view, &pages.finish(asked_at()));
    assert_eq!(report.rows.len(), 10_000);
    assert_eq!(report.rows[0].name, "set-9999");
    let sum: Nanos = report.rows.iter().map(|row| row.sums.cost).sum();
    assert_eq!(sum, report.totals[0].gross.cost);
    assert_eq!(Arc::strong_count(&report.totals[0].currency), Arc::strong_count(&report.rows[0].currency));
}

/// A fleet with a private space of anna, a shared one that ben made, and one that tells no owner.
fn owners() -> Fleet {
    let mut nobodys = sample::space("nobodys", "", Sharing::Private);
    nobodys.owner = None;
    let spaces = vec![
        sample::space("lab", "anna", Sharing::Private),
        sample::space("team", "ben", Sharing::Shared),
        nobodys,
    ];
    sample::fleet(vec![sample::user("anna"), sample::user("ben")], spaces, vec![])
}

fn space_arn(name: &str) -> String {
    sample::scope().arn(&format!("space/d-research/{name}"))
}

fn user_arn(name: &str) -> String {
    sample::scope().arn(&format!("user-profile/d-research/{name}"))
}

/// A bill of one day with every way to an owner, and the credits and tax of the question beside it.
fn owned(group: CostGroup, then: Option<CostGroup>, fleet: &Fleet) -> CostReport {
    let view = CostView { then, ..view(group) };
    let on = |cost: f64| move |day: Date| if day == date(2026, 11, 2) { cost } else { 0.0 };
    let (anna, ben) = (user_arn("anna"), user_arn("ben"));
    let [lab, team, nobodys, gone] = ["lab", "team", "nobodys", "gone"].map(space_arn);
    let lines = [
        ([anna.as_str(), ""], on(1.0)),
        (["", lab.as_str()], on(10.0)),
        ([ben.as_str(), lab.as_str()], on(100.0)),
        (["", team.as_str()], on(1_000.0)),
        (["", gone.as_str()], on(10_000.0)),
        (["", nobodys.as_str()], on(20_000.0)),
        (["", ""], on(100_000.0)),
    ];
    let billed: Vec<Billed<'_>> =
        lines.iter().map(|(keys, cost)| (&keys[..], "USD", cost as &dyn Fn(Date) -> f64)).collect();
    let main = answer(&view, &billed);
    let domains = view_of_domains();
    let beside = answer(
        &domains,
        &[
            (&["d-any", "Usage"], "USD", &on(777_777.0)),
            (&["", "Credit"], "USD", &on(-7.0)),
            (&["", "Tax"], "USD", &on(3.0)),
        ],
    );
    let account = AccountId::new("123456789012");
    let (asked, other) = (question(&view), question(&domains));
    assert_eq!(asked.beside().as_ref(), Some(&other));
    let parts = [
        CostPart { account: &account, question: &asked, answer: &main },
        CostPart { account: &account, question: &other, answer: &beside },
    ];
    CostReport::new(&view, &parts, fleet)
}

fn view_of_domains() -> CostView {
    view(CostGroup::Domain)
}

/// Kind, name, second name and dollars of each row.
fn told(report: &CostReport) -> Vec<(CostKind, String, i64)> {
    let name = |row: &CostRow| match &row.second {
        Some(second) => format!("{} > {second}", row.name),
        None => row.name.clone(),
    };
    report.rows.iter().map(|row| (row.kind, name(row), cents(row.sums.cost) / 100)).collect()
}

#[test]
fn what_is_in_a_private_space_is_its_owners_and_a_line_with_both_tags_is_the_users_alone() {
    let report = owned(CostGroup::User, None, &owners());
    let expected = [
        (CostKind::Untagged, "untagged", 100_000),
        (CostKind::OwnerlessSpace, "space nobodys (without owner)", 20_000),
        (CostKind::OwnerlessSpace, "space gone (owner not known)", 10_000),
        (CostKind::SharedSpace, "shared space team", 1_000),
        (CostKind::Group, "ben", 100),
        (CostKind::Group, "anna", 11),
        (CostKind::Tax, "tax", 3),
        (CostKind::Credit, "credits", -7),
    ];
    assert_eq!(told(&report), expected.map(|(kind, name, cost)| (kind, name.to_owned(), cost)));
    let total = &report.totals[0];
    assert_eq!((cents(total.gross.cost), cents(total.net)), (13_111_100, 13_110_700));
    assert!(!report.usage_only, "credits came of the question beside it");
    let parts = report.attributed("USD").unwrap();
    assert_eq!(
        [parts.by_tag, parts.by_space, parts.shared, parts.ownerless].map(cents),
        [10_100, 1_000, 100_000, 3_000_000]
    );
    let anna = report.rows.iter().find(|row| row.name == "anna").unwrap();
    assert_eq!(anna.object.as_ref().map(ObjectKey::arn), Some(user_arn("anna")));
    assert_eq!(anna.domain.as_deref(), Some("research"));
}

#[test]
fn a_space_that_was_not_read_is_not_called_deleted() {
    let report = owned(CostGroup::User, None, &Fleet::default());
    assert!(
        told(&report).iter().any(|(_, name, _)| name == "space lab (owner not read)"),
        "{:#?}",
        told(&report)
    );
    assert!(!told(&report).iter().any(|(_, name, _)| name.contains("not known")));
    let gross: i64 =
        report.rows.iter().filter(|row| row.kind.is_gross()).map(|row| cents(row.sums.cost)).sum();
    assert_eq!(gross, 13_111_100, "whoever is known, the sum is the same");
}

#[test]
fn spaces_domains_and_two_levels_are_views_of_the_same_question_with_the_same_sum() {
    let fleet = owners();
    let sum = |report: &CostReport| cents(report.totals[0].gross.cost);
    let spaces = owned(CostGroup::Space, None, &fleet);
    assert!(told(&spaces).contains(&(CostKind::NoSpace, "in no space: kernels, jobs".to_owned(), 1)));
    assert!(told(&spaces).contains(&(CostKind::Group, "lab".to_owned(), 110)));
    assert_eq!(spaces.attributed("USD"), None);
    let domains = owned(CostGroup::Domain, Some(CostGroup::User), &fleet);
    for (name, cost) in [("research > anna", 11), ("research > shared space team", 1_000)] {
        assert!(told(&domains).contains(&(CostKind::Group, name.to_owned(), cost)), "{:#?}", told(&domains));
    }
    assert!(told(&domains).iter().any(|(kind, _, cost)| (*kind, *cost) == (CostKind::Untagged, 100_000)));
    let nested = owned(CostGroup::User, Some(CostGroup::Space), &fleet);
    assert!(told(&nested).contains(&(CostKind::Group, "anna > in no space".to_owned(), 1)));
    assert!(told(&nested).contains(&(CostKind::Group, "anna > lab".to_owned(), 10)));
    let regions = owned(CostGroup::Region, Some(CostGroup::User), &fleet);
    assert!(told(&regions).contains(&(CostKind::Group, "us-east-1 > ben".to_owned(), 100)));
    for report in [&spaces, &domains, &nested, &regions] {
        assert_eq!(sum(report), 13_111_100);
    }
}
