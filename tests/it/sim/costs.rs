//! Cost Explorer, asked by its real SDK client, and held against the bill itself.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_costexplorer::Client;
use aws_sdk_costexplorer::operation::get_cost_and_usage::GetCostAndUsageOutput;
use aws_sdk_costexplorer::operation::get_cost_and_usage::builders::GetCostAndUsageFluentBuilder;
use aws_sdk_costexplorer::types::{
    CostAllocationTagStatus, CostAllocationTagStatusEntry, DateInterval, Dimension, DimensionValues,
    Expression, Granularity, GroupDefinition, GroupDefinitionType, MatchOption, Metric, TagValues,
};
use sagedeck::sim::SimulatedAws;
use sagedeck::sim::billing::{Amount, Line, ONE, amount_text};
use sagedeck::sim::scenario::{ACCOUNT, OTHER_ACCOUNT, Scenario};

use super::neighbours::config;
use super::{EPOCH, code, empty, refusal};

// The epoch of these tests is 2027-01-15T08:00:00Z.
const MONTH: (&str, &str) = ("2027-01-01", "2027-02-01");

fn of(scenario: Scenario) -> SimulatedAws {
    SimulatedAws::builder().scenario(scenario).epoch_seconds(EPOCH).build()
}

fn client(sim: &SimulatedAws) -> Client {
    Client::new(&config(sim, "AKIADEFAULT"))
}

fn member(sim: &SimulatedAws) -> Client {
    Client::new(&config(sim, "AKIA210987654321"))
}

fn interval((start, end): (&str, &str)) -> DateInterval {
    DateInterval::builder().start(start).end(end).build().unwrap()
}

fn by(kind: GroupDefinitionType, key: &str) -> GroupDefinition {
    GroupDefinition::builder().r#type(kind).key(key).build()
}

fn tag(key: &str) -> GroupDefinition {
    by(GroupDefinitionType::Tag, key)
}

fn dimension(key: &str) -> GroupDefinition {
    by(GroupDefinitionType::Dimension, key)
}

fn ask(client: &Client, period: (&str, &str), granularity: Granularity) -> GetCostAndUsageFluentBuilder {
    client
        .get_cost_and_usage()
        .time_period(interval(period))
        .granularity(granularity)
        .metrics("UnblendedCost")
}

fn is(key: Dimension, value: &str) -> Expression {
    Expression::builder().dimensions(DimensionValues::builder().key(key).values(value).build()).build()
}

fn tagged(key: &str, value: Option<&str>) -> Expression {
    let tag = TagValues::builder().key(key);
    let tag = match value {
        Some(value) => tag.values(value),
        None => tag.match_options(MatchOption::Absent),
    };
    Expression::builder().tags(tag.build()).build()
}

/// An amount as AWS writes it, read back.
fn amount(text: &str) -> Amount {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    sign * (whole.parse::<Amount>().unwrap() * ONE + format!("{rest:0<10}").parse::<Amount>().unwrap())
}

/// What each group cost over all periods.
fn groups(answer: &GetCostAndUsageOutput) -> BTreeMap<Vec<String>, Amount> {
    let mut sums = BTreeMap::new();
    for group in answer.results_by_time().iter().flat_map(aws_sdk_costexplorer::types::ResultByTime::groups) {
        let cost = group.metrics().unwrap()["UnblendedCost"].amount().map(amount).unwrap();
        *sums.entry(group.keys().to_vec()).or_default() += cost;
    }
    sums
}

/// The lines of everybody's bill.
fn lines(sim: &SimulatedAws, (from, until): (&str, &str)) -> Vec<Line> {
    let of = |account| sim.with_world(|world| world.billed_lines(account, from, until));
    [of(ACCOUNT), of(OTHER_ACCOUNT)].concat()
}

fn expected(lines: &[Line], keys: impl Fn(&Line) -> Vec<String>) -> BTreeMap<Vec<String>, Amount> {
    let mut sums = BTreeMap::new();
    for line in lines {
        *sums.entry(keys(line)).or_default() += line.cost;
    }
    sums
}

fn tag_of(line: &Line, key: &str) -> String {
    format!("{key}${}", line.tags.get(key).map_or("", |value| value))
}

#[tokio::test(start_paused = true)]
async fn every_grouping_adds_up_to_the_bill_to_the_last_digit() {
    let sim = of(Scenario::Small);
    let client = client(&sim);
    let bill = lines(&sim, MONTH);
    let total: Amount = bill.iter().map(|line| line.cost).sum();
    assert!(total > 1_000 * ONE, "{}", amount_text(total));
    for granularity in [Granularity::Daily, Granularity::Monthly] {
        let ask = || ask(&client, MONTH, granularity.clone());
        let whole = ask().send().await.unwrap();
        let results = whole.results_by_time();
        let sum: Amount = results
            .iter()
            .map(|result| amount(result.total().unwrap()["UnblendedCost"].amount().unwrap()))
            .sum();
        assert_eq!(sum, total);
        assert_eq!(results[0].total().unwrap()["UnblendedCost"].unit(), Some("USD"));
        assert!(results.iter().all(|result| result.groups().is_empty()));

        let by_team = ask().group_by(tag("team")).send().await.unwrap();
        assert!(
            by_team
                .results_by_time()
                .iter()
                .all(|result| result.total().is_none_or(std::collections::HashMap::is_empty))
        );
        assert_eq!(groups(&by_team), expected(&bill, |line| vec![tag_of(line, "team")]));
        let owners = [tag("sagemaker:user-profile-arn"), tag("sagemaker:space-arn")];
        let by_owner = ask().set_group_by(Some(owners.to_vec())).send().await.unwrap();
        let keys = |line: &Line| {
            vec![tag_of(line, "sagemaker:user-profile-arn"), tag_of(line, "sagemaker:space-arn")]
        };
        assert_eq!(groups(&by_owner), expected(&bill, keys));
        let by_use = [dimension("USAGE_TYPE"), tag("sagemaker:domain-arn")];
        let by_use = ask().set_group_by(Some(by_use.to_vec())).send().await.unwrap();
        let keys = |line: &Line| vec![line.usage_type.clone(), tag_of(line, "sagemaker:domain-arn")];
        assert_eq!(groups(&by_use), expected(&bill, keys));
        let by_kind = [dimension("RECORD_TYPE"), dimension("LINKED_ACCOUNT")];
        let by_kind = ask().set_group_by(Some(by_kind.to_vec())).send().await.unwrap();
        let keys = |line: &Line| vec![line.record.as_str().to_owned(), line.account.to_string()];
        assert_eq!(groups(&by_kind), expected(&bill, keys));
        let named = by_kind.dimension_value_attributes();
        assert_eq!(named[0].attributes().unwrap()["description"], "prod-ml");
    }
}

#[tokio::test(start_paused = true)]
async fn a_member_sees_its_own_bill_and_who_pays_sees_all() {
    let sim = of(Scenario::Small);
    let accounts = |client: Client| async move {
        let answer =
            ask(&client, MONTH, Granularity::Monthly).group_by(dimension("LINKED_ACCOUNT")).send().await;
        groups(&answer.unwrap()).into_keys().flatten().collect::<Vec<_>>()
    };
    assert_eq!(accounts(client(&sim)).await, [ACCOUNT, OTHER_ACCOUNT]);
    assert_eq!(accounts(member(&sim)).await, [OTHER_ACCOUNT]);
    sim.with_world(|world| world.billing.payer = OTHER_ACCOUNT.into());
    assert_eq!(accounts(client(&sim)).await, [ACCOUNT]);
}

#[tokio::test(start_paused = true)]
async fn filters_take_out_what_they_say() {
    let sim = of(Scenario::Small);
    let client = client(&sim);
    let bill = lines(&sim, MONTH);
    let sum = |wanted: &dyn Fn(&Line) -> bool| -> Amount {
        bill.iter().filter(|line| wanted(line)).map(|line| line.cost).sum()
    };
    let cost = |filter: Expression| {
        let ask = ask(&client, MONTH, Granularity::Monthly).filter(filter);
        async move {
            let answer = ask.send().await.unwrap();
            amount(answer.results_by_time()[0].total().unwrap()["UnblendedCost"].amount().unwrap())
        }
    };
    let studio = is(Dimension::Service, "Amazon SageMaker");
    let is_studio = |line: &Line| line.service == "Amazon SageMaker";
    assert_eq!(cost(studio.clone()).await, sum(&is_studio));
    let not = Expression::builder().not(studio.clone()).build();
    assert_eq!(cost(not).await, sum(&|line| !is_studio(line)));
    let both = Expression::builder().and(studio.clone()).and(tagged("team", Some("research"))).build();
    let is_team = |line: &Line| line.tags.get("team").is_some_and(|team| &**team == "research");
    let expected = sum(&|line| is_studio(line) && is_team(line));
    assert!(expected > 0);
    assert_eq!(cost(both).await, expected);
    let untagged = Expression::builder().and(studio).and(tagged("team", None)).build();
    assert_eq!(cost(untagged).await, sum(&|line| is_studio(line) && !line.tags.contains_key("team")));
    let either = Expression::builder()
        .or(is(Dimension::RecordType, "Tax"))
        .or(is(Dimension::Region, "us-east-1"))
        .build();
    let either_expected = sum(&|line| line.record.as_str() == "Tax" || &*line.region == "us-east-1");
    assert_eq!(cost(either).await, either_expected);
    let gpu = is(Dimension::InstanceType, "ml.g5.12xlarge");
    assert_eq!(cost(gpu).await, sum(&|line| line.instance_type.as_deref() == Some("ml.g5.12xlarge")));
    assert_eq!(cost(is(Dimension::Service, "Nothing")).await, 0, "no error");
    assert_eq!(cost(tagged("nobody-has-it", Some("x"))).await, 0, "no error");
}

#[tokio::test(start_paused = true)]
async fn tags_count_only_from_the_day_they_were_active() {
    let sim = of(Scenario::Small);
    let client = client(&sim);
    let early = ("2026-01-01", "2026-03-01");
    let by_team = |period| {
        let ask = ask(&client, period, Granularity::Monthly).group_by(tag("team"));
        async move { groups(&ask.send().await.unwrap()).into_keys().flatten().collect::<Vec<_>>() }
    };
    assert_eq!(by_team(early).await, ["team$"]);
    assert!(by_team(MONTH).await.len() > 3);
    let inactive =
        ask(&client, MONTH, Granularity::Monthly).group_by(tag("cost-center")).send().await.unwrap();
    assert_eq!(groups(&inactive).into_keys().flatten().collect::<Vec<_>>(), ["cost-center$"]);

    let from = "2026-01-01T00:00:00Z";
    let request = client.start_cost_allocation_tag_backfill().backfill_from(from).send().await.unwrap();
    assert_eq!(request.backfill_request().unwrap().backfill_status().unwrap().as_str(), "PROCESSING");
    let again = client.start_cost_allocation_tag_backfill().backfill_from(from).send().await;
    assert_eq!(code(again), "BackfillLimitExceededException");
    assert_eq!(by_team(early).await, ["team$"]);
    tokio::time::sleep(Duration::from_hours(7)).await;
    assert!(by_team(early).await.len() > 3);
    let history = client.list_cost_allocation_tag_backfill_history().send().await.unwrap();
    assert_eq!(history.backfill_requests()[0].backfill_status().unwrap().as_str(), "SUCCEEDED");
    for wrong in ["2026-01-02T00:00:00Z", "2025-12-01T00:00:00Z", "2027-02-01T00:00:00Z"] {
        let refused = client.start_cost_allocation_tag_backfill().backfill_from(wrong).send().await;
        assert_eq!(code(refused), "ValidationException", "{wrong}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_is_activated_by_who_pays_and_counts_a_day_later() {
    let sim = of(Scenario::Broken);
    let payer = client(&sim);
    let status = |key: &str| {
        let status = CostAllocationTagStatus::Active;
        CostAllocationTagStatusEntry::builder().tag_key(key).status(status).build().unwrap()
    };
    let domain = "sagemaker:domain-arn";
    let listed = || async {
        let tags = payer.list_cost_allocation_tags().tag_keys(domain).send().await.unwrap();
        tags.cost_allocation_tags()[0].status().as_str().to_owned()
    };
    assert_eq!(listed().await, "Inactive");
    let answer = payer
        .update_cost_allocation_tags_status()
        .cost_allocation_tags_status(status(domain))
        .cost_allocation_tags_status(status("no-such-tag"))
        .send()
        .await
        .unwrap();
    let errors: Vec<_> =
        answer.errors().iter().map(|error| (error.tag_key().unwrap(), error.code().unwrap())).collect();
    assert_eq!(errors, [("no-such-tag", "TagKeysNotFoundException")]);
    assert_eq!(listed().await, "Active");
    let domains = |period| {
        let ask = ask(&payer, period, Granularity::Monthly).group_by(tag(domain));
        async move { groups(&ask.send().await.unwrap()).len() }
    };
    assert_eq!(domains(MONTH).await, 1);
    tokio::time::sleep(Duration::from_hours(60)).await;
    assert!(domains(MONTH).await > 1);
    assert_eq!(domains(("2026-12-01", "2027-01-01")).await, 1, "not in the past");
}

#[tokio::test(start_paused = true)]
async fn members_have_no_say_in_tags_and_may_be_refused_everything() {
    let small = of(Scenario::Small);
    let (refused, said) = refusal(member(&small).list_cost_allocation_tags().send().await);
    assert_eq!(refused, "AccessDeniedException");
    assert_eq!(said, "Linked account doesn't have access to cost allocation tags.");
    let tags = client(&small).list_cost_allocation_tags().send().await.unwrap();
    let shown: Vec<_> =
        tags.cost_allocation_tags().iter().map(|tag| (tag.tag_key(), tag.status().as_str())).collect();
    assert!(shown.contains(&("team", "Active")) && shown.contains(&("cost-center", "Inactive")), "{shown:?}");
    let broken = of(Scenario::Broken);
    let refused = ask(&member(&broken), MONTH, Granularity::Daily).send().await;
    assert_eq!(code(refused), "AccessDeniedException");
    assert_eq!(broken.requests().count("GetCostAndUsage"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_aws_refuses_is_refused() {
    let sim = of(Scenario::Small);
    let client = client(&sim);
    let monthly = |period| ask(&client, period, Granularity::Monthly);
    let says = |result: (String, String)| {
        assert_eq!(result.0, "ValidationException", "{}", result.1);
        result.1
    };
    let early = says(refusal(monthly(("2025-11-30", "2026-01-01")).send().await));
    assert_eq!(early, "You haven't enabled historical data beyond 14 months");
    assert!(monthly(("2025-12-01", "2026-01-01")).send().await.is_ok());
    let late = says(refusal(monthly(("2027-01-01", "2027-02-02")).send().await));
    assert_eq!(late, "end date past the beginning of next month");
    let order = says(refusal(monthly(("2027-01-02", "2027-01-02")).send().await));
    assert!(order.contains("should be before end date"));
    let pattern = says(refusal(monthly(("2027-1-2", "2027-01-05")).send().await));
    assert!(pattern.contains("timePeriod.start"), "{pattern}");
    let region = says(refusal(monthly(MONTH).group_by(dimension("REGION")).send().await));
    assert!(region.contains("dimension REGION is invalid"), "{region}");
    let three = [dimension("SERVICE"), dimension("OPERATION"), tag("team")];
    says(refusal(monthly(MONTH).set_group_by(Some(three.to_vec())).send().await));
    says(refusal(monthly(MONTH).metrics("Cost").send().await));
    says(refusal(ask(&client, MONTH, Granularity::Hourly).send().await));
    let roots = Expression::builder()
        .dimensions(DimensionValues::builder().key(Dimension::Service).values("x").build())
        .tags(TagValues::builder().key("team").values("x").build())
        .build();
    let roots = says(refusal(monthly(MONTH).filter(roots).send().await));
    assert!(roots.contains("more than one roots"), "{roots}");
    let alone = Expression::builder().and(is(Dimension::Service, "x")).build();
    says(refusal(monthly(MONTH).filter(alone).send().await));
    let none = empty();
    let refused = ask(&Client::new(&config(&none, "AKIADEFAULT")), MONTH, Granularity::Monthly).send().await;
    assert_eq!(code(refused), "DataUnavailableException");
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_groups_come_page_by_page() {
    let sim = of(Scenario::Large);
    let client = client(&sim);
    let mut seen = std::collections::BTreeSet::new();
    let (mut token, mut pages) = (None, 0);
    loop {
        let ask = ask(&client, ("2027-01-05", "2027-01-08"), Granularity::Daily).group_by(tag("dataset"));
        let answer = ask.set_next_page_token(token).send().await.unwrap();
        pages += 1;
        for result in answer.results_by_time() {
            let day = result.time_period().unwrap().start().to_owned();
            for group in result.groups() {
                assert!(seen.insert((day.clone(), group.keys().to_vec())), "a group came twice");
            }
        }
        token = answer.next_page_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (3 * 10_001, 7));
    assert_eq!(sim.requests().count("GetCostAndUsage"), 7, "each page is a request that costs a cent");
    let first = ask(&client, MONTH, Granularity::Daily).group_by(tag("dataset")).send().await.unwrap();
    let other = ask(&client, MONTH, Granularity::Daily).group_by(tag("team"));
    let changed = other.set_next_page_token(first.next_page_token).send().await;
    assert_eq!(code(changed), "RequestChangedException");
    let made_up = ask(&client, MONTH, Granularity::Daily).group_by(tag("team")).next_page_token("made-up");
    assert_eq!(code(made_up.send().await), "InvalidNextTokenException");
}

#[tokio::test(start_paused = true)]
async fn the_last_two_days_are_estimated_and_the_future_is_empty() {
    let sim = of(Scenario::Small);
    let answer = ask(&client(&sim), ("2027-01-11", "2027-01-18"), Granularity::Daily).send().await.unwrap();
    let shown: Vec<_> = answer
        .results_by_time()
        .iter()
        .map(|result| {
            let is_zero = result.total().unwrap()["UnblendedCost"].amount() == Some("0");
            (result.time_period().unwrap().start().to_owned(), result.estimated(), is_zero)
        })
        .collect();
    let expected = [
        ("2027-01-11", false, false),
        ("2027-01-12", false, false),
        ("2027-01-13", false, false),
        ("2027-01-14", true, false),
        ("2027-01-15", true, true),
        ("2027-01-16", true, true),
        ("2027-01-17", true, true),
    ];
    assert_eq!(shown, expected.map(|(day, estimated, zero)| (day.to_owned(), estimated, zero)));
}

#[tokio::test(start_paused = true)]
async fn quantities_of_one_unit_have_it_and_others_have_none() {
    let sim = of(Scenario::Small);
    let client = client(&sim);
    let unit = |filter: Expression| {
        let ask = client.get_cost_and_usage().time_period(interval(MONTH)).granularity(Granularity::Monthly);
        let ask = ask.metrics("UsageQuantity").filter(filter);
        async move {
            let answer = ask.send().await.unwrap();
            answer.results_by_time()[0].total().unwrap()["UsageQuantity"].unit().unwrap().to_owned()
        }
    };
    assert_eq!(unit(is(Dimension::UsageType, "EU-Studio:JupyterLab-ml.t3.medium")).await, "Hrs");
    assert_eq!(unit(is(Dimension::UsageType, "EU-Studio:VolumeUsage.gp3")).await, "GB-Mo");
    assert_eq!(unit(is(Dimension::Service, "Amazon SageMaker")).await, "N/A");
    sim.with_world(|world| world.billing.currencies.insert(OTHER_ACCOUNT.into(), "EUR".into()));
    let answer = ask(&client, MONTH, Granularity::Monthly).group_by(dimension("LINKED_ACCOUNT")).send().await;
    let answer = answer.unwrap();
    let units: Vec<_> = answer.results_by_time()[0]
        .groups()
        .iter()
        .map(|group| group.metrics().unwrap()["UnblendedCost"].unit().unwrap())
        .collect();
    assert_eq!(units, ["USD", "EUR"]);
}

#[tokio::test(start_paused = true)]
async fn a_forecast_follows_from_the_last_weeks() {
    let sim = of(Scenario::Small);
    let client = client(&sim);
    let ask = |period, granularity| {
        client
            .get_cost_forecast()
            .time_period(interval(period))
            .granularity(granularity)
            .metric(Metric::UnblendedCost)
            .prediction_interval_level(80)
    };
    let rest = ask(("2027-01-15", "2027-02-01"), Granularity::Daily).send().await.unwrap();
    assert_eq!(rest.forecast_results_by_time().len(), 17);
    let value = |text: Option<&str>| text.unwrap().parse::<f64>().unwrap();
    let total = value(rest.total().unwrap().amount());
    let mean: f64 = rest.forecast_results_by_time().iter().map(|day| value(day.mean_value())).sum();
    assert!((total - mean).abs() < 1e-6 && total > 100.0, "{total} {mean}");
    for day in rest.forecast_results_by_time() {
        let low = value(day.prediction_interval_lower_bound());
        let high = value(day.prediction_interval_upper_bound());
        assert!(low <= value(day.mean_value()) && value(day.mean_value()) <= high);
    }
    let tagged = ask(("2027-01-15", "2027-02-01"), Granularity::Monthly).filter(tagged("team", Some("nlp")));
    assert_eq!(code(tagged.send().await), "ValidationException");
    let later = ask(("2027-01-16", "2027-02-01"), Granularity::Monthly);
    assert_eq!(code(later.send().await), "ValidationException");
    let none = empty();
    let nothing = Client::new(&config(&none, "AKIADEFAULT")).get_cost_forecast();
    let nothing = nothing.time_period(interval(("2027-01-15", "2027-02-01"))).metric(Metric::UnblendedCost);
    assert_eq!(code(nothing.granularity(Granularity::Monthly).send().await), "DataUnavailableException");
}

#[tokio::test(start_paused = true)]
async fn values_of_tags_and_dimensions_are_those_of_the_bill() {
    let sim = of(Scenario::Small);
    let client = client(&sim);
    let keys = client.get_tags().time_period(interval(MONTH)).send().await.unwrap();
    assert!(keys.tags().contains(&"team".to_owned()) && !keys.tags().contains(&"env".to_owned()), "{keys:?}");
    let teams = client.get_tags().time_period(interval(MONTH)).tag_key("team").send().await.unwrap();
    assert!(teams.tags().contains(&"nlp".to_owned()) && teams.tags().contains(&String::new()), "{teams:?}");
    assert_eq!(teams.return_size(), teams.total_size());
    let services = client.get_dimension_values().time_period(interval(MONTH)).dimension(Dimension::Service);
    let services = services.search_string("amazon").send().await.unwrap();
    let names: Vec<_> = services.dimension_values().iter().filter_map(|value| value.value()).collect();
    assert!(names.contains(&"Amazon SageMaker") && !names.contains(&"Tax"), "{names:?}");
    let sized = client.get_tags().time_period(interval(MONTH)).tag_key("team").max_results(2).send().await;
    assert_eq!(code(sized), "ValidationException");
}
