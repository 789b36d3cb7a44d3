//! Templates: named sets of settings for user profiles, one TOML file each.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::columns::{Column, unknown_key};
use super::roster::RosterRow;
use super::tree::{self, NodeValue};
use super::{Place, TextError};
use crate::fleet::{Document, Scope, Tag, UserEdit};

/// A named set of settings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    /// Its name: that of its file, without the ending.
    pub name: Arc<str>,
    /// What it is for, in its author's words.
    pub description: Option<Arc<str>>,
    /// What it sets.
    pub edit: UserEdit,
    /// The tags of whoever is created with it.
    pub tags: Vec<Tag>,
}

/// All templates of the configuration, by name; one that cannot be read is known by what is wrong with it.
pub type Templates = BTreeMap<Arc<str>, Result<Arc<Template>, TextError>>;

/// The keys of a template; there are no others.
const KEYS: [&str; 10] = [
    "description",
    "role",
    "security_groups",
    "landing",
    "space_ebs_gb",
    "tags",
    "instances",
    "idle_shutdown",
    "lifecycle_configs",
    "settings",
];

impl Template {
    /// Reads the text of a template. `file` is the name of its file; the template is called so without the ending.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place: syntax, an unknown key, a value AWS would refuse.
    pub fn parse(file: &str, text: &str) -> Result<Self, TextError> {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let name = name.strip_suffix(".toml").unwrap_or(name);
        let root = tree::toml(text)?;
        let NodeValue::Table(members) = &root.value else {
            return Err(TextError::new(root.place, "must be a table"));
        };
        let mut row = RosterRow::default();
        let mut description = None;
        for (key, node) in members {
            if !KEYS.contains(&key.name.as_str()) {
                return Err(TextError::new(key.place, unknown_key(&key.name, &KEYS)));
            }
            if key.name == "description" {
                description = node.cell().map(|text| crate::fleet::harmless(&text));
                continue;
            }
            if let Some(column) = Column::named(&key.name) {
                column.take_node(&mut row, key, node);
            }
        }
        if let Some(flaw) = row.flaws.into_iter().min_by_key(|flaw| (flaw.line, flaw.column)) {
            return Err(flaw);
        }
        if let Some(flaw) = row.edit.flaws().into_iter().next() {
            return Err(TextError::new(Place::START, flaw));
        }
        Ok(Self { name: name.into(), description, edit: row.edit, tags: row.tags })
    }
}

/// The `UserSettings` a template makes in a scope, by itself.
pub fn template_document(template: &Template, scope: &Scope) -> Document {
    template.edit.applied(&Document::new(), scope)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fleet::sample;

    const SCIENTIST: &str = r#"
description = "For data scientists"
role = "arn:aws:iam::123456789012:role/Scientist"
security_groups = ["sg-1", "sg-2"]
landing = "studio::"
space_ebs_gb = { default = 20, maximum = 100 }

[instances]
jupyterlab = "ml.t3.medium"
code_editor = "ml.t3.large"
kernel_gateway = "system"

[idle_shutdown]
jupyterlab = 120
code_editor = { minutes = 90, min_minutes = 60, max_minutes = 480 }

[lifecycle_configs]
jupyterlab = ["install", "greet"]

[tags]
team = "nlp"

[settings]
StudioWebPortal = "ENABLED"
[settings.JupyterLabAppSettings]
CodeRepositories = [{ RepositoryUrl = "https://example.com/r" }]
"#;

    #[test]
    fn a_template_makes_user_settings_in_aws_own_names() {
        let template = Template::parse("templates/scientist.toml", SCIENTIST).unwrap();
        assert_eq!(
            (&*template.name, template.description.as_deref()),
            ("scientist", Some("For data scientists"))
        );
        assert_eq!(template.tags, [Tag { key: "team".into(), value: "nlp".into() }]);
        let prefix = "arn:aws:sagemaker:us-east-1:123456789012:studio-lifecycle-config";
        assert_eq!(
            Value::Object(template_document(&template, &sample::scope())),
            json!({
                "ExecutionRole": "arn:aws:iam::123456789012:role/Scientist",
                "SecurityGroups": ["sg-1", "sg-2"],
                "DefaultLandingUri": "studio::",
                "SpaceStorageSettings": { "DefaultEbsStorageSettings": {
                    "DefaultEbsVolumeSizeInGb": 20, "MaximumEbsVolumeSizeInGb": 100
                } },
                "CodeEditorAppSettings": {
                    "DefaultResourceSpec": { "InstanceType": "ml.t3.large" },
                    "AppLifecycleManagement": { "IdleSettings": {
                        "LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 90,
                        "MinIdleTimeoutInMinutes": 60, "MaxIdleTimeoutInMinutes": 480
                    } }
                },
                "JupyterLabAppSettings": {
                    "DefaultResourceSpec": {
                        "InstanceType": "ml.t3.medium", "LifecycleConfigArn": format!("{prefix}/install")
                    },
                    "AppLifecycleManagement": { "IdleSettings": {
                        "LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 120
                    } },
                    "LifecycleConfigArns": [format!("{prefix}/install"), format!("{prefix}/greet")],
                    "CodeRepositories": [{ "RepositoryUrl": "https://example.com/r" }]
                },
                "KernelGatewayAppSettings": { "DefaultResourceSpec": { "InstanceType": "system" } },
                "StudioWebPortal": "ENABLED"
            })
        );
    }

    #[test]
    fn what_is_wrong_with_a_template_is_named_by_its_place() {
        let cases = [
            ("rule = \"x\"\n", 1, 1, "unknown key `rule`; did you mean `role`?"),
            ("tags = 3\n", 1, 8, "`3` is no tag"),
            ("[instances]\njupyterlab = \"big\"\n", 2, 14, "an instance type looks like"),
            ("[instances]\njupyter = \"ml.t3.medium\"\n", 2, 1, "unknown key `jupyter`"),
            ("[idle_shutdown]\nkernel_gateway = 60\n", 2, 1, "unknown key `kernel_gateway`"),
            (
                "[idle_shutdown]\njupyterlab = 5\n",
                2,
                14,
                "an idle timeout is 60 to 525600 minutes; this is 5",
            ),
            ("role = 3\n", 1, 8, "must be a text, and is a number"),
            ("security_groups = [\"sg-1\", \"x\"]\n", 1, 19, "a security group's id looks like"),
            ("space_ebs_gb = { default = 20, max = 3 }\n", 1, 32, "unknown key `max`"),
            ("role = \"a\"\nrole = \"b\"\n", 2, 1, "duplicate key"),
        ];
        for (text, line, column, message) in cases {
            let error = Template::parse("x.toml", text).unwrap_err();
            assert_eq!((error.line, error.column), (line, column), "{text}{error}");
            assert!(error.message.contains(message), "{text}{error}");
        }
    }
}
