//! The price lists kept on disk, between the console and the Price List: read before AWS is asked, and written
//! when it has answered.

use std::path::{Path, PathBuf};

use crate::aws::Gateway;
use crate::fleet::{PriceList, Region};
use crate::store;

/// Where price lists are kept.
#[derive(Debug, Clone)]
pub(super) struct PriceFolder(PathBuf);

impl PriceFolder {
    /// The folder within that of the records. None where somebody other than AWS is asked: what a test
    /// server says of prices must not be taken for AWS's word at the next start.
    pub(super) fn of(gateway: &Gateway, records: Option<&Path>) -> Option<Self> {
        gateway.foreign_endpoints().is_empty().then(|| records.map(|path| Self(path.to_owned()))).flatten()
    }

    /// The list kept of a region.
    pub(super) async fn kept(&self, region: &Region) -> Option<PriceList> {
        let (folder, region) = (self.0.clone(), region.clone());
        tokio::task::spawn_blocking(move || store::kept_prices(&folder, &region)).await.unwrap_or_else(
            |error| {
                tracing::warn!(%error, "the kept prices were not read");
                None
            },
        )
    }

    /// Keeps a list that AWS gave. That it cannot be kept costs the next start a question and nothing more.
    pub(super) async fn keep(&self, list: PriceList) {
        let folder = self.0.clone();
        match tokio::task::spawn_blocking(move || store::keep_prices(&folder, &list)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the prices are not kept"),
            Err(error) => tracing::warn!(%error, "the prices are not kept"),
        }
    }
}
