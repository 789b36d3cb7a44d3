//! Bills: `GetCostAndUsage`, `GetCostForecast` and `ListCostAllocationTags` of Cost Explorer. AWS takes money for each
//! request, so nothing is asked twice except what it did not take for being too fast. Knows no grouping of ours.

use std::collections::HashSet;
use std::error::Error;
use std::time::Duration;

use aws_sdk_costexplorer::error::BuildError;
use aws_sdk_costexplorer::types::{
    CostAllocationTagStatus, CostAllocationTagType, DateInterval, Dimension, DimensionValues, Expression,
    Granularity as Grain, GroupDefinition, GroupDefinitionType, Metric, ResultByTime,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::caller::{Caller, ONCE};
use crate::fleet::{
    AccountId, CostAnswer, CostDay, CostForecast, CostKey, CostPages, CostQuestion, CostTag, CostTags,
    Granularity, MOST_COST_PAGES, Nanos, Problem, ProblemKind, Timestamp, harmless, parse_day,
};

/// What is asked for: what was used at its price of the day, with credits, refunds and taxes as lines of their own.
const METRIC: &str = "UnblendedCost";
/// What is no use of anything, as `RECORD_TYPE` names it.
const NOT_USED: [&str; 3] = ["Credit", "Refund", "Tax"];
/// How long is waited before what was too fast is asked again.
const SLOWER: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];
/// How sure AWS shall be of the bounds of its forecast, in percent.
const SURE: i32 = 80;

/// Whose bill is asked for, and how.
pub(super) struct Bill {
    pub(super) client: aws_sdk_costexplorer::Client,
    pub(super) caller: Caller,
    pub(super) account: AccountId,
}

impl Bill {
    /// Asks once; again only where AWS has not taken the request.
    async fn call<T, E, F, Fut>(&self, operation: &'static str, send: F) -> Result<T, Problem>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Fn() -> Fut + Send + Sync,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        T: Send,
    {
        for wait in SLOWER {
            match self.caller.call(operation, ONCE, &send).await {
                Err(problem) if problem.kind == ProblemKind::Throttled => tokio::time::sleep(wait).await,
                other => return other,
            }
        }
        self.caller.call(operation, ONCE, &send).await
    }

    /// The services asked for, of this account alone: the payer would see those of all members.
    fn filter(&self, question: &CostQuestion) -> Expression {
        let dimension = |key: Dimension, values: Vec<String>| {
            let values = DimensionValues::builder().key(key).set_values(Some(values)).build();
            Expression::builder().dimensions(values).build()
        };
        let mut terms = vec![dimension(Dimension::LinkedAccount, vec![self.account.to_string()])];
        if !question.services.is_empty() {
            let services = question.services.iter().map(ToString::to_string).collect();
            terms.push(dimension(Dimension::Service, services));
        }
        if question.usage_only {
            let records = dimension(Dimension::RecordType, NOT_USED.map(str::to_owned).to_vec());
            terms.push(Expression::builder().not(records).build());
        }
        // A list of one is refused.
        match terms.len() {
            1 => terms.remove(0),
            _ => Expression::builder().set_and(Some(terms)).build(),
        }
    }
}

/// What AWS has billed.
pub(super) async fn costs(bill: &Bill, question: &CostQuestion) -> Result<CostAnswer, Problem> {
    let asked_at = Timestamp::now();
    let period = interval(question).map_err(|error| unbuilt(&error))?;
    let filter = bill.filter(question);
    let groups: Vec<GroupDefinition> = question.keys.iter().map(group).collect();
    let grain = grain(question);
    let (mut pages, mut token, mut tokens) = (CostPages::default(), None::<String>, HashSet::new());
    for _ in 0..MOST_COST_PAGES {
        let send = || {
            bill.client
                .get_cost_and_usage()
                .time_period(period.clone())
                .granularity(grain.clone())
                .metrics(METRIC)
                .filter(filter.clone())
                .set_group_by((!groups.is_empty()).then(|| groups.clone()))
                .set_next_page_token(token.clone())
                .send()
        };
        let page = bill.call("GetCostAndUsage", send).await?;
        pages.page();
        for result in page.results_by_time() {
            read(&mut pages, question, result);
        }
        match page.next_page_token.filter(|token| !token.is_empty()) {
            None => return Ok(pages.finish(asked_at)),
            Some(next) if tokens.insert(next.clone()) => token = Some(next),
            Some(_) => return Err(endless("Cost Explorer gave the same page token twice")),
        }
    }
    Err(too_long())
}

/// What AWS expects to bill.
pub(super) async fn forecast(bill: &Bill, question: &CostQuestion) -> Result<CostForecast, Problem> {
    let asked_at = Timestamp::now();
    let period = interval(question).map_err(|error| unbuilt(&error))?;
    let filter = bill.filter(question);
    let send = || {
        bill.client
            .get_cost_forecast()
            .time_period(period.clone())
            .metric(Metric::UnblendedCost)
            .granularity(Grain::Monthly)
            .filter(filter.clone())
            .prediction_interval_level(SURE)
            .send()
    };
    let answer = bill.call("GetCostForecast", send).await?;
    let total = answer.total();
    let mean = total.and_then(|total| total.amount()).and_then(Nanos::parse);
    let Some(mean) = mean else {
        let message = "Cost Explorer answered without a forecast";
        return Err(Problem::new(ProblemKind::NotFound, message, "Ask again when there is more history"));
    };
    let bound = |get: &dyn Fn(&aws_sdk_costexplorer::types::ForecastResult) -> Option<Nanos>| {
        answer.forecast_results_by_time().iter().map(get).sum::<Option<Nanos>>()
    };
    let low = bound(&|result| result.prediction_interval_lower_bound().and_then(Nanos::parse));
    let high = bound(&|result| result.prediction_interval_upper_bound().and_then(Nanos::parse));
    let currency = total.and_then(|total| total.unit()).unwrap_or_default();
    let between = low.zip(high).filter(|_| !answer.forecast_results_by_time().is_empty());
    Ok(CostForecast { asked_at, requests: 1, mean, between, currency: harmless(currency) })
}

/// The cost allocation tags of whoever pays.
pub(super) async fn tags(bill: &Bill) -> Result<CostTags, Problem> {
    let asked_at = Timestamp::now();
    let (mut tags, mut requests, mut token, mut tokens) = (Vec::new(), 0, None::<String>, HashSet::new());
    for _ in 0..MOST_COST_PAGES {
        let send = || {
            bill.client.list_cost_allocation_tags().max_results(1_000).set_next_token(token.clone()).send()
        };
        let page =
            bill.call("ListCostAllocationTags", send).await.map_err(|problem| payer_hint(problem, bill))?;
        requests += 1;
        tags.extend(page.cost_allocation_tags().iter().map(|tag| CostTag {
            key: harmless(tag.tag_key()),
            active: *tag.status() == CostAllocationTagStatus::Active,
            by_aws: *tag.r#type() == CostAllocationTagType::AwsGenerated,
            last_used: tag.last_used_date().map(harmless),
        }));
        match page.next_token.filter(|token| !token.is_empty()) {
            None => return Ok(CostTags { asked_at, requests, tags }),
            Some(next) if tokens.insert(next.clone()) => token = Some(next),
            Some(_) => return Err(endless("Cost Explorer gave the same page token twice")),
        }
    }
    Err(too_long())
}

/// A member of an organization is refused, whatever its policies say.
fn payer_hint(mut problem: Problem, bill: &Bill) -> Problem {
    if problem.message.to_lowercase().contains("linked account") {
        problem.hint = format!(
            "{} is a member of an organization: only its management account, which pays, sees and activates cost \
             allocation tags",
            bill.account
        );
    }
    problem
}

fn read(pages: &mut CostPages, question: &CostQuestion, result: &ResultByTime) {
    let period = result.time_period();
    let day = |text: &str| parse_day(text).ok();
    let (Some(from), Some(until)) =
        (period.and_then(|period| day(period.start())), period.and_then(|period| day(period.end())))
    else {
        tracing::warn!("a period of the bill has no days and is left out");
        pages.add(0, &[], "", None);
        return;
    };
    let at = pages.day(CostDay { from, until, estimated: result.estimated });
    let mut add = |keys: &[&str], metric: Option<&aws_sdk_costexplorer::types::MetricValue>| {
        let amount = metric.and_then(|metric| metric.amount()).and_then(Nanos::parse);
        pages.add(at, keys, metric.and_then(|metric| metric.unit()).unwrap_or_default(), amount);
    };
    for group in result.groups() {
        let keys: Vec<&str> =
            group.keys().iter().zip(&question.keys).map(|(text, key)| value(key, text)).collect();
        add(&keys, group.metrics().and_then(|metrics| metrics.get(METRIC)));
    }
    // Without groups the whole is told, with them it is empty.
    if question.keys.is_empty()
        && let Some(total) = result.total()
    {
        add(&[], total.get(METRIC));
    }
}

/// The value in a group's key: tags come as `team$nlp`, and `team$` is what has none.
fn value<'a>(key: &CostKey, text: &'a str) -> &'a str {
    match key {
        CostKey::Tag(tag) => {
            text.strip_prefix(&**tag).and_then(|rest| rest.strip_prefix('$')).unwrap_or(text)
        }
        CostKey::UsageType | CostKey::RecordType => text,
    }
}

fn interval(question: &CostQuestion) -> Result<DateInterval, BuildError> {
    DateInterval::builder().start(question.from.to_string()).end(question.until.to_string()).build()
}

fn grain(question: &CostQuestion) -> Grain {
    match question.granularity {
        Granularity::Daily => Grain::Daily,
        Granularity::Monthly => Grain::Monthly,
    }
}

fn group(key: &CostKey) -> GroupDefinition {
    let of = |kind, key: &str| GroupDefinition::builder().r#type(kind).key(key).build();
    match key {
        CostKey::Tag(key) => of(GroupDefinitionType::Tag, key),
        CostKey::UsageType => of(GroupDefinitionType::Dimension, "USAGE_TYPE"),
        CostKey::RecordType => of(GroupDefinitionType::Dimension, "RECORD_TYPE"),
    }
}

fn unbuilt(error: &BuildError) -> Problem {
    Problem::new(ProblemKind::Unexpected, error.to_string(), "")
}

/// The answer is given up after what is worth paying for.
fn too_long() -> Problem {
    Problem::new(
        ProblemKind::TooLong,
        format!("Cost Explorer's answer has more than {MOST_COST_PAGES} pages, each of which costs"),
        "Look at fewer days, at whole months, or group by something with fewer values",
    )
}

fn endless(message: &str) -> Problem {
    Problem::new(
        ProblemKind::Unexpected,
        message,
        "Narrow the range, or group by something with fewer values",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_tag_is_what_stands_behind_its_key() {
        let team = CostKey::Tag("team".into());
        assert_eq!(value(&team, "team$nlp"), "nlp");
        assert_eq!(value(&team, "team$"), "");
        assert_eq!(value(&team, "team$a$b"), "a$b");
        assert_eq!(value(&CostKey::UsageType, "EU-Studio:$"), "EU-Studio:$");
    }
}
