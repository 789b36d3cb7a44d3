//! Custom images: what settings refer to, and what of it is there. What an image holds is not known here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Document, Scope};

/// The custom images of a scope, their versions and app image configurations, by what settings refer to.
#[derive(Debug, Default)]
pub(super) struct Images<'a> {
    /// The ARN of each image, by its name.
    names: BTreeMap<&'a str, Option<&'a str>>,
    configs: BTreeSet<&'a str>,
    /// ARNs of images and of versions.
    arns: BTreeSet<&'a str>,
    /// ARN of the image, and number.
    versions: BTreeSet<(&'a str, u64)>,
}

impl<'a> Images<'a> {
    /// Those of an answer to [`Query::Images`](super::Query::Images).
    pub(super) fn of(known: &'a Value) -> Self {
        let rows = |list: &str| known.get(list).and_then(Value::as_array).into_iter().flatten();
        let text = |row: &'a Value, member: &str| row.get(member).and_then(Value::as_str);
        let mut images = Self::default();
        for image in rows("Images") {
            let arn = text(image, "ImageArn");
            images.arns.extend(arn);
            images.names.extend(text(image, "ImageName").map(|name| (name, arn)));
        }
        for version in rows("ImageVersions") {
            images.arns.extend(text(version, "ImageVersionArn"));
            let number = version.get("Version").and_then(Value::as_u64);
            images.versions.extend(text(version, "ImageArn").zip(number));
        }
        images.configs.extend(rows("AppImageConfigs").filter_map(|row| text(row, "AppImageConfigName")));
        images
    }

    /// What of the images of its scope a document refers to and is not there, each in words, in the order of the
    /// document. Images of other accounts, such as AWS's own, cannot be looked up.
    pub(super) fn lacking(&self, document: &Document, scope: &Scope) -> Vec<String> {
        let mut lacking = Vec::new();
        for reference in references(document, scope) {
            for what in self.lacks(&reference) {
                if !lacking.contains(&what) {
                    lacking.push(what);
                }
            }
        }
        lacking
    }

    fn lacks(&self, reference: &Reference<'_>) -> Vec<String> {
        match *reference {
            Reference::Arn(arn) => {
                let tail = arn.rsplit(':').next().unwrap_or(arn);
                (!self.arns.contains(arn)).then(|| super::harmless(tail).to_string()).into_iter().collect()
            }
            Reference::Attached { image, version, config } => {
                let mut lacks = Vec::new();
                match (self.names.get(image), version) {
                    (None, _) => lacks.push(super::harmless(image).to_string()),
                    (Some(arn), Some(version))
                        if !arn.is_some_and(|arn| self.versions.contains(&(arn, version))) =>
                    {
                        lacks.push(format!("version {version} of {}", super::harmless(image)));
                    }
                    (Some(_), _) => {}
                }
                if let Some(config) = config.filter(|config| !self.configs.contains(config)) {
                    lacks.push(format!("the app image configuration {}", super::harmless(config)));
                }
                lacks
            }
        }
    }
}

/// Whether a document refers to images of its scope.
pub(super) fn refers_to_images(document: &Document, scope: &Scope) -> bool {
    !references(document, scope).is_empty()
}

/// How settings refer to an image.
enum Reference<'a> {
    /// An element of `CustomImages`; without a version it is the newest.
    Attached { image: &'a str, version: Option<u64>, config: Option<&'a str> },
    /// A member of a `ResourceSpec`.
    Arn(&'a str),
}

fn references<'a>(document: &'a Document, scope: &Scope) -> Vec<Reference<'a>> {
    let own = [scope.arn("image/"), scope.arn("image-version/")];
    let mut found = Vec::new();
    document.values().for_each(|value| collect(value, &own, &mut found));
    found
}

fn collect<'a>(value: &'a Value, own: &[String; 2], found: &mut Vec<Reference<'a>>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, own, found)),
        Value::Object(members) => {
            let text = |member: &str| members.get(member).and_then(Value::as_str);
            if let Some(image) = text("ImageName") {
                let version = members.get("ImageVersionNumber").and_then(Value::as_u64);
                found.push(Reference::Attached { image, version, config: text("AppImageConfigName") });
            }
            let arns = [text("SageMakerImageArn"), text("SageMakerImageVersionArn")];
            let arns = arns.into_iter().flatten().filter(|arn| own.iter().any(|own| arn.starts_with(own)));
            found.extend(arns.map(Reference::Arn));
            members.values().for_each(|member| collect(member, own, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fleet::sample;

    #[test]
    fn what_is_referred_to_and_not_there_is_named_and_images_of_others_are_left_alone() {
        let scope = sample::scope();
        let known = json!({
            "Images": [{ "ImageName": "ours", "ImageArn": scope.arn("image/ours") }],
            "ImageVersions": [{
                "ImageArn": scope.arn("image/ours"), "Version": 1,
                "ImageVersionArn": scope.arn("image-version/ours/1")
            }],
            "AppImageConfigs": [{ "AppImageConfigName": "c" }]
        });
        let Value::Object(document) = json!({ "UserSettings": {
            "JupyterLabAppSettings": {
                "CustomImages": [
                    { "ImageName": "ours", "AppImageConfigName": "c" },
                    { "ImageName": "ours", "ImageVersionNumber": 1, "AppImageConfigName": "c" },
                    { "ImageName": "ours", "ImageVersionNumber": 2, "AppImageConfigName": "d" },
                    { "ImageName": "gone", "ImageVersionNumber": 1, "AppImageConfigName": "d" }
                ],
                "DefaultResourceSpec": {
                    "SageMakerImageArn": "arn:aws:sagemaker:us-east-1:081325390199:image/sagemaker-distribution",
                    "SageMakerImageVersionArn": scope.arn("image-version/ours/9")
                }
            }
        } }) else {
            panic!("no object")
        };
        assert!(refers_to_images(&document, &scope));
        assert_eq!(
            Images::of(&known).lacking(&document, &scope),
            ["version 2 of ours", "the app image configuration d", "gone", "image-version/ours/9"]
        );
        assert_eq!(Images::default().lacking(&Document::new(), &scope), Vec::<String>::new());
    }
}
