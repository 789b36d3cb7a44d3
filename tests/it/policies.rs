//! Holds the IAM policies to the program: each grants what its purpose takes of what the code can reach, and
//! nothing that the code cannot reach.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sagedeck::aws;
use serde_json::Value;

/// What AWS does on the caller's behalf while it carries out an operation of ours, by the policy that allows it.
/// Source: Service Authorization Reference, dependent actions of `CreateDomain` and `CreateUserProfile`.
const ON_BEHALF: [(&str, &str); 2] =
    [("onboard", "iam:PassRole"), ("onboard", "iam:CreateServiceLinkedRole")];

/// The purposes that take an operation, apart from looking. An operation that is new has to be given some.
fn purposes(action: &str) -> &'static [&'static str] {
    match action {
        "sagemaker:DeleteApp" => &["sessions", "cleanup", "onboard"],
        "sagemaker:CreateApp" => &["sessions", "onboard"],
        "sagemaker:DeleteSpace"
        | "sagemaker:DeleteUserProfile"
        | "sagemaker:DeleteDomain"
        | "sagemaker:DeleteStudioLifecycleConfig"
        | "sso:DeleteApplicationAssignment" => &["cleanup"],
        "sagemaker:CreateDomain"
        | "sagemaker:UpdateDomain"
        | "sagemaker:CreateUserProfile"
        | "sagemaker:UpdateUserProfile"
        | "sagemaker:CreateSpace"
        | "sagemaker:UpdateSpace"
        | "sagemaker:CreateStudioLifecycleConfig"
        | "sagemaker:CreatePresignedDomainUrl"
        | "sagemaker:AddTags"
        | "sagemaker:DeleteTags"
        | "sso:CreateApplicationAssignment" => &["onboard"],
        "servicequotas:RequestServiceQuotaIncrease" => &["quota"],
        action if action.starts_with("ce:") => &["cost"],
        action if is_read(action) => &["view"],
        action => panic!("say which policy allows {action}"),
    }
}

fn is_read(action: &str) -> bool {
    let verb = action.split(':').nth(1).expect("service:Operation");
    ["List", "Describe", "Get"].iter().any(|read| verb.starts_with(read))
}

#[test]
fn every_policy_grants_what_its_purpose_takes_and_nothing_else() {
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for action in aws::operations() {
        for purpose in purposes(&action) {
            expected.entry((*purpose).to_owned()).or_default().insert(action.clone());
        }
    }
    for (purpose, action) in ON_BEHALF {
        expected.entry(purpose.to_owned()).or_default().insert(action.to_owned());
    }
    let mut granted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(folder()).expect("the folder of policies") {
        let path = entry.expect("a file").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        granted.insert(name, actions(&path));
    }
    assert_eq!(granted, expected);
}

#[test]
fn no_policy_is_wider_than_it_has_to_be() {
    for name in ["view", "sessions", "cleanup", "onboard", "quota", "cost"] {
        let policy = read(&folder().join(format!("{name}.json")));
        for statement in policy["Statement"].as_array().expect("statements") {
            let actions = strings(&statement["Action"]);
            assert!(actions.iter().all(|action| !action.contains('*')), "{name}: {actions:?}");
            // What lists has no resource of its own, and neither has what Identity Center does.
            let changes_sagemaker =
                actions.iter().any(|action| action.starts_with("sagemaker:") && !is_read(action));
            let resources = strings(&statement["Resource"]);
            assert!(!changes_sagemaker || !resources.contains("*"), "{name}: {actions:?} on everything");
            let is_role = |action: &&String| action.starts_with("iam:") && !is_read(action);
            if actions.iter().any(|action| is_role(&action)) {
                assert!(statement["Condition"].is_object(), "{name}: {actions:?} without a condition");
            }
        }
    }
}

fn actions(path: &Path) -> BTreeSet<String> {
    let policy = read(path);
    assert_eq!(policy["Version"], "2012-10-17", "{}", path.display());
    let statements = policy["Statement"].as_array().expect("statements");
    assert!(statements.iter().all(|statement| statement["Effect"] == "Allow"));
    statements.iter().flat_map(|statement| strings(&statement["Action"])).collect()
}

/// One text or a list of them, as IAM has it.
fn strings(value: &Value) -> BTreeSet<String> {
    match value {
        Value::String(text) => [text.clone()].into(),
        Value::Array(texts) => texts.iter().map(|text| text.as_str().expect("a text").to_owned()).collect(),
        other => panic!("{other} is no text"),
    }
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("the policy");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")
}
