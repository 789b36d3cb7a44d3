//! Questions that AWS takes money for: from disk while AWS cannot have newer data, else asked once, kept and counted.
//! Console and command line ask through this alone.

use crate::aws::Gateway;
use crate::fleet::{Answer, MOST_COST_PAGES, Problem, ProblemKind, Query, Timestamp};
use crate::store::CostCache;

/// What a paid question brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Paid {
    /// The answer, or why there is none.
    pub result: Result<Answer, Problem>,
    /// How many requests it took now; none if it was on disk.
    pub requests: u32,
    /// How many requests were paid for today in all; `None` where that is not kept.
    pub today: Option<u32>,
    /// What could not be kept or read on disk, as a sentence.
    pub trouble: Option<String>,
}

/// Asks a paid question. `anew` asks AWS even if it cannot have newer data.
pub async fn ask_paid(
    gateway: &Gateway,
    cache: Option<&CostCache>,
    query: &Query,
    anew: bool,
    now: Timestamp,
) -> Paid {
    let mut trouble = None;
    let mut note = |what: &str, error: &std::io::Error| trouble = Some(format!("{what}: {error}"));
    if let Some(cache) = cache.filter(|_| !anew) {
        match cache.get(query, now) {
            Ok(Some(answer)) => {
                let today = Some(cache.requests_today(now));
                return Paid { result: Ok(answer), requests: 0, today, trouble };
            }
            Ok(None) => {}
            Err(error) => note("what was asked before could not be read", &error),
        }
    }
    let mut result = gateway.ask(query).await;
    if let Ok(answer) = &mut result {
        stamp(answer, now);
    }
    let requests = match &result {
        Ok(Answer::Costs(answer)) => answer.requests,
        Ok(Answer::CostForecast(forecast)) => forecast.requests,
        Ok(Answer::CostTags(tags)) => tags.requests,
        Err(problem) if problem.kind == ProblemKind::TooLong => MOST_COST_PAGES,
        // A request that AWS refused may be billed as well; better one too many than one too few.
        Ok(_) => 0,
        Err(problem) => u32::from(problem.request_id.is_some()),
    };
    let mut today = None;
    if let Some(cache) = cache {
        if let Ok(answer) = &result
            && let Err(error) = cache.put(query, answer)
        {
            note("the answer is not kept, so that it will cost again", &error);
        }
        match cache.count(requests, now) {
            Ok(count) => today = Some(count),
            Err(error) => note("the requests of today are not counted", &error),
        }
    }
    Paid { result, requests, today, trouble }
}

/// Says when it was asked by the clock of whoever asks: in the demo that is not the machine's.
fn stamp(answer: &mut Answer, now: Timestamp) {
    match answer {
        Answer::Costs(answer) => std::sync::Arc::make_mut(answer).asked_at = now,
        Answer::CostForecast(forecast) => std::sync::Arc::make_mut(forecast).asked_at = now,
        Answer::CostTags(tags) => std::sync::Arc::make_mut(tags).asked_at = now,
        _ => {}
    }
}
