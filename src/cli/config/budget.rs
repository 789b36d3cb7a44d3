//! The budgets of the configuration file: each of one thing, for one time, with a name of its own.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::{Wrong, tag};
use crate::fleet::{Budget, BudgetOf, BudgetPer, harmless};

/// The longest name, in characters, so that it stays a label.
const LONGEST_NAME: usize = 60;

/// A budget as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BudgetDocument {
    name: Spanned<String>,
    domain: Option<Spanned<String>>,
    user: Option<Spanned<String>>,
    tag: Option<Spanned<String>>,
    account: Option<Spanned<String>>,
    per: Option<Spanned<String>>,
    dollars: Spanned<f64>,
}

/// The budgets, if each is right and no two have one name.
pub(super) fn checked(given: Vec<Spanned<BudgetDocument>>) -> Result<Vec<Budget>, Wrong> {
    let mut names = BTreeSet::new();
    let mut budgets = Vec::new();
    for document in given {
        let span = document.span();
        let document = document.into_inner();
        let (place, name) = (document.name.span(), document.name.get_ref().trim().to_owned());
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err((place, format!("a budget has a name of 1 to {LONGEST_NAME} characters")));
        }
        if !names.insert(name.clone()) {
            return Err((place, format!("there is another budget `{name}`")));
        }
        budgets.push(Budget {
            name: harmless(&name),
            whose: whose(&document).map_err(|(place, message)| (place.unwrap_or(span), message))?,
            per: per(document.per.as_ref())?,
            dollars: dollars(&document.dollars)?,
        });
    }
    Ok(budgets)
}

type Placed = (Option<std::ops::Range<usize>>, String);

fn whose(document: &BudgetDocument) -> Result<BudgetOf, Placed> {
    let given: Vec<(&str, &Spanned<String>)> = [
        ("domain", &document.domain),
        ("user", &document.user),
        ("tag", &document.tag),
        ("account", &document.account),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value.as_ref()?)))
    .collect();
    let [(name, value)] = given.as_slice() else {
        let place = given.get(1).map(|(_, value)| value.span());
        let message = "a budget is of one of these: `domain`, `user`, `tag`, `account`".to_owned();
        return Err((place, message));
    };
    let wrong = |message: String| (Some(value.span()), message);
    let text = value.get_ref().trim();
    if text.is_empty() {
        return Err(wrong(format!("`{name}` is empty")));
    }
    match *name {
        "domain" => Ok(BudgetOf::Domain(harmless(text))),
        "user" => Ok(BudgetOf::User(harmless(text))),
        "account" => Ok(BudgetOf::Account(harmless(text))),
        _ => {
            let tag = tag(text).map_err(|message| wrong(message.to_owned()))?;
            if tag.value.is_empty() {
                return Err(wrong("write the tag with its value, like `team=nlp`".to_owned()));
            }
            Ok(BudgetOf::Tag(harmless(&tag.key), harmless(&tag.value)))
        }
    }
}

fn per(given: Option<&Spanned<String>>) -> Result<BudgetPer, Wrong> {
    match given.map(|per| (per.get_ref().as_str(), per.span())) {
        None | Some(("month", _)) => Ok(BudgetPer::Month),
        Some(("day", _)) => Ok(BudgetPer::Day),
        Some((other, span)) => Err((span, format!("`per` is `month` or `day`, not `{other}`"))),
    }
}

fn dollars(given: &Spanned<f64>) -> Result<f64, Wrong> {
    let dollars = *given.get_ref();
    if dollars.is_finite() && dollars > 0.0 && dollars <= 1e9 {
        Ok(dollars)
    } else {
        Err((given.span(), "dollars of more than 0 and at most a billion are expected".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cli::config::Config;

    fn parse(text: &str) -> Result<Vec<Budget>, String> {
        let parsed = Config::parse(Path::new("config.toml"), text);
        parsed.map(|config| config.budgets).map_err(|error| error.headline())
    }

    #[test]
    fn budgets_are_of_one_thing_a_month_unless_a_day() {
        let text = "[[budgets]]\nname = \"nlp\"\ntag = \"team=nlp\"\ndollars = 2000\n\
                    [[budgets]]\nname = \"anna\"\nuser = \"anna-k\"\nper = \"day\"\ndollars = 12.5\n";
        let budgets = parse(text).unwrap();
        assert_eq!(budgets[0].whose, BudgetOf::Tag("team".into(), "nlp".into()));
        assert_eq!((budgets[0].per, budgets[0].dollars), (BudgetPer::Month, 2_000.0));
        assert_eq!((&budgets[1].whose, budgets[1].per), (&BudgetOf::User("anna-k".into()), BudgetPer::Day));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let own = "[[budgets]]\nname = \"a\"\nuser = \"x\"\ndollars = 1\n";
        for (text, told) in [
            (own.replace("user", "usr"), ":3:1: unknown field `usr`"),
            (own.replace("dollars = 1", "dollars = -1"), ":4:11: dollars of more than 0"),
            (own.replace("dollars = 1", "dollars = nan"), ":4:11: dollars of more than 0"),
            (own.replace("dollars = 1\n", ""), "missing field `dollars`"),
            (own.replace("user = \"x\"\n", ""), "one of these"),
            (format!("{own}tag = \"team=x\"\n"), ":5:7: a budget is of one of these"),
            (own.replace("user = \"x\"", "tag = \"team\""), ":3:7: write the tag with its value"),
            (format!("{own}per = \"week\"\n"), ":5:7: `per` is `month` or `day`"),
            (format!("{own}{own}"), ":6:8: there is another budget `a`"),
            (own.replace("\"a\"", "\" \""), ":2:8: a budget has a name"),
        ] {
            let error = parse(&text).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
