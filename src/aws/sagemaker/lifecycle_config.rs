//! Lifecycle configurations: `ListStudioLifecycleConfigs` and `DescribeStudioLifecycleConfig`.

use std::sync::Arc;

use aws_sdk_sagemaker::operation::describe_studio_lifecycle_config::DescribeStudioLifecycleConfigOutput;
use aws_sdk_sagemaker::types::{StudioLifecycleConfigAppType, StudioLifecycleConfigDetails};
use aws_smithy_types::base64;

use super::{PAGE_ROWS, SageMaker, text, time};
use crate::aws::caller::PATIENCE;
use crate::aws::walk::{Sheet, all};
use crate::fleet::{LifecycleConfig, LifecycleConfigKey, Name, Problem, ProblemKind, Scope};

impl SageMaker {
    /// All lifecycle configurations of the scope, sorted by name.
    pub(in crate::aws) async fn lifecycle_configs(&self) -> Result<Vec<LifecycleConfig>, Problem> {
        let mut configs = all(|token| async move {
            let list = || {
                let call = self.client.list_studio_lifecycle_configs().max_results(PAGE_ROWS);
                call.set_next_token(token.clone()).send()
            };
            let page = self.caller.call("ListStudioLifecycleConfigs", PATIENCE, list).await?;
            let rows = page.studio_lifecycle_configs().iter().map(|row| listed(&self.scope, row));
            Ok(Sheet::new(rows, page.next_token.clone()))
        })
        .await?;
        configs.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(configs)
    }

    /// A lifecycle configuration, and its script exactly as it is.
    pub(in crate::aws) async fn lifecycle_config(
        &self,
        key: &LifecycleConfigKey,
    ) -> Result<(LifecycleConfig, Arc<str>), Problem> {
        let describe = || {
            let call = self.client.describe_studio_lifecycle_config();
            call.studio_lifecycle_config_name(key.name.as_str()).send()
        };
        let answer = self.caller.call("DescribeStudioLifecycleConfig", PATIENCE, describe).await?;
        Ok((described(key, &answer), script(key, &answer)?))
    }
}

fn listed(scope: &Scope, row: &StudioLifecycleConfigDetails) -> Option<LifecycleConfig> {
    let name = Name::new(row.studio_lifecycle_config_name()?);
    Some(LifecycleConfig {
        key: LifecycleConfigKey { scope: scope.clone(), name },
        arn: text(row.studio_lifecycle_config_arn())?,
        app_type: text(row.studio_lifecycle_config_app_type().map(StudioLifecycleConfigAppType::as_str)),
        created: time(row.creation_time()),
        modified: time(row.last_modified_time()),
    })
}

fn described(key: &LifecycleConfigKey, answer: &DescribeStudioLifecycleConfigOutput) -> LifecycleConfig {
    LifecycleConfig {
        key: key.clone(),
        arn: text(answer.studio_lifecycle_config_arn()).unwrap_or_else(|| key.arn().into()),
        app_type: text(answer.studio_lifecycle_config_app_type().map(StudioLifecycleConfigAppType::as_str)),
        created: time(answer.creation_time()),
        modified: time(answer.last_modified_time()),
    }
}

/// The script. It is not made harmless here, because a backup has to give it back as it was; whoever shows it
/// does that.
fn script(
    key: &LifecycleConfigKey,
    answer: &DescribeStudioLifecycleConfigOutput,
) -> Result<Arc<str>, Problem> {
    let unreadable = || {
        let message = format!("the script of the lifecycle configuration {} is no text", key.name);
        Problem::new(ProblemKind::Unexpected, message, "")
    };
    let Some(content) = answer.studio_lifecycle_config_content() else {
        let message = format!("AWS left out the script of the lifecycle configuration {}", key.name);
        return Err(Problem::new(ProblemKind::Unexpected, message, ""));
    };
    // Base64 that was wrapped by whoever made it is as good.
    let content: String = content.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = base64::decode(content).map_err(|_| unreadable())?;
    String::from_utf8(bytes).map(Arc::from).map_err(|_| unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AccountId, Region};

    fn key() -> LifecycleConfigKey {
        let scope = Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1"));
        LifecycleConfigKey { scope, name: Name::new("on-start") }
    }

    fn content(content: &str) -> Result<Arc<str>, Problem> {
        let answer = DescribeStudioLifecycleConfigOutput::builder().studio_lifecycle_config_content(content);
        script(&key(), &answer.build())
    }

    #[test]
    fn a_script_comes_out_of_its_wrapping_exactly_as_it_is() {
        assert_eq!(&*content("IyEvYmluL3NoDQplY2hvIMO8\n").unwrap(), "#!/bin/sh\r\necho ü");
        assert_eq!(&*content("").unwrap(), "");
    }

    #[test]
    fn a_script_that_is_missing_is_not_taken_for_an_empty_one() {
        let answer = DescribeStudioLifecycleConfigOutput::builder().build();
        assert!(script(&key(), &answer).is_err_and(|problem| problem.message.contains("left out")));
    }

    #[test]
    fn a_script_that_is_no_text_is_a_problem_and_no_other_script() {
        for broken in ["%%%", "/w=="] {
            let problem = content(broken).unwrap_err();
            assert!(problem.message.contains("on-start"), "{problem}");
        }
    }

    #[test]
    fn a_row_needs_its_name_and_its_arn() {
        let scope = key().scope;
        let row = || StudioLifecycleConfigDetails::builder().studio_lifecycle_config_name("on-start");
        assert!(listed(&scope, &row().build()).is_none());
        let whole = row().studio_lifecycle_config_arn(key().arn()).build();
        assert_eq!(listed(&scope, &whole).unwrap().app_type, None);
    }
}
