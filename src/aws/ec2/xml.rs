//! Reading an answer of EC2: a set of items, of which only named leaves are wanted. Knows no operation.

use std::sync::Arc;

use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

use crate::fleet::harmless;

/// Rows, of which those without a name are `None`, and the token of the next page.
pub(super) type Rows<R> = (Vec<Option<R>>, Option<String>);

/// What reading an answer comes to.
pub(super) type Page<R> = Result<Rows<R>, XmlDecodeError>;

/// What is wanted of an item.
#[derive(Debug, Default)]
pub(super) struct Item {
    leaves: Vec<(String, Arc<str>)>,
    name_tag: Option<Arc<str>>,
}

impl Item {
    /// A leaf by its name, if it is there and not empty.
    pub(super) fn leaf(&self, name: &str) -> Option<Arc<str>> {
        self.leaves.iter().find(|(other, _)| other == name).map(|(_, value)| Arc::clone(value))
    }

    /// The value of the tag `Name`.
    pub(super) fn name_tag(&self) -> Option<Arc<str>> {
        self.name_tag.clone()
    }
}

/// The items of a set of the answer named `root`, each reduced to the wanted leaves and made a row by `row`.
pub(super) fn page<R>(
    text: &str,
    (root, set): (&str, &str),
    wanted: &[&str],
    row: fn(&Item) -> Option<R>,
) -> Page<R> {
    check_whole(text, root)?;
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let (mut rows, mut next) = (Vec::new(), None);
    while let Some(mut tag) = root.next_tag() {
        match tag.start_el().local() {
            "nextToken" => next = Some(try_data(&mut tag)?.into_owned()),
            local if local == set => {
                while let Some(mut tag) = tag.next_tag() {
                    if tag.start_el().local() == "item" {
                        rows.push(row(&item(&mut tag, wanted)?));
                    }
                }
            }
            _ => {}
        }
    }
    Ok((rows, next))
}

fn item(decoder: &mut ScopedDecoder<'_, '_>, wanted: &[&str]) -> Result<Item, XmlDecodeError> {
    let mut item = Item::default();
    while let Some(mut tag) = decoder.next_tag() {
        let local = tag.start_el().local().to_owned();
        if wanted.contains(&local.as_str()) {
            let text = try_data(&mut tag)?;
            if !text.is_empty() {
                item.leaves.push((local, harmless(&text)));
            }
        } else if local == "tagSet" {
            while let Some(mut pair) = tag.next_tag() {
                let (mut key, mut value) = (None, None);
                while let Some(mut part) = pair.next_tag() {
                    match part.start_el().local() {
                        "key" => key = Some(try_data(&mut part)?.into_owned()),
                        "value" => value = Some(harmless(&try_data(&mut part)?)),
                        _ => {}
                    }
                }
                if key.as_deref() == Some("Name") {
                    item.name_tag = value.filter(|value| !value.is_empty());
                }
            }
        }
    }
    Ok(item)
}

/// The decoder takes the end of a text for the end of the element it is in, so that half an answer would look
/// like a shorter one; and what is no answer of AWS, such as a sign-in page, would look like an empty one.
fn check_whole(text: &str, root: &str) -> Result<(), XmlDecodeError> {
    let mut document = Document::new(text);
    if document.next_start_element().is_none_or(|start| start.local() != root) {
        return Err(XmlDecodeError::custom(format!("the answer is no {root}")));
    }
    for token in document {
        token?;
    }
    if !text.trim_end().ends_with(&format!("</{root}>")) {
        return Err(XmlDecodeError::custom("the answer breaks off"));
    }
    Ok(())
}

/// What an answer says is wrong: `<Response><Errors><Error><Code>...`. Empty if it says nothing of that kind.
pub(super) fn error(text: &str) -> ErrorMetadata {
    let mut builder = ErrorMetadata::builder();
    let mut document = Document::new(text);
    while let Some(start) = document.next_start_element() {
        let member = start.local().to_owned();
        if !matches!(member.as_str(), "Code" | "Message") {
            continue;
        }
        let mut scope = document.scoped_to(start);
        let Ok(said) = try_data(&mut scope) else { break };
        builder = match member.as_str() {
            "Code" => builder.code(said),
            _ => builder.message(said),
        };
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Page<(Arc<str>, Option<Arc<str>>)> {
        page(text, ("R", "vpcSet"), &["vpcId"], |item| Some((item.leaf("vpcId")?, item.name_tag())))
    }

    #[test]
    fn half_an_answer_is_no_shorter_answer() {
        let whole = "<R><vpcSet><item><vpcId>vpc-1</vpcId></item>\
                     <item><vpcId>vpc-2</vpcId></item></vpcSet></R>";
        assert_eq!(ids(whole).unwrap().0.len(), 2);
        for length in 0..whole.len() {
            assert!(ids(&whole[..length]).is_err(), "{}", &whole[..length]);
        }
        assert!(ids("<R/>").is_err());
        assert!(ids("<html><body>Sign in</body></html>").is_err());
    }

    #[test]
    fn hostile_text_shows_itself_and_a_tag_cannot_pass_for_another() {
        let text = "<R><vpcSet><item><vpcId>vpc-&#x202e;1</vpcId><tagSet>\
                    <item><key>name</key><value>no</value></item>\
                    <item><value>&lt;b&gt;&#27;]52</value><key>Name</key></item>\
                    </tagSet></item></vpcSet></R>\n";
        let (rows, _) = ids(text).unwrap();
        let (id, name) = rows[0].clone().unwrap();
        assert_eq!((&*id, name.as_deref()), ("vpc-\\u{202e}1", Some("<b>\\u{1b}]52")));
    }

    #[test]
    fn a_row_without_its_id_is_counted_and_not_made_up() {
        let (rows, next) =
            ids("<R><vpcSet><item><vpcId/></item><item/></vpcSet><nextToken>t</nextToken></R>").unwrap();
        assert_eq!((rows.len(), rows.iter().flatten().count(), next.as_deref()), (2, 0, Some("t")));
    }

    #[test]
    fn an_error_is_found_and_what_is_none_has_no_code() {
        let text = "<?xml version=\"1.0\"?><Response><Errors><Error><Code>UnauthorizedOperation</Code>\
                    <Message>You are not &quot;authorized&quot;</Message></Error></Errors></Response>";
        let said = error(text);
        assert_eq!(said.code(), Some("UnauthorizedOperation"));
        assert_eq!(said.message(), Some("You are not \"authorized\""));
        for other in ["", "{}", "<html><h1>502</h1></html>", "<Response><Code>"] {
            assert!(error(other).code().is_none_or(str::is_empty), "{other}");
        }
    }
}
