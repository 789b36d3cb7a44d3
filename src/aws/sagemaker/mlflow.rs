//! `MLflow` tracking servers: `ListMlflowTrackingServers`.

use std::sync::Arc;

use super::{PAGE_ROWS, SageMaker, text};
use crate::aws::caller::PATIENCE;
use crate::aws::walk::{Sheet, all};
use crate::fleet::Problem;

impl SageMaker {
    /// The names of the tracking servers of the scope.
    pub(in crate::aws) async fn mlflow_servers(&self) -> Result<Vec<Arc<str>>, Problem> {
        all(|token| async move {
            let list = || {
                let call = self.client.list_mlflow_tracking_servers().max_results(PAGE_ROWS);
                call.set_next_token(token.clone()).send()
            };
            let page = self.caller.call("ListMlflowTrackingServers", PATIENCE, list).await?;
            let names = page.tracking_server_summaries().iter().map(|row| text(row.tracking_server_name()));
            Ok(Sheet::new(names, page.next_token.clone()))
        })
        .await
    }
}
