//! Filters and groups: what Cost Explorer asks of a line of the bill.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::{list, validation};
use crate::sim::billing::{Billing, Day, Source};
use crate::sim::clock::Millis;
use crate::sim::wire::Refusal;

/// The dimensions by which `GetCostAndUsage` groups (aws.md 2.4).
const GROUPING: [&str; 11] = [
    "AZ",
    "INSTANCE_TYPE",
    "LEGAL_ENTITY_NAME",
    "INVOICING_ENTITY",
    "LINKED_ACCOUNT",
    "OPERATION",
    "PLATFORM",
    "PURCHASE_TYPE",
    "SERVICE",
    "TENANCY",
    "USAGE_TYPE",
];
const RECORD_TYPE: &str = "RECORD_TYPE";

/// What a dimension says of a line.
pub(super) fn dimension<'a>(source: &'a Source<'_>, key: &str) -> Cow<'a, str> {
    match key {
        "SERVICE" => Cow::Borrowed(source.service),
        "LINKED_ACCOUNT" => Cow::Borrowed(&*source.account),
        "REGION" => Cow::Borrowed(&*source.region),
        "USAGE_TYPE" => Cow::Owned(source.usage_type()),
        "OPERATION" if source.operation.is_empty() => Cow::Borrowed("NoOperation"),
        "OPERATION" => Cow::Borrowed(source.operation),
        "INSTANCE_TYPE" => {
            source.instance_type.as_deref().map_or(Cow::Borrowed("NoInstanceType"), Cow::Borrowed)
        }
        RECORD_TYPE => Cow::Borrowed(source.record.as_str()),
        "PURCHASE_TYPE" if source.instance_type.is_some() => Cow::Borrowed("On Demand Instances"),
        "LEGAL_ENTITY_NAME" | "INVOICING_ENTITY" => Cow::Borrowed("Amazon Web Services, Inc."),
        "BILLING_ENTITY" => Cow::Borrowed("AWS"),
        "AZ" => Cow::Borrowed("NoAZ"),
        "PLATFORM" => Cow::Borrowed("NoPlatform"),
        "TENANCY" => Cow::Borrowed("NoTenancy"),
        "PURCHASE_TYPE" => Cow::Borrowed("NoPurchaseType"),
        _ => Cow::Borrowed(""),
    }
}

/// Whether a dimension can be asked for: by the bill's lines, not by reservations or anomalies.
pub(super) fn is_of_lines(key: &str) -> bool {
    GROUPING.contains(&key) || matches!(key, RECORD_TYPE | "REGION" | "BILLING_ENTITY")
}

/// A line of the bill on a day, as far as tags matter.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a, 's> {
    pub(super) source: &'a Source<'s>,
    pub(super) day: Day,
    pub(super) billing: &'a Billing,
    pub(super) now: Millis,
}

impl Shown<'_, '_> {
    /// The value of a tag, if the bill shows it on that day.
    fn tag(&self, key: &str) -> Option<String> {
        let first = self.billing.counts_from(key, self.now)?;
        (first <= self.day).then(|| self.source.tag(key)).flatten()
    }
}

/// What a filter asks of one dimension or tag.
#[derive(Debug)]
pub(super) struct Leaf {
    key: String,
    values: Vec<String>,
    is_absent: bool,
    ignores_case: bool,
}

impl Leaf {
    fn admits(&self, value: Option<&str>) -> bool {
        match value {
            None => self.is_absent || self.values.iter().any(String::is_empty),
            Some(_) if self.is_absent => false,
            Some(value) if self.ignores_case => {
                self.values.iter().any(|held| held.eq_ignore_ascii_case(value))
            }
            Some(value) => self.values.iter().any(|held| held == value),
        }
    }
}

/// A filter.
#[derive(Debug)]
pub(super) enum Expression {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Dimension(Leaf),
    Tag(Leaf),
    /// Nobody has made any cost category.
    Category(Leaf),
}

impl Expression {
    /// Reads the `Filter` of a request.
    pub(super) fn read(request: &Value) -> Result<Option<Self>, Refusal> {
        request.get("Filter").filter(|filter| !filter.is_null()).map(Self::parse).transpose()
    }

    fn parse(value: &Value) -> Result<Self, Refusal> {
        let roots: Vec<(&str, &Value)> = value
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, root)| !root.is_null())
            .map(|(name, root)| (name.as_str(), root))
            .collect();
        let [(root, inner)] = roots[..] else {
            let many = if roots.is_empty() { "no root" } else { "more than one roots" };
            return Err(validation(format!(
                "Expression has {many}. Only one root is allowed for each expression: And, Or, Not, Dimensions, Tags, \
                 CostCategories"
            )));
        };
        let children = || match inner.as_array() {
            Some(children) if children.len() >= 2 => {
                children.iter().map(Self::parse).collect::<Result<Vec<_>, _>>()
            }
            _ => Err(validation(format!("{root} expression must have at least 2 operands"))),
        };
        Ok(match root {
            "And" => Self::And(children()?),
            "Or" => Self::Or(children()?),
            "Not" => Self::Not(Box::new(Self::parse(inner)?)),
            "Dimensions" => {
                let leaf = leaf(inner)?;
                if !is_of_lines(&leaf.key) {
                    return Err(validation(format!(
                        "Dimension {} is not supported in a filter here",
                        leaf.key
                    )));
                }
                Self::Dimension(leaf)
            }
            "Tags" => Self::Tag(leaf(inner)?),
            _ => Self::Category(leaf(inner)?),
        })
    }

    /// Whether a line is wanted.
    pub(super) fn admits(&self, line: Shown<'_, '_>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|inner| inner.admits(line)),
            Self::Or(any) => any.iter().any(|inner| inner.admits(line)),
            Self::Not(inner) => !inner.admits(line),
            Self::Dimension(leaf) => {
                let value = dimension(line.source, &leaf.key);
                leaf.admits(Some(&*value).filter(|value| !value.starts_with("No") && !value.is_empty()))
                    || (!leaf.is_absent && leaf.admits(Some(&value)))
            }
            Self::Tag(leaf) => leaf.admits(line.tag(&leaf.key).as_deref()),
            Self::Category(leaf) => leaf.admits(None),
        }
    }

    /// The keys of the tags that it asks for.
    pub(super) fn tag_keys<'a>(&'a self, keys: &mut BTreeSet<&'a str>) {
        match self {
            Self::And(inner) | Self::Or(inner) => inner.iter().for_each(|inner| inner.tag_keys(keys)),
            Self::Not(inner) => inner.tag_keys(keys),
            Self::Tag(leaf) => {
                keys.insert(&leaf.key);
            }
            Self::Dimension(_) | Self::Category(_) => {}
        }
    }
}

fn leaf(value: &Value) -> Result<Leaf, Refusal> {
    let key = value.get("Key").and_then(Value::as_str).unwrap_or_default().to_owned();
    let values: Vec<String> =
        list(value, "Values").iter().filter_map(|value| Some(value.as_str()?.to_owned())).collect();
    let mut leaf = Leaf { key, values, is_absent: false, ignores_case: false };
    for option in list(value, "MatchOptions").iter().filter_map(Value::as_str) {
        match option {
            "EQUALS" | "CASE_SENSITIVE" => {}
            "ABSENT" => leaf.is_absent = true,
            "CASE_INSENSITIVE" => leaf.ignores_case = true,
            other => {
                return Err(validation(format!("Match option {other} is not supported for this operation")));
            }
        }
    }
    if leaf.key.is_empty() {
        return Err(validation("Key must not be empty in an expression"));
    }
    if leaf.values.is_empty() != leaf.is_absent {
        return Err(validation(format!(
            "Values must {} for the key {}",
            if leaf.is_absent { "be empty with ABSENT" } else { "not be empty" },
            leaf.key
        )));
    }
    Ok(leaf)
}

/// By what an answer is grouped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    Dimension(String),
    Tag(String),
    Category(String),
}

impl Grouping {
    /// Reads `GroupBy`: at most two.
    pub(super) fn read(request: &Value) -> Result<Vec<Self>, Refusal> {
        let given = list(request, "GroupBy");
        if given.len() > 2 {
            return Err(validation("The maximum number of group definitions is 2"));
        }
        given
            .iter()
            .map(|group| {
                let key = group.get("Key").and_then(Value::as_str).unwrap_or_default().to_owned();
                match group.get("Type").and_then(Value::as_str) {
                    _ if key.is_empty() => Err(validation("Group definition key must not be empty")),
                    Some("TAG") => Ok(Self::Tag(key)),
                    Some("COST_CATEGORY") => Ok(Self::Category(key)),
                    Some("DIMENSION") if GROUPING.contains(&key.as_str()) || key == RECORD_TYPE => {
                        Ok(Self::Dimension(key))
                    }
                    Some("DIMENSION") => Err(validation(format!(
                        "Group Definition dimension {key} is invalid. Valid dimensions are: {}, {RECORD_TYPE}",
                        GROUPING.join(", ")
                    ))),
                    _ => Err(validation("Group definition type must be DIMENSION, TAG or COST_CATEGORY")),
                }
            })
            .collect()
    }

    /// The key of the group that a line belongs to: tags and categories name themselves before a `$`.
    pub(super) fn key_of(&self, line: Shown<'_, '_>) -> String {
        match self {
            Self::Dimension(key) => dimension(line.source, key).into_owned(),
            Self::Tag(key) => format!("{key}${}", line.tag(key).unwrap_or_default()),
            Self::Category(key) => format!("{key}$"),
        }
    }
}
