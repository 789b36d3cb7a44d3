//! TOML and YAML as one kind of tree, in which every key and value knows its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Place, TextError};

/// A value and where it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: NodeValue,
}

/// A value of a tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NodeValue {
    /// A text, number or truth, or nothing.
    Scalar(Value),
    /// A list.
    List(Vec<Node>),
    /// A table, in the order in which it is written, as far as the format keeps it.
    Table(Vec<(Key, Node)>),
}

/// A key and where it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) place: Place,
    pub(super) name: String,
}

impl Node {
    /// The text of a scalar as it would stand in a cell; a list of scalars with commas.
    pub(super) fn cell(&self) -> Option<String> {
        match &self.value {
            NodeValue::Scalar(Value::String(text)) => Some(text.clone()),
            NodeValue::Scalar(Value::Null) => Some(String::new()),
            NodeValue::Scalar(value) => Some(value.to_string()),
            NodeValue::List(items) => {
                let texts: Option<Vec<String>> = items
                    .iter()
                    .map(|item| item.cell().filter(|_| matches!(item.value, NodeValue::Scalar(_))))
                    .collect();
                texts.map(|texts| texts.join(","))
            }
            NodeValue::Table(_) => None,
        }
    }

    /// The value as JSON.
    pub(super) fn json(&self) -> Value {
        match &self.value {
            NodeValue::Scalar(value) => value.clone(),
            NodeValue::List(items) => items.iter().map(Self::json).collect(),
            NodeValue::Table(members) => {
                Value::Object(members.iter().map(|(key, node)| (key.name.clone(), node.json())).collect())
            }
        }
    }

    /// The kind of value, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            NodeValue::Scalar(Value::String(_)) => "a text",
            NodeValue::Scalar(Value::Number(_)) => "a number",
            NodeValue::Scalar(Value::Bool(_)) => "true or false",
            NodeValue::Scalar(_) => "nothing",
            NodeValue::List(_) => "a list",
            NodeValue::Table(_) => "a table",
        }
    }
}

/// Reads TOML.
pub(super) fn toml(text: &str) -> Result<Node, TextError> {
    let lines = Lines::of(text);
    match DeTable::parse(text) {
        Ok(root) => lines.table(Place::START, root.get_ref()),
        Err(error) => {
            let place = lines.place(error.span().map_or(0, |span| span.start));
            Err(TextError::new(place, error.message().trim_end().replace('\n', "; ")))
        }
    }
}

/// Reads YAML.
pub(super) fn yaml(text: &str) -> Result<Node, TextError> {
    match serde_saphyr::from_str::<Spanned<YamlValue>>(text) {
        Ok(root) => Ok(root.into()),
        Err(error) => {
            let place = error.location().map_or(Place::START, |location| Place {
                line: location.line() as usize,
                column: location.column() as usize,
            });
            let message = error.without_snippet().to_string();
            Err(TextError::new(place, message.lines().next().unwrap_or_default().to_owned()))
        }
    }
}

/// Where the lines of a text begin.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        Place { line, column: before.chars().count() + 1 }
    }

    fn table(&self, place: Place, table: &DeTable<'_>) -> Result<Node, TextError> {
        let mut members = table
            .iter()
            .map(|(key, value)| {
                let place = self.place(key.span().start);
                let node = self.node(self.place(value.span().start), value.get_ref())?;
                Ok((Key { place, name: key.get_ref().to_string() }, node))
            })
            .collect::<Result<Vec<_>, TextError>>()?;
        members.sort_by_key(|(key, _)| key.place);
        Ok(Node { place, value: NodeValue::Table(members) })
    }

    fn node(&self, place: Place, value: &DeValue<'_>) -> Result<Node, TextError> {
        let scalar = |value: Value| Ok(Node { place, value: NodeValue::Scalar(value) });
        match value {
            DeValue::String(text) => scalar(Value::String(text.to_string())),
            DeValue::Boolean(truth) => scalar(Value::Bool(*truth)),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => scalar(number.into()),
                Err(_) => Err(TextError::new(place, "this number is too large")),
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) => scalar(number.into()),
                Err(_) => Err(TextError::new(place, "this is no number")),
            },
            DeValue::Datetime(time) => scalar(Value::String(time.to_string())),
            DeValue::Array(items) => {
                let items = items
                    .iter()
                    .map(|item| self.node(self.place(item.span().start), item.get_ref()))
                    .collect::<Result<_, _>>()?;
                Ok(Node { place, value: NodeValue::List(items) })
            }
            DeValue::Table(table) => self.table(place, table),
        }
    }
}

/// A YAML value on its way into a [`Node`]: the place is kept around each of its parts.
enum YamlValue {
    Scalar(Value),
    List(Vec<Spanned<YamlValue>>),
    Table(Vec<(Spanned<String>, Spanned<YamlValue>)>),
}

impl From<Spanned<YamlValue>> for Node {
    fn from(spanned: Spanned<YamlValue>) -> Self {
        let value = match spanned.value {
            YamlValue::Scalar(value) => NodeValue::Scalar(value),
            YamlValue::List(items) => NodeValue::List(items.into_iter().map(Self::from).collect()),
            YamlValue::Table(members) => {
                let members = members.into_iter().map(|(key, value)| {
                    (Key { place: place(key.referenced), name: key.value }, Self::from(value))
                });
                NodeValue::Table(members.collect())
            }
        };
        Self { place: place(spanned.referenced), value }
    }
}

fn place(location: serde_saphyr::Location) -> Place {
    Place { line: location.line() as usize, column: location.column() as usize }
}

impl<'de> Deserialize<'de> for YamlValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(YamlVisitor)
    }
}

struct YamlVisitor;

impl<'de> Visitor<'de> for YamlVisitor {
    type Value = YamlValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, number, list or table")
    }

    fn visit_bool<E>(self, value: bool) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(value.into()))
    }

    fn visit_unit<E>(self) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<YamlValue, E> {
        Ok(YamlValue::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<YamlValue, D::Error> {
        YamlValue::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<YamlValue, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(YamlValue::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<YamlValue, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(YamlValue::Table(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key_places(node: &Node) -> Vec<(String, usize, usize)> {
        let NodeValue::Table(members) = &node.value else { panic!("{node:?}") };
        members.iter().map(|(key, _)| (key.name.clone(), key.place.line, key.place.column)).collect()
    }

    #[test]
    fn both_formats_give_one_tree_with_places() {
        let toml = toml("domain = \"d\"\n[[user]]\nname = \"ä\"\nidle = 90\n").unwrap();
        let yaml = yaml("domain: d\nuser:\n  - name: ä\n    idle: 90\n").unwrap();
        let wanted = json!({ "domain": "d", "user": [{ "name": "ä", "idle": 90 }] });
        assert_eq!((toml.json(), yaml.json()), (wanted.clone(), wanted));
        assert_eq!(key_places(&toml)[0], ("domain".to_owned(), 1, 1));
        assert_eq!(key_places(&yaml)[1], ("user".to_owned(), 2, 1));
        let NodeValue::Table(members) = &yaml.value else { panic!() };
        let NodeValue::List(users) = &members[1].1.value else { panic!() };
        assert_eq!(key_places(&users[0])[1], ("idle".to_owned(), 4, 5));
        assert_eq!(members[0].1.place, Place { line: 1, column: 9 });
    }

    #[test]
    fn broken_text_is_named_by_its_place() {
        let error = toml("a = 1\nb = = 2\n").unwrap_err();
        assert_eq!((error.line, error.column), (2, 5), "{error}");
        let error = yaml("a: 1\nb: [1, 2\n").unwrap_err();
        assert!(error.line >= 2, "{error}");
        assert!(toml("a = 1\na = 2\n").unwrap_err().line == 2);
        assert!(yaml("a: 1\na: 2\n").unwrap_err().line == 2);
    }
}
