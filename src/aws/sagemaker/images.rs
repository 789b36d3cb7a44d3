//! Custom images, their versions and the app image configurations, each as AWS describes it.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};

use super::{PAGE_ROWS, Raw, SageMaker, escaped};
use crate::aws::caller::PATIENCE;
use crate::aws::walk::{Sheet, all};
use crate::fleet::{Problem, ProblemKind};

/// How many are described side by side; the limiter knows better, this only bounds what waits for it.
const SIDE_BY_SIDE: usize = 8;

impl SageMaker {
    /// A JSON object with `Images`, `ImageVersions` and `AppImageConfigs`.
    pub(in crate::aws) async fn images(&self) -> Result<Arc<str>, Problem> {
        let names = self.image_names().await?;
        let images = described(&names, |name| self.image(name)).await?;
        let versions = described(&names, |name| self.image_versions(name)).await?;
        let configs = self.app_image_config_names().await?;
        let configs = described(&configs, |name| self.app_image_config(name)).await?;
        let versions: Vec<Value> = versions
            .into_iter()
            .flat_map(|versions| match versions {
                Value::Array(versions) => versions,
                other => vec![other],
            })
            .collect();
        let whole = json!({ "Images": images, "ImageVersions": versions, "AppImageConfigs": configs });
        Ok(escaped(&whole.to_string()))
    }

    async fn image_names(&self) -> Result<Vec<String>, Problem> {
        all(|token| async move {
            let list =
                || self.client.list_images().max_results(PAGE_ROWS).set_next_token(token.clone()).send();
            let page = self.caller.call("ListImages", PATIENCE, list).await?;
            let names = page.images().iter().map(|row| row.image_name().map(str::to_owned));
            Ok(Sheet::new(names, page.next_token.clone()))
        })
        .await
    }

    async fn app_image_config_names(&self) -> Result<Vec<String>, Problem> {
        all(|token| async move {
            let list = || {
                let call = self.client.list_app_image_configs().max_results(PAGE_ROWS);
                call.set_next_token(token.clone()).send()
            };
            let page = self.caller.call("ListAppImageConfigs", PATIENCE, list).await?;
            let rows = page.app_image_configs().iter();
            let names = rows.map(|row| row.app_image_config_name().map(str::to_owned));
            Ok(Sheet::new(names, page.next_token.clone()))
        })
        .await
    }

    async fn image(&self, name: String) -> Result<Value, Problem> {
        let raw = Raw::default();
        let describe = || {
            let call = self.client.describe_image().image_name(&name);
            call.customize().interceptor(raw.clone()).send()
        };
        self.caller.call("DescribeImage", PATIENCE, describe).await?;
        json_of(&raw)
    }

    async fn app_image_config(&self, name: String) -> Result<Value, Problem> {
        let raw = Raw::default();
        let describe = || {
            let call = self.client.describe_app_image_config().app_image_config_name(&name);
            call.customize().interceptor(raw.clone()).send()
        };
        self.caller.call("DescribeAppImageConfig", PATIENCE, describe).await?;
        json_of(&raw)
    }

    async fn image_versions(&self, image: String) -> Result<Value, Problem> {
        let name = &image;
        let numbers = all(|token| async move {
            let list = || {
                let call = self.client.list_image_versions().image_name(name).max_results(PAGE_ROWS);
                call.set_next_token(token.clone()).send()
            };
            let page = self.caller.call("ListImageVersions", PATIENCE, list).await?;
            let numbers = page.image_versions().iter().map(aws_sdk_sagemaker::types::ImageVersion::version);
            Ok(Sheet::new(numbers, page.next_token.clone()))
        })
        .await?;
        described(&numbers, |number| self.image_version(name.clone(), number)).await.map(Value::Array)
    }

    async fn image_version(&self, name: String, number: i32) -> Result<Value, Problem> {
        let raw = Raw::default();
        let describe = || {
            let call = self.client.describe_image_version().image_name(&name).version(number);
            call.customize().interceptor(raw.clone()).send()
        };
        self.caller.call("DescribeImageVersion", PATIENCE, describe).await?;
        json_of(&raw)
    }
}

/// Describes each, in order. What has gone since it was listed is left out: it is not there.
async fn described<T, F, Fut>(each: &[T], describe: F) -> Result<Vec<Value>, Problem>
where
    T: Clone,
    F: Fn(T) -> Fut,
    Fut: Future<Output = Result<Value, Problem>>,
{
    let answers = stream::iter(each.to_vec()).map(describe).buffered(SIDE_BY_SIDE);
    let found = answers.map(|answer| match answer {
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(None),
        other => other.map(Some),
    });
    let found: Vec<Option<Value>> = found.try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

fn json_of(raw: &Raw) -> Result<Value, Problem> {
    serde_json::from_str(&raw.take()).map_err(|error| {
        let message = format!("AWS's answer cannot be understood: {error}");
        Problem::new(ProblemKind::Unexpected, message, "")
    })
}
