//! The history of the burn between the console and the disk.

use jiff::SignedDuration;

use super::tasks::{Tasks, send};
use crate::console::Message;
use crate::fleet::{BurnHistory, BurnSample};
use crate::store;

/// How far back the console looks: a month, and the days before it that a month's budget may begin in.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(40 * 24);

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
                store::kept_burn(&folder, now.saturating_sub(LOOKS_BACK).unwrap_or(now), now)
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
