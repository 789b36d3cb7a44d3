//! What AWS has billed: questions to Cost Explorer, their answers, and the rows that come of them. Amounts are exact;
//! currencies are never added up; what is not known is never nothing.

mod amount;
mod answer;
mod bills;
mod labels;
mod names;
mod owners;
mod period;
mod question;
mod report;
mod usage;
mod volume;

#[cfg(test)]
mod tests;

pub use amount::{Billed, Nanos};
pub use answer::{CostAnswer, CostDay, CostForecast, CostLine, CostPages, CostTag, CostTags};
pub use bills::{Bills, WRITTEN_EVERY, is_fresh, newer_from, tags_are_fresh};
pub use names::object_of;
pub use owners::{Attributed, untagged_reason};
pub use period::{CostPeriod, Days, billing_day, parse_day, settled};
pub use question::{
    CostGroup, CostKey, CostQuestion, Granularity, REQUEST_PRICE, SERVICE, SYSTEM_TAGS, usage_question,
};
pub use report::{CostKind, CostPart, CostReport, CostRow, CostTotal, CostView, Sums};
pub use usage::Usage;
pub use volume::MOST_COST_PAGES;
