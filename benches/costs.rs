//! How long a bill of 10,000 groups over 90 days takes to become rows, and a filter over them, and what it takes of
//! memory: `cargo bench --bench costs`. Prints figures beside their bounds and judges none.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use jiff::ToSpan;
use jiff::civil::date;
use sagedeck::fleet::{
    AccountId, CostDay, CostGroup, CostPages, CostPart, CostPeriod, CostQuestion, CostReport, CostView,
    Fleet, Nanos, Timestamp,
};

const VALUES: usize = 10_000;
const DAYS: i32 = 90;
/// A frame at 60 per second.
const FRAME: Duration = Duration::from_millis(16);

fn main() {
    let today = date(2026, 11, 22);
    let from = today.saturating_sub((DAYS - 1).days());
    let period = CostPeriod::Range(from, today.tomorrow().unwrap());
    let view = CostView { group: CostGroup::Tag("dataset".into()), then: None, period, today };
    let (days, granularity) = period.asked(today);
    let question = CostQuestion::new(&[], (days.from, days.until), granularity, &view.group, None);

    let started = Instant::now();
    let mut pages = CostPages::default();
    for offset in 0..DAYS {
        let day = from.saturating_add(offset.days());
        let at = pages.day(CostDay { from: day, until: day.tomorrow().unwrap(), estimated: false });
        for value in 0..VALUES {
            let name = format!("set-{value}");
            pages.add(at, &[&name, "Usage"], "USD", Some(Nanos(i64::try_from(value * 1_000 + 1).unwrap())));
        }
    }
    let answer = pages.finish(Timestamp::now());
    println!("taking in {VALUES} values x {DAYS} days: {:?}", started.elapsed());

    let account = AccountId::new("123456789012");
    let fleet = Fleet::default();
    let part = CostPart { account: &account, question: &question, answer: &answer };
    let started = Instant::now();
    let report = CostReport::new(&view, &[part], &fleet);
    println!(
        "grouping into {} rows: {:?} (once for an answer; a frame is {FRAME:?})",
        report.rows.len(),
        started.elapsed()
    );

    let amounts = VALUES * DAYS as usize * size_of::<Nanos>();
    println!("amounts of the answer: {:.1} MB, of the report as much again", amounts as f64 / 1e6);
}
