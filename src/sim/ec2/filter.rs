//! The members that EC2's `Describe` operations share: ids, filters with wildcards, pages.
//! Knows no resource.

use std::collections::BTreeMap;

use crate::sim::wire::{Form, Refusal};
use crate::sim::world::Tags;

/// The members of one request.
#[derive(Debug)]
pub(super) struct Request<'a> {
    form: &'a Form,
    pub(super) max_results: Option<usize>,
    pub(super) next_token: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// Reads what does not depend on the operation.
    ///
    /// # Errors
    /// For a page size beyond 5 to 1,000, and for a dry run, which is answered by a refusal.
    pub(super) fn read(form: &'a Form) -> Result<Self, Refusal> {
        if form.get("DryRun").is_some_and(|value| value == "true") {
            let said = "Request would have succeeded, but DryRun flag is set.";
            return Err(Refusal::new("DryRunOperation", said).with_status(412));
        }
        let max_results = match form.get("MaxResults") {
            None => None,
            Some(text) => Some(page_size(text)?),
        };
        Ok(Self { form, max_results, next_token: form.get("NextToken").map(String::as_str) })
    }

    /// A list such as `VpcId.1`, `VpcId.2`.
    pub(super) fn list(&self, name: &str) -> Vec<&'a str> {
        (1..).map_while(|index| self.form.get(&format!("{name}.{index}"))).map(String::as_str).collect()
    }

    /// `Filter.1.Name`, `Filter.1.Value.1` and so on. A filter that is given twice counts twice.
    pub(super) fn filters(&self) -> Vec<Filter<'a>> {
        let mut numbers: BTreeMap<u32, &str> = BTreeMap::new();
        for (key, value) in self.form {
            let number = key.strip_prefix("Filter.").and_then(|rest| rest.strip_suffix(".Name"));
            if let Some(number) = number.and_then(|number| number.parse().ok()) {
                numbers.insert(number, value);
            }
        }
        let values = |number| self.list(&format!("Filter.{number}.Value"));
        numbers.into_iter().map(|(number, name)| Filter { name, values: values(number) }).collect()
    }
}

fn page_size(text: &str) -> Result<usize, Refusal> {
    let bad = |why: &str| {
        let said = format!("Value ( {text} ) for parameter maxResults is invalid. {why}");
        Refusal::new("InvalidParameterValue", said)
    };
    match text.parse::<i64>() {
        Ok(size @ 5..=1_000) => Ok(size as usize),
        Ok(..5) => Err(bad("Expecting a value greater than 5.")),
        Ok(_) => Err(bad("Expecting a value less than 1000.")),
        Err(_) => Err(bad("Expecting a number.")),
    }
}

/// One filter.
#[derive(Debug)]
pub(super) struct Filter<'a> {
    pub(super) name: &'a str,
    values: Vec<&'a str>,
}

impl Filter<'_> {
    /// Whether one of its values, in which `*` stands for anything and `?` for one character, is one of these.
    pub(super) fn accepts(&self, values: &[String]) -> bool {
        values.iter().any(|value| self.values.iter().any(|pattern| is_like(pattern, value)))
    }

    /// Whether it compares tags.
    pub(super) fn is_about_tags(&self) -> bool {
        self.name.starts_with("tag:") || self.name == "tag-key"
    }

    /// What it compares of a row's tags; `None` if it is about something else.
    pub(super) fn of_tags(&self, tags: &Tags) -> Option<Vec<String>> {
        if self.name == "tag-key" {
            return Some(tags.keys().map(ToString::to_string).collect());
        }
        let key = self.name.strip_prefix("tag:")?;
        Some(tags.get(key).map(ToString::to_string).into_iter().collect())
    }

    /// The refusal of a filter that there is not.
    pub(super) fn refusal(&self) -> Refusal {
        Refusal::new("InvalidParameterValue", format!("The filter '{}' is invalid", self.name))
    }
}

fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut position) = (0, 0);
    // Where the last star stands, and how far it has reached.
    let mut star = None;
    while position < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, position));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[position] => {
                at += 1;
                position += 1;
            }
            _ => {
                let Some((stood, reached)) = star else { return false };
                star = Some((stood, reached + 1));
                at = stood + 1;
                position = reached + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn stars_and_question_marks_stand_for_what_they_should() {
        for (pattern, text, expected) in [
            ("security-group-for-*-nfs-d-1", "security-group-for-inbound-nfs-d-1", true),
            ("*nfs*", "security-group-for-inbound-nfs-d-1", true),
            ("sg-?", "sg-1", true),
            ("sg-?", "sg-12", false),
            ("*-b", "a-b-c", false),
            ("a*b*c", "aXbYbZc", true),
            ("", "", true),
            ("*", "", true),
        ] {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn filters_and_ids_are_read_in_order() {
        let form = form(&[
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", "vpc-1"),
            ("Filter.1.Value.2", "vpc-2"),
            ("Filter.2.Name", "state"),
            ("SubnetId.1", "a"),
            ("SubnetId.2", "b"),
        ]);
        let request = Request::read(&form).unwrap();
        let filters = request.filters();
        assert_eq!((filters[0].name, filters[0].values.len(), filters[1].name), ("vpc-id", 2, "state"));
        assert!(!filters[1].accepts(&["available".to_owned()]), "a filter without values accepts nothing");
        assert_eq!(request.list("SubnetId"), ["a", "b"]);
    }

    #[test]
    fn page_sizes_and_dry_runs_are_answered_as_ec2_does() {
        for (size, code) in [("4", "InvalidParameterValue"), ("1001", "InvalidParameterValue")] {
            let form = form(&[("MaxResults", size)]);
            assert_eq!(&*Request::read(&form).unwrap_err().code, code);
        }
        let form = form(&[("DryRun", "true")]);
        assert_eq!(Request::read(&form).unwrap_err().status, 412);
    }
}
