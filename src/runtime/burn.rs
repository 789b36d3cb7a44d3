//! The history of the burn, and what was asked of bills, between the console and the disk.

use jiff::ToSpan as _;

use super::tasks::{Tasks, send};
use crate::console::{BURN_LOOKS_BACK, Message};
use crate::fleet::{BurnHistory, BurnSample, billing_day};
use crate::store;

impl Tasks {
    /// Reads what was kept of the burn, after making room where days have become old.
    pub(super) fn read_burn(&self) {
        let Some(folder) = self.records.clone() else { return };
        let (messages, now) = (self.messages.clone(), self.clock.now());
        self.running.spawn(async move {
            let read = tokio::task::spawn_blocking(move || {
                if let Err(error) = store::thin_burn(&folder, now) {
                    tracing::warn!(%error, "the history of the burn is not thinned");
                }
                store::kept_burn(&folder, now.saturating_sub(BURN_LOOKS_BACK).unwrap_or(now), now)
            });
            let message = match read.await {
                Ok(Ok(kept)) => {
                    Message::BurnKept { history: BurnHistory::of(kept.samples), skipped: kept.skipped }
                }
                Ok(Err(error)) => Message::Failed(format!("the history of the burn was not read: {error}")),
                Err(error) => Message::Failed(format!("the history of the burn was not read: {error}")),
            };
            send(&messages, message).await;
        });
    }

    /// Reads what was asked of the bills of this month and the one before, without asking anything.
    pub(super) fn recall_costs(&self) {
        let Some(cache) = self.costs.clone() else { return };
        let (messages, now) = (self.messages.clone(), self.clock.now());
        self.running.spawn(async move {
            let since = billing_day(now).first_of_month().saturating_sub(1.month());
            let read = tokio::task::spawn_blocking(move || {
                cache.recall(since).map(|answers| (answers, cache.requests_today(now)))
            });
            let message = match read.await {
                Ok(Ok((answers, today))) => Message::CostsKept { answers, today },
                Ok(Err(error)) => Message::Failed(format!("what was asked of bills was not read: {error}")),
                Err(error) => Message::Failed(format!("what was asked of bills was not read: {error}")),
            };
            send(&messages, message).await;
        });
    }

    /// Keeps samples. That they cannot be kept is said each time: a history with holes is worth knowing of.
    pub(super) fn keep_burn(&self, samples: Vec<BurnSample>) {
        let Some(folder) = self.records.clone() else { return };
        let messages = self.messages.clone();
        self.running.spawn(async move {
            let kept = tokio::task::spawn_blocking(move || store::keep_burn(&folder, &samples)).await;
            let error = match kept {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            };
            let text = format!("the history of the burn is not kept: {error}");
            send(&messages, Message::Failed(text)).await;
        });
    }
}
